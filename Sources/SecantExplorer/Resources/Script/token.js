// ---- One token

function choose(i) {
  if (!answer || i < 0 || i >= answer.prompt.tokens.length) return;
  state.token = i;
  write(false);
  document.querySelectorAll('.tok.chosen').forEach(e => e.classList.remove('chosen'));
  const element = $('tok' + i);
  element?.classList.add('chosen');
  element?.scrollIntoView({block: 'nearest'});
  $('strip').setAttribute('aria-activedescendant', 'tok' + i);
  tell(line(i));
  const token = answer.prompt.tokens[i];
  const details = h('div', {id: 'details'});
  $('token').hidden = false;
  $('token').className = 'card';
  $('token').replaceChildren(
    h('header', {}, h('h2', {}, `Token ${i} `, h('span', {class: 'word'}, shown(token.text)))),
    h('p', {}, line(i)),
    h('div', {class: 'row'},
      h('button', {type: 'button', id: 'spectrum', onclick: () => spectrum(i, details)}, 'Its map: spectrum and words'),
      h('button', {type: 'button', id: 'ledger', onclick: () => tokenLedger(i, details)}, 'Through which parts'),
      h('button', {type: 'button', id: 'edit', onclick: () => edit(i)}, 'Change it (e)'),
      h('button', {type: 'button', id: 'fade', onclick: () => ablate({kind: 'token', position: i})}, 'Take it away (x)')), details);
  offer();
}

async function into(place, work) {
  const mine = turn;
  place.replaceChildren(h('p', {class: 'soft'}, 'working …'));
  try {
    const content = await work();
    if (mine === turn) place.replaceChildren(...content);
  } catch (error) {
    place.replaceChildren(h('p', {class: 'warning'}, error.message));
  }
}

const words = tokens => tokens.slice(0, 6).map(t => h('span', {class: 'word', title: `id ${t.id}, ${t.score.toFixed(3)}`}, shown(t.text)));

const spectrum = (i, place) => into(place, async () => {
  const {result} = await ask(about('explain', {spectra: String(i), rank: 8, check: 'none'}));
  const map = result.jacobians[0];
  return [
    h('p', {class: 'soft'}, `stable rank ${map.stableRank.value.toFixed(2)}; ‖J x‖ = ${map.outputNorm.toFixed(2)}; `
      + `residuals at most ${Math.max(...map.residuals).toExponential(0)} of σ₁`
      + (map.clusters.length ? '; values too close to tell apart are clusters: only their space is determined' : '')),
    table([{name: 'k'}, {name: 'σ', number: true}, {name: 'residual', number: true}, 'writes', 'reads', '', ''],
      map.triplets.map((t, k) => [k + 1, map.singularValues[k].toPrecision(3), map.residuals[k].toExponential(0),
        h('span', {}, words(t.left)), h('span', {}, words(t.right)),
        h('button', {type: 'button', title: 'Scale the part of the token along this direction',
          onclick: () => ablate({kind: 'direction', position: i, triplet: k + 1})}, 'take away'),
        h('button', {type: 'button', title: 'Push the stream along the direction that this token writes',
          onclick: () => steerToward({kind: 'direction', position: i, triplet: k + 1})}, 'steer')]))];
});

const tokenLedger = (i, place) => into(place, async () => {
  const {result} = await ask(about('shares', {sources: String(i)}));
  const rows = [];
  for (const block of result.blocks) {
    block.heads?.forEach((head, k) => rows.push({name: `head ${block.block}.${k}`, value: head.tokens?.[0] ?? 0, data: {block: block.block, head: k}}));
    if (!block.heads?.length) rows.push({name: `attention ${block.block}`, value: block.attention.tokens?.[0] ?? 0, data: {block: block.block}});
    rows.push({name: `feed-forward ${block.block}`, value: block.feedForward.tokens?.[0] ?? 0, data: {block: block.block}});
  }
  rows.push({name: 'direct path', value: result.direct.tokens?.[0] ?? 0});
  return ranked(rows, `of the token's share through each part`);
});

/** The largest rows with bars, the rest as one, and the sum. */
function ranked(rows, caption) {
  const sorted = [...rows].sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
  const [top, rest] = [sorted.slice(0, 12), sorted.slice(12)];
  const largest = Math.max(...top.map(r => Math.abs(r.value)), 0);
  const sum = rows.reduce((s, r) => s + r.value, 0);
  const others = rest.reduce((s, r) => s + r.value, 0);
  return [h('p', {class: 'soft'}, caption),
    table(['part', {name: 'value', number: true}, ''],
      top.map(r => ({data: r.data, cells: [r.name, signed(r.value, 3), bar(r.value, largest)]}))
        .concat(rest.length ? [{cells: [`${rest.length} others`, signed(others, 3), '']}] : []),
      ['sum', signed(sum, 3), ''])];
}
