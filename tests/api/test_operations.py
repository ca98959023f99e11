"""What an operator is told in docs/operations.md is so."""
import json
import os
import re
import subprocess
import sys

import pytest

from conftest import ORATOR, ROOT, Server, ask

sys.path.insert(0, str(ROOT / "tests" / "chaos"))
from cluster import Postgres  # noqa: E402

MONITORING = ROOT / "packaging" / "monitoring"


@pytest.fixture(scope="module")
def idle(tmp_path_factory, files):
    """A server whose jobs end at once."""
    s = Server(tmp_path_factory.mktemp("idle") / "data", allow_hosts=files.host, ORATOR_ENGINE_STANDARD="none")
    yield s
    assert s.stop() == 0


def names_of(expression):
    """The metrics that an expression of Prometheus names."""
    return set(re.findall(r"\b((?:orator|process)_[a-z_]+|up)\{", expression)) - {"up"}


def test_alerts_and_dashboard_name_metrics_and_labels_that_there_are(idle, request_body):
    idle.wait(idle.submit(request_body).json["id"])
    text = idle.get("/metrics").body.decode()
    have = set(re.findall(r"^([a-z_]+)[{ ]", text, re.M))
    dashboard = json.loads((MONITORING / "dashboard.json").read_text())
    asked = {"alerts.yml": (MONITORING / "alerts.yml").read_text(),
             "dashboard.json": "\n".join(t["expr"] for p in dashboard["panels"] for t in p["targets"])}
    for file, expressions in asked.items():
        assert len(names_of(expressions)) > 6 and names_of(expressions) - have == set(), file
        for name, labels in re.findall(r"\b(orator_[a-z_]+)\{([^}]*(?:\{id\}\"[^}]*)?)\}", expressions):
            for label, sign, value in re.findall(r'(\w+)(=~|!=|=)"([^"]*)"', labels):
                if label != "job":
                    assert re.search(rf'^{name}\{{[^\n]*\b{label}="', text, re.M), (file, name, label)
                if label == "route":
                    assert f'route="{value}"' in text, (file, value)


def test_codes_that_the_alerts_count_are_codes_of_errors(idle):
    words = {e["code"] for e in idle.get("/v1/errors").json["data"]}
    for value in re.findall(r'result(?:=~|!=|=)"([^"]*)"', (MONITORING / "alerts.yml").read_text()):
        assert set(value.split("|")) - {"completed"} <= words


def commands(title, **instead):
    """The block of docs/operations.md that begins with `# title`, its variables replaced."""
    block = re.search(rf"```bash\n# {title}\n(.*?)```", (ROOT / "docs/operations.md").read_text(), re.S).group(1)
    for name, value in instead.items():
        block, count = re.subn(rf"(?<![\w$]){name}=\S+", f"{name}={value}", block)
        assert count, (title, name)
    return block


def run_block(title, **instead):
    path = f"{ORATOR.parent}:{os.environ['PATH']}"
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", commands(title, **instead)], env={**os.environ, "PATH": path},
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_backup_taken_while_it_works_restores_to_a_server_that_lost_nothing_before_it(tmp_path, files, quick_body):
    server = Server(tmp_path / "data", allow_hosts=files.host)
    done = server.wait(server.submit(quick_body).json["id"])
    uploaded = ask("POST", server.url + "/v1/files", server.key, (ROOT / "tests/data/presenter.png").read_bytes(),
                   {"Content-Type": "image/png"}).json["id"]
    waiting = [server.submit(quick_body).json["id"] for _ in range(3)]
    run_block("backup", DATA=server.data, BACKUP=tmp_path / "backup")
    late = server.submit(quick_body).json["id"]
    server.kill()
    server.stop()
    (server.data / "orator.db").write_bytes(b"no database")
    said = run_block("restore, while the server is stopped", DATA=server.data, BACKUP=tmp_path / "backup")
    assert "every chain is whole" in said
    server.start()
    again = server.job(done["id"])
    assert ask("GET", again["video_url"].replace(again["video_url"].split("/media/")[0], server.url)).status == 200
    assert server.get(f"/v1/files/{uploaded}/content").status == 200
    assert [server.wait(task)["status"] for task in waiting] == ["completed"] * 3
    assert server.get(f"/v1/video/generations/{late}").status == 404
    assert server.stop() == 0
    assert "every chain is whole" in subprocess.run([ORATOR, "ledger", "verify", "--data", server.data], check=True, capture_output=True,
                                                    text=True).stdout


def test_after_a_rotation_old_links_are_refused_and_new_ones_open(tmp_path, files, quick_body):
    server = Server(tmp_path / "data", allow_hosts=files.host, ORATOR_ENGINE_STANDARD="none")
    task = server.wait(server.submit(quick_body).json["id"])
    path = "/media/" + task["video_url"].split("/media/")[1]
    assert ask("GET", server.url + path).status == 200
    subprocess.run([ORATOR, "keys", "rotate", "links", "--data", server.data], check=True, capture_output=True)
    assert server.stop() == 0
    server.start()
    assert ask("GET", server.url + path).status == 403
    fresh = server.job(task["id"])["video_url"].split("/media/")[1]
    assert ask("GET", server.url + "/media/" + fresh).status == 200
    assert server.stop() == 0


def test_a_dump_of_postgresql_restores_every_job_and_an_exact_ledger(tmp_path, files, quick_body):
    tmp_path.chmod(0o711)
    for parent in list(tmp_path.parents)[:2]:
        parent.chmod(parent.stat().st_mode | 0o011)  # PostgreSQL, as its own user, passes through
    database = Postgres(tmp_path / "postgres")
    try:
        server = Server(tmp_path / "data", allow_hosts=files.host, ORATOR_ENGINE_STANDARD="none", ORATOR_DATABASE=database.url)
        done = server.wait(server.submit(quick_body).json["id"])["id"]
        run_block("backup of PostgreSQL", DATABASE=f"'{database.url}'", BACKUP=tmp_path / "backup")
        late = server.submit(quick_body).json["id"]
        assert server.stop() == 0
        database.rows("DROP SCHEMA public CASCADE")
        database.rows("CREATE SCHEMA public")
        said = run_block("restore of PostgreSQL", DATABASE=f"'{database.url}'", BACKUP=tmp_path / "backup")
        assert "every chain is whole" in said
        server.start()
        assert server.job(done)["status"] == "completed" and server.get(f"/v1/video/generations/{late}").status == 404
        assert server.wait(server.submit(quick_body).json["id"])["status"] == "completed"
        assert server.stop() == 0
    finally:
        database.stop()
