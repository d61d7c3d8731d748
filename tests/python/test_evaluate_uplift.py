"""Figures of uplift against scikit-uplift, causalml's formulas, published values and hand counts, at all base rates."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import stats
from tierwise import evaluate, exceptions

RATES = [0.01, 0.1, 0.5, 0.9, 0.99]
BOUGHT = [0, 1, 0, 1, 1, 0, 1, 0, 0, 1, 0, 1]
PREDICTED = [0.9, 0.8, 0.75, 0.7, 0.6, 0.55, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05]
TREATED = [1, 1, 0, 1, 0, 1, 0, 0, 1, 0, 0, 1]


def trial(rate, seed=0, size=2000, ties=True):
    """Draw who was treated, what was predicted, and who bought: where more is predicted, the treatment does more."""
    rng = np.random.default_rng(seed)
    treated, predicted = rng.random(size) < 0.4, rng.normal(size=size)
    if ties:
        predicted = np.round(predicted, 1)
    log_odds = np.log(rate / (1 - rate)) + treated * (0.3 + 0.8 * predicted)
    bought = rng.random(size) < 1 / (1 + np.exp(-log_odds))
    for arm in (treated, ~treated):
        bought[np.flatnonzero(arm)[:2]] = [True, False]
    return bought.astype(float), predicted, treated.astype(float)


def causal(bought, predicted, treated, kind):
    """Give causalml's score, raw and normalised, for predictions that all differ (written from its definition)."""
    order = np.argsort(-predicted)
    y, t, place = bought[order], treated[order], np.arange(1, len(order) + 1)
    treated_sum, control_sum = np.cumsum(y * t), np.cumsum(y * (1 - t))
    n_treated, n_control = np.cumsum(t), np.cumsum(1 - t)
    with np.errstate(invalid="ignore", divide="ignore"):
        if kind == "qini":
            curve = treated_sum - control_sum * n_treated / n_control
        else:
            curve = treated_sum / n_treated - control_sum / n_control
    curve = np.concatenate([[0], curve])
    known = np.isfinite(curve)
    curve = np.interp(np.arange(len(curve)), np.flatnonzero(known), curve[known])
    if kind == "qini":
        raw = (curve.sum() - np.linspace(0, curve[-1], len(curve)).sum()) / len(curve)
    else:
        curve[1:] *= place
        raw = curve.sum() / len(curve)
    return raw, raw / abs(curve[-1])


def test_twelve_rows_as_the_peers_have_them():
    ranking = evaluate.UpliftRanking(BOUGHT, PREDICTED, TREATED)
    gains = [0, 0, 1, 1, 2, 0.5, 0, -2 / 3, 0, -0.5, -1, -0.5, 0]
    np.testing.assert_allclose(ranking.qini_curve()["gain"], gains, atol=1e-15)
    np.testing.assert_array_equal(ranking.qini_curve()["random"], 0)
    gains[1:3] = [1 / 3, 2 / 3]
    np.testing.assert_allclose(ranking.qini_curve(empty_arm="interpolate")["gain"], gains, atol=1e-15)
    uplift = [0, 0, 1, 1.5, 8 / 3, 5 / 6, 0, -7 / 6, 0, -0.9, -2, -1.1, 0]
    np.testing.assert_allclose(ranking.uplift_curve()["gain"], uplift, atol=1e-14)
    assert ranking.qini().value == pytest.approx(0.06790123456790124, abs=1e-12)
    assert ranking.auuc().value == pytest.approx(0.02057613168724281, abs=1e-12)
    assert ranking.uplift_at(0.5).uplift == pytest.approx(0.0, abs=1e-12)
    assert ranking.weighted_average_uplift(3) == pytest.approx(0.22222222222222224, abs=1e-12)
    assert ranking.qini("per_customer").value == pytest.approx(0.141025641025641, abs=1e-12)
    assert ranking.auuc("per_customer").value == pytest.approx(0.05128205128205131, abs=1e-12)
    assert (ranking.qini().empty_arm, ranking.qini("per_customer").empty_arm) == ("zero", "interpolate")
    with pytest.raises(exceptions.InvalidParameterError, match="the perfect curve encloses no area"):
        ranking.qini("perfect_without_harm")
    for function in (ranking.qini, ranking.auuc):
        with pytest.raises(exceptions.InvalidParameterError, match="no effect on the whole"):
            function("overall")
    assert "6 treated and 6 controls" in repr(ranking)


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("rate", RATES)
def test_figures_are_those_of_scikit_uplift(rate, ties):
    peer = pytest.importorskip("sklift.metrics", reason="scikit-uplift is not installed", exc_type=ImportError)
    bought, predicted, treated = trial(rate, ties=ties)
    given = (bought, predicted, treated)
    for theirs, ours in [(peer.qini_curve, evaluate.qini_curve), (peer.uplift_curve, evaluate.uplift_curve)]:
        customers, gains = theirs(*given)
        found = ours(*given)
        np.testing.assert_array_equal(found["customers"], customers)
        np.testing.assert_allclose(found["gain"], gains, atol=1e-9)
    assert evaluate.qini(*given).value == pytest.approx(peer.qini_auc_score(*given), abs=1e-12)
    assert evaluate.auuc(*given).value == pytest.approx(peer.uplift_auc_score(*given), abs=1e-12)
    if bought[treated == 1].mean() > bought[treated == 0].mean():
        theirs = peer.qini_auc_score(*given, negative_effect=False)
        assert evaluate.qini(*given, "perfect_without_harm").value == pytest.approx(theirs, rel=1e-11)
    if not ties:
        arms = ("treatment", "control")
        one, two = (peer.response_rate_by_percentile(*given, arm, bins=10) for arm in arms)
        table = evaluate.uplift_table(*given)
        np.testing.assert_allclose(table["uplift"], one[0] - two[0], atol=1e-12)
        np.testing.assert_allclose(table["standard_error"], np.sqrt(one[1] + two[1]), atol=1e-12)
        np.testing.assert_allclose(table["treated"], one[2])
        assert evaluate.uplift_at(*given, 0.3).uplift == pytest.approx(
            peer.uplift_at_k(*given, "overall", 0.3), abs=1e-12
        )
        average = peer.weighted_average_uplift(*given, bins=5)
        assert evaluate.weighted_average_uplift(*given, 5) == pytest.approx(average, abs=1e-12)


@pytest.mark.parametrize("rate", RATES)
def test_figures_are_those_of_causalml(rate):
    bought, predicted, treated = trial(rate, seed=1, ties=False)
    for outcome in (bought, bought * np.random.default_rng(0).lognormal(3, 1, len(bought))):
        for kind, function in [("qini", evaluate.qini), ("auuc", evaluate.auuc)]:
            raw, normalised = causal(outcome, predicted, treated, kind)
            given = (outcome, predicted, treated)
            assert function(*given, "per_customer").value == pytest.approx(raw, rel=1e-9)
            assert function(*given, "overall").value == pytest.approx(normalised, rel=1e-9)


@pytest.mark.parametrize("rate", RATES)
def test_labels_in_both_orders(rate):
    bought, predicted, treated = trial(rate)
    expected = evaluate.qini(bought, predicted, treated)
    assert evaluate.qini(bought == 1, predicted, treated == 1) == expected
    for yes, no in [("a", "z"), ("z", "a"), (2, 7), (7, 2)]:
        arm, outcome = np.where(treated == 1, yes, no), np.where(bought == 1, yes, no)
        assert evaluate.qini(outcome, predicted, arm, treated=yes, positive=yes) == expected
        # The other arm in the place of the treated, and the wish for the other outcome: the effect is the same.
        swapped = evaluate.qini(outcome, predicted, arm, "per_customer", treated=no, positive=no)
        assert swapped.normalisation == "per_customer"
        table = evaluate.uplift_table(outcome, predicted, arm, treated=yes, positive=yes, groups=3)
        other = evaluate.uplift_table(outcome, predicted, arm, treated=no, positive=no, groups=3)
        np.testing.assert_allclose(table["uplift"], other["uplift"], atol=1e-12)
        np.testing.assert_allclose(table["low"], other["low"], atol=1e-12)


def test_weights_are_repetition():
    bought, predicted, treated = trial(0.3, size=600)
    weights = np.random.default_rng(2).integers(0, 4, 600)
    rows = np.repeat(np.arange(600), weights)
    for outcome in (bought, bought * np.arange(600.0)):
        one = evaluate.UpliftRanking(outcome, predicted, treated, weights=weights)
        two = evaluate.UpliftRanking(outcome[rows], predicted[rows], treated[rows])
        for name in ("perfect", "per_customer", "overall"):
            assert one.qini(name).value == pytest.approx(two.qini(name).value, rel=1e-10)
        for places in ("overall", "arm"):
            ours, theirs = one.uplift_table(7, places=places), two.uplift_table(7, places=places)
            for column in theirs:
                np.testing.assert_allclose(ours[column], theirs[column], rtol=1e-9, atol=1e-12, err_msg=column)
            first, second = one.heterogeneity(4, places=places), two.heterogeneity(4, places=places)
            assert first.statistic == pytest.approx(second.statistic, rel=1e-9)


def test_spend_by_hand():
    rng = np.random.default_rng(4)
    predicted, treated = rng.random(400), rng.random(400) < 0.5
    spend = rng.lognormal(3, 1, 400) * (1 + treated * predicted) + 1e6
    table = evaluate.uplift_table(spend, predicted, treated, groups=4)
    order = np.argsort(-predicted).reshape(4, 100)
    for row, rows in enumerate(order):
        one, two = spend[rows][treated[rows]], spend[rows][~treated[rows]]
        welch = stats.ttest_ind(one, two, equal_var=False)
        assert table["uplift"][row] == pytest.approx(one.mean() - two.mean(), rel=1e-9)
        error = np.sqrt(one.var(ddof=1) / len(one) + two.var(ddof=1) / len(two))
        assert table["standard_error"][row] == pytest.approx(error, rel=1e-6)
        assert (one.mean() - two.mean()) / error == pytest.approx(welch.statistic, rel=1e-6)
        assert table["mean_predicted"][row] == pytest.approx(predicted[rows].mean())
    by_arm = evaluate.uplift_at(spend, predicted, treated, 0.25, places="arm")
    assert (by_arm.treated, by_arm.control) == (pytest.approx(treated.sum() / 4), pytest.approx((~treated).sum() / 4))


def test_the_test_of_no_heterogeneity_by_scipy():
    bought, predicted, treated = trial(0.3, seed=6)
    table = evaluate.uplift_table(bought, predicted, treated, groups=5)
    found = evaluate.uplift_heterogeneity(bought, predicted, treated)
    weights = table["standard_error"] ** -2
    mean = np.average(table["uplift"], weights=weights)
    q = (weights * (table["uplift"] - mean) ** 2).sum()
    assert found.statistic == pytest.approx(q, rel=1e-12)
    assert found.p_value == pytest.approx(stats.chi2.sf(q, 4), rel=1e-9)
    assert found.mean_uplift == pytest.approx(mean, rel=1e-12)
    assert found.p_value < 1e-4
    nothing = evaluate.uplift_heterogeneity(bought, np.random.default_rng(0).random(2000), treated)
    assert nothing.p_value > 0.01


@pytest.mark.parametrize("figure", ["qini", "auuc", "uplift_at"])
@pytest.mark.parametrize("number", [False, True])
def test_intervals_agree_with_a_bootstrap_in_numpy(figure, number):
    bought, predicted, treated = trial(0.4, seed=7, size=500)
    outcome = bought * np.random.default_rng(1).integers(1, 4, 500) if number else bought
    how = "per_customer" if figure == "auuc" else "perfect"

    def value(rows):
        given = (outcome[rows], predicted[rows], treated[rows])
        if figure == "uplift_at":
            return evaluate.uplift_at(*given, 0.4).uplift
        return getattr(evaluate, figure)(*given, how).value

    arms = [np.flatnonzero(treated == arm) for arm in (0, 1)]
    rng = np.random.default_rng(0)
    drawn = [value(np.concatenate([rng.choice(arm, len(arm)) for arm in arms])) for _ in range(400)]
    found = evaluate.uplift_interval(outcome, predicted, treated, figure, seed=3, normalisation=how, share=0.4)
    assert found.value == value(np.arange(500))
    assert found.standard_error == pytest.approx(np.std(drawn), rel=0.15)
    assert found.low == pytest.approx(np.quantile(drawn, 0.025), abs=np.std(drawn) / 2)
    assert found.high == pytest.approx(np.quantile(drawn, 0.975), abs=np.std(drawn) / 2)
    again = evaluate.uplift_interval(outcome, predicted, treated, figure, seed=3, normalisation=how, share=0.4)
    assert found == again
    told = []
    evaluate.uplift_interval(
        outcome,
        predicted,
        treated,
        figure,
        seed=3,
        normalisation=how,
        replicates=40,
        progress=lambda *step: told.append(step),
    )
    assert told[-1][:2] == (40, 40)
    np.testing.assert_array_equal(found.replicates, again.replicates)


def test_any_column_goes_in():
    bought, predicted, treated = trial(0.3, size=100)
    expected = evaluate.qini(bought, predicted, treated)
    for kind in (list, pd.Series, pl.Series):
        assert evaluate.qini(kind(bought), kind(predicted), kind(treated)) == expected


def test_what_is_refused_says_where():
    with pytest.raises(exceptions.NotEnoughDataError, match="the control arm"):
        evaluate.qini(BOUGHT, PREDICTED, ["mail"] * 12, treated="mail")
    with pytest.raises(exceptions.NotEnoughDataError, match="the treated arm"):
        evaluate.qini(BOUGHT, PREDICTED, [0] * 12)
    with pytest.raises(exceptions.InvalidParameterError, match="`treated` of `UpliftRanking`"):
        evaluate.qini(BOUGHT, PREDICTED, ["mail", "none"] * 6)
    with pytest.raises(exceptions.InvalidOutcomeError, match="more than two labels"):
        evaluate.qini(BOUGHT, PREDICTED, ["mail", "none", "call"] * 4, treated="mail")
    with pytest.raises(exceptions.InvalidParameterError, match="`positive`"):
        evaluate.qini(["yes", "no"] * 6, PREDICTED, TREATED)
    with pytest.raises(exceptions.InvalidValueError, match="the outcome at row 1 is NaN"):
        evaluate.qini([1, None, *BOUGHT[2:]], PREDICTED, TREATED)
    with pytest.raises(exceptions.InvalidValueError, match="the predicted uplift at row 0 is NaN"):
        evaluate.qini(BOUGHT, [np.nan, *PREDICTED[1:]], TREATED)
    with pytest.raises(exceptions.InvalidValueError, match="predicted uplift at row 0 is inf"):
        evaluate.qini(BOUGHT, [np.inf, *PREDICTED[1:]], TREATED)
    with pytest.raises(exceptions.WrongLengthError):
        evaluate.qini(BOUGHT[1:], PREDICTED, TREATED)
    with pytest.raises(exceptions.NotEnoughDataError, match=r"group 1 of 12, the control arm"):
        evaluate.uplift_table(BOUGHT, PREDICTED, TREATED, groups=12)
    with pytest.raises(exceptions.NotEnoughDataError, match="different outcomes within an arm of group"):
        evaluate.uplift_heterogeneity([1, 0, 1, 0, 1, 1, 0, 0], np.arange(8), [1, 0, 1, 0, 1, 0, 1, 0], groups=2)
    with pytest.raises(exceptions.NotEnoughDataError, match="the weight of the controls"):
        evaluate.uplift_interval(BOUGHT, PREDICTED, TREATED, "qini", seed=1, weights=np.array(TREATED) + 0.1)
    with pytest.raises(exceptions.InvalidParameterError, match="has no definition"):
        evaluate.auuc(np.array(BOUGHT) * 2.5, PREDICTED, TREATED)
    for name, wrong in [("normalisation", {"normalisation": "sklift"}), ("places", {"places": "top"})]:
        with pytest.raises(exceptions.InvalidParameterError, match=f"`{name}`"):
            evaluate.uplift_interval(BOUGHT, PREDICTED, TREATED, "qini", seed=1, **wrong)
    with pytest.raises(exceptions.InvalidParameterError, match="`empty_arm`"):
        evaluate.qini_curve(BOUGHT, PREDICTED, TREATED, empty_arm="skip")


# A real trial, where TIERWISE_DATA names the folder that holds it.

HILLSTROM = {
    "both": {
        "sklift": (0.06169312655832437, 0.028233623461861382, 0.0698435617305142),
        "causalml": (0.16351333297361206, 158.1828719940687, 0.6618412434880105, 1278.1061263455445),
    },
    "history": {
        "sklift": (0.0026215140678726204, 0.0010476345927874125, 0.04794238908949567),
        "causalml": (0.0062797841581222974, 6.07506602409568, 0.5053402754926288, 975.8813134587831),
    },
}


def in_one_order(order):
    """Give scores that all differ, the highest to the first row of the order."""
    scores = np.empty(len(order))
    scores[order] = np.arange(len(order), 0, -1)
    return scores


@pytest.mark.parametrize("ranking", HILLSTROM)
def test_women_who_got_a_mail(ranking):
    folder = os.environ.get("TIERWISE_DATA")
    if folder is None or not (Path(folder) / "hillstrom" / "hillstrom.csv").exists():
        pytest.skip("TIERWISE_DATA does not name the folder with the real tables")
    data = pd.read_csv(Path(folder) / "hillstrom" / "hillstrom.csv")
    data = data[data["segment"] != "Mens E-Mail"]
    predicted = data["history"] + (1000 * data["womens"] if ranking == "both" else 0)
    given = {"treated": "Womens E-Mail"}
    trial = evaluate.UpliftRanking(data["visit"], predicted, data["segment"], **given)
    qini, auuc, top = HILLSTROM[ranking]["sklift"]
    assert trial.qini().value == pytest.approx(qini, abs=1e-12)
    assert trial.auuc().value == pytest.approx(auuc, abs=1e-12)
    # Rows of equal predictions have an order in the peers, and 30 % are rounded down; for us they share their places.
    assert trial.uplift_at(0.3).uplift == pytest.approx(top, abs=1e-3)
    ordered = in_one_order(np.argsort(predicted.to_numpy(), kind="stable")[::-1])
    found = evaluate.uplift_at(data["visit"], ordered, data["segment"], int(0.3 * len(data)) / len(data), **given)
    assert found.uplift == pytest.approx(top, abs=1e-12)
    found = [trial.qini("overall"), trial.qini("per_customer"), trial.auuc("overall"), trial.auuc("per_customer")]
    expected = HILLSTROM[ranking]["causalml"]
    np.testing.assert_allclose([one.value for one in found], expected, rtol=0.01, atol=1)
    assert found[0].value == pytest.approx(expected[0], abs=1e-3)
    assert (trial.heterogeneity().p_value < 0.05) == (ranking == "both")
