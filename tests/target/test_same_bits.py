"""One kernel, one answer: the same bits on every target, at any number of partitions and threads, in any row order."""

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

import tenfold.pandas as tf
from tenfold import config
from tenfold.target import cache, python
from tests import programs
from tests.assert_same import assert_same
from tests.conftest import use_target
from tests.kernels import kernels

PARTITIONS = (1, 2, 3, 7, 130)


@pytest.fixture(scope="module")
def frame():
    return programs.frame()


@pytest.fixture(scope="module")
def answers(frame):
    """What `blocks` answers in one piece."""
    with config.set(target="blocks", threads=1, morsel_rows=1 << 20):
        return {name: program(tf.from_pandas(frame)).compute() for name, program in programs.PROGRAMS.items()}


@pytest.fixture(scope="module", autouse=True)
def _compiled(frame, kernel_folder):
    """Compile all that is run here in one helper process, on the way."""
    df, values = tf.from_pandas(frame), tf.from_pandas(wide(1, 0.0))
    lazy = [program(df) for program in programs.PROGRAMS.values()]
    lazy += [sums(values), guarded_sums(values), sums_of_positive(df), df[df.y > 0], by_key(df)]
    found = dict.fromkeys(k for each in lazy for k in kernels(each))
    with config.set(cache_dir=kernel_folder):
        requests = [cache.Request(python.text(k), python.ENTRY, python.SIGNATURE) for k in found]
        cache.request_all(requests)
        assert all(cache.wait(request) for request in requests)
        with config.set(target="cpu"):
            programs.PROGRAMS["reduced"](df).compute()  # a mean of float32 looks at its keys first


@pytest.mark.parametrize("partitions", PARTITIONS)
@pytest.mark.parametrize("name", programs.PROGRAMS)
def test_machine_code_gives_the_same_bits(name, partitions, executor, frame, answers):
    before = cache.compilations
    with config.set(target="cpu", morsel_rows=-(-len(frame) // partitions)):
        assert_same(programs.PROGRAMS[name](tf.from_pandas(frame)), answers[name])
    assert cache.compilations == before, "the fixture compiles all that is run here"


@pytest.mark.parametrize("partitions", [1, 3, 130])
@pytest.mark.parametrize("name", programs.PROGRAMS)
def test_the_text_as_plain_python_gives_the_same_bits(name, partitions, frame, answers, monkeypatch):
    with use_target("python", monkeypatch), config.set(morsel_rows=-(-len(frame) // partitions)):
        assert_same(programs.PROGRAMS[name](tf.from_pandas(frame)), answers[name])


@pytest.mark.parametrize("name", programs.PROGRAMS)
def test_blocks_give_the_same_bits_in_pieces(name, executor, frame, answers):
    with config.set(target="blocks", morsel_rows=10):
        assert_same(programs.PROGRAMS[name](tf.from_pandas(frame)), answers[name])


@pytest.mark.parametrize("name", ["taxi", "reduced", "by_dense_keys", "by_hashed_keys", "by_late_field"])
def test_the_order_of_the_rows_does_not_matter_to_sums(name, frame, answers, quick_target):
    for seed in range(3):
        shuffled = frame.sample(frac=1, random_state=seed)
        assert_same(programs.PROGRAMS[name](tf.from_pandas(shuffled)), answers[name])


# -- sums of values that no window holds at once --------------------------------------------------------------------


def wide(rows, special, seed=1):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(2, rows)) * 10.0 ** rng.integers(-300, 300, (2, rows))
    values[:, rng.random(rows) < 0.05] = special
    return pd.DataFrame({"k": rng.integers(0, 5, rows).astype("i1"), "v": values[0], "w": values[1]})


def sums(df):
    return df.groupby("k").agg({"v": ["sum", "mean"], "w": "sum"})


def guarded_sums(df):
    return sums(df[df.v != 0])


@pytest.mark.parametrize("special", [0.0, 5e-324, np.inf, -np.inf, np.nan, 1.7e308])
@pytest.mark.parametrize("program", [sums, guarded_sums])
def test_windows_widen_to_the_same_sums(program, special, target, executor):
    frame = wide(2_000 if target != "python" else 300, special)
    with config.set(target="blocks", morsel_rows=1 << 20):
        answer = program(tf.from_pandas(frame)).compute()
    with config.set(morsel_rows=97):
        assert_same(program(tf.from_pandas(frame)), answer)


def test_sums_of_wide_values_are_exact(target):
    frame = wide(500, 0.0)
    exact = [float(sum(map(Fraction, frame.v[frame.k == k].tolist()))) for k in range(5)]
    assert tf.from_pandas(frame).groupby("k").v.sum().compute().tolist() == exact


@pytest.mark.usefixtures("target")
def test_infinities_of_both_signs_add_up_to_nan():
    df = tf.DataFrame({"k": np.zeros(3, "i1"), "v": [np.inf, 1.0, -np.inf], "w": [1.0, -np.inf, np.nan]})
    assert np.isnan(sums(df).compute()["v", "sum"].item())
    assert sums(df).compute()["w", "sum"].item() == -np.inf


def by_key(df):
    return df.groupby("k").agg({"x": ["sum", "mean"]})


def sums_of_positive(df):
    return by_key(df[df.y > 0])


# -- filters and persist ------------------------------------------------------------------------------------------


def test_persist_before_or_after_a_filter_changes_no_bit(frame, target):
    df = tf.from_pandas(frame)
    answer = sums_of_positive(df).compute()
    assert_same(sums_of_positive(df.persist()), answer)
    assert_same(by_key(df[df.y > 0].persist()), answer)
