"""The command line: what it prints for people, for programs and for shells."""
import json
import os
import pty
import re
import select
import shutil
import subprocess

import pytest

from conftest import ORATOR, PORTRAIT

COMMANDS = re.findall(r"^  ([a-z]+)  ", subprocess.run([ORATOR, "--help"], capture_output=True, text=True).stdout, re.M)


def orator(*arguments, **more):
    return subprocess.run([ORATOR, *arguments], capture_output=True, text=True, timeout=120, **more)


def render(media, tmp_path, *more):
    return ["render", "-i", str(PORTRAIT), "-a", str(media / "short.wav"), "-o", str(tmp_path / "v.mp4"),
            "--resolution=480p", "--fps", "12", *more]


def test_a_program_reads_the_end_and_the_progress_of_a_render_as_json(media, tmp_path):
    out = orator(*render(media, tmp_path, "--json", "--progress=json"))
    assert out.returncode == 0, out.stderr
    made = json.loads(out.stdout)
    assert made["status"] == "completed" and made["output"] == str(tmp_path / "v.mp4") and made["warnings"] == []
    assert made["size_bytes"] == (tmp_path / "v.mp4").stat().st_size
    assert made["frames"] == pytest.approx(made["duration_seconds"] * made["fps"], abs=1)
    told = [json.loads(line) for line in out.stderr.splitlines()]
    assert [t["event"] for t in told] == ["progress"] * len(told)
    assert list(dict.fromkeys(t["stage"] for t in told)) == ["inspect", "speech", "motion", "render"]
    assert told[-1]["frames_done"] == told[-1]["frames_total"] == made["frames"] and told[-1]["progress"] == 100


def test_a_video_is_as_readable_as_any_new_file_and_a_servers_files_are_its_own(media, tmp_path, another_server, quick_body):
    assert orator(*render(media, tmp_path, "--quiet"), umask=0o022).returncode == 0
    assert (tmp_path / "v.mp4").stat().st_mode & 0o777 == 0o644
    assert another_server.wait(another_server.submit(quick_body).json["id"])["status"] == "completed"
    modes = {p.stat().st_mode & 0o077 for p in another_server.data.rglob("*") if p.name != "server.log"}
    assert modes == {0}


def test_captions_a_thumbnail_and_a_preview_are_written_beside_the_video(media, tmp_path):
    beside = {name: tmp_path / f"v.{name}" for name in ("vtt", "jpg", "preview.mp4")}
    more = ["--captions", str(beside["vtt"]), "--text", "Maybe my brother plays by the pool.", "--thumbnail", str(beside["jpg"]),
            "--preview", str(beside["preview.mp4"])]
    out = orator(*render(media, tmp_path, *more, "--progress=json"))
    assert out.returncode == 0, out.stderr
    assert beside["vtt"].read_text().startswith("WEBVTT") and "my brother" in beside["vtt"].read_text()
    assert beside["jpg"].read_bytes()[:2] == b"\xff\xd8" and beside["preview.mp4"].read_bytes()[4:8] == b"ftyp"
    assert json.loads(out.stderr.splitlines()[-1])["preview_seconds"] > 0
    beside["preview.mp4"].unlink()
    (tmp_path / "v.mp4").unlink()
    failed = orator(*render(media, tmp_path, *more, "--image", str(media / "noface.png")))
    assert failed.returncode == 2 and not beside["preview.mp4"].exists()


needs_voices = pytest.mark.skipif(not (ORATOR.parent / "src" / "speak" / "orator-speak").exists(), reason="built without text to speech")


@needs_voices
def test_a_text_is_spoken_and_captioned(media, tmp_path):
    out = orator("render", "-i", str(PORTRAIT), "-o", str(tmp_path / "v.mp4"), "--say", "Maybe my brother plays by the pool, before the big ship comes home.", "--speed", "1.2",
                 "--captions", str(tmp_path / "v.vtt"), "--resolution=480p", "--fps=12", "--json", "--quiet")
    assert out.returncode == 0, out.stderr
    assert 1.5 < json.loads(out.stdout)["voice_seconds"] < 4
    assert "brother" in (tmp_path / "v.vtt").read_text()
    both = orator(*render(media, tmp_path, "--say", "x"))
    assert both.returncode == 2 and "exclude each other" in both.stderr
    for more, text in ((["--say", "Hello to all of you.", "--voice", "nobody-here"], "nobody-here"), (["--say", "x", "--speed", "9"], "0.25 to 4"), (["--say", ""], "nothing to say")):
        wrong = orator("render", "-i", str(PORTRAIT), "-o", str(tmp_path / "w.mp4"), *more)
        assert wrong.returncode == 2 and text in wrong.stderr, wrong.stderr


def test_a_terminal_gets_one_line_that_is_redrawn_and_cleared(media, tmp_path):
    master, slave = pty.openpty()
    environment = {**os.environ, "TERM": "xterm"}
    process = subprocess.Popen([ORATOR, *render(media, tmp_path)], stderr=slave, stdout=subprocess.PIPE, text=True, env=environment)
    os.close(slave)
    shown = b""
    while select.select([master], [], [], 60)[0]:
        try:
            got = os.read(master, 65536)
        except OSError:
            break
        if not got:
            break
        shown += got
    os.close(master)
    assert process.wait(timeout=60) == 0 and "x real time" in process.communicate()[0]
    assert b"\n" not in shown and shown.endswith(b"\r\x1b[K")
    assert re.search(rb"\[#+-*\] +\d+%  render  \d+/\d+ frames  \d+/s  \d+:\d\d left", shown)


def test_without_a_terminal_plain_lines_and_with_quiet_none(media, tmp_path):
    plain = orator(*render(media, tmp_path))
    assert plain.stderr.startswith("inspect\n") and "\x1b" not in plain.stderr and "100%" in plain.stderr
    assert orator(*render(media, tmp_path, "--quiet")).stderr == ""


@pytest.mark.parametrize("arguments,code,word,text", [
    (["--image", "none.png"], 3, "not_found", "none.png"),
    (["--fps", "99"], 2, "invalid_parameter", "fps is 99"),
    (["--model", "giant"], 3, "model_not_found", "standard and pro"),
    (["--imagee", "x"], 2, "invalid_parameter", "did you mean --image?"),
    (["--out"], 2, "missing_required_parameter", "--out needs a value"),
    (["extra"], 2, "invalid_parameter", "takes no extra"),
    (["--face-box", "1,2"], 2, "invalid_parameter", "x,y,width,height"),
])
def test_what_is_wrong_is_a_sentence_a_word_and_an_exit_code(media, tmp_path, arguments, code, word, text):
    out = orator(*render(media, tmp_path, "--json", "--quiet", *arguments))
    failed = json.loads(out.stdout)
    assert (out.returncode, failed["exit_code"], failed["error"]["code"]) == (code, code, word)
    assert text in out.stderr and text in failed["error"]["message"]
    assert not (tmp_path / "v.mp4").exists()


def test_a_command_that_is_not_there_is_guessed():
    out = orator("rendr")
    assert out.returncode == 2 and "did you mean render?" in out.stderr


def options_of(command):
    return set(re.findall(r"(--[a-z_-]+)", orator(command, "--help").stdout)) - {"--help"}


def test_the_manual_page_has_every_command_option_and_exit_code():
    page = orator("man").stdout.replace("\\-", "-")
    assert len(COMMANDS) >= 10
    for command in COMMANDS:
        assert f".SS orator {command}\n" in page
        for option in options_of(command):
            assert option in page, (command, option)
    for code in range(10):
        assert f".TP\n\\fB{code}\\fR\n" in page
    assert "face_not_found" in page and "queue_full" in page


@pytest.mark.skipif(not shutil.which("groff"), reason="needs groff")
def test_the_manual_page_is_roff_without_a_warning():
    out = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-z"], input=orator("man").stdout, capture_output=True, text=True)
    assert (out.returncode, out.stderr) == (0, "")


def complete(tmp_path, *words):
    script = tmp_path / "orator.bash"
    script.write_text(orator("completions", "bash").stdout)
    line = " ".join(f"'{w}'" for w in words)
    ask = f"source {script}; COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}; _orator; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    out = subprocess.run(["bash", "-c", ask], capture_output=True, text=True, cwd=tmp_path)
    assert out.returncode == 0 and out.stderr == "", out.stderr
    return [w for w in out.stdout.splitlines() if w]


def test_bash_completes_commands_options_choices_and_files(tmp_path):
    (tmp_path / "my face.png").write_text("")
    assert set(COMMANDS) <= set(complete(tmp_path, "orator", ""))
    for command in COMMANDS:
        assert options_of(command) <= set(complete(tmp_path, "orator", command, "--")), command
    assert complete(tmp_path, "orator", "render", "--model", "p") == ["pro"]
    assert complete(tmp_path, "orator", "render", "--aspect-ratio", "1") == ["16:9", "1:1"]
    assert complete(tmp_path, "orator", "render", "--image", "my") == ["my face.png"]
    assert complete(tmp_path, "orator", "render", "--prompt", "my") == []
    assert complete(tmp_path, "orator", "serve", "--log_level", "d") == ["debug"]
    assert complete(tmp_path, "orator", "keys", "r") == ["revoke", "rotate"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_shell_accepts_its_completions(tmp_path, shell):
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")
    script = tmp_path / "completions"
    script.write_text(orator("completions", shell).stdout)
    out = subprocess.run([shell, "-n", script], capture_output=True, text=True)
    assert (out.returncode, out.stderr) == (0, "")


def test_zsh_and_fish_know_every_option():
    zsh, fish = orator("completions", "zsh").stdout, orator("completions", "fish").stdout
    for command in COMMANDS:
        part = re.search(rf"^    {command}\) (.*?) ;;$", zsh, re.M | re.S).group(1)
        for option in options_of(command) - {"--config"}:
            assert f"'{option}[" in part, (command, option)
            assert f"__fish_seen_subcommand_from {command}' -l {option[2:]} " in fish


@pytest.mark.skipif(not shutil.which("fish"), reason="needs fish")
def test_fish_completes_commands_options_and_choices(tmp_path):
    (tmp_path / "orator.fish").write_text(orator("completions", "fish").stdout)

    def ask(line):
        out = subprocess.run(["fish", "-c", f"source orator.fish; complete -C '{line}'"], capture_output=True, text=True, cwd=tmp_path)
        return [w.split("\t")[0] for w in out.stdout.splitlines()]

    assert set(COMMANDS) <= set(ask("orator "))
    assert ask("orator render --model ") == ["pro", "standard"]
    assert "--aspect-ratio" in ask("orator render --asp") and "--budget" not in ask("orator render --")


# --- batch -----------------------------------------------------------------------------------------------------------

QUICK = ["--resolution=480p", "--fps=12", "--quiet"]


@pytest.fixture
def table(media, tmp_path):
    """A list of one row that works, one whose voice is not there, one that makes no sense, and another that works."""
    shutil.copy(PORTRAIT, tmp_path / "face.png")
    shutil.copy(media / "short.wav", tmp_path / "one.wav")
    path = tmp_path / "list.csv"
    path.write_text("Portrait;Voice;output;prompt;seed\n"
                    "face.png;one.wav;;\"warm; \"\"big\"\" smile\";1\n"
                    "face.png;none.wav;two.mp4;;\n"
                    "face.png;one.wav;../three.mp4;;\n"
                    "face.png;one.wav;deep/four.mp4;;7\n")
    return path


def batch(table, *more):
    return orator("batch", str(table), "--out", str(table.parent / "out"), *QUICK, *more)


def test_a_bad_row_does_not_stop_a_batch_and_a_second_run_makes_only_what_is_not_done(table):
    out = table.parent / "out"
    first = batch(table, "--json")
    assert first.returncode == 1, first.stderr
    told = json.loads(first.stdout)
    assert (told["status"], told["rows"], told["completed"], told["failed"], told["left"]) == ("failed", 4, 2, 2, 0)
    assert (out / "one.mp4").exists() and (out / "deep" / "four.mp4").exists() and not (table.parent / "three.mp4").exists()
    assert "row 2 (line 3), two.mp4: " in first.stderr and "row 3 (line 4), ../three.mp4: " in first.stderr
    record = [json.loads(line) for line in open(told["record"])]
    assert [(r["row"], r["status"]) for r in record] == [(1, "completed"), (2, "failed"), (3, "failed"), (4, "completed")]
    assert record[1]["error"]["code"] == "not_found" and record[2]["error"]["param"] == "output"
    assert record[0]["direction"] and record[3]["seed"] == 7

    made = (out / "one.mp4").stat().st_mtime_ns
    shutil.copy(table.parent / "one.wav", table.parent / "none.wav")
    second = batch(table)
    assert second.returncode == 1 and second.stdout.startswith("4 rows: 1 made, 2 done before, 1 failed;")
    assert (out / "one.mp4").stat().st_mtime_ns == made and (out / "two.mp4").exists()

    table.write_text(table.read_text().replace(";7", ";8").replace("../three.mp4", "three.mp4"))
    (out / "one.mp4").unlink()
    third = batch(table)
    assert third.returncode == 0 and third.stdout.startswith("4 rows: 3 made, 1 done before;"), third.stdout


def test_a_record_that_a_crash_has_cut_is_good_up_to_there(table):
    table.write_text("portrait,voice\nface.png,one.wav\n")
    assert batch(table).returncode == 0
    record = table.parent / "out" / "batch.jsonl"
    whole = record.read_bytes()
    record.write_bytes(whole + whole[: len(whole) // 2])
    assert batch(table).stdout.startswith("1 rows: 0 made, 1 done before")
    record.write_bytes(whole[: len(whole) // 2])
    assert batch(table).stdout.startswith("1 rows: 1 made")
    assert json.loads(record.read_text().splitlines()[1])["status"] == "completed"
    assert batch(table).stdout.startswith("1 rows: 0 made, 1 done before")


def test_a_batch_that_is_stopped_goes_on_where_it_was(table):
    table.write_text("portrait,voice,output,resolution,fps\n" + "".join(f"face.png,one.wav,{i}.mp4,1080p,60\n" for i in range(9)))
    out = table.parent / "out"
    process = subprocess.Popen([ORATOR, "batch", table, "--out", out, "--quiet"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not (out / "0.mp4").exists():
        assert process.poll() is None
    blocked = batch(table)
    assert blocked.returncode == 4 and "another batch" in blocked.stderr
    process.terminate()
    told, _ = process.communicate(timeout=60)
    assert process.returncode == 5 and "the same command goes on" in told
    assert not list(out.glob("*.part"))
    table.write_text("\n".join(table.read_text().splitlines()[:2]) + "\n")
    assert orator("batch", str(table), "--out", str(out), "--quiet").stdout.startswith("1 rows: 0 made, 1 done before")


@needs_voices
def test_a_row_may_say_a_text(table):
    table.write_text("portrait,say,output\nface.png,\"Maybe my brother plays by the pool, before the big ship comes home.\",a.mp4\nface.png,Hello,\n")
    out = batch(table)
    assert out.returncode == 1 and (table.parent / "out" / "a.mp4").exists()
    assert "row 2 (line 3): a row that says a text needs an output" in out.stderr


def test_a_folder_is_a_batch_too(media, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    shutil.copy(PORTRAIT, folder / "face.png")
    for name in ("a.wav", "b.wav"):
        shutil.copy(media / "short.wav", folder / name)
    (folder / "b.txt").write_text("warm smile\n")
    out = orator("batch", str(folder), "-o", str(tmp_path / "out"), "--captions", "--thumbnails", *QUICK)
    assert out.returncode == 0, out.stderr
    record = [json.loads(line) for line in open(tmp_path / "out" / "batch.jsonl")]
    assert [r["name"] for r in record] == ["a.mp4", "b.mp4"]
    assert {p.name for p in (tmp_path / "out").iterdir()} == {"a.mp4", "a.vtt", "a.jpg", "b.mp4", "b.vtt", "b.jpg", "batch.jsonl"}
    assert not record[0]["direction"] and record[1]["direction"][0]["phrase"] == "warm smile"


@pytest.mark.parametrize("text,expected", [
    ("portrait,voise\n", "there is no column voise; did you mean voice?"),
    ("portrait,voice\n\"x", "line 2: a quote is opened and never closed"),
    ("", "no line with names of columns"),
])
def test_a_list_that_cannot_be_read_says_where(tmp_path, text, expected):
    (tmp_path / "list.csv").write_text(text)
    out = batch(tmp_path / "list.csv")
    assert out.returncode == 2 and expected in out.stderr


# --- doctor ----------------------------------------------------------------------------------------------------------


def doctor(tmp_path, *more):
    out = orator("doctor", "--json", "--data", str(tmp_path / "data"), "--port", "0", *more)
    return out.returncode, {f["check"]: f for f in json.loads(out.stdout)}


def test_doctor_finds_nothing_missing_here_and_changes_nothing(tmp_path):
    code, found = doctor(tmp_path)
    assert code == 0 and not [f for f in found.values() if f["state"] == "missing"]
    assert {"processor", "models", "encoders", "data folder", "disk space", "port", "private sources"} <= set(found)
    assert not (tmp_path / "data").exists()
    shown = orator("doctor", "--data", str(tmp_path / "data"), "--port", "0").stdout
    assert all(f["check"] in shown for f in found.values()) and "is here" in shown


def test_doctor_names_each_missing_piece_and_its_cure(tmp_path, server):
    port = server.url.rsplit(":", 1)[1]
    (tmp_path / "file").write_text("")
    for arguments, check, state, seen, cure in (
            (["--models", str(tmp_path)], "models", "missing", "face", "--models DIR"),
            (["--data", str(tmp_path / "file")], "data folder", "missing", "may not be written", "--data DIR"),
            (["--port", port], "port", "note", "something listens there already", "--port N"),
            (["--address", "nowhere"], "port", "missing", "no address", "--address"),
            (["--address", "192.0.2.1"], "port", "missing", "192.0.2.1", "--address 0.0.0.0"),
            (["--allow-hosts", "10.0.0.1:80,lan"], "private sources", "missing", '"lan"', "host with its port"),
            (["--engine-pro", "command", "--engine-command", "/nowhere"], "makers", "missing", "no program", "--engine-command"),
            (["--engine-pro", "kling"], "makers", "missing", "no key", "ORATOR_ENGINE_KLING_SECRET_KEY"),
            (["--engine-pro", "none"], "makers", "note", "pro: none", "--engine-pro orator"),
            (["--address", "0.0.0.0"], "reach", "note", "without TLS", "--public-url")):
        code, found = doctor(tmp_path, *arguments)
        assert found[check]["state"] == state, (check, found[check])
        assert seen in found[check]["seen"] and cure in found[check]["cure"]
        assert code == (3 if state == "missing" else 0)
    orator("keys", "create", "x", "--data", str(tmp_path / "data"))
    assert doctor(tmp_path)[1]["data folder"]["seen"].endswith(", 1 key")


@pytest.mark.skipif(not (ORATOR.parent / "build.ninja").exists(), reason="needs the build folder")
def test_an_installed_program_has_its_models_voices_and_pages(tmp_path):
    subprocess.run(["meson", "install", "-C", ORATOR.parent, "--no-rebuild", "--quiet", "--destdir", tmp_path], check=True, capture_output=True)
    installed = {p.name: p for p in tmp_path.rglob("*") if p.is_file()}
    assert {"orator", "orator.1", "_orator", "orator.fish"} <= set(installed)
    assert any(p.parent.name == "completions" for p in tmp_path.rglob("orator"))
    (program,) = [p for p in tmp_path.rglob("bin/orator")]
    found = json.loads(subprocess.run([program, "doctor", "--json", "--port", "0"], capture_output=True, text=True).stdout)
    seen = {f["check"]: f for f in found}
    for check in ("models", "voices") if (ORATOR.parent / "src/speak/orator-speak").exists() else ("models",):
        assert seen[check]["state"] == "ok" and "tmp" in seen[check]["seen"] and str(ORATOR.parent.parent) not in seen[check]["seen"], seen[check]
