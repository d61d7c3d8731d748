"""The forecast of signings as Python users call it, checked against formulas written out with numpy and scipy."""

import datetime
import math

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import tierwise as tw
from scipy.stats import beta, binom
from tierwise import exceptions

COLUMNS = {"month": "month", "leads": "leads", "signed": "signed"}
MONTHLY = {
    "month": ["2026-01", "2026-02", "2026-03"] * 2,
    "class": ["A"] * 3 + ["B"] * 3,
    "leads": [10, 40, 50, 100, 100, 200],
    "signed": [5, 8, 15, 5, 3, 8],
}


def forecast(monthly=MONTHLY, leads_next=None, **settings):
    settings.setdefault("class_", "class")
    next_ = {"A": 40, "B": 150} if leads_next is None else leads_next
    return tw.lead.signing_forecast(monthly, **COLUMNS, leads_next=next_, **settings)


def single(leads, signed, leads_next, **settings):
    months = pd.date_range("2020-01-01", periods=len(leads), freq="MS")
    monthly = {"month": months.to_numpy(), "leads": leads, "signed": signed}
    return tw.lead.signing_forecast(monthly, **COLUMNS, leads_next=leads_next, **settings)


def test_the_two_readings_differ():
    assert forecast().expected == pytest.approx(40 / 3 + 6)
    assert forecast(method="pooled_rate").expected == pytest.approx(11.2 + 6)
    assert forecast(method="smoothing", alpha=1).expected == pytest.approx(40 * 0.3 + 150 * 0.04)


def reference(leads, signed, leads_next, weights, confidence):
    """The documented formulas, in numpy and scipy."""
    leads, signed = np.array(leads, float), np.array(signed, float)
    weights = weights / weights.sum()
    rates, total = signed / leads, leads.sum()
    rate, pooled = (weights * rates).sum(), signed.sum() / total
    squares = (leads * (rates - pooled) ** 2).sum() / (pooled * (1 - pooled))
    rho = (squares - (len(leads) - 1)) / ((leads - 1) * (1 - leads / total)).sum()
    rho = min(max(rho, 0), 1)
    worth = 1 / (weights**2 / leads).sum()
    p = (rate * worth + 0.5) / (worth + 1)
    own = leads_next * p * (1 - p) * (1 + (leads_next - 1) * rho)
    learned = leads_next**2 * (weights**2 * p * (1 - p) * (1 + (leads - 1) * rho) / leads).sum()
    mean, spread = leads_next * rate + 0.5, own + learned + 1 / 12
    width = leads_next + 1
    size = mean * (width - mean) / spread - 1
    shape = beta(size * mean / width, size * (1 - mean / width))
    below = shape.cdf((np.arange(leads_next + 1) + 1) / width)
    tail = (1 - confidence) / 2
    return rate, rho, np.argmax(below >= tail), np.argmax(below >= 1 - tail), below


@pytest.mark.parametrize("method", ["mean_of_rates", "pooled_rate", "smoothing"])
def test_agrees_with_scipy(method):
    random = np.random.default_rng(5)
    for _ in range(20):
        leads = random.integers(5, 300, 12)
        signed = random.binomial(leads, random.beta(2, 8, 12))
        recent = np.arange(12) >= 9
        weights = {
            "mean_of_rates": recent.astype(float),
            "pooled_rate": recent * leads,
            "smoothing": 0.6 ** np.arange(11, -1, -1) * leads,
        }[method]
        found = single(leads, signed, 120, method=method, alpha=0.4, confidence=0.8)
        rate, rho, low, high, below = reference(leads, signed, 120, weights, 0.8)
        assert found.by_class[0]["rate"] == pytest.approx(rate, rel=1e-12)
        assert found.by_class[0]["overdispersion"] == pytest.approx(rho, rel=1e-9, abs=1e-12)
        assert (found.low, found.high) == (low, high)
        assert found.probability_below(25) == pytest.approx(below[24], abs=1e-9)


def test_a_long_even_history_gives_binomial_intervals():
    found = single([100_000] * 40, [20_000] * 40, 200, months=40)
    assert abs(found.low - binom.ppf(0.05, 200, 0.2)) <= 1
    assert abs(found.high - binom.ppf(0.95, 200, 0.2)) <= 1


@pytest.mark.parametrize("frame", [dict, pd.DataFrame, pl.DataFrame, pa.table])
def test_any_table(frame):
    monthly = frame(MONTHLY)
    assert forecast(monthly) == forecast()
    next_ = frame({"class": ["B", "A"], "leads": [150, 40]})
    assert forecast(monthly, next_) == forecast()
    backtest = tw.lead.forecast_backtest(monthly, **COLUMNS, class_="class", months=1, alpha=0.5)
    assert (backtest.months, backtest.skipped) == (2, 1)
    assert type(backtest.errors) is type(monthly)
    assert len(backtest.errors["method"]) == 9


@pytest.mark.parametrize(
    "months",
    [
        [datetime.date(2026, 1, 31), datetime.date(2026, 2, 1), datetime.date(2026, 3, 5)],
        np.array(["2026-01", "2026-02", "2026-03"], dtype="datetime64[D]"),
        ["2026-01-15", "2026-02-28", "2026-03-01"],
        [20454, 20485, 20513],
        pd.Series(pd.period_range("2026-01", periods=3, freq="M")),
    ],
)
def test_months_in_any_form(months):
    monthly = {"month": months, "leads": [10, 40, 50], "signed": [5, 8, 15]}
    found = tw.lead.signing_forecast(monthly, **COLUMNS, leads_next=30)
    assert (found.month, round(found.expected, 9)) == ("2026-04", 10)


def test_years_before_1970_and_around_them():
    monthly = {"month": ["1969-11", "1969-12"], "leads": [10, 10], "signed": [1, 1]}
    assert tw.lead.signing_forecast(monthly, **COLUMNS, leads_next=30, months=2).month == "1970-01"


def test_backtest_by_hand():
    monthly = pd.DataFrame(
        {"month": ["2026-01", "2026-02", "2026-03"], "leads": [100, 100, 200], "signed": [10, 20, 0]}
    )
    backtest = tw.lead.forecast_backtest(monthly, **COLUMNS, methods=["pooled_rate"], months=1)
    total = backtest.errors.iloc[0]
    assert pd.isna(total["class"])
    assert total["mean_relative_error"] == 0.5
    assert total["months_without_signings"] == 1
    assert total["weighted_relative_error"] == (10 + 40) / 20
    assert total["rate_error_points"] == pytest.approx((10 + 20) / 2)
    assert total["bias"] == (-10 + 40) / 2


def test_errors_that_cannot_be_computed_are_nan():
    monthly = {"month": ["2026-01", "2026-02"], "leads": [100, 0], "signed": [10, 0]}
    errors = tw.lead.forecast_backtest(monthly, **COLUMNS, methods=["pooled_rate"], months=1).errors
    assert math.isnan(errors["mean_relative_error"][0])
    assert math.isnan(errors["rate_error_points"][0])


def test_warning_adds_up_and_names_the_class():
    made = forecast()
    plan = {"A": (50, 0.3), "B": (150, 0.2)}
    warning = tw.lead.signing_warning(made, target=60, plan=plan, most_risk=0.5)
    assert warning.warn
    assert warning.reasons == ["expected_below_target", "risk_above_limit"]
    assert (warning.cause, warning.driver) == ("B", "rate")
    differences = sum(row["difference"] for row in warning.by_class)
    assert warning.shortfall == pytest.approx(warning.stretch - differences, abs=1e-12)
    assert warning.stretch == pytest.approx(60 - 15 - 30)
    assert warning.probability_below == made.probability_below(60)
    calm = tw.lead.signing_warning(made, target=10)
    assert (calm.warn, calm.cause, calm.reasons) == (False, None, [])


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"signed": [11, 8, 15, 5, 3, 8]}, exceptions.InvalidValueError, "row 0 .`A`. is 11; at most the 10 leads"),
        ({"signed": [5, None, 15, 5, 3, 8]}, exceptions.InvalidValueError, "row 1"),
        ({"class": ["A", "A", None, "B", "B", "B"]}, exceptions.InvalidValueError, "row 2"),
        ({"month": ["2026-01", "2026-01", "2026-03"] * 2}, exceptions.InvalidValueError, "add the two rows up"),
        ({"month": ["2026-01", "2026-02", "2026-04"] * 2}, exceptions.InvalidValueError, "2026-03 is missing"),
        ({"month": ["2026-01", "2026-02", "March"] * 2}, exceptions.WrongKindError, "`March`"),
        ({"month": [202601, 202602, 202603] * 2}, exceptions.InvalidValueError, "such as 2026-03"),
        ({"leads": [10, 0, 0, 100, 100, 200], "signed": [5, 0, 0, 5, 3, 8]}, exceptions.NotEnoughDataError, "`A`"),
        ({"leads": [1, 2]}, exceptions.WrongLengthError, "6"),
    ],
)
def test_histories_that_are_refused(change, error, says):
    with pytest.raises(error, match=says):
        forecast({**MONTHLY, **change})


@pytest.mark.parametrize(
    "settings",
    [
        {"months": 0},
        {"months": 2.5},
        {"method": "best"},
        {"method": "smoothing", "alpha": 0},
        {"confidence": 1},
        {"leads_next": {"A": 1}},
        {"leads_next": 5},
    ],
)
def test_settings_that_are_refused(settings):
    with pytest.raises(exceptions.InvalidParameterError):
        forecast(**settings)


def test_other_refusals():
    with pytest.raises(exceptions.UnknownNameError):
        forecast(leads_next={"A": 1, "B": 1, "C": 1})
    with pytest.raises(exceptions.MissingColumnError):
        forecast({"month": ["2026-01"]})
    with pytest.raises(exceptions.InvalidParameterError):
        tw.lead.forecast_backtest(MONTHLY, **COLUMNS, class_="class", methods=[])
    for settings in [{"target": 0}, {"target": math.nan}, {"target": 5, "tolerance": 1}, {"target": 5, "plan": [1]}]:
        with pytest.raises(exceptions.InvalidParameterError):
            tw.lead.signing_warning(forecast(), **settings)
    with pytest.raises(exceptions.InvalidParameterError):
        forecast().probability_below(math.inf)
