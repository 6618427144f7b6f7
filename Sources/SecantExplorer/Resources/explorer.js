'use strict';
// The explorer: its state is the address's fragment, its answers are the reports of the command line.
const facts = JSON.parse(document.getElementById('facts').textContent);
const $ = id => document.getElementById(id);
const base = location.pathname;

// ---- Elements

/** An element with properties and children; texts are texts, never markup. */
function h(name, properties = {}, ...children) {
  const svg = ['svg', 'path', 'line', 'text', 'circle', 'g', 'title'].includes(name);
  const element = svg
    ? document.createElementNS('http://www.w3.org/2000/svg', name) : document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else if (key === 'data') Object.assign(element.dataset, value);
    else if (key === 'size') element.style.setProperty('--size', value);
    else if (key === 'width' && !svg) element.style.width = value;
    else element.setAttribute(key === 'class' ? 'class' : key, value === true ? '' : value);
  }
  element.append(...children.flat().filter(c => c !== null && c !== undefined));
  return element;
}

const signed = (value, digits = 2) => (value < 0 ? '-' : '+') + Math.abs(value).toFixed(digits);
const percent = value => (100 * value).toFixed(1) + '%';
/** A token's text as a reader can tell it from others: leading spaces and ends of lines show. */
const shown = text => text.replace(/ /g, '·').replace(/\n/g, '↵').replace(/\t/g, '⇥') || '∅';
/** Strength of a colour: the square root, so that small parts can be seen. */
const strength = (value, largest) =>
  largest > 0 ? Math.round(100 * Math.sqrt(Math.min(1, Math.abs(value) / largest))) + '%' : '0%';

function table(titles, rows, foot) {
  const cell = (name, value, i) =>
    h(name, {class: titles[i].number ? 'number' : undefined}, value ?? '');
  return h('div', {class: 'scroll'}, h('table', {},
    h('thead', {}, h('tr', {}, titles.map(t => h('th', {scope: 'col', class: t.number ? 'number' : undefined}, t.name ?? t)))),
    h('tbody', {}, rows.map(row => h('tr', row.data ? {data: row.data} : {}, (row.cells ?? row).map((v, i) => cell('td', v, i))))),
    foot ? h('tfoot', {}, h('tr', {}, foot.map((v, i) => cell('td', v, i)))) : null));
}

const bar = (value, largest) =>
  h('i', {class: 'bar' + (value < 0 ? ' minus' : ''), width: Math.max(1, 120 * Math.abs(value) / (largest || 1)) + 'px'});

// ---- State

/** A view of nothing; each has lists of its own. */
const initial = () => ({prompt: '', chat: false, model: 0, target: '', over: '', gate: 'up', baseline: true,
  token: null, link: null, edit: null, part: null, keep: 0, steer: null, cards: [], pins: []});
let state = initial();
/** The report of the prompt; the effects of its tokens, where they were measured. */
let answer = null;
let effects = null;
/** Grows with every prompt: what an earlier one brings late is dropped. */
let turn = 0;

function read() {
  try {
    const found = JSON.parse(decodeURIComponent(location.hash.slice(1)));
    return {...initial(), ...(found && typeof found === 'object' ? found : {})};
  } catch { return initial(); }
}

/** Writes the state into the address: as a new place to come back to, or in place of the last one. */
function write(isNew) {
  const usual = initial();
  const difference = Object.fromEntries(
    Object.entries(state).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(usual[key])));
  const hash = '#' + encodeURIComponent(JSON.stringify(difference));
  if (hash === location.hash) return;
  history[isNew ? 'pushState' : 'replaceState'](null, '', hash);
}

// ---- Questions

const running = new Map();

/** Asks; tells of progress in the bar; returns the last message. */
async function ask(question) {
  const response = await fetch(base + 'api/questions', {
    method: 'POST', headers: {'Content-Type': 'application/json'},
    body: JSON.stringify({model: state.model, ...question})});
  const taken = await response.json();
  if (!response.ok) throw new Error(taken.error.message);
  return new Promise((resolve, reject) => {
    const events = new EventSource(base + 'api/questions/' + taken.id + '/events');
    let last = null;
    const done = () => {
      events.close();
      running.delete(taken.id);
      $('stop').hidden = running.size === 0;
    };
    running.set(taken.id, question.question);
    $('stop').hidden = false;
    events.onmessage = event => {
      const message = JSON.parse(event.data);
      if (message.progress) {
        const part = message.progress.fraction;
        tell(`${question.question}: ${message.progress.stage}` + (part ? ` ${percent(part)}` : ''));
      } else if (message.note) {
        tell(message.note);
      } else if (message.status !== undefined) last = message;
    };
    events.addEventListener('end', () => {
      done();
      if (last && last.status === 0) resolve(last);
      else reject(new Error(last?.error?.message ?? 'no answer'));
    });
    events.onerror = () => { done(); reject(new Error('the server does not answer: is secant serve still running?')); };
  });
}

function stop() {
  for (const id of running.keys()) fetch(base + 'api/questions/' + id, {method: 'DELETE'});
}

const list = text => text.trim() === '' ? undefined : [text.trim()];

/** What every question about the prompt says. */
function about(question, more = {}) {
  return {question, prompt: state.prompt, chat: state.chat || undefined,
    target: list(state.target), over: list(state.over), gate: state.gate,
    baseline: state.baseline ? undefined : false, ...more};
}

function tell(text, isWarning) {
  $('bar').textContent = text;
  $('bar').className = isWarning ? 'warning' : '';
}

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

// ---- A part by a slider

/** What the chosen part is called. */
function partName({kind, block, head, position, triplet}) {
  const word = position === undefined ? '' : `${shown(answer.prompt.tokens[position]?.text ?? '')} @${position}`;
  return kind === 'token' ? word : kind === 'direction' ? `direction ${triplet} of ${word}`
    : kind === 'head' ? `head ${block}.${head}` : `${kind} ${block}`;
}

/** How a question names a part. */
const partOption = ({kind, block, head, position, triplet}) => ({
  token: {token: [position]}, head: {head: [`${block}.${head}`]}, 'feed-forward': {feedForward: [block]},
  block: {block: [block]}, direction: {direction: [`${position}:${triplet}`]}})[kind];

const bare = ({kind, block, head, position, triplet}) => ({kind, block, head, position, triplet});

/** The largest parts that the card lists; what is known of each part that was scaled. */
let listedParts = [];
let scaled = new Map();

function ablate(part) {
  state.part = part;
  write(false);
  if ($('scale')) { offer(); scale(); $('keep').focus(); } else open('ablate', true);
}

/** The parts that can be chosen: the largest, and those that are chosen elsewhere on the page. */
function offer() {
  const menu = $('part');
  if (!menu) return;
  const chosen = [state.part, state.token === null ? null : {kind: 'token', position: state.token},
    ...(state.link ? [state.link.head === undefined ? {kind: 'feed-forward', block: Number(state.link.block)}
      : {kind: 'head', block: Number(state.link.block), head: Number(state.link.head)},
    {kind: 'block', block: Number(state.link.block)}] : [])].filter(Boolean);
  const names = new Map();
  for (const part of [...chosen, ...listedParts.map(bare)]) names.set(partName(part), part);
  menu.replaceChildren(...[...names].map(([name, part]) => h('option', {value: JSON.stringify(part)}, name)));
  menu.value = JSON.stringify(names.get(partName(state.part)));
}

const parted = (predicted, measured) => Math.abs(measured - predicted) > Math.max(Math.abs(measured), Math.abs(predicted)) / 2;

/** Shows the chosen part at the slider's place, and measures it there unless that is known. */
async function scale() {
  const [mine, part, keep] = [turn, state.part, Number($('keep').value)];
  const name = partName(part);
  const known = scaled.get(name) ?? scaled.set(name, {share: listedParts.find(p => partName(p) === name)?.share, points: new Map()}).get(name);
  state.keep = keep;
  write(false);
  const draw = () => {
    if (mine !== turn || !$('scale') || partName(state.part) !== name || Number($('keep').value) !== keep) return;
    const predicted = known.share === undefined ? undefined : (keep - 1) * known.share + 0;
    const measured = keep === 1 ? 0 : known.points.get(keep);
    const isParted = predicted !== undefined && measured !== undefined && parted(predicted, measured);
    $('kept').textContent = `${Math.round(100 * keep)} % of ${name}`;
    $('predicted').textContent = predicted === undefined ? '…' : signed(predicted, 3);
    $('measured').textContent = measured === undefined ? '…' : signed(measured, 3);
    $('parting').textContent = isParted ? '≠ they part' : '';
    $('leaves').textContent = measured === undefined ? '' : `leaves ${(answer.target.logit + measured).toFixed(2)} of ${answer.target.logit.toFixed(2)}`;
    $('line').replaceChildren(...(known.share === undefined ? [] : [lines(known, keep)]));
  };
  draw();
  clearTimeout(scale.timer);
  if ((keep === 1 && known.share !== undefined) || known.points.has(keep)) return;
  // The run is asked for when the slider rests.
  scale.timer = setTimeout(async () => {
    try {
      const {result} = await ask(about('ablate', {...partOption(part), keep: String(keep)}));
      known.share = result.parts[0].share;
      known.points.set(keep, result.parts[0].points[0].measured);
      draw();
      tell('');
    } catch (error) { tell(error.message, true); }
  }, 300);
}

/** The predicted line and the measured points over what is kept. */
function lines({share, points}, keep) {
  const all = [...points, [1, 0]].sort((a, b) => a[0] - b[0]);
  const values = [0, -share, ...all.map(p => p[1])];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const x = k => 12 + 236 * k;
  const y = v => 10 + 90 * (high - v) / (high - low || 1);
  return h('svg', {viewBox: '0 0 260 124', width: 260, role: 'img', 'aria-label': 'predicted line and measured points over what is kept'},
    h('line', {class: 'axis', x1: x(0), x2: x(1), y1: y(0), y2: y(0)}),
    h('line', {class: 'axis', x1: x(keep), x2: x(keep), y1: 10, y2: 100}),
    h('line', {class: 'line', x1: x(0), x2: x(1), y1: y(-share), y2: y(0)}),
    all.map(([k, v]) => h('circle', {class: parted((k - 1) * share, v) ? 'dot parted' : 'dot', cx: x(k), cy: y(v), r: 4},
      h('title', {}, `${Math.round(100 * k)} %: ${signed(v, 3)}`))),
    h('text', {x: x(0), y: 120}, 'nothing kept'), h('text', {x: x(1), y: 120, 'text-anchor': 'end'}, 'as it is'));
}

/** The card: a slider for one part, and the largest parts taken away. */
function ablation(result) {
  [listedParts, scaled] = [result.parts, new Map()];
  for (const part of result.parts) {
    scaled.set(partName(part), {share: part.share, points: new Map(part.points.map(p => [p.keep, p.measured]))});
  }
  // A link may name a token that another prompt had.
  if (!state.part || state.part.position >= answer.prompt.tokens.length) state.part = bare(result.parts[0]);
  const number = id => h('output', {id, class: 'number'}, '…');
  const largest = Math.max(...result.parts.flatMap(p => p.points.map(q => Math.abs(q.measured))), 0);
  setTimeout(() => { offer(); scale(); });
  return [
    h('div', {id: 'scale', class: 'columns'},
      h('div', {},
        h('p', {}, h('label', {}, 'part ', h('select', {id: 'part', onchange: event => { state.part = JSON.parse(event.target.value); scale(); }}))),
        h('p', {}, h('label', {}, 'kept ', h('input', {id: 'keep', type: 'range', min: 0, max: 1, step: 0.05, value: state.keep, oninput: scale})), ' ', h('span', {id: 'kept'})),
        h('dl', {class: 'pair'}, h('dt', {}, 'predicted by the linear map'), h('dd', {}, number('predicted')),
          h('dt', {}, 'measured by a run'), h('dd', {}, number('measured'), ' ', h('strong', {id: 'parting', class: 'warning'}))),
        h('p', {id: 'leaves', class: 'soft'})),
      h('div', {id: 'line'})),
    h('p', {class: 'soft'}, `${named(result.target)} without each of its largest parts; a token moves toward the mean vector, a head or layer writes less at all positions. ≠: predicted and measured differ by more than half of the larger.`),
    table(['part', {name: 'predicted', number: true}, {name: 'measured', number: true}, '', ''],
      result.parts.map(part => {
        const point = part.points[0];
        return {data: part.block === undefined ? undefined : {block: part.block, ...(part.head === undefined ? {} : {head: part.head})},
          cells: [h('button', {type: 'button', onclick: () => ablate(bare(part))}, partName(part)), signed(point.predicted, 3), signed(point.measured, 3),
            point.isParted ? h('span', {class: 'warning', title: 'they part'}, '≠') : '', bar(point.measured, largest)]};
      }))];
}

// ---- A push along a direction

/** A token's text as a name of exactly that token. */
const exact = token => /["']/.test(token.text) ? '#' + token.id : `"${token.text}"`;

function steerToward(change) {
  state.steer = {...(state.steer ?? {}), ...change};
  write(false);
  open('steer', true);
}

/** The card: what the stream is pushed toward, where and how far, and how the prompt then goes on. */
function steering(result) {
  const blocks = result.blocks.length;
  const usual = {kind: 'token', text: exact(answer.prediction[1] ?? answer.prediction[0]), from: '', to: '',
    position: state.token ?? answer.prompt.tokens.length - 1, triplet: 1, block: Math.floor(2 * blocks / 3), strength: 0.25};
  const push = state.steer = {...usual, ...(state.steer ?? {})};
  push.block = Math.min(push.block, blocks - 1);
  const field = (key, name, properties) => h('label', {data: {kind: properties.kind}}, name + ' ',
    h('input', {...properties, value: push[key], oninput: event => {
      push[key] = event.target.type === 'text' ? event.target.value : Number(event.target.value);
      shownFields();
      steer();
    }}));
  const kinds = h('select', {id: 'steerKind', 'aria-label': 'what the stream is pushed toward', onchange: event => { push.kind = event.target.value; shownFields(); steer(); }},
    [['token', 'a token'], ['direction', 'what a token writes (u of its map)'], ['difference', 'from one text to another']]
      .map(([value, name]) => h('option', {value, selected: value === push.kind}, name)));
  const fields = [field('text', 'token', {kind: 'token', type: 'text', size: 12}),
    field('position', 'of token', {kind: 'direction', type: 'number', min: 0, max: answer.prompt.tokens.length - 1}),
    field('triplet', 'number', {kind: 'direction', type: 'number', min: 1, max: 64}),
    field('from', 'from', {kind: 'difference', type: 'text', size: 18}), field('to', 'to', {kind: 'difference', type: 'text', size: 18})];
  const place = h('output', {id: 'steerPlace', class: 'number'});
  const shownFields = () => {
    for (const one of fields) one.hidden = one.dataset.kind !== push.kind;
    place.textContent = `after block ${push.block}, strength ${push.strength}`;
  };
  shownFields();
  setTimeout(steer);
  return [
    h('div', {class: 'row'}, h('label', {}, 'toward ', kinds), ...fields),
    h('div', {class: 'row'},
      field('block', 'block', {id: 'steerBlock', type: 'range', min: 0, max: blocks - 1, step: 1}),
      field('strength', 'strength', {id: 'strength', type: 'range', min: -1, max: 2, step: 0.05}), place),
    h('div', {id: 'steered', 'aria-live': 'polite'}),
    h('p', {class: 'soft'}, 'The stream after the block moves along one direction at every position; at strength 1 by half of its length, below 0 away. KL: how far the next tokens are from the model’s own, in nats.')];
}

/** Continues the prompt with the push, when the sliders rest. */
function steer() {
  const push = state.steer;
  write(false);
  clearTimeout(steer.timer);
  const goal = {token: {toward: push.text}, direction: {direction: [`${push.position}:${push.triplet}`]},
    difference: {from: push.from, to: push.to}}[push.kind];
  if (Object.values(goal).some(value => value === '')) return;
  const asked = JSON.stringify(push);
  steer.timer = setTimeout(async () => {
    const place = $('steered');
    if (!place) return;
    try {
      const {result} = await ask({question: 'steer', prompt: state.prompt, chat: state.chat || undefined, gate: push.kind === 'direction' ? state.gate : undefined,
        block: [push.block], strength: push.strength, count: 16, ...goal});
      if (JSON.stringify(state.steer) !== asked || !$('steered')) return;
      const concept = shown(result.concept.map(t => t.text).join(''));
      place.replaceChildren(
        h('p', {}, 'raises most: ', ...words(result.direction.writes)),
        h('div', {class: 'columns'}, [['as it is', result.unsteered], ['steered', result.steered]].map(([name, trial]) => h('div', {},
          h('h3', {}, name), h('p', {class: 'continued'}, trial.text || '∅'),
          h('p', {class: 'soft'}, `${concept} next: ${trial.conceptProbability === undefined ? '–' : percent(trial.conceptProbability)}`
            + (trial.divergence === undefined ? '' : `; KL ${trial.divergence.toFixed(2)}`))))));
      place.dataset.asked = asked;
      tell('');
    } catch (error) {
      if (JSON.stringify(state.steer) === asked) place.replaceChildren(h('p', {class: 'warning'}, error.message));
    }
  }, 400);
}

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

// ---- Which words of the prompt: a phrase of the continuation

document.addEventListener('selectionchange', () => {
  const selection = getSelection();
  const place = $('generated');
  if (!place || selection.isCollapsed || !place.contains(selection.anchorNode)) return;
  clearTimeout(place.timer);
  const {startOffset, endOffset} = selection.getRangeAt(0);
  place.timer = setTimeout(() => phrase(place.textContent, startOffset, endOffset), 350);
});

/** Colours the prompt by what it gave to a phrase of the continuation: the sum over the phrase's tokens. */
async function phrase(text, from, to) {
  if (text.slice(from, to).trim() === '') return;
  const mine = turn;
  try {
    // One trace of the whole continuation answers every phrase of it.
    const {result} = await ask({question: 'trace', prompt: state.prompt, chat: state.chat || undefined,
      gate: state.gate, baseline: state.baseline ? undefined : false, answer: text, by: 'token', matrix: true});
    if (mine !== turn) return;
    let end = 0;
    const inside = result.answer.tokens.map(token => {
      const start = end;
      end += token.text.length;
      return start + token.text.length - token.text.trimStart().length < to && end > from;
    });
    const rows = result.matrix.rows.filter(row => inside[row.answer]);
    if (rows.length === 0) return;
    const tokens = answer.prompt.tokens.map((token, i) => ({text: token.text,
      isBaseline: result.shares.tokens[i]?.isBaseline, value: rows.reduce((sum, row) => sum + (row.tokens[i] ?? 0), 0)}));
    const largest = Math.max(...tokens.filter(t => !t.isBaseline).map(t => Math.abs(t.value)), 0);
    tokens.forEach((token, i) => {
      const element = $('tok' + i);
      if (!element || token.isBaseline) return;
      element.classList.toggle('minus', token.value < 0);
      element.classList.toggle('plus', token.value >= 0);
      element.style.setProperty('--size', strength(token.value, largest));
    });
    const said = shown(result.answer.tokens.filter((_, i) => inside[i]).map(t => t.text).join(''));
    const sum = rows.reduce((sum, row) => sum + row.sum, 0);
    const most = tokens.filter(t => !t.isBaseline).sort((a, b) => b.value - a.value).filter(t => t.value > 0).slice(0, 2);
    $('sentence').textContent = `${said} over the runners-up by ${sum.toFixed(2)}: `
      + `mostly ${most.map(t => `${shown(t.text)} ${signed(t.value)}`).join(' and ') || 'no token of the prompt'}.`;
    tell(`The prompt is coloured by what it gave to ${said}.`);
  } catch (error) { tell(error.message, true); }
}

// ---- Pins, and what is saved

function pin(name, title) {
  state.pins.push({name, title, note: '', prompt: state.prompt, target: state.target, over: state.over, gate: state.gate, edit: name === 'compare' ? state.edit : null});
  write(true);
  pins();
}

function pins() {
  $('pins').hidden = state.pins.length === 0;
  const move = (i, by) => {
    const [one] = state.pins.splice(i, 1);
    state.pins.splice(Math.max(0, i + by), 0, one);
    write(true);
    pins();
  };
  $('pinned').replaceChildren(...state.pins.map((one, i) => h('div', {class: 'row'},
    h('button', {type: 'button', onclick: () => start({prompt: one.prompt, target: one.target, over: one.over, gate: one.gate, edit: one.edit, cards: one.name === 'compare' ? [] : [one.name]})},
      `${one.title}: “${one.prompt.slice(0, 40)}${one.prompt.length > 40 ? '…' : ''}”`),
    h('input', {value: one.note, placeholder: 'a note', size: 24, 'aria-label': 'note', onchange: event => { one.note = event.target.value; write(true); }}),
    h('button', {type: 'button', 'aria-label': 'up', onclick: () => move(i, -1)}, '↑'),
    h('button', {type: 'button', 'aria-label': 'remove', onclick: () => { state.pins.splice(i, 1); write(true); pins(); }}, '×'))));
}

function save(name, text, type) {
  const url = URL.createObjectURL(new Blob([text], {type}));
  h('a', {href: url, download: name}).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

/** What is shown, as a page that needs nothing: no script, no server. */
function page() {
  const copy = document.documentElement.cloneNode(true);
  copy.querySelectorAll('script,button,form,#controls,dialog,footer').forEach(e => e.remove());
  const policy = document.createElement('meta');
  policy.setAttribute('http-equiv', 'Content-Security-Policy');
  policy.setAttribute('content', "default-src 'none'; style-src 'unsafe-inline'");
  copy.querySelector('head').prepend(policy);
  const prompt = document.createElement('p');
  prompt.textContent = `${facts.models[state.model]}, gate rule ${state.gate}, Secant ${facts.version}. Prompt: ${state.prompt}`;
  copy.querySelector('main').prepend(prompt);
  save('secant.html', '<!DOCTYPE html>\n' + copy.outerHTML, 'text/html');
}

// ---- The form and the keys

/** Changes what is asked about the same prompt. */
function set(change) {
  Object.assign(state, change);
  write(true);
  fill();
  explain();
}

/** Begins with another prompt. */
function start(change) {
  state = {...initial(), model: state.model, pins: state.pins, chat: state.chat, ...change};
  write(true);
  fill();
  explain();
}

/** Shows the state in the form. */
function fill() {
  $('prompt').value = state.prompt;
  $('chat').checked = state.chat;
  $('model').value = String(state.model);
  $('target').value = state.target;
  $('over').value = state.over;
  $('gate').value = state.gate;
  $('baseline').checked = state.baseline;
  pins();
}

const keys = [['Enter', 'explain the prompt (Shift+Enter: a new line)'], ['← →', 'choose a token'], ['e', 'change the chosen token'],
  ['s', 'spectrum and words of the chosen token'], ['t', 'the chosen token through which parts'], ['x', 'take the chosen token away, by a slider'], ['/', 'write a prompt'],
  ...Object.values(questions).map(q => [q.key, q.title.replace(/ \(.\)$/, '')]), ['Esc', 'stop what is running'], ['?', 'this list']];

function keyboard(event) {
  if (event.target.closest('input:not([type=range]),textarea,select,dialog[open]') || event.ctrlKey || event.metaKey || event.altKey) return;
  // A slider keeps the arrows; letters are for the page.
  if (event.target.closest('input[type=range]') && event.key.startsWith('Arrow')) return;
  const last = answer ? answer.prompt.tokens.length - 1 : -1;
  const at = state.token ?? -1;
  const question = Object.entries(questions).find(([, q]) => q.key === event.key);
  if (event.key === 'ArrowRight') choose(Math.min(last, at + 1));
  else if (event.key === 'ArrowLeft') choose(Math.max(0, at - 1));
  else if (event.key === 'e' && at >= 0) edit(at);
  else if (event.key === 's' && at >= 0) $('spectrum')?.click();
  else if (event.key === 't' && at >= 0) $('ledger')?.click();
  else if (event.key === 'x' && at >= 0) $('fade')?.click();
  else if (event.key === '/') $('prompt').focus();
  else if (event.key === '?') $('help').click();
  else if (event.key === 'Escape') stop();
  else if (question) open(question[0], true);
  else return;
  event.preventDefault();
}

$('model').append(...facts.models.map((name, i) => h('option', {value: i}, name)));
$('examples').append(...['The capital of France is', 'When Mary and John went to the store, John gave a drink to', 'The keys to the cabinet']
  .map(text => h('button', {type: 'button', onclick: () => start({prompt: text})}, text.length > 28 ? text.slice(0, 27) + '…' : text)));
$('keys').append(h('h2', {}, 'Keys'), h('dl', {}, keys.flatMap(([key, text]) => [h('dt', {}, key), h('dd', {}, text)])),
  h('h2', {}, 'Terms'), h('p', {}, 'A share is a token’s exact part of the target; shares add up to it. An effect is what really happens without the token. They need not agree. The hatched token is an attention sink, set apart as baseline.'),
  h('button', {type: 'button', onclick: () => $('keys').close()}, 'Close'));
$('help').addEventListener('click', () => $('keys').showModal());
$('export').addEventListener('click', page);
$('stop').addEventListener('click', stop);
$('ask').addEventListener('submit', event => { event.preventDefault(); start({prompt: $('prompt').value, chat: $('chat').checked}); });
$('prompt').addEventListener('keydown', event => {
  if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) { event.preventDefault(); $('ask').requestSubmit(); }
});
$('model').addEventListener('change', () => set({model: Number($('model').value), token: null}));
for (const id of ['target', 'over']) $(id).addEventListener('change', () => set({[id]: $(id).value}));
$('gate').addEventListener('change', () => set({gate: $('gate').value}));
$('baseline').addEventListener('change', () => set({baseline: $('baseline').checked}));
document.addEventListener('keydown', keyboard);
window.addEventListener('popstate', () => { state = read(); fill(); explain(); });

state = read();
fill();
explain();
if (state.prompt === '') $('prompt').focus();
