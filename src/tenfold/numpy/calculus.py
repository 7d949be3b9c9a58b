"""Slopes, areas and values in between: of samples along an axis, by few operations on neighbours."""

from typing import Any

import numpy as np

from tenfold.errors import NotNative
from tenfold.numpy import elementwise as ew
from tenfold.numpy import reductions
from tenfold.numpy import shape as sh
from tenfold.numpy.array import as_array, gathered, ndarray, result_of
from tenfold.numpy.blocks import looked_up
from tenfold.numpy.through import real_values

# -- slopes --------------------------------------------------------------------------------------------------------


def gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    """The slopes along every axis, by central differences, at the edges one-sided ones.

    Where samples lie is looked at now.

    Examples
    --------
    >>> import tenfold.numpy as np
    >>> np.gradient(np.array([1.0, 2.0, 4.0, 7.0]))
    array([1. , 1.5, 2.5, 3. ])
    """
    array = as_array(f)
    if array.dtype.kind not in "iufc" or edge_order not in (1, 2):
        raise NotNative(f"elements of type {array.dtype}, or edges of order {edge_order}")
    axes = range(array.ndim) if axis is None else np.lib.array_utils.normalize_axis_tuple(axis, array.ndim)
    steps = [np.asarray(x) for x in gathered(list(varargs))]
    if not varargs or (len(varargs) == 1 and not steps[0].ndim):
        given = [real_values(varargs[0]) if varargs else 1.0] * len(axes)
    elif len(varargs) == len(axes):
        given = [_spacing(x, array.shape[k]) for x, k in zip(steps, axes, strict=True)]
    else:
        raise TypeError("invalid number of arguments")
    if array.dtype.kind in "iu":
        array = ndarray(ew.cast(array._node, float))
    slopes = tuple(_slope(array, step, k, edge_order) for step, k in zip(given, axes, strict=True))
    return slopes[0] if len(slopes) == 1 else slopes


def _spacing(places: Any, length: int) -> Any:
    """The distances between places along an axis; one number, where they are all the same."""
    if not places.ndim:
        return places[()]
    if places.ndim > 1:
        raise ValueError("distances must be either scalars or 1d")
    if len(places) != length:
        raise ValueError("when 1d, distances must match the length of the corresponding dimension")
    steps = np.diff(places.astype(float) if places.dtype.kind in "iu" else places)
    return steps[0] if steps.size and (steps == steps[0]).all() else steps


def _slope(array: ndarray, step: Any, axis: int, edge_order: int) -> Any:
    """The slopes along one axis."""
    length = array.shape[axis]
    if length < edge_order + 1:
        raise ValueError(
            f"Shape of array too small to calculate a numerical gradient, at least {edge_order + 1} elements of axis "
            f"{axis} are required."
        )
    uniform = not np.ndim(step)
    wide = (-1,) + (1,) * (array.ndim - 1 - axis)
    if uniform:
        inner = (sh.stretch(array, axis, 2, None) - sh.stretch(array, axis, None, -2)) / (2.0 * step)
    else:
        before, behind = step[:-1], step[1:]
        a, b, c = (x.reshape(wide) for x in _three_weights(before, behind))
        middle = b * sh.stretch(array, axis, 1, -1)
        inner = a * sh.stretch(array, axis, None, -2) + middle + c * sh.stretch(array, axis, 2, None)
    ends = [_edge(array, step if uniform else (step[0], step[-1])[end], axis, end) for end in (0, 1)]
    if edge_order == 2:
        ends = [_curved_edge(array, step, axis, end) for end in (0, 1)]
    parts = [ndarray(ew.cast(part._node, array.dtype)) for part in (ends[0], inner, ends[1])]
    return sh.concatenate(parts, axis)


def _three_weights(before: Any, behind: Any) -> tuple[Any, Any, Any]:
    """What an element's neighbour, itself, and its other neighbour count for its slope."""
    return (
        -behind / (before * (before + behind)),
        (behind - before) / (before * behind),
        before / (behind * (before + behind)),
    )


def _edge(array: ndarray, step: Any, axis: int, end: int) -> Any:
    """The slope between the first two elements (end 0), or between the last two (end 1)."""
    pair = sh.stretch(array, axis, None, 2) if end == 0 else sh.stretch(array, axis, -2, None)
    return (sh.stretch(pair, axis, 1, None) - sh.stretch(pair, axis, None, 1)) / step


def _curved_edge(array: ndarray, step: Any, axis: int, end: int) -> Any:
    """The slope at an end of the parabola through the three elements there."""
    three = sh.stretch(array, axis, None, 3) if end == 0 else sh.stretch(array, axis, -3, None)
    if not np.ndim(step):
        weights = (-1.5 / step, 2.0 / step, -0.5 / step) if end == 0 else (0.5 / step, -2.0 / step, 1.5 / step)
    elif end == 0:
        near, far = step[0], step[1]
        weights = -(2.0 * near + far) / (near * (near + far)), (near + far) / (near * far), -near / (far * (near + far))
    else:
        far, near = step[-2], step[-1]
        weights = near / (far * (far + near)), -(near + far) / (far * near), (2.0 * near + far) / (near * (far + near))
    first, second, third = (w * sh.stretch(three, axis, k, k + 1) for k, w in enumerate(weights))
    return first + second + third


def ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    """The differences of neighbours in the flat array, with values before and behind them."""
    array = sh.ravel(ary)
    made = sh.stretch(array, 0, 1, None) - sh.stretch(array, 0, None, -1)
    parts = [made]
    for place, ends in (("to_begin", to_begin), ("to_end", to_end)):
        if ends is None:
            continue
        more = sh.ravel(ends)
        if not np.can_cast(more.dtype, array.dtype, "same_kind"):
            raise TypeError(f"dtype of `{place}` must be compatible with input `ary` under the `same_kind` rule.")
        more = ndarray(ew.cast(more._node, array.dtype))
        parts = [more, *parts] if place == "to_begin" else [*parts, more]
    return made if len(parts) == 1 else sh.concatenate(parts)


# -- areas, and values in between ----------------------------------------------------------------------------------


def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    """The area under samples along an axis, by straight lines between them; its sum is exact.

    Examples
    --------
    >>> import tenfold.numpy as np
    >>> float(np.trapezoid([1, 2, 3], x=[0, 2, 4]))
    8.0
    """
    array = as_array(y)
    place = sh.normalize_axis_index(axis, array.ndim)
    widths = dx
    if x is not None:
        places = as_array(x)
        widths = sh.diff(places, axis=0 if places.ndim == 1 else axis)
        if places.ndim == 1:
            widths = sh.reshape(widths, (-1,) + (1,) * (array.ndim - 1 - place))
    pairs = sh.stretch(array, place, 1, None) + sh.stretch(array, place, None, -1)
    return reductions.sum(widths * pairs / 2.0, axis)


def interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None) -> Any:
    """The values at `x` of straight lines between points; lazy, with the points looked at by every block.

    Examples
    --------
    >>> import tenfold.numpy as np
    >>> np.interp([0.5, 1.5], [0, 1, 2], [0, 10, 0])
    array([5., 5.])
    """
    values, places, heights = as_array(x), as_array(xp), as_array(fp)
    kinds = [a.dtype.kind in "biuf" for a in (values, places)] + [heights.dtype.kind in "biufc"]
    if places.ndim != 1 or heights.shape != places.shape or not places.size or not all(kinds):
        raise NotNative("points that are no two vectors of one length")
    left, right, period = real_values([left, right, period])
    dtype = np.interp(np.zeros(1), np.arange(1.0), np.zeros(1, heights.dtype), left, right, period).dtype
    made = looked_up(np.interp, values, places, heights, dtype=dtype, left=left, right=right, period=period)
    return result_of(made._node)


def cross(a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Any:
    """The products of vectors of three elements that are orthogonal to both."""
    if axis is not None:
        axisa = axisb = axisc = axis
    left, right = sh.moveaxis(a, axisa, -1), sh.moveaxis(b, axisb, -1)
    if left.shape[-1] != 3 or right.shape[-1] != 3:
        raise NotNative("vectors of other than three elements")
    dtype = np.promote_types(left.dtype, right.dtype)
    x, y = ndarray(ew.cast(left._node, dtype)), ndarray(ew.cast(right._node, dtype))
    turns = ((1, 2), (2, 0), (0, 1))
    made = sh.stack([x[..., j] * y[..., k] - x[..., k] * y[..., j] for j, k in turns], -1)
    return sh.moveaxis(made, -1, axisc)
