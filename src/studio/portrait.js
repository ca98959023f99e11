// The stage: the portrait with what was found in it, or a place to drop one.
import { button, h, icon, iconButton, svg } from './dom.js';
import * as server from './server.js';
import { t } from './words.js';

/** `changed(image, problem)` is told of {id, name} of an uploaded file, {url}, or null. Returns the element and its handles. */
export function portrait(changed) {
  const picture = h('img', { alt: '' }),
    found = svg('svg', { class: 'found', 'aria-hidden': 'true' }),
    people = h('div', { class: 'people' });
  const caption = h('p', { class: 'caption' }),
    frame = h('div', { class: 'frame' });
  const input = h('input', {
    type: 'file',
    id: 'portrait-file',
    class: 'away',
    'aria-label': t('Choose a picture'),
    accept: 'image/jpeg,image/png,image/webp',
    onchange: () => {
      if (input.files[0]) take(input.files[0]);
      input.value = '';
    },
  });
  const link = h('input', { type: 'url', id: 'portrait-url', placeholder: 'https://', autocomplete: 'off', spellcheck: false });
  const linkForm = h(
    'form',
    {
      class: 'row',
      hidden: true,
      onsubmit: (e) => {
        e.preventDefault();
        if (link.value.trim()) show({ url: link.value.trim() }, true);
      },
    },
    h('label', { class: 'away', htmlFor: 'portrait-url' }, t('Address of a picture')),
    link,
    h('button', { class: 'button' }, t('Use')),
  );
  const root = h(
    'div',
    {
      class: 'stage',
      ondragover: (e) => {
        e.preventDefault();
        root.classList.add('over');
      },
      ondragleave: () => root.classList.remove('over'),
      ondrop: () => root.classList.remove('over'),
    },
    input,
    frame,
  );

  const empty = () =>
    h(
      'div',
      { class: 'drop' },
      svg(
        'svg',
        { class: 'sketch', viewBox: '0 0 200 180', 'aria-hidden': 'true' },
        svg('path', {
          d: 'M100 22c27 0 42 19 42 46 0 31-17 62-42 62S58 99 58 68c0-27 15-46 42-46zM79 122v16c-4 10-38 14-50 36M121 122v16c4 10 38 14 50 36',
        }),
        svg('path', {
          class: 'mesh',
          d: 'M58 68 79 62 100 74 121 62 142 68M79 62 100 22 121 62M58 68 84 98 100 74 116 98 142 68M84 98 100 106 116 98M84 98 72 110 100 130 128 110 116 98M84 98 100 94 116 98M72 110 58 68M128 110 142 68',
        }),
      ),
      h('p', { class: 'lead' }, t('Drop a portrait here')),
      h('p', { class: 'soft' }, t('One face, seen from the front, evenly lit. JPEG, PNG or WebP.')),
      h(
        'div',
        { class: 'row middle' },
        h('label', { class: 'button', htmlFor: 'portrait-file' }, icon('file'), h('span', null, t('Choose a picture'))),
        button(t('Use a link'), {
          icon: 'link',
          kind: 'quiet',
          onclick: () => {
            linkForm.hidden = false;
            link.focus();
          },
        }),
      ),
      linkForm,
    );

  let local = null;
  function draw(image, blob) {
    if (local) URL.revokeObjectURL(local);
    local = blob ? URL.createObjectURL(blob) : null;
    faces([]);
    if (!image && !blob) return frame.replaceChildren(empty());
    picture.alt = t('Portrait: {name}', { name: image?.name ?? image?.url ?? '' });
    if (local) picture.src = local;
    frame.replaceChildren(
      local
        ? h('div', { class: 'picture' }, picture, found, people)
        : h(
            'div',
            { class: 'drop' },
            icon('link'),
            h('p', { class: 'lead' }, host(image.url)),
            h('p', { class: 'soft' }, t('The server fetches the picture from there.')),
          ),
      h(
        'div',
        { class: 'below' },
        caption,
        h('label', { class: 'button quiet small', htmlFor: 'portrait-file' }, icon('file'), h('span', null, t('Replace'))),
        iconButton('close', t('Remove the portrait'), { onclick: () => show(null, true) }),
      ),
    );
    caption.textContent = image?.name ?? blob?.name ?? '';
  }
  picture.addEventListener('load', () => {
    found.setAttribute('viewBox', `0 0 ${picture.naturalWidth} ${picture.naturalHeight}`);
    root.style.setProperty('--ratio', picture.naturalWidth / picture.naturalHeight);
    caption.dataset.size = `${picture.naturalWidth} × ${picture.naturalHeight}`;
  });

  async function take(file) {
    draw({ name: file.name }, file);
    root.classList.add('busy');
    try {
      const stored = await server.upload(file, 'image');
      changed({ id: stored.id, name: stored.filename });
    } catch (e) {
      draw(null);
      changed(null, e);
    }
    root.classList.remove('busy');
  }

  /** From memory, or as told by the user. */
  async function show(image, tell) {
    if (tell) changed(image);
    draw(image);
    if (!image?.id) return;
    root.classList.add('busy');
    try {
      draw(image, await server.blob(`/v1/files/${image.id}/content`));
    } catch (e) {
      if (e.status === 404) {
        draw(null);
        changed(null, { message: t('The server no longer has this portrait; choose it again') });
      }
    }
    root.classList.remove('busy');
  }

  /** The faces of an estimate: {box: [x, y, w, h], usable, mesh?: [x, y, x, y, ...]}. Where there are several, one is picked by a button over it. */
  function faces(list, chosen, picked) {
    const several = list.length > 1,
      { naturalWidth: wide, naturalHeight: high } = picture;
    found.replaceChildren(
      ...list.flatMap((face, i) => {
        const [x, y, w, hgt] = face.box,
          c = Math.min(w, hgt) * 0.18,
          kind = face.usable === false ? 'bad' : several && i !== chosen ? 'other' : '';
        const corners = `M${x} ${y + c}V${y}h${c}M${x + w - c} ${y}h${c}v${c}M${x + w} ${y + hgt - c}v${c}h${-c}M${x + c} ${y + hgt}h${-c}v${-c}`;
        const points = svg('path', {
          d: (face.mesh ?? []).map((v, k) => (k % 2 ? `${v}h.01` : `M${v} `)).join(''),
          class: 'points',
        });
        points.style.strokeWidth = Math.min(2.4, Math.max(1, (w * picture.clientWidth) / wide / 110)); // small faces, small dots
        return [svg('path', { d: corners, class: `box ${kind}` }), points];
      }),
    );
    people.replaceChildren(
      ...(several && wide ? list : []).map((face, i) => {
        const b = h('button', {
          type: 'button',
          'aria-pressed': String(i === chosen),
          'aria-label': t('Face {n} speaks', { n: i + 1 }),
          onclick: () => picked(face),
        });
        const [x, y, w, hgt] = face.box;
        Object.assign(b.style, {
          left: `${(100 * x) / wide}%`,
          top: `${(100 * y) / high}%`,
          width: `${(100 * w) / wide}%`,
          height: `${(100 * hgt) / high}%`,
        });
        return b;
      }),
    );
  }
  return { root, show, take, faces };
}

export const host = (url) => {
  try {
    return new URL(url).host;
  } catch {
    return url;
  }
};
