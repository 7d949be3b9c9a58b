"""The form of a plan: slots of the same columns in place of tables in memory.

What is found out of a form holds no data, so it is kept, and a program that does the same with other tables of the same
columns and length finds it ready.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

from tenfold.dtypes import DType
from tenfold.expr import nodes as ex
from tenfold.io.memory import MemorySource
from tenfold.node import Node, order
from tenfold.rewrite import N, substitute


@dataclass(frozen=True, slots=True)
class Slot:
    """Stands for a table in memory."""

    number: int
    schema: tuple[tuple[Hashable, DType], ...]
    length: int
    on_device: bool
    label: str = "memory"

    def rows(self) -> int:
        """The exact number of rows."""
        return self.length


def of(plan: ex.Table) -> tuple[ex.Table, dict[Any, MemorySource]]:
    """The form of a plan, and what its slots stand for: nothing, where more than memory is read."""
    scans = [n for n in order(plan) if isinstance(n, ex.Scan)]
    sources = dict.fromkeys(scan.source for scan in scans)
    if not all(isinstance(source, MemorySource) for source in sources):
        return plan, {}
    slots = {source: Slot(k, source.schema, source.rows(), source.on_device) for k, source in enumerate(sources)}
    table: dict[Node, Node] = {scan: ex.Scan(slots[scan.source], scan.columns) for scan in scans}
    return substitute(plan, table), {slot: source for source, slot in slots.items()}


def filled(form: N, sources: dict[Any, MemorySource]) -> N:
    """A form with tables in its slots again."""
    scans = [n for n in order(form) if isinstance(n, ex.Scan) and n.source in sources]
    return substitute(form, {scan: ex.Scan(sources[scan.source], scan.columns) for scan in scans})
