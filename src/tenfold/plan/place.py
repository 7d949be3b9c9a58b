"""Decide where the kernels over each source run: the last pass."""

from typing import Any

from tenfold import config
from tenfold.expr import nodes as ex
from tenfold.node import Node
from tenfold.rewrite import rewrite


def place(plan: ex.Table) -> ex.Table:
    """Put the decision above every scan: few rows are not worth a compiler, nor are the first rows of many.

    >>> from tenfold.plan.sample import scan
    >>> from tenfold.expr.show import show
    >>> table, x = scan("x", "bool")
    >>> with config.set(target="auto"):
    ...     print(show(place(ex.Filter(table, x))))
    r0 = scan sample [x: bool]
    r1 = place r0: blocks (0 rows: compiled code only if at hand)
    r2 = filter r1: x
    """
    return rewrite(plan, _rule)


def _rule(n: Node) -> Node | None:
    match n:
        case ex.Limit(table=ex.Scan() as scan) | ex.Limit(table=ex.Placed(table=scan)):
            return ex.Limit(ex.Placed(scan, "blocks", "the first rows only"), n.count)
        case ex.Filter() | ex.Aggregate() | ex.Project():
            scan = n.table.table if isinstance(n.table, ex.Placed) else n.table
            if isinstance(scan, ex.Scan):
                return type(n)(ex.Placed(scan, *_target(scan.source)), *n.values[1:])
    return None


def _target(source: Any) -> tuple[str, str]:
    """The target for kernels over a source, and why."""
    setting, rows = config.get("target"), source.rows()
    if setting != "auto":
        return setting, "by the setting target"
    if rows < config.get("compile_rows"):
        return "blocks", f"{rows} rows: compiled code only if at hand"
    return "cpu", f"{rows} rows: on blocks until compiled"
