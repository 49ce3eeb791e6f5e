from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from dowse.context.cookbook.python import classes_and_types as recipes


def test_money() -> None:
    assert recipes.Money(1) + recipes.Money(2) == recipes.Money(3, "EUR")
    with pytest.raises(ValueError, match="cannot add USD"):
        recipes.Money(1) + recipes.Money(2, "USD")
    with pytest.raises(ValueError, match="no currency code"):
        recipes.Money(1, "euro")
    with pytest.raises(FrozenInstanceError):
        recipes.Money(1).cents = 2  # type: ignore[misc]


def test_lists_are_not_shared() -> None:
    first, second = recipes.ShoppingCart("a"), recipes.ShoppingCart("b")
    first.items.append("milk")
    assert second.items == []


def test_versions_are_ordered() -> None:
    versions = [recipes.Version(text) for text in ("1.10", "1.9", "1.9")]
    assert repr(sorted(versions)[-1]) == "Version('1.10')"
    assert len(set(versions)) == 2
    assert versions[0] >= versions[1]
    assert versions[0] != "1.10"


def test_enums() -> None:
    assert recipes.Color.parse(" Red ") is recipes.Color.RED
    with pytest.raises(ValueError, match="none of red, green"):
        recipes.Color.parse("blue")
    both = recipes.Permission.READ | recipes.Permission.WRITE
    assert recipes.Permission.READ in both
    assert recipes.Permission.EXECUTE not in both


def test_protocols() -> None:
    class Square:
        def area(self) -> float:
            return 4

    assert isinstance(Square(), recipes.SupportsArea)
    assert not isinstance(3, recipes.SupportsArea)


def test_choices() -> None:
    assert [recipes.opposite(each) for each in ("North", "s")] == ["south", "north"]
    with pytest.raises(ValueError, match="unknown direction 'up'"):
        recipes.opposite("up")
    assert [recipes.payment_fee("card", 250), recipes.payment_fee("cash", 250)] == [2, 0]
    with pytest.raises(AssertionError):
        recipes.payment_fee("gold", 250)  # type: ignore[arg-type]
    assert recipes.is_list_of_strings(["a"])
    assert not recipes.is_list_of_strings(["a", 1])


def test_dispatch() -> None:
    recipes.describe.register(int, lambda value: f"number {value}")
    assert recipes.describe(3) == "number 3"
    assert recipes.describe("x") == "something: 'x'"


def test_iteration_starts_anew() -> None:
    countdown = recipes.Countdown(3)
    assert list(countdown) == list(countdown) == [3, 2, 1]


def test_events() -> None:
    event = recipes.Event()
    heard: list[int] = []
    stop = event.subscribe(heard.append)
    event.emit(1)
    stop()
    event.emit(2)
    assert heard == [1]
