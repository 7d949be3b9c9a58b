"""Write equal computations in one way, so that interning makes them one node."""

from tenfold.expr import nodes as ex
from tenfold.node import Node
from tenfold.rewrite import rewrite

COMMUTATIVE = frozenset(["add", "mul", "eq", "ne", "and", "or", "xor"])
MIRRORED = {"gt": "lt", "ge": "le"}


def share(plan: ex.Table) -> ex.Table:
    """Order the operands of commutative operations, turn `a > b` into `b < a`, drop repeated conditions.

    Exact for floats too: IEEE addition and multiplication commute, and a comparison with NaN is false both ways.

    >>> from tenfold.plan.sample import scan
    >>> table, x, y = scan("x", "float64", "y", "float64")
    >>> both = ex.Project(table, (ex.Call("add", (x, y)), ex.Call("add", (y, x))), ())
    >>> len(set(share(both).columns))
    1
    """
    return rewrite(plan, _rule)


def _rule(n: Node) -> Node | None:
    match n:
        case ex.Call(op="and", args=(a, b)) if a is b:
            return a
        case ex.Call(op=op, args=(a, b)) if op in MIRRORED and _plain(a, b):
            return _ordered(MIRRORED[op], b, a)
        case ex.Call(op=op, args=(a, b)) if op in COMMUTATIVE and _plain(a, b):
            return _ordered(op, a, b)
    return None


def _plain(a: ex.Scalar, b: ex.Scalar) -> bool:
    """Text compares column first, and a weak literal has its place in no type rule."""
    return a.dtype.kind != "O" and b.dtype.kind != "O"


def _ordered(op: str, a: ex.Scalar, b: ex.Scalar) -> Node:
    swap = op in COMMUTATIVE and b.key < a.key
    return ex.Call(op, (b, a) if swap else (a, b))
