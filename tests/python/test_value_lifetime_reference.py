"""Lifetime models on CDNOW with exact weeks (data variant B) and at fixed parameters, against exact values and BTYD."""

import math

import lifetimes.datasets
import numpy as np
import pandas as pd
import pytest
import tierwise as tw

A = lifetimes.datasets.load_cdnow_summary()
# Parameters, log-likelihood, standard errors; the sums of purchases in 39 weeks and of P(alive); then both for (2,
# 30.43, 38.86) and (0, 0, 38.86). Computed at 160 bits.
EXACT = {
    "bg": (
        [0.24259452243015708, 4.4136020190135038, 0.79292201722559757, 2.4259067768263320],
        -9582.42920667393063,
        [0.0125574, 0.3782241, 0.1857338, 0.7054143],
        [1653.4086979425, 1917.2776710397, 1.2259068354290, 0.72660916263972, 0.19478203654115, 1.0],
    ),
    "mbg": (
        [0.52484315910629758, 6.1830852795760050, 0.89135939073221584, 1.6140022401703439],
        -9582.13571555374954,
        [0.0832682, 0.6956206, 0.1547899, 0.5374948],
        [1576.7283018962, 1057.6363705081, 1.2626692309444, 0.70612568750500, 0.15395428606880, 0.38971505834438],
    ),
    "pareto": (
        [0.55327704685317960, 10.577683463302315, 0.60623998912782630, 11.668735288855011],
        -9594.97617893954311,
        [0.0476279, 0.8427225, 0.1872813, 6.2111136],
        [1665.5131072102, 1051.8752471812, 1.4550987561553, 0.86911566105670, 0.10705886620373, 0.29509580353566],
    ),
}
FITS = {"bg": tw.value.BgNbd, "mbg": tw.value.MbgNbd, "pareto": tw.value.ParetoNbd}


@pytest.fixture(scope="module")
def known():
    """Give the customers as they were known on 1997-09-30, times in days."""
    path = lifetimes.datasets.__file__.replace("__init__.py", "CDNOW_sample.txt")
    log = pd.read_csv(path, sep=r"\s+", header=None, names=["master", "customer", "day", "cds", "paid"])
    log["day"] = pd.to_datetime(log["day"].astype(str), format="%Y%m%d")
    columns = {"customer": "customer", "date": "day", "amount": "paid"}
    return tw.value.holdout(log, **columns, known_until="1997-09-30", end="1998-06-30").known


@pytest.mark.parametrize("name", FITS)
def test_maximum_likelihood_in_exact_weeks(name, known):
    parameters, log_likelihood, errors, quantities = EXACT[name]
    model = FITS[name](days_per_period=7).fit(known)
    assert model.report.converged
    np.testing.assert_allclose(list(model.parameters.values()), parameters, rtol=1e-9)
    np.testing.assert_allclose([one.standard_error for one in model.parameter_table], errors, rtol=1e-5)
    assert model.log_likelihood == pytest.approx(log_likelihood, rel=1e-12)
    assert model.log_likelihood_of(known) == pytest.approx(log_likelihood, rel=1e-12)
    purchases, alive = model.expected_purchases(known, periods=39), model.probability_alive(known)
    some = {"repeat_frequency": [2, 0], "last_purchase_age": [7 * 30.43, 0], "age": [7 * 38.86] * 2}
    of_some = np.column_stack([model.expected_purchases(some, periods=39), model.probability_alive(some)])
    np.testing.assert_allclose([purchases.sum(), alive.sum(), *of_some.ravel()], quantities, rtol=1e-10)


def test_log_likelihoods_at_fixed_parameters(known):
    bg = tw.value.BgNbd(days_per_period=7)
    for given, expected in [
        ((0.243, 4.414, 0.793, 2.426), -9582.43047801),
        ((0.5, 6, 1.2, 3.3), -9783.44428562),
    ]:
        model = bg.with_parameters(**dict(zip(["r", "alpha", "a", "b"], given, strict=True)))
        assert model.log_likelihood_of(known) == pytest.approx(expected, abs=1e-8)
    pareto = tw.value.ParetoNbd().with_parameters(r=0.553, alpha=10.580, s=0.606, beta=11.656)
    one = {"repeat_frequency": [2], "last_purchase_age": [30.43], "age": [38.86]}
    assert pareto.log_likelihood_of(one) == pytest.approx(-9.554763578303971, rel=1e-13)
    assert pareto.log_likelihood_of(one, weights=[3.0]) == pytest.approx(-3 * 9.554763578303971, rel=1e-13)


def test_customers_who_never_leave_are_those_of_the_nbd(known):
    """NBD is BG/NBD where nobody leaves; exact at its own maximum."""
    never = {"a": 1e-20, "b": 1.0}
    nbd = tw.value.BgNbd(days_per_period=7).with_parameters(r=0.38476613576878486, alpha=12.072022844836905, **never)
    assert nbd.log_likelihood_of(known) == pytest.approx(-9763.65761467261524, rel=1e-10)


def test_purchases_of_new_customers_at_the_fit():
    """The chances that lifetimes 0.11.3 prints, whose own fit is off in the seventh digit."""
    bg = tw.value.BgNbd().fit(frequency=A["frequency"], recency=A["recency"], age=A["T"])
    expected = [0.5743072834054233, 0.1991930612821033, 0.08532240876046435, 0.04579719172420932]
    found = [bg.probability_of_count(n, periods=39) for n in range(4)]
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_gamma_gamma_on_exact_amounts(known):
    """The amounts that BTYD calls m.x, not rounded."""
    came_back = known[known["repeat_frequency"] > 0]
    spend = tw.value.GammaGamma().fit(came_back)
    assert spend.report.customers == 946
    expected = [6.2495722713237583, 3.7442246671320240, 15.443520962589231]
    np.testing.assert_allclose(list(spend.parameters.values()), expected, rtol=1e-9)
    errors = [one.standard_error for one in spend.parameter_table]
    np.testing.assert_allclose(errors, [1.19005534, 0.29013307, 4.15942275], rtol=1e-6)
    assert spend.log_likelihood == pytest.approx(-4055.91769480187398, rel=1e-12)
    assert spend.log_likelihood_of(came_back) == pytest.approx(-4055.91769480187398, rel=1e-12)
    at = tw.value.GammaGamma().with_parameters(p=6.25, q=3.74, v=15.44)
    assert at.log_likelihood_of(came_back) == pytest.approx(-4055.91923205, abs=1e-8)
    one = {"repeat_frequency": [2], "mean_repeat_amount": [35.5]}
    assert math.exp(at.log_likelihood_of(one)) == pytest.approx(0.0162174867059, rel=1e-11)
