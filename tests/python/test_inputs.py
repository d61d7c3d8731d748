"""The same customers in every kind of table: the same bits come out, and the kind that came in."""

import datetime
import math

import customers
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import tierwise as tw
from customers import KINDS, bits, columns_of, facts, kind_of
from hypothesis import given, settings
from hypothesis import strategies as st

MODELS = {"card": customers.card(), "logistic": customers.logistic()}


@pytest.fixture(params=list(MODELS))
def model(request):
    return MODELS[request.param]


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("unknown", [False, True], ids=["all known", "some unknown"])
def test_every_kind_of_table_gives_the_same_bits(model, kind, unknown):
    columns = facts(unknown=unknown)
    expected = bits(model.score(columns))
    table = KINDS[kind](columns)
    assert bits(model.score(table)) == expected
    explained = columns_of(model.explain(table))
    assert explained == columns_of(model.explain(columns))


@pytest.mark.parametrize("kind", list(KINDS))
def test_what_comes_in_goes_out(model, kind):
    table = KINDS[kind](facts())
    expected = "numpy" if kind == "capsule" else kind_of(table)
    assert kind_of(model.score(table)) == expected
    assert kind_of(model.rank(table)) == expected
    assert kind_of(model.explain(table)) == expected
    if isinstance(table, pd.DataFrame):
        assert model.score(table).index.equals(table.index)
        assert model.explain(table).index.equals(table.index)


@pytest.mark.parametrize("kind", list(KINDS))
def test_grades_and_reasons_are_the_same_from_every_kind(kind):
    columns = facts()
    expected = columns_of(MODELS["card"].grade(columns, reasons=3))
    graded = MODELS["card"].grade(KINDS[kind](columns), reasons=3)
    assert columns_of(graded) == expected
    if kind.startswith("pandas"):
        assert list(graded["grade"].cat.categories) == ["A", "B", "C"]
    if kind.startswith("polars"):
        assert graded.schema["grade"] == pl.Enum(["A", "B", "C"])


@pytest.mark.parametrize("kind", list(KINDS))
def test_probabilities_and_reasons_are_the_same_from_every_kind(kind):
    columns, model = facts(), MODELS["logistic"]
    table = KINDS[kind](columns)
    assert bits(model.probability(table)) == bits(model.probability(columns))
    assert columns_of(model.reasons(table, 4)) == columns_of(model.reasons(columns, 4))


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("capsule",)])
def test_a_fit_is_the_same_from_every_kind(kind):
    columns = facts(200)
    fitted = tw.learn.Logistic(alpha=0.5).fit(
        KINDS[kind](columns), customers.outcome(200), positive="won", features=customers.FEATURES
    )
    assert fitted == MODELS["logistic"]


@pytest.mark.parametrize("kind", list(KINDS))
def test_features_of_a_fit_are_found_in_every_kind(kind):
    columns = facts(200)
    table = KINDS[kind](columns)
    fitted = tw.learn.Logistic().fit(table, customers.outcome(200), positive="won")
    found = {feature.name: feature for feature in fitted.features}
    assert {name: feature.kind for name, feature in found.items()} == {
        "visits": "number",
        "staff": "number",
        "met": "yes_no",
        "country": "category",
        "since": "number",
    }
    assert found["country"].levels == ("DE", "FR", "US", "XX")
    assert bits(fitted.score(table)) == bits(fitted.score(columns))


def test_columns_may_stand_in_any_order_and_others_are_ignored(model):
    columns = facts()
    expected = bits(model.score(columns))
    others = {"free text": ["x"] * customers.ROWS, "lists": [[1, "a"]] * customers.ROWS}
    mixed = {"what": [object()] * customers.ROWS} | others | dict(reversed(columns.items()))
    assert bits(model.score(mixed)) == expected
    assert bits(model.score(pd.DataFrame(mixed))) == expected
    shuffled = {name: columns[name] for name in ["since", "met", "country", "visits", "staff"]}
    assert bits(model.score(pl.DataFrame(shuffled | {"lists": [[1]] * customers.ROWS}))) == expected
    assert bits(model.score(pa.table(shuffled | {"lists": [[1]] * customers.ROWS}))) == expected


def test_columns_of_other_lengths_are_ignored_where_they_are_not_needed():
    model = tw.learn.Logistic().fit({"x": [1, 2, 3, 4]}, [0, 1, 0, 1], positive=1)
    assert len(model.score({"x": [1.0, 2.0], "note": ["only one"]})) == 2


@pytest.mark.parametrize("rows", [0, 1, 8191, 8192, 8193, 20_001])
@pytest.mark.parametrize("kind", ["dict of lists", "pandas, nullable types", "polars, chunked", "pyarrow, dictionary"])
def test_tables_of_any_length(model, rows, kind):
    columns = facts(rows)
    scores = bits(model.score(KINDS[kind](columns)))
    assert len(scores) == rows
    # What is scored in parts equals what is scored alone.
    for row in {0, rows // 2, rows - 1} if rows else set():
        alone = {name: [values[row]] for name, values in columns.items()}
        assert bits(model.score(alone)) == [scores[row]]
    if isinstance(model, tw.lead.Scorecard):
        assert len(columns_of(model.grade(KINDS[kind](columns), reasons=2))["grade"]) == rows
    else:
        assert len(columns_of(model.reasons(KINDS[kind](columns), 2))["reason_1"]) == rows
    assert all(len(values) == rows for values in columns_of(model.explain(KINDS[kind](columns))).values())


def test_an_empty_table_keeps_its_kind_and_columns():
    card = MODELS["card"]
    for kind in ["pandas, nullable types", "polars", "pyarrow"]:
        empty = card.grade(KINDS[kind](facts(0)), reasons=1)
        assert list(columns_of(empty)) == list(columns_of(card.grade(facts(1), reasons=1)))


NUMBERS = tw.learn.Logistic(alpha=0.1).fit(
    np.random.default_rng(1).normal(size=(300, 6)), np.arange(300) % 3 == 0, positive=True
)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 40).flatmap(
        lambda rows: st.lists(
            st.lists(st.floats(-1e6, 1e6) | st.just(math.nan), min_size=6, max_size=6), min_size=rows, max_size=rows
        )
    )
)
def test_the_layout_of_an_array_does_not_matter(rows):
    plain = np.array(rows, dtype=np.float64).reshape(-1, 6)
    expected = bits(NUMBERS.score(np.ascontiguousarray(plain)))
    assert bits(NUMBERS.score(np.asfortranarray(plain))) == expected
    assert bits(NUMBERS.score(_strided(plain))) == expected
    assert bits(NUMBERS.score(_misaligned(plain))) == expected
    assert bits(NUMBERS.score(plain[::-1][::-1])) == expected
    assert bits(NUMBERS.score(plain.astype(">f8"))) == expected
    assert bits(NUMBERS.score({f"x{index}": plain[:, index] for index in range(6)})) == expected
    assert bits(NUMBERS.score({f"x{index}": _misaligned(plain)[:, index] for index in range(6)})) == expected
    masked = np.ma.masked_array(np.where(np.isnan(plain), math.inf, plain), np.isnan(plain))
    assert bits(NUMBERS.score(masked)) == expected


def _strided(array):
    wide = np.full((2 * array.shape[0], 2 * array.shape[1]), math.inf)
    wide[::2, ::2] = array
    return wide[::2, ::2]


def _misaligned(array):
    memory = np.zeros(array.nbytes + 1, dtype=np.uint8)
    shifted = memory[1:].view(np.float64).reshape(array.shape) if array.size else array
    shifted[...] = array
    return shifted


def test_read_only_arrays_and_foreign_byte_orders_are_read():
    array = np.arange(5.0)
    array.setflags(write=False)
    expected = bits(tw.learn.Logistic().fit({"x": array}, array > 2.5, positive=True).score({"x": array}))
    for other in [array.astype(">f8"), array.astype(np.float16), array.astype(np.longdouble), array.astype(">i4")]:
        model = tw.learn.Logistic().fit({"x": array}, array > 2.5, positive=True)
        assert bits(model.score({"x": other})) == expected


def test_misaligned_arrow_buffers_are_read():
    values = np.arange(6.0)
    shifted = pa.py_buffer(b"\0" * 4 + values.tobytes())[4:]
    column = pa.Array.from_buffers(pa.float64(), 6, [None, shifted])
    model = tw.learn.Logistic().fit({"x": values}, values > 2.5, positive=True)
    assert bits(model.score(pa.table({"x": column}))) == bits(model.score({"x": values}))


@pytest.mark.parametrize(
    "levels",
    [
        pa.array([None, None, None], pa.string()).dictionary_encode(),
        pa.array([None, None, None], pa.null()),
        pa.array([None, None, None], pa.string()),
        pl.Series([None, None, None], dtype=pl.Categorical),
        pl.Series([None, None, None], dtype=pl.Null),
        pl.Series([None, None, None], dtype=pl.Enum([])),
        pd.Series([None, None, None], dtype="category"),
        pd.Series([None, None, None], dtype="str"),
        [None, math.nan, pd.NA],
    ],
    ids=lambda levels: f"{type(levels).__module__} {getattr(levels, 'type', getattr(levels, 'dtype', ''))}",
)
def test_a_column_in_which_everything_is_unknown(levels):
    card = MODELS["card"]
    columns = facts(3, unknown=False)
    expected = bits(card.score(columns | {"country": [None] * 3}))
    assert bits(card.score(columns | {"country": levels})) == expected
    if isinstance(levels, pl.Series):
        assert bits(card.score(pl.DataFrame(columns | {"country": levels}))) == expected
    if isinstance(levels, pd.Series):
        assert bits(card.score(pd.DataFrame(columns | {"country": levels}))) == expected
    if isinstance(levels, pa.Array):
        assert bits(card.score(pa.table(columns | {"country": levels}))) == expected


def test_null_and_nan_are_the_same_and_neither_is_no():
    card = tw.lead.supplier_prospects()
    facts_known = {feature.name: [1.0, 1.0] for feature in card.features}
    unknown = card.grade(facts_known | {"met_key_person": [None, math.nan]})
    refused = card.grade(facts_known | {"met_key_person": [False, 0]})
    assert unknown["best_grade"].tolist() == ["A", "A"]
    assert refused["best_grade"].tolist() == refused["grade"].tolist() != ["A", "A"]
    from_polars = card.grade(pl.DataFrame(facts_known).with_columns(met_key_person=pl.Series([None, math.nan])))
    assert from_polars["best_grade"].to_list() == ["A", "A"]


def test_an_unlisted_level_is_unknown():
    columns = facts(2, unknown=False)
    scores = MODELS["card"].score(columns | {"country": ["Atlantis", None]})
    alike = {name: [values[0]] * 2 for name, values in columns.items()} | {"country": ["Atlantis", None]}
    assert len(scores) == 2
    assert len(set(bits(MODELS["card"].score(alike)))) == 1


def test_an_unknown_among_texts_is_no_level():
    fitted = tw.learn.Logistic().fit({"plan": ["a", None, "b", math.nan] * 5}, [0, 1, 1, 0] * 5, positive=1)
    assert fitted.features[0].levels == ("a", "b")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.datetimes(datetime.datetime(1900, 1, 1), datetime.datetime(2200, 1, 1)), min_size=1, max_size=10))
def test_an_instant_has_the_same_bits_in_every_unit_and_kind(instants):
    model = tw.learn.Logistic().fit({"at": [-3000.0, 100.5, 9000.25, 20000.0]}, [0, 1, 0, 1], positive=1)
    expected = bits(model.score({"at": instants}))
    micro = np.array(instants, dtype="datetime64[us]")
    for kind in [
        {"at": micro},
        {"at": micro.astype("datetime64[ns]")},
        pd.DataFrame({"at": micro}),
        pl.DataFrame({"at": micro}),
        pl.DataFrame({"at": micro}).with_columns(pl.col("at").dt.cast_time_unit("ns")),
        pa.table({"at": pa.array(instants, pa.timestamp("ns"))}),
    ]:
        assert bits(model.score(kind)) == expected


def test_dates_with_a_time_zone_are_refused_in_every_kind():
    """Whose calendar day counts is for the user to say, in a table as in ``as_of``."""
    instant = datetime.datetime(2024, 1, 2, 0, 30, tzinfo=datetime.timezone.utc)
    model = tw.learn.Logistic().fit({"at": [-3000.0, 100.5, 9000.25, 20000.0]}, [0, 1, 0, 1], positive=1)
    for kind in [
        {"at": [instant]},
        pd.DataFrame({"at": [pd.Timestamp(instant)]}),
        pl.DataFrame({"at": [instant]}),
        pa.table({"at": pa.array([instant], pa.timestamp("us", tz="Asia/Tokyo"))}),
    ]:
        with pytest.raises(tw.exceptions.WrongKindError, match="`at` holds dates with a time zone"):
            model.score(kind)
    orders = {"id": [1], "day": [datetime.date(2024, 1, 2)], "paid": [1.0]}
    with pytest.raises(tw.exceptions.InvalidParameterError, match="as_of"):
        tw.value.rfm(orders, customer="id", date="day", amount="paid", as_of=instant)


def test_what_is_handed_over_as_outcome_is_not_learned_from():
    frame = pd.DataFrame({"x": [1, 2, 3, 4] * 2, "left": [0, 1, 0, 1, 1, 0, 0, 1], "weight": [1.0, 2.0] * 4})
    learner = tw.learn.Logistic()
    fitted = learner.fit(frame, frame["left"], positive=1, weights=frame["weight"])
    assert [feature.name for feature in fitted.features] == ["x"]
    fitted = learner.fit(pl.DataFrame(frame), pl.Series("left", frame["left"].to_numpy()), positive=1)
    assert [feature.name for feature in fitted.features] == ["x", "weight"]
    # An outcome that was made from a column, and still carries its name, would be known from it.
    named = frame.assign(left=frame["left"].map({0: "no", 1: "yes"}))
    fitted = learner.fit(named, named["left"] == "yes", positive=True)
    assert [feature.name for feature in fitted.features] == ["x", "weight"]
    amounts = pd.DataFrame({"amount": np.linspace(3, 900, 60), "x": np.arange(60) % 7})
    fitted = learner.fit(amounts, amounts["amount"] > 100, positive=True)
    assert [feature.name for feature in fitted.features] == ["x"]
    later = pd.Series(np.random.default_rng(1).random(60) < 0.5, name="amount")  # of the next month, say
    fitted = learner.fit(amounts, later, positive=True)
    assert [feature.name for feature in fitted.features] == ["amount", "x"]
    # One that merely has the name of a column does not follow from it.
    other = pd.Series([0, 1, 1, 0, 1, 0, 0, 1], name="x")
    fitted = learner.fit(frame[["x", "weight"]], other, positive=1)
    assert [feature.name for feature in fitted.features] == ["x", "weight"]
    features = [tw.Feature.number("x"), tw.Feature.number("left")]
    for wrong in [
        lambda: learner.fit(frame, "left", positive=1, features=features),
        lambda: learner.fit(frame.to_numpy(), "x0", positive=1),
        lambda: learner.fit(frame, "left", positive=1, features=[]),
        lambda: learner.fit(frame, "left", positive=1, features=features[:1], categories=["x"]),
        lambda: learner.fit(frame[["x"]].to_numpy(), frame["left"], positive=1, categories=["x0"]),
    ]:
        with pytest.raises(tw.exceptions.InvalidParameterError):
            wrong()


def test_codes_do_not_pass_for_levels():
    card = MODELS["card"]
    country = next(feature for feature in card.features if feature.kind == "category")
    table = customers.facts(3) | {country.name: [0, 1, 0]}
    with pytest.raises(tw.exceptions.WrongKindError, match="no level, such as 0"):
        card.score(table)
    with pytest.raises(tw.exceptions.InvalidFeatureError, match="single text"):
        tw.Feature.category("country", "DE")


def test_a_term_named_base_does_not_hide_the_base():
    table = {"base": list(range(8)), "z": [1, 0, 2, 0, 1, 0, 4, 0]}
    model = tw.learn.Logistic().fit(table, [0, 1, 0, 1, 1, 0, 0, 1], positive=1)
    explained = model.explain(table)
    assert list(explained) == ["(base)", "base", "z"]
    assert bits(explained["(base)"] + explained["base"] + explained["z"]) == bits(model.score(table))


def test_grades_of_arrays_do_not_share_memory():
    graded = tw.lead.supplier_prospects().grade(np.ones((2, 17)))
    before = graded["worst_score"].copy()
    graded["score"] *= 2
    assert (graded["worst_score"] == before).all()
    assert (graded["best_score"] == before).all()


def test_customer_numbers_stay_apart_and_stay_numbers():
    day, paid = [datetime.date(2024, 1, 1)] * 2, [1.0, 2.0]
    large = [2**53, 2**53 + 1]
    for ids in [pd.Series(large, dtype=object), np.array(large, dtype=np.uint64), np.array([9.0, 10.0])]:
        table = tw.value.rfm(
            pd.DataFrame({"id": ids, "day": day, "paid": paid}),
            customer="id",
            date="day",
            amount="paid",
            as_of="2024-01-02",
        )
        assert list(table["customer"]) == [int(one) for one in ids]


def test_columns_that_nobody_asks_for_may_occur_twice():
    frame = pd.DataFrame([[1.0, 2.0, 3.0]], columns=["x", "twice", "twice"])
    model = tw.learn.Logistic().fit({"x": [1.0, 2.0, 3.0, 4.0]}, [0, 1, 0, 1], positive=1)
    assert len(model.score(frame)) == 1
    with pytest.raises(tw.exceptions.DuplicateColumnError):
        tw.learn.Logistic().fit(pd.DataFrame([[0, 1, 2.0], [1, 0, 3.0]], columns=["y", "y", "x"]), "y", positive=1)


def test_a_yes_no_outcome_may_be_asked_for_as_python_does():
    table, left = {"x": [1.0, 2.0, 3.0, 4.0, 2.5, 0.5]}, [False, True, False, True, True, False]
    expected = bits(tw.learn.Logistic().fit(table, left, positive=True).score(table))
    for labels, positive in [(left, 1), ([int(one) for one in left], True), (pd.Categorical(left), True)]:
        assert bits(tw.learn.Logistic().fit(table, labels, positive=positive).score(table)) == expected


def test_labels_may_be_of_any_kind():
    table = {"x": [1.0, 2.0, 3.0, 4.0, 2.5, 0.5]}
    yes = [False, True, False, True, True, False]
    expected = None
    for labels, positive in [
        (yes, True),
        (np.array(yes), np.True_),
        (np.array(yes, dtype=object), True),
        (pd.Series(yes), True),
        (pd.Series(yes, dtype="boolean"), True),
        (pl.Series(yes), True),
        (pa.array(yes), True),
        (pa.chunked_array([yes[:2], yes[2:]]), True),
        ([int(one) for one in yes], 1),
        ([float(one) for one in yes], 1),
        (pd.Series([int(one) for one in yes], dtype="Int64"), 1),
        (["left" if one else "stayed" for one in yes], "left"),
        (pd.Categorical(["left" if one else "stayed" for one in yes]), "left"),
        (pl.Series(["left" if one else "stayed" for one in yes], dtype=pl.Categorical), "left"),
        (pa.array(["left" if one else "stayed" for one in yes]).dictionary_encode(), "left"),
    ]:
        scores = bits(tw.learn.Logistic().fit(table, labels, positive=positive).score(table))
        expected = expected or scores
        assert scores == expected, labels


def test_the_outcome_may_be_a_column_of_the_table():
    columns = facts(60) | {"result": customers.outcome(60)}
    apart = tw.learn.Logistic().fit(facts(60), pd.Series(columns["result"], name="result"), positive="won")
    for table in [columns, pd.DataFrame(columns), pl.DataFrame(columns), pa.table(columns)]:
        assert tw.learn.Logistic().fit(table, "result", positive="won") == apart
        chosen = tw.learn.Logistic().fit(table, "result", positive="won", features=["visits"])
        assert [feature.name for feature in chosen.features] == ["visits"]


def test_whole_numbers_may_name_levels():
    plans = [1, 2, 3, 2, 1, 3, 2, 2, None, 1, 3, 2]
    labels = [0, 1, 0, 1, 1, 0, 0, 1, 0, 1, 1, 0]
    expected = None
    for table in [
        pd.DataFrame({"plan": pd.Series(plans, dtype="Int64")}),
        pl.DataFrame({"plan": plans}),
        pa.table({"plan": pa.array(plans, pa.int8())}),
    ]:
        fitted = tw.learn.Logistic().fit(table, labels, positive=1, categories=["plan"])
        assert fitted.features[0].levels == ("1", "2", "3")
        expected = expected or bits(fitted.score(table))
        assert bits(fitted.score(table)) == expected


def test_a_log_of_orders_from_every_kind():
    days = [datetime.date(1997, 1, 1), datetime.date(1997, 1, 5), datetime.date(1997, 2, 1), datetime.date(1997, 2, 1)]
    log = {"id": [30, 4, 30, 30], "day": days, "paid": [20.0, 5.0, 30.0, 1.5], "note": ["", "x", "", ""]}
    as_of = "1997-03-01"
    expected = tw.value.rfm(log, customer="id", date="day", amount="paid", as_of=as_of)
    assert expected["customer"].tolist() == [4, 30]
    logs = [
        pd.DataFrame(log, index=[9, 9, 8, 7]),
        pd.DataFrame(log).astype({"id": "Int64", "paid": "Float64"}),
        pd.DataFrame(log).assign(day=lambda frame: pd.to_datetime(frame["day"])),
        pl.DataFrame(log),
        pa.table(log),
        log | {"day": np.array(days, dtype="datetime64[D]")},
    ]
    for other in logs:
        table = tw.value.rfm(other, customer="id", date="day", amount="paid", as_of=as_of)
        assert kind_of(table) == kind_of(other)
        assert columns_of(table) == columns_of(expected)
    names = {30: "zoe", 4: "ann"}
    named = log | {"id": [names[key] for key in log["id"]]}
    for other in [named, pd.DataFrame(named), pl.DataFrame(named), pa.table(named)]:
        table = tw.value.rfm(other, customer="id", date="day", amount="paid", as_of=datetime.date(1997, 3, 1))
        assert columns_of(table)["customer"] == ["ann", "zoe"]


@pytest.mark.parametrize("names", [["select", "column_names", "iloc"], ["columns", "to_numpy", "index"]])
def test_columns_named_like_methods_do_not_confuse(names):
    log = dict(zip(names, [[1, 2], [10, 20], [3.0, 4.0]], strict=True))
    for other in [log, pd.DataFrame(log), pl.DataFrame(log), pa.table(log)]:
        table = tw.value.rfm(other, customer=names[0], date=names[1], amount=names[2], as_of=30)
        assert columns_of(table)["recency"] == [20.0, 10.0]


def test_tiers_of_every_kind_of_column():
    money = [10.0, 900.0, None, 75.0, 20.0, 300.0]
    tiers = tw.value.Tiers.by_cuts(names=["A", "B", "C"], cuts=[200, 50])
    expected = ["C", "A", None, "B", "C", "A"]
    for values in [
        money,
        np.array([math.nan if one is None else one for one in money]),
        pd.Series(money, index=list("uvwxyz")),
        pd.Series(money, dtype="Float64"),
        pl.Series(money),
        pa.array(money),
        pa.chunked_array([money[:2], money[2:]]),
    ]:
        assigned = tiers.assign(values)
        assert plain_kind(assigned) == plain_kind(values)
        assert customers.plain(assigned) == expected
    assert tiers.assign(pd.Series(money, index=list("uvwxyz"))).index.tolist() == list("uvwxyz")


def plain_kind(values):
    return "numpy" if isinstance(values, list) else kind_of(values)


def test_many_texts_are_read_as_few_are():
    for texts in (["b", None, "a", float("nan")], ["b", "a"], ["b", 1], ["b", b"a"], [None, None]):
        few = np.array(texts, dtype=object)
        many = np.tile(few, 6_000)

        def read(values):
            try:
                codes = tw._frames.table_of({"x": values}).infer_features([], [])
            except tw.exceptions.TierwiseError as error:
                return str(error)
            return codes

        assert read(many) == read(few)


def test_masked_texts_and_dates_are_unknown():
    texts = np.ma.masked_array(["a", "b", "c"], mask=[False, True, False])
    dates = np.ma.masked_array(np.array([1, 2, 3], dtype="datetime64[D]"), mask=[False, True, False])
    table = tw._frames.table_of({"text": texts, "day": dates})
    assert '"b"' not in table.infer_features([], [])
    (days,) = table.values(tw._feature.to_json([tw.Feature.number("day")]), False)
    assert np.array_equal(days, [1.0, np.nan, 3.0], equal_nan=True)
