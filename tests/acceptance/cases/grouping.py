"""Frames: grouping."""

from datetime import datetime

from tests.acceptance.cases.making import NAN, new_parquet


# 088 dask/dask#9313 [groupby] cumsum of the very column that is grouped by
def case_088(pd, np):
    df = pd.DataFrame({"k": [4, 0, 3, 3, 3, 1, 3, 2, 4, 0]})
    return df.groupby("k").k.cumsum()


# 089 dask/dask#11806 [groupby] transform("cumsum") after a sort did not follow the new order
def case_089(pd, np):
    df = pd.DataFrame({"b": [1, 2, 3, 5, 3], "c": [5, 4, 3, 2, 1], "g": [1, 1, 1, 1, 1]}).sort_values("c")
    return df.assign(s=df.groupby("g")["b"].transform("cumsum"))


# 091 NVIDIA/cudf#2500 [groupby] -0.0 and 0.0 are one key, a missing one is none
def case_091(pd, np):
    return pd.DataFrame({"k": [0.0, -0.0, NAN, 1.0, -NAN, -0.0], "v": [1, 2, 4, 8, 16, 32]}).groupby("k").v.sum()


# 092 RayforceDB/rayforce#407 [groupby] the same with the negative zero first
def case_092(pd, np):
    df = pd.DataFrame({"k": [-0.0, 0.0, -1.0], "w": [-0.0, 0.0, 2.0], "v": [1.0, 2.0, 3.0]})
    return df.groupby(["k", "w"]).v.agg(["sum", "count"])


# 094 NVIDIA/cudf#194 [groupby] a categorical key before an integer one
def case_094(pd, np):
    df = pd.DataFrame({"i": [2, 0, 1], "c": ["b", "a", "b"], "v": [1, 2, 3]})
    return df.assign(c=df.c.astype("category")).groupby(["c", "i"], observed=True).count()


# 095 NVIDIA/cudf#17478 [groupby] as_index=False and size
def case_095(pd, np):
    return pd.DataFrame({"a": [1, 2, 1], "b": [1, 2, 3]}).groupby("a", as_index=False).size()


# 097 NVIDIA/cudf#16908 [groupby] sort=False keeps the order of first appearance
def case_097(pd, np):
    keys = [(n * 37) % 23 for n in range(300)]
    return pd.DataFrame({"k": keys, "v": range(300)}).groupby("k", sort=False).agg({"v": "sum"})


# 098 NVIDIA/cudf#14957 [groupby] the key itself aggregated, by name: a Series
def case_098(pd, np):
    return pd.DataFrame({"a": [1, 2] * 2, "b": [0] * 4}).groupby("a")["a"].aggregate("count")


# 100 NVIDIA/cudf#13084 [groupby] by a computed key, from the index
def case_100(pd, np):
    s = pd.Series([1, 0, 0, 1, 1, 0, 1, 1, 1, 1, 1, 1])
    return s.groupby(s.index // 3).sum().reset_index(drop=True)


# 101 NVIDIA/cudf#3719 [groupby] a dictionary of functions, columns left out
def case_101(pd, np):
    df = pd.DataFrame({"a": [963, 977, 979, 963], "b": [1, NAN, 3, 4], "c": [1, 2, 3, 4]})
    return df.groupby(["a"]).agg({"b": "count"}), df.groupby("a").agg({"c": ["min", "max"], "b": "sum"})


# 103 pandas-dev/pandas#48044 [groupby] sums of int8 overflowed
def case_103(pd, np):
    import pyarrow as pa

    df = pd.read_parquet(new_parquet(pa.table({"g": [1, 1, 2], "v": pa.array([120, 120, -128], pa.int8())})))
    return df.groupby("g").v.sum(), df.v.sum(), df.v.mean(), df.groupby("v").g.sum(), df.groupby("g").v.min()


# 104 pandas-dev/pandas#10155 [groupby] mean of large integers overflowed
def case_104(pd, np):
    s = pd.Series([20150515061816532] * 500)
    return s.mean(), s.sum()


# 106 pandas-dev/pandas#30584 [groupby] missing keys are a group of their own if asked
def case_106(pd, np):
    df = pd.DataFrame({"k": ["a", None, "b", None], "v": [1, 2, 3, 4]})
    return df.groupby("k", dropna=False).v.sum()


# 107 dask/dask#2376 [groupby] groups of nothing but missing values (also Bears-R-Us/arkouda#5057)
def case_107(pd, np):
    df = pd.DataFrame({"A": [1, 1, 2, 3], "B": [NAN, NAN, 1.0, NAN]})
    return df.groupby("A").agg(["mean", "max", "min", "sum", "count"])


# 109 pandas-dev/pandas#37870 [groupby] min_count
def case_109(pd, np):
    df = pd.DataFrame({"a": [1, 1, 2], "b": [NAN, NAN, 3.0]})
    return df.groupby("a").b.sum(min_count=1)


# 110 pandas-dev/pandas#11016 [groupby] all keys are missing: an empty answer
def case_110(pd, np):
    df = pd.DataFrame({"a": [NAN] * 3, "b": [1, 2, 3]})
    return df.groupby(["a", "b"]).size(), df.groupby("a").b.sum(), df.groupby("a").b.mean()


# 112 modin-project/modin#6465 [groupby] apply that returns a row of other names
def case_112(pd, np):
    df = pd.DataFrame({"k": [1] * 3 + [10] * 2, "v": range(5)})
    return df.groupby("k").apply(lambda g: pd.Series([g.v.sum(), len(g)], index=["total", "n"]))


# 113 modin-project/modin#6632 [groupby] apply that returns one number: a Series, and no made-up column
def case_113(pd, np):
    return pd.DataFrame({"c": [0, 1, 1], "v": [1, 2, 3]}).groupby("c").apply(lambda g: len(g))


# 115 NVIDIA/cudf#2705 [groupby] the least date of each group keeps its resolution
def case_115(pd, np):
    days = [datetime(2000, 1, 2), datetime(2000, 1, 1), None, datetime(1999, 5, 5)]
    df = pd.DataFrame({"a": [1, 1, 2, 2], "d": days})
    return df.groupby("a").d.min(), df.d.max(), df.groupby("a").d.count()


# 116 Bears-R-Us/arkouda#3766 [groupby] missing values among keys, count of the other columns
def case_116(pd, np):
    df = pd.DataFrame({"A": [1, 2, 2, NAN], "B": [3, 4, 5, 6], "C": [1, NAN, 2, 3]})
    return df.groupby("A").count(), df.groupby(["A", "C"]).count()


# 118 pandas-dev/pandas#14170 [groupby] booleans and integers as one key, dates as another
def case_118(pd, np):
    days = [datetime(2020, 1, 2), datetime(1960, 1, 1), None, datetime(2020, 1, 2)]
    df = pd.DataFrame({"f": [True, False, True, True], "i": [2, -1, 2, 2], "d": days, "v": [1, 2, 3, 4]})
    return df.groupby(["f", "i"]).v.sum(), df.groupby("d").v.sum()
