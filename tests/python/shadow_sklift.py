"""A pytest plugin: puts our figures in the place of scikit-uplift's, so that its own tests become ours.

``pytest -p shadow_sklift --pyargs sklift.tests.test_metrics`` runs them. Calls that mean something to us (an outcome
and a treatment of two kinds each) are answered by ``tierwise.evaluate``; those that scikit-uplift refuses go through
to it. How many of either is written to the file that ``SHADOW_COUNTS`` names.
"""

import inspect
import json
import os
from collections import Counter

import numpy as np
import sklift.metrics as package
import sklift.metrics.metrics as peer
from tierwise import evaluate

COUNTS = Counter()


class NotOursError(Exception):
    """The call is one that scikit-uplift refuses in words of its own, or that asks for something else."""


def shadows(name):
    """Register a function under the name of the one whose place it takes, inside scikit-uplift too."""
    original = getattr(peer, name)

    def register(ours):
        def answer(*arguments, **settings):
            # What scikit-uplift refuses is its own to refuse; whatever else fails in ours is a failure.
            try:
                check_call(ours, arguments, settings)
                result = ours(*arguments, **settings)
            except NotOursError as reason:
                COUNTS[f"{name} through: {reason}"] += 1
                return original(*arguments, **settings)
            COUNTS[f"{name} ours"] += 1
            return result

        setattr(peer, name, answer)
        setattr(package, name, answer)
        return answer

    return register


def check_call(ours, arguments, settings):
    try:
        inspect.signature(ours).bind(*arguments, **settings)
    except TypeError as reason:
        raise NotOursError("arguments that it does not have") from reason


def trial(outcome, uplift, treatment):
    if not len(outcome) == len(uplift) == len(treatment):
        raise NotOursError("columns of different lengths")
    outcome, treatment = np.asarray(outcome, float), np.asarray(treatment, float)
    if set(np.unique(outcome)) != {0, 1} or set(np.unique(treatment)) != {0, 1}:
        raise NotOursError("not two outcomes and two arms")
    return evaluate.UpliftRanking(outcome, uplift, treatment)


def points(curve):
    return curve["customers"], curve["gain"]


@shadows("uplift_curve")
def uplift_curve(y_true, uplift, treatment):
    return points(trial(y_true, uplift, treatment).uplift_curve())


@shadows("qini_curve")
def qini_curve(y_true, uplift, treatment):
    return points(trial(y_true, uplift, treatment).qini_curve())


@shadows("uplift_auc_score")
def uplift_auc_score(y_true, uplift, treatment):
    return trial(y_true, uplift, treatment).auuc("perfect").value


@shadows("qini_auc_score")
def qini_auc_score(y_true, uplift, treatment, negative_effect=True):
    if not isinstance(negative_effect, bool):
        raise NotOursError("a flag that is none")
    return trial(y_true, uplift, treatment).qini("perfect" if negative_effect else "perfect_without_harm").value


@shadows("uplift_at_k")
def uplift_at_k(y_true, uplift, treatment, strategy, k=0.3):
    if strategy not in ("overall", "by_group") or isinstance(k, str):
        raise NotOursError("a strategy or a share that both refuse")
    if strategy == "by_group" and not isinstance(k, float):
        raise NotOursError("so many of each arm, not a share of it")
    share = k if isinstance(k, float) else k / len(y_true)
    if not 0 < share < 1:
        raise NotOursError("a share outside 0 and 1")
    places = "overall" if strategy == "overall" else "arm"
    return trial(y_true, uplift, treatment).uplift_at(share, places=places).uplift


@shadows("weighted_average_uplift")
def weighted_average_uplift(y_true, uplift, treatment, strategy="overall", bins=10):
    places = places_of(strategy, bins, len(y_true))
    return trial(y_true, uplift, treatment).weighted_average_uplift(bins, places=places)


@shadows("response_rate_by_percentile")
def response_rate_by_percentile(y_true, uplift, treatment, group, strategy="overall", bins=10):
    if group not in ("treatment", "control"):
        raise NotOursError("an arm that does not exist")
    places = places_of(strategy, bins, len(y_true))
    table = trial(y_true, uplift, treatment).uplift_table(bins, places=places)
    arm = "treated" if group == "treatment" else "control"
    rate, size = table[f"{arm}_mean"], table[arm]
    return rate, rate * (1 - rate) / size, size


def places_of(strategy, bins, rows):
    if strategy not in ("overall", "by_group") or not isinstance(bins, int) or not 0 < bins < rows:
        raise NotOursError("a strategy or bins that both refuse")
    if rows % bins:
        raise NotOursError("bins of different sizes")
    return "overall" if strategy == "overall" else "arm"


def pytest_sessionfinish():
    with open(os.environ["SHADOW_COUNTS"], "w") as file:
        json.dump(COUNTS, file)
