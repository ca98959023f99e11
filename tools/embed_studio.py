#!/usr/bin/env python3
"""embed_studio.py OUT.c FILE ... - the files of the studio as the table that src/studio/studio.h describes."""
import gzip
import hashlib
import sys
from pathlib import Path

TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8",
         ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
PER_LINE = 32


def array(name, data):
    rows = [", ".join(str(b - 256 if b > 127 else b) for b in data[i:i + PER_LINE]) for i in range(0, len(data), PER_LINE)]
    return f"static const char {name}[] = {{\n    " + ",\n    ".join(rows) + "};\n"


def main(out, names):
    arrays, rows = [], []
    for i, file in enumerate(map(Path, names)):
        data = file.read_bytes()
        tag = hashlib.sha256(data).hexdigest()[:20]
        arrays += [array(f"bytes_{i}", data), array(f"gzip_{i}", gzip.compress(data, 9, mtime=0))]
        rows.append(f'    {{"{file.name}", "{TYPES[file.suffix]}", "\\"{tag}\\"",'
                    f" bytes_{i}, gzip_{i}, sizeof(bytes_{i}), sizeof(gzip_{i})}},\n")
    Path(out).write_text('/* made by tools/embed_studio.py */\n#include "studio/studio.h"\n\n'
                         "extern const struct studio_file studio_files[];\nextern const int studio_file_count;\n"
                         + "".join(arrays) + "const struct studio_file studio_files[] = {\n" + "".join(rows)
                         + f"}};\nconst int studio_file_count = {len(rows)};\n")


main(sys.argv[1], sys.argv[2:])
