"""Lead scoring, customer value tiers, cross-sell propensity and churn risk.

A score is a sum of points, and every point has a reason. The families are submodules: :mod:`tierwise.lead`,
:mod:`tierwise.value`, :mod:`tierwise.cross_sell`, :mod:`tierwise.churn`, and :mod:`tierwise.learn` behind them;
:mod:`tierwise.evaluate` judges any score.
"""

from tierwise import churn, cross_sell, evaluate, exceptions, lead, learn, value
from tierwise._feature import Feature
from tierwise._models import from_json, load, rank, save, score

__version__ = "0.1.0"

__all__ = [
    "lead",
    "value",
    "cross_sell",
    "churn",
    "learn",
    "evaluate",
    "exceptions",
    "Feature",
    "score",
    "rank",
    "save",
    "load",
    "from_json",
]
