"""Parquet files as a source: pyarrow decodes row groups, any thread any group.

The claim rests on the first file's schema: integers and booleans are claimed to have no missing values, datetimes
too; a reader that finds one refutes the claim, and the column becomes what pandas makes of it. Which labels and types
pandas noted in the file, pandas itself says, of a file that has the schema and no rows.
"""

import dataclasses
import functools
import glob
import hashlib
import io
import json
import math
import os
import threading
import warnings
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas
import pyarrow as pa
import pyarrow.fs
import pyarrow.parquet as pq
from pandas.io._util import arrow_table_to_pandas

from tenfold.dtypes import BOOL, FLOAT64, DType, datetime, from_numpy
from tenfold.errors import NotYetError
from tenfold.io.files import File, find_files
from tenfold.io.source import Batch, Columns, Refuted

NAT = np.iinfo("i8").min
MANY_FILES = 256  # beyond, a piece is a whole file, so that no footer is read before its turn
BUFFER_BYTES = 1 << 20  # read at once; a quicker start than whole columns, which are mostly fresh pages


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """How the columns of a file make a frame: the labels `names` of the columns `fields`, and the row index.

    The index is made of columns, `levels` of (name, field); where there are none it is `range`: (name, start, step).
    """

    names: pandas.Index
    fields: tuple[str, ...]
    levels: tuple[tuple[Hashable, str], ...]
    range: tuple[Hashable, int, int]
    attrs: str = "{}"  # JSON


@dataclass(frozen=True, slots=True, eq=False)
class ParquetSource:
    """Parquet files that read as one table, with a claim about its columns."""

    files: tuple[File, ...]
    schema: tuple[tuple[Hashable, DType], ...]
    rows_per_byte: float
    key: str
    layout: Layout

    @property
    def label(self) -> str:
        """The path, and how many more there are."""
        more = f" and {len(self.files) - 1} more" if len(self.files) > 1 else ""
        return f"parquet {self.files[0].path}{more}"

    def rows(self) -> int:
        """About how many rows, by those of the first file."""
        return round(sum(file.size for file in self.files) * self.rows_per_byte)

    def open(self, columns: tuple[Hashable, ...], *, careful: bool = False, whole: bool = False) -> "ParquetReader":
        """Start a run that reads these columns."""
        return ParquetReader(self, columns)

    def with_missing(self, name: Hashable) -> "ParquetSource":
        """The source after a missing value was found in a column that was claimed to have none."""
        schema = tuple((n, _with_missing(n, dtype) if n == name else dtype) for n, dtype in self.schema)
        return dataclasses.replace(self, schema=schema)


def open_parquet(path: Any, columns: Any = None) -> ParquetSource:
    """Look at Parquet files: the first one's schema.

    Parameters
    ----------
    path
        A path, a folder, a glob, or a list of them.
    columns
        The columns to read, in this order; None: all.
    """
    listed = [path] if isinstance(path, str | os.PathLike) else list(path)
    folders = [os.fspath(one) for one in listed if os.path.isdir(one)]
    files = find_files([inside for one in listed for inside in (_in_folder(one) if os.path.isdir(one) else [one])])
    with _open(files[0]) as file:
        schema, rows = file.schema_arrow, file.metadata.num_rows
    if folders:
        _refuse_other_schemas(files, schema)
    layout, types = _known_layout(schema, columns)
    if layout.range != DEFAULT_RANGE:
        layout = dataclasses.replace(layout, range=_range(schema, rows if len(files) == 1 else _count(files)))
    claimed = tuple((name, _claim(schema.field(name), dtype)) for name, dtype in types.items())
    _refuse_missing(files[:MANY_FILES], [name for name, dtype in claimed if dtype.kind == "b"])
    text = repr([(f.path, f.size, f.stamp) for f in files] + [name for name, _ in claimed])
    key = hashlib.sha256(text.encode()).hexdigest()
    return ParquetSource(files, claimed, rows / max(files[0].size, 1), key, layout)


DEFAULT_RANGE = (None, 0, 1)


def _in_folder(folder: Any) -> list[str]:
    """The files of a folder that has nothing else in it; of partitions and other files pandas knows more."""
    with os.scandir(folder) as entries:
        seen = sorted((entry for entry in entries if not entry.name.startswith((".", "_"))), key=lambda one: one.name)
    if not seen or any(entry.is_dir() or not entry.name.endswith(".parquet") for entry in seen):
        raise NotYetError(f"{os.fspath(folder)}, a folder of something else than Parquet files,", "name them by a glob")
    return [glob.escape(entry.path) for entry in seen]


def _refuse_other_schemas(files: tuple[File, ...], schema: pa.Schema) -> None:
    """pandas fills the columns that the first file of a folder has and another lacks."""
    for file in files[1:MANY_FILES]:
        with _open(file) as opened:
            if not opened.schema_arrow.equals(schema):
                raise NotYetError(f"a folder of Parquet files with other columns each ({file.path})", "read them alone")


def _refuse_missing(files: tuple[File, ...], names: list[str]) -> None:
    """NotYetError of booleans of which some may be missing: pandas makes objects of them."""
    for file in files if names else ():
        with _open(file) as opened:
            footer = opened.metadata
        groups = [footer.row_group(n) for n in range(footer.num_row_groups)]
        chunks = [group.column(n) for group in groups for n in range(group.num_columns)]
        for chunk in chunks:
            counts = chunk.statistics
            known = counts is not None and counts.has_null_count and not counts.null_count
            if chunk.path_in_schema in names and not known:
                _with_missing(chunk.path_in_schema, BOOL)


def _known_layout(schema: pa.Schema, columns: Any) -> tuple[Layout, dict[str, Any]]:
    """What `_layout` says; 2 ms, so asked once for all that decides, as options of pandas do what text becomes."""
    chosen = tuple(columns) if isinstance(columns, list) else columns
    if columns is not None and not (isinstance(columns, str | list) and all(isinstance(name, str) for name in columns)):
        return _layout(schema, columns)
    options = repr(pandas.api.types.pandas_dtype("str")), pandas.get_option("io.parquet.engine")
    layout, types = _layout_of(schema.serialize().to_pybytes(), tuple(schema.types), chosen, options)
    return dataclasses.replace(layout, names=layout.names.view()), types  # users rename labels in place


@functools.lru_cache(maxsize=64)
def _layout_of(
    schema: bytes, types: tuple[pa.DataType, ...], chosen: Any, options: tuple[str, str]
) -> tuple[Layout, dict[str, Any]]:
    return _layout(pa.ipc.read_schema(pa.py_buffer(schema)), list(chosen) if isinstance(chosen, tuple) else chosen)


def _layout(schema: pa.Schema, columns: Any) -> tuple[Layout, dict[str, Any]]:
    """The frame that pandas makes of some columns, and the pandas type of each field that it needs."""
    frame = _without_rows(schema, columns)
    stored = [level for level in _noted(schema).get("index_columns", []) if isinstance(level, str)]
    wanted = schema.names if columns is None else [columns] if isinstance(columns, str) else list(columns)
    fields = tuple(field for field in wanted if field not in stored)
    if len(fields) != frame.shape[1] or (stored and len(stored) != frame.index.nlevels):
        raise NotYetError("a Parquet file whose columns are not those that pandas noted in it")
    levels = tuple(zip(frame.index.names, stored, strict=False))
    types = dict(zip(fields, frame.dtypes, strict=True))
    types |= {field: frame.index.get_level_values(level).dtype for level, field in enumerate(stored)}
    attrs = (schema.metadata or {}).get(b"PANDAS_ATTRS", b"{}").decode()
    return Layout(frame.columns, fields, levels, _range(schema, None), attrs), types


def _without_rows(schema: pa.Schema, columns: Any) -> pandas.DataFrame:
    """What pandas makes of a file without rows; of all its columns by its own conversion alone.

    To read one imports all of Arrow's datasets first, 25 ms.
    """
    if columns is None:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "make_block is deprecated")
            return arrow_table_to_pandas(schema.empty_table())
    empty = io.BytesIO()
    pq.write_table(schema.empty_table(), empty)
    return pandas.read_parquet(empty, columns=columns)


def _noted(schema: pa.Schema) -> dict[str, Any]:
    """What pandas wrote about the frame beside its columns."""
    noted: dict[str, Any] = json.loads((schema.metadata or {}).get(b"pandas", b"{}"))
    return noted


def _range(schema: pa.Schema, rows: int | None) -> tuple[Hashable, int, int]:
    """The noted range of labels, if it is for so many rows (None: for any); else positions."""
    for level in _noted(schema).get("index_columns", []):
        if isinstance(level, dict) and level.get("kind") == "range":
            labels = range(level["start"], level["stop"], level["step"])
            if rows in (None, len(labels)):
                return level["name"], labels.start, labels.step
    return DEFAULT_RANGE


def _count(files: tuple[File, ...]) -> int:
    total = 0
    for file in files:
        with _open(file) as opened:
            total += opened.metadata.num_rows
    return total


def _open(file: File, footer: pq.FileMetaData | None = None) -> pq.ParquetFile:
    """An open file; a footer that was read before is not read again (0.2 ms a file and thread, more over a network)."""
    if "://" in file.path:
        system, inside = pyarrow.fs.FileSystem.from_uri(file.path)
        return pq.ParquetFile(system.open_input_file(inside), metadata=footer)
    opened = pq.ParquetFile(
        file.path, buffer_size=BUFFER_BYTES, metadata=footer
    )  # a map of a cut file ends the process
    file.check(os.stat(file.path), "read_parquet")
    return opened


def _claim(field: pa.Field, shown: Any) -> DType:
    """The type of a column that pandas shows as `shown`."""
    kind = field.type
    try:
        dtype = from_numpy(shown)
    except TypeError:
        noun = f"Parquet column {field.name!r} of type {kind}, in pandas {shown}"
        raise NotYetError(noun, "leave it out with columns=[...]") from None
    return datetime(kind.unit, missing=False) if dtype.kind == "M" else dtype


def _with_missing(name: Hashable, dtype: DType) -> DType:
    if dtype.kind == "b":
        raise NotYetError(f"Parquet column {name!r} of booleans with missing values", "leave it out with columns=[...]")
    return datetime(dtype.unit) if dtype.kind == "M" else FLOAT64


def _filled(array: pa.Array, missing: float) -> np.ndarray:
    """The values of a decoded array, with `missing` written into it where it has nulls: nobody else holds it.

    A copy, as `to_numpy` and `fill_null` make it, is mostly fresh pages: 0.4 ms for 2 MB, this 0.05 ms.
    """
    valid, data = array.buffers()
    if not array.null_count:
        return array.to_numpy()
    if not data.is_mutable:
        return array.fill_null(missing).to_numpy()
    rows = slice(array.offset, array.offset + len(array))
    values = np.frombuffer(data, array.type.to_pandas_dtype())[rows]
    values[np.unpackbits(np.frombuffer(valid, "u1"), bitorder="little")[rows] == 0] = missing
    return values


class ParquetReader:
    """One run over some columns; pieces are row groups (files, where there are many)."""

    stable = True

    def __init__(self, source: ParquetSource, columns: tuple[Hashable, ...]) -> None:
        self._source, self._columns = source, [str(c) for c in columns]
        self._types = dict(source.schema)
        self._local = threading.local()
        self._footers: dict[str, pq.FileMetaData] = {}
        self._pieces = list(self._cut())
        self.pieces = len(self._pieces)

    def _cut(self) -> Iterator[tuple[File, range]]:
        for file in self._source.files:
            if len(self._source.files) > MANY_FILES:
                yield file, range(-1, 0)
            else:
                self._footers[file.path] = footer = self._file(file).metadata
                yield from ((file, range(group, group + 1)) for group in range(footer.num_row_groups))

    def _file(self, file: File) -> pq.ParquetFile:
        """The open file: each thread keeps the last one."""
        if getattr(self._local, "file", None) != file:
            opened = _open(file, self._footers.get(file.path))
            self._refuse_other_columns(opened.schema_arrow.names, file)
            self._local.file, self._local.open = file, opened
        return self._local.open

    def _refuse_other_columns(self, names: list[str], file: File) -> None:
        missing = [name for name in self._columns if name not in names]
        if missing:
            raise KeyError(f"{file.path} has no column {missing[0]!r}, which {self._source.files[0].path} has")

    def read(self, piece: int) -> Iterator[Batch]:
        """The batches of the row groups of a piece, in order."""
        file, groups = self._pieces[piece]
        reader = self._file(file)
        if groups.start < 0:
            groups = range(reader.num_row_groups)
        offset = 0
        for group in groups:
            table = self._decode(reader, group)
            columns: Columns = {name: self._array(name, table.column(name)) for name in self._columns}
            yield Batch(columns, 0, table.num_rows, offset)
            offset += table.num_rows

    def _decode(self, reader: pq.ParquetFile, group: int) -> pa.Table:
        if not self._columns:
            rows = reader.metadata.row_group(group).num_rows
            return pa.table({"": pa.nulls(rows)})
        return reader.read_row_group(group, columns=self._columns, use_threads=False)

    def _array(self, name: str, column: pa.ChunkedArray) -> Any:
        dtype = self._types[name]
        whole = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
        if dtype.kind == "O":
            return whole.cast(pa.large_string())
        if whole.null_count and dtype.null == "none":
            raise Refuted(self._source, self._source.with_missing(name))
        if dtype.kind == "M":
            if whole.type != pa.timestamp(dtype.unit):
                raise TypeError(f"column {name!r} is {whole.type} in one file and {dtype} in another")
            return _filled(whole.view(pa.int64()), NAT)
        if pa.types.is_floating(whole.type):
            return _filled(whole, math.nan).astype(dtype.storage, copy=False)
        return whole.to_numpy(zero_copy_only=False).astype(dtype.storage, copy=False)

    def finish(self) -> None:
        """Every piece was checked when it was read."""

    def close(self) -> None:
        """Let go of the files."""
        self._local = threading.local()
