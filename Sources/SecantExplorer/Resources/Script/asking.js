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
