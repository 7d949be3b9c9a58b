"""Library steps on text columns: Arrow's string functions, between kernels."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tenfold.io.source import Columns
from tenfold.stage import nodes as st

COMPARISONS = {
    "eq": "equal", "ne": "not_equal", "lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal",
}  # fmt: skip


def run_step(step: st.TextStep, columns: Columns, numbers: Any) -> np.ndarray:
    """The new column that a step makes of whole columns."""
    arrays = [columns[name] for name in step.args]
    if step.op == "codes":
        return _codes(arrays[0], numbers.words[step.args[0]])
    if step.op == "notna":
        return _plain(pc.is_valid(arrays[0]))
    other: Any = arrays[1] if len(arrays) > 1 else pa.scalar(step.literals[0], arrays[0].type)
    answer = pc.call_function(COMPARISONS[step.op], [arrays[0], other])
    return _plain(pc.fill_null(answer, step.op == "ne"))  # pandas: a missing string equals nothing


def _plain(array: pa.Array) -> np.ndarray:
    return np.asarray(array.to_numpy(zero_copy_only=False), dtype="?")


def _codes(array: pa.Array, words: dict[str, int]) -> np.ndarray:
    """Numbers for the strings of a column, -1 for missing; the dictionary grows by those not met before."""
    encoded = array.dictionary_encode()
    places = [words.setdefault(word, len(words)) for word in encoded.dictionary.to_pylist()]
    table = np.array([*places, -1], "i8")
    return table[pc.fill_null(encoded.indices, len(places)).to_numpy(zero_copy_only=False)]
