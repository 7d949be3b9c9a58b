"""The edge between tenfold's columns and real pandas: into a source, and back with pandas' own types and index."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from tenfold.dtypes import DType, datetime, from_numpy
from tenfold.errors import NotYetError
from tenfold.expr import nodes as ex
from tenfold.io import resident
from tenfold.io.memory import MemorySource, single_chunk
from tenfold.pandas.door import plain

NAT = np.iinfo("i8").min
INDEX = "level of the index"
TEXT = pd.StringDtype("pyarrow", na_value=np.nan)


@dataclass(frozen=True, slots=True)
class Labels:
    """A row index: its levels as (name, scalar); `range` = (start, step) where the one level counts positions."""

    levels: tuple[tuple[Hashable, ex.Scalar], ...]
    range: tuple[int, int] | None = None

    @property
    def scalars(self) -> tuple[ex.Scalar, ...]:
        """What has to be computed to show the index."""
        return tuple(scalar for _, scalar in self.levels)

    @property
    def names(self) -> list[Hashable]:
        """The level names."""
        return [name for name, _ in self.levels]

    def renamed(self, names: Iterable[Hashable]) -> "Labels":
        """The same levels under other names."""
        return Labels(tuple((name, scalar) for name, (_, scalar) in zip(names, self.levels, strict=True)), self.range)


def positions(base: ex.Table, name: Hashable = None, start: int = 0, step: int = 1) -> Labels:
    """The index of a table that has none of its own: a RangeIndex."""
    return Labels(((name, ex.Position(base)),), (start, step))


def read_pandas(frame: pd.DataFrame) -> tuple[ex.Scan, tuple[Hashable, ...], Labels]:
    """A real frame as a scan, the names of its columns there, and its index.

    The source keeps the frame, so that pandas copies before it writes into memory that they share.
    """
    arrays: dict[Hashable, Any] = {}
    schema: list[tuple[Hashable, DType]] = []
    names = tuple(frame.columns) if frame.columns.is_unique else tuple(enumerate(frame.columns))
    for number, name in enumerate(names):
        schema.append(_take_in(name, frame.iloc[:, number].array, frame.columns[number], arrays))
    index = frame.index
    if not isinstance(index, pd.RangeIndex):
        levels = index.levels if isinstance(index, pd.MultiIndex) else [index]
        # pandas keeps it where rows that are chosen lie side by side
        if any(getattr(level, "freq", None) is not None for level in levels):
            raise NotYetError("an index with a frequency")
        for level in range(index.nlevels):
            values = index.get_level_values(level)
            schema.append(_take_in((INDEX, level), values.array, values.name, arrays))
    scan = ex.Scan(single_chunk(schema, arrays, len(frame), owner=frame), None)
    if isinstance(index, pd.RangeIndex):
        return scan, names, positions(scan, index.name, index.start, index.step)
    levels = tuple((name, ex.Column(scan, (INDEX, n))) for n, name in enumerate(index.names))
    return scan, names, Labels(levels)


def _take_in(name: Hashable, values: Any, label: Hashable, arrays: dict[Hashable, Any]) -> tuple[Hashable, DType]:
    try:
        if isinstance(values.dtype, pd.StringDtype) and values.dtype != TEXT:
            raise TypeError  # text that comes back as other text
        dtype = from_numpy(values.dtype)
    except TypeError:
        raise NotYetError(f"column {label!r} of dtype {values.dtype}", "convert it in pandas first") from None
    if dtype.kind == "O":
        text = pa.array(values, pa.large_string(), from_pandas=True)
        arrays[name] = text.combine_chunks() if isinstance(text, pa.ChunkedArray) else text
    elif dtype.kind == "M":
        arrays[name] = np.ascontiguousarray(np.asarray(values)).view("i8")
        dtype = datetime(dtype.unit, missing=bool((arrays[name] == NAT).any()))
    else:
        arrays[name] = np.ascontiguousarray(np.asarray(values))
    return name, dtype


def column(source: MemorySource, name: Hashable) -> Any:
    """One column of a result as an array of its own: what the user writes to it reaches neither data nor answers."""
    dtype = dict(source.schema)[name]
    chunks = [resident.home(chunk[name]) for chunk in source.chunks]
    if dtype.kind == "O":
        pieces = [piece for chunk in chunks for piece in getattr(chunk, "chunks", [chunk])]
        return pd.arrays.ArrowStringArray(pa.chunked_array(pieces, pa.large_string()), dtype=TEXT)
    storage = {"b": "?"}.get(dtype.kind, dtype.storage)
    whole = np.concatenate([np.empty(0, storage), *chunks])
    return whole.view(f"M8[{dtype.unit}]") if dtype.kind == "M" else whole.astype(storage, copy=False)


def index(source: MemorySource, labels: Labels, *, filtered: bool) -> pd.Index:
    """The row index of a result whose columns `index0`, ... hold the levels.

    Of a range they hold positions, if rows were left out: at equal distances these are a range again, as in pandas.
    """
    length = source.rows()
    if labels.range is not None:
        start, step = labels.range
        if not filtered:
            return pd.RangeIndex(start, start + step * length, step, name=labels.names[0])
        rows = column(source, "index0")
        end = int(rows[-1]) + 1 if length else 0
        return pd.RangeIndex(start, start + step * end, step, name=labels.names[0]).take(rows)
    levels = [column(source, f"index{n}") for n in range(len(labels.levels))]
    if len(levels) == 1:
        return pd.Index(levels[0], name=labels.names[0])
    return pd.MultiIndex.from_arrays(levels, names=labels.names)


def frame(source: MemorySource, names: pd.Index, rows: pd.Index) -> pd.DataFrame:
    """A real frame of the columns `column0`, ... of a result."""
    arrays = {number: column(source, f"column{number}") for number in range(len(names))}
    made = pd.DataFrame(arrays, index=rows, copy=False)
    made.columns = plain(names)
    return made
