"""Servers and workers over one store, each of which may be killed, paused, or told a wrong time."""
import datetime
import os
import pathlib
import re
import shutil
import signal
import socket
import sqlite3
import struct
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
ORATOR = pathlib.Path(os.environ.get("ORATOR_PROGRAM", ROOT / "build" / "orator"))

NAMED = ["SELECT video_name FROM tasks WHERE video_name IS NOT NULL", "SELECT thumbnail_name FROM tasks WHERE thumbnail_name IS NOT NULL",
         "SELECT captions_name FROM tasks WHERE captions_name IS NOT NULL", "SELECT blob_name FROM files",
         "SELECT substr(audio_url, 6) FROM tasks WHERE state < 2 AND audio_url LIKE 'blob:%'"]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Sqlite:
    """The database in a data folder that all nodes share."""

    def __init__(self, data):
        self.data, self.environment = data, {}

    def rows(self, sql):
        with sqlite3.connect(f"file:{self.data}/orator.db?mode=ro", uri=True) as db:
            return db.execute(sql).fetchall()

    def look_after(self):
        pass

    def stop(self):
        pass


class Postgres:
    """A PostgreSQL of the test's own, reached through a socket in its folder; syncs nothing, so it may be killed but not unplugged."""

    def __init__(self, folder):
        self.folder = folder
        self.bin = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))[-1]
        self.url = f"postgresql://orator@/postgres?host={folder}"
        self.environment = {"ORATOR_DATABASE": self.url}
        self.process, self.down_until, self.starts = None, 0, 0
        folder.mkdir()
        if os.geteuid() == 0:  # which PostgreSQL refuses to run as
            shutil.chown(folder, "postgres", "postgres")
        self.run("initdb", "-D", folder / "data", "-A", "trust", "-U", "orator", "-E", "UTF8", "--locale", "C", "--no-sync").wait()
        self.start()
        while subprocess.run([self.bin / "pg_isready", "-q", "-h", folder]).returncode:
            time.sleep(0.05)

    def run(self, program, *words):
        mortal = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups", "--"] if os.geteuid() == 0 else []
        with open(self.folder.parent / f"{program}.log", "a", encoding="utf-8") as log:
            return subprocess.Popen([*mortal, self.bin / program, *words], cwd=self.folder, stdout=log, stderr=log)

    def start(self):
        self.process = self.run("postgres", "-D", self.folder / "data", "-c", "listen_addresses=", "-c", f"unix_socket_directories={self.folder}",
                                "-c", "fsync=off", "-c", "shared_buffers=32MB", "-c", "max_connections=200")
        self.starts += 1

    def kill(self, down_s):
        """The whole of it, as a machine that stops; up again after a while."""
        self.process.kill()
        self.process.wait()
        self.down_until = time.monotonic() + down_s

    def restart(self, down_s):
        """In an orderly manner: every connection is ended."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait()
        self.down_until = time.monotonic() + down_s

    def look_after(self):
        if self.process.poll() is not None and time.monotonic() >= self.down_until:
            self.start()

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait()

    def rows(self, sql):
        done = subprocess.run(["psql", "-Atq", self.url, "-c", sql], check=True, capture_output=True, text=True)
        return [tuple(line.split("|")) for line in done.stdout.splitlines()]


class Node:
    """One process of ours, always with the same port, which is started again when it was ended."""

    def __init__(self, name, command, folder, environment):
        self.name, self.port = name, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / f"{name}.log"
        self.clock = folder / f"{name}.clock"
        self.set_clock(0)
        self.command = [ORATOR, command, "--worker_port" if command == "worker" else "--port", str(self.port)]
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
    """All nodes, and how to talk to their store. `objects` is where the media are, None: in the data folder that the nodes share."""

    def __init__(self, folder, data, servers, workers, database, objects, environment):
        self.folder, self.data, self.database, self.objects = folder, data, database, objects
        self.environment = {**environment, **database.environment, **(objects.environment() if objects else {}), "ORATOR_DATA": str(data)}
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", folder / "clock.so", pathlib.Path(__file__).with_name("clock.c")], check=True)
        own = {"ORATOR_WORKERS": "0"} if workers else {}
        self.servers = [self.node(f"server{i}", "serve", own) for i in range(servers)]
        self.workers = [self.node(f"worker{i}", "worker", {}) for i in range(workers)]
        self.nodes = self.servers + self.workers

    def node(self, name, command, more):
        if self.objects and isinstance(self.database, Postgres):  # each is a machine of its own
            more = {**more, "ORATOR_DATA": str(self.data / name)}
        return Node(name, command, self.folder, {**self.environment, **more})

    def orator(self, *words):
        done = subprocess.run([ORATOR, *words], env={**os.environ, **self.environment}, capture_output=True, text=True)
        return done.returncode, done.stdout.strip() or done.stderr.strip()

    def start(self):
        for node in self.nodes:
            node.start()

    def await_port(self, node, seconds=30):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.look_after()
            with socket.socket() as s:
                s.settimeout(1)
                if s.connect_ex(("127.0.0.1", node.port)) == 0:
                    return
            time.sleep(0.05)
        raise SystemExit(f"{node.name} does not listen:\n" + node.log.read_text()[-2000:])

    def look_after(self):
        """What init does: who has ended is started again."""
        self.database.look_after()
        for node in self.nodes:
            if not node.alive():
                node.start()

    def named(self):
        """Every file that the store names."""
        return {name for sql in NAMED for (name,) in self.database.rows(sql)}

    def age(self):
        """Every file was written a week ago: a sweep leaves what is young, for somebody may be about to name it."""
        if self.objects:
            for o in self.objects.objects.values():
                o["time"] -= datetime.timedelta(days=7)
        else:
            for p in (self.data / "media").rglob("*"):
                os.utime(p, (time.time() - 7 * 86400,) * 2)

    def files(self):
        if self.objects:
            return {name.rsplit("/", 1)[-1] for name in self.objects.objects}
        return {p.name for p in (self.data / "media").iterdir()}
