"""Which settings of a recipe a search tries, and between which values."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from itertools import product
from typing import TYPE_CHECKING, Any

from dowse.context.errors import SettingsError
from dowse.model.training.recipe import Recipe, parse_change, resolve

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True)
class Span:
    """All numbers from one to another, both included."""

    low: float
    high: float
    log: bool
    """Whether each factor of ten is as likely as any other."""

    def __str__(self) -> str:
        return f"{self.low:g}..{self.high:g}"

    @property
    def corners(self) -> tuple[float, float]:
        """Values that stand for all when they are checked."""
        return self.low, self.high

    def holds(self, value: Any) -> bool:
        """Whether a search could come upon a value."""
        return isinstance(value, int | float) and self.low <= value <= self.high

    def suggest(self, trial: Any, name: str) -> Any:
        """Let an Optuna trial choose."""
        if isinstance(self.low, int):
            return trial.suggest_int(name, self.low, self.high)
        return trial.suggest_float(name, self.low, self.high, log=self.log)


@dataclass(frozen=True, slots=True)
class Choice:
    """A few values: numbers, texts, or true and false."""

    values: tuple[Any, ...]

    def __str__(self) -> str:
        return ", ".join(map(str, self.values))

    @property
    def corners(self) -> tuple[Any, ...]:
        """Values that stand for all when they are checked."""
        return self.values

    def holds(self, value: Any) -> bool:
        """Whether a search could come upon a value."""
        return value in self.values

    def suggest(self, trial: Any, name: str) -> Any:
        """Let an Optuna trial choose."""
        return trial.suggest_categorical(name, self.values)


Dimension = Span | Choice

DEFAULT: Mapping[str, Dimension] = {
    "learning_rate": Span(1e-5, 1e-4, log=True),
    "temperature": Span(0.02, 0.1, log=False),
    "hard_negatives": Choice((0, 1, 2)),
    "batch_size": Choice((32, 64, 128)),
}
"""What is searched when nothing else is asked: what a contrastive training depends on most."""

_WHOLE = frozenset(item.name for item in fields(Recipe) if item.type == "int")
_LOG = ("learning_rate", "weight_decay")
_FIXED = (
    "seed",
    "development_pairs",
    "max_pairs",
    "max_pairs_per_source",
    "quotas",
    "evaluate_every",
    "checkpoint_every",
)
"""They decide which pairs the trials are compared by, or change nothing but when one looks."""


def parse_search(text: str) -> tuple[str, Dimension]:
    """Read `name=low..high` or `name=value,value,…`, values as in a recipe.

    Raises:
        SettingsError: it is neither, the setting cannot be searched, or a range is none.
    """
    name, sign, rest = (part.strip() for part in text.partition("="))
    if not sign or not rest:
        raise SettingsError(f"{text!r} searches nothing; write name=low..high or name=one,other")
    if name in _FIXED:
        raise SettingsError(
            f"{name} decides how trials are compared, so it cannot be searched; give it by --set"
        )
    low, dots, high = rest.partition("..")
    if dots:
        return name, _span(name, _value(name, low), _value(name, high))
    values = tuple(dict.fromkeys(_value(name, part) for part in rest.split(",")))
    if len(values) < 2:
        raise SettingsError(f"{text!r} leaves nothing to search; give more values, or use --set")
    return name, Choice(values)


def _value(name: str, text: str) -> Any:
    value = parse_change(f"{name}={text}")[1]
    if isinstance(value, list | dict):
        raise SettingsError(f"{name}: lists and tables cannot be searched; give them by --set")
    return value


def _span(name: str, low: Any, high: Any) -> Span:
    if not all(type(end) in (int, float) for end in (low, high)) or not low < high:
        raise SettingsError(
            f"{name}: {low}..{high} is no range; write two numbers, the smaller one first"
        )
    if name in _LOG and low <= 0:
        raise SettingsError(f"{name}: a range on a log scale begins above 0; give a larger number")
    if name in _WHOLE and type(low) is type(high) is int:
        return Span(low, high, log=False)
    return Span(float(low), float(high), log=name in _LOG)


def check_space(recipe: Recipe, space: Mapping[str, Dimension]) -> None:
    """Check all that a search may come upon, before hours are spent.

    Raises:
        SettingsError: a setting is unknown, or a value or two together make no sense.
    """
    table = asdict(recipe)
    for values in product(*(dimension.corners for dimension in space.values())):
        resolve({**table, **dict(zip(space, values, strict=True))}, "the search")


def read_space(texts: Iterable[str]) -> dict[str, Dimension]:
    """The dimensions that texts name, or the default ones.

    Raises:
        SettingsError: a text is malformed, or two name the same setting.
    """
    space: dict[str, Dimension] = {}
    for name, dimension in map(parse_search, texts):
        if name in space:
            raise SettingsError(f"{name} is searched twice; put all values behind one --search")
        space[name] = dimension
    return space or dict(DEFAULT)
