"""Random arrays: one seed, one array, however cut, ordered or shared by threads; NumPy's bits where they exist."""

import inspect
import pickle

import numpy as real
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tenfold.numpy as np
from tenfold import config, fallback
from tenfold.errors import NotYetError
from tenfold.fallback import FallbackWarning
from tests.numpy import drawn
from tests.numpy.same import assert_same_array

SHAPE = (5, 31)
ROWS = (1, 2, 3, 7, 31, 32, 60, 100, 155, 1 << 17)  # ten ways to cut 155 elements
DISTRIBUTIONS = {
    "random": lambda rng, size: rng.random(size),
    "random_f4": lambda rng, size: rng.random(size, dtype="f4"),
    "uniform": lambda rng, size: rng.uniform(-2, 3, size),
    "normal": lambda rng, size: rng.normal(1, 2, size),
    "standard_normal": lambda rng, size: rng.standard_normal(size),
    "exponential": lambda rng, size: rng.exponential(3, size),
    "standard_exponential": lambda rng, size: rng.standard_exponential(size),
    "lognormal": lambda rng, size: rng.lognormal(0, 0.5, size),
    "integers": lambda rng, size: rng.integers(-5, 50, size),
    "integers_u1": lambda rng, size: rng.integers(0, 255, size, dtype="u1", endpoint=True),
    "choice": lambda rng, size: rng.choice(10, size),
    "weighted_choice": lambda rng, size: rng.choice([1.5, 2.5, 9.0], size, p=[0.2, 0.5, 0.3]),
    "permutation": lambda rng, size: rng.permutation(155).reshape(size),
    "permuted": lambda rng, size: rng.permuted(np.arange(155).reshape(size), axis=1),
    "laplace": lambda rng, size: rng.laplace(1, 2, size),
    "logistic": lambda rng, size: rng.logistic(1, 2, size),
    "gumbel": lambda rng, size: rng.gumbel(1, 2, size),
    "rayleigh": lambda rng, size: rng.rayleigh(2, size),
    "weibull": lambda rng, size: rng.weibull(1.5, size),
    "pareto": lambda rng, size: rng.pareto(3, size),
    "power": lambda rng, size: rng.power(2, size),
    "triangular": lambda rng, size: rng.triangular(-1, 0, 3, size),
    "standard_cauchy": lambda rng, size: rng.standard_cauchy(size),
    "wald": lambda rng, size: rng.wald(2, 3, size),
    "standard_gamma": lambda rng, size: rng.standard_gamma(0.5, size, dtype="f4"),
    "gamma": lambda rng, size: rng.gamma(2.5, 3, size),
    "beta": lambda rng, size: rng.beta(0.5, 2, size),
    "chisquare": lambda rng, size: rng.chisquare(3, size),
    "noncentral_chisquare": lambda rng, size: rng.noncentral_chisquare(real.linspace(0.1, 3, size[1]), 2, size),
    "f": lambda rng, size: rng.f(5, 7, size),
    "noncentral_f": lambda rng, size: rng.noncentral_f(5, 7, 2, size),
    "standard_t": lambda rng, size: rng.standard_t(4, size),
    "vonmises": lambda rng, size: rng.vonmises(1, 3, size),
    "poisson": lambda rng, size: rng.poisson(real.linspace(0, 30, size[1]), size),
    "binomial": lambda rng, size: rng.binomial(real.arange(size[1]) * 3, 0.7, size),
    "negative_binomial": lambda rng, size: rng.negative_binomial(4.5, 0.2, size),
    "geometric": lambda rng, size: rng.geometric(0.1, size),
    "logseries": lambda rng, size: rng.logseries(0.8, size),
    "zipf": lambda rng, size: rng.zipf(1.7, size),
    "hypergeometric": lambda rng, size: rng.hypergeometric(40, 60, np.arange(size[1]) * 3, size),
    "multinomial": lambda rng, size: rng.multinomial(50, [0.1, 0.2, 0.3, 0.2, 0.2], 31).reshape(size),
    "multivariate_hypergeometric": lambda rng, size: rng.multivariate_hypergeometric([90] * 5, 99, 31).reshape(size),
    "dirichlet": lambda rng, size: rng.dirichlet([0.1, 0.5, 1, 2, 3], 31).reshape(size),
    "multivariate_normal": lambda rng, size: rng.multivariate_normal([0.0] * size[1], real.eye(size[1]) + 1, size[0]),
}
SLOW = ("hypergeometric", "multivariate_hypergeometric", "multinomial")  # by the piece: cut less finely
whole = pytest.mark.parametrize("name", DISTRIBUTIONS)


def drawn_array(name, seed=7, before=0):
    rng = np.random.default_rng(seed)
    rng.random(before)
    return DISTRIBUTIONS[name](rng, SHAPE)


def values(name, **options):
    with config.set(target="blocks", morsel_rows=1 << 17, threads=1):
        return drawn_array(name, **options).compute()


@whole
def test_one_seed_one_array_in_ten_ways_of_cutting(name):
    expected = values(name)
    for number, rows in enumerate(ROWS[3:] if name in SLOW else ROWS):
        with config.set(target="blocks", morsel_rows=rows, threads=number % 3 + 1):
            assert_same_array(drawn_array(name), expected)


@whole
def test_other_seeds_and_places_give_other_arrays(name):
    expected = values(name)
    assert (values(name, seed=8) != expected).any()
    assert (values(name, before=8) != expected).any()


@given(st.data())
def test_a_slice_is_that_of_the_whole(data):
    name = data.draw(st.sampled_from(sorted(DISTRIBUTIONS)))
    key = data.draw(drawn.basic_indices(SHAPE))
    with data.draw(drawn.settings_of_a_run()):
        assert_same_array(drawn_array(name)[key], values(name)[key])
        assert_same_array((drawn_array(name) + 1).T[::2], (values(name) + 1).T[::2])


CLOSED = (
    "laplace", "logistic", "gumbel", "rayleigh", "weibull", "pareto", "power", "triangular", "standard_cauchy", "wald",
    "lognormal", "random_f4",
)  # fmt: skip


@pytest.mark.parametrize("name", ["normal", "random", "exponential", "integers", "beta", "vonmises", *CLOSED])
def test_one_seed_one_array_without_a_compiler(name, quick_target):
    assert_same_array(drawn_array(name)[1::2, ::3], values(name)[1::2, ::3])
    assert_same_array(drawn_array(name)[::2, 1::2], values(name)[::2, 1::2])


def test_one_seed_one_sum_on_every_target(target):
    assert_same_array(drawn_array("normal")[1:].sum(0), np.array(values("normal"))[1:].sum(0).compute())


def test_one_seed_one_array_of_closed_forms_on_every_target(target):
    drawn, expected = (draw("gumbel") + draw("triangular", seed=8) for draw in (drawn_array, values))
    assert_same_array(drawn, expected)


@pytest.mark.parametrize("base", [0, 1])
@pytest.mark.parametrize("columns", [30, 31])
def test_normals_at_even_or_odd_numbers_are_those_of_the_whole(base, columns):
    rng = np.random.default_rng(3)
    everything = rng.normal(size=(9, columns)).compute()
    again = np.random.default_rng(3).normal(size=(9, columns))[:, base::2]
    assert_same_array(again, everything[:, base::2])


def test_the_order_of_evaluation_changes_nothing():
    rng, other = np.random.default_rng(1), np.random.default_rng(1)
    first, second = rng.normal(size=50), rng.random(50)
    one, two = other.normal(size=50), other.random(50)
    assert_same_array(two, second.compute())
    assert_same_array(one, first.compute())


def test_uniform_numbers_are_those_of_numpys_philox_call_after_call():
    for seed in (0, 7, 12345678901234567890, [1, 2, 3]):
        ours = np.random.default_rng(seed)
        theirs = real.random.Generator(real.random.Philox(seed))
        assert_same_array(ours.random((5, 7)), theirs.random((5, 7)))
        assert_same_array(ours.uniform(-3, 8, 11), theirs.uniform(-3, 8, 11))
        assert float(ours.random()) == theirs.random()
        assert_same_array(ours.uniform([0, 1], [5, 6]), theirs.uniform([0, 1], [5, 6]))
        assert_same_array(ours.random(4), theirs.random(4))


MOMENTS = {
    "random": (1 / 2, 1 / 12), "uniform": (1 / 2, 25 / 12), "normal": (1, 4), "standard_normal": (0, 1),
    "exponential": (3, 9), "standard_exponential": (1, 1), "integers": (22, (55**2 - 1) / 12), "choice": (4.5, 99 / 12),
}  # fmt: skip


@pytest.mark.parametrize("name", MOMENTS)
def test_mean_and_variance_are_those_of_the_distribution(name):
    count = 200_000
    mean, variance = MOMENTS[name]
    with config.set(target="blocks"):
        x = DISTRIBUTIONS[name](np.random.default_rng(11), count).compute()
    assert abs(x.mean() - mean) < 5 * (variance / count) ** 0.5
    assert abs(x.var() / variance - 1) < 0.05
    assert abs(real.corrcoef(x[:-1], x[1:])[0, 1]) < 5 / count**0.5


def test_floats_of_four_bytes_are_below_one():
    class Ones(np.random.Generator):  # the largest numbers that `random` draws
        def _random(self, size, *like):
            return np.full(size, 1 - 2.0**-53)

    assert Ones(np.random.Philox(0)).random(3, dtype="f4").max() < 1


def test_draws_into_an_array_differ_from_each_other():
    for out in (np.zeros((3, 4)), real.zeros((3, 4))):
        assert np.random.default_rng(1).random(out=out) is out
        assert_same_array(np.random.default_rng(1).random((3, 4)), real.asarray(out))
    gammas = np.random.default_rng(1).standard_gamma([1.0, 2.0], out=np.zeros(2))
    assert_same_array(np.random.default_rng(1).standard_gamma([1.0, 2.0]), real.asarray(gammas))


def test_integers_may_be_all_that_a_dtype_holds():
    for dtype in ("?", "i1", "u1", "i4", "u4", "i8", "u8"):
        least, most = (0, 1) if dtype == "?" else (int(real.iinfo(dtype).min), int(real.iinfo(dtype).max))
        drawn = np.random.default_rng(2).integers(least, most, 4000, dtype, endpoint=True).compute()
        assert drawn.dtype == dtype
        assert abs((drawn.astype("f8") - least).mean() / (most - least) - 0.5) < 0.03
        assert_same_array(np.random.default_rng(2).integers(least, most + 1, 4000, dtype), drawn)
        only = np.random.default_rng(2).integers([most, least], [most, least], dtype=dtype, endpoint=True)
        assert only.tolist() == [most, least]


# -- orders --------------------------------------------------------------------------------------------------------


def test_permutations_hold_every_element_once():
    assert sorted(np.random.default_rng(0).permutation(100).tolist()) == list(range(100))
    some = np.random.default_rng(0).choice(20, 20, replace=False)
    assert sorted(some.tolist()) == list(range(20))
    for axis in (None, 0, 1):
        x = np.random.default_rng(0).permuted(real.arange(200).reshape(20, 10), axis=axis).compute()
        assert (real.sort(x, axis=axis) == real.sort(real.arange(200).reshape(20, 10), axis=axis)).all()
        assert (x != real.arange(200).reshape(20, 10)).any(axis=axis or 0).all()  # no two places are alike


@pytest.mark.parametrize(
    "x",
    [np.arange(50), real.arange(50), list(range(50)), bytearray(range(50)), real.arange(50).astype(object)],
    ids=["ours", "memory", "list", "bytes", "objects"],
)
@pytest.mark.filterwarnings("ignore::tenfold.fallback.FallbackWarning")
@pytest.mark.parametrize("stream", [lambda: np.random.default_rng(0), lambda: np.random.RandomState(0)])
def test_shuffling_changes_what_it_is_given(x, stream):
    x = x.copy()
    assert stream().shuffle(x) is None
    assert sorted(x) == list(range(50)) != list(x)


def test_shuffling_along_an_axis_keeps_the_others_together():
    for x in (np.arange(60).reshape(3, 20), real.arange(60).reshape(3, 20)):
        view = x[:, :10]
        np.random.default_rng(0).shuffle(view, axis=1)
        assert sorted(x[0].tolist()) == list(range(20)) != x[0].tolist()
        assert (real.diff(real.asarray(x), axis=0) == 20).all()


def test_choices_without_replacement_go_by_their_weights():
    rng, weights = np.random.default_rng(5), [0.0, 0.1, 0.2, 0.7]
    drawn = real.array([rng.choice(4, 2, replace=False, p=weights).tolist() for _ in range(400)])
    assert (drawn[:, 0] != drawn[:, 1]).all()
    assert 0 not in drawn
    assert abs((drawn[:, 0] == 3).mean() - 0.7) < 0.08
    assert abs((drawn[drawn[:, 0] == 3, 1] == 2).mean() - 2 / 3) < 0.1
    assert real.random.default_rng(0).choice(["a", "b"], 3).dtype == rng.choice(["a", "b"], 3).dtype
    assert rng.choice([[1, 2, 3], [4, 5, 6]], (2, 2), axis=1).shape == (2, 2, 2)


# -- streams -------------------------------------------------------------------------------------------------------


def signature(function):
    return [(p.name, p.kind, p.default) for p in inspect.signature(function).parameters.values()]


def test_every_method_is_called_as_numpys():
    methods = [name for name in dir(real.random.Generator) if name[0] != "_" and name != "bit_generator"]
    ours, theirs = np.random.Generator, real.random.Generator
    assert len(methods) > 40
    assert {n: signature(getattr(ours, n)) for n in methods} == {n: signature(getattr(theirs, n)) for n in methods}


def test_the_place_of_a_generator_is_that_of_a_philox():
    ours, theirs = np.random.default_rng(3), real.random.Generator(real.random.Philox(3))
    for count in (1, 5, 8):
        ours.random(count), theirs.random(count)
        assert str(ours.bit_generator.state) == str(theirs.bit_generator.state)
    again = pickle.loads(pickle.dumps(ours))
    state = ours.bit_generator.state
    first = ours.poisson(5, 20).compute()
    assert_same_array(again.poisson(5, 20), first)
    ours.bit_generator.state = state
    assert_same_array(ours.poisson(5, 20), first)
    assert_same_array(np.random.default_rng(3).spawn(2)[1].random(3), theirs.spawn(2)[1].random(3))


def test_generators_are_made_of_whatever_makes_numpys():
    philox = real.random.Generator(real.random.Philox(7)).random(4)
    for seed in (7, real.random.SeedSequence(7), np.array([7]), real.random.Philox(7)):
        assert_same_array(np.random.default_rng(seed).random(4), philox)
    rng = np.random.default_rng(7)
    assert np.random.default_rng(rng) is rng
    jumped = real.random.Philox(7).jumped()
    others = [
        real.random.PCG64(7),
        real.random.default_rng(9),
        np.random.RandomState(7),
        real.random.MT19937(8),
        jumped,
    ]
    drawn = [tuple(np.random.default_rng(seed).random(4).tolist()) for seed in others]
    assert len({tuple(philox.tolist()), *drawn}) == 6
    shared = np.random.Philox(7)
    both = [np.random.Generator(shared).random(2) for _ in range(2)]
    assert_same_array(np.concatenate(both), philox)
    with pytest.raises(TypeError, match="default_rng"):
        np.random.Generator(7)


@pytest.mark.filterwarnings("ignore::tenfold.fallback.FallbackWarning")
def test_older_functions_draw_numpys_own_numbers():
    fallback.forget()
    np.random.seed(5)
    with pytest.warns(FallbackWarning, match=r"random\.rand .*default_rng"):
        ours = [np.random.rand(3)]
    ours += [np.random.randint(0, 9, 4), np.random.normal([0.0, 1.0]), np.random.permutation(5)]
    mine = np.random.RandomState(5)
    ours += [mine.rand(3), mine.choice(np.arange(9), 4)]
    real.random.seed(5)
    theirs = [real.random.rand(3), real.random.randint(0, 9, 4), real.random.normal([0.0, 1.0])]
    theirs.append(real.random.permutation(5))
    state = real.random.RandomState(5)
    theirs += [state.rand(3), state.choice(real.arange(9), 4)]
    for one, other in zip(ours, theirs, strict=True):
        assert isinstance(one, np.ndarray)
        assert_same_array(one, other)
    with config.set(strict=True), pytest.raises(NotYetError, match="default_rng"):
        np.random.rand(3)


# -- errors --------------------------------------------------------------------------------------------------------

REFUSED = """
poisson(-1) | poisson(nan) | poisson(1e19) | poisson([1, -1]) | poisson(np.array([1.0, -1.0])) | poisson("a")
binomial(-1, 0.5) | binomial(5, 1.1) | binomial(5, nan) | binomial(2**63, 0.5) | binomial([1, 2], [0.1, 0.2, 0.3])
negative_binomial(0, 0.5) | negative_binomial(1, 0) | negative_binomial(1e18, 1e-3) | geometric(0) | geometric(1.1)
logseries(1) | logseries(-1) | zipf(1) | zipf(nan) | hypergeometric(5, 5, 11) | hypergeometric(-1, 5, 1)
hypergeometric(10**9, 5, 1) | normal(0, -1, 3) | normal(0, [-1]) | normal(1j) | normal(None) | normal([1, 2], size=3)
normal([1, 2], size=()) | uniform(1, 0) | uniform(0, inf) | uniform(-1e308, 1e308) | uniform([1, 2], size=3)
exponential(-1) | lognormal(0, -1) | laplace(0, -1) | logistic(0, -1) | gumbel(0, -1) | rayleigh(-1) | weibull(-1)
pareto(0) | power(0) | triangular(0, 2, 1) | triangular(1, 0, 2) | triangular(1, 1, 1) | wald(0, 1) | wald(1, 0)
gamma(-1) | gamma(1, -1) | standard_gamma(-1) | standard_gamma([1, 2], out=np.empty(3)) | beta(0, 1) | beta(1, 0)
chisquare(0) | f(0, 1) | f(1, 0) | noncentral_chisquare(0, 1) | noncentral_chisquare(1, -1) | noncentral_f(1, 0, 1)
standard_t(0) | vonmises(0, -1) | multinomial(5, [0.5, 0.6, 0.1]) | multinomial(5, [-0.5, 0.6])
multinomial(-1, [0.5, 0.5]) | multinomial(5, []) | multinomial([5, 6], [0.5, 0.5], size=3) | dirichlet([-1, 1])
dirichlet([[1, 2]]) | multivariate_normal([0], [1])
multivariate_normal([0, 0], [[1, 2], [2, 1]], check_valid="raise") | multivariate_normal([0, 0], [[1]])
multivariate_normal([0, 0], [[1, 2], [2, 1]], method="cholesky") | multivariate_normal([0], [[1]], method="x")
multivariate_normal([0], [[1]], check_valid="x") | multivariate_normal([0j], [[1]])
multivariate_normal([[0]], [[1]]) | multivariate_hypergeometric([1, 2], 4) | multivariate_hypergeometric([1, -2], 1)
multivariate_hypergeometric([1, 2], -1) | multivariate_hypergeometric([1.5, 2], 1)
multivariate_hypergeometric([10**9, 2], 1) | multivariate_hypergeometric([1], [1])
multivariate_hypergeometric([1, 2], 1, method="x") | integers(5, 5) | integers(0) | integers(5, 4, endpoint=True)
integers(0, 300, dtype="u1") | integers(-1, 3, dtype="u8") | integers(0, 3, dtype=bool) | integers(0, 5, dtype=float)
integers(5, dtype=">i4") | integers("a") | random(2, out=np.empty(3)) | random(out=np.empty(3, "f4")) | random(-1)
random(2.5) | random((2, None)) | random(out=[1, 2]) | random(3, dtype="i4") | random(3, dtype="f2")
random(3, dtype=">f8") | choice(3, 5, replace=False) | choice(3, p=[0.5, 0.5]) | choice(3, p=[0.5, 0.5, 0.5])
choice(2, p=[nan, 1]) | choice(2, p=[-1, 2]) | choice(3, 3, False, [0.5, 0.5, 0]) | choice(-1) | choice(0)
choice(0, 3) | choice([], 3) | choice(2.5) | choice("abc") | choice(3, -1) | choice([1, 2], p=[[0.5, 0.5]])
permutation(2.5) | permutation("abc") | permutation([1, 2], 3) | permutation(np.array(5)) | permuted(5)
permuted([[1, 2]], axis=2) | permuted([3, 4], out=[1]) | permuted([3, 4], out=np.empty(3, int)) | shuffle(5)
shuffle((1, 2)) | shuffle([1, 2], 1) | shuffle(np.arange(3), 2) | shuffle("ab") | shuffle(np.array(5))
"""


@pytest.mark.parametrize("call", [call for line in REFUSED.strip().splitlines() for call in line.split(" | ")])
def test_what_numpy_refuses_is_refused_at_the_call(call):
    def made(np):
        return eval(f"np.random.default_rng(0).{call}", {"np": np, "nan": real.nan, "inf": real.inf})

    with pytest.raises((ValueError, TypeError, OverflowError, NotImplementedError)) as theirs:
        made(real)
    with pytest.raises(theirs.type):
        made(np)


@pytest.mark.parametrize("seed", [-1, "a", 2.5])
def test_what_no_seed_is_is_refused(seed):
    with pytest.raises((ValueError, TypeError)) as theirs:
        real.random.default_rng(seed)
    with pytest.raises(theirs.type):
        np.random.default_rng(seed)


ACCEPTED = """
binomial(10.5, 0.5) | binomial([10.5], 0.5) | binomial(5, True) | poisson(2, size=()) | normal(size=()) | random(())
normal([1, 2], size=(3, 2)) | normal([[1.0, 2.0]], [[1], [2]]) | negative_binomial(1, 1) | geometric(1e-300)
hypergeometric(5, 5, 0) | hypergeometric(0, 0, 0) | weibull(0) | gamma(0) | logseries(0) | zipf(2000)
multinomial(5, [0.2, 0.2]) | multinomial(5, [[0.5, 0.5], [0.1, 0.9]]) | multinomial([5, 6], [0.5, 0.5], size=(3, 2))
dirichlet([]) | dirichlet([1, 2], 3) | multivariate_normal([0, 1], [[1, 0], [0, 1]], size=3)
multivariate_hypergeometric([], 0) | choice(0, 0) | multivariate_hypergeometric([90, 2], 1, method="count")
multivariate_hypergeometric([1, 2], 1, size=(2,)) | integers(2.5) | integers([2.5]) | integers([1, 2], [3])
integers(3, dtype="i1") | choice([[1, 2], [3, 4]], 3, axis=1) | choice(5, ()) | choice(["a", "b"]) | permutation(-1)
permutation([[1, 2], [3, 4]], 1) | permuted([3, 4], out=np.empty(2)) | standard_gamma(1, out=np.empty(2))
random(out=np.empty(3, "f4"), dtype="f4") | standard_exponential(3, method="inv")
"""


@pytest.mark.parametrize("call", [call for line in ACCEPTED.strip().splitlines() for call in line.split(" | ")])
def test_dtypes_and_shapes_are_numpys(call):
    ours, theirs = (eval(f"np.random.default_rng(0).{call}", {"np": module}) for module in (np, real))
    assert ours.dtype == real.asarray(theirs).dtype
    assert ours.compute().shape == real.shape(theirs)
