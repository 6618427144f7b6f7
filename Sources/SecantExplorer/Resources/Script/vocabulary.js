// ---- The vocabulary: a token by a piece of its text

/** Grows with every text: what an earlier one brings late is dropped. */
let search = 0;

function openVocabulary() {
  if ($('vocabulary').open) return;
  $('vocabulary').showModal();
  $('wanted').select();
  find();
}

/** Looks for the text when nobody types on. */
function find() {
  const mine = ++search;
  const text = $('wanted').value;
  clearTimeout(find.timer);
  if (text === '') { found([], 'Tokens that begin with the text come first; a leading space counts.'); return; }
  find.timer = setTimeout(async () => {
    try {
      const {result} = await ask({question: 'vocabulary', text, count: 50});
      if (mine !== search) return;
      found(result.tokens, result.count === 0 ? 'No token has this text in it.'
        : result.count > result.tokens.length ? `The ${result.tokens.length} closest of ${result.count}.` : `${result.count} found.`);
    } catch (error) {
      if (mine === search) found([], error.message);
    }
  }, 150);
}

function found(tokens, note) {
  $('foundNote').textContent = note;
  $('found').replaceChildren(...tokens.map((token, i) => h('li', {role: 'option', id: 'found' + i, data: {id: token.id},
    'aria-selected': 'false', onclick: () => take(token.id, 'target')},
    h('span', {class: 'word'}, shown(token.text)), h('span', {class: 'soft'}, `#${token.id}`), h('span', {class: 'grow'}),
    h('button', {type: 'button', tabindex: -1, onclick: event => { event.stopPropagation(); take(token.id, 'over'); }}, 'over'))));
  mark(0);
}

/** Marks one of the tokens that were found. */
function mark(i) {
  const rows = [...$('found').children];
  const at = Math.max(0, Math.min(rows.length - 1, i));
  rows.forEach((row, k) => row.setAttribute('aria-selected', String(k === at)));
  $('found').dataset.at = at;
  rows[at]?.scrollIntoView({block: 'nearest'});
  if (rows[at]) $('wanted').setAttribute('aria-activedescendant', rows[at].id);
  else $('wanted').removeAttribute('aria-activedescendant');
}

/** Makes a token the target, or what is subtracted from it. */
function take(id, field) {
  $('vocabulary').close();
  set({[field]: '#' + id});
}

$('wanted').addEventListener('input', find);
$('vocabulary').addEventListener('keydown', event => {
  const at = Number($('found').dataset.at);
  const row = $('found').children[at];
  if (event.key === 'ArrowDown') mark(at + 1);
  else if (event.key === 'ArrowUp') mark(at - 1);
  else if (event.key === 'Enter' && row && event.target === $('wanted')) take(row.dataset.id, event.shiftKey ? 'over' : 'target');
  else return;
  event.preventDefault();
});
