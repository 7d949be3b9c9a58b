"""The extremes of floats in memory, and where the extremes of anything are: NumPy on pieces, and the best of its finds.

Of equal ones the first is found, a NaN before all. Kernels would take two looks: at the values, and for NaN. As to
them, -0.0 is less than 0.0; NumPy gives the one or the other.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import partial, reduce
from typing import Any

import numpy as np

from tenfold import config
from tenfold.expr import arrays as ar
from tenfold.io.arrays import Region, slices
from tenfold.run import pieces
from tenfold.run.memory import allocate

FINDS = 1 << 20  # results that every thread may hold finds for
JOIN = {"min": np.minimum, "max": np.maximum}
NEGATIVE = {"min": np.any, "max": np.all}  # of the sign bits of all: whether an extreme that is zero is -0.0


def takes(node: ar.Reduce, finished: Any) -> bool:
    """Whether it is a minimum or maximum that is found here: of floats which are there already."""
    inside = node.array.array if isinstance(node.array, ar.View) else node.array
    there = isinstance(inside, ar.Stored) or inside in finished or node.array in finished
    return node.function in JOIN and node.dtype.kind == "f" and there


def extremes(run: Any, node: ar.Reduce) -> Any:
    """The least or the largest."""
    join = JOIN[node.function]

    def find(region: Region, worker: Any) -> Any:
        return _extreme(node.function, pieces.read(node.array, region, worker), node.over)

    def best(one: Any, other: Any) -> Any:
        found = join(one, other)
        return _extreme(node.function, np.stack([one, other]), 0) if np.count_nonzero(found == 0) else found

    return _combined(run, node, find, best, lambda found: found)


def _extreme(function: str, values: Any, over: Any) -> Any:
    """NumPy's; where that is zero, nothing lies beyond, so sign bits alone tell which one."""
    found = JOIN[function].reduce(values, axis=over)
    if not np.count_nonzero(found == 0):
        return found
    negative = NEGATIVE[function](np.signbit(values), axis=over)
    return np.where(found == 0, np.where(negative, -0.0, 0.0), found).astype(found.dtype)


def places(run: Any, node: ar.Reduce) -> Any:
    """The numbers of the least or the largest, along the one axis that is reduced, or in C order where all are."""
    run.prepare(node.array)
    return _combined(run, node, partial(_first, node), partial(_better, node), lambda found: found[1])


def _combined(
    run: Any,
    node: ar.Reduce,
    find: Callable[[Region, Any], Any],
    best: Callable[[Any, Any], Any],
    answer: Callable[[Any], Any],
) -> Any:
    """The best finds, tile by tile of the results; or of each thread, and then of all, where tiles are few."""
    out = allocate(node.shape, node.dtype)
    regions = pieces.cut(node.array.shape, run.elements(node.array))
    tiles = pieces.Tiles(regions, node.over)
    found: dict[Any, dict[Region, Any]] = defaultdict(dict)

    def whole(worker: Any, item: tuple[Region, Iterator[Region]]) -> None:
        tile, inside = item
        out[(*slices(tile), ...)] = answer(reduce(best, (find(region, worker) for region in inside)))

    def part(worker: Any, region: Region) -> None:
        mine, tile, new = found[worker], tiles.of(region), find(region, worker)
        mine[tile] = best(mine[tile], new) if tile in mine else new

    if len(tiles) >= 4 * config.get("threads") or node.size > FINDS:
        run.each(node.function, tiles, whole)
        return out
    run.each(node.function, regions, part)
    for tile in {tile for mine in found.values() for tile in mine}:
        out[(*slices(tile), ...)] = answer(reduce(best, (mine[tile] for mine in found.values() if tile in mine)))
    return out


# -- places: a find is a pair of extremes and their numbers --------------------------------------------------------


def _first(node: ar.Reduce, region: Region, worker: Any) -> tuple[Any, Any]:
    """What NumPy finds in one piece, numbered as in the whole."""
    block = pieces.read(node.array, region, worker)
    strides = ar.c_strides(tuple(node.array.shape[a] for a in node.over))
    start = sum(stride * region[a][0] for stride, a in zip(strides, node.over, strict=True))
    if len(node.over) > 1:  # all axes: pieces are runs in C order
        block = block.reshape(-1)
    axis = node.over[0] if len(node.over) == 1 else 0
    number = np.expand_dims(getattr(np, node.function)(block, axis=axis), axis)
    return np.take_along_axis(block, number, axis).squeeze(axis), number.squeeze(axis) + start


def _better(node: ar.Reduce, one: tuple[Any, Any], other: tuple[Any, Any]) -> tuple[Any, Any]:
    """The find that NumPy would make in both pieces, element by element."""
    (value, number), (other_value, other_number) = one, other
    ahead = np.less if node.function == "argmin" else np.greater
    nan, other_nan = value != value, other_value != other_value
    equal = (value == other_value) | (nan & other_nan)
    takes = ahead(other_value, value) | (other_nan & ~nan) | (equal & (other_number < number))
    takes &= ~nan | other_nan
    return np.where(takes, other_value, value), np.where(takes, other_number, number)
