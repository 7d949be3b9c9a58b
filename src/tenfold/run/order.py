"""Whether rows lie in the order of their groups: what pandas goes by when it chooses the type of float32 means."""

from typing import Any

import numpy as np
import pyarrow as pa

from tenfold.dtypes import DType, numeric
from tenfold.io import resident
from tenfold.io.memory import MemorySource
from tenfold.run.answer import text_ranks

NAT = np.iinfo("i8").min


def in_order(keys: MemorySource) -> bool:
    """Whether rows ascend by all columns together, after those that lack a value in one."""
    rows = keys.rows()
    ascends, missing = np.ones(max(rows - 1, 0), "?"), np.zeros(rows, "?")
    for name, dtype in reversed(keys.schema):
        parts = [resident.home(chunk[name]) for chunk in keys.chunks]
        codes, absent = _codes(parts, dtype) if parts else (np.empty(0), np.empty(0, "?"))
        missing |= absent
        ascends = (codes[:-1] < codes[1:]) | ((codes[:-1] == codes[1:]) & ascends)
    return bool((missing[:-1] | (~missing[1:] & ascends)).all())


def _codes(parts: list[Any], dtype: DType) -> tuple[Any, Any]:
    """Numbers in the order of a column's values, and which of them are missing."""
    if dtype.kind == "O":
        pieces = [piece for part in parts for piece in getattr(part, "chunks", [part])]
        encoded = pa.chunked_array(pieces, pa.large_string()).combine_chunks().dictionary_encode()
        absent = encoded.indices.is_null().to_numpy(zero_copy_only=False)
        codes = np.zeros(len(absent), "i8")
        codes[~absent] = text_ranks(encoded.filter(pa.array(~absent)))
        return codes, absent
    values = np.concatenate(parts)
    return values, values == NAT if dtype.kind == "M" else values != values


def narrowed(source: MemorySource, names: list[str]) -> MemorySource:
    """A table with some columns of float64 as float32."""
    schema = tuple((name, numeric("f4") if name in names else dtype) for name, dtype in source.schema)
    chunks = tuple(
        {name: array.astype("f4") if name in names else array for name, array in chunk.items()}
        for chunk in source.chunks
    )
    return MemorySource(schema, chunks, source.lengths, source.label, source.hidden)
