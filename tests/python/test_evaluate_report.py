"""The report of a score: the numbers of the single functions, and a page that stands alone."""

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from pages import sound
from scipy import special
from tierwise import evaluate, exceptions, learn

RATES = [0.01, 0.1, 0.5, 0.9, 0.99]
CALL = evaluate.Payoff(true_positive=90, false_positive=-10)


def drawn(rate, rows=4000):
    """Draw an outcome and its true chance."""
    rng = np.random.default_rng(round(1000 * rate))
    log_odds = special.logit(rate) + rng.normal(0, 1.2, rows)
    return rng.random(rows) < special.expit(log_odds), special.expit(log_odds)


def without_nan(found):
    return json.loads(json.dumps(found, allow_nan=False)) == found


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("labels", [("won", "lost"), ("bought", "not")])
def test_numbers_are_those_of_the_single_functions(rate, labels):
    happened, said = drawn(rate)
    outcome = np.where(happened, *labels)
    weights = np.where(np.arange(len(said)) % 3 == 0, 2.0, 1.0)
    given = {"positive": labels[0], "weights": weights}
    region = np.where(np.arange(len(said)) % 4 == 0, "south", "north")
    old = np.sqrt(said) * (1 - np.arange(len(said)) % 7 / 20)
    now = evaluate.report(
        outcome,
        said,
        **given,
        capacity=800,
        payoff=CALL,
        groups={"region": region},
        reference=said**1.1,
        champion=old,
        seed=1,
        replicates=50,
    )
    found = now.numbers
    assert without_nan(found)

    area = evaluate.roc_auc_interval(outcome, said, **given)
    assert found["ranking"]["roc_auc"] == area.value
    assert found["ranking"]["roc_auc_interval"]["low"] == area.low
    assert found["ranking"]["average_precision"] == evaluate.average_precision(outcome, said, **given)
    drawn_anew = evaluate.bootstrap(outcome, said, "average_precision", **given, seed=1, replicates=50)
    assert found["ranking"]["average_precision_interval"]["low"] == drawn_anew.low
    assert found["ranking"]["kolmogorov_smirnov"]["value"] == evaluate.kolmogorov_smirnov(outcome, said, **given).value

    table = evaluate.lift_table(outcome, said, [0.1], **given)
    tenth = found["top"]["table"][2]
    assert (tenth["lift"]["value"], tenth["capture"]["value"], tenth["cut"]) == (
        table["lift"][0],
        table["capture"][0],
        table["cut"][0],
    )
    assert (
        tenth["lift"]["low"]
        <= tenth["lift"]["value"]
        <= tenth["lift"]["high"]
        <= 1 / (weights @ happened / weights.sum()) + 1e-9
    )
    rate_found = tenth["rate"]
    assert rate_found["low"] <= rate_found["rate"] <= rate_found["high"]

    calibration = found["calibration"]
    assert calibration["brier"] == evaluate.brier(outcome, said, **given)
    assert calibration["log_loss"] == evaluate.log_loss(outcome, said, **given)
    bent = evaluate.recalibration(outcome, said, **given)
    assert calibration["recalibration"]["slope"]["low"] == bent.slope.low
    bins = evaluate.calibration_table(outcome, said, **given, by="quantile")
    assert [row["rate"] for row in calibration["table"]] == bins["rate"].tolist()
    assert calibration["mean_probability"] == pytest.approx(np.average(said, weights=weights), abs=1e-12)

    cut = evaluate.cut_for_capacity(said, 800, weights=weights)
    assert found["capacity"]["cut"]["cut"] == cut.cut
    best = evaluate.best_cut(outcome, said, "profit", CALL, **given)
    assert found["profit"]["best"]["value"] == best.value
    assert found["profit"]["break_even"]["cut"] == 0.1
    curve = evaluate.decision_curve(outcome, said, **given)
    assert [row["net_benefit"] for row in found["decision"]["curve"]] == curve["net_benefit"].tolist()

    by = evaluate.by_group(outcome, said, region, cut=cut.cut, probabilities=True, **given)
    south = next(one for one in found["groups"][0]["groups"] if one["group"] == "south")
    assert south["selection_rate"]["rate"] == by.groups["south"].selection_rate.rate
    shifted = evaluate.column_drift(said**1.1, said, current_weights=weights)
    assert found["drift"]["drift"]["population_stability"] == shifted.population_stability
    compared = evaluate.compare_roc_auc(outcome, said, old, **given)
    assert found["champion"]["roc_auc"]["difference"] == compared.difference
    bins = found["histogram"]["bins"]
    assert sum(one["events"] for one in bins) == pytest.approx(weights @ happened)
    assert sum(one["others"] for one in bins) == pytest.approx(weights @ ~happened)


@pytest.mark.parametrize("rate", RATES)
def test_the_page_stands_alone_at_every_base_rate(rate):
    happened, said = drawn(rate, 2000)
    found = evaluate.report(happened, said, happened="bought", capacity=100, payoff=CALL, title="Judged & shown")
    page = sound(found.to_html())
    assert "Judged & shown" in page.text
    assert found.sentences[2] in page.text
    assert len(page.alts) == len(found.pictures()) == 7
    assert sound("<!doctype html><html><body>" + found._repr_html_() + "</body></html>").alts == page.alts


def test_sentences_say_what_a_manager_asks():
    happened, said = drawn(0.1)
    found = evaluate.report(happened, said, happened="bought", capacity=400)
    tenth = found.numbers["top"]["table"][2]
    assert f"{100 * tenth['rate']['rate']:.0f} bought" in found.sentences[2]
    assert "times the average (95 % between" in found.sentences[2]
    assert any(says.startswith("Of the first 400 on the list") for says in found.sentences)


def test_the_lift_interval_holds_the_truth():
    inside, tests = 0, 100
    rng = np.random.default_rng(1)
    for _ in range(tests):
        high = rng.random(1000) < 0.1  # a tenth buys with 30 %, the others with 10 %: the true lift is 2.5
        happened = rng.random(1000) < np.where(high, 0.3, 0.1)
        lift = evaluate.report(happened, high + rng.random(1000) / 2).numbers["top"]["table"][2]["lift"]
        truth = 0.3 / 0.12
        inside += lift["low"] < truth < lift["high"]
    assert 0.9 * tests < inside < 0.99 * tests


def test_doubts_are_found_where_there_are_some():
    happened, said = drawn(0.1)

    def doubts(*given, **how):
        found = evaluate.report(*given, **how).numbers
        return {
            name: " ".join(found[name]["words"]["doubts"])
            for name in ("overview", "ranking", "top", "calibration")
            if "words" in found[name]
        }

    sober = doubts(happened, said)
    assert not any(sober.values()), sober
    assert "wrong way" in doubts(happened, -said)["ranking"]
    assert "too extreme" in doubts(happened, special.expit(2 * special.logit(said)))["calibration"]
    assert "do not use them as amounts" in doubts(happened, said / 2)["calibration"].lower()
    assert "almost too good" in doubts(happened, happened + said / 10)["ranking"]
    coin = doubts(happened, np.random.default_rng(0).random(len(said)))
    assert "coin" in coin["ranking"]
    assert "picked at random" in coin["top"]
    few = doubts(happened[:30], said[:30])
    assert "too few" in few["overview"]


def test_what_cannot_be_computed_says_why():
    happened, said = drawn(0.1, 1000)
    log_odds = evaluate.report(happened, special.logit(said)).numbers
    assert "must be a number in [0, 1]" in log_odds["calibration"]["not"]
    assert "not" in log_odds["decision"]
    assert log_odds["profit"] is None
    certain = np.where(np.arange(1000) == np.flatnonzero(happened)[0], 0.0, said)
    found = evaluate.report(happened, certain)
    assert "infinite" in found.numbers["calibration"]["log_loss"]["not"]
    assert "not" in found.numbers["calibration"]["recalibration"]
    assert "infinite" in sound(found.to_html(pictures=False)).text
    beyond = evaluate.report(happened, np.where(said > 0.5, np.inf, said))
    assert "cannot be drawn" in beyond.numbers["histogram"]["not"]
    assert without_nan(beyond.numbers)
    sound(beyond.to_html())


@pytest.mark.parametrize("score", [[0.5] * 8, [0.0] * 8, [7.0] * 8, [-3.0, 2.0] * 4])
def test_tiny_tables_and_constant_scores_have_a_page(score):
    found = evaluate.report(
        [0, 1] * 4, score, capacity=3, payoff=CALL, groups=["a", "b"] * 4, reference=score, champion=score
    )
    assert without_nan(found.numbers)
    sound(found.to_html())


def test_two_rows_have_a_page():
    two = evaluate.report([0, 1], [0.3, 0.6])
    assert "not" in two.numbers["ranking"]["roc_auc_interval"]
    sound(two.to_html())


def test_hostile_names_are_only_words():
    happened, said = drawn(0.3, 400)
    evil = "<script>alert(1)</script>"
    groups = np.where(np.arange(400) % 2 == 0, evil, "\"><img src=x onerror='alert(1)'> $x^2$ `")
    found = evaluate.report(happened, said, groups={evil: groups}, title=evil, happened=evil)
    page = sound(found.to_html())
    assert evil in page.text
    assert page.tags.count("img") == len(page.alts) == len(found.pictures())


def test_every_kind_of_column_gives_the_same_and_tables_come_back_in_kind():
    happened, said = drawn(0.2, 500)
    plain = evaluate.report(happened, said)
    for of, frame in [(pd.Series, pd.DataFrame), (pl.Series, pl.DataFrame), (list, dict), (pa.array, dict)]:
        found = evaluate.report(of(happened), of(said))
        assert found.numbers["ranking"] == plain.numbers["ranking"]
        assert isinstance(found.tables["top"], frame)
    top = evaluate.report(pd.Series(happened), said).tables["top"]
    assert top["lift"].iloc[-1] == 1.0
    assert list(top["share"].round(2)) == [0.01, 0.05, *np.arange(0.1, 1.01, 0.1).round(2)]
    grouped = evaluate.report(happened, said, groups=pd.DataFrame({"a": ["x", "y"] * 250, "b": [1, 2] * 250}))
    assert list(grouped.tables)[-2:] == ["groups: a", "groups: b"]


@pytest.mark.parametrize("kind", [dict, pd.DataFrame, pl.DataFrame, pa.table])
def test_a_model_and_a_table(kind):
    rng = np.random.default_rng(2)
    columns = {"visits": rng.poisson(3, 1500).astype(float), "staff": rng.lognormal(3, 1, 1500)}
    columns["bought"] = rng.random(1500) < special.expit(columns["visits"] - 4)
    columns["visits"][::9] = np.nan
    part = {name: values[:700] for name, values in columns.items()}
    rest = kind({name: values[700:] for name, values in columns.items()})
    model = learn.Additive().fit({name: part[name] for name in ("visits", "staff")}, part["bought"], positive=True)
    found = evaluate.report(model, rest, outcome="bought", reference=part, happened="bought")
    alone = evaluate.report(columns["bought"][700:], model.probability(rest))
    assert found.numbers["ranking"]["roc_auc"] == alone.numbers["ranking"]["roc_auc"]
    assert found.numbers["model"]["terms"][0]["name"] == "visits"
    assert sum(term["share"] for term in found.numbers["model"]["terms"]) == pytest.approx(1)
    unknown = {one["feature"]: one["share"] for one in found.numbers["model"]["unknown"]}
    assert unknown["visits"] == np.isnan(columns["visits"][700:]).mean()
    assert [one["level"] for one in found.numbers["columns"]] == ["stable", "stable"]
    page = sound(found.to_html())
    assert "What does the model look at?" in page.text
    assert type(found.tables["terms"]) is type(evaluate.report(model, rest, outcome="bought").tables["top"])


def test_a_model_without_terms_and_a_model_of_amounts():
    rng = np.random.default_rng(5)
    visits = rng.normal(size=2000)
    happened = rng.random(2000) < special.expit(visits - 1)
    model = learn.Logistic().fit({"visits": visits}, happened, positive=True)
    scores = model.score({"visits": visits})
    curved = learn.calibrate(scores, happened, positive=True, method="isotonic").apply(model)
    found = evaluate.report(curved, {"visits": visits, "bought": happened}, outcome="bought")
    assert "not" in found.numbers["model"]
    assert found.numbers["calibration"]["brier"] == evaluate.brier(happened, curved.probability({"visits": visits}))
    sound(found.to_html())
    spent = np.exp(visits) * rng.lognormal(0, 0.5, 2000)
    amounts = learn.Additive(bags=1).fit_number({"visits": visits}, spent)
    found = evaluate.report(amounts, {"visits": visits}, outcome=spent, reference={"visits": visits})
    assert found.numbers["figures"]["bias"] == evaluate.bias(spent, amounts.predict({"visits": visits}))
    assert found.numbers["model"]["terms"][0]["share"] == 1.0
    sound(found.to_html())


def test_amounts():
    rng = np.random.default_rng(4)
    worth = rng.lognormal(3, 1, 2000)
    spent = worth * rng.lognormal(0, 0.8, 2000) * (rng.random(2000) < 0.6)
    found = evaluate.report(spent, 1.3 * worth, seed=3, replicates=100)
    figures = evaluate.number_figures(spent, 1.3 * worth)
    assert found.numbers["figures"]["bias"] == figures.bias
    assert found.numbers["figures"]["mean_absolute_percentage_error"] is None
    captured = evaluate.spend_capture(spent, 1.3 * worth, [0.1])
    assert found.numbers["capture"][2]["capture"] == captured["capture"][0]
    ends = evaluate.number_interval(spent, 1.3 * worth, "bias", seed=3, replicates=100)
    assert found.numbers["intervals"]["bias"] == {"value": ends.value, "low": ends.low, "high": ends.high}
    assert "too much is said" in found.sentences[0]
    page = sound(found.to_html())
    assert len(page.alts) == 2
    nothing = evaluate.report(np.array([0.0, 0.0, 2.0, -2.0]), np.ones(4))
    assert "above 0" in nothing.numbers["capture"]["not"]
    assert without_nan(nothing.numbers)
    sound(nothing.to_html())
    assert "ranking" in evaluate.report([0.0, 1.0, 1.0], [1, 2, 3]).numbers
    assert "figures" in evaluate.report([0.0, 1.0, 1.0], [1, 2, 3], kind="number").numbers


@pytest.mark.parametrize(
    ("error", "words", "work"),
    [
        (exceptions.OneClassError, "both outcomes", lambda: evaluate.report([1, 1], [0.1, 0.2])),
        (exceptions.InvalidValueError, "row 1", lambda: evaluate.report([1, 0], [0.1, np.nan])),
        (exceptions.InvalidValueError, "row 0", lambda: evaluate.report([1, 0], [1.1, 0.2], probability=True)),
        (exceptions.WrongLengthError, "2", lambda: evaluate.report([1, 0], [0.1])),
        (exceptions.EmptyTableError, "empty", lambda: evaluate.report([], [])),
        (exceptions.InvalidParameterError, "capacity", lambda: evaluate.report([1, 0], [1, 2], capacity=0)),
        (exceptions.InvalidParameterError, "confidence", lambda: evaluate.report([1, 0], [1, 2], confidence=1)),
        (exceptions.InvalidParameterError, "payoff", lambda: evaluate.report([1, 0], [1, 2], payoff=(1, 2))),
        (exceptions.InvalidParameterError, "positive", lambda: evaluate.report(["a", "b"], [1, 2])),
        (exceptions.InvalidParameterError, "capacity", lambda: evaluate.report([3, 2], [1, 2], capacity=1)),
        (exceptions.InvalidParameterError, "reference", lambda: evaluate.report([3, 2], [1, 2], reference=[1])),
        (
            exceptions.InvalidParameterError,
            "sum over the customers",
            lambda: evaluate.report([1, 0] * 9, [1, 2] * 9, payoff=evaluate.Payoff(1e308, -1)),
        ),
        (exceptions.InvalidParameterError, "kind", lambda: evaluate.report([1, 0], [1, 2], kind="both")),
        (exceptions.InvalidParameterError, "outcome", lambda: evaluate.report([1, 0], [1, 2], outcome="x")),
        (
            exceptions.InvalidValueError,
            "the group `g` at row 1",
            lambda: evaluate.report([1, 0], [1, 2], groups={"g": ["a", None]}),
        ),
        (exceptions.WrongLengthError, "groups", lambda: evaluate.report([1, 0], [1, 2], groups={"g": ["a"]})),
        (
            exceptions.WrongLengthError,
            "the second score",
            lambda: evaluate.report([1, 0] * 4, range(8), champion=[1.0]),
        ),
    ],
)
def test_errors_say_what_and_where(error, words, work):
    with pytest.raises(error, match="(?i)" + words.replace("[", r"\[")):
        work()


def test_without_matplotlib_the_numbers_are_there_and_the_page_says_what_is_missing():
    program = """
import sys
sys.modules["matplotlib"] = None
import importlib.util
found = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name == "matplotlib" else found(name, *rest)
import tierwise as tw
report = tw.evaluate.report([0, 1, 0, 1], [.1, .4, .35, .8])
assert report.numbers["ranking"]["roc_auc"] == 1.0
assert "<h1>" in report.to_html(pictures=False) and "<h1>" in report._repr_html_()
try:
    report.to_html()
except tw.exceptions.MissingPackageError as error:
    assert isinstance(error, ImportError) and 'pip install "tierwise[plot]"' in str(error)
    assert (error.code, error.details["package"]) == ("missing_package", "matplotlib")
    print("refused")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "refused\n"


def test_the_same_numbers_draw_the_same_page(tmp_path):
    happened, said = drawn(0.3, 300)
    page = evaluate.report(happened, said).to_html(tmp_path / "page.html")
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == page == evaluate.report(happened, said).to_html()
    assert json.loads(evaluate.report(happened, said, title="x").to_json())["title"] == "x"
