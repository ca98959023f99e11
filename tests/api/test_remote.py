"""`orator submit`, `status`, `wait`, `list`, `cancel` against the real server."""
import http.server
import json
import os
import subprocess
import threading

import pytest

from conftest import ORATOR, PORTRAIT
from test_cli import needs_voices


@pytest.fixture
def remote(server, tmp_path):
    environment = {**os.environ, "ORATOR_URL": server.url + "/", "ORATOR_API_KEY": server.key, "XDG_CONFIG_HOME": str(tmp_path)}

    def run(*arguments, **change):
        changed = {k: v for k, v in {**environment, **change}.items() if v is not None}
        return subprocess.run([ORATOR, *map(str, arguments)], capture_output=True, text=True, timeout=120, env=changed)

    return run


QUICK = ["--resolution=480p", "--fps=12", "--quiet"]


def test_files_go_up_and_the_video_comes_down(remote, server, media, tmp_path):
    video = tmp_path / "v.mp4"
    out = remote("submit", "-i", PORTRAIT, "-a", media / "short.wav", "-o", video, "--prompt", "warm; \"smile\"", "--seed", 7,
                 "--motion-head", "0.5", "--no-blink", "--face-box", "300,200,424,500", "--external-id", "mine", "--json", *QUICK)
    assert out.returncode == 0, out.stderr
    job = json.loads(out.stdout)
    assert (job["status"], job["seed"], job["resolution"], job["fps"], job["external_task_id"]) == ("completed", 7, "480p", 12, "mine")
    assert job["motion"] == {"head": 0.5, "expression": 1.0, "blink": False} and job["face_box"] == [300, 200, 424, 500]
    assert video.read_bytes() == server.get(f"/v1/video/generations/{job['id']}/content").body
    assert list(tmp_path.iterdir()) == [video]

    shown = remote("status", job["id"])
    assert shown.returncode == 0 and job["id"] in shown.stdout and "completed" in shown.stdout and job["video_url"] in shown.stdout
    none = remote("wait", job["id"], "--captions", tmp_path / "v.vtt")
    assert none.returncode == 3 and "captions" in none.stderr and not (tmp_path / "v.vtt").exists()
    again = remote("wait", job["id"], "-o", tmp_path / "w.mp4")
    assert again.returncode == 0 and (tmp_path / "w.mp4").read_bytes() == video.read_bytes()
    assert job["id"] in remote("list", "-n", 3).stdout
    assert [j["id"] for j in json.loads(remote("list", "--limit=1", "--status", "completed", "--json").stdout)["data"]] == [job["id"]]


def test_urls_go_as_urls_and_the_server_measures_the_voice(remote, files, short_seconds):
    out = remote("submit", "-i", f"{files.url}/face.png", "-a", f"{files.url}/short.wav", "--json", *QUICK)
    job = json.loads(out.stdout)
    assert job["status"] in ("queued", "processing") and abs(job["billing"]["declared_seconds"] - short_seconds) < 0.01
    done = remote("wait", job["id"], "--progress=plain")
    assert done.returncode == 0 and "completed" in done.stdout
    late = remote("cancel", job["id"])
    assert late.returncode == 2 and "completed already" in late.stderr


def test_a_job_that_fails_gives_the_exit_code_of_its_failure(remote, files, short_seconds):
    out = remote("submit", "-i", f"{files.url}/missing.png", "-a", f"{files.url}/short.wav", "--wait", *QUICK)
    assert out.returncode == 7 and "download_failed" in out.stdout and out.stderr.startswith("orator: ")


def test_a_job_is_canceled(remote, media):
    first = json.loads(remote("submit", "-i", PORTRAIT, "-a", media / "voice.wav", "--model", "pro", "--json").stdout)
    second = json.loads(remote("submit", "-i", PORTRAIT, "-a", media / "voice.wav", "--model", "pro", "--json").stdout)
    for job in (second, first):
        assert remote("cancel", job["id"]).returncode == 0
    out = remote("wait", second["id"])
    assert out.returncode == 5 and "canceled" in out.stdout


@pytest.mark.parametrize("arguments,code,text", [
    (["status", "task_00000000000000000000000000"], 3, "no task"),
    (["status", "../../x y"], 3, ""),
    (["status"], 2, "say which: orator status ID"),
    (["submit", "-i", "none.png", "-a", "none.wav"], 3, "none.png cannot be read"),
    (["submit", "-a", "none.wav"], 2, "--image is missing"),
    (["list", "--limit", "1000"], 2, "need 1 to 100"),
    (["list", "--status", "gone"], 2, "queued, processing"),
    (["list", "--url", "ftp://x"], 2, "need http or https"),
    (["list", "--url", "http://127.0.0.1:1"], 7, "http://127.0.0.1:1 cannot be reached"),
])
def test_what_is_wrong_is_said_in_a_sentence(remote, arguments, code, text):
    out = remote(*arguments)
    assert (out.returncode, out.stdout) == (code, "") and text in out.stderr, out.stderr


def test_server_and_key_come_from_a_file_too_and_nearer_ones_win(remote, server, tmp_path):
    nothing = remote("list", ORATOR_API_KEY=None)
    assert nothing.returncode == 9 and "ORATOR_API_KEY" in nothing.stderr and "client.conf" in nothing.stderr
    (tmp_path / "orator").mkdir()
    (tmp_path / "orator" / "client.conf").write_text(f"# mine\nurl = {server.url}\napi_key = {server.key}\n")
    assert remote("list", ORATOR_API_KEY=None, ORATOR_URL=None).returncode == 0
    wrong = remote("list", ORATOR_API_KEY="sk-wrong")
    assert wrong.returncode == 9 and "sk-wrong" not in wrong.stderr
    (tmp_path / "key").write_text(server.key + "\n")
    assert remote("list", "--key-file", tmp_path / "key", ORATOR_API_KEY="sk-wrong").returncode == 0
    (tmp_path / "orator" / "client.conf").write_text("key = x\n")
    assert "line 1" in remote("list").stderr


def test_a_terminal_sees_stages_while_it_waits(remote, media):
    out = remote("submit", "-i", PORTRAIT, "-a", media / "voice.wav", "--wait", "--progress=json", "--model", "pro")
    assert out.returncode == 0
    told = [json.loads(line) for line in out.stderr.splitlines()]
    assert told and all(t["event"] == "progress" for t in told) and {t["stage"] for t in told} & {"render", "queued", "fetch", "inspect"}


# --- servers that are not as they should be -------------------------------------------------------------------------


@pytest.fixture
def odd():
    """A server that answers what it is told to: .answers is a list of (status, headers, body)."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.do_GET()

        def do_GET(self):
            status, headers, body = server.answers.pop(0) if len(server.answers) > 1 else server.answers[0]
            server.asked.append((self.path, self.headers["Idempotency-Key"]))
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.url, server.asked, server.answers = f"http://127.0.0.1:{server.server_address[1]}", [], []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()


DONE = {"id": "task_x", "status": "completed", "created_at": 1, "video_url": "u", "result": {"duration_seconds": 1, "width": 2, "height": 2}}


@pytest.mark.parametrize("answer,code,text", [
    ((200, {}, b"<html>hello</html>"), 8, "does not answer as an Orator does"),
    ((200, {}, b"[1]"), 8, "does not answer as an Orator does"),
    ((200, {}, b""), 8, "does not answer as an Orator does"),
    ((404, {}, b"<html>nginx</html>"), 3, "HTTP 404"),
    ((502, {}, b""), 7, "HTTP 502"),
    ((302, {"Location": "http://127.0.0.1:1/"}, b""), 2, "redirects (HTTP 302)"),
    ((200, {}, b"{" + b" " * (20 << 20) + b"}"), 7, "no memory for the answer"),
    ((200, {"Content-Length": "100"}, b"{}"), 7, "cannot be reached"),
    ((403, {}, b'{"error":{"code":"permission_denied","message":"no","param":null}}'), 9, "orator: no\n"),
    ((400, {}, b'{"error":{"code":"of_tomorrow","message":"something new"}}'), 2, "something new"),
])
def test_what_is_not_an_orator_is_told_apart(remote, odd, answer, code, text):
    odd.answers = [answer]
    out = remote("status", "task_x", "--url", odd.url)
    assert (out.returncode, out.stdout) == (code, "") and text in out.stderr, (out.returncode, out.stderr)


def test_a_wait_outlives_a_restart_of_the_server(remote, odd):
    busy = (503, {}, b'{"error":{"code":"shutting_down","message":"wait"}}')
    odd.answers = [(200, {}, b'{"id":"task_x","status":"processing","stage":"render","frames_done":5,"frames_total":9}'), busy, busy,
                   (200, {}, json.dumps(DONE).encode())]
    out = remote("wait", "task_x", "--url", odd.url, "--progress=plain")
    assert out.returncode == 0 and "completed" in out.stdout and "5 of 9 frames" in out.stderr
    assert [p for p, _ in odd.asked] == ["/v1/video/generations/task_x?wait=1"] * 4


@needs_voices
def test_a_server_speaks_a_text(remote, tmp_path):
    out = remote("submit", "-i", PORTRAIT, "--say", "Maybe my brother plays by the pool, before the big ship comes home.", "-o", tmp_path / "v.mp4",
                 "--captions", tmp_path / "v.vtt", "--thumbnail", tmp_path / "v.jpg", *QUICK)
    assert out.returncode == 0 and (tmp_path / "v.mp4").exists(), out.stderr
    assert "brother" in (tmp_path / "v.vtt").read_text() and (tmp_path / "v.jpg").read_bytes()[:2] == b"\xff\xd8"
    wrong = remote("submit", "-i", PORTRAIT, "--say", "Hello", "--voice", "nobody-here")
    assert wrong.returncode == 2 and "nobody-here" in wrong.stderr


def test_a_submit_that_breaks_is_sent_again_as_the_same_request(remote, odd, media):
    odd.answers = [(503, {}, b""), (200, {"Content-Length": "9"}, b""), (200, {}, b'{"task_id":"task_x"}'), (200, {}, json.dumps(DONE).encode())]
    out = remote("submit", "-i", PORTRAIT, "-a", media / "short.wav", "--url", odd.url)
    assert out.returncode == 0, out.stderr
    names = [name for path, name in odd.asked if path == "/v1/videos"]
    assert len(names) == 3 and len(set(names)) == 1 and len(names[0]) == 32


def test_an_estimate_says_price_time_and_what_is_wrong(remote, media):
    good = remote("estimate", "-i", PORTRAIT, "-a", media / "short.wav")
    assert good.returncode == 0 and "USD for 2.6 s, done in about" in good.stdout, good.stderr
    bad = remote("estimate", "-i", media / "noface.png", "-a", media / "short.wav", "--json")
    assert bad.returncode == 2 and "face" in bad.stderr and json.loads(bad.stdout)["ok"] is False
    dear = remote("submit", "-i", PORTRAIT, "-a", media / "short.wav", "--max-cost", "0.01")
    assert dear.returncode == 4 and "0.01" in dear.stderr


def test_a_download_that_breaks_leaves_no_file(remote, odd, tmp_path):
    odd.answers = [(200, {}, json.dumps(DONE).encode()), (200, {"Content-Length": "1000"}, b"half")]
    out = remote("wait", "task_x", "--url", odd.url, "-o", tmp_path / "v.mp4")
    assert out.returncode == 7 and not list(tmp_path.iterdir())
    odd.answers = [(200, {}, json.dumps(DONE).encode()), (410, {}, b'{"error":{"code":"expired","message":"it is gone"}}')]
    out = remote("wait", "task_x", "--url", odd.url, "-o", tmp_path / "v.mp4")
    assert out.returncode == 5 and "it is gone" in out.stderr and not list(tmp_path.iterdir())
