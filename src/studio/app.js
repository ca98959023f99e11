// Signing in, the address bar, and which view is shown.
import { account } from './account.js';
import { create } from './create.js';
import { h, icon, iconButton, pick } from './dom.js';
import * as memory from './memory.js';
import * as server from './server.js';
import { video } from './video.js';
import { videos } from './videos.js';
import { lang, languages, speak, t } from './words.js';

const main = document.getElementById('main'),
  nav = document.getElementById('nav'),
  lost = document.getElementById('lost');
const VIEWS = {
  '': [create, () => t('New video')],
  videos: [videos, () => t('Videos')],
  video: [video, () => t('Video')],
  account: [(root) => account(root, () => signOut()), () => t('Account')],
};
const THEMES = {
  auto: ['auto', () => t('Light or dark as the system')],
  light: ['sun', () => t('Light')],
  dark: ['moon', () => t('Dark')],
};

let leave = null;
function show(view, arg) {
  leave?.();
  main.replaceChildren();
  scrollTo(0, 0);
  leave = view(main, arg) ?? null;
}

function route(moved) {
  if (!memory.key()) return;
  const [name, arg] = location.hash.slice(1).split('/');
  const [view, title] = VIEWS[name] ?? VIEWS[''];
  document.title = `${title()} · Orator`;
  nav.hidden = false;
  for (const a of nav.children) {
    const here = a.hash.slice(1) === (name === 'video' ? 'videos' : name);
    here ? a.setAttribute('aria-current', 'page') : a.removeAttribute('aria-current');
  }
  show(view, arg);
  if (moved) main.focus({ preventScroll: true });
}

function signIn(problem) {
  nav.hidden = true;
  document.title = `${t('Sign in')} · Orator`;
  show((root) => {
    const said = h('p', { class: 'problem', id: 'key-problem', role: 'alert', hidden: !problem }, problem?.message ?? '');
    const key = h('input', {
      type: 'password',
      id: 'key',
      required: true,
      autocomplete: 'current-password',
      placeholder: 'sk-',
      spellcheck: false,
      'aria-describedby': 'key-problem key-help',
    });
    const remember = h('input', { type: 'checkbox' }),
      go = h('button', { class: 'button primary large' }, t('Sign in'));
    root.append(
      h(
        'div',
        { class: 'door' },
        h(
          'div',
          { class: 'pitch' },
          h('h1', null, t('One portrait, one voice: a video that speaks.')),
          h('p', { class: 'soft' }, t('Drop both in, say how it should be, and watch it being made.')),
        ),
        h(
          'form',
          {
            class: 'part',
            onsubmit: async (e) => {
              e.preventDefault();
              go.disabled = true;
              said.hidden = true;
              try {
                await server.learn(key.value.trim());
                memory.setKey(key.value.trim(), remember.checked);
                route(true);
              } catch (x) {
                said.textContent = x.message;
                said.hidden = false;
                go.disabled = false;
                key.focus();
              }
            },
          },
          h('label', { class: 'label', htmlFor: 'key' }, t('API key')),
          key,
          said,
          h('label', { class: 'tick' }, remember, h('span', null, t('Remember it on this device'))),
          go,
          h(
            'p',
            { class: 'soft small', id: 'key-help' },
            t('No key yet? Whoever runs this server makes one:'),
            h('br'),
            h('code', null, 'orator keys create NAME'),
          ),
        ),
      ),
    );
    key.focus();
  });
}

function signOut(error) {
  memory.setKey(null);
  signIn(error);
}

/** The parts of the page that outlive views, in the page's language. */
function furniture() {
  document.getElementById('skip').textContent = t('Skip to content');
  nav.setAttribute('aria-label', t('Main'));
  nav.replaceChildren(
    ...[
      ['', 'plus', t('New video')],
      ['videos', 'film', t('Videos')],
      ['account', 'person', t('Account')],
    ].map(([hash, picture, text]) => h('a', { href: `#${hash}` }, icon(picture), h('span', null, text))),
  );
  const theme = memory.settings().theme ?? 'auto',
    [picture, title] = THEMES[theme];
  document.documentElement.dataset.theme = theme;
  document.getElementById('tools').replaceChildren(
    pick(t('Language'), languages, lang(), async (value) => {
      memory.setSettings({ lang: value });
      await speak();
      furniture();
      memory.key() ? route() : signIn();
    }),
    iconButton(picture, title(), {
      onclick: () => {
        const names = Object.keys(THEMES);
        memory.setSettings({ theme: names[(names.indexOf(theme) + 1) % names.length] });
        furniture();
        document.querySelector('#tools button').focus();
      },
    }),
  );
  lost.textContent = t('The server cannot be reached. Trying again…');
}

server.line.addEventListener('lost', () => {
  lost.hidden = false;
  knock();
});
server.line.addEventListener('back', () => {
  lost.hidden = true;
});
server.line.addEventListener('out', (e) => signOut(e.error));
/** Asks until somebody answers. */
async function knock() {
  for (let wait = 1000; !lost.hidden; wait = Math.min(wait * 1.5, 10000)) {
    await server.pause(wait);
    await server.call('GET', '/healthz').catch(() => {});
  }
}
addEventListener('hashchange', () => route(true));
document.getElementById('skip').addEventListener('click', (e) => {
  e.preventDefault();
  main.focus();
});

async function start() {
  await speak();
  furniture();
  if (!memory.key()) return signIn();
  for (;;) {
    try {
      await server.learn();
      return route();
    } catch (e) {
      if (e.status === 401) return;
      if (e.code !== 'offline') return signIn(e);
      await server.pause(1500);
    }
  }
}
// what is dropped beside a place for it must not replace the page
for (const kind of ['dragover', 'drop']) addEventListener(kind, (e) => e.preventDefault());
start();
