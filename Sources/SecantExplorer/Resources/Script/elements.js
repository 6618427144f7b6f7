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
