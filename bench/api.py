#!/usr/bin/env python3
"""How many requests a second does the server take, next to fastify + bullmq + Redis in the same run?

    bench/api.py [--seconds 8] [--connections 64] [--runs 3] [--no-peer]

Drives both with wrk, in turns: durable submits, then reads of one task's status. Ours runs with the engine `none`,
so that only the server works, and without limits of keys and queue; each submit is a committed transaction (task, reserve, ledger) before its answer. The
peer's Redis appends and syncs every write (appendfsync always), which is the same promise; and once with
appendfsync everysec, Redis' default, which loses up to a second. wrk shares the machine's processors with what it
measures. Prints for each: requests a second (the best run), the 99th percentile of the same run, what the server's own processes took for
a request in CPU time, which other work on the machine hardly changes, errors. docs/throughput.md says where that time goes.

Needs wrk and redis-server (Debian packages), node, and `npm ci` in bench/peer.
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[1]
PATH = "/v1/video/generations"
BODY = {"model": "kling-avatar-v2-standard", "image_url": "https://example.com/portrait.png",
        "audio_url": "https://example.com/voice.mp3", "audio_duration_seconds": 12.5, "prompt": "A friendly host."}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Ours:
    name = "orator"

    def __init__(self, a, folder):
        data = f"{folder}/data"
        environment = {**os.environ, "ORATOR_ENGINE_STANDARD": "none", "ORATOR_ENGINE_PRO": "none", "ORATOR_LOG_LEVEL": "error",
                       "ORATOR_REQUESTS_PER_MINUTE": "0",
                       "ORATOR_PARALLEL_JOBS": "0", "ORATOR_MAX_WAITING": "10000000"}
        self.processes = [subprocess.Popen([a.orator, "serve", "--port", "0", "--data", data], env=environment,
                                           stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)]
        self.url = re.search(r"http://\S+", self.processes[0].stdout.readline()).group(0)
        self.key = subprocess.run([a.orator, "keys", "create", "bench", "--data", data], check=True, capture_output=True,
                                  text=True).stdout.strip()


class Peer:
    def __init__(self, a, folder, sync):
        self.name = f"fastify + bullmq + Redis, appendfsync {sync}"
        redis_port, port, self.key = free_port(), free_port(), "sk-bench"
        os.makedirs(f"{folder}/redis-{sync}")
        redis = subprocess.Popen(["redis-server", "--port", str(redis_port), "--bind", "127.0.0.1", "--appendonly", "yes",
                                  "--appendfsync", sync, "--dir", f"{folder}/redis-{sync}", "--save", ""], stdout=subprocess.DEVNULL)
        environment = {**os.environ, "REDIS_PORT": str(redis_port), "PORT": str(port), "KEY": self.key,
                       "PROCESSES": str(a.peer_processes), "NODE_ENV": "production"}
        node = subprocess.Popen(["node", "server.mjs"], cwd=ROOT / "bench" / "peer", env=environment,
                                stdout=subprocess.PIPE, text=True)
        self.processes = [node, redis]
        assert node.stdout.readline().strip() == "ready"
        self.url = f"http://127.0.0.1:{port}"


def stop(server):
    for process in server.processes:
        process.terminate()
        process.wait(timeout=30)


def submit_one(server):
    request = urllib.request.Request(server.url + PATH, json.dumps(BODY).encode(), {
        "Authorization": f"Bearer {server.key}", "Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as r:
        return json.load(r)["id"]


def cpu_s(pid):
    """What a process and its children have used so far."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") + sum(cpu_s(int(c)) for c in children)


def drive(a, server, path, script=None):
    """(requests a second, p99 in ms, requests that were not answered with 2xx, us of CPU that the server took for one)."""
    before_s = sum(cpu_s(p.pid) for p in server.processes)
    command = ["wrk", "-t2", f"-c{a.connections}", f"-d{a.seconds}s", "--latency", "-H", f"Authorization: Bearer {server.key}"]
    out = subprocess.run(command + (["-s", script] if script else []) + [server.url + path], check=True, capture_output=True,
                         text=True).stdout
    value, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", out).groups()
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
    took_s = sum(cpu_s(p.pid) for p in server.processes) - before_s
    return (float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1)), float(value) * {"us": 1e-3, "ms": 1, "s": 1e3}[unit],
            int(wrong.group(1)) if wrong else 0, 1e6 * took_s / int(re.search(r"(\d+) requests in", out).group(1)))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--seconds", type=int, default=8)
    p.add_argument("--connections", type=int, default=64)
    p.add_argument("--runs", type=int, default=3)
    p.add_argument("--no-peer", action="store_true")
    p.add_argument("--peer-processes", type=int, default=os.cpu_count())
    p.add_argument("--orator", default=str(ROOT / "build" / "orator"))
    a = p.parse_args()
    for tool in ["wrk"] + ([] if a.no_peer else ["redis-server", "node"]):
        if not shutil.which(tool):
            raise SystemExit(f"{tool} is not installed, see --help")
    if not a.no_peer and not (ROOT / "bench" / "peer" / "node_modules").exists():
        subprocess.run(["npm", "ci", "--silent"], cwd=ROOT / "bench" / "peer", check=True)

    with tempfile.TemporaryDirectory(dir=ROOT / "build") as folder:  # a disk, not a memory file system
        script = f"{folder}/submit.lua"
        pathlib.Path(script).write_text('wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\n'
                                        f"wrk.body = {json.dumps(json.dumps(BODY))}\n", encoding="ascii")
        servers = [Ours(a, folder)]
        try:
            if not a.no_peer:
                servers += [Peer(a, folder, "always"), Peer(a, folder, "everysec")]
            tasks = [submit_one(s) for s in servers]
            rows = {}
            for _ in range(a.runs):
                for server, task in zip(servers, tasks):
                    rows.setdefault(("submit", server.name), []).append(drive(a, server, PATH, script))
                    rows.setdefault(("status", server.name), []).append(drive(a, server, f"{PATH}/{task}"))
        finally:
            for server in servers:
                stop(server)
    print(f"{a.connections} connections, {a.seconds} s, best of {a.runs}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    for what in ("submit", "status"):
        for server in servers:
            best = max(rows[what, server.name])
            print(f"{what}  {server.name:45s} {best[0]:9.0f} /s   p99 {best[1]:7.2f} ms   CPU {best[3]:6.1f} us   errors {sum(r[2] for r in rows[what, server.name])}")


if __name__ == "__main__":
    main()
