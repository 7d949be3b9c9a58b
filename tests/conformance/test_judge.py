"""The judge judged: a small implementation with known faults, and tests of it whose outcomes are known."""

import os
from pathlib import Path

import numpy
import pytest

from tests.conformance.drawing import few, is_drawn
from tests.conformance.expected import Expected
from tests.conformance.judgement import compared, recorders, statement
from tests.conformance.trial import trial

SITE = Path(numpy.__file__).parents[1]

LAZY = '''
"""Checks nothing before it is computed, sums wrongly, and hands kron to NumPy."""
import numpy
from tenfold import fallback


class NotYet(NotImplementedError):
    pass


class ndarray:
    def __init__(self, make):
        self.make = make

    dtype = property(lambda self: numpy.asarray(self.compute()).dtype)
    nbytes = property(lambda self: numpy.asarray(self.compute()).nbytes)
    flags = property(lambda self: numpy.zeros((2, 2)).T.flags)

    def compute(self):
        if not hasattr(self, "made"):
            self.made = self.make()
        return self.made

    def __add__(self, other):
        return ndarray(lambda: self.compute() + real(other))

    def __truediv__(self, other):
        return ndarray(lambda: self.compute() / real(other))

    def sort(self):
        raise NotYet("not yet")


def real(value):
    return value.compute() if isinstance(value, ndarray) else value


def array(values, dtype=None):
    return ndarray(lambda: numpy.array(values, dtype))


def sum(a):
    return ndarray(lambda: real(a).sum() + 1)


def kron(*args):
    return fallback.call("numpy.kron", numpy.kron, args, {}, own=ndarray, real=real, back=lambda made: array(made))


def __getattr__(name):
    return getattr(numpy, name)
'''

TESTS = """
__name__ = "numpy.fake.tests.test_fake"
import os
import warnings
import numpy as np
import pytest
from numpy.testing import assert_, assert_equal, assert_raises

REFUSED = np.array([1]).sort() + 1

def test_right(): assert_equal(np.array([1]) + 1, [2])
def test_fallback(): assert_equal(np.kron(np.array([1]), np.array([2])), [2])
def test_texts(): assert_equal(np.array(["a"]), ["a"])
def test_nothing_of_ours(): assert np.pi > 3
def test_error_when_computed():
    with pytest.raises(ValueError, match="could not convert"):
        np.array(["x"], float)
def test_error_of_a_call(): assert_raises(ValueError, np.array, ["x"], float)
def test_errstate():
    with pytest.raises(FloatingPointError), np.errstate(all="raise"):
        np.array([1.0]) / np.array([0.0])
def test_warning():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        np.array([1.0]) / np.array([0.0])
    assert_equal(len(caught), 1)

def test_wrong_values(): assert_equal(np.sum(np.array([1, 2])), 3)
def test_wrong_in_a_bare_assert(): assert np.sum(np.array([1, 2])).compute() == 3
def test_wrong_dtype(): assert_equal(np.array([1]).dtype, np.dtype(float))
def test_identity():
    a = np.array([1])
    assert_(a + 0 is a)
def test_flags(): assert np.array([1]).flags.c_contiguous
def test_no_error():
    with pytest.raises(TypeError):
        np.array([1])
def test_no_error_of_a_call(): assert_raises(TypeError, np.array, [1])
def test_not_yet_is_never_expected():
    with pytest.raises(NotImplementedError):
        np.array([1]).sort()
def test_it_works(): np.array(["x"], float)
def test_what_failed_at_collection(): assert_equal(REFUSED, [2])
def test_parameter(): np.array([1], copies=3)
def test_name(): np.array([1]).swapped
def test_fork():
    if os.fork() == 0:
        raise ValueError("in the child")
    os.wait()
    assert_equal(np.array([1]), [1])
def test_trusting_function():  # given an array of ours it would read memory as NumPy's
    from numpy._core._multiarray_tests import incref_elide
    incref_elide(np.array([1]))
def test_crash(): os._exit(3)
def test_after_the_crash(): assert_equal(np.array([1]), [1])
"""
FAILED = {
    "wrong_values": "wrong values",
    "wrong_in_a_bare_assert": "wrong values",
    "wrong_dtype": "wrong dtype",
    "identity": "identity",
    "flags": "flags, strides and shared memory",
    "no_error": "no error where the original raises",
    "no_error_of_a_call": "no error where the original raises",
    "not_yet_is_never_expected": "not yet",
    "it_works": "another error: ValueError",
    "what_failed_at_collection": "not yet",
    "parameter": "a missing parameter",
    "name": "a missing attribute",
    "trusting_function": "another error: TypeError",
    "crash": "crash",
}
INI = Path(__file__).with_name("numpy_suite.ini")
OPTIONS = "-p tests.conformance.plugin -p no:randomly -p no:cacheprovider --import-mode prepend --tb no -q"


def judge(tmp_path, *tests, module, root, **settings):
    """What became of each test, the exit status, and what was said."""
    settings = {"NUT_MODULE": module, "NUT_EXPECTED": os.devnull, **settings}
    place = ["-c", INI, "--rootdir", root]
    return trial(tmp_path, [*OPTIONS.split(), *place, *tests], "NUT", settings)


@pytest.fixture(scope="module")
def fake(tmp_path_factory):
    pytest.importorskip("xdist")  # the only way to survive a crash
    folder = tmp_path_factory.mktemp("fake")
    (folder / "lazy.py").write_text(LAZY)
    (folder / "test_fake.py").write_text(TESTS)
    (folder / "expected.txt").write_text(
        "test_fake.py::test_name  there is none\ntest_fake.py::test_crash  it is listed\n"
    )
    results, status, said = judge(
        folder,
        "-n",
        "1",
        folder / "test_fake.py",
        module="lazy",
        root=folder,
        NUT_EXPECTED=str(folder / "expected.txt"),
    )
    return {name.partition("::test_")[2]: found for name, found in results.items()}, status, said


def test_each_failure_has_its_reason(fake):
    results, status, _ = fake
    assert {name: found["reason"] for name, found in results.items() if found["outcome"] == "failed"} == FAILED
    assert {name for name, found in results.items() if found.get("wrong")} == {
        "wrong_values", "wrong_in_a_bare_assert", "wrong_dtype"
    }  # fmt: skip
    assert status == 1


def test_what_passes_is_judged_if_it_made_an_array(fake):
    results, _, said = fake
    passed = {name: found for name, found in results.items() if found["outcome"] == "passed"}
    assert {name for name, found in passed.items() if not found["judged"]} == {"nothing_of_ours"}
    assert {name: found["fallbacks"] for name, found in passed.items() if found["fallbacks"]} == {
        "fallback": ["numpy.kron"]
    }
    assert passed["texts"]["kinds"] == "U"
    judged, right = len(results) - 1, len(passed) - 1
    assert f"| **all** | {judged} | {right} | {100 * right / judged:.1f} % | {right - 1} |" in said


def test_the_list_is_held_to_what_it_says(fake):
    _, _, said = fake
    assert "test_flags: fails and is not listed" in said
    assert "test_wrong_values: is wrong, which only a contract excuses" in said
    assert "test_name: fails" not in said
    assert "test_crash: ended its process, which nothing excuses" in said


def test_numpy_itself_never_fails_and_is_not_judged(tmp_path):
    tests = [SITE / "numpy/lib/tests/test_ufunclike.py", SITE / "numpy/fft/tests/test_helper.py"]
    results, status, _ = judge(tmp_path, *tests, module="numpy", root=SITE)
    assert len(results) > 10
    assert {(found["outcome"], found["judged"]) for found in results.values()} == {("passed", False)}
    assert status == 0


def test_few_parameters_and_a_fixed_part():
    names = [f"a.py::test_x[{k}]" for k in range(40)] + ["a.py::test_y"]
    assert few(names, 8) == [f"a.py::test_x[{k}]" for k in range(0, 40, 5)] + ["a.py::test_y"]
    assert few(names, 0) == names
    parts = [[name for name in names if is_drawn(name, fraction)] for fraction in (1, 4)]
    assert parts[0] == names
    assert 0 < len(parts[1]) < 25


# -- the list ---------------------------------------------------------------------------------------------------------


def problems(text, passed=(), failed=(), wrong=(), whole=True):
    return Expected(text).problems(list(passed), [*failed, *wrong], list(wrong), whole)


def test_a_pattern_is_a_test_with_all_its_parameters():
    listed = "a.py::test_x  r\na.py::TestC  r\na.py::test_y[*int*]  r\n# comment\n"
    failed = ["a.py::test_x[1]", "a.py::TestC::test_z", "a.py::test_y[uint8]"]
    assert problems(listed, failed=failed) == []
    assert len(problems(listed, failed=[*failed, "a.py::test_xy", "a.py::TestCC::t", "a.py::test_y[float]"])) == 3


def test_an_entry_that_does_not_hold_is_an_error():
    assert problems("a.py::test_x  r", passed=["a.py::test_x[2]"], failed=["a.py::test_x[1]"]) == [
        "a.py::test_x: 1 of its tests pass"
    ]
    assert problems("a.py::test_x  r") == ["a.py::test_x: no such test fails"]
    assert problems("a.py::test_x  r", whole=False) == []
    with pytest.raises(ValueError, match="no reason"):
        Expected("a.py::test_x")
    with pytest.raises(ValueError, match="301 entries"):
        Expected("\n".join(f"a.py::test_{k}  r" for k in range(301)))


def test_only_a_contract_excuses_a_wrong_result():
    assert len(problems("a.py::test_x  gaps", wrong=["a.py::test_x"])) == 1
    assert problems("a.py::test_x  contract: sums are exact", wrong=["a.py::test_x"]) == []


# -- what a failed assertion compares ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("assert a == b", "wrong values"),
        ("assert a.dtype is b and (a == b).all()", "wrong values"),
        ("assert a is not b and not a.flags.owndata", "identity"),
        ("assert_(np.may_share_memory(a, b))", "flags, strides and shared memory"),
        ("assert_equal(type(a), np.float64)", "the class of a result"),
        ("assert isinstance(a, np.floating)", "the class of a result"),
        ("assert_equal(a._mask, b)", "private names"),
        ("raise AssertionError", "wrong values"),
        ("assert len(caught) == 1", "no warning where the original warns"),
    ],
)
def test_what_is_compared(tmp_path, code, reason):
    path = tmp_path / "code.py"
    path.write_text(f"def test():\n    with catch_warnings() as caught:\n        {code}\n")
    assert compared(statement(path, 3), "", recorders(path, 3)) == reason
