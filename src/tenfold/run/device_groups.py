"""Number the groups of key columns on a device, in pandas' order of their keys.

Keys become integers in that order, several keys one integer. Where these span little, the integer itself is the number;
else a hash table numbers few groups, and sorting the rows numbers many. Which one, the data decide: the numbers are the
same but for unused ones.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tenfold.run.device_sort import MAGNITUDE, MOST_ROWS, SIGN, launch, range_of, sorted_rows
from tenfold.target.device import Device, Unable
from tenfold.target.launch import Work

LEAST_SPAN, MOST_SPAN = 1 << 21, 1 << 27  # integers that number groups by themselves: in any case; if rows are as many
TABLE_BITS = 22  # of the largest hash table, 32 MB: beyond the caches, sorting is as fast
WIDEST = 1 << 62
BUCKET_BITS = 9  # of the buckets that rows are brought together by at a time (groups.cu)
CHUNK_ROWS = 1 << 20  # that one block can take, and as few as are worth one
LEAST_CHUNK = 1 << 14


@dataclass(frozen=True, slots=True)
class Numbered:
    """Rows with group numbers below `size`, not all of which need occur.

    `groups` are the numbers of the rows taken in `order` (None: as they come), counted from `low`. Number g has the
    integer `codes[g]`, or `low + g` where there are no codes.
    """

    groups: Any
    size: int
    order: Any
    codes: Any
    low: int
    spans: "Spans"

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
    return _hashed(device, codes, low, high, spans) or _sorted(device, codes, low, high, spans)


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
    return Numbered(groups, len(values), order, values, 0, spans)


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


def arranged(device: Device, numbered: Numbered, values: dict[Any, Any], most: int) -> tuple[Any, dict[Any, Any], Work]:
    """Group numbers and values of all rows in one order: sorted, in parts of at most `most` groups, or as they come."""
    groups, rows, shift = numbered.groups, len(numbered.groups), most.bit_length() - 1
    parts = -(-numbered.size // (1 << shift))
    if numbered.order is not None:
        ends = device.xp.searchsorted(groups, device.xp.arange(1, parts + 1) << shift)
        shares = _shares(np.diff(device.home(ends), prepend=0), CHUNK_ROWS)
        work = Work(1 << shift, 0, parts, device.put(shares)) if parts > 1 else Work(numbered.size)
        return groups, {name: value[numbered.order] for name, value in values.items()}, work
    bits = (parts - 1).bit_length()
    if not 0 < bits <= 2 * BUCKET_BITS or rows >= MOST_ROWS:
        return groups, values, Work(numbered.size, numbered.low)
    columns, work = [groups, *values.values()], Work(1 << (shift + bits), numbered.low)
    for fan in [bits] if bits <= BUCKET_BITS else [bits - bits // 2, bits // 2]:
        columns, work = _together(device, columns, work, fan)
    return columns[0], dict(zip(values, columns[1:], strict=True)), replace(work, parts=parts)


def _together(device: Device, columns: list[Any], work: Work, fan: int) -> tuple[list[Any], Work]:
    """Columns, groups first, with the rows of each part in 2**fan parts."""
    xp, groups, rows = device.xp, columns[0], len(columns[0])
    grid = None if work.parts == 1 else len(work.shares)
    inside = work.count.bit_length() - 1 - fan
    share = np.int64(rows), work.shares
    head = groups, *share, np.int64(work.origin), np.int32(inside), np.int32(fan)
    counts = xp.zeros(work.parts << fan, "i8")
    launch(device, "count_buckets", rows, *head, counts, grid=grid)
    slots, places, together = xp.empty(rows, "u2"), xp.empty(rows, "u4"), xp.empty(rows, "i8")
    launch(device, "arrange", rows, *head, xp.cumsum(counts) - counts, slots, places, together, grid=grid)
    moved = [together, *(xp.empty(rows, column.dtype) for column in columns[1:])]
    for column, out in zip(columns[1:], moved[1:], strict=True):
        launch(device, f"move_{column.dtype.itemsize}", rows, column, *share, slots, places, out, grid=grid)
    shares = _shares(device.home(counts), max(LEAST_CHUNK, min(CHUNK_ROWS, rows // (4 * device.processors))))
    return moved, Work(1 << inside, work.origin, work.parts << fan, device.put(shares))


def _shares(counts: np.ndarray, chunk: int) -> np.ndarray:
    """Part, first row and end of every block: the rows of each part in chunks."""
    chunks = -(-counts // chunk)
    parts, ends = np.repeat(np.arange(len(counts)), chunks), np.cumsum(counts)
    within = np.arange(chunks.sum()) - np.repeat(np.cumsum(chunks) - chunks, chunks)
    first = (ends - counts)[parts] + within * chunk
    return np.stack([parts, first, np.minimum(first + chunk, ends[parts])], axis=1)


def restored(integers: Any, storage: str) -> Any:
    """The key values again."""
    if storage[0] == "f":
        return (integers ^ ((integers >> 63) & MAGNITUDE)).view("f8").astype(storage)
    return (integers ^ SIGN).view("u8") if storage == "u8" else integers.astype(storage)
