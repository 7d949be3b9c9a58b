"""Nothing is read, compiled or imported that the answer does not need. Counted, not timed."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tenfold.pandas as tf
from tenfold import config
from tenfold.io import csv_reader
from tenfold.io import files as io_files
from tenfold.run import results
from tenfold.target import cache
from tests import programs
from tests.kernels import kernels


@pytest.fixture
def files(tmp_path):
    """Three CSV files of 400 KB."""
    real = programs.frame(rows=4_000)
    for number in range(3):
        real.to_csv(tmp_path / f"{number}.csv", index=False)
    return tmp_path


@pytest.fixture
def reads(monkeypatch):
    """Opens and bytes of CSV files from here on, by file name; pieces and samples small enough to tell them apart."""
    counts = Counter()

    class Counted(io_files.Bytes):
        def __init__(self, file):
            super().__init__(file)
            counts["opens", file.path[-5:]] += 1

        def read_into(self, buffer, position):
            counts["bytes", self.file.path[-5:]] += len(buffer)
            super().read_into(buffer, position)

    for module in ("csv", "csv_reader"):
        monkeypatch.setattr(f"tenfold.io.{module}.Bytes", Counted)
    with config.set(target="cpu", piece_bytes=64 << 10, batch_bytes=16 << 10, sample_bytes=8 << 10):
        yield counts


def program(files, threshold=0):
    df = tf.read_csv(files / "*.csv", parse_dates=["t"])
    df2 = df[(df.x > threshold) & (df.y > 0)]
    df2["fraction"] = df2.x / df2.y
    return df2.groupby(df2.t.dt.hour).fraction.mean()


def test_building_reads_the_beginning_of_the_first_file_and_headers(files, reads):
    answer = program(files)
    assert reads["bytes", "0.csv"] <= 20 << 10
    assert reads["bytes", "1.csv"] + reads["bytes", "2.csv"] <= 200
    answer.compute()
    assert reads["bytes", "2.csv"] >= 390 << 10


def test_explaining_reads_no_more(files, reads):
    answer = program(files)
    before = dict(reads)
    for level in ("expr", "plan", "stage", "kernel", "source"):
        answer.explain(level, passes=True)
    assert reads == before


def test_a_second_query_of_the_same_file_opens_nothing(files, reads):
    program(files).compute()
    before = dict(reads)
    df = tf.read_csv(files / "*.csv", parse_dates=["t"])
    sampled = dict(reads)
    assert sum(sampled.values()) - sum(before.values()) <= 24 << 10
    df[df.y > 0.5].groupby(df[df.y > 0.5].t.dt.month).x.sum().compute()
    assert reads == sampled


def test_columns_read_by_another_target_are_not_mixed(files, reads):
    df = tf.read_csv(files / "*.csv", parse_dates=["t"])
    with config.set(target="blocks"):
        total = df.x.sum()
    both = (df.x - df.x + df.n).sum()
    assert df.x.sum() == total
    results.forget()
    assert (df.x - df.x + df.n).sum() == both


def test_what_is_needed_now_is_not_what_makes_room(files, reads):
    df = tf.read_csv(files / "*.csv", parse_dates=["t"])
    with config.set(cache_bytes=12_000 * 8 * 3):
        for name in ("x", "y", "n"):
            df[name].sum()
        expected = (df.x + df.big).sum()
    results.forget()
    assert (df.x + df.big).sum() == expected


def test_head_of_a_large_file_reads_its_beginning(files, reads):
    df = tf.read_csv(files / "*.csv", parse_dates=["t"])
    before = reads["bytes", "0.csv"]
    assert len(df.head().compute()) == 5
    assert reads["bytes", "0.csv"] - before <= 90 << 10
    assert reads["bytes", "1.csv"] + reads["bytes", "2.csv"] <= 200  # their headers


def test_columns_that_nobody_needs_are_not_parsed(files, monkeypatch):
    parsed = []
    first = csv_reader.CsvReader.__init__

    def noted(self, source, columns, *rest):
        parsed.append(columns)
        first(self, source, columns, *rest)

    monkeypatch.setattr(csv_reader.CsvReader, "__init__", noted)
    with config.set(target="blocks"):
        program(files).compute()
    assert parsed == [("x", "y", "t")]


def test_the_example_is_one_kernel(files):
    assert len(kernels(program(files))) == 1


def test_a_changed_threshold_compiles_nothing(files):
    with config.set(target="cpu"):
        program(files).compute()
        before = cache.compilations
        first = program(files, threshold=1.5).compute()
        results.forget()
        second = program(files, threshold=-1).compute()
    assert cache.compilations == before
    assert not first.equals(second)


def test_a_rewritten_file_is_another_file(tmp_path):
    path = tmp_path / "a.csv"
    with config.set(target="blocks"):
        path.write_text("x\n1\n")
        assert tf.read_csv(path).x.sum() == 1
        path.write_text("x\n20\n")
        assert tf.read_csv(path).x.sum() == 20


def test_a_file_that_changes_between_building_and_reading_is_an_error(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("x\n1\n")
    df = tf.read_csv(path)
    path.write_text("x\n1\n2\n")
    with config.set(target="blocks"), pytest.raises(OSError, match=r"a\.csv has changed since it was opened"):
        df.x.sum()


def test_data_in_memory_are_used_where_they_are():
    real = pd.DataFrame({"x": np.arange(10.0), "t": np.arange(10).view("M8[us]")})
    chunk = tf.from_pandas(real)._rows.source.chunks[0]
    assert all(np.shares_memory(chunk[name], real[name].to_numpy()) for name in real)


HEAVY = ("numba", "llvmlite", "dask", "distributed", "matplotlib", "cupy", "scipy")
PROGRAM = """
import sys
import tenfold.pandas as pd
assert not {heavy} & sys.modules.keys(), {heavy} & sys.modules.keys()
df = pd.DataFrame({{"x": [1.0, 2.0], "k": [1, 1]}})
df[df.x > 1].groupby("k").x.mean().compute()
assert not {heavy} & sys.modules.keys(), {heavy} & sys.modules.keys()
"""


def test_import_and_a_small_query_load_nothing_heavy(tmp_path):
    code = PROGRAM.format(heavy=set(HEAVY))
    environment = config.environment(PYTHONPATH=str(Path(config.__file__).parents[1]), TENFOLD_CACHE_DIR=str(tmp_path))
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_questions_about_a_frame_read_no_more_of_it(files, reads):
    df = tf.read_csv(files / "*.csv", parse_dates=["t"])
    column = df.x * 2
    for each in (df, column):
        assert not hasattr(each, "no_such_thing")
        assert not hasattr(each, "__cuda_array_interface__")
        assert each.ndim == 2 - isinstance(each, tf.Series)
    assert "x" in df
    assert (column == 3).name == "x"
    assert reads["bytes", "1.csv"] + reads["bytes", "2.csv"] <= 200  # their headers
