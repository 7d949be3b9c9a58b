"""Random arrays: element i is a function of the seed and i, so any slice, block or device draws the same.

The source is Philox4x64-10, keyed by NumPy's `SeedSequence(seed)`. `random` and `uniform` have the bits of
`numpy.random.Generator(numpy.random.Philox(seed))`; NumPy's other methods reject draws, so that an element depends on
all before it: the others here are tenfold's own. None equals `numpy.random.default_rng(seed)`, whose source is PCG64.
"""

import operator
from typing import Any

import numpy as np

from tenfold.expr import arrays as ar
from tenfold.numpy import elementwise as ew
from tenfold.numpy import order
from tenfold.numpy import shape as sh
from tenfold.numpy.array import as_array, ndarray, node_of
from tenfold.numpy.through import through_numpy

OTHERS = (1 << 32) - 1  # no child that `spawn` makes has this number
BLOCK = 4  # words of a Philox block; normals take pairs of words within one


class Generator:
    """Draws lazy arrays; made by `default_rng`.

    Each call goes on behind the words that the calls before it took, as NumPy's does.

    Examples
    --------
    >>> import tenfold.numpy as np
    >>> rng = np.random.default_rng(7)
    >>> x = rng.normal(size=(1000, 1000))
    >>> bool(abs(x.mean()) < 0.01)
    True
    """

    def __init__(self, seed: Any = None) -> None:
        sequence = seed if isinstance(seed, np.random.SeedSequence) else np.random.SeedSequence(seed)
        self._sequence = sequence
        words = sequence.generate_state(2, np.uint64).view(np.int64)
        self._key = tuple(ar.full(int(word), np.int64) for word in words)
        self._next = self._borrowed = 0

    def _indices(self, size: Any, *parameters: Any, align: int = 1) -> tuple[ar.Array, bool]:
        """The numbers of the words of an array of a size (by default, that of the parameters), and is it a scalar."""
        given = np.broadcast_shapes(*(np.shape(p) for p in parameters))
        shape = (
            given
            if size is None
            else tuple(map(operator.index, size))
            if np.iterable(size)
            else (operator.index(size),)
        )
        if np.broadcast_shapes(given, shape) != shape:
            raise ValueError(f"Output size {shape} is not compatible with broadcast dimensions of inputs {given}.")
        first = -(-self._next // align) * align
        count = int(np.prod(shape, dtype=np.int64))
        self._next = first + count
        return ar.Range(first, shape or (1,)), not shape

    def _draw(self, name: str, size: Any, *parameters: Any, align: int = 1, dtype: Any = "f8") -> ndarray:
        numbers, scalar = self._indices(size, *parameters, align=align)
        made = ndarray(ew.over(f"draw_{name}", [*self._key, numbers], dtype))
        return made[0] if scalar else made

    def _as(self, drawn: ndarray, dtype: Any) -> ndarray:
        if np.dtype(dtype) not in (np.float32, np.float64):
            raise TypeError(f"Unsupported dtype {np.dtype(dtype)!r} for a random array")
        return ndarray(ew.cast(drawn._node, dtype))

    def random(self, size: Any = None, dtype: Any = np.float64, out: Any = None) -> Any:
        """Uniform in [0, 1): the bits of `numpy.random.Generator(numpy.random.Philox(seed)).random(size)`."""
        return ew.written(self._as(self._draw("random", size), dtype)._node, out)

    def uniform(self, low: Any = 0.0, high: Any = 1.0, size: Any = None) -> Any:
        """Uniform in [low, high): the bits of NumPy's on Philox."""
        low, high = _parameter(low), _parameter(high)
        return self._draw("random", size, low, high) * (high - low) + low

    def standard_normal(self, size: Any = None, dtype: Any = np.float64, out: Any = None) -> Any:
        """Normal with mean 0 and deviation 1, by Box and Muller's pairs."""
        return ew.written(self._as(self._draw("normal", size, align=BLOCK), dtype)._node, out)

    def normal(self, loc: Any = 0.0, scale: Any = 1.0, size: Any = None) -> Any:
        """Normal with mean `loc` and deviation `scale`."""
        loc, scale = _parameter(loc), _parameter(scale)
        if np.ndim(scale) == 0 and float(scale) < 0:
            raise ValueError("scale < 0")
        drawn = self._draw("normal", size, loc, scale, align=BLOCK)
        if np.ndim(scale) or float(scale) != 1.0:
            drawn = drawn * scale
        return drawn if np.ndim(loc) == 0 and float(loc) == 0.0 else drawn + loc

    def standard_exponential(
        self, size: Any = None, dtype: Any = np.float64, method: str = "zig", out: Any = None
    ) -> Any:
        """Exponential with mean 1."""
        return ew.written(self._as(self._draw("exponential", size), dtype)._node, out)

    def exponential(self, scale: Any = 1.0, size: Any = None) -> Any:
        """Exponential with mean `scale`."""
        scale = _parameter(scale)
        return self._draw("exponential", size, scale) * scale

    def lognormal(self, mean: Any = 0.0, sigma: Any = 1.0, size: Any = None) -> Any:
        """e to the power of a normal."""
        return ew.ufunc("exp")(self.normal(mean, sigma, size))

    def integers(
        self, low: Any, high: Any = None, size: Any = None, dtype: Any = np.int64, endpoint: bool = False
    ) -> Any:
        """Whole numbers in [low, high); biased by at most (high - low) / 2**64."""
        low, high = (0, low) if high is None else (low, high)
        low, high = np.asarray(low), np.asarray(high) + bool(endpoint)
        if (low >= high).any():
            raise ValueError("low >= high")
        limits = np.iinfo(dtype)
        if (low < limits.min).any():
            raise ValueError(f"low is out of bounds for {np.dtype(dtype).name}")
        if (high - 1 > limits.max).any():
            raise ValueError(f"high is out of bounds for {np.dtype(dtype).name}")
        numbers, scalar = self._indices(size, low, high)
        bounds = [
            ar.broadcast(node_of(x, np.int64), numbers.shape) if x.ndim else node_of(x, np.int64)
            for x in (low, high - low)
        ]
        made = ndarray(ew.cast(ew.over("draw_integers", [*self._key, numbers, *bounds], np.int64), dtype))
        return made[0] if scalar else made

    def permutation(self, x: Any, axis: int = 0) -> Any:
        """A range, or an array along an axis, in random order: that of random numbers, one for each place."""
        array = ndarray(ar.Range(0, (operator.index(x),))) if np.ndim(x) == 0 else as_array(x)
        places = order.argsort(self._draw("random", array.shape[axis]), kind="stable")
        return sh.take(array, places, axis)

    def shuffle(self, x: ndarray, axis: int = 0) -> None:
        """Put an array into random order along an axis, in place."""
        x._write(self.permutation(x, axis)._node)

    def choice(
        self, a: Any, size: Any = None, replace: bool = True, p: Any = None, axis: int = 0, shuffle: bool = True
    ) -> Any:
        """Elements of `a` (of range(a)) at random, with replacement, or without."""
        array = ndarray(ar.Range(0, (operator.index(a),))) if np.ndim(a) == 0 else as_array(a)
        length = array.shape[axis]
        if not length and size != 0:
            raise ValueError("a cannot be empty unless no samples are taken")
        if not replace:
            if p is not None:
                raise NotImplementedError(
                    "choice without replacement by probabilities: draw with replacement, or use NumPy"
                )
            count = 1 if size is None else int(np.prod(size))
            if count > length:
                raise ValueError("Cannot take a larger sample than population when replace is False")
            places = order.argsort(self._draw("random", length), kind="stable")[:count]
            places = places[0] if size is None else sh.reshape(places, size)
        elif p is None:
            places = self.integers(0, length, size)
        else:
            ends = np.cumsum(np.asarray(p, float))
            if not np.isclose(ends[-1], 1) or (np.asarray(p) < 0).any() or len(ends) != length:
                raise ValueError("probabilities are not non-negative, of the length of a, or do not sum to 1")
            places = order.searchsorted(ends / ends[-1], self.random(size), "right")
        return sh.take(array, places, axis)

    def __getattr__(self, name: str) -> Any:
        """NumPy's other distributions, drawn whole by NumPy: each call from a stream of its own."""
        if name.startswith("_") or not hasattr(np.random.Generator, name):
            raise AttributeError(f"'Generator' object has no attribute {name!r}")
        self._borrowed += 1
        place = (*self._sequence.spawn_key, OTHERS, self._borrowed)
        source = np.random.Philox(np.random.SeedSequence(self._sequence.entropy, spawn_key=place))
        real = getattr(np.random.Generator(source), name)
        if not callable(real):
            return real
        return lambda *args, **options: through_numpy(f"random.Generator.{name}", real, args, options)

    def spawn(self, n_children: int) -> list["Generator"]:
        """Generators that are independent of this one and of each other."""
        return [Generator(child) for child in self._sequence.spawn(n_children)]


def _parameter(value: Any) -> Any:
    return value if isinstance(value, ndarray) else float(value) if np.ndim(value) == 0 else np.asarray(value, float)


def default_rng(seed: Any = None) -> Generator:
    """A generator; the same seed, the same arrays, whatever the blocks, threads or device.

    Parameters
    ----------
    seed
        As for `numpy.random.SeedSequence`: an int, a sequence of them, or None for entropy of the system.
    """
    return seed if isinstance(seed, Generator) else Generator(seed)


def __getattr__(name: str) -> Any:
    """Whatever else NumPy's namespace has: classes as they are, functions in NumPy, with its own global state."""
    real = getattr(np.random, name)
    if name.startswith("_") or isinstance(real, type) or not callable(real):
        return real
    return lambda *args, **options: through_numpy(f"random.{name}", real, args, options)
