"""What running an array plan takes, found out before anything runs, and kept for plans of the same form.

The form of a plan has numbered slots where the plan has arrays in memory, or floating constants, whose values no rule
asks for. So what is kept holds no data, and a program that does the same with other arrays, or with the same ones after
writing into them, finds its schedule ready.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tenfold.expr import arrays as ar
from tenfold.io.arrays import MemoryArray
from tenfold.node import Node, order
from tenfold.rewrite import substitute
from tenfold.stage import arrays as sa

KEPT = 128  # schedules
LARGEST = 64  # nodes of a plan whose schedule is kept: larger ones take their time anyway


class Schedule:
    """Which arrays are finished in which order, what each step is the last to use, and the kernels made so far."""

    def __init__(self, plan: ar.Array) -> None:
        self.plan, self.nodes = plan, order(plan)
        self.waiting = sa.must_finish(plan)
        self.done: list[list[ar.Array]] = [[] for _ in self.waiting]
        for array, last in sa.last_uses(plan, self.waiting).items():
            if last < len(self.done):
                self.done[last].append(array)
        self.wanted = {(n.outputs, n.number) for n in self.nodes if isinstance(n, ar.Output)}
        # a worker holds what NumPy makes of a piece until the piece is done
        self.held = sum(isinstance(n, ar.Elementwise) and not sa.is_kernel(n) for n in self.nodes)
        self.kernels: dict[Any, sa.ArrayLoop | None] = {}


@dataclass(frozen=True, slots=True)
class Slot:
    """Stands for an array in memory."""

    number: int
    shape: ar.Shape
    dtype: Any
    label: str = "memory"


def scheduled(plan: ar.Array, optimise: Callable[[ar.Array], ar.Array]) -> tuple[Schedule, dict[ar.Array, Any]]:
    """The schedule of a plan, and the arrays in the slots of its form."""
    nodes = order(plan)
    if len(nodes) > LARGEST or any(map(_holds_more, nodes)):
        return Schedule(optimise(plan)), {}
    values = {n: value for n in nodes if (value := _value(n)) is not None}
    slots: dict[Node, Node] = {n: ar.Stored(Slot(k, v.shape, v.dtype)) for k, (n, v) in enumerate(values.items())}
    return _kept(substitute(plan, slots), optimise), {slots[n]: value for n, value in values.items()}  # type: ignore[misc]


def _value(node: Node) -> Any:
    """The array that goes into a slot; None where the node stays."""
    match node:
        case ar.Stored(source=MemoryArray(array=array)):
            return array
        case ar.Full(extent=()) if node.dtype.kind == "f":
            return np.asarray(node.value)
    return None


def _holds_more(node: Node) -> bool:
    """Whether a node holds what is not ours to keep: a function of the user's, an open file."""
    match node:
        case ar.Stored(source=source):
            return not isinstance(source, MemoryArray)
    return isinstance(node, ar.MapBlocks)


@functools.lru_cache(KEPT)
def _kept(form: ar.Array, optimise: Callable[[ar.Array], ar.Array]) -> Schedule:
    return Schedule(optimise(form))
