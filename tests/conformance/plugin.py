"""The pytest plugin: NumPy's own tests against another implementation of its API.

Which tests run (NUT_MAX parameters of each, a fixed NUT_FRACTION-th of all), and what each test's report carries: the
property `facts`, so that it works in several processes. `report.py` counts them.
"""

import builtins
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from tests.conformance import facade
from tests.conformance.drawing import few, is_drawn
from tests.conformance.judgement import verdict
from tests.conformance.report import Arrays, short
from tests.conformance.running import CLASSES, PACKAGE, begin, collected, now
from tests.conformance.tallying import Report

begin()
builtins.__import__ = facade.import_facade
AT_MOST = int(os.environ.get("NUT_MAX", "0"))  # parameters of one test; 0: all
FRACTION = int(os.environ.get("NUT_FRACTION", "1"))


def pytest_configure(config: pytest.Config) -> None:
    """One process reports."""
    if not hasattr(config, "workerinput"):
        settings = {name.removeprefix("NUT_"): value for name, value in os.environ.items()}
        chosen = {"EXPECTED": str(Path(__file__).with_name("expected.txt")), "WHOLE": str(int(FRACTION == 1))}
        config.pluginmanager.register(Report(Arrays, "numpy/", chosen | settings), "numpy-suite-report")


# -- which tests ------------------------------------------------------------------------------------------------------


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Some parameters of each test, and of those the drawn part."""
    chosen = {name for name in few([short(item.nodeid) for item in items], AT_MOST) if is_drawn(name, FRACTION)}
    config.hook.pytest_deselected(items=[item for item in items if short(item.nodeid) not in chosen])
    items[:] = [item for item in items if short(item.nodeid) in chosen]


# -- the facts --------------------------------------------------------------------------------------------------------


def pytest_collection_finish(session: pytest.Session) -> None:
    """From here on tests run."""
    collected()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Start to count, fixtures included."""
    code = getattr(getattr(item, "function", None), "__code__", None)
    names = code.co_names if code is not None else ()
    now.start(keeps=not {"weakref", "gc", "getrefcount"}.intersection(names))  # what we kept would not be collected


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Any:
    """A test that only tries whether something works must have run it."""
    now.made += sum(isinstance(value, CLASSES) for value in getattr(item, "funcargs", {}).values())
    process = os.getpid()
    try:
        result = yield
        now.release() if now.compared else now.compute()
    finally:
        if os.getpid() != process:  # a child that the test forked: it may not run the other tests a second time
            os._exit(1)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """Add what was found."""
    report = yield
    if report.when != "call" and not report.failed:
        return report
    now.release()
    facts: dict[str, Any] = {
        "judged": bool(now.made or now.compared or report.failed),
        "kinds": "".join(sorted(now.kinds)),
        "fallbacks": sorted(now.fallbacks),
    }
    if report.failed and call.excinfo is not None:
        facts |= asdict(verdict(call.excinfo.value, facade.is_test, PACKAGE))
    report.user_properties.append(("facts", facts))
    return report
