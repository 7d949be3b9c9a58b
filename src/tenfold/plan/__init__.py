"""Passes: `expr -> expr`, in the order below, each in a file of its own name.

The runner times nothing and hides nothing: `optimise` can report every plan on the way, skips passes by name, and
under `config.check` proves after each that the plan is legal and answers the same schema.
"""

from collections.abc import Callable, Collection, Iterator
from typing import TypeVar

from tenfold import config
from tenfold.errors import PlanError
from tenfold.expr.arrays import Array
from tenfold.expr.check import check
from tenfold.expr.nodes import Table
from tenfold.plan.fold_constants import fold_constants
from tenfold.plan.place import place
from tenfold.plan.prune_columns import prune_columns
from tenfold.plan.push_filters import push_filters
from tenfold.plan.push_views import push_views
from tenfold.plan.share import share

PASSES: tuple[Callable[[Table], Table], ...] = (fold_constants, push_filters, share, prune_columns, place)
ARRAY_PASSES: tuple[Callable[[Array], Array], ...] = (push_views,)
P = TypeVar("P", Table, Array)


def optimise(plan: P, skip: Collection[str] = ()) -> P:
    """The plan after all passes."""
    for _, after in steps(plan, skip):
        plan = after
    return plan


def steps(plan: P, skip: Collection[str] = ()) -> Iterator[tuple[str, P]]:
    """Each pass's name and the plan after it."""
    for run in PASSES if isinstance(plan, Table) else ARRAY_PASSES:
        if run.__name__ not in skip:
            before, plan = plan, run(plan)
            if config.get("check"):
                _verify(run.__name__, before, plan)
            yield run.__name__, plan


def _verify(name: str, before: P, after: P) -> None:
    if isinstance(before, Array) and isinstance(after, Array):
        if (before.shape, before.dtype) != (after.shape, after.dtype):
            raise PlanError(f"pass {name}: {before.dtype} {before.shape} became {after.dtype} {after.shape}")
        return
    assert isinstance(before, Table) and isinstance(after, Table)
    try:
        check(after)
    except PlanError as error:
        raise PlanError(f"pass {name}: {error}") from error
    if [d for _, d in before.schema] != [d for _, d in after.schema]:
        raise PlanError(f"pass {name}: schema {before.schema} became {after.schema}")
