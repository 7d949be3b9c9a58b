"""Draws that reject: arrays of them by blocks, in NumPy, from a key, the elements' numbers and parameters.

Element i has words of its own for each attempt: `words_of(key, i, attempt)`. However many attempts it takes, no other
element moves; so any slice of an array has the bits of the whole, under any chunking. Functions are those of
`primitives/elementary.py`, whose bits are the same everywhere.

    gamma                  Marsaglia and Tsang (2000); below shape 1 that of shape + 1, times uniform ** (1 / shape)
    counts                 Poisson's, the binomial's and the hypergeometric's: with a small mean steps from 0 on, with a
                           larger one Stadlober's ratio of uniforms (1990), masses by Loader's deviances (2000)
    vonmises               ratio of uniforms under the normal law that lies above it
    zipf                   Devroye (1986), over the uniforms that lead to an int64
    logseries              Kemp (1981): two uniforms, no rejection
"""

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from tenfold.primitives import elementary, philox
from tenfold.target import cache
from tenfold.target.block import address

exp, expm1, log, log1p, power, sin = (
    partial(elementary.evaluate, name) for name in ("exp", "expm1", "log", "log1p", "power", "sin")
)
NEXT_ATTEMPT = 0xD1342543DE82EF95  # odd: attempts under one key are streams under keys that lie far apart
APART = -1  # the attempt whose words decide something beside the attempts
LARGEST = float(2**63 - 1024)  # the largest float that an int64 holds
TINY = 2.0**-54  # half of the step between uniforms


def words_of(key: tuple[int, int], indices: Any, attempt: int) -> Any:
    """Four words for each element: of the blocks with their numbers, under the key of the attempt."""
    first, second = (int(k) % (1 << 64) for k in key)
    place = (first, second ^ (attempt + 2) * NEXT_ATTEMPT % (1 << 64))
    numbers = (4 * indices[:, np.newaxis] + np.arange(4)).reshape(-1)
    compiled = cache.shipped_primitive("philox", "words_at", philox.WORDS_SIGNATURE)
    if not compiled:
        return philox.words(place, numbers).reshape(-1, 4).T
    found = np.empty(len(numbers), "i8")
    compiled(*map(_signed, place), address(numbers), 0, len(numbers), address(found))
    return found.reshape(-1, 4).T


def _signed(word: int) -> int:
    return word - (1 << 64) * (word >> 63)


def _uniform(word: Any) -> Any:
    return philox.random(philox.ARRAYS, word)


def _exponential(word: Any) -> Any:
    """With mean 1, and never 0."""
    return np.maximum(-log(1.0 - _uniform(word)), TINY)


def _at(chosen: Any, parameters: Any) -> list[Any]:
    """Parameters of some elements; one that all share is of no axes."""
    return [p[chosen] if np.ndim(p) else p for p in parameters]


def _accepted(attempt: Callable[..., Any], key: Any, indices: Any, parameters: Any) -> Any:
    """For each element the value of its first attempt that is accepted: `attempt(words, *parameters)` gives both."""
    values, waiting = np.empty(len(indices)), np.arange(len(indices))
    for number in itertools.count():
        value, good = attempt(words_of(key, indices[waiting], number), *_at(waiting, parameters))
        values[waiting[good]] = value[good]
        waiting = waiting[~good]
        if not len(waiting):
            return values


def _either(condition: Any, yes: Callable[..., Any], no: Callable[..., Any], indices: Any, parameters: Any) -> Any:
    """One way of drawing for the elements where a condition on parameters holds, another for the rest."""
    if np.ndim(condition) == 0:
        return (yes if condition else no)(indices, parameters)
    values = np.empty(len(indices))
    for chosen, way in ((condition, yes), (~condition, no)):
        values[chosen] = way(indices[chosen], _at(chosen, parameters))
    return values


# -- gamma -----------------------------------------------------------------------------------------------------------


def _gamma_attempt(words: Any, shape: Any) -> Any:
    normal, _ = philox.normal_pair(philox.ARRAYS, words[0], words[1])
    uniform = 1.0 - _uniform(words[2])
    d = shape - 1.0 / 3.0
    t = normal / (3.0 * np.sqrt(d))
    inside = ~(t <= -1.0)
    square, t = normal * normal, np.where(inside, t, 0.0)
    quick = uniform < 1.0 - 0.0331 * square * square
    # d * (1 - v + log(v)) for v = (1 + t) ** 3, without its cancellation for large d
    exact = log(uniform) < 0.5 * square - d * (3.0 * deviance(1.0, 1.0 + t, -t) + (3.0 + t) * t * t)
    return d * (1.0 + t) ** 3, inside & (quick | exact)


def _gamma_and_boost(key: Any, indices: Any, shape: Any) -> tuple[Any, Any]:
    """Two parts of a gamma variate: it is the one, times e to the power of the other."""
    small = shape < 1.0
    made = _accepted(_gamma_attempt, key, indices, [np.where(small, shape + 1.0, shape)])
    if not np.any(small):
        return made, np.zeros(())
    uniform = _exponential(words_of(key, indices, APART)[0])
    return made, np.where(small, -uniform / shape, 0.0)


def gamma(key: Any, indices: Any, shape: Any) -> Any:
    """With scale 1."""
    made, boost = _gamma_and_boost(key, indices, shape)
    return made * exp(boost)


def log_gamma(key: Any, indices: Any, shape: Any) -> Any:
    """The logarithm of a gamma variate: it does not underflow for small shapes."""
    made, boost = _gamma_and_boost(key, indices, shape)
    return log(made) + boost


# -- counts ----------------------------------------------------------------------------------------------------------

# log(k!) - k * log(k) + k for k = 0 .. 15
FACTORIALS = np.array([
    0.0, 1.0, 1.3068528194400546, 1.4959226032237258, 1.6328763858683832, 1.7403021806115442, 1.828694396641771,
    1.9037903176782212, 1.9690705693065629, 2.0268062840554952, 2.0785616431350586, 2.12545984509181,
    2.168334698205882, 2.207822206123445, 2.244418568125061, 2.2785183673077407,
])  # fmt: skip
FEW = 10.0  # means up to which steps are few


@dataclass(slots=True)
class Counts:
    """A law on 0 .. last whose masses rise to the mode and fall behind it."""

    mean: Any
    variance: Any
    mode: Any
    last: Any
    none: Any  # the mass of 0
    log_mass: Callable[[Any], Any]  # up to what is the same for all counts
    ratio: Callable[[Any], Any]  # the mass of k to that of k - 1


def stirling(k: Any) -> Any:
    """log(k!) - k * log(k) + k."""
    wide = np.maximum(k, 15.5)
    inverse = 1.0 / wide
    w = inverse * inverse
    series = inverse * (1 / 12 - w * (1 / 360 - w * (1 / 1260 - w * (1 / 1680 - w / 1188))))
    far = 0.5 * log(2.0 * math.pi * wide) + series
    return np.where(k < 16.0, FACTORIALS[np.clip(k, 0.0, 15.0).astype(np.int64)], far)


def deviance(x: Any, mean: Any, apart: Any) -> Any:
    """x * log(x / mean) + mean - x, where `apart` is x - mean, known better than from the two of them."""
    v = apart / (x + mean)
    w = v * v
    series = 0.0
    for odd in range(19, 1, -2):
        series = (series + 1.0 / odd) * w
    made = apart * v + 2.0 * x * v * series
    far = np.flatnonzero(np.abs(v) >= 0.1)  # where the series does not reach
    if not len(far):
        return made
    x, mean, apart = (np.broadcast_to(a, np.shape(made)).reshape(-1)[far] for a in (x, mean, apart))
    made = np.array(made)
    made.reshape(-1)[far] = np.where(x == 0.0, mean, x * log(x / mean) - apart)
    return made


def _log_binomial(k: Any, n: Any, p: Any, q: Any) -> Any:
    """log of n over k, times p ** k * q ** (n - k), for p + q = 1."""
    apart = k - n * p
    masses = stirling(n) - stirling(k) - stirling(n - k)
    return masses - deviance(k, n * p, apart) - deviance(n - k, n * q, -apart)


def _poisson(lam: Any) -> Counts:
    def log_mass(k: Any) -> Any:
        return -stirling(k) - deviance(k, lam, k - lam)

    return Counts(lam, lam, np.floor(lam), np.inf, exp(-lam), log_mass, lambda k: lam / k)


def _binomial(n: Any, p: Any) -> Counts:
    q = 1.0 - p
    mean, odds = n * p, p / q

    def log_mass(k: Any) -> Any:
        return _log_binomial(k, n, p, q)

    mode, none = np.minimum(np.floor((n + 1.0) * p), n), exp(n * log1p(-p))
    return Counts(mean, mean * q, mode, n, none, log_mass, lambda k: (n - k + 1.0) / k * odds)


def _hypergeometric(good: Any, bad: Any, sample: Any) -> Counts:
    """With no more good than bad ones, and a sample of at most half of all."""
    total = good + bad
    p, q = sample / total, (total - sample) / total
    mean = good * p

    def log_mass(k: Any) -> Any:
        return _log_binomial(k, good, p, q) + _log_binomial(sample - k, bad, p, q)

    mode = np.floor((sample + 1.0) * (good + 1.0) / (total + 2.0))
    variance = mean * q * bad / np.maximum(total - 1.0, 1.0)
    none = np.where(mean < FEW, exp(log_mass(np.zeros(np.shape(mean))) - _log_binomial(sample, total, p, q)), 0.0)
    last = np.minimum(good, sample)
    return Counts(
        mean,
        variance,
        mode,
        last,
        none,
        log_mass,
        lambda k: (good - k + 1) * (sample - k + 1) / (k * (bad - sample + k)),
    )


def width_of(law: Counts) -> Any:
    """How far apart the ends of the hat are, for means from FEW on."""
    return 2.0 * math.sqrt(2.0 / math.e) * np.sqrt(law.variance + 0.5) + (3.0 - 2.0 * math.sqrt(3.0 / math.e))


def _ratio_of_uniforms(family: Callable[..., Counts], words: Any, *parameters: Any) -> Any:
    law = family(*parameters)
    u = 1.0 - _uniform(words[0])
    x = law.mean + 0.5 + width_of(law) * (_uniform(words[1]) - 0.5) / u
    k = np.floor(x)
    inside = (k >= 0.0) & (k <= law.last)
    k = np.where(inside, k, law.mode)
    return k, inside & (2.0 * log(u) <= law.log_mass(k) - law.log_mass(law.mode))


def _by_steps(family: Callable[..., Counts], key: Any, indices: Any, parameters: Any) -> Any:
    """The count at which the masses from 0 on exceed a uniform."""
    law = family(*parameters)
    left, counts = _uniform(words_of(key, indices, 0)[0]), np.zeros(len(indices))
    mass = np.array(np.broadcast_to(law.none, counts.shape))
    last, mean = (np.broadcast_to(x, counts.shape) for x in (law.last, law.mean))
    waiting = np.arange(len(indices))
    while True:
        # behind the mean, masses below the step between uniforms are what rounding has left of them
        more = (left[waiting] >= mass[waiting]) & (counts[waiting] < last[waiting])
        more &= (mass[waiting] >= TINY) | (counts[waiting] <= mean[waiting])
        waiting = waiting[more]
        if not len(waiting):
            return counts
        left[waiting] -= mass[waiting]
        counts[waiting] += 1.0
        mass[waiting] *= family(*_at(waiting, parameters)).ratio(counts[waiting])


def _counted(family: Callable[..., Counts], key: Any, indices: Any, *parameters: Any) -> Any:
    few = family(*parameters).mean < FEW
    attempt = partial(_ratio_of_uniforms, family)
    return _either(few, partial(_by_steps, family, key), partial(_accepted, attempt, key), indices, parameters)


def poisson(key: Any, indices: Any, lam: Any) -> Any:
    """How often comes what comes `lam` times on average."""
    return poisson_float(key, indices, lam).astype(np.int64)


def poisson_float(key: Any, indices: Any, lam: Any) -> Any:
    """The same as floats: of means that are more than an int64 holds, too."""
    finite = np.isfinite(lam)
    return np.where(finite, _counted(_poisson, key, indices, np.where(finite, lam, 0.0)), lam)


def binomial(key: Any, indices: Any, n: Any, p: Any) -> Any:
    """How many of n succeed."""
    flipped = p > 0.5
    rare = np.where(flipped, 1.0 - p, p)
    made = _counted(_binomial, key, indices, np.asarray(n, float), rare)
    made = np.minimum(np.minimum(made, LARGEST).astype(np.int64), n)
    return np.where(flipped, n - made, made)


def hypergeometric(key: Any, indices: Any, good: Any, bad: Any, sample: Any) -> Any:
    """How many of a sample without replacement are good: of what is rarer, in the smaller part."""
    total = good + bad
    rest, more = 2 * sample > total, good > bad
    part = np.where(rest, total - sample, sample)
    fewer = np.minimum(good, bad)
    sizes = (np.asarray(x, float) for x in (fewer, np.maximum(total, 1) - fewer, part))
    made = _counted(_hypergeometric, key, indices, *sizes).astype(np.int64)
    made = np.where(more, part - made, made)
    return np.where(rest, good - made, made)


def multinomial(key0: int, key1: int, indices: Any, n: Any, pvals: Any) -> Any:
    """Counts along the last axis: each is binomial, of what those before it left."""
    left, rest, made = n[..., 0], np.ones(n.shape[:-1]), np.empty(indices.shape, np.int64)
    with np.errstate(all="ignore"):
        for j in range(indices.shape[-1] - 1):
            p = np.where(rest > pvals[..., j], pvals[..., j] / rest, pvals[..., j] > 0.0)
            made[..., j] = draw("draw_binomial", key0, key1, indices[..., j], left, p)
            left, rest = left - made[..., j], rest - pvals[..., j]
    made[..., -1] = left
    return made


def multivariate_hypergeometric(key0: int, key1: int, indices: Any, colors: Any, sample: Any) -> Any:
    """Counts of a sample along the last axis: each is hypergeometric, of what those before it left."""
    left, made = sample[..., 0], np.empty(indices.shape, np.int64)
    rest = colors.sum(axis=-1)
    for j in range(indices.shape[-1] - 1):
        rest = rest - colors[..., j]
        made[..., j] = draw("draw_hypergeometric", key0, key1, indices[..., j], colors[..., j], rest, left)
        left = left - made[..., j]
    made[..., -1] = left
    return made


# -- others ----------------------------------------------------------------------------------------------------------


def _vonmises_attempt(words: Any, kappa: Any) -> Any:
    """On [-pi, pi] sin(x / 2) ** 2 is at least (x / pi) ** 2: so far out the law's root reaches."""
    reach = np.minimum(math.pi, math.pi / np.sqrt(2.0 * math.e * kappa))
    u = 1.0 - _uniform(words[0])
    x = reach * (2.0 * _uniform(words[1]) - 1.0) / u
    inside = np.abs(x) <= math.pi
    sine = sin(0.5 * np.where(inside, x, 0.0))
    return x, inside & ~(log(u) > -kappa * sine * sine) | np.isnan(kappa)


def vonmises(key: Any, indices: Any, kappa: Any) -> Any:
    """Angles around 0."""
    return _accepted(_vonmises_attempt, key, indices, [kappa])


def _zipf_attempt(words: Any, a: Any) -> Any:
    less = a - 1.0
    reached = -expm1(-less * math.log(LARGEST))  # uniforms above 1 - reached lead to no more than that
    x = np.floor(np.minimum(exp(-log1p(-reached * _uniform(words[0])) / less), LARGEST))
    grown, doubled = expm1(less * log1p(1.0 / x)), expm1(less * math.log(2.0))
    good = _uniform(words[1]) * x * grown * (doubled + 1.0) <= doubled * (grown + 1.0)
    return x, good | (less > 1000.0)  # where 2 is never reached


def zipf(key: Any, indices: Any, a: Any) -> Any:
    """From 1 on."""
    return _accepted(_zipf_attempt, key, indices, [a]).astype(np.int64)


def logseries(key: Any, indices: Any, p: Any) -> Any:
    """From 1 on: geometric, of a parameter that is itself at random."""
    first, second, _, _ = words_of(key, indices, 0)
    v, rest = 1.0 - _uniform(first), exp(log1p(-p) * _uniform(second))  # rest = 1 - q
    made = np.floor(1.0 + log(v) / log1p(-rest))
    return np.where((v < p) & (rest < 1.0), np.clip(made, 1.0, LARGEST), 1.0).astype(np.int64)


def geometric(key: Any, indices: Any, p: Any) -> Any:
    """How many trials it takes to succeed."""
    made = np.ceil(_exponential(words_of(key, indices, 0)[0]) / -log1p(-p))
    large = made >= LARGEST
    return np.where(large, np.iinfo(np.int64).max, np.clip(made, 1.0, LARGEST).astype(np.int64))


DRAWS: dict[str, Callable[..., Any]] = {
    f"draw_{f.__name__}": f
    for f in (gamma, log_gamma, poisson, poisson_float, binomial, hypergeometric, vonmises, zipf, logseries, geometric)
}


def draw(op: str, key0: Any, key1: Any, indices: Any, *parameters: Any) -> Any:
    """Elements `indices` of a draw that is made by blocks; parameters have their shape, or no axes."""
    indices = np.asarray(indices, np.int64)
    flat = [np.asarray(p) if np.ndim(p) == 0 else np.reshape(p, -1) for p in parameters]
    with np.errstate(all="ignore"):
        return DRAWS[op]((int(key0), int(key1)), indices.reshape(-1), *flat).reshape(indices.shape)
