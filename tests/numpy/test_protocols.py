"""Other libraries' functions, operators and protocols with our arrays among the arguments answer as with NumPy's."""

import copy
import inspect
import pickle
import warnings

import numpy as real
import pandas
import pytest

import tenfold.numpy as np
import tenfold.pandas as pd
from tenfold import config, fallback
from tenfold.errors import NotYetError
from tenfold.fallback import FallbackWarning

A = real.arange(6.0).reshape(2, 3)
S = pandas.Series([1.0, 2.0, 3.0], index=[5, 6, 7])


def same(made, expected):
    """Ours (a lazy array, or several) with the values, shape and dtype of NumPy's."""
    if isinstance(expected, (tuple, list)):
        for one, other in zip(made, expected, strict=True):
            same(one, other)
        return
    assert isinstance(made, np.ndarray)
    assert (made.shape, made.dtype) == (real.shape(expected), real.asarray(expected).dtype)
    real.testing.assert_allclose(made, expected)


NATIVE = {
    "ufunc": lambda x: real.add(x, 1),
    "ufunc_of_two": lambda x: real.hypot(x, x[0]),
    "scalar_first": lambda x: real.float32(3) * x,
    "list_first": lambda x: [1, 2, 3] + x,  # noqa: RUF005 (they add)
    "list_last": lambda x: x - [1, 2, 3],
    "array_first": lambda x: A // (x + 1),
    "weak": lambda x: real.float32(2) + x.astype("f4") * 0.5,
    "reduce": lambda x: real.add.reduce(x),
    "reduce_all": lambda x: real.maximum.reduce(x, axis=None),
    "accumulate": lambda x: real.add.accumulate(x),
    "accumulate_products": lambda x: real.multiply.accumulate(x, axis=1),
    "outer": lambda x: real.multiply.outer(x[0], A[0]),
    "sum": lambda x: real.sum(x, axis=0, keepdims=True),
    "mean": lambda x: real.mean(x),
    "std": lambda x: real.std(x, axis=1, ddof=1),
    "sort": lambda x: real.sort(-x, axis=0),
    "where": lambda x: real.where(x > 2, x, 0),
    "clip": lambda x: real.clip(x, 1, 3),
    "concatenate": lambda x: real.concatenate([A, x]),
    "stack": lambda x: real.stack([x, x], axis=1),
    "broadcast": lambda x: real.broadcast_arrays(x, x[0])[1],
    "reshape": lambda x: real.reshape(x, (3, 2)).T,
    "transpose": lambda x: real.transpose(x),
    "zeros_like": lambda x: real.zeros_like(x, dtype=int),
    "round": lambda x: real.round(x / 3, 1),
    "quantile": lambda x: real.quantile(x, [0.25, 0.5], axis=1),
    "isclose": lambda x: real.isclose(x, 2),
    "cumulative": lambda x: real.cumulative_sum(x[0], include_initial=True),
    "unstack": lambda x: real.unstack(x, axis=1),
    "astype": lambda x: real.astype(x, "i4"),
    "take": lambda x: real.take(x, [2, 0], axis=1),
}


@pytest.mark.parametrize("name", NATIVE)
def test_numpys_functions_of_ours(name):
    with config.set(strict=True):
        same(NATIVE[name](np.array(A)), NATIVE[name](A))


FALLING_BACK = {
    "accumulate": lambda x: real.maximum.accumulate(x, axis=1),
    "reduceat": lambda x: real.add.reduceat(x, [0, 1]),
    "reduce": lambda x: real.subtract.reduce(x),
    "windows": lambda x: real.lib.stride_tricks.sliding_window_view(x, 2, axis=1),
    "packed": lambda x: real.packbits(x.astype("u1")),
}


@pytest.mark.parametrize("name", FALLING_BACK)
def test_numpys_other_functions_say_where_they_run(name):
    fallback.forget()
    with pytest.warns(FallbackWarning):
        same(FALLING_BACK[name](np.array(A)), FALLING_BACK[name](A))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        FALLING_BACK[name](np.array(A))  # said once
    with config.set(strict=True), pytest.raises(NotYetError):
        FALLING_BACK[name](np.array(A))


def test_out():
    x, memory, ours = np.array(A), real.empty((2, 3)), np.zeros((2, 3))
    assert real.add(x, 1, out=memory) is memory
    real.testing.assert_array_equal(memory, A + 1)
    assert real.sum(x, axis=0, out=memory[0]).tolist() == [3, 5, 7]
    assert real.multiply(A, 2, out=ours) is ours
    real.testing.assert_array_equal(ours, A * 2)
    memory += x
    real.testing.assert_array_equal(memory[1], A[1] * 2 + 1)


def test_at():
    memory = real.zeros(3)
    real.add.at(memory, np.array([0, 0, 2]), 1)
    real.add.at(memory, [0, 1], np.array([5.0, 5.0]))
    assert memory.tolist() == [7, 5, 1]
    ours = np.zeros(3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FallbackWarning)
        real.add.at(ours, [0, 0], 1.0)
    assert ours.tolist() == [2, 0, 0]


def test_ufuncs_of_others_run_by_blocks():
    seen = []
    plus_one = real.frompyfunc(lambda value: seen.append(value) or value, 1, 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FallbackWarning)
        assert plus_one(np.array(A)).tolist() == A.tolist()  # Python objects: by NumPy
    special = pytest.importorskip("scipy.special")
    with config.set(strict=True):
        same(special.expit(np.array(A)), special.expit(A))
        same(special.binom(np.array(A), A + 1), special.binom(A, A + 1))


# -- pandas --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "program", [lambda x: S + x, lambda x: x + S, lambda x: real.subtract(x, S), lambda x: x < S, lambda x: 2 * (S / x)]
)
def test_labels_stay(program):
    made = program(np.array(A[1]))
    assert isinstance(made, pandas.Series)
    pandas.testing.assert_series_equal(made, program(A[1]))


def test_frames_of_arrays():
    x = np.array(A)
    pandas.testing.assert_frame_equal(x * pandas.DataFrame(A), A * pandas.DataFrame(A))
    pandas.testing.assert_frame_equal(pandas.DataFrame(x), pandas.DataFrame(A))
    pandas.testing.assert_series_equal(pandas.Series(x[0], name="a"), pandas.Series(A[0], name="a"))
    same(np.asarray(S), S.to_numpy())
    same(np.array(pandas.DataFrame(A)).sum(axis=0), A.sum(axis=0))
    with config.set(strict=True), pytest.raises(NotYetError):
        pd.from_pandas(S) + x[0]
    with config.set(small_cells=1000):
        pandas.testing.assert_series_equal((pd.from_pandas(S) + x[0]).compute(), S + A[0])


# -- values and identities -----------------------------------------------------------------------------------------


def test_expressions_are_pickled_as_expressions():
    memory = real.arange(100_000.0)
    x = np.array(memory)
    assert len(pickle.dumps(np.zeros(10**12) + 1)) < 2_000
    one, other = pickle.loads(pickle.dumps((x + 1, x[::2])))
    real.testing.assert_array_equal(one, memory + 1)
    real.testing.assert_array_equal(other, memory[::2])
    draws = np.random.default_rng(3).normal(size=(10, 10))
    real.testing.assert_array_equal(pickle.loads(pickle.dumps(draws)), draws)


def test_memory_from_elsewhere_is_not_taken_for_ours():
    one, other = np.array(real.zeros(100_000)), np.array(real.ones(100_000))
    data = pickle.dumps(one)
    both = pickle.loads(data) + other + pickle.loads(pickle.dumps(other))
    assert both.sum() == 200_000


def test_deep_expressions_are_pickled():
    total = np.zeros(())
    for _ in range(2_000):
        total = total + 1
    assert float(pickle.loads(pickle.dumps(total))) == 2_000


def test_copies_are_arrays_of_their_own():
    x = np.array(A)
    for other in (copy.copy(x), copy.deepcopy(x), x.copy(), pickle.loads(pickle.dumps(x))):
        other[0] = -1
    real.testing.assert_array_equal(x, A)


def test_equality_is_elementwise_and_arrays_have_no_hash():
    x = np.array(A)
    same(x == A, A == A)
    with pytest.raises(TypeError, match="unhashable"):
        hash(x)


def test_bytes():
    x = np.array(A)
    with config.set(strict=True):
        assert x.tobytes() == A.tobytes()
        real.testing.assert_array_equal(pickle.loads(x.dumps()), A)
    with pytest.raises(ValueError, match="no memory to share"):  # of a part that others need not be computed for
        real.asarray(np.zeros(1 << 18)[1:], copy=False)
    assert real.shares_memory(real.asarray(x, copy=False), real.asarray(x))


def test_dlpack_both_ways():
    x = np.array(A) + 1
    real.testing.assert_array_equal(real.from_dlpack(x), A + 1)
    assert x.__dlpack_device__() == (1, 0)
    memory = A.copy()
    y = np.from_dlpack(memory)
    same(y + 1, A + 1)
    assert np.from_dlpack(y) is y
    frozen = A.copy()
    frozen.flags.writeable = False
    real.testing.assert_array_equal(real.from_dlpack(np.asarray(frozen)), A)


def test_namespace():
    x = np.array(A)
    assert x.__array_namespace__() is x.__array_namespace__(api_version="2024.12") is np
    with pytest.raises(ValueError, match="latest"):
        x.__array_namespace__(api_version="2999.12")
    assert x.device == "cpu"
    assert x.to_device("cpu") is x
    with pytest.raises(ValueError, match="device"):
        x.to_device("cuda")
    info = np.__array_namespace_info__()
    assert info.devices() == [info.default_device()]
    assert info.capabilities()["boolean indexing"]
    assert info.dtypes(kind="bool") == {"bool": real.dtype("?")}
    assert info.default_dtypes()["real floating"] == real.dtype("f8")


@pytest.mark.parametrize("value", [real.float32(1.5), 1.5, [1.5], real.array([1.5], "f4")])
def test_promotion_is_numpys(value):
    for dtype in ("i1", "u8", "f4", "c8", "?"):
        same(np.ones(2, dtype) + value, real.ones(2, dtype) + value)
        same(value * np.ones(2, dtype), value * real.ones(2, dtype))
    assert np.result_type(np.ones(2, "f4"), 1.5) == real.dtype("f4")


def test_dlpack_has_the_parameters_of_the_standard():
    given = inspect.signature(np.ndarray.__dlpack__).parameters
    assert list(given) == ["self", "stream", "max_version", "dl_device", "copy"]
    assert real.from_dlpack(np.arange(3), copy=True).tolist() == [0, 1, 2]
