"""RFM in full: rules for a log, scores, named segments, moves; in every kind of frame."""

import datetime
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


def test_moves_match_whole_numbers_with_texts_of_them():
    segments = tw.value.RfmSegments(scorer())
    table = {"customer": [10, 9], "recency": [0, 0], "frequency": [1, 1], "monetary": [1, 1]}
    moved = segments.moves(table, table | {"customer": ["9", "10"], "recency": [4, 0]})
    assert list(moved.movers["customer"]) == ["9"]
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
        (lambda: tw.value.RfmScorer.fit(table, bins=2, method="jenks"), "not_enough_data"),
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
        match="`early_returns` of `RfmRules` must be left out unless `returns` is `net_off`",
    ):
        tw.value.rfm(log, customer="c", date="d", amount="a", as_of=5, early_returns="leave_out")
