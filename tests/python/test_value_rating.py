"""Rating by base and bonus: points, evidence, held tiers, migration, rights."""

import datetime
import pickle

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import tierwise as tw

KINDS = [dict, pd.DataFrame, pl.DataFrame, pa.table]
CUSTOMERS = {"id": ["north", "south", "west"], "order_amount": [500_000.0, 500_000.0, None]}
EVIDENCE = {
    "id": ["south", "south", "south", "south", "north"],
    "item": ["referral", "referral", "breadth_of_needs", "growth_potential", "referral"],
    "date": [
        datetime.date(2024, 2, 1),
        datetime.date(2024, 5, 10),
        datetime.date(2023, 11, 20),
        datetime.date(2024, 6, 1),
        datetime.date(2024, 3, 3),
    ],
    "proof": ["order 1077", "order 1102", None, "analyst report", " "],
}
READ = {"customer": "id", "reference": "proof"}


def listed(column):
    """A column of any kind as a list, None for unknown."""
    values = column.to_pylist() if hasattr(column, "to_pylist") else list(column)
    return [None if value is None or value != value else value for value in values]


@pytest.fixture
def rules():
    return tw.value.b2b_rating()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__module__ + "." + kind.__name__)
def test_the_worked_example_in_every_kind_of_frame(rules, kind):
    rated = rules.rate(kind(CUSTOMERS), kind(EVIDENCE), as_of="2024-06-30", **READ)
    assert type(rated) is type(kind(CUSTOMERS))
    assert listed(rated["id"]) == ["north", "south", "west"]
    assert listed(rated["base"]) == [10, 10, None]
    assert listed(rated["referral"]) == [0, 10, 0]
    assert listed(rated["score"]) == [10, 35, None]
    assert listed(rated["tier"]) == ["E", "D", None]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__module__ + "." + kind.__name__)
def test_the_statement_adds_up_in_every_kind_of_frame(rules, kind):
    lines = rules.statement(kind(CUSTOMERS), kind(EVIDENCE), as_of="2024-06-30", **READ)
    assert listed(lines["id"]) == ["north"] * 2 + ["south"] * 5 + ["west"]
    assert listed(lines["row"]) == [-1, 4, -1, 0, 1, 2, 3, -1]
    assert listed(lines["points"]) == [10, 0, 10, 5, 5, 10, 5, None]
    reasons = listed(lines["reason"])
    assert reasons[:2] == ["order_amount in [500000, 1000000)", "no_reference"]
    assert reasons[-1] == "order_amount unknown"
    assert str(listed(lines["date"])[1])[:10] == "2024-03-03"


def test_pandas_keeps_its_index_and_whole_keys_stay_whole(rules):
    customers = pd.DataFrame({"id": [70, 12], "order_amount": [1e6, 0.0]}, index=["x", "x"])
    evidence = pd.DataFrame({"id": [12, 99], "item": ["relationship", "relationship"], "date": [100, 100]})
    rated = rules.rate(customers, evidence, customer="id", as_of=100, other_customers="leave_out")
    assert list(rated.index) == ["x", "x"]
    assert rated["id"].tolist() == [70, 12]
    assert rated["score"].tolist() == [20, 5]
    lines = rules.statement(customers, evidence, customer="id", as_of=100, other_customers="leave_out")
    assert lines["id"].tolist() == [70, 12, 12, 99]
    assert lines["reason"].tolist()[-1] == "other_customer"


def test_units_caps_and_the_score_of_units(rules):
    customers = {"id": [1, 2], "order_amount": [0, 0]}
    evidence = {"id": [1, 1, 2], "item": ["referral"] * 3, "date": [10, 11, 12], "n": [2, 3, 0], "why": ["a", "b", "c"]}
    rated = rules.rate(customers, evidence, customer="id", units="n", reference="why", as_of=20)
    assert rated["referral"].tolist() == [15, 0]
    facts = customers | {name: [0, 0] for name in rules.items} | {"referral": [5, 0]}
    assert rules.score(facts).tolist() == rated["score"].tolist() == [15, 0]


def test_amounts_of_the_period(rules):
    orders = {"id": [7, 7, 8, 9], "day": [100, 400, 30, 420], "paid": [5000.0, 9000.0, 80.0, 1.0]}
    read = {"customer": "id", "date": "day", "amount": "paid"}
    found = rules.order_amounts(pl.DataFrame(orders), pl.DataFrame({"id": [8, 7, 5]}), as_of=420, **read)
    assert isinstance(found, pl.Series)
    assert found.name == "order_amount"
    assert found.to_list() == [0, 14_000, 0]
    with pytest.raises(tw.exceptions.InvalidValueError, match=r"row 3 \(`9`\)"):
        rules.order_amounts(orders, {"id": [8]}, as_of=419, **read)
    left = rules.order_amounts(orders, {"id": [9]}, as_of=419, later="leave_out", **read)
    assert left.tolist() == [0]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"base": [{"from": 0, "points": 1}]}, "outermost"),
        ({"base": [{"to": 5, "points": 1}, {"from": 6, "points": 2}]}, "gap from 5 to 6"),
        ({"base": [{"points": 0.1}]}, "multiple of 1/1024"),
        ({"base": [{"points": 1, "point": 2}]}, "point"),
        ({"base": []}, "at least one"),
        ({"bonus": [{"name": "x", "points": 1}]}, "per"),
        ({"bonus": [{"name": "tier", "points": 1, "per": "once"}]}, "`tier`"),
        ({"bonus": [{"name": "x", "points": 1, "per": "day"}]}, "bonus"),
        ({"bonus_maximum": -1}, "bonus_maximum"),
        ({"tiers": [{"name": "A", "from": 1}]}, "outermost"),
        ({"period_days": 0}, "period_days"),
        ({"base": "x"}, "`base`"),
    ],
)
def test_rules_that_cannot_be_are_refused(change, words):
    sound = {"base": [{"points": 1}], "tiers": [{"name": "A"}]}
    tw.value.RatingRules(**sound)
    with pytest.raises(tw.exceptions.TierwiseError, match=words):
        tw.value.RatingRules(**sound | change)


@pytest.mark.parametrize(
    ("evidence", "words"),
    [
        ({"item": ["gift"]}, "`gift`"),
        ({"item": [None]}, "unknown"),
        ({"date": [None]}, "unknown"),
        ({"date": [101]}, "must not lie after"),
        ({"id": [3]}, "none of those"),
        ({"id": ["one"]}, "keys as in"),
        ({"n": [1.5]}, "whole numbers"),
        ({"n": [float("nan")]}, "whole numbers"),
        ({"n": [-1]}, "whole numbers"),
        ({"n": [float("inf")]}, "`n`|whole numbers"),
    ],
)
def test_evidence_that_cannot_count_is_refused(rules, evidence, words):
    log = {"id": [1], "item": ["relationship"], "date": [100], "n": [1]} | evidence
    with pytest.raises(tw.exceptions.TierwiseError, match=words):
        rules.rate({"id": [1], "order_amount": [5.0]}, log, customer="id", units="n", as_of=100)


def test_customers_that_cannot_be_are_refused(rules):
    log = {"id": [1], "item": ["relationship"], "date": [100]}
    with pytest.raises(tw.exceptions.InvalidValueError, match="listed twice"):
        rules.rate({"id": [1, 1], "order_amount": [5.0, 6.0]}, log, customer="id", as_of=100)
    with pytest.raises(tw.exceptions.NotFiniteError, match="row 1"):
        rules.rate({"id": [1, 2], "order_amount": [5.0, np.inf]}, log, customer="id", as_of=100)
    with pytest.raises(tw.exceptions.MissingColumnError, match="order_amount"):
        rules.rate({"id": [1]}, log, customer="id", as_of=100)
    with pytest.raises(tw.exceptions.InvalidParameterError, match="`customer`"):
        rules.rate({"score": [1], "order_amount": [5.0]}, customer="score", as_of=100)
    with pytest.raises(tw.exceptions.InvalidParameterError, match="`customer`"):
        rules.statement({"points": [1], "order_amount": [5.0]}, customer="points", as_of=100)
    empty = rules.rate({"id": np.array([], dtype=int), "order_amount": np.array([])}, customer="id", as_of=100)
    assert len(empty["score"]) == 0
    assert rules.rate({"id": ["x"], "order_amount": [1e300]}, customer="id", as_of=0)["tier"].tolist() == ["B"]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__module__ + "." + kind.__name__)
def test_changes_add_up_and_movers_have_reasons(rules, kind):
    customers = kind({"id": ["north", "south"], "then": [500_000.0, 500_000.0], "now": [90_000.0, 500_000.0]})
    days = {"from_day": "2024-03-31", "to_day": "2025-03-01"}
    changed = rules.change(
        customers, kind(EVIDENCE), customer="id", reference="proof", amount_before="then", amount_after="now", **days
    )
    assert listed(changed.customers["score_before"]) == [10, 25]
    assert listed(changed.customers["score_after"]) == [0, 30]
    parts = {name: np.array(listed(changed.parts[name])) for name in ["before", "amount", "came", "expired", "capped"]}
    assert (sum(parts.values()) == np.array(listed(changed.parts["after"]))).all()
    at = listed(changed.parts["part"]).index("referral") + len(rules.items) + 2  # that of `south`
    assert (parts["came"][at], parts["expired"][at]) == (5, -5)
    assert listed(changed.movers()["id"]) == []  # both keep their tier
    moved = changed.movers(tier_before=["D", "D"], tier_after=["E", "D"])
    assert listed(moved["id"]) == ["north"]
    assert listed(moved["change"]) == [-10]
    sums = [listed(moved[name])[0] for name in ["base", *rules.items, "bonus_cap"]]
    assert sum(sums) == -10
    with pytest.raises(tw.exceptions.WrongLengthError, match="the tiers before"):
        changed.movers(tier_before=["D"])


NEW = {"id": ["ann", "bob", "cid", "dan"], "then": [3e6, None, 3e6, None], "now": [9e4, 9e4, None, None]}
DAYS = {"from_day": "2024-03-31", "to_day": "2024-06-30"}


def change(rules, customers):
    return rules.change(customers, customer="id", amount_before="then", amount_after="now", **DAYS)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__module__ + "." + kind.__name__)
def test_movers_without_a_score_say_what_became_known(rules, kind):
    changed = change(rules, kind(NEW))
    moved = changed.movers()
    assert type(moved) is type(kind(NEW))
    assert listed(moved["id"]) == ["ann", "bob", "cid"]
    assert listed(moved["reason"]) == [
        "order_amount 3000000 -> 90000 (-30)",
        "order_amount became known",
        "order_amount became unknown",
    ]
    assert listed(moved["change"])[1:] == [None, None]
    passed = changed.movers(tier_before=["A"] * 4, tier_after=["B"] * 4)
    assert listed(passed["reason"])[3] == "order_amount unknown on both days"
    same = change(rules, {"id": [1], "then": [5.0], "now": [5.0]})
    assert listed(same.movers(tier_before=["A"])["reason"]) == ["the score is the same"]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__module__ + "." + kind.__name__)
def test_movers_and_held_say_which_rule_decided(rules, kind):
    changed = change(rules, kind(NEW))
    scores = changed.customers["score_after"]
    policy = {"tiers": rules, "as_of": "2024-06-30", "grace_days": 90}
    since = [None, None, "2024-06-01", None]
    since = np.array([np.datetime64(day or "NaT", "D") for day in since])
    rerated = tw.value.rerate(scores, ["C", None, "A", "D"], below_since=since, **policy)
    assert listed(rerated["tier"]) == ["C", "E", "A", "D"]
    held = changed.held(rerated)
    assert type(held) is type(kind(NEW))
    assert listed(held["id"]) == ["ann", "cid", "dan"]
    assert listed(held["rule"]) == ["grace", "not_rated", "not_rated"]
    assert listed(held["rule_in_words"]) == [
        "held by grace until 2024-09-28: the score is in `E`",
        "held: not rated on 2024-06-30; grace goes on until 2024-08-30",
        "held: not rated on 2024-06-30",
    ]
    assert [str(day)[:10] for day in listed(held["below_since"])[:2]] == ["2024-06-30", "2024-06-01"]
    assert listed(held["change"])[0] == listed(held["base"])[0] < 0
    moved = changed.movers(rerated=rerated)
    assert listed(moved["id"]) == ["bob"]
    assert listed(moved["rule"]) == ["new"]
    assert listed(moved["rule_in_words"]) == ["new: there was no tier"]

    later = policy | {"as_of": "2024-09-28", "below_since": rerated["below_since"]}
    again = tw.value.rerate([0.0, 0.0, 0.0, 50.0], rerated["tier"], **later)
    lowered = changed.movers(rerated=again)
    assert listed(lowered["rule_in_words"])[:2] == [
        "lowered after grace (from 2024-06-30 to 2024-09-28): the score is in `E`",
        "lowered after grace (from 2024-06-01 to 2024-08-30): the score is in `E`",
    ]


def test_frames_of_rerating_that_do_not_fit_are_refused(rules):
    changed = change(rules, NEW)
    rerated = tw.value.rerate([1.0], ["A"], tiers=rules, as_of=5)
    for method in (lambda table: changed.movers(rerated=table), changed.held):
        with pytest.raises(tw.exceptions.WrongLengthError, match="`rerated` has 1 rows where 4 are needed"):
            method(rerated)
    with pytest.raises(tw.exceptions.InvalidParameterError, match="`rerated`"):
        changed.movers(["A"] * 4, rerated=rerated)
    with pytest.raises(tw.exceptions.MissingColumnError, match="rule_in_words"):
        changed.held({"tier": ["A"] * 4, "score_tier": ["A"] * 4, "rule": ["same"] * 4})
    copy = pickle.loads(pickle.dumps(changed))
    assert listed(copy.movers()["id"]) == ["ann", "bob", "cid"]


def test_rules_are_saved_and_pickled(rules, tmp_path):
    tw.save(rules, tmp_path / "rules.json")
    assert tw.load(tmp_path / "rules.json") == rules == pickle.loads(pickle.dumps(rules))
    spec = {name: value for name, value in rules.spec.items() if name not in ("format", "kind", "fingerprint")}
    assert tw.value.RatingRules(**spec) == rules


# Held tiers


@pytest.mark.parametrize("make", [list, np.array, pd.Series, pl.Series, pa.array], ids=lambda make: make.__name__)
def test_tiers_are_held_and_the_result_can_be_passed_again(rules, make):
    scores = make([15.0, 90.0, 19.5])
    first = tw.value.rerate(scores, ["D", None, "D"], tiers=rules, as_of="2024-01-31", down=1, grace_days=60)
    assert listed(first["rule"]) == ["grace", "new", "margin_below"]
    assert listed(first["tier"]) == ["D", "A", "D"]
    again = tw.value.rerate(
        scores,
        first["tier"],
        tiers=rules,
        as_of="2024-03-31",
        below_since=first["below_since"],
        down=1,
        grace_days=60,
    )
    assert listed(again["rule"]) == ["down", "same", "margin_below"]
    assert listed(again["tier"]) == ["E", "A", "D"]


def test_a_missing_score_ends_neither_tier_nor_grace(rules):
    policy = {"tiers": rules, "grace_days": 60}
    first = tw.value.rerate([15.0, 15.0], ["D", "D"], as_of="2024-01-01", **policy)
    missing = tw.value.rerate(
        [None, 15.0], first["tier"], as_of="2024-02-01", below_since=first["below_since"], **policy
    )
    assert missing["tier"].tolist() == ["D", "D"]
    assert missing["rule"].tolist() == ["not_rated", "grace"]
    assert missing["rule_in_words"][0] == "held: not rated on 2024-02-01; grace goes on until 2024-03-01"
    assert (missing["below_since"] == first["below_since"]).all()
    last = tw.value.rerate(
        [15.0, 15.0], missing["tier"], as_of="2024-03-01", below_since=missing["below_since"], **policy
    )
    assert last["tier"].tolist() == ["E", "E"]
    strict = tw.value.rerate([None, None], ["D", None], as_of=5, unknown_score="no_tier", **policy)
    assert strict["tier"].tolist() == [None, None]
    assert strict["rule"].tolist() == ["unknown", "unknown"]
    with pytest.raises(tw.exceptions.InvalidParameterError, match="`unknown_score`"):
        tw.value.rerate([None], ["D"], as_of=5, unknown_score="drop", **policy)


def test_rerating_that_cannot_be_is_refused(rules):
    def refused(error, words, previous=("D",), scores=(50.0,), **settings):
        with pytest.raises(error, match=words):
            tw.value.rerate(list(scores), list(previous), tiers=rules, as_of=1000, **settings)

    refused(tw.exceptions.UnknownNameError, "`Z`", previous=["Z"])
    refused(tw.exceptions.WrongLengthError, "previous", previous=["D", "D"])
    refused(tw.exceptions.WrongLengthError, "below_since", below_since=[1, 2])
    refused(tw.exceptions.InvalidValueError, "must not lie after", below_since=[1001])
    refused(tw.exceptions.InvalidValueError, "has not fallen", previous=[None], below_since=[900])
    refused(tw.exceptions.InvalidParameterError, "`up`", up=-1)
    refused(tw.exceptions.InvalidParameterError, "`grace_days`", grace_days=-1)
    refused(tw.exceptions.InvalidParameterError, "`one_tier_up`", one_tier_up="no")


# Migration


def test_the_steady_state_is_the_eigenvector_that_numpy_finds():
    rng = np.random.default_rng(3)
    for size in [2, 5, 9]:
        counts = rng.integers(0, 50, (size, size)) + np.eye(size, k=1) + np.eye(size, k=1 - size)
        chain = tw.value.TierChain.from_counts([f"t{place}" for place in range(size)], counts)
        values, vectors = np.linalg.eig(chain.shares.T)
        one = vectors[:, np.argmax(values.real)].real
        np.testing.assert_allclose(chain.steady_state(), one / one.sum(), rtol=1e-10)
        np.testing.assert_allclose(chain.outlook(7), np.linalg.matrix_power(chain.shares, 7), rtol=1e-12)
        np.testing.assert_allclose(chain.after(counts[0], 3), counts[0] @ np.linalg.matrix_power(chain.shares, 3))


def test_many_periods_are_powers_of_the_shares():
    names = [f"t{place}" for place in range(60)]
    counts = np.eye(60) + np.eye(60, k=1) + 2 * np.eye(60, k=-1)
    chain = tw.value.TierChain.from_counts(names, counts)
    for periods in [0, 1, 6, 1000]:
        power = np.linalg.matrix_power(chain.shares, periods)
        np.testing.assert_allclose(chain.outlook(periods), power, rtol=1e-10, atol=1e-300)
        np.testing.assert_allclose(chain.after(counts[3], periods), counts[3] @ power, rtol=1e-10)
    np.testing.assert_allclose(chain.outlook(100_000), np.tile(chain.steady_state(), (60, 1)), rtol=1e-9)


def test_absorption_is_what_numpy_solves():
    rng = np.random.default_rng(4)
    counts = rng.integers(1, 9, (5, 5)).astype(float)
    counts[3], counts[4] = [0, 0, 0, 1, 0], [0, 0, 0, 0, 1]
    end = tw.value.TierChain.from_counts(list("ABCDE"), counts).absorption()
    shares = counts / counts.sum(axis=1, keepdims=True)
    inside = np.linalg.inv(np.eye(3) - shares[:3, :3])
    assert (end.transient, end.closed) == (["A", "B", "C"], [["D"], ["E"]])
    np.testing.assert_allclose(end.shares, inside @ shares[:3, 3:], rtol=1e-12)
    np.testing.assert_allclose(end.periods, inside.sum(axis=1), rtol=1e-12)


def test_chains_count_the_lost_and_refuse_what_cannot_be():
    chain = tw.value.TierChain.between(["A", "B", None], ["B", None, "A"], ["A", "B"], outside="none")
    assert chain.states == ["A", "B", "none"]
    assert chain.counts.tolist() == [[0, 1, 0], [0, 0, 1], [1, 0, 0]]
    with pytest.raises(tw.exceptions.NotErgodicError, match="cycle of 3 periods") as refused:
        chain.steady_state()
    assert refused.value.code == "not_ergodic"
    assert refused.value.details["transient"] == []
    with pytest.raises(tw.exceptions.NotEnoughDataError, match="`B`"):
        tw.value.TierChain.between(["A"], ["B"], ["A", "B"])
    with pytest.raises(tw.exceptions.UnknownNameError, match="`C`"):
        tw.value.TierChain.between(["A"], ["C"], ["A", "B"])
    with pytest.raises(tw.exceptions.InvalidParameterError, match="`start`"):
        chain.after({"C": 1}, 1)
    with pytest.raises(tw.exceptions.InvalidParameterError, match="`periods`"):
        chain.after([1, 0, 0], -1)
    with pytest.raises(
        tw.exceptions.InvalidParameterError, match="`outside` of `TierChain` must be a name that no tier"
    ):
        tw.value.TierChain.between(["A"], ["A"], ["A"], outside="A")
    with pytest.raises(tw.exceptions.InvalidParameterError, match=r"`tiers` of `TierChain` must be .* distinct"):
        tw.value.TierChain.between(["A"], ["A"], ["A", "A"])
    with pytest.raises(tw.exceptions.InvalidParameterError, match="`confidence` of `TierChain`"):
        tw.value.TierChain.between(["A"], ["A"], ["A"], confidence=2)
    with pytest.raises(tw.exceptions.InvalidValueError, match=r"from `A` to `B` \(column 1\) at row 0 is -1"):
        tw.value.TierChain.from_counts(["A", "B"], [[1, -1], [1, 1]])
    again = tw.value.TierChain.between(["A", "B", None], ["B", None, "A"], ["A", "B"], outside="none")
    assert chain == again
    assert chain != tw.value.TierChain.from_counts(["A", "B", "none"], chain.counts, outside="none", confidence=0.9)
    assert chain != "A"
    for counts in [
        [1, 2],
        [[1, 2]],
        [[1, 2, 3], [1, 2, 3]],
        [[1, -1], [1, 1]],
        [[1, np.nan], [1, 1]],
        [[1], [1, 2]],
        [["x"]],
        None,
    ]:
        with pytest.raises(tw.exceptions.TierwiseError):
            tw.value.TierChain.from_counts(["A", "B"], counts)
    assert np.isnan(chain.mean_place({"none": 5}))
    again = tw.value.TierChain.from_counts(chain.states, chain.counts, outside="none")
    assert again.mean_place([1, 1, 9]) == chain.mean_place([1, 1, 9]) == 1.5
    copy = pickle.loads(pickle.dumps(chain))
    assert copy.mean_place([1, 1, 9]) == 1.5
    assert (copy.low == chain.low).all()
    with pytest.raises(tw.exceptions.UnknownNameError, match="`gone`"):
        tw.value.TierChain.from_counts(["A"], [[1]], outside="gone")
    with pytest.raises(tw.exceptions.InvalidParameterError, match="`outside`"):
        tw.value.TierChain.between(["A"], ["A"], ["A"], outside=3)


# Rights


RIGHTS = {
    "tiers": ["A", "B"],
    "steps": ["contract", "service"],
    "rights": [{"name": "discount", "better": "higher"}, {"name": "hotline", "better": "higher"}, {"name": "plan"}],
    "grants": [
        {"tier": "A", "step": "contract", "rights": {"discount": 0.05}},
        {"tier": "A", "step": "service", "rights": {"hotline": True, "plan": "named"}},
        {"tier": "B", "step": "contract"},
        {"tier": "B", "step": "service", "rights": {"hotline": False, "plan": "desk"}},
    ],
}


@pytest.mark.parametrize("make", [list, np.array, pd.Series, pl.Series, pa.array], ids=lambda make: make.__name__)
def test_rights_of_a_column_of_customers(make):
    table = tw.value.Entitlements(**RIGHTS)
    found = table.lookup(make(["B", "A", None]), "service")
    assert listed(found["hotline"]) == [0, 1, None]
    assert listed(found["plan"]) == ["desk", "named", None]
    assert listed(table.lookup(make(["A", "A"]), ["contract", "service"])["discount"]) == [0.05, None]
    assert table.of("A", "service") == {"hotline": True, "plan": "named"}
    assert tw.from_json(table.to_json()) == table


def test_tables_of_rights_that_cannot_be_are_refused():
    def refused(words, **change):
        with pytest.raises(tw.exceptions.TierwiseError, match=words):
            tw.value.Entitlements(**RIGHTS | change)

    refused("it is missing", grants=RIGHTS["grants"][:3])
    refused("no tier `C`", grants=[*RIGHTS["grants"], {"tier": "C", "step": "service"}])
    refused(r"grants\[3\] too", grants=[*RIGHTS["grants"], RIGHTS["grants"][3]])
    refused("less of right `discount`", tiers=["B", "A"])
    refused("no order", rights=[*RIGHTS["rights"][:2], {"name": "plan", "better": "higher"}])
    refused("`steps`", steps="contract")
    table = tw.value.Entitlements(**RIGHTS)
    with pytest.raises(tw.exceptions.UnknownNameError, match="`C`"):
        table.lookup(["A", "C"], "service")
    with pytest.raises(tw.exceptions.UnknownNameError, match="`sale`"):
        table.of("A", "sale")
    with pytest.raises(tw.exceptions.InvalidParameterError, match="one step"):
        table.lookup(["A", "A"], ["service"] * 3)


def test_customers_are_as_many_as_amounts_and_each_listed_once():
    rules = tw.value.b2b_rating()
    for method in (rules.rate, rules.statement):
        with pytest.raises(tw.exceptions.WrongLengthError):
            method({"id": ["a", "b", "c"], "order_amount": [5e5, 2e6]}, customer="id", as_of=5)
        with pytest.raises(tw.exceptions.InvalidValueError, match="a"):
            method({"id": ["a", "a"], "order_amount": [1, 2]}, customer="id", as_of=5)


def test_tiers_are_listed_best_first():
    worst_first = [{"name": "C", "to": 20}, {"name": "A", "from": 20}]
    terms = [{"feature": "m", "weight": 1, "normalise": {"min_max": {"from": 0, "to": 5}}}]
    with pytest.raises(tw.exceptions.InvalidBandsError, match="`A` leads"):
        tw.value.ValueIndex(terms=terms, tiers=worst_first)
    with pytest.raises(tw.exceptions.InvalidBandsError, match="`A` leads"):
        tw.value.RatingRules(base=[{"points": 0}], bonus=[], tiers=worst_first, period_days=365)


def test_sums_of_orders_are_numbers():
    orders = {"c": ["a", "a"], "d": [1, 2], "a": [1.7e308] * 2}
    with pytest.raises(tw.exceptions.InvalidValueError, match="sum"):
        tw.value.b2b_rating().order_amounts(orders, {"c": ["a"]}, customer="c", date="d", amount="a", as_of=9)


@pytest.mark.parametrize("name", ["change", "tier_before", "tier_after", "bonus_cap", "reason", "rule_in_words"])
def test_items_are_not_called_like_columns_of_results(name):
    item = {"name": name, "points": 1, "per": "once"}
    with pytest.raises(tw.exceptions.InvalidRulesError, match=name):
        tw.value.RatingRules(base=[{"points": 0}], bonus=[item], tiers=[{"name": "A"}], period_days=365)
