"""Events to points from tables of every kind, against pandas; the ledger, changes, and the matrix."""

import datetime
import pickle

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import tierwise as tw
from tierwise import exceptions

COLUMNS = {"lead": "lead", "event": "type", "date": "day"}
RULES = tw.lead.EventRules(
    rules=[
        {"name": "visit", "points": 1.5, "counted": {"first": {"n": 2, "per": "month"}}, "window": 200, "group": "web"},
        {"name": "mail", "points": 3, "decay": {"half_life": 30}, "maximum": 9, "group": "web"},
        {"name": "call", "points": -2, "counted": "once"},
    ],
    groups=[{"name": "web", "maximum": 12}],
    minimum=-1,
    name="events",
)
AS_OF = datetime.date(2025, 6, 30)


def log(rows=3000):
    rng = np.random.default_rng(5)
    day = np.datetime64(AS_OF) - rng.integers(0, 400, rows)
    return pd.DataFrame(
        {
            "lead": rng.integers(0, 200, rows) * 3,
            "type": rng.choice(["visit", "mail", "call"], rows, p=[0.5, 0.4, 0.1]),
            "day": day.astype("datetime64[ns]"),
        }
    )


def by_pandas(frame):
    age = (pd.Timestamp(AS_OF) - frame["day"]).dt.days
    visits = frame[(frame["type"] == "visit") & (age < 200)]
    months = visits.groupby(["lead", visits["day"].dt.strftime("%Y-%m").rename("month")]).size().clip(upper=2)
    visit = 1.5 * months.groupby(level="lead").sum()
    mail = (3 * 0.5 ** (age / 30))[frame["type"] == "mail"].groupby(frame["lead"]).sum().clip(upper=9)
    call = -2.0 * (frame["type"] == "call").groupby(frame["lead"]).any()
    parts = pd.DataFrame({"visit": visit, "mail": mail, "call": call}).fillna(0.0).sort_index()
    return ((parts["visit"] + parts["mail"]).clip(upper=12) + parts["call"]).clip(lower=-1)


KINDS = {
    "pandas": lambda frame: frame.set_index(np.arange(len(frame)) + 7),
    "pandas categories": lambda frame: frame.astype({"type": "category"}),
    "polars": pl.from_pandas,
    "polars categories": lambda frame: pl.from_pandas(frame).with_columns(pl.col("type").cast(pl.Categorical)),
    "polars in chunks": lambda frame: pl.concat([pl.from_pandas(frame[:1000]), pl.from_pandas(frame[1000:])]),
    "pyarrow": lambda frame: pa.Table.from_pandas(frame, preserve_index=False),
    "pyarrow dictionary": lambda frame: pa.table(
        {"lead": frame["lead"], "type": pa.array(frame["type"]).dictionary_encode(), "day": pa.array(frame["day"])}
    ),
    "dict": lambda frame: {name: frame[name].to_numpy() for name in frame},
}


@pytest.mark.parametrize("kind", list(KINDS))
def test_tables_of_every_kind_as_pandas_would(kind):
    frame = log()
    table = KINDS[kind](frame)
    points = RULES.points(table, **COLUMNS, as_of=AS_OF)
    assert type(points) is type(table)
    expected = by_pandas(frame)
    assert np.asarray(points["lead"]).tolist() == expected.index.tolist()
    np.testing.assert_allclose(np.asarray(points["engagement"]), expected.to_numpy(), atol=1e-7)
    parts = sum(np.asarray(points[name]) for name in [*RULES.rules, "caps"])
    np.testing.assert_array_equal(np.round(parts, 9), np.round(np.asarray(points["engagement"]), 9))


def test_leads_asked_for_come_in_their_order():
    events = {"lead": ["b", "a", "b"], "type": ["visit", "mail", "mail"], "day": [10, 10, 10]}
    points = RULES.points(events, **COLUMNS, as_of=10, leads=["c", "b", "a"])
    assert points["lead"].tolist() == ["c", "b", "a"]
    assert points["engagement"].tolist() == [0.0, 4.5, 3.0]
    only = RULES.points(events, **COLUMNS, as_of=10, leads=pl.Series(["a"]), other_leads="leave_out")
    assert only["engagement"].tolist() == [3.0]
    none = {"lead": np.array([], np.int64), "type": [], "day": np.array([], np.int64)}
    assert RULES.points(none, **COLUMNS, as_of=10, leads=[5, 3])["lead"].tolist() == [5, 3]
    with pytest.raises(exceptions.InvalidValueError, match=r"row 1 \(`a`\) is not among those asked for"):
        RULES.points(events, **COLUMNS, as_of=10, leads=["b"])
    with pytest.raises(exceptions.InvalidValueError, match="listed twice"):
        RULES.points(events, **COLUMNS, as_of=10, leads=["b", "b"])
    with pytest.raises(exceptions.WrongKindError, match="texts"):
        RULES.points(events, **COLUMNS, as_of=10, leads=[1, 2])


def test_rows_that_cannot_count():
    events = {"lead": ["b", "a"], "type": ["visit", "fax"], "day": [10, 11], "id": [1, 1]}
    with pytest.raises(exceptions.UnknownNameError, match="row 1 is `fax`") as raised:
        RULES.points(events, **COLUMNS, as_of=20)
    assert raised.value.details["known"] == ["call", "mail", "visit"]
    with pytest.raises(exceptions.InvalidValueError, match=r"the event at row 1 \(`a`\) is of day 11"):
        RULES.points(events | {"type": ["visit", "mail"]}, **COLUMNS, as_of=10)
    with pytest.raises(exceptions.InvalidValueError, match="row 0, which has another lead"):
        RULES.points(events, **COLUMNS, as_of=20, unknown_events="leave_out", id="id", duplicates="count_once")
    with pytest.raises(exceptions.InvalidValueError, match="the event type `type` at row 1 is unknown"):
        RULES.points(events | {"type": ["visit", None]}, **COLUMNS, as_of=20)
    with pytest.raises(exceptions.InvalidParameterError, match="`later` of `EventRules` must be"):
        RULES.points(events, **COLUMNS, as_of=20, later="ignore")
    with pytest.raises(exceptions.DuplicateColumnError, match="`visit`"):
        RULES.points({"visit": [1], "type": ["visit"], "day": [1]}, lead="visit", event="type", date="day", as_of=1)
    twice = {"lead": ["a"] * 2, "type": ["mail"] * 2, "day": [10, 10], "id": ["x", "x"]}
    assert RULES.points(twice, **COLUMNS, as_of=10, id="id", duplicates="count_once")["engagement"].tolist() == [3.0]


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"decay": {"half_life": -3}}, "rule `visit`: the half-life must be a number of days above 0, got -3"),
        ({"window": -3}, "rule `visit`: the window must be at least 1 day, got -3"),
        ({"group": "web"}, "rule `visit`: there is no group `web`"),
    ],
)
def test_rules_that_contradict_themselves(rule, message):
    with pytest.raises(exceptions.InvalidRulesError, match=message):
        tw.lead.EventRules(rules=[{"name": "visit", "points": 1, **rule}])


def test_a_misspelt_field_is_named():
    with pytest.raises(exceptions.InvalidSettingError, match=r"rules\[0\]"):
        tw.lead.EventRules(rules=[{"name": "visit", "points": 1, "windw": 3}])


@pytest.mark.parametrize("kind", list(KINDS))
def test_the_ledger_adds_up(kind):
    table = KINDS[kind](log(500))
    ledger = RULES.ledger(table, **COLUMNS, as_of=AS_OF)
    points = RULES.points(table, **COLUMNS, as_of=AS_OF)
    assert type(ledger) is type(table)
    lines = pd.DataFrame({name: np.asarray(ledger[name]) for name in ["lead", "points", "row"]})
    sums = lines.groupby("lead")["points"].sum().round(9)
    np.testing.assert_array_equal(sums, np.round(np.asarray(points["engagement"]), 9))
    assert sorted(lines["row"][lines["row"] >= 0]) == list(range(500))


def test_a_change_adds_up_by_lead_and_by_rule():
    frame = log()
    new = tw.lead.EventRules(rules=[{"name": "mail", "points": 2}, {"name": "visit", "points": 1, "maximum": 5}])
    settings = COLUMNS | {"start": "2025-03-01", "end": AS_OF, "new_rules": new, "unknown_events": "leave_out"}
    change = RULES.change(frame, **settings)
    steps = change[["before", "ageing", "data", "rules"]].sum(axis=1)
    np.testing.assert_allclose(steps, change["after"], atol=1e-9)
    before = RULES.points(frame, **COLUMNS, as_of="2025-03-01", later="leave_out")
    np.testing.assert_array_equal(change["before"], before["engagement"])
    parts = RULES.change(frame, **settings, by="rule")
    sums = parts.groupby("lead")[["before", "ageing", "data", "rules", "after"]].sum()
    np.testing.assert_allclose(sums, change.set_index("lead")[sums.columns], atol=1e-9)
    assert parts["rule"].unique().tolist() == ["visit", "mail", "call", "caps"]


def test_models_are_kept(tmp_path):
    bands = [{"name": "A", "from": 5.0}, {"name": "B", "to": 5.0}]
    matrix = tw.lead.FitEngagement(fit=bands, engagement=[{"name": "1"}])
    for model in [RULES, matrix]:
        tw.save(model, tmp_path / "model.json")
        assert tw.load(tmp_path / "model.json") == model == pickle.loads(pickle.dumps(model))
    assert matrix.labels == ["A1", "B1"]
    assert "3 rules" in repr(RULES)


def test_the_matrix_gives_back_what_it_got():
    bands = [{"name": "A", "from": 5.0}, {"name": "B", "to": 5.0}]
    matrix = tw.lead.FitEngagement(fit=bands, engagement=[{"name": "1", "from": 0}, {"name": "2", "to": 0}])
    fit = pd.Series([6.0, None, 1.0], index=[3, 4, 5])
    labels = matrix.label(fit, [1, 1, -1])
    assert labels.index.tolist() == [3, 4, 5]
    assert labels.astype(object).where(labels.notna(), None).tolist() == ["A1", None, "B2"]
    both = matrix.side_by_side(pl.Series("fit", [6.0, 1.0]), [1.0, -1.0])
    assert both.to_dict(as_series=False) == {
        "fit_score": [6.0, 1.0],
        "engagement_score": [1.0, -1.0],
        "fit": ["A", "B"],
        "engagement": ["1", "2"],
        "label": ["A1", "B2"],
    }
    with pytest.raises(exceptions.WrongLengthError):
        matrix.label([1.0], [1.0, 2.0])
    with pytest.raises(exceptions.InvalidBandsError, match="open"):
        tw.lead.FitEngagement(fit=[{"name": "A", "from": 0}], engagement=bands)


@pytest.mark.parametrize("rules", [None, "abc", [1], {"name": "call"}])
def test_rules_that_are_no_list_of_dicts_are_refused(rules):
    with pytest.raises(exceptions.InvalidParameterError, match="`rules"):
        tw.lead.EventRules(rules=rules)
    with pytest.raises(exceptions.InvalidParameterError, match="`fit"):
        tw.lead.FitEngagement(fit=rules, engagement=[{"name": "1"}])
