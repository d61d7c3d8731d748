"""What the bootstraps of purchases, of spend and of contracts have in common."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from tierwise._lifetime import given_level
from tierwise._models import Model
from tierwise._parameters import whole
from tierwise._tierwise import bootstrap_parameters as _bootstrap_parameters
from tierwise._tierwise import bootstrap_parts as _bootstrap_parts


@dataclass(frozen=True)
class BootstrapParameter:
    """A parameter, or the coefficient of a covariate on it, with the middle of what samples of the customers gave."""

    name: str
    covariate: str | None
    estimate: float
    lower: float
    upper: float


class Bootstrap(Model):
    """A fit repeated on samples of the customers. It is saved and pickled as models are."""

    @property
    def samples(self) -> int:
        """Samples of which there are estimates; the intervals rest on them."""
        return _bootstrap_parts(self._model)[1]

    @property
    def failed(self) -> int:
        """Samples whose likelihood has no highest point, as a parameter runs away.

        Their estimates are those of where the climb ended: so far out forecasts hardly move any more, and to leave such
        samples out would make every interval too narrow. Where they are many, only forecasts mean anything, and not
        the parameters.
        """
        return _bootstrap_parts(self._model)[2]

    def parameter_table(self, *, level: float = 0.95) -> list[BootstrapParameter]:
        """Give parameters, and coefficients of covariates, with intervals."""
        found = json.loads(_bootstrap_parameters(self._model, given_level("parameter_table", level)))
        return [BootstrapParameter(**one) for one in found]

    def __repr__(self) -> str:
        return f"<{type(self).__module__}.{type(self).__name__} {self.fingerprint[:8]} of {self.samples} samples>"


def samples_and_seed(samples: Any, seed: Any) -> tuple[int, int]:
    """Check how many samples are asked for, and the seed that they are drawn from."""
    return whole("bootstrap", "samples", samples, 20, 10_000), whole("bootstrap", "seed", seed, 0, 2**64 - 1)
