// The page's language. English is written where it is used; other languages are tables from English.
import { settings } from './memory.js';

export const languages = [
  ['en', 'English'],
  ['zh', '中文'],
];
let table = {};

export const lang = () => {
  const set = settings().lang;
  return set || (navigator.language.startsWith('zh') ? 'zh' : 'en');
};

export async function speak() {
  table = lang() === 'zh' ? (await import('./zh.js')).default : {};
  document.documentElement.lang = lang() === 'zh' ? 'zh-Hans' : 'en';
}

/** `text` in the page's language; {name} stands for values.name. */
export const t = (text, values = {}) => (table[text] ?? text).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '');

export const bytes = (n) => (n < 1e6 ? `${Math.max(1, Math.round(n / 1e3))} kB` : `${(n / 1e6).toFixed(1)} MB`);
