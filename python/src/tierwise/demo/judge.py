"""How well probabilities do on customers a model has not seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Judgement:
    """The figures of one model on one test set."""

    happened: npt.NDArray[np.bool_]
    probability: Floats
    roc_auc: float
    log_loss: float
    lift_of_top_tenth: float

    @property
    def base_rate(self) -> float:
        """The share of customers with whom it happened."""
        return float(self.happened.mean())

    def captured(self) -> tuple[Floats, Floats]:
        """Give the share of customers called, best first, and the share of all events among them."""
        order = np.argsort(-self.probability, kind="stable")
        events = np.concatenate([[0.0], np.cumsum(self.happened[order])])
        return np.linspace(0, 1, events.size), events / events[-1]

    def calibration(self, groups: int = 8) -> tuple[Floats, Floats, Floats, Floats]:
        """Give, per group of equal size by probability: mean probability, rate, and a 95 % interval (Wilson)."""
        parts = np.array_split(np.argsort(self.probability, kind="stable"), groups)
        said = np.array([self.probability[part].mean() for part in parts])
        rate = np.array([self.happened[part].mean() for part in parts])
        size = np.array([part.size for part in parts], dtype=np.float64)
        z2 = 1.959964**2
        center = (rate + z2 / (2 * size)) / (1 + z2 / size)
        half = np.sqrt(z2 * (rate * (1 - rate) / size + z2 / (4 * size**2))) / (1 + z2 / size)
        return said, rate, center - half, center + half


def judge(happened: Any, probability: Any) -> Judgement:
    """Judge probabilities against what happened."""
    happened = np.asarray(happened, dtype=bool)
    probability = np.asarray(probability, dtype=np.float64)
    top = np.argsort(-probability, kind="stable")[: happened.size // 10]
    clipped = np.clip(probability, 1e-15, 1 - 1e-15)
    return Judgement(
        happened=happened,
        probability=probability,
        roc_auc=_roc_auc(happened, probability),
        log_loss=float(-np.mean(np.where(happened, np.log(clipped), np.log1p(-clipped)))),
        lift_of_top_tenth=float(happened[top].mean() / happened.mean()),
    )


def _roc_auc(happened: npt.NDArray[np.bool_], score: Floats) -> float:
    """Compute the area under the ROC curve from mid-ranks (Mann and Whitney 1947)."""
    _, place, count = np.unique(score, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(count) - (count - 1) / 2)[place]
    positives = int(happened.sum())
    return float((ranks[happened].sum() - positives * (positives + 1) / 2) / (positives * (happened.size - positives)))
