"""Customers of a server that is being broken: they submit, try again under the same Idempotency-Key, cancel, upload, and look."""
import base64
import functools
import http.server
import json
import pathlib
import random
import subprocess
import threading
import urllib.error
import urllib.request
import uuid
from collections import Counter

ROOT = pathlib.Path(__file__).resolve().parents[2]
JOBS = "/v1/video/generations"


def ask(method, url, key, body=None, headers=None, timeout=8):
    """(status, body); status 0: no answer."""
    headers = {**({"Authorization": f"Bearer {key}"} if key else {}), **(headers or {})}
    if isinstance(body, dict):
        body = json.dumps(body).encode()
        headers.setdefault("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, headers, method=method), timeout=timeout) as r:
            return r.status, r.read()
    except urllib.error.HTTPError as e:
        with e:
            try:
                return e.code, e.read()
            except OSError:
                return 0, b""
    except (OSError, http.client.HTTPException):
        return 0, b""


class Unmoved(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A client that was killed."""


class Loopback:
    """A server of the test's own on loopback."""

    def __init__(self, handler):
        self.server = Unmoved(("127.0.0.1", 0), handler)
        self.host = f"127.0.0.1:{self.server.server_address[1]}"
        self.url = f"http://{self.host}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Sources(Loopback):
    """A portrait and a voice of two and a half seconds, as links."""

    def __init__(self, folder):
        media = folder / "sources"
        media.mkdir()
        (media / "face.png").write_bytes((ROOT / "tests/data/presenter.png").read_bytes())
        subprocess.run(["espeak-ng", "-v", "en-us", "-w", media / "long.wav", "Maybe my brother plays by the pool all day."], check=True)
        subprocess.run(["ffmpeg", "-v", "error", "-i", media / "long.wav", "-af", "apad", "-t", "2.5", "-ar", "16000", media / "voice.wav"],
                       check=True)
        self.voice = (media / "voice.wav").read_bytes()

        class Quiet(http.server.SimpleHTTPRequestHandler):
            def log_message(self, *_):
                pass

        super().__init__(functools.partial(Quiet, directory=media))


class Receiver(Loopback):
    """Of webhooks; .told counts them by job, .ids by delivery."""

    def __init__(self):
        self.told, self.ids = Counter(), Counter()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.told[body["data"]["id"]] += 1
                outer.ids[self.headers["webhook-id"]] += 1
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        super().__init__(Handler)


class Customers:
    THREADS, PAUSE_S = 4, 0.35

    def __init__(self, urls, key, sources, callback, seed):
        self.urls, self.key, self.sources, self.callback = urls, key, sources, callback
        self.accepted, self.unanswered, self.answers = {}, [], Counter()
        self.uploads = []
        self.over, self.lock = threading.Event(), threading.Lock()
        self.threads = [threading.Thread(target=self.shop, args=(random.Random(seed * 100 + i),), daemon=True) for i in range(self.THREADS)]

    def start(self):
        for t in self.threads:
            t.start()

    def stop(self):
        self.over.set()
        for t in self.threads:
            t.join(timeout=20)

    def again(self, chance, method, path, body=None, headers=None):
        """Until it is answered with anything but "later": (status, body); None when the time is over."""
        while not self.over.is_set():
            status, answer = ask(method, chance.choice(self.urls) + path, self.key, body, headers)
            self.answers[f"{method} {status}"] += 1
            if status not in (0, 429, 503, 500, 504) and b"idempotency_in_progress" not in answer:
                return status, answer
            self.over.wait(chance.uniform(0.2, 0.8))
        return None

    def voice(self, chance):
        how = chance.random()
        if how < 0.4:
            return f"{self.sources.url}/voice.wav"
        if how < 0.9:
            return "data:audio/wav;base64," + base64.b64encode(self.sources.voice).decode()
        got = self.again(chance, "POST", "/v1/files", self.sources.voice, {"Content-Type": "audio/wav", "Idempotency-Key": str(uuid.uuid4())})
        return json.loads(got[1])["id"] if got and got[0] < 300 else f"{self.sources.url}/voice.wav"

    def shop(self, chance):
        while not self.over.is_set():
            body = {"model": "kling-avatar-v2-standard", "image_url": f"{self.sources.url}/face.png", "audio_url": self.voice(chance),
                    "audio_duration_seconds": 2.5, "callback_url": self.callback}
            if chance.random() < 0.06:  # one that is really made
                body.update(model="kling-avatar-v2-pro", resolution="480p", fps=12)
            name = str(uuid.uuid4())
            got = self.again(chance, "POST", JOBS, body, {"Idempotency-Key": name})
            if got is None:
                self.unanswered.append(name)
            elif got[0] in (200, 201, 202):
                job = json.loads(got[1])
                with self.lock:
                    self.accepted[job["id"]] = job
                if chance.random() < 0.05:
                    self.again(chance, "POST", f"{JOBS}/{job['id']}/cancel")
                elif chance.random() < 0.3:
                    self.again(chance, "GET", f"{JOBS}/{job['id']}")
            else:
                self.answers[f"refused: {got[1][:200].decode()}"] += 1
            self.over.wait(chance.uniform(0, 2 * self.PAUSE_S))
