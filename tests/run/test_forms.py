"""Plans over memory are optimised and lowered once for each form: with answers for the data at hand, and none kept."""

import gc
import weakref
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

import tenfold.pandas as tf
from tenfold import collect, config
from tests.assert_same import assert_same

PROGRAMS = {
    "filter": lambda df: df[df.x > 0],
    "column": lambda df: df.x * 2 + df.k,
    "groups": lambda df: df[df.x > 0].groupby("k").x.mean(),
    "two stages": lambda df: df.groupby(df.t.dt.hour).x.sum() * 2,
    "first rows": lambda df: df[df.x > 0].head(3),
    "text": lambda df: df[df.s == "a"].groupby("s").x.count(),
    "all of it": lambda df: df[list(df)],
}


def frame(seed, rows=50):
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "x": random.normal(size=rows),
            "k": random.integers(0, 4, rows),
            "s": random.choice(["a", "b"], rows),
            "t": np.datetime64("2020-01-01", "us") + random.integers(0, 86_400, rows) * np.timedelta64(1, "s"),
        }
    )


@pytest.fixture(autouse=True)
def nothing_kept():
    collect._kept.cache_clear()


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_second_run_answers_for_its_own_data(name):
    planned = []
    for seed in range(3):
        real = frame(seed)
        assert_same(PROGRAMS[name](tf.from_pandas(real)), PROGRAMS[name](real), rtol=1e-12)
        planned.append(collect._kept.cache_info().misses)
    assert planned[0] > 0
    if name in ("column", "all of it"):  # elsewhere how many rows come out of a stage differs
        assert planned[0] == planned[2]


def test_columns_types_lengths_and_settings_are_part_of_a_form():
    def planned(real):
        before = collect._kept.cache_info().misses
        assert_same(tf.from_pandas(real)["x"] + 1, real["x"] + 1)
        return collect._kept.cache_info().misses - before

    real = frame(0)
    changed = [real[:-1], real.assign(x=real.x.astype("f4")), real.drop(columns="k"), real[["k", "x", "s", "t"]]]
    assert [planned(other) for other in (real, real, *changed)] == [1, 0, 1, 1, 1, 1]
    with config.set(compile_rows=config.get("compile_rows") + 1):
        assert planned(real) == 1


def test_assigning_to_a_frame_shows():
    real = frame(1)
    ours = tf.from_pandas(real)
    for factor in (2, 3):
        for df in (real, ours):
            df["x"] = df.x * factor
        assert_same(ours.groupby("k").x.sum(), real.groupby("k").x.sum(), rtol=1e-12)


@pytest.mark.parametrize("name", PROGRAMS)
def test_no_data_are_kept_alive(name):
    ours = tf.from_pandas(frame(2))
    kept = [weakref.ref(array) for chunk in ours._rows.source.chunks for array in chunk.values() if array is not None]
    PROGRAMS[name](ours).compute()
    del ours
    gc.collect()
    assert [ref() for ref in kept] == [None] * len(kept)


def test_what_is_read_from_files_has_no_form(tmp_path):
    frame(3).to_parquet(tmp_path / "a.parquet")
    with config.set(cache_bytes=0):
        assert_same(tf.read_parquet(tmp_path / "a.parquet").x.sum(), frame(3).x.sum(), rtol=1e-12)
    info = collect._kept.cache_info()
    assert info.currsize <= 1  # the answer's own


def test_threads_of_the_user_share_what_is_kept():
    def difference(seed):
        real = frame(seed)
        return (tf.from_pandas(real).x + 1).compute() - (real.x + 1)

    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(difference, range(64)):
            assert (found == 0).all()
    assert collect._kept.cache_info().currsize == 1
