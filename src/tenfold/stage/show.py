"""A stage and its program as stable text."""

from tenfold.expr.show import show_reduction, show_scalar
from tenfold.stage import nodes as st
from tenfold.stage.lower import lower


def show(number: int, stage: st.Stage) -> str:
    """What a stage reads, keeps and hands over, and the steps of one batch."""
    lines = [f"stage {number}", f"  pipeline {stage.scan.source.label} on {stage.target}"]
    if stage.predicate is not None:
        lines.append(f"    filter {show_scalar(stage.predicate)}")
    lines.append(f"  exchange {_exchange(stage.exchange)}")
    return "\n".join(lines + [f"  {line}" for line in _program(lower(stage))])


def _exchange(exchange: st.Gather | st.Combine) -> str:
    if isinstance(exchange, st.Gather):
        limit = f" first {exchange.limit}" if exchange.limit >= 0 else ""
        return f"gather{limit} {', '.join(map(show_scalar, exchange.columns))}"
    by = f" by {', '.join(map(show_scalar, exchange.keys))}" if exchange.keys else ""
    return f"combine{by}: {', '.join(map(show_reduction, exchange.reductions))}"


def _program(program: st.Program) -> list[str]:
    lines = [f"read {', '.join(map(str, program.columns)) or 'no column'}"]
    lines += [f"text {step.op} {', '.join(map(str, (*step.args, *step.literals)))}" for step in program.text]
    if program.loop:
        lines.append(f"loop {_loop(program.loop)}")
    if program.fold:
        lines += [f"number groups of {len(program.keys)} keys", f"loop {_loop(program.fold)}"]
    return lines


def _loop(loop: st.Loop) -> str:
    values = ", ".join(text for _, text in loop.params)
    return f"{loop.kernel.name.rsplit('_', 1)[0]} of {', '.join(map(str, loop.inputs))}" + (
        f" with {values}" if values else ""
    )
