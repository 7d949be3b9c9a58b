"""Arguments, judged by pandas' own signatures: what it takes and we do not is not there yet, others are TypeErrors."""

import functools
import inspect
from collections.abc import Callable
from typing import Any, NoReturn

from tenfold.errors import NotYetError

OF_NUMPY = {"out", "dtype", "keepdims", "initial", "where"}  # which pandas takes where NumPy calls its methods


def follow(own: type, real: type) -> None:
    """Let a class' public methods judge their arguments, of those that pandas' class has too."""
    for name, method in list(vars(own).items()):
        if inspect.isfunction(method) and not name.startswith("_") and inspect.isfunction(getattr(real, name, None)):
            setattr(own, name, following(getattr(real, name), f"{real.__name__}.{name}")(method))


def following(real: Callable[..., Any], name: str, remedy: str = "") -> Callable[[Callable[..., Any]], Any]:
    """The decorator of a function whose arguments are those of pandas' function, or some of them."""
    theirs = inspect.signature(inspect.unwrap(real))  # without what warns about calls by position

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        own = inspect.signature(function)

        @functools.wraps(function)
        def call(*args: Any, **options: Any) -> Any:
            try:
                return function(*args, **options)
            except TypeError:
                if _binds(own, args, options):  # 10 us, so asked only now: it is an error of the function's own
                    raise
            asked = {k: v for k, v in options.items() if v is not None or k not in OF_NUMPY}
            if len(asked) < len(options):
                return call(*args, **asked)
            return _refuse(own, theirs, name, remedy, args, options)

        return call

    return decorate


def _binds(own: inspect.Signature, args: Any, options: Any) -> bool:
    try:
        own.bind(*args, **options)
    except TypeError:
        return False
    return True


def _refuse(
    own: inspect.Signature, theirs: inspect.Signature, name: str, remedy: str, args: Any, options: Any
) -> NoReturn:
    """Raise what arguments deserve that we do not take."""
    try:
        given = theirs.bind(*args, **options).arguments
    except TypeError as error:
        raise TypeError(f"{name}(): {error}") from None
    loose = [p.name for p in theirs.parameters.values() if p.kind is p.VAR_KEYWORD and p.name in given]
    given |= given.pop(loose[0]) if loose else {}
    unknown = [key for key in given if key not in {*theirs.parameters, *OF_NUMPY}]
    if unknown:
        raise TypeError(f"{name}() got an unexpected keyword argument {unknown[0]!r}")
    more = [key for key in given if key not in own.parameters]
    raise NotYetError(f"{name} with {', '.join(more or given)}", *([remedy] if remedy else []))
