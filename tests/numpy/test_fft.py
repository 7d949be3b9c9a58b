"""Fourier transforms over any axes, cut along the others, are NumPy's."""

import numpy as real
import pytest

import tenfold.numpy as np
from tenfold import config

SIGNAL = real.random.default_rng(4).normal(size=(4, 6, 5))
REAL = ["rfft", "ihfft", "rfft2", "rfftn"]
ONE = ["fft", "ifft", "rfft", "irfft", "hfft", "ihfft"]
MANY = ["fft2", "ifft2", "rfft2", "irfft2", "fftn", "ifftn", "rfftn", "irfftn"]


@pytest.fixture(autouse=True)
def _native():
    with config.set(strict=True, morsel_rows=10, target="blocks"):
        yield


def of(name, dtype):
    return SIGNAL.astype(dtype) if name in REAL else (SIGNAL + 1j * SIGNAL[::-1]).astype(f"c{int(dtype[1]) * 2}")


def check(name, values, **options):
    answer, expected = (getattr(lib.fft, name)(lib.asarray(values), **options) for lib in (np, real))
    answer = answer.compute()
    assert (answer.shape, answer.dtype) == (expected.shape, expected.dtype)
    tolerance = 1e-5 if values.dtype.itemsize // (2 if values.dtype.kind == "c" else 1) == 4 else 1e-12
    real.testing.assert_allclose(answer, expected, tolerance, tolerance)


@pytest.mark.parametrize("dtype", ["f8", "f4"])
@pytest.mark.parametrize("axis", [0, 1, -1])
@pytest.mark.parametrize("name", ONE)
def test_one_axis(name, axis, dtype):
    for n in (None, 3, 8):
        check(name, of(name, dtype), n=n, axis=axis, norm="ortho")


@pytest.mark.parametrize("name", MANY)
def test_several_axes(name):
    check(name, of(name, "f8"))
    check(name, of(name, "f8"), axes=(0, 2), norm="forward")
    check(name, of(name, "f8"), s=(3, 7), axes=(2, 0))


def test_integers_become_complex():
    check("fft", (SIGNAL * 9).astype("i4"))


@pytest.mark.parametrize("axes", [None, 1, (0, -1)])
def test_shifts_undo_each_other(axes):
    shifted = np.fft.fftshift(np.array(SIGNAL), axes)
    real.testing.assert_array_equal(shifted, real.fft.fftshift(SIGNAL, axes))
    real.testing.assert_array_equal(np.fft.ifftshift(shifted, axes), SIGNAL)


def test_frequencies():
    real.testing.assert_array_equal(np.fft.fftfreq(7, 0.1), real.fft.fftfreq(7, 0.1))
    real.testing.assert_array_equal(np.fft.rfftfreq(8), real.fft.rfftfreq(8))


@pytest.mark.parametrize("bad", [{"n": 0}, {"axis": 5}, {"norm": "no"}], ids=str)
def test_what_numpy_refuses(bad):
    for lib in (real, np):
        with pytest.raises((ValueError, IndexError)):
            lib.fft.fft(lib.asarray(SIGNAL), **bad)


@pytest.mark.parametrize("name", MANY)
def test_numpys_warning_of_lengths_without_axes(name):
    for lib in (real, np):
        with config.set(strict=False), pytest.warns(DeprecationWarning, match="`axes` should not be `None`"):
            getattr(lib.fft, name)(lib.asarray(SIGNAL), s=(3, 4), axes=None)
