# SPDX-License-Identifier: CC0-1.0
"""Dates and times: parse, format, convert and calculate."""

import calendar
import re
from collections.abc import Container, Iterator
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from zoneinfo import ZoneInfo


def parse_iso_datetime(text: str) -> datetime:
    """Parse an ISO 8601 date and time with time zone, such as `2024-05-01T12:30:00Z`.

    A text without time zone is refused, because it does not say which moment it means.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"no time zone in {text!r}")
    return moment


def parse_date(text: str, formats: tuple[str, ...] = ("%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y")) -> date:
    """Parse a date string that may be in one of several formats; the first that fits is taken."""
    for each in formats:
        try:
            return datetime.strptime(text.strip(), each).date()
        except ValueError:
            continue
    raise ValueError(f"{text!r} is in none of the formats {', '.join(formats)}")


def utc_timestamp() -> str:
    """Return the current date and time in UTC as an ISO 8601 string that ends in Z."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def convert_time_zone(moment: datetime, zone: str) -> datetime:
    """Convert a datetime to another time zone, given by its name such as `Europe/Berlin`.

    A naive datetime is refused: `astimezone` would silently take it for local time.
    """
    if moment.tzinfo is None:
        raise ValueError("the datetime has no time zone")
    return moment.astimezone(ZoneInfo(zone))


def datetime_from_unix(seconds: float) -> datetime:
    """Convert a Unix timestamp (seconds since 1970) to a datetime in UTC."""
    return datetime.fromtimestamp(seconds, tz=UTC)


def unix_milliseconds(moment: datetime) -> int:
    """Convert a datetime to a Unix timestamp in milliseconds.

    Whole numbers are used throughout, because a float would lose the last digit at times.
    """
    if moment.tzinfo is None:
        raise ValueError("the datetime has no time zone")
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def age_in_years(birth: date, today: date | None = None) -> int:
    """Calculate a person's age in full years from the date of birth."""
    today = today or date.today()
    before_birthday = (today.month, today.day) < (birth.month, birth.day)
    return today.year - birth.year - before_birthday


def add_months(day: date, months: int) -> date:
    """Add (or subtract) months to a date; January 31 plus one month is the last of February."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return day.replace(year=year, month=month + 1, day=min(day.day, last))


def first_and_last_day_of_month(day: date) -> tuple[date, date]:
    """Get the first and the last day of the month that a date lies in."""
    last = calendar.monthrange(day.year, day.month)[1]
    return day.replace(day=1), day.replace(day=last)


def start_of_week(day: date) -> date:
    """Get the Monday of the week that a date lies in."""
    return day - timedelta(days=day.weekday())


def days_from(start: date, end: date) -> Iterator[date]:
    """Iterate over all days from a start date to an end date, both included."""
    for offset in range((end - start).days + 1):
        yield start + timedelta(days=offset)


def count_business_days(start: date, end: date, holidays: Container[date] = ()) -> int:
    """Count the working days (Monday to Friday, without holidays) between two dates, inclusive."""
    days = (start + timedelta(days=offset) for offset in range((end - start).days + 1))
    return sum(day.weekday() < 5 and day not in holidays for day in days)


def next_weekday(day: date, weekday: int) -> date:
    """Find the next date after a day that falls on a weekday (0 is Monday, 6 is Sunday)."""
    return day + timedelta(days=(weekday - day.weekday() - 1) % 7 + 1)


def floor_datetime(moment: datetime, step: timedelta) -> datetime:
    """Round a datetime down to a multiple of an interval, such as the quarter of an hour."""
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return moment - (moment - midnight) % step


def format_duration(seconds: float) -> str:
    """Format a duration in seconds for humans, such as `1h 02m 03s`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h {minutes:02}m {rest:02}s"
    return f"{minutes}m {rest:02}s" if minutes else f"{rest}s"


def parse_duration(text: str) -> timedelta:
    """Parse a duration such as `1h30m`, `2d` or `45s` into a timedelta."""
    units = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
    if not re.fullmatch(r"(\d+[dhms]\s*)+", text.strip()):
        raise ValueError(f"{text!r} is no duration; write for instance 1h30m")
    parts = re.findall(r"(\d+)([dhms])", text)
    return sum((timedelta(**{units[unit]: int(n)}) for n, unit in parts), timedelta())


def time_ago(moment: datetime, now: datetime | None = None) -> str:
    """Say how long ago a moment was in words, such as `3 days ago`."""
    seconds = ((now or datetime.now(UTC)) - moment).total_seconds()
    units = (("year", 31_556_952), ("month", 2_629_746), ("day", 86_400), ("hour", 3_600))
    for name, length in (*units, ("minute", 60)):
        count = int(seconds // length)
        if count >= 1:
            return f"{count} {name}{'s' if count > 1 else ''} ago"
    return "just now"


def format_http_date(moment: datetime) -> str:
    """Format a datetime for an HTTP header, such as `Wed, 01 May 2024 12:30:00 GMT`."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def parse_http_date(text: str) -> datetime:
    """Parse the date of an HTTP or e-mail header (RFC 2822) into a datetime with time zone."""
    moment = parsedate_to_datetime(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
