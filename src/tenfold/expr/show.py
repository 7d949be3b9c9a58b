"""A plan as stable text: one numbered line a table, scalars written inline as a user would."""

from tenfold.expr import nodes as ex
from tenfold.expr.types import SYMBOLS
from tenfold.node import Node, order


def show(root: ex.Table) -> str:
    """The listing of a plan, sources first."""
    tables = [n for n in order(root) if isinstance(n, ex.Table)]
    numbers = {table: f"r{k}" for k, table in enumerate(tables)}
    return "\n".join(f"{numbers[t]} = {_table(t, numbers)}" for t in tables)


def _table(table: ex.Table, numbers: dict[ex.Table, str]) -> str:
    match table:
        case ex.Scan(source=source):
            columns = ", ".join(f"{name}: {dtype}" for name, dtype in table.schema)
            return f"scan {source.label} [{columns}]"
        case ex.Filter(table=rows, predicate=predicate):
            return f"filter {numbers[rows]}: {show_scalar(predicate)}"
        case ex.Placed(table=rows, target=target, reason=reason):
            return f"place {numbers[rows]}: {target} ({reason})"
        case ex.Limit(table=rows, count=count):
            return f"limit {numbers[rows]}: {count}"
        case ex.Aggregate(table=rows, keys=keys, reductions=reductions):
            by = f" by {', '.join(map(show_scalar, keys))}" if keys else ""
            return f"aggregate {numbers[rows]}{by}: {', '.join(map(show_reduction, reductions))}"
        case ex.Project(table=rows, columns=columns, index=index):
            by = f" index {', '.join(map(show_scalar, index))}" if index else ""
            return f"project {numbers[rows]}: {', '.join(map(show_scalar, columns))}{by}"
    raise TypeError(table)


def show_reduction(reduction: ex.Reduction) -> str:
    """`mean(tip / fare)`."""
    return f"{reduction.function}({show_scalar(reduction.arg) if reduction.arg else ''})"


def show_scalar(scalar: Node) -> str:
    """A scalar as Python would write it, fully bracketed."""
    match scalar:
        case ex.Column(name=name):
            return str(name)
        case ex.Position():
            return "position"
        case ex.Carried():
            return scalar.dtype.name
        case ex.Literal(text=text):
            return repr(text) if scalar.dtype.kind == "O" else text
        case ex.Cast(arg=arg, type=dtype):
            return f"{dtype.name}({show_scalar(arg)})"
        case ex.Call(op=op, args=(left, right)) if op in SYMBOLS:
            return f"({show_scalar(left)} {SYMBOLS[op]} {show_scalar(right)})"
        case ex.Call(op=op, args=args):
            return f"{op}({', '.join(map(show_scalar, args))})"
    raise TypeError(scalar)
