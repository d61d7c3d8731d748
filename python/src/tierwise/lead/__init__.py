"""Which prospect do we call first, and why?

A card gives a score, the score a raw grade, and unmet prerequisites correct the grade. Facts that are unknown stay
unknown: every result says how good and how bad it could still become.
"""

from tierwise.lead._card import Scorecard, supplier_prospects
from tierwise.lead._card_changes import Raises, ScoreChange, hold_bands
from tierwise.lead._ladder import Ladder, LadderCard, apply_overrides
from tierwise.lead._look_alike import LookAlike, LookAlikeModel
from tierwise.lead._panel import (
    PairwiseWeights,
    PanelRecommendation,
    PanelSurvey,
    card_with_weights,
    pairwise_weights,
    round_to_hundred,
)

__all__ = [
    "Ladder",
    "LadderCard",
    "LookAlike",
    "LookAlikeModel",
    "PairwiseWeights",
    "PanelRecommendation",
    "PanelSurvey",
    "Raises",
    "ScoreChange",
    "Scorecard",
    "apply_overrides",
    "card_with_weights",
    "hold_bands",
    "pairwise_weights",
    "round_to_hundred",
    "supplier_prospects",
]
