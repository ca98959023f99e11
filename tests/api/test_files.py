"""Files: uploaded once, used by id; and forms with files in place of JSON."""
import json
import subprocess
import uuid

from conftest import ORATOR, ask


def form(fields, files):
    """multipart/form-data: (headers, body)."""
    boundary = uuid.uuid4().hex
    parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'.encode()
             for k, v in fields.items()]
    parts += [f'--{boundary}\r\nContent-Disposition: form-data; name="{k}"; filename="{name}"\r\n'
              f"Content-Type: {kind}\r\n\r\n".encode() + data + b"\r\n" for k, (name, kind, data) in files.items()]
    return ({"Content-Type": f"multipart/form-data; boundary={boundary}"},
            b"".join(parts) + f"--{boundary}--\r\n".encode())


def upload(server, data, fields=None, key=None, name="a.bin"):
    headers, body = form(fields or {}, {"file": (name, "application/octet-stream", data)})
    return ask("POST", server.url + "/v1/files", key or server.key, body, headers)


def test_uploaded_files_make_a_video_and_may_go_before_it_does(server, media, short_seconds):
    face = upload(server, (media / "face.png").read_bytes(), {"purpose": "image"}, name="face.png").json
    assert face["object"] == "file" and face["purpose"] == "image" and face["filename"] == "face.png"
    assert face["bytes"] == (media / "face.png").stat().st_size and face["media_type"] == "image/png"
    raw = ask("POST", server.url + "/v1/files?purpose=audio&filename=v.wav&expires_in=3600", server.key,
              (media / "short.wav").read_bytes(), {"Content-Type": "audio/wav"})
    voice = raw.json
    assert voice["purpose"] == "audio" and voice["expires_at"] - voice["created_at"] == 3600
    same = server.get(f"/v1/files/{voice['id']}/content")
    assert same.body == (media / "short.wav").read_bytes() and same.headers["Content-Type"] == "audio/wav"
    ids = [f["id"] for f in server.get("/v1/files").json["data"]]
    assert ids[:2] == [voice["id"], face["id"]]
    assert server.get("/v1/files?purpose=image&limit=1").json["data"][0]["id"] == face["id"]
    second = server.get(f"/v1/files?limit=1&after={voice['id']}").json
    assert second["data"][0]["id"] == face["id"] and second["first_id"] == second["last_id"] == face["id"]

    job = server.submit({"model": "kling-avatar-v2-standard", "image_url": face["id"], "audio_url": voice["id"],
                         "audio_duration_seconds": short_seconds, "resolution": "480p", "fps": 12})
    assert job.status == 200, job.body
    for f in (face, voice):
        gone = ask("DELETE", f"{server.url}/v1/files/{f['id']}", server.key)
        assert gone.json == {"id": f["id"], "object": "file", "deleted": True}
        assert server.get(f"/v1/files/{f['id']}").status == 404
    assert server.wait(job.json["id"])["status"] == "completed"


def test_a_form_with_files_is_a_submit(server, media, short_seconds):
    headers, body = form({"model": "kling-avatar-v2-standard", "audio_duration_seconds": short_seconds,
                          "prompt": "12", "motion[head]": "0.5", "metadata[order]": "7", "seed": "7"},
                         {"image": ("f.png", "image/png", (media / "noface.png").read_bytes()),
                          "audio": ("v.wav", "audio/wav", (media / "short.wav").read_bytes())})
    answer = ask("POST", server.url + "/v1/video/generations", server.key, body, headers)
    assert answer.status == 200, answer.body
    job = answer.json
    assert job["metadata"] == {"order": "7"} and job["motion"]["head"] == 0.5
    done = server.wait(job["id"])
    assert done["error"]["code"] == "face_not_found"


def test_files_that_do_not_fit_are_refused(server, media, request_body):
    other = subprocess.run([ORATOR, "keys", "create", "other", "--data", server.data], check=True,
                           capture_output=True, text=True).stdout.strip()
    face = upload(server, (media / "face.png").read_bytes()).json
    assert server.get(f"/v1/files/{face['id']}", key=other).status == 200  # of the same account
    wrong = [({"image_url": "file_unknown"}, 404, "not_found", "image_url"),
             ({"audio_url": face["id"]}, 415, "unsupported_audio_format", "audio_url")]
    for change, status, code, param in wrong:
        answer = server.submit({**request_body, **change})
        error = answer.json["error"]
        assert (answer.status, error["code"], error["param"]) == (status, code, param)
    uploads = [(b"", {}, "invalid_parameter"), (b"hello", {}, "unsupported_image_format"),
               (b"hello", {"purpose": "audio"}, "unsupported_audio_format"),
               (b"\x89PNG\r\n\x1a\n", {"purpose": "audio"}, "unsupported_audio_format"),
               (b"\x89PNG\r\n\x1a\n", {"purpose": "fine-tune"}, "invalid_parameter"),
               (b"\x89PNG\r\n\x1a\n", {"expires_in": "5"}, "invalid_parameter"),
               (b"\x89PNG\r\n\x1a\n" + bytes(10 << 20), {}, "image_too_large")]
    for data, fields, code in uploads:
        assert upload(server, data, fields).json["error"]["code"] == code, (fields, code)
    headers, body = form({"purpose": "image"}, {})
    assert ask("POST", server.url + "/v1/files", server.key, body, headers).json["error"]["param"] == "file"
    cut = ask("POST", server.url + "/v1/files", server.key, body[:-8], headers)
    assert cut.status == 400 and "cut off" in cut.json["error"]["message"]


def test_a_form_that_says_a_thing_twice_is_refused(server, media):
    png = ("f.png", "image/png", (media / "face.png").read_bytes())
    for fields, files, param in (({"image_url": "https://example.com/a.png"}, {"image": png}, "image_url"),
                                 ({}, {"image": png, "picture": png}, "picture"),
                                 ({"motion[head": "1"}, {"image": png}, "motion[head")):
        headers, body = form({"model": "kling-avatar-v2-standard", **fields}, files)
        answer = ask("POST", server.url + "/v1/video/generations", server.key, body, headers)
        assert (answer.status, answer.json["error"]["param"]) == (400, param), answer.body
