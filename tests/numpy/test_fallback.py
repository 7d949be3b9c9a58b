"""Names that are not native: they all resolve, say once what they do, and are an error under `strict`."""

import warnings

import numpy as real
import pytest

import tenfold.numpy as np
from tenfold import config, fallback
from tenfold.errors import NotYetError
from tests.numpy.same import assert_same_array


@pytest.fixture(autouse=True)
def _unsaid():
    fallback.forget()
    yield
    fallback.forget()


def public(module):
    return [name for name in dir(module) if not name.startswith("_")]


def test_every_public_name_of_numpy_resolves():
    assert [name for name in public(real) if not hasattr(np, name)] == []


@pytest.mark.parametrize("space", ["linalg", "fft", "random"])
def test_every_public_name_of_its_namespaces_resolves(space):
    ours, theirs = getattr(np, space), getattr(real, space)
    assert [name for name in public(theirs) if not hasattr(ours, name)] == []


def test_every_method_of_arrays_resolves():
    x = np.arange(4.0).reshape(2, 2)
    assert [name for name in public(real.ndarray) if name not in UNSHARED and not hasattr(x, name)] == []


UNSHARED = {"ctypes", "data", "device", "to_device"}  # what only memory has


def test_a_fallback_is_said_once_with_its_reason_and_bytes():
    x = np.arange(12)
    with pytest.warns(fallback.FallbackWarning, match=r"numpy\.packbits .*96 bytes.*no native form"):
        answer = np.packbits(x)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert_same_array(answer, np.packbits(x).compute())
    assert_same_array(answer, real.packbits(real.arange(12)))


@pytest.mark.parametrize("call", [lambda x: np.packbits(x), lambda x: real.packbits(x), lambda x: np.linalg.eig(x)])
def test_under_strict_it_is_an_error(call):
    with config.set(strict=True), pytest.raises(NotYetError, match="strict"):
        call(np.arange(2))


def test_native_names_need_no_fallback():
    with config.set(strict=True):
        x = np.arange(12.0).reshape(3, 4)
        assert np.isclose(x, x).all()
        assert real.sum(x) == 66
        assert np.insert(x, 1, 0).shape == (13,)


def test_functions_that_write_do_write():
    x = np.arange(6.0)
    with pytest.warns(fallback.FallbackWarning, match="writes in place"):
        np.add.at(x, [0, 0], 5)
    assert_same_array(x, real.array([10.0, 1, 2, 3, 4, 5]))


def test_a_function_that_would_write_into_a_copy_is_an_error():
    with pytest.raises(ValueError, match="read-only"):
        np.apply_along_axis(lambda vector: vector.sort(), 0, np.arange(6.0))


def test_functions_without_arrays_are_no_fallback():
    with config.set(strict=True):
        assert np.issubdtype(np.int64, np.integer)
        assert np.isscalar(3)
        assert np.promote_types("i4", "f4") == np.float64
        assert_same_array(np.frombuffer(b"ab", "u1"), real.array([97, 98], "u1"))
