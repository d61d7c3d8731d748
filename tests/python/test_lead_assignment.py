"""Assignment and the public pool from Python: against scipy, for every kind of frame, and every error."""

import datetime

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import tierwise as tw
from scipy.optimize import linear_sum_assignment
from tierwise import exceptions

LEADS = {"lead": ["l1", "l2", "l3"], "value": [90.0, None, 10.0], "skill": ["x;y", "x", None]}
REPS = {"rep": ["ann", "ben"], "capacity": [1, 1], "skill": ["x; y", None]}


@pytest.mark.parametrize("seed", range(12))
def test_the_optimum_is_that_of_scipy(seed):
    rng = np.random.default_rng(seed)
    leads, reps = int(rng.integers(1, 120)), int(rng.integers(1, 12))
    capacity = rng.integers(0, 15, reps)
    pairs = rng.integers(-20, 100, (leads, reps)).astype(float) if seed % 2 else rng.normal(5, 10, (leads, reps))
    result = tw.lead.assign(
        {"lead": np.arange(leads)}, {"rep": np.arange(reps), "capacity": capacity}, pair_values=pairs
    )
    # One column per place, and one per lead for going without: worth 0, as are pairs below it.
    places = np.hstack([np.repeat(np.maximum(pairs, 0), capacity, axis=1), np.zeros((leads, leads))])
    rows, columns = linear_sum_assignment(places, maximize=True)
    assert result.total_value == pytest.approx(places[rows, columns].sum(), rel=1e-12)
    assert result.bound == pytest.approx(result.total_value, rel=1e-12)
    assert (result.reps["leads"] <= capacity).all()


@pytest.mark.parametrize("kind", [dict, pd.DataFrame, pl.DataFrame, pa.table])
def test_what_comes_in_goes_out(kind):
    result = tw.lead.assign(kind(LEADS), kind(REPS), skill="skill")
    assert isinstance(result.leads, pa.Table if kind is pa.table else kind)

    def column(name):
        values = result.leads[name].to_pandas() if kind is pa.table else result.leads[name]
        return list(np.array(values))

    assert [None if one != one else one for one in column("rep")] == ["ann", None, "ben"]
    assert [None if one != one else one for one in column("reason")] == [None, "value_unknown", None]
    assert result.total_value == 100.0


def test_turns_owners_limits_and_settings():
    leads = {"lead": [1, 2, 3], "value": [3, 2, 1], "own": ["b", None, None], "grade": ["A", "A", "A"]}
    reps = {"rep": ["a", "b"], "capacity": [3, 3], "win": [1.0, 2.0]}
    kept = tw.lead.assign(leads, reps, method="round_robin", owner="own", multiplier="win")
    assert list(kept.leads["rep"]) == ["b", "a", "b"]
    assert list(kept.leads["kept"]) == [True, False, False]
    assert (kept.next_turn, kept.bound, kept.shadow_prices) == ("a", None, None)
    limited = tw.lead.assign(leads, reps, grade="grade", grade_limits={"a": {"A": 1}, "b": {"A": 1}})
    assert list(limited.leads["reason"]) == [None, None, "grade_limit"]


def test_errors_say_where():
    reps = {"rep": ["a", "b"], "capacity": [1, -2]}
    with pytest.raises(exceptions.InvalidValueError, match=r"capacity at row 1 \(`b`\) is -2"):
        tw.lead.assign({"lead": ["l"], "value": [1]}, reps)
    good = reps | {"capacity": [1, 2]}
    with pytest.raises(exceptions.InvalidValueError, match=r"row 1 is 1\.5"):
        tw.lead.assign({"lead": ["l"], "value": [1]}, reps | {"capacity": [1, 1.5]})
    with pytest.raises(exceptions.InvalidValueError, match="there twice"):
        tw.lead.assign({"lead": ["l", "l"], "value": [1, 2]}, good)
    with pytest.raises(exceptions.NotFiniteError, match="row 0"):
        tw.lead.assign({"lead": ["l"], "value": [np.inf]}, good)
    with pytest.raises(exceptions.MissingColumnError, match="`value`"):
        tw.lead.assign({"lead": ["l"]}, good)
    with pytest.raises(exceptions.UnknownNameError, match="zoe"):
        tw.lead.assign({"lead": ["l"], "value": [1]}, good, grade_limits={"zoe": {"A": 1}})
    with pytest.raises(exceptions.WrongLengthError, match=r"\(1, 2\)"):
        tw.lead.assign({"lead": ["l"]}, good, pair_values=[[1, 2, 3]])
    with pytest.raises(exceptions.InvalidParameterError, match="method"):
        tw.lead.assign({"lead": ["l"], "value": [1]}, good, method="best")


RULES = {"cooling_off_days": 14, "points_per_release": 10.0, "claim_limit": {"most": 1, "days": 7}}


def test_the_pool_from_decision_to_assignment():
    rules = tw.lead.PoolRules(**RULES)
    day = datetime.date
    leads = pd.DataFrame(
        {
            "lead": ["l1", "l2", "l3"],
            "owner": ["ann", None, None],
            "assigned_on": [day(2026, 5, 1), None, None],
            "contact": [day(2026, 5, 20), None, day(2026, 4, 1)],
        }
    )
    releases = {"lead": ["l2"], "rep": ["ben"], "on": [day(2026, 6, 1)]}
    given = {"as_of": "2026-06-05", "releases": releases, "assigned_on": "assigned_on", "last_contact_on": "contact"}
    decided = rules.decide(leads, **given)
    assert list(decided["decision"]) == ["keep", "claimable", "claimable"]
    assert decided["release_on"][0] == pd.Timestamp(2026, 6, 19)
    assert decided["release_on"].isna().tolist() == [False, True, True]
    assert decided["days_left"][0] == 14

    refused = rules.may_claim(leads, which="l2", by="ben", **given)
    assert refused == tw.lead.ClaimAnswer(False, "cooling_off", day(2026, 6, 15))
    claims = {"rep": ["cat"], "on": [day(2026, 6, 4)]}
    refused = rules.may_claim(leads, which="l2", by="cat", claims=claims, **given)
    assert refused == tw.lead.ClaimAnswer(False, "claim_limit", day(2026, 6, 11))
    assert rules.may_claim(leads, which="l2", by="ann", **given).allowed

    ranked = rules.rank(leads, score=[50, 75, 70], **given)
    assert list(ranked["corrected"]) == [50, 65, 70]
    assert list(ranked["rank"])[1:] == [2, 1]
    pool = leads.assign(value=ranked["corrected"], off=ranked["cooling_off"])[ranked["rank"].notna()]
    given_out = tw.lead.assign(pool, {"rep": ["ben"], "capacity": [5]}, excluded="off")
    assert given_out.leads["reason"].iloc[0] == "excluded"
    assert given_out.leads["rep"].iloc[1] == "ben"
    assert list(given_out.leads.index) == [1, 2]


def test_rules_are_saved_and_checked():
    rules = tw.lead.PoolRules(**RULES)
    assert tw.from_json(rules.to_json()) == rules
    assert rules.spec["cooling_off_days"] == 14
    with pytest.raises(exceptions.InvalidRulesError, match="shorten the protection"):
        tw.lead.PoolRules(protection_days=40)
    with pytest.raises(exceptions.InvalidSettingError, match="cooling_off_days"):
        tw.lead.PoolRules(cooling_off_days=-1)
    with pytest.raises(exceptions.InvalidValueError, match="say since when"):
        rules.decide({"lead": ["l"], "owner": ["ann"]}, as_of=5)
    with pytest.raises(exceptions.InvalidValueError, match="after `as_of`"):
        rules.decide({"lead": ["l"], "owner": ["ann"], "on": [9]}, as_of=5, assigned_on="on")
    with pytest.raises(TypeError, match="last_contact_on"):
        rules.decide({"lead": ["l"], "owner": ["ann"]}, as_of=5, contact="x")
