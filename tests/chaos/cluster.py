"""Servers and workers over one store, each of which may be killed, paused, or told a wrong time."""
import os
import pathlib
import re
import signal
import socket
import sqlite3
import struct
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
ORATOR = pathlib.Path(os.environ.get("ORATOR_PROGRAM", ROOT / "build" / "orator"))

NAMED = ["SELECT video_name FROM tasks WHERE video_name IS NOT NULL", "SELECT thumbnail_name FROM tasks WHERE thumbnail_name IS NOT NULL",
         "SELECT captions_name FROM tasks WHERE captions_name IS NOT NULL", "SELECT blob_name FROM files"]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Node:
    """One process of ours, always with the same port, which is started again when it was ended."""

    def __init__(self, name, command, folder, environment):
        self.name, self.port = name, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / f"{name}.log"
        self.clock = folder / f"{name}.clock"
        self.set_clock(0)
        self.command = [ORATOR, command, "--port", str(self.port)]
        self.environment = {**os.environ, **environment, "LD_PRELOAD": str(folder / "clock.so"), "CHAOS_CLOCK": str(self.clock)}
        self.process, self.starts, self.paused = None, 0, False

    def set_clock(self, ahead_ms):
        with open(self.clock, "r+b" if self.clock.exists() else "wb") as f:
            f.write(struct.pack("q", ahead_ms))

    def start(self):
        """Until it listens, or gives up (as it may where its store is away): the next start comes by itself."""
        with open(self.log, "a", encoding="utf-8") as log:
            self.process = subprocess.Popen(self.command, env=self.environment, stdout=subprocess.DEVNULL, stderr=log)
        self.starts += 1

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.paused = False

    def stop(self):
        """SIGTERM; its exit status, or "killed" where it did not end in half a minute."""
        self.resume()
        self.process.terminate()
        try:
            return self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.kill()
            return "killed"

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)
        self.paused = True

    def resume(self):
        if self.paused:
            self.process.send_signal(signal.SIGCONT)
            self.paused = False

    def said(self, word):
        return len(re.findall(rf"\b{word}\b", self.log.read_text(encoding="utf-8", errors="replace")))


class Cluster:
    """All nodes, and how to talk to their store."""

    def __init__(self, folder, data, servers, workers, environment):
        self.folder, self.data, self.environment = folder, data, environment
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", folder / "clock.so", pathlib.Path(__file__).with_name("clock.c")], check=True)
        self.servers = [Node(f"server{i}", "serve", folder, environment) for i in range(servers)]
        self.workers = [Node(f"worker{i}", "worker", folder, environment) for i in range(workers)]
        self.nodes = self.servers + self.workers

    def orator(self, *words):
        done = subprocess.run([ORATOR, *words], env={**os.environ, **self.environment}, capture_output=True, text=True)
        return done.returncode, done.stdout.strip() or done.stderr.strip()

    def start(self):
        for node in self.nodes:
            node.start()

    def await_port(self, node, seconds=20):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with socket.socket() as s:
                s.settimeout(1)
                if s.connect_ex(("127.0.0.1", node.port)) == 0:
                    return
            time.sleep(0.05)
        raise SystemExit(f"{node.name} does not listen:\n" + node.log.read_text()[-2000:])

    def look_after(self):
        """What init does: who has ended is started again."""
        for node in self.nodes:
            if not node.alive():
                node.start()

    def rows(self, sql):
        with sqlite3.connect(f"file:{self.data}/orator.db?mode=ro", uri=True) as db:
            return db.execute(sql).fetchall()

    def named(self):
        """Every file that the store names."""
        return {name for sql in NAMED for (name,) in self.rows(sql)}

    def files(self):
        return {p.name for p in (self.data / "media").iterdir()}
