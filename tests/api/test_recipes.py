"""docs/recipes, run as they stand."""
import base64
import hashlib
import hmac
import json
import os
import shutil
import socket
import subprocess
import time

import pytest

from conftest import PORTRAIT, ROOT, Server, ask

RECIPES = ROOT / "docs" / "recipes"
RUN = {"sh": ["bash"], "py": ["/usr/bin/python3"], "mjs": ["node"], "go": ["go", "run"]}


def command(name, *arguments):
    how = RUN[name.rsplit(".", 1)[1]]
    if not shutil.which(how[0]):
        pytest.skip(f"{how[0]} is not installed")
    return [*how, str(RECIPES / name), *map(str, arguments)]


@pytest.mark.parametrize("name", ["make_video.sh", "make_video.py", "make_video.mjs", "make_video.go"])
def test_a_recipe_makes_a_video(name, server, media, tmp_path):
    environment = {**os.environ, "ORATOR_URL": server.url, "ORATOR_API_KEY": server.key}
    out = tmp_path / "v.mp4"
    done = subprocess.run(command(name, PORTRAIT, media / "short.wav", out), env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert str(out) in done.stdout and out.read_bytes()[4:8] == b"ftyp"

    failed = subprocess.run(command(name, media / "noface.png", media / "short.wav", tmp_path / "w.mp4"), env=environment,
                            capture_output=True, text=True, timeout=120)
    assert failed.returncode != 0 and "no face" in failed.stderr and not (tmp_path / "w.mp4").exists()
    refused = subprocess.run(command(name, media / "page.html", media / "short.wav", tmp_path / "w.mp4"), env=environment,
                             capture_output=True, text=True, timeout=120)
    assert refused.returncode != 0 and "JPEG" in refused.stderr, refused.stderr


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def signed(secret, body, name="msg_1", at=None):
    at = str(int(time.time() if at is None else at))
    mac = hmac.new(base64.b64decode(secret.removeprefix("whsec_")), f"{name}.{at}.".encode() + body, hashlib.sha256)
    return {"webhook-id": name, "webhook-timestamp": at, "webhook-signature": "v1,x v1," + base64.b64encode(mac.digest()).decode()}


BODY = json.dumps({"type": "video.completed", "data": {"id": "task_forged"}}).encode()
OTHER = "whsec_" + base64.b64encode(b"o" * 32).decode()


@pytest.fixture(scope="module")
def hooked(tmp_path_factory, files):
    """A server that may post to one port of this machine."""
    port = free_port()
    s = Server(tmp_path_factory.mktemp("data"), allow_hosts=f"{files.host},127.0.0.1:{port}")
    s.port, s.secret = port, s.get("/v1/webhooks/default/secret").json["key"]
    yield s
    s.kill()
    s.stop()


@pytest.mark.parametrize("name", ["receive.py", "receive.mjs", "receive.go"])
def test_a_receiver_hears_of_the_end_and_believes_nobody_else(name, hooked, files, quick_body):
    url = f"http://127.0.0.1:{hooked.port}/hook"
    how = command(name, hooked.port)
    receiver = subprocess.Popen(how, env={**os.environ, "ORATOR_WEBHOOK_SECRET": hooked.secret}, stdout=subprocess.PIPE, text=True,
                                start_new_session=True)
    try:
        for _ in range(600):
            try:
                status = ask("POST", url, body=BODY, headers=signed(OTHER, BODY)).status
                break
            except OSError:
                time.sleep(0.1)
        assert status == 400  # another secret
        good = signed(hooked.secret, BODY)
        for headers, body in (({}, BODY), (good, BODY + b" "), (signed(hooked.secret, BODY, at=time.time() - 600), BODY),
                              ({**good, "webhook-id": "msg_2"}, BODY), ({**good, "webhook-signature": "v1,"}, BODY)):
            assert ask("POST", url, body=body, headers=headers).status == 400, headers
        for _ in range(2):  # the second is the same delivery again
            assert ask("POST", url, body=BODY, headers=signed(hooked.secret, BODY)).status == 204
        job = hooked.submit({**quick_body, "image_url": f"{files.url}/missing.png", "callback_url": url}).json
        assert receiver.stdout.readline() == "video.completed task_forged\n"
        assert receiver.stdout.readline() == f"video.failed {job['id']}\n"
    finally:
        os.killpg(receiver.pid, 15)
        receiver.wait()
        receiver.stdout.close()


def test_openssl_verifies_a_signature_in_a_shell():
    secret = "whsec_" + base64.b64encode(bytes(range(24))).decode()

    def verify(headers, body, **more):
        return subprocess.run(["bash", RECIPES / "verify.sh", *headers.values()], input=body, capture_output=True,
                              env={**os.environ, "ORATOR_WEBHOOK_SECRET": secret}, check=False).returncode

    body = b'{"type": "video.completed"}\n\n'
    assert verify(signed(secret, body), body) == 0
    assert verify(signed(OTHER, body), body) == 1
    assert verify(signed(secret, body), body + b"\n") == 1
    assert verify(signed(secret, body, at=time.time() - 600), body) == 1
