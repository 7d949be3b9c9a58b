"""groupby: keys and values over the same rows; every method makes one Aggregate."""

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd
from pandas.errors import SpecificationError

from tenfold.errors import NotYetError
from tenfold.expr import nodes as ex
from tenfold.pandas.alignment import match_all
from tenfold.pandas.convert import Labels
from tenfold.pandas.door import Copied, adopt, exact, fill, inside
from tenfold.pandas.series import Series, is_numeric
from tenfold.primitives import exact as exact_sums

FUNCTIONS = ("sum", "mean", "count", "min", "max", "any", "all")
Wanted = list[tuple[Hashable, str, ex.Scalar | None]]  # (result column, function, argument)
OPTIONS = ("level", "as_index", "sort", "group_keys", "observed", "dropna")
MADE = ("_grouper", "exclusions")  # what pandas makes of the rows


class GroupBy(Copied):
    """What both kinds share: pandas' group-by, whose groups are found when its code asks for them."""

    @classmethod
    def _over(cls, obj: Any, by: Any, keys: list[Series], options: dict[str, Any], selection: Any = None) -> Any:
        """A group-by of pandas' whose groups nobody has looked for yet."""
        made = object.__new__(cls)
        vars(made).update(options, obj=obj, keys=by, _selection=selection, _by=keys)
        return made

    def _ready(self) -> None:
        """Have pandas find the groups."""
        held = vars(self)
        held["obj"]._ready()
        if "_grouper" not in held:
            frame = held.get("_frame", held["obj"])
            real = inside(pd.DataFrame.groupby, frame, held["keys"], **self._options())
            if held["_selection"] is not None:
                real = inside(type(real).__getitem__, real, held["_selection"])
            held.update(vars(real))

    def __getattr__(self, name: str) -> Any:
        if name in MADE and "_by" in vars(self):
            self._ready()
            return vars(self)[name]
        return super().__getattr__(name)  # type: ignore[misc]

    def _options(self) -> dict[str, Any]:
        return {name: vars(self)[name] for name in OPTIONS}

    @property
    def _source(self) -> Any:
        """The frame that is grouped."""
        return vars(self).get("_frame", self.obj)

    @property
    def _keys(self) -> list[Series]:
        """What is grouped by, over the frame's rows; NotYetError of what has no native form."""
        held = vars(self)
        if "_by" not in held:
            if isinstance(self.obj, pd.Series):
                raise NotYetError("groups of a series")
            held["_by"] = self.obj._keys_of(held["keys"], **self._options())
        match_all([self._source, *held["_by"]])
        return held["_by"]

    def _aggregate(self, wanted: Wanted) -> tuple[ex.Aggregate, list[ex.Scalar], Labels]:
        """The table of groups, its answers, and the index of its keys."""
        reductions = tuple(ex.Reduction(function, scalar) for _, function, scalar in wanted)
        table = ex.Aggregate(self._source._rows, tuple(k._scalar for k in self._keys), tuple(dict.fromkeys(reductions)))
        places = {r: n for n, r in enumerate(table.reductions)}
        columns: list[ex.Scalar] = [ex.Column(table, f"value{places[r]}") for r in reductions]
        levels = tuple(ex.Column(table, f"key{n}") for n in range(len(self._keys)))
        return table, columns, Labels(tuple(key.name for key in self._keys), levels)

    def _as_frame(self, wanted: Wanted, names: pd.Index) -> Any:
        table, columns, labels = self._aggregate(wanted)
        return type(self._source)._of(table, columns, names, labels)

    def _as_series(self, function: str, scalar: ex.Scalar | None, name: Hashable) -> Series:
        table, (column,), labels = self._aggregate([(name, function, scalar)])
        return Series._of(table, column, name, labels)


class SeriesGroupBy(GroupBy, pd.api.typing.SeriesGroupBy):
    """One column by groups."""

    _real = pd.api.typing.SeriesGroupBy

    @property
    def _column(self) -> Series:
        if "_frame" not in vars(self):
            raise NotYetError("groups of a series")
        match_all([self._source, self.obj, *self._keys])
        return self.obj

    def agg(self, func: Any = None, **named: Any) -> Any:
        """One function by name gives a Series; a list, or names = functions, a frame."""
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


class DataFrameGroupBy(GroupBy, pd.api.typing.DataFrameGroupBy):
    """All columns that are no keys, by groups; or those that were chosen."""

    _real = pd.api.typing.DataFrameGroupBy

    def _values(self) -> list[Hashable]:
        """The columns that are aggregated: those that no key is."""
        if self._selection is not None:
            return list(self._selection)
        keys = {(key.name, key._scalar) for key in self._keys}
        pairs = zip(self._source._names, self._source._columns, strict=True)
        return [name for name, scalar in pairs if (name, scalar) not in keys]

    def __getitem__(self, names: Any) -> Any:
        frame, keys = self._source, self._keys
        if self._selection is not None:
            raise NotYetError("a choice of chosen columns")
        if isinstance(names, (list, pd.Index, np.ndarray)):
            frame._native().places(names)
            return DataFrameGroupBy._over(frame, self.keys, keys, self._options(), list(names))
        if isinstance(names, tuple) and names not in frame:
            raise ValueError("Cannot subset columns with a tuple with more than one element. Use a list instead.")
        made = SeriesGroupBy._over(frame._column(names), self.keys, keys, self._options(), names)
        vars(made)["_frame"] = frame
        return made

    def size(self) -> Series:
        """The number of rows of each group."""
        return self._as_series("size", None, None)

    def _reduced(self, function: str, numeric_only: bool = False) -> Any:
        scalars = [(name, self._source._column(name)._scalar) for name in self._values()]
        wanted: Wanted = [(n, function, s) for n, s in scalars if not numeric_only or is_numeric(s)]
        return self._as_frame(wanted, self._labels([name for name, _, _ in wanted]))

    def _labels(self, names: list[Hashable]) -> pd.Index:
        """The column labels of answers: those of the frame."""
        form = self._source._native()
        return form.names[form.places(names)]

    def agg(self, func: Any = None, **named: Any) -> Any:
        """A function for all columns, a list of them, a dict of either by column, or name=(column, function)."""
        if func is None:
            if not named or not all(isinstance(pair, tuple) and len(pair) == 2 for pair in named.values()):
                raise NotYetError("an aggregation that is no tuple")
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
        if nested and self._source._names.nlevels > 1:
            raise NotYetError("agg of several functions under column labels of several levels")
        pairs = [(c, _named(f)) for c, fs in table.items() for f in (fs if isinstance(fs, list) else [fs])]
        wanted = [(None, *self._asked(column, f)) for column, f in pairs]
        if not nested:
            return self._as_frame(wanted, self._labels([column for column, _ in pairs]))
        upper, lower = self._labels([column for column, _ in pairs]), [function for _, function in pairs]
        return self._as_frame(wanted, pd.MultiIndex.from_arrays([upper, lower], names=[upper.name, None]))

    aggregate = agg

    def _asked(self, column: Hashable, function: Any) -> tuple[str, ex.Scalar | None]:
        scalar = self._source._column(column)._scalar
        return _named(function), None if function == "size" else scalar


def _brief(function: str) -> Any:
    """pandas' sums or means of small groups, with the exact ones in their place."""

    def method(self: Any, numeric_only: bool = False) -> Any:
        answer = inside(getattr(self._real, function), self, numeric_only=numeric_only)
        single = answer.ndim == 1
        if len(answer) != self._grouper.ngroups or not (single or (self.as_index and answer.columns.is_unique)):
            return None
        if single:
            values = _exact(function, self.obj, self._grouper)
            return values if values is None else adopt(pd.Series(values, answer.index, name=answer.name))
        for place, name in enumerate(answer.columns):
            values = _exact(function, inside(pd.DataFrame.__getitem__, self.obj, name), self._grouper)
            if values is None and answer.dtypes.iloc[place].kind == "f":
                return None
            if values is not None:
                inside(pd.DataFrame.isetitem, answer, place, values)
        return adopt(answer)

    return method


def _exact(function: str, column: Any, grouper: Any) -> Any:
    """The exact sums or means of a column's groups; None of other types than float64."""
    values, groups = column._mgr.array, grouper.ids
    if getattr(values, "dtype", None) != np.float64:
        return None
    kept = (groups >= 0) & ~np.isnan(values)
    values, groups = np.asarray(values)[kept], groups[kept]
    sums = exact_sums.totals(values, groups, grouper.ngroups)
    if sums is None or function == "sum":
        return sums
    with np.errstate(invalid="ignore"):
        return sums / np.bincount(groups, minlength=grouper.ngroups)


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
        if not isinstance(numeric_only, bool):
            raise NotYetError("numeric_only that is no boolean")
        if isinstance(self, DataFrameGroupBy):
            return self._reduced(function, numeric_only)
        if numeric_only and not is_numeric(self._column._scalar):
            raise TypeError(f"Cannot use numeric_only=True with SeriesGroupBy.{function} and non-numeric dtypes.")
        return self._reduced(function)

    def plain(self: Any) -> Any:
        return self._reduced(function)

    made = plain if function in ("count", "any", "all") else method  # pandas gives these no `numeric_only`
    return exact(made, _brief(function)) if function in ("sum", "mean") else made


for _name in FUNCTIONS:
    setattr(SeriesGroupBy, _name, _method(_name))
    setattr(DataFrameGroupBy, _name, _method(_name))
for _class in (SeriesGroupBy, DataFrameGroupBy):
    exact(_class.agg)
    fill(_class, getattr(pd.api.typing, _class.__name__))
