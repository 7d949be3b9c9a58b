"""What every public name runs as: the capability table, asked of pandas' classes and functions.

`explain` shows it (`told`), beside what ran so far; docs/capabilities.md is `page()`, which `make golden` writes.
"""

import functools
import itertools
import textwrap
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from inspect import getattr_static
from typing import Any, NamedTuple

import pandas as pd

from tenfold import fallback
from tenfold.pandas.capabilities import LEVELS, NO_FORM, ROWS, Row, capability, family
from tenfold.pandas.door import FUNCTIONS, OURS, TITLES

SHOWN = {  # what the capability table calls a class -> what users call it
    "DataFrame": "DataFrame", "Series": "Series", "_LocIndexer": "indexers",
    "_iLocIndexer": "indexers", "_AtIndexer": "indexers", "_iAtIndexer": "indexers",
    "GroupBy": "GroupBy", "Resampler": "Resampler", "Window": "Window", "Series.str": "Series.str",
    "Series.dt": "Series.dt", "ArrowTemporalProperties": "Series.dt of Arrow's types", "Series.cat": "Series.cat",
    "ListAccessor": "Series.list", "StructAccessor": "Series.struct", "SparseAccessor": "Series.sparse",
    "SparseFrameAccessor": "DataFrame.sparse", "plot": "plot", "Index": "Index", "TextFileReader": "TextFileReader",
    "JsonReader": "JsonReader",
}  # fmt: skip
WAYS = {  # as `fallback` counts them
    "native": "natively", "moved": "in memory, moving values", "batch": "by batch", "whole": "on the whole",
}  # fmt: skip
WIDTH = 100
VERSION = ".".join(pd.__version__.split(".")[:2])
TOP = "pandas"  # the functions of the top level
OWNERS = {of: place for place, of in enumerate(dict.fromkeys([*SHOWN.values(), TOP]))}
RANKS = {row: place for place, row in enumerate([*ROWS, NO_FORM])}
BRACKETS = {"__getitem__": "[ ]", "__setitem__": "[ ] ="}
PAGE = """\
# What runs how

Every public name of pandas is in `tenfold.pandas`. This page says which have a native form, and how the others run. It
is made of the table in `src/tenfold/pandas/capabilities.py`, by `make golden`; names are those of pandas {version}.

- **Native**: expressions and kernels, on all cores or a GPU; files stream through. A form takes the usual arguments;
  with others the method is honoured all the same, as the last column of that table says.
- **Moved**: pandas moves or writes values in memory, by label or number, and computes nothing. What is not computed yet
  has to be first, which counts as *whole*.
- **By batch**: pandas runs on some rows after others, on all threads. The columns have to fit into memory. Functions of
  yours, and arguments that make rows matter to each other, send a call to the whole.
- **Whole**: pandas runs on all of the data, in memory. `FallbackWarning` says so, once for each line of a program;
  `tenfold.config.set(strict=True)` makes it an error.
- **Handed over**: it asks for the values themselves, makes an object to call, or is about no rows: nothing is lost.

Frames of at most `small_cells` values are left to pandas, whatever the level. Operators run as their methods do: `+` as
`add`. *GroupBy* is what `groupby` returns, *Resampler* what `resample` does, *Window* what `rolling`, `expanding` and
`ewm` do, of groups too; *pandas* has the functions of the top level.
"""


class Method(NamedTuple):
    """A public name of pandas', of the classes that the table counts as one."""

    of: str
    name: str
    native: bool  # for some arguments
    row: Row  # for all others


@functools.cache
def methods() -> dict[tuple[str, str], Method]:
    """All of them, by what they are of and their name."""
    found: dict[tuple[str, str], Method] = {}
    for of, path, native in itertools.chain(_of_classes(), _of_functions()):
        name = path.rpartition(".")[2]
        native = native or ((of, name) in found and found[of, name].native)
        found[of, name] = Method(of, name, native, capability(path))
    return found


def _of_classes() -> Iterator[tuple[str, str, bool]]:
    for real, own in OURS.items():
        title = TITLES[own]
        of = SHOWN.get(family(title), "")
        names: Iterable[str] = [name for name in dir(real) if not name.startswith("_") or name in BRACKETS]
        names = BRACKETS if title.endswith("Indexer") else names
        yield from ((of, f"{title}.{name}", _is_native(own, name)) for name in names if of)


def _of_functions() -> Iterator[tuple[str, str, bool]]:
    return ((TOP, name, function.is_native) for name, function in FUNCTIONS.items())


def _is_native(own: Any, name: str) -> bool:
    found = getattr_static(own, name)
    return getattr(getattr(found, "fget", found), "is_native", False)


def told(of: str, asked: str, levels: Iterable[str]) -> str:
    """What `explain` says of a method of a class, or, for `methods`, of all; `levels` are what else it shows."""
    if asked == "methods":
        return "\n".join(_listing(of))
    head, _, name = asked.rpartition(".")
    for key in ((f"{of}.{head}" if head else of, name), (head or TOP, name)):
        if key in methods():
            return "\n".join(_lines(methods()[key]))
    raise ValueError(f"no level {asked!r}; there are {', '.join(levels)}, methods, and names of methods")


def _lines(method: Method) -> Iterator[str]:
    row = method.row
    how = f"native for the usual arguments; for others {row.how}" if method.native else f"{row.how}: {row.reason}"
    yield f"{method.of}.{method.name}: {how}"
    if row.needs and not method.native:
        yield f"what a native form would take: {row.needs}"
    counts = {level: names[method.of, method.name] for level, names in _ran().items()}
    ran = [f"{WAYS[level]} {count}" for level, count in counts.items() if count]
    if ran:
        yield f"so far: {', '.join(ran)}"


def _listing(of: str) -> Iterator[str]:
    """What ran so far, and all names of a class by level."""
    for level, ran in _ran().items():
        yield f"-- ran so far {WAYS[level]}"
        yield textwrap.fill(", ".join(f"{'.'.join(key)} {count}" for key, count in ran.most_common()), WIDTH)
    groups: dict[str, list[str]] = {}
    own = [method for method in methods().values() if method.of == of]
    for method in sorted(own, key=lambda m: (not m.native, [*LEVELS].index(m.row.level), RANKS[m.row], m.name)):
        level = "native for the usual arguments" if method.native else f"{method.row.level}: {method.row.reason}"
        groups.setdefault(level, []).append(method.name)
    for level, names in groups.items():
        yield f"-- {level}"
        yield textwrap.fill(" ".join(sorted(names)), WIDTH)


def _ran() -> dict[str, Counter[tuple[str, str]]]:
    """How often which methods ran, by the way; small frames, which are pandas', are not counted."""
    ways: dict[str, Counter[tuple[str, str]]] = {}
    for (path, level), count in fallback.counts.items():
        library, *owner, name = path.split(".")
        if library == "pandas":
            title = family(".".join(owner)) or TOP
            ways.setdefault(level, Counter())[SHOWN.get(title, title), name] += count
    return {level: ways[level] for level in WAYS if level in ways}


def page() -> str:
    """The table as a page of the documentation."""
    every = sorted(methods().values(), key=lambda m: (OWNERS[m.of], RANKS[m.row], m.name))
    native = _table(("of", "names", "with other arguments"), [m for m in every if m.native], lambda m: (m.row.how,))
    parts = [PAGE.format(version=VERSION), "## Native\n", *native]
    for level in LEVELS:
        rows = sorted((m for m in every if not m.native and m.row.level == level), key=lambda m: RANKS[m.row])
        head = "of", "names", "why", "what a native form would take"
        parts += [f"\n## {level.capitalize()}\n", *_table(head, rows, lambda m: (m.row.reason, m.row.needs))]
    return "\n".join(parts) + "\n"


def _table(head: Iterable[str], rows: Iterable[Method], tell: Callable[[Method], tuple[str, ...]]) -> Iterator[str]:
    """Lines of a table: names that are of the same and of which the same is told stand together."""
    yield from (f"| {' | '.join(head)} |", f"|{' --- |' * len(tuple(head))}")
    cells: dict[tuple[str, ...], list[str]] = {}
    for method in rows:
        cells.setdefault((method.of, *tell(method)), []).append(f"`{BRACKETS.get(method.name, method.name)}`")
    yield from (f"| {of} | {' '.join(names)} | {' | '.join(told)} |" for (of, *told), names in cells.items())
