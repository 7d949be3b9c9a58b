"""The examples in docstrings run, and answer what they say."""

import doctest
import importlib
from pathlib import Path

import pytest

from tenfold import config

PACKAGE = Path(__file__).parents[1] / "src" / "tenfold"


def modules():
    paths = [path for path in PACKAGE.rglob("*.py") if ">>> " in path.read_text()]
    return sorted(".".join(("tenfold", *path.relative_to(PACKAGE).with_suffix("").parts)) for path in paths)


@pytest.mark.parametrize("name", modules())
def test_examples_run(name):
    with config.set(target="blocks", check=False):
        result = doctest.testmod(importlib.import_module(name.removesuffix(".__init__")))
    assert result.attempted
    assert not result.failed
