"""Calendar fields of timestamps, written over integers with `//`, `%`, `+`, `-`, `*`: kernel values or NumPy arrays.

A timestamp counts units since 1970-01-01. The civil calendar is H. Hinnant's `civil_from_days` ("chrono-compatible
low-level date algorithms"): years start in March, so that the leap day is the last of its year.
"""

from collections.abc import Callable
from typing import Any

PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
DAYS_TO_1970 = 719_468  # from 0000-03-01
DAYS_PER_ERA = 146_097  # 400 years

# the smallest and largest answer of each field whose range is small: a dense group-by needs no hash table
RANGES = {
    "month": (1, 12), "day": (1, 31), "hour": (0, 23), "minute": (0, 59), "second": (0, 59), "dayofweek": (0, 6),
    "dayofyear": (1, 366), "quarter": (1, 4),
}  # fmt: skip


def field(name: str, t: Any, unit: str) -> Any:
    """The calendar field `name` of timestamps `t` (int64 counts of `unit`), as int64.

    >>> int(field("year", -1, "s")), int(field("dayofweek", 0, "us")), int(field("hour", 7_200_000, "ms"))
    (1969, 3, 2)
    """
    per_second = PER_SECOND[unit]
    clock = {"hour": (3600, 24), "minute": (60, 60), "second": (1, 60)}
    if name in clock:
        seconds, modulus = clock[name]
        return t // (seconds * per_second) % modulus
    if name == "microsecond":
        return _microsecond(t, unit)
    return _CIVIL[name](t // (86_400 * per_second))


def _microsecond(t: Any, unit: str) -> Any:
    per_second = PER_SECOND[unit]
    if per_second < 1_000_000:
        return t % per_second * (1_000_000 // per_second)
    return t % per_second // (per_second // 1_000_000)


def _civil(days: Any) -> tuple[Any, Any, Any]:
    """Year that starts in March, day of it, month of it (0 is March)."""
    shifted = days + DAYS_TO_1970
    era = shifted // DAYS_PER_ERA
    day = shifted - era * DAYS_PER_ERA
    year = (day - day // 1460 + day // 36_524 - day // 146_096) // 365
    day_of_year = day - (year * 365 + year // 4 - year // 100)
    return year + era * 400, day_of_year, (day_of_year * 5 + 2) // 153


def _month(days: Any) -> Any:
    return (_civil(days)[2] + 2) % 12 + 1


def _year(days: Any) -> Any:
    year, _, month = _civil(days)
    return year + (month + 2) // 12  # January and February belong to the next year


def _day(days: Any) -> Any:
    _, day, month = _civil(days)
    return day - (month * 153 + 2) // 5 + 1


def _day_of_year(days: Any) -> Any:
    before = _year(days) - 1
    return days + DAYS_TO_1970 - 305 - (before * 365 + before // 4 - before // 100 + before // 400)


_CIVIL: dict[str, Callable[[Any], Any]] = {
    "year": _year,
    "month": _month,
    "day": _day,
    "dayofyear": _day_of_year,
    "dayofweek": lambda days: (days + 3) % 7,
    "quarter": lambda days: (_month(days) + 2) // 3,
}
