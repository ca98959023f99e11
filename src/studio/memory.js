// What the browser remembers: settings; the key, for the tab or for good; and for each key the draft in hand.

const read = (store, name) => {
  try {
    return JSON.parse(store.getItem(name));
  } catch {
    return null;
  }
};
const write = (store, name, value) => {
  try {
    if (value === null) store.removeItem(name);
    else store.setItem(name, JSON.stringify(value));
  } catch {
    /* a full or forbidden store: the page goes on without */
  }
};

export const settings = () => read(localStorage, 'orator.settings') ?? {};
export const setSettings = (change) => write(localStorage, 'orator.settings', { ...settings(), ...change });

export const key = () => read(sessionStorage, 'orator.key') ?? read(localStorage, 'orator.key');
export function setKey(value, remember) {
  write(sessionStorage, 'orator.key', value);
  write(localStorage, 'orator.key', remember ? value : null);
}

// the first letters tell keys apart and are no secret
const mine = (what) => `orator.${what}.${(key() ?? '').slice(0, 7)}`;

const FRESH = {
  image: null,
  face_box: null,
  audio: null,
  voice: 'file',
  prompt: '',
  model: '',
  resolution: '',
  aspect_ratio: 'source',
  fps: '',
  seed: '',
  head: 1,
  expression: 1,
  blink: true,
  captions: false,
  said: '',
  label: false,
  text: '',
  speaker: '',
};
export const draft = () => ({ ...FRESH, ...read(localStorage, mine('draft')) });
export const setDraft = (value) => write(localStorage, mine('draft'), value);
export const freshDraft = () => ({ ...FRESH });
