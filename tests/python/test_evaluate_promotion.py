"""Champion against challenger."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import special
from sklearn import metrics
from tierwise import evaluate, exceptions

RATES = [0.01, 0.1, 0.5, 0.9, 0.99]


def drawn(rate, rows=20_000):
    """Draw an outcome, a score that knows a part of it, and the true chance."""
    rng = np.random.default_rng(round(1000 * rate))
    known, hidden = rng.normal(0, 0.9, (2, rows))
    log_odds = special.logit(rate) + known + hidden
    return rng.random(rows) < special.expit(log_odds), special.expit(log_odds - hidden), special.expit(log_odds)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("labels", [("won", "lost"), ("bought", "not")])
def test_what_is_better_takes_over_at_every_base_rate_and_in_either_order_of_labels(rate, labels):
    happened, old, new = drawn(rate)
    outcome = np.where(happened, *labels)
    found = evaluate.promotion(outcome, old, new, positive=labels[0], probabilities=True)
    assert found.verdict == "promote", found.reason
    assert list(found.checks) == ["rows", "ranking", "log_loss", "calibration_slope", "top_of_list"]
    areas = metrics.roc_auc_score(happened, new) - metrics.roc_auc_score(happened, old)
    assert found.checks["ranking"].value == pytest.approx(areas, abs=1e-12)
    losses = metrics.log_loss(happened, new) - metrics.log_loss(happened, old)
    assert found.checks["log_loss"].value == pytest.approx(losses, abs=1e-12)
    itself = evaluate.promotion(outcome, new, new, positive=labels[0], probabilities=True)
    assert itself.verdict == "keep"
    assert "not shown better" in itself.reason
    loud = special.expit(3 * special.logit(new))
    broken = evaluate.promotion(outcome, old, loud, positive=labels[0], probabilities=True)
    assert broken.verdict == "keep"
    assert broken.checks["calibration_slope"].state == "failed"
    assert broken.checks["ranking"].low > 0
    assert "probabilities" in broken.reason
    few = evaluate.promotion(happened[:100], old[:100], new[:100], probabilities=True)
    assert few.verdict == "not_enough_data"
    assert list(few.checks) == ["rows"]


@pytest.mark.parametrize("of", [pd.Series, pl.Series, list])
def test_grades_reference_age_and_policies_come_from_any_kind(of):
    happened, old, new = drawn(0.3, 5000)
    grade = of(np.where(new > 0.5, "A", np.where(new > 0.2, "B", "C")).tolist())
    happened, old, new = (of(column.tolist()) for column in (happened, old, new))
    given = {"grade": grade, "grades": ["A", "B", "C"], "reference": new}
    found = evaluate.promotion(happened, old, new, **given)
    assert found.verdict == "promote", found.reason
    assert found.checks["grades"].value > 0.95
    assert found.checks["drift"].value == 0
    turned = evaluate.promotion(happened, old, new, **(given | {"grades": ["C", "B", "A"]}))
    assert turned.verdict == "keep"
    assert turned.checks["grades"].state == "failed"
    drifted = evaluate.promotion(happened, old, new, reference=sorted(new)[3000:])
    assert drifted.verdict == "keep"
    assert drifted.checks["drift"].state == "failed"
    capacity = evaluate.promotion(happened, old, new, policy=evaluate.StandardPolicy(capacity=800))
    assert "first 800 customers" in capacity.checks["top_of_list"].sentence
    wrong = of([-score for score in new])
    rule = evaluate.DynamicsPolicy()
    assert evaluate.promotion(happened, old, wrong, policy=rule).verdict == "keep"
    aged = evaluate.promotion(happened, old, wrong, age_months=4, policy=rule)
    assert aged.verdict == "promote"
    assert aged.checks["age"].value == 4


def test_weights_count_customers():
    happened, old, new = drawn(0.3, 2000)
    weights = np.arange(2000) % 3
    weighed = evaluate.promotion(happened, old, new, weights=weights, probabilities=True)
    repeated = evaluate.promotion(*(np.repeat(one, weights) for one in (happened, old, new)), probabilities=True)
    assert weighed.verdict == repeated.verdict
    for name, check in repeated.checks.items():
        assert weighed.checks[name].value == pytest.approx(check.value, abs=1e-9)


def test_what_does_not_fit_is_refused():
    happened, old, new = drawn(0.5, 1000)
    with pytest.raises(exceptions.WrongLengthError, match="the challenger's score"):
        evaluate.promotion(happened, old, new[:-1])
    with pytest.raises(exceptions.InvalidValueError, match=r"the champion's probability.*row 0"):
        evaluate.promotion(happened, old + 1, new, probabilities=True)
    with pytest.raises(exceptions.InvalidParameterError, match="given together"):
        evaluate.promotion(happened, old, new, grades=["A", "B"])
    with pytest.raises(exceptions.UnknownNameError):
        evaluate.promotion(happened, old, new, grade=["D"] * 1000, grades=["A", "B"])
    with pytest.raises(exceptions.InvalidParameterError, match="policy"):
        evaluate.promotion(happened, old, new, policy="dynamics")
    with pytest.raises(exceptions.InvalidParameterError, match="widest"):
        evaluate.promotion(happened, old, new, policy=evaluate.StandardPolicy(widest=-1))


def test_the_reference_has_weights_and_is_finite():
    happened, old, new = drawn(0.3, 2000)
    reference, weights = new[:900], np.arange(900) % 3
    weighed = evaluate.promotion(happened, old, new, reference=reference, reference_weights=weights)
    repeated = evaluate.promotion(happened, old, new, reference=np.repeat(reference, weights))
    assert weighed.checks["drift"].value == pytest.approx(repeated.checks["drift"].value, abs=1e-12)
    with pytest.raises(exceptions.InvalidParameterError, match="reference_weights"):
        evaluate.promotion(happened, old, new, reference_weights=weights)
    endless = np.where(np.arange(2000) == 3, np.inf, new)
    assert evaluate.promotion(happened, old, endless).checks["ranking"].value is not None
    with pytest.raises(exceptions.InvalidValueError, match="the challenger's score at row 3 is inf"):
        evaluate.promotion(happened, old, endless, reference=new)
    with pytest.raises(exceptions.InvalidValueError, match="the reference score at row 3 is inf"):
        evaluate.promotion(happened, old, new, reference=endless)
