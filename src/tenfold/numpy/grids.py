"""Positions: of triangles and diagonals, of meshes, in flat arrays and back; what shapes alone decide, at once."""

import operator
from typing import Any

import numpy as np

from tenfold.errors import NotNative
from tenfold.expr import arrays as ar
from tenfold.numpy import elementwise as ew
from tenfold.numpy import reductions
from tenfold.numpy import shape as sh
from tenfold.numpy.array import as_array, ndarray, node_of, owned, result_of
from tenfold.numpy.order import nonzero
from tenfold.numpy.through import now, real_values

tril_indices, triu_indices, diag_indices = map(now, ("tril_indices", "triu_indices", "diag_indices"))


def _triangle_of(name: str) -> Any:
    indices = getattr(np, name.removesuffix("_from"))

    def function(arr: Any, k: Any = 0) -> Any:
        array = as_array(arr)
        if array.ndim != 2:
            raise ValueError("input array must be 2-d")
        return tuple(map(owned, indices(array.shape[0], k=k, m=array.shape[1])))

    function.__name__ = name
    function.__doc__ = f"As `{indices.__name__}`, for the shape of an array."
    return function


tril_indices_from, triu_indices_from = _triangle_of("tril_indices_from"), _triangle_of("triu_indices_from")


def diag_indices_from(arr: Any) -> Any:
    """As `diag_indices`, for the shape of an array, whose axes are of one length."""
    array = as_array(arr)
    if array.ndim < 2:
        raise ValueError("input array must be at least 2-d")
    if len(set(array.shape)) > 1:
        raise ValueError("All dimensions of input must be of equal length")
    return tuple(map(owned, np.diag_indices(array.shape[0], array.ndim)))


def mask_indices(n: Any, mask_func: Any, k: Any = 0) -> Any:
    """Where a function such as `triu` leaves ones of a square matrix; computed now."""
    return nonzero(as_array(mask_func(ndarray(ar.full(1, int, (operator.index(n),) * 2)), k)) != 0)


def ix_(*args: Any) -> Any:
    """Vectors of positions along an axis each, for indices of a mesh; masks are looked at now."""
    made = []
    for place, arg in enumerate(args):
        vector = as_array(arg)
        if vector.ndim != 1:
            raise ValueError("Cross index must be 1 dimensional")
        if not vector.size and not isinstance(arg, (ndarray, np.ndarray)):
            vector = ndarray(ew.cast(vector._node, np.intp))
        vector = nonzero(vector)[0] if vector.dtype == bool else vector
        made.append(sh.reshape(vector, (1,) * place + (-1,) + (1,) * (len(args) - place - 1)))
    return tuple(made)


# -- in flat arrays and back ---------------------------------------------------------------------------------------


def _lengths(shape: Any) -> list[int]:
    shape = real_values(shape)
    return [operator.index(n) for n in (shape if np.iterable(shape) else (shape,))]


def _within(numbers: ndarray, length: int) -> bool:
    """Whether positions are those of an axis; computed now."""
    return not numbers.size or (int(reductions.min(numbers)) >= 0 and int(reductions.max(numbers)) < length)


def unravel_index(indices: Any, shape: Any, order: Any = "C") -> Any:
    """The position along each axis of elements numbered as they lie flat; whether they are there is looked at now.

    Examples
    --------
    >>> import tenfold.numpy as np
    >>> [int(k) for k in np.unravel_index(7, (3, 4))]
    [1, 3]
    """
    numbers, lengths = as_array(indices), _lengths(shape)
    if numbers.dtype.kind not in "iu" or order not in ("C", "F") or not lengths:
        raise NotNative("numbers, or an order, that NumPy judges")
    if not _within(numbers, int(np.prod(lengths, dtype=object))):
        raise ValueError(f"index is out of bounds for array with size {int(np.prod(lengths))}")
    rest: Any = ndarray(ew.cast(numbers._node, np.intp))
    made = []
    for length in lengths[::-1] if order == "C" else lengths:
        made.append(rest % length)
        rest = rest // length
    return tuple(result_of(place._node) for place in (made[::-1] if order == "C" else made))


def ravel_multi_index(multi_index: Any, dims: Any, mode: Any = "raise", order: Any = "C") -> Any:
    """The numbers of elements as they lie flat, of their positions along each axis; whether they are there is looked
    at now.
    """
    lengths = _lengths(dims)
    places = [as_array(x) for x in multi_index]
    modes = list(mode) if isinstance(mode, tuple) else [mode] * len(lengths)
    if not set(modes) <= {"raise", "wrap", "clip"} or order not in ("C", "F") or len(modes) != len(lengths):
        raise NotNative("a mode or an order that NumPy judges")
    if len(places) != len(lengths) or any(p.dtype.kind not in "iu" for p in places) or not lengths:
        raise NotNative("positions that NumPy judges")
    number: Any = 0
    axes = list(zip(places, lengths, modes, strict=True))
    for place, length, how in axes if order == "C" else axes[::-1]:
        inside = ndarray(ew.cast(place._node, np.intp))
        if how == "raise" and not _within(place, length):
            raise ValueError("invalid entry in coordinates array")
        if how != "raise":
            inside = inside % length if how == "wrap" else ew.clip(inside, 0, length - 1)
        number = number * length + inside
    return result_of(node_of(number))
