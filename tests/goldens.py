"""Texts held against files that are read like source."""

import difflib
import os


def assert_golden(path, text):
    """The text is what the file holds; `TENFOLD_GOLDEN=write` writes it anew."""
    if os.environ.get("TENFOLD_GOLDEN") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    golden = path.read_text()
    difference = "\n".join(difflib.unified_diff(golden.splitlines(), text.splitlines(), "golden", "now", lineterm=""))
    assert text == golden, f"{difference}\n`make golden` writes it anew; review the difference"
