"""A pytest plugin: puts our figures in the place of scikit-learn's, so that its own tests become ours.

``pytest -p shadow_sklearn --pyargs sklearn.metrics.tests.test_ranking`` runs them. Calls whose meaning is ours (two
classes, one finite score per row) are answered by ``tierwise.evaluate``; all others go through to scikit-learn, each
counted under the reason. The counts are written to the file that ``SHADOW_COUNTS`` names.
"""

import inspect
import json
import os
from collections import Counter

import numpy as np
import sklearn.metrics as peer
from tierwise import evaluate

COUNTS = Counter()
ORIGINALS = {}


class NotOursError(Exception):
    """The call means something that tierwise has no function for, or refuses where scikit-learn warns."""


def two_classes(outcome, score, weights, positive=None):
    """Read a call as outcome, score, weights and positive label; or say why it is none of ours."""
    outcome, score = np.asarray(outcome), np.asarray(score)
    if outcome.ndim != 1 or score.ndim != 1 or outcome.shape != score.shape or not len(outcome):
        raise NotOursError("several scores per row, or a wrong shape")
    if score.dtype.kind not in "biuf" or not np.isfinite(score).all():
        raise NotOursError("scores that are not finite, which scikit-learn refuses and we rank")
    if outcome.dtype.kind == "f" and not np.isfinite(outcome).all():
        raise NotOursError("unknown outcomes")
    weighed = np.ones(len(outcome)) if weights is None else np.asarray(weights, float)
    if weighed.shape != outcome.shape or not np.isfinite(weighed).all() or (weighed < 0).any():
        raise NotOursError("weights that we refuse")
    labels = np.unique(outcome)
    if len(labels) != 2 or len(np.unique(outcome[weighed > 0])) != 2:
        raise NotOursError("one class only, where scikit-learn warns and we refuse; or more than two")
    if positive is None and not set(labels.tolist()) <= {-1, 0, 1}:
        raise NotOursError("no positive label, which scikit-learn refuses too")
    positive = labels[1] if positive is None else positive
    if positive not in labels:
        raise NotOursError("a positive label that does not occur")
    return outcome, score, {"positive": positive, "weights": weights}


def takes(ours, arguments, settings):
    try:
        return inspect.signature(ours).bind(*arguments, **settings)
    except TypeError:
        raise NotOursError("settings for several classes, or others that we do not have") from None


def shadows(name):
    """Register a function under the name of the one whose place it takes."""

    def register(ours):
        original = ORIGINALS[name] = getattr(peer, name)

        def answer(*arguments, **settings):
            try:
                known = takes(ours, arguments, settings)
                result = ours(*known.args, **known.kwargs)
            except NotOursError as reason:
                COUNTS[f"{name} through: {reason}"] += 1
                return original(*arguments, **settings)
            COUNTS[f"{name} ours"] += 1
            return result

        setattr(peer, name, answer)
        return answer

    return register


@shadows("roc_auc_score")
def roc_auc_score(y_true, y_score, *, average="macro", sample_weight=None, max_fpr=None):
    largest = np.unique(np.asarray(y_true))[-1:].tolist()
    outcome, score, given = two_classes(y_true, y_score, sample_weight, *largest)
    if max_fpr is None or not 0 < max_fpr <= 1:
        if max_fpr is not None:
            raise NotOursError("a rate that both refuse")
        return evaluate.roc_auc(outcome, score, **given)
    return evaluate.partial_roc_auc(outcome, score, max_fpr, **given)


@shadows("roc_curve")
def roc_curve(y_true, y_score, *, pos_label=None, sample_weight=None, drop_intermediate=True):
    outcome, score, given = two_classes(y_true, y_score, sample_weight, pos_label)
    curve = evaluate.Ranking(outcome, score, **given).roc_curve(drop_intermediate=drop_intermediate)
    return curve["false_positive_rate"], curve["true_positive_rate"], curve["cut"]


@shadows("average_precision_score")
def average_precision_score(y_true, y_score, *, average="macro", pos_label=1, sample_weight=None):
    outcome, score, given = two_classes(y_true, y_score, sample_weight, pos_label)
    return evaluate.average_precision(outcome, score, **given)


@shadows("precision_recall_curve")
def precision_recall_curve(y_true, y_score, *, pos_label=None, sample_weight=None, drop_intermediate=False):
    if drop_intermediate:
        raise NotOursError("a curve without the points between corners")
    outcome, score, given = two_classes(y_true, y_score, sample_weight, pos_label)
    curve = evaluate.Ranking(outcome, score, **given).precision_recall_curve()
    ends = {"precision": 1.0, "recall": 0.0}
    precision, recall = (np.append(curve[name][::-1], end) for name, end in ends.items())
    return precision, recall, curve["cut"][::-1]


@shadows("brier_score_loss")
def brier_score_loss(y_true, y_proba, *, sample_weight=None, pos_label=None):
    outcome, score, given = two_classes(y_true, y_proba, sample_weight, pos_label)
    return evaluate.brier(outcome, within(score), **given)


@shadows("log_loss")
def log_loss(y_true, y_proba, *, normalize=True, sample_weight=None):
    largest = np.unique(np.asarray(y_true))[-1:].tolist()
    outcome, score, given = two_classes(y_true, y_proba, sample_weight, *largest)
    if score.dtype.kind != "f":
        raise NotOursError("probabilities that are whole numbers, for which scikit-learn chooses how to clip")
    loss = evaluate.log_loss(outcome, within(score), clip=float(np.finfo(score.dtype).eps), **given)
    return loss if normalize else loss * (len(score) if sample_weight is None else np.sum(sample_weight))


def within(probability):
    if (probability < 0).any() or (probability > 1).any():
        raise NotOursError("probabilities outside 0 to 1, which both refuse")
    return probability


def pytest_sessionfinish():
    with open(os.environ["SHADOW_COUNTS"], "w") as file:
        json.dump(COUNTS, file)
