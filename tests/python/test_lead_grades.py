"""Reason codes, what would raise a grade, changes, held grades, ladders and overrides, from Python."""

import json
import math
import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
import tierwise as tw
from tierwise import exceptions

CARD = tw.lead.supplier_prospects()
NAMES = [feature.name for feature in CARD.features]
FACTS = {name: [1.0, 0.0, math.nan] for name in NAMES}
LADDER = tw.lead.LadderCard(
    name="fit",
    features=[tw.Feature.yes_no("decides")],
    criteria=[{"name": "decides", "feature": "decides", "met_when": "yes", "up": 3, "down": 1}],
)


def test_all_differences_sum_to_the_score():
    codes = CARD.reason_codes(FACTS, most=20, algorithm="points_above", keep="all")
    differences = [codes[f"reason_code_{place}_difference"] for place in range(1, 16)]
    np.testing.assert_allclose(np.sum(differences, axis=0), CARD.score(FACTS), atol=1e-12)
    assert codes["reason_code_16"].tolist() == [None] * 3
    assert np.isnan(codes["reason_code_16_difference"]).all()


def test_plans_hold_when_graded():
    raises = CARD.what_would_raise(FACTS, changeable=NAMES)
    assert raises.leads["outcome"].tolist()[1:] == ["reached", "reached"]
    for row in (1, 2):
        changed = {name: [values[row]] for name, values in FACTS.items()}
        for change in raises.changes[row]:
            changed[change["feature"]] = [{"yes": 1.0, "no": 0.0}.get(change["to"]) or float(change["to"])]
        graded = CARD.grade(changed)
        assert graded["grade"][0] == raises.leads["new_grade"][row]
        assert graded["score"][0] == raises.leads["new_score"][row]
        assert raises.leads["cost"][row] == len(raises.changes[row])


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame])
def test_frames_come_out_as_they_went_in(frame):
    data = frame(FACTS)
    assert isinstance(CARD.reason_codes(data), frame)
    assert isinstance(CARD.what_would_raise(data, changeable=NAMES).leads, frame)
    change = CARD.change(data, data, ages=["visits_last_year"], days=2)
    assert isinstance(change.leads, frame)
    assert isinstance(change.levels["aged"], frame)
    assert isinstance(CARD.hold_grades(data, [None, "B", "D"], up=1), frame)
    leads = frame({"id": [1, 2], "now": ["B", None]})
    by_hand = {"lead": 2, "grade": "A", "reason": "r", "author": "a", "set_on": 0}
    result = tw.lead.apply_overrides(leads, [by_hand], lead="id", grade="now", grades=["A", "B"], as_of=5)
    assert list(result["grade"]) == ["B", "A"]
    assert list(result["override"]) == ["none", "active"]


def test_a_new_card_is_read_from_the_later_table():
    spec = CARD.spec
    parts = {key: spec[key] for key in ("name", "characteristics", "grades", "prerequisites")}
    new = tw.lead.Scorecard(**parts, features=CARD.features, initial=5.0)
    change = CARD.change(FACTS, FACTS, new_card=new)
    assert change.card["(initial)"].tolist() == [5.0] * 3
    np.testing.assert_allclose(change.leads["change"], 5.0)


def test_wrong_input_is_refused():
    with pytest.raises(exceptions.UnknownNameError):
        CARD.what_would_raise(FACTS, changeable=NAMES, grade="Z")
    with pytest.raises(exceptions.InvalidParameterError):
        CARD.what_would_raise(FACTS, changeable={NAMES[0]: {"cost": -1}})
    with pytest.raises(exceptions.UnknownNameError) as unknown:
        CARD.hold_grades(FACTS, ["A", "Z", None])
    assert unknown.value.details["row"] == 1
    with pytest.raises(exceptions.InvalidParameterError):
        CARD.hold_grades(FACTS, [None] * 3, up=-1)
    with pytest.raises(exceptions.InvalidParameterError):
        CARD.change(FACTS, FACTS, days=-1)
    with pytest.raises(exceptions.UnknownNameError):
        tw.lead.Ladder().step("E", 1)
    by_hand = {"lead": "a", "grade": "A", "reason": "", "author": "m", "set_on": 0}
    leads = {"lead": ["a"], "grade": ["B"]}
    with pytest.raises(exceptions.InvalidValueError):
        tw.lead.apply_overrides(leads, [by_hand], lead="lead", grade="grade", grades=["A", "B"], as_of=5)


def test_ladder_cards_are_kept():
    assert pickle.loads(pickle.dumps(LADDER)) == LADDER
    assert json.loads(LADDER.to_json())["kind"] == "ladder_card"
    assert tw.lead.Ladder(["low", "mid", "high"]).step("low", 5) == "high"
