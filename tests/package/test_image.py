"""The Dockerfile makes an image that works without a right, by buildah, which needs no daemon.

    apt-get install debootstrap buildah crun
    /usr/bin/python3 -m pytest tests/package/test_image.py       (root; about six minutes)

debian:bookworm-slim is stood in for by a debootstrap of this machine's own mirror, as no registry is asked.
"""
import os
import pathlib
import shutil
import subprocess

import pytest

from conftest import bare_debian

ROOT = pathlib.Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """Runs a line of shell in a container of the image; its output."""
    if not shutil.which("buildah"):
        pytest.skip("buildah is not installed")
    folder = tmp_path_factory.mktemp("buildah")
    environment = {**os.environ, "BUILDAH_ISOLATION": "chroot", "STORAGE_DRIVER": "vfs"}

    def buildah(*words):
        done = subprocess.run(["buildah", "--root", folder / "root", "--runroot", folder / "run", *words], env=environment, cwd=ROOT,
                              capture_output=True, text=True)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout.strip()

    base = buildah("from", "scratch")
    buildah("add", "-q", base, str(bare_debian()), "/")
    buildah("commit", "-q", base, "docker.io/library/debian:bookworm-slim")
    buildah("bud", "--network", "host", "--pull-never", "--ignorefile", "packaging/docker/Dockerfile.dockerignore", "-f",
            "packaging/docker/Dockerfile", "-t", "orator", ".")
    container = buildah("from", "--pull-never", "localhost/orator")
    yield lambda line: buildah("run", container, "--", "sh", "-c", line)
    shutil.rmtree(folder)


def test_its_user_may_write_to_its_volume_alone(image):
    assert image("id -u; id -g").split() == ["10001", "10001"]
    assert image("touch /usr/x /etc/x /x 2>/dev/null || echo no; touch /var/lib/orator/x && echo yes").split() == ["no", "yes"]


def test_the_doctor_misses_nothing_in_it(image):
    assert " missing " not in image("orator doctor --port 0")


def test_its_server_answers_what_the_health_check_asks_and_ends_cleanly(image):
    said = image("orator serve --port 18391 2>/dev/null & p=$!; sleep 2; curl -fsS http://127.0.0.1:18391/healthz; kill $p; wait $p; echo $?")
    assert said.split("\n")[-1].endswith('{"status":"ok"}0')
