"""Which prospect do we call first, and why?

A card gives a score, the score a raw grade, and unmet prerequisites correct the grade. Facts that are unknown stay
unknown: every result says how good and how bad it could still become.
"""

from tierwise.lead._assignment import Assignment, assign
from tierwise.lead._card import Scorecard, supplier_prospects
from tierwise.lead._card_changes import Raises, ScoreChange, hold_bands
from tierwise.lead._class_history import ClassDwell, ClassHistory, ClassPyramid, PyramidRow, Transition, class_pyramid
from tierwise.lead._classes import MilestoneClasses, schiffman
from tierwise.lead._engagement import EventRules, FitEngagement
from tierwise.lead._forecast import (
    ForecastBacktest,
    SigningForecast,
    SigningWarning,
    forecast_backtest,
    signing_forecast,
    signing_warning,
)
from tierwise.lead._frequency import Frequency, FrequencyCounts, FrequencyModel, FrequencySignal, frequency_signal
from tierwise.lead._grade_rates import GradeCounts, GradePair, GradeRate, GradeRates, grade_rates
from tierwise.lead._ladder import Ladder, LadderCard, apply_overrides
from tierwise.lead._look_alike import LookAlike, LookAlikeModel
from tierwise.lead._pairwise import PairwiseWeights, pairwise_weights
from tierwise.lead._panel import (
    PanelRecommendation,
    PanelSurvey,
    card_with_weights,
    round_to_hundred,
)
from tierwise.lead._pool import ClaimAnswer, PoolRules
from tierwise.lead._weights import AnswerValue, CardFit, CardWeight, FittedCard, PathPoint, PointsScale, ScaledCard

__all__ = [
    "AnswerValue",
    "Assignment",
    "CardFit",
    "CardWeight",
    "ClaimAnswer",
    "ClassDwell",
    "ClassHistory",
    "ClassPyramid",
    "EventRules",
    "FitEngagement",
    "FittedCard",
    "ForecastBacktest",
    "Frequency",
    "FrequencyCounts",
    "FrequencyModel",
    "FrequencySignal",
    "GradeCounts",
    "GradePair",
    "GradeRate",
    "GradeRates",
    "Ladder",
    "LadderCard",
    "LookAlike",
    "LookAlikeModel",
    "MilestoneClasses",
    "PairwiseWeights",
    "PanelRecommendation",
    "PanelSurvey",
    "PathPoint",
    "PointsScale",
    "PoolRules",
    "PyramidRow",
    "Raises",
    "ScaledCard",
    "ScoreChange",
    "Scorecard",
    "SigningForecast",
    "SigningWarning",
    "Transition",
    "apply_overrides",
    "assign",
    "card_with_weights",
    "class_pyramid",
    "forecast_backtest",
    "frequency_signal",
    "grade_rates",
    "hold_bands",
    "pairwise_weights",
    "round_to_hundred",
    "schiffman",
    "signing_forecast",
    "signing_warning",
    "supplier_prospects",
]
