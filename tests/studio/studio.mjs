// Drives the studio as its user would, on the real server. One line of JSON a claim: {claim, problem, said}.
// node studio.mjs '{"url", "key", "media": folder of the files, "shots": folder for pictures, "chromium"}'
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import axe from 'axe-core';
import { chromium } from 'playwright-core';

const facts = JSON.parse(process.argv[2]);
const claims = [];
const claim = (text, show) => claims.push([text, show]);
const file = (name) => `${facts.media}/${name}`;
const shot = (name, on = page) => on.screenshot({ path: `${facts.shots}/${name}.png` });

const browser = await chromium.launch({
  executablePath: facts.chromium,
  args: [
    '--no-sandbox',
    '--use-fake-device-for-media-stream',
    '--use-fake-ui-for-media-stream',
    '--autoplay-policy=no-user-gesture-required',
  ],
});
const wrong = []; // what the console and the policy complained of
async function visit(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, locale: 'en-GB', ...options });
  context.setDefaultTimeout(30000);
  const p = await context.newPage();
  p.on('pageerror', (e) => wrong.push(e.stack));
  p.on('console', (m) => {
    if (/Content Security Policy|Trusted/i.test(m.text())) wrong.push(m.text());
  });
  return p;
}
const page = await visit();
const text = (selector, on = page) => on.locator(selector).first().innerText();
async function faultless(on = page) {
  await on.waitForTimeout(400); // what fades in has faded in
  await on.evaluate(axe.source);
  const { violations } = await on.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  assert.deepEqual(
    violations.map((v) => `${v.impact} ${v.id}: ${v.nodes.map((n) => `${n.target} ${n.any[0]?.message ?? ''}`).join(' | ')}`),
    [],
  );
}

claim('a stranger is asked for a key and told by the server why it is refused', async () => {
  await page.goto(facts.url);
  await page.fill('#key', 'sk-wrong');
  await page.keyboard.press('Enter');
  await page.waitForSelector('#key-problem:not([hidden])');
  assert.match(await text('#key-problem'), /key/);
  await shot('sign-in');
  await faultless();
  await page.fill('#key', facts.key);
  await page.keyboard.press('Enter');
  await page.waitForSelector('.drop');
  await shot('empty');
  await faultless();
});

claim('what lacks is said beside where it lacks', async () => {
  await page.getByRole('button', { name: 'Make the video' }).click();
  assert.match(await text('#problem-portrait'), /portrait/);
  assert.match(await text('#problem-voice'), /voice/);
});

claim('a file that is no picture gets the sentence of the server beside the portrait', async () => {
  await page.setInputFiles('#portrait-file', file('words.png'));
  await page.waitForFunction(() => /bytes are no JPEG/.test(document.querySelector('#problem-portrait').innerText));
  await shot('refused');
  await page.setInputFiles('#portrait-file', file('large.png'));
  await page.waitForFunction(() => /large.png has 11.0 MB/.test(document.querySelector('#problem-portrait').innerText));
});

claim('a link that the server may not follow gets its sentence beside its place', async () => {
  await page.setInputFiles('#voice-file', file('short.wav'));
  await page.waitForSelector('.player');
  await page.getByRole('button', { name: 'Use a link' }).click();
  await page.getByLabel('Address of a picture').fill('http://10.0.0.1/portrait.png');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Make the video' }).click();
  await page.waitForFunction(() => /address|public|10.0.0.1/.test(document.querySelector('#problem-portrait').innerText));
  await page.getByRole('button', { name: 'Remove the portrait' }).click();
  await page.getByRole('button', { name: 'Remove the voice' }).click();
});

claim('a portrait and a voice are dropped at once and shown', async () => {
  const files = [
    ['face.png', 'presenter.png', 'image/png'],
    ['short.wav', 'short.wav', 'audio/wav'],
  ].map(([from, name, type]) => ({ name, type, bytes: readFileSync(file(from)).toString('base64') }));
  const transfer = await page.evaluateHandle((list) => {
    const d = new DataTransfer();
    for (const f of list)
      d.items.add(new File([Uint8Array.from(atob(f.bytes), (c) => c.charCodeAt(0))], f.name, { type: f.type }));
    return d;
  }, files);
  await page.dispatchEvent('.stage', 'drop', { dataTransfer: transfer });
  await page.waitForSelector('.player');
  await page.waitForFunction(() => /\d s/.test(document.querySelector('.bill').innerText));
  await page.waitForFunction(() => document.querySelector('.picture img').naturalWidth > 0 && !document.querySelector('.busy'));
  assert.equal(await page.locator('#problem-portrait').isVisible(), false);
});

claim('the face and its mesh are drawn over the portrait, with price and time', async () => {
  await page.waitForSelector('.found .box');
  assert.match(await text('.stage .facts'), /Face found/);
  const drawn = await page.evaluate(() => {
    const inside = (e) => {
      const b = e.getBBox(),
        { width, height } = document.querySelector('.found').viewBox.baseVal;
      return b.width > 50 && b.x > 0 && b.y > 0 && b.x + b.width < width && b.y + b.height < height;
    };
    return [...document.querySelectorAll('.found path')].map(inside);
  });
  assert.deepEqual(drawn, [true, true]);
  await page.waitForFunction(() => /Ready in about/.test(document.querySelector('.bill').innerText));
  assert.match(await text('.bill'), /\$0\.1/);
});

claim('of several faces one is pressed', async () => {
  await page.setInputFiles('#portrait-file', file('two.png'));
  await page.waitForSelector('.people button');
  assert.match(await text('#problem-portrait'), /more than one face/);
  await page.locator('.people button').nth(1).click();
  await page.waitForFunction(() => document.querySelectorAll('.people button')[1]?.ariaPressed === 'true');
  await page.waitForFunction(() => document.querySelector('#problem-portrait').hidden);
  await shot('faces');
  await faultless();
  await page.setInputFiles('#portrait-file', file('face.png'));
  await page.waitForFunction(() => /Face found/.test(document.querySelector('.stage .facts').innerText));
});

claim('a reload before the start loses nothing', async () => {
  await page.locator('.chip', { hasText: 'friendly' }).click();
  await page.locator('.chip', { hasText: 'calm' }).click();
  await page.getByLabel('Resolution').selectOption('480p');
  await page.getByLabel('Frames a second').fill('12');
  await page.locator('.more summary').click();
  await page.getByLabel('Captions', { exact: true }).check();
  await page.getByLabel('What is said').fill('Maybe my brother plays by the pool.');
  await page.reload();
  await page.waitForSelector('.player');
  await page.waitForFunction(() => document.querySelector('.picture img')?.naturalWidth > 0);
  assert.equal(await page.inputValue('#prompt'), 'friendly, calm');
  assert.equal(await page.getByLabel('Resolution').inputValue(), '480p');
  await page.waitForTimeout(800);
  await shot('composer');
  await faultless();
});

claim('a video is made, watched by stage through a reload and a lost connection, and plays', async () => {
  await page.getByRole('button', { name: 'Make the video' }).click();
  await page.waitForSelector('.steps [aria-current]');
  await shot('making');
  await page.reload();
  await page.waitForSelector('.steps, .actions');
  await page.context().setOffline(true);
  await page.waitForTimeout(300);
  await page.context().setOffline(false);
  await page.waitForSelector('.actions .primary', { timeout: 60000 });
  await page.waitForFunction(() => document.querySelector('video').readyState >= 2);
  await page.evaluate(() => document.querySelector('video').play());
  await page.waitForFunction(() => document.querySelector('video').currentTime > 0.3);
  await page.evaluate(() => document.querySelector('video').pause());
  await page.waitForFunction(() => document.querySelector('video').textTracks[0]?.cues?.length > 0);
  assert.match(await page.evaluate(() => document.querySelector('video').textTracks[0].cues[0].text), /brother/);
  await shot('ready');
  await faultless();
});

claim('the link that is copied needs no key', async () => {
  await page.evaluate(() => {
    navigator.clipboard.writeText = async (text) => {
      globalThis.copied = text;
    };
  });
  await page.getByRole('button', { name: 'Copy link' }).click();
  const answer = await fetch(await page.waitForFunction(() => globalThis.copied).then((handle) => handle.jsonValue()));
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get('content-type'), 'video/mp4');
});

claim('again with changes brings back what the video was made of', async () => {
  await page.getByRole('button', { name: 'Again with changes' }).click();
  await page.waitForSelector('.player');
  assert.equal(await page.inputValue('#prompt'), 'friendly, calm');
  await page.waitForFunction(() => document.querySelector('.picture img')?.naturalWidth > 0);
});

claim('what is no longer kept is told beside its place', async () => {
  const draft = await page.evaluate(() => {
    const name = Object.keys(localStorage).find((n) => n.startsWith('orator.draft')),
      kept = localStorage.getItem(name);
    localStorage.setItem(name, kept.replaceAll('file_', 'file_gone'));
    return { name, kept };
  });
  await page.reload();
  await page.waitForFunction(() => /no longer/.test(document.querySelector('#problem-voice').innerText));
  await page.waitForFunction(() => /no longer/.test(document.querySelector('#problem-portrait').innerText));
  await page.evaluate(({ name, kept }) => localStorage.setItem(name, kept), draft);
});

claim('the history shows the video, finds it by its words, and not by others', async () => {
  await page.locator('nav a', { hasText: 'Videos' }).click();
  await page.waitForSelector('.card');
  await page.fill('input[type=search]', 'nobody');
  assert.equal(await page.locator('.card').count(), 0);
  await page.fill('input[type=search]', 'FRIENDLY');
  assert.equal(await page.locator('.card').count(), 1);
  await page.waitForTimeout(500);
  await shot('history');
  await faultless();
});

claim('a video in the making plays as far as it is, is canceled, costs nothing, and is deleted for good', async () => {
  await page.locator('.card a').first().click();
  await page.getByRole('button', { name: 'Again with changes' }).click();
  await page.setInputFiles('#voice-file', file('voice.wav'));
  await page.waitForSelector('.player');
  await page.getByLabel('Resolution').selectOption('1080p');
  await page.getByLabel('Frames a second').fill('60');
  await page.getByRole('button', { name: 'Make the video' }).click();
  await page.waitForFunction(() => document.querySelector('.picture video')?.currentTime > 0.2, null, { timeout: 30000 });
  await shot('preview');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.waitForSelector('[role=alert] h2');
  assert.match(await text('.list'), /nothing was charged/);
  await shot('canceled');
  await faultless();
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.locator('dialog').getByRole('button', { name: 'Delete' }).click();
  await page.waitForSelector('.card');
  assert.equal(await page.locator('.card').count(), 1);
});

claim('a recording of the microphone becomes a voice', async () => {
  await page.goto(`${facts.url}/#`);
  await page.getByRole('button', { name: 'Start over' }).click();
  await page.getByRole('radio', { name: 'Record' }).check();
  await page.getByRole('button', { name: 'Start recording' }).click();
  await page.waitForTimeout(1200);
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.waitForSelector('.player');
  await page.waitForFunction(() => /^[1-9]/.test(document.querySelector('.bill dd')?.innerText ?? ''));
  await page.getByRole('button', { name: 'Start over' }).click();
});

claim('a typed text becomes a voice', async () => {
  await page.getByRole('radio', { name: 'Type' }).check();
  await page.getByLabel('Text to speak').fill('Good morning. How may I help you?');
  await page.getByRole('button', { name: 'Make the voice' }).click();
  await page.waitForSelector('.player');
  assert.match(await text('.voice .caption'), /Good morning/);
  await page.getByRole('button', { name: 'Start over' }).click();
});

claim('a server that goes away is told of, and that it came back', async () => {
  await page.context().setOffline(true);
  await page.locator('nav a', { hasText: 'Videos' }).click();
  await page.waitForSelector('#lost:not([hidden])');
  await page.context().setOffline(false);
  await page.waitForSelector('#lost', { state: 'hidden' });
});

claim('the keyboard alone reaches and moves everything', async () => {
  await page.goto(`${facts.url}/#`);
  await page.waitForSelector('.drop');
  await page.evaluate(() => document.activeElement.blur());
  const met = [];
  for (let i = 0; i < 40; i++) {
    await page.keyboard.press('Tab');
    met.push(
      await page.evaluate(() => {
        const e = document.activeElement;
        return e.id || e.name || e.innerText?.trim() || e.ariaLabel || e.tagName;
      }),
    );
  }
  for (const wanted of ['skip', 'portrait-file', 'way', 'prompt', 'friendly', 'model', 'aspect_ratio', 'Make the video'])
    assert.ok(met.includes(wanted), `${wanted} was not met: ${met}`);
  await page.locator('input[name=model]:checked').focus();
  await page.keyboard.press('ArrowRight');
  assert.match(await page.locator('input[name=model]:checked').getAttribute('value'), /pro/);
  await page.keyboard.press('ArrowLeft');
});

claim('money is accounted for; who may make keys makes one and revokes it', async () => {
  const p = await visit();
  await p.addInitScript((k) => sessionStorage.setItem('orator.key', JSON.stringify(k)), facts.admin);
  await p.goto(`${facts.url}/#account`);
  await p.waitForSelector('.chart .full');
  await p.waitForFunction(() => /Charged/.test(document.body.innerText) && document.querySelectorAll('tbody tr').length > 2);
  await p.locator('#key-name').fill('from the studio');
  await p.locator('#key-budget').fill('much');
  await p.getByRole('button', { name: 'Make a key' }).click();
  await p.waitForSelector('.problem:not([hidden])');
  assert.match(await text('.problem:not([hidden])', p), /amount/);
  await p.locator('#key-budget').fill('5.00');
  await p.getByRole('button', { name: 'Make a key' }).click();
  const made = await text('.secret code', p);
  assert.equal((await fetch(`${facts.url}/v1/models`, { headers: { Authorization: `Bearer ${made}` } })).status, 200);
  await p.setViewportSize({ width: 1280, height: 1600 });
  await shot('account', p);
  await faultless(p);

  // a key that is revoked while it is in use
  const q = await visit();
  await q.addInitScript((k) => sessionStorage.setItem('orator.key', JSON.stringify(k)), made);
  await q.goto(`${facts.url}/#video/task_of_nobody`);
  await q.getByRole('heading', { name: 'Nothing here' }).waitFor();
  await p.locator('tr', { hasText: 'from the studio' }).getByRole('button', { name: 'Revoke' }).click();
  await p.locator('dialog').getByRole('button', { name: 'Revoke' }).click();
  await p.locator('tr', { hasText: 'from the studio' }).waitFor({ state: 'detached' });
  await q.locator('nav a', { hasText: 'Videos' }).click();
  await q.waitForSelector('#key-problem:not([hidden])');
  await q.context().close();
  await p.context().close();
});

claim('dark, in Chinese, and on a phone it is as whole', async () => {
  const state = await page.context().storageState({ indexedDB: false });
  const key = await page.evaluate(() => sessionStorage.getItem('orator.key'));
  for (const [name, options] of [
    ['dark', { colorScheme: 'dark' }],
    ['chinese', { locale: 'zh-CN' }],
    ['phone', { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }],
  ]) {
    const p = await visit({ storageState: state, ...options });
    await p.addInitScript((k) => sessionStorage.setItem('orator.key', k), key);
    for (const view of ['', 'videos', 'account']) {
      await p.goto(`${facts.url}/#${view}`);
      await p.waitForSelector(view === 'videos' ? '.card' : view === '' ? '.drop' : '.part');
      await p.waitForTimeout(400);
      await shot(`${name}-${view || 'composer'}`, p);
      assert.ok(
        (await p.evaluate(() => document.documentElement.scrollWidth)) <= p.viewportSize().width,
        `${name} ${view} is too wide`,
      );
      if (name === 'chinese' && !view) assert.match(await text('h1', p), /新建视频/);
      if (name !== 'chinese') await faultless(p);
    }
    await p.context().close();
  }
});

claim('the first paint comes within half a second', async () => {
  const times = [];
  for (let i = 0; i < 4 && !(Math.min(...times) < 500); i++) {
    const p = await visit();
    await p.goto(facts.url);
    await p.waitForSelector('#key');
    times.push(
      await p
        .waitForFunction(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime)
        .then((handle) => handle.jsonValue()),
    );
    await p.context().close();
  }
  assert.ok(Math.min(...times) < 500, `${times} ms`);
  return `${times.map((ms) => Math.round(ms)).join(', ')} ms`;
});

claim('the policy of the page was never broken and nothing was thrown', async () => assert.deepEqual(wrong, []));

let gone = false;
for (const [text, show] of claims) {
  const row = { claim: text, problem: gone ? 'an earlier claim ended the visit' : '' };
  try {
    if (!gone) row.said = await show();
  } catch (e) {
    row.problem = `${e.message ?? e}`.slice(0, 3000);
    await page.context().setOffline(false);
    await shot('failure').catch(() => {
      gone = true;
    });
  }
  console.log(JSON.stringify(row));
}
await browser.close();
