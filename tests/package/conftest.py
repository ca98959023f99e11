"""A bare Debian 12, made once by debootstrap from this machine's own mirror and kept in the user's cache folder."""
import os
import pathlib
import re
import shutil
import subprocess

CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "orator" / "package-test"
SOURCES = pathlib.Path("/etc/apt/sources.list.d/debian.sources")


def bare_debian():
    base = CACHE / "base"
    if not (base / "etc/debian_version").exists():
        mirror = re.search(r"^URIs: *(\S+)", SOURCES.read_text(), re.M).group(1)
        part = CACHE / "base.part"
        shutil.rmtree(part, ignore_errors=True)
        CACHE.mkdir(parents=True, exist_ok=True)
        subprocess.run(["debootstrap", "--variant=minbase", "bookworm", part, mirror], check=True, stdout=subprocess.DEVNULL)
        (part / "etc/apt/sources.list").unlink()
        shutil.copy(SOURCES, part / "etc/apt/sources.list.d")
        part.rename(base)
    return base
