"""The public pool: leads that nobody works come back to all."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from tierwise._frames import frame_like, numbers
from tierwise._models import Model, content_of
from tierwise._parameters import day_of
from tierwise._settings import plain
from tierwise._tierwise import pool_decide as _pool_decide
from tierwise._tierwise import pool_may_claim as _pool_may_claim
from tierwise._tierwise import pool_rank as _pool_rank
from tierwise._tierwise import pool_rules as _pool_rules
from tierwise.lead import _records
from tierwise.lead._assignment import floats, labels

__all__ = ["ClaimAnswer", "PoolRules"]

_DECISIONS = ["keep", "release", "claimable", "needs_manager"]
_REASONS = [
    "in_time",
    "protected",
    "no_rule",
    "no_contact",
    "no_contact_known",
    "no_progress",
    "over_limit",
    "in_pool",
    "too_many_releases",
]


@dataclass(frozen=True)
class ClaimAnswer:
    """Whether a rep may pick a lead up.

    Attributes
    ----------
    allowed : bool
        Whether it is allowed.
    refusal : str or None
        ``not_in_pool``, ``needs_manager``, ``rep_is_full``, ``cooling_off`` or ``claim_limit``.
    allowed_from : date or None
        The day from which it is allowed, where that is only a matter of time.
    """

    allowed: bool
    refusal: str | None
    allowed_from: datetime.date | None


class PoolRules(Model):
    """The rules of a public pool, checked against each other.

    A rule of *n* days takes effect on the *n*-th day after: what was assigned on 1 May and needs contact within 30 days
    is released on 31 May.

    Parameters
    ----------
    release_after_days_without_contact : int, optional
        Days after the last contact, or after the assignment while there was none since.
    days_without_contact_by_grade : dict, optional
        Other numbers of days for some grades.
    unknown_contact : {"from_assignment", "keep"}
        Whether the days of a lead without a known contact count from its assignment, or it is not released for that.
    release_after_days_without_progress : int, optional
        Days after the lead last came a step further, or was assigned.
    protection_days : int
        For so many days after its assignment a lead is not released.
    most_leads_per_rep : int, optional
        Of the leads above it, those longest without contact are released.
    claim_limit : dict, optional
        ``{"most": 5, "days": 7}``: how many leads a rep may pick up in so many days.
    cooling_off_days : int
        For so many days after its release the same rep may not pick a lead up again.
    most_releases : int, optional
        After so many releases a manager decides.
    points_per_release, points_per_day_since_contact : float
        Ranking: points taken away per earlier release, and per day since the last contact (inferred; 0 by default).
    most_days_since_contact : int
        Ranking: days beyond which no more points are taken away.

    Raises
    ------
    InvalidRulesError
        When rules contradict each other, such as a protection longer than the days before a release.

    Examples
    --------
    >>> import tierwise as tw
    >>> rules = tw.lead.PoolRules(release_after_days_without_contact=30, cooling_off_days=14)
    >>> leads = {"lead": ["l1", "l2"], "owner": ["ann", "ann"], "assigned_on": [100, 100], "contact": [None, 115]}
    >>> decided = rules.decide(leads, as_of=131, assigned_on="assigned_on", last_contact_on="contact")
    >>> decided["decision"], decided["reason"], decided["days_left"]
    (array(['release', 'keep'], dtype=object), array(['no_contact_known', 'in_time'], dtype=object), array([ 0., 14.]))
    """

    _kind = "pool_rules"

    def __init__(
        self,
        *,
        release_after_days_without_contact: int | None = 30,
        days_without_contact_by_grade: Mapping[str, int] | None = None,
        unknown_contact: Literal["from_assignment", "keep"] = "from_assignment",
        release_after_days_without_progress: int | None = None,
        protection_days: int = 0,
        most_leads_per_rep: int | None = None,
        claim_limit: Mapping[str, int] | None = None,
        cooling_off_days: int = 0,
        most_releases: int | None = None,
        points_per_release: float = 0.0,
        points_per_day_since_contact: float = 0.0,
        most_days_since_contact: int = 365,
    ) -> None:
        spec = {
            "release_after_days_without_contact": release_after_days_without_contact,
            "days_without_contact_by_grade": days_without_contact_by_grade or {},
            "unknown_contact": unknown_contact,
            "release_after_days_without_progress": release_after_days_without_progress,
            "protection_days": protection_days,
            "most_leads_per_rep": most_leads_per_rep,
            "claim_limit": claim_limit,
            "cooling_off_days": cooling_off_days,
            "most_releases": most_releases,
            "points_per_release": points_per_release,
            "points_per_day_since_contact": points_per_day_since_contact,
            "most_days_since_contact": most_days_since_contact,
        }
        self._model = _pool_rules(json.dumps(plain(spec, "")))

    @property
    def spec(self) -> dict[str, Any]:
        """The rules as plain data: the content of their model file."""
        return content_of(self)

    def decide(self, leads: Any, *, as_of: Any, releases: Any = None, **columns: str) -> Any:
        """Decide what becomes of each lead.

        Parameters
        ----------
        leads : data frame or dict of columns
            One row per lead. A lead without an owner lies in the pool.
        as_of : date, str or int
            The day on which the records hold.
        releases : data frame or dict of columns, optional
            One row per earlier release: ``lead``, ``rep``, ``on``.
        **columns : str
            The names of the columns: ``lead`` and ``owner`` (these by default), ``assigned_on`` (needed where there are
            owners), ``last_contact_on``, ``last_progress_on``, ``grade``.

        Returns
        -------
        frame
            Of the same kind as ``leads``: ``decision`` (``keep``, ``release``, ``claimable``, ``needs_manager``),
            ``reason``, ``release_on`` (a date: when it goes back if nothing happens), ``days_left``, ``releases``.
        """
        decided = json.loads(_pool_decide(self._model, _records_of("decide", leads, as_of, releases, columns)))
        days = [one["release_on"] for one in decided]
        return frame_like(
            leads,
            {
                "decision": labels([one["decision"] for one in decided], _DECISIONS),
                "reason": labels([one["reason"] for one in decided], _REASONS),
                "release_on": np.array(["NaT" if day is None else day for day in days], dtype="datetime64[D]").astype(
                    "datetime64[ms]"
                ),
                "days_left": floats([one["days_left"] for one in decided]),
                "releases": np.array([one["releases"] for one in decided], dtype=np.int64),
            },
        )

    def may_claim(
        self, leads: Any, *, which: Any, by: str, as_of: Any, releases: Any = None, claims: Any = None, **columns: str
    ) -> ClaimAnswer:
        """Say whether the rep ``by`` may pick up the lead ``which`` on the day ``as_of``.

        Parameters
        ----------
        leads, as_of, releases, **columns
            As for :meth:`decide`.
        which : str or int
            The key of the lead.
        by : str
            The rep.
        claims : data frame or dict of columns, optional
            One row per earlier claim of any rep: ``rep``, ``on``.

        Returns
        -------
        ClaimAnswer
        """
        records = _records_of("may_claim", leads, as_of, releases, columns)
        earlier = [] if claims is None else _table(claims, {"rep": _records.keys, "on": _days})
        answer = json.loads(_pool_may_claim(self._model, records, str(which), by, json.dumps(earlier)))
        day = answer["allowed_from"]
        date = None if day is None else datetime.date(1970, 1, 1) + datetime.timedelta(days=day)
        return ClaimAnswer(answer["allowed"], answer["refusal"], date)

    def rank(self, leads: Any, *, score: Any, as_of: Any, releases: Any = None, **columns: str) -> Any:
        """Rank the leads that may be picked up.

        Parameters
        ----------
        leads, as_of, releases, **columns
            As for :meth:`decide`.
        score : array or series
            One number per lead, such as a card's score or a win probability.

        Returns
        -------
        frame
            Of the same kind as ``leads``: ``score``, ``for_releases``, ``for_contact``, ``corrected`` (the three added
            from left to right, exactly), ``rank`` (NaN for leads that may not be picked up), and ``cooling_off``: the
            reps who may not have it yet, separated by semicolons, for ``excluded`` of :func:`assign`.
        """
        scores = numbers("score", score)
        records = _records_of("rank", leads, as_of, releases, columns)
        ranked = json.loads(_pool_rank(self._model, records, scores))
        result: dict[str, Any] = {"score": scores.copy()}
        for name in ["for_releases", "for_contact", "corrected", "rank"]:
            result[name] = floats(ranked[name])
        result["cooling_off"] = np.array([";".join(reps) for reps in ranked["cooling_off"]], dtype=object)
        return frame_like(leads, result)


def _records_of(of: str, leads: Any, as_of: Any, releases: Any, columns: dict[str, str]) -> str:
    readers = {
        "lead": _records.keys,
        "owner": _records.texts,
        "assigned_on": _records.wholes,
        "last_contact_on": _records.wholes,
        "last_progress_on": _records.wholes,
        "grade": _records.texts,
    }
    for name in columns:
        if name not in readers:
            raise TypeError(f"{of}() got an unexpected keyword argument {name!r}; columns are {', '.join(readers)}")
    named = {"lead": "lead", "owner": "owner"} | columns
    read = {"key" if name == "lead" else name: readers[name](leads, column) for name, column in named.items()}
    rows = [dict(zip(read, row, strict=True)) for row in zip(*read.values(), strict=True)]
    given = {} if releases is None else {"lead": _records.keys, "rep": _records.keys, "on": _days}
    earlier = _table(releases, given) if given else []
    return json.dumps({"leads": rows, "releases": earlier, "as_of": day_of(of, "as_of", as_of)})


def _table(data: Any, readers: dict[str, Any]) -> list[dict[str, Any]]:
    read = [reader(data, name) for name, reader in readers.items()]
    return [dict(zip(readers, row, strict=True)) for row in zip(*read, strict=True)]


def _days(data: Any, name: str) -> list[int]:
    return [_records._count(name, row, day) for row, day in enumerate(_records.wholes(data, name))]
