"""Objects of other libraries beside ours: they answer, with labels, masks and types of their own."""

import copy
import pickle
import warnings

import numpy as real
import pandas
import pytest

import tenfold.numpy as np
from tests.numpy.same import assert_same_array

pytestmark = [
    pytest.mark.usefixtures("small_bytes"),
    pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning"),
]

MASKED = real.ma.array([1.0, 2.0, 4.0], mask=[True, False, False])
SERIES = pandas.Series([1.0, 4.0, 9.0], index=["a", "b", "c"], name="s")
FRAME = pandas.DataFrame({"x": [1.0, 4.0, 9.0], "y": [2.0, 3.0, 4.0]}, index=["a", "b", "c"])


def matrix(values):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        return real.matrix(values)


class Tagged(real.ndarray):
    """A subclass that does nothing but stay what it is."""


OTHERS = {
    "masked": MASKED, "series": SERIES, "frame": FRAME, "matrix": matrix([[1.0, 4.0, 9.0]]),
    "tagged": real.arange(3.0).view(Tagged), "index": pandas.Index([1.0, 4.0, 9.0]),
}  # fmt: skip
NAMES = "sqrt log abs isnan negative sum mean std max cumsum clip sort round prod diff ravel argmax exp"
FUNCTIONS = {name: getattr(np, name) for name in NAMES.split()}


def kind_of(value):
    """Its class, an array of ours standing for NumPy's."""
    return real.ndarray if type(value) is np.ndarray else type(value)


def outcome(call):
    try:
        return call(), None
    except Exception as error:
        return None, type(error)


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("other", OTHERS)
def test_a_function_of_another_object_is_numpys(name, other):
    options = (1, 2) if name == "clip" else ()
    made, error = outcome(lambda: FUNCTIONS[name](OTHERS[other], *options))
    expected, wrong = outcome(lambda: getattr(real, name)(OTHERS[other], *options))
    assert (kind_of(made), error) == (kind_of(expected), wrong)
    assert str(made) == str(expected)


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize(
    "operation", [lambda a, b: a + b, lambda a, b: b - a, lambda a, b: a < b, real.multiply, np.maximum]
)
def test_operators_keep_what_the_other_is_on_either_side(other, operation):
    ours, theirs = (module.arange(float(len(OTHERS[other].T))) for module in (np, real))
    for made, expected in (
        (operation(ours, OTHERS[other]), operation(theirs, OTHERS[other])),
        (operation(OTHERS[other], ours), operation(OTHERS[other], theirs)),
    ):
        assert kind_of(made) is kind_of(expected)
        assert str(made) == str(expected)


def test_dask_arrays_stay_lazy():
    dask = pytest.importorskip("dask")
    pytest.importorskip("dask.array")
    x = dask.array.ones(3, chunks=2)
    for made in (
        np.arange(3.0) + x,
        x + np.arange(3.0),
        np.add(np.arange(3.0), x),
        real.add(np.arange(3.0), x),
        np.sum(x),
    ):
        assert isinstance(made, dask.array.Array)
    assert (np.arange(3.0) + x).compute().tolist() == [1, 2, 3]


def test_sparse_matrices_answer():
    sparse = pytest.importorskip("scipy.sparse").csr_matrix(real.eye(3))
    for made, expected in (
        (np.arange(3.0) @ sparse, real.arange(3.0) @ sparse),
        (sparse @ np.arange(3.0), sparse @ real.arange(3.0)),
    ):
        assert_same_array(real.asarray(made), real.asarray(expected))


class Refusing:
    """An operand that wants its own operators to be asked."""

    __array_ufunc__ = None

    def __radd__(self, other):
        return "asked"


class Wrapping:
    """An object of an older protocol."""

    def __array__(self, dtype=None, copy=None):
        return real.ones(2)


def test_operands_that_want_to_be_asked_are():
    assert np.arange(3) + Refusing() == "asked"
    with pytest.raises(TypeError):
        np.add(np.arange(3), Refusing())
    assert_same_array(np.arange(2) + Wrapping(), real.arange(2) + Wrapping())


def test_functions_are_pickled_and_copied_as_themselves():
    assert pickle.loads(pickle.dumps(np.sin))(0.0) == 0
    assert copy.deepcopy(np.sin) is np.sin
    assert np.divmod is np.divmod
    assert np.abs is np.absolute
