"""Products, factors and Einstein sums are NumPy's, whatever is cut; factors are held against what they multiply to."""

import numpy as real
import pytest

import tenfold.numpy as np
from tenfold import config, fallback
from tenfold.errors import NotYetError
from tenfold.run import contraction, library, linear
from tenfold.run import threads as executor

RNG = real.random.default_rng(3)
STACK = RNG.normal(size=(3, 2, 5, 5))
COMPLEX = STACK + 1j * RNG.normal(size=STACK.shape)
TALL = RNG.normal(size=(30_000, 12)) * real.logspace(0, -6, 12)


@pytest.fixture(autouse=True)
def _native():
    with config.set(strict=True, target="blocks"):
        yield


def same(answer, expected, tolerance=1e-11):
    answer, expected = real.asarray(answer), real.asarray(expected)
    assert (answer.shape, answer.dtype) == (expected.shape, expected.dtype)
    real.testing.assert_allclose(answer, expected, rtol=tolerance, atol=tolerance)


SHAPES = [
    ((4,), (4,)), ((4,), (4, 3)), ((2, 4), (4,)), ((2, 4), (4, 3)), ((5, 2, 4), (4, 3)), ((5, 2, 4), (5, 4, 3)),
    ((1, 2, 4), (5, 4, 3)), ((2, 4), (5, 4, 3)), ((4,), (5, 4, 3)), ((5, 2, 4), (4,)), ((0, 4), (4, 3)),
    ((2, 0), (0, 3)),
]  # fmt: skip


@pytest.mark.parametrize("dtype", ["f8", "f4", "i4", "?", "c16"])
@pytest.mark.parametrize("shapes", SHAPES, ids=str)
def test_matmul_broadcasts_and_promotes_as_numpy(shapes, dtype):
    left, right = (RNG.integers(-3, 4, shape).astype(dtype) for shape in shapes)
    same(np.array(left) @ np.array(right), left @ right)
    single = RNG.normal(size=shapes[1]).astype("f4")
    same(np.array(left) @ single, left @ single, 1e-5)


@pytest.mark.parametrize("name", ["dot", "inner", "vdot", "outer", "kron"])
@pytest.mark.parametrize("shapes", [((4,), (4,)), ((3, 4), (3, 4)), ((), (3, 4))], ids=str)
def test_products_are_those_of_numpy(name, shapes):
    left, right = (RNG.normal(size=shape) + 1j for shape in shapes)
    if name == "vdot" and left.size != right.size:
        pytest.skip("vectors of one length")
    right = right.T if name == "dot" else right
    same(getattr(np, name)(np.array(left), right), getattr(real, name)(left, right))


@pytest.mark.parametrize("axes", [0, 1, 2, ([0, 2], [1, 0]), (-1, 0)], ids=str)
def test_tensordot_takes_axes_as_numpy(axes):
    left = RNG.normal(size=(4, 3, 4))
    right = RNG.normal(size=(4, 4, 3)) if not isinstance(axes, int) else RNG.normal(size=(3, 4, 3))[:4]
    right = right if axes != 1 else RNG.normal(size=(4, 2))
    same(np.tensordot(np.array(left), right, axes), real.tensordot(left, right, axes))


@pytest.mark.parametrize("axis", ["rows", "columns", "inner"])
def test_long_axes_are_multiplied_slab_by_slab_with_one_answer_for_any_threads(axis):
    long, short = RNG.normal(size=(600_000, 4)), RNG.normal(size=(4, 3))
    programs = {
        "rows": (lambda: (np.array(long) * 2) @ short, (long * 2) @ short),
        "columns": (lambda: np.array(short).T @ (np.array(long) * 2).T, short.T @ (long * 2).T),
        "inner": (lambda: (np.array(long) * 2).T @ np.array(long), (long * 2).T @ long),
    }
    program, expected = programs[axis]
    answers = []
    for threads in (1, 3):
        with config.set(threads=threads, memory_bytes=8 << 20):
            answers.append(program().compute())
    same(answers[0], expected, 1e-9)
    real.testing.assert_array_equal(answers[0], answers[1])


@pytest.mark.parametrize("part", [slice(None, 3), slice(None, None, -1), slice(1, None, 2)], ids=str)
def test_products_of_views(part):
    x = STACK[0, 0]
    for view in (lambda a: a[part], lambda a: a[:, part], lambda a: a[:, part].T[::-1], lambda a: a.T[part].T):
        same(view(np.array(x)).T @ view(np.array(x)), view(x).T @ view(x))
        same(view(np.array(x)) @ view(np.array(x)).T, view(x) @ view(x).T)


def test_numpy_calls_matmul_on_arrays_of_ours():
    same(real.matmul(STACK[0], np.array(STACK)), STACK[0] @ STACK)
    assert isinstance(real.linalg.inv(np.array(STACK)), np.ndarray)


EINSUMS = [
    ("ij,jk", 2), ("ij,jk->ki", 2), ("ij,kj", 2), ("i j , j k , k l -> l i", 3), ("...ij,...jk", 2), ("ii", 1),
    ("ii->i", 1), ("ij->j", 1), ("ji", 1), ("ij,ij->i", 2), ("ij,ik->ijk", 2), ("ij,jk,ik->", 3), ("ij,ij", 2),
    ("ab,bc,cd,de->ae", 4), ("ij,jj->i", 2), ("ij,kl->", 2),
]  # fmt: skip


@pytest.mark.parametrize("dtype", ["f8", "i8", "c16"])
@pytest.mark.parametrize(("text", "count"), EINSUMS)
def test_einstein_sums(text, count, dtype):
    operands = [RNG.integers(-5, 6, (5, 5)).astype(dtype) for _ in range(count)]
    same(np.einsum(text, *map(np.array, operands)), real.einsum(text, *operands))


@pytest.mark.parametrize(
    "text", ["...ij,...jk->...ik", "bcij,bcjk->bki", "abij,abij->ab", "...,ij...", "b...j,bj->b..."]
)
def test_einstein_sums_over_stacks(text):
    shapes = {"...,ij...": ((4,), (2, 3, 4)), "b...j,bj->b...": ((2, 5, 6, 3), (2, 3))}
    left, right = map(RNG.normal, (0, 0), (1, 1), shapes.get(text, ((3, 2, 5, 5), (3, 2, 5, 5))))
    same(np.einsum(text, np.array(left), right), real.einsum(text, left, right))


def test_einstein_sums_stretch_axes_of_length_one():
    left, right = RNG.normal(size=(3, 1)), RNG.normal(size=(4, 5))
    same(np.einsum("ij,jk->ik", left, np.array(right)), real.einsum("ij,jk->ik", left, right))


@pytest.mark.parametrize("text", ["ij,jk->il", "ij", "ijk,jk->ii", "ij,jk->ikk"])
def test_einstein_sums_that_numpy_refuses(text):
    with pytest.raises(ValueError, match=r".+"):
        np.einsum(text, np.array(STACK[0, 0]), STACK[0, 1])


@pytest.mark.parametrize(
    "values", [STACK, COMPLEX, STACK.astype("f4"), (STACK * 9).astype("i4") | 1], ids=lambda v: v.dtype
)
@pytest.mark.parametrize("name", ["inv", "det", "slogdet", "pinv", "matrix_rank", "cond", "svdvals"])
def test_functions_of_stacks(name, values):
    expected = getattr(real.linalg, name)(values)
    answer = getattr(np.linalg, name)(np.array(values))
    for mine, theirs in zip(answer, expected, strict=True) if name == "slogdet" else [(answer, expected)]:
        same(mine, theirs, 2e-3 if values.dtype == "f4" else 1e-10)


@pytest.mark.parametrize("values", [STACK, COMPLEX], ids=lambda v: v.dtype)
def test_factors_multiply_to_what_they_are_of(values):
    x = np.array(values)
    q, r = np.linalg.qr(x)
    u, s, vh = np.linalg.svd(x)
    hermitian = x + np.conjugate(x.mT)
    w, v = np.linalg.eigh(hermitian)
    same(q @ r, values)
    same((u * s[..., np.newaxis, :]) @ vh, values)
    same((v * w[..., np.newaxis, :]) @ np.conjugate(v.mT), values + values.conj().mT)
    same(w, real.linalg.eigvalsh(values + values.conj().mT))
    lower = np.linalg.cholesky(x @ np.conjugate(x.mT) + np.eye(5))
    same(lower @ np.conjugate(lower.mT), values @ values.conj().mT + real.eye(5))
    same(np.linalg.matrix_power(x, 3), real.linalg.matrix_power(values, 3), 1e-9)
    assert [type(f) for f in (np.linalg.qr(x), np.linalg.svd(x), np.linalg.eigh(x))] == [
        type(f) for f in (real.linalg.qr(values), real.linalg.svd(values), real.linalg.eigh(values))
    ]


@pytest.mark.parametrize("shape", [(5,), (5, 2), (3, 2, 5, 4)], ids=str)
def test_equations(shape):
    right = RNG.normal(size=shape)
    same(np.linalg.solve(np.array(STACK), right), real.linalg.solve(STACK, right))


@pytest.mark.parametrize("dtype", ["f8", "f4", "c16"])
def test_tall_matrices_are_factored_in_slabs(dtype):
    values = (TALL + (1j * TALL[::-1] if dtype == "c16" else 0)).astype(dtype)
    x, exact = np.array(values), 1e-4 if dtype == "f4" else 1e-11
    q, r = np.linalg.qr(x)
    u, s, vh = np.linalg.svd(x, full_matrices=False)
    assert "tall_svd" in s.explain()
    for basis in (q, u):
        same(np.conjugate(basis.T) @ basis, real.eye(12, dtype=dtype), exact)
    same(q @ r, values, exact)
    same((u * s) @ vh, values, exact)
    same(s, real.linalg.svd(values, compute_uv=False), exact)
    same(r, real.triu(r.compute()))
    same(np.linalg.svd(x.T, full_matrices=False).S, s, exact)


def test_tall_factors_have_one_answer_for_any_threads_and_are_made_of_expressions():
    answers = []
    for threads in (1, 3):
        with config.set(threads=threads):
            answers.append(np.linalg.svd(np.array(TALL) * 2, full_matrices=False).U.compute())
    real.testing.assert_array_equal(answers[0], answers[1])


def test_several_results_of_one_program_are_computed_once(monkeypatch):
    calls = []
    exact = real.linalg.svd
    monkeypatch.setattr(real.linalg, "svd", lambda *args, **options: calls.append(args) or exact(*args, **options))
    u, s, vh = np.linalg.svd(np.array(STACK[0, 0]))
    calls.clear()
    same((u * s) @ vh, STACK[0, 0])
    assert len(calls) == 1


def test_least_squares():
    right = RNG.normal(size=(len(TALL), 2))
    for b in (right, right[:, 0]):
        for rows in (20, len(TALL)):
            answer = np.linalg.lstsq(np.array(TALL[:rows]), b[:rows])
            for mine, theirs in zip(answer, real.linalg.lstsq(TALL[:rows], b[:rows]), strict=True):
                same(mine, theirs, 1e-7)
    twice = real.concatenate([TALL, TALL], axis=1)
    for mine, theirs in zip(np.linalg.lstsq(np.array(twice), right), real.linalg.lstsq(twice, right), strict=True):
        same(mine, theirs, 1e-7)


def test_compressed_svd_finds_the_large_values_and_the_same_signs_for_a_seed():
    u, s, vh = np.linalg.svd_compressed(np.array(TALL), 4, n_power_iter=2, seed=5)
    best = real.linalg.svd(TALL, full_matrices=False)
    same(s, best.S[:4], 1e-8)
    same((u * s) @ vh, (best.U[:, :4] * best.S[:4]) @ best.Vh[:4], 1e-6)
    assert (vh.max(1) == abs(vh).max(1)).all()
    real.testing.assert_array_equal(vh, np.linalg.svd_compressed(np.array(TALL), 4, n_power_iter=2, seed=5).Vh)


@pytest.mark.parametrize("ord", [None, 1, -1, 2, -2, real.inf, -real.inf, 0, 3, 0.5])
@pytest.mark.parametrize("values", [STACK, COMPLEX, (STACK * 9).astype("i4") | 1], ids=lambda v: v.dtype)
def test_norms_of_vectors(values, ord):
    for axis, keepdims in ((0, False), (-1, True)):
        same(np.linalg.norm(np.array(values), ord, axis, keepdims), real.linalg.norm(values, ord, axis, keepdims))
        kept = {"axis": axis, "keepdims": keepdims, "ord": 2 if ord is None else ord}
        same(np.linalg.vector_norm(np.array(values), **kept), real.linalg.vector_norm(values, **kept))
    same(np.linalg.norm(np.array(values)), real.linalg.norm(values))


@pytest.mark.parametrize("ord", [None, "fro", "nuc", 1, -1, 2, -2, real.inf, -real.inf])
def test_norms_of_matrices(ord):
    for axis, keepdims in (((0, 2), False), ((-1, 0), True)):
        same(np.linalg.norm(np.array(STACK), ord, axis, keepdims), real.linalg.norm(STACK, ord, axis, keepdims))


REFUSED = {
    "inv": lambda lib, x: lib.inv(x[:, :, :3]),
    "cholesky": lambda lib, x: lib.cholesky(x[0]),
    "qr": lambda lib, x: lib.qr(x[0, 0, 0]),
    "singular": lambda lib, x: lib.inv(x * 0),
    "solve": lambda lib, x: lib.solve(x * 0, x),
    "eigh": lambda lib, x: lib.eigh(x[..., :2]),
}


@pytest.mark.parametrize("name", REFUSED)
def test_errors_are_those_of_numpy(name):
    for linalg, x in ((real.linalg, STACK), (np.linalg, np.array(STACK))):
        with pytest.raises(real.linalg.LinAlgError):
            real.asarray(REFUSED[name](linalg, x))
    with pytest.raises(TypeError):
        np.linalg.inv(np.array(STACK).astype("f2"))


def test_other_names_run_in_numpy():
    fallback.forget()
    with pytest.raises(NotYetError, match=r"linalg\.eig"):
        np.linalg.eig(np.array(STACK))
    with config.set(strict=False), pytest.warns(UserWarning, match=r"linalg\.eig"):
        same(np.linalg.eig(np.array(STACK[0, 0])).eigenvalues, real.linalg.eig(STACK[0, 0]).eigenvalues)


def test_products_of_several_matrices_in_the_best_order():
    chain = [RNG.normal(size=shape) for shape in ((30, 2), (2, 40), (40, 3), (3,))]
    same(np.linalg.multi_dot([np.array(x) for x in chain]), real.linalg.multi_dot(chain))


@pytest.mark.parametrize("dtype", ["f4", "f8", "c8", "c16"])
@pytest.mark.parametrize("apart", [1.0, 1e-3, 1e-6, 1e-9, 0.0, real.nan])
def test_tall_qr_of_devices_is_stable(dtype, apart):
    rng = real.random.default_rng(3)
    matrix = (rng.normal(size=(3_000, 8)) + 1j * rng.normal(size=(3_000, 8))).astype(
        dtype if dtype[0] == "c" else "c16"
    )
    matrix = matrix if dtype[0] == "c" else matrix.real.astype(dtype)
    matrix[:, 3] = matrix[:, 2] + apart * matrix[:, 3]
    q, r = linear.tall_qr(matrix)
    assert (q.dtype, r.dtype) == (matrix.dtype, matrix.dtype)
    if apart != apart:
        assert real.isnan(q).any()
        return
    bound = 60 * real.finfo(dtype).eps
    assert abs(q @ r - matrix).max() < bound * abs(matrix).max()
    assert abs(q.conj().T @ q - real.eye(8)).max() < bound


# -- in steps --------------------------------------------------------------------------------------------------------

STEPPED = {
    "matmul": lambda np, a: a @ a.T,
    "wide": lambda np, a: a[:3] @ a.T,
    "vector": lambda np, a: a @ a[0],
    "symmetric": lambda np, a: a.T @ a,
    "stack": lambda np, a: np.stack([a, a * 2]) @ np.stack([a.T, a.T]),
    "tensordot": lambda np, a: np.tensordot(a.reshape(24, 6, 5), a.reshape(6, 5, 24), ((2, 1), (1, 0))),
    "einsum": lambda np, a: np.einsum("ij,kj->ik", a, a),
    "matrix_power": lambda np, a: np.stack([np.linalg.matrix_power(a[:20, :20], n) for n in (0, 1, 2, 3, 5, 6)]),
    "searchsorted": lambda np, a: np.searchsorted(np.sort(a[:, 0]), a[:, 1], "right"),
}


@pytest.mark.parametrize("dtype", ["i8", "u1", "?", "f4", "f8", "f2", "g", "c16"])
@pytest.mark.parametrize("name", STEPPED)
def test_products_and_searches_in_steps_are_those_of_numpy(name, dtype, monkeypatch):
    """Integers, and what BLAS does not make, to the bit."""
    array, checks = RNG.integers(-2, 3, (24, 30)).astype(dtype), []
    if name == "matrix_power" and dtype in ("f2", "g"):
        pytest.skip("NumPy's")
    monkeypatch.setattr(library, "PRODUCTS", {True: 1 << 10, False: 1 << 9})
    monkeypatch.setattr(library, "BLAS_ROWS", 4)
    monkeypatch.setattr(library, "SEARCHES", 7)
    monkeypatch.setattr(contraction, "SLAB", 200)
    monkeypatch.setattr(contraction, "THINNEST", 8)
    monkeypatch.setattr(library.threads, "check", lambda: checks.append(1))
    answer, expected = STEPPED[name](np, np.array(array)), STEPPED[name](real, array)
    same(answer, expected, 0 if dtype in ("i8", "u1", "?", "f2", "g") else 1e-6)
    assert checks or name == "vector" or dtype in ("f4", "f8", "c16")


def test_who_is_told_to_stop_stops_between_two_steps():
    share = executor._Share(None, lambda: None)
    executor.check()  # of no run
    token = executor._run.set(share)
    try:
        executor.check()
        share.cancel()
        with pytest.raises(executor.Cancelled):
            executor.check()
    finally:
        executor._run.reset(token)
