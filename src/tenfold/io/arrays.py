"""Arrays somewhere as sources: in memory, in .npy files (memory-mapped), in Zarr and HDF5 stores.

A source is a value: `key` (a hash of what it reads; of memory, its identity), `label`, `shape`, `dtype`, and `read`,
which any thread calls for any region. A region is one `(start, count, step)` an axis; steps may be negative.
"""

import contextlib
import errno
import functools
import hashlib
import itertools
import math
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from tenfold.io.source import stamp_of

Region = tuple[tuple[int, int, int], ...]
_numbers = itertools.count()


def slices(region: Iterable[tuple[int, int, int]]) -> tuple[slice, ...]:
    """A region as Python's slices."""
    return tuple(_slice(*axis) for axis in region)


def _slice(start: int, count: int, step: int) -> slice:
    stop = start + count * step
    return slice(start, stop if stop >= 0 else None, step) if count else slice(0, 0)


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
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

    def __reduce__(self) -> tuple[Any, ...]:
        return MemoryArray, (self.array, self.label)  # its number says nothing in another process


@dataclass(frozen=True, slots=True)
class StoreArray:
    """A file on disk that is opened when it is read: `key` holds its path, and what tells it from later ones.

    Of a .npy file the process keeps a map, `kept`, with its inode: it goes on when another file takes the place.
    """

    kind: str
    path: str
    name: str
    shape: tuple[int, ...]
    dtype: Any
    key: str
    kept: Any = field(default=None, compare=False, repr=False)

    @property
    def label(self) -> str:
        """Kind and path."""
        return f"{self.kind} {self.path}{f' {self.name}' if self.name else ''}"

    def read(self, region: Region) -> Any:
        """The elements of a region."""
        if not self._is_there():
            if self.kept is not None and _inode(self.path) != self.kept[1]:
                return self.kept[0][(*slices(region), ...)]
            raise ValueError(f"{self.label} was written to after it was opened: open it again")
        with OPENERS[self.kind](self.path, self.name) as opened:
            if self.kind == "npy":
                return opened[(*slices(region), ...)]
            # stores take no negative steps
            forward = tuple((s, c, p) if p > 0 else (s + (c - 1) * p, c, -p) for s, c, p in region)
            back = tuple(slice(None, None, -1 if p < 0 else 1) for _, _, p in region)
            return np.asarray(opened[slices(forward)])[back]

    def _is_there(self) -> bool:
        """Whether the file is the one that was opened, as it was then."""
        try:
            return _key(self.kind, self.path, self.name) == self.key
        except FileNotFoundError:
            if self.kept is None:
                raise
            return False

    def __reduce__(self) -> tuple[Any, ...]:
        return StoreArray, (self.kind, self.path, self.name, self.shape, self.dtype, self.key)  # elsewhere, no map


def _inode(path: str) -> int:
    """The number of the file that a path leads to; 0 where there is none."""
    try:
        return os.stat(path).st_ino
    except FileNotFoundError:
        return 0


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
    with OPENERS[kind](path, name) as opened:
        if not hasattr(opened, "dtype"):
            raise ValueError(f"{kind} {path} {name} is no array but a group of them: name one")
        shape, dtype = tuple(opened.shape), np.dtype(opened.dtype)
    if dtype.hasobject or dtype.names or dtype.kind == "V":
        raise TypeError(f"{kind} {path} holds {dtype}: tenfold arrays hold numbers, dates and text of fixed length")
    key = _key(kind, path, name)
    kept = (_map(key, path), _inode(path)) if kind == "npy" else None
    return StoreArray(kind, path, name, shape, dtype, key, kept)


def _key(kind: str, path: str, name: str) -> str:
    text = repr((kind, path, name, stamp_of(os.stat(path))))
    return hashlib.sha256(text.encode()).hexdigest()


@contextlib.contextmanager
def npy_file(path: Any, shape: tuple[int, ...], dtype: Any) -> Iterator[Any]:
    """A map of a new .npy file, which takes its place when the block ends well; else nothing is left of it."""
    path = Path(path if str(path).endswith(".npy") else f"{os.fspath(path)}.npy")
    with _in_place(path) as temporary:
        if 0 in shape:
            with open(temporary, "wb") as file:
                np.save(file, np.empty(shape, dtype))
            yield np.empty(shape, dtype)
        else:
            out = np.lib.format.open_memmap(temporary, "w+", dtype, shape)
            _reserve_at(temporary, os.stat(temporary).st_size, path)
            yield out
            out.flush()


def reserve(descriptor: int, size: int, what: str) -> None:
    """Take the blocks of a file before it is mapped; OSError where the disk is full.

    A write to a map that finds no block left is no error but a signal that ends the process.
    """
    try:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(descriptor, 0, size)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.EOPNOTSUPP, errno.ENOSYS):  # of file systems that cannot
            raise OSError(error.errno, f"{error.strerror}: {what}") from error


def _reserve_at(temporary: str, size: int, path: Path) -> None:
    """As `reserve`, for a file that is to be at a path."""
    with open(temporary, "r+b") as file:
        reserve(file.fileno(), size, f"{path} takes {size:,} bytes: make room there, or choose another place")


@contextlib.contextmanager
def new_store(kind: str, path: Any, name: str, shape: tuple[int, ...], dtype: Any, chunks: Any) -> Iterator[Any]:
    """A new array of a Zarr or HDF5 store to be written by chunks; it is there when the block ends well."""
    path = Path(path)
    if path.exists():
        raise FileExistsError(f"{path} exists: remove it first, or choose another name")
    with _in_place(path) as temporary:
        if kind == "hdf5":  # whose library does not survive a full disk
            _reserve_at(temporary, math.prod(shape) * np.dtype(dtype).itemsize, path)
        os.unlink(temporary)
        with CREATORS[kind](temporary, name, shape, dtype, chunks) as made:
            yield made


@contextlib.contextmanager
def _in_place(path: Path) -> Iterator[str]:
    """A name beside the path for what is to be there when the block ends well; else nothing is left of it."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    os.close(handle)
    try:
        yield temporary
        if not os.path.isdir(temporary):
            os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    except BaseException:
        if os.path.isdir(temporary):
            shutil.rmtree(temporary)
        Path(temporary).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@contextlib.contextmanager
def _open_npy(path: str, name: str) -> Iterator[Any]:
    yield _map(_key("npy", path, name), path)


@functools.lru_cache(8)
def _map(key: str, path: str) -> Any:
    """A map of a .npy file; reading its header for every piece would take longer than the pieces."""
    try:
        return np.lib.format.open_memmap(path, "r")
    except (ValueError, EOFError) as error:
        cut = "mmap length" in str(error) or "EOF" in str(error) or isinstance(error, EOFError)
        raise ValueError(f"{path}: {'the file ends too early' if cut else error}") from error


@contextlib.contextmanager
def _open_zarr(path: str, name: str) -> Iterator[Any]:
    import zarr  # noqa: PLC0415 (only who reads such a store has it)

    yield zarr.open(path, mode="r", path=name or None)


@contextlib.contextmanager
def _open_hdf5(path: str, name: str) -> Iterator[Any]:
    import h5py  # noqa: PLC0415 (only who reads such a file has it)

    with h5py.File(path, "r") as file:
        yield file[name]


@contextlib.contextmanager
def _create_zarr(path: str, name: str, shape: tuple[int, ...], dtype: Any, chunks: Any) -> Iterator[Any]:
    import zarr  # noqa: PLC0415

    yield zarr.create_array(path, name=name or None, shape=shape, dtype=dtype, chunks=chunks)


@contextlib.contextmanager
def _create_hdf5(path: str, name: str, shape: tuple[int, ...], dtype: Any, chunks: Any) -> Iterator[Any]:
    import h5py  # noqa: PLC0415

    with h5py.File(path, "w") as file:
        yield file.create_dataset(name, shape, dtype, chunks=chunks if shape and 0 not in shape else None)


OPENERS = {"npy": _open_npy, "zarr": _open_zarr, "hdf5": _open_hdf5}
CREATORS = {"zarr": _create_zarr, "hdf5": _create_hdf5}
