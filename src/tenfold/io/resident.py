"""Columns in device memory: device arrays of numbers (datetimes as i8), and text as codes into words on the host."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tenfold import dtypes
from tenfold.dtypes import DType
from tenfold.target import device as dv
from tenfold.target.device import Device

NAT = np.iinfo("i8").min
TEXT = ("object", "str", "string")


@dataclass(frozen=True, slots=True)
class Text:
    """A text column: `codes` (i4 on the device, -1 for missing) into distinct `words` in ascending order."""

    codes: Any
    words: pa.Array

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, rows: slice) -> "Text":
        return Text(self.codes[rows], self.words)

    @property
    def nbytes(self) -> int:
        """Bytes on the device and on the host."""
        return int(self.codes.nbytes) + self.words.nbytes

    def take(self, rows: Any) -> "Text":
        """The values of some rows."""
        return Text(self.codes[rows], self.words)

    def home(self) -> pa.Array:
        """The Arrow array."""
        codes = dv.home(self.codes)
        return self.words.take(pa.array(codes, mask=codes < 0))


def is_resident(column: Any) -> bool:
    """Whether a column lies in device memory."""
    return isinstance(column, Text) or dv.is_resident(column)


def owner(column: Any) -> int:
    """The number of the device that a resident column lies on."""
    return dv.number_of(column.codes if isinstance(column, Text) else column)


def home(column: Any) -> Any:
    """The column as NumPy or Arrow array; itself where it is one."""
    return column.home() if isinstance(column, Text) else dv.home(column)


def put(device: Device, column: Any) -> Any:
    """The column on a device; itself where it is there."""
    if isinstance(column, Text):
        return Text(device.put(column.codes), column.words)
    if isinstance(column, (pa.Array, pa.ChunkedArray)):
        return _encoded(device, column)
    return device.put(column)


def _encoded(device: Device, text: Any) -> Text:
    whole = text.combine_chunks() if isinstance(text, pa.ChunkedArray) else text
    encoded = whole.dictionary_encode()
    order = pc.array_sort_indices(encoded.dictionary).to_numpy()
    ranks = np.empty(len(order) + 1, "i4")
    ranks[order], ranks[-1] = np.arange(len(order)), -1
    codes = pc.fill_null(encoded.indices, len(order)).to_numpy(zero_copy_only=False)
    return Text(device.put(ranks[codes]), encoded.dictionary.take(pa.array(order)))


def adopt(foreign: Any) -> tuple[Any, DType]:
    """A column of another library's in device memory, with its type; numbers and datetimes are not copied."""
    if hasattr(foreign, "to_arrow") and str(foreign.dtype) in TEXT:  # of cuDF: its words go to the host
        return put(dv.device(0), foreign.to_arrow().cast(pa.large_string())), dtypes.STR
    array, unit = dv.adopt(foreign)
    if getattr(foreign, "bits", -1) >= 0:  # of Arrow
        array = dv.device(dv.number_of(array)).truths(array, foreign.bits, len(foreign))
    if not unit:
        return array, dtypes.from_numpy(array.dtype)
    return array, dtypes.datetime(unit, missing=bool((array == NAT).any()))


def is_foreign(column: Any) -> bool:
    """Whether an object of another library offers values in device memory."""
    return dv.is_foreign(column)


def to_device(column: Any) -> Any:
    """The values of a column as one array on the device where they are, or on the first one."""
    if isinstance(column, Text):
        raise TypeError("text has no form as an array on a device")
    return column if is_resident(column) else put(dv.device(0), column)


def joined_anywhere(parts: list[Any]) -> Any:
    """Arrays of any devices as one, on the device of the first."""
    device = dv.device(owner(parts[0]))
    return joined(device, [put(device, part) for part in parts])


def joined(device: Device, parts: list[Any]) -> Any:
    """Columns of one device, one behind the other."""
    if len(parts) == 1:
        return parts[0]
    if not isinstance(parts[0], Text):
        with device.current():
            return device.xp.concatenate(parts)
    words = pa.chunked_array([part.words for part in parts], parts[0].words.type).unique()
    words = words.take(pc.array_sort_indices(words))
    codes = [_recoded(device, part, words) for part in parts]
    with device.current():
        return Text(device.xp.concatenate(codes), words)


def _recoded(device: Device, text: Text, words: pa.Array) -> Any:
    table = np.append(pc.index_in(text.words, words).to_numpy(zero_copy_only=False), -1).astype("i4")
    with device.current():
        return device.put(table)[text.codes]
