"""Number the groups of key columns on a device, in pandas' order of their keys.

Keys become integers in that order, several keys one integer. Where these span little, the integer itself is the number;
else a hash table numbers few groups, and sorting the rows numbers many. Which one, the data decide: the numbers are the
same but for unused ones.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from tenfold.target import cuda
from tenfold.target.device import Device, Unable
from tenfold.target.launch import Work

MOST_SPAN = 1 << 21  # integers that number groups by themselves; of more, sorting is as fast
TABLE_BITS = 22  # of the largest hash table, 32 MB: beyond the caches, sorting is as fast
SIGN, MAGNITUDE = np.int64(-(1 << 63)), np.int64((1 << 63) - 1)
WIDEST = 1 << 62
BUCKETS = 512  # of rows that are brought together (groups.cu)
CHUNK_ROWS = 1 << 20  # that one block can take, and as few as are worth one
LEAST_CHUNK = 1 << 14
MOST_ROWS = 1 << 32  # that places of four bytes can number


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
    if span <= MOST_SPAN:
        return Numbered(codes, span, None, None, low, spans)
    return _hashed(device, codes, low, high, spans) or _sorted(device, codes, low, high, spans)


def _mixed(device: Device, columns: list[Any]) -> tuple[Any, int, int, Spans]:
    """All keys as one integer, its range, and the way back."""
    ranges = [_range(device, column) for column in columns]
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


def _range(device: Device, column: Any) -> tuple[int, int]:
    """The least and the largest integer."""
    ends = device.put(np.array([MAGNITUDE, SIGN]))
    _launch(device, "span", len(column), column, np.int64(len(column)), ends)
    low, high = map(int, device.home(ends))
    return low, high


def _launch(device: Device, entry: str, rows: int, *arguments: Any) -> None:
    grid = max(1, min(device.processors * 8, -(-rows // cuda.THREADS)))
    device.launch(cuda.routines("groups.cu"), grid, arguments, entry=entry)


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
    xp, rows = device.xp, len(codes)
    if high - low < 1 << 32 and rows < MOST_ROWS:
        packed, order, starts = xp.empty(rows, "u8"), xp.empty(rows, "u4"), xp.empty(rows, "?")
        _launch(device, "pack", rows, codes, np.int64(rows), np.int64(low), packed)
        packed.sort()
        _launch(device, "unpack", rows, packed, np.int64(rows), order, starts)
        values = (packed[starts] >> np.uint64(32)).astype("i8") + low
    else:
        order = xp.argsort(codes)
        arranged, starts = codes[order], xp.ones(rows, "?")
        starts[1:] = arranged[1:] != arranged[:-1]
        values = arranged[starts]
    groups = xp.cumsum(starts, dtype="i8")
    groups -= 1
    return order, groups, values


def _hashed(device: Device, codes: Any, low: int, high: int, spans: Spans) -> Numbered | None:
    """By a hash table; None where there are more groups than it takes."""
    xp, rows = device.xp, len(codes)
    if high == MAGNITUDE and low == SIGN:  # no integer is left to mean an empty slot
        return None
    empty = high + 1 if high < MAGNITUDE else low - 1
    bits = min(TABLE_BITS, (2 * rows).bit_length())
    table, slots, full = xp.full(1 << bits, empty, "i8"), xp.empty(rows, "i4"), xp.zeros(1, "i4")
    _launch(device, "enter", rows, codes, np.int64(rows), table, np.int32(bits), np.int64(empty), slots, full)
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
    groups, rows = numbered.groups, len(numbered.groups)
    if numbered.order is not None:
        return groups, {name: value[numbered.order] for name, value in values.items()}, Work(numbered.size)
    bits = most.bit_length() - 1
    parts = -(-numbered.size // (1 << bits))
    if not 1 < parts <= BUCKETS or rows >= MOST_ROWS:
        return groups, values, Work(numbered.size, numbered.low)
    xp, head = device.xp, (groups, np.int64(rows), np.int64(numbered.low), np.int32(bits))
    counts = xp.zeros(BUCKETS, "i8")
    _launch(device, "count_buckets", rows, *head, counts)
    slots, places, together = xp.empty(rows, "u2"), xp.empty(rows, "u4"), xp.empty(rows, "i8")
    _launch(device, "arrange", rows, *head, xp.cumsum(counts) - counts, slots, places, together)
    moved = {name: _moved(device, value, slots, places) for name, value in values.items()}
    shares = _shares(device.home(counts[:parts]), max(LEAST_CHUNK, min(CHUNK_ROWS, rows // (4 * device.processors))))
    return together, moved, Work(1 << bits, numbered.low, parts, device.put(shares))


def _shares(counts: np.ndarray, chunk: int) -> np.ndarray:
    """Part, first row and end of every block: the rows of each part in chunks."""
    chunks = -(-counts // chunk)
    parts, ends = np.repeat(np.arange(len(counts)), chunks), np.cumsum(counts)
    within = np.arange(chunks.sum()) - np.repeat(np.cumsum(chunks) - chunks, chunks)
    first = (ends - counts)[parts] + within * chunk
    return np.stack([parts, first, np.minimum(first + chunk, ends[parts])], axis=1)


def _moved(device: Device, value: Any, slots: Any, places: Any) -> Any:
    rows, moved = len(value), device.xp.empty(len(value), value.dtype)
    _launch(device, f"move_{value.dtype.itemsize}", rows, value, np.int64(rows), slots, places, moved)
    return moved


def ordered(column: Any) -> Any:
    """A key column as 64-bit integers that compare as pandas sorts; equal exactly where pandas' groups are."""
    if column.dtype.kind == "f":
        bits = (column.astype("f8") + 0.0).view("i8")  # -0.0 groups with 0.0
        return bits ^ ((bits >> 63) & MAGNITUDE)
    if column.dtype == "u8":
        return column.view("i8") ^ SIGN
    return column.astype("i8", copy=False)


def restored(integers: Any, storage: str) -> Any:
    """The key values again."""
    if storage[0] == "f":
        return (integers ^ ((integers >> 63) & MAGNITUDE)).view("f8").astype(storage)
    return (integers ^ SIGN).view("u8") if storage == "u8" else integers.astype(storage)
