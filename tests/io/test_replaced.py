"""A file that is replaced is read anew, also by one of equal size and times (`cp -p`, `rsync -t`)."""

import os

import numpy as real
import pandas
import pytest

import tenfold.numpy as np
import tenfold.pandas as tf


def write(kind, path, values):
    if kind == "npy":
        real.save(path, real.array(values))
    elif kind == "parquet":
        pandas.DataFrame({"a": values}).to_parquet(path, compression=None)
    else:
        pandas.DataFrame({"a": values}).to_csv(path, index=False)


READ = {
    "csv": lambda path: tf.read_csv(path).a,
    "url": lambda path: tf.read_csv(f"file://{path}").a,
    "parquet": lambda path: tf.read_parquet(path).a,
    "npy": lambda path: np.load(path, mmap_mode="r"),
}


def replaced(kind, path, values, how):
    """Other values in a file of the same size and the same times."""
    before = path.stat()
    if how == "moved":
        other = path.with_name("other")
        with open(other, "wb") as file:  # numpy would add its own ending
            write(kind, file, values)
        os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
        os.replace(other, path)
    else:
        write(kind, path, values)
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    after = path.stat()
    assert (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)


@pytest.mark.parametrize("how", ["moved", "rewritten"])
@pytest.mark.parametrize("kind", READ)
def test_equal_size_and_times_do_not_hide_new_content(kind, how, tmp_path):
    path = tmp_path / f"a.{kind}"
    for turn in range(1, 6):
        if turn == 1:
            write(kind, path, [turn] * 5)
        else:
            replaced(kind, path, [turn] * 5, how)
        assert int(READ[kind](path).sum()) == 5 * turn


@pytest.mark.parametrize(("kind", "how"), [("csv", "moved"), ("parquet", "moved"), ("npy", "rewritten")])
def test_what_was_opened_before_is_refused(kind, how, tmp_path):
    path = tmp_path / f"a.{kind}"
    write(kind, path, [1] * 5)
    lazy = READ[kind](path)
    replaced(kind, path, [2] * 5, how)
    with pytest.raises((OSError, ValueError), match=r"has changed since it was opened|was written to after it was"):
        int(lazy.sum())
