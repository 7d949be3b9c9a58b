"""Print a kernel as Python text: what the CPU target compiles, and what tests run as it stands.

The text names no column and no literal of the user's: inputs, parameters and states come from the argument block
(`block.py`) in order. Statements that only guarded sinks need stand inside the guard.
"""

from collections.abc import Callable, Iterator

from tenfold.kernel import nodes as kn
from tenfold.kernel.ops import OPERATIONS
from tenfold.kernel.show import show
from tenfold.target import block

ENTRY, SIGNATURE = "kernel", "i8*,i8,i8->i8"


def text(kernel: kn.Kernel) -> str:
    """The source of a module with one function `kernel(block, lo, hi)`."""
    lines = [*_head(kernel), "", "", "def kernel(block, lo, hi):", *_arguments(kernel), *_loop(kernel), "    return hi"]
    return "\n".join(lines) + "\n"


def pointer(storage: str) -> str:
    """The intrinsic that makes an address a pointer to this storage."""
    return f"{'u1' if storage == '?' else storage}_ptr"


def scheduled(kernel: kn.Kernel) -> tuple[list[int], list[int]]:
    """Body statements (by number) that run for every row, and those that only rows behind the guard need."""
    first = len(kernel.inputs) + len(kernel.params)
    uses = {first + n: s.args if isinstance(s, kn.Let) else () for n, s in enumerate(kernel.body)}
    always = set(_closure(kernel.guard, uses))
    for sink in kernel.sinks:
        if isinstance(sink, kn.Compact):
            always.update(n for a in sink.args for n in _closure(a, uses))
    if kernel.guard < 0:
        always = set(uses)
    return [n for n in uses if n in always], [n for n in uses if n not in always]


def _closure(number: int, uses: dict[int, tuple[int, ...]]) -> Iterator[int]:
    todo = [number]
    while todo:
        current = todo.pop()
        if current in uses:
            yield current
            todo.extend(uses[current])


def _head(kernel: kn.Kernel) -> list[str]:
    body = _arguments(kernel) + _loop(kernel)
    known = [
        "bits_f8", "f4", "f4_ptr", "f8", "f8_bits", "f8_ptr", "i1", "i1_ptr", "i2", "i2_ptr", "i4", "i4_ptr", "i8",
        "i8_ptr", "sqrt", "u1", "u1_ptr", "u2", "u2_ptr", "u4", "u4_ptr", "u8", "u8_ptr",
    ]  # fmt: skip
    names = ", ".join(n for n in known if any(f"{n}(" in line for line in body))
    lines = [f'"""{show(kernel)}\n"""', ""]
    if any(map(block.is_exact_sum, kernel.sinks)):
        lines.append("from tenfold.primitives.accumulate import deposit")
    return [*lines, f"from tenfold.primitives.intrinsics import {names}"]


def _arguments(kernel: kn.Kernel) -> list[str]:
    lines = [f"    x{n} = {pointer(s)}(block[{n}])" for n, s in enumerate(kernel.inputs)]
    place = len(kernel.inputs)
    for storage in kernel.params:
        read = f"{pointer(storage)}(block[{place}])[0]"
        lines.append(f"    v{place} = {read} != 0" if storage == "?" else f"    v{place} = {read}")
        place += 1
    for number, sink in enumerate(kernel.sinks):
        if isinstance(sink, kn.Compact):
            lines += [f"    count{number} = i8_ptr(block[{place}])", f"    k{number} = count{number}[0]"]
            outs = enumerate(sink.storages)
            lines += [f"    out{number}_{m} = {pointer(s)}(block[{place + 1 + m}])" for m, s in outs]
            place += 1 + len(sink.storages)
        elif block.is_exact_sum(sink):
            lines += [
                f"    cells{number} = i8_ptr(block[{place}])",
                f"    low{number} = i8_ptr(block[{place + 1}])[0]",
                f"    limbs{number} = i8_ptr(block[{place + 1}])[1]",
                f"    spill{number} = i8_ptr(block[{place + 2}])",
            ]
            place += 3
        else:
            storage = "i8" if sink.function == "count" else sink.storage  # type: ignore[attr-defined]
            lines.append(f"    state{number} = {pointer(storage)}(block[{place}])")
            place += 1
    return lines


def _loop(kernel: kn.Kernel) -> list[str]:
    always, guarded = scheduled(kernel)
    lines = ["    full = False"] if any(map(block.is_exact_sum, kernel.sinks)) else []
    lines.append("    for i in range(lo, hi):")
    lines += [f"        v{n} = x{n}[i]{' != 0' if s == '?' else ''}" for n, s in enumerate(kernel.inputs)]
    lines += [f"        v{n} = {_statement(kernel, n)}" for n in always]
    folds = [(n, s) for n, s in enumerate(kernel.sinks) if isinstance(s, kn.Fold)]
    indent = "        "
    if kernel.guard >= 0 and folds:
        lines.append(f"        if v{kernel.guard}:")
        indent += "    "
    lines += [f"{indent}v{n} = {_statement(kernel, n)}" for n in guarded]
    for number, sink in folds:
        lines += [indent + line for line in _fold(number, sink)]
    if any(map(block.is_exact_sum, kernel.sinks)):
        lines += [f"{indent}if full:", f"{indent}    return i + 1"]
    compacts = [(n, s) for n, s in enumerate(kernel.sinks) if isinstance(s, kn.Compact)]
    for number, sink in compacts:
        lines += [f"        out{number}_{m}[k{number}] = v{a}" for m, a in enumerate(sink.args)]
        lines.append(f"        k{number} += {f'i8(v{kernel.guard})' if kernel.guard >= 0 else '1'}")
    return lines + [f"    count{n}[0] = k{n}" for n, _ in compacts]


def _statement(kernel: kn.Kernel, number: int) -> str:
    statement = kernel.body[number - len(kernel.inputs) - len(kernel.params)]
    if isinstance(statement, kn.Const):
        return _constant(statement)
    if isinstance(statement, kn.Row):
        return "i"
    assert isinstance(statement, kn.Let)
    template = OPERATIONS[statement.op].python
    written = template.format(*(f"v{a}" for a in statement.args), cast=statement.storage)
    # Numba widens small integers to 64 bits; NumPy does not: every result is brought back to its type.
    narrow = statement.storage not in ("?", "i8", "f8", "f4") and statement.op not in ("cast", "select")
    return f"{statement.storage}({written})" if narrow else written


def _constant(constant: kn.Const) -> str:
    if constant.text in ("nan", "inf", "-inf"):
        return f'f8("{constant.text}")' if constant.storage == "f8" else f'{constant.storage}(f8("{constant.text}"))'
    plain = constant.storage in ("i8", "f8", "?")
    return constant.text if plain else f"{constant.storage}({constant.text})"


def _fold(number: int, fold: kn.Fold) -> list[str]:
    group = f"v{fold.group}" if fold.group >= 0 else "0"
    lines = _FOLDS["exact" if block.is_exact_sum(fold) else fold.function](number, f"v{fold.value}", group)
    return [f"if v{fold.valid}:", *(f"    {line}" for line in lines)] if fold.valid >= 0 else lines


def _exact(n: int, value: str, group: str) -> list[str]:
    at = f"{group} * (limbs{n} + 2)" if group != "0" else "0"
    return [
        f"if not deposit(cells{n}, {at}, low{n}, limbs{n}, {value}):",
        f"    k = spill{n}[0]",
        f"    spill{n}[2 * k + 1] = {group}",
        f"    spill{n}[2 * k + 2] = f8_bits({value})",
        f"    spill{n}[0] = k + 1",
        f"    full = k + 1 == {block.SPILL_ROWS}",
    ]


def _extreme(sign: str) -> Callable[[int, str, str], list[str]]:
    return lambda n, value, group: [f"if {value} {sign} state{n}[{group}]:", f"    state{n}[{group}] = {value}"]


_FOLDS: dict[str, Callable[[int, str, str], list[str]]] = {
    "exact": _exact,
    "sum": lambda n, value, group: [f"state{n}[{group}] += {value}"],
    "count": lambda n, value, group: [f"state{n}[{group}] += 1"],
    "min": _extreme("<"),
    "max": _extreme(">"),
}
