"""Jobs after their submit: listed, canceled while they render, downloaded, deleted."""
import time

from conftest import ask


def wait_for(check, seconds=20):
    end = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


def test_a_cancel_stops_the_render_and_frees_the_worker(server, request_body, quick_body):
    long = server.submit(request_body).json["id"]
    wait_for(lambda: server.job(long).get("stage") == "render")
    answer = ask("POST", f"{server.url}/v1/video/generations/{long}/cancel", server.key)
    assert (answer.status, answer.json["status"], answer.json["error"]["code"]) == (200, "failed", "canceled")
    began = time.monotonic()
    next_one = server.wait(server.submit(quick_body).json["id"])
    assert next_one["status"] == "completed" and time.monotonic() - began < 15
    assert server.job(long)["billing"]["charged"] == "0.00"


def test_a_video_is_downloaded_with_the_key_and_gone_after_a_delete(server, quick_body):
    done = server.wait(server.submit(quick_body).json["id"])
    path = f"/v1/video/generations/{done['id']}"
    content = server.get(path + "/content")
    assert content.status == 200 and content.body == ask("GET", done["video_url"]).body
    assert content.headers["Content-Disposition"] == f'attachment; filename="{done["id"]}.mp4"'
    assert done["id"] in [j["id"] for j in server.get("/v1/video/generations?status=completed").json["data"]]
    assert server.get(path + "/content?variant=thumbnail").status in (200, 404)
    gone = ask("DELETE", server.url + path, server.key)
    assert gone.json == {"id": done["id"], "object": "video.generation.job", "deleted": True}
    assert server.get(path).status == 404 and ask("GET", done["video_url"]).status == 404


def test_a_job_deleted_while_it_renders_leaves_nothing_behind(server, request_body):
    before = {p.name for p in (server.data / "media").iterdir()}
    doomed = server.submit(request_body).json["id"]
    wait_for(lambda: server.job(doomed).get("stage") == "render")
    assert ask("DELETE", f"{server.url}/v1/video/generations/{doomed}", server.key).status == 200
    wait_for(lambda: {p.name for p in (server.data / "media").iterdir()} <= before)
