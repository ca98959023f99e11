// The `openai` client against our /v1/videos: create, retrieve, list, content, delete, and a webhook's signature.
import assert from "node:assert";
import fs from "node:fs";
import OpenAI, { toFile } from "openai";

const { url, key, image, audio, audioUrl } = JSON.parse(process.argv[2]);
const client = new OpenAI({ apiKey: key, baseURL: `${url}/v1`, maxRetries: 0 });

let video = await client.videos.create({
  model: "sora-2",
  prompt: "friendly presenter",
  input_reference: await toFile(fs.readFileSync(image), "face.png", { type: "image/png" }),
  audio: await toFile(fs.readFileSync(audio), "voice.wav", { type: "audio/wav" }),
  fps: 12,
  resolution: "480p",
});
assert.match(video.id, /^video_/);
assert.equal(video.object, "video");
assert.equal(video.status, "queued");
assert.equal(video.model, "kling-avatar-v2-standard");
assert.ok(Number(video.seconds) > 1);

const seen = new Set();
while (!["completed", "failed"].includes(video.status)) {
  seen.add(video.status);
  await new Promise((r) => setTimeout(r, 50));
  video = await client.videos.retrieve(video.id);
}
assert.equal(video.status, "completed", JSON.stringify(video.error));
assert.ok([...seen].every((s) => ["queued", "in_progress"].includes(s)), [...seen].join());
assert.equal(video.progress, 100);
assert.equal(video.error, null);

const listed = [];
for await (const v of client.videos.list({ limit: 1 })) {
  listed.push(v.id);
  if (listed.length > 3) break;
}
assert.equal(listed[0], video.id);

const content = await client.videos.downloadContent(video.id);
const bytes = Buffer.from(await content.arrayBuffer());
assert.equal(content.headers.get("content-type"), "video/mp4");
assert.equal(bytes.subarray(4, 8).toString(), "ftyp");

const small = await client.videos.downloadContent(video.id, { variant: "thumbnail" });
assert.equal(small.headers.get("content-type"), "image/jpeg");
assert.equal(Buffer.from(await small.arrayBuffer()).subarray(0, 2).toString("hex"), "ffd8");

const gone = await client.videos.delete(video.id);
assert.deepEqual([gone.id, gone.object, gone.deleted], [video.id, "video.deleted", true]);
await assert.rejects(client.videos.retrieve(video.id), (e) => e instanceof OpenAI.NotFoundError && e.code === "task_not_found");
await assert.rejects(client.videos.create({ prompt: "x" }), (e) => e instanceof OpenAI.BadRequestError && e.param === "image_url");
await assert.rejects(client.videos.create({ prompt: "x", size: "3x3" }), (e) => e.param === "size");
const wrong = new OpenAI({ apiKey: "sk-wrong", baseURL: `${url}/v1`, maxRetries: 0 });
await assert.rejects(wrong.videos.list(), (e) => e instanceof OpenAI.AuthenticationError);

// a voice by URL, whose length nobody has said
const other = await client.videos.create({
  prompt: "x",
  audio_url: audioUrl,
  input_reference: await toFile(Buffer.from("not a picture"), "x.png"),
}).catch((e) => e);
assert.equal(other.code, "unsupported_image_format");
console.log("ok");
