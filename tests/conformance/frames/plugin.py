"""pytest plugin: run pandas' own tests against tenfold.pandas.

While a module of pandas' tests is imported, `import pandas as pd` gives it a facade: tenfold's names first, pandas' own
after. `pandas._testing as tm` is a facade too, whose functions turn our objects into pandas' before they compare.
Everything inside of pandas keeps the real one. A test is judged only if an object of ours was made in it or compared;
of what is lazy, errors that pandas raises at the call count where they come when a `raises` block ends.
"""

import builtins
import contextlib
import functools
import operator
import os
import types
from dataclasses import asdict
from pathlib import Path

import pandas
import pandas._testing as tm
import pandas._testing._warnings as tm_warnings
import pandas.testing
import pytest

from tests.conformance import judgement
from tests.conformance.drawing import is_drawn
from tests.conformance.frames.objects import (
    CLASSES,
    MODULE,
    OWN,
    PACKAGE,
    compute_since,
    counted,
    fallbacks,
    from_pandas,
    hook,
    is_function,
    is_own,
    now,
    passes_through_implementation,
    to_pandas,
)
from tests.conformance.frames.report import Frames, short
from tests.conformance.tallying import Report

is_not_yet = functools.partial(judgement.is_not_yet, package=PACKAGE)
LEVELS = "moved", "batch", "whole"
FRACTION = int(os.environ.get("PUT_FRACTION", "1"))


def pytest_configure(config):
    """One process reports."""
    if not hasattr(config, "workerinput"):
        settings = {name.removeprefix("PUT_"): value for name, value in os.environ.items()}
        chosen = {"EXPECTED": str(Path(__file__).with_name("expected.txt"))}
        config.pluginmanager.register(Report(Frames, "pandas/tests/", chosen | settings), "pandas-suite-report")


def pytest_collection_modifyitems(config, items):
    """Of all tests the drawn part."""
    config.hook.pytest_deselected(items=[item for item in items if not is_drawn(short(item.nodeid), FRACTION)])
    items[:] = [item for item in items if is_drawn(short(item.nodeid), FRACTION)]


# -- errors and warnings that come when a lazy object is computed -----------------------------------------------------


class Block:
    """A `with` block that expects an error or a warning: at its end the lazies made in it are computed."""

    def __init__(self, manager, has_match=False):
        self.manager, self.has_match = manager, has_match

    def __enter__(self):
        now.blocks += 1
        self.start = len(now.objects)
        return self.manager.__enter__()

    def __exit__(self, kind, error, trace):
        now.blocks -= 1
        late = None
        if error is None:
            try:
                compute_since(self.start)
            except Exception as raised:
                kind, error, trace = type(raised), raised, raised.__traceback__
                late = raised
        del now.objects[self.start :]
        if is_not_yet(error) and not self.has_match:
            raise AssertionError(f"not the error that pandas raises: {error}") from error  # "not yet" is no answer
        handled = self.manager.__exit__(kind, error, trace)
        if late is not None and not handled:
            raise late
        return handled


def in_block(function):
    def call(*args, **options):
        if len(args) > 1 and callable(args[1]):  # pytest.raises(Error, function, ...)
            with Block(function(args[0])) as info:
                args[1](*args[2:], **options)
            return info
        return Block(function(*args, **options), options.get("match") is not None)

    return call


pytest.raises, pytest.warns = in_block(pytest.raises), in_block(pytest.warns)
tm_warnings._assert_raised_with_correct_stacklevel = lambda warning: None  # a wrapper is one level deeper
_unexpected = tm_warnings._is_unexpected_warning  # the implementation may warn of its own affairs
tm_warnings._is_unexpected_warning = lambda w, expected: not is_own(w.category) and _unexpected(w, expected)


# -- what pandas' tests see -------------------------------------------------------------------------------------------


class Facade(types.ModuleType):
    """A module of pandas in which the implementation's classes and functions replace those of pandas."""

    def __init__(self, real):
        super().__init__(real.__name__)
        for name, value in {
            "_real": real,
            "__file__": real.__file__,
            "__path__": getattr(real, "__path__", []),
        }.items():
            super().__setattr__(name, value)

    @property
    def __dict__(self):  # for vars(pd), and for monkeypatch, which looks here for what it will restore
        return vars(self._real)

    def __getattr__(self, name):
        value = substitute(getattr(self._real, name))
        is_helper = self._real.__name__.startswith(HELPER_MODULES) and is_function(value) and id(value) not in PUBLIC
        return converting(value) if is_helper else value

    def __setattr__(self, name, value):  # a patch is meant for the real module
        setattr(self._real, name, value)

    def __delattr__(self, name):
        delattr(self._real, name)

    def __dir__(self):
        return dir(self._real)


class Pandas(Facade):
    @property
    def __dict__(self):
        return {**vars(pandas), **OWN}

    def __getattr__(self, name):
        if name in OWN:
            now.used += 1
            return handed_out(OWN[name])
        return super().__getattr__(name)


class Testing(Facade):
    """pandas._testing and pandas.testing: comparisons see pandas' objects, expectations are boxed as the test needs."""

    def __getattr__(self, name):
        value = getattr(self._real, name)
        if name in HELPERS:
            return HELPERS[name]
        if name in ("assert_produces_warning", "maybe_produces_warning", "raises_chained_assignment_error"):
            return in_block(value)
        if name.startswith("assert_") or name in ("get_dtype", "shares_memory"):
            return converting(value)
        return value


@functools.cache
def converting(function):
    """A function of pandas that takes the implementation's objects as pandas'; an assertion counts them as compared."""

    @functools.wraps(function)
    def call(*args, **options):
        with contextlib.suppress(RecursionError):  # a list that contains itself stays as it is
            count = function.__name__.startswith("assert_")
            args, options = to_pandas(args, count), to_pandas(options, count)
        return function(*args, **options)

    return call


def handed_out(value):
    return counted(value) if is_function(value) else value


PUBLIC = {id(value) for value in (*vars(pandas).values(), *vars(MODULE).values(), *map(handed_out, OWN.values()))}
REPLACED = {id(getattr(pandas, name)): value for name, value in OWN.items() if hasattr(pandas, name)}
for _path in ("api.types", "api.typing", "api.extensions", "api.indexers", "arrays", "errors", "util"):
    with contextlib.suppress(AttributeError):
        _own, _real = operator.attrgetter(_path)(MODULE), operator.attrgetter(_path)(pandas)
        REPLACED.update(
            (id(getattr(_real, name)), getattr(_own, name))
            for name in dir(_real)
            if not name.startswith("_") and hasattr(_own, name)
        )
REPLACED.update((id(real), own) for real, own in hook("stand_ins", {}).items())
REAL = {id(handed_out(value)): getattr(pandas, name) for name, value in OWN.items() if hasattr(pandas, name)}
facade = functools.cache(
    lambda real: Testing(real) if real in (tm, pandas.testing) else Pandas(real) if real is pandas else Facade(real)
)


def substitute(value):
    if isinstance(value, types.ModuleType) and value.__name__.startswith("pandas.") and "tests" not in value.__name__:
        return facade(value)
    return handed_out(REPLACED[id(value)]) if id(value) in REPLACED else value


def to_array(value):
    return tm.to_array(to_pandas(value))


def box_expected(expected, box_cls, transpose=True):
    box = tm.to_array if box_cls is to_array else REAL.get(id(box_cls), box_cls)
    return from_pandas(tm.box_expected(to_pandas(expected), box, transpose))


def get_obj(frame, klass):
    real = REAL.get(id(klass), klass)
    return frame if real is pandas.DataFrame else from_pandas(tm.get_obj(to_pandas(frame), real))


HELPER_MODULES = "pandas._libs", "pandas.core.algorithms", "pandas.core.dtypes", "pandas.core.resample"  # not public
HELPERS = {"to_array": to_array, "box_expected": box_expected, "get_obj": get_obj}
HELPERS["assert_indexing_slices_equivalent"] = types.FunctionType(  # slices the implementation's own object
    tm.assert_indexing_slices_equivalent.__code__,
    {**vars(tm.asserters), "assert_series_equal": converting(tm.assert_series_equal)},
)

_import = builtins.__import__


def import_facade(name, globals=None, locals=None, fromlist=(), level=0):
    module = _import(name, globals, locals, fromlist, level)
    if level == 0 and name.partition(".")[0] == "pandas" and is_test(globals or {}):
        return facade(module) if module is pandas else substitute(module)
    return module


builtins.__import__ = import_facade


# -- judging ----------------------------------------------------------------------------------------------------------


def is_test(module):
    """Do these globals belong to a module of pandas' tests?"""
    return (module.get("__name__") or "").startswith(("pandas.tests", "pandas.conftest"))


def pytest_collection_finish(session):
    now.collecting = False


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    names = getattr(getattr(item, "function", None), "__code__", item.__init__.__code__).co_names
    counting = {
        "weakref",
        "gc",
        "raises_chained_assignment_error",
    }  # what we kept would not be collected, nor warned of
    now.start(keeps=counting.isdisjoint(names))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    now.made += sum(isinstance(value, CLASSES) for value in getattr(item, "funcargs", {}).values())
    result = yield
    if not now.compared:  # a test that only tries whether something works must have run it
        compute_since(0)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.when != "call" and not report.failed:
        return report
    ran = {level: {name for name, found in fallbacks()[now.fallbacks :] if found == level} for level in LEVELS}
    facts = {"judged": bool(now.made or now.compared), "compared": now.compared}
    facts |= {"fallbacks": sorted(ran["whole"]), "levels": [level for level in LEVELS if ran[level]]}
    if report.failed and call.excinfo is None:
        facts |= {"reason": "a pass where pandas expects a failure", "said": str(report.longrepr), "where": ""}
    elif report.failed:
        error = call.excinfo.value
        facts["judged"] = facts["judged"] or now.used > 0 or passes_through_implementation(error)
        facts |= asdict(judgement.verdict(error, is_test, PACKAGE))
    report.user_properties.append(("facts", facts))
    return report
