"""A log split on a day by the rules of the fit, judged without names for chance, and told in the caller's dates."""

import datetime
import math

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import tierwise as tw

NAMES = {"customer": "id", "date": "day", "amount": "paid"}
LOG = {
    "id": ["a", "a", "a", "b", "b", "c", "c", "c", "c"],
    "day": [1, 3, 12, 2, 13, 4, 12, 14, 15],
    "paid": [50.0, -50.0, 20.0, 30.0, -30.0, 10.0, 40.0, -15.0, 7.0],
}
DATED = LOG | {"day": [datetime.date(1970, 1, 1) + datetime.timedelta(days) for days in LOG["day"]]}
DAYS = {"known_until": 10, "end": 20}
DATES = {"known_until": "1970-01-11", "end": datetime.date(1970, 1, 21)}
KINDS = {"dict": dict, "pandas": pd.DataFrame, "polars": pl.DataFrame, "pyarrow": pa.table}
MODEL = tw.value.ParetoNbd().with_parameters(r=0.5, alpha=10.0, s=0.6, beta=12.0)


def told(work):
    with pytest.raises(tw.exceptions.TierwiseError) as caught:
        work()
    return f"{caught.value.code}: {caught.value}"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("returns", "repeats", "purchases", "spend"),
    [
        ("as_purchases", [1, 0, 0], [1, 1, 3], [20, -30, 32]),
        ("net_off", [0, 0, 0], [1, 0, 2], [20, 0, 32]),
        ("leave_out", [0, 0, 0], [1, 0, 2], [20, 0, 47]),
    ],
)
def test_both_parts_are_read_by_the_rules_of_rfm(kind, returns, repeats, purchases, spend):
    log = KINDS[kind](LOG)
    split = tw.value.holdout(log, **NAMES, **DAYS, returns=returns)
    assert np.asarray(split.known["repeat_frequency"]).tolist() == repeats
    assert (split.purchases.tolist(), split.spend.tolist()) == (purchases, spend)
    known = tw.value.rfm(log, **NAMES, as_of=10, later_rows="leave_out", returns=returns)
    for name in ("repeat_frequency", "last_purchase_age", "age", "monetary"):
        assert np.asarray(split.known[name]).tolist() == np.asarray(known[name]).tolist()
    assert [finding.split(" ", 2)[2][:20] for finding in split.findings] == {
        "as_purchases": ["with an amount below"],
        "net_off": ["after the day belong"],
        "leave_out": [],
    }[returns]
    track = tw.value.tracking(MODEL, log, customer="id", date="day", amount="paid", returns=returns, **DAYS)
    assert np.asarray(track["actual"])[-1] == sum(repeats) + sum(purchases)


def test_rules_reach_the_later_part():
    split = tw.value.holdout(LOG | {"no": range(9)}, **NAMES, **DAYS, margin=0.5, order="no")
    assert split.spend.tolist() == [10, -15, 16]
    margins = tw.value.holdout(LOG | {"earned": range(9)}, **NAMES, **DAYS, margin="earned", returns="leave_out")
    assert margins.spend.tolist() == [2, 0, 6 + 8]
    assert told(lambda: tw.value.holdout(LOG, **NAMES, **DAYS, returns="refuse")).startswith(
        "invalid_value: the amount at row 1 (`a`) is -50; returns are refused"
    )
    late = {name: column[2:] for name, column in LOG.items()}
    assert "row 2 (`b`) is -30" in told(lambda: tw.value.holdout(late, **NAMES, **DAYS, returns="refuse"))
    assert "`early_returns` of `holdout`" in told(
        lambda: tw.value.holdout(LOG, **NAMES, **DAYS, early_returns="net_off")
    )
    assert "`returns` of `holdout`" in told(lambda: tw.value.holdout(LOG, **NAMES, **DAYS, returns="none"))
    names = {"customer": "id", "date": "day"}
    assert "`amount` of `tracking`" in told(lambda: tw.value.tracking(MODEL, LOG, **names, **DAYS, returns="net_off"))
    refused = told(lambda: tw.value.tracking(MODEL, LOG, **names, **DAYS, amount="paid", returns="refuse"))
    assert refused.startswith("invalid_value: the amount at row 1 (`a`) is -50")


def log_of(customers, later, paid=1.0):
    """Customers who buy every ten days until day 100, and then on as many days as they are given."""
    rows = [(who, 10 * nth, 5.0) for who in range(customers) for nth in range(11)]
    rows += [(who, 101 + nth, paid * (who + 1)) for who in range(customers) for nth in range(later(who))]
    return pd.DataFrame(rows, columns=["id", "day", "paid"])


def split_of(*settings):
    return tw.value.holdout(log_of(*settings), **NAMES, known_until=100, end=200)


def test_a_winner_is_named_where_customers_show_one():
    split = split_of(60, lambda who: 10 * (who % 2))
    right = split.judge(split.purchases)
    assert (right.error_gain, right.mean_absolute_error_of_rate) == (5, 5)
    assert right.error_gain_interval == pytest.approx((3.73, 6.27), abs=0.5)
    assert right.verdict[1].startswith("It forecasts counts better than past rates do: mean error 0.000")
    assert split.judge(20 - split.purchases).verdict[1].startswith("It forecasts counts worse than past rates do")
    none = split.judge(np.full(60, 0.01))
    assert none.error_gain_interval[0] < 0 < none.error_gain_interval[1]
    assert none.verdict[1].startswith("It forecasts counts no better than past rates do")


def test_three_customers_show_nothing():
    judged = split_of(3, lambda who: 1).judge([1, 1, 1.0])
    assert judged.mean_absolute_error == 0
    assert judged.verdict == ["3 customers are too few to judge a forecast by; 30 are needed."]
    assert len(split_of(30, lambda who: 1).judge(np.ones(30)).verdict) == 2


def test_without_later_money_the_counts_are_judged():
    split = split_of(40, lambda who: who % 4, 0.0)
    judged = split.judge(np.ones(40))
    assert judged.mean_absolute_error == 1
    assert all(map(math.isnan, (judged.capture, judged.capture_of_oracle, judged.gain, *judged.gain_interval)))
    assert judged.verdict[0] == "The ranking cannot be judged: nobody's later money is above 0."
    assert judged.verdict[1].startswith("It forecasts counts better")
    silent = split_of(40, lambda who: 0)
    assert "customers who bought after the day: 0" in told(lambda: silent.judge(np.ones(40)))


def test_a_series_in_another_order_is_refused():
    split = split_of(40, lambda who: who % 4)
    expected = pd.Series(split.purchases + 0.5, index=split.known.index)
    sound = split.judge(expected)
    shuffled = expected.sample(frac=1, random_state=1)
    for given in ({"purchases": shuffled}, {"purchases": expected, "value": shuffled}):
        said = told(lambda given=given: split.judge(**given))
        assert said.startswith(f"invalid_parameter: The `{list(given)[-1]}` of `judge` must be in the order of `known`")
    assert split.judge(shuffled.reindex(split.known.index)) == sound == split.judge(expected.to_numpy())


@pytest.mark.parametrize("kind", KINDS)
def test_dates_come_back_as_dates(kind):
    names = {"customer": "id", "date": "day", "step_days": 5}
    track = tw.value.tracking(MODEL, KINDS[kind](DATED), **names, **DATES)
    days = pd.Series(np.asarray(track["day"])).astype("datetime64[ns]")
    assert days.dt.strftime("%m-%d").tolist() == ["01-07", "01-12", "01-17", "01-21"]
    by_number = tw.value.tracking(MODEL, KINDS[kind](LOG), **names, **DAYS)
    assert np.asarray(by_number["day"]).tolist() == [6, 11, 16, 20]
    assert np.asarray(by_number["expected"]).tolist() == np.asarray(track["expected"]).tolist()


def test_errors_have_dates_and_days():
    names = {"customer": "id", "date": "day"}
    for work in (
        lambda log, **days: tw.value.holdout(log, **NAMES, **days),
        lambda log, **days: tw.value.tracking(MODEL, log, **names, **days),
    ):
        early = told(lambda work=work: work(DATED, known_until="1970-01-01", end="1970-01-21"))
        assert early.endswith("customers who bought by 1970-01-01 (day 0): 0 where at least 1 are needed")
        assert early == told(lambda work=work: work(LOG, known_until=0, end=20))
        swapped = told(lambda work=work: work(DATED, known_until="1970-01-21", end="1970-01-11"))
        assert "1970-01-21 (day 20)" in swapped
        assert "1970-01-11 (day 10)" in swapped


@pytest.mark.parametrize("model", [None, tw.value.ParetoNbd(), tw.value.GammaGamma().with_parameters(p=6, q=3, v=15)])
def test_only_a_model_of_purchases_is_tracked(model):
    said = told(lambda: tw.value.tracking(model, LOG, customer="id", date="day", **DAYS))
    assert said.startswith("invalid_parameter: The `model` of `tracking` must be a PurchaseModel, which a fit such as")
    assert said.endswith(f"Got {None if model is None else type(model).__name__}.")
    assert told(lambda: tw.value.count_fit(model, {})).startswith("invalid_parameter: The `model` of `count_fit`")


def test_bg_bb_from_a_log_of_days():
    """The recipe of the page: number the periods, and take the numbers for days."""
    truth = tw.value.BgBb().with_parameters(alpha=1.2, beta=0.75, gamma=0.66, delta=2.8)
    drawn = truth.simulate(np.full(3000, 10), seed=1)
    rng = np.random.default_rng(1)
    bought = np.concatenate([drawn["time"], np.zeros(3000)])  # the first purchase is not drawn
    day = (7 * bought + rng.integers(0, 7, len(bought))).astype(int)
    log = pd.DataFrame({"id": np.concatenate([drawn["customer"], np.arange(3000)]), "day": day, "paid": 5.0})
    weekly = log.assign(week=log["day"] // 7)
    by_week = {"customer": "id", "date": "week", "known_until": 6, "end": 10}
    split = tw.value.holdout(weekly, **by_week, amount="paid")
    model = tw.value.BgBb().fit(split.known)
    assert model.parameters["alpha"] / model.parameters["beta"] == pytest.approx(1.2 / 0.75, rel=0.25)
    expected = model.expected_purchases(split.known, periods=4)
    assert expected.sum() == pytest.approx(split.purchases.sum(), rel=0.05)
    track = tw.value.tracking(model, weekly, **by_week, step_days=1)
    assert track["expected"].iloc[-1] == pytest.approx(track["actual"].iloc[-1], rel=0.05)
    by_day = {"customer": "id", "date": "day", "known_until": 48, "end": 76}
    said = told(
        lambda: tw.value.tracking(tw.value.BgBb(days_per_period=7).with_parameters(**model.parameters), log, **by_day)
    )
    assert "Number the periods" in said
