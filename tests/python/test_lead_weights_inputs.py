"""Weights from outcomes: tables of every kind, base rates, unknown facts, row weights, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import tierwise as tw
from scipy import stats

FACTS = ("asked", "met", "urgent")


def _card() -> tw.lead.Scorecard:
    def one(name: str, points: float) -> dict[str, object]:
        return {
            "name": name,
            "feature": name,
            "attributes": [{"when": "yes", "points": points}, {"when": "no", "points": 0}],
        }

    return tw.lead.Scorecard(
        name="c",
        features=[tw.Feature.yes_no(name) for name in FACTS],
        characteristics=[one(name, points) for name, points in zip(FACTS, (30.0, 20.0, 10.0), strict=True)],
    )


def _deals(rows: int, base: float = -1.5) -> tuple[dict[str, np.ndarray[Any, Any]], np.ndarray[Any, Any]]:
    random = np.random.default_rng(11)
    data = {name: (random.random(rows) < 0.4).astype(np.float64) for name in FACTS}
    log_odds = base + 1.2 * data["asked"] + 0.8 * data["met"] + 0.4 * data["urgent"]
    return data, random.random(rows) < 1 / (1 + np.exp(-log_odds))


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame, pa.table, dict])
def test_every_kind_of_table_goes_in_and_comes_out(frame: Any) -> None:
    data, won = _deals(200)
    result = ["won" if one else "lost" for one in won]
    expected = tw.lead.CardFit(_card(), strength=20.0).fit(data, won, positive=True)
    fitted = tw.lead.CardFit(_card(), strength=20.0).fit(frame({**data, "result": result}), "result", positive="won")
    assert [one.multiplier for one in fitted.weights()] == [one.multiplier for one in expected.weights()]
    table = frame(data)
    interval = fitted.interval(table)
    assert type(interval) is type(table)
    np.testing.assert_array_equal(np.asarray(interval["low"]), np.asarray(expected.interval(data)["low"]))


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 0.9, 0.99])
def test_the_mean_probability_is_the_share_won_whatever_the_labels(share: float) -> None:
    data, _ = _deals(2000)
    likely = data["asked"] + 0.5 * data["met"] + np.random.default_rng(3).random(2000)
    won = likely > np.quantile(likely, 1 - share)
    fit = tw.lead.CardFit(_card())
    fitted = fit.fit(data, won, positive=True)
    assert abs(fitted.interval(data)["probability"].mean() - won.mean()) < 1e-6
    # The same deals with labels that sort the other way round.
    swapped = fit.fit(data, np.where(won, "a won", "lost"), positive="a won")
    again = fit.fit(data, np.where(won, "won", "a lost"), positive="won")
    np.testing.assert_array_equal(swapped.interval(data)["probability"], fitted.interval(data)["probability"])
    np.testing.assert_array_equal(again.interval(data)["probability"], fitted.interval(data)["probability"])


def test_unknown_facts_count_as_the_card_says() -> None:
    data, won = _deals(300)
    data["met"][::7] = np.nan
    fit = tw.lead.CardFit(_card(), strength=10.0)
    fitted = fit.fit(data, won, positive=True)
    as_no = fit.fit({**data, "met": np.nan_to_num(data["met"])}, won, positive=True)
    points = _card().score(data)
    np.testing.assert_array_equal(points, _card().score({**data, "met": np.nan_to_num(data["met"])}))
    np.testing.assert_allclose(fitted.score(data), as_no.score(data), atol=1e-12)
    assert np.isfinite(fitted.interval({name: [np.nan] for name in FACTS})["probability"]).all()


def test_a_weight_is_so_many_deals() -> None:
    data, won = _deals(300)
    weights = np.arange(300) % 3
    fit = tw.lead.CardFit(_card(), strength=25.0)
    weighted = fit.fit(data, won, positive=True, weights=weights)
    repeated = fit.fit(
        {name: np.repeat(values, weights) for name, values in data.items()}, np.repeat(won, weights), positive=True
    )
    np.testing.assert_allclose(weighted.score(data), repeated.score(data), atol=1e-9)


def test_refusals_are_typed() -> None:
    data, won = _deals(60)
    fit = tw.lead.CardFit(_card())
    errors = tw.exceptions
    with pytest.raises(errors.OneClassError):
        fit.fit(data, np.ones(60, dtype=bool), positive=True)
    with pytest.raises(errors.NotEnoughDataError):
        fit.fit(data, np.arange(60) < 2, positive=True)
    with pytest.raises(errors.NoVariationError):
        fit.fit({name: np.ones(60) for name in FACTS}, won, positive=True)
    with pytest.raises(errors.WrongLengthError):
        fit.fit(data, won[:-1], positive=True)
    with pytest.raises(errors.TierwiseError):
        fit.fit({"asked": data["asked"]}, won, positive=True)
    with pytest.raises(errors.TierwiseError):
        fit.fit(data, won, positive=True, weights=-np.ones(60))
    with pytest.raises(errors.SeparationError, match="`strength` of a card"):
        tw.lead.CardFit(_card(), strength=0.0).fit(data, data["asked"] == 1, positive=True)
    twins = {**data, "met": data["asked"]}
    with pytest.raises(errors.CollinearError, match="`strength` of a card"):
        tw.lead.CardFit(_card(), strength=0.0, non_negative=False).fit(twins, won, positive=True)
    for settings in (
        {"strength": -1.0},
        {"strength": float("nan")},
        {"folds": 1},
        {"rule": "worst"},
        {"per": "deal"},
        {"scale_prior": -1.0},
        {"non_negative": "asked"},
        {"seed": -1},
    ):
        with pytest.raises(errors.InvalidParameterError, match=next(iter(settings))):
            tw.lead.CardFit(_card(), **settings).fit(data, won, positive=True)  # type: ignore[arg-type]
    with pytest.raises(errors.UnknownNameError):
        tw.lead.CardFit(_card(), non_negative=["nobody"]).fit(data, won, positive=True)


@pytest.mark.parametrize("series", [list, np.array, pd.Series, pl.Series, pa.array])
def test_grades_of_every_kind(series: Any) -> None:
    grades = ["A"] * 50 + ["B"] * 80
    won = ["yes"] * 30 + ["no"] * 20 + ["yes"] * 20 + ["no"] * 60
    found = tw.lead.grade_rates(series(grades), series(won), positive="yes", order=["A", "B"])
    assert [(one.won, one.closed) for one in found.rates] == [(30, 50), (20, 80)]
    assert found.pairs[0].verdict == "holds"


def test_shrunken_intervals_are_quantiles_of_beta() -> None:
    found = tw.lead.grade_rates(["A", "B"], [1, 0], positive=1, order=["A", "B"])
    one, prior = (
        found.rates[0],
        (found.prior_mean * found.prior_strength, (1 - found.prior_mean) * found.prior_strength),
    )
    expected = stats.beta(prior[0] + 1, prior[1]).ppf([0.025, 0.975])
    np.testing.assert_allclose([one.low, one.high], expected, rtol=1e-8)


def test_refusals_of_grade_rates_are_typed() -> None:
    errors = tw.exceptions
    with pytest.raises(errors.UnknownNameError, match="row 1"):
        tw.lead.grade_rates(["A", "C"], [1, 0], positive=1, order=["A", "B"])
    with pytest.raises(errors.WrongLengthError):
        tw.lead.grade_rates(["A"], [1, 0], positive=1, order=["A", "B"])
    with pytest.raises(errors.InvalidParameterError, match="certainty"):
        tw.lead.grade_rates(["A", "B"], [1, 0], positive=1, order=["A", "B"], certainty=0.4)
    with pytest.raises(errors.InvalidParameterError, match="confidence"):
        tw.lead.grade_rates(["A", "B"], [1, 0], positive=1, order=["A", "B"], confidence=1.0)
    with pytest.raises(errors.InvalidParameterError):
        tw.lead.grade_rates(["A", "A"], [1, 0], positive=1, order=["A", "A"])
    with pytest.raises(errors.EmptyTableError):
        tw.lead.grade_rates([None, None], [1, 0], positive=1, order=["A", "B"])
