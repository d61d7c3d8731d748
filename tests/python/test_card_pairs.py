"""Pairs of features in a card, from Python: every table in, every use of a card."""

import json
import math

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import tierwise as tw
from tierwise import exceptions

PAIR = {
    "name": "tenure and contract",
    "features": ["tenure", "contract"],
    "rows": [{"range": {"below": 3}}, {"range": {"from": 3, "below": 12}}, "unknown", "otherwise"],
    "columns": [{"level": "monthly"}, "otherwise"],
    "points": [[-20, 1], [-7, 3], [-4, 0.5], [-1, 6]],
    "neutral": 0.25,
    "group": "account",
    "reason_code": "TC",
}
CARD = {
    "name": "contracts",
    "features": [
        tw.Feature.number("tenure", unknown="own"),
        tw.Feature.category("contract", ["monthly", "yearly", "other"]),
    ],
    "characteristics": [
        {
            "name": "tenure",
            "feature": "tenure",
            "group": "account",
            "attributes": [{"when": "unknown", "points": 2}, {"when": "otherwise", "points": 1}],
        }
    ],
    "grades": [{"name": "A", "from": 0}, {"name": "B", "to": 0}],
}
CUSTOMERS = {"tenure": [2.0, 4.0, None, 12.0], "contract": ["monthly", "other", "yearly", None]}


def card(**changes):
    return tw.lead.Scorecard(**CARD, pairs=[PAIR | changes])


@pytest.mark.parametrize("frame", [dict, pd.DataFrame, pl.DataFrame, pa.table])
def test_cells_are_added_after_the_characteristics(frame):
    data = frame(CUSTOMERS)
    explained = card().explain(data)
    assert list(explained if frame is dict else explained.columns if frame is not pa.table else explained.column_names)[
        -2:
    ] == ["tenure", "tenure and contract"]
    np.testing.assert_array_equal(np.asarray(explained["tenure and contract"]), [-20, 3, 0.5, 0.25])
    np.testing.assert_array_equal(np.asarray(card().score(data)), [-19, 4, 2.5, 1.25])


def test_grades_have_bounds_and_reasons():
    graded = card().grade(CUSTOMERS, reasons=2)
    assert graded["grade"].tolist() == ["B", "A", "A", "A"]
    assert graded["worst_score"].tolist() == [-19, 4, 1 + 0.5, 1 - 1]
    assert graded["best_score"].tolist() == [-19, 4, 2 + 6, 1 + 6]
    assert graded["reason_1"].tolist()[:2] == [
        "tenure and contract: tenure below 3, contract monthly",
        "tenure and contract: tenure 3 to below 12, contract otherwise",
    ]
    assert card().range == (1 - 20, 2 + 6)
    assert card().groups == {"account": ["tenure", "tenure and contract"]}
    assert card().reason_codes(CUSTOMERS)["reason_code_1"].tolist() == ["TC", None, None, None]


def test_the_change_of_a_score_has_a_part_for_the_pair():
    later = CUSTOMERS | {"contract": ["yearly", "other", "yearly", None]}
    change = card().change(CUSTOMERS, later, ages=[], days=0)
    assert change.leads["change"].tolist() == [21, 0, 0, 0]


def test_a_card_of_pairs_alone_comes_back_from_its_file():
    alone = tw.lead.Scorecard(name="pairs", features=CARD["features"], pairs=[PAIR])
    again = tw.from_json(alone.to_json())
    assert again.fingerprint == alone.fingerprint
    assert again.spec["pairs"] == [PAIR]
    np.testing.assert_array_equal(again.score(CUSTOMERS), [-20, 3, 0.5, 0.25])
    assert "pairs" not in json.loads(tw.lead.supplier_prospects().to_json())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"points": [[1, 2]]}, "`points` has 1 lists, but there are 4 rows"),
        ({"columns": [{"level": "monthly"}, {"level": "other"}]}, "columns: no condition covers `yearly`"),
        ({"features": ["tenure", "tenure"]}, "both features are `tenure`"),
        ({"name": "tenure"}, "the name is used twice"),
    ],
)
def test_a_pair_that_contradicts_itself_says_where(changes, words):
    with pytest.raises(exceptions.InvalidScorecardError, match=words):
        card(**changes)


@pytest.mark.parametrize("points", [math.nan, "many"])
def test_points_that_are_no_numbers(points):
    with pytest.raises(exceptions.TierwiseError, match="points"):
        card(points=[[points, 1], [-7, 3], [-4, 0.5], [-1, 6]])


def test_a_misspelt_key_and_pairs_that_are_no_list():
    with pytest.raises(exceptions.InvalidSettingError, match="pairs"):
        card(cells=[])
    with pytest.raises(exceptions.InvalidParameterError, match="pairs"):
        tw.lead.Scorecard(**CARD, pairs=PAIR)


def test_what_cannot_be_asked_of_pairs():
    with pytest.raises(exceptions.InvalidScorecardError, match="one fact at a time"):
        card().what_would_raise(CUSTOMERS, changeable=["tenure"])
    with pytest.raises(exceptions.InvalidScorecardError, match="leave the pairs out"):
        tw.lead.CardFit(card()).fit(CUSTOMERS, [True, False, True, False], positive=True)
