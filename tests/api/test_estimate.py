"""What a video would cost, how long it would take and whether it would succeed, before it is made."""
import subprocess

from conftest import ORATOR, PORTRAIT, ask


def estimate(server, body):
    answer = ask("POST", server.url + "/v1/video/generations/estimate", server.key, body, timeout=120)
    assert answer.status == 200, answer.body
    return answer.json


def codes(found):
    return [p["code"] for p in found["problems"]]


def test_an_estimate_keeps_its_word(server, request_body, voice_seconds):
    found = estimate(server, request_body)
    assert found["ok"] and not found["problems"] and abs(found["measured_seconds"] - voice_seconds) < 0.1
    assert found["image"] == {"width": 1024, "height": 1280} or found["image"]["width"] > 0
    (face,) = found["faces"]
    assert face["usable"] and face["confidence"] > 0.8 and abs(face["yaw"]) < 15 and len(face["box"]) == 4
    audio = found["audio"]
    assert audio["codec"] == "mp3" and audio["channels"] == 1 and audio["sample_rate"] == 22050
    assert 0.5 < audio["speech_ratio"] <= 1 and audio["clipping"] < 0.01
    job = server.submit(request_body).json
    assert job["billing"]["reserved"] == found["price"]["reserved"]
    ask("POST", job["urls"]["cancel"], server.key)


def test_an_estimate_needs_no_length_and_makes_no_job(another_server, request_body):
    server = another_server  # nobody else's videos appear in its folder
    body = {k: v for k, v in request_body.items() if k != "audio_duration_seconds"}
    jobs = server.get("/v1/video/generations").json["data"]
    files = len(list((server.data / "media").iterdir()))
    assert estimate(server, body)["ok"]
    assert server.submit({**request_body, "dry_run": True}).json["object"] == "video.generation.estimate"
    assert server.get("/v1/video/generations").json["data"] == jobs
    assert len(list((server.data / "media").iterdir())) == files


def test_what_would_fail_is_said_before(server, request_body, files, media):
    two = media / "two.png"
    if not two.exists():
        subprocess.run(["ffmpeg", "-v", "error", "-i", PORTRAIT, "-i", PORTRAIT, "-filter_complex", "hstack", two], check=True)
        subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "anullsrc=r=16000", "-t", "3", media / "silence.wav"], check=True)
    found = estimate(server, {**request_body, "image_url": f"{files.url}/two.png"})
    assert len(found["faces"]) == 2 and all(f["usable"] for f in found["faces"]) and codes(found) == ["face_unusable"]
    box = found["faces"][0]["box"]
    assert estimate(server, {**request_body, "image_url": f"{files.url}/two.png", "face_box": box})["ok"]
    assert codes(estimate(server, {**request_body, "image_url": f"{files.url}/noface.png"})) == ["face_not_found"]
    assert codes(estimate(server, {**request_body, "image_url": f"{files.url}/page.html"})) == ["unsupported_image_format"]
    missing = estimate(server, {**request_body, "image_url": f"{files.url}/missing.png", "audio_url": f"{files.url}/missing.wav"})
    assert codes(missing) == ["download_failed", "download_failed"] and missing["image"] is None and missing["audio"] is None
    assert codes(estimate(server, {**request_body, "audio_duration_seconds": 60})) == ["audio_duration_mismatch"]
    silent = estimate(server, {**request_body, "audio_url": f"{files.url}/silence.wav", "audio_duration_seconds": 3})
    assert silent["audio"]["speech_ratio"] < 0.1


def test_one_source_is_enough_to_be_looked_at(server, request_body):
    """A page shows the face as soon as it has the portrait."""
    seen = estimate(server, {k: request_body[k] for k in ("model", "image_url")})
    assert [(p["code"], p["param"]) for p in seen["problems"]] == [("missing_required_parameter", "audio_url")]
    (face,) = seen["faces"]
    x, y, wide, high = face["box"]
    assert seen["audio"] is None and len(face["mesh"]) == 2 * 478
    assert all(x - wide < px < x + 2 * wide for px in face["mesh"][::2]) and all(y - high < py < y + 2 * high for py in face["mesh"][1::2])
    heard = estimate(server, {k: request_body[k] for k in ("model", "audio_url")})
    assert [(p["code"], p["param"]) for p in heard["problems"]] == [("missing_required_parameter", "image_url")]
    assert heard["faces"] == [] and heard["audio"]["codec"] == "mp3" and float(heard["price"]["expected"]) > 0
    neither = ask("POST", server.url + "/v1/video/generations/estimate", server.key, {"model": request_body["model"]})
    assert (neither.status, neither.json["error"]["code"]) == (400, "missing_required_parameter")
