"""A kernel as stable text, one line a value: what goldens hold and `explain("kernel")` prints."""

from tenfold.kernel import nodes as kn


def show(kernel: kn.Kernel) -> str:
    """The listing of a kernel.

    >>> from tenfold.kernel.build import Builder
    >>> b = Builder()
    >>> print(show(b.kernel(None, [b.compact(b.input("f8") * b.param("f8"))])))
    kernel mul_compact
      %0 = input f8
      %1 = param f8
      %2 = mul f8 %0 %1
      compact %2
    """
    lines = [f"kernel {kernel.name.rsplit('_', 1)[0]}"]
    lines += [f"  %{n} = input {s}" for n, s in enumerate(kernel.inputs)]
    lines += [f"  %{n} = param {s}" for n, s in enumerate(kernel.params, start=len(kernel.inputs))]
    first = len(kernel.inputs) + len(kernel.params)
    lines += [f"  %{n} = {_statement(s)}" for n, s in enumerate(kernel.body, start=first)]
    if kernel.guard >= 0:
        lines.append(f"  guard %{kernel.guard}")
    return "\n".join(lines + [f"  {_sink(sink)}" for sink in kernel.sinks])


def _statement(statement: kn.Node) -> str:
    match statement:
        case kn.Const(text=text, storage=storage):
            return f"const {storage} {text}"
        case kn.Row():
            return "row"
        case kn.Let(op=op, storage=storage, args=args):
            return f"{op} {storage} {' '.join(f'%{a}' for a in args)}"
    raise TypeError(statement)


def _sink(sink: kn.Node) -> str:
    match sink:
        case kn.Compact(args=args):
            return "compact " + " ".join(f"%{a}" for a in args)
        case kn.Fold(function=function, value=value, storage=storage, valid=valid, group=group):
            parts = [f"{function} {storage} %{value}" if value >= 0 else function]
            parts += [f"where %{valid}"] * (valid >= 0) + [f"by %{group}"] * (group >= 0)
            return " ".join(parts)
    raise TypeError(sink)
