"""Every way to be wrong from Python: the class, the code, the details, and a message that says where and what to do."""

import builtins
import copy
import datetime
import json
import math
import os
import pathlib
import pickle
import re
import signal
import threading
import time

import customers
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import tierwise as tw
from customers import KINDS, facts
from tierwise import exceptions

ROOT = pathlib.Path(__file__).parents[2]
CARD = customers.card()
INF = math.inf


def caught(code, work, *words, **details):
    """Run ``work``, which must fail with this code; words and details must be in the error."""
    with pytest.raises(exceptions.TierwiseError) as raised:
        work()
    error = raised.value
    assert error.code == code, f"{error.code}: {error}"
    assert type(error) is exceptions.for_code(code)
    for word in words:
        assert word in str(error), str(error)
    for name, value in details.items():
        assert error.details[name] == value, error.details
    return error


def fit(columns, outcome, positive=1, alpha=1.0, **more):
    return tw.learn.Logistic(alpha=alpha).fit(columns, outcome, positive=positive, **more)


# The classes


BASES = {
    "InvalidParameterError": ValueError,
    "MissingColumnError": KeyError,
    "UnknownFeatureError": KeyError,
    "DuplicateColumnError": ValueError,
    "DuplicateFeatureError": ValueError,
    "InvalidFeatureError": ValueError,
    "WrongLengthError": ValueError,
    "WrongKindError": TypeError,
    "NotFiniteError": ValueError,
    "UnknownValueError": ValueError,
    "UnseenLevelError": ValueError,
    "EmptyTableError": ValueError,
    "InvalidValueError": ValueError,
    "InvalidBandsError": ValueError,
    "InvalidScorecardError": ValueError,
    "InvalidRulesError": ValueError,
    "UnknownNameError": ValueError,
    "InvalidOutcomeError": ValueError,
    "OneClassError": ValueError,
    "NotEnoughDataError": ValueError,
    "NoVariationError": ValueError,
    "NotErgodicError": ValueError,
    "CollinearError": ValueError,
    "SeparationError": ValueError,
    "NotConvergedError": RuntimeError,
    "ModelSyntaxError": ValueError,
    "ModelFormatError": ValueError,
    "ModelKindError": ValueError,
    "ModelFieldError": ValueError,
    "InvalidSettingError": ValueError,
    "FingerprintError": ValueError,
    "CannotMergeError": ValueError,
    "CancelledError": RuntimeError,
    "ForeignError": RuntimeError,
    "MissingPackageError": ImportError,
}
# Raised in Python only.
OF_PYTHON = {"missing_package"}


def test_every_class_is_listed_here():
    assert {one.__name__ for one in exceptions.TierwiseError.__subclasses__()} == set(BASES)


@pytest.mark.parametrize(("name", "base"), BASES.items())
def test_each_class_is_the_builtin_that_a_user_expects(name, base):
    one = getattr(exceptions, name)
    assert issubclass(one, exceptions.TierwiseError)
    assert issubclass(one, base)
    assert one.__doc__
    assert name not in vars(builtins)
    assert exceptions.for_code(one.code) is one


def test_every_code_of_the_core_has_a_class():
    source = (ROOT / "crates" / "tierwise" / "src" / "error.rs").read_text(encoding="utf-8")
    codes = set(re.findall(r'Self::\w+ \{ \.\. \} => "([a-z_]+)"', source))
    assert len(codes) >= 30
    assert codes | OF_PYTHON == {one.code for one in exceptions.TierwiseError.__subclasses__()}


def test_a_code_newer_than_this_package_still_is_an_error_of_tierwise():
    assert exceptions.for_code("invented_tomorrow") is exceptions.TierwiseError


def test_errors_survive_pickling():
    error = caught("missing_column", lambda: CARD.score({"visits": [1.0]}))
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), again.code, again.details) == (type(error), str(error), error.code, error.details)
    assert str(copy.copy(error)) == str(error)


# Tables


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_missing_column_is_named_and_the_others_are_listed(kind):
    table = KINDS[kind](facts())
    needs = tw.learn.Logistic().fit({"income": [1, 2, 3, 4]}, [0, 1, 1, 0], positive=1)
    caught(
        "missing_column",
        lambda: needs.score(table),
        "`income` is missing",
        "`visits`",
        "rename",
        column="income",
        available=["visits", "staff", "met", "country", "since"],
    )


def test_a_missing_column_where_a_name_is_given():
    log = {"id": [1], "day": [2], "paid": [3.0]}
    for orders in [log, pd.DataFrame(log), pl.DataFrame(log), pa.table(log)]:
        caught(
            "missing_column",
            lambda orders=orders: tw.value.rfm(orders, customer="id", date="date", amount="paid", as_of=5),
            "`date`",
            column="date",
        )
        caught("missing_column", lambda orders=orders: fit(orders, "bought"), "`bought`", column="bought")
        caught("missing_column", lambda orders=orders: fit(orders, "id", features=["age"]), "`age`", column="age")
        caught("missing_column", lambda orders=orders: fit(orders, [1], categories=["plan"]), "`plan`", column="plan")
    caught("missing_column", lambda: CARD.score({}), "the table has none", available=[])


def test_a_column_that_occurs_twice():
    twice = pd.DataFrame([[1.0, 2.0]], columns=["visits", "visits"])
    model = fit({"visits": [1, 2, 3, 4]}, [0, 1, 0, 1])
    caught("duplicate_column", lambda: model.score(twice), "more than once", column="visits")
    arrow = pa.table([pa.array([1.0]), pa.array([2.0])], names=["visits", "visits"])
    caught("duplicate_column", lambda: model.score(arrow), "more than once", column="visits")


@pytest.mark.parametrize(
    "texts",
    [
        ["1", "2"],
        np.array(["1", "2"]),
        np.array([b"1", b"2"]),
        pd.Series(["1", "2"]),
        pd.Series(["1", "2"], dtype=object),
        pd.Series(["1", "2"], dtype="category"),
        pd.Series(["1", "2"], dtype=pd.ArrowDtype(pa.string())),
        pl.Series(["1", "2"]),
        pl.Series(["1", "2"], dtype=pl.Categorical),
        pa.array(["1", "2"]),
        pa.array(["1", "2"]).dictionary_encode(),
        pa.array(["1", "2"], pa.large_string()),
        pa.array(["1", "2"], pa.string_view()),
    ],
    ids=lambda texts: f"{type(texts).__module__} {getattr(texts, 'type', getattr(texts, 'dtype', ''))}",
)
def test_a_text_is_never_taken_for_a_number(texts):
    model = fit({"visits": [1, 2, 3, 4]}, [0, 1, 0, 1])
    tables = [{"visits": texts}]
    if isinstance(texts, pd.Series):
        tables.append(pd.DataFrame({"visits": texts}))
    if isinstance(texts, pl.Series):
        tables.append(pl.DataFrame({"visits": texts}))
    if isinstance(texts, pa.Array):
        tables.append(pa.table({"visits": texts}))
    for table in tables:
        caught(
            "wrong_kind",
            lambda table=table: model.score(table),
            "`visits`",
            "a number is due",
            "convert it",
            column="visits",
            expected="a number",
        )
        caught("wrong_kind", lambda table=table: fit(table, [0, 1], features=["visits"]), "`visits`")
    for work in [
        lambda: tw.value.Tiers.by_cuts(names=["A", "B"], cuts=[1]).assign(texts),
        lambda: tw.value.pareto(texts),
        lambda: tw.value.gini(texts),
        lambda: fit({"x": [1, 2]}, [0, 1], weights=texts),
        lambda: fit({"x": [1, 2]}, [0, 1], offsets=texts),
        lambda: tw.value.Tiers.by_share([1, 2], names=["A", "B"], shares=texts),
        lambda: tw.value.Tiers.by_cuts(names=["A", "B", "C"], cuts=texts),
    ]:
        caught("wrong_kind", work, "number", "text")


def test_a_text_is_never_taken_for_an_amount_or_a_yes_no():
    log = {"id": [1, 2], "day": [1, 2], "paid": ["1", "2"]}
    for orders in [log, pd.DataFrame(log), pl.DataFrame(log), pa.table(log)]:
        caught(
            "wrong_kind",
            lambda orders=orders: tw.value.rfm(orders, customer="id", date="day", amount="paid", as_of=5),
            "`paid`",
        )
        dates = {"customer": "id", "date": "paid", "amount": "day"}
        # Texts are dates where they are written as such.
        caught(
            "invalid_value", lambda orders=orders, dates=dates: tw.value.rfm(orders, as_of=5, **dates), "`paid`", row=0
        )
    known = facts(2, unknown=False)
    caught("wrong_kind", lambda: CARD.score(known | {"met": ["yes", "no"]}), "`met`", "yes or no")


@pytest.mark.parametrize(
    ("column", "values", "row"),
    [
        ("met", [1, 2], 1),
        ("met", [0.5, 1], 0),
        ("met", [1, -1], 1),
        ("visits", [True, False], None),
        ("visits", [datetime.timedelta(1), datetime.timedelta(2)], None),
        ("visits", [1 + 2j, 1], None),
        ("visits", [1.0, "a"], None),
        ("visits", [[1], [2]], None),
        ("visits", [[1], [2, 3]], None),
        ("visits", [{}, {}], None),
        ("visits", [10**400, None], None),
        ("country", [1.5, 2.5], None),
        ("country", [True, False], None),
        ("country", ["DE", 1], None),
    ],
)
def test_a_value_of_another_kind(column, values, row):
    known = facts(2, unknown=False)
    error = caught("wrong_kind", lambda: CARD.score(known | {column: values}), f"`{column}`", "convert it")
    assert error.details["row"] == row


def test_numbers_are_no_levels():
    known = np.array([[1.0, 2.0, True, "DE", 0.0]], dtype=object)
    assert bits_of(CARD.score(known)) == bits_of(
        CARD.score({"visits": [1.0], "staff": [2.0], "met": [True], "country": ["DE"], "since": [0.0]})
    )
    caught("wrong_kind", lambda: CARD.score(np.ones((2, 5))), "`country`", "levels")


def bits_of(scores):
    return customers.bits(scores)


@pytest.mark.parametrize(
    "table",
    [
        None,
        5,
        "visits",
        [1.0, 2.0],
        [{"visits": 1.0}],
        pl.Series([1.0]),
        pl.LazyFrame({"visits": [1.0]}),
        pa.array([1.0]),
        pa.chunked_array([[1.0]]),
        np.array([1.0, 2.0]),
        np.array(1.0),
        np.zeros((2, 2, 2)),
        pd.Series([1.0]),
    ],
    ids=lambda table: type(table).__module__ + "." + type(table).__name__ + str(getattr(table, "shape", "")),
)
def test_what_is_no_table(table):
    caught("wrong_kind", lambda: CARD.score(table), "the table", "due")
    caught("wrong_kind", lambda: CARD.grade(table), "the table")
    caught("wrong_kind", lambda: fit(table, [0, 1]), "the table")


def test_an_array_has_one_column_per_feature():
    caught("wrong_length", lambda: CARD.score(np.zeros((3, 4))), "4 values where 5", "visits", expected=5, found=4)
    log = np.zeros((3, 3))
    caught("wrong_kind", lambda: tw.value.rfm(log, customer="id", date="day", amount="paid", as_of=5), "names")


def test_columns_of_different_lengths():
    model = fit({"a": [1, 2, 3, 4], "b": [4, 3, 1, 2]}, [0, 1, 0, 1])
    caught("wrong_length", lambda: model.score({"a": [1.0, 2.0], "b": [1.0]}), "`b`", expected=2, found=1)
    caught("wrong_length", lambda: fit({"a": [1, 2, 3]}, [0, 1]), expected=3, found=2)
    caught("wrong_length", lambda: fit({"a": [1, 2]}, [0, 1], weights=[1.0]), "weights", expected=2, found=1)
    caught("wrong_length", lambda: fit({"a": [1, 2]}, [0, 1], offsets=[1.0] * 3), "offsets", expected=2, found=3)


@pytest.mark.parametrize("bad", [INF, -INF])
def test_an_infinite_feature(bad):
    known = facts(9000, unknown=False)
    values = list(known["visits"])
    values[8500] = bad
    for kind in ["dict of lists", "pandas, nullable types", "polars", "pyarrow, chunked"]:
        table = KINDS[kind](known | {"visits": values})
        for work in [CARD.score, CARD.grade, CARD.explain, CARD.rank]:
            caught("not_finite", lambda table=table, work=work: work(table), "`visits` at row 8500", "NaN", row=8500)
        caught("not_finite", lambda table=table: fit(table, customers.outcome(9000), "won"), "`visits`", row=8500)


def test_unknown_where_it_is_refused():
    strict = [tw.Feature.number("visits", unknown="error"), tw.Feature.category("plan", ["a", "b"], unknown="error")]
    model = fit({"visits": [1, 2, 3, 4], "plan": ["a", "b", "b", "a"]}, [0, 1, 0, 1], features=strict)
    for unknown in [None, math.nan]:
        caught(
            "unknown_value",
            lambda unknown=unknown: model.score({"visits": [1.0, unknown], "plan": ["a", "b"]}),
            "`visits` at row 1",
            "`own` or `neutral`",
            column="visits",
            row=1,
        )
    for plans in [["a", "b", "c"], pl.Series(["a", "b", "c"], dtype=pl.Categorical), pa.array(["a", "b", "c"])]:
        caught(
            "unseen_level",
            lambda plans=plans: model.score({"visits": [1.0] * 3, "plan": plans}),
            "`plan` at row 2",
            "`c`",
            row=2,
            level="c",
            levels=["a", "b"],
        )
    arrow = pa.table({"visits": [1.0] * 9000, "plan": pa.array(["a"] * 8999 + ["c"]).dictionary_encode()})
    caught("unseen_level", lambda: model.score(arrow), row=8999)


# Features


def test_features_that_contradict_themselves():
    number = tw.Feature.number
    cases = [
        ("duplicate_feature", [number("a"), number("a")], "`a`"),
        ("invalid_feature", [number(" ")], "empty"),
        ("invalid_feature", [tw.Feature.category("a", [])], "at least one level"),
        ("invalid_feature", [tw.Feature.category("a", ["x", "x"])], "twice"),
        ("invalid_feature", [tw.Feature("a", "number", ("x",))], "only a category"),
        ("invalid_feature", "a", "list"),
        ("invalid_feature", [1], "tw.Feature"),
        ("invalid_feature", 5, "tw.Feature"),
    ]
    for code, features, word in cases:
        caught(code, lambda features=features: fit({"a": [1, 2], " ": [1, 2]}, [0, 1], features=features), word)
        caught(
            code,
            lambda features=features: tw.lead.Scorecard(name="c", features=features, characteristics=[]),
            word,
        )


def test_a_column_that_looks_like_an_identifier():
    table = {"id": [f"customer {row}" for row in range(400)]}
    error = caught("invalid_feature", lambda: fit(table, [0, 1] * 200), "identifier", "400 levels")
    assert error.details["feature"] == "id"


def test_a_column_that_can_be_no_feature():
    lists = pa.table({"basket": [[1, 2], [3]]})
    caught("invalid_feature", lambda: fit(lists, [0, 1]), "`basket`", "leave it out")
    for table in [pl.DataFrame({"plan": [1.5, 2.5]}), {"plan": [1.0, 2.0]}, {"plan": [True, False]}]:
        caught(
            "invalid_feature", lambda table=table: fit(table, [0, 1], categories=["plan"]), "`plan`", "whole numbers"
        )


# Fits


def test_an_outcome_that_says_nothing():
    table = {"x": [1.0, 2.0, 3.0]}
    caught("one_class", lambda: fit(table, [1, 1, 1]), "both outcomes", rows=3)
    caught("one_class", lambda: fit(table, [1, 0, 1], weights=[1, 0, 1]), "both outcomes", rows=2)
    caught("invalid_outcome", lambda: fit(table, [0, 0, 0]), "no row has it", positive="1", labels=["0"])
    caught("invalid_outcome", lambda: fit(table, ["yes", "no", "no"], "Yes"), "spelling", labels=["no", "yes"])
    caught("invalid_outcome", lambda: fit(table, ["a", "b", "c"], "a"), "more than two", labels=["a", "b", "c"])
    caught("empty_table", lambda: fit({"x": []}, []), "empty")
    caught("empty_table", lambda: fit(pl.DataFrame({"x": [1.0]}).clear(), []), "empty")


@pytest.mark.parametrize(
    "labels",
    [
        [1, 0, None],
        np.array([1.0, 0.0, math.nan]),
        ["a", "b", None],
        pd.Series([1, 0, None], dtype="Int64"),
        pd.Series([True, False, None], dtype="boolean"),
        pd.Series(["a", "b", None], dtype="category"),
        pl.Series([True, False, None]),
        pa.array([1, 0, None]),
        [True, False, None],
    ],
    ids=repr,
)
def test_an_outcome_that_is_unknown(labels):
    positive = "a" if next(iter(labels)) == "a" else 1
    error = caught(
        "invalid_value", lambda: fit({"x": [1.0, 2.0, 3.0]}, labels, positive), "row 2", "leave such rows out"
    )
    assert error.details["row"] == 2


def test_an_outcome_of_another_kind():
    caught("wrong_kind", lambda: fit({"x": [1.0, 2.0]}, [[1], [0]]), "outcome")
    days = pa.table({"x": [1.0, 2.0], "y": pa.array([1, 2], pa.timestamp("s"))})
    caught("wrong_kind", lambda: fit(days, "y"), "`y`", "a label")


@pytest.mark.parametrize(
    ("weights", "word", "row"),
    [
        ([1, -1, 1, 1], "not negative", 1),
        ([1, 1, math.nan, 1], "finite", 2),
        ([1, 1, 1, None], "finite", 3),
        ([INF, 1, 1, 1], "finite", 0),
        ([0, 0, 0, 0], "above 0", 0),
    ],
)
def test_weights(weights, word, row):
    table, labels = {"x": [1.0, 2.0, 3.0, 4.0]}, [0, 1, 0, 1]
    caught("invalid_value", lambda: fit(table, labels, weights=weights), "weight", f"row {row}", word, row=row)


@pytest.mark.parametrize("bad", [INF, -INF, math.nan, None])
def test_offsets(bad):
    table, labels = {"x": [1.0, 2.0, 3.0, 4.0]}, [0, 1, 0, 1]
    caught("invalid_value", lambda: fit(table, labels, offsets=[0, 0, bad, 0]), "offset", "row 2", row=2)


def test_columns_that_cannot_be_learned():
    rng = np.random.default_rng(3)
    x = rng.normal(size=200)
    label = (x + rng.normal(size=200) > 0).astype(int)
    error = caught("no_variation", lambda: fit({"x": x, "same": np.ones(200)}, label, alpha=0.0), "`same`", "Drop it")
    assert error.details["columns"] == ["same"]
    error = caught(
        "no_variation", lambda: fit({"x": x, "none": np.full(200, math.nan)}, label, alpha=0.0), "`none`", "unknown"
    )
    assert error.details["columns"] == ["none"]
    error = caught(
        "collinear",
        lambda: fit({"x": x, "twice": 2 * x, "other": rng.normal(size=200)}, label, alpha=0.0),
        "linear combination",
        "alpha",
    )
    assert set(error.details["columns"]) == {"x", "twice"}
    leak = fit({"x": x, "leak": label * 1.0}, label, alpha=1.0)
    assert leak.report.converged
    error = caught("separation", lambda: fit({"x": x, "leak": label * 1.0}, label, alpha=0.0), "`leak`", "leaks")
    assert "leak" in error.details["columns"]
    assert error.details["rows"] > 0


def test_a_fit_in_which_everything_is_unknown():
    empty = {"x": [None, None, None, None], "y": [math.nan] * 4}
    error = caught("no_variation", lambda: fit(empty, [0, 1, 0, 1], alpha=0.0), "unknown")
    assert set(error.details["columns"]) == {"x", "y"}


def test_a_fit_that_is_not_given_the_time():
    rng = np.random.default_rng(4)
    x = rng.normal(size=500)
    learner = tw.learn.Logistic(alpha=0.1, max_iterations=1)
    label = (3 * x + rng.normal(size=500) > 1).astype(int)
    error = caught("not_converged", lambda: learner.fit({"x": x}, label, positive=1), "max_iterations")
    assert error.details["iterations"] == 1


@pytest.mark.parametrize(
    ("parameter", "value", "word"),
    [
        ("alpha", -1, "[0, inf)"),
        ("alpha", math.nan, "finite"),
        ("alpha", INF, "finite"),
        ("alpha", "1", "a number"),
        ("alpha", None, "a number"),
        ("alpha", True, "a number"),
        ("max_iterations", 0, "whole number"),
        ("max_iterations", -1, "whole number"),
        ("max_iterations", 2.5, "whole number"),
        ("tolerance", 0, "(0, inf)"),
        ("tolerance", math.nan, "finite"),
        ("confidence", 0, "(0, 1)"),
        ("confidence", 1, "(0, 1)"),
        ("confidence", 95, "(0, 1)"),
        ("standardize", "yes", "True or False"),
        ("standard_errors", 1, "True or False"),
    ],
)
def test_parameters_of_the_learner(parameter, value, word):
    learner = tw.learn.Logistic(**{parameter: value})
    for made in [learner, tw.cross_sell.Propensity(learner), tw.churn.Risk(learner)]:
        error = caught(
            "invalid_parameter",
            lambda made=made: made.fit({"x": [1, 2, 3, 4]}, [0, 1, 0, 1], positive=1),
            f"The `{parameter}` of `Logistic` must be",
            word,
            "Got",
            of="Logistic",
            name=parameter,
        )
        assert set(error.details) == {"of", "name", "must_be", "got"}


# Progress


def test_progress_is_told_and_may_stop_a_fit():
    told = []
    table = facts(500)
    learner = tw.learn.Logistic(alpha=0.1)
    learner.fit(table, customers.outcome(500), positive="won", progress=lambda *step: told.append(step))
    assert [step for step, _, _ in told] == list(range(1, len(told) + 1))
    objectives = [objective for _, _, objective in told]
    assert objectives == sorted(objectives, reverse=True)

    class EnoughError(Exception):
        pass

    def stop(step, limit, objective):
        if step == 2:
            raise EnoughError("two steps will do")

    with pytest.raises(EnoughError, match="two steps"):
        learner.fit(table, customers.outcome(500), positive="won", progress=stop)
    with pytest.raises(TypeError):
        learner.fit(table, customers.outcome(500), positive="won", progress=lambda: None)


@pytest.mark.skipif(os.name == "nt", reason="signals to oneself are another matter on Windows")
def test_ctrl_c_stops_a_long_fit():
    rng = np.random.default_rng(5)
    table = rng.normal(size=(200_000, 30))
    label = rng.random(200_000) < 0.3
    # The signal comes while the fit runs, however fast the machine: the first step waits for it.
    started = threading.Event()

    def interrupt():
        started.wait(60)
        os.kill(os.getpid(), signal.SIGINT)

    def wait(step, limit, objective):
        started.set()
        until = time.monotonic() + 60
        while time.monotonic() < until:
            time.sleep(0.01)

    thread = threading.Thread(target=interrupt)
    thread.start()
    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        tw.learn.Logistic(alpha=0.0).fit(table, label, positive=True, progress=wait)
    thread.join()
    assert time.monotonic() - begun < 50


@pytest.mark.skipif(os.name == "nt", reason="signals to oneself are another matter on Windows")
def test_ctrl_c_stops_a_fit_without_a_callback():
    rng = np.random.default_rng(6)
    table = {f"x{index}": rng.normal(size=400_000) for index in range(40)}
    label = rng.random(400_000) < 0.3
    timer = threading.Timer(0.1, os.kill, [os.getpid(), signal.SIGINT])
    timer.start()
    with pytest.raises(KeyboardInterrupt):  # noqa: PT012 - a fit that ends before the signal is tried again
        for _ in range(200):
            tw.learn.Logistic(alpha=0.0).fit(table, label, positive=True)
    timer.join()


# Cards


UNIT = {"points": 2, "up_to": 10}
ANY = [{"when": "otherwise", "points": 0}]


def build(**changes):
    spec = {
        "name": "card",
        "features": [
            tw.Feature.number("visits"),
            tw.Feature.yes_no("met"),
            tw.Feature.category("country", ["DE", "FR"]),
            tw.Feature.number("size", unknown="own"),
        ],
        "characteristics": [
            {"name": "visits", "feature": "visits", "per_unit": {"points": 2, "up_to": 10}},
            {"name": "country", "feature": "country", "attributes": ANY},
            {"name": "size", "feature": "size", "attributes": [{"when": "unknown", "points": 1}, *ANY]},
        ],
        "grades": [{"name": "A", "from": 10}, {"name": "B", "from": 5, "to": 10}, {"name": "C", "to": 5}],
        "prerequisites": [
            {"name": "met", "feature": "met", "met_when": "yes", "correction": {"cap_at": "B"}},
        ],
    }
    return tw.lead.Scorecard(**(spec | changes))


def attributes(feature, *attributes):
    return {
        "characteristics": [
            {"name": "q", "feature": feature, "attributes": [{"when": when, "points": p} for when, p in attributes]}
        ]
    }


BAD_CARDS = {
    "gap": (
        "invalid_bands",
        {"grades": [{"name": "A", "from": 10}, {"name": "B", "to": 9}]},
        ["`B` and `A`", "gap from 9 to 10"],
    ),
    "overlap": (
        "invalid_bands",
        {"grades": [{"name": "A", "from": 10}, {"name": "B", "to": 11}]},
        ["overlap from 10 to 11"],
    ),
    "band twice": ("invalid_bands", {"grades": [{"name": "A", "from": 1}, {"name": "A", "to": 1}]}, ["listed twice"]),
    "no band": ("invalid_bands", {"grades": []}, ["at least one"]),
    "empty band": (
        "invalid_bands",
        {"grades": [{"name": "A", "from": 5}, {"name": "B", "from": 5, "to": 5}, {"name": "C", "to": 5}]},
        ["empty"],
    ),
    "open in the middle": ("invalid_bands", {"grades": [{"name": "A", "from": 5}, {"name": "B"}]}, ["open edge"]),
    "band without a name": ("invalid_bands", {"grades": [{"name": " ", "from": 5}, {"name": "B", "to": 5}]}, ["name"]),
    "prerequisite of no feature": (
        "unknown_feature",
        {"prerequisites": [{"name": "m", "feature": "meet", "met_when": "yes", "correction": {"notch_down": 1}}]},
        ["`meet`", "`met`"],
    ),
    "characteristic of no feature": (
        "unknown_feature",
        {"characteristics": [{"name": "v", "feature": "visit", "per_unit": {"points": 2, "up_to": 10}}]},
        ["`visit`", "`visits`"],
    ),
    "cap at no grade": (
        "invalid_scorecard",
        {"prerequisites": [{"name": "m", "feature": "met", "met_when": "yes", "correction": {"cap_at": "Z"}}]},
        ["`Z`"],
    ),
    "a correction that raises": (
        "invalid_scorecard",
        {"prerequisites": [{"name": "m", "feature": "met", "met_when": "yes", "correction": {"replace": {"B": "A"}}}]},
        ["better"],
    ),
    "prerequisite twice": (
        "invalid_scorecard",
        {
            "prerequisites": [
                {"name": "m", "feature": "met", "met_when": "yes", "correction": {"notch_down": 1}},
                {"name": "m", "feature": "met", "met_when": "no", "correction": {"notch_down": 1}},
            ]
        },
        ["m"],
    ),
    "a condition of another kind": ("invalid_scorecard", attributes("met", ({"level": "DE"}, 1)), ["`met`"]),
    "no such level": ("invalid_scorecard", attributes("country", ({"level": "XX"}, 1)), ["`XX`", "DE, FR"]),
    "an answer without points": ("invalid_scorecard", attributes("met", ("yes", 1)), ["`no`", "otherwise"]),
    "a level without points": ("invalid_scorecard", attributes("country", ({"level": "DE"}, 1)), ["`FR`"]),
    "a range without points": (
        "invalid_scorecard",
        attributes("visits", ({"range": {"from": 1}}, 1)),
        ["below 1", "otherwise"],
    ),
    "an empty range": (
        "invalid_scorecard",
        attributes("visits", ({"range": {"from": 3, "below": 3}}, 1), ("otherwise", 0)),
        ["empty"],
    ),
    "own unknown without points": ("invalid_scorecard", attributes("size", ("otherwise", 1)), ["`size`", "unknown"]),
    "points of an unknown that is neutral": (
        "invalid_scorecard",
        attributes("met", ("unknown", 1), ("otherwise", 0)),
        ["rule"],
    ),
    "per unit of a fact": (
        "invalid_scorecard",
        {"characteristics": [{"name": "m", "feature": "met", "per_unit": {"points": 2, "up_to": 10}}]},
        ["per_unit"],
    ),
    "points and slope": (
        "invalid_scorecard",
        {
            "characteristics": [
                {
                    "name": "v",
                    "feature": "visits",
                    "per_unit": {"points": 2, "up_to": 10},
                    "attributes": [{"when": "otherwise", "points": 1}],
                }
            ]
        },
        ["either"],
    ),
    "NaN points": (
        "invalid_setting",
        attributes("met", ("yes", math.nan), ("no", 0)),
        ["characteristics[0]", "points"],
    ),
    "infinite points": (
        "invalid_setting",
        attributes("met", ("yes", INF), ("no", 0)),
        ["characteristics[0]", "points"],
    ),
    "infinite start": ("invalid_setting", {"initial": INF}, ["`initial`"]),
    "text as points": ("invalid_setting", attributes("met", ("yes", "1"), ("no", 0)), ["points"]),
    "NaN edge": ("invalid_setting", {"grades": [{"name": "A", "from": math.nan}, {"name": "B"}]}, ["grades[0].from"]),
    "misspelt field": (
        "invalid_setting",
        {"characteristics": [{"name": "v", "feature": "visits", "per_units": {"points": 2, "up_to": 10}}]},
        ["per_units", "characteristics[0]"],
    ),
    "misspelt condition": ("invalid_setting", attributes("met", ("yess", 1), ("no", 0)), ["yess"]),
    "an object": ("invalid_parameter", {"notes": [object()]}, ["`notes` of `Scorecard`"]),
    "no list": ("invalid_parameter", {"characteristics": None}, ["`characteristics` of `Scorecard`"]),
}


@pytest.mark.parametrize("name", list(BAD_CARDS))
def test_a_card_that_contradicts_itself(name):
    code, changes, words = BAD_CARDS[name]
    caught(code, lambda: build(**changes), *words)


def test_a_good_card_is_built():
    assert build().grades == ["A", "B", "C"]
    unknown = {name: [None] for name in ["visits", "met", "country", "size"]}
    assert build(initial=np.float64(1.5)).score(unknown)[0] == 2.5
    assert build(initial=np.int64(1)) == build(initial=1)


def test_a_card_without_grades_cannot_grade():
    only = {"features": ["visits"], "characteristics": [{"name": "v", "feature": "visits", "per_unit": UNIT}]}
    plain = build(grades=None, prerequisites=[], **only)
    assert plain.grades == []
    caught("invalid_scorecard", lambda: plain.grade({"visits": [1.0]}), "grades")


@pytest.mark.parametrize("bad", [-1, 2.5, "3", None, 10**9])
def test_the_number_of_reasons(bad):
    table = facts()
    caught("invalid_parameter", lambda: CARD.grade(table, reasons=bad), "`reasons`", "whole number")
    model = customers.logistic()
    caught("invalid_parameter", lambda: model.reasons(table, most=bad), "`most`", "whole number")


# Value


LOG = {"id": ["ann", "bob", "ann"], "day": [10, 20, 30], "paid": [1.0, 2.0, 3.0]}


def rfm(as_of=40, later_rows="refuse", **columns):
    return tw.value.rfm(LOG | columns, customer="id", date="day", amount="paid", as_of=as_of, later_rows=later_rows)


@pytest.mark.parametrize(
    ("columns", "words", "row", "key"),
    [
        ({"paid": [1.0, INF, 3.0]}, ["bob"], 1, "bob"),
        ({"paid": [1.0, 2.0, math.nan]}, ["ann"], 2, "ann"),
        ({"paid": [None, 2.0, 3.0]}, ["ann"], 0, "ann"),
        ({"day": [10, None, 30]}, ["bob", "unknown"], 1, "bob"),
        ({"day": [10, math.inf, 30]}, ["bob"], 1, "bob"),
        ({"day": [10, 20, 19970101]}, ["ann", "19970101", "Convert"], 2, "ann"),
        ({"day": [10, 20, 50]}, ["ann", "as_of"], 2, "ann"),
        ({"id": ["ann", None, "bob"]}, ["key", "leave the row out"], 1, None),
        ({"id": [1.0, math.nan, 2.0]}, ["key"], 1, None),
    ],
)
def test_a_log_with_a_bad_row(columns, words, row, key):
    error = caught("invalid_value", lambda: rfm(**columns), f"row {row}", *words, row=row)
    assert error.details["key"] == key


def test_a_log_of_whole_numbers_names_the_customer():
    caught("invalid_value", lambda: rfm(id=[700, 900, 700], paid=[1.0, math.nan, 2.0]), "(`900`)", key="900")


def test_orders_after_the_day_may_be_left_out():
    assert rfm(as_of=20, later_rows="leave_out")["monetary"].tolist() == [1.0, 2.0]


@pytest.mark.parametrize("as_of", ["yesterday", "1998-13-01", None, 1.5, True, 19970101, float("nan"), [], pd.NaT])
def test_a_day_that_is_none(as_of):
    caught("invalid_parameter", lambda: rfm(as_of=as_of), "`as_of` of `rfm`", "1998-06-30", name="as_of")


def test_days_in_every_form():
    expected = rfm(as_of=40)["recency"].tolist()
    day = datetime.date(1970, 2, 10)
    for as_of in [day, datetime.datetime(1970, 2, 10, 23, 59), "1970-02-10", np.datetime64(day), pd.Timestamp(day)]:
        assert rfm(as_of=as_of)["recency"].tolist() == expected


def test_parameters_of_the_value_family():
    money = [1.0, 2.0, 3.0, 4.0]
    table = {"recency": [1.0, 2.0], "frequency": [1.0, 2.0], "monetary": [1.0, 2.0]}
    by_share = tw.value.Tiers.by_share
    cases = [
        ("invalid_parameter", lambda: rfm(later_rows="drop"), ["`later_rows`", "`refuse` or `leave_out`"]),
        ("invalid_parameter", lambda: by_share(money, names=["A", "B"], shares=[0.5, 0.5], ties="x"), ["`ties`"]),
        ("invalid_parameter", lambda: tw.value.RfmScorer.split(table, ties="x"), ["`ties`"]),
        ("invalid_parameter", lambda: tw.value.RfmScorer.fit(table, bins=1), ["`bins`"]),
        ("invalid_parameter", lambda: tw.value.RfmScorer.fit(table, bins=300), ["`bins`"]),
        ("invalid_parameter", lambda: tw.value.RfmScorer.fit(table, bins=-1), ["`bins`"]),
        ("invalid_parameter", lambda: tw.value.RfmScorer.fit(table, bins="5"), ["`bins`"]),
        ("invalid_parameter", lambda: tw.value.pareto(money, share=0), ["`share`"]),
        ("invalid_parameter", lambda: tw.value.pareto(money, share=1.5), ["`share`"]),
        ("invalid_parameter", lambda: tw.value.pareto(money, share=math.nan), ["`share`"]),
        ("invalid_parameter", lambda: tw.value.pareto(money, share="0.8"), ["`share`"]),
        ("invalid_parameter", lambda: tw.value.share_curve(money, steps=0), ["`steps`"]),
        ("invalid_parameter", lambda: tw.value.share_curve(money, steps=-1), ["`steps`"]),
        ("invalid_parameter", lambda: by_share(money, names=["A", "B"], shares=[0.5, 0.6]), ["shares", "1"]),
        ("invalid_parameter", lambda: by_share(money, names=["A", "B"], shares=[-0.5, 1.5]), ["share"]),
        ("invalid_parameter", lambda: by_share(money, names=["A", "B"], shares=[math.nan, 1]), ["share"]),
        ("invalid_bands", lambda: tw.value.Tiers.by_cuts(names=["A", "B"], cuts=[1, 2]), ["2 names need 1 cuts"]),
        ("invalid_bands", lambda: tw.value.Tiers.by_cuts(names=["A", "B", "C"], cuts=[1, 2]), ["`B` is empty"]),
        ("invalid_bands", lambda: tw.value.Tiers.by_cuts(names=["A", "B"], cuts=[math.nan]), ["edge"]),
        ("invalid_bands", lambda: tw.value.Tiers.by_cuts(names=["A", "B"], cuts=[INF]), ["edge"]),
        ("empty_table", lambda: by_share([], names=["A", "B"], shares=[0.5, 0.5]), ["empty"]),
        ("empty_table", lambda: tw.value.pareto([]), ["empty"]),
        ("empty_table", lambda: tw.value.gini([]), ["empty"]),
        ("empty_table", lambda: tw.value.share_curve([]), ["empty"]),
        ("missing_column", lambda: tw.value.RfmScorer.fit({"recency": [1.0]}), ["`frequency`"]),
        ("wrong_length", lambda: rfm(paid=[1.0]), ["`paid`"]),
    ]
    for code, work, words in cases:
        caught(code, work, *words)


@pytest.mark.parametrize("bad", [INF, -INF])
def test_infinite_money(bad):
    money = [1.0, 2.0, bad, 4.0]
    for work in [
        lambda: tw.value.pareto(money),
        lambda: tw.value.gini(money),
        lambda: tw.value.share_curve(money),
        lambda: tw.value.Tiers.by_share(money, names=["A", "B"], shares=[0.5, 0.5]),
        lambda: tw.value.Tiers.by_cuts(names=["A", "B"], cuts=[2]).assign(money),
    ]:
        with pytest.raises(exceptions.TierwiseError, match="2") as raised:
            work()
        assert raised.value.code in ("not_finite", "invalid_value")
        assert raised.value.details["row"] == 2


def test_no_names_at_all():
    with pytest.raises(exceptions.TierwiseError):
        tw.value.Tiers.by_quantiles([1.0, 2.0], names=[])


# Model files


def edited(change):
    """The text of a card's file after a hand has been at it; the fingerprint is gone."""
    spec = json.loads(build().to_json())
    del spec["fingerprint"]
    change(spec)
    return json.dumps(spec)


def put(path, value):
    def change(spec):
        *parents, last = path
        for key in parents:
            spec = spec[key]
        spec[last] = value

    return change


def drop(*path):
    def change(spec):
        *parents, last = path
        for key in parents:
            spec = spec[key]
        del spec[last]

    return change


BAD_FILES = {
    "empty": ("model_syntax", "", ["line 1"]),
    "cut off": ("model_syntax", edited(lambda spec: None)[:-10], ["line 1"]),
    "a comma too many": ("model_syntax", '{"format": 1,}', ["line 1"]),
    "single quotes": ("model_syntax", "{'format': 1}", ["line 1"]),
    "a comment": ("model_syntax", '{"format": 1, // no\n "kind": "scorecard"}', ["line 1"]),
    "a key twice": ("model_syntax", '{"format": 1,\n "kind": "a", "kind": "b"}', ["line 2", "`kind` occurs twice"]),
    "NaN": ("model_syntax", '{"format": 1, "kind": "scorecard", "initial": NaN}', ["line 1"]),
    "a number too large": ("model_syntax", '{"format": 1, "kind": "scorecard", "initial": 1e999}', ["line 1"]),
    "nested too deep": ("model_syntax", "[" * 5000 + "]" * 5000, ["line 1"]),
    "a list": ("model_field", "[]", ["expected an object"]),
    "a text": ("model_field", '"card"', ["expected an object"]),
    "no format": ("model_field", edited(drop("format")), ["`format`", "missing"]),
    "no kind": ("model_field", edited(drop("kind")), ["`kind`", "missing"]),
    "format 2": ("model_format", edited(put(["format"], 2)), ["format 2", "Update"]),
    "format as text": ("model_format", edited(put(["format"], "1")), ["format"]),
    "kind of a stranger": ("model_kind", edited(put(["kind"], "acme.card")), ["`acme.card`", "`logistic`"]),
    "kind as number": ("model_field", edited(put(["kind"], 7)), ["`kind`", "text"]),
    "another kind": ("model_field", edited(put(["kind"], "tiers")), ["not valid"]),
    "a changed number": (
        "fingerprint",
        build().to_json().replace('"up_to": 10.0', '"up_to": 11.0'),
        ["delete the `fingerprint` line"],
    ),
    "fingerprint as number": ("model_field", edited(put(["fingerprint"], 5)), ["`fingerprint`"]),
    "no name": ("model_field", edited(drop("name")), ["name"]),
    "misspelt": ("model_field", edited(put(["grade"], [])), ["`grade`"]),
    "points as text": (
        "model_field",
        edited(put(["characteristics", 0, "per_unit", "points"], "2")),
        ["characteristics[0].per_unit.points"],
    ),
    "points as null": (
        "model_field",
        edited(put(["characteristics", 0, "per_unit", "points"], None)),
        ["characteristics[0].per_unit.points"],
    ),
    "features as object": ("model_field", edited(put(["features"], {})), ["features"]),
    "no feature name": ("model_field", edited(drop("features", 0, "name")), ["features[0]"]),
    "a kind of feature": ("model_field", edited(put(["features", 0, "kind"], "numeric")), ["features[0].kind"]),
    "a rule for unknown": ("model_field", edited(put(["features", 0, "unknown"], "no")), ["features[0].unknown"]),
    "duplicate features": (None, edited(put(["features", 1, "name"], "visits")), ["visits"]),
    "gap in the bands": (None, edited(put(["grades", 1, "to"], 9)), ["gap"]),
    "overlapping bands": (None, edited(put(["grades", 1, "to"], 11)), ["overlap"]),
    "prerequisite of nothing": (None, edited(put(["prerequisites", 0, "feature"], "x")), ["`x`"]),
    "characteristic of nothing": (None, edited(put(["characteristics", 0, "feature"], "x")), ["`x`"]),
    "a lone surrogate": ("model_syntax", '{"format": 1, "kind": "\\ud800"}', ["line 1"]),
}


@pytest.mark.parametrize("name", list(BAD_FILES))
def test_a_file_that_a_hand_has_been_at(name, tmp_path):
    code, text, words = BAD_FILES[name]
    (tmp_path / "model.json").write_text(text, encoding="utf-8")
    if code is None:  # the constructor's own error, or that of the field with the same words
        with pytest.raises(exceptions.TierwiseError) as raised:
            tw.load(tmp_path / "model.json")
        assert raised.value.code in (
            "model_field",
            "duplicate_feature",
            "invalid_bands",
            "unknown_feature",
            "invalid_scorecard",
        )
        assert all(word in str(raised.value) for word in words)
    else:
        caught(code, lambda: tw.load(tmp_path / "model.json"), *words)


def test_files_of_fitted_models_are_checked_too():
    model = customers.logistic()
    for path, value, word in [
        (["base"], "1", "base"),
        (["confidence"], 2.0, "confidence"),
        (["coefficients", 0, "estimate"], None, "coefficients[0]"),
        (["coefficients", 0, "feature"], "nobody", "nobody"),
        (["report", "rows"], -1, "report"),
    ]:
        spec = json.loads(model.to_json())
        del spec["fingerprint"]
        put(path, value)(spec)
        with pytest.raises(exceptions.TierwiseError, match=re.escape(word)):
            tw._models.from_json(json.dumps(spec))


def test_a_file_in_another_encoding(tmp_path):
    file = tmp_path / "model.json"
    file.write_bytes('{"format": 1,\n "name": "Käufer"}'.encode("latin-1"))
    caught("model_syntax", lambda: tw.load(file), "line 2", "UTF-8", line=2, column=12)
    file.write_bytes(build().to_json().encode("utf-16"))
    caught("model_syntax", lambda: tw.load(file), "UTF-8", line=1, column=1)


def test_a_file_with_a_byte_order_mark_loads(tmp_path):
    file = tmp_path / "model.json"
    file.write_bytes(b"\xef\xbb\xbf" + build().to_json().encode("utf-8"))
    assert tw.load(file) == build()


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        tw.load(tmp_path / "nothing.json")


def test_what_is_no_model_cannot_be_saved(tmp_path):
    caught("model_kind", lambda: tw.save(object(), tmp_path / "x.json"), "no model of tierwise")
    assert not (tmp_path / "x.json").exists()


# Models of other authors


class Plain:
    features = ("x",)

    def __init__(self, result):
        self.result = result

    def score(self, columns):
        return self.result


@pytest.mark.parametrize(
    "model",
    [
        object(),
        5,
        "model",
        Plain,
        Plain([1.0]),
        Plain([1.0, 2.0, 3.0]),
        Plain([[1.0, 2.0]]),
        Plain(["a", "b"]),
        Plain(None),
        Plain({}),
        type("NoScore", (), {"features": ["x"]})(),
        type("NoFeatures", (), {"score": lambda self, columns: [1.0, 2.0]})(),
        type("BadFeatures", (Plain,), {"features": "x"})([1.0, 2.0]),
        type("WorseFeatures", (Plain,), {"features": [1, 2]})([1.0, 2.0]),
        tw.value.Tiers.by_cuts(names=["A", "B"], cuts=[1]),
    ],
    ids=lambda model: f"{type(model).__name__} {getattr(model, 'result', '')}",
)
def test_what_is_no_model_is_refused(model):
    for work in [tw.score, tw.rank]:
        error = caught("foreign", lambda work=work: work(model, {"x": [1.0, 2.0]}), "failed")
        assert set(error.details) == {"model", "reason"}


def test_a_plain_model_is_given_checked_columns():
    model = Plain([1.0, 2.0])
    caught("not_finite", lambda: tw.score(model, {"x": [1.0, INF]}), "`x` at row 1")
    caught("wrong_kind", lambda: tw.score(model, {"x": ["1", "2"]}), "`x`")
    caught("missing_column", lambda: tw.score(model, {"y": [1.0, 2.0]}), "`x`")

    class Broken(Plain):
        def score(self, columns):
            raise ZeroDivisionError("its own fault")

    with pytest.raises(ZeroDivisionError, match="its own fault"):
        tw.score(Broken(None), {"x": [1.0]})
