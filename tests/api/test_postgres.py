"""Servers over one PostgreSQL database: tests/with_postgres python3 -m pytest tests/api/test_postgres.py."""
import os
import shlex
import subprocess
import threading
import time

import pytest
from conftest import CLUSTER, ORATOR, Server

pytestmark = pytest.mark.skipif(not CLUSTER, reason="runs under tests/with_postgres")


@pytest.fixture
def pair(tmp_path, files):
    """Two servers with one database, and engines that make a second of grey."""
    engines = {"ORATOR_ENGINE_STANDARD": "none", "ORATOR_ENGINE_PRO": "none"}
    one = Server(tmp_path / "one", allow_hosts=files.host, **engines)
    two = Server(tmp_path / "two", allow_hosts=files.host, ORATOR_DATABASE=one.environment["ORATOR_DATABASE"], **engines)
    yield one, two
    assert [one.stop(), two.stop()] == [0, 0], one.log_text() + two.log_text()
    verify(one)


def verify(server):
    subprocess.run([ORATOR, "ledger", "verify", "--data", server.data], check=True, capture_output=True,
                   env={**os.environ, **server.environment})


def test_two_servers_share_jobs_keys_and_work(pair, quick_body):
    one, two = pair
    jobs = [(one if i % 2 else two).submit(quick_body, one.key).json["id"] for i in range(10)]
    assert not (two.data / "orator.db").exists()
    for job in jobs:
        assert two.get(f"/v1/video/generations/{job}", one.key).status == 200  # one's key is good at two
        assert one.wait(job)["status"] == "completed"


def test_what_one_accepted_another_makes(pair, quick_body):
    one, two = pair
    two.kill()
    job = one.submit(quick_body).json["id"]
    one.wait(job)
    one.kill()  # whatever it held is free after its lease
    two.start()
    job = two.submit(quick_body).json["id"]
    assert two.wait(job)["status"] == "completed"
    one.start()


def test_a_database_that_is_killed_and_starts_again_loses_no_accepted_job(pair, quick_body):
    one, two = pair
    accepted, refused, stop = [], [], threading.Event()

    def submit_on(server):
        while not stop.is_set():
            answer = server.submit(quick_body, one.key)
            (accepted if answer.status == 200 else refused).append(answer)
            time.sleep(0.02)

    threads = [threading.Thread(target=submit_on, args=[s]) for s in pair]
    for t in threads:
        t.start()
    for _ in range(2):
        time.sleep(0.5)
        subprocess.run(shlex.split(os.environ["ORATOR_TEST_RESTART"]), check=True)
    time.sleep(0.5)
    stop.set()
    for t in threads:
        t.join()
    assert len(accepted) > 10
    assert all(a.status == 503 and a.json["error"]["code"] == "storage_failed" for a in refused), refused[0].body
    for a in accepted:
        assert one.wait(a.json["id"])["status"] == "completed"
