// The composer: portrait, voice, direction, format; what it will cost; and the one button.
import { button, choice, h, icon, money, pick, seconds } from './dom.js';
import * as memory from './memory.js';
import { body } from './draft.js';
import { portrait } from './portrait.js';
import * as server from './server.js';
import { lang, t } from './words.js';
import { voice } from './voice.js';

// words that direction understands, in both languages of the page
const CHIPS = {
  en: [
    'friendly',
    'warm smile',
    'calm',
    'confident',
    'serious',
    'lively',
    'news anchor',
    'nodding',
    'eye contact',
    'zoom in',
    'close-up',
  ],
  zh: ['友好', '温暖的微笑', '平静', '自信', '严肃', '活泼', '新闻主播', '点头', '看着镜头', '镜头推近', '特写'],
};

const ESTIMATE = server.job('estimate');
/** A field of the API: where on the page its problem is told. */
const PLACE = {
  image_url: 'portrait',
  image: 'portrait',
  face_box: 'portrait',
  audio_url: 'voice',
  audio: 'voice',
  audio_duration_seconds: 'voice',
  input: 'voice',
  prompt: 'direction',
  model: 'format',
  resolution: 'format',
  aspect_ratio: 'format',
  fps: 'more',
  seed: 'more',
  motion: 'more',
  captions: 'more',
  text: 'more',
  watermark_info: 'more',
};

export function create(root) {
  const draft = memory.draft();
  if (!server.models.some((m) => m.id === draft.model)) draft.model = server.models[0].id;
  const problems = {},
    section = (name, title, ...inside) => {
      problems[name] = h('p', { class: 'problem', role: 'alert', id: `problem-${name}`, hidden: true });
      return h(
        'section',
        { class: 'part', 'aria-labelledby': `part-${name}` },
        h('h2', { id: `part-${name}` }, title),
        inside,
        problems[name],
      );
    };
  const keep = () => memory.setDraft(draft);
  function tell(error, fallback = 'send', by = 'user') {
    const place = PLACE[(error.param ?? '').split(/[.[]/)[0]] ?? fallback;
    problems[place].textContent = error.message;
    problems[place].hidden = false;
    problems[place].dataset.by = by;
    if (place === 'more') more.open = true;
    return problems[place];
  }
  const hush = (...names) => {
    for (const name of names) problems[name].hidden = true;
  };
  function changed() {
    delete draft.attempt;
    keep();
    hush('send');
    estimate();
  }

  // --- portrait and voice
  const stage = portrait((image, problem) => {
    draft.image = image;
    draft.face_box = null;
    people = [];
    hush('portrait');
    facts.replaceChildren();
    stage.faces([]);
    if (problem) tell(problem, 'portrait');
    changed();
  });
  const facts = h('ul', { class: 'facts', 'aria-live': 'polite' }),
    heard = h('ul', { class: 'facts', 'aria-live': 'polite' });
  stage.root.append(facts);
  const sound = voice(
    draft,
    (audio, problem) => {
      draft.audio = audio;
      heard.replaceChildren();
      hush('voice');
      if (problem) tell(problem, 'voice');
      changed();
    },
    keep,
  );
  // dropped or pasted, anywhere: sounds are voices, the rest is for the place it fell on, or the portrait
  const isSound = (file) => file.type.startsWith('audio/') || /\.(wav|mp3|m4a|aac|ogg|flac)$/i.test(file.name);
  const drop = (e) => {
    for (const file of (e.dataTransfer ?? e.clipboardData)?.files ?? [])
      (isSound(file) || sound.root.contains(e.target) ? sound : stage).take(file);
  };
  for (const kind of ['drop', 'paste']) document.addEventListener(kind, drop);

  // --- direction
  const chips = CHIPS[lang()] ?? CHIPS.en,
    comma = lang() === 'zh' ? '，' : ', ';
  const words = () =>
    draft.prompt
      .split(/[,，]\s*/)
      .map((w) => w.trim())
      .filter(Boolean);
  const count = h('span', { class: 'soft number' });
  const prompt = h('textarea', {
    id: 'prompt',
    rows: 2,
    maxLength: 2500,
    value: draft.prompt,
    'aria-describedby': 'problem-direction',
    placeholder: t('How should they be? For example: friendly, calm, a slight smile'),
    oninput: () => {
      draft.prompt = prompt.value;
      hush('direction');
      direction();
      changed();
    },
  });
  const chipRow = h(
    'div',
    { class: 'chips' },
    chips.map((word) =>
      h(
        'button',
        {
          type: 'button',
          class: 'chip',
          data: { word },
          onclick: () => {
            const list = words();
            draft.prompt = prompt.value = (list.includes(word) ? list.filter((w) => w !== word) : [...list, word]).join(comma);
            direction();
            changed();
          },
        },
        word,
      ),
    ),
  );
  function direction() {
    for (const chip of chipRow.children) chip.setAttribute('aria-pressed', words().includes(chip.dataset.word));
    count.textContent = draft.prompt.length > 2000 ? `${draft.prompt.length} / 2500` : '';
  }

  // --- format
  const model = () => server.models.find((m) => m.id === draft.model);
  const set = (name, value) => {
    draft[name] = value;
    hush('format', 'more');
    changed();
  };
  const tiers = choice(
    'model',
    t('Quality'),
    server.models.map((m) => [
      m.id,
      h('strong', null, t(m.title)),
      h('small', null, `${m.output.size_class} · ${m.output.fps} fps`),
      h('small', { class: 'number' }, t('{money} a second', { money: money(m.pricing.per_second, m.pricing.currency) })),
    ]),
    draft.model,
    (v) => {
      set('model', v);
      formats();
    },
    'cards',
  );
  const format = h('div', { class: 'grid2' });
  const RATIO = { source: '□', '16:9': 16 / 9, '9:16': 9 / 16, '1:1': 1, '4:3': 4 / 3, '3:4': 3 / 4 };
  function formats() {
    const o = model().options ?? {};
    format.replaceChildren(
      ...[
        o.aspect_ratio &&
          h(
            'div',
            { class: 'wide' },
            h('p', { class: 'label' }, t('Framing')),
            choice(
              'aspect_ratio',
              t('Framing'),
              o.aspect_ratio.values.map((v) => {
                const shape = h('i', { class: 'shape', 'aria-hidden': 'true' });
                if (v !== 'source') shape.style.setProperty('--r', RATIO[v]);
                return [v, shape, v === 'source' ? t('As it is') : v];
              }),
              draft.aspect_ratio,
              (v) => set('aspect_ratio', v),
              'tiles',
            ),
          ),
        o.resolution &&
          h(
            'label',
            null,
            h('span', { class: 'label' }, t('Resolution')),
            pick(
              t('Resolution'),
              [
                ['', o.resolution.default],
                ...o.resolution.values
                  .filter((v) => v !== o.resolution.default)
                  .map((v) => [v, v === 'source' ? t('As the portrait') : v]),
              ],
              draft.resolution,
              (v) => set('resolution', v),
            ),
          ),
        o.fps &&
          h(
            'label',
            null,
            h('span', { class: 'label' }, t('Frames a second')),
            h('input', {
              type: 'number',
              min: o.fps.min,
              max: o.fps.max,
              placeholder: o.fps.default,
              value: draft.fps,
              oninput: (e) => set('fps', e.target.value),
            }),
          ),
      ].filter(Boolean),
    );
  }
  const slider = (name, title, max) => {
    const shown = h('output', { class: 'soft number' }, `${Math.round(draft[name] * 100)} %`);
    return h(
      'label',
      null,
      h('span', { class: 'label' }, title, shown),
      h('input', {
        type: 'range',
        min: 0,
        max,
        step: 0.05,
        value: draft[name],
        oninput: (e) => {
          shown.textContent = `${Math.round(e.target.value * 100)} %`;
          set(name, Number(e.target.value));
        },
      }),
    );
  };
  const tick = (name, title) =>
    h(
      'label',
      { class: 'tick' },
      h('input', { type: 'checkbox', name, checked: draft[name], onchange: (e) => set(name, e.target.checked) }),
      h('span', null, title),
    );
  const said = h('textarea', {
    'aria-label': t('What is said, for the captions'),
    placeholder: t('What is said, for the captions'),
    rows: 2,
    maxLength: 10000,
    value: draft.said,
    oninput: () => set('said', said.value),
  });
  const o0 = server.models[0].options ?? {},
    most = o0.motion?.max ?? 2;
  const more = h(
    'details',
    { class: 'part more' },
    h('summary', null, t('Movement and more')),
    h(
      'div',
      { class: 'grid2' },
      slider('head', t('Head'), most),
      slider('expression', t('Expression'), most),
      tick('blink', t('Blinks')),
      tick('captions', t('Captions')),
      tick('label', t('"AI generated" in a corner')),
      h('div', { class: 'wide said' }, said),
      h(
        'label',
        null,
        h('span', { class: 'label' }, t('Seed')),
        h('input', {
          type: 'number',
          min: 0,
          value: draft.seed,
          placeholder: t('any'),
          oninput: (e) => set('seed', e.target.value),
        }),
      ),
    ),
    (problems.more = h('p', { class: 'problem', role: 'alert', hidden: true })),
  );

  // --- what it will be: asked of the server where it can tell, reckoned here where not
  const bill = h('dl', { class: 'bill', 'aria-live': 'polite' }),
    send = button(t('Make the video'), { kind: 'primary large', onclick: submit });
  let timer,
    asking,
    told = null,
    asked = '',
    people = [];
  function show() {
    const length = told?.seconds ?? draft.audio?.seconds,
      m = model();
    send.parentElement?.classList.toggle('ready', Boolean(draft.image && draft.audio));
    const price = told?.price ?? (length ? length * Number(m.pricing.per_second) : null);
    const rows = [
      length && [t('Length'), seconds(length)],
      price && [t('Price'), money(price, m.pricing.currency)],
      told?.eta >= 0 && [t('Ready in about'), seconds(told.eta)],
    ].filter(Boolean);
    bill.replaceChildren(
      ...rows.map(([name, value]) => h('div', null, h('dt', null, name), h('dd', { class: 'number' }, value))),
    );
  }
  function estimate() {
    // words and movement change neither the face nor the price
    const now = JSON.stringify([
      draft.image,
      draft.audio,
      draft.face_box,
      draft.model,
      draft.resolution,
      draft.fps,
      draft.aspect_ratio,
    ]);
    if (now === asked) return;
    asked = now;
    told = null;
    show();
    clearTimeout(timer);
    asking?.abort();
    if (!draft.image && !draft.audio) return;
    timer = setTimeout(async () => {
      const mine = (asking = new AbortController());
      try {
        read(await server.call('POST', ESTIMATE, { json: body(draft), signal: mine.signal }));
      } catch (e) {
        if (!mine.signal.aborted && e.code !== 'offline' && e.code !== 'missing_required_parameter') tell(e, 'send', 'estimate');
      }
    }, 350);
  }
  const warning = (text) => h('li', { class: 'warn' }, icon('note'), text);
  function read(e) {
    const length = e.audio?.duration_seconds;
    told = { seconds: length, price: length && e.price.expected, eta: length && e.eta_seconds };
    if (length && draft.audio && !draft.audio.seconds) {
      draft.audio.seconds = length;
      keep();
      if (draft.audio.url) sound.show(draft.audio);
    }
    hush(...Object.keys(problems).filter((place) => problems[place].dataset.by === 'estimate'));
    // with a box the server looks there alone; the others stay to be pressed
    if (!draft.face_box || !people.length) people = e.faces;
    const speaker = e.faces.find((f) => f.mesh) ?? e.faces[0],
      [x, y, w, high] = speaker?.box ?? [];
    const chosen = people.findIndex(
      ({ box: [fx, fy, fw, fh] }) => Math.abs(fx + fw / 2 - x - w / 2) < fw / 2 && Math.abs(fy + fh / 2 - y - high / 2) < fh / 2,
    );
    const faces = people.map((f, i) => (i === chosen ? speaker : { ...f, mesh: null })),
      best = faces[chosen];
    stage.faces(faces, chosen, (face) => {
      draft.face_box = face.box;
      hush('portrait');
      changed();
    });
    facts.replaceChildren(
      ...[
        best &&
          h(
            'li',
            { class: best.usable === false ? 'bad' : 'good' },
            icon(best.usable === false ? 'note' : 'check'),
            faces.length > 1 ? t('Faces found: {n}. Press the one that speaks.', { n: faces.length }) : t('Face found'),
          ),
        ...e.warnings.map((w) => warning(w.message)),
      ].filter(Boolean),
    );
    heard.replaceChildren(
      ...[
        e.audio?.speech_ratio < 0.2 &&
          warning(t('Hardly anybody speaks in it: {n} % of the time', { n: Math.round(e.audio.speech_ratio * 100) })),
        e.audio?.clipping > 0.005 &&
          warning(t('It was recorded too loud: {n} % is cut off', { n: Math.ceil(e.audio.clipping * 100) })),
      ].filter(Boolean),
    );
    for (const problem of e.problems) if (problem.code !== 'missing_required_parameter') tell(problem, 'send', 'estimate');
    show();
  }

  async function submit() {
    hush(...Object.keys(problems));
    const lacks = [
      !draft.image && ['portrait', t('Choose a portrait first')],
      !draft.audio && ['voice', t('Choose a voice first')],
    ].filter(Boolean);
    for (const [place, message] of lacks) tell({ message }, place);
    if (lacks.length) return problems[lacks[0][0]].scrollIntoView({ block: 'center' });
    // the same attempt may be sent twice, after a lost connection, and is one job
    draft.attempt ??= [...crypto.getRandomValues(new Uint8Array(12))].map((b) => b.toString(16).padStart(2, '0')).join('');
    keep();
    send.disabled = true;
    try {
      const job = await server.call('POST', '/v1/video/generations', {
        json: body(draft),
        headers: { 'Idempotency-Key': draft.attempt },
      });
      delete draft.attempt;
      keep();
      location.hash = `video/${job.id}`;
    } catch (e) {
      send.disabled = false;
      if (e.code !== 'offline') {
        delete draft.attempt;
        keep();
      }
      tell(e).scrollIntoView({ block: 'center' });
    }
  }

  root.append(
    h(
      'div',
      { class: 'head' },
      h('h1', null, t('New video')),
      button(t('Start over'), {
        kind: 'quiet small',
        onclick: () => {
          memory.setDraft(null);
          root.replaceChildren();
          leave();
          leave = create(root);
        },
      }),
    ),
    h(
      'div',
      { class: 'studio' },
      h('div', { class: 'left' }, section('portrait', t('Portrait'), stage.root)),
      h(
        'div',
        { class: 'right' },
        section('voice', t('Voice'), sound.root, heard),
        section(
          'direction',
          t('Direction'),
          h('label', { class: 'away', htmlFor: 'prompt' }, t('Direction')),
          prompt,
          h('div', { class: 'row' }, chipRow, count),
        ),
        section('format', t('Format'), tiers, format),
        more,
        h(
          'section',
          { class: 'send', 'aria-label': t('Price and start') },
          bill,
          send,
          (problems.send = h('p', { class: 'problem', role: 'alert', hidden: true })),
        ),
      ),
    ),
  );
  formats();
  direction();
  stage.show(draft.image);
  sound.show(draft.audio);
  show();
  estimate();
  let leave = () => {
    for (const kind of ['drop', 'paste']) document.removeEventListener(kind, drop);
    clearTimeout(timer);
    asking?.abort();
    sound.stop();
  };
  return () => leave();
}
