"""Rows on a device brought together by the leading bits of their codes, in parts that blocks work on in shared memory.

Two steps halve the bits, where they are many: few buckets write long runs. Within a part rows have any order.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from tenfold.run.device_sort import MOST_ROWS, launch
from tenfold.target.device import Device
from tenfold.target.launch import NOWHERE

BUCKET_BITS = 9  # of the buckets that rows are brought together by at a time (groups.cu)
LEAST_CHUNK, MOST_CHUNK = 1 << 14, 1 << 20  # rows of a block: as few as are worth one, as many as it can take


@dataclass(frozen=True, slots=True)
class Parts:
    """Codes in parts, the rows of each (on the device), and how a column is brought into the same order."""

    codes: Any
    counts: Any
    moves: tuple[Callable[[Any], Any], ...]

    def moved(self, column: Any) -> Any:
        """A column in the order of the parts."""
        for move in self.moves:
            column = move(column)
        return column

    def each(self, device: Device) -> tuple[Any, Any, Any]:
        """The parts with rows, one for each block: their numbers, first rows and ends."""
        used, ends = device.xp.flatnonzero(self.counts), device.xp.cumsum(self.counts)
        return used, (ends - self.counts)[used], ends[used]


def may_divide(rows: int, bits: int) -> bool:
    """Whether there are several parts, and not too many."""
    return 0 < bits <= 2 * BUCKET_BITS and rows < MOST_ROWS


def divided(device: Device, codes: Any, low: int, shift: int, bits: int) -> Parts:
    """Codes from `low` on in 2**bits parts; those of a part differ in their last `shift` bits alone."""
    counts, moves, inside = device.xp.full(1, len(codes), "i8"), list[Any](), shift + bits
    for fan in [bits] if bits <= BUCKET_BITS else [bits - bits // 2, bits // 2]:
        inside -= fan
        codes, counts, move = _step(device, codes, counts, low, inside, fan)
        moves.append(move)
    return Parts(codes, counts, tuple(moves))


def _step(device: Device, codes: Any, before: Any, low: int, inside: int, fan: int) -> tuple[Any, Any, Any]:
    """Each part in 2**fan parts: the codes, the rows of all parts, and how to move a column likewise."""
    xp, rows, work, grid = device.xp, len(codes), NOWHERE, None
    if len(before) > 1:
        given = shares(device.home(before), chunk(device, rows))
        work, grid = device.put(given), len(given)
    share = np.int64(rows), work
    head = codes, *share, np.int64(low), np.int32(inside), np.int32(fan)
    counts = xp.zeros(len(before) << fan, "i8")
    launch(device, "count_buckets", rows, *head, counts, grid=grid)
    slots, places, arranged = xp.empty(rows, "u2"), xp.empty(rows, "u4"), xp.empty(rows, "i8")
    launch(device, "arrange", rows, *head, xp.cumsum(counts) - counts, slots, places, arranged, grid=grid)
    return arranged, counts, partial(_moved, device, (*share, slots, places), grid)


def _moved(device: Device, where: tuple[Any, ...], grid: int | None, column: Any) -> Any:
    out = device.xp.empty(len(column), column.dtype)
    launch(device, f"move_{column.dtype.itemsize}", len(column), column, *where, out, grid=grid)
    return out


def chunk(device: Device, rows: int) -> int:
    """Rows of a block, so that each processor has a few blocks."""
    return max(LEAST_CHUNK, min(MOST_CHUNK, rows // (4 * device.processors)))


def shares(counts: np.ndarray, most: int) -> np.ndarray:
    """Part, first row and end of every block: the rows of each part in chunks of at most so many."""
    chunks = -(-counts // most)
    parts, ends = np.repeat(np.arange(len(counts)), chunks), np.cumsum(counts)
    within = np.arange(chunks.sum()) - np.repeat(np.cumsum(chunks) - chunks, chunks)
    first = (ends - counts)[parts] + within * most
    return np.stack([parts, first, np.minimum(first + most, ends[parts])], axis=1)
