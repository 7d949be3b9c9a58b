"""The target that runs nothing: it counts what would have been done, for tests and for the cost of planning."""

from dataclasses import dataclass

from tenfold.stage import nodes as st


@dataclass
class Counts:
    """What the stages since the last `reset` would have done."""

    stages: int = 0
    kernels: int = 0
    pieces: int = 0
    columns: int = 0


counts = Counts()


def reset() -> None:
    """Start counting again."""
    counts.stages = counts.kernels = counts.pieces = counts.columns = 0


def record(program: st.Program, pieces: int) -> None:
    """Count one stage over so many pieces."""
    counts.stages += 1
    counts.kernels += (program.loop is not None) + (program.fold is not None)
    counts.pieces += pieces
    counts.columns += len(program.columns)
