"""The program from filter to mean, on anything that looks like a pandas frame, and the small frame it runs on."""


def program(df):
    df2 = df[(df.tip_amount > 0) & (df.fare_amount > 0)]
    df2["tip_fraction"] = df2.tip_amount / df2.fare_amount
    return df2.groupby(df2.pickup_datetime.dt.hour).tip_fraction.mean()


def frame_of(rows):
    """A real pandas frame with the three columns that the program needs."""
    import numpy as np
    import pandas as pd

    random = np.random.Generator(np.random.Philox(key=1))
    fare = np.round(random.gamma(3.0, 4.0, rows), 2)
    tip = np.where(random.random(rows) < 0.4, 0.0, np.round(fare * 0.2, 2))
    pickup = np.datetime64("2015-01-01", "us") + random.integers(0, 365 * 86_400, rows) * np.timedelta64(1, "s")
    return pd.DataFrame({"pickup_datetime": pickup, "fare_amount": fare, "tip_amount": tip})
