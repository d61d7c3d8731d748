"""Figures of predicted amounts against scikit-learn, hand counts, and repetition of rows."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn import metrics
from tierwise import evaluate, exceptions

PEERS = {
    "mean_absolute_error": metrics.mean_absolute_error,
    "median_absolute_error": metrics.median_absolute_error,
    "root_mean_squared_error": metrics.root_mean_squared_error,
    "mean_absolute_percentage_error": metrics.mean_absolute_percentage_error,
    "r_squared": metrics.r2_score,
}


def amounts(kind, seed=0, size=1001):
    """Draw what came and what was said."""
    rng = np.random.default_rng(seed)
    came = rng.lognormal(3, 1.5, size)
    said = came * rng.lognormal(0, 0.5, size) + rng.normal(size=size)
    if kind == "few":
        came, said = np.ceil(came / 40), np.round(said / 40)
    elif kind == "signed":
        came, said = came - 30, said - 28
    elif kind == "far":
        came, said = came + 1e7, said + 1e7
    return came, said


def weights_of(kind, size=1001):
    if kind is None:
        return None
    rng = np.random.default_rng(3)
    return rng.integers(0, 4, size).astype(float) if kind == "whole" else rng.random(size) * 3


@pytest.mark.parametrize("weighing", [None, "whole", "real"])
@pytest.mark.parametrize("kind", ["plain", "few", "signed", "far"])
def test_figures_are_those_of_scikit_learn(kind, weighing):
    came, said = amounts(kind)
    weights = weights_of(weighing)
    found = evaluate.number_figures(came, said, weights=weights)
    for name, peer in PEERS.items():
        theirs = peer(came, said, sample_weight=weights)
        assert getattr(found, name) == pytest.approx(theirs, rel=1e-12, abs=1e-12), name
        assert getattr(evaluate, name)(came, said, weights=weights) == getattr(found, name)
    for quantile in (0.05, 0.5, 0.9):
        theirs = metrics.mean_pinball_loss(came, said, alpha=quantile, sample_weight=weights)
        assert evaluate.pinball_loss(came, said, quantile, weights=weights) == pytest.approx(theirs, rel=1e-12)
    weighed = np.ones(len(came)) if weights is None else weights
    assert found.bias == pytest.approx(np.average(said - came, weights=weighed), rel=1e-9)
    wape = (weighed * np.abs(said - came)).sum() / (weighed * np.abs(came)).sum()
    assert found.weighted_absolute_percentage_error == pytest.approx(wape, rel=1e-12)
    assert (found.rows, found.weight) == ((weighed > 0).sum(), pytest.approx(weighed.sum()))


def by_hand(came, said, share):
    """Average the capture over the order of the equals: a part of the run in which the share ends."""
    wanted, before, brought = share * len(came), 0, 0.0
    for value in np.unique(said)[::-1]:
        run = came[said == value]
        part = min(1.0, (wanted - before) / len(run))
        brought += part * run.sum()
        before += len(run)
        if before >= wanted:
            break
    return brought / came.sum()


def test_the_top_share_against_an_oracle_and_by_hand():
    came, said = amounts("few", 1)
    shares = [0.01, 0.1, 0.33, 0.5, 1.0]
    top = evaluate.spend_capture(came, said, shares)
    np.testing.assert_allclose(top["capture"], [by_hand(came, said, share) for share in shares], rtol=1e-12)
    np.testing.assert_allclose(top["oracle"], [by_hand(came, came, share) for share in shares], rtol=1e-12)
    np.testing.assert_allclose(top["weight"], np.array(shares) * len(came))
    np.testing.assert_allclose(top["of_oracle"], top["capture"] / top["oracle"])
    np.testing.assert_allclose(top["lift"], top["capture"] / shares)
    np.testing.assert_allclose(top["amount"], top["capture"] * came.sum())
    perfect = evaluate.spend_capture(came, came, shares)
    np.testing.assert_array_equal(perfect["of_oracle"], 1)
    # A constant prediction ranks nobody: every share brings itself.
    np.testing.assert_allclose(evaluate.spend_capture(came, np.ones(len(came)), shares)["capture"], shares)


def test_tenths_by_hand():
    came, said = amounts("plain", 2, 1000)
    table = evaluate.decile_table(came, said)
    order = np.argsort(-said)
    groups_came, groups_said = came[order].reshape(10, 100), said[order].reshape(10, 100)
    np.testing.assert_allclose(table["mean_actual"], groups_came.mean(axis=1), rtol=1e-12)
    np.testing.assert_allclose(table["sum_predicted"], groups_said.sum(axis=1), rtol=1e-12)
    np.testing.assert_array_equal(table["highest"], groups_said.max(axis=1))
    np.testing.assert_array_equal(table["lowest"], groups_said.min(axis=1))
    np.testing.assert_allclose(table["cumulative_share"], groups_came.sum(axis=1).cumsum() / came.sum(), rtol=1e-12)
    np.testing.assert_allclose(table["rows"], 100)
    assert table["group"].tolist() == list(range(1, 11))
    # The four equal predictions lie half in the first group and half in the second.
    shared = evaluate.decile_table([8, 1, 2, 3, 4, 0], [9, 5, 5, 5, 5, 1], groups=2)
    np.testing.assert_allclose(shared["sum_actual"], [8 + 5, 5])
    np.testing.assert_allclose(shared["rows"], [3, 3])
    assert (shared["highest"].tolist(), shared["lowest"].tolist()) == ([9, 5], [5, 1])


def test_weights_are_repetition_and_zero_weights_are_absence():
    came, said = amounts("few", 4)
    weights = weights_of("whole")
    came[weights == 0] = 0.0
    repeated = np.repeat(np.arange(len(came)), weights.astype(int))
    one = evaluate.number_figures(came, said, weights=weights)
    two = evaluate.number_figures(came[repeated], said[repeated])
    for name in [*PEERS, "bias", "weighted_absolute_percentage_error", "weight"]:
        assert getattr(one, name) == pytest.approx(getattr(two, name), rel=1e-12), name
    for function in (evaluate.spend_capture, evaluate.decile_table):
        weighted, plain = function(came, said, weights=weights), function(came[repeated], said[repeated])
        for name in set(plain) - {"rows"}:
            np.testing.assert_allclose(weighted[name], plain[name], rtol=1e-12, err_msg=name)
    assert evaluate.decile_table(came, said, weights=weights)["rows"].sum() == pytest.approx((weights > 0).sum())


@pytest.mark.parametrize("figure", [*PEERS, "bias", "weighted_absolute_percentage_error", "pinball_loss"])
def test_intervals_agree_with_a_bootstrap_in_numpy(figure):
    # Without the few who spend most, of whom two bootstraps draw too different numbers.
    came, said = (np.minimum(one, 4) for one in amounts("few", 5, 300))
    function = getattr(evaluate, figure)
    more = [0.8] if figure == "pinball_loss" else []
    found = evaluate.number_interval(came, said, figure, seed=1, quantile=0.8)
    assert found.value == function(came, said, *more)
    rng = np.random.default_rng(0)
    draws = [rng.integers(0, 300, 300) for _ in range(600)]
    drawn = np.array([function(came[rows], said[rows], *more) for rows in draws])
    if figure == "median_absolute_error":
        assert found.low <= found.value <= found.high
        assert abs(np.mean(found.replicates) - drawn.mean()) < 0.1
    else:
        assert found.standard_error == pytest.approx(drawn.std(), rel=0.2)
        assert found.low == pytest.approx(np.quantile(drawn, 0.025), abs=drawn.std() / 2)
        assert found.high == pytest.approx(np.quantile(drawn, 0.975), abs=drawn.std() / 2)


def test_the_interval_of_a_capture():
    came, said = amounts("few", 6, 400)
    found = evaluate.number_interval(came, said, "spend_capture", seed=2, share=0.2)
    assert found.value == evaluate.spend_capture(came, said, [0.2])["capture"][0]
    rng = np.random.default_rng(0)
    draws = [rng.integers(0, 400, 400) for _ in range(400)]
    drawn = np.array([by_hand(came[rows], said[rows], 0.2) for rows in draws])
    assert found.standard_error == pytest.approx(drawn.std(), rel=0.2)
    assert found == evaluate.number_interval(came, said, "spend_capture", seed=2, share=0.2)
    whole = evaluate.number_interval(came, said, "spend_capture", seed=2, share=1.0)
    assert (whole.low, whole.high) == (1, 1)


def test_a_bootstrap_is_watched_and_stopped():
    came, said = amounts("few", 8, 50)
    told = []
    found = evaluate.number_interval(came, said, "bias", seed=1, progress=lambda *step: told.append(step))
    assert told[-1] == (1000, 1000, found.value)

    def stop(*step):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        evaluate.number_interval(came, said, "bias", seed=1, progress=stop)


def test_any_column_goes_in():
    came, said = amounts("plain", 7, 50)
    expected = evaluate.number_figures(came, said)
    for kind in (list, pd.Series, pl.Series):
        assert evaluate.number_figures(kind(came), kind(said)) == expected
    assert evaluate.number_figures([1, 2], [2, 2]).mean_absolute_error == 0.5


def test_what_is_refused_says_where():
    with pytest.raises(
        exceptions.InvalidValueError, match=r"outcome at row 1 is 0; .*weighted_absolute_percentage_error"
    ):
        evaluate.mean_absolute_percentage_error([1, 0], [1, 1])
    assert evaluate.mean_absolute_percentage_error([1, 0], [1, 1], weights=[1, 0]) == 0
    with pytest.raises(exceptions.InvalidParameterError, match="`outcome` of `weighted_absolute_percentage_error`"):
        evaluate.weighted_absolute_percentage_error([0, 0], [1, 1])
    with pytest.raises(exceptions.InvalidParameterError, match="Got 3 in every row"):
        evaluate.r_squared([3, 3], [1, 2])
    nothing = evaluate.number_figures([0, 0], [1, 1])
    assert (nothing.r_squared, nothing.mean_absolute_percentage_error) == (None, None)
    assert nothing.weighted_absolute_percentage_error is None
    with pytest.raises(exceptions.InvalidValueError, match="the outcome at row 1 is NaN"):
        evaluate.number_figures([1, None], [1, 1])
    with pytest.raises(exceptions.InvalidValueError, match="the prediction at row 0 is inf"):
        evaluate.bias([1, 2], [np.inf, 1])
    with pytest.raises(exceptions.InvalidValueError, match=r"the outcome at row 1 is 1000.*in \[-1e100, 1e100\]"):
        evaluate.r_squared([1, 1e200], [1, 1])
    with pytest.raises(exceptions.NotEnoughDataError, match="the weight of the rows"):
        evaluate.number_interval([1, 2], [1, 2], "bias", seed=1, weights=[0.2, 0.3])
    with pytest.raises(exceptions.WrongLengthError, match="the prediction has 1"):
        evaluate.bias([1, 2], [1])
    with pytest.raises(exceptions.EmptyTableError):
        evaluate.bias([], [])
    with pytest.raises(exceptions.InvalidValueError, match="the weight at row 1 is -1"):
        evaluate.bias([1, 2], [1, 2], weights=[1, -1])
    with pytest.raises(exceptions.InvalidParameterError, match="`quantile`"):
        evaluate.pinball_loss([1, 2], [1, 2], 1.0)
    with pytest.raises(exceptions.InvalidParameterError, match="`shares`"):
        evaluate.spend_capture([1, 2], [1, 2], [0.0])
    with pytest.raises(exceptions.InvalidParameterError, match=r"sum is above 0.*Got -1\."):
        evaluate.spend_capture([1, -2], [1, 2])
    with pytest.raises(exceptions.InvalidParameterError, match=r"\[1, 2\]"):
        evaluate.decile_table([1, 2, 3], [1, 2, 3], weights=[1, 1, 0])
    with pytest.raises(exceptions.InvalidParameterError, match="`figure`"):
        evaluate.number_interval([1, 2], [1, 2], "mse", seed=1)
