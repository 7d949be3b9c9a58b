"""The nodes of language 1: scalars (one value a row) and tables. Building one infers its type or schema."""

from collections.abc import Hashable
from typing import Any

from tenfold.dtypes import INT64, DType, opaque
from tenfold.errors import NotYetError, PlanError
from tenfold.expr.types import call_type, reduction_type
from tenfold.node import Node as Node
from tenfold.node import node

Schema = tuple[tuple[Hashable, DType], ...]


class Table(Node):
    """Rows and columns; `schema` names and types the columns of its base."""

    __slots__ = ("schema",)
    schema: Schema


class Typed(Node):
    """Something with a type, `dtype`."""

    __slots__ = ("dtype",)
    dtype: DType


class Scalar(Typed):
    """One value a row of some base."""

    __slots__ = ()


@node
class Scan(Table):
    """All rows of a source; of its columns, those named (None: all). A source has `key` and `schema`."""

    source: Any
    columns: tuple[Hashable, ...] | None

    def infer(self) -> None:
        wanted = self.source.schema
        if self.columns is not None:
            types = dict(wanted)
            wanted = tuple((name, types[name]) for name in self.columns)
        self.derive("schema", wanted)


@node
class Filter(Table):
    """The rows of a table for which a boolean scalar holds."""

    table: Table
    predicate: Scalar

    def infer(self) -> None:
        if self.predicate.dtype.kind != "b":
            raise TypeError(f"a filter needs booleans, not {self.predicate.dtype.name}")
        self.derive("schema", self.table.schema)


@node
class Limit(Table):
    """The first `count` rows of a table."""

    table: Table
    count: int

    def infer(self) -> None:
        self.derive("schema", self.table.schema)


@node
class Placed(Table):
    """The same rows, with the decision where kernels over them run, and why."""

    table: Table
    target: str
    reason: str

    def infer(self) -> None:
        self.derive("schema", self.table.schema)


@node
class Reduction(Typed):
    """One answer per group: `function` of a scalar (None for `size`), missing values left out."""

    function: str
    arg: Scalar | None

    def infer(self) -> None:
        if (self.function == "size") != (self.arg is None):
            raise PlanError(f"{self.function} of {self.arg!r:.80}: `size` has no argument, all others have one")
        self.derive("dtype", reduction_type(self.function, self.arg.dtype if self.arg else None))


@node
class Aggregate(Table):
    """A row per distinct tuple of keys, sorted by them, rows with a missing key left out; without keys, one row.

    Columns are `key0`, `key1`, ... and `value0`, `value1`, ...
    """

    table: Table
    keys: tuple[Scalar, ...]
    reductions: tuple[Reduction, ...]

    def infer(self) -> None:
        if any(key.dtype.kind == "V" for key in self.keys):
            raise NotYetError(f"grouping by {', '.join(key.dtype.name for key in self.keys)}")
        keys = tuple((f"key{n}", key.dtype) for n, key in enumerate(self.keys))
        self.derive("schema", keys + tuple((f"value{n}", r.dtype) for n, r in enumerate(self.reductions)))


@node
class Project(Table):
    """What is handed back: columns and index levels computed from the rows of a table."""

    table: Table
    columns: tuple[Scalar, ...]
    index: tuple[Scalar, ...]

    def infer(self) -> None:
        columns = tuple((f"column{n}", c.dtype) for n, c in enumerate(self.columns))
        self.derive("schema", columns + tuple((f"index{n}", i.dtype) for n, i in enumerate(self.index)))


@node
class Column(Scalar):
    """A column of a base table."""

    base: Table
    name: Hashable

    def infer(self) -> None:
        self.derive("dtype", dict(self.base.schema)[self.name])


@node
class Position(Scalar):
    """The number of the row in its base, from 0: the labels of a RangeIndex, never stored."""

    base: Table

    def infer(self) -> None:
        self.derive("dtype", INT64)


@node
class Carried(Scalar):
    """A value that no kernel takes: the one at a place among those that are `kept` (with `key` and `dtype`).

    It is only handed on: what is computed in its stead is its place. `missing` holds where there is none.
    """

    place: Scalar
    missing: Scalar
    kept: Any

    def infer(self) -> None:
        self.derive("dtype", opaque(str(self.kept.dtype)))


@node
class Literal(Scalar):
    """A constant: `text` is the Python literal of its value (so that -0.0, nan and 1 stay apart), `kind` its type.

    Numbers are weak, as in NumPy: they take the type of what they meet. Datetimes are counts of their unit.
    """

    text: str
    type: DType

    def infer(self) -> None:
        self.derive("dtype", self.type)

    @property
    def value(self) -> Any:
        """The Python value: int, float, bool or str."""
        if self.dtype.kind == "f":
            return float(self.text)
        return {"b": lambda t: t == "True", "O": lambda t: t}.get(self.dtype.kind, int)(self.text)


@node
class Call(Scalar):
    """An operation of `types.py` applied to scalars."""

    op: str
    args: tuple[Scalar, ...]

    def infer(self) -> None:
        kinds = [(a.dtype, a.value if isinstance(a, Literal) else None) for a in self.args]
        self.derive("dtype", call_type(self.op, *kinds))


@node
class Cast(Scalar):
    """The value converted to a type."""

    arg: Scalar
    type: DType

    def infer(self) -> None:
        if self.arg.dtype.kind == "V":
            raise NotYetError(f"conversion of {self.arg.dtype.name} to {self.type.name}")
        self.derive("dtype", self.type)


def base_of(table: Table) -> Table:
    """The table whose rows `table` restricts."""
    while isinstance(table, (Filter, Limit, Placed)):
        table = table.table
    return table
