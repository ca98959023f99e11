// The official client of the Model Context Protocol against `orator mcp`, on this machine or in front of a server.
import assert from "node:assert";
import fs from "node:fs";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";

const { orator, image, audio, long, output, url, key, noface } = JSON.parse(process.argv[2]);
const env = url ? { ...process.env, ORATOR_URL: url, ORATOR_API_KEY: key } : process.env;
const client = new Client({ name: "test", version: "1" });
await client.connect(new StdioClientTransport({ command: orator, args: ["mcp"], env }));
assert.equal(client.getServerVersion().name, "orator");
assert.match(client.getInstructions(), url ? /a server/ : /this machine/);
await client.ping();

const { tools } = await client.listTools();
const names = tools.map((t) => t.name);
assert.deepEqual(names, ["make_video", "video_status", "list_videos", "cancel_video", url ? "estimate_video" : "inspect_files"]);
const make = tools[0].inputSchema;
assert.deepEqual(make.properties.model.enum, ["standard", "pro"]);
assert.deepEqual([make.properties.fps.type, make.properties.no_blink.type, make.properties.motion_head.type], ["integer", "boolean", "number"]);

const call = (name, args, options) => client.callTool({ name, arguments: args }, undefined, options);
const quick = { image, audio, resolution: "480p", fps: 12, seed: 3, motion_head: 0.5, prompt: "warm smile" };

// the whole road in one call, with progress
const told = [];
const made = await call("make_video", { ...quick, output, model: "standard" }, { onprogress: (p) => told.push(p) });
assert.equal(made.isError, false, JSON.stringify(made));
const job = made.structuredContent;
assert.equal(job.status, "completed");
assert.equal(job.output, output);
assert.equal(fs.readFileSync(output).subarray(4, 8).toString(), "ftyp");
assert.equal(made.content[1].type, "resource_link");
assert.equal(made.content[1].uri, `file://${output}`);
assert.deepEqual(JSON.parse(made.content[0].text), job);
assert.ok(told.every((p, i) => p.total === 100 && (i === 0 || p.progress > told[i - 1].progress)), JSON.stringify(told));

// started, looked at, canceled
const started = (await call("make_video", { image, audio: long, output: `${output}.2.mp4`, model: "pro", fps: 60, wait_seconds: 0 })).structuredContent;
assert.ok(["queued", "processing"].includes(started.status));
assert.ok(["queued", "processing"].includes((await call("video_status", { id: started.id, wait_seconds: 0 })).structuredContent.status));
await call("cancel_video", { id: started.id });
const gone = await call("video_status", { id: started.id });
assert.equal(gone.isError, true);
assert.equal(gone.structuredContent.error.code, "canceled");
assert.ok(!fs.existsSync(`${output}.2.mp4`));

// a call that the client gives up stops its job
const stop = new AbortController();
const given = call("make_video", { image, audio: long, output: `${output}.3.mp4`, model: "pro", fps: 60 }, { signal: stop.signal });
setTimeout(() => stop.abort(), 300);
await assert.rejects(given);
let latest;
do {
  latest = (await call("list_videos", { limit: 3 })).structuredContent.videos;
} while (latest[0].status !== "failed");
assert.equal(latest[0].error.code, "canceled");
assert.equal(latest.length, 3);
assert.equal(latest[2].id, job.id);

// what is wrong is told to the assistant, not thrown at the client
for (const [args, text] of [
  [{ ...quick, image: noface, output }, /face_not_found/],
  [{ ...quick, image: "/none.png", output }, /not_found|none.png/],
  [{ ...quick, fps: 99, output }, /fps/],
  [{ ...quick, fps: true, output }, /fps has a wrong type/],
  [{ ...quick, colour: "red", output }, /takes no colour/],
  [{ audio, output }, /image is missing/],
]) {
  const failed = await call("make_video", args);
  assert.equal(failed.isError, true, JSON.stringify(args));
  assert.match(failed.content[0].text, text);
}
assert.match((await call("video_status", { id: "task_none" })).content[0].text, /task_not_found/);
await assert.rejects(call("fly", {}), /no such tool/);

if (url) {
  const told = (await call("estimate_video", quick)).structuredContent;
  assert.ok(told.ok && Number(told.price.expected) > 0 && told.faces.length === 1, JSON.stringify(told));
} else {
  const seen = (await call("inspect_files", { image, audio })).structuredContent;
  assert.ok(seen.audio_duration_seconds > 1 && seen.face_box.length === 4 && seen.warnings.length === 0);
}
await client.close();
console.log("ok");
