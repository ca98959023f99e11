// A draft of the composer as the body of a submit, and a job as a draft again.
import * as memory from './memory.js';
import * as server from './server.js';

const clean = (name) => (name ?? '').replace(/\.\w{2,4}$/, '');

/** A draft as the body of a submit. */
export function body(draft) {
  const name = [clean(draft.image?.name), clean(draft.audio?.name)].filter(Boolean).join(' · ').slice(0, 200);
  const notes = {
    name,
    studio_image: draft.image?.id ?? draft.image?.url,
    studio_audio: draft.audio?.id ?? draft.audio?.url,
    studio_prompt: draft.prompt.slice(0, 500),
  };
  const moves = draft.head !== 1 || draft.expression !== 1 || !draft.blink;
  return {
    model: draft.model || server.models[0].id,
    image_url: draft.image?.id ?? draft.image?.url,
    audio_url: draft.audio?.id ?? draft.audio?.url,
    ...(draft.audio?.seconds && { audio_duration_seconds: Math.round(draft.audio.seconds * 1000) / 1000 }),
    ...(draft.prompt.trim() && { prompt: draft.prompt.trim() }),
    ...(draft.face_box && { face_box: draft.face_box }),
    ...(draft.resolution && { resolution: draft.resolution }),
    ...(draft.aspect_ratio !== 'source' && { aspect_ratio: draft.aspect_ratio }),
    ...(draft.fps && { fps: Number(draft.fps) }),
    ...(draft.seed !== '' && { seed: Number(draft.seed) }),
    ...(moves && { motion: { head: draft.head, expression: draft.expression, blink: draft.blink } }),
    ...(draft.captions && { captions: 'vtt', ...(draft.said.trim() && { text: draft.said.trim() }) }),
    ...(draft.label && { watermark_info: { enabled: true } }),
    metadata: Object.fromEntries(Object.entries(notes).filter(([, v]) => v && v.length <= 512)),
  };
}

/** The other way, for "again with changes". */
export function draftOf(job) {
  const o = server.models.find((x) => x.id === job.model)?.options ?? {},
    m = job.metadata ?? {},
    names = (m.name ?? '').split(' · ');
  const source = (value, name) => (!value ? null : value.startsWith('file_') ? { id: value, name } : { url: value });
  return {
    ...memory.freshDraft(),
    image: source(m.studio_image, names[0]),
    audio: source(m.studio_audio, names[1]),
    prompt: job.prompt ?? m.studio_prompt ?? '',
    face_box: job.face_box ?? null,
    model: job.model,
    aspect_ratio: job.aspect_ratio ?? 'source',
    resolution: job.resolution === o.resolution?.default ? '' : (job.resolution ?? ''),
    fps: job.fps === o.fps?.default ? '' : (job.fps ?? ''),
    captions: job.captions === 'vtt',
    head: job.motion?.head ?? 1,
    expression: job.motion?.expression ?? 1,
    blink: job.motion?.blink ?? true,
  };
}
