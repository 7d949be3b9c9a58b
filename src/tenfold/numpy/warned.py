"""Floating-point warnings of what is computed at once, in NumPy's words, at the user's line."""

import functools
import inspect
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from tenfold.fallback import distance
from tenfold.numpy.through import real_values

DEFAULT = {"divide": "warn", "over": "warn", "under": "ignore", "invalid": "warn"}
USUAL = {kind: "call" for kind, how in DEFAULT.items() if how == "warn"}


def warned(function: Callable[..., Any], args: Any, options: Any) -> Any:
    """What a function of NumPy's gives; what it would warn of at its own line is said at that of the caller."""
    state = np.geterr()
    told: Any = USUAL if state == DEFAULT else {kind: "call" for kind, how in state.items() if how == "warn"}
    if not told:
        return function(*args, **options)
    with np.errstate(call=functools.partial(_note, function), **told):
        return function(*args, **options)


def _note(function: Any, error: str, flag: int) -> None:
    name = getattr(function, "__name__", str(function))
    warnings.warn(f"{error} encountered in {name}", RuntimeWarning, stacklevel=distance())


def raising() -> bool:
    """Whether floating-point errors are to be told at the operation: neither passed over nor warned of."""
    state = np.geterr()
    return state != DEFAULT and not frozenset(state.values()) <= {"warn", "ignore"}


@functools.cache
def place_of_out(function: Callable[..., Any]) -> int | None:
    """Where `out` stands among a function's arguments by place."""
    try:
        names = list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return None
    return names.index("out") if "out" in names and not isinstance(function, np.ufunc) else None


def told(function: Callable[..., Any], args: Any, options: dict[str, Any]) -> None:
    """Call a function of NumPy's for its errors and warnings alone."""
    rest = {name: value for name, value in options.items() if name != "out"}
    args = args[: place_of_out(function)]
    warned(function, real_values(args), real_values(rest))
