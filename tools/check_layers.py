#!/usr/bin/env python3
"""Check that #include lines follow the layers: a folder may include only itself and what is listed."""
import re
import sys
from pathlib import Path

ALLOWED = {
    "base": [],
    "engine/dsp": ["base"],
    "engine/dsp/x86": ["base", "engine/dsp"],
    "engine/nn": ["base", "engine/dsp"],
    "engine/media": ["base", "engine/dsp"],
    "engine/voice": ["base", "engine/media"],
    "speak": [],  # a program of its own
    "engine/face": ["base", "engine/dsp", "engine/nn", "engine/media"],
    "engine/speech": ["base", "engine/dsp", "engine/nn", "engine/media"],
    "engine/motion": ["base", "engine/dsp", "engine/nn", "engine/speech"],
    "engine/render": ["base", "engine/dsp", "engine/media", "engine/face", "engine/motion"],
    "engine": ["base", "engine/dsp", "engine/nn", "engine/media", "engine/face", "engine/speech",
               "engine/motion", "engine/render"],
    "studio": [],
    "server/objects": ["base"],
    "server/store": ["base", "server/objects", "server/tasks/task.h"],  # task.h is the shape of what it keeps
    "server/tasks": ["base", "server/store"],
    "server/fetch": ["base"],
    "server/http": ["base"],
    "server/webhooks": ["base", "server/store", "server/tasks", "server/fetch"],
    "server/api": ["base", "server/http", "server/store", "server/tasks", "server/fetch", "server/webhooks",
                   "studio"],
    "server/maker": ["base", "server/tasks/task.h", "server/fetch", "engine"],
    "server/worker": ["base", "server/store", "server/tasks", "server/fetch", "server/maker"],
    "client": ["base"],
    "app": ["base", "client", "engine", "engine/voice", "engine/motion/lexicon.h", "server/http", "server/api", "server/store", "server/tasks", "server/fetch",
            "server/objects", "server/webhooks", "server/maker", "server/worker"],
}
# a header of others: the folders that may include it
ONLY_IN = {"libav": "engine/media", "libsw": "engine/media", "sqlite3.h": "server/store", "libpq-fe.h": "server/store",
           "immintrin.h": "engine/dsp", "microhttpd.h": "server/http", "curl/": "server/fetch server/objects client",
           "espeak-ng/": "speak"}


def folder_of(path):
    return path.rsplit("/", 1)[0]


def main(root):
    src, bad = Path(root) / "src", []
    for file in sorted(src.rglob("*.[ch]")):
        name = file.relative_to(src).as_posix()
        here = folder_of(name)
        if here not in ALLOWED:
            bad.append(f"src/{name}: folder is not in the layer table")
            continue
        for number, line in enumerate(file.read_text().splitlines(), 1):
            m = re.match(r'\s*#\s*include\s+(["<])([^">]+)[">]', line)
            if not m:
                continue
            kind, target = m.groups()
            if kind == '"' and folder_of(target) != here and not {target, folder_of(target)} & set(ALLOWED[here]):
                bad.append(f"src/{name}:{number}: {here} may not include {target}")
            for prefix, homes in ONLY_IN.items():
                if kind == "<" and target.startswith(prefix) and not any(
                        here == home or here.startswith(home + "/") for home in homes.split()):
                    bad.append(f"src/{name}:{number}: <{target}> belongs to {homes}")
    print("\n".join(bad) or "layers: ok")
    return 1 if bad else 0


sys.exit(main(sys.argv[1]))
