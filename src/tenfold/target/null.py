"""The target that runs nothing: it counts what would have been done, for tests and for the cost of planning."""

from dataclasses import dataclass


@dataclass
class Counts:
    """What the stages since the last `reset` would have done."""

    stages: int = 0
    kernels: int = 0
    pieces: int = 0
    columns: int = 0
    bytes: int = 0  # of arrays that are read or written


counts = Counts()


def reset() -> None:
    """Start counting again."""
    counts.stages = counts.kernels = counts.pieces = counts.columns = counts.bytes = 0


def record(kernels: int, pieces: int, columns: int, size: int = 0) -> None:
    """Count one stage of so many kernels, over so many pieces and columns."""
    counts.stages += 1
    counts.kernels += kernels
    counts.pieces += pieces
    counts.columns += columns
    counts.bytes += size
