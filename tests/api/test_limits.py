"""Requests that come twice, at once or after a crash; and limits of keys, over a real server."""
import concurrent.futures
import subprocess
import uuid

from conftest import ORATOR, ask


def submit(server, body, name, key=None):
    return server.submit(body, key, headers={"Idempotency-Key": name})


def test_ten_at_once_under_one_name_make_one_job(server, quick_body):
    name = uuid.uuid4().hex
    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: submit(server, quick_body, name), range(10)))
    assert {a.status for a in answers} <= {200, 409}
    made = {a.json["id"] for a in answers if a.status == 200}
    assert len(made) == 1, answers
    assert all(a.json["error"]["code"] == "idempotency_in_progress" for a in answers if a.status == 409)
    again = submit(server, quick_body, name)
    assert again.headers["Idempotency-Replayed"] == "true" and {again.json["id"]} == made
    server.wait(again.json["id"])
    assert submit(server, quick_body, name).body == again.body  # the first answer, whatever became of the job


def test_ten_at_once_make_one_account_one_endpoint_one_file(server):
    made = subprocess.run([ORATOR, "keys", "create", "twice", "--scopes", "read,write,admin", "--data", server.data], check=True,
                          capture_output=True, text=True)
    key, url = made.stdout.strip(), f"https://example.com/{uuid.uuid4().hex}"
    asks = {"/v1/accounts": ({"name": url[-20:]}, "id"), "/v1/webhook_endpoints": ({"url": url}, "id"),
            "/v1/files?purpose=audio&filename=v.wav": (b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x80\x3e\0\0\0\x7d\0\0\x02\0\x10\0data"
                                                       b"\0\x7d\0\0" + bytes(32000), "id")}
    for path, (body, field) in asks.items():
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        with concurrent.futures.ThreadPoolExecutor(10) as pool:
            answers = list(pool.map(lambda _: ask("POST", server.url + path, key, body, headers), range(10)))
        good = [a for a in answers if a.status == 200]
        assert {a.status for a in answers} <= {200, 409} and len({a.json[field] for a in good}) == 1, (path, answers)
        rows = server.get(path.split("?")[0] + "?limit=100", key).json["data"]
        same = [r for r in rows if url in str(r.get("url")) or r.get("name") == url[-20:] or r.get("filename") == "v.wav"]
        assert len(same) == 1, (path, same)


def test_an_answer_outlives_the_server(another_server, quick_body):
    server, name = another_server, uuid.uuid4().hex
    first = submit(server, quick_body, name)
    server.kill()
    server.start()
    again = submit(server, quick_body, name)
    assert again.body == first.body and again.headers["Idempotency-Replayed"] == "true"
    assert len(server.get("/v1/video/generations").json["data"]) == 1


def test_a_door_that_measures_first_keeps_its_answer_too(server, quick_body):
    body = {"model": "sora-2", "prompt": "x", "image_url": quick_body["image_url"], "audio_url": quick_body["audio_url"],
            "resolution": "480p", "fps": 12}
    headers = {"Idempotency-Key": uuid.uuid4().hex}
    first, again = (ask("POST", server.url + "/v1/videos", server.key, body, headers) for _ in range(2))
    assert first.status == 200 and again.body == first.body and again.headers["Idempotency-Replayed"] == "true"


def test_a_slow_key_is_told_when_to_come_back(server):
    made = subprocess.run([ORATOR, "keys", "create", "slow", "--rate", "2", "--data", server.data], check=True, capture_output=True,
                          text=True)
    key = made.stdout.strip()
    answers = [server.get("/v1/models", key) for _ in range(3)]
    assert [a.status for a in answers] == [200, 200, 429]
    assert answers[0].headers["RateLimit"].startswith('"key";r=1;t=') and int(answers[2].headers["Retry-After"]) > 20
    assert server.get("/v1/models").headers["RateLimit-Policy"] == '"key";q=6000;w=60'
