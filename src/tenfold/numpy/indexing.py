"""Indexing, `x[...]` and `x[...] = y`: basic indices are views, which write through; others take or scatter."""

import operator
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.exceptions import ComplexWarning

from tenfold.expr import arrays as ar
from tenfold.numpy import elementwise as ew
from tenfold.numpy.array import as_array, ndarray, node_of, owned, result_of
from tenfold.numpy.memory import Memory
from tenfold.numpy.selection import Selection, selection_of
from tenfold.numpy.shape import seen, taken
from tenfold.numpy.through import NUMBERS, real_values, wrap


def get(array: ndarray, key: Any) -> Any:
    """What `array[key]` is."""
    memory = array._memory
    if memory is not None:
        return _of_memory(memory, real_key(key))
    items = _items(key, array.ndim)
    mask = _full_mask(array, items)
    if mask is not None:
        return ndarray(Selection(array._node, mask._node))
    items = _without_masks(items, array.shape)
    if not any(isinstance(item, (ndarray, _New)) for item in items):
        found = seen(array, *_view(items, array.shape))
        one = all(isinstance(item, int) for item in items) and not _has_ellipsis(key)
        # one element is a scalar: it does not follow the array
        return result_of(found._node) if one else found
    return _advanced(array, items)


def _of_memory(memory: Memory, key: Any) -> Any:
    """What an index of memory is: a view, a new array, a scalar, or the object that is there."""
    found = memory.array[key]
    if type(found) is np.ndarray:
        if found.base is not None and np.may_share_memory(found, memory.array):
            return ndarray(memory.view(found))
        return owned(found)
    return owned(found) if isinstance(found, np.generic) and found.dtype.kind in NUMBERS else found


def real_key(key: Any) -> Any:
    """An index without arrays of ours in it."""
    if type(key) is tuple:
        return tuple(map(real_key, key))
    if isinstance(key, ndarray):
        memory = key._memory
        return key.compute() if memory is None else memory.array
    if isinstance(key, slice) and any(isinstance(x, ndarray) for x in (key.start, key.stop, key.step)):
        return slice(*map(real_key, (key.start, key.stop, key.step)))
    return real_values(key) if type(key) is list else key


def _has_ellipsis(key: Any) -> bool:
    return any(item is Ellipsis for item in (key if isinstance(key, tuple) else (key,)))


def put(array: ndarray, key: Any, value: Any) -> None:
    """What `array[key] = value` does."""
    memory = array._memory
    if memory is not None:
        memory.write(real_key(key), _settled_value(value))
        return
    items = _items(key, array.ndim)
    mask = _full_mask(array, items)
    chosen = selection_of(value)
    if mask is not None and chosen is not None and chosen.mask is mask._node:  # as in x[mask] -= 1
        array._write(ew.over("where", [mask._node, ew.cast(chosen.values, array.dtype), array._node], array.dtype))
        return
    given = _as_elements(value, array.dtype)
    if mask is not None and not given.ndim:
        array._write(ew.over("where", [mask._node, given, array._node], array.dtype))
    elif any(isinstance(item, (ndarray, _New)) for item in items):
        array._write(_scattered(array, items, given), given.size)
    else:
        extent, axes = _view(items, array.shape)
        lens = seen(array, extent, axes)
        lens._write(ar.broadcast(_fitted(given, extent), extent))


def _settled_value(value: Any) -> Any:
    """A value as NumPy takes it; an expression is computed once, for all that look at it."""
    if not isinstance(value, ndarray):
        return real_values(value)
    if value._memory is None and value._base is None and value.ndim:
        return value._hold()
    return real_key(value)


def _as_elements(value: Any, dtype: "np.dtype[Any]") -> ar.Array:
    """A value as elements of a dtype: arrays are cast, what the dtype does not hold of Python's is an error."""
    if not isinstance(value, (ndarray, np.ndarray, np.generic)):
        return node_of(value, dtype)
    given = node_of(value)
    if given.dtype.kind == "c" and dtype.kind in "biuf":
        warnings.warn("Casting complex values to real discards the imaginary part", ComplexWarning, stacklevel=3)
    return ew.cast(given, dtype)


def _fitted(value: ar.Array, extent: ar.Shape) -> ar.Array:
    """A value without leading axes of length 1 that the target lacks; ValueError where it does not fit."""
    while value.ndim > len(extent) and value.shape[0] == 1:
        value = ar.Reshape(value, value.shape[1:])
    try:
        fits = np.broadcast_shapes(value.shape, extent) == extent
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(f"could not broadcast input array from shape {value.shape} into shape {extent}")
    return value


# -- reading an index ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _New:
    """A boolean in an index: an axis of its own, with one element or none."""

    holds: bool


def _items(key: Any, ndim: int) -> list[Any]:
    """One item for each axis, and None for new ones: integers, slices, arrays of ours."""
    items = [_item(item) for item in (key if isinstance(key, tuple) else (key,))]
    if sum(item is Ellipsis for item in items) > 1:
        raise IndexError("an index can only have a single ellipsis ('...')")
    used = sum(_axes_used(item) for item in items)
    if used > ndim:
        raise IndexError(f"too many indices for array: array is {ndim}-dimensional, but {used} were indexed")
    place = next((k for k, item in enumerate(items) if item is Ellipsis), len(items))
    return items[:place] + [slice(None)] * (ndim - used) + items[place + 1 :]


def _item(item: Any) -> Any:
    if item is None or item is Ellipsis or isinstance(item, slice):
        return item
    if isinstance(item, (bool, np.bool_)):
        return _New(bool(item))
    if not isinstance(item, (ndarray, np.ndarray, list, tuple)):
        try:
            return operator.index(item)
        except TypeError:
            raise IndexError(
                "only integers, slices (`:`), ellipsis (`...`), numpy.newaxis (`None`) and integer or boolean arrays "
                "are valid indices"
            ) from None
    array = as_array(np.asarray(item, np.int64) if isinstance(item, (list, tuple)) and not len(item) else item)
    if array.dtype.kind not in "biu":
        raise IndexError("arrays used as indices must be of integer (or boolean) type")
    if array.ndim == 0 and array.dtype.kind == "b":
        return _New(bool(array))
    return int(array) if array.ndim == 0 and not isinstance(item, ndarray) else array


def _axes_used(item: Any) -> int:
    if item is None or item is Ellipsis or isinstance(item, _New):
        return 0
    return item.ndim if isinstance(item, ndarray) and item.dtype.kind == "b" else 1


def _full_mask(array: ndarray, items: list[Any]) -> ndarray | None:
    """The mask, where the index is one mask for all axes."""
    if len(items) != 1 or not isinstance(items[0], ndarray) or items[0].dtype.kind != "b" or not array.ndim:
        return None
    mask: ndarray = items[0]
    if mask.shape != array.shape:
        raise IndexError(
            f"boolean index did not match indexed array: its shape is {mask.shape}, the array's {array.shape}"
        )
    return mask


def _without_masks(items: list[Any], shape: ar.Shape) -> list[Any]:
    """Masks as the positions where they hold."""
    out: list[Any] = []
    axis = 0
    for item in items:
        if isinstance(item, ndarray) and item.dtype.kind == "b":
            if item.shape != shape[axis : axis + item.ndim]:
                raise IndexError(f"boolean index did not match indexed array along axis {axis}")
            out.extend(as_array(places) for places in np.nonzero(item.compute()))
        else:
            out.append(item)
        axis += _axes_used(item)
    return out


def _view(items: list[Any], shape: ar.Shape) -> tuple[ar.Shape, tuple[ar.Axis, ...]]:
    """Extent and axes of a basic index; arrays stand for the whole axis."""
    extent: list[int] = []
    axes: list[ar.Axis] = []
    for item in items:
        size = shape[len(axes)] if len(axes) < len(shape) else 0
        if item is None:
            extent.append(1)
        elif isinstance(item, int):
            if not -size <= item < size:
                raise IndexError(f"index {item} is out of bounds for axis {len(axes)} with size {size}")
            axes.append((-1, item % size, 1))
        else:
            start, stop, step = item.indices(size) if isinstance(item, slice) else (0, size, 1)
            axes.append((len(extent), start, step))
            extent.append(len(range(start, stop, step)))
    if 0 in extent:  # no element: wherever it would start
        axes = [
            (axis, 0, step) if axis >= 0 and not extent[axis] else (axis, offset, step) for axis, offset, step in axes
        ]
    return tuple(extent), tuple(axes)


# -- arrays as indices ---------------------------------------------------------------------------------------------


def _advanced(array: ndarray, items: list[Any]) -> ndarray:
    """Elements at positions; integers beside arrays are positions too."""
    places = [k for k, item in enumerate(items) if isinstance(item, (ndarray, int, _New))]
    plain = [None if isinstance(i, _New) else slice(None) if isinstance(i, (ndarray, int)) else i for i in items]
    view = seen(array, *_view(plain, array.shape))
    # the axis of the view that each item is, new ones included
    axes = tuple(places)
    indices = tuple(_positions(items[k]) for k in places)
    together = places == list(range(places[0], places[0] + len(places)))
    return ndarray(taken(view._node, indices, axes, places[0] if together else 0))


def _positions(item: Any) -> ar.Array:
    if isinstance(item, ndarray):
        return item._node
    return node_of(np.zeros(int(item.holds), np.int64)) if isinstance(item, _New) else ar.full(item, np.int64)


def _scattered(array: ndarray, items: list[Any], value: ar.Array) -> ar.Array:
    """The array after an assignment at positions or through masks: by NumPy, on the whole array."""
    template: list[Any] = []
    arrays: list[ar.Array] = []
    for item in items:
        if isinstance(item, ndarray):
            template.append("array")
            arrays.append(item._node)
        elif isinstance(item, slice):
            template.append((item.start, item.stop, item.step))
        elif isinstance(item, _New):
            template.append(item.holds)
        else:
            template.append(item)
    args = (array._node, value, *arrays)
    return ar.Apply("assign_at", args, array.ndim, (tuple(template),), array.shape, array.dtype)


class flatiter:  # noqa: N801 (it stands for NumPy's)
    """All elements of an array in one axis: what is written here is written there."""

    def __init__(self, base: ndarray) -> None:
        self.base, self._index = base, 0

    @property
    def _flat(self) -> ndarray:
        """The elements in one axis: a view where there is one."""
        return self.base.reshape(-1)

    def __getitem__(self, key: Any) -> Any:
        memory = self.base._memory
        if memory is not None:
            return wrap(memory.array.flat[real_key(key)])
        found = get(self._flat, key)
        return found.copy() if isinstance(found, ndarray) and found.ndim else found

    def __next__(self) -> Any:
        if self._index >= self.base.size:
            raise StopIteration
        self._index += 1
        return self._flat[self._index - 1]

    @property
    def index(self) -> int:
        """How many elements were iterated over."""
        return self._index

    def __setitem__(self, key: Any, value: Any) -> None:
        if np.ndim(value) == 0 and self.base._memory is None:
            put(self._flat, key, value)
        else:  # values are repeated
            self.base._writable().flat[real_key(key)] = real_values(value)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._flat)

    def __delitem__(self, key: Any) -> None:
        raise TypeError("Cannot delete iterator elements")

    def __len__(self) -> int:
        return self.base.size

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return self._flat.__array__(dtype, copy)

    def copy(self) -> ndarray:
        """The elements as an array of their own."""
        return self._flat.copy()


for _method, _function in {"__getitem__": get, "__setitem__": put}.items():
    setattr(ndarray, _method, _function)
