"""Splits and scores out of fold in Python: every kind of table, scikit-learn beside it, errors."""

import datetime

import customers
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import tierwise as tw
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold, check_cv, cross_val_predict
from tierwise import exceptions

LABELS = ["no", "no", "yes", "no"] * 25
KINDS = [list, np.array, pd.Series, pl.Series, pa.array]


@pytest.mark.parametrize("kind", KINDS)
def test_folds_from_every_kind_of_labels(kind):
    folds = tw.learn.stratified_folds(kind(LABELS), folds=4, seed=3, repeats=2)
    expected = tw.learn.stratified_folds([label == "yes" for label in LABELS], folds=4, seed=3, repeats=2)
    assert len(folds) == 8
    for (train, test), (other_train, other_test) in zip(folds, expected, strict=True):
        assert train.dtype == test.dtype == np.int64
        np.testing.assert_array_equal(train, other_train)
        np.testing.assert_array_equal(test, other_test)
        assert sorted([*train, *test]) == list(range(100))
    for repetition in (folds[:4], folds[4:]):
        assert sorted(row for _, test in repetition for row in test) == list(range(100))
    train, test = tw.learn.train_test_split(kind(LABELS), share=0.2, seed=1)
    assert (len(train), len(test)) == (80, 20)
    assert sum(LABELS[row] == "yes" for row in test) == 5


@pytest.mark.parametrize("kind", KINDS)
def test_groups_stay_together(kind):
    texts = [f"customer {row * 7 % 23}" for row in range(100)]
    numbers = [row * 7 % 23 for row in range(100)]
    for groups in (texts, numbers):
        for train, test in tw.learn.grouped_folds(kind(groups), kind(LABELS), folds=3):
            assert not {groups[row] for row in train} & {groups[row] for row in test}
        train, test = tw.learn.train_test_split(kind(LABELS), share=0.3, groups=kind(groups))
        assert not {groups[row] for row in train} & {groups[row] for row in test}
        assert 25 <= len(test) <= 35


def test_days_of_every_kind():
    dates = [datetime.date(2024, 1, 1) + datetime.timedelta(days=3 * row) for row in range(40)]
    days = np.array(dates, dtype="datetime64[D]")
    expected = tw.learn.time_folds(days.astype(np.int64), horizon=14, folds=3, gap=7, longest_training=60)
    for kind in (dates, days, days.astype("datetime64[ns]"), pd.Series(days), pl.Series(dates), pa.array(dates)):
        folds = tw.learn.time_folds(kind, horizon=14, folds=3, gap=7, longest_training=60)
        for pair, other in zip(folds, expected, strict=True):
            np.testing.assert_array_equal(pair[0], other[0])
            np.testing.assert_array_equal(pair[1], other[1])
        for at in ("2024-03-01", datetime.date(2024, 3, 1), np.datetime64("2024-03-01")):
            train, test = tw.learn.time_split(kind, at=at, gap=7)
            assert max(dates[row] for row in train) < datetime.date(2024, 2, 23)
            assert min(dates[row] for row in test) >= datetime.date(2024, 3, 1)


def test_scikit_learn_takes_the_folds():
    random = np.random.default_rng(1)
    x = random.normal(size=(100, 3))
    folds = tw.learn.stratified_folds(LABELS, folds=4)
    assert check_cv(folds).get_n_splits() == 4
    # Without an intercept penalty and at one penalty, scikit-learn's model is ours: so are its predictions out of fold.
    theirs = cross_val_predict(LogisticRegression(C=1.0, tol=1e-10), x, LABELS, cv=folds, method="predict_proba")[:, 1]
    ours = tw.learn.out_of_fold(tw.learn.Logistic(alpha=1.0), x, LABELS, positive="yes", folds=folds, probability=True)
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


@pytest.mark.parametrize(
    "learner", [tw.learn.Logistic(), tw.churn.Risk(tw.learn.Logistic()), tw.cross_sell.Propensity(product="x")]
)
def test_out_of_fold_is_what_a_loop_would_do(learner):
    frame = pd.DataFrame(customers.facts(rows=120)).set_index(pd.Index(range(1000, 1120)))
    outcome = np.array(customers.outcome(rows=120))
    folds = [*tw.learn.stratified_folds(outcome, folds=4), *KFold(3).split(outcome)]
    # The features of the whole table, as out_of_fold infers them.
    features = tw.learn.Logistic().fit(frame, outcome, positive="won").features
    sums, times = np.zeros(120), np.zeros(120)
    for train, test in folds:
        model = learner.fit(frame.iloc[train], outcome[train], positive="won", features=features)
        sums[test] += model.score(frame.iloc[test])
        times[test] += 1
    scores = tw.learn.out_of_fold(learner, frame, outcome, positive="won", folds=folds)
    assert scores.index.equals(frame.index)
    assert scores.name == "score"
    np.testing.assert_allclose(scores, sums / times, rtol=1e-12)


def test_out_of_fold_of_every_kind_of_table():
    table = customers.facts(rows=120)
    table["won"] = customers.outcome(rows=120)
    learner = tw.learn.Logistic()
    expected = tw.learn.out_of_fold(learner, pd.DataFrame(table), "won", positive="won", seed=2)
    for kind, type_ in ((pl.DataFrame, pl.Series), (pa.table, pa.Array), (dict, np.ndarray)):
        scores = tw.learn.out_of_fold(learner, kind(table), "won", positive="won", seed=2)
        assert isinstance(scores, type_)
        np.testing.assert_array_equal(np.asarray(scores), expected)


def test_rows_that_are_never_tested_have_no_score():
    frame, outcome = customers.facts(rows=60), customers.outcome(rows=60)
    train, test = tw.learn.train_test_split(outcome, share=0.25)
    scores = tw.learn.out_of_fold(tw.learn.Logistic(), frame, outcome, positive="won", folds=[(train, test)])
    assert np.isnan(scores[train]).all()
    assert np.isfinite(scores[test]).all()


def test_progress_is_told_and_can_stop():
    frame, outcome = customers.facts(rows=60), customers.outcome(rows=60)
    told = []

    def watch(fold, folds, objective):
        told.append((fold, folds))
        if fold == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tw.learn.out_of_fold(tw.learn.Logistic(), frame, outcome, positive="won", progress=watch)
    assert told[-1] == (2, 5)


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (
            lambda: tw.learn.stratified_folds(["a", "b", "c"] * 9),
            exceptions.InvalidOutcomeError,
            "more than two labels",
        ),
        (lambda: tw.learn.stratified_folds(["a"] * 9), exceptions.NotEnoughDataError, "0 where at least 5"),
        (lambda: tw.learn.stratified_folds(["a", None] * 9), exceptions.InvalidValueError, "row 1"),
        (lambda: tw.learn.stratified_folds(LABELS, folds=1), exceptions.InvalidParameterError, "`folds`"),
        (lambda: tw.learn.stratified_folds(LABELS, seed=-1), exceptions.InvalidParameterError, "`seed`"),
        (lambda: tw.learn.train_test_split(LABELS, share=20), exceptions.InvalidParameterError, "`share`"),
        (lambda: tw.learn.train_test_split(None), exceptions.InvalidParameterError, "`outcome`"),
        (lambda: tw.learn.grouped_folds(["a", None, "b"], folds=2), exceptions.InvalidValueError, "row 1"),
        (lambda: tw.learn.grouped_folds(["a", "b"], folds=3), exceptions.NotEnoughDataError, "groups: 2"),
        (lambda: tw.learn.time_split([1.0, None], at=1), exceptions.InvalidValueError, "row 1"),
        (lambda: tw.learn.time_split([1, 2], at="soon"), exceptions.InvalidParameterError, "`at`"),
        (lambda: tw.learn.time_folds(["Monday"], horizon=1), exceptions.WrongKindError, "days"),
        (lambda: tw.learn.time_folds([1, 2, 3], horizon=0), exceptions.InvalidParameterError, "`horizon`"),
    ],
)
def test_errors(call, error, said):
    with pytest.raises(error, match=said):
        call()


@pytest.mark.parametrize(
    ("folds", "said"),
    [
        ([([0, 1], [1, 2])], "both sides of fold 0"),
        ([([0, 1], [-1])], "row -1 in fold 0"),
        ([([0, 1], [60])], "row 60 in fold 0"),
        ([([0.5], [1])], "pairs of arrays"),
        ([[0, 1, 2]], "pairs of arrays"),
        ("five", "pairs of arrays"),
        ([], "at least one fold"),
    ],
)
def test_folds_that_are_none(folds, said):
    frame, outcome = customers.facts(rows=60), customers.outcome(rows=60)
    with pytest.raises(exceptions.InvalidParameterError, match=said):
        tw.learn.out_of_fold(tw.learn.Logistic(), frame, outcome, positive="won", folds=folds)


def test_what_is_no_learner():
    with pytest.raises(exceptions.InvalidParameterError, match="`learner`"):
        tw.learn.out_of_fold(LogisticRegression(), {"x": [1, 2]}, [0, 1], positive=1)
