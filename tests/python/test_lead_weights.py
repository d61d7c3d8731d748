"""Weights from outcomes and rates per grade, against independent implementations."""

from __future__ import annotations

import numpy as np
import tierwise as tw
from scipy import integrate, optimize, stats


def _card() -> tw.lead.Scorecard:
    def one(name: str, points: float) -> dict[str, object]:
        return {"name": name, "feature": name, "per_unit": {"points": points, "up_to": 10}}

    names = {"a": 3.0, "b": 2.0, "c": 1.0}
    features = [tw.Feature.number(name) for name in names]
    return tw.lead.Scorecard(name="c", features=features, characteristics=[one(*pair) for pair in names.items()])


def test_the_penalised_fit_is_what_a_bounded_optimiser_finds() -> None:
    random = np.random.default_rng(5)
    data = {name: random.uniform(0, 10, 300) for name in "abc"}
    x = np.column_stack([3 * data["a"], 2 * data["b"], data["c"]])
    won = random.uniform(size=300) < 1 / (1 + np.exp(2 - 0.06 * x[:, 0] - 0.05 * x[:, 1] + 0.2 * x[:, 2]))
    fitted = tw.lead.CardFit(_card(), strength=40.0).fit(data, won, positive=True)
    rate, spread, variance = won.mean(), x.sum(axis=1).std(), x.var(axis=0)

    def objective(u: np.ndarray) -> float:
        signed = np.where(won, 1, -1) * (u[0] + x @ u[2:])
        scale = u[1] * spread
        pull = 0.5 * 40 * rate * (1 - rate) * (variance * (u[2:] - u[1]) ** 2).sum()
        return float(np.logaddexp(0, -signed).sum() + pull + np.logaddexp(0, scale) - scale / 2)

    bounds = [(None, None), (0, None), (0, None), (0, None), (0, None)]
    found = optimize.minimize(
        objective, np.zeros(5), bounds=bounds, method="L-BFGS-B", options={"ftol": 1e-15, "gtol": 1e-9}
    )
    ours = np.array([fitted.intercept, fitted.scale, *[one.multiplier for one in fitted.weights()]])
    assert ours[4] == 0
    assert objective(ours) <= found.fun + 1e-9
    np.testing.assert_allclose(ours, found.x, atol=2e-4)


def test_pairs_of_grades_against_quadrature_and_fisher() -> None:
    grades = ["A"] * 40 + ["B"] * 90
    won = [1] * 15 + [0] * 25 + [1] * 22 + [0] * 68
    pair = tw.lead.grade_rates(grades, won, positive=1, order=["A", "B"]).pairs[0]
    a, b = stats.beta(15.5, 25.5), stats.beta(22.5, 68.5)
    expected = integrate.quad(lambda x: a.pdf(x) * b.cdf(x), 0, 1, epsabs=1e-12)[0]
    assert abs(pair.probability - expected) < 1e-9
    assert abs(pair.p_value - stats.fisher_exact([[15, 25], [22, 68]], alternative="greater").pvalue) < 1e-12
