"""A judge in a process of its own, over tests whose outcomes are known."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def trial(
    folder: Path, arguments: Iterable[Any], prefix: str, settings: Mapping[str, str]
) -> tuple[dict[str, Any], int, str]:
    """What became of each test, the exit status, and what was said.

    `arguments` are pytest's, `prefix` that of the judge's settings; modules are found in `folder` too.
    """
    out = folder / "out.json"
    paths = {f"{prefix}_OUT": str(out), "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}:{folder}"}
    command = [sys.executable, "-m", "pytest", *map(str, arguments)]
    environment = {**os.environ, **paths, **settings}
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True)
    assert out.exists(), done.stdout + done.stderr
    return json.loads(out.read_text()), done.returncode, done.stdout
