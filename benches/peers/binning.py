"""Optimal binning of a table of numbers, against optbinning under the same constraints.

optbinning is not among the packages that tests need: without it the bench says so and does nothing.
"""

import importlib.util
import warnings
from functools import partial

import numpy as np
import tierwise as tw
from side_by_side import table, take_turns

# Ours and what optbinning calls it.
TRENDS = {"ascending": "ascending", "descending": "descending", "peak": "peak", "valley": "valley", "none": None}
SHARE = 0.05
BINS = 20


def data(rows: int, columns: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Draw columns of several kinds, from straight to turning and from telling to nearly noise; a fifth are events."""
    rng = np.random.default_rng(rows + columns)
    x = rng.normal(size=(rows, columns))
    x[:, 1::3] = np.round(20 * x[:, 1::3])
    x[:, 2::3] = np.exp(x[:, 2::3])
    scaled = (x - x.mean(axis=0)) / x.std(axis=0)
    effects = np.where(np.arange(columns) % 4 == 3, scaled**2 / 2 - 0.5, scaled) * rng.normal(size=columns) / 3
    happened = effects.sum(axis=1) - 1.7 + rng.logistic(size=rows) > 0
    return {f"x{index}": np.ascontiguousarray(x[:, index]) for index in range(columns)}, happened.astype(np.int64)


def run(quick: bool) -> str:
    if importlib.util.find_spec("optbinning") is None:
        return "## Optimal binning\n\nSkipped: optbinning is not installed.\n"
    from optbinning import OptimalBinning

    rows, columns = (2_000, 4) if quick else (100_000, 30)
    x, y = data(rows, columns)
    texts = ["## Optimal binning: information value, at least 5 % of the rows per bin, at most 20 bins\n"]
    found: dict[str, dict[str, float]] = {}

    def theirs(trend):
        values = {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for name, column in x.items():
                binning = OptimalBinning(
                    name=name, solver="cp", monotonic_trend=TRENDS[trend], min_bin_size=SHARE, max_n_bins=BINS
                ).fit(column, y)
                binning.binning_table.build()
                values[name] = binning.binning_table.iv
        found["optbinning"] = values

    def ours(trend):
        binnings = tw.learn.bin_features(x, y, positive=1, monotone=trend, min_share=SHARE, max_bins=BINS)
        found["tierwise"] = {name: binning.information_value for name, binning in binnings.items()}

    for trend in TRENDS:
        timings = take_turns(
            {"tierwise": partial(ours, trend), "optbinning": partial(theirs, trend)}, 1 if quick else 3
        )
        ratios = [found["tierwise"][name] / one for name, one in found["optbinning"].items() if one > 0]
        timings["tierwise"].note = (
            f"information value ÷ optbinning's, over columns: least {min(ratios, default=1):.5f}, "
            f"mean {np.mean(ratios or [1]):.5f}"
        )
        texts.append(table(f"{rows:,} by {columns}, {trend}", timings, "tierwise"))
    return "\n".join(texts)
