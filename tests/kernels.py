"""The kernels of a plan, for tests that print, compile or run them."""

from tenfold.plan import optimise
from tenfold.stage.lower import lower
from tenfold.stage.split import split


def kernels(lazy):
    """All kernels behind a lazy frame or series, in the order in which they run."""
    programs = [lower(stage) for stage in split(optimise(lazy._plan()))]
    return [loop.kernel for program in programs for loop in (program.loop, program.fold) if loop]
