"""What NumPy's tests see: modules in which the implementation's names stand in for NumPy's.

While a module of NumPy's tests is imported or runs, its `import numpy as np` gives a facade. Of `numpy` and of the
modules that the implementation has too, public names are the implementation's alone; in all others a function or class
that is NumPy's public one is replaced wherever it is found. Assertions of `numpy.testing` get NumPy's objects. Inside
of NumPy itself, nothing changes.
"""

import builtins
import functools
import os
import types
import warnings
from collections.abc import Mapping
from typing import Any

import numpy
import numpy.testing
import pytest

from tests.conformance.running import MODULE, attempt, in_block, now

SHARED = ("linalg", "fft", "random")  # modules of NumPy that the implementation has too
TESTED = os.path.dirname(numpy.__file__)
LISTED = {"bitwise_count"}  # tests take it off a list of vars(numpy._core.umath), which is NumPy's
TRUSTING = {"incref_elide"}  # C functions that take any object for an array of NumPy's: the process would end
REAL_IMPORT = builtins.__import__


class Facade(types.ModuleType):
    """A module of which some names are replaced; what tests set in it is set in the real one."""

    def __init__(self, real: types.ModuleType, own: Any = None, instead: Mapping[str, Any] | None = None) -> None:
        super().__init__(real.__name__)
        facts = {name: getattr(real, name) for name in ("__file__", "__path__", "__spec__") if hasattr(real, name)}
        for name, value in (facts | {"_real": real, "_own": own, "_instead": instead or {}}).items():
            super().__setattr__(name, value)

    @property
    def __dict__(self) -> dict[str, Any]:  # for vars(np), and for monkeypatch, which looks here for what to restore
        return vars(self._real)

    def __getattr__(self, name: str) -> Any:
        if name in self._instead:
            return self._instead[name]
        if now.collecting and name in LISTED:
            return getattr(self._real, name)
        if name in TRUSTING:
            return refusing(getattr(self._real, name))
        if self._own is None or name.startswith("_"):
            return substitute(getattr(self._real, name))
        value = substitute(attempt(getattr, self._own, name))
        return handed_out(value) if isinstance(value, types.FunctionType) else value

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._real, name, value)

    def __delattr__(self, name: str) -> None:
        delattr(self._real, name)

    def __dir__(self) -> list[str]:
        return dir(self._real)


class Testing(Facade):
    """numpy.testing: comparisons see NumPy's objects."""

    def __getattr__(self, name: str) -> Any:
        value = super().__getattr__(name)
        is_comparison = name.startswith("assert_") and name not in self._instead
        return converting(value) if is_comparison and callable(value) else value


@functools.cache
def converting(function: Any) -> Any:
    """An assertion that gets NumPy's objects for ours, and counts them as compared."""

    @functools.wraps(function)
    def call(*args: Any, **options: Any) -> Any:
        return function(*map(now.real, args), **{name: now.real(value) for name, value in options.items()})

    return call


@functools.cache
def handed_out(function: Any) -> Any:
    """A function of the implementation, whose errors cost no whole file if tests call it while they are collected."""

    @functools.wraps(function)
    def call(*args: Any, **options: Any) -> Any:
        return attempt(function, *args, **options)

    return call


def refusing(function: Any) -> Any:
    """A function that takes arrays of NumPy's alone."""

    @functools.wraps(function)
    def call(array: Any) -> Any:
        if not isinstance(array, numpy.ndarray):
            raise TypeError(f"{function.__name__} takes arrays of NumPy's alone, not {type(array).__name__}")
        return function(array)

    return call


def _replacements() -> dict[int, Any]:
    """The identity of each public function and class of NumPy -> what the implementation has in its place."""
    found = {}
    for path in ("", *SHARED):
        real, own = (getattr(module, path) if path else module for module in (numpy, MODULE))
        for name in (name for name in dir(real) if not name.startswith("_")):
            theirs, ours = getattr(real, name), getattr(own, name, None)
            if callable(theirs) and ours is not None and ours is not theirs:
                found[id(theirs)] = ours
    return found


REPLACED = _replacements()


def substitute(value: Any) -> Any:
    """What tests get for a value that they find in a module."""
    if isinstance(value, types.ModuleType):
        name = value.__name__
        is_foreign = name.partition(".")[0] != "numpy" and name not in OWN_MODULES
        return value if is_foreign or ".tests" in name else facade(value)
    if id(value) not in REPLACED:
        return value
    value = REPLACED[id(value)]
    return handed_out(value) if isinstance(value, types.FunctionType) else value


OWN_MODULES = {getattr(MODULE, path).__name__: path for path in SHARED}


@functools.cache
def facade(module: types.ModuleType) -> Facade:
    """The facade of a module; there is one of each."""
    if module is numpy:
        return Facade(numpy, MODULE, {"errstate": in_block(numpy.errstate), "testing": facade(numpy.testing)})
    if module is numpy.testing:
        places = {"assert_raises": 1, "assert_raises_regex": 2, "assert_warns": 1, "assert_no_warnings": 0}
        instead = {name: in_block(getattr(numpy.testing, name), place) for name, place in places.items()}
        return Testing(numpy.testing, None, instead | {"suppress_warnings": in_block(numpy.testing.suppress_warnings)})
    if module is pytest:
        return Facade(pytest, None, {name: in_block(getattr(pytest, name)) for name in ("raises", "warns")})
    if module is warnings:
        return Facade(warnings, None, {"catch_warnings": in_block(warnings.catch_warnings)})
    path = OWN_MODULES.get(module.__name__) or module.__name__.removeprefix("numpy.")
    return Facade(getattr(numpy, path), getattr(MODULE, path)) if path in SHARED else Facade(module)


def is_test(module: Mapping[str, Any]) -> bool:
    """Do these globals belong to a module of NumPy's tests? Its name says so, or where it lies."""
    name, path = module.get("__name__") or "", module.get("__file__") or ""
    return (name.startswith("numpy.") and ".tests" in name) or (path.startswith(TESTED) and "/tests/" in path)


def import_facade(
    name: str, globals: Any = None, locals: Any = None, fromlist: Any = (), level: int = 0
) -> types.ModuleType:
    """What `import` gives, a facade to NumPy's tests."""
    module = REAL_IMPORT(name, globals, locals, fromlist, level)
    if level or not is_test(globals or {}) or ".tests" in module.__name__:
        return module
    known = module in (pytest, warnings) or module.__name__.partition(".")[0] == "numpy"
    return facade(module) if known else module
