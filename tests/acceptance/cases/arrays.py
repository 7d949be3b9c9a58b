"""Arrays: indexing, reductions, sorting."""

from tests.acceptance.cases.making import raises

# == arrays: indexing ==============================================================================================


# 182 dask/dask#2994 [indexing] a slice that goes down without a negative step had a negative length
def case_182(pd, np):
    x = np.ones(10)
    return x[6:3].shape, x[6:3], x[6:3].sum()


# 184 dask/dask#2180 [indexing] first and last of an array of one element
def case_184(pd, np):
    return np.zeros(1)[[0, -1]]


# 185 dask/dask#11614 [indexing] a Boolean index mixed up the order
def case_185(pd, np):
    x, keep = np.arange(1980), np.zeros(1980, dtype=bool)
    keep[1560:1860] = True
    return x[keep]


# 187 dask/dask#452 [indexing] a slice, then one element
def case_187(pd, np):
    x = np.arange(15_000)
    return x[12120:12170][4], x[8000:9000:7][-1], x[12120:12170]


# 188 dask/dask#3184 [indexing] a mask of two dimensions: values in the order of the array
def case_188(pd, np):
    a = np.arange(24).reshape(4, 6)
    return a[a % 2 == 1], a.T[(a % 2 == 1).T]


# 190 dask/dask#11724 [indexing] assignment through a mask changed the type of the array
def case_190(pd, np):
    a = np.asarray([1, 2])
    a[np.asarray([True, False])] = 3.3
    return a


# 191 dask/dask#11724 [indexing] too many values for a mask must be an error
@raises(ValueError)
def case_191(pd, np):
    a = np.asarray([1, 2, 3])
    a[np.asarray([True, True, False])] = np.asarray([4, 5, 6])
    return a


# 193 dask/dask#6711 [indexing] a3[mask] = a1[mask]
def case_193(pd, np):
    a1, mask = np.array([1, 2, 3, 4]), np.array([0, 1, 1, 0], dtype=bool)
    a3 = np.ones_like(a1)
    a3[mask] = a1[mask]
    return a3


# 194 dask/dask#2005 [indexing] a mask of the wrong shape
@raises(IndexError)
def case_194(pd, np):
    a = np.asarray([1, 2])
    a[np.asarray([[True], [False]])] = 3
    return a


# 196 dask/dask#11398 [indexing] a mask for whole rows of two dimensions
def case_196(pd, np):
    x, y, i = np.asarray([[1, 2]]), np.asarray([[3, 4]]), np.asarray([True])
    x[i] = y[i]
    return x


# 197 dask/dask#6586 [indexing] positions in what a mask has left
def case_197(pd, np):
    x = np.arange(10) * 3
    left = x[x % 2 == 0]
    return left[[0, 3]], left[-1], left[::2], left.shape


# == arrays: reductions and sorting ================================================================================


# 199 dask/dask#11989 [reduction] percentile of one number: no axis too many
def case_199(pd, np):
    x = np.ones(3)
    return np.percentile(x, 50), np.nanpercentile(x, 50), np.percentile(x, [50]).shape


# 200 dask/dask#3106 [reduction] percentile of what a mask has left
def case_200(pd, np):
    x = (np.arange(1000) * 7919 % 1009).astype("float64")
    return np.percentile(x[x > 500], [0, 25, 50, 99.5, 100])


# 202 dask/dask#11505 [reduction] quantiles of rows of nothing but NaN
def case_202(pd, np):
    x = np.array([[np.nan, np.nan, np.nan], [1.0, np.nan, 3.0], [4.0, 5.0, 6.0]])
    return np.nanquantile(x, 0.75, axis=-1), np.quantile(x, 0.75, axis=-1), np.nanmedian(x, axis=0)


# 203 dask/dask#2794 [reduction] largest of what a mask has left, empty in most chunks
def case_203(pd, np):
    a = np.arange(5)
    x = np.array([[1, 10], [2, 20], [3, 30], [4, 40]])
    return a[a < 2].max(), x[x[:, 0] > 2, :].max(axis=1), np.nanmin(x[x >= 30] * 1.0), a[a != 0].std()


# 205 numpy/numpy#10134 [reduction] cumsum, sum and prod of small integers: types
def case_205(pd, np):
    a, b = np.array([100, 100, 100], dtype="int8"), np.array([200, 200], dtype="uint8")
    return np.cumsum(a), a.sum(), a.prod(), b.sum(), np.cumsum(b), a.mean(), np.array([True, True]).sum()


# 206 dask/dask#2951 [reduction] sum of int32, with dtype and without
def case_206(pd, np):
    x = np.arange(12, dtype="int32")
    return x.sum(), x.sum(dtype="int32"), np.sum(x, dtype="float32"), (x * 2**30).sum()


# 208 dask/dask#12359 [reduction] cumsum along the long axis drifts away
def case_208(pd, np):
    x = (np.arange(20 * 1500) * 7919 % 1009).reshape(20, 1500) / 8
    return np.cumsum(x, axis=1)[:, ::100]


# 209 dask/dask#4556 [reduction] bincount: minlength is no length
def case_209(pd, np):
    return np.bincount(np.array([1, 7, 3, 1]), minlength=4), np.bincount(
        np.array([0, 2]), weights=[0.5, 2.0], minlength=5
    )


# 211 dask/dask#6427 [reduction] histogram of uint8, the last bin closed on both sides
def case_211(pd, np):
    x = (np.arange(1000) % 256).astype("uint8")
    return np.histogram(x, bins=10, range=(0, 255)), np.histogram(x, bins=[0, 10, 255])


# 212 numpy/numpy#2111 [sorting] every NaN was distinct
def case_212(pd, np):
    a = np.array([2.0, np.nan, 1.0, np.nan, 2.0, -0.0, 0.0])
    return np.unique(a), np.unique(a, return_counts=True, return_inverse=True), np.unique(a, equal_nan=False).size


# 214 numpy/numpy#10520 [sorting] argmin and argmax with NaN along axes
def case_214(pd, np):
    x = np.array([[1.0, np.nan, 3.0], [4.0, 0.0, np.nan]])
    return np.argmin(x, axis=0), np.argmax(x, axis=1), np.nanargmin(x, axis=1), np.nanargmax(x), np.argmin(x)


# 215 jax-ml/jax#9107 [sorting] searchsorted where the tail is NaN
def case_215(pd, np):
    x = np.arange(10, dtype=float)
    x[4:] = np.nan
    return np.searchsorted(x, 0), np.searchsorted(x, [3.0, 3.5, np.nan]), np.searchsorted(x, np.nan, side="right")


# 217 DKISTDC/dkist#612 [sorting] sorting with NaN gave another order each time: stable, NaN last, -0.0 equal to 0.0
def case_217(pd, np):
    x = np.array([0.0, np.nan, -0.0, 1.0, -1.0, 0.0, np.nan, -np.inf])
    return np.argsort(x, kind="stable"), np.sort(x), np.sort(x[::-1])


# 218 numpy/numpy#15499 [sorting] digitize with values outside and on the edges
def case_218(pd, np):
    bins = np.array([1.0, 3.0, 5.0])
    x = np.array([0.0, 1.0, 2.0, 5.0, 6.0, np.nan])
    return np.digitize(x, bins), np.digitize(x, bins, right=True), np.digitize(x, bins[::-1])


# 220 numpy/numpy#11881 [rounding] integers rounded to thousands
def case_220(pd, np):
    return np.round(np.array([1499, 1500, 2500, -1500]), -3), np.round(np.array([15, 25, 35], dtype="int8"), -1)


# 221 dask/dask#2023 [reduction] var and std of a constant and of one value, with ddof
def case_221(pd, np):
    x = np.full((4, 3), 0.1)
    return x.var(), x.std(axis=0), np.array([5.0]).var(), np.array([5.0]).var(ddof=1), x.var(axis=1, ddof=1)
