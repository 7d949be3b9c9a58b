"""Arrays: types, products, shapes, random numbers."""

from tests.acceptance.cases.making import raises

# == arrays: types =================================================================================================


# 223 numpy/numpy#18557 [types] a list of a negative number and a large uint64
def case_223(pd, np):
    return np.array([-1, np.uint64(2**63 - 1)]).dtype, np.array([-1, 2**63 - 1]), np.array([2**63, 1])


# 224 dask/dask#12296 [types] int8 times 128 is an error that says why
@raises(OverflowError)
def case_224(pd, np):
    return np.ones(2, dtype="int8") * 128


# 226 dask/dask#2273 [types] stack of int32 and float32, in both orders
def case_226(pd, np):
    i, f = np.arange(3, dtype="i4"), np.arange(3, dtype="f4")
    return (
        np.stack([i, f]),
        np.stack([f, i], axis=1),
        np.concatenate([i, f]),
        np.concatenate([f, np.arange(2, dtype="i2")]),
    )


# 227 dask/dask#1050 [types] texts were cut to the length of the first array's
def case_227(pd, np):
    return np.concatenate([np.array(["CA-0", "CA-1"]), np.array(["TX-0", "TX-101"])]), np.where(
        np.array([True, False]), "a", "long"
    )


# 229 numpy/numpy#15494 [types] ... with fields in another order: values went under the wrong names; must be refused
@raises(TypeError)
def case_229(pd, np):
    a = np.array([(1, 2)], dtype=[("a", "<i8"), ("b", "<i8")])
    b = np.array([(4, 3)], dtype=[("b", "<i8"), ("a", "<i8")])
    return np.concatenate([a, b])["a"]


# 230 dask/dask#3248 [types] numbers with the other byte order
def case_230(pd, np):
    a = np.array([1.5, 2.5], dtype=">f8")
    return (a + 1).sum(), np.concatenate([a, a]), a * 2, np.sort(np.array([3, 1], ">i4"))


# 232 numpy/numpy#5222 [dates] least and largest with missing dates
def case_232(pd, np):
    d = np.array(["2020-01-02", "NaT", "2019-05-05"], dtype="M8[D]")
    return np.isnat(d.min()), d.argmax(), np.nanmax(d), np.sort(d), d == d, d[::2] - d[0]


# 233 numpy/numpy#15063 [dates] missing durations are sorted to the end
def case_233(pd, np):
    return np.sort(np.array([3, "NaT", -5], dtype="m8[s]")), np.argsort(np.array([3, "NaT", -5], dtype="m8[s]"))


# 235 numpy/numpy#22346 [dates] durations summed, averaged and divided
def case_235(pd, np):
    t = np.array([90, 30, -45], dtype="m8[s]")
    return t.sum(), t.mean(), t // np.timedelta64(60, "s"), t % np.timedelta64(60, "s"), t * 1.5, abs(t)


# 236 numpy/numpy#7258 [types] divmod and remainder by rows of signs
def case_236(pd, np):
    x, y = np.array([7, -7, 7, -7]), np.array([3, 3, -3, -3])
    f = np.array([78 * 6e-8, -0.0, 5.0, -5.0])
    return np.divmod(x, y), x // y, np.fmod(x, y), f % 6e-8, f // np.inf, np.remainder(f, -np.inf)


# == arrays: products and shapes ===================================================================================


# 238 dask/dask#5472 [products] tensordot over two axes of a matrix that is not square
def case_238(pd, np):
    a = np.arange(20.0).reshape(4, 5)
    return np.tensordot(a, a, axes=2), np.tensordot(a, a, axes=([0, 1], [0, 1])), np.tensordot(a, a, axes=0).shape


# 239 dask/dask#10811 [products] tensordot with negative axes
def case_239(pd, np):
    a, b = np.arange(12.0).reshape(3, 4), np.arange(8.0).reshape(4, 2)
    return np.tensordot(a, b, axes=[[-1], [0]]), np.tensordot(a, b, axes=([-1], [-2]))


# 241 dask/dask#6907 [products] an assignment that changes nothing made the product wrong
def case_241(pd, np):
    x, y = np.arange(16).reshape((4, 4)), np.arange(16).reshape((4, 4))
    x[x == 0] = 0
    y[y == 0] = 0
    return np.dot(x, y)


# 242 dask/dask#11488 [products] einsum of empty arrays
def case_242(pd, np):
    return np.einsum("ij,jk->ik", np.zeros((2, 0)), np.zeros((0, 3))), np.einsum("i,i", np.zeros(0), np.zeros(0))


# 244 dgasmith/opt_einsum#22 [products] an einsum that keeps axes of both
def case_244(pd, np):
    x, y = np.arange(24.0).reshape(2, 3, 4), np.arange(60.0).reshape(3, 4, 5)
    return np.einsum("sta,tac->stac", x, y), np.einsum("ii->i", np.arange(9).reshape(3, 3)), np.einsum("ij->ji", x[0])


# 245 dask/dask#6874 [products] matmul joined whole blocks; stacks of matrices, vectors, integers that wrap
def case_245(pd, np):
    a, b = np.arange(24).reshape(2, 3, 4), np.arange(8).reshape(4, 2)
    return a @ b, a @ np.arange(4), np.arange(3) @ a, np.array([[100]], "int8") @ np.array([[2]], "int8")


# 247 dask/dask#11580 [windows] an overlap larger than a chunk: padding by all modes
def case_247(pd, np):
    x = np.arange(6)
    return [np.pad(x, 4, mode=mode) for mode in ("constant", "reflect", "symmetric", "edge", "wrap")]


# 248 dask/dask#5448 [windows] a moving sum, then a slice of it
def case_248(pd, np):
    x = np.arange(20)
    moving = np.lib.stride_tricks.sliding_window_view(x, 5).sum(axis=1)
    return moving[1:], moving[:-1], np.convolve(x, np.ones(5), mode="same")


# 250 NCAS-CMS/cf-python#313 [windows] masked arrays: sum, mean and filling
def case_250(pd, np):
    m = np.ma.masked_array(np.array([1.0, 2.0, 99.0]), mask=[False, False, True])
    return m.sum(), m.mean(), m.filled(-1)


# 251 pydata/xarray#1187 [shapes] quantiles along a middle axis: where the new axis goes
def case_251(pd, np):
    x = np.arange(48.0).reshape(2, 4, 6)
    return (
        np.quantile(x, [0.1, 0.5], axis=1),
        np.median(x, axis=(0, 2)),
        np.quantile(x, 0.5, axis=1, keepdims=True).shape,
    )


# 253 dask/dask#2561 [shapes] reshape that mixes axes, over an axis of length one, with -1
def case_253(pd, np):
    x = np.arange(24.0).reshape(2, 3, 4)
    return np.reshape(x, (3, 2, 4)), x.reshape(4, 1, -1), x[:, :1].reshape(8), x.swapaxes(0, 2).reshape(6, 4)


# == random numbers ================================================================================================


# 254 dask/dask#1684 [random] the first 20 of a longer draw differ from a draw of 20
def case_254(pd, np):
    one, two = np.random.default_rng(123).random(20), np.random.default_rng(123).random(200)[:20]
    return bool((one == two).all())


# 256 dask/distributed#2015 [random] two equal calls were taken for one: two draws must differ
def case_256(pd, np):
    rng = np.random.default_rng(9)
    a, b = rng.random(5), rng.random(5)
    return bool((a == b).any()), a.shape


# 257 dask/dask#719 [random] parts of a large draw repeat each other
def case_257(pd, np):
    x = np.random.default_rng(3).random(300_000)
    return int(np.unique(x).size == x.size), bool(abs(x.mean() - 0.5) < 0.01)
