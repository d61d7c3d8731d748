"""Weights from panels and pairwise comparisons, against scipy, numpy and a plain reading of the definitions."""

import math

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import tierwise as tw
from scipy import stats
from tierwise import exceptions

FACTORS = ["asked", "budget", "brand", "events", "visits"]


def answers(sizes, seed=0, shift=0):
    """Rate five factors from 1 to 7 in several panels; ``shift`` is what the last panel says otherwise."""
    random = np.random.default_rng(seed)
    importance = np.array([6.0, 5.0, 4.0, 2.5, 2.0])
    columns = {"team": [], **{factor: [] for factor in FACTORS}}
    for place, (team, size) in enumerate(sizes.items()):
        said = importance[::-1] if shift and place == len(sizes) - 1 else importance
        for _ in range(size):
            row = np.clip(np.round(said + random.normal(0, 1, 5)), 1, 7)
            row[0] += row.min() == row.max()
            columns["team"].append(team)
            for factor, value in zip(FACTORS, row, strict=True):
                columns[factor].append(float(value))
    return columns


def matrix(columns, team=None):
    rows = [row for row, name in enumerate(columns["team"]) if team in (None, name)]
    return np.array([[columns[factor][row] for factor in FACTORS] for row in rows])


def test_agreement_is_that_of_friedmans_test():
    for seed in range(5):
        columns = answers({"sales": 9 + seed}, seed)
        ratings = matrix(columns)
        found = tw.lead.PanelSurvey(columns, factors=FACTORS).agreement(replicates=0)
        friedman = stats.friedmanchisquare(*ratings.T)
        assert found["chi_square"][0] == pytest.approx(friedman.statistic, rel=1e-12)
        assert found["kendall_w"][0] == pytest.approx(friedman.statistic / (len(ratings) * 4), rel=1e-12)
        assert found["p_value"][0] == pytest.approx(friedman.pvalue, rel=1e-9)
        assert np.isnan(found["w_low"][0])


def test_exact_p_value_is_that_of_all_orders():
    """Shuffle each respondent's ratings, ties included, in every way."""
    import itertools

    ratings = np.array([[5, 3, 3], [4, 2, 5], [5, 1, 2], [4, 4, 1]])
    columns = {name: ratings[:, place].astype(float) for place, name in enumerate("abc")}
    found = tw.lead.PanelSurvey(columns, factors=list("abc")).agreement(replicates=0)
    ranks = stats.rankdata(ratings, axis=1)
    orders = [[np.array(order) for order in itertools.permutations(row)] for row in ranks]
    spread = [np.sum((np.sum(rows, axis=0) - ranks.sum() / 3) ** 2) for rows in itertools.product(*orders)]
    observed = np.sum((ranks.sum(axis=0) - ranks.sum() / 3) ** 2)
    assert found["exact_p_value"][0] == pytest.approx(np.mean(np.array(spread) >= observed - 1e-9), abs=1e-12)


def test_comparisons_are_those_of_scipy():
    columns = answers({"sales": 40, "experts": 12, "partners": 15}, shift=1)
    survey = tw.lead.PanelSurvey(columns, factors=FACTORS, panel="team")
    weights = {}
    for team in survey.panels:
        ratings = matrix(columns, team)
        weights[team] = 100 * (ratings / ratings.sum(axis=1, keepdims=True)).mean(axis=0)
    table = pd.DataFrame(survey.weights(replicates=0))
    for team, expected in weights.items():
        np.testing.assert_allclose(table[table["panel"] == team]["weight"], expected, rtol=1e-12)
    assert table["panel"].isna().sum() == len(FACTORS)  # all respondents together
    compared = pd.DataFrame(survey.compare())
    assert len(compared) == 3
    for _, pair in compared.iterrows():
        one, two = weights[pair["first"]], weights[pair["second"]]
        assert pair["spearman"] == pytest.approx(stats.spearmanr(one, two).statistic)
        assert pair["kendall_tau"] == pytest.approx(stats.kendalltau(one, two).statistic)
        assert pair["distance"] == pytest.approx(np.abs(one - two).sum() / 2)
        assert pair["euclidean"] == pytest.approx(np.linalg.norm(one - two))
        assert pair["largest_difference"] == FACTORS[int(np.argmax(np.abs(one - two)))]
        assert pair["distance_low"] <= pair["distance_high"]


@pytest.mark.parametrize(
    "make", [pd.DataFrame, pl.DataFrame, pa.table, dict], ids=["pandas", "polars", "arrow", "dict"]
)
def test_what_comes_in_goes_out(make):
    columns = answers({"sales": 12, "experts": 10})
    survey = tw.lead.PanelSurvey(make(columns), factors=FACTORS, panel="team")
    plain = tw.lead.PanelSurvey(columns, factors=FACTORS, panel="team")
    for ask in ("weights", "agreement", "compare", "respondents"):
        found, expected = getattr(survey, ask)(), getattr(plain, ask)()
        assert type(found) is type(make(columns))
        for name, values in expected.items():
            column = found[name]
            listed = column.to_pylist() if hasattr(column, "to_pylist") else list(column)
            for one, other in zip(listed, list(values), strict=True):
                assert one == other or (pd.isna(one) and pd.isna(other)), name


def test_intervals_hold_the_truth_and_do_not_depend_on_the_order_of_rows():
    columns = answers({"sales": 30})
    survey = tw.lead.PanelSurvey(columns, factors=FACTORS)
    turned = {name: values[::-1] for name, values in columns.items()}
    first, second = survey.weights(), tw.lead.PanelSurvey(turned, factors=FACTORS).weights()
    for name in ("weight", "low", "high", "rank_low", "rank_high"):
        np.testing.assert_array_equal(first[name], second[name])
    assert (first["low"] < first["weight"]).all()
    assert (first["weight"] < first["high"]).all()
    assert not np.array_equal(first["low"], survey.weights(seed=1)["low"])
    # The percentile interval of a mean is about as wide as the one by its standard error.
    shares = matrix(columns) / matrix(columns).sum(axis=1, keepdims=True) * 100
    expected = 2 * 1.96 * shares.std(axis=0) / np.sqrt(len(shares))
    np.testing.assert_allclose(first["high"] - first["low"], expected, rtol=0.15)


def test_recommendations_say_why():
    alike = tw.lead.PanelSurvey(answers({"sales": 132, "experts": 17}), factors=FACTORS, panel="team")
    found = alike.recommend(decimals=1)
    assert found.panel == "experts"
    assert [one["code"] for one in found.details] == ["panels_agree", "smallest"]
    assert "agree in the main" in found.reasons[0]
    assert round(sum(found.weights.values()), 9) == 100
    assert alike.recommend(when_panels_agree="pooled").panel is None
    assert alike.recommend(costs={"sales": 1, "experts": 50}).panel == "sales"
    assert alike.recommend(minimum_respondents=100).details[-1]["code"] == "only_one"
    with pytest.raises(exceptions.NotEnoughDataError, match="132 where at least 1000"):
        alike.recommend(minimum_respondents=1000)
    differing = tw.lead.PanelSurvey(answers({"sales": 132, "experts": 17}, shift=1), factors=FACTORS, panel="team")
    assert differing.recommend().details[0]["code"] == "panels_differ"


def test_ranks_and_allocations():
    ranks = {"a": [1, 1, 2], "b": [2, 3, 1], "c": [3, 2, 3]}
    survey = tw.lead.PanelSurvey(ranks, factors=["a", "b", "c"], form="ranks")
    centroids = {1: 11 / 18, 2: 5 / 18, 3: 2 / 18}
    expected = [100 * np.mean([centroids[rank] for rank in ranks[name]]) for name in "abc"]
    np.testing.assert_allclose(survey.weights()["weight"], expected)
    with pytest.raises(exceptions.InvalidParameterError, match="mean_shares"):
        survey.weights(aggregation="mean_shares")
    points = {"a": [60, 30], "b": [40, 20], "c": [0, 0]}
    survey = tw.lead.PanelSurvey(points, factors=["a", "b", "c"], form="allocation")
    np.testing.assert_allclose(survey.weights()["weight"], [60, 40, 0], atol=1e-12)


GOOD = {"who": ["ann", "bob", "cid"], "a": [5, 4, 5], "b": [1, 2, 3]}


@pytest.mark.parametrize(
    ("change", "settings", "error", "part"),
    [
        ({"a": [5, -4, 5]}, {}, exceptions.InvalidValueError, "row 1 (`bob`) is -4"),
        ({"a": [5, 2, 5]}, {}, exceptions.InvalidValueError, "2 for every factor"),
        ({"a": [5, None, 5]}, {}, exceptions.InvalidValueError, "`bob`"),
        ({"a": [5, 55, 5]}, {"scale": (1, 5)}, exceptions.InvalidValueError, "55"),
        ({"a": [5, float("inf"), 5]}, {}, exceptions.NotFiniteError, "row 1"),
        ({"a": ["5", "4", "5"]}, {}, exceptions.WrongKindError, "`a`"),
        ({}, {"form": "ranks"}, exceptions.InvalidValueError, "ranks run from 1"),
        ({}, {"quality": "b"}, exceptions.InvalidParameterError, "minimum_quality"),
        ({}, {"quality": "b", "minimum_quality": 3}, exceptions.NotEnoughDataError, "2 more were left out"),
        ({}, {"quality": "deals", "minimum_quality": 3}, exceptions.MissingColumnError, "deals"),
        ({}, {"form": "stars"}, exceptions.InvalidParameterError, "form"),
        ({}, {"panel": "who"}, exceptions.NotEnoughDataError, "`ann`"),
        ({}, {"factors": ["a"]}, exceptions.InvalidParameterError, "factors"),
        ({}, {"factors": "ab"}, exceptions.InvalidParameterError, "factors"),
        ({}, {"scale": 5}, exceptions.InvalidParameterError, "scale"),
        ({"n": [0, 0, 0]}, {"weight": "n"}, exceptions.InvalidValueError, "at least one respondent"),
    ],
)
def test_wrong_answers_are_refused(change, settings, error, part):
    with pytest.raises(error) as raised:
        tw.lead.PanelSurvey(GOOD | change, **({"factors": ["a", "b"], "respondent": "who"} | settings))
    assert part in str(raised.value)


def test_who_is_left_out_is_counted():
    columns = {"a": [5, 4, None, 2, 5, 3], "b": [1, 2, 3, 2, 1, 1], "deals": [3, 4, 9, 9, None, 1]}
    survey = tw.lead.PanelSurvey(
        columns,
        factors=["a", "b"],
        quality="deals",
        minimum_quality=3,
        unknown_answers="leave_out",
        constant_answers="leave_out",
    )
    found = {name: values[0] for name, values in survey.respondents().items()}
    assert (found["respondents"], found["left_out"]) == (2, 4)
    reasons = ["unknown_quality", "low_quality", "unknown_answers", "constant_answers"]
    assert all(found[reason] == 1 for reason in reasons)


@pytest.mark.parametrize("size", [3, 5, 9, 15])
def test_pairwise_weights_are_the_principal_eigenvector(size):
    random = np.random.default_rng(size)
    scale = np.array([1 / 9, 1 / 5, 1 / 3, 1, 2, 3, 5, 7, 9])
    comparisons = np.ones((size, size))
    for row, column in zip(*np.triu_indices(size, 1), strict=True):
        comparisons[row, column] = random.choice(scale)
        comparisons[column, row] = 1 / comparisons[row, column]
    factors = [f"f{place}" for place in range(size)]
    found = tw.lead.pairwise_weights(comparisons, factors=factors)
    values, vectors = np.linalg.eig(comparisons)
    largest = np.argmax(values.real)
    vector = np.abs(vectors[:, largest].real)
    np.testing.assert_allclose(list(found.weights.values()), 100 * vector / vector.sum(), rtol=1e-9)
    assert found.largest_eigenvalue == pytest.approx(values[largest].real, rel=1e-9)
    assert found.consistency_index == pytest.approx((values[largest].real - size) / (size - 1), rel=1e-7)
    means = np.exp(np.log(comparisons).mean(axis=1))
    found = tw.lead.pairwise_weights(comparisons, factors=factors, method="geometric_mean")
    np.testing.assert_allclose(list(found.weights.values()), 100 * means / means.sum(), rtol=1e-9)


def test_a_table_of_judgements_is_the_same_as_matrices():
    judgements = pd.DataFrame(
        [
            ("ann", "a", "b", 3),
            ("ann", "c", "a", 1 / 5),
            ("ann", "b", "c", 2),
            ("bob", "a", "b", 1),
            ("bob", "a", "c", 2),
            ("bob", "b", "c", 7),
        ],
        columns=["who", "first", "second", "value"],
    )
    found = tw.lead.pairwise_weights(judgements, factors=["a", "b", "c"], respondent="who")
    nan = np.nan
    matrices = np.array([[[1, 3, 5], [nan, 1, 2], [nan, nan, 1]], [[1, 1, 2], [nan, 1, 7], [nan, nan, 1]]])
    by_matrix = tw.lead.pairwise_weights(matrices, factors=["a", "b", "c"])
    assert list(found.weights.values()) == pytest.approx(list(by_matrix.weights.values()), rel=1e-12)
    assert list(found.respondents) == ["ann", "bob"]
    assert found.respondents["ann"].consistent
    assert not found.respondents["bob"].consistent
    worst = found.respondents["bob"].most_inconsistent
    assert worst["ratio_after"] < found.respondents["bob"].consistency_ratio
    with pytest.raises(exceptions.UnknownNameError, match="`c`"):
        tw.lead.pairwise_weights(judgements, factors=["a", "b"], respondent="who")
    with pytest.raises(exceptions.InvalidValueError, match="judged twice"):
        tw.lead.pairwise_weights(judgements, factors=["a", "b", "c"])
    with pytest.raises(exceptions.NotEnoughDataError, match="2 where at least 3"):
        tw.lead.pairwise_weights(judgements[:2], factors=["a", "b", "c"])
    with pytest.raises(exceptions.InvalidParameterError, match="shape"):
        tw.lead.pairwise_weights([[1, 2], [1, 1]], factors=["a", "b", "c"])
    with pytest.raises(exceptions.InvalidValueError, match="reverse"):
        tw.lead.pairwise_weights([[1, 2], [2, 1]], factors=["a", "b"])


def test_weights_go_onto_a_card():
    card = tw.lead.supplier_prospects()
    names = [one["name"] for one in card.spec["characteristics"]]
    weights = tw.lead.round_to_hundred(dict.fromkeys(names, 1.0), 1)
    weighted = tw.lead.card_with_weights(card, weights)
    low, high = weighted.range
    assert (low, high) == (0, pytest.approx(100))
    with pytest.raises(exceptions.UnknownNameError):
        tw.lead.card_with_weights(card, weights | {"brand": 1})
    with pytest.raises(exceptions.InvalidScorecardError, match="no weight"):
        tw.lead.card_with_weights(card, {names[0]: 100})
    with pytest.raises(exceptions.InvalidValueError, match="at least one"):
        tw.lead.card_with_weights(card, dict.fromkeys(names, 0))
    with pytest.raises(exceptions.InvalidParameterError):
        tw.lead.card_with_weights(card, dict.fromkeys(names, "1"))


SMALL = {"a": [1, 2], "b": [2, 4]}
NO_NAMES = [5, math.nan, True, b"a", np.array(3), object(), [None], {1: 2}]


@pytest.mark.parametrize("wrong", NO_NAMES, ids=repr)
@pytest.mark.parametrize(
    "call",
    [
        lambda wrong: tw.lead.PanelSurvey(SMALL, factors=wrong),
        lambda wrong: tw.lead.PanelSurvey(SMALL, factors=["a", "b"], panel=wrong),
        lambda wrong: tw.lead.PanelSurvey(SMALL, factors=["a", "b"], quality=wrong),
        lambda wrong: tw.lead.PanelSurvey(SMALL, factors=["a", "b"]).recommend(replicates=0, costs=wrong),
        lambda wrong: tw.lead.round_to_hundred(wrong, 1),
        lambda wrong: tw.lead.round_to_hundred({"a": 10**400}, 1),
        lambda wrong: tw.lead.card_with_weights(tw.lead.supplier_prospects(), wrong),
        lambda wrong: tw.lead.pairwise_weights(SMALL, factors=["a", "b"], first=wrong),
    ],
)
def test_what_is_of_another_kind_is_refused_by_name(call, wrong):
    with pytest.raises(exceptions.TierwiseError) as refused:
        call(wrong)
    assert str(refused.value)
