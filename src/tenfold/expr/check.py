"""What a legal plan is: every scalar hangs on the base of the table that uses it."""

from collections.abc import Iterable

from tenfold.errors import PlanError
from tenfold.expr import nodes as ex
from tenfold.node import Node, order


def check(root: ex.Table) -> ex.Table:
    """The plan itself, or a PlanError that names the table and the stray scalar."""
    for table in order(root):
        match table:
            case ex.Filter(predicate=predicate):
                _hangs_on(ex.base_of(table), [predicate])
            case ex.Aggregate(table=rows, keys=keys, reductions=reductions):
                _hangs_on(ex.base_of(rows), [*keys, *(r.arg for r in reductions if r.arg)])
            case ex.Project(table=rows, columns=columns, index=index):
                _hangs_on(ex.base_of(rows), [*columns, *index])
    return root


def _hangs_on(base: ex.Table, scalars: Iterable[Node]) -> None:
    for scalar in scalars:
        for leaf in leaves(scalar):
            if leaf.base is not base:
                raise PlanError(f"{leaf!r:.80} does not belong to the rows of {type(base).__name__}")


def leaves(*scalars: Node) -> list[ex.Column | ex.Position]:
    """The columns and positions that scalars are made of, each once; tables are not entered."""
    seen: dict[Node, None] = {}
    todo = list(reversed(scalars))
    while todo:
        current = todo.pop()
        if current not in seen:
            seen[current] = None
            if not isinstance(current, (ex.Column, ex.Position)):
                todo.extend(reversed(current.children))
    return [n for n in seen if isinstance(n, (ex.Column, ex.Position))]
