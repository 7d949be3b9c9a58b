"""The kernels of target/csv.cu over a text on a device: its rows, the values of its columns, its few words."""

import functools
import importlib.resources
from dataclasses import dataclass
from typing import Any

import numpy as np

from tenfold.primitives import csv as scanner
from tenfold.primitives import numbers
from tenfold.target import cuda
from tenfold.target.device import Device

SEGMENT = 128  # bytes whose line ends are one thread's (csv.cu)
REDO_ENTRIES = 1 << 12  # fields of one text that may be left
WORDS, PLACES = 1 << 12, 1 << 15  # distinct texts in a column that are few, and places in the table of them
DOUBT, REDO, START, STOP, KINDS = range(5)  # what csv.cu says of a text


@functools.cache
def code() -> str:
    """The kernels, behind the tables and names that they share with the CPU's scanner."""
    kinds = {
        f"KIND_{name}": getattr(numbers, name) for name in ("NULL", "INT", "NEGATIVE", "FLOAT", "BOOL", "TEXT", "DATE")
    }
    actions = {f"ACTION_{name}": getattr(scanner, name) for name in ("FLOAT64", "DATETIME", "BOOLEAN", "STRING")}
    limits = {"SMALLEST": numbers.SMALLEST, "LARGEST": numbers.LARGEST, "PLACES": PLACES}
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


@dataclass(frozen=True, slots=True)
class Text:
    """Bytes on a device. Rows start behind the line ends in `bytes[lo:hi]`; a `final` text ends where its file does."""

    device: Device
    bytes: Any
    lo: int
    hi: int
    final: bool


@dataclass(frozen=True, slots=True)
class Read:
    """What was read: 64 bits a row and column (of text its span), and the numbers that csv.cu leaves of all rows.

    `left` are the fields for the host to read: row, column, start and end; None where there are too many.
    """

    rows: int
    values: Any
    doubt: bool
    start: int
    stop: int
    kinds: list[int]
    left: np.ndarray | None


def read(text: Text, plan: Any, wanted: int) -> Read:
    """Read the wanted columns of a plan (see csv.cu)."""
    xp, ends = text.device.xp, _line_ends(text)
    rows = int(text.device.home(ends[-1:])[0])
    values, said = xp.empty((wanted, rows), np.int64), xp.zeros(KINDS + wanted, np.int64)
    redo = xp.empty((REDO_ENTRIES, 4), np.int64)
    span = [np.int64(n) for n in (text.lo, text.hi, len(text.bytes), text.final)]
    args = (plan, text.bytes, *span, ends, np.int64(len(ends)), np.int64(rows), values, said, redo)
    _launch(text.device, "read_rows", len(ends), args, shared=4 * wanted)
    doubt, count, start, stop, *kinds = text.device.home(said).tolist()
    left = text.device.home(redo[:count]) if count <= REDO_ENTRIES else None
    return Read(rows, values, bool(doubt), start, stop, kinds, left)


def _line_ends(text: Text) -> Any:
    """How many rows start behind the line ends of each segment and of those before it."""
    segments = -(-text.hi // SEGMENT)
    counts = text.device.xp.empty(segments, np.int32)
    args = (text.bytes, np.int64(text.lo), np.int64(text.hi), counts, np.int64(segments))
    _launch(text.device, "count_rows", segments, args)
    return text.device.xp.cumsum(counts, dtype=np.int32)


def words(text: Text, values: Any) -> tuple[Any, np.ndarray, np.ndarray] | None:
    """Codes of the texts in a column of values, the codes in use and the span of each; None where they are many.

    PLACES is the code of a missing text.
    """
    device, rows = text.device, len(values)
    hashes, spans = device.xp.zeros(PLACES, np.uint64), device.xp.empty(PLACES, np.int64)
    codes, doubt = device.xp.empty(rows, np.int32), device.xp.zeros(1, np.int64)
    _launch(device, "number_texts", rows, (text.bytes, values, np.int64(rows), hashes, spans, codes, doubt))
    _launch(device, "compare_texts", rows, (text.bytes, values, np.int64(rows), spans, codes, doubt))
    used = device.xp.flatnonzero(hashes)
    if device.home(doubt)[0] or len(used) > WORDS:
        return None
    return codes, device.home(used), device.home(spans[used])


def _launch(device: Device, kernel: str, threads: int, args: tuple[Any, ...], shared: int = 0) -> None:
    device.launch(code(), -(-threads // cuda.THREADS), args, shared=shared, entry=kernel)
