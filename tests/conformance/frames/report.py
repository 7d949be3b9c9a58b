"""How many judged tests pass, folder by folder, how many natively, and why the others fail.

Each test's report carries the property `put`, a dictionary of what the plugin found; so it works under pytest-xdist.
PUT_FRACTION=n draws a fixed n-th of the tests by their names; PUT_OUT=file.json writes all of it; PUT_TOP=n shows so
many reasons a folder.
"""

import collections
import json
import os
from pathlib import Path

import pandas
import pytest

from tests.conformance.drawing import is_drawn
from tests.conformance.expected import Expected

HERE = Path(__file__).parent

tallies = collections.defaultdict(collections.Counter)  # folder -> outcome -> tests
reasons = collections.defaultdict(collections.Counter)  # folder -> first line of the error -> tests
failed = {}  # test -> reason


passed = []  # names of judged tests
expected = Expected.read(HERE / "expected.txt")


def short(nodeid):
    return nodeid.split("pandas/tests/")[-1]


def folder(nodeid):
    parts = short(nodeid).split("::")[0].split("/")[:-1]
    return "/".join(parts[:2] if parts[:1] == ["io"] else parts[:1]) or "(top level)"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.failed and (entry := expected.entry(short(item.nodeid))):
        report.outcome, report.wasxfail = "skipped", expected.reasons[entry]
    return report


def pytest_collectreport(report):
    if report.failed:
        tallies[folder(report.nodeid)]["modules not collected"] += 1
        error = str(report.longrepr).strip().splitlines()[-1]
        reasons[folder(report.nodeid)][f"(not collected) {short(report.nodeid)}: {error}"] += 1


def outcome(report, facts):
    if report.failed:
        return "failed" if facts["judged"] else "failed without an object of ours"
    if hasattr(report, "wasxfail"):
        return "expected to fail" if facts.get("judged") and "reason" in facts else "xfail of pandas"
    return "skipped" if report.skipped else "passed" if facts["judged"] else "not judged"


def pytest_runtest_logreport(report):
    facts = dict(report.user_properties).get("put", {})
    if not facts and not (report.skipped and report.when == "setup"):
        return
    test, tally = short(report.nodeid), tallies[folder(report.nodeid)]
    result = outcome(report, facts)
    tally[result] += 1
    if result == "passed":
        passed.append(test)
    if result == "expected to fail":
        failed[test] = facts["reason"]
    if report.failed:
        reasons[folder(report.nodeid)]["(without an object of ours) " * (not facts["judged"]) + facts["reason"]] += 1
        failed[test] = "(without an object of ours) " * (not facts["judged"]) + facts["reason"]
    if result == "passed" and facts["compared"] and "native" in facts:
        tally["compared"] += 1
        tally["native"] += facts["native"]


def problems():
    """What is not as the list says."""
    return expected.problems(passed, [t for t in failed if "(without" not in failed[t]], [], whole=False)


def pytest_collection_modifyitems(items):
    fraction = int(os.environ.get("PUT_FRACTION", "1"))
    items[:] = [item for item in items if is_drawn(short(item.nodeid), fraction)]


def pytest_sessionfinish(session):
    if not hasattr(session.config, "workerinput"):
        session.exitstatus = int(bool(problems()))


def pytest_terminal_summary(terminalreporter):
    say, setting = terminalreporter.write_line, os.environ.get
    say(f"== pandas {pandas.__version__}'s tests of tenfold.pandas")
    for name, tally in sorted(tallies.items()):
        good, compared = tally["passed"], tally["compared"]
        judged = good + tally["failed"] + tally["expected to fail"]  # what is listed still counts as failed
        native = f", {100 * tally['native'] / compared:.1f} % of {compared} native" if compared else ""
        rest = "".join(
            f"; {key} {count}"
            for key, count in sorted(tally.items())
            if key not in ("passed", "failed", "compared", "native")
        )
        say(f"{name}: {good} of {judged} judged pass ({100 * good / max(judged, 1):.1f} %){native}{rest}")
        for text, count in reasons[name].most_common(int(setting("PUT_TOP", "8"))):
            say(f"    {count:6d}  {text}")
    for problem in problems():
        say(problem, red=True)
    if setting("PUT_OUT"):
        with open(setting("PUT_OUT"), "w") as out:
            json.dump({"folders": tallies, "reasons": reasons, "failed": failed}, out, indent=1)
