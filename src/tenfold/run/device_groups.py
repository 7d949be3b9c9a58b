"""Number the groups of key columns on a device, in pandas' order of their keys.

Keys become integers in that order, several keys one integer. Where these span little, the integer itself is the number;
else a hash table numbers few groups, and of many, each part of the rows numbers its own, or all rows are sorted. Which
one, the data decide: the numbers are the same but for unused ones.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from tenfold.run import device_parts
from tenfold.run.device_sort import MAGNITUDE, SIGN, launch, range_of, sorted_rows
from tenfold.target.device import Device, Unable
from tenfold.target.launch import Work

LEAST_SPAN, MOST_SPAN = 1 << 21, 1 << 27  # integers that number groups by themselves: in any case; if rows are as many
TABLE_BITS = 22  # of the largest hash table, 32 MB: beyond the caches, sorting is as fast
WIDEST = 1 << 62
MOST_PART, PART_AIM = 1 << 11, 1400  # rows that a block sorts (groups.cu), and how many parts have if codes are even
LEAST_DIVIDED = 1 << 20  # rows that are worth it


@dataclass(frozen=True, slots=True)
class Numbered:
    """Rows with group numbers below `size`, not all of which need occur.

    `groups` are the numbers of the rows, counted from `low`; `order` brings a column into their order (None: as rows
    come), and `work` says how that is shared out, if it is known. Number g has the integer `codes[g]`, or `low + g`
    where there are no codes.
    """

    groups: Any
    size: int
    order: Any
    codes: Any
    low: int
    spans: "Spans"
    work: Work | None = None

    def keys(self, numbers: Any) -> list[Any]:
        """The integers of each key in these groups."""
        return self.spans.split(numbers + self.low if self.codes is None else self.codes[numbers])


@dataclass(frozen=True, slots=True)
class Spans:
    """How keys became one integer: each key's lowest value and how many it spans, or its distinct values."""

    lows: list[int]
    sizes: list[int]
    values: list[Any]

    def split(self, codes: Any) -> list[Any]:
        """The integers of each key."""
        keys: list[Any] = []
        for n in range(len(self.sizes) - 1, 0, -1):
            digit = codes % self.sizes[n]
            keys.append(digit + self.lows[n] if self.values[n] is None else self.values[n][digit])
            codes = codes // self.sizes[n]
        keys.append(codes + self.lows[0] if self.values[0] is None else self.values[0][codes])
        return keys[::-1]


def number(device: Device, columns: list[Any]) -> Numbered:
    """The groups of rows whose keys are columns of `ordered` integers; there is at least one row."""
    codes, low, high, spans = _mixed(device, columns)
    span = high - low + 1
    if span <= max(LEAST_SPAN, min(MOST_SPAN, 2 * len(codes))):
        return Numbered(codes, span, None, None, low, spans)
    keys = device, codes, low, high, spans
    return _hashed(*keys) or _divided(*keys) or _sorted(*keys)


def _mixed(device: Device, columns: list[Any]) -> tuple[Any, int, int, Spans]:
    """All keys as one integer, its range, and the way back."""
    ranges = [range_of(device, column) for column in columns]
    if len(columns) == 1:
        return columns[0], *ranges[0], Spans([0], [0], [None])
    spans = Spans([low for low, _ in ranges], [high - low + 1 for low, high in ranges], [None] * len(ranges))
    digits: list[Any] = [column - low if size < WIDEST else None for column, low, size in _zip(columns, spans)]
    for n in sorted(range(len(columns)), key=lambda n: -spans.sizes[n]):
        if _product(spans.sizes) >= WIDEST:
            digits[n], spans.values[n] = _ranked(device, columns[n], *ranges[n])
            spans.sizes[n] = len(spans.values[n])
    total = _product(spans.sizes)
    if total >= WIDEST:
        raise Unable("these keys have too many combinations to number them on a GPU")
    codes = digits[0]
    for digit, size in zip(digits[1:], spans.sizes[1:], strict=True):
        codes = codes * size + digit
    return codes, 0, total - 1, spans


def _zip(columns: list[Any], spans: Spans) -> Any:
    return zip(columns, spans.lows, spans.sizes, strict=True)


def _product(sizes: list[int]) -> int:
    total = 1
    for size in sizes:
        total *= size
    return total


def _ranked(device: Device, column: Any, low: int, high: int) -> tuple[Any, Any]:
    """The rank of each row's value among the distinct ones, and these in ascending order."""
    order, groups, values = _runs(device, column, low, high)
    ranks = device.xp.empty_like(groups)
    ranks[order] = groups
    return ranks, values


def _sorted(device: Device, codes: Any, low: int, high: int, spans: Spans) -> Numbered:
    order, groups, values = _runs(device, codes, low, high)
    return Numbered(groups, len(values), lambda column: column[order], values, 0, spans)


def _runs(device: Device, codes: Any, low: int, high: int) -> tuple[Any, Any, Any]:
    """Rows in the order of their integers, their group numbers in that order, and the distinct integers."""
    starts = device.xp.empty(len(codes), "?")
    order = sorted_rows(device, codes, low, high, starts)
    groups = device.xp.cumsum(starts, dtype="i8")
    groups -= 1
    return order, groups, codes[order[starts]]


def _hashed(device: Device, codes: Any, low: int, high: int, spans: Spans) -> Numbered | None:
    """By a hash table; None where there are more groups than it takes."""
    xp, rows = device.xp, len(codes)
    if high == MAGNITUDE and low == SIGN:  # no integer is left to mean an empty slot
        return None
    empty = high + 1 if high < MAGNITUDE else low - 1
    bits = min(TABLE_BITS, (2 * rows).bit_length())
    table, slots, full = xp.full(1 << bits, empty, "i8"), xp.empty(rows, "i4"), xp.zeros(1, "i4")
    launch(device, "enter", rows, codes, np.int64(rows), table, np.int32(bits), np.int64(empty), slots, full)
    if int(full[0]):
        return None
    used = xp.flatnonzero(table != empty)
    values = table[used]
    order = xp.argsort(values)
    numbers = xp.empty(1 << bits, "i8")
    numbers[used[order]] = xp.arange(len(used))
    return Numbered(numbers[slots], len(used), None, values[order], 0, spans)


def _divided(device: Device, codes: Any, low: int, high: int, spans: Spans) -> Numbered | None:
    """Within parts that one block sorts each; None where rows are few, or codes so uneven that a part is too large."""
    xp, rows = device.xp, len(codes)
    shift = max(((high - low + 1) * PART_AIM // rows).bit_length() - 1, 0)
    bits = ((high - low) >> shift).bit_length()
    if rows < LEAST_DIVIDED or not device_parts.may_divide(rows, bits):
        return None
    parts = device_parts.divided(device, codes, low, shift, bits)
    if int(parts.counts.max()) > MOST_PART:
        return None
    used, *rows_of = parts.each(device)
    given, head = xp.stack([used, *rows_of], axis=1), (parts.codes, np.int64(rows))
    ranks, distinct = xp.empty(rows, "u2"), xp.zeros(len(parts.counts), "i8")
    origin = np.int64(low), np.int32(shift)
    launch(device, "rank", rows, *head, given, *origin, ranks, distinct, grid=len(used))
    ends = xp.cumsum(distinct)
    size, most = int(ends[-1]), int(distinct.max())
    groups, values = xp.empty(rows, "i8"), xp.empty(size, "i8")
    launch(device, "number", rows, *head, given, ranks, ends - distinct, groups, values, grid=len(used))
    work = Work(size, 0, most, xp.stack([(ends - distinct)[used], *rows_of], axis=1))
    return Numbered(groups, size, parts.moved, values, 0, spans, work)


def arranged(device: Device, numbered: Numbered, values: dict[Any, Any], most: int) -> tuple[Any, dict[Any, Any], Work]:
    """Group numbers and values of all rows in one order: in parts of at most `most` groups, or as they come."""
    groups, work, shift = numbered.groups, numbered.work, most.bit_length() - 1
    if numbered.order is not None:
        moved = {name: numbered.order(value) for name, value in values.items()}
        return groups, moved, work or _ascending(device, groups, numbered.size, shift)
    bits = ((numbered.size - 1) >> shift).bit_length()
    if not device_parts.may_divide(len(groups), bits):
        return groups, values, Work(numbered.size, numbered.low)
    parts = device_parts.divided(device, groups, numbered.low, shift, bits)
    moved = {name: parts.moved(value) for name, value in values.items()}
    shares = device_parts.shares(device.home(parts.counts), device_parts.chunk(device, len(groups))) << [shift, 0, 0]
    return parts.codes, moved, Work(numbered.size, numbered.low, 1 << shift, device.put(shares))


def _ascending(device: Device, groups: Any, size: int, shift: int) -> Work:
    """Rows whose groups ascend, in parts of 2**shift groups."""
    parts = -(-size >> shift)
    if parts == 1:
        return Work(size)
    ends = device.home(device.xp.searchsorted(groups, device.xp.arange(1, parts + 1) << shift))
    shares = device_parts.shares(np.diff(ends, prepend=0), device_parts.MOST_CHUNK) << [shift, 0, 0]
    return Work(size, 0, 1 << shift, device.put(shares))


def restored(integers: Any, storage: str) -> Any:
    """The key values again."""
    if storage[0] == "f":
        return (integers ^ ((integers >> 63) & MAGNITUDE)).view("f8").astype(storage)
    return (integers ^ SIGN).view("u8") if storage == "u8" else integers.astype(storage)
