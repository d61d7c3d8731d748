"""How points are learned from outcomes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tierwise._additive import Additive, AdditiveModel, AdditiveNumberModel, HeldOut, NumberReport
from tierwise._binning import Binning, Binnings, bin_feature, bin_features
from tierwise._calibration import (
    BaseRateEstimate,
    CalibratedModel,
    Calibration,
    calibrate,
    estimate_base_rate,
    prior_shift,
    shift_probabilities,
)
from tierwise._choice import Choice, choose
from tierwise._data_checks import Finding, check_data
from tierwise._evidence import FeatureFate, WeightOfEvidence, WeightOfEvidenceModel
from tierwise._learning import Coefficient, FitReport, FittedLogistic, Learner
from tierwise._parameters import real, whole, yes_no
from tierwise._quantile_sketch import QuantileSketch
from tierwise._splitting import grouped_folds, out_of_fold, stratified_folds, time_folds, time_split, train_test_split

__all__ = [
    "Additive",
    "AdditiveModel",
    "AdditiveNumberModel",
    "BaseRateEstimate",
    "Binning",
    "Binnings",
    "CalibratedModel",
    "Calibration",
    "Choice",
    "Coefficient",
    "FeatureFate",
    "Finding",
    "FitReport",
    "HeldOut",
    "Logistic",
    "LogisticModel",
    "NumberReport",
    "QuantileSketch",
    "WeightOfEvidence",
    "WeightOfEvidenceModel",
    "bin_feature",
    "bin_features",
    "calibrate",
    "check_data",
    "choose",
    "estimate_base_rate",
    "grouped_folds",
    "out_of_fold",
    "prior_shift",
    "shift_probabilities",
    "stratified_folds",
    "time_folds",
    "time_split",
    "train_test_split",
]


class LogisticModel(FittedLogistic):
    """A fitted logistic model; made by :meth:`Logistic.fit`."""

    _kind = "logistic"


@dataclass(frozen=True, kw_only=True)
class Logistic(Learner[LogisticModel]):
    """Penalised logistic regression with standard errors.

    Minimises ``sum(weight * log_loss) + alpha / 2 * sum(coefficient ** 2)`` with the intercept free: ``alpha`` is
    scikit-learn's ``1 / C``. A category has one coefficient per level, or, without penalty, one for each
    but the first.

    Parameters
    ----------
    alpha : float
        Strength of the penalty, 0 or more.
    standardize : bool
        Whether the penalty is on coefficients per standard deviation instead of per unit. The coefficients reported are
        per unit either way.
    max_iterations : int
        The most Newton steps.
    tolerance : float, optional
        How near the optimum a fit counts as converged, in standard errors.
    confidence : float
        Of the intervals, between 0 and 1.
    standard_errors : bool
        Whether to compute them.

    Examples
    --------
    >>> import tierwise as tw
    >>> leads, result = {"visits": [0, 1, 2, 3, 4, 5]}, ["lost", "lost", "won", "lost", "won", "won"]
    >>> model = tw.learn.Logistic(alpha=1.0).fit(leads, result, positive="won")
    >>> model.report.converged, model.coefficients[0].name
    (True, 'visits')
    >>> model.probability({"visits": [0, 5]}).round(3)
    array([0.128, 0.872])
    """

    _purpose = "learn"
    _model_class = LogisticModel

    alpha: float = 1.0
    standardize: bool = False
    max_iterations: int = 100
    tolerance: float | None = None
    confidence: float = 0.95
    standard_errors: bool = True

    def _spec(self) -> dict[str, Any]:
        spec = {
            "alpha": real("Logistic", "alpha", self.alpha),
            "standardize": yes_no("Logistic", "standardize", self.standardize),
            "max_iterations": whole("Logistic", "max_iterations", self.max_iterations, 1, 1_000_000),
            "confidence": real("Logistic", "confidence", self.confidence),
            "standard_errors": yes_no("Logistic", "standard_errors", self.standard_errors),
        }
        if self.tolerance is not None:
            spec["tolerance"] = real("Logistic", "tolerance", self.tolerance)
        return {"logistic": spec}
