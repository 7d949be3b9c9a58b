"""CSV from end to end: what a program over files answers, against pandas on the same text, and what goes wrong how."""

import io
import re

import numpy as np
import pandas as pd
import pytest

import tenfold.pandas as tf
from tenfold import config
from tenfold.errors import NotYetError
from tenfold.io import csv
from tenfold.run import results
from tests.assert_same import assert_same

TARGETS = ("blocks", "cpu")


@pytest.fixture(params=TARGETS, autouse=True)
def _reader(request):
    """pandas as the reader, and the compiled scanner; pieces and samples of a few lines."""
    with config.set(target=request.param, piece_bytes=256, batch_bytes=128, sample_bytes=64, compile_rows=1 << 60):
        yield


@pytest.fixture
def write(tmp_path):
    """Write texts as files 0.csv, 1.csv, ..., each under the first one's header; the pattern that matches them."""

    def write(*texts):
        for number, text in enumerate(texts):
            (tmp_path / f"{number:02}.csv").write_text(text, newline="")
        return str(tmp_path / "*.csv")

    return write


def rows(lines):
    return "".join(f"{line}\n" for line in lines)


def one_text(*texts):
    """What pandas reads: all files under the first header."""
    header = texts[0].partition("\n")[0]
    return io.StringIO("".join([header, "\n", *(text.partition("\n")[2] for text in texts)]))


def assert_reads_as_pandas(pattern, texts, **options):
    real = pd.read_csv(one_text(*texts), low_memory=False, **options)
    df = tf.read_csv(pattern, **options)
    assert_same(df.dtypes, real.dtypes)
    assert_same(tf.read_csv(pattern, **options), real)
    assert_same(df, real)
    for name in real:
        assert_same(df[name], real[name])
    assert df.shape == real.shape


def numbers(count, start=0):
    return [f"{n},{n / 4},w{n % 3}" for n in range(start, start + count)]


# -- many files, one index --------------------------------------------------------------------------------------------


def test_a_glob_is_one_frame_in_the_order_of_names(write):
    texts = [rows(["i,x,w", *numbers(50, start)]) for start in (0, 50, 100)]
    assert_reads_as_pandas(write(*texts), texts)


def test_a_list_is_one_frame_in_its_own_order(write, tmp_path):
    texts = [rows(["i,x,w", *numbers(20, start)]) for start in (0, 20, 40)]
    write(*texts)
    paths = [tmp_path / "02.csv", str(tmp_path / "00.csv")]
    assert_same(tf.read_csv(paths), pd.read_csv(one_text(texts[2], texts[0])))


def test_labels_of_filtered_rows_run_on_over_files(write):
    texts = [rows(["i,x,w", *numbers(50, start)]) for start in (0, 50, 100)]
    df, real = tf.read_csv(write(*texts)), pd.read_csv(one_text(*texts))
    assert_same(df[df.i % 10 == 7], real[real.i % 10 == 7])
    assert_same(df[df.i > 90].head(3), real[real.i > 90].head(3), index_class=False)
    assert repr(df[df.x > 30]) == repr(real[real.x > 30])


def test_files_without_rows_and_without_a_last_line_end(write):
    texts = ["i,x\n1,2.5\n", "i,x\n", "i,x\n2,3.5"]
    assert_reads_as_pandas(write(*texts), texts)


def test_blank_lines_quotes_and_line_ends(write):
    texts = ['i,w\r\n1,"a ""b"" c"\r\n\r\n2,"two\nlines"\r\n', 'i,w\r\n3,"x,y"\r\n4,\r\n']
    assert_reads_as_pandas(write(*texts), texts)


def test_quoted_line_ends_at_every_place_of_a_piece(write):
    lines = [f'{n},"{"a" * (n % 17)}\n{"b,c" * (n % 5)}"' for n in range(200)]
    texts = [rows(["i,w", *lines])]
    assert_reads_as_pandas(write(*texts), texts)
    df, real = tf.read_csv(write(*texts)), pd.read_csv(one_text(*texts))
    assert_same(df.groupby(df.i % 3).i.sum(), real.groupby(real.i % 3).i.sum())
    for count in (0, 1, 50, 199):
        results.forget()
        assert_same(df.head(count), real.head(count))


# -- types from all of the data -----------------------------------------------------------------------------------

LATE_TYPES = {
    "int to float": ("1", "2.5"),
    "int to missing": ("1", ""),
    "int to text": ("1", "x"),
    "float to text": ("1.5", "x"),
    "bool to text": ("True", "perhaps"),
    "missing to int": ("", "7"),
    "missing to text": ("", "x"),
    "leading zeros to text": ("007", "x"),
    "float written long": ("0.1", "0.1000000000000000055511151231257827"),
}


@pytest.mark.parametrize("case", LATE_TYPES)
def test_a_type_that_changes_in_the_last_row_of_the_last_file(case, write):
    usual, last = LATE_TYPES[case]
    texts = [rows(["i,c", *(f"{n},{usual}" for n in range(60))]) for _ in range(2)]
    texts[1] += f"99,{last}\n"
    assert_reads_as_pandas(write(*texts), texts)


def test_int_then_float_then_text(write):
    texts = [rows(["c,i", *(f"{value},{n}" for n in range(60))]) for value in ("1", "2.5", "x")]
    assert_reads_as_pandas(write(*texts), texts)


def test_a_refuted_claim_replans_what_was_computed_from_the_column(write):
    texts = [rows(["k,c", *(f"{n % 3},{n}" for n in range(80))]), "k,c\n1,0.5\n"]
    df, real = tf.read_csv(write(*texts)), pd.read_csv(one_text(*texts))
    assert_same(df[df.c > 10].groupby("k").c.sum(), real[real.c > 10].groupby("k").c.sum())
    assert_same((df.c * 2).max(), (real.c * 2).max())


def test_rows_that_a_filter_drops_count_for_the_type(write):
    texts = [rows(["k,c", *(f"0,{n}" for n in range(80))]), "k,c\n1,0.5\n"]
    df, real = tf.read_csv(write(*texts)), pd.read_csv(one_text(*texts))
    assert_same(df[df.k == 0], real[real.k == 0])


DATES = ["2020-01-31", "1969-12-31"]


@pytest.mark.parametrize(
    "last", ["2020-02-29", "", "no date", "2020-02-30"], ids=["a date", "missing", "text", "no such day"]
)
def test_dates(last, write):
    texts = [rows(["t,i", *(f"{DATES[n % 2]},{n}" for n in range(60))]), f"t,i\n{last},60\n"]
    assert_reads_as_pandas(write(*texts), texts, parse_dates=["t"])


@pytest.mark.parametrize("missing", ["", "null", "NA"])
def test_fields_of_dates_some_of_which_are_missing(missing, write):
    texts = [rows(["t,x", *(f"2020-0{n % 9 + 1}-11 1{n % 10}:00:05,{n}" for n in range(60))]), f"t,x\n{missing},9\n"]
    df, real = (
        read(source, parse_dates=["t"])
        for read, source in ((tf.read_csv, write(*texts)), (pd.read_csv, one_text(*texts)))
    )
    assert_same(df.t.dt.hour, real.t.dt.hour)
    assert_same(df.groupby(df.t.dt.month).x.sum(), real.groupby(real.t.dt.month).x.sum())
    assert_same(df[df.t >= "2020-05-01"], real[real.t >= "2020-05-01"])


# -- options ----------------------------------------------------------------------------------------------------

OPTIONS = {
    "sep": ({"sep": ";"}, "i;x;w\n1;2.5;a\n2;;b,c\n"),
    "tab": ({"sep": "\t"}, "i\tx\n1\t2.5\n"),
    "usecols": ({"usecols": ["w", "i"]}, "i,x,w\n1,2.5,a\n2,bad,b\n"),
    "usecols by number": ({"usecols": [2, 0]}, "i,x,w\n1,2.5,a\n"),
    "dtype of one": ({"dtype": {"i": "float64"}}, "i,x\n1,2.5\n2,\n"),
    "dtype float32": ({"dtype": {"x": "float32"}}, "i,x\n1,0.1\n2,\n"),
    "dtype int8": ({"dtype": {"i": "int8"}}, "i,x\n1,0.1\n-128,\n"),
    "dtype str": ({"dtype": {"i": "str"}}, "i,x\n007,0.1\n,\n"),
    "dtype of all": ({"dtype": "str"}, "i,x\n007,0.1\n,\n"),
    "usecols and dates": ({"usecols": ["t", "i"], "parse_dates": ["t"]}, "i,x,t\n1,a,2020-01-01\n2,b,\n"),
}  # fmt: skip


@pytest.mark.parametrize("case", OPTIONS)
def test_options(case, write):
    options, text = OPTIONS[case]
    assert_reads_as_pandas_or_not_yet(write(text), [text], options)


def assert_reads_as_pandas_or_not_yet(pattern, texts, options):
    try:
        tf.read_csv(pattern, **options).compute()
    except NotYetError as reason:
        pytest.skip(str(reason))
    assert_reads_as_pandas(pattern, texts, **options)


@pytest.mark.filterwarnings("ignore::tenfold.fallback.FallbackWarning")
def test_an_option_without_a_native_form_is_pandas_own(write):
    pattern = write("x\na,b\n1,2\n", "y\na,b\n3,4\n")
    assert_same(tf.read_csv(pattern, skiprows=1), pd.DataFrame({"a": [1, 3], "b": [2, 4]}))
    with config.set(strict=True), pytest.raises(NotYetError, match=r"read_csv .*no native form"):
        tf.read_csv(pattern, skiprows=1)


# -- what goes wrong ----------------------------------------------------------------------------------------------


def error_of(call):
    with pytest.raises(Exception) as caught:  # noqa: PT011 (its class is what the caller compares)
        call()
    return caught.value


def assert_same_error(ours, real, *words):
    """pandas' class, and a message that has all the words."""
    assert isinstance(ours, type(real)), f"{ours!r}, pandas has {real!r}"
    assert [word for word in words if not re.search(word, str(ours))] == [], str(ours)


def test_a_missing_file(tmp_path):
    real = error_of(lambda: pd.read_csv(tmp_path / "none.csv"))
    assert_same_error(error_of(lambda: tf.read_csv(tmp_path / "none.csv")), real, r"none\.csv")


def test_a_glob_that_matches_nothing(tmp_path):
    assert_same_error(error_of(lambda: tf.read_csv(tmp_path / "*.csv")), FileNotFoundError(), r"\*\.csv")


def test_an_empty_file(write):
    real = error_of(lambda: pd.read_csv(io.StringIO("")))
    assert_same_error(error_of(lambda: tf.read_csv(write(""))), real, r"00\.csv")


def test_a_ragged_row(write):
    good = rows(["a,b", *(f"{n},x" for n in range(80))])
    text = rows(["a,b", '1,"two', 'lines"', *(f"{n},x" for n in range(80)), "1,2,3", "5,6"])
    real = error_of(lambda: pd.read_csv(one_text(good, text)))
    ours = error_of(lambda: tf.read_csv(write(good, text)).a.sum())
    assert_same_error(ours, real, r"01\.csv", r"line 84\b", "2 fields|expected 2", "3")


def test_an_unterminated_quote(write):
    text = rows(["a,b", *(f"{n},x" for n in range(80)), '1,"open', *(f"{n},x" for n in range(30))])
    ours = error_of(lambda: tf.read_csv(write(text)).a.sum())
    real = error_of(lambda: pd.read_csv(io.StringIO(text)))
    assert_same_error(ours, real, r"00\.csv", "line 82")


def test_a_value_that_a_given_type_does_not_hold(write):
    text = rows(["a,b", *(f"{n},x" for n in range(80)), "bad,x"])
    real = error_of(lambda: pd.read_csv(io.StringIO(text), dtype={"a": "int64"}))
    ours = error_of(lambda: tf.read_csv(write(text), dtype={"a": "int64"}).a.sum())
    assert_same_error(ours, real, r"00\.csv", "line 82", "'a'", "bad")


@pytest.mark.parametrize("header", ["b,a", "a,c", "a", "a,b,c"])
def test_a_later_file_with_other_columns(header, write, monkeypatch):
    """It is known before anything is read; among very many files, when its turn comes."""
    count = header.count(",") + 1
    texts = [rows(["a,b", "1,2", "3,4"]), rows([header, ",".join("12345"[:count])])]
    with config.set(strict=True):
        ours = error_of(lambda: tf.read_csv(write(*texts)))
    assert_same_error(ours, NotYetError("other columns"), r"01\.csv", header.replace(",", ", "))
    monkeypatch.setattr(csv, "MANY_FILES", 1)
    ours = error_of(lambda: tf.read_csv(write(*texts)).compute())
    assert_same_error(ours, ValueError(), r"01\.csv", "00.csv", header.replace(",", ", "))


def test_an_unknown_column(write):
    df = tf.read_csv(write("tip,fare\n1,2\n"))
    ours = error_of(lambda: df["tipp"])
    assert_same_error(ours, KeyError(), "tipp")
    assert "'tip', 'fare'" in ours.__notes__[0]
    assert isinstance(error_of(lambda: df.tipp), AttributeError)
    assert isinstance(error_of(lambda: tf.read_csv(write("a\n1\n"), usecols=["z"])), ValueError)
    assert isinstance(error_of(lambda: tf.read_csv(write("a\n1\n"), parse_dates=["z"])), ValueError)


def test_errors_do_not_depend_on_threads(write):
    good = rows(["a,b", *(f"{n},x" for n in range(300))])
    bad = good + "1,2,3\n" + rows(f"{n},x" for n in range(300)) + "1,2,3,4\n"
    pattern = write(good, bad, bad)
    messages = set()
    for threads in (1, 3):
        with config.set(threads=threads):
            messages.update(str(error_of(lambda: tf.read_csv(pattern).a.sum())) for _ in range(5))
    assert len(messages) == 1


@pytest.mark.parametrize("careful", [False, True])
def test_the_error_of_the_first_piece_counts_in_whatever_order_they_are_read(careful, write):
    good = rows(["a,b", *(f"{n},x" for n in range(40))])
    bad = good + "1,2,3\n" + rows(f"{n},x" for n in range(40)) + "1,2,3,4\n"
    with config.set(sample_bytes=100):
        source = csv.open_csv(write(good, bad, bad))
    seen = set()
    for seed in range(60):
        reader, raised = source.open(("a",), careful=careful, piece_bytes=150), {}
        for piece in np.random.default_rng(seed).permutation(reader.pieces).tolist():
            try:
                list(reader.read(piece))
            except pd.errors.ParserError as error:
                raised[piece] = str(error)
        seen.add(raised[min(raised)] if raised else str(error_of(reader.finish)))
        reader.close()
    assert len(seen) == 1
    assert re.search(r"01\.csv, line 42", *seen)


def test_what_a_failed_run_read_is_not_kept(write, tmp_path):
    pattern = write("a\n1\n2\n", "a\n3\n")
    df = tf.read_csv(pattern, dtype={"a": "int64"})
    assert df.a.sum() == 6
    (tmp_path / "01.csv").write_text("a\nbad\n")
    assert isinstance(error_of(lambda: tf.read_csv(pattern, dtype={"a": "int64"}).a.sum()), ValueError)
    (tmp_path / "01.csv").write_text("a\n4\n")
    assert tf.read_csv(pattern, dtype={"a": "int64"}).a.sum() == 7


def test_floats_are_bit_equal_to_pandas(write):
    rng = np.random.default_rng(0)
    values = rng.integers(0, 1 << 63, 500).view("f8")
    text = rows(["x", *map(repr, values[np.isfinite(values)].tolist())])
    assert_reads_as_pandas(write(text), [text])
