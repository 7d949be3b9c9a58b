"""NumPy's functions of frames and series: labels stay, whether real NumPy is asked or `tenfold.numpy`.

A ufunc that is an operator of ours is that operator; other functions are real NumPy's of the real pandas objects, on
the whole data with one notice, and what comes back with labels is one of ours again.
"""

import contextlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from tenfold import fallback
from tenfold.errors import NotYetError
from tenfold.pandas.frame import DataFrame
from tenfold.pandas.read import from_pandas
from tenfold.pandas.rows import Rows
from tenfold.pandas.series import Series

OPERATORS = {
    "add": "add", "subtract": "sub", "multiply": "mul", "divide": "truediv", "floor_divide": "floordiv",
    "remainder": "mod", "bitwise_and": "and", "bitwise_or": "or", "bitwise_xor": "xor",
}  # fmt: skip
COMPARISONS = {
    "equal": "eq", "not_equal": "ne", "less": "lt", "less_equal": "le", "greater": "gt", "greater_equal": "ge",
}  # fmt: skip
MIRRORED = {"lt": "gt", "gt": "lt", "le": "ge", "ge": "le", "eq": "eq", "ne": "ne"}
UNARY = {"negative": "neg", "absolute": "abs", "invert": "invert"}


def _by_operator(name: str, inputs: tuple[Any, ...]) -> Any:
    """A ufunc of series and numbers as the operator that it is; NotYetError where it is none, or is not there yet."""
    method = (OPERATORS | COMPARISONS | UNARY).get(name)
    if method is None or not all(isinstance(x, (Series, int, float, np.generic)) for x in inputs):
        raise NotYetError(f"numpy.{name}")
    first, *rest = inputs
    if isinstance(first, Series):
        return getattr(first, f"__{method}__")(*rest)
    back = MIRRORED.get(method, f"r{method}")
    return getattr(rest[0], f"__{back}__")(first)


def array_ufunc(self: Rows, real: Any, method: str, *inputs: Any, **options: Any) -> Any:
    """`numpy.sqrt(series)` and the like."""
    if method == "__call__" and not options:
        with contextlib.suppress(NotYetError):  # pandas can
            return _by_operator(real.__name__, inputs)
    if any(isinstance(x, Rows) for x in options.get("out", ())):
        raise NotYetError(f"numpy.{real.__name__} with out= a {type(self).__name__}", "assign what it returns")
    return _through(f"numpy.{real.__name__}", getattr(real, method), inputs, options)


def array_function(self: Rows, real: Callable[..., Any], types: Any, args: Any, options: Any) -> Any:
    """`numpy.sum(series)`, `numpy.concatenate` and the like, of NumPy's functions that are no ufuncs."""
    return _through(f"numpy.{real.__name__}", real, args, options)


def _through(name: str, function: Callable[..., Any], args: Any, options: dict[str, Any]) -> Any:
    return fallback.call(
        name, function, tuple(args), options, own=(DataFrame, Series), real=lambda rows: rows.compute(), back=_ours
    )


def _ours(value: Any) -> Any:
    """Real pandas as ours, where its types and labels are there."""
    if not isinstance(value, (pd.DataFrame, pd.Series)):
        return value
    try:
        return from_pandas(value)
    except NotYetError:
        return value


for _class in (DataFrame, Series):
    _class.__array_ufunc__ = array_ufunc
    _class.__array_function__ = array_function
