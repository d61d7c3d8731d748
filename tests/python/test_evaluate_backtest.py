"""Refits over the past."""

import datetime
import json

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import tierwise as tw
from scipy import special
from sklearn import linear_model, metrics, pipeline, preprocessing, tree
from sklearn.model_selection import TimeSeriesSplit
from tierwise import evaluate, exceptions

RATES = [0.01, 0.1, 0.5, 0.9, 0.99]
START = np.datetime64("2026-01-01")
KINDS = {"dict": dict, "pandas": pd.DataFrame, "polars": pl.DataFrame, "pyarrow": pa.table}


def world(rate=0.3, rows=6000, turn=0.0, labels=("won", "lost")):
    """Draw rows of a year whose outcome hangs on two traits, the weights of which turn by so many radians."""
    rng = np.random.default_rng(round(1000 * rate))
    day = np.sort(rng.integers(0, 360, rows))
    one, two = rng.normal(0, 1.7, (2, rows))
    angle = 0.3 + turn * day / 360
    log_odds = 1.3 * special.logit(rate) + np.cos(angle) * one + np.sin(angle) * two
    won = np.where(rng.random(rows) < special.expit(log_odds), *labels)
    return {"one": one, "two": two, "day": START + day, "result": won}


SELDOM = {"positive": "won", "date": "day", "every": "100d", "first": "2026-04-01"}
USUAL = {"positive": "won", "date": "day", "every": "30d", "first": "2026-04-01"}


@pytest.mark.parametrize("gap", [0, 3])
@pytest.mark.parametrize("window", [None, 25])
@pytest.mark.parametrize("horizon", [10, 4])
def test_windows_are_those_of_scikit_learn_where_days_are_row_numbers(gap, window, horizon):
    days = np.arange(100)
    split = TimeSeriesSplit(n_splits=5, test_size=horizon, gap=gap, max_train_size=window)
    first = 100 - 5 * horizon - gap - 1
    windows = evaluate.rolling_origin(days, every=horizon, gap=gap, window=window, first=first)
    theirs = list(split.split(days))
    assert len(windows) == len(theirs) == 5
    for ours, (train, test) in zip(windows, theirs, strict=True):
        assert ours.train.tolist() == train.tolist()
        assert ours.test.tolist() == test.tolist()
        assert ours.complete


def test_windows_hold_the_rows_that_their_days_say():
    rng = np.random.default_rng(1)
    days = rng.integers(0, 200, 500)
    windows = evaluate.rolling_origin(
        days, every=40, score_every=20, horizon=25, gap=2, window=60, outcome_known_after=9, first=90
    )
    assert [(one.refit, one.origin, one.at) for one in windows] == [
        (0, 90, 90), (0, 90, 110), (1, 130, 130), (1, 130, 150), (2, 170, 170), (2, 170, 190)
    ]  # fmt: skip
    for one in windows:
        known = one.origin - 9
        assert one.train.tolist() == np.flatnonzero((days > known - 60) & (days <= known)).tolist()
        assert one.test.tolist() == np.flatnonzero((days > one.at + 2) & (days <= one.at + 27)).tolist()
        assert one.not_known_yet == np.sum((days > known) & (days <= one.origin))
        assert (one.after, one.up_to, one.complete) == (one.at + 2, one.at + 27, one.at < 190 and one.at + 27 <= 199)
    assert [one.overlaps for one in windows] == [False, True, True, True, True, True]


@pytest.mark.parametrize(
    "span", ["90d", "90 d", 90, 90.0, datetime.timedelta(days=90), np.timedelta64(90, "D"), np.int64(90)]
)
def test_spans_may_be_written_in_many_ways(span):
    days = START + np.arange(300)
    dates = evaluate.rolling_origin(days, every=span, first=datetime.date(2026, 2, 1))
    assert [str(one.origin) for one in dates] == ["2026-02-01", "2026-05-02", "2026-07-31"]
    weeks = evaluate.rolling_origin(days, every="13w", first="2026-02-01")
    assert weeks[1].origin - weeks[0].origin == np.timedelta64(91, "D")


@pytest.mark.parametrize("frame", KINDS)
def test_each_window_is_judged_by_a_model_of_the_rows_before_it(frame):
    drawn = world()
    data = KINDS[frame](drawn)
    found = evaluate.backtest(tw.learn.Logistic(), data, "result", outcome_known_after=10, gap=1, **USUAL)
    windows = evaluate.rolling_origin(drawn["day"], every=30, outcome_known_after=10, gap=1, first="2026-04-01")
    assert len(found.windows) == len(windows) == 9
    features = {name: drawn[name] for name in ("one", "two")}
    first = None
    for ours, rows in zip(found.windows, windows, strict=True):
        train, test = ({name: column[of] for name, column in features.items()} for of in (rows.train, rows.test))
        model = tw.learn.Logistic().fit(train, drawn["result"][rows.train], positive="won")
        said, won = model.probability(test), drawn["result"][rows.test] == "won"
        assert ours.figures["roc_auc"].value == pytest.approx(metrics.roc_auc_score(won, said), abs=1e-12)
        assert ours.figures["log_loss"].value == pytest.approx(metrics.log_loss(won, said), abs=1e-12)
        assert (ours.judged.rows, ours.judged.events) == (len(won), won.sum())
        assert (ours.at, ours.after, ours.up_to) == (rows.at, rows.after, rows.up_to)
        coefficients = [model.intercept.estimate, *(one.estimate for one in model.coefficients)]
        assert [term.values[ours.refit] for term in found.terms.values()] == coefficients
        first = first or model
        kept = metrics.roc_auc_score(won, first.probability(test))
        if ours.refit:
            assert ours.first_model["roc_auc"].value == pytest.approx(kept, abs=1e-12)
    table = found.table
    assert type(table) is (dict if frame == "dict" else type(data))
    assert np.asarray(table["at"]).astype("datetime64[D]").tolist() == [one.at.astype(object) for one in windows]
    assert np.asarray(table["roc_auc"]).tolist() == [one.figures["roc_auc"].value for one in found.windows]
    terms = found.term_table
    assert len(np.asarray(terms["value"])) == 3 * 9
    assert json.loads(json.dumps(found.to_dict()))["verdict"] == found.verdict == "stable"


def test_learners_functions_and_estimators_say_the_same():
    data = world(rows=3000)
    ours = evaluate.backtest(tw.learn.Logistic(alpha=0), data, "result", **SELDOM)

    def fit(known, outcome):
        assert not isinstance(known, dict) or list(known) == ["one", "two"]
        return tw.learn.Logistic(alpha=0).fit(known, outcome, positive=1)

    def plain(known, outcome):
        model = fit(known, outcome)
        return lambda rows: model.probability(rows)

    theirs = linear_model.LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-10)
    steps = pipeline.make_pipeline(preprocessing.StandardScaler(), theirs)
    for one in (fit, plain, theirs, steps, tw.cross_sell.Propensity(tw.learn.Logistic(alpha=0))):
        for frame in KINDS.values():
            found = evaluate.backtest(one, frame(data), "result", **SELDOM)
            assert found.pooled["roc_auc"].value == pytest.approx(ours.pooled["roc_auc"].value, abs=1e-9)
            assert found.pooled["log_loss"].value == pytest.approx(ours.pooled["log_loss"].value, abs=1e-6)
            if one is not plain:
                assert list(found.terms)[-2:] == ["one", "two"]
    assert not hasattr(theirs, "coef_")
    assert evaluate.backtest(plain, data, "result", **SELDOM).terms == {}
    ranked = evaluate.backtest(lambda *_: lambda rows: 5 * rows["one"], data, "result", kind="ranking", **SELDOM)
    assert list(ranked.pooled) == ["roc_auc", "precision", "lift"]
    assert ranked.refitting == "not_shown"


@pytest.mark.parametrize("of", [pd.DataFrame, pl.DataFrame])
def test_what_is_handed_over_is_not_learned_from(of):
    data = of(world())
    settings = SELDOM | {"date": data["day"]}
    for fit in (tw.learn.Logistic(), linear_model.LogisticRegression()):
        found = evaluate.backtest(fit, data, data["result"], **settings)
        assert list(found.terms)[-2:] == ["one", "two"]
        again = evaluate.backtest(fit, data, data["result"] == "won", **(settings | {"positive": True}))
        assert again.pooled == found.pooled


def test_a_model_is_judged_as_it_is():
    data = world()
    model = tw.learn.Logistic().fit(data, "result", positive="won", features=["one", "two"])
    found = evaluate.backtest(model, data, "result", **USUAL)
    assert found.against_first["roc_auc"].value == 0
    assert found.terms["one"].standard_deviation == 0
    assert found.pooled["roc_auc"].value > 0.8


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("labels", [("won", "lost"), ("bought", "not")])
def test_a_kept_model_decays_where_the_world_turns(rate, labels):
    data = world(rate, 20_000, turn=1.6, labels=labels)
    settings = USUAL | {"positive": labels[0], "window": "90d"}
    found = evaluate.backtest(tw.learn.Logistic(), data, "result", **settings)
    assert found.refitting == "pays", found.refitting_reason
    assert found.against_first["roc_auc"].low > 0
    kept = [window.first_model["roc_auc"].value for window in found.windows if window.first_model]
    assert np.mean(kept[-3:]) < np.mean(kept[:3]) - 0.05
    assert found.pooled["roc_auc"].value > 0.75
    still = evaluate.backtest(tw.learn.Logistic(), world(rate, 20_000, labels=labels), "result", **settings)
    assert still.refitting in ("little", "not_shown")


def test_amounts_are_judged_as_amounts():
    rng = np.random.default_rng(2)
    day = np.sort(rng.integers(0, 300, 4000))
    visits = rng.integers(1, 20, 4000)
    spent = visits * (5 + day / 50) * rng.gamma(20, 1 / 20, 4000)
    data = {"visits": visits, "day": day, "spent": spent}
    settings = {"date": "day", "every": 30, "first": 99, "window": 60, "kind": "number"}
    for fit in (tw.learn.Additive(bags=2), linear_model.LinearRegression()):
        found = evaluate.backtest(fit, data, "spent", **settings)
        assert list(found.pooled) == [
            "mean_absolute_error", "weighted_absolute_percentage_error", "bias", "spend_capture"
        ]  # fmt: skip
        assert found.refitting == "pays", found.refitting_reason
        assert found.pooled["bias"].value < 0
        assert list(found.terms) == ["visits"]
        assert found.term_kind == ("importance" if isinstance(fit, tw.learn.Additive) else "coefficient")


def test_weights_are_learned_with_and_judged_by():
    data = world()
    weights = np.arange(6000) % 3
    kept = np.repeat(np.arange(6000), weights)
    repeated = {name: column[kept] for name, column in data.items()}
    for fit in (tw.learn.Logistic(), linear_model.LogisticRegression(solver="newton-cholesky"), _weighed):
        one = evaluate.backtest(fit, data, "result", weights=weights, **SELDOM)
        two = evaluate.backtest(fit, repeated, "result", **SELDOM)
        for name in ("roc_auc", "log_loss", "lift"):
            assert one.pooled[name].low == pytest.approx(two.pooled[name].low, abs=1e-5)


def _weighed(known, outcome, weights=None):
    return tw.learn.Logistic().fit(known, outcome, positive=1, weights=weights)


def test_too_little_is_told():
    data = world(0.1, 900)
    found = evaluate.backtest(tw.learn.Logistic(), data, "result", **USUAL)
    assert {window.state for window in found.windows} == {"too_few_to_judge", "judged"}
    few = next(window for window in found.windows if window.state == "too_few_to_judge")
    assert few.figures == {}
    assert "where at least" in few.reason
    all_few = evaluate.backtest(tw.learn.Logistic(), data, "result", least_events=10_000, **USUAL)
    assert all_few.verdict == "not_enough_data"
    assert all_few.refitting == "not_known"
    assert all_few.pooled == {}
    assert len(all_few.table["at"]) == len(all_few.windows) == 9
    assert all_few.refits[0].state == "too_few_to_learn"


def test_what_stops_a_fit_stops_the_backtest():
    data = world()
    steps = []
    evaluate.backtest(tw.learn.Logistic(), data, "result", progress=lambda *step: steps.append(step[0]), **USUAL)
    assert set(steps) == set(range(9))

    def stop(*_):
        raise KeyError("stop")

    with pytest.raises(KeyError, match="stop"):
        evaluate.backtest(tw.learn.Logistic(), data, "result", progress=stop, **USUAL)
    with pytest.raises(KeyError, match="stop"):
        evaluate.backtest(stop, data, "result", **USUAL)


def hostile():
    data = world(rows=600)
    unknown = data["day"].copy()
    unknown[7] = np.datetime64("NaT")
    endless = np.where(np.arange(600) == 3, np.inf, np.arange(600))
    yield {"every": 0}, exceptions.InvalidParameterError, "every"
    yield {"every": "3 months"}, exceptions.InvalidParameterError, "90d"
    yield {"every": None}, exceptions.InvalidParameterError, "every"
    yield {"every": np.nan}, exceptions.InvalidParameterError, "every"
    yield {"every": True}, exceptions.InvalidParameterError, "every"
    yield {"score_every": 31}, exceptions.InvalidParameterError, "score_every"
    yield {"gap": -1}, exceptions.InvalidParameterError, "gap"
    yield {"first": "soon"}, exceptions.InvalidParameterError, "first"
    yield {"first": "2027-01-01"}, exceptions.NotEnoughDataError, "20819"
    yield {"date": unknown}, exceptions.InvalidValueError, "row 7"
    yield {"date": endless}, exceptions.InvalidValueError, "row 3"
    yield {"date": data["day"][:9]}, exceptions.WrongLengthError, "days"
    yield {"date": "when"}, exceptions.MissingColumnError, "when"
    yield {"date": None}, exceptions.TierwiseError, "day"
    yield {"outcome": "what"}, exceptions.MissingColumnError, "what"
    yield {"outcome": data["result"][:9]}, exceptions.WrongLengthError, "outcome"
    yield {"outcome": [], "data": {"one": []}, "date": []}, exceptions.EmptyTableError, "empty"
    yield {"positive": None}, exceptions.InvalidParameterError, "never guessed"
    yield {"positive": "maybe"}, exceptions.InvalidOutcomeError, "maybe"
    yield {"kind": "guess"}, exceptions.InvalidParameterError, "kind"
    yield {"kind": "ranking"}, exceptions.InvalidParameterError, "probability"
    yield {"fit": 3}, exceptions.InvalidParameterError, "fit"
    yield {"fit": lambda *_: 3}, exceptions.InvalidParameterError, "int"
    yield {"fit": lambda *_: lambda rows: [0.5]}, exceptions.WrongLengthError, "scores"
    yield {"fit": lambda *_: lambda rows: 7 + rows["one"]}, exceptions.InvalidValueError, r"\[0, 1\]"
    yield {"fit": lambda *_: lambda rows: ["?"] * len(rows["one"])}, exceptions.WrongKindError, "score"
    yield {"fit": lambda *_: 3, "offsets": data["one"]}, exceptions.InvalidParameterError, "offsets"
    yield {"fit": lambda *_: 3, "outcome": ["won", "lost"] * 9}, exceptions.InvalidParameterError, "600 rows"
    yield {"fit": lambda *_: 3, "features": ["three"]}, exceptions.MissingColumnError, "three"
    yield {"fit": lambda *_: 3, "kind": "number"}, exceptions.InvalidParameterError, "positive"
    yield {"fit": lambda *_: 3, "data": np.zeros((600, 2))}, exceptions.InvalidParameterError, "no names"
    function = {"fit": lambda *_: 3}
    twice = pd.concat([pd.DataFrame(data), pd.DataFrame({"one": data["one"]})], axis=1)
    yield {"data": twice}, exceptions.DuplicateColumnError, "one"
    yield function | {"data": twice}, exceptions.DuplicateColumnError, "one"
    yield function | {"data": pl.LazyFrame(data)}, exceptions.WrongKindError, "data frame"
    yield (
        function | {"data": 3, "outcome": data["result"], "date": data["day"]},
        exceptions.WrongKindError,
        "data frame",
    )
    yield {"least_rows": -1}, exceptions.InvalidParameterError, "least_rows"
    yield {"least_events": 1.5}, exceptions.InvalidParameterError, "least_events"
    yield {"share": 0}, exceptions.InvalidParameterError, "share"
    yield {"capacity": -3}, exceptions.InvalidParameterError, "capacity"
    yield {"confidence": 95}, exceptions.InvalidParameterError, "confidence"
    yield {"limits": 3}, exceptions.InvalidParameterError, "limits"
    yield {"limits": evaluate.BacktestLimits(ranking_lost=0.1)}, exceptions.InvalidParameterError, "pair"
    yield {"limits": evaluate.BacktestLimits(rank_agreement=(0.1, 0.2))}, exceptions.InvalidParameterError, "watch"
    yield {"weights": [-1.0] * 600}, exceptions.InvalidValueError, "row 0"


@pytest.mark.parametrize(("changes", "error", "says"), list(hostile()))
def test_what_cannot_be_is_refused(changes, error, says):
    given = {"fit": tw.learn.Logistic(), "data": world(rows=600), "outcome": "result"} | USUAL | changes
    with pytest.raises(error, match=says):
        evaluate.backtest(**given)


def test_unknown_values_and_rare_levels_do_no_harm():
    data = pd.DataFrame(world())
    data["plan"] = np.where(np.arange(6000) > 5000, "new", np.where(np.arange(6000) % 2, "basic", "plus"))
    data.loc[::7, "one"] = np.nan
    data.index = data.index[::-1]
    for learner in (tw.learn.Logistic(), tw.learn.WeightOfEvidence(), tw.learn.Additive(bags=2, pairs=0)):
        found = evaluate.backtest(learner, data, "result", **SELDOM)
        assert {window.state for window in found.windows} == {"judged"}
        assert found.pooled["roc_auc"].value > 0.7


def still_world(rows=6000):
    rng = np.random.default_rng(1)
    facts = rng.normal(size=(rows, 3))
    won = rng.random(rows) < 1 / (1 + np.exp(1 - facts[:, 0]))
    return facts, won, rng.integers(0, 300, rows).astype(float)


def test_scores_of_few_values_do_not_drift_where_nothing_changes():
    facts, won, day = still_world()
    found = evaluate.backtest(tree.DecisionTreeClassifier(max_depth=3), facts, won, date=day, every=30, positive=True)
    assert found.checks["score_shift"].level == "stable"
    assert found.checks["skill"].level == "stable"


def test_a_model_that_is_worth_nothing_is_told_of():
    facts, won, day = still_world()
    reverse = evaluate.backtest(
        lambda facts, won: lambda new: -new[:, 0], facts, won, date=day, every=30, positive=True, kind="ranking"
    )
    assert reverse.verdict == "act"
    assert reverse.checks["skill"].level == "act"
    assert "no better than a list by lot" in reverse.reason
    paid = np.random.default_rng(2).exponential(10, len(day))
    wrong = evaluate.backtest(
        lambda facts, paid: lambda new: np.full(len(new), 100.0), facts, paid, date=day, every=30, kind="number"
    )
    assert wrong.verdict == "act"
    assert "saying 0 of everybody" in wrong.reason


def test_judged_rows_whose_outcome_may_be_missing_are_told_of():
    facts, won, day = still_world()
    settings = {"date": day, "every": 30, "positive": True}
    told = evaluate.backtest(tw.learn.Logistic(), facts, won, outcome_known_after=60, **settings)
    assert any("younger than `outcome_known_after`" in finding for finding in told.findings)
    plain = evaluate.backtest(tw.learn.Logistic(), facts, won, **settings)
    assert not any("younger" in finding for finding in plain.findings)


def test_spans_and_estimators_that_are_none_are_refused():
    facts, won, day = still_world(600)
    settings = {"date": np.datetime64("2026-01-01") + day.astype(int), "positive": True}
    for span in (1e300, "99999999d", datetime.timedelta(days=10**8), np.timedelta64("NaT")):
        with pytest.raises(exceptions.InvalidParameterError, match="`every` of `backtest` must be a span of at most"):
            evaluate.backtest(tw.learn.Logistic(), facts, won, every=span, **settings)
    with pytest.raises(exceptions.InvalidParameterError, match=r"LogisticRegression\(\)"):
        evaluate.backtest(linear_model.LogisticRegression, facts, won, every=30, **settings)
