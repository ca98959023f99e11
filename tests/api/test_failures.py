"""What goes wrong is said in words, kept nowhere, and never charged."""
import sqlite3
import subprocess

import pytest

from conftest import ORATOR, ask


def submit(server, request_body, **changes):
    return server.submit({**request_body, **changes})


@pytest.mark.parametrize("change, status, code, param", [
    ({"audio_duration_seconds": None}, 400, "missing_required_parameter", "audio_duration_seconds"),
    ({"audio_duration_seconds": "12"}, 400, "invalid_parameter", "audio_duration_seconds"),
    ({"audio_duration_seconds": -1}, 400, "invalid_parameter", "audio_duration_seconds"),
    ({"audio_duration_seconds": 1e308}, 400, "invalid_parameter", "audio_duration_seconds"),
    ({"model": "kling-avatar-v9"}, 404, "model_not_found", "model"),
    ({"model": 7}, 400, "invalid_parameter", "model"),
    ({"image_url": "ftp://example.com/a.png"}, 400, "invalid_url", "image_url"),
    ({"image_url": "http://127.0.0.1:1/a.png"}, 403, "url_forbidden", "image_url"),
    ({"audio_url": "http://169.254.169.254/latest"}, 403, "url_forbidden", "audio_url"),
    ({"audio_url": "http://[::1]/a"}, 403, "url_forbidden", "audio_url"),
    ({"prompt": "x" * 2501}, 400, "invalid_parameter", "prompt"),
])
def test_a_wrong_field_is_named(server, request_body, change, status, code, param):
    answer = submit(server, request_body, **change)
    error = answer.json["error"]
    assert (answer.status, error["code"], error["param"]) == (status, code, param), answer.body
    assert len(error["message"]) > 10 and error["request_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize("field", ["model", "image_url", "audio_url", "audio_duration_seconds"])
def test_each_required_field_is_asked_for(server, request_body, field):
    body = dict(request_body)
    del body[field]
    error = server.submit(body)
    assert error.status == 400
    assert error.json["error"]["code"] == "missing_required_parameter" and error.json["error"]["param"] == field


def test_without_a_key_nothing_is_told(server, request_body):
    url = server.url + "/v1/video/generations"
    assert ask("POST", url, None, request_body).json["error"]["code"] == "missing_api_key"
    wrong = ask("POST", url, "sk-" + "a" * 38, request_body)
    assert wrong.status == 401 and wrong.json["error"]["code"] == "invalid_api_key"


def test_another_key_does_not_see_the_task(server, request_body):
    task = submit(server, request_body).json["id"]
    other = subprocess.run([ORATOR, "keys", "create", "other", "--data", server.data], check=True,
                           capture_output=True, text=True).stdout.strip()
    answer = server.get(f"/v1/video/generations/{task}", key=other)
    assert answer.status == 404 and answer.json["error"]["code"] == "task_not_found"
    assert server.wait(task)["status"] == "completed"


def test_a_revoked_key_is_refused(server):
    key = subprocess.run([ORATOR, "keys", "create", "gone", "--data", server.data], check=True, capture_output=True,
                         text=True).stdout.strip()
    assert server.get("/v1/models", key=key).status == 200
    subprocess.run([ORATOR, "keys", "revoke", key[:7], "--data", server.data], check=True, capture_output=True)
    assert server.get("/v1/video/generations/task_x", key=key).json["error"]["code"] == "invalid_api_key"


@pytest.mark.parametrize("change, code", [
    ({"image_url": "noface.png"}, "face_not_found"),
    ({"image_url": "covered.png"}, "face_unusable"),
    ({"image_url": "page.html"}, "unsupported_image_format"),
    ({"audio_url": "face.png"}, "unsupported_audio_format"),
    ({"image_url": "missing.png"}, "download_failed"),
])
def test_a_source_that_cannot_be_used_fails_the_task_and_costs_nothing(server, files, request_body, change, code):
    task = submit(server, request_body, **{k: f"{files.url}/{v}" for k, v in change.items()}).json["id"]
    job = server.wait(task)
    assert job["status"] == "failed" and job["error"]["code"] == code, job
    assert len(job["error"]["message"]) > 10
    assert job["billing"]["state"] == "released" and float(job["billing"]["charged"]) == 0


def test_a_wrong_duration_fails_and_shows_both_numbers(server, request_body, voice_seconds):
    task = submit(server, request_body, audio_duration_seconds=voice_seconds + 3).json["id"]
    job = server.wait(task)
    assert job["error"]["code"] == "audio_duration_mismatch"
    assert f"{voice_seconds + 3:.1f}" in job["error"]["message"] and f"{voice_seconds:.1f}" in job["error"]["message"]
    assert job["billing"]["state"] == "released"


def test_nothing_of_a_refused_request_is_kept(server, request_body):
    def kept():
        with sqlite3.connect(f"file:{server.data}/orator.db?mode=ro", uri=True) as db:
            tasks = db.execute("select count(*) from tasks").fetchone()[0]
            ledger = db.execute("select count(*) from ledger").fetchone()[0]
        return tasks, ledger, sorted(p.name for p in (server.data / "media").iterdir())

    before = kept()
    submit(server, request_body, image_url="data:image/png;base64,iVBORw0KGgo=", audio_url="data:audio/wav;base64,AAAA")
    submit(server, request_body, audio_duration_seconds=-1)
    server.submit("{not json", headers={"Content-Type": "application/json"})
    assert kept() == before


def test_no_key_and_no_address_of_a_source_is_in_the_log(server):
    text = server.log_text()
    assert server.key not in text and "Bearer" not in text
