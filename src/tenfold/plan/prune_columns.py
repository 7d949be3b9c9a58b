"""Read no column that the answer does not need."""

from tenfold.expr import nodes as ex
from tenfold.expr.check import leaves
from tenfold.node import Node, order
from tenfold.rewrite import rewrite


def prune_columns(plan: ex.Table) -> ex.Table:
    """Give every scan the list of columns that are used above it, in the source's order.

    >>> from tenfold.plan.sample import scan
    >>> from tenfold.expr.show import show
    >>> table, x, y = scan("x", "float64", "y", "float64")
    >>> print(show(prune_columns(ex.Project(table, (y,), ()))))
    r0 = scan sample [y: float64]
    r1 = project r0: y
    """
    used: dict[Node, set[object]] = {}
    for table in order(plan):
        for leaf in leaves(*_scalars(table)):
            if isinstance(leaf, ex.Column):
                used.setdefault(leaf.base, set()).add(leaf.name)
        if isinstance(table, ex.Limit):
            base = ex.base_of(table)
            used.setdefault(base, set()).update(name for name, _ in table.schema)
    wanted = {scan: _columns(scan, used.get(scan, set())) for scan in order(plan) if isinstance(scan, ex.Scan)}
    return rewrite(plan, lambda n: ex.Scan(n.source, wanted[n]) if isinstance(n, ex.Scan) else None)


def _scalars(table: Node) -> tuple[Node, ...]:
    match table:
        case ex.Filter(predicate=predicate):
            return (predicate,)
        case ex.Aggregate(keys=keys, reductions=reductions):
            return (*keys, *(r.arg for r in reductions if r.arg))
        case ex.Project(columns=columns, index=index):
            return (*columns, *index)
    return ()


def _columns(scan: ex.Scan, used: set[object]) -> tuple[object, ...]:
    return tuple(name for name, _ in scan.schema if name in used)
