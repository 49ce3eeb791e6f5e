"""What a client sends (all of it optional) and what dowse uses (all of it resolved).

A setting that makes no sense is told and its default used; nothing else of the message is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dowse.context.types import Limits, Source

_LIMITS = Limits()
_SOURCES = (Source.WORKSPACE, Source.COOKBOOK, Source.DEPENDENCY)
"""Where there is something to search in."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting with its default."""

    word: str = "find"
    """The word that makes a comment a trigger."""
    max_results: int = 5
    """How many snippets are offered."""
    vectors: bool = True
    """Whether the model is loaded; without it, answers rest on words alone."""
    model: str = ""
    """Name or path of the GGUF model; the chosen or bundled one when empty."""
    adapter: str = ""
    """Path of a LoRA adapter that runs on top of the model; none when empty."""
    threads: int = 0
    """Threads of the model; 0 leaves it to dowse."""
    gpu_layers: int = -1
    """Layers offloaded to a GPU; -1 for all that fit."""
    context_size: int = 128
    """Tokens of a passage that the model reads; 0 for the model's own limit. all-MiniLM-L6-v2 was
    trained with 128: twice as many take twice the time, and find files of repositories no better
    (NDCG@10 of vectors alone 0.867 at 128, 0.849 at 256)."""
    convert_model: bool = True
    """Whether the model is run in the number format that the CPU multiplies fastest."""
    cache_folder: str = ""
    """Where indexes are kept; the platform's cache folder when empty."""
    sources: tuple[Source, ...] = _SOURCES
    """Where snippets are looked for."""
    disabled_languages: tuple[str, ...] = ()
    """Languages, as editors or grammars name them, in whose files no trigger is answered."""
    python: str = ""
    """A Python interpreter or environment whose packages are searched; it is never run. Found by
    the folder's own environment when empty."""
    max_package_megabytes: int = 2_000
    """What the indexes of packages may take on disk."""
    pause_on_battery: bool = False
    """Whether vectors are computed only while the machine is plugged in."""
    max_file_bytes: int = _LIMITS.max_file_bytes
    max_line_length: int = _LIMITS.max_line_length
    max_depth: int = _LIMITS.max_depth

    @property
    def limits(self) -> Limits:
        """What is too large to index."""
        return Limits(self.max_file_bytes, self.max_line_length, self.max_depth)

    @property
    def cache(self) -> Path:
        """The cache folder."""
        return Path(self.cache_folder).expanduser() if self.cache_folder else default_cache()

    @property
    def environment(self) -> Path | None:
        """The Python interpreter or environment that was named."""
        return Path(self.python).expanduser() if self.python else None


@dataclass(frozen=True, slots=True)
class _Key:
    field: str
    expected: str
    accepts: Callable[[Any], bool]


def _whole(least: int, most: int) -> tuple[str, Callable[[Any], bool]]:
    def accepts(value: Any) -> bool:
        return type(value) is int and least <= value <= most

    return f"a whole number from {least:,} to {most:,}", accepts


def _sources(value: Any) -> bool:
    named = value if isinstance(value, list | tuple) else ()
    return bool(named) and all(name in list(_SOURCES) for name in named)


def _texts(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(map(_text, value))


def _text(value: Any) -> bool:
    return isinstance(value, str) and "\0" not in value


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _trigger_word(value: Any) -> bool:
    return _text(value) and bool(value) and not any(c.isspace() or c == ":" for c in value)


KEYS: Mapping[str, _Key] = {
    "word": _Key("word", "one word without spaces or colons", _trigger_word),
    "maxResults": _Key("max_results", *_whole(1, 50)),
    "vectors": _Key("vectors", "true or false", _flag),
    "model": _Key("model", "a text", _text),
    "adapter": _Key("adapter", "a path", _text),
    "threads": _Key("threads", *_whole(0, 1_024)),
    "gpuLayers": _Key("gpu_layers", *_whole(-1, 10_000)),
    "contextSize": _Key("context_size", *_whole(0, 1_000_000)),
    "convertModel": _Key("convert_model", "true or false", _flag),
    "cacheFolder": _Key("cache_folder", "a text", _text),
    "sources": _Key("sources", f"a list of {', '.join(_SOURCES)}", _sources),
    "disabledLanguages": _Key("disabled_languages", "a list of names", _texts),
    "python": _Key("python", "a path", _text),
    "packages.maxMegabytes": _Key("max_package_megabytes", *_whole(0, 10_000_000)),
    "pauseOnBattery": _Key("pause_on_battery", "true or false", _flag),
    "index.maxFileSize": _Key("max_file_bytes", *_whole(1, 1_000_000_000)),
    "index.maxLineLength": _Key("max_line_length", *_whole(1, 1_000_000_000)),
    "index.maxDepth": _Key("max_depth", *_whole(1, 100_000)),
}
"""The keys below `dowse.` as editors spell them."""


def resolve(options: object) -> tuple[Settings, list[str]]:
    """Resolve what a client sent.

    Args:
        options: a mapping with nested or dotted keys, with or without a leading `dowse`; None
            and keys that are null mean the defaults.

    Returns:
        the settings, and one sentence for every key that could not be used.
    """
    if options is None:
        return Settings(), []
    if not isinstance(options, Mapping):
        return Settings(), [f"the settings must be an object, not {_shown(options)}"]
    chosen: dict[str, Any] = {}
    problems = []
    for name, value in _flat(options):
        key = KEYS.get(name.removeprefix("dowse."))
        if key is None:
            problems.append(f"there is no setting dowse.{name.removeprefix('dowse.')}")
        elif value is not None and not key.accepts(value):
            default = getattr(Settings(), key.field)
            problems.append(
                f"dowse.{name.removeprefix('dowse.')} must be {key.expected}, not {_shown(value)};"
                f" {_shown(default)} is used"
            )
        elif value is not None:
            chosen[key.field] = _frozen(key.field, value)
    return replace(Settings(), **chosen), problems


def _frozen(field: str, value: Any) -> Any:
    if field == "sources":
        return tuple(map(Source, value))
    return tuple(value) if isinstance(value, list) else value


def _flat(options: Mapping[Any, Any], prefix: str = "") -> list[tuple[str, Any]]:
    pairs: list[tuple[str, Any]] = []
    for name, value in options.items():
        full = f"{prefix}{name}"
        if isinstance(value, Mapping) and full.removeprefix("dowse.") not in KEYS:
            pairs += _flat(value, f"{full}.")
        else:
            pairs.append((full, value))
    return pairs


def _shown(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 40 else shown[:39] + "…"


def default_cache() -> Path:
    """The platform's cache folder for dowse, or what the variable DOWSE_CACHE names."""
    import os

    from platformdirs import user_cache_path

    named = os.environ.get("DOWSE_CACHE")
    return Path(named).expanduser() if named else user_cache_path("dowse", appauthor=False)
