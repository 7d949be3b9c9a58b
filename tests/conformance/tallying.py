"""What both judges count: which tests were judged, passed and failed, why, and for what a run fails.

Tests report the property `facts`: whether they are judged, what ran in the original library on the whole data, and of a
failure the verdict. What is listed as expected counts as failed in every rate: the list keeps the command green and
raises no figure.
"""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.expected import Expected


class Tally:
    """What became of some tests; `results`: a test -> its outcome and facts."""

    def __init__(self, results: Mapping[str, dict[str, Any]], expected: Expected) -> None:
        self.results, self.expected = results, expected
        self.failed = self._judged("failed")
        self.passed = self._judged("passed")
        self.judged = self.passed + self.failed
        self.native = [test for test in self.passed if not results[test]["fallbacks"]]
        differs = [test for test in self.failed if results[test].get("wrong")]
        self.stated = [test for test in differs if expected.is_stated(test)]
        self.wrong = [test for test in differs if not expected.is_stated(test)]
        self.crashed = [test for test in self.failed if results[test].get("reason") == "crash"]

    def _judged(self, outcome: str) -> list[str]:
        return [test for test, found in self.results.items() if found["outcome"] == outcome and found["judged"]]

    def reasons(self) -> Counter[str]:
        """Why tests failed: as the list says, or as the judge sees it."""
        entries = ((test, self.expected.entry(test)) for test in self.failed)
        return Counter(
            self.expected.reasons[entry] if entry else f"{self.results[test]['reason']} (not listed)"
            for test, entry in entries
        )

    def below(self, part: str) -> "Tally":
        """Of the tests of one part of the suite."""
        return type(self)(
            {test: found for test, found in self.results.items() if self.part(test) == part}, self.expected
        )

    @staticmethod
    def part(test: str) -> str:
        """The part of the suite that has a row of its own: a file."""
        return test.partition("::")[0]

    def parts(self) -> list[str]:
        """All parts of which tests were judged."""
        return sorted({self.part(test) for test in self.judged})

    def cells(self) -> list[Any]:
        """What the table says of these tests."""
        raise NotImplementedError

    def row(self, name: str) -> str:
        """A line of the table."""
        return "| " + " | ".join(map(str, [name, *self.cells()])) + " |"

    def page(self) -> str:
        """The tallies as a page of the documentation."""
        raise NotImplementedError

    def lists(self) -> list[str]:
        """The end of a page: why tests failed, and which are wrong."""
        reasons = [f"| {reason} | {count} |" for reason, count in self.reasons().most_common()]
        wrong = [f"- `{test}`: {self.results[test]['said'][:120]}" for test in sorted(self.wrong)]
        return ["| why tests failed | tests |", "| --- | --: |", *reasons, "", *wrong, ""]


def share(part: list[str], whole: list[str]) -> str:
    """A percentage."""
    return f"{100 * len(part) / len(whole):.1f} %" if whole else ""


class Report:
    """Collects what tests report; a plugin of the process that the user started.

    `settings`: EXPECTED, a list of expected failures; WHOLE, whether all tests run; OUT, where what became of each test
    is written; PAGE, where the page is.
    """

    def __init__(self, tally: type[Tally], folder: str, settings: Mapping[str, str]) -> None:
        self.tally, self.folder, self.settings = tally, folder, settings
        self.whole = settings.get("WHOLE", "1") == "1"
        self.expected = Expected.read(Path(settings["EXPECTED"]))
        self.results: dict[str, dict[str, Any]] = {}
        self.uncollected: list[str] = []

    def short(self, nodeid: str) -> str:
        """A test's name below the suite's own folder."""
        return nodeid.removeprefix(self.folder)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A file that cannot be imported: its tests are missing from every figure, so the run fails."""
        if report.failed:
            said = str(report.longrepr).strip().splitlines()[-1]
            self.uncollected.append(f"{self.short(report.nodeid)}: not collected: {said}")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """One phase of one test."""
        facts, test = dict(report.user_properties).get("facts"), self.short(report.nodeid)
        crashed = report.failed and facts is None
        if crashed:  # its process ended
            facts = {"reason": "crash", "said": str(report.longrepr), "where": "", "judged": True, "fallbacks": []}
        aside = report.skipped or hasattr(report, "wasxfail")
        if report.failed or (report.when == "call" and not aside and test not in self.results):
            self.results[test] = {"outcome": report.outcome, **(facts or {})}

    def problems(self, tally: Tally) -> list[str]:
        """All for which the run fails."""
        found = self.expected.problems(tally.passed, tally.failed, tally.wrong, self.whole)
        crashes = [f"{test}: ended its process, which nothing excuses" for test in tally.crashed]
        return sorted(set(self.uncollected)) + crashes + found

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Failed tests that are listed are no failure of the run; an entry that does not hold is one."""
        tally = self.tally(self.results, self.expected)
        session.exitstatus = int(bool(self.problems(tally))) if self.results else 2

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Show the figures and what is wrong; write what was asked for."""
        tally = self.tally(self.results, self.expected)
        terminalreporter.write_line("\n" + tally.page())
        for problem in self.problems(tally)[:200]:
            terminalreporter.write_line(problem, red=True)
        if path := self.settings.get("OUT"):
            Path(path).write_text(json.dumps(self.results, indent=1))
        if path := self.settings.get("PAGE"):
            Path(path).write_text(tally.page())
