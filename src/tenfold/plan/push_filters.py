"""Bring filters to the rows they restrict: adjacent ones become one predicate, those on group keys go below."""

from tenfold.expr import nodes as ex
from tenfold.expr.check import leaves
from tenfold.node import Node, order
from tenfold.rewrite import rewrite, substitute


def push_filters(plan: ex.Table) -> ex.Table:
    """Merge filters, and filter by a group's key before grouping.

    >>> from tenfold.plan.sample import scan
    >>> from tenfold.expr.show import show
    >>> table, x, y = scan("x", "bool", "y", "bool")
    >>> print(show(push_filters(ex.Filter(ex.Filter(table, x), y))))
    r0 = scan sample [x: bool, y: bool]
    r1 = filter r0: (x & y)
    """
    plan = rewrite(plan, _merge)
    for table in order(plan):
        if isinstance(table, ex.Filter) and isinstance(table.table, ex.Aggregate):
            predicate = keys_only(table.table, table.predicate)
            if predicate is not None:
                grouped = table.table
                below = ex.Aggregate(ex.Filter(grouped.table, predicate), grouped.keys, grouped.reductions)
                return push_filters(substitute(plan, {table: below, grouped: below}))
    return plan


def _merge(n: Node) -> Node | None:
    match n:
        case ex.Filter(table=ex.Filter(table=rows, predicate=first), predicate=second):
            return ex.Filter(rows, ex.Call("and", (first, second)))
    return None


def keys_only(aggregate: ex.Aggregate, predicate: ex.Scalar) -> ex.Scalar | None:
    """The predicate in terms of the grouped table, where it asks for keys and nothing else.

    Not for datetime fields of columns with missing dates: which rows come in decides their type.
    """
    table: dict[Node, Node] = {}
    for leaf in leaves(predicate):
        if not isinstance(leaf, ex.Column) or not str(leaf.name).startswith("key"):
            return None
        if leaf.dtype.null == "late":
            return None
        table[leaf] = aggregate.keys[int(str(leaf.name)[3:])]
    return substitute(predicate, table)
