"""Lifetime models with covariates, their bootstrap, chances of counts, later dates, and drawn contracts."""

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
import tierwise as tw

ROWS = np.arange(1500)
COVARIATES = {"web": (ROWS * 7 % 5 < 2).astype(float), "size": ROWS * 31 % 17 / 4}
EFFECTS = {"web": {"alpha": 0.6, "beta": -0.5}, "size": {"alpha": -0.2, "beta": 0.3}}
TRUTH = tw.value.ParetoNbd(covariates=["web", "size"]).with_parameters(
    r=0.8, alpha=8.0, s=0.7, beta=12.0, coefficients=EFFECTS
)


def drawn(truth=TRUTH):
    ages = 25.0 + ROWS % 30
    return {
        "customer": [f"c{row}" for row in ROWS],
        **truth.simulate_histories(ages, covariates=COVARIATES, seed=3),
    }


CUSTOMERS = drawn()
MODEL = tw.value.ParetoNbd(covariates=["web", "size"], horizon=10).fit(CUSTOMERS)


def test_drawn_histories_are_those_of_drawn_purchases():
    log = TRUTH.simulate(CUSTOMERS["age"], covariates=COVARIATES, seed=3)
    times = pd.DataFrame(log).groupby("customer")["time"]
    np.testing.assert_array_equal(CUSTOMERS["repeat_frequency"], times.count() - 1)
    np.testing.assert_array_equal(CUSTOMERS["last_purchase_age"], times.max())
    for name, values in COVARIATES.items():
        np.testing.assert_array_equal(CUSTOMERS[name], values)
    with pytest.raises(tw.exceptions.InvalidParameterError, match=r"`covariates` of `simulate_histories`"):
        TRUTH.simulate_histories([20.0], seed=1)


def test_coefficients_are_found():
    assert MODEL.report.converged
    assert MODEL.covariates == ["web", "size"]
    for one in MODEL.coefficients:
        truth = EFFECTS[one.covariate][one.parameter]
        assert abs(one.estimate - truth) < 4 * one.standard_error
        assert one.lower < one.estimate < one.upper
    assert MODEL.coefficients[0].lower > 0
    plain = tw.value.ParetoNbd().fit(CUSTOMERS)
    assert plain.log_likelihood < MODEL.log_likelihood - 10
    assert plain.covariates == plain.coefficients == []
    assert MODEL.log_likelihood_of(CUSTOMERS) == pytest.approx(MODEL.log_likelihood, rel=1e-12)
    assert MODEL.log_likelihood >= TRUTH.log_likelihood_of(CUSTOMERS)


@pytest.mark.parametrize("fit", [tw.value.BgNbd, tw.value.MbgNbd])
def test_covariates_of_the_other_models(fit):
    effects = {name: {"alpha": 0.5, "a": -0.2, "b": 0.1} for name in COVARIATES}
    truth = fit(covariates=list(COVARIATES)).with_parameters(r=0.8, alpha=6, a=0.8, b=2, coefficients=effects)
    model = fit(covariates=list(COVARIATES)).fit(drawn(truth))
    assert model.report.converged
    assert [one.parameter for one in model.coefficients] == ["alpha", "a", "b"] * 2
    assert abs(model.coefficients[0].estimate - 0.5) < 4 * model.coefficients[0].standard_error


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow", "dict"])
def test_what_comes_in_goes_out(kind):
    frame = pd.DataFrame(CUSTOMERS)
    given = {
        "pandas": lambda: frame.set_index(pd.Index(ROWS + 100)),
        "polars": lambda: pl.from_pandas(frame),
        "pyarrow": lambda: pl.from_pandas(frame).to_arrow(),
        "dict": lambda: CUSTOMERS,
    }[kind]()
    model = tw.value.ParetoNbd(covariates=["web", "size"], horizon=10).fit(given)
    assert model == MODEL
    purchases = model.expected_purchases(given, periods=10)
    assert np.asarray(purchases).tolist() == np.asarray(tw.score(model, given)).tolist()
    both = model.expected_purchases(given, periods=10, level=0.9)
    assert (np.asarray(both["lower"]) < np.asarray(purchases)).all()
    one = model.at_covariates(web=1.0, size=COVARIATES["size"][5]).expected_purchases(given, periods=10, level=0.9)
    assert COVARIATES["web"][5] == 1.0
    assert np.asarray(one["upper"])[5] == pytest.approx(np.asarray(both["upper"])[5], rel=1e-9)
    if kind == "pandas":
        assert list(purchases.index) == list(ROWS + 100)


def test_saved_with_covariates(tmp_path):
    tw.save(MODEL, tmp_path / "model.json")
    again = tw.load(tmp_path / "model.json")
    assert again == MODEL == pickle.loads(pickle.dumps(MODEL))
    assert again.coefficients == MODEL.coefficients


def test_new_customers_have_no_covariates_to_look_up():
    for work in [
        lambda: MODEL.expected_of_new(periods=5),
        lambda: MODEL.probability_of_count(1, periods=5),
    ]:
        with pytest.raises(tw.exceptions.InvalidParameterError, match="at_covariates"):
            work()
    assert MODEL.at_covariates(web=0, size=1).expected_of_new(periods=5) > 0


@pytest.mark.parametrize(
    ("error", "work"),
    [
        (tw.exceptions.MissingColumnError, lambda: tw.value.BgNbd(covariates=["colour"]).fit(CUSTOMERS)),
        (tw.exceptions.InvalidParameterError, lambda: tw.value.BgNbd(covariates=["web", "web"]).fit(CUSTOMERS)),
        (tw.exceptions.InvalidParameterError, lambda: tw.value.BgNbd(covariates="web").fit(CUSTOMERS)),
        (tw.exceptions.InvalidParameterError, lambda: tw.value.BgBb(covariates=["web"]).fit(CUSTOMERS)),
        (tw.exceptions.InvalidParameterError, lambda: tw.value.BgNbd(covariates=["age"]).fit(CUSTOMERS)),
        (
            tw.exceptions.InvalidParameterError,
            lambda: tw.value.BgNbd(covariates=["web"]).fit(frequency=[1], recency=[1], age=[2]),
        ),
        (
            tw.exceptions.InvalidParameterError,
            lambda: tw.value.BgNbd(covariates=["web"]).with_parameters(r=1, alpha=1, a=1, b=1),
        ),
        (tw.exceptions.InvalidParameterError, lambda: TRUTH.simulate([30.0], seed=1)),
        (tw.exceptions.WrongLengthError, lambda: TRUTH.simulate([30.0], covariates=COVARIATES, seed=1)),
        (TypeError, lambda: MODEL.at_covariates(web=1)),
        (tw.exceptions.InvalidParameterError, lambda: tw.value.BgNbd().bootstrap(CUSTOMERS, samples=3, seed=1)),
        (tw.exceptions.InvalidParameterError, lambda: MODEL.count_probability(CUSTOMERS, -1, periods=2)),
    ],
)
def test_bad_input(error, work):
    with pytest.raises(error):
        work()


def test_errors_name_the_customer():
    broken = pd.DataFrame(CUSTOMERS)
    broken.loc[7, "size"] = None
    spend = tw.value.GammaGamma().with_parameters(p=6.25, q=3.74, v=15.44)
    amounts = pd.DataFrame(CUSTOMERS).assign(mean_repeat_amount=5.0, repeat_frequency=1, last_purchase_age=1.0)
    amounts.loc[7, "mean_repeat_amount"] = -1.0
    halves = pd.DataFrame(CUSTOMERS).assign(last_purchase_age=0, repeat_frequency=0, age=8.0)
    halves.loc[7, "age"] = 8.5
    donors = tw.value.BgBb().with_parameters(alpha=1.2, beta=0.75, gamma=0.66, delta=2.8)
    weights = np.where(ROWS == 7, -1.0, 1.0)
    plain = tw.value.BgNbd().with_parameters(r=0.5, alpha=6, a=0.8, b=2.4)
    for work in [
        lambda: tw.value.ParetoNbd(covariates=["size"]).fit(broken),
        lambda: MODEL.probability_alive(broken),
        lambda: spend.expected_spend(amounts),
        lambda: spend.log_likelihood_of(amounts),
        lambda: plain.lifetime_value(amounts, spend=spend, steps=3, rate=0.1),
        lambda: tw.value.BgBb().fit(halves),
        lambda: donors.expected_purchases(halves, periods=2),
        lambda: tw.value.count_fit(donors, halves),
        lambda: tw.value.BgNbd().fit(CUSTOMERS, weights=weights),
        lambda: tw.value.GammaGamma().fit(amounts.drop(index=7), weights=np.delete(-weights, 7)),
        lambda: plain.log_likelihood_of(CUSTOMERS, weights=weights),
        lambda: tw.value.BgNbd().bootstrap(CUSTOMERS, weights=weights, seed=1),
    ]:
        with pytest.raises(tw.exceptions.InvalidValueError) as caught:
            work()
        assert caught.value.details["key"] == f"c{caught.value.details['row']}", caught.value


def test_bootstrap():
    fit = tw.value.ParetoNbd(covariates=["web", "size"], horizon=10)
    sampled = fit.bootstrap(CUSTOMERS, samples=60, seed=5)
    assert sampled.model == MODEL
    assert sampled.samples == 60
    table = sampled.parameter_table(level=0.9)
    assert [one.name for one in table] == ["r", "alpha", "s", "beta", "alpha", "beta", "alpha", "beta"]
    assert [one.covariate for one in table[3:6]] == [None, "web", "web"]
    assert all(one.lower < one.estimate < one.upper for one in table)
    frame = pd.DataFrame(CUSTOMERS).head(20)
    for found in [
        sampled.expected_purchases(frame, periods=10),
        sampled.probability_alive(frame, ahead=2),
        sampled.count_probability(frame, 0, periods=5),
    ]:
        assert (found["lower"] < found["upper"]).all()
        assert list(found.index) == list(frame.index)
    again = fit.bootstrap(CUSTOMERS, samples=60, seed=5)
    assert again.parameter_table(level=0.9) == table


def test_counts_add_up():
    some = {name: column[:30] for name, column in CUSTOMERS.items()}
    chances = np.array([MODEL.count_probability(some, n, periods=6, after=3) for n in range(40)])
    np.testing.assert_allclose(chances.sum(axis=0), 1.0, rtol=1e-8)
    expected = MODEL.expected_purchases(some, periods=6, after=3)
    np.testing.assert_allclose(np.arange(40) @ chances, expected, rtol=1e-6)
    frame = MODEL.count_probability(some, 0, periods=6, level=0.9)
    assert ((frame["lower"] < frame["estimate"]) & (frame["estimate"] < frame["upper"])).all()


def test_value_at_a_later_date():
    plain = tw.value.ParetoNbd().with_parameters(r=0.8, alpha=8, s=0.7, beta=12)
    spend = tw.value.GammaGamma().with_parameters(p=6.25, q=3.74, v=15.44)
    some = {name: column[:30] for name, column in CUSTOMERS.items()} | {"mean_repeat_amount": np.full(30, 20.0)}
    whole = plain.lifetime_value(some, spend=spend, steps=10, rate=0.05)
    first = plain.lifetime_value(some, spend=spend, steps=4, rate=0.05)
    later = plain.lifetime_value(some, spend=spend, steps=6, rate=0.05, after=4)
    np.testing.assert_allclose(first + later / 1.05**4, whole, rtol=1e-12)


def test_contracts_by_segment_and_drawn():
    truth = tw.value.ShiftedBetaGeometric().with_parameters(alpha=0.7, beta=1.2)
    drawn = truth.simulate(np.full(3000, 6), seed=2)
    model = tw.value.ShiftedBetaGeometric().fit(**drawn)
    for one, expected in zip(model.parameter_table, [0.7, 1.2], strict=True):
        assert abs(one.estimate - expected) < 4 * one.standard_error
    by = tw.value.ShiftedBetaGeometric().fit_by_segment
    weighted = by([1, 2, 3, 3], [1, 1, 0, 0], segments=["a"] * 4, weights=[2, 2, 2, 2])
    assert weighted["a"].report.customers == 8
    for error, work in [
        ("wrong_length", lambda: by([1, 2], [1, 0], segments=["a"])),
        ("wrong_length", lambda: by([1, 2], [1], segments=["a", "b"])),
        ("not_enough_data", lambda: by([1, 2], [1, 0], segments=["a", "b"])),
        ("invalid_parameter", lambda: by([1, 2], [1, 0], segments=["a", None])),
    ]:
        with pytest.raises(tw.exceptions.TierwiseError) as caught:
            work()
        assert caught.value.code == error
    with pytest.raises(tw.exceptions.InvalidValueError, match="row 4"):
        by([1, 2, 3, 3, 0], [1, 1, 0, 0, 1], segments=["a"] * 4 + ["b"])


@pytest.mark.parametrize("coefficients", [None, ["web"], {"web": None}, {"web": 1.0}, "web"])
def test_coefficients_are_a_dict_of_dicts(coefficients):
    fit = tw.value.ParetoNbd(covariates=["web"])
    with pytest.raises(tw.exceptions.InvalidParameterError, match="coefficients"):
        fit.with_parameters(r=0.5, alpha=10, s=0.6, beta=11, coefficients=coefficients)
