"""Machine code for GPUs by content: compiled by NVRTC once, kept in memory and in the user's kernel cache.

A cubin is named by a hash of its source, the compiler's options and version, and the architecture; it is loaded only
if it is the user's own and unharmed, as compiled objects are (`cache.py`).
"""

import contextlib
import functools
import hashlib

from tenfold.target import cache, cuda

compilations = 0  # by this process, for tests


@functools.cache
def cubin(code: str, architecture: str) -> bytes:
    """The machine code of a CUDA source."""
    global compilations
    folder = cache.folder(missed=True)
    path = folder / f"cuda_{_name(code, architecture)}.cubin" if folder else None
    kept = cache.read_cached(path) if path else None
    if kept is not None:
        return kept[1]
    compilations += 1
    made = cuda.compile_cubin(code, architecture)
    if path is not None:
        with contextlib.suppress(OSError):  # a full disk, say: it is compiled again in the next process
            cache.store(cache.pack(path.name, "cubin", made), path)
    return made


def _name(code: str, architecture: str) -> str:
    parts = [cache.FORMAT, *cuda.OPTIONS, architecture, cuda.nvrtc_version(), code]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]
