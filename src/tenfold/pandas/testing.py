"""pandas.testing, on objects of ours and of pandas' alike."""

import functools
from collections.abc import Callable
from typing import Any

import pandas.testing as _testing

from tenfold.fallback import each as _each
from tenfold.pandas.door import plain as _plain


def _on_plain(real: Callable[..., Any]) -> Callable[..., Any]:
    """A function of pandas' that is handed pandas' objects."""

    def convert(value: Any) -> Any:
        return _each(_plain(value), convert)

    @functools.wraps(real)
    def call(*args: Any, **options: Any) -> Any:
        return real(*map(convert, args), **{name: convert(value) for name, value in options.items()})

    return call


__all__ = list(_testing.__all__)
for _name in __all__:
    globals()[_name] = _on_plain(getattr(_testing, _name))
