"""The studio in a real browser: studio.mjs drives it and says of each of its claims whether it held."""
import gzip
import json
import pathlib
import re
import shutil
import subprocess

import pytest

from api_server import ORATOR, PORTRAIT, ROOT, ask

HERE = pathlib.Path(__file__).resolve().parent
PAGES = ROOT / "src" / "studio"
SHOTS = ROOT / "build" / "studio-shots"
CHROMIUM = shutil.which("chromium")
CLAIMS = re.findall(r"^claim\('([^']+)'", (HERE / "studio.mjs").read_text(encoding="utf-8"), re.M)
needs_browser = pytest.mark.skipif(not CHROMIUM or not (HERE / "node_modules").exists(),
                                   reason="tools/setup --tests installs the browser and what drives it")


@pytest.fixture(scope="session")
def seen(server, media):
    """Of each claim: what was wrong, or ""; and what it said, or nothing."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    (media / "large.png").write_bytes(bytes(11_000_000))
    (media / "words.png").write_text("these are words, not a picture")
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", PORTRAIT, "-i", PORTRAIT, "-filter_complex", "hstack,scale=1024:-1", media / "two.png"],
                   check=True)
    admin = subprocess.run([ORATOR, "keys", "create", "boss", "--scopes", "read,write,billing,admin", "--data", server.data],
                           check=True, capture_output=True, text=True).stdout.strip()
    facts = {"url": server.url, "key": server.key, "admin": admin, "media": str(media), "shots": str(SHOTS), "chromium": CHROMIUM}
    out = subprocess.run(["node", HERE / "studio.mjs", json.dumps(facts)], capture_output=True, text=True, timeout=240)
    rows = [json.loads(line) for line in out.stdout.splitlines() if line.startswith("{")]
    assert rows, out.stderr[-3000:]
    return {row["claim"]: row for row in rows}


@needs_browser
@pytest.mark.parametrize("claim", CLAIMS)
def test_in_the_browser(claim, seen, capsys):
    row = seen.get(claim, {"problem": "was not reached"})
    if row.get("said"):
        with capsys.disabled():
            print(f"\n{claim}: {row['said']}")
    assert row["problem"] == ""


def test_the_page_is_small(capsys):
    """All of it, every language: what goes over the wire, and as it is written."""
    files = [f for f in PAGES.iterdir() if f.suffix in (".html", ".css", ".js", ".svg")]
    wire = sum(len(gzip.compress(f.read_bytes(), 9)) for f in files)
    with capsys.disabled():
        print(f"\nthe studio: {wire} bytes over the wire, {sum(f.stat().st_size for f in files)} as written")
    assert wire < 100_000 / 2


def test_every_word_is_in_chinese_too():
    used = set()
    for f in PAGES.glob("*.js"):
        used |= set(re.findall(r"\bt\(\s*'((?:[^'\\]|\\.)*)'", f.read_text(encoding="utf-8")))
    table = dict(re.findall(r"'([^']+)':\s*'([^']+)'", (PAGES / "zh.js").read_text(encoding="utf-8")))
    used |= {"Standard", "Pro"}  # titles of models
    assert used - set(table) == set(), "without Chinese"
    assert set(table) - used == set(), "used nowhere"
    for text, chinese in table.items():
        assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", chinese)), text


@needs_browser
def test_the_page_is_written_in_one_hand():
    files = [*PAGES.glob("*.js"), HERE / "studio.mjs"]
    out = subprocess.run([HERE / "node_modules/.bin/prettier", "--config", HERE / "package.json", "--check", *files], capture_output=True, text=True)
    assert out.returncode == 0, out.stderr + "npx prettier --config tests/studio/package.json --write src/studio/*.js tests/studio/*.mjs"


def test_nothing_is_written_into_the_page_or_asked_of_others():
    page = (PAGES / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"<style|<script(?![^>]*src=)|\son\w+=|\sstyle=", page)
    for f in PAGES.iterdir():
        addresses = re.findall(r"https?://[\w.]+", f.read_text(encoding="utf-8")) if f.suffix != ".build" else []
        assert set(addresses) <= {"http://www.w3.org"}, f.name
        assert "innerHTML" not in f.read_text(encoding="utf-8")


def test_parts_are_kept_and_asked_for_again(server):
    packed = ask("GET", server.url + "/studio/app.js", headers={"Accept-Encoding": "gzip"})
    plain = ask("GET", server.url + "/studio/app.js")
    assert gzip.decompress(packed.body) == plain.body == (PAGES / "app.js").read_bytes()
    assert packed.headers["ETag"] != plain.headers["ETag"] and packed.headers["Vary"] == "Accept-Encoding"
    again = ask("GET", server.url + "/studio/app.js", headers={"If-None-Match": plain.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")
    assert ask("GET", server.url + "/studio/studio.h").status == 404
    policy = ask("GET", server.url + "/").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "http" not in policy
