from __future__ import annotations

import gzip
import os
import re
import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[3] / "context/dowse/context/cookbook/bash"
FILES = sorted(FOLDER.glob("*.sh"))
BASH = shutil.which("bash") or ""


def works() -> bool:
    """macOS has bash 3, BSD tools and no flock."""
    probe = "((BASH_VERSINFO[0] >= 5)) && command -v flock && stat -c %s / && date -d 2024-01-01"
    return bool(BASH) and subprocess.run([BASH, "-c", probe], capture_output=True).returncode == 0


needs_bash = pytest.mark.skipif(not works(), reason="needs bash 5 and GNU tools")


def run(script: str, *args: str, **options: object) -> subprocess.CompletedProcess[str]:
    """Run a script that may call every recipe; `$1` and so on are `args`."""
    sources = "".join(f"source {each}\n" for each in FILES)
    return subprocess.run(
        [BASH, "-c", sources + script, "script", *args],
        **{"capture_output": True, "encoding": "utf-8", "timeout": 60, **options},  # type: ignore
    )


def out(script: str, *args: str, **options: object) -> str:
    result = run(script, *args, **options)
    assert (result.returncode, result.stderr) == (0, "")
    return str(result.stdout)


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    """A folder of files with odd names."""
    folder = tmp_path / "odd"
    folder.mkdir()
    for name in ("a b.txt", "-n.txt", "new\nline.txt", "*.md"):
        (folder / name).write_text(name)
    return folder


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
@pytest.mark.skipif(not BASH, reason="needs bash")
def test_the_syntax_is_right(path: Path) -> None:
    done = subprocess.run([BASH, "-n", str(path)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not shutil.which("shellcheck"), reason="needs shellcheck")
def test_shellcheck_is_content() -> None:
    # Variables that a recipe sets for its caller look unused.
    command = ["shellcheck", "--exclude=SC2034,SC2016,SC2154", *map(str, FILES)]
    assert subprocess.run(command, capture_output=True, text=True).stdout == ""


def test_every_function_is_called() -> None:
    names = {n for p in FILES for n in re.findall(r"^(\w+)\(\)", p.read_text("utf-8"), re.M)}
    called = Path(__file__).read_text("utf-8")
    assert {name for name in names if name not in called} == set()


@needs_bash
def test_strict_mode_stops_and_says_where() -> None:
    for failing in ("false", 'echo "$unset"', "false | true", "x=$(false; echo)"):
        result = run(f"strict_mode; {failing}; echo reached")
        assert result.returncode != 0
        assert "reached" not in result.stdout
    result = run("strict_mode; f() { false; }; f")
    assert '"false" failed with status 1' in result.stderr
    assert out("strict_mode; if false; then :; fi; echo reached") == "reached\n"


@needs_bash
def test_messages() -> None:
    result = run("die 'no such file: %s'; echo reached")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == "script: no such file: %s\n"
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT[\d:]{8}[+-]\d{4} INFO  a b\n", run("log INFO a b").stderr
    )
    assert out("usage").startswith("Usage: script [-v]")
    assert out('colored red "a b"') == "a b\n"


@needs_bash
def test_options() -> None:
    show = 'printf "%s|" "$verbose" "$output" "${arguments[@]}"'
    assert out(f"parse_options a -v --output 'x y' -- -b && {show}") == "true|x y|a|-b|"
    assert out(f"parse_options --output=x - && {show}") == "false|x|-|"
    assert out(f"parse_short_options -vo 'x y' a -b && {show}") == "true|x y|a|-b|"
    for broken in ("parse_options -o", "parse_options -x", "parse_short_options -o"):
        assert run(f"{broken}; exit $?").returncode == 2
    assert "unknown option -x" in run("parse_short_options -x").stderr


@needs_bash
def test_questions() -> None:
    for answer, status in (("y", 0), ("Yes", 0), ("n", 1), ("", 1), ("yesterday", 1)):
        assert run("confirm 'Go on?'", input=answer + "\n").returncode == status


@needs_bash
def test_requirements(tmp_path: Path) -> None:
    assert out("require_commands bash cat && echo ok") == "ok\n"
    assert run("require_commands bash no-such a-b").stderr == "not installed: no-such a-b\n"
    assert out("A=1 require_variables A && echo ok") == "ok\n"
    assert run("A= require_variables A").stderr == "the environment variable A is not set\n"
    (tmp_path / ".env").write_text("NAME='a b'\n")
    assert out('load_env_file "$1" && printenv NAME', str(tmp_path / ".env")) == "a b\n"


@needs_bash
def test_script_folder(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    script = tmp_path / "real" / "script"
    script.write_text(f"source {FOLDER / 'scripts.sh'}\nscript_folder\n")
    (tmp_path / "link").symlink_to(script)
    done = subprocess.run([BASH, str(tmp_path / "link")], capture_output=True, text=True)
    assert done.stdout.strip() == str((tmp_path / "real").resolve())


@needs_bash
def test_only_one_instance(tmp_path: Path) -> None:
    both = 'single_instance "$1" && (unset lock_fd; exec {lock_fd}>&-; single_instance "$1")'
    assert run(both, str(tmp_path / "lock")).returncode == 1
    assert out('single_instance "$1" && echo ok', str(tmp_path / "lock")) == "ok\n"


@needs_bash
def test_temporary_folders_disappear() -> None:
    result = run("in_temporary_folder bash -c 'pwd; touch x; exit 3'")
    assert result.returncode == 3
    assert not Path(result.stdout.strip()).exists()


@needs_bash
def test_odd_names(odd: Path) -> None:
    assert out('print_sizes "$1"', str(odd)).count("\t") == 4
    assert out('print_sizes "$1"', str(odd / "none")) == ""
    listed = out("""for_each_file "$1" '*.txt' printf '<%s>'""", str(odd))
    assert listed.count("<") == 3
    assert "new\nline.txt>" in listed
    found = out(
        """find_into_array "$1" '*'; printf '<%s>' "${#found[@]}" "${found[0]}" """, str(odd)
    )
    assert found == f"<4><{odd}/*.md>"
    assert out('change_extension "$1" txt log; ls -N "$1"', str(odd)).count(".log") == 3
    (odd / "x.log").write_text("old")
    (odd / "x.txt").write_text("new")
    run('change_extension "$1" txt log', str(odd))
    assert (odd / "x.log").read_text() == "old"


@needs_bash
def test_lines_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_text(" one\\n\ntwo")
    assert out('number_lines "$1"', str(tmp_path / "a")) == "1:  one\\n\n2: two\n"


@needs_bash
def test_writing(tmp_path: Path) -> None:
    path = tmp_path / "a b"
    out('write_atomically "$1"', str(path), input="new\n")
    assert path.read_text() == "new\n"
    copy = out('backup_file "$1"', str(path)).strip()
    assert re.fullmatch(r"a b\.\d{8}-\d{6}\.bak", Path(copy).name)
    assert Path(copy).read_text() == "new\n"
    path.write_text("a.c & abc\n\n")
    out('replace_in_file "$1" "a.c" "&/\\\\1"', str(path))
    assert path.read_text() == "&/\\1 & abc\n\n"


@needs_bash
def test_cleaning_up(odd: Path) -> None:
    for age, path in enumerate(sorted(odd.iterdir())):
        stamp = time.time() - age * 86_400 * 2
        os.utime(path, (stamp, stamp))
    out('delete_old_files "$1" 4', str(odd))
    assert sorted(path.name for path in odd.iterdir()) == ["*.md", "-n.txt", "a b.txt"]
    out("""keep_newest "$1" '*' 1""", str(odd))
    assert [path.name for path in odd.iterdir()] == ["*.md"]


@needs_bash
def test_searching_files(tmp_path: Path) -> None:
    for name, text in (("a", "x" * 30), ("b c", "y" * 20), ("d", "x" * 30), ("e", "")):
        (tmp_path / name).write_text(text)
    largest = out('largest_files "$1" 3', str(tmp_path)).splitlines()
    assert largest[2] == f"20\t{tmp_path}/b c"
    names = [line[66:] for line in out('find_duplicates "$1"', str(tmp_path)).splitlines()]
    assert names == [f"{tmp_path}/a", f"{tmp_path}/d"]


@needs_bash
def test_paths() -> None:
    assert out("split_path /a/b.c/d.tar.gz").split("\n") == [
        "/a/b.c",
        "d.tar.gz",
        "d.tar",
        "gz",
        "",
    ]
    assert out("split_path .bashrc").split("\n") == [".", ".bashrc", ".bashrc", "", ""]


@needs_bash
def test_archives_and_checksums(tmp_path: Path) -> None:
    (tmp_path / "my data").mkdir()
    (tmp_path / "my data" / "a").write_text("abc")
    archive = out('archive_folder "$1"', f"{tmp_path / 'my data'}/").strip()
    assert re.fullmatch(r"my data-\d{4}-\d\d-\d\d\.tar\.gz", Path(archive).name)
    assert b"my data/a" in gzip.decompress(Path(archive).read_bytes())
    right = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    path = str(tmp_path / "my data" / "a")
    assert run('verify_checksum "$1" "$2"', path, right).returncode == 0
    assert run('verify_checksum "$1" "$2"', path, right[::-1]).returncode == 1


@needs_bash
def test_strings() -> None:
    assert out("trim $' \\t a  b \\n'") == "a  b\n"
    assert out("trim '  '") == "\n"
    assert out('split_string "a,b c,,*" ,; printf "<%s>" "${parts[@]}"') == "<a><b c><><*>"
    assert out("join_by ', ' 'a b' '*' c") == "a b, *, c\n"
    assert out("join_by ,") == "\n"
    assert out("slugify ' Hello,  World! 2 '") == "hello-world-2\n"
    assert out("url_encode 'a b/ä%~'") == "a%20b%2F%C3%A4%25~\n"
    assert out("match_group 'version 1.2.3' '([0-9]+)\\.'") == "1\n"
    assert run("match_group abc '([0-9]+)'").returncode == 1
    assert re.fullmatch(r"[A-Za-z0-9]{12}\n", out("random_string 12"))


@needs_bash
def test_checks() -> None:
    assert run("contains 'a b' x 'a b'").returncode == 0
    assert run("contains a 'a b'").returncode == 1
    assert [run(f"is_integer '{text}'").returncode for text in ("-5", "5x", "")] == [0, 1, 1]
    pairs = (("1.10", "1.9", 0), ("1.9", "1.9", 0), ("1.9", "1.10", 1))
    for first, second, status in pairs:
        assert run(f"version_at_least {first} {second}").returncode == status


@needs_bash
def test_tables() -> None:
    counted = out("count_lines_by_value", input="b\na b\nb\na b\nb\n")
    assert counted == "3\tb\n2\ta b\n"
    assert out("sum_column 2", input="a 1.5\nb 2\n") == "3.5\n"
    assert out("unique_lines", input="b\na\nb\n") == "b\na\n"
    assert out("count_words b a b") == "a 1\nb 2\n"


@needs_bash
def test_times() -> None:
    assert out("format_seconds 3723") == "1:02:03\n"
    assert out("days_between 2024-02-28 2024-03-31") == "32\n"


@needs_bash
def test_retries(tmp_path: Path) -> None:
    count = 'n() { echo x >>"$1"; (( $(wc -l <"$1") >= 3 )) || return 7; }; '
    assert run(count + 'retry 3 0.01 n "$1"', str(tmp_path / "a")).returncode == 0
    assert run(count + 'retry 2 0.01 n "$1"', str(tmp_path / "b")).returncode == 7


@needs_bash
def test_parallel_jobs() -> None:
    lines = out("run_parallel 2 printf '<%s>\\n'", input="a b\nc'd\n").splitlines()
    assert sorted(lines) == ["<a b>", "<c'd>"]
    assert run("wait_for_all true true").returncode == 0
    assert run("wait_for_all false true").returncode == 1
    assert run("with_timeout 0.1 sleep 60").returncode == 124


@needs_bash
def test_waiting() -> None:
    assert out("touch_late() { (( n++ > 1 )); }; wait_until 5 touch_late && echo $n") == "3\n"
    assert run("wait_until 0 false").returncode == 1
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert run(f"port_is_open 127.0.0.1 {port}").returncode == 0
    assert run(f"port_is_open 127.0.0.1 {port}").returncode == 1


@needs_bash
def test_running() -> None:
    result = run("measure bash -c 'exit 3'")
    assert result.returncode == 3
    assert re.fullmatch(r"\d\.\d{3} s\n", result.stderr)
    shown = out('capture bash -c "echo a; echo b >&2; exit 4"; echo "$output|$errors|$status"')
    assert shown == "a|b|4\n"
    assert out("on_exit 'echo one'; on_exit 'echo two'; echo zero") == "zero\none\ntwo\n"


@needs_bash
@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
def test_downloads(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("hello")
    out('download "$1" "$2"', (tmp_path / "a").as_uri(), str(tmp_path / "b"))
    assert (tmp_path / "b").read_text() == "hello"
    assert run('download "$1" "$2"', (tmp_path / "x").as_uri(), str(tmp_path / "c")).returncode != 0
    assert not (tmp_path / "c").exists()


@needs_bash
def test_stopping() -> None:
    assert run("sleep 60 & stop_process $!; wait $!").returncode == 143
    deaf = "bash -c 'trap \"\" TERM; while :; do sleep 0.05; done' & sleep 0.2; stop_process $! 0.2"
    assert run(deaf.replace("$! 0.2", "$! 0") + "; wait $!").returncode == 137
    assert run("stop_process 99999999").returncode == 0
