"""Compiled objects by content: a folder of the user's, what ships with the package, and a helper process.

The name of an object is a hash of all that made it: source text, signature, the sources of the primitives that it
imports, the versions of the compiler and the processor. No user data reaches the folder: kernels number their
columns and take literals as arguments. The folder has mode 0700; an object is loaded only if it belongs to the user
and has the hash, of its name and content, that stands beside it. Whatever is wrong with the folder or the compiler is
said once, and costs speed alone.
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
import signal
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tenfold import config
from tenfold.errors import CompilerNotice, say_once
from tenfold.target import cpu, elf

FORMAT = "tenfold object 2"
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
        found = _loaded.get(request) or _load(_read_own(request), request) or _load(_read_shipped(request), request)
        if found is not None:
            _loaded[request] = found
        return found


def _load(content: tuple[str, bytes] | None, request: Request) -> Callable[..., int] | None:
    """What a symbol and its code are in this process; None of nothing, and of an object that is none."""
    if content is not None:
        with contextlib.suppress(elf.Broken):
            return cpu.load(content[1], content[0], request.signature)
    return None


def folder(*, missed: bool = False) -> Path | None:
    """The cache folder, made if need be.

    None where it cannot be made (a disk that is read only, a file in its place) or others could put objects into it:
    runs go on without compiling. It is said where it is `missed`.
    """
    path = Path(os.path.abspath(config.get("cache_dir")), "kernels")
    try:
        wrong = next(filter(_leads_away, (*reversed(path.parents), path)), None)
        if wrong is None:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            wrong = None if _is_safe(path.parent.stat()) else path.parent
            wrong = wrong or (None if _is_private(path.stat()) else path)
        why = wrong and f"{wrong} must belong to you, and no one else may write to it (chmod 700)"
    except OSError as error:
        why = str(error)
    if why and missed:
        say_once(
            f"compiled kernels cannot be kept, so runs are slower: {why}; or set TENFOLD_CACHE_DIR", CompilerNotice
        )
    return None if why else path


def _leads_away(path: Path) -> bool:
    """Is it a link of somebody else's, or one to somebody else's folder?"""
    return path.is_symlink() and not (_is_safe(path.lstat()) and _is_safe(path.stat()))


def _is_safe(status: os.stat_result) -> bool:
    """Can nobody but the user and the system change which file is meant by the names in a folder, or by a link?"""
    if not hasattr(os, "getuid"):
        return True
    open_to_all = status.st_mode & stat.S_IWOTH and not status.st_mode & stat.S_ISVTX
    return status.st_uid in (0, os.getuid()) and (stat.S_ISLNK(status.st_mode) or not open_to_all)


def _is_private(status: os.stat_result) -> bool:
    return not hasattr(os, "getuid") or (status.st_uid == os.getuid() and not status.st_mode & 0o022)


def read_cached(path: Path) -> tuple[str, bytes] | None:
    """Symbol and code of a file in the cache, if it is there, the user's own and unharmed."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)  # a pipe in its place must not block
        with open(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode) or (hasattr(os, "getuid") and status.st_uid != os.getuid()):
                return None
            return unpack(path.name, file.read())
    except OSError:  # not there, or nothing that can be read
        return None


def _read_own(request: Request) -> tuple[str, bytes] | None:
    place = folder()
    return read_cached(request.path(place)) if place else None


def _read_shipped(request: Request) -> tuple[str, bytes] | None:
    if platform.machine() != "x86_64" or sys.platform != "linux" or not cpu.host()[1] >= BASELINE_FEATURES:
        return None
    shipped = importlib.resources.files("tenfold.primitives").joinpath("objects", shipped_name(request))
    return unpack(shipped.name, shipped.read_bytes()) if shipped.is_file() else None


def shipped_name(request: Request) -> str:
    """The file name of a shipped object."""
    return f"{request.entry}_{request.key}.{BASELINE}.o"


def pack(name: str, symbol: str, code: bytes) -> bytes:
    """The content of an object file of ours: a line of format, symbol and hash, then the code.

    The hash is of the file's name too, which is one of all that made it: no object passes for another.
    """
    return f"{FORMAT} {symbol} {_hash(name, symbol, code)}\n".encode() + code


def unpack(name: str, content: bytes) -> tuple[str, bytes] | None:
    """Symbol and code, or None where the content is not what was written under that name."""
    head, _, code = content.partition(b"\n")
    words = head.decode("ascii", "replace").split(" ")
    if " ".join(words[:3]) != FORMAT or len(words) != 5 or _hash(name, words[3], code) != words[4]:
        return None
    return words[3], code


def _hash(name: str, symbol: str, code: bytes) -> str:
    return hashlib.sha256(f"{name} {symbol}\n".encode() + code).hexdigest()


def store(content: bytes, path: Path) -> None:
    """Put an object into the cache, in one step; what is no file there goes aside."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        if path.is_dir() and not path.is_symlink():
            os.replace(path, f"{temporary}.aside")
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


# -- compiling in a helper process --------------------------------------------------------------------------------

_helpers: dict[Request, subprocess.Popen[bytes] | None] = {}  # None: it could not be started, or failed
compilations = 0  # started by this process, for tests and traces

LOG_BYTES = 1 << 20  # of complaints that are kept
HELPER = """
import importlib.util, os, sys
package = sys.argv[1]
sys.path.append(os.path.dirname(package))  # behind all others, for what is found nowhere else
spec = importlib.util.spec_from_file_location("tenfold", os.path.join(package, "__init__.py"))
sys.modules["tenfold"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(sys.modules["tenfold"])
from tenfold.target import compiler
compiler.main()
"""  # this tenfold, and of no folder that it happens to be in anything else


def request_all(requests: list[Request]) -> None:
    """Start one helper process for those requests that are neither known nor under way."""
    global compilations
    missing = [r for r in requests if r not in _helpers and find(r) is None]
    place = folder(missed=True) if missing else None
    if place is not None:
        compilations += len(missing)
        helper = None
        try:
            with _log(place) as log:
                helper = start_helper(missing, [r.path(place) for r in missing], log)
        except OSError as error:
            say_once(f"nothing is compiled: {error}", CompilerNotice)
        _helpers.update(dict.fromkeys(missing, helper))


def _log(place: Path) -> Any:
    """The file that helpers complain to."""
    path = place / "compiler.log"
    with contextlib.suppress(OSError):
        kept = path.exists() and path.stat().st_size < LOG_BYTES
        flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | (os.O_APPEND if kept else os.O_TRUNC)
        return open(os.open(path, flags, 0o600), "wb")
    return open(os.devnull, "wb")


def start_helper(
    requests: list[Request], paths: list[Path], errors: Any = None, **environment: str
) -> subprocess.Popen[bytes]:
    """A process that compiles the requests into the paths. It is out of Ctrl-C's reach; see `stop_helpers`.

    It runs nothing of the working folder: Python does not look there for modules, nor Numba for its settings.
    """
    work = [{"request": asdict(r), "path": str(p)} for r, p in zip(requests, paths, strict=True)]
    package = Path(config.__file__).parent.absolute()
    helper = subprocess.Popen(
        [sys.executable, "-P", "-Wignore", "-c", HELPER, str(package)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=errors,
        start_new_session=True,
        cwd=package,
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
    return None if helper.poll() is None else _made(request, helper)


def _made(request: Request, helper: subprocess.Popen[bytes]) -> Callable[..., int] | None:
    """What a helper that has ended leaves of a request."""
    found = find(request)
    if found is None and helper.returncode not in (0, -signal.SIGTERM):  # which `stop_helpers` sends
        _helpers[request] = None
        say_once(
            f"the compiler failed, and what it was asked for runs uncompiled: {config.get('cache_dir')}/kernels/"
            "compiler.log says why", CompilerNotice,
        )  # fmt: skip
    return found


def wait(request: Request) -> Callable[..., int] | None:
    """The machine code of a request, compiled now if need be; None where it cannot be compiled here."""
    request_all([request])
    helper = _helpers.get(request)
    if helper is None:
        return find(request)
    helper.wait()
    return _made(request, helper)


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
