"""A sum of few values in words has the bits of the cells' sum: ties, cancellation, subnormals, overflow, specials.

On a GPU, a thread adds up the values of a result; on the CPU, a primitive those of many.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfold.kernel.build import Builder
from tenfold.primitives import exact
from tenfold.primitives import few as primitive
from tenfold.run import few
from tenfold.run.answer import read_cells
from tenfold.target import cuda, launch
from tests import fake_device

LARGEST, LARGEST_F4 = (float(np.finfo(kind).max) for kind in ("f8", "f4"))
SHIPS = few._compiled() is not None
PLACES = [
    pytest.param("cpu", marks=pytest.mark.skipif(not SHIPS, reason="the primitive does not ship for this processor")),
    pytest.param("fake", marks=fake_device.NO_COMPILER),
    pytest.param("real", marks=pytest.mark.gpu),
]


def device(which):
    if which == "fake":
        return fake_device.FakeDevice()
    from tenfold.target import device

    return device.device(0)


def kernel(storage):
    build = Builder()
    return build.kernel(None, [build.fold("sum", build.input(storage).cast("f8"))])


def sums_of_words(values, which):
    """The sum of each column."""
    if which == "cpu":
        return few.sums_of_columns(values, values.dtype)
    here = device(which)
    launcher, storage = launch.launcher(kernel(values.dtype.str[1:]), here), values.dtype.str[1:]
    segments = launch.Segments(len(values), values.shape[1])
    column = here.put(np.ascontiguousarray(values).reshape(-1))
    return here.home(launcher.answers([column], [], values.size, segments, cuda.Answer("sum", storage)))


def sums_of_cells(values):
    """The same by cells that hold every float64."""
    columns, (low, limbs) = values.shape[1], exact.WIDEST
    cells = exact.new_cells(columns, limbs)
    codes = np.broadcast_to(np.arange(columns), values.shape).reshape(-1)
    assert exact.deposit_many(cells, low, limbs, codes, values.astype("f8").reshape(-1))
    rounder = "round_cells_f4" if values.dtype == "f4" else "round_cells"
    return read_cells(rounder, cells, np.array([low, limbs])).astype(values.dtype)


def assert_same_bits(values, which):
    with np.errstate(invalid="ignore", over="ignore"):
        found, expected = sums_of_words(values, which), sums_of_cells(values)
    whole = f"i{values.dtype.itemsize}"
    (wrong,) = np.nonzero(found.view(whole) != expected.view(whole))
    assert not len(wrong), (values[:, wrong[0]].tolist(), found[wrong[0]], expected[wrong[0]])


def chosen(*numbers):
    return lambda rng, shape: rng.choice(numbers, shape)


def spread(low, high):
    """Normals at any powers of two."""
    return lambda rng, shape: np.ldexp(rng.normal(size=shape), rng.integers(low, high, shape))


def nearly_ties(steps):
    """A large whole number, and parts of its unit that add up to a half, or nearly."""

    def values(rng, shape):
        made = rng.choice(steps, shape)
        made[0] = rng.integers(1 << 52, 1 << 53, shape[1])
        return made * 2.0 ** rng.integers(-3, 3, shape[1])

    return values


def cancelling(rng, shape):
    """Most of a column is there with the other sign, too."""
    made, half = spread(-300, 300)(rng, shape), shape[0] // 2
    made[half : 2 * half] = -made[:half]
    return rng.permuted(made, axis=0) + spread(-400, -350)(rng, shape) * (rng.random(shape) < 0.1)


TIES = [0.5, -0.5, 0.25, -0.25, 1.0, -1.0, 0.0, -0.0, 2.0**-60, -(2.0**-60), 2.0**-200, 5e-324, -5e-324]
FAMILIES = {
    "normals": spread(0, 1),
    "within one word": spread(-60, 0),
    "within two words": spread(-80, 80),
    "any size": spread(-1070, 1020),
    "powers of two": lambda rng, shape: np.ldexp(rng.choice([-1.0, 1.0], shape), rng.integers(-170, 170, shape)),
    "ties": nearly_ties(TIES),
    "cancelling": cancelling,
    "subnormals": lambda rng, shape: rng.integers(-(1 << 53), 1 << 53, shape) * 5e-324,
    "overflow": chosen(LARGEST, -LARGEST, 2.0**1023, -(2.0**1023), 2.0**970, -(2.0**970), 2.0**969, 1.0, 2.0**917),
    "specials": chosen(np.inf, -np.inf, np.nan, -np.nan, *[1.0, -0.0, 1e308, -1e308] * 5),
    "zeros": chosen(-0.0, -0.0, -0.0, 0.0),
    "any bits": lambda rng, shape: rng.integers(-(1 << 63), (1 << 63) - 1, shape).view("f8"),
}  # fmt: skip
NARROW = {
    "normals": lambda rng, shape: rng.normal(size=shape).astype("f4"),
    "any bits": lambda rng, shape: rng.integers(-(1 << 31), (1 << 31) - 1, shape).astype("i4").view("f4"),
    "ties": lambda rng, shape: (nearly_ties(TIES[:-3])(rng, shape) * np.float64(2.0**-29)).astype("f4"),
    "ties of float32": lambda rng, shape: np.concatenate(
        [rng.integers(1 << 23, 1 << 24, (1, shape[1])), rng.choice([*TIES, 2.0**-30, -(2.0**-83)], shape)]
    )[: shape[0]].astype("f4"),
    "overflow": lambda rng, shape: chosen(LARGEST_F4, -LARGEST_F4, 2.0**103, -(2.0**102), 1.0)(rng, shape).astype("f4"),
    "subnormals": lambda rng, shape: rng.integers(-(1 << 24), 1 << 24, shape).astype("f4") * np.float32(1e-45),
}  # fmt: skip
ALL = [*FAMILIES.values(), *NARROW.values()]
NAMES = [*(f"f8 {name}" for name in FAMILIES), *(f"f4 {name}" for name in NARROW)]


@pytest.mark.parametrize("which", PLACES)
@pytest.mark.parametrize("family", ALL, ids=NAMES)
def test_few_values_are_added_as_cells_do(which, family):
    rng = np.random.default_rng(0)
    for length in (1, 2, 3, 5, 8, launch.FEW):
        assert_same_bits(family(rng, (length, 2_000)), which)


NUMBERS = st.floats() | st.builds(lambda m, e: float(np.ldexp(m, e)), st.integers(-9, 9), st.integers(-120, 120))


@pytest.mark.parametrize("which", PLACES[:2])
@given(values=st.lists(NUMBERS, min_size=1, max_size=9))
def test_any_few_values_are_added_as_cells_do(which, values):
    assert_same_bits(np.array([values]).T, which)
    with np.errstate(over="ignore"):
        assert_same_bits(np.array([values]).T.astype("f4"), which)


@pytest.mark.parametrize("narrow", [False, True])
def test_the_primitive_is_plain_python_too(narrow):
    rows, columns, kind = 4, primitive.CHUNK + 100, "f4" if narrow else "f8"
    values = (NARROW if narrow else FAMILIES)["ties"](np.random.default_rng(0), (rows, columns)).astype("f8")
    out, lost, scratch = np.ones(columns), np.ones(columns), np.ones(2 * primitive.CHUNK)
    primitive.sum_columns(values.reshape(-1), rows, columns, columns, narrow, out, lost, scratch)
    known = lost == 0
    assert known.sum() > columns // 2
    np.testing.assert_array_equal(out.astype(kind)[known], sums_of_cells(values.astype(kind))[known])


REDUCTIONS = [("sum", "f8"), ("sum", "f4"), ("sum", "i8"), ("min", "f8"), ("max", "f4"), ("min", "?"), ("max", "i1")]


@pytest.mark.skipif(cuda.nvrtc() is None, reason="NVRTC is not installed (nvidia-cuda-nvrtc)")
@pytest.mark.parametrize(("function", "storage"), REDUCTIONS)
def test_what_a_thread_folds_compiles_for_a_gpu(function, storage):
    build = Builder()
    value = build.input(storage)
    folds = [build.fold(function, value.cast("f8") if storage == "f4" and function == "sum" else value)]
    if storage[0] == "f" and function != "sum":
        folds.append(build.fold("count", None, build.let("ne", value, value)))
    code = cuda.answering_source(build.kernel(None, folds), cuda.Answer(function, storage))
    assert cuda.compile_cubin(code).startswith(b"\x7fELF")
