"""Draws by blocks: the words of attempts, the masses of counts, and the hat that their rejection needs."""

import math

import numpy as np
import pytest

from tenfold.run import draws

INDICES = np.array([0, 1, 5, 1 << 40])


def test_each_attempt_has_words_of_its_own_with_and_without_machine_code(monkeypatch):
    made = [draws.words_of((7, 9), INDICES, attempt) for attempt in range(-1, 9)]
    assert len(np.unique(made)) == 10 * 4 * len(INDICES)
    monkeypatch.setattr(draws.cache, "shipped_primitive", lambda *request: None)
    for attempt, words in enumerate(made, -1):
        np.testing.assert_array_equal(draws.words_of((7, 9), INDICES, attempt), words)
    np.testing.assert_array_equal(draws.words_of((7, 9), INDICES[2:3], 3)[:, 0], made[4][:, 2])


def test_an_element_is_the_same_whoever_it_is_drawn_with():
    lam = np.array([0.1, 5.0, 30.0, 1e9] * 500)
    indices = np.arange(2000)
    whole = draws.draw("draw_poisson", 1, 2, indices, lam)
    assert [draws.draw("draw_poisson", 1, 2, indices[k : k + 1], lam[k])[0] for k in range(40)] == whole[:40].tolist()
    np.testing.assert_array_equal(draws.draw("draw_poisson", 1, 2, indices[::-3], lam[::-3]), whole[::-3])


def test_stirling_and_deviance_are_exact_to_the_last_digits():
    k = np.array([0.0, 1, 2, 15, 16, 17, 100, 1e5])
    exact = [math.lgamma(x + 1) - (x * math.log(x) if x else 0) + x for x in k]
    np.testing.assert_allclose(draws.stirling(k), exact, rtol=1e-12, atol=1e-9)
    mean = np.array([1e-3, 1.0, 10, 1e3])[:, np.newaxis]
    x = mean * np.array([0.0, 0.3, 0.75, 0.81, 0.999, 1, 1.1, 1.25, 4])
    with np.errstate(all="ignore"):
        exact = np.where(x > 0, x * np.log(x / mean), 0.0) + mean - x
        np.testing.assert_allclose(draws.deviance(x, mean, x - mean), exact, rtol=1e-9, atol=1e-12 * mean.max())
    huge = draws.deviance(np.array([1e18 + 1e9]), 1e18, np.array([1e9]))
    np.testing.assert_allclose(huge, 0.5, rtol=1e-8)  # half a squared deviation


def hypergeometrics():
    for total in (40, 61, 400, 10**5):
        for good in np.unique(np.linspace(10, total // 2, 9).astype(int)):
            for sample in np.unique(np.linspace(10, total // 2, 9).astype(int)):
                yield draws._hypergeometric(*map(np.float64, (good, total - good, sample)))


LAWS = {
    "poisson": lambda: map(draws._poisson, np.append(np.linspace(10, 60, 101), [1e3, 1e5])),
    "binomial": lambda: (
        draws._binomial(np.float64(n), p) for n in (20, 21, 100, 10**6) for p in np.linspace(10 / n, 0.5, 20)
    ),
    "hypergeometric": hypergeometrics,
}


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # logarithms of 0, which `draw` lets pass
@pytest.mark.parametrize("name", LAWS)
def test_the_hat_lies_above_the_masses(name):
    """u**2 <= mass(k) / mass(mode) implies |x - mean - 1/2| <= width / 2 for all x in [k, k + 1)."""
    for law in LAWS[name]():
        if law.mean < draws.FEW:
            continue
        around = np.floor(law.mean + np.linspace(-15, 15, 1001) * np.sqrt(law.variance))
        k = np.unique(np.clip(around, 0, law.last))
        u = np.exp(0.5 * (law.log_mass(k) - law.log_mass(law.mode)))
        assert u.max() <= 1 + 1e-9
        reach = np.maximum(np.abs(k - law.mean - 0.5), np.abs(k - law.mean + 0.5)) * u
        assert 2 * reach.max() <= draws.width_of(law)
