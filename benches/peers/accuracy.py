"""Learned cards against the learners that a user would otherwise pick, on the same folds of real tables.

``TIERWISE_DATA=FOLDER python benches/peers/accuracy.py --results FILE [--models NAME ...] [--cases NAME ...]`` judges
each model on each fold, keeps what it finds in FILE, does not repeat what already stands there, and prints the
tables of ``docs/accuracy.md``. Peers are at their default settings.
"""

import argparse
import json
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from real_data import Case, cases
from sklearn.metrics import average_precision_score, log_loss, roc_auc_score

Predict = Callable[[pd.DataFrame], np.ndarray]
Results = dict[str, dict[str, dict[str, list[float]]]]


def logistic_regression(table: pd.DataFrame, happened: np.ndarray) -> Predict:
    """One-hot levels, standardised numbers with the median for unknown and a flag that says so."""
    from sklearn.compose import make_column_selector, make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    numbers = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler())
    prepared = make_column_transformer(
        (numbers, make_column_selector(dtype_include="number")),
        (OneHotEncoder(handle_unknown="ignore"), make_column_selector(dtype_include="category")),
    )
    model = make_pipeline(prepared, LogisticRegression(max_iter=5_000)).fit(table, happened)
    return lambda rows: model.predict_proba(rows)[:, 1]


def hist_gradient_boosting(table: pd.DataFrame, happened: np.ndarray) -> Predict:
    from sklearn.ensemble import HistGradientBoostingClassifier

    model = HistGradientBoostingClassifier(random_state=0).fit(table, happened)
    return lambda rows: model.predict_proba(rows)[:, 1]


def lightgbm(table: pd.DataFrame, happened: np.ndarray) -> Predict:
    from lightgbm import LGBMClassifier

    model = LGBMClassifier(random_state=0, verbose=-1).fit(plain(table), happened)
    return lambda rows: model.predict_proba(plain(rows))[:, 1]


def xgboost(table: pd.DataFrame, happened: np.ndarray) -> Predict:
    from xgboost import XGBClassifier

    model = XGBClassifier(random_state=0, enable_categorical=True, verbosity=0).fit(plain(table), happened)
    return lambda rows: model.predict_proba(plain(rows))[:, 1]


def catboost(table: pd.DataFrame, happened: np.ndarray) -> Predict:
    from catboost import CatBoostClassifier

    def as_texts(rows: pd.DataFrame) -> pd.DataFrame:
        levels = {
            name: rows[name].astype(object).fillna("unknown").astype(str) for name in rows.select_dtypes("category")
        }
        return rows.assign(**levels)

    named = list(table.select_dtypes("category"))
    model = CatBoostClassifier(random_seed=0, verbose=False, cat_features=named, allow_writing_files=False)
    model.fit(as_texts(table), happened)
    return lambda rows: model.predict_proba(as_texts(rows))[:, 1]


def ebm(table: pd.DataFrame, happened: np.ndarray) -> Predict:
    from interpret.glassbox import ExplainableBoostingClassifier

    model = ExplainableBoostingClassifier(random_state=0).fit(table, happened)
    return lambda rows: model.predict_proba(rows)[:, 1]


def additive(table: pd.DataFrame, happened: np.ndarray) -> Predict:
    import tierwise as tw

    model = tw.learn.Additive().fit(table, happened, positive=True)
    return lambda rows: np.asarray(model.probability(rows))


def additive_without_pairs(table: pd.DataFrame, happened: np.ndarray) -> Predict:
    import tierwise as tw

    model = tw.learn.Additive(pairs=0).fit(table, happened, positive=True)
    return lambda rows: np.asarray(model.probability(rows))


def weight_of_evidence(table: pd.DataFrame, happened: np.ndarray) -> Predict:
    import tierwise as tw

    model = tw.learn.WeightOfEvidence().fit(table, happened, positive=True)
    return lambda rows: np.asarray(model.probability(rows))


MODELS: dict[str, Callable[[pd.DataFrame, np.ndarray], Predict]] = {
    "Additive": additive,
    "Additive without pairs": additive_without_pairs,
    "WeightOfEvidence": weight_of_evidence,
    "LogisticRegression": logistic_regression,
    "HistGradientBoosting": hist_gradient_boosting,
    "LightGBM": lightgbm,
    "XGBoost": xgboost,
    "CatBoost": catboost,
    "EBM": ebm,
}
FIGURES = ("auc", "log_loss", "average_precision", "seconds")


def plain(table: pd.DataFrame) -> pd.DataFrame:
    """Some peers refuse brackets and such in the names of columns."""
    return table.set_axis([f"c{index}" for index in range(table.shape[1])], axis=1)


def judge(case: Case, fit: Callable[[pd.DataFrame, np.ndarray], Predict]) -> dict[str, list[float]]:
    """Learn on each fold and judge on the rest of the table."""
    found: dict[str, list[float]] = {figure: [] for figure in FIGURES}
    for train, test in case.folds:
        begun = time.perf_counter()
        predict = fit(case.table.iloc[train].reset_index(drop=True), case.happened[train])
        found["seconds"].append(time.perf_counter() - begun)
        chance = predict(case.table.iloc[test].reset_index(drop=True))
        found["auc"].append(float(roc_auc_score(case.happened[test], chance)))
        found["log_loss"].append(float(log_loss(case.happened[test], chance)))
        found["average_precision"].append(float(average_precision_score(case.happened[test], chance)))
    return found


def run(models: list[str], names: list[str], file: Path, again: list[str]) -> Results:
    """Judge what does not stand in the file yet."""
    for case in cases(names):
        for model in models:
            results: Results = json.loads(file.read_text()) if file.exists() else {}
            if model in results.get(case.name, {}) and model not in again:
                continue
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found = judge(case, MODELS[model])
            results = json.loads(file.read_text()) if file.exists() else {}
            results.setdefault(case.name, {})[model] = found
            file.write_text(json.dumps(results, indent=1))
            print(
                f"{case.name}, {model}: " + ", ".join(f"{key} {np.mean(found[key]):.4f}" for key in FIGURES), flush=True
            )
    return json.loads(file.read_text()) if file.exists() else {}


def tables(results: Results, models: list[str]) -> str:
    """Write one Markdown table per figure: the mean over the folds."""
    texts = []
    for figure, digits in (("auc", 4), ("log_loss", 4), ("average_precision", 4), ("seconds", 2)):
        lines = [f"### {figure}", "", "| | " + " | ".join(models) + " |", "|---|" + "---:|" * len(models)]
        for name, by_model in results.items():
            means = [np.mean(by_model[model][figure]) if model in by_model else np.nan for model in models]
            lines.append(f"| {name} | " + " | ".join(f"{mean:.{digits}f}" for mean in means) + " |")
        texts.append("\n".join([*lines, ""]))
    return "\n".join(texts)


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description="Accuracy on real tables, as Markdown.")
    parser.add_argument("--results", type=Path, required=True, help="the file that keeps what was found")
    parser.add_argument("--models", nargs="*", choices=list(MODELS), default=list(MODELS))
    parser.add_argument("--cases", nargs="*", default=[])
    parser.add_argument("--again", nargs="*", choices=list(MODELS), default=[], help="judge these once more")
    chosen = parser.parse_args()
    print(tables(run(chosen.models, chosen.cases, chosen.results, chosen.again), chosen.models))


if __name__ == "__main__":
    main()
