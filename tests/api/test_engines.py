"""Other engines behind the same API."""
import os
import textwrap
import time
import urllib.request

import pytest

from conftest import Server, ask


@pytest.fixture(scope="module")
def without_engine(tmp_path_factory):
    s = Server(tmp_path_factory.mktemp("none"), ORATOR_ENGINE_STANDARD="none", ORATOR_ENGINE_PRO="none")
    yield s
    assert s.stop() == 0, s.log_text()


def test_no_engine_completes_at_once_and_fetches_nothing(without_engine):
    s = without_engine
    for model in ("kling-avatar-v2-standard", "kling-avatar-v2-pro"):
        task = s.submit({"model": model, "image_url": "https://nowhere.invalid/a.png",
                         "audio_url": "https://nowhere.invalid/a.mp3", "audio_duration_seconds": 10}).json["id"]
        job = s.wait(task, 10)
        assert job["status"] == "completed", job
        assert job["result"]["duration_seconds"] == 1
        assert float(job["billing"]["charged"]) == float(job["billing"]["unit_price_per_second"])
        with urllib.request.urlopen(job["video_url"]) as r:
            assert r.read()[4:8] == b"ftyp"


PROGRAM = """
    #!/usr/bin/env python3
    import json, os, subprocess, sys, time
    job = json.load(sys.stdin)
    assert sys.argv[1:] == [job["portrait"], job["voice"], job["output"]]
    assert not any(name.startswith("ORATOR_") for name in os.environ) and os.environ["TASK_ID"] == job["task_id"]
    open(os.path.join(os.path.dirname(__file__), "pid"), "w").write(str(os.getpid()))
    if job["prompt"] == "no face":
        print(json.dumps({"error": {"code": "face_not_found", "message": "only a cat is seen", "param": "image_url"}}))
        sys.exit("a stack trace with /secret/paths")
    if job["prompt"] == "for ever":
        print(json.dumps({"frames_done": 1, "frames_total": 100}), flush=True)
        time.sleep(600)
    for done in range(3):
        print(json.dumps({"progress": done / 2}), flush=True)
    subprocess.run(["ffmpeg", "-v", "error", "-loop", "1", "-r", "20", "-i", job["portrait"], "-i", job["voice"], "-shortest", "-vf",
                    "scale=240:-2", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", job["output"]],
                   check=True)
"""


@pytest.fixture(scope="module")
def with_program(tmp_path_factory, files):
    folder = tmp_path_factory.mktemp("command")
    program = folder / "engine.py"
    program.write_text(textwrap.dedent(PROGRAM).lstrip())
    program.chmod(0o700)
    s = Server(folder / "data", files.host, ORATOR_ENGINE_STANDARD="command", ORATOR_ENGINE_COMMAND=str(program))
    s.program = program
    yield s
    assert s.stop() == 0, s.log_text()


def test_a_program_makes_the_videos_of_a_model(with_program, quick_body):
    s = with_program
    job = s.wait(s.submit(quick_body).json["id"])
    assert job["status"] == "completed", job
    result = job["result"]
    assert (result["width"], result["fps"]) == (240, 20)
    assert abs(result["duration_seconds"] - quick_body["audio_duration_seconds"]) < 0.2
    assert job["billing"]["state"] == "settled" and result["quality"] is None
    video = ask("GET", job["video_url"]).body
    assert b"trainedAlgorithmicMedia" in video and job["id"].encode() in video
    assert ask("GET", result["thumbnail_url"]).body[:2] == b"\xff\xd8"
    assert list((s.data / "engine").glob("*/*")) == []


def test_its_failure_is_told_and_its_complaint_is_not(with_program, quick_body):
    s = with_program
    job = s.wait(s.submit({**quick_body, "prompt": "no face"}).json["id"])
    assert job["status"] == "failed" and job["billing"]["state"] == "released"
    error = job["error"]
    assert (error["code"], error["message"], error["param"]) == ("face_not_found", "only a cat is seen", "image_url")
    assert "/secret/paths" in s.log_text()


def test_a_cancel_ends_the_program(with_program, quick_body):
    s = with_program
    pid_file = s.program.parent / "pid"
    pid_file.unlink(missing_ok=True)
    task = s.submit({**quick_body, "prompt": "for ever"}).json["id"]
    end = time.monotonic() + 20
    while not (pid_file.exists() and pid_file.read_text()) and time.monotonic() < end:
        time.sleep(0.05)
    pid = int(pid_file.read_text())
    assert ask("POST", f"{s.url}/v1/video/generations/{task}/cancel", s.key).status == 200
    while os.path.exists(f"/proc/{pid}") and time.monotonic() < end:
        time.sleep(0.05)
    assert not os.path.exists(f"/proc/{pid}")
    job = s.job(task)
    assert job["status"] == "failed" and job["error"]["code"] == "canceled"
