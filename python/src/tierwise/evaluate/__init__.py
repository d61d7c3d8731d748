"""Does a score work? Figures of ranking, probabilities, decisions and amounts, with weights and intervals.

Every function takes the outcome and the score of the same rows, each an array, a list or a series of any kind. The
outcome is yes or no: booleans, ones and zeros, or two labels of which ``positive`` names the one that is meant.
``positive`` may be left out for booleans and for ones and zeros only. Weights count customers: a row of weight 3 is
three equal rows; together they must lie between 1e-15 and 1e15. Rows go by position: the index of a pandas series does
not move a row, so align series of different indexes first. Unknown outcomes and scores are refused with their row.
"""

from tierwise.evaluate._bootstrap import BootstrapInterval, bootstrap
from tierwise.evaluate._calibration import (
    BrierParts,
    Estimate,
    HosmerLemeshow,
    Recalibration,
    Spiegelhalter,
    brier_parts,
    hosmer_lemeshow,
    recalibration,
    spiegelhalter,
)
from tierwise.evaluate._decisions import (
    BestCut,
    CapacityCut,
    Confusion,
    Payoff,
    best_cut,
    confusion,
    cut_for_capacity,
    decision_curve,
)
from tierwise.evaluate._numbers import (
    NumberFigures,
    bias,
    decile_table,
    mean_absolute_error,
    mean_absolute_percentage_error,
    median_absolute_error,
    number_figures,
    number_interval,
    pinball_loss,
    r_squared,
    root_mean_squared_error,
    spend_capture,
    weighted_absolute_percentage_error,
)
from tierwise.evaluate._probability import brier, calibration_error, calibration_table, log_loss
from tierwise.evaluate._ranking import (
    KolmogorovSmirnov,
    Ranking,
    average_precision,
    gini,
    kolmogorov_smirnov,
    lift_table,
)
from tierwise.evaluate._roc_auc import (
    RocAuc,
    RocAucComparison,
    compare_roc_auc,
    partial_roc_auc,
    roc_auc,
    roc_auc_interval,
)
from tierwise.evaluate._survival import Concordance, concordance, concordance_ipcw
from tierwise.evaluate._uplift import (
    auuc,
    qini,
    qini_curve,
    uplift_at,
    uplift_curve,
    uplift_heterogeneity,
    uplift_interval,
    uplift_table,
    weighted_average_uplift,
)
from tierwise.evaluate._uplift_ranking import UpliftArea, UpliftAt, UpliftHeterogeneity, UpliftRanking

__all__ = [
    "roc_auc",
    "roc_auc_interval",
    "compare_roc_auc",
    "gini",
    "kolmogorov_smirnov",
    "average_precision",
    "partial_roc_auc",
    "lift_table",
    "Ranking",
    "log_loss",
    "brier",
    "brier_parts",
    "calibration_table",
    "calibration_error",
    "recalibration",
    "hosmer_lemeshow",
    "spiegelhalter",
    "bootstrap",
    "confusion",
    "best_cut",
    "decision_curve",
    "cut_for_capacity",
    "number_figures",
    "mean_absolute_error",
    "median_absolute_error",
    "root_mean_squared_error",
    "bias",
    "mean_absolute_percentage_error",
    "weighted_absolute_percentage_error",
    "r_squared",
    "pinball_loss",
    "spend_capture",
    "decile_table",
    "number_interval",
    "concordance",
    "concordance_ipcw",
    "UpliftRanking",
    "qini",
    "auuc",
    "uplift_at",
    "qini_curve",
    "uplift_curve",
    "uplift_table",
    "weighted_average_uplift",
    "uplift_heterogeneity",
    "uplift_interval",
    "Payoff",
    "RocAuc",
    "RocAucComparison",
    "KolmogorovSmirnov",
    "BootstrapInterval",
    "BrierParts",
    "Estimate",
    "Recalibration",
    "HosmerLemeshow",
    "Spiegelhalter",
    "Confusion",
    "BestCut",
    "CapacityCut",
    "NumberFigures",
    "Concordance",
    "UpliftArea",
    "UpliftAt",
    "UpliftHeterogeneity",
]
