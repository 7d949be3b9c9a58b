"""Arrays larger than the memory budget: what streams or spills is answered, what needs more says so before it runs."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as real
import pytest

import tenfold.numpy as np
from bench.memory import Watch
from tenfold import config
from tenfold.errors import OverBudgetError
from tenfold.run import memory

ROWS, COLUMNS = 64_000, 32
BUDGET = ROWS * COLUMNS * 8 // 4


@pytest.fixture
def stored(tmp_path):
    """A .npy file four times as large as the budget, and what is in it."""
    values = real.random.default_rng(6).normal(3, 2, (ROWS, COLUMNS))
    real.save(tmp_path / "x.npy", values)
    with config.set(memory_bytes=BUDGET, target="blocks", spill_dir=str(tmp_path)):
        yield np.load(tmp_path / "x.npy"), values


def standardised(x):
    return (x - x.mean(0)) / x.std(0)


def test_standardise_multiply_and_save(stored, tmp_path):
    x, values = stored
    expected = standardised(values)
    np.save(tmp_path / "z.npy", standardised(x))
    real.testing.assert_allclose(real.load(tmp_path / "z.npy"), expected, rtol=1e-12, atol=1e-12)
    real.testing.assert_allclose(x.T @ x, values.T @ values, rtol=1e-12)
    real.testing.assert_allclose(standardised(x).T @ standardised(x), expected.T @ expected, rtol=1e-9, atol=1e-9)


def test_answers_and_factors_beyond_the_budget_are_maps_of_files_that_go_with_them(stored, tmp_path):
    x, values = stored
    held = memory._held
    doubled = (x * 2).compute()
    q, r = np.linalg.qr(x)
    basis = q.compute()
    assert [isinstance(a, real.memmap) for a in (doubled, basis)] == [True, True]
    real.testing.assert_array_equal(doubled, values * 2)
    real.testing.assert_allclose(basis @ r.compute(), values, rtol=1e-9, atol=1e-9)
    assert memory._held == held
    assert [path.name for path in tmp_path.iterdir()] == ["x.npy"]


@pytest.mark.parametrize("name", ["sort", "median", "fft"])
def test_functions_of_whole_arrays_say_what_they_would_need(stored, name):
    x, _ = stored
    function = {"sort": np.sort, "median": np.median, "fft": np.fft.fft}[name]
    with pytest.raises(OverBudgetError, match=rf"{name}.* need [\d,]+ bytes of memory, of which [\d,]+ are free"):
        function(x.ravel()).compute()
    assert function(x[:100], axis=1).compute().shape[0] == 100


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="anonymous memory is read from /proc")
def test_anonymous_memory_stays_within_the_budget(tmp_path):
    values = real.lib.format.open_memmap(tmp_path / "x.npy", "w+", "f8", (1_000_000, 32))
    values[:] = real.arange(32)
    script = """if True:
        import sys, tenfold, tenfold.numpy as np
        x = np.load(sys.argv[1])[:int(sys.argv[3])]
        z = (x - x.mean(0)) / (x.std(0) + 1)
        np.save(sys.argv[2], z)
        (x.T @ x).compute()
        (z.T @ z).compute()
    """
    peaks = []
    for rows in (1_000, 1_000_000):
        environment = os.environ | {"TENFOLD_MEMORY_BYTES": str(64 << 20), "TENFOLD_TARGET": "blocks"}
        command = [sys.executable, "-c", script, tmp_path / "x.npy", tmp_path / "z.npy", str(rows)]
        process = subprocess.Popen(command, env=environment | {"PYTHONPATH": os.pathsep.join(sys.path)})
        watch = Watch(process.pid)
        assert process.wait() == 0
        peaks.append(watch.stop())
    assert peaks[1] - peaks[0] < 64 << 20
