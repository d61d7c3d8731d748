"""Cuts and what they earn, against scikit-learn, hand counts and a search over all cuts."""

import numpy as np
import pytest
from sklearn import metrics
from tierwise import evaluate, exceptions
from tierwise.evaluate import Payoff

RATES = [0.01, 0.1, 0.5, 0.9, 0.99]
TWELVE = np.array([0, 0, 1, 0, 0, 1, 0, 1, 1, 0, 1, 1])
SCORES = np.array([0.1, 0.2, 0.3, 0.35, 0.4, 0.5, 0.55, 0.6, 0.7, 0.8, 0.85, 0.9])


def rows(rate, seed=0, size=800):
    rng = np.random.default_rng(seed)
    happened = rng.random(size) < rate
    happened[:3], happened[3:6] = True, False
    return happened, np.round(rng.normal(size=size) + happened, 1), rng.integers(0, 4, size).astype(float)


@pytest.mark.parametrize("rate", RATES)
def test_counts_and_their_figures_are_those_of_scikit_learn(rate):
    happened, score, weights = rows(rate)
    for cut in (-0.3, 0.0, 0.7, 2.0):
        called = score >= cut
        found = evaluate.confusion(happened, score, cut, weights=weights)
        (tn, fp), (fn, tp) = metrics.confusion_matrix(happened, called, sample_weight=weights)
        assert (found.true_positives, found.false_positives) == (tp, fp)
        assert (found.false_negatives, found.true_negatives) == (fn, tn)
        given = {"sample_weight": weights}
        assert found.accuracy == pytest.approx(metrics.accuracy_score(happened, called, **given), abs=1e-14)
        assert found.precision == pytest.approx(metrics.precision_score(happened, called, **given), abs=1e-14)
        assert found.recall == pytest.approx(metrics.recall_score(happened, called, **given), abs=1e-14)
        assert found.specificity == pytest.approx(metrics.recall_score(~happened, ~called, **given), abs=1e-14)
        assert found.f1 == pytest.approx(metrics.f1_score(happened, called, **given), abs=1e-14)
        assert found.kappa == pytest.approx(metrics.cohen_kappa_score(happened, called, **given), abs=1e-12)
        assert found.matthews_correlation == pytest.approx(
            metrics.matthews_corrcoef(happened, called, **given), abs=1e-12
        )
        assert found.youden == pytest.approx(found.recall + found.specificity - 1, abs=1e-14)


def test_published_figures_and_empty_calls():
    at_half = evaluate.confusion(TWELVE, SCORES, 0.5)
    assert at_half.matthews_correlation == pytest.approx(0.50709255283711, abs=1e-14)
    assert at_half.kappa == 0.5
    nobody = evaluate.confusion(TWELVE, SCORES, np.inf)
    assert (nobody.called, nobody.precision, nobody.matthews_correlation, nobody.f1, nobody.recall) == (
        0,
        None,
        None,
        0,
        0,
    )
    assert evaluate.confusion(TWELVE, SCORES, -np.inf).called == 12


@pytest.mark.parametrize("goal", ["f1", "youden", "profit"])
@pytest.mark.parametrize("rate", RATES)
def test_the_best_cut_is_the_best_of_all(rate, goal):
    happened, score, weights = rows(rate)
    payoff = Payoff(90, -10, -5, 1) if goal == "profit" else None

    def value(cut):
        one = evaluate.confusion(happened, score, cut, weights=weights)
        if goal != "profit":
            return getattr(one, goal)
        return 90 * one.true_positives - 10 * one.false_positives - 5 * one.false_negatives + one.true_negatives

    values = {cut: value(cut) for cut in [np.inf, *np.unique(score[weights > 0])]}
    best = evaluate.best_cut(happened, score, goal, payoff, weights=weights)
    assert best.value == pytest.approx(max(values.values()), abs=1e-12)
    assert values[best.cut] == pytest.approx(best.value, abs=1e-12)
    assert all(one <= best.value - 1e-12 for cut, one in values.items() if cut > best.cut)
    if goal == "profit":
        curve = evaluate.Ranking(happened, score, weights=weights).profit_curve(payoff)
        np.testing.assert_allclose(curve["profit"], [values[cut] for cut in curve["cut"]], rtol=1e-13)
        assert curve["share"][-1] == 1
        assert curve["called"][0] == 0


def test_calls_that_do_not_pay_are_not_made():
    best = evaluate.best_cut(TWELVE, SCORES, "profit", Payoff(true_positive=1, false_positive=-100, true_negative=0))
    assert (best.cut, best.value) == (0.85, 2.0)
    best = evaluate.best_cut(1 - TWELVE, SCORES, "profit", Payoff(true_positive=1, false_positive=-100))
    assert (best.cut, best.value, best.confusion.called) == (np.inf, 0, 0)


@pytest.mark.parametrize("rate", RATES)
def test_net_benefit_by_its_formula(rate):
    happened, score, weights = rows(rate)
    probability = 1 / (1 + np.exp(-score))
    thresholds = [0.001, 0.2, 0.5, probability[7], 0.999]
    table = evaluate.decision_curve(happened, probability, thresholds, weights=weights)
    for place, threshold in enumerate(thresholds):
        price = threshold / (1 - threshold)
        called, total = probability >= threshold, weights.sum()
        hits, misses = weights[called & happened].sum(), weights[called & ~happened].sum()
        assert table["net_benefit"][place] == pytest.approx((hits - misses * price) / total, abs=1e-12)
        everybody = (weights[happened].sum() - weights[~happened].sum() * price) / total
        assert table["net_benefit_of_all"][place] == pytest.approx(everybody, abs=1e-11)
        assert table["share"][place] == pytest.approx((hits + misses) / total, abs=1e-14)
    assert len(evaluate.decision_curve(happened, probability)["threshold"]) == 99


def test_cuts_for_a_capacity():
    score = [0.9, 0.8, 0.8, 0.8, 0.1]
    cut = evaluate.cut_for_capacity(score, 1)
    assert (cut.cut, cut.called, cut.next_score, cut.tied, cut.spare) == (0.9, 1, 0.8, 3, 0)
    cut = evaluate.cut_for_capacity(score, 4.5)
    assert (cut.cut, cut.called, cut.next_score, cut.tied, cut.spare) == (0.8, 4, 0.1, 1, 0.5)
    cut = evaluate.cut_for_capacity(score, 800)
    assert (cut.cut, cut.called, cut.next_score, cut.tied, cut.spare) == (0.1, 5, None, 0, 0)
    cut = evaluate.cut_for_capacity([3, 3, 3], 2)
    assert (cut.cut, cut.called, cut.next_score, cut.tied, cut.spare) == (np.inf, 0, 3, 3, 2)
    cut = evaluate.cut_for_capacity(score, 5, weights=[2, 1, 0, 1.5, 9])
    assert (cut.cut, cut.called, cut.next_score, cut.tied, cut.spare) == (0.8, 4.5, 0.1, 9, 0.5)


def test_what_is_refused():
    with pytest.raises(exceptions.InvalidParameterError, match="`capacity`"):
        evaluate.cut_for_capacity([1, 2], 0)
    with pytest.raises(exceptions.InvalidValueError, match="the score at row 1 is NaN"):
        evaluate.cut_for_capacity([1, None], 1)
    with pytest.raises(exceptions.EmptyTableError):
        evaluate.cut_for_capacity([], 1)
    with pytest.raises(exceptions.InvalidParameterError, match="`cut`"):
        evaluate.confusion(TWELVE, SCORES, np.nan)
    with pytest.raises(exceptions.InvalidParameterError, match="`goal`"):
        evaluate.best_cut(TWELVE, SCORES, "accuracy")
    with pytest.raises(exceptions.InvalidParameterError, match="a `Payoff`"):
        evaluate.best_cut(TWELVE, SCORES, "profit")
    with pytest.raises(exceptions.InvalidParameterError, match="left out unless"):
        evaluate.best_cut(TWELVE, SCORES, "f1", Payoff())
    with pytest.raises(exceptions.InvalidParameterError, match="`true_positive`"):
        evaluate.best_cut(TWELVE, SCORES, "profit", Payoff(true_positive=np.inf))
    with pytest.raises(exceptions.InvalidParameterError, match="`thresholds`"):
        evaluate.decision_curve(TWELVE, SCORES, [0.5, 1.0])
    with pytest.raises(exceptions.OneClassError):
        evaluate.confusion([0, 0], [1, 2], 1)


def test_figures_of_counts_beyond_all_measure_do_not_fail():
    called = evaluate.confusion([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8], 0.4, weights=[2e14] * 4)
    assert (called.kappa, called.matthews_correlation, called.accuracy) == (0.0, 0.0, 0.5)
    assert called == evaluate.Confusion(2e14, 2e14, 2e14, 2e14)
    assert evaluate.confusion([0, 1], [1, 2], np.inf).precision is None


def test_figures_that_are_not_defined_are_none():
    nobody_called = evaluate.Confusion(0, 0, 3, 7)
    assert nobody_called.precision is None
    assert nobody_called.matthews_correlation is None
    assert nobody_called.recall == nobody_called.f1 == 0
    nobody = evaluate.Confusion(0, 0, 0, 0)
    assert nobody.accuracy is nobody.recall is nobody.specificity is nobody.f1 is nobody.youden is None
    assert nobody.total == 0
    assert evaluate.Confusion(2, 0, 0, 0).kappa is None


@pytest.mark.parametrize("count", [-1, np.nan, np.inf])
def test_counts_that_count_nobody_are_refused(count):
    with pytest.raises(exceptions.InvalidParameterError, match="`false_positives` of `Confusion`"):
        evaluate.Confusion(1, count, 0, 0)
