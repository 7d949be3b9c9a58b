"""A second round: where the two modules meet, types of NEP 50, edges of bins."""

from datetime import datetime

from tests.acceptance.cases.making import NAN, new_file, raises


# 278 numpy/numpy#6198 [inplace] x *= 1.2 of integers is an error, and no silent truncation
@raises(TypeError)
def case_278(pd, np):
    x = np.array([1, 2, 3])
    x *= 1.2
    return x


# 280 numpy/numpy#6971 [inplace] floats put into integers lose their fractions towards zero
def case_280(pd, np):
    a = np.array([0, 0, 1, 9, 9])
    a[1] = 2.5
    a[2] = -2.9
    a[3:] = [1.9, -1.9]
    return a


# 281 numpy/numpy#6292 [inplace] an image of bytes divided in place by 255.0
@raises(TypeError)
def case_281(pd, np):
    image = np.array([0, 128, 255], dtype="uint8")
    image /= 255.0
    return image


# 283 numpy/numpy#24976 [clip] bounds that are NumPy's own numbers widen the type
def case_283(pd, np):
    a = np.arange(5, dtype="u1")
    return np.clip(a, np.int64(-1), np.int64(3)), np.clip(a, 1, 2.5), np.clip(a.astype("f4"), 0.1, 3)


# 284 numpy/numpy#24253 [clip] float16 stays float16, NaN passes, bounds crossed
def case_284(pd, np):
    x = np.array([1, np.nan, 300], dtype="float16")
    return np.clip(x, 0, 256), np.clip(np.array([1.0, np.nan, 5.0]), 4, 2), np.clip(np.array([1.0, 2.0]), np.nan, 3)


# 286 numpy/numpy#26761 [inplace] int8 += 128
@raises(OverflowError)
def case_286(pd, np):
    a = np.asarray([-10, -5], "i1")
    a += 128
    return a


# 287 numpy/numpy#27006 [types] where with a plain number that the type can hold
def case_287(pd, np):
    keep = np.asarray([True, False])
    u, f = np.asarray([7, 8], dtype="u1"), np.asarray([0.5, 1.5], dtype="f4")
    return (
        np.where(keep, 5, u),
        np.where(keep, 2.5, u),
        np.where(keep, 1e300, f),
        np.where(keep, u, f),
        np.where(keep, True, u),
    )


# 289 numpy/numpy#25435 [sets] isin against one large unsigned number
def case_289(pd, np):
    return np.isin(np.array([0, 1]), np.array([2**63 - 1], dtype="uint64")), np.isin(
        np.array([2**62]), np.array([2**62], "uint64")
    )


# 290 pandas-dev/pandas#61676 [sets] isin found numbers beyond 2**53 that are not there
def case_290(pd, np):
    return pd.Series([1378774140726870442, 5]).isin([5, 1378774140726870528])


# 292 numpy/numpy#28357 [types] int64 array with a uint64 scalar
def case_292(pd, np):
    return (
        np.array([1, 2]) + np.uint64(10),
        np.array([1, 2], "uint8") + np.int16(3),
        np.array([1.0], "f4") + np.float64(1),
    )


# 293 numpy/numpy#9194 [types] float32 compared with a number just above, plain or typed
def case_293(pd, np):
    one = np.array([1.0], dtype="float32")
    return one >= 1.00000001, one >= np.float64(1.00000001), one >= np.array([1.00000001]), np.array([0.1], "f4") == 0.1


# 295 numpy/numpy#18881 [steps] linspace of integers at the ends, beyond 2**53 too
def case_295(pd, np):
    return (
        np.linspace(0, 9007199254740993, 2, dtype="uint64"),
        np.linspace(-5, 0, 1, dtype="int64"),
        np.linspace(-1, 1, 4, dtype=int),
    )


# 296 xtensor-stack/xtensor#498 [steps] linspace as integers must reach its end
def case_296(pd, np):
    return (
        np.linspace(0, 100, 50, dtype=int),
        np.linspace(0, 1, 7, endpoint=False),
        np.linspace(3, 3, 4),
        np.linspace(5, 1, 3),
    )


# 298 numpy/numpy#5949 [steps] arange(0.5, 1.1, 0.1) has one value more than expected
def case_298(pd, np):
    return (
        np.arange(0.5, 1.1, 0.1),
        np.arange(0.5, 1.1, 0.2),
        np.arange(0.6, 0.9, 0.1),
        np.arange(1, 0, -0.25),
        np.arange(5, 1),
    )


# 299 numpy/numpy#6238 [steps] how many large integers
def case_299(pd, np):
    return (
        np.arange(0, 10**16 + 1, 10**14).size,
        np.arange(2**62, 2**62 + 5, 2),
        np.arange(10, dtype="f4")[-1],
        np.arange(3.0),
    )


# 301 numpy/numpy#10319 [bins] ... and an edge between two float32
def case_301(pd, np):
    x = np.array([25552.234, 26000], dtype="float32")
    return np.histogram(x, 10, (25552.2345, 26200))


# 302 astrofrog/fast-histogram#63 [bins] values at and beside edges that cannot be written exactly
def case_302(pd, np):
    x = np.array([0.999, 1.000, 1.001, 1.099, 1.100, 1.101])
    return np.histogram(x, bins=10, range=(0.9, 1.1)), np.histogram(np.array([0.3, 0.6, 0.7]), bins=10, range=(0, 1))


# 304 numpy/numpy#9465 [bins] small weights in float32, and integers as weights
def case_304(pd, np):
    x, w = np.array([0.5, 1.5, 1.6]), np.array([1e-12, 1e6, 0.5], dtype="float32")
    return (
        np.histogram(x, bins=[0, 1, 2], weights=w),
        np.histogram(x, bins=3, density=True),
        np.histogram(np.array([1, 2, 2, 5])),
    )


# 305 dask/dask#5175 [views] view() without a type shares memory, as [:] does
def case_305(pd, np):
    n = np.array([1, 2, 3])
    v, w = n.view(), n[:]
    v[1] = 10
    w[0] = -1
    return n, v, w


# 307 dask-contrib/dask-awkward#322 [views] a[...] and a.copy() and what changes with what
def case_307(pd, np):
    a = np.arange(6).reshape(2, 3)
    dots, flat, turned, copy = a[...], a.reshape(-1), a.T, a.copy()
    dots[0, 0] = 10
    flat[5] = 50
    turned[1, 0] = 11
    copy[:] = 0
    return a, flat, turned, copy


# 308 dask/dask#837 [views] the same bytes as another type
def case_308(pd, np):
    x = np.arange(4, dtype="i4")
    return x.view("i2"), np.array([1.0, -0.0]).view("i8"), x.reshape(2, 2).view("u4"), np.array([1 + 2j]).view("f8")


# 310 jax-ml/jax#32339 [reduction] average over two axes with weights of these axes
def case_310(pd, np):
    x = np.arange(24.0).reshape(2, 3, 4)
    w = np.arange(12.0).reshape(3, 4)
    return np.average(x, axis=(1, 2), weights=w), np.average(x[0], axis=1, weights=[1, 2, 3, 4], returned=True)


# 311 cupy/cupy#6755 [reduction] median of values with NaN is NaN
def case_311(pd, np):
    x = np.array([[3.0, 2.0, 1.0, np.nan], [4.0, 1.0, 2.0, 3.0]])
    return (
        np.median(x),
        np.median(x, axis=1),
        np.median(np.array([3, 1, 2, 4], "int8")),
        np.median(np.array([True, False, True])),
    )


# 313 numpy/numpy#10520 [reduction] reductions of an array without axes
def case_313(pd, np):
    x = np.array(2.5)
    return x.sum(), x.argmax(), np.median(x), np.cumsum(x), np.sort(np.atleast_1d(x)), x[()], x[...], x[None]


# 314 pandas-dev/pandas#17623 [missing] ~ of integers counts bits, of booleans negates; - as well
def case_314(pd, np):
    a, b = pd.Series([True, False, True]), pd.Series([0, 1, 2])
    return ~a, ~b, -b, a & (b > 0), a | False, a ^ True


# 316 dask/dask#4642 [meeting] a frame made of arrays, reduced
def case_316(pd, np):
    df = pd.DataFrame({"a": np.arange(100), "b": np.linspace(0, 1, 100)})
    return df.a.sum(), df.b.max(), df[df.a > 97]


# 317 dask/dask#3106 [meeting] a column as an array, its percentile
def case_317(pd, np):
    df = pd.DataFrame({"a": [3.0, 1.0, 2.0, NAN, 5.0]})
    return np.percentile(df[df.a.notna()].a.to_numpy(), 50), np.asarray(df.a)


# 319 NVIDIA/cudf#8065 [meeting] a frame made of series (small types, missing values) failed on the way to device memory
def case_319(pd, np):
    a, b = pd.Series([1, 2], dtype="int8"), pd.Series([0.5, None], dtype="float32")
    return pd.DataFrame({"a": a, "b": b})


# 320 NVIDIA/cudf#23717 [meeting] frames of one kind, and of integers and floats, as arrays
def case_320(pd, np):
    df = pd.DataFrame({"x": [1, 2, 3], "y": [True, False, True], "z": [0.5, 1.5, NAN]})
    return np.asarray(df[["x", "z"]]), np.asarray(df[["x"]]), np.asarray(df[["y"]])


# 322 duckdb/duckdb#17225 [csv] lines to skip and then a comment before the header
def case_322(pd, np):
    return pd.read_csv(new_file("skip this\n# comment\nx,y\n1,2\n3,4\n"), skiprows=1, comment="#")


# 323 SheetJS/sheetjs#2373 [csv] a serial number with an E in it, in quotes
def case_323(pd, np):
    return pd.read_csv(new_file('id,serial,what\n"86","3E17773446","for sale"\n"87","12E4","sold"\n'))


# 325 JuliaData/CSV.jl#88 [csv] things that look like numbers and are none
def case_325(pd, np):
    texts = ["1_000", "0x10", "1e", "--5", "1.2.3", "5-", "1 000", "½", "١", "1,5", "1d3", "e5", "."]
    return pd.read_csv(new_file("x;n\n" + "".join(f"{t};{n}\n" for n, t in enumerate(texts))), sep=";"), [
        pd.read_csv(new_file(f"x;n\n{t};1\n7;2\n"), sep=";").x for t in texts
    ]


# 326 UCL/TLOmodel#1071 [csv] words that are booleans, and those that are not
def case_326(pd, np):
    pairs = [
        ("True", "False"),
        ("TRUE", "FALSE"),
        ("true", "false"),
        ("True", "FALSE"),
        ("T", "F"),
        ("yes", "no"),
        ("tRue", "False"),
        ("1", "True"),
    ]
    return [pd.read_csv(new_file(f"x,n\n{a},1\n{b},2\n")).x for a, b in pairs]


# 328 pandas-dev/pandas#19402 [csv] ... with a T, with nanoseconds, without a day
def case_328(pd, np):
    ways = ["2011-03-11T10:20:30", "2011-03-11 10:20:30.123456789", "2011-03"]
    return [pd.read_csv(new_file(f"t,n\n{w},1\n{w},2\n"), parse_dates=["t"]).t for w in ways]


# 329 pandas-dev/pandas#19402 [csv] ... month first, between slashes
def case_329(pd, np):
    return pd.read_csv(new_file("t,n\n03/11/2011,1\n12/31/2010,2\n"), parse_dates=["t"])


# 331 pandas-dev/pandas#43797 [csv] ... with a zone
def case_331(pd, np):
    return pd.read_csv(new_file("t,n\n2011-03-11T10:20:30Z,1\n2011-03-11T10:20:31Z,2\n"), parse_dates=["t"])


# 332 pandas-dev/pandas#2586 [csv] missing dates among dates, and nothing but missing ones
def case_332(pd, np):
    df = pd.read_csv(new_file("t,u,n\n2012-12-22,,1\n,,2\nNaN,,3\n2012-02-29,,4\n"), parse_dates=["t", "u"])
    return df, df.t.max(), df.t.dt.month, df.u.count()


# 334 pydata/xarray#7928 [dates] fields of a column with missing dates, used in a filter and as key of groups
def case_334(pd, np):
    text = "t,v\n2021-03-01 05:00:00,1\n,2\n2021-03-01 05:30:00,4\n2021-03-02 23:59:59,8\n"
    df = pd.read_csv(new_file(text), parse_dates=["t"])
    return df.groupby(df.t.dt.hour).v.sum(), df[df.t.dt.hour > 4].v.sum(), df.t.dt.hour.mean()


# 335 NVIDIA/cudf#23717 [meeting] a frame of integers and booleans as an array: Python objects
def case_335(pd, np):
    return np.asarray(pd.DataFrame({"x": [1, 2, 3], "y": [True, False, True]}))


# 337 pandas-dev/pandas#12892 [alignment] two frames of the same labels, added
def case_337(pd, np):
    return pd.Series([1, 2, 3]) + pd.Series([10, 20, 30])


# 338 dask/dask#10198 [columns] renaming by a function, a swap of two names, and names that are not there
def case_338(pd, np):
    df = pd.DataFrame({"a": [1], "b": [2]})
    return df.rename(columns={"a": "b", "b": "a"}), df.rename(columns=str.upper), df.rename(columns={"zz": "y"})


# 340 pandas-dev/pandas#36103 [csv] a wide file, one bad word: pandas reads chunks: one column has texts and numbers
def case_340(pd, np):
    row = ",1" * 63
    lines = [f"Bad{row}"] + [f"{n}.5{row}" for n in range(20_000)]
    return pd.read_csv(new_file(",".join(f"c{n}" for n in range(64)) + "\n" + "\n".join(lines) + "\n")).c0


# 341 pandas-dev/pandas#60082 [csv] ... with the hint of the warning followed
def case_341(pd, np):
    lines = ["Bad,1"] + [f"{n}.5,2" for n in range(1_000)]
    return pd.read_csv(new_file("a,b\n" + "\n".join(lines) + "\n"), low_memory=False)


# 343 NVIDIA/cudf#22372 [reduction] ... also over a whole column
def case_343(pd, np):
    return pd.Series(["b", "a", "c"]).sum()


# 344 NVIDIA/cudf#22372 [groupby] least and largest of texts, any and all of booleans and of missing values
def case_344(pd, np):
    df = pd.DataFrame(
        {
            "k": [1, 2, 1, 2, 3],
            "s": ["b", "x", "a", None, None],
            "b": [True, False, False, False, True],
            "f": [0.0, NAN, 2.0, 0.0, NAN],
        }
    )
    g = df.groupby("k")
    return g.s.min(), g.s.max(), g.s.count(), g.b.any(), g.b.all(), g.f.any(), g.f.all(), g.f.min()


# 346 modin-project/modin#171 [reduction] ... their mean is not
def case_346(pd, np):
    s = pd.Series([datetime(2020, 1, 1), None, datetime(2020, 1, 2, 1)])
    return s.mean(), s.min(), s.max(), s.count()


# 347 modin-project/modin#171 [reduction] the mean of texts is an error
@raises(TypeError)
def case_347(pd, np):
    return pd.Series(["a", "b"]).mean()


# 349 dask/dask#3911 [groupby] groups, filters and reductions of a frame without rows
def case_349(pd, np):
    df = pd.DataFrame({"k": [1], "v": [0.5], "s": ["x"]})
    df = df[df.k > 1]
    return (
        df.groupby("k").v.sum(),
        df.groupby("s").v.mean(),
        df.v.sum(),
        df[df.v > 0],
        df.groupby(["k", "s"]).size(),
        df.head(2),
    )


# 350 dask/dask#2237 [groupby] many rows: groups by text and by number agree with each other and with a filter
def case_350(pd, np):
    n = 300_000
    df = pd.DataFrame(
        {
            "s": [f"w{i * 7919 % 1009}" for i in range(n)],
            "i": [i * 104_729 % 1_013 for i in range(n)],
            "v": [i % 97 for i in range(n)],
        }
    )
    return (
        df.groupby("s").v.sum(),
        df.groupby(["i"]).v.agg(["min", "max", "count"]),
        df[(df.i == 5) & (df.s != "w0")].v.sum(),
    )


# 352 dask/dask#385 [csv] ... and a column that is a number for megabytes, then text: the zeros in front come back
def case_352(pd, np):
    lines = [f"{n % 100_000:06d},{n % 5}" for n in range(700_000)] + ["A-7,9"]
    df = pd.read_csv(new_file("code,k\n" + "\n".join(lines) + "\n"), dtype={"code": str})
    return df.head(3), df.groupby("k").code.count(), df[df.k == 9], df[df.code == "000017"]


# 353 dask/dask#2097 [csv] ... without dtype: integers for megabytes, then a missing value
def case_353(pd, np):
    lines = [f"{n},{n % 5}" for n in range(400_000)] + [",9"]
    df = pd.read_csv(new_file("v,k\n" + "\n".join(lines) + "\n"))
    return df.groupby("k").v.sum(), df.v.count(), df.head(2)


# 355 pola-rs/polars#21284 [errors] after renaming, the old name is gone and must not find anything
@raises(KeyError)
def case_355(pd, np):
    return pd.DataFrame({"a": [1], "b": [2]}).rename(columns={"a": "c"})["a"]


# 356 dask/dask#10198 [errors] ... nor group anything
@raises(KeyError)
def case_356(pd, np):
    return pd.DataFrame({"a": [1], "b": [2]}).rename(columns={"a": "c"}).groupby("a").sum()


# 358 databricks/koalas#999 [missing] texts compared with texts, among them missing and empty ones
def case_358(pd, np):
    s = pd.Series(["b", "", None, "a", "é", "B"])
    return s == "a", s != "a", s < "b", s >= "", s.isna(), ~(s == "b")


# 359 NVIDIA/cudf#8033 [meeting] a frame made of one series with missing texts
def case_359(pd, np):
    return pd.DataFrame(pd.Series(["a", None, "c"], name="x"))


# 361 NVIDIA/cudf#13614 [meeting] a frame made of a dictionary of dictionaries
def case_361(pd, np):
    return pd.DataFrame({"a": {0: 10, 1: 4, 2: 6}, "b": {0: 3, 2: 3}})


# 362 NVIDIA/cudf#4592 [meeting] a frame made of a frame
def case_362(pd, np):
    return pd.DataFrame(pd.DataFrame({"a": [1, 2, 3], "b": [0.5, None, 1.5]}, index=[10, 20, 30]))


# 364 pandas-dev/pandas#57899 [meeting] a series made of a series: labels, name, type, missing values
def case_364(pd, np):
    s = pd.Series([1, 2, 3], index=["x", "y", "z"], name="n", dtype="int16")
    return pd.Series(s), pd.Series(s, name="m"), pd.Series(pd.Series(["a", None]))


# 365 modin-project/modin#602 [meeting] a frame made of a list of series: they are its rows
def case_365(pd, np):
    return pd.DataFrame([pd.Series([1, 2], name="r"), pd.Series([3, 4], name="q")])


# 367 dask/dask#4615 [meeting] going through a column, a frame and the rows by hand
def case_367(pd, np):
    df = pd.DataFrame({"a": [1, 2], "s": ["x", None], "t": [datetime(2020, 1, 1), None]})
    return list(df), list(df.a), list(df.s), list(df.t), len(df), "a" in df, df.shape


# 368 NVIDIA/cudf#23717 [meeting] built-in functions of Python over columns and arrays
def case_368(pd, np):
    s, x = pd.Series([3, 1, 2]), np.arange(4)
    return (
        sum(s),
        max(s),
        sorted(s),
        sum(x),
        max(x),
        min(x),
        len(x),
        [int(v) for v in x[::-1]],
        float(x.sum()),
        bool(x.any()),
    )


# 370 dask/dask#582 [meeting] ... and a column plus an array
def case_370(pd, np):
    s = pd.Series([1.5, 2.5, 3.5], index=[7, 8, 9], name="v")
    return s + np.arange(3)


# 371 dask/dask#1669 [meeting] NumPy's numbers and sums of arrays beside a column
def case_371(pd, np):
    s = pd.Series([1, 2, 3], name="v")
    return s * np.float64(2), s > np.int64(1), s - np.arange(4).sum(), s / np.array([1.0, 3.0]).mean()


# 373 dask/dask#3044 [meeting] functions of NumPy that give arrays or numbers of a column
def case_373(pd, np):
    s = pd.Series([3.0, 1.0, NAN, 1.0], index=[4, 5, 6, 7])
    return (
        np.where(s > 1, s, 0),
        np.unique(s),
        np.nanmax(s),
        np.concatenate([s, s]),
        np.nansum(s),
        np.array(s),
        np.argsort(np.array(s)),
    )


# 374 dask/dask#3044 [meeting] isnan, add and log of a column: columns
def case_374(pd, np):
    s = pd.Series([3.0, 1.0, NAN], index=[4, 5, 6], name="v")
    return np.isnan(s), np.add(s, 1), np.log(s)


# 376 dask/dask#3106 [meeting] a filter by the mean and the quantile of the column itself
def case_376(pd, np):
    df = pd.DataFrame({"a": [1.0, 2.0, 9.0, NAN], "b": [1, 2, 3, 4]})
    return (
        df[df.a > df.a.mean()],
        df[df.b <= np.median(df.b)],
        df[df.a == df.a.max()].b.sum(),
        df.assign(z=df.a - df.a.mean()),
    )


# 377 pandas-dev/pandas#36955 [meeting] NumPy's functions of a frame
def case_377(pd, np):
    df = pd.DataFrame({"a": [1.0, 4.0], "b": [9.0, 16.0]}, index=[3, 4])
    return np.sqrt(df)
