"""Contracts: what each customer is worth, how sure that is, and what of bad input is told."""

import math
import pickle

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import tierwise as tw

SURVIVORS = [1000, 631, 468, 382, 326, 289, 262, 241]
MODEL = tw.value.ShiftedBetaGeometric().fit_survivors(SURVIVORS)
GIVEN = tw.value.ShiftedBetaGeometric().with_parameters(alpha=0.704, beta=1.182)
CUSTOMERS = {"customer": ["ann", "bob", "cyd"], "renewals": [0, 3, 12], "fee": [100.0, 80.0, 50.0], "from": [2, 10, 2]}
KINDS = {"dict": dict, "pandas": lambda columns: pd.DataFrame(columns, index=[7, 8, 9]), "polars": pl.DataFrame,
         "pyarrow": pa.table}  # fmt: skip


def told(work):
    with pytest.raises(tw.exceptions.TierwiseError) as caught:
        work()
    return f"{caught.value.code}: {caught.value}"


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"margin": 100}, [296.46621461320315, 544.2391322120395, 776.9547600317079]),
        (
            {"margin": [-20, 50, 80], "payment": "at_end", "until_renewal": 0.25},
            [143.4301572293272, 292.26927543054824, 445.5897635906317],
        ),
        (
            {"margin": (80, 120, 90), "rate": 0, "periods": 7, "until_renewal": 0.5},
            [243.25923680096704, 418.0655734409619, 543.8653411279916],
        ),
    ],
)
def test_values_are_those_of_long_arithmetic(settings, expected):
    """By sums in decimal arithmetic of 60 digits; see the test of the core."""
    found = GIVEN.lifetime_value(CUSTOMERS, **{"rate": 0.1, **settings})
    assert found == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("kind", KINDS)
def test_values_come_as_the_customers_do(kind):
    customers = KINDS[kind](CUSTOMERS)
    found = MODEL.lifetime_value(customers, margin="fee", rate=0.1)
    one_by_one = [
        fee * MODEL.expected_residual_lifetime(so_far + 1, rate=0.1)
        for fee, so_far in zip(CUSTOMERS["fee"], CUSTOMERS["renewals"], strict=True)
    ]
    assert np.asarray(found) == pytest.approx(one_by_one, rel=1e-13)
    between = MODEL.lifetime_value(customers, margin="fee", rate=0.1, level=0.9)
    assert isinstance(between, dict) if kind == "dict" else type(between) is type(customers)
    assert np.asarray(between["estimate"]).tolist() == np.asarray(found).tolist()
    assert (np.asarray(between["lower"]) < np.asarray(found)).all()
    assert (np.asarray(found) < np.asarray(between["upper"])).all()
    if kind == "pandas":
        assert list(found.index) == list(between.index) == [7, 8, 9]
    sampled = tw.value.ShiftedBetaGeometric().bootstrap_survivors(SURVIVORS, samples=60, seed=1)
    samples = sampled.lifetime_value(customers, margin="fee", rate=0.1, level=0.9)
    widths = [np.asarray(one["upper"]) - np.asarray(one["lower"]) for one in (samples, between)]
    assert widths[0] / widths[1] == pytest.approx(1, abs=0.4)


def test_renewals_alone_are_customers_too():
    expected = MODEL.lifetime_value(CUSTOMERS, margin=[10, 20], rate=0.1).tolist()
    for given in ([0, 3, 12], (0, 3, 12), np.array([0, 3, 12]), pl.Series([0, 3, 12]), pa.array([0, 3, 12])):
        found = MODEL.lifetime_value(given, margin=[10, 20], rate=0.1)
        assert np.asarray(found).tolist() == expected
        assert len(MODEL.lifetime_value(given, margin=[10, 20], rate=0.1, level=0.9)["lower"]) == 3
    series = pd.Series([0, 3, 12], index=[4, 5, 6])
    assert list(MODEL.lifetime_value(series, margin=1, rate=0.1).index) == [4, 5, 6]
    assert len(MODEL.lifetime_value([], margin=1, rate=0.1)) == 0


@pytest.mark.parametrize("kind", KINDS)
def test_each_segment_has_its_model(kind):
    drawn = [
        tw.value.ShiftedBetaGeometric().with_parameters(alpha=alpha, beta=1.2).simulate(np.full(400, 6), seed=1)
        for alpha in (0.5, 2.0)
    ]
    periods, left = (np.concatenate([one[name] for one in drawn]) for name in ("periods", "left"))
    models = tw.value.ShiftedBetaGeometric().fit_by_segment(periods, left, segments=np.repeat([10, 2], 400))
    assert list(models) == [2, 10]  # whole numbers stay whole numbers, in their order
    assert models[10].survival(3)[-1] > models[2].survival(3)[-1]
    settings = {"margin": "fee", "rate": 0.1, "periods": 5, "level": 0.9}
    found = models.lifetime_value(KINDS[kind](CUSTOMERS), segment="from", **settings)
    for row, (name, key) in enumerate(zip("abc", CUSTOMERS["from"], strict=True)):
        alone = models[key].lifetime_value({column: values[row : row + 1] for column, values in CUSTOMERS.items()},
                                           **settings)  # fmt: skip
        for end in ("estimate", "lower", "upper"):
            assert np.asarray(found[end])[row] == pytest.approx(alone[end][0], rel=1e-14), name
    assert pickle.loads(pickle.dumps(models)) == models
    by_name = models.lifetime_value([0, 3, 12], segment=["2", "10", "2"], margin=1, rate=0.1)
    assert by_name[1] == models[10].lifetime_value([3], margin=1, rate=0.1)[0]
    said = told(lambda: models.lifetime_value(CUSTOMERS | {"from": [2, 3, 2]}, segment="from", margin=1, rate=0.1))
    assert said.startswith("invalid_value: the segment at row 1 (`bob`) is `3`; there is no model for it")
    said = told(lambda: models.lifetime_value(CUSTOMERS | {"fee": [1, 1, None]}, segment="from", margin="fee", rate=1))
    assert "row 2 (`cyd`)" in said
    assert told(lambda: models.lifetime_value([0, 1], segment=[2], margin=1, rate=1)).startswith("wrong_length")


def test_keys_of_segments_are_what_they_were():
    for segments, keys in [
        ([1, 1, 1, 2, 2, 2], [1, 2]),
        ([True, True, True, False, False, False], [False, True]),
        (pd.Series([3, 3, 3, 2, 2, 2], dtype="Int64"), [2, 3]),
        (["b", "b", "b", "a", "a", "a"], ["a", "b"]),
        ([10, 10, 10, 9, 9, 9], [9, 10]),
    ]:
        models = tw.value.ShiftedBetaGeometric().fit_by_segment([1, 2, 2, 1, 2, 3], [1, 1, 0] * 2, segments=segments)
        assert list(models) == keys
        assert [type(key) for key in models] == [type(key) for key in keys]


def test_curves_and_renewals_have_intervals():
    for curve in (MODEL.retention, MODEL.survival):
        found = curve(9, level=0.95)
        assert found["estimate"].tolist() == curve(9).tolist()
        assert (found["lower"] < found["estimate"]).all()
        assert (found["estimate"] < found["upper"]).all()
        assert (curve(9, level=0.5)["lower"] > found["lower"]).all()
    # Of the first period the survivors alone tell: the standard error of a share of 1000 customers is not far off.
    first = MODEL.retention(1, level=0.95)
    assert (first["upper"] - first["lower"])[0] == pytest.approx(2 * 1.96 * math.sqrt(0.631 * 0.369 / 1000), rel=0.1)
    found = MODEL.expected_residual_lifetime(1, rate=0.1, level=0.95)
    assert found["lower"] < found["estimate"] == MODEL.expected_residual_lifetime(1, rate=0.1) < found["upper"]
    assert told(lambda: GIVEN.retention(3, level=0.9)).startswith("not_enough_data")


@pytest.mark.parametrize(
    ("said", "work"),
    [
        ("invalid_value: the number of periods at row 1 is -2;", lambda fit: fit([1, -2, 3], [1, 0, 1])),
        ("invalid_value: the number of periods at row 1 is 1.5;", lambda fit: fit([1, 1.5, 3], [1, 0, 1])),
        ("invalid_value: the number of periods at row 1 is unknown;", lambda fit: fit([1, None, 3], [1, 0, 1])),
        ("invalid_value: the number of periods at row 2 is 20000;", lambda fit: fit([1, 2, 20000], [1, 0, 1])),
        ("invalid_value: whether he left at row 1 is unknown;", lambda fit: fit([1, 2, 3], [1, None, 1])),
        ("invalid_value: whether he left at row 2 is 2;", lambda fit: fit([1, 2, 3], [1, 0, 2])),
        ("invalid_value: the number of periods at row 0 is -1;", lambda _: GIVEN.simulate([-1], seed=1)),
        (
            "invalid_value: the renewals at row 1 (`bob`) is unknown;",
            lambda _: GIVEN.lifetime_value(CUSTOMERS | {"renewals": [0, None, 1]}, margin=1, rate=0.1),
        ),
        (
            "invalid_value: the margin at row 2 (`cyd`) is NaN;",
            lambda _: GIVEN.lifetime_value(CUSTOMERS | {"fee": [1, 2, None]}, margin="fee", rate=0.1),
        ),
        ("invalid_value: the value at row 0 is inf;", lambda _: GIVEN.lifetime_value([5], margin=1e308, rate=0.01)),
        ("invalid_value: the customer at row 1 is -1;", lambda _: spend().simulate([0, -1], seed=1)),
        ("missing_column: column `fees`", lambda _: GIVEN.lifetime_value(CUSTOMERS, margin="fees", rate=0.1)),
        (
            "invalid_parameter: The `margin` of `lifetime_value` must be a number, the name of a column,",
            lambda _: GIVEN.lifetime_value(CUSTOMERS, margin=np.ones(3), rate=0.1),
        ),
        (
            "invalid_parameter: The `margin` of `lifetime_value`",
            lambda _: GIVEN.lifetime_value(CUSTOMERS, margin=[], rate=0.1),
        ),
        (
            "invalid_parameter: The `rate` of `lifetime_value`",
            lambda _: GIVEN.lifetime_value(CUSTOMERS, margin=1, rate=0),
        ),
        (
            "invalid_parameter: The `payment` of `lifetime_value`",
            lambda _: GIVEN.lifetime_value(CUSTOMERS, margin=1, rate=0.1, payment="later"),
        ),
        (
            "invalid_parameter: The `level` of `lifetime_value` must be a share in (0, 1), such as 0.95; divide per",
            lambda _: GIVEN.lifetime_value(CUSTOMERS, margin=1, rate=0.1, level=95),
        ),
        (
            "invalid_parameter: The `level` of `expected_purchases` must be a share in (0, 1)",
            lambda _: purchases().expected_purchases({}, periods=1, level=95),
        ),
        ("invalid_parameter: The `level` of `expected_spend`", lambda _: spend().expected_spend({}, level=95)),
        (
            "invalid_parameter: The `alpha` of `ShiftedBetaGeometric`",
            lambda _: tw.value.ShiftedBetaGeometric().with_parameters(alpha=-1, beta=1),
        ),
        ("invalid_parameter: The `p` of `GammaGamma`", lambda _: tw.value.GammaGamma().with_parameters(p=0, q=2, v=1)),
        (
            "invalid_parameter: The `rate` of `expected_residual_lifetime`",
            lambda _: GIVEN.expected_residual_lifetime(1, rate=0),
        ),
        ("invalid_parameter: The `periods` of `retention`", lambda _: GIVEN.retention(0)),
    ],
)
def test_bad_input_is_named(said, work):
    assert told(lambda: work(tw.value.ShiftedBetaGeometric().fit)).startswith(said)


def purchases():
    return tw.value.ParetoNbd().with_parameters(r=0.5, alpha=10.0, s=0.6, beta=12.0)


def spend():
    return tw.value.GammaGamma().with_parameters(p=6.25, q=3.74, v=15.44)


def test_gamma_gamma_counts_whole_purchases():
    table = {"customer": list("abcde"), "repeat_frequency": [1, 2, 2.5, 1, 3], "mean_repeat_amount": [1.0, 2, 3, 4, 5]}
    for work in (tw.value.GammaGamma().fit, spend().expected_spend):
        assert told(lambda work=work: work(table)).startswith("invalid_value: the repeat purchases (x) at row 2 (`c`)")


def economics(base_profit, **others):
    return tw.value.retention_economics(years=6, acquisition_cost=50, base_profit=base_profit, retention=0.9, **others)


def test_what_loyalty_earns_is_of_numbers():
    assert economics(30) == economics([30.0]) == economics(np.array([30])) == economics(pd.Series([30, 30]))
    for given in ("30", ["30"], [], None, [None], True, {"a": 30}, math.nan):
        assert "`base_profit`" in told(lambda given=given: economics(given))
    assert economics(30, growth=[]) == economics(30)
    discounted = economics(30, discount_rate=0.15)
    assert (discounted.break_even_year, discounted.discounted_break_even_year) == (2, 3)
