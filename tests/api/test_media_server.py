"""A server whose media live in an object store: what is put there, how it is read, what is left when something fails."""
import base64
import concurrent.futures
import datetime
import http.client
import time
import urllib.parse
import urllib.request

import pytest

import s3_stand_in
import swift
from conftest import PORTRAIT, Server, ask


@pytest.fixture
def store():
    s = s3_stand_in.Store()
    yield s
    s.close()


@pytest.fixture
def over(tmp_path, files):
    """Starts a server over a store; ended with the test."""
    servers = []

    def start(store, **more):
        servers.append(Server(tmp_path / f"data{len(servers)}", allow_hosts=files.host, **store.environment(**more)))
        return servers[-1]

    yield start
    for s in servers:
        s.kill()
        s.stop()


@pytest.fixture
def upload_body(quick_body, media):
    """The quick job with its sources inside, so that they are kept as uploads."""
    def data(kind, path):
        return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"
    return {**quick_body, "image_url": data("image/png", PORTRAIT), "audio_url": data("audio/wav", media / "short.wav")}


def here(server):
    return [p.name for p in (server.data / "media").iterdir()]


def objects_of(store):
    return {n: o["data"] for n, o in store.objects.items()}


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def location_of(url):
    try:
        urllib.request.build_opener(NoRedirect).open(url, timeout=30).close()
    except urllib.error.HTTPError as e:
        with e:
            assert e.code == 302
            return e.headers["Location"]
    raise AssertionError("no redirect")


def read_everywhere(server, job, video):
    """The video by its address: whole, in part, by HEAD, by validator."""
    url = job["video_url"]
    whole = ask("GET", url)
    assert (whole.status, whole.headers["Content-Type"], whole.body) == (200, "video/mp4", video)
    for asked, first, last in (("bytes=0-0", 0, 0), ("bytes=100-599", 100, 599), (f"bytes={len(video) - 5}-", len(video) - 5, len(video) - 1),
                               ("bytes=-7", len(video) - 7, len(video) - 1)):
        part = ask("GET", url, headers={"Range": asked})
        assert part.status == 206
        assert part.headers["Content-Range"] == f"bytes {first}-{last}/{len(video)}"
        assert part.body == video[first:last + 1]
    assert ask("GET", url, headers={"Range": f"bytes={len(video)}-"}).status == 416
    head = ask("HEAD", url)
    assert head.status == 200 and head.headers["Content-Length"] == str(len(video))
    assert ask("GET", url, headers={"If-None-Match": whole.headers["ETag"]}).status == 304
    content = server.get(f"/v1/video/generations/{job['id']}/content")
    assert content.body == video and content.headers["Content-Disposition"] == f'attachment; filename="{job["id"]}.mp4"'


def test_what_is_made_lies_in_the_store_alone_and_is_read_through_the_server(store, over, upload_body):
    server = over(store)
    task = server.submit({**upload_body, "captions": "vtt"}).json
    assert sorted(n.rsplit(".", 1)[1] for n in store.objects) == ["png", "wav"], task
    job = server.wait(task["id"])
    assert job["status"] == "completed", job
    kept = objects_of(store)
    assert sorted(n.split(".", 1)[1] for n in kept) == ["mp4", "thumb.jpg", "vtt"]  # the uploads are gone
    assert here(server) == []
    video = next(v for n, v in kept.items() if n.endswith(".mp4"))
    read_everywhere(server, job, video)
    assert ask("GET", job["result"]["thumbnail_url"]).headers["Content-Type"] == "image/jpeg"
    assert ask("GET", job["result"]["captions_url"]).body.startswith(b"WEBVTT")
    assert ask("DELETE", f"{server.url}/v1/video/generations/{job['id']}", server.key).status == 200
    assert not store.objects
    assert s3_stand_in.SECRET_KEY not in server.log_text()


def test_a_redirect_leads_to_an_address_that_is_open_and_signed(store, over, quick_body):
    server = over(store, ORATOR_MEDIA_DELIVERY="redirect")
    job = server.wait(server.submit(quick_body).json["id"])
    video = next(v for n, v in objects_of(store).items() if n.endswith(".mp4"))
    there = location_of(job["video_url"])
    assert there.startswith(f"{store.url}/videos/") and "X-Amz-Signature=" in there
    assert ask("GET", there).body == video
    part = ask("GET", job["video_url"] + "&download=1", headers={"Range": "bytes=10-19"})  # followed
    assert (part.status, part.body) == (206, video[10:20])
    assert part.headers["Content-Disposition"].startswith("attachment")
    assert ask("GET", there.replace("X-Amz-Expires=3600", "X-Amz-Expires=9999")).status == 403


def test_a_file_is_copied_in_the_store_for_each_task_that_uses_it(store, over, quick_body, media):
    server = over(store)
    made = ask("POST", f"{server.url}/v1/files?filename=short.wav", server.key, (media / "short.wav").read_bytes(),
               {"Content-Type": "application/octet-stream"}).json
    assert server.get(f"/v1/files/{made['id']}/content").body == (media / "short.wav").read_bytes()
    job = server.wait(server.submit({**quick_body, "audio_url": made["id"]}).json["id"])
    assert job["status"] == "completed", job
    assert len([n for n in store.objects if n.endswith(".wav")]) == 1
    ask("DELETE", f"{server.url}/v1/files/{made['id']}", server.key)
    assert not [n for n in store.objects if n.endswith(".wav")]


def test_a_store_that_stumbles_costs_nothing_but_time(store, over, quick_body):
    server = over(store)
    store.fail("status", method="PUT", status=500, times=2)
    store.fail("cut", method="PUT", times=1)
    job = server.wait(server.submit(quick_body).json["id"])
    assert job["status"] == "completed", job
    store.fail("status", method="GET", status=503, times=2)
    video = next(v for n, v in objects_of(store).items() if n.endswith(".mp4"))
    assert ask("GET", job["video_url"]).body == video


def test_a_task_waits_for_a_store_that_is_full_and_is_made_when_there_is_room(store, over, quick_body):
    server = over(store)
    store.fail("status", method="PUT", status=507, code="XMinioStorageFull", times=1000)
    task = server.submit(quick_body).json["id"]
    end = time.monotonic() + 60
    while "the media store is full" not in server.log_text() and time.monotonic() < end:
        time.sleep(0.1)
    assert here(server) == [] and not store.objects and server.job(task)["status"] == "queued"
    store.heal()
    assert server.wait(task)["status"] == "completed"


def test_a_store_that_dies_within_a_video_breaks_the_answer_off(store, over, quick_body):
    server = over(store)
    job = server.wait(server.submit(quick_body).json["id"])
    store.fail("cut", method="GET", times=1000)
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        answer = ask("GET", job["video_url"], timeout=60)
        assert answer.status == 200  # the head was fine


def test_a_store_that_hangs_does_not_hang_the_server(store, over, quick_body):
    server = over(store, ORATOR_HTTP_THREADS="2")
    job = server.wait(server.submit(quick_body).json["id"])
    store.fail("slow", method="HEAD", seconds=60, times=1000)
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        reads = [pool.submit(ask, "GET", job["video_url"], timeout=60) for _ in range(6)]
        done = [r.result() for r in reads]
        assert {r.status for r in done} == {503}
        assert any("moment ago" in r.json["error"]["message"] for r in done)
        began = time.monotonic()
        assert ask("GET", job["video_url"], timeout=60).status == 503
        assert server.get("/v1/models").status == 200
        assert time.monotonic() - began < 2
    store.heal()
    time.sleep(3.2)
    assert ask("GET", job["video_url"]).status == 200


def test_a_store_that_is_away_when_a_server_starts_is_said_at_once(store, tmp_path):
    environment = store.environment()
    store.close()
    with pytest.raises(AssertionError, match="the media store does not take connections"):
        Server(tmp_path / "data", **environment)


def test_what_nobody_names_is_swept_when_it_is_old(store, over, quick_body):
    server = over(store)
    job = server.wait(server.submit(quick_body).json["id"])
    assert job["status"] == "completed"
    old = s3_stand_in.now() - datetime.timedelta(hours=2)
    for name, when in (("0000000000000000000000old1.mp4", old), ("0000000000000000000000old2.wav", old),
                       ("0000000000000000000000old2.wav.note", old), ("0000000000000000000000new1.mp4", s3_stand_in.now())):
        store.objects[name] = {"data": b"x", "etag": '"x"', "type": "video/mp4", "time": when}
    for o in store.objects.values():
        if len(o["data"]) > 1:
            o["time"] = old  # of the job
    store.uploads["stale"] = {"name": "0000000000000000000000old3.mp4", "parts": {}, "begun": old - datetime.timedelta(days=2)}
    store.uploads["young"] = {"name": "0000000000000000000000new3.mp4", "parts": {}, "begun": old}
    server.stop()
    server.start()
    end = time.monotonic() + 20
    while "stale" in store.uploads and time.monotonic() < end:
        time.sleep(0.1)
    assert sorted(n.split(".", 1)[0][-4:] for n in store.objects if n.startswith("0000")) == ["new1"]
    assert list(store.uploads) == ["young"]
    assert ask("GET", server.job(job["id"])["video_url"]).status == 200


def test_videos_of_before_the_store_was_chosen_are_still_read(store, tmp_path, files, quick_body):
    server = Server(tmp_path / "data", allow_hosts=files.host)
    try:
        job = server.wait(server.submit(quick_body).json["id"])
        video = ask("GET", job["video_url"]).body
        server.stop()
        server.environment = store.environment()
        server.start()
        assert ask("GET", server.job(job["id"])["video_url"]).body == video
        assert ask("DELETE", f"{server.url}/v1/video/generations/{job['id']}", server.key).status == 200
        assert here(server) == [] and not store.objects
    finally:
        server.kill()
        server.stop()


@pytest.fixture(scope="module")
def real_store(tmp_path_factory):
    if swift.missing():
        pytest.skip(f"OpenStack Swift is not installed: {', '.join(swift.missing())}")
    s = swift.Swift(tmp_path_factory.mktemp("swift"))
    yield s
    s.close()


def test_a_store_that_others_wrote_holds_the_media(real_store, over, upload_body):
    server = over(real_store)
    job = server.wait(server.submit({**upload_body, "captions": "vtt"}).json["id"])
    assert job["status"] == "completed", job
    assert here(server) == []
    read_everywhere(server, job, ask("GET", job["video_url"]).body)
    there = over(real_store, ORATOR_MEDIA_DELIVERY="redirect")
    again = there.wait(there.submit(upload_body).json["id"])
    part = ask("GET", again["video_url"], headers={"Range": "bytes=4-7"})
    assert (part.status, part.body) == (206, b"ftyp")
    assert ask("DELETE", f"{server.url}/v1/video/generations/{job['id']}", server.key).status == 200
    assert ask("GET", job["video_url"]).status == 404
