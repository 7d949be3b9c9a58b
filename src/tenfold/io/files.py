"""Files as they were when a source was opened: which ones a path stands for, and their bytes, for any thread."""

import errno
import glob
import os
import threading
from dataclasses import dataclass
from typing import Any

import numpy as np

from tenfold.errors import NotYetError
from tenfold.io.source import stamp_of

COMPRESSED = (".gz", ".bz2", ".zip", ".xz", ".zst", ".tar")


@dataclass(frozen=True, slots=True)
class File:
    """A file as it was when the source was opened; `stamp` tells it from any later one (see `stamp_of`)."""

    path: str
    size: int
    stamp: tuple[Any, ...]

    def check(self, status: os.stat_result, reader: str) -> None:
        """OSError where it is another one now."""
        if stamp_of(status) != self.stamp:
            raise OSError(f"{self.path} has changed since it was opened; call {reader} again")


def find_files(paths: Any) -> tuple[File, ...]:
    """The files that a path, a glob (in order of names) or a list of them stands for."""
    listed = [paths] if isinstance(paths, str | os.PathLike) else list(paths)
    files = tuple(file for path in listed for file in _find(os.path.expanduser(os.fspath(path))))
    if not files:
        raise FileNotFoundError(errno.ENOENT, "No file matches", str(paths))
    return files


def _find(path: str) -> list[File]:
    if path.endswith(COMPRESSED):
        raise NotYetError(f"reading compressed CSV ({path})", "decompress it, or read it with pandas.read_csv")
    if "://" in path:
        return _find_remote(path)
    if glob.has_magic(path) and not os.path.exists(path):
        return [_local_file(found) for found in sorted(glob.glob(path))]
    return [_local_file(path)]


def _local_file(path: str) -> File:
    status = os.stat(path)
    return File(path, status.st_size, stamp_of(status))


def _find_remote(path: str) -> list[File]:
    import fsspec

    system, inside = fsspec.core.url_to_fs(path)
    found = sorted(system.glob(inside)) if glob.has_magic(inside) else [inside]
    infos = [system.info(name) for name in found]
    if any(info.get("type") == "directory" for info in infos):
        raise NotYetError(f"{path}, which is a folder elsewhere,", "name its files by a glob")
    marks = ("etag", "ETag", "mtime", "LastModified", "created", "ino")
    stamps = [tuple(str(info.get(mark, "")) for mark in marks) for info in infos]
    return [
        File(system.unstrip_protocol(name), info["size"], stamp)
        for name, info, stamp in zip(found, infos, stamps, strict=True)
    ]


def _open_remote(path: str) -> Any:
    import fsspec

    return fsspec.open(path, "rb").open()


class Bytes:
    """An open file; `read_into` fills a buffer, for any thread. No memory map: a cut file must be an error."""

    def __init__(self, file: File) -> None:
        self.file, self._lock = file, threading.Lock()
        self._remote = _open_remote(file.path) if "://" in file.path else None
        self._descriptor = -1 if self._remote else os.open(file.path, os.O_RDONLY)
        if not self._remote:
            try:
                file.check(os.fstat(self._descriptor), "read_csv")
            except OSError:
                self.close()
                raise

    def __enter__(self) -> "Bytes":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        if self._remote:
            self._remote.close()
        else:
            os.close(self._descriptor)

    def read_into(self, buffer: np.ndarray, position: int) -> None:
        """Fill all of `buffer` with the bytes from `position`."""
        done = 0
        while done < len(buffer):
            count = self._read(buffer.data[done:], position + done)
            if count == 0:
                raise OSError(f"{self.file.path} ends at byte {position + done} of {self.file.size}; it was cut")
            done += count

    def _read(self, view: memoryview, position: int) -> int:
        if self._remote is None:
            return os.preadv(self._descriptor, [view], position)
        with self._lock:
            self._remote.seek(position)
            data = self._remote.read(len(view))
        view[: len(data)] = data
        return len(data)

    def stream(self, position: int) -> Any:
        """The file as a stream that stands at a position."""
        stream = self._remote or os.fdopen(os.dup(self._descriptor), "rb")
        stream.seek(position)
        return stream

    def read(self, start: int, stop: int) -> bytes:
        """The bytes from `start` to `stop`."""
        buffer = np.empty(max(min(stop, self.file.size) - start, 0), np.uint8)
        self.read_into(buffer, start)
        return buffer.tobytes()
