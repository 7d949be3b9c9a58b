"""What is not native runs in the real library: the same answer, one notice at the user's line, an error if strict."""

import warnings

import numpy as real
import pandas
import pytest

import tenfold.numpy as np
import tenfold.pandas as pd
from tenfold import config, fallback
from tenfold.errors import NotYetError
from tenfold.fallback import FallbackWarning

FRAME = pandas.DataFrame({"k": ["a", "b", "a"], "x": [3.0, 1.0, 2.0], "nbytes": [1, 2, 3]})


@pytest.fixture(autouse=True)
def _forget():
    fallback.forget()


def back(value):
    return pd.from_pandas(value) if isinstance(value, (pandas.DataFrame, pandas.Series)) else value


def through_pandas(name, *args, **options):
    """A method as frames may take it: of the first argument, by pandas."""
    return fallback.call(
        f"pandas.{name}", lambda first, *a, **o: getattr(first, name)(*a, **o), args, options,
        own=(pd.DataFrame, pd.Series), real=lambda ours: ours.compute(), back=back,
    )  # fmt: skip


def computed(value):
    return value.compute() if hasattr(value, "compute") else value


@pytest.mark.parametrize(
    "program",
    [
        lambda call, df: call("sort_values", df, "x"),
        lambda call, df: call("rank", df.x, ascending=False),
        lambda call, df: call("nunique", df.x),
        lambda call, df: call("merge", df, df, on="k"),
        lambda call, df: call("combine_first", df.x, other=df.nbytes),
        lambda call, df: call("assign", df, y=df.x),
        lambda call, df: call("align", df.x, df.nbytes)[1],
        lambda call, df: call("to_dict", df),
    ],
)
@pytest.mark.filterwarnings("ignore::tenfold.fallback.FallbackWarning")
def test_pandas_answers(program):
    made = computed(program(through_pandas, pd.from_pandas(FRAME)))
    expected = program(lambda name, first, *args, **options: getattr(first, name)(*args, **options), FRAME)
    if isinstance(expected, pandas.DataFrame):
        pandas.testing.assert_frame_equal(made, expected)
    elif isinstance(expected, pandas.Series):
        pandas.testing.assert_series_equal(made, expected)
    else:
        assert made == expected


def test_one_notice_with_function_reason_and_bytes_at_the_users_line():
    df = pd.from_pandas(FRAME)
    with pytest.warns(FallbackWarning, match=r"pandas\.sort_values .* \([0-9,]{2,} bytes\): no native form") as said:
        through_pandas("sort_values", df, "x")
    assert len(said) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        through_pandas("sort_values", df, "k")
    with pytest.warns(FallbackWarning, match=r"numpy\.packbits .*48 bytes") as said:
        np.packbits(np.arange(6))
    assert said[0].filename == __file__


def test_strict():
    with config.set(strict=True):
        with pytest.raises(NotYetError, match="strict=False"):
            through_pandas("sort_values", pd.from_pandas(FRAME), "x")
        with pytest.raises(NotYetError, match=r"numpy\.packbits"):
            np.packbits(np.arange(6))


def test_in_place_is_refused():
    with pytest.raises(NotYetError, match="inplace"):
        through_pandas("sort_values", pd.from_pandas(FRAME), "x", inplace=True)
    assert not fallback._said  # nothing ran


def test_errors_are_the_librarys_own():
    with pytest.warns(FallbackWarning), pytest.raises(KeyError, match="none"):
        through_pandas("sort_values", pd.from_pandas(FRAME), "none")


def test_ours_inside_of_containers():
    x = np.arange(3)
    seen = []

    def function(*args, **options):
        seen.append((args, options))
        return [real.arange(2), (1, "text")]

    with pytest.warns(FallbackWarning, match="72 bytes"):
        made = fallback.call(
            "f", function, ([x, 1], {"a": (x,)}), {"b": x},
            own=np.ndarray, real=lambda ours: ours.compute(), back=lambda value: np.array(value),
        )  # fmt: skip
    ((first, second), options) = seen[0]
    assert all(type(value) is real.ndarray for value in (first[0], second["a"][0], options["b"]))
    assert isinstance(made, list)
    assert made[0].tolist() == [0, 1]


@pytest.mark.parametrize(
    ("value", "size"), [(FRAME, int(FRAME.memory_usage().sum())), (FRAME.x, FRAME.x.memory_usage()), (1, 0)]
)
def test_bytes(value, size):
    assert fallback.nbytes(value) == size


def test_containers_keep_their_type():
    assert fallback.each([1, 2], str) == ["1", "2"]
    assert fallback.each((1, 2), str) == ("1", "2")
    assert fallback.each({"a": 1}, str) == {"a": "1"}
    assert fallback.each("ab", str.upper) == "ab"
    named = real.linalg.eigh(real.eye(1))
    assert type(fallback.each(named, real.shape)) is type(named)
