"""The OpenAPI document: served, clean for strangers' linters, and kept by every answer that goes through a stranger's proxy."""
import json
import os
import re
import shutil
import socket
import subprocess
import time

import pytest

from conftest import ROOT, ask
from test_files import form

TOOLS = ROOT / "tests" / "clients" / "node_modules" / ".bin"
needs_npm = pytest.mark.skipif(not shutil.which("node") or not TOOLS.exists(),
                               reason="tools/setup --tests installs the npm tools")
DOCUMENT = ROOT.parent / "shared" / "spec" / "digital-human.md"
QUIET = {**os.environ, "REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}


@pytest.fixture(scope="module")
def document(server, tmp_path_factory):
    path = tmp_path_factory.mktemp("openapi") / "openapi.json"
    path.write_bytes(server.get("/openapi.json").body)
    return path


def test_every_route_is_documented_and_every_documented_route_exists(server, document):
    table = re.findall(r'^    \{"([A-Z]+)",\s+"([^"]+)"', (ROOT / "src/server/api/routes.c").read_text(), re.M)
    paths = json.loads(document.read_text())["paths"]
    assert {(m.upper(), p) for p, item in paths.items() for m in item} == set(table)
    for path, item in paths.items():
        allowed = ask("OPTIONS", server.url + re.sub(r"{\w+}", "x", path)).headers["Allow"]
        for method in item:
            assert method.upper() in allowed.split(", "), (path, allowed)


@needs_npm
@pytest.mark.parametrize("linter", [["redocly", "lint"], ["spectral", "lint", "-F", "warn", "-r",
                                                         str(ROOT / "tests" / "clients" / "spectral.yaml")]])
def test_strangers_linters_find_nothing(linter, document):
    out = subprocess.run([TOOLS / linter[0], *linter[1:], document], capture_output=True, text=True, env=QUIET, timeout=120)
    text = out.stdout + out.stderr
    assert out.returncode == 0 and "You have" not in text, text


@pytest.fixture(scope="module")
def proxy(server, document):
    """prism proxy --errors: what breaks the document, in a request or an answer, becomes a 4xx or 5xx of its own."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    process = subprocess.Popen([TOOLS / "prism", "proxy", "--errors", "-h", "127.0.0.1", "-p", str(port), document, server.url],
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    for line in process.stdout:
        if "listening" in line:
            break
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait(10)


@needs_npm
def test_the_main_road_keeps_the_document_through_a_strangers_proxy(proxy, server, quick_body, files, media):
    def through(method, path, body=None, status=200, **more):
        answer = ask(method, proxy + path, server.key, body, **more)
        assert answer.status == status, (method, path, answer.status, answer.body[:600])
        assert b"stoplight" not in answer.body, answer.body[:600]
        return answer.json

    job = through("POST", "/v1/video/generations", {**quick_body, "metadata": {"a": "b"}, "external_task_id": "prism"})
    while job["status"] in ("queued", "processing"):
        job = through("GET", f"/v1/video/generations/{job['id']}")
        time.sleep(0.05)
    assert job["status"] == "completed"
    failing = through("POST", "/v1/video/generations", {**quick_body, "image_url": f"{files.url}/missing.png"})
    assert through("GET", f"/v1/video/generations/{failing['id']}?wait=30")["status"] == "failed"
    listed = through("GET", "/v1/video/generations?status=completed&order=desc&limit=5")
    assert job["id"] in [j["id"] for j in listed["data"]]
    assert through("POST", "/v1/video/generations/estimate", quick_body)["ok"]
    doomed = through("POST", "/v1/video/generations", quick_body)
    assert through("POST", f"/v1/video/generations/{doomed['id']}/cancel")["error"]["code"] == "canceled"
    through("DELETE", f"/v1/video/generations/{doomed['id']}")
    for path in ("/v1/balance", "/v1/usage?group_by=model", "/v1/ledger?order=asc&limit=3", "/v1/models", "/v1/models/kling-avatar-v2-pro", "/v1/errors", "/v1/limits", "/healthz", "/readyz", "/v1/files",
                 "/v1/webhook_endpoints", "/v1/webhook_deliveries", "/v1/videos", f"/v1/videos/{job['id']}",
                 f"/v1/videos/{job['id'].replace('task_', 'video_')}", f"/v1/predictions/{job['id']}", "/v1/predictions",
                 "/v1/videos/avatar/image2video", "/v1/kling/credentials", "/v1/webhooks/default/secret"):
        through("GET", path)
    through("GET", "/v1/video/generations/task_x", status=404)
    through("GET", "/v1/video/generations/task_x/events", status=404)
    headers, body = form({"purpose": "image"}, {"file": ("f.png", "image/png", (media / "face.png").read_bytes())})
    upload = ask("POST", server.url + "/v1/files", server.key, body, headers).json  # the proxy would mangle a picture's bytes
    through("GET", f"/v1/files/{upload['id']}")
    through("DELETE", f"/v1/files/{upload['id']}")
    made = through("POST", "/v1/webhook_endpoints", {"url": "https://example.com/hook"})
    through("POST", f"/v1/webhook_endpoints/{made['id']}/rotate")
    through("DELETE", f"/v1/webhook_endpoints/{made['id']}")
    wrong = ask("POST", proxy + "/v1/video/generations", server.key, {**quick_body, "model": 7})
    assert wrong.status == 422 and b"stoplight" in wrong.body  # the proxy judges indeed


def examples():
    """The curl commands of the contract, as printed."""
    if not DOCUMENT.exists():
        return []
    return re.findall(r"```bash\n(curl .*?)```", DOCUMENT.read_text(encoding="utf-8"), re.S)


@pytest.mark.skipif(not DOCUMENT.exists(), reason="the contract lies beside the tree, not in it")
def test_every_example_of_the_contract_answers_as_printed(another_server):
    """Only the host and the key are replaced; the names in the examples lead nowhere, so their jobs fail later."""
    server = another_server
    commands = examples()
    assert len(commands) == 7, commands
    shown = [json.loads(j) for j in re.findall(r"```json\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.S)]
    submitted, completed = shown[0], shown[1]
    task = None
    for command in sorted(commands, key=lambda c: "-X GET" in c):
        command = command.replace("https://api.xxx.xx", server.url).replace("sk-xxxxxxxxxxxxxxxx", server.key)
        if "-X GET" in command:
            command = command.replace("task_xxxxxxxxxxxxx", task)
        out = subprocess.run(["bash", "-c", command.replace("curl ", "curl -sS -w '\\n%{http_code}' ", 1)], capture_output=True,
                             text=True, check=True, timeout=60)
        body, _, status = out.stdout.rpartition("\n")
        answer = json.loads(body)
        assert status == "200", answer
        want = completed if "-X GET" in command else submitted
        assert set(submitted) <= set(answer) and answer["object"] == want["object"] and answer["id"] == answer["task_id"]
        assert answer["status"] == "queued" or "-X GET" in command
        assert answer["id"].startswith("task_")
        task = answer["id"]
    # section 6.3: what is left out is said
    missing = server.submit(shown[4])
    assert (missing.status, missing.json["error"]["param"]) == (400, "audio_duration_seconds")


def test_a_completed_job_has_the_printed_fields(server, quick_body):
    done = server.wait(server.submit(quick_body).json["id"])
    assert {"id", "task_id", "object", "status", "video_url", "result"} <= set(done)
    assert done["result"]["outputs"] == [done["video_url"]]
