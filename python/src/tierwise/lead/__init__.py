"""Which prospect do we call first, and why?

A card gives a score, the score a raw grade, and unmet prerequisites correct the grade. Facts that are unknown stay
unknown: every result says how good and how bad it could still become.
"""

from tierwise.lead._assignment import Assignment, assign
from tierwise.lead._card import Scorecard, supplier_prospects
from tierwise.lead._pool import ClaimAnswer, PoolRules

__all__ = ["Assignment", "ClaimAnswer", "PoolRules", "Scorecard", "assign", "supplier_prospects"]
