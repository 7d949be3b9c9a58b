"""Compute what does not depend on rows, and drop what cannot matter."""

from tenfold.expr import nodes as ex
from tenfold.node import Node
from tenfold.rewrite import rewrite


def fold_constants(plan: ex.Table) -> ex.Table:
    """Double negations, filters on True, casts to the same type.

    >>> from tenfold.plan.sample import scan
    >>> from tenfold.expr.show import show
    >>> table, x = scan("x", "bool")
    >>> print(show(fold_constants(ex.Filter(table, ex.Call("not", (ex.Call("not", (x,)),))))))
    r0 = scan sample [x: bool]
    r1 = filter r0: x
    """
    return rewrite(plan, _rule)


def _rule(n: Node) -> Node | None:
    match n:
        case ex.Call(op="not", args=(ex.Call(op="not", args=(inner,)),)) if inner.dtype.kind == "b":
            return inner  # not not x = x
        case ex.Call(op="not", args=(ex.Call(op="isna", args=args),)):
            return ex.Call("notna", args)
        case ex.Call(op="not", args=(ex.Call(op="notna", args=args),)):
            return ex.Call("isna", args)
        case ex.Cast(arg=arg, type=dtype) if arg.dtype == dtype:
            return arg
        case ex.Filter(table=table, predicate=ex.Literal(text="True")):
            return table
    return None
