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
