"""Where no compiled scanner is at hand: pandas reads small files, large ones wait for the compiler."""

import numpy as np
import pandas as pd
import pytest

import tenfold.pandas as tf
from tenfold import config
from tenfold.io import csv_text
from tenfold.target import cache


@pytest.fixture
def waited(monkeypatch):
    """Nothing ships and nothing is cached; how often somebody waited, in vain."""
    calls = []
    monkeypatch.setattr(cache, "find", lambda request: None)
    monkeypatch.setattr(cache, "poll", lambda request: None)
    monkeypatch.setattr(cache, "request_all", lambda requests: None)
    monkeypatch.setattr(cache, "wait", lambda request: calls.append(request.entry))
    with config.set(target="auto"):
        yield calls


@pytest.mark.parametrize(("worth", "expected"), [(1 << 20, 0), (10, 1)])
def test_only_large_files_wait(tmp_path, monkeypatch, waited, worth, expected):
    monkeypatch.setattr(csv_text, "WORTH_WAITING", worth)
    path = tmp_path / "a.csv"
    real = pd.DataFrame({"x": np.arange(20) * 0.5})
    real.to_csv(path, index=False)
    assert float(tf.read_csv(path).x.sum()) == real.x.sum()
    assert waited.count("scan") == expected
