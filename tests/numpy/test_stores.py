"""Arrays in files: what NumPy writes is read, what is written NumPy reads; nothing half-written is ever there."""

import os
import pickle

import numpy as real
import pandas
import pytest

import tenfold
import tenfold.numpy as np
import tenfold.pandas as pd
from tests.numpy.same import assert_same_array

RNG = real.random.default_rng(0)
ARRAYS = {
    "c": RNG.normal(size=(7, 5)),
    "fortran": real.asfortranarray(RNG.normal(size=(7, 5))),
    "big_endian": real.arange(6, dtype=">f8").reshape(2, 3),
    "scalar": real.array(3.5),
    "empty": real.empty((0, 3)),
    "text": real.array(["a", "bb"]),
    "dates": real.array(["2020-01-01", "NaT"], "M8[D]"),
    "complex": RNG.normal(size=4) * 1j,
    "boolean": RNG.normal(size=(3, 4)) > 0,
    "small": real.arange(9, dtype="i1"),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_npy_files_both_ways(name, tmp_path):
    array = ARRAYS[name]
    real.save(tmp_path / "a.npy", array)
    x = np.load(tmp_path / "a.npy")
    assert (x.shape, x.dtype) == (array.shape, array.dtype)
    real.testing.assert_array_equal(x, array)
    if array.ndim:
        real.testing.assert_array_equal(x[::-2], array[::-2])
    np.save(tmp_path / "b", x)
    back = real.load(tmp_path / "b.npy")
    assert back.dtype == array.dtype
    real.testing.assert_array_equal(back, array)
    assert sorted(os.listdir(tmp_path)) == ["a.npy", "b.npy"]


@pytest.mark.parametrize("name", ["c", "fortran", "big_endian", "small"])
def test_files_are_reduced(name, tmp_path):
    array = ARRAYS[name]
    real.save(tmp_path / "a.npy", array)
    x = np.load(tmp_path / "a.npy")
    assert x.sum() == np.array(array.astype(array.dtype.newbyteorder("="))).sum()
    assert (x.max(), (x + 1).min()) == (array.max(), (array + 1).min())


def test_other_files_are_loaded_as_numpy_loads_them(tmp_path):
    real.savez(tmp_path / "a.npz", x=ARRAYS["c"])
    with np.load(tmp_path / "a.npz") as archive:
        real.testing.assert_array_equal(archive["x"], ARRAYS["c"])
    with open(tmp_path / "a.npy", "wb") as file:
        np.save(file, np.arange(3))
        np.save(file, np.arange(4))
    with open(tmp_path / "a.npy", "rb") as file:
        assert [np.load(file).tolist(), np.load(file).tolist()] == [[0, 1, 2], [0, 1, 2, 3]]


@pytest.mark.parametrize(("keep", "name"), [(0, "nothing"), (20, "half a header"), (-8, "all but one number")])
def test_files_that_end_too_early_say_so(keep, name, tmp_path):
    real.save(tmp_path / "a.npy", ARRAYS["c"])
    whole = (tmp_path / "a.npy").read_bytes()
    (tmp_path / "a.npy").write_bytes(whole[:keep])
    with pytest.raises(ValueError, match=r"a\.npy: the file ends too early"):
        np.load(tmp_path / "a.npy")


def test_what_arrays_do_not_hold_is_refused(tmp_path):
    real.save(tmp_path / "v.npy", real.zeros(3, [("a", "i4")]))
    with pytest.raises(TypeError, match=r"holds \[\('a', '<i4'\)\]"):
        np.load(tmp_path / "v.npy")
    real.save(tmp_path / "o.npy", real.array([None]), allow_pickle=True)
    with pytest.raises(ValueError, match="Python objects"):
        np.load(tmp_path / "o.npy")
    with pytest.raises(FileNotFoundError):
        np.load(tmp_path / "none.npy")


def test_the_values_of_a_file_are_those_of_the_call(tmp_path):
    real.save(tmp_path / "a.npy", ARRAYS["c"])
    x = np.load(tmp_path / "a.npy")
    np.save(tmp_path / "a.npy", x * 2)  # reads the old one, then takes its place
    real.testing.assert_array_equal(real.load(tmp_path / "a.npy"), ARRAYS["c"] * 2)
    real.testing.assert_array_equal(x, ARRAYS["c"])


def test_nothing_half_written_is_left(tmp_path):
    def fail(block):
        raise OverflowError

    x = np.map_blocks(fail, np.arange(5), dtype=int)
    real.save(tmp_path / "a.npy", ARRAYS["c"])
    pytest.importorskip("zarr")
    pytest.importorskip("h5py")
    for write in (
        lambda: np.save(tmp_path / "a.npy", x),
        lambda: np.to_zarr(x, tmp_path / "a.zarr"),
        lambda: np.to_hdf5(x, tmp_path / "a.h5", "v"),
    ):
        with pytest.raises(OverflowError):
            write()
    assert os.listdir(tmp_path) == ["a.npy"]
    real.testing.assert_array_equal(real.load(tmp_path / "a.npy"), ARRAYS["c"])


def test_arrays_of_files_are_pickled_by_their_path(tmp_path):
    array = RNG.normal(size=(500, 500))
    real.save(tmp_path / "a.npy", array)
    x = (np.load(tmp_path / "a.npy") + 1)[::2]
    data = pickle.dumps(x)
    assert len(data) < 5_000
    real.testing.assert_array_equal(pickle.loads(data), (array + 1)[::2])


@pytest.fixture(params=["zarr", "hdf5"])
def kind(request):
    pytest.importorskip({"zarr": "zarr", "hdf5": "h5py"}[request.param])
    return request.param


@pytest.mark.parametrize("name", ["c", "scalar", "empty", "boolean", "small", "complex"])
def test_stores_both_ways(kind, name, tmp_path):
    array = ARRAYS[name]
    getattr(np, f"to_{kind}")(array, tmp_path / "a", "v", chunks=3)
    x = getattr(np, f"from_{kind}")(tmp_path / "a", "v")
    assert (x.shape, x.dtype) == (array.shape, array.dtype)
    real.testing.assert_array_equal(x, array)
    if array.ndim:
        real.testing.assert_array_equal(x[::-2], array[::-2])
        real.testing.assert_array_equal((x != 0)[1:].sum(0), (array != 0)[1:].sum(0))
    with pytest.raises(FileExistsError):
        getattr(np, f"to_{kind}")(array, tmp_path / "a", "v")
    assert os.listdir(tmp_path) == ["a"]


def test_a_group_is_no_array(kind, tmp_path):
    getattr(np, f"to_{kind}")(np.arange(3), tmp_path / "a", "group/v")
    with pytest.raises(ValueError, match="name one"):
        getattr(np, f"from_{kind}")(tmp_path / "a", "group")
    with pytest.raises(ValueError, match="chunks"):
        getattr(np, f"to_{kind}")(np.arange(3), tmp_path / "b", "v", chunks=(2, 2))


# -- frames --------------------------------------------------------------------------------------------------------

FRAME = pandas.DataFrame({"x": [1.5, 2.5, real.nan, 4.0], "y": [1, 2, 3, 4], "z": [True, False, True, True]})


def test_the_columns_of_a_frame_as_an_array():
    for frame in (FRAME, pd.from_pandas(FRAME)):
        numbers = np.from_frame(frame[["x", "y"]])
        real.testing.assert_array_equal(numbers, FRAME[["x", "y"]].to_numpy())
        real.testing.assert_array_equal(np.from_frame(frame[frame.y > 2].x), FRAME[FRAME.y > 2].x.to_numpy())
    assert np.from_frame(FRAME[["y", "z"]].astype("i4")).dtype == real.dtype("i4")


def test_a_frame_of_arrays():
    x = np.arange(4) * 2
    expected = pandas.DataFrame({"a": real.arange(4) * 2, "b": 1.5})
    pandas.testing.assert_frame_equal(pd.DataFrame({"a": x, "b": np.full(4, 1.5)}).compute(), expected)
    pandas.testing.assert_frame_equal(pd.DataFrame(x.reshape(2, 2)).compute(), pandas.DataFrame([[0, 2], [4, 6]]))
    assert isinstance(pd.from_pandas(FRAME).x.compute().to_numpy(), real.ndarray)


def test_the_budget_holds_for_stores(kind, tmp_path):
    with tenfold.config.set(memory_bytes=1 << 20):
        x = np.arange(400_000.0)
        getattr(np, f"to_{kind}")(x - x.mean(), tmp_path / "a", "v", chunks=70_000)
        assert getattr(np, f"from_{kind}")(tmp_path / "a", "v").sum() == 0


@pytest.mark.parametrize("n", [10, 50_000])
def test_a_file_that_goes_or_is_replaced_keeps_its_values(n, tmp_path, small_bytes):
    path = tmp_path / "x.npy"
    real.save(path, real.arange(float(n)))
    x = np.load(path)
    doubled = x * 2
    path.unlink()
    assert_same_array(doubled[:4], real.array([0.0, 2, 4, 6]))
    real.save(path, real.zeros(n))  # another file
    assert_same_array((x + 1)[-3:], real.arange(float(n))[-3:] + 1)
    assert_same_array(np.load(path)[:2], real.zeros(2))


def test_a_file_that_is_written_into_is_an_error_or_was_read_before(tmp_path, small_bytes):
    path = tmp_path / "x.npy"
    for n in (10, 50_000):
        real.save(path, real.arange(float(n)))
        x = np.load(path)
        with path.open("r+b") as file:
            file.write(path.read_bytes()[:-8] + bytes(8))
        if 8 * n <= small_bytes:
            assert x[-1] == n - 1
        else:
            with pytest.raises(ValueError, match="written to after it was opened"):
                x.sum().compute()


def test_objects_are_saved_and_loaded_by_numpy(tmp_path):
    np.save(tmp_path / "x.npy", np.array([None, 1], dtype=object))
    assert np.load(tmp_path / "x.npy", allow_pickle=True).tolist() == [None, 1]
