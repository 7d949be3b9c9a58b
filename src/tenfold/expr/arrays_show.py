"""An array expression as stable text, one numbered line a node."""

from tenfold.expr import arrays as ar
from tenfold.node import Node, order


def show(root: ar.Array) -> str:
    """The listing of an expression, sources first."""
    names: dict[Node, str] = {}
    lines = []
    for node in order(root):
        assert isinstance(node, ar.Array)
        names[node] = f"a{len(names)}"
        lines.append(f"{names[node]} = {_node(node, names)} {node.dtype} {node.shape}")
    return "\n".join(lines)


def _node(node: ar.Array, names: dict[Node, str]) -> str:
    inside = " ".join(names[child] for child in node.children)
    match node:
        case ar.Stored(source=source):
            return str(source.label)
        case ar.Full():
            return f"full {node.value}"
        case ar.Range(first=first):
            return f"range {first}"
        case ar.View(extent=extent, axes=axes):
            return f"view {inside} [{', '.join(_axis(axis, extent) for axis in axes)}]"
        case ar.Elementwise(op=op):
            return f"{op} {inside}"
        case ar.Reduce(function=function, over=over):
            return f"{function} {inside} over {over}"
        case ar.Apply(function=function, options=options) | ar.Tally(function=function, options=options):
            return f"{function} {inside}" + (f" {options}" if options else "")
        case ar.MapBlocks(function=function, cuts=cuts):
            return f"map_blocks {function.label} {inside} in {tuple(map(len, cuts))}".replace("  ", " ")
        case ar.Outputs(function=function, options=options):
            return f"{function} {inside}" + (f" {options}" if options else "")
        case ar.Output(number=number):
            return f"output {number} of {inside}"
        case ar.Concatenate(axis=axis):
            return f"concatenate {inside} along {axis}"
        case ar.Assign(axes=axes, value=value):
            return f"assign {inside} at [{', '.join(_axis(axis, value.shape) for axis in axes)}]"
        case ar.Take(axes=axes):
            return f"take {inside} on {axes}"
        case ar.Contract(axes=axes):
            return f"contract {inside} over {axes[0]} and {axes[1]}"
    return f"{type(node).__name__.lower()} {inside}"


def _axis(axis: ar.Axis, extent: ar.Shape) -> str:
    place, offset, step = axis
    return str(offset) if place < 0 else f"{offset}:{offset + step * extent[place]}:{step}@{place}"
