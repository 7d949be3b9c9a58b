"""The report: how many of NumPy's tests pass, of these natively, and why the others fail.

A test is judged if it made or compared an array of ours, or failed; what passes without one counts on neither side.
What is listed as expected counts as failed in every rate: the list keeps the command green and raises no figure.
"""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy
import pytest

from tests.conformance.expected import Expected
from tests.conformance.running import MODULE, NUMBERS

HERE = Path(__file__).parent


def short(nodeid: str) -> str:
    """A test's name below NumPy's own folder."""
    return nodeid.removeprefix("numpy/")


class Tally:
    """What became of some tests; `results`: a test -> its outcome and facts."""

    def __init__(self, results: Mapping[str, dict[str, Any]], expected: Expected) -> None:
        self.results, self.expected = results, expected
        self.failed = [test for test, found in results.items() if found["outcome"] == "failed"]
        self.passed = [test for test, found in results.items() if found["outcome"] == "passed" and found["judged"]]
        self.judged = self.passed + self.failed
        self.native = [test for test in self.passed if not results[test]["fallbacks"]]
        self.numbers = [test for test in self.judged if NUMBERS.issuperset(results[test].get("kinds", ""))]
        self.native_numbers = [test for test in self.numbers if test in set(self.native)]
        differs = [test for test in self.failed if results[test].get("wrong")]
        self.stated = [test for test in differs if expected.is_stated(test)]
        self.wrong = [test for test in differs if not expected.is_stated(test)]
        self.crashed = [test for test in self.failed if results[test].get("reason") == "crash"]

    def reasons(self) -> Counter[str]:
        """Why tests failed: as the list says, or as the judge sees it."""
        entries = ((test, self.expected.entry(test)) for test in self.failed)
        return Counter(
            self.expected.reasons[entry] if entry else f"{self.results[test]['reason']} (not listed)"
            for test, entry in entries
        )

    def below(self, folder: str) -> "Tally":
        """Of the tests of one file."""
        return Tally({test: found for test, found in self.results.items() if _file(test) == folder}, self.expected)

    def row(self, name: str) -> str:
        """A line of the table."""
        cells = [
            name, len(self.judged), len(self.passed), share(self.passed, self.judged), len(self.native),
            share(self.native_numbers, self.numbers), len(self.failed), len(self.wrong) or "",
        ]  # fmt: skip
        return "| " + " | ".join(map(str, cells)) + " |"


def share(part: list[str], whole: list[str]) -> str:
    """A percentage."""
    return f"{100 * len(part) / len(whole):.1f} %" if whole else ""


def _file(test: str) -> str:
    return test.partition("::")[0]


class Report:
    """Collects what tests report; a plugin of the process that the user started."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        self.settings = settings
        self.whole = settings.get("NUT_FRACTION", "1") == "1"
        self.expected = Expected.read(Path(settings.get("NUT_EXPECTED", HERE / "expected.txt")))
        self.results: dict[str, dict[str, Any]] = {}
        self.uncollected: list[str] = []

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A file that cannot be imported: its tests are missing from every figure, so the run fails."""
        if report.failed:
            said = str(report.longrepr).strip().splitlines()[-1]
            self.uncollected.append(f"{short(report.nodeid)}: not collected: {said}")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """One phase of one test."""
        facts = dict(report.user_properties).get("facts")
        crashed = report.failed and facts is None
        if crashed:  # its process ended
            facts = {"reason": "crash", "said": str(report.longrepr), "where": "", "judged": True, "fallbacks": []}
        aside = report.skipped or hasattr(report, "wasxfail")
        if report.failed or (report.when == "call" and not aside and short(report.nodeid) not in self.results):
            self.results[short(report.nodeid)] = {"outcome": report.outcome, **(facts or {})}

    def problems(self, tally: Tally) -> list[str]:
        """All for which the run fails."""
        found = self.expected.problems(tally.passed, tally.failed, tally.wrong, self.whole)
        crashes = [f"{test}: ended its process, which nothing excuses" for test in tally.crashed]
        return sorted(set(self.uncollected)) + crashes + found

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Failed tests that are listed are no failure of the run; an entry that does not hold is one."""
        session.exitstatus = int(bool(self.problems(Tally(self.results, self.expected)))) if self.results else 2

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Show the figures and what is wrong; write what was asked for."""
        tally = Tally(self.results, self.expected)
        terminalreporter.write_line("\n" + page(tally))
        for problem in self.problems(tally)[:200]:
            terminalreporter.write_line(problem, red=True)
        if path := self.settings.get("NUT_OUT"):
            Path(path).write_text(json.dumps(self.results, indent=1))
        if path := self.settings.get("NUT_PAGE"):
            Path(path).write_text(page(tally))


def page(tally: Tally) -> str:
    """The tallies as a page of the documentation."""
    files = sorted({_file(test) for test in tally.judged})
    reasons = [f"| {reason} | {count} |" for reason, count in tally.reasons().most_common()]
    wrong = [f"- `{test}`: {tally.results[test]['said'][:120]}" for test in sorted(tally.wrong)]
    return "\n".join([
        f"# NumPy {numpy.__version__}'s own tests against {MODULE.__name__}", "",
        "Written by `make numpy-suite`. A test is judged if it made or compared an array of ours, or failed; tests",
        "that are expected to fail count as failed. *Native*: passed, and nothing ran in the original library on the",
        "whole data. *Of numbers*: native ones among the judged tests whose arrays hold only numbers, booleans or",
        "dates. *Wrong*: a result differs, by no stated contract. The bars: 93 % pass, 60 % of numbers, none is wrong.",
        "",
        "| file | judged | passed | | native | of numbers | failed | wrong |",
        "| --- | --: | --: | --: | --: | --: | --: | --: |",
        *(tally.below(file).row(file) for file in files), tally.row("**all**"), "",
        f"{len(tally.stated)} tests differ by a stated contract or compare no result.", "",
        "| why tests failed | tests |", "| --- | --: |", *reasons, "", *wrong, "",
    ])  # fmt: skip
