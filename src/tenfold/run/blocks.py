"""Blocks of arrays: users' functions called block by block, and results written into stores block by block."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tenfold.expr import arrays as ar
from tenfold.io.arrays import slices
from tenfold.run import pieces
from tenfold.run.memory import allocate


@dataclass(frozen=True, slots=True)
class Grid(Sequence[tuple[int, ...]]):
    """The places of blocks, numbered in C order."""

    shape: ar.Shape

    def __len__(self) -> int:
        return math.prod(self.shape)

    def __getitem__(self, number: Any) -> Any:
        return pieces.digits(range(len(self))[number], self.shape)


def finish(run: Any, array: ar.MapBlocks) -> Any:
    """Call a user's function once for each block, on all threads."""
    out = allocate(array.shape, array.dtype)
    run.prepare(*array.args)
    starts = [_starts(count for _, count, _ in axis) for axis in array.cuts]

    def do(worker: Any, place: tuple[int, ...]) -> None:
        blocks = [_argument(arg, part, place, worker) for arg, part in zip(array.args, array.parts, strict=True)]
        number = tuple(p + first for p, first in zip(place, array.first, strict=True))
        made = np.asarray(array.function(*blocks, block_id=number))
        cut = [axis[p] for axis, p in zip(array.cuts, place, strict=True)]
        if made.shape != tuple(map(sum, cut)):
            expected = tuple(map(sum, cut))
            raise ValueError(f"{array.function.label} returned shape {made.shape} for a block of shape {expected}")
        kept = made[tuple(slice(front, front + count) for front, count, _ in cut)]
        to = tuple(slice(s[p], s[p] + c[1]) for s, p, c in zip(starts, place, cut, strict=True))
        np.copyto(out[(*to, ...)], kept, casting="same_kind")

    run.each("map_blocks", Grid(tuple(map(len, array.cuts))), do)
    return out


def _argument(arg: ar.Array, part: Any, place: tuple[int, ...], worker: Any) -> Any:
    """What the function gets of an argument, in memory that it may write into."""
    place = place[len(place) - arg.ndim :]
    stretches = [axis[p] if len(axis) > 1 else axis[0] for axis, p in zip(part, place, strict=True)]
    block = np.asarray(pieces.read(arg, tuple((start, count, 1) for start, count in stretches), worker))
    if not arg.ndim:
        return block[()]
    return block.copy()  # what is read may be read again


def _starts(counts: Any) -> list[int]:
    return [0, *np.cumsum(list(counts), dtype=np.int64).tolist()]


def write(run: Any, plan: ar.Array, out: Any, chunks: ar.Shape) -> None:
    """Write an array into a store, which takes whole chunks from any thread."""
    run.finish_all(plan)
    run.prepare(plan)

    def do(worker: Any, place: tuple[int, ...]) -> None:
        region = tuple((p * c, min(c, n - p * c), 1) for p, c, n in zip(place, chunks, plan.shape, strict=True))
        out[slices(region) or ...] = pieces.read(plan, region, worker)

    if 0 not in plan.shape:
        run.each("store", Grid(tuple(-(-n // c) for n, c in zip(plan.shape, chunks, strict=True))), do)
