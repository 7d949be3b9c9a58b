"""The cache of compiled kernels: private, checked before it is loaded, and never needed for an answer."""

import os
import stat
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import tenfold.pandas as tf
from tenfold import config
from tenfold.target import cache, python, tiers
from tests import programs
from tests.assert_same import assert_same
from tests.kernels import kernels

SIMPLE = """
def kernel(block, lo, hi):
    return lo + hi
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty cache, and nothing in memory."""
    monkeypatch.setattr(cache, "_loaded", {})
    monkeypatch.setattr(cache, "_helpers", {})
    monkeypatch.setattr(cache, "_missing", set())
    with config.set(cache_dir=str(tmp_path / "cache")):
        yield tmp_path / "cache" / "kernels"
        cache.stop_helpers()


@pytest.fixture
def request_():
    return cache.Request(SIMPLE, python.ENTRY, python.SIGNATURE)


def forget():
    cache._loaded.clear()
    cache._helpers.clear()
    cache._missing.clear()


def test_a_kernel_is_compiled_once_and_found_by_the_next_process(folder, request_):
    before = cache.compilations
    assert cache.wait(request_)(0, 3, 4) == 7
    forget()
    assert cache.find(request_)(0, 30, 4) == 34
    assert cache.compilations == before + 1


def test_who_waits_for_nothing_looks_once_until_we_compile(folder, request_, monkeypatch):
    looked_for, find = [], cache.find
    monkeypatch.setattr(cache, "find", lambda request: (looked_for.append(request), find(request))[1])
    assert [cache.at_hand(request_) for _ in range(3)] == [None] * 3
    assert looked_for == [request_]
    cache.wait(request_)
    cache._loaded.clear()  # compiled, and not yet loaded
    assert cache.at_hand(request_)(0, 3, 4) == 7


def test_a_request_that_does_not_compile_keeps_no_other_from_it(folder, request_):
    wrong = cache.Request("def kernel(block, lo, hi):\n    return nothing\n", python.ENTRY, python.SIGNATURE)
    cache.request_all([wrong, request_])
    assert cache.wait(wrong) is None
    assert cache.wait(request_)(0, 3, 4) == 7
    before = cache.compilations
    assert cache.wait(wrong) is None
    assert cache.compilations == before


@pytest.mark.usefixtures("folder")
def test_the_folder_is_the_users_alone(request_):
    cache.wait(request_)
    assert stat.S_IMODE(cache.folder().stat().st_mode) == 0o700
    assert [stat.S_IMODE(path.stat().st_mode) & 0o077 for path in cache.folder().iterdir()] == [0]


def test_nothing_but_objects_is_left(folder, request_):
    cache.wait(request_)
    assert [path.suffix for path in folder.iterdir()] == [".o"]


@pytest.mark.parametrize("change", ["cut", "bit", "empty", "other format"])
def test_a_corrupt_object_is_ignored_and_compiled_again(change, folder, request_):
    cache.wait(request_)
    path = request_.path(folder)
    content = path.read_bytes()
    middle = len(content) // 2
    path.write_bytes(
        {
            "cut": content[:middle],
            "bit": content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :],
            "empty": b"",
            "other format": b"tenfold object 0" + content[16:],
        }[change]
    )
    forget()
    assert cache.find(request_) is None
    before = cache.compilations
    assert cache.wait(request_)(0, 3, 4) == 7
    assert cache.compilations == before + 1
    assert path.read_bytes() == content or cache.unpack(path.read_bytes())


def test_an_object_of_another_owner_is_ignored(folder, request_, monkeypatch):
    cache.wait(request_)
    forget()
    status = os.fstat

    def foreign(descriptor):
        real = status(descriptor)
        return SimpleNamespace(st_uid=real.st_uid + 1, st_mode=real.st_mode, st_size=real.st_size)

    monkeypatch.setattr(cache.os, "fstat", foreign)
    assert cache.find(request_) is None


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o702])
def test_a_folder_that_others_can_write_to_is_refused(mode, folder, request_):
    folder.mkdir(parents=True)
    folder.chmod(mode)
    with pytest.raises(
        PermissionError, match=r"kernels: the kernel cache must belong to you alone .*TENFOLD_CACHE_DIR"
    ):
        cache.find(request_)


def test_a_folder_of_another_owner_is_refused(folder, request_, monkeypatch):
    folder.mkdir(parents=True, mode=0o700)
    monkeypatch.setattr(cache.os, "getuid", lambda: folder.stat().st_uid + 1)
    with pytest.raises(PermissionError, match="must belong to you alone"):
        cache.find(request_)


def test_keys_name_text_signature_and_what_is_imported(monkeypatch):
    text = "from tenfold.primitives.accumulate import deposit\n" + SIMPLE
    keys = {
        cache.Request(SIMPLE, "kernel", "i8*,i8,i8->i8").key,
        cache.Request(SIMPLE, "kernel", "f8*,i8,i8->i8").key,
        cache.Request(SIMPLE + "#", "kernel", "i8*,i8,i8->i8").key,
        cache.Request(text, "kernel", "i8*,i8,i8->i8").key,
    }
    assert len(keys) == 4
    before = cache.Request(text, "kernel", "i8*,i8,i8->i8").key
    source = cache.source_of
    monkeypatch.setattr(cache, "source_of", lambda name: source(name) + "# changed")
    cache._sources.cache_clear()
    assert cache.Request(text, "kernel", "i8*,i8,i8->i8").key != before
    cache._sources.cache_clear()


def test_no_name_and_no_literal_of_the_user_reaches_the_folder(folder):
    df = tf.DataFrame({"secret_name": [1.0, 2.0], "k": np.array([1, 1], "i1")})
    with config.set(target="cpu"):
        df[df.secret_name > 0.123456789].groupby("k").secret_name.sum().compute()
    texts = [python.text(k) for k in kernels(df[df.secret_name > 0.123456789].groupby("k").secret_name.sum())]
    contents = [path.read_bytes() + path.name.encode() for path in folder.iterdir()] + [t.encode() for t in texts]
    assert len(contents) >= 2
    assert not [c for c in contents if b"secret" in c or b"0.1234" in c or np.float64(0.123456789).tobytes() in c]


# -- without a compiler ---------------------------------------------------------------------------------------------


def no_compiler(monkeypatch, target):
    """A helper that fails, or one that cannot even start, and nothing shipped."""
    monkeypatch.setattr(cache.sys, "executable", "/bin/false" if target == "auto" else "/no/such/python")
    monkeypatch.setattr(cache, "_read_shipped", lambda request: None)


@pytest.mark.parametrize("target", ["auto", "cpu"])
@pytest.mark.parametrize("name", programs.PROGRAMS)
def test_without_a_working_compiler_everything_runs_on_blocks(name, target, folder, monkeypatch):
    no_compiler(monkeypatch, target)
    frame = programs.frame(rows=300)
    with config.set(target="blocks"):
        answer = programs.PROGRAMS[name](tf.from_pandas(frame)).compute()
    with config.set(target=target, compile_rows=0, morsel_rows=50):
        assert_same(programs.PROGRAMS[name](tf.from_pandas(frame)), answer)
    assert list(Path(folder).iterdir()) == []


def test_csv_is_read_without_a_working_compiler(folder, tmp_path, monkeypatch):
    no_compiler(monkeypatch, "auto")
    frame = programs.frame(rows=300)[["x", "n", "w"]]
    frame.to_csv(tmp_path / "a.csv", index=False)
    with config.set(target="auto", compile_rows=0):
        for _ in range(2):
            assert_same(tf.read_csv(tmp_path / "a.csv"), pd.read_csv(tmp_path / "a.csv"))


def test_a_run_moves_over_to_machine_code_between_batches(folder, monkeypatch):
    """The first batches run on blocks, the others are compiled: the same bits as either alone."""
    frame = programs.frame(rows=4_000)
    with config.set(target="blocks"):
        answer = programs.taxi(tf.from_pandas(frame)).compute()
    calls = iter(range(10_000))
    monkeypatch.setattr(tiers.cache, "poll", lambda request: cache.wait(request) if next(calls) > 20 else None)
    with config.set(target="auto", compile_rows=0, morsel_rows=97, threads=2):
        assert_same(programs.taxi(tf.from_pandas(frame)), answer)
    assert next(calls) > 20
