"""Calibration in Python: against scikit-learn, every kind of array, what is saved, errors."""

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import tierwise as tw
from sklearn.calibration import _sigmoid_calibration
from sklearn.isotonic import IsotonicRegression
from tierwise import exceptions

METHODS = [
    {"method": "platt"},
    {"method": "beta"},
    {"method": "beta", "shape": "ab"},
    {"method": "beta", "shape": "am"},
    {"method": "isotonic"},
    {"method": "isotonic", "strict": True},
    {"method": "venn_abers"},
]
NAMES = ["-".join(str(value) for value in one.values()) for one in METHODS]


def logit(p):
    return np.log(p / (1 - p))


def sample(rate, rows=2000, seed=0):
    """Scores that are too sure of themselves, and outcomes at a base rate."""
    rng = np.random.default_rng(seed)
    truth = logit(rate) + rng.normal(0, 1.5, rows)
    return 2.0 * truth + 1.0, (rng.random(rows) < 1 / (1 + np.exp(-truth))).astype(int)


@pytest.mark.parametrize("rate", [0.01, 0.1, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("weighted", [False, True])
def test_platt_and_isotonic_are_scikit_learn_s(rate, weighted):
    scores, won = sample(rate)
    weights = np.random.default_rng(1).uniform(0.5, 2, len(won)) if weighted else None
    platt = tw.learn.calibrate(scores, won, positive=1, weights=weights)
    a, b = _sigmoid_calibration(scores, won, sample_weight=weights)
    # Their optimiser stops at a tolerance.
    assert platt.parameters["slope"] == pytest.approx(-a, rel=2e-4)
    assert platt.parameters["offset"] == pytest.approx(-b, rel=2e-4, abs=2e-4)
    assert platt.report.gradient < 1e-9 * len(won)

    isotonic = tw.learn.calibrate(scores, won, positive=1, method="isotonic", weights=weights)
    theirs = IsotonicRegression(out_of_bounds="clip").fit(scores, won, sample_weight=weights)
    at = np.linspace(scores.min() - 1, scores.max() + 1, 5001)
    np.testing.assert_allclose(isotonic.probability(at), theirs.predict(at), atol=1e-12)


def test_isotonic_with_ties_is_scikit_learn_s():
    scores, won = sample(0.3)
    scores = scores.round()
    isotonic = tw.learn.calibrate(scores, won, positive=1, method="isotonic")
    theirs = IsotonicRegression(out_of_bounds="clip").fit(scores, won)
    at = np.linspace(-20, 20, 999)
    np.testing.assert_allclose(isotonic.probability(at), theirs.predict(at), atol=1e-12)


@pytest.mark.parametrize("settings", METHODS, ids=NAMES)
@pytest.mark.parametrize("rate", [0.01, 0.1, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("labels", [("no", "yes"), ("yes", "no")])
def test_calibrated_scores_are_closer_to_the_truth(settings, rate, labels):
    """Whatever sorts first among the labels; judged on other rows than learned on."""
    scores, won = sample(rate, rows=8000)
    others, outcome = sample(rate, rows=20_000, seed=1)
    positive = labels[1]
    calibration = tw.learn.calibrate(scores, np.array(labels)[won], positive=positive, **settings)
    assert calibration.positive == positive

    def loss(p):
        p = np.clip(p, 1e-6, 1 - 1e-6)
        return -np.mean(outcome * np.log(p) + (1 - outcome) * np.log(1 - p))

    found = calibration.probability(others)
    truth = 1 / (1 + np.exp(-(others - 1.0) / 2.0))
    shape = settings.get("shape")
    if shape == "ab":
        # It keeps even odds, which are wrong here: no more is asked than that it is no worse.
        assert loss(found) <= loss(1 / (1 + np.exp(-others)))
    else:
        assert loss(found) < loss(1 / (1 + np.exp(-others)))
        assert np.abs(found - truth).mean() < 0.03
    order = np.argsort(others)
    assert (np.diff(found[order]) >= -1e-15).all()


def test_what_comes_in_goes_out():
    scores, won = sample(0.3, rows=200)
    calibration = tw.learn.calibrate(scores, won, positive=1)
    expected = calibration.probability(scores)
    assert isinstance(expected, np.ndarray)
    series = pd.Series(scores, index=np.arange(200) + 7)
    assert calibration.probability(series).index.equals(series.index)
    assert isinstance(calibration.probability(pl.Series(scores)), pl.Series)
    assert isinstance(calibration.log_odds(pa.array(scores)), pa.Array)
    for kind in [pd.Series, pl.Series, pa.array, list]:
        again = tw.learn.calibrate(kind(scores), kind(won), positive=1, weights=kind(np.ones(200)))
        assert again.parameters == calibration.parameters
        np.testing.assert_array_equal(np.asarray(calibration.probability(kind(scores))), expected)
    assert np.isnan(calibration.probability([None, 1.0])[0])


@pytest.fixture(scope="module")
def model():
    rng = np.random.default_rng(3)
    visits, met = rng.integers(0, 9, 300), rng.random(300) < 0.4
    won = rng.random(300) < 1 / (1 + np.exp(3 - 0.4 * visits - met))
    return tw.learn.Logistic().fit({"visits": visits, "met": met}, won, positive=True)


TABLE = {"visits": [0, 2, 5, 8, None], "met": [True, False, None, True, False]}


@pytest.mark.parametrize("settings", METHODS, ids=NAMES)
@pytest.mark.parametrize("scale", ["score", "probability"])
def test_a_calibrated_model(model, settings, scale, tmp_path):
    scores, won = sample(0.4)
    if scale == "probability":
        scores = 1 / (1 + np.exp(-scores))
    calibration = tw.learn.calibrate(scores, won == 1, positive=True, scale=scale, **settings)
    calibrated = calibration.apply(model)
    inner = model.score(TABLE) if scale == "score" else model.probability(TABLE)
    np.testing.assert_allclose(calibrated.probability(TABLE), calibration.probability(inner), rtol=1e-12)
    assert calibrated.positive == "true"
    assert calibrated.features == model.features
    assert calibrated.calibration == calibration
    assert calibrated.model == model
    assert list(calibrated.rank(TABLE)) == list(tw.rank(calibrated, TABLE))

    tw.save(calibrated, tmp_path / "model.json")
    for again in [tw.load(tmp_path / "model.json"), pickle.loads(pickle.dumps(calibrated))]:
        assert type(again) is tw.learn.CalibratedModel
        assert again == calibrated
        np.testing.assert_array_equal(again.score(TABLE), calibrated.score(TABLE))
    tw.save(calibration, tmp_path / "calibration.json")
    assert tw.load(tmp_path / "calibration.json") == calibration == pickle.loads(pickle.dumps(calibration))

    frame = pd.DataFrame(TABLE, index=list("abcde"))
    if settings["method"] == "venn_abers":
        interval = calibrated.interval(frame)
        assert list(interval.columns) == ["low", "high"]
        assert list(interval.index) == list("abcde")
        p = calibrated.probability(frame)
        assert ((interval["low"] < p) & (p < interval["high"])).all()
        low, high = calibration.interval(inner)
        np.testing.assert_array_equal(interval["low"], low)
        np.testing.assert_allclose(high / (1 - low + high), p, rtol=1e-12)
    else:
        with pytest.raises(exceptions.InvalidParameterError, match="to have an interval"):
            calibrated.interval(frame)

    if settings["method"] == "platt" and scale == "score":
        explained = calibrated.explain(frame)
        total = explained["base"].copy()
        for name in explained.columns[1:]:
            total += explained[name]
        np.testing.assert_array_equal(total, calibrated.score(frame))
        slope = calibration.parameters["slope"]
        np.testing.assert_array_equal(explained["visits"], slope * model.explain(frame)["visits"])
        assert calibrated.reasons(TABLE, most=1)["reason_1"][3] == "visits"
    else:
        for work in [calibrated.explain, calibrated.reasons]:
            with pytest.raises(exceptions.ModelKindError, match=r"is no sum.*Explain the model inside"):
                work(TABLE)


def test_points_become_probabilities():
    card = tw.lead.supplier_prospects()
    rng = np.random.default_rng(5)
    points = rng.uniform(0, 100, 500)
    won = rng.random(500) < 1 / (1 + np.exp(5 - points / 12))
    model = tw.learn.calibrate(points, won, positive=True, method="isotonic", strict=True).apply(card)
    facts = {feature.name: [None, None] for feature in card.features} | {"met_key_person": [True, False]}
    assert ((model.probability(facts) > 0) & (model.probability(facts) < 1)).all()
    with pytest.raises(exceptions.InvalidParameterError, match="one whose score is log-odds"):
        tw.learn.calibrate(points, won, positive=True, method="beta", shape="am").apply(card)
    with pytest.raises(exceptions.InvalidParameterError, match="one whose score is log-odds"):
        tw.learn.prior_shift(card, from_rate=0.5, to_rate=0.1)


def test_another_base_rate(model):
    shifted = tw.learn.prior_shift(model, from_rate=0.4, to_rate=0.05)
    odds = model.probability(TABLE) / (1 - model.probability(TABLE))
    expected = odds * (0.05 / 0.95) / (0.4 / 0.6)
    np.testing.assert_allclose(shifted.probability(TABLE), expected / (1 + expected), rtol=1e-13)
    np.testing.assert_array_equal(shifted.explain(TABLE)["visits"], model.explain(TABLE)["visits"])
    shifted_array = tw.learn.shift_probabilities(model.probability(TABLE), from_rate=0.4, to_rate=0.05)
    np.testing.assert_allclose(shifted_array, shifted.probability(TABLE), rtol=1e-13)
    assert shifted.calibration.method == "prior_shift"
    assert shifted.calibration.report is None

    # Learned at a base rate of 0.5, used at 0.1: without any outcome, the probabilities tell.
    rng = np.random.default_rng(8)
    features = np.where(rng.random(20_000) < 0.1, rng.normal(1.5, 1, 20_000), rng.normal(0, 1, 20_000))
    p = 1 / (1 + np.exp(-1.5 * (features - 0.75)))  # exact for two normals and a base rate of 0.5
    found = tw.learn.estimate_base_rate(pd.Series(p), base_rate=0.5)
    assert abs(found.base_rate - 0.1) < 4 * found.standard_error < 0.05
    assert found.p_value < 1e-12
    em = 0.5
    for _ in range(2000):
        em = tw.learn.shift_probabilities(p, from_rate=0.5, to_rate=em).mean()
    assert found.base_rate == pytest.approx(em, abs=1e-12)


def test_parameters_and_findings():
    scores, won = sample(0.5, rows=100)
    beta = tw.learn.calibrate(scores, won, positive=1, method="beta")
    assert set(beta.parameters) == {"a", "b", "c"}
    assert beta.method == "beta"
    assert beta.scale == "score"
    strict = tw.learn.calibrate(scores, won, positive=1, method="isotonic", strict=True)
    assert strict.method == "strict_isotonic"
    assert strict.parameters["knots"][0]["score"] < 0
    assert "100, and 1000 are advised" in strict.report.findings[0]
    assert strict.report.rows == 100
    assert strict.report.positives == won.sum()
    flat = tw.learn.calibrate(-scores, won, positive=1)
    assert flat.parameters["slope"] == 0
    assert "run against it" in flat.report.findings[0]
    assert "by platt of '1'" in repr(flat)


def test_mistakes_are_named():
    good = {"scores": [1.0, 2.0, 3.0], "outcome": [0, 1, 1], "positive": 1}

    def refused(error, match, **changed):
        with pytest.raises(error, match=match):
            tw.learn.calibrate(**(good | changed))

    refused(exceptions.InvalidParameterError, "`method` of `calibrate`", method="sigmoid")
    refused(exceptions.InvalidParameterError, "`scale` of `calibrate`", scale="points")
    refused(exceptions.InvalidParameterError, "`shape` of `calibrate`", shape="mba")
    refused(exceptions.InvalidParameterError, "True or False", strict="yes")
    refused(exceptions.InvalidParameterError, "unless the method is isotonic", strict=True)
    refused(exceptions.InvalidParameterError, "one label per row", outcome="won")
    refused(exceptions.WrongLengthError, "the scores has 2 values where 3", scores=[1.0, 2.0])
    refused(exceptions.WrongLengthError, "the weights", weights=[1.0])
    refused(exceptions.InvalidValueError, "row 1 is NaN", scores=[1.0, None, 3.0])
    refused(exceptions.NotFiniteError, "row 2", scores=[1.0, 2.0, np.inf])
    refused(exceptions.WrongKindError, "text", scores=["a", "b", "c"])
    refused(exceptions.NoVariationError, "all scores are equal", scores=[2, 2, 2])
    refused(exceptions.OneClassError, "both outcomes are needed", outcome=[1, 1, 1])
    refused(exceptions.InvalidOutcomeError, "check its spelling", positive="yes")
    refused(exceptions.SeparationError, "the outcome is separated", method="beta", scores=[-1.0, 0.5, 1.0])
    refused(exceptions.InvalidValueError, "row 0 is 1.5", scale="probability", scores=[1.5, 0.5, 1.0])
    refused(exceptions.InvalidValueError, "above 0 and below 1", scale="probability", method="beta", scores=[0, 0.5, 1])

    calibration = tw.learn.calibrate(**good)
    with pytest.raises(exceptions.InvalidParameterError, match="a model of tierwise"):
        calibration.apply(object())
    with pytest.raises(exceptions.InvalidParameterError, match=r"one that scores\. Got a model of kind `calibration`"):
        calibration.apply(calibration)
    with pytest.raises(exceptions.InvalidParameterError, match=r"`from_rate`.*\(0, 1\)"):
        tw.learn.shift_probabilities([0.5], from_rate=0.0, to_rate=0.1)
    with pytest.raises(exceptions.InvalidValueError, match="row 1"):
        tw.learn.estimate_base_rate([0.5, None], base_rate=0.3)


def test_a_calibration_of_another_class(model):
    calibration = tw.learn.calibrate([1.0, 2.0, 3.0], ["no", "yes", "yes"], positive="no")
    with pytest.raises(exceptions.InvalidOutcomeError, match="another class"):
        calibration.apply(model)


def test_a_new_best_customer_does_not_jump():
    scores, won = np.arange(8.0), [0, 0, 1, 0, 1, 0, 1, 1]
    calibration = tw.learn.calibrate(scores, won, positive=1, method="venn_abers")
    best, beyond, far = calibration.probability([7, 7 + 1e-9, 1e9])
    assert best == beyond == far
    low, high = calibration.interval([7, 7 + 1e-9])
    assert low[0] == low[1] > 0
    assert high[0] == high[1]
    reversed_scores = tw.learn.calibrate(-np.arange(200.0), np.arange(200) > 90, positive=True, method="venn_abers")
    assert "run against it" in reversed_scores.report.findings[0]


def test_separation_is_told_what_helps():
    with pytest.raises(exceptions.SeparationError, match="calibrate with `platt`") as caught:
        tw.learn.calibrate([-2, -1, 1, 2], [0, 0, 1, 1], positive=1, method="beta")
    assert "alpha" not in str(caught.value)
    assert "platt" in caught.value.details["advice"]
    with pytest.raises(exceptions.SeparationError, match="more rows") as caught:
        tw.evaluate.recalibration([0, 1, 0, 1], [0.1, 0.8, 0.2, 0.9])
    assert "alpha" not in str(caught.value)
