"""Contractions by BLAS, slab by slab of the longest axis, so that neither argument has to be in memory whole.

Slabs depend on the shapes alone and their products are added in order: no thread count changes a bit.
"""

import threading
from dataclasses import dataclass
from typing import Any

import numpy as np

from tenfold.expr import arrays as ar
from tenfold.io.arrays import slices
from tenfold.run import blas, library, pieces
from tenfold.run.memory import allocate

SLAB = 1 << 20  # elements of an argument that are multiplied at once
PIECE = 1 << 17  # elements of an operation that run at once
THINNEST = 1024  # but so many indices at least: thinner, BLAS is slower


class OrderedSum:
    """A sum of numbered terms that come in any order and are added in theirs."""

    def __init__(self, shape: ar.Shape, dtype: Any) -> None:
        self.total = np.zeros(shape, dtype)
        self._next, self._early = 0, dict[int, Any]()
        self._lock = threading.Lock()

    def add(self, number: int, term: Any) -> None:
        """Add a term, now or once those before it are there."""
        with self._lock:
            self._early[number] = term
            while self._next in self._early:
                self.total += self._early.pop(self._next)
                self._next += 1


@dataclass(frozen=True, slots=True)
class Cut:
    """Which axis is cut into slabs: its number in each argument (None: not there) and in the result (None: summed)."""

    axes: tuple[int | None, int | None]
    place: int | None
    length: int
    rows: int

    def slabs(self) -> list[tuple[int, int, int]]:
        """(number, first index, how many) of each."""
        return [(k, lo, min(self.rows, self.length - lo)) for k, lo in enumerate(range(0, self.length, self.rows))]


def contract(run: Any, node: ar.Contract) -> Any:
    """The sums of products; free axes of the left argument come first, then those of the right."""
    arguments = (node.left, node.right)
    cut = longest(node, SLAB)
    if cut is None:
        blocks = {x: run.whole(x) for x in arguments}
        return np.asarray(library.tensordot(blocks[node.left], blocks[node.right], node.axes))
    run.prepare(*arguments)
    sides = list(zip(arguments, cut.axes, strict=True))
    fixed: dict[Any, Any] = {(x, axis): run.whole(x) for x, axis in sides if axis is None}
    total = OrderedSum(node.shape, node.dtype) if cut.place is None else None
    out = allocate(node.shape, node.dtype) if total is None else total.total

    def do(worker: Any, slab: tuple[int, int, int]) -> None:
        number, lo, count = slab
        blocks = fixed | {(x, axis): _slab(worker, x, axis, lo, count) for x, axis in set(sides) if axis is not None}
        product = library.tensordot(blocks[sides[0]], blocks[sides[1]], node.axes)
        if total is not None:
            total.add(number, product)
        else:
            out[slices(pieces.along(node.shape, cut.place or 0, lo, count))] = product

    with blas.single_threaded():
        run.each("contract", cut.slabs(), do)
    return out


def longest(node: ar.Contract, slab: int) -> Cut | None:
    """The longest axis as the one to cut, in slabs of so many elements; None where that would not make several."""
    arguments = (node.left, node.right)
    free = [[a for a in range(x.ndim) if a not in over] for x, over in zip(arguments, node.axes, strict=True)]
    found: list[tuple[int, tuple[int | None, int | None], int | None]] = [
        *((node.left.shape[a], (a, b), None) for a, b in zip(*node.axes, strict=True)),
        *((node.left.shape[a], (a, None), k) for k, a in enumerate(free[0])),
        *((node.right.shape[a], (None, a), k + len(free[0])) for k, a in enumerate(free[1])),
    ]
    length, axes, place = max(found, key=lambda item: item[0], default=(0, (None, None), None))
    sizes = [x.size // length for x, axis in zip(arguments, axes, strict=True) if axis is not None and length]
    rows = max(slab // max([1, *sizes]), THINNEST)
    return Cut(axes, place, length, rows) if length >= 2 * rows else None


def _slab(worker: Any, array: ar.Array, axis: int, lo: int, count: int) -> Any:
    """Some indices of an axis; operations are run in pieces that caches hold."""
    region = pieces.along(array.shape, axis, lo, count)
    if not isinstance(array, ar.Elementwise) or array in worker.results:
        return pieces.read(array, region, worker)
    block = np.empty(pieces.shape_of(region), array.dtype)
    for piece in pieces.cut(block.shape, PIECE):
        there = tuple((start + first, n, 1) for (start, n, _), (first, _, _) in zip(piece, region, strict=True))
        worker.into(array, there, block[slices(piece)])
    return block
