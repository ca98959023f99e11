// Every request of the page.
import * as memory from './memory.js';
import { bytes, t } from './words.js';

/** The server's own sentence, its word, and the field at fault. */
export class ServerError extends Error {
  constructor(status, error = {}) {
    super(error.message || t('The server answered {n}', { n: status }));
    Object.assign(this, { status, code: error.code ?? '', param: error.param ?? null, request: error.request_id });
  }
}

/** 'lost' when the server cannot be reached, 'back' when it can, 'out' when the key is no longer good. */
export const line = new EventTarget();
let away = false;
function reached(yes) {
  if (away === !yes) return;
  away = !yes;
  line.dispatchEvent(new Event(yes ? 'back' : 'lost'));
}

export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

async function send(method, path, { json, body, headers = {}, signal, key = memory.key() } = {}) {
  if (json) headers['Content-Type'] = 'application/json';
  if (key) headers.Authorization = `Bearer ${key}`;
  let answer;
  try {
    answer = await fetch(path, { method, headers, body: json ? JSON.stringify(json) : body, signal, cache: 'no-store' });
  } catch (e) {
    if (signal?.aborted) throw e;
    reached(false);
    throw new ServerError(0, { message: t('The server cannot be reached'), code: 'offline' });
  }
  reached(true);
  if (answer.ok) return answer;
  const told = await answer.json().catch(() => ({}));
  const error = new ServerError(answer.status, told.error);
  if (answer.status === 401 && key === memory.key()) line.dispatchEvent(Object.assign(new Event('out'), { error }));
  throw error;
}

export async function call(method, path, options) {
  const answer = await send(method, path, options);
  return answer.status === 204 ? null : answer.json();
}
export const blob = async (path, options) => (await send('GET', path, options)).blob();

export let models = [];
/** Signs in. */
export async function learn(key) {
  models = (await call('GET', '/v1/models', key && { key })).data;
}

/** A file of the user's becomes one of the server's, so that a reload finds it again. */
export async function upload(file, purpose) {
  const most = models[0].limits[`max_${purpose}_bytes`];
  if (file.size > most)
    throw new ServerError(413, {
      code: `${purpose}_too_large`,
      message: t('{name} has {size}; at most {most} fit', { name: file.name, size: bytes(file.size), most: bytes(most) }),
    });
  return call('POST', `/v1/files?${new URLSearchParams({ purpose, filename: file.name || purpose })}`, {
    body: file,
    headers: { 'Content-Type': file.type || 'application/octet-stream' },
  });
}

/** The server's addresses name the host it knows itself by; the page stays on its own. */
export const local = (url) => {
  const u = new URL(url, location.href);
  return u.pathname + u.search;
};

export const job = (id) => `/v1/video/generations/${id}`;
export const over = (j) => j.status === 'completed' || j.status === 'failed';

/** Tells `each` of every change of a job until it is over; comes back by itself after a lost connection. Returns what stops it. */
export function watch(id, each) {
  const stop = new AbortController();
  (async () => {
    let last = '',
      wait = 500;
    while (!stop.signal.aborted) {
      try {
        const headers = last ? { 'Last-Event-ID': last } : {};
        const answer = await send('GET', `${job(id)}/events`, { headers, signal: stop.signal });
        if (answer.status === 204) return;
        for await (const event of events(answer.body)) {
          wait = 500;
          if (event.id) last = event.id;
          const j = event.data && JSON.parse(event.data);
          if (event.event === 'video.deleted') return;
          if (j) each(j);
          if (j && over(j)) return;
        }
      } catch (e) {
        if (stop.signal.aborted || e.status === 404 || e.status === 401) return;
        if (e.code === 'queue_full') {
          // too many listeners: ask instead
          const j = await call('GET', `${job(id)}?wait=5`, { signal: stop.signal }).catch(() => null);
          if (j) each(j);
          if (j && over(j)) return;
        } else if (!(e instanceof ServerError)) reached(false); // cut in the middle
      }
      await pause(wait);
      wait = Math.min(wait * 2, 8000);
    }
  })();
  return () => stop.abort();
}

async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    text += value;
    for (let end; (end = text.indexOf('\n\n')) >= 0; text = text.slice(end + 2)) {
      const event = {};
      for (const row of text.slice(0, end).split('\n')) {
        const at = row.indexOf(': ');
        if (at > 0) event[row.slice(0, at)] = row.slice(at + 2);
      }
      yield event;
    }
  }
}
