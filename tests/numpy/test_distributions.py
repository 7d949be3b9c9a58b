"""Random arrays follow their laws: against SciPy's distribution functions, and at the ends of parameters."""

import numpy as real
import pytest

import tenfold.numpy as np
from tenfold import config
from tests.numpy.same import assert_same_array

stats = pytest.importorskip("scipy.stats")
COUNT = 20_000


@pytest.fixture(autouse=True)
def _on_blocks():
    with config.set(target="blocks"):
        yield


def drawn(name, *parameters, seed=5, count=COUNT):
    return getattr(np.random.default_rng(seed), name)(*parameters, size=count).compute()


CONTINUOUS = [
    ("random", (), stats.uniform()), ("uniform", (-2, 3), stats.uniform(-2, 5)), ("standard_normal", (), stats.norm()),
    ("normal", (1, 2), stats.norm(1, 2)), ("standard_exponential", (), stats.expon()),
    ("exponential", (3,), stats.expon(0, 3)), ("lognormal", (1, 0.5), stats.lognorm(0.5, 0, real.e)),
    ("laplace", (1, 2), stats.laplace(1, 2)), ("logistic", (1, 2), stats.logistic(1, 2)),
    ("gumbel", (1, 2), stats.gumbel_r(1, 2)), ("rayleigh", (2,), stats.rayleigh(0, 2)),
    ("weibull", (1.5,), stats.weibull_min(1.5)), ("pareto", (3,), stats.lomax(3)),
    ("power", (2.5,), stats.powerlaw(2.5)),
    ("triangular", (-1, 0, 3), stats.triang(0.25, -1, 4)), ("triangular", (0, 0, 1), stats.triang(0)),
    ("standard_cauchy", (), stats.cauchy()), ("wald", (2, 3), stats.invgauss(2 / 3, 0, 3)),
    ("wald", (1e6, 1), stats.invgauss(1e6)), ("standard_gamma", (0.05,), stats.gamma(0.05)),
    ("standard_gamma", (1,), stats.gamma(1)), ("standard_gamma", (3.5,), stats.gamma(3.5)),
    ("standard_gamma", (1e12,), stats.gamma(1e12)), ("gamma", (0.7, 2), stats.gamma(0.7, 0, 2)),
    ("beta", (0.5, 0.2), stats.beta(0.5, 0.2)), ("beta", (5, 80), stats.beta(5, 80)),
    ("chisquare", (3,), stats.chi2(3)),
    ("noncentral_chisquare", (0.5, 3), stats.ncx2(0.5, 3)), ("noncentral_chisquare", (4, 30), stats.ncx2(4, 30)),
    ("f", (5, 7), stats.f(5, 7)), ("noncentral_f", (5, 7, 2), stats.ncf(5, 7, 2)),
    ("standard_t", (1.5,), stats.t(1.5)),
    ("vonmises", (0, 0), stats.uniform(-real.pi, 2 * real.pi)), ("vonmises", (0, 0.3), stats.vonmises(0.3)),
    ("vonmises", (0, 20), stats.vonmises(20)), ("vonmises", (0, 1e12), stats.norm(0, 1e-6)),
]  # fmt: skip
DISCRETE = [
    *(("poisson", (lam,), stats.poisson(lam)) for lam in (0.01, 1, 9.9, 10, 25, 1e4)),
    *(("binomial", p, stats.binom(*p)) for p in ((1, 0.5), (10, 0.3), (20, 0.5), (100, 0.95), (10**6, 1e-6))),
    ("binomial", (10**15, 1e-13), stats.poisson(100)),
    *(("hypergeometric", (g, b, n), stats.hypergeom(g + b, g, n))
      for g, b, n in ((10, 5, 7), (5, 10, 12), (100, 300, 50), (400, 600, 900), (10**5, 3 * 10**5, 10**3))),
    *(("negative_binomial", p, stats.nbinom(*p)) for p in ((3, 0.4), (0.5, 0.1), (50, 0.9))),
    *(("geometric", (p,), stats.geom(p)) for p in (0.01, 0.4, 0.99)),
    *(("logseries", (p,), stats.logser(p)) for p in (0.01, 0.6, 0.99)),
    *(("zipf", (a,), stats.zipf(a)) for a in (2.5, 6)),
    ("integers", (-3, 9), stats.randint(-3, 9)), ("choice", (7,), stats.randint(0, 7)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "parameters", "law"), CONTINUOUS)
def test_a_continuous_law(name, parameters, law):
    assert stats.kstest(drawn(name, *parameters), law.cdf).pvalue > 1e-3


@pytest.mark.parametrize(("name", "parameters", "law"), DISCRETE)
def test_a_law_of_counts(name, parameters, law):
    counts = drawn(name, *parameters)
    assert counts.dtype == real.int64
    ends = real.unique(law.ppf(real.linspace(0, 1, 25)[1:-1]))
    expected = real.diff(real.concatenate([[0.0], law.cdf(ends), [1.0]])) * COUNT
    found = real.bincount(real.searchsorted(ends, counts), minlength=len(ends) + 1)
    enough = expected > 5
    found, expected = (real.append(x[enough], x[~enough].sum()) for x in (found, expected))
    assert stats.chisquare(found[expected > 0], expected[expected > 0], sum_check=False).pvalue > 1e-3
    assert not found[expected == 0].any()


def test_outcomes_together_have_the_covariances_of_their_law():
    p = real.array([0.1, 0.2, 0.7])
    many = np.random.default_rng(3).multinomial(20, p, COUNT).compute()
    sample = np.random.default_rng(3).multivariate_hypergeometric([10, 20, 70], 20, COUNT).compute()
    covariance = 20 * (real.diag(p) - real.outer(p, p))
    for drawn, shrunk in ((many, 1), (sample, 80 / 99)):
        assert (drawn.sum(axis=1) == 20).all()
        assert real.allclose(drawn.mean(axis=0), 20 * p, atol=0.05)
        assert real.allclose(real.cov(drawn.T), covariance * shrunk, atol=0.1)
    alpha = real.array([0.5, 1.5, 3.0])
    shares = np.random.default_rng(3).dirichlet(alpha, COUNT).compute()
    assert real.allclose(shares.sum(axis=1), 1)
    assert real.allclose(real.cov(shares.T), stats.dirichlet(alpha).cov(), atol=0.002)
    cov = real.array([[2.0, 0.5], [0.5, 1.0]])
    for method in ("svd", "eigh", "cholesky"):
        normals = np.random.default_rng(3).multivariate_normal([1, -1], cov, COUNT, method=method).compute()
        assert real.allclose(normals.mean(axis=0), [1, -1], atol=0.03)
        assert real.allclose(real.cov(normals.T), cov, atol=0.05)


def test_a_covariance_that_is_none_is_said():
    with pytest.warns(RuntimeWarning, match="positive-semidefinite"):
        np.random.default_rng(0).multivariate_normal([0, 0], [[1, 2], [2, 1]])


@pytest.mark.parametrize(
    ("name", "parameters", "value"),
    [
        ("poisson", (0,), 0), ("poisson", (1e-10,), 0), ("binomial", (5, 0), 0),
        ("binomial", (2**62 + 1, 1), 2**62 + 1),
        ("binomial", (0, 0.5), 0), ("negative_binomial", (3, 1), 0), ("geometric", (1,), 1), ("logseries", (0,), 1),
        ("geometric", (1e-300,), 2**63 - 1), ("zipf", (2000,), 1), ("zipf", (real.inf,), 1), ("weibull", (0,), 0.0),
        ("standard_gamma", (0,), 0.0), ("standard_gamma", (real.inf,), real.inf),
        ("standard_gamma", (real.nan,), real.nan),
        ("vonmises", (1, real.inf), 1.0), ("vonmises", (0, real.nan), real.nan), ("normal", (3, 0), 3.0),
        ("hypergeometric", (0, 0, 0), 0), ("hypergeometric", (5, 0, 3), 3), ("hypergeometric", (5, 4, 9), 5),
        ("uniform", (2, 2), 2.0), ("noncentral_chisquare", (1, real.inf), real.inf), ("beta", (1e-300, 1), 0.0),
    ],
)  # fmt: skip
def test_where_a_law_has_one_value_left(name, parameters, value):
    found = drawn(name, *parameters, count=500)
    assert ((found == value) | real.isnan([value])).all()
    assert real.isnan(found).all() == real.isnan(value)


def test_huge_means_and_shapes_keep_their_deviation():
    assert stats.kstest((drawn("poisson", 1e18) - 10**18) / 1e9, stats.norm.cdf).pvalue > 1e-3
    assert stats.kstest((drawn("binomial", 10**18, 0.5) - 5 * 10**17) / 5e8, stats.norm.cdf).pvalue > 1e-3
    assert stats.kstest((drawn("standard_gamma", 1e18) - 1e18) / 1e9, stats.norm.cdf).pvalue > 1e-3
    assert stats.kstest((drawn("noncentral_chisquare", 1, 1e18) - 1e18) / 2e9, stats.norm.cdf).pvalue > 1e-3


def test_huge_degrees_of_freedom_leave_numbers():
    assert real.allclose(drawn("f", 1e300, 1e300), 1)
    assert stats.kstest(drawn("f", 3, 1e300), stats.chi2(3, 0, 1 / 3).cdf).pvalue > 1e-3
    assert stats.kstest(drawn("standard_t", 1e300), stats.norm.cdf).pvalue > 1e-3


def test_tiny_shapes_leave_shares_that_are_numbers():
    shares = np.random.default_rng(1).dirichlet([1e-5, 1e-5, 1e-5], 3000).compute()
    assert real.allclose(shares.sum(axis=1), 1)
    assert real.allclose((shares > 0.5).mean(axis=0), 1 / 3, atol=0.05)
    assert abs((drawn("beta", 1e-5, 1e-5) > 0.5).mean() - 0.5) < 0.02
    assert_same_array(np.random.default_rng(1).dirichlet([0.0, 0.0], 2), real.zeros((2, 2)))


@pytest.mark.parametrize("name", ["poisson", "standard_gamma", "geometric"])
def test_neighbours_calls_and_attempts_are_independent(name):
    rng = np.random.default_rng(9)
    first, second = (getattr(rng, name)(0.4, COUNT).compute() for _ in range(2))
    for other in (second, real.roll(first, 1), real.roll(first, 4), rng.random(COUNT).compute()):
        assert abs(real.corrcoef(first, other)[0, 1]) < 5 / COUNT**0.5


def test_parameters_of_one_element_move_no_other():
    some = real.array([3.0, 40.0, 0.5, 1e6])
    other = real.array([3.0, 4.0, 0.5, 1e3])
    for name in ("poisson", "standard_gamma", "vonmises", "standard_t", "negative_binomial"):
        more = (0.3,) if name == "negative_binomial" else ()
        order = (lambda p: (0.0, p)) if name == "vonmises" else lambda p: (p, *more)  # noqa: B023
        one, two = (getattr(np.random.default_rng(4), name)(*order(p)).compute() for p in (some, other))
        assert_same_array(np.array(one[::2]), two[::2])
        lazy = getattr(np.random.default_rng(4), name)(*order(np.array(some) * 1.0))
        assert_same_array(lazy, one)
        assert_same_array(getattr(np.random.default_rng(4), name)(*order(3.0), size=4)[:1], one[:1])
