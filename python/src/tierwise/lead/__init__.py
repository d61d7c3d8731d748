"""Which prospect do we call first, and why?

A card gives a score, the score a raw grade, and unmet prerequisites correct the grade. Facts that are unknown stay
unknown: every result says how good and how bad it could still become.
"""

from tierwise.lead._card import Scorecard, supplier_prospects
from tierwise.lead._card_changes import Raises, ScoreChange, hold_bands
from tierwise.lead._ladder import Ladder, LadderCard, apply_overrides

__all__ = [
    "Ladder",
    "LadderCard",
    "Raises",
    "ScoreChange",
    "Scorecard",
    "apply_overrides",
    "hold_bands",
    "supplier_prospects",
]
