"""The laws that random arrays follow: element i of each is a function of the key, of i, and of the parameters at i.

Where a law has a closed form, its elements are that function of one or two draws (uniform, normal, exponential or
gamma), and so run in kernels. Counts, gamma and whatever else rejects are draws made by blocks (`run/draws.py`).
Illegal parameters are refused at the call, as in NumPy, and of lazy parameters that takes a look at their values.
"""

import math
import operator
import warnings
from typing import Any

import numpy as np

from tenfold.expr import arrays as ar
from tenfold.numpy import elementwise as ew
from tenfold.numpy.array import ndarray, node_of

BLOCK = 4  # words of a Philox block; normals take pairs of words within one
COUNTER = 1 << 59  # blocks that the elements of one key may take, so that numbers of words are int64
TINY = 2.0**-54  # half of the step between uniforms: what stands for 0 where a logarithm is taken
LARGEST_MEAN = 2.0**63 - 10 * 2.0**31.5  # of Poisson's law, as NumPy's: ten deviations more are an int64
LARGEST_GROUP = 1_000_000_000
WORD = (1 << 64) - 1


class Distributions:
    """Draws by all laws, each behind the words that those before it took; the place is that of a NumPy `Philox`."""

    _source: Any

    # -- draws --------------------------------------------------------------------------------------------------------

    def _claim(self, count: int, align: int) -> tuple[list[ar.Array], int]:
        """The key, and the first of so many words that no other call gets."""
        with self._source.lock:
            state = self._source.state
            counter, key = state["state"]["counter"], state["state"]["key"]
            blocks = sum(int(word) << 64 * n for n, word in enumerate(counter))
            far, blocks = divmod(blocks, COUNTER)
            first = -(-(BLOCK * blocks + state["buffer_pos"] - BLOCK) // align) * align
            done, rest = divmod(first + count, BLOCK)
            done += far * COUNTER
            counter[:] = [done >> 64 * n & WORD for n in range(4)]
            self._source.state = state | {"buffer_pos": BLOCK, "has_uint32": 0}
            if rest:
                self._source.random_raw(rest)
        if far:  # as far as `jumped` goes: a stream of its own
            key = np.random.SeedSequence([*key.tolist(), far]).generate_state(2, np.uint64)
        return [ar.full(int(word), np.int64) for word in key.view(np.int64)], first

    def _draw(
        self, name: str, size: Any, *parameters: Any, like: Any = (), align: int = 1, dtype: Any = "f8"
    ) -> ndarray:
        """A draw under some parameters, of a size, or of the shape of the parameters and of what it is `like`."""
        given = np.broadcast_shapes(*(np.shape(p) for p in (*parameters, *like)))
        shape = given if size is None else shape_of(size)
        if np.broadcast_shapes(given, shape) != shape:
            raise ValueError(f"Output size {shape} is not compatible with broadcast dimensions of inputs {given}.")
        key, first = self._claim(math.prod(shape), align)
        numbers = ar.Range(first, shape or (1,))
        nodes = [node_of(p) for p in parameters]
        nodes = [ar.broadcast(node, numbers.shape) if node.ndim else node for node in nodes]
        made = ndarray(ew.over(f"draw_{name}", [*key, numbers, *nodes], dtype))
        return made if shape else made[0]

    def _random(self, size: Any, *like: Any) -> ndarray:
        return self._draw("random", size, like=like)

    def _exponential(self, size: Any, *like: Any) -> ndarray:
        return self._draw("exponential", size, like=like)

    def _normal(self, size: Any, *like: Any) -> ndarray:
        return self._draw("normal", size, like=like, align=BLOCK)

    def _gamma(self, shape: Any, size: Any, *like: Any) -> ndarray:
        return self._draw("gamma", size, shape, like=like)

    # -- uniform, normal, exponential ---------------------------------------------------------------------------------

    def random(self, size: Any = None, dtype: Any = np.float64, out: Any = None) -> Any:
        """Uniform in [0, 1): the bits of `numpy.random.Generator(numpy.random.Philox(seed)).random(size)`."""
        size, kind = sized(size, dtype, out, "random")
        made = self._random(size)
        if kind == np.float32:  # of as many bits as it holds, so that none is rounded up to 1
            made = _function("floor", made * 2.0**24) * 2.0**-24
        return filled(made, kind, out)

    def uniform(self, low: Any = 0.0, high: Any = 1.0, size: Any = None) -> Any:
        """Uniform in [low, high): the bits of NumPy's on Philox."""
        low, high = real(low), real(high)
        with np.errstate(over="ignore"):
            width = high - low
        if some(abs(width) == np.inf) or some(width != width):
            raise OverflowError("high - low is more than a float holds, or no number")
        refuse(width < 0, "high - low < 0")
        return self._random(size, low, high) * width + low

    def standard_normal(self, size: Any = None, dtype: Any = np.float64, out: Any = None) -> Any:
        """Normal with mean 0 and deviation 1, by Box and Muller's pairs."""
        size, kind = sized(size, dtype, out, "standard_normal")
        return filled(self._normal(size), kind, out)

    def normal(self, loc: Any = 0.0, scale: Any = 1.0, size: Any = None) -> Any:
        """Normal with mean `loc` and deviation `scale`."""
        loc, scale = real(loc), not_negative(scale=scale)
        return _moved(self._normal(size, loc, scale), loc, scale)

    def standard_exponential(
        self, size: Any = None, dtype: Any = np.float64, method: str = "zig", out: Any = None
    ) -> Any:
        """Exponential with mean 1, by the logarithm of a uniform whatever the method."""
        size, kind = sized(size, dtype, out, "standard_exponential")
        return filled(self._exponential(size), kind, out)

    def exponential(self, scale: Any = 1.0, size: Any = None) -> Any:
        """Exponential with mean `scale`."""
        scale = not_negative(scale=scale)
        return self._exponential(size, scale) * scale

    # -- closed forms -------------------------------------------------------------------------------------------------

    def lognormal(self, mean: Any = 0.0, sigma: Any = 1.0, size: Any = None) -> Any:
        """e to the power of a normal."""
        mean, sigma = real(mean), not_negative(sigma=sigma)
        return _function("exp", _moved(self._normal(size, mean, sigma), mean, sigma))

    def laplace(self, loc: Any = 0.0, scale: Any = 1.0, size: Any = None) -> Any:
        """Exponential to both sides of `loc`."""
        loc, scale = real(loc), not_negative(scale=scale)
        u = self._random(size, loc, scale)
        below, above = _function("log", 2.0 * u + 2.0 * TINY), -_function("log", 2.0 - 2.0 * u)
        return _moved(_function("where", u < 0.5, below, above), loc, scale)

    def logistic(self, loc: Any = 0.0, scale: Any = 1.0, size: Any = None) -> Any:
        """The logarithm of the odds of a uniform."""
        loc, scale = real(loc), not_negative(scale=scale)
        u = self._random(size, loc, scale)
        return _moved(_function("log", u + TINY) - _function("log", 1.0 - u), loc, scale)

    def gumbel(self, loc: Any = 0.0, scale: Any = 1.0, size: Any = None) -> Any:
        """The law of the largest of many."""
        loc, scale = real(loc), not_negative(scale=scale)
        made = _function("log", _function("maximum", self._exponential(size, loc, scale), TINY))
        return _moved(-made, loc, scale)

    def rayleigh(self, scale: Any = 1.0, size: Any = None) -> Any:
        """How far two normals with mean 0 and deviation `scale` are from 0."""
        scale = not_negative(scale=scale)
        return _function("sqrt", 2.0 * self._exponential(size, scale)) * scale

    def weibull(self, a: Any, size: Any = None) -> Any:
        """An exponential to the power of 1 / a."""
        a = not_negative(a=a)
        made = _function("power", self._exponential(size, a), _function("divide", 1.0, a))
        return _function("where", a == 0.0, 0.0, made)

    def pareto(self, a: Any, size: Any = None) -> Any:
        """Lomax's law: that of Pareto, less 1."""
        a = positive(a=a)
        return _function("expm1", self._exponential(size, a) / a)

    def power(self, a: Any, size: Any = None) -> Any:
        """A uniform to the power of 1 / a."""
        a = positive(a=a)
        return _function("power", self._random(size, a), _function("divide", 1.0, a))

    def triangular(self, left: Any, mode: Any, right: Any, size: Any = None) -> Any:
        """With a density that rises from `left` to `mode` and falls to `right`."""
        left, mode, right = real(left), real(mode), real(right)
        refuse(left > mode, "left > mode")
        refuse(mode > right, "mode > right")
        refuse(left == right, "left == right")
        u, width = self._random(size, left, mode, right), right - left
        rising = left + _function("sqrt", u * (width * (mode - left)))
        falling = right - _function("sqrt", (1.0 - u) * (width * (right - mode)))
        return _function("where", u * width <= mode - left, rising, falling)

    def standard_cauchy(self, size: Any = None) -> Any:
        """The tangent of an angle at random."""
        return _function("tan", (self._random(size) - 0.5) * math.pi)

    def wald(self, mean: Any, scale: Any, size: Any = None) -> Any:
        """The inverse Gaussian law: of a normal, one of two roots, the larger one the more rarely."""
        mean, scale = positive(mean=mean), positive(scale=scale)
        normal, u = self._normal(size, mean, scale), self._random(size, mean, scale)
        root = abs(normal) * _function("sqrt", mean / scale) * 0.5
        root = root + _function("sqrt", root * root + 1.0)
        apart = root * root
        return _function("where", u * (1.0 + apart) <= apart, mean / apart, mean * apart)

    # -- of gamma variates --------------------------------------------------------------------------------------------

    def standard_gamma(self, shape: Any, size: Any = None, dtype: Any = np.float64, out: Any = None) -> Any:
        """Gamma with scale 1."""
        shape = not_negative(shape=shape)
        size, kind = sized(size, dtype, out, "standard_gamma")
        return filled(self._gamma(shape, size), kind, out)

    def gamma(self, shape: Any, scale: Any = 1.0, size: Any = None) -> Any:
        """Gamma: of an integer shape, the sum of as many exponentials with mean `scale`."""
        shape, scale = not_negative(shape=shape), not_negative(scale=scale)
        return self._gamma(shape, size, scale) * scale

    def beta(self, a: Any, b: Any, size: Any = None) -> Any:
        """One gamma variate's share in the sum of two; by logarithms, for shapes of which both are nearly 0."""
        a, b = positive(a=a), positive(b=b)
        first, second = (self._draw("log_gamma", size, shape, like=(a, b)) for shape in (a, b))
        return 1.0 / (1.0 + _function("exp", second - first))

    def chisquare(self, df: Any, size: Any = None) -> Any:
        """The sum of the squares of `df` normals."""
        df = positive(df=df)
        return 2.0 * self._gamma(df / 2.0, size)

    def noncentral_chisquare(self, df: Any, nonc: Any, size: Any = None) -> Any:
        """That sum, where the squares of the normals' means are together `nonc`."""
        df, nonc = positive(df=df), not_negative(nonc=nonc)
        return self._noncentral(df, nonc, size, df, nonc)

    def _noncentral(self, df: Any, nonc: Any, size: Any, *like: Any) -> ndarray:
        """Above 1 degree of freedom one normal has all of the mean; else the degrees are more by a Poisson count."""
        whole = df > 1.0
        counts = self._draw("poisson_float", size, _function("where", whole, 0.0, nonc / 2.0), like=like)
        degrees = _function("where", whole, df - 1.0, df + 2.0 * counts)
        normal = self._normal(size, *like) + _function("sqrt", nonc)
        return 2.0 * self._gamma(degrees / 2.0, size) + _function("where", whole, normal * normal, 0.0)

    def f(self, dfnum: Any, dfden: Any, size: Any = None) -> Any:
        """The ratio of two `chisquare`, each over its degrees of freedom."""
        dfnum, dfden = positive(dfnum=dfnum), positive(dfden=dfden)
        above = self._gamma(dfnum / 2.0, size, dfden) / dfnum
        return above / (self._gamma(dfden / 2.0, size, dfnum) / dfden)

    def noncentral_f(self, dfnum: Any, dfden: Any, nonc: Any, size: Any = None) -> Any:
        """That ratio, of a `noncentral_chisquare` above."""
        dfnum, dfden, nonc = positive(dfnum=dfnum), positive(dfden=dfden), not_negative(nonc=nonc)
        above = self._noncentral(dfnum, nonc, size, dfnum, dfden, nonc) / dfnum
        return above / (2.0 * self._gamma(dfden / 2.0, size, dfnum, nonc) / dfden)

    def standard_t(self, df: Any, size: Any = None) -> Any:
        """A normal over the root of a `chisquare` per degree of freedom."""
        df = positive(df=df)
        return self._normal(size, df) * _function("sqrt", df / 2.0 / self._gamma(df / 2.0, size))

    def vonmises(self, mu: Any, kappa: Any, size: Any = None) -> Any:
        """Angles in [-pi, pi] around `mu`, the closer the larger `kappa`."""
        mu, kappa = real(mu), not_negative(kappa=kappa)
        angle = self._draw("vonmises", size, kappa, like=(mu,)) + mu
        turned = _function("remainder", abs(angle) + math.pi, 2.0 * math.pi) - math.pi
        return _function("where", angle < 0.0, -turned, turned)

    # -- counts -------------------------------------------------------------------------------------------------------

    def poisson(self, lam: Any = 1.0, size: Any = None) -> Any:
        """How often comes what comes `lam` times on average.

        Examples
        --------
        >>> import tenfold.numpy as np
        >>> counts = np.random.default_rng(3).poisson([1, 10, 100], size=(1_000_000, 3))
        >>> counts[::400_000]  # draws these rows alone
        array([[  1,  10, 105],
               [  0,   6,  96],
               [  2,  11,  81]])
        """
        lam = real(lam)
        refuse((lam < 0.0) | (lam != lam), "lam < 0 or lam is NaN")
        refuse(lam > LARGEST_MEAN, f"lam is larger than {LARGEST_MEAN:.4g}: its counts are more than an int64 holds")
        return self._draw("poisson", size, lam, dtype="i8")

    def binomial(self, n: Any, p: Any, size: Any = None) -> Any:
        """How many of `n` trials succeed."""
        n, p = whole(n), probability(p)
        refuse(n < 0, "n < 0")
        return self._draw("binomial", size, n, p, dtype="i8")

    def negative_binomial(self, n: Any, p: Any, size: Any = None) -> Any:
        """How many trials fail before `n` succeed: a Poisson count, whose mean is a gamma variate."""
        n, p = real(n), probability(p, above_0=True)
        refuse((n <= 0.0) | (n != n), "n <= 0 or n is NaN")
        odds = (1.0 - p) / p
        refuse(odds * (n + 10.0 * n**0.5) > LARGEST_MEAN, "n is too large or p too small: counts are more than int64")
        return self._draw("poisson", size, self._gamma(n, size, p) * odds, dtype="i8")

    def geometric(self, p: Any, size: Any = None) -> Any:
        """How many trials it takes to succeed."""
        return self._draw("geometric", size, probability(p, above_0=True), dtype="i8")

    def logseries(self, p: Any, size: Any = None) -> Any:
        """k with a probability as p**k / k."""
        return self._draw("logseries", size, probability(p, below_1=True), dtype="i8")

    def zipf(self, a: Any, size: Any = None) -> Any:
        """k with a probability as k**-a, among those that an int64 holds."""
        a = real(a)
        refuse((a <= 1.0) | (a != a), "a <= 1 or a is NaN")
        return self._draw("zipf", size, a, dtype="i8")

    def hypergeometric(self, ngood: Any, nbad: Any, nsample: Any, size: Any = None) -> Any:
        """How many of a sample without replacement are good ones."""
        good, bad, sample = whole(ngood), whole(nbad), whole(nsample)
        for name, count in (("ngood", good), ("nbad", bad), ("nsample", sample)):
            refuse(count < 0, f"{name} < 0")
        refuse((good >= LARGEST_GROUP) | (bad >= LARGEST_GROUP), f"ngood and nbad must be less than {LARGEST_GROUP}")
        refuse(good + bad < sample, "ngood + nbad < nsample")
        return self._draw("hypergeometric", size, good, bad, sample, dtype="i8")

    # -- several at once ----------------------------------------------------------------------------------------------

    def _along(self, name: str, shape: ar.Shape, *parameters: ar.Array) -> ndarray:
        """Counts along the last axis, each of what those before it left."""
        key, first = self._claim(math.prod(shape), 1)
        words = tuple(int(word.value) for word in key)  # type: ignore[attr-defined]
        wide = (ar.broadcast(node, (*shape[:-1], node.shape[-1])) for node in parameters)
        return ndarray(ar.Apply(name, (ar.Range(first, shape), *wide), 1, words, shape, np.dtype("i8")))

    def multinomial(self, n: Any, pvals: Any, size: Any = None) -> Any:
        """How often each of several outcomes comes in `n` trials."""
        n, pvals = np.asarray(whole(n)), np.asarray(pvals, float)
        if not pvals.ndim or not pvals.shape[-1]:
            raise ValueError("pvals must have an axis of outcomes, and at least one of them")
        probability(pvals)
        refuse(pvals[..., :-1].sum(axis=-1) > 1.0 + 1e-12, "sum(pvals[:-1]) > 1")
        refuse(n < 0, "n < 0")
        given = np.broadcast_shapes(n.shape, pvals.shape[:-1])
        shape = given if size is None else shape_of(size)
        if np.broadcast_shapes(given, shape) != shape:
            raise ValueError(f"Output size {shape} is not compatible with broadcast dimensions of inputs {given}.")
        return self._along("multinomial", (*shape, pvals.shape[-1]), node_of(n[..., np.newaxis]), node_of(pvals))

    def multivariate_hypergeometric(
        self, colors: Any, nsample: Any, size: Any = None, method: str = "marginals"
    ) -> Any:
        """How many of each colour a sample without replacement has; by `marginals` whatever the method."""
        colors, sample = np.asarray(colors), np.asarray(nsample)
        if method not in ("marginals", "count"):
            raise ValueError('method must be "marginals" or "count"')
        if colors.ndim != 1 or (colors.dtype.kind not in "iub" and colors.size) or (colors < 0).any():
            raise ValueError("colors must be one axis of integers, none of them negative")
        if sample.ndim or sample.dtype.kind not in "iu":
            raise ValueError("nsample must be an integer")
        total = sum(colors.tolist())
        refuse(sample < 0, "nsample < 0")
        refuse(sample > total, "nsample > sum(colors)")
        refuse(method == "marginals" and total >= LARGEST_GROUP, f"sum(colors) must be less than {LARGEST_GROUP}")
        refuse(total > np.iinfo(np.int64).max, "sum(colors) is more than an int64 holds")
        shape = (*(() if size is None else shape_of(size)), len(colors))
        if not len(colors):
            return ndarray(ar.full(0, np.int64, shape))
        counts = node_of(colors.astype(np.int64)), node_of(sample.reshape(1).astype(np.int64))
        return self._along("multivariate_hypergeometric", shape, *counts)

    def dirichlet(self, alpha: Any, size: Any = None) -> Any:
        """Shares of several gamma variates in their sum; by logarithms, for shapes that are all nearly 0."""
        alpha = np.asarray(alpha, float)
        if alpha.ndim != 1:
            raise ValueError(f"alpha has {alpha.ndim} axes: one is needed")
        refuse(alpha < 0.0, "alpha < 0")
        shape = (*(() if size is None else shape_of(size)), len(alpha))
        if 0 in shape:
            return ndarray(ar.full(0.0, np.float64, shape))
        logs = self._draw("log_gamma", shape, alpha)
        largest = logs.max(axis=-1, keepdims=True)
        parts = _function("exp", _function("where", largest == -np.inf, -np.inf, logs - largest))
        total = parts.sum(axis=-1, keepdims=True)
        return parts / _function("where", total == 0.0, 1.0, total)

    def multivariate_normal(
        self,
        mean: Any,
        cov: Any,
        size: Any = None,
        check_valid: str = "warn",
        tol: float = 1e-8,
        *,
        method: str = "svd",
    ) -> Any:
        """Normals with means `mean` and covariances `cov` along the last axis."""
        mean, root = _mean_and_root(mean, cov, check_valid, tol, method)
        shape = (*(() if size is None else shape_of(size)), len(mean))
        return self._normal(shape) @ np.ascontiguousarray(root.T) + mean


def _mean_and_root(mean: Any, cov: Any, check_valid: str, tol: float, method: str) -> tuple[Any, Any]:
    """The mean, and a matrix whose product with its transpose is the covariance."""
    if method not in ("svd", "eigh", "cholesky"):
        raise ValueError("method must be one of 'svd', 'eigh' and 'cholesky'")
    if check_valid not in ("warn", "raise", "ignore"):
        raise ValueError("check_valid must be one of 'warn', 'raise' and 'ignore'")
    mean, cov = np.asarray(mean), np.asarray(cov)
    if mean.dtype.kind == "c" or cov.dtype.kind == "c":
        raise TypeError("mean and cov must not be complex")
    if mean.ndim != 1:
        raise ValueError("mean must be 1 dimensional")
    if cov.ndim != 2 or cov.shape[0] != cov.shape[1]:
        raise ValueError("cov must be 2 dimensional and square")
    if len(mean) != len(cov):
        raise ValueError("mean and cov must have same length")
    mean, cov = mean.astype(np.float64), cov.astype(np.float64)
    if method == "cholesky":
        return mean, np.linalg.cholesky(cov)
    if method == "eigh":
        values, vectors = np.linalg.eigh(cov)
        valid = bool((values >= -tol).all())
    else:
        vectors, values, rows = np.linalg.svd(cov)
        valid = np.allclose((rows.T * values) @ rows, cov, rtol=tol, atol=tol)
    if not valid and check_valid == "raise":
        raise ValueError("covariance is not symmetric positive-semidefinite.")
    if not valid and check_valid == "warn":
        warnings.warn("covariance is not symmetric positive-semidefinite.", RuntimeWarning, stacklevel=3)
    return mean, vectors * np.sqrt(np.maximum(values, 0.0))


# -- parameters ------------------------------------------------------------------------------------------------------


def shape_of(size: Any) -> ar.Shape:
    """A size as a shape."""
    shape = tuple(map(operator.index, size)) if np.iterable(size) else (operator.index(size),)
    if any(n < 0 for n in shape):
        raise ValueError(f"negative dimensions are not allowed: {shape}")
    return shape


def real(value: Any) -> Any:
    """A parameter as float64: ours as it is, lists and memory as an array of NumPy's, of no axes as a scalar."""
    if isinstance(value, ndarray):
        return ndarray(ew.cast(value._node, np.float64))
    return np.float64(float(value)) if np.ndim(value) == 0 else np.asarray(value, np.float64)


def whole(value: Any) -> Any:
    """A parameter as int64."""
    if isinstance(value, ndarray):
        return ndarray(ew.cast(value._node, np.int64))
    return np.int64(int(value)) if np.ndim(value) == 0 else np.asarray(value).astype(np.int64)


def some(condition: Any) -> bool:
    """Whether it holds anywhere."""
    return bool(condition.any() if hasattr(condition, "any") else condition)


def refuse(condition: Any, message: str) -> None:
    """ValueError where a condition holds anywhere."""
    if some(condition):
        raise ValueError(message)


def not_negative(**named: Any) -> Any:
    """A parameter that must be 0 or more, or NaN."""
    ((name, value),) = named.items()
    value = real(value)
    refuse(value < 0.0, f"{name} < 0")
    return value


def positive(**named: Any) -> Any:
    """A parameter that must be above 0, or NaN."""
    ((name, value),) = named.items()
    value = real(value)
    refuse(value <= 0.0, f"{name} <= 0")
    return value


def probability(p: Any, *, above_0: bool = False, below_1: bool = False) -> Any:
    """A parameter between 0 and 1."""
    p = real(p)
    low, high = (p <= 0.0 if above_0 else p < 0.0), (p >= 1.0 if below_1 else p > 1.0)
    refuse(low | high | (p != p), f"p {'<=' if above_0 else '<'} 0, p {'>=' if below_1 else '>'} 1 or p is NaN")
    return p


def sized(size: Any, dtype: Any, out: Any, name: str) -> tuple[Any, "np.dtype[Any]"]:
    """The size, which is that of `out` where there is one, and the dtype."""
    kind = np.dtype(dtype)
    if kind not in (np.dtype(np.float32), np.dtype(np.float64)):
        raise TypeError(f"Unsupported dtype {kind!r} for {name}: it draws float64 and float32")
    if out is None:
        return size, kind
    if not isinstance(out, (ndarray, np.ndarray)):
        raise ValueError(f"out is no array, but {type(out).__name__}")
    if out.dtype != kind:
        raise TypeError(f"out has the wrong type: expected {kind}, got {out.dtype}")
    if size is not None and shape_of(size) != out.shape:
        raise ValueError(f"size {shape_of(size)} is not the shape of out, {out.shape}")
    return out.shape, kind


def filled(made: ndarray, kind: "np.dtype[Any]", out: Any) -> Any:
    """What was drawn as its dtype, written into `out` where there is one."""
    made = ndarray(ew.cast(made._node, kind))
    if out is None:
        return made
    out[...] = made
    return out


def _function(name: str, *operands: Any) -> ndarray:
    return ndarray(ew.elementwise(name, *operands))


def _moved(drawn: ndarray, loc: Any, scale: Any) -> ndarray:
    """`drawn * scale + loc`, without what changes nothing."""
    if np.ndim(scale) or isinstance(scale, ndarray) or scale != 1.0:
        drawn = drawn * scale
    return drawn + loc if np.ndim(loc) or isinstance(loc, ndarray) or loc != 0.0 else drawn
