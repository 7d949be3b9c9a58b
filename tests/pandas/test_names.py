"""Every name of pandas is there, with its signature; objects are pandas' own, and ours."""

import copy
import inspect
import pickle
import types
import warnings

import numpy as np
import pandas as pd
import pytest

import tenfold.pandas as tf
from tenfold import config
from tenfold.errors import NotYetError, OverBudgetError
from tenfold.fallback import FallbackWarning
from tenfold.pandas.door import OURS
from tests.assert_same import assert_same

PUBLIC = [name for name in dir(pd) if not name.startswith("_")]
CLASSES = [name for name in PUBLIC if isinstance(getattr(pd, name), type)]
REAL = pd.DataFrame({"k": [1, 2, 1, 2], "x": [0.25, 0.5, 0.75, np.nan], "w": ["a", "b", None, "d"]})


@pytest.fixture(autouse=True)
def _allowed(_lenient):
    """Fallbacks are what is tested here."""


def signature(found):
    try:
        return str(inspect.signature(found))
    except (TypeError, ValueError):
        return ""


def test_all_names_are_there():
    assert [name for name in PUBLIC if not hasattr(tf, name)] == []
    functions = [name for name in PUBLIC if isinstance(getattr(pd, name), types.FunctionType)]
    assert [name for name in functions if signature(getattr(tf, name)) != signature(getattr(pd, name))] == []


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_has_all_that_pandas_has(name):
    own, real = getattr(tf, name), getattr(pd, name)
    names = [attribute for attribute in dir(real) if not attribute.startswith("_")]
    assert [attribute for attribute in names if not hasattr(own, attribute)] == []
    assert signature(own) == signature(real)
    methods = [a for a in names if callable(getattr(real, a)) and not isinstance(getattr(real, a), type)]
    assert [a for a in methods if signature(getattr(own, a)) != signature(getattr(real, a))] == []


def test_no_name_of_ours_hides_one_of_pandas():
    """A private name of ours that pandas has too would be called by its code."""
    meant = {
        "_constructor", "_constructor_from_mgr", "_constructor_sliced", "_constructor_sliced_from_mgr", "_repr_html_",
        "_constructor_expanddim", "_constructor_expanddim_from_mgr", "_arith_method", "_can_use_libjoin",
        "_get_engine_target",
    }  # fmt: skip
    for own in (tf.DataFrame, tf.Series, tf.Index, type(tf.DataFrame(REAL).groupby("k"))):
        real = next(cls for cls in own.__mro__ if cls.__module__.startswith("pandas"))
        ours = {n for cls in own.__mro__ if cls.__module__.startswith("tenfold") for n in vars(cls)}
        hidden = {n for n in ours if n.startswith("_") and not n.startswith("__") and hasattr(real, n)}
        assert hidden <= meant


def test_a_lazy_frame_is_one_of_pandas():
    df = tf.from_pandas(REAL)
    lazy = df[df.x > 0.25]
    assert isinstance(lazy, pd.DataFrame)
    assert "_mgr" not in vars(lazy)
    assert_same(tf.DataFrame(pd.concat([lazy, lazy])), pd.concat([REAL[REAL.x > 0.25]] * 2))
    assert "_mgr" in vars(lazy)


RESULTS = {
    "sort": lambda d: d.sort_values("x"),
    "merge": lambda d: d.merge(d, on="k"),
    "describe": lambda d: d.describe(),
    "window": lambda d: d.x.rolling(2).mean(),
    "text": lambda d: d.w.str.upper(),
    "groups": lambda d: d.groupby("k").x.transform("max"),
    "windows of groups": lambda d: d.groupby("k").x.rolling(2).mean(),
    "a choice of columns of them": lambda d: d.groupby("k").expanding()["x"].sum(),
    "own function": lambda d: d.groupby("k")[["x"]].apply(lambda g: g.max()),
    "labels": lambda d: d.loc[[0, 2], "x"],
    "positions": lambda d: d.iloc[1:3],
    "columns": lambda d: d.columns,
    "index": lambda d: d.index,
    "alignment": lambda d: d.x + d[d.k == 1].x,
    "list of columns": lambda d: d.assign(new=[1, 2, 3, 4]),
}


def test_what_frames_hand_out_to_work_on_is_ours():
    made = [value for name, value in vars(pd.api.typing).items() if "GroupBy" in name or name.endswith("Resampler")]
    assert [cls for cls in made if cls not in OURS] == []


@pytest.mark.parametrize("small_cells", [0, 1000])
@pytest.mark.parametrize("name", RESULTS)
def test_what_pandas_answers_is_ours(name, small_cells):
    with config.set(small_cells=small_cells):
        ours = RESULTS[name](tf.from_pandas(REAL))
        assert type(ours).__module__.startswith("tenfold")
        assert_same(ours, RESULTS[name](REAL))


CHANGES = {
    "one value": lambda d: d.loc.__setitem__((1, "x"), 9.0),
    "a column": lambda d: d.__setitem__("x", d.x * 2),
    "a new column": lambda d: d.__setitem__("new", d.k + 1),
    "inplace": lambda d: d.dropna(inplace=True),
    "labels": lambda d: setattr(d, "index", list("pqrs")),
    "name of labels": lambda d: setattr(d.index, "name", "i"),
    "names": lambda d: setattr(d, "columns", ["p", "x", "q"]),
    "insert": lambda d: d.insert(0, "first", 1),
    "pop": lambda d: d.pop("k"),
    "del": lambda d: d.__delitem__("w"),
}


@pytest.mark.filterwarnings("ignore:The inplace keyword:pandas.errors.Pandas4Warning")
@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("looked", [False, True], ids=["", "looked at before"])
def test_a_change_is_seen_by_native_and_pandas_methods(name, looked):
    """A form made of memory may not outlive a write into it, and no other frame sees the write."""
    real, ours = REAL.copy(), tf.from_pandas(REAL)
    other, lazy = ours.copy(), ours[ours.k > 0]
    if looked:
        ours.x.sum(), ours.sort_values("x")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", pd.errors.Pandas4Warning)  # of inplace
        CHANGES[name](real), CHANGES[name](ours)
    assert_same(ours.x.sum(), real.x.sum())
    assert_same(ours[ours.x > 0], real[real.x > 0])
    assert_same(ours.sort_values("x"), real.sort_values("x"))
    assert_same(other, REAL)
    assert_same(lazy, REAL[REAL.k > 0])


def test_labels_share_no_writes_with_a_series():
    dates = tf.date_range("2016-01-01", periods=4, tz="US/Pacific")
    series = tf.Series(dates)
    series[0] = tf.NaT
    assert dates[0] == pd.Timestamp("2016-01-01", tz="US/Pacific")


def test_copies_and_pickles():
    df = tf.from_pandas(REAL)
    for made in (
        copy.copy(df),
        copy.deepcopy(df),
        pickle.loads(pickle.dumps(df)),
        pickle.loads(pickle.dumps(df[df.k > 0])),
    ):
        assert type(made) is tf.DataFrame
        assert_same(made, REAL)


def test_subclasses_stay():
    class Mine(tf.DataFrame):
        @property
        def _constructor(self):
            return Mine

    made = Mine(REAL)
    assert type(made.head(2)) is type(made[made.k > 1]) is Mine


def test_attrs_and_flags_go_along():
    real, ours = REAL.copy(), tf.from_pandas(REAL)
    real.attrs["a"] = ours.attrs["a"] = 1
    assert ours[ours.k > 1].attrs == real[real.k > 1].attrs == {"a": 1}
    with pytest.raises(pd.errors.DuplicateLabelError):
        tf.concat([ours.set_flags(allows_duplicate_labels=False)] * 2)


def test_a_notice_for_each_line():
    df = tf.from_pandas(REAL)
    with pytest.warns(FallbackWarning) as told:  # noqa: PT031
        for _ in range(3):
            df.sort_values("x")
        df.sort_values("k")
    assert [w.filename for w in told] == [__file__] * 2
    assert "it orders rows" in str(told[0].message)
    with config.set(strict=True), pytest.raises(NotYetError, match="it orders rows"):
        df.sort_values("x")


def test_what_does_not_fit_is_refused_before_it_runs(tmp_path):
    path = tmp_path / "a.csv"
    pd.DataFrame({"a": np.arange(300_000)}).to_csv(path, index=False)
    df = tf.read_csv(path)
    with config.set(memory_bytes=1 << 20):
        with pytest.raises(OverBudgetError, match="pandas on a DataFrame"):
            df.sort_values("a")
        assert df.a.max() == 299_999
        assert_same(df.head(3).sort_values("a"), pd.DataFrame({"a": [0, 1, 2]}))


def test_a_loop_of_fallbacks_computes_once(monkeypatch):
    df = tf.from_pandas(REAL)
    lazy, runs = df[df.k > 0], []
    monkeypatch.setattr(
        tf.DataFrame, "_computed", lambda self, real=tf.DataFrame._computed: runs.append(1) or real(self)
    )
    for _ in range(10):
        lazy.rank(numeric_only=True)
    assert runs == [1]


def test_writing_into_what_nobody_holds_warns_as_pandas_does():
    for small_cells in (0, 1000):
        with config.set(small_cells=small_cells):
            df = tf.from_pandas(REAL)
            with pytest.warns(pd.errors.ChainedAssignmentError):
                df["x"][0] = 1.0
            with pytest.warns(pd.errors.ChainedAssignmentError):
                df["x"].fillna(0, inplace=True)
