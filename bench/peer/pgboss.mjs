// pgboss.mjs DATABASE rates WORKERS SECONDS | backlog JOBS CLAIMS - pg-boss doing what bench/store.c does: send; fetch and
// complete; fetch out of a backlog. Each worker is a process with a pool of one connection.
import { fork } from "node:child_process";
import PgBoss from "pg-boss";

const [, , database, what, n, m, role, index] = process.argv;
const workers = what === "backlog" ? 4 : +n;
const job = { model: "kling-avatar-v2-standard", image_url: "https://example.com/portrait.png",
              audio_url: "https://example.com/voice.mp3", audio_duration_seconds: 12.5 };
const open = async (first) => {
  const boss = new PgBoss({ connectionString: database, max: 1, supervise: false, schedule: false, migrate: !!first });
  boss.on("error", (e) => console.error(String(e)));
  await boss.start();
  return boss;
};

async function work() {
  const boss = await open(false), ms = [], end = performance.now() + (what === "backlog" ? 60 : +m) * 1000;
  const most = what === "backlog" ? +m / 4 : Infinity;
  while (performance.now() < end && ms.length < most) {
    const began = performance.now();
    if (role === "submit") await boss.send("video", { ...job, key: `key_${index}` });
    else {
      const [got] = await boss.fetch("video");
      if (!got) break;
      if (role === "finish") await boss.complete("video", got.id);
    }
    ms.push(performance.now() - began);
  }
  process.send(ms, () => process.exit(0));
}

function phase(name, label) {
  const all = [];
  let rate = 0;
  return new Promise((done) => {
    let left = workers;
    for (let i = 0; i < workers; i++) {
      const child = fork(process.argv[1], [database, what, n, m, name, i]);
      child.on("message", (ms) => {
        for (const x of ms) all.push(x);
        if (ms.length) rate += ms.length / ms.reduce((a, b) => a + b) * 1000; // as bench/store.c reckons
      });
      child.on("exit", () => {
        if (--left) return;
        all.sort((a, b) => a - b);
        const at = (q) => (all[Math.floor(all.length * q)] ?? 0).toFixed(2).padStart(7);
        console.log(`${label.padEnd(28)} ${rate.toFixed(0).padStart(8)} /s   median ${at(0.5)} ms   p99 ${at(0.99)} ms   (${all.length})`);
        done();
      });
    }
  });
}

if (role) await work();
else {
  const boss = await open(true);
  await boss.createQueue("video");
  if (what === "rates") {
    await phase("submit", `send, ${workers} at once`);
    await phase("finish", `fetch + complete, ${workers} at once`);
  } else {
    for (let left = +n; left > 0; left -= 10000)
      await boss.insert(Array.from({ length: Math.min(left, 10000) }, (_, i) => ({ name: "video", data: { ...job, key: `key_${i % 10}` } })));
    await phase("claim", `fetch out of ${n}`);
  }
  process.exit(0);
}
