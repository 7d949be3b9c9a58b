"""The import rule: data takes one road through the folders, and each folder sees only what the table lets it see.

Third parties stay behind one door each, so that `import tenfold.pandas` stays quick and a change of one of them is a
change of one file. Own modules are imported at the top: an import hidden in a function hides a cycle.
"""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "src" / "tenfold"

LEAVES = {"node", "rewrite", "dtypes", "config", "errors"}
USER_FACING = {"pandas", "numpy", "taxi", "cli", "__main__"}
ROAD = {"expr", "plan", "stage", "kernel", "target", "primitives", "io", "run"}

# What each folder (or module) may see beside itself, in the order of the road.
SEES = {
    "__main__": {"cli"},
    "cli": {"taxi"} | LEAVES,
    "taxi": {"pandas"},
    "pandas": {"expr", "io", "collect", "explain"} | LEAVES,
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
    "__init__": {"config", "errors", "target"},
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
    "zarr": ("io/arrays.py",),
    "h5py": ("io/arrays.py",),
    "matplotlib": ("pandas/",),
    "pandas": ("pandas/", "io/", "expr/interpret.py", "run/results.py"),
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
