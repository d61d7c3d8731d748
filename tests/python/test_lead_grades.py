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


NO_LIST = [None, 5, math.nan, True, "met", b"met", np.array(3), object(), [None], {1: 2}]
BY_HAND = {"lead": "a", "grade": "A", "reason": "r", "author": "m", "set_on": 0}
LEADS = {"lead": ["a", "b"], "grade": ["B", "A"]}
OVERRIDES = {"lead": "lead", "grade": "grade", "grades": ["A", "B"], "as_of": 5}
CRITERIA = [{"name": "d", "feature": "d", "met_when": "yes", "up": 1}]
D = [tw.Feature.yes_no("d")]


@pytest.mark.parametrize("wrong", NO_LIST, ids=repr)
@pytest.mark.parametrize(
    "call",
    [
        lambda wrong: CARD.what_would_raise(FACTS, changeable=wrong),
        lambda wrong: CARD.what_would_raise(FACTS, changeable={NAMES[0]: wrong}),
        lambda wrong: CARD.what_would_raise(FACTS, changeable=NAMES, grade=wrong if wrong is not None else 1),
        lambda wrong: CARD.change(FACTS, FACTS, new_card=wrong if wrong is not None else 1),
        lambda wrong: CARD.change(FACTS, FACTS, ages=wrong),
        lambda wrong: tw.lead.hold_bands([1.0], [None], bands=wrong),
        lambda wrong: tw.lead.Ladder(wrong if wrong is not None else 1),
        lambda wrong: tw.lead.Ladder().step("D", wrong if wrong != 5 and wrong is not True else "5"),
        lambda wrong: tw.lead.LadderCard(name="x", features=wrong, criteria=CRITERIA),
        lambda wrong: tw.lead.LadderCard(name="x", features=D, criteria=wrong),
        lambda wrong: tw.lead.LadderCard(name="x", features=D, criteria=CRITERIA, notes=wrong),
        lambda wrong: tw.lead.LadderCard(name="x", features=D, criteria=CRITERIA, ladder=wrong if wrong else 1),
        lambda wrong: tw.lead.apply_overrides(LEADS, wrong, **OVERRIDES),
        lambda wrong: tw.lead.apply_overrides(LEADS, [wrong], **OVERRIDES),
        lambda wrong: tw.lead.apply_overrides(LEADS, [BY_HAND], **OVERRIDES | {"lead": wrong}),
        lambda wrong: tw.lead.apply_overrides(LEADS, [BY_HAND], **OVERRIDES | {"grades": wrong}),
    ],
)
def test_what_is_of_another_kind_is_refused_by_name(call, wrong):
    with pytest.raises(exceptions.TierwiseError) as refused:
        call(wrong)
    assert str(refused.value)


@pytest.mark.parametrize("lead", [None, math.nan, ""])
def test_an_override_of_nobody_is_refused(lead):
    with pytest.raises(exceptions.InvalidValueError):
        tw.lead.apply_overrides(LEADS, [BY_HAND | {"lead": lead}], **OVERRIDES)


def test_leads_are_compared_by_the_text_of_the_table():
    for leads in (pd.Series([7.0, 8.0]), pd.Series([7, 8]), ["7", "8"], pd.Categorical([7, 8])):
        data = pd.DataFrame({"lead": leads, "grade": ["B", "A"]})
        found = tw.lead.apply_overrides(data, [BY_HAND | {"lead": 7}], **OVERRIDES)
        assert found["grade"].tolist() == ["A", "A"]


def test_held_grades_are_read_from_any_column():
    names = np.array(["C", None, "C"], dtype=object)
    expected = CARD.hold_grades(FACTS, names, up=1000)["held_grade"].tolist()
    for previous in (pd.Series(names), pd.Series(names, dtype="category", index=[7, 3, 1]), names.tolist()):
        assert CARD.hold_grades(FACTS, previous, up=1000)["held_grade"].tolist() == expected
    unknown = CARD.hold_grades(FACTS, [None] * 3)
    assert unknown["held_grade"].tolist() == unknown["raw_grade"].tolist()


def test_long_tables_are_as_their_rows_one_by_one():
    """Longer than the parts in which they are worked on."""
    random = np.random.default_rng(4)
    facts = {name: random.choice([0.0, 1.0, math.nan], 9001) for name in NAMES}
    previous = random.choice(np.array(["A", "B", "C", "D", None], dtype=object), 9001)
    codes = CARD.reason_codes(facts, padding="none")
    held = CARD.hold_grades(facts, previous, up=5, down=9)
    assert all(len(column) == 9001 for column in [*codes.values(), *held.values()])
    for row in [0, 4095, 4096, 8191, 8192, 9000]:
        one = {name: values[row : row + 1] for name, values in facts.items()}
        for name, column in CARD.reason_codes(one, padding="none").items():
            assert column[0] == codes[name][row]
        for name, column in CARD.hold_grades(one, previous[row : row + 1], up=5, down=9).items():
            assert column[0] == held[name][row]
