"""Series: one scalar over the rows of a table. Methods build expressions; nothing is computed before it is shown."""

import functools
from collections.abc import Hashable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_list_like
from pandas.core.ops.common import _maybe_match_name

from tenfold.collect import collect
from tenfold.errors import NotYetError
from tenfold.expr import nodes as ex
from tenfold.expr.types import FIELDS, MIRRORED
from tenfold.pandas import convert, display, interchange, operators
from tenfold.pandas.alignment import match
from tenfold.pandas.convert import Labels
from tenfold.pandas.door import OURS, Copied, Twin, adopt, exact, fill, here, inside
from tenfold.pandas.rows import Form, Rows, pandas_dtype
from tenfold.primitives.exact import total

UFUNCS = {
    "add": "add", "subtract": "sub", "multiply": "mul", "divide": "truediv", "floor_divide": "floordiv",
    "remainder": "mod", "bitwise_and": "and", "bitwise_or": "or", "bitwise_xor": "xor", "equal": "eq",
    "not_equal": "ne", "less": "lt", "less_equal": "le", "greater": "gt", "greater_equal": "ge", "negative": "neg",
    "absolute": "abs", "invert": "invert",
}  # fmt: skip
OLD = ("dayofweek", "weekday", "dayofyear")  # names of fields that pandas will give up
NO_DATES = pd.Series([], dtype="M8[ns]")
REDUCTIONS = ("sum", "mean", "min", "max", "any", "all")


class Series(Rows, pd.Series, metaclass=Twin):
    """One column of values with an index: pandas' own Series, lazy.

    Examples
    --------
    >>> import tenfold.pandas as pd
    >>> s = pd.Series([1.5, None, 3.0])
    >>> float((s * 2).sum())
    9.0
    """

    _real = pd.Series

    @functools.wraps(pd.Series.__init__)  # type: ignore[misc]
    def __init__(
        self, data: Any = None, index: Any = None, dtype: Any = None, name: Hashable = None, copy: Any = None
    ) -> None:
        if not here.inside and index is None and dtype is None and isinstance(data, Series) and data._is_lazy():
            self._begin(data._native())
            self.__dict__["_name"] = data.name if name is None else name
            return
        inside(pd.Series.__init__, self, data, index, dtype, name, copy)

    @classmethod
    def _of(cls, rows: ex.Table, scalar: ex.Scalar, name: Hashable, labels: Labels) -> "Series":
        made: Series = cls._made(Form(rows, (scalar,), None, labels))
        made.__dict__["_name"] = name
        return made

    @property
    def _scalar(self) -> ex.Scalar:
        return self._native().columns[0]

    def _ready(self) -> None:
        """Have the memory: of the frame whose column this is, if that has it; pandas asks whether they share it."""
        frame, form, place = self.__dict__.pop("_in_frame", (None, None, 0))
        if self._is_lazy() and frame is not None and not frame._is_lazy() and frame._native() is form:
            self._hold(inside(frame._ixs, place, 1))
        super()._ready()

    def _other_attribute(self, name: str) -> Any:
        """A value by its label, if labels are text that somebody may mean: to look at others would compute them."""
        if self._is_lazy() and "_form" in self.__dict__:
            labels = self._labels
            if labels.kept is None:
                means = any(scalar.dtype.kind == "O" for scalar in labels.scalars)
            else:
                means = labels.kept._can_hold_identifiers_and_holds_name(name)
            if name.startswith("_") or not means:
                raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")
        return super()._other_attribute(name)

    def _derived(self) -> Form:
        scan, columns, labels = convert.read_pandas(self._as_pandas().to_frame())
        return Form(scan, columns, None, labels)

    def _computed(self) -> pd.Series:
        result = collect(self._plan())
        return convert.series(result, self._scalar, self._index_of(result), self.name, self._filtered())

    # -- what pandas' code makes of us ------------------------------------------------------------------------------

    @property
    def _constructor(self) -> type["Series"]:
        return Series

    @property
    def _constructor_expanddim(self) -> type:
        return OURS[pd.DataFrame]

    def _constructor_from_mgr(self, mgr: Any, axes: Any) -> Any:
        made = Series._from_mgr(mgr, axes)
        made.__dict__["_name"] = None
        return made if type(self) is Series else self._constructor(made)

    def _constructor_expanddim_from_mgr(self, mgr: Any, axes: Any) -> Any:
        frame: Any = OURS[pd.DataFrame]
        made = frame._from_mgr(mgr, axes)
        return made if type(self) is Series else self._constructor_expanddim(made)

    # -- looking ----------------------------------------------------------------------------------------------------

    def persist(self) -> "Series":
        """The same Series, computed and kept in memory."""
        rows, columns, labels = display.persisted(self)
        return Series._of(rows, columns[0], self.name, labels)

    @property
    def dtype(self) -> Any:
        """The type of the values, checked over all of the data."""
        return self._dtypes()[0]

    @property
    def ndim(self) -> int:
        """One."""
        return 1

    @property
    def shape(self) -> tuple[int]:
        """The number of rows, in a tuple."""
        return (len(self),)

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
        if not isinstance(other, pd.Series) and is_list_like(other) and getattr(other, "ndim", 1):
            raise NotYetError(f"an operation of a series and a {type(other).__name__}")
        if isinstance(other, pd.Series) and not isinstance(other, Series):
            other = adopt(other)
        form, its = match(self, other) if isinstance(other, Series) else (self._native(), None)
        made = operators.combined(op, form.columns[0], its.columns[0] if its else other, swap)
        return Series._of(form.rows, made, _maybe_match_name(self, other) if its else self.name, form.labels)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any) -> Any:
        """`numpy.add(series, 1)` and the like: those that are operators."""
        name = UFUNCS.get(ufunc.__name__)
        if (
            method != "__call__"
            or name is None
            or not all(isinstance(x, (Series, int, float, np.generic)) for x in inputs)
        ):
            raise NotYetError(f"numpy.{ufunc.__name__}")
        first, *rest = inputs
        if isinstance(first, Series):
            return getattr(first, f"__{name}__")(*rest)
        return getattr(rest[0], f"__{MIRRORED.get(name, f'r{name}')}__")(first)

    def isna(self) -> "Series":
        """True where a value is missing."""
        return self._with(absent(self._scalar), self.name)

    def notna(self) -> "Series":
        """True where a value is not missing."""
        return self._with(present(self._scalar), self.name)

    isnull, notnull = isna, notna

    def __invert__(self) -> "Series":
        return self._with(ex.Call("not", (self._scalar,)), self.name)

    def __neg__(self) -> "Series":
        op = "not" if self._scalar.dtype.kind == "b" else "neg"  # pandas: -True is False
        return self._with(ex.Call(op, (self._scalar,)), self.name)

    def __pos__(self) -> "Series":
        if self._scalar.dtype.kind in "MV":
            raise NotYetError(f"+ of {self._scalar.dtype.name}")
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
            raise NotYetError("rename of row labels")
        if not isinstance(index, Hashable):
            raise TypeError("Series.name must be a hashable type")
        return self._with(self._scalar, index)

    @property
    def dt(self) -> Any:
        """The fields of datetimes: `.dt.hour` and the like."""
        if self._scalar.dtype.kind != "M":
            raise NotYetError("fields of what is no plain datetime")
        made = object.__new__(DatetimeProperties)
        made.__dict__.update(_parent=self, orig=None, name=self.name, __frozen=True)
        return made

    # -- fewer rows -------------------------------------------------------------------------------------------------

    def __getitem__(self, key: Any) -> "Series":
        if isinstance(key, pd.Series):
            form = restricted(self, key)
            return Series._of(form.rows, form.columns[0], self.name, form.labels)
        raise NotYetError("Series[...] with anything but a boolean Series")

    def head(self, n: int = 5) -> "Series":
        """The first `n` rows; reads no more of a file than it needs."""
        return Series._of(first(self, n), self._scalar, self.name, self._labels)

    # -- one value --------------------------------------------------------------------------------------------------

    def count(self) -> Any:
        """The number of values that are not missing."""
        return self._told(counted(self._scalar))


class DatetimeProperties(Copied, pd.core.indexes.accessors.DatetimeProperties):
    """`series.dt`: calendar fields of a datetime Series."""


def _field(op: str, old: str = "") -> property:
    def field(self: Any) -> Series:
        if old:
            getattr(NO_DATES.dt, old)  # warns as long as pandas does
        series = self._parent
        if op == "year" and series._scalar.dtype.unit == "s":
            raise NotYetError("years of seconds, which may be beyond int32")
        return series._with(ex.Call(op, (series._scalar,)), series.name)

    return property(field)


def brief(function: str) -> Any:
    """The exact sum or mean of small memory; None where it has others than float64, or was asked in another way."""

    def method(self: Series, axis: Any = None, skipna: bool = True) -> Any:
        values = self._mgr.array
        if axis not in (0, None) or skipna is not True or getattr(values, "dtype", None) != np.float64:
            return None
        return exact_of(function, np.asarray(values))

    return method


def exact_of(function: str, values: np.ndarray) -> Any:
    """The exact sum or mean of the values that are not missing; None of those that have no simple one."""
    missing = np.isnan(values)
    present = values[~missing] if missing.any() else values
    whole = total(present)
    if whole is None or function == "sum":
        return None if whole is None else np.float64(whole)
    return np.float64(whole / len(present)) if len(present) else np.float64("nan")


def _reduction(function: str) -> Any:
    def method(self: Series, axis: Any = None, skipna: bool = True) -> Any:
        if axis not in (0, "index", None):
            raise ValueError(f"No axis named {axis} for object type Series")
        if not skipna:
            raise NotYetError(f"Series.{function} with skipna=False")
        return self._told(ex.Reduction(function, self._scalar))

    def logical(self: Series, *, axis: Any = 0, skipna: bool = True) -> Any:
        return method(self, axis, skipna)

    made = logical if function in ("any", "all") else method
    made.__doc__ = f"The {function} of the values that are not missing, computed now."
    return made


operators.install(Series)
for _name in REDUCTIONS:
    setattr(Series, _name, exact(_reduction(_name), brief(_name)) if _name in ("sum", "mean") else _reduction(_name))
for _name in (*FIELDS, "weekday", "day_of_week", "day_of_year"):
    _op = {"weekday": "dayofweek", "day_of_week": "dayofweek", "day_of_year": "dayofyear"}.get(_name, _name)
    setattr(DatetimeProperties, _name, _field(_op, _name if _name in OLD else ""))
fill(Series, pd.Series)
fill(DatetimeProperties, pd.core.indexes.accessors.DatetimeProperties, "Series.dt")


def absent(scalar: ex.Scalar) -> ex.Scalar:
    """Where a value is missing."""
    if not isinstance(scalar, ex.Carried):
        return ex.Call("isna", (scalar,))
    if isinstance(scalar.kept.dtype, pd.SparseDtype):
        raise NotYetError("sparse answers")
    return scalar.missing


def present(scalar: ex.Scalar) -> ex.Scalar:
    """Where a value is not missing."""
    return ex.Call("not", (absent(scalar),)) if isinstance(scalar, ex.Carried) else ex.Call("notna", (scalar,))


def counted(scalar: ex.Scalar) -> ex.Reduction:
    """The number of values that are not missing."""
    if isinstance(scalar, ex.Carried):
        return ex.Reduction("sum", ex.Call("not", (scalar.missing,)))
    return ex.Reduction("count", scalar)


def is_numeric(scalar: ex.Scalar) -> bool:
    """Whether `numeric_only` takes it."""
    if isinstance(scalar, ex.Carried):
        kind = scalar.kept.dtype
        return bool(getattr(kind, "_is_numeric", getattr(kind, "kind", "O") == "c"))
    return scalar.dtype.kind in "biuf"


def restricted(rows: Rows, mask: Any) -> Form:
    """The form of the rows where a boolean Series over the same rows holds."""
    if not isinstance(mask, Series):
        raise NotYetError("a mask that is pandas' own")
    _refuse_late(rows)
    form, its = match(rows, mask)
    if mask._scalar.dtype.kind != "b":
        raise NotYetError(f"a choice of rows by a Series of {pandas_dtype(mask._scalar.dtype)}")
    return replace(form, rows=ex.Filter(form.rows, its.columns[0]))


def first(rows: Rows, n: int) -> ex.Table:
    """The table of the first rows."""
    _refuse_late(rows)
    if n < 0:
        raise NotYetError("head of a negative number")
    return ex.Limit(rows._rows, n)


def _refuse_late(rows: Rows) -> None:
    """A datetime field is int32 or float64 by the rows that it was made over: with fewer rows we would not know."""
    if any(scalar.dtype.null == "late" for scalar in rows._scalars()):
        raise NotYetError("choosing rows after taking a datetime field of a column with missing dates")
