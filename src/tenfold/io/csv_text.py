"""CSV text: the scanner with its buffers, and pandas in its place where none is compiled."""

import functools
import io
import re
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas
import pandas.errors
import pyarrow as pa

from tenfold import dtypes
from tenfold.dtypes import DType
from tenfold.io.files import Bytes
from tenfold.primitives import csv as scanner
from tenfold.primitives.numbers import BIG_FIRST, BOOL, DATE, FLOAT, FORMATS, HUGE, INT, NEGATIVE, NULL, TEXT, UINT
from tenfold.target import cache

BOM = b"\xef\xbb\xbf"
PADDING = 64  # zero bytes that the scanner may read behind a text
BATCH_ROWS = 1 << 16
WORTH_WAITING = 64 << 20  # bytes that take pandas longer, in the scanner's place, than compiling the scanner does
LARGEST_ROW = (1 << 31) - (1 << 20)  # the structural index holds 32-bit positions
QUOTED = re.compile(rb'"((?:[^"]|"")*)"(?!")(.*)', re.DOTALL)
INSTEAD = "read it with pandas.read_csv, or mend the file"


# -- the scanner ---------------------------------------------------------------------------------------------------


def compiled_scanner(size: int = 0) -> Callable[..., int] | None:
    """The scanner as machine code, or None where there is none and a text of this size is not worth waiting for it."""
    return cache.primitive("csv", "scan", scanner.SIGNATURE, patient=size > WORTH_WAITING)


class Scanner:
    """A call of the scanner for a number of fields and wanted columns, with its buffers; for one thread at a time."""

    def __init__(self, scan: Callable[..., int] | None, separator: str, fields: int, wanted: Sequence[tuple[int, ...]],
                 rows: int, *, long_rows: bool) -> None:  # fmt: skip
        self._scan, self._wanted = scan, wanted
        self._index = np.empty(scanner.INDEX_ENTRIES + fields + 1, np.int32)
        self._redo = np.empty((scanner.REDO_ENTRIES + fields) * scanner.REDO_LENGTH if wanted else 1, np.int64)
        self._actions = np.array(wanted, np.int64).reshape(-1)
        self._scratch = np.zeros(scanner.SCRATCH_BYTES, np.uint8)
        self._values: list[np.ndarray] = [np.empty(rows + 1, _output(action)) for _, action, _ in wanted]
        self._validity = [np.empty(rows if action == scanner.STRING else 1, np.uint8) for _, action, _ in wanted]
        self._texts = [np.empty(PADDING, np.uint8) for _ in wanted]
        self.result = np.zeros(scanner.RESULT_HEAD + len(wanted) * scanner.RESULT_COLUMN, np.int64)
        self._block: Any = [0] * scanner.BLOCK_LENGTH
        if scan is not None:
            self._block = np.zeros(scanner.BLOCK_LENGTH, np.int64)
        for name, value in (
            (scanner.SEPARATOR, ord(separator)), (scanner.FIELDS, fields), (scanner.LONG_ROWS, int(long_rows)),
            (scanner.WANTED, len(wanted)), (scanner.ROWS, rows), (scanner.INDEX, self._at(self._index)),
            (scanner.REDO, self._at(self._redo)), (scanner.RESULT, self._at(self.result)),
            (scanner.ACTIONS, self._at(self._actions)), (scanner.SCRATCH, self._at(self._scratch)),
        ):  # fmt: skip
            self._block[name] = value

    def _at(self, array: Any) -> Any:
        return array if self._scan is None else array.ctypes.data

    def bind(self, text: np.ndarray) -> None:
        """Take `text` as the buffer that `scan` reads; its last bytes are padding."""
        self._texts = [
            np.empty(len(text) + PADDING if action == scanner.STRING else 1, np.uint8) for _, action, _ in self._wanted
        ]
        outputs = zip(self._values, self._texts, self._validity, strict=True)
        addresses = [self._at(array) for output in outputs for array in output]
        self._outputs: Any = addresses if self._scan is None else np.array(addresses, np.int64)
        self._block[scanner.OUTPUTS] = addresses if self._scan is None else self._at(self._outputs)
        self._block[scanner.TEXT_BUFFER] = self._at(text)
        self._text = text

    def scan(self, lo: int, hi: int, size: int, *, final: bool) -> tuple[int, int, int]:
        """Read the rows that start in `lo:hi`: (status, rows, where the next row starts)."""
        block = self._block
        block[scanner.LO], block[scanner.HI], block[scanner.SIZE], block[scanner.FINAL] = lo, hi, size, int(final)
        if self._scan is not None:
            status = self._scan(block.ctypes.data)
        else:
            with np.errstate(over="ignore"):
                status = scanner.scan(block)
        self._redo_numbers()
        return int(status), int(self.result[scanner.RESULT_ROWS]), int(self.result[scanner.RESULT_STOP])

    def _redo_numbers(self) -> None:
        """Round the few numbers that need more than 128 bits."""
        count = int(self.result[scanner.RESULT_REDO])
        entries = self._redo[: count * scanner.REDO_LENGTH].reshape(-1, scanner.REDO_LENGTH)
        for row, column, start, end in entries.tolist():
            self._values[column][row] = float(self.value(start, end))

    def value(self, start: int, end: int) -> str:
        """The value of the field at `text[start:end]`, without quotes."""
        raw = self._text[start:end].tobytes()
        quoted = QUOTED.fullmatch(raw)
        if quoted:
            raw = quoted[1].replace(b'""', b'"') + quoted[2]
        return raw.decode(errors="replace")

    def of_column(self, column: int, entry: int) -> int:
        """What the last scan found out about a column."""
        return int(self.result[scanner.RESULT_HEAD + column * scanner.RESULT_COLUMN + entry])

    def values(self, column: int, rows: int) -> np.ndarray:
        """A column of numbers as the scanner wrote it."""
        return self._values[column][:rows]

    def column(self, column: int, rows: int, dtype: DType) -> Any:
        """The values of a column: an array, or an Arrow array of text, over the buffers."""
        values = self._values[column][:rows]
        stored = dtypes.storage_dtype(dtype)
        if stored == values.dtype:
            return values
        if stored.kind == "O":
            return self._strings(column, rows)
        same_bits = stored.kind in "bu" and stored.itemsize == values.itemsize
        return values.view(stored) if same_bits else values.astype(stored)

    def _strings(self, column: int, rows: int) -> pa.Array:
        used = self.of_column(column, scanner.USED_BYTES)
        valid = self._validity[column][:rows]
        nulls = rows - int(np.count_nonzero(valid))
        text = self._texts[column][:used]
        buffers = [
            pa.py_buffer(np.packbits(valid, bitorder="little")) if nulls else None,
            pa.py_buffer(self._values[column][: rows + 1]),
            pa.py_buffer(text),
        ]
        found = pa.Array.from_buffers(pa.large_string(), rows, buffers, null_count=nulls)
        if used and text.max() > 127:
            found.validate(full=True)
        return found


def _output(action: int) -> type:
    return {scanner.FLOAT64: np.float64, scanner.BOOLEAN: np.uint8}.get(action, np.int64)


def next_line(text: bytes, separator: str, *, final: bool) -> int:
    """Where the text after the first row that is not blank starts; -1 when that is not in `text`."""
    lines = Scanner(compiled_scanner(), separator, 1, [], 1, long_rows=True)
    lines.bind(np.frombuffer(text + bytes(PADDING), np.uint8))
    status, rows, stop = lines.scan(0, len(text), len(text), final=final)
    if status == scanner.UNTERMINATED or (status == scanner.MORE and rows == 0):
        return -1
    return stop if rows else -1


# -- headers -------------------------------------------------------------------------------------------------------


def header_of(data: Bytes, sep: str) -> tuple[bytes, tuple[str, ...]]:
    """The text before the first row of data (blank lines, the header line), and the names that pandas makes of it."""
    size = data.file.size
    length, stop = 0, -1
    while stop < 0 and length < size:
        length = min(size, max(1 << 12, 4 * length))
        text = data.read(0, length)
        skip = len(BOM) if text.startswith(BOM) else 0
        stop = next_line(text[skip:], sep, final=length == size)
    if stop < 0:
        raise pandas.errors.EmptyDataError(f"{data.file.path}: no columns to parse from file; {INSTEAD}")
    header = text[: skip + stop]
    return header, names_of(header, sep)


@functools.lru_cache(64)  # many files have one header
def names_of(header: bytes, sep: str) -> tuple[str, ...]:
    """The names that pandas makes of a header."""
    return tuple(pandas.read_csv(io.BytesIO(header), sep=sep, nrows=0, index_col=False).columns)


# -- pandas in the scanner's place ---------------------------------------------------------------------------------


def read_with_pandas(source: Any, text: Any, names: list[Any], **options: Any) -> Any:
    """Rows without a header, by pandas."""
    used = names if source.long_rows else None  # with usecols, pandas accepts rows that are too long
    return pandas.read_csv(text, sep=source.sep, header=None, names=list(source.names), usecols=used, index_col=False,
                           low_memory=False, **options)  # fmt: skip


def kinds_of_series(column: Any, *, is_date: bool) -> int:
    """The kinds of text that a column read by pandas was made of, as far as its type tells."""
    missing = NULL if column.isna().any() else 0
    present = column.dropna()
    if len(present) == 0:
        return missing
    if is_date:
        found = [k for k, form in enumerate(FORMATS) if _all_match(present, form)]
        return missing | (DATE << found[0] if found else TEXT)
    if present.dtype == object:
        return missing | (BOOL if isinstance(present.iloc[0], bool) else HUGE | BIG_FIRST)
    if present.dtype == "str" and present.str.fullmatch(r"\s*[+-]?\d{19,}\s*").any():
        return missing | HUGE | BIG_FIRST | TEXT  # perhaps: not to be told from the values alone
    negative = NEGATIVE if present.dtype.kind in "if" and (present < 0).any() else 0
    kinds = {"i": INT, "u": UINT | INT | BIG_FIRST, "f": FLOAT, "b": BOOL}
    return missing | negative | kinds.get(present.dtype.kind, TEXT)


def _all_match(column: Any, form: str) -> bool:
    return bool(pandas.to_datetime(column.astype("str"), format=form, errors="coerce").notna().all())


def parses_as_dates(values: Sequence[str]) -> bool:
    """Would pandas make datetimes of these texts, by the format that it guesses?"""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about formats that it cannot guess
        try:
            pandas.to_datetime(pandas.Series(values, dtype="str"))
        except (ValueError, TypeError, OverflowError):
            return False
    return True


def parses_as_date(value: str, form: str | None) -> bool:
    """Does pandas read a text as a date, leniently, of a format or of any?"""
    if form is None:
        return parses_as_dates([value])
    try:
        pandas.to_datetime(pandas.Series([value], dtype="str"), format=form)
    except (ValueError, TypeError, OverflowError):
        return False
    return True
