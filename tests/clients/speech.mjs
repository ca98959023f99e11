// The `openai` client against our /v1/audio/speech: sound in each format, a file of it, and what is refused.
import assert from "node:assert";
import OpenAI from "openai";

const { url, key } = JSON.parse(process.argv[2]);
const client = new OpenAI({ apiKey: key, baseURL: `${url}/v1`, maxRetries: 0 });
const text = { model: "tts-1", input: "Maybe my brother plays by the pool.", voice: "nova" };

const begins = { mp3: /^(ID3|\xff)/, wav: /^RIFF/, flac: /^fLaC/, aac: /^\xff/, opus: /^OggS/, pcm: /^/ };
for (const [format, magic] of Object.entries(begins)) {
  const answer = await client.audio.speech.create({ ...text, response_format: format, speed: 1.2 });
  const bytes = Buffer.from(await answer.arrayBuffer());
  assert.ok(bytes.length > 5000, `${format}: ${bytes.length} bytes`);
  assert.match(bytes.subarray(0, 8).toString("latin1"), magic);
  assert.ok(Number(answer.headers.get("x-audio-duration-seconds")) > 1);
  if (format === "pcm") assert.equal(answer.headers.get("x-file-id"), null);
  else {
    const file = await client.files.retrieve(answer.headers.get("x-file-id"));
    assert.equal(file.bytes, bytes.length);
    const again = Buffer.from(await (await client.files.content(file.id)).arrayBuffer());
    assert.ok(again.equals(bytes));
    assert.equal((await client.files.delete(file.id)).deleted, true);
  }
}

const refused = async (change, field) => {
  const error = await client.audio.speech.create({ ...text, ...change }).then(() => null, (e) => e);
  assert.ok(error instanceof OpenAI.BadRequestError, String(error));
  assert.equal(error.param, field);
};
await refused({ voice: "nobody" }, "voice");
await refused({ response_format: "midi" }, "response_format");
await refused({ speed: 9 }, "speed");
await refused({ input: "" }, "input");
await refused({ input: "a".repeat(4097) }, "input");
console.log("ok");
