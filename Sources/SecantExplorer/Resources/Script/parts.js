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
