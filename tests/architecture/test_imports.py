"""The import rule: data takes one road through the folders, and each folder sees only what the table lets it see.

Third parties stay behind one door each, so that `import tenfold.pandas` stays quick and a change of one of them is a
change of one file. Own modules are imported at the top: an import hidden in a function hides a cycle. What few need
waits in its folder (`later.py`) until it is asked for.
"""

import ast
import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "src" / "tenfold"

LEAVES = {"node", "rewrite", "dtypes", "config", "errors", "later", "budget"}
USER_FACING = {"pandas", "numpy", "taxi", "cli", "__main__"}
ROAD = {"expr", "plan", "stage", "kernel", "target", "primitives", "io", "run"}

# What each folder (or module) may see beside itself, in the order of the road.
SEES = {
    "__main__": {"cli"},
    "cli": {"taxi"} | LEAVES,
    "taxi": {"pandas"},
    "pandas": {"expr", "io", "collect", "explain", "fallback", "primitives"} | LEAVES,
    "numpy": {"expr", "io", "collect_arrays", "explain", "fallback"} | LEAVES,
    "fallback": LEAVES,
    "collect": ROAD | LEAVES,
    "collect_arrays": ROAD | LEAVES,
    "expr": LEAVES,
    "plan": {"expr", "target"} | LEAVES,
    "stage": {"expr", "kernel"} | LEAVES,
    "kernel": {"primitives"} | LEAVES,  # the element functions are written once, over an algebra
    "target": {"kernel", "primitives"} | LEAVES,
    "primitives": LEAVES,
    "io": {"primitives", "target"} | LEAVES,  # the scanner runs compiled where it can
    "run": {"expr", "stage", "kernel", "target", "primitives", "io"} | LEAVES,
    "explain": {"expr", "plan", "stage", "kernel", "target"} | LEAVES,  # shows every level, as collect runs it
    **dict.fromkeys(LEAVES, LEAVES),
    "together": LEAVES,
    "__init__": {"config", "errors", "target", "together"},
}

# Third parties, and the files (or folders) behind whose door each stays.
DOORS = {
    "numba": ("target/cpu.py",),
    "llvmlite": ("target/cpu.py",),
    "cupy": ("target/device.py",),
    "cuda": ("target/cuda.py",),
    "nvidia": ("target/cuda.py",),
    "dask": ("run/dask.py", "io/dask.py"),
    "distributed": ("run/dask.py",),
    "fsspec": ("io/files.py",),
    "zarr": ("io/arrays.py",),
    "h5py": ("io/arrays.py",),
    "matplotlib": ("pandas/",),
    "pandas": ("pandas/", "io/", "expr/interpret.py", "run/results.py"),
}

# What `import tenfold.pandas` does not import: third parties, and own modules that are for devices, files or arrays.
WAITS = {
    *("numba", "llvmlite", "cupy", "cuda", "dask", "fsspec", "zarr", "h5py", "matplotlib", "pyarrow.parquet"),
    *(
        "tenfold.collect_arrays",
        "tenfold.expr.arrays_show",
        "tenfold.numpy",
        "tenfold.run.arrays",
        "tenfold.stage.arrays",
    ),
    *("tenfold.io.arrays", "tenfold.io.csv", "tenfold.io.csv_device", "tenfold.io.csv_text", "tenfold.io.parquet"),
    *("tenfold.run.array_counts", "tenfold.run.array_devices", "tenfold.run.device", "tenfold.run.devices"),
    *("tenfold.target.cubins", "tenfold.target.cuda", "tenfold.target.launch", "tenfold.target.null"),
}

# Names that only some files may use.
USES = {"os.environ": ("config.py",), "os.getenv": ("config.py",), "print": ("cli.py",)}


def modules() -> list[str]:
    return sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))


def tree_of(module: str) -> ast.Module:
    return ast.parse((PACKAGE / module).read_text())


def imported(statement: ast.stmt, module: str) -> list[str]:
    """Full names that a statement imports; `from tenfold import x` counts as tenfold.x."""
    if isinstance(statement, ast.Import):
        return [alias.name for alias in statement.names]
    if isinstance(statement, ast.ImportFrom):
        package = ["tenfold", *module.split("/")[:-1]]
        parent = ".".join(package[: len(package) - statement.level + 1]) if statement.level else ""
        start = ".".join(part for part in (parent, statement.module) if part)
        return [f"{start}.{alias.name}" for alias in statement.names]
    return []


def folder_of(module: str) -> str:
    return module.split("/")[0].removesuffix(".py")


def is_behind(module: str, doors: tuple[str, ...]) -> bool:
    return any(module == door or (door.endswith("/") and module.startswith(door)) for door in doors)


@pytest.mark.parametrize("module", modules())
def test_a_folder_sees_only_what_the_table_lets_it_see(module):
    folder = folder_of(module)
    names = [name for node in ast.walk(tree_of(module)) for name in imported(node, module)]
    seen = {name.split(".")[1] for name in names if name.startswith("tenfold.")}
    assert folder in SEES, f"{folder} has no row in the table: say what it may see"
    assert seen <= SEES[folder] | {folder}, f"{module} may not see {sorted(seen - SEES[folder] - {folder})}"


@pytest.mark.parametrize("module", modules())
def test_own_modules_are_imported_at_the_top(module):
    functions = [node for node in ast.walk(tree_of(module)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    names = [name for function in functions for node in ast.walk(function) for name in imported(node, module)]
    assert [name for name in names if name.split(".")[0] == "tenfold"] == []


@pytest.mark.parametrize("module", modules())
def test_third_parties_stay_behind_their_doors(module):
    names = {name.split(".")[0] for node in ast.walk(tree_of(module)) for name in imported(node, module)}
    outside = [name for name in sorted(names & DOORS.keys()) if not is_behind(module, DOORS[name])]
    assert outside == [], f"{module} imports {outside}: see DOORS"


@pytest.mark.parametrize("module", modules())
def test_the_environment_and_print_have_one_place_each(module):
    nodes = [node for node in ast.walk(tree_of(module)) if isinstance(node, ast.Attribute | ast.Name)]
    used = {ast.unparse(node) for node in nodes} & USES.keys()
    assert [name for name in sorted(used) if module not in USES[name]] == []


def test_what_few_need_waits():
    """In an interpreter of its own, as this one has imported everything."""
    code = "import sys, tenfold.pandas; print(*sys.modules)"
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE.parent)}
    ran = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert sorted(WAITS.intersection(ran.stdout.split())) == []


@pytest.mark.parametrize("name", sorted(name for name in WAITS if name.startswith("tenfold.")))
def test_what_waits_is_there(name):
    assert importlib.import_module(name)


def test_a_folder_has_no_other_names():
    assert not hasattr(importlib.import_module("tenfold.io"), "nothing")
