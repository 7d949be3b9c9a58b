"""Series: one scalar over the rows of a table. Methods build expressions; nothing is computed before it is shown."""

from collections.abc import Hashable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from tenfold.collect import collect
from tenfold.errors import NotYetError
from tenfold.expr import nodes as ex
from tenfold.expr.types import FIELDS
from tenfold.pandas import convert, display, interchange, operators
from tenfold.pandas.arguments import follow, following
from tenfold.pandas.convert import Labels
from tenfold.pandas.rows import Rows, missing, pandas_dtype, refused_operator

# special method -> (operation, operands swapped?)
OPERATORS = {
    f"__{(swap and 'r') or ''}{method}__": (op, swap)
    for method, op in {
        "add": "add", "sub": "sub", "mul": "mul", "truediv": "truediv", "floordiv": "floordiv", "mod": "mod",
        "and": "and", "or": "or", "xor": "xor",
    }.items()
    for swap in (False, True)
} | {f"__{op}__": (op, False) for op in ("eq", "ne", "lt", "le", "gt", "ge")}  # fmt: skip
NOT_YET = ("pow", "rpow", "divmod", "rdivmod", "matmul", "rmatmul")
REDUCTIONS = ("sum", "mean", "min", "max", "any", "all")


class Series(Rows):
    """One column of values with an index, as pandas' own; lazy.

    Examples
    --------
    >>> import tenfold.pandas as pd
    >>> s = pd.Series([1.5, None, 3.0])
    >>> float((s * 2).sum())
    9.0
    """

    @following(pd.Series, "Series")
    def __init__(
        self, data: Any = None, index: Any = None, dtype: Any = None, name: Hashable = None, copy: Any = None
    ) -> None:
        if isinstance(data, Rows) or isinstance(index, Rows):
            made = _of_lazy(data, index, dtype)
            self._take(made._rows, made._scalar, made.name if name is None else name, made._labels)
            return
        if isinstance(data, (list, tuple, dict)) and any(isinstance(x, Rows) for x in data):
            raise NotYetError(f"a Series of a {type(data).__name__} with lazy objects in it")
        real = data if isinstance(data, pd.Series) and index is dtype is name is copy is None else None
        made = from_pandas_series(pd.Series(data, index, dtype, name, copy) if real is None else real)
        self._take(made._rows, made._scalar, made.name, made._labels)

    @classmethod
    def _of(cls, rows: ex.Table, scalar: ex.Scalar, name: Hashable, labels: Labels) -> "Series":
        made = cls.__new__(cls)
        made._take(rows, scalar, name, labels)
        return made

    def _take(self, rows: ex.Table, scalar: ex.Scalar, name: Hashable, labels: Labels) -> None:
        self._rows, self._scalar, self.name, self._labels = rows, scalar, name, labels

    def _scalars(self) -> tuple[ex.Scalar, ...]:
        return (self._scalar,)

    # -- looking ----------------------------------------------------------------------------------------------------

    def compute(self) -> pd.Series:
        """The real pandas Series."""
        result = collect(self._plan())
        return pd.Series(convert.column(result, "column0"), self._index_of(result), name=self.name, copy=False)

    def persist(self) -> "Series":
        """The same Series, computed and kept in memory."""
        rows, columns, labels = display.persisted(self)
        return Series._of(rows, columns[0], self.name, labels)

    @property
    def dtype(self) -> Any:
        """The type of the values, checked over all of the data."""
        return self._dtypes()[0]

    @property
    def shape(self) -> tuple[int]:
        """The number of rows, in a tuple."""
        return (len(self),)

    size = property(Rows.__len__, doc="The number of rows.")

    def __iter__(self) -> Iterator[Any]:
        return iter(self.compute())

    def __bool__(self) -> bool:
        raise ValueError(
            "The truth value of a Series is ambiguous. Use a.empty, a.bool(), a.item(), a.any() or a.all()."
        )

    def to_numpy(self) -> np.ndarray:
        """The values as a NumPy array."""
        return self.compute().to_numpy()

    to_pandas = compute

    def to_cupy(self) -> Any:
        """The values as a CuPy array, on the device where they are or else the first one; datetimes as integers.

        Not copied where they are there as one array, as after `persist()` with `tenfold.use("gpu")`.
        """
        return interchange.to_cupy(collect(self._plan()))

    @property
    def __cuda_array_interface__(self) -> dict[str, Any]:
        return interchange.kept_on_device(self).__cuda_array_interface__

    def __dlpack__(self, **options: Any) -> Any:
        return interchange.kept_on_device(self).__dlpack__(**options)

    def __dlpack_device__(self) -> tuple[int, int]:
        return interchange.kept_on_device(self).__dlpack_device__()

    # -- one value a row --------------------------------------------------------------------------------------------

    def _with(self, scalar: ex.Scalar, name: Hashable = None) -> "Series":
        return Series._of(self._rows, scalar, name, self._labels)

    def _binary(self, op: str, other: Any, swap: bool) -> "Series":
        if isinstance(other, Series) and other._rows is not self._rows:
            raise NotYetError("an operation on series of different rows (alignment)")
        operand = other._scalar if isinstance(other, Series) else other
        name = other.name if isinstance(other, Series) else self.name
        made = operators.combined(op, self._scalar, operand, swap)
        return self._with(made, self.name if name is self.name or name == self.name else None)

    def isna(self) -> "Series":
        """True where a value is missing."""
        return self._with(ex.Call("isna", (self._scalar,)), self.name)

    def notna(self) -> "Series":
        """True where a value is not missing."""
        return self._with(ex.Call("notna", (self._scalar,)), self.name)

    isnull, notnull = isna, notna

    def __invert__(self) -> "Series":
        return self._with(ex.Call("not", (self._scalar,)), self.name)

    def __neg__(self) -> "Series":
        op = "not" if self._scalar.dtype.kind == "b" else "neg"  # pandas: -True is False
        return self._with(ex.Call(op, (self._scalar,)), self.name)

    def __pos__(self) -> "Series":
        if self._scalar.dtype.kind not in "biuf":
            raise TypeError(f"bad operand type for unary +: {self._scalar.dtype.name!r}")
        return self._with(self._scalar, self.name)

    def abs(self) -> "Series":
        """The absolute values."""
        return self._with(ex.Call("abs", (self._scalar,)), self.name)

    __abs__ = abs

    def astype(self, dtype: Any) -> "Series":
        """The values as another type: numbers to wider numbers."""
        own, given = self._scalar.dtype, pd.api.types.pandas_dtype(dtype)
        wanted = operators.from_type(given, "as the type of astype")
        if "O" in (wanted.kind, own.kind) or "M" in (wanted.kind, own.kind) or own.null == "late":
            raise NotYetError(f"astype from {own.name} to {wanted.name}")
        if own.kind == "f" and wanted.kind != "f":
            raise NotYetError(f"astype from {own.name} to {wanted.name} (it fails on missing values)")
        return self._with(ex.Cast(self._scalar, wanted), self.name)

    def rename(self, index: Any = None) -> "Series":
        """The same values under another name."""
        if callable(index) or isinstance(index, (Mapping, pd.Series, Rows)):
            raise NotYetError("rename of row labels", "pass a name for the series")
        if not isinstance(index, Hashable):
            raise TypeError("Series.name must be a hashable type")
        return self._with(self._scalar, index)

    @property
    def dt(self) -> "DatetimeFields":
        """The fields of datetimes: `.dt.hour` and the like."""
        if self._scalar.dtype.kind != "M":
            raise AttributeError("Can only use .dt accessor with datetimelike values")
        return DatetimeFields(self)

    # -- fewer rows -------------------------------------------------------------------------------------------------

    def __getitem__(self, key: Any) -> "Series":
        if isinstance(key, Series):
            return Series._of(restricted(self, key), self._scalar, self.name, self._labels)
        raise NotYetError("Series[...] with anything but a boolean Series")

    def head(self, n: int = 5) -> "Series":
        """The first `n` rows; reads no more of a file than it needs."""
        return Series._of(first(self, n), self._scalar, self.name, self._labels)

    # -- one value --------------------------------------------------------------------------------------------------

    def count(self) -> Any:
        """The number of values that are not missing."""
        return self._reduce(ex.Reduction("count", self._scalar))

    def __getattr__(self, name: str) -> Any:
        if name == "dt":  # the property refused
            raise AttributeError("Can only use .dt accessor with datetimelike values")
        missing(type(self), pd.Series, name)


class DatetimeFields:
    """`series.dt`: calendar fields of a datetime Series."""

    def __init__(self, series: Series) -> None:
        self._series = series

    def __getattr__(self, name: str) -> Series:
        op = {"weekday": "dayofweek", "day_of_week": "dayofweek", "day_of_year": "dayofyear"}.get(name, name)
        if op in FIELDS:
            return self._series._with(ex.Call(op, (self._series._scalar,)), self._series.name)
        missing(type(self), pd.core.indexes.accessors.DatetimeProperties, name)

    def __dir__(self) -> list[str]:
        return [*FIELDS, "weekday", "day_of_week", "day_of_year"]


def _operator(op: str, swap: bool) -> Any:
    def method(self: Series, other: Any) -> Series:
        return self._binary(op, other, swap)

    return method


def _reduction(function: str) -> Any:
    def method(self: Series, axis: Any = None, skipna: bool = True) -> Any:
        if axis not in (0, "index", None):
            raise ValueError(f"No axis named {axis} for object type Series")
        if not skipna:
            raise NotYetError(f"Series.{function} with skipna=False")
        return self._reduce(ex.Reduction(function, self._scalar))

    def logical(self: Series, *, axis: Any = 0, skipna: bool = True) -> Any:
        return method(self, axis, skipna)

    made = logical if function in ("any", "all") else method
    made.__doc__ = f"The {function} of the values that are not missing, computed now."
    return made


def _of_lazy(data: Any, index: Any, dtype: Any) -> Series:
    """A series made of one of tenfold's own, over the same rows."""
    if not isinstance(data, Rows) or index is not None:
        raise NotYetError("a Series with other labels than its lazy values have")
    if not isinstance(data, Series):
        raise ValueError("Cannot construct a Series from a DataFrame. To select a single column, use df[name].")
    return data if dtype is None else data.astype(dtype)


for _name, (_op, _swap) in OPERATORS.items():
    setattr(Series, _name, _operator(_op, _swap))
for _name in NOT_YET:
    setattr(Series, f"__{_name}__", refused_operator("Series", _name))
for _name in REDUCTIONS:
    setattr(Series, _name, _reduction(_name))
Series.__hash__ = None
follow(Series, pd.Series)


def restricted(rows: Rows, mask: Series) -> ex.Table:
    """The table of the rows where a boolean Series over the same rows holds."""
    _refuse_late(rows)
    if mask._rows is not rows._rows:
        raise NotYetError("a mask made of other rows (alignment)")
    if mask._scalar.dtype.kind != "b":
        raise KeyError(f"a mask must be boolean, not {pandas_dtype(mask._scalar.dtype)}")
    return ex.Filter(rows._rows, mask._scalar)


def first(rows: Rows, n: int) -> ex.Table:
    """The table of the first rows."""
    _refuse_late(rows)
    if n < 0:
        raise NotYetError("head of a negative number")
    return ex.Limit(rows._rows, n)


def _refuse_late(rows: Rows) -> None:
    """A datetime field is int32 or float64 by the rows that it was made over: with fewer rows we would not know."""
    if any(scalar.dtype.null == "late" for scalar in rows._scalars()):
        raise NotYetError("choosing rows after taking a datetime field of a column with missing dates", "choose first")


def from_pandas_series(real: pd.Series) -> Series:
    """A real Series as one of ours."""
    scan, names, labels = convert.read_pandas(real.to_frame())
    return Series._of(scan, ex.Column(scan, names[0]), real.name, labels)
