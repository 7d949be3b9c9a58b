"""The cache of compiled kernels: private, checked before it is loaded, and never needed for an answer."""

import os
import stat
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import tenfold.pandas as tf
from tenfold import config, errors
from tenfold.errors import CompilerNotice
from tenfold.target import cache, python, tiers
from tests import programs
from tests.assert_same import assert_same
from tests.kernels import kernels

SIMPLE = """
def kernel(block, lo, hi):
    return lo + hi
"""


@pytest.fixture
def folder(tmp_path, monkeypatch, helpers):
    """An empty cache, nothing in memory, and the helpers that users have."""
    monkeypatch.setattr(cache, "start_helper", helpers)
    monkeypatch.setattr(cache, "_loaded", {})
    monkeypatch.setattr(cache, "_helpers", {})
    monkeypatch.setattr(cache, "_missing", set())
    monkeypatch.setattr(errors, "_said", set())
    with config.set(cache_dir=str(tmp_path / "cache")):
        yield tmp_path / "cache" / "kernels"
        cache.stop_helpers()


@pytest.fixture
def request_():
    return cache.Request(SIMPLE, python.ENTRY, python.SIGNATURE)


OTHER = cache.Request(SIMPLE.replace("+", "*"), python.ENTRY, python.SIGNATURE)


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
    with pytest.warns(CompilerNotice, match=r"runs uncompiled: .*compiler.log says why"):
        assert cache.wait(wrong) is None
    assert "name 'nothing' is not defined" in (folder / "compiler.log").read_text()
    assert cache.wait(request_)(0, 3, 4) == 7
    before = cache.compilations
    assert cache.wait(wrong) is None  # and this is said once
    assert cache.compilations == before


@pytest.mark.usefixtures("folder")
def test_the_folder_is_the_users_alone(request_):
    cache.wait(request_)
    assert stat.S_IMODE(cache.folder().stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in cache.folder().iterdir()} == {0}


def test_nothing_but_objects_and_an_empty_log_is_left(folder, request_):
    cache.wait(request_)
    assert sorted(path.suffix for path in folder.iterdir()) == [".log", ".o"]
    assert (folder / "compiler.log").read_text() == ""


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
    assert path.read_bytes() == content or cache.unpack(path.name, path.read_bytes())


def test_an_object_of_another_owner_is_ignored(folder, request_, monkeypatch):
    cache.wait(request_)
    forget()
    status = os.fstat

    def foreign(descriptor):
        real = status(descriptor)
        return SimpleNamespace(st_uid=real.st_uid + 1, st_mode=real.st_mode, st_size=real.st_size)

    monkeypatch.setattr(cache.os, "fstat", foreign)
    assert cache.find(request_) is None


def test_objects_do_not_pass_for_each_other(folder, request_):
    """A whole object under another's name, signature or processor: other code, perhaps with other arguments."""
    cache.request_all([request_, OTHER])
    assert cache.wait(request_)(0, 3, 4) == 7
    assert cache.wait(OTHER)(0, 3, 4) == 12
    names = [r.path(folder) for r in (request_, OTHER)]
    contents = [path.read_bytes() for path in names]
    for path, content in zip(names, reversed(contents), strict=True):
        path.write_bytes(content)
    forget()
    assert cache.find(request_) is cache.find(OTHER) is None
    assert [cache.wait(r)(0, 3, 4) for r in (request_, OTHER)] == [7, 12]
    elsewhere = names[0].with_name(names[0].name.replace(cache._machine(), "0" * 8))
    assert cache.unpack(names[0].name, names[0].read_bytes())
    assert cache.unpack(elsewhere.name, names[0].read_bytes()) is None


def test_a_broken_object_under_a_valid_header_is_compiled_again(folder, request_):
    cache.wait(request_)
    path = request_.path(folder)
    symbol, elf = cache.unpack(path.name, path.read_bytes())
    for broken in (b"", elf[:70], elf[: len(elf) // 2], elf[:40] + b"\xff" * 8 + elf[48:]):
        path.write_bytes(cache.pack(path.name, symbol, broken))
        forget()
        assert cache.find(request_) is None
    path.write_bytes(cache.pack(path.name, "no_such_function", elf))
    assert cache.find(request_) is None
    assert cache.wait(request_)(0, 3, 4) == 7


@pytest.mark.parametrize("obstacle", ["folder", "full folder", "link", "pipe", "unreadable"])
def test_what_is_no_object_of_ours_in_its_place_is_compiled_anew(obstacle, folder, request_, tmp_path):
    cache.wait(request_)
    path = request_.path(folder)
    (tmp_path / "elsewhere").write_bytes(path.read_bytes())
    path.unlink()
    if obstacle == "link":
        path.symlink_to(tmp_path / "elsewhere")
    elif obstacle == "pipe":
        os.mkfifo(path)
    elif obstacle == "unreadable":
        path.touch(mode=0)
    else:
        path.mkdir()
        (path / "a").touch() if obstacle == "full folder" else None
    forget()
    assert cache.find(request_) is None
    assert cache.wait(request_)(0, 3, 4) == 7
    forget()
    assert cache.find(request_)(0, 3, 4) == 7
    assert path.is_file()
    assert not path.is_symlink()


def answers_without_a_cache(match):
    """A query is answered, and what is wrong is said once."""
    frame = programs.frame(rows=300)
    with config.set(target="blocks"):
        answer = programs.taxi(tf.from_pandas(frame)).compute()
    with config.set(target="auto", compile_rows=0):
        with pytest.warns(CompilerNotice, match=match) as said:
            assert_same(programs.taxi(tf.from_pandas(frame)), answer)
        assert_same(programs.taxi(tf.from_pandas(frame)), answer)  # nothing is said
    assert len(said) == 1


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o702])
def test_a_folder_that_others_can_write_to_is_not_used(mode, folder):
    folder.mkdir(parents=True)
    folder.chmod(mode)
    answers_without_a_cache(r"kernels must belong to you, and no one else .*TENFOLD_CACHE_DIR")
    assert list(folder.iterdir()) == []


def test_a_folder_of_another_owner_is_not_used(folder, monkeypatch):
    folder.mkdir(parents=True, mode=0o700)
    monkeypatch.setattr(cache.os, "getuid", lambda: folder.stat().st_uid + 1)
    answers_without_a_cache("must belong to you")
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("place", ["", "cache"])
def test_a_file_in_the_folders_place_is_said(place, folder):
    obstacle = folder if place == "" else folder.parent
    obstacle.parent.mkdir(parents=True, exist_ok=True)
    obstacle.touch()
    answers_without_a_cache("compiled kernels cannot be kept, so runs are slower: .*TENFOLD_CACHE_DIR")


def test_a_link_is_followed_only_into_what_is_the_users(folder, tmp_path, monkeypatch):
    """`cache` -> `real`: mine; then `real` or the link is somebody else's, or anybody may write there."""
    (tmp_path / "real").mkdir()
    folder.parent.symlink_to(tmp_path / "real")
    assert cache.folder() == folder
    (tmp_path / "real").chmod(0o777)
    answers_without_a_cache(f"{folder.parent} must belong to you")
    (tmp_path / "real").chmod(0o700)
    for method in ("stat", "lstat"):
        with monkeypatch.context() as patch:
            look = getattr(Path, method)

            def foreign(path, look=look, **options):
                status = look(path, **options)
                if path != folder.parent:
                    return status
                return os.stat_result([*status[:4], os.getuid() + 1, *status[5:]])

            patch.setattr(Path, method, foreign)
            patch.setattr(errors, "_said", set())
            answers_without_a_cache(f"{folder.parent} must belong to you")


def test_a_cache_in_a_folder_open_to_all_is_not_used(folder):
    folder.parent.mkdir()
    folder.parent.chmod(0o777)
    answers_without_a_cache(f"{folder.parent} must belong to you")
    folder.parent.chmod(0o1777)  # as /tmp: nobody else can rename what is mine
    assert cache.folder() == folder


def test_a_cache_that_cannot_be_written_to_is_still_read(folder, request_, monkeypatch):
    """A full disk, say."""
    cache.wait(request_)
    monkeypatch.setattr(cache.tempfile, "mkstemp", lambda **options: 1 / 0)
    forget()
    assert cache.find(request_)(0, 3, 4) == 7


def test_what_cannot_be_stored_leaves_nothing(folder, monkeypatch, tmp_path):
    def full(source, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cache.os, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        cache.store(b"content", tmp_path / "a.o")
    assert list(tmp_path.iterdir()) == []


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
@pytest.mark.filterwarnings("ignore::tenfold.errors.CompilerNotice")
def test_without_a_working_compiler_everything_runs_on_blocks(name, target, folder, monkeypatch):
    no_compiler(monkeypatch, target)
    frame = programs.frame(rows=300)
    with config.set(target="blocks"):
        answer = programs.PROGRAMS[name](tf.from_pandas(frame)).compute()
    with config.set(target=target, compile_rows=0, morsel_rows=50):
        assert_same(programs.PROGRAMS[name](tf.from_pandas(frame)), answer)
    assert [path.name for path in Path(folder).iterdir()] == ["compiler.log"]


@pytest.mark.parametrize(
    ("program", "match"), [("/bin/false", "the compiler failed, .*compiler.log says why"), ("/no/such", "No such file")]
)
def test_a_compiler_that_dies_is_said_once(program, match, folder, request_, monkeypatch):
    monkeypatch.setattr(cache.sys, "executable", program)
    with pytest.warns(CompilerNotice, match=match):
        assert cache.wait(request_) is None
    for request in (OTHER, request_):  # nothing is said
        assert cache.wait(request) is None
        assert cache.poll(request) is None


FOREIGN = "open({path!r}, 'a').write(__name__ + ' ran ')"


@pytest.mark.parametrize("path", ["", ".", "relative", "{here}", ":", "{here}:"])
def test_nothing_of_the_working_folder_runs(path, folder, request_, tmp_path, monkeypatch):
    """Modules of the names that the compiler imports, and settings of Numba's."""
    here, ran = tmp_path / "here", tmp_path / "ran"
    for place in (here, here / "relative"):
        place.mkdir()
        for name in ("json", "random", "struct", "sitecustomize", "traceback", "numpy", "llvmlite"):
            (place / f"{name}.py").write_text(FOREIGN.format(path=str(ran)))
        for name in ("numba", "tenfold"):
            (place / name).mkdir()
            (place / name / "__init__.py").write_text(FOREIGN.format(path=str(ran)))
        (place / ".numba_config.yaml").write_text("cpu_name: not-a-processor\n")
    monkeypatch.chdir(here)
    monkeypatch.setenv("PYTHONPATH", path.format(here=here))
    assert cache.wait(request_)(0, 3, 4) == 7
    assert not ran.exists(), ran.read_text()


def test_the_compiler_is_this_tenfolds(folder, request_, tmp_path, monkeypatch):
    """Another one that is found first does not stand in for it, and warnings as errors do not end it."""
    (tmp_path / "tenfold").mkdir()
    (tmp_path / "tenfold" / "__init__.py").write_text("raise SystemExit(3)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PYTHONWARNINGS", "error")
    assert cache.wait(request_)(0, 3, 4) == 7


@pytest.mark.filterwarnings("ignore::tenfold.errors.CompilerNotice")
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
