"""Figures of probabilities against scikit-learn, statsmodels and published values."""

import warnings

import numpy as np
import pytest
from scipy import special
from sklearn import calibration, metrics
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
    rng, held, true = np.random.default_rng(3), 0, 0.0
    chance = special.expit(rng.normal(size=400) - 1)
    true = np.mean(-chance * np.log(chance) - (1 - chance) * np.log1p(-chance))
    for draw in range(400):
        found = evaluate.bootstrap(rng.random(400) < chance, chance, "log_loss", seed=draw, replicates=300)
        held += found.low <= true <= found.high
    # The rows stay the same here, so the interval, which lets them vary too, may hold a little more often.
    assert 0.92 < held / 400 <= 0.99


def test_what_is_refused_and_where():
    with pytest.raises(exceptions.InvalidValueError, match=r"the probability at row 1 is 1.5; it must be a number in \[0"):
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
