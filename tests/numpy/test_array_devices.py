"""Array programs on devices answer, bit for bit, what the CPU answers: on one fake device, on two, on real ones."""

import warnings

import numpy as real
import pytest

import tenfold
import tenfold.numpy as np
from tenfold import config, errors
from tenfold.errors import DeviceNotice
from tenfold.run import array_devices
from tenfold.target import device as dv
from tenfold.target import launch
from tenfold.target.launch import Segments
from tests import fake_device

VALUES = real.random.default_rng(0).normal(size=(40, 30))


@pytest.fixture(params=fake_device.COUNTS)
def gpu(request, monkeypatch):
    """The devices: so many fake ones, or (0) the real ones; pieces are small, what falls back is said each time."""
    monkeypatch.setattr(errors, "_said", set())
    monkeypatch.setattr(array_devices, "PIECE_ROWS", 500)
    monkeypatch.setattr(array_devices, "PIECE_BYTES", 4_000)
    monkeypatch.setattr(array_devices, "SLAB", 20_000)
    if request.param:
        fake_device.install(monkeypatch, request.param)
    return dv.devices()


def normals():
    return np.random.default_rng(1).normal(size=(50, 60))


PROGRAMS = {
    "sum": lambda: (np.array(VALUES) * 2 + 1).sum(),
    "mean": lambda: np.exp(np.array(VALUES)).mean(),
    "sum_of_rows": lambda: np.array(VALUES).sum(1),
    "sum_of_columns": lambda: np.array(VALUES).sum(0),
    "maximum_of_a_view": lambda: np.array(VALUES)[::2, 1:].max(1),
    "argmin": lambda: np.array(VALUES).argmin(1),
    "deviation": lambda: np.array(VALUES).std(axis=0),
    "turned": lambda: np.array(VALUES)[:, ::-1].T + 1,
    "slice_of_normals": lambda: (normals() + 1)[::2, ::2].sum(),
    "rows_of_normals": lambda: normals()[3:7],
    "means_of_normals": lambda: normals().mean(0),
    "integers": lambda: np.random.default_rng(2).integers(0, 100, (7, 9)).sum(0),
    "functions": lambda: np.exp(normals()[:, 5:]).sum(1),
    "count": lambda: (np.array(VALUES) > 0).sum(),
    "any": lambda: (np.array(VALUES) > 2).any(0),
    "sorted": lambda: np.sort(np.array(VALUES), 0),
    "joined": lambda: np.concatenate([np.array(VALUES), normals()[:40, :30]])[::3],
    "taken": lambda: np.array(VALUES)[[1, 2, 3], [4, 5, 6]],
    "reshaped": lambda: np.array(VALUES).reshape(-1)[::7] * 2,
    "narrow": lambda: (np.array(VALUES.astype("f4")) + 1).sum(0),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_have_the_bits_of_the_cpu(gpu, name):
    expected = PROGRAMS[name]().compute()
    with tenfold.use("gpu"), warnings.catch_warnings():
        warnings.simplefilter("error", DeviceNotice)
        answer = PROGRAMS[name]().compute()
    assert type(answer) is type(expected)
    assert np.shape(answer) == np.shape(expected)
    real.testing.assert_array_equal(answer, expected, strict=True)


@pytest.mark.parametrize("program", [np.cumsum, np.arcsin, np.median], ids=["cumsum", "arcsin", "median"])
def test_what_devices_cannot_do_runs_on_the_cpu_and_says_so(gpu, program):
    values = np.array(VALUES / 10)
    expected = program(values).compute()
    with tenfold.use("gpu"), pytest.warns(DeviceNotice, match="on the CPU"):
        real.testing.assert_array_equal(program(values).compute(), expected, strict=True)


def test_draws_by_blocks_are_made_on_the_host_and_kernels_go_on_with_them(gpu):
    def programs():
        rng = np.random.default_rng(3)
        lazy = abs(np.array(VALUES)) * 20
        return [(rng.poisson(lazy) + 1).sum(0), rng.negative_binomial(4, 0.1, (40, 30))[::3], rng.beta(2, 3, 90) * 2]

    expected = [program.compute() for program in programs()]
    with tenfold.use("gpu"):
        with pytest.warns(DeviceNotice, match="draw_poisson"):
            answers = [programs()[0].compute()]
        launches = getattr(gpu[0], "launches", -1)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeviceNotice)
            answers += [program.compute() for program in programs()[1:]]
    assert launches < 0 or gpu[0].launches > launches > 0
    for answer, value in zip(answers, expected, strict=True):
        real.testing.assert_array_equal(answer, value, strict=True)


def test_persisted_arrays_stay_on_the_device_and_draw_work_there(gpu):
    with tenfold.use("gpu"):
        kept = np.array(VALUES).persist()
    assert dv.is_resident(kept._node.source.array)
    launches = getattr(gpu[0], "launches", -1)
    real.testing.assert_array_equal((kept + 1).compute(), VALUES + 1)
    assert launches < 0 or gpu[0].launches > launches


def test_positions_beyond_an_axis_are_refused(gpu):
    values, positions = np.array(VALUES), np.array([0, 20]) * 2
    with tenfold.use("gpu"), pytest.raises(IndexError, match="out of bounds for axis 0 with size 40"):
        values[positions].compute()


def test_a_device_of_no_use_is_not_asked(monkeypatch):
    fake_device.install(monkeypatch, 1)
    with config.set(target="blocks"):
        real.testing.assert_array_equal((np.array(VALUES) + 1).compute(), VALUES + 1)


FACTORS = {
    "qr": lambda x: abs(np.linalg.qr(x).R),
    "svd": lambda x: np.linalg.svd(x, full_matrices=False).S,
    "compressed": lambda x: np.linalg.svd_compressed(x, 2, n_power_iter=1, seed=1).S,
    "product": lambda x: x.T @ x,
    "product of drawn": lambda x: np.random.default_rng(3).normal(size=(9_000, 9)).T @ x[:9_000],
    "rows": lambda x: x @ x[:9],
    "columns": lambda x: x[:9].T @ x.T,
    "transform": lambda x: np.fft.rfft(x[:50], axis=0),
}


@pytest.mark.parametrize("name", FACTORS)
def test_factors_and_transforms_are_made_there(gpu, name):
    x = np.array(real.random.default_rng(2).normal(size=(30_000, 9)))
    expected = FACTORS[name](x).compute()
    with tenfold.use("gpu"), warnings.catch_warnings():
        warnings.simplefilter("error", DeviceNotice)
        answer = FACTORS[name](x).compute()
    real.testing.assert_allclose(answer, expected, rtol=1e-9, atol=1e-9)


REDUCTIONS = {
    "sum": lambda x, axis: x.sum(axis),
    "mean of values": lambda x, axis: np.exp(x).mean(axis),
    "max": lambda x, axis: x.max(axis),
    "min of integers": lambda x, axis: (np.arange(x.size).reshape(x.shape) % 17).min(axis),
    "count": lambda x, axis: np.count_nonzero(x > 0, axis),
    "drawn": lambda x, axis: np.random.default_rng(5).normal(size=x.shape).sum(axis),
    "mapped": lambda x, axis: np.arange(x.size).reshape(x.shape)[:, ::-1].sum(axis),
}
AXES = [0, 1, 2, (0, 1), (1, 2), (0, 2), (0, 1, 2)]


@pytest.mark.parametrize("shape", [(3, 50, 7), (1, 9, 40), (2, 300, 1), (40, 1, 3)])
@pytest.mark.parametrize("name", REDUCTIONS)
def test_reductions_over_any_axes(gpu, name, shape):
    x = np.array(real.random.default_rng(4).normal(size=shape) * 10.0 ** real.arange(shape[-1]))
    expected = [REDUCTIONS[name](x, axis).compute() for axis in AXES]
    with tenfold.use("gpu"):
        answers = [REDUCTIONS[name](x, axis).compute() for axis in AXES]
    for answer, known in zip(answers, expected, strict=True):
        real.testing.assert_array_equal(answer, known)


FOLDS = {
    "sum": lambda x, axis: x.sum(axis),
    "mean": lambda x, axis: x.mean(axis),
    "min": lambda x, axis: x.min(axis),
    "max": lambda x, axis: x.max(axis),
    "any": lambda x, axis: (x != 0).any(axis),
    "all": lambda x, axis: (x != 3).all(axis),
    "count": lambda x, axis: np.count_nonzero(x, axis),
    "place": lambda x, axis: x.argmax(axis),
}


@pytest.mark.parametrize("kind", ["f8", "f4", "i8", "i4", "u1", "?"])
@pytest.mark.parametrize("name", FOLDS)
def test_few_rows_a_result_leave_nothing_but_the_answers(gpu, name, kind, monkeypatch):
    rng = real.random.default_rng(9)
    values = (abs(rng.normal(size=(5, 3_000))) * 10.0 ** rng.integers(-2, 2, 3_000)).astype(kind)
    if kind[0] == "f":
        values[rng.random(values.shape) < 0.05] = real.nan
        values[rng.random(values.shape) < 0.1] *= 0
    expected = FOLDS[name](np.array(values), 0).compute()
    monkeypatch.setattr(launch.Launcher, "fold", None)  # cells and other accumulators in memory
    with tenfold.use("gpu"):
        real.testing.assert_array_equal(FOLDS[name](np.array(values), 0).compute(), expected, strict=True)
        turned = np.array(real.ascontiguousarray(values.T))
        real.testing.assert_array_equal(FOLDS[name](turned, 1).compute(), expected, strict=True)


def test_segments_are_shared_out():
    threads = 270_336
    for rows, length, inner in [(5 * 10**8, 1000, 1), (10**8, 10**8, 1), (4 * 10**6, 2, 1), (10**9, 10**6, 1000)]:
        pieces, lanes = Segments(length, inner).shared_out(rows, threads)
        segments = rows // length
        assert lanes == 1 or (inner == 1 and lanes * 4 <= length)
        assert pieces * lanes * 4 <= max(length, 4)
        assert segments * pieces * lanes >= min(threads, rows // 64)
        assert -(-length // pieces) <= 1 << 20


WIDE_KEYS = {
    "random": lambda rng, n: rng.integers(-(1 << 63), (1 << 63) - 1, n),
    "narrow": lambda rng, n: rng.integers(-40, 40, n),
    "close in their upper bits": lambda rng, n: (rng.integers(0, 400, n) << 50) + rng.integers(0, 9, n),
    "many equal": lambda rng, n: rng.integers(0, 3, n) << 60,
    "a few far apart": lambda rng, n: rng.integers(0, 1 << 20, n) + ((rng.integers(0, n, n) == 0).astype("i8") << 62),
    "unsigned": lambda rng, n: rng.integers(0, (1 << 64) - 1, n, dtype="u8"),
    "floats": lambda rng, n: rng.choice([-real.inf, -1e300, -0.0, 0.0, 1e-310, 2.5, real.nan, -real.nan], n),
    "normals": lambda rng, n: rng.normal(size=n),
}


@pytest.mark.parametrize("rows", [1, 1_000, 5_000])
@pytest.mark.parametrize("name", WIDE_KEYS)
def test_argsort_is_stable(gpu, name, rows):
    values = WIDE_KEYS[name](real.random.default_rng(6), rows)
    with tenfold.use("gpu"), warnings.catch_warnings():
        warnings.simplefilter("error", DeviceNotice)
        answer = np.argsort(np.array(values), kind="stable").compute()
    assert answer.dtype == real.int64
    real.testing.assert_array_equal(answer, real.argsort(values, kind="stable"))


SETS = {
    "unique": lambda x: np.unique(x),
    "unique_index": lambda x: np.unique(x, return_index=True, return_inverse=True, return_counts=True),
    "unique_counts": lambda x: np.unique_counts(x),
    "unique_inverse": lambda x: np.unique_inverse(x),
    "unique_values": lambda x: np.sort(np.unique_values(x)),
    "union1d": lambda x: np.union1d(x[:20], x[30:]),
    "intersect1d": lambda x: np.intersect1d(x[:20], x[10:]),
    "setdiff1d": lambda x: np.setdiff1d(x[:20], x[30:]),
    "chosen": lambda x: x[x > 20] * 2,
    "isin": lambda x: np.isin(x, x[:5]),
}


@pytest.mark.parametrize("name", SETS)
def test_sets_stay_where_they_are_made(gpu, name):
    values = real.random.default_rng(7).integers(0, 50, 300)
    expected = SETS[name](np.array(values))
    with tenfold.use("gpu"):
        answers = SETS[name](np.array(values))
        kept = answers if isinstance(answers, tuple) else (answers,)
        assert name == "isin" or all(dv.is_resident(x.persist()._node.source.array) for x in kept)
    assert type(answers) is type(expected)
    for mine, known in zip(kept, expected if isinstance(expected, tuple) else (expected,), strict=True):
        real.testing.assert_array_equal(mine, known)
