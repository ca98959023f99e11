// fal's client through /fal/proxy: subscribe, submit, status, stream of statuses, cancel, errors.
import assert from "node:assert";
import { createFalClient } from "@fal-ai/client";

const { url, key, imageUrl, audioUrl, missing } = JSON.parse(process.argv[2]);
const fal = createFalClient({ credentials: key, proxyUrl: { url: `${url}/fal/proxy`, when: "always" } });
const model = "fal-ai/kling-video/ai-avatar/v2/standard";
const input = { image_url: imageUrl, audio_url: audioUrl, prompt: "calm", resolution: "480p", fps: 12 };

const states = [];
const done = await fal.subscribe(model, { input, pollInterval: 100, onQueueUpdate: (u) => states.push(u.status) });
assert.match(done.data.video.url, /^http.*\.mp4/);
assert.equal(done.data.video.content_type, "video/mp4");
assert.ok(done.data.duration > 1);
assert.ok(done.requestId.startsWith("task_"));
assert.ok(states.every((s) => ["IN_QUEUE", "IN_PROGRESS", "COMPLETED"].includes(s)), states.join());
assert.equal(states.at(-1), "COMPLETED");

const queued = await fal.queue.submit("fal-ai/kling-video/ai-avatar/v2/pro", { input });
assert.equal(queued.status, "IN_QUEUE");
const status = await fal.queue.status("fal-ai/kling-video/ai-avatar/v2/pro", { requestId: queued.request_id });
assert.notEqual(status.status, "COMPLETED");
await fal.queue.cancel("fal-ai/kling-video/ai-avatar/v2/pro", { requestId: queued.request_id });
await assert.rejects(
  fal.queue.result("fal-ai/kling-video/ai-avatar/v2/pro", { requestId: queued.request_id }),
  (e) => e.status === 409,
);

const bad = await fal.queue.submit(model, { input: { ...input, image_url: missing } });
await fal.queue.subscribeToStatus(model, { requestId: bad.request_id, pollInterval: 100 });
await assert.rejects(fal.queue.result(model, { requestId: bad.request_id }), (e) => e.status === 424);
await assert.rejects(fal.queue.submit(model, { input: {} }), (e) => e.status === 400);
await assert.rejects(fal.queue.submit("fal-ai/flux", { input: {} }), (e) => e.status === 404);
console.log("ok");
