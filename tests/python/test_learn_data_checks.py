"""Checks of data in Python: every kind of table, scikit-learn and SciPy beside them, and the traps of real tables."""

import datetime
import os
from pathlib import Path

import customers
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import tierwise as tw
from scipy.stats import chi2_contingency
from sklearn.metrics import roc_auc_score
from tierwise import exceptions

LEAKS = {"separates_outcome", "splits_outcome", "known_for_one_class", "value_of_one_class", "far_ahead"}


def by_code(findings, code):
    return {tuple(one.columns): one for one in findings if one.code == code}


def accused(findings):
    return {one.columns[0]: one for one in findings if one.code in LEAKS}


@pytest.mark.parametrize("base_rate", [0.01, 0.1, 0.5, 0.9, 0.99])
def test_the_auc_is_that_of_scikit_learn(base_rate):
    random = np.random.default_rng(3)
    happened = random.random(3000) < base_rate
    x = np.round(random.normal(size=3000) + 2.0 * happened, 1)
    x[::7] = np.nan
    for labels, positive in ((np.where(happened, "a", "b"), "a"), (np.where(happened, "b", "a"), "b")):
        found = accused(tw.learn.check_data({"x": x}, labels, positive=positive, warn_auc=0.6))["x"]
        placed = [roc_auc_score(happened, np.nan_to_num(x, nan=at)) for at in (-99, 99)]
        assert found.evidence["auc"] == pytest.approx(max(placed), abs=1e-12)


def test_the_drift_is_that_of_scipy():
    random = np.random.default_rng(4)
    happened = random.random(1000) < np.linspace(0.2, 0.5, 1000)
    found = tw.learn.check_data({"x": random.random(1000)}, happened, positive=True, days=np.arange(1000))
    drift = next(one for one in found if one.code == "base_rate_drift")
    events = happened.reshape(5, 200).sum(axis=1)
    theirs = chi2_contingency([events, 200 - events], correction=False)
    assert drift.evidence["chi_squared"] == pytest.approx(theirs.statistic)
    assert drift.evidence["p_value"] == pytest.approx(theirs.pvalue)


def leads(rows=300):
    """Leads of every kind of column, with a leak, a date that lies ahead, a copy, and an identifier."""
    random = np.random.default_rng(5)
    won = random.random(rows) < 0.4
    day = datetime.date(2024, 1, 1)
    return {
        "id": [f"lead {row:04}" for row in random.permutation(rows)],
        "visits": [float(value) for value in random.integers(0, 30, rows)],
        "cents": None,
        "country": [["DE", "FR", None][value] for value in random.integers(0, 3, rows)],
        "met": [bool(value) for value in random.integers(0, 2, rows)],
        "signed": [day + datetime.timedelta(days=int(random.integers(1, 90))) if yes else None for yes in won],
        "seen": [day - datetime.timedelta(days=int(value)) for value in random.integers(0, 300, rows)],
        "rep": [int(value) for value in random.integers(0, 9, rows)],
        "won": ["yes" if yes else "no" for yes in won],
    }


def table():
    columns = leads()
    columns["cents"] = [100 * value for value in columns["visits"]]
    return columns


@pytest.mark.parametrize("kind", [dict, pd.DataFrame, pl.DataFrame, pa.table])
def test_every_kind_of_table(kind):
    columns = table()
    data, test = kind(columns), kind({name: values[:50] for name, values in columns.items()})
    options = {"days": "seen", "as_of": "2024-01-01", "groups": "rep", "test": test, "test_groups": "rep"}
    found = tw.learn.check_data(data, "won", positive="yes", **options)
    options["test"] = pd.DataFrame(columns)[:50]
    expected = tw.learn.check_data(pd.DataFrame(columns), "won", positive="yes", **options)
    assert found == expected
    codes = {(one.code, *one.columns) for one in found}
    assert ("known_for_one_class", "signed") in codes
    assert ("dated_after_as_of", "signed") in codes
    assert ("linear_copy", "cents", "visits") in codes
    assert ("identifier", "id") in codes
    assert ("shared_rows",) in codes
    assert ("shared_groups",) in codes
    assert ("repeated_groups",) in codes
    assert by_code(found, "shared_rows")[()].evidence["rows"] == 50
    assert found[0].severity == "stop"
    assert list(pd.DataFrame(found).columns) == ["code", "severity", "columns", "evidence", "message"]


def test_levels_that_only_the_test_has_are_not_unknown():
    data = {"country": ["DE", "FR", None, "DE"] * 10, "won": [0, 1, 1, 0] * 10}
    found = tw.learn.check_data(data, "won", positive=1, test={"country": ["US", "US"]})
    assert not by_code(found, "shared_rows")
    found = tw.learn.check_data(data, "won", positive=1, test={"country": ["US", None]})
    assert by_code(found, "shared_rows")[()].evidence["rows"] == 1


def test_arrays_and_days_per_row():
    random = np.random.default_rng(6)
    x, won = random.normal(size=(200, 2)), np.arange(200) % 3 == 0
    found = tw.learn.check_data(x, won, positive=True, test=x[:3])
    assert by_code(found, "shared_rows")[()].evidence["rows"] == 3
    data = {"signed": np.array(["2024-02-01", "2024-03-01"] * 20, dtype="datetime64[D]"), "x": [1.0, 2.0] * 20}
    as_of = np.array(["2024-02-15"] * 40, dtype="datetime64[D]")
    found = tw.learn.check_data(data, [0, 1, 1, 0] * 10, positive=1, as_of=as_of)
    assert by_code(found, "dated_after_as_of")[("signed",)].evidence["rows"] == 20
    found = tw.learn.check_data(data | {"now": as_of}, [0, 1, 1, 0] * 10, positive=1, as_of="now", dates=["signed"])
    assert by_code(found, "dated_after_as_of")[("signed",)].evidence["rows"] == 20
    assert all("now" not in one.columns for one in found)


def test_numbers_as_text_are_named():
    random = np.random.default_rng(7)
    charges = [f"{value:.2f}" for value in random.random(500) * 1000]
    charges[3] = " "
    found = tw.learn.check_data({"charges": charges}, random.random(500) < 0.3, positive=True)
    assert ("charges",) in by_code(found, "numbers_as_text")


def test_a_fact_that_is_unknown_for_one_class_only():
    # Every fifth customer wins, and of just those the staff is unknown; the other facts are sound.
    found = tw.learn.check_data(customers.facts(rows=400), customers.outcome(rows=400), positive="won")
    assert {name: one.code for name, one in accused(found).items()} == {"staff": "known_for_one_class"}


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"positive": "maybe"}, exceptions.InvalidOutcomeError, "maybe"),
        ({"stop_auc": 0.3}, exceptions.InvalidParameterError, "`stop_auc`"),
        ({"days": [1.0]}, exceptions.WrongLengthError, "list of days"),
        ({"days": "when"}, exceptions.MissingColumnError, "`when`"),
        ({"as_of": "soon"}, exceptions.InvalidParameterError, "`as_of`"),
        ({"dates": ["seen"]}, exceptions.InvalidParameterError, "`dates`"),
        ({"as_of": 0, "dates": ["when"]}, exceptions.UnknownFeatureError, "`when`"),
        ({"test": {"visits": [1.0]}}, exceptions.MissingColumnError, "is missing"),
        ({"groups": [1, 2]}, exceptions.WrongLengthError, "groups"),
    ],
)
def test_errors(options, error, said):
    with pytest.raises(error, match=said):
        tw.learn.check_data(table(), "won", **({"positive": "yes"} | options))


# Real tables, where TIERWISE_DATA names the folder that holds them.


@pytest.fixture
def folder():
    if "TIERWISE_DATA" not in os.environ:
        pytest.skip("TIERWISE_DATA does not name the folder with the real tables")
    return Path(os.environ["TIERWISE_DATA"])


def read(path, **options):
    if not path.exists():
        pytest.skip(f"{path} is not there")
    return pd.read_csv(path, **options)


def test_leads_of_a_school(folder):
    found = accused(tw.learn.check_data(read(folder / "lead_x_education" / "Leads.csv"), "Converted", positive=1))
    assert set(found) == {"Tags", "Lead Quality"}


def test_a_score_of_the_outcome_itself(folder):
    data = read(folder / "bank_churners" / "BankChurners.csv")
    found = accused(tw.learn.check_data(data, "Attrition_Flag", positive="Attrited Customer"))
    stopped = [name for name, one in found.items() if one.severity == "stop"]
    assert len(stopped) == 2
    assert all(name.startswith("Naive_Bayes_Classifier") for name in stopped)
    # Honest, but odd: nobody stayed whom the bank had to contact six times.
    assert set(found) - set(stopped) == {"Contacts_Count_12_mon"}


def test_what_a_phone_company_knows_after_the_churn(folder):
    data = read(folder / "telco_ibm" / "Telco_customer_churn_extended.csv")
    found = accused(tw.learn.check_data(data, "Churn Label", positive="Yes"))
    assert {name: one.severity for name, one in found.items()} == {
        "Churn Value": "stop",
        "Churn Reason": "stop",
        "Churn Score": "warn",
    }
    assert found["Churn Reason"].code == "known_for_one_class"
    plain = read(folder / "telco_ibm" / "Telco-Customer-Churn.csv")
    assert not accused(tw.learn.check_data(plain, "Churn", positive="Yes"))


@pytest.mark.parametrize("name", ["bank-full.csv", "bank-additional-full.csv"])
def test_how_long_a_call_took(folder, name):
    data = read(folder / "bank_marketing" / name, sep=";")
    found = tw.learn.check_data(data, "y", positive="yes", days=np.arange(len(data)))
    assert {name: one.severity for name, one in accused(found).items()} == {"duration": "warn"}
    drift = by_code(found, "base_rate_drift")[()]
    assert drift.severity == "warn"
    assert drift.evidence["last_rate"] > 3 * drift.evidence["first_rate"]


def test_rows_on_both_sides(folder):
    aside = ["TREATMENT", "UNIQUE_ID"]
    train = read(folder / "information_uplift" / "train.csv").drop(columns=aside)
    valid = read(folder / "information_uplift" / "valid.csv").drop(columns=aside)
    found = tw.learn.check_data(train, "PURCHASE", positive=1, test=valid)
    shared = by_code(found, "shared_rows")[()]
    assert shared.severity == "warn"
    assert shared.evidence["share"] == pytest.approx(0.072, abs=0.001)
    assert not accused(found)


def test_charges_by_the_minute(folder):
    found = tw.learn.check_data(read(folder / "mlc_churn" / "mlc_churn.csv"), "churn", positive="yes")
    times = ("day", "eve", "night", "intl")
    assert set(by_code(found, "linear_copy")) == {(f"total_{time}_charge", f"total_{time}_minutes") for time in times}
    assert not accused(found)


@pytest.mark.parametrize(
    ("path", "outcome", "positive"),
    [
        ("give_me_some_credit/cs-training.csv", "SeriousDlqin2yrs", 1),
        ("coil2000/Caravan_ISLP.csv", "Purchase", "Yes"),
        ("credit_data/credit_data.csv", "Status", "bad"),
        ("credit_data/lending_club.csv", "Class", "bad"),
        ("german_credit/germancredit.csv", "creditability", "bad"),
        ("regclass_marketing/ACCOUNT.csv", "Purchase", "Yes"),
        ("regclass_marketing/EX7.CATALOG.csv", "Buy", "Yes"),
        ("regclass_marketing/PURCHASE.csv", "Purchase", "Buy"),
    ],
)
def test_sound_tables_are_not_accused(folder, path, outcome, positive):
    assert not accused(tw.learn.check_data(read(folder / path), outcome, positive=positive))


@pytest.mark.parametrize("kind", [dict, pd.DataFrame, pl.DataFrame, pa.table])
def test_groups_that_are_not_there_are_missed_by_name(kind):
    data = kind(table())
    with pytest.raises(tw.exceptions.MissingColumnError, match="`nobody` is missing"):
        tw.learn.check_data(data, "won", positive="yes", groups="nobody")
    with pytest.raises(tw.exceptions.InvalidParameterError, match="`test_groups` of `check_data`"):
        tw.learn.check_data(data, "won", positive="yes", test=data, test_groups="rep")
    with pytest.raises(tw.exceptions.InvalidParameterError, match="no column names"):
        tw.learn.check_data(np.eye(4), [0, 1, 0, 1], positive=1, groups="rep")
