"""The helper process: reads what to compile from standard input, writes objects where it is told, ends.

Run as `python -m tenfold.target.compiler` by `cache.py`; the only process that imports Numba.
"""

import json
import sys
from pathlib import Path

from tenfold.target import cache, cpu


def main() -> None:
    """Compile every request of the list on standard input; one that fails leaves no object."""
    for item in json.load(sys.stdin):
        request = cache.Request(**item["request"])
        elf, symbol = cpu.compile_object(request.text, request.entry, request.signature)
        cache.store(request, cache.pack(symbol, elf), Path(item["path"]))


if __name__ == "__main__":
    main()
