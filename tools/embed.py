#!/usr/bin/env python3
"""embed.py OUT.c NAME=FILE ... [--list NAME FILE ...] - files become C arrays, because the compiler has no #embed.

Each pair gives `const char NAME[]`, which ends with a NUL that is not counted in `const size_t NAME_size`.
Who uses an array declares it: `extern const char NAME[]; extern const size_t NAME_size;`
After --list, files become one `const char *const NAME[]` of texts in their order, and `const int NAME_count`.
"""
import sys
from pathlib import Path

PER_LINE = 24


def array(name, data):
    numbers = [str(b - 256 if b > 127 else b) for b in data] + ["0"]
    rows = [", ".join(numbers[i:i + PER_LINE]) for i in range(0, len(numbers), PER_LINE)]
    body = ",\n    ".join(rows)
    return (f"extern const char {name}[];\nextern const size_t {name}_size;\n"
            f"const char {name}[] = {{\n    {body}}};\nconst size_t {name}_size = {len(data)};\n")


def text_list(name, files):
    parts = [array(f"{name}_{i}", Path(file).read_bytes()) for i, file in enumerate(files)]
    rows = "".join(f"    {name}_{i},\n" for i in range(len(files)))
    return "".join(parts) + (f"extern const char *const {name}[];\nextern const int {name}_count;\n"
                             f"const char *const {name}[] = {{\n{rows}}};\nconst int {name}_count = {len(files)};\n")


def main(out, pairs):
    parts = ["/* made by tools/embed.py */\n#include <stddef.h>\n"]
    if "--list" in pairs:
        at = pairs.index("--list")
        parts.append(text_list(pairs[at + 1], pairs[at + 2:]))
        pairs = pairs[:at]
    for pair in pairs:
        name, _, file = pair.partition("=")
        parts.append(array(name, Path(file).read_bytes()))
    Path(out).write_text("\n".join(parts))


main(sys.argv[1], sys.argv[2:])
