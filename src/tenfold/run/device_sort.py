"""The order of a column's rows on a device, as pandas and NumPy sort: by 64-bit integers that compare alike.

The upper half of what the integers span and the number of the row make one word, which is quicker to sort than a pair;
the few rows that differ in the lower half alone are put in order afterwards.
"""

from typing import Any

import numpy as np

from tenfold.target import cuda
from tenfold.target.device import Device
from tenfold.target.launch import NOWHERE

SIGN, MAGNITUDE = np.int64(-(1 << 63)), np.int64((1 << 63) - 1)
MOST_ROWS = 1 << 32  # that four bytes can number


def ordered(device: Device, column: Any) -> Any:
    """A column as 64-bit integers that compare as pandas sorts; equal exactly where pandas' groups are."""
    if column.dtype.kind == "f":
        column, codes = device.xp.ascontiguousarray(column), device.xp.empty(len(column), "i8")
        launch(device, f"codes_f{column.dtype.itemsize}", len(column), column, np.int64(len(column)), codes)
        return codes
    if column.dtype == "u8":
        return column.view("i8") ^ SIGN
    return column.astype("i8", copy=False)


def argsort(device: Device, column: Any) -> Any:
    """The rows in order, equal ones as they come; of 64-bit values (CuPy is as quick with others)."""
    codes = ordered(device, column)
    return sorted_rows(device, codes, *range_of(device, codes)).astype("i8")


def sorted_rows(device: Device, codes: Any, low: int, high: int, starts: Any = NOWHERE) -> Any:
    """The rows in the order of integers from `low` to `high`; `starts` is told where another integer begins."""
    xp, rows = device.xp, len(codes)
    if rows < MOST_ROWS:
        shift = np.int32(max((high - low).bit_length() - 32, 0))
        packed, found, far = xp.empty(rows, "u8"), xp.empty(rows, "u4"), xp.zeros(1, "i4")
        launch(device, "pack", rows, codes, np.int64(rows), np.int64(low), shift, packed)
        packed.sort()
        launch(device, "unpack", rows, packed, np.int64(rows), codes, shift, found, starts, far)
        if not int(far[0]):
            return found
    found = xp.argsort(codes, kind="stable")
    if starts is not NOWHERE:
        arranged = codes[found]
        starts[:1], starts[1:] = True, arranged[1:] != arranged[:-1]
    return found


def range_of(device: Device, codes: Any) -> tuple[int, int]:
    """The least and the largest integer."""
    ends = device.put(np.array([MAGNITUDE, SIGN]))
    launch(device, "span", len(codes), codes, np.int64(len(codes)), ends)
    low, high = map(int, device.home(ends))
    return low, high


def launch(device: Device, entry: str, rows: int, *arguments: Any, grid: int | None = None) -> None:
    """A kernel of groups.cu, over so many rows."""
    grid = grid or max(1, min(device.processors * 8, -(-rows // cuda.THREADS)))
    device.launch(cuda.routines("groups.cu"), grid, arguments, entry=entry)
