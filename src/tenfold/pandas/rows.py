"""What frames and series share: rows with two faces.

The *form* is how they are computed: scalars over the rows of a table; everything native is made of it. The *memory* is
pandas' own `_mgr`, which makes an object of ours one of pandas'. Either is made of the other when it is asked for:
memory when pandas' code looks for it, a form when a native method does. A form made of memory is a lease, and holds for
as long as nobody has written into that memory: pandas copies what is shared before it writes, so that the arrays are
others then.
"""

import copy
import inspect
import math
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
from pandas.core.flags import Flags

from tenfold import budget
from tenfold.collect import collect, verified
from tenfold.dtypes import DType, numpy_dtype
from tenfold.errors import NotYetError
from tenfold.explain import LEVELS, Explanation, explain
from tenfold.expr import nodes as ex
from tenfold.expr.types import late_type
from tenfold.io.memory import MemorySource
from tenfold.pandas import convert, display, methods
from tenfold.pandas.convert import Labels
from tenfold.pandas.door import adopt, here, inside, plain

BEGINNING = 4096  # rows of a file whose labels are looked at
KEPT_CELLS = 1 << 18  # results of at most so many values are kept by those who computed them


@dataclass(frozen=True, slots=True)
class Form:
    """How a frame or series is computed: scalars over the rows of a table, the names of columns, the labels."""

    rows: ex.Table
    columns: tuple[ex.Scalar, ...]
    names: Any  # a pandas.Index; None of a series
    labels: Labels

    def places(self, names: Iterable[Hashable]) -> list[int]:
        """Where columns stand; KeyError names the first that is not there, and those that are."""
        found = []
        for name in names:
            try:
                place = self.names.get_loc(name)
            except KeyError:
                there = ", ".join(map(repr, self.names[:20]))
                error = KeyError(name)
                error.add_note(f"The columns are {there}{', ...' if len(self.names) > 20 else ''}.")
                raise error from None
            if not isinstance(place, int):
                raise NotYetError(f"column label {name!r}, which several columns have,")
            found.append(place)
        return found


class Lease:
    """What memory was when a form was made of it, or it of a form; shared, so that a writer has to copy."""

    def __init__(self, manager: Any) -> None:
        self._arrays, self._axes = _arrays(manager), _axes(manager)
        self._shared = manager.copy(deep=False)

    def holds(self, manager: Any) -> bool:
        """Whether the memory is still the same."""
        arrays, axes = _arrays(manager), _axes(manager)
        same = len(arrays) == len(self._arrays) and all(map(_is, arrays, self._arrays))
        return same and all(a is b and m == n for (a, m), (b, n) in zip(axes, self._axes, strict=True))


def _is(one: Any, other: Any) -> bool:
    return one is other


def _arrays(manager: Any) -> list[Any]:
    return [block.values for block in manager.blocks]


def _axes(manager: Any) -> list[Any]:
    """The axes, as objects of ours, which users are handed, and their names, which users may change."""
    for number, axis in enumerate(manager.axes):
        manager.axes[number] = adopt(axis)
    return [(axis, list(axis.names)) for axis in manager.axes]


class Rows:
    """Rows of a table and their labels; subclasses add the columns."""

    OPEN = ("index", "columns", "name", "attrs", "flags")

    # -- the two faces ----------------------------------------------------------------------------------------------

    @classmethod
    def _made(cls, form: Form) -> Any:
        made = object.__new__(cls)
        made._begin(form)
        return made

    def _begin(self, form: Form) -> None:
        """Be a new object that is computed by a form."""
        vars(self).update(_form=form, _attrs={}, _flags=Flags(self, allows_duplicate_labels=True))

    @classmethod
    def _adopted(cls, real: Any) -> Any:
        """A real object of pandas' as one of ours, on the same memory."""
        made = cls._from_mgr(real._mgr, real._mgr.axes)  # type: ignore[attr-defined]
        vars(made).update({name: vars(real)[name] for name in ("_attrs", "_name") if name in vars(real)})
        made._flags._allows_duplicate_labels = real._flags._allows_duplicate_labels
        return made

    def _is_lazy(self) -> bool:
        return "_mgr" not in vars(self)

    def _become(self, form: Form) -> None:
        """Be what a form says."""
        for name in ("_mgr", "_lease", "_shown"):
            vars(self).pop(name, None)
        vars(self)["_form"] = form

    def _native(self) -> Form:
        """The form."""
        held = vars(self)
        form: Any = held.get("_form")
        manager = held.get("_mgr")
        if manager is not None and (form is None or not held["_lease"].holds(manager)):
            held.pop("_form", None)
            lease, form = Lease(manager), self._derived()
            held.update(_lease=lease, _form=form)
        shown = held.get("_shown")
        if shown is not None and tuple(shown.names) != form.labels.names:
            form = held["_form"] = replace(form, labels=form.labels.renamed(shown.names))
        return form

    def _derived(self) -> Form:
        """A form made of memory; NotYetError of types that have none."""
        raise NotImplementedError

    def _ready(self) -> None:
        """Have the memory; OverBudgetError, before anything runs, where there is not enough."""
        if "_mgr" not in vars(self):
            budget.require(f"pandas on a {type(self).__name__}", self._most_bytes())
            self._hold(self._computed())

    def _most_bytes(self) -> int:
        """About how many bytes the memory takes, if no filter leaves rows out."""
        base = ex.base_of(verified(self._rows))
        rows = base.source.rows() if isinstance(base, ex.Scan) else 0  # of groups there are few as a rule
        rows = min([rows, *(table.count for table in self._restrictions() if isinstance(table, ex.Limit))])
        return rows * sum(scalar.dtype.itemsize for scalar in self._scalars())

    def _hold(self, real: Any) -> None:
        """Have the memory of a real object, with the labels that users were handed."""
        manager = real._mgr
        if "_shown" in vars(self):
            manager.axes[-1] = vars(self).pop("_shown")
        if len(manager.axes) == 2:
            manager.axes[0] = self.columns
        vars(self).update(_mgr=manager, _lease=Lease(manager))

    def __getattr__(self, name: str) -> Any:
        if name == "_mgr" and "_form" in vars(self):
            self._ready()
            return vars(self)["_mgr"]
        return self._other_attribute(name)

    def _other_attribute(self, name: str) -> Any:
        return super().__getattr__(name)  # type: ignore[misc]

    def _computed(self) -> Any:
        """The real object, computed from the form."""
        raise NotImplementedError

    def compute(self) -> Any:
        """The real pandas object."""
        if "_mgr" not in vars(self):
            real = self._computed()
            if real.size > KEPT_CELLS:
                vars(real)["_attrs"] = copy.deepcopy(vars(self)["_attrs"])
                return real
            self._hold(real)
        return self._as_pandas()

    def _as_pandas(self) -> Any:
        real = type(self)._real  # type: ignore[attr-defined]
        manager = vars(self)["_mgr"].copy(deep=False)
        for number, axis in enumerate(manager.axes):
            manager.axes[number] = plain(axis)
        made = real._from_mgr(manager, manager.axes)
        vars(made)["_attrs"] = copy.deepcopy(vars(self)["_attrs"])
        made._flags._allows_duplicate_labels = vars(self)["_flags"]._allows_duplicate_labels
        if "_name" in vars(self):
            vars(made)["_name"] = vars(self)["_name"]
        return made

    to_pandas = compute

    _rows = property(lambda self: self._native().rows)
    _labels = property(lambda self: self._native().labels)

    def _scalars(self) -> tuple[ex.Scalar, ...]:
        return self._native().columns

    # -- labels -----------------------------------------------------------------------------------------------------

    @property
    def index(self) -> Any:
        """The labels of the rows."""
        held = vars(self)
        if "_mgr" in held or here.inside or "_form" not in held:
            manager = self._mgr
            manager.axes[-1] = made = adopt(manager.axes[-1])
            return made
        if "_shown" not in held:
            plan = self._plan()
            index = plan.index or self._labels.scalars
            held["_shown"] = adopt(self._index_of(collect(ex.Project(plan.table, (), index))))
        return held["_shown"]

    @index.setter
    def index(self, labels: Any) -> None:
        inside(inspect.getattr_static(self._real, "index").__set__, self, labels)

    def _plan(self) -> ex.Project:
        """What is computed for this object."""
        form = self._native()
        filtered = self._filtered()
        shown = form.labels.kept is None or filtered
        labels = (ex.Position(ex.base_of(form.rows)),) if self._chosen_levels() else form.labels.scalars
        return ex.Project(form.rows, convert.planned(form.columns, filtered), labels if shown else ())

    def _chosen_levels(self) -> bool:
        """Whether these are some of the rows of several levels: pandas keeps those of all rows."""
        labels = self._labels
        return labels.kept is None and len(labels.names) > 1 and self._filtered()

    def _filtered(self) -> bool:
        """Whether rows were left out, so that positions are no longer 0, 1, 2, ..."""
        return bool(self._filters())

    def _filters(self) -> list[ex.Table]:
        """The tables that rows were left out of, the last one first; the beginning of all rows counts as none."""
        return [table for table in self._restrictions() if isinstance(table, ex.Filter)]

    def _restrictions(self) -> Iterator[ex.Filter | ex.Limit]:
        """The tables between these rows and their base, the last one first."""
        table = self._rows
        while isinstance(table, (ex.Filter, ex.Limit)):
            yield table
            table = table.table

    def _index_of(self, result: MemorySource) -> pd.Index:
        """The row labels of a result.

        pandas makes a range of labels at equal distances, and keeps their frequency; once they were at others they stay
        what they are. Of a file the first rows that each filter left have to tell.
        """
        labels = self._labels
        if self._chosen_levels():
            every = ex.Project(ex.base_of(self._rows), (), labels.scalars)
            return convert.index(collect(every), labels, filtered=False).take(convert.column(result, "index0"))
        rows = convert.index(result, labels, filtered=self._filtered())
        if labels.kept is None or not convert.remembers(rows):
            return rows
        for table in (table for table in self._filters() if table is not self._rows):
            source = getattr(ex.base_of(table), "source", None)
            seen = table if isinstance(source, MemorySource) else ex.Limit(table, BEGINNING)
            left = convert.index(collect(ex.Project(seen, (), labels.scalars)), labels, filtered=True)
            if not convert.remembers(left):
                return convert.forgetting(rows)
        return rows

    # -- looking ----------------------------------------------------------------------------------------------------

    def explain(self, level: str = "plan", passes: bool = False) -> Explanation:
        """How this is computed: `expr`, `plan`, `stage`, `kernel` or `source`; `passes`: after every pass too.

        `methods` shows which methods are native, and how often which ones ran natively and in pandas so far, in all of
        the program. A method's name (`sort_values`, `str.len`, `GroupBy.std`) shows how that one runs.

        Examples
        --------
        >>> import tenfold.pandas as pd
        >>> df = pd.DataFrame({"x": [1.0, 2.0]})
        >>> print(df[df.x > 1].explain("expr"))
        r0 = scan memory [x: float64]
        r1 = filter r0: (x > 1)
        r2 = project r1: x index position
        >>> print(df.explain("merge"))
        DataFrame.merge: in pandas on the whole: it brings rows of two tables together
        what a native form would take: joins on all threads
        """
        if level in LEVELS:
            return explain(self._plan(), level, passes)
        return Explanation(methods.told(self._real.__name__, level, [*LEVELS]))

    @property
    def empty(self: Any) -> bool:
        """Whether there are no rows, or no columns."""
        return 0 in self.shape

    @property
    def size(self: Any) -> int:
        """The number of values."""
        return math.prod(self.shape)

    def __repr__(self) -> str:
        return display.text(self)

    def __len__(self) -> int:
        """The number of rows; counts them, by a run over the data where need be."""
        table = verified(self._rows)
        if isinstance(table, ex.Scan) and isinstance(table.source, MemorySource):
            return table.source.rows()
        return int(self._told(ex.Reduction("size", None)))

    def _told(self, *reductions: ex.Reduction) -> Any:
        """The answers of reductions over the rows: one value, or a list."""
        result = collect(ex.Aggregate(self._rows, (), reductions))
        values = [pd.Series(convert.column(result, name)).iloc[0] for name, _ in result.schema]  # a date: a Timestamp
        return values[0] if len(values) == 1 else values

    def _dtypes(self) -> list[Any]:
        """The types of the columns, checked over all of the data."""
        scalars = self._scalars()
        columns = convert.planned(scalars, filtered=False)
        if len(columns) < len(scalars):
            found = iter(self._types_of(columns))
            return [s.kept.dtype if isinstance(s, ex.Carried) else next(found) for s in scalars]
        return self._types_of(columns)

    def _types_of(self, columns: tuple[ex.Scalar, ...]) -> list[Any]:
        if not columns:
            return []
        if isinstance(ex.base_of(self._rows), ex.Aggregate):  # types of answers depend on their values
            types = dict(collect(ex.Project(self._rows, columns, ())).schema)
            return [pandas_dtype(types[f"column{n}"]) for n in range(len(columns))]
        counts = tuple(ex.Reduction("count", c) for c in columns)
        size = ex.Reduction("size", None)
        values = self._told(size, *counts)
        widest = [dtype for _, dtype in verified(ex.Project(self._rows, columns, ())).schema]
        return [
            pandas_dtype(late_type(dtype, count < values[0]))
            for dtype, count in zip(widest, values[1:], strict=False)  # the schema goes on with the index
        ]


def pandas_dtype(dtype: DType) -> Any:
    """The dtype object that pandas shows for a column type."""
    return convert.TEXT if dtype.kind == "O" else numpy_dtype(dtype)
