#!/usr/bin/env python3
"""Check that no two objects of the program define the same public name: a static linker would silently take one."""
import collections
import pathlib
import subprocess
import sys

PER_ISA = "dsp_"  # libraries of one kernel source built per instruction set; their names carry the set


def main(build):
    where = collections.defaultdict(set)
    for lib in pathlib.Path(build, "src").rglob("lib*.a"):
        if lib.name.startswith("lib" + PER_ISA):
            continue
        out = subprocess.run(["nm", "-A", "--defined-only", "--extern-only", str(lib)], capture_output=True, text=True)
        for line in out.stdout.splitlines():
            *place, kind, name = line.split()
            if kind in "TDBRC" and not name.startswith(("__asan", "__odr_asan", "__ubsan")):
                where[name].add(" ".join(place).rsplit(":", 1)[0].rsplit("/", 1)[-1] + " in " + lib.name)
    bad = {n: p for n, p in where.items() if len(p) > 1}
    for name, places in sorted(bad.items()):
        print(f"{name} is defined in {', '.join(sorted(places))}")
    print(f"symbols: {len(where)} names, {len(bad)} defined twice")
    return 1 if bad or not where else 0


sys.exit(main(sys.argv[1]))
