"""DataFrame: named scalars over the rows of a table. Assignment changes the dictionary of names, never the data."""

from collections.abc import Hashable, Iterable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from tenfold.collect import collect
from tenfold.errors import NotYetError
from tenfold.expr import nodes as ex
from tenfold.io.memory import MemorySource
from tenfold.pandas import convert, display, interchange
from tenfold.pandas.arguments import follow, following
from tenfold.pandas.convert import Labels
from tenfold.pandas.groupby import DataFrameGroupBy
from tenfold.pandas.operators import literal
from tenfold.pandas.rows import Rows, missing, refused_operator
from tenfold.pandas.series import NOT_YET, OPERATORS, Series, first, from_pandas_series, restricted

OWN = ("_rows", "_columns", "_names", "_labels", "columns")


class DataFrame(Rows):
    """A table with pandas' API; lazy.

    Parameters are those of `pandas.DataFrame`. Columns in device memory (a dictionary of CuPy arrays or others with
    `__cuda_array_interface__` or DLPack, or a cuDF frame) stay there and are not copied.

    Examples
    --------
    >>> import tenfold.pandas as pd
    >>> df = pd.DataFrame({"k": ["a", "b", "a"], "x": [1, 2, 3]})
    >>> df.groupby("k").x.sum().compute().to_dict()
    {'a': 4, 'b': 2}
    """

    _columns: list[ex.Scalar]
    _names: pd.Index

    @following(pd.DataFrame, "DataFrame")
    def __init__(
        self, data: Any = None, index: Any = None, columns: Any = None, dtype: Any = None, copy: Any = None
    ) -> None:
        made = _of_lazy(data, index, columns, dtype)
        if made is not None:
            self._take(made._rows, made._columns, made._names, made._labels)
            return
        if index is columns is dtype is None and interchange.is_on_device(data):
            scan, names, labels = interchange.read(data)
            self._take(scan, [ex.Column(scan, name) for name in names], pd.Index(names), labels)
            return
        real = pd.DataFrame(data, index, columns, dtype, copy)
        scan, names, labels = convert.read_pandas(real)
        self._take(scan, [ex.Column(scan, name) for name in names], real.columns, labels)

    @classmethod
    def _of(cls, rows: ex.Table, columns: Iterable[ex.Scalar], names: pd.Index, labels: Labels) -> "DataFrame":
        made = cls.__new__(cls)
        made._take(rows, list(columns), names, labels)
        return made

    def _take(self, rows: ex.Table, columns: list[ex.Scalar], names: pd.Index, labels: Labels) -> None:
        self._rows, self._columns, self._names, self._labels = rows, columns, names, labels

    def _like(self, rows: ex.Table) -> "DataFrame":
        return DataFrame._of(rows, self._columns, self._names, self._labels)

    def _scalars(self) -> tuple[ex.Scalar, ...]:
        return tuple(self._columns)

    # -- looking ----------------------------------------------------------------------------------------------------

    @property
    def columns(self) -> pd.Index:
        """The column labels."""
        return self._names

    @columns.setter
    def columns(self, names: Any) -> None:
        names = pd.Index(names)
        if len(names) != len(self._columns):
            own = len(self._columns)
            raise ValueError(
                f"Length mismatch: Expected axis has {own} elements, new values have {len(names)} elements"
            )
        self._names = names

    @property
    def dtypes(self) -> pd.Series:
        """The column types, checked over all of the data."""
        return pd.Series(self._dtypes(), index=self._names, dtype=object)

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns); counts the rows where need be."""
        return len(self), len(self._columns)

    def compute(self) -> pd.DataFrame:
        """The real pandas DataFrame."""
        result = collect(self._plan())
        return convert.frame(result, self._names, self._index_of(result))

    to_pandas = compute

    def persist(self) -> "DataFrame":
        """The same frame, computed and kept in memory as columns."""
        rows, columns, labels = display.persisted(self)
        return DataFrame._of(rows, columns, self._names, labels)

    def _repr_html_(self) -> str:
        return display.html(self)

    def __iter__(self) -> Iterator[Hashable]:
        return iter(self._names)

    def __contains__(self, name: Hashable) -> bool:
        return name in self._names

    def __bool__(self) -> bool:
        raise ValueError(
            "The truth value of a DataFrame is ambiguous. Use a.empty, a.bool(), a.item(), a.any() or a.all()."
        )

    # -- columns ----------------------------------------------------------------------------------------------------

    def _place(self, name: Hashable) -> int:
        """Where a column stands; KeyError names it and those that are there."""
        try:
            place = self._names.get_loc(name)
        except KeyError:
            there = ", ".join(map(repr, self._names[:20]))
            raise KeyError(f"no column {name!r}; there are {there}{', ...' if len(self._names) > 20 else ''}") from None
        if not isinstance(place, int):
            raise NotYetError(f"column label {name!r}, which several columns have,")
        return place

    def _column(self, name: Hashable) -> Series:
        return Series._of(self._rows, self._columns[self._place(name)], name, self._labels)

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, Series):
            return self._like(restricted(self, key))
        if isinstance(key, (list, pd.Index)):
            places = [self._place(name) for name in key]
            chosen = [self._columns[place] for place in places]
            return DataFrame._of(self._rows, chosen, self._names[places], self._labels)
        if isinstance(key, (slice, DataFrame, np.ndarray)):
            raise NotYetError(f"DataFrame[{type(key).__name__}]")
        return self._column(key)

    def __setitem__(self, name: Hashable, value: Any) -> None:
        if isinstance(name, (list, Rows, slice)):
            raise NotYetError(f"assignment to DataFrame[{type(name).__name__}]")
        scalar = self._assigned(value)
        if name in self._names:
            columns = list(self._columns)
            columns[self._place(name)] = scalar
            self._columns = columns
        else:
            self._columns = [*self._columns, scalar]
            self._names = self._names.insert(len(self._names), name)

    def _assigned(self, value: Any) -> ex.Scalar:
        if isinstance(value, Series):
            if value._rows is not self._rows:
                raise NotYetError("assigning a series of other rows (alignment)")
            return value._scalar
        if pd.api.types.is_list_like(value) or isinstance(value, Rows):
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
        labelled = isinstance(value, (dict, pd.Series, pd.DataFrame, Rows))  # aligned by their labels, so of any length
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

    def rename(self, mapper: Any = None, *, columns: Any = None, axis: Any = None) -> "DataFrame":
        """The frame with other column labels, by a dictionary or a function."""
        if mapper is not None and columns is not None:
            raise TypeError("Cannot specify both 'mapper' and any of 'index' or 'columns'")
        if mapper is not None and axis not in (1, "columns"):
            raise NotYetError("rename of row labels", "pass columns=... for those of columns")
        change = mapper if columns is None else columns
        if change is None:
            raise TypeError("must pass an index to rename")
        if self._names.nlevels > 1:
            raise NotYetError("rename of column labels of several levels")
        renamed = change if callable(change) else lambda name: change.get(name, name)
        made = self._like(self._rows)
        made._names = pd.Index([renamed(name) for name in self._names], name=self._names.name)
        return made

    def __getattr__(self, name: str) -> Any:
        if name not in OWN and name in self._names:
            return self._column(name)
        missing(type(self), pd.DataFrame, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in OWN and name in self._names:
            self[name] = value
        else:
            object.__setattr__(self, name, value)

    def __dir__(self) -> Iterable[str]:
        return [*super().__dir__(), *(name for name in self._names if isinstance(name, str))]

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
        return DataFrameGroupBy(self, keys)

    def _key(self, key: Any) -> Series:
        if isinstance(key, Series):
            if key._rows is not self._rows:
                raise NotYetError("grouping by a series of other rows (alignment)")
            return key
        if callable(key):
            raise NotYetError("grouping by a function of the index")
        if key is not None and key in self._labels.names:
            if key in self._names:
                raise ValueError(f"{key!r} is both an index level and a column label, which is ambiguous.")
            raise NotYetError(f"grouping by {key!r}, a level of the index,")
        return self._column(key)

    # -- one row ----------------------------------------------------------------------------------------------------

    def _reduced(self, function: str, numeric_only: bool) -> Series:
        kept = [n for n, c in enumerate(self._columns) if not numeric_only or c.dtype.kind in "biuf"]
        if not kept:
            dtype = {"count": "int64", "any": "bool", "all": "bool"}.get(function, "float64")
            return from_pandas_series(pd.Series(dtype=dtype, index=self._names[kept]))
        reductions = tuple(ex.Reduction(function, self._columns[n]) for n in kept)
        result = collect(ex.Aggregate(self._rows, (), reductions))
        row = pd.DataFrame({n: convert.column(result, name) for n, (name, _) in enumerate(result.schema)})
        real = row.iloc[0]  # pandas itself finds the common type
        if real.dtype == object:
            raise NotYetError(f"DataFrame.{function} of columns that have no common type")
        return from_pandas_series(pd.Series(real.array, self._names[kept]))

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
    made.__doc__ = f"The {function} of each column, missing values left out; computed now."
    return made


def _of_lazy(data: Any, index: Any, columns: Any, dtype: Any) -> DataFrame | None:
    """A frame made of tenfold's own frames and series, over the same rows; None of anything else."""
    if isinstance(data, DataFrame):
        made = data.copy()
    elif isinstance(data, Series):
        names = pd.DataFrame(pd.Series(dtype=float, name=data.name)).columns
        made = DataFrame._of(data._rows, [data._scalar], names, data._labels)
    elif not any(isinstance(x, Rows) for x in (index, columns, dtype, *_items(data))):
        return None
    else:
        made = _of_columns(data)
    if index is not None or dtype is not None:
        raise NotYetError("a DataFrame of a lazy one with index or dtype")
    if columns is None:
        return made
    missing = [name for name in columns if name not in made._names]
    if missing:
        raise NotYetError(f"a DataFrame of a lazy one that has no column {missing[0]!r}")
    return made[list(columns)]


def _items(data: Any) -> Iterable[Any]:
    if isinstance(data, dict):
        return data.values()
    return data if isinstance(data, (list, tuple)) else ()


def _of_columns(data: Any) -> DataFrame:
    """A frame of a dictionary with series of the same rows among its values, and numbers."""
    series = next((x for x in _items(data) if isinstance(x, Series)), None)
    if series is None or not isinstance(data, dict):
        raise NotYetError(f"a DataFrame of a {type(data).__name__} with lazy objects in it")
    made = DataFrame._of(series._rows, [], pd.DataFrame(dict.fromkeys(data, ())).columns, series._labels)
    made._columns = [made._assigned(value) for value in data.values()]
    return made


for _name in (*OPERATORS, *(f"__{name}__" for name in (*NOT_YET, "neg", "pos", "invert", "abs"))):
    setattr(DataFrame, _name, refused_operator("DataFrame", _name.strip("_")))
DataFrame.__hash__ = None
for _name in ("sum", "mean", "min", "max", "any", "all"):
    setattr(DataFrame, _name, _reduction(_name))
follow(DataFrame, pd.DataFrame)
