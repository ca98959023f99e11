"""The document's own road: submit, poll, download. One video is made and looked at from many sides."""
import base64
import json
import subprocess

import pytest

from conftest import ORATOR, ask


@pytest.fixture(scope="session")
def job(server, request_body):
    answer = server.submit(request_body)
    assert answer.status == 200, answer.body
    submitted = answer.json
    done = server.wait(submitted["task_id"])
    assert done["status"] == "completed", done
    return {"submitted": submitted, "answer": answer, "done": done}


def test_submit_answers_the_documented_shape(job):
    s = job["submitted"]
    assert s["id"] == s["task_id"] and s["id"].startswith("task_")
    assert s["object"] == "video.generation.job"
    assert s["status"] == "queued"
    assert job["answer"].headers["Location"].endswith(f"/v1/video/generations/{s['id']}")


def test_states_are_only_the_four_and_in_order(job):
    order = ["queued", "processing", "completed"]
    seen = [order.index(s) for s in job["done"]["_seen"]]
    assert seen == sorted(seen)


def test_completed_job_names_the_video_twice(job):
    done = job["done"]
    assert done["video_url"].partition("?")[0].endswith(".mp4")
    assert done["result"]["outputs"] == [done["video_url"]]
    assert done["object"] == "video.generation.job" and done["id"] == done["task_id"]


def test_pollers_of_the_other_path_are_served(server, job):
    other = server.get(f"/v1/videos/{job['done']['id']}").json
    assert other["video_url"] == job["done"]["video_url"]


@pytest.fixture(scope="session")
def video(job, tmp_path_factory):
    answer = ask("GET", job["done"]["video_url"])
    assert answer.status == 200 and answer.headers["Content-Type"] == "video/mp4"
    path = tmp_path_factory.mktemp("video") / "video.mp4"
    path.write_bytes(answer.body)
    return path


@pytest.fixture(scope="session")
def probe(video):
    out = subprocess.run(["ffprobe", "-v", "error", "-count_frames", "-show_streams", "-show_format", "-of", "json",
                          video], check=True, capture_output=True)
    assert out.stderr == b""
    return json.loads(out.stdout)


def test_the_video_is_h264_and_aac_at_the_tier_s_size_and_rate(probe, job):
    v = next(s for s in probe["streams"] if s["codec_type"] == "video")
    a = next(s for s in probe["streams"] if s["codec_type"] == "audio")
    assert v["codec_name"] == "h264" and v["pix_fmt"] == "yuv420p" and v["r_frame_rate"] == "25/1"
    assert min(v["width"], v["height"]) == 720
    assert a["codec_name"] == "aac"
    assert job["done"]["result"]["width"] == v["width"] and job["done"]["result"]["height"] == v["height"]


def test_sound_and_picture_end_within_one_frame(probe, voice_seconds):
    length = {s["codec_type"]: float(s["duration"]) for s in probe["streams"]}
    assert abs(length["video"] - length["audio"]) <= 1 / 25
    assert 0 <= length["video"] - voice_seconds <= 0.1


def test_the_index_comes_first_so_that_players_start_at_once(video):
    data = video.read_bytes()
    assert 0 < data.index(b"moov") < data.index(b"mdat")


def test_every_frame_decodes(video):
    out = subprocess.run(["ffmpeg", "-v", "error", "-xerror", "-i", video, "-f", "null", "-"], capture_output=True)
    assert out.returncode == 0 and out.stderr == b""


def test_the_mouth_moves_and_the_corner_of_the_picture_does_not(video):
    numpy = pytest.importorskip("numpy")
    size = 90
    raw = subprocess.run(["ffmpeg", "-v", "error", "-i", video, "-vf", f"scale={size}:{size},format=gray", "-f",
                          "rawvideo", "-"], check=True, capture_output=True).stdout
    frames = numpy.frombuffer(raw, numpy.uint8).reshape(-1, size, size).astype(float)
    change = numpy.abs(numpy.diff(frames, axis=0)).mean(0)
    assert change.max() > 1.5
    assert change[:4, :4].mean() < 0.5 < change.max()


def test_ranges_are_served(job):
    url = job["done"]["video_url"]
    whole = ask("GET", url)
    size = len(whole.body)
    assert whole.headers["Accept-Ranges"] == "bytes" and whole.headers["ETag"]
    part = ask("GET", url, headers={"Range": "bytes=100-199"})
    assert part.status == 206 and part.body == whole.body[100:200]
    assert part.headers["Content-Range"] == f"bytes 100-199/{size}"
    tail = ask("GET", url, headers={"Range": "bytes=-50"})
    assert tail.status == 206 and tail.body == whole.body[-50:]
    assert ask("GET", url, headers={"Range": f"bytes={size}-"}).status == 416
    head = ask("HEAD", url)
    assert head.status == 200 and head.body == b"" and int(head.headers["Content-Length"]) == size
    assert ask("GET", url, headers={"If-None-Match": whole.headers["ETag"]}).status == 304


def test_the_charge_is_the_length_of_the_video_times_the_price(job):
    done = job["done"]
    billing = done["billing"]
    assert billing["state"] == "settled" and billing["unit_price_per_second"] == "0.056"
    micro = round(done["result"]["duration_seconds"] * 1000) * 56
    reserved, charged = (round(float(billing[k]) * 1e6) for k in ("reserved", "charged"))
    assert charged == min(micro, reserved)


def test_a_small_portrait_is_animated_with_a_warning(server, files, request_body, job):
    assert job["done"]["warnings"] == []
    done = server.wait(server.submit({**request_body, "image_url": f"{files.url}/small.png"}).json["id"])
    assert done["status"] == "completed", done
    assert [w["code"] for w in done["warnings"]] == ["small_face"] and "px" in done["warnings"][0]["message"]


def test_data_urls_and_the_pro_model(server, media, voice_seconds):
    def data_url(kind, name):
        return f"data:{kind};base64," + base64.b64encode((media / name).read_bytes()).decode()

    answer = server.submit({"model": "kling-avatar-v2-pro", "image_url": data_url("image/png", "face.png"),
                            "audio_url": data_url("audio/wav", "voice.wav"), "prompt": "news anchor style, formal tone",
                            "audio_duration_seconds": voice_seconds})
    assert answer.status == 200, answer.body
    done = server.wait(answer.json["id"], 240)
    assert done["status"] == "completed", done
    assert done["result"]["fps"] == 48 and min(done["result"]["width"], done["result"]["height"]) == 1080
    assert done["billing"]["unit_price_per_second"] == "0.112"


def test_the_command_line_makes_the_same_video_twice(media, tmp_path):
    frames = []
    for name in ("a.mp4", "b.mp4"):
        subprocess.run([ORATOR, "render", "--image", media / "face.png", "--audio", media / "voice.wav", "--out",
                        tmp_path / name, "--seed", "7"], check=True, capture_output=True)
        out = subprocess.run(["ffmpeg", "-v", "error", "-i", tmp_path / name, "-f", "md5", "-"], check=True,
                             capture_output=True)
        frames.append(out.stdout)
    assert frames[0] == frames[1]
    assert not list(tmp_path.glob("*.part"))
