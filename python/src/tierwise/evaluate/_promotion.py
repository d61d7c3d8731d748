"""May the new score replace the old one?"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from tierwise._frames import numbers, positions
from tierwise._parameters import invalid_parameter, real, texts, yes_no
from tierwise._tierwise import promotion as _promotion
from tierwise.evaluate._given import outcome_of, scores_of


@dataclass(frozen=True)
class StandardPolicy:
    """The challenger is promoted if it is better, or no worse and better calibrated, and no check failed.

    The margins are inferred: set them to what a change of model costs you.

    Parameters
    ----------
    better_by : float
        It ranks better if the interval of the difference in ROC AUC lies above this.
    not_worse_by : float
        It ranks not worse if that interval lies above minus this. Then it is promoted where its log-loss is lower
        beyond noise.
    slope_low, slope_high : float
        What the challenger's calibration slope must lie between.
    share : float
        How much of the list is its top.
    capacity : float, optional
        So many customers instead: "we can call 800".
    confidence : float
        Of the intervals, and how certain a wrong order of grades must be to count.
    least : float
        Fewer events, or fewer others, are not enough data (Collins, Ogundimu & Altman 2016).
    widest : float
        Where the ranking is undecided and the interval of the difference in ROC AUC is wider, there is not enough data.

    Examples
    --------
    >>> import tierwise as tw
    >>> tw.evaluate.StandardPolicy(capacity=800).not_worse_by
    0.01
    """

    better_by: float = 0.0
    not_worse_by: float = 0.01
    slope_low: float = 0.8
    slope_high: float = 1.25
    share: float = 0.1
    capacity: float | None = None
    confidence: float = 0.95
    least: float = 100.0
    widest: float = 0.1

    def _json(self) -> str:
        given = asdict(self)
        capacity, share = given.pop("capacity"), given.pop("share")
        rules: dict[str, Any] = {name: real("StandardPolicy", name, value) for name, value in given.items()}
        if capacity is None:
            rules["top"] = {"share": real("StandardPolicy", "share", share)}
        else:
            rules["top"] = {"capacity": real("StandardPolicy", "capacity", capacity)}
        return json.dumps({"standard": rules})


@dataclass(frozen=True)
class DynamicsPolicy:
    """The rule of Dynamics 365 Sales: accurate enough beside the champion, or the champion is too old.

    So a challenger may take over although it is a little worse. What accuracy is measured at is inferred: the share of
    rows that are right at the cut with the greatest F1, which each score has for itself.

    Parameters
    ----------
    ratio : float
        The least accuracy, as a share of the champion's.
    oldest_months : float
        The age above which the champion goes in any case.
    least : float
        Fewer events, or fewer others, are not enough data.
    confidence : float
        Of the ratio's interval, which the rule does not use.

    Examples
    --------
    >>> import tierwise as tw
    >>> tw.evaluate.DynamicsPolicy().ratio
    0.95
    """

    ratio: float = 0.95
    oldest_months: float = 3.0
    least: float = 40.0
    confidence: float = 0.95

    def _json(self) -> str:
        return json.dumps({"dynamics": {name: real("DynamicsPolicy", name, v) for name, v in asdict(self).items()}})


@dataclass(frozen=True)
class PromotionCheck:
    """One check: its figure, the interval where it has one, how it came out, and what that says."""

    name: str
    value: float | None
    low: float | None
    high: float | None
    state: Literal["passed", "failed", "not_enough"]
    sentence: str


@dataclass(frozen=True)
class Promotion:
    """Whether a challenger takes over, and why; made by :func:`promotion`.

    ``checks`` are by name. ``rows_needed`` says how many customers would be enough, where these are not and it can be
    said.
    """

    verdict: Literal["promote", "keep", "not_enough_data"]
    reason: str
    rows_needed: float | None
    checks: dict[str, PromotionCheck] = field(repr=False)


def promotion(
    outcome: Any,
    champion: Any,
    challenger: Any,
    *,
    positive: Any = None,
    weights: Any = None,
    probabilities: bool = False,
    grade: Any = None,
    grades: Sequence[str] | None = None,
    reference: Any = None,
    reference_weights: Any = None,
    age_months: float | None = None,
    policy: StandardPolicy | DynamicsPolicy | None = None,
) -> Promotion:
    """Say whether a challenger may replace the champion: promote, keep, or not enough data, with reasons.

    Checks of the standard policy: ``rows``; ``ranking`` (difference in ROC AUC, DeLong's paired interval); ``log_loss``
    (paired difference, probabilities kept 1e-12 from 0 and 1) and ``calibration_slope`` of probabilities;
    ``top_of_list`` (difference in precision, with Newcombe's interval for the customers that only one of the two lists
    holds, the lists taken as given: inferred); ``grades`` (the least chance that a grade converts more often than the
    next; fails only beyond noise, by Bonferroni's correction); ``drift`` (population stability index, fails at level
    ``"act"``). Of Dynamics': ``rows``, ``accuracy`` and ``age``. Where rows are too few no other check is made.

    Parameters
    ----------
    outcome, positive, weights
        As for :class:`Ranking`; the rows must be new to both models.
    champion, challenger : array or series
        The active score and the new one, of the same rows. Only for calibration need they be on one scale.
    probabilities : bool
        Whether both are probabilities, so that calibration is judged.
    grade, grades : array or series, sequence of str
        The challenger's grade of each row, unknown where there is none; and all grades, the best first.
    reference : array or series, optional
        The challenger's scores of the customers it was learned from.
    reference_weights : array or series, optional
        How many customers each of those stands for.
    age_months : float, optional
        How old the champion is.
    policy : StandardPolicy or DynamicsPolicy
        The rules; the standard ones where they are left out.

    Returns
    -------
    Promotion
        The ``verdict`` with its ``reason``, and ``checks`` by name.

    Raises
    ------
    InvalidValueError
        With the row for an unknown score and for a probability outside 0 and 1.
    InvalidParameterError, WrongLengthError, EmptyTableError, UnknownNameError
        For rules outside their range, scores of other rows, a grade that is not listed, and so on.

    Examples
    --------
    >>> import numpy as np
    >>> import tierwise as tw
    >>> rows = np.arange(2000)
    >>> bought, new = rows * 7 % 100 < rows % 100, rows % 100
    >>> old = rows % 100 // 10 + rows * 31 % 17
    >>> found = tw.evaluate.promotion(bought, old, new)
    >>> found.verdict, found.checks["ranking"].state
    ('promote', 'passed')
    >>> tw.evaluate.promotion(bought, new, new).verdict
    'keep'
    """
    of = "promotion"
    rules = StandardPolicy() if policy is None else policy
    if not isinstance(rules, (StandardPolicy, DynamicsPolicy)):
        raise invalid_parameter(of, "policy", "a `StandardPolicy` or a `DynamicsPolicy`", repr(policy))
    if (grade is None) != (grades is None):
        must_be = "given together: the grade of each row, and the list of all grades, the best first"
        raise invalid_parameter(of, "grades", must_be, "one without the other")
    names = None if grades is None else texts(of, "grades", grades)
    found = json.loads(
        _promotion(
            outcome_of(of, outcome, positive, weights),
            scores_of(champion, "champion"),
            scores_of(challenger, "challenger"),
            yes_no(of, "probabilities", probabilities),
            None if names is None else (names, positions("the grade", grade, names)),
            None if reference is None else numbers("reference", reference),
            None if reference_weights is None else numbers("reference_weights", reference_weights),
            None if age_months is None else real(of, "age_months", age_months),
            rules._json(),
        )
    )
    found["checks"] = {check["name"]: PromotionCheck(**check) for check in found["checks"]}
    return Promotion(**found)
