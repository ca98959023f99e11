"""The Debian package on a bare Debian: installs, makes a video, keeps what its operator wrote, and leaves nothing.

    /usr/bin/python3 -m pytest tests/package/test_debian.py      (root; two to four minutes, most of it Debian's own packages)

Builds the package, makes a system with debootstrap from this machine's own mirror, and works in it by chroot, in process and mount
namespaces of its own. The bare system and the packages that it needs are kept in the user's cache folder for the next time.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess

import pytest

from conftest import CACHE, bare_debian

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONF = "/etc/orator/orator.conf"


class Machine:
    """A Debian in a folder."""

    def __init__(self, folder):
        self.folder = folder

    def start(self, command, **more):
        """`command` is a line for its shell, run by its root."""
        inside = (f"mount -t proc proc {self.folder}/proc && mount --rbind /dev {self.folder}/dev && "
                  f"exec chroot {self.folder} /bin/sh -c \"$0\"")
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
        return subprocess.Popen(["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", inside, command], env=environment,
                                text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **more)

    def run(self, command, status=0):
        process = self.start(command)
        out, _ = process.communicate(timeout=900)
        assert process.returncode == status, f"{command}: exit status {process.returncode}\n{out[-3000:]}"
        return out

    def path(self, inside):
        return self.folder / inside.lstrip("/")


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    out = subprocess.run([ROOT / "packaging/debian/build", tmp_path_factory.mktemp("package")], check=True, capture_output=True, text=True)
    return pathlib.Path(out.stdout.strip())


@pytest.fixture(scope="module")
def machine(package, tmp_path_factory):
    assert os.geteuid() == 0, "chroot is root's"
    base, debs = bare_debian(), CACHE / "debs"
    debs.mkdir(parents=True, exist_ok=True)
    folder = tmp_path_factory.mktemp("machine") / "root"
    subprocess.run(["cp", "-a", base, folder], check=True)
    subprocess.run(["cp", "-a", f"{debs}/.", folder / "var/cache/apt/archives"], check=True)
    (folder / "etc/apt/apt.conf.d/keep").write_text('APT::Keep-Downloaded-Packages "true"; Binary::apt::APT::Keep-Downloaded-Packages "true";\n')
    shutil.copy("/etc/resolv.conf", folder / "etc/resolv.conf")
    shutil.copy(package, folder / "root/orator.deb")
    shutil.copy(ROOT / "tests/data/presenter.png", folder / "root/face.png")
    m = Machine(folder)
    m.run("apt-get -q update && apt-get -q install -y --no-install-recommends /root/orator.deb libespeak-ng1 ca-certificates")
    subprocess.run(f"cp -an {folder}/var/cache/apt/archives/*.deb {debs}/", shell=True, check=True)
    yield m
    shutil.rmtree(folder.parent)


def test_what_it_depends_on_is_what_its_programs_link_with(machine):
    assert "orator 0." in machine.run("orator --version")
    for program in ("/usr/bin/orator", "/usr/libexec/orator/orator-speak"):
        machine.run(f"! ldd {program} | grep 'not found'")
    machine.run("dpkg --verify orator")


def test_manual_and_completions_are_where_they_are_looked_for(machine):
    assert machine.run("zcat /usr/share/man/man1/orator.1.gz").startswith(".TH")
    assert "complete " in machine.path("/usr/share/bash-completion/completions/orator").read_text()
    assert machine.path("/usr/share/doc/orator/copyright").exists()


def test_settings_and_data_are_the_servers_own_users(machine):
    assert machine.run(f"stat -c '%U %G %a' {CONF} /var/lib/orator").split("\n")[:2] == ["root orator 640", "orator orator 700"]
    shell = machine.run("getent passwd orator").strip().split(":")
    assert shell[5:] == ["/var/lib/orator", "/usr/sbin/nologin"]
    assert machine.path("/etc/systemd/system/multi-user.target.wants/orator.service").is_symlink()


def test_every_setting_is_in_the_file_and_the_file_is_read(machine):
    text = machine.path(CONF).read_text()
    assert set(re.findall(r"^(?:# )?([a-z_]+) =", text, re.M)) == set(re.findall(r"^(\w+) +=", machine.run("orator settings"), re.M))
    assert re.search(r"data +=\s+/var/lib/orator +# file", machine.run(f"orator settings --config {CONF}"))
    every = re.sub(r"^# (?=[a-z_]+ =)", "", text, flags=re.M)
    machine.path("/root/every.conf").write_text(every)
    machine.run("orator settings --config /root/every.conf")  # every default in it is one that is taken


def test_the_doctor_misses_nothing(machine):
    found = json.loads(machine.run(f"runuser -u orator -- orator doctor --json --port 0 --config {CONF}"))
    assert [f for f in found if f["state"] == "missing"] == [] and len(found) > 5


def test_its_server_makes_a_video_from_a_text(machine):
    server = machine.start(f"exec runuser -u orator -- orator serve --port 0 --config {CONF} 2>/root/server.log")
    try:
        url = re.search(r"listens on (\S+)", server.stdout.readline()).group(1)
        machine.run(f"runuser -u orator -- orator keys create first --config {CONF} 2>/dev/null >/root/key")
        machine.run(f"orator submit --url {url} --key-file /root/key -i /root/face.png --say 'Good morning to all of you, and welcome to the first day of our summer.' --resolution 480p "
                    "--fps 12 -q -o /root/out.mp4")
        assert machine.path("/root/out.mp4").read_bytes()[4:8] == b"ftyp"
        said = json.loads(machine.run(f"orator list --url {url} --key-file /root/key --json"))["data"][0]
        assert said["status"] == "completed" and said["warnings"] == []
        machine.run(f"runuser -u orator -- orator ledger verify --config {CONF}")
    finally:
        server.kill()
        server.wait()
    assert machine.run("find /var/lib/orator -not -user orator") == ""


def test_a_newer_package_keeps_what_the_operator_wrote(machine):
    with open(machine.path(CONF), "a", encoding="utf-8") as f:
        f.write("port = 8123\n")
    machine.run("dpkg -i --force-confold /root/orator.deb && apt-get -q install --reinstall -y /root/orator.deb")
    assert "8123" in machine.run(f"orator settings --config {CONF} | grep ^port")
    assert machine.run(f"stat -c '%U %G %a' {CONF}").strip() == "root orator 640"


def test_removed_it_keeps_settings_and_data_and_purged_nothing_is_left(machine):
    machine.run("apt-get -q remove -y orator")
    assert machine.path(CONF).exists() and machine.path("/var/lib/orator/orator.db").exists()
    assert not machine.path("/usr/bin/orator").exists()
    machine.run("apt-get -q purge -y orator")
    machine.run("rm -f /root/* /var/cache/apt/archives/orator*")
    assert machine.run("find / -xdev '(' -iname '*orator*' -o -nouser -o -nogroup ')' -not -path '/proc/*'") == ""
    assert machine.run("! getent passwd orator") == ""
