"""Small by rule: the numbers are in pyproject.toml, under tool.tenfold.size; raising one is a commit of its own."""

import ast
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "tenfold"
SIZE = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["tenfold"]["size"]
BLOCKS = (ast.If, ast.For, ast.While, ast.With, ast.Try, ast.Match)
VAGUE = ("Manager", "Helper", "Mixin", "Util")
VAGUE_FILES = {"utils.py", "util.py", "core.py", "helpers.py", "common.py", "misc.py"}


def modules() -> list[str]:
    return sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))


def definitions(module: str, kinds: type | tuple[type, ...]) -> list:
    return [node for node in ast.walk(ast.parse((PACKAGE / module).read_text())) if isinstance(node, kinds)]


def depth(node: ast.AST) -> int:
    """How many blocks stand inside each other; `elif` stands beside its `if`, a nested function starts anew."""
    return max((deeper(child, node) for child in ast.iter_child_nodes(node)), default=0)


def deeper(child: ast.AST, parent: ast.AST) -> int:
    if isinstance(child, ast.FunctionDef):
        return 0
    is_elif = isinstance(parent, ast.If) and isinstance(child, ast.If) and parent.orelse == [child]
    return depth(child) + (isinstance(child, BLOCKS) and not is_elif)


def nesting_allowed(module: str) -> int:
    special = [limit for prefix, limit in SIZE["nesting_of"].items() if module.startswith(prefix)]
    return max([SIZE["nesting"], *special])


@pytest.mark.parametrize("module", modules())
def test_files_and_functions_are_small(module):
    functions = definitions(module, (ast.FunctionDef, ast.AsyncFunctionDef))
    lines = {function.name: function.end_lineno - function.lineno + 1 for function in functions}
    assert (PACKAGE / module).read_text().count("\n") <= SIZE["file_lines"]
    assert {name: n for name, n in lines.items() if n > SIZE["function_lines"]} == {}


@pytest.mark.parametrize("module", modules())
def test_nesting_is_shallow(module):
    functions = definitions(module, (ast.FunctionDef, ast.AsyncFunctionDef))
    deep = {function.name: depth(function) for function in functions if depth(function) > nesting_allowed(module)}
    assert deep == {}


@pytest.mark.parametrize("module", modules())
def test_names_say_what_things_are(module):
    names = [node.name for node in definitions(module, ast.ClassDef)]
    assert [name for name in names if name.endswith(VAGUE)] == []
    assert Path(module).name not in VAGUE_FILES


@pytest.mark.parametrize("module", [module for module in modules() if (PACKAGE / module).stat().st_size])
def test_a_module_opens_with_its_contract(module):
    assert ast.get_docstring(ast.parse((PACKAGE / module).read_text())), f"{module}: say what it is for"
