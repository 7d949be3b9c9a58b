"""Random arrays: element i is a function of the seed and i, so any slice, block or device draws the same.

The source is Philox4x64-10, keyed by NumPy's `SeedSequence(seed)`. `random` and `uniform` have the bits of
`numpy.random.Generator(numpy.random.Philox(seed))`; NumPy's other methods reject draws, so that an element depends on
all before it: the others here are tenfold's own. None equals `numpy.random.default_rng(seed)`, whose source is PCG64.

The older functions (`seed`, `rand`, `randn`, `RandomState(...)` and so on) draw the numbers of NumPy, which programs
that call them count on: each element depends on all before it, so real NumPy draws them whole, with a notice.
"""

import functools
import inspect
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from tenfold import config, fallback
from tenfold.expr import arrays as ar
from tenfold.numpy import elementwise as ew
from tenfold.numpy.array import ndarray, node_of, owned
from tenfold.numpy.creation import asarray
from tenfold.numpy.distributions import WORD, Distributions, some
from tenfold.numpy.door import settled
from tenfold.numpy.memory import is_odd
from tenfold.numpy.through import real_values, through_numpy, wrap

OLDER = "a stream where each element depends on all before it: `default_rng` has one where none does"
SETTINGS = ("seed", "get_state", "set_state", "get_bit_generator", "set_bit_generator")  # they draw nothing


class Generator(Distributions):
    """Draws lazy arrays; made by `default_rng`.

    Each call goes on behind the words that the calls before it took, as NumPy's does.

    Parameters
    ----------
    bit_generator
        A `Philox`, where it stands now: it moves on with what is drawn. Others give the key, by their next two words.

    Examples
    --------
    >>> import tenfold.numpy as np
    >>> rng = np.random.default_rng(7)
    >>> x = rng.normal(size=(1000, 1000))
    >>> bool(abs(x.mean()) < 0.01)
    True
    """

    def __init__(self, bit_generator: Any) -> None:
        if not hasattr(bit_generator, "random_raw"):
            raise TypeError(f"Generator takes a bit generator, not {bit_generator!r:.80}: use default_rng(seed)")
        if not isinstance(bit_generator, np.random.Philox):
            low, high = map(int, bit_generator.random_raw(2))
            bit_generator = np.random.Philox(key=high << 64 | low)
        self._source = bit_generator

    @property
    def bit_generator(self) -> Any:
        """The NumPy `Philox` that says where this generator stands."""
        return self._source

    def spawn(self, n_children: int) -> list["Generator"]:
        """Generators that are independent of this one and of each other."""
        return [Generator(child) for child in self._source.spawn(n_children)]

    def __repr__(self) -> str:
        return f"Generator({type(self._source).__name__}) at 0x{id(self):X}"

    def __str__(self) -> str:
        return f"Generator({type(self._source).__name__})"

    # -- integers -----------------------------------------------------------------------------------------------------

    def integers(
        self, low: Any, high: Any = None, size: Any = None, dtype: Any = np.int64, endpoint: bool = False
    ) -> Any:
        """Whole numbers in [low, high), or up to `high`; biased by at most (high - low) / 2**64."""
        kind = np.dtype(dtype)
        if kind.kind not in "iub":
            raise TypeError(f"Unsupported dtype {kind!r} for integers")
        if not kind.isnative:
            raise ValueError(f"integers of dtype {kind!r}: use that of the machine, and byteswap them")
        low, high = map(_bound, (0, low) if high is None else (low, high))
        least, most = (0, 1) if kind.kind == "b" else (np.iinfo(kind).min, np.iinfo(kind).max)
        if some(low > high if endpoint else low >= high):
            raise ValueError(f"low {'>' if endpoint else '>='} high")
        if some(low < least) or some(high > most + (not endpoint)):
            raise ValueError(f"{'low' if some(low < least) else 'high'} is out of bounds for {kind.name}")
        first = _wrapped(low)
        with np.errstate(over="ignore"):
            counts = _wrapped(high) - first + np.uint64(bool(endpoint))
        made = self._draw("integers", size, first.view(np.int64), counts.view(np.int64), dtype="i8")
        if some(counts == 0):  # all of 2**64: two halves
            half = np.int64(1 << 32)
            upper, lower = (self._draw("integers", size, np.int64(0), half, like=(low, high), dtype="i8") for _ in "ab")
            made = ndarray(ew.elementwise("where", counts == 0, upper * half + lower, made))
        return ndarray(ew.cast(made._node, kind))

    def bytes(self, length: int) -> bytes:
        """Bytes at random."""
        drawn: bytes = self.integers(0, 256, operator.index(length), np.uint8).compute().tobytes()
        return drawn

    # -- orders -------------------------------------------------------------------------------------------------------

    def _order(self, count: int) -> ndarray:
        """A random order of so many: that of random numbers, one for each."""
        return self._random(count).argsort(kind="stable")

    def permutation(self, x: Any, axis: int = 0) -> Any:
        """A range, or an array along an axis, in random order: that of random numbers, one for each place."""
        if isinstance(x, (int, np.integer)):
            return self._order(max(int(x), 0))
        array = asarray(x)
        axis = np.lib.array_utils.normalize_axis_index(axis, array.ndim)
        return array.take(self._order(array.shape[axis]), axis)

    def permuted(self, x: Any, *, axis: Any = None, out: Any = None) -> Any:
        """All elements in random order; or those along an axis, in another order for each place on the other axes."""
        array = asarray(x)
        if not array.ndim:
            raise TypeError("permuted of an array without axes")
        if out is not None and not isinstance(out, (ndarray, np.ndarray)):
            raise TypeError(f"out is no array, but {type(out).__name__}")
        if out is not None and out.shape != array.shape:
            raise ValueError(f"out has the shape {out.shape}: it must be that of x, {array.shape}")
        if axis is None:
            made = array.reshape(-1).take(self._order(array.size), 0).reshape(array.shape)
        else:
            axis = np.lib.array_utils.normalize_axis_index(axis, array.ndim)
            made = _taken_along(array, self._random(array.shape).argsort(axis=axis, kind="stable"), axis)
        if out is None:
            return made
        out[...] = made
        return out

    def shuffle(self, x: Any, axis: int = 0) -> None:
        """Put an array into random order along an axis, or the items of a list; in place.

        Examples
        --------
        >>> import tenfold.numpy as np
        >>> items = ["a", "b", "c", "d"]
        >>> np.random.default_rng(5).shuffle(items)
        >>> items
        ['d', 'c', 'a', 'b']
        """
        if isinstance(x, (ndarray, np.ndarray)):
            if not x.ndim:
                raise TypeError("shuffle of an array without axes")
            x[...] = self.permutation(x, axis)
            return
        if axis != 0:
            raise NotImplementedError(f"shuffle along axis {axis}: that takes an array, not {type(x).__name__}")
        items = [x[k] for k in self._order(len(x)).tolist()]
        for k, item in enumerate(items):
            x[k] = item

    def choice(
        self, a: Any, size: Any = None, replace: bool = True, p: Any = None, axis: int = 0, shuffle: bool = True
    ) -> Any:
        """Elements of `a` (of range(a)) at random, with replacement, or without.

        Examples
        --------
        >>> import tenfold.numpy as np
        >>> np.random.default_rng(3).choice([10, 20, 30], 5, p=[0.1, 0.1, 0.8])
        array([10, 20, 30, 30, 30])
        """
        count = 1 if size is None else int(np.prod(size, dtype=np.int64))
        array = ndarray(ar.Range(0, (_population(a, count),))) if _is_number(a) else asarray(a)
        if not array.ndim:
            raise ValueError(f"a must be a sequence or an integer, not {type(a)}")
        axis = np.lib.array_utils.normalize_axis_index(axis, array.ndim)
        length = array.shape[axis]
        if not length and count:
            raise ValueError("a cannot be empty unless no samples are taken")
        weights = None if p is None else _weights(p, length)
        if not replace:
            places = self._some(length, count, weights)
            places = places[0] if size is None else places.reshape(size)
        elif weights is None:
            places = self.integers(0, max(length, 1), size)
        else:
            ends = np.cumsum(weights)
            places = ndarray(node_of(ends / ends[-1])).searchsorted(self.random(size), "right")
        return array.take(places, axis)

    def _some(self, length: int, count: int, weights: Any) -> ndarray:
        """Places without replacement: those of the smallest exponentials, each over its weight."""
        if count > length:
            raise ValueError("Cannot take a larger sample than population when replace is False")
        if weights is None:
            return self._order(length)[:count]
        if count > np.count_nonzero(weights):
            raise ValueError("Fewer non-zero entries in p than size")
        with np.errstate(divide="ignore"):
            waits = (self._exponential(length) + 2.0**-54) * (1.0 / weights)
        return waits.argsort(kind="stable")[:count]


def _bound(value: Any) -> Any:
    """A bound of `integers`: a Python integer, or an array of integers."""
    array = np.asarray(value) if hasattr(value, "dtype") else np.asarray(value, object)  # lists may mix signs
    if array.ndim == 0:
        return int(array[()])
    return array if array.dtype.kind in "iu" else np.frompyfunc(int, 1, 1)(array)


def _wrapped(bound: Any) -> Any:
    """Modulo 2**64."""
    wide = isinstance(bound, int) or bound.dtype.kind == "O"
    return np.asarray(bound & WORD if wide else bound).astype(np.uint64)


def _is_number(a: Any) -> bool:
    return np.ndim(a) == 0 and hasattr(a, "__index__") and np.asarray(a).dtype.kind in "iub"


def _population(a: Any, count: int) -> int:
    length = operator.index(a)
    if length < 0 or (count and not length):
        raise ValueError("a must be a positive integer unless no samples are taken")
    return length


def _at_once(method: Callable[..., Any]) -> Callable[..., Any]:
    """A method whose arrays are computed, if they are small."""

    @functools.wraps(method)
    def drawn(*args: Any, **options: Any) -> Any:
        limit = config.get("small_bytes")
        made = method(*args, **options)
        return settled(made, limit) if limit else made

    return drawn


for _name, _method in {**vars(Distributions), **vars(Generator)}.items():
    if not _name.startswith("_") and inspect.isfunction(_method):
        setattr(Generator, _name, _at_once(_method))


def _weights(p: Any, length: int) -> Any:
    """Probabilities, if they are some."""
    weights = np.asarray(p, float)
    if weights.ndim != 1:
        raise ValueError("p must be 1-dimensional")
    if len(weights) != length:
        raise ValueError(f"a and p must have same size: {length} and {len(weights)}")
    if np.isnan(weights).any():
        raise ValueError("Probabilities contain NaN")
    if (weights < 0).any():
        raise ValueError("Probabilities are not non-negative")
    if abs(weights.sum() - 1.0) > np.sqrt(np.finfo(float).eps):
        raise ValueError(f"Probabilities do not sum to 1, but to {weights.sum()}: divide by their sum")
    return weights


def _taken_along(array: ndarray, places: ndarray, axis: int) -> ndarray:
    if is_odd(array.dtype):
        return owned(np.take_along_axis(array.compute(), places.compute(), axis))
    others = (ar.view(ar.Range(0, (n,)), array.shape, ((k, 0, 1),)) for k, n in enumerate(array.shape))
    indices = tuple(places._node if k == axis else node for k, node in enumerate(others))
    return ndarray(ar.Take(array._node, indices, tuple(range(array.ndim))))


def default_rng(seed: Any = None) -> Generator:
    """A generator; the same seed, the same arrays, whatever the blocks, threads or device.

    Parameters
    ----------
    seed
        As for `numpy.random.SeedSequence`: an int, a sequence of them, or None for entropy of the system. Or what
        `Generator` takes; a generator is given back as it is.
    """
    if isinstance(seed, Generator):
        return seed
    if isinstance(seed, (np.random.Generator, RandomState)):
        seed = seed.bit_generator
    elif isinstance(seed, np.random.RandomState):
        seed = seed._bit_generator
    if hasattr(seed, "random_raw"):
        return Generator(seed)
    return Generator(np.random.Philox(seed.compute() if isinstance(seed, ndarray) else seed))


# -- NumPy's older streams -------------------------------------------------------------------------------------------


class RandomState:
    """NumPy's `RandomState`: its exact numbers, as arrays of ours, drawn whole by NumPy with a notice.

    Examples
    --------
    >>> import tenfold.numpy as np
    >>> bool(np.random.RandomState(0).get_state()[0] == "MT19937")
    True
    """

    def __init__(self, seed: Any = None) -> None:
        self._real = np.random.RandomState(seed.compute() if isinstance(seed, ndarray) else seed)

    @property
    def bit_generator(self) -> Any:
        """NumPy's `MT19937` below it."""
        return self._real._bit_generator

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(f"'RandomState' object has no attribute {name!r}")
        return _older(name, getattr(self._real, name))


def _older(name: str, real: Any) -> Callable[..., Any]:
    """A function or method that draws from a stream of NumPy's: shuffling changes what it is given, in place."""
    if name in SETTINGS:
        plain: Callable[..., Any] = real
        return plain

    @functools.wraps(real)
    def function(*args: Any, **options: Any) -> Any:
        if name != "shuffle":
            made = real(*real_values(args), **real_values(options))
            if fallback.nbytes(made) <= config.get("small_bytes"):  # as small memory is NumPy's at once
                return wrap(made)
            return through_numpy(f"random.{name}", lambda: made, (), {}, OLDER)
        (x,) = args or options.values()
        if isinstance(x, ndarray):
            return through_numpy("random.shuffle", real, (x,), {}, OLDER, (0,))
        return through_numpy("random.shuffle", lambda: real(x), (), {}, OLDER)  # a list itself, not a copy of it

    return function


def __getattr__(name: str) -> Any:
    """Whatever else NumPy's namespace has: classes as they are, functions of its own global stream."""
    real = getattr(np.random, name)
    if name.startswith("_") or isinstance(real, type) or not callable(real):
        return real
    return _older(name, real)
