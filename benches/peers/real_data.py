"""Real tables with their traps handled, and the folds on which every candidate is judged.

The tables do not come with tierwise. They lie in the folder that ``TIERWISE_DATA`` names, one folder each; a table that
is not there is skipped, and the bench says so.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.model_selection import RepeatedStratifiedKFold

Fold = tuple[np.ndarray, np.ndarray]


@dataclass
class Case:
    """A table of customers, what happened to each, and the rows to learn from and to judge on."""

    name: str
    table: pd.DataFrame
    happened: np.ndarray
    folds: list[Fold]


def cases(names: list[str]) -> Iterator[Case]:
    """Read the cases that are asked for; all of them where none is named."""
    folder = os.environ.get("TIERWISE_DATA")
    for name, read in READERS.items():
        if names and name not in names:
            continue
        if folder is None:
            print(f"{name}: skipped, TIERWISE_DATA does not name the folder with the tables")
            continue
        try:
            table, happened = read(Path(folder))
        except FileNotFoundError as missing:
            print(f"{name}: skipped, {missing.filename} is not there")
            continue
        happened = np.asarray(happened, dtype=bool)
        yield Case(name, typed(table), happened, folds_of(name, happened))


def folds_of(name: str, happened: np.ndarray) -> list[Fold]:
    """Five stratified folds, more of them for small tables; one split by time where the name says so."""
    if name.endswith("_by_time"):
        cut = int(0.8 * len(happened))
        return [(np.arange(cut), np.arange(cut, len(happened)))]
    repeats = 4 if len(happened) < 2_000 else 1
    splitter = RepeatedStratifiedKFold(n_splits=5, n_repeats=repeats, random_state=0)
    return list(splitter.split(np.zeros(len(happened)), happened))


def typed(table: pd.DataFrame) -> pd.DataFrame:
    """Texts become categories, all numbers floats: what each candidate takes best."""
    columns = {}
    for name, column in table.reset_index(drop=True).items():
        is_number = pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column)
        columns[str(name)] = column.astype(float) if is_number else column.astype("category")
    return pd.DataFrame(columns)


def telco(folder: Path) -> tuple[pd.DataFrame, np.ndarray]:
    table = pd.read_csv(folder / "telco_ibm" / "Telco-Customer-Churn.csv")
    table["TotalCharges"] = pd.to_numeric(table["TotalCharges"], errors="coerce")
    return table.drop(columns=["customerID", "Churn"]), table["Churn"] == "Yes"


def mlc_churn(folder: Path) -> tuple[pd.DataFrame, np.ndarray]:
    table = pd.read_csv(folder / "mlc_churn" / "mlc_churn.csv")
    table["area_code"] = table["area_code"].astype(str)
    return table.drop(columns="churn"), table["churn"] == "yes"


def bank_marketing(folder: Path) -> tuple[pd.DataFrame, np.ndarray]:
    """Without ``duration``, which is known only after the call."""
    table = pd.read_csv(folder / "bank_marketing" / "bank-additional-full.csv", sep=";")
    return table.drop(columns=["y", "duration"]), table["y"] == "yes"


def give_me_some_credit(folder: Path) -> tuple[pd.DataFrame, np.ndarray]:
    table = pd.read_csv(folder / "give_me_some_credit" / "cs-training.csv", index_col=0)
    return table.drop(columns="SeriousDlqin2yrs"), table["SeriousDlqin2yrs"] == 1


def german_credit(folder: Path) -> tuple[pd.DataFrame, np.ndarray]:
    table = pd.read_csv(folder / "german_credit" / "germancredit.csv")
    return table.drop(columns="creditability"), table["creditability"] == "bad"


def coil2000(folder: Path) -> tuple[pd.DataFrame, np.ndarray]:
    table = pd.read_csv(folder / "coil2000" / "Caravan_ISLP.csv")
    return table.drop(columns="Purchase"), table["Purchase"] == "Yes"


AFTER_CONTACT = [
    "Tags",
    "Lead Quality",
    "Lead Profile",
    "Last Activity",
    "Last Notable Activity",
    "Asymmetrique Activity Index",
    "Asymmetrique Profile Index",
    "Asymmetrique Activity Score",
    "Asymmetrique Profile Score",
]


def lead_x_education(folder: Path) -> tuple[pd.DataFrame, np.ndarray]:
    """Without the columns that sales staff fill in, or that come about after the contact; "Select" is no answer."""
    table = pd.read_csv(folder / "lead_x_education" / "Leads.csv")
    table = table.drop(columns=[name for name in table if name.startswith("Unnamed")])
    facts = table.drop(columns=["Prospect ID", "Lead Number", "Converted", *AFTER_CONTACT])
    return facts.replace("Select", None), table["Converted"] == 1


def bank_churners(folder: Path) -> tuple[pd.DataFrame, np.ndarray]:
    """Without the two columns that are a model's score of the answer."""
    table = pd.read_csv(folder / "bank_churners" / "BankChurners.csv")
    table = table.drop(columns=[name for name in table if name.startswith("Naive_Bayes")])
    return table.drop(columns=["CLIENTNUM", "Attrition_Flag"]), table["Attrition_Flag"] == "Attrited Customer"


def credit_data(folder: Path) -> tuple[pd.DataFrame, np.ndarray]:
    table = pd.read_csv(folder / "credit_data" / "credit_data.csv")
    return table.drop(columns="Status"), table["Status"] == "bad"


READERS: dict[str, Callable[[Path], tuple[pd.DataFrame, np.ndarray]]] = {
    "telco": telco,
    "german_credit": german_credit,
    "credit_data": credit_data,
    "mlc_churn": mlc_churn,
    "bank_churners": bank_churners,
    "lead_x_education": lead_x_education,
    "coil2000": coil2000,
    "bank_marketing_by_time": bank_marketing,
    "bank_marketing": bank_marketing,
    "give_me_some_credit": give_me_some_credit,
}
