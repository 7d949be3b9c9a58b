"""The judge of frames judged: tests whose outcomes are known, of tenfold.pandas with a sum that is wrong."""

import os
from pathlib import Path

import pandas
import pytest

from tests.conformance.trial import trial

INI = Path(__file__).with_name("suite.ini")
TESTS = Path(pandas.__file__).parent / "tests"

WRONG = """
from tests.conformance.frames.subject import *
from tests.conformance.frames import subject

for name, value in vars(subject).items():
    if name.startswith("__put_"):
        globals()[name] = value

Series.sum = lambda self, **options: self.to_pandas().sum(**options) + 1
"""
CASES = """
__name__ = "pandas.tests.fake"
import os
import pandas as pd
import pandas._testing as tm
import pytest

def test_right(): tm.assert_series_equal(pd.Series([1.0]) + 1, pd.Series([2.0]))
def test_whole(): tm.assert_series_equal(pd.Series([1.0, 2.0]).cumsum(), pd.Series([1.0, 3.0]))
def test_nothing_of_ours(): assert pd.NA is not None
def test_wrong_values(): tm.assert_series_equal(pd.Series([1.0]) + 1, pd.Series([3.0]))
def test_wrong_in_a_bare_assert(): assert pd.Series([1, 2]).sum() == 3
def test_wrong_dtype(): tm.assert_series_equal(pd.Series([1]), pd.Series([1.0]))
def test_wrong_shape(): tm.assert_frame_equal(pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [1, 2]}))
def test_wrong_labels(): tm.assert_series_equal(pd.Series([1], ["a"]), pd.Series([1], ["b"]))
def test_identity():
    made = pd.Series([1])
    assert made + 0 is made
def test_no_error():
    with pytest.raises(TypeError):
        pd.Series([1])
def test_name(): pd.Series([1]).nowhere
def test_error_without_an_object(): raise OSError("of the machine")
def test_crash(): os._exit(3)
def test_after_the_crash(): tm.assert_index_equal(pd.Index([1]), pd.Index([1]))
"""
FAILED = {
    "wrong_values": "wrong values",
    "wrong_in_a_bare_assert": "wrong values",
    "wrong_dtype": "wrong dtype",
    "wrong_shape": "wrong shape",
    "wrong_labels": "wrong labels",
    "identity": "identity",
    "no_error": "no error where the original raises",
    "name": "a missing attribute",
    "error_without_an_object": "another error: OSError",
    "crash": "crash",
}
SETTINGS = {"TENFOLD_SMALL_CELLS": "0", "TENFOLD_TARGET": "blocks", "PUT_EXPECTED": os.devnull, "PUT_WHOLE": "0"}
OPTIONS = "-p tests.conformance.frames.plugin -p no:randomly -p no:cacheprovider --tb no -q"


def judge(tmp_path, test, *more, root, **settings):
    """What became of each test, the exit status and what was said."""
    place = ["-c", INI, "--rootdir", root]
    return trial(tmp_path, [*OPTIONS.split(), *place, *more, test], "PUT", SETTINGS | settings)


@pytest.fixture(scope="module")
def fake(tmp_path_factory):
    pytest.importorskip("xdist")  # the only way to survive a crash
    folder = tmp_path_factory.mktemp("fake")
    (folder / "off_by_one.py").write_text(WRONG)
    (folder / "test_fake.py").write_text(CASES)
    (folder / "expected.txt").write_text("test_fake.py::test_name  there is none\n")
    listed = {"PUT_MODULE": "off_by_one", "PUT_EXPECTED": str(folder / "expected.txt")}
    results, status, said = judge(folder, folder / "test_fake.py", "-n", "1", root=folder, **listed)
    return {name.partition("::test_")[2]: found for name, found in results.items()}, status, said


def test_each_failure_has_its_reason(fake):
    results, status, _ = fake
    assert {name: found["reason"] for name, found in results.items() if found["outcome"] == "failed"} == FAILED
    assert {name for name, found in results.items() if found.get("wrong")} == {
        name for name, reason in FAILED.items() if reason.startswith("wrong")
    }
    assert status == 1


def test_what_is_judged_and_what_is_native(fake):
    results, _, said = fake
    assert {name for name, found in results.items() if not found["judged"]} == {
        "nothing_of_ours", "error_without_an_object"
    }  # fmt: skip
    assert {name: found["fallbacks"] for name, found in results.items() if found["fallbacks"]} == {
        "whole": ["pandas.Series.cumsum"]
    }
    assert "| **all** | 12 | 3 | 25.0 % | 66.7 % | 0.0 % | 0.0 % | 66.7 % | 9 | 5 |" in said
    assert "1 tests failed without an object of ours" in said


def test_the_list_is_held_to_what_it_says(fake):
    _, _, said = fake
    assert "test_identity: fails and is not listed" in said
    assert "test_wrong_values: is wrong, which only a contract excuses" in said
    assert "test_name: fails" not in said
    assert "test_crash: ended its process, which nothing excuses" in said


def test_pandas_itself_never_fails_and_is_not_judged(tmp_path):
    options = "--no-strict-data-files", "--import-mode=prepend"
    settings = {"PUT_MODULE": "pandas", "PUT_PACKAGE": "pandas"}
    path = TESTS / "series/test_reductions.py"
    results, status, _ = judge(tmp_path, path, *options, root=TESTS.parents[1], **settings)
    assert len(results) > 20
    assert {(found["outcome"], found["judged"]) for found in results.values()} == {("passed", False)}
    assert status == 0
