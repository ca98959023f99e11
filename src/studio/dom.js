// Making elements; numbers and dates for people.
import { lang, t } from './words.js';

const SVG = 'http://www.w3.org/2000/svg';

/** An element. `on...` are listeners, `data` its dataset, what is a property is set as one; null and false leave things out. */
export function h(tag, props, ...children) {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) e.addEventListener(name.slice(2), value);
    else if (name === 'data') Object.assign(e.dataset, value);
    else if (name === 'class') e.className = value;
    else if (name in e && name !== 'list' && name !== 'form') e[name] = value;
    else e.setAttribute(name, value === true ? '' : value);
  }
  e.append(...children.flat(9).filter((c) => c !== null && c !== undefined && c !== false));
  return e;
}

export function svg(tag, attributes, ...children) {
  const e = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes ?? {})) e.setAttribute(name, value);
  e.append(...children);
  return e;
}

export const icon = (name) => svg('svg', { class: 'icon', 'aria-hidden': 'true' }, svg('use', { href: `#i-${name}` }));

export function button(text, { icon: picture, kind = '', ...props } = {}) {
  return h('button', { type: 'button', class: `button ${kind}`, ...props }, picture && icon(picture), h('span', null, text));
}

/** A button that is only a picture; `text` is its name. */
export const iconButton = (picture, text, props = {}) =>
  h('button', { type: 'button', class: 'icon-button', title: text, 'aria-label': text, ...props }, icon(picture));

/** One of a few, side by side: radio buttons, so arrows and screen readers know them. */
export function choice(name, label, rows, value, onpick, kind = '') {
  return h(
    'div',
    { class: `choice ${kind}`, role: 'radiogroup', 'aria-label': label },
    rows.map(([key, ...shown]) =>
      h(
        'label',
        null,
        h('input', { type: 'radio', name, value: key, checked: key === value, onchange: () => onpick(key) }),
        h('span', null, shown),
      ),
    ),
  );
}

export function pick(label, rows, value, onpick) {
  return h(
    'select',
    { 'aria-label': label, onchange: (e) => onpick(e.target.value) },
    rows.map(([key, shown]) => h('option', { value: key, selected: key === value }, shown)),
  );
}

/** A passing remark at the foot of the page. */
export function note(text, kind = '') {
  const e = h('div', { class: `note ${kind}` }, icon(kind === 'bad' ? 'note' : 'check'), h('span', null, text));
  document.getElementById('notes').append(e);
  setTimeout(() => e.remove(), kind === 'bad' ? 9000 : 4000);
}

/** A question before something that cannot be undone; true or false. */
export function ask(question, yes) {
  return new Promise((done) => {
    const dialog = h(
      'dialog',
      {
        class: 'ask',
        onclose: () => {
          dialog.remove();
          done(dialog.returnValue === 'yes');
        },
      },
      h(
        'form',
        { method: 'dialog' },
        h('p', null, question),
        h(
          'div',
          { class: 'row end' },
          h('button', { class: 'button', value: 'no' }, t('Keep it')),
          h('button', { class: 'button danger', value: 'yes' }, yes),
        ),
      ),
    );
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** Works on plain http too, where browsers have no clipboard. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const box = h('textarea', { value: text, class: 'away' });
    document.body.append(box);
    box.select();
    document.execCommand('copy');
    box.remove();
  }
  note(t('Copied'));
}

export function seconds(s) {
  if (!(s >= 0)) return '–';
  if (s < 60) return t('{n} s', { n: s < 10 ? Math.round(s * 10) / 10 : Math.round(s) });
  const whole = Math.round(s);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

/** A decimal text stays one: at least two places, at most four. */
export function money(amount, currency) {
  if (amount === undefined || amount === null) return '–';
  return new Intl.NumberFormat(lang(), {
    style: 'currency',
    currency: currency || 'USD',
    currencyDisplay: 'narrowSymbol',
    minimumFractionDigits: 2,
    maximumFractionDigits: 4,
  }).format(amount);
}

export function when(unix) {
  const date = new Date(unix * 1000),
    today = new Date().toDateString() === date.toDateString();
  return date.toLocaleString(
    lang(),
    today
      ? { hour: '2-digit', minute: '2-digit' }
      : { year: 'numeric', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' },
  );
}

export const day = (unix) => new Date(unix * 1000).toLocaleDateString(lang(), { month: 'short', day: 'numeric' });
