"""Frames: joining, ordering, windows, values."""

from datetime import UTC, datetime

from tests.acceptance.cases.making import NAN, new_parquet, raises

# == frames: joining, ordering, windows ============================================================================


# 119 dask/dask#12427 [merge] rows were lost from a left join on text keys with more than 128 partitions
def case_119(pd, np):
    left = pd.DataFrame({"p": [f"F{n * 7919 % 100_003:06d}" for n in range(3_000)], "l": range(3_000)})
    right = pd.DataFrame({"p": [f"F{n * 104_729 % 100_003:06d}" for n in range(3_000)], "r": range(3_000)})
    return left.merge(right, on="p", how="left")


# 121 dask/dask#7558 [merge] keys of None, joined with an index
def case_121(pd, np):
    one = pd.DataFrame({"a": ["0", "0", None, None, "5", "33"]})
    two = pd.DataFrame({"b": ["0", "5", "7"], "c": ["1", "2", "3"]}).set_index("b")
    return one.merge(two, how="left", left_on="a", right_index=True)


# 122 dask/dask#3911 [merge] all rows have the same label
def case_122(pd, np):
    one = pd.DataFrame({"k": ["001"] * 5, "x": range(5)}).set_index("k")
    two = pd.DataFrame({"k": ["001"], "y": [7]}).set_index("k")
    return one.merge(two, how="left", left_index=True, right_index=True)


# 124 pandas-dev/pandas#56367 [merge] int64 with uint64 keys: 2**53 matched 2**53 + 1
def case_124(pd, np):
    left = pd.DataFrame({"k": pd.Series([2**53], dtype="int64"), "v": [1]})
    right = pd.DataFrame({"k": pd.Series([2**53 + 1], dtype="uint64"), "w": [2]})
    return left.merge(right, on="k")


# 125 pandas-dev/pandas#8596 [merge] outer join: the key must stay int64
def case_125(pd, np):
    one, two = pd.DataFrame({"k": [1, 2, 4], "a": [1, 2, 3]}), pd.DataFrame({"k": [1, 5], "b": [1, 2]})
    return one.merge(two, how="outer")


# 127 dask/dask#6183 [merge] merge_asof of a column with an index: labels and twice the rows
def case_127(pd, np):
    left = pd.DataFrame({"a": [5, 15, 25]}, index=[10, 20, 30])
    return pd.merge_asof(left, pd.DataFrame({"b": [1, 2, 3]}, index=[10, 20, 30]), left_on="a", right_index=True)


# 128 dask/dask#12595 [merge] left join by index with a column: label of rows without a partner
def case_128(pd, np):
    left = pd.DataFrame({"x": [1, 2, 3]}, index=[100, 200, 300])
    right = pd.DataFrame({"id": [100, 300], "y": [7, 8]}, index=[5, 6])
    return left.merge(right, how="left", left_index=True, right_on="id")


# 130 dask/dask#2676 [concat] categorical columns of different categories
def case_130(pd, np):
    one, two = pd.Series(["a", "b"], dtype="category"), pd.Series(["b", "c"], dtype="category")
    return pd.concat([one, two])


# 131 dask/dask#920 [concat] side by side
def case_131(pd, np):
    return pd.concat([pd.DataFrame({"a": list("aabbcc")}), pd.DataFrame({"l": list("010011")})], axis=1)


# 133 pola-rs/polars#16025 [columns] columns named 0 and "0" are two
def case_133(pd, np):
    df = pd.DataFrame({0: [1, 2], "0": [3, 4]})
    return df, df[0], df["0"], df[[0]]


# 134 pola-rs/polars#2004 [columns] the same name twice
def case_134(pd, np):
    return pd.DataFrame([[1, 6, "a"], [2, 7, "b"]], columns=["a", "b", "c"]).rename(columns={"b": "a"})


# 136 modin-project/modin#156 [sort] na_position was ignored
def case_136(pd, np):
    df = pd.DataFrame({"a": [NAN, 2, NAN, 0], "b": [3, 4, NAN, 1]})
    return df.sort_values("a", ascending=False, na_position="first")


# 137 pandas-dev/pandas#13230 [sort] by two columns, one with missing dates
def case_137(pd, np):
    days = [datetime(2010, 1, 1, 9, 0, n) for n in range(4)] + [None]
    return pd.DataFrame({"A": [1, 2, 3, 4, 4], "d": days}).sort_values(["A", "d"])


# 139 pandas-dev/pandas#37310 [sort] equal values keep their order, also from large to small
def case_139(pd, np):
    s = pd.Series([2, 1, 2, NAN, 1, 2, NAN])
    return s.sort_values(ascending=False, kind="stable"), s.sort_values(kind="stable")


# 140 dask/dask#731 [quantile] the median of skewed data was 1 instead of 0
def case_140(pd, np):
    s = pd.Series([-1] * 100 + [0, 0, 0] * 100 + [1, 1] * 100)
    return s.median(), s.quantile(0.5)


# 142 dask/dask#3115 [quantile] describe of the numbers 1 to 100
def case_142(pd, np):
    return pd.DataFrame({"a": range(1, 101)}).describe(percentiles=[0.25, 0.75, 0.99])


# 143 pandas-dev/pandas#40002 [window] a rolling day over descending dates, closed on the left
def case_143(pd, np):
    s = pd.Series([3, 2, 1], index=[datetime(2020, 1, 3), datetime(2020, 1, 2), datetime(2020, 1, 1)])
    return s.rolling("1D", closed="left").sum()


# 145 pandas-dev/pandas#26005 [window] windows with nothing in them
def case_145(pd, np):
    times = [datetime(2013, 1, 1, 9, 0, n) for n in (0, 2, 3)]
    df = pd.DataFrame({"B": [1, 2, 3]}, index=times).rolling("1s", closed="left")
    return df.max(), df.sum()


# 146 pandas-dev/pandas#43797 [resample] hours over the change to summer time
def case_146(pd, np):
    times = [datetime(2021, 3, 27, 23, 37, tzinfo=UTC), datetime(2021, 3, 28, 2, 9, tzinfo=UTC)]
    s = pd.Series([1, 2], index=pd.DatetimeIndex(times).tz_convert("Europe/Berlin"))
    return s.resample("h").sum()


# 148 pandas-dev/pandas#21459 [resample] weeks around the change of the clock
def case_148(pd, np):
    days = pd.date_range("2017-03-25", periods=5, tz="Europe/Amsterdam")
    return pd.Series([11, 12, 13, 14, 15], index=days).resample("W").sum()


# 149 NVIDIA/cudf#2281 [window] cumsum of integers stays integer everywhere
def case_149(pd, np):
    return pd.DataFrame({"a": range(2_000)}).a.cumsum()


# == frames: values ================================================================================================


# 151 pandas-dev/pandas#53833 [text] slices with a step through emoji
def case_151(pd, np):
    return pd.Series(["AB🎭C🎭ㇱD", "x", None]).str.slice(start=2, step=4)


# 152 pandas-dev/pandas#66822 [text] a text method after a filter that leaves nothing
def case_152(pd, np):
    s = pd.Series(["Café", "éclair"])
    return s[s == "zzz"].str.upper()


# 154 pandas-dev/pandas#31503 [missing] a mask with missing values; != and missing texts
def case_154(pd, np):
    s = pd.Series(["a", "b", None])
    return s[s != "b"], s[s == "b"]


# 155 pandas-dev/pandas#31503 [missing] the same with nullable integers
def case_155(pd, np):
    s = pd.Series([1, 2, None], dtype="Int64")
    return s[s > 1], (s > 1).sum()


# 157 pandas-dev/pandas#31313 [missing] any and all over nullable booleans
def case_157(pd, np):
    return pd.Series([True, None], dtype="boolean").all(skipna=False), pd.Series([True, None], dtype="boolean").any()


# 158 pandas-dev/pandas#41079 [missing] any and all over floats with NaN
def case_158(pd, np):
    df = pd.DataFrame({"A": [0.0, NAN], "B": [NAN, NAN], "C": [1.0, NAN], "D": [False, True]})
    return df.any(), df.all(), df.A.any(), df.B.all(), df.B.any()


# 160 pandas-dev/pandas#9308 [arithmetic] the same with zero on the left and floats
def case_160(pd, np):
    df = pd.DataFrame({"a": [4.0, -4.0, 0.0, NAN], "b": [0.0, 0.0, 0.0, 0.0], "i": [0, 1, -2, 0]})
    return df.a // df.b, df.a % df.b, df.a / df.b, 1 // df.i, 0 / df.i, 5 % df.i


# 161 modin-project/modin#6732 [arithmetic] booleans divided by a float, multiplied and added: types
def case_161(pd, np):
    s = pd.Series([True, False])
    return s / 3.5, s * 2, s + 1, s + s, s * 0.5, s & True, s == 1


# 163 dask/dask#12296 [arithmetic] a number that does not fit the small type is an error
@raises(OverflowError)
def case_163(pd, np):
    return pd.Series([1, 1], dtype="int8") * 128


# 164 visualfabriq/bquery#41 [arithmetic] integers wrap around, in their own type
def case_164(pd, np):
    a, b = pd.Series([2**63 - 1, 5]), pd.Series([2**31 - 1, 7], dtype="int32")
    return a + 1, a * 2, a.sum(), b + 1, b * b, -b


# 166 numpy/numpy#8333 [arithmetic] uint64 with int64: floats, exact comparisons
def case_166(pd, np):
    import pyarrow as pa

    df = pd.read_parquet(
        new_parquet(pa.table({"u": pa.array([2**63, 3, 2**53 + 1], pa.uint64()), "i": [1, -1, 2**53 + 1]}))
    )
    return df.u + df.i, df.u > df.i, df.u == df.i, df.groupby("u").i.sum(), df.u.max()


# 167 pandas-dev/pandas#56367 [arithmetic] integers beyond 2**53 compared with integers and floats
def case_167(pd, np):
    s = pd.Series([2**53, 2**53 + 1, 2**53 + 2])
    return s == 2**53 + 1, s == float(2**53), s > float(2**53), s <= 9007199254740993.0


# 169 pydata/xarray#7928 [dates] fields of missing dates: floats, and int32 where none is missing
def case_169(pd, np):
    s = pd.Series([datetime(2021, 3, 1, 5, 6, 7), None])
    t = pd.Series([datetime(2021, 3, 1, 5, 6, 7), datetime(1969, 12, 31, 23, 59, 59, 500000)])
    return s.dt.hour, s.dt.year, t.dt.hour, t.dt.second, t.dt.dayofweek, t.dt.dayofyear, t.dt.month


# 170 dask/dask#4615 [dates] ... compared with a number
def case_170(pd, np):
    df = pd.DataFrame({"a": [datetime(1970, 1, 1), None]})
    return df.a.dt.hour < 10, df.a.dt.hour != 0


# 172 NVIDIA/cudf#4736 [dates] dropna and isna of dates
def case_172(pd, np):
    df = pd.DataFrame({"t": [datetime(1970, 1, 1), None], "n": [1, 2]})
    return df.t.isna(), df.t.count(), df[df.t.notna()]


# 173 numpy/numpy#22346 [dates] fields before 1970, to the microsecond
def case_173(pd, np):
    s = pd.Series(
        [
            datetime(1, 1, 1),
            datetime(1582, 10, 15, 0, 0, 1),
            datetime(1900, 2, 28, 23),
            datetime(1969, 12, 31, 23, 59, 59, 999999),
        ]
    )
    return s.dt.year, s.dt.month, s.dt.day, s.dt.minute, s.dt.second, s.dt.dayofyear, s.dt.dayofweek, s.dt.quarter


# 175 dask/fastparquet#373 [types] a float with a missing value cannot become an integer: an error
@raises(ValueError)
def case_175(pd, np):
    return pd.Series([1.0, NAN]).astype("int64")


# 176 modin-project/modin#169 [reduction] sums along rows with min_count
def case_176(pd, np):
    return pd.DataFrame({"a": [NAN, 2.0, NAN, 0.0], "b": [3.0, 4.0, NAN, 1.0]}).sum(axis=1, min_count=2)


# 178 pandas-dev/pandas#18876 [reduction] the sum and mean of nothing, the least of nothing
def case_178(pd, np):
    s = pd.Series([1.5, 2.5])
    none = s[s > 9]
    return none.sum(), none.mean(), none.min(), none.count(), none, len(none)


# 179 modin-project/modin#961 [copies] changing a copy in place also changed the original
def case_179(pd, np):
    df = pd.DataFrame({"x": [1, 2, 3], "y": [4, 5, 6]})
    other = df.copy()
    other["x"] = other["x"] * 10
    other["z"] = other.x + df.x
    return df, other


# 181 modin-project/modin#5461 [filters] filters in steps that leave parts empty: labels, then the first rows
def case_181(pd, np):
    df = pd.DataFrame({"a": range(20), "b": [n % 3 for n in range(20)]}, index=range(100, 140, 2))
    part = df[df.b == 1]
    return part, part[part.a > 5].head(2), part.head(3).a.sum()
