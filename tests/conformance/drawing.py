"""Which of many tests run: what their names decide, before any result is seen."""

import zlib
from collections import defaultdict


def few(names: list[str], at_most: int) -> list[str]:
    """At most so many parameters of each test, evenly spread.

    >>> few([f"t[{k}]" for k in range(5)] + ["u"], 2)
    ['t[0]', 't[2]', 'u']
    """
    tests = defaultdict(list)
    for name in names:
        tests[name.partition("[")[0]].append(name)
    chosen = []
    for same in tests.values():
        count = min(at_most or len(same), len(same))
        chosen += [same[k * len(same) // count] for k in range(count)]
    return chosen


def is_drawn(name: str, fraction: int) -> bool:
    """Is it of the fixed part that names alone decide?"""
    return zlib.crc32(name.encode()) % fraction == 0
