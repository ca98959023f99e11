"""The files of packaging/ are what their readers take: systemd, Prometheus, Grafana, Docker, Kubernetes."""
import json
import os
import pathlib
import re
import sqlite3
import subprocess
import sys

import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
PACKAGING = ROOT / "packaging"
ORATOR = pathlib.Path(os.environ.get("ORATOR_PROGRAM", ROOT / "build" / "orator"))
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "orator"
UNITS = sorted((PACKAGING / "systemd").glob("*.service"))


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("unit", UNITS, ids=lambda u: u.name)
def test_systemd_takes_the_unit_without_a_word(unit, tmp_path):
    text = unit.read_text().replace("/usr/bin/orator", str(ORATOR)).replace("Documentation=man:orator(1)\n", "")
    copy = tmp_path / unit.name
    copy.write_text(text)
    assert run("systemd-analyze", "verify", copy) == (0, "")


@pytest.mark.parametrize("unit", UNITS, ids=lambda u: u.name)
def test_the_unit_may_do_little(unit):
    status, out = run("systemd-analyze", "security", "--offline=true", "--no-pager", unit)
    exposure = float(re.search(r"exposure level for \S+: ([\d.]+)", out).group(1))
    assert status == 0 and exposure < 2, out


@pytest.mark.parametrize("unit", UNITS, ids=lambda u: u.name)
def test_what_the_unit_starts_is_a_command_that_there_is(unit):
    command = re.search(r"^ExecStart=/usr/bin/orator (\w+) --config /etc/orator/orator.conf", unit.read_text(), re.M).group(1)
    assert f"  {command} " in run(ORATOR, "--help")[1]


def test_memory_that_may_not_be_written_and_run_is_enough_for_a_video(tmp_path):
    """MemoryDenyWriteExecute= of the unit, by the kernel's own means."""
    deny = "import ctypes, os, sys; ctypes.CDLL(None).prctl(65, 1, 0, 0, 0); os.execv(sys.argv[1], sys.argv[1:])"
    video = tmp_path / "out.mp4"
    status, out = run(sys.executable, "-c", deny, ORATOR, "render", "-i", ROOT / "tests/data/presenter.png", "--say",
                      "A short sentence, which is spoken under a tight rule.", "--resolution", "480p", "--fps", "12", "-q", "-o", video)
    assert status == 0 and video.stat().st_size > 10000, out


def test_alerts_fire_when_they_should_and_a_quiet_server_fires_none():
    for what, file in (("check", "alerts.yml"), ("test", "alerts_test.yml")):
        status, out = run(CACHE / "promtool", what, "rules", PACKAGING / "monitoring" / file)
        assert status == 0, out


def test_every_alert_is_tested_and_explained():
    alerts = re.findall(r"- alert: (\w+)", (PACKAGING / "monitoring/alerts.yml").read_text())
    tests = (PACKAGING / "monitoring/alerts_test.yml").read_text()
    manual = (ROOT / "docs/operations.md").read_text()
    assert len(alerts) >= 10
    assert [a for a in alerts if a not in tests] == [] and [a for a in alerts if f"| `{a}` |" not in manual] == []


def test_no_two_panels_of_the_dashboard_lie_on_each_other():
    panels = json.loads((PACKAGING / "monitoring/dashboard.json").read_text())["panels"]
    taken = set()
    for p in panels:
        at = p["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken and at["x"] + at["w"] <= 24, p["title"]
        taken |= cells
    assert len({p["id"] for p in panels}) == len(panels)


def node(program, *files):
    return run("node", ROOT / "tests/package" / program, *files)


def test_docker_finds_no_fault_with_the_dockerfile(tmp_path):
    assert node("dockerfile.mjs", PACKAGING / "docker/Dockerfile") == (0, "")
    (tmp_path / "Dockerfile").write_text("FROM debian\nUSERR x\n")
    assert node("dockerfile.mjs", tmp_path / "Dockerfile")[0] == 1


MANIFESTS = sorted((PACKAGING / "kubernetes").glob("*.yaml"))


def test_kubernetes_and_keda_know_every_field_of_the_manifests(tmp_path):
    status, out = node("manifests.mjs", *MANIFESTS)
    assert status == 0 and int(out.split()[0]) >= 9, out
    for right, wrong in (("containerPort: 8080", "containerPort: http"), ("livenessProbe:", "livelinessProbe:")):
        (tmp_path / "wrong.yaml").write_text(MANIFESTS[0].read_text().replace(right, wrong))
        assert node("manifests.mjs", tmp_path / "wrong.yaml")[0] == 1, wrong


def test_what_the_manifests_set_is_what_the_program_takes():
    documents = [d for file in MANIFESTS for d in yaml.safe_load_all(file.read_text())]
    kinds = {(d["kind"], d["metadata"]["name"]): d for d in documents}
    set_there = {**kinds["ConfigMap", "orator"]["data"], **kinds["Secret", "orator"]["stringData"]}
    known = {f"ORATOR_{name.upper()}" for name in re.findall(r"^(\w+) +=", run(ORATOR, "settings")[1], re.M)}
    assert set_there.keys() - known == set()
    done = subprocess.run([ORATOR, "settings"], env={**os.environ, **set_there}, capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout.count("# environment") == len(set_there), done.stdout + done.stderr
    for name, grace in (("orator-server", 0), ("orator-worker", 120)):
        pod = kinds["Deployment", name]["spec"]["template"]["spec"]
        command, *options = pod["containers"][0]["args"]
        takes = run(ORATOR, command, "--help")[1].replace("_", "-")
        assert [o for o in options if o.startswith("--") and f"  {o} " not in takes] == [], takes
        drain = int(options[options.index("--drain-seconds") + 1]) if "--drain-seconds" in options else 0
        assert drain == grace and pod["terminationGracePeriodSeconds"] >= drain + 20


def test_the_query_that_adds_workers_is_one_of_the_tables_there_are(tmp_path):
    """KEDA asks it of PostgreSQL; here the same columns are asked of SQLite."""
    with sqlite3.connect(":memory:") as db:
        for step in sorted((ROOT / "src/server/store/schema").glob("*.sql")):
            db.executescript(step.read_text())
        asked = re.search(r"^ +query: (.*)$", (PACKAGING / "kubernetes/workers.yaml").read_text(), re.M).group(1)
        assert db.execute(asked).fetchall() == [(0,)]
