"""Write equal computations in one way, so that interning makes them one node."""

import hashlib

from tenfold.expr import nodes as ex
from tenfold.expr.types import MIRRORED
from tenfold.node import Node
from tenfold.rewrite import rewrite

COMMUTATIVE = frozenset(["add", "mul", "eq", "ne", "and", "or", "xor"])
TURNED = ("gt", "ge")  # written the other way round
Ranks = dict[Node, tuple[str, str]]


def share(plan: ex.Table) -> ex.Table:
    """Order the operands of commutative operations, turn `a > b` into `b < a`, drop repeated conditions.

    Exact for floats too: IEEE addition and multiplication commute, and a comparison with NaN is false both ways.

    >>> from tenfold.plan.sample import scan
    >>> table, x, y = scan("x", "float64", "y", "float64")
    >>> both = ex.Project(table, (ex.Call("add", (x, y)), ex.Call("add", (y, x))), ())
    >>> len(set(share(both).columns))
    1
    """
    ranks: Ranks = {}
    return rewrite(plan, lambda n: _rule(n, ranks))


def _rule(n: Node, ranks: Ranks) -> Node | None:
    match n:
        case ex.Call(op="and", args=(a, b)) if a is b:
            return a
        case ex.Call(op=op, args=(a, b)) if op in TURNED and _plain(a, b):
            return ex.Call(MIRRORED[op], (b, a))
        case ex.Call(op=op, args=(a, b)) if op in COMMUTATIVE and _plain(a, b):
            return ex.Call(op, (b, a) if _rank(b, ranks) < _rank(a, ranks) else (a, b))
    return None


def _plain(a: ex.Scalar, b: ex.Scalar) -> bool:
    """Text compares column first, and a weak literal has its place in no type rule."""
    return a.dtype.kind != "O" and b.dtype.kind != "O"


def _rank(scalar: Node, ranks: Ranks) -> tuple[str, str]:
    """What operands are ordered by: names and operations; where these are equal, the values of literals.

    So another file or threshold gives the same plan, and with it the same kernel. Short, however deep the scalar.
    """
    if scalar not in ranks:
        match scalar:
            case ex.Column(name=name):
                ranks[scalar] = f"0 {name!r}", ""
            case ex.Literal(text=text):
                ranks[scalar] = f"2 {scalar.dtype.name}", text
            case ex.Call(op=name) | ex.Cast(type=name):
                shapes, values = zip(*(_rank(arg, ranks) for arg in scalar.children), strict=True)
                ranks[scalar] = f"1 {name} {_digest(*shapes)}", _digest(*values)
            case _:
                ranks[scalar] = "3", ""
    return ranks[scalar]


def _digest(*texts: str) -> str:
    return hashlib.blake2b("\0".join(texts).encode(), digest_size=12).hexdigest()
