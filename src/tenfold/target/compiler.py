"""The helper process: reads what to compile from standard input, writes objects where it is told, ends.

Run by `cache.start_helper`; the only process that imports Numba. It ends with status 1 where something failed.
"""

import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any

from tenfold.target import cache, cpu


def main() -> None:
    """Compile the list on standard input."""
    os.nice(10)  # the query that runs meanwhile comes first
    sys.exit(compile_all(json.load(sys.stdin)))


def compile_all(work: list[dict[str, Any]]) -> bool:
    """Compile every request; did one fail? Such a one leaves no object, and stays on `blocks`."""
    failed = False
    for item in work:
        request = cache.Request(**item["request"])
        try:
            path = Path(item["path"])
            elf, symbol = cpu.compile_object(request.text, request.entry, request.signature)
            cache.store(cache.pack(path.name, symbol, elf), path)
        except Exception:
            traceback.print_exc()
            failed = True
    return failed
