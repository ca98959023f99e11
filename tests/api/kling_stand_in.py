"""Kling's avatar API as its documentation has it, on loopback: keys, fields, codes, states. The prompt says how it goes."""
import base64
import hashlib
import hmac
import http.server
import json
import threading
import time

ACCESS, SECRET = "AK-of-the-operator", "SK-of-the-operator"
PATH = "/v1/videos/avatar/image2video"


def unpack(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def key_problem(header):
    """A code of authentication; 0: the token is good."""
    if not header or not header.startswith("Bearer "):
        return 1001
    try:
        head, claims, mac = header[7:].split(".")
        if json.loads(unpack(head)) != {"alg": "HS256", "typ": "JWT"}:
            return 1000
        claims_json = json.loads(unpack(claims))
    except ValueError:
        return 1000
    if claims_json["iss"] != ACCESS:
        return 1002
    if not hmac.compare_digest(unpack(mac), hmac.new(SECRET.encode(), f"{head}.{claims}".encode(), hashlib.sha256).digest()):
        return 1000
    if not claims_json["nbf"] <= time.time() <= claims_json["exp"] <= time.time() + 1801:
        return 1004
    return 0


class Kling:
    """.url, .host; .tasks by id; .video: what a finished task gives; .submits and .polls are counted."""

    def __init__(self, video):
        self.tasks, self.video, self.submits, self.polls, self.hiccups = {}, video, 0, 0, {}
        kling = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def answer(self, status, code, message, data=None):
                body = {"code": code, "message": message, "request_id": "rq-1"}
                if data is not None:
                    body["data"] = data
                self.send(status, json.dumps(body).encode(), "application/json")

            def send(self, status, body, media_type):
                self.send_response(status)
                self.send_header("Content-Type", media_type)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def refused(self):
                code = key_problem(self.headers.get("Authorization"))
                if code:
                    self.answer(401, code, "authentication failed")
                return code != 0

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                kling.submits += 1
                if self.refused():
                    return
                try:
                    fields = json.loads(body)
                    assert self.path == PATH and self.headers["Content-Type"] == "application/json"
                    assert set(fields) <= {"image", "sound_file", "prompt", "mode", "callback_url", "external_task_id", "watermark_info"}
                    assert base64.b64decode(fields["image"], validate=True)[:4] == b"\x89PNG"
                    sound = base64.b64decode(fields["sound_file"], validate=True)
                    assert sound[:4] in (b"RIFF", b"ID3\x04") or sound[0] == 0xFF and len(sound) <= 5 << 20
                    assert fields["mode"] in ("std", "pro") and fields["external_task_id"] not in {t["external"] for t in kling.tasks.values()}
                except (AssertionError, ValueError, KeyError) as e:
                    return self.answer(400, 1201, f"a parameter is wrong: {e!r}")
                way = fields.get("prompt", "")
                left = kling.hiccups.setdefault(fields["external_task_id"], {"slots": 2, "away": 2}.get(way, 0))
                if left:
                    kling.hiccups[fields["external_task_id"]] = left - 1
                    if way == "slots":
                        return self.answer(429, 1303, "parallel task over resource pack limit")
                    return self.send(502, b"<html>bad gateway</html>", "text/html")
                if way == "content":
                    return self.answer(400, 1301, "the content security policy was triggered")
                if way == "poor":
                    return self.answer(429, 1102, "resource pack depleted")
                id = f"k{len(kling.tasks) + 1}"
                kling.tasks[id] = {"way": way, "external": fields["external_task_id"], "looks": 0, "fields": fields, "sound": sound}
                self.answer(200, 0, "SUCCEED", self.data(id, "submitted"))

            def data(self, id, state, **more):
                return {"task_id": id, "task_info": {"external_task_id": kling.tasks[id]["external"]}, "task_status": state,
                        "created_at": 1722769557708, "updated_at": 1722769557708, **more}

            def do_GET(self):
                if self.path == "/cdn/video.mp4":
                    return self.send(200, kling.video, "video/mp4")
                kling.polls += 1
                if self.refused():
                    return
                name = self.path[len(PATH) + 1:]
                id = name if name in kling.tasks else next((i for i, t in kling.tasks.items() if t["external"] == name), None)
                if not id or not self.path.startswith(PATH + "/"):
                    return self.answer(404, 1203, "the task does not exist")
                task = kling.tasks[id]
                task["looks"] += 1
                if task["looks"] == 1 or task["way"] == "slow":
                    return self.answer(200, 0, "SUCCEED", self.data(id, "processing"))
                if task["way"] == "failed":
                    return self.answer(200, 0, "SUCCEED", self.data(id, "failed", task_status_msg="Failure to pass the risk control system"))
                where = "/cdn/gone.mp4" if task["way"] == "gone" else "/cdn/video.mp4"
                self.answer(200, 0, "SUCCEED", self.data(id, "succeed", task_result={
                    "videos": [{"id": "v1", "url": f"http://{kling.host}{where}", "duration": "5.1"}]}))

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self.server.server_address[1]}"
        self.url = f"http://{self.host}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
