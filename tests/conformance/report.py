"""The report: how many of NumPy's tests pass, of these natively, and why the others fail.

A test is judged if it made or compared an array of ours, or failed; what passes without one counts on neither side.
"""

from collections.abc import Mapping
from typing import Any

import numpy

from tests.conformance.expected import Expected
from tests.conformance.running import MODULE, NUMBERS
from tests.conformance.tallying import Tally, share


def short(nodeid: str) -> str:
    """A test's name below NumPy's own folder."""
    return nodeid.removeprefix("numpy/")


SAID = """\
Written by `make numpy-suite`. A test is judged if it made or compared an array of ours, or failed; tests
that are expected to fail count as failed. *Native*: passed, and nothing ran in the original library on the
whole data. *Of numbers*: native ones among the judged tests whose arrays hold only numbers, booleans or
dates. *Wrong*: a result differs, by no stated contract. The bars: 93 % pass, 60 % of numbers, none is wrong.
"""


class Arrays(Tally):
    """What became of NumPy's tests."""

    def __init__(self, results: Mapping[str, dict[str, Any]], expected: Expected) -> None:
        super().__init__(results, expected)
        self.numbers = [test for test in self.judged if NUMBERS.issuperset(results[test].get("kinds", ""))]
        self.native_numbers = [test for test in self.numbers if test in set(self.native)]

    def cells(self) -> list[Any]:
        """What the table says of these tests."""
        return [
            len(self.judged), len(self.passed), share(self.passed, self.judged), len(self.native),
            share(self.native_numbers, self.numbers), len(self.failed), len(self.wrong) or "",
        ]  # fmt: skip

    def page(self) -> str:
        """The tallies as a page of the documentation."""
        return "\n".join([
            f"# NumPy {numpy.__version__}'s own tests against {MODULE.__name__}", "",
            SAID,
            "| file | judged | passed | | native | of numbers | failed | wrong |",
            "| --- | --: | --: | --: | --: | --: | --: | --: |",
            *(self.below(file).row(file) for file in self.parts()), self.row("**all**"), "",
            f"{len(self.stated)} tests differ by a stated contract or compare no result.", "", *self.lists(),
        ])  # fmt: skip
