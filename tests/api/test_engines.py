"""Other engines behind the same API."""
import urllib.request

import pytest

from conftest import Server


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
