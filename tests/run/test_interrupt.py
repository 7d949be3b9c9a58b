"""Ctrl-C in the middle of a run: it ends within a second, and leaves no thread, process or file behind."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tenfold import config

ROOT = str(Path(config.__file__).parents[1])
PROGRAM = """
import signal, threading, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # who started the tests may ignore it
from tenfold import config
import tenfold.pandas as pd
config.set(target={target!r}, threads=3, piece_bytes=1 << 14, compile_rows=0, cache_bytes=0, morsel_rows=64)
from tenfold.run import worker
first = worker.Worker.take

def slow(self, *batch):  # a long run on a small file
    time.sleep(0.02)
    first(self, *batch)

worker.Worker.take = slow
df = {read}
print("running", flush=True)
try:
    df.groupby("k").x.mean().compute()
    print("finished", flush=True)
except KeyboardInterrupt:
    print("threads", threading.active_count(), flush=True)
    raise
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"k": rng.integers(0, 9, 200_000), "x": rng.normal(size=200_000)})
    frame.to_csv(folder / "a.csv", index=False)
    frame.to_parquet(folder / "a.parquet", row_group_size=500)
    return folder


READ = {"csv": "pd.read_csv({folder!r} + '/a.csv')", "parquet": "pd.read_parquet({folder!r} + '/a.parquet')"}


def children(process):
    """The processes that a process has started and not ended."""
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return [int(word) for word in listed.read_text().split()]


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


LONG = """
import signal, threading, time
signal.signal(signal.SIGINT, signal.default_int_handler)
import numpy, tenfold, tenfold.numpy as np
tenfold.config.set(target="blocks", threads={threads})
a = np.array(numpy.ones(({n}, {n}), {dtype!r}))
lazy = {code}
print("running", flush=True)
try:
    numpy.asarray(lazy)
    print("finished", flush=True)
except KeyboardInterrupt:
    print("threads", threading.active_count(), flush=True)
"""
PRODUCTS = {
    "matmul": ("a @ a", "i8", 3000),
    "few": ("a[:1900] @ a[:, :1900]", "i4", 1900),
    "half": ("a @ a", "f2", 2000),
    "stack": ("np.stack([a, a, a]) @ np.stack([a, a, a])", "u2", 2000),
    "einsum": ("np.einsum('ij,kj->ik', a, a)", "i8", 3000),
    "tensordot": ("np.tensordot(a.reshape(40, 50, 2000), a.reshape(2000, 50, 40), ((2, 1), (0, 1)))", "G", 2000),
    "matrix_power": ("np.linalg.matrix_power(a, 3)", "i8", 2000),
}


@pytest.mark.parametrize(("name", "threads"), [("matmul", 1), *((name, 2) for name in PRODUCTS)])
def test_ctrl_c_ends_a_product_that_blas_does_not_make(name, threads):
    """It would take from 10 seconds to a minute."""
    code, dtype, n = PRODUCTS[name]
    process = subprocess.Popen(
        [sys.executable, "-c", LONG.format(code=code, dtype=dtype, n=n, threads=threads)],
        env=config.environment(PYTHONPATH=ROOT), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    with process:
        try:
            assert process.stdout.readline() == "running\n"
            time.sleep(0.5)
            before = time.monotonic()
            process.send_signal(signal.SIGINT)
            assert process.stdout.readline() == "threads 1\n"
            assert time.monotonic() - before < 5, "half a second, on a machine that has nothing else to do"
        finally:
            process.kill()


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks for child processes in /proc")
@pytest.mark.parametrize("source", READ)
@pytest.mark.parametrize("target", ["blocks", "auto"])
def test_ctrl_c_ends_a_run_and_leaves_nothing(source, target, folder, tmp_path):
    code = PROGRAM.format(target=target, read=READ[source].format(folder=str(folder)))
    environment = config.environment(PYTHONPATH=ROOT, TENFOLD_CACHE_DIR=str(tmp_path / "cache"), TMPDIR=str(tmp_path))
    process = subprocess.Popen(
        [sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "running\n"
    time.sleep(0.4)
    started = children(process)
    before = time.monotonic()
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=20)
    elapsed = time.monotonic() - before
    assert "KeyboardInterrupt" in errors, errors
    assert output == "threads 1\n"
    assert elapsed < 2, "a second to stop, and what the interpreter takes to end"
    assert [pid for pid in started if is_alive(pid)] == []
    left = [path for path in tmp_path.rglob("*") if path.is_file() and path.suffix not in (".o", ".log")]
    assert left == []
