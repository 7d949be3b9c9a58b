"""Arrays out of nothing and out of memory."""

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from tenfold import config
from tenfold.errors import NotNative
from tenfold.expr import arrays as ar
from tenfold.io.arrays import MemoryArray
from tenfold.numpy import elementwise as ew
from tenfold.numpy.array import as_array, gathered, ndarray, node_of, owned
from tenfold.numpy.memory import is_odd, is_shared, is_small
from tenfold.numpy.shape import is_fortran, transpose
from tenfold.numpy.through import now, real_values, shared

NUMPY: Any = np  # whose stubs have no forms for arguments of any type
NUMBERS = "biufc"  # kinds that constants and ranges are made of here


def array(
    object: Any, dtype: Any = None, *, copy: Any = True, order: Any = "K", subok: bool = False, ndmin: int = 0,
    ndmax: Any = np._NoValue, like: Any = None,
) -> Any:  # fmt: skip
    """An array of its own; of a NumPy array, a copy.

    Examples
    --------
    >>> import tenfold.numpy as np
    >>> np.array([[1, 2], [3, 4]]).sum(axis=0)
    array([4, 6])
    """
    if isinstance(copy, np._CopyMode):
        copy = {np._CopyMode.ALWAYS: True, np._CopyMode.IF_NEEDED: None, np._CopyMode.NEVER: False}[copy]
    if like is not None or ndmax is not np._NoValue or order not in ("K", "C", "F", "A", None):
        raise NotNative("an array like another library's, or an order that NumPy judges")
    made = _array(object, dtype, order, copy, subok)
    if isinstance(made, ndarray) and made.ndim < ndmin:
        made = made.reshape((1,) * (ndmin - made.ndim) + made.shape)
    return made


def _array(value: Any, dtype: Any, order: Any, copy: Any, subok: bool = False) -> Any:
    """An array of anything: what is in memory shared, if it may be, and copied, if it has to be."""
    if isinstance(value, ndarray):
        return _of_ours(value, dtype, order, copy)
    if hasattr(value, "__cuda_array_interface__"):
        made = ndarray(node_of(value))
        return made if dtype is None else ndarray(ew.cast(made._node, dtype))
    if not isinstance(value, np.ndarray):
        real = np.array(gathered(value), dtype, order=order, copy=copy, subok=subok)
        return real if subok and type(real) is not np.ndarray else owned(real)
    if subok and type(value) not in (np.ndarray, np.memmap):
        return np.array(value, dtype, order=order, copy=copy, subok=True)
    real = np.asarray(np.array(value, dtype, order=order, copy=copy))
    if real.base is None and real is not value:
        return owned(real)
    if is_odd(real.dtype) or is_small(real):
        return shared(real)
    # who writes into large memory later would change what is computed then: it is shared where nobody can, or on demand
    return ndarray(ar.Stored(MemoryArray(real if copy is False or is_shared(real) else real.copy())))


def _of_ours(value: ndarray, dtype: Any, order: Any, copy: Any) -> ndarray:
    fortran = order == "F" or (order in ("A", "K", None) and is_fortran(value))
    same = (dtype is None or value.dtype == np.dtype(dtype)) and (order not in ("C", "F") or _is_laid(value, order))
    if same and not copy:
        return value
    if copy is False:
        raise ValueError("Unable to avoid copy while creating an array as requested.")
    node = value._node if dtype is None else ew.cast(value._node, dtype)
    return laid(node, "F" if fortran else "C")


def _is_laid(value: ndarray, order: str) -> bool:
    return is_fortran(value) if order == "F" and value.ndim > 1 else order == "F" or not is_fortran(value)


def laid(node: ar.Array, order: Any) -> ndarray:
    """An array of its own that lies in an order of axes, C's or Fortran's, where NumPy would have it in memory."""
    if order != "F" or node.ndim < 2:
        return ndarray(node)
    return transpose(ndarray(ar.transpose(node, tuple(reversed(range(node.ndim))))))


def asarray(
    a: Any, dtype: Any = None, order: Any = None, *, device: Any = None, copy: Any = None, like: Any = None
) -> Any:
    """Ours as it is; anything else as one of ours.

    Small memory is shared, as in NumPy. Of more than `small_bytes` a copy is taken, as the work is done later, unless
    nobody can write into it, or `copy=False` promises that nobody will.
    """
    check_device(device)
    return array(a, dtype, copy=copy, order=order, like=like)


def asanyarray(
    a: Any, dtype: Any = None, order: Any = None, *, device: Any = None, copy: Any = None, like: Any = None
) -> Any:
    """As `asarray`; what is a subclass of NumPy's array stays one."""
    check_device(device)
    return array(a, dtype, copy=copy, order=order, subok=True, like=like)


def ascontiguousarray(a: Any, dtype: Any = None, *, like: Any = None) -> Any:
    """An array that lies in C's order, with one axis at least."""
    return array(a, dtype, copy=None, order="C", ndmin=1, like=like)


def asfortranarray(a: Any, dtype: Any = None, *, like: Any = None) -> Any:
    """An array that lies in Fortran's order, with one axis at least."""
    return array(a, dtype, copy=None, order="F", ndmin=1, like=like)


def copy(a: Any, order: str = "K", subok: bool = False) -> Any:
    """An array of its own."""
    return array(a, order=order, subok=subok)


def check_device(device: Any) -> None:
    """ValueError for a device that is not the array API's one."""
    if device not in (None, "cpu"):
        raise ValueError(
            f'Device not understood. Only "cpu" is allowed, but received: {device}; tenfold.use says where arrays run'
        )


def _shape(shape: Any) -> ar.Shape:
    sizes = tuple(map(operator.index, shape)) if np.iterable(shape) else (operator.index(shape),)
    if any(n < 0 for n in sizes):
        raise ValueError("negative dimensions are not allowed")
    if len(sizes) > 64:
        raise ValueError(f"maximum supported dimension for an ndarray is currently 64, found {len(sizes)}")
    return sizes


def full(
    shape: Any, fill_value: Any, dtype: Any = None, order: str = "C", *, device: Any = None, like: Any = None
) -> Any:
    """One value everywhere."""
    check_device(device)
    if like is not None or order not in ("C", "F"):
        raise NotNative("an array like another library's, or an order that NumPy judges")
    kind = None if dtype is None else np.dtype(dtype)
    if is_plain(fill_value) and (kind is None or kind.kind in NUMBERS):
        node = node_of(fill_value, kind)
    else:
        return owned(
            NUMPY.full(shape, fill_value.compute() if isinstance(fill_value, ndarray) else fill_value, dtype, order)
        )
    shape = _shape(shape)
    if isinstance(node, ar.Full) and math.prod(shape) * node.dtype.itemsize <= config.get("small_bytes"):
        return owned(NUMPY.full(shape, node.value, node.dtype, order))
    if isinstance(node, ar.Full):
        return laid(ar.Full(node.bits, node.type, shape), order)
    return laid(ar.broadcast(node, shape), order)


def is_plain(value: Any) -> bool:
    """Whether a value is numbers, so that nothing but its dtype matters."""
    kind = getattr(value, "dtype", None)
    return isinstance(value, (int, float, complex)) if kind is None else kind.kind in NUMBERS


def zeros(shape: Any, dtype: Any = None, order: str = "C", *, device: Any = None, like: Any = None) -> Any:
    """Zeros."""
    return _filled(np.zeros, shape, dtype, order, device, like)


def ones(shape: Any, dtype: Any = None, order: str = "C", *, device: Any = None, like: Any = None) -> Any:
    """Ones."""
    return _filled(np.ones, shape, dtype, order, device, like)


def empty(shape: Any, dtype: Any = None, order: str = "C", *, device: Any = None, like: Any = None) -> Any:
    """Zeros, as far as anybody has to care."""
    if dtype is not None and np.dtype(dtype).hasobject:  # NumPy's hold None
        return owned(np.empty(shape, dtype, order))  # type: ignore[call-overload]
    return _filled(np.zeros, shape, dtype, order, device, like)


def _filled(real: Any, shape: Any, dtype: Any, order: str, device: Any, like: Any) -> Any:
    one = real((), float if dtype is None else dtype)
    if one.dtype.kind in NUMBERS and not one.ndim:
        return full(shape, one, order=order, device=device, like=like)
    return owned(real(shape, dtype, order))


def _like(make: Callable[..., Any]) -> Callable[..., Any]:
    def function(
        a: Any, dtype: Any = None, order: str = "K", subok: bool = True, shape: Any = None, *, device: Any = None
    ) -> Any:
        model = as_array(a)
        order = "F" if order == "F" or (order in "AK" and is_fortran(model) and shape is None) else "C"
        return make(
            model.shape if shape is None else shape, model.dtype if dtype is None else dtype, order, device=device
        )

    function.__name__ = f"{make.__name__}_like"
    function.__doc__ = f"As `{make.__name__}`, with the shape and dtype of an array."
    return function


zeros_like, ones_like = _like(zeros), _like(ones)


def empty_like(
    prototype: Any, /, dtype: Any = None, order: str = "K", subok: bool = True, shape: Any = None, *, device: Any = None
) -> Any:
    """As `empty`, with the shape and dtype of an array."""
    return _like(empty)(prototype, dtype, order, subok, shape, device=device)


def full_like(
    a: Any, fill_value: Any, dtype: Any = None, order: str = "K", subok: bool = True, shape: Any = None, *,
    device: Any = None,
) -> Any:  # fmt: skip
    """As `full`, with the shape and dtype of an array."""
    make = _like(lambda shape, dtype, order, device: full(shape, fill_value, dtype, order, device=device))
    return make(a, dtype, order, subok, shape, device=device)


def arange(
    start_or_stop: Any = None, /, stop: Any = None, step: Any = 1, dtype: Any = None, *, device: Any = None,
    like: Any = None,
) -> Any:  # fmt: skip
    """Evenly spaced values in a half-open interval."""
    check_device(device)
    if like is not None or (start_or_stop is None and stop is None):
        raise NotNative("an array like another library's, or no end")
    start, stop = (0, start_or_stop) if stop is None else (0 if start_or_stop is None else start_or_stop, stop)
    start, stop, step = (
        x.compute() if isinstance(x, ndarray) else x for x in (start, stop, 1 if step is None else step)
    )
    kind = None if dtype is None else np.dtype(dtype)
    if not all(isinstance(x, (int, float, np.integer, np.floating)) for x in (start, stop, step)) or (
        kind is not None and kind.kind not in "iuf"
    ):
        return owned(NUMPY.arange(start, stop, step, kind))
    wanted = np.arange(type(start)(0), type(stop)(0), type(step)(1)).dtype if kind is None else kind
    length = int(np.ceil((stop - start) / step)) if step else 0
    if not step:
        raise ZeroDivisionError("division by zero")
    number = ndarray(ar.Range(0, (max(0, length),)))
    if wanted.kind in "iu" and all(isinstance(x, (int, np.integer)) for x in (start, step)):
        if length > 0:
            np.asarray(start).astype(wanted)  # Python integers that no dtype holds are NumPy's to refuse
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
    check_device(device)
    start, stop = (x.compute() if isinstance(x, ndarray) else x for x in (start, stop))
    if np.ndim(start) or np.ndim(stop) or axis or not (is_plain(start) and is_plain(stop)):
        made: Any = NUMPY.linspace(start, stop, num, endpoint, retstep, dtype, axis)
        return (owned(made[0]), owned(made[1])) if retstep else owned(made)
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


def logspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, base: Any = 10.0, dtype: Any = None, axis: int = 0
) -> Any:
    """Values evenly spaced in their logarithms."""
    if np.ndim(base):
        return owned(NUMPY.logspace(*real_values([start, stop, num, endpoint, base, dtype, axis])))
    made = ew.ufunc("power")(float(base), linspace(start, stop, num, endpoint, axis=axis))
    return made if dtype is None else ndarray(ew.cast(made._node, dtype))


geomspace = now("geomspace")


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
    check_device(device)
    if like is not None or np.dtype(dtype).kind not in NUMBERS:
        return owned(NUMPY.eye(N, M, k, dtype, order))
    shape = (operator.index(N), operator.index(N if M is None else M))
    row, column = (ndarray(ar.view(ar.Range(0, (shape[a],)), shape, ((a, 0, 1),))) for a in (0, 1))
    return laid(ew.cast((column - row == operator.index(k))._node, dtype), order)


def identity(n: int, dtype: Any = None, *, like: Any = None) -> ndarray:
    """The identity matrix."""
    return eye(n, dtype=float if dtype is None else dtype, like=like)


def indices(dimensions: Any, dtype: Any = int, sparse: bool = False) -> Any:
    """The index of every element, by axis."""
    shape = _shape(dimensions)
    made = []
    for a, n in enumerate(shape):
        wide = tuple(n if b == a else 1 for b in range(len(shape))) if sparse else shape
        made.append(ndarray(ew.cast(ar.view(ar.Range(0, (n,)), wide, ((a, 0, 1),)), dtype)))
    return tuple(made) if sparse else _stacked(made) if made else owned(np.indices(shape, dtype))


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
    if indexing not in ("xy", "ij"):
        raise ValueError("Valid values for `indexing` are 'xy' and 'ij'.")
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
    if array_.dtype.kind not in NUMBERS:
        raise NotNative(f"elements of type {array_.dtype}")
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


def tri(N: Any, M: Any = None, k: Any = 0, dtype: Any = float, *, like: Any = None) -> Any:
    """Ones on and below a diagonal, zeros above."""
    if like is not None or np.dtype(dtype).kind not in "biufc":
        raise NotNative("an array like another library's, or no numbers")
    shape = (operator.index(N), operator.index(N if M is None else M))
    row, column = (ndarray(ar.view(ar.Range(0, (shape[a],)), shape, ((a, 0, 1),))) for a in (0, 1))
    return laid(ew.cast((column - row <= k)._node, dtype), "C")


def diagflat(v: Any, k: Any = 0) -> Any:
    """The matrix with the elements of an array, as it lies flat, on a diagonal."""
    return diag(as_array(v).reshape(-1), k)


def _joined(*parts: ndarray) -> ndarray:
    nodes = tuple(part._node for part in parts if part.size)
    return ndarray(nodes[0] if len(nodes) == 1 else ar.Concatenate(nodes, 0))
