"""Random frames and random programs: tenfold answers what pandas answers, or says that it cannot yet.

A program is a few lines of pandas code (`frames.py`), run on a real frame and on ours. The levels must agree with each
other too, bit for bit: the interpreter on the plan as written and as optimised, and what the engine computes.
"""

import warnings
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, note
from hypothesis import strategies as st

import tenfold.pandas as tf
from tenfold import config
from tenfold.collect import collect
from tenfold.errors import NotYetError
from tenfold.expr.interpret import interpret
from tenfold.pandas import convert
from tenfold.pandas.rows import Rows
from tenfold.plan import optimise
from tests.assert_same import assert_same
from tests.frames import frames, programs

MOST_SKIPPED = 0.25
counts = Counter()


@pytest.fixture(scope="module", autouse=True)
def _most_programs_run():
    yield
    if counts["run"] > 100:
        assert counts["skipped"] / counts["run"] < MOST_SKIPPED, counts


def run(lines, df, persist):
    """What a program leaves in `out`."""
    names = {"df": df, "persist": persist}
    exec("\n".join(lines), names)
    return names["out"]


@pytest.fixture(autouse=True)
def _native():
    """What pandas would answer in our place is no answer of ours."""
    with config.set(strict=True):
        yield


def run_real(lines, frame):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return run(lines, frame.copy(), lambda df: df.copy())


def outcome(compute):
    """(answer, None), or (None, the exception's class)."""
    try:
        return compute(), None
    except NotYetError:
        raise
    except Exception as error:
        note(f"raised {error!r}")
        return None, type(error)


def computed(lines, frame):
    answer = run(lines, tf.from_pandas(frame), lambda df: df.persist())
    return answer.compute() if isinstance(answer, Rows) else answer


def compare(lines, frame):
    """Both answers, or both errors; False where tenfold says that it cannot yet."""
    note("\n".join(lines))
    counts["run"] += 1
    real, refused = outcome(lambda: run_real(lines, frame))
    try:
        ours, error = outcome(lambda: computed(lines, frame))
    except NotYetError as reason:
        counts["skipped"] += 1
        counts[str(reason)[:60]] += 1
        return False
    assert error is refused, f"raised {error}, pandas {refused}"
    if refused is None:
        atol = 1e-6 if max_integer(frame) < 1 << 40 else 1e4
        assert_same(ours, real, rtol=1e-9, atol=atol)
    return True


def max_integer(frame):
    """The largest integer, by size: where such add up as floats and cancel, pandas keeps few bits, and we all."""
    return max([abs(int(value)) for name in frame.select_dtypes("integer") for value in frame[name]], default=0)


@given(data=st.data())
def test_programs_answer_what_pandas_answers(data, quick_target, executor):
    frame = data.draw(frames())
    with config.set(morsel_rows=7):
        compare(data.draw(programs(frame)), frame)


@given(data=st.data())
def test_the_levels_agree_bit_for_bit(data, quick_target):
    frame = data.draw(frames())
    lines = data.draw(programs(frame))
    note("\n".join(lines))
    with config.set(morsel_rows=7):
        plan = plan_of(lines, frame)
        if plan is not None:
            assert_levels_agree(plan)


def plan_of(lines, frame):
    """What a program asks of the engine; None where it asks at once, or fails, which is the other test's."""
    try:
        out = run(lines, tf.from_pandas(frame), lambda df: df)
        return out._plan() if isinstance(out, Rows) and collect(out._plan()) else None
    except Exception:
        return None


def assert_levels_agree(plan):
    meaning = interpret(plan)
    best = optimise(plan)
    assert optimise(best) is best, "a second pass found more to do"
    assert_same_columns(interpret(best), meaning)
    result = collect(plan)
    assert_same_columns({name: pd.Series(convert.column(result, name)) for name, _ in result.schema}, meaning)


def assert_same_columns(ours, meaning):
    assert list(ours) == list(meaning)
    for name, column in meaning.items():
        assert_same_bits(ours[name].reset_index(drop=True), column.reset_index(drop=True))


def assert_same_bits(ours, meaning):
    assert ours.dtype == meaning.dtype
    if meaning.dtype.kind == "f":
        np.testing.assert_array_equal(ours.to_numpy(), meaning.to_numpy())
        signs = np.signbit(ours.to_numpy()) == np.signbit(meaning.to_numpy())
        assert (signs | np.isnan(meaning.to_numpy()) | (meaning.to_numpy() == 0)).all()
    else:
        pd.testing.assert_extension_array_equal(ours.array, meaning.array)
