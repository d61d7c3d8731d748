"""Boosted additive cards; what users type is re-exported by ``tierwise.learn``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

import numpy as np

from tierwise import _feature
from tierwise._feature import Feature
from tierwise._frames import series_like, table_of
from tierwise._learning import FitReport, Learner, Progress
from tierwise._models import Model, ProbabilityModel, ScoreModel, content_of
from tierwise._models import from_json as _from_json
from tierwise._parameters import invalid_parameter, one_of, real, whole
from tierwise._points import InPoints
from tierwise._splitting import MOST_SEEDS
from tierwise._tierwise import additive_card as _card
from tierwise._tierwise import additive_importance as _importance
from tierwise._tierwise import additive_shape as _shape
from tierwise._tierwise import additive_simplified as _simplified
from tierwise._tierwise import fit_number as _fit_number
from tierwise._tierwise import predict_number as _predict_number
from tierwise._training import training_of

if TYPE_CHECKING:
    from tierwise.lead import Scorecard

__all__ = ["Additive", "AdditiveModel", "AdditiveNumberModel", "HeldOut", "NumberReport"]


class HeldOut(NamedTuple):
    """How the bags judged rows that they did not learn from; slightly flattering, as these rows said when to stop."""

    rows: int
    loss: float


@dataclass(frozen=True)
class NumberReport:
    """What a model of a number was learned from and how that went; losses are means per row."""

    rows: int
    total_weight: float
    converged: bool
    rounds: int
    loss: float
    null_loss: float
    findings: list[str]


class _Shapes(Model):
    """What additive models show of themselves."""

    @property
    def held_out(self) -> HeldOut | None:
        """The mean loss on rows that bags held out."""
        held_out = content_of(self).get("held_out")
        return None if held_out is None else HeldOut(**held_out)

    @property
    def importance(self) -> dict[str, Any]:
        """Columns ``term`` and ``importance``, most important first: the mean size of what a customer earns there."""
        ranked = sorted(_importance(self._model), key=lambda one: -one[1])
        names = np.array([name for name, _ in ranked], dtype=object)
        return {"term": names, "importance": np.array([size for _, size in ranked], dtype=np.float64)}

    def shape(self, term: str, confidence: float = 0.95) -> dict[str, Any]:
        """Show what each answer of a term earns: ``pandas.DataFrame(model.shape("tenure"))``.

        Columns ``label`` (the values), ``points``, ``standard_error``, ``low`` and ``high`` (pointwise interval from
        the spread of the bags), ``weight`` (customers it was learned from), and of a number ``from`` and ``below``, NaN
        where open. The term of a pair is named ``"first & second"``; its rows are its cells.
        """
        steps = json.loads(_shape(self._model, term, real("shape", "confidence", confidence)))
        columns = {
            name: np.array([step[name] for step in steps], dtype=np.float64) for name in steps[0] if name != "label"
        }
        return {"label": np.array([step["label"] for step in steps], dtype=object)} | columns

    def scorecard(self) -> Scorecard:
        """Give the card: the same sum, to be graded, edited and exported as any other."""
        return cast("Scorecard", _from_json(_card(self._model).to_json()))

    def simplified(self, answers: int = 5, terms: int | None = None) -> Scorecard:
        """Make a card that a person can read.

        Neighbouring answers about a number are joined so that points change least (Fisher 1958), in pairs too.

        Parameters
        ----------
        answers : int
            The most answers about a number, unknown not counted.
        terms : int, optional
            How many terms to keep, the most important ones; all unless given.
        """
        most = 2**32 - 1
        kept = None if terms is None else whole("simplified", "terms", terms, 1, most)
        card = _simplified(self._model, whole("simplified", "answers", answers, 1, most), kept)
        return cast("Scorecard", _from_json(card.to_json()))

    def plot(self, term: str, *, confidence: float = 0.95, axes: Any = None) -> Any:
        """Draw the shape of a term: points with their interval, and the customers underneath; a pair as a map.

        Needs matplotlib (``pip install "tierwise[plot]"``).

        Returns
        -------
        matplotlib.axes.Axes
            The axes drawn on.
        """
        from tierwise._shape_pictures import draw

        content = content_of(self)["card"]
        pairs = {pair["name"]: pair for pair in content.get("pairs", [])}
        return draw(term, self.shape(term, confidence), pairs.get(term), axes)


class AdditiveModel(_Shapes, ProbabilityModel, InPoints):
    """A fitted additive model, made by :meth:`Additive.fit`; its score is the log-odds of the positive class.

    It is a card: :meth:`scorecard` adds up the same points. A customer who earns nothing is the mean customer; what a
    pair earns holds nothing that either of its features does alone.
    """

    _kind = "additive"

    @property
    def report(self) -> FitReport:
        """What the model was learned from and how that went."""
        return FitReport(**content_of(self)["report"])


class AdditiveNumberModel(_Shapes, ScoreModel):
    """A fitted additive model of a number, made by :meth:`Additive.fit_number`.

    Its score is the mean, or for the Poisson loss the logarithm of the mean.
    """

    _kind = "additive_number"

    @property
    def report(self) -> NumberReport:
        """What the model was learned from and how that went."""
        return NumberReport(**content_of(self)["report"])

    @property
    def outcome(self) -> str:
        """The name of the outcome."""
        return str(content_of(self)["outcome"])

    @property
    def loss(self) -> Literal["squared", "poisson"]:
        """What was made small."""
        return cast(Literal["squared", "poisson"], content_of(self)["loss"])

    def predict(self, data: Any) -> Any:
        """Predict the mean per row, of the same kind as ``data``."""
        return series_like(data, "prediction", _predict_number(self._model, table_of(data, self.features)))


@dataclass(frozen=True, kw_only=True)
class Additive(Learner[AdditiveModel]):
    """Log-odds as a sum of step functions of features and of pairs: as accurate as boosted trees, with exact reasons.

    Each feature is cut into bins. In rounds, every feature in turn moves its points a small step against the loss,
    until rows held out say that it is enough (Lou, Caruana & Gehrke 2012). Then the pairs whose interaction is
    strongest do (Lou, Caruana, Gehrke & Hooker 2013). The model is the mean over several random bags of rows. Each
    bag chooses its pairs by itself, so that pairs which only noise suggests fade in the mean.

    Points are measured from the mean customer, and a pair holds nothing that either of its features does alone; of
    features whose unknown is neutral and occurs, points are measured from the unknown customer, and pairs stay as
    they are.

    Parameters
    ----------
    pairs : int, optional
        The most pairs of features, 0 for none. Unless given, half as many again as there are features, but 10 to 40.
    bags : int
        How many bags, 1 to 1000. With one there are no intervals.
    learning_rate : float
        The share of a full Newton step that is gone at a time.
    max_rounds, patience : int
        The most rounds, and how many without a gain worth mention on the rows held out end a bag.
    held_out : float
        The share of its rows that a bag holds out (at most 50 000 rows).
    max_bins : int
        The most bins of a number, 2 to 255.
    min_rows : int
        The least rows on either side of a cut.
    smoothing, level_smoothing : float
        Curvature added to either side of a cut, and to each level of a category: more is more cautious.
    monotone : mapping of str to {"ascending", "descending"}
        Numbers and yes-nos whose points may only rise, or only fall. They take part in no pair, so that the course
        holds for every customer.
    seed : int
        Of the bags. The same seed gives the same model, whatever the number of threads.

    Examples
    --------
    >>> import numpy as np
    >>> import tierwise as tw
    >>> tenure = np.arange(400) * 7 % 60
    >>> customers = {"tenure": tenure, "contract": np.where(np.arange(400) % 3 == 0, "yearly", "monthly")}
    >>> left = (tenure < 20) & (np.arange(400) % 3 > 0) | (np.arange(400) % 11 == 0)
    >>> model = tw.learn.Additive(bags=4, monotone={"tenure": "descending"}).fit(customers, left, positive=True)
    >>> model.importance["term"].tolist()
    ['tenure', 'contract']
    >>> points = model.shape("tenure")["points"][:-1]  # the last is unknown
    >>> bool((np.diff(points) <= 0).all())
    True
    """

    _purpose = "learn"
    _model_class = AdditiveModel

    pairs: int | None = None
    bags: int = 14
    learning_rate: float = 0.2
    max_rounds: int = 5000
    patience: int = 40
    held_out: float = 0.15
    max_bins: int = 250
    min_rows: int = 4
    smoothing: float = 5.0
    level_smoothing: float = 20.0
    monotone: Mapping[str, Literal["ascending", "descending"]] = field(default_factory=dict)
    seed: int = 0

    def fit_number(
        self,
        data: Any,
        outcome: Any,
        *,
        loss: Literal["squared", "poisson"] = "squared",
        features: Sequence[Feature | str] | None = None,
        categories: Sequence[str] = (),
        weights: Any = None,
        progress: Progress | None = None,
    ) -> AdditiveNumberModel:
        """Learn a number: its mean, or with ``"poisson"`` the logarithm of the mean of a count.

        Parameters
        ----------
        data : data frame, dict of columns, or 2-d array
            One row per customer.
        outcome : array or str
            One number per row, or the name of the column of ``data`` that holds them.
        loss : {"squared", "poisson"}
            What is made small: the squared difference, or the Poisson deviance.
        features, categories, weights, progress
            As for :meth:`fit`.

        Raises
        ------
        InvalidValueError, NoVariationError, NotEnoughDataError, ...
            The message says what was found, and where.

        Examples
        --------
        >>> import tierwise as tw
        >>> visits = [row % 10 for row in range(300)]
        >>> model = tw.learn.Additive(bags=3).fit_number({"visits": visits}, [3 * n for n in visits])
        >>> model.predict({"visits": [1, 9]}).round(0)
        array([ 3., 27.])
        """
        learner = json.dumps(self._settings())
        rows = training_of(data, outcome, features=features, categories=categories, weights=weights)
        one_of("fit_number", "loss", loss, ("squared", "poisson"))
        stated = _feature.to_json(rows.features)
        model = _fit_number(learner, loss, stated, rows.table, rows.labels, rows.name, rows.weights, progress)
        return AdditiveNumberModel._of(model)

    def _spec(self) -> dict[str, Any]:
        return {"additive": self._settings()}

    def _settings(self) -> dict[str, Any]:
        most = 2**32 - 1
        settings: dict[str, Any] = {
            name: whole("Additive", name, getattr(self, name), 0, most)
            for name in ("bags", "max_rounds", "patience", "max_bins", "min_rows")
        }
        settings["seed"] = whole("Additive", "seed", self.seed, 0, MOST_SEEDS)
        for name in ("learning_rate", "held_out", "smoothing", "level_smoothing"):
            settings[name] = real("Additive", name, getattr(self, name))
        if self.pairs is not None:
            settings["pairs"] = whole("Additive", "pairs", self.pairs, 0, most)
        if not isinstance(self.monotone, Mapping):
            raise invalid_parameter("Additive", "monotone", "a mapping of feature to direction", repr(self.monotone))
        for way in self.monotone.values():
            one_of("Additive", "monotone", way, ("ascending", "descending"))
        settings["monotone"] = {str(name): way for name, way in self.monotone.items()}
        return settings
