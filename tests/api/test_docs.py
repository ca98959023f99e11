"""An error's doc_url leads to what helps."""
import re

from conftest import ask


def test_every_error_leads_to_its_section_of_a_page_that_runs_nothing(server):
    rows = ask("GET", server.url + "/v1/errors").json["data"]
    assert len(rows) > 40
    for row in rows:
        path, _, name = row["doc_url"].partition("#")
        assert (path, name) == ("/docs/errors", row["code"])
    page = ask("GET", server.url + "/docs/errors")
    assert page.headers["Content-Type"] == "text/html; charset=utf-8" and "default-src 'none'" in page.headers["Content-Security-Policy"]
    names = re.findall(r'<h2 id="(\w+)">', page.body.decode())
    assert names and set(names) == {row["code"] for row in rows} and len(names) == len(rows)
    assert b"<script" not in page.body and b"](" not in page.body and b"**" not in page.body


def test_an_answer_names_the_section_of_its_own_code(server):
    error = server.get("/v1/video/generations/task_none").json["error"]
    assert error["doc_url"] == "/docs/errors#task_not_found"
    problem = server.get("/v1/video/generations/task_none", headers={"Accept": "application/problem+json"}).json
    assert problem["type"] == "/docs/errors#task_not_found"
