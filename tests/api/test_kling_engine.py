"""Kling's own service behind the same API, beside a stand-in that speaks as it is documented."""
import subprocess
import time

import pytest

import kling_stand_in
from conftest import Server, ask


@pytest.fixture(scope="module")
def kling(media, tmp_path_factory):
    path = tmp_path_factory.mktemp("kling") / "video.mp4"
    subprocess.run(["ffmpeg", "-v", "error", "-loop", "1", "-r", "24", "-i", media / "face.png", "-i", media / "short.wav", "-shortest",
                    "-vf", "scale=240:-2", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", path],
                   check=True)
    stand_in = kling_stand_in.Kling(path.read_bytes())
    yield stand_in
    stand_in.close()


def serve(folder, files, kling, **more):
    return Server(folder, f"{files.host},{kling.host}", ORATOR_ENGINE_STANDARD="kling", ORATOR_ENGINE_PRO="kling",
                  ORATOR_ENGINE_KLING_URL=kling.url, ORATOR_ENGINE_KLING_ACCESS_KEY=kling_stand_in.ACCESS,
                  **{"ORATOR_ENGINE_KLING_SECRET_KEY": kling_stand_in.SECRET, **more})


@pytest.fixture(scope="module")
def forwarding(tmp_path_factory, files, kling):
    s = serve(tmp_path_factory.mktemp("forwarding"), files, kling)
    yield s
    assert s.stop() == 0, s.log_text()


def test_a_video_is_made_there_and_served_here(forwarding, kling, quick_body):
    s = forwarding
    job = s.wait(s.submit({**quick_body, "model": "kling-avatar-v2-pro", "watermark_info": {"enabled": True}}).json["id"])
    assert job["status"] == "completed", job
    sent = next(t for t in kling.tasks.values() if t["external"].startswith(job["id"]))["fields"]
    assert sent["mode"] == "pro" and sent["watermark_info"] == {"enabled": True} and "prompt" not in sent
    result = job["result"]
    assert (result["width"], result["fps"]) == (240, 24)
    assert abs(result["duration_seconds"] - quick_body["audio_duration_seconds"]) < 0.2
    video = ask("GET", job["video_url"]).body
    assert b"trainedAlgorithmicMedia" in video and job["id"].encode() in video
    assert ask("GET", result["thumbnail_url"]).body[:2] == b"\xff\xd8"
    assert job["billing"]["state"] == "settled"
    assert list((s.data / "engine").glob("*/*")) == []


def test_formats_it_does_not_take_are_sent_as_mp3(forwarding, kling, files, media, quick_body):
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", media / "short.wav", media / "short.flac"], check=True)
    job = forwarding.wait(forwarding.submit({**quick_body, "audio_url": f"{files.url}/short.flac"}).json["id"])
    assert job["status"] == "completed", job
    sound = next(t for t in kling.tasks.values() if t["external"].startswith(job["id"]))["sound"]
    assert sound[:3] == b"ID3" or sound[0] == 0xFF


@pytest.mark.parametrize("way", ["slots", "away"])
def test_what_passes_is_waited_for(forwarding, kling, quick_body, way):
    before = kling.submits
    job = forwarding.wait(forwarding.submit({**quick_body, "prompt": way}).json["id"])
    assert job["status"] == "completed", job
    assert kling.submits - before == 3


def test_a_failure_there_is_one_here_and_costs_nothing(forwarding, quick_body):
    ways = [("content", "invalid_parameter", "rules on content"), ("failed", "render_failed", "Failure to pass the risk control system"),
            ("gone", "render_failed", "could not be fetched"), ("poor", "render_failed", "no more work from its operator")]
    tasks = [forwarding.submit({**quick_body, "prompt": way}).json["id"] for way, _, _ in ways]
    for task, (_, code, words) in zip(tasks, ways):
        job = forwarding.wait(task)
        assert job["status"] == "failed", job
        assert job["error"]["code"] == code and words in job["error"]["message"], job["error"]
        assert job["billing"]["state"] == "released" and float(job["billing"]["charged"]) == 0


def test_a_cancel_stops_the_waiting(forwarding, kling, quick_body):
    s = forwarding
    task = s.submit({**quick_body, "prompt": "slow"}).json["id"]
    end = time.monotonic() + 20
    while not any(t["external"].startswith(task) for t in kling.tasks.values()) and time.monotonic() < end:
        time.sleep(0.05)
    assert ask("POST", f"{s.url}/v1/video/generations/{task}/cancel", s.key).status == 200
    assert s.job(task)["error"]["code"] == "canceled"
    done = s.wait(s.submit(quick_body).json["id"])  # the worker is free again
    assert done["status"] == "completed", done


def test_a_server_that_stops_finds_its_task_again(tmp_path, files, kling, quick_body):
    s = serve(tmp_path / "data", files, kling)
    task = s.submit({**quick_body, "prompt": "slow"}).json["id"]
    end = time.monotonic() + 20
    while not any(t["external"].startswith(task) for t in kling.tasks.values()) and time.monotonic() < end:
        time.sleep(0.05)
    submits = kling.submits
    assert s.stop() == 0
    next(t for t in kling.tasks.values() if t["external"].startswith(task))["way"] = ""
    s.start()
    job = s.wait(task)
    assert job["status"] == "completed" and job["billing"]["state"] == "settled", job
    assert kling.submits == submits  # nothing was made and paid twice
    assert s.stop() == 0


def test_a_wrong_key_is_the_operator_s_affair(tmp_path, files, kling, quick_body):
    s = serve(tmp_path / "data", files, kling, ORATOR_ENGINE_KLING_SECRET_KEY="SK-wrong")
    job = s.wait(s.submit(quick_body).json["id"])
    assert job["status"] == "failed" and "refuses its operator's key" in job["error"]["message"]
    assert "SK-wrong" not in s.log_text() and '"code":"1000"' in s.log_text()
    assert s.stop() == 0
