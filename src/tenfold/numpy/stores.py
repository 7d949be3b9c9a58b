"""Arrays in files and stores, read and written piece by piece; and the columns of frames as arrays."""

import os
from typing import Any

import numpy as np

from tenfold import config
from tenfold.collect_arrays import save_array, store_array
from tenfold.expr import arrays as ar
from tenfold.io.arrays import open_store
from tenfold.numpy import shape as sh
from tenfold.numpy.array import ndarray, node_of
from tenfold.numpy.blocks import block_shape
from tenfold.numpy.creation import asarray
from tenfold.numpy.memory import is_odd
from tenfold.numpy.text import opened
from tenfold.numpy.through import readable, shared


def load(
    file: Any, mmap_mode: Any = None, allow_pickle: bool = False, fix_imports: bool = True, encoding: str = "ASCII", *,
    max_header_size: int = 10_000,
) -> Any:  # fmt: skip
    """An array in a .npy file, read piece by piece when it is needed; other files as NumPy loads them.

    Examples
    --------
    >>> import tenfold.numpy as np, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     np.save(f"{folder}/x.npy", np.arange(4) * 2)
    ...     int(np.load(f"{folder}/x.npy").sum())
    12
    """
    if mmap_mode in ("r+", "w+", "c"):  # who writes into it, or into the file, sees that
        return shared(np.load(file, mmap_mode))
    if hasattr(file, "read") or not os.fspath(file).endswith(".npy") or allow_pickle:
        options: Any = {"fix_imports": fix_imports, "encoding": encoding, "max_header_size": max_header_size}
        return opened(np.load(file, mmap_mode, allow_pickle, **options))
    return stored("npy", file)


def stored(kind: str, path: Any, name: str = "") -> ndarray:
    """An array in a file, read when it is needed; at once, if it is small or no expression holds its dtype."""
    made = ndarray(ar.Stored(open_store(kind, path, name)))
    if is_odd(made.dtype) or made.nbytes <= config.get("small_bytes"):
        made._hold()
    return made


def save(file: Any, arr: Any, allow_pickle: bool = True) -> None:
    """Write an array to a .npy file piece by piece; the file is there when it is whole."""
    array = asarray(arr)
    if hasattr(file, "write") or is_odd(array.dtype):
        np.save(file, readable(array), allow_pickle)
    else:
        save_array(file, array._node)


def from_zarr(path: Any, name: str = "") -> ndarray:
    """An array in a Zarr store (with the package zarr), read piece by piece when it is needed."""
    return stored("zarr", path, name)


def from_hdf5(path: Any, name: str) -> ndarray:
    """A dataset in an HDF5 file (with the package h5py), read piece by piece when it is needed."""
    return stored("hdf5", path, name)


def to_zarr(x: Any, path: Any, name: str = "", chunks: Any = None) -> None:
    """Write an array into a new Zarr store, chunk by chunk; it is there when it is whole.

    Parameters
    ----------
    x
        An array.
    path
        A folder that is not there yet.
    name
        The array's name inside of the store.
    chunks
        The shape of the store's chunks; some megabytes by default.
    """
    _to_store("zarr", x, path, name, chunks)


def to_hdf5(x: Any, path: Any, name: str, chunks: Any = None) -> None:
    """Write an array into a new HDF5 file as one dataset, chunk by chunk; see `to_zarr`."""
    _to_store("hdf5", x, path, name, chunks)


def _to_store(kind: str, x: Any, path: Any, name: str, chunks: Any) -> None:
    node = node_of(x)
    usual = block_shape(node.shape, node.dtype.itemsize)
    sizes = (chunks,) * node.ndim if isinstance(chunks, int) else usual if chunks is None else tuple(chunks)
    if len(sizes) != node.ndim or min(sizes, default=1) < 1:
        raise ValueError(f"chunks {chunks!r} for an array of shape {node.shape}")
    store_array(kind, path, name, node, sizes)


def from_frame(frame: Any) -> ndarray:
    """The columns of a frame, tenfold's or pandas', as an array of two axes; a series as one of one axis.

    The frame is computed when the array is first looked at, since the number of its rows is not known before.

    Examples
    --------
    >>> import tenfold.numpy as np, tenfold.pandas as pd
    >>> df = pd.DataFrame({"x": [1.0, 2.0, 3.0], "y": [4, 5, 6]})
    >>> np.from_frame(df[df.x > 1]).sum(axis=0)
    array([ 5., 11.])
    """

    def computed() -> ar.Array:
        real = frame.compute() if hasattr(frame, "compute") else frame
        if real.ndim == 1:
            return node_of(real.to_numpy())
        columns = [node_of(real.iloc[:, k].to_numpy()) for k in range(real.shape[1])]
        if not columns:
            return node_of(real.to_numpy())
        return sh.stack([ndarray(column) for column in columns], axis=1)._node

    return ndarray(computed)
