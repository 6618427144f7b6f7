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
