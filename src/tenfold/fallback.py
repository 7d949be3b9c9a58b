"""What is not native yet runs in the real library on the whole data: right, said once, and an error under `strict`.

Shared by everything users touch: the caller says how its objects become real ones and how real answers come back.
"""

import os
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Hashable
from typing import Any

import numpy as np

from tenfold import budget, config
from tenfold.errors import NotYetError


class FallbackWarning(UserWarning):
    """A call ran in the real library, on data brought together whole; once for each function or line of a program."""


counts: Counter[tuple[str, str]] = Counter()  # how often which function ran in which way; of frames, natively too
PACKAGE = os.path.join(os.path.dirname(__file__), "")
_said: set[Hashable] = set()


def call(
    name: str,
    function: Callable[..., Any],
    args: tuple[Any, ...],
    options: dict[str, Any],
    *,
    own: type | tuple[type, ...],
    real: Callable[[Any], Any],
    back: Callable[[Any], Any],
    reason: str = "no native form yet",
) -> Any:
    """The answer of the real `function`.

    Parameters
    ----------
    name
        How messages call it, as `numpy.kron`.
    own
        The classes of tenfold's objects among the arguments, also inside of lists, tuples and dictionaries.
    real, back
        One of our objects as a real one, and a real answer as ours (or as it is).
    """
    if options.get("inplace"):  # it would change what was computed, and nothing else
        raise NotYetError(f"{name} with inplace=True", "assign what it returns without that")
    if config.get("strict"):
        raise refusal(name, reason)
    total = 0

    def convert(value: Any) -> Any:
        nonlocal total
        if isinstance(value, own):
            made = real(value)
            total += nbytes(made)
            return made
        return each(value, convert)

    budget.require(name, whole((args, options), own))
    args, options = convert(args), convert(options)
    announce(name, reason, lambda: total, name)
    answer = function(*args, **options)
    return each(answer, back) if isinstance(answer, (tuple, list)) else back(answer)


def refusal(name: str, reason: str) -> NotYetError:
    """What `strict` raises in place of a fallback."""
    return NotYetError(f"{name} ({reason})", "it would run on the whole data: set strict=False to allow that")


def announce(name: str, reason: str, total: Callable[[], int], once: Hashable = None) -> None:
    """Say that a call runs in the real library on so many bytes: once a line of the user's program, or for `once`."""
    if config.get("strict"):
        raise refusal(name, reason)
    count(name, "whole")
    depth = distance()
    if once is None:
        caller = sys._getframe(depth - 1)
        once = (name, caller.f_code, caller.f_lineno)
    if once not in _said:
        _said.add(once)
        text = f"{name} runs in the original library on the whole data ({total():,} bytes): {reason}"
        warnings.warn(text, FallbackWarning, stacklevel=depth)


def count(name: str, level: str) -> None:
    """Note that a function ran: `native`, or in the original library: `moved`, `batch` or `whole`."""
    counts[name, level] += 1


def whole(value: Any, own: type | tuple[type, ...]) -> int:
    """Bytes of our arrays in a value that are brought together whole: of those that are not in memory yet."""
    total = 0

    def count(item: Any) -> Any:
        nonlocal total
        if not isinstance(item, own):
            return each(item, count)
        there = hasattr(getattr(getattr(item, "_own", None), "source", None), "array")
        size = 0 if there else getattr(item, "nbytes", 0)
        total += size if isinstance(size, int) else 0  # of a frame it may be a column
        return item

    count(value)
    return total


def nbytes(value: Any) -> int:
    """What an array or a frame takes in memory; 0 of what does not say."""
    usage = getattr(value, "memory_usage", None)  # of pandas, whose frames may have a column named nbytes
    return int(getattr(value, "nbytes", 0) if usage is None else np.sum(usage()))


def distance() -> int:
    """How many calls are between this module's and the code that is not tenfold's."""
    frame, count = sys._getframe(1), 1
    while frame.f_back is not None and frame.f_code.co_filename.startswith(PACKAGE):
        frame, count = frame.f_back, count + 1
    return count


def each(value: Any, change: Callable[[Any], Any]) -> Any:
    """A container with its items changed; anything else as it is."""
    if isinstance(value, dict):
        return {key: change(item) for key, item in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*map(change, value))
    return type(value)(map(change, value)) if type(value) in (tuple, list) else value


def forget() -> None:
    """Say everything again, for tests."""
    _said.clear()
