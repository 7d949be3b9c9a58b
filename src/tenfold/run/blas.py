"""One thread for each call of BLAS while our own threads make the calls: calls that fork compete for the same cores.

OpenBLAS, as NumPy's wheels bring it, is asked; other libraries are left as they are, which costs time, never an answer.
"""

import contextlib
import ctypes
import functools
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

_lock = threading.Lock()
_users = 0
_before = 0


@contextlib.contextmanager
def single_threaded() -> Iterator[None]:
    """Calls take one thread inside of the block, in any thread of the process, and as many as before behind it."""
    found = _openblas()
    if found is not None:
        _enter(*found)
    try:
        yield
    finally:
        if found is not None:
            _leave(found[1])


def _enter(get: Callable[[], int], put: Callable[[int], Any]) -> None:
    global _users, _before
    with _lock:
        _users += 1
        if _users == 1:
            _before = get()
            put(1)


def _leave(put: Callable[[int], Any]) -> None:
    global _users
    with _lock:
        _users -= 1
        if not _users:
            put(_before)


@functools.cache
def _openblas() -> tuple[Callable[[], int], Callable[[int], Any]] | None:
    """How many threads OpenBLAS takes, and how to say so; None where NumPy comes with another library."""
    package = Path(np.__file__).parent
    for path in [*package.parent.glob("numpy.libs/*openblas*"), *package.glob(".dylibs/*openblas*")]:
        library = ctypes.CDLL(str(path))
        for name in ("scipy_openblas_{}_num_threads64_", "openblas_{}_num_threads64_", "openblas_{}_num_threads"):
            if hasattr(library, name.format("set")):
                return getattr(library, name.format("get")), getattr(library, name.format("set"))
    return None
