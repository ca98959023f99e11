"""Recordings as people send them: each works, or is refused with a reason."""
import json
import subprocess

import pytest

from conftest import ORATOR


def recording(media, folder, arguments):
    path = folder / "sound.wav"
    subprocess.run(["ffmpeg", "-v", "error", "-y", *arguments(media / "short.wav"), path], check=True)
    return path


def render(media, sound, folder):
    out = subprocess.run([ORATOR, "render", "--image", media / "face.png", "--audio", sound, "--out", folder / "video.mp4",
                          "--resolution", "480p", "--fps", "12", "--json", "--quiet"], capture_output=True)
    return out.returncode, json.loads(out.stdout)


@pytest.mark.parametrize("arguments", [
    pytest.param(lambda f: ["-i", f, "-ar", "8000", "-ac", "1"], id="8 kHz"),
    pytest.param(lambda f: ["-i", f, "-ar", "96000"], id="96 kHz"),
    pytest.param(lambda f: ["-i", f, "-af", "pan=stereo|c0=c0|c1=0*c0"], id="one silent side"),
    pytest.param(lambda f: ["-i", f, "-af", "volume=24dB"], id="clipped"),
    pytest.param(lambda f: ["-i", f, "-t", "2.0"], id="two seconds"),
    pytest.param(lambda f: ["-f", "lavfi", "-i", "anoisesrc=d=3:a=0.2:c=pink:s=4"], id="no speech"),
    pytest.param(lambda f: ["-f", "lavfi", "-i", "anullsrc=r=48000", "-t", "3"], id="silence"),
])
def test_a_recording_becomes_a_video(media, tmp_path, arguments):
    code, said = render(media, recording(media, tmp_path, arguments), tmp_path)
    assert code == 0 and said["status"] == "completed", said
    assert abs(said["duration_seconds"] - said["voice_seconds"]) < 0.1 and (tmp_path / "video.mp4").stat().st_size > 10000


@pytest.mark.parametrize("arguments, word, number", [
    pytest.param(lambda f: ["-i", f, "-t", "1.5"], "audio_too_short", "1.5", id="a second and a half"),
    pytest.param(lambda f: ["-f", "lavfi", "-i", "anullsrc=r=8000:cl=mono", "-t", "302"], "audio_too_long", "300", id="302 seconds"),
])
def test_one_that_does_not_is_refused_with_a_reason(media, tmp_path, arguments, word, number):
    code, said = render(media, recording(media, tmp_path, arguments), tmp_path)
    assert code != 0 and said["error"]["code"] == word and number in said["error"]["message"], said
    assert not (tmp_path / "video.mp4").exists()
