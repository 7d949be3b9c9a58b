"""The failures to expect: lines of `pattern  reason`, held to what they say.

A pattern is a test without its parameters, or what such names begin with (a file, a class); `*` in it is any text,
also of parameters. An entry of which a test passes is an error; so is one of which none fails, where all tests ran.
A *wrong* result may be listed by a stated contract only: a reason that begins with `contract:`; or, where the judge
cannot see that no result is compared, `not a result:`.
"""

import re
from collections import Counter
from pathlib import Path

AT_MOST = 300  # entries; more would be a list of gaps, not of reasons
STATED = ("contract:", "not a result:")


class Expected:
    """The list, and what was met of it."""

    def __init__(self, text: str) -> None:
        lines = [line.strip() for line in text.splitlines()]
        entries = [line.split(None, 1) for line in lines if line and not line.startswith("#")]
        if bare := [entry[0] for entry in entries if len(entry) == 1]:
            raise ValueError(f"no reason is given for {bare}")
        if len(entries) > AT_MOST:
            raise ValueError(f"{len(entries)} entries, and at most {AT_MOST} are allowed")
        self.reasons: dict[str, str] = dict(entries)
        self.shapes = {pattern: re.compile(_shape(pattern)) for pattern in self.reasons}

    @classmethod
    def read(cls, path: Path) -> "Expected":
        """The list in a file; none if there is no such file."""
        return cls(path.read_text() if path.exists() else "")

    def entry(self, test: str) -> str | None:
        """The first pattern that a test matches."""
        return next((pattern for pattern, shape in self.shapes.items() if shape.match(test)), None)

    def problems(self, passed: list[str], failed: list[str], wrong: list[str], whole: bool) -> list[str]:
        """What is not as the list says; `whole`: all tests ran, so an entry that none matches is stale."""
        met = Counter(self.entry(test) for test in failed)
        passing = Counter(filter(None, map(self.entry, passed)))
        found = [f"{pattern}: {count} of its tests pass" for pattern, count in passing.items()]
        found += [f"{test}: fails and is not listed" for test in failed if self.entry(test) is None]
        found += [f"{test}: is wrong, which only a contract excuses" for test in wrong if not self.is_stated(test)]
        if whole:
            found += [
                f"{pattern}: no such test fails" for pattern in self.reasons if not met[pattern] + passing[pattern]
            ]
        return found

    def is_stated(self, test: str) -> bool:
        """Does a test differ by a contract, or compare no result?"""
        entry = self.entry(test)
        return entry is not None and self.reasons[entry].startswith(STATED)


def _shape(pattern: str) -> str:
    """A regular expression: the pattern, then the end of the name or where a part of it ends."""
    return ".*".join(map(re.escape, pattern.split("*"))) + r"(?:$|/|::|\[|(?<=/))"
