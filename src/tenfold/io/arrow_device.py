"""Frames that another library lends by Arrow's C device interface (`__arrow_c_device_array__`): columns where they lie.

The structures are those of the specification (arrow.apache.org/docs/format/CDeviceDataInterface.html). Memory stays the
lender's: each column holds the capsule, whose end gives it back.
"""

import ctypes
from ctypes import POINTER, c_int32, c_int64, c_void_p
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from tenfold.errors import NotYetError
from tenfold.target import device as dv


class _Array(ctypes.Structure):
    """ArrowArray."""


_Array._fields_ = [
    ("length", c_int64), ("null_count", c_int64), ("offset", c_int64), ("n_buffers", c_int64), ("n_children", c_int64),
    ("buffers", POINTER(c_void_p)), ("children", POINTER(POINTER(_Array))), ("dictionary", c_void_p),
    ("release", c_void_p), ("private_data", c_void_p),
]  # fmt: skip


class _DeviceArray(ctypes.Structure):
    """ArrowDeviceArray."""

    _fields_ = [
        ("array", _Array), ("device_id", c_int64), ("device_type", c_int32), ("sync_event", POINTER(c_void_p)),
        ("reserved", c_int64 * 3),
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Lent:
    """A column in another library's memory; `bits`: its values are bits, from the one of this number on."""

    pointer: int
    length: int
    typestr: str
    owner: Any
    bits: int = -1

    def __len__(self) -> int:
        return self.length

    @property
    def __cuda_array_interface__(self) -> dict[str, Any]:
        """Where it lies; the bytes, of bits."""
        length = self.length if self.bits < 0 else (self.bits + self.length + 7) // 8
        return {"shape": (length,), "typestr": self.typestr, "data": (self.pointer, True), "version": 3}


def columns(frame: Any) -> dict[str, Lent]:
    """The columns of a frame in device memory, by name; none where it lies in the host's.

    NotYetError for what is no number, truth or datetime; TypeError where values are missing.
    """
    schema_capsule, capsule = frame.__arrow_c_device_array__()
    pointer = ctypes.pythonapi.PyCapsule_GetPointer
    pointer.restype, pointer.argtypes = c_void_p, [ctypes.py_object, ctypes.c_char_p]
    lent = _DeviceArray.from_address(pointer(capsule, b"arrow_device_array"))
    if lent.device_type != dv.CUDA:
        return {}
    if lent.sync_event:
        dv.device(lent.device_id).wait(lent.sync_event[0])
    fields = pa.Schema._import_from_c_capsule(schema_capsule)
    return {field.name: _column(field, lent.array, n, capsule) for n, field in enumerate(fields)}


def _column(field: pa.Field, frame: _Array, number: int, owner: Any) -> Lent:
    """A column of the frame, whose own offset counts too."""
    array = frame.children[number].contents
    if array.null_count and array.buffers[0]:
        raise TypeError(f"column {field.name!r} has missing values: fill them first")
    first = frame.offset + array.offset
    if pa.types.is_boolean(field.type):
        return Lent(array.buffers[1] or 0, frame.length, "|u1", owner, first)
    typestr = _typestr(field)
    return Lent((array.buffers[1] or 0) + first * np.dtype(typestr).itemsize, frame.length, typestr, owner)


def _typestr(field: pa.Field) -> str:
    """Type and bytes, as `__cuda_array_interface__` names them."""
    if pa.types.is_timestamp(field.type) and field.type.tz is None:
        return f"<M8[{field.type.unit}]"
    if pa.types.is_integer(field.type) or pa.types.is_float32(field.type) or pa.types.is_float64(field.type):
        return np.dtype(field.type.to_pandas_dtype()).str
    raise NotYetError(f"{field.type} in device memory (column {field.name!r})", "convert the frame by its to_arrow()")
