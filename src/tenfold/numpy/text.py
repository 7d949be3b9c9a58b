"""Arrays in text files, and several in one file: NumPy reads and writes, at once."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tenfold.numpy.through import now, wrap

loadtxt, genfromtxt, fromregex, savetxt = map(now, ("loadtxt", "genfromtxt", "fromregex", "savetxt"))
savez, savez_compressed = map(now, ("savez", "savez_compressed"))


class NpzFile(Mapping[str, Any]):
    """The arrays of a .npz file by name, each read when it is asked for.

    Examples
    --------
    >>> import tenfold.numpy as np, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     np.savez(f"{folder}/two.npz", x=np.arange(3), y=np.ones(2))
    ...     with np.load(f"{folder}/two.npz") as both:
    ...         print(both["x"], both.files)
    [0 1 2] ['x', 'y']
    """

    def __init__(self, opened: Any) -> None:
        self._opened = opened
        self.files: list[str] = opened.files

    def __getitem__(self, name: str) -> Any:
        return wrap(self._opened[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self.files)

    def __len__(self) -> int:
        return len(self.files)

    def __enter__(self) -> "NpzFile":
        return self

    def __exit__(self, *error: Any) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._opened.close()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "_opened":
            raise AttributeError(name)
        return getattr(self._opened, name)

    def __repr__(self) -> str:
        return repr(self._opened)


def opened(value: Any) -> Any:
    """What NumPy's `load` gives, as ours."""
    return NpzFile(value) if isinstance(value, np.lib.npyio.NpzFile) else wrap(value)
