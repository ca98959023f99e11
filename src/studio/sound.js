// Samples of a voice: how long it is, how it looks, and as a WAV file.

let context;
export const audio = () => (context ??= new AudioContext());

const BARS = 72;

/** {seconds, peaks (0..1), buffer}; null if the browser cannot read it: the server may well. */
export async function decode(blob) {
  try {
    const buffer = await audio().decodeAudioData(await blob.arrayBuffer());
    const samples = buffer.getChannelData(0),
      step = Math.max(1, Math.floor(samples.length / BARS));
    const peaks = Array.from({ length: BARS }, (_, i) => {
      let sum = 0;
      for (let k = i * step; k < (i + 1) * step; k += 4) sum += samples[k] ** 2 || 0;
      return Math.sqrt((sum * 4) / step);
    });
    const top = Math.max(...peaks, 1e-3);
    return { seconds: buffer.duration, peaks: peaks.map((p) => p / top), buffer };
  } catch {
    return null;
  }
}

/** The drawing of the bars, 3 wide each on a field 40 high. */
export const bars = (peaks) =>
  peaks
    .map((p, i) => {
      const half = Math.max(1, p * 18);
      return `M${i * 5 + 2} ${20 - half}v${2 * half}`;
    })
    .join('');
export const BARS_WIDTH = BARS * 5 - 1;

/** One channel, 16 bits: RIFF header of 44 bytes, then the samples. */
export function wav(buffer) {
  const channels = Array.from({ length: buffer.numberOfChannels }, (_, c) => buffer.getChannelData(c));
  const n = buffer.length,
    rate = buffer.sampleRate,
    view = new DataView(new ArrayBuffer(44 + 2 * n));
  const word = (at, text) => [...text].forEach((c, i) => view.setUint8(at + i, c.charCodeAt(0)));
  word(0, 'RIFF');
  view.setUint32(4, 36 + 2 * n, true);
  word(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, 2 * rate, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  word(36, 'data');
  view.setUint32(40, 2 * n, true);
  for (let i = 0; i < n; i++) {
    const mean = channels.reduce((sum, c) => sum + c[i], 0) / channels.length;
    view.setInt16(44 + 2 * i, Math.max(-1, Math.min(1, mean)) * 32767, true);
  }
  return new File([view.buffer], `${t0()}.wav`, { type: 'audio/wav' });
}
const t0 = () => `recording-${new Date().toISOString().slice(0, 16).replace(/[-:]/g, '').replace('T', '-')}`;

/** Records until stop() is called; level(0..1) is told as it goes. Resolves to {stop, cancel, file: Promise of a WAV or null}. */
export async function record(level) {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: { channelCount: 1, echoCancellation: false, noiseSuppression: true },
  });
  const recorder = new MediaRecorder(stream),
    pieces = [];
  const meter = audio().createAnalyser(),
    source = audio().createMediaStreamSource(stream),
    seen = new Float32Array(1024);
  meter.fftSize = 1024;
  source.connect(meter);
  audio().resume();
  let kept = true;
  const timer = setInterval(() => {
    meter.getFloatTimeDomainData(seen);
    level(Math.min(1, 3 * Math.sqrt(seen.reduce((sum, v) => sum + v * v, 0) / seen.length)));
  }, 60);
  const file = new Promise((done) => {
    recorder.ondataavailable = (e) => pieces.push(e.data);
    recorder.onstop = async () => {
      clearInterval(timer);
      source.disconnect();
      for (const track of stream.getTracks()) track.stop();
      const sound = kept && (await decode(new Blob(pieces, { type: recorder.mimeType })));
      done(sound ? wav(sound.buffer) : null);
    };
  });
  recorder.start(250);
  return {
    file,
    stop: () => recorder.stop(),
    cancel: () => {
      kept = false;
      recorder.stop();
    },
  };
}
