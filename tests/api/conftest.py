"""The real server on a loopback port, its real database, and a file server for portraits and voices."""
import functools
import hashlib
import http.server
import json
import os
import pathlib
import re
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
ORATOR = pathlib.Path(os.environ.get("ORATOR_PROGRAM", ROOT / "build" / "orator"))
PORTRAIT = ROOT / "tests" / "data" / "presenter.png"


# tests/with_postgres python3 -m pytest tests/api/...: the servers of these tests keep their tasks there
CLUSTER = os.environ.get("ORATOR_TEST_DATABASE")


def schema_of(data):
    """The URL of a schema that belongs to a data folder."""
    name = "api_" + hashlib.sha256(str(data).encode()).hexdigest()[:16]
    subprocess.run(["psql", "-q", CLUSTER, "-c", f"CREATE SCHEMA IF NOT EXISTS {name}"], check=True, stderr=subprocess.DEVNULL)
    return f"{CLUSTER}&options=-csearch_path%3D{name}"


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)


def ask(method, url, key=None, body=None, headers=None, timeout=30):
    """One request; the answer whatever its status. A dict is sent as JSON."""
    headers = dict(headers or {})
    if key:
        headers["Authorization"] = f"Bearer {key}"
    if isinstance(body, dict):
        body = json.dumps(body)
        headers.setdefault("Content-Type", "application/json")
    if isinstance(body, str):
        body = body.encode()
    request = urllib.request.Request(url, data=body, headers=headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=timeout) as r:
            return Answer(r.status, r.headers, r.read())
    except urllib.error.HTTPError as e:
        with e:
            return Answer(e.code, e.headers, e.read())


class Server:
    """`orator serve` over one data folder; may be killed and started again."""

    def __init__(self, data, allow_hosts="", **environment):
        self.data, self.allow_hosts, self.environment = pathlib.Path(data), allow_hosts, environment
        if CLUSTER and "ORATOR_DATABASE" not in environment:
            self.environment["ORATOR_DATABASE"] = schema_of(self.data)
        self.process = self.url = None
        self.start()
        made = subprocess.run([ORATOR, "keys", "create", "test", "--data", self.data], check=True,
                              env={**os.environ, **self.environment}, capture_output=True, text=True)
        self.key = made.stdout.strip()

    def start(self):
        self.data.mkdir(parents=True, exist_ok=True)
        environment = {**os.environ, "ORATOR_ALLOW_HOSTS": self.allow_hosts, **self.environment}
        began = time.monotonic()
        with open(self.data / "server.log", "a", encoding="utf-8") as log:
            self.process = subprocess.Popen([ORATOR, "serve", "--port", "0", "--data", self.data], env=environment,
                                            stdout=subprocess.PIPE, stderr=log, text=True)
        line = self.process.stdout.readline()
        found = re.search(r"listens on (http://\S+)", line)
        assert found, f"the server did not start: {line!r}\n{self.log_text()}"
        self.url, self.start_seconds = found.group(1), time.monotonic() - began

    def log_text(self):
        return (self.data / "server.log").read_text(encoding="utf-8")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        """SIGTERM; the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=20)
        self.process.stdout.close()
        return self.process.returncode

    def get(self, path, key=None, **more):
        return ask("GET", self.url + path, key or self.key, **more)

    def submit(self, body, key=None, **more):
        return ask("POST", self.url + "/v1/video/generations", key or self.key, body, **more)

    def job(self, task_id):
        return self.get(f"/v1/video/generations/{task_id}").json

    def wait(self, task_id, seconds=120):
        """Polls as the document says, until the task is final."""
        end = time.monotonic() + seconds
        seen = []
        while time.monotonic() < end:
            job = self.job(task_id)
            if not seen or seen[-1] != job["status"]:
                seen.append(job["status"])
            if job["status"] in ("completed", "failed"):
                job["_seen"] = seen
                return job
            time.sleep(0.1)
        raise AssertionError(f"{task_id} is still {seen} after {seconds} s\n{self.log_text()[-3000:]}")


@pytest.fixture(scope="session")
def media(tmp_path_factory):
    """A folder with a portrait and voices, made here."""
    folder = tmp_path_factory.mktemp("media")
    (folder / "face.png").write_bytes(PORTRAIT.read_bytes())
    text = "Please bring more paper. My brother may play by the pool, before the big ship comes home."
    subprocess.run(["espeak-ng", "-v", "en-us", "-w", folder / "voice.wav", text], check=True)
    subprocess.run(["ffmpeg", "-v", "error", "-i", folder / "voice.wav", folder / "voice.mp3"], check=True)
    subprocess.run(["espeak-ng", "-v", "en-us", "-s", "140", "-w", folder / "short.wav", "Maybe my brother plays by the pool."],
                   check=True)
    subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=size=400x300", "-frames:v", "1",
                    folder / "noface.png"], check=True)
    for name, change in (("small", "scale=150:-1"), ("covered", "drawbox=x=330:y=470:w=350:h=230:color=0x4a6a80:t=fill")):
        subprocess.run(["ffmpeg", "-v", "error", "-i", PORTRAIT, "-vf", change, folder / f"{name}.png"], check=True)
    (folder / "page.html").write_text("<html>not a picture</html>")
    return folder


@pytest.fixture(scope="session")
def files(media):
    """A file server on loopback; .url, .host and .hits."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            server.hits.append(self.path)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=media))
    server.hits = []
    server.host = f"127.0.0.1:{server.server_address[1]}"
    server.url = f"http://{server.host}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()


@pytest.fixture(scope="session")
def server(tmp_path_factory, files):
    s = Server(tmp_path_factory.mktemp("data"), allow_hosts=files.host)
    yield s
    assert s.stop() == 0, s.log_text()


@pytest.fixture(scope="session")
def voice_seconds(media):
    out = subprocess.run([ORATOR, "inspect", "--audio", media / "voice.wav"], check=True, capture_output=True)
    return json.loads(out.stdout)["audio_duration_seconds"]


@pytest.fixture(scope="session")
def request_body(files, voice_seconds):
    """What the document calls a minimum valid request, with our sources."""
    return {"model": "kling-avatar-v2-standard", "image_url": f"{files.url}/face.png",
            "audio_url": f"{files.url}/voice.mp3", "audio_duration_seconds": voice_seconds}


@pytest.fixture(scope="session")
def short_seconds(media):
    out = subprocess.run([ORATOR, "inspect", "--audio", media / "short.wav"], check=True, capture_output=True)
    return json.loads(out.stdout)["audio_duration_seconds"]


@pytest.fixture(scope="session")
def quick_body(files, short_seconds):
    """The same, but rendered in a moment: for tests of what is around a render."""
    return {"model": "kling-avatar-v2-standard", "image_url": f"{files.url}/face.png",
            "audio_url": f"{files.url}/short.wav", "audio_duration_seconds": short_seconds,
            "resolution": "480p", "fps": 12}


@pytest.fixture
def another_server(tmp_path, files):
    """A server of the test's own; ended with it, whatever happens."""
    s = Server(tmp_path / "data", allow_hosts=files.host)
    yield s
    s.kill()
    s.stop()
