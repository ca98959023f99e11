"""OpenStack Swift with its S3 door, on loopback: an object store that others wrote, and that verifies signatures.
Debian packages: swift-proxy swift-account swift-container swift-object memcached."""
import os
import pathlib
import shutil
import socket
import subprocess
import time
import urllib.request

USER, KEY, BUCKET, REGION = "test:tester", "testing", "videos", "us-east-1"
PROGRAMS = ("swift-proxy-server", "swift-account-server", "swift-container-server", "swift-object-server",
            "swift-ring-builder", "memcached")

PROXY = """[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {proxy}
swift_dir = {folder}
workers = 0
user = {user}
log_level = ERROR
[pipeline:main]
pipeline = catch_errors proxy-logging cache listing_formats s3api tempauth copy slo proxy-logging proxy-server
[app:proxy-server]
use = egg:swift#proxy
allow_account_management = true
account_autocreate = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:proxy-logging]
use = egg:swift#proxy_logging
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:{memcached}
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:copy]
use = egg:swift#copy
[filter:slo]
use = egg:swift#slo
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
[filter:s3api]
use = egg:swift#s3api
s3_acl = false
location = us-east-1
"""
BACKEND = """[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
swift_dir = {folder}
devices = {folder}/devices
mount_check = false
workers = 0
user = {user}
disable_fallocate = true
log_level = ERROR
[pipeline:main]
pipeline = {kind}-server
[app:{kind}-server]
use = egg:swift#{kind}
"""


def missing():
    """Programs that are not installed."""
    return [p for p in PROGRAMS if not shutil.which(p)]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Swift:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.processes = []
        ports = {k: free_port() for k in ("proxy", "memcached", "account", "container", "object")}
        self.url = f"http://127.0.0.1:{ports['proxy']}"
        user = os.environ.get("USER") or subprocess.run(["id", "-un"], capture_output=True, text=True).stdout.strip()
        (self.folder / "devices" / "d1").mkdir(parents=True)
        (self.folder / "swift.conf").write_text("[swift-hash]\nswift_hash_path_prefix = a\nswift_hash_path_suffix = b\n")
        (self.folder / "proxy.conf").write_text(PROXY.format(folder=self.folder, user=user, **ports))
        environment = {**os.environ, "SWIFT_DIR": str(self.folder)}
        for kind in ("account", "container", "object"):
            port = ports[kind]
            (self.folder / f"{kind}.conf").write_text(BACKEND.format(folder=self.folder, user=user, kind=kind, port=port))
            for command in (["create", "4", "1", "0"], ["add", f"r1z1-127.0.0.1:{port}/d1", "1"], ["rebalance"]):
                subprocess.run(["swift-ring-builder", f"{kind}.builder", *command], cwd=self.folder, check=True,
                               stdout=subprocess.DEVNULL, env=environment)
        self.start(["memcached", "-l", "127.0.0.1", "-p", str(ports["memcached"]), "-u", user, "-m", "16"])
        for kind in ("account", "container", "object"):
            self.start([f"swift-{kind}-server", str(self.folder / f"{kind}.conf")])
        for kind in ("account", "container", "object"):
            self.await_port(ports[kind])  # a proxy that meets one closed leaves it alone for a minute
        self.start(["swift-proxy-server", str(self.folder / "proxy.conf")])
        self.await_port(ports["proxy"])
        self.make_bucket()

    def start(self, command):
        with open(self.folder / "log", "ab") as log:
            self.processes.append(subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder))

    def await_port(self, port):
        end = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=5).close()
                return
            except OSError:
                if time.monotonic() > end:
                    self.close()
                    raise AssertionError((self.folder / "log").read_text()[-3000:]) from None
                time.sleep(0.1)

    def make_bucket(self):
        """By Swift's own door, so that nothing of ours is needed for it."""
        request = urllib.request.Request(self.url + "/auth/v1.0", headers={"X-Auth-User": USER, "X-Auth-Key": KEY})
        with urllib.request.urlopen(request, timeout=30) as r:
            token, place = r.headers["X-Auth-Token"], r.headers["X-Storage-Url"]
        for name in (BUCKET, f"{BUCKET}+segments"):
            put = urllib.request.Request(f"{place}/{name}", method="PUT", headers={"X-Auth-Token": token})
            urllib.request.urlopen(put, timeout=30).close()

    def environment(self, **more):
        return {"ORATOR_MEDIA_STORE": self.url, "ORATOR_MEDIA_BUCKET": BUCKET, "ORATOR_MEDIA_REGION": REGION,
                "ORATOR_MEDIA_ACCESS_KEY": USER, "ORATOR_MEDIA_SECRET_KEY": KEY, **more}

    def close(self):
        for p in self.processes:
            p.terminate()
        for p in self.processes:
            p.wait(timeout=20)
