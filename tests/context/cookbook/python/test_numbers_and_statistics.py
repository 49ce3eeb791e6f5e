from __future__ import annotations

import math
import statistics
from decimal import Decimal
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dowse.context.cookbook.python import numbers_and_statistics as recipes


def test_parsing_and_rounding() -> None:
    assert [recipes.parse_int(" 7 "), recipes.parse_int("x"), recipes.parse_int("", 0)] == [
        7,
        None,
        0,
    ]
    assert [recipes.clamp(n, 0, 10) for n in (-1, 5, 11)] == [0, 5, 10]
    assert recipes.round_half_up("2.675") == Decimal("2.68")
    assert recipes.round_half_up("-0.5", 0) == Decimal("-1")
    assert recipes.split_amount(1000, 3) == [334, 333, 333]


def test_formatting() -> None:
    assert recipes.format_thousands(1234567.891) == "1,234,567.89"
    assert recipes.format_percentage(1, 3) == "33.3%"
    assert recipes.format_percentage(1, 0) == "0.0%"


def test_summaries() -> None:
    summary = recipes.summarize([1, 2, 3, 10])
    assert summary["mean"] == 4
    assert summary["median"] == 2.5
    assert (summary["count"], summary["min"], summary["max"]) == (4, 1, 10)
    assert recipes.summarize([5])["stdev"] == 0
    assert [recipes.percentile([4, 1, 2, 3], p) for p in (0, 50, 100)] == [1, 2.5, 4]
    assert recipes.percentile([7], 99) == 7


def test_series() -> None:
    assert list(recipes.moving_average([1, 2, 3, 4], 2)) == [1.5, 2.5, 3.5]
    assert recipes.normalize([2, 4, 6]) == [0, 0.5, 1]
    assert recipes.normalize([3, 3]) == [0, 0]
    assert recipes.z_scores([1, 3]) == [-1, 1]
    assert recipes.z_scores([1, 1]) == [0, 0]
    assert recipes.histogram([1, 9, 11, 35, -1], 10) == {-10: 1, 0: 2, 10: 1, 30: 1}
    assert recipes.fit_line([0, 1, 2], [1, 3, 5]) == (2, 1)
    assert recipes.correlation([1, 2, 3], [3, 2, 1]) == pytest.approx(-1)


@given(st.lists(st.floats(-1000, 1000), min_size=2))
def test_running_statistics_agree_with_the_library(values: list[float]) -> None:
    running = recipes.RunningStatistics()
    assert running.variance == 0
    for value in values:
        running.add(value)
    assert running.count == len(values)
    assert running.mean == pytest.approx(statistics.fmean(values), abs=1e-9)
    assert running.variance == pytest.approx(statistics.variance(values), abs=1e-6)


@given(st.integers(1, 5000))
def test_primes_agree(number: int) -> None:
    factors = recipes.prime_factors(number)
    assert math.prod(factors) == number
    assert all(recipes.is_prime(factor) for factor in factors)
    assert recipes.is_prime(number) == (factors == [number])


def test_prime_lists() -> None:
    assert recipes.primes_below(30) == [2, 3, 5, 7, 11, 13, 17, 19, 23, 29]
    assert [recipes.primes_below(n) for n in (0, 1, 2, 3)] == [[], [], [], [2]]
    assert recipes.primes_below(1000) == [n for n in range(1000) if recipes.is_prime(n)]
    assert list(islice(recipes.fibonacci(), 8)) == [0, 1, 1, 2, 3, 5, 8, 13]


@given(st.integers(), st.integers(2, 36))
def test_bases_round_trip(number: int, base: int) -> None:
    assert int(recipes.to_base(number, base), base) == number


def test_roman_numerals() -> None:
    numerals = {1: "I", 4: "IV", 9: "IX", 14: "XIV", 1994: "MCMXCIV", 3999: "MMMCMXCIX"}
    assert {number: recipes.to_roman(number) for number in numerals} == numerals


def test_distances_and_tolerance() -> None:
    assert recipes.distance_on_earth(52.52, 13.405, 48.8566, 2.3522) == pytest.approx(877.5, abs=1)
    assert recipes.distance_on_earth(0, 0, 0, 180) == pytest.approx(20015, abs=1)
    assert recipes.nearly_equal(0.1 + 0.2, 0.3)
    assert recipes.nearly_equal(0, 1e-12)
    assert not recipes.nearly_equal(1, 1.0001)
