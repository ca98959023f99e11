"""Every portrait at hand is made into a video: the drawn one always, others where a folder of them lies beside the tree."""
import json
import subprocess

import pytest

from conftest import ORATOR, PORTRAIT, ROOT

OTHERS = sorted((ROOT.parent / "shared" / "portraits").glob("*.*"))


@pytest.fixture(scope="module")
def short_voice(tmp_path_factory):
    path = tmp_path_factory.mktemp("voice") / "short.wav"
    subprocess.run(["espeak-ng", "-v", "en-us", "-w", path, "Maybe my brother plays football now."], check=True)
    return path


@pytest.mark.parametrize("portrait", [PORTRAIT, *OTHERS], ids=lambda p: p.stem)
def test_a_portrait_speaks(portrait, short_voice, tmp_path):
    facts = json.loads(subprocess.run([ORATOR, "inspect", "--image", portrait], check=True, capture_output=True).stdout)
    x, y, w, h = facts["face"]["box"]
    assert -0.2 * w < x < facts["width"] and -0.2 * h < y < facts["height"] and facts["face"]["confidence"] > 0.6
    video = tmp_path / "video.mp4"
    subprocess.run([ORATOR, "render", "--image", portrait, "--audio", short_voice, "--out", video], check=True,
                   capture_output=True)
    probe = subprocess.run(["ffprobe", "-v", "error", "-show_streams", "-of", "json", video], check=True,
                           capture_output=True).stdout
    v = json.loads(probe)["streams"][0]
    assert int(v["nb_frames"]) > 40
    assert abs(v["width"] / v["height"] - facts["width"] / facts["height"]) < 0.01
