#!/usr/bin/env python3
"""check_docs.py ROOT ORATOR OPENAPI.json - the documents say what is: every error code has its section, every document is in the
index, every link leads somewhere, and what is printed by a program is what it prints today."""
import re
import subprocess
import sys
from pathlib import Path


def codes(root):
    """Error words of base/error.h against the sections of troubleshooting.md."""
    words = set(re.findall(r'^ +X\(\w+, +"(\w+)"', (root / "src/base/error.h").read_text(), re.M)) - {"ok"}
    sections = re.findall(r"^## (\w+)$", (root / "docs/troubleshooting.md").read_text(), re.M)
    bad = [f"docs/troubleshooting.md: {w} has no section" for w in sorted(words - set(sections))]
    bad += [f"docs/troubleshooting.md: there is no code {s}" for s in sections if s not in words or sections.count(s) > 1]
    return bad if len(words) > 30 else ["src/base/error.h: its rows are not understood"]


def index(root):
    text = (root / "docs/README.md").read_text()
    return [f"docs/README.md does not name {p.name}" for p in sorted((root / "docs").glob("*.md"))
            if p.name != "README.md" and f"({p.name})" not in text]


def links(root):
    bad = []
    for page in [*root.glob("*.md"), *sorted((root / "docs").rglob("*.md"))]:
        text = re.sub(r"`[^`\n]*`", "", page.read_text())
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            path, _, anchor = target.partition("#")
            if re.match(r"[a-z]+:", target):
                continue
            there = page.parent / path if path else page
            if not there.exists():
                bad.append(f"{page.relative_to(root)}: {target} is not there")
            elif anchor and there.suffix == ".md" and anchor not in {
                    re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-") for h in re.findall(r"^#+ (.*)$", there.read_text(), re.M)}:
                bad.append(f"{page.relative_to(root)}: {target} has no such heading")
    return bad


def printed(root, orator, openapi):
    bad = []
    for name, command, how in (
            ("settings.md", [orator, "settings", "--markdown"], "build/orator settings --markdown"),
            ("direction.md", [orator, "direction", "--markdown"], "build/orator direction --markdown"),
            ("api.md", [sys.executable, root / "tools/api_reference.py", openapi], "tools/api_reference.py build/src/server/api/openapi.json")):
        now = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        if now != (root / "docs" / name).read_text():
            bad.append(f"docs/{name} is not what it would be today: {how} > docs/{name}")
    return bad


def commands(root, orator):
    """`orator WORD` in code names a command that there is, and its --options are."""
    bad, known = [], {}
    for name in re.findall(r"^  ([a-z]+)  ", subprocess.run([orator, "--help"], capture_output=True, text=True).stdout, re.M):
        known[name] = set(re.findall(r"--[\w-]+", subprocess.run([orator, name, "--help"], capture_output=True, text=True).stdout))
    for page in [root / "README.md", *sorted((root / "docs").rglob("*.md"))]:
        for code in re.findall(r"`([^`\n]+)`|^    (.+)$", page.read_text(), re.M):
            for found in re.finditer(r"(?:^|[/ (])orator ([a-z]+)([^|;)#]*)", code[0] or code[1]):
                name, rest = found.groups()
                options = {o.replace("_", "-") for o in re.findall(r"(?<=\s)--[a-z][\w-]*", rest)}
                have = {o.replace("_", "-") for o in known.get(name, ())} | {"--help"}
                if name not in known:
                    bad.append(f"{page.relative_to(root)}: there is no command orator {name}")
                elif options - have:
                    bad.append(f"{page.relative_to(root)}: orator {name} has no {', '.join(sorted(options - have))}")
    return bad


def main(root, orator, openapi):
    root = Path(root)
    bad = codes(root) + index(root) + links(root) + printed(root, orator, openapi) + commands(root, orator)
    print("\n".join(bad) or "docs: ok")
    return 1 if bad else 0


sys.exit(main(*sys.argv[1:4]))
