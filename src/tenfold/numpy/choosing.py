"""Elements chosen by masks and numbers, and users' functions along axes."""

from collections.abc import Callable
from typing import Any

import numpy as np

from tenfold.errors import NotNative
from tenfold.expr import arrays as ar
from tenfold.expr import ufuncs
from tenfold.expr.user_function import user_function
from tenfold.numpy import elementwise as ew
from tenfold.numpy import reductions
from tenfold.numpy import shape as sh
from tenfold.numpy.array import as_array, ndarray, node_of
from tenfold.numpy.creation import zeros
from tenfold.numpy.order import nonzero
from tenfold.numpy.through import real_values

NESTED = 32  # choices that are asked for one after the other


def choose(a: Any, choices: Any, out: Any = None, mode: Any = "raise") -> Any:
    """The element of the choice that has the number in `a`; whether there are such choices is looked at now.

    Examples
    --------
    >>> import tenfold.numpy as np
    >>> np.choose([0, 1, 0], [[1, 2, 3], [10, 20, 30]])
    array([ 1, 20,  3])
    """
    numbers, given = as_array(a), list(choices)
    options = [as_array(c) for c in given]
    count = len(options)
    if numbers.dtype.kind not in "biu" or mode not in ("raise", "wrap", "clip") or not 0 < count <= NESTED:
        raise NotNative("numbers, a mode or choices that NumPy judges")
    numbers = ndarray(ew.cast(numbers._node, np.intp))
    if (
        mode == "raise"
        and numbers.size
        and not 0 <= int(reductions.min(numbers)) <= int(reductions.max(numbers)) < count
    ):
        raise ValueError("invalid entry in choice array")
    if mode != "raise":
        numbers = numbers % count if mode == "wrap" else ew.clip(numbers, 0, count - 1)
    dtype = ufuncs.result_type(
        *(type(c) if type(c) in ew.WEAK else o.dtype for c, o in zip(given, options, strict=True))
    )
    shape = np.broadcast_shapes(numbers.shape, *(c.shape for c in options))
    made: ar.Array = ar.broadcast(ew.cast(options[-1]._node, dtype), shape)
    for k in reversed(range(count - 1)):
        made = ew.over("where", [(numbers == k)._node, ew.cast(options[k]._node, dtype), made], dtype)
    return ew.written(made, out)


def compress(condition: Any, a: Any, axis: Any = None, out: Any = None) -> Any:
    """The slices along an axis for which a condition holds, which is looked at now."""
    mask = as_array(condition)
    if mask.ndim != 1:
        raise ValueError("condition must be a 1-d array")
    return sh.take(a, nonzero(mask)[0], axis, out)


def extract(condition: Any, arr: Any) -> Any:
    """The elements of the flat array for which a condition holds, which is looked at now."""
    return sh.take(sh.ravel(arr), nonzero(sh.ravel(condition))[0])


def piecewise(x: Any, condlist: Any, funclist: Any, *args: Any, **kw: Any) -> Any:
    """Where each condition holds, the values of its function; how many elements it gets is looked at now.

    Examples
    --------
    >>> import tenfold.numpy as np
    >>> x = np.array([-2.0, 0.5, 3.0])
    >>> np.piecewise(x, [x < 0, x > 1], [-1, lambda part: part * 10])
    array([-1.,  0., 30.])
    """
    array = as_array(x)
    masks, functions = _masks(array, condlist), list(funclist)
    if len(masks) == len(functions) - 1:
        any_of = masks[0]
        for mask in masks[1:]:
            any_of = any_of | mask
        masks.append(~any_of)
    elif len(masks) != len(functions):
        raise ValueError(
            f"with {len(masks)} condition(s), either {len(masks)} or {len(masks) + 1} functions are expected"
        )
    made = zeros(array.shape, array.dtype)
    for mask, function in zip(masks, functions, strict=True):
        if not callable(function):
            made[mask] = function
        elif (part := array[mask]).size:
            made[mask] = function(part, *args, **kw)
    return made


def _masks(array: ndarray, conditions: Any) -> list[Any]:
    """The conditions, one of which need not stand in a list."""
    several = isinstance(conditions, (list, tuple)) and len(conditions) > 0
    if (
        np.ndim(conditions) == 0
        or (several and np.ndim(conditions[0]) == 0 and array.ndim)
        or (not several and np.ndim(conditions) == 1 and array.ndim)
    ):
        conditions = [conditions]
    masks = [ndarray(node_of(c, bool)) for c in conditions]
    if any(mask.shape != array.shape for mask in masks):
        raise NotNative("conditions of another shape")
    return masks


# -- users' functions along axes -----------------------------------------------------------------------------------


def apply_along_axis(func1d: Callable[..., Any], axis: Any, arr: Any, *args: Any, **kwargs: Any) -> Any:
    """A function of every vector along an axis; that of the first is called now, for the shape of its result."""
    array = as_array(arr)
    axis = sh.normalize_axis_index(axis, array.ndim)
    turned = sh.moveaxis(array, axis, -1)
    if not array.size or array.dtype.kind not in "biufc":
        raise NotNative("no vectors of numbers")

    def called(vector: Any) -> Any:
        vector.flags.writeable = False  # it is a copy: what is written into it would be lost
        return real_values(func1d(vector, *args, **kwargs))

    first = np.asanyarray(called(turned[(0,) * (array.ndim - 1)].compute()))
    if type(first) is not np.ndarray or first.dtype.kind not in "biufc":
        raise NotNative("a function that does not return numbers")
    lead = turned.shape[:-1]
    made = ndarray(_mapped(called, turned, lead, first))
    places = range(axis, axis + first.ndim)
    return sh.moveaxis(made, tuple(range(-first.ndim, 0)), tuple(places)) if first.ndim else made


def _mapped(called: Any, turned: ndarray, lead: ar.Shape, first: Any) -> ar.Array:
    """The function of every vector along the last axis, in blocks of vectors."""
    count, length = int(np.prod(lead)), turned.shape[-1]
    vectors = sh.reshape(turned, (count, length))
    each = max((1 << 20) // max(length, 1), 1)
    starts = range(0, count, each)
    cuts = tuple((0, min(each, count - start), 0) for start in starts)
    parts = tuple((start, size) for start, (_, size, _) in zip(starts, cuts, strict=True))

    def of_block(block: Any) -> Any:
        made = np.empty((len(block), first.size), first.dtype)
        for k, vector in enumerate(block):
            made[k] = np.reshape(called(vector), -1)
        return made

    along = ((0, first.size, 0),)
    node = ar.MapBlocks(
        user_function(of_block, {}), (vectors._node,), (cuts, along), ((parts, ((0, length),)),), (0, 0), first.dtype
    )
    return ar.Reshape(node, (*lead, *first.shape))


def apply_over_axes(func: Callable[..., Any], a: Any, axes: Any) -> Any:
    """A function of an array and an axis, for one axis after the other."""
    made = as_array(a)
    ndim = made.ndim
    for axis in np.atleast_1d(real_values(axes)).tolist():
        axis = axis + ndim if axis < 0 else axis
        found = as_array(func(made, axis))
        made = found if found.ndim == made.ndim else sh.expand_dims(found, axis)
        if made.ndim != ndim:
            raise ValueError("function is not returning an array of the correct shape")
    return made
