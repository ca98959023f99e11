// Posts as they arrived, judged by the library of Standard Webhooks and by the openai client.
import assert from "node:assert";
import OpenAI from "openai";
import { Webhook } from "standardwebhooks";

const { secret, posts } = JSON.parse(process.argv[2]);
const openai = new OpenAI({ apiKey: "none", webhookSecret: secret });
for (const { headers, body } of posts) {
  const event = new Webhook(secret).verify(body, headers);
  assert.match(event.type, /^(video\.(completed|failed)|webhook\.test)$/);
  assert.equal((await openai.webhooks.unwrap(body, headers)).type, event.type);
  assert.throws(() => new Webhook(secret).verify(body.replace("type", "tipe"), headers));
}
// Kling's published vector, ten years from any clock of ours
const hook = new Webhook("whsec_dGVzdHNlY3JldHRlc3RzZWNyZXR0ZXN0c2VjcmV0MTI=");
assert.equal(
  hook.sign("9876543210", new Date(1781080794000),
    '{"id":"1234567890","status":"succeeded","message":"","create_time":1781080778802,"update_time":1781080794151}'),
  "v1,UsKlJP00XoQyOn410NM9xv34sP+Gl0jnOO9Lcpr7NJ4=",
);
console.log("ok");
