"""Every setting, declared once: type, default, what it may be, one sentence. Read here and nowhere else.

Set for a block with `with tenfold.config.set(threads=1): ...`, for good with `tenfold.config.set(threads=1)`, or
before the start by an environment variable `TENFOLD_<NAME>` (an empty one is as none).

What a block sets holds for the code in it alone, and for the threads of the runs that it starts; other threads have
blocks of their own.

>>> with set(threads=1):
...     get("threads")
1
>>> set(threads=0)
Traceback (most recent call last):
ValueError: threads=0: give an integer from 1 to 65536
"""

import contextlib
import operator
import os
import tempfile
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

FALSE, TRUE = ("0", "false", "no", "off"), ("1", "true", "yes", "on")
MOST = (1 << 62) + 1  # more than any machine has, and still a machine's integer
SCANNED = (1 << 30) + 1  # the scanner of text counts positions in 32 bits


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its default (whose type it keeps), what it is for, and what is allowed; None: any path."""

    default: Any
    meaning: str
    allowed: range | tuple[Any, ...] | None = None

    def checked(self, label: str, value: Any) -> Any:
        """The value as it is kept; ValueError, saying what is allowed, for another."""
        with contextlib.suppress(TypeError):
            if self.allowed is None:
                return os.path.expanduser(os.fsdecode(value)) or self.default
            if isinstance(self.allowed, range) and not isinstance(value, bool):
                value = operator.index(value)
            if type(value) is type(self.default) and value in self.allowed:
                return value
        raise ValueError(f"{label}: give {self._wanted()}")

    def parsed(self, label: str, text: str) -> Any:
        """The value that a text stands for."""
        if isinstance(self.default, bool):
            words = dict.fromkeys(FALSE, False) | dict.fromkeys(TRUE, True)
            return self.checked(label, words.get(text.lower(), text))
        number = isinstance(self.default, int) and text.strip().lstrip("+-").isdecimal()
        return self.checked(label, int(text) if number else text)

    def _wanted(self) -> str:
        if isinstance(self.allowed, range):
            return f"an integer from {self.allowed.start} to {self.allowed.stop - 1}"
        return f"one of {', '.join(map(str, self.allowed))}" if self.allowed else "a path"


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else 8 << 30


def _cache() -> str:
    """The user's folder of caches; one of the temporary ones for a user without a home. Never a relative path."""
    places = (os.environ.get("XDG_CACHE_HOME", ""), os.path.expanduser("~/.cache"), tempfile.gettempdir())
    return str(Path(next(filter(os.path.isabs, places))) / "tenfold")


SETTINGS = {
    "threads": Setting(_cores(), "worker threads of a run", range(1, (1 << 16) + 1)),
    "target": Setting(
        "auto",
        "`auto`, `blocks` (NumPy, nothing compiled), `cpu` (wait for the compiler), `cuda` (GPUs), `null`",
        ("auto", "blocks", "cpu", "cuda", "null"),
    ),
    "devices": Setting(-1, "GPUs that may be used; -1: all that are visible, 0: none", range(-1, 1 << 16)),
    "device_bytes": Setting(0, "memory of each GPU that may be used; 0: what is free", range(MOST)),
    "device_rows": Setting(16 << 20, "rows copied to a GPU at once, of data that are not there", range(1, MOST)),
    "executor": Setting("threads", "`threads` or `serial`", ("threads", "serial")),
    "cache_dir": Setting(_cache(), "folder of compiled kernels, made with mode 0700"),
    "compile_rows": Setting(
        1_000_000, "in `auto`, kernels are compiled for scans of at least so many rows", range(MOST)
    ),
    "morsel_rows": Setting(131_072, "rows of one morsel of an in-memory frame", range(1, MOST)),
    "piece_bytes": Setting(8 << 20, "bytes of one piece of a text file", range(1, MOST)),
    "batch_bytes": Setting(
        4 << 20, "bytes of text parsed by one call; fewer calls scale to more threads", range(1, SCANNED)
    ),
    "sample_bytes": Setting(
        256 << 10, "bytes at the start of a text file that its claimed types rest on", range(1, SCANNED)
    ),
    "cache_bytes": Setting(
        192 << 20, "memory for columns kept after parsing, so that the next query need not read", range(MOST)
    ),
    "memory_bytes": Setting(
        _memory() // 2, "memory for arrays under way; what goes beyond is kept in files", range(MOST)
    ),
    "small_bytes": Setting(
        64 << 10, "NumPy arrays up to this size are memory, and what is made of them is made at once", range(MOST)
    ),
    "small_cells": Setting(
        1 << 18, "frames of at most so many values are left to pandas, which is quickest with them", range(MOST)
    ),
    "spill_dir": Setting("", "folder of those files; the system's for temporary ones by default"),
    "strict": Setting(
        False, "an error where a call would fall back to NumPy or pandas on the whole data", (False, True)
    ),
    "progress": Setting(True, "show a progress bar on a terminal for runs longer than a second", (False, True)),
    "check": Setting(False, "check every plan after every pass, as the tests do", (False, True)),
}


class _Block(NamedTuple):
    """What `with` blocks have set in the code under way, and what holds around the innermost of them."""

    values: dict[str, Any]
    outer: Any = None


# What was set for good, the last taken: the start's value, then `set` objects; one that a block is entered with leaves.
_for_good: dict[str, list[Any]] = {}
_KEPT = 64  # of those that nobody has entered

_block = ContextVar("tenfold settings", default=_Block({}))  # noqa: B039 (never changed)


def get(name: str) -> Any:
    """The value of a setting now; KeyError for a name that is none."""
    own = _block.get().values
    return own[name] if name in own else (_for_good.get(name) or _given(name))[-1].values[name]


def _given(name: str) -> list[Any]:
    if name not in _for_good:
        setting, variable = SETTINGS[name], f"TENFOLD_{name.upper()}"
        text, start = os.environ.get(variable), set()
        start.values = {name: setting.parsed(f"{variable}={text!r}", text) if text else setting.default}
        _for_good.setdefault(name, [start])
    return _for_good[name]


class set:  # noqa: A001 (reads as config.set)
    """Change settings, and put them back when used as a context manager and the block ends."""

    def __init__(self, **values: Any) -> None:
        unknown = values.keys() - SETTINGS.keys()
        if unknown:
            raise KeyError(f"no setting {sorted(unknown)}; there are {sorted(SETTINGS)}")
        self.values = {name: SETTINGS[name].checked(f"{name}={value!r}", value) for name, value in values.items()}
        self._around = self._changed = block = _block.get()
        here = self.values.keys() & block.values.keys()  # a block has set these, so they change until it ends
        if here:
            self._changed = block._replace(values=block.values | {name: self.values[name] for name in here})
            _block.set(self._changed)
        for name in self.values.keys() - here:
            given = _given(name)
            given.append(self)
            del given[1:-_KEPT]

    def __enter__(self) -> None:
        for name in self.values:
            with contextlib.suppress(ValueError):  # not there
                _given(name).remove(self)
        block = _block.get()
        around = self._around if block is self._changed else block
        _block.set(_Block(around.values | self.values, around))

    def __exit__(self, *exc: object) -> None:
        _block.set(_block.get().outer)


def environment(**extra: str) -> dict[str, str]:
    """The environment for a helper process: this one's and `extra`, where Python looks in no working folder."""
    paths = filter(os.path.isabs, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    elsewhere = [path for path in paths if os.path.realpath(path) != os.path.realpath(os.curdir)]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(elsewhere), **extra}
