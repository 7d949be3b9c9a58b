"""Sets: distinct elements and what follows from them. Computed now, as the number of elements is not known before."""

from collections.abc import Callable
from typing import Any

import numpy as np

from tenfold import budget, fallback
from tenfold.collect_arrays import collect_beside
from tenfold.errors import NotNative
from tenfold.expr import arrays as ar
from tenfold.io.arrays import MemoryArray
from tenfold.numpy import elementwise as ew
from tenfold.numpy.array import as_array, ndarray, owned
from tenfold.numpy.order import searchsorted, sort
from tenfold.numpy.shape import reshape


def _eager(name: str) -> Callable[..., Any]:
    """NumPy's function on computed arrays; CuPy's of that name, where they lie on a device."""
    real = getattr(np, name)

    def function(*args: Any, **options: Any) -> Any:
        plans = tuple(as_array(a)._node for a in args if _is_array(a))
        numbers = name not in SORTED or len(args) > len(plans) or any(options.get(key) for key in NUMBERED)
        budget.require(name, sum(2 * plan.nbytes + (24 * plan.size if numbers else 0) for plan in plans))
        arrays, there = collect_beside(plans)
        rest = iter(arrays)
        given = [next(rest) if _is_array(a) else a for a in args]
        made = _unique(name, given[0]) if there and name in UNIQUE else real(*given, **options)
        return fallback.each(made, _kept) if isinstance(made, tuple) else _kept(made)

    function.__name__ = name
    function.__doc__ = f"NumPy's `{name}`; computed now."
    return function


# What NumPy sorts a copy of, and the options for which it numbers the elements too.
SORTED = ("unique", "unique_values", "union1d")
NUMBERED = ("return_index", "return_inverse", "return_counts")
# The array API's forms, which CuPy has not, by NumPy's first one.
UNIQUE: dict[str, dict[str, Any]] = {
    "unique_all": {"return_index": True, "return_inverse": True, "return_counts": True},
    "unique_counts": {"return_counts": True},
    "unique_inverse": {"return_inverse": True},
    "unique_values": {},
}


def _unique(name: str, array: Any) -> Any:
    made: Any = np.unique(array, equal_nan=False, **UNIQUE[name])
    return type(getattr(np, name)(np.empty(0)))(*made) if isinstance(made, tuple) else made


def _kept(value: Any) -> Any:
    """A real answer as ours, where it is."""
    if not isinstance(value, (np.ndarray, np.generic)):
        return ndarray(ar.Stored(MemoryArray(value, "set"))) if hasattr(value, "__cuda_array_interface__") else value
    return owned(value)


def _is_array(value: Any) -> bool:
    return isinstance(value, (ndarray, np.ndarray, list))


unique, unique_all, unique_counts = _eager("unique"), _eager("unique_all"), _eager("unique_counts")
unique_inverse, unique_values = _eager("unique_inverse"), _eager("unique_values")
union1d, intersect1d, setdiff1d, setxor1d = map(_eager, ("union1d", "intersect1d", "setdiff1d", "setxor1d"))


def isin(
    element: Any, test_elements: Any, assume_unique: bool = False, invert: bool = False, *, kind: Any = None
) -> ndarray:
    """Where elements are among others; lazy: each is looked up in the sorted others.

    Examples
    --------
    >>> import tenfold.numpy as np
    >>> np.isin([1, 2, 3], [3, 1])
    array([ True, False,  True])
    """
    array, table = as_array(element), reshape(as_array(test_elements), -1)
    if kind not in (None, "sort") and (kind != "table" or {array.dtype.kind, table.dtype.kind} - set("biu")):
        raise NotNative("a kind that NumPy judges")
    if not table.size:
        return ndarray(ar.full(invert, bool, array.shape))
    table = sort(table)
    places = ew.ufunc("minimum")(searchsorted(table, array), table.size - 1)
    found = table[places] == array
    return ~found if invert else found
