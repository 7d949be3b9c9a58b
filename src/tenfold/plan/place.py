"""Decide where the kernels over each source run: the last pass."""

from collections.abc import Iterator
from typing import Any

from tenfold import config, target
from tenfold.expr import nodes as ex
from tenfold.expr.types import COMPARISON
from tenfold.node import Node
from tenfold.rewrite import rewrite
from tenfold.target import device


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
        case ex.Limit() | ex.Filter() | ex.Aggregate() | ex.Project():
            rows = _placed(n.table, n)
            return None if rows is None else type(n)(rows, *n.values[1:])
    return None


def _placed(rows: ex.Table, end: ex.Table) -> ex.Table | None:
    """The rows of a stage that ends so, with its decision above the scan; None where another stage makes them."""
    filters = []
    while isinstance(rows, ex.Filter):
        filters.append(rows.predicate)
        rows = rows.table
    scan = rows.table if isinstance(rows, ex.Placed) else rows
    if not isinstance(scan, ex.Scan):
        return None
    made: ex.Table = ex.Placed(scan, *_target(scan.source, [end, *filters]))
    for predicate in reversed(filters):
        made = ex.Filter(made, predicate)
    return made


def _target(source: Any, nodes: list[ex.Node]) -> tuple[str, str]:
    """The target for kernels over a source, and why; `nodes` hold all that they compute."""
    setting, there = config.get("target"), getattr(source, "on_device", False)
    if setting not in ("auto", "cuda"):
        return setting, "by the setting target"
    if setting == "cuda" or there:
        why_not = _why_not_cuda(nodes)
        if not why_not:
            return "cuda", "its columns are in device memory" if there else "by the setting target"
        where, reason = _on_host(source.rows())
        return where, f"{reason}; not on a GPU: {why_not}"
    return _on_host(source.rows())


def _on_host(rows: int) -> tuple[str, str]:
    if rows < config.get("compile_rows"):
        return "blocks", f"{rows} rows: compiled code only if at hand"
    return "cpu", f"{rows} rows: on blocks until compiled"


def _why_not_cuda(nodes: list[ex.Node]) -> str:
    """What keeps a stage from running on GPUs; empty where nothing does."""
    if not device.count():
        return device.why_none() or "the setting devices allows none"
    if any(isinstance(node, ex.Limit) for node in nodes):
        return "the first rows only"
    narrow = target.cuda.NO_ATOMICS
    for node in (found for root in nodes for found in _scalars(root)):
        match node:
            case ex.Reduction(function="min" | "max" as function, arg=arg) if arg and arg.dtype.storage in narrow:
                return f"{function} of {arg.dtype.name}"
            case ex.Call(op=op, args=args) if op in COMPARISON and all(_is_text(a) for a in args):
                return "two text columns are compared"
    return ""


def _scalars(node: ex.Node) -> Iterator[ex.Node]:
    """All that a node computes; not what the tables below it do."""
    yield node
    for child in node.children:
        if not isinstance(child, ex.Table):
            yield from _scalars(child)


def _is_text(scalar: ex.Node) -> bool:
    return isinstance(scalar, ex.Column) and scalar.dtype.kind == "O"
