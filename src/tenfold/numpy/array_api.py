"""What the array API standard has beyond the functions that are NumPy's anyway: types, devices, small compositions.

Types are NumPy's own; functions of types answer at once, of arrays too, whose dtypes are known.
"""

import operator
from typing import Any

import numpy as np

from tenfold.expr import arrays as ar
from tenfold.numpy import elementwise as ew
from tenfold.numpy import reductions
from tenfold.numpy import shape as sh
from tenfold.numpy.array import as_array, ndarray

finfo, iinfo = np.finfo, np.iinfo


def _typed(value: Any) -> Any:
    """An array's dtype; anything else as it is."""
    return value.dtype if isinstance(value, ndarray) else value


def isdtype(dtype: Any, kind: Any) -> bool:
    """Whether a dtype is of a kind, as `numpy.isdtype`."""
    return np.isdtype(dtype, kind)


def can_cast(from_: Any, to: Any, casting: Any = "safe") -> bool:
    """Whether a dtype, or that of an array, may be cast to another one."""
    return np.can_cast(_typed(from_), _typed(to), casting)


def result_type(*arrays_and_dtypes: Any) -> "np.dtype[Any]":
    """The dtype that NumPy promotes to; of arrays, only the dtypes count."""
    return np.result_type(*map(_typed, arrays_and_dtypes))


def broadcast_shapes(*shapes: Any) -> ar.Shape:
    """The shape that shapes broadcast to."""
    return np.broadcast_shapes(*shapes)


def astype(x: Any, dtype: Any, /, *, copy: bool = True, device: Any = None) -> ndarray:
    """The values as another dtype."""
    _check_device(device)
    if not isinstance(x, (ndarray, np.ndarray)):
        raise TypeError(f"Input should be a NumPy array. It is a {type(x).__name__} instead.")
    array = as_array(x)
    if array.dtype.kind == "c" and np.dtype(dtype).kind in "iuf":
        raise TypeError("complex numbers have no real dtype: take real() or imag()")
    return array if array.dtype == np.dtype(dtype) and not copy else ndarray(ew.cast(array._node, dtype))


def unstack(x: Any, /, *, axis: int = 0) -> tuple[ndarray, ...]:
    """The arrays that `stack` would put together along an axis; views."""
    array = as_array(x)
    if not array.ndim:
        raise ValueError("Input array must be at least 1-d.")
    turned = sh.moveaxis(array, axis, 0)
    return tuple(turned[k] for k in range(len(turned)))


def _cumulative(name: str, start: int) -> Any:
    plain = getattr(reductions, name)

    def function(
        x: Any, /, *, axis: Any = None, dtype: Any = None, out: Any = None, include_initial: bool = False
    ) -> Any:
        array = as_array(x)
        if axis is None:
            if array.ndim != 1:
                raise ValueError("For arrays which have more than one dimension ``axis`` argument is required.")
            axis = 0
        made = plain(sh.atleast_1d(array), axis, dtype)
        if include_initial:
            axis = operator.index(axis) % made.ndim
            first = ar.full(start, made.dtype, (*made.shape[:axis], 1, *made.shape[axis + 1 :]))
            made = sh.concatenate([ndarray(first), made], axis)
        return ew.written(made._node, out)

    function.__name__ = {"cumsum": "cumulative_sum", "cumprod": "cumulative_prod"}[name]
    function.__doc__ = f"As `{name}`, with {start} in front if `include_initial`."
    return function


cumulative_sum, cumulative_prod = _cumulative("cumsum", 0), _cumulative("cumprod", 1)


# -- devices -------------------------------------------------------------------------------------------------------


def _check_device(device: Any) -> None:
    if device not in (None, "cpu"):
        raise ValueError(f'device {device!r}: arrays are written for "cpu"; tenfold.use says where they run')


def to_device(self: ndarray, device: Any, /, *, stream: Any = None) -> ndarray:
    """The array itself: expressions are nowhere, and `tenfold.use` says where they run."""
    _check_device(device)
    if stream is not None:
        raise ValueError("streams are of devices that hold arrays")
    return self


class Info:
    """What `__array_namespace_info__` tells."""

    def capabilities(self) -> dict[str, Any]:
        """What the standard leaves open: boolean indices and shapes that depend on data are there."""
        return {"boolean indexing": True, "data-dependent shapes": True, "max dimensions": None}

    def default_device(self) -> str:
        """Where arrays are."""
        return "cpu"

    def devices(self) -> list[str]:
        """Where arrays may be."""
        return ["cpu"]

    def default_dtypes(self, *, device: Any = None) -> Any:
        """NumPy's."""
        return np.__array_namespace_info__().default_dtypes(device=device)

    def dtypes(self, *, device: Any = None, kind: Any = None) -> Any:
        """Those of the standard, by name."""
        return np.__array_namespace_info__().dtypes(device=device, kind=kind)


ndarray.device = property(lambda self: "cpu", doc="Where the standard takes it to be.")  # type: ignore[attr-defined]
ndarray.to_device = to_device  # type: ignore[attr-defined]
