"""Arrays larger than the memory budget: what streams or spills is answered, what needs more says so before it runs."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import numpy as real
import pytest

import tenfold.numpy as np
from bench.memory import Watch
from tenfold import budget, config, fallback
from tenfold.errors import OverBudgetError

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
    held = budget.held
    doubled = (x * 2).compute()
    q, r = np.linalg.qr(x)
    basis = q.compute()
    assert [isinstance(a, real.memmap) for a in (doubled, basis)] == [True, True]
    real.testing.assert_array_equal(doubled, values * 2)
    real.testing.assert_allclose(basis @ r.compute(), values, rtol=1e-9, atol=1e-9)
    assert budget.held == held
    assert [path.name for path in tmp_path.iterdir()] == ["x.npy"]


@pytest.mark.parametrize("name", ["sort", "median", "fft"])
def test_functions_of_whole_arrays_say_what_they_would_need(stored, name):
    x, _ = stored
    function = {"sort": np.sort, "median": np.median, "fft": np.fft.fft}[name]
    with pytest.raises(OverBudgetError, match=rf"{name}.* need [\d,]+ bytes of memory, of which [\d,]+ are free"):
        function(x.ravel()).compute()
    assert function(x[:100], axis=1).compute().shape[0] == 100


SETS = {
    "unique": lambda x: np.unique(x),
    "unique_counts": lambda x: np.unique_counts(x),
    "union1d": lambda x: np.union1d(x, [1.0]),
    "setdiff1d": lambda x: np.setdiff1d([1.0], x),
    "intersect1d": lambda x: np.intersect1d(x, x[:10]),
    "numpy.add.reduceat": lambda x: np.add.reduceat(x, [0]),
}


@pytest.mark.filterwarnings("ignore::tenfold.fallback.FallbackWarning")
@pytest.mark.parametrize("name", SETS)
def test_what_numpy_gets_whole_is_refused_before_it_is_brought_together(name, stored):
    """Also of what is computed: nothing has run when the error comes."""
    x, values = stored
    free = f"of which {BUDGET - budget.held:,} are free"
    for lazy in (x.ravel(), x.ravel() * 2):
        with pytest.raises(OverBudgetError, match=rf"{name} works on whole arrays and would need [\d,]+ .*{free}"):
            SETS[name](lazy)
    few = x[: ROWS // 40].ravel()
    real.testing.assert_array_equal(*map(real.asarray, (np.unique(few), real.unique(values[: ROWS // 40]))))


def test_every_thread_has_a_block_of_its_own(stored):
    x, _ = stored
    rows = x[: ROWS // 4].reshape(4, -1)  # of which two, sorted and unsorted, fit the budget
    with config.set(threads=1, memory_bytes=rows.nbytes):
        assert np.sort(rows * 1, axis=1).compute().shape == rows.shape
    with config.set(threads=4, memory_bytes=rows.nbytes), pytest.raises(OverBudgetError, match="sort"):
        np.sort(rows * 1, axis=1).compute()


def test_arrays_in_memory_are_not_brought_together_again():
    x = np.asarray(real.arange(1 << 20, dtype="f8"))
    with config.set(memory_bytes=1 << 22):
        assert fallback.whole(((x, [x * 2]), {"k": x}), np.ndarray) == x.nbytes


@pytest.mark.parametrize("cut", [slice(None), slice(None, None, -2)])
def test_selected_elements_beyond_the_budget_are_a_map_of_a_file(cut, stored):
    x, values = stored
    with config.set(memory_bytes=1 << 21):
        found = x[cut][x[cut] > 0].persist()
        assert isinstance(found._node.source.array, real.memmap)
    real.testing.assert_array_equal(found.compute(), values[cut][values[cut] > 0])
    real.testing.assert_array_equal(x.T[x.T > 4].compute(), values.T[values.T > 4])


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


# -- a full disk -----------------------------------------------------------------------------------------------------


def full(descriptor, start, size):
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_folder_for_files_is_an_error_that_names_it(stored, tmp_path, monkeypatch):
    x, _ = stored
    held = budget.held
    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(
        OSError, match=rf"No space left.*{tmp_path} has to take .*set.*spill_dir or memory_bytes"
    ) as error:
        (x * 2).compute()
    assert error.value.errno == errno.ENOSPC
    with pytest.raises(OSError, match=r"No space left.*z\.npy takes 16,384,128 bytes: make room"):
        np.save(tmp_path / "z.npy", x * 2)
    assert [path.name for path in tmp_path.iterdir()] == ["x.npy"]
    assert budget.held == held


def test_a_file_system_that_reserves_nothing_is_used_all_the_same(stored, monkeypatch):
    x, values = stored
    monkeypatch.setattr(os, "posix_fallocate", lambda *range: (_ for _ in ()).throw(OSError(errno.EOPNOTSUPP, "")))
    real.testing.assert_array_equal((x * 2).compute(), values * 2)


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 20 MB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", folder]
    if os.getuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root mounts a file system")
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.mark.parametrize("name", ["npy", "zarr", "hdf5", "spilled"])
def test_a_disk_that_fills_up_ends_no_process(name, small_disk):
    script = f"""if True:
        import tenfold.numpy as np
        x = np.random.default_rng(1).normal(size=5_000_000)
        write = {{
            "npy": lambda: np.save({str(small_disk)!r} + "/a.npy", x),
            "zarr": lambda: np.to_zarr(x, {str(small_disk)!r} + "/a", chunks=500_000),
            "hdf5": lambda: np.to_hdf5(x, {str(small_disk)!r} + "/a", "v", chunks=500_000),
            "spilled": lambda: (x * 2).compute(),
        }}
        try:
            write[{name!r}]()
        except OSError as error:
            print(error)
    """
    environment = os.environ | {
        "TENFOLD_SPILL_DIR": str(small_disk),
        "TENFOLD_MEMORY_BYTES": str(1 << 20 if name == "spilled" else 100 << 20),
        "TENFOLD_TARGET": "blocks",
        "PYTHONPATH": str(Path(config.__file__).parents[1]),
    }
    ran = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert "o space left" in ran.stdout
    assert list(small_disk.iterdir()) == []
