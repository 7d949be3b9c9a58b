"""Several results in one run: what they share is computed once, and each is memory of its own."""

import numpy as real
import pytest

import tenfold
import tenfold.numpy as np
import tenfold.pandas as pd
from tenfold.run import tall
from tests import fake_device

VALUES = real.random.default_rng(0).normal(size=(30_000, 9))


@pytest.fixture
def factored(monkeypatch):
    """How often a tall matrix was factored."""
    found, factor = [], tall.factor
    monkeypatch.setattr(tall, "factor", lambda run, node: found.append(node) or factor(run, node))
    return found


def test_what_results_share_is_computed_once(factored):
    made = np.linalg.svd(np.array(VALUES), full_matrices=False)
    u, s, vh = tenfold.compute(*made)
    real.testing.assert_allclose(u * s @ vh, VALUES)
    assert len(factored) == 1


def test_answers_are_those_of_each_alone():
    x = np.array(VALUES)
    values = [x + 1, (x + 1).sum(0), x[::2].T, np.arange(5), x.max(), np.concatenate([x, x])[:3], x]
    for mine, alone in zip(tenfold.compute(*values), values, strict=True):
        real.testing.assert_array_equal(mine, alone.compute())


def test_no_two_answers_share_memory():
    x = np.array(VALUES)
    y = x * 2
    answers = tenfold.compute(y, y.reshape(-1), y, x)
    answers[0][0, 0] = answers[3][0, 0] = 7.5
    assert answers[1][0] == answers[2][0, 0] == 2 * VALUES[0, 0]
    assert x[0, 0].compute() == VALUES[0, 0]


def test_frames_and_what_is_not_lazy():
    frame = pd.DataFrame({"x": [1, 2]})
    made, total, three = tenfold.compute(frame[frame.x > 1], np.arange(4).sum(), 3)
    assert made.x.tolist() == [2]
    assert (total, three) == (6, 3)
    assert tenfold.compute() == ()


def test_nothing_is_computed_for_the_null_target():
    with tenfold.config.set(target="null"):
        made = tenfold.compute(np.array(VALUES) + 1, np.arange(3))
    assert [x.shape for x in made] == [(30_000, 9), (3,)]


def test_on_a_device(monkeypatch):
    fake_device.install(monkeypatch, 1)
    x = np.array(VALUES)
    with tenfold.use("gpu"):
        answers = tenfold.compute(x + 1, (x + 1).sum(0))
    for mine, expected in zip(answers, tenfold.compute(x + 1, (x + 1).sum(0)), strict=True):
        assert type(mine) is real.ndarray
        real.testing.assert_array_equal(mine, expected)
