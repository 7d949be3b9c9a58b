"""The 22 questions of TPC-H, as a user of pandas writes them; parameters are those of its validation run.

Written from the public specification (TPC Benchmark H, section 2.4). Question 11's fraction and question 18's amount
are smaller than there, so that few rows have answers too.
"""


def main(pd, np, folder, scale=1):
    out = {}
    day = pd.Timestamp
    tables = ["region", "nation", "supplier", "customer", "part", "partsupp", "orders", "lineitem"]
    region, nation, supplier, customer, part, partsupp, orders, lineitem = (
        pd.read_parquet(f"{folder}/{table}.parquet") for table in tables
    )
    out["rows"] = {name: len(table) for name, table in zip(tables, [region, nation, supplier, customer, part])}
    lineitem["revenue"] = lineitem.l_extendedprice * (1 - lineitem.l_discount)
    home = nation.merge(region, left_on="n_regionkey", right_on="r_regionkey")

    # 1: what has been shipped, by flag and status
    q = lineitem[lineitem.l_shipdate <= day("1998-12-01") - pd.Timedelta(days=90)].copy()
    q["charge"] = q.revenue * (1 + q.l_tax)
    out["q1"] = q.groupby(["l_returnflag", "l_linestatus"], as_index=False).agg(
        sum_qty=("l_quantity", "sum"), sum_base_price=("l_extendedprice", "sum"), sum_disc_price=("revenue", "sum"),
        sum_charge=("charge", "sum"), avg_qty=("l_quantity", "mean"), avg_price=("l_extendedprice", "mean"),
        avg_disc=("l_discount", "mean"), count_order=("l_orderkey", "size"),
    )  # fmt: skip

    # 2: the cheapest supplier of a part in Europe
    q = partsupp.merge(supplier, left_on="ps_suppkey", right_on="s_suppkey")
    q = q.merge(home[home.r_name == "EUROPE"], left_on="s_nationkey", right_on="n_nationkey")
    brass = part[(part.p_size == 15) & part.p_type.str.endswith("BRASS")]
    q = brass.merge(q, left_on="p_partkey", right_on="ps_partkey")
    q = q[q.ps_supplycost == q.groupby("p_partkey").ps_supplycost.transform("min")]
    q = q.sort_values(["s_acctbal", "n_name", "s_name", "p_partkey"], ascending=[False, True, True, True]).head(100)
    columns = ["s_acctbal", "s_name", "n_name", "p_partkey", "p_mfgr", "s_address", "s_phone", "s_comment"]
    out["q2"] = q[columns].reset_index(drop=True)

    # 3: the ten unshipped orders of the greatest value
    q = customer[customer.c_mktsegment == "BUILDING"].merge(orders, left_on="c_custkey", right_on="o_custkey")
    q = q[q.o_orderdate < "1995-03-15"].merge(lineitem, left_on="o_orderkey", right_on="l_orderkey")
    q = q[q.l_shipdate > "1995-03-15"].groupby(["l_orderkey", "o_orderdate", "o_shippriority"])["revenue"].sum()
    q = q.reset_index().sort_values(["revenue", "o_orderdate"], ascending=[False, True]).head(10)
    out["q3"] = q[["l_orderkey", "revenue", "o_orderdate", "o_shippriority"]].reset_index(drop=True)

    # 4: orders of a quarter with a line that came late
    late = lineitem[lineitem.l_commitdate < lineitem.l_receiptdate].l_orderkey.unique()
    q = orders[(orders.o_orderdate >= "1993-07-01") & (orders.o_orderdate < "1993-10-01")]
    q = q[q.o_orderkey.isin(late)]
    out["q4"] = q.groupby("o_orderpriority").size().reset_index(name="order_count")

    # 5: what suppliers sell to customers of their own nation, in Asia
    q = home[home.r_name == "ASIA"].merge(customer, left_on="n_nationkey", right_on="c_nationkey")
    in_1994 = (orders.o_orderdate >= "1994-01-01") & (orders.o_orderdate < "1995-01-01")
    q = q.merge(orders[in_1994], left_on="c_custkey", right_on="o_custkey")
    q = q.merge(lineitem, left_on="o_orderkey", right_on="l_orderkey")
    q = q.merge(supplier, left_on=["l_suppkey", "n_nationkey"], right_on=["s_suppkey", "s_nationkey"])
    out["q5"] = q.groupby("n_name", as_index=False).revenue.sum().sort_values("revenue", ascending=False)

    # 6: what small discounts cost
    shipped_1994 = (lineitem.l_shipdate >= "1994-01-01") & (lineitem.l_shipdate < "1995-01-01")
    q = lineitem[shipped_1994 & lineitem.l_discount.between(0.05, 0.07) & (lineitem.l_quantity < 24)]
    out["q6"] = (q.l_extendedprice * q.l_discount).sum()

    # 7: trade between two nations, by year
    two = nation.loc[nation.n_name.isin(["FRANCE", "GERMANY"]), ["n_nationkey", "n_name"]]
    sells = supplier.merge(two, left_on="s_nationkey", right_on="n_nationkey").rename(columns={"n_name": "supp_nation"})
    buys = customer.merge(two, left_on="c_nationkey", right_on="n_nationkey").rename(columns={"n_name": "cust_nation"})
    q = lineitem[lineitem.l_shipdate.between("1995-01-01", "1996-12-31")]
    q = q.merge(sells[["s_suppkey", "supp_nation"]], left_on="l_suppkey", right_on="s_suppkey")
    q = q.merge(orders[["o_orderkey", "o_custkey"]], left_on="l_orderkey", right_on="o_orderkey")
    q = q.merge(buys[["c_custkey", "cust_nation"]], left_on="o_custkey", right_on="c_custkey")
    q = q.query("supp_nation != cust_nation").assign(l_year=lambda f: f.l_shipdate.dt.year)
    out["q7"] = q.groupby(["supp_nation", "cust_nation", "l_year"]).agg({"revenue": "sum"}).reset_index()

    # 8: Brazil's share of the market for a kind of steel
    q = part.loc[part.p_type == "ECONOMY ANODIZED STEEL", ["p_partkey"]]
    q = q.merge(lineitem, left_on="p_partkey", right_on="l_partkey")
    two_years = orders[orders.o_orderdate.between("1995-01-01", "1996-12-31")]
    q = q.merge(two_years, left_on="l_orderkey", right_on="o_orderkey")
    q = q.merge(customer[["c_custkey", "c_nationkey"]], left_on="o_custkey", right_on="c_custkey")
    q = q[q.c_nationkey.isin(home[home.r_name == "AMERICA"].n_nationkey)]
    q = q.merge(supplier, left_on="l_suppkey", right_on="s_suppkey")
    q = q.merge(nation, left_on="s_nationkey", right_on="n_nationkey")
    q["brazil"] = np.where(q.n_name == "BRAZIL", q.revenue, 0.0)
    q = q.groupby(q.o_orderdate.dt.year.rename("o_year"))[["brazil", "revenue"]].sum()
    out["q8"] = (q.brazil / q.revenue).rename("mkt_share").reset_index()

    # 9: profit on green parts, by nation and year
    q = lineitem.merge(part[part.p_name.str.contains("green")], left_on="l_partkey", right_on="p_partkey")
    q = q.merge(partsupp, left_on=["l_partkey", "l_suppkey"], right_on=["ps_partkey", "ps_suppkey"])
    q = q.merge(supplier, left_on="l_suppkey", right_on="s_suppkey")
    q = q.merge(nation, left_on="s_nationkey", right_on="n_nationkey")
    q = q.merge(orders, left_on="l_orderkey", right_on="o_orderkey")
    q["profit"] = q["revenue"] - q["ps_supplycost"] * q["l_quantity"]
    q["year"] = q["o_orderdate"].dt.year
    q = q.groupby(["n_name", "year"])["profit"].sum().reset_index()
    out["q9"] = q.sort_values(["n_name", "year"], ascending=[True, False], ignore_index=True)

    # 10: customers who sent things back
    q = orders[(orders.o_orderdate >= "1993-10-01") & (orders.o_orderdate < "1994-01-01")]
    q = q.merge(lineitem[lineitem.l_returnflag == "R"], left_on="o_orderkey", right_on="l_orderkey")
    q = customer.merge(q, left_on="c_custkey", right_on="o_custkey")
    q = q.merge(nation, left_on="c_nationkey", right_on="n_nationkey")
    q = q.groupby(["c_custkey", "c_name", "c_acctbal", "c_phone", "n_name", "c_address", "c_comment"]).revenue.sum()
    out["q10"] = q.nlargest(20).reset_index()

    # 11: the most valuable stock in Germany
    q = nation[nation.n_name == "GERMANY"].merge(supplier, left_on="n_nationkey", right_on="s_nationkey")
    q = q.merge(partsupp, left_on="s_suppkey", right_on="ps_suppkey")
    q["value"] = q.ps_supplycost * q.ps_availqty
    value = q.groupby("ps_partkey").value.sum()
    value = value[value > q.value.sum() * 0.00004 / (0.02 * scale)]
    out["q11"] = value.sort_values(ascending=False).reset_index()

    # 12: late lines by mail and ship, by the priority of the order
    q = lineitem[lineitem.l_shipmode.isin(("MAIL", "SHIP")) & (lineitem.l_commitdate < lineitem.l_receiptdate)]
    q = q[(q.l_shipdate < q.l_commitdate) & (q.l_receiptdate >= "1994-01-01") & (q.l_receiptdate < "1995-01-01")]
    q = q.merge(orders, left_on="l_orderkey", right_on="o_orderkey")
    q["high"] = q.o_orderpriority.isin(["1-URGENT", "2-HIGH"]).astype(int)
    q["low"] = 1 - q.high
    out["q12"] = q.groupby("l_shipmode")[["high", "low"]].sum()

    # 13: how many customers have how many orders
    q = orders[~orders.o_comment.str.contains("special.*requests", regex=True)]
    q = customer.merge(q, how="left", left_on="c_custkey", right_on="o_custkey")
    q = q.groupby("c_custkey").o_orderkey.count().value_counts().reset_index()
    q.columns = ["c_count", "custdist"]
    out["q13"] = q.sort_values(["custdist", "c_count"], ascending=False).reset_index(drop=True)

    # 14: the share of promoted parts in a month
    month = lineitem[(lineitem.l_shipdate >= "1995-09-01") & (lineitem.l_shipdate < "1995-10-01")]
    q = month.merge(part, left_on="l_partkey", right_on="p_partkey")
    out["q14"] = 100 * q.revenue[q.p_type.str.startswith("PROMO")].sum() / q.revenue.sum()

    # 15: the best supplier of a quarter
    q = lineitem[(lineitem.l_shipdate >= day(1996, 1, 1)) & (lineitem.l_shipdate < day(1996, 4, 1))]
    q = q.groupby("l_suppkey", as_index=False).revenue.sum().rename(columns={"revenue": "total_revenue"})
    q = supplier.merge(q[q.total_revenue == q.total_revenue.max()], left_on="s_suppkey", right_on="l_suppkey")
    out["q15"] = q[["s_suppkey", "s_name", "s_address", "s_phone", "total_revenue"]]

    # 16: suppliers of kinds of parts, without those that customers complained about
    angry = supplier.s_suppkey[supplier.s_comment.str.contains("Customer.*Complaints")]
    q = part[(part.p_brand != "Brand#45") & ~part.p_type.str.startswith("MEDIUM POLISHED")]
    q = q[q.p_size.isin([49, 14, 23, 45, 19, 3, 36, 9])].merge(partsupp, left_on="p_partkey", right_on="ps_partkey")
    q = q[~q.ps_suppkey.isin(angry)].groupby(["p_brand", "p_type", "p_size"]).ps_suppkey.nunique()
    q = q.rename("supplier_cnt").reset_index()
    out["q16"] = q.sort_values(by=["supplier_cnt", "p_brand", "p_type", "p_size"], ascending=[False, True, True, True])

    # 17: what would be lost without small orders of a kind of part
    boxes = part[(part.p_brand == "Brand#23") & (part.p_container == "MED BOX")]
    q = lineitem[lineitem.l_partkey.isin(boxes.p_partkey)]
    mean = q.groupby("l_partkey")["l_quantity"].mean()
    out["q17"] = q[q.l_quantity < 0.2 * q.l_partkey.map(mean)].l_extendedprice.sum() / 7

    # 18: large orders
    amount = lineitem.groupby("l_orderkey").l_quantity.sum()
    q = orders.join(amount[amount > 275].rename("total"), on="o_orderkey", how="inner")
    q = q.merge(customer, left_on="o_custkey", right_on="c_custkey")
    q = q[["c_name", "c_custkey", "o_orderkey", "o_orderdate", "o_totalprice", "total"]]
    out["q18"] = q.sort_values(["o_totalprice", "o_orderdate"], ascending=[False, True]).head(100)

    # 19: three kinds of discounted orders, by air and in person
    q = lineitem[lineitem.l_shipmode.isin(["AIR", "AIR REG"]) & lineitem.l_shipinstruct.eq("DELIVER IN PERSON")]
    q = q.merge(part, left_on="l_partkey", right_on="p_partkey")
    kinds = [("#12", "SM", "CASE BOX PACK PKG", 1, 5), ("#23", "MED", "BAG BOX PKG PACK", 10, 10)]
    wanted = pd.Series(False, index=q.index)
    for brand, size, boxes, least, largest in [*kinds, ("#34", "LG", "CASE BOX PACK PKG", 20, 15)]:
        fits = q.p_container.isin([f"{size} {box}" for box in boxes.split()]) & q.l_quantity.between(least, least + 10)
        wanted |= (q.p_brand == "Brand" + brand) & fits & q.p_size.between(1, largest)
    out["q19"] = q.loc[wanted, "revenue"].sum()

    # 20: suppliers in Canada with too much of a forest part
    q = lineitem[shipped_1994].groupby(["l_partkey", "l_suppkey"]).l_quantity.sum().mul(0.5).reset_index(name="half")
    stock = partsupp[partsupp.ps_partkey.isin(part.p_partkey[part.p_name.str.startswith("forest")])]
    q = stock.merge(q, left_on=["ps_partkey", "ps_suppkey"], right_on=["l_partkey", "l_suppkey"])
    q = supplier[supplier.s_suppkey.isin(q[q.ps_availqty > q.half].ps_suppkey)]
    q = q.merge(nation[nation.n_name == "CANADA"], left_on="s_nationkey", right_on="n_nationkey")
    out["q20"] = q.sort_values("s_name")[["s_name", "s_address"]].values.tolist()

    # 21: suppliers in Saudi Arabia who alone were late in an order of several
    failed = lineitem[lineitem.l_orderkey.isin(orders.o_orderkey[orders.o_orderstatus == "F"])].copy()
    failed["late"] = failed.l_receiptdate > failed.l_commitdate
    suppliers = failed.groupby("l_orderkey").l_suppkey.nunique()
    late = failed[failed.late].groupby("l_orderkey").l_suppkey.nunique()
    alone = suppliers.index[(suppliers > 1) & (late.reindex(suppliers.index) == 1)]
    q = failed[failed.late & failed.l_orderkey.isin(alone)].merge(supplier, left_on="l_suppkey", right_on="s_suppkey")
    q = q.merge(nation[nation.n_name == "SAUDI ARABIA"], left_on="s_nationkey", right_on="n_nationkey")
    q = q.groupby("s_name").size().reset_index(name="numwait")
    out["q21"] = q.sort_values(["numwait", "s_name"], ascending=[False, True]).head(100)

    # 22: customers with money and no orders, by the country of their telephone
    q = customer.assign(code=customer.c_phone.str[:2])
    q = q[q.code.isin(["13", "31", "23", "29", "30", "18", "17"])]
    q = q[q.c_acctbal > q.c_acctbal[q.c_acctbal > 0].mean()]
    q = q.merge(orders, how="left", left_on="c_custkey", right_on="o_custkey")
    q = q[q.o_orderkey.isna()]
    out["q22"] = q.groupby("code").agg(numcust=("c_custkey", "count"), totacctbal=("c_acctbal", "sum"))
    return out
