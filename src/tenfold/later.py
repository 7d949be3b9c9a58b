"""Modules that are imported when they are first asked for.

What few need, and what costs to import (devices, readers of files, the array language), waits: its folder's
`__init__.py` lists it, and who needs it goes through the folder.

    from tenfold import run        # at the top, as every import
    run.devices.run_stage(...)     # imports `tenfold.run.devices` where nobody has
"""

import importlib
from collections.abc import Callable
from types import ModuleType


def later(package: str, *names: str) -> Callable[[str], ModuleType]:
    """The `__getattr__` of a package that imports these modules of its own when they are first asked for."""

    def get(name: str) -> ModuleType:
        if name in names:
            return importlib.import_module(f"{package}.{name}")
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    return get
