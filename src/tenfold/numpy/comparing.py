"""Comparisons of whole arrays: close, equal, and lazy as far as a single truth value can be."""

from typing import Any

import numpy as np

from tenfold.expr import arrays as ar
from tenfold.numpy import elementwise as ew
from tenfold.numpy import reductions
from tenfold.numpy.array import as_array, ndarray, node_of


def isclose(a: Any, b: Any, rtol: Any = 1e-05, atol: Any = 1e-08, equal_nan: bool = False) -> ndarray:
    """Where two arrays are equal within a tolerance.

    Examples
    --------
    >>> import tenfold.numpy as np
    >>> np.isclose([1.0, 2.0], [1.0 + 1e-9, 2.1])
    array([ True, False])
    """
    x, y, rtol, atol = (v if type(v) in ew.WEAK else as_array(v) for v in (a, b, rtol, atol))
    if isinstance(y, int):
        y = float(y)
    elif isinstance(y, ndarray) and y.dtype.kind != "m":
        y = ndarray(ew.cast(y._node, np.result_type(y.dtype, 1.0)))
    near = abs(ew.ufunc("subtract")(x, y)) <= abs(y) * rtol + atol  # a number of Python's has no type of its own here
    made = near & ew.ufunc("isfinite")(y) | ew.ufunc("equal")(x, y)
    if equal_nan:
        made = made | ew.ufunc("isnan")(x) & ew.ufunc("isnan")(y)
    return made


def allclose(a: Any, b: Any, rtol: Any = 1e-05, atol: Any = 1e-08, equal_nan: bool = False) -> bool:
    """Whether two arrays are equal everywhere within a tolerance; computed now."""
    return bool(reductions.all(isclose(a, b, rtol, atol, equal_nan)))


def array_equal(a1: Any, a2: Any, equal_nan: bool = False) -> bool:
    """Whether two arrays have one shape and equal elements; computed now."""
    x, y = as_array(a1), as_array(a2)
    if x.shape != y.shape:
        return False
    made = x == y
    if equal_nan and {x.dtype.kind, y.dtype.kind} <= set("fcmM"):
        made = made | _missing(x) & _missing(y)
    return bool(reductions.all(made))


def _missing(x: ndarray) -> Any:
    return ew.ufunc("isnat" if x.dtype.kind in "mM" else "isnan")(x)


def array_equiv(a1: Any, a2: Any) -> bool:
    """Whether two arrays are equal when they are broadcast to each other; computed now."""
    try:
        np.broadcast_shapes(np.shape(a1), np.shape(a2))
    except ValueError:
        return False
    return bool(reductions.all(as_array(a1) == as_array(a2)))


def isposinf(x: Any, out: Any = None) -> Any:
    """Where elements are positive infinity."""
    return _infinite(x, False, out)


def isneginf(x: Any, out: Any = None) -> Any:
    """Where elements are negative infinity."""
    return _infinite(x, True, out)


def _infinite(x: Any, negative: bool, out: Any) -> Any:
    array = as_array(x)
    if array.dtype.kind == "c":
        raise TypeError("This operation is not supported for complex values because it would be ambiguous.")
    sign = ew.ufunc("signbit")(array)
    return ew.written((ew.ufunc("isinf")(array) & (sign if negative else ~sign))._node, out)


def iscomplex(x: Any) -> ndarray:
    """Where the imaginary parts are not zero."""
    array = as_array(x)
    return array.imag != 0 if array.dtype.kind == "c" else ndarray(ar.full(False, bool, array.shape))


def isreal(x: Any) -> ndarray:
    """Where the imaginary parts are zero."""
    return ~iscomplex(x)


def iscomplexobj(x: Any) -> bool:
    """Whether the dtype is complex."""
    return node_of(x).dtype.kind == "c"


def isrealobj(x: Any) -> bool:
    """Whether the dtype is not complex."""
    return not iscomplexobj(x)


def real_if_close(a: Any, tol: Any = 100) -> Any:
    """The real parts, if all imaginary ones are next to nothing, which is looked at now; else the array."""
    array = as_array(a)
    if array.dtype.kind != "c":
        return array
    limit = np.finfo(array.dtype).eps * tol if tol > 1 else tol
    return array.real if bool(reductions.all(ew.ufunc("absolute")(array.imag) < limit)) else array


def may_share_memory(a: Any, b: Any, max_work: Any = None) -> bool:
    """Whether writing into one array may show in the other: they are views of one base."""
    x, y = (array._memory.array if isinstance(array, ndarray) and array._memory else array for array in (a, b))
    if not isinstance(x, ndarray) and not isinstance(y, ndarray):
        return bool(np.may_share_memory(x, y, max_work))
    return _root(a) is _root(b)


shares_memory = may_share_memory


def _root(array: Any) -> Any:
    while isinstance(array, ndarray) and array._base is not None:
        array = array._base
    return array
