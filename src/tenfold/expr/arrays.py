"""Language 1, arrays: nodes with a shape and a NumPy dtype. Building one infers both; nothing is computed.

Broadcasting, promotion and names are settled by who builds (`numpy/`): the arguments of `Elementwise` have its shape,
or none at all (shape `()`), and the dtypes of the loop that NumPy would run. All basic indexing, transposition and
broadcasting is one node, `View`: an affine map from the indices of the result to those of its array. Random arrays and
ranges are elementwise functions of `Range`, the flat index; so a slice of them is a change of that index alone.
"""

import math
from typing import Any

import numpy as np

from tenfold.errors import NotNative, PlanError
from tenfold.node import Node, node

Shape = tuple[int, ...]
Axis = tuple[int, int, int]  # (axis of the result or -1, offset, step): index = offset + step * result's index
FOLDS = ("sum", "prod", "min", "max", "any", "all", "count", "argmin", "argmax")


class Array(Node):
    """Numbers in a shape."""

    __slots__ = ("dtype", "shape")
    shape: Shape
    dtype: "np.dtype[Any]"

    @property
    def ndim(self) -> int:
        """How many axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """How many elements."""
        return math.prod(self.shape)

    @property
    def nbytes(self) -> int:
        """What they take in memory."""
        return self.size * self.dtype.itemsize


def _is(array: Array, shape: Shape, dtype: Any) -> None:
    array.derive("shape", shape)
    array.derive("dtype", np.dtype(dtype))


@node
class Stored(Array):
    """All of a source: `source` has `key`, `label`, `shape`, `dtype` and reads regions."""

    source: Any

    def infer(self) -> None:
        _is(self, self.source.shape, self.source.dtype)


@node
class Full(Array):
    """One value everywhere; `bits` are its bytes in hexadecimal, so that -0.0, nan and 1 stay apart."""

    bits: str
    type: Any
    extent: Shape

    def infer(self) -> None:
        _is(self, self.extent, self.type)

    @property
    def value(self) -> Any:
        """The value, as a NumPy scalar."""
        return np.frombuffer(bytes.fromhex(self.bits), self.dtype)[0]


def full(value: Any, dtype: Any = None, shape: Shape = ()) -> Full:
    """A constant array."""
    scalar = np.asarray(value, dtype)
    if scalar.dtype.hasobject:
        raise NotNative(f"no kernel takes objects: {value!r:.80}")
    return Full(scalar.tobytes().hex(), scalar.dtype, shape)


@node
class Range(Array):
    """The number of each element in C order, from `first` on."""

    first: int
    extent: Shape

    def infer(self) -> None:
        _is(self, self.extent, np.int64)


@node
class View(Array):
    """Element (i, j, ...) is that of `array` whose index on axis a is `offset + step * i`; see `Axis`.

    Slices, integer indices, newaxis, transposition, flips and broadcasting, and whatever they compose to.
    """

    array: Array
    extent: Shape
    axes: tuple[Axis, ...]

    def infer(self) -> None:
        used = [axis for axis, _, _ in self.axes if axis >= 0]
        if len(self.axes) != self.array.ndim or len(set(used)) < len(used) or max(used, default=-1) >= len(self.extent):
            raise PlanError(f"a view {self.axes} of shape {self.array.shape} as {self.extent}")
        if 0 not in self.extent:
            for size, (axis, offset, step) in zip(self.array.shape, self.axes, strict=True):
                last = offset + step * (self.extent[axis] - 1 if axis >= 0 else 0)
                if not (0 <= offset < size and 0 <= last < size):
                    raise PlanError(f"a view {self.axes} goes beyond shape {self.array.shape}")
        _is(self, self.extent, self.array.dtype)


@node
class Elementwise(Array):
    """An operation applied element by element: a ufunc by its name, `where`, `cast`, or a draw (`draw_normal`, ...)."""

    op: str
    args: tuple[Array, ...]
    type: Any

    def infer(self) -> None:
        shapes = {arg.shape for arg in self.args if arg.shape}
        if len(shapes) > 1:
            raise PlanError(f"{self.op} of shapes {sorted(shapes)}: broadcast first")
        _is(self, shapes.pop() if shapes else (), self.type)


@node
class Reduce(Array):
    """`function` (one of FOLDS) over some axes; `count` counts what is not zero.

    `argmin` and `argmax`, over one axis or all, are the number of the first extreme, or of the first NaN.
    """

    function: str
    array: Array
    over: tuple[int, ...]
    type: Any

    def infer(self) -> None:
        if self.function not in FOLDS or tuple(sorted(set(self.over))) != self.over:
            raise PlanError(f"{self.function} over {self.over}")
        _is(self, tuple(n for a, n in enumerate(self.array.shape) if a not in self.over), self.type)


@node
class Reshape(Array):
    """The same elements in C order under another shape."""

    array: Array
    extent: Shape

    def infer(self) -> None:
        if math.prod(self.extent) != self.array.size:
            raise PlanError(f"cannot reshape {self.array.shape} into {self.extent}")
        _is(self, self.extent, self.array.dtype)


@node
class Concatenate(Array):
    """Arrays of one dtype behind each other along an axis."""

    arrays: tuple[Array, ...]
    axis: int

    def infer(self) -> None:
        first = self.arrays[0]
        length = sum(a.shape[self.axis] for a in self.arrays)
        _is(self, (*first.shape[: self.axis], length, *first.shape[self.axis + 1 :]), first.dtype)


@node
class Assign(Array):
    """`array` with what a view of it would show replaced by `value`, which has the view's shape."""

    array: Array
    value: Array
    axes: tuple[Axis, ...]

    def infer(self) -> None:
        _is(self, self.array.shape, self.array.dtype)


@node
class Take(Array):
    """Elements at integer positions: axis `axes[k]` is indexed by `indices[k]`; the indices, all of one shape, are not
    negative. The axes of that shape come first, then those of the array that are not indexed.
    """

    array: Array
    indices: tuple[Array, ...]
    axes: tuple[int, ...]

    def infer(self) -> None:
        rest = tuple(n for a, n in enumerate(self.array.shape) if a not in self.axes)
        _is(self, self.indices[0].shape + rest, self.array.dtype)


@node
class Apply(Array):
    """A library function (a name in `run/library.py`) of arrays, which needs `core` axes of them whole.

    The other axes, leading and the same for all arguments and the result, may be cut as one likes; `core` counts the
    trailing axes of each argument. `options` are the function's own.
    """

    function: str
    args: tuple[Array, ...]
    core: int
    options: tuple[Any, ...]
    extent: Shape
    type: Any

    def infer(self) -> None:
        _is(self, self.extent, self.type)


@node
class MapBlocks(Array):
    """A user's function (a `UserFunction`), called once for every block of the result.

    Along axis a, block b is `cuts[a][b]`: (front, count, behind) says how many elements of what the function returns
    are kept, and how many before and behind them are not. Of argument k it gets, along axis a of that argument, the
    stretch (start, count) `parts[k][a][b]`, or the only one, which is that of all blocks; axes are aligned at their
    ends. Blocks are numbered from `first` on.
    """

    function: Any
    args: tuple[Array, ...]
    cuts: tuple[tuple[tuple[int, int, int], ...], ...]
    parts: tuple[tuple[tuple[tuple[int, int], ...], ...], ...]
    first: Shape
    type: Any

    def infer(self) -> None:
        _is(self, tuple(sum(count for _, count, _ in axis) for axis in self.cuts), self.type)


@node
class Outputs(Array):
    """A library function with several results (a name in `run/linear.py`), otherwise as `Apply`.

    It is computed once for all its results, which `Output` names; its own shape and dtype are those of the first.
    """

    function: str
    args: tuple[Array, ...]
    core: int
    options: tuple[Any, ...]
    extents: tuple[Shape, ...]
    types: tuple[Any, ...]

    def infer(self) -> None:
        _is(self, self.extents[0], self.types[0])


@node
class Output(Array):
    """One result of a function that has several."""

    outputs: Outputs
    number: int

    def infer(self) -> None:
        _is(self, self.outputs.extents[self.number], self.outputs.types[self.number])


@node
class Together(Array):
    """Several arrays that are computed in one run, what they share only once; its own shape and dtype say nothing."""

    arrays: tuple[Array, ...]

    def infer(self) -> None:
        _is(self, (), bool)


@node
class Tally(Array):
    """Counts made of pieces of arrays (a name in `run/library.py`), in whatever order, and added up."""

    function: str
    args: tuple[Array, ...]
    options: tuple[Any, ...]
    extent: Shape

    def infer(self) -> None:
        _is(self, self.extent, np.int64)


@node
class Contract(Array):
    """Sums of products: NumPy's `tensordot` of two arrays over pairs of axes, by BLAS."""

    left: Array
    right: Array
    axes: tuple[tuple[int, ...], tuple[int, ...]]
    type: Any

    def infer(self) -> None:
        left, right = self.left.shape, self.right.shape
        if [left[a] for a in self.axes[0]] != [right[a] for a in self.axes[1]]:
            raise PlanError(f"contraction of {left} and {right} over {self.axes}")
        rest = [n for a, n in enumerate(left) if a not in self.axes[0]]
        rest += [n for a, n in enumerate(right) if a not in self.axes[1]]
        _is(self, tuple(rest), self.type)


# -- views ---------------------------------------------------------------------------------------------------------


def view(array: Array, extent: Shape, axes: tuple[Axis, ...]) -> Array:
    """A view of an array: of what it is a view of itself, where it is one, and no node where it shows all of it."""
    if isinstance(array, View):
        inner = array.axes
        axes = tuple(_through(axis, axes) for axis in inner)
        array = array.array
    if extent == array.shape and axes == identity(array.ndim):
        return array
    return View(array, extent, axes)


def _through(inner: Axis, outer: tuple[Axis, ...]) -> Axis:
    axis, offset, step = inner
    if axis < 0:
        return inner
    above, start, stride = outer[axis]
    return (above, offset + step * start, step * stride if above >= 0 else 1)


def identity(ndim: int) -> tuple[Axis, ...]:
    """The axes of a view that shows everything as it is."""
    return tuple((a, 0, 1) for a in range(ndim))


def broadcast(array: Array, shape: Shape) -> Array:
    """An array repeated to a shape, by NumPy's rules (which the caller has checked)."""
    if array.shape == shape:
        return array
    first = len(shape) - array.ndim
    sizes = zip(array.shape, shape[first:], strict=True)
    return view(
        array, shape, tuple((first + a, 0, 1) if n == wide else (-1, 0, 1) for a, (n, wide) in enumerate(sizes))
    )


def transpose(array: Array, order: tuple[int, ...]) -> Array:
    """Axis k of the result is axis `order[k]` of the array."""
    places = {a: k for k, a in enumerate(order)}
    return view(array, tuple(array.shape[a] for a in order), tuple((places[a], 0, 1) for a in range(array.ndim)))


def index_map(array: Array) -> tuple[int, Shape] | None:
    """(base, strides) of the flat index that a range, or a view of one, holds; None for other arrays."""
    if isinstance(array, Range):
        return array.first, c_strides(array.shape)
    if not (isinstance(array, View) and isinstance(array.array, Range)):
        return None
    base, strides = array.array.first, [0] * array.ndim
    for (axis, offset, step), stride in zip(array.axes, c_strides(array.array.shape), strict=True):
        base += offset * stride
        if axis >= 0:
            strides[axis] += step * stride
    return base, tuple(strides)


def collapsed(strides: Shape, shape: Shape) -> tuple[Shape, Shape]:
    """Strides and shape of the same map over as few axes as it takes: those that run on into each other are one."""
    kept: list[tuple[int, int]] = []
    for stride, size in zip(strides, shape, strict=True):
        if size == 1:
            continue
        if kept and kept[-1][0] == stride * size:
            kept[-1] = (stride, kept[-1][1] * size)
        else:
            kept.append((stride, size))
    kept = kept or [(0, 1)]
    return tuple(stride for stride, _ in kept), tuple(size for _, size in kept)


def c_strides(shape: Shape) -> Shape:
    """How many elements lie between neighbours along each axis, in C order."""
    strides = [1] * len(shape)
    for a in range(len(shape) - 2, -1, -1):
        strides[a] = strides[a + 1] * shape[a + 1]
    return tuple(strides)
