"""Classes by milestones, the way of leads through classes, and the class pyramid."""

import copy
import datetime
import itertools
import math
import pickle
import random

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import tierwise as tw
from customers import columns_of
from scipy import stats
from tierwise import exceptions

FRAMES = {"dict": dict, "pandas": pd.DataFrame, "polars": pl.DataFrame, "pyarrow": pa.table}
SIX = tw.lead.schiffman()
CLASSES = ["won", "hot", "cold", "lost"]


def entries(rows, start=datetime.date(2024, 1, 1)):
    """Rows of lead, class and days after ``start``, as columns."""
    leads, classes, days = zip(*rows, strict=True)
    return {
        "lead": list(leads),
        "class": list(classes),
        "day": [start + datetime.timedelta(days=day) for day in days],
    }


def history(rows, as_of="2024-04-10", **more):
    """Day 100 is the 10th of April."""
    data = entries(rows) if isinstance(rows, list) else rows
    settings = {"classes": CLASSES, "closed": "won", "lost": "lost"} | more
    return tw.lead.ClassHistory(data, lead="lead", class_="class", date="day", as_of=as_of, **settings)


ROWS = [
    ("ann", "cold", 0),
    ("ann", "hot", 10),
    ("ann", "won", 30),
    ("bob", "cold", 40),
    ("cy", "cold", 20),
    ("cy", "hot", 50),
    ("cy", "cold", 60),
    ("di", "hot", 5),
    ("di", "lost", 9),
]


def refused(error, work, *words):
    with pytest.raises(error) as raised:
        work()
    for word in words:
        assert word in str(raised.value), str(raised.value)
    return raised.value


# Milestones


def facts(**columns):
    rows = len(next(iter(columns.values())))
    return {feature.name: [None] * rows for feature in SIX.features} | columns


def test_unknown_is_never_no():
    data = {feature.name: [None, True, False] for feature in SIX.features}
    found = SIX.classify(data)
    assert found["class"].tolist() == ["no contact", "closed", "no contact"]
    assert found["best_class"].tolist() == ["closed", "closed", "no contact"]
    assert found["next_class"].tolist() == ["first visit", None, "first visit"]
    assert found["missing"].tolist() == ["first_visit_with_key_person", "", "first_visit_with_key_person"]
    assert found["unknown"].tolist() == ["first_visit_with_key_person", "", ""]
    assert SIX.assign(data).tolist() == found["class"].tolist()


def test_the_two_classes_hold_every_answer_to_what_is_unknown():
    names = [feature.name for feature in SIX.features]
    generator = random.Random(3)
    for _ in range(60):
        known = {name: generator.choice([True, False, None, None]) for name in names}
        open_ones = [name for name in names if known[name] is None]
        answers = list(itertools.product([False, True], repeat=len(open_ones)))
        table = {name: [known[name]] * len(answers) for name in names}
        for place, name in enumerate(open_ones):
            table[name] = [answer[place] for answer in answers]
        places = {SIX.names.index(name) for name in SIX.assign(table).tolist()}
        found = SIX.classify({name: [value] for name, value in known.items()})
        # No rule of the six asks for a "not", so both ends are attained.
        assert min(places) == SIX.names.index(found["best_class"][0])
        assert max(places) == SIX.names.index(found["class"][0])


@pytest.mark.parametrize("kind", FRAMES)
def test_every_kind_of_table_gives_the_same_classes(kind):
    data = facts(agreed_next_step=[True, False, None], verbal_consent=[None, False, True])
    data = {name: pa.array(values, pa.bool_()) if kind == "pyarrow" else values for name, values in data.items()}
    found = SIX.classify(FRAMES[kind](data))
    assert isinstance(found, FRAMES[kind]) if kind in ("pandas", "polars") else True
    columns = found.to_pydict() if kind == "pyarrow" else found
    assert [*columns["class"]] == ["25%", "no contact", "90%"]
    assert [*columns["held_by"]] == ["agreed_next_step", "", "verbal_consent"]


def test_a_scheme_is_saved_loaded_copied_and_pickled(tmp_path):
    own = tw.lead.MilestoneClasses(
        name="own",
        milestones=["a", "b"],
        classes=[{"name": "best", "when": {"all_of": ["a", {"not": "b"}]}, "inferred": "all of it"}],
        otherwise="rest",
    )
    assert own.spec["classes"][0]["inferred"] == "all of it"
    for model in (own, SIX):
        tw.save(model, tmp_path / "classes.json")
        for again in (tw.load(tmp_path / "classes.json"), pickle.loads(pickle.dumps(model)), copy.deepcopy(model)):
            assert type(again) is tw.lead.MilestoneClasses
            assert again == model
            assert again.fingerprint == model.fingerprint
    data = {"a": [1, 1, 1], "b": [0, 1, None]}
    assert own.classify(data)["class"].tolist() == ["best", "rest", "rest"]
    assert own.classify(data)["best_class"].tolist() == ["best", "rest", "best"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"classes": []}, ["classes", "none"]),
        ({"classes": [{"name": "x", "when": "c"}]}, ["class `x`", "`c`"]),
        ({"classes": [{"name": "x", "when": {"all_of": ["a", {"not": "a"}]}}]}, ["class `x`", "contradicts itself"]),
        ({"classes": [{"name": "x", "when": {"any_of": []}}]}, ["class `x`", "empty list"]),
        ({"classes": [{"name": "x", "when": "a"}, {"name": "y", "when": {"all_of": ["a", "b"]}}]}, ["class `y`"]),
        ({"milestones": ["a", "b", "a"]}, ["milestone", "`a`"]),
        ({"otherwise": "x"}, ["`x`"]),
        ({"milestones": ["a", "b", "spare"]}, ["milestone `spare`"]),
        ({"milestones": [f"m{place}" for place in range(21)]}, ["20"]),
    ],
)
def test_schemes_that_contradict_themselves_are_refused(change, words):
    parts = {
        "name": "own",
        "milestones": ["a", "b"],
        "classes": [{"name": "x", "when": {"any_of": ["a", "b"]}}],
        "otherwise": "rest",
    }
    tw.lead.MilestoneClasses(**parts)
    refused(exceptions.InvalidRulesError, lambda: tw.lead.MilestoneClasses(**parts | change), *words)


def test_a_scheme_of_the_wrong_form_names_the_place():
    wrong = [{"name": "x", "when": {"all": ["a"]}}]
    make = tw.lead.MilestoneClasses
    error = refused(
        exceptions.InvalidSettingError,
        lambda: make(name="own", milestones=["a"], classes=wrong, otherwise="rest"),
    )
    assert error.details["path"].startswith("classes[0]")


def test_facts_must_be_there_and_be_yes_or_no():
    refused(exceptions.MissingColumnError, lambda: SIX.classify({"closed": [True]}), "first_visit_with_key_person")
    refused(exceptions.TierwiseError, lambda: SIX.classify(facts(closed=[2.0])), "closed")
    refused(exceptions.WrongKindError, lambda: SIX.classify(facts(closed=["perhaps"])), "closed")


# History


@pytest.mark.parametrize("kind", FRAMES)
def test_every_kind_of_history_gives_the_same_stays(kind):
    data = FRAMES[kind](entries(ROWS))
    stale = history(data).stale(days={"cold": 30, "hot": 7})
    columns = stale.to_pydict() if kind == "pyarrow" else stale
    assert [*columns["lead"]] == ["bob", "cy"]
    assert [*columns["days"]] == [60, 40]
    assert [*columns["limit"]] == [30.0, 30.0]
    since = [pd.Timestamp(day).date() for day in columns["since"]]
    assert since == [datetime.date(2024, 2, 10), datetime.date(2024, 3, 1)]
    stays = history(data).stays()
    columns = stays.to_pydict() if kind == "pyarrow" else stays
    assert [*columns["lead"]] == ["ann"] * 3 + ["bob"] + ["cy"] * 3 + ["di"] * 2
    ends = [None if pd.isna(day) else pd.Timestamp(day).date() for day in columns["to"]]
    day = datetime.date(2024, 1, 1)
    assert ends[:4] == [day + datetime.timedelta(10), day + datetime.timedelta(30), None, None]


def test_dwell_and_transitions_by_hand():
    found = {dwell.class_: dwell for dwell in history(ROWS).dwell(quantiles=[0.3, 0.5])}
    assert list(found) == ["hot", "cold"]
    # hot: 20 (ann), 10 (cy), 4 (di), all over
    assert (found["hot"].completed, found["hot"].ongoing) == (3, 0)
    assert found["hot"].mean_completed == pytest.approx(34 / 3)
    assert found["hot"].median_completed == found["hot"].median == 10
    # cold: 10 and 30 are over; 60 (bob) and 40 (cy) last: 3/4 stay beyond day 10, 1/2 beyond day 30
    assert (found["cold"].completed, found["cold"].ongoing) == (2, 2)
    assert found["cold"].median_completed == 20
    assert found["cold"].median == 30
    assert found["cold"].quantiles == {0.3: 30.0, 0.5: 30.0}
    steps = {(step.from_, step.to): step for step in history(ROWS).transitions(confidence=0.9)}
    assert {pair: (step.stays, step.of) for pair, step in steps.items()} == {
        ("hot", "won"): (1, 3),
        ("hot", "cold"): (1, 3),
        ("hot", "lost"): (1, 3),
        ("cold", "hot"): (2, 2),
    }
    one = steps["hot", "won"]
    assert (one.low, one.high) == pytest.approx(stats.beta(1.5, 2.5).ppf([0.05, 0.95]), rel=1e-9)


def test_quantiles_are_those_of_scipy():
    generator = np.random.default_rng(5)
    days = generator.integers(0, 60, 300)
    over = generator.random(300) < 0.6
    rows = []
    for lead, (duration, is_over) in enumerate(zip(days.tolist(), over.tolist(), strict=True)):
        # a stay that lasts began `duration` days before the day of the history, which is day 100
        start = 0 if is_over else 100 - duration
        rows += [(lead, "cold", start)] + ([(lead, "hot", duration)] if is_over else [])
    wanted = (0.1, 0.25, 0.5, 0.75)
    dwell = history(rows).dwell(quantiles=wanted)[1]
    assert (dwell.completed, dwell.ongoing) == (over.sum(), (~over).sum())
    # stays of 0 days are over within the day: two entries on one day, worst first
    survival = stats.ecdf(stats.CensoredData(uncensored=days[over], right=days[~over])).sf
    for quantile in wanted:
        reached = survival.quantiles[survival.probabilities <= 1 - quantile + 1e-12]
        assert dwell.quantiles[quantile] == (reached[0] if reached.size else pytest.approx(math.nan, nan_ok=True))


def test_the_order_of_the_rows_does_not_matter():
    generator = random.Random(11)
    rows = [(lead, generator.choice(CLASSES), generator.randrange(90)) for lead in range(40) for _ in range(6)]
    whole = history(rows)
    for _ in range(5):
        generator.shuffle(rows)
        again = history(rows)
        assert columns_of(again.stays()) == columns_of(whole.stays())
        assert columns_of(again.stale(quantile=0.6)) == columns_of(whole.stale(quantile=0.6))
        assert again.transitions() == whole.transitions()
        assert repr(again.pyramid(window=60, horizon=20)) == repr(whole.pyramid(window=60, horizon=20))


def test_entries_after_as_of_are_refused_or_left_out_and_counted():
    error = refused(exceptions.InvalidValueError, lambda: history(ROWS, as_of="2024-02-01"), "as_of", "`bob`")
    assert error.details["row"] == 3
    past = history(ROWS, as_of="2024-02-01", later="leave_out")
    assert past.left_out == 3
    early = [row for row in ROWS if row[2] <= 31]
    assert columns_of(past.stays()) == columns_of(history(early, as_of="2024-02-01").stays())


def test_snapshots_and_duplicates_begin_no_new_stay():
    rows = [("ann", "cold", 0), ("ann", "cold", 30), ("ann", "cold", 30), ("ann", "hot", 60)]
    found = history(rows)
    assert found.merged == 2
    assert found.dwell()[1].mean_completed == 60


def test_limits_by_quantile_are_the_quantiles():
    found = history(ROWS)
    assert found.limits(quantile=0.5) == {"hot": 10.0, "cold": 30.0}
    assert found.limits(quantile=0.9) == {"hot": 20.0}  # half of the stays in cold last
    assert found.stale(quantile=0.5)["lead"].tolist() == ["bob", "cy"]
    assert found.limits(days=5) == {"hot": 5.0, "cold": 5.0}


def test_limits_must_be_one_of_the_two_and_known():
    found = history(ROWS)
    wrong = exceptions.InvalidParameterError
    refused(wrong, found.stale, "quantile", "neither")
    refused(wrong, lambda: found.stale(days=3, quantile=0.5), "both")
    refused(wrong, lambda: found.stale(days=-1), "limit", "-1")
    refused(wrong, lambda: found.stale(days={"cold": math.nan}), "cold")
    for quantile in (0, 1, 1.5, -0.1):
        refused(wrong, lambda quantile=quantile: found.stale(quantile=quantile), "(0, 1)")
        refused(wrong, lambda quantile=quantile: found.dwell([quantile]), "(0, 1)")
    refused(exceptions.UnknownNameError, lambda: found.stale(days={"warm": 3}), "`warm`", "`cold`")


def test_wrong_histories_say_where():
    def with_row(lead, name, day):
        return lambda: history([*ROWS, (lead, name, day)])

    error = refused(exceptions.UnknownNameError, with_row("ed", "warm", 3), "`warm`", "row 9")
    assert error.details["row"] == 9
    refused(exceptions.InvalidValueError, with_row("ed", None, 3), "`ed`", "row 9")
    refused(exceptions.InvalidValueError, with_row(None, "hot", 3), "row 9")
    unknown_day = {"lead": ["ann"], "class": ["hot"], "day": [None]}
    refused(exceptions.InvalidValueError, lambda: history(unknown_day), "`ann`")
    refused(exceptions.UnknownNameError, lambda: history(ROWS, closed="done"), "closed", "`done`")
    refused(exceptions.UnknownNameError, lambda: history(ROWS, lost="gone"), "lost", "`gone`")
    wrong = exceptions.InvalidParameterError
    refused(wrong, lambda: history(ROWS, lost="won"), "lost")
    refused(wrong, lambda: history(ROWS, classes=[*CLASSES, "won"]), "`won` twice")
    refused(wrong, lambda: history(ROWS, classes="won"), "classes")
    refused(wrong, lambda: history(ROWS, as_of="soon"), "as_of")
    refused(wrong, lambda: history(ROWS, later="ignore"), "later")
    refused(exceptions.EmptyTableError, lambda: history({"lead": [], "class": [], "day": []}))
    refused(exceptions.MissingColumnError, lambda: history({"lead": [1], "class": ["hot"]}), "day")
    refused(exceptions.WrongKindError, lambda: history(np.zeros((2, 3))))


def test_a_scheme_may_stand_for_its_classes():
    rows = [(7, "25%", 0), (7, "closed", 12)]
    found = history(rows, classes=SIX, closed="closed", lost=None)
    assert found.classes == SIX.names
    assert found.stays()["lead"].dtype == np.int64
    assert found.pyramid(window=200, horizon=20).classes[3].won == 1


# Pyramid


def test_every_lead_of_the_rate_had_the_same_time():
    # the cohort of 60 days that ended 20 days ago: entries from day 21 to day 80
    rows = [
        ("too early", "hot", 20),
        ("first day", "hot", 21),
        ("first day", "won", 41),  # after 20 days: in time
        ("last day", "hot", 80),
        ("last day", "won", 100),
        ("too late", "hot", 81),
        ("slow", "hot", 50),
        ("slow", "won", 71),  # after 21 days
        ("lost", "hot", 50),
        ("lost", "lost", 55),
    ]
    hot = history(rows).pyramid(window=60, horizon=20).classes[1]
    assert (hot.class_, hot.won, hot.counted, hot.rate) == ("hot", 2, 4, 0.5)
    assert (hot.low, hot.high) == pytest.approx(stats.beta(2.5, 2.5).ppf([0.025, 0.975]), rel=1e-9)
    pyramid = history(rows).pyramid(window=60, horizon=20)
    assert [row.leads for row in pyramid.classes] == [3, 2, 0, 1]
    assert math.isnan(pyramid.classes[0].rate)
    assert pyramid.classes[0].counted == 0
    for window, horizon in ((0, 1), (1, 0), (1.5, 1), (-1, 1), (1, 2**31)):
        refused(
            exceptions.InvalidParameterError,
            lambda window=window, horizon=horizon: history(rows).pyramid(window=window, horizon=horizon),
        )


@pytest.mark.parametrize("series", [list, np.array, pd.Series, pl.Series, pa.array])
def test_the_pyramid_of_a_snapshot(series):
    pyramid = tw.lead.class_pyramid(
        series(["hot", "cold", "cold", "cold", "hot"]), series([1.0, 0.0, math.nan, 1.0, 1.0]), names=["hot", "cold"]
    )
    assert [(row.leads, row.won, row.counted) for row in pyramid.classes] == [(2, 2, 2), (3, 1, 2)]
    assert [row.share for row in pyramid.classes] == [0.4, 0.6]
    assert pyramid.classes[0].high == 1


def test_wrong_snapshots_say_where():
    def make(classes, won, names=("hot", "cold"), **more):
        return lambda: tw.lead.class_pyramid(classes, won, names=names, **more)

    refused(exceptions.UnknownNameError, make(["hot", "warm"], [1, 0]), "`warm`", "row 1")
    refused(exceptions.WrongLengthError, make(["hot", "cold"], [1]), "won")
    refused(exceptions.InvalidValueError, make(["hot", "cold"], [1, 2]), "won", "row 1")
    refused(exceptions.EmptyTableError, make([], []))
    refused(
        exceptions.InvalidParameterError,
        make(["hot"], [1], names=["hot", "hot"]),
        "`names` of `class_pyramid`",
        "`hot` twice",
    )
    refused(exceptions.InvalidParameterError, make(["hot"], [1], names="hot"), "`names` of `class_pyramid`")
    refused(exceptions.InvalidParameterError, make(["hot"], [1], confidence=1), "confidence")
