"""The array API standard: each function of it, by its strict implementation, answers the same from our namespace.

The names are those that `array_api_strict` has; a name without an example here fails, so none is forgotten.
"""

import types

import numpy as real
import pytest

import tenfold.numpy as np
from tenfold import config

xp = pytest.importorskip("array_api_strict")

DTYPES = [n for n in dir(xp) if isinstance(getattr(xp, n), type(xp.int8))]
OTHER = {"Device", "ArrayAPIStrictFlags", "ModuleType", "linalg", "fft", *DTYPES}
NAMES = [n for n in dir(xp) if not n.startswith("_") and n not in OTHER and not n.endswith("array_api_strict_flags")]
NAMES = [n for n in NAMES if not isinstance(getattr(xp, n), types.ModuleType)]

FLOATS = real.array([[0.5, -0.25, 0.75], [0.125, 0.0, -0.5]])
WHOLE = real.array([[3, -1, 4], [1, -5, 9]])
TRUTH = real.array([[True, False, True], [False, False, True]])

FLOAT_OF_ONE = """abs acos asin asinh atan atanh ceil cos cosh exp expm1 floor isfinite isinf isnan log1p negative
    positive reciprocal round sign signbit sin sinh square tan tanh trunc"""
FLOAT_OF_TWO = """add atan2 copysign divide equal floor_divide greater greater_equal hypot less less_equal logaddexp
    maximum minimum multiply nextafter not_equal subtract"""
WHOLE_OF_TWO = "bitwise_and bitwise_or bitwise_xor remainder"
STATISTICS = "all any argmax argmin count_nonzero max mean min prod std sum var"
SHAPES = "flip roll"

EXAMPLES = {
    **{name: lambda m, f: f(m.asarray(FLOATS)) for name in FLOAT_OF_ONE.split()},
    **{name: lambda m, f: f(m.asarray(FLOATS), m.asarray(FLOATS[::-1].copy())) for name in FLOAT_OF_TWO.split()},
    **{name: lambda m, f: f(m.asarray(WHOLE), m.asarray(abs(WHOLE[0]))) for name in WHOLE_OF_TWO.split()},
    **{name: lambda m, f: f(m.asarray(FLOATS), axis=1, keepdims=True) for name in STATISTICS.split()},
    **{n: lambda m, f: f(m.asarray(TRUTH), m.asarray(TRUTH[0])) for n in ("logical_and", "logical_or", "logical_xor")},
    **{name: lambda m, f: f(m.asarray(FLOATS) + 2) for name in ("acosh", "log", "log10", "log2", "sqrt")},
    **{name: lambda m, f: f(m.asarray(FLOATS) + 1j) for name in ("conj", "imag", "real")},
    **{
        n: lambda m, f: f(m.asarray(WHOLE[0]) % 4, m.asarray([1, 2, 3]))
        for n in ("bitwise_left_shift", "bitwise_right_shift")
    },
    "logical_not": lambda m, f: f(m.asarray(TRUTH)),
    "bitwise_invert": lambda m, f: f(m.asarray(WHOLE)),
    "pow": lambda m, f: f(m.asarray(FLOATS) + 1, m.asarray(FLOATS)),
    "clip": lambda m, f: f(m.asarray(FLOATS), -0.25, 0.5),
    "arange": lambda m, f: f(2, 11, 3),
    "asarray": lambda m, f: f([[1, 2], [3, 4]], dtype=m.float32),
    "astype": lambda m, f: f(m.asarray(WHOLE), m.float32),
    "broadcast_arrays": lambda m, f: f(m.asarray(FLOATS), m.asarray(FLOATS[0])),
    "broadcast_shapes": lambda m, f: f((2, 1), (3,)),
    "broadcast_to": lambda m, f: f(m.asarray(FLOATS[0]), (4, 3)),
    "can_cast": lambda m, f: f(m.int8, m.int16),
    "concat": lambda m, f: f([m.asarray(FLOATS), m.asarray(FLOATS)], axis=1),
    "cumulative_prod": lambda m, f: f(m.asarray(FLOATS), axis=1, include_initial=True),
    "cumulative_sum": lambda m, f: f(m.asarray(FLOATS), axis=0, include_initial=True),
    "diff": lambda m, f: f(m.asarray(FLOATS), axis=1, n=2),
    "empty": lambda m, f: f((2, 3)) * 0 == f((2, 3)) * 0,
    "empty_like": lambda m, f: f(m.asarray(FLOATS)).shape,
    "expand_dims": lambda m, f: f(m.asarray(FLOATS), axis=1),
    "eye": lambda m, f: f(3, 4, k=1),
    "finfo": lambda m, f: float(f(m.float32).eps),
    "flip": lambda m, f: f(m.asarray(FLOATS), axis=1),
    "from_dlpack": lambda m, f: f(FLOATS.copy()),
    "full": lambda m, f: f((2, 2), 7),
    "full_like": lambda m, f: f(m.asarray(FLOATS), 7),
    "iinfo": lambda m, f: f(m.int16).max,
    "isdtype": lambda m, f: f(m.float32, "real floating"),
    "linspace": lambda m, f: f(0.0, 1.0, 5),
    "matmul": lambda m, f: f(m.asarray(FLOATS), m.asarray(FLOATS.T.copy())),
    "matrix_transpose": lambda m, f: f(m.asarray(FLOATS)),
    "meshgrid": lambda m, f: f(m.asarray(FLOATS[0]), m.asarray(FLOATS[1]), indexing="ij"),
    "moveaxis": lambda m, f: f(m.asarray(FLOATS[None]), 0, 2),
    "nonzero": lambda m, f: f(m.asarray(WHOLE) > 0),
    "ones": lambda m, f: f((2, 3)),
    "ones_like": lambda m, f: f(m.asarray(WHOLE)),
    "permute_dims": lambda m, f: f(m.asarray(FLOATS), (1, 0)),
    "repeat": lambda m, f: f(m.asarray(FLOATS), 2, axis=1),
    "reshape": lambda m, f: f(m.asarray(FLOATS), (3, 2)),
    "result_type": lambda m, f: str(f(m.int8, m.int16)).rpartition(".")[2],
    "roll": lambda m, f: f(m.asarray(FLOATS), 1, axis=1),
    "searchsorted": lambda m, f: f(m.asarray([1, 3, 5]), m.asarray([0, 3, 9]), side="right"),
    "isin": lambda m, f: f(m.asarray(WHOLE), m.asarray([9, 3])),
    "sort": lambda m, f: f(m.asarray(FLOATS), axis=1),
    "argsort": lambda m, f: f(m.asarray(FLOATS), axis=1),
    "squeeze": lambda m, f: f(m.asarray(FLOATS[None]), axis=0),
    "stack": lambda m, f: f([m.asarray(FLOATS), m.asarray(FLOATS)], axis=1),
    "take": lambda m, f: f(m.asarray(FLOATS), m.asarray([2, 0]), axis=1),
    "take_along_axis": lambda m, f: f(m.asarray(FLOATS), m.asarray([[0], [2]]), axis=1),
    "tensordot": lambda m, f: f(m.asarray(FLOATS), m.asarray(FLOATS), axes=((0,), (0,))),
    "tile": lambda m, f: f(m.asarray(FLOATS), (2, 1)),
    "tril": lambda m, f: f(m.asarray(FLOATS), k=1),
    "triu": lambda m, f: f(m.asarray(FLOATS), k=1),
    "unique_all": lambda m, f: f(m.asarray([3, 1, 3])),
    "unique_counts": lambda m, f: f(m.asarray([3, 1, 3])),
    "unique_inverse": lambda m, f: f(m.asarray([3, 1, 3])),
    "unique_values": lambda m, f: f(m.asarray([3, 1, 3])),
    "unstack": lambda m, f: f(m.asarray(FLOATS), axis=1),
    "vecdot": lambda m, f: f(m.asarray(FLOATS), m.asarray(FLOATS[0])),
    "where": lambda m, f: f(m.asarray(TRUTH), m.asarray(FLOATS), m.asarray(-FLOATS)),
    "zeros": lambda m, f: f((2, 3), dtype=m.int32),
    "zeros_like": lambda m, f: f(m.asarray(FLOATS)),
}
SQUARE = real.array([[4.0, 1.0, 0.5], [1.0, 3.0, 0.25], [0.5, 0.25, 2.0]])
STACK = real.stack([SQUARE, 2 * SQUARE + 1])
LINALG = {
    **{n: lambda m, f: f(m.asarray(STACK)) for n in ("cholesky", "det", "diagonal", "inv", "matrix_norm", "matrix_rank",
       "pinv", "trace", "matrix_transpose", "slogdet", "svdvals", "vector_norm", "eigvalsh")},
    **{n: lambda m, f: f(m.asarray(STACK), m.asarray(SQUARE)) for n in ("matmul", "solve", "tensordot", "vecdot")},
    "cross": lambda m, f: f(m.asarray(FLOATS), m.asarray(FLOATS[::-1].copy())),
    "eig": lambda m, f: m.sum(m.abs(f(m.asarray(SQUARE))[0])),
    "eigh": lambda m, f: f(m.asarray(SQUARE))[0],
    "eigvals": lambda m, f: m.sum(m.abs(f(m.asarray(SQUARE)))),
    "matrix_power": lambda m, f: f(m.asarray(STACK), 3),
    "outer": lambda m, f: f(m.asarray(FLOATS[0]), m.asarray(FLOATS[1])),
    "qr": lambda m, f: m.abs(f(m.asarray(STACK))[1]),
    "svd": lambda m, f: f(m.asarray(STACK), full_matrices=False)[1],
}  # fmt: skip
FFT = {
    **{
        name: lambda m, f: f(m.asarray(FLOATS + 1j))
        for name in ("fft", "ifft", "fftn", "ifftn", "hfft", "irfft", "irfftn")
    },
    **{name: lambda m, f: f(m.asarray(FLOATS)) for name in ("rfft", "rfftn", "ihfft", "fftshift", "ifftshift")},
    **{name: lambda m, f: f(5, d=0.5) for name in ("fftfreq", "rfftfreq")},
}
CONSTANTS = ("e", "inf", "nan", "newaxis", "pi")


def plain(value):
    """A result as NumPy's arrays, in nested tuples."""
    if isinstance(value, (tuple, list)):
        return tuple(map(plain, value))
    return real.asarray(value.compute() if isinstance(value, np.ndarray) else getattr(value, "_array", value))


def check(made, expected, rtol=1e-14):
    if isinstance(expected, tuple):
        assert isinstance(made, tuple)
        for one, other in zip(made, expected, strict=True):
            check(one, other, rtol)
        return
    assert made.dtype == expected.dtype
    real.testing.assert_allclose(made, expected, rtol, atol=rtol) if expected.dtype.kind in "fc" else (
        real.testing.assert_array_equal(made, expected)
    )


@pytest.mark.parametrize("name", [n for n in NAMES if n not in CONSTANTS])
def test_functions(name):
    with config.set(strict=True):
        made = plain(EXAMPLES[name](np, getattr(np, name)))
    with real.errstate(all="ignore"):
        check(made, plain(EXAMPLES[name](xp, getattr(xp, name))))


def public(module):
    """The functions that a module of the standard defines."""
    return getattr(module, "__all__", None) or [n for n, f in vars(module).items() if isinstance(f, types.FunctionType)]


@pytest.mark.parametrize("name", public(xp.linalg))
def test_linear_algebra(name):
    with config.set(strict=True):
        made = plain(LINALG[name](np, getattr(np.linalg, name)))
    check(made, plain(LINALG[name](xp, getattr(xp.linalg, name))), 1e-10)


@pytest.mark.parametrize("name", public(xp.fft))
def test_transforms(name):
    with config.set(strict=True):
        made = plain(FFT[name](np, getattr(np.fft, name)))
    check(made, plain(FFT[name](xp, getattr(xp.fft, name))), 1e-12)


def test_constants_and_dtypes():
    assert [n for n in CONSTANTS if n != "nan" and getattr(np, n) != getattr(xp, n)] == []
    assert np.nan != np.nan
    assert [n for n in DTYPES if real.dtype(getattr(np, n)) != real.dtype(n)] == []


def test_methods_and_attributes_of_arrays():
    ours, theirs = np.asarray(FLOATS), xp.asarray(FLOATS)
    lacking = [n for n in dir(theirs) if not hasattr(ours, n) and (n.startswith("__") or not n.startswith("_"))]
    assert [n for n in lacking if n != "__buffer__"] == []
