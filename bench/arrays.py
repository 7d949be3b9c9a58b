"""The array programs, on anything that looks like NumPy, and the data that they run on."""

SIDE = 20_000
LENGTH = 50_000_000
TALL = (2_000_000, 64)
WIDTH = 64
BUDGET = 256 << 20
BLOCKS = (1_000_000, 131_072)


def corner(x):
    """A quarter of an array: the rest need not be made."""
    return (x + 1)[::2, ::2].sum()


def smooth(np, x):
    """Element functions, and a mean behind them."""
    return curve(np, x).mean()


def branches(np, x):
    """The same with choices between the values."""
    y = curve(np, x)
    return np.where((x > -1) & (x < 1) | (y > 2), np.clip(y, 0.25, 1.5), y).mean()


def curve(np, x):
    return np.sqrt(np.abs(np.sin(x) * 2 - 1) + x * x / 2) / (1 + np.exp(-x))


def gram(x):
    return x.T @ x


def many_operations(np, x):
    """Fifty elementwise operations, and a reduction behind them."""
    for number in range(25):
        x = np.abs(x - number / 10)
    return x.sum(axis=1)


def normal(*shape):
    """Real NumPy's numbers, the same in every process."""
    import numpy

    return numpy.random.Generator(numpy.random.Philox(key=1)).standard_normal(shape)


def array_answer(result):
    """Numbers to compare: of a large answer a few of its elements would do, these are small."""
    import numpy

    return [float(value) for value in numpy.ravel(numpy.asarray(result))]


def dask_queries(da):
    """The queries of a module with Dask's API, which chooses its chunks."""

    def draw(paths):
        return lambda: corner(da.random.default_rng(1).normal(size=(SIDE, SIDE))).compute()

    def in_memory(program):
        def prepare(paths):
            x = normal(LENGTH)
            return lambda: program(da, da.from_array(x)).compute()

        return prepare

    return {"array-slice": draw, "array-smooth": in_memory(smooth), "array-branches": in_memory(branches)}
