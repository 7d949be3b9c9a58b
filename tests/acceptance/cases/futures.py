"""Learning at scale, futures and graphs: what is done with frames and arrays elsewhere."""

import pickle
from concurrent.futures import ThreadPoolExecutor, as_completed

from tests.acceptance.cases.making import raises

# == learning at scale =============================================================================================


# 259 dask/dask-ml#440 [learning] PCA: explained variances and components differ (signs are free)
def case_259(pd, np):
    x = (np.arange(600) * 7919 % 1009).reshape(120, 5) / np.arange(1.0, 6.0)
    x = x - x.mean(axis=0)
    _, s, vt = np.linalg.svd(x, full_matrices=False)
    return np.round(s**2 / 119, 9), np.round(abs(vt), 7)


# 260 dask/dask-ml#280 [learning] metrics ignored sample_weight
def case_260(pd, np):
    y, p, w = np.array([3.0, -0.5, 2.0, 7.0]), np.array([2.5, 0.0, 2.0, 8.0]), np.array([1.0, 2.0, 0.0, 4.0])
    middle = np.average(y, weights=w)
    return np.average((y - p) ** 2, weights=w), 1 - (w * (y - p) ** 2).sum() / (w * (y - middle) ** 2).sum()


# 262 dask/dask-ml#219 [learning] folds of cross validation: every row once, in order
def case_262(pd, np):
    folds = np.array_split(np.arange(11), 3)
    return [np.setdiff1d(np.arange(11), fold) for fold in folds], list(folds)


# 263 NVIDIA/cuml#3412 [learning] one step of k-means: nearest centre with ties, new centres
def case_263(pd, np):
    x = np.array([[0.0, 0.0], [1.0, 0.0], [2.0, 0.0], [5.0, 5.0], [6.0, 5.0]])
    centres = np.array([[0.0, 0.0], [2.0, 0.0], [6.0, 6.0]])
    label = ((x[:, None, :] - centres[None]) ** 2).sum(axis=2).argmin(axis=1)
    size = np.bincount(label, minlength=3)
    return label, size, np.stack([np.bincount(label, weights=x[:, d], minlength=3) / size for d in range(2)], axis=1)


# 265 dask/distributed#3733 [learning] what is pickled and comes back must be the same, and a thing of its own
def case_265(pd, np):
    x = np.arange(6.0) * 2
    again = pickle.loads(pickle.dumps(x + 1))
    again[0] = -1
    return x + 1, again


# 266 dask/distributed#3733 [learning] ... the same with a frame, filtered
def case_266(pd, np):
    df = pd.DataFrame({"a": [1, 2, 3], "s": ["x", None, "z"]})
    return pickle.loads(pickle.dumps(df[df.a > 1]))


# == futures and graphs ============================================================================================


# 268 dask/dask#2409 [futures] a dictionary changed between two lazy calls: all of them saw the last value
def case_268(pd, np):
    params, answers = {}, []
    for params["phi"] in range(3):
        answers.append(np.arange(3) * params["phi"])
    return answers


# 269 dask/dask#8324 [futures] the input is changed in place after something lazy was made of it
def case_269(pd, np):
    x = np.arange(5.0)
    y = x * 2
    x += 100
    x[0] = -1
    return y, x


# 271 dask/dask#8974 [futures] threads that write rows of one array
def case_271(pd, np):
    m = np.zeros((8, 3))

    def fill(n):
        m[n] = n

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(fill, range(8)))
    return m


# 272 dask/distributed#2089 [futures] as_completed must give every future back, also cancelled and failed ones
def case_272(pd, np):
    df = pd.DataFrame({"k": [n % 4 for n in range(40)], "v": range(40)})

    def one(n):
        if n == 3:
            raise KeyError(n)
        return int(df[df.k == n].v.sum())

    with ThreadPoolExecutor(2) as pool:
        futures = [pool.submit(one, n) for n in range(4)]
        done = list(as_completed(futures))
    return len(done), [f.result() if not f.exception() else type(f.exception()).__name__ for f in futures]


# 274 dask/distributed#9070 [futures] a function mapped over pieces, then folded
def case_274(pd, np):
    x = np.arange(1000)
    with ThreadPoolExecutor(4) as pool:
        parts = list(pool.map(lambda n: int((x[n : n + 100] ** 2).sum()), range(0, 1000, 100)))
    return parts, sum(parts)


# 275 dask/dask#4002 [futures] a function that carries a large array along
def case_275(pd, np):
    table = np.arange(100_000)

    def look_up(keys):
        return table[np.asarray(keys, dtype=int)].sum()

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(look_up, [[1, 2, 3], [99_999], []]))


# 277 dask/distributed#2039 [futures] an error inside of a piece must come out as it is
@raises(ZeroDivisionError)
def case_277(pd, np):
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda n: np.arange(3).sum() // n if n else 1 // 0, [1, 0]))
