"""From a log of orders to recency, frequency and money, and to scores of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from tierwise import _feature
from tierwise._feature import Feature
from tierwise._frames import Floats, frame_like, key_array, named_table, numbers, rows_like
from tierwise._models import Model
from tierwise._money import Duplicates, money_columns, money_table
from tierwise._parameters import day_of, invalid_parameter, one_of, real, text, whole
from tierwise._tierwise import natural_breaks as _natural_breaks
from tierwise._tierwise import rfm as _rfm
from tierwise._tierwise import rfm_by_rules as _rfm_by_rules
from tierwise._tierwise import rfm_scorer as _rfm_scorer
from tierwise._tierwise import rfm_scorer_bins as _rfm_scorer_bins
from tierwise._tierwise import rfm_scorer_by_cuts as _rfm_scorer_by_cuts
from tierwise._tierwise import rfm_scorer_of_axes as _rfm_scorer_of_axes
from tierwise._tierwise import rfm_scores as _rfm_scores

Returns = Literal["as_purchases", "net_off", "leave_out", "refuse"]
EarlyReturns = Literal["refuse", "net_off", "leave_out"]
OnlyReturns = Literal["refuse", "leave_out"]
Ties = Literal["together", "first_come"]
Method = Literal["quantile", "jenks", "kmeans"]
AXES = ("recency", "frequency", "monetary")


def rfm(
    orders: Any,
    *,
    customer: str,
    date: str,
    amount: str,
    as_of: Any,
    later_rows: Literal["refuse", "leave_out"] = "refuse",
    returns: Returns = "as_purchases",
    early_returns: EarlyReturns = "refuse",
    only_returns: OnlyReturns = "refuse",
    monetary: Literal["sum", "mean_per_purchase"] = "sum",
    margin: str | float | None = None,
    order: str | None = None,
    line: str | None = None,
    currency: str | None = None,
    rates: Mapping[str, float] | None = None,
    id: str | None = None,  # noqa: A002
    duplicates: Duplicates | None = None,
) -> Any:
    """Turn a log of orders into one row per customer: recency, frequency, money, and age.

    Lines of one customer on one day are one purchase. Two schools use the same words for different things, so each
    thing has a column of its own: analysts of recency, frequency and money read ``recency``, ``frequency`` and
    ``monetary``; lifetime models (lifetimes, BTYD) read ``repeat_frequency`` (*x*),
    ``last_purchase_age`` (*t_x*), ``age`` (*T*) and ``mean_repeat_amount``.

    Parameters
    ----------
    orders : data frame or dict of columns
        One row per line of the log, in any order.
    customer, date, amount : str
        The names of the columns. Customers are whole numbers or texts, and stay what they are. Dates are dates, texts
        such as ``2024-06-30`` or ``2024-06-30 08:26:00``, or days since 1970-01-01; the time of day does not
        count. Amounts are money, negative for a return; decimals are read as the nearest floats.
    as_of : date, str or int
        The day on which the table holds; orders on that day count.
    later_rows : {"refuse", "leave_out"}
        What to do with orders after ``as_of``.
    returns : {"as_purchases", "net_off", "leave_out", "refuse"}
        What to do with rows whose amount is below 0 (the default of :func:`sales_of_period` is ``"net_off"``). As
        purchases, they take their money off and their day counts as a day with a purchase. Net off, they take their
        money off the last purchase before them (or of the same day), and are none themselves. Left out, they do not
        exist.
    early_returns : {"refuse", "net_off", "leave_out"}
        Under ``"net_off"``: what to do with a return before the first purchase; net off, it is taken off that one.
    only_returns : {"refuse", "leave_out"}
        Under ``"net_off"``: what to do with customers who have returns and no purchase. Left out (or with their returns
        left out) they are not in the table.
    monetary : {"sum", "mean_per_purchase"}
        Whether ``monetary`` is all money, or the mean per day with a purchase (per order, where ``order`` is given).
    margin : str or float, optional
        A column of what was earned with the row, or a share of the amount (0.4 for 40 %), 1 at most; all money is
        margin then.
    order : str, optional
        A column with the order of the row; ``frequency`` then counts orders. What lifetime models read stays by day.
    line : str, optional
        A column with a product line; then there is a row per customer and line, with a column ``line``.
    currency : str, optional
        A column of currencies, of which there must be one only, unless ``rates`` says what one unit of each is worth.
    rates : dict, optional
        By currency, above 0.
    id : str, optional
        A column with the id of each line. Two lines of one id that differ are refused.
    duplicates : {"refuse", "count_once", "keep"}, optional
        What to do with lines that are equal to an earlier one in all columns named here. Unless stated, those with an
        id are refused, for they are surely in the log twice, and those without are kept and summed;
        :func:`repeated_lines` lists them.

    Returns
    -------
    frame
        Of the same kind as ``orders``, in ascending order of the customers: ``customer``, ``recency`` (days since
        the last purchase), ``frequency`` (days with a purchase), ``monetary`` (all money), ``age`` (days since the
        first purchase), ``repeat_frequency`` (days with a purchase after the first), ``last_purchase_age`` (days from
        first to last purchase), ``mean_repeat_amount`` (mean money of those days; NaN where there is none).

    Raises
    ------
    InvalidValueError
        For an order after ``as_of`` under ``"refuse"``, an unknown or infinite amount, an unknown date or customer, a
        return that is refused, a second currency without rates, a repeated line that is refused; it names row and
        customer.

    Examples
    --------
    >>> import tierwise as tw
    >>> from datetime import date
    >>> days = [date(1997, 1, 1), date(1997, 1, 5), date(1997, 2, 1)]
    >>> orders = {"id": ["ann", "bob", "ann"], "day": days, "paid": [20.0, 5.0, 30.0]}
    >>> table = tw.value.rfm(orders, customer="id", date="day", amount="paid", as_of="1997-03-01")
    >>> table["customer"], table["recency"], table["frequency"], table["monetary"]
    (array(['ann', 'bob'], dtype=object), array([28., 55.]), array([2., 1.]), array([50., 5.]))

    Sent back on 3 February, the second order of ann is worth less, and nothing was bought that day:

    >>> orders = {"id": ["ann"] * 3, "day": [*days[::2], date(1997, 2, 3)], "paid": [20.0, 30.0, -10.0]}
    >>> table = tw.value.rfm(orders, customer="id", date="day", amount="paid", as_of="1997-03-01", returns="net_off")
    >>> table["recency"], table["frequency"], table["monetary"]
    (array([28.]), array([2.]), array([40.]))
    """
    chosen = {
        "later_rows": later_rows,
        "returns": returns,
        "early_returns": early_returns,
        "only_returns": only_returns,
        "monetary": monetary,
    }
    check_rules("rfm", chosen)
    today = day_of("rfm", "as_of", as_of)
    column, rate = margin_of("rfm", margin)
    keys = [name if name is None else text("rfm", what, name) for what, name in [("order", order), ("line", line)]]
    money = money_columns(
        "rfm", customer=customer, amount=amount, currency=currency, rates=rates, id=id, duplicates=duplicates
    )
    numeric = [name for name in (date, column) if name is not None]
    table = money_table(orders, money, numeric, [name for name in keys if name is not None])
    of_default = all(word == _RULES[name][0] for name, word in chosen.items() if name != "later_rows")
    if of_default and all(one is None for one in (margin, order, line, *money[2:])):
        columns = _rfm(table, customer, date, amount, today, later_rows == "leave_out")
    else:
        rules = json.dumps({"later": chosen.pop("later_rows"), **chosen, "margin_rate": rate})
        columns = _rfm_by_rules(table, money, date, [column, *keys], rules, today)
    columns["customer"] = key_array(columns["customer"])
    if "line" in columns:
        lines, codes = columns.pop("line")
        columns = {"customer": columns.pop("customer"), "line": key_array(lines)[codes], **columns}
    return rows_like(orders, len(columns["customer"]), columns)


# The default stands first.
_RULES = {
    "later_rows": ["refuse", "leave_out"],
    "returns": ["as_purchases", "net_off", "leave_out", "refuse"],
    "early_returns": ["refuse", "net_off", "leave_out"],
    "only_returns": ["refuse", "leave_out"],
    "monetary": ["sum", "mean_per_purchase"],
}


def check_rules(of: str, chosen: Mapping[str, str]) -> None:
    """Check the words that say how lines are read."""
    for name, word in chosen.items():
        one_of(of, name, word, _RULES[name])
        of_net_off = name in ("early_returns", "only_returns")
        if of_net_off and word != _RULES[name][0] and chosen["returns"] != "net_off":
            must_be = '`"refuse"` unless `returns="net_off"`, of which it is a rule'
            raise invalid_parameter(of, name, must_be, repr(word))


def margin_of(of: str, margin: Any) -> tuple[str | None, float | None]:
    """Read a margin: the name of its column, or one share of the amount for all lines."""
    if margin is None or isinstance(margin, str):
        return margin, None
    rate = real(of, "margin", margin)
    if rate > 1:
        must_be = "a column, or a share of the amount, 1 at most (divide per cent by 100)"
        raise invalid_parameter(of, "margin", must_be, repr(margin))
    return None, rate


class RfmScorer(Model):
    """Scores from 1 to ``bins`` for recency, frequency and money, the highest best, by thresholds that can be saved.

    Examples
    --------
    >>> import tierwise as tw
    >>> table = {"recency": [7, 2, 1], "frequency": [1, 2, 3], "monetary": [9., 16., 45.]}
    >>> scorer = tw.value.RfmScorer.fit(table, bins=3)
    >>> scorer.score(table)["cell"]
    array([111, 222, 333])
    """

    _kind = "rfm_scorer"

    @property
    def features(self) -> list[Feature]:
        """Recency, frequency and money."""
        return [Feature.number(name) for name in AXES]

    @classmethod
    def fit(
        cls,
        rfm: Any,
        *,
        bins: int | Mapping[str, int] = 5,
        method: Method | Mapping[str, Method] = "quantile",
    ) -> RfmScorer:
        """Take thresholds from these customers; equal values stay together.

        Parameters
        ----------
        rfm : data frame or dict of columns
            With ``recency``, ``frequency`` and ``monetary``, as :func:`rfm` makes it.
        bins : int, or dict by axis
            From 2 to 9; one for all, or by ``recency``, ``frequency`` and ``monetary`` (5 for those left out).
        method : {"quantile", "jenks", "kmeans"}, or dict by axis
            Shares of equal size; or natural breaks, whatever their sizes: Jenks' method and k-means in one dimension
            have the same optimum, and it is this optimum that is found. One for all, or by axis (``"quantile"`` for
            those left out).

        Notes
        -----
        Frequency often has fewer different values than there are bins, and one where nobody came back. Some scores
        are then given to nobody, and :attr:`findings` names them; the scale stays, so that named segments hold. By
        quantiles the shares decide which scores are missing; between natural breaks each value is a class, and the
        classes are spread evenly: of five scores two classes have 1 and 5, three 1, 3 and 5, four 1, 2, 4 and 5
        (inferred). Customers who are all equal all have one score: 1 of frequency and money, the highest of recency.

        Raises
        ------
        InvalidValueError
            With the row of an unknown value; leave the customer out.
        NotFiniteError
            With the row.

        Examples
        --------
        >>> import tierwise as tw
        >>> table = {"recency": [2, 3, 90], "frequency": [9, 8, 1], "monetary": [500., 20., 10.]}
        >>> tw.value.RfmScorer.fit(table, bins=2, method="jenks").score(table)["cell"]
        array([222, 221, 111])
        >>> once = table | {"frequency": [1, 1, 1]}
        >>> scorer = tw.value.RfmScorer.fit(once, bins={"recency": 3, "frequency": 2, "monetary": 2})
        >>> scorer.score(once)["cell"], scorer.bins
        (array([312, 211, 111]), {'recency': 3, 'frequency': 2, 'monetary': 2})
        >>> scorer.findings[0][:68]
        'frequency: all 3 customers are equal, so that frequency tells nobody'
        """
        counts, methods = (_by_axis(name, given) for name, given in [("bins", bins), ("method", method)])
        axes = []
        for axis in AXES:
            chosen = methods.get(axis, "quantile")
            one_of("RfmScorer", "method", chosen, ["quantile", "jenks", "kmeans"])
            axes.append((whole("RfmScorer", "bins", counts.get(axis, 5), 2, 9), chosen != "quantile"))
        return cls._of(_rfm_scorer_of_axes(*_rfm_columns(rfm), axes))

    @classmethod
    def by_cuts(cls, *, recency: Sequence[float], frequency: Sequence[float], monetary: Sequence[float]) -> RfmScorer:
        """Score between fixed cuts, each list rising and one shorter than the scores it makes.

        A value equal to a cut lies above it: a recency of 30 days with the cut 30 has the worse score, a frequency the
        better one.

        Examples
        --------
        >>> import tierwise as tw
        >>> scorer = tw.value.RfmScorer.by_cuts(recency=[30, 90], frequency=[2, 5], monetary=[100, 1000])
        >>> scorer.score({"recency": [29], "frequency": [5], "monetary": [99]})["cell"]
        array([331])
        """
        cuts = zip(AXES, (recency, frequency, monetary), strict=True)
        return cls._of(_rfm_scorer_by_cuts(*(numbers(axis, given).tolist() for axis, given in cuts)))

    @classmethod
    def split(cls, rfm: Any, *, bins: int = 5, ties: Ties = "together") -> tuple[RfmScorer, Any]:
        """Take thresholds, and also give the scores of the customers at hand under either rule for equal values.

        ``"first_come"`` counts equal values off in row order, which no threshold can repeat: :meth:`score` gives the
        scores of ``"together"``.
        """
        one_of("RfmScorer", "ties", ties, ["together", "first_come"])
        scores, model = _rfm_scorer(*_rfm_columns(rfm), whole("RfmScorer", "bins", bins, 2, 9), ties == "together")
        return cls._of(model), frame_like(rfm, _with_cell(scores))

    def score(self, rfm: Any) -> Any:
        """Score customers: ``recency``, ``frequency``, ``monetary``, and ``cell``, their three digits.

        An unknown or infinite value is refused, with its row.
        """
        return frame_like(rfm, _with_cell(_rfm_scores(self._model, *_rfm_columns(rfm))))

    @property
    def bins(self) -> dict[str, int]:
        """The highest score by axis, whether or not a customer can get it."""
        return dict(zip(AXES, _rfm_scorer_bins(self._model), strict=True))

    @property
    def findings(self) -> list[str]:
        """Sentences on scores that no customer can get, and those that more or fewer have than were asked for."""
        return self._model.findings()


def _by_axis(name: str, given: Any) -> Mapping[str, Any]:
    """Read what is given for all three, or by axis."""
    if not isinstance(given, Mapping):
        return dict.fromkeys(AXES, given)
    if not set(given) <= set(AXES):
        must_be = "one for all, or a dict with the keys `recency`, `frequency` and `monetary`"
        raise invalid_parameter("RfmScorer", name, must_be, repr(dict(given)))
    return given


def _rfm_columns(rfm: Any) -> tuple[Floats, Floats, Floats]:
    numeric = [Feature.number(name) for name in AXES]
    recency, frequency, monetary = named_table(rfm, numeric).values(_feature.to_json(numeric), False)
    return recency, frequency, monetary


def _with_cell(scores: dict[str, npt.NDArray[np.uint8]]) -> dict[str, Any]:
    columns = {name: column.astype(np.int64) for name, column in scores.items()}
    return columns | {"cell": columns["recency"] * 100 + columns["frequency"] * 10 + columns["monetary"]}


@dataclass(frozen=True)
class NaturalBreaks:
    """Where a number breaks by itself; made by :func:`natural_breaks`.

    ``breaks`` holds the lowest value of each class but the lowest, ``counts`` and ``means`` what each class holds,
    the lowest first. ``goodness_of_fit`` is one minus the squares within classes as a share of all; ``unknown``
    counts values left out.
    """

    breaks: Floats
    counts: npt.NDArray[np.int64]
    means: Floats = field(repr=False)
    goodness_of_fit: float
    unknown: int


def natural_breaks(values: Any, classes: int) -> NaturalBreaks:
    """Part a number into classes whose members lie as close together as can be.

    Jenks' natural breaks and the optimum of k-means in one dimension are the same, and this is the optimum itself,
    not the end of an iteration. Equal values share a class; unknown ones are left out.

    Examples
    --------
    >>> import tierwise as tw
    >>> found = tw.value.natural_breaks([1, 2, 2, 11, 12, 40], 3)
    >>> found.breaks, found.counts
    (array([11., 40.]), array([3, 2, 1]))
    """
    found = numbers("values", values)
    return NaturalBreaks(*_natural_breaks(found, whole("natural_breaks", "classes", classes, 1, 1000)))
