"""Files that do not make one table: folders of Parquet files, and CSV files with other columns or types each."""

import numpy as np
import pandas as pd
import pytest

import tenfold.pandas as tf
from tenfold import config
from tenfold.errors import NotYetError
from tests.assert_same import assert_same

FRAME = pd.DataFrame({"a": [3, 1, 2], "w": ["x", None, "z"], "x": [0.5, np.nan, 2.0]})
pytestmark = pytest.mark.filterwarnings("ignore::tenfold.fallback.FallbackWarning")


def folder(place, **frames):
    for name, frame in frames.items():
        frame.to_parquet(place / f"{name}.parquet")
    return place


FOLDERS = {
    "one file": {"a": FRAME},
    "several": {"b": FRAME, "a": FRAME[:1], "c": FRAME[1:]},
    "counted labels": {n: FRAME.set_axis(pd.RangeIndex(3, 6, name="r")) for n in "ab"},
    "labels": {n: FRAME.set_index("w") for n in "ab"},
    "with a bracket": {"a[1]": FRAME},
}
OTHERS = {
    "a column more": {"a": FRAME[["a"]], "b": FRAME},
    "a column less": {"a": FRAME, "b": FRAME[["x"]]},
    "other types": {"a": FRAME, "b": FRAME.astype({"a": "i4"})},
}


@pytest.mark.parametrize("name", FOLDERS)
def test_a_folder_of_files_is_read_as_one(name, tmp_path):
    folder(tmp_path, **FOLDERS[name])
    (tmp_path / "_SUCCESS").touch()
    (tmp_path / ".hidden").mkdir()
    with config.set(strict=True):
        ours = tf.read_parquet(tmp_path)
        assert_same(tf.read_parquet(str(tmp_path), columns=["x"]), pd.read_parquet(tmp_path, columns=["x"]))
        assert_same(ours[ours.x > 1], pd.read_parquet(tmp_path).query("x > 1"))
    assert_same(ours, pd.read_parquet(tmp_path))


@pytest.mark.parametrize("name", OTHERS)
def test_a_folder_of_several_tables_is_pandas_own(name, tmp_path):
    folder(tmp_path, **OTHERS[name])
    assert_same(tf.read_parquet(tmp_path), pd.read_parquet(tmp_path))
    with config.set(strict=True), pytest.raises(NotYetError, match="a folder of"):
        tf.read_parquet(tmp_path)


def test_an_empty_folder_is_an_empty_frame(tmp_path):
    assert_same(tf.read_parquet(tmp_path), pd.read_parquet(tmp_path))


@pytest.mark.parametrize("columns", [None, ["x", "a"]])
def test_partitions_are_pandas_own(columns, tmp_path):
    FRAME.to_parquet(tmp_path / "parts", partition_cols=["a"])
    ours = tf.read_parquet(tmp_path / "parts", columns=columns)
    assert_same(ours, pd.read_parquet(tmp_path / "parts", columns=columns))


def files(place, *texts):
    for number, text in enumerate(texts):
        (place / f"{number}.csv").write_text(text)
    return sorted(place.glob("*.csv"))


@pytest.mark.parametrize("second", ["b,a\n3,4\n", "a,c\n3,4\n", "a\n3\n", "a,b,c\n1,2,3\n"])
def test_files_with_other_columns_are_put_together_by_name(second, tmp_path):
    paths = files(tmp_path, "a,b\n1,2\n", second)
    assert_same(tf.read_csv(tmp_path / "*.csv"), pd.concat(map(pd.read_csv, paths), ignore_index=True))
    with config.set(strict=True), pytest.raises(NotYetError, match=r"other columns each \(.*1\.csv has"):
        tf.read_csv(paths)


def test_files_with_the_same_header_written_otherwise_are_one(tmp_path):
    paths = files(tmp_path, "a,b\n1,2\n", '"a","b"\r\n3,4\r\n', "\na,b\n5,6\n")
    with config.set(strict=True):
        assert_same(tf.read_csv(paths), pd.DataFrame({"a": [1, 3, 5], "b": [2, 4, 6]}))


@pytest.mark.parametrize(
    ("text", "dtype"),
    [
        ("false\n\ntrue", "f8"),
        ("true\nfalse", "i8"),
        ("1\n0", "bool"),
        ("1.0\n2", "i8"),
        ("1.5\n2", "i8"),
        ("1\ntrue", "f8"),
    ],
)
def test_values_that_are_converted_are_pandas_own(text, dtype, tmp_path):
    (path,) = files(tmp_path, f"a,b\n{text.replace(chr(10), ',1' + chr(10))},1\n")
    try:
        want = pd.read_csv(path, dtype={"a": dtype})
    except ValueError as error:
        with pytest.raises(type(error)):
            tf.read_csv(path, dtype={"a": dtype})
    else:
        assert_same(tf.read_csv(path, dtype={"a": dtype}), want)


@pytest.mark.filterwarnings("ignore::pandas.errors.DtypeWarning")
@pytest.mark.parametrize("text", ["bad", "1e5x", "true"])
def test_a_column_of_texts_and_numbers_is_what_pandas_makes_of_its_chunks(text, tmp_path):
    rows = [f"{n},1" + ",2" * 126 for n in range(9_000)]
    rows[3] = text + ",1" + ",2" * 126
    (path,) = files(tmp_path, "\n".join([",".join(f"c{n}" for n in range(128)), *rows, ""]))
    want = pd.read_csv(path)
    assert_same(tf.read_csv(path)[["c0", "c1"]], want[["c0", "c1"]])
    assert set(map(type, want.c0)) == {str, int}


def test_texts_and_numbers_of_one_chunk_are_texts(tmp_path):
    (path,) = files(tmp_path, "a\nx\n1\n2\n")
    with config.set(strict=True):
        assert_same(tf.read_csv(path), pd.read_csv(path))
