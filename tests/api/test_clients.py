"""The other doors, driven by public clients that nobody here wrote; Kling's by its documented requests."""
import base64
import hashlib
import hmac
import json
import shutil
import subprocess
import time

import pytest

from conftest import ROOT, ask
from test_webhooks import Receiver, endpoint, hooked, post, receiver  # noqa: F401 (fixtures)

CLIENTS = ROOT / "tests" / "clients"
needs_npm = pytest.mark.skipif(not shutil.which("node") or not (CLIENTS / "node_modules").exists(),
                               reason="tools/setup --tests installs the npm clients")


def run(script, facts):
    out = subprocess.run(["node", CLIENTS / script, json.dumps(facts)], capture_output=True, text=True, timeout=150)
    assert out.returncode == 0 and out.stdout.strip() == "ok", out.stderr[-3000:] + out.stdout


@pytest.fixture(scope="module")
def facts(server, files, media):
    return {"url": server.url, "key": server.key, "image": str(media / "face.png"), "audio": str(media / "short.wav"),
            "imageUrl": f"{files.url}/face.png", "audioUrl": f"{files.url}/short.wav",
            "missing": f"{files.url}/missing.png"}


@needs_npm
@pytest.mark.parametrize("script", ["openai.mjs", "replicate.mjs", "fal.mjs"])
def test_a_public_client_is_served(script, facts):
    run(script, facts)


@needs_npm
def test_standard_webhooks_and_openai_verify_our_signatures(hooked, receiver, files, quick_body):  # noqa: F811
    made = endpoint(hooked, f"{receiver.url}/hook")
    post(hooked, f"/v1/webhook_endpoints/{made['id']}/test")
    hooked.submit({**quick_body, "image_url": f"{files.url}/missing.png"})
    receiver.wait(2)
    posts = [{"headers": h, "body": b.decode()} for _, h, b, _ in receiver.posts]
    run("webhooks.mjs", {"secret": made["secret"], "posts": posts})


def kling_token(access, secret, **claims):
    def part(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    now = int(time.time())
    text = part(b'{"alg":"HS256","typ":"JWT"}') + "." + part(
        json.dumps({"iss": access, "exp": now + 1800, "nbf": now - 5, **claims}).encode())
    return text + "." + part(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest())


def test_kling_s_own_routes_by_key_and_by_token(hooked, receiver, files, media, quick_body):  # noqa: F811
    """Field by field as its documentation has them."""
    server, path = hooked, "/v1/videos/avatar/image2video"
    keys = server.get("/v1/kling/credentials").json
    token = kling_token(keys["access_key"], keys["secret_key"])
    body = {"image": f"{files.url}/face.png", "mode": "std", "prompt": "calm", "external_task_id": "order-42",
            "sound_file": base64.b64encode((media / "short.wav").read_bytes()).decode(),
            "callback_url": f"{receiver.url}/kling", "resolution": "480p", "fps": 12}
    made = ask("POST", server.url + path, token, body).json
    assert made["code"] == 0 and made["request_id"] and made["data"]["task_status"] == "submitted"
    assert made["data"]["created_at"] > 1e12  # in ms
    task = made["data"]["task_id"]
    _, _, told, _ = receiver.wait(1, 60)
    told = json.loads(told)
    assert told["task_id"] == task and told["task_status"] == "succeed"
    for name in (task, "order-42"):
        data = server.get(f"{path}/{name}", key=token).json["data"]
        assert data["task_status"] == "succeed" and data["task_info"]["external_task_id"] == "order-42"
        assert ask("GET", data["task_result"]["videos"][0]["url"]).status == 200
    assert [t["task_id"] for t in server.get(f"{path}?pageNum=1&pageSize=30").json["data"]] == [task]
    assert server.get(f"{path}?pageNum=2&pageSize=30").json["data"] == []

    now = int(time.time())
    for key, code in ((kling_token(keys["access_key"], "wrong"), 1002), (None, 1001), ("sk-wrong", 1002),
                      (kling_token("key_unknown", keys["secret_key"]), 1002), (token[:-3], 1002),
                      (kling_token(keys["access_key"], keys["secret_key"], exp=now - 60), 1004),
                      (kling_token(keys["access_key"], keys["secret_key"], nbf=now + 60), 1003)):
        answer = ask("GET", f"{server.url}{path}/{task}", key)
        assert (answer.status, answer.json["code"]) == (401, code) and answer.json["message"]
    for change, code in (({"image": None}, 1200), ({"mode": "ultra"}, 1201), ({"sound_file": 7}, 1201),
                         ({"external_task_id": "order-42"}, 1201), ({"image": "AAAA"}, 1201)):
        answer = ask("POST", server.url + path, server.key, {**body, **change})
        assert answer.status >= 400 and answer.json["code"] == code, (change, answer.body)
    assert server.get(f"{path}/unknown").json["code"] == 1203


def test_a_voice_of_unsaid_length_is_measured_and_charged_as_measured(server, files, short_seconds):
    body = {"input_reference": f"{files.url}/face.png", "audio_url": f"{files.url}/short.wav", "prompt": "x",
            "resolution": "480p", "fps": 12}
    made = ask("POST", server.url + "/v1/videos", server.key, body)
    assert made.status == 200, made.body
    assert abs(float(made.json["seconds"]) - short_seconds) < 0.01
    assert made.json["billing"]["declared_seconds"] == pytest.approx(short_seconds, abs=0.001)
    assert server.job(made.json["task_id"])["status"] in ("queued", "processing")
    as_job = server.get(f"/v1/videos/{made.json['task_id']}").json
    assert as_job["object"] == "video.generation.job" and as_job["id"] == made.json["task_id"]
    for audio, code in ((f"{files.url}/missing.wav", "download_failed"), (f"{files.url}/page.html", "unsupported_audio_format"),
                        (f"{files.url}/face.png", "unsupported_audio_format")):
        answer = ask("POST", server.url + "/v1/videos", server.key, {**body, "audio_url": audio})
        assert (answer.json["error"]["code"], answer.json["error"]["param"]) == (code, "audio_url")
    server.wait(made.json["task_id"])
