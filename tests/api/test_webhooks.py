"""Webhooks, as a receiver sees them: signed, retried, logged, replayed, and never lost."""
import base64
import hashlib
import hmac
import http.server
import json
import threading
import time

import pytest

from conftest import Server, ask


class Receiver:
    """Takes posts; .answers is what to answer next, the last one for ever."""

    def __init__(self):
        self.posts, self.answers, self.delay = [], [200], 0
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = outer.answers.pop(0) if len(outer.answers) > 1 else outer.answers[0]
                outer.posts.append((self.path, dict(self.headers), body, status))
                time.sleep(outer.delay)
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", f"{outer.url}/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self.server.server_address[1]}"
        self.url = f"http://{self.host}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def wait(self, count, seconds=20):
        end = time.monotonic() + seconds
        while len(self.posts) < count and time.monotonic() < end:
            time.sleep(0.02)
        assert len(self.posts) >= count, self.posts
        return self.posts[count - 1]


@pytest.fixture
def receiver():
    r = Receiver()
    yield r
    r.server.shutdown()


@pytest.fixture
def hooked(tmp_path, files, receiver):
    s = Server(tmp_path / "data", allow_hosts=f"{files.host},{receiver.host}")
    yield s
    s.kill()
    s.stop()


def verify(secret, headers, body):
    """Whether one of the signatures is by this secret."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    wanted = "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60
    return wanted in headers["webhook-signature"].split(" ")


def post(server, path, body=None):
    return ask("POST", server.url + path, server.key, body if body is not None else {})


def endpoint(server, url, **more):
    answer = post(server, "/v1/webhook_endpoints", {"url": url, **more})
    assert answer.status == 200, answer.body
    return answer.json


def log_of(server, delivery_id, until, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        log = server.get(f"/v1/webhook_deliveries/{delivery_id}").json
        if until(log):
            return log
        time.sleep(0.05)
    raise AssertionError(log)


def failing(quick_body, files, **more):
    """A request that fails at once, without a render."""
    return {**quick_body, "image_url": f"{files.url}/missing.png", **more}


def test_a_failed_job_is_told_to_its_callback_and_to_the_endpoint(hooked, receiver, files, quick_body):
    made = endpoint(hooked, f"{receiver.url}/hook", events=["video.failed"], description="mine")
    job = hooked.submit(failing(quick_body, files, callback_url=f"{receiver.url}/callback")).json
    receiver.wait(2)
    own = hooked.get("/v1/webhooks/default/secret").json["key"]
    for path, headers, body, _ in receiver.posts:
        event = json.loads(body)
        assert event["type"] == "video.failed" and event["timestamp"].endswith("Z")
        assert event["data"] == hooked.job(job["id"])
        assert headers["Content-Type"] == "application/json"
        assert verify(made["secret"] if path == "/hook" else own, headers, body)
        assert not verify(own if path == "/hook" else made["secret"], headers, body)
    assert {p[0] for p in receiver.posts} == {"/hook", "/callback"}
    log = hooked.get(f"/v1/webhook_deliveries?task_id={job['id']}").json
    assert len(log["data"]) == 2
    done = log_of(hooked, log["data"][0]["id"], lambda d: d["status"] == "delivered")
    assert [a["http_status"] for a in done["attempts"]] == [200]


def test_a_completed_job_is_told_once(hooked, receiver, quick_body):
    body = {**quick_body, "callback_url": f"{receiver.url}/cb", "callback_events": ["video.completed"]}
    job = hooked.submit(body).json
    _, headers, content, _ = receiver.wait(1, 60)
    event = json.loads(content)
    assert event["type"] == "video.completed" and event["data"]["id"] == job["id"]
    assert event["data"]["video_url"] == event["data"]["result"]["outputs"][0]
    assert ask("GET", event["data"]["video_url"]).status == 200
    # and again when it is asked for, under the same id
    hook = hooked.get(f"/v1/webhook_deliveries?task_id={job['id']}").json["data"][0]
    assert post(hooked, f"/v1/webhook_deliveries/{hook['id']}/replay").json["status"] == "waiting"
    again = receiver.wait(2)
    assert again[1]["webhook-id"] == headers["webhook-id"] == hook["id"]
    assert len(log_of(hooked, hook["id"], lambda d: d["status"] == "delivered")["attempts"]) == 2


def test_a_receiver_that_fails_is_tried_again_and_a_redirect_is_not_followed(hooked, receiver, files, quick_body):
    receiver.answers = [302, 200]
    hooked.submit(failing(quick_body, files, callback_url=f"{receiver.url}/cb"))
    first, second = receiver.wait(1), receiver.wait(2)
    assert first[1]["webhook-id"] == second[1]["webhook-id"] and first[2] == second[2]
    assert first[1]["webhook-signature"] != second[1]["webhook-signature"]  # another timestamp
    assert {p[0] for p in receiver.posts} == {"/cb"}
    log = log_of(hooked, first[1]["webhook-id"], lambda d: d["status"] == "delivered")
    assert [a["http_status"] for a in log["attempts"]] == [302, 200]
    assert "redirect" in log["attempts"][0]["error"]
    assert 4 <= log["attempts"][1]["at"] - log["attempts"][0]["at"] <= 8


def test_a_receiver_that_is_gone_is_not_asked_again(hooked, receiver):
    receiver.answers = [410]
    made = endpoint(hooked, f"{receiver.url}/hook")
    test = post(hooked, f"/v1/webhook_endpoints/{made['id']}/test").json
    log = log_of(hooked, test["id"], lambda d: d["status"] == "failed")
    assert [a["http_status"] for a in log["attempts"]] == [410] and log["next_attempt_at"] is None
    assert hooked.get(f"/v1/webhook_endpoints/{made['id']}").json["enabled"] is False


def test_secrets_rotate_with_both_signing_for_a_while(hooked, receiver):
    made = endpoint(hooked, f"{receiver.url}/hook")
    assert "secret" not in hooked.get("/v1/webhook_endpoints").json["data"][0]
    rotated = post(hooked, f"/v1/webhook_endpoints/{made['id']}/rotate").json
    assert rotated["secret"] != made["secret"] and rotated["previous_secret_until"] > time.time() + 86000
    assert post(hooked, f"/v1/webhook_endpoints/{made['id']}/test").json["type"] == "webhook.test"
    _, headers, body, _ = receiver.wait(1)
    assert verify(rotated["secret"], headers, body) and verify(made["secret"], headers, body)
    assert json.loads(body)["type"] == "webhook.test"
    gone = ask("DELETE", f"{hooked.url}/v1/webhook_endpoints/{made['id']}", hooked.key)
    assert gone.json["deleted"] is True
    assert hooked.get("/v1/webhook_endpoints").json["data"] == []


def test_a_delivery_survives_kill_nine(hooked, receiver, files, quick_body):
    receiver.answers, receiver.delay = [500, 200], 0.2
    job = hooked.submit(failing(quick_body, files, callback_url=f"{receiver.url}/cb")).json
    receiver.wait(1)
    while not hooked.get(f"/v1/webhook_deliveries?task_id={job['id']}").json["data"][0]["attempts"]:
        time.sleep(0.02)
    hooked.kill()
    hooked.start()
    _, headers, body, _ = receiver.wait(2)
    assert json.loads(body)["data"]["id"] == job["id"]
    assert log_of(hooked, headers["webhook-id"], lambda d: d["status"] == "delivered")


def test_addresses_that_are_not_public_are_refused(server, quick_body):
    for url, code in (("http://127.0.0.1:1/x", "url_forbidden"), ("http://169.254.169.254/", "url_forbidden"),
                      ("http://[::1]/", "url_forbidden"), ("ftp://example.com/", "invalid_url"),
                      ("data:text/plain,x", "invalid_url"), ("http://u:p@example.com/", "invalid_url"),
                      ("https://0x7f000001/", "invalid_url"), (7, "invalid_parameter")):
        answer = server.submit({**quick_body, "callback_url": url})
        assert (answer.json["error"]["code"], answer.json["error"]["param"]) == (code, "callback_url"), url
        assert post(server, "/v1/webhook_endpoints", {"url": url}).json["error"]["code"] == code
    for body, param in (({}, "url"), ({"url": "https://example.com", "events": ["video.born"]}, "events"),
                        ({"url": "https://example.com", "events": []}, "events")):
        assert post(server, "/v1/webhook_endpoints", body).json["error"]["param"] == param
    lonely = server.submit({**quick_body, "callback_events": ["video.failed"]})
    assert lonely.json["error"]["param"] == "callback_url"
    for path in ("/v1/webhook_endpoints/we_x", "/v1/webhook_deliveries/msg_x"):
        assert server.get(path).status == 404
