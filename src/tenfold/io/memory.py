"""Columns in memory as a source: chunks of NumPy arrays (Arrow arrays for text), all columns cut alike."""

import itertools
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tenfold import config
from tenfold.dtypes import DType
from tenfold.io.source import Batch, Columns

_numbers = itertools.count()


@dataclass(frozen=True, slots=True, eq=False)
class MemorySource:
    """A table in memory, known by identity: its data are never hashed.

    Of a table that is only to be shown, the rows in the middle may have been left out: so many are `hidden`.
    """

    schema: tuple[tuple[Hashable, DType], ...]
    chunks: tuple[Columns, ...]
    lengths: tuple[int, ...]
    label: str = "memory"
    hidden: int = 0
    key: str = field(default_factory=lambda: f"memory-{next(_numbers)}")
    owner: Any = None  # kept as long as its arrays are used

    def rows(self) -> int:
        """The exact number of rows."""
        return sum(self.lengths)

    def nbytes(self) -> int:
        """Bytes of all columns."""
        return sum(array.nbytes for chunk in self.chunks for array in chunk.values())

    def open(self, columns: tuple[Hashable, ...], *, careful: bool = False, whole: bool = False) -> "MemoryReader":
        """A reader whose batches are views."""
        return MemoryReader(self)


class MemoryReader:
    """Pieces are morsels of the chunks."""

    stable = True

    def __init__(self, source: MemorySource) -> None:
        self._chunks = source.chunks
        rows = config.get("morsel_rows")
        self._morsels = [
            (n, start, min(start + rows, length))
            for n, length in enumerate(source.lengths)
            for start in range(0, length, rows)
        ]
        self.pieces = len(self._morsels)

    def read(self, piece: int) -> Iterator[Batch]:
        """One batch: the morsel."""
        chunk, start, stop = self._morsels[piece]
        yield Batch(self._chunks[chunk], start, stop, -start)

    def finish(self) -> None:
        """Nothing can be wrong with memory."""

    def close(self) -> None:
        """Nothing to let go of."""


def single_chunk(schema: Any, columns: Columns, length: int, label: str = "memory", owner: Any = None) -> MemorySource:
    """A source of one chunk."""
    return MemorySource(tuple(schema), (columns,), (length,), label, owner=owner)
