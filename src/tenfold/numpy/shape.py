"""Shapes and places: what only moves elements, by views where it can be one."""

import itertools
import math
import operator
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from tenfold.errors import NotNative
from tenfold.expr import arrays as ar
from tenfold.numpy import elementwise as ew
from tenfold.numpy import reductions
from tenfold.numpy.array import as_array, ndarray, node_of
from tenfold.numpy.lenses import ReadLens, ReshapeLens, ViewLens, reshaped
from tenfold.numpy.reductions import axes_of

normalize_axis_index = np.lib.array_utils.normalize_axis_index


def ndim(a: Any) -> int:
    """How many axes."""
    return as_array(a).ndim


def shape(a: Any) -> ar.Shape:
    """The lengths of the axes."""
    return as_array(a).shape


def size(a: Any, axis: int | None = None) -> int:
    """How many elements, in all or along an axis."""
    return as_array(a).size if axis is None else as_array(a).shape[axis]


def seen(a: Any, extent: ar.Shape, axes: tuple[ar.Axis, ...]) -> ndarray:
    """A view that writes through."""
    return ndarray._through(as_array(a), ViewLens(extent, axes))


def transpose(a: Any, axes: Any = None) -> ndarray:
    """The axes in another order, reversed by default."""
    array = as_array(a)
    shape, ndim = array.shape, array.ndim
    order = tuple(reversed(range(ndim))) if axes is None else np.lib.array_utils.normalize_axis_tuple(axes, ndim)
    if len(order) != ndim:
        raise ValueError("axes don't match array")
    places = {axis: k for k, axis in enumerate(order)}
    return seen(array, tuple(shape[k] for k in order), tuple((places[k], 0, 1) for k in range(ndim)))


permute_dims = transpose


def matrix_transpose(x: Any, /) -> ndarray:
    """The last two axes exchanged."""
    if np.ndim(x) < 2:
        raise ValueError(f"Input array must be at least 2-dimensional, but it is {np.ndim(x)}")
    return swapaxes(x, -1, -2)


def swapaxes(a: Any, axis1: int, axis2: int) -> ndarray:
    """Two axes exchanged."""
    order = list(range(np.ndim(a)))
    axis1, axis2 = normalize_axis_index(axis1, len(order)), normalize_axis_index(axis2, len(order))
    order[axis1], order[axis2] = order[axis2], order[axis1]
    return transpose(a, order)


def moveaxis(a: Any, source: Any, destination: Any) -> ndarray:
    """Axes at other places."""
    ndim = np.ndim(a)
    source = np.lib.array_utils.normalize_axis_tuple(source, ndim, "source")
    destination = np.lib.array_utils.normalize_axis_tuple(destination, ndim, "destination")
    if len(source) != len(destination):
        raise ValueError("`source` and `destination` arguments must have the same number of elements")
    order = [k for k in range(ndim) if k not in source]
    for place, axis in sorted(zip(destination, source, strict=True)):
        order.insert(place, axis)
    return transpose(a, order)


def rollaxis(a: Any, axis: int, start: int = 0) -> ndarray:
    """An axis moved before another one."""
    ndim = np.ndim(a)
    axis = normalize_axis_index(axis, ndim)
    if not -ndim <= start <= ndim:
        raise NotNative("a place that NumPy judges")
    start = start + ndim if start < 0 else start
    return moveaxis(a, axis, start - 1 if axis < start else start)


def reshape(a: Any, shape: Any, order: str = "C", *, copy: Any = None) -> ndarray:
    """The elements, in C order, under another shape."""
    array = as_array(a)
    if order == "A":
        order = "F" if is_fortran(array) else "C"
    if order not in ("C", "F") or shape is None:
        raise NotNative("an order that is neither C nor F")
    if order == "F":
        return transpose(reshape(transpose(array), tuple(reversed(_shape_of(shape, array.size))), copy=copy))
    if copy:
        return ndarray(ar.Reshape(array._node, _shape_of(shape, array.size)))
    wanted = _shape_of(shape, array.size)
    if not copies(array, wanted):
        return ndarray._through(array, ReshapeLens(wanted))
    if copy is False:
        raise ValueError("Unable to avoid creating a copy while reshaping.")
    return ndarray(ar.Reshape(array._node, wanted))


def copies(array: ndarray, wanted: ar.Shape) -> bool:
    """Whether NumPy's reshape of such a view would be a copy."""
    try:
        reshaped(array._strides, array.shape, wanted)
    except ValueError:
        return True
    return False


def _shape_of(shape: Any, size: int) -> ar.Shape:
    """A shape in which one length may be -1."""
    sizes = [operator.index(n) for n in (shape if isinstance(shape, Sequence | np.ndarray) else (shape,))]
    if sizes.count(-1) == 1:
        rest = -math.prod(sizes)
        if rest and size % rest == 0:
            sizes[sizes.index(-1)] = size // rest
    if math.prod(sizes) != size or any(n < 0 for n in sizes):
        raise ValueError(f"cannot reshape array of size {size} into shape {tuple(sizes)}")
    return tuple(sizes)


def is_fortran(array: ndarray) -> bool:
    """Whether an array lies in Fortran's order, and not in C's, where NumPy would have it in memory."""
    return _lies("F", array) and not _lies("C", array)


def _lies(order: str, array: ndarray) -> bool:
    try:
        strides = array._strides
    except ValueError:
        return order == "C"
    shape = array.shape
    wanted = ar.c_strides(shape) if order == "C" else ar.c_strides(shape[::-1])[::-1]
    return 0 in shape or all(n == 1 or s == w for n, s, w in zip(shape, strides, wanted, strict=True))


def ravel(a: Any, order: str = "C") -> ndarray:
    """All elements in one axis; by order `K`, as they lie."""
    array = as_array(a)
    if order == "K":
        try:
            strides = array._strides
        except ValueError:
            strides = ar.c_strides(array.shape)
        if any(s < 0 for s in strides):
            raise NotNative("elements that lie backwards")
        places = sorted(range(array.ndim), key=lambda k: -strides[k])
        return reshape(transpose(array, places), (-1,))
    return reshape(array, (-1,), order)


def squeeze(a: Any, axis: Any = None) -> ndarray:
    """Without the axes of length 1."""
    shape = np.shape(a)
    gone = tuple(k for k, n in enumerate(shape) if n == 1) if axis is None else axes_of(axis, len(shape))
    if any(shape[k] != 1 for k in gone):
        raise ValueError("cannot select an axis to squeeze out which has size not equal to one")
    places = iter(range(len(shape)))
    axes = tuple((-1, 0, 1) if k in gone else (next(places), 0, 1) for k in range(len(shape)))
    return seen(a, tuple(n for k, n in enumerate(shape) if k not in gone), axes)


def expand_dims(a: Any, axis: Any) -> ndarray:
    """With new axes of length 1."""
    shape = np.shape(a)
    places = axis if isinstance(axis, (tuple, list)) else (axis,)
    new = np.lib.array_utils.normalize_axis_tuple(places, len(shape) + len(places))
    rest = iter(shape)
    extent = tuple(1 if k in new else next(rest) for k in range(len(shape) + len(new)))
    return seen(a, extent, tuple((k, 0, 1) for k in range(len(extent)) if k not in new))


def broadcast_to(array: Any, shape: Any, subok: bool = False) -> ndarray:
    """The array repeated to a shape."""
    made = as_array(array)
    shape = tuple(map(operator.index, shape)) if np.iterable(shape) else (operator.index(shape),)
    if any(n < 0 for n in shape):
        raise ValueError("all elements of broadcast shape must be non-negative")
    if np.broadcast_shapes(made.shape, shape) != shape:
        raise ValueError(f"array of shape {made.shape} could not be broadcast to shape {shape}")
    return ndarray._through(made, ReadLens(partial(ar.broadcast, shape=shape), partial(np.broadcast_to, shape=shape)))


def broadcast_arrays(*args: Any, subok: bool = False) -> tuple[ndarray, ...]:
    """All arrays in one shape."""
    shape = np.broadcast_shapes(*map(np.shape, args))
    return tuple(broadcast_to(a, shape) for a in args)


def flip(m: Any, axis: Any = None) -> ndarray:
    """Axes backwards."""
    shape = np.shape(m)
    over = axes_of(axis, len(shape))
    axes = tuple((k, n - 1 if k in over and n else 0, -1 if k in over else 1) for k, n in enumerate(shape))
    return seen(m, shape, axes)


def flipud(m: Any) -> ndarray:
    """The first axis backwards."""
    return flip(m, 0)


def fliplr(m: Any) -> ndarray:
    """The second axis backwards."""
    return flip(m, 1)


def rot90(m: Any, k: int = 1, axes: tuple[int, int] = (0, 1)) -> ndarray:
    """Turned by 90 degrees, k times, in a plane."""
    k, (a, b) = k % 4, np.lib.array_utils.normalize_axis_tuple(axes, np.ndim(m)) if np.ndim(m) > 1 else (0, 0)
    if a == b:
        raise ValueError("Axes must be different.")
    if k == 0:
        return as_array(m)
    if k == 2:
        return flip(flip(m, a), b)
    return swapaxes(flip(m, b), a, b) if k == 1 else flip(swapaxes(m, a, b), b)


# -- joining and splitting -----------------------------------------------------------------------------------------


def concatenate(arrays: Any, axis: Any = 0, out: Any = None, *, dtype: Any = None, casting: Any = "same_kind") -> Any:
    """Arrays behind each other along an axis."""
    given = arrays if isinstance(arrays, (list, tuple)) else as_array(arrays)
    nodes = [node_of(a) for a in given]
    kinds = [a if axis is None and type(a) in ew.WEAK else n.dtype for a, n in zip(given, nodes, strict=True)]
    if not nodes:
        raise ValueError("need at least one array to concatenate")
    if axis is None:
        nodes, axis = [ar.Reshape(n, (n.size,)) for n in nodes], 0
    if any(n.ndim == 0 for n in nodes):
        raise ValueError("zero-dimensional arrays cannot be concatenated")
    axis = normalize_axis_index(axis, nodes[0].ndim)
    rest = {(*n.shape[:axis], *n.shape[axis + 1 :]) for n in nodes}
    if len(rest) > 1 or len({n.ndim for n in nodes}) > 1:
        raise ValueError(
            "all the input array dimensions except for the concatenation axis must match exactly; "
            f"got shapes {[n.shape for n in nodes]}"
        )
    if dtype is not None and out is not None:
        raise TypeError("concatenate() only takes `out` or `dtype` as an argument, but both were provided.")
    common = np.dtype(dtype) if dtype is not None else np.result_type(*kinds)
    if common.itemsize == 0:
        raise NotNative("text of a length that the elements decide")
    for kind in kinds:
        if type(kind) not in ew.WEAK and not np.can_cast(kind, common, casting):
            raise TypeError(f"Cannot cast array data from {kind!r} to {common!r} according to the rule {casting!r}")
    made = tuple(ew.cast(n, common) for n in nodes)
    return ew.written(made[0] if len(made) == 1 else ar.Concatenate(made, axis), out, casting)


concat = concatenate


def stack(arrays: Any, axis: int = 0, out: Any = None, *, dtype: Any = None, casting: Any = "same_kind") -> Any:
    """Arrays of one shape along a new axis."""
    made = [as_array(a) for a in arrays]
    if not made:
        raise ValueError("need at least one array to stack")
    if len({a.shape for a in made}) > 1:
        raise ValueError("all input arrays must have the same shape")
    return concatenate([expand_dims(a, axis) for a in made], axis, out, dtype=dtype, casting=casting)


def atleast_1d(*arrays: Any) -> Any:
    """With one axis at least."""
    made = tuple(reshape(a, (1,)) if np.ndim(a) == 0 else as_array(a) for a in arrays)
    return made[0] if len(made) == 1 else made


def atleast_2d(*arrays: Any) -> Any:
    """With two axes at least."""
    made = tuple(a if a.ndim >= 2 else expand_dims(a, 0) for a in map(atleast_1d, arrays))
    return made[0] if len(made) == 1 else made


def _sequence(arrays: Any) -> Any:
    """Arrays to be put together: NumPy has something to say about generators."""
    if not isinstance(arrays, (list, tuple, ndarray, np.ndarray)) or not len(arrays):
        raise NotNative("arrays that are in no list")
    return arrays


def vstack(tup: Any, *, dtype: Any = None, casting: Any = "same_kind") -> Any:
    """Rows below each other."""
    return concatenate([atleast_2d(a) for a in _sequence(tup)], 0, dtype=dtype, casting=casting)


def hstack(tup: Any, *, dtype: Any = None, casting: Any = "same_kind") -> Any:
    """Columns beside each other."""
    made = [atleast_1d(a) for a in _sequence(tup)]
    return concatenate(made, 0 if made[0].ndim == 1 else 1, dtype=dtype, casting=casting)


def column_stack(tup: Any) -> Any:
    """One-dimensional arrays as the columns of a matrix."""
    arrays = _sequence(tup)
    return concatenate([transpose(atleast_2d(a)) if np.ndim(a) < 2 else a for a in arrays], 1)


def atleast_3d(*arys: Any) -> Any:
    """With three axes at least."""
    made = tuple(a if a.ndim >= 3 else expand_dims(a, 2) for a in map(atleast_2d, arys))
    return made[0] if len(made) == 1 else made


def dstack(tup: Any) -> Any:
    """Matrices behind each other."""
    return concatenate([atleast_3d(a) for a in _sequence(tup)], 2)


def stretch(array: Any, axis: int, start: int | None, stop: int | None) -> Any:
    """A part of an array, cut along one axis."""
    return array[(*(slice(None),) * axis, slice(start, stop))]


def array_split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[ndarray]:
    """Pieces along an axis, as equal as may be."""
    array = as_array(ary)
    axis = normalize_axis_index(axis, array.ndim)
    length = array.shape[axis]
    if np.ndim(indices_or_sections) == 0:
        if int(indices_or_sections) < 1:
            raise ValueError("number sections must be larger than 0.")
        each, more = divmod(length, int(indices_or_sections))
        edges = [k * each + (min(more, k)) for k in range(int(indices_or_sections) + 1)]
    else:
        edges = [0, *indices_or_sections, length]
    return [stretch(array, axis, a, b) for a, b in itertools.pairwise(edges)]


def split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[ndarray]:
    """Equal pieces along an axis."""
    if np.ndim(indices_or_sections) == 0 and np.shape(ary)[axis] % int(indices_or_sections):
        raise ValueError("array split does not result in an equal division")
    return array_split(ary, indices_or_sections, axis)


def vsplit(ary: Any, indices_or_sections: Any) -> list[ndarray]:
    """Pieces along the first axis."""
    if np.ndim(ary) < 2:
        raise ValueError("vsplit only works on arrays of 2 or more dimensions")
    return split(ary, indices_or_sections, 0)


def hsplit(ary: Any, indices_or_sections: Any) -> list[ndarray]:
    """Pieces along the second axis (the first of a vector)."""
    if np.ndim(ary) == 0:
        raise ValueError("hsplit only works on arrays of 1 or more dimensions")
    return split(ary, indices_or_sections, 1 if np.ndim(ary) > 1 else 0)


def dsplit(ary: Any, indices_or_sections: Any) -> list[ndarray]:
    """Pieces along the third axis."""
    if np.ndim(ary) < 3:
        raise ValueError("dsplit only works on arrays of 3 or more dimensions")
    return split(ary, indices_or_sections, 2)


def block(arrays: Any) -> Any:
    """Arrays of nested lists put together: the innermost along the last axis, and so on outwards."""
    depth, deepest, ndim = 0, arrays, 0
    while isinstance(deepest, list) and deepest:
        depth, deepest = depth + 1, deepest[0]
    leaves = _leaves(arrays, depth)
    ndim = max([depth, *(leaf.ndim for leaf in leaves)])

    def joined(part: Any, level: int) -> ndarray:
        if level == depth:
            array = as_array(part)
            return reshape(array, (1,) * (ndim - array.ndim) + array.shape)
        return concatenate([joined(item, level + 1) for item in part], level - depth)

    made = joined(arrays, 0)
    return made if depth else ndarray(made._node)


def _leaves(part: Any, depth: int) -> list[ndarray]:
    """The arrays in lists that are nested so deep everywhere."""
    if isinstance(part, tuple) or isinstance(part, list) != (depth > 0) or (depth and not part):
        raise NotNative("lists that are nested unevenly, which NumPy refuses")
    return [leaf for item in part for leaf in _leaves(item, depth - 1)] if depth else [as_array(part)]


# -- repeating and moving ------------------------------------------------------------------------------------------


def roll(a: Any, shift: Any, axis: Any = None) -> ndarray:
    """The elements moved along axes, those that leave coming in at the other end."""
    array = as_array(a)
    if axis is None:
        return reshape(roll(ravel(array), shift, 0), array.shape)
    shift = shift.compute() if isinstance(shift, ndarray) else shift
    array = array.copy()  # also where nothing moves, it is another array
    for by, place in np.broadcast(shift, axis):
        k = normalize_axis_index(int(place), array.ndim)
        n = array.shape[k]
        if n and by % n:
            cut = n - int(by) % n
            array = concatenate([stretch(array, k, cut, None), stretch(array, k, None, cut)], k)
    return array


def tile(A: Any, reps: Any) -> ndarray:
    """The array repeated as a whole along its axes."""
    array = as_array(A)
    times = (reps,) if np.ndim(reps) == 0 else tuple(reps)
    ndim = max(len(times), array.ndim)
    times = (1,) * (ndim - len(times)) + tuple(map(int, times))
    shape = (1,) * (ndim - array.ndim) + array.shape
    wide = [x for pair in zip(times, shape, strict=True) for x in pair]
    apart = [x for n in shape for x in (1, n)]
    repeated = broadcast_to(reshape(array, apart), tuple(wide))
    return reshape(repeated, tuple(t * n for t, n in zip(times, shape, strict=True)))


def repeat(a: Any, repeats: Any, axis: Any = None) -> ndarray:
    """Each element repeated along an axis."""
    array = ravel(a) if axis is None or not np.ndim(a) else as_array(a)
    axis = normalize_axis_index(axis or 0, array.ndim)
    counts = np.broadcast_to(np.asarray(repeats), (array.shape[axis],))
    return take(array, np.repeat(np.arange(array.shape[axis]), counts), axis)


def pad(array: Any, pad_width: Any, mode: Any = "constant", **options: Any) -> ndarray:
    """The array with borders: constants, or elements of its own by `edge`, `reflect`, `symmetric`, `wrap`."""
    made = as_array(array)
    if mode not in ("constant", "edge", "reflect", "symmetric", "wrap") or options.keys() - {"constant_values"}:
        raise NotNative(f"mode {mode!r}, or its options")
    if isinstance(pad_width, dict):
        named = {range(made.ndim)[axis]: width for axis, width in pad_width.items()}  # some counted from the end
        pad_width = [np.broadcast_to(named.get(k, 0), 2) for k in range(made.ndim)]
    given = np.asarray(pad_width)
    if given.dtype.kind not in "iu":
        raise TypeError("`pad_width` must be of integral type.")
    if mode != "constant" and (0 in made.shape or "constant_values" in options):
        raise NotNative("nothing to take borders from, or constants that are not asked for")
    widths = np.broadcast_to(given, (made.ndim, 2))
    if (widths < 0).any():
        raise ValueError("index can't contain negative values")
    values = np.broadcast_to(np.asarray(options.get("constant_values", 0)), (made.ndim, 2))
    for axis, ((before, after), (low, high)) in enumerate(zip(widths.tolist(), values.tolist(), strict=True)):
        if mode != "constant":
            numbers = np.pad(np.arange(made.shape[axis]), (before, after), mode)
            made = take(made, numbers, axis) if before or after else made
            continue
        edges = []
        for count, value in ((before, low), (after, high)):
            shape = (*made.shape[:axis], count, *made.shape[axis + 1 :])
            edges.append(ndarray(ar.full(np.asarray(value).astype(made.dtype), made.dtype, shape)))
        made = concatenate([e for e in (edges[0], made, edges[1]) if e.shape[axis]] or [made], axis)
    return made


def take(a: Any, indices: Any, axis: Any = None, out: Any = None, mode: str = "raise") -> Any:
    """The elements at integer positions along an axis."""
    if mode not in ("raise", "wrap", "clip"):
        raise NotNative(f"mode {mode!r}")
    array = ravel(a) if axis is None or not np.ndim(a) else as_array(a)
    axis = normalize_axis_index(axis or 0, array.ndim)
    node = node_of(indices, None if isinstance(indices, (np.ndarray, ndarray)) else np.int64)
    length = array.shape[axis]
    if mode != "raise":
        numbers = ndarray(node)
        node = (numbers % length if mode == "wrap" else ew.clip(numbers, 0, length - 1))._node
    return ew.reduced(taken(array._node, (node,), (axis,), axis), out)


def taken(node: ar.Array, indices: tuple[ar.Array, ...], axes: tuple[int, ...], place: int) -> ar.Array:
    """Elements at positions on axes; the axes of the positions stand at `place` of the result."""
    try:
        shape = np.broadcast_shapes(*(index.shape for index in indices))
    except ValueError:
        shapes = " ".join(str(index.shape) for index in indices)
        raise IndexError(
            f"shape mismatch: indexing arrays could not be broadcast together with shapes {shapes}"
        ) from None
    for index, axis in zip(indices, axes, strict=True):
        _check_bounds(index, node.shape[axis], axis)
    wide = tuple(ar.broadcast(ew.cast(index, np.int64), shape) for index in indices)
    made: ar.Array = ar.Take(node, wide, axes)
    if place and shape:
        order = list(range(len(shape), made.ndim))
        order[place:place] = range(len(shape))
        made = ar.transpose(made, tuple(order))
    elif place == 0:
        return made
    return made


def _check_bounds(index: ar.Array, length: int, axis: int) -> None:
    """Positions in memory are judged now, others when they are computed."""
    if index.dtype.kind not in "iu":
        raise IndexError("arrays used as indices must be of integer (or boolean) type")
    known = _memory(index)
    if known is None or not np.size(known):
        return
    low, high = int(np.min(known)), int(np.max(known))
    if low < -length or high >= length:
        bad = low if low < -length else high
        raise IndexError(f"index {bad} is out of bounds for axis {axis} with size {length}")


def _memory(node: ar.Array) -> Any:
    """The NumPy array that a node is; None for others."""
    known = node.value if isinstance(node, ar.Full) else getattr(getattr(node, "source", None), "array", None)
    return known if isinstance(known, (np.ndarray, np.generic)) else None


def take_along_axis(arr: Any, indices: Any, axis: Any = -1) -> Any:
    """Elements at positions that differ from row to row."""
    array = ravel(arr) if axis is None else as_array(arr)
    axis = 0 if axis is None else normalize_axis_index(axis, array.ndim)
    numbers = as_array(indices)
    if numbers.ndim != array.ndim:
        raise ValueError("`indices` and `arr` must have the same number of dimensions")
    wide = list(array.shape)
    wide[axis] = numbers.shape[axis]
    numbers = broadcast_to(numbers, tuple(wide))
    places = []
    for k in range(array.ndim):
        shape = tuple(wide)
        own = ar.view(ar.Range(0, (wide[k],)), shape, ((k, 0, 1),))
        places.append(numbers._node if k == axis else own)
    return ndarray(taken(array._node, tuple(places), tuple(range(array.ndim)), 0))


def diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> ndarray:
    """The elements where two axes have one index (but for the offset), along a new last axis."""
    array = as_array(a)
    axis1, axis2 = (normalize_axis_index(k, array.ndim) for k in (axis1, axis2))
    rows, columns = array.shape[axis1], array.shape[axis2]
    start1, start2 = (-offset if offset < 0 else 0), (max(0, offset))
    length = sorted((0, rows - start1, columns - start2))[1] if rows > start1 and columns > start2 else 0
    places = node_of(np.arange(length) + start1), node_of(np.arange(length) + start2)
    along_both = ReadLens(lambda node: taken(node, places, (axis1, axis2), 0))
    return moveaxis(ndarray._through(array, along_both), 0, -1)


# -- made of neighbours and diagonals -----------------------------------------------------------------------------


def diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = np._NoValue, append: Any = np._NoValue) -> Any:
    """The differences of neighbours along an axis."""
    array = as_array(a)
    if not array.ndim:
        raise ValueError("diff requires input that is at least one dimensional")
    ends = [np._NoValue if x is np._NoValue else as_array(x) for x in (prepend, append)]
    if any(x is not np._NoValue for x in ends):
        place = normalize_axis_index(axis, array.ndim)
        shape = (*array.shape[:place], 1, *array.shape[place + 1 :])
        wide = [x if x is np._NoValue or x.ndim else broadcast_to(x, shape) for x in ends]
        array = concatenate([x for x in (wide[0], array, wide[1]) if x is not np._NoValue], place)
    if n < 0:
        raise ValueError(f"order must be non-negative but got {n}")
    axis = normalize_axis_index(axis, array.ndim)
    for _ in range(n):
        ahead, back = stretch(array, axis, 1, None), stretch(array, axis, None, -1)
        array = ahead != back if array.dtype.kind == "b" else ahead - back
    return array


def trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None, out: Any = None) -> Any:
    """The sum along a diagonal."""
    return reductions.sum(diagonal(a, offset, axis1, axis2), -1, dtype, out)


def _triangle(name: str) -> Any:
    def function(m: Any, k: int = 0) -> Any:
        array = as_array(m)
        if not array.ndim:
            raise TypeError("a triangle of an array without axes")
        rows, columns = array.shape[-2:] if array.ndim > 1 else array.shape * 2
        row = ndarray(ar.view(ar.Range(0, (rows,)), (rows, columns), ((0, 0, 1),)))
        column = ndarray(ar.view(ar.Range(0, (columns,)), (rows, columns), ((1, 0, 1),)))
        inside = column - row <= k if name == "tril" else column - row >= k
        return ew.where(inside, array, array.dtype.type(0))

    function.__name__ = name
    function.__doc__ = f"The {'lower' if name == 'tril' else 'upper'} triangle, zeros elsewhere."
    return function


tril, triu = _triangle("tril"), _triangle("triu")
