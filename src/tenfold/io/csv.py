"""CSV files as a source: which files, which columns, of which types.

`open_csv` looks at the beginning of the first file and claims the types that pandas would give its columns; a
`CsvSource` is that claim, and `csv_reader.py` holds it against every value. The claim rests on the kinds of text seen
so far in each column, so `widen` only has to add kinds. All pandas' options are judged by pandas itself, on a file
that has the header and no rows.
"""

import dataclasses
import hashlib
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
import pandas
import pandas.errors

from tenfold import config, dtypes, io
from tenfold.dtypes import DType
from tenfold.errors import NotYetError
from tenfold.io.csv_reader import UINT64, CsvReader, holds
from tenfold.io.csv_text import (
    BATCH_ROWS,
    INSTEAD,
    PADDING,
    Scanner,
    compiled_scanner,
    header_of,
    kinds_of_series,
    names_of,
    parses_as_dates,
    read_with_pandas,
)  # fmt: skip
from tenfold.io.files import Bytes, File, find_files
from tenfold.io.source import Missplit, Refuted
from tenfold.primitives import csv as scanner
from tenfold.primitives.numbers import (
    BIG_FIRST,
    BOOL,
    FLOAT,
    HUGE,
    INT,
    MINUS_ZERO,
    NEGATIVE,
    NO_INTEGER,
    NULL,
    TEXT,
    UINT,
)  # fmt: skip
from tenfold.target import device as dv

__all__ = ["CsvReader", "CsvSource", "File", "Missplit", "Refuted", "claim", "find_files", "open_csv"]

WHOLE = 1 << 62  # bytes of a piece that is all of its file
MANY_FILES = 256  # beyond, no file is looked at before its turn
CHUNK_CELLS = 1 << 20  # pandas reads rows of so many values at once, at most, and gives a type to each such chunk
LITTLE = 16 << 20  # bytes that pandas reads in the time that a question takes


# -- the claim -----------------------------------------------------------------------------------------------------


def claim(name: Hashable, kinds: int, *, is_date: bool) -> DType:
    """pandas' type for a column in which these kinds of text were seen, by the rules of `low_memory=False`."""
    if is_date:
        return _claim_date(kinds)
    seen = kinds & ~(NEGATIVE | MINUS_ZERO)
    if seen & BIG_FIRST:  # otherwise what pandas makes of the others depends on the order of the rows
        odd = kinds & ~(INT | UINT | BIG_FIRST)
        _refuse(odd, name, "has integers beyond int64 beside others", "pass dtype={...: 'str'} for it")
        return UINT64
    if seen & TEXT or (seen & BOOL and seen & ~(BOOL | NULL)):
        return dtypes.STR
    if seen & BOOL:
        _refuse(seen & NULL, name, "has booleans and missing values", "pass dtype={...: 'str'} for it")
        return dtypes.BOOL
    return dtypes.INT64 if seen == INT else dtypes.FLOAT64


def _joined(before: int, more: int) -> int:
    """The kinds of a beginning, and of rows after it."""
    first = BIG_FIRST if before and more & (UINT | HUGE) and not before & NO_INTEGER else 0
    return before | more | first


def _claim_date(kinds: int) -> DType:
    formats = kinds & ~NULL
    if formats == 0:
        return dtypes.datetime("s")
    if formats & TEXT or formats.bit_count() != 1:
        return dtypes.STR
    return dtypes.datetime("us", missing=bool(kinds & NULL))


def _refuse(condition: int, name: Hashable, what: str, remedy: str) -> None:
    if condition:
        raise NotYetError(f"CSV column {name!r}, which {what},", remedy)


# -- the source ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class CsvSource:
    """CSV files that read as one table under the first header, with a claim about the types of its columns.

    `kinds` are the kinds of text that the claim rests on, `given` the columns whose type the user gave.
    """

    files: tuple[File, ...]
    names: tuple[str, ...]
    sep: str
    schema: tuple[tuple[Hashable, DType], ...]
    kinds: tuple[int, ...]
    given: frozenset[str]
    dates: frozenset[str]
    header: bytes
    long_rows: bool
    sampled: tuple[int, int]
    key: str

    @property
    def label(self) -> str:
        """The path, and how many more there are."""
        more = f" and {len(self.files) - 1} more" if len(self.files) > 1 else ""
        return f"csv {self.files[0].path}{more}"

    def rows(self) -> int:
        """About how many rows, by the length of those at the beginning."""
        count, size = self.sampled
        return sum(file.size for file in self.files) * count // max(size, 1)

    def widen(self, kinds: dict[Hashable, int]) -> "CsvSource":
        """The claim after more kinds were seen in columns."""
        seen = tuple(_joined(k, kinds.get(name, 0)) for (name, _), k in zip(self.schema, self.kinds, strict=True))
        schema = tuple(
            (name, dtype if name in self.given else claim(name, k, is_date=name in self.dates))
            for (name, dtype), k in zip(self.schema, seen, strict=True)
        )
        return dataclasses.replace(self, schema=schema, kinds=seen)

    def open(self, columns: tuple[Hashable, ...], *, careful: bool = False, whole: bool = False,
             piece_bytes: int | None = None, batch_bytes: int | None = None) -> "CsvReader":  # fmt: skip
        """Start a run that reads these columns; `careful` finds the starts of rows first, in one pass."""
        piece_bytes = WHOLE if whole else piece_bytes or config.get("piece_bytes")
        return CsvReader(self, columns, careful, piece_bytes, batch_bytes or config.get("batch_bytes"))

    def open_device(self, columns: tuple[Hashable, ...], rows: int) -> "CsvReader":
        """Start a run whose batches lie on devices."""
        there = io.csv_device
        return there.CsvDeviceReader(self, columns, dv.devices()) if there.can_read() else self.open(columns)


def open_csv(path: Any, sep: str = ",", usecols: Any = None, dtype: Any = None, parse_dates: Any = ()) -> CsvSource:
    """Look at CSV files: the first header, and the types that the beginning shows.

    Parameters
    ----------
    path
        A path, a glob, or a list of them; files are read in this order, a glob's in the order of their names.
    sep
        The separator, one ASCII character.
    usecols, dtype, parse_dates
        As pandas.read_csv takes them; `parse_dates` as a list.

    Raises
    ------
    NotYetError
        Where pandas would give a type, or take an option, that tenfold has no native form of.
    """
    if not isinstance(sep, str) or len(sep) != 1 or not sep.isascii() or sep in '"\r\n\0':
        raise NotYetError(f"sep={sep!r}", "give one ASCII character, or read with pandas.read_csv")
    files = find_files(path)
    with Bytes(files[0]) as data:
        header, names = header_of(data, sep)
    used, given = _options(header, sep, usecols, dtype)
    if not used:
        raise NotYetError("reading no column of a CSV file")
    dates = _date_columns(parse_dates, used)
    if given.keys() & dates:
        raise NotYetError("dtype and parse_dates for one column", "leave one of them out")
    options = repr((sep, used, sorted((n, t.name) for n, t in given.items()), sorted(dates), usecols is None))
    key = hashlib.sha256("\0".join([repr(files), options]).encode()).hexdigest()[:32]
    schema: tuple[tuple[Hashable, DType], ...] = tuple((name, given.get(name, dtypes.FLOAT64)) for name in used)
    source = CsvSource(files, names, sep, schema, (0,) * len(used), frozenset(given), dates, header,
                       usecols is not None, (0, 1), "csv-" + key)  # fmt: skip
    return _sampled(source)


def refuse_what_differs(source: CsvSource) -> None:
    """NotYetError for what pandas makes more of than one table with one type for each column.

    That is: files with other columns each, of which pandas makes a table with missing values; values to be converted to
    the type that the user gave; and, of little files, a column of texts and numbers, in which pandas leaves the numbers
    that fill a chunk as they are.
    """
    for file in source.files[1:MANY_FILES]:
        if "://" not in file.path and file.size:
            with Bytes(file) as data:
                _refuse_other_names(source, data)
    for (name, dtype), kinds in zip(source.schema, source.kinds, strict=True):
        wrong = kinds & ~holds(dtype, kinds, given=True) if name in source.given else 0
        if wrong & (FLOAT | BOOL | INT) and not wrong & TEXT:
            raise NotYetError(f"converting values of CSV column {name!r} to {dtype}", "leave its dtype out")
        if name in source.given | source.dates:
            continue
        if dtype.kind == "O" and kinds & (INT | UINT | HUGE | FLOAT | BOOL):
            _refuse(_has_chunks(source), name, "has texts and numbers", "pass dtype={...: 'str'} for it")


def _refuse_other_names(source: CsvSource, data: Bytes) -> None:
    if source.header.endswith(b"\n") and data.read(0, len(source.header)) == source.header:
        return
    _, names = header_of(data, source.sep)
    if names != source.names:
        raise NotYetError(f"files with other columns each ({data.file.path} has {', '.join(names)})", "read them alone")


def _has_chunks(source: CsvSource) -> bool:
    """Whether pandas reads a file in chunks, and little time is lost if it does."""
    rows, size = source.sampled
    most = max(file.size for file in source.files) * rows // max(size, 1)
    return 4 * most * len(source.names) > CHUNK_CELLS and sum(file.size for file in source.files) <= LITTLE


def _options(header: bytes, sep: str, usecols: Any, dtype: Any) -> tuple[list[str], dict[str, DType]]:
    """The names of the columns to read, and the types given: by pandas, for a file without rows."""
    if isinstance(dtype, Mapping):
        dtype = _with_repeated(header, sep, dtype)
    for one in dtype.values() if isinstance(dtype, Mapping) else [dtype]:
        if one is not str and getattr(pandas.api.types.pandas_dtype(one), "kind", "") == "U":
            raise TypeError(f"the dtype {np.dtype(one)} is not supported for parsing")
    empty = pandas.read_csv(BytesIO(header), sep=sep, nrows=0, index_col=False, usecols=usecols, dtype=dtype)
    objects = any(d in (object, "object", "O") for d in (dtype.values() if hasattr(dtype, "values") else [dtype]))
    given = {}
    for name, found in empty.dtypes.items():
        if not isinstance(found, np.dtype) or found.kind != "O" or objects:
            try:
                given[name] = dtypes.from_numpy(found)
            except TypeError as error:
                raise NotYetError(f"dtype {found} for CSV column {name!r}", "convert it after reading") from error
            if given[name].kind == "M":
                raise TypeError(f"the dtype {found} is not supported for parsing, pass {name!r} in parse_dates instead")
    return list(empty.columns), given


def _with_repeated(header: bytes, sep: str, dtype: Mapping[Any, Any]) -> dict[Any, Any]:
    """The types by column, also of those that pandas renamed, `a.1`, because their name, `a`, was there before."""
    written = pandas.read_csv(
        BytesIO(header), sep=sep, header=None, nrows=1, index_col=False, dtype=str, na_filter=False
    )
    pairs = zip(names_of(header, sep), written.iloc[0], strict=True)
    repeated = {name: dtype[old] for name, old in pairs if old in dtype}
    return {name: np.float64 if given is None else given for name, given in (repeated | dict(dtype)).items()}


def _date_columns(parse_dates: Any, used: list[str]) -> frozenset[str]:
    if isinstance(parse_dates, bool) or parse_dates is None:
        return frozenset()  # True means the index, which a CSV source has none of
    if isinstance(parse_dates, str) or not isinstance(parse_dates, Sequence | np.ndarray | set | frozenset):
        raise TypeError("Only booleans and lists are accepted for the 'parse_dates' parameter")
    found = {used[name] if isinstance(name, int) else name for name in parse_dates}
    missing = [name for name in found if name not in used]
    if missing:
        raise ValueError(f"Missing column provided to 'parse_dates': {', '.join(map(repr, missing))}")
    return frozenset(found)


def _sampled(source: CsvSource) -> CsvSource:
    """The source with a claim that rests on the first rows; of the first file that has any."""
    for file in source.files:
        with Bytes(file) as data:
            start = len(header_of(data, source.sep)[0])
            kinds, rows, length = _first_rows(source, data, start)
        if rows:
            return dataclasses.replace(source.widen(kinds), sampled=(rows, length))
    raise NotYetError(f"{source.files[0].path}, which has no rows (pandas gives empty object columns),", INSTEAD)


def _first_rows(source: CsvSource, data: Bytes, start: int) -> tuple[dict[Hashable, int], int, int]:
    """The kinds of text in a file's first rows, their number and the length of the text; more of it if need be."""
    kinds: dict[Hashable, int] = {}
    rows = length = 0
    while rows == 0 and start + length < data.file.size:
        length = min(max(config.get("sample_bytes"), 4 * length), data.file.size - start)
        kinds, rows = _sample(source, data, start, start + length)
    return kinds, rows, length


def _sample(source: CsvSource, data: Bytes, start: int, stop: int) -> tuple[dict[Hashable, int], int]:
    """The kinds of text in each column of the rows between two positions, and how many rows there are."""
    text = data.read(start, stop)
    final = stop == data.file.size
    scan = compiled_scanner()
    if scan is None and len(text) > 1 << 12:
        return _sample_with_pandas(source, text if final else text[: text.rfind(b"\n") + 1])
    names = [name for name, _ in source.schema]
    wanted = [
        (source.names.index(name), scanner.INFER_DATE if name in source.dates else scanner.INFER, 0) for name in names
    ]
    reader = Scanner(scan, source.sep, len(source.names), wanted, BATCH_ROWS, long_rows=source.long_rows)
    buffer = np.frombuffer(text + bytes(PADDING), np.uint8)
    reader.bind(buffer)
    status, rows, end = reader.scan(0, len(text), len(text), final=final)
    _check_first_row(source, scan, buffer, len(text))
    if rows == 0 and status in (scanner.RAGGED, scanner.UNTERMINATED):
        raise pandas.errors.ParserError(f"{data.file.path}: the first row has a quote that never closes; {INSTEAD}")
    kinds = {name: reader.of_column(k, scanner.KINDS) for k, name in enumerate(names)}
    for name in source.dates:
        if kinds[name] & TEXT and rows:
            values = _texts(source, text[:end], name)
            _refuse(parses_as_dates(values), name, "has dates in an unusual format", "convert it after reading")
    return kinds, rows


def _check_first_row(source: CsvSource, scan: Any, buffer: np.ndarray, size: int) -> None:
    """A first row longer than the header makes pandas take its first fields as the index."""
    one = Scanner(scan, source.sep, len(source.names), [], 1, long_rows=False)
    one.bind(buffer)
    status, rows, _ = one.scan(0, size, size, final=True)
    if rows == 0 and status == scanner.RAGGED:
        seen = int(one.result[scanner.RESULT_FIELDS])
        raise NotYetError(
            f"{source.files[0].path}: a first row of {seen} fields under {len(source.names)} names (an index column)",
            "name the column, or read with pandas.read_csv(index_col=...)",
        )


def _texts(source: CsvSource, text: bytes, name: str) -> list[str]:
    text = source.sep.encode() * (len(source.names) - 1) + b"\n" + text  # a full row: pandas counts fields in the first
    frame = read_with_pandas(source, BytesIO(text), [name], dtype="str", keep_default_na=True)
    return frame[name].dropna().tolist()


def _sample_with_pandas(source: CsvSource, text: bytes) -> tuple[dict[Hashable, int], int]:
    names = [name for name, _ in source.schema]
    frame = read_with_pandas(source, BytesIO(text), names)
    return {name: kinds_of_series(frame[name], is_date=name in source.dates) for name in names}, len(frame)
