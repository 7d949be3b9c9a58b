"""Every setting, declared once: type, default, one sentence. Read here and nowhere else.

Set for a block with `with tenfold.config.set(threads=1): ...`, for good with `tenfold.config.set(threads=1)`, or
before the start by an environment variable `TENFOLD_<NAME>`.

>>> with set(threads=1):
...     get("threads")
1
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its default (whose type it keeps) and what it is for."""

    default: Any
    meaning: str


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else 8 << 30


SETTINGS = {
    "threads": Setting(_cores(), "worker threads of a run"),
    "target": Setting(
        "auto", "`auto`, `blocks` (NumPy, nothing compiled), `cpu` (wait for the compiler), `cuda` (GPUs), `null`"
    ),
    "devices": Setting(-1, "GPUs that may be used; -1: all that are visible, 0: none"),
    "device_bytes": Setting(0, "memory of each GPU that may be used; 0: what is free"),
    "device_rows": Setting(16 << 20, "rows copied to a GPU at once, of data that are not there"),
    "executor": Setting("threads", "`threads` or `serial`"),
    "cache_dir": Setting(
        str(Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tenfold"),
        "folder of compiled kernels, made with mode 0700",
    ),
    "compile_rows": Setting(1_000_000, "in `auto`, kernels are compiled for scans of at least so many rows"),
    "morsel_rows": Setting(131_072, "rows of one morsel of an in-memory frame"),
    "piece_bytes": Setting(8 << 20, "bytes of one piece of a text file"),
    "batch_bytes": Setting(4 << 20, "bytes of text parsed by one call; fewer calls scale to more threads"),
    "sample_bytes": Setting(256 << 10, "bytes at the start of a text file that its claimed types rest on"),
    "cache_bytes": Setting(192 << 20, "memory for columns kept after parsing, so that the next query need not read"),
    "small_bytes": Setting(
        64 << 10, "NumPy arrays up to this size are memory, and what is made of them is made at once"
    ),
    "memory_bytes": Setting(_memory() // 2, "memory for arrays under way; what goes beyond is kept in files"),
    "spill_dir": Setting("", "folder of those files; the system's for temporary ones by default"),
    "strict": Setting(False, "an error where a call would fall back to NumPy or pandas on the whole data"),
    "progress": Setting(True, "show a progress bar on a terminal for runs longer than a second"),
    "check": Setting(False, "check every plan after every pass, as the tests do"),
}

_values: dict[str, Any] = {}


def get(name: str) -> Any:
    """The value of a setting now; KeyError for a name that is none."""
    if name not in _values:
        setting, text = SETTINGS[name], os.environ.get(f"TENFOLD_{name.upper()}")
        _values[name] = setting.default if text is None else _parse(name, text)
    return _values[name]


def _parse(name: str, text: str) -> Any:
    default = SETTINGS[name].default
    if isinstance(default, bool):
        return text.lower() not in ("0", "false", "no", "off", "")
    try:
        return type(default)(text)
    except ValueError as error:
        raise ValueError(f"TENFOLD_{name.upper()}={text!r}: give a {type(default).__name__}") from error


class set:  # noqa: A001 (reads as config.set)
    """Change settings, and put them back when used as a context manager and the block ends."""

    def __init__(self, **values: Any) -> None:
        unknown = values.keys() - SETTINGS.keys()
        if unknown:
            raise KeyError(f"no setting {sorted(unknown)}; there are {sorted(SETTINGS)}")
        self._before = {name: get(name) for name in values}
        _values.update(values)

    def __enter__(self) -> None:
        pass

    def __exit__(self, *exc: object) -> None:
        _values.update(self._before)


def environment(**extra: str) -> dict[str, str]:
    """The environment for a helper process: this one's, from where tenfold is imported, and `extra`."""
    paths = [str(Path(__file__).parent.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), **extra}
