"""QR and singular values of a matrix of many rows and few columns: slab by slab, each small enough for a cache.

Slabs of rows are factored by Householder's method (LAPACK), and their triangles again, in groups, until one is left.
Slabs and groups depend on the shape alone.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tenfold.expr import arrays as ar
from tenfold.expr.tall import slab_rows
from tenfold.run import blas, pieces
from tenfold.run.memory import allocate

GROUP = 16  # triangles that are factored together


def factor(run: Any, node: ar.Outputs) -> tuple[Any, ...]:
    """(matrix with orthonormal columns, ...) as FACTORS makes it of the triangle; the first only where it is wanted."""
    (matrix,) = node.args
    rows, columns = matrix.shape
    step = slab_rows(columns)
    starts = range(0, rows - step + 1, step)
    slabs = [(k, lo, step if k + 1 < len(starts) else rows - lo) for k, lo in enumerate(starts)]
    wanted = (node, 0) in run.wanted
    out = allocate(node.extents[0], node.types[0]) if wanted else None
    triangles: list[Any] = [None] * len(slabs)
    run.prepare(matrix)

    def reduce(worker: Any, slab: tuple[int, int, int]) -> None:
        number, lo, count = slab
        block = pieces.read(matrix, ((lo, count, 1), *pieces.whole(matrix.shape[1:])), worker)
        if out is None:
            triangles[number] = np.linalg.qr(block, mode="r")
        else:
            out[lo : lo + count], triangles[number] = np.linalg.qr(block)

    with blas.single_threaded():
        run.each("factor", slabs, reduce)
    triangle, turns = joined(triangles)
    turn, *others = FACTORS[node.function](triangle)
    if out is not None:
        last = turns if turn is None else [part @ turn for part in turns]

        def finish(worker: Any, slab: tuple[int, int, int]) -> None:
            number, lo, count = slab
            out[lo : lo + count] = out[lo : lo + count] @ last[number]

        with blas.single_threaded():
            run.each("factor", slabs, finish)
    return out, *others


def joined(triangles: Sequence[Any]) -> tuple[Any, list[Any]]:
    """The triangle of all rows, and for each given one what its slab's columns are multiplied with."""
    if len(triangles) <= GROUP:
        turn, triangle = np.linalg.qr(np.concatenate(triangles))
        return triangle, np.split(turn, len(triangles))
    groups = [joined(triangles[k : k + GROUP]) for k in range(0, len(triangles), GROUP)]
    triangle, turns = joined([made for made, _ in groups])
    return triangle, [part @ turn for (_, parts), turn in zip(groups, turns, strict=True) for part in parts]


FACTORS: dict[str, Callable[[Any], tuple[Any, ...]]] = {
    "tall_qr": lambda triangle: (None, triangle),
    "tall_svd": lambda triangle: np.linalg.svd(triangle),
}
"""name -> what turns the orthonormal columns (None: nothing), and the other results, of the triangle."""
