"""Models of purchases and spend judged out of time on real logs, beside lifetimes and what costs nothing.

``TIERWISE_DATA=FOLDER python benches/peers/value_accuracy.py`` prints the figures of ``docs/customer-value.md``. The
logs do not come with tierwise: they lie in FOLDER, one folder each; one that is not there is skipped, and said to be.
"""

import os
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import lifetimes
import numpy as np
import pandas as pd
import tierwise as tw

MODELS = {"Pareto/NBD": tw.value.ParetoNbd, "MBG/NBD": tw.value.MbgNbd, "BG/NBD": tw.value.BgNbd}
PEERS = {"Pareto/NBD": lifetimes.ParetoNBDFitter, "BG/NBD": lifetimes.BetaGeoFitter}
COLUMNS = ["model", "mean error", "total", "capture of money", "all purchases", "gain of that", "interval"]


@dataclass
class Log:
    """Purchases as ``id``, ``day`` and ``paid``, the last day known to the models, and the last that judges them."""

    name: str
    orders: pd.DataFrame
    known_until: str
    end: str


def cdnow(folder: Path) -> Log:
    names = ["id", "day", "disks", "paid"]
    orders = pd.read_csv(folder / "cdnow" / "CDNOW_master.txt", sep=r"\s+", header=0, names=names)
    orders["day"] = pd.to_datetime(orders["day"].astype(str), format="%Y%m%d")
    return Log("CDNOW", orders, "1997-09-30", "1998-06-30")


def online_retail(folder: Path) -> Log:
    """Both years, which overlap in the first days of December; lines without a customer and returns are left out."""
    years = [folder / "online_retail" / f"online_retail_{name}.parquet" for name in ("II_2009_2010", "2010_2011")]
    first, second = (pd.read_parquet(year) for year in years)
    first.columns = second.columns
    lines = pd.concat([first[pd.to_datetime(first["InvoiceDate"]) < "2010-12-01"], second])
    lines = lines[lines["CustomerID"].notna() & (lines["Quantity"] > 0) & (lines["UnitPrice"] > 0)]
    columns = {
        "id": lines["CustomerID"].astype(float).astype(int),
        "day": pd.to_datetime(lines["InvoiceDate"]).dt.normalize(),
        "paid": lines["Quantity"] * lines["UnitPrice"],
    }
    return Log("Online Retail", pd.DataFrame(columns), "2010-12-31", "2011-12-09")


def complete_journey(folder: Path) -> Log:
    lines = pd.read_csv(folder / "completejourney" / "transactions_sample.csv")
    day = pd.to_datetime(lines["transaction_timestamp"]).dt.normalize()
    columns = {"id": lines["household_id"], "day": day, "paid": lines["sales_value"]}
    orders = pd.DataFrame(columns)
    return Log("Complete Journey", orders[day <= "2017-12-31"], "2017-07-01", "2017-12-31")


def logs() -> Iterator[Log]:
    """Read the logs that are there."""
    readers: dict[str, Callable[[Path], Log]] = {
        "CDNOW": cdnow,
        "Online Retail": online_retail,
        "Complete Journey": complete_journey,
    }
    folder = os.environ.get("TIERWISE_DATA")
    for name, read in readers.items():
        if folder is None:
            print(f"{name}: skipped, TIERWISE_DATA does not name the folder with the logs")
            continue
        try:
            yield read(Path(folder))
        except FileNotFoundError as missing:
            print(f"{name}: skipped, {missing.filename} is not there")


def spend_of(known: pd.DataFrame) -> np.ndarray:
    """Forecast the mean amount from the days after the first, as the papers do."""
    paid = known["mean_repeat_amount"] > 0
    repeats = known.assign(repeat_frequency=known["repeat_frequency"].where(paid, 0))
    return tw.value.GammaGamma().fit(repeats).expected_spend(repeats)


def spend_of_all(known: pd.DataFrame) -> np.ndarray:
    """Forecast the mean amount from all days, the first one too."""
    mean = known["monetary"] / known["frequency"]
    purchases = known.assign(repeat_frequency=known["frequency"].where(mean > 0, 0), mean_repeat_amount=mean)
    return tw.value.GammaGamma().fit(purchases).expected_spend(purchases)


def judged(split: tw.value.Holdout, name: str, expected: np.ndarray, spend: list[np.ndarray]) -> list[str]:
    unknown = int((~np.isfinite(expected)).sum())
    if unknown:
        return [name, f"NaN for {unknown} customers", *[""] * (len(COLUMNS) - 2)]
    by_repeats, by_all = (split.judge(expected, expected * one) for one in spend)
    low, high = by_all.gain_interval
    figures = [by_all.mean_absolute_error, by_all.total_ratio, by_repeats.capture, by_all.capture, by_all.gain]
    return [name, *(f"{figure:.4f}" for figure in figures), f"{low:.4f} to {high:.4f}"]


def table(log: Log) -> str:
    """Judge all models on a log."""
    split = tw.value.holdout(
        log.orders, customer="id", date="day", amount="paid", known_until=log.known_until, end=log.end
    )
    known = split.known
    spend = [spend_of(known), spend_of_all(known)]
    weeks = split.days / 7
    rows = []
    for name, model in MODELS.items():
        expected = model(days_per_period=7).fit(known).expected_purchases(known, periods=weeks)
        rows.append(judged(split, name, np.asarray(expected), spend))
    history = (known["repeat_frequency"], known["last_purchase_age"] / 7, known["age"] / 7)
    for name, fitter in PEERS.items():
        peer = fitter().fit(*history)
        expected = peer.conditional_expected_number_of_purchases_up_to_time(weeks, *history)
        rows.append(judged(split, f"{name} by lifetimes", np.asarray(expected), spend))
    free = split.judge(np.asarray(known["repeat_frequency"]))
    ranks = [free.capture_by_frequency, free.capture_by_spend, free.capture_of_oracle]
    rows.append(
        ["past rate", f"{free.mean_absolute_error_of_rate:.4f}", f"{free.total_ratio_of_rate:.4f}", "", "", "", ""]
    )
    said = "capture of the top by past purchases {:.4f}, by past money {:.4f}, of the best possible {:.4f}".format(
        *ranks
    )
    lines = [COLUMNS, ["---"] * len(COLUMNS), *rows]
    grid = "\n".join("| " + " | ".join(line) + " |" for line in lines)
    return f"## {log.name}: {len(known)} customers\n\n{grid}\n\n{said}\n"


def main() -> None:
    """Judge on every log that is there."""
    warnings.filterwarnings("ignore", module="lifetimes")
    warnings.filterwarnings("ignore", module="autograd")
    for log in logs():
        print(table(log), flush=True)


if __name__ == "__main__":
    main()
