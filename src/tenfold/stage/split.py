"""Cut a plan into stages at the tables whose rows must meet first: aggregates, limits, and the end."""

import enum
from collections.abc import Hashable
from typing import Any

from tenfold.dtypes import INT64
from tenfold.expr import nodes as ex
from tenfold.node import Node, order
from tenfold.rewrite import substitute
from tenfold.stage import nodes as st


def split(plan: ex.Table) -> tuple[st.Stage, ...]:
    """The stages of a plan in the order in which they run; the last one answers it."""
    stages: list[st.Stage] = []
    while True:
        table, stage = next_stage(plan)
        stages.append(stage)
        if table is plan:
            return tuple(stages)
        positions = ((POSITION, INT64),) if isinstance(table, ex.Limit) else ()
        plan = resume(plan, table, st.StageResult(len(stages) - 1, table.schema + positions))


def next_stage(plan: ex.Table) -> tuple[ex.Table, st.Stage]:
    """The first table that has to be finished before the rest can run, and the stage that does it."""
    breakers = (ex.Aggregate, ex.Limit)
    cut = next(t for t in order(plan) if t is plan or isinstance(t, breakers))
    assert isinstance(cut, ex.Table)
    return cut, _stage(cut)


def resume(plan: ex.Table, cut: ex.Table, source: Any) -> ex.Table:
    """The plan with the finished table as a source; behind a limit, the base's columns become its own."""
    scan = ex.Scan(source, None)
    table: dict[Node, Node] = {cut: scan}
    if isinstance(cut, ex.Limit):
        base = ex.base_of(cut)
        above = [n for n in order(plan) if isinstance(n, (ex.Column, ex.Position)) and n.base is base]
        table |= {n: _of_limit(n, scan) for n in above}
    return substitute(plan, table)


def _of_limit(leaf: ex.Column | ex.Position, scan: ex.Scan) -> ex.Scalar:
    return ex.Column(scan, POSITION if isinstance(leaf, ex.Position) else leaf.name)


class Hidden(enum.Enum):
    """Columns of stage results that no user's column can be taken for."""

    POSITION = "position of the base"

    def __str__(self) -> str:
        return self.value


POSITION = Hidden.POSITION


def _stage(table: ex.Table) -> st.Stage:
    match table:
        case ex.Aggregate(table=rows, keys=keys, reductions=reductions):
            return _pipeline(rows, st.Combine(keys, reductions))
        case ex.Project(table=rows, columns=columns, index=index):
            return _pipeline(rows, st.Gather((*columns, *index), _names(table), -1))
        case ex.Limit(table=rows, count=count):
            base = ex.base_of(rows)
            everything = [ex.Column(base, name) for name, _ in table.schema]
            return _pipeline(rows, st.Gather((*everything, ex.Position(base)), (*_names(table), POSITION), count))
    raise TypeError(table)


def _names(table: ex.Table) -> tuple[Hashable, ...]:
    return tuple(name for name, _ in table.schema)


def _pipeline(rows: ex.Table, exchange: st.Gather | st.Combine) -> st.Stage:
    predicate: ex.Scalar | None = None
    while isinstance(rows, ex.Filter):
        predicate = rows.predicate if predicate is None else ex.Call("and", (rows.predicate, predicate))
        rows = rows.table
    target = "blocks"
    if isinstance(rows, ex.Placed):
        target, rows = rows.target, rows.table
    assert isinstance(rows, ex.Scan), rows
    return st.Stage(rows, target, predicate, exchange)
