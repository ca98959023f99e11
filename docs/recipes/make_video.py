#!/usr/bin/env python3
"""make_video.py PORTRAIT VOICE OUT.mp4 - standard library only; ORATOR_URL and ORATOR_API_KEY in the environment."""
import json
import os
import sys
import time
import urllib.error
import urllib.request
import uuid

URL = os.environ.get("ORATOR_URL", "http://127.0.0.1:8080").rstrip("/")
KEY = os.environ["ORATOR_API_KEY"]


def ask(path, body=None, content_type=None):
    """One request. Busy servers and rate limits are asked again when they say."""
    headers = {"Authorization": f"Bearer {KEY}"}
    if content_type:
        headers["Content-Type"] = content_type
    for attempt in range(6):
        try:
            with urllib.request.urlopen(urllib.request.Request(URL + path, body, headers), timeout=120) as answer:
                return answer.read()
        except urllib.error.HTTPError as e:
            error = json.load(e)["error"]
            if e.code not in (429, 503) or attempt == 5:
                sys.exit(f"{error['code']}: {error['message']}")
            time.sleep(int(e.headers.get("Retry-After", 2**attempt)))


def form(fields, files):
    """multipart/form-data: texts by name, files by name and path."""
    boundary = uuid.uuid4().hex
    parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'.encode() for k, v in fields.items()]
    for name, path in files.items():
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{os.path.basename(path)}"\r\n\r\n'
        with open(path, "rb") as file:
            parts.append(head.encode() + file.read() + b"\r\n")
    return b"".join(parts) + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


def make_video(portrait, voice, out, **options):
    fields = {"model": "kling-avatar-v2-standard", "prompt": "friendly presenter, warm smile", **options}
    task = json.loads(ask("/v1/videos", *form(fields, {"image": portrait, "audio": voice})))["task_id"]
    while True:  # each question is answered when the job is over, or after 30 seconds
        job = json.loads(ask(f"/v1/video/generations/{task}?wait=30"))
        if job["status"] == "completed":
            break
        if job["status"] == "failed":
            sys.exit(f"{job['error']['code']}: {job['error']['message']}")
    with open(out, "wb") as file:
        file.write(ask(f"/v1/video/generations/{task}/content"))
    return job


if __name__ == "__main__":
    job = make_video(*sys.argv[1:4])
    print(sys.argv[3], job["result"]["duration_seconds"], "s")
