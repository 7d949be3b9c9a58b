"""Where extremes are: NumPy on each piece, and the best of what it finds; of equal ones the first, a NaN before all.

A find is a pair of arrays in the shape of a tile of the results: the extremes, and their numbers along the axis that is
reduced, or in C order where all axes are.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import reduce
from typing import Any

import numpy as np

from tenfold import config
from tenfold.expr import arrays as ar
from tenfold.io.arrays import Region, slices
from tenfold.run import pieces
from tenfold.run.memory import allocate

Find = tuple[Any, Any]
FINDS = 1 << 20  # results that every thread may hold finds for


def find(run: Any, node: ar.Reduce) -> Any:
    """The numbers of the extremes: tile by tile, or the finds of all threads together where tiles are few."""
    out = allocate(node.shape, node.dtype)
    run.prepare(node.array)
    regions = pieces.cut(node.array.shape, run.elements(node.array))
    tiles = pieces.Tiles(regions, node.over)
    found: dict[Any, dict[Region, Find]] = defaultdict(dict)

    def whole(worker: Any, item: tuple[Region, Iterator[Region]]) -> None:
        tile, inside = item
        _, out[(*slices(tile), ...)] = _best(node, (_first(node, region, worker) for region in inside))

    def part(worker: Any, region: Region) -> None:
        mine, tile = found[worker], tiles.of(region)
        finds = [mine[tile]] if tile in mine else []
        mine[tile] = _best(node, [*finds, _first(node, region, worker)])

    if len(tiles) >= 4 * config.get("threads") or node.size > FINDS:
        run.each(node.function, tiles, whole)
        return out
    run.each(node.function, regions, part)
    for tile in {tile for mine in found.values() for tile in mine}:
        _, out[(*slices(tile), ...)] = _best(node, (mine[tile] for mine in found.values() if tile in mine))
    return out


def _first(node: ar.Reduce, region: Region, worker: Any) -> Find:
    """What NumPy finds in one piece, numbered as in the whole."""
    block = pieces.read(node.array, region, worker)
    strides = ar.c_strides(tuple(node.array.shape[a] for a in node.over))
    start = sum(stride * region[a][0] for stride, a in zip(strides, node.over, strict=True))
    if len(node.over) > 1:  # all axes: pieces are runs in C order
        block = block.reshape(-1)
    axis = node.over[0] if len(node.over) == 1 else 0
    number = np.expand_dims(getattr(np, node.function)(block, axis=axis), axis)
    return np.take_along_axis(block, number, axis).squeeze(axis), number.squeeze(axis) + start


def _best(node: ar.Reduce, finds: Iterable[Find]) -> Find:
    return reduce(lambda one, other: _better(node, one, other), finds)


def _better(node: ar.Reduce, one: Find, other: Find) -> Find:
    """The find that NumPy would make in both pieces, element by element."""
    (value, number), (other_value, other_number) = one, other
    ahead = np.less if node.function == "argmin" else np.greater
    nan, other_nan = value != value, other_value != other_value
    equal = (value == other_value) | (nan & other_nan)
    takes = ahead(other_value, value) | (other_nan & ~nan) | (equal & (other_number < number))
    takes &= ~nan | other_nan
    return np.where(takes, other_value, value), np.where(takes, other_number, number)
