"""Columns in device memory: in from other libraries and out to them, without copies."""

from collections.abc import Hashable
from typing import Any

import pandas as pd

from tenfold import io
from tenfold.errors import NotYetError
from tenfold.expr import nodes as ex
from tenfold.io import resident
from tenfold.io.memory import MemorySource, single_chunk
from tenfold.pandas import convert
from tenfold.pandas.convert import Labels


def _columns(data: Any) -> dict[Hashable, Any]:
    """The columns of a dictionary of arrays, or of another library's frame (cuDF's)."""
    if isinstance(data, dict):
        return data
    if hasattr(data, "to_arrow") and hasattr(data, "columns"):
        return {name: data[name] for name in data.columns}
    return io.arrow_device.columns(data) if hasattr(data, "__arrow_c_device_array__") else {}


def is_on_device(data: Any) -> bool:
    """Whether the columns that a frame is to be made of lie in device memory."""
    columns = _columns(data).values()
    return any(resident.is_foreign(column) for column in columns if not isinstance(column, pd.Series))


def read(data: Any) -> tuple[ex.Scan, tuple[Hashable, ...], Labels]:
    """Device columns as a scan, their names there, and their index, which must be a range."""
    columns = _columns(data)
    adopted = {name: resident.adopt(column) for name, column in columns.items()}
    lengths = {len(array) for array, _ in adopted.values()}
    if len(lengths) != 1:
        raise ValueError("All arrays must be of the same length")
    index = getattr(data, "index", range(0))
    if not hasattr(index, "step"):
        raise NotYetError("a device frame with an index of its own", "call reset_index first")
    schema = [(name, dtype) for name, (_, dtype) in adopted.items()]
    arrays = {name: array for name, (array, _) in adopted.items()}
    scan = ex.Scan(single_chunk(schema, arrays, lengths.pop(), "device memory", owner=data), None)
    return scan, tuple(columns), convert.positions(scan, getattr(index, "name", None), index.start, index.step)


def to_cupy(result: MemorySource) -> Any:
    """The values of a result's `column0` as one device array."""
    parts = [resident.to_device(chunk["column0"]) for chunk in result.chunks]
    return resident.joined_anywhere(parts) if parts else resident.to_device(convert.column(result, "column0"))


def kept_on_device(series: Any) -> Any:
    """The device array that a persisted series is; AttributeError for any other, so that others look elsewhere."""
    match series._rows, series._scalar:
        case ex.Scan(source=MemorySource(chunks=(chunk,))), ex.Column(name=name) if resident.is_resident(chunk[name]):
            return resident.to_device(chunk[name])
    raise AttributeError("only a series that is kept on a device, by persist(), lends its memory")
