"""Size, rate, shape and performance as a request asks for them; a client's own names and notes."""
import hashlib
import json
import struct
import subprocess
import uuid
import xml.etree.ElementTree

import pytest

from conftest import ORATOR, ask


def probe(path):
    out = subprocess.run(["ffprobe", "-v", "error", "-select_streams", "v", "-show_streams", "-of", "json", path],
                         check=True, capture_output=True)
    return json.loads(out.stdout)["streams"][0]


@pytest.fixture(scope="session")
def job(server, request_body):
    answer = server.submit({**request_body, "resolution": "480p", "fps": 30, "aspect_ratio": "9:16", "seed": 9,
                            "motion": {"head": 0.5, "blink": False}, "external_task_id": "order-42",
                            "captions": "vtt", "text": "The quick brown fox. And so on & on, until the very end.",
                            "prompt": "very friendly teacher, 4k", "metadata": {"customer": "Zoë", "note": ""}, "watermark_info": {"enabled": True}})
    assert answer.status == 200, answer.body
    done = server.wait(answer.json["task_id"])
    assert done["status"] == "completed", done
    return {"submitted": answer.json, "done": done}


def test_the_video_is_what_was_asked_for(job, tmp_path):
    path = tmp_path / "video.mp4"
    path.write_bytes(ask("GET", job["done"]["video_url"]).body)
    v = probe(path)
    assert (v["width"], v["height"], v["r_frame_rate"]) == (480, 854, "30/1")
    result = job["done"]["result"]
    assert (result["width"], result["height"], result["fps"]) == (480, 854, 30)


def boxes(data):
    """The boxes of an MP4's first level: name, content."""
    at = 0
    while at < len(data):
        size, name = struct.unpack_from(">I4s", data, at)
        assert 8 <= size <= len(data) - at
        yield name, data[at + 8:at + size]
        at += size


def test_the_file_says_what_made_it(job):
    xmp_uuid = uuid.UUID("BE7ACFCB-97A9-42E8-9C71-999491E3AFAC").bytes
    found = [c[16:] for n, c in boxes(ask("GET", job["done"]["video_url"]).body) if n == b"uuid" and c[:16] == xmp_uuid]
    assert len(found) == 1
    marks = xml.etree.ElementTree.fromstring(found[0]).find(".//{http://www.w3.org/1999/02/22-rdf-syntax-ns#}Description")
    assert marks.get("{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType") == \
        "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
    assert marks.get("{http://purl.org/dc/elements/1.1/}identifier") == job["done"]["id"]
    assert marks.get("{http://ns.adobe.com/xap/1.0/}CreatorTool").startswith("Orator ")


def test_a_result_tells_all_about_its_file(job, media, tmp_path):
    result = job["done"]["result"]
    video = ask("GET", job["done"]["video_url"]).body
    assert (result["size_bytes"], result["sha256"]) == (len(video), hashlib.sha256(video).hexdigest())
    thumbnail = ask("GET", result["thumbnail_url"])
    assert thumbnail.headers["Content-Type"] == "image/jpeg"
    (tmp_path / "small.jpg").write_bytes(thumbnail.body)
    small = probe(tmp_path / "small.jpg")
    assert (small["codec_name"], small["width"], small["height"]) == ("mjpeg", 358, 640)
    face = result["quality"]["face"]
    x, y, wide, high = face["box"]
    portrait = probe(media / "face.png")
    assert 0 < x < x + wide < portrait["width"] and 0 < y < y + high < portrait["height"]
    assert abs(face["yaw"]) < 10 and face["confidence"] > 0.5 and 0 < result["quality"]["brightness"] < 1


def test_captions_come_with_the_video(job, server):
    vtt = ask("GET", job["done"]["result"]["captions_url"])
    assert vtt.headers["Content-Type"] == "text/vtt; charset=utf-8"
    text = vtt.body.decode()
    assert text.startswith("WEBVTT\n\n00:00:0") and "The quick brown fox." in text and "so on &amp; on" in text
    again = server.get(f"/v1/video/generations/{job['done']['id']}/content?variant=captions")
    assert again.body == vtt.body


def test_the_job_lists_what_of_the_prompt_was_understood(job):
    assert job["submitted"]["direction"] is None
    assert job["done"]["direction"] == [
        {"phrase": "very friendly", "aspect": "expression", "means": "friendly", "amount": 1.4},
        {"phrase": "teacher", "aspect": "style", "means": "teacher", "amount": 1}]


def test_people_see_the_label_that_was_asked_for(job, tmp_path):
    path = tmp_path / "corner.mp4"
    path.write_bytes(ask("GET", job["done"]["video_url"]).body)
    grey = subprocess.run(["ffmpeg", "-v", "error", "-i", path, "-frames:v", "1", "-vf", "crop=iw/4:ih/50:iw*3/4:ih*49/50",
                           "-pix_fmt", "gray", "-f", "rawvideo", "-"], check=True, capture_output=True).stdout
    light = sorted(grey)
    assert light[-len(light) // 10] - light[len(light) // 10] > 100


def test_the_job_shows_what_was_asked_for(job):
    for shown in job["submitted"], job["done"]:
        assert (shown["resolution"], shown["fps"], shown["aspect_ratio"]) == ("480p", 30, "9:16")
        assert shown["motion"] == {"head": 0.5, "expression": 1.0, "blink": False}
        assert shown["external_task_id"] == "order-42" and shown["seed"] == 9
        assert shown["metadata"] == {"customer": "Zoë", "note": ""}
        assert shown["watermark_info"] == {"enabled": True} and shown["captions"] == "vtt"
        assert shown["face_box"] is None and shown["warnings"] == []


def test_an_external_id_is_taken_once(server, request_body, job):
    again = server.submit({**request_body, "external_task_id": "order-42"})
    assert again.status == 409
    error = again.json["error"]
    assert (error["code"], error["param"]) == ("external_task_id_exists", "external_task_id")
    assert job["done"]["id"] in error["message"]


def test_a_box_without_a_face_fails_by_name_and_free(server, request_body):
    answer = server.submit({**request_body, "face_box": [0, 0, 10, 10]})
    assert answer.status == 200, answer.body
    done = server.wait(answer.json["id"])
    assert done["status"] == "failed" and done["billing"]["state"] == "released"
    assert done["error"]["code"] == "face_not_found" and done["error"]["param"] == "face_box"


def test_the_models_say_what_can_be_asked_for(server):
    for model in server.get("/v1/models").json["data"]:
        options = model["options"]
        assert options["resolution"]["default"] in options["resolution"]["values"]
        assert options["fps"]["min"] == 12 and options["fps"]["max"] == 60
        assert "9:16" in options["aspect_ratio"]["values"]


def render(media, out, *options):
    return subprocess.run([ORATOR, "render", "--quiet", "--image", media / "face.png", "--audio", media / "voice.wav",
                           "--out", out, *options], capture_output=True, text=True)


def test_the_command_line_asks_for_the_same(media, tmp_path):
    out = tmp_path / "wide.mp4"
    run = render(media, out, "--resolution", "480p", "--fps", "12", "--aspect-ratio", "16:9", "--motion-head", "0.2",
                 "--no-blink")
    assert run.returncode == 0, run.stderr
    v = probe(out)
    assert (v["width"], v["height"], v["r_frame_rate"]) == (854, 480, "12/1")


@pytest.mark.parametrize("option, value", [
    ("--resolution", "4k"), ("--fps", "11"), ("--fps", "24.5"), ("--aspect-ratio", "21:9"), ("--face-box", "1,2,3"),
    ("--face-box", "1,2,nan,4"), ("--motion-head", "3"), ("--motion-expression", "much"), ("--seed", "-1"),
])
def test_the_command_line_refuses_by_name(media, tmp_path, option, value):
    out = tmp_path / "no.mp4"
    run = render(media, out, option, value)
    assert run.returncode == 2 and value in run.stderr, run.stderr
    assert option.strip("-").replace("-", "_") in run.stderr.replace("-", "_")
    assert not out.exists()
