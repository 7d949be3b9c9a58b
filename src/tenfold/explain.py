"""Show what is computed and how, at every level of the road: text, and HTML in notebooks."""

import html
import itertools
from collections.abc import Callable, Iterator
from typing import Any

from tenfold import expr, stage, target
from tenfold.expr.arrays import Array
from tenfold.expr.nodes import Table
from tenfold.expr.show import show as show_table
from tenfold.kernel.nodes import Kernel
from tenfold.kernel.show import show as show_kernel
from tenfold.plan import optimise, steps
from tenfold.stage.lower import lower
from tenfold.stage.show import show as show_stage
from tenfold.stage.split import split
from tenfold.target import python


class Explanation(str):
    """Text that a notebook shows as it is."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(self)}</pre>"


def explain(plan: Table | Array, level: str = "plan", passes: bool = False) -> Explanation:
    """A listing of a plan at one level: `expr`, `plan`, `stage`, `kernel` or `source`."""
    levels = LEVELS if isinstance(plan, Table) else ARRAY_LEVELS
    if level not in levels:
        raise ValueError(f"no level {level!r}; there are {', '.join(levels)}")
    parts = list(_each_pass(plan)) if passes else []
    shown = [] if passes and level == "plan" else levels[level](plan)  # the last pass has shown it
    return Explanation("\n".join([*parts, *shown]))


def show(plan: Table | Array) -> str:
    """The listing of a plan."""
    return show_table(plan) if isinstance(plan, Table) else expr.arrays_show.show(plan)


def _each_pass(plan: Any) -> Iterator[str]:
    before = plan
    yield f"-- as written\n{show(plan)}"
    for name, after in steps(plan):
        yield f"-- after {name}\n{show(after)}" if after is not before else f"-- after {name}: the same"
        before = after


def _kernels(plan: Table, text: Callable[..., str]) -> Iterator[str]:
    """A text of every kernel; given its target."""
    for part in split(optimise(plan)):
        program = lower(part)
        yield from (text(loop.kernel, part.target) for loop in (program.loop, program.fold) if loop)


def _source(kernel: Kernel, where: str) -> str:
    return target.cuda.text(kernel) if where == "cuda" else python.text(kernel)


LEVELS: dict[str, Callable[[Any], Iterator[str]]] = {
    "expr": lambda plan: iter([show(plan)]),
    "plan": lambda plan: iter([show(optimise(plan))]),
    "stage": lambda plan: itertools.starmap(show_stage, enumerate(split(optimise(plan)))),
    "kernel": lambda plan: _kernels(plan, lambda kernel, where: show_kernel(kernel)),
    "source": lambda plan: _kernels(plan, _source),
}
ARRAY_LEVELS: dict[str, Callable[[Any], Iterator[str]]] = {
    "expr": lambda plan: iter([show(plan)]),
    "plan": lambda plan: iter([show(optimise(plan))]),
    "kernel": lambda plan: map(show_kernel, stage.arrays.kernels(optimise(plan))),
    "source": lambda plan: map(python.text, stage.arrays.kernels(optimise(plan))),
}
