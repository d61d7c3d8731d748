"""A series of batches: levels, findings, and the page; from rows and from counts that were merged."""

import json

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from pages import sound
from scipy import special
from tierwise import evaluate, exceptions
from tierwise.evaluate import Batch


def month(seed, *, rows=2000, base=-1.5, bias=0.0, noise=0.0, older=0.0, unknown=0.02, new=0.0):
    """Draw scores, outcomes and facts: what changed is named."""
    rng = np.random.default_rng(seed)
    log_odds = rng.normal(base, 1.1, rows)
    happened = rng.random(rows) < special.expit(log_odds + bias)
    age = rng.normal(40 + older, 10, rows)
    age[rng.random(rows) < unknown] = np.nan
    plan = np.where(rng.random(rows) < new, "pro", rng.choice(["basic", "plus"], rows))
    return special.expit(log_odds + noise * rng.normal(size=rows)), happened, {"age": age, "plan": plan}


THEN = month(0, rows=6000)


def judged(**changed):
    return evaluate.monitoring_report({"now": Batch(*month(1, **changed))}, reference=Batch(*THEN))


def findings(found, batch=0):
    return {one["level"] + ": " + one["says"] for one in found.numbers["batches"][batch]["findings"]}


def test_what_has_not_changed_is_stable():
    batches = {f"month {at}": Batch(*month(at)) for at in range(1, 9)}
    found = evaluate.monitoring_report(batches, reference=Batch(*THEN))
    assert list(found.levels.values()).count("stable") >= 7
    assert "act" not in found.levels.values()
    assert len(found.levels) == 8
    assert "Of 8 batches" in found.numbers["says"]


@pytest.mark.parametrize(
    ("changed", "level", "words"),
    [
        ({"bias": -1.0}, "act", "was said on average"),
        ({"bias": 0.35}, "watch", "was said on average"),
        ({"noise": 4.0, "rows": 8000}, "act", "ranks worse"),
        ({"base": -0.5}, "act", "The scores moved"),
        ({"older": 9.0}, "act", "Moved since the reference: `age`"),
        ({"unknown": 0.1}, "watch", "Unknown more often: `age`"),
        ({"unknown": 0.4}, "act", "Unknown more often: `age`"),
        ({"new": 0.03}, "watch", "`plan` has values the model never saw, "),
        ({"new": 0.2}, "act", "`plan` has values the model never saw, "),
    ],
)
def test_what_changed_is_found_with_its_level(changed, level, words):
    found = judged(**changed)
    assert any(one.startswith(f"{level}: ") and words in one for one in findings(found)), findings(found)
    assert found.level in (level, "act")
    assert all(one["next"].endswith(".") for one in found.numbers["batches"][0]["findings"])


@pytest.mark.parametrize("rate", [0.01, 0.1, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("labels", [("won", "lost"), ("bought", "not")])
def test_figures_are_those_of_the_single_functions(rate, labels):
    score, happened, columns = month(3, base=special.logit(rate))
    outcome = np.where(happened, *labels)
    batch = Batch(score, outcome, columns, positive=labels[0])
    then = Batch(THEN[0], THEN[1], THEN[2])
    numbers = evaluate.monitoring_report({"x": batch}, reference=then).numbers
    found = numbers["batches"][0]
    area = evaluate.roc_auc_interval(outcome, score, positive=labels[0])
    assert found["figures"]["roc_auc"] == {"value": area.value, "low": area.low, "high": area.high}
    assert found["figures"]["base_rate"]["rate"] == happened.mean()
    said = found["figures"]["calibration"]
    assert said["mean_probability"] == pytest.approx(score.mean(), abs=1e-12)
    assert said["ratio"]["value"] == pytest.approx(happened.mean() / score.mean(), abs=1e-12)
    assert said["slope"]["low"] == evaluate.recalibration(outcome, score, positive=labels[0]).slope.low
    shift = evaluate.column_drift(THEN[0], score)
    assert found["score"]["population_stability"] == shift.population_stability
    moved = evaluate.drift(THEN[2], columns)
    by_name = {one["name"]: one["population_stability"] for one in found["columns"]}
    assert by_name == {name: one.population_stability for name, one in moved.columns.items()}
    json.dumps(numbers, allow_nan=False)


def test_days_that_were_merged_need_no_rows():
    edges = np.arange(1, 100) / 100
    counts = evaluate.DriftCounts(THEN[2])

    def histogram(score, happened):
        return evaluate.ScoreHistogram(edges).add(happened, score)

    def week(first, **changed):
        scores, columns = evaluate.ScoreHistogram(edges), counts.empty()
        for day in range(7):
            score, happened, facts = month(first + day, rows=400, **changed)
            scores.merge(histogram(score, happened))
            columns.merge(counts.empty().add(facts))
        return Batch(scores, columns=columns)

    batches = {"week 1": week(1), "week 2": week(8, bias=-1.0, older=9.0)}
    reference = Batch(histogram(*THEN[:2]), columns=counts)
    found = evaluate.monitoring_report(batches, reference=reference)
    assert found.levels == {"week 1": "stable", "week 2": "act"}
    one = found.numbers["batches"][0]
    assert one["figures"]["customers"] == 2800
    assert one["figures"]["roc_auc"]["value"] == pytest.approx(batches["week 1"].score.roc_auc().middle, abs=1e-12)
    assert any("Moved since the reference: `age`" in says for says in findings(found, 1))
    assert any("was said on average" in says for says in findings(found, 1))
    sound(found.to_html())


@pytest.mark.parametrize("kind", [dict, pd.DataFrame, pl.DataFrame, pa.table])
def test_every_kind_of_table(kind):
    batches = {np.datetime64("2026-05-01"): Batch(*month(1, new=0.1)[:2], kind(month(1, new=0.1)[2]))}
    found = evaluate.monitoring_report(batches, reference=Batch(THEN[0], THEN[1], kind(THEN[2])))
    assert found.levels == {"2026-05-01": "act"}
    assert isinstance(found.findings, dict if kind is dict else type(kind(THEN[2])))
    named = found.findings["batch"]
    assert (named.to_pylist() if kind is pa.table else list(named))[0] == "2026-05-01"


def test_batches_without_outcomes_or_without_scores_are_judged_by_what_they_have():
    score, _, columns = month(5, older=9.0)
    batches = {"scores": Batch(score), "columns": Batch(columns=columns), "both": Batch(score, columns=columns)}
    found = evaluate.monitoring_report(batches, reference=Batch(*THEN))
    assert found.levels == {"scores": "stable", "columns": "act", "both": "act"}
    assert found.numbers["batches"][0]["figures"]["roc_auc"] is None
    assert found.numbers["batches"][1]["score"] is None
    sound(found.to_html())
    itself = evaluate.monitoring_report({"itself": Batch(*THEN)}, reference=Batch(*THEN))
    assert itself.levels == {"itself": "stable"}


def test_the_page_stands_alone_whatever_the_names():
    evil = "<script>alert(1)</script>"
    batches = {
        evil if at == 3 else f"{2020 + at // 12}-{at % 12 + 1:02d}": Batch(*month(at, rows=300)) for at in range(30)
    }
    score, happened, columns = month(40, rows=300)
    batches["last"] = Batch(score, happened, columns | {"plan": np.where(score > 0, evil, "")})
    found = evaluate.monitoring_report(batches, reference=Batch(*THEN), title=evil)
    page = sound(found.to_html())
    assert evil in page.text
    assert len(page.alts) == len(found.pictures()) == 5
    assert found.level == "act"
    one = evaluate.monitoring_report({"one class": Batch([0.1, 0.2], [0, 0])}, reference=Batch([0.1, 0.2], [0, 1]))
    assert "both outcomes" in one.numbers["batches"][0]["figures"]["roc_auc"]["not"]
    sound(one.to_html())


@pytest.mark.parametrize(
    ("error", "words", "batches", "reference"),
    [
        (exceptions.EmptyTableError, "list of batches", {}, Batch([1, 2])),
        (exceptions.InvalidParameterError, "dict of batches", [Batch([1])], Batch([1, 2])),
        (exceptions.InvalidParameterError, "`Batch` by name", {"a": [1, 2]}, Batch([1, 2])),
        (exceptions.InvalidParameterError, "different names", {1: Batch([1.0]), "1": Batch([1.0])}, Batch([1, 2])),
        (
            exceptions.InvalidParameterError,
            "of one sort",
            {"a": Batch(evaluate.ScoreHistogram([0.5]).add([0, 1], [0.2, 0.7]))},
            Batch([1, 2]),
        ),
        (exceptions.EmptyTableError, "histogram of `a`", {"a": Batch(evaluate.ScoreHistogram([0.5]))}, Batch([1, 2])),
        (exceptions.InvalidValueError, "row 1", {"a": Batch([1, np.nan])}, Batch([1, 2])),
        (exceptions.WrongLengthError, "2", {"a": Batch([1, 2, 3], [0, 1])}, Batch([1, 2])),
        (exceptions.InvalidParameterError, "reference", {"a": Batch(columns={"x": [1]})}, Batch([1, 2])),
        (exceptions.MissingColumnError, "`x`", {"a": Batch(columns={"y": [1]})}, Batch(columns={"x": [1, 2]})),
        (exceptions.InvalidParameterError, "score", {"a": Batch(outcome=[1])}, Batch([1, 2])),
        (exceptions.InvalidParameterError, "weights", {"a": Batch([1], weights=[1])}, Batch([1, 2])),
    ],
)
def test_errors_say_what_and_where(error, words, batches, reference):
    with pytest.raises(error, match=words):
        evaluate.monitoring_report(batches, reference=reference)


def test_still_batches_seldom_alarm():
    rng = np.random.default_rng(4)

    def batch(rows):
        score = rng.beta(2, 5, rows)
        columns = {name: rng.normal(size=rows) for name in "abc"}
        return evaluate.Batch(score, rng.random(rows) < score, columns)

    levels = []
    for _ in range(6):
        series = {str(month): batch(100) for month in range(40)}
        levels += evaluate.monitoring_report(series, reference=batch(800)).levels.values()
    # One in twenty: 5.1 % of 800 such batches.
    assert sum(level != "stable" for level in levels) <= 0.09 * len(levels)


def test_a_big_batch_does_not_alarm_for_a_trifle():
    score = np.tile(np.linspace(0.05, 0.4, 2000), 200)
    rng = np.random.default_rng(5)
    shifted = 1 / (1 + np.exp(-np.log(score / (1 - score)) - 0.03))
    batches = {"May": evaluate.Batch(score, rng.random(len(score)) < shifted)}
    reference = evaluate.Batch(score, rng.random(len(score)) < score)
    assert evaluate.monitoring_report(batches, reference=reference).level == "stable"


def test_zero_said_of_all_is_told_of():
    rng = np.random.default_rng(6)
    batch = evaluate.Batch(np.zeros(2000), rng.random(2000) < 0.2)
    found = evaluate.monitoring_report({"May": batch}, reference=batch)
    assert found.level == "act"
    assert any("0 % was said on average" in one["says"] for one in found.numbers["batches"][0]["findings"])


def test_settings_rows_and_weights_count_for_scores_and_columns():
    rng = np.random.default_rng(7)
    then, now = rng.random(1000), rng.random(1000) ** 2
    reference = evaluate.Batch(then, then > 0.5, {"x": then})
    moved = {"May": evaluate.Batch(now, now > 0.5, {"x": now})}
    assert evaluate.monitoring_report(moved, reference=reference).numbers["batches"][0]["score"]["level"] == "act"
    wide = evaluate.DriftSettings(watch=5, act=9)
    found = evaluate.monitoring_report(moved, reference=reference, settings=wide).numbers["batches"][0]
    assert (found["score"]["level"], found["columns"][0]["level"]) == ("stable", "stable")
    drawn = evaluate.monitoring_report(moved, reference=reference, settings=wide).pictures()["shift"]
    assert {text.get_text().strip() for text in drawn.figure.axes[0].texts} >= {"watch from 5", "act from 9"}
    with pytest.raises(exceptions.WrongLengthError, match="the columns of `May`"):
        evaluate.monitoring_report(
            {"May": evaluate.Batch(now, now > 0.5, {"x": now[:5]})}, reference=evaluate.Batch(then, columns={"x": then})
        )
    heavy = {"May": evaluate.Batch(then, then > 0.5, {"x": then}, weights=np.where(then > 0.5, 10.0, 0.1))}
    found = evaluate.monitoring_report(heavy, reference=reference).numbers["batches"][0]
    assert found["columns"][0]["population_stability"] == pytest.approx(found["score"]["population_stability"])
