// The voice: a file, a recording, typed text spoken by the server, or a link; and its player.
import { button, choice, h, icon, iconButton, pick, seconds, svg } from './dom.js';
import * as server from './server.js';
import { bars, BARS_WIDTH, decode, record } from './sound.js';
import { host } from './portrait.js';
import { t } from './words.js';

const speakerOf = (text) => (/[\u3040-\u30ff]/.test(text) ? 'ja' : /[\u4e00-\u9fff]/.test(text) ? 'cmn' : 'en-us');

/** `draft` is read and written: voice (the way), text, speaker. `changed(audio, problem)`: {id, name, seconds}, {url, seconds}, or null. */
export function voice(draft, changed, keep) {
  const body = h('div', { class: 'voice-body' });
  const root = h(
    'div',
    {
      class: 'voice',
      ondragover: (e) => {
        e.preventDefault();
        root.classList.add('over');
      },
      ondragleave: () => root.classList.remove('over'),
      ondrop: () => root.classList.remove('over'),
    },
    body,
  );
  const input = h('input', {
    type: 'file',
    id: 'voice-file',
    class: 'away',
    'aria-label': t('Choose a recording'),
    accept: 'audio/*,.mp3,.wav,.m4a,.aac,.ogg,.flac',
    onchange: () => {
      if (input.files[0]) take(input.files[0]);
      input.value = '';
    },
  });
  let recording = null,
    player = null;
  const guard = (e) => {
    if (recording) e.preventDefault();
  }; // a recording in hand is on no server yet
  addEventListener('beforeunload', guard);

  const ways = {
    file: () =>
      h(
        'div',
        { class: 'drop low' },
        h('p', null, t('Drop a recording here')),
        h('p', { class: 'soft' }, t('mp3, wav, m4a, aac, ogg or flac; 2 seconds to 5 minutes.')),
        h('label', { class: 'button', htmlFor: 'voice-file' }, icon('file'), h('span', null, t('Choose a recording'))),
      ),
    mic: microphone,
    text: typed,
    url: linked,
  };

  function pickWay(way) {
    draft.voice = way;
    keep();
    stop();
    body.querySelector('.way').replaceChildren(ways[way]());
  }

  function empty() {
    stop();
    const rows = [
      ['file', icon('file'), t('File')],
      ['mic', icon('mic'), t('Record')],
      ['text', icon('text'), t('Type')],
      ['url', icon('link'), t('Link')],
    ];
    if (!rows.some(([way]) => way === draft.voice)) draft.voice = 'file';
    body.replaceChildren(
      input,
      choice('way', t('How the voice comes'), rows, draft.voice, pickWay),
      h('div', { class: 'way' }, ways[draft.voice]()),
    );
  }

  function stop() {
    recording?.cancel();
    recording = null;
    player?.pause();
    player = null;
  }

  function microphone() {
    const box = h('div', { class: 'drop low' });
    const idle = (problem) =>
      box.replaceChildren(
        h('p', null, t('Speak as you would to one person')),
        h('p', { class: problem ? 'problem' : 'soft' }, problem || t('A quiet room, a hand from the microphone.')),
        button(t('Start recording'), { icon: 'mic', onclick: begin }),
      );
    async function begin() {
      if (!navigator.mediaDevices) return idle(t('Browsers give the microphone to pages on https or localhost alone.'));
      const meter = h('div', { class: 'meter' }),
        clock = h('p', { class: 'clock', role: 'timer' }, '0:00');
      try {
        recording = await record((level) => {
          meter.style.setProperty('--level', level);
          const s = Math.floor((performance.now() - from) / 1000);
          clock.textContent = `${Math.floor(s / 60)}:${String(s % 60).padStart(2, '0')}`;
        });
      } catch {
        return idle(t('The browser did not give the microphone. Allow it beside the address, then try again.'));
      }
      const from = performance.now();
      const finish = button(t('Stop'), { kind: 'primary', onclick: () => recording?.stop() });
      box.replaceChildren(
        meter,
        clock,
        h(
          'div',
          { class: 'row middle' },
          finish,
          button(t('Discard'), {
            kind: 'quiet',
            onclick: () => {
              recording?.cancel();
            },
          }),
        ),
      );
      finish.focus();
      const file = await recording.file;
      recording = null;
      if (file) take(file);
      else idle();
    }
    idle();
    return box;
  }

  function typed() {
    const problem = h('p', { class: 'problem', role: 'alert', hidden: true });
    const area = h('textarea', {
      id: 'voice-text',
      rows: 4,
      maxLength: 4096,
      value: draft.text,
      placeholder: t('What should be said?'),
      oninput: () => {
        draft.text = area.value;
        keep();
      },
    });
    const speak = button(t('Make the voice'), {
      icon: 'text',
      onclick: async () => {
        if (!area.value.trim()) return area.focus();
        speak.disabled = true;
        problem.hidden = true;
        try {
          const json = {
            model: 'tts-1',
            input: area.value,
            voice: draft.speaker || speakerOf(area.value),
            response_format: 'wav',
          };
          const stored = await server.call('POST', '/v1/audio/speech', { json, headers: { Accept: 'application/json' } });
          const told = { id: stored.id, name: area.value.trim().slice(0, 40), seconds: stored.duration_seconds };
          await show(told);
          changed(told);
        } catch (e) {
          problem.textContent = e.message;
          problem.hidden = false;
        }
        speak.disabled = false;
      },
    });
    return h(
      'div',
      { class: 'stack' },
      h('label', { class: 'away', htmlFor: 'voice-text' }, t('Text to speak')),
      area,
      problem,
      h('div', { class: 'row' }, speakers(), speak),
    );
  }

  function speakers() {
    const rows = [
      ['', t('By its language')],
      ['en-us', 'English (US)'],
      ['en-us+f3', 'English (US), ♀'],
      ['en-gb', 'English (UK)'],
      ['cmn', '普通话'],
      ['ja', '日本語'],
      ['fr-fr', 'Français'],
      ['de', 'Deutsch'],
      ['es', 'Español'],
    ];
    return pick(t('Speaker'), rows, draft.speaker, (value) => {
      draft.speaker = value;
      keep();
    });
  }

  function linked() {
    const url = h('input', {
      type: 'url',
      id: 'voice-url',
      placeholder: 'https://',
      required: true,
      autocomplete: 'off',
      spellcheck: false,
    });
    return h(
      'form',
      {
        class: 'stack',
        onsubmit: (e) => {
          e.preventDefault();
          const value = { url: url.value.trim() };
          show(value);
          changed(value);
        },
      },
      h('label', { htmlFor: 'voice-url' }, t('Address of a recording')),
      url,
      h('div', { class: 'row' }, h('button', { class: 'button' }, t('Use'))),
    );
  }

  async function take(file) {
    const audio = { name: file.name };
    play(audio, file, null, true);
    try {
      const [stored, sound] = await Promise.all([server.upload(file, 'audio'), decode(file)]);
      const told = { id: stored.id, name: stored.filename, seconds: stored.duration_seconds ?? sound?.seconds };
      play(told, file, sound);
      changed(told);
    } catch (e) {
      empty();
      changed(null, e);
    }
  }

  function play(audio, blob, sound, busy) {
    stop();
    const title = h('p', { class: 'caption' }, audio.name ?? host(audio.url));
    const length = h('span', { class: 'soft number' }, busy ? t('Uploading…') : seconds(audio.seconds ?? sound?.seconds));
    const remove = iconButton('close', t('Remove the voice'), {
      onclick: () => {
        empty();
        changed(null);
      },
    });
    let front = null;
    if (blob) {
      const url = URL.createObjectURL(blob),
        element = (player = new Audio(url));
      const path = bars(sound?.peaks ?? Array(72).fill(0.12));
      const toggle = iconButton('play', t('Play'), {
        class: 'icon-button round',
        onclick: () => (element.paused ? element.play() : element.pause()),
      });
      const played = h('div', { class: 'played' }, wave(path));
      const seek = h('input', {
        type: 'range',
        min: 0,
        max: 1000,
        value: 0,
        'aria-label': t('Position'),
        oninput: () => {
          if (element.duration) element.currentTime = (seek.value / 1000) * element.duration;
        },
      });
      const face = () => {
        toggle.replaceChildren(icon(element.paused ? 'play' : 'pause'));
        toggle.title = element.paused ? t('Play') : t('Pause');
        toggle.setAttribute('aria-label', toggle.title);
      };
      element.ontimeupdate = () => {
        const part = element.currentTime / (element.duration || 1);
        seek.value = part * 1000;
        played.style.setProperty('--part', part);
      };
      element.onplay = element.onpause = element.onended = face;
      front = h('div', { class: 'player' }, toggle, h('div', { class: 'wave' }, wave(path), played, seek));
    }
    body.replaceChildren(
      input,
      h(
        'div',
        { class: 'below' },
        title,
        length,
        h('label', { class: 'button quiet small', htmlFor: 'voice-file' }, t('Replace')),
        remove,
      ),
      front ?? '',
    );
  }

  async function show(audio) {
    if (!audio) return empty();
    if (!audio.id) return play(audio);
    play(audio, null, null, false);
    try {
      const blob = await server.blob(`/v1/files/${audio.id}/content`);
      play(audio, blob, await decode(blob));
    } catch (e) {
      if (e.status === 404) {
        empty();
        changed(null, { message: t('The server no longer has this voice; choose it again') });
      }
    }
  }
  return {
    root,
    show,
    take,
    stop: () => {
      stop();
      removeEventListener('beforeunload', guard);
    },
  };
}

const wave = (path) =>
  svg('svg', { viewBox: `0 0 ${BARS_WIDTH} 40`, preserveAspectRatio: 'none', 'aria-hidden': 'true' }, svg('path', { d: path }));
