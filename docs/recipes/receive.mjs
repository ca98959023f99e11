// node receive.mjs PORT - hears of the end of videos; ORATOR_WEBHOOK_SECRET (whsec_...) in the environment.
import crypto from "node:crypto";
import http from "node:http";

const secret = Buffer.from(process.env.ORATOR_WEBHOOK_SECRET.replace(/^whsec_/, ""), "base64");
const seen = new Set(); // keep it in your database

// Standard Webhooks: signed by us, and not older than five minutes.
function isGenuine(headers, body) {
  const id = headers["webhook-id"], at = headers["webhook-timestamp"];
  if (!id || !(Math.abs(Date.now() / 1000 - Number(at)) <= 300)) return false;
  const good = crypto.createHmac("sha256", secret).update(`${id}.${at}.`).update(body).digest();
  return (headers["webhook-signature"] ?? "").split(" ").some((s) => {
    const sent = Buffer.from(s.replace(/^v1,/, ""), "base64");
    return s.startsWith("v1,") && sent.length === good.length && crypto.timingSafeEqual(sent, good);
  });
}

http.createServer(async (request, answer) => {
  const parts = [];
  for await (const part of request) parts.push(part);
  const body = Buffer.concat(parts), id = request.headers["webhook-id"];
  const genuine = isGenuine(request.headers, body);
  answer.writeHead(genuine ? 204 : 400).end();
  if (genuine && !seen.has(id)) { // a delivery may come twice
    seen.add(id);
    const event = JSON.parse(body);
    console.log(event.type, event.data.id);
  }
}).listen(Number(process.argv[2]), "127.0.0.1");
