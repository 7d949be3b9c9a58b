"""Print a kernel as Python text: what the CPU target compiles, and what tests run as it stands.

The text names no column and no literal of the user's: inputs, parameters and states come from the argument block
(`block.py`) in order.
"""

import functools
import re

from tenfold.kernel import nodes as kn
from tenfold.kernel.ops import OPERATIONS, PAIRS, RARE, is_plain
from tenfold.kernel.show import show
from tenfold.target import block

# of i8: what is printed otherwise, and that by positive constants
WHOLE = {op: f"i8(u8({{0}}) {sign} u8({{1}}))" for op, sign in (("add", "+"), ("sub", "-"), ("mul", "*"))}
BY_CONSTANTS = {"floordiv": "floor_div_by({0}, {1})", "mod": "floor_mod_by({0}, {1})"}
CURIOUS = {"nan": 0x7FF8 << 48, "inf": 0x7FF0 << 48, "-inf": 0xFFF0 << 48}
ENTRY, SIGNATURE = "kernel", "i8*,i8,i8->i8"


@functools.lru_cache(256)
def text(kernel: kn.Kernel) -> str:
    """The source of a module with one function `kernel(block, lo, hi)`."""
    body = [*_arguments(kernel), *_loop(kernel), "    return hi"]
    return "\n".join([*_head(kernel, body), "", "", "def kernel(block, lo, hi):", *body]) + "\n"


def pointer(storage: str) -> str:
    """The intrinsic that makes an address a pointer to this storage."""
    return f"{'u1' if storage == '?' else storage}_ptr"


MODULES = {
    "accumulate": ("add_columns", "deposit_mapped", "deposit_rows", "spill_block", "spill_block_masked"),
    "elementary": tuple(sorted(RARE)),
    "folds": (
        "add_mapped", "add_run", "add_unsigned", "add_unsigned_mapped", "add_unsigned_run", "greater", "greater_float",
        "lesser", "lesser_float", "largest_floats_mapped", "largest_floats_run", "largest_mapped", "largest_run",
        "least_floats_mapped", "least_floats_run", "least_mapped", "least_run",
    ),
    "groups": ("groups_at",),
    "integers": ("add", "floor_div", "floor_div_by", "floor_mod", "floor_mod_by", "shift_left", "shift_right"),
    "intrinsics": (
        "bits_f8", "ceil", "f4", "f4_ptr", "f8", "f8_bits", "f8_ptr", "floor", "i1", "i1_ptr", "i2", "i2_ptr", "i4",
        "i4_ptr", "i8", "i8_ptr", "mulhi", "rint", "sqrt", "trunc", "u1", "u1_ptr", "u2", "u2_ptr", "u4", "u4_ptr",
        "u8", "u8_ptr",
    ),
    "philox": ("pairs_at", "words_at"),
}  # fmt: skip


def _head(kernel: kn.Kernel, body: list[str]) -> list[str]:
    """What the text does, and the imports that its body needs."""
    called = set(re.findall(r"\b(\w+)\(", "\n".join(body)))
    imports = {module: [name for name in names if name in called] for module, names in MODULES.items()}
    return [
        f'"""{show(kernel)}\n"""',
        "",
        *(f"from tenfold.primitives.{module} import {', '.join(names)}" for module, names in imports.items() if names),
    ]


def _arguments(kernel: kn.Kernel) -> list[str]:
    lines = [f"    x{n} = {pointer(s)}(block[{n}])" for n, s in enumerate(map(kn.storage_of, kernel.inputs))]
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
    lines = _staged(kernel) if block.is_staged(kernel) else _compacting(kernel)
    return lines + [f"    count{n}[0] = k{n}" for n, s in enumerate(kernel.sinks) if isinstance(s, kn.Compact)]


def _stages(kernel: kn.Kernel, body: list[str]) -> list[str]:
    """The body for one stage of rows after the other."""
    rows = block.stage_rows(kernel)
    return [
        f"    for start in range(lo, hi, {rows}):",
        f"        end = start + {rows} if start + {rows} < hi else hi",
        *(f"        {line}" for line in body),
    ]


def _compacting(kernel: kn.Kernel) -> list[str]:
    """Every row is written; the place moves on behind those that pass. No branch to mispredict."""
    words, places = _before(kernel)
    passed, numbers = (
        f"i8(v{kernel.guard})",
        block.needed(kernel, [kernel.guard, *block.results(kernel)], frozenset(places)),
    )
    body = [_define(kernel, n, places, "i") for n in numbers]
    for number, sink in enumerate(kernel.sinks):
        body += [f"out{number}_{m}[k{number}] = v{a}" for m, a in enumerate(sink.args)]  # type: ignore[attr-defined]
        body.append(f"k{number} += {passed}")
    body = [f"    {line}" for line in body]
    if not words:
        return ["    for i in range(lo, hi):", *(f"    {line}" for line in body)]
    return _stages(kernel, [*words, "for i in range(start, end):", *body])


def _before(kernel: kn.Kernel) -> tuple[list[str], dict[int, str]]:
    """Words that all rows of a stage need before the guard, and where each is then for row i."""
    filled = block.before(kernel)
    if not filled:
        return [], {}
    lines, _ = _filled(kernel, filled, {}, "w")
    return ["k = end - start", *lines], {n: f"w{n}[i - start]" for n in filled}


def _staged(kernel: kn.Kernel) -> list[str]:
    """Stages of rows through scratch: pass the guard, compute each value, store or fold it.

    Short loops without branches vectorise, and a mispredicted guard costs more than writing rows that do not pass:
    together half the time of one loop with everything in it.
    """
    lines, places = _filled(kernel, block.staged(kernel), {n: f"c{n}[j]" for n in block.carried(kernel)}, "s")
    body = [*_passing(kernel), *lines]
    for number, sink in enumerate(kernel.sinks):
        body += _store(kernel, number, sink, places) if isinstance(sink, kn.Compact) else _fold(kernel, number, sink)
    spills = " or ".join(f"spill{n}[0] != 0" for n, s in enumerate(kernel.sinks) if block.is_exact_sum(s))
    mapped = [n for n, s in enumerate(kernel.sinks) if block.is_exact_sum(s) and block.is_mapped(kernel, s)]
    columns = [line for n in mapped for line in _columns(kernel, n)]
    stop = [f"if {spills}:", *(f"    {line}" for line in columns), "    return end"] if spills else []
    return _stages(kernel, body + stop) + [f"    {line}" for line in columns]


def _passing(kernel: kn.Kernel) -> list[str]:
    """Compact what is needed of the rows that pass; `k` of them."""
    if kernel.guard < 0:
        return ["k = end - start"]
    carried, (words, places) = block.carried(kernel), _before(kernel)
    numbers = block.needed(kernel, [kernel.guard, *carried], frozenset(places))
    return [
        *words,
        "k = 0",
        "for i in range(start, end):",
        *(f"    {_define(kernel, n, places, 'i')}" for n in numbers),
        *(f"    c{n}[k] = v{n}" for n in carried),
        f"    k += i8(v{kernel.guard})",
    ]


def _filled(
    kernel: kn.Kernel, numbers: list[int], places: dict[int, str], kind: str
) -> tuple[list[str], dict[int, str]]:
    """The loops that fill arrays `<kind><n>` with values of `k` rows; where all that is known is for row j."""
    lines: list[str] = []
    for number in numbers:
        if number in block.maps(kernel):
            lines.append(f"groups_at(x{number}, start, k, {kind}{number})")
        elif block.word(kernel, number):
            lines += _words(kernel, number, places, kind)
        else:
            lines += _evaluate(kernel, number, places, f"{kind}{number}[j]")
        places = places | {number: f"{kind}{number}[j]"}
    return lines, places


def _words(kernel: kn.Kernel, number: int, places: dict[int, str], kind: str) -> list[str]:
    """Fill the words of k rows by one call; both of a pair together, where the first of them is met."""
    key0, key1, index = block.statement(kernel, number).args
    indices = f"{places[index].removesuffix('[j]')}, 0" if index in places else f"x{index}, start"
    arguments = f"v{key0}, v{key1}, {indices}, k"
    if block.word(kernel, number) not in PAIRS:
        return [f"words_at({arguments}, {kind}{number})"]
    other = block.partner(kernel, number)
    if other in places:
        return []
    halves = [f"{kind}{number}", "spare" if other is None else f"{kind}{other}"]
    even, odd = halves if block.word(kernel, number) == "even_word" else halves[::-1]
    return [f"pairs_at({arguments}, {even}, {odd})"]


def _evaluate(kernel: kn.Kernel, value: int, places: dict[int, str], target: str) -> list[str]:
    """The loop that computes a value of k rows into its place.

    Where that holds a rare case, the loop leaves it out and vectorises; only if the case came up, it runs once more.
    """
    numbers = block.needed(kernel, [value], frozenset(places))
    rare = [n for n in numbers if _op(kernel, n) in RARE and n not in places]

    def loop(seen: dict[int, str]) -> list[str]:
        body = [_define(kernel, n, places | seen, "start + j") for n in numbers]
        return ["for j in range(k):", *(f"    {line}" for line in [*body, f"{target} = v{value}"])]

    if not rare:
        return loop({})
    seen = {n: block.statement(kernel, n).args for n in rare}
    cases = " | ".join(f"v{condition}" for condition, _, _ in seen.values())
    return [
        "rare = 0",
        *loop({n: f"v{otherwise}" for n, (_, _, otherwise) in seen.items()}),
        f"    rare |= i8({cases})",
        "if rare != 0:",
        *(f"    {line}" for line in loop({})),
    ]


def _store(kernel: kn.Kernel, number: int, sink: kn.Compact, places: dict[int, str]) -> list[str]:
    loops = [_evaluate(kernel, a, places, f"out{number}_{m}[k{number} + j]") for m, a in enumerate(sink.args)]
    return [*(line for loop in loops for line in loop), f"k{number} += k"]


def _op(kernel: kn.Kernel, number: int) -> str:
    return getattr(block.statement(kernel, number), "op", "")


def _define(kernel: kn.Kernel, number: int, places: dict[int, str], row: str) -> str:
    """The assignment of one value: loaded from where it is, or computed."""
    if number in places or number < len(kernel.inputs):
        place = places.get(number, f"x{number}[{row}]")
        return f"v{number} = {place}{' != 0' if kernel.storages()[number] == '?' else ''}"
    statement = block.statement(kernel, number)
    return f"v{number} = {row if isinstance(statement, kn.Row) else _statement(kernel, number)}"


def _statement(kernel: kn.Kernel, number: int) -> str:
    statement = block.statement(kernel, number)
    if isinstance(statement, kn.Const):
        return _constant(statement)
    assert isinstance(statement, kn.Let)
    template = _template(kernel, statement)
    written = template.format(*(f"v{a}" for a in statement.args), cast=statement.storage)
    # Numba widens small integers to 64 bits; NumPy does not: every result is brought back to its type.
    narrow = statement.storage not in ("?", "i8", "f8", "f4") and statement.op not in ("cast", "select")
    return f"{statement.storage}({written})" if narrow else written


def _template(kernel: kn.Kernel, let: kn.Let) -> str:
    operation = OPERATIONS[let.op]
    if let.storage == "i8" and let.op in WHOLE:
        return WHOLE[let.op]
    if not operation.careful:
        return operation.python
    second = block.whole_constant(kernel, let.args[1])
    if let.op in BY_CONSTANTS and let.storage == "i8" and second is not None and second > 0:
        return BY_CONSTANTS[let.op]
    return operation.python if is_plain(let.op, let.storage, second) else operation.careful


def _constant(constant: kn.Const) -> str:
    if constant.text in CURIOUS:
        curious = f"bits_f8({CURIOUS[constant.text]:#x})"
        return curious if constant.storage == "f8" else f"{constant.storage}({curious})"
    plain = constant.storage in ("i8", "f8", "?")
    return constant.text if plain else f"{constant.storage}({constant.text})"


def _columns(kernel: kn.Kernel, number: int) -> list[str]:
    """What brings sums of columns to their cells."""
    groups = kernel.sinks[number].group  # type: ignore[attr-defined]
    return [f"add_columns(cells{number}, low{number}, limbs{number}, x{groups}, sums{number})"]


def _fold(kernel: kn.Kernel, number: int, fold: kn.Node) -> list[str]:
    assert isinstance(fold, kn.Fold)
    if block.is_exact_sum(fold):
        return [_exact_sum(kernel, number, fold)]
    if fold.function == "count" and fold.valid < 0 and fold.group < 0:
        return [f"state{number}[0] += k"]
    if block.takes_runs(kernel, fold):
        run = _run(kernel, block.operand(fold))
        name = _RUNS[fold.function] + _SORTS.get((fold.function, fold.storage[0]), "")
        if fold.group < 0:
            return [f"{name}_run(state{number}, {run})"]
        return [f"{name}_mapped(state{number}, x{fold.group}, start, {run})"]
    group = f"s{fold.group}[j]" if fold.group >= 0 else "0"
    state, join = f"state{number}[{group}]", _JOINS.get((fold.function, fold.storage[0]), _JOINS[fold.function, ""])
    lines = [f"{state} += 1" if fold.function == "count" else f"{state} = {join}({state}, s{fold.value}[j])"]
    if fold.valid >= 0:
        lines = [f"if s{fold.valid}[j] != 0:", *(f"    {line}" for line in lines)]
    return ["for j in range(k):", *(f"    {line}" for line in lines)]


def _exact_sum(kernel: kn.Kernel, number: int, fold: kn.Fold) -> str:
    cells, spill = f"cells{number}, low{number}, limbs{number}", f"spill{number}"
    if block.is_mapped(kernel, fold):
        return f"deposit_mapped({cells}, x{fold.group}, start, {_run(kernel, fold.value)}, sums{number}, {spill})"
    mask = f"s{fold.valid}" if fold.valid >= 0 else "ones"
    if fold.group >= 0:
        return f"deposit_rows({cells}, s{fold.group}, s{fold.value}, {mask}, k, first, second, {spill})"
    if fold.valid >= 0:
        return f"spill_block_masked({cells}, s{fold.value}, {mask}, k, {spill})"
    return f"spill_block({cells}, {_run(kernel, fold.value)}, {spill})"


def _run(kernel: kn.Kernel, number: int) -> str:
    """Where a value of k rows lies: array, first element, end."""
    return f"x{number}, start, end" if block.is_direct(kernel, number) else f"s{number}, 0, k"


_RUNS = {"sum": "add", "count": "add", "min": "least", "max": "largest"}
_SORTS = {("sum", "u"): "_unsigned", ("min", "f"): "_floats", ("max", "f"): "_floats"}
_JOINS = {
    ("sum", ""): "add", ("sum", "u"): "add_unsigned", ("min", ""): "lesser", ("min", "f"): "lesser_float",
    ("max", ""): "greater", ("max", "f"): "greater_float", ("count", ""): "add",
}  # fmt: skip
