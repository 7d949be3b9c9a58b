"""groupby: keys and values over the same rows; every method makes one Aggregate."""

from collections.abc import Hashable
from typing import Any

import pandas as pd

from tenfold.errors import NotYetError
from tenfold.expr import nodes as ex
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

    def agg(self, function: Any = None, **named: Any) -> Any:
        """One function by name gives a Series; a list, or names = functions, a frame.

        Examples
        --------
        >>> import tenfold.pandas as pd
        >>> df = pd.DataFrame({"k": [1, 1, 2], "x": [1.0, 2.0, 5.0]})
        >>> df.groupby("k").x.agg(["sum", "max"]).compute().to_dict("index")
        {1: {'sum': 3.0, 'max': 2.0}, 2: {'sum': 5.0, 'max': 5.0}}
        """
        if isinstance(function, str) or callable(function):
            return self._reduced(_named(function))
        functions = dict(named) if function is None else {_named(f): f for f in function}
        wanted: Wanted = [(name, _named(f), self._argument(f)) for name, f in functions.items()]
        return self._as_frame(wanted, pd.Index(list(functions)))

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
        if isinstance(names, list):
            return SelectedGroupBy(self._frame, self._keys, names)
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
        return self._as_frame(wanted, pd.Index(names))

    def agg(self, function: Any = None, **named: Any) -> Any:
        """A function for all columns, a list of them, a dict of either by column, or name=(column, function)."""
        if function is None:
            wanted: Wanted = [(out, *self._asked(column, f)) for out, (column, f) in named.items()]
            return self._as_frame(wanted, pd.Index(list(named)))
        if isinstance(function, str):
            return self.size() if function == "size" else self._reduced(_named(function))
        table = function if isinstance(function, dict) else dict.fromkeys(self._values(), function)
        nested = any(isinstance(f, list) for f in table.values())
        pairs = [(c, _named(f)) for c, fs in table.items() for f in (fs if isinstance(fs, list) else [fs])]
        wanted = [(None, *self._asked(column, f)) for column, f in pairs]
        names = pd.MultiIndex.from_tuples(pairs) if nested else pd.Index([column for column, _ in pairs])
        return self._as_frame(wanted, names)

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
    raise NotYetError(f"aggregation by {function!r}")


def _method(function: str) -> Any:
    def method(self: Any, numeric_only: bool = False) -> Any:
        return self._reduced(function, numeric_only) if isinstance(self, DataFrameGroupBy) else self._reduced(function)

    def plain(self: Any) -> Any:
        return self._reduced(function)

    made = plain if function in ("count", "any", "all") else method  # pandas gives these no `numeric_only`
    made.__doc__ = f"The {function} of each group, missing values left out."
    return made


for _name in FUNCTIONS:
    setattr(SeriesGroupBy, _name, _method(_name))
    setattr(DataFrameGroupBy, _name, _method(_name))
