"""The sales equation, ABC classes, concentration, customers by products; in every kind of frame."""

import itertools
import math

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import tierwise as tw
from tierwise import exceptions

KINDS = {"dict": dict, "pandas": pd.DataFrame, "polars": pl.DataFrame, "pyarrow": pa.table}
FACTORS = ["new_customers", "conversion", "purchase", "existing_customers", "retention", "repurchase"]
YEAR = tw.value.SalesFactors(1000, 0.1, 50, 400, 0.6, 120)
NEXT = tw.value.SalesFactors(1500, 0.08, 55, 460, 0.55, 130)
LOG = {
    "id": [0, 1, 0, 0, 0, 1, 2, 3, 4],
    "day": [60, 20, 110, 120, 130, 140, 199, 150, 200],
    "paid": [9.0, 9.0, 30.0, 12.0, -2.0, -5.0, 7.0, -1.0, 99.0],
    "region": ["n", "s", "n", "n", "n", "s", "s", "s", "n"],
}
NAMES = {"customer": "id", "date": "day", "amount": "paid", "first_day": 100, "last_day": 199}


def listed(column):
    return column.to_pylist() if hasattr(column, "to_pylist") else list(column)


@pytest.fixture(params=list(KINDS))
def kind(request):
    return KINDS[request.param]


def test_the_split_against_all_720_orders():
    split = tw.value.split_sales(YEAR, NEXT)
    effects = dict.fromkeys(FACTORS, 0.0)
    for order in itertools.permutations(FACTORS):
        now = {name: getattr(YEAR, name) for name in FACTORS}
        for name in order:
            before = tw.value.SalesFactors(**now).sales
            now[name] = getattr(NEXT, name)
            effects[name] += (tw.value.SalesFactors(**now).sales - before) / 720
    assert split.effects == pytest.approx(effects, rel=1e-9)
    assert sum(split.effects.values()) == pytest.approx(split.change, rel=1e-12)
    assert (split.before, split.after) == (YEAR.sales, NEXT.sales)
    assert split.change == pytest.approx(NEXT.sales - YEAR.sales)


def test_groups_have_a_mix():
    def leads(count, conversion):
        return tw.value.SalesFactors(count, conversion, 10, 0, None, math.nan)

    split = tw.value.split_sales_by_group(
        {"web": leads(50, 0.4), "fair": leads(50, 0.2)}, {"fair": leads(80, 0.2), "web": leads(20, 0.4)}
    )
    assert split.effects["new_mix"] == pytest.approx(-60)
    assert split.groups["web"]["new_mix"] == pytest.approx(-120)
    assert sum(map(sum, (group.values() for group in split.groups.values()))) == pytest.approx(split.change)
    with pytest.raises(exceptions.InvalidParameterError, match="same groups"):
        tw.value.split_sales_by_group({"web": YEAR}, {"fair": YEAR})


def test_levers_and_targets():
    levers = {one.lever: one for one in YEAR.levers(0.1)}
    assert levers["repurchase"].effect == pytest.approx(2880)
    assert levers["churn"].moved_to == pytest.approx(0.36)
    for one in YEAR.needed(40_000):
        if one.lever != "churn" and one.needed is not None:
            moved = tw.value.SalesFactors(**{name: getattr(YEAR, name) for name in FACTORS} | {one.lever: one.needed})
            assert moved.sales == pytest.approx(40_000)
    assert {one.lever for one in YEAR.needed(60_000) if one.needed is None} == {"retention", "churn"}


def test_a_period_in_every_frame(kind):
    period = tw.value.sales_of_period(kind(LOG), **NAMES, leads=4)
    assert [getattr(period.factors, name) for name in FACTORS] == [4, 0.25, 7, 2, 0.5, 40]
    assert (period.new_buyers, period.retained, period.sales, period.returns_of_others) == (1, 1, 47, -6)
    periods = tw.value.sales_of_period_by_group(kind(LOG), **NAMES, group="region", leads={"n": 0, "s": 10, "new": 7})
    assert list(periods) == ["n", "new", "s"]
    assert [periods[name].sales for name in periods] == [40, 0, 7]
    assert periods["new"].factors.conversion == 0
    assert math.isnan(periods["n"].factors.conversion)
    split = tw.value.split_sales_by_group(periods, periods)
    assert set(split.effects.values()) == {0.0}
    assert tw.value.split_sales(period, period).change == 0


REFUSED = [
    ({"leads": 0}, "invalid_parameter", ["`leads`", "new buyers, 1"]),
    ({"leads": "4"}, "invalid_parameter", ["`leads`"]),
    ({"returns": "drop"}, "invalid_parameter", ["`returns`"]),
    ({"returns": "refuse"}, "invalid_value", ["row 4 (`0`)"]),
    ({"lookback": 0}, "invalid_parameter", ["`lookback`"]),
    ({"last_day": 99}, "invalid_parameter", ["`last_day`"]),
    ({"first_day": "soon"}, "invalid_parameter", ["`first_day`"]),
    ({"amount": "price"}, "missing_column", ["`price`"]),
]


@pytest.mark.parametrize(("settings", "code", "words"), REFUSED)
def test_periods_that_are_refused(settings, code, words):
    with pytest.raises(exceptions.TierwiseError) as raised:
        tw.value.sales_of_period(LOG, **NAMES | settings)
    assert raised.value.code == code
    for word in words:
        assert word in str(raised.value)


def test_groups_that_are_refused():
    by_group = tw.value.sales_of_period_by_group
    with pytest.raises(exceptions.InvalidValueError, match=r"the group at row 2 \(`0`\)"):
        by_group(LOG | {"region": ["n", "s", "s", "n", "n", "s", "s", "s", "n"]}, **NAMES, group="region")
    with pytest.raises(exceptions.InvalidParameterError, match="none for `s`"):
        by_group(LOG, **NAMES, group="region", leads={"n": 3})
    with pytest.raises(exceptions.InvalidValueError, match="row 1"):
        by_group(LOG | {"region": ["n", None, *LOG["region"][2:]]}, **NAMES, group="region")
    with pytest.raises(exceptions.InvalidParameterError, match="a text"):
        by_group(LOG, **NAMES, group=None)


@pytest.mark.parametrize("place", range(6))
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, "x", True])
def test_factors_that_are_refused(place, bad):
    given = [1000, 0.1, 50, 400, 0.6, 120]
    given[place] = bad
    with pytest.raises(exceptions.InvalidParameterError, match=FACTORS[place]):
        tw.value.SalesFactors(*given)
    with pytest.raises(exceptions.InvalidParameterError, match="before"):
        tw.value.split_sales(given, YEAR)


def test_abc_classes(tmp_path):
    sales = pd.Series([10.0, 500.0, 40.0, 300.0, 150.0], name="sales")
    classes = tw.value.Tiers.by_share_of_money(sales)
    assert classes.assign(sales).tolist() == ["C", "A", "C", "A", "B"]
    assert classes.bands == [
        {"name": "A", "from": 300.0},
        {"name": "B", "from": 150.0, "to": 300.0},
        {"name": "C", "to": 150.0},
    ]
    tw.save(classes, tmp_path / "classes.json")
    assert tw.load(tmp_path / "classes.json") == classes
    assert set(np.flatnonzero(classes.assign(sales) == "A")) == set(tw.value.pareto(sales, 0.8).rows)
    breaks = tw.value.Tiers.by_natural_breaks([3, None, 5, 4, 41, 39], names=["far", "near"])
    assert breaks.assign([4, 38, 39]).tolist() == ["near", "near", "far"]
    days = tw.value.Tiers.by_natural_breaks([3, 5, 41], names=["fresh", "cold"], higher_is_better=False)
    assert days.assign([3, 41]).tolist() == ["fresh", "cold"]
    for given, code in [
        ([], "empty_table"),
        ([-1], "invalid_parameter"),
        ([1, math.nan], "invalid_value"),
        (["x"], "wrong_kind"),
    ]:
        with pytest.raises(exceptions.TierwiseError) as raised:
            tw.value.Tiers.by_share_of_money(given)
        assert raised.value.code == code
    with pytest.raises(exceptions.InvalidParameterError, match="sum to 1"):
        tw.value.Tiers.by_share_of_money(sales, names=["A", "B"], shares=[0.8, 0.9])


def test_concentration():
    values = 1000 / np.arange(1, 201)
    found = tw.value.concentration(values, seed=3, replicates=300)
    shares = values / values.sum()
    assert found.top_share.value == pytest.approx(shares[:40].sum())
    assert found.herfindahl.value == pytest.approx((shares**2).sum())
    assert found.effective_customers == pytest.approx(1 / (shares**2).sum())
    assert found.gini.value == tw.value.gini(values)
    for figure in [found.top_share, found.gini, found.herfindahl]:
        assert figure.low < figure.value < figure.high
        assert len(figure.replicates) == 300
    assert tw.value.concentration(values, seed=3, replicates=300) == found
    assert tw.value.concentration(values, seed=4, replicates=300) != found
    assert tw.value.concentration([5, 9, -1, 4, 8, 7], seed=1, top=0.5, replicates=50).gini is None
    for given, settings, code in [
        ([1], {}, "not_enough_data"),
        ([], {}, "empty_table"),
        ([1, math.inf], {}, "invalid_value"),
        ([1, 2], {"top": 0}, "invalid_parameter"),
        ([1, 2], {"confidence": 1}, "invalid_parameter"),
        ([1, 2], {"replicates": 1}, "invalid_parameter"),
    ]:
        with pytest.raises(exceptions.TierwiseError) as raised:
            tw.value.concentration(given, seed=1, **settings)
        assert raised.value.code == code
    assert tw.value.share_peak([60, 90, -10, 0, -40]) == (2, 1.5)
    assert any(finding.startswith("the tail is heavy: ") for finding in found.findings)
    assert tw.value.concentration([3, 4, 5], seed=1).findings[0].startswith("3 customers are few")


def test_intervals_of_concentration_cover_heavy_tails():
    random = np.random.default_rng(2)
    # Of lognormal amounts: 2 Φ(1 / √2) - 1, Φ(1 - Φ⁻¹(0.8)), e (Aitchison and Brown 1957).
    truths = np.array([0.5204998778, 0.5629208277, math.e / 100])
    held = np.zeros(3)
    for seed in range(80):
        found = tw.value.concentration(random.lognormal(0, 1, 100), seed=seed, replicates=200)
        figures = [found.gini, found.top_share, found.herfindahl]
        held += [one.low <= truth <= one.high for one, truth in zip(figures, truths, strict=True)]
    assert (held >= 68).all(), held


def test_errors_of_sums_are_in_the_names_of_the_function_called():
    orders = {"c": [1, 2], "p": [1, 2], "a": [1.0, -2.0]}
    for work, named in [
        (lambda: tw.value.share_peak([1, -2]), "`values` of `share_peak`"),
        (lambda: tw.value.concentration([1, -2], seed=1), "`values` of `concentration`"),
        (lambda: tw.value.Tiers.by_share_of_money([1, -2]), "`values` of `by_share_of_money`"),
        (
            lambda: tw.value.customers_by_products(orders, customer="c", product="p", amount="a"),
            "`amount` of `customers_by_products`",
        ),
    ]:
        with pytest.raises(
            exceptions.InvalidParameterError, match=f"The {named} must be numbers with a finite sum above 0"
        ):
            work()
    with pytest.raises(exceptions.NotEnoughDataError, match=r"interval of concentration, customers \(or products\): 1"):
        tw.value.concentration([5], seed=1)


def test_customers_by_products_in_every_frame(kind):
    orders = {"id": [5, 5, 3, 9, 5], "what": ["p", "q", "q", "r", "p"], "paid": [40.0, 20.0, 8.0, 2.0, 30.0]}
    view = tw.value.customers_by_products(kind(orders), customer="id", product="what", amount="paid")
    assert view.money.tolist() == [[90, 0, 0], [8, 0, 0], [0, 0, 2]]
    assert isinstance(view.customers, type(kind(orders)))
    assert listed(view.customers["customer"]) == [3, 5, 9]
    assert listed(view.customers["class"]) == ["B", "A", "C"]
    assert listed(view.products["class"]) == ["A", "A", "C"]
    best = view.products_of_the_best
    assert (listed(best["product"]), listed(best["money"]), listed(best["customers"])) == (["p", "q"], [70, 20], [1, 1])
    assert listed(best["share_of_the_best"]) == pytest.approx([7 / 9, 2 / 9])
    assert listed(best["share_of_all"]) == pytest.approx([0.7, 0.28])
    assert view.customer_classes.assign([90.0, 5.0]).tolist() == ["A", "C"]
    with pytest.raises(exceptions.InvalidValueError, match=r"row 1 \(`5`\)"):
        tw.value.customers_by_products(
            orders | {"paid": [1, math.nan, 1, 1, 1]}, customer="id", product="what", amount="paid"
        )


def test_equal_customers_are_equally_concentrated_in_every_draw():
    found = tw.value.concentration([1.0] * 100, seed=1).herfindahl
    assert (found.value, found.low, found.high) == pytest.approx((0.01, 0.01, 0.01))


def test_overflow_names_the_factor():
    with pytest.raises(tw.exceptions.InvalidParameterError, match="`repurchase` of `SalesFactors`"):
        tw.value.SalesFactors(1, 1, 5, 1e300, 1, 1e300)
