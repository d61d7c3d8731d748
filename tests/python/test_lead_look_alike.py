"""Likeness to good customers, against the definition written out in numpy."""

import math

import numpy as np
import pandas as pd
import polars as pl
import pytest
import tierwise as tw
from tierwise import exceptions


def customers(rows, seed):
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "staff": np.round(random.lognormal(3, 1, rows)),
            "exports": pd.array(random.integers(0, 2, rows).astype(bool), dtype="boolean"),
            "trade": random.choice(["food", "toys", "steel"], rows),
        }
    )
    frame.loc[random.random(rows) < 0.1, "staff"] = np.nan
    frame.loc[random.random(rows) < 0.1, "exports"] = pd.NA
    return frame


def gower(good, prospects, weights):
    """Compare every prospect with every good customer; NaN where nothing is known of both."""
    total, known = 0.0, 0.0
    for name, weight in weights.items():
        one, other = prospects[name].to_numpy()[:, None], good[name].to_numpy()[None, :]
        both = prospects[name].notna().to_numpy()[:, None] & good[name].notna().to_numpy()[None, :]
        if name == "staff":
            spread = good[name].max() - good[name].min()
            alike = np.maximum(1 - np.abs(one.astype(float) - other.astype(float)) / spread, 0)
        else:
            alike = (
                prospects[name].astype(str).to_numpy()[:, None] == good[name].astype(str).to_numpy()[None, :]
            ) * 1.0
        total = total + weight * np.where(both, alike, 0)
        known = known + weight * both
    return np.where(known >= 0.5 * sum(weights.values()), total / np.where(known > 0, known, 1), np.nan)


@pytest.mark.parametrize("neighbours", [1, 5, None])
def test_scores_are_what_the_definition_says(neighbours):
    good, prospects = customers(40, 1), customers(300, 2)
    weights = {"staff": 1.0, "exports": 0.5, "trade": 2.0}
    settings = tw.lead.LookAlike(neighbours=neighbours, scale="range", weights=weights)
    model = settings.fit(good)
    alike = -np.sort(-gower(good, prospects, weights), axis=1)  # NaN comes last
    expected = np.nanmean(alike[:, :neighbours], axis=1)
    np.testing.assert_allclose(model.score(prospects), expected, rtol=0, atol=1e-12)
    explained = model.explain(prospects)
    assert list(explained.columns) == ["base", "staff", "exports", "trade"]
    added = explained["base"] + explained["staff"] + explained["exports"] + explained["trade"]
    np.testing.assert_array_equal(added, model.score(prospects))
    assert model.good_customers == 40
    assert model.other_customers is None


def test_contrast_is_the_difference_of_two_likenesses():
    good, others, prospects = customers(30, 1), customers(50, 3), customers(80, 2)
    features = [tw.Feature.yes_no("exports"), tw.Feature.category("trade", ["food", "steel", "toys"])]
    settings = tw.lead.LookAlike(neighbours=3)
    both = settings.fit(good, others, features=features).score(prospects)
    single = [settings.fit(one, features=features).score(prospects) for one in (good, others)]
    np.testing.assert_allclose(both, single[0] - single[1], atol=1e-12)
    assert settings.fit(good, others, features=features).other_customers == 50


def test_frames_of_every_kind_and_files(tmp_path):
    good, prospects = customers(20, 1), customers(15, 2)
    model = tw.lead.LookAlike().fit(good)
    same = tw.lead.LookAlike().fit(pl.from_pandas(good))
    assert model == same
    scores = model.score(pl.from_pandas(prospects))
    assert isinstance(scores, pl.Series)
    np.testing.assert_array_equal(scores.to_numpy(), model.score(prospects).to_numpy())
    tw.save(model, tmp_path / "model.json")
    assert tw.load(tmp_path / "model.json") == model
    assert isinstance(tw.load(tmp_path / "model.json"), tw.lead.LookAlikeModel)
    assert (model.rank(prospects) >= 1).all()


def test_levels_of_prospects_can_be_known():
    good = {"trade": ["food", "food"], "exports": [True, True]}
    prospects = {"trade": ["steel", "food"], "exports": [True, True]}
    # A trade that no good customer has is unknown, and left out; named, it is another trade.
    assert tw.lead.LookAlike().fit(good).score(prospects).tolist() == [1, 1]
    assert tw.lead.LookAlike().fit(good, levels_from=prospects).score(prospects).tolist() == [0.5, 1]


def test_too_little_known_is_no_likeness():
    good = {"staff": [10.0, 20.0], "exports": [True, False], "met": [True, True]}
    prospects = {"staff": [10.0, 10.0], "exports": [None, True], "met": [None, None]}
    model = tw.lead.LookAlike(neighbours=1).fit(good)
    scores = model.score(prospects)
    assert np.isnan(scores[0])
    assert scores[1] == 1
    assert model.rank(prospects).tolist() == [2, 1]


@pytest.mark.parametrize(
    ("settings", "fit", "error", "part"),
    [
        ({"neighbours": 0}, {}, exceptions.InvalidParameterError, "neighbours"),
        ({"scale": "log"}, {}, exceptions.InvalidParameterError, "scale"),
        ({"least_compared": 2.0}, {}, exceptions.InvalidParameterError, "least_compared"),
        ({"weights": {"staff": -1}}, {}, exceptions.InvalidParameterError, "staff"),
        ({"weights": {"size": 1}}, {}, exceptions.UnknownFeatureError, "size"),
        ({}, {"features": ["staff"], "leave_out": ["trade"]}, exceptions.InvalidParameterError, "leave_out"),
        ({}, {"leave_out": ["name"]}, exceptions.MissingColumnError, "name"),
        ({}, {"against": {"staff": [1.0]}}, exceptions.MissingColumnError, "trade"),
        ({}, {"against": {"staff": [], "trade": []}, "features": ["staff"]}, exceptions.EmptyTableError, "other"),
    ],
)
def test_wrong_settings_are_refused(settings, fit, error, part):
    with pytest.raises(error) as raised:
        tw.lead.LookAlike(**settings).fit({"staff": [1.0, 2.0], "trade": ["food", "toys"]}, **fit)
    assert part in str(raised.value)


def test_no_good_customer_is_no_model():
    with pytest.raises(exceptions.EmptyTableError, match="good customers"):
        tw.lead.LookAlike().fit({"staff": np.array([], dtype=float)})


@pytest.mark.parametrize("wrong", [5, math.nan, True, b"x", np.array(3), object(), [None], {1: 2}], ids=repr)
@pytest.mark.parametrize(
    "call",
    [
        lambda wrong: tw.lead.LookAlike(weights=wrong).fit({"x": [1.0, 2.0]}),
        lambda wrong: tw.lead.LookAlike(weights={"x": 10**400}).fit({"x": [1.0, 2.0]}),
        lambda wrong: tw.lead.LookAlike().fit({"x": [1.0, 2.0]}, categories=wrong),
        lambda wrong: tw.lead.LookAlike().fit({"x": [1.0, 2.0]}, leave_out=wrong),
        lambda wrong: tw.lead.LookAlike().fit({"x": [1.0, 2.0]}, features=wrong),
    ],
)
def test_what_is_of_another_kind_is_refused_by_name(call, wrong):
    with pytest.raises(exceptions.TierwiseError) as refused:
        call(wrong)
    assert str(refused.value)
