"""What is measured, and what tenfold has to reach: two tables.

A result is `{workload: {engine: {"seconds": median, "process_seconds": median, "memory": bytes, ...}}}`.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from bench import arrays

FILE_ENGINES = ("tenfold", "pyarrow", "duckdb", "polars", "dask", "pandas")
ARRAY_ENGINES = ("tenfold", "jax", "numexpr", "dask-array", "dask-array-expr", "numpy")


@dataclass(frozen=True)
class Workload:
    """One row of the table: a query, the data that it reads, and the engines that run it."""

    name: str
    meaning: str
    engines: tuple[str, ...] = FILE_ENGINES
    query: str = ""  # in the engines' QUERIES; its own name unless given
    data: str = "csv"
    answer: str = "taxi"  # which totals are compared
    repeats: int = 1  # within one process; the median counts
    first_run: bool = False  # tenfold from a wheel in a fresh environment, with an empty cache
    headline: str = "seconds"  # which of the measured times is compared
    tolerance: float = 1e-9  # of answers, relative

    def __post_init__(self):
        object.__setattr__(self, "query", self.query or self.name)


ARRAY = {"data": "", "answer": "array"}
tall = " x ".join(f"{n:,}" for n in arrays.TALL)

WORKLOADS = (
    Workload("taxi-csv", "taxi query from CSV, compiled kernels at hand"),
    Workload(
        "taxi-csv-first-run",
        "taxi query from CSV, first run after the installation: the whole process, from its start to its end",
        query="taxi-csv",
        first_run=True,
        headline="process_seconds",
    ),
    Workload("taxi-csv-twice", "taxi query, every CSV file read twice", ("tenfold",), query="taxi-csv", data="twice"),
    Workload("csv-persist", "all columns of the CSV files into memory, dates parsed", answer="columns"),
    Workload("taxi-parquet", "taxi query from Parquet", data="parquet"),
    Workload(
        "taxi-memory",
        "taxi query from columns in memory",
        engines=("tenfold", "pyarrow", "duckdb", "duckdb-arrow", "polars", "polars-streaming", "pandas"),
        data="parquet",
        repeats=7,
    ),
    Workload(
        "small-frame",
        "1,000 rows in memory, from the filter to the answer",
        ("tenfold", "pandas"),
        data="",
        repeats=301,
    ),
    Workload("planning", "planning the taxi query over 10,000 files", ("tenfold",), data="many", answer=""),
    Workload(
        "array-slice",
        f"`(x + 1)[::2, ::2].sum()` of normal numbers, {arrays.SIDE:,} x {arrays.SIDE:,} (each engine draws its own)",
        engines=("tenfold", "jax", "dask-array", "dask-array-expr", "numpy"),
        tolerance=1e-3,  # ten standard deviations of the sum
        **ARRAY,
    ),
    Workload(
        "array-smooth",
        f"`(sqrt(abs(sin(x)*2 - 1) + x*x/2) / (1 + exp(-x))).mean()`, {arrays.LENGTH:,} numbers in memory",
        engines=ARRAY_ENGINES,
        repeats=5,
        **ARRAY,
    ),
    Workload(
        "array-branches",
        "the same with `where`, `clip` and comparisons added",
        engines=ARRAY_ENGINES,
        repeats=5,
        **ARRAY,
    ),
    Workload("array-gram", f"`x.T @ x`, {tall} numbers in memory", ("tenfold", "numpy"), repeats=5, **ARRAY),
    Workload("array-svd", f"singular values of the same {tall} numbers", ("tenfold", "numpy"), repeats=3, **ARRAY),
    Workload(
        "array-budget",
        f"columns drawn, standardised, `z.T @ z`, `z` saved: {4 * arrays.BUDGET >> 20} MiB, "
        f"with {arrays.BUDGET >> 20} MiB of memory for arrays",
        ("tenfold",),
        **ARRAY,
    ),
    Workload(
        "array-planning",
        f"planning 50 operations and a sum over {math.prod(arrays.BLOCKS) >> 17:,} blocks",
        ("tenfold",),
        data="",
        answer="",
    ),
    Workload("import", "what `import tenfold.pandas` adds to `import pandas`", ("tenfold",), data="", answer=""),
)


@dataclass(frozen=True)
class Bar:
    """A figure made of results, and its limit: `>=` or `<=`."""

    workload: str
    meaning: str
    figure: Callable[[dict], float]
    compare: str
    limit: float
    unit: str = "x"

    def holds(self, figure):
        return figure >= self.limit if self.compare == ">=" else figure <= self.limit


def seconds(results, workload, engine):
    return results[workload][engine][headline(workload)]


def headline(workload):
    return next(row.headline for row in WORKLOADS if row.name == workload)


def ratio(workload, *engines):
    """How many times the time of tenfold the fastest of these engines takes (of all peers, if none is named)."""

    def figure(results):
        peers = [engine for engine in engines or results[workload] if not engine.startswith("tenfold")]
        answered = [peer for peer in peers if "error" not in results[workload].get(peer, {"error": "not run"})]
        return min(seconds(results, workload, peer) for peer in answered) / seconds(results, workload, "tenfold")

    return figure


def scaling(workload):
    """How many times faster 16 threads are than 2: needs `--engines tenfold@2,tenfold@16`, and as many cores."""

    def figure(results):
        return seconds(results, workload, "tenfold@2") / seconds(results, workload, "tenfold@16")

    return figure


def memory_growth(results):
    return results["taxi-csv-twice"]["tenfold"]["memory"] / results["taxi-csv"]["tenfold"]["memory"]


def over_pandas(results):
    """Seconds beyond twice pandas' own."""
    return seconds(results, "small-frame", "tenfold") - 2 * seconds(results, "small-frame", "pandas")


BARS = (
    Bar("taxi-csv", "fastest peer / tenfold", ratio("taxi-csv"), ">=", 2.5),
    Bar("taxi-csv", "DuckDB / tenfold", ratio("taxi-csv", "duckdb"), ">=", 4),
    Bar("taxi-csv", "Dask / tenfold", ratio("taxi-csv", "dask"), ">=", 6),
    Bar("taxi-csv", "pandas / tenfold", ratio("taxi-csv", "pandas"), ">=", 20),
    Bar("taxi-csv", "memory", lambda results: results["taxi-csv"]["tenfold"]["memory"] / 1e6, "<=", 500, " MB"),
    Bar("taxi-csv-twice", "memory, twice the files / once", memory_growth, "<=", 1.1),
    Bar("taxi-csv-first-run", "fastest peer / tenfold", ratio("taxi-csv-first-run"), ">=", 1),
    Bar("csv-persist", "fastest peer / tenfold", ratio("csv-persist"), ">=", 1.5),
    Bar("taxi-parquet", "fastest peer / tenfold", ratio("taxi-parquet"), ">=", 1 / 1.1),
    Bar("taxi-memory", "DuckDB / tenfold", ratio("taxi-memory", "duckdb", "duckdb-arrow"), ">=", 1.5),
    Bar("taxi-memory", "Polars / tenfold", ratio("taxi-memory", "polars", "polars-streaming"), ">=", 2.5),
    Bar("taxi-csv", "2 threads / 16 threads", scaling("taxi-csv"), ">=", 5),
    Bar("taxi-memory", "2 threads / 16 threads", scaling("taxi-memory"), ">=", 5),
    Bar("array-slice", "fastest peer / tenfold", ratio("array-slice"), ">=", 3),
    Bar("array-smooth", "fastest peer / tenfold", ratio("array-smooth"), ">=", 1),
    Bar("array-branches", "JAX / tenfold", ratio("array-branches", "jax"), ">=", 1),
    Bar("array-gram", "NumPy / tenfold", ratio("array-gram"), ">=", 1 / 1.1),
    Bar("array-svd", "NumPy / tenfold", ratio("array-svd"), ">=", 1 / 1.1),
    Bar("array-budget", "memory", lambda results: results["array-budget"]["tenfold"]["memory"] / 1e6, "<=", 400, " MB"),
    Bar("array-planning", "seconds", lambda results: seconds(results, "array-planning", "tenfold"), "<=", 1, " s"),
    Bar("import", "seconds", lambda results: seconds(results, "import", "tenfold"), "<=", 0.3, " s"),
    Bar("planning", "seconds", lambda results: seconds(results, "planning", "tenfold"), "<=", 1, " s"),
    Bar("small-frame", "seconds beyond 2 x pandas", over_pandas, "<=", 0.001, " s"),
)
