"""Media in an object store: what the client of it does, says and repeats, against a stand-in that verifies every
signature by itself and fails on command, and against a store that others wrote."""
import json
import os
import re
import subprocess
import time

import pytest

import s3_stand_in
import swift
from conftest import ORATOR

STEPS = ["the bucket is there, and opens to the key", "put and get", "get a part", "copy", "put a large file in parts",
         "list", "an address for others", "remove"]


@pytest.fixture
def store():
    s = s3_stand_in.Store()
    yield s
    s.close()


def check(environment, *arguments):
    began = time.monotonic()
    done = subprocess.run([ORATOR, "media", "check", *arguments], env={**os.environ, **environment}, timeout=100,
                          capture_output=True, text=True)
    done.seconds = time.monotonic() - began
    done.steps = [line[4:] for line in done.stdout.splitlines() if line.startswith("ok  ")]
    assert s3_stand_in.SECRET_KEY not in done.stdout + done.stderr
    return done


def test_every_step_is_taken_and_nothing_is_left_behind(store):
    done = check(store.environment())
    assert done.returncode == 0, done.stderr
    assert done.steps == STEPS
    assert not store.objects and not store.uploads


def test_a_folder_of_a_bucket_is_kept_to(store):
    store.objects["other/x.mp4"] = {"data": b"x", "etag": '"x"', "type": "video/mp4", "time": s3_stand_in.now()}
    done = check(store.environment(ORATOR_MEDIA_BUCKET="videos/of orator".replace(" ", "-")))
    assert done.returncode == 0, done.stderr
    written = [p for m, p in store.requests if m in ("PUT", "DELETE")]
    assert written and all(p.startswith("/videos/of-orator/check.") for p in written)
    assert list(store.objects) == ["other/x.mp4"]


@pytest.mark.parametrize("how", [{"how": "status", "status": 500}, {"how": "status", "status": 503, "code": "SlowDown"},
                                 {"how": "cut"}])
def test_what_fails_twice_is_asked_a_third_time(store, how):
    store.fail(method="PUT", times=2, **how)
    store.fail(method="POST", times=2, **how)
    store.fail(method="DELETE", times=2, **how)
    done = check(store.environment())
    assert done.returncode == 0, done.stderr
    assert done.steps == STEPS
    assert not store.objects and not store.uploads


def test_a_body_that_is_cut_is_read_again(store):
    store.fail("half", method="GET", times=1, match="/check.")
    done = check(store.environment())
    assert done.returncode == 0, done.stderr


def test_a_fault_that_stays_ends_in_a_sentence_and_in_bounded_time(store):
    store.fail("status", method="PUT", status=500, times=1000)
    done = check(store.environment())
    assert done.returncode == 7
    assert done.stderr == "orator: put and get: the media store has a fault of its own (HTTP 500), 3 times\n"
    assert len([m for m, _ in store.requests if m == "PUT"]) == 3
    assert done.seconds < 10


def test_parts_of_an_upload_that_fails_are_given_up(store):
    store.fail("status", method="PUT", status=500, times=1000, match="partNumber=2")
    done = check(store.environment())
    assert done.returncode == 7
    assert "put a large file in parts" in done.stderr
    assert not store.uploads and not store.objects
    assert [m for m, p in store.requests if m == "DELETE" and "uploadId" in p]


def test_an_upload_whose_last_answer_is_lost_is_complete(store):
    """The end is taken, the answer is cut, and the second try finds no such upload."""
    original = s3_stand_in.Requests.answer

    def once(self, status, body=b"", **headers):
        if self.command == "POST" and "uploadId=" in self.path and status == 200 and not store.lost:
            store.lost = True
            self.close_connection = True
            return
        original(self, status, body, **headers)

    store.lost = False
    s3_stand_in.Requests.answer = once
    try:
        done = check(store.environment())
    finally:
        s3_stand_in.Requests.answer = original
    assert store.lost
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("change, sentence", [
    ({"ORATOR_MEDIA_SECRET_KEY": "wrong"}, "does not accept the signature: look at media_secret_key and media_region"),
    ({"ORATOR_MEDIA_ACCESS_KEY": "nobody"}, "does not know the key media_access_key"),
    ({"ORATOR_MEDIA_BUCKET": "missing"}, "has no such bucket: make it, or look at media_bucket"),
    ({"ORATOR_MEDIA_REGION": "mars-1"}, "expects another media_region"),
    ({"ORATOR_MEDIA_STORE": "http://127.0.0.1:9"}, "does not take connections"),
    ({"ORATOR_MEDIA_STORE": "http://no-such-host.invalid"}, "has a host name that is unknown"),
    ({"ORATOR_MEDIA_STORE": "s3.example.com"}, "it must be like https://s3.example.com:9000"),
    ({"ORATOR_MEDIA_BUCKET": "a//b"}, "it must be the name of a bucket, or bucket/folder"),
    ({"ORATOR_MEDIA_SECRET_KEY": ""}, "media_store needs media_access_key, media_secret_key and media_region"),
])
def test_an_operator_hears_what_to_look_at(store, change, sentence):
    done = check({**store.environment(), **change})
    assert done.returncode in (2, 7)
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("ahead_s, sentence", [(-3600, r"clock is 3(600|599) seconds ahead of"),
                                               (3600, r"clock is 3(600|601) seconds behind")])
def test_a_clock_that_is_off_is_said(store, ahead_s, sentence):
    store.clock_s = ahead_s
    done = check(store.environment())
    assert done.returncode == 7
    assert re.search(sentence, done.stderr), done.stderr


def test_a_full_store_is_said_and_not_asked_again(store):
    store.fail("status", method="PUT", status=507, code="XMinioStorageFull", times=1000)
    done = check(store.environment())
    assert "the media store is full" in done.stderr
    assert len([m for m, _ in store.requests if m == "PUT"]) == 1


def test_the_doctor_looks_at_the_store_too(store, tmp_path):
    def media(**change):
        out = subprocess.run([ORATOR, "doctor", "--json", "--data", tmp_path, "--port", "0"], capture_output=True, text=True,
                             env={**os.environ, **store.environment(**change)})
        return next(f for f in json.loads(out.stdout) if f["check"] == "media")
    assert media()["state"] == "ok" and store.url in media()["seen"]
    lost = media(ORATOR_MEDIA_SECRET_KEY="wrong")
    assert lost["state"] == "missing" and "look at media_secret_key" in lost["seen"] and "orator media check" in lost["cure"]
    assert media(ORATOR_MEDIA_STORE="")["seen"] == "in the data folder"
    assert {m for m, _ in store.requests} == {"GET"}  # it changes nothing


def test_the_rules_of_a_bucket_are_printed_for_its_folder():
    done = subprocess.run([ORATOR, "media", "lifecycle", "--media-bucket", "videos/orator"], capture_output=True, text=True,
                          check=True)
    assert "<Prefix>orator/</Prefix>" in done.stdout
    assert "<AbortIncompleteMultipartUpload><DaysAfterInitiation>1<" in done.stdout


# --- a store that others wrote ---

@pytest.fixture(scope="session")
def real_store(tmp_path_factory):
    if swift.missing():
        pytest.skip(f"OpenStack Swift is not installed: {', '.join(swift.missing())}")
    s = swift.Swift(tmp_path_factory.mktemp("swift"))
    yield s
    s.close()


def test_a_store_that_others_wrote_takes_every_step(real_store):
    done = check(real_store.environment())
    assert done.returncode == 0, done.stderr
    assert done.steps == STEPS


def test_a_store_that_others_wrote_refuses_a_wrong_key(real_store):
    done = check(real_store.environment(ORATOR_MEDIA_SECRET_KEY="wrong"))
    assert done.returncode == 7
    assert "does not accept the signature" in done.stderr
