"""Drift of a table, against scipy and NumPy column by column."""

import numpy as np
import tierwise as tw
from scipy import stats
from side_by_side import table, take_turns


def data(columns: int, rows: int) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Draw two tables of numbers; every other column shifts a little."""
    rng = np.random.default_rng(columns)
    then = {f"x{column}": rng.normal(size=rows) for column in range(columns)}
    return then, {name: rng.normal(0.1 * (place % 2), size=rows) for place, name in enumerate(then)}


def stability(then: np.ndarray, now: np.ndarray) -> float:
    """Deciles of the reference, as they are usually written with NumPy."""
    edges = np.quantile(then, np.arange(1, 10) / 10)
    p, q = (np.bincount(np.searchsorted(edges, side, "right"), minlength=10) / len(side) for side in (then, now))
    return float(((q - p) * np.log(q / p)).sum())


def whole_table(columns: int, rows: int, repetitions: int) -> str:
    """All figures of every column; the peer does a part of the columns, and its time is scaled up."""
    then, now = data(columns, rows)
    part = list(then)[: max(1, columns // 10)]
    found: dict[str, np.ndarray] = {}

    def theirs() -> None:
        figures = []
        for name in part:
            test = stats.ks_2samp(then[name], now[name], method="asymp")
            wasserstein = stats.wasserstein_distance(then[name], now[name])
            figures.append([test.statistic, wasserstein, stability(then[name], now[name])])
        found["scipy"] = np.array(figures)

    def ours() -> None:
        drifted = tw.evaluate.drift(then, now).columns
        figures = [
            [one.distances.kolmogorov_smirnov, one.distances.wasserstein, one.population_stability]
            for one in drifted.values()
        ]
        found["tierwise"] = np.array(figures)[: len(part)]

    timings = take_turns({"tierwise": ours, "scipy and NumPy": theirs}, repetitions)
    scale = columns / len(part)
    timings["scipy and NumPy"].seconds = [scale * one for one in timings["scipy and NumPy"].seconds]
    timings["tierwise"].note = f"largest difference {np.abs(found['tierwise'] - found['scipy']).max():.0e}"
    timings["scipy and NumPy"].note = f"{len(part)} of {columns} columns, time scaled"
    title = f"KS, Wasserstein and population stability of {columns} columns, {rows:,} rows either side"
    return table(title, timings, "tierwise")


def run(quick: bool) -> str:
    columns, rows, repetitions = (10, 5_000, 1) if quick else (50, 1_000_000, 3)
    return "\n".join(["## Drift\n", whole_table(columns, rows, repetitions)])
