"""Figures of ranking against scikit-learn and scipy, on plain scores and on nasty ones, at all base rates."""

import signal
import threading
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import tierwise as tw
from scipy import stats
from sklearn import metrics
from sklearn.datasets import load_breast_cancer
from tierwise import evaluate, exceptions

RATES = [0.01, 0.1, 0.5, 0.9, 0.99]
KINDS = ["plain", "few", "constant", "infinite", "tiny", "signed zeros", "huge"]
TWELVE = np.array([0, 0, 1, 0, 0, 1, 0, 1, 1, 0, 1, 1])
SCORES = np.array([0.1, 0.2, 0.3, 0.35, 0.4, 0.5, 0.55, 0.6, 0.7, 0.8, 0.85, 0.9])


def tumours():
    data = load_breast_cancer()
    return 1 - data.target, data.data[:, 0], data.data[:, 1]


def rows(kind, rate, seed=0, size=1500):
    """Draw an outcome and a score that is a little telling."""
    rng = np.random.default_rng(seed)
    happened = rng.random(size) < rate
    happened[:3], happened[3:6] = True, False
    score = rng.normal(size=size) + happened
    if kind == "few":
        score = np.round(score)
    elif kind == "constant":
        score = np.full(size, 3.0)
    elif kind == "infinite":
        score[score > 1.5], score[score < -1] = np.inf, -np.inf
    elif kind == "tiny":
        score = np.round(score * 3) * 5e-324
    elif kind == "signed zeros":
        score = np.where(score > 0.5, 0.0, -0.0) + np.where(np.abs(score) > 1, score, 0)
    elif kind == "huge":
        score = score * 1e307
    return happened, score


def peers(function, *arguments, **settings):
    """Call scikit-learn, which refuses infinite scores: ranks take their place."""
    outcome, score = arguments
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function(outcome, stats.rankdata(score + 0.0), **settings)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rate", RATES)
def test_figures_are_those_of_scikit_learn(kind, rate, weighted):
    happened, score = rows(kind, rate)
    weights = np.random.default_rng(1).choice([0, 0.3, 1, 2.5, 7], len(score)) if weighted else None
    if weighted:
        weights[[0, 3]] = 1.0
    given = {"weights": weights}
    ranking = evaluate.Ranking(happened, score, **given)
    assert ranking.roc_auc == pytest.approx(
        peers(metrics.roc_auc_score, happened, score, sample_weight=weights), abs=1e-12
    )
    assert ranking.average_precision == pytest.approx(
        peers(metrics.average_precision_score, happened, score, sample_weight=weights), abs=1e-12
    )
    false, true, _ = peers(metrics.roc_curve, happened, score, sample_weight=weights)
    found = ranking.kolmogorov_smirnov
    assert found.value == pytest.approx(np.abs(true - false).max(), abs=1e-12)
    above, weighed = score >= found.cut, np.ones(len(score)) if weights is None else weights
    shares = [weighed[above & (happened == one)].sum() / weighed[happened == one].sum() for one in (True, False)]
    assert (shares[1] - shares[0] if found.reversed else shares[0] - shares[1]) == pytest.approx(found.value, abs=1e-12)
    assert evaluate.roc_auc(happened, score, **given) == ranking.roc_auc
    assert evaluate.average_precision(happened, score, **given) == ranking.average_precision
    assert evaluate.gini(happened, score, **given) == ranking.gini == 2 * ranking.roc_auc - 1
    assert evaluate.kolmogorov_smirnov(happened, score, **given) == found


@pytest.mark.parametrize("rate", RATES)
def test_labels_in_both_orders_and_of_all_kinds(rate):
    happened, score = rows("few", rate)
    expected = evaluate.roc_auc(happened, score)
    for yes, no in [("yes", "no"), ("a", "z"), ("z", "a"), (1, 0), (0, 1), (2, 7), (7, 2), (-1.5, 3.0), (True, False)]:
        labels = np.where(happened, yes, no)
        assert evaluate.roc_auc(labels, score, positive=yes) == expected
        assert evaluate.roc_auc(labels, score, positive=no) == pytest.approx(1 - expected, abs=1e-14)
        assert evaluate.roc_auc(labels[::-1], -score[::-1], positive=yes) == pytest.approx(1 - expected, abs=1e-14)


def test_weights_are_repetition_and_zero_weights_are_absence():
    happened, score = rows("few", 0.3)
    _, other = rows("plain", 0.3, seed=3)
    weights = np.random.default_rng(2).integers(0, 4, len(score))
    repeated = np.repeat(np.arange(len(score)), weights)
    ours, theirs = (
        evaluate.Ranking(happened, score, weights=weights),
        evaluate.Ranking(happened[repeated], score[repeated]),
    )
    assert ours.roc_auc == theirs.roc_auc
    assert ours.average_precision == theirs.average_precision
    assert ours.kolmogorov_smirnov == theirs.kolmogorov_smirnov
    for scale in ("logit", "plain"):
        one, two = ours.roc_auc_interval(scale=scale), theirs.roc_auc_interval(scale=scale)
        np.testing.assert_allclose([one.standard_error, one.low, one.high], [two.standard_error, two.low, two.high])
    one = evaluate.compare_roc_auc(happened, score, other, weights=weights)
    two = evaluate.compare_roc_auc(happened[repeated], score[repeated], other[repeated])
    np.testing.assert_allclose([one.difference, one.standard_error, one.z], [two.difference, two.standard_error, two.z])


def test_reference_values():
    # Tumours: published in the reference file of this project; DeLong as pROC gives it.
    happened, radius, texture = tumours()
    assert evaluate.roc_auc(TWELVE, SCORES) == pytest.approx(0.7777777777777778, abs=1e-15)
    assert evaluate.average_precision(TWELVE, SCORES) == pytest.approx(0.8107142857142856, abs=1e-15)
    assert evaluate.gini(TWELVE, SCORES) == pytest.approx(0.5555555555555556, abs=1e-15)
    assert evaluate.kolmogorov_smirnov(TWELVE, SCORES).value == 0.5
    found = evaluate.kolmogorov_smirnov(happened, radius)
    assert (found.value, found.cut, found.reversed) == (pytest.approx(0.728621637334179, abs=1e-14), 15.05, False)
    assert found.value == pytest.approx(
        stats.ks_2samp(radius[happened == 1], radius[happened == 0]).statistic, abs=1e-14
    )
    auc = evaluate.roc_auc_interval(happened, radius, scale="plain")
    expected = [0.9375165160403784, 0.010457256025474511, 0.917020670853334, 0.9580123612274231]
    np.testing.assert_allclose([auc.value, auc.standard_error, auc.low, auc.high], expected, rtol=1e-13)
    compared = evaluate.compare_roc_auc(happened, radius, texture)
    np.testing.assert_allclose([compared.first, compared.second], [0.9375165160403784, 0.7758244807356905], rtol=1e-13)
    assert compared.z == pytest.approx(7.3087874047334065, rel=1e-12)
    assert compared.p_value == pytest.approx(2.695638625342587e-13, rel=1e-11)
    assert evaluate.compare_roc_auc(happened, texture, radius).z == pytest.approx(-compared.z, rel=1e-14)


def delong_by_pairs(happened, first, second):
    """Compare every event with every other, as DeLong, DeLong & Clarke-Pearson write it."""
    structure = []
    for score in (first, second):
        pairs = np.heaviside(score[happened][:, None] - score[~happened][None, :], 0.5)
        structure.append((pairs.mean(), pairs.mean(axis=1), pairs.mean(axis=0)))
    (one, events_1, others_1), (two, events_2, others_2) = structure
    covariance = np.cov(events_1, events_2) / happened.sum() + np.cov(others_1, others_2) / (~happened).sum()
    return one, two, covariance


@pytest.mark.parametrize("kind", ["plain", "few", "tiny"])
@pytest.mark.parametrize("rate", RATES)
def test_delong_is_that_of_all_pairs(kind, rate):
    happened, first = rows(kind, rate)
    second = rows("few", rate, seed=9)[1] + first / max(np.abs(first).max(), 1e-300)
    one, two, covariance = delong_by_pairs(happened, first, second)
    compared = evaluate.compare_roc_auc(happened, first, second)
    variance = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
    np.testing.assert_allclose([compared.first, compared.second], [one, two], rtol=1e-12)
    assert compared.standard_error == pytest.approx(np.sqrt(variance), rel=1e-9)
    assert compared.z == pytest.approx((one - two) / np.sqrt(variance), rel=1e-9)
    assert compared.p_value == pytest.approx(2 * stats.norm.sf(abs(compared.z)), rel=1e-12)
    half = stats.norm.ppf(0.975) * np.sqrt(variance)
    np.testing.assert_allclose([compared.low, compared.high], [one - two - half, one - two + half], atol=1e-9)
    auc = evaluate.roc_auc_interval(happened, first)
    assert auc.standard_error == pytest.approx(np.sqrt(covariance[0, 0]), rel=1e-10)
    log_odds = np.log(one / (1 - one))
    width = stats.norm.ppf(0.975) * auc.standard_error / (one * (1 - one))
    ends = 1 / (1 + np.exp(-np.array([log_odds - width, log_odds + width])))
    np.testing.assert_allclose([auc.low, auc.high], ends, rtol=1e-10)


def test_the_same_score_twice_is_no_difference_and_perfect_scores_are_not_certain():
    happened, score = rows("few", 0.5)
    same = evaluate.compare_roc_auc(happened, score, score * 2 + 1)
    assert (same.difference, same.z, same.p_value) == (0, 0, 1)
    perfect = evaluate.roc_auc_interval([0] * 20 + [1] * 10, range(30))
    assert (perfect.value, perfect.standard_error, perfect.high) == (1, 0, 1)
    assert perfect.low == pytest.approx(0.025 ** (1 / 10), rel=1e-12)
    reverse = evaluate.roc_auc_interval([1] * 10 + [0] * 20, range(30))
    assert (reverse.value, reverse.low, reverse.high) == (0, 0, pytest.approx(1 - perfect.low, rel=1e-12))


def simulate(rng, draws, size, shift):
    """The share of intervals that hold the true area of two normal distributions `shift` apart."""
    true = stats.norm.cdf(shift / np.sqrt(2))
    held = {"logit": 0, "plain": 0, "bootstrap": 0, "test": 0}
    for draw in range(draws):
        happened = np.arange(size) < size // 3
        score = rng.normal(size=size) + shift * happened
        for scale in ("logit", "plain"):
            auc = evaluate.roc_auc_interval(happened, score, scale=scale)
            held[scale] += auc.low <= true <= auc.high
        drawn = evaluate.bootstrap(happened, score, "roc_auc", seed=draw, replicates=300)
        held["bootstrap"] += drawn.low <= true <= drawn.high
        held["test"] += (
            evaluate.compare_roc_auc(happened, score, rng.normal(size=size) + shift * happened).p_value > 0.05
        )
    return {name: count / draws for name, count in held.items()}


def test_intervals_hold_as_often_as_they_say():
    # With 600 draws a share of 95 % has a standard error of 0.9 %.
    found = simulate(np.random.default_rng(5), 600, 150, 1.2)
    assert 0.92 < found["logit"] < 0.975
    assert 0.92 < found["plain"] < 0.975
    assert 0.92 < found["bootstrap"] < 0.975
    assert 0.92 < found["test"] < 0.975


def test_bootstrap_is_seeded_and_agrees_with_a_plain_one():
    happened, score = rows("few", 0.3)
    one = evaluate.bootstrap(happened, score, "roc_auc", seed=4)
    assert one == evaluate.bootstrap(happened, score, "roc_auc", seed=4)
    assert one != evaluate.bootstrap(happened, score, "roc_auc", seed=5)
    assert (
        one.replicates[:3].tolist()
        == evaluate.bootstrap(happened, score, "roc_auc", seed=4, replicates=3).replicates.tolist()
    )
    rng = np.random.default_rng(0)
    for figure, theirs in {
        "roc_auc": metrics.roc_auc_score,
        "average_precision": metrics.average_precision_score,
    }.items():
        found = evaluate.bootstrap(happened, score, figure, seed=4, replicates=2000)
        draws = [rng.integers(0, len(score), len(score)) for _ in range(400)]
        plain = [theirs(happened[draw], score[draw]) for draw in draws]
        assert found.value == pytest.approx(theirs(happened, score), abs=1e-14)
        assert found.standard_error == pytest.approx(np.std(plain), rel=0.15)
        assert np.mean(found.replicates) == pytest.approx(np.mean(plain), abs=3 * np.std(plain) / 10)
        np.testing.assert_allclose([found.low, found.high], np.quantile(found.replicates, [0.025, 0.975]), rtol=1e-14)


def test_bootstrap_of_weights_is_that_of_repeated_rows():
    happened, score = rows("few", 0.3, size=300)
    weights = np.random.default_rng(2).integers(0, 6, len(score))
    repeated = np.repeat(np.arange(len(score)), weights)
    one = evaluate.bootstrap(happened, score, "roc_auc", seed=1, weights=weights, replicates=4000)
    two = evaluate.bootstrap(happened[repeated], score[repeated], "roc_auc", seed=2, replicates=4000)
    assert one.standard_error == pytest.approx(two.standard_error, rel=0.06)
    delong = evaluate.roc_auc_interval(happened, score, weights=weights)
    assert one.standard_error == pytest.approx(delong.standard_error, rel=0.1)


@pytest.mark.parametrize(
    "kind",
    [list, np.array, pd.Series, pl.Series, pa.array, lambda values: pa.chunked_array([values[:2], values[2:]])],
    ids=["list", "numpy", "pandas", "polars", "arrow", "chunked"],
)
def test_any_kind_of_column_comes_in(kind):
    score, weights = kind([0.1, 0.4, 0.35, 0.8]), kind([1, 1, 2, 1])
    for outcome, positive in [(["n", "n", "y", "y"], "y"), ([0, 0, 1, 1], None), ([False, False, True, True], None)]:
        assert evaluate.roc_auc(kind(outcome), score, positive=positive, weights=weights) == pytest.approx(2 / 3)


def test_what_is_refused_and_where():
    score = [0.1, 0.4, 0.35, 0.8]
    with pytest.raises(exceptions.OneClassError, match="all 4 rows have the outcome not `1`; both outcomes are needed"):
        evaluate.roc_auc([0, 0, 0, 0], score)
    with pytest.raises(exceptions.OneClassError, match="all 2 rows"):
        evaluate.roc_auc([0, 0, 1, 1], score, weights=[0, 0, 1, 1])
    with pytest.raises(exceptions.InvalidValueError, match="the score at row 2 is NaN"):
        evaluate.roc_auc([0, 0, 1, 1], [0.1, 0.4, None, 0.8])
    with pytest.raises(exceptions.InvalidValueError, match="the outcome `outcome` at row 1 is NaN"):
        evaluate.roc_auc([0, None, 1, 1], score)
    with pytest.raises(exceptions.InvalidValueError, match="row 1"):
        evaluate.roc_auc(["n", None, "y", "y"], score, positive="y")
    with pytest.raises(exceptions.WrongLengthError, match="the score has 3 values where 4 are needed"):
        evaluate.roc_auc([0, 0, 1, 1], score[:3])
    with pytest.raises(exceptions.WrongLengthError, match="the weights"):
        evaluate.roc_auc([0, 0, 1, 1], score, weights=[1, 1, 1])
    with pytest.raises(exceptions.InvalidValueError, match="the weight at row 1 is -1"):
        evaluate.roc_auc([0, 0, 1, 1], score, weights=[1, -1, 1, 1])
    with pytest.raises(exceptions.EmptyTableError):
        evaluate.roc_auc([], [])
    with pytest.raises(exceptions.InvalidParameterError, match="`positive` of `roc_auc`"):
        evaluate.roc_auc(["n", "n", "y", "y"], score)
    with pytest.raises(exceptions.InvalidOutcomeError, match="name the one that is positive"):
        evaluate.roc_auc([1, 1, 2, 2], score)
    with pytest.raises(exceptions.InvalidOutcomeError, match="more than two labels"):
        evaluate.roc_auc([1, 1, 2, 3], score, positive=2)
    with pytest.raises(exceptions.InvalidOutcomeError, match="check its spelling"):
        evaluate.roc_auc(["n", "n", "y", "y"], score, positive="Y")
    with pytest.raises(exceptions.WrongKindError):
        evaluate.roc_auc([0, 0, 1, 1], ["a", "b", "c", "d"])
    with pytest.raises(exceptions.NotEnoughDataError, match="the weight of the events"):
        evaluate.roc_auc_interval([0, 0, 0, 1], score)
    with pytest.raises(exceptions.InvalidParameterError, match=r"`confidence` .* \(0, 1\)"):
        evaluate.roc_auc_interval([0, 0, 1, 1], score, confidence=95)
    with pytest.raises(exceptions.InvalidParameterError, match="`scale`"):
        evaluate.roc_auc_interval([0, 0, 1, 1], score, scale="log")
    with pytest.raises(exceptions.InvalidParameterError, match="`figure`"):
        evaluate.bootstrap([0, 0, 1, 1], score, "auc", seed=1)
    with pytest.raises(exceptions.InvalidParameterError, match="`replicates`"):
        evaluate.bootstrap([0, 0, 1, 1], score, "roc_auc", seed=1, replicates=1)
    with pytest.raises(exceptions.InvalidValueError, match="sum to at most 2e9"):
        evaluate.bootstrap([0, 0, 1, 1], score, "roc_auc", seed=1, weights=[1, 1, 3e9, 1])
    with pytest.raises(
        exceptions.NotEnoughDataError, match="a bootstrap, the weight of the events: 0 where at least 2"
    ):
        evaluate.bootstrap([0, 0, 1, 1], score, "roc_auc", seed=1, weights=[1e-9] * 4)


def test_the_package_says_what_a_ranking_holds():
    assert repr(tw.evaluate.Ranking(TWELVE, SCORES)) == (
        "<tierwise.evaluate.Ranking of 6 events and 6 others, 12 distinct scores>"
    )


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rate", RATES)
def test_curves_are_those_of_scikit_learn(kind, rate, weighted):
    happened, score = rows(kind, rate)
    weights = np.random.default_rng(1).choice([0.0, 0.25, 1, 2.5, 7], len(score)) if weighted else None
    if weighted:
        weights[[0, 3]] = 1.0
    ranking = evaluate.Ranking(happened, score, weights=weights)
    ranks = stats.rankdata(score + 0.0)
    cut_of_rank = dict(zip(ranks, score, strict=True))
    for drop in (False, True):
        # Weighted sums differ in the last bits, by which points count as collinear.
        if drop and weighted:
            continue
        false, true, cut = metrics.roc_curve(happened, ranks, sample_weight=weights, drop_intermediate=drop)
        curve = ranking.roc_curve(drop_intermediate=drop)
        np.testing.assert_allclose(curve["false_positive_rate"], false, atol=1e-13)
        np.testing.assert_allclose(curve["true_positive_rate"], true, atol=1e-13)
        assert curve["cut"][0] == np.inf
        assert curve["cut"][1:].tolist() == [cut_of_rank[one] for one in cut[1:]]
    precision, recall, cut = metrics.precision_recall_curve(
        happened[weights > 0] if weighted else happened,
        ranks[weights > 0] if weighted else ranks,
        sample_weight=weights[weights > 0] if weighted else None,
    )
    curve = ranking.precision_recall_curve()
    np.testing.assert_allclose(curve["precision"][::-1], precision[:-1], atol=1e-13)
    np.testing.assert_allclose(curve["recall"][::-1], recall[:-1], atol=1e-13)
    assert curve["cut"][::-1].tolist() == [cut_of_rank[one] for one in cut]
    for most in (0.03, 0.2, 0.9, 1.0):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected = metrics.roc_auc_score(happened, ranks, sample_weight=weights, max_fpr=most)
        assert evaluate.partial_roc_auc(happened, score, most, weights=weights) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("kind", ["plain", "few", "constant"])
@pytest.mark.parametrize("rate", RATES)
def test_ndcg_is_that_of_scikit_learn(kind, rate):
    happened, score = rows(kind, rate)
    ranking = evaluate.Ranking(happened, score)
    for k in (1, 5, 100, len(score), None):
        assert ranking.ndcg_at(k) == pytest.approx(metrics.ndcg_score([happened], [score], k=k), abs=1e-12)


def test_lists_of_k_are_averages_over_the_orders_of_equals():
    happened, score = rows("few", 0.05, size=40)
    score[happened] = np.minimum(score[happened], 1)
    rng, k = np.random.default_rng(0), 9
    tops = []
    for _ in range(4000):
        mixed = rng.permutation(len(score))
        order = mixed[np.argsort(-score[mixed], kind="stable")]
        tops.append(happened[order[:k]])
    tops = np.array(tops)
    ranking = evaluate.Ranking(happened, score)
    assert 0 < ranking.success_at(k) < 1
    assert ranking.precision_at(k) == pytest.approx(tops.mean(), abs=0.005)
    assert ranking.success_at(k) == pytest.approx(tops.any(axis=1).mean(), abs=0.03)
    row = ranking.lift_table([k / len(score)])
    assert row["rate"][0] == pytest.approx(ranking.precision_at(k), abs=1e-14)
    assert row["capture"][0] == pytest.approx(k * ranking.precision_at(k) / happened.sum(), abs=1e-14)
    assert row["lift"][0] == pytest.approx(ranking.precision_at(k) / happened.mean(), abs=1e-13)


def test_lift_of_published_rows_and_of_weights():
    happened, radius, _ = tumours()
    row = evaluate.lift_table(happened, radius, [57 / 569])
    found = [row[name][0] for name in ("rate", "lift", "capture", "weight")]
    np.testing.assert_allclose(found, [1, 2.6839622641509435, 0.2688679245283019, 57], rtol=1e-13)
    table = evaluate.lift_table(happened, radius)
    assert table["share"].tolist() == [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]
    assert (table["events"][-1], table["capture"][-1], table["lift"][-1]) == (212, 1, 1)
    assert table["cut"][-1] == radius.min()
    weights = np.random.default_rng(2).integers(0, 4, len(radius))
    repeated = np.repeat(np.arange(len(radius)), weights)
    one = evaluate.Ranking(happened, radius, weights=weights)
    two = evaluate.Ranking(happened[repeated], radius[repeated])
    for name, column in one.lift_table().items():
        np.testing.assert_allclose(column, two.lift_table()[name], rtol=1e-12)
    assert one.ndcg_at(50) == two.ndcg_at(50)
    assert one.success_at(3) == two.success_at(3)
    assert one.precision_at(77) == two.precision_at(77)


def test_ndcg_of_a_published_vector():
    ranking = evaluate.Ranking(TWELVE, SCORES)
    assert ranking.ndcg_at() == pytest.approx(0.9292488239937616, abs=1e-15)
    assert ranking.ndcg_at(5) == pytest.approx(0.8304198973631919, abs=1e-15)


def test_lists_that_cannot_be_are_refused():
    ranking = evaluate.Ranking(TWELVE, SCORES)
    with pytest.raises(
        exceptions.InvalidParameterError, match=r"`k` of `precision_at` must be a whole number in \[1, 12\]"
    ):
        ranking.precision_at(13)
    with pytest.raises(exceptions.InvalidParameterError, match="`k`"):
        ranking.success_at(0)
    with pytest.raises(exceptions.InvalidParameterError, match="`shares` of `lift_table`"):
        ranking.lift_table([0.1, 1.5])
    with pytest.raises(exceptions.InvalidParameterError, match=r"in \(0, 1\]"):
        ranking.partial_roc_auc(0)
    with pytest.raises(exceptions.InvalidParameterError, match="half a customer has no place in a list"):
        evaluate.Ranking(TWELVE, SCORES, weights=[0.5] * 12).ndcg_at(3)


def test_a_perfect_order_with_fractional_weights():
    auc = evaluate.roc_auc_interval([0] * 20 + [1] * 10, range(30), weights=[1.1] * 30)
    assert (auc.value, auc.high, auc.standard_error) == (1.0, 1.0, 0.0)
    assert auc.low == pytest.approx(0.025 ** (1 / 11), abs=1e-12)
    assert evaluate.kolmogorov_smirnov([0] * 20 + [1] * 10, range(30), weights=[1.1] * 30).value == 1.0


def test_shares_end_at_whole_customers():
    table = evaluate.lift_table(np.arange(100) % 2, np.arange(100, 0, -1.0), [0.55, 0.07, 0.14, 0.28])
    assert table["cut"].tolist() == [46, 94, 87, 73]


def test_a_bootstrap_is_watched_and_stopped():
    told = []
    watched = evaluate.bootstrap(
        TWELVE, SCORES, "roc_auc", seed=1, replicates=300, progress=lambda *step: told.append(step)
    )
    assert watched == evaluate.bootstrap(TWELVE, SCORES, "roc_auc", seed=1, replicates=300)
    assert told[-1] == (300, 300, watched.value)
    assert [step[0] for step in told] == sorted({step[0] for step in told})

    def stop(done, _replicates, _value):
        raise KeyboardInterrupt(done)

    with pytest.raises(KeyboardInterrupt):
        evaluate.bootstrap(TWELVE, SCORES, "roc_auc", seed=1, progress=stop)


def test_the_interrupt_of_the_keyboard_stops_a_bootstrap():
    outcome, score = rows("plain", 0.5)
    interrupt = threading.Timer(0.3, signal.raise_signal, [signal.SIGINT])
    interrupt.start()
    with pytest.raises(KeyboardInterrupt):
        evaluate.bootstrap(outcome, score, "average_precision", seed=1, replicates=1_000_000)
    interrupt.join()


def test_the_score_at_fault_is_named():
    with pytest.raises(exceptions.InvalidValueError, match="the first score at row 1"):
        evaluate.compare_roc_auc([0, 1, 1, 0], [1, np.nan, 3, 4], [1, 2, 3, 4])
    with pytest.raises(exceptions.InvalidValueError, match="the second score at row 2"):
        evaluate.compare_roc_auc([0, 1, 1, 0], [1, 2, 3, 4], [1, 2, None, 4])
    with pytest.raises(exceptions.WrongLengthError, match="the second score has 3 values"):
        evaluate.compare_roc_auc([0, 1, 1, 0], [1, 2, 3, 4], [1, 2, 3])
    with pytest.raises(exceptions.WrongKindError, match="first score"):
        evaluate.compare_roc_auc([0, 1, 1, 0], ["a", "b", "c", "d"], [1, 2, 3, 4])


@pytest.mark.parametrize("weight", [1e-200, 1e200])
def test_weights_that_cannot_be_computed_with_are_refused(weight):
    weights = [1e-300, weight, 1e-300, 1e-300]
    for figure in [evaluate.roc_auc, evaluate.brier, lambda *args, **more: evaluate.confusion(*args, 0.4, **more)]:
        with pytest.raises(exceptions.InvalidValueError, match=r"the weight at row 1 .* all of them by one number"):
            figure([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8], weights=weights)


def test_rows_go_by_position():
    """As in the documentation: an index does not move a row."""
    turned = pd.Series(SCORES, index=range(len(SCORES) - 1, -1, -1))
    assert evaluate.roc_auc(pd.Series(TWELVE), turned) == evaluate.roc_auc(TWELVE, SCORES)
