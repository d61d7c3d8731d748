"""A pytest plugin: puts our isotonic calibration in the place of scikit-learn's isotonic regression.

``pytest -p shadow_isotonic --pyargs sklearn.tests.test_isotonic`` runs scikit-learn's own tests. Ours learns a rate
from yes and no: a number between the least and the greatest is given to it as so much yes and so much no, which has
the same solution. Calls that do not mean this go through to scikit-learn.
"""

import json
import os
from collections import Counter

import numpy as np
import pytest
import sklearn.isotonic as peer
import tierwise as tw

COUNTS = Counter()
# The tests that must fail, with the reason.
EXCEPTIONS = {"test_isotonic_sample_weight": "wants 13.95 to the last bit; as a share and back again it is 2e-15 off"}
ORIGINAL = peer.isotonic_regression


def isotonic_regression(y, *, sample_weight=None, y_min=None, y_max=None, increasing=True):
    numbers = np.asarray(y)
    weights = np.ones(len(numbers)) if sample_weight is None else np.asarray(sample_weight, float)
    reason = None
    if numbers.dtype.kind == "f" and numbers.dtype.itemsize != 8:
        reason = "numbers of another precision, which is kept"
    elif not np.isfinite(numbers).all() or np.ptp(numbers) == 0:
        reason = "numbers that are all equal or not finite"
    elif weights.shape != numbers.shape or (weights < 0).any() or not weights.any():
        reason = "weights that we refuse"
    COUNTS[f"isotonic_regression through: {reason}" if reason else "isotonic_regression ours"] += 1
    if reason:
        return ORIGINAL(y, sample_weight=sample_weight, y_min=y_min, y_max=y_max, increasing=increasing)
    least, span = float(numbers.min()), float(np.ptp(numbers))
    share = (numbers - least) / span
    place = np.arange(len(numbers), dtype=float) * (1 if increasing else -1)
    outcome = np.repeat([True, False], len(numbers))
    both = np.concatenate([weights * share, weights * (1 - share)])
    learned = tw.learn.calibrate(np.tile(place, 2), outcome, positive=True, method="isotonic", weights=both)
    found = least + span * learned.probability(place)
    return np.clip(found, y_min, y_max) if y_min is not None or y_max is not None else found


peer.isotonic_regression = isotonic_regression


def pytest_collection_modifyitems(items):
    for item in items:
        if item.name in EXCEPTIONS:
            item.add_marker(pytest.mark.xfail(reason=EXCEPTIONS[item.name], strict=True))


def pytest_sessionfinish():
    with open(os.environ["SHADOW_COUNTS"], "w") as file:
        json.dump(COUNTS, file)
