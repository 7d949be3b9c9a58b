"""What frames and series share: rows of a table, an index, and the ways to look at them."""

import sys
from typing import Any, NoReturn

import numpy as np
import pandas as pd

from tenfold.collect import collect, verified
from tenfold.dtypes import DType, numpy_dtype
from tenfold.errors import NotYetError
from tenfold.explain import Explanation, explain
from tenfold.expr import nodes as ex
from tenfold.expr.types import late_type
from tenfold.io.memory import MemorySource
from tenfold.pandas import convert, display
from tenfold.pandas.convert import Labels

BEGINNING = 4096  # rows of a file whose labels are looked at


class MissingAttributeError(NotYetError, AttributeError):
    """An attribute that pandas has and tenfold has not yet."""


class Rows:
    """Rows of a table and their index; subclasses add the columns."""

    _rows: ex.Table
    _labels: Labels

    def _scalars(self) -> tuple[ex.Scalar, ...]:
        raise NotImplementedError

    def compute(self) -> Any:
        """The real pandas object."""
        raise NotImplementedError

    def _plan(self) -> ex.Project:
        """What is computed for this object."""
        return ex.Project(self._rows, self._scalars(), self._labels.scalars if self._shows_labels() else ())

    def _shows_labels(self) -> bool:
        return self._labels.range is None or self._filtered()

    def _filtered(self) -> bool:
        """Whether rows were left out, so that positions are no longer 0, 1, 2, ..."""
        return bool(self._filters())

    def _filters(self) -> list[ex.Table]:
        """The tables that rows were left out of, the last one first; the beginning of all rows counts as none."""
        filters: list[ex.Table] = []
        table = self._rows
        while isinstance(table, (ex.Filter, ex.Limit)):
            if isinstance(table, ex.Filter):
                filters.append(table)
            table = table.table
        return filters

    def _index_of(self, result: MemorySource) -> pd.Index:
        """The row labels of a result.

        pandas makes a range of labels at equal distances; once they were at others they stay what they are. Of a file
        the first rows that each filter left have to tell.
        """
        rows = convert.index(result, self._labels, filtered=self._filtered())
        if self._labels.range is None or not isinstance(rows, pd.RangeIndex):
            return rows
        for table in (table for table in self._filters() if table is not self._rows):
            source = getattr(ex.base_of(table), "source", None)
            seen = table if isinstance(source, MemorySource) else ex.Limit(table, BEGINNING)
            labels = convert.index(collect(ex.Project(seen, (), self._labels.scalars)), self._labels, filtered=True)
            if not isinstance(labels, pd.RangeIndex):
                return pd.Index(rows.to_numpy(), name=rows.name)
        return rows

    def explain(self, level: str = "plan", passes: bool = False) -> Explanation:
        """How this is computed: `expr`, `plan`, `stage`, `kernel` or `source`; `passes`: after every pass too.

        Examples
        --------
        >>> import tenfold.pandas as pd
        >>> df = pd.DataFrame({"x": [1.0, 2.0]})
        >>> print(df[df.x > 1].explain("expr"))
        r0 = scan memory [x: float64]
        r1 = filter r0: (x > 1)
        r2 = project r1: x index position
        """
        return explain(self._plan(), level, passes)

    @property
    def index(self) -> pd.Index:
        """The labels of the rows, computed."""
        return self._index_of(collect(ex.Project(self._rows, (), self._labels.scalars)))

    @property
    def plot(self) -> Any:
        """pandas' plotting, on the computed object (extra `plot`)."""
        return self.compute().plot

    def __repr__(self) -> str:
        return display.text(self)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        if _would_lose_labels(self, sys._getframe(1)):
            raise NotYetError(f"real pandas' constructor of a lazy {type(self).__name__}", "pass it .compute()")
        return np.asarray(self.compute(), dtype=dtype)

    def __len__(self) -> int:
        """The number of rows; counts them, by a run over the data where need be."""
        table = verified(self._rows)
        if isinstance(table, ex.Scan) and isinstance(table.source, MemorySource):
            return table.source.rows()
        return int(self._reduce(ex.Reduction("size", None)))

    def _reduce(self, *reductions: ex.Reduction) -> Any:
        """The answers of reductions over the rows: one value, or a list."""
        result = collect(ex.Aggregate(self._rows, (), reductions))
        values = [pd.Series(convert.column(result, name)).iloc[0] for name, _ in result.schema]  # a date: a Timestamp
        return values[0] if len(values) == 1 else values

    def _dtypes(self) -> list[Any]:
        """The types of the columns, checked over all of the data."""
        columns = self._scalars()
        if not columns:
            return []
        if isinstance(ex.base_of(self._rows), ex.Aggregate):  # types of answers depend on their values
            types = dict(collect(self._plan()).schema)
            return [pandas_dtype(types[f"column{n}"]) for n in range(len(columns))]
        counts = tuple(ex.Reduction("count", c) for c in columns)
        size = ex.Reduction("size", None)
        values = self._reduce(size, *counts)
        widest = [dtype for _, dtype in verified(self._plan()).schema]
        return [
            pandas_dtype(late_type(dtype, count < values[0]))
            for dtype, count in zip(widest, values[1:], strict=False)  # the schema goes on with the index
        ]


MAKERS = ("pandas.core.frame", "pandas.core.series", "pandas.core.construction", "pandas.core.internals.construction")


def _would_lose_labels(rows: Rows, caller: Any) -> bool:
    """Whether a constructor of real pandas asks for the values alone, of rows that have labels or a name.

    It asks everybody but its own classes so, and there is no other way to tell it what the values belong to.
    """
    if caller.f_globals.get("__name__") not in MAKERS:
        return False
    if rows._labels.range != (0, 1) or rows._labels.names != [None] or rows._filtered():
        return True
    named = getattr(rows, "name", rows) is not None
    while named and caller is not None and caller.f_code.co_name != "__init__":
        caller = caller.f_back
    return named and caller is not None and caller.f_locals.get("data") is rows  # no series under a name of its own


def pandas_dtype(dtype: DType) -> Any:
    """The dtype object that pandas shows for a column type."""
    return convert.TEXT if dtype.kind == "O" else numpy_dtype(dtype)


def refused_operator(owner: str, name: str) -> Any:
    """The method of an operator that pandas has and tenfold has not yet."""

    def method(self: Any, *others: Any) -> Any:
        raise NotYetError(f"{owner}.__{name}__")

    return method


def missing(owner: type, real: type, name: str) -> NoReturn:
    """Raise what an unknown attribute deserves."""
    if hasattr(real, name):
        raise MissingAttributeError(f"{real.__name__}.{name}")
    raise AttributeError(f"{owner.__name__!r} object has no attribute {name!r}")
