"""Where finished arrays live: in memory as long as the budget lasts, else in files that nobody else sees."""

import math
import tempfile
import weakref
from collections.abc import Iterable
from typing import Any

import numpy as np

from tenfold import config
from tenfold.errors import OverBudgetError
from tenfold.expr import arrays as ar
from tenfold.io.arrays import reserve
from tenfold.node import Node

_held = 0  # bytes in memory now


def allocate(shape: tuple[int, ...], dtype: Any) -> Any:
    """An array to be filled; beyond the budget it is a map of a file, which goes when the array does."""
    global _held
    dtype = np.dtype(dtype)
    size = math.prod(shape) * dtype.itemsize
    if size > 1 << 20 and _held + size > config.get("memory_bytes"):
        folder = config.get("spill_dir") or tempfile.gettempdir()
        with tempfile.NamedTemporaryFile(prefix="tenfold-", dir=folder) as file:
            remedy = "make room there, or change the settings spill_dir or memory_bytes"
            reserve(file.fileno(), size, f"{folder} has to take an array of {size:,} bytes: {remedy}")
            return np.memmap(file, dtype, "w+", shape=shape)
    array = np.empty(shape, dtype)
    if size > 1 << 20:
        _held += size
        weakref.finalize(array, _release, size)
    return array


def check_budget(nodes: Iterable[Node]) -> None:
    """OverBudgetError where a library function of a plan needs more than is left: those work in memory."""
    free = config.get("memory_bytes") - _held
    for array in nodes:
        if isinstance(array, (ar.Apply, ar.Outputs)) and not array.function.startswith("tall_"):
            loose = math.prod(array.args[0].shape[: array.args[0].ndim - array.core])
            wanted = sum(x.nbytes for x in (*array.args, array)) // max(loose, 1)
            if wanted > free:
                raise OverBudgetError(array.function, wanted, free)


def _release(size: int) -> None:
    global _held
    _held -= size
