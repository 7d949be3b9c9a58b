"""Arenas keep copies: what the originals become later does not show, and few rows take few bytes."""

import numpy as np
import pyarrow as pa

import tenfold.pandas as pd
from tenfold.run.arena import LARGEST, Arena


def test_numbers_and_text_survive_what_was_copied():
    arena, numbers = Arena(), np.arange(1000.0)
    kept = [arena.keep(numbers + k) for k in range(50)]
    numbers[:] = -1
    for k, array in enumerate(kept):
        assert array.tolist() == [*np.arange(1000.0) + k]
    for texts in (["a", None, "bcd"], ["é"], [], [None]):
        original = pa.array(texts, pa.large_string())
        assert arena.keep(original).equals(original)


def test_arrays_share_blocks_and_a_large_one_has_its_own():
    arena = Arena()
    small = [arena.keep(np.zeros(100, "i4")) for _ in range(20)]
    assert len({array.base.base.ctypes.data if array.base.base is not None else array.base.ctypes.data
                for array in small}) < 8  # fmt: skip
    assert arena.keep(np.ones(LARGEST, "f8")).sum() == LARGEST
    assert all(not array.any() for array in small)


def test_a_filter_that_keeps_few_rows_keeps_few_bytes(tmp_path):
    path = tmp_path / "numbers.csv"
    path.write_text("x,s\n" + "".join(f"{n},t{n}\n" for n in range(50_000)))
    frame = pd.read_csv(path)
    few = frame[frame.x % 10_000 == 0].persist()
    assert few.compute()["s"].tolist() == [f"t{n}" for n in range(0, 50_000, 10_000)]
    assert few.compute().index.tolist() == [*range(0, 50_000, 10_000)]
