// The account: money, keys for those who may make them, webhooks.
import { ask, button, copy, day, h, iconButton, money, note, pick, seconds, svg, when } from './dom.js';
import * as server from './server.js';
import { t } from './words.js';

/** A part of the page that fills itself. What goes wrong is told in its place; what a key may not see is left out. */
function part(title, told, fill) {
  const inside = h('div', { class: 'stack' }, h('p', { class: 'soft' }, '…'));
  const section = h('section', { class: 'part' }, h('h2', null, title), told && h('p', { class: 'soft' }, told), inside);
  const again = async () => {
    try {
      inside.replaceChildren(...[await fill(again)].flat(9).filter(Boolean));
    } catch (e) {
      if (e.status === 403) section.remove();
      else inside.replaceChildren(h('p', { class: 'problem' }, e.message));
    }
  };
  again();
  return section;
}

const table = (name, heads, rows) =>
  h(
    'div',
    { class: 'scroll', tabIndex: 0, role: 'region', 'aria-label': name },
    h(
      'table',
      null,
      h(
        'thead',
        null,
        h(
          'tr',
          null,
          heads.map((x) => h('th', { scope: 'col' }, x)),
        ),
      ),
      h(
        'tbody',
        null,
        rows.map((row) =>
          h(
            'tr',
            null,
            row.map((x) => h('td', null, x)),
          ),
        ),
      ),
    ),
  );
const actions = () => h('span', { class: 'away' }, t('Actions'));
const once = (title, text) =>
  h(
    'div',
    { class: 'secret', role: 'alert' },
    h('p', null, title),
    h('div', { class: 'row' }, h('code', null, text), iconButton('link', t('Copy'), { onclick: () => copy(text) })),
  );
const figures = (rows) =>
  h(
    'dl',
    { class: 'bill' },
    rows.filter(Boolean).map(([name, value]) => h('div', null, h('dt', null, name), h('dd', { class: 'number' }, value))),
  );
const act = (what, then) => async () => {
  try {
    await what();
    then?.();
  } catch (e) {
    note(e.message, 'bad');
  }
};

function balance() {
  return part(t('Balance'), null, async () => {
    const b = await server.call('GET', '/v1/balance'),
      show = (amount) => money(amount, b.currency);
    return figures([
      b.prepaid && [t('Available'), show(b.available)],
      [t('Held for videos in the making'), show(b.held)],
      [t('Spent'), show(b.spent)],
      b.key?.budget && [t('Left in the budget of this key'), show(b.key.remaining)],
    ]);
  });
}

const DAY = 86400;
/** A bar a day, the last one today. */
function chart(usage) {
  const of = new Map(usage.data.map((u) => [u.day, Number(u.charged)])),
    today = Math.floor(Date.now() / 1000 / DAY);
  const days = Array.from({ length: 30 }, (_, i) => (today - 29 + i) * DAY),
    key = (s) => new Date(s * 1000).toISOString().slice(0, 10);
  const most = Math.max(...of.values(), 1e-6);
  return h(
    'figure',
    null,
    svg(
      'svg',
      {
        class: 'chart',
        viewBox: '0 0 600 120',
        preserveAspectRatio: 'none',
        role: 'img',
        'aria-label': t('Charged in the last 30 days: {money}', { money: money(usage.total.charged, usage.currency) }),
      },
      ...days.map((s, i) => {
        const value = of.get(key(s)) ?? 0,
          height = value ? Math.max(3, (value / most) * 112) : 1.5;
        return svg(
          'rect',
          { x: i * 20 + 3, y: 120 - height, width: 14, height, rx: 2, class: value ? 'full' : '' },
          svg('title', null, `${day(s)}: ${money(value, usage.currency)}`),
        );
      }),
    ),
    h('figcaption', { class: 'row spread soft small' }, h('span', null, day(days[0])), h('span', null, t('Today'))),
  );
}

function usage() {
  let by = 'day';
  return part(t('Usage'), null, async (again) => {
    const u = await server.call('GET', `/v1/usage?group_by=${by}`);
    const rows = u.data.map((x) => [x[by], x.completed, seconds(x.video_seconds), money(x.charged, u.currency)]);
    const list = table(
      t('Usage'),
      [{ day: t('Day'), model: t('Quality'), key: t('Key') }[by], t('Videos'), t('Length'), t('Charged')],
      rows,
    );
    return [
      h(
        'div',
        { class: 'row spread' },
        figures([
          [t('Charged in 30 days'), money(u.total.charged, u.currency)],
          [t('Jobs'), u.total.jobs],
        ]),
        pick(
          t('Grouped by'),
          [
            ['day', t('Day')],
            ['model', t('Quality')],
            ['key', t('Key')],
          ],
          by,
          (value) => {
            by = value;
            again();
          },
        ),
      ),
      by === 'day' && chart(u),
      !rows.length ? null : by === 'day' ? h('details', null, h('summary', null, t('As a table')), list) : list,
    ];
  });
}

const MOVES = () => ({
  reserve: t('Held'),
  charge: t('Charged'),
  release: t('Given back'),
  credit: t('Credit'),
  debit: t('Debit'),
});
function ledger() {
  const rows = [];
  let after = '';
  return part(t('Ledger'), t('Every movement of money. Each entry carries the hash of the one before.'), async (again) => {
    const page = await server.call('GET', `/v1/ledger?${new URLSearchParams({ limit: 20, ...(after && { after }) })}`);
    after = page.last_id;
    rows.push(
      ...page.data.map((e) => [
        when(e.at_ms / 1000),
        MOVES()[e.kind] ?? e.kind,
        money(e.amount, page.account.currency),
        money(e.balance, page.account.currency),
        e.task_id ? h('a', { href: `#video/${e.task_id}` }, t('Video')) : e.note,
        h('code', { title: e.hash }, e.hash.slice(0, 8)),
      ]),
    );
    return [
      rows.length
        ? table(t('Ledger'), [t('When'), t('What'), t('Amount'), t('Balance'), t('For'), t('Hash')], rows)
        : h('p', { class: 'soft' }, t('None yet.')),
      page.has_more && h('div', { class: 'row middle' }, button(t('Show more'), { onclick: again })),
    ];
  });
}

const SCOPES = ['read', 'write', 'billing', 'admin'],
  scope = (s) => ({ read: t('see'), write: t('make'), billing: t('money'), admin: t('admin') })[s];
function keys() {
  const secret = h('div');
  return part(t('API keys'), null, async (again) => {
    const list = (await server.call('GET', '/v1/keys')).data.filter((k) => !k.revoked_at);
    const name = h('input', { id: 'key-name', required: true, maxLength: 60 }),
      budget = h('input', { id: 'key-budget', inputMode: 'decimal', class: 'short', placeholder: t('none') });
    const boxes = SCOPES.map((s) => h('input', { type: 'checkbox', value: s, checked: s !== 'admin' })),
      problem = h('p', { class: 'problem', role: 'alert', hidden: true });
    return [
      secret,
      table(
        t('API keys'),
        [t('Name'), t('Key'), t('May'), t('Used'), t('Last used'), actions()],
        list.map((k) => [
          k.name,
          h('code', null, `${k.prefix}…`),
          k.scopes.map(scope).join(', '),
          money(k.used, k.currency) + (k.budget ? ` / ${money(k.budget, k.currency)}` : ''),
          k.last_used_at ? when(k.last_used_at) : t('never'),
          h(
            'div',
            { class: 'row end' },
            button(t('Replace'), {
              kind: 'quiet small',
              onclick: act(async () => {
                if (await ask(t('The old secret of {name} is worth nothing from then on.', { name: k.name }), t('Replace')))
                  secret.replaceChildren(
                    once(t('The key, shown this once:'), (await server.call('POST', `/v1/keys/${k.id}/rotate`)).key),
                  );
              }),
            }),
            iconButton('bin', t('Revoke'), {
              onclick: act(async () => {
                if (await ask(t('Revoke {name}? Who uses it is shut out at once.', { name: k.name }), t('Revoke')))
                  await server.call('DELETE', `/v1/keys/${k.id}`);
              }, again),
            }),
          ),
        ]),
      ),
      h(
        'form',
        {
          class: 'row bottom',
          onsubmit: async (e) => {
            e.preventDefault();
            try {
              const made = await server.call('POST', '/v1/keys', {
                json: {
                  name: name.value,
                  scopes: boxes.filter((b) => b.checked).map((b) => b.value),
                  ...(budget.value.trim() && { budget: budget.value.trim() }),
                },
              });
              secret.replaceChildren(once(t('The key, shown this once:'), made.key));
              again();
            } catch (x) {
              problem.textContent = x.message;
              problem.hidden = false;
            }
          },
        },
        h('label', null, h('span', { class: 'label' }, t('Name')), name),
        h('label', null, h('span', { class: 'label' }, t('Budget')), budget),
        h(
          'fieldset',
          { class: 'row' },
          h('legend', { class: 'label' }, t('May')),
          boxes.map((b) => h('label', { class: 'tick' }, b, h('span', null, scope(b.value)))),
        ),
        h('button', { class: 'button' }, t('Make a key')),
      ),
      problem,
    ];
  });
}

const HOOKS = '/v1/webhook_endpoints';
function webhooks() {
  const secret = h('div');
  return part(
    t('Webhooks'),
    t('Orator posts here when a video is ready or has failed, signed as Standard Webhooks.'),
    async (again) => {
      const list = (await server.call('GET', HOOKS)).data.filter((e) => e.url);
      const url = h('input', { type: 'url', required: true, placeholder: 'https://', 'aria-label': t('Address to post to') }),
        problem = h('p', { class: 'problem', role: 'alert', hidden: true });
      return [
        secret,
        list.length
          ? table(
              t('Webhooks'),
              [t('Address'), t('Made'), actions()],
              list.map((e) => [
                h('span', null, e.url, !e.enabled && h('em', { class: 'status failed' }, t('off'))),
                when(e.created_at),
                h(
                  'div',
                  { class: 'row end' },
                  button(t('Test'), {
                    kind: 'quiet small',
                    onclick: act(async () => {
                      await server.call('POST', `${HOOKS}/${e.id}/test`);
                      note(t('A test event is on its way'));
                    }),
                  }),
                  button(t('New secret'), {
                    kind: 'quiet small',
                    onclick: act(async () => {
                      secret.replaceChildren(
                        once(t('The secret, shown this once:'), (await server.call('POST', `${HOOKS}/${e.id}/rotate`)).secret),
                      );
                    }),
                  }),
                  iconButton('bin', t('Delete'), {
                    onclick: act(async () => {
                      if (await ask(t('Stop posting to {url}?', { url: e.url }), t('Delete')))
                        await server.call('DELETE', `${HOOKS}/${e.id}`);
                    }, again),
                  }),
                ),
              ]),
            )
          : h('p', { class: 'soft' }, t('None yet.')),
        h(
          'form',
          {
            class: 'row',
            onsubmit: async (e) => {
              e.preventDefault();
              try {
                secret.replaceChildren(
                  once(
                    t('The secret, shown this once:'),
                    (await server.call('POST', HOOKS, { json: { url: url.value } })).secret,
                  ),
                );
                again();
              } catch (x) {
                problem.textContent = x.message;
                problem.hidden = false;
              }
            },
          },
          url,
          h('button', { class: 'button' }, t('Add')),
        ),
        problem,
      ];
    },
  );
}

export function account(root, signOut) {
  root.append(
    h(
      'div',
      { class: 'head' },
      h('h1', null, t('Account')),
      button(t('Sign out'), { icon: 'out', kind: 'quiet', onclick: () => signOut() }),
    ),
    h('div', { class: 'sheets' }, balance(), usage(), ledger(), keys(), webhooks()),
  );
}
