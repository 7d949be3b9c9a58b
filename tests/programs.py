"""The fixed corpus: a frame with everything in it, and programs whose kernels are printed, compiled and compared."""

import numpy as np
import pandas as pd

ROWS = 1_300


def frame(rows=ROWS, seed=0):
    """Values of every type, some missing; integers small enough for a dense group-by among them."""
    rng = np.random.default_rng(seed)
    dates = rng.integers(1_500_000_000_000_000, 1_600_000_000_000_000, rows)
    floats = rng.normal(size=rows) * 10.0 ** rng.integers(-3, 4, rows)
    words = np.array(["a", "b", "credit card", "", None], dtype=object)
    return pd.DataFrame(
        {
            "x": np.where(rng.random(rows) < 0.1, np.nan, floats),
            "y": rng.normal(size=rows),
            "f": rng.normal(size=rows).astype("f4"),
            "n": rng.integers(-1_000, 1_000, rows),
            "k": rng.integers(-3, 4, rows).astype("i1"),
            "big": rng.integers(0, 50, rows) * 10**15,
            "u": rng.integers(0, 200, rows).astype("u1"),
            "b": rng.random(rows) < 0.5,
            "t": dates.view("M8[us]"),
            "late": np.where(rng.random(rows) < 0.1, np.iinfo("i8").min, dates // 1_000_000).view("M8[s]"),
            "w": pd.array(words[rng.integers(0, 5, rows)], dtype="str"),
        }
    )


def taxi(df):
    df2 = df[(df.x > 0) & (df.y > 0)]
    df2["fraction"] = df2.x / df2.y
    return df2.groupby(df2.t.dt.hour).fraction.mean()


def filtered(df):
    return df[(df.n % 7 == 3) | df.x.isna()]


def arithmetic(df):
    return df.assign(a=df.x * 2 - df.y / 3, b=-df.n // 5 + df.k, c=(df.f.abs() * 0.5) % 1, d=~df.b & (df.u >= 100))


def reduced(df):
    return df[df.b][["x", "y", "f", "n", "k", "u"]].groupby(df[df.b].b).agg(["sum", "mean", "min", "max", "count"])


def by_dense_keys(df):
    return df.groupby(["b", df.t.dt.day_of_week]).agg({"x": ["sum", "mean"], "n": "sum", "y": "max"})


def by_hashed_keys(df):
    return (
        df[df.y > -1]
        .groupby(["big", "w"])
        .agg(total=("x", "sum"), rows=("x", "size"), low=("n", "min"), any=("b", "any"))
    )


def by_late_field(df):
    return df.groupby(df.late.dt.month).agg(total=("x", "sum"), first=("late", "min"))


def calendar(df):
    fields = ["year", "month", "day", "hour", "minute", "second", "microsecond", "quarter"]
    return df.assign(**{field: getattr(df.t.dt, field) for field in fields})[fields]


def beginning(df):
    return df[df.n > 0].head(100)


PROGRAMS = {
    function.__name__: function
    for function in (
        taxi, filtered, arithmetic, reduced, by_dense_keys, by_hashed_keys, by_late_field, calendar, beginning,
    )
}  # fmt: skip
