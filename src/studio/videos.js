// The history: what the server has, newest first; search and filter over it.
import { button, h, icon, iconButton, money, note, pick, seconds, when } from './dom.js';
import * as server from './server.js';
import { again, name, remove, status } from './video.js';
import { t } from './words.js';

const LIST = '/v1/video/generations';

export function videos(root) {
  const grid = h('ul', { class: 'shelf' }),
    more = button(t('Show more'), { hidden: true, onclick: () => load() }),
    said = h('p', { class: 'away', role: 'status' });
  const state = { search: '', status: '', jobs: [], after: null };
  const search = h('input', {
    type: 'search',
    placeholder: t('Search'),
    'aria-label': t('Search videos'),
    oninput: async () => {
      state.search = search.value.trim().toLowerCase();
      paint();
      while (state.search && !more.hidden && !more.disabled) await load(); // what is further back, too
    },
  });
  const filter = pick(
    t('Which videos'),
    [
      ['', t('All')],
      ['completed', t('Ready')],
      ['processing', t('In the making')],
      ['queued', t('Waiting')],
      ['failed', t('Failed')],
    ],
    '',
    (v) => {
      state.status = v;
      reset();
    },
  );
  root.append(
    h(
      'div',
      { class: 'head' },
      h('h1', null, t('Videos')),
      h('div', { class: 'row' }, h('label', { class: 'search' }, icon('search'), search), filter),
    ),
    said,
    grid,
    h('div', { class: 'row middle' }, more),
  );

  async function load() {
    more.disabled = true;
    const query = new URLSearchParams({
      limit: 24,
      ...(state.status && { status: state.status }),
      ...(state.after && { after: state.after }),
    });
    try {
      const page = await server.call('GET', `${LIST}?${query}`);
      state.jobs.push(...page.data);
      state.after = page.last_id;
      more.hidden = !page.has_more;
    } catch (e) {
      note(e.message, 'bad');
    }
    more.disabled = false;
    paint();
  }
  function reset() {
    Object.assign(state, { jobs: [], after: null });
    load();
  }
  // what is in the making is asked of the list: a stream for each would use up the browser's connections
  const timer = setInterval(async () => {
    if (document.hidden || state.jobs.every(server.over)) return;
    const page = await server.call('GET', `${LIST}?limit=${Math.min(100, state.jobs.length)}`).catch(() => ({ data: [] }));
    for (const fresh of page.data) {
      const job = state.jobs.find((j) => j.id === fresh.id);
      if (!job || server.over(job)) continue;
      Object.assign(job, fresh);
      replace(job);
    }
  }, 2000);

  const fits = (job) =>
    !state.search ||
    [name(job), job.id, job.prompt, job.metadata?.studio_prompt, job.external_task_id]
      .join('\n')
      .toLowerCase()
      .includes(state.search);
  const made = new Map(); // of a job's id: its card
  function replace(job) {
    const old = made.get(job.id),
      fresh = card(job);
    made.set(job.id, fresh);
    old?.replaceWith(fresh);
  }
  function paint() {
    const list = state.jobs.filter(fits);
    for (const job of list) if (!made.has(job.id)) made.set(job.id, card(job));
    grid.replaceChildren(...list.map((job) => made.get(job.id)));
    said.textContent = t('Videos: {n}', { n: list.length });
    if (!list.length)
      grid.replaceChildren(
        h(
          'li',
          { class: 'empty' },
          h('p', { class: 'lead' }, state.search || state.status ? t('Nothing fits') : t('No videos yet')),
          !state.search &&
            !state.status &&
            h('a', { class: 'button primary', href: '#' }, icon('plus'), h('span', null, t('Make the first'))),
        ),
      );
  }

  function thumbnail(job) {
    const box = h('div', { class: 'thumb' });
    const r = job.result ?? {},
      image = job.metadata?.studio_image;
    if (r.thumbnail_url) box.append(h('img', { src: server.local(r.thumbnail_url), alt: '', loading: 'lazy' }));
    else if (job.video_url)
      box.append(h('video', { src: `${server.local(job.video_url)}#t=0.1`, preload: 'metadata', muted: true, tabIndex: -1 }));
    else if (image?.startsWith('file_'))
      server.blob(`/v1/files/${image}/content`).then(
        (b) => {
          const url = URL.createObjectURL(b);
          box.prepend(h('img', { src: url, alt: '', onload: () => URL.revokeObjectURL(url) }));
        },
        () => {},
      );
    if (job.status === 'processing') {
      const fill = h('div', { class: 'fill' });
      fill.style.setProperty('--part', (job.progress ?? 0) / 100);
      box.append(h('div', { class: 'progress' }, fill));
    }
    if (r.duration_seconds) box.append(h('span', { class: 'badge number' }, seconds(r.duration_seconds)));
    return box;
  }

  function card(job) {
    const b = job.billing ?? {};
    const act = (what) => async () => {
      try {
        await what();
      } catch (e) {
        note(e.message, 'bad');
      }
    };
    return h(
      'li',
      { class: 'card' },
      h('a', { href: `#video/${job.id}` }, thumbnail(job), h('strong', null, name(job))),
      h(
        'div',
        { class: 'row spread' },
        status(job),
        h(
          'span',
          { class: 'soft small number' },
          when(job.created_at),
          b.state === 'settled' && ` · ${money(b.charged, b.currency)}`,
        ),
      ),
      h(
        'div',
        { class: 'row end over-card' },
        iconButton('again', t('Again with changes'), { onclick: () => again(job) }),
        !server.over(job) &&
          iconButton('close', t('Cancel'), {
            onclick: act(async () => {
              Object.assign(job, await server.call('POST', `${server.job(job.id)}/cancel`));
              replace(job);
            }),
          }),
        server.over(job) &&
          iconButton('bin', t('Delete'), {
            onclick: act(async () => {
              if (await remove(job)) {
                state.jobs = state.jobs.filter((j) => j !== job);
                paint();
              }
            }),
          }),
      ),
    );
  }

  load();
  return () => clearInterval(timer);
}
