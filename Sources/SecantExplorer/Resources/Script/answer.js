// ---- The answer

async function explain() {
  const mine = ++turn;
  [answer, effects] = [null, null];
  $('cards').replaceChildren();
  $('token').hidden = true;
  if (state.prompt === '') { $('answer').hidden = true; return; }
  try {
    const message = await ask(about('explain', {spectra: 'none', check: 'none'}));
    if (mine !== turn) return;
    answer = message.result;
    show();
    for (const card of [...state.cards]) await open(card, false);
    if (state.edit) await compare(state.edit);
  } catch (error) {
    if (mine === turn) tell(error.message, true);
  }
}

/** What a target is, in words. */
function named(target) {
  const tokens = list => shown(list.map(t => t.text).join(' or '));
  const left = target.tokens.length ? tokens(target.tokens) : target.label;
  if (!target.over) return left;
  return `${left} over ${target.over.kind === 'mean' ? 'the mean' : tokens(target.over.tokens)}`;
}

function sentence(report) {
  const {tokens} = report.shares;
  const parts = tokens.map((t, i) => ({i, value: t.value, sink: t.isBaseline})).filter(t => !t.sink)
    .sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
  const sign = Math.sign(report.target.logit) || 1;
  const most = parts.filter(t => t.value * sign > 0).slice(0, 2)
    .map(t => `${shown(report.prompt.tokens[t.i].text)} ${signed(t.value)}`);
  const what = named(report.target);
  return `${what} by ${report.target.logit.toFixed(2)}: mostly ${most.join(' and ') || 'no token'}.`;
}

function show() {
  $('answer').hidden = false;
  $('sentence').textContent = sentence(answer);
  const {shares, reconstruction} = answer;
  const sink = shares.tokens.find(t => t.isBaseline);
  $('certificate').textContent =
    `sum of shares ${shares.sum.toFixed(4)}, target ${shares.logit.toFixed(4)}, difference ${shares.difference.toExponential(1)}; `
    + `the map rebuilds the output to ${reconstruction.relativeError.toExponential(1)}`
    + (sink ? `; hatched: the first token, an attention sink, ${signed(sink.value)}, set apart` : '')
    + (effects ? `; shares against effects of removal: ρ = ${effects.spearman?.toFixed(2) ?? 'none'}` : '');
  strip();
  $('actions').replaceChildren(
    ...Object.entries(questions).map(([name, q]) =>
      h('button', {type: 'button', title: q.title, onclick: () => open(name, true)}, q.name)));
  // Keys are for the answer now, unless somebody writes on.
  if (document.activeElement === $('prompt') && $('prompt').value === state.prompt) $('strip').focus();
  if (state.token !== null && state.token < answer.prompt.tokens.length) choose(state.token);
  tell('Choose a token; ? shows all keys.');
}

function strip() {
  const values = answer.shares.tokens;
  const largest = Math.max(...values.filter(v => !v.isBaseline).map(v => Math.abs(v.value)), 0);
  $('strip').replaceChildren(...answer.prompt.tokens.map((token, i) => {
    const share = values[i];
    const kind = !share ? '' : share.isBaseline ? ' sink' : share.value < 0 ? ' minus' : ' plus';
    const text = /^<.*>$/.test(token.text) ? token.text : token.text.replace(/\n/g, '↵\n');
    return h('span', {class: 'tok' + kind + (/^<.*>$/.test(token.text) ? ' special' : ''), role: 'option', id: 'tok' + i,
      size: share && !share.isBaseline ? strength(share.value, largest) : '0%',
      onmouseenter: () => tell(line(i)), onclick: () => choose(i), ondblclick: () => edit(i)}, text || '∅');
  }));
}

/** What the bar says of a token. */
function line(i) {
  const [token, share] = [answer.prompt.tokens[i], answer.shares.tokens[i]];
  if (!share) return `${i} ${shown(token.text)}: after the position that is explained`;
  const effect = effects?.effects.find(e => e.position === i);
  return `${i} ${shown(token.text)}  share ${signed(share.value, 3)} (${percent(share.fraction)})`
    + (share.isBaseline ? '  baseline' : '') + (effect ? `  effect ${signed(effect.effect, 3)} by ${effect.channel ?? 'all'}` : '');
}
