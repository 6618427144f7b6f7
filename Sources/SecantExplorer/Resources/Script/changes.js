// ---- Change a token

function edit(i) {
  const element = $('tok' + i);
  if (!element || !answer.shares.tokens[i]) return;
  const input = h('input', {value: answer.prompt.tokens[i].text, size: 10, 'aria-label': 'the token in its place'});
  let isOver = false;
  const end = keep => {
    if (isOver) return;
    isOver = true;
    const text = input.value;
    input.replaceWith(element);
    $('strip').focus();
    if (keep && text !== answer.prompt.tokens[i].text) {
      state.edit = {position: i, text};
      write(true);
      compare(state.edit);
    }
  };
  input.addEventListener('keydown', event => {
    event.stopPropagation();
    if (event.key === 'Enter') { event.preventDefault(); end(true); }
    if (event.key === 'Escape') end(false);
  });
  input.addEventListener('blur', () => end(false));
  element.replaceWith(input);
  input.focus();
  input.select();
}

/** The prompt with another text in a token's place; null where tokens do not spell the prompt. */
function changed({position, text}) {
  const tokens = answer.prompt.tokens;
  const joined = tokens.map((t, i) => i === position ? text : t.text);
  // Marks that the model's files add are no part of the text.
  for (let start = 0; start < tokens.length; start++) {
    if (tokens.slice(start).map(t => t.text).join('') === state.prompt && position >= start) {
      return joined.slice(start).join('');
    }
  }
  return null;
}

async function compare(change) {
  const other = changed(change);
  if (other === null) { tell('This token is no piece of the text: change the prompt itself.', true); return; }
  await card('compare', `With ${shown(change.text)} in place of ${shown(answer.prompt.tokens[change.position].text)}`,
    about('compare', {with: other, spectra: 'none'}), result => difference(result));
}

function difference(result) {
  const account = result.difference?.mean;
  const predictions = [result.first, result.second].map((side, i) =>
    h('div', {}, h('h3', {}, i === 0 ? 'as it is' : 'changed'), table(['next', {name: 'probability', number: true}],
      side.prediction.slice(0, 4).map(p => [shown(p.text), percent(p.probability)]))));
  if (!account) return [h('div', {class: 'columns'}, predictions), h('p', {}, 'Prompts of different lengths have no account of what changed; their shares stand in explain.')];
  const label = named(result.difference.target);
  const rows = account.entries.map(e => ({value: e.value, data: {block: e.block, head: e.head},
    name: e.kind === 'content' ? `${shown(result.first.prompt.tokens[e.position].text)} @${e.position}: its vector`
      : e.kind === 'pattern' || e.kind === 'patterns' ? `head ${e.block}.${e.head}: where it looks`
      : e.kind === 'gate' || e.kind === 'gates' ? `feed-forward ${e.block}: its gates` + (e.position === undefined ? '' : ` @${e.position}`)
      : `norms of block ${e.block ?? 'end'}` + (e.position === undefined ? '' : ` @${e.position}`)}));
  const totals = [['content', account.content], ['patterns', account.patterns], ['gates', account.gates], ['norms', account.norms]];
  return [
    h('p', {}, `${label}: the runs differ by ${signed(account.real, 4)}; the account sums to ${signed(account.sum, 4)}. `
      + totals.map(([n, v]) => `${n} ${signed(v)}`).join(', ') + '.'),
    h('div', {class: 'columns'}, ...predictions),
    h('div', {class: 'columns'},
      h('div', {}, ...ranked(rows, 'what changed, largest parts first (mean of both orders)')),
      h('div', {}, h('p', {class: 'soft'}, 'patterns by block and head; last column: gates'),
        heads(account.blocks.map(b => ({block: b.block, heads: b.heads, last: b.gates})))))];
}

/** Block × head, with a last column; colours by the square root. */
function heads(blocks) {
  const largest = Math.max(...blocks.flatMap(b => [...b.heads, b.last]).map(Math.abs), 0);
  const cell = (value, data, title) => h('td', {class: value < 0 ? 'minus' : 'plus', size: strength(value, largest), data, title,
    tabindex: -1, onmouseenter: () => tell(title), onclick: () => link(data)});
  return h('div', {class: 'scroll'}, h('table', {class: 'grid'}, h('tbody', {}, [...blocks].reverse().map(b => h('tr', {},
    h('th', {scope: 'row'}, b.block),
    b.heads.map((v, k) => cell(v, {block: b.block, head: k}, `head ${b.block}.${k}: ${signed(v, 3)}`)),
    cell(b.last, {block: b.block}, `feed-forward ${b.block}: ${signed(b.last, 3)}`))))));
}

/** Marks a block or a head wherever it is shown. */
function link(data) {
  state.link = data;
  write(false);
  document.querySelectorAll('.linked').forEach(e => e.classList.remove('linked'));
  document.querySelectorAll('[data-block]').forEach(e => {
    const isSame = e.dataset.block === String(data.block)
      && (data.head === undefined ? e.dataset.head === undefined : e.dataset.head === String(data.head));
    if (isSame) e.classList.add('linked');
  });
  offer();
}
