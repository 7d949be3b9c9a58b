"""The helper process: reads what to compile from standard input, writes objects where it is told, ends.

Run by `cache.start_helper`; the only process that imports Numba. It ends with status 1 where something failed.
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
    failed = False
    for item in json.load(sys.stdin):
        request = cache.Request(**item["request"])
        try:
            path = Path(item["path"])
            elf, symbol = cpu.compile_object(request.text, request.entry, request.signature)
            cache.store(cache.pack(path.name, symbol, elf), path)
        except Exception:
            traceback.print_exc()
            failed = True
    sys.exit(failed)
