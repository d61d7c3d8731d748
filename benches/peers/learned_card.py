"""Scoring a card as learners make them, against predict_proba of LightGBM and of an explainable boosting machine.

The card has 30 questions of 200 steps each, and in a second case 30 pairs of 32 by 32 cells besides. Its points are
drawn: speed does not hang on them. The peers are fitted to a sample: LightGBM 100 trees of 31 leaves; the boosting
machine as many bins and pairs as the card, and few rounds, which its prediction does not notice. Each gets the table in
the layout that it reads fastest. A peer that is not installed is left out, and the bench says so.
"""

import importlib.util
import itertools
import warnings

import numpy as np
import tierwise as tw
from side_by_side import table, take_turns

COLUMNS = 30
STEPS = 200
CELLS = 32
SAMPLE = 50_000
PEERS = {"LightGBM": "lightgbm", "EBM": "interpret"}


def data(rows: int) -> np.ndarray:
    """Draw numbers: a third bell-shaped, a third with a long tail, a third rounded to two digits."""
    rng = np.random.default_rng(5)
    x = np.asfortranarray(rng.normal(size=(COLUMNS, rows)).T)
    x[:, 1::3] = np.exp(2 * x[:, 1::3])
    x[:, 2::3] = np.round(x[:, 2::3], 2)
    return x


def outcomes(x: np.ndarray) -> np.ndarray:
    """Draw outcomes that hang on all columns and on their neighbours."""
    rng = np.random.default_rng(6)
    ranks = x.argsort(axis=0).argsort(axis=0) / len(x) - 0.5
    score = (ranks * rng.normal(size=COLUMNS)).sum(axis=1) + 4 * (ranks[:, 1:] * ranks[:, :-1]).sum(axis=1)
    return (score + rng.logistic(size=len(x)) > 0).astype(np.int64)


def steps_between(cuts: np.ndarray) -> list[dict]:
    """Write the ranges between cuts as conditions."""
    edges = [None, *cuts.tolist(), None]
    ends = [(("from", a), ("below", b)) for a, b in itertools.pairwise(edges)]
    return [{"range": {key: edge for key, edge in both if edge is not None}} for both in ends]


def card(sample: np.ndarray, pairs: int) -> tw.lead.Scorecard:
    """Cut every column at its quantiles and draw the points; pairs are of neighbouring columns."""
    rng = np.random.default_rng(7)
    names = [f"x{index}" for index in range(COLUMNS)]

    def steps(index: int, count: int) -> list[dict]:
        return steps_between(np.unique(np.quantile(sample[:, index], np.arange(1, count) / count)))

    def question(index: int) -> dict:
        answers = [{"when": when, "points": rng.normal()} for when in steps(index, STEPS)]
        return {"name": names[index], "feature": names[index], "attributes": answers}

    def pair(first: int) -> dict:
        second = (first + 1) % COLUMNS
        rows, columns = steps(first, CELLS), steps(second, CELLS)
        points = rng.normal(size=(len(rows), len(columns))) / 5
        features = [names[first], names[second]]
        return {"name": " and ".join(features), "features": features} | {
            "rows": rows,
            "columns": columns,
            "points": points.tolist(),
        }

    return tw.lead.Scorecard(
        name="learned",
        features=[tw.Feature.number(name) for name in names],
        characteristics=[question(index) for index in range(COLUMNS)],
        pairs=[pair(index) for index in range(pairs)],
    )


def lightgbm(x: np.ndarray, y: np.ndarray):
    import lightgbm

    model = lightgbm.LGBMClassifier(n_estimators=100, num_leaves=31, verbose=-1).fit(x, y)
    return lambda rows: model.booster_.predict(rows)


def boosting_machine(x: np.ndarray, y: np.ndarray, pairs: int):
    from interpret.glassbox import ExplainableBoostingClassifier

    neighbours = [(index, (index + 1) % COLUMNS) for index in range(pairs)]
    settings = {"max_bins": STEPS, "max_interaction_bins": CELLS, "outer_bags": 1, "max_rounds": 20}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = ExplainableBoostingClassifier(interactions=neighbours, **settings).fit(x, y)
    return model.predict_proba


def run(quick: bool) -> str:
    """Time all that are installed."""
    absent = [name for name, module in PEERS.items() if importlib.util.find_spec(module) is None]
    rows, repetitions = (20_000, 1) if quick else (2_000_000, 5)
    x = data(rows)
    by_row = np.ascontiguousarray(x)
    by_name = {f"x{index}": x[:, index] for index in range(COLUMNS)}
    sample = x[: SAMPLE // 10 if quick else SAMPLE]
    y = outcomes(sample)
    texts = [f"## A learned card: probabilities of {rows:,} records, {COLUMNS} columns, {STEPS} steps each\n"]
    texts += [f"{name} is not installed and is left out.\n" for name in absent]
    trees = None if "LightGBM" in absent else lightgbm(sample, y)
    for pairs in (0, COLUMNS):
        ours = card(sample, pairs)
        candidates = {"tierwise": lambda ours=ours: 1 / (1 + np.exp(-ours.score(by_name)))}
        if trees is not None:
            candidates["LightGBM"] = lambda: trees(by_row)
        if "EBM" not in absent:
            machine = boosting_machine(sample, y, pairs)
            candidates["EBM"] = lambda machine=machine: machine(x)
        title = f"{pairs} pairs of {CELLS} by {CELLS} cells" if pairs else "no pairs"
        texts.append(table(title, take_turns(candidates, repetitions), "tierwise"))
    return "\n".join(texts)
