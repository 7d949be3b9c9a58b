"""Methods and attributes of arrays: the functions of the same names, with the array as first argument.

What only memory has (flags, bytes, a buffer), and what changes it in ways that no expression says, makes memory of the
array.
"""

import inspect
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.exceptions import ComplexWarning

from tenfold.errors import NotNative
from tenfold.expr import arrays as ar
from tenfold.numpy import choosing, order, products, reductions, shape
from tenfold.numpy import elementwise as ew
from tenfold.numpy.array import Scalar, as_array, ndarray, node_of
from tenfold.numpy.creation import array
from tenfold.numpy.door import SAME, as_kin, door
from tenfold.numpy.flags import flags
from tenfold.numpy.indexing import flatiter, real_key
from tenfold.numpy.lenses import BitsLens, PartLens
from tenfold.numpy.selection import Selection, selection_of
from tenfold.numpy.through import ours, real_values

_sort, _partition = order.sort, order.partition
FUNCTIONS = {
    **{name: getattr(reductions, name) for name in (
        "sum", "prod", "mean", "min", "max", "any", "all", "argmin", "argmax", "cumsum", "cumprod",
    )},
    **{name: getattr(shape, name) for name in (
        "swapaxes", "ravel", "squeeze", "repeat", "take", "diagonal", "trace",
    )},
    **{name: getattr(order, name) for name in ("argsort", "searchsorted", "nonzero", "argpartition")},
    "dot": products.dot,
}  # fmt: skip


def astype(
    self: ndarray, dtype: Any, order: str = "K", casting: Any = "unsafe", subok: bool = True, copy: bool = True
) -> Any:
    """The values as another dtype."""
    here, kind = self.dtype, np.dtype(dtype)
    if not np.can_cast(here, kind, casting):
        raise TypeError(f"Cannot cast array data from {here!r} to {kind!r} according to the rule {casting!r}")
    numbers = kind.kind in "biufc" and here.kind in "biufc"
    if not numbers and (kind.kind not in "mM" or here.kind not in "biufcmM"):
        raise NotNative(f"{here} as {kind}")
    if not copy and here == kind:
        return self
    if here.kind == "c" and kind.kind in "biuf":
        warnings.warn("Casting complex values to real discards the imaginary part", ComplexWarning, stacklevel=3)
    chosen = selection_of(self)
    if chosen is not None:
        return ndarray(Selection(ew.cast(chosen.values, kind), chosen.mask))
    return ndarray(ew.cast(self._node, kind))


def reshape(self: ndarray, *sizes: Any, order: str = "C", copy: Any = None) -> ndarray:
    """The elements, in C order, under another shape."""
    return shape.reshape(self, sizes[0] if len(sizes) == 1 else sizes, order, copy=copy)


def transpose(self: ndarray, *axes: Any) -> ndarray:
    """The axes in another order, reversed by default."""
    return shape.transpose(self, (axes[0] if len(axes) == 1 else axes) if axes else None)


def sort(self: ndarray, axis: int = -1, kind: Any = None, order: Any = None, *, stable: Any = None) -> None:
    """Sort in place along an axis."""
    self._write(_sort(self, axis, kind, order, stable=stable)._node)


def fill(self: ndarray, value: Any) -> None:
    """One value everywhere."""
    self._write(ar.broadcast(node_of(value, self.dtype), self.shape))


def round(a: Any, decimals: int = 0, out: Any = None) -> Any:
    """To so many decimals, halves to even."""
    array = as_array(a)
    if array.dtype.kind not in "iuf" or (array.dtype.kind != "f" and decimals < 0) or array.dtype.itemsize < 4:
        raise NotNative(f"{array.dtype} to {decimals} decimals")
    if decimals == 0 or array.dtype.kind != "f":
        return ew.written(array._node if array.dtype.kind in "iu" else ew.elementwise("rint", array), out)
    scale = array.dtype.type(10.0 ** abs(decimals))
    first, second = ("multiply", "divide") if decimals > 0 else ("divide", "multiply")
    rounded = ndarray(ew.elementwise("rint", ndarray(ew.elementwise(first, array, scale))))
    return ew.written(ew.elementwise(second, rounded, scale), out)


around = round


def real(val: Any) -> ndarray:
    """The real parts."""
    array = as_array(val)
    return array if array.dtype.kind != "c" else ndarray._through(array, PartLens("real"))


def imag(val: Any) -> ndarray:
    """The imaginary parts."""
    array = as_array(val)
    if array.dtype.kind != "c":
        return ndarray(ar.full(0, array.dtype, array.shape))
    return ndarray._through(array, PartLens("imag"))


def copy(self: ndarray, order: Any = "C") -> ndarray:
    """An array of its own."""
    made: ndarray = array(self, order=order)
    return made


def flatten(self: ndarray, order: str = "C") -> ndarray:
    """All elements in one axis, an array of its own."""
    return ndarray(shape.ravel(self, order)._node)


def view(self: ndarray, dtype: Any = None, type: Any = None) -> Any:
    """The same array; with a dtype, its bytes read as that."""
    if isinstance(dtype, builtins_type) and issubclass(dtype, (ndarray, np.ndarray)):
        dtype, type = None, dtype
    if isinstance(type, builtins_type) and issubclass(type, ndarray):
        return as_kin(self if dtype is None else view(self, dtype), type, self)
    if type not in (None, np.ndarray):
        return real_values(self).view(type) if dtype is None else real_values(self).view(dtype, type)
    if dtype is None or np.dtype(dtype) == self.dtype:
        return self[...]
    dtype = np.dtype(dtype)
    if dtype.itemsize == self.itemsize and dtype.kind in VIEWED and self.dtype.kind in VIEWED:
        return ndarray._through(self, BitsLens(dtype, self.dtype))
    return _in_memory("view", True)(self, dtype)


builtins_type = type
VIEWED = "biufcmM"  # kinds whose bytes mean something in each other


def partition(self: ndarray, kth: Any, axis: int = -1, kind: str = "introselect", order: Any = None) -> None:
    """Partition in place along an axis."""
    self._write(_partition(self, kth, axis, kind, order)._node)


def _in_memory(name: str, writes: bool) -> Callable[..., Any]:
    """A method that only memory has: the array becomes memory, if it is written into or the answer shows it."""
    real = getattr(np.ndarray, name)

    def method(self: ndarray, *args: Any, **options: Any) -> Any:
        given = self._writable() if writes else self._hold()
        return ours(real(given, *real_values(args), **real_values(options)), [(self, given)])

    method.__name__, method.__doc__ = name, f"NumPy's `{name}`, of the array's memory."
    return method


def resize(self: ndarray, *shape: Any, refcheck: bool = True) -> None:
    """Change the shape in place, the elements behind cut off, or zeros added."""
    wanted = real_values(shape[0] if len(shape) == 1 else shape)
    held = self._hold()
    made = np.zeros(wanted, held.dtype)
    count = min(made.size, held.size)
    made.reshape(-1)[:count] = held.reshape(-1)[:count]
    self._memory.array = made  # type: ignore[union-attr]


def isscalar(element: Any) -> bool:
    """Whether something is a number (ours too), a text or the like, and no array."""
    return isinstance(element, Scalar) or np.isscalar(element)


def strides(self: ndarray) -> Any:
    """Bytes between neighbours along each axis; of an expression, as NumPy's array of the same program would have."""
    return tuple(n * self.itemsize for n in self._strides) if self._memory is None else self._memory.array.strides


def base(self: ndarray) -> Any:
    """The array that this is a view of."""
    return self._base if self._memory is None else self._memory.array.base


def set_dtype(self: ndarray, dtype: Any) -> None:
    """Read the bytes as another dtype from now on."""
    seen = self._hold().view(dtype)
    self._memory.array = seen  # type: ignore[union-attr]


def _fill_flat(self: ndarray, value: Any) -> None:
    flatiter(self)[...] = value


def _set_part(part: str) -> Any:
    def setter(self: ndarray, value: Any) -> None:
        if self._memory is not None:
            setattr(self._writable(), part, real_key(value))
            return
        if self.dtype.kind != "c" and part == "imag":
            raise TypeError("array does not have imaginary part to set")
        (real if part == "real" else imag)(self)[...] = value

    return setter


def _missing(self: ndarray, name: str) -> Any:
    """Whatever else NumPy's arrays have, of its memory, and its scalars, of the number."""
    if type(self) is Scalar and hasattr(np.generic, name) and not name.startswith("__"):
        return getattr(self.compute(), name)
    if name.startswith("__") or not hasattr(np.ndarray, name):
        if type(self) is Scalar and not name.startswith("__"):
            return getattr(self.compute(), name)
        raise AttributeError(f"'ndarray' object has no attribute {name!r}")
    return getattr(self._hold(), name)


def _method(name: str, form: Any) -> Any:
    real = getattr(np.ndarray, name)

    def call(array: Any, *args: Any, **options: Any) -> Any:
        """NumPy's method, of an array or a scalar."""
        return getattr(array, name)(*args, **options)

    call.__name__, call.__signature__ = name, inspect.signature(real)  # type: ignore[attr-defined]
    writes, tells = (0,) if name in CHANGING else (), name in ("mean", "var", "std", "sum", "prod")
    return door(f"ndarray.{name}", form, same=name in SAME_METHODS, writes=writes, tells=tells, real=call)


def choose(self: ndarray, *choices: Any, out: Any = None, mode: str = "raise") -> Any:
    """The element of the choice that has the number there; whether there are such choices is looked at now."""
    return choosing.choose(self, choices[0] if len(choices) == 1 else choices, out, mode)


def _without(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """A function whose method does not have a parameter of it."""

    def method(*args: Any, **options: Any) -> Any:
        return function(*args, **options)

    known = inspect.signature(function)
    kept = [p for p in known.parameters.values() if p.name != name]
    method.__signature__ = known.replace(parameters=kept)  # type: ignore[attr-defined]
    method.__doc__ = function.__doc__
    return method


def compress(self: ndarray, condition: Any, axis: Any = None, out: Any = None) -> Any:
    """The slices along an axis for which a condition holds, which is looked at now."""
    return choosing.compress(condition, self, axis, out)


CHANGING = frozenset(["sort", "fill", "partition", "put", "setfield"])
SAME_METHODS = SAME | {
    "astype", "copy", "reshape", "transpose", "sort", "fill", "flatten", "partition", "put", "conj", "conjugate",
    "choose", "compress", "tolist",
}  # fmt: skip
FORMS: dict[str, Callable[..., Any]] = FUNCTIONS | {
    "astype": astype, "reshape": reshape, "transpose": transpose, "sort": sort, "fill": fill, "round": round,
    "flatten": flatten, "partition": partition, "copy": copy, "choose": choose, "compress": compress,
    "var": _without("correction", reductions.var), "std": _without("correction", reductions.std),
}  # fmt: skip
MEMORY = {"byteswap": True, "setflags": True, "setfield": True, "put": True, "getfield": True, "__buffer__": True,
          "tobytes": False, "tofile": False, "dump": False, "dumps": False}  # fmt: skip


def _conjugate(self: ndarray, *args: Any, **options: Any) -> Any:
    """The complex conjugates; other numbers as they are."""
    if self.dtype.kind in "biufmM" and not args and not options:
        return self
    return ew.ufunc("conjugate")(self, *args, **options)


_clipped = door("clip", ew.clip, same=True)


def _clip(self: ndarray, min: Any = None, max: Any = None, out: Any = None, **options: Any) -> Any:
    """The values limited to an interval."""
    return _clipped(self, min, max, out, **options)


for _name, _form in FORMS.items():
    setattr(ndarray, _name, _method(_name, _form))
for _name, _writes in MEMORY.items():
    if hasattr(np.ndarray, _name):  # __buffer__: from Python 3.12 on
        setattr(ndarray, _name, _in_memory(_name, _writes))
for _name, _function in {
    "view": view, "resize": resize, "conj": _conjugate, "conjugate": _conjugate, "__getattr__": _missing,
    "clip": _clip,
}.items():  # fmt: skip
    setattr(ndarray, _name, _function)
for _name, _read, _write, _doc in (
    ("T", shape.transpose, None, "The axes reversed."),
    ("mT", shape.matrix_transpose, None, "The last two axes exchanged."),
    ("real", real, _set_part("real"), "The real parts."),
    ("imag", imag, _set_part("imag"), "The imaginary parts."),
    ("flat", flatiter, _fill_flat, "All elements in one axis, to read and to write."),
    ("flags", flags, None, flags.__doc__),
    ("strides", strides, None, strides.__doc__),
    ("base", base, None, base.__doc__),
    ("dtype", lambda self: self._form.dtype, set_dtype, "The type of the elements."),
):
    setattr(ndarray, _name, property(_read, _write, doc=_doc))
