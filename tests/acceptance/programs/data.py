"""Makes the data of the programs: made up, the same bytes for the same scale, one folder a program.

python data.py FOLDER [names] [--scale N]
"""

import argparse
import json
import shutil
import subprocess
import sysconfig
from pathlib import Path

import numpy as np
import pandas as pd


def pick(rng, values, size, p=None):
    """Random items of a list; `p` are weights that need not add up to 1."""
    weights = np.ones(len(values)) if p is None else np.asarray(p, float)
    return np.asarray(values, object)[
        np.searchsorted(np.cumsum(weights / weights.sum())[:-1], rng.random(size), "right")
    ]


def holes(rng, values, share):
    """The same values with some of them missing."""
    return pd.Series(values).mask(rng.random(len(values)) < share)


def steep(size, power=1.0):
    """Weights of a few that are common and many that are rare."""
    return 1 / np.arange(1, size + 1) ** power


SYLLABLES = [
    "ba",
    "be",
    "bo",
    "da",
    "di",
    "do",
    "fa",
    "fe",
    "ga",
    "go",
    "ka",
    "ki",
    "ko",
    "la",
    "le",
    "li",
    "lo",
    "ma",
    "mi",
    "mo",
    "na",
    "ne",
    "no",
    "pa",
    "pi",
    "ra",
    "re",
    "ri",
    "ro",
    "sa",
    "se",
    "ta",
    "ti",
    "to",
    "va",
    "vi",
]


def words(rng, count, least=2, most=4):
    """Made-up names, all different."""
    made = {}
    while len(made) < count:
        made["".join(pick(rng, SYLLABLES, rng.integers(least, most + 1))).capitalize()] = None
    return list(made)


def passengers(folder, rng, scale):
    families = words(rng, 400)
    for name, n in {"manifest": 1_500 * scale, "manifest_unknown": 500 * scale}.items():
        gender = pick(rng, ["male", "female"], n, [62, 38])
        grade = rng.choice([1, 2, 3], n, p=[0.24, 0.22, 0.54])
        age = np.clip(np.round(rng.gamma(6, 5, n) * (1.35 - grade * 0.12)), 0, 80)
        age = np.where(rng.random(n) < 0.1, np.round(rng.uniform(1, 14, n)), age)
        age = np.where((age < 14) & (rng.random(n) < 0.2), age + 0.5, age)
        common = np.where(
            age < 14, np.where(gender == "male", "Master", "Miss"), np.where(gender == "male", "Mr", "Mrs")
        )
        common = np.where((gender == "female") & (rng.random(n) < 0.45), "Miss", common)
        rare = pick(rng, ["Dr", "Rev", "Prof", "Capt", "Lady", "Mlle", "Ms", "Sir"], n, steep(8))
        title = np.where(rng.random(n) < 0.04, rare, common)
        first = pick(
            rng, ["Ana", "Bela", "Carl", "Dora", "Emil", "Frida", "Gil", "Hana", "Ivo", "Jana", "Karl", "Lea"], n
        )
        alongside, kids = rng.poisson(0.45, n), rng.poisson(0.4, n) * (rng.random(n) < 0.6)
        paid = np.round(rng.lognormal(np.array([0, 4.1, 2.7, 2.2])[grade], 0.55), 2)
        letter = np.where(grade == 1, pick(rng, list("ABCD"), n), np.where(grade == 2, pick(rng, list("DEF"), n), "G"))
        berth = pd.Series(letter) + pd.Series(rng.integers(1, 130, n)).astype(str)
        berth = berth.where(rng.random(n) > 0.06, berth + " " + pd.Series(letter) + "7")
        prefix = pick(rng, ["", "", "GX ", "S.O. ", "PAR/2 ", "W-L "], n)
        chance = 0.12 + 0.45 * (gender == "female") + 0.12 * (3 - grade) + 0.15 * (age < 12) - 0.06 * (alongside > 2)
        frame = pd.DataFrame(
            {
                "person": np.arange(1, n + 1) + (100_000 if name == "manifest_unknown" else 0),
                "rescued": (rng.random(n) < chance).astype(int),
                "grade": grade,
                "full_name": pd.Series(title) + ". " + first + " " + pick(rng, families, n),
                "gender": gender,
                "years": holes(rng, age, 0.2),
                "alongside": alongside,
                "kids": kids,
                "booking": pd.Series(prefix) + pd.Series(rng.integers(2_000, 400_000, n)).astype(str),
                "paid": holes(rng, paid, 0.003),
                "berth": holes(rng, berth, np.array([0, 0.25, 0.8, 0.95])[grade]),
                "harbour": holes(rng, pick(rng, ["Aden", "Bari", "Cork"], n, [70, 20, 10]), 0.004),
            }
        )
        frame = frame.drop(columns="rescued") if name == "manifest_unknown" else frame
        frame.to_csv(folder / f"{name}.csv", index=False)


def games(folder, rng, scale):
    n = 12_000 * scale
    systems = [
        f"{maker} {model}" for maker in ("Orbit", "Nexa", "Kite", "Halo") for model in ("1", "2", "Mini", "Go", "X")
    ]
    begin = rng.integers(1985, 2012, len(systems))
    kinds = ["Action", "Sports", "Puzzle", "Racing", "Role-Play", "Strategy", "Shooter", "Platform", "Music", "Board"]
    studios = [f"{a} {b}" for a, b in zip(words(rng, 150), pick(rng, ["Games", "Soft", "Works", "& Sons"], 150))]
    names = [
        f"{a} {b}"
        for a, b in zip(words(rng, n // 2), pick(rng, ["Quest", "Racer", "Saga", "World", "II", "3D"], n // 2))
    ]
    system = rng.choice(len(systems), n, p=steep(20, 0.7) / steep(20, 0.7).sum())
    year = begin[system] + np.minimum(rng.integers(0, 14, n), rng.integers(0, 14, n))
    size = rng.lognormal(-1.5, 1.3, n)
    frame = pd.DataFrame({"title": pick(rng, names, n), "system": np.asarray(systems, object)[system]})
    frame["released"] = pd.Series(year).astype(str).mask(rng.random(n) < 0.02, "N/A")
    frame["kind"] = pick(rng, kinds, n, steep(10, 0.5))
    frame["studio"] = holes(rng, pick(rng, studios, n, steep(150)), 0.01)
    for region, share in {"west": 0.5, "east": 0.2, "north": 0.25, "rest": 0.05}.items():
        frame[f"sold_{region}"] = np.round(size * share * rng.gamma(2, 0.5, n), 3)
    frame["press"] = holes(rng, np.clip(np.round(rng.normal(68, 14, n)), 5, 99), 0.45)
    players = np.round(np.clip(frame["press"].fillna(66) / 10 + rng.normal(0, 1, n), 0.3, 9.8), 1)
    frame["players"] = players.astype(str).mask(rng.random(n) < 0.15, "tbd").mask(rng.random(n) < 0.3)
    frame["advice"] = holes(rng, pick(rng, ["all", "10+", "teen", "adult"], n, [5, 2, 4, 2]), 0.35)
    frame = pd.concat([frame, frame.iloc[:40]]).sort_values(["title", "system"], kind="stable")
    frame.insert(0, "place", np.arange(1, len(frame) + 1))
    frame.to_csv(folder / "games.csv", index=False)
    facts = pd.DataFrame(
        {
            "System": systems,
            "maker": [s.split()[0] for s in systems],
            "launch": begin,
            "handheld": ["Go" in s for s in systems],
        }
    )
    facts.iloc[:-2].to_csv(folder / "systems.csv", index=False, sep=";")


PARTS = [
    "roof",
    "wall",
    "floor",
    "window",
    "door",
    "kitchen",
    "bath",
    "cellar",
    "garage",
    "garden",
    "fence",
    "pool",
    "heating",
    "wiring",
]


def houses(folder, rng, scale):
    n = 1_500 * scale
    districts = words(rng, 22)
    worth = rng.normal(0, 0.25, 22)
    home = rng.choice(22, n, p=steep(22, 0.6) / steep(22, 0.6).sum())
    built = rng.integers(1890, 2011, n)
    quality = np.clip(np.round(rng.normal(6, 1.4, n) + (built - 1960) / 60), 1, 10).astype(int)
    living = np.round(rng.lognormal(4.85, 0.3, n)).astype(int)
    frame = pd.DataFrame(
        {
            "house": np.arange(1, n + 1),
            "district": np.asarray(districts, object)[home],
            "zone": pick(rng, ["R1", "R2", "C", "A"], n, [70, 20, 6, 4]),
            "plot": np.round(rng.lognormal(6.3, 0.5, n)).astype(int),
            "frontage": holes(rng, np.round(rng.normal(21, 6, n).clip(5), 1), 0.17),
            "shape": pick(rng, ["regular", "slight", "odd"], n, [62, 32, 6]),
            "slope": pick(rng, ["none", "some", "steep"], n, [94, 5, 1]),
            "street": pick(rng, ["paved", "gravel"], n, [199, 1]),
            "alley": holes(rng, pick(rng, ["paved", "gravel"], n), 0.93),
            "building": pick(rng, [20, 30, 60, 90, 120], n, [50, 10, 25, 5, 10]).astype(int),
            "storeys": rng.choice([1.0, 1.5, 2.0, 2.5], n, p=[0.5, 0.12, 0.35, 0.03]),
            "quality": quality,
            "condition": np.clip(np.round(rng.normal(5.6, 1.1, n)), 1, 9).astype(int),
            "built": built,
            "renewed": np.maximum(built, np.where(rng.random(n) < 0.5, rng.integers(1950, 2011, n), 0)),
            "living": living,
            "upper": np.where(rng.random(n) < 0.43, np.round(living * 0.4), 0).astype(int),
            "rooms": np.clip(np.round(living / 21 + rng.normal(0, 1, n)), 2, 14).astype(int),
            "utilities": pick(rng, ["all", "no gas"], n, [n - 1, 1]),
            "sold_year": rng.integers(2006, 2011, n),
            "sold_month": rng.integers(1, 13, n),
            "sale": holes(rng, pick(rng, ["deed", "new", "court"], n, [87, 9, 4]), 0.001),
            "terms": pick(rng, ["normal", "partial", "family", "distress"], n, [82, 9, 2, 7]),
        }
    )
    total = np.zeros(n)
    for number, part in enumerate(PARTS):
        has = rng.random(n) < (
            1.0 if number < 7 else 0.95 if number in (8, 12, 13) else 0.005 if part == "pool" else 0.55
        )
        step = np.clip(np.round(rng.normal(3.2, 0.8, n) + (quality - 6) * 0.3), 1, 5).astype(int)
        size = np.round(rng.gamma(5, 5, n), 1)
        frame[f"{part}_kind"] = pd.Series(pick(rng, [f"{part[:2]}{k}" for k in "abcdef"], n, steep(6))).where(has)
        frame[f"{part}_grade"] = pd.Series(np.array(["", "poor", "fair", "usual", "good", "fine"], object)[step]).where(
            has
        )
        frame[f"{part}_size"] = np.where(has, size, 0.0)
        frame[f"{part}_year"] = pd.Series(np.minimum(2010, built + rng.integers(0, 40, n)) * 1.0).where(
            has & (rng.random(n) > 0.01)
        )
        total += has * (step - 3) * 0.02
    log = (
        9.6
        + 0.55 * np.log(living)
        + 0.09 * (quality - 6)
        + worth[home]
        + total
        + 0.002 * (built - 1960)
        + rng.normal(0, 0.1, n)
    )
    frame["price"] = (np.round(np.exp(log) / 100) * 100).astype(int)
    frame.loc[frame.index[:2], ["living", "price"]] = [[620, 91_000], [580, 84_000]]  # two that a plot shows to be odd
    frame.to_csv(folder / "houses.csv", index=False)


def rides_and_weather(folder, rng, scale):
    hours = pd.date_range("2024-01-01", "2024-03-31 23:00", freq="h")
    hour, weekday = hours.hour.to_numpy(), hours.day_of_week.to_numpy()
    rain = np.round(np.where(rng.random(len(hours)) < 0.16, rng.gamma(1.2, 1.8, len(hours)), 0), 1)
    warmth = (
        4
        + 6 * np.arange(len(hours)) / len(hours)
        + 3 * np.sin((hour - 9) / 24 * 2 * np.pi)
        + rng.normal(0, 1.5, len(hours))
    )
    sky = np.where(
        rain > 2,
        "Heavy Rain",
        np.where(rain > 0, "rain ", pick(rng, ["clear", "Cloudy", "fog"], len(hours), [5, 4, 1])),
    )
    weather = pd.DataFrame(
        {
            "time": hours.strftime("%Y-%m-%d %H:%M"),
            "temp": np.round(warmth, 1),
            "rain": rain,
            "wind": np.round(rng.gamma(3, 4, len(hours)), 1),
            "sky": sky,
        }
    )
    weather.loc[rng.random(len(weather)) < 0.01, ["temp", "wind"]] = np.nan
    keep = rng.random(len(weather)) > 0.01
    with open(folder / "weather.csv", "w") as file:
        file.write("# station 7, local time\n# missing: -\n")
        weather[keep].to_csv(file, index=False, sep=";", na_rep="-")
    demand = (
        (0.3 + np.exp(-((hour - 18) ** 2) / 18) + 0.8 * np.exp(-((hour - 8) ** 2) / 8))
        * (1 - 0.25 * (weekday > 4))
        * (1 + 0.3 * (rain > 0))
    )
    n = 90_000 * scale
    slot = np.searchsorted(np.cumsum(demand / demand.sum()), rng.random(n))
    begin = hours[slot].values.astype("M8[s]") + rng.integers(0, 3600, n).astype("m8[s]")
    where = rng.normal(0, 0.03, (n, 4))
    km = np.round(np.hypot(where[:, 2] - where[:, 0], where[:, 3] - where[:, 1]) * 125 + rng.gamma(1.5, 0.5, n), 2)
    minutes = np.clip(km / (28 - 10 * demand[slot] - 4 * (rain[slot] > 0)) * 60 * rng.lognormal(0, 0.15, n), 1, 180)
    fare = np.round(3 + 1.9 * km + 0.35 * minutes, 2)
    pay = pick(rng, ["card", "cash", "app", "dispute"], n, [60, 25, 14, 1])
    rides = pd.DataFrame(
        {
            "begin": begin,
            "end": begin + np.round(minutes * 60).astype("m8[s]"),
            "firm": pick(rng, ["AA", "BLU", "Cab"], n, [5, 3, 2]),
            "from_zone": rng.integers(1, 41, n).astype("i2"),
            "to_zone": rng.integers(1, 41, n).astype("i2"),
            "riders": rng.choice([0, 1, 2, 3, 4, 5], n, p=[0.01, 0.7, 0.15, 0.06, 0.05, 0.03]).astype("i1"),
            "lon0": np.round(8.5 + where[:, 0], 5),
            "lat0": np.round(47.4 + where[:, 1], 5),
            "lon1": np.round(8.5 + where[:, 2], 5),
            "lat1": np.round(47.4 + where[:, 3], 5),
            "km": km,
            "fare": np.where(rng.random(n) < 0.002, -fare, fare),
            "tip": np.where(pay == "cash", 0, np.round(fare * rng.beta(2, 12, n), 2)),
            "pay": pay,
        }
    )
    rides = rides[rides["begin"] < "2024-04-01"].sort_values("begin", kind="stable")
    for month, part in rides.groupby(rides["begin"].dt.strftime("%Y-%m")):
        part.to_parquet(folder / f"rides-{month}.parquet", index=False)


TPCH = ["region", "nation", "supplier", "customer", "part", "partsupp", "orders", "lineitem"]


def tpch(folder, rng, scale):
    """By tpchgen-cli; here decimals become doubles and dates timestamps."""
    raw = folder / "raw"
    raw.mkdir()
    maker = Path(sysconfig.get_path("scripts")) / "tpchgen-cli"
    subprocess.run([maker, "parquet", "-s", str(0.02 * scale), "-o", raw], check=True, capture_output=True)
    import pyarrow as pa
    import pyarrow.parquet as pq

    def plain(kind):
        if pa.types.is_decimal(kind):
            return pa.float64()
        if pa.types.is_date(kind):
            return pa.timestamp("us")
        return pa.string() if pa.types.is_string_view(kind) else kind

    for table in TPCH:
        rows = pq.read_table(raw / f"{table}.parquet")
        schema = pa.schema([(field.name, plain(field.type)) for field in rows.schema])
        pq.write_table(rows.cast(schema), folder / f"{table}.parquet", compression="zstd")
    shutil.rmtree(raw)


def dbbench(folder, rng, scale):
    """The two schemas of db-benchmark: 9 columns to group by, and a table with three to join to it."""
    n, k = 100_000 * scale, 30
    few, many = lambda: rng.integers(1, k + 1, n), lambda: rng.integers(1, n // k + 1, n)
    named = lambda numbers, digits: "id" + pd.Series(numbers).astype(str).str.zfill(digits)
    frame = pd.DataFrame(
        {
            "id1": holes(rng, named(few(), 3), 0.01),
            "id2": named(few(), 3),
            "id3": named(many(), 10),
            "id4": few(),
            "id5": few(),
            "id6": many(),
            "v1": rng.integers(1, 6, n),
            "v2": rng.integers(1, 16, n),
            "v3": holes(rng, np.round(rng.random(n) * 100, 6), 0.01),
        }
    )
    frame.to_csv(folder / "groupby.csv", index=False)
    n = 60_000 * scale
    sizes = {"small": n // 5_000, "medium": n // 50, "big": n}
    keys = {name: rng.permutation(int(size * 1.1))[:size] + 1 for name, size in sizes.items()}  # a tenth has no partner
    left = {f"id{i}": rng.integers(1, size + 1, n) for i, size in enumerate(sizes.values(), 1)}
    tables = {
        "x": pd.DataFrame(
            left
            | {f"id{i + 3}": named(left[f"id{i}"], 1) for i in (1, 2, 3)}
            | {"v1": np.round(rng.random(n) * 100, 6)}
        )
    }
    for i, (name, size) in enumerate(sizes.items(), 1):
        own = {f"id{j}": left[f"id{j}"][:size] for j in range(1, i)} | {f"id{i}": keys[name]}
        own |= {f"id{j + 3}": named(own[f"id{j}"], 1) for j in range(1, i + 1)}
        tables[name] = pd.DataFrame(own | {"v2": np.round(rng.random(size) * 100, 6)})
    for name, table in tables.items():
        table.to_csv(folder / f"join_{name}.csv", index=False)


def shares(folder, rng, scale):
    tickers = [w.upper()[:4] + str(i) for i, w in enumerate(words(rng, 24 * scale))]
    days = pd.bdate_range("2021-01-04", "2023-12-29")
    days = days[rng.random(len(days)) > 0.03]
    steps = rng.normal(0.0003, 0.015, (len(days), len(tickers))) + rng.normal(0, 0.008, (len(days), 1))
    close = np.round(np.exp(steps.cumsum(0)) * rng.uniform(15, 300, len(tickers)), 2)
    opened = np.round(close * (1 + rng.normal(0, 0.004, close.shape)), 2)
    spread = 1 + np.abs(rng.normal(0, 0.008, (2, *close.shape)))
    daily = pd.DataFrame(
        {
            "Date": np.repeat(days.strftime("%d/%m/%Y"), len(tickers)),
            "Ticker": np.tile(tickers, len(days)),
            "Open": opened.ravel(),
            "High": np.round(np.maximum(close, opened) * spread[0], 2).ravel(),
            "Low": np.round(np.minimum(close, opened) / spread[1], 2).ravel(),
            "Close": close.ravel(),
            "Volume": rng.lognormal(12, 0.8, close.size).astype("i8"),
        }
    )
    daily[rng.random(len(daily)) > 0.004].to_csv(folder / "daily.csv", index=False)
    sectors = pick(rng, ["Energy", "Health", "Retail", "Tech"], len(tickers))
    pd.DataFrame({"Ticker": tickers, "Sector": sectors, "Listed": rng.integers(1980, 2020, len(tickers))}).to_csv(
        folder / "firms.csv", index=False
    )
    minutes = np.concatenate(
        [(day + pd.timedelta_range("9h30min", periods=390, freq="min")).values for day in days[-4 * scale :]]
    )
    path = np.exp(rng.normal(0, 0.0006, (len(minutes), 4)).cumsum(0)) * close[-1, :4]
    bars = pd.DataFrame(
        {
            "time": np.repeat(minutes, 4),
            "ticker": np.tile(tickers[:4], len(minutes)),
            "price": np.round(path, 3).ravel(),
            "size": rng.integers(1, 900, path.size) * 10,
        }
    )
    bars[rng.random(len(bars)) > 0.02].to_parquet(folder / "minutes.parquet", index=False)
    for name, count in {"trades": 3_000 * scale, "quotes": 9_000 * scale}.items():
        slots = np.sort(rng.choice(len(minutes) * 60_000, count, replace=False))  # milliseconds, all different
        ticks = pd.DataFrame(
            {
                "time": minutes[slots // 60_000] + (slots % 60_000).astype("m8[ms]"),
                "ticker": pick(rng, tickers[:4], count),
            }
        )
        level = ticks["ticker"].map(dict(zip(tickers[:4], close[-1, :4]))) * (1 + rng.normal(0, 0.001, count))
        ticks = ticks.assign(
            **(
                {"price": level.round(2), "quantity": rng.integers(1, 500, count)}
                if name == "trades"
                else {"bid": (level - 0.02).round(2), "ask": (level + 0.02).round(2)}
            )
        )
        ticks.to_parquet(folder / f"{name}.parquet", index=False)


def survey(folder, rng, scale):
    n = 5_000 * scale
    countries = dict(
        zip(["Arvia", "Borland", "Cestonia", "Dunmark", "Élandie", "Fjordia"], [34.2, 8.9, 51.0, 5.8, 67.4, 5.4])
    )
    tools = ["Python", "R", "SQL", "Excel", "Spark", "Julia", "SAS", "other"]
    likes = ["Strongly disagree", "Disagree", "Neutral", "Agree", "Strongly agree"]
    mood = rng.normal(0, 0.7, n)
    several = lambda values, p: [
        ";".join(t for t, yes in zip(values, row) if yes) for row in rng.random((n, len(values))) < p
    ]
    frame = pd.DataFrame(
        {
            "Respondent": rng.permutation(n) + 10_000,
            "Submitted": (
                pd.Timestamp("2024-02-01") + pd.to_timedelta(np.sort(rng.integers(0, 60 * 86_400, n)), unit="s")
            ).strftime("%d.%m.%Y %H:%M:%S"),
            "Country": holes(rng, pick(rng, [*countries, "arvia", " Borland"], n, [30, 10, 25, 9, 20, 6, 2, 2]), 0.01),
            "What is your age?": pick(
                rng, ["18-24", "25-34", "35-44", "45-54", "55+", "prefer not to say"], n, [15, 33, 25, 14, 9, 4]
            ),
            "Which tools do you use? (several)": several(tools, [0.7, 0.3, 0.6, 0.5, 0.15, 0.06, 0.1, 0.08]),
            "Other tools": holes(rng, pick(rng, ["matlab, Stata", "Scala", "c++ ,Rust", "matlab"], n), 0.93),
            "How many hours a week do you work with data?": holes(
                rng,
                np.where(
                    rng.random(n) < 0.2,
                    pick(rng, ["10-20", "about 15", "40+", "none"], n),
                    rng.integers(1, 60, n).astype(str),
                ),
                0.06,
            ),
            "Yearly income": holes(
                rng,
                pick(rng, ["under 20k", "20k-40k", "40k-60k", "60k-100k", "over 100k"], n, [15, 30, 28, 20, 7]),
                0.12,
            ),
        }
    )
    for number in range(1, 7):
        answer = np.clip(np.round(rng.normal(2.3, 1, n) + mood), 0, 4).astype(int)
        frame[f"Q{number}: agree?"] = holes(rng, np.asarray(likes, object)[answer], 0.03 + 0.01 * number)
    frame["Comment"] = holes(
        rng,
        pick(
            rng,
            [
                "Too slow!!",
                "I like  pandas",
                "more docs, please",
                "",
                "slow on big data; fast otherwise",
                "ÄRGER mit NaN",
            ],
            n,
        ),
        0.7,
    )
    pd.concat([frame, frame.iloc[rng.integers(0, n, n // 100)]]).to_csv(
        folder / "answers.csv", index=False, encoding="latin-1"
    )
    nested = []
    for i, (country, people) in enumerate(countries.items()):
        cities = [{"city": name, "size": int(rng.integers(1, 90))} for name in words(rng, 2)]
        area = {"region": "NS"[i % 2], "km2": 1000 * (i + 3)}
        nested.append({"name": country, "people": people, "area": area, "cities": cities})
    (folder / "countries.json").write_text(json.dumps({"version": 2, "countries": nested}))


def sensors(folder, rng, scale):
    zones = ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Sydney", "UTC"]
    names = words(rng, 10, 2, 3)
    with open(folder / "stations.txt", "w") as file:
        file.write("id   name        zone                height\n" + "-" * 44 + "\n")
        file.writelines(
            f"{i:<5}{name:<12}{zones[i % 5]:<20}{int(rng.integers(1, 2400)):>6}\n" for i, name in enumerate(names)
        )
    minutes = max(1, 15 // scale)
    for i in range(10):
        for month in ("2024-03", "2024-10"):
            first = pd.Timestamp(month + "-01", tz=zones[i % 5])
            time = pd.date_range(first, first + pd.offsets.MonthBegin(1), freq=f"{minutes}min", inclusive="left")
            day = 2 * np.pi * (time.hour + time.minute / 60).to_numpy() / 24
            temp = np.round(
                9 + 6 * np.sin(day - 2) + np.cumsum(rng.normal(0, 0.05, len(time))) + rng.normal(0, 0.3, len(time)), 2
            )
            temp[rng.integers(0, len(temp), 6)] += rng.choice([-25, 25], 6)
            frame = pd.DataFrame(
                {
                    "time": time.strftime("%Y-%m-%dT%H:%M"),
                    "summer": [int(bool(t.dst())) for t in time],
                    "temp": temp,
                    "humidity": np.round(60 - 15 * np.sin(day - 2) + rng.normal(0, 3, len(time))),
                }
            )
            frame["status"] = pick(rng, ["ok", "low battery", "err"], len(time), [97, 2, 1])
            frame.loc[frame["status"] == "err", ["temp", "humidity"]] = np.nan
            keep = rng.random(len(time)) > 0.01
            for start in rng.integers(0, len(time), 3):
                keep[start : start + 30] = False
            frame[keep].to_csv(folder / f"station-{i:02d}_{month}.csv", index=False, na_rep="n/a", float_format="%g")


def logs(folder, rng, scale):
    hosts = [f"10.{a}.{b}.{c}" for a, b, c in rng.integers(1, 250, (700 * scale, 3))]
    visits = 6_000 * scale
    pages = rng.geometric(0.12, visits)
    n = pages.sum()
    host = np.repeat(rng.choice(len(hosts), visits, p=steep(len(hosts), 0.5) / steep(len(hosts), 0.5).sum()), pages)
    visit, wait = np.repeat(np.arange(visits), pages), rng.exponential(70, n).cumsum()
    wait -= wait[np.searchsorted(visit, visit)]  # from the first page of the visit
    time = np.repeat(rng.integers(0, 3 * 86_400, visits), pages) + wait.astype(int)
    order = np.argsort(time, kind="stable")
    host, visit, time = host[order], visit[order], pd.Timestamp("2024-05-06") + pd.to_timedelta(time[order], unit="s")
    path = pick(
        rng,
        ["/", "/search", "/cart", "/api/v1/items", "/api/v2/items", "/img/logo.png", "/login", "/static/app.js"],
        n,
        steep(8, 0.6),
    )
    path = np.where(rng.random(n) < 0.35, "/item/" + pd.Series(rng.zipf(1.5, n) % 500).astype(str), path)
    query = pick(
        rng, ["", "?q=red+shoes", "?ref=mail&id=7", "?q=pandas&page=2", "?utm_source=News"], n, [12, 2, 1, 1, 1]
    )
    status = pick(rng, ["200", "304", "404", "500", "302"], n, [85, 6, 5, 1, 3])
    size = np.where(status == "304", "-", rng.lognormal(8, 1.2, n).astype(int).astype(str))
    agent = pick(
        rng,
        [
            "Mozilla/5.0 (Windows NT 10.0) Firefox/125.0",
            "Mozilla/5.0 (X11; Linux) Chrome/124.0",
            "curl/8.5.0",
            "GoodBot/2.1 (+http://bot.example)",
            "Mozilla/5.0 (iPhone) Safari/17.4",
        ],
        len(hosts),
        [5, 6, 1, 1, 4],
    )[host]
    lines = (
        pd.Series(np.asarray(hosts, object)[host])
        + " "
        + np.where(rng.random(n) < 0.5, "-", pick(rng, ["-", "eva", "tom", "ida"], visits, [8, 1, 1, 1])[visit])
        + " ["
        + time.strftime("%d/%b/%Y:%H:%M:%S +0000")
        + '] "'
    )
    lines += (
        pick(rng, ["GET", "POST", "HEAD"], n, [90, 8, 2])
        + " "
        + pd.Series(path)
        + query
        + ' HTTP/1.1" '
        + status
        + " "
        + size
        + ' "'
        + agent
        + '" '
        + pd.Series(rng.gamma(2, 40, n).round(1)).astype(str)
        + "ms"
    )
    lines = lines.mask(rng.random(n) < 0.002, "### rotated ###").mask(rng.random(n) < 0.001, "")
    (folder / "access.log").write_text("\n".join(lines) + "\n")
    known = sorted(set(hosts))
    pd.DataFrame({"host": known, "office": pick(rng, ["north", "south", ""], len(known))}).to_csv(
        folder / "hosts.tsv", sep="\t", index=False, header=False
    )


def basket(folder, rng, scale):
    products = 60
    aisles = pick(rng, ["fruit", "dairy", "bakery", "drinks", "household"], products)
    names = words(rng, products)
    price = np.round(rng.lognormal(1, 0.6, products), 2)
    pd.DataFrame(
        {"product": np.arange(products) + 500, "label": [f"{n} ({a})" for n, a in zip(names, aisles)], "price": price}
    ).to_csv(folder / "products.csv", index=False)
    n = 12_000 * scale
    customers = 2_500 * scale
    placed = pd.Timestamp("2023-01-01") + pd.to_timedelta(np.sort(rng.integers(0, 180 * 86_400, n)), unit="s")
    orders = pd.DataFrame(
        {
            "order": np.arange(n) + 1,
            "customer": rng.integers(1, customers + 1, n),
            "placed": placed,
            "shop": pick(rng, ["web", "Main St", "Harbour"], n),
        }
    )
    orders.to_parquet(folder / "orders.parquet", index=False)
    taste = rng.gamma(0.6, 1, (8, products)) * steep(products, 0.4)
    wants = taste[rng.integers(0, 8, n)]
    count = rng.integers(1, 11, n)
    keys = rng.random((n, products)) ** (
        1 / wants.clip(1e-3)
    )  # the largest keys are a weighted draw without replacement
    order = np.argsort(-keys, axis=1, kind="stable")[:, :10]
    chosen = np.arange(10) < count[:, None]
    lines = pd.DataFrame(
        {
            "order": np.repeat(np.arange(n) + 1, 10).reshape(n, 10)[chosen],
            "product": order[chosen] + 500,
            "quantity": rng.geometric(0.6, chosen.sum()),
        }
    )
    lines.to_csv(folder / "lines.csv.gz", index=False, compression={"method": "gzip", "mtime": 0})
    with open(folder / "customers.jsonl", "w") as file:
        file.writelines(
            json.dumps(
                {
                    "customer": c,
                    "city": city,
                    "joined": str(pd.Timestamp("2017-01-01") + pd.Timedelta(days=int(joined)))[:10],
                    "kids": int(kids),
                }
            )
            + "\n"
            for c, city, joined, kids in zip(
                range(1, customers + 1),
                pick(rng, ["Oldtown", "Newtown", None], customers),
                rng.integers(0, 2000, customers),
                rng.integers(0, 4, customers),
            )
        )


def arrays(folder, rng, scale):
    y, x = np.mgrid[:96, :96]
    centres = rng.uniform(20, 76, (40 * scale, 2))
    spots = np.exp(-((x - centres[:, :1, None]) ** 2 + (y - centres[:, 1:, None]) ** 2) / 120)
    np.save(
        folder / "stack.npy",
        np.clip(rng.normal(200, 12, spots.shape) + 900 * spots + 0.5 * x, 0, 4095).astype(np.uint16),
    )
    time = np.arange(1 << 14) / 1024
    np.save(
        folder / "signal.npy",
        np.sin(2 * np.pi * 50 * time) + 0.5 * np.sin(2 * np.pi * 121 * time + 1) + rng.normal(0, 0.4, time.size),
    )
    np.save(folder / "steps.npy", rng.choice(np.array([-1, 1], np.int8), (300 * scale, 1_000)))
    np.save(
        folder / "ratings.npy",
        np.round(
            rng.normal(0, 1, (240 * scale, 5)) @ rng.normal(0, 1, (5, 40)) + rng.normal(0, 0.3, (240 * scale, 40)), 4
        ),
    )
    points = np.round(rng.normal(0, 1, (250, 3)) + rng.integers(0, 3, (250, 1)) * 4, 4)
    points[rng.random(points.shape) < 0.01] = np.nan
    np.savetxt(folder / "points.csv", points, delimiter=",", header="x,y,z", fmt="%.4f")


MAKERS = [passengers, games, houses, rides_and_weather, tpch, dbbench, shares, survey, sensors, logs, basket, arrays]


def make(folder, names=(), scale=1):
    """Makes what is not there yet."""
    for number, maker in enumerate(MAKERS, 1):
        target = Path(folder) / maker.__name__
        if (names and maker.__name__ not in names) or target.exists():
            continue
        fresh = target.with_name(target.name + ".part")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        maker(fresh, np.random.default_rng([number, scale]), scale)
        fresh.rename(target)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--scale", type=int, default=1)
    given = parser.parse_args()
    make(given.folder, given.names, given.scale)
