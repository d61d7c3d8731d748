"""Boosted additive cards in Python: every kind of table, what a model shows, pictures, numbers, choice."""

import json
import pickle

import matplotlib as mpl
import numpy as np
import pandas as pd
import polars as pl
import pytest
import tierwise as tw
from tierwise import exceptions

mpl.use("Agg")
ROWS = 900


def customers():
    rng = np.random.default_rng(4)
    table = {
        "tenure": rng.integers(0, 60, ROWS).astype(float),
        "spend": np.round(rng.exponential(50, ROWS), 1),
        "contract": rng.choice(["monthly", "yearly"], ROWS).tolist(),
        "met": (rng.random(ROWS) < 0.5).tolist(),
    }
    table["spend"][::17] = np.nan
    together = np.where((table["tenure"] > 30) == np.array(table["met"]), 1.0, -1.0)
    chance = together - table["tenure"] / 30 + 1.5 * (np.array(table["contract"]) == "monthly")
    return table, (rng.logistic(size=ROWS) < chance).tolist()


TABLE, LEFT = customers()
LEARNER = tw.learn.Additive(bags=3, pairs=3)
MODEL = LEARNER.fit(TABLE, LEFT, positive=True)


@pytest.mark.parametrize(
    "kind", [pd.DataFrame, lambda table: pl.DataFrame(table).fill_nan(None)], ids=["pandas", "polars"]
)
def test_every_kind_of_table_gives_the_same_model(kind):
    assert LEARNER.fit(kind(TABLE), LEFT, positive=True) == MODEL


def test_labels_in_either_order_and_by_name():
    frame = pd.DataFrame(TABLE).assign(left=np.where(LEFT, "yes", "no"))
    model = LEARNER.fit(frame, "left", positive="yes")
    assert model.positive == "yes"
    assert np.array_equal(model.score(TABLE), MODEL.score(TABLE))
    turned = LEARNER.fit(frame, "left", positive="no")
    assert np.corrcoef(turned.score(TABLE), MODEL.score(TABLE))[0, 1] < -0.97


def test_a_score_is_the_sum_of_its_points_and_the_card_is_the_model(tmp_path):
    explained = MODEL.explain(TABLE)
    total = explained.pop("base")
    for points in explained.values():
        total = total + points
    assert np.array_equal(total, MODEL.score(TABLE))
    assert np.array_equal(MODEL.scorecard().score(TABLE), MODEL.score(TABLE))
    tw.save(MODEL, tmp_path / "model.json")
    for copy in (tw.load(tmp_path / "model.json"), pickle.loads(pickle.dumps(MODEL))):
        assert copy == MODEL
        assert isinstance(copy, tw.learn.AdditiveModel)


def test_what_a_model_shows():
    assert MODEL.report.rows == ROWS
    assert 0 < MODEL.held_out.loss < 0.69
    assert MODEL.held_out.rows > ROWS / 4
    importance = MODEL.importance
    assert (np.diff(importance["importance"]) <= 0).all()
    assert "tenure & met" in importance["term"][:4]
    shape = MODEL.shape("spend")
    assert shape["label"][-1] == "unknown"
    assert shape["weight"].sum() == ROWS
    assert shape["weight"][-1] == np.isnan(TABLE["spend"]).sum()
    assert (shape["low"] <= shape["points"]).all()
    assert (shape["points"] <= shape["high"]).all()
    assert np.array_equal(shape["from"][1:-1], shape["below"][:-2])
    with pytest.raises(exceptions.UnknownFeatureError, match="tenure"):
        MODEL.shape("tenur")


def test_a_card_of_few_answers():
    short = MODEL.simplified(answers=3, terms=2)
    assert len(short.features) <= 3
    assert all(len(one["attributes"]) <= 4 for one in json.loads(short.to_json())["characteristics"])
    scaled = MODEL.to_card(points=600, odds=1, points_to_double=20)
    difference = np.abs(scaled.rounded.score(TABLE) - scaled.unrounded.score(TABLE)).max()
    assert difference <= scaled.largest_drift
    with pytest.raises(exceptions.InvalidParameterError, match="answers"):
        MODEL.simplified(answers=0)


@pytest.mark.parametrize("term", ["tenure", "contract", "met", "tenure & met"])
def test_pictures(term):
    axes = MODEL.plot(term)
    assert axes.get_title() == term
    assert axes.lines or axes.patches or axes.images
    axes.figure.canvas.draw()
    mpl.pyplot.close(axes.figure)


def test_a_risk_takes_the_learner():
    risk = tw.churn.Risk(LEARNER).fit(TABLE, LEFT, positive=True)
    assert np.array_equal(risk.score(TABLE), MODEL.score(TABLE))
    assert risk.learned == MODEL
    assert risk.report == MODEL.report


def test_numbers():
    counts = np.random.default_rng(1).poisson(1 + np.array(TABLE["tenure"]) / 20)
    model = tw.learn.Additive(bags=3).fit_number(TABLE, counts, loss="poisson")
    assert abs(model.predict(TABLE).sum() - counts.sum()) < 1e-6 * counts.sum()
    assert isinstance(pickle.loads(pickle.dumps(model)), tw.learn.AdditiveNumberModel)
    assert model.report.loss < model.report.null_loss
    with pytest.raises(exceptions.InvalidValueError, match="a count must be in"):
        tw.learn.Additive().fit_number(TABLE, counts - 5, loss="poisson")
    with pytest.raises(exceptions.InvalidParameterError, match="`loss` of `fit_number`"):
        tw.learn.Additive().fit_number(TABLE, counts, loss="gamma")


@pytest.mark.parametrize(
    ("settings", "match"),
    [
        ({"bags": 0}, "`bags` of `Additive`"),
        ({"pairs": -1}, "`pairs` of `Additive`"),
        ({"learning_rate": 2}, "`learning_rate` of `Additive`"),
        ({"monotone": {"tenure": "up"}}, "`monotone` of `Additive`"),
        ({"monotone": ["tenure"]}, "`monotone` of `Additive`"),
        ({"monotone": {"contract": "ascending"}}, "have no order"),
    ],
)
def test_mistakes_are_named(settings, match):
    with pytest.raises(exceptions.InvalidParameterError, match=match):
        tw.learn.Additive(**settings).fit(TABLE, LEFT, positive=True)


def test_progress_is_told_and_stops():
    told = []
    LEARNER.fit(TABLE, LEFT, positive=True, progress=lambda *step: told.append(step))
    assert told[-1][:2] == (3, 3)

    def stop(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        LEARNER.fit(TABLE, LEFT, positive=True, progress=stop)


def test_the_choice_of_a_learner():
    candidates = {"logistic": tw.learn.Logistic(), "additive": LEARNER}
    choice = tw.learn.choose(TABLE, LEFT, positive=True, candidates=candidates, folds=4)
    assert choice.chosen == choice.best == "additive"
    assert choice.model == MODEL
    assert choice.table["candidate"].tolist() == ["logistic", "additive"]
    assert (choice.table["roc_auc_low"] < choice.table["roc_auc"]).all()
    luck = np.random.default_rng(3).random(ROWS) < 0.3
    none = tw.learn.choose(TABLE, luck, positive=True, candidates=candidates, folds=4)
    assert none.chosen is None
    assert none.model is None
    assert none.reason.startswith("no signal")
    with pytest.raises(exceptions.InvalidParameterError, match="candidates"):
        tw.learn.choose(TABLE, LEFT, positive=True, candidates=[LEARNER])
    with pytest.raises(exceptions.InvalidParameterError, match="`seed` of `choose`"):
        tw.learn.choose(TABLE, LEFT, positive=True, candidates=candidates, seed=-1)


def test_a_choice_with_folds_weights_and_offsets_of_ones_own():
    candidates = {"logistic": tw.learn.Logistic(), "additive": tw.learn.Additive(bags=2, pairs=0)}
    rows = len(LEFT)
    half = np.arange(rows) % 2 == 0
    folds = [(np.flatnonzero(half), np.flatnonzero(~half)), (np.flatnonzero(~half), np.flatnonzero(half))]
    told = []
    choice = tw.learn.choose(
        {**TABLE, "left": LEFT},
        "left",
        positive=True,
        candidates=candidates,
        folds=folds,
        weights=np.full(rows, 2.0),
        offsets=np.arange(rows) % 3 * 0.2,
        progress=lambda *step: told.append(step),
    )
    assert choice.chosen is not None
    assert choice.model is not None
    assert choice.model.report.total_weight == 2 * rows
    judged = [step for step in told if step[1] == 4]
    assert judged[-1][0] == 4
    assert told[-1][1] != 4  # the last fit is told too
    with pytest.raises(exceptions.InvalidParameterError, match="`folds` of `choose`"):
        tw.learn.choose(TABLE, LEFT, positive=True, candidates=candidates, folds=[([0, 1], [rows])])


def test_similar_records():
    pool, asked = pd.DataFrame(TABLE), pd.DataFrame(TABLE).iloc[[5, 8]].set_axis(["five", "eight"])
    near = MODEL.similar(pool, asked, most=3)
    assert near.index.tolist() == ["five", "eight"]
    assert (near["similar_1_distance"] == 0).all()
    terms = [name for name in MODEL.explain(pool) if name != "base"]
    points, of_asked = MODEL.explain(pool)[terms].to_numpy(), MODEL.explain(asked)[terms].to_numpy()
    for row in range(2):
        distances = np.abs(points - of_asked[row]).sum(axis=1)
        order = np.lexsort((np.arange(ROWS), distances.round(9)))
        assert near["similar_3_distance"].iloc[row] == pytest.approx(distances[order[2]])
    scores = MODEL.score(pool).to_numpy()
    gap = np.abs(scores[near["similar_3"]] - MODEL.score(asked).to_numpy())
    assert (gap <= near["similar_3_distance"] + 1e-12).all()
    assert list(MODEL.similar(pool.iloc[:1], asked)) == ["similar_1", "similar_1_distance"]
    with pytest.raises(exceptions.InvalidParameterError, match="`most` of `similar`"):
        MODEL.similar(pool, asked, most=0)


def test_a_risk_that_was_learned_additively_has_shapes_and_no_coefficients():
    risk = tw.churn.Risk(LEARNER).fit(TABLE, LEFT, positive=True)
    assert risk.learned.importance["term"].tolist() == MODEL.importance["term"].tolist()
    with pytest.raises(AttributeError, match=r"`model\.learned` is it"):
        _ = risk.coefficients
    assert not hasattr(risk, "intercept")


def test_seeds_may_be_large_and_numbers_say_what_they_are():
    spent = np.arange(ROWS) % 17 * 2.0
    learner = tw.learn.Additive(bags=2, pairs=0, seed=2**64 - 1)
    model = learner.fit_number(TABLE, spent, loss="poisson")
    assert (model.loss, model.outcome) == ("poisson", "outcome")
    with pytest.raises(exceptions.InvalidParameterError, match="seed"):
        tw.learn.Additive(seed=2**64).fit(TABLE, LEFT, positive=True)
