"""Column types: pandas' own names, how the values are stored, and how a missing value is written.

A type says everything a kernel or reader needs: `name` is what users see, `storage` the NumPy code of one value in
memory (`"O"` for text, which lives in Arrow arrays, `"V"` for what no kernel takes), `null` how absence looks: `none`,
`nan`, `nat` or `str`.
"""

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True)
class DType:
    """One column type; made by this module only, compared by value."""

    name: str
    storage: str
    null: str

    def __repr__(self) -> str:
        return self.name

    @property
    def key(self) -> str:
        """All of it, for the keys of nodes: types of one name may miss values differently."""
        return f"{self.name} {self.storage} {self.null}"

    @property
    def kind(self) -> str:
        """One letter as NumPy's: `b` bool, `i` int, `u` unsigned, `f` float, `M` datetime, `O` text, `V` any other."""
        if self.storage == "V":
            return "V"
        if self.name.startswith("datetime64"):
            return "M"
        return {"?": "b"}.get(self.storage, self.storage)[0]

    @property
    def itemsize(self) -> int:
        """Bytes of one value in memory; text counts its 8-byte offset only, and what no kernel takes as much."""
        return 8 if self.storage in "OV" else np.dtype(self.storage).itemsize

    @property
    def unit(self) -> str:
        """Resolution of a datetime: `s`, `ms`, `us` or `ns`."""
        return self.name[11:-1]


def numeric(name: Any) -> DType:
    """The type of a NumPy number or boolean, by NumPy's name."""
    dtype = np.dtype(name)
    storage = "?" if dtype.kind == "b" else f"{dtype.kind}{dtype.itemsize}"
    return DType(dtype.name, storage, "nan" if dtype.kind == "f" else "none")


def datetime(unit: str, missing: bool = True) -> DType:
    """The type of NumPy's datetime64 in a unit; `missing`: whether a NaT may occur."""
    return DType(f"datetime64[{unit}]", "i8", "nat" if missing else "none")


BOOL, INT64, FLOAT64, STR = numeric("bool"), numeric("int64"), numeric("float64"), DType("str", "O", "str")
INT32 = numeric("int32")
DATETIME = datetime("us")
NUMERIC = tuple(map(numeric, ["bool", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f4", "f8"]))


def opaque(name: str) -> DType:
    """The type of values that no kernel takes; `name` is that of their dtype."""
    return DType(name, "V", "none")


def from_numpy(dtype: Any) -> DType:
    """The tenfold type of a NumPy or pandas dtype; TypeError names one that has no native form yet."""
    if isinstance(dtype, str):
        dtype = STR if dtype == "str" else np.dtype(dtype)
    if dtype is STR or (str(dtype) == "str" and hasattr(dtype, "na_value")):  # pandas' own text
        return STR
    if isinstance(dtype, np.dtype) and dtype.isnative:
        if dtype.kind == "M" and dtype != "M8":
            return datetime(np.datetime_data(dtype)[0])
        if dtype.kind in "biuf" and numeric(dtype) in NUMERIC:
            return numeric(dtype)
    raise TypeError(f"tenfold has no native form of dtype {str(dtype)!r} yet; convert the column in pandas first")


@functools.cache
def storage_dtype(dtype: DType) -> "np.dtype[Any]":
    """The NumPy dtype of the arrays that columns of this type are kept in."""
    return np.dtype(dtype.storage)


def numpy_dtype(dtype: DType) -> "np.dtype[Any]":
    """The NumPy dtype whose array holds values of this type."""
    return np.dtype(dtype.name if dtype.kind == "M" else dtype.storage)
