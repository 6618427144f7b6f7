// ---- Cards

/** The questions of the toolbar. */
const questions = {
  ablate: {name: 'Take parts away', title: 'The largest parts without which the answer changes, and a slider for any part (a)', key: 'a'},
  effects: {name: 'Remove each token', title: 'The measured effect of every token (r)', key: 'r'},
  shares: {name: 'Heads and layers', title: 'The exact ledger by block, head and feed-forward layer (l)', key: 'l'},
  layers: {name: 'Block by block', title: 'The target after every block (b)', key: 'b'},
  rules: {name: 'Gate rules', title: 'Does the answer depend on the gate rule? (u)', key: 'u'},
  generate: {name: 'Continue', title: 'The model\u2019s own continuation (g)', key: 'g'},
  steer: {name: 'Steer', title: 'The continuation with a push along a direction (d)', key: 'd'},
  predictions: {name: 'Next tokens', title: 'The likeliest next tokens: choose a target among them (n)', key: 'n'},
};

/** Opens a card, and remembers in the address that it is open. */
async function open(name, isNew) {
  if (!answer) return;
  if (isNew && !state.cards.includes(name)) { state.cards.push(name); write(true); }
  switch (name) {
    case 'effects': return card(name, 'What removing each token does', about('explain', {spectra: 'none', check: 'mean'}), result => {
      effects = result.check;
      $('certificate').textContent = $('certificate').textContent.replace(/; shares against.*$/, '')
        + `; shares against effects of removal: ρ = ${effects.spearman?.toFixed(2) ?? 'none'}`;
      const rows = effects.effects.map(e => ({...e, share: result.shares.tokens[e.position].value, text: result.prompt.tokens[e.position].text}))
        .sort((a, b) => Math.abs(b.effect) - Math.abs(a.effect)).slice(0, 24);
      const largest = Math.max(...rows.map(r => Math.abs(r.effect)), 0);
      return [h('p', {class: 'soft'}, `each token replaced by the mean vector (${effects.method}); an effect is measured, a share is a part of the exact sum; they need not agree`),
        table([{name: '#', number: true}, 'token', {name: 'effect', number: true}, '', {name: 'share', number: true}, 'mostly by'],
          rows.map(r => [r.position, shown(r.text), signed(r.effect, 3), bar(r.effect, largest), signed(r.share, 3), r.channel ?? '']))];
    });
    case 'ablate': return card(name, 'Parts taken away: predicted and measured', about('ablate'), ablation);
    case 'steer': return card(name, 'Pushed along a direction', about('shares', {sources: 'none'}), steering);
    case 'shares': return card(name, 'Which heads and layers wrote the answer', about('shares', {sources: 'none'}), result => {
      const blocks = result.blocks.map(b => ({block: b.block, heads: (b.heads ?? []).map(x => x.value), last: b.feedForward.value}));
      const rows = blocks.flatMap(b => b.heads.map((v, k) => ({name: `head ${b.block}.${k}`, value: v, data: {block: b.block, head: k}}))
        .concat([{name: `feed-forward ${b.block}`, value: b.last, data: {block: b.block}}]))
        .concat([{name: 'direct path', value: result.direct.value}]);
      return [h('div', {class: 'columns'}, h('div', {}, ...ranked(rows, 'largest parts')),
        h('div', {}, h('p', {class: 'soft'}, 'by block and head; last column: feed-forward'), heads(blocks)))];
    });
    case 'layers': return card(name, 'The target after every block', about('layers', {spectra: 'none'}), result => {
      const levels = result.maps.filter(m => m.extent === 'cumulative' && m.lens);
      return [curve(levels.map(m => m.lens.probability)),
        table([{name: 'block', number: true}, {name: 'target', number: true}, {name: 'probability', number: true}, {name: 'rank', number: true}, 'top tokens'],
          levels.map(m => ({data: {block: m.block}, cells: [m.block, m.lens.logit.toFixed(2), percent(m.lens.probability), m.lens.rank, h('span', {}, words(m.output).slice(0, 4))]})))];
    });
    case 'rules': return card(name, 'Under each gate rule', about('gate-rules', {spectra: 'none', gate: undefined}), result => [
      table(['statement', {name: 'holds', number: true}, ''], result.conclusions.map(c =>
        [c.name, `${c.holding} of ${c.cases}`, c.survives ? 'under all rules' : 'depends on the rule'])),
      table([{name: '#', number: true}, 'token', ...result.answers.map(a => ({name: a.gateRule, number: true}))],
        result.prompt.tokens.slice(0, result.answers[0].shares.tokens.length).map((t, i) =>
          [i, shown(t.text), ...result.answers.map(a => signed(a.shares.tokens[i].value))]).slice(0, 60))]);
    case 'generate': return card(name, 'The model continues', {question: 'generate', prompt: state.prompt, chat: state.chat || undefined, count: 24}, (_, message) => {
      const text = (message.text ?? '').replace(/\n$/, '');
      const go = h('button', {type: 'button', id: 'follow', onclick: () => { start({prompt: state.prompt + text}); }}, 'Explain what comes after it');
      return [h('p', {id: 'generated'}, text), h('p', {class: 'soft'}, 'Select a phrase of it to ask which words of the prompt made the model say so.'), go];
    });
    case 'predictions': return card(name, 'The likeliest next tokens', null, () => [
      table([{name: 'id', number: true}, 'token', {name: 'probability', number: true}, {name: 'logit', number: true}, '', ''],
        answer.prediction.map(p => [p.id, shown(p.text), percent(p.probability), p.logit.toFixed(2),
          h('button', {type: 'button', onclick: () => set({target: '#' + p.id})}, 'target'),
          h('button', {type: 'button', onclick: () => set({over: '#' + p.id})}, 'over')]))]);
  }
}

function curve(values) {
  const [width, height] = [Math.max(240, values.length * 18), 90];
  const x = i => 30 + i * (width - 40) / Math.max(1, values.length - 1);
  const y = v => 8 + (1 - v) * (height - 24);
  return h('div', {class: 'scroll'}, h('svg', {viewBox: `0 0 ${width} ${height}`, width: Math.min(width, 900), role: 'img', 'aria-label': 'probability of the target after every block'},
    h('line', {class: 'axis', x1: 30, x2: width - 8, y1: y(0), y2: y(0)}),
    h('text', {x: 2, y: y(1) + 4}, '1'), h('text', {x: 2, y: y(0) + 4}, '0'),
    h('path', {class: 'line', d: values.map((v, i) => `${i ? 'L' : 'M'}${x(i)} ${y(v)}`).join('')}),
    values.map((v, i) => h('circle', {class: 'dot', cx: x(i), cy: y(v), r: 3}, h('title', {}, `block ${i}: ${percent(v)}`)))));
}

/** A card with the answer to a question, at its place or at the end. */
async function card(name, title, question, content) {
  const mine = turn;
  const body = h('div', {class: 'body'}, h('p', {class: 'soft'}, 'working …'));
  let found = null;
  const element = h('section', {class: 'card', id: 'card-' + name, 'aria-label': title},
    h('header', {}, h('h2', {}, title), h('span', {class: 'grow'}),
      question ? h('button', {type: 'button', title: 'Keep this card with a note', onclick: () => pin(name, title)}, 'Pin') : null,
      h('button', {type: 'button', title: 'Save the numbers', onclick: () => save(name + '.json', JSON.stringify(found ?? answer, null, 1), 'application/json')}, 'JSON'),
      h('button', {type: 'button', title: 'Close', 'aria-label': 'close ' + title, onclick: () => close(name)}, '×')), body);
  const old = $('card-' + name);
  if (old) old.replaceWith(element); else $('cards').append(element);
  try {
    const message = question ? await ask(question) : {};
    if (mine !== turn) return;
    found = message.result ?? message.text;
    body.replaceChildren(...content(message.result, message));
    for (const note of message.result?.notes ?? []) body.append(h('p', {class: 'soft'}, note));
    if (state.link) link(state.link);
    tell('');
  } catch (error) {
    if (mine === turn) body.replaceChildren(h('p', {class: 'warning'}, error.message));
  }
}

function close(name) {
  $('card-' + name)?.remove();
  state.cards = state.cards.filter(c => c !== name);
  if (name === 'compare') state.edit = null;
  write(true);
}
