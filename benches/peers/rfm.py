"""Recency, frequency and money from a log of purchases, against polars and lifetimes."""

import lifetimes
import numpy as np
import pandas as pd
import polars as pl
import tierwise as tw
from side_by_side import table, take_turns

AS_OF = 20_000


def log(rows: int) -> pl.DataFrame:
    """Draw purchases of customers who buy at very different rates, two years long, in order of time."""
    rng = np.random.default_rng(rows)
    customers = max(rows // 20, 1)
    rate = rng.gamma(0.8, size=customers)
    ids = rng.choice(customers, rows, p=rate / rate.sum()) + 1_000_000
    days = np.sort(rng.integers(AS_OF - 730, AS_OF + 1, rows)).astype(np.int32)
    paid = np.round(rng.gamma(2.0, 15.0, rows), 2)
    return pl.DataFrame({"id": ids.astype(np.int64), "day": pl.Series(days).cast(pl.Date), "paid": paid})


def orders_of_rows(frame: pl.DataFrame) -> dict[str, pl.DataFrame]:
    by_customer = frame.sort("id", "day")
    # Rows that come from a file in this order do not carry the mark that polars' own sort leaves on the column.
    unmarked = by_customer.with_columns(pl.Series("id", by_customer["id"].to_numpy().copy()))
    assert not unmarked["id"].flags["SORTED_ASC"]
    return {
        "in order of time": frame,
        "in order of customer, marked as sorted": by_customer,
        "in order of customer, not marked": unmarked,
        "in no order": frame.sample(fraction=1.0, shuffle=True, seed=3),
    }


def ours(frame):
    return tw.value.rfm(frame, customer="id", date="day", amount="paid", as_of=AS_OF)


def one_level(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.group_by("id").agg(last=pl.col("day").max(), days=pl.col("day").n_unique(), paid=pl.col("paid").sum())


def two_levels(frame: pl.DataFrame) -> pl.DataFrame:
    """Merge the lines of a day first, as lifetime models want it."""
    lazy = frame.lazy().group_by("id", "day").agg(pl.col("paid").sum())
    by_customer = lazy.group_by("id").agg(
        first=pl.col("day").min(), last=pl.col("day").max(), days=pl.len(), paid=pl.col("paid").sum()
    )
    return by_customer.collect()


def compare(found: pl.DataFrame, peer: pl.DataFrame) -> float:
    """Check that the tables agree; the largest relative difference in money."""
    peer = peer.sort("id")
    last = peer["last"].cast(pl.Int32).to_numpy()
    assert (found["customer"].to_numpy() == peer["id"].to_numpy()).all()
    assert (AS_OF - found["recency"].to_numpy() == last).all()
    assert (found["frequency"].to_numpy() == peer["days"].to_numpy()).all()
    worst = float(np.max(np.abs(found["monetary"].to_numpy() / peer["paid"].to_numpy() - 1)))
    assert worst < 1e-12
    return worst


def run(quick: bool) -> str:
    rows, small, repetitions = (100_000, 20_000, 3) if quick else (10_000_000, 700_000, 5)
    texts = [f"## Log of {rows:,} purchases to one row per customer\n"]
    for order, frame in orders_of_rows(log(rows)).items():
        candidates = {
            "tierwise": lambda frame=frame: ours(frame),
            "polars, one level": lambda frame=frame: one_level(frame),
            "polars, days merged first": lambda frame=frame: two_levels(frame),
        }
        found = ours(frame)
        worst = max(compare(found, one_level(frame)), compare(found, two_levels(frame)))
        timings = take_turns(candidates, repetitions)
        for timing in timings.values():
            timing.note = f"counts equal, money within {worst:.0e}"
        texts.append(table(order, timings, "polars, one level"))
    texts.append(_against_lifetimes(small, 3))
    return "\n".join(texts)


def _against_lifetimes(rows: int, repetitions: int) -> str:
    frame = log(rows).to_pandas()
    frame["day"] = pd.to_datetime(frame["day"])
    end = pd.Timestamp("1970-01-01") + pd.Timedelta(days=AS_OF)

    def theirs():
        return lifetimes.utils.summary_data_from_transaction_data(
            frame, "id", "day", "paid", freq="D", observation_period_end=end
        )

    found, peer = ours(frame), theirs()
    assert (found["customer"].to_numpy() == peer.index.to_numpy()).all()
    for name, other in [("repeat_frequency", "frequency"), ("last_purchase_age", "recency"), ("age", "T")]:
        assert (found[name].to_numpy() == peer[other].to_numpy()).all()
    assert np.allclose(found["mean_repeat_amount"].fillna(0), peer["monetary_value"], rtol=1e-12)
    timings = take_turns({"tierwise": lambda: ours(frame), "lifetimes": theirs}, repetitions)
    for timing in timings.values():
        timing.note = "counts equal, money within 1e-12"
    return table(f"{rows:,} purchases in pandas, in order of time", timings, "lifetimes")
