"""Settings: what is allowed, what a block sets and undoes, in many threads too, and what the environment says."""

import itertools
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import tenfold.pandas as tf
from tenfold import config
from tenfold.run import executors

WRONG = {
    "threads": [0, -1, "2", 2.0, True, None, 1 << 17],
    "target": ["cuuda", "", "CPU", 1],
    "executor": ["thread", None],
    "devices": [-2, "all"],
    "device_rows": [0],
    "morsel_rows": [-1, 0, 1e6],
    "piece_bytes": [-5, 0, 1 << 80],
    "batch_bytes": [0, -1, 1 << 31],
    "sample_bytes": [0, -1],
    "compile_rows": [-1],
    "memory_bytes": [-1, "1GB"],
    "strict": ["yes", 1, None],
    "cache_dir": [3, None],
}


@pytest.fixture
def fresh(monkeypatch):
    """As at the start: nothing set by anybody."""
    monkeypatch.setattr(config, "_for_good", {})
    block = config._block.get()
    config._block.set(config._Block({}))
    yield
    config._block.set(block)


@pytest.mark.parametrize(("name", "value"), [(n, v) for n, values in WRONG.items() for v in values])
def test_what_is_not_allowed_is_said(name, value):
    before = config.get(name)
    with pytest.raises(ValueError, match=rf"^{name}=.*: give (an integer from -?\d+ to \d+|one of \w+, \w+|a path)"):
        config.set(threads=1, **{name: value}) if name != "threads" else config.set(threads=value)
    assert config.get(name) == before


@pytest.mark.parametrize("text", ["-5", "x", "1e6", "0"])
@pytest.mark.usefixtures("fresh")
def test_so_it_is_of_the_environment(text, monkeypatch):
    monkeypatch.setenv("TENFOLD_PIECE_BYTES", text)
    with pytest.raises(ValueError, match=f"^TENFOLD_PIECE_BYTES='{text}': give an integer from 1 to"):
        config.get("piece_bytes")


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("threads", "3", 3),
        ("devices", "-1", -1),
        ("strict", "On", True),
        ("progress", "no", False),
        ("target", "cpu", "cpu"),
        ("spill_dir", "/tmp", "/tmp"),
        ("cache_dir", "~/there", os.path.expanduser("~/there")),
    ],
)
@pytest.mark.usefixtures("fresh")
def test_the_environment_gives_the_start(name, text, value, monkeypatch):
    monkeypatch.setenv(f"TENFOLD_{name.upper()}", text)
    assert config.get(name) == value


@pytest.mark.usefixtures("fresh")
def test_words_that_are_no_truth_value_are_none(monkeypatch):
    monkeypatch.setenv("TENFOLD_STRICT", "perhaps")
    with pytest.raises(ValueError, match="TENFOLD_STRICT='perhaps': give one of False, True"):
        config.get("strict")


@pytest.mark.parametrize("name", config.SETTINGS)
@pytest.mark.usefixtures("fresh")
def test_an_empty_variable_is_as_none_and_defaults_are_allowed(name, monkeypatch):
    monkeypatch.setenv(f"TENFOLD_{name.upper()}", "")
    setting = config.SETTINGS[name]
    assert config.get(name) == setting.default
    assert setting.checked(name, setting.default) == setting.default


def test_an_empty_cache_folder_is_the_usual_one():
    with config.set(cache_dir=""):
        assert config.get("cache_dir") == config.SETTINGS["cache_dir"].default


@pytest.mark.parametrize("home", ["", "relative"])
def test_the_cache_is_never_in_the_working_folder(home, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", home)
    monkeypatch.setenv("HOME", home)
    assert os.path.isabs(config._cache())


def test_executors_are_those_allowed():
    assert sorted(config.SETTINGS["executor"].allowed) == sorted(executors.EXECUTORS)


def test_the_smallest_sizes_work(tmp_path):
    (tmp_path / "a.csv").write_text("a,b\n" + "1,2.5\n" * 30)
    frame = {"a": [1] * 30}
    with config.set(piece_bytes=1, batch_bytes=1, sample_bytes=1, morsel_rows=1, memory_bytes=0, cache_bytes=0):
        assert tf.read_csv(tmp_path / "a.csv").sum().compute().tolist() == [30, 75.0]
        assert tf.DataFrame(frame).a.sum() == 30


# -- blocks and threads ---------------------------------------------------------------------------------------------


def test_blocks_in_many_threads_see_their_own_and_all_is_undone():
    before, wrong, start = config.get("morsel_rows"), [], threading.Barrier(8)

    def work(own):
        start.wait()
        for turn in range(300):
            with config.set(morsel_rows=own):
                if config.get("morsel_rows") != own:
                    wrong.append((own, turn))
                with config.set(morsel_rows=own + 100, threads=3):
                    if config.get("morsel_rows") != own + 100:
                        wrong.append((own, turn))
                if config.get("morsel_rows") != own:
                    wrong.append((own, turn))

    threads = [threading.Thread(target=work, args=(k + 1,)) for k in range(8)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert wrong == []
    assert config.get("morsel_rows") == before
    assert config._given("morsel_rows")[-1].values["morsel_rows"] == before


@pytest.mark.usefixtures("fresh")
def test_what_is_set_without_a_block_holds_everywhere():
    config.set(threads=5)
    seen = []
    thread = threading.Thread(target=lambda: seen.append(config.get("threads")))
    thread.start()
    thread.join()
    assert seen == [5] == [config.get("threads")]


@pytest.mark.usefixtures("fresh")
def test_what_another_thread_sets_in_a_block_is_not_seen():
    seen, inside, looked = [], threading.Event(), threading.Event()

    def work():
        with config.set(threads=7):
            inside.set()
            looked.wait(5)
            seen.append(config.get("threads"))

    config.set(threads=5)
    thread = threading.Thread(target=work)
    thread.start()
    inside.wait(5)
    seen.append(config.get("threads"))
    looked.set()
    thread.join()
    assert seen == [5, 7]


@pytest.mark.usefixtures("fresh")
def test_what_is_set_inside_of_a_block_ends_with_it():
    config.set(threads=1)
    with config.set(threads=2):
        config.set(threads=3, morsel_rows=9)
        assert config.get("threads") == 3
        with config.set(threads=4):
            assert config.get("threads") == 4
        assert config.get("threads") == 3
    assert (config.get("threads"), config.get("morsel_rows")) == (1, 9)


@pytest.mark.usefixtures("fresh")
def test_one_object_serves_several_blocks():
    config.set(threads=1)
    two = config.set(threads=2)
    assert config.get("threads") == 2  # for good, until it turns out to be for a block
    with two, config.set(morsel_rows=5), two:
        assert (config.get("threads"), config.get("morsel_rows")) == (2, 5)
    assert config.get("threads") == 1
    with config.set(morsel_rows=6), two:
        assert (config.get("threads"), config.get("morsel_rows")) == (2, 6)
    assert config.get("threads") == 1


@pytest.mark.usefixtures("fresh")
def test_setting_again_and_again_keeps_little():
    for threads in itertools.islice(itertools.cycle([1, 2, 3]), 1_000):
        config.set(threads=threads)
    assert len(config._for_good["threads"]) < 100
    assert config.get("threads") == 1


def test_an_error_in_the_environment_is_the_users_to_read(tmp_path):
    root = str(Path(config.__file__).parents[1])
    code = "import tenfold.numpy as np; print(np.arange(10).sum().compute())"
    environment = os.environ | {"PYTHONPATH": root, "TENFOLD_MORSEL_ROWS": "-1", "TENFOLD_CACHE_DIR": str(tmp_path)}
    ran = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert "TENFOLD_MORSEL_ROWS='-1': give an integer from 1 to" in ran.stderr
