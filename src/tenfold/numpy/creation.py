"""Arrays out of nothing and out of memory."""

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from tenfold.expr import arrays as ar
from tenfold.numpy import elementwise as ew
from tenfold.numpy.array import ndarray, node_of
from tenfold.numpy.shape import as_array


def array(
    object: Any, dtype: Any = None, *, copy: Any = True, ndmin: int = 0, order: Any = None, like: Any = None
) -> ndarray:
    """An array of its own; of a NumPy array, a copy.

    Examples
    --------
    >>> import tenfold.numpy as np
    >>> np.array([[1, 2], [3, 4]]).sum(axis=0)
    array([4, 6])
    """
    if isinstance(object, np.ndarray) and copy:
        object = object.copy()
    node = node_of(object, dtype)
    if node.ndim < ndmin:
        node = ar.Reshape(node, (1,) * (ndmin - node.ndim) + node.shape)
    return ndarray(node)


def asarray(a: Any, dtype: Any = None, *, copy: Any = None, order: Any = None, device: Any = None) -> ndarray:
    """Ours as it is; anything else as one of ours, sharing its memory.

    As the work is done later, what is written to that memory before then shows in answers.
    """
    if isinstance(a, ndarray) and not copy:
        return a if dtype is None or a.dtype == np.dtype(dtype) else ndarray(node_of(a, dtype))
    return array(a, dtype, copy=bool(copy))


asanyarray = ascontiguousarray = asfortranarray = asarray


def copy(a: Any, order: str = "K", subok: bool = False) -> ndarray:
    """An array of its own."""
    return array(a)


def _shape(shape: Any) -> ar.Shape:
    sizes = tuple(map(operator.index, shape)) if np.iterable(shape) else (operator.index(shape),)
    if any(n < 0 for n in sizes):
        raise ValueError("negative dimensions are not allowed")
    return sizes


def full(
    shape: Any, fill_value: Any, dtype: Any = None, order: str = "C", *, device: Any = None, like: Any = None
) -> ndarray:
    """One value everywhere."""
    node = node_of(fill_value, dtype)
    shape = _shape(shape)
    if isinstance(node, ar.Full):
        return ndarray(ar.Full(node.bits, node.type, shape))
    return ndarray(ar.broadcast(node, shape))


def zeros(shape: Any, dtype: Any = float, order: str = "C", *, device: Any = None, like: Any = None) -> ndarray:
    """Zeros."""
    return full(shape, np.zeros((), dtype))


def ones(shape: Any, dtype: Any = float, order: str = "C", *, device: Any = None, like: Any = None) -> ndarray:
    """Ones."""
    return full(shape, np.ones((), dtype))


empty = zeros


def _like(make: Callable[..., ndarray]) -> Callable[..., ndarray]:
    def function(
        a: Any,
        *value: Any,
        dtype: Any = None,
        order: str = "K",
        subok: bool = True,
        shape: Any = None,
        device: Any = None,
    ) -> ndarray:
        node = node_of(a)
        return make(node.shape if shape is None else shape, *value, dtype=node.dtype if dtype is None else dtype)

    function.__name__ = f"{make.__name__}_like"
    function.__doc__ = f"As `{make.__name__}`, with the shape and dtype of an array."
    return function


zeros_like, ones_like, full_like = _like(zeros), _like(ones), _like(full)
empty_like = zeros_like


def arange(
    start: Any, stop: Any = None, step: Any = 1, dtype: Any = None, *, device: Any = None, like: Any = None
) -> ndarray:
    """Evenly spaced values in a half-open interval."""
    start, stop = (0, start) if stop is None else (start, stop)
    start, stop, step = (x.item() if isinstance(x, ndarray) else x for x in (start, stop, step))
    if any(isinstance(x, (str, np.datetime64, np.timedelta64, complex)) for x in (start, stop, step)):
        made: Any = np.arange(start, stop, step, dtype)  # type: ignore[call-overload]
        return as_array(made)
    wanted = np.dtype(dtype) if dtype is not None else np.arange(type(start)(0), type(stop)(0), type(step)(1)).dtype
    length = int(np.ceil((stop - start) / step)) if step else 0
    if not step:
        raise ZeroDivisionError("division by zero")
    number = ndarray(ar.Range(0, (max(0, length),)))
    if wanted.kind in "iu" and all(isinstance(x, (int, np.integer)) for x in (start, step)):
        return ndarray(ew.cast((number * int(step) + int(start))._node, wanted))
    # NumPy's own: the first two values in the dtype, the others by their difference
    first = np.asarray(start).astype(wanted)
    delta = np.asarray(start + step).astype(wanted) - first
    return ndarray(ew.cast((ndarray(ew.cast(number._node, wanted)) * delta + first)._node, wanted))


def linspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, retstep: bool = False, dtype: Any = None,
    axis: int = 0, *, device: Any = None,
) -> Any:  # fmt: skip
    """Evenly spaced values in a closed interval."""
    if np.ndim(start) or np.ndim(stop) or axis:
        made = np.linspace(np.asarray(start), np.asarray(stop), num, endpoint, retstep, dtype, axis)  # type: ignore[call-overload]
        return (as_array(made[0]), made[1]) if retstep else as_array(made)
    num = operator.index(num)
    if num < 0:
        raise ValueError(f"Number of samples, {num}, must be non-negative.")
    parts = num - 1 if endpoint else num
    kind = np.result_type(start, stop, float(num))
    delta = kind.type(stop) - kind.type(start)
    number = ndarray(ew.cast(ar.Range(0, (num,)), kind))
    step = delta / parts if parts > 0 else kind.type(np.nan)
    made = number * step if parts > 0 and step != 0 else (number / parts if parts > 0 else number) * delta
    made = made + kind.type(start)
    if endpoint and num > 1:
        made = ew.where(ndarray(ar.Range(0, (num,))) == num - 1, kind.type(stop), made)
    wanted = kind if dtype is None else np.dtype(dtype)
    if wanted.kind in "iu":
        made = ew.ufunc("floor")(made)
    made = ndarray(ew.cast(made._node, wanted))
    return (made, step) if retstep else made


def logspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, base: Any = 10.0, dtype: Any = None) -> Any:
    """Values evenly spaced in their logarithms."""
    made = ew.ufunc("power")(float(base), linspace(start, stop, num, endpoint))
    return made if dtype is None else ndarray(ew.cast(made._node, dtype))


def eye(
    N: int,
    M: int | None = None,
    k: int = 0,
    dtype: Any = float,
    order: str = "C",
    *,
    device: Any = None,
    like: Any = None,
) -> ndarray:
    """Ones on a diagonal, zeros elsewhere."""
    shape = (operator.index(N), operator.index(N if M is None else M))
    row, column = (ndarray(ar.view(ar.Range(0, (shape[a],)), shape, ((a, 0, 1),))) for a in (0, 1))
    return ndarray(ew.cast((column - row == operator.index(k))._node, dtype))


def identity(n: int, dtype: Any = float, *, like: Any = None) -> ndarray:
    """The identity matrix."""
    return eye(n, dtype=dtype)


def indices(dimensions: Any, dtype: Any = int, sparse: bool = False) -> Any:
    """The index of every element, by axis."""
    shape = _shape(dimensions)
    made = []
    for a, n in enumerate(shape):
        wide = tuple(n if b == a else 1 for b in range(len(shape))) if sparse else shape
        made.append(ndarray(ew.cast(ar.view(ar.Range(0, (n,)), wide, ((a, 0, 1),)), dtype)))
    return tuple(made) if sparse else as_array(np.stack(made)) if not made else _stacked(made)


def _stacked(arrays: list[ndarray]) -> ndarray:
    nodes = tuple(ar.view(a._node, (1, *a.shape), tuple((k + 1, 0, 1) for k in range(a.ndim))) for a in arrays)
    return ndarray(ar.Concatenate(nodes, 0))


def fromfunction(
    function: Callable[..., Any], shape: Any, *, dtype: Any = float, like: Any = None, **options: Any
) -> Any:
    """A function of the indices."""
    return function(*indices(shape, dtype), **options)


def meshgrid(*xi: Any, copy: bool = True, sparse: bool = False, indexing: str = "xy") -> tuple[ndarray, ...]:
    """Coordinate matrices of coordinate vectors."""
    vectors = [as_array(x).reshape(-1) for x in xi]
    order = list(range(len(vectors)))
    if indexing == "xy" and len(vectors) > 1:
        order[:2] = 1, 0
    shape = tuple(vectors[order.index(a)].size for a in range(len(vectors)))
    made = []
    for vector, axis in zip(vectors, order, strict=True):
        wide = tuple(n if a == axis else 1 for a, n in enumerate(shape)) if sparse else shape
        made.append(ndarray(ar.view(vector._node, wide, ((axis, 0, 1),))))
    return tuple(made)


def diag(v: Any, k: int = 0) -> Any:
    """The diagonal of a matrix, or the matrix of a diagonal."""
    array_ = as_array(v)
    if array_.ndim == 2:
        return array_.diagonal(k)
    if array_.ndim != 1:
        raise ValueError("Input must be 1- or 2-d.")
    n = array_.size + abs(k)
    if not array_.size:
        return zeros((n, n), array_.dtype)
    on = eye(n, k=k, dtype=bool)
    # each row (or column) has one element of the diagonal: the vector behind |k| zeros, seen along the rows
    before = ndarray(ar.full(0, array_.dtype, (abs(k),)))
    row = _joined(array_, before) if k >= 0 else _joined(before, array_)
    along_rows = ndarray(ar.view(row._node, (n, n), ((0, 0, 1),)))
    return ew.where(on, along_rows, array_.dtype.type(0))


def _joined(*parts: ndarray) -> ndarray:
    nodes = tuple(part._node for part in parts if part.size)
    return ndarray(nodes[0] if len(nodes) == 1 else ar.Concatenate(nodes, 0))
