"""Raw lines of a web server: parsed with regular expressions, cleaned, sessions, the slowest, the most asked for."""

import re
from collections import Counter

PATTERN = (
    r'^(?P<host>\S+) (?P<user>\S+) \[(?P<time>[^\]]+)\] "(?P<method>[A-Z]+) (?P<url>\S+) HTTP/[\d.]+" '
    r'(?P<status>\d{3}) (?P<size>\S+) "(?P<agent>[^"]*)" (?P<ms>[\d.]+)ms$'
)


def browser(agent):
    """The name of a browser, as such functions are written."""
    for name in ("Firefox", "Chrome", "Safari"):
        if name in agent:
            return name
    if re.search("bot", agent, re.IGNORECASE):
        return "bot"
    return agent.split("/")[0]


def main(pd, np, folder, scale=1):
    out = {}
    with open(f"{folder}/access.log") as file:
        lines = pd.Series(file.read().splitlines(), name="line")
    out["lines"] = len(lines), lines.head(3).tolist(), lines.str.len().describe()
    out["blank"] = (lines == "").sum(), lines.str.startswith("#").sum(), lines[lines.str.contains(r"\bPOST\b")].iloc[0]
    parts = lines.str.extract(PATTERN)
    broken = parts["host"].isna()
    out["broken"] = broken.sum(), lines[broken].value_counts(), broken.idxmax()
    log = parts[~broken].reset_index(drop=True)
    out["parts"] = log.iloc[0], log.dtypes.unique().tolist(), log["user"].eq("-").mean()

    # types
    log["time"] = pd.to_datetime(log["time"], format="%d/%b/%Y:%H:%M:%S %z")
    log["status"] = log["status"].astype("int16")
    log["size"] = pd.to_numeric(log["size"].replace("-", "0")).astype("Int64").where(log["size"] != "-")
    log["ms"] = log["ms"].astype(float)
    log["user"] = log["user"].mask(log["user"] == "-")
    log = log.astype({"method": "category"})
    out["types"] = log.dtypes.astype(str), log["size"].isna().sum(), log.describe()

    # addresses: path, parameters, first folder, item
    split = log["url"].str.split("?", n=1, expand=True)
    log["path"], log["query"] = split[0], split[1].fillna("")
    log["area"] = log["path"].str.split("/").str[1].replace("", "home")
    log["item"] = log["path"].str.extract(r"^/item/(\d+)$", expand=False).astype("Int64")
    log["version"] = log["path"].str.extract(r"/v(\d)/")[0]
    out["areas"] = log["area"].value_counts(), log["version"].value_counts(dropna=False).to_dict()
    out["items"] = log["item"].value_counts().head(5), log["item"].nunique(), log["item"].max()
    pairs = log["query"].str.extractall(r"(?P<key>\w+)=(?P<value>[^&]*)")
    out["parameters"] = pairs.head(4), pairs.groupby("key")["value"].agg(["count", "nunique", "first"])
    out["page 2"] = pairs.xs(1, level="match")["key"].value_counts(), log["query"].str.count("=").sum()
    searched = log.loc[log["query"].str.startswith("?") | log["query"].str.contains("q="), "query"]
    out["searched"] = searched.str.replace("q=", "", regex=False).str.replace(r"[+&].*$", "", regex=True).value_counts()
    log["browser"] = log["agent"].apply(browser)
    log["is_bot"] = log["agent"].apply(lambda agent: 1 if "bot" in agent.lower() else 0)
    out["browsers"] = log["browser"].value_counts(normalize=True), log["is_bot"].sum()
    out["agents"] = log["agent"].str.lower().str.findall(r"[a-z]+/\d+").str.len().value_counts().sort_index()
    out["padded"] = log["area"].str.upper().str.pad(8, fillchar=".").unique()[:4]
    out["last part"] = log["path"].str.rsplit("/", n=1).str[-1].iloc[:4], log["path"].str.strip("/").str.len().max()
    counter = Counter()
    for row in log.head(2000).itertuples(index=False):
        counter[row.method, int(row.status) // 100] += 1
    out["counter"] = counter.most_common(4)

    # traffic: by hour, top-k of each hour, errors
    log["hour"] = log["time"].dt.floor("h")
    hourly = log.groupby("hour").agg(
        hits=("url", "size"), hosts=("host", "nunique"), data=("size", "sum"), slow=pd.NamedAgg("ms", "max")
    )
    out["hourly"] = hourly.head(3), hourly["hits"].nlargest(3), hourly.dtypes.astype(str)
    errors = log[log["status"] >= 400]
    rate = (errors.groupby("hour").size() / hourly["hits"]).fillna(0)
    out["errors"] = rate.describe(), pd.crosstab(errors["area"], errors["status"])
    out["how long errors take"] = errors.groupby("status")["ms"].median(), errors.groupby("status").ms.idxmax()
    out["not found"] = errors.query("status == 404 and area == 'item'")["path"].value_counts().head(4)
    top = log.groupby(["hour", "path"]).size().rename("hits").reset_index()
    top["place"] = top.groupby("hour")["hits"].rank(method="first", ascending=False)
    out["top of each hour"] = top[top["place"] <= 2].sort_values(["hour", "place"]).head(6)
    percentiles = log.groupby("area")["ms"].quantile([0.5, 0.95, 0.99]).unstack()
    percentiles.columns = [f"p{int(q * 100)}" for q in percentiles.columns]
    out["latency"] = percentiles.sort_values("p95", ascending=False)
    out["slow methods"] = (log["ms"] > 200).groupby(log["method"], observed=True).mean()
    out["bands"] = pd.cut(log["ms"], bins=[0, 50, 100, 200, 1e9], include_lowest=True).value_counts(sort=False)
    out["outages"] = rate[rate > rate.mean() + 1.5 * rate.std()].index.strftime("%d %H:00").tolist()

    # sessions: a new one after 30 minutes of silence of the same host and browser
    log = log.sort_values(["host", "browser", "time", "url", "ms"], ignore_index=True)
    same = log.groupby(["host", "browser"])
    log["pause"] = log["time"] - same["time"].shift()
    log["new"] = log["pause"].isna() | (log["pause"] > pd.Timedelta(minutes=30))
    log["session"] = log["new"].cumsum()
    log["step"] = log.groupby("session").cumcount()
    log["first_page"] = log.groupby("session")["area"].transform("first")
    sessions = log.groupby("session").agg(
        host=("host", "first"),
        start=("time", "min"),
        end=("time", "max"),
        pages=("url", "count"),
        bought=("area", lambda areas: (areas == "cart").any()),
    )
    sessions["minutes"] = (sessions["end"] - sessions["start"]) / pd.Timedelta(minutes=1)
    out["sessions"] = len(sessions), sessions.head(3), sessions[["pages", "minutes"]].describe()
    out["bounce"] = (sessions["pages"] == 1).mean(), sessions["bought"].mean()
    begins = log.loc[log["step"] == 0, "first_page"]
    out["first pages"] = begins.value_counts(), log["first_page"].eq(log["area"]).mean()
    out["longest"] = sessions.nlargest(3, ["pages", "minutes"])
    moves = log.assign(next=log.groupby("session")["area"].shift(-1)).dropna(subset=["next"])
    matrix = pd.crosstab(moves["area"], moves["next"], normalize="index")
    out["moves"] = matrix.iloc[:4, :4], matrix.stack().idxmax(), np.allclose(matrix.sum(axis=1), 1)
    out["trails"] = log[log["step"] < 3].groupby("session")["area"].agg(" > ".join).value_counts().head(4)
    users = log.groupby("session")["user"].ffill().combine_first(log.groupby("session")["user"].bfill())
    out["known users"] = users.notna().mean(), log["user"].notna().mean(), log.groupby("user")["session"].nunique()
    per_day = sessions.groupby([sessions["start"].dt.day_name(), "bought"]).size().unstack(fill_value=0)
    out["days"] = per_day.reindex(["Monday", "Tuesday", "Wednesday"]), per_day.sum().to_list()

    # hosts: where they are, whom to block; a table of text, joined
    hosts = pd.read_table(f"{folder}/hosts.tsv", header=None, names=["host", "office"], keep_default_na=False)
    out["hosts"] = hosts.tail(2), hosts["office"].value_counts(), hosts.set_index("host").squeeze().shape
    activity = log["host"].value_counts().rename_axis("host").reset_index(name="hits")
    activity = activity.merge(hosts, how="left", validate="1:1")
    activity["share"] = activity["hits"].cumsum() / activity["hits"].sum()
    out["activity"] = activity.head(3), (activity["share"] < 0.5).sum()
    out["offices"] = activity.groupby("office")["hits"].agg(["sum", "mean"])
    octets = activity["host"].str.split(".", expand=True).astype(int)
    octets.columns = list("abcd")
    out["networks"] = octets.nunique(), activity["hits"].groupby(octets["b"] // 64).sum(), octets.agg(["min", "max"])
    minute = log.groupby(["host", pd.Grouper(key="time", freq="min")]).size()
    suspects = minute[minute >= 5].reset_index(name="n").groupby("host")["n"].sum()
    suspects = suspects.sort_values(ascending=False, kind="stable")
    bots = set(log.loc[log["is_bot"] == 1, "host"])
    out["suspects"] = suspects.head(3), sorted(bots.intersection(suspects.index))[:3], len(bots)
    counts = {"lines": len(lines), "parsed": len(log), "sessions": len(sessions)}
    summary = pd.DataFrame.from_dict(counts, orient="index", columns=["n"])
    records = pd.DataFrame.from_records(counter.most_common(3), columns=["what", "n"])
    out["summary"] = summary, records, summary.T.to_csv(sep="\t"), records["n"].to_numpy()
    return out
