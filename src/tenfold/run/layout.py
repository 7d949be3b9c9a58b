"""In which order of axes results are made: as what they are made of lies in memory, so that this is read in runs.

NumPy keeps the order of its operands too. Where they lie in different orders, or are not large, results are in C order.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tenfold.expr import arrays as ar
from tenfold.stage import arrays as sa


def memory_order(array: ar.Array, finished: Mapping[ar.Array, Any]) -> tuple[int, ...] | None:
    """The axes of an expression, longest steps in memory first, if all that it reads agree on an order but C's."""
    found = {_order(strides, array.shape) for strides in _strides(array, finished) if 0 not in strides}
    return found.pop() if len(found) == 1 and tuple(range(array.ndim)) not in found else None


def turned(array: ar.Array, order: tuple[int, ...], finished: Mapping[ar.Array, Any]) -> ar.Array:
    """The expression with its axes in another order, which is that of all that it reads."""
    done: dict[Any, ar.Array] = {}

    def turn(leaf: Any) -> ar.Array:
        if leaf not in done:
            if isinstance(leaf, ar.Full) and leaf.ndim:
                done[leaf] = ar.Full(leaf.bits, leaf.type, tuple(leaf.shape[a] for a in order))
            else:
                done[leaf] = ar.transpose(leaf, order) if leaf.ndim else leaf
        return done[leaf]

    for operation in sa.operations(array, finished):
        done[operation] = operation.map(turn)
    return turn(array)


def turned_reduction(reduce: ar.Reduce, order: tuple[int, ...], finished: Mapping[ar.Array, Any]) -> ar.Reduce:
    """A reduction of the same elements in another order of axes; the axes of its result are in that order, too."""
    over = tuple(place for place, axis in enumerate(order) if axis in reduce.over)
    return ar.Reduce(reduce.function, turned(reduce.array, order, finished), over, reduce.dtype)


def back(order: tuple[int, ...], over: tuple[int, ...] = ()) -> tuple[int, ...]:
    """How to transpose a turned result, so that its axes are as they were."""
    return tuple(int(axis) for axis in np.argsort([axis for axis in order if axis not in over]))


def _strides(array: ar.Array, finished: Mapping[ar.Array, Any]) -> Iterator[tuple[int, ...]]:
    """The strides of all arrays with the axes of an expression that are read for it; of what is computed, C's."""
    inside = sa.operations(array, finished)
    leaves = {arg for operation in inside for arg in operation.args}.difference(inside) if inside else {array}
    for leaf in leaves:
        if leaf.ndim and not isinstance(leaf, ar.Full) and ar.index_map(leaf) is None:
            yield _strides_of(leaf, finished)


def _strides_of(leaf: ar.Array, finished: Mapping[ar.Array, Any]) -> tuple[int, ...]:
    memory = finished.get(leaf, getattr(getattr(leaf, "source", None), "array", None))
    if memory is not None:
        return tuple(memory.strides)
    if not isinstance(leaf, ar.View):
        return ar.c_strides(leaf.shape)
    strides = [0] * leaf.ndim
    for (axis, _, step), stride in zip(leaf.axes, _strides_of(leaf.array, finished), strict=True):
        if axis >= 0:
            strides[axis] = step * stride
    return tuple(strides)


def _order(strides: tuple[int, ...], shape: ar.Shape) -> tuple[int, ...]:
    """The axes by the sizes of their steps; those of one element stay where they are, behind the one before them."""
    steps: list[tuple[int, int]] = []
    for axis, (stride, size) in enumerate(zip(strides, shape, strict=True)):
        steps.append((abs(stride) if size > 1 or not steps else steps[-1][0], axis))
    return tuple(axis for _, axis in sorted(steps, key=lambda step: -step[0]))
