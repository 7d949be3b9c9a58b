"""A user's function as a value: equal where bytecode and captured values are, else equal to nothing but itself.

So an expression that calls the same function twice on the same arrays calls it once, and a function that was changed
and defined again is another one.
"""

import functools
import hashlib
import inspect
import types
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

NUMPYS = frozenset(found for found in vars(np).values() if isinstance(found, np.ufunc))
SIMPLE = (type(None), bool, int, float, complex, str, bytes, type(...), np.dtype, np.generic)


@dataclass(frozen=True, slots=True)
class UserFunction:
    """A function with its keyword arguments; called with the blocks, and their number if it takes `block_id`."""

    function: Callable[..., Any] = field(compare=False)
    options: Mapping[str, Any] = field(compare=False)
    takes_number: bool = field(compare=False)
    key: str

    @property
    def label(self) -> str:
        """What listings call it."""
        return getattr(self.function, "__name__", type(self.function).__name__)

    def __call__(self, *blocks: Any, block_id: tuple[int, ...]) -> Any:
        """What the function returns for one block."""
        more = {"block_id": block_id} if self.takes_number else {}
        return self.function(*blocks, **self.options, **more)


def user_function(function: Callable[..., Any], options: Mapping[str, Any]) -> UserFunction:
    """A function as a value.

    >>> def doubled(k):
    ...     return lambda block: block * k
    >>> user_function(doubled(2), {}) == user_function(doubled(2), {}) != user_function(doubled(3), {})
    True
    """
    try:
        text = f"{_text(function, ())} {_text(dict(options), ())}"
    except (_UnknownValue, ValueError):  # ValueError: a cell that is empty yet
        text = uuid.uuid4().hex
    return UserFunction(function, options, _takes_number(function), hashlib.sha256(text.encode()).hexdigest())


class _UnknownValue(Exception):
    """A value that may change, or that nothing identifies."""


def _text(value: Any, above: tuple[Any, ...]) -> str:
    """What a value is, in words that are the same for equal ones; functions under way are `above`."""
    if any(value is other for other in above):
        return f"above {[value is other for other in above].index(True)}"
    match value:
        case _ if isinstance(value, SIMPLE):
            return f"{type(value).__name__} {value!r}"
        case tuple() | frozenset():
            return f"{type(value).__name__} {[_text(item, above) for item in value]}"
        case dict():
            return f"dict {[(_text(k, above), _text(v, above)) for k, v in value.items()]}"
        case types.CodeType():
            return f"code {value.co_code.hex()} {value.co_names} {[_text(item, above) for item in value.co_consts]}"
        case types.FunctionType():
            return _function_text(value, (*above, value))
        case functools.partial():
            return f"partial {_text(value.func, above)} {_text(value.args, above)} {_text(value.keywords, above)}"
        case types.ModuleType():
            return f"module {value.__name__}"
        case np.ufunc() if value in NUMPYS:
            return f"numpy.{value.__name__}"
        case types.BuiltinFunctionType() | type():
            return _name_text(value)
    if getattr(value, "tenfold_key", None):
        return str(value.tenfold_key)
    raise _UnknownValue


def _function_text(function: types.FunctionType, above: tuple[Any, ...]) -> str:
    """Bytecode, and what it captures: defaults, cells, and the globals that it names."""
    code = function.__code__
    cells = [cell.cell_contents for cell in function.__closure__ or ()]
    captured = {name: function.__globals__[name] for name in _names(code) if name in function.__globals__}
    parts = (code, function.__defaults__, function.__kwdefaults__, tuple(cells), captured)
    return " ".join(_text(part, above) for part in parts)


def _names(code: types.CodeType) -> list[str]:
    """What a function, and those inside of it, name."""
    inside = [item for item in code.co_consts if isinstance(item, types.CodeType)]
    return sorted({*code.co_names, *(name for item in inside for name in _names(item))})


def _name_text(value: Any) -> str:
    """Something that its module gives under its name."""
    owner = getattr(value, "__self__", None)
    if owner is not None and not isinstance(owner, types.ModuleType):
        raise _UnknownValue  # a bound method: its object may change
    if getattr(value, "__module__", None) == "__main__":
        raise _UnknownValue  # a class that may be written anew
    return f"{value.__module__} {value.__qualname__}"


def _takes_number(function: Any) -> bool:
    try:
        return "block_id" in inspect.signature(function).parameters
    except (TypeError, ValueError):
        return False
