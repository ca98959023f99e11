"""`orator mcp`, by the protocol's official client and by hand."""
import json
import os
import shutil
import subprocess

import pytest

from conftest import ORATOR
from test_clients import CLIENTS, run

needs_sdk = pytest.mark.skipif(not shutil.which("node") or not (CLIENTS / "node_modules/@modelcontextprotocol").exists(),
                               reason="tools/setup --tests installs the npm clients")


@needs_sdk
@pytest.mark.parametrize("where", ["this machine", "a server"])
def test_the_official_client_makes_watches_and_cancels_videos(where, server, media, tmp_path):
    facts = {"orator": str(ORATOR), "image": str(media / "face.png"), "audio": str(media / "short.wav"), "long": str(media / "voice.wav"),
             "output": str(tmp_path / "v.mp4"), "noface": str(media / "noface.png")}
    run("mcp.mjs", facts if where == "this machine" else {**facts, "url": server.url, "key": server.key})


def talk(*lines):
    text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
    environment = {k: v for k, v in os.environ.items() if k != "ORATOR_URL"}
    out = subprocess.run([ORATOR, "mcp"], input=text, capture_output=True, text=True, timeout=60, env=environment)
    assert out.returncode == 0, out.stderr
    return [json.loads(line) for line in out.stdout.splitlines()]


def test_the_version_that_the_client_asks_for_is_spoken_if_it_is_known():
    for asked, spoken in (("2025-06-18", "2025-06-18"), ("2025-11-25", "2025-11-25"), ("2031-01-01", "2025-06-18")):
        (told,) = talk({"jsonrpc": "2.0", "id": "a", "method": "initialize", "params": {"protocolVersion": asked}})
        assert told["id"] == "a" and told["result"]["protocolVersion"] == spoken and "tools" in told["result"]["capabilities"]


@pytest.mark.parametrize("line,code", [
    ("{", -32700), ("[]", -32600), ('{"id":null}', -32600), ('{"id":[1],"method":"ping"}', -32600), ('{"id":1}', -32600),
    ('{"id":1,"method":"resources/list"}', -32601), ('{"id":1,"method":"tools/call"}', -32602),
    ('{"id":1,"method":"tools/call","params":{"name":"make_video","arguments":[]}}', -32602), pytest.param("x" * (2 << 20), -32600, id="too long"),
])
def test_a_message_that_is_none_is_answered_with_its_code_and_the_next_is_heard(line, code):
    failed, pong = talk(line, {"jsonrpc": "2.0", "id": 2, "method": "ping"})
    assert failed["error"]["code"] == code and failed["error"]["message"] and pong == {"jsonrpc": "2.0", "id": 2, "result": {}}


def test_notifications_and_strangers_answers_are_not_answered():
    assert talk({"method": "notifications/initialized"}, {"method": "notifications/cancelled", "params": {"requestId": 9}},
                {"method": "unknown"}, {"id": 4, "result": {}}, "") == []
