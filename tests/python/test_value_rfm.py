"""RFM in full: rules for a log, scores, named segments, moves; in every kind of frame."""

import datetime
import decimal
import math
import pickle

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import tierwise as tw
from tierwise import exceptions

KINDS = {"dict": dict, "pandas": pd.DataFrame, "polars": pl.DataFrame, "pyarrow": pa.table}
LOG = {
    "id": ["ann", "ann", "bob", "ann", "cid", "ann"],
    "day": [10, 10, 12, 20, 21, 26],
    "paid": [40.0, 20.0, -9.0, 30.0, 7.0, -25.0],
    "order": [1, 2, 3, 4, 5, 4],
    "line": ["tea", "cups", "tea", "tea", "cups", "tea"],
    "earned": [8.0, 4.0, -2.0, 6.0, 1.0, -5.0],
    "money": ["EUR"] * 6,
}
NAMES = {"customer": "id", "date": "day", "amount": "paid", "as_of": 30}


def rfm(log=LOG, **settings):
    return tw.value.rfm(log, **NAMES | settings)


def listed(column):
    return column.to_pylist() if hasattr(column, "to_pylist") else list(column)


@pytest.fixture(params=list(KINDS))
def kind(request):
    return KINDS[request.param]


def test_rules_in_every_frame(kind):
    table = rfm(kind(LOG), returns="net_off", only_returns="leave_out", order="order", line="line", margin=0.5)
    assert isinstance(table, type(kind({"x": [1]})))
    assert listed(table["customer"]) == ["ann", "ann", "cid"]
    assert listed(table["line"]) == ["cups", "tea", "cups"]
    assert listed(table["monetary"]) == [10.0, 22.5, 3.5]
    assert listed(table["frequency"]) == [1.0, 2.0, 1.0]


def test_each_rule():
    plain = rfm()
    assert listed(plain["customer"]) == ["ann", "bob", "cid"]
    assert listed(plain["monetary"]) == [65.0, -9.0, 7.0]
    assert listed(rfm(returns="as_purchases", currency="money")["monetary"]) == [65.0, -9.0, 7.0]
    assert listed(rfm(returns="leave_out")["monetary"]) == [90.0, 7.0]
    assert listed(rfm(monetary="mean_per_purchase")["monetary"]) == [65 / 3, -9.0, 7.0]
    assert listed(rfm(margin="earned")["monetary"]) == [13.0, -2.0, 1.0]
    assert listed(rfm(margin=0.1)["monetary"]) == pytest.approx([6.5, -0.9, 0.7])
    assert listed(rfm(order="order")["frequency"]) == [3.0, 1.0, 1.0]
    assert listed(rfm(line="line")["line"]) == ["cups", "tea", "tea", "cups"]
    numbered = rfm(LOG | {"line": [7, 8, 7, 7, 8, 7]}, line="line")
    assert listed(numbered["line"]) == [7, 8, 7, 8]
    late = LOG | {"day": [-5, 10, 12, 20, 21, 26], "paid": [-40.0, *LOG["paid"][1:]]}
    net = {"returns": "net_off", "only_returns": "leave_out"}
    assert listed(rfm(late, **net, early_returns="net_off")["monetary"]) == [-15.0, 7.0]
    assert listed(rfm(late, **net, early_returns="leave_out")["monetary"]) == [25.0, 7.0]
    in_euros = rfm(
        LOG | {"money": ["EUR", "USD", "EUR", "EUR", "EUR", "EUR"]}, currency="money", rates={"EUR": 1, "USD": 0.5}
    )
    assert listed(in_euros["monetary"]) == [55.0, -9.0, 7.0]


REFUSED = [
    ({"returns": "net_off"}, "invalid_value", ["row 2 (`bob`)", "no purchase"]),
    ({"returns": "refuse"}, "invalid_value", ["row 2 (`bob`)", "refused"]),
    ({"returns": "drop"}, "invalid_parameter", ["`returns`", "`net_off`"]),
    ({"early_returns": 1}, "invalid_parameter", ["`early_returns`"]),
    ({"only_returns": "keep"}, "invalid_parameter", ["`only_returns`"]),
    ({"monetary": "median"}, "invalid_parameter", ["`monetary`", "`mean_per_purchase`"]),
    ({"margin": True}, "invalid_parameter", ["`margin`"]),
    ({"margin": math.nan}, "invalid_parameter", ["`margin`", "finite"]),
    ({"margin": "profit"}, "missing_column", ["`profit`"]),
    ({"order": 3}, "invalid_parameter", ["`order`", "a text"]),
    ({"line": "colour"}, "missing_column", ["`colour`"]),
    ({"rates": {"EUR": 1}}, "invalid_parameter", ["`rates`", "no column of currencies"]),
    (
        {"currency": "money", "rates": {"USD": 1}},
        "invalid_value",
        ["the currency at row 0 (`ann`) is `EUR`, which has no rate", "`USD`"],
    ),
    ({"currency": "money", "rates": {"EUR": 0}}, "invalid_parameter", ["`rates`", "above 0"]),
    ({"currency": "money", "rates": [1]}, "invalid_parameter", ["`rates`", "a dict"]),
    ({"returns": "leave_out", "as_of": 15}, "invalid_value", ["row 3 (`ann`)", "must not lie after"]),
]


@pytest.mark.parametrize(("settings", "code", "words"), REFUSED)
def test_what_is_refused(settings, code, words):
    with pytest.raises(exceptions.TierwiseError) as raised:
        rfm(**settings)
    assert raised.value.code == code
    for word in words:
        assert word in str(raised.value)


def test_columns_that_are_refused():
    mixed = LOG | {"money": ["EUR", "EUR", "EUR", "USD", "EUR", "USD"]}
    with pytest.raises(
        exceptions.InvalidValueError, match=r"row 3 \(`ann`\) is `USD`.*`EUR` in 4 rows, `USD` in 2 rows"
    ):
        rfm(mixed, currency="money")
    with pytest.raises(exceptions.InvalidValueError, match=r"row 1"):
        rfm(LOG | {"money": ["EUR", None, *["EUR"] * 4]}, currency="money")
    with pytest.raises(exceptions.InvalidValueError, match=r"row 4 \(`cid`\) is that of another customer"):
        rfm(LOG | {"order": [1, 2, 3, 4, 1, 4]}, order="order")
    with pytest.raises(exceptions.InvalidValueError, match="row 5"):
        rfm(LOG | {"earned": [1.0] * 5 + [math.inf]}, margin="earned")
    with pytest.raises(exceptions.TierwiseError) as raised:
        rfm({name: [] for name in LOG}, line="line")
    assert raised.value.code in ("empty_table", "wrong_kind")


def test_one_row():
    one = {name: column[:1] for name, column in LOG.items()}
    table = rfm(one, line="line", order="order", margin="earned", returns="net_off", monetary="mean_per_purchase")
    assert (listed(table["monetary"]), listed(table["frequency"])) == ([8.0], [1.0])


# Values published beside the code: CDNOW, 1998-07-01 (reference b1.7): which scores occur, and the two corners.
def test_natural_breaks_and_quantiles_of_cdnow():
    datasets = pytest.importorskip("lifetimes.datasets")
    orders = datasets.load_dataset("CDNOW_sample.txt", header=None, sep=r"\s+", names=["_", "id", "day", "n", "paid"])
    orders["day"] = pd.to_datetime(orders["day"].astype(str), format="%Y%m%d")
    table = tw.value.rfm(orders, customer="id", date="day", amount="paid", as_of="1998-07-01")
    scores = tw.value.RfmScorer.fit(table).score(table)
    assert ((scores["cell"] == 555).sum(), (scores["cell"] == 111).sum()) == (233, 167)
    assert scores["frequency"].value_counts().sort_index().to_dict() == {1: 1218, 3: 403, 4: 358, 5: 378}
    jenks = tw.value.RfmScorer.fit(table, method="jenks")
    assert jenks == tw.value.RfmScorer.fit(table, method="kmeans")
    # No run of an iterated k-means gets below the optimum.
    money = table["monetary"].to_numpy()
    within = sum(((part - part.mean()) ** 2).sum() for part in _parts(money, jenks.score(table)["monetary"].to_numpy()))
    cluster = pytest.importorskip("sklearn.cluster")
    inertia = cluster.KMeans(5, n_init=4, random_state=0).fit(money[:, None]).inertia_
    assert within <= inertia * (1 + 1e-9)
    assert within == pytest.approx(inertia, rel=1e-3)
    found = tw.value.natural_breaks(money, 5)
    assert found.goodness_of_fit == pytest.approx(1 - within / ((money - money.mean()) ** 2).sum())
    segments = tw.value.RfmSegments(tw.value.RfmScorer.fit(table))
    assert segments.assign(table).isna().sum() == 0
    assert any("frequency" in finding for finding in segments.findings)


def _parts(values, codes):
    return [values[codes == code] for code in np.unique(codes)]


CUTS = [1, 2, 3, 4]


def scorer():
    return tw.value.RfmScorer.by_cuts(recency=CUTS, frequency=CUTS, monetary=CUTS)


def test_segments_in_every_frame(kind):
    segments = tw.value.RfmSegments(scorer())
    table = kind({"recency": [0.0, 4.0, None], "frequency": [4.0, 0.0, 1.0], "monetary": [0.0, 9.0, 1.0]})
    assert [one if isinstance(one, str) else None for one in listed(segments.assign(table))] == [
        "Champions",
        "Hibernating",
        None,
    ]
    before = kind(
        {"customer": ["a", "b", "c"], "recency": [0.0, 0.0, 0.0], "frequency": [4.0] * 3, "monetary": [1.0] * 3}
    )
    after = kind(
        {"customer": ["b", "a", "d"], "recency": [3.0, 0.0, 0.0], "frequency": [4.0] * 3, "monetary": [2.0] * 3}
    )
    moves = segments.moves(before, after)
    assert isinstance(moves.movers, type(after))
    assert listed(moves.movers["customer"]) == ["b", "c", "d"]
    assert listed(moves.movers["reason"]) == ["recency 5 -> 2 (0 -> 3)", "gone", "new"]
    assert moves.migration.counts.sum() == 2
    assert (moves.migration.lost, moves.migration.new) == (1, 1)
    seen = [one if isinstance(one, str) else None for one in listed(moves.movers["segment_after"])]
    assert seen == ["Can't Lose Them", None, "Champions"]


def test_keys_of_two_kinds_are_not_matched():
    segments = tw.value.RfmSegments(scorer())
    table = {"customer": [10, 9], "recency": [0, 0], "frequency": [1, 1], "monetary": [1, 1]}
    for other in (["9", "10"], ["x", "y"]):
        with pytest.raises(
            exceptions.WrongKindError,
            match="column `customer` holds texts at the later date where keys as at the earlier date, whole numbers",
        ):
            segments.moves(table, table | {"customer": other})
    lines = by_line([1, 1], [1, 2], [0.0, 0.0])
    with pytest.raises(exceptions.WrongKindError, match="column `line` holds whole numbers at the later date"):
        segments.moves_by_line(lines | {"line": ["1", "2"]}, lines)
    with pytest.raises(exceptions.WrongKindError, match="column `customer`"):
        segments.moves_by_line(lines | {"customer": ["1", "1"]}, lines)
    strangers = segments.moves(table, table | {"customer": [1, 2]})
    assert strangers.findings[0].startswith("no customer is there at both dates: all 2 of the first are gone")
    of_line = segments.moves_by_line(lines, lines | {"customer": [1, 2]}).findings
    assert [finding[:47] for finding in of_line] == ["line `2`: no customer is there at both dates: a"]
    assert segments.moves(table, table).findings == []
    # A table without rows has no kind.
    empty = {name: np.array([]) for name in table}
    assert segments.moves(empty, table | {"customer": ["a", "b"]}).movers["reason"].tolist() == ["new", "new"]
    same = segments.moves(table, table)
    assert len(same.movers["customer"]) == 0
    assert same.migration.same.rate == 1
    with pytest.raises(exceptions.InvalidValueError, match=r"the customer at row 1 \(`9`\)"):
        segments.moves(table | {"customer": [9, 9]}, table)
    with pytest.raises(exceptions.MissingColumnError, match="customer"):
        segments.moves(table, {name: column for name, column in table.items() if name != "customer"})


def by_line(customer, line, recency):
    rows = len(customer)
    return {
        "customer": customer,
        "line": line,
        "recency": recency,
        "frequency": [4.0] * rows,
        "monetary": [1.0] * rows,
    }


def test_moves_by_product_line_in_every_frame(kind):
    segments = tw.value.RfmSegments(scorer())
    before = kind(by_line(["a", "a", "b"], ["cups", "tea", "tea"], [0.0, 0.0, 2.0]))
    after = kind(by_line(["a", "c", "a"], ["tea", "cups", "cups"], [0.5, 0.0, 3.0]))
    moves = segments.moves_by_line(before, after)
    assert isinstance(moves.movers, type(after))
    assert listed(moves.movers["customer"]) == ["a", "c", "b"]
    assert listed(moves.movers["line"]) == ["cups", "cups", "tea"]
    assert listed(moves.movers["reason"]) == ["recency 5 -> 2 (0 -> 3)", "new", "gone"]
    assert list(moves.migrations) == ["cups", "tea"]
    cups, tea = moves.migrations.values()
    assert (cups.counts.sum(), cups.new, tea.lost, tea.same.rate) == (1, 1, 1, 1)
    cell = (segments.names.index("Champions"), segments.names.index("Can't Lose Them"))
    assert cups.counts[cell] == 1
    # The matrix holds the cells of both lines, then who came and who left.
    size = len(segments.names)
    assert listed(moves.matrix["line"]) == ["cups"] * (size**2 + 2 * size) + ["tea"] * (size**2 + 2 * size)
    rows = zip(*(listed(moves.matrix[name]) for name in list(MATRIX)), strict=True)
    seen = [(*(name if isinstance(name, str) else None for name in row[:3]), row[3]) for row in rows if row[3]]
    assert seen == [
        ("cups", "Champions", "Can't Lose Them", 1),
        ("cups", None, "Champions", 1),
        ("tea", "Champions", "Champions", 1),
        ("tea", segments.name_of(3, 5, 2), None, 1),
    ]
    shares = np.array(listed(moves.matrix["share"]), dtype=float)
    assert np.nansum(shares) == 2


MATRIX = ["line", "segment_before", "segment_after", "customers"]


def test_moves_by_line_are_those_of_each_line_of_a_log():
    log = {name: LOG[name] for name in ("id", "day", "paid", "line")}
    dates = [tw.value.rfm(log, **NAMES | {"as_of": day}, later_rows="leave_out", line="line") for day in (22, 29)]
    segments = tw.value.RfmSegments(scorer())
    moves = segments.moves_by_line(*dates)
    for line, migration in moves.migrations.items():
        alone = [{name: column[table["line"] == line] for name, column in table.items()} for table in dates]
        expected = segments.moves(*alone)
        assert (migration.counts == expected.migration.counts).all()
        at = moves.movers["line"] == line
        assert moves.movers["customer"][at].tolist() == expected.movers["customer"].tolist()
        assert moves.movers["reason"][at].tolist() == expected.movers["reason"].tolist()
    with pytest.raises(exceptions.InvalidValueError, match=r"row 1 \(`ann`\).*by product line"):
        segments.moves(*dates)


def test_moves_by_line_of_whole_numbers_and_of_nobody():
    segments = tw.value.RfmSegments(scorer())
    table = by_line([1, 1], [20, 10], [0.0, 0.0])
    moves = segments.moves_by_line(table, table | {"recency": [9.0, 0.0]})
    assert list(moves.migrations) == [10, 20]
    assert moves.movers["line"].tolist() == [20]
    assert moves.movers["customer"].tolist() == [1]
    empty = {name: np.array(column)[:0] for name, column in table.items()}
    nobody = segments.moves_by_line(empty, empty)
    assert (nobody.migrations, len(nobody.matrix["line"]), len(nobody.movers["line"])) == ({}, 0, 0)
    arrived = segments.moves_by_line(empty, table)
    assert arrived.migrations[10].arrivals.sum() == 1
    for wrong, words in [
        (table | {"line": [20, 20]}, "once per line"),
        (table | {"line": [20, None]}, "line"),
        ({name: column for name, column in table.items() if name != "line"}, "line"),
    ]:
        with pytest.raises(exceptions.TierwiseError, match=words):
            segments.moves_by_line(table, wrong)


def test_nobody_at_both_dates_is_arrivals_and_departures():
    segments = tw.value.RfmSegments(scorer())
    table = {"customer": [1, 2], "recency": [0.0, 4.0], "frequency": [4.0, 4.0], "monetary": [1.0, 1.0]}
    moves = segments.moves(table, table | {"customer": [3, 4], "recency": [0.0, 0.0]})
    assert (moves.migration.counts == 0).all()
    assert moves.migration.departures.sum() == moves.migration.lost == 2
    assert moves.migration.arrivals[segments.names.index("Champions")] == 2
    assert math.isnan(moves.migration.same.rate)
    assert moves.movers["reason"].tolist() == ["gone", "gone", "new", "new"]


def test_segments_are_a_model(tmp_path):
    segments = tw.value.RfmSegments(scorer(), "usual_by_mean", ordered=True)
    tw.save(segments, tmp_path / "segments.json")
    again = tw.load(tmp_path / "segments.json")
    assert again == segments == pickle.loads(pickle.dumps(segments))
    assert again.scorer == scorer()
    assert again.names[0] == "Champions" == again.name_of(5, 4, 3) == again.name_of(5, 5, 2)
    assert again.name_of(6, 1, 1) is None
    assert [feature.name for feature in again.features] == ["recency", "frequency", "monetary"]
    assert again.segments[0] == {"name": "Champions", "recency": [5, 5], "mean_of_frequency_and_monetary": [3.5, 5.0]}


BAD = [
    ([{"name": "a", "recency": [1, 4]}], "invalid_rules", ["cells 511, 512", "no segment"]),
    ([{"name": "a"}, {"name": "b", "monetary": [5, 5]}], "invalid_rules", ["cells 115", "`a` and `b` both"]),
    ([{"name": "a", "recency": [0, 9]}], "invalid_rules", ["`recency` is 0 to 9"]),
    ([{"name": "a", "recency": [1]}], "invalid_setting", ["segments"]),
    ([{"name": "a", "recency": 3}], "invalid_setting", ["segments"]),
    ([{"nom": "a"}], "invalid_setting", ["`nom`"]),
    ([{"name": "a", "mean_of_frequency_and_monetary": [math.nan, 5]}], "invalid_setting", ["mean_of_frequency"]),
    ([], "invalid_rules", ["empty"]),
    ("ten", "invalid_parameter", ["`usual`"]),
    (3, "invalid_parameter", ["a list of dicts"]),
]


@pytest.mark.parametrize(("segments", "code", "words"), BAD)
def test_segments_that_are_refused(segments, code, words):
    with pytest.raises(exceptions.TierwiseError) as raised:
        tw.value.RfmSegments(scorer(), segments)
    assert raised.value.code == code
    for word in words:
        assert word in str(raised.value)


def test_scorers_that_are_refused():
    table = {"recency": [1, 2], "frequency": [1, 1], "monetary": [1, 2]}
    for work, code in [
        (lambda: tw.value.RfmSegments(tw.value.Tiers.by_cuts(names=["A", "B"], cuts=[1])), "invalid_parameter"),
        (lambda: tw.value.RfmScorer.by_cuts(recency=[2, 1], frequency=[1], monetary=[1]), "invalid_parameter"),
        (lambda: tw.value.RfmScorer.by_cuts(recency=[], frequency=[1], monetary=[1]), "invalid_parameter"),
        (lambda: tw.value.RfmScorer.by_cuts(recency=["x"], frequency=[1], monetary=[1]), "wrong_kind"),
        (lambda: tw.value.RfmScorer.fit(table, bins={"frequency": 1}), "invalid_parameter"),
        (lambda: tw.value.RfmScorer.fit(table, bins={"money": 3}), "invalid_parameter"),
        (lambda: tw.value.RfmScorer.fit(table, method={"recency": "fisher"}), "invalid_parameter"),
        (lambda: tw.value.RfmScorer.fit(table | {"recency": [1, math.inf]}), "not_finite"),
        (lambda: scorer().score(table | {"recency": [1, math.inf]}), "not_finite"),
        (lambda: scorer().score(table | {"recency": [1, None]}), "invalid_value"),
        (lambda: tw.value.RfmSegments(tw.value.RfmScorer.fit(table, bins=6)), "invalid_parameter"),
        (lambda: tw.value.usual_segments(2), "invalid_parameter"),
        (lambda: tw.value.RfmScorer.fit(table, bins=2, method="fisher"), "invalid_parameter"),
        (lambda: tw.value.RfmScorer.fit(table, bins=1, method="jenks"), "invalid_parameter"),
        (lambda: tw.value.natural_breaks([1, 2], 0), "invalid_parameter"),
        (lambda: tw.value.natural_breaks([], 1), "empty_table"),
        (lambda: tw.value.natural_breaks([1, math.inf], 1), "not_finite"),
        (lambda: scorer() and tw.value.RfmSegments(scorer()).name_of("5", 5, 5), "invalid_parameter"),
    ]:
        with pytest.raises(exceptions.TierwiseError) as raised:
            work()
        assert raised.value.code == code


def test_dates_and_pandas_index():
    orders = pd.DataFrame(
        {"id": [1, 1], "day": [datetime.date(2024, 1, 1), datetime.date(2024, 2, 1)], "paid": [5, -2]}, index=[9, 8]
    )
    table = tw.value.rfm(orders, customer="id", date="day", amount="paid", as_of="2024-03-01", returns="net_off")
    assert table["monetary"].tolist() == [3.0]
    assert table.index.tolist() == [0]


def test_keys_that_a_float_cannot_tell_apart_are_refused():
    log = {"d": [1, 2], "a": [1.0, 2.0]}
    for keys in ([10**20, 10**20 + 1], [2.0**53, 2.0**53 + 1]):
        with pytest.raises(tw.exceptions.InvalidValueError, match="may stand for several keys"):
            tw.value.rfm(log | {"c": keys}, customer="c", date="d", amount="a", as_of=5)
    assert (
        len(tw.value.rfm(log | {"c": [2**62, 2**62 + 1]}, customer="c", date="d", amount="a", as_of=5)["customer"]) == 2
    )


def test_rules_of_returns_need_returns():
    log = {"c": ["x", "x"], "d": [1, 2], "a": [1.0, -2.0]}
    with pytest.raises(
        tw.exceptions.InvalidParameterError,
        match=r"`early_returns` of `rfm` must be `.refuse.` unless `returns=.net_off.`, of which it is a rule",
    ):
        tw.value.rfm(log, customer="c", date="d", amount="a", as_of=5, early_returns="leave_out")


def test_scores_by_axis_and_of_few_values(tmp_path):
    # Nobody came back.
    once = {"recency": [2, 9, 30, 90], "frequency": [1, 1, 1, 1], "monetary": [5.0, 7.0, 7.0, 9.0]}
    for method in ("quantile", "jenks"):
        fitted = tw.value.RfmScorer.fit(once, bins=4, method=method)
        assert fitted.score(once)["frequency"].tolist() == [1, 1, 1, 1]
        assert any(finding.startswith("frequency: all 4 customers are equal") for finding in fitted.findings)
        segments = tw.value.RfmSegments(fitted)
        assert segments.assign(once).tolist() == ["New Customers", "Promising", "About to Sleep", "Hibernating"]
        assert any("`Champions`" in finding for finding in segments.findings)
        tw.save(fitted, tmp_path / "scorer.json")
        assert tw.load(tmp_path / "scorer.json").findings == fitted.findings
    mixed = tw.value.RfmScorer.fit(once, bins={"recency": 3, "monetary": 2}, method={"monetary": "jenks"})
    assert mixed.bins == {"recency": 3, "frequency": 5, "monetary": 2}
    assert mixed.score(once)["cell"].tolist() == [311, 312, 212, 112]
    few = tw.value.RfmScorer.fit(once, method="jenks")
    assert few.score(once)["monetary"].tolist() == [1, 3, 3, 5]
    assert "monetary: no customer can get the score 2 by threshold, because there are only 3 different values" in (
        few.findings
    )
    with pytest.raises(
        exceptions.InvalidParameterError, match=r"`usual` for a scorer with {'recency': 3, 'frequency': 5}"
    ):
        tw.value.RfmSegments(mixed)


@pytest.mark.parametrize("count", [3, 4, 5])
def test_usual_segments_for_every_number_of_scores(count):
    cuts = list(range(1, count))
    fitted = tw.value.RfmScorer.by_cuts(recency=cuts, frequency=cuts, monetary=cuts)
    for by_mean, word in [(False, "usual"), (True, "usual_by_mean")]:
        segments = tw.value.RfmSegments(fitted, word)
        assert segments.segments == tw.value.usual_segments(count, by_mean=by_mean)
        assert segments.name_of(count, count, count) == "Champions"
        assert segments.name_of(1, 1, 1) == "Hibernating"
        assert segments.name_of(1, count, count) == "Can't Lose Them"
    if count < 5:
        with pytest.raises(exceptions.InvalidRulesError, match=f"the scorer has {count} of them; take a scorer with 5"):
            tw.value.RfmSegments(fitted, tw.value.usual_segments())


DATED = {"c": ["x", "x", "y"], "d": ["2024-01-05", "2024-02-01 10:30:00", "2024-01-31"], "a": [1.0, 2.0, 4.0]}
DATES = {"customer": "c", "date": "d", "amount": "a", "as_of": "2024-03-01"}


def test_texts_that_are_dates_in_every_frame(kind):
    table = tw.value.rfm(kind(DATED), **DATES)
    assert listed(table["recency"]) == [29.0, 30.0]
    days = [datetime.date.fromisoformat(text[:10]) for text in DATED["d"]]
    assert listed(tw.value.rfm(kind(DATED | {"d": days}), **DATES)["age"]) == listed(table["age"])
    for wrong in ["01/02/2024", "2024-02-30", "2024-02-01 10:30:00+01:00", ""]:
        with pytest.raises(
            exceptions.InvalidValueError, match=r"the date `d` at row 1 \(`x`\) is the text .*written like 2024-06-30"
        ):
            tw.value.rfm(kind(DATED | {"d": ["2024-01-05", wrong, "2024-01-31"]}), **DATES)
    with pytest.raises(exceptions.InvalidValueError, match=r"row 2 \(`y`\) is unknown"):
        tw.value.rfm(kind(DATED | {"d": ["2024-01-05", "2024-01-31", None]}), **DATES)


def test_many_texts_are_dates_too():
    many = {"c": np.arange(30_000), "d": np.array(["2024-01-05"] * 30_000, dtype=object), "a": np.ones(30_000)}
    assert set(tw.value.rfm(pd.DataFrame(many), **DATES)["recency"]) == {56.0}


def test_dates_of_every_unit():
    hours = np.array(["2024-01-05T07", "2024-02-01T00", "2024-01-31T23"], dtype="datetime64[h]")
    assert listed(tw.value.rfm(DATED | {"d": hours}, **DATES)["recency"]) == [29.0, 30.0]
    months = np.array(["2024-01", "2024-02", "2024-01"], dtype="datetime64[M]")
    assert listed(tw.value.rfm(DATED | {"d": months}, **DATES)["recency"]) == [29.0, 60.0]
    parts = tw.value.rfm(DATED | {"d": [19700.0, 19701.5, 19702.9]}, **DATES)
    assert listed(parts["recency"]) == listed(tw.value.rfm(DATED | {"d": [19700, 19701, 19702]}, **DATES)["recency"])
    with pytest.raises(
        exceptions.InvalidValueError, match=r"is 2024-07-01 \(day 19905\); .*which is 2024-06-30 \(day 19904\)"
    ):
        tw.value.rfm(DATED | {"d": [datetime.date(2024, 7, 1)] * 3}, **DATES | {"as_of": "2024-06-30"})


def test_money_as_text_and_as_decimals():
    with pytest.raises(
        exceptions.WrongKindError, match="column `a` at row 1 holds the text `1,300` where a number is due"
    ):
        tw.value.rfm(DATED | {"a": ["12", "1,300", "7"]}, **DATES)
    exact = [decimal.Decimal("0.10"), decimal.Decimal("0.20"), decimal.Decimal("123456789012345678.91")]
    for log in [
        DATED | {"a": exact},
        pd.DataFrame(DATED | {"a": exact}),
        pl.DataFrame(DATED | {"a": exact}, schema_overrides={"a": pl.Decimal(30, 2)}),
        pa.table(DATED | {"a": pa.array(exact, pa.decimal128(30, 2))}),
    ]:
        assert listed(tw.value.rfm(log, **DATES)["monetary"]) == [0.1 + 0.2, 123456789012345678.91]


def test_errors_name_what_was_typed():
    log = DATED | {"m": [1.0, math.nan, 1.0], "money": ["EUR"] * 3}
    for settings, words in [
        ({"margin": "m"}, r"the margin at row 1 \(`x`\) is NaN; margins must be"),
        ({"margin": "m", "currency": "money"}, r"the margin at row 1 \(`x`\) is NaN; margins must be"),
        ({"margin": 40}, "`margin` of `rfm` must be a column, or a share of the amount"),
        ({"only_returns": "leave_out"}, "`only_returns` of `rfm` must be .* Got 'leave_out'"),
        (
            {"rates": {"EUR": -1}, "currency": "money"},
            "`rates` of `rfm` must be finite numbers above 0. Got -1 for `EUR`",
        ),
        ({"rates": {"EUR": 1}}, "`rates` of `rfm` must be left out where no column of currencies is named"),
    ]:
        with pytest.raises(exceptions.TierwiseError, match=words):
            tw.value.rfm(log, **DATES | settings)
    segments = tw.value.RfmSegments(scorer())
    table = {"customer": [1], "recency": [0], "frequency": [1], "monetary": [1]}
    for work, of in [(segments.moves, "moves"), (segments.moves_by_line, "moves_by_line")]:
        with pytest.raises(exceptions.InvalidParameterError, match=f"`confidence` of `{of}` must be"):
            work(table | {"line": [1]}, table | {"line": [1]}, confidence=2)


def test_keys_keep_their_kind_or_are_refused():
    for keys, words in [
        ([1.5, 2.5, 1.5], r"the key `c` at row 0 is 1.5; a key must be a whole number or a text"),
        ([True, False, True], "column `c` holds yes-nos where a key, whole numbers or texts, is due"),
        (np.array([1, 2**63, 1], dtype=np.uint64), r"the key `c` at row 1 is 9223372036854775808; .*as text"),
    ]:
        with pytest.raises(exceptions.TierwiseError, match=words):
            tw.value.rfm(DATED | {"c": keys}, **DATES)
    for keys in ([2.0, 2.0, 7.0], np.array([2, 2, 7], dtype=np.uint64), [2, 2, 7]):
        assert tw.value.rfm(DATED | {"c": keys}, **DATES)["customer"].tolist() == [2, 7]
    lines = tw.value.rfm(DATED | {"line": [True, False, True]}, **DATES, line="line")
    assert lines["line"].tolist() == ["false", "true", "true"]


def test_reasons_hold_numbers_as_people_write_them():
    segments = tw.value.RfmSegments(scorer(), "usual_by_mean")
    before = {"customer": [7], "recency": [0.0], "frequency": [0.0], "monetary": [0.1 + 0.2]}
    moves = segments.moves(before, before | {"monetary": [71.1]})
    assert moves.movers["reason"].tolist() == ["monetary 1 -> 5 (0.3 -> 71.1)"]
