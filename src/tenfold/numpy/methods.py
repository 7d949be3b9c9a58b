"""Methods of arrays: the functions of the same names, with the array as first argument."""

import warnings
from typing import Any

import numpy as np
from numpy.exceptions import ComplexWarning

from tenfold.expr import arrays as ar
from tenfold.numpy import elementwise as ew
from tenfold.numpy import reductions, shape
from tenfold.numpy.array import in_place, ndarray, node_of, through_numpy
from tenfold.numpy.indexing import flatiter
from tenfold.numpy.lenses import BitsLens, PartLens
from tenfold.numpy.selection import Selection, selection_of

FUNCTIONS = {
    **{name: getattr(reductions, name) for name in (
        "sum", "prod", "mean", "var", "std", "min", "max", "any", "all", "argmin", "argmax", "cumsum", "cumprod",
    )},
    **{name: getattr(shape, name) for name in (
        "swapaxes", "ravel", "squeeze", "repeat", "take", "diagonal", "trace", "argsort", "searchsorted", "nonzero",
        "argpartition",
    )},
    "clip": ew.clip,
}  # fmt: skip


def astype(
    self: ndarray, dtype: Any, order: str = "K", casting: Any = "unsafe", subok: bool = True, copy: bool = True
) -> ndarray:
    """The values as another dtype."""
    if not np.can_cast(self.dtype, dtype, casting):
        raise TypeError(
            f"Cannot cast array data from {self.dtype!r} to {np.dtype(dtype)!r} according to the rule {casting!r}"
        )
    if not copy and self.dtype == dtype:
        return self
    if self.dtype.kind == "c" and np.dtype(dtype).kind in "iuf":
        warnings.warn("Casting complex values to real discards the imaginary part", ComplexWarning, stacklevel=2)
    chosen = selection_of(self)
    if chosen is not None:
        return ndarray(Selection(ew.cast(chosen.values, dtype), chosen.mask))
    return ndarray(ew.cast(self._node, dtype))


def reshape(self: ndarray, *sizes: Any, order: str = "C", copy: Any = None) -> ndarray:
    """The elements, in C order, under another shape."""
    return shape.reshape(self, sizes[0] if len(sizes) == 1 else sizes, order)


def transpose(self: ndarray, *axes: Any) -> ndarray:
    """The axes in another order, reversed by default."""
    return shape.transpose(self, (axes[0] if len(axes) == 1 else axes) if axes else None)


def sort(self: ndarray, axis: int = -1, kind: Any = None, order: Any = None, *, stable: Any = None) -> None:
    """Sort in place along an axis."""
    self._write(shape.sort(self, axis, kind, order, stable=stable)._node)


def fill(self: ndarray, value: Any) -> None:
    """One value everywhere."""
    self._write(ar.broadcast(node_of(value, self.dtype), self.shape))


def round(a: Any, decimals: int = 0, out: Any = None) -> Any:
    """To so many decimals, halves to even."""
    array = shape.as_array(a)
    if decimals == 0 and array.dtype.kind in "iuf":
        return ew.written(array._node if array.dtype.kind in "iu" else ew.elementwise("rint", array), out)
    if array.dtype.kind != "f":
        return through_numpy("round", np.round, (a, decimals), {})
    scale = array.dtype.type(10.0 ** abs(decimals))
    rint = ew.ufunc("rint")
    made = rint(array * scale) / scale if decimals > 0 else rint(array / scale) * scale
    return ew.written(made._node, out)


around = round


def real(val: Any) -> ndarray:
    """The real parts."""
    array = shape.as_array(val)
    return array if array.dtype.kind != "c" else ndarray._through(array, PartLens("real"))


def imag(val: Any) -> ndarray:
    """The imaginary parts."""
    array = shape.as_array(val)
    if array.dtype.kind != "c":
        return ndarray(ar.full(0, array.dtype, array.shape))
    return ndarray._through(array, PartLens("imag"))


def flatten(self: ndarray, order: str = "C") -> ndarray:
    """All elements in one axis, an array of its own."""
    return ndarray(shape.ravel(self, order)._node)


def view(self: ndarray, dtype: Any = None, type: Any = None) -> Any:
    """The same array; with a dtype, its bytes read as that."""
    if dtype is None or np.dtype(dtype) == self.dtype:
        return self[...]
    dtype = np.dtype(dtype)
    if dtype.itemsize == self.itemsize and dtype.kind in VIEWED and self.dtype.kind in VIEWED:
        return ndarray._through(self, BitsLens(dtype, self.dtype))
    return through_numpy("ndarray.view", lambda a: a.view(dtype), (self,), {})


VIEWED = "biufcmM"  # kinds whose bytes mean something in each other


def partition(self: ndarray, kth: Any, axis: int = -1, kind: str = "introselect", order: Any = None) -> None:
    """Partition in place along an axis."""
    self._write(shape.partition(self, kth, axis, kind, order)._node)


def _changing(name: str) -> Any:
    """Methods that write into the array, by NumPy."""

    def method(self: ndarray, *args: Any, **options: Any) -> None:
        in_place(f"ndarray.{name}", getattr(np.ndarray, name), self, args, options)

    return method


def _fill_flat(self: ndarray, value: Any) -> None:
    flatiter(self)[...] = value


def _set_part(part: str) -> Any:
    def setter(self: ndarray, value: Any) -> None:
        if self.dtype.kind != "c" and part == "imag":
            raise TypeError("array does not have imaginary part to set")
        (real if part == "real" else imag)(self)[...] = value

    return setter


def _missing(self: ndarray, name: str) -> Any:
    """Whatever else NumPy's arrays have, in NumPy."""
    if name.startswith("__") or not hasattr(np.ndarray, name):
        raise AttributeError(f"'ndarray' object has no attribute {name!r}")
    if not callable(getattr(np.ndarray, name)):
        return getattr(self.compute(), name)
    return lambda *args, **options: through_numpy(
        f"ndarray.{name}", lambda array, *a, **o: getattr(array, name)(*a, **o), (self, *args), options
    )


for _name, _function in (FUNCTIONS | {
    "astype": astype, "reshape": reshape, "transpose": transpose, "sort": sort, "fill": fill, "round": round,
    "flatten": flatten, "view": view, "partition": partition, "__getattr__": _missing,
    "put": _changing("put"), "setfield": _changing("setfield"),
    "conj": lambda self: ew.ufunc("conjugate")(self), "conjugate": lambda self: ew.ufunc("conjugate")(self),
}).items():  # fmt: skip
    setattr(ndarray, _name, _function)
for _name, _read, _write, _doc in (
    ("T", shape.transpose, None, "The axes reversed."),
    ("mT", shape.matrix_transpose, None, "The last two axes exchanged."),
    ("real", real, _set_part("real"), "The real parts."),
    ("imag", imag, _set_part("imag"), "The imaginary parts."),
    ("flat", flatiter, _fill_flat, "All elements in one axis, to read and to write."),
):
    setattr(ndarray, _name, property(_read, _write, doc=_doc))
