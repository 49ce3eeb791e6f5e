"""VS Code: its own workbench in Chromium, by the keys that a person presses."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from dowse.model import registry
from dowse.server.settings import KEYS, Settings

from ..model.test_hub import FILE, REPO, serving
from ..server.support.editor import Title
from ..server.support.samples import RETRY, SMALL, copied, laid_out, made
from .support import BIN, COMMENT, EDITORS, HERE, WORDS, Sample, environment, program, run
from .window import SCRIPTS, WORDS_ONLY, Desk, Window

_LONG = 600
"""Seconds for a session in which the model reads a thousand passages on a busy machine."""

pytestmark = [pytest.mark.editor, pytest.mark.timeout(_LONG)]

EXTENSION = EDITORS / "vscode"
VSIX = EXTENSION / "dist" / "dowse.vsix"


_DOWNLOAD = '''import json
from pathlib import Path
from urllib.request import urlopen

REPORTS = "https://example.org/reports"


def newest(folder: Path) -> dict[str, str]:
    """The newest report that is kept in a folder."""
    reports = sorted(folder.glob("*.json"))
    return json.loads(reports[-1].read_text()) if reports else {}


'''
"""What somebody writes in for the pictures: the list of candidates hangs over its first lines."""


@pytest.fixture(scope="module")
def extensions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the packaged extension is installed."""
    for needed in (SCRIPTS / "node_modules", VSIX):
        if not needed.exists():
            pytest.fail(f"{needed} is missing: run `make editors`")
    folder = tmp_path_factory.mktemp("extensions")
    script = f"import('{SCRIPTS}/workbench.mjs').then((w) => w.install('{VSIX}', '{folder}'))"
    (folder.parent / "home").mkdir(exist_ok=True)
    run([program("node"), "-e", script], environment(folder.parent), folder.parent)
    return folder


@dataclass
class Person:
    """Somebody at a VS Code of their own."""

    folder: Path
    extensions: Path
    variables: dict[str, str] = field(default_factory=dict)

    def plays(self, name: str, opened: Path, *files: Path, **plan: Any) -> dict[str, Any]:
        """Play a scenario in a new window and return what was seen."""
        settings = plan.pop("settings", {})
        window = Window(self.folder, opened, self.extensions, self.variables, settings)
        try:
            return window.plays(name, *files, **plan)
        finally:
            window.close()


@pytest.fixture(scope="module")
def one_desk(tmp_path_factory: pytest.TempPathFactory, extensions: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path_factory.mktemp("desk"), extensions)
    yield desk
    desk.close()


@pytest.fixture
def person(tmp_path: Path, extensions: Path, one_desk: Desk) -> Person:
    one_desk.close()  # else two windows would share the cores
    return Person(tmp_path, extensions)


@pytest.fixture
def desk(one_desk: Desk) -> Iterator[Desk]:
    """The window that most tests share, without the files of the test before."""
    yield one_desk
    one_desk.tidy()


@dataclass(frozen=True, slots=True)
class Asking:
    """The sample's file before the comment is typed, and what the scenario has to know."""

    sample: Sample
    original: str

    @classmethod
    def on(cls, sample: Sample) -> Asking:
        return cls(sample, sample.file.read_bytes().decode())

    @property
    def place(self) -> int:
        return self.original.index(f"{self.sample.newline}    return ") + len(self.sample.newline)

    @property
    def plan(self) -> dict[str, Any]:
        line = self.original[: self.place].count("\n") + 1
        return {"line": line, "comment": COMMENT, "words": WORDS}

    def expects(self, title: str) -> None:
        """The file on disk is what it was, with the comment and the code of the title."""
        expected = self.sample.expected(self.original, self.place, title)
        assert self.sample.file.read_bytes() == expected


# --- the light bulb, ghost text, completion ----------------------------------------------------


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_an_action_from_the_light_bulb(newline: str, desk: Desk) -> None:
    sample = desk.sample(newline)
    asking = Asking.on(sample)
    seen = desk.plays("actions", sample.file, **asking.plan)
    *insertions, look, source = seen["titles"]
    assert [title.split(":")[0] for title in insertions] == ["Insert"] * 3
    assert look == "Look at the candidates…"
    assert source.startswith("Open source: ")
    asking.expects(insertions[0])
    rows = sample.file.read_bytes().decode().split(newline)
    line, column = seen["caret"]  # where one wants to go on typing: behind the code
    assert rows[line].startswith("    return ")
    assert column == len(rows[line - 1]) + 1


def test_one_undo_takes_all_of_it_back(desk: Desk) -> None:
    sample = desk.sample()
    asking = Asking.on(sample)
    desk.plays("undo", sample.file, **asking.plan)
    place, original = asking.place, asking.original
    expected = f"{original[:place]}{COMMENT}\n{original[place:]}"
    assert sample.file.read_bytes() == expected.encode()


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_ghost_text_is_taken_by_tab(newline: str, desk: Desk) -> None:
    sample = desk.sample(newline)
    asking = Asking.on(sample)
    seen = desk.plays("ghost", sample.file, **asking.plan)
    asking.expects(seen["titles"][0])


def test_completion_at_the_end_of_the_comment(desk: Desk) -> None:
    sample = desk.sample()
    asking = Asking.on(sample)
    seen = desk.plays("completion", sample.file, **asking.plan)
    titles = [Title.parse(title) for title in seen["titles"][:3]]
    assert all(t.symbol in row for t, row in zip(titles, seen["labels"], strict=True))
    assert "no licence stated" in seen["details"]
    asking.expects(seen["titles"][0])


# --- candidates and search -----------------------------------------------------------------------


def test_candidates_are_looked_at_before_one_is_taken(desk: Desk) -> None:
    sample = desk.sample()
    asking = Asking.on(sample)
    seen = desk.plays("candidates", sample.file, **asking.plan)
    chosen = Title.parse(seen["titles"][1])
    symbol, location, origin, *_ = seen["preview"].splitlines()
    assert (symbol, location) == (chosen.symbol, f"{chosen.file}:{chosen.line}")
    assert origin == "workspace · no licence stated"
    assert "Words: user, cache, directory." in seen["preview"]
    assert f"def {chosen.symbol.rpartition('.')[2]}" in seen["preview"]
    assert seen["untouched"][0] == asking.plan["line"]  # nothing is inserted yet
    asking.expects(seen["titles"][1])


def test_a_hit_is_explained(desk: Desk) -> None:
    sample = desk.sample()
    asking = Asking.on(sample)
    seen = desk.plays("explain", sample.file, **asking.plan)
    assert "Words: user, cache, directory." in seen["text"]
    assert "workspace · no licence stated" in seen["text"]
    assert "# find: parse an ISO date" in seen["told"]


def test_find_code_with_live_results(desk: Desk) -> None:
    file = desk.file("import os\n\nNAME = 1\n")
    plan = {"line": 2, "words": "retry a request", "best": "retry_request"}
    seen = desk.plays("find", file, **plan)
    assert seen["title"] == "Find code — found by words alone, without the model"
    assert "retry_request" in seen["found"][0]
    assert len(seen["found"]) == 12
    assert 0 <= seen["gap"] < 60  # the list does not hang over the head of the preview
    assert seen["none"] == "Nothing found\nTry other words."
    code = laid_out(RETRY.rstrip("\n").split("\n"), "", "\n")
    assert file.read_text() == f"import os\n{code}\nNAME = 1\n"


def test_find_code_like_the_selection(desk: Desk) -> None:
    copy = RETRY.replace("retry_request", "send_until_it_works").replace("attempt", "round")
    file = desk.file(f"import os\n\n\n{copy}")
    seen = desk.plays("like", file, **{"from": 4, "to": 14})
    assert "retry_request" in seen["found"][0]
    assert not any("send_until_it_works" in row for row in seen["found"])


def test_with_the_model(person: Person, tmp_path: Path) -> None:
    """The pictures of the README are taken here: DOWSE_SCREENSHOTS names the folder for them.

    Only then the cookbook is read too, which takes minutes on a busy machine.
    """
    cookbook = ["cookbook"] if "DOWSE_SCREENSHOTS" in os.environ else []
    hub = copied(tmp_path / "packages", "huggingface_hub") / "huggingface_hub" / "utils"
    root = made(tmp_path / "reports", {"download.py": _DOWNLOAD, "hub/__init__.py": ""})
    for name in ("sha.py", "_verification.py", "_paths.py", "_lfs.py", "_fixes.py", "_datetime.py"):
        shutil.copy(hub / name, root / "hub")
    shutil.copy(HERE.parents[1] / "LICENSE", root)
    comment = "# find: hash a file with SHA-256"
    plan = {
        "comment": comment,
        "viewport": {"width": 1100, "height": 400},
        "scrolled": 7,
        "settings": {
            "dowse.sources": ["workspace", *cookbook],
            "dowse.maxResults": 4,
            "workbench.activityBar.location": "hidden",
            "editor.wordWrap": "on",
            "editor.cursorBlinking": "solid",
            "editor.stickyScroll.enabled": False,
            "breadcrumbs.enabled": False,
        },
    }
    seen = person.plays("model", root, root / "download.py", **plan)
    assert not Title.parse(seen["titles"][0]).words_only
    assert "Likeness in meaning: " in seen["rows"][0]
    assert any("CC0-1.0" in row or "Apache-2.0" in row for row in seen["rows"])
    before, _, after = (root / "download.py").read_text().partition(f"{comment}\n")
    assert before == _DOWNLOAD
    taken = seen["best"].rpartition(".")[2]
    assert re.search(rf"(def|class) {taken}\b", after)


# --- models and adapters -------------------------------------------------------------------------


def test_models_and_adapters_are_chosen(person: Person, tmp_path: Path) -> None:
    root = made(tmp_path / "project", {**SMALL, "main.py": "import os\n"})
    adapter = tmp_path / "mine.gguf"
    adapter.write_bytes(b"GGUF")
    plan = {"bundled": registry.BUNDLED, "repository": REPO, "file": FILE, "adapter": str(adapter)}
    with serving() as address:
        person.variables = {"HF_ENDPOINT": address}
        seen = person.plays("models", root, root / "main.py", settings=WORDS_ONLY, **plan)
    bundled, small, more = seen["before"]
    assert (bundled["inUse"], small["inUse"]) == (True, False)
    assert "Apache-2.0" in bundled["text"]
    assert small["text"].startswith(registry.SMALL)
    assert more["text"] == "Pull another model…"
    assert "nobody/nothing" in seen["refused"]
    assert "Show Log" in seen["refused"]
    name = f"{REPO}/{FILE.removesuffix('.gguf')}"
    assert f"{name} (25 MB) is on this machine." in seen["pulled"]
    assert [row["inUse"] for row in seen["used"] if row["text"].startswith(name)] == [True]
    assert [row["inUse"] for row in seen["on"]] == [True, False, False]
    assert seen["on"][0]["text"].startswith(str(adapter))
    assert re.fullmatch("No adapter ?in use", seen["off"][1]["text"])
    assert seen["log"] == "dowse"


# --- folders, trust, interpreters ----------------------------------------------------------------


def test_two_folders(person: Person, tmp_path: Path) -> None:
    """A file of one folder is answered with code of the other."""
    sample = Sample.make(tmp_path, path="iniconfig/_parse.py")
    other = Sample.make(tmp_path / "other")
    asking = Asking.on(sample)
    workspace = tmp_path / "both.code-workspace"
    folders = [{"path": str(sample.root)}, {"path": str(other.root)}]
    workspace.write_text(json.dumps({"folders": folders}))
    plan = {"settings": WORDS_ONLY, **asking.plan}
    seen = person.plays("open", workspace, sample.file, **plan)
    found_in = Sample(other.root, sample.file)
    expected = found_in.expected(asking.original, asking.place, seen["titles"][0])
    assert sample.file.read_bytes() == expected


def test_a_folder_that_is_not_trusted_names_no_program(person: Person, tmp_path: Path) -> None:
    sample = Sample.make(tmp_path)
    asking = Asking.on(sample)
    witness, evil = tmp_path / "witness", tmp_path / "evil.sh"
    evil.write_text(f"#!/bin/sh\ntouch {witness}\n")
    evil.chmod(0o755)
    wishes = {
        "dowse.server.path": str(evil),
        "dowse.model": str(tmp_path / "evil.gguf"),
        "dowse.adapter": str(tmp_path / "evil.gguf"),
        "dowse.cacheFolder": str(tmp_path / "elsewhere"),
    }
    made(sample.root, {".vscode/settings.json": json.dumps(wishes)})
    trust = {
        "security.workspace.trust.enabled": True,
        "security.workspace.trust.startupPrompt": "never",
        "security.workspace.trust.untrustedFiles": "open",
        "dowse.maxResults": 3,
        "dowse.sources": ["workspace"],
    }
    plan = {"settings": trust, "byMeaning": True, **asking.plan}  # a model is at work: not its own
    seen = person.plays("open", sample.root, sample.file, **plan)
    asking.expects(seen["titles"][0])
    assert not witness.exists()
    assert not (tmp_path / "elsewhere").exists()


# --- the server's life ---------------------------------------------------------------------------


def test_the_client_recovers_when_the_server_is_killed(person: Person, tmp_path: Path) -> None:
    sample = Sample.make(tmp_path)
    asking = Asking.on(sample)
    plan = {"settings": WORDS_ONLY, "mark": f"DOWSE_CACHE={tmp_path}", **asking.plan}
    seen = person.plays("killed", sample.root, sample.file, **plan)
    assert seen["another"]
    asking.expects(seen["titles"][0])


def test_a_program_that_is_not_there_is_told(person: Person, tmp_path: Path) -> None:
    sample = Sample.make(tmp_path)
    settings = {"dowse.server.path": "/nowhere/dowse"}
    told = "There is no program /nowhere/dowse, which the setting dowse.server.path names."
    seen = person.plays("missing", sample.root, sample.file, settings=settings, told=told)
    assert "Open the Setting" in seen["told"]
    assert seen["status"] == "warning dowse: no server"


def _without_dowse(folder: Path) -> str:
    """A search path with Python and the shell's programs, and no dowse."""
    programs = folder / "programs"
    programs.mkdir()
    (programs / "python3").symlink_to(Path(sys.base_prefix) / "bin" / "python3")
    return f"{programs}:/usr/bin:/bin"


def test_without_a_server_and_without_a_network(person: Person, tmp_path: Path) -> None:
    sample = Sample.make(tmp_path)
    closed = "http://127.0.0.1:9/simple"
    person.variables = {"PIP_INDEX_URL": closed, "PIP_RETRIES": "0", "PIP_CONFIG_FILE": "/dev/null"}
    plan = {
        "settings": {"dowse.server.path": ""},
        "environment": {"PATH": _without_dowse(tmp_path)},
        "told": "not installed on this machine",
        "setUp": True,
        "failure": "The Python package index is out of reach.",
    }
    seen = person.plays("missing", sample.root, sample.file, **plan)
    assert "Set Up the Server" in seen["told"]
    assert "Try Again" in seen["failure"]


def test_the_server_is_set_up_once_a_person_agrees(person: Person, tmp_path: Path) -> None:
    """The libraries come from the tests' environment: only dowse itself is installed anew."""
    sample = Sample.make(tmp_path)
    asking = Asking.on(sample)
    libraries = tmp_path / "libraries"
    site = BIN.parent / "lib" / f"python3.{sys.version_info.minor}" / "site-packages"
    libraries.mkdir()
    for each in site.iterdir():
        if "dowse" not in each.name and each.suffix != ".pth":
            (libraries / each.name).symlink_to(each)
    person.variables = {"PIP_NO_DEPS": "1", "PIP_NO_INDEX": "1", "PYTHONPATH": str(libraries)}
    plan = {
        "settings": {**WORDS_ONLY, "dowse.server.path": ""},
        "environment": {"PATH": _without_dowse(tmp_path)},
        **asking.plan,
    }
    seen = person.plays("setup", sample.root, sample.file, **plan)
    asking.expects(seen["titles"][0])


# --- the extension by itself ---------------------------------------------------------------------


@pytest.mark.parametrize("script", ["check", "test"])
def test_the_extension_passes_its_own_checks(script: str, tmp_path: Path) -> None:
    """Strict types, lint and format; and the unit tests of what needs no VS Code."""
    command = [program("npm"), "run", "--silent", "--prefix", str(EXTENSION), script]
    run(command, environment(tmp_path), tmp_path)


def test_every_setting_of_the_server_is_a_setting_of_the_extension() -> None:
    manifest = json.loads((EXTENSION / "package.json").read_text("utf-8"))
    groups = manifest["contributes"]["configuration"]
    offered = {name: each for group in groups for name, each in group["properties"].items()}
    defaults = {f"dowse.{name}": getattr(Settings(), key.field) for name, key in KEYS.items()}
    wanted = {name: list(d) if isinstance(d, tuple) else d for name, d in defaults.items()}
    own = {"dowse.server.path": ""}
    assert {name: each["default"] for name, each in offered.items()} == wanted | own
    assert all("description" in each or "markdownDescription" in each for each in offered.values())


def test_the_walkthrough_leads_to_commands_and_pictures_that_are_there() -> None:
    contributed = json.loads((EXTENSION / "package.json").read_text("utf-8"))["contributes"]
    known = {each["command"] for each in contributed["commands"]}
    (walkthrough,) = contributed["walkthroughs"]
    with zipfile.ZipFile(VSIX) as package:
        packed = set(package.namelist())
    for step in walkthrough["steps"]:
        named = re.findall(r"\(command:([\w.]+)", step["description"])
        assert named
        assert {name for name in named if name.startswith("dowse.")} <= known
        ends = {event.partition(":")[::2] for event in step["completionEvents"]}
        assert {name for kind, name in ends if kind == "onCommand"} <= known
        media = step["media"].get("image") or step["media"]["markdown"]
        assert f"extension/{media}" in packed


# --- inside the extension host -------------------------------------------------------------------


@pytest.mark.parametrize("suite", ["features", "interpreter"])
def test_in_the_extension_host(suite: str, person: Person, tmp_path: Path) -> None:
    root = made(tmp_path / "project", {**SMALL, "main.py": "x = 1\n"})
    path = "" if suite == "interpreter" else str(BIN / "dowse")
    plan = {
        "developed": [str(EXTENSION), str(SCRIPTS / "host" / "python")],
        "tests": str(SCRIPTS / "host" / f"{suite}.cjs"),
        "settings": {**WORDS_ONLY, "dowse.server.path": path},
        "environment": {
            "DOWSE_TEST_PYTHON": str(BIN / "python"),
            "PATH": _without_dowse(tmp_path),
        },
    }
    seen = person.plays("host", root, **plan)
    assert seen["lines"]
