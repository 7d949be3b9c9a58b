"""Why a test failed, and whether what it shows is *wrong*: a result that differs.

Wrong is a failure of a comparison of a result's values, dtype, shape, labels or order. Identity (`is`), classes, flags,
shared memory and private attributes are not results; an error that did not come, or another than the expected one, is a
reason of its own. In doubt a failed comparison is wrong.
"""

import ast
import functools
import re
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SUBJECTS = {  # what an expression that is no result asks for -> the names that show it
    "flags, strides and shared memory": """flags strides base ctypes data __array_interface__ may_share_memory
        shares_memory getsizeof getrefcount""",
    "signatures and documentation": """__doc__ __name__ __text_signature__ __wrapped__ __qualname__ signature
        parameters sig""",
    "the class of a result": "isinstance issubclass type hasattr callable id",
}
SAID = (  # what a failed expectation says -> what it means
    (r"DID NOT RAISE|not raised|did not raise", "no error where the original raises"),
    (
        r"DID NOT WARN|[Nn]o warning|Did not see expected warning|First warning|not triggered|not warned",
        "no warning where the original warns",
    ),
    (r"Regex pattern did not match|does not match|Did not see warning", "another text of an error"),
    (r"Got warnings|Caused unexpected warning", "a warning where the original has none"),
    (r"Expected type <class", "the class of a result"),
    (r"<Signature", "signatures and documentation"),
)
DETAILS = (  # what a comparison says -> what of the result differs
    (r"shapes?\b.*mismatch|length are different", "shape"),
    (r"(index|columns).* are different|Attribute \"names?\"", "labels"),
    (r"dtype(?!:)", "dtype"),  # not the last line of a series
)
PARAMETER = re.compile(r"unexpected keyword|positional argument|required keyword|multiple values for argument")


@dataclass(frozen=True)
class Verdict:
    """Why a test failed: a short reason, what was said, and where in the tests."""

    reason: str
    said: str
    where: str
    wrong: bool = False


def verdict(error: BaseException, is_test: Callable[[Mapping[str, Any]], bool], package: str) -> Verdict:
    """What the error that ended a test shows; `is_test`: do these globals belong to a module of tests?"""
    while isinstance(error, AssertionError) and error.__cause__ is not None:  # a helper that adds which case it was
        error = error.__cause__
    frames = list(traceback.walk_tb(error.__traceback__))
    test = next((at for at in reversed(frames) if is_test(at[0].f_globals)), None)
    where, code, recorded = "", None, frozenset[str]()
    if test is not None:
        path = Path(test[0].f_code.co_filename)
        code, recorded = statement(path, test[1]), recorders(path, test[1])
        where = f"{path.name}:{test[1]} {ast.unparse(code)[:160] if code else ''}"
    reason = _reason(error, frames, code, recorded, package)
    said = next(filter(None, map(str.strip, str(error).splitlines())), "")
    if reason.startswith("wrong"):
        said = " ".join(str(error).split())
    return Verdict(reason, said[:300], where, reason.startswith("wrong"))


def _reason(
    error: BaseException, frames: list[Any], code: ast.stmt | None, recorded: frozenset[str], package: str
) -> str:
    name, text = type(error).__name__, str(error)
    if name == "Failed" and "Timeout" in text:
        return "timeout"
    if is_not_yet(error, package):
        return "not yet"
    raised_by_us = bool(frames) and frames[-1][0].f_globals.get("__name__", "").partition(".")[0] == package
    if name in ("AssertionError", "Failed") and not raised_by_us and not _is_original(frames):
        said = (meaning for pattern, meaning in SAID if re.search(pattern, text[:400]))
        return next(said, None) or compared(code, text, recorded)
    if name == "AttributeError":
        return "a missing attribute"
    if name == "TypeError" and PARAMETER.search(text):
        return "a missing parameter"
    return f"another error: {name}"


def _is_original(frames: list[Any]) -> bool:
    """Was it raised by the original library at work, whose own assertions compare no results of tests?"""
    module = frames[-1][0].f_globals.get("__name__", "") if frames else ""
    return module.startswith(("numpy.", "pandas.")) and "test" not in module


def compared(code: ast.stmt | None, text: str, recorded: frozenset[str] = frozenset()) -> str:
    """What a failed assertion compared; `recorded`: names that hold warnings."""
    parts = [part for whole in _conditions(code) for part in _leaves(whole)]
    is_assert = isinstance(code, ast.Assert) or _called(code) == "assert_"
    judged = [_subject(part, recorded) for part in parts]
    found = [subject for subject in judged if subject]
    if found and (len(found) == len(judged) or not is_assert):
        return found[0]
    return f"wrong {next((detail for pattern, detail in DETAILS if re.search(pattern, text[:300])), 'values')}"


def is_not_yet(error: Any, package: str) -> bool:
    """Is it the implementation's "not yet", which is never the error that a test expects?"""
    return isinstance(error, NotImplementedError) and type(error).__module__.partition(".")[0] == package


def _conditions(code: ast.stmt | None) -> list[ast.expr]:
    match code:
        case ast.Assert(test=test):
            return [test]
        case ast.Expr(value=ast.Call(args=args)):
            return args[:1] if _called(code) == "assert_" else args
    return []


def _called(code: ast.stmt | None) -> str:
    match code:
        case ast.Expr(value=ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name))):
            return name
    return ""


def _leaves(condition: ast.expr) -> list[ast.expr]:
    match condition:
        case ast.BoolOp(values=values):
            return [leaf for value in values for leaf in _leaves(value)]
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return _leaves(operand)
    return [condition]


def _subject(condition: ast.expr, recorded: frozenset[str]) -> str:
    """What an expression asks for beside results; empty if it is a result."""
    nodes = list(ast.walk(condition))
    attributes = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    called = {node.func.id for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    if names & recorded:
        return "no warning where the original warns"
    if any(isinstance(op, ast.Is | ast.IsNot) for node in nodes if isinstance(node, ast.Compare) for op in node.ops):
        return "identity"
    for subject, words in SUBJECTS.items():
        if (called | attributes - {"type"}) & set(words.split()):
            return subject
    private = {name for name in attributes if name.startswith("_") and not name.endswith("__")}
    return "private names" if private else ""


def recorders(path: Path, line: int) -> frozenset[str]:
    """The names that hold warnings in the function around a line: of `with ...warn...() as name`."""
    functions = [code for code in _covering(path, line) if isinstance(code, ast.FunctionDef)]
    items = [item for code in functions for node in ast.walk(code) if isinstance(node, ast.With) for item in node.items]
    names = (item.optional_vars for item in items if "warn" in ast.unparse(item.context_expr))
    return frozenset(name.id for name in names if isinstance(name, ast.Name))


@functools.cache
def _statements(path: Path) -> list[ast.stmt]:
    return [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.stmt)]


def _covering(path: Path, line: int) -> list[ast.stmt]:
    return [code for code in _statements(path) if code.lineno <= line <= (code.end_lineno or code.lineno)]


def statement(path: Path, line: int) -> ast.stmt | None:
    """The smallest statement that covers a line."""
    key = lambda code: ((code.end_lineno or 0) - code.lineno, -code.col_offset)  # noqa: E731
    return min(_covering(path, line), key=key, default=None)
