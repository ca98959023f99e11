"""A text becomes a voice, and the voice a video."""
import re
import shutil
import subprocess

import pytest

from conftest import ORATOR, ask
from test_clients import needs_npm, run

pytestmark = pytest.mark.skipif(not (ORATOR.parent / "src" / "speak" / "orator-speak").exists() and
                                not shutil.which("orator-speak"), reason="built without text to speech")
TEXT = "Please bring more paper. My brother may play by the pool."


def speak(server, accept="application/octet-stream", **body):
    return ask("POST", f"{server.url}/v1/audio/speech", server.key,
               {"model": "tts-1", "input": TEXT, "voice": "en-us", **body}, headers={"Accept": accept})


@needs_npm
def test_openai_s_client_is_spoken_to(server):
    run("speech.mjs", {"url": server.url, "key": server.key})


def test_what_was_spoken_can_be_said_by_a_portrait(server, request_body):
    made = speak(server, accept="application/json")
    assert made.status == 200, made.body
    file = made.json
    assert file["id"].startswith("file_") and file["object"] == "file" and file["purpose"] == "audio"
    assert file["media_type"] == "audio/mpeg" and 2 < file["duration_seconds"] < 6
    job = server.wait(server.submit({**request_body, "audio_url": file["id"], "resolution": "480p", "fps": 12,
                                     "audio_duration_seconds": file["duration_seconds"]}).json["id"])
    assert job["status"] == "completed", job
    assert abs(job["result"]["duration_seconds"] - file["duration_seconds"]) < 0.2


def test_the_sound_comes_with_its_file(server, tmp_path):
    answer = speak(server, response_format="wav")
    assert answer.status == 200 and answer.headers["Content-Type"] == "audio/wav"
    (tmp_path / "voice.wav").write_bytes(answer.body)
    seconds = float(subprocess.run(["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0",
                                    tmp_path / "voice.wav"], check=True, capture_output=True, text=True).stdout)
    assert abs(seconds - float(answer.headers["x-audio-duration-seconds"])) < 0.01
    file = answer.headers["x-file-id"]
    media = server.data / "media"
    before = len(list(media.iterdir()))
    assert ask("DELETE", f"{server.url}/v1/files/{file}", server.key).status == 200
    assert len(list(media.iterdir())) == before - 2  # the sound and its note of what is said when


@pytest.mark.parametrize("change, status, param", [
    ({"model": None}, 400, "model"), ({"voice": ""}, 400, "voice"), ({"voice": 7}, 400, "voice"), ({"input": None}, 400, "input"),
    ({"input": " \n "}, 400, "input"), ({"input": ["a"]}, 400, "input"), ({"speed": "fast"}, 400, "speed"), ({"speed": 0.2}, 400, "speed"),
    ({"voice": "../../etc/passwd"}, 400, "voice"), ({"voice": "-f/etc/passwd"}, 400, "voice"), ({"stream_format": "sse"}, 400, "stream_format"),
])
def test_what_is_wrong_is_named(server, change, status, param):
    answer = speak(server, **change)
    assert (answer.status, answer.json["error"]["param"]) == (status, param)


def test_bare_samples_are_no_file(server):
    answer = speak(server, accept="application/json", response_format="pcm")
    assert (answer.status, answer.json["error"]["param"]) == (400, "response_format")


def test_a_key_is_needed(server):
    assert ask("POST", f"{server.url}/v1/audio/speech", None, {"model": "tts-1", "input": "a", "voice": "alloy"}).status == 401


def pictures(server, request_body, folder, audio_url, seconds):
    """The frames of a video of this voice, as ffmpeg sums them up."""
    job = server.wait(server.submit({**request_body, "audio_url": audio_url, "resolution": "480p", "fps": 12, "seed": 5,
                                     "audio_duration_seconds": seconds}).json["id"])
    assert job["status"] == "completed", job
    path = folder / "video.mp4"
    path.write_bytes(ask("GET", job["video_url"]).body)
    return subprocess.run(["ffmpeg", "-v", "error", "-i", path, "-an", "-f", "framemd5", "-"], check=True, capture_output=True).stdout


def test_lips_follow_what_is_known_and_not_what_is_heard(server, request_body, tmp_path):
    answer = speak(server, response_format="wav")
    seconds = float(answer.headers["x-audio-duration-seconds"])
    heard = ask("POST", f"{server.url}/v1/files?purpose=audio", server.key, answer.body, headers={"Content-Type": "audio/wav"})
    assert heard.status == 200, heard.body
    known = pictures(server, request_body, tmp_path, answer.headers["x-file-id"], seconds)
    assert known != pictures(server, request_body, tmp_path, heard.json["id"], seconds)
    assert known == pictures(server, request_body, tmp_path, answer.headers["x-file-id"], seconds)


def test_captions_have_the_words_of_the_text_in_their_time(server, request_body):
    text = "Please bring more paper. My \"brother\" may play, by the pool!"
    file = speak(server, accept="application/json", input=text).json
    job = server.wait(server.submit({**request_body, "audio_url": file["id"], "resolution": "480p", "fps": 12, "captions": "vtt",
                                     "audio_duration_seconds": file["duration_seconds"]}).json["id"])
    assert job["status"] == "completed", job
    captions = ask("GET", job["result"]["captions_url"]).body.decode()
    cues = re.findall(r"(\d\d:\d\d:\d\d\.\d{3}) --> (\d\d:\d\d:\d\d\.\d{3})\n((?:.+\n?)+)", captions)
    assert " ".join(" ".join(c[2].split()) for c in cues) == text
    assert cues[0][0] < "00:00:00.500" and cues[-1][1] <= f"00:00:{file['duration_seconds']:06.3f}"
