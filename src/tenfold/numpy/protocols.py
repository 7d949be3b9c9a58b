"""How other libraries meet our arrays: NumPy's functions and ufuncs, the array API, DLPack.

Whatever real NumPy is asked with one of ours among the arguments is answered by the function of ours of the same name.
Ufuncs of other libraries are elementwise too: they run block by block. Objects that carry labels (pandas') go first.
"""

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from tenfold.expr import arrays as ar
from tenfold.expr.user_function import NUMPYS
from tenfold.io import resident
from tenfold.io.arrays import MemoryArray
from tenfold.numpy import elementwise as ew
from tenfold.numpy import selected as _selected  # noqa: F401 (it fills the table of reductions)
from tenfold.numpy.array import as_array, ndarray
from tenfold.numpy.blocks import map_blocks
from tenfold.numpy.door import OTHERS, kind_of
from tenfold.numpy.memory import is_odd
from tenfold.numpy.through import real_values, through_numpy

HOST = (1, 3)  # DLPack's numbers of memory that the CPU reads
_native: dict[str, Any] = {}


def register(native: dict[str, Any]) -> None:
    """Answer NumPy's functions by ours of the same names."""
    _native.update(native)


def array_ufunc(self: ndarray, real: Any, method: str, *inputs: Any, out: Any = None, **options: Any) -> Any:
    """`numpy.add(x, y)` and the like, with one of ours among the operands."""
    name = real.__name__
    if out is not None:
        options["out"] = out[0] if len(out) == 1 else out
    given = (*inputs, *(out or ()))
    if any(kind_of(type(x)) == OTHERS for x in given):
        return getattr(real, method)(*real_values(inputs), **real_values(options))  # they answer, with real arrays
    if method == "at" and not isinstance(inputs[0], ndarray):
        return real.at(*real_values(inputs), **options)
    if real not in NUMPYS and any(is_odd(x.dtype) for x in inputs if isinstance(x, ndarray)):
        return through_numpy(name, getattr(real, method), inputs, options, "no kernel takes these elements")
    if real not in NUMPYS:
        return _by_blocks(real, method, inputs, options)
    if real.signature and method == "__call__" and name in _native:  # matmul and its kind
        return _native[name](*inputs, **options)
    return getattr(ew.ufunc(name), method)(*inputs, **options)


def _by_blocks(real: Any, method: str, inputs: Any, options: Any) -> Any:
    """A ufunc of another library, on blocks where it is one call of arrays with one result, which are numbers."""
    weak = any(type(x) in ew.WEAK for x in inputs)
    if method == "__call__" and real.nout == 1 and not (real.signature or options or weak):
        dtype = real(*(np.ones(1, as_array(x).dtype) for x in inputs)).dtype
        if not dtype.hasobject:
            return map_blocks(real, *inputs, dtype=dtype)
    return through_numpy(real.__name__, getattr(real, method), inputs, options, "a ufunc that is not NumPy's")


def array_function(self: ndarray, real: Callable[..., Any], types: Any, args: Any, options: Any) -> Any:
    """`numpy.sum(x)` and the like."""
    if any(kind_of(t) == OTHERS for t in types):
        return real(*real_values(args), **real_values(options))
    path = real.__module__.removeprefix("numpy").strip(".")
    found = _native.get(real.__name__) if not path else getattr(_native.get(path), real.__name__, None)
    if found is None:
        return through_numpy(f"{path}.{real.__name__}".strip("."), real, args, options)
    return found(*args, **options)


def array_namespace(self: ndarray) -> Any:
    """The method `__array_namespace__`; not for xarray's indexing.

    xarray indexes what has a namespace by the standard, which knows no pointwise indices, although NumPy's protocol,
    which it asks for behind that, has them all.
    """
    if sys._getframe(1).f_globals.get("__name__") == "xarray.core.indexing":
        raise AttributeError("__array_namespace__")
    return namespace


def namespace(*, api_version: str | None = None) -> Any:
    """The namespace of the array API standard: this package."""
    if api_version not in (None, "2021.12", "2022.12", "2023.12", "2024.12"):
        raise ValueError(f"version {api_version!r} of the array API: the latest known is 2024.12")
    return _native["namespace"]


# -- DLPack --------------------------------------------------------------------------------------------------------


def _on_device(array: ndarray) -> Any:
    """The device array that a persisted array is; None for others."""
    match array._node:
        case ar.Stored(source=MemoryArray(array=kept)) if not isinstance(kept, np.ndarray):
            return kept
    return None


def dlpack(
    self: ndarray, *, stream: Any = None, max_version: Any = None, dl_device: Any = None, copy: Any = None
) -> Any:
    """The computed array as a DLPack capsule, on the device where it was kept."""
    given = {"stream": stream, "max_version": max_version, "dl_device": dl_device, "copy": copy}
    options = {name: value for name, value in given.items() if value is not None}
    kept = _on_device(self)
    if kept is not None:
        return kept.__dlpack__(**options)
    made = np.asarray(self.compute())
    return (made if made.flags.writeable else made.copy()).__dlpack__(**options)


def dlpack_device(self: ndarray) -> tuple[int, int]:
    """The host's memory, or the device where the array was kept."""
    kept = _on_device(self)
    return (1, 0) if kept is None else kept.__dlpack_device__()


def from_dlpack(x: Any, /, *, device: Any = None, copy: Any = None) -> ndarray:
    """An array of another library, sharing its memory, the GPU's too."""
    if isinstance(x, ndarray):
        return x
    if x.__dlpack_device__()[0] in HOST:
        return as_array(np.from_dlpack(x, copy=copy))
    array, _ = resident.adopt(x)
    return ndarray(ar.Stored(MemoryArray(array, "device memory")))


for _name, _function in {
    "__array_ufunc__": array_ufunc, "__array_function__": array_function,
    "__array_namespace__": property(array_namespace),
    "__dlpack__": dlpack, "__dlpack_device__": dlpack_device,
}.items():  # fmt: skip
    setattr(ndarray, _name, _function)
