"""Which prospect do we call first, and why?

A card gives a score, the score a raw grade, and unmet prerequisites correct the grade. Facts that are unknown stay
unknown: every result says how good and how bad it could still become.
"""

from tierwise.lead._card import Scorecard, supplier_prospects
from tierwise.lead._class_history import (
    ClassDwell,
    ClassHistory,
    ClassPyramid,
    PyramidRow,
    Transition,
    class_pyramid,
)
from tierwise.lead._classes import MilestoneClasses, schiffman

__all__ = [
    "ClassDwell",
    "ClassHistory",
    "ClassPyramid",
    "MilestoneClasses",
    "PyramidRow",
    "Scorecard",
    "Transition",
    "class_pyramid",
    "schiffman",
    "supplier_prospects",
]
