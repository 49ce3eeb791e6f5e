from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from dowse.context.cookbook.python import dates_and_times as recipes

NOON = datetime(2024, 5, 1, 12, 30, tzinfo=UTC)


def test_iso_datetimes_need_a_time_zone() -> None:
    assert recipes.parse_iso_datetime("2024-05-01T12:30:00Z") == NOON
    assert recipes.parse_iso_datetime("2024-05-01T14:30:00+02:00") == NOON
    for broken in ("2024-05-01T12:30:00", "tomorrow"):
        with pytest.raises(ValueError, match=r"zone|isoformat"):
            recipes.parse_iso_datetime(broken)


def test_dates_in_several_formats() -> None:
    for text in ("2024-05-01", "01.05.2024", " 05/01/2024 "):
        assert recipes.parse_date(text) == date(2024, 5, 1)
    with pytest.raises(ValueError, match="none of the formats"):
        recipes.parse_date("1 May")


def test_utc_timestamp_is_now_and_ends_in_z() -> None:
    text = recipes.utc_timestamp()
    assert text.endswith("Z")
    assert abs(datetime.now(UTC) - datetime.fromisoformat(text)) < timedelta(minutes=1)


def test_time_zones() -> None:
    berlin = recipes.convert_time_zone(NOON, "Europe/Berlin")
    assert (berlin.hour, berlin) == (14, NOON)
    with pytest.raises(ValueError, match="no time zone"):
        recipes.convert_time_zone(datetime(2024, 5, 1), "Europe/Berlin")


def test_unix_timestamps() -> None:
    assert recipes.datetime_from_unix(NOON.timestamp()) == NOON
    assert recipes.unix_milliseconds(NOON + timedelta(milliseconds=7)) == 1714566600007
    with pytest.raises(ValueError, match="no time zone"):
        recipes.unix_milliseconds(datetime(2024, 5, 1))


def test_age_changes_on_the_birthday() -> None:
    birth = date(2000, 2, 29)
    assert recipes.age_in_years(birth, date(2024, 2, 28)) == 23
    assert recipes.age_in_years(birth, date(2024, 2, 29)) == 24
    assert recipes.age_in_years(date.today()) == 0


def test_months() -> None:
    assert recipes.add_months(date(2023, 1, 31), 1) == date(2023, 2, 28)
    assert recipes.add_months(date(2024, 1, 31), -2) == date(2023, 11, 30)
    assert recipes.add_months(date(2024, 12, 15), 1) == date(2025, 1, 15)
    first, last = recipes.first_and_last_day_of_month(date(2024, 2, 10))
    assert (first, last) == (date(2024, 2, 1), date(2024, 2, 29))


def test_weeks_and_days() -> None:
    wednesday = date(2024, 5, 1)
    assert recipes.start_of_week(wednesday) == date(2024, 4, 29)
    assert [d.day for d in recipes.days_from(date(2024, 2, 28), date(2024, 3, 1))] == [28, 29, 1]
    assert recipes.count_business_days(date(2024, 4, 29), date(2024, 5, 5), {wednesday}) == 4
    assert recipes.next_weekday(wednesday, 2) == date(2024, 5, 8)
    assert recipes.next_weekday(wednesday, 3) == date(2024, 5, 2)
    assert recipes.next_weekday(wednesday, 0) == date(2024, 5, 6)


def test_datetimes_are_rounded_down() -> None:
    late = NOON + timedelta(minutes=14, seconds=59, microseconds=5)
    assert recipes.floor_datetime(late, timedelta(minutes=15)) == NOON


def test_durations() -> None:
    assert [recipes.format_duration(s) for s in (5, 65, 3723)] == ["5s", "1m 05s", "1h 02m 03s"]
    assert recipes.parse_duration("1h30m") == timedelta(minutes=90)
    assert recipes.parse_duration("2d 3s") == timedelta(days=2, seconds=3)
    for broken in ("", "5", "h", "1h x"):
        with pytest.raises(ValueError, match="no duration"):
            recipes.parse_duration(broken)


def test_time_ago() -> None:
    passed = [timedelta(seconds=5), timedelta(minutes=1), timedelta(hours=5), timedelta(days=800)]
    said = [recipes.time_ago(NOON - each, NOON) for each in passed]
    assert said == ["just now", "1 minute ago", "5 hours ago", "2 years ago"]


def test_http_dates() -> None:
    text = "Wed, 01 May 2024 12:30:00 GMT"
    assert recipes.format_http_date(NOON) == text
    assert recipes.parse_http_date(text) == NOON
    assert recipes.parse_http_date("Wed, 01 May 2024 12:30:00 -0000") == NOON
