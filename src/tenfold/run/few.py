"""Sums of few floats a result: of tiles of the results, by words and not by cells (`primitives/few.py`)."""

import math
from typing import Any

import numpy as np

from tenfold.expr import arrays as ar
from tenfold.io.arrays import MemoryArray, Region, slices
from tenfold.kernel import nodes as kn
from tenfold.primitives import few
from tenfold.primitives.accumulate import COLUMNS
from tenfold.run import pieces
from tenfold.run.answer import read_cells
from tenfold.run.memory import allocate
from tenfold.stage import arrays as sa
from tenfold.target import block as bl
from tenfold.target import cache

FEW, MOST = 16, 64  # rows; most where the last axis is so long that kernels keep no sums of its columns
LEAST = 1 << 12  # results for which they are summed here
TILE = 1 << 15  # results at once
FOLD = kn.Fold("sum", 0, "f8", -1, 0)


def takes(node: ar.Reduce, loop: sa.ArrayLoop, finished: Any) -> bool:
    """Whether it is a sum that is made here: of columns of floats made from memory, which is read in any order."""
    floats = node.function == "sum" and node.array.dtype.kind == "f" == node.dtype.kind
    if not floats or node.array.ndim - 1 in node.over or node.size < LEAST:
        return False
    most = MOST if node.array.shape[-1] > COLUMNS else FEW
    there = all(_is_there(leaf, finished) for leaf in loop.leaves)
    return node.array.size <= most * node.size and there and _compiled() is not None


def _compiled() -> Any:
    return cache.shipped_primitive("few", "sum_columns", few.SIGNATURE)


def _is_there(leaf: ar.Array, finished: Any) -> bool:
    inside = leaf.array if isinstance(leaf, ar.View) else leaf
    return inside in finished or leaf in finished or isinstance(getattr(inside, "source", None), MemoryArray)


def sums(run: Any, node: ar.Reduce) -> Any:
    """The sums, tile by tile."""
    run.prepare(node.array)
    out = allocate(node.shape, node.dtype)

    def do(worker: Any, tile: Region) -> None:
        kept = iter(tile)
        region = tuple((0, n, 1) if a in node.over else next(kept) for a, n in enumerate(node.array.shape))
        block = np.moveaxis(pieces.read(node.array, region, worker), node.over, range(len(node.over)))
        rows = block.reshape(math.prod(block.shape[: len(node.over)]), -1)
        out[slices(tile)] = sums_of_columns(rows, node.dtype).reshape(pieces.shape_of(tile))

    run.each("reduce", pieces.cut(node.shape, TILE), do)
    return out


def sums_of_columns(table: Any, dtype: Any) -> Any:
    """The sum of each column, rounded once."""
    if table.dtype != np.float64 or table.strides[1] != 8 or table.strides[0] % 8:
        table = np.ascontiguousarray(table, "f8")
    rows, columns = table.shape
    narrow, words, scratch = dtype == np.float32, np.empty((2, columns)), np.empty(2 * few.CHUNK)
    arrays = map(bl.address, (*words, scratch))
    _compiled()(bl.address(table), rows, table.strides[0] // 8, columns, int(narrow), *arrays)
    with np.errstate(over="ignore", invalid="ignore"):
        answers = words[0].astype(dtype)
        (lost,) = np.nonzero(words[1])
        if len(lost):
            state, left = bl.start(FOLD, len(lost)), table[:, lost]
            bl.deposit(state, np.tile(np.arange(len(lost)), rows), left.reshape(-1))
            answers[lost] = read_cells("round_cells_f4" if narrow else "round_cells", *state[:2])
    return answers
