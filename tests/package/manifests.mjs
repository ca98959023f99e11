// manifests.mjs FILE...: every document is of a kind that Kubernetes or KEDA has, is as its schema wants it, and has no field that the
// schema does not know. Says what is wrong.
import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';

const modules = { 'keda.sh': '@kubernetes-models/keda/keda.sh' };

// The same value, which notes what is read of it: a schema's code reads every field that it knows.
function watched(value, path, unread) {
  if (value === null || typeof value !== 'object') return value;
  const inner = Object.fromEntries(Object.keys(value).map((k) => [k, watched(value[k], `${path}/${k}`, unread)]));
  const list = Array.isArray(value) ? Object.values(inner) : value;
  if (!Array.isArray(value)) Object.keys(value).forEach((k) => unread.add(`${path}/${k}`));
  return new Proxy(list, {
    get(target, key) {
      unread.delete(`${path}/${String(key)}`);
      return typeof key === 'string' && Object.hasOwn(inner, key) ? inner[key] : target[key];
    },
  });
}

let wrong = 0;
let documents = 0;
for (const file of process.argv.slice(2)) {
  for (const document of parseAllDocuments(readFileSync(file, 'utf8'), { uniqueKeys: true })) {
    const value = document.errors.length ? {} : document.toJS();
    const say = (text) => (wrong++, console.log(`${file}: ${value.kind ?? '?'} ${value.metadata?.name ?? '?'}: ${text}`));
    documents++;
    document.errors.forEach((e) => say(e.message));
    if (document.errors.length) continue;
    const [group, version] = value.apiVersion.includes('/') ? value.apiVersion.split('/') : ['', value.apiVersion];
    const path = modules[group] ? `${modules[group]}/${version}` : ['kubernetes-models', group, version].filter(Boolean).join('/');
    const kinds = await import(path).catch(() => ({}));
    if (!kinds[value.kind]) {
      say(`there is no ${value.apiVersion} ${value.kind}`);
      continue;
    }
    const unread = new Set();
    try {
      watched(new kinds[value.kind](value), '', unread).validate();
    } catch (e) {
      say(e.message);
    }
    unread.forEach((field) => say(`${field} is no field that is known`));
  }
}
console.log(`${documents} documents, ${wrong} wrong`);
process.exit(wrong ? 1 : 0);
