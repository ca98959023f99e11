// node make_video.mjs PORTRAIT VOICE OUT.mp4 - Node 20 or later, no packages; ORATOR_URL and ORATOR_API_KEY in the environment.
import fs from "node:fs";
import path from "node:path";

const url = (process.env.ORATOR_URL ?? "http://127.0.0.1:8080").replace(/\/+$/, "");
const [portrait, voice, out] = process.argv.slice(2);

// One request. Busy servers and rate limits are asked again when they say.
async function ask(where, options = {}) {
  for (let attempt = 0; ; attempt++) {
    const answer = await fetch(url + where, { ...options, headers: { Authorization: `Bearer ${process.env.ORATOR_API_KEY}` } });
    if (answer.ok) return answer;
    const { error } = await answer.json();
    if (![429, 503].includes(answer.status) || attempt === 5) throw new Error(`${error.code}: ${error.message}`);
    const seconds = Number(answer.headers.get("Retry-After") ?? 2 ** attempt);
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  }
}

const form = new FormData();
const fields = { model: "kling-avatar-v2-standard", prompt: "friendly presenter, warm smile" };
for (const [name, value] of Object.entries(fields)) form.set(name, value);
form.set("image", await fs.openAsBlob(portrait), path.basename(portrait));
form.set("audio", await fs.openAsBlob(voice), path.basename(voice));

const { task_id } = await (await ask("/v1/videos", { method: "POST", body: form })).json();
let job;
do {
  // answered when the job is over, or after 30 seconds
  job = await (await ask(`/v1/video/generations/${task_id}?wait=30`)).json();
  if (job.status === "failed") throw new Error(`${job.error.code}: ${job.error.message}`);
} while (job.status !== "completed");

const video = await ask(`/v1/video/generations/${task_id}/content`);
fs.writeFileSync(out, Buffer.from(await video.arrayBuffer()));
console.log(out, job.result.duration_seconds, "s");
