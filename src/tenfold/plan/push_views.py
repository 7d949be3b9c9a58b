"""Bring slices, transpositions and broadcasts down to the sources, so that nothing is made that nobody looks at."""

import bisect
import itertools
from collections.abc import Callable
from typing import Any

from tenfold.expr import arrays as ar
from tenfold.node import Node
from tenfold.rewrite import rewrite

LARGEST = 256  # operations of one expression; beyond, views of it look at a finished array (shifted copies multiply)


def push_views(plan: ar.Array) -> ar.Array:
    """A view of an operation is the operation on views; a view of a range or constant is another one.

    >>> from tenfold.expr.arrays_show import show
    >>> x = ar.Range(0, (4, 6))
    >>> y = ar.Elementwise("negative", (x,), x.dtype)
    >>> print(show(push_views(ar.view(y, (2, 6), ((0, 1, 2), (1, 0, 1))))))
    a0 = range 0 int64 (4, 6)
    a1 = view a0 [1:5:2@0, 0:6:1@1] int64 (2, 6)
    a2 = negative a1 int64 (2, 6)
    """
    return rewrite(plan, _rule)


def _rule(n: Node) -> Node | None:
    match n:
        case ar.View(array=array, extent=extent, axes=axes):
            return _pushed(array, extent, axes)
        case ar.Reshape(array=array, extent=extent):
            return _reshaped(array, extent)
    return None


def _pushed(array: ar.Array, extent: ar.Shape, axes: tuple[ar.Axis, ...]) -> ar.Array:
    match array:
        case ar.Full(bits=bits, type=dtype):
            return ar.Full(bits, dtype, extent)
        case ar.Reduce(function=function, array=inside, over=over, type=dtype) if _uses_all(extent, axes):
            below = iter(axes)
            rest = iter(range(len(extent), len(extent) + len(over)))
            through = tuple((next(rest), 0, 1) if a in over else next(below) for a in range(inside.ndim))
            sizes = tuple(inside.shape[a] for a in over)
            places = tuple(range(len(extent), len(extent) + len(over)))
            return ar.Reduce(function, _pushed(inside, extent + sizes, through), places, dtype)
        case ar.Elementwise() if array.ndim:
            region = _operations(array)
            if len(region) <= LARGEST:
                return _mapped(region, lambda leaf: _pushed(leaf, extent, axes) if leaf.ndim else leaf)
        case ar.MapBlocks() if 0 not in extent:
            array, axes = _fewer_blocks(array, extent, axes)
    return ar.view(array, extent, axes)


def _fewer_blocks(
    array: ar.MapBlocks, extent: ar.Shape, axes: tuple[ar.Axis, ...]
) -> tuple[ar.MapBlocks, tuple[ar.Axis, ...]]:
    """The blocks that a view looks into, and the view of those."""
    kept, moved, cuts = [], [], []
    for cut, (axis, offset, step) in zip(array.cuts, axes, strict=True):
        last = offset + step * (extent[axis] - 1 if axis >= 0 else 0)
        ends = list(itertools.accumulate(count for _, count, _ in cut))
        lo, hi = bisect.bisect_right(ends, min(offset, last)), bisect.bisect_right(ends, max(offset, last)) + 1
        kept.append(slice(lo, hi))
        cuts.append(cut[lo:hi])
        moved.append((axis, offset - (ends[lo - 1] if lo else 0), step))
    args, parts = [], []
    for arg, part in zip(array.args, array.parts, strict=True):
        below = kept[len(kept) - arg.ndim :]
        stretches = [axis[s] if len(axis) > 1 else axis for axis, s in zip(part, below, strict=True)]
        starts = [min(start for start, _ in axis) for axis in stretches]
        sizes = tuple(max(s + n for s, n in axis) - lo for axis, lo in zip(stretches, starts, strict=True))
        args.append(_pushed(arg, sizes, tuple((a, lo, 1) for a, lo in enumerate(starts))))
        parts.append(tuple(tuple((s - lo, n) for s, n in axis) for axis, lo in zip(stretches, starts, strict=True)))
    first = tuple(number + s.start for number, s in zip(array.first, kept, strict=True))
    fewer = ar.MapBlocks(array.function, tuple(args), tuple(cuts), tuple(parts), first, array.type)
    return fewer, tuple(moved)


def _uses_all(extent: ar.Shape, axes: tuple[ar.Axis, ...]) -> bool:
    """Whether no axis of a view repeats what is there."""
    return {axis for axis, _, _ in axes if axis >= 0} == set(range(len(extent)))


def _reshaped(array: ar.Array, extent: ar.Shape) -> ar.Array | None:
    match array:
        case _ if array.shape == extent:
            return array
        case ar.Reshape(array=inside):
            return _reshaped(inside, extent) or ar.Reshape(inside, extent)
        case ar.Full(bits=bits, type=dtype):
            return ar.Full(bits, dtype, extent)
        case ar.Range(first=first):
            return ar.Range(first, extent)
        case ar.Elementwise() if array.ndim and extent:
            operations = _operations(array)
            leaves = {arg for operation in operations for arg in operation.args if arg.ndim} - set(operations)
            if all(isinstance(leaf, (ar.Full, ar.Range, ar.Stored, ar.Reshape)) for leaf in leaves):  # free to reshape
                return _mapped(operations, lambda x: (_reshaped(x, extent) or ar.Reshape(x, extent)) if x.ndim else x)
    return None


def _operations(root: ar.Array) -> list[ar.Elementwise]:
    """The elementwise operations from a root down to where others begin, arguments first."""
    found: dict[ar.Elementwise, None] = {}
    todo: list[tuple[ar.Array, bool]] = [(root, False)]
    while todo:
        current, ready = todo.pop()
        if not isinstance(current, ar.Elementwise) or not current.ndim or current in found:
            continue
        if ready:
            found[current] = None
        else:
            todo.append((current, True))
            todo.extend((arg, False) for arg in current.args)
    return list(found)


def _mapped(operations: list[ar.Elementwise], change: Callable[[Any], ar.Array]) -> ar.Array:
    """The same operations on changed leaves; the last one is the root."""
    done: dict[Node, Node] = {}

    def lookup(n: Node) -> Node:
        if n not in done:
            done[n] = change(n)
        return done[n]

    for operation in operations:
        done[operation] = operation.map(lookup)
    return done[operations[-1]]  # type: ignore[return-value]
