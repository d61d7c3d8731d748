"""What a rating says about its facts: reasons, references, currencies, units, and customers of the last rating."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import tierwise as tw

V = tw.value
E = tw.exceptions
KINDS = [dict, pd.DataFrame, pl.DataFrame, pa.table]
BANDS = [{"name": "A", "from": 80}, {"name": "B", "from": 40, "to": 80}, {"name": "C", "to": 40}]


def listed(column):
    """A column of any kind as a list, None for unknown."""
    values = column.to_pylist() if hasattr(column, "to_pylist") else list(column)
    return [None if value is None or value != value else value for value in values]


def of_kinds(test):
    return pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__module__ + "." + kind.__name__)(test)


# Reasons


@of_kinds
def test_reasons_name_the_facts_and_what_they_add(kind):
    customers = kind({"id": ["a", "b"], "then": [500_000.0, 0.1 + 0.2], "now": [2_000_000.0, 500_000.0]})
    evidence = kind({"id": ["a"], "item": ["referral"], "date": [100], "proof": ["o1"]})
    read = {"customer": "id", "reference": "proof", "amount_before": "then", "amount_after": "now"}
    changed = V.b2b_rating().change(customers, evidence, **read, from_day=400, to_day=470)
    moved = changed.movers()
    assert listed(moved["id"]) == ["a"]
    assert listed(moved["reason"]) == ["order_amount 500000 -> 2000000 (+20); referral expired (-5)"]
    assert listed(moved["change"]) == [15]
    both = changed.movers(tier_before=["A", "A"])
    assert listed(both["reason"])[1] == "order_amount 0.3 -> 500000 (+10)"


def test_reasons_name_the_currency():
    rules = V.RatingRules(**plain(V.b2b_rating()) | {"currency": "EUR"})
    customers = {"id": ["a"], "then": [500_000.0], "now": [2_000_000.0]}
    read = {"customer": "id", "amount_before": "then", "amount_after": "now", "from_day": 400, "to_day": 470}
    assert listed(rules.change(customers, **read).movers()["reason"]) == ["order_amount 500000 -> 2000000 EUR (+20)"]
    stated = rules.statement({"id": ["a"], "order_amount": [5e5]}, customer="id", as_of=5)
    assert listed(stated["reason"]) == ["order_amount in [500000, 1000000) EUR"]


def plain(rules):
    return {name: value for name, value in rules.spec.items() if name not in ("format", "kind", "fingerprint")}


# Customers of the last rating


@of_kinds
def test_customers_are_matched_by_key(kind):
    last = kind({"id": ["a", "b"], "tier": ["A", "C"]})
    now = kind({"id": ["b", "new", "a"], "score": [10.0, 50.0, 90.0]})
    first = V.rerate(now, last, customer="id", tiers=BANDS, as_of=1000, grace_days=90)
    assert type(first) is type(now)
    assert listed(first["id"]) == ["b", "new", "a"]
    assert listed(first["rule"]) == ["same", "new", "same"]
    fallen = kind({"id": ["a", "b", "new"], "score": [10.0, 10.0, None]})
    second = V.rerate(fallen, first, customer="id", tiers=BANDS, as_of=1010, grace_days=90)
    assert listed(second["rule"]) == ["grace", "same", "not_rated"]
    third = V.rerate(fallen, second, customer="id", tiers=BANDS, as_of=1100, grace_days=90)
    assert listed(third["rule"]) == ["down", "same", "not_rated"]
    assert listed(third["tier_before"]) == ["A", "C", "B"]
    with pytest.raises(E.InvalidValueError, match=r"row 2 \(`new`\).*other_customers"):
        V.rerate(kind({"id": ["a", "b"], "score": [90, 5]}), third, customer="id", tiers=BANDS, as_of=1101)
    left = V.rerate(
        kind({"id": ["a"], "score": [90]}), third, customer="id", tiers=BANDS, as_of=1101, other_customers="leave_out"
    )
    assert listed(left["tier"]) == ["A"]


def test_what_rate_gives_is_what_rerate_takes():
    rules = V.b2b_rating()
    customers = pd.DataFrame({"id": [7, 8], "order_amount": [500_000.0, 9e6]}, index=["x", "y"])
    rated = rules.rate(customers, customer="id", as_of=1000)
    later = rules.rate(customers.iloc[::-1], customer="id", as_of=1100)
    again = V.rerate(later, rated, customer="id", tiers=rules, as_of=1100)
    assert again["id"].tolist() == [8, 7]
    assert again["rule"].tolist() == ["same", "same"]
    assert again.index.tolist() == ["y", "x"]
    indexed = V.rerate(later.set_index("id"), rated.set_index("id"), customer="id", tiers=rules, as_of=1100)
    assert indexed["tier"].tolist() == again["tier"].tolist()


@pytest.mark.parametrize(
    ("now", "last", "settings", "error", "words"),
    [
        ({"id": ["a", "a"], "score": [1, 2]}, {"id": ["a"], "tier": ["A"]}, {}, E.InvalidValueError, "listed twice"),
        ({"id": ["a"], "score": [1]}, {"id": ["a", "a"], "tier": ["A", "B"]}, {}, E.InvalidValueError, "row 0 too"),
        ({"id": ["a"], "score": [1]}, {"id": ["a"], "tier": ["Z"]}, {}, E.UnknownNameError, "`Z`"),
        ({"id": ["a"], "score": [1]}, {"id": [1], "tier": ["A"]}, {}, E.WrongKindError, "keys"),
        ({"id": ["a"], "score": [np.inf]}, {"id": ["a"], "tier": ["A"]}, {}, E.NotFiniteError, "`score` at row 0"),
        ({"id": ["a"]}, {"id": ["a"], "tier": ["A"]}, {}, E.MissingColumnError, "`score`"),
        ([1], {"id": ["a"], "tier": ["A"]}, {}, E.InvalidParameterError, "`scores` of `rerate` must be a data frame"),
        (
            {"id": ["a", "b"], "score": [1, 2]},
            {"id": ["b"], "tier": ["A"], "below_since": [2000]},
            {},
            E.InvalidValueError,
            r"row 1 \(`b`\) is 1975-06-24 \(day 2000\)",
        ),
        ({"id": ["a"], "score": [1]}, {"id": ["a"]}, {}, E.MissingColumnError, "`tier`"),
        (
            {"id": ["a"], "score": [1]},
            {"id": ["a"], "tier": ["A"]},
            {"below_since": [5]},
            E.InvalidParameterError,
            "`below_since`",
        ),
        (
            {"rule": ["a"], "score": [1]},
            {"rule": ["a"], "tier": ["A"]},
            {"customer": "rule"},
            E.InvalidParameterError,
            "`customer`",
        ),
        (
            {"id": ["a"], "score": [1]},
            {"id": ["a"], "tier": ["A"]},
            {"customer": None},
            E.InvalidParameterError,
            "`customer`",
        ),
        (
            {"id": ["a"], "score": [1]},
            {"id": ["a"], "tier": ["A"]},
            {"other_customers": "drop"},
            E.InvalidParameterError,
            "`other_customers`",
        ),
    ],
)
def test_tables_that_do_not_fit_are_refused(now, last, settings, error, words):
    with pytest.raises(error, match=words):
        V.rerate(now, last, **{"customer": "id", "tiers": BANDS, "as_of": 1000} | settings)


def test_an_empty_last_rating_makes_everybody_new():
    now = {"id": ["a", "b"], "score": [90, None]}
    first = V.rerate(now, {"id": [], "tier": []}, customer="id", tiers=BANDS, as_of=5)
    assert listed(first["rule"]) == ["new", "unknown"]
    nobody = V.rerate({"id": [], "score": []}, {"id": [], "tier": []}, customer="id", tiers=BANDS, as_of=5)
    assert listed(nobody["tier"]) == []


def test_pandas_rows_that_differ_are_refused_everywhere():
    last = pd.DataFrame({"id": ["a", "b"], "tier": ["A", "C"]}).set_index("id")
    now = pd.DataFrame({"id": ["b", "a"], "score": [10.0, 90.0]}).set_index("id")
    with pytest.raises(E.InvalidParameterError, match=r"another order \(`a` in row 0, where `b` is\).*`customer`"):
        V.rerate(now["score"], last["tier"], tiers=BANDS, as_of=1)
    aligned = V.rerate(now["score"], last["tier"].reindex(now.index), tiers=BANDS, as_of=1)
    assert aligned["rule"].tolist() == ["same", "same"]
    by_place = V.rerate(now["score"], last["tier"].to_numpy(), tiers=BANDS, as_of=1)
    assert by_place["rule"].tolist() == ["down", "up"]
    since = pd.Series([None, None], index=["x", "y"])
    with pytest.raises(E.InvalidParameterError, match=r"`below_since`.*other labels"):
        V.rerate(now["score"], last["tier"].reindex(now.index), below_since=since, tiers=BANDS, as_of=1)

    one, other = pd.Series([0.5, 0.25], index=["a", "b"]), pd.Series([0.5, 0.25], index=["b", "a"])
    names = pd.Series(["A", "B"], index=["a", "b"]), pd.Series(["A", "B"], index=["b", "a"])
    rights = V.Entitlements(tiers=["A", "B"], steps=["s"], rights=[{"name": "r"}], grants=[
        {"tier": "A", "step": "s"}, {"tier": "B", "step": "s"}])  # fmt: skip
    for call in [
        lambda: V.TierChain.between(*names, ["A", "B"]),
        lambda: V.share_of_wallet(one, other),
        lambda: V.share_of_wallet(one, 5, other),
        lambda: V.purchase_potential(one, other),
        lambda: V.purchase_potential(one, 5, other),
        lambda: V.purchase_potential(one, 5, chance_interval=(one, other), value_interval=(4, 6)),
        lambda: V.share_decision().decide(one, other),
        lambda: rights.lookup(names[0], pd.Series(["s", "s"], index=["b", "a"])),
    ]:
        with pytest.raises(E.InvalidParameterError, match="another order"):
            call()
    assert V.share_decision().decide(one, one * 2).index.tolist() == ["a", "b"]


def test_lengths_say_what_to_do():
    for previous in (["A", "B"], pd.Series(["A", "B"])):
        with pytest.raises(E.WrongLengthError, match=r"`previous` has 2 rows where 3 are needed.*`customer`"):
            V.rerate(pd.Series([1.0, 2.0, 3.0]), previous, tiers=BANDS, as_of=5)
    with pytest.raises(E.NotFiniteError, match="`score` at row 1"):
        V.rerate([1, np.inf], ["A", "B"], tiers=BANDS, as_of=5)
    with pytest.raises(E.InvalidParameterError, match="`down` of `rerate`"):
        V.rerate([1], ["A"], tiers=BANDS, as_of=5, down=-2)


@of_kinds
def test_frames_of_rerating_are_of_the_customers_of_the_change(kind):
    rules = V.b2b_rating()
    customers = kind({"id": ["a", "b"], "then": [3e6, 0.0], "now": [0.0, 3e6]})
    days = {"from_day": 5, "to_day": 9}
    changed = rules.change(customers, customer="id", amount_before="then", amount_after="now", **days)
    last = kind({"id": ["b", "a"], "tier": ["E", "D"]})

    def rerated(ids):
        scores = kind({"id": ids, "score": [0.0 if one == "a" else 30.0 for one in ids]})
        return V.rerate(scores, last, customer="id", tiers=rules, as_of=9, other_customers="leave_out")

    assert listed(changed.movers(rerated=rerated(["a", "b"]))["id"]) == ["a", "b"]
    for method in (lambda table: changed.movers(rerated=table), changed.held):
        with pytest.raises(E.WrongLengthError, match="`rerated` has 1 rows where 2 are needed"):
            method(rerated(["a"]))
        with pytest.raises(E.InvalidParameterError, match="`b` in row 0, where `a` is"):
            method(rerated(["b", "a"]))


# References


def test_one_proof_is_one_referral():
    rules = V.b2b_rating()
    customers = {"id": ["s", "t"], "order_amount": [5e5, 5e5]}
    log = {"id": ["s", "s", "s", "t"], "item": ["referral"] * 4, "date": [102, 100, 101, 100], "proof": ["o1"] * 4}
    read = {"customer": "id", "reference": "proof", "as_of": 200}
    with pytest.raises(E.InvalidValueError, match=r"row 0 \(`s`\) is that of row 1, for the same `referral`"):
        rules.rate(customers, log, **read)
    assert rules.rate(customers, log, **read, duplicates="count_once")["referral"].tolist() == [5, 5]
    assert rules.rate(customers, log, **read, duplicates="keep")["referral"].tolist() == [15, 5]
    told = rules.statement(customers, log, **read, duplicates="count_once")
    assert dict(zip(told["row"], told["reason"], strict=True))[0] == "duplicate"
    renewed = log | {"item": ["relationship"] * 4}
    assert rules.rate(customers, renewed, **read)["relationship"].tolist() == [5, 5]


# Units


@of_kinds
def test_units_in_a_table_are_as_in_a_log(kind):
    rules = V.b2b_rating()
    facts = {name: [0, 0] for name in rules.items} | {"order_amount": [5e5, 5e5]}
    for units in (2.9, -3):
        table = kind(facts | {"referral": [1.0, units]})
        for call in (rules.explain, rules.score, rules.assign, rules.rank):
            with pytest.raises(E.WrongKindError, match="`referral` at row 1"):
                call(table)
    assert listed(rules.score(kind(facts | {"referral": [2, None]}))) == [20, 10]


# Profit


@pytest.mark.parametrize(
    ("profit", "share", "words"),
    [([20], [-0.1], "`share` at row 0"), ([400], [0.2], "`profit_score` at row 0"), ([-1], [0.2], "`profit_score`")],
)
def test_decisions_on_what_cannot_be_are_refused(profit, share, words):
    with pytest.raises(E.WrongKindError, match=words):
        V.share_decision().decide(profit, share)


def test_a_loss_is_a_margin_and_no_collection():
    score = V.profit_score()
    assert score.score({"gross_margin": [-0.2], "payment_collection": [0.0]}).tolist() >= [0.0]
    with pytest.raises(E.WrongKindError, match="`payment_collection` at row 0 holds -3"):
        score.score({"gross_margin": [0.2], "payment_collection": [-3]})


# Currency


@of_kinds
def test_amounts_are_in_the_currency_of_the_brackets(kind):
    rules = V.RatingRules(**plain(V.b2b_rating()) | {"currency": "EUR"})
    assert tw.from_json(rules.to_json()).spec["currency"] == "EUR"
    assert "currency" not in V.b2b_rating().spec
    customers = {"id": ["a", "b", "c"], "order_amount": [5e5, 1e6, None], "cur": ["EUR", "EUR", None]}
    read = {"customer": "id", "currency": "cur", "as_of": 5}
    assert listed(rules.rate(kind(customers), **read)["base"]) == [10, 20, None]
    dollars = kind(customers | {"cur": ["EUR", "USD", None]})
    for call in (rules.rate, rules.statement, V.b2b_rating().rate):
        with pytest.raises(E.InvalidValueError, match=r"row 1 \(`b`\) is `USD`.*`EUR`"):
            call(dollars, **read)
    with pytest.raises(E.InvalidValueError, match="row 1"):
        rules.change(
            dollars, customer="id", currency="cur", from_day=1, to_day=2, amount_before="order_amount",
            amount_after="order_amount",
        )  # fmt: skip
    with pytest.raises(E.InvalidValueError, match=r"row 0 \(`a`\) is unknown"):
        rules.rate(kind(customers | {"cur": [" ", "EUR", None]}), **read)


def test_orders_are_in_the_currency_of_the_brackets():
    rules = V.RatingRules(base=[{"points": 0}], tiers=[{"name": "A"}], currency="EUR")
    orders = {"id": ["a", "b"], "day": [1, 2], "paid": [5.0, 7.0], "cur": ["USD", "USD"]}
    read = {"customer": "id", "date": "day", "amount": "paid", "currency": "cur", "as_of": 9}
    with pytest.raises(E.InvalidValueError, match=r"row 0 \(`a`\) is `USD`; the brackets are in `EUR`"):
        rules.order_amounts(orders, {"id": ["b", "a"]}, **read)
    euros = rules.order_amounts(orders, {"id": ["b", "a"]}, **read, rates={"USD": 0.5, "EUR": 1})
    assert euros.tolist() == [3.5, 2.5]
    with pytest.raises(E.InvalidParameterError, match=r"`rates`.*`EUR` is 1"):
        rules.order_amounts(orders, {"id": ["b", "a"]}, **read, rates={"USD": 1, "EUR": 2})
    same = rules.order_amounts(orders | {"cur": ["EUR", "EUR"]}, {"id": ["a"]}, **read)
    assert same.tolist() == [5.0]
    with pytest.raises(E.InvalidParameterError, match="`currency`"):
        V.RatingRules(base=[{"points": 0}], tiers=[{"name": "A"}], currency=978)


# Errors in the words of the caller


def test_errors_are_about_what_was_passed():
    rules = V.b2b_rating()
    customers = {"id": ["a"], "order_amount": [5e5]}
    visit = {"item": ["relationship"], "date": np.array(["2024-07-10"], dtype="datetime64[D]")}
    with pytest.raises(E.InvalidValueError, match=r"\(`s`\) is none of those.*`other_customers`"):
        rules.rate(customers, {"id": ["s"]} | visit, customer="id", as_of="2024-07-10")
    with pytest.raises(E.InvalidValueError, match=r"is 2024-07-10 \(day 19914\).*2024-07-09.*`later`"):
        rules.rate(customers, {"id": ["a"]} | visit, customer="id", as_of="2024-07-09")
    with pytest.raises(E.InvalidParameterError, match=r"2024-07-09.*Got 2024-07-10"):
        rules.change(
            customers, customer="id", amount_before="order_amount", amount_after="order_amount", from_day="2024-07-10",
            to_day="2024-07-09",
        )  # fmt: skip
    since = np.array(["2024-07-10"], dtype="datetime64[D]")
    with pytest.raises(E.InvalidValueError, match=r"2024-07-10 \(day 19914\).*2024-07-09"):
        V.rerate([1], ["A"], tiers=BANDS, below_since=since, as_of="2024-07-09")
    orders = {"id": ["a"], "day": since, "paid": [1.0]}
    with pytest.raises(E.InvalidValueError, match=r"2024-07-10 \(day 19914\).*2024-07-09"):
        rules.order_amounts(orders, customers, customer="id", date="day", amount="paid", as_of="2024-07-09")
    with pytest.raises(E.InvalidParameterError, match=r"2024-07-10 \(day 19914\). Got 2024-07-09"):
        V.sales_of_period(
            orders, customer="id", date="day", amount="paid", first_day="2024-07-10", last_day="2024-07-09"
        )


def test_an_index_says_what_is_wrong_in_its_own_settings():
    limits = {"min_max": {"from": 0, "to": 5}}
    term = {"feature": "m", "weight": 1, "normalise": limits}
    refusing = V.ValueIndex(terms=[term | {"unknown": "refuse"}])
    with pytest.raises(E.UnknownValueError, match=r"`m` at row 1 is unknown.*refuse.*`no_index`"):
        refusing.score({"m": [1, None]})
    with pytest.raises(E.ModelKindError, match="no tiers to assign"):
        V.ValueIndex(terms=[term]).assign({"m": [1]})
    for normalise in ("min_max", {"quantiles": 2}):
        with pytest.raises(E.InvalidParameterError, match=r"terms\[0\].normalise.*ValueIndex.fit"):
            V.ValueIndex(terms=[term | {"normalise": normalise}])
    with pytest.raises(E.NoVariationError, match=r"`m`.*two different known values"):
        V.ValueIndex.fit({"m": [3, 3]}, terms=[term | {"normalise": "min_max"}])
    shares = term | {"normalise": {"quantiles": np.int64(2)}}
    assert V.ValueIndex.fit({"m": [1, 2, 3, 4]}, terms=[shares]).spec["terms"][0]["normalise"] == {"quantiles": [3.0]}


# Targets, numbers for all, and tiers that nobody reaches


def test_no_money_per_head_below_zero_is_a_target():
    year = V.SalesFactors(1000, 0.1, 50, 400, 0.6, 120)
    assert [one.needed for one in year.needed(0)] == [None] * 7


@pytest.mark.parametrize("make", [list, np.array, pd.Series, pl.Series, pa.array], ids=lambda make: make.__name__)
def test_value_and_cost_may_be_one_number_for_all(make):
    found = V.purchase_potential(make([0.5, 0.25]), 10, cost=1)
    assert listed(found["expected"]) == [4, 1.5]
    ends = V.purchase_potential(
        make([0.5, 0.25]), 10, chance_interval=(make([0.4, 0.2]), make([0.6, 0.3])), value_interval=(8, 12)
    )
    low, expected, high = (np.array(listed(ends[name])) for name in ("low", "expected", "high"))
    assert ((low < expected) & (expected < high)).all()
    with pytest.raises(E.WrongLengthError, match="the value if won"):
        V.purchase_potential(make([0.5, 0.25]), [10])


def test_tiers_that_nobody_reaches_are_found():
    term = {"feature": "m", "weight": 1, "normalise": {"min_max": {"from": 0, "to": 5}}}
    tiers = [{"name": "A", "from": 150}, {"name": "B", "to": 150}]
    found = V.ValueIndex(terms=[term], tiers=tiers).findings
    assert found == ["no score reaches tier `A` [150, inf): scores lie from 0 to 100; check its cut"]
    assert V.b2b_rating().findings == []
    assert V.ValueIndex(terms=[term]).findings == []
