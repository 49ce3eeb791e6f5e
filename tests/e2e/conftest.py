from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .person import WORDS_ONLY, Person
from .screen import Screen


@pytest.fixture
def sits_down(tmp_path: Path) -> Iterator[Callable[..., Person]]:
    """Puts somebody at a Neovim with these options; all of them leave in the end."""
    present: list[Person] = []

    def sit(branch: str = "enable", screen: Screen | None = None, **options: object) -> Person:
        settings = {**WORDS_ONLY, **options.pop("settings", {})}  # type: ignore[dict-item]
        given = {"DOWSE_BRANCH": branch}
        present.append(Person(tmp_path, {**options, "settings": settings}, given, screen))
        return present[-1]

    yield sit
    for person in present:
        person.leaves()
