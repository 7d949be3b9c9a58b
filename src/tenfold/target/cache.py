"""Compiled objects by content: a folder of the user's, what ships with the package, and a helper process.

The name of an object is a hash of all that made it: source text, signature, the sources of the primitives that it
imports, the versions of the compiler and the processor. No user data reaches the folder: kernels number their
columns and take literals as arguments. The folder has mode 0700; an object is loaded only if it belongs to the user
and its content has the hash that stands beside it.
"""

import contextlib
import functools
import hashlib
import importlib.metadata
import importlib.resources
import importlib.util
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from tenfold import config
from tenfold.target import cpu

FORMAT = "tenfold object 1"
BASELINE = "x86-64-v3"  # what the shipped objects are compiled for
BASELINE_FEATURES = frozenset(["avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe"])
IMPORTS = re.compile(rf"^from ({re.escape(cpu.PRIMITIVES)}\w+) import", re.MULTILINE)  # parsing takes 10 ms, this none


@dataclass(frozen=True, slots=True)
class Request:
    """What to compile: a module's text, the function in it that is called, its signature."""

    text: str
    entry: str
    signature: str

    @property
    def key(self) -> str:
        """The content hash without processor and compiler: what ships is named by it."""
        parts = [FORMAT, self.signature, self.text, *_sources(self.text)]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]

    def path(self, folder: Path) -> Path:
        """Where its object lies in the user's cache."""
        return folder / f"{self.entry}_{self.key}_{_machine()}.o"


@functools.cache
def _sources(text: str) -> tuple[str, ...]:
    """The sources of the primitives that a text imports, directly and not, in the order met."""
    found: dict[str, str] = {}
    todo = [text]
    while todo:
        for name in IMPORTS.findall(todo.pop()):
            if name not in found:
                found[name] = source_of(name)
                todo.append(found[name])
    return tuple(found.values())


def source_of(module: str) -> str:
    """The source text of a module, not imported."""
    spec = importlib.util.find_spec(module)
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).read_text(encoding="utf-8")


@functools.cache
def _machine() -> str:
    """A hash of what machine code depends on beside its source."""
    parts = [importlib.metadata.version("numba"), importlib.metadata.version("llvmlite"), platform.machine()]
    name, features = cpu.host()
    return hashlib.sha256(repr((parts, name, sorted(features))).encode()).hexdigest()[:8]


# -- finding and keeping ------------------------------------------------------------------------------------------

_loaded: dict[Request, Callable[..., int]] = {}
_missing: set[tuple[Request, str]] = set()  # what was not there, and in which cache
_lock = threading.Lock()


def at_hand(request: Request) -> Callable[..., int] | None:
    """As `find`, for runs that wait for nothing: what was missing once is only looked for again if we compile it."""
    here = request, config.get("cache_dir")
    if here in _missing and request not in _loaded and request not in _helpers:
        return None
    found = find(request)
    if found is None:
        _missing.add(here)
    return found


def find(request: Request) -> Callable[..., int] | None:
    """The machine code of a request, if it is in memory, in the user's cache or in the package."""
    with _lock:
        if request not in _loaded:
            place = folder()
            content = (read_cached(request.path(place)) if place else None) or _read_shipped(request)
            if content is None:
                return None
            symbol, elf = content
            _loaded[request] = cpu.load(elf, symbol, request.signature)
        return _loaded[request]


def folder() -> Path | None:
    """The cache folder, made if need be; one that others can write to is refused.

    None where it cannot be made (a disk that is read only, a file in its place): runs go on without compiling.
    """
    path = Path(config.get("cache_dir")) / "kernels"
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return None
    status = path.stat()
    if hasattr(os, "getuid") and (status.st_uid != os.getuid() or status.st_mode & 0o022):
        raise PermissionError(
            f"{path}: the kernel cache must belong to you alone (chmod 700), or set TENFOLD_CACHE_DIR"
        )
    return path


def read_cached(path: Path) -> tuple[str, bytes] | None:
    """Symbol and code of a file in the cache, if it is there, the user's own and unharmed."""
    try:
        with path.open("rb") as file:
            if hasattr(os, "getuid") and os.fstat(file.fileno()).st_uid != os.getuid():
                return None
            return unpack(file.read())
    except FileNotFoundError:
        return None


def _read_shipped(request: Request) -> tuple[str, bytes] | None:
    if platform.machine() != "x86_64" or sys.platform != "linux" or not cpu.host()[1] >= BASELINE_FEATURES:
        return None
    shipped = importlib.resources.files("tenfold.primitives").joinpath("objects", shipped_name(request))
    return unpack(shipped.read_bytes()) if shipped.is_file() else None


def shipped_name(request: Request) -> str:
    """The file name of a shipped object."""
    return f"{request.entry}_{request.key}.{BASELINE}.o"


def pack(symbol: str, elf: bytes) -> bytes:
    """The content of an object file of ours: a line of format, symbol and hash, then the ELF object."""
    return f"{FORMAT} {symbol} {hashlib.sha256(elf).hexdigest()}\n".encode() + elf


def unpack(content: bytes) -> tuple[str, bytes] | None:
    """Symbol and ELF object, or None where the content is not what was written."""
    head, _, elf = content.partition(b"\n")
    words = head.decode("ascii", "replace").split()
    if " ".join(words[:3]) != FORMAT or len(words) != 5 or hashlib.sha256(elf).hexdigest() != words[4]:
        return None
    return words[3], elf


def store(content: bytes, path: Path) -> None:
    """Put an object into the cache, in one step."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    os.replace(temporary, path)


# -- compiling in a helper process --------------------------------------------------------------------------------

_helpers: dict[Request, subprocess.Popen[bytes] | None] = {}  # None: no process can be started here
compilations = 0  # started by this process, for tests and traces


def request_all(requests: list[Request]) -> None:
    """Start one helper process for those requests that are neither known nor under way."""
    global compilations
    place = folder()
    missing = [r for r in requests if r not in _helpers and find(r) is None]
    if missing and place is not None:
        compilations += len(missing)
        try:
            helper = start_helper(missing, [r.path(place) for r in missing])
        except OSError:
            helper = None
        _helpers.update(dict.fromkeys(missing, helper))


def start_helper(requests: list[Request], paths: list[Path], **environment: str) -> subprocess.Popen[bytes]:
    """A process that compiles the requests into the paths. It is out of Ctrl-C's reach; see `stop_helpers`."""
    work = [{"request": asdict(r), "path": str(p)} for r, p in zip(requests, paths, strict=True)]
    helper = subprocess.Popen(
        [sys.executable, "-m", "tenfold.target.compiler"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env=config.environment(**environment),
    )
    assert helper.stdin is not None
    with contextlib.suppress(BrokenPipeError), helper.stdin as pipe:  # of one that has died
        pipe.write(json.dumps(work).encode())
    return helper


def poll(request: Request) -> Callable[..., int] | None:
    """The machine code of a request once its helper has finished; cheap while it has not."""
    helper = _helpers.get(request)
    if request in _loaded or helper is None:
        return _loaded.get(request)
    return None if helper.poll() is None else find(request)


def wait(request: Request) -> Callable[..., int] | None:
    """The machine code of a request, compiled now if need be; None where it cannot be compiled here."""
    request_all([request])
    helper = _helpers.get(request)
    if helper is not None:
        helper.wait()
    return find(request)


def stop_helpers() -> None:
    """End the helpers that still run and leave nothing of theirs behind."""
    for helper in _helpers.values():
        if helper is not None and helper.poll() is None:
            helper.terminate()
            helper.wait()
    _helpers.clear()


# -- primitives ---------------------------------------------------------------------------------------------------


@functools.cache
def primitive_request(module: str, entry: str, signature: str) -> Request:
    """The request for an entry of a module of `tenfold.primitives`."""
    return Request(source_of(cpu.PRIMITIVES + module), entry, signature)


def primitive(module: str, entry: str, signature: str, *, patient: bool = False) -> Callable[..., int] | None:
    """A compiled primitive, or None where neither the package nor the cache has it yet; then it is being compiled.

    The `patient` wait for that: whose alternative would take longer.
    """
    request = primitive_request(module, entry, signature)
    found = find(request) or poll(request)
    if found is None:
        if patient or config.get("target") == "cpu":
            return wait(request)
        request_all([request])
    return found


@functools.cache
def shipped_primitive(module: str, entry: str, signature: str) -> Callable[..., int] | None:
    """A primitive that the package or the cache has, or None; compiles nothing."""
    return find(primitive_request(module, entry, signature))
