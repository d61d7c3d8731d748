"""Events to engagement points, against pandas and polars: the same rules, the same log, in one run."""

import datetime

import numpy as np
import pandas as pd
import polars as pl
import tierwise as tw
from side_by_side import table, take_turns

AS_OF = datetime.date(2025, 6, 30)
AS_OF_DAY = (AS_OF - datetime.date(1970, 1, 1)).days

# A window, a frequency cap, a decay or a rule cap each, two groups with caps, and a cap on the total.
RULES = [
    {"name": "page seen", "points": 1, "counted": {"first": {"n": 3, "per": "day"}}, "window": 90, "group": "web"},
    {"name": "download", "points": 5, "decay": {"half_life": 30}, "maximum": 20, "group": "web"},
    {"name": "mail opened", "points": 2, "counted": {"first": {"n": 4, "per": "month"}}, "group": "mail"},
    {"name": "mail clicked", "points": 4, "decay": {"half_life": 14}, "group": "mail"},
    {"name": "unsubscribed", "points": -15, "counted": "once", "window": 365},
    {"name": "webinar", "points": 10, "counted": "once", "decay": {"half_life": 60}},
    {"name": "demo asked for", "points": 30, "window": 180, "maximum": 60},
    {"name": "call", "points": 6, "decay": {"half_life": 45}, "maximum": 30},
]
GROUPS = [{"name": "web", "maximum": 40}, {"name": "mail", "maximum": 25}]
MAXIMUM = 100
SHARES = [0.45, 0.06, 0.25, 0.1, 0.01, 0.03, 0.02, 0.08]


def log(rows: int) -> pl.DataFrame:
    """Draw events of leads who are active at very different rates, two years long, in order of time."""
    rng = np.random.default_rng(rows)
    leads = max(rows // 20, 1)
    rate = rng.gamma(0.8, size=leads)
    lead = rng.choice(leads, rows, p=rate / rate.sum()) + 1_000_000
    day = np.sort(rng.integers(AS_OF_DAY - 730, AS_OF_DAY + 1, rows)).astype(np.int32)
    names = [rule["name"] for rule in RULES]
    event = pl.Series(rng.choice(len(names), rows, p=SHARES).astype(np.uint32))
    event = pl.Series("event", names, dtype=pl.Enum(names)).gather(event)
    return pl.DataFrame({"lead": lead.astype(np.int64), "event": event, "day": pl.Series(day).cast(pl.Date)})


def ours(frame):
    rules = tw.lead.EventRules(rules=RULES, groups=GROUPS, maximum=MAXIMUM)
    return rules.points(frame, lead="lead", event="event", date="day", as_of=AS_OF)


def in_polars(frame: pl.DataFrame) -> pl.DataFrame:
    """Sum all rules without periods in one group-by over the leads, those with periods in two levels."""
    # Texts become codes once, which is faster than to compare them for each rule.
    events = frame.lazy().with_columns(pl.col("event").cast(pl.Enum([rule["name"] for rule in RULES])))
    age = (pl.lit(AS_OF) - pl.col("day")).dt.total_days()
    plain = [rule for rule in RULES if "first" not in rule.get("counted", "")]
    events = events.with_columns(age=age.cast(pl.Int32), month=pl.col("day").dt.truncate("1mo"))
    sums = []
    for rule in plain:
        mine = pl.col("event") == rule["name"]
        if "window" in rule:
            mine &= pl.col("age") < rule["window"]
        half_life = rule.get("decay", {}).get("half_life")
        if rule.get("counted") == "once":
            youngest = pl.when(mine).then("age").min()
            worth = 2.0 ** (-youngest / half_life) if half_life else youngest.is_not_null().cast(pl.Float64)
            points = (rule["points"] * worth).fill_null(0.0)
        elif half_life:
            points = rule["points"] * pl.when(mine).then(2.0 ** (-pl.col("age") / half_life)).sum()
        else:
            points = (rule["points"] * mine.sum()).cast(pl.Float64)
        sums.append(points.clip(upper_bound=rule.get("maximum")).alias(rule["name"]))
    scores = events.group_by("lead").agg(sums)
    for rule in RULES:
        if rule in plain:
            continue
        first = rule["counted"]["first"]
        mine = events.filter(pl.col("event") == rule["name"])
        if "window" in rule:
            mine = mine.filter(pl.col("age") < rule["window"])
        period = "day" if first["per"] == "day" else "month"
        counts = mine.group_by("lead", period).agg(pl.len().clip(upper_bound=first["n"]))
        points = counts.group_by("lead").agg(
            (rule["points"] * pl.col("len").sum()).cast(pl.Float64).alias(rule["name"])
        )
        scores = scores.join(points, on="lead", how="left")
    groups = [
        pl.sum_horizontal(r["name"] for r in RULES if r.get("group") == group["name"]).clip(
            upper_bound=group["maximum"]
        )
        for group in GROUPS
    ]
    alone = [rule["name"] for rule in RULES if "group" not in rule]
    total = pl.sum_horizontal(*groups, *alone).clip(upper_bound=MAXIMUM)
    return scores.with_columns(engagement=total).collect()


def in_pandas(frame: pd.DataFrame) -> pd.Series:
    """Sum one rule after the other, each over its own events, and join them by lead."""
    # Texts become codes once, which is faster than to compare them for each rule.
    frame = frame.assign(event=frame["event"].astype(pd.CategoricalDtype([rule["name"] for rule in RULES])))
    scores = pd.DataFrame(index=pd.Index(np.sort(frame["lead"].unique()), name="lead"))
    for rule in RULES:
        mine = frame[frame["event"] == rule["name"]]
        age = (pd.Timestamp(AS_OF) - mine["day"]).dt.days
        if "window" in rule:
            mine, age = mine[age < rule["window"]], age[age < rule["window"]]
        counted = rule.get("counted", "every_time")
        if counted == "once":
            age = age.groupby(mine["lead"]).min()
            leads = age.index
        elif counted != "every_time":
            period = mine["day"] if counted["first"]["per"] == "day" else mine["day"].dt.to_period("M")
            counts = mine.groupby(["lead", period.rename("period")]).size().clip(upper=counted["first"]["n"])
            scores[rule["name"]] = rule["points"] * counts.groupby(level="lead").sum()
            continue
        else:
            leads = mine["lead"]
        half_life = rule.get("decay", {}).get("half_life")
        worth = rule["points"] * (2.0 ** (-age / half_life) if half_life else pd.Series(1.0, index=age.index))
        scores[rule["name"]] = worth.groupby(leads).sum().clip(upper=rule.get("maximum"))
    scores = scores.fillna(0.0)
    total = scores[[rule["name"] for rule in RULES if "group" not in rule]].sum(axis=1)
    for group in GROUPS:
        members = [rule["name"] for rule in RULES if rule.get("group") == group["name"]]
        total += scores[members].sum(axis=1).clip(upper=group["maximum"])
    return total.clip(upper=MAXIMUM)


def compare(found, keys: np.ndarray, peer: np.ndarray) -> float:
    """Check that the leads agree; the largest difference in points."""
    assert (found["lead"].to_numpy() == keys).all()
    worst = float(np.max(np.abs(found["engagement"].to_numpy() - peer)))
    assert worst < 1e-6
    return worst


def run(quick: bool) -> str:
    rows, repetitions = (100_000, 3) if quick else (10_000_000, 5)
    texts = [f"## {rows:,} events of {rows // 20:,} leads to points, {len(RULES)} rules in 2 groups\n"]
    by_time = log(rows)
    orders = {
        "in order of time, event as category": by_time,
        "in order of time, event as text": by_time.with_columns(pl.col("event").cast(pl.String)),
        "in order of lead, event as category": by_time.sort("lead", "day"),
    }
    for order, frame in orders.items():
        candidates = {"tierwise": lambda frame=frame: ours(frame), "polars": lambda frame=frame: in_polars(frame)}
        peer = in_polars(frame).sort("lead")
        worst = compare(ours(frame), peer["lead"].to_numpy(), peer["engagement"].to_numpy())
        timings = take_turns(candidates, repetitions)
        for timing in timings.values():
            timing.note = f"points within {worst:.0e}"
        texts.append(table(f"polars frame, {order}", timings, "polars"))
    category = by_time.to_pandas()
    for kind, frame in {
        "category": category,
        "text": category.astype({"event": "str"}),
        "text as objects": category.astype({"event": object}),
    }.items():
        texts.append(_against_pandas(frame, kind, min(repetitions, 3)))
    return "\n".join(texts)


def _against_pandas(frame: pd.DataFrame, kind: str, repetitions: int) -> str:
    peer = in_pandas(frame)
    worst = compare(ours(frame), peer.index.to_numpy(), peer.to_numpy())
    timings = take_turns({"tierwise": lambda: ours(frame), "pandas": lambda: in_pandas(frame)}, repetitions)
    for timing in timings.values():
        timing.note = f"points within {worst:.0e}"
    return table(f"pandas frame, in order of time, event as {kind}", timings, "pandas")
