"""CSV on a GPU: a run like `CsvReader`'s, whose batches are columns in the memory of the current device.

A piece is read ahead into pinned memory and copied; two kernels (target/csv.cu) then find its rows and read the wanted
columns. They decide nothing that is not plain: the fields that they list are read by the CPU's scanner, alone, and a
piece in doubt is read by it as a whole, from which errors and refuted claims come as well. So both readers have one
meaning. Text stays with the CPU: `reads` says which columns a device can hold.
"""

import contextlib
import functools
import importlib.resources
from collections.abc import Generator, Hashable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from tenfold import config, dtypes
from tenfold.io.csv_reader import CsvReader, Part, action
from tenfold.io.csv_text import PADDING, Bytes, File, Scanner, compiled_scanner
from tenfold.io.read_ahead import Load, ReadAhead
from tenfold.io.source import Batch, Columns
from tenfold.primitives import csv as scanner
from tenfold.primitives import numbers
from tenfold.target import cuda
from tenfold.target.device import Device, Unable

PIECE_BYTES = 128 << 20
OVERHANG = 1 << 16  # bytes behind a piece, for the end of its last row
SEGMENT = 128  # bytes whose line ends are one thread's (csv.cu)
REDO_ENTRIES = 1 << 12  # fields that the host reads for the device, of one piece; more, and it reads all
DOUBT, REDO, START, STOP, KINDS = range(5)  # what csv.cu leaves behind
MOST_LEFT = 1 / 8  # of the pieces that one thread of the host reads; where it is more, all threads better read all
LINE_END = b"\n"


@functools.cache
def code() -> str:
    """The kernels, behind the tables and names that they share with the CPU's scanner."""
    kinds = {f"KIND_{name}": getattr(numbers, name) for name in ("NULL", "INT", "NEGATIVE", "FLOAT", "BOOL", "DATE")}
    actions = {f"ACTION_{name}": getattr(scanner, name) for name in ("FLOAT64", "DATETIME", "BOOLEAN")}
    limits = {"SMALLEST": numbers.SMALLEST, "LARGEST": numbers.LARGEST}
    tables = {
        "TENS": numbers.TENS, "FIVES_HIGH": numbers.FIVES_HIGH, "FIVES_LOW": numbers.FIVES_LOW,
        "MONTH_DAYS": numbers.MONTH_DAYS, "FROM_MARCH": numbers.FROM_MARCH,
        "NULL_TABLE": numbers.NULL_TABLE, "NULL_LENGTHS": numbers.NULL_LENGTHS,
    }  # fmt: skip
    lines = [f"#define {name} {value}" for name, value in (kinds | actions | limits).items()]
    lines.append(f"#define NULL_MULTIPLIER {numbers.NULL_MULTIPLIER}ULL")
    lines += [_table(name, array) for name, array in tables.items()]
    text = importlib.resources.files("tenfold.target").joinpath("csv.cu").read_text(encoding="utf-8")
    return "\n".join([*lines, text])


def _table(name: str, array: np.ndarray) -> str:
    kind = {"u": "unsigned long long", "i": "int", "f": "double"}[array.dtype.kind]
    suffix = "ULL" if array.dtype.kind == "u" else ""
    return f"__device__ const {kind} {name}[] = {{{', '.join(f'{value}{suffix}' for value in array.tolist())}}};"


def reads(source: Any, columns: Iterable[Hashable]) -> bool:
    """Can these columns be read on a device? Not where they are text, or no scanner is there for what is not plain."""
    types = dict(source.schema)
    return compiled_scanner() is not None and all(types[name].kind != "O" for name in columns)


@contextlib.contextmanager
def _memory_of(device: Device) -> Iterator[None]:
    try:
        yield
    except device.out_of_memory as error:
        raise Unable(f"memory of GPU {device.number} ran out, reading text") from error


class CsvDeviceReader(CsvReader):
    """One run over some columns of a source, none of them text, on some devices. `read` may be called by any thread."""

    stable = True

    def __init__(self, source: Any, columns: tuple[Hashable, ...], devices: Sequence[Device],
                 piece_bytes: int = 0) -> None:  # fmt: skip
        super().__init__(source, columns, False, piece_bytes or PIECE_BYTES, config.get("batch_bytes"))
        self._actions = [action(*claim) for claim in zip(self._types, self._claimed, strict=True)]
        self._devices, self._left = devices[: self.pieces], 0
        self._plans = [device.put(self._plan()) for device in self._devices]
        ranges = [(p.file, max(p.start - 1, 0), min(p.stop + OVERHANG, p.file.size)) for p in self._pieces]
        self._texts = [self._ahead(device, ranges[n :: len(self._devices)]) for n, device in enumerate(self._devices)]

    def _plan(self) -> np.ndarray:
        """What csv.cu calls a `Plan`."""
        source = self.source
        which = np.full(len(source.names), -1)
        which[[source.names.index(name) for name in self._names]] = np.arange(len(self._names))
        head = [ord(source.sep), len(which), int(source.long_rows), len(self._names), REDO_ENTRIES]
        return np.concatenate([head, *self._actions, which]).astype(np.int64)

    @staticmethod
    def _ahead(device: Device, ranges: list[tuple[File, int, int]]) -> ReadAhead:
        with _memory_of(device):
            return ReadAhead(device, ranges)

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
            with _memory_of(device), device.current():
                found = self._read_on_device(device, number, load)
        finally:
            texts.give(load)
        if found is None:
            self._left += 1
            if self._left > 1 + MOST_LEFT * self.pieces:
                raise Unable("the text has line ends in quotes, blank lines or the like in many places")
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
            columns = {name: device.put(array) for name, array in batch.columns.items()}
            yield Batch(columns, batch.start, batch.stop, batch.offset)

    # -- a piece on the device ---------------------------------------------------------------------------------------

    def _read_on_device(self, device: Device, number: int, load: Load) -> tuple[Part, Columns] | None:
        """What a piece holds; None in doubt."""
        piece, lo = self._pieces[number], self._before_first_row(number)
        hi, final = piece.stop - 1 - load.base, load.base + load.size == piece.file.size
        if lo is None or lo >= hi:
            return None
        ends = self._line_ends(device, load, lo, hi)
        rows = int(device.home(ends[-1:])[0])
        values, left, redo = self._values(device, load, (lo, hi, load.size, int(final)), ends, rows)
        kinds = left[KINDS:].tolist()
        if left[DOUBT] or not self._redo(device, load, values, kinds, redo, int(left[REDO])):
            return None
        if any(seen & ~held for seen, held in zip(kinds, self._held, strict=True)):
            return None  # the CPU's scanner says what is wrong, and where
        columns = self._columns_of(values)
        if rows == 0 or columns is None:
            return None if columns is None else (Part(None, None, 0, []), columns)
        return Part(load.base + int(left[START]), load.base + int(left[STOP]), rows, kinds), columns

    def _before_first_row(self, number: int) -> int | None:
        """From where in the text of a piece line ends count; None where no line feed is before the first row."""
        piece = self._pieces[number]
        if piece.number:
            return 0
        with Bytes(piece.file) as data:
            start = self._after_header(data, piece.file)
            return start - 1 if data.read(start - 1, start) == LINE_END else None

    @staticmethod
    def _line_ends(device: Device, load: Load, lo: int, hi: int) -> Any:
        """How many rows start behind the line ends of each segment and of those before it."""
        segments = -(-hi // SEGMENT)
        counts = device.xp.empty(segments, np.int32)
        args = (load.bytes, np.int64(lo), np.int64(hi), counts, np.int64(segments))
        device.launch(code(), -(-segments // cuda.THREADS), args, entry="count_rows")
        return device.xp.cumsum(counts, dtype=np.int32)

    def _values(
        self, device: Device, load: Load, span: tuple[int, int, int, int], ends: Any, rows: int
    ) -> tuple[Any, np.ndarray, Any]:
        """Values of all columns, 64 bits each; what the kernel says of them (DOUBT ...); the fields that it left."""
        wanted = len(self._names)
        values = device.xp.empty((wanted, rows), np.int64)
        left, redo = device.xp.zeros(KINDS + wanted, np.int64), device.xp.empty((REDO_ENTRIES, 4), np.int64)
        numbers_ = [np.int64(n) for n in (*span, len(ends), rows)]
        plan = self._plans[self._devices.index(device)]
        args = (plan, load.bytes, *numbers_[:4], ends, *numbers_[4:], values, left, redo)
        device.launch(code(), -(-len(ends) // cuda.THREADS), args, shared=4 * wanted, entry="read_rows")
        return values, device.home(left), redo

    def _redo(self, device: Device, load: Load, values: Any, kinds: list[int], redo: Any, count: int) -> bool:
        """Let the CPU's scanner read the fields that the device left, and put their values in place; not too many."""
        if not 0 < count <= REDO_ENTRIES:
            return count == 0
        entries = device.home(redo[:count])
        for column in np.unique(entries[:, 1]).tolist():
            mine = entries[entries[:, 1] == column]
            with Bytes(load.file) as data:
                fields = [data.read(load.base + start, load.base + end) for _, _, start, end in mine.tolist()]
            alone = self._alone(fields, column)
            values[column][device.put(mine[:, 0].copy())] = device.put(_words(alone.values(0, len(fields))))
            kinds[column] |= alone.of_column(0, scanner.KINDS)
        return True

    def _alone(self, fields: list[bytes], column: int) -> Scanner:
        """A scanner that has read single fields as a column."""
        separator = self.source.sep
        behind = separator.encode() + LINE_END  # a second field, so that no line is blank
        text = b"".join(field + behind for field in fields)
        alone = Scanner(self._scan, separator, 2, [(0, *self._actions[column])], len(fields), long_rows=False)
        alone.bind(np.frombuffer(text + bytes(PADDING), np.uint8))
        _, rows, _ = alone.scan(0, len(text), len(text), final=True)
        assert rows == len(fields), "fields stay fields on lines of their own"
        return alone

    def _columns_of(self, values: Any) -> Columns | None:
        """The columns as batches hold them; None where a type that the user gave is too narrow."""
        columns: Columns = {}
        for name, dtype, words in zip(self._names, self._types, values, strict=True):
            stored = dtypes.storage_dtype(dtype)
            read = words.view(np.float64) if stored.kind == "f" else words
            columns[name] = read.view(stored) if stored.itemsize == 8 else read.astype(stored)
            if stored.kind in "iu" and stored.itemsize < 8 and bool((columns[name] != read).any()):
                return None
        return columns


def _words(values: np.ndarray) -> np.ndarray:
    """Values in 64 bits each."""
    return values.view(np.int64) if values.itemsize == 8 else values.astype(np.int64)
