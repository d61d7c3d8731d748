"""Figures of probabilities against scikit-learn, statsmodels and published values."""

import warnings

import numpy as np
import pytest
import statsmodels.api as sm
import tierwise as tw
from scipy import special, stats
from sklearn import calibration, metrics
from sklearn.datasets import load_breast_cancer
from tierwise import evaluate, exceptions

RATES = [0.01, 0.1, 0.5, 0.9, 0.99]
TWELVE = np.array([0, 0, 1, 0, 0, 1, 0, 1, 1, 0, 1, 1])
SCORES = np.array([0.1, 0.2, 0.3, 0.35, 0.4, 0.5, 0.55, 0.6, 0.7, 0.8, 0.85, 0.9])


def rows(rate, seed=0, size=2000):
    """Draw probabilities around a base rate and outcomes that keep to them."""
    rng = np.random.default_rng(seed)
    probability = special.expit(special.logit(rate) + rng.normal(size=size))
    happened = rng.random(size) < probability
    happened[:2] = [True, False]
    return happened, probability


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("rate", RATES)
def test_losses_are_those_of_scikit_learn(rate, weighted):
    happened, probability = rows(rate)
    probability[5:9] = [1e-300, 5e-324, 1 - 2**-53, 0.5]
    weights = np.random.default_rng(1).choice([0, 0.3, 1, 2.5], len(probability)) if weighted else None
    found = evaluate.log_loss(happened, probability, weights=weights, clip=np.finfo(float).eps)
    assert found == pytest.approx(metrics.log_loss(happened, probability, sample_weight=weights), rel=1e-12)
    found = evaluate.brier(happened, probability, weights=weights)
    assert found == pytest.approx(metrics.brier_score_loss(happened, probability, sample_weight=weights), rel=1e-12)
    reverse = evaluate.log_loss(~happened, 1 - probability, weights=weights, clip=1e-9)
    assert evaluate.log_loss(happened, probability, weights=weights, clip=1e-9) == pytest.approx(reverse, rel=1e-12)
    labels = np.where(happened, "no", "yes")
    assert evaluate.brier(labels, probability, positive="no", weights=weights) == found


def test_certainties():
    assert evaluate.log_loss([1, 0], [1, 0]) == 0
    assert evaluate.log_loss([1, 0, 1], [1, 0, 0]) == np.inf
    assert evaluate.log_loss([1, 0, 1], [1, 0, 0], weights=[1, 1, 0]) == 0
    assert evaluate.log_loss([1, 0, 1], [1, 0, 0], clip=2.220446049250313e-16) == pytest.approx(36.04365338911715 / 3)
    assert metrics.log_loss([1, 0, 1], [1, 0, 0.0]) == pytest.approx(36.04365338911715 / 3)
    assert evaluate.log_loss([1, 1], [0.5, 0.5]) == pytest.approx(np.log(2))
    assert evaluate.brier([0, 0], [0.5, 0.5]) == 0.25


@pytest.mark.parametrize(("by", "bins"), [("uniform", 10), ("uniform", 7), ("quantile", 10), ("quantile", 4)])
@pytest.mark.parametrize("rate", RATES)
def test_the_calibration_table_is_the_curve_of_scikit_learn(rate, by, bins):
    happened, probability = rows(rate)
    probability = np.where(np.arange(len(probability)) % 3 == 0, np.round(probability, 1), probability)
    rate_of_bin, mean = calibration.calibration_curve(happened, probability, n_bins=bins, strategy=by)
    table = evaluate.calibration_table(happened, probability, bins=bins, by=by)
    np.testing.assert_allclose(table["rate"], rate_of_bin, rtol=1e-13)
    np.testing.assert_allclose(table["mean_probability"], mean, rtol=1e-12)
    assert table["rows"].sum() == table["weight"].sum() == len(probability)
    assert (table["low"] <= table["rate"]).all()
    assert (table["rate"] <= table["high"]).all()
    inside = (table["from"] <= table["mean_probability"]) & (table["mean_probability"] <= table["to"] + 1e-15)
    assert inside.all()
    error = (table["weight"] * np.abs(table["rate"] - table["mean_probability"])).sum() / len(probability)
    assert evaluate.calibration_error(happened, probability, bins=bins, by=by) == pytest.approx(error, rel=1e-10)


def test_reference_values():
    assert evaluate.brier(TWELVE, SCORES) == pytest.approx(0.1914583333333333, abs=1e-15)
    assert evaluate.log_loss(TWELVE, SCORES) == pytest.approx(0.5592131844357132, abs=1e-15)
    table = evaluate.calibration_table(TWELVE, SCORES, bins=5)
    np.testing.assert_allclose(table["mean_probability"], [0.15, 0.35, 0.55, 0.75, 0.875], rtol=1e-14)
    np.testing.assert_allclose(table["rate"], [0, 1 / 3, 2 / 3, 1 / 2, 1], rtol=1e-14)
    table = evaluate.calibration_table(TWELVE, SCORES, bins=4, by="quantile")
    np.testing.assert_allclose(table["mean_probability"], [0.2, 1.25 / 3, 1.85 / 3, 0.85], rtol=1e-14)
    np.testing.assert_allclose(table["rate"], [1 / 3, 1 / 3, 2 / 3, 2 / 3], rtol=1e-14)


@pytest.mark.parametrize("by", ["uniform", "quantile"])
def test_weights_are_repetition(by):
    happened, probability = rows(0.3, size=500)
    weights = np.random.default_rng(2).integers(0, 4, len(probability))
    repeated = np.repeat(np.arange(len(probability)), weights)
    one = evaluate.calibration_table(happened, probability, weights=weights, by=by)
    two = evaluate.calibration_table(happened[repeated], probability[repeated], by=by)
    for name in set(one) - {"rows"}:
        np.testing.assert_allclose(one[name], two[name], rtol=1e-12)
    assert one["rows"].sum() == (weights > 0).sum()


@pytest.mark.parametrize("figure", ["log_loss", "brier", "calibration_error"])
def test_bootstrap_agrees_with_a_plain_one(figure):
    happened, probability = rows(0.3, size=800)
    of = getattr(evaluate, figure)
    found = evaluate.bootstrap(happened, probability, figure, seed=4, replicates=2000)
    rng = np.random.default_rng(0)
    draws = [rng.integers(0, len(probability), len(probability)) for _ in range(400)]
    plain = [of(happened[draw], probability[draw]) for draw in draws]
    assert found.value == of(happened, probability)
    assert found.standard_error == pytest.approx(np.std(plain), rel=0.15)
    assert np.mean(found.replicates) == pytest.approx(np.mean(plain), abs=3 * np.std(plain) / 10)


def test_losses_of_bootstraps_hold_as_often_as_they_say():
    rng, held = np.random.default_rng(3), 0
    chance = special.expit(rng.normal(size=400) - 1)
    true = np.mean(-chance * np.log(chance) - (1 - chance) * np.log1p(-chance))
    for draw in range(400):
        found = evaluate.bootstrap(rng.random(400) < chance, chance, "log_loss", seed=draw, replicates=300)
        held += found.low <= true <= found.high
    # The rows stay the same here, so the interval, which lets them vary too, may hold a little more often.
    assert 0.92 < held / 400 <= 0.99


def test_what_is_refused_and_where():
    with pytest.raises(
        exceptions.InvalidValueError, match=r"the probability at row 1 is 1.5; it must be a number in \[0"
    ):
        evaluate.log_loss([1, 0], [0.1, 1.5])
    with pytest.raises(exceptions.InvalidValueError, match="the probability at row 0 is NaN"):
        evaluate.brier([1, 0], [None, 0.5])
    with pytest.raises(exceptions.InvalidParameterError, match="`clip` of `log_loss`"):
        evaluate.log_loss([1, 0], [0.1, 0.5], clip=0.5)
    with pytest.raises(exceptions.InvalidParameterError, match="`bins`"):
        evaluate.calibration_error([1, 0], [0.1, 0.5], bins=0)
    with pytest.raises(exceptions.InvalidParameterError, match="`by`"):
        evaluate.calibration_error([1, 0], [0.1, 0.5], by="width")
    with pytest.raises(exceptions.InvalidValueError, match=r"row 1 is 1; .*set `clip`"):
        evaluate.bootstrap([1, 0], [0.1, 1.0], "log_loss", seed=1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert evaluate.bootstrap([1, 0], [0.1, 1.0], "log_loss", seed=1, clip=1e-6).value > 5


@pytest.mark.parametrize(("by", "bins"), [("uniform", 10), ("uniform", 3), ("quantile", 10), ("quantile", 1)])
@pytest.mark.parametrize("rate", RATES)
def test_the_parts_of_a_brier_score_add_up(rate, by, bins):
    happened, probability = rows(rate)
    weights = np.random.default_rng(1).choice([0, 0.3, 1, 2.5], len(probability))
    parts = evaluate.brier_parts(happened, probability, bins=bins, by=by, weights=weights)
    of_bins = parts.reliability - parts.resolution + parts.uncertainty
    total = of_bins + parts.within_bin_variance - parts.within_bin_covariance
    assert total == pytest.approx(parts.brier, abs=1e-14)
    assert parts.brier == evaluate.brier(happened, probability, weights=weights)
    table = evaluate.calibration_table(happened, probability, bins=bins, by=by, weights=weights)
    shares = table["weight"] / table["weight"].sum()
    reliability = (shares * (table["rate"] - table["mean_probability"]) ** 2).sum()
    assert parts.reliability == pytest.approx(reliability, abs=1e-14)
    assert min(parts.resolution, parts.uncertainty, parts.within_bin_variance) >= 0


def logit():
    """Fit malignant tumours by two columns, as the published values do."""
    data = load_breast_cancer()
    happened = 1 - data.target
    model = sm.Logit(happened, sm.add_constant(data.data[:, :2])).fit(disp=0, method="newton", tol=1e-10)
    return happened, model.predict()


def test_reference_values_of_two_columns():
    happened, probability = logit()
    assert evaluate.roc_auc(happened, probability) == pytest.approx(0.9516806722689076, abs=1e-14)
    assert evaluate.brier(happened, probability) == pytest.approx(0.07818701330951308, rel=1e-9)
    assert evaluate.log_loss(happened, probability) == pytest.approx(0.2558201286274962, rel=1e-12)
    test = evaluate.hosmer_lemeshow(happened, probability, same_rows_as_fit=True)
    assert test.statistic == pytest.approx(21.457624119566308, rel=1e-7)
    assert test.p_value == pytest.approx(0.006026188670716567, rel=1e-7)
    assert test.degrees_of_freedom == 8
    assert test.groups["weight"].tolist() == [57] * 9 + [56]
    assert test.p_value == pytest.approx(stats.chi2.sf(test.statistic, 8), rel=1e-12)
    found = evaluate.spiegelhalter(happened, probability)
    assert found.z == pytest.approx(-0.031170099346640546, abs=1e-8)
    assert found.p_value == pytest.approx(2 * stats.norm.sf(abs(found.z)), rel=1e-12)
    parts = evaluate.brier_parts(happened, probability)
    expected = [0.0016277348503222241, 0.15669028497009402, 0.23376503037734625]
    np.testing.assert_allclose([parts.reliability, parts.resolution, parts.uncertainty], expected, atol=1e-9)
    assert evaluate.calibration_error(happened, probability) == pytest.approx(0.023373028842986705, abs=1e-9)


def test_probabilities_of_a_fit_need_no_bending_and_bent_ones_are_straightened():
    happened, probability = logit()
    straight = evaluate.recalibration(happened, probability)
    assert straight.slope.value == pytest.approx(1, abs=1e-9)
    assert straight.intercept.value == pytest.approx(0, abs=1e-9)
    assert straight.in_the_large.value == pytest.approx(0, abs=1e-9)
    bent = special.expit(0.5 * special.logit(probability) + 0.3)
    found = evaluate.recalibration(happened, bent)
    assert found.slope.value == pytest.approx(2, abs=1e-9)
    assert found.intercept.value == pytest.approx(-0.6, abs=1e-9)
    assert found.in_the_large.value == pytest.approx(-0.59040389, abs=1e-8)


@pytest.mark.parametrize("rate", RATES)
def test_recalibration_is_that_of_statsmodels(rate):
    happened, probability = rows(rate)
    weights = np.random.default_rng(1).integers(0, 4, len(probability))
    log_odds = special.logit(probability)
    family = sm.families.Binomial()
    line = sm.GLM(happened, sm.add_constant(log_odds), family=family, freq_weights=weights).fit(tol=1e-14, maxiter=200)
    shift = sm.GLM(happened, np.ones((len(happened), 1)), family=family, freq_weights=weights, offset=log_odds).fit(
        tol=1e-14, maxiter=200
    )
    found = evaluate.recalibration(happened, probability, weights=weights)
    for one, value, error in [
        (found.intercept, line.params[0], line.bse[0]),
        (found.slope, line.params[1], line.bse[1]),
        (found.in_the_large, shift.params[0], shift.bse[0]),
    ]:
        assert one.value == pytest.approx(value, rel=1e-8, abs=1e-10)
        assert one.standard_error == pytest.approx(error, rel=1e-8)
        width = stats.norm.ppf(0.975) * error
        np.testing.assert_allclose([one.low, one.high], [value - width, value + width], rtol=1e-7, atol=1e-9)


def test_recalibration_of_extremes():
    happened = np.array([0, 0, 1, 0, 1, 1, 0, 1])
    probability = np.array([1e-300, 1e-200, 1e-100, 1e-12, 1 - 2**-53, 0.5, 0.1, 0.9])
    found = evaluate.recalibration(happened, probability)
    assert np.isfinite([found.slope.value, found.intercept.value, found.in_the_large.value]).all()
    fitted = special.expit(found.intercept.value + found.slope.value * special.logit(probability))
    assert fitted.sum() == pytest.approx(happened.sum(), abs=1e-9)
    shifted = special.expit(found.in_the_large.value + special.logit(probability))
    assert shifted.sum() == pytest.approx(happened.sum(), abs=1e-8)


def test_hosmer_lemeshow_does_not_depend_on_the_order_and_takes_weights():
    happened, probability = rows(0.3, size=503)
    probability = np.round(probability, 1)
    weights = np.random.default_rng(2).integers(0, 4, len(probability))
    repeated = np.repeat(np.arange(len(probability)), weights)
    one = evaluate.hosmer_lemeshow(happened, probability, same_rows_as_fit=False, weights=weights)
    two = evaluate.hosmer_lemeshow(happened[repeated][::-1], probability[repeated][::-1], same_rows_as_fit=False)
    assert one.statistic == pytest.approx(two.statistic, rel=1e-11)
    assert one.degrees_of_freedom == 10
    for name, column in one.groups.items():
        np.testing.assert_allclose(column, two.groups[name], rtol=1e-11)
    assert one.groups["weight"].sum() == weights.sum()
    impossible = evaluate.hosmer_lemeshow([1, 0, 0, 1, 0, 1], [0, 0, 0.5, 0.5, 1, 1], groups=3, same_rows_as_fit=False)
    assert (impossible.statistic, impossible.p_value) == (np.inf, 0)


def test_tests_reject_as_often_as_they_say():
    rng, rejected = np.random.default_rng(8), np.zeros(2)
    for _ in range(1000):
        chance = special.expit(rng.normal(size=300))
        happened = rng.random(300) < chance
        rejected[0] += evaluate.hosmer_lemeshow(happened, chance, same_rows_as_fit=False).p_value < 0.05
        rejected[1] += evaluate.spiegelhalter(happened, chance).p_value < 0.05
    assert (rejected > 25).all()
    assert (rejected < 80).all()


def test_what_cannot_be_bent_or_tested():
    with pytest.raises(exceptions.InvalidValueError, match="the probability at row 1 is 1; its log-odds are infinite"):
        evaluate.recalibration([0, 1, 0, 1], [0.1, 1, 0.2, 0.3])
    with pytest.raises(exceptions.NoVariationError, match="all probabilities are equal"):
        evaluate.recalibration([0, 1, 0, 1], [0.1] * 4)
    for order in ([0, 0, 1, 1], [1, 1, 0, 0]):
        with pytest.raises(exceptions.SeparationError):
            evaluate.recalibration(order, [0.1, 0.2, 0.2, 0.3])
    with pytest.raises(exceptions.OneClassError):
        evaluate.recalibration([1, 1], [0.1, 0.2])
    with pytest.raises(exceptions.NotEnoughDataError, match="9 where at least 10"):
        evaluate.hosmer_lemeshow([1, 0, 1] * 3, [0.1, 0.2, 0.4] * 3, same_rows_as_fit=False)
    with pytest.raises(exceptions.InvalidParameterError, match="`groups`"):
        evaluate.hosmer_lemeshow([1, 0, 1], [0.1, 0.2, 0.4], groups=2, same_rows_as_fit=False)
    with pytest.raises(exceptions.NoVariationError, match="Spiegelhalter"):
        evaluate.spiegelhalter([1, 0, 1], [0.5, 0.5, 1])


def test_certainties_that_came_true_cost_nothing():
    test = evaluate.hosmer_lemeshow([0] + [1] * 41, [0.2] + [1.0] * 41, groups=3, same_rows_as_fit=False)
    assert np.isfinite(test.statistic)
    assert test.p_value > 0.5


def test_the_function_that_was_called_is_named():
    with pytest.raises(exceptions.InvalidParameterError, match="`confidence` of `calibration_table`"):
        evaluate.calibration_table([0, 1], [0.2, 0.7], confidence=2)


def test_light_rows_are_no_lone_outcome():
    for figure, who in [("brier", "rows"), ("roc_auc", "events")]:
        with pytest.raises(exceptions.NotEnoughDataError, match=f"the weight of the {who}"):
            evaluate.bootstrap([0, 1] * 20, [0.2, 0.7] * 20, figure, seed=1, weights=[1 / 2000] * 40)


@pytest.mark.parametrize("flag", ["no", 0, 1, None, np.float64(0)])
def test_flags_are_true_or_false(flag):
    said, came = np.linspace(0.05, 0.95, 40), np.arange(40) % 3 == 0
    calls = {
        "same_rows_as_fit": lambda: evaluate.hosmer_lemeshow(came, said, same_rows_as_fit=flag),
        "drop_intermediate": lambda: evaluate.Ranking(came, said).roc_curve(drop_intermediate=flag),
        "strict": lambda: tw.learn.calibrate(said, came, positive=True, method="isotonic", strict=flag),
        "standardize": lambda: tw.learn.Logistic(standardize=flag).fit({"x": said}, came, positive=True),
        "standard_errors": lambda: tw.learn.Logistic(standard_errors=flag).fit({"x": said}, came, positive=True),
        "sign_check": lambda: tw.learn.WeightOfEvidence(sign_check=flag).fit({"x": said}, came, positive=True),
        "probability": lambda: tw.learn.out_of_fold(
            tw.learn.Logistic(), {"x": said}, came, positive=True, probability=flag
        ),
        "category": lambda: tw.learn.bin_feature(said, came, positive=True, category=flag),
        "assess": lambda: tw.lead.Frequency(assess=flag).fit({"x": said}, came, positive=True),
        "higher_is_better": lambda: tw.value.Tiers.by_share(
            said, names=["A", "B"], shares=[0.5, 0.5], higher_is_better=flag
        ),
    }
    for name, call in calls.items():
        with pytest.raises(exceptions.InvalidParameterError, match=f"`{name}` of .* must be True or False"):
            call()
    kept = evaluate.Ranking(came, said).roc_curve(drop_intermediate=np.False_)
    assert len(kept["cut"]) == 41
