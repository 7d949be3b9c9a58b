"""Memory for gathered columns: the rows of many batches copied side by side into blocks.

Batches are overwritten by the next one, and a filter that keeps few rows must keep few bytes. What a copy costs is the
first touch of its pages, 0.5 s per GB. Huge pages (NumPy asks for them from 4 MiB on) take a third of that where the
machine has them at hand, but three times as long where a hypervisor has first to find them: blocks stay below.
"""

from typing import Any

import numpy as np
import pyarrow as pa

LARGEST = 2 << 20  # bytes of a block; the first is as large as the first array, each next one twice the last


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
