"""The logistic fit on dense tables, against scikit-learn's two fast solvers at their own tolerance."""

import warnings

import numpy as np
import pyarrow as pa
import tierwise as tw
from side_by_side import table, take_turns
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

ALPHA = 1.0


def data(rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw correlated columns and an outcome at a base rate of about a quarter."""
    rng = np.random.default_rng(rows + columns)
    x = rng.normal(size=(rows, columns)) + 0.5 * rng.normal(size=(rows, 1))
    weights = rng.normal(size=columns) / np.sqrt(columns)
    return x, (x @ weights - 1.3 + rng.logistic(size=rows) > 0).astype(np.int64)


def objective(x: np.ndarray, y: np.ndarray, intercept: float, coefficients: np.ndarray) -> float:
    """Sum up the loss and the penalty, the same for everyone, in 64-bit numpy."""
    margin = x @ coefficients + intercept
    return float(np.sum(np.logaddexp(0.0, margin) - y * margin) + 0.5 * ALPHA * coefficients @ coefficients)


def run(quick: bool) -> str:
    shapes = [(5_000, 10), (2_000, 5)] if quick else [(500_000, 50), (100_000, 20)]
    texts = ["## Logistic fit: dense, alpha = 1 (C = 1)\n"]
    for rows, columns in shapes:
        x, y = data(rows, columns)
        fortran = np.asfortranarray(x)
        arrow = pa.table({f"x{index}": fortran[:, index] for index in range(columns)})
        labels = pa.array(y)
        fits: dict[str, tuple[float, np.ndarray]] = {}

        def ours(name, arrow=arrow, labels=labels, fits=fits, **settings):
            model = tw.learn.Logistic(alpha=ALPHA, **settings).fit(arrow, labels, positive=1)
            fits[name] = model.intercept.estimate, np.array([one.estimate for one in model.coefficients])

        def theirs(name, solver, x=x, y=y, fits=fits):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ConvergenceWarning)
                model = LogisticRegression(C=1 / ALPHA, solver=solver).fit(x, y)
            fits[name] = float(model.intercept_[0]), model.coef_[0]

        candidates = {
            "tierwise with standard errors": lambda: ours("tierwise with standard errors"),
            "tierwise without": lambda: ours("tierwise without", standard_errors=False),
            "scikit-learn lbfgs": lambda: theirs("scikit-learn lbfgs", "lbfgs"),
            "scikit-learn newton-cholesky": lambda: theirs("scikit-learn newton-cholesky", "newton-cholesky"),
        }
        timings = take_turns(candidates, 3 if quick else 7)
        found = {name: objective(x, y, *fits[name]) for name in candidates}
        best = min(found.values())
        for name, timing in timings.items():
            timing.note = f"objective {found[name]:.6f}, above the least by {found[name] - best:.1e}"
        for name in ["tierwise with standard errors", "tierwise without"]:
            assert found[name] - best <= 1e-10 * best, (name, found)
            assert np.allclose(fits[name][1], fits["scikit-learn newton-cholesky"][1], rtol=1e-2, atol=1e-3)
        faster = min(["scikit-learn lbfgs", "scikit-learn newton-cholesky"], key=lambda name: timings[name].median)
        texts.append(table(f"{rows:,} by {columns}", timings, faster))
    return "\n".join(texts)
