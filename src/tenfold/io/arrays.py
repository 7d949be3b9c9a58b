"""Arrays somewhere as sources: in memory, in .npy files (memory-mapped), in Zarr and HDF5 stores.

A source is a value: `key` (a hash of what it reads; of memory, its identity), `label`, `shape`, `dtype`, and `read`,
which any thread calls for any region. A region is one `(start, count, step)` an axis; steps may be negative.
"""

import contextlib
import hashlib
import itertools
import os
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

Region = tuple[tuple[int, int, int], ...]
_numbers = itertools.count()


def slices(region: Iterable[tuple[int, int, int]]) -> tuple[slice, ...]:
    """A region as Python's slices."""
    return tuple(_slice(*axis) for axis in region)


def _slice(start: int, count: int, step: int) -> slice:
    stop = start + count * step
    return slice(start, stop if stop >= 0 else None, step) if count else slice(0, 0)


@dataclass(frozen=True, slots=True, eq=False)
class MemoryArray:
    """A NumPy array (or a CuPy one, on its device), known by identity: its elements are never hashed."""

    array: Any
    label: str = "memory"
    key: str = field(default_factory=lambda: f"array-{next(_numbers)}")

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of the axes."""
        return tuple(self.array.shape)

    @property
    def dtype(self) -> "np.dtype[Any]":
        """The type of the elements."""
        return np.dtype(self.array.dtype)

    def read(self, region: Region) -> Any:
        """A view of a region."""
        return self.array[slices(region)]


@dataclass(frozen=True, slots=True)
class StoreArray:
    """A file on disk that is opened when it is read: `key` holds its path, size and modification time."""

    kind: str
    path: str
    name: str
    shape: tuple[int, ...]
    dtype: Any
    key: str

    @property
    def label(self) -> str:
        """Kind and path."""
        return f"{self.kind} {self.path}{f' {self.name}' if self.name else ''}"

    def read(self, region: Region) -> Any:
        """The elements of a region."""
        opened = OPENERS[self.kind](self.path, self.name)
        if self.kind == "npy":
            return opened[slices(region)]
        # stores take no negative steps
        forward = tuple((s, c, p) if p > 0 else (s + (c - 1) * p, c, -p) for s, c, p in region)
        back = tuple(slice(None, None, -1 if p < 0 else 1) for _, _, p in region)
        return np.asarray(opened[slices(forward)])[back]


def open_store(kind: str, path: Any, name: str = "") -> StoreArray:
    """A source for an array in a file.

    Parameters
    ----------
    kind
        `npy`, `zarr` or `hdf5`.
    path
        Where it lies.
    name
        The array's name inside of the store.
    """
    path = os.fspath(path)
    opened = OPENERS[kind](path, name)
    status = Path(path).stat()
    text = repr((kind, path, name, status.st_size, status.st_mtime_ns))
    key = hashlib.sha256(text.encode()).hexdigest()
    return StoreArray(kind, path, name, tuple(opened.shape), np.dtype(opened.dtype), key)


@contextlib.contextmanager
def npy_file(path: Any, shape: tuple[int, ...], dtype: Any) -> Iterator[Any]:
    """A map of a new .npy file, which takes its place when the block ends well; else nothing is left of it."""
    path = Path(path if str(path).endswith(".npy") else f"{os.fspath(path)}.npy")
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    os.close(handle)
    try:
        if 0 in shape:
            np.save(temporary_file := open(temporary, "wb"), np.empty(shape, dtype))  # noqa: SIM115
            temporary_file.close()
            yield np.empty(shape, dtype)
        else:
            out = np.lib.format.open_memmap(temporary, "w+", dtype, shape)
            yield out
            out.flush()
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _open_npy(path: str, name: str) -> Any:
    return np.load(path, mmap_mode="r", allow_pickle=False)


def _open_zarr(path: str, name: str) -> Any:
    import zarr  # noqa: PLC0415 (only who reads such a store has it)

    return zarr.open(path, mode="r")[name] if name else zarr.open(path, mode="r")


def _open_hdf5(path: str, name: str) -> Any:
    import h5py  # noqa: PLC0415 (only who reads such a file has it)

    return h5py.File(path, "r")[name]


OPENERS = {"npy": _open_npy, "zarr": _open_zarr, "hdf5": _open_hdf5}
