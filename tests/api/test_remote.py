"""`orator submit`, `status`, `wait`, `list`, `cancel` against the real server."""
import json
import os
import subprocess

import pytest

from conftest import ORATOR, PORTRAIT


@pytest.fixture
def remote(server, tmp_path):
    environment = {**os.environ, "ORATOR_URL": server.url + "/", "ORATOR_API_KEY": server.key, "XDG_CONFIG_HOME": str(tmp_path)}

    def run(*arguments, **change):
        changed = {k: v for k, v in {**environment, **change}.items() if v is not None}
        return subprocess.run([ORATOR, *map(str, arguments)], capture_output=True, text=True, timeout=120, env=changed)

    return run


QUICK = ["--resolution=480p", "--fps=12", "--quiet"]


def test_files_go_up_and_the_video_comes_down(remote, server, media, tmp_path):
    video = tmp_path / "v.mp4"
    out = remote("submit", "-i", PORTRAIT, "-a", media / "short.wav", "-o", video, "--prompt", "warm; \"smile\"", "--seed", 7,
                 "--motion-head", "0.5", "--no-blink", "--face-box", "300,200,424,500", "--external-id", "mine", "--json", *QUICK)
    assert out.returncode == 0, out.stderr
    job = json.loads(out.stdout)
    assert (job["status"], job["seed"], job["resolution"], job["fps"], job["external_task_id"]) == ("completed", 7, "480p", 12, "mine")
    assert job["motion"] == {"head": 0.5, "expression": 1.0, "blink": False} and job["face_box"] == [300, 200, 424, 500]
    assert video.read_bytes() == server.get(f"/v1/video/generations/{job['id']}/content").body
    assert list(tmp_path.iterdir()) == [video]

    shown = remote("status", job["id"])
    assert shown.returncode == 0 and job["id"] in shown.stdout and "completed" in shown.stdout and job["video_url"] in shown.stdout
    again = remote("wait", job["id"], "-o", tmp_path / "w.mp4")
    assert again.returncode == 0 and (tmp_path / "w.mp4").read_bytes() == video.read_bytes()
    assert job["id"] in remote("list", "-n", 3).stdout
    assert [j["id"] for j in json.loads(remote("list", "--limit=1", "--status", "completed", "--json").stdout)["data"]] == [job["id"]]


def test_urls_go_as_urls_and_the_server_measures_the_voice(remote, files, short_seconds):
    out = remote("submit", "-i", f"{files.url}/face.png", "-a", f"{files.url}/short.wav", "--json", *QUICK)
    job = json.loads(out.stdout)
    assert job["status"] in ("queued", "processing") and abs(job["billing"]["declared_seconds"] - short_seconds) < 0.01
    done = remote("wait", job["id"], "--progress=plain")
    assert done.returncode == 0 and "completed" in done.stdout
    late = remote("cancel", job["id"])
    assert late.returncode == 2 and "completed already" in late.stderr


def test_a_job_that_fails_gives_the_exit_code_of_its_failure(remote, files, short_seconds):
    out = remote("submit", "-i", f"{files.url}/missing.png", "-a", f"{files.url}/short.wav", "--wait", *QUICK)
    assert out.returncode == 7 and "download_failed" in out.stdout and out.stderr.startswith("orator: ")


def test_a_job_is_canceled(remote, media):
    first = json.loads(remote("submit", "-i", PORTRAIT, "-a", media / "voice.wav", "--model", "pro", "--json").stdout)
    second = json.loads(remote("submit", "-i", PORTRAIT, "-a", media / "voice.wav", "--model", "pro", "--json").stdout)
    for job in (second, first):
        assert remote("cancel", job["id"]).returncode == 0
    out = remote("wait", second["id"])
    assert out.returncode == 5 and "canceled" in out.stdout


@pytest.mark.parametrize("arguments,code,text", [
    (["status", "task_00000000000000000000000000"], 3, "no task"),
    (["status", "../../x y"], 3, ""),
    (["status"], 2, "say which: orator status ID"),
    (["submit", "-i", "none.png", "-a", "none.wav"], 3, "none.png cannot be read"),
    (["submit", "-a", "none.wav"], 2, "--image is missing"),
    (["list", "--limit", "1000"], 2, "need 1 to 100"),
    (["list", "--status", "gone"], 2, "queued, processing"),
    (["list", "--url", "ftp://x"], 2, "need http or https"),
    (["list", "--url", "http://127.0.0.1:1"], 7, "http://127.0.0.1:1 cannot be reached"),
])
def test_what_is_wrong_is_said_in_a_sentence(remote, arguments, code, text):
    out = remote(*arguments)
    assert (out.returncode, out.stdout) == (code, "") and text in out.stderr, out.stderr


def test_server_and_key_come_from_a_file_too_and_nearer_ones_win(remote, server, tmp_path):
    nothing = remote("list", ORATOR_API_KEY=None)
    assert nothing.returncode == 9 and "ORATOR_API_KEY" in nothing.stderr and "client.conf" in nothing.stderr
    (tmp_path / "orator").mkdir()
    (tmp_path / "orator" / "client.conf").write_text(f"# mine\nurl = {server.url}\napi_key = {server.key}\n")
    assert remote("list", ORATOR_API_KEY=None, ORATOR_URL=None).returncode == 0
    wrong = remote("list", ORATOR_API_KEY="sk-wrong")
    assert wrong.returncode == 9 and "sk-wrong" not in wrong.stderr
    (tmp_path / "key").write_text(server.key + "\n")
    assert remote("list", "--key-file", tmp_path / "key", ORATOR_API_KEY="sk-wrong").returncode == 0
    (tmp_path / "orator" / "client.conf").write_text("key = x\n")
    assert "line 1" in remote("list").stderr


def test_a_terminal_sees_stages_while_it_waits(remote, media):
    out = remote("submit", "-i", PORTRAIT, "-a", media / "voice.wav", "--wait", "--progress=json", "--model", "pro")
    assert out.returncode == 0
    told = [json.loads(line) for line in out.stderr.splitlines()]
    assert told and all(t["event"] == "progress" for t in told) and {t["stage"] for t in told} & {"render", "queued", "fetch", "inspect"}
