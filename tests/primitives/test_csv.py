"""CSV: pandas is the oracle, for the scanner, compiled and as plain Python, and the reader, in pieces of any size."""

import functools
import io
import itertools
import math
import struct
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tenfold import config, dtypes
from tenfold.errors import NotYetError
from tenfold.io import csv, csv_reader, csv_text
from tenfold.primitives import csv as scanner
from tenfold.primitives import numbers
from tenfold.target import cache

FIELD_KINDS = {
    "integers": ["1", "-5", "0", "+3", " 4", "7 ", "12345678", "-99999999", "9007199254740993", "-0", "00012"],
    "floats": ["3.5", "-0.25", ".5", "5.", "1e5", "-1E-3", "1e400", "inf", "-Infinity", "0.1234567890123456789", "-0.0",
               "1.7976931348623157e308", "4.9e-324", "2.2250738585072011e-308", "9007199254740993", " 2.5\t", "1e23"],
    "nulls": ["", "NA", "NaN", "null", "N/A", "#N/A N/A", "-1.#QNAN", "nan", "None", "<NA>"],
    "truths": ["True", "false", "TRUE", "tRuE"],
    "texts": ["abc", "x y", "1 2", "--1", "1e", "+", "é", 'a"b', "NAN", "nan ", "-", "e5", "1.2.3", "truex", "1,5",
              "a\nb", "a\r\nb", 'say "hi"', '"', "  ", " x", "a text that is longer than sixteen bytes"],
    "days": ["2024-01-02", "1999-12-31", "2024-02-29", "1969-07-20"],
    "moments": ["2024-01-02 03:04:05", "1969-12-31 23:59:59"],
    "beyond": ["9223372036854775808", "18446744073709551615", "18446744073709551616", "-9223372036854775809"],
}  # fmt: skip
COLUMNS = [
    ("integers",), ("integers", "nulls"), ("floats", "integers"), ("floats", "nulls"), ("nulls",), ("truths",),
    ("texts", "nulls"), ("days", "nulls"), ("moments", "nulls"), ("days", "moments"), ("integers", "beyond"),
    ("truths", "nulls"), ("floats", "integers", "nulls", "texts", "truths", "days"), ("texts", "beyond", "integers"),
]  # fmt: skip
QUICK = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=250)


@pytest.fixture(scope="module", autouse=True)
def compiled():
    """The scanner as machine code, compiled now if need be."""
    before = config.get("target")
    config.set(target="cpu")
    yield cache.primitive("csv", "scan", scanner.SIGNATURE)
    config.set(target=before)


def field(text, quote):
    if quote or any(c in text for c in ',"\n\r'):
        return '"' + text.replace('"', '""') + '"'
    return text


@st.composite
def texts(draw):
    """A CSV text, and which columns to read as dates."""
    kinds = draw(st.lists(st.sampled_from(COLUMNS), min_size=1, max_size=4))
    line_end = draw(st.sampled_from(["\n", "\n", "\r\n", "\r", None]))
    quoting = draw(st.sampled_from([0, 0, 0.1, 1]))
    trouble = draw(st.sampled_from([0, 0, 0, 0.1, 0.4]))
    random = draw(st.randoms(use_true_random=False))
    names = [f"c{k}" for k in range(len(kinds))]

    def end():
        return line_end or random.choice(["\n", "\r\n"])

    lines = [random.choice(["", "", "\n", "\ufeff"]), ",".join(names), end()]
    for row in range(draw(st.sampled_from([1, 2, 7, 40]))):
        cells = [field(random.choice(FIELD_KINDS[random.choice(kind)]), random.random() < quoting) for kind in kinds]
        if random.random() < trouble:
            match random.randrange(6):
                case 0 if row:
                    cells = cells[: random.randint(1, len(cells))]
                case 1:
                    lines.append(end())
                case 2 if line_end != "\r":  # pandas never comes back from a blank after a lone CR
                    lines.append(random.choice([" ", "\t", "  "]) + end())
                case 3:
                    cells[-1] = '"a"' + random.choice(["b", " ", "1", 'x"y'])
                case 4:
                    cells[0] = '"1"2'
        lines.append(",".join(cells) + end())
    text = "".join(lines)
    dates = [n for n, kind in zip(names, kinds, strict=True) if "days" in kind or "moments" in kind]
    return text.rstrip("\r\n") if draw(st.booleans()) else text, dates[: draw(st.integers(0, 2))]


def read(source, columns=None, *, threads=1, **sizes):
    """All rows of a source as a frame: what an executor does, refutations and missplits included."""
    careful = False
    for _ in range(20):
        names = columns or tuple(name for name, _ in source.schema)
        reader = source.open(names, careful=careful, **sizes)
        try:
            with ThreadPoolExecutor(threads) as pool:
                mapped = map if threads == 1 else pool.map
                pieces = mapped(functools.partial(copied, reader), range(reader.pieces))
                batches = list(itertools.chain.from_iterable(pieces))
            rows = reader.finish()
        except csv.Refuted as refuted:
            source = refuted.wider
        except csv.Missplit:
            assert not careful
            careful = True
        else:
            frame = pandas.DataFrame({name: joined(batches, name, dict(source.schema)[name]) for name in names})
            assert len(frame) == sum(rows)
            return frame
    raise AssertionError("never comes to an end")


def copied(reader, piece):
    return [
        {
            name: array.copy() if isinstance(array, np.ndarray) else pa.array(array.to_pylist(), array.type)
            for name, array in batch.columns.items()
        }
        for batch in reader.read(piece)
    ]


def joined(batches, name, dtype):
    if dtype.kind == "O":
        return pandas.array(pa.chunked_array([b[name] for b in batches], pa.large_string()), dtype="str")
    whole = np.concatenate([np.empty(0, dtypes.storage_dtype(dtype)), *(b[name] for b in batches)])
    return whole.view(dtypes.numpy_dtype(dtype))


def assert_same(found, expected):
    pandas.testing.assert_frame_equal(found, expected, check_exact=True)
    for name in expected:
        if expected[name].dtype.kind == "f":
            both = found[name].notna()
            assert found[name][both].to_numpy().tobytes() == expected[name][both].to_numpy().tobytes(), name


def assert_as_pandas(path, threads=1, sizes=(None, None), **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            expected = pandas.read_csv(path, low_memory=False, **options)
        except Exception as error:
            expected = error
    piece, batch = sizes
    try:
        found = read(csv.open_csv(path, **options), threads=threads, piece_bytes=piece, batch_bytes=batch)
    except NotYetError:
        assume(False)
    except Exception as error:
        found = error
    if isinstance(found, Exception) or isinstance(expected, Exception):
        assert type(found) is type(expected), found
    else:
        assert_same(found, expected)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "table.csv"


# -- the reader against pandas -------------------------------------------------------------------------------------


@QUICK
@given(texts(), st.sampled_from([7, 30, 200, 1 << 20]), st.sampled_from([64, 300, 1 << 16]), st.integers(1, 2),
       st.sampled_from([20, 300, 1 << 18]))  # fmt: skip
def test_any_text_in_pieces_of_any_size(tmp_path_factory, text, piece, batch, threads, sample):
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(text[0].encode())
    with config.set(sample_bytes=sample):
        assert_as_pandas(path, threads, (piece, batch), parse_dates=text[1])


@settings(QUICK, max_examples=25)
@given(texts())
def test_without_a_compiler(tmp_path_factory, text):
    path = tmp_path_factory.getbasetemp() / "slow.csv"
    path.write_bytes(text[0].encode())
    with pytest.MonkeyPatch.context() as patch:
        for module in (csv, csv_reader):
            patch.setattr(module, "compiled_scanner", lambda size=0: None)
        assert_as_pandas(path, parse_dates=text[1])


def test_quoted_line_ends_are_a_missplit(path):
    path.write_text("a,b\n" + '1,"x\ny\nz"\n' * 50)
    source = csv.open_csv(path)
    reader = source.open(("a", "b"), piece_bytes=40)
    for k in range(reader.pieces):
        list(reader.read(k))
    with pytest.raises(csv.Missplit):
        reader.finish()
    assert_as_pandas(path, sizes=(40, 64))


def test_many_files_read_as_one(tmp_path):
    for k, rows in enumerate(["1,x\n", "", "2,y\n3.5,z"]):
        (tmp_path / f"part-{k}.csv").write_text("a,b\n" + rows)
    source = csv.open_csv(str(tmp_path / "part-*.csv"))
    assert dict(source.schema)["a"] == dtypes.INT64
    assert_same(read(source), pandas.DataFrame({"a": [1, 2, 3.5], "b": ["x", "y", "z"]}))
    assert csv.open_csv([f.path for f in source.files]).key == source.key


@pytest.mark.parametrize("options", [
    {"usecols": ["c"]}, {"usecols": [2, 0]}, {"usecols": lambda name: name > "a"}, {"dtype": "str"},
    {"dtype": {"a": "float32", "c": "int8"}}, {"dtype": {0: "uint16"}}, {"sep": ";"}, {"usecols": ["z"]},
    {"parse_dates": ["z"]}, {"parse_dates": "a"}, {"dtype": {"c": "uint8"}}, {"dtype": {"b": "int64"}},
    {"dtype": {"b": float}}, {"dtype": {"c": "datetime64[ns]"}}, {"dtype": "nonsense"}, {"usecols": ["a", 1]},
], ids=lambda options: str(options).partition(" at 0x")[0])  # fmt: skip
def test_options_are_those_of_pandas(path, options):
    path.write_text("a,b,c\n1,x,-3\n2,,4\n")
    assert_as_pandas(path, **options)


@pytest.mark.parametrize("text", [
    "", "\n\n", "a,b\n1,2\n1,2,3\n", 'a,b\n1,"x\n', "a,a,b,,\n1,2,3,4,5\n", '"a,b","c""d"\n1,2\n', "a\n\n1\n \n2\n",
    "a\r1\r\r2",
], ids=repr)  # fmt: skip
def test_texts_to_watch(path, text):
    path.write_text(text)
    assert_as_pandas(path)


def test_text_that_is_not_utf8(path):
    path.write_bytes(b"a,b\nx,1\n\xff,2\n")
    with pytest.raises(UnicodeDecodeError, match=r"table\.csv, column 'a'"):
        read(csv.open_csv(path))
    assert len(read(csv.open_csv(path, usecols=["b"]))) == 2


@pytest.mark.parametrize(("text", "options", "error", "words"), [
    ('a,b\n"x\ny",2\n1,2,3\n', {}, pandas.errors.ParserError, "line 4: expected 2 fields, saw 3"),
    ('a,b\n1,2\n"x\n\ny",2\n3,"4\n', {}, pandas.errors.ParserError, "line 6: a quote opens here"),
    ("a,b\n1,2\n1,x\n", {"dtype": {"b": "int64"}}, ValueError, "line 3, column 'b': 'x' is no int64"),
    ("a,b\n1,2\n1,\n", {"dtype": {"b": "int64"}}, ValueError, "line 3, column 'b': int64 column has NA values"),
    ("a,b\n1,300\n", {"dtype": {"b": "int8"}}, ValueError, "'b': cannot safely convert 300 to the passed dtype int8"),
    ("a,b\n1,2,3\n", {}, NotYetError, "an index column"),
    ("a\nTrue\nNA\n", {}, NotYetError, "booleans and missing values"),
    ("a\n2024-1-3\n2024-1-2\n", {"parse_dates": ["a"]}, NotYetError, "dates in an unusual format"),
])  # fmt: skip
def test_errors_name_file_line_and_column(path, text, options, error, words):
    path.write_text(text)
    with pytest.raises(error, match=words) as found:
        read(csv.open_csv(path, **options), piece_bytes=9)
    assert "column 'a'" in str(found.value) or "table.csv" in str(found.value)


def test_files_that_change_or_differ(tmp_path, path):
    path.write_text("a,b\n1,2\n")
    source = csv.open_csv(path)
    path.write_text("a,b\n1,2\n3,4\n")
    with pytest.raises(OSError, match="has changed since"):
        read(source)
    (tmp_path / "u.csv").write_text("b,a\n1,2\n")
    with pytest.raises(ValueError, match=r"u\.csv has the columns b, a"):
        read(csv.open_csv([path, tmp_path / "u.csv"]))
    with pytest.raises(FileNotFoundError):
        csv.open_csv(tmp_path / "none.csv")
    with pytest.raises(FileNotFoundError, match="none"):
        csv.open_csv(tmp_path / "none*.csv")


# -- the scanner: machine code against plain Python -----------------------------------------------------------------


@settings(QUICK, max_examples=40)
@given(text=texts(), fields=st.integers(1, 3), split=st.floats(0, 1), final=st.booleans(),
       actions=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 7), st.integers(0, 1)), max_size=3))  # fmt: skip
def test_compiled_is_python(compiled, text, fields, split, final, actions):
    data = text[0][:400].encode()
    buffer = np.frombuffer(data + bytes(csv_text.PADDING), np.uint8)
    wanted = [(min(column, fields - 1), action, form) for column, action, form in actions]
    results = []
    for scan in (compiled, None):
        call = csv_text.Scanner(scan, ",", fields, wanted, 50, long_rows=fields == 1)
        call.bind(buffer)
        ended = call.scan(0, int(len(data) * split), len(data), final=final)
        rows = ended[1]
        values = [call.values(k, rows).tobytes() for k, (_, action, _) in enumerate(wanted) if action < scanner.INFER]
        facts = [call.of_column(k, fact) for k in range(len(wanted)) for fact in (scanner.KINDS, scanner.MISFIT_ROW)]
        results.append((ended, values, facts))
    assert results[0] == results[1]


# -- numbers and dates -----------------------------------------------------------------------------------------------


def floats_by_scanner(compiled, words):
    text = ("\n".join(words) + "\n").encode()
    call = csv_text.Scanner(compiled, ",", 1, [(0, scanner.FLOAT64, 1)], len(words), long_rows=False)
    call.bind(np.frombuffer(text + bytes(csv_text.PADDING), np.uint8))
    found, lo = [], 0
    while lo < len(text):
        _, rows, lo = call.scan(lo, len(text), len(text), final=True)
        found.append(call.values(0, rows).copy())
    return np.concatenate(found)


def test_floats_are_correctly_rounded(compiled):
    random = np.random.default_rng(7)
    finite = random.integers(0, 1 << 64, 40_000, dtype=np.uint64).view(np.float64)
    finite = finite[np.isfinite(finite)].tolist()
    subnormal = (random.integers(1, 1 << 52, 5000) * 5e-324).tolist()
    scales, places = random.integers(-345, 312, 20_000).tolist(), random.integers(0, 12, 20_000).tolist()
    words = [
        *map(repr, finite), *map(repr, subnormal),
        *(f"{x:.25e}" for x in finite[:5000]),
        *(f"{m}.5e{q % 40 - 20}" for m, q in zip(random.integers(1 << 52, 1 << 53, 20_000), scales, strict=True)),
        *(f"{x:.{d}f}" for x, d in zip(random.normal(0, 1e4, 20_000), places, strict=True)),
        *(f"{m}e{q}" for m, q in zip(random.integers(0, 1 << 62, 20_000), scales, strict=True)),
    ]  # fmt: skip
    expected = np.array([float(word) for word in words])
    assert floats_by_scanner(compiled, words).tobytes() == expected.tobytes()
    column = pandas.read_csv(io.StringIO("x\n" + "\n".join(words)), dtype=float)["x"]
    assert column.to_numpy().tobytes() == expected.tobytes()


@settings(QUICK, max_examples=300)
@given(st.text("0123456789+-.eE naif\t", min_size=1, max_size=24))
def test_the_grammar_of_numbers(word):
    data = np.frombuffer(word.encode() + bytes(16), np.uint8)
    with np.errstate(over="ignore"):
        kind = numbers.kind_of(data, 0, len(word), False) & ~numbers.NEGATIVE
        _, significand, exponent, negative, exact = numbers.decimal(data, 0, len(word))
        sure, value = numbers.to_float(significand, exponent, negative)
    expected = pandas.read_csv(io.StringIO(f'x\n"{word}"\n'), low_memory=False)["x"]
    allowed = {
        "i": numbers.INT, "u": numbers.UINT, "f": numbers.FLOAT | numbers.NULL, "b": numbers.BOOL, "O": numbers.HUGE,
    }.get(expected.dtype.kind if expected.dtype != "str" else "T", numbers.TEXT)  # fmt: skip
    assert kind & allowed, (kind, expected)
    if kind == numbers.FLOAT and sure and exact:
        assert struct.pack("<d", value) == struct.pack("<d", expected[0])


def test_every_day_of_the_calendar():
    days = np.arange("0000-01-01", "2500-01-01", 7, dtype="datetime64[D]")
    parts = [tuple(map(int, str(day).split("-"))) for day in days[::5]]
    assert [numbers.day_number(*part) for part in parts] == days[::5].astype(int).tolist()


@pytest.mark.parametrize(("word", "form"), [
    ("2024-02-29", 0), ("2024-02-29 23:59:59", 1), ("2024-02-29T23:59:59", 2), ("1969-02-28 23:59:59.5", 3),
    ("0001-02-28T00:00:00.123456", 4), ("9999-12-31 23:59", 5), ("2024-02-29T23:59", 6),
])  # fmt: skip
def test_date_formats(word, form):
    with np.errstate(over="ignore"):
        found, moment = numbers.date(np.frombuffer(word.encode() + bytes(32), np.uint8), 0, len(word))
    expected = pandas.to_datetime([word], format=numbers.FORMATS[form]).as_unit("us")
    assert (found, moment) == (form, expected.asi8[0])


@pytest.mark.parametrize("word", [
    "2023-02-29", "2024-00-01", "2024-13-01", "2024-01-00", "2024-01-32", "2024-01-02 24:00:00", "2024-01-02 00:60:00",
    "2024-01-02 00:00:60", "2024-01-02 00:00:00.", "2024-01-02 00:00:00.1234567", "2024-01-02_00:00:00", "2024-1-02",
    "2024-01-0a", "2024/01/02", "", "2024-01-02 00:0",
])  # fmt: skip
def test_what_is_no_date(word):
    with np.errstate(over="ignore"):
        assert numbers.date(np.frombuffer(word.encode() + bytes(32), np.uint8), 0, len(word))[0] == numbers.NOT_A_DATE


def test_null_words_are_those_of_pandas():
    from pandas._libs.parsers import STR_NA_VALUES

    assert {*numbers.NULL_WORDS, ""} == STR_NA_VALUES
    assert math.isnan(floats_by_scanner(None, ["NA"])[0])


def test_ten_thousand_files_are_found_at_once(tmp_path):
    for k in range(2000):
        (Path(tmp_path) / f"{k:04}.csv").write_text("a\n1\n")
    source = csv.open_csv(str(tmp_path / "*.csv"))
    assert [f.path for f in source.files] == sorted(f.path for f in source.files)
    assert read(source)["a"].sum() == 2000
