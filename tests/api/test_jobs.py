"""Jobs after their submit: listed, canceled while they render, downloaded, deleted."""
import time

from conftest import ask


def wait_for(check, seconds=20):
    end = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


def test_a_cancel_stops_the_render_and_frees_the_worker(server, request_body, quick_body):
    long = server.submit({**request_body, "model": "kling-avatar-v2-pro"}).json["id"]
    wait_for(lambda: server.job(long)["status"] == "processing")
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
    doomed = server.submit({**request_body, "model": "kling-avatar-v2-pro"}).json["id"]
    wait_for(lambda: server.job(doomed)["status"] == "processing")
    assert ask("DELETE", f"{server.url}/v1/video/generations/{doomed}", server.key).status == 200
    wait_for(lambda: {p.name for p in (server.data / "media").iterdir()} <= before)


def test_an_address_is_signed_and_a_job_tells_when_it_will_be_done(server, quick_body):
    job = server.submit(quick_body).json
    assert job["eta_seconds"] > 0 and job["queue_position"] >= 0
    assert job["expires_at"] - job["created_at"] == 30 * 86400
    done = server.wait(job["id"])
    bare = done["video_url"].partition("?")[0]
    assert ask("GET", bare).status == 403 and ask("GET", bare + "?exp=9999999999&sig=AAAA").status == 403
    head = ask("HEAD", done["video_url"])
    assert head.status == 200 and int(head.headers["Content-Length"]) == done["result"]["size_bytes"]
    saved = ask("GET", done["video_url"] + "&download=1")
    assert saved.headers["Content-Disposition"].startswith("attachment; ")


def test_a_job_that_costs_more_than_was_allowed_is_not_taken(server, quick_body):
    answer = server.submit({**quick_body, "max_cost": "0.01"})
    assert (answer.status, answer.json["error"]["code"]) == (402, "max_cost_exceeded")
    assert answer.headers["x-should-retry"] == "false"
