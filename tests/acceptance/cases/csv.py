"""CSV files."""

import gzip

from tests.acceptance.cases.making import (
    new_file,
    new_folder,
    raises,
    read_csvs,
)


# 001 dask/dask#2097 [csv] an integer column whose missing value comes megabytes late was claimed as int64 and failed
def case_001(pd, np):
    lines = [f"{n},{n % 3}" for n in range(40_000)] + [",1", "7,2"]
    return pd.read_csv(new_file("n,k\n" + "\n".join(lines) + "\n"))


# 002 dask/dask#2098 [csv] whole numbers in the sample, fractions later: types of the parts did not match
def case_002(pd, np):
    lines = [f"{n},{n % 7}" for n in range(40_000)] + ["0.25,1"]
    df = pd.read_csv(new_file("n,k\n" + "\n".join(lines) + "\n"))
    return df.groupby("k").n.sum()


# 004 dask/dask#1284 [csv] line breaks inside quotes made the splitting into blocks cut rows in two
def case_004(pd, np):
    rows = [f'"{"x" * (n % 5)}\ny{n}",{n}' if n % 3 else f'"{n}",{n}' for n in range(400)]
    return pd.read_csv(new_file("text,n\n" + "\n".join(rows) + "\n"))


# 005 pola-rs/polars#19078 [csv] a quoted field with a line break in row 5002 became two rows
def case_005(pd, np):
    rows = [f'name {n};"street {n}; no ""{n % 9}""\n{n:05d} town";{n * 3}' for n in range(6_000)]
    return pd.read_csv(new_file("who;where;n\n" + "\n".join(rows) + "\n"), sep=";")


# 007 pandas-dev/pandas#14983 [csv] 2**63 was read as text instead of uint64
def case_007(pd, np):
    return pd.read_csv(new_file(f"a\n{2**63}\n{2**64 - 1}\n"))


# 008 pandas-dev/pandas#62582 [csv] integers beyond 64 bits came back as text or as floats
def case_008(pd, np):
    return pd.read_csv(new_file(f"a,b\n{2**70},1\n5,2\n"))


# 010 pandas-dev/pandas#15950 [csv] dtype=uint64 went through int64 and overflowed
def case_010(pd, np):
    return pd.read_csv(new_file("t,k\n9636911691583032832,a\n6369116913924,b\n"), dtype={"t": "uint64"})


# 011 pandas-dev/pandas#5697 [csv] a blank line after the header turned an exact long integer into a float
def case_011(pd, np):
    return pd.read_csv(new_file("x\n\n1111111111111111111\n"))


# 013 pandas-dev/pandas#15203 [csv] rows with a trailing comma shift the columns, the first becomes the index
def case_013(pd, np):
    return pd.read_csv(new_file("id,r,cost\n7,R,0,\n8,S,1,\n"))


# 014 pandas-dev/pandas#50304 [csv] one field more than the header has in every row: silently taken as index
def case_014(pd, np):
    return pd.read_csv(new_file("id,day,name\nA1,20141031,n1,d\nA2,20141101,n2,e\n"))


# 016 dask/dask#6492 [csv] a row that is too long, after good ones, must be an error and no silent truncation
@raises("ParserError")
def case_016(pd, np):
    rows = "".join(f"{n},{n}\n" for n in range(50))
    return pd.read_csv(new_file("a,b\n" + rows + "1,2,3,4\n5,6\n"))


# 017 OasisLMF/OasisLMF#307 [csv] the country code NA (Namibia) became a missing value
def case_017(pd, np):
    return pd.read_csv(new_file("code,n\nNO,1\nNA,2\nNC,3\n"))


# 019 ONSdigital/csvcubed#337 [csv] which words mean "missing", in a text column and in a numeric one
def case_019(pd, np):
    words = [
        "NA",
        "N/A",
        "NaN",
        "nan",
        "-NaN",
        "-nan",
        "null",
        "NULL",
        "None",
        "n/a",
        "#N/A",
        "#NA",
        "<NA>",
        "1.#IND",
        "-1.#QNAN",
        "na",
        "NAN",
        "Null",
        "none",
    ]
    return pd.read_csv(
        new_file("w,x\n" + "".join(f"{w},{w if n < 15 else n}\n" for n, w in enumerate(words)) + "ok,2.5\n")
    )


# 020 http://data-tutorials.com/zip-codes-in-pandas.html [csv] leading zeros are lost unless the column is read as text
def case_020(pd, np):
    path = new_file("zip,phone\n01221,+0049301\n00123,+15\n")
    return pd.read_csv(path), pd.read_csv(path, dtype={"zip": str})


# 022 pandas-dev/pandas#14301 [csv] the second date does not fit the format that the first one suggests
def case_022(pd, np):
    return pd.read_csv(new_file("t,n\n10/9/2016,1\n30/9/2016,2\n"), parse_dates=["t"])


# 023 pandas-dev/pandas#13063 [csv] garbage among the dates: the column must stay as it is, all of it
def case_023(pd, np):
    return pd.read_csv(new_file("t,n\n2016-05-03,1\n//1994,2\n,3\n2016-02-30,4\n"), parse_dates=["t"])


# 025 pandas-dev/pandas#12585 [csv] dates with and without a time of day, and with fractions, in one column
def case_025(pd, np):
    one = pd.read_csv(new_file("t\n2021-01-01 10:00:00\n2021-01-02\n"), parse_dates=["t"])
    two = pd.read_csv(new_file("t\n2021-01-01 10:00:00\n2021-01-02 10:00:00.25\n"), parse_dates=["t"])
    return one, two


# 026 aws/aws-sdk-pandas#1153 [csv] years before 1677 and after 2262 came back as other dates
def case_026(pd, np):
    text = "t,n\n1515-01-31 09:00:00,1\n9999-12-31 23:59:59,2\n2021-02-28 00:00:00,3\n"
    df = pd.read_csv(new_file(text), parse_dates=["t"])
    return df, df.t.dt.year


# 028 https://manongdao.com/article-854372.html [csv] probabilities just below 1 were read as more than 1
def case_028(pd, np):
    texts = ["0.99999999999999998", "0.99999999999999999", "1.00000000000000001", "1.00000000000000008"]
    return pd.read_csv(new_file("p\n" + "\n".join(texts) + "\n"))


# 029 dask/dask#2053 [csv] the second file has its columns in another order: values went under the wrong names
def case_029(pd, np):
    folder = new_folder()
    (folder / "a.csv").write_text("d,x,y\nmon,1,0.5\ntue,2,0.25\n")
    (folder / "b.csv").write_text("d,y,x\nwed,0.75,3\n")
    return read_csvs(pd, folder)


# 031 dask/dask#10198 [csv] files share one column only; renaming it failed
def case_031(pd, np):
    folder = new_folder()
    (folder / "a.csv").write_text("c1,c2\n1,1\n")
    (folder / "b.csv").write_text("c1,c3\n2,5\n")
    return read_csvs(pd, folder).rename(columns={"c1": "new"})


# 032 dask/dask#1047 [csv] several files: which row labels
def case_032(pd, np):
    folder = new_folder()
    for n in range(3):
        (folder / f"{n}.csv").write_text("a,b\n" + "".join(f"{n},{m}\n" for m in range(n + 1)))
    df = read_csvs(pd, folder)
    return df, df[df.a > 0]


# 034 pandas-dev/pandas#16698 [csv] booleans with an empty cell read as float: the empty one became 1.0
def case_034(pd, np):
    return pd.read_csv(new_file("c,d\nfalse,1\n,1\ntrue,0\n"), dtype={"c": "float64"})


# 035 pandas-dev/pandas#20591 [csv] booleans with an empty cell, nothing said about the type
def case_035(pd, np):
    return pd.read_csv(new_file("a,b\nfalse,1\n,1\ntrue,\n"))


# 037 pandas-dev/pandas#31131 [csv] dtype "boolean" with missing values
def case_037(pd, np):
    return pd.read_csv(new_file("x,ok\n1,True\n2,False\n3,\n"), dtype={"ok": "boolean"})


# 038 UCL/TLOmodel#1071 [csv] a 0 among text values is the text "0", one True among words is a word
def case_038(pd, np):
    return pd.read_csv(new_file("p,q\n0,True\nabc,False\n1,maybe\nTRUE,true\n"))


# 040 pandas-dev/pandas#35365 [csv] ... and thousands separators inside quotes
def case_040(pd, np):
    return pd.read_csv(new_file('a,b\n"1,234",x\n"12,345,678",y\n'), thousands=",")


# 041 dask/dask#1554 [csv] a compressed file fails where pandas reads it
def case_041(pd, np):
    path = new_folder() / "a.csv.gz"
    with gzip.open(path, "wt") as file:
        file.write("a,b\n1,x\n2,y\n")
    return pd.read_csv(str(path))


# 043 dask/dask#606 [csv] characters of several bytes at the border of a block
def case_043(pd, np):
    words = ["Ж" * (n % 7) + "日本" * (n % 3) + "🎭" + str(n) for n in range(500)]
    return pd.read_csv(new_file("w,n\n" + "".join(f"{w},{n}\n" for n, w in enumerate(words))))


# 044 dask/dask#8433 [csv] comment lines, also before the header
def case_044(pd, np):
    return pd.read_csv(new_file("# made up\na,b\n1,2 # why\n# more\n3,4\n"), comment="#")


# 046 dask/dask#9610 [csv] names given and header=0: one row was read again in every block
def case_046(pd, np):
    text = "x,y,z\n" + "".join(f"c{n % 7},2020,{n}\n" for n in range(300))
    return pd.read_csv(new_file(text), header=0, names=["city", "year", "sales"], usecols=["city", "sales"])


# 047 pola-rs/polars#2004 [csv] a header with the same name twice
def case_047(pd, np):
    return pd.read_csv(new_file("a,b,a,a\n1,2,3,4\n5,6,7,8\n"))


# 049 pandas-dev/pandas#13746 [csv] numbers in quotes beside bare ones
def case_049(pd, np):
    return pd.read_csv(new_file('a,b,c\n"1",1,"x"\n2,"2",y\n"",3,\n'))


# 050 pandas-dev/pandas#10065 [csv] Infinity, -inf and NaN in a column of numbers (also NVIDIA/cudf#6224)
def case_050(pd, np):
    return pd.read_csv(new_file("x\n1\nInfinity\n-inf\n+Infinity\nnan\nINF\n-Infinity\n"))


# 052 BaseXdb/basex#164 [csv] lines that end with a carriage return only
def case_052(pd, np):
    return pd.read_csv(new_file(b"a,b\r1,x\r2,y\r"))


# 053 adaltas/node-csv-parse#126 [csv] Windows line ends, blank lines and line breaks inside quotes together
def case_053(pd, np):
    return pd.read_csv(new_file(b'a,b\r\n1,"x\r\ny"\r\n\r\n2,z\r\n3,"q\rr"'))


# 055 pandas-dev/pandas#56480 [csv] a word in the middle, small file: all values are texts as they were written
def case_055(pd, np):
    return pd.read_csv(new_file("v\n" + "".join(f"{n:03d}\n" for n in range(900)) + "'abc'\n1.50\n 7\n"))


# 056 pandas-dev/pandas#7773 [csv] a header and nothing else
def case_056(pd, np):
    df = pd.read_csv(new_file("a,b\n"))
    return df, len(df)


# 058 dask/dask#1501 [csv] a quote that is never closed
@raises("ParserError")
def case_058(pd, np):
    return pd.read_csv(new_file('a,b\n1,"x\n2,y\n3,z\n'))


# 059 pandas-dev/pandas#14459 [csv] a quote in the middle of a field is an ordinary character
def case_059(pd, np):
    return pd.read_csv(new_file('a,b,c\n1,a"\nb",3,x\n2,c"d"e,4\n'))


# 061 holoviz/datashader#303 [csv] usecols together with an unnamed first column shifted names by one
def case_061(pd, np):
    path = new_file(",x,y\n0,1,2\n1,3,4\n")
    return pd.read_csv(path), pd.read_csv(path, usecols=["y", "x"])


# 062 dask/dask#1132 [csv] carriage returns inside of the data, beside other line ends
def case_062(pd, np):
    return pd.read_csv(new_file(b"a,b\n1,x\n2,y\r\n3,z\n"))
