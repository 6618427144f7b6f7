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
