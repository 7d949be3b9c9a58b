"""groupby: keys and values over the same rows; every method makes one Aggregate."""

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd
from pandas.errors import SpecificationError

from tenfold.errors import NotYetError
from tenfold.expr import nodes as ex
from tenfold.pandas.arguments import follow
from tenfold.pandas.convert import Labels
from tenfold.pandas.rows import missing
from tenfold.pandas.series import Series

FUNCTIONS = ("sum", "mean", "count", "min", "max", "any", "all")
Wanted = list[tuple[Hashable, str, ex.Scalar | None]]  # (result column, function, argument)


class GroupBy:
    """What both kinds share: the frame, the keys, and how answers are laid out."""

    def __init__(self, frame: Any, keys: list[Series]) -> None:
        self._frame, self._keys = frame, keys

    def _aggregate(self, wanted: Wanted) -> tuple[ex.Aggregate, list[ex.Scalar], Labels]:
        """The table of groups, its answers, and the index of its keys."""
        reductions = tuple(ex.Reduction(function, scalar) for _, function, scalar in wanted)
        table = ex.Aggregate(self._frame._rows, tuple(k._scalar for k in self._keys), tuple(dict.fromkeys(reductions)))
        places = {r: n for n, r in enumerate(table.reductions)}
        columns: list[ex.Scalar] = [ex.Column(table, f"value{places[r]}") for r in reductions]
        levels = tuple((k.name, ex.Column(table, f"key{n}")) for n, k in enumerate(self._keys))
        return table, columns, Labels(levels)

    def _as_frame(self, wanted: Wanted, names: pd.Index) -> Any:
        table, columns, labels = self._aggregate(wanted)
        return type(self._frame)._of(table, columns, names, labels)

    def _as_series(self, function: str, scalar: ex.Scalar | None, name: Hashable) -> Series:
        table, (column,), labels = self._aggregate([(name, function, scalar)])
        return Series._of(table, column, name, labels)


class SeriesGroupBy(GroupBy):
    """One column by groups."""

    def __init__(self, frame: Any, keys: list[Series], column: Series) -> None:
        super().__init__(frame, keys)
        self._column = column

    def agg(self, func: Any = None, **named: Any) -> Any:
        """One function by name gives a Series; a list, or names = functions, a frame.

        Examples
        --------
        >>> import tenfold.pandas as pd
        >>> df = pd.DataFrame({"k": [1, 1, 2], "x": [1.0, 2.0, 5.0]})
        >>> df.groupby("k").x.agg(["sum", "max"]).compute().to_dict("index")
        {1: {'sum': 3.0, 'max': 2.0}, 2: {'sum': 5.0, 'max': 5.0}}
        """
        if func is None and not named:
            raise TypeError("Must provide 'func' or named aggregation **kwargs.")
        if isinstance(func, dict):
            raise SpecificationError("nested renamer is not supported")
        if func is not None and not isinstance(func, (list, tuple)):
            return getattr(self, _named(func))(**named)
        pairs = list(named.items()) if func is None else [f if isinstance(f, tuple) else (f, f) for f in func]
        wanted: Wanted = [(name, _named(f), self._argument(f)) for name, f in pairs]
        return self._as_frame(wanted, pd.Index([name for name, _ in pairs]))

    aggregate = agg

    def _argument(self, function: str) -> ex.Scalar | None:
        return None if function == "size" else self._column._scalar

    def _reduced(self, function: str) -> Series:
        return self._as_series(_named(function), self._argument(function), self._column.name)

    def size(self) -> Series:
        """The number of rows of each group."""
        return self._reduced("size")

    def __getattr__(self, name: str) -> Any:
        missing(type(self), pd.api.typing.SeriesGroupBy, name)


class DataFrameGroupBy(GroupBy):
    """All columns that are no keys, by groups."""

    def _values(self) -> list[Hashable]:
        """The columns that are aggregated: those that no key is."""
        keys = {(key.name, key._scalar) for key in self._keys}
        pairs = zip(self._frame._names, self._frame._columns, strict=True)
        return [name for name, scalar in pairs if (name, scalar) not in keys]

    def _select(self, names: Any) -> Any:
        if isinstance(names, (list, pd.Index, np.ndarray)):
            return SelectedGroupBy(self._frame, self._keys, list(names))
        if isinstance(names, tuple) and names not in self._frame:
            raise ValueError("Cannot subset columns with a tuple with more than one element. Use a list instead.")
        return SeriesGroupBy(self._frame, self._keys, self._frame[names])

    __getitem__ = _select

    def __getattr__(self, name: str) -> Any:
        if name in self._frame._names:
            return self._select(name)
        missing(type(self), pd.api.typing.DataFrameGroupBy, name)

    def size(self) -> Series:
        """The number of rows of each group."""
        return self._as_series("size", None, None)

    def _reduced(self, function: str, numeric_only: bool = False) -> Any:
        names = [n for n in self._values() if not numeric_only or self._frame[n]._scalar.dtype.kind in "biuf"]
        wanted: Wanted = [(name, function, self._frame[name]._scalar) for name in names]
        return self._as_frame(wanted, self._labels(names))

    def _labels(self, names: list[Hashable]) -> pd.Index:
        """The column labels of answers: those of the frame."""
        return self._frame._names[[self._frame._place(name) for name in names]]

    def agg(self, func: Any = None, **named: Any) -> Any:
        """A function for all columns, a list of them, a dict of either by column, or name=(column, function)."""
        if func is None:
            if not named or not all(isinstance(pair, tuple) and len(pair) == 2 for pair in named.values()):
                raise TypeError("Must provide 'func' or tuples of '(column, aggfunc).")
            wanted: Wanted = [(out, *self._asked(column, f)) for out, (column, f) in named.items()]
            return self._as_frame(wanted, pd.Index(list(named)))
        if not isinstance(func, (list, dict)):
            return getattr(self, _named(func))(**named)
        if named:
            raise NotYetError("agg of several functions with options")
        table = func if isinstance(func, dict) else dict.fromkeys(self._values(), func)
        if isinstance(func, list) and not table:
            raise ValueError("No objects to concatenate")
        if isinstance(func, list) and len(set(map(_named, func))) < len(func):
            raise SpecificationError("Function names must be unique if there is no new column names assigned")
        nested = any(isinstance(f, list) for f in table.values())
        if nested and self._frame._names.nlevels > 1:
            raise NotYetError("agg of several functions under column labels of several levels")
        pairs = [(c, _named(f)) for c, fs in table.items() for f in (fs if isinstance(fs, list) else [fs])]
        wanted = [(None, *self._asked(column, f)) for column, f in pairs]
        if not nested:
            return self._as_frame(wanted, self._labels([column for column, _ in pairs]))
        upper, lower = self._labels([column for column, _ in pairs]), [function for _, function in pairs]
        return self._as_frame(wanted, pd.MultiIndex.from_arrays([upper, lower], names=[upper.name, None]))

    aggregate = agg

    def _asked(self, column: Hashable, function: Any) -> tuple[str, ex.Scalar | None]:
        scalar = self._frame[column]._scalar
        return _named(function), None if function == "size" else scalar


class SelectedGroupBy(DataFrameGroupBy):
    """Chosen columns by groups."""

    def __init__(self, frame: Any, keys: list[Series], names: list[Hashable]) -> None:
        super().__init__(frame, keys)
        for name in names:
            frame._place(name)
        self._names = names

    def _values(self) -> list[Hashable]:
        return self._names


def _named(function: Any) -> str:
    """The name of an aggregation; others are not here yet."""
    if isinstance(function, str) and function in (*FUNCTIONS, "size"):
        return function
    if isinstance(function, str) and not hasattr(pd.api.typing.SeriesGroupBy, function):
        raise AttributeError(f"'SeriesGroupBy' object has no attribute {function!r}")
    if isinstance(function, str) or callable(function):
        raise NotYetError(f"aggregation by {function!r}")
    raise TypeError(f"{type(function).__name__!r} object is not callable")


def _method(function: str) -> Any:
    def method(self: Any, numeric_only: bool = False) -> Any:
        if isinstance(self, DataFrameGroupBy):
            return self._reduced(function, numeric_only)
        if numeric_only and self._column._scalar.dtype.kind not in "biuf":
            raise TypeError(f"Cannot use numeric_only=True with SeriesGroupBy.{function} and non-numeric dtypes.")
        return self._reduced(function)

    def plain(self: Any) -> Any:
        return self._reduced(function)

    made = plain if function in ("count", "any", "all") else method  # pandas gives these no `numeric_only`
    made.__doc__ = f"The {function} of each group, missing values left out."
    return made


for _name in FUNCTIONS:
    setattr(SeriesGroupBy, _name, _method(_name))
    setattr(DataFrameGroupBy, _name, _method(_name))
follow(SeriesGroupBy, pd.api.typing.SeriesGroupBy)
follow(DataFrameGroupBy, pd.api.typing.DataFrameGroupBy)
