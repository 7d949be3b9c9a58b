"""Arrays changed at places: longer or shorter ones (`append`, `insert`), and functions that write into an array."""

from typing import Any

import numpy as np

from tenfold.errors import NotNative
from tenfold.expr import arrays as ar
from tenfold.numpy import elementwise as ew
from tenfold.numpy import shape as sh
from tenfold.numpy.array import as_array, ndarray, node_of, owned
from tenfold.numpy.creation import eye
from tenfold.numpy.through import real_values

# -- longer and shorter --------------------------------------------------------------------------------------------


def append(arr: Any, values: Any, axis: Any = None) -> Any:
    """An array with values behind it."""
    if axis is None:
        return sh.concatenate([sh.ravel(arr), sh.ravel(values)])
    return sh.concatenate([arr, values], axis)


def insert(arr: Any, obj: Any, values: Any, axis: Any = None) -> Any:
    """An array with values before the elements at positions along an axis.

    Examples
    --------
    >>> import tenfold.numpy as np
    >>> np.insert([1, 2, 3], 1, 9)
    array([1, 9, 2, 3])
    """
    array, axis = _along(arr, axis)
    length, given = array.shape[axis], as_array(values)
    where, several = _positions(real_values(obj), length)
    if not several:  # all values in one place
        single = not np.ndim(obj) and not isinstance(obj, slice)
        given = sh.reshape(given, (1,) * (array.ndim - given.ndim) + given.shape)
        given = sh.moveaxis(given, 0, axis) if single else given
        where = where.repeat(given.shape[axis])
    order = np.argsort(where, kind="stable")
    where[order] += np.arange(where.size)
    old = np.delete(np.arange(length + where.size), where)
    source = np.zeros(length + where.size, np.intp)
    source[old] = np.arange(length)
    made = sh.take(array, source, axis) if length else _room(array, source.size, axis)
    made[(*(slice(None),) * axis, where)] = given
    return made


def _positions(obj: Any, length: int) -> tuple[Any, bool]:
    """Positions along an axis, counted from its start, and whether each gets values of its own."""
    np.insert(np.empty(length, "?"), obj, False)  # what NumPy refuses, it refuses now
    if isinstance(obj, slice):
        where = np.arange(*obj.indices(length))
        return where, where.size != 1
    where = np.array(obj)
    where = np.flatnonzero(where) if where.dtype == bool else where.astype(np.intp).reshape(-1)
    return np.where(where < 0, where + length, where), where.size != 1


def _room(array: ndarray, length: int, axis: int) -> ndarray:
    extent = (*array.shape[:axis], length, *array.shape[axis + 1 :])
    return ndarray(ar.full(0, array.dtype, extent))


def delete(arr: Any, obj: Any, axis: Any = None) -> Any:
    """An array without the elements at positions along an axis."""
    array, axis = _along(arr, axis)
    return sh.take(array, np.delete(np.arange(array.shape[axis]), real_values(obj)), axis)


def _along(arr: Any, axis: Any) -> tuple[ndarray, int]:
    array = as_array(arr) if axis is not None else sh.ravel(arr)
    return array, sh.normalize_axis_index(axis or 0, array.ndim)


def resize(a: Any, new_shape: Any) -> ndarray:
    """The elements, over and over, in another shape."""
    wanted = (new_shape,) if np.ndim(new_shape) == 0 else tuple(new_shape)
    if any(n < 0 for n in wanted):
        raise ValueError("all elements of `new_shape` must be non-negative")
    flat = sh.ravel(a)
    size = int(np.prod(wanted, dtype=np.int64))
    if not flat.size or not size:
        return ndarray(ar.full(0, flat.dtype, wanted))
    times = -(-size // flat.size)
    return sh.reshape(sh.tile(flat, times)[:size], wanted)


def trim_zeros(filt: Any, trim: Any = "fb", axis: Any = None) -> Any:
    """An array without the zeros at its ends; computed now, as their number is not known before."""
    return owned(np.trim_zeros(as_array(filt).compute(), trim, axis).copy())


def select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    """The elements of the choice whose condition is the first to hold."""
    if len(condlist) != len(choicelist):
        raise ValueError("list of cases must be same length as list of conditions")
    if not len(condlist):
        raise ValueError("select with an empty condition list is not possible")
    kinds = [c if isinstance(c, (int, float, complex)) else as_array(c).dtype for c in (*choicelist, default)]
    dtype = np.result_type(*kinds)
    made = ndarray(node_of(default, dtype))
    for condition, choice in reversed(list(zip(condlist, choicelist, strict=True))):
        mask = as_array(condition)
        if mask.dtype != bool:
            raise TypeError("invalid entry in condlist: should be boolean ndarray")
        made = ew.where(mask, ndarray(node_of(choice, dtype)), made)
    return made


# -- writing -------------------------------------------------------------------------------------------------------


def copyto(dst: ndarray, src: Any, casting: Any = "same_kind", where: Any = True) -> None:
    """Write an array into another, where a mask holds."""
    _ours_alone(dst)
    weak = type(src) in ew.WEAK
    given = node_of(src, dst.dtype) if weak else node_of(src)
    if not np.can_cast(given.dtype, dst.dtype, casting):
        raise TypeError(
            f"Cannot cast array data from {given.dtype!r} to {dst.dtype!r} according to the rule {casting!r}"
        )
    if where is not True:
        given = ew.over("where", [node_of(where, bool), ew.cast(given, dst.dtype), dst._node], dst.dtype)
    dst[...] = ndarray(given)


def putmask(a: ndarray, mask: Any, values: Any) -> None:
    """Write values where a mask holds, each at the place that it has among the values, repeated."""
    _ours_alone(a)
    ours = as_array(mask)
    if np.ndim(values) or ours.shape != a.shape or ours.dtype.kind != "b":
        raise NotNative("several values")
    a[ours] = values


def _ours_alone(array: Any) -> None:
    if not isinstance(array, ndarray):
        raise NotNative("an array of NumPy's to write into")


def in_memory(*args: Any, **options: Any) -> Any:
    """What writes into memory: NumPy does."""
    raise NotNative("it writes into an array")


place = put = put_along_axis = in_memory


def fill_diagonal(a: ndarray, val: Any, wrap: bool = False) -> None:
    """Write values on the diagonal."""
    _ours_alone(a)
    if a.ndim != 2 or wrap or np.ndim(val):
        raise NotNative("several values, or other than two axes")
    a[eye(a.shape[0], a.shape[1], dtype=bool)] = val
