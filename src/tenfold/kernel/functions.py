"""Element functions and draws in kernels: the code of `primitives/`, run on symbols; the same bits on every target.

All of them take and give f8 (a caller casts f4 up and the result down). `apply` knows the functions of
`primitives/elementary.py` and the simple ones below, which round as NumPy's do; `draw` knows the distributions of
`primitives/philox.py`.
"""

from collections.abc import Callable
from typing import Any

from tenfold.kernel.build import Builder, Value
from tenfold.primitives import elementary, philox


def apply(build: Builder, name: str, *values: Value) -> Value:
    """The element function `name` of f8 values.

    >>> b = Builder()
    >>> apply(b, "exp", b.input("f8")).storage, apply(b, "isnan", b.input("f8")).storage
    ('f8', '?')
    """
    result: Value = FUNCTIONS[name](build, *values)
    return result


def draw(build: Builder, name: str, key0: Value, key1: Value, index: Value, *parameters: Any) -> Value:
    """Element `index` (an i8) of a random array under a key, the bits of `philox.draw`.

    `random`, `uniform` (low, width), `integers` (low, count), `exponential`, `normal`; and `normal_even`, `normal_odd`
    for indices of one parity, which cost less. Keys are i8 parameters; the others numbers or values.
    """
    if name.startswith("normal"):
        return _normal(build, name, key0, key1, index)
    word = build.let("word", key0, key1, index)
    result: Value = philox.DRAWS[name](build, word, *parameters)
    return result


def _normal(build: Builder, name: str, *place: Value) -> Value:
    across, up = philox.normal_pair(build, build.let("even_word", *place), build.let("odd_word", *place))
    known = {"normal_even": across, "normal_odd": up}
    return known[name] if name in known else build.where((place[2] & 1) == 1, up, across)


# -- simple functions ---------------------------------------------------------------------------------------------


def _rounding(name: str) -> Callable[..., Any]:
    return lambda m, x: m.let(name, x)


def _sign(m: Any, x: Any) -> Any:
    return m.where(x > 0.0, 1.0, m.where(x < 0.0, -1.0, m.where(x == 0.0, 0.0, x)))


def _minimum(m: Any, a: Any, b: Any) -> Any:
    """The smaller; NaN where either is."""
    return m.where((a < b) | (a != a), a, b)


def _maximum(m: Any, a: Any, b: Any) -> Any:
    return m.where((a > b) | (a != a), a, b)


def _fmin(m: Any, a: Any, b: Any) -> Any:
    """The smaller; of a number and NaN, the number."""
    return m.where((a < b) | (b != b), a, b)


def _fmax(m: Any, a: Any, b: Any) -> Any:
    return m.where((a > b) | (b != b), a, b)


def _copysign(m: Any, x: Any, sign: Any) -> Any:
    return m.from_bits((m.bits(x) & elementary.MAGNITUDE) | (m.bits(sign) & elementary.SIGN))


SIMPLE: dict[str, Callable[..., Any]] = {
    **{name: _rounding(name) for name in ("floor", "ceil", "trunc", "rint")},
    "absolute": elementary.absolute,
    "negative": lambda m, x: -x,
    "square": lambda m, x: x * x,
    "reciprocal": lambda m, x: 1.0 / x,
    "sign": _sign,
    "copysign": _copysign,
    "signbit": lambda m, x: m.bits(x) < 0,
    "isnan": lambda m, x: x != x,
    "isinf": lambda m, x: elementary.absolute(m, x) == elementary.INFINITY,
    "isfinite": lambda m, x: elementary.absolute(m, x) < elementary.INFINITY,
    "minimum": _minimum,
    "maximum": _maximum,
    "fmin": _fmin,
    "fmax": _fmax,
}
FUNCTIONS: dict[str, Callable[..., Any]] = {**elementary.FUNCTIONS, **SIMPLE}
