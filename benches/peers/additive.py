"""Fits of boosted additive cards, against InterpretML's EBM with as many bags and pairs, and against LightGBM.

Neither is among the packages that tests need: without one the bench says so and leaves it out.
"""

import importlib.util
from functools import partial

import numpy as np
import tierwise as tw
from side_by_side import table, take_turns

PAIRS = 10
BAGS = 14


def data(rows: int, columns: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw numbers with steps, curves and a few interactions; a quarter are events."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, columns))
    score = np.where(x[:, 0] > 0.3, 1.0, -0.5) + np.sin(2 * x[:, 1]) + 0.5 * x[:, 2] ** 2
    score += np.where((x[:, 3] > 0) == (x[:, 4] > 0), 0.8, -0.8) + 0.3 * x[:, 5 : columns // 2].sum(axis=1)
    return x, score - 2.2 + rng.logistic(size=rows) > 0


def judged(model, x: np.ndarray, y: np.ndarray) -> str:
    """ROC AUC and log-loss on new rows."""
    chance = model.probability(x) if hasattr(model, "probability") else model.predict_proba(x)[:, 1]
    auc = tw.evaluate.roc_auc(y, np.asarray(chance))
    return f"AUC {auc:.4f}, log-loss {tw.evaluate.log_loss(y, np.asarray(chance)):.4f}"


def compare(title: str, fits, rows: int, columns: int, repetitions: int) -> str:
    """Time the fits in turn and judge what they learned on rows drawn anew."""
    x, y = data(rows, columns, 1)
    new_x, new_y = data(50_000, columns, 2)
    models = {}

    def fit(name):
        models[name] = fits[name](x, y)

    timings = take_turns({name: partial(fit, name) for name in fits}, repetitions)
    for name, timing in timings.items():
        timing.note = judged(models[name], new_x, new_y)
    return table(title, timings, "tierwise")


def additive(x, y, **settings):
    return tw.learn.Additive(**settings).fit(x, y, positive=True)


def ebm(x, y, **settings):
    from interpret.glassbox import ExplainableBoostingClassifier

    return ExplainableBoostingClassifier(n_jobs=-1, random_state=0, **settings).fit(x, y)


def lightgbm(x, y):
    from lightgbm import LGBMClassifier

    return LGBMClassifier(n_estimators=300, random_state=0, verbose=-1).fit(x, y)


def run(quick: bool) -> str:
    texts = ["## Boosted additive cards\n"]
    missing = [name for name in ("interpret", "lightgbm") if importlib.util.find_spec(name) is None]
    texts += [f"{name} is not installed, and left out.\n" for name in missing]
    rows, repetitions = (1_000, 1) if quick else (5_000, 3)
    for bags, pairs in ((BAGS, PAIRS), (BAGS, 0), (1, 0)):
        fits = {"tierwise": partial(additive, bags=bags, pairs=pairs)}
        if "interpret" not in missing:
            fits["EBM"] = partial(ebm, outer_bags=bags, interactions=pairs)
        title = f"{rows:,} by 20, {bags} bags, {pairs} pairs"
        texts.append(compare(title, fits, rows, 20, repetitions))
    rows = 20_000 if quick else 1_000_000
    fits = {"tierwise": partial(additive, bags=1, pairs=0)}
    if "lightgbm" not in missing:
        fits["LightGBM, 300 trees"] = lightgbm
    texts.append(compare(f"{rows:,} by 30, one bag, no pairs", fits, rows, 30, 1 if quick else 2))
    return "\n".join(texts)
