"""Which prospect do we call first, and why?

A card gives a score, the score a raw grade, and unmet prerequisites correct the grade. Facts that are unknown stay
unknown: every result says how good and how bad it could still become.
"""

from tierwise.lead._card import Scorecard, supplier_prospects
from tierwise.lead._frequency import Frequency, FrequencyCounts, FrequencyModel, FrequencySignal, frequency_signal

__all__ = [
    "Frequency",
    "FrequencyCounts",
    "FrequencyModel",
    "FrequencySignal",
    "Scorecard",
    "frequency_signal",
    "supplier_prospects",
]
