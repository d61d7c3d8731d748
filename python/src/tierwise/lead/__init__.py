"""Which prospect do we call first, and why?

A card gives a score, the score a raw grade, and unmet prerequisites correct the grade. Facts that are unknown stay
unknown: every result says how good and how bad it could still become.
"""

from tierwise.lead._card import Scorecard, supplier_prospects
from tierwise.lead._grade_rates import GradeCounts, GradePair, GradeRate, GradeRates, grade_rates
from tierwise.lead._weights import (
    AnswerValue,
    CardFit,
    CardWeight,
    FittedCard,
    PathPoint,
    PointsScale,
    ScaledCard,
)

__all__ = [
    "AnswerValue",
    "CardFit",
    "CardWeight",
    "FittedCard",
    "GradeCounts",
    "GradePair",
    "GradeRate",
    "GradeRates",
    "PathPoint",
    "PointsScale",
    "ScaledCard",
    "Scorecard",
    "grade_rates",
    "supplier_prospects",
]
