"""Programs as people write them: unchanged, with tenfold.pandas and tenfold.numpy, they give what the real ones give.

A program is `main(pd, np, folder)`, and returns all that its reader would look at. Data are made once a run.
"""

import importlib
import tempfile
import warnings

import numpy
import pandas
import pytest

import tenfold.numpy
import tenfold.pandas
from tenfold import config, fallback
from tests.acceptance.comparing import compare, real
from tests.acceptance.programs import data

NAMES = [maker.__name__ for maker in data.MAKERS]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("programs")
    data.make(made)
    return made


@pytest.fixture(scope="module")
def expected(folder):
    """What a program gives with the real libraries, asked for once."""
    kept = {}

    def ask(name):
        if name not in kept:
            kept[name] = outcome(name, pandas, numpy, folder / name)
        return kept[name]

    return ask


def outcome(name, pd, np, folder):
    pandas.reset_option("^display")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {key: real(value) for key, value in load(name).main(pd, np, folder).items()}


def load(name):
    return importlib.import_module(f"tests.acceptance.programs.{name}")


@pytest.mark.timeout(120)
@pytest.mark.parametrize("small_cells", [0, config.SETTINGS["small_cells"].default], ids=["forms", "small"])
@pytest.mark.parametrize("name", NAMES)
def test_a_program_gives_what_it_gives_with_pandas(name, small_cells, folder, expected, tmp_path, monkeypatch):
    monkeypatch.setattr(fallback, "announce", lambda *args: None)  # programs list the warnings that they meet
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))  # where programs write
    with config.set(small_cells=small_cells, small_bytes=config.SETTINGS["small_bytes"].default, check=False):
        ours = outcome(name, tenfold.pandas, tenfold.numpy, folder / name)
    wanted = expected(name)
    assert list(ours) == list(wanted)
    for key, value in wanted.items():
        compare(ours[key], value)
