"""Figures of ranking and bootstrap intervals, against scikit-learn and NumPy."""

import numpy as np
import tierwise as tw
from side_by_side import table, take_turns
from sklearn import metrics


def data(rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw an outcome with a tenth of events and a score that tells them apart a little."""
    rng = np.random.default_rng(rows)
    happened = (rng.random(rows) < 0.1).astype(np.int64)
    return happened, rng.normal(size=rows) + happened


def figures(rows: int, repetitions: int) -> str:
    """ROC AUC, Kolmogorov-Smirnov, Gini and lift of tenths."""
    happened, score = data(rows)
    found: dict[str, list[float]] = {}

    def theirs() -> None:
        auc = metrics.roc_auc_score(happened, score)
        false, true, _ = metrics.roc_curve(happened, score)
        order = np.argsort(-score, kind="stable")
        captured = np.cumsum(happened[order])[[rows * tenth // 10 - 1 for tenth in range(1, 11)]] / happened.sum()
        found["scikit-learn"] = [auc, np.max(true - false), 2 * auc - 1, *captured]

    def ours() -> None:
        ranking = tw.evaluate.Ranking(happened, score)
        captured = ranking.lift_table()["capture"]
        found["tierwise"] = [ranking.roc_auc, ranking.kolmogorov_smirnov.value, ranking.gini, *captured]

    timings = take_turns({"tierwise": ours, "scikit-learn": theirs}, repetitions)
    apart = np.abs(np.subtract(found["tierwise"], found["scikit-learn"])).max()
    timings["tierwise"].note = f"largest difference {apart:.0e}"
    return table(f"ROC AUC, KS, Gini and lift table, {rows:,} rows", timings, "tierwise")


def intervals(rows: int, replicates: int, repetitions: int) -> str:
    """A bootstrap interval of the ROC AUC; the loop over scikit-learn does a fortieth, and its time is scaled up."""
    happened, score = data(rows)
    part, found = max(1, replicates // 40), {}

    def theirs() -> None:
        rng = np.random.default_rng(1)
        drawn = [rng.integers(0, rows, rows) for _ in range(part)]
        found["scikit-learn"] = np.std([metrics.roc_auc_score(happened[rows], score[rows]) for rows in drawn])

    def ours() -> None:
        found["tierwise"] = tw.evaluate.bootstrap(
            happened, score, "roc_auc", seed=1, replicates=replicates
        ).standard_error

    timings = take_turns({"tierwise": ours, "scikit-learn": theirs}, repetitions)
    scale = replicates / part
    timings["scikit-learn"].seconds = [scale * one for one in timings["scikit-learn"].seconds]
    for name, error in found.items():
        timings[name].note = f"standard error {error:.6f}"
    timings["scikit-learn"].note += f" of {part} replicates, time scaled"
    return table(f"Bootstrap of ROC AUC, {replicates:,} replicates of {rows:,} rows", timings, "tierwise")


def delong(rows: int, repetitions: int) -> str:
    """DeLong's interval, against the plain area by scikit-learn, which has no interval."""
    happened, score = data(rows)
    timings = take_turns(
        {
            "tierwise, with interval": lambda: tw.evaluate.roc_auc_interval(happened, score),
            "scikit-learn, without": lambda: metrics.roc_auc_score(happened, score),
        },
        repetitions,
    )
    return table(f"DeLong, {rows:,} rows", timings, "tierwise, with interval")


def run(quick: bool) -> str:
    sizes = (20_000, 2_000, 40, 10_000) if quick else (5_000_000, 100_000, 1000, 1_000_000)
    many, some, replicates, middle = sizes
    repetitions = 1 if quick else 5
    texts = ["## Evaluation\n", figures(many, repetitions), intervals(some, replicates, repetitions)]
    return "\n".join([*texts, delong(middle, repetitions)])
