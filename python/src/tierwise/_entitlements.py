"""Which rights a tier has at a step of the funnel."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from tierwise._frames import Labels, beside, positions
from tierwise._models import Model, content_of
from tierwise._parameters import invalid_parameter, records, text, texts
from tierwise._rows import check_same_rows
from tierwise._settings import plain
from tierwise._tierwise import entitlement_columns as _entitlement_columns
from tierwise._tierwise import entitlements as _entitlements
from tierwise._tierwise import entitlements_of as _entitlements_of

__all__ = ["Entitlements"]


class Entitlements(Model):
    """A checked table of rights by tier and funnel step: every pair once, no better tier worse off by accident.

    Parameters
    ----------
    tiers : sequence of str
        Best first.
    steps : sequence of str
        The steps of the funnel, in their order.
    rights : sequence of dict
        ``name``; ``better``, ``"higher"`` or ``"lower"``, where there is more and less of it: then a better tier
        never has less of it than a worse one at the same step, and to have none is least; ``may_fall=True`` says on
        purpose that it may.
    grants : sequence of dict
        One per tier and step, in any order: ``tier``, ``step``, ``rights`` (a dict of numbers, texts or yes-nos by
        name; rights left out are not granted).
    name, notes
        Words for people.

    Raises
    ------
    InvalidRulesError
        For a table with a hole, an unknown name, or a better tier with less; the message names tier, step and right.

    Examples
    --------
    >>> import tierwise as tw
    >>> table = tw.value.Entitlements(
    ...     tiers=["A", "B"],
    ...     steps=["contract", "service"],
    ...     rights=[
    ...         {"name": "discount", "better": "higher"},
    ...         {"name": "sla_hours", "better": "lower"},
    ...         {"name": "support"},
    ...     ],
    ...     grants=[
    ...         {"tier": "A", "step": "contract", "rights": {"discount": 0.05}},
    ...         {"tier": "A", "step": "service", "rights": {"sla_hours": 4, "support": "named"}},
    ...         {"tier": "B", "step": "contract"},
    ...         {"tier": "B", "step": "service", "rights": {"sla_hours": 24, "support": "desk"}},
    ...     ],
    ... )
    >>> table.of("A", "contract")
    {'discount': 0.05}
    >>> found = table.lookup(["B", "A", None], "service")
    >>> found["sla_hours"], found["support"]
    (array([24.,  4., nan]), array(['desk', 'named', None], dtype=object))
    """

    _kind = "entitlements"

    def __init__(
        self,
        *,
        tiers: Sequence[str],
        steps: Sequence[str],
        rights: Sequence[Mapping[str, Any]],
        grants: Sequence[Mapping[str, Any]],
        name: str = "",
        notes: Sequence[str] = (),
    ) -> None:
        spec = {
            "name": text("Entitlements", "name", name),
            "notes": texts("Entitlements", "notes", notes),
            "tiers": texts("Entitlements", "tiers", tiers),
            "steps": texts("Entitlements", "steps", steps),
            "rights": records("Entitlements", "rights", rights),
            "grants": records("Entitlements", "grants", grants),
        }
        self._model = _entitlements(json.dumps(plain(spec, "")))

    @property
    def spec(self) -> dict[str, Any]:
        """The table as plain data: the content of its model file."""
        return content_of(self)

    def __repr__(self) -> str:
        spec = self.spec
        size = f"{len(spec['tiers'])} tiers and {len(spec['steps'])} steps"
        return f"<tierwise.value.Entitlements {self.fingerprint[:8]} of {size}>"

    def of(self, tier: str, step: str) -> dict[str, Any]:
        """Give the rights of a tier at a step.

        Raises
        ------
        UnknownNameError
            For a tier or step that the table does not have.
        """
        found = _entitlements_of(self._model, text("Entitlements", "tier", tier), text("Entitlements", "step", step))
        rights: dict[str, Any] = json.loads(found)
        return rights

    def lookup(self, tiers: Any, steps: Any) -> Any:
        """Give the rights of many customers, one column per right.

        Parameters
        ----------
        tiers : array or series
            The tier of each customer; None where there is none.
        steps : str, or array or series
            The step of all customers, or of each.

        Returns
        -------
        frame
            Of the same kind as ``tiers``: numbers (NaN where the right is not granted), 1 and 0 for yes and no, or
            texts (None).

        Raises
        ------
        UnknownNameError
            With the row for a tier or step that the table does not have.
        InvalidParameterError
            For pandas series whose indexes differ, and for another number of steps than tiers.
        """
        check_same_rows("Entitlements.lookup", {"tiers": tiers, "steps": steps})
        spec = self.spec
        places = positions("the tier", tiers, spec["tiers"])
        if isinstance(steps, str):
            steps = [steps] * len(places)
        at = positions("the step", steps, spec["steps"])
        if len(at) != len(places):
            must_be = f"one step, or one per tier, {len(places)} in all"
            raise invalid_parameter("Entitlements.lookup", "steps", must_be, f"{len(at)}")
        columns: dict[str, Any] = {}
        for name, kind, values in _entitlement_columns(self._model, places, at):
            columns[name] = Labels.of_texts(values) if kind == "text" else values
        return beside(tiers, columns)
