"""The helper process: reads what to compile from standard input, writes objects where it is told, ends.

Run as `python -m tenfold.target.compiler` by `cache.py`; the only process that imports Numba.
"""

import json
import os
import sys
import traceback
from pathlib import Path

from tenfold.target import cache, cpu


def main() -> None:
    """Compile every request of the list on standard input; one that fails leaves no object, and stays on `blocks`."""
    os.nice(10)  # the query that runs meanwhile comes first
    for item in json.load(sys.stdin):
        request = cache.Request(**item["request"])
        try:
            elf, symbol = cpu.compile_object(request.text, request.entry, request.signature)
        except Exception:
            traceback.print_exc()
        else:
            cache.store(cache.pack(symbol, elf), Path(item["path"]))


if __name__ == "__main__":
    main()
