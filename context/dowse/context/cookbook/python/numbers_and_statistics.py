# SPDX-License-Identifier: CC0-1.0
"""Numbers and statistics: round, format, convert, summarize."""

import math
import statistics
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal


def parse_int(text: str, default: int | None = None) -> int | None:
    """Convert a string to an integer, or return a default when it is no number."""
    try:
        return int(text)
    except ValueError:
        return default


def clamp(value: float, low: float, high: float) -> float:
    """Limit a number to a range."""
    return max(low, min(value, high))


def round_half_up(value: str | Decimal, places: int = 2) -> Decimal:
    """Round an amount of money half up (2.675 to 2.68), exactly, with decimals.

    `round()` works on binary floats and rounds halves to even.
    """
    return Decimal(value).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def split_amount(cents: int, parts: int) -> list[int]:
    """Split an amount of money in cents evenly, so that the parts add up to it exactly."""
    share, rest = divmod(cents, parts)
    return [share + (i < rest) for i in range(parts)]


def format_thousands(value: float, places: int = 2) -> str:
    """Format a number with thousands separators and fixed decimals, such as `1,234,567.89`."""
    return f"{value:,.{places}f}"


def format_percentage(part: float, whole: float) -> str:
    """Format a share as a percentage with one decimal; of nothing it is 0.0%."""
    return f"{part / whole if whole else 0:.1%}"


def summarize(values: Sequence[float]) -> dict[str, float]:
    """Calculate count, minimum, maximum, mean, median and standard deviation of numbers."""
    return {
        "count": len(values),
        "min": min(values),
        "max": max(values),
        "mean": statistics.fmean(values),
        "median": statistics.median(values),
        "stdev": statistics.stdev(values) if len(values) > 1 else 0.0,
    }


def percentile(values: Sequence[float], percent: float) -> float:
    """Calculate a percentile (0 to 100) of numbers by linear interpolation."""
    ordered = sorted(values)
    position = (len(ordered) - 1) * percent / 100
    low = math.floor(position)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (position - low)


def moving_average(values: Iterable[float], size: int) -> Iterator[float]:
    """Calculate the moving average of a series over a window of a fixed size."""
    window: deque[float] = deque(maxlen=size)
    for value in values:
        window.append(value)
        if len(window) == size:
            yield sum(window) / size


def normalize(values: Sequence[float]) -> list[float]:
    """Scale numbers to the range from 0 to 1; equal numbers all become 0."""
    low, span = min(values), max(values) - min(values)
    return [(value - low) / span if span else 0.0 for value in values]


def z_scores(values: Sequence[float]) -> list[float]:
    """Standardize numbers to mean 0 and standard deviation 1."""
    mean, deviation = statistics.fmean(values), statistics.pstdev(values)
    return [(value - mean) / deviation if deviation else 0.0 for value in values]


def histogram(values: Iterable[float], width: float) -> dict[float, int]:
    """Count numbers in bins of a fixed width (a histogram), by the lower edge of each bin."""
    counts = Counter(math.floor(value / width) for value in values)
    return {bin_ * width: counts[bin_] for bin_ in sorted(counts)}


def fit_line(x: Sequence[float], y: Sequence[float]) -> tuple[float, float]:
    """Fit a straight line to points by least squares and return slope and intercept."""
    line = statistics.linear_regression(x, y)
    return line.slope, line.intercept


def correlation(x: Sequence[float], y: Sequence[float]) -> float:
    """Calculate Pearson's correlation coefficient of two series."""
    return statistics.correlation(x, y)


class RunningStatistics:
    """Mean and variance of a stream of numbers without storing them (Welford's algorithm)."""

    def __init__(self) -> None:
        self.count = 0
        self.mean = 0.0
        self._squares = 0.0

    def add(self, value: float) -> None:
        """Take a number into account."""
        self.count += 1
        delta = value - self.mean
        self.mean += delta / self.count
        self._squares += delta * (value - self.mean)

    @property
    def variance(self) -> float:
        """The sample variance of the numbers so far."""
        return self._squares / (self.count - 1) if self.count > 1 else 0.0


def is_prime(number: int) -> bool:
    """Check whether a number is prime."""
    if number < 4:
        return number > 1
    if number % 2 == 0:
        return False
    return all(number % divisor for divisor in range(3, math.isqrt(number) + 1, 2))


def primes_below(limit: int) -> list[int]:
    """List all prime numbers below a limit (sieve of Eratosthenes)."""
    sieve = bytearray([1]) * max(limit, 2)
    sieve[:2] = b"\0\0"
    for number in range(2, math.isqrt(max(limit, 1)) + 1):
        if sieve[number]:
            multiples = range(number * number, len(sieve), number)
            sieve[multiples.start :: number] = bytes(len(multiples))
    return [number for number in range(limit) if sieve[number]]


def prime_factors(number: int) -> list[int]:
    """Split a positive integer into its prime factors."""
    factors, divisor = [], 2
    while divisor * divisor <= number:
        while number % divisor == 0:
            factors.append(divisor)
            number //= divisor
        divisor += 1
    return factors + [number] * (number > 1)


def fibonacci() -> Iterator[int]:
    """Generate the Fibonacci numbers without end."""
    current, following = 0, 1
    while True:
        yield current
        current, following = following, current + following


def to_base(number: int, base: int) -> str:
    """Convert an integer to another number base between 2 and 36, such as binary or hexadecimal."""
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    sign, number, result = "-" if number < 0 else "", abs(number), ""
    while number:
        number, digit = divmod(number, base)
        result = digits[digit] + result
    return sign + (result or "0")


def to_roman(number: int) -> str:
    """Convert a positive integer below 4000 to Roman numerals."""
    values = (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1)
    signs = ("M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I")
    result = ""
    for value, sign in zip(values, signs, strict=True):
        count, number = divmod(number, value)
        result += sign * count
    return result


def distance_on_earth(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Calculate the distance in kilometres between two coordinates on Earth (haversine)."""
    phi1, phi2 = math.radians(lat1), math.radians(lat2)
    half_lat, half_lon = (phi2 - phi1) / 2, math.radians(lon2 - lon1) / 2
    a = math.sin(half_lat) ** 2 + math.cos(phi1) * math.cos(phi2) * math.sin(half_lon) ** 2
    return 2 * 6371.0088 * math.asin(math.sqrt(a))


def nearly_equal(first: float, second: float, tolerance: float = 1e-9) -> bool:
    """Compare two floating-point numbers with a tolerance, relative and near zero absolute."""
    return math.isclose(first, second, rel_tol=tolerance, abs_tol=tolerance)
