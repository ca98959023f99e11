// One job: its progress by stage, the preview while it renders, the result.
import { ask, button, copy, h, icon, money, note, seconds, when } from './dom.js';
import { draftOf } from './draft.js';
import * as memory from './memory.js';
import * as server from './server.js';
import { bytes, t } from './words.js';

const STAGES = ['fetch', 'inspect', 'speech', 'motion', 'render', 'store'];
const title = (stage) =>
  ({
    fetch: t('Fetch'),
    inspect: t('Find the face'),
    speech: t('Listen'),
    motion: t('Plan the movement'),
    render: t('Draw the frames'),
    store: t('Store'),
  })[stage];

export const name = (job) => job.metadata?.name || job.external_task_id || t('Video of {when}', { when: when(job.created_at) });
export function status(job) {
  const canceled = job.error?.code === 'canceled';
  const text = {
    queued: t('Waiting'),
    processing: t('In the making'),
    completed: t('Ready'),
    failed: canceled ? t('Canceled') : t('Failed'),
  }[job.status];
  return h('span', { class: `status ${canceled ? 'queued' : job.status}` }, text);
}

/** Back to the composer with what this job was made of. */
export function again(job) {
  memory.setDraft(draftOf(job));
  location.hash = '';
}

export async function remove(job) {
  if (!(await ask(t('Delete this video? It is gone for good, with its link.'), t('Delete')))) return false;
  await server.call('DELETE', server.job(job.id));
  note(t('Deleted'));
  return true;
}

export function video(root, id) {
  const heading = h('h1', null, ' '),
    pill = h('span'),
    stage = h('div', { class: 'stage' }),
    side = h('div', { class: 'right' });
  const live = h('p', { class: 'away', role: 'status' });
  root.append(
    h('div', { class: 'head' }, heading, pill),
    h('div', { class: 'studio' }, h('div', { class: 'left' }, stage), side),
    live,
  );

  // made once, then only changed: nothing jumps, nothing loses its focus
  const fill = h('div', { class: 'fill' }),
    bar = h(
      'div',
      { class: 'progress', role: 'progressbar', 'aria-valuemin': 0, 'aria-valuemax': 100, 'aria-label': t('Progress') },
      fill,
    );
  const percent = h('span', { class: 'percent number' }),
    left = h('span', { class: 'soft number' });
  const steps = h(
    'ol',
    { class: 'steps' },
    STAGES.map((s) => h('li', { data: { stage: s } }, h('i'), h('span', null, title(s)), h('small', { class: 'soft number' }))),
  );
  const cancel = button(t('Cancel'), {
    icon: 'close',
    onclick: async () => {
      cancel.disabled = true;
      try {
        paint(await server.call('POST', `${server.job(id)}/cancel`));
      } catch (e) {
        note(e.message, 'bad');
        cancel.disabled = false;
      }
    },
  });
  const making = h(
    'section',
    { class: 'part making' },
    h('div', { class: 'row spread' }, percent, left),
    bar,
    steps,
    h('div', { class: 'row' }, cancel),
  );

  let shown = 0,
    attempt = 0,
    began = null,
    spoken = '',
    kind = '',
    stop = () => {},
    gone = false;
  function progress(job) {
    if (job.attempt !== attempt) {
      attempt = job.attempt;
      shown = 0;
      began = null;
    }
    shown = Math.max(shown, job.progress ?? 0);
    bar.setAttribute('aria-valuenow', shown);
    fill.style.setProperty('--part', shown / 100);
    stage.style.setProperty('--part', shown / 100);
    percent.textContent = `${shown} %`;
    const at = STAGES.indexOf(job.stage);
    [...steps.children].forEach((li, i) => {
      li.className = i < at ? 'done' : i === at ? 'now' : '';
      i === at ? li.setAttribute('aria-current', 'step') : li.removeAttribute('aria-current');
      li.lastChild.textContent =
        STAGES[i] === 'render' && i <= at && job.frames_total
          ? t('{n} of {all} frames', { n: job.frames_done, all: job.frames_total })
          : '';
    });
    if (job.stage === 'render' && job.frames_done && !began) began = { at: performance.now(), frames: job.frames_done };
    const rate = began && (job.frames_done - began.frames) / (performance.now() - began.at);
    const eta = job.eta_seconds ?? (rate ? (job.frames_total - job.frames_done) / rate / 1000 : null);
    left.textContent =
      job.status === 'queued'
        ? job.queue_position
          ? t('{n} before it', { n: job.queue_position })
          : t('Starts in a moment')
        : eta === null
          ? ''
          : t('about {time} left', { time: seconds(Math.ceil(eta)) });
    const say = job.status === 'queued' ? t('Waiting') : title(job.stage);
    if (say !== spoken) live.textContent = spoken = say;
  }

  function player(url, job) {
    const r = job.result ?? {};
    let wait = 1000; // a connection that was lost while it loaded
    const v = h(
      'video',
      {
        onerror: () => {
          if (wait < 60000) setTimeout(() => v.isConnected && v.load(), (wait *= 2));
        },
        onloadedmetadata: () => stage.style.setProperty('--ratio', v.videoWidth / v.videoHeight),
        src: server.local(url),
        controls: true,
        playsInline: true,
        preload: 'metadata',
      },
      r.captions_url &&
        h('track', { kind: 'captions', src: server.local(r.captions_url), srclang: 'und', label: t('Captions'), default: true }),
    );
    if (r.thumbnail_url) v.poster = server.local(r.thumbnail_url);
    return v;
  }
  // the picture takes colour from below as the video is made
  const under = h('img', { alt: '', onload: () => stage.style.setProperty('--ratio', under.naturalWidth / under.naturalHeight) }),
    over = h('img', { alt: '' });
  async function waiting(job) {
    stage.replaceChildren(h('div', { class: 'frame' }, h('div', { class: 'picture still' }, under, over)));
    const image = job.metadata?.studio_image;
    if (image?.startsWith('file_') && !under.src)
      under.src = over.src = await server.blob(`/v1/files/${image}/content`).then(URL.createObjectURL, () => '');
  }

  function facts(job) {
    const r = job.result ?? {},
      b = job.billing ?? {};
    const rows = [
      [t('Length'), r.duration_seconds && seconds(r.duration_seconds)],
      [t('Size'), r.width && `${r.width} × ${r.height}, ${r.fps} fps, ${bytes(r.size_bytes)}`],
      [
        t('Price'),
        b.state === 'settled'
          ? money(b.charged, b.currency)
          : b.state === 'reserved'
            ? t('{money} held', { money: money(b.reserved, b.currency) })
            : t('nothing was charged'),
      ],
      [t('Quality'), t(server.models.find((m) => m.id === job.model)?.title ?? job.model)],
      [t('Direction'), job.prompt ?? job.metadata?.studio_prompt],
      [t('Understood'), job.direction && (job.direction.map((d) => d.means).join(', ') || '–')],
      [t('Seed'), job.seed],
      [t('Made'), when(job.completed_at ?? job.created_at)],
      [t('Kept until'), job.expires_at && when(job.expires_at)],
      [t('Job'), job.id],
    ];
    return h(
      'section',
      { class: 'part' },
      h(
        'dl',
        { class: 'list' },
        rows.filter(([, v]) => v || v === 0).map(([k, v]) => h('div', null, h('dt', null, k), h('dd', { class: 'number' }, v))),
      ),
    );
  }
  const warnings = (job) =>
    job.warnings?.length > 0 &&
    h(
      'ul',
      { class: 'facts' },
      job.warnings.map((w) => h('li', { class: 'warn' }, icon('note'), w.message)),
    );

  function actions(job) {
    const url = job.video_url && new URL(server.local(job.video_url), location.origin).href;
    return h(
      'div',
      { class: 'actions' },
      url &&
        h(
          'a',
          { class: 'button primary', href: url, download: `${name(job)}.mp4` },
          icon('down'),
          h('span', null, t('Download')),
        ),
      job.result?.captions_url &&
        h(
          'a',
          { class: 'button', href: server.local(job.result.captions_url), download: `${name(job)}.vtt` },
          icon('text'),
          h('span', null, t('Captions')),
        ),
      url && button(t('Copy link'), { icon: 'link', onclick: () => copy(url) }),
      button(t('Again with changes'), { icon: 'again', onclick: () => again(job) }),
      button(t('Delete'), {
        icon: 'bin',
        kind: 'quiet',
        onclick: async () => {
          if (await remove(job).catch((e) => note(e.message, 'bad'))) location.hash = 'videos';
        },
      }),
    );
  }

  function paint(job) {
    if (gone) return;
    heading.textContent = name(job);
    document.title = `${job.status === 'processing' ? `${Math.max(shown, job.progress)} % · ` : ''}${name(job)} · Orator`;
    pill.replaceChildren(status(job));
    const now = job.status === 'processing' && job.preview_url ? 'preview' : server.over(job) ? job.status : 'making';
    if (!server.over(job)) progress(job);
    if (now === kind) return;
    const first = kind === '';
    kind = now;
    if (now === 'making' || now === 'preview') {
      if (now === 'making') waiting(job);
      else {
        const v = player(job.preview_url, job);
        Object.assign(v, { muted: true, autoplay: true });
        stage.replaceChildren(
          h('div', { class: 'frame' }, h('div', { class: 'picture' }, v, h('span', { class: 'badge' }, t('Preview')))),
        );
      }
      side.replaceChildren(making, facts(job));
    } else if (now === 'completed') {
      const v = player(job.video_url, job),
        before = stage.querySelector('video');
      if (before) {
        // goes on where the preview was
        Object.assign(v, { currentTime: before.currentTime, muted: before.muted, preload: 'auto' });
        if (!before.paused && !before.ended) v.play().catch(() => {});
      }
      stage.replaceChildren(h('div', { class: 'frame' }, h('div', { class: 'picture' }, v)));
      side.replaceChildren(...[actions(job), warnings(job), facts(job)].filter(Boolean));
      if (!first) live.textContent = t('Ready');
    } else {
      waiting(job);
      side.replaceChildren(
        h(
          'section',
          { class: `part ${job.error?.code === 'canceled' ? '' : 'sorry'}`, role: 'alert' },
          h('h2', null, job.error?.code === 'canceled' ? t('Canceled') : t('It could not be made')),
          h('p', null, job.error?.message),
          h('p', { class: 'soft number' }, job.error?.code),
        ),
        actions(job),
        facts(job),
      );
    }
  }

  server.call('GET', server.job(id)).then(
    (job) => {
      if (gone) return;
      paint(job);
      if (!server.over(job)) stop = server.watch(id, paint);
    },
    (e) =>
      root.replaceChildren(
        h(
          'div',
          { class: 'empty' },
          h('h1', null, t('Nothing here')),
          h('p', null, e.message),
          h('a', { class: 'button', href: '#videos' }, t('To your videos')),
        ),
      ),
  );
  return () => {
    gone = true;
    stop();
    if (under.src) URL.revokeObjectURL(under.src);
  };
}
