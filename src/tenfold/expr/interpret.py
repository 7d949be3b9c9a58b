"""The meaning of language 1, by real pandas and NumPy, written to be clear: what all faster roads must answer.

A table means columns by name, pandas Series on one index: the position of each row in its base. So a scalar over
the base is evaluated over whatever rows are left. Sums of floats are exact and rounded once.
"""

import math
import operator
from collections.abc import Callable, Hashable
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from tenfold.dtypes import DType, numpy_dtype
from tenfold.expr import nodes as ex
from tenfold.expr.types import ARITHMETIC, COMPARISON, FIELDS

Columns = dict[Hashable, pd.Series]
NEW_NAMES = {"dayofweek": "day_of_week", "dayofyear": "day_of_year"}


def _field(name: str) -> Callable[[pd.Series], pd.Series]:
    return lambda x: getattr(x.dt, name)


OPERATIONS: dict[str, Callable[..., Any]] = {
    **{name: getattr(operator, name) for name in ARITHMETIC},
    **COMPARISON,
    **{field: _field(NEW_NAMES.get(field, field)) for field in FIELDS},
    "and": operator.and_, "or": operator.or_, "xor": operator.xor, "not": operator.invert, "neg": operator.neg,
    "abs": abs, "sqrt": np.sqrt, "isna": pd.isna, "notna": pd.notna,
}  # fmt: skip


def interpret(table: ex.Table) -> Columns:
    """The columns that a table's schema names."""
    return _rows(table)[1]


def _rows(table: ex.Table) -> tuple[pd.Index, Columns]:
    """The positions of a table's rows in its base, and its columns."""
    match table:
        case ex.Scan(source=source):
            columns = _read(source, table.schema)
            return pd.RangeIndex(_length_of(source)), columns
        case ex.Filter(table=rows, predicate=predicate):
            positions, columns = _rows(rows)
            kept = _evaluate(predicate, positions, columns).to_numpy()
            return positions[kept], {name: column[kept] for name, column in columns.items()}
        case ex.Placed(table=rows):
            return _rows(rows)
        case ex.Limit(table=rows, count=count):
            positions, columns = _rows(rows)
            return positions[:count], {name: column.iloc[:count] for name, column in columns.items()}
        case ex.Project(table=rows, columns=columns, index=index):
            positions, inside = _rows(rows)
            made = [_evaluate(scalar, positions, inside) for scalar in (*columns, *index)]
            return positions, dict(zip((name for name, _ in table.schema), made, strict=True))
        case ex.Aggregate(table=rows, keys=keys, reductions=reductions):
            answers = _aggregated(*_rows(rows), keys, reductions)
            return answers[0].index, dict(zip((name for name, _ in table.schema), answers, strict=True))
    raise TypeError(table)


def _read(source: Any, schema: ex.Schema) -> Columns:
    """The columns of a source, by its own reader."""
    reader = source.open(tuple(name for name, _ in schema))
    parts = {name: [_series([], dtype)] for name, dtype in schema}
    for piece in range(reader.pieces):
        for batch in reader.read(piece):  # copied at once: the reader may overwrite it with the next
            for name, dtype in schema:
                parts[name].append(_series(batch.columns[name][batch.start : batch.stop], dtype))
    return {name: pd.concat(series, ignore_index=True) for name, series in parts.items()}


def _length_of(source: Any) -> int:
    reader = source.open(())
    return sum(batch.stop - batch.start for piece in range(reader.pieces) for batch in reader.read(piece))


def _series(values: Any, dtype: DType) -> pd.Series:
    if dtype.kind == "O":
        return pd.Series(values if isinstance(values, list) else values.to_pylist(), dtype="str")
    stored = np.array(values, dtype=dtype.storage)
    return pd.Series(stored.view(numpy_dtype(dtype)))


# -- scalars ------------------------------------------------------------------------------------------------------


def _evaluate(scalar: ex.Scalar, positions: pd.Index, columns: Columns) -> Any:
    """A Series over the rows; of a literal, the Python value."""
    match scalar:
        case ex.Column(name=name):
            return columns[name]
        case ex.Position():
            return pd.Series(positions, positions)
        case ex.Literal():
            return _literal(scalar)
        case ex.Cast(arg=arg, type=dtype):
            return _evaluate(arg, positions, columns).astype(numpy_dtype(dtype))
        case ex.Call(op=op, args=args):
            with np.errstate(all="ignore"):
                return OPERATIONS[op](*(_evaluate(arg, positions, columns) for arg in args))
    raise TypeError(scalar)


def _literal(literal: ex.Literal) -> Any:
    if literal.dtype.kind == "M":
        return pd.Timestamp(literal.value, unit=literal.dtype.unit)
    return literal.value


# -- groups -------------------------------------------------------------------------------------------------------


def _aggregated(
    positions: pd.Index, columns: Columns, keys: tuple[ex.Scalar, ...], reductions: tuple[ex.Reduction, ...]
) -> list[pd.Series]:
    """The keys of the groups, then the answers, a row a group."""
    if not keys:
        groups, labels, ordered = [positions], [], False
    else:
        levels = [_evaluate(key, positions, columns).reset_index(drop=True) for key in keys]
        grouped = pd.concat(levels, axis=1, keys=range(len(keys))).groupby(list(range(len(keys))))
        numbers = grouped.ngroup().to_numpy()
        ordered = bool((np.diff(numbers) >= 0).all())
        groups = [np.flatnonzero(numbers == n) for n in range(grouped.ngroups)]
        first = [rows[0] for rows in groups]
        labels = [level.iloc[first].reset_index(drop=True) for level in levels]
    answers = []
    for reduction in reductions:
        values = positions.to_series() if reduction.arg is None else _evaluate(reduction.arg, positions, columns)
        parts = [values if not keys else values.iloc[rows] for rows in groups]
        answer = _answers([_reduce(reduction, part) for part in parts], reduction.dtype)
        if reduction.function == "mean" and values.dtype == "float32" and not (ordered and values.notna().all()):
            answer = answer.astype("float32")
        answers.append(_narrowed(answer, reduction) if keys else answer)
    return labels + answers


def _narrowed(answer: pd.Series, reduction: ex.Reduction) -> pd.Series:
    """Groups' sums of narrow integers go back to their type where all fit."""
    if reduction.function != "sum" or reduction.arg is None or reduction.arg.dtype.kind not in "iu":
        return answer
    narrow = answer.astype(numpy_dtype(reduction.arg.dtype))
    return narrow if (narrow == answer).all() else answer


def _answers(values: list[Any], dtype: DType) -> pd.Series:
    """The answers of the groups; integers become floats where one group has no value."""
    if dtype.kind in "iu" and any(value is None for value in values):
        return pd.Series([math.nan if value is None else value for value in values], dtype="float64")
    missing = pd.NaT if dtype.kind == "M" else math.nan
    return pd.Series([missing if value is None else value for value in values], dtype=numpy_dtype(dtype))


def _reduce(reduction: ex.Reduction, values: pd.Series) -> Any:
    """One answer; None where a group has no value and the function needs one."""
    if reduction.function == "size":
        return len(values)
    present = values.dropna()
    match reduction.function:
        case "count":
            return len(present)
        case "any" | "all":
            return bool(getattr((present != 0).to_numpy(), reduction.function)())
        case "min" | "max":
            return _extreme(reduction.function, present) if len(present) else None
        case "mean":
            return _exact_sum(present) / len(present) if len(present) else None
        case "sum":
            return _sum(present, reduction.dtype)
    raise TypeError(reduction)


def _extreme(function: str, values: pd.Series) -> Any:
    """The least or largest; of zeros, -0.0 is less, where pandas goes by their order."""
    found = getattr(values, function)()
    if values.dtype.kind != "f" or found != 0:
        return found
    signs = np.signbit(values[values == 0].to_numpy())
    return math.copysign(0.0, -1.0 if (signs.any() if function == "min" else signs.all()) else 1.0)


def _sum(values: pd.Series, dtype: DType) -> Any:
    if dtype.kind in "iu":
        return values.to_numpy().sum(dtype=dtype.storage)  # modulo 2**64
    return _exact_sum(values) if dtype.storage == "f8" else _exact_sum_f4(values)


def _exact_sum(values: pd.Series) -> float:
    """The float64 nearest to the sum."""
    floats = values.to_numpy("f8")
    if not np.isfinite(floats).all():
        with np.errstate(invalid="ignore"):
            return float(floats[~np.isfinite(floats)].sum())
    try:
        return math.fsum(floats) + 0.0
    except OverflowError:  # on the way; the sum itself may be finite
        return _rounded(sum(map(Fraction, floats.tolist())))


def _rounded(exact: Fraction | int) -> float:
    try:
        return float(exact)
    except OverflowError:
        return math.copysign(math.inf, exact)


def _exact_sum_f4(values: pd.Series) -> np.float32:
    """The float32 nearest to the sum: rounding to odd in between keeps the second rounding from seeing a tie."""
    once = _exact_sum(values)
    if not math.isfinite(once):
        return np.float32(once)
    rest = math.fsum([*values.to_numpy("f8"), -once])
    if rest and not np.float64(once).view("i8") & 1:
        once = math.nextafter(once, math.copysign(math.inf, rest))
    with np.errstate(over="ignore"):
        return np.float32(once)
