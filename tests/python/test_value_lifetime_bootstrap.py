"""Samples of customers behind spend, contracts and value; later dates; models with covariates held against a log."""

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import tierwise as tw

CUSTOMERS = 700
COVARIATES = {"web": (np.arange(CUSTOMERS) % 3 == 2).astype(float)}
TRUTH = tw.value.ParetoNbd(covariates=["web"]).with_parameters(
    r=0.9, alpha=60.0, s=0.7, beta=90.0, coefficients={"web": {"alpha": 1.2, "beta": -0.5}}
)
STARTS = np.arange(CUSTOMERS) * 37 % 90
KINDS = {"dict": dict, "pandas": pd.DataFrame, "polars": pl.DataFrame, "pyarrow": pa.table}


def log():
    drawn = TRUTH.simulate(400.0 - STARTS, covariates=COVARIATES, seed=3)
    who = drawn["customer"]
    paid = tw.value.GammaGamma().with_parameters(p=6.25, q=3.74, v=15.44).simulate(who, seed=5)
    days = STARTS[who] + np.ceil(drawn["time"]).astype(int)
    return {"id": [f"c{one}" for one in who], "day": days, "paid": paid, "web": COVARIATES["web"][who]}


LOG = log()
KNOWN = tw.value.rfm(LOG, customer="id", date="day", amount="paid", as_of=400)
WEB = COVARIATES["web"][[int(name[1:]) for name in KNOWN["customer"]]]
TABLE = {name: KNOWN[name] for name in ["customer", "repeat_frequency", "last_purchase_age", "age"]}
TABLE |= {"mean_repeat_amount": KNOWN["mean_repeat_amount"], "web": WEB}
PURCHASES = tw.value.ParetoNbd().bootstrap(TABLE, samples=40, seed=2)
SPEND = tw.value.GammaGamma().bootstrap(TABLE, samples=40, seed=2)
CONTRACTS = tw.value.ShiftedBetaGeometric().bootstrap_survivors([1000, 631, 468, 382, 326], samples=40, seed=2)
HORIZON = {"steps": 8, "rate": 0.01, "periods_per_step": 10.0, "after": 20.0, "margin": 0.3}


def some(kind):
    return KINDS[kind]({name: np.asarray(column)[:25] for name, column in TABLE.items()})


@pytest.mark.parametrize("kind", list(KINDS))
def test_value_and_spend_by_samples(kind):
    frame = some(kind)
    value = PURCHASES.lifetime_value(frame, spend=SPEND, **HORIZON)
    spend = SPEND.expected_spend(frame, level=0.9)
    later = PURCHASES.discounted_purchases(frame, rate=0.01, after=30.0)
    assert type(value) is type(spend) is type(later) is type(frame)
    for found in [value, spend, later]:
        low, middle, high = (np.asarray(found[name]) for name in ["lower", "estimate", "upper"])
        assert len(middle) == 25
        assert (low < middle).all()
        assert (middle < high).all()
    plain = PURCHASES.model.lifetime_value(frame, spend=SPEND.model, **HORIZON)
    np.testing.assert_array_equal(np.asarray(value["estimate"]), np.asarray(plain))
    np.testing.assert_array_equal(np.asarray(spend["estimate"]), np.asarray(SPEND.model.expected_spend(frame)))


@pytest.mark.parametrize("sampled", [PURCHASES, SPEND, CONTRACTS], ids=lambda one: type(one).__name__)
def test_bootstraps_are_saved_and_pickled(sampled, tmp_path):
    tw.save(sampled, tmp_path / "sampled.json")
    for again in [pickle.loads(pickle.dumps(sampled)), tw.load(tmp_path / "sampled.json")]:
        assert again == sampled
        assert type(again) is type(sampled)
        assert again.parameter_table(level=0.9) == sampled.parameter_table(level=0.9)
        assert (again.samples, again.failed, again.model) == (sampled.samples, sampled.failed, sampled.model)
    assert sampled.samples == 40
    assert f"of {sampled.samples} samples" in repr(sampled)
    assert sampled.fingerprint != sampled.model.fingerprint
    assert all(one.lower < one.estimate < one.upper for one in sampled.parameter_table())


def test_what_was_pickled_forecasts_the_same():
    again = pickle.loads(pickle.dumps(PURCHASES)).expected_purchases(some("pandas"), periods=10)
    pd.testing.assert_frame_equal(again, PURCHASES.expected_purchases(some("pandas"), periods=10))


@pytest.mark.parametrize("kind", list(KINDS))
def test_amounts_may_be_counted_otherwise_than_purchases(kind):
    frame, columns = some(kind), some("dict")
    paid = columns["repeat_frequency"] + 1, np.full(25, 30.0)
    of_all = {"repeat_frequency": paid[0], "mean_repeat_amount": paid[1]}
    of_all["repeat_frequency"][3], of_all["mean_repeat_amount"][3] = 0, 0.0  # bought, but never paid
    del columns["mean_repeat_amount"]
    value = PURCHASES.model.lifetime_value(KINDS[kind](columns), spend=SPEND.model, paid=KINDS[kind](of_all), **HORIZON)
    assert type(value) is type(PURCHASES.model.lifetime_value(frame, spend=SPEND.model, **HORIZON))
    amounts = np.asarray(SPEND.model.expected_spend(of_all))
    plain = np.asarray(PURCHASES.model.lifetime_value(frame, spend=SPEND.model, **HORIZON))
    ratio = amounts / np.asarray(SPEND.model.expected_spend(frame))
    np.testing.assert_allclose(np.asarray(value), plain * ratio, rtol=1e-12)
    by_samples = PURCHASES.lifetime_value(frame, spend=SPEND, paid=of_all, **HORIZON)
    np.testing.assert_array_equal(np.asarray(by_samples["estimate"]), np.asarray(value))
    short = {name: column[1:] for name, column in of_all.items()}
    with pytest.raises(tw.exceptions.WrongLengthError, match="the amounts that customers paid"):
        PURCHASES.model.lifetime_value(frame, spend=SPEND.model, paid=short, **HORIZON)


@pytest.mark.parametrize("spend", [None, 20.0, tw.value.GammaGamma(), SPEND, PURCHASES.model])
def test_what_is_no_model_of_spend(spend):
    with pytest.raises(tw.exceptions.InvalidParameterError, match=r"`spend` of `lifetime_value` must be a SpendModel"):
        PURCHASES.model.lifetime_value(some("dict"), spend=spend, **HORIZON)
    other = SPEND.model if spend is SPEND else spend
    with pytest.raises(tw.exceptions.InvalidParameterError, match="must be a SpendBootstrap"):
        PURCHASES.lifetime_value(some("dict"), spend=other, **HORIZON)


def test_a_bootstrap_is_watched_and_stopped():
    told = []
    watched = tw.value.ParetoNbd().bootstrap(TABLE, samples=40, seed=2, progress=lambda *step: told.append(step[:2]))
    assert watched == PURCHASES
    assert told[-1] == (40, 40)

    def stop(*_):
        raise InterruptedError("enough")

    for work in [tw.value.ParetoNbd(), tw.value.GammaGamma()]:
        with pytest.raises(InterruptedError, match="enough"):
            work.bootstrap(TABLE, samples=40, seed=2, progress=stop)


def test_contracts_by_samples():
    model = tw.value.ShiftedBetaGeometric().fit_survivors([1000, 631, 468, 382, 326])
    assert CONTRACTS.model == model
    for found, expected in [
        (CONTRACTS.retention(9), model.retention(9)),
        (CONTRACTS.survival(9), model.survival(9)),
    ]:
        np.testing.assert_array_equal(found["estimate"], expected)
        assert ((found["lower"] < expected) & (expected < found["upper"])).all()
    renewals = CONTRACTS.expected_residual_lifetime(1, rate=0.1, level=0.9)
    assert renewals["lower"] < renewals["estimate"] < renewals["upper"]
    wider = CONTRACTS.expected_residual_lifetime(1, rate=0.1, level=0.99)
    assert wider["lower"] < renewals["lower"]
    assert renewals["upper"] < wider["upper"]
    drawn = model.simulate(np.full(500, 5), seed=1)
    by_customer = tw.value.ShiftedBetaGeometric().bootstrap(**drawn, samples=20, seed=1)
    assert by_customer == tw.value.ShiftedBetaGeometric().bootstrap(**drawn, samples=20, seed=1)


def test_discounted_purchases_from_a_later_date():
    frame, model = some("pandas"), PURCHASES.model
    today = model.discounted_purchases(frame, rate=0.01)
    later = model.discounted_purchases(frame, rate=0.01, after=50)
    # What comes until then, day by day, and what it is worth then.
    days = [np.exp(-0.01 * (day + 0.5)) * model.expected_purchases(frame, periods=1, after=day) for day in range(50)]
    np.testing.assert_allclose(sum(days) + np.exp(-0.5) * later, today, rtol=1e-4)
    bounds = model.discounted_purchases(frame, rate=0.01, after=50, level=0.9)
    assert (bounds["estimate"] == later).all()
    assert ((bounds["lower"] < later) & (later < bounds["upper"])).all()


@pytest.mark.parametrize("kind", list(KINDS))
def test_tracking_and_counts_with_covariates(kind):
    names = {"customer": "id", "date": "day", "known_until": 200, "end": 400, "step_days": 50}
    found = tw.value.tracking(TRUTH, KINDS[kind](LOG), **names)
    assert type(found) is type(KINDS[kind](LOG))
    parts = []
    for web in (0.0, 1.0):
        is_so = LOG["web"] == web
        part = {name: np.asarray(LOG[name])[is_so] for name in ["id", "day"]}
        daily = tw.value.tracking(TRUTH.at_covariates(web=web), part, **names | {"step_days": 1})
        parts.append(daily["expected"][np.isin(daily["day"], np.asarray(found["day"]))])
    np.testing.assert_allclose(np.asarray(found["expected"]), sum(parts), rtol=1e-12)
    counts = tw.value.count_fit(TRUTH, KINDS[kind](TABLE), most=4)
    assert sum(row["expected"] for row in counts) == pytest.approx(len(WEB), rel=1e-9)
    assert [row["actual"] for row in counts[:4]] == [np.sum(TABLE["repeat_frequency"] == n) for n in range(4)]
    alike = [
        tw.value.count_fit(
            TRUTH.at_covariates(web=web),
            {name: np.asarray(column)[web == WEB] for name, column in TABLE.items()},
            most=4,
        )
        for web in (0.0, 1.0)
    ]
    for row, parts in zip(counts, zip(*alike, strict=True), strict=True):
        assert row["expected"] == pytest.approx(sum(part["expected"] for part in parts), rel=1e-11)


def test_covariates_of_a_log_do_not_change():
    names = {"customer": "id", "date": "day", "known_until": 200, "end": 400}
    ids = np.asarray(LOG["id"])
    again = next(row for row in range(1, len(ids)) if ids[row] == ids[row - 1] and LOG["day"][row] <= 200)
    for wrong in [None, 7.0]:
        web = [*LOG["web"][:again], wrong, *LOG["web"][again + 1 :]]
        with pytest.raises(tw.exceptions.InvalidValueError, match="the covariate `web`") as caught:
            tw.value.tracking(TRUTH, LOG | {"web": web}, **names)
        assert caught.value.details["row"] == again
        assert caught.value.details["key"] == ids[again]
    with pytest.raises(tw.exceptions.MissingColumnError, match="web"):
        tw.value.tracking(TRUTH, {"id": LOG["id"], "day": LOG["day"]}, **names)
    with pytest.raises(tw.exceptions.MissingColumnError, match="web"):
        tw.value.count_fit(TRUTH, {name: TABLE[name] for name in TABLE if name != "web"})


@pytest.mark.parametrize(
    ("code", "work"),
    [
        ("invalid_parameter", lambda: tw.value.GammaGamma().bootstrap(TABLE, samples=3, seed=1)),
        ("invalid_parameter", lambda: tw.value.GammaGamma().bootstrap(TABLE, seed=-1)),
        (
            "invalid_parameter",
            lambda: tw.value.ShiftedBetaGeometric().bootstrap_survivors([9, 5, 3], samples=0, seed=1),
        ),
        ("invalid_value", lambda: tw.value.ShiftedBetaGeometric().bootstrap_survivors([5, 4, 6], seed=1)),
        ("not_enough_data", lambda: tw.value.ShiftedBetaGeometric().bootstrap([], [], seed=1)),
        ("not_enough_data", lambda: tw.value.GammaGamma().bootstrap(KINDS["dict"](some("dict")) | EMPTY, seed=1)),
        ("invalid_parameter", lambda: PURCHASES.lifetime_value(TABLE, spend=SPEND.model, **HORIZON)),
        ("invalid_parameter", lambda: PURCHASES.lifetime_value(TABLE, spend=SPEND, **HORIZON, level=1.0)),
        ("invalid_parameter", lambda: PURCHASES.discounted_purchases(TABLE, rate=0.01, after=-1)),
        ("invalid_parameter", lambda: PURCHASES.model.discounted_purchases(TABLE, rate=0.01, after=np.nan)),
        ("invalid_parameter", lambda: CONTRACTS.survival(0)),
        ("invalid_parameter", lambda: CONTRACTS.expected_residual_lifetime(1, rate=0.0)),
        ("invalid_parameter", lambda: SPEND.expected_spend(TABLE, level=np.nan)),
        ("invalid_parameter", lambda: PURCHASES.model.lifetime_value(TABLE, spend=SPEND, **HORIZON)),
    ],
)
def test_bad_input(code, work):
    with pytest.raises(tw.exceptions.TierwiseError) as caught:
        work()
    assert caught.value.code == code


EMPTY = {"repeat_frequency": np.zeros(25), "mean_repeat_amount": np.full(25, np.nan)}


def test_errors_name_the_customer():
    broken = pd.DataFrame(TABLE).head(30)
    broken.loc[7, ["repeat_frequency", "last_purchase_age", "mean_repeat_amount"]] = [2, 3.0, -1.0]
    for work in [
        lambda: tw.value.GammaGamma().bootstrap(broken, seed=1),
        lambda: SPEND.expected_spend(broken),
        lambda: PURCHASES.lifetime_value(broken, spend=SPEND, **HORIZON),
    ]:
        with pytest.raises(tw.exceptions.InvalidValueError) as caught:
            work()
        assert (caught.value.details["row"], caught.value.details["key"]) == (7, broken["customer"][7])
