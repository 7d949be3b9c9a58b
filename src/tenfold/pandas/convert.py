"""The edge between tenfold's columns and real pandas: into a source, and back with pandas' own types and index.

What no kernel takes, and the labels of rows in memory, stay pandas' own arrays and index: computed are the places of
rows among them, so that they travel as they are.
"""

import itertools
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pandas._libs.internals import BlockPlacement
from pandas.core.arrays import NumpyExtensionArray
from pandas.core.construction import ensure_wrapped_if_datetimelike, extract_array
from pandas.core.internals.blocks import ensure_block_shape, new_block_2d
from pandas.core.internals.managers import BlockManager

from tenfold.dtypes import BOOL, DType, datetime, from_numpy, numpy_dtype
from tenfold.expr import nodes as ex
from tenfold.io import resident
from tenfold.io.memory import MemorySource, single_chunk
from tenfold.pandas.door import plain

NAT = np.iinfo("i8").min
MISSING = "whether it is missing"
ENDLESS = 1 << 40  # rows of a file, of which nobody knows how many there are
TEXT = pd.StringDtype("pyarrow", na_value=np.nan)

_numbers = itertools.count()


@dataclass(frozen=True, slots=True)
class Labels:
    """A row index: names of levels and their scalars; or the one that counts places in an index of pandas', `kept`."""

    names: tuple[Hashable, ...]
    scalars: tuple[ex.Scalar, ...]
    kept: pd.Index | None = None

    def renamed(self, names: Iterable[Hashable]) -> "Labels":
        """The same levels under other names."""
        return replace(self, names=tuple(names))


def kept(base: ex.Table, index: pd.Index) -> Labels:
    """The labels of a table in memory."""
    return Labels(tuple(index.names), (ex.Position(base),), plain(index))


def positions(base: ex.Table, name: Hashable = None, start: int = 0, step: int = 1) -> Labels:
    """The index of a table that has none of its own: a RangeIndex."""
    return kept(base, pd.RangeIndex(start, start + step * ENDLESS, step, name=name))


class Kept:
    """Values that no kernel takes, as pandas has them."""

    def __init__(self, array: Any) -> None:
        self.array, self.key = array, f"values-{next(_numbers)}"

    @property
    def dtype(self) -> Any:
        """The dtype that pandas shows."""
        return extract_array(self.array, extract_numpy=True).dtype

    def take(self, places: np.ndarray | None, length: int) -> Any:
        """The values at some places; None: the first ones."""
        if places is not None:
            return self.array.take(places)
        return self.array.copy() if length == len(self.array) else self.array[:length].copy()


class Columns(dict[Hashable, Any]):
    """The columns of a chunk; those that are missing here are made when they are asked for."""

    def __init__(self, make: Callable[[Any], Any]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, name: Any) -> Any:
        made = self[name] = self._make(name)
        return made


def read_pandas(frame: pd.DataFrame) -> tuple[ex.Scan, tuple[ex.Scalar, ...], Labels]:
    """A real frame as a scan, its columns, and its index.

    The source keeps the frame, so that pandas copies before it writes into memory that they share.
    """
    opaque: dict[Hashable, Kept] = {}
    arrays = Columns(lambda name: np.asarray(pd.isna(opaque[name[1]].array)))
    schema: list[tuple[Hashable, DType]] = []
    names = tuple(frame.columns) if frame.columns.is_unique else tuple(enumerate(frame.columns))
    for number, name in enumerate(names):
        values = extract_array(frame._mgr.iget_values(number))
        dtype = _type_of(values)
        if dtype is None:
            opaque[name] = Kept(NumpyExtensionArray(values) if isinstance(values, np.ndarray) else values)
            schema.append(((MISSING, name), BOOL))
        else:
            arrays[name], dtype = _taken_in(values, dtype)
            schema.append((name, dtype))
    scan = ex.Scan(single_chunk(schema, arrays, len(frame), owner=frame), None)
    columns = tuple(
        ex.Carried(ex.Position(scan), ex.Column(scan, (MISSING, name)), opaque[name])
        if name in opaque
        else ex.Column(scan, name)
        for name in names
    )
    return scan, columns, kept(scan, frame.index)


def _type_of(values: Any) -> DType | None:
    """The type that kernels know values by, if any."""
    if isinstance(values.dtype, pd.StringDtype) and values.dtype != TEXT:
        return None  # text that would come back as other text
    try:
        return from_numpy(values.dtype)
    except TypeError:
        return None


def _taken_in(values: Any, dtype: DType) -> tuple[Any, DType]:
    """The values as a source holds them."""
    if dtype.kind == "O":
        text = pa.array(values, pa.large_string(), from_pandas=True)
        return text.combine_chunks() if isinstance(text, pa.ChunkedArray) else text, dtype
    array = np.ascontiguousarray(np.asarray(values))
    if dtype.kind == "M":
        array = array.view("i8")
        dtype = datetime(dtype.unit, missing=bool((array == NAT).any()))
    return array, dtype


def planned(scalars: Iterable[ex.Scalar], filtered: bool) -> tuple[ex.Scalar, ...]:
    """What is computed for columns: of what no kernel takes the places, once rows were left out."""
    return tuple(
        s.place if isinstance(s, ex.Carried) else s for s in scalars if filtered or not isinstance(s, ex.Carried)
    )


def column(source: MemorySource, name: Hashable, out: np.ndarray | None = None) -> Any:
    """One column of a result as an array of its own: what the user writes to it reaches neither data nor answers."""
    dtype = dict(source.schema)[name]
    chunks = [resident.home(chunk[name]) for chunk in source.chunks]
    if dtype.kind == "O":
        pieces = [piece for chunk in chunks for piece in getattr(chunk, "chunks", [chunk])]
        return pd.arrays.ArrowStringArray(pa.chunked_array(pieces, pa.large_string()), dtype=TEXT)
    storage = np.dtype(f"M8[{dtype.unit}]" if dtype.kind == "M" else dtype.storage)
    if out is None:
        out = np.empty(source.rows(), storage)
    if chunks:
        np.concatenate(chunks, out=out.view("i8") if dtype.kind == "M" else out, casting="unsafe")
    return out


def index(source: MemorySource, labels: Labels, *, filtered: bool) -> pd.Index:
    """The row index of a result whose columns `index0`, ... hold the levels, or places if rows were left out.

    Of a range, places at equal distances are a range again, as in pandas.
    """
    if labels.kept is not None:
        made = labels.kept.take(column(source, "index0")) if filtered else labels.kept[: source.rows()]
        return made if tuple(made.names) == labels.names else made.set_names(labels.names)
    levels = [column(source, f"index{n}") for n in range(len(labels.scalars))]
    if len(levels) == 1:
        return pd.Index(levels[0], name=labels.names[0])
    return pd.MultiIndex.from_arrays(levels, names=labels.names)


def remembers(index: pd.Index) -> bool:
    """Whether labels know that they lie at equal distances."""
    return isinstance(index, pd.RangeIndex) or (
        isinstance(index, (pd.DatetimeIndex, pd.TimedeltaIndex)) and index.freq is not None
    )


def forgetting(index: Any) -> pd.Index:
    """The same labels, which do not."""
    return pd.Index(index.to_numpy(), name=index.name) if isinstance(index, pd.RangeIndex) else index._with_freq(None)


def series(source: MemorySource, scalar: ex.Scalar, rows: pd.Index, name: Hashable, filtered: bool) -> pd.Series:
    """A real series of a result."""
    made = frame(source, (scalar,), pd.Index([0]), rows, filtered)._ixs(0, axis=1)
    made.name = name
    return made


def frame(
    source: MemorySource, scalars: Sequence[ex.Scalar], names: pd.Index, rows: pd.Index, filtered: bool
) -> pd.DataFrame:
    """A real frame of the columns `column0`, ... of a result; those of a NumPy dtype in one block, as in pandas."""
    types, blocks = dict(source.schema), []
    alike: dict[Any, list[tuple[int, Any]]] = {}  # dtype -> (place, values or the name of a result)
    results = (f"column{n}" for n in itertools.count())
    for place, scalar in enumerate(scalars):
        name = next(results) if filtered or not isinstance(scalar, ex.Carried) else ""
        if isinstance(scalar, ex.Carried):
            places = column(source, name) if filtered else None
            values = extract_array(scalar.kept.take(places, source.rows()), extract_numpy=True)
        elif types[name].kind == "O":
            values = column(source, name)
        else:
            alike.setdefault(numpy_dtype(types[name]), []).append((place, name))
            continue
        if isinstance(values, np.ndarray):
            alike.setdefault(values.dtype, []).append((place, values))
        else:
            blocks.append(new_block_2d(ensure_block_shape(values, 2), BlockPlacement([place])))
    for dtype, members in alike.items():
        block = np.empty((len(members), source.rows()), dtype)
        for row, (_, values) in zip(block, members, strict=True):
            if isinstance(values, str):
                column(source, values, row)
            else:
                row[:] = values
        blocks.append(new_block_2d(ensure_wrapped_if_datetimelike(block), BlockPlacement([n for n, _ in members])))
    blocks.sort(key=lambda block: block.mgr_locs.as_array[0])
    manager = BlockManager(tuple(blocks), [plain(names), rows], verify_integrity=False)
    return pd.DataFrame._from_mgr(manager, manager.axes)
