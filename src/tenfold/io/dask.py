"""The door to dask.array: its chunks as blocks of ours, and an array of ours as something that it reads."""

import uuid
from typing import Any


class DaskBlocks:
    """Computes chunks of a dask array; a function of blocks without arguments."""

    __name__ = "from_dask"

    def __init__(self, array: Any) -> None:
        self._array = array
        self.tenfold_key = f"dask {array.name}"

    def __call__(self, *, block_id: tuple[int, ...]) -> Any:
        """The values of one chunk."""
        return self._array.blocks[block_id].compute()


class _Reader:
    """An array of ours as Dask reads arrays: by slices, real NumPy coming out."""

    def __init__(self, array: Any) -> None:
        self._array = array
        self.shape, self.dtype, self.ndim = array.shape, array.dtype, array.ndim

    def __getitem__(self, key: Any) -> Any:
        return self._array[key].compute()


def as_dask(array: Any, chunks: Any) -> Any:
    """A dask array of those chunks."""
    import dask.array  # noqa: PLC0415 (only who uses it has it)

    from_array: Any = dask.array.from_array
    return from_array(_Reader(array), chunks, name=f"tenfold-{uuid.uuid4().hex}", asarray=False)
