"""A server and workers as processes of their own over one data folder: who makes what, and what happens when one is killed, stopped past
its lease, or told to end."""
import concurrent.futures
import json
import os
import re
import signal
import socket
import subprocess
import textwrap
import time

import pytest

import s3_stand_in
from conftest import ORATOR, Server, ask

LEASE_S = 15

# An engine that costs nothing: waits as long as it is told, then gives a video that was made before.
PROGRAM = """
    #!/bin/sh
    echo $$ > {folder}/making
    sleep {seconds}
    exec cp {folder}/ready.mp4 "$3"
"""


class Worker:
    def __init__(self, data, name, **environment):
        self.log = data / f"{name}.log"
        self.environment = {**os.environ, "ORATOR_DATA": str(data), **environment}
        with open(self.log, "a", encoding="utf-8") as log:
            self.process = subprocess.Popen([ORATOR, "worker"], env=self.environment, stdout=subprocess.PIPE, stderr=log, text=True)
        assert "works on" in self.process.stdout.readline(), self.log.read_text()

    def events(self, name):
        return [e for e in map(json.loads, self.log.read_text().splitlines()) if e["event"] == name]

    def signal(self, number):
        self.process.send_signal(number)

    def end(self, seconds=20):
        """How it ended, told to or not."""
        code = self.process.wait(timeout=seconds)
        self.process.stdout.close()
        return code


@pytest.fixture
def house(tmp_path, files, media):
    """A server that makes nothing, and a way to start workers over its data; all ended with the test."""
    class House:
        def __init__(self):
            self.workers, self.folders = [], 0
            self.server = Server(tmp_path / "data", allow_hosts=files.host, ORATOR_WORKERS="0")

        def database(self):
            """The same as the server's, where that is PostgreSQL (tests/with_postgres)."""
            return {k: v for k, v in self.server.environment.items() if k == "ORATOR_DATABASE"}

        def engine(self, seconds):
            """Settings of an engine that works so long, and its folder."""
            self.folders += 1
            folder = tmp_path / f"engine{self.folders}"
            folder.mkdir()
            subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=size=240x320:rate=20", "-i", media / "short.wav",
                            "-shortest", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac",
                            folder / "ready.mp4"], check=True)
            program = folder / "engine.sh"
            program.write_text(textwrap.dedent(PROGRAM).lstrip().format(folder=folder, seconds=seconds))
            program.chmod(0o700)
            return {"ORATOR_ENGINE_STANDARD": "command", "ORATOR_ENGINE_COMMAND": str(program)}, folder

        def worker(self, name, seconds=0, **more):
            environment, folder = self.engine(seconds)
            w = Worker(tmp_path / "data", name, ORATOR_ALLOW_HOSTS=files.host, **environment, **self.database(), **more)
            w.making = folder / "making"
            self.workers.append(w)
            return w

        def videos(self):
            return sorted(p.name for p in (tmp_path / "data" / "media").iterdir())

        def ledger(self):
            done = subprocess.run([ORATOR, "ledger", "verify", "--data", tmp_path / "data"], env={**os.environ, **self.database()},
                                  capture_output=True, text=True)
            assert done.returncode == 0, done.stdout + done.stderr

    h = House()
    yield h
    for w in h.workers:
        if w.process.poll() is None:
            w.process.send_signal(signal.SIGCONT)
            w.process.kill()
            w.end()
    h.server.kill()
    h.server.stop()


def until(what, seconds=30):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it does not come about"
        time.sleep(0.05)


def test_a_server_without_workers_waits_for_those_of_others_and_hears_of_their_ends(house, quick_body):
    s = house.server
    tasks = [s.submit(quick_body).json["id"] for _ in range(6)]
    time.sleep(1.5)
    assert [s.job(t)["status"] for t in tasks] == ["queued"] * 6
    with concurrent.futures.ThreadPoolExecutor() as pool:
        waits = pool.submit(s.get, f"/v1/video/generations/{tasks[5]}?wait=30")
        events = pool.submit(s.get, f"/v1/video/generations/{tasks[5]}/events", timeout=60)
        workers = [house.worker("a", 1), house.worker("b", 1, ORATOR_WORKERS="2")]
        tasks += [s.submit(quick_body).json["id"] for _ in range(3)]
        jobs = [s.wait(t) for t in tasks]
        assert waits.result().json["status"] == "completed"
        assert b"event: video.completed" in events.result().body
    assert {j["status"] for j in jobs} == {"completed"}
    assert ask("GET", jobs[0]["video_url"]).body[4:8] == b"ftyp"
    made = [len(w.events("task.done")) for w in workers]
    assert sum(made) == 9 and all(made), made
    assert not s.log_text().count("task.done")
    house.ledger()


def test_killed_and_stopped_workers_lose_their_tasks_to_others_and_nothing_is_published_twice(house, quick_body):
    """One is killed in the middle; one is stopped past its lease while its engine works on and finishes, one while its
    engine would work for a minute. Another worker makes all three videos."""
    s = house.server
    killed, finishes, hangs = house.worker("killed", 60), house.worker("finishes", 4), house.worker("hangs", 60)
    tasks = [s.submit(quick_body).json["id"] for _ in range(3)]
    until(lambda: all(w.making.exists() for w in (killed, finishes, hangs)))
    child = int(hangs.making.read_text())
    killed.signal(signal.SIGKILL)
    for w in (finishes, hangs):
        w.signal(signal.SIGSTOP)
    killed.end()
    rescuer = house.worker("rescuer", 0)
    jobs = [s.wait(t, LEASE_S + 40) for t in tasks]
    assert {j["status"] for j in jobs} == {"completed"}, jobs
    assert len(rescuer.events("task.done")) == 3
    names = house.videos()
    for w in (finishes, hangs):
        w.signal(signal.SIGCONT)
    woken = time.monotonic()
    until(lambda: hangs.events("worker.lease_lost"))
    until(lambda: not os.path.exists(f"/proc/{child}"), 5)  # the render is ended, not waited for
    assert time.monotonic() - woken < 8
    until(lambda: finishes.events("worker.lease_lost") or finishes.events("task.done"))
    for w in (finishes, hangs):
        w.signal(signal.SIGTERM)
        assert w.end() == 0
        assert all(e["kept"] == "0" for e in w.events("task.done"))
    published = {re.search(r"/media/(\w+\.mp4)", j["video_url"])[1] for j in jobs}
    assert {n for n in house.videos() if n.endswith(".mp4") and "live" not in n} >= published
    left = {n for n in house.videos() if n.endswith(".mp4")} - published
    assert left <= {n for n in names if n.endswith(".mp4")}  # at most what the killed one had begun
    again = [s.job(t) for t in tasks]
    assert [j["result"]["sha256"] for j in again] == [j["result"]["sha256"] for j in jobs]
    assert [j["video_url"].split("?")[0] for j in again] == [j["video_url"].split("?")[0] for j in jobs]
    house.ledger()


def test_a_worker_that_is_told_to_stop_finishes_what_it_has_and_takes_no_more(house, quick_body):
    s, w = house.server, house.worker("a", 3)
    tasks = [s.submit(quick_body).json["id"] for _ in range(2)]
    until(w.making.exists)
    w.signal(signal.SIGTERM)
    assert w.end() == 0
    assert [s.job(t)["status"] for t in tasks] == ["completed", "queued"]


def test_a_worker_whose_patience_is_over_hands_its_task_back(house, quick_body):
    s, w = house.server, house.worker("a", 60, ORATOR_DRAIN_SECONDS="1")
    task = s.submit(quick_body).json["id"]
    until(w.making.exists)
    began = time.monotonic()
    w.signal(signal.SIGTERM)
    assert w.end() == 0
    assert 1 <= time.monotonic() - began < 6
    assert len(w.events("task.handed_back")) == 1
    assert s.job(task)["status"] == "queued"
    other = house.worker("b", 0)
    assert s.wait(task, 10)["status"] == "completed"  # at once: it waits for no lease
    assert len(other.events("task.done")) == 1


def test_a_second_signal_hands_the_task_back_at_once(house, quick_body):
    s, w = house.server, house.worker("a", 60)
    task = s.submit(quick_body).json["id"]
    until(w.making.exists)
    w.signal(signal.SIGTERM)
    time.sleep(1)
    assert w.process.poll() is None
    w.signal(signal.SIGTERM)
    assert w.end(6) == 0
    assert s.job(task)["status"] == "queued"


def test_a_worker_answers_who_watches_over_it_and_nobody_else(house, quick_body):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    s, w = house.server, house.worker("a", 0, ORATOR_WORKER_PORT=str(port), ORATOR_WORKERS="3")
    s.wait(s.submit(quick_body).json["id"])
    url = f"http://127.0.0.1:{port}"
    assert ask("GET", url + "/healthz").json["status"] == "ok"
    assert ask("GET", url + "/readyz").json["status"] == "ready"
    until(lambda: 'orator_worker_tasks_total{result="done"} 1\n' in ask("GET", url + "/metrics").body.decode())
    assert "orator_workers 3\n" in ask("GET", url + "/metrics").body.decode()
    for path in ("/", "/v1/models", "/v1/video/generations", "/openapi.json", "/media/a.mp4"):
        assert ask("GET", url + path, s.key).status == 404
    assert ask("POST", url + "/v1/video/generations", s.key, quick_body).status == 404
    assert "orator_workers 0\n" in s.get("/metrics").body.decode()
    assert w.process.poll() is None


def test_a_worker_that_may_make_nothing_says_so(tmp_path):
    done = subprocess.run([ORATOR, "worker", "--workers", "0", "--data", tmp_path / "data"], capture_output=True, text=True, timeout=20)
    assert done.returncode == 2
    assert done.stderr == "orator: workers is 0, a worker needs at least 1\n"


def test_machines_share_nothing_but_database_and_object_store(house, quick_body, tmp_path, files):
    """The worker has a media folder of its own: what it makes reaches the server through the store alone."""
    store = s3_stand_in.Store()
    try:
        s = house.server
        s.stop()
        s.environment = {**s.environment, **store.environment()}
        s.start()
        apart = tmp_path / "apart"
        apart.mkdir()
        for name in [] if house.database() else ["orator.db", "orator.db-wal", "orator.db-shm"]:
            (apart / name).symlink_to(tmp_path / "data" / name)
        environment, _ = house.engine(0)
        w = Worker(apart, "w", ORATOR_ALLOW_HOSTS=files.host, **environment, **house.database(), **store.environment())
        house.workers.append(w)
        job = s.wait(s.submit(quick_body).json["id"])
        assert job["status"] == "completed", job
        assert ask("GET", job["video_url"]).body[4:8] == b"ftyp"
        assert list((apart / "media").iterdir()) == [] and house.videos() == []
        w.signal(signal.SIGTERM)
        assert w.end() == 0
    finally:
        store.close()
