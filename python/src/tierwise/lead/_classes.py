"""Classes of leads by milestones: the best class that the facts prove, and the best that they leave possible."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from tierwise._frames import Labels, frame_like, series_like, table_of
from tierwise._models import Model, content_of
from tierwise._parameters import records, texts
from tierwise._settings import plain
from tierwise._tierwise import classify_milestones as _classify_milestones
from tierwise._tierwise import milestone_classes as _milestone_classes
from tierwise._tierwise import schiffman as _schiffman

__all__ = ["MilestoneClasses", "schiffman"]


class MilestoneClasses(Model):
    """Classes of leads by milestones, tested from the best down: the first whose rule holds is the lead's.

    An unknown fact is never read as no. The class is the best that the known facts prove, the best class the best that
    they leave possible; the truth lies between the two, both included.

    Parameters
    ----------
    name : str
        The name of the scheme.
    milestones : sequence of str
        The facts, each yes, no or unknown; at most 20.
    classes : sequence of dict
        Best first. Each has ``name`` and ``when``: ``"closed"`` (this milestone is reached), ``{"not": "refused"}``
        (it is known not to be), ``{"all_of": [...]}`` or ``{"any_of": [...]}``, whose lists hold such rules again.
        Optional: ``description``, ``inferred``.
    otherwise : str
        The name of the last class, for leads that prove none of the others.
    notes : sequence of str
        Words for people.

    Raises
    ------
    InvalidRulesError
        For a rule that names an unknown milestone or contradicts itself, a class that no lead can be in, a milestone
        that no rule names, and names that are empty or occur twice; the message names the class or milestone.
    InvalidSettingError
        For a part that is missing, misspelt or of another type.

    Examples
    --------
    >>> import tierwise as tw
    >>> classes = tw.lead.MilestoneClasses(
    ...     name="partners",
    ...     milestones=["called", "met", "signed", "refused"],
    ...     classes=[
    ...         {"name": "partner", "when": "signed"},
    ...         {"name": "in talks", "when": {"all_of": [{"any_of": ["called", "met"]}, {"not": "refused"}]}},
    ...     ],
    ...     otherwise="new",
    ... )
    >>> facts = {"called": [True, True], "met": [None, False], "signed": [False, None], "refused": [False, True]}
    >>> found = classes.classify(facts)
    >>> found["class"], found["best_class"]
    (array(['in talks', 'new'], dtype=object), array(['in talks', 'partner'], dtype=object))
    >>> found["held_by"]
    array(['called, not refused', ''], dtype=object)
    """

    _kind = "milestone_classes"

    def __init__(
        self,
        *,
        name: str,
        milestones: Sequence[str],
        classes: Sequence[Mapping[str, Any]],
        otherwise: str,
        notes: Sequence[str] = (),
    ) -> None:
        spec = {
            "name": name,
            "notes": texts("MilestoneClasses", "notes", notes),
            "milestones": texts("MilestoneClasses", "milestones", milestones),
            "classes": records("MilestoneClasses", "classes", classes),
            "otherwise": otherwise,
        }
        self._model = _milestone_classes(json.dumps(plain(spec, "")))

    @property
    def spec(self) -> dict[str, Any]:
        """The scheme as plain data: the content of its model file, with what of it is inferred."""
        return content_of(self)

    @property
    def names(self) -> list[str]:
        """The names of the classes, best first, ``otherwise`` last."""
        return self._model.outcomes()

    def classify(self, data: Any) -> Any:
        """Give every lead its class, with what holds it and what is missing for the next.

        Parameters
        ----------
        data : data frame, dict of columns, or 2-d array
            One column per milestone: yes-no, or 1 and 0; null and NaN are unknown. Other columns are ignored. The
            columns of an array stand in the order of :attr:`features`.

        Returns
        -------
        frame
            Of the same kind as ``data``: ``class`` (proven), ``best_class`` (possible), ``held_by`` (the facts that
            hold the class, ``not ...`` for one that must not be so), ``next_class`` (the one above; ``None`` at the
            top), ``missing`` (what is not yet proven of the next class, along the way that needs the fewest further
            facts) and ``unknown`` (those of ``missing`` that are unknown, and so may hold already). Facts are joined by
            commas; an empty text is none.

        Raises
        ------
        MissingColumnError, WrongKindError, InvalidValueError, ...
        """
        found = _classify_milestones(self._model, table_of(data, self.features))
        columns: dict[str, Any] = {}
        for column in ("class", "best_class", "held_by", "next_class", "missing", "unknown"):
            columns[column] = Labels(found[column], self.names if column.endswith("class") else found["labels"])
        return frame_like(data, columns)

    def assign(self, data: Any) -> Any:
        """Give the proven class per lead, as a series or array of the same kind as ``data``."""
        codes = self._model.assign(table_of(data, self.features))
        return series_like(data, "class", Labels(codes, self.names))


def schiffman() -> MilestoneClasses:
    """Give Stephan Schiffman's six classes of prospects by milestones, best first.

    The classes and milestones come from the deck of a marketplace. The order of the tests and the AND or OR within a
    class do not stand there: they are inferred, and marked so in :attr:`MilestoneClasses.spec`. The percentages are
    names, not probabilities; what share of a class closes is said by :func:`class_pyramid`.

    Examples
    --------
    >>> import tierwise as tw
    >>> classes = tw.lead.schiffman()
    >>> classes.names
    ['closed', '90%', '50%', '25%', 'first visit', 'no contact']
    >>> facts = {feature.name: [None] for feature in classes.features} | {"agreed_next_step": [True]}
    >>> found = classes.classify(facts)
    >>> found["class"], found["best_class"], found["next_class"]
    (array(['25%'], dtype=object), array(['closed'], dtype=object), array(['50%'], dtype=object))
    """
    return MilestoneClasses._of(_schiffman())
