"""A job that is watched: server-sent events and long polls."""
import socket
import threading
import time
import urllib.parse

from conftest import ask


def events(server, task, headers="", until=None, seconds=60):
    """Reads the stream to its end: a list of (id, event, data text)."""
    where = urllib.parse.urlsplit(server.url)
    with socket.create_connection((where.hostname, where.port), timeout=seconds) as s:
        s.sendall(f"GET /v1/video/generations/{task}/events HTTP/1.0\r\nHost: {where.netloc}\r\n"
                  f"Authorization: Bearer {server.key}\r\n{headers}\r\n".encode())
        text = b""
        while piece := s.recv(65536):
            text += piece
            if until and until in text:
                break
    head, _, body = text.decode().partition("\r\n\r\n")
    found = []
    for block in body.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line)
        if "event" in fields:
            found.append((fields.get("id"), fields["event"], fields["data"], time.monotonic()))
    return head, found


def test_a_render_is_told_event_by_event_and_goes_on_where_it_was_left(server, quick_body):
    task = server.submit(quick_body).json["id"]
    head, seen = events(server, task)
    assert "200 OK" in head and "text/event-stream" in head
    names = [e[1] for e in seen]
    order = ["video.queued", "video.processing", "video.completed"]
    assert names[-1] == "video.completed" and [order.index(n) for n in names] == sorted(order.index(n) for n in names)
    ids = [int(e[0]) for e in seen]
    assert ids == sorted(ids) and len(set(zip(ids, names))) == len(ids)
    # a client that comes back hears only what it has missed, and in the end nothing
    _, rest = events(server, task, f"Last-Event-ID: {ids[0]}\r\n")
    assert [e[1] for e in rest] == ["video.completed"]
    head, rest = events(server, task, f"Last-Event-ID: {ids[-1]}\r\n")
    assert "204" in head and not rest
    assert server.get(f"/v1/video/generations/{task}/events", headers={"Last-Event-ID": "x"}).status == 400
    assert server.get("/v1/video/generations/task_x/events").json["error"]["code"] == "task_not_found"


def test_a_long_poll_ends_with_the_task_or_with_its_time(server, quick_body, files):
    task = server.submit(quick_body).json["id"]
    began = time.monotonic()
    early = server.get(f"/v1/video/generations/{task}?wait=0").json
    assert early["status"] in ("queued", "processing") and time.monotonic() - began < 1
    done = server.get(f"/v1/video/generations/{task}?wait=60", timeout=70).json
    assert done["status"] == "completed"
    failing = server.submit({**quick_body, "image_url": f"{files.url}/missing.png"}).json["id"]
    assert server.get(f"/v1/video/generations/{failing}", headers={"Prefer": "wait=20"}).json["status"] == "failed"
    assert server.get(f"/v1/video/generations/{task}?wait=61").json["error"]["param"] == "wait"


def test_three_hundred_idle_listeners_leave_the_server_quick(server, quick_body):
    """The worker is busy with one task; another waits, and is listened to by many."""
    first = server.submit(quick_body).json["id"]
    task = server.submit(quick_body).json["id"]
    ended = []

    def listen():
        ended.append(events(server, task)[1][-1][1])

    threads = [threading.Thread(target=listen) for _ in range(300)]
    for t in threads:
        t.start()
    slowest = 0
    for _ in range(20):
        began = time.monotonic()
        assert ask("GET", server.url + "/healthz").status == 200
        slowest = max(slowest, time.monotonic() - began)
    assert slowest < 1
    server.wait(first)
    server.wait(task)
    for t in threads:
        t.join(30)
    assert ended == ["video.completed"] * 300
