"""Published values and peers: the source stands beside each number."""

import math
import pathlib

import lifetimes
import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import tierwise as tw
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

BREAST = load_breast_cancer()
X = StandardScaler().fit_transform(BREAST.data)
Y = BREAST.target

# scikit-learn 1.9.1, LogisticRegression(C=C, solver="newton-cholesky", tol=1e-14, max_iter=1000):
# C -> intercept, first five coefficients, sum of coefficients, their squared norm, objective.
PUBLISHED = {
    0.01: (
        0.6238085353014757,
        [-0.227286885534, -0.192924200757, -0.224873314652, -0.211232683520, -0.092101546739],
        -3.741025422493917,
        0.8144125717213604,
        1.3318028202946997,
    ),
    1: (
        0.2145027174017491,
        [-0.3630925319179318, -0.38767544241875806, -0.3510621186796742, -0.435609803285976, -0.16183110281524582],
        -11.999011394927223,
        14.757958086538363,
        37.75894596187597,
    ),
    100: (
        -1.9567901411054036,
        [4.631928927244, 0.036332449865, 3.562228730663, -0.205788941433, -1.672923823200],
        -26.148186240968506,
        471.9492695782684,
        1921.6504038030723,
    ),
}


def estimates(model):
    return np.array([one.estimate for one in model.coefficients])


def errors(model):
    return np.array([model.intercept.standard_error, *(one.standard_error for one in model.coefficients)])


def close(found, expected, relative=1e-8):
    assert found == pytest.approx(expected, rel=relative, abs=1e-12)


@pytest.mark.parametrize("c", list(PUBLISHED))
def test_logistic_on_breast_cancer(c):
    intercept, first, total, norm, objective = PUBLISHED[c]
    model = tw.learn.Logistic(alpha=1 / c).fit(X, Y, positive=1)
    # The shorter figures were printed to twelve decimals.
    assert estimates(model)[:5] == pytest.approx(first, rel=1e-8, abs=6e-13)
    close(model.intercept.estimate, intercept)
    close(estimates(model).sum(), total)
    close((estimates(model) ** 2).sum(), norm)
    # tierwise minimises sum(loss) + alpha/2 * norm, which is scikit-learn's objective divided by C.
    close(model.report.objective * c, objective)


@pytest.mark.parametrize("c", [0.01, 1, 100])
def test_logistic_against_the_installed_scikit_learn(c):
    peer = LogisticRegression(C=c, solver="newton-cholesky", tol=1e-14, max_iter=1000).fit(X, Y)
    model = tw.learn.Logistic(alpha=1 / c).fit(X, Y, positive=1)
    close(estimates(model), peer.coef_[0])
    close(model.intercept.estimate, peer.intercept_[0])
    close(np.asarray(model.score(X)), peer.decision_function(X))
    close(np.asarray(model.probability(X)), peer.predict_proba(X)[:, 1])


def test_logistic_with_weights():
    weights = np.where(Y == 0, 2.0, 1.0)
    model = tw.learn.Logistic(alpha=1.0).fit(X, Y, positive=1, weights=weights)
    first = [-0.212577801426, -0.265060198619, -0.210664892627, -0.336224349795, -0.194314872805]
    assert model.intercept.estimate == pytest.approx(-0.474067496118, rel=1e-8, abs=6e-13)
    assert estimates(model)[:5] == pytest.approx(first, rel=1e-8, abs=6e-13)


def test_weights_are_repeated_rows():
    rng = np.random.default_rng(2)
    times = rng.integers(0, 4, len(Y))
    weighted = tw.learn.Logistic(alpha=0.7).fit(X, Y, positive=1, weights=times)
    repeated = tw.learn.Logistic(alpha=0.7).fit(np.repeat(X, times, axis=0), np.repeat(Y, times), positive=1)
    close(estimates(weighted), estimates(repeated))
    close(errors(weighted), errors(repeated))
    close(weighted.report.log_likelihood, repeated.report.log_likelihood)


def test_unpenalised_with_standard_errors():
    # statsmodels Logit(y, const + X[:, [1, 4, 8, 9]]), standardised columns.
    chosen = X[:, [1, 4, 8, 9]]
    model = tw.learn.Logistic(alpha=0.0).fit(chosen, Y, positive=1)
    found = np.array([model.intercept.estimate, *estimates(model)])
    expected = [0.973453589072, -1.328530313376, -1.716153747467, -0.809943065591, 1.429065086703]
    assert found == pytest.approx(expected, rel=1e-8, abs=6e-13)
    expected = [0.131429119223, 0.144537487540, 0.199624337032, 0.153819090060, 0.192258861391]
    assert errors(model) == pytest.approx(expected, rel=1e-8, abs=6e-13)
    close(model.report.log_likelihood, -230.09879722201146)


def test_unpenalised_on_raw_columns():
    # statsmodels Logit(malignant ~ mean radius + mean texture).
    table = {"radius": BREAST.data[:, 0], "texture": BREAST.data[:, 1]}
    model = tw.learn.Logistic(alpha=0.0).fit(table, Y, positive=0)
    found = [model.intercept.estimate, *estimates(model)]
    assert found == pytest.approx([-19.84941657, 1.05710183, 0.21814101], abs=6e-9)
    assert errors(model) == pytest.approx([1.77394544, 0.10148063, 0.03706602], abs=6e-9)
    close(model.report.log_likelihood, -145.56165318904533)
    close(1 - model.report.log_likelihood / model.report.null_log_likelihood, 0.6125794417901589)
    probability = np.asarray(model.probability(table))
    close(float(np.mean((probability - (Y == 0)) ** 2)), 0.07818701330951308)


@pytest.mark.parametrize("columns", [[1, 4, 8, 9], [0, 1]])
def test_unpenalised_against_the_installed_statsmodels(columns):
    chosen = X[:, columns]
    peer = sm.Logit(Y, sm.add_constant(chosen)).fit(disp=0, method="newton", tol=1e-14, maxiter=100)
    model = tw.learn.Logistic(alpha=0.0).fit(chosen, Y, positive=1)
    close(np.array([model.intercept.estimate, *estimates(model)]), peer.params)
    close(errors(model), peer.bse)
    interval = np.array([[one.lower, one.upper] for one in [model.intercept, *model.coefficients]])
    close(interval, peer.conf_int())
    close(np.array([one.z for one in model.coefficients]), peer.tvalues[1:])
    p_values = np.array([one.p_value for one in model.coefficients])
    assert p_values == pytest.approx(peer.pvalues[1:], rel=1e-6, abs=1e-12)
    close(model.report.log_likelihood, peer.llf)
    close(model.report.null_log_likelihood, peer.llnull)


def test_offsets_against_the_installed_statsmodels():
    offsets = 0.4 * X[:, 0] - 0.2
    chosen = X[:, [1, 4, 8]]
    peer = sm.GLM(Y, sm.add_constant(chosen), family=sm.families.Binomial(), offset=offsets).fit(tol=1e-14)
    model = tw.learn.Logistic(alpha=0.0).fit(chosen, Y, positive=1, offsets=offsets)
    close(np.array([model.intercept.estimate, *estimates(model)]), peer.params)
    close(errors(model), peer.bse)
    close(model.report.log_likelihood, peer.llf)


@pytest.mark.parametrize("flipped", [False, True], ids=["rare is 1", "rare is 0"])
@pytest.mark.parametrize("texts", [False, True], ids=["numbers", "texts"])
@pytest.mark.parametrize("rate", [0.01, 0.1, 0.5, 0.9, 0.99])
def test_the_positive_class_is_the_one_that_is_named_at_any_base_rate(rate, texts, flipped):
    rng = np.random.default_rng(int(rate * 1000))
    data = rng.normal(size=(4000, 3))
    signal = data @ [1.0, -0.5, 0.0] + rng.logistic(size=4000)
    happened = signal > np.quantile(signal, 1 - rate)
    labels = happened != flipped
    expected = LogisticRegression(C=1.0, solver="newton-cholesky", tol=1e-14).fit(data, happened)
    if texts:
        names = np.array(["a", "z"]) if not flipped else np.array(["z", "a"])
        model = tw.learn.Logistic(alpha=1.0).fit(data, names[happened.astype(int)], positive=names[1])
    else:
        model = tw.learn.Logistic(alpha=1.0).fit(data, labels.astype(int), positive=int(not flipped))
    close(np.asarray(model.probability(data)), expected.predict_proba(data)[:, 1], 1e-7)
    close(estimates(model), expected.coef_[0], 1e-7)
    assert np.asarray(model.probability(data)).mean() == pytest.approx(rate, abs=0.002)


# CDNOW: the one-in-ten sample that comes in the lifetimes package.


def cdnow():
    file = pathlib.Path(lifetimes.__file__).parent / "datasets" / "CDNOW_sample.txt"
    names = ["all", "customer", "day", "count", "amount"]
    log = pd.read_csv(file, sep=r"\s+", header=None, names=names)
    log["day"] = pd.to_datetime(log["day"].astype(str), format="%Y%m%d")
    return log


LOG = cdnow()


def test_sums_on_cdnow():
    # lifetimes 0.11.3, summary_data_from_transaction_data(freq="D", observation_period_end="1997-09-30")
    assert len(LOG) == 6919
    calibration = LOG[LOG["day"] <= "1997-09-30"]
    table = tw.value.rfm(calibration, customer="customer", date="day", amount="amount", as_of="1997-09-30")
    assert len(table) == 2357
    assert table["repeat_frequency"].sum() == 2457
    assert table["last_purchase_age"].sum() == 112_949
    assert table["age"].sum() == 539_779
    assert table["frequency"].sum() == 4814
    assert (table["repeat_frequency"] > 0).sum() == 946
    close(table["mean_repeat_amount"].fillna(0).sum(), 33183.643766870584, 1e-12)
    first = table[table["customer"] == 1].iloc[0]
    assert first[["repeat_frequency", "last_purchase_age", "age"]].tolist() == [2, 213, 272]
    close(first["mean_repeat_amount"], 22.345, 1e-12)
    again = tw.value.rfm(
        LOG, customer="customer", date="day", amount="amount", as_of="1997-09-30", later_rows="leave_out"
    )
    pd.testing.assert_frame_equal(again, table)


def test_holdout_on_cdnow():
    whole = tw.value.rfm(LOG, customer="customer", date="day", amount="amount", as_of="1998-06-30")
    before = tw.value.rfm(
        LOG, customer="customer", date="day", amount="amount", as_of="1997-09-30", later_rows="leave_out"
    )
    # lifetimes 0.11.3, calibration_and_holdout_data: 1882 days with a purchase in the 39 weeks after.
    assert (whole["frequency"] - before["frequency"]).sum() == 1882
    close(whole["monetary"].sum(), 244_091.94, 1e-12)


def test_summary_against_the_installed_lifetimes():
    peer = lifetimes.utils.summary_data_from_transaction_data(
        LOG, "customer", "day", "amount", freq="D", observation_period_end="1998-06-30"
    )
    table = tw.value.rfm(LOG, customer="customer", date="day", amount="amount", as_of="1998-06-30")
    assert table["customer"].tolist() == peer.index.tolist()
    assert table["repeat_frequency"].tolist() == peer["frequency"].tolist()
    assert table["last_purchase_age"].tolist() == peer["recency"].tolist()
    assert table["age"].tolist() == peer["T"].tolist()
    close(table["mean_repeat_amount"].fillna(0).to_numpy(), peer["monetary_value"].to_numpy(), 1e-12)


# Tie rule -> customers per bin of recency, frequency, money; cells 555 and 111; cells with anybody; first customers.
QUINTILES = {
    "first_come": (
        [[472, 471, 471, 471, 472]] * 3,
        248,
        171,
        67,
    ),
    "together": (
        [[459, 478, 475, 471, 474], [1218, 0, 403, 358, 378], [481, 462, 472, 470, 472]],
        233,
        167,
        60,
    ),
}


@pytest.mark.parametrize("ties", list(QUINTILES))
def test_quintiles_on_cdnow(ties):
    # Reference date 1998-07-01; pandas' qcut of rank(method="first"), and numpy's linear quantiles with
    # searchsorted(side="left").
    table = tw.value.rfm(LOG, customer="customer", date="day", amount="amount", as_of="1998-07-01")
    scorer, scores = tw.value.RfmScorer.split(table, bins=5, ties=ties)
    bins, best, worst, cells = QUINTILES[ties]
    for name, counts in zip(["recency", "frequency", "monetary"], bins, strict=True):
        assert [int((scores[name] == score).sum()) for score in range(1, 6)] == counts
    assert (scores["cell"] == 555).sum() == best
    assert (scores["cell"] == 111).sum() == worst
    assert scores["cell"].nunique() == cells
    assert scores["cell"].head(5).tolist() == [444, 134, 111, 111, 112]
    if ties == "together":
        assert tw.value.RfmScorer.fit(table) == scorer
        pd.testing.assert_frame_equal(scorer.score(table), scores)
        assert scorer.findings


def test_pareto_and_gini_by_their_definitions():
    table = tw.value.rfm(LOG, customer="customer", date="day", amount="amount", as_of="1998-06-30")
    money = np.sort(table["monetary"].to_numpy())[::-1]
    found = tw.value.pareto(table["monetary"], share=0.8)
    enough = int(np.searchsorted(np.cumsum(money), 0.8 * money.sum())) + 1
    assert found.customers == enough
    close(found.money, money[:enough].sum(), 1e-12)
    assert table["monetary"].to_numpy()[found.rows].tolist() == money[:enough].tolist()
    ranks = np.arange(1, len(money) + 1)
    gini = 2 * (ranks * money[::-1]).sum() / (len(money) * money.sum()) - (len(money) + 1) / len(money)
    close(tw.value.gini(table["monetary"]), gini, 1e-12)
    share, made = tw.value.share_curve(table["monetary"], steps=10)
    assert share.tolist() == pytest.approx([step / 10 for step in range(11)])
    assert made[0] == 0
    assert math.isclose(made[-1], 1)
    assert (np.diff(made) >= 0).all()
