"""One run over CSV files: pieces read by any thread in any order, each value held against the source's claim.

A piece is a range of bytes of one file. It cannot know whether it starts inside a quoted field, so it assumes not: its
first row starts after the first line end at or behind the byte before its range. `finish` checks that every piece
ended where the next began. If not, the run was `Missplit`, and a careful reader first finds where rows start, in one
sequential pass over the text. What a piece finds wrong with the data is raised only once the pieces before it are
known to be right.
"""

import contextlib
import functools
import operator
import threading
from collections.abc import Generator, Hashable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas
import pandas.errors
import pyarrow as pa

from tenfold import dtypes
from tenfold.dtypes import DType
from tenfold.errors import NotYetError
from tenfold.io.csv_text import (
    BATCH_ROWS,
    INSTEAD,
    LARGEST_ROW,
    PADDING,
    Scanner,
    compiled_scanner,
    header_of,
    kinds_of_series,
    parses_as_date,
    read_with_pandas,
)  # fmt: skip
from tenfold.io.files import Bytes, File
from tenfold.io.source import Batch, Columns, Missplit, Refuted
from tenfold.primitives import csv as scanner
from tenfold.primitives.numbers import (
    BIG_FIRST,
    BOOL,
    DATE,
    DATES,
    FLOAT,
    FORMATS,
    HUGE,
    INT,
    MINUS_ZERO,
    NEGATIVE,
    NULL,
    TEXT,
    UINT,
)  # fmt: skip

OVERHANG = 1 << 12  # bytes first read behind a piece, for the end of its last row
UINT64 = dtypes.numeric("uint64")


@dataclass(frozen=True, slots=True)
class Piece:
    """A range of bytes of a file; the first of a file begins with its header."""

    file: File
    number: int
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Part:
    """What became of a piece: where its first row started, where the row after its last one starts, its rows, and the
    kinds of text in each column.

    A piece in which no line ends has no start and no stop: a row passes through it.
    """

    start: int | None
    stop: int | None
    rows: int
    kinds: list[int]


def cut(files: tuple[File, ...], piece_bytes: int) -> list[Piece]:
    """The pieces of files; an empty file has one, for its header's sake."""
    return [
        Piece(file, number, start, min(start + piece_bytes, file.size))
        for file in files
        for number, start in enumerate(range(0, max(file.size, 1), piece_bytes))
    ]


# -- types and kinds of text -----------------------------------------------------------------------------------------


def holds(dtype: DType, kinds: int, *, given: bool) -> int:
    """The kinds of text that a column of a type can hold; `kinds` has the format of a date column."""
    if dtype.kind == "O":
        return -1
    if dtype.kind == "M":
        return (NULL if dtype.null == "nat" else 0) | (kinds & DATES)
    if dtype.kind == "f":
        return NULL | INT | NEGATIVE | MINUS_ZERO | FLOAT | (UINT | HUGE if given or kinds & FLOAT else 0)
    if dtype.kind == "b":
        return BOOL
    return INT | UINT | BIG_FIRST if dtype == UINT64 else INT | NEGATIVE


def action(dtype: DType, kinds: int) -> tuple[int, int]:
    """How the scanner reads a column: its action, and the number of the format of dates (see scanner.FORMAT)."""
    if dtype.kind == "f":
        return scanner.FLOAT64, int(kinds & FLOAT > 0)
    if dtype.kind == "M":
        return scanner.DATETIME, max((kinds & DATES).bit_length() - DATE.bit_length(), 0)
    if dtype == UINT64:
        return scanner.UINT64, 0
    return {"O": scanner.STRING, "b": scanner.BOOLEAN}.get(dtype.kind, scanner.INT64), 0


# -- the buffers of one thread -------------------------------------------------------------------------------------


class Window:
    """A buffer that slides over a file, and the scanner that reads it; for one thread at a time."""

    def __init__(self, scan: Scanner, capacity: int) -> None:
        self._scan = scan
        self._allocate(capacity)
        self.base = self.size = 0

    def _allocate(self, capacity: int) -> None:
        self.capacity = capacity
        self.buffer = np.zeros(capacity + PADDING, np.uint8)
        self._scan.bind(self.buffer)

    def load(self, data: Bytes, start: int, stop: int) -> None:
        """Hold the bytes of a file from `start` up to `stop`, or as many as fit, keeping those that are here."""
        here = self.base + self.size
        kept = here - start if self.base <= start <= here else 0
        if kept:
            self.buffer[:kept] = self.buffer[start - self.base : here - self.base]
        stop = min(stop, start + self.capacity, data.file.size)
        size = max(stop - start, kept)
        if size > kept:
            data.read_into(self.buffer[kept:size], start + kept)
        self.buffer[size : size + PADDING] = 0
        self.base, self.size = start, size

    def forget(self) -> None:
        """Hold nothing: another file comes."""
        self.base = self.size = 0

    def grow(self, path: str) -> None:
        """Make room for a row that is longer than the buffer."""
        if self.capacity * 2 > LARGEST_ROW:
            raise MemoryError(f"{path}: the row at byte {self.base} is longer than {self.capacity} bytes; {INSTEAD}")
        before = self.buffer[: self.size]
        self._allocate(self.capacity * 2)
        self.buffer[: self.size] = before

    def find_line_end(self) -> int:
        """Where the first line feed is, as a position in the file; -1 without one."""
        for lo in range(0, self.size, 1 << 14):
            found = self.buffer[lo : min(lo + (1 << 14), self.size)].tobytes().find(b"\n")
            if found >= 0:
                return self.base + lo + found
        return -1

    def scan(self, at: int, stop: int, file: File) -> tuple[int, int, int]:
        """Scan the rows that start between two positions of the file: (status, rows, where the next starts)."""
        hi, final = min(stop - self.base, self.size), self.base + self.size == file.size
        status, rows, end = self._scan.scan(at - self.base, hi, self.size, final=final)
        return status, rows, end + self.base


# -- the reader ----------------------------------------------------------------------------------------------------


class CsvReader:
    """One run over some columns of a source. `read` may be called by any thread; batches are overwritten."""

    stable = False

    def __init__(self, source: Any, columns: tuple[Hashable, ...], careful: bool, piece_bytes: int, batch_bytes: int):
        self.source, self.careful = source, careful
        self._batch_bytes = batch_bytes
        self._scan = compiled_scanner(sum(file.size for file in source.files))
        if self._scan is None:  # pandas reads a file from end to end
            piece_bytes = max(file.size for file in source.files) + 1
        self._pieces = cut(source.files, piece_bytes)
        self.pieces = len(self._pieces)
        self._names = list(columns)
        claimed = {name: (dtype, kinds) for (name, dtype), kinds in zip(source.schema, source.kinds, strict=True)}
        self._types = [claimed[name][0] for name in columns]
        self._claimed = [FLOAT if name in source.given else claimed[name][1] for name in columns]
        self._held = [holds(t, k, given=n in source.given) for n, (t, k) in ((n, claimed[n]) for n in columns)]
        self._parts: list[Part | None] = [None] * self.pieces
        self._troubles: dict[int, Exception] = {}
        self._starts: dict[str, list[int]] = {}
        self._free: list[tuple[Scanner, Window]] = []
        self._lock = threading.Lock()

    def read(self, piece: int) -> Iterator[Batch]:
        """The batches of a piece, in order; nothing more where the data are wrong, until that is certain."""
        try:
            part = yield from (self._read(piece) if self._scan is not None else self._read_with_pandas(piece))
        except (ValueError, NotImplementedError, Refuted) as trouble:
            self._note(piece, trouble=trouble)
        else:
            self._note(piece, part=part)

    def finish(self) -> list[int]:
        """The rows of every piece, now that all are read; Missplit, or the first trouble, where there is one."""
        expected = 0
        for number, piece in enumerate(self._pieces):
            part = self._parts[number]
            if number in self._troubles and (self.careful or self._is_right(number)):
                raise self._troubles[number]
            assert part is not None or number in self._troubles, "finish() is for when all pieces are read"
            if part is None or (piece.number and not self._follows(expected, piece, part)):
                raise Missplit(piece.file.path)
            expected = expected if part.stop is None else part.stop
        parts = [part for part in self._parts if part is not None]
        self._check_zeros([part.kinds for part in parts])
        return [part.rows for part in parts]

    def close(self) -> None:
        """Let go of the buffers."""
        self._free.clear()

    # -- certainty -------------------------------------------------------------------------------------------------

    @staticmethod
    def _follows(expected: int, piece: Piece, part: Part) -> bool:
        """Does a piece start where those before it ended?"""
        return expected >= piece.stop if part.start is None else part.start == expected

    def _is_right(self, number: int) -> bool:
        """Is it certain that a piece started at a row? All pieces of its file before it must be read."""
        first = number - self._pieces[number].number
        expected = 0
        for k in range(first, number):
            part = self._parts[k]
            if part is None or (k > first and not self._follows(expected, self._pieces[k], part)):
                return False
            expected = expected if part.stop is None else part.stop
        return number == first or self._first_row(number) == expected

    def _first_row(self, number: int) -> int | None:
        """Where a piece assumed its first row."""
        piece = self._pieces[number]
        with Bytes(piece.file) as data:
            return self._line_start(data, piece, Window(self._scanner(wanted=False), self._batch_bytes))

    def _note(self, number: int, part: Part | None = None, trouble: Exception | None = None) -> None:
        """Keep what became of a piece, and raise its trouble, if that is certain by now.

        Whoever reads looks for the error of the first piece, and takes what is raised for that of this one. So trouble
        of another that only this one made certain has to be the first of all: nothing before it is left to be read.
        """
        with self._lock:
            self._parts[number] = part
            if trouble is not None:
                self._troubles[number] = trouble
            first = min(self._troubles, default=0)
            known = [number] if None in self._parts[:first] else [number, first]
            for piece in known:
                if piece in self._troubles and (self.careful or self._is_right(piece)):
                    raise self._troubles[piece]

    # -- reading a piece -------------------------------------------------------------------------------------------

    def _scanner(self, *, wanted: bool) -> Scanner:
        """A scanner of the columns of this run, or of where rows end alone."""
        source, names = self.source, self.source.names
        if not wanted:
            return Scanner(self._scan, source.sep, len(names), [], 1 << 62, long_rows=True)
        columns = [
            (names.index(name), *action(dtype, kinds))
            for name, dtype, kinds in zip(self._names, self._types, self._claimed, strict=True)
        ]
        return Scanner(self._scan, source.sep, len(names), columns, BATCH_ROWS, long_rows=source.long_rows)

    def _read(self, number: int) -> Generator[Batch, None, Part]:
        piece = self._pieces[number]
        with self._borrowed() as (rows, window), Bytes(piece.file) as data:
            start = self._start(data, piece, window)
            if start is None:
                return Part(None, None, 0, [])
            count, seen, stop = 0, [0] * len(self._names), start
            for stop, found in self._windows(data, window, rows, start, piece.stop):  # noqa: B007 (the last counts)
                self._check(piece.file, window, rows, found, seen)
                if found:
                    yield Batch(self._columns(piece.file, rows, found), 0, found, count)
                count += found
            return Part(start, stop, count, seen)

    @contextlib.contextmanager
    def _borrowed(self) -> Iterator[tuple[Scanner, Window]]:
        """Buffers that nobody else uses until they are given back."""
        try:
            rows, window = self._free.pop()
        except IndexError:
            rows = self._scanner(wanted=True)
            window = Window(rows, self._batch_bytes)
        window.forget()
        try:
            yield rows, window
        finally:
            self._free.append((rows, window))

    def _windows(self, data: Bytes, window: Window, rows: Scanner, at: int, stop: int) -> Iterator[tuple[int, int]]:
        """Scan the rows that start between two positions: after each step, where the next starts and the rows found."""
        overhang = OVERHANG
        while at < stop:
            window.load(data, at, max(stop + overhang, at + min(overhang, window.capacity)))
            status, found, end = window.scan(at, stop, data.file)
            while found or end > at:
                yield end, found
                at, found = end, 0
                if status == scanner.FULL:
                    status, found, end = window.scan(at, stop, data.file)
            if status in (scanner.RAGGED, scanner.UNTERMINATED):
                raise self._bad_row(data, window, rows, status)
            if status == scanner.MORE and window.base == at:  # not even one row
                if window.size == window.capacity:
                    window.grow(data.file.path)
                overhang = max(2 * overhang, 2 * window.size)

    def _start(self, data: Bytes, piece: Piece, window: Window) -> int | None:
        """Where the first row of a piece starts; None when no row does."""
        if piece.number == 0:
            return self._after_header(data, piece.file)
        if not self.careful:
            return self._line_start(data, piece, window)
        with self._lock:
            if piece.file.path not in self._starts:
                self._starts[piece.file.path] = self._exact_starts(data, window.capacity)
        return self._starts[piece.file.path][piece.number]

    def _line_start(self, data: Bytes, piece: Piece, window: Window) -> int | None:
        if piece.number == 0:
            return self._after_header(data, piece.file)
        at, last = piece.start - 1, piece.stop - 1
        while at < last:
            window.load(data, at, last)
            found = window.find_line_end()
            if found >= 0:
                return found + 1
            at += window.size
        return None

    def _exact_starts(self, data: Bytes, capacity: int) -> list[int]:
        """Where the first row at or behind the start of every piece of a file starts: one pass over the text."""
        starts = [self._after_header(data, data.file)]
        lines = self._scanner(wanted=False)
        window = Window(lines, capacity)
        for piece in self._pieces:
            if piece.file is data.file:
                ends = [end for end, _ in self._windows(data, window, lines, starts[-1], piece.stop)]
                starts.append(ends[-1] if ends else starts[-1])
        return starts

    def _after_header(self, data: Bytes, file: File) -> int:
        """Where a file's first row starts; its header must be the source's."""
        header = self.source.header
        if header.endswith(b"\n") and data.read(0, len(header)) == header:
            return len(header)
        own, names = header_of(data, self.source.sep)
        if names != self.source.names:
            first = self.source.files[0].path
            raise ValueError(
                f"{file.path} has the columns {', '.join(names)}, but {first} has {', '.join(self.source.names)}; "
                "read files with other columns by themselves"
            )
        return len(own)

    # -- what was found --------------------------------------------------------------------------------------------

    def _columns(self, file: File, rows: Scanner, found: int) -> Columns:
        columns: Columns = {}
        for k, (name, dtype) in enumerate(zip(self._names, self._types, strict=True)):
            try:
                columns[name] = rows.column(k, found, dtype)
            except pa.ArrowInvalid as error:
                where = f"{file.path}, column {name!r}: {error}; tenfold reads UTF-8, see pandas.read_csv(encoding=...)"
                raise UnicodeDecodeError("utf-8", b"?", 0, 1, where) from error
        return columns

    def _check(self, file: File, window: Window, rows: Scanner, found: int, seen: list[int]) -> None:
        """Hold the kinds of text that a scan saw against the claim, and add them to those `seen`."""
        wrong = False
        for k, name in enumerate(self._names):
            kinds = rows.of_column(k, scanner.KINDS)
            if name in self.source.given:
                self._check_given(file, window, rows, found, k)
            elif kinds & ~self._held[k]:
                if self._types[k].kind == "M" and kinds & ~(self._held[k] | NULL):
                    kinds = self._date_kinds(file, window, rows, k)
                wrong = True
            seen[k] |= kinds
        if wrong:
            raise self._refuted(seen)

    def _refuted(self, seen: list[int]) -> Refuted:
        return Refuted(self.source, self.source.widen(dict(zip(self._names, seen, strict=True))))

    def _check_zeros(self, kinds: list[list[int]]) -> None:
        """`-0` among integers is 0.0 as pandas reads them, and -0.0 as soon as there is one number with a point."""
        seen = [functools.reduce(operator.or_, column, 0) for column in zip(*filter(None, kinds), strict=True)]
        for k, column in enumerate(seen):
            if column & MINUS_ZERO and column & FLOAT and not self._claimed[k] & FLOAT:
                raise self._refuted(seen)

    def _misfit(self, file: File, window: Window, rows: Scanner, k: int) -> tuple[str, str]:
        """Where the first value is that a column cannot hold, in words, and the value."""
        start, end = rows.of_column(k, scanner.MISFIT_START), rows.of_column(k, scanner.MISFIT_END)
        if rows.of_column(k, scanner.MISFIT_ROW) < 0:
            return f"{file.path}, column {self._names[k]!r}", ""
        line = line_of(file, window.base + start)
        return f"{file.path}, line {line}, column {self._names[k]!r}", rows.value(start, end)

    def _check_given(self, file: File, window: Window, rows: Scanner, found: int, k: int) -> None:
        """The user gave the type: what does not fit is an error of pandas' class."""
        dtype, kinds = self._types[k], rows.of_column(k, scanner.KINDS)
        wrong = kinds & ~self._held[k]
        if wrong & (FLOAT | BOOL | INT) and not wrong & (TEXT | NULL):
            where, value = self._misfit(file, window, rows, k)
            raise NotYetError(f"{where}: converting {value!r} to {dtype}", "leave its dtype out and convert it after")
        if wrong:
            where, value = self._misfit(file, window, rows, k)
            what = f"{value!r} is no {dtype}" if wrong & ~NULL else f"{dtype} column has NA values"
            raise ValueError(f"{where}: {what}; leave the column's dtype out, or mend the value")
        if dtype.kind in "iu" and dtype.itemsize < 8 and found:
            limits, values = np.iinfo(dtypes.numpy_dtype(dtype)), rows.values(k, found)
            low, high = int(values.min()), int(values.max())
            if low < limits.min or high > limits.max:
                bad = low if low < limits.min else high
                raise ValueError(
                    f"{file.path}, column {self._names[k]!r}: cannot safely convert {bad} to the passed dtype {dtype}; "
                    "leave it out, or pass a wider one"
                )

    def _date_kinds(self, file: File, window: Window, rows: Scanner, k: int) -> int:
        """The kinds of a date column with a value of another format: text, unless pandas reads that all the same."""
        kinds, formats = rows.of_column(k, scanner.KINDS), self._claimed[k] & DATES
        if not formats and kinds & DATES:
            return kinds & ~TEXT  # nothing but nulls so far: read again in this format
        where, value = self._misfit(file, window, rows, k)
        form = FORMATS[formats.bit_length() - DATE.bit_length()] if formats else None
        if parses_as_date(value, form):
            raise NotYetError(f"{where}: the unusual date {value!r}", "convert the column after reading")
        return kinds | TEXT

    def _bad_row(self, data: Bytes, window: Window, which: Scanner, status: int) -> Exception:
        at = window.base + int(which.result[scanner.RESULT_POSITION])
        line, path = line_of(data.file, at), data.file.path
        if status == scanner.UNTERMINATED:
            return pandas.errors.ParserError(f"{path}, line {line}: a quote opens here and never closes; {INSTEAD}")
        expected, seen = len(self.source.names), int(which.result[scanner.RESULT_FIELDS])
        return pandas.errors.ParserError(
            f"{path}, line {line}: expected {expected} fields, saw {seen}; mend the line, or read with "
            "pandas.read_csv(on_bad_lines='skip')"
        )

    # -- without a compiler ----------------------------------------------------------------------------------------

    def _read_with_pandas(self, number: int) -> Generator[Batch, None, Part]:
        """A whole file, by pandas, held against the claim."""
        file, count, seen = self._pieces[number].file, 0, [0] * len(self._names)
        text = {name: "str" for name, dtype in zip(self._names, self._types, strict=True) if dtype.kind in "OM"}
        with Bytes(file) as data:
            start = self._after_header(data, file)
            if start == file.size:
                return Part(start, start, 0, seen)
            with data.stream(start) as stream:
                frames = read_with_pandas(self.source, stream, self._names, dtype=text, chunksize=BATCH_ROWS)
                for frame in frames:
                    yield Batch(self._columns_of_frame(file, frame, seen), 0, len(frame), count)
                    count += len(frame)
        return Part(start, file.size, count, seen)

    def _columns_of_frame(self, file: File, frame: Any, seen: list[int]) -> Columns:
        columns, wrong = {}, False
        for k, (name, dtype) in enumerate(zip(self._names, self._types, strict=True)):
            kinds = 0 if dtype.kind == "O" else kinds_of_series(frame[name], is_date=dtype.kind == "M")
            seen[k] |= kinds
            if kinds & ~self._held[k]:
                wrong = True
                if name in self.source.given:
                    raise ValueError(f"{file.path}, column {name!r}: values that are no {dtype}; leave its dtype out")
            else:
                columns[name] = array_of(frame[name], dtype, self._claimed[k])
        if wrong:
            raise self._refuted(seen)
        return columns


def array_of(column: Any, dtype: DType, kinds: int) -> Any:
    """A pandas column as a batch holds it."""
    if dtype.kind == "O":
        text = column.array.__arrow_array__()
        return text.combine_chunks() if isinstance(text, pa.ChunkedArray) else text
    if dtype.kind != "M":
        return column.to_numpy().astype(dtypes.storage_dtype(dtype), copy=False)
    form = FORMATS[max((kinds & DATES).bit_length() - DATE.bit_length(), 0)]
    return pandas.to_datetime(column, format=form).astype(dtype.name).to_numpy().view("i8")


def line_of(file: File, position: int) -> int:
    """The number of the line, from 1, that holds a byte: counts every line end before it, quoted ones too."""
    lines, last = 1, b""
    with Bytes(file) as data:
        for start in range(0, position, 1 << 20):
            text = last + data.read(start, min(start + (1 << 20), position))
            last = text[-1:] if text.endswith(b"\r") else b""
            text = text[: len(text) - len(last)]
            lines += text.count(b"\n") + text.count(b"\r") - text.count(b"\r\n")
    return lines + len(last)
