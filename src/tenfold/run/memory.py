"""Where finished arrays live: in memory as long as the budget lasts, else in files that nobody else sees."""

import math
import tempfile
from collections.abc import Iterable
from typing import Any

import numpy as np

from tenfold import budget, config
from tenfold.expr import arrays as ar
from tenfold.io.arrays import StoreArray, reserve
from tenfold.node import Node


def allocate(shape: tuple[int, ...], dtype: Any) -> Any:
    """An array to be filled; beyond the budget it is a map of a file, which goes when the array does."""
    dtype = np.dtype(dtype)
    size = math.prod(shape) * dtype.itemsize
    if size > budget.UNCOUNTED and size > budget.free():
        folder = config.get("spill_dir") or tempfile.gettempdir()
        with tempfile.NamedTemporaryFile(prefix="tenfold-", dir=folder) as file:
            remedy = "make room there, or change the settings spill_dir or memory_bytes"
            reserve(file.fileno(), size, f"{folder} has to take an array of {size:,} bytes: {remedy}")
            return np.memmap(file, dtype, "w+", shape=shape)
    array = np.empty(shape, dtype)
    if size > budget.UNCOUNTED:
        budget.hold(array, size)
    return array


def check_budget(nodes: Iterable[Node]) -> None:
    """OverBudgetError where a library function of a plan needs more than is left: those work in memory.

    Every thread has a block of its own, of the arguments (unless these are there already) and of the result.
    """
    for array in nodes:
        if isinstance(array, (ar.Apply, ar.Outputs)) and not array.function.startswith("tall_"):
            loose = max(math.prod(array.args[0].shape[: array.args[0].ndim - array.core]), 1)
            brought = sum(x.nbytes for x in (*array.args, array) if not _is_there(x))
            budget.require(array.function, brought // loose * min(loose, config.get("threads")))


def _is_there(array: ar.Array) -> bool:
    return isinstance(array, ar.Stored) and not isinstance(array.source, StoreArray)
