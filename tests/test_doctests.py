"""The examples in docstrings run, and answer what they say."""

import doctest
import functools
import importlib
from collections import Counter
from pathlib import Path

import pytest

from tenfold import config, fallback

PACKAGE = Path(__file__).parents[1] / "src" / "tenfold"


def modules():
    paths = [path for path in PACKAGE.rglob("*.py") if ">>> " in path.read_text()]
    return sorted(".".join(("tenfold", *path.relative_to(PACKAGE).with_suffix("").parts)) for path in paths)


@pytest.mark.parametrize("name", modules())
def test_examples_run(name, monkeypatch):
    monkeypatch.setattr(fallback, "counts", Counter())  # no example tells what other tests ran
    with config.set(target="blocks", check=False):
        module = importlib.import_module(name.removesuffix(".__init__"))
        finder, runner = doctest.DocTestFinder(), doctest.DocTestRunner()
        for test in finder.find(module):
            if not is_pandas_own(module, test.name):
                runner.run(test)
    assert runner.tries
    assert not runner.failures


def is_pandas_own(module, name):
    """Whether a text is pandas' own, over which a door has a line of ours."""
    found = (
        functools.reduce(getattr, name.removeprefix(module.__name__).strip(".").split("."), module)
        if (name != module.__name__)
        else module
    )
    return hasattr(getattr(found, "fget", found), "is_door")
