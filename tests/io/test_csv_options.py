"""Types and dates of chosen columns, under repeated and missing names: what pandas makes of them, or refused."""

import io

import numpy as np
import pandas as pd
import pytest

import tenfold.pandas as tf
from tenfold import config
from tests.differential import assert_like_pandas

REPEATED = "a,b,a,a.1\n1,2,3,4\n5,6,7,8\n"
DATES = "a,b,a\n2020-01-01,2,2020-01-02\n2020-02-01,2,2020-01-02\n"
SHORT = "a,b,c\nxx,2\n"
WORDS = "a,b\nx,2\n"
CASES = [
    *((REPEATED, {"dtype": dtype}) for dtype in (
        {"a": "float64"}, {"a": "float64", "a.1": "int8"}, {"a.1": "float32"}, {"a": "str"}, {"a.2": "str"},
        {0: "float64"}, {2: "float64"}, "float64", {"a": None}, {"no": "int8"}, {},
    )),
    *((REPEATED, {"dtype": {"a": "float64"}, "usecols": used}) for used in (["a", "b"], ["a.2"], [0, 2], [2], ["a.3"])),
    *((DATES, {"parse_dates": dates}) for dates in (["a"], ["a.1"], [0], [2], ["a", "a.1"], ["z"], "a", True, False)),
    *((SHORT, options) for options in (
        {"parse_dates": ["a"], "usecols": ["a"]}, {"parse_dates": ["a"]}, {"usecols": ["a", "c"]}, {"usecols": ["a"]},
        {"parse_dates": ["c"], "usecols": ["c"]},
    )),
    *((WORDS, {"dtype": {"b": dtype}}) for dtype in (
        "string", "category", "Int64", "boolean", "object", object, "O", str, "str", "S1", "U1", "float16", "float32",
        "complex128", "int8", "uint8", "bool", "datetime64[ns]", "nonsense", np.float32, pd.StringDtype(), int, float,
    )),
    *((WORDS, {"dtype": dtype}) for dtype in ("string", "str", object, "category")),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(CASES)))
def test_options(number, tmp_path):
    text, options = CASES[number]
    path = tmp_path / "a.csv"
    path.write_text(text)
    with config.set(target="blocks"):
        read = {tf: path, pd: io.StringIO(text)}
        assert_like_pandas(lambda p: p.read_csv(read[p], **options), tf, pd)
