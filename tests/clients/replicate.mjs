// Replicate's client: run, predictions with files and waits, list, cancel.
import assert from "node:assert";
import fs from "node:fs";
import Replicate from "replicate";

const { url, key, image, audio, imageUrl, audioUrl, missing } = JSON.parse(process.argv[2]);
const replicate = new Replicate({ auth: key, baseUrl: `${url}/v1`, userAgent: "test" });
const quick = { resolution: "480p", fps: 12 };

// Buffers are uploaded by the client itself; run() waits; what begins with https it would give back as a file
const output = await replicate.run("kwaivgi/kling-avatar-v2", {
  input: { image: fs.readFileSync(image), audio: fs.readFileSync(audio), prompt: "calm", mode: "std", ...quick },
});
const bytes = Buffer.from(await (await fetch(typeof output === "string" ? output : output.url())).arrayBuffer());
assert.equal(bytes.subarray(4, 8).toString(), "ftyp");

const made = await replicate.predictions.create({
  version: "kling-avatar-v2-standard",
  input: { image: imageUrl, audio: audioUrl, ...quick },
  wait: 60,
});
assert.equal(made.status, "succeeded");
assert.equal(typeof made.output, "string");
assert.ok(new Date(made.completed_at) >= new Date(made.created_at));
assert.equal(made.urls.get, `${url}/v1/predictions/${made.id}`);
const again = await replicate.predictions.get(made.id);
assert.equal(again.status, "succeeded");

const failed = await replicate.predictions.create({
  version: "kling-avatar-v2-standard", input: { image: missing, audio: audioUrl }, wait: 60,
});
assert.equal(failed.status, "failed");
assert.ok(failed.error.length > 5);

const first = await replicate.predictions.create({ version: "kling-avatar-v2-pro", input: { image: imageUrl, audio: audioUrl } });
assert.equal(first.status, "starting");
const canceled = await replicate.predictions.cancel(first.id);
assert.equal(canceled.status, "canceled");
const page = await replicate.predictions.list();
assert.equal(page.results[0].id, first.id);
await assert.rejects(
  replicate.predictions.create({ version: "stability/other", input: {} }),
  (e) => e.response.status === 404,
);
const secret = await replicate.webhooks.default.secret.get();
assert.match(secret.key, /^whsec_/);
console.log("ok");
