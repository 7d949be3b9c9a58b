"""Memory for gathered columns: the rows of many batches copied side by side into few large blocks.

An array for every batch and column would be fresh small pages: 0.45 s per GB for their first touch. Blocks from 4 MiB
on get huge pages (NumPy asks for them), a sixth of that; and a filter that keeps few rows keeps few bytes.
"""

from typing import Any

import numpy as np
import pyarrow as pa

LARGEST = 16 << 20  # bytes of a block; the first is as large as the first array, each next one twice the last


class Arena:
    """The blocks of one output column of one thread, so that a column that is dropped gives its memory back."""

    def __init__(self) -> None:
        self._block = np.empty(0, "u1")
        self._used = 0

    def keep(self, array: Any) -> Any:
        """A copy of an array; it shares a block with those before and after it."""
        if isinstance(array, np.ndarray):
            return self._copy(array)
        buffers = [b and pa.py_buffer(self._copy(np.frombuffer(b, "u1"))) for b in array.buffers()]
        return pa.Array.from_buffers(array.type, len(array), buffers, array.null_count, array.offset)

    def _copy(self, array: np.ndarray) -> np.ndarray:
        start = -(-self._used // 64) * 64
        if start + array.nbytes > len(self._block):
            start = 0
            self._block = np.empty(max(array.nbytes, min(2 * len(self._block), LARGEST)), "u1")
        self._used = start + array.nbytes
        kept = self._block[start : self._used].view(array.dtype)
        kept[:] = array
        return kept
