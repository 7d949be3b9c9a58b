"""What the running test makes, compares and falls back on, of the implementation under test.

The implementation is the module that NUT_MODULE names; its `ndarray` is the class whose objects count. They are
noticed as they pass `__new__` and kept until the test ends, for two reasons: their dtypes are not known earlier, and an
error of a lazy one comes when it is computed. NumPy itself as the implementation has no objects of its own, so nothing
is judged.
"""

import contextlib
import functools
import importlib
import os
import types
import warnings
from collections.abc import Iterator
from typing import Any

import numpy

from tenfold import fallback
from tests.conformance.judgement import is_not_yet

MODULE = importlib.import_module(os.environ.get("NUT_MODULE", "tenfold.numpy"))
PACKAGE = MODULE.__name__.partition(".")[0]
CLASSES: tuple[type, ...] = () if MODULE.ndarray is numpy.ndarray else (MODULE.ndarray,)
NUMBERS = set("biufcmM")  # the kinds of dtypes that are numbers, booleans or dates
KEPT = 5_000  # objects of one test; a loop that makes more shows nothing new
COMPUTED_BYTES = 1 << 26  # of one that nobody asked for: NumPy's may be a view that takes no memory


class Running:
    """The facts about one test so far."""

    collecting = True  # no test runs yet

    def __init__(self) -> None:
        self.start()

    def start(self, keeps: bool = True) -> None:
        """Forget the last test; `keeps`: objects may be kept alive until they are computed."""
        self.keeps, self.quiet = keeps, False
        self.made = self.compared = 0
        self.objects: list[Any] = []  # in the order in which they were made
        self.kinds: set[str] = set()
        self.fallbacks: set[str] = set()
        fallback.forget()  # so that each test is told of its own
        numpy.random.seed(0)  # tests that draw from it have the same outcome every time

    @contextlib.contextmanager
    def quietly(self) -> Iterator[None]:
        """What is made meanwhile is the judge's doing, not the test's."""
        before, self.quiet = self.quiet, True
        try:
            yield
        finally:
            self.quiet = before

    def note(self, made: Any) -> None:
        """Count an object of ours."""
        if self.collecting or self.quiet:
            return
        self.made += 1
        if self.keeps and len(self.objects) < KEPT:
            self.objects.append(made)

    def release(self, start: int = 0) -> list[Any]:
        """The whole objects made since `start`, no longer kept; those whose making failed have no dtype."""
        objects, self.objects[start:] = self.objects[start:], []
        with self.quietly():
            return [made for made in objects if self._has_kind(made)]

    def _has_kind(self, made: Any) -> bool:
        try:
            self.kinds.add(made.dtype.kind)
        except AttributeError:
            return False
        except Exception:  # a lazy one that fails: computing it will say so
            return True
        return True

    def compute(self, start: int = 0) -> None:
        """Compute what was made since, in order; raises what NumPy would have raised at the call."""
        for made in self.release(start):
            with self.quietly():
                if made.nbytes <= COMPUTED_BYTES:
                    made.compute()

    def real(self, value: Any) -> Any:
        """A value that is compared, with our objects, also those in containers, as NumPy's."""
        if isinstance(value, CLASSES):
            self.compared += 1
            self._has_kind(value)
            with self.quietly():
                return value.compute()
        return fallback.each(value, self.real)


now = Running()


# -- noticing -------------------------------------------------------------------------------------------------------


def watch(cls: type) -> None:
    """Note every object that is made of a class."""
    new = cls.__new__

    def noting(cls: type, *args: Any, **options: Any) -> Any:
        made = new(cls) if new is object.__new__ else new(cls, *args, **options)
        now.note(made)
        return made

    cls.__new__ = staticmethod(noting)  # type: ignore[assignment]


def watch_fallbacks() -> None:
    """Note every fallback, called or only warned of; the warnings are the judge's to hear, not the tests'."""
    call, warn = fallback.call, warnings.warn

    def noting(name: str, *args: Any, **options: Any) -> Any:
        now.fallbacks.add(name)
        return call(name, *args, **options)

    def hearing(message: Any, category: Any = None, stacklevel: int = 1, *args: Any, **options: Any) -> None:
        kind = type(message) if isinstance(message, Warning) else category
        if isinstance(kind, type) and issubclass(kind, fallback.FallbackWarning):
            now.fallbacks.add(str(message).split(" runs in ")[0])
        else:
            warn(message, category, stacklevel + 1, *args, **options)

    fallback.call, warnings.warn = noting, hearing


# -- errors and warnings that come when a lazy object is computed -----------------------------------------------------


class Block:
    """A `with` block that expects errors or warnings: at its end the objects made in it are computed.

    So an error that NumPy raises at the call and a lazy implementation at the computation is the same to a test.
    """

    def __init__(self, manager: Any) -> None:
        self._manager = manager

    def __enter__(self) -> Any:
        self._start = len(now.objects)
        return self._manager.__enter__()

    def __exit__(self, kind: Any, error: Any, trace: Any) -> bool:
        late = None
        if now.collecting:  # an expectation that a file states beside its tests may not cost all of them
            with contextlib.suppress(AssertionError):
                self._manager.__exit__(kind, error, trace)
            return True
        try:
            now.compute(self._start) if error is None else now.release(self._start)
        except Exception as raised:
            late, kind, error, trace = raised, type(raised), raised, raised.__traceback__
        handled = self._manager.__exit__(kind, error, trace) and not is_not_yet(error, PACKAGE)
        if late is not None and not handled:
            raise late
        return bool(handled)

    def __call__(self, function: Any) -> Any:
        return self._manager(function)  # some are decorators too

    def __getattr__(self, name: str) -> Any:
        return getattr(self._manager, name)


def in_block(function: Any, place: int = 1) -> Any:
    """`function`, whose block computes; `place`: which argument is a function to call instead of a block."""

    def call(*args: Any, **options: Any) -> Any:
        if len(args) <= place or not callable(args[place]):
            return Block(function(*args, **options))
        result = None
        with Block(function(*args[:place])) as entered:
            result = args[place](*args[place + 1 :], **options)
        return entered if function.__module__.startswith("_pytest") else result

    return call


# -- what cannot be made while tests are collected --------------------------------------------------------------------


class Absent:
    """It failed while tests were collected. A test that uses it fails with the error of then; other tests run."""

    def __init__(self, error: Exception) -> None:
        self.__dict__["_error"] = error

    def __repr__(self) -> str:  # part of names of tests, which have to be the same in all processes
        return f"Absent({type(self._error).__name__})"

    def __call__(self, *args: Any, **options: Any) -> "Absent":
        if now.collecting:
            return self
        raise self._error

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self()

    __iter__ = None  # a loop over its items would not end
    __array_ufunc__ = None  # operators of arrays leave it to ours
    __hash__ = object.__hash__


OPERATORS = """add radd sub rsub mul rmul truediv neg invert getitem setitem and or eq ne"""
for _name in OPERATORS.split():
    setattr(Absent, f"__{_name}__", Absent.__call__)


def attempt(function: Any, *args: Any, **options: Any) -> Any:
    """The result; while tests are collected, an error costs the tests that it concerns and no others."""
    try:
        return function(*args, **options)
    except Exception as error:
        if not now.collecting:
            raise
        return Absent(error)


def forgiving(self: Any, name: str) -> Any:
    """An attribute of ours while tests are collected."""
    found = object.__getattribute__(self, name)
    is_method = isinstance(found, types.MethodType) and not name.startswith("_")
    return functools.partial(attempt, found) if is_method else found


def begin() -> None:
    """Watch the implementation; tests are collected."""
    for cls in CLASSES:
        watch(cls)
        cls.__getattribute__ = forgiving  # type: ignore[assignment]
    if CLASSES:
        watch_fallbacks()


def collected() -> None:
    """From here on tests run, and meet errors where they are raised."""
    now.collecting = False
    for cls in CLASSES:
        del cls.__getattribute__
