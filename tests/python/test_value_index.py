"""Value index, purchase potential, profit score, share of wallet."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import tierwise as tw

KINDS = [dict, pd.DataFrame, pl.DataFrame, pa.table]
TERMS = [
    {"feature": "margin", "weight": 5, "normalise": "min_max"},
    {"feature": "days", "weight": 2, "normalise": "logistic", "direction": "lower_is_better"},
    {"feature": "orders", "weight": 3, "normalise": {"quantiles": 4}, "unknown": {"share": 0.5}},
]
CUSTOMERS = {"margin": [0.0, 20.0, 40.0, 10.0], "days": [300.0, 20.0, 10.0, 90.0], "orders": [1.0, 3.0, None, 2.0]}


def listed(column):
    """A column of any kind as a list, None for unknown."""
    values = column.to_pylist() if hasattr(column, "to_pylist") else list(column)
    return [None if value is None or value != value else value for value in values]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__module__ + "." + kind.__name__)
def test_an_index_by_hand_in_every_kind_of_frame(kind):
    tiers = [{"name": "key", "from": 60}, {"name": "other", "to": 60}]
    index = tw.value.ValueIndex.fit(kind(CUSTOMERS), terms=TERMS, tiers=tiers)
    days = np.array(CUSTOMERS["days"])
    recent = 1 - 1 / (1 + np.exp(-(days - days.mean()) / days.std(ddof=1)))
    # Thresholds at the quartiles of 1, 2, 3: the next higher values are 2, 3 and 3.
    expected = 50 * np.array(CUSTOMERS["margin"]) / 40 + 20 * recent + 30 * np.array([0, 1, 0.5, 0.5])
    np.testing.assert_allclose(listed(index.score(kind(CUSTOMERS))), expected, rtol=1e-12)
    assert listed(index.assign(kind(CUSTOMERS))) == ["other", "key", "key", "other"]
    parts = index.explain(kind(CUSTOMERS))
    total = sum(np.array(listed(parts[name])) for name in ["base", "margin", "days", "orders"])
    assert total.tolist() == listed(index.score(kind(CUSTOMERS)))


def test_saved_limits_do_not_move_with_new_customers(tmp_path):
    index = tw.value.ValueIndex.fit(CUSTOMERS, terms=TERMS)
    one = {name: values[:1] for name, values in CUSTOMERS.items()}
    assert index.score(one)[0] == index.score(CUSTOMERS)[0]
    tw.save(index, tmp_path / "index.json")
    assert tw.load(tmp_path / "index.json") == index
    assert index.spec["terms"][0]["normalise"] == {"min_max": {"from": 0.0, "to": 40.0}}
    with pytest.raises(tw.exceptions.ModelKindError):
        index.assign(CUSTOMERS)


def test_unknown_terms_follow_their_rule():
    term = {"feature": "x", "weight": 1, "normalise": {"min_max": {"from": 0, "to": 1}}}
    assert np.isnan(tw.value.ValueIndex(terms=[term]).score({"x": [None]})[0])
    stated = tw.value.ValueIndex(terms=[term | {"unknown": {"share": 0.25}}])
    assert stated.score({"x": [None, 1.0]}).tolist() == [25, 100]
    with pytest.raises(tw.exceptions.UnknownValueError, match="row 0"):
        tw.value.ValueIndex(terms=[term | {"unknown": "refuse"}]).score({"x": [None]})


@pytest.mark.parametrize(
    ("term", "words"),
    [
        ({"weight": 0}, "the weight"),
        ({"weight": float("nan")}, "terms"),
        ({"weight": None}, "weight"),
        ({"normalise": "rank"}, "Got rank"),
        ({"normalise": {"rank": 1}}, "rank"),
        ({"normalise": {"quantiles": 1}}, "quantiles"),
        ({"normalise": {"quantiles": []}}, "at least one threshold"),
        ({"normalise": {"min_max": {"from": 1, "to": 1}}}, "`from` below `to`"),
        ({"normalise": {"anchors": [[0, 0]]}}, "at least two"),
        ({"normalise": {"anchors": [[0, 0], [1, 2]]}}, "0 to 1"),
        ({"normalise": {"logistic": {"middle": 0, "scale": 0}}}, "`scale` above 0"),
        ({"normalise": None}, "normalise"),
        ({"unknown": {"share": 2}}, r"\[0, 1\]"),
        ({"direction": "up"}, "up"),
        ({"feature": None}, "feature"),
        ({"feature": "gone"}, "gone"),
        ({"feature": "constant"}, "two different known values"),
        ({"feature": "infinite"}, "infinite"),
    ],
)
def test_terms_that_cannot_be_are_refused(term, words):
    customers = {"x": [0.0, 1.0], "constant": [1.0, 1.0], "infinite": [1.0, np.inf]}
    with pytest.raises(tw.exceptions.TierwiseError, match=words):
        tw.value.ValueIndex.fit(customers, terms=[{"feature": "x", "weight": 1, "normalise": "min_max"} | term])


@pytest.mark.parametrize("make", [list, np.array, pd.Series, pl.Series, pa.array], ids=lambda make: make.__name__)
def test_purchase_potential(make):
    found = tw.value.purchase_potential(make([0.5, 0.0]), [1000.0, 5.0], [100.0, 1.0])
    assert listed(found["expected"]) == [400, -1]
    assert list(getattr(found, "column_names", getattr(found, "columns", found))) == ["expected"]
    ends = tw.value.purchase_potential(
        make([0.5]), [1000.0], chance_interval=([0.25], [0.6]), value_interval=([1000.0], [1000.0])
    )
    np.testing.assert_allclose([listed(ends["low"])[0], listed(ends["high"])[0]], [250, 600])


def test_potentials_that_cannot_be_are_refused():
    def refused(words, *given, **settings):
        with pytest.raises(tw.exceptions.TierwiseError, match=words):
            tw.value.purchase_potential(*given, **settings)

    refused("the chance to win at row 1", [0.1, 1.1], [1, 1])
    refused("the value if won at row 0", [0.1], [-1])
    refused("the cost at row 0", [0.1], [1], [-1])
    refused("the value if won has 2", [0.1], [1, 2])
    refused("within its interval", [0.1], [1], chance_interval=([0.2], [0.3]), value_interval=([1], [1]))
    refused("a pair of arrays", [0.1], [1], chance_interval=0.2)
    assert np.isnan(tw.value.purchase_potential([None], [1.0])["expected"][0])


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__module__ + "." + kind.__name__)
def test_profit_score_and_its_ranking(kind):
    accounts = kind({"gross_margin": [0.25, 0.28, 0.22, None], "payment_collection": [0.92, 0.6, 0.55, 0.9]})
    score = tw.value.profit_score()
    assert listed(score.score(accounts)) == [29, 17, 17, None]
    assert listed(score.rank(accounts)) == [1, 2, 2, 4]
    assert tw.from_json(score.to_json()) == score
    with pytest.raises(tw.exceptions.InvalidRulesError, match=r"\[0, 20\]"):
        tw.value.ProfitScore(gross_margin=[{"points": 21}], payment_collection=[{"points": 1}])


@pytest.mark.parametrize("make", [list, np.array, pd.Series, pl.Series, pa.array], ids=lambda make: make.__name__)
def test_share_of_wallet_of_the_source(make):
    found = tw.value.share_of_wallet(make([11, 6, 5, 4, 4]), 30, target=[0.4, 0.2, 0.1, 0.2, 0.2])
    assert [round(share * 100) for share in listed(found["share"])] == [37, 20, 17, 13, 13]
    np.testing.assert_allclose(listed(found["headroom"]), [1, 0, -2, 2, 2], atol=1e-12)
    decided = tw.value.share_decision().decide(make([29.0, 28.0, 24.0, 17.0, None]), found["share"])
    assert listed(decided) == ["raise", "raise", "raise", "hold", None]


def test_wallets_and_tables_that_cannot_be_are_refused():
    def refused(words, *given):
        with pytest.raises(tw.exceptions.TierwiseError, match=words):
            tw.value.share_of_wallet(*given)

    refused("own spend at row 1 is 3", [1, 3], [2, 2])
    refused("all spend at row 0", [0], [0])
    refused("all spend has 3", [1, 2], [3, 4, 5])
    refused("all spend has 1", [1, 2], [3])
    refused("the target share at row 0", [1], 2, 1.5)
    spec = tw.value.share_decision().spec
    cells = {name: spec[name] for name in ["profit", "share", "cells"]}
    assert tw.value.ShareDecision(**cells).decide([30], [0.9]).tolist() == ["hold"]
    with pytest.raises(tw.exceptions.InvalidRulesError, match="has no decision"):
        tw.value.ShareDecision(**cells | {"cells": cells["cells"][1:]})


def test_current_and_potential_value_have_an_index_each():
    limits = {"min_max": {"from": 0, "to": 10}}
    terms = [
        {"feature": "x", "weight": 2, "normalise": limits, "part": "current"},
        {"feature": "y", "weight": 1, "normalise": limits, "part": "potential"},
        {"feature": "z", "weight": 1, "normalise": limits, "part": "current"},
    ]
    index = tw.value.ValueIndex(terms=terms, tiers=[{"name": "A", "from": 50}, {"name": "B", "to": 50}])
    customers = {"x": [1.0, 10, 4], "y": [3.0, None, 20], "z": [-1.0, 7, 5]}
    now, later = index.part("current"), index.part("potential")
    assert now.score(customers).tolist() == pytest.approx([100 * 2 / 30, 90, 100 * 13 / 30])
    np.testing.assert_allclose(later.score(customers), [30, np.nan, 100])
    np.testing.assert_allclose(0.75 * now.score(customers) + 0.25 * later.score(customers), index.score(customers))
    assert tw.from_json(now.to_json()) == now
    assert tw.from_json(index.to_json()).part("potential") == later
    with pytest.raises(tw.exceptions.InvalidRulesError, match="no term says that its `part` is `potential`"):
        now.part("potential")
    with pytest.raises(tw.exceptions.InvalidParameterError, match="part"):
        index.part("future")
    with pytest.raises(tw.exceptions.InvalidSettingError, match="part"):
        tw.value.ValueIndex(terms=[terms[0] | {"part": "future"}])
