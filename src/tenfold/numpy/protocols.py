"""How other libraries meet our arrays: NumPy's functions and ufuncs, the array API, DLPack."""

from collections.abc import Callable
from typing import Any

import numpy as np

from tenfold.numpy import elementwise as ew
from tenfold.numpy.array import ndarray, through_numpy

_native: dict[str, Any] = {}


def register(native: dict[str, Any]) -> None:
    """Answer NumPy's functions by ours of the same names."""
    _native.update(native)


def array_ufunc(self: ndarray, real: Any, method: str, *inputs: Any, out: Any = None, **options: Any) -> Any:
    """`numpy.add(x, y)` and the like, with one of ours among the operands."""
    function: Any = ew.ufunc(real.__name__) if hasattr(np, real.__name__) else None
    if out is not None:
        options["out"] = out[0] if len(out) == 1 else out
    if function is None:
        return through_numpy(real.__name__, getattr(real, method), inputs, options)
    return getattr(function, method)(*inputs, **options)


def array_function(self: ndarray, real: Callable[..., Any], types: Any, args: Any, options: Any) -> Any:
    """`numpy.sum(x)` and the like."""
    path = real.__module__.removeprefix("numpy").strip(".")
    found = _native.get(real.__name__) if not path else getattr(_native.get(path), real.__name__, None)
    if found is None:
        return through_numpy(f"{path}.{real.__name__}".strip("."), real, args, options)
    return found(*args, **options)


def array_namespace(self: ndarray, *, api_version: str | None = None) -> Any:
    """The namespace of the array API standard: this package."""
    return _native["namespace"]


def dlpack(self: ndarray, **options: Any) -> Any:
    """The computed array as a DLPack capsule."""
    return self.compute().__dlpack__(**options)


def dlpack_device(self: ndarray) -> tuple[int, int]:
    """The host's memory."""
    return 1, 0


for _name, _function in {
    "__array_ufunc__": array_ufunc, "__array_function__": array_function, "__array_namespace__": array_namespace,
    "__dlpack__": dlpack, "__dlpack_device__": dlpack_device,
}.items():  # fmt: skip
    setattr(ndarray, _name, _function)
