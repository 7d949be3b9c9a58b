"""What pandas runs on some rows after others is what it answers on all of them."""

import warnings

import numpy as np
import pandas as pd
import pytest

import tenfold.pandas as tf
from tenfold import config, fallback
from tests.pandas.test_carried import ROWS, VALUES

COLUMNS = VALUES | {
    "text": pd.array(["a b", None, "B", "", "äx", "d1"], "str"),
    "integers": np.arange(ROWS) - 2,
    "floats": np.array([0.5, np.nan, -0.0, np.inf, 1e300, -2.5]),
    "booleans": np.array([True, False] * 3),
    "dates": pd.date_range("2020-01-31", periods=ROWS, freq="36h").array,
    "some dates": pd.to_datetime(["2020-01-01", None, "2020-12-31", None, "1960-02-29", None]).array,
    "texts and numbers": np.array(["a", 1, None, "b", 2.5, "c"], object),
    "missing first": pd.Series([None, None, None, "x", "y", 1], dtype=object).array,
    "bytes": np.array([b"a", b"b", b"", b"c", None, b"d"], object),
}
CALLS = {
    "plus": lambda s: s + 1,
    "plus itself": lambda s: s + s,
    "from": lambda s: 1 - s,
    "over": lambda s: s / 2,
    "by zero": lambda s: s // 0,
    "by the other": lambda s: s % s,
    "power": lambda s: s**2,
    "negative": lambda s: -s,
    "equal": lambda s: s == s.iloc[0],
    "less": lambda s: s < s.iloc[0],
    "not equal to itself": lambda s: s != s,
    "and": lambda s: s & True,
    "root": lambda s: np.sqrt(s),
    "finite": lambda s: np.isfinite(s),
    "missing": lambda s: s.isna(),
    "text": lambda s: s.astype(str),
    "string": lambda s: s.astype("string"),
    "objects": lambda s: s.astype(object),
    "masked": lambda s: s.astype("Int64"),
    "float": lambda s: s.astype("f8"),
    "categories": lambda s: s.astype("category"),
    "filled": lambda s: s.fillna(s.iloc[0]),
    "filled with text": lambda s: s.fillna("none"),
    "where": lambda s: s.where(s.notna(), s.iloc[0]),
    "where by position": lambda s: s.where(np.arange(len(s)) > 3),
    "mask": lambda s: s.mask(s == s.iloc[0]),
    "replaced": lambda s: s.replace({s.iloc[0]: s.iloc[2]}),
    "is in": lambda s: s.isin([s.iloc[0], s.iloc[3]]),
    "between": lambda s: s.between(s.iloc[0], s.iloc[2]),
    "clipped": lambda s: s.clip(upper=s.iloc[2]),
    "rounded": lambda s: s.round(1),
    "absolute": lambda s: s.abs(),
    "mapped": lambda s: s.map({s.iloc[0]: 1}),
    "upper": lambda s: s.str.upper(),
    "length": lambda s: s.str.len(),
    "contains": lambda s: s.str.contains("a"),
    "contains or not": lambda s: s.str.contains("a", na=False),
    "parts": lambda s: s.str.split(" "),
    "parts side by side": lambda s: s.str.split(" ", expand=True),
    "found": lambda s: s.str.extract(r"(?P<letter>[a-z])(\d)?"),
    "first letter": lambda s: s.str[0],
    "replaced text": lambda s: s.str.replace("a", lambda m: "z", regex=True),
    "year": lambda s: s.dt.year,
    "rounded up": lambda s: s.dt.ceil("D"),
    "named": lambda s: s.dt.day_name(),
    "written": lambda s: s.dt.strftime("%d.%m."),
    "here": lambda s: s.dt.tz_localize("Europe/Berlin"),
    "seconds": lambda s: s.dt.total_seconds(),
    "frame, plus": lambda s: s.to_frame() + s.to_frame(),
    "frame, filled": lambda s: s.to_frame("a").assign(b=1.5).fillna({"a": s.iloc[0]}),
    "frame, where": lambda s: s.to_frame().where(s.to_frame().notna()),
    "frame, types": lambda s: s.to_frame("a").astype({"a": object}),
    "frame and its row": lambda s: s.to_frame(0) == s,
}


def found(call, values):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return call(values)
        except Exception as error:
            return error


@pytest.mark.usefixtures("_lenient")
@pytest.mark.parametrize("values", COLUMNS)
def test_by_batch_is_as_on_the_whole(values):
    real = pd.Series(COLUMNS[values], pd.date_range("2020", periods=ROWS), dtype=COLUMNS[values].dtype, name="n")
    real.attrs["k"] = 1
    for name, call in CALLS.items():
        expected = found(call, real)
        with config.set(morsel_rows=2, threads=2):
            answer = found(call, tf.from_pandas(real))
        if isinstance(expected, Exception):
            assert type(answer) is type(expected), f"{name}: {answer!r:.200}, pandas raises {expected!r}"
            continue
        assert not isinstance(answer, Exception), f"{name}: {answer!r}"
        compare = (
            pd.testing.assert_frame_equal if isinstance(expected, pd.DataFrame) else pd.testing.assert_series_equal
        )
        compare(answer.compute(), expected, obj=name)
        assert answer.attrs == expected.attrs, name


def test_what_looks_at_one_row_runs_by_batch():
    fallback.counts.clear()
    ours = tf.from_pandas(pd.Series(list("abcdef"), dtype="str"))
    with config.set(morsel_rows=2):
        assert ours.str.upper().compute().tolist() == list("ABCDEF")
    assert fallback.counts == {("pandas.Series.str.upper", "batch"): 1}


@pytest.mark.usefixtures("_lenient")
def test_a_function_of_a_user_is_called_as_pandas_calls_it():
    calls = {tf: [], pd: []}
    for module, made in calls.items():
        with config.set(morsel_rows=2):
            series = module.Series([1, 2, 3, 4, 5])
            series.map(lambda x, made=made: made.append(x) or x)
            series.where(lambda s, made=made: made.append(len(s)) or s > 2)
    assert calls[tf] == calls[pd]
