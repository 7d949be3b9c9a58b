"""Columns in memory as a source: chunks of NumPy arrays (Arrow arrays for text), all columns cut alike.

The columns of a chunk may lie in the memory of a device instead (`resident.py`).
"""

import itertools
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from tenfold import config
from tenfold.dtypes import DType
from tenfold.io import resident
from tenfold.io.source import Batch, Columns

_numbers = itertools.count()


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
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

    @property
    def on_device(self) -> bool:
        """Whether columns lie in device memory."""
        return any(resident.is_resident(array) for chunk in self.chunks for array in chunk.values())

    def open(self, columns: tuple[Hashable, ...], *, careful: bool = False, whole: bool = False) -> "MemoryReader":
        """A reader whose batches are views, or copies of what lies on a device."""
        return MemoryReader(self, columns, config.get("morsel_rows"))

    def open_device(self, columns: tuple[Hashable, ...], rows: int) -> "DeviceReader":
        """A reader for devices: of what lies there each chunk is one piece, of the rest so many rows."""
        return DeviceReader(self, columns, rows)


class MemoryReader:
    """Pieces are morsels of the chunks."""

    stable = True

    def __init__(self, source: MemorySource, columns: tuple[Hashable, ...], rows: int) -> None:
        self._chunks, self._columns = source.chunks, columns
        self._morsels = [
            (n, start, min(start + rows, length))
            for n, length in enumerate(source.lengths)
            for start in range(0, length, rows)
        ]
        self.pieces = len(self._morsels)

    def read(self, piece: int) -> Iterator[Batch]:
        """One batch: the morsel."""
        number, start, stop = self._morsels[piece]
        chunk = self._chunks[number]
        if any(resident.is_resident(chunk[name]) for name in self._columns):
            columns = {name: resident.home(chunk[name][start:stop]) for name in self._columns}
            yield Batch(columns, 0, stop - start, 0)
        else:
            yield Batch(chunk, start, stop, -start)

    def finish(self) -> None:
        """Nothing can be wrong with memory."""

    def close(self) -> None:
        """Nothing to let go of."""


class DeviceReader:
    """Pieces for devices: chunks that lie on one, whole; the rest in morsels, small chunks together."""

    stable = True

    def __init__(self, source: MemorySource, columns: tuple[Hashable, ...], rows: int) -> None:
        self._chunks, self._columns = source.chunks, columns
        self._pieces: list[list[tuple[int, int, int]]] = []  # of (chunk, start, stop)
        room = 0  # of the last piece
        for number, length in enumerate(source.lengths):
            resides = self._owner(number) >= 0
            step = max(length, 1) if resides else rows
            for start in range(0, length, step):
                stop = min(start + step, length)
                if resides or stop - start > room:
                    self._pieces.append([])
                    room = rows
                self._pieces[-1].append((number, start, stop))
                room = 0 if resides else room - (stop - start)
        self.pieces = len(self._pieces)

    def _owner(self, number: int) -> int:
        chunk = self._chunks[number]
        there = [chunk[name] for name in self._columns if resident.is_resident(chunk[name])]
        return resident.owner(there[0]) if there else -1

    def owner(self, piece: int) -> int:
        """The number of the device on which a piece lies; -1 for none."""
        return self._owner(self._pieces[piece][0][0])

    def read(self, piece: int) -> Iterator[Batch]:
        """One batch: the rows of the piece."""
        runs = self._pieces[piece]
        if len(runs) == 1:
            ((number, start, stop),) = runs
            yield Batch(self._chunks[number], start, stop, -start)
        else:
            parts = {name: [self._chunks[n][name][start:stop] for n, start, stop in runs] for name in self._columns}
            rows = sum(stop - start for _, start, stop in runs)
            yield Batch({name: _joined(arrays) for name, arrays in parts.items()}, 0, rows, 0)

    def finish(self) -> None:
        """Nothing can be wrong with memory."""

    def close(self) -> None:
        """Nothing to let go of."""


def _joined(arrays: list[Any]) -> Any:
    return np.concatenate(arrays) if isinstance(arrays[0], np.ndarray) else pa.chunked_array(arrays)


def single_chunk(schema: Any, columns: Columns, length: int, label: str = "memory", owner: Any = None) -> MemorySource:
    """A source of one chunk."""
    return MemorySource(tuple(schema), (columns,), (length,), label, owner=owner)
