"""Small frames: the calls that programs make most, beside pandas (`python -m bench.calls [ROWS]`, 1,000 and 10,000).

The bar: a median of at most 1.3 x pandas + 0.1 ms, and no call above 2 x + 0.3 ms. Rounds alternate; a call's time is
the best of five.
"""

import statistics
import sys
import timeit

import numpy as np
import pandas

import tenfold.pandas

CALLS = {
    "getitem": lambda d, s, p: d["x"],
    "attr": lambda d, s, p: d.x,
    "list": lambda d, s, p: d[["x", "y"]],
    "mask": lambda d, s, p: d[d["x"] > 0],
    "setitem": lambda d, s, p: d.assign(z=d["x"] * 2),
    "head": lambda d, s, p: d.head(),
    "len": lambda d, s, p: len(d),
    "shape": lambda d, s, p: d.shape,
    "cmp": lambda d, s, p: d["x"] > 0.5,
    "arith": lambda d, s, p: d["x"] * 2 + d["y"],
    "columns": lambda d, s, p: d.columns.tolist(),
    "values": lambda d, s, p: d["x"].values,
    "drop": lambda d, s, p: d.drop(columns=["x"]),
    "sum": lambda d, s, p: d["x"].sum(),
    "fsum": lambda d, s, p: d[["x", "y"]].sum(),
    "mean": lambda d, s, p: d["x"].mean(),
    "gsum": lambda d, s, p: d.groupby("k")["x"].sum(),
    "gmean2": lambda d, s, p: d.groupby(["k", "g"])["x"].mean(),
    "gagg": lambda d, s, p: d.groupby("k").agg({"x": ["mean", "std"], "n": "sum"}),
    "iloc": lambda d, s, p: d.iloc[5],
    "iloc2": lambda d, s, p: d.iloc[:, 1:3],
    "loc": lambda d, s, p: d.loc[d["n"] > 500, "x"],
    "astype": lambda d, s, p: d["n"].astype("float32"),
    "vc": lambda d, s, p: d["g"].value_counts(),
    "isna": lambda d, s, p: d.isna().sum(),
    "sort": lambda d, s, p: d.sort_values("x", ascending=False),
    "concat": lambda d, s, p: p.concat([d, d], ignore_index=True),
    "concat1": lambda d, s, p: p.concat([d[["x"]], d[["y"]]], axis=1),
    "reset": lambda d, s, p: d.reset_index(drop=True),
    "apply": lambda d, s, p: d["x"].apply(lambda v: v + 1),
    "fillna": lambda d, s, p: d["x"].fillna(0),
    "describe": lambda d, s, p: d.describe(),
    "merge": lambda d, s, p: d.merge(s, on="k", how="left"),
    "unique": lambda d, s, p: d["g"].unique(),
    "map": lambda d, s, p: d["g"].map({"a": 1}),
    "rolling": lambda d, s, p: d["x"].rolling(5).mean(),
    "repr": lambda d, s, p: repr(d),
    "str": lambda d, s, p: d["g"].str.upper(),
    "dt": lambda d, s, p: d["t"].dt.hour,
    "nunique": lambda d, s, p: d["k"].nunique(),
    "rename": lambda d, s, p: d.rename(columns={"x": "q"}),
    "max": lambda d, s, p: d["x"].max(),
    "std": lambda d, s, p: d["x"].std(),
    "pivot": lambda d, s, p: d.pivot_table(index="k", columns="g", values="x"),
    "corr": lambda d, s, p: d[["x", "y"]].corr(),
    "set_index": lambda d, s, p: d.set_index("n"),
    "isin": lambda d, s, p: d["k"].isin([1, 2]),
    "query": lambda d, s, p: d.query("x > 0"),
    "where": lambda d, s, p: d["x"].where(d["x"] > 0),
    "make": lambda d, s, p: p.DataFrame({"a": [1, 2, 3], "b": list("xyz")}),
    "gsize": lambda d, s, p: d.groupby("g").size(),
    "gtransform": lambda d, s, p: d.groupby("k")["x"].transform("mean"),
    "gapply": lambda d, s, p: d.groupby("g")["x"].apply(lambda v: v.max() - v.min()),
    "rsum": lambda d, s, p: d[["x", "y"]].sum(axis=1),
    "dropdup": lambda d, s, p: d.drop_duplicates("k"),
    "shift": lambda d, s, p: d["x"].shift(),
    "to_dt": lambda d, s, p: p.to_datetime(d["t"]),
    "tolist": lambda d, s, p: d["x"].tolist(),
    "iter": lambda d, s, p: [r.x for r in d.head(50).itertuples()],
    "dummies": lambda d, s, p: p.get_dummies(d["g"]),
}


def frames(module, rows):
    """A frame and a small table that it has keys of."""
    random = np.random.default_rng(0)
    columns = {
        "k": random.integers(0, 20, rows),
        "g": random.choice(list("abcd"), rows),
        "x": random.normal(size=rows),
        "y": random.normal(size=rows),
        "n": random.integers(0, 1000, rows),
        "t": pandas.date_range("2020", periods=rows, freq="h"),
    }
    return module.DataFrame(columns), module.DataFrame({"k": np.arange(20), "w": np.arange(20) * 1.5})


def measured(rows):
    """(call, seconds of pandas, seconds of tenfold) of every call."""
    sides = [(*frames(module, rows), module) for module in (pandas, tenfold.pandas)]
    for name, call in CALLS.items():
        once = min(timeit.repeat(lambda: call(*sides[0]), number=1, repeat=3))  # noqa: B023
        number = max(1, int(0.01 / max(once, 1e-6)))
        times = [
            [timeit.timeit(lambda: call(*side), number=number) / number for side in sides]  # noqa: B023
            for _ in range(5)
        ]
        yield name, *(min(column) for column in zip(*times, strict=True))


def main():
    for rows in [int(text) for text in sys.argv[1:]] or [1_000, 10_000]:
        found = list(measured(rows))
        print(f"{rows:,} rows, {len(found)} calls: median {statistics.median(b / a for _, a, b in found):.2f} x pandas")
        slow = [(name, a, b) for name, a, b in found if b > 1.3 * a + 1e-4]
        for name, a, b in slow:
            mark = "  ABOVE 2 x + 0.3 ms" if b > 2 * a + 3e-4 else ""
            print(f"  {name:12} pandas {a * 1e3:8.3f} ms, tenfold {b * 1e3:8.3f} ms{mark}")


if __name__ == "__main__":
    main()
