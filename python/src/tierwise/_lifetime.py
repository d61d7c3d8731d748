"""What models of purchases, of spend and of contracts have in common."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from tierwise import exceptions
from tierwise._feature import Feature
from tierwise._frames import Floats, frame_like, named_table, numbers, series_like
from tierwise._models import Model
from tierwise._parameters import invalid_parameter, real
from tierwise._tierwise import Table
from tierwise._tierwise import lifetime_report as _lifetime_report

T = TypeVar("T")

PAID = ("repeat_frequency", "mean_repeat_amount")


@dataclass(frozen=True)
class Parameter:
    """A parameter with its standard error and 95 % interval; ``None`` where that is unknown."""

    name: str
    estimate: float
    standard_error: float | None
    lower: float | None
    upper: float | None


@dataclass(frozen=True)
class LifetimeReport:
    """How a fit of purchases, spend or contracts ended, and what is wrong with the data."""

    customers: float
    log_likelihood: float
    converged: bool
    rounds: int
    gradient: float
    findings: list[str]
    details: dict[str, Any]


class LifetimeModel(Model):
    """A model with a few parameters, fitted by maximum likelihood or given."""

    @property
    def parameters(self) -> dict[str, float]:
        """The parameters by name."""
        return {one["name"]: one["estimate"] for one in self._shown["parameters"]}

    @property
    def parameter_table(self) -> list[Parameter]:
        """The parameters with standard errors and 95 % intervals."""
        return [Parameter(**one) for one in self._shown["parameters"]]

    @property
    def report(self) -> LifetimeReport | None:
        """How the fit went and what is wrong with the data; ``None`` for parameters from elsewhere."""
        report = self._shown["report"]
        if report is None:
            return None
        common = {name: report.pop(name) for name in LifetimeReport.__dataclass_fields__ if name != "details"}
        return LifetimeReport(**common, details=report)

    @property
    def log_likelihood(self) -> float | None:
        """The log-likelihood at the parameters; ``None`` for parameters from elsewhere."""
        report = self.report
        return None if report is None else report.log_likelihood

    @property
    def _shown(self) -> dict[str, Any]:
        shown: dict[str, Any] = json.loads(_lifetime_report(self._model))
        return shown

    def __repr__(self) -> str:
        given = ", ".join(f"{name}={value:.6g}" for name, value in self.parameters.items())
        return f"<{type(self).__module__}.{type(self).__name__} {self.fingerprint[:8]} {given}>"


def table_with(data: Any, names: Sequence[str], also: Sequence[str] = ()) -> Table:
    """Read columns of numbers from a table of customers, and others as they are."""
    if isinstance(data, Table):
        return data
    return named_table(data, [Feature.number(name) for name in names], also)


def naming_customers(data: Any, work: Callable[[Sequence[str]], T]) -> T:
    """Do what may refuse a row; if it does, do it again with the column ``customer``, if there is one, for the error.

    ``work`` takes the columns to read beside its own: customers are not read unless an error needs them.
    """
    try:
        return work(())
    except exceptions.InvalidValueError as error:
        if error.details.get("key") is not None or not _has_customers(data):
            raise
    return work(("customer",))


def _has_customers(data: Any) -> bool:
    try:
        named_table(data, [], ["customer"])
    except exceptions.TierwiseError:
        return False
    return True


def estimate_like(data: Any, name: str, columns: list[Floats]) -> Any:
    """Give one column of estimates, or a frame of estimates with both ends."""
    if len(columns) == 1:
        return series_like(data, name, columns[0])
    return frame_like(data, dict(zip(["estimate", "lower", "upper"], columns, strict=True)))


def level_of(of: str, level: Any) -> float | None:
    """Check the level of an interval; ``None`` for no interval."""
    return None if level is None else given_level(of, level)


def given_level(of: str, level: Any) -> float:
    """Check the level of an interval that there has to be."""
    share = real(of, "level", level)
    if not 0.0 < share < 1.0:
        raise invalid_parameter(of, "level", "a share in (0, 1), such as 0.95; divide per cent by 100", str(share))
    return share


def weights_of(weights: Any) -> Floats | None:
    """Read case weights, if there are any."""
    return None if weights is None else numbers("the weights", weights)


def check_fitted(of: str, name: str, given: Any, kind: type, made_by: str) -> None:
    """Check that a parameter is a model that a fit made, and not the fit itself or a model of another kind."""
    if not isinstance(given, kind):
        got = "None" if given is None else type(given).__name__
        raise invalid_parameter(of, name, f"a {kind.__name__}, which {made_by} makes", got)


def given_parameters(of: str, names: Sequence[str], given: dict[str, Any]) -> list[float]:
    """Check parameters that are given by name."""
    missing = [name for name in names if name not in given]
    beyond = [name for name in given if name not in names]
    if missing or beyond:
        raise TypeError(f"{of} has the parameters {', '.join(names)}; got {', '.join(given) or 'none'}")
    return [real(of, name, given[name]) for name in names]
