"""Before and after, and figures by group, against statsmodels, scipy and scikit-learn."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats
from sklearn import metrics
from statsmodels.stats import proportion, weightstats
from tierwise import evaluate, exceptions

RATES = [0.01, 0.1, 0.5, 0.9, 0.99]


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_rates_are_those_of_statsmodels(rate, confidence):
    (k, n), (m, r) = (round(700 * rate), 700), (round(0.9 * 420 * rate), 420)
    change, alpha = evaluate.rate_change((k, n), (m, r), confidence=confidence), 1 - confidence
    low, high = proportion.confint_proportions_2indep(m, r, k, n, method="newcomb", compare="diff", alpha=alpha)
    assert change.difference[1:] == pytest.approx((low, high), abs=1e-10)
    assert change.before[3:] == pytest.approx(proportion.proportion_confint(k, n, alpha, "wilson"), abs=1e-10)
    assert evaluate.wilson_rate(m, r, confidence=confidence) == change.after
    z, p = proportion.proportions_ztest([m, k], [r, n])
    assert (change.z, change.p_value) == pytest.approx((z, p), abs=1e-10)
    expected = proportion.confint_proportions_2indep(m, r, k, n, method="log", compare="ratio", alpha=alpha)
    assert change.ratio[1:] == pytest.approx(expected, rel=1e-10)
    assert evaluate.ratio_of_rates((m, r), (k, n), confidence=confidence) == change.ratio


@pytest.mark.parametrize("rows", [(2, 3), (30, 20), (5000, 90_000)])
@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.999])
def test_means_are_those_of_statsmodels(rows, confidence):
    rng = np.random.default_rng(rows[0])
    before, after = rng.lognormal(3, 1, rows[0]), rng.lognormal(3.1, 1.4, rows[1])
    change = evaluate.mean_change(before, after, confidence=confidence)
    t, p, degrees = weightstats.ttest_ind(after, before, usevar="unequal")
    assert change.t == pytest.approx(t, rel=1e-10)
    assert change.p_value == pytest.approx(p, rel=1e-10)
    assert change.degrees_of_freedom == pytest.approx(degrees, rel=1e-10)
    both = weightstats.CompareMeans(weightstats.DescrStatsW(after), weightstats.DescrStatsW(before))
    expected = both.tconfint_diff(1 - confidence, usevar="unequal")
    assert change.difference[1:] == pytest.approx(expected, rel=1e-10, abs=1e-10)
    assert change.p_value == pytest.approx(stats.ttest_ind(after, before, equal_var=False).pvalue, rel=1e-10)
    weights = np.arange(rows[0]) % 3 + 1
    weighed = evaluate.mean_change(before, after, before_weights=weights)
    assert weighed.p_value == pytest.approx(evaluate.mean_change(np.repeat(before, weights), after).p_value, rel=1e-8)


def panel(seed=0, customers=120, rate=None):
    """Draw customers who are seen before and after."""
    rng = np.random.default_rng(seed)
    who = np.repeat(np.arange(customers), 2)
    after, treated = np.arange(2 * customers) % 2, who % 3 == 0
    value = rng.normal(size=customers)[who] + rng.normal(size=2 * customers) + 0.8 * treated * after + 0.3 * after
    return (value if rate is None else (value > np.quantile(value, 1 - rate)) * 1.0), treated, after, who


@pytest.mark.parametrize("rate", [None, *RATES])
def test_difference_in_differences_is_the_interaction_of_least_squares(rate):
    value, treated, after, who = panel(rate=rate)
    model = sm.OLS(value, np.column_stack([np.ones(len(value)), treated, after, treated * after]))
    pooled = evaluate.difference_in_differences(value, treated, after, errors="pooled")
    fitted = model.fit()
    assert pooled.effect.value == pytest.approx(fitted.params[3], abs=1e-10)
    assert pooled.standard_error == pytest.approx(fitted.bse[3], rel=1e-10)
    assert pooled.effect[1:] == pytest.approx(fitted.conf_int()[3], rel=1e-10, abs=1e-10)
    assert pooled.p_value == pytest.approx(fitted.pvalues[3], rel=1e-9, abs=1e-12)
    robust = evaluate.difference_in_differences(value, treated, after)
    assert robust.standard_error == pytest.approx(model.fit(cov_type="HC1").bse[3], rel=1e-10)
    grouped = evaluate.difference_in_differences(value, treated, after, customer=[f"c{one}" for one in who])
    expected = model.fit(cov_type="cluster", cov_kwds={"groups": who})
    assert grouped.standard_error == pytest.approx(expected.bse[3], rel=1e-10)
    assert grouped.customers == 120
    weights = np.arange(len(value)) % 2 + 1
    weighed = evaluate.difference_in_differences(value, treated, after, weights=weights)
    repeated = [np.repeat(one, weights) for one in (value, treated, after)]
    assert weighed.effect == pytest.approx(evaluate.difference_in_differences(*repeated).effect, rel=1e-9, abs=1e-12)


def test_errors_by_customer_cover_where_others_do_not():
    covered = np.zeros(2)
    replicates = 200
    for seed in range(replicates):
        rng = np.random.default_rng(seed)
        who = np.repeat(np.arange(60), 8)  # eight rows per customer, who is treated or not
        treated, after = who % 2 == 0, np.tile([0, 0, 0, 0, 1, 1, 1, 1], 60)
        own = rng.normal(size=(60, 2))
        value = own[who, after] + 0.3 * rng.normal(size=480)
        for at, customer in enumerate([None, who]):
            found = evaluate.difference_in_differences(value, treated, after, customer=customer)
            covered[at] += found.effect.low <= 0 <= found.effect.high
    assert covered[0] / replicates < 0.8
    assert 0.9 < covered[1] / replicates < 0.99


def test_a_campaign_brings_what_the_control_group_says():
    rng = np.random.default_rng(1)
    treated = rng.random(5000) < 0.7
    bought = np.where(rng.random(5000) < np.where(treated, 0.12, 0.08), "yes", "no")
    lift = evaluate.campaign_lift(bought, treated, cost=900, positive="yes")
    counts = [((bought == "yes") & (treated == side)).sum() for side in (False, True)]
    control, test = (counts[0], (~treated).sum()), (counts[1], treated.sum())
    assert lift.rates == evaluate.rate_change(control, test)
    assert lift.incremental.value == pytest.approx(lift.rates.difference.value * treated.sum())
    assert lift.relative_lift.low == pytest.approx(lift.rates.ratio.low - 1)
    assert lift.cost_per_incremental.low == pytest.approx(900 / lift.incremental.high)
    assert lift.incremental.low > 0
    nothing = evaluate.campaign_lift([1, 0, 1, 1, 0, 0], [1, 1, 1, 0, 0, 0], cost=10)
    assert nothing.cost_per_incremental.high == np.inf
    worse = evaluate.campaign_lift([1, 0, 0, 1, 1, 0], [1, 1, 1, 0, 0, 0], cost=10)
    assert worse.cost_per_incremental is None
    spent = np.where(bought == "yes", rng.lognormal(3, 1, 5000), 0)
    found = evaluate.campaign_revenue(pd.Series(spent), treated, cost=100)
    assert found.means == evaluate.mean_change(spent[~treated], spent[treated])
    assert found.profit.value == pytest.approx(found.incremental.value - 100)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: evaluate.rate_change((5, 4), (1, 4)), exceptions.InvalidParameterError, "`events` of `rate_change`"),
        (lambda: evaluate.rate_change(5, (1, 4)), exceptions.InvalidParameterError, "a pair of events and trials"),
        (lambda: evaluate.ratio_of_rates((0, 4), (1, 4)), exceptions.NotEnoughDataError, "events in either group"),
        (lambda: evaluate.mean_change([1, None], [1, 2]), exceptions.InvalidValueError, "the value before at row 1"),
        (lambda: evaluate.mean_change([1], [1, 2]), exceptions.NotEnoughDataError, "the mean before, customers"),
        (lambda: evaluate.campaign_lift([1, 0], [1, 1]), exceptions.NotEnoughDataError, "the control group"),
        (lambda: evaluate.campaign_lift([1, 0], [1, 2]), exceptions.InvalidValueError, "`treated` at row 1 is 2"),
        (lambda: evaluate.campaign_lift([1, 0], [1, 0], cost=-1), exceptions.InvalidParameterError, "`cost`"),
        (
            lambda: evaluate.difference_in_differences([1, 2], [0, 1], [0, 1]),
            exceptions.NotEnoughDataError,
            "the control group before",
        ),
    ],
)
def test_what_says_nothing_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("rate", RATES)
def test_figures_by_group_are_those_of_scikit_learn(rate, reverse):
    rng = np.random.default_rng(2)
    region = rng.choice(["north", "south", "west"], 4000, p=[0.6, 0.35, 0.05])
    log_odds = np.log(rate / (1 - rate)) + rng.normal(size=4000)
    bought = rng.random(4000) < 1 / (1 + np.exp(-log_odds))
    said = 1 / (1 + np.exp(-log_odds + 0.4 * (region == "south")))
    labels = np.where(bought, "no", "yes") if reverse else np.where(bought, "yes", "no")
    found = evaluate.by_group(
        labels, said, region, cut=rate, positive="no" if reverse else "yes", probabilities=True, reference="north"
    )
    for name, figures in found.groups.items():
        own = region == name
        assert figures.rows == own.sum()
        assert figures.selection_rate.rate == pytest.approx((said[own] >= rate).mean(), rel=1e-12)
        assert figures.mean_score == pytest.approx(said[own].mean(), rel=1e-12)
        if min(bought[own].sum(), (~bought[own]).sum()) < 10:
            assert figures.roc_auc is None
            assert any("not enough data for the area" in one for one in figures.findings)
            continue
        assert figures.roc_auc.value == pytest.approx(metrics.roc_auc_score(bought[own], said[own]), rel=1e-12)
        called = said[own] >= rate
        assert figures.true_positive_rate.rate == pytest.approx(metrics.recall_score(bought[own], called), rel=1e-12)
        bent = evaluate.recalibration(bought[own], said[own])
        assert figures.calibration.slope.value == pytest.approx(bent.slope.value, rel=1e-8)
    south = found.groups["south"]
    north = found.groups["north"]
    ratio = evaluate.ratio_of_rates(south.selection_rate[:2], north.selection_rate[:2])
    assert south.compared.selection_ratio == ratio
    assert south.compared.below_four_fifths == (ratio.value < 0.8)
    assert north.compared is None
    if south.roc_auc is not None and north.roc_auc is not None:
        difference = south.compared.roc_auc_difference
        assert difference.value == pytest.approx(south.roc_auc.value - north.roc_auc.value)
        assert difference.low < 0 < difference.high


def test_groups_come_in_and_go_out():
    rows = np.arange(300)
    region = pd.Series(np.where(rows < 200, "a", "b"), name="region")
    found = evaluate.by_group(rows % 3 == 0, rows % 10 / 10, region, cut=0.5)
    table = found.table
    assert isinstance(table, pd.DataFrame)
    assert list(table["group"]) == ["a", "b"]
    assert np.isnan(table["selection_ratio"][0])
    assert table["selection_ratio"][1] == 1.0
    assert np.isnan(table["false_positive_difference"][0])
    assert abs(table["false_positive_difference"][1]) < 0.1
    assert evaluate.by_group(rows % 3 == 0, rows % 10 / 10, rows % 2, cut=0.5).groups.keys() == {"0", "1"}
    with pytest.raises(exceptions.InvalidValueError, match="the group at row 7 is unknown"):
        evaluate.by_group(rows % 3 == 0, rows / 300, [None if row == 7 else "a" for row in rows], cut=0.5)
    with pytest.raises(exceptions.InvalidParameterError, match="one of the groups `a`, `b`"):
        evaluate.by_group(rows % 3 == 0, rows / 300, region, cut=0.5, reference="c")
    with pytest.raises(exceptions.InvalidValueError, match="probability at row 299"):
        evaluate.by_group(rows % 3 == 0, (rows + 2) / 300, region, cut=0.5, probabilities=True)
