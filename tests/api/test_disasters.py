"""What breaks around a server: its disk is full, its database is gone. All of them at once, for as long as you like: tests/chaos/run."""
import os
import pathlib
import subprocess
import sys
import time

import pytest

from conftest import ORATOR, ROOT, Server, ask

sys.path.insert(0, str(ROOT / "tests" / "chaos"))
from cluster import Postgres  # noqa: E402


class OnSmallDisk:
    """`orator serve` whose data folder is a disk of 8 MB that nobody else sees; `disk` is the way to it through the process."""

    def __init__(self, data, allow_hosts):
        self.data = data
        data.mkdir()
        alone = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]
        inside = 'mount -t tmpfs -o size=8m,mode=0700 small "$1" && exec "$0" serve --port 0 --data "$1"'
        self.log = open(data.parent / "server.log", "w+", encoding="utf-8")
        self.process = subprocess.Popen([*alone, "sh", "-c", inside, ORATOR, data], env={**os.environ, "ORATOR_ALLOW_HOSTS": allow_hosts},
                                        stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.url = self.process.stdout.readline().split("listens on ")[1].strip()
        self.disk = pathlib.Path(f"/proc/{self.process.pid}/root{data}")
        self.key = self.orator("keys", "create", "test")

    def orator(self, *words):
        beside = ["nsenter", "--target", str(self.process.pid), "--mount", *([] if os.geteuid() == 0 else ["--user", "--preserve-credentials"])]
        return subprocess.run([*beside, ORATOR, *words, "--data", self.data], check=True, capture_output=True, text=True).stdout.strip()

    def fill(self):
        try:
            with open(self.disk / "plug", "wb", buffering=0) as f:
                while f.write(b"\0" * 4096):
                    pass
        except OSError:
            pass

    def empty(self):
        (self.disk / "plug").unlink()

    def submit(self, body):
        return ask("POST", self.url + "/v1/video/generations", self.key, body)

    def job(self, task, wait=0):
        return ask("GET", f"{self.url}/v1/video/generations/{task}?wait={wait}", self.key, timeout=60).json


@pytest.fixture
def small(tmp_path, files):
    s = OnSmallDisk(tmp_path / "data", files.host)
    yield s
    s.process.terminate()
    assert s.process.wait(timeout=20) == 0


def test_a_full_disk_refuses_in_words_loses_nothing_and_works_again_when_there_is_room(small, quick_body):
    first = [small.submit(quick_body) for _ in range(3)]
    assert [a.status for a in first] == [200] * 3, first[0].body
    early = [a.json["id"] for a in first]
    while small.job(early[0])["status"] == "queued":
        time.sleep(0.02)
    small.fill()
    refused = small.submit({**quick_body, "metadata": {"a": "b" * 400}})
    tries = 1
    while refused.status < 400 and tries < 200:  # what the database had in hand still takes some
        early.append(refused.json["id"])
        refused, tries = small.submit({**quick_body, "metadata": {"a": "b" * 400}}), tries + 1
    assert (refused.status, refused.json["error"]["code"]) == (503, "storage_failed"), refused.body
    assert ask("GET", small.url + "/healthz").status == 200
    assert [small.job(task)["id"] for task in early] == early  # what was accepted is still shown
    time.sleep(0.5)
    small.empty()
    late = small.submit(quick_body)
    assert late.status < 300, late.body
    jobs = [small.job(task, wait=50) for task in [*early[:3], late.json["id"]]]
    small.log.seek(0)
    assert [j["status"] for j in jobs] == ["completed"] * 4, (jobs, small.log.read()[-3000:])
    assert "every chain is whole" in small.orator("ledger", "verify")


def test_a_database_that_is_killed_and_comes_back_loses_nothing_that_was_answered(tmp_path, files, quick_body):
    for folder in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        folder.chmod(folder.stat().st_mode | 0o011)  # PostgreSQL, as a user of its own, passes through
    database = Postgres(tmp_path / "postgres")
    server = None
    try:
        server = Server(tmp_path / "data", allow_hosts=files.host, ORATOR_ENGINE_STANDARD="none", ORATOR_DATABASE=database.url)
        accepted = []
        for i in range(12):
            if i in (3, 7):
                database.kill(0)
                database.start()
            name = {"Idempotency-Key": f"again-{i}"}
            answer = server.submit(quick_body, headers=name)
            for _ in range(100):
                if answer.status != 503:
                    break
                database.look_after()  # it may refuse to start until its old processes have gone
                time.sleep(0.1)
                answer = server.submit(quick_body, headers=name)
            assert answer.status < 300, answer.body
            accepted.append(answer.json["id"])
        assert len(set(accepted)) == 12
        assert [server.wait(task)["status"] for task in accepted] == ["completed"] * 12
        assert server.stop() == 0
        done = subprocess.run([ORATOR, "ledger", "verify", "--database", database.url], capture_output=True, text=True)
        assert done.stdout.startswith("36 rows: every chain is whole"), done.stdout + done.stderr
    finally:
        if server:
            server.kill()
        database.stop()
