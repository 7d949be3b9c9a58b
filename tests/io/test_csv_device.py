"""CSV on a GPU (here one of NumPy and C++): the CPU's reader is the oracle, whatever the text."""

import contextlib
import sys

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tenfold
import tenfold.pandas as tf
from tenfold import config
from tenfold.errors import DeviceNotice
from tenfold.io import csv, csv_device, csv_kernels, csv_reader, resident
from tenfold.io.source import Batch
from tenfold.run import results
from tenfold.target import cuda, device
from tests import fake_device
from tests.assert_same import assert_same as same_objects
from tests.primitives.test_csv import FIELD_KINDS, assert_same, read, texts

pytestmark = pytest.mark.skipif(fake_device.COMPILER is None, reason="no C++ compiler here")
DEVICE = fake_device.FakeDevice()
SEVERAL = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=100)


@pytest.fixture(scope="module", autouse=True)
def _compiled():
    """The CPU's scanner is machine code, compiled now if need be."""
    with config.set(target="cpu"):
        yield


@pytest.fixture(autouse=True)
def _all_may_be_left(monkeypatch):
    """Texts here are hostile: all pieces may be left to the host."""
    monkeypatch.setattr(csv_device, "MOST_LEFT", 1)


class Reader(csv_device.CsvDeviceReader):
    """The device's reader; it brings its columns home, and keeps the pieces with rows that it left to the host."""

    def __init__(self, source, columns, piece_bytes=1 << 20):
        super().__init__(source, columns, [DEVICE], piece_bytes)
        self.left = []

    def read(self, piece):
        for batch in super().read(piece):
            assert all(map(resident.is_resident, batch.columns.values()))
            columns = {name: home(array) for name, array in batch.columns.items()}
            yield Batch(columns, batch.start, batch.stop, batch.offset)

    def _read_on_host(self, number):
        part = yield from super()._read_on_host(number)
        self.left += [number] * (part.rows > 0)
        return part


def home(column):
    """`resident.home` from this test's device."""
    if not isinstance(column, resident.Text):
        return DEVICE.home(column)
    codes = DEVICE.home(column.codes)
    assert column.words.to_pylist() == sorted(set(column.words.to_pylist()))
    return column.words.take(pa.array(codes, mask=codes < 0))


@contextlib.contextmanager
def on_device():
    """All CSV without text is read by the device's reader; yields the readers."""
    readers = []

    def open_reader(source, columns, *, careful=False, piece_bytes=1 << 20, batch_bytes=1 << 16):
        if careful:
            return csv_reader.CsvReader(source, columns, careful, piece_bytes, batch_bytes)
        readers.append(Reader(source, columns, piece_bytes))
        return readers[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv.CsvSource, "open", open_reader)
        yield readers


def outcome(source, columns, **options):
    """A frame, or the class of the error and what it says."""
    try:
        return read(source, columns, **options)
    except Exception as error:
        return type(error), str(error)


def assert_same_outcome(path, *, piece=1 << 20, threads=1, columns=None, **options):
    """Both readers answer alike, and read every piece with the same kinds of text; how many the host had to read."""
    try:
        source = csv.open_csv(path, **options)
    except Exception:
        return 0
    columns = columns or tuple(name for name, _ in source.schema)
    expected = outcome(source, columns, piece_bytes=piece)  # what is refused first depends on the pieces
    with on_device() as readers:
        found = outcome(source, columns, threads=threads, piece_bytes=piece)
    if isinstance(expected, tuple):
        assert found == expected
    else:
        assert_same(found, expected)
    return sum(len(reader.left) for reader in readers)


# -- any text ----------------------------------------------------------------------------------------------------------


@SEVERAL
@given(texts(), st.sampled_from([30, 300, 1 << 20]), st.integers(1, 2), st.sampled_from([20, 300, 1 << 18]))
def test_any_text_reads_as_on_the_cpu(tmp_path_factory, text, piece, threads, sample):
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(text[0].encode())
    with config.set(sample_bytes=sample):
        assert_same_outcome(path, piece=piece, threads=threads, parse_dates=text[1])


@SEVERAL
@given(st.text('0123456789+-.eE naif\t:T,,,"\n\n\r', max_size=300), st.sampled_from([40, 1 << 20]),
       st.sampled_from([{}, {"dtype": {"a": float}}, {"usecols": ["a", "d"]}]))  # fmt: skip
def test_any_characters_read_as_on_the_cpu(tmp_path_factory, body, piece, options):
    path = tmp_path_factory.getbasetemp() / "characters.csv"
    path.write_text("a,i,d,t\n1.5,7,2024-01-02 03:04:05,True\n" + body, newline="")
    with config.set(sample_bytes=40):
        assert_same_outcome(path, piece=piece, parse_dates=["d"], **options)


FIELDS = {
    "float": ["1.5", "-0.25", "17", "", "NA", "1e5", "-1E-3", "+3", "1e400", "0.1234567890123456", "-0.0", "007",
              '"2.5"', "nan", "123456789012345678", "4.35", "9007199254740993.5"],
    "int": ["1", "-5", "0", "123456789012345678", '"12"', "+3", "00012"],
    "date": ["2024-01-02", "1999-12-31", "2024-02-29", "", '"1969-07-20"', "0001-01-01", "9999-12-31"],
    "moment": ["2024-01-02 03:04:05", "1969-12-31 23:59:59", "null"],
    "fine": ["2024-01-02T03:04:05.5", "1969-12-31T23:59:59.123456", "NULL"],
    "short": ["2024-01-02 03:04", "1969-12-31 23:59"],
    "word": ["CRD", "Cash", "", "NA", '"Cash, exact"', '"He said ""no"""', "é", "x y", '"NA"', '"a"b', "ninebytes"],
    "truth": ["True", "false", "TRUE", '"fAlse"'],
}  # fmt: skip


@SEVERAL
@given(st.lists(st.sampled_from(sorted(FIELDS)), min_size=1, max_size=5), st.randoms(use_true_random=False),
       st.sampled_from(["\n", "\r\n"]), st.sampled_from([",", ";"]), st.sampled_from([50, 700, 1 << 20]),
       st.booleans())  # fmt: skip
def test_regular_rows_are_read_on_the_device(tmp_path_factory, kinds, random, end, sep, piece, cut):
    path = tmp_path_factory.getbasetemp() / "regular.csv"
    names = [f"c{k}" for k in range(len(kinds))]
    rows = [[FIELDS[kind][0] for kind in kinds], *([random.choice(FIELDS[kind]) for kind in kinds] for _ in range(60))]
    if len(kinds) == 1:
        rows = [row for row in rows if row[0]]  # not blank lines
    text = end.join([sep.join(names), *map(sep.join, rows)]) + end
    path.write_text(text.rstrip() if cut else text, newline="")
    dates = [name for name, kind in zip(names, kinds, strict=True) if kind in ("date", "moment", "fine", "short")]
    left = assert_same_outcome(path, piece=piece, sep=sep, parse_dates=dates)
    assert left == 0 or piece < len(sep.join(names)) + 100


@pytest.mark.gpu
def test_any_text_on_a_real_device(tmp_path, monkeypatch):
    """The texts above, without Hypothesis' care for small ones: many rows, some of them odd."""
    monkeypatch.setattr(sys.modules[__name__], "DEVICE", device.device(0))
    random = np.random.default_rng(5)
    path = tmp_path / "real.csv"
    for round_ in range(60):
        kinds = random.choice(sorted(FIELDS), random.integers(1, 6))
        names = [f"c{k}" for k in range(len(kinds))]
        rows = [[random.choice(FIELDS[kind]) for kind in kinds] for _ in range(random.integers(1, 4000))]
        if round_ % 3 == 0:
            odd = [word for words in FIELD_KINDS.values() for word in words]
            rows[random.integers(len(rows))][0] = f'"{random.choice(odd)}"'
        rows.insert(0, [FIELDS[kind][0] for kind in kinds])
        path.write_text("\n".join(",".join(row) for row in [names, *rows]))
        dates = [name for name, kind in zip(names, kinds, strict=True) if kind in ("date", "moment", "fine", "short")]
        with config.set(sample_bytes=300):
            assert_same_outcome(path, piece=int(random.choice([700, 1 << 14, 1 << 20])), parse_dates=dates)


# -- what is not plain -------------------------------------------------------------------------------------------------


def test_floats_are_correctly_rounded(tmp_path):
    random = np.random.default_rng(7)
    finite = random.integers(0, 1 << 64, 8000, dtype=np.uint64).view(np.float64)
    scales, places = random.integers(-345, 312, 4000).tolist(), random.integers(0, 16, 4000).tolist()
    words = [
        *map(repr, finite[np.isfinite(finite)].tolist()),
        *map(repr, (random.integers(1, 1 << 52, 900) * 5e-324).tolist()),
        *(f"{m}.5e{q % 40 - 20}" for m, q in zip(random.integers(1 << 52, 1 << 53, 4000), scales, strict=True)),
        *(f"{x:.{d}f}" for x, d in zip(random.normal(0, 1e4, 4000), places, strict=True)),
        *(f"{m}e{q}" for m, q in zip(random.integers(0, 1 << 62, 4000), scales, strict=True)),
    ]  # fmt: skip
    path = tmp_path / "floats.csv"
    path.write_text("n,x\n" + "".join(f"{n},{word}\n" for n, word in enumerate(words)))
    assert assert_same_outcome(path) == 0
    with on_device():
        found = read(csv.open_csv(path))
    assert found["x"].to_numpy().tobytes() == np.array([float(word) for word in words]).tobytes()


ODD = {
    "a doubled quote": ('x,n\n1.5,1\n"1""5",2\n', 0),  # refuted by the host, then text
    "blanks around": ("x,n\n1.5,1\n 2.5 ,2\n", 0),
    "quotes and more": ('x,n\n1.5,1\n"2"5,2\n', 0),
    "beyond 128 bits": ("x,n\n1.5,1\n2.22507385850720113605740979670913197593481954635164e-308,2\n", 0),
    "minus zero": ("x,n\n1,1\n-0,2\n2.5,3\n", 0),
    "beyond int64": ("x,n\n1.5,1\n9223372036854775808,2\n", 0),
    "a blank line": ("x,n\n1.5,1\n\n2.5,2\n", 1),
    "a quoted line end": ('x,n,t\n1.5,1,"a\nb"\n2.5,2,c\n', 1),
    "a carriage return alone": ("x,n\n1.5,1\r2.5,2\n", 1),
    "a short row": ("x,n\n1.5,1.5\n2.5\n", 0),
    "a long row": ("x,n\n1.5,1\n2.5,2,3\n", 0),
}


@pytest.mark.parametrize("name", ODD)
def test_what_is_not_plain_is_left_to_the_host(tmp_path, name):
    text, left = ODD[name]
    path = tmp_path / "odd.csv"
    path.write_text(text, newline="")
    with config.set(sample_bytes=12):
        assert assert_same_outcome(path, columns=("x", "n")) == left


def words(path, count):
    path.write_text("x,t\n" + "".join(f"{k},w{k % count}\n" for k in range(300)))


def test_few_words_are_codes_and_many_are_left(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_kernels, "WORDS", 20)
    for count, left in ((20, 0), (21, 1)):
        words(tmp_path / f"{count}.csv", count)
        assert assert_same_outcome(tmp_path / f"{count}.csv") == left


def test_words_of_one_hash_are_not_taken_for_each_other(tmp_path, monkeypatch):
    words(tmp_path / "same.csv", 1)
    words(tmp_path / "other.csv", 2)
    constant = csv_kernels.code().replace("return hash ? hash : 1;", "return 7;")
    monkeypatch.setattr(csv_kernels, "code", lambda: constant)
    assert assert_same_outcome(tmp_path / "same.csv") == 0
    assert assert_same_outcome(tmp_path / "other.csv") == 1


@pytest.mark.parametrize("word", [b"\xff", b'"\xff"""'])
def test_words_that_are_not_utf8(tmp_path, word):
    path = tmp_path / "odd.csv"
    path.write_bytes(b"x,t\n" + b"1,a\n" * 20 + b"2," + word + b"\n")
    with config.set(sample_bytes=20):
        assert_same_outcome(path)


def test_many_fields_that_are_not_plain_are_left_with_all_others(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_kernels, "REDO_ENTRIES", 10)
    path = tmp_path / "blanks.csv"
    for count, left in ((10, 0), (11, 1)):
        path.write_text("x,n\n" + " 1.5,1\n" * count)
        assert assert_same_outcome(path) == left


def test_rows_longer_than_the_overhang(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_device, "OVERHANG", 16)
    path = tmp_path / "long.csv"
    path.write_text("x,t,n\n" + "".join(f"{k},{'a' * (k % 90)},{k}\n" for k in range(200)))
    assert assert_same_outcome(path, piece=256, columns=("x", "n")) > 5


def test_files_of_all_sizes_are_one_table(tmp_path):
    texts = ["x,n\n1,1\n", "x,n\n", "x,n\n2,2", "x,n\n" + "3,3\n" * 400, "x,n\r\n4,4\r\n"]
    for k, text in enumerate(texts):
        (tmp_path / f"{k}.csv").write_text(text, newline="")
    assert assert_same_outcome(str(tmp_path / "*.csv"), piece=150) == 0
    (tmp_path / "5.csv").write_text("n,x\n1,2\n")
    assert_same_outcome(str(tmp_path / "*.csv"))


def test_given_types_that_are_too_narrow(tmp_path):
    path = tmp_path / "narrow.csv"
    path.write_text("a,b\n" + "".join(f"{k},{k / 8}\n" for k in range(300)))
    for dtype in ("int16", "int8", "uint8", "uint64"):
        assert_same_outcome(path, dtype={"a": dtype, "b": "float32"})


def test_columns_are_optional_and_in_any_order(tmp_path):
    path = tmp_path / "three.csv"
    path.write_text("a,b,c\n1,2,3\n4,5,6\n")
    for columns in ((), ("c",), ("c", "a")):
        source = csv.open_csv(path)
        reader = Reader(source, columns)
        (batch,) = reader.read(0)
        assert {name: array.tolist() for name, array in batch.columns.items()} == {
            name: [ord(name) - 96, ord(name) - 93] for name in columns
        }
        assert reader.finish() == [2]
        reader.close()


# -- programs ----------------------------------------------------------------------------------------------------------


@pytest.fixture(params=[1, 2, pytest.param(0, marks=pytest.mark.gpu)])
def gpu(request, monkeypatch):
    """Fake devices, so many, or (0) real ones, in pieces of 500 bytes; yields how often rows were read there."""
    if request.param:
        fake_device.install(monkeypatch, request.param)
    monkeypatch.setattr(csv_device, "PIECE_BYTES", 500)
    read, read_there = csv_kernels.read, []
    monkeypatch.setattr(csv_kernels, "read", lambda *a: read_there.append(1) or read(*a))
    with tenfold.use("gpu"), config.set(sample_bytes=200):
        yield read_there


BODIES = {
    "plain": [f"{k},{k / 4},2024-01-{k % 28 + 1:02} 0{k % 10}:00:00,w" for k in range(300)],
    "refuted late": [f"{k if k < 290 else k + 0.5},{k / 4},2024-01-01 00:00:00,w" for k in range(300)],
    "missing": [f"{k},{k / 4 if k % 3 else ''},2024-01-01 00:00:00,w" for k in range(300)],
    "quoted line ends": [f'{k},{k / 4},2024-01-01 00:00:00,"{"a" * (k % 17)}\n,1,"' for k in range(300)],
    "blank lines": [f"{k},{k / 4},2024-01-01 00:00:00,w" + "\n" * (k % 100 == 7) for k in range(300)],
}


@pytest.mark.parametrize("body", BODIES)
def test_programs_answer_as_on_the_cpu(gpu, tmp_path, body):
    path = tmp_path / "table.csv"
    path.write_text("\n".join(["i,x,t,w", *BODIES[body]]) + "\n")

    def answers():
        df = tf.read_csv(path, parse_dates=["t"])
        yield df.groupby(df.t.dt.hour).x.mean().compute()
        yield df[df.x > 10].i.sum()
        yield df.groupby("w").x.sum().compute()
        yield df[df.w != "w"].compute()
        yield df[["x", "i"]].compute()
        yield len(df)
        yield df.compute()

    found = list(answers())
    assert len(gpu) > 40
    results.forget()
    with tenfold.use("cpu"):
        for ours, expected in zip(found, answers(), strict=True):
            same_objects(ours, expected)


def test_where_much_is_left_to_the_host_all_is_said_to_be(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_device, "MOST_LEFT", 1 / 8)
    path = tmp_path / "quoted.csv"
    path.write_text("x,t\n" + '1,"a\nb"\n' * 100)
    fake_device.install(monkeypatch)
    monkeypatch.setattr(csv_device, "PIECE_BYTES", 64)
    with tenfold.use("gpu"), pytest.warns(DeviceNotice, match="line ends in quotes"):
        found = tf.read_csv(path).x.sum()
    assert found == 100


# -- reading ahead -----------------------------------------------------------------------------------------------------


def test_pieces_may_be_read_in_any_order_and_not_at_all(tmp_path):
    path = tmp_path / "any.csv"
    path.write_text("x\n" + "".join(f"{k}\n" for k in range(1000)))
    source = csv.open_csv(path)
    reader = Reader(source, ("x",), 256)
    order = np.random.default_rng(1).permutation(reader.pieces)
    values = np.concatenate([batch.columns["x"] for piece in order for batch in reader.read(piece)])
    assert sum(reader.finish()) == 1000
    assert sorted(values) == list(range(1000))
    reader.close()
    unread = Reader(source, ("x",), 256)
    next(unread.read(3))
    unread.close()


def test_a_file_that_changes_is_an_error(tmp_path):
    path = tmp_path / "changing.csv"
    path.write_text("x\n1\n")
    source = csv.open_csv(path)
    path.write_text("x\n1\n2\n")
    reader = Reader(source, ("x",))
    with pytest.raises(OSError, match="has changed since"):
        list(reader.read(0))
    reader.close()


# -- compiling for devices ---------------------------------------------------------------------------------------------


@pytest.mark.skipif(cuda.nvrtc() is None, reason="NVRTC is not installed")
@pytest.mark.parametrize("architecture", ["sm_80", "sm_90"])
def test_the_kernels_compile_for_devices(architecture):
    assert cuda.compile_cubin(csv_kernels.code(), architecture).startswith(b"\x7fELF")


def test_the_host_and_the_kernels_agree_on_segments():
    assert f"#define SEGMENT {csv_kernels.SEGMENT}\n" in csv_kernels.code()
