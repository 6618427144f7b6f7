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
  ['s', 'spectrum and words of the chosen token'], ['t', 'the chosen token through which parts'], ['x', 'take the chosen token away, by a slider'], ['/', 'find a token of the vocabulary: Enter makes it the target, Shift+Enter what is subtracted'], ['p', 'write a prompt'],
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
  else if (event.key === '/') openVocabulary();
  else if (event.key === 'p') $('prompt').focus();
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
$('search').addEventListener('click', openVocabulary);
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
