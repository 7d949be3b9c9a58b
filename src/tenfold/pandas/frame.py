"""DataFrame: named scalars over the rows of a table. Assignment changes the form, never the data.

What stands here is native; every other name is pandas' own (`door.py`).
"""

import contextlib
import functools
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_list_like
from pandas.core.indexes.api import ensure_index

from tenfold.collect import collect
from tenfold.errors import NotYetError
from tenfold.expr import nodes as ex
from tenfold.io.memory import MemorySource
from tenfold.pandas import convert, display, interchange, operators
from tenfold.pandas.alignment import match, match_all
from tenfold.pandas.convert import Labels
from tenfold.pandas.door import Twin, adopt, exact, fill, here, inside
from tenfold.pandas.groupby import DataFrameGroupBy
from tenfold.pandas.operators import literal
from tenfold.pandas.rows import Form, Rows
from tenfold.pandas.series import Series, absent, counted, exact_of, first, is_numeric, present, restricted


class DataFrame(Rows, pd.DataFrame, metaclass=Twin):
    """A table: pandas' own DataFrame, lazy.

    Parameters are those of `pandas.DataFrame`. Columns in device memory (a dictionary of CuPy arrays or others with
    `__cuda_array_interface__` or DLPack, or a cuDF frame) stay there and are not copied.

    Examples
    --------
    >>> import tenfold.pandas as pd
    >>> df = pd.DataFrame({"k": ["a", "b", "a"], "x": [1, 2, 3]})
    >>> df.groupby("k").x.sum().compute().to_dict()
    {'a': 4, 'b': 2}
    """

    _real = pd.DataFrame

    @functools.wraps(pd.DataFrame.__init__)  # type: ignore[misc]
    def __init__(
        self, data: Any = None, index: Any = None, columns: Any = None, dtype: Any = None, copy: Any = None
    ) -> None:
        if not here.inside:
            form = _form_of(data, index, columns, dtype)
            if form is not None:
                self._begin(form)
                return
        inside(pd.DataFrame.__init__, self, data, index, columns, dtype, copy)

    @classmethod
    def _of(cls, rows: ex.Table, columns: Iterable[ex.Scalar], names: pd.Index, labels: Labels) -> "DataFrame":
        made: DataFrame = cls._made(Form(rows, tuple(columns), names, labels))
        return made

    def _like(self, rows: ex.Table) -> "DataFrame":
        return self._made(replace(self._native(), rows=rows))

    @property
    def _columns(self) -> list[ex.Scalar]:
        return list(self._native().columns)

    @property
    def _names(self) -> pd.Index:
        return self._native().names

    def _derived(self) -> Form:
        scan, columns, labels = convert.read_pandas(self._as_pandas())
        return Form(scan, columns, self.columns, labels)

    def _computed(self) -> pd.DataFrame:
        result = collect(self._plan())
        form = self._native()
        return convert.frame(result, form.columns, form.names, self._index_of(result), self._filtered())

    # -- what pandas' code makes of us ------------------------------------------------------------------------------

    @property
    def _constructor(self) -> type["DataFrame"]:
        return DataFrame

    @property
    def _constructor_sliced(self) -> type[Series]:
        return Series

    def _constructor_from_mgr(self, mgr: Any, axes: Any) -> Any:
        made = DataFrame._from_mgr(mgr, axes)
        return made if type(self) is DataFrame else self._constructor(made)

    def _constructor_sliced_from_mgr(self, mgr: Any, axes: Any) -> Any:
        made = Series._from_mgr(mgr, axes)
        made.__dict__["_name"] = None
        return made if type(self) is DataFrame else self._constructor_sliced(made)

    # -- looking ----------------------------------------------------------------------------------------------------

    @property
    def columns(self) -> Any:
        """The column labels."""
        held = self.__dict__
        if "_mgr" in held or "_form" not in held:
            manager = self._mgr
            manager.axes[0] = made = adopt(manager.axes[0])
            return made
        form = held["_form"]
        if not held.get("_names_are_own"):  # an object of this frame's own, since users may change its name
            held["_names_are_own"] = True
            form = held["_form"] = replace(form, names=adopt(form.names.view()))
        return form.names

    @columns.setter
    def columns(self, names: Any) -> None:
        if "_mgr" in self.__dict__ or "_form" not in self.__dict__:
            inside(vars(pd.DataFrame)["columns"].__set__, self, names)
            return
        names = adopt(ensure_index(names))
        own = len(self._columns)
        if len(names) != own:
            raise ValueError(
                f"Length mismatch: Expected axis has {own} elements, new values have {len(names)} elements"
            )
        self.__dict__["_form"] = replace(self._native(), names=names)

    @property
    def dtypes(self) -> pd.Series:
        """The column types, checked over all of the data."""
        return adopt(pd.Series(self._dtypes(), index=self._names, dtype=object))

    @property
    def ndim(self) -> int:
        """Two."""
        return 2

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns); counts the rows where need be."""
        return len(self), len(self._columns)

    def persist(self) -> "DataFrame":
        """The same frame, computed and kept in memory as columns."""
        rows, columns, labels = display.persisted(self)
        return DataFrame._of(rows, columns, self._names, labels)

    def _repr_html_(self) -> str:
        return display.html(self) if self._is_lazy() else inside(pd.DataFrame._repr_html_, self)

    def __iter__(self) -> Iterator[Hashable]:
        return iter(self._names)

    def __contains__(self, name: Hashable) -> bool:
        return name in self._names

    # -- columns ----------------------------------------------------------------------------------------------------

    def _column(self, name: Hashable) -> Series:
        form = self._native()
        (place,) = form.places([name])
        made = Series._of(form.rows, form.columns[place], form.names[place], form.labels)
        made.__dict__["_in_frame"] = self, form, place
        return made

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, pd.Series):
            return self._made(restricted(self, key))
        if isinstance(key, (list, pd.Index)) and not any(isinstance(name, (bool, np.bool_)) for name in key):
            form = self._native()
            chosen = form.places(key)
            columns = tuple(form.columns[place] for place in chosen)
            return self._made(replace(form, columns=columns, names=form.names[chosen]))
        if isinstance(key, slice) or callable(key) or (is_list_like(key) and not isinstance(key, tuple)):
            raise NotYetError(f"DataFrame[{type(key).__name__}]")
        return self._column(key)

    def __setitem__(self, name: Any, value: Any) -> None:
        if not isinstance(name, tuple) and (callable(name) or isinstance(name, (slice, Rows)) or is_list_like(name)):
            raise NotYetError(f"assignment to DataFrame[{type(name).__name__}]")
        if self._names.nlevels > 1:
            raise NotYetError("assignment to columns of several levels")
        scalar, form = self._assigned(value), self._native()
        columns, names = list(form.columns), form.names
        if name in names:
            columns[form.places([name])[0]] = scalar
        else:
            columns.append(scalar)
            names = names.insert(len(names), name)
        self._become(replace(form, columns=tuple(columns), names=names))

    def _assigned(self, value: Any) -> ex.Scalar:
        if isinstance(value, Series):
            self.__dict__["_form"], its = match(self, value)
            return its.columns[0]
        if is_list_like(value) or isinstance(value, Rows):
            self._refuse_length(value)
            raise NotYetError(f"assigning a {type(value).__name__}")
        scalar = literal(value)
        if scalar.dtype.kind == "O":
            raise NotYetError("assigning one text to a whole column")
        if scalar.dtype.kind == "i" and not -(1 << 63) <= scalar.value < 1 << 63:
            raise NotYetError("assigning an integer beyond int64")
        return scalar

    def _refuse_length(self, value: Any) -> None:
        """ValueError of values that are too many or too few, where the rows are in memory, so that they are counted."""
        labelled = isinstance(value, (dict, pd.Series, pd.DataFrame))  # aligned by their labels, so of any length
        in_memory = isinstance(self._rows, ex.Scan) and isinstance(self._rows.source, MemorySource)
        if not labelled and in_memory and hasattr(value, "__len__") and len(value) != len(self):
            raise ValueError(f"Length of values ({len(value)}) does not match length of index ({len(self)})")

    def assign(self, **columns: Any) -> "DataFrame":
        """A copy with new or changed columns: values, or functions of the frame."""
        made = self._like(self._rows)
        for name, value in columns.items():
            made[name] = value(made) if callable(value) else value
        return made

    def copy(self, deep: bool = True) -> "DataFrame":
        """Another frame of the same columns; nothing is copied, since nothing can change the data."""
        return self._like(self._rows)

    def rename(
        self, mapper: Any = None, *, columns: Any = None, axis: Any = None, level: Any = None, errors: Any = "ignore"
    ) -> "DataFrame":
        """The frame with other column labels, by a dictionary or a function: as pandas renames an empty one."""
        if mapper is not None and columns is None and axis not in (1, "columns"):
            raise NotYetError("rename of row labels")
        form = self._native()
        options = {"columns": columns, "axis": axis, "level": level, "errors": errors}
        renamed = inside(pd.DataFrame.rename, pd.DataFrame(columns=form.names), mapper, **options)
        return self._made(replace(form, names=renamed.columns))

    # -- rows -------------------------------------------------------------------------------------------------------

    def head(self, n: int = 5) -> "DataFrame":
        """The first `n` rows; reads no more of a file than it needs."""
        return self._like(first(self, n))

    def groupby(
        self, by: Any = None, level: Any = None, as_index: bool = True, sort: bool = True, group_keys: bool = True,
        observed: bool = True, dropna: bool = True,
    ) -> DataFrameGroupBy:  # fmt: skip
        """Group by column names, boolean or other series over the same rows, or a list of these.

        `group_keys` and `observed` change nothing that is here yet.
        """
        options = {"level": level, "as_index": as_index, "sort": sort, "group_keys": group_keys, "observed": observed,
                   "dropna": dropna}  # fmt: skip
        return DataFrameGroupBy._over(self, by, self._keys_of(by, **options), options)

    def _keys_of(
        self, by: Any, level: Any, as_index: bool, sort: bool, group_keys: bool, observed: bool, dropna: bool
    ) -> list[Series]:
        """What is grouped by, as series over these rows."""
        if by is None and level is None:
            raise TypeError("You have to supply one of 'by' and 'level'")
        refused = {"level": level is not None, "as_index=False": not as_index, "sort=False": not sort,
                   "dropna=False": not dropna}  # fmt: skip
        for option, given in refused.items():
            if given:
                raise NotYetError(f"groupby with {option}")
        if isinstance(by, list) and not by:
            raise ValueError("No group keys passed!")
        keys = [self._key(key) for key in (by if isinstance(by, list) else [by])]
        match_all([self, *keys])
        return keys

    def _key(self, key: Any) -> Series:
        if isinstance(key, Series):
            match(self, key)
            return key
        if callable(key) or not isinstance(key, Hashable) or isinstance(key, (pd.Grouper, pd.Index)):
            raise NotYetError(f"grouping by a {type(key).__name__}")
        if key is not None and key in self._labels.names:
            if key in self._names:
                raise ValueError(f"{key!r} is both an index level and a column label, which is ambiguous.")
            raise NotYetError(f"grouping by {key!r}, a level of the index,")
        return self._column(key)

    # -- one value a cell -------------------------------------------------------------------------------------------

    def _binary(self, op: str, other: Any, swap: bool) -> "DataFrame":
        if isinstance(other, pd.DataFrame):
            other = other if isinstance(other, DataFrame) else adopt(other)
            form, its = match(self, other)
            if not form.names.equals(its.names):
                raise NotYetError("an operation on frames of different columns (alignment)")
            operands: Iterable[Any] = its.columns
        elif isinstance(other, pd.Series) or (is_list_like(other) and getattr(other, "ndim", 1)):
            raise NotYetError(f"an operation of a frame and a {type(other).__name__}")
        else:
            form = self._native()
            operands = [other] * len(form.columns)
        pairs = zip(form.columns, operands, strict=True)
        columns = tuple(operators.combined(op, column, operand, swap) for column, operand in pairs)
        return self._made(replace(form, columns=columns))

    def _each(self, function: Callable[[ex.Scalar], ex.Scalar]) -> "DataFrame":
        form = self._native()
        return self._made(replace(form, columns=tuple(map(function, form.columns))))

    def isna(self) -> "DataFrame":
        """True where a value is missing."""
        return self._each(absent)

    def notna(self) -> "DataFrame":
        """True where a value is not missing."""
        return self._each(present)

    isnull, notnull = isna, notna

    # -- one row ----------------------------------------------------------------------------------------------------

    def _reduced(self, function: str, numeric_only: bool) -> Series:
        form = self._native()
        kept = [n for n, c in enumerate(form.columns) if not numeric_only or is_numeric(c)]
        if not kept:
            dtype = {"count": "int64", "any": "bool", "all": "bool"}.get(function, "float64")
            return adopt(pd.Series(dtype=dtype, index=form.names[kept]))
        scalars = [form.columns[n] for n in kept]
        reductions = tuple(counted(s) if function == "count" else ex.Reduction(function, s) for s in scalars)
        result = collect(ex.Aggregate(form.rows, (), reductions))
        row = pd.DataFrame({n: convert.column(result, name) for n, (name, _) in enumerate(result.schema)})
        real = row.iloc[0]  # pandas itself finds the common type
        if real.dtype == object:
            raise NotYetError(f"DataFrame.{function} of columns that have no common type")
        return adopt(pd.Series(real.array, form.names[kept]))

    def count(self, axis: Any = 0, numeric_only: bool = False) -> Series:
        """Values that are not missing, by column; computed now."""
        _refuse_axis("count", axis)
        return self._reduced("count", numeric_only)


def _refuse_axis(function: str, axis: Any) -> None:
    if axis not in (0, "index"):
        raise NotYetError(f"DataFrame.{function} with axis={axis!r}")


def _reduction(function: str) -> Any:
    def method(self: DataFrame, axis: Any = 0, skipna: bool = True, numeric_only: bool = False) -> Series:
        _refuse_axis(function, axis)
        if not skipna:
            raise NotYetError(f"DataFrame.{function} with skipna=False")
        return self._reduced(function, numeric_only)

    def logical(self: DataFrame, *, axis: Any = 0, bool_only: bool = False, skipna: bool = True) -> Series:
        if bool_only:
            raise NotYetError(f"DataFrame.{function} with bool_only=True")
        return method(self, axis, skipna)

    made = logical if function in ("any", "all") else method
    return exact(made, _brief(function)) if function in ("sum", "mean") else made


def _brief(function: str) -> Any:
    """pandas' sums or means of small columns, with the exact ones in their place."""

    def method(self: DataFrame, axis: Any = 0, skipna: bool = True, numeric_only: bool = False) -> Any:
        if axis not in (0, "index") or skipna is not True or any(b.dtype != "f8" for b in self._mgr.blocks):
            return None
        answers = [exact_of(function, column) for block in self._mgr.blocks for column in block.values]
        if any(answer is None for answer in answers):
            return None
        places = np.concatenate([block.mgr_locs.as_array for block in self._mgr.blocks])
        values = np.empty(len(answers))
        values[places] = answers
        return adopt(pd.Series(values, self.columns))

    return method


def _form_of(data: Any, index: Any, columns: Any, dtype: Any) -> Form | None:
    """The form of a frame made of lazy objects, or of columns on a device; None: pandas makes it."""
    if isinstance(data, pd.DataFrame) or index is not None or dtype is not None:
        lazy = isinstance(data, DataFrame) and "_mgr" not in data.__dict__ and index is columns is dtype is None
        return data._native() if lazy else None
    if columns is None and interchange.is_on_device(data):
        scan, names, labels = interchange.read(data)
        return Form(scan, tuple(ex.Column(scan, name) for name in names), pd.Index(names), labels)
    if (
        isinstance(data, dict)
        and columns is None
        and any(isinstance(x, Series) and x._is_lazy() for x in data.values())
    ):
        with contextlib.suppress(NotYetError):
            return _of_columns(data)
    return None


def _of_columns(data: dict[Hashable, Any]) -> Form:
    """The form of a dictionary with series of the same rows among its values, and numbers."""
    series = next(x for x in data.values() if isinstance(x, Series))
    made = DataFrame._of(series._rows, [], pd.Index([]), series._labels)
    match_all([made, *(value for value in data.values() if isinstance(value, Series))])
    columns = tuple(made._assigned(value) for value in data.values())
    return replace(made._native(), columns=columns, names=pd.DataFrame(dict.fromkeys(data, ())).columns)


operators.install(DataFrame)
for _name in ("sum", "mean", "min", "max", "any", "all"):
    setattr(DataFrame, _name, _reduction(_name))
fill(DataFrame, pd.DataFrame)
