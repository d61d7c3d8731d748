"""Logs with several currencies and repeated lines, per cent for shares, and settings that cannot be read."""

import datetime
import math

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import tierwise as tw
from tierwise import exceptions

KINDS = {"dict": dict, "pandas": pd.DataFrame, "polars": pl.DataFrame, "pyarrow": pa.table}

# Ann buys twice for 5 on day 10, ben for 7 on day 11, ann for 9 on day 12.
LOG = {
    "who": ["ann", "ben", "ann", "ann"],
    "day": [10, 11, 10, 12],
    "paid": [5.0, 7.0, 5.0, 9.0],
    "in": ["EUR", "USD", "EUR", "EUR"],
    "product": ["tea", "tea", "tea", "cup"],
    "region": ["north", "south", "north", "north"],
    "line": ["a", " ", None, "b"],
}
WHO = {"customer": "who", "amount": "paid"}
WHEN = {**WHO, "date": "day"}
PERIOD = {"first_day": 0, "last_day": 20}


def by_group(log, **settings):
    periods = tw.value.sales_of_period_by_group(log, **WHEN, **PERIOD, group="region", **settings)
    return sum(period.sales for period in periods.values())


def order_amounts(log, **settings):
    return np.sum(tw.value.b2b_rating().order_amounts(log, {"who": ["ben", "ann"]}, **WHEN, as_of=20, **settings))


def held_out(log, **settings):
    split = tw.value.holdout(log, **WHEN, known_until=11, end=20, **settings)
    return np.sum(np.asarray(split.known["monetary"])) + split.spend.sum()


# Every function that sums the money of a log: all of it.
SUMS = {
    "rfm": lambda log, **settings: np.sum(np.asarray(tw.value.rfm(log, **WHEN, as_of=20, **settings)["monetary"])),
    "sales_of_period": lambda log, **settings: tw.value.sales_of_period(log, **WHEN, **PERIOD, **settings).sales,
    "sales_of_period_by_group": by_group,
    "customers_by_products": lambda log, **settings: tw.value.customers_by_products(
        log, **WHO, product="product", **settings
    ).money.sum(),
    "order_amounts": order_amounts,
    "holdout": held_out,
}


def refused(work, code, *words):
    with pytest.raises(exceptions.TierwiseError) as raised:
        work()
    assert raised.value.code == code, raised.value
    for word in words:
        assert word in str(raised.value), raised.value


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", SUMS)
def test_money_is_in_one_currency_wherever_it_is_summed(name, kind):
    total, log = SUMS[name], KINDS[kind](LOG)
    assert total(log) == 26.0
    refused(
        lambda: total(log, currency="in"),
        "invalid_value",
        "the currency at row 1 (`ben`) is `USD`, and the first row has `EUR`",
        "`EUR` in 3 rows, `USD` in 1 row",
    )
    assert total(log, currency="in", rates={"EUR": 1, "USD": 0.5}) == 22.5
    refused(lambda: total(log, rates={"EUR": 1}), "invalid_parameter", "`rates`", "no column of currencies")
    refused(lambda: total(log, currency="in", rates={"EUR": 1}), "invalid_value", "(`ben`) is `USD`, which has no rate")
    refused(lambda: total(log, currency=3), "invalid_parameter", name, "`currency`")
    refused(lambda: total(log, currency="coin"), "missing_column", "`coin`")
    for nothing in (None, ""):
        unknown = KINDS[kind](LOG | {"in": ["EUR", nothing, "EUR", "EUR"]})
        refused(
            lambda unknown=unknown: total(unknown, currency="in"),
            "invalid_value",
            "the currency `in` at row 1 (`ben`) is unknown; every amount needs one",
        )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", SUMS)
def test_repeated_lines_are_read_as_stated_wherever_money_is_summed(name, kind):
    total, log = SUMS[name], KINDS[kind](LOG)
    assert total(log, duplicates="keep") == 26.0
    assert total(log, duplicates="count_once") == 21.0
    refused(lambda: total(log, duplicates="refuse"), "invalid_value", "the line at row 2 (`ann`) is the same as row 0")
    refused(lambda: total(log, duplicates="once"), "invalid_parameter", "`duplicates`", "`count_once`")
    # Of the two lines of ann one has an id and one has none: two purchases.
    assert total(log, duplicates="refuse", id="line") == 26.0
    twice = KINDS[kind](LOG | {"line": ["a", "b", "a", "c"]})
    refused(lambda: total(twice, id="line"), "invalid_value", "the line at row 2 (`ann`) is the same as row 0")
    assert total(twice, id="line", duplicates="count_once") == 21.0
    differ = KINDS[kind](LOG | {"line": [1, 2, 3, 1], "product": ["tea", "tea", "tea", "tea"]})
    refused(
        lambda: total(differ, id="line", duplicates="keep"),
        "invalid_value",
        "the id of the line at row 3 (`ann`) is that of row 0",
    )


def test_equal_lines_with_another_order_or_another_time_are_no_duplicates():
    once = {"as_of": 20, "duplicates": "count_once"}
    assert tw.value.rfm(LOG | {"order": [1, 2, 3, 4]}, **WHEN, **once, order="order")["monetary"][0] == 19.0
    assert tw.value.rfm(LOG | {"order": [1, 2, 1, 4]}, **WHEN, **once, order="order")["monetary"][0] == 14.0
    noon = datetime.datetime(1970, 1, 11, 12)
    times = [noon, noon, noon.replace(minute=1), noon.replace(day=13)]
    assert tw.value.rfm(LOG | {"day": times}, **WHEN, **once)["monetary"][0] == 19.0
    assert tw.value.rfm(LOG | {"day": [noon] * 4}, **WHEN, **once)["monetary"][0] == 14.0


@pytest.mark.parametrize("kind", KINDS)
def test_repeated_lines_are_listed_by_customer(kind):
    found = tw.value.repeated_lines(KINDS[kind](LOG), customer="who", columns=["day", "paid"])
    assert type(found.lines) is type(KINDS[kind](LOG))
    listed = {name: list(np.asarray(found.lines[name])) for name in ("customer", "row", "first_row")}
    assert listed == {"customer": ["ann"], "row": [2], "first_row": [0]}
    assert len(found) == 1
    assert found.findings[0].startswith("1 line says the same as an earlier one: row 2 as row 0 (`ann`).")
    none = tw.value.repeated_lines(KINDS[kind](LOG), customer="who")  # the column `line` tells them apart
    assert (len(none), none.findings) == (0, [])
    assert len(tw.value.repeated_lines(KINDS[kind](LOG), customer="who", columns=["product"])) == 1


def test_lines_that_cannot_be_compared_are_refused():
    refused(lambda: tw.value.repeated_lines(np.zeros((2, 2)), customer="who"), "wrong_kind", "an array")
    refused(lambda: tw.value.repeated_lines(LOG, customer="who", columns="day"), "invalid_parameter", "`columns`")
    refused(lambda: tw.value.repeated_lines(LOG, customer="whom"), "missing_column", "`whom`")
    refused(lambda: tw.value.repeated_lines(LOG, customer="who", columns=["x"]), "missing_column", "`x`")
    refused(lambda: tw.value.repeated_lines({"who": [1, None]}, customer="who"), "invalid_value", "row 1")
    assert len(tw.value.repeated_lines({"who": [7, 7, 7]}, customer="who")) == 2
    assert len(tw.value.repeated_lines({"who": [], "paid": []}, customer="who")) == 0
    numbers = {"who": [1] * 6, "paid": [math.nan, 0.0, None, -0.0, math.inf, math.inf]}
    assert list(tw.value.repeated_lines(numbers, customer="who").lines["first_row"]) == [0, 1, 4]
    big = {"who": [1, 1], "n": [2**60, 2**60 + 1]}  # as floats they would be equal
    assert len(tw.value.repeated_lines(big, customer="who")) == 0


# Evidence for a rating

EVIDENCE = {
    "id": ["ann", "ann", "ann"],
    "item": ["breadth_of_needs", "referral", "referral"],
    "date": [990, 900, 900],
    "contract": ["c1", "c1", "c1"],
}
RATE = {"customer": "id", "as_of": 1000}
CUSTOMERS = {"id": ["ann"], "order_amount": [500_000]}


@pytest.mark.parametrize("kind", KINDS)
def test_evidence_that_repeats_is_refused_where_it_has_a_reference(kind):
    rules, customers, evidence = tw.value.b2b_rating(), KINDS[kind](CUSTOMERS), KINDS[kind](EVIDENCE)
    for method in (rules.rate, rules.statement):
        refused(
            lambda method=method: method(customers, evidence, **RATE, reference="contract"),
            "invalid_value",
            "the line at row 2 (`ann`) is the same as row 1",
        )
    days = {"customer": "id", "from_day": 950, "to_day": 1000, "amount_before": "order_amount"}
    refused(
        lambda: rules.change(customers, evidence, **days, amount_after="order_amount", reference="contract"),
        "invalid_value",
        "(`ann`)",
    )

    def points(**settings):
        rated = rules.rate(customers, evidence, **RATE, reference="contract", **settings)
        return float(np.asarray(rated["referral"])[0])

    assert (points(duplicates="keep"), points(duplicates="count_once")) == (10.0, 5.0)
    lines = rules.statement(customers, evidence, **RATE, reference="contract", duplicates="count_once")
    told = dict(zip(np.asarray(lines["row"]), np.asarray(lines["reason"], dtype=object), strict=True))
    assert (told[1], told[2]) == ("counted", "duplicate")
    assert float(np.sum(np.asarray(lines["points"]))) == 25.0
    changed = rules.change(
        customers, evidence, **days, amount_after="order_amount", reference="contract", duplicates="count_once"
    )
    assert float(np.asarray(changed.customers["score_after"])[0]) == 25.0


def test_equal_evidence_without_a_reference_counts_each_unless_stated():
    rules = tw.value.RatingRules(
        base=[{"points": 0}], bonus=[{"name": "visit", "points": 1, "per": "unit"}], tiers=[{"name": "A"}]
    )
    evidence = {"id": ["ann"] * 3, "item": ["visit"] * 3, "date": [1, 1, 2], "contract": [None, " ", "c"]}

    def score(**settings):
        return rules.rate(CUSTOMERS, evidence, **RATE, **settings)["score"][0]

    assert (score(), score(reference="contract"), score(duplicates="count_once")) == (3.0, 3.0, 2.0)
    refused(lambda: score(duplicates="refuse"), "invalid_value", "row 1 (`ann`)")
    refused(lambda: score(duplicates="drop"), "invalid_parameter", "`duplicates`")
    found = tw.value.repeated_lines(evidence, customer="id", columns=["item", "date"])
    assert "(`ann`)" in found.findings[0]


def test_evidence_that_needs_a_reference_asks_for_the_column():
    rules, item = tw.value.b2b_rating(), "evidence of `referral` (row 1) counts with a reference only"
    refused(lambda: rules.rate(CUSTOMERS, EVIDENCE, **RATE), "invalid_parameter", "`reference`", item)
    refused(lambda: rules.statement(CUSTOMERS, EVIDENCE, **RATE), "invalid_parameter", "`reference`", item)
    plain = {name: column[:1] for name, column in EVIDENCE.items()}
    assert rules.rate(CUSTOMERS, plain, **RATE)["score"][0] == 20.0


# Shares


@pytest.mark.parametrize("kind", KINDS)
def test_per_cent_are_no_shares(kind):
    score, words = tw.value.profit_score(), "divide per cent by 100"
    accounts = KINDS[kind]({"gross_margin": [0.4, 40.0], "payment_collection": [0.9, 0.9]})
    for work in (score.score, score.explain, score.rank):
        refused(lambda work=work: work(accounts), "wrong_kind", "`gross_margin` at row 1 holds 40", words)
    assert np.asarray(score.score(KINDS[kind]({"gross_margin": [1.0], "payment_collection": [1.0]})))[0] == 40.0


def test_per_cent_are_no_shares_in_settings_either():
    words = "divide per cent by 100"
    refused(lambda: tw.value.share_decision().decide([29, 17], [0.1, 37]), "wrong_kind", "`share` at row 1", words)
    refused(lambda: tw.value.rfm(LOG, **WHEN, as_of=20, margin=40), "invalid_parameter", "margin", words)
    assert tw.value.rfm(LOG, **WHEN, as_of=20, margin=1)["monetary"][0] == 19.0
    one = {"years": 3, "acquisition_cost": 1, "base_profit": 1}
    refused(lambda: tw.value.retention_economics(**one, retention=80), "invalid_parameter", "`retention`", words)
    refused(lambda: tw.value.SalesFactors(9, 40, 1, 0, 0, 0), "invalid_parameter", "`conversion`", words)
    refused(lambda: tw.value.pareto([1, 2], share=80), "invalid_parameter", "`share`", words)
    refused(lambda: tw.value.concentration([1, 2], seed=1, top=20), "invalid_parameter", "`top`", words)
    refused(lambda: tw.value.share_of_wallet([1], 2, target=40), "invalid_value", "the target share", words)
    refused(lambda: tw.value.purchase_potential([40], [1]), "invalid_value", "the chance to win", words)
    edges = [{"to": 40, "points": 1}, {"from": 40, "points": 2}]
    table = [{"points": 1}]
    refused(
        lambda: tw.value.ProfitScore(gross_margin=edges, payment_collection=table),
        "invalid_bands",
        "`gross_margin`",
        words,
    )
    # Growth can be more than all of it.
    assert tw.value.SalesFactors(9, 0.4, 1, 0, 0, 0).levers(2.0)[0].moved_to == 27.0


def test_one_interval_of_a_potential_asks_for_the_other():
    potential = tw.value.purchase_potential
    refused(
        lambda: potential([0.2], [10], chance_interval=([0.1], [0.3])),
        "invalid_parameter",
        "`value_interval`",
        "both ends",
    )
    refused(lambda: potential([0.2], [10], value_interval=([5], [20])), "invalid_parameter", "`chance_interval`")
    certain = potential([0.2], [10], chance_interval=([0.1], [0.3]), value_interval=([10], [10]))
    assert (certain["low"][0], certain["high"][0]) == (pytest.approx(1.0), pytest.approx(3.0))


# Settings

SETTINGS = {
    "bonus": (
        lambda: tw.value.RatingRules(base=[{"points": 1}], tiers=[{"name": "A"}], bonus=[{"name": "x", "points": "5"}]),
        "`bonus[0].points` is not valid",
    ),
    "a misspelt field": (
        lambda: tw.value.RatingRules(base=[{"point": 1}], tiers=[{"name": "A"}]),
        "`base[0].point` is not valid: unknown field `point`",
    ),
    "NaN": (
        lambda: tw.value.RatingRules(base=[{"points": math.nan}], tiers=[{"name": "A"}]),
        "`base[0].points` is not valid: expected a finite number",
    ),
    "segments": (
        lambda: tw.value.RfmSegments(
            tw.value.RfmScorer.by_cuts(recency=[1], frequency=[1], monetary=[1]), [{"name": "a", "recency": 3}]
        ),
        "`segments[0].recency` is not valid",
    ),
    "rights": (
        lambda: tw.value.Entitlements(tiers=["A"], steps=["s"], rights=[{"nam": "x"}], grants=[]),
        "`rights[0].nam` is not valid",
    ),
    "terms": (lambda: tw.value.ValueIndex(terms=[{"feature": "x", "weight": "3"}]), "`terms[0]"),
    "cells": (
        lambda: tw.value.ShareDecision(profit=[{"name": "p"}], share=[{"name": "s"}], cells=[{"profit": 1}]),
        "`cells[0].profit` is not valid",
    ),
    "rules": (lambda: tw.lead.EventRules(rules=[{"event": "call", "points": "6"}]), "`rules[0].points` is not valid"),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_that_cannot_be_read_is_named_by_its_parameter(name):
    work, words = SETTINGS[name]
    with pytest.raises(exceptions.InvalidSettingError) as raised:
        work()
    said = str(raised.value)
    assert words in said
    assert "model file" not in said
    assert "at line" not in said
    assert raised.value.details["path"] in said


# Keys


@pytest.mark.parametrize("dtype", ["int64", "Int64", "uint8"])
def test_categories_of_whole_numbers_are_keys_in_their_own_order(dtype):
    ids = pd.Series([100, 9, 10, 9], dtype=dtype).astype("category")
    log = pd.DataFrame({"id": ids, "day": [1, 2, 3, 4], "paid": [1.0, 2.0, 3.0, 4.0]})
    table = tw.value.rfm(log, customer="id", date="day", amount="paid", as_of=9)
    assert table["customer"].dtype == np.int64
    assert list(table["customer"]) == [9, 10, 100]
    assert list(table["monetary"]) == [6.0, 3.0, 1.0]
    view = tw.value.customers_by_products(log, customer="id", product="id", amount="paid")
    assert list(view.products["product"]) == [9, 10, 100]
    # The keys of one table are those of another, whatever either keeps them in.
    asked = pd.DataFrame({"id": [10, 9]})
    sums = tw.value.b2b_rating().order_amounts(log, asked, customer="id", date="day", amount="paid", as_of=9)
    assert list(sums) == [3.0, 6.0]
    unknown = log.assign(id=pd.Series([100, None, 10, 9], dtype="Int64").astype("category"))
    refused(lambda: tw.value.rfm(unknown, **{**WHEN, "customer": "id"}, as_of=9), "invalid_value", "row 1", "unknown")


def test_categories_of_whole_numbers_stay_levels_of_a_category():
    kinds = pd.Series([10, 9, 10, 9, 10, 9]).astype("category")
    outcome = [1, 0, 1, 0, 0, 1]
    model = tw.learn.Logistic(alpha=1.0).fit(pd.DataFrame({"kind": kinds}), outcome, positive=1)
    assert sorted(model.features[0].levels) == ["10", "9"]
    assert len(set(model.probability(pd.DataFrame({"kind": [10, 9]})))) == 2


def test_columns_of_different_lengths_have_the_names_they_were_passed_under() -> None:
    with pytest.raises(tw.exceptions.WrongLengthError, match=r"column `recency` has 3 values where 2 are needed"):
        tw.value.BgNbd().fit(frequency=[1, 2], recency=[1, 2, 3], age=[4, 5])
    with pytest.raises(tw.exceptions.WrongLengthError, match=r"column `age` has 1 values where 2 are needed"):
        tw.value.ParetoNbd().bootstrap(frequency=[1, 2], recency=[1, 2], age=[4], seed=1)
