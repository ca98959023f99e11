"""kill -9 at any moment: no accepted task is lost, nobody is charged twice."""
import random
import sqlite3
import time


def ledger(data):
    with sqlite3.connect(f"file:{data}/orator.db?mode=ro", uri=True) as db:
        return db.execute("select task_id, kind, amount_micro from ledger").fetchall()


def test_kill_at_random_moments_loses_and_charges_nothing_twice(another_server, request_body):
    chance = random.Random(7)
    server = another_server
    accepted = []
    for _ in range(5):
        accepted.append(server.submit(request_body).json["id"])
        time.sleep(chance.uniform(0.05, 1.2))
        server.kill()
        server.start()
    finals = [server.wait(task, 180) for task in accepted]
    assert [job["status"] for job in finals] == ["completed"] * len(accepted), finals
    rows = ledger(server.data)
    for task in accepted:
        kinds = sorted(kind for id, kind, _ in rows if id == task)
        assert kinds == ["charge", "reserve"], (task, rows)
    assert server.stop() == 0
    left = sorted(p.name for p in (server.data / "media").iterdir())
    kinds = [name.split(".", 1)[1] for name in left]
    assert sorted(kinds) == ["mp4"] * len(accepted) + ["thumb.jpg"] * len(accepted), left


def test_a_stopped_server_finishes_the_work_when_it_comes_back(another_server, request_body):
    server = another_server
    task = server.submit(request_body).json["id"]
    while server.job(task)["status"] == "queued":
        time.sleep(0.05)
    assert server.stop() == 0
    server.start()
    job = server.wait(task)
    assert job["status"] == "completed"
    assert server.stop() == 0
