"""Parquet files."""

from datetime import UTC, datetime

import pandas

from tests.acceptance.cases.making import by_pandas, new_folder, new_parquet, read_parquets


# 064 dask/dask#6235 [parquet] the stored index range(3, 6) was ignored
def case_064(pd, np):
    return pd.read_parquet(by_pandas(pandas.DataFrame({"c": [4, 5, 6]}, index=range(3, 6))))


# 065 dask/dask#6235 [parquet] ... also with a step and a name, and after a filter
def case_065(pd, np):
    frame = pandas.DataFrame({"c": [4, 5, 6]}, index=pandas.RangeIndex(10, 4, -2, name="row"))
    df = pd.read_parquet(by_pandas(frame))
    return df, df[df.c > 4]


# 067 dask/fastparquet#46 [parquet] integers with nulls came back as 0 or -0
def case_067(pd, np):
    import pyarrow as pa

    return pd.read_parquet(new_parquet(pa.table({"i": pa.array([1, None, 3]), "k": ["a", "b", None]})))


# 068 dask/dask#7835 [parquet] nulls only in the second file: the type of the whole column
def case_068(pd, np):
    import pyarrow as pa

    folder = new_folder()
    new_parquet(pa.table({"i": pa.array([1, 2], pa.int32()), "x": [0.5, 1.5]}), "a.parquet", folder)
    new_parquet(pa.table({"i": pa.array([None, 4], pa.int32()), "x": [2.5, None]}), "b.parquet", folder)
    df = read_parquets(pd, folder)
    return df, df.i.sum()


# 070 NVIDIA/cudf#8688 [parquet] small integers, unsigned ones and float32 with nulls
def case_070(pd, np):
    import pyarrow as pa

    kinds = {"i8": pa.int8(), "u8": pa.uint8(), "i16": pa.int16(), "u32": pa.uint32(), "f4": pa.float32()}
    return pd.read_parquet(new_parquet(pa.table({name: pa.array([1, None, 3], kind) for name, kind in kinds.items()})))


# 071 dask/dask#7835 [parquet] integers beyond 2**53 beside a null lose digits, as pandas does
def case_071(pd, np):
    import pyarrow as pa

    df = pd.read_parquet(new_parquet(pa.table({"i": pa.array([2**53 + 1, None, 2**62 + 1])})))
    return df, df.i.max()


# 073 aws/aws-sdk-pandas#3357 [parquet] columns in seconds, milli-, micro- and nanoseconds keep their resolution
def case_073(pd, np):
    import pyarrow as pa

    times = [datetime(2021, 5, 1, 12, 30, 15), None, datetime(1969, 12, 31, 23, 59, 59)]
    return pd.read_parquet(
        new_parquet(pa.table({u: pa.array(times, pa.timestamp(u)) for u in ("s", "ms", "us", "ns")}))
    )


# 074 apache/arrow#9781 [parquet] time stamps with a time zone in the year 2500
def case_074(pd, np):
    import pyarrow as pa

    times = [datetime(2500, 7, 1, tzinfo=UTC), datetime(2021, 7, 1, tzinfo=UTC)]
    return pd.read_parquet(
        new_parquet(pa.table({"t": pa.array(times, pa.timestamp("us", "Europe/Rome")), "n": [1, 2]}))
    )


# 076 pandas-dev/pandas#53345 [parquet] the column that a folder is partitioned by: type and order
def case_076(pd, np):
    folder = new_folder() / "data"
    pandas.DataFrame({"a": [1, 2, 3, 10, 11, 1, 2], "b": list("abcdefg")}).to_parquet(folder, partition_cols=["a"])
    return pd.read_parquet(str(folder))


# 077 pola-rs/polars#13177 [parquet] partition values 01001 and 2A001: text, with its leading zero
def case_077(pd, np):
    folder = new_folder() / "data"
    pandas.DataFrame({"code": ["01001", "2A001", "01001"], "n": [1, 2, 3]}).to_parquet(folder, partition_cols=["code"])
    return pd.read_parquet(str(folder))


# 079 dask/dask#3518 [parquet] columns=[...] in another order than in the file
def case_079(pd, np):
    import pyarrow as pa

    path = new_parquet(
        pa.table({"b": pa.array([-1, -2], pa.int16()), "c": pa.array([0.5, 1], pa.float32()), "p": ["x", "y"]})
    )
    return pd.read_parquet(path, columns=["p", "b"])


# 080 dask/dask#2053 [parquet] the second file has its columns in another order
def case_080(pd, np):
    import pyarrow as pa

    folder = new_folder()
    new_parquet(pa.table({"x": [1, 2], "y": [10, 20]}), "a.parquet", folder)
    new_parquet(pa.table({"y": [30], "x": [3]}), "b.parquet", folder)
    return read_parquets(pd, folder)


# 082 dask/dask#2444 [parquet] a file with columns and no rows
def case_082(pd, np):
    import pyarrow as pa

    df = pd.read_parquet(new_parquet(pa.table({"a": pa.array([], pa.int64()), "s": pa.array([], pa.string())})))
    return df, df.a.sum(), len(df)


# 083 dask/fastparquet#9 [parquet] the first of two files has no rows
def case_083(pd, np):
    import pyarrow as pa

    folder = new_folder()
    new_parquet(pa.table({"a": pa.array([], pa.int64()), "s": pa.array([], pa.string())}), "a.parquet", folder)
    new_parquet(pa.table({"a": [1, 2], "s": ["x", None]}), "b.parquet", folder)
    return read_parquets(pd, folder)


# 085 apache/texera#8512 [parquet] dates and times of day are no time stamps
def case_085(pd, np):
    import pyarrow as pa

    days = [datetime(2021, 5, 1).date(), None]
    return pd.read_parquet(new_parquet(pa.table({"day": pa.array(days, pa.date32()), "n": [1, 2]})))


# 086 bodo-ai/Bodo#652 [parquet] pandas metadata name an index column that the file does not have
def case_086(pd, np):
    import pyarrow as pa

    table = pa.Table.from_pandas(pandas.DataFrame({"a": [1, 2], "b": [3, 4]}).set_index("a")).select(["b"])
    return pd.read_parquet(new_parquet(table))
