"""The report: how many of pandas' tests pass, folder by folder, of these natively, and why the others fail.

A test is judged if an object of ours was made or compared in it; of what fails without one, if it took a name of ours
or our code raised. All others count on neither side.
"""

import itertools
from collections.abc import Mapping
from typing import Any

import pandas

from tests.conformance.expected import Expected
from tests.conformance.tallying import Tally, share


def short(nodeid: str) -> str:
    """A test's name below the folder of pandas' tests."""
    return nodeid.removeprefix("pandas/tests/")


SAID = """\
Written by `make pandas-suite`, with the short road for small frames off and batches of at most three rows. A test is
judged if it made or compared an object of ours; tests that are expected to fail count as failed. The shares are of the
passed tests in which `tm.assert_...` compared an object of ours. *Native*: kernels and labels alone. *Moved*: beside
these pandas moved rows or columns in memory, by label or number, and computed nothing. *By batch*: it ran on some rows
after others. What is missing to 100 %: it ran on a whole object. *Wrong*: a result differs, by no stated contract.
"""


class Frames(Tally):
    """What became of pandas' tests."""

    def __init__(self, results: Mapping[str, dict[str, Any]], expected: Expected) -> None:
        super().__init__(results, expected)
        self.compared = [test for test in self.passed if results[test]["compared"]]
        deepest = {test: (results[test].get("levels") or ["native"])[-1] for test in self.compared}
        self.levels = [[t for t in self.compared if deepest[t] == level] for level in ("native", "moved", "batch")]
        self.foreign = [test for test, found in results.items() if found["outcome"] == "failed" and not found["judged"]]

    @staticmethod
    def part(test: str) -> str:
        """A folder; of io the second one too."""
        folders = test.partition("::")[0].split("/")[:-1]
        return "/".join(folders[: 2 if folders[:1] == ["io"] else 1])

    def cells(self) -> list[Any]:
        """What the table says of these tests."""
        return [
            len(self.judged), len(self.passed), share(self.passed, self.judged),
            *(share(level, self.compared) for level in (*self.levels, list(itertools.chain(*self.levels)))),
            len(self.failed), len(self.wrong) or "",
        ]  # fmt: skip

    def page(self) -> str:
        """The tallies as a page of the documentation."""
        return "\n".join([
            f"# pandas {pandas.__version__}'s own tests against tenfold.pandas", "",
            SAID,
            "| folder | judged | passed | | native | moved | by batch | these three | failed | wrong |",
            "| --- | --: | --: | --: | --: | --: | --: | --: | --: | --: |",
            *(self.below(folder).row(folder) for folder in self.parts()), self.row("**all**"), "",
            f"{len(self.foreign)} tests failed without an object of ours. {len(self.stated)} tests differ by a stated",
            "contract or compare no result.", "", *self.lists(),
        ])  # fmt: skip
