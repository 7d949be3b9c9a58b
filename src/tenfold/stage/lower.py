"""Turn a stage into a program: expressions become kernel statements, casts become explicit, text stays outside.

Literals become parameters and columns numbered inputs, so that stages that differ in names and thresholds only
share one kernel.
"""

from collections.abc import Hashable, Sequence

import numpy as np

from tenfold.dtypes import BOOL, FLOAT64, INT64, DType
from tenfold.errors import NotYetError
from tenfold.expr import nodes as ex
from tenfold.expr.types import ARITHMETIC, COMPARISON, FIELDS, MIRRORED, common_type
from tenfold.kernel import calendar
from tenfold.kernel.build import Builder, Value
from tenfold.kernel.nodes import Fold
from tenfold.stage import nodes as st

NAT = -(1 << 63)
DENSE_LIMIT = 1 << 16
KERNEL_NAMES = {"truediv": "div"}


def lower(stage: st.Stage) -> st.Program:
    """The steps of a stage over one batch."""
    if isinstance(stage.exchange, st.Gather):
        return _Lowering().gather(stage, stage.exchange)
    return _Lowering().combine(stage, stage.exchange)


class _Lowering:
    """One kernel in the making: columns and literals met so far, and what they are numbered."""

    def __init__(self) -> None:
        self.build = Builder()
        self.columns: dict[Hashable, None] = {}
        self.inputs: dict[Hashable, Value] = {}
        self.params: list[tuple[str, str]] = []
        self.text: dict[st.TextStep, None] = {}
        self.done: dict[ex.Scalar, Value] = {}

    # -- the two exchanges ------------------------------------------------------------------------------------------

    def gather(self, stage: st.Stage, gather: st.Gather) -> st.Program:
        """Rows in their order: computed columns are compacted, others copied, text taken by row numbers."""
        guard = self.value(stage.predicate) if stage.predicate else None
        computed: list[Value] = []
        outputs = [self._output(column, guard, computed) for column in gather.columns]
        loop = None
        if guard is not None:
            computed.append(self.build.row())
        if computed:
            loop = self.loop(guard, [self.build.compact(*computed)])
        return self.program(loop=loop, outputs=tuple(outputs), limit=gather.limit)

    def _output(self, column: ex.Scalar, guard: Value | None, computed: list[Value]) -> st.Output:
        plain = isinstance(column, ex.Column)
        if plain and (guard is None or column.dtype.kind == "O"):
            self.columns[column.name] = None  # type: ignore[attr-defined]
            how = "column" if guard is None else "rows"
            return st.Output(how, -1, column.name, column.dtype)  # type: ignore[attr-defined]
        if isinstance(column, ex.Position):
            return st.Output("position", -1, None, INT64)
        if column.dtype.kind == "O":
            raise NotYetError("text made by an expression")
        computed.append(self.late(column) if column.dtype.null == "late" else self.value(column))
        return st.Output("kernel", len(computed) - 1, None, column.dtype)

    def combine(self, stage: st.Stage, combine: st.Combine) -> st.Program:
        """One row a group: dense keys index the accumulators, others are numbered by a hash table first."""
        guard = self.value(stage.predicate) if stage.predicate else None
        keys = tuple(map(self._key, combine.keys))
        total = 1
        for key in keys:
            total *= key.size
        if 0 < total <= DENSE_LIMIT:
            group, valid = self._dense(combine.keys, keys) if keys else (None, None)
            sinks, finals = self._folds(combine.reductions, group, valid)
            missed = -1
            if valid is not None and any(key.dtype.null == "late" for key in keys):
                missed = len(sinks)
                sinks.append(self.build.fold("count", None, self.build.let("not", valid), None))
            return self.program(loop=self.loop(guard, sinks), keys=keys, finals=finals, missed=missed)
        return self._hashed(guard, combine, tuple(st.Key(0, 0, k.dtype, k.text) for k in keys))

    def _key(self, key: ex.Scalar) -> st.Key:
        """How a key is numbered: by its small range, or by hashing."""
        if key.dtype.kind == "O":
            if not isinstance(key, ex.Column):
                raise NotYetError("grouping by text made by an expression")
            return st.Key(0, 0, key.dtype, key.name)
        low, high = _range_of(key)
        return st.Key(low, high - low + 1, key.dtype, None)

    def _dense(self, scalars: tuple[ex.Scalar, ...], keys: tuple[st.Key, ...]) -> tuple[Value, Value | None]:
        group, valid = None, None
        for scalar, key in zip(scalars, keys, strict=True):
            part = self.value(scalar).cast("i8")
            part = part if key.low == 0 else part - key.low
            group = part if group is None else group * key.size + part
            valid = self._both(valid, self.valid(scalar))
        assert group is not None
        return group, valid

    def _hashed(self, guard: Value | None, combine: st.Combine, keys: tuple[st.Key, ...]) -> st.Program:
        """Compact keys and values; the group numbers come as one more column of the second loop."""
        second = _Lowering()
        parts: list[Value] = []
        for scalar, key in zip(combine.keys, keys, strict=True):
            parts.append(self._hash_key(scalar, key))
            if key.dtype.null != "late":  # those keep NaN as a group, which the answer drops
                guard = self._both(guard, self.valid(scalar, parts[-1]))
        places: dict[ex.Scalar, int] = {}
        for reduction in combine.reductions:
            if reduction.arg is not None and reduction.arg not in places:
                places[reduction.arg] = len(parts)
                parts.append(self._hash_value(reduction.arg))
        group = second.build.input("i8")
        second.inputs["group"] = group
        for scalar, place in places.items():
            value = second.build.input(parts[place].storage)
            second.inputs[place] = second.done[scalar] = value
        sinks, finals = second._folds(combine.reductions, group, None)
        loop = self.loop(guard, [self.build.compact(*parts)])
        return self.program(loop=loop, fold=second.loop(None, sinks), keys=keys, finals=finals)

    def _hash_key(self, scalar: ex.Scalar, key: st.Key) -> Value:
        if key.text is None:
            return self.late(scalar) if key.dtype.null == "late" else self.value(scalar)
        return self._text_step("codes", (key.text,), (), "i8")

    def _hash_value(self, scalar: ex.Scalar) -> Value:
        """A value for the second loop; of text only its presence is asked for (as a number: 1.0 or NaN)."""
        if scalar.dtype.null == "late":
            return self.late(scalar)
        if scalar.dtype.kind != "O":
            return self.value(scalar)
        valid = self.valid(scalar)
        assert valid is not None
        return self.build.where(valid, self.build.const(1.0, "f8"), float("nan"))

    def _folds(
        self, reductions: tuple[ex.Reduction, ...], group: Value | None, valid: Value | None
    ) -> tuple[list[Fold], tuple[st.Final, ...]]:
        """The folds that the reductions need, each once, and how to answer from them; fold 0 counts rows."""
        sinks = [self.build.fold("count", None, valid, group)]
        finals = []
        for reduction in reductions:
            used = []
            for fold in self._folds_of(reduction, group, valid):
                if fold not in sinks:
                    sinks.append(fold)
                used.append(sinks.index(fold))
            finals.append(st.Final(reduction.function, _answer_type(reduction, group), tuple(used)))
        return sinks, tuple(finals)

    def _folds_of(self, reduction: ex.Reduction, group: Value | None, valid: Value | None) -> list[Fold]:
        function, arg = reduction.function, reduction.arg
        fold = self.build.fold
        if arg is None:
            return [fold("count", None, valid, group)]
        if arg.dtype.kind == "O" and arg not in self.done:
            return [fold("count", None, self._both(valid, self.valid(arg)), group)]
        value = self.value(arg)
        valid = self._both(valid, self._present(arg, value))
        if function == "count":
            return [fold("count", None, valid, group)]
        if function in ("any", "all"):
            true = value if value.storage == "?" else value != 0
            wanted = true if function == "any" else self.build.let("not", true)
            return [fold("count", None, self._both(valid, wanted), group)]
        if function in ("min", "max"):
            return [fold(function, value, valid, group), fold("count", None, valid, group)]
        if function == "mean" or value.storage[0] == "f":
            return [fold("sum", value.cast("f8"), valid, group)]
        return [fold("sum", value.cast("u8" if value.storage[0] == "u" else "i8"), valid, group)]

    # -- scalars ----------------------------------------------------------------------------------------------------

    def value(self, scalar: ex.Scalar) -> Value:
        """The kernel value of a scalar, in the storage of its type."""
        if scalar not in self.done:
            self.done[scalar] = self._value(scalar)
        return self.done[scalar]

    def _value(self, scalar: ex.Scalar) -> Value:
        match scalar:
            case ex.Column(name=name):
                return self.input(name, scalar.dtype.storage)
            case ex.Literal():
                return self.literal(scalar, scalar.dtype)
            case ex.Cast(arg=arg, type=dtype):
                return self._cast(arg, dtype)
            case ex.Call(op=op, args=args):
                return self._call(op, args, scalar.dtype)
        raise NotYetError("arithmetic on the positions of a RangeIndex")

    def _call(self, op: str, args: tuple[ex.Scalar, ...], dtype: DType) -> Value:
        if op in ("isna", "notna"):
            return self._null_test(op, args[0])
        if any(a.dtype.kind == "O" for a in args):
            return self._text_comparison(op, args)
        if op in COMPARISON:
            return self._comparison(op, args)
        if op in FIELDS:
            field = calendar.field(op, self.value(args[0]), args[0].dtype.unit)
            return field.cast("i4")
        values = [self.operand(a, dtype) for a in args]
        if dtype.kind == "b" and op in ARITHMETIC:
            op = {"add": "or", "mul": "and"}[op]
        if op == "not" and dtype.kind != "b":
            return self.build.let("invert", *values)
        if op == "abs" and dtype.kind in "bu":
            return values[0]
        return self.build.let(KERNEL_NAMES.get(op, op), *values)

    def operand(self, scalar: ex.Scalar, dtype: DType) -> Value:
        """A scalar in the type that the operation works in."""
        if isinstance(scalar, ex.Literal):
            return self.literal(scalar, dtype)
        if dtype.kind == "M" and scalar.dtype != dtype:
            return self._cast(scalar, dtype)
        return self.value(scalar).cast(dtype.storage)

    def literal(self, literal: ex.Literal, dtype: DType) -> Value:
        """A literal as a parameter of a type; each has its own, or another threshold would be another kernel."""
        text = literal.text
        if dtype.kind == "M" and literal.dtype.unit != dtype.unit:
            text = str(int(text) * calendar.PER_SECOND[dtype.unit] // calendar.PER_SECOND[literal.dtype.unit])
        self.params.append((dtype.storage, text))
        return self.build.param(dtype.storage)

    def _comparison(self, op: str, args: tuple[ex.Scalar, ...]) -> Value:
        if sorted(a.dtype.kind for a in args) == ["i", "u"] and not any(isinstance(a, ex.Literal) for a in args):
            return self._across_signs(op, args)
        common = _comparison_type(args)
        if any(isinstance(a, ex.Literal) and a.dtype.kind == "M" and a.value == NAT for a in args):
            return self._always(op == "ne")
        if _is_beyond(args[1], common):
            return self._beyond(op, args[1].value > 0)  # type: ignore[attr-defined]
        if _is_beyond(args[0], common):
            return self._beyond(MIRRORED[op], args[0].value > 0)  # type: ignore[attr-defined]
        values = [self.operand(a, common) for a in args]
        result = self.build.let(op, *values)
        for arg in args:
            if arg.dtype.null in ("nat", "late") and not isinstance(arg, ex.Literal):
                valid = self.valid(arg)
                assert valid is not None
                result = result | self.build.let("not", valid) if op == "ne" else result & valid
        return result

    def _across_signs(self, op: str, args: tuple[ex.Scalar, ...]) -> Value:
        """A comparison of integers with and without a sign: no type holds both, and a negative one is the smaller."""
        if args[0].dtype.kind == "u":
            op, args = MIRRORED[op], args[::-1]
        signed, other = (self.value(a) for a in args)
        negative, result = signed < 0, self.build.let(op, signed.cast("u8"), other.cast("u8"))
        return negative | result if op in ("ne", "lt", "le") else ~negative & result

    def _beyond(self, op: str, above: bool) -> Value:
        """A comparison of integers with one that is above (or below) all that their type holds."""
        return self._always(op == "ne" or op in (("lt", "le") if above else ("gt", "ge")))

    def _always(self, holds: bool) -> Value:
        row = self.build.row()
        return row >= 0 if holds else row < 0

    def _null_test(self, op: str, arg: ex.Scalar) -> Value:
        valid = self.valid(arg)
        if valid is None:
            return self._always(op == "notna")
        return valid if op == "notna" else self.build.let("not", valid)

    def valid(self, scalar: ex.Scalar, value: Value | None = None) -> Value | None:
        """Whether the scalar is not missing; None where it cannot be."""
        if scalar.dtype.kind == "O":
            if value is not None:
                return value >= 0  # codes: -1 is missing
            return self._text_step("notna", (scalar.name,), (), "?")  # type: ignore[attr-defined]
        if scalar.dtype.null == "late":
            return self.valid(scalar.args[0])  # type: ignore[attr-defined]
        return self._present(scalar, self.value(scalar))

    def _present(self, scalar: ex.Scalar, value: Value) -> Value | None:
        if value.storage[0] == "f":  # of a float, or a second loop's stand-in for text and datetime fields
            return value == value
        if scalar.dtype.null == "late":
            return self.valid(scalar.args[0])  # type: ignore[attr-defined]
        if scalar.dtype.null == "nat":
            return value != NAT
        return None

    def late(self, scalar: ex.Scalar) -> Value:
        """A datetime field as float64 with NaN for missing; the host narrows it where none was missing."""
        valid = self.valid(scalar)
        assert valid is not None
        return self.build.where(valid, self.value(scalar).cast("f8"), float("nan"))

    def _cast(self, arg: ex.Scalar, dtype: DType) -> Value:
        value = self.value(arg)
        if dtype.kind == "M" and arg.dtype.kind == "M":
            scale = calendar.PER_SECOND[dtype.unit] // calendar.PER_SECOND[arg.dtype.unit]
            scaled = value * scale if scale != 1 else value
            valid = self.valid(arg)
            return scaled if valid is None else self.build.where(valid, scaled, NAT)
        if dtype == BOOL and value.storage != "?":
            return value != 0
        return value.cast(dtype.storage)

    def _text_comparison(self, op: str, args: tuple[ex.Scalar, ...]) -> Value:
        names = tuple(a.name for a in args if isinstance(a, ex.Column))
        literals = tuple(a.text for a in args if isinstance(a, ex.Literal))
        if len(names) + len(literals) != len(args) or not names or isinstance(args[0], ex.Literal):
            raise NotYetError(f"{op} of text made by an expression")
        return self._text_step(op, names, literals, "?")

    def _text_step(self, op: str, names: tuple[Hashable, ...], literals: tuple[str, ...], storage: str) -> Value:
        step = st.TextStep(op, names, literals, f"text {op} {names} {literals}")
        self.columns.update(dict.fromkeys(names))
        self.text[step] = None
        return self.input(step.out, storage)

    # -- putting it together ----------------------------------------------------------------------------------------

    def input(self, name: Hashable, storage: str) -> Value:
        """A column of the batch as an input, numbered once."""
        if name not in self.inputs:
            self.inputs[name] = self.build.input(storage)
            if not any(step.out == name for step in self.text):
                self.columns[name] = None
        return self.inputs[name]

    def _both(self, a: Value | None, b: Value | None) -> Value | None:
        if a is None or b is None or a is b:
            return b if a is None else a
        return a & b

    def loop(self, guard: Value | None, sinks: Sequence[ex.Node]) -> st.Loop:
        """The finished kernel with the names of its inputs and the literals of its parameters."""
        return st.Loop(self.build.kernel(guard, sinks), tuple(self.inputs), tuple(self.params))

    def program(
        self,
        *,
        loop: st.Loop | None,
        fold: st.Loop | None = None,
        outputs: tuple[st.Output, ...] = (),
        keys: tuple[st.Key, ...] = (),
        finals: tuple[st.Final, ...] = (),
        missed: int = -1,
        limit: int = -1,
    ) -> st.Program:
        """The program of what was lowered here."""
        return st.Program(tuple(self.columns), tuple(self.text), loop, fold, outputs, keys, finals, missed, limit)


def _range_of(key: ex.Scalar) -> tuple[int, int]:
    """The smallest and largest value that a key can have; an empty range where that is not known."""
    if isinstance(key, ex.Call) and key.op in calendar.RANGES:
        return calendar.RANGES[key.op]
    small = {"?": (0, 1), "i1": (-128, 127), "u1": (0, 255)}
    return small.get(key.dtype.storage, (0, -1))


def _answer_type(reduction: ex.Reduction, group: Value | None) -> DType:
    """The type of the answers; groups' sums of narrow integers go back to their type where all fit, as in pandas."""
    arg = reduction.arg
    narrow = arg is not None and group is not None and reduction.function == "sum" and arg.dtype.kind in "iu"
    return arg.dtype if arg is not None and narrow else reduction.dtype


def _is_beyond(scalar: ex.Scalar, dtype: DType) -> bool:
    """Whether a literal is an integer that a type of integers does not hold."""
    if not isinstance(scalar, ex.Literal) or dtype.kind not in "iu" or scalar.dtype.kind != "i":
        return False
    limits = np.iinfo(dtype.storage)
    return not limits.min <= scalar.value <= limits.max


def _comparison_type(args: tuple[ex.Scalar, ...]) -> DType:
    """What both sides of a comparison are converted to; a literal number is weak."""
    literals = [a for a in args if isinstance(a, ex.Literal)]
    others = [a.dtype for a in args if not isinstance(a, ex.Literal)]
    if args[0].dtype.kind == "M" or not literals or not others:
        return common_type(*(a.dtype for a in args))
    if literals[0].dtype.kind == "f" and others[0].kind in "iub":
        return FLOAT64
    if literals[0].dtype.kind in "iu" and others[0].kind == "b":
        return INT64
    return others[0]
