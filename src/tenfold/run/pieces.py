"""How arrays are cut: pieces that are runs of memory in C order, and the values of any expression on a region."""

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import numpy as np

from tenfold.expr import arrays as ar
from tenfold.io.arrays import Region, slices

Block = Any  # a NumPy array


def whole(shape: ar.Shape) -> Region:
    """The region of everything."""
    return tuple((0, n, 1) for n in shape)


def along(shape: ar.Shape, axis: int, first: int, count: int) -> Region:
    """The region of so many indices of one axis."""
    return (*whole(shape[:axis]), (first, count, 1), *whole(shape[axis + 1 :]))


def shape_of(region: Region) -> ar.Shape:
    """The shape of the values on a region."""
    return tuple(count for _, count, _ in region)


class Pieces(Sequence[Region]):
    """Regions that follow each other in C order and lie together in memory; each is made when it is asked for.

    So many outer axes are taken index by index, the next one in steps, those behind it whole; `grid` says how many
    pieces there are along each of the first two kinds.
    """

    def __init__(self, shape: ar.Shape, outer: int, step: int) -> None:
        self.shape, self.outer, self.step = shape, outer, step
        self.grid = (*shape[:outer], *(-(-n // step) for n in shape[outer : outer + 1]))
        self._length = 0 if 0 in shape else math.prod(self.grid)

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, number: Any) -> Any:
        if isinstance(number, slice):
            return [self[n] for n in range(len(self))[number]]
        return self.at(digits(range(len(self))[number], self.grid))

    def at(self, place: Sequence[int]) -> Region:
        """The region at a place of the grid."""
        first = tuple((i, 1, 1) for i in place[: self.outer])
        lows = (place[self.outer] * self.step,) if self.outer < len(self.shape) else ()
        stepped = tuple((lo, min(self.step, self.shape[self.outer] - lo), 1) for lo in lows)
        return first + stepped + whole(self.shape[self.outer + 1 :])


class Tiles(Sequence[tuple[Region, Iterator[Region]]]):
    """Parts of a reduction over some axes, each with the pieces that go into it."""

    def __init__(self, pieces: Pieces, over: tuple[int, ...]) -> None:
        self.pieces, self.over = pieces, over
        self._kept = tuple(1 if a in over else n for a, n in enumerate(pieces.grid))
        self._inner = tuple(n if a in over else 1 for a, n in enumerate(pieces.grid))

    def __len__(self) -> int:
        return math.prod(self._kept) if len(self.pieces) else 0

    def __getitem__(self, number: Any) -> Any:
        place = digits(range(len(self))[number], self._kept)
        return self.of(self.pieces.at(place)), self._regions(place)

    def _regions(self, place: Sequence[int]) -> Iterator[Region]:
        for inner in itertools.product(*map(range, self._inner)):
            yield self.pieces.at([a + b for a, b in zip(place, inner, strict=True)])

    def of(self, region: Region) -> Region:
        """The results that a piece goes into."""
        return tuple(axis for a, axis in enumerate(region) if a not in self.over)


def digits(number: int, grid: ar.Shape) -> tuple[int, ...]:
    """The indices of a number in C order."""
    found = []
    for size in reversed(grid):
        number, digit = divmod(number, size)
        found.append(digit)
    return tuple(found[::-1])


def cut(shape: ar.Shape, elements: int) -> Pieces:
    """Pieces of at most so many elements."""
    axis, inner = len(shape), 1
    while axis > 0 and inner * shape[axis - 1] <= elements:
        axis -= 1
        inner *= shape[axis]
    if axis == 0:
        return Pieces(shape, 0, max(shape[0], 1) if shape else 1)
    return Pieces(shape, axis - 1, max(elements // max(inner, 1), 1))


class Values(Protocol):
    """What `read` asks of a run: finished arrays, and the kernel of an operation."""

    results: dict[ar.Array, Any]

    def block(self, array: ar.Array, region: Region) -> Block:
        """The values of an operation on a region."""

    def bring(self, block: Block) -> Block:
        """A block that is somewhere, where the run reads it."""


def read(array: ar.Array, region: Region, values: Values) -> Block:
    """The elements of an expression on a region; never to be written into, it may be the memory of a source."""
    found = values.results.get(array)
    if found is not None:
        return values.bring(found[slices(region)])
    match array:
        case ar.Stored(source=source):
            return values.bring(source.read(region))
        case ar.Output(outputs=outputs, number=number):
            return values.bring(values.results[outputs][number][slices(region)])
        case ar.Full():
            return np.broadcast_to(array.value, shape_of(region))
        case ar.Range(first=first):
            return index_values(first, ar.c_strides(array.shape), region)
        case ar.View():
            return _read_view(array, region, values)
        case ar.Elementwise():
            return values.block(array, region)
        case ar.Concatenate(arrays=arrays, axis=axis):
            parts = [read(a, r, values) for a, r in _parts(arrays, axis, region)]
            return parts[0] if len(parts) == 1 else np.concatenate(parts, axis)
        case ar.Assign(array=inside, value=value, axes=axes):
            block = np.array(read(inside, region, values))
            places, below = _overlap(axes, value.shape, region)
            if 0 not in shape_of(below):
                target = np.transpose(block[(*places, ...)], _order(axes))
                target[...] = read(value, below, values).reshape(target.shape)
            return block
    raise TypeError(f"{type(array).__name__} is finished before it is read")


def index_values(base: int, strides: ar.Shape, region: Region) -> Block:
    """base + sum of stride * index over a region, as int64."""
    total = np.array(base + sum(s * start for s, (start, _, _) in zip(strides, region, strict=True)), "i8")
    for stride, (_, count, step) in zip(strides, region, strict=True):
        total = total[..., np.newaxis] + np.arange(count, dtype="i8") * (stride * step)
    return total


def _read_view(view: ar.View, region: Region, values: Values) -> Block:
    mapped = ar.index_map(view)
    if mapped is not None:
        return index_values(*mapped, region)
    below = tuple(
        (offset + step * region[axis][0], region[axis][1], step * region[axis][2]) if axis >= 0 else (offset, 1, 1)
        for axis, offset, step in view.axes
    )
    block = read(view.array, below, values)
    used = [axis for axis, _, _ in view.axes if axis >= 0]
    block = block[tuple(0 if axis < 0 else slice(None) for axis, _, _ in view.axes)]
    block = np.transpose(block, np.argsort(used, kind="stable").tolist())
    there = set(used)
    block = block[tuple(slice(None) if a in there else np.newaxis for a in range(view.ndim))]
    return np.broadcast_to(block, shape_of(region))


def _parts(arrays: tuple[ar.Array, ...], axis: int, region: Region) -> Iterator[tuple[ar.Array, Region]]:
    """Which elements of which arrays a region of their concatenation shows, in the order of the region."""
    start, count, step = region[axis]
    bounds, first = [], 0
    for array in arrays:
        bounds.append((array, first, first + array.shape[axis]))
        first += array.shape[axis]
    for array, lo, hi in bounds if step > 0 else bounds[::-1]:
        # the k with lo <= start + k * step < hi
        edges = (lo - start, hi - 1 - start) if step > 0 else (start - hi + 1, start - lo)
        begin, end = max(-(-edges[0] // abs(step)), 0), min(edges[1] // abs(step), count - 1)
        if begin <= end:
            part = (start + begin * step - lo, end - begin + 1, step)
            yield array, (*region[:axis], part, *region[axis + 1 :])
    if not count:
        yield arrays[0], (*region[:axis], (0, 0, 1), *region[axis + 1 :])


def _overlap(axes: tuple[ar.Axis, ...], extent: ar.Shape, region: Region) -> tuple[tuple[Any, ...], Region]:
    """Where in a block of a region the elements of an assignment lie, and the region of the value that they take."""
    places: list[Any] = []
    below = [(0, n, 1) for n in extent]
    for (axis, offset, step), (start, count, stride) in zip(axes, region, strict=True):
        limit = extent[axis] if axis >= 0 else 1
        inside = _inside((start, count, stride), (offset, limit, step))
        if not inside:
            return (), tuple((0, 0, 1) for _ in extent) or ((0, 0, 1),)
        places.append(slice(inside[0], inside[-1] + 1, inside.step))
        if axis >= 0:
            pace = stride * inside.step // step if len(inside) > 1 else 1
            below[axis] = ((start + stride * inside[0] - offset) // step, len(inside), pace)
    return tuple(places), tuple(below)


def _inside(these: tuple[int, int, int], those: tuple[int, int, int]) -> range:
    """Which of these numbers (a start, a count, a step) are among those: by arithmetic, since a write may be small."""
    (start, count, step), (other, limit, pace) = these, those
    shared = math.gcd(step, pace)
    if not count or not limit or (other - start) % shared:
        return range(0)
    every = abs(pace) // shared  # of these, that many apart, if any
    some = (other - start) // shared * pow(step // shared, -1, every)
    ends = sorted((other - start, other + pace * (limit - 1) - start))
    low, high = ends if step > 0 else (-ends[1], -ends[0])
    first = max(-(-low // abs(step)), 0)
    return range(first + (some - first) % every, min(high // abs(step), count - 1) + 1, every)


def _order(axes: tuple[ar.Axis, ...]) -> list[int]:
    """The axes of the array in the order in which the view shows them, those of one index first."""
    return sorted(range(len(axes)), key=lambda a: axes[a][0])


def elements(region: Region) -> int:
    """How many there are."""
    return math.prod(shape_of(region))
