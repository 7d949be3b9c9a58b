"""Bottom-up rewriting: the walker owns recursion, memo and sharing; a rule sees one node with finished children."""

from collections.abc import Callable
from typing import TypeVar

from tenfold.node import Node, order

N = TypeVar("N", bound=Node)
Rule = Callable[[Node], Node | None]


def rewrite(root: N, rule: Rule) -> N:
    """Apply `rule` once to every node below `root`, children first; a rule that returns None leaves its node."""
    done: dict[Node, Node] = {}
    for old in order(root):
        new = old.map(done.__getitem__)
        done[old] = rule(new) or new
    return done[root]  # type: ignore[return-value]


def substitute(root: N, table: dict[Node, Node]) -> N:
    """`root` with every node that is a key of `table` (as written, before any change below) replaced."""
    if not table:
        return root
    done: dict[Node, Node] = {}
    for old in order(root):
        done[old] = table.get(old) or old.map(done.__getitem__)
    return done[root]  # type: ignore[return-value]
