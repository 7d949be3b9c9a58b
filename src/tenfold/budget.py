"""How much memory arrays under way may take: what they hold, and an error before anything starts that needs more."""

import weakref
from typing import Any

from tenfold import config
from tenfold.errors import OverBudgetError

UNCOUNTED = 1 << 20  # bytes of what is too small to be counted
held = 0  # bytes in memory now


def free() -> int:
    """Bytes that are left of the setting `memory_bytes`."""
    return int(config.get("memory_bytes")) - held


def require(operation: str, wanted: int) -> None:
    """OverBudgetError where a function of whole arrays needs more memory than is left: it has no way around it."""
    if wanted > max(free(), UNCOUNTED):
        raise OverBudgetError(operation, wanted, free())


def hold(array: Any, size: int) -> None:
    """Count an array for as long as it lives."""
    global held
    held += size
    weakref.finalize(array, _release, size)


def _release(size: int) -> None:
    global held
    held -= size
