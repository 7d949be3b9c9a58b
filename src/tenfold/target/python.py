"""Print a kernel as Python text: what the CPU target compiles, and what tests run as it stands.

The text names no column and no literal of the user's: inputs, parameters and states come from the argument block
(`block.py`) in order.
"""

import functools
from collections.abc import Callable

from tenfold.kernel import nodes as kn
from tenfold.kernel.ops import OPERATIONS
from tenfold.kernel.show import show
from tenfold.target import block

INTEGERS = {"floordiv": "floor_div", "mod": "floor_mod"}  # by a positive constant
ENTRY, SIGNATURE = "kernel", "i8*,i8,i8->i8"


@functools.lru_cache(256)
def text(kernel: kn.Kernel) -> str:
    """The source of a module with one function `kernel(block, lo, hi)`."""
    body = [*_arguments(kernel), *_loop(kernel), "    return hi"]
    return "\n".join([*_head(kernel, body), "", "", "def kernel(block, lo, hi):", *body]) + "\n"


def pointer(storage: str) -> str:
    """The intrinsic that makes an address a pointer to this storage."""
    return f"{'u1' if storage == '?' else storage}_ptr"


def _head(kernel: kn.Kernel, body: list[str]) -> list[str]:
    """What the text does, and the imports that its body needs."""
    known = [
        "f4", "f4_ptr", "f8", "f8_ptr", "i1", "i1_ptr", "i2", "i2_ptr", "i4", "i4_ptr", "i8",
        "i8_ptr", "sqrt", "u1", "u1_ptr", "u2", "u2_ptr", "u4", "u4_ptr", "u8", "u8_ptr",
    ]  # fmt: skip
    names = ", ".join(n for n in known if any(f"{n}(" in line for line in body))
    lines = [f'"""{show(kernel)}\n"""', ""]
    for module, functions in {"accumulate": ("deposit_rows", "spill_block"), "integers": INTEGERS.values()}.items():
        used = [name for name in sorted(functions) if any(f"{name}(" in line for line in body)]
        if used:
            lines.append(f"from tenfold.primitives.{module} import {', '.join(used)}")
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
    for name, storage in block.scratch(kernel).items():
        lines.append(f"    {name} = {pointer(storage)}(block[{place}])")
        place += 1
    return lines


def _loop(kernel: kn.Kernel) -> list[str]:
    return _staged(kernel) if block.is_fold(kernel) else _compacting(kernel)


def _compacting(kernel: kn.Kernel) -> list[str]:
    """Every row is written; the place moves on behind those that pass. No branch to mispredict."""
    first = len(kernel.inputs) + len(kernel.params)
    numbers = [*range(len(kernel.inputs)), *range(first, first + len(kernel.body))]
    lines = ["    for i in range(lo, hi):", *(f"        {_define(kernel, n, {}, 'i')}" for n in numbers)]
    for number, sink in enumerate(kernel.sinks):
        lines += [f"        out{number}_{m}[k{number}] = v{a}" for m, a in enumerate(sink.args)]  # type: ignore
        lines.append(f"        k{number} += {f'i8(v{kernel.guard})' if kernel.guard >= 0 else '1'}")
    return lines + [f"    count{n}[0] = k{n}" for n in range(len(kernel.sinks))]


def _staged(kernel: kn.Kernel) -> list[str]:
    """Stages of rows through scratch: pass the guard, compute each folded value, fold.

    Short loops without branches vectorise, and a mispredicted guard costs more than writing rows that do not pass:
    together half the time of one loop with everything in it.
    """
    lines = [
        f"    for start in range(lo, hi, {block.STAGE_ROWS}):",
        f"        end = start + {block.STAGE_ROWS} if start + {block.STAGE_ROWS} < hi else hi",
        *_passing(kernel),
    ]
    places: dict[int, str] = {}
    if kernel.guard >= 0:
        places = {int(name[1:]): f"{name}[j]" for name in block.scratch(kernel) if name[0] == "c"}
    for value in block.folded(kernel):
        lines.append("        for j in range(k):")
        numbers = block.needed(kernel, [value], frozenset(places))
        lines += [f"            {_define(kernel, n, places, 'start + j')}" for n in numbers]
        lines.append(f"            s{value}[j] = v{value}")
        places[value] = f"s{value}[j]"
    for number, sink in enumerate(kernel.sinks):
        lines += [f"        {line}" for line in _fold(number, sink)]
    spills = " or ".join(f"spill{n}[0] != 0" for n, s in enumerate(kernel.sinks) if block.is_exact_sum(s))
    return lines + ([f"        if {spills}:", "            return end"] if spills else [])


def _passing(kernel: kn.Kernel) -> list[str]:
    """Compact what the folds need of the rows that pass; `k` of them."""
    if kernel.guard < 0:
        return ["        k = end - start"]
    carried = [int(name[1:]) for name in block.scratch(kernel) if name[0] == "c"]
    numbers = block.needed(kernel, [kernel.guard, *carried])
    return [
        "        k = 0",
        "        for i in range(start, end):",
        *(f"            {_define(kernel, n, {}, 'i')}" for n in numbers),
        *(f"            c{n}[k] = v{n}" for n in carried),
        f"            k += i8(v{kernel.guard})",
    ]


def _define(kernel: kn.Kernel, number: int, places: dict[int, str], row: str) -> str:
    """The assignment of one value: loaded from where it is, or computed."""
    if number in places or number < len(kernel.inputs):
        place = places.get(number, f"x{number}[{row}]")
        return f"v{number} = {place}{' != 0' if kernel.storages()[number] == '?' else ''}"
    statement = kernel.body[number - len(kernel.inputs) - len(kernel.params)]
    return f"v{number} = {row if isinstance(statement, kn.Row) else _statement(kernel, number)}"


def _statement(kernel: kn.Kernel, number: int) -> str:
    statement = kernel.body[number - len(kernel.inputs) - len(kernel.params)]
    if isinstance(statement, kn.Const):
        return _constant(statement)
    assert isinstance(statement, kn.Let)
    template = OPERATIONS[statement.op].python
    if statement.op in INTEGERS and statement.storage == "i8" and _is_positive(kernel, statement.args[1]):
        template = f"{INTEGERS[statement.op]}({{0}}, {{1}})"
    written = template.format(*(f"v{a}" for a in statement.args), cast=statement.storage)
    # Numba widens small integers to 64 bits; NumPy does not: every result is brought back to its type.
    narrow = statement.storage not in ("?", "i8", "f8", "f4") and statement.op not in ("cast", "select")
    return f"{statement.storage}({written})" if narrow else written


def _is_positive(kernel: kn.Kernel, number: int) -> bool:
    first = len(kernel.inputs) + len(kernel.params)
    divisor = kernel.body[number - first] if number >= first else None
    return isinstance(divisor, kn.Const) and int(divisor.text) > 0


def _constant(constant: kn.Const) -> str:
    if constant.text in ("nan", "inf", "-inf"):
        return f'f8("{constant.text}")' if constant.storage == "f8" else f'{constant.storage}(f8("{constant.text}"))'
    plain = constant.storage in ("i8", "f8", "?")
    return constant.text if plain else f"{constant.storage}({constant.text})"


def _fold(number: int, fold: kn.Node) -> list[str]:
    assert isinstance(fold, kn.Fold)
    group = f"s{fold.group}[j]" if fold.group >= 0 else "0"
    if block.is_exact_sum(fold):
        rows = [f"s{fold.value}", f"s{fold.valid}" if fold.valid >= 0 else "ones", "k"]
        cells = [f"cells{number}", f"low{number}", f"limbs{number}"]
        if fold.group < 0:
            return [f"spill_block({', '.join([*cells, *rows, f'spill{number}'])})"]
        rows = [f"s{fold.group}", *rows, "first", "second", f"spill{number}"]
        return [f"deposit_rows({', '.join(cells + rows)})"]
    lines = _FOLDS[fold.function](f"state{number}[{group}]", f"s{fold.value}[j]")
    if fold.valid >= 0:
        lines = [f"if s{fold.valid}[j] != 0:", *(f"    {line}" for line in lines)]
    return ["for j in range(k):", *(f"    {line}" for line in lines)]


_FOLDS: dict[str, Callable[[str, str], list[str]]] = {
    "sum": lambda state, value: [f"{state} += {value}"],
    "count": lambda state, value: [f"{state} += 1"],
    "min": lambda state, value: [f"if {value} < {state}:", f"    {state} = {value}"],
    "max": lambda state, value: [f"if {value} > {state}:", f"    {state} = {value}"],
}
