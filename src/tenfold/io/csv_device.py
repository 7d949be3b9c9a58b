"""CSV on a GPU: a run like `CsvReader`'s, whose batches are columns in the memory of a device.

A piece is read ahead and copied by several threads; kernels (`csv_kernels.py`) then find its rows and read the wanted
columns. They decide nothing that is not plain: the fields that they leave are read by the CPU's scanner, alone, and a
piece in doubt is read by it as a whole, from which errors and refuted claims come as well. So both readers have one
meaning. Text becomes codes into few words; where the words are many, the piece is the CPU's, too.
"""

from collections.abc import Generator, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from tenfold import config, dtypes
from tenfold.dtypes import DType
from tenfold.io import csv_kernels as kernels
from tenfold.io import resident
from tenfold.io.csv_reader import CsvReader, Part, action
from tenfold.io.csv_text import PADDING, Scanner, compiled_scanner
from tenfold.io.files import Bytes
from tenfold.io.read_ahead import Load, ReadAhead
from tenfold.io.source import Batch, Columns
from tenfold.primitives import csv as scanner
from tenfold.target.device import Device, Unable

PIECE_BYTES = 128 << 20
OVERHANG = 1 << 16  # bytes behind a piece, for the end of its last row
MOST_LEFT = 1 / 8  # of the pieces that one thread of the host reads; where it is more, all threads better read all
LINE_END = b"\n"


def can_read() -> bool:
    """Is the scanner compiled, for what a device leaves? Without it pandas reads all."""
    return compiled_scanner() is not None


@dataclass(frozen=True, slots=True)
class Left:
    """Fields of one column, in these rows, that the CPU's scanner read."""

    rows: np.ndarray
    fields: Scanner | None

    @property
    def kinds(self) -> int:
        """The kinds of text that they are."""
        return self.fields.of_column(0, scanner.KINDS) if self.fields else 0


NOTHING_LEFT = Left(np.empty(0, np.int64), None)


class CsvDeviceReader(CsvReader):
    """One run over some columns of a source, on some devices. `read` may be called by any thread."""

    stable = True

    def __init__(self, source: Any, columns: tuple[Hashable, ...], devices: Sequence[Device],
                 piece_bytes: int = 0) -> None:  # fmt: skip
        super().__init__(source, columns, False, piece_bytes or PIECE_BYTES, config.get("batch_bytes"))
        self._actions = [action(*claim) for claim in zip(self._types, self._claimed, strict=True)]
        self._devices, self._left = devices[: self.pieces], 0
        self._plans = [device.put(self._plan()) for device in self._devices]
        ranges = [(p.file, max(p.start - 1, 0), min(p.stop + OVERHANG, p.file.size)) for p in self._pieces]
        self._texts: list[ReadAhead] = []
        try:
            for n, device in enumerate(self._devices):
                self._texts.append(ReadAhead(device, ranges[n :: len(self._devices)]))
        except BaseException:
            self.close()
            raise

    def _plan(self) -> np.ndarray:
        """What csv.cu calls a `Plan`."""
        source = self.source
        which = np.full(len(source.names), -1)
        which[[source.names.index(name) for name in self._names]] = np.arange(len(self._names))
        head = [ord(source.sep), len(which), int(source.long_rows), len(self._names), kernels.REDO_ENTRIES]
        return np.concatenate([head, *self._actions, which]).astype(np.int64)

    def owner(self, piece: int) -> int:
        """The device that a piece is read on."""
        return piece % len(self._devices)

    def close(self) -> None:
        """Let go of the buffers."""
        for texts in self._texts:
            texts.close()
        super().close()

    def _read(self, number: int) -> Generator[Batch, None, Part]:
        owner = self.owner(number)
        texts, device = self._texts[owner], self._devices[owner]
        load = texts.take(number // len(self._devices))
        try:
            with device.current():
                found = self._read_on_device(owner, number, load)
        finally:
            texts.give(load)
        if found is None:
            self._left += 1
            if self._left > 1 + MOST_LEFT * self.pieces:
                raise Unable("the text has many words, line ends in quotes or the like in many places")
            return (yield from self._read_on_host(number))
        part, columns = found
        if part.rows:
            yield Batch(columns, 0, part.rows, 0)
        return part

    def _read_on_host(self, number: int) -> Generator[Batch, None, Part]:
        """A piece by the CPU's scanner; its columns are copied."""
        device = self._devices[self.owner(number)]
        batches = super()._read(number)
        while True:
            try:
                batch = next(batches)
            except StopIteration as end:
                return end.value
            columns = {name: resident.put(device, array) for name, array in batch.columns.items()}
            yield Batch(columns, batch.start, batch.stop, batch.offset)

    # -- a piece on its device ---------------------------------------------------------------------------------------

    def _read_on_device(self, owner: int, number: int, load: Load) -> tuple[Part, Columns] | None:
        """What a piece holds; None in doubt."""
        piece, lo = self._pieces[number], self._before_first_row(number)
        hi, final = piece.stop - 1 - load.base, load.base + len(load.text) == piece.file.size
        if lo is None or lo >= hi:
            return None
        text = kernels.Text(self._devices[owner], load.text, lo, hi, final)
        read = kernels.read(text, self._plans[owner], len(self._names))
        if read.doubt or read.left is None:
            return None
        if not read.rows:
            return Part(None, None, 0, []), {}
        left = {column: self._alone(load, read.left, column) for column in np.unique(read.left[:, 1]).tolist()}
        kinds = [seen | (left[k].kinds if k in left else 0) for k, seen in enumerate(read.kinds)]
        if any(seen & ~held for seen, held in zip(kinds, self._held, strict=True)):
            return None  # the CPU's scanner says what is wrong, and where
        columns: Columns = {}
        for k, (name, dtype) in enumerate(zip(self._names, self._types, strict=True)):
            column = _words if dtype.kind == "O" else _numbers
            columns[name] = column(text, load, read.values[k], dtype, left.get(k, NOTHING_LEFT))
            if columns[name] is None:
                return None
        return Part(load.base + read.start, load.base + read.stop, read.rows, kinds), columns

    def _before_first_row(self, number: int) -> int | None:
        """From where in the text of a piece line ends count; None where no line feed is before the first row."""
        piece = self._pieces[number]
        if piece.number:
            return 0
        with Bytes(piece.file) as data:
            start = self._after_header(data, piece.file)
            return start - 1 if data.read(start - 1, start) == LINE_END else None

    def _alone(self, load: Load, left: np.ndarray, column: int) -> Left:
        """The fields of a column that the device left, each read by the CPU's scanner."""
        mine, separator = left[left[:, 1] == column], self.source.sep
        behind = separator.encode() + LINE_END  # a second field, so that no line is blank
        text = b"".join(field + behind for field in load.fields(mine[:, 2:]))
        alone = Scanner(self._scan, separator, 2, [(0, *self._actions[column])], len(mine), long_rows=False)
        alone.bind(np.frombuffer(text + bytes(PADDING), np.uint8))
        _, rows, _ = alone.scan(0, len(text), len(text), final=True)
        assert rows == len(mine), "fields stay fields on lines of their own"
        return Left(mine[:, 0].copy(), alone)


# -- columns ---------------------------------------------------------------------------------------------------------


def _numbers(text: kernels.Text, load: Load, values: Any, dtype: DType, left: Left) -> Any:
    """A column of anything but text; None where a type that the user gave is too narrow."""
    if left.fields is not None:
        read = left.fields.values(0, len(left.rows))
        bits = read.view(np.int64) if read.itemsize == 8 else read.astype(np.int64)
        values[text.device.put(left.rows)] = text.device.put(bits)
    stored = dtypes.storage_dtype(dtype)
    values = values.view(np.float64) if stored.kind == "f" else values
    if stored.itemsize == 8:
        return values.view(stored)
    narrow = values.astype(stored)
    return None if stored.kind in "iu" and bool((narrow != values).any()) else narrow


def _words(text: kernels.Text, load: Load, values: Any, dtype: DType, left: Left) -> resident.Text | None:
    """A column of text; None where its words are many, or no UTF-8."""
    found = kernels.words(text, values)
    if found is None:
        return None
    codes, places, spans = found
    ends = np.stack([spans >> 32, (spans >> 32) + (spans & 0xFFFFFFFF)], axis=1)
    try:
        words = [field.decode() for field in load.fields(ends)]
        more = left.fields.column(0, len(left.rows), dtype).to_pylist() if left.fields else []
    except (UnicodeDecodeError, pa.ArrowInvalid):
        return None
    ranks: dict[Any, int] = {word: rank for rank, word in enumerate(sorted({*words, *more} - {None}))}
    table = np.full(kernels.PLACES + 1, -1, np.int32)
    table[places] = [ranks[word] for word in words]
    codes = text.device.put(table)[codes]
    codes[text.device.put(left.rows)] = text.device.put(np.array([ranks.get(word, -1) for word in more], np.int32))
    return resident.Text(codes, pa.array(ranks, pa.large_string()))
