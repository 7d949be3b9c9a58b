"""The example: its sample data, the names of real files, and the command that a newcomer runs first."""

import csv
import hashlib
import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as real
import pytest

from tenfold import cli, taxi

ROOT = Path(__file__).parents[1]
MEAN_OF_HOURS = 0.17973383423675102
DATES = ["pickup_datetime", "dropoff_datetime"]


@pytest.fixture
def sample(tmp_path):
    return taxi.write_sample(tmp_path / "sample", rows=3_000, files=3)


def digest(paths):
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()


def expected(frames, tip="tip_amount", fare="fare_amount", pickup="pickup_datetime"):
    """The program in real pandas."""
    df = real.concat(frames, ignore_index=True)
    df = df[(df[tip] > 0) & (df[fare] > 0)]
    return (df[tip] / df[fare]).groupby(df[pickup].dt.hour).mean()


def read_real(paths):
    return [real.read_csv(path, parse_dates=DATES) for path in paths]


def shown(output):
    """The table that the command printed, as a dictionary from the hour."""
    lines = [line.split() for line in output.splitlines()]
    return {int(line[0]): float(line[1]) for line in lines if len(line) == 2 and line[0].isdigit()}


# ---- sample data ---------------------------------------------------------------------------------------------------


def test_the_same_options_write_the_same_bytes(tmp_path, sample):
    again = taxi.write_sample(tmp_path / "again", rows=3_000, files=3)
    other = taxi.write_sample(tmp_path / "other", rows=3_000, files=3, seed=1)
    assert digest(sample) == digest(again) != digest(other)


def test_files_do_not_change_the_rows_and_a_smaller_sample_is_a_beginning(tmp_path):
    rows = taxi.SLICE_ROWS + 1_000
    (one,) = taxi.write_sample(tmp_path / "one", rows=rows, files=1)
    (less,) = taxi.write_sample(tmp_path / "less", rows=rows // 2, files=1)
    three = taxi.write_sample(tmp_path / "three", rows=rows, files=3)
    lines = one.read_text().splitlines()
    assert [line for path in three for line in path.read_text().splitlines()[1:]] == lines[1:]
    assert less.read_text().splitlines() == lines[: rows // 2 + 1]
    assert len(lines) == rows + 1


def test_the_sample_has_what_real_files_have(tmp_path):
    (path,) = taxi.write_sample(tmp_path, rows=4 * taxi.ODD_EVERY, files=1)
    df = real.read_csv(path, parse_dates=DATES)
    odd = df.payment_type[:: taxi.ODD_EVERY].tolist()
    assert odd == ["Cash, exact", 'He said "no"', "CRD", "No Charge"]
    assert '"He said ""no"""' in path.read_text()
    assert 0.005 < (df.fare_amount < 0).mean() < 0.015
    assert df.passenger_count.isna().any()
    assert df.tip_amount.isna().any()
    assert (df.dropoff_datetime >= df.pickup_datetime).all()


def test_tips_have_a_daily_pattern(tmp_path):
    hours = expected(read_real(taxi.write_sample(tmp_path, rows=200_000)))
    assert hours.index.tolist() == list(range(24))
    assert hours.idxmax() in (19, 20, 21, 22, 23)
    assert hours.max() > 1.3 * hours.min()


def test_parquet_holds_the_values_of_the_csv(tmp_path):
    csv_paths = taxi.write_sample(tmp_path / "csv", rows=60_000, files=2)
    parquet_paths = taxi.write_sample(tmp_path / "parquet", rows=60_000, files=2, format="parquet")
    for left, right in zip(csv_paths, parquet_paths, strict=True):
        from_csv, from_parquet = real.read_csv(left, parse_dates=DATES), real.read_parquet(right)
        real.testing.assert_frame_equal(from_csv, from_parquet, check_dtype=False)


def test_a_sample_is_written_once_and_replaced_when_options_change(tmp_path):
    first = taxi.sample_files(tmp_path, rows=100, files=2)
    times = [path.stat().st_mtime_ns for path in first]
    assert taxi.sample_files(tmp_path, rows=100, files=2) == first
    assert [path.stat().st_mtime_ns for path in first] == times
    (own := tmp_path / "nyc-taxi-mine.csv").write_text("not ours")
    assert len(taxi.sample_files(tmp_path, rows=100, files=1)) == 1
    assert not first[1].exists()
    assert own.exists()


def test_an_empty_sample_is_headers(tmp_path):
    (path,) = taxi.write_sample(tmp_path, rows=0, files=1)
    assert path.read_text().count("\n") == 1


@pytest.mark.parametrize(("option", "value"), [("rows", -1), ("files", 0), ("format", "xml")])
def test_an_option_out_of_range_is_named(tmp_path, option, value):
    with pytest.raises(ValueError, match=f"{option}={value!r}"):
        taxi.write_sample(tmp_path, **{option: value})


# ---- names of real files -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "columns",
    [
        ["tpep_pickup_datetime", "tpep_dropoff_datetime", "fare_amount", "tip_amount"],
        ["lpep_pickup_datetime", "lpep_dropoff_datetime", "fare_amount", "tip_amount"],
        ["Trip_Pickup_DateTime", "Trip_Dropoff_DateTime", "Fare_Amt", "Tip_Amt"],
        [" pickup_datetime", " dropoff_datetime", " fare_amount", " tip_amount"],
    ],
)
def test_every_generation_of_names_is_known(columns):
    meanings = ["pickup_datetime", "dropoff_datetime", "fare_amount", "tip_amount"]
    assert taxi.resolve_names(["vendor", *columns, "surcharge"]) == dict(zip(meanings, columns, strict=True))


def test_a_missing_column_is_named_with_what_is_there():
    with pytest.raises(KeyError, match=r"no column for tip_amount: looked for .*tip_amt.* among .*fare_amount"):
        taxi.resolve_names(["pickup_datetime", "dropoff_datetime", "fare_amount"])


# ---- the command ---------------------------------------------------------------------------------------------------


def test_the_command_answers_as_pandas_does(sample, capsys):
    assert cli.main(["taxi", "--no-plot", *map(str, sample)]) == 0
    output = capsys.readouterr().out
    hours = expected(read_real(sample))
    assert shown(output) == {hour: round(value, 4) for hour, value in hours.items()}
    assert "3,000 rows in" in output


def test_the_command_reads_parquet_and_globs(tmp_path, capsys):
    paths = taxi.write_sample(tmp_path, rows=2_000, files=2, format="parquet")
    assert cli.main(["taxi", "--no-plot", str(tmp_path / "*.parquet")]) == 0
    hours = expected([real.read_parquet(path) for path in paths])
    assert shown(capsys.readouterr().out) == {hour: round(value, 4) for hour, value in hours.items()}


def test_the_command_reads_files_with_old_names(tmp_path, sample, capsys):
    old = {"pickup_datetime": "Trip_Pickup_DateTime", "dropoff_datetime": "Trip_Dropoff_DateTime"}
    old |= {"fare_amount": "Fare_Amt", "tip_amount": "Tip_Amt"}
    real.read_csv(sample[0]).rename(columns=old).to_csv(tmp_path / "old.csv", index=False, quoting=csv.QUOTE_MINIMAL)
    assert cli.main(["taxi", "--no-plot", str(tmp_path / "old.csv")]) == 0
    hours = expected(read_real(sample[:1]))
    assert shown(capsys.readouterr().out) == {hour: round(value, 4) for hour, value in hours.items()}


def test_the_command_makes_its_own_sample_and_a_picture(tmp_path, capsys):
    picture = tmp_path / "hours.png"
    options = ["--data", str(tmp_path / "data"), "--rows", "1e3", "--files", "2", "--plot", str(picture)]
    assert cli.main(["taxi", *options]) == 0
    assert "1,000 rows in" in capsys.readouterr().out
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert len([*(tmp_path / "data").glob("nyc-taxi-*.csv")]) == 2


def test_the_answer_of_the_sample_is_what_it_was(tmp_path):
    """A figure written down once: a change of the sample would move every benchmark without a word."""
    hours = expected(read_real(taxi.write_sample(tmp_path, rows=100_000)))
    assert math.isclose(np.mean(hours), MEAN_OF_HOURS, rel_tol=1e-6)


def run_tenfold(*arguments):
    variables = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-m", "tenfold", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=variables, check=False)


def test_an_error_is_one_line_on_standard_error_and_status_1(tmp_path):
    done = run_tenfold("taxi", "--no-plot", str(tmp_path / "nothing-*.csv"))
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("tenfold: ")
    assert "nothing-*.csv" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("number", ["0", "-5", "1.5", "many", "inf", "nan"])
def test_a_count_that_is_none_is_refused(number, capsys):
    with pytest.raises(SystemExit):
        cli.main(["taxi", f"--rows={number}"])
    assert "is not a whole number above zero" in capsys.readouterr().err


def test_version_and_help(capsys):
    for arguments, text in ((["--version"], "tenfold "), (["taxi", "--help"], "--rows")):
        with pytest.raises(SystemExit) as stop:
            cli.main(arguments)
        assert stop.value.code == 0
        assert text in capsys.readouterr().out
