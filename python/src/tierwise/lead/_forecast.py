"""How many leads will sign next month, and is the target in danger?"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import narwhals as nw
import numpy as np
import numpy.typing as npt

from tierwise import exceptions
from tierwise._frames import Labels, check_present, frame_like, label_of, labels_of, numbers
from tierwise._parameters import LAST_DAY, invalid_parameter, one_of, real, whole
from tierwise._settings import plain
from tierwise._tierwise import SigningHistory
from tierwise._tierwise import forecast_backtest as _forecast_backtest
from tierwise._tierwise import signing_forecast as _signing_forecast
from tierwise._tierwise import signing_warning as _signing_warning
from tierwise._tierwise import signings_below as _signings_below

Method = Literal["mean_of_rates", "pooled_rate", "smoothing"]

_METHODS = ("mean_of_rates", "pooled_rate", "smoothing")


@dataclass(frozen=True)
class SigningForecast:
    """The expected signings of the next month.

    Attributes
    ----------
    month : str
        The month forecast, such as ``"2026-04"``.
    method : str
        The method by which the rates were learned.
    alpha : float or None
        The alpha of smoothing, given or chosen.
    confidence : float
        The probability with which signings lie from ``low`` to ``high``.
    leads, expected, low, high : float
        Leads at the start of the month, expected signings, and the ends of their interval (whole numbers).
    by_class : list of dict
        The same for each class, in ascending order: ``class``, ``leads``, ``rate``, ``expected``, ``variance``,
        ``low``, ``high``, ``overdispersion`` (how much more alike leads of one month are than leads of different
        months, 0 to 1), and of the history ``usual_leads`` (mean per month) and ``usual_rate`` (pooled).
    """

    month: str
    method: str
    alpha: float | None
    confidence: float
    leads: float
    expected: float
    low: float
    high: float
    by_class: list[dict[str, Any]]
    _content: str = field(repr=False)

    def probability_below(self, target: float) -> float:
        """Compute the probability of fewer signings than a target.

        Parameters
        ----------
        target : float
            The signings wanted.

        Returns
        -------
        float
            From 0 to 1.

        Raises
        ------
        InvalidParameterError
            If the target is not a finite number.
        """
        return _signings_below(self._content, real("probability_below", "target", target))


@dataclass(frozen=True)
class ForecastBacktest:
    """The errors that methods would have made in the past.

    Attributes
    ----------
    months : int
        Months forecast: those for which every method had enough history in every class.
    skipped : int
        Months left out for lack of history.
    errors : frame
        Of the same kind as the history, one row per method and class; the total has no class (null).
    """

    months: int
    skipped: int
    errors: Any


@dataclass(frozen=True)
class SigningWarning:
    """A forecast held against a target.

    Attributes
    ----------
    warn : bool
        Whether to warn.
    reasons : list of str
        ``"expected_below_target"``, ``"risk_above_limit"``, both, or none.
    target, expected, low, high : float
        The signings wanted, the signings expected and their interval.
    probability_below : float
        The probability of fewer signings than the target.
    shortfall : float
        ``target - expected``; equals ``stretch`` minus the sum of the classes' ``difference``.
    stretch : float
        What the target asks for beyond the plan.
    by_class : list of dict
        ``class``, ``leads``, ``planned_leads``, ``rate``, ``planned_rate``, and the signings more or less than planned
        because of the number of leads (``by_volume``), because of the rate (``by_rate``) and in all (``difference``).
    cause : str or None
        The class furthest below its plan, when there is a warning and one is below.
    driver : str or None
        ``"volume"`` or ``"rate"``: which of the two is further below in that class.
    """

    warn: bool
    reasons: list[str]
    target: float
    expected: float
    low: float
    high: float
    probability_below: float
    shortfall: float
    stretch: float
    by_class: list[dict[str, Any]]
    cause: str | None
    driver: str | None


def signing_forecast(
    monthly: Any,
    *,
    month: str,
    leads: str,
    signed: str,
    leads_next: Any,
    class_: str | None = None,
    method: Method = "mean_of_rates",
    months: int = 3,
    alpha: float | None = None,
    confidence: float = 0.9,
) -> SigningForecast:
    """Forecast the signings of the month after the last one: leads times rate, summed over the classes.

    ``"mean_of_rates"`` is the mean of the last months' rates, ``"pooled_rate"`` all their signings over all their
    leads, ``"smoothing"`` exponential smoothing in which a month weighs ``(1 - alpha) ** age`` times its leads. Months
    without leads have no rate and are passed over. The source document says "the mean of the last 3 months' rates" and
    leaves open which of the first two it means. The interval (inferred) allows for the luck of the leads, for the rate
    being learned from few of them, and for months that differ more than luck explains (after Kleinman 1973); classes
    are taken as independent, and a trend or a season widens nothing.

    Parameters
    ----------
    monthly : data frame or dict of columns
        One row per month and class, in any order; every class has every month from its first to the last of all.
    month : str
        The column of months: dates, texts such as ``"2026-03"`` or ``"2026-03-01"``, or days since 1970-01-01.
    leads, signed : str
        The columns of leads at the start of the month, and of those that signed within it.
    leads_next : dict, data frame or int
        Leads at the start of the next month for every class: ``{class: leads}`` or a frame with the columns ``class_``
        and ``leads``. Without classes, a number.
    class_ : str, optional
        The column of classes.
    method : {"mean_of_rates", "pooled_rate", "smoothing"}
        How past rates become the next one.
    months : int
        How many months with leads enter; not used by smoothing.
    alpha : float, optional
        The alpha of smoothing, in (0, 1]; without it, that of 0.01, 0.02, …, 1 with the least error one month ahead.
    confidence : float
        The probability with which signings lie within the interval.

    Returns
    -------
    SigningForecast
        In all and by class.

    Raises
    ------
    InvalidValueError
        With row and class: more signings than leads, no whole numbers, months that are missing or occur twice.
    NotEnoughDataError
        If a class has fewer months with leads than the method needs.
    UnknownNameError
        If ``leads_next`` names a class without history.
    InvalidParameterError
        If a setting is out of range, or ``leads_next`` leaves out a class.

    Examples
    --------
    >>> import tierwise as tw
    >>> monthly = {
    ...     "month": ["2026-01", "2026-02", "2026-03"],
    ...     "leads": [10, 40, 50],
    ...     "signed": [5, 8, 15],
    ... }
    >>> forecast = tw.lead.signing_forecast(monthly, month="month", leads="leads", signed="signed", leads_next=30)
    >>> forecast.month, round(forecast.expected, 6)
    ('2026-04', 10.0)
    """
    settings = _method("signing_forecast", method, months, alpha)
    confidence = real("signing_forecast", "confidence", confidence)
    next_ = _leads_next(leads_next, class_, leads)
    history = _history(monthly, month, leads, signed, class_)
    content = _signing_forecast(history, next_, json.dumps(settings), confidence)
    made = json.loads(content)
    return SigningForecast(
        month=str(np.datetime64(made["month"], "M")),
        **{name: made[name] for name in ("method", "alpha", "confidence", "leads", "expected", "low", "high")},
        by_class=made["by_class"],
        _content=content,
    )


def forecast_backtest(
    monthly: Any,
    *,
    month: str,
    leads: str,
    signed: str,
    class_: str | None = None,
    methods: Sequence[Method] = _METHODS,  # type: ignore[assignment]
    months: int = 3,
    alpha: float | None = None,
    confidence: float = 0.9,
) -> ForecastBacktest:
    """Forecast every past month from the months before it, and sum up the errors of each method.

    Each month is forecast with the leads that it had at its start. "An error of about 10 %" can be relative or in
    points of the rate; the source leaves it open, and both are reported. No method is picked.

    Parameters
    ----------
    monthly : data frame or dict of columns
        As for :func:`signing_forecast`, as are the names of its columns.
    month, leads, signed : str
        The columns.
    class_ : str, optional
        The column of classes.
    methods : sequence of str
        The methods to compare, over the same months.
    months : int
        For the mean of rates and the pooled rate.
    alpha : float, optional
        For smoothing; without it, chosen anew for every month.
    confidence : float
        Of the intervals whose coverage is reported.

    Returns
    -------
    ForecastBacktest
        ``errors`` has ``method``, ``class`` (null for the total), ``signed`` and ``expected`` (sums),
        ``mean_relative_error`` (over months with signings; 0.1 is 10 %), ``months_without_signings``,
        ``weighted_relative_error`` (sum of errors over sum of signings), ``rate_error_points`` (mean absolute error of
        the rate in percentage points), ``months_without_leads``, ``bias`` (mean of expected minus signed) and
        ``coverage`` (share of months within the interval). NaN where there is nothing to divide by.

    Raises
    ------
    NotEnoughDataError
        If no month can be forecast by every method.
    InvalidValueError, InvalidParameterError
        As for :func:`signing_forecast`.

    Examples
    --------
    >>> import tierwise as tw
    >>> monthly = {"month": ["2026-01", "2026-02"], "leads": [100, 100], "signed": [10, 20]}
    >>> backtest = tw.lead.forecast_backtest(
    ...     monthly, month="month", leads="leads", signed="signed", methods=["pooled_rate"], months=1
    ... )
    >>> backtest.months, float(backtest.errors["mean_relative_error"][0])
    (1, 0.5)
    """
    if isinstance(methods, str):
        raise invalid_parameter("forecast_backtest", "methods", "a list of methods", repr(methods))
    settings = [_method("forecast_backtest", method, months, alpha) for method in methods]
    confidence = real("forecast_backtest", "confidence", confidence)
    history = _history(monthly, month, leads, signed, class_)
    made = json.loads(_forecast_backtest(history, json.dumps(settings), confidence))
    rows = made["rows"]
    columns: dict[str, Any] = {name: _labels([row[name] for row in rows]) for name in ("method", "class")}
    for name in rows[0]:
        if name.startswith("months_"):
            columns[name] = np.array([row[name] for row in rows], dtype=np.int64)
        elif name not in columns:
            columns[name] = np.array([row[name] for row in rows], dtype=np.float64)
    return ForecastBacktest(made["months"], made["skipped"], _new_frame(monthly, columns, len(rows)))


def signing_warning(
    forecast: SigningForecast,
    *,
    target: float,
    tolerance: float = 0.0,
    most_risk: float | None = None,
    plan: Mapping[Any, tuple[float, float]] | None = None,
) -> SigningWarning:
    """Hold a forecast against a target, and divide what is missing among the classes.

    It warns when fewer than ``target * (1 - tolerance)`` signings are expected, or when the probability of missing the
    target is above ``most_risk``. Each class is compared with its plan; the difference is divided into what is due to
    the number of leads and what to the rate, each averaged over both orders (the Shapley value of two factors). Rule
    and division are inferred: the source documents name neither.

    Parameters
    ----------
    forecast : SigningForecast
        What :func:`signing_forecast` returned.
    target : float
        The signings wanted.
    tolerance : float
        The share of the target that may be missing without a warning.
    most_risk : float, optional
        The highest probability of missing the target that gives no warning.
    plan : dict, optional
        Leads and rate per class: ``{class: (leads, rate)}``. Without it, the mean leads and the pooled rate of the
        forecast's history.

    Returns
    -------
    SigningWarning
        The parts add up to the shortfall.

    Raises
    ------
    InvalidParameterError
        If a setting is out of range or the plan leaves out a class.
    UnknownNameError
        If the plan names a class that was not forecast.
    InvalidValueError
        If planned leads are negative or a rate is no share.

    Examples
    --------
    >>> import tierwise as tw
    >>> monthly = {"month": ["2026-01"] * 2, "class": ["A", "B"], "leads": [100, 100], "signed": [20, 5]}
    >>> forecast = tw.lead.signing_forecast(
    ...     monthly, month="month", class_="class", leads="leads", signed="signed",
    ...     leads_next={"A": 60, "B": 120}, months=1,
    ... )
    >>> warning = tw.lead.signing_warning(forecast, target=30)
    >>> warning.warn, round(warning.shortfall, 6), warning.cause, warning.driver
    (True, 12.0, 'A', 'volume')
    """
    of = "signing_warning"
    if not isinstance(forecast, SigningForecast):
        raise invalid_parameter(of, "forecast", "what `signing_forecast` returned", repr(type(forecast).__name__))
    rule = {
        "target": real(of, "target", target),
        "tolerance": real(of, "tolerance", tolerance),
        "most_risk": None if most_risk is None else real(of, "most_risk", most_risk),
    }
    rows = None if plan is None else json.dumps(plain(_plan(plan), "plan"))
    return SigningWarning(**json.loads(_signing_warning(forecast._content, json.dumps(rule), rows)))


def _plan(plan: Any) -> list[dict[str, Any]]:
    must_be = "a dict of leads and rate per class, such as {'A': (120, 0.2)}"
    if not isinstance(plan, Mapping):
        raise invalid_parameter("signing_warning", "plan", must_be, repr(type(plan).__name__))
    rows = []
    for name, pair in plan.items():
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise invalid_parameter("signing_warning", "plan", must_be, repr(pair))
        leads, rate = (real("signing_warning", "plan", value) for value in pair)
        rows.append({"class": label_of(name), "leads": leads, "rate": rate})
    return rows


def _method(of: str, method: Any, months: Any, alpha: Any) -> dict[str, Any]:
    one_of(of, "method", method, _METHODS)
    if method == "smoothing":
        return {"method": method, "alpha": None if alpha is None else real(of, "alpha", alpha)}
    return {"method": method, "months": whole(of, "months", months, 1, 1200)}


def _history(monthly: Any, month: str, leads: str, signed: str, class_: str | None) -> SigningHistory:
    names = [month, leads, signed, *([] if class_ is None else [class_])]
    columns = _columns(monthly, names)
    classes = None if class_ is None else _known_labels(class_, columns[class_])
    counts = [numbers(name, columns[name]) for name in (leads, signed)]
    return SigningHistory(classes, _months(month, columns[month]), *counts)


def _columns(data: Any, names: Sequence[str]) -> dict[str, Any]:
    frame = data if isinstance(data, Mapping) else nw.from_native(data, eager_only=True, pass_through=True)
    if not isinstance(frame, (Mapping, nw.DataFrame)):
        raise wrong_kind("the table", "a data frame or a dict of columns", f"an object of type {type(data).__name__}")
    check_present(names, list(frame if isinstance(frame, Mapping) else frame.columns))
    return {name: frame[name].to_native() if isinstance(frame, nw.DataFrame) else frame[name] for name in names}


def _months(name: str, values: Any) -> npt.NDArray[np.int32]:
    """Count months from January 1970, of dates, days or texts."""
    if str(getattr(values, "dtype", "")).startswith("period["):
        values = values.dt.to_timestamp()
    try:
        days = numbers(name, values)
    except exceptions.WrongKindError:
        texts = _known_labels(name, values)
        months = {text: _month_of(name, text) for text in dict.fromkeys(texts)}
        return np.array([months[text] for text in texts], dtype=np.int32)
    _check_known(name, np.isnan(days))
    if not np.all(np.abs(days) <= LAST_DAY):
        row = int(np.argmax(~(np.abs(days) <= LAST_DAY)))
        raise _invalid_value(name, row, str(days[row]), "give dates, or texts such as 2026-03")
    dates = np.floor(days).astype(np.int64).astype("datetime64[D]")
    return dates.astype("datetime64[M]").astype(np.int64).astype(np.int32)


def _month_of(name: str, text: str) -> int:
    try:
        if len(text) not in (7, 10) or text[4] != "-":
            raise ValueError
        return int(np.datetime64(text, "M").astype(np.int64))
    except ValueError:
        expected = "a date, or a month as text such as 2026-03"
        raise wrong_kind(f"column `{name}`", expected, f"`{text}`") from None


def _known_labels(name: str, values: Any) -> list[str]:
    labels = labels_of(name, values)
    _check_known(name, np.array([label is None for label in labels], dtype=bool))
    return [label for label in labels if label is not None]


def _leads_next(leads_next: Any, class_: str | None, leads: str) -> list[tuple[str, float]]:
    of = "signing_forecast"
    if class_ is None:
        return [("all", real(of, "leads_next", leads_next))]
    if isinstance(leads_next, Mapping) and not (class_ in leads_next and leads in leads_next):
        return [(label_of(name), real(of, "leads_next", count)) for name, count in leads_next.items()]
    if not hasattr(leads_next, "columns") and not isinstance(leads_next, Mapping):
        must_be = f"a dict of leads per class, or a frame with the columns `{class_}` and `{leads}`"
        raise invalid_parameter(of, "leads_next", must_be, repr(leads_next))
    columns = _columns(leads_next, [class_, leads])
    names, counts = _known_labels(class_, columns[class_]), numbers(leads, columns[leads]).tolist()
    if len(names) != len(counts):
        raise invalid_parameter(of, "leads_next", "columns of one length", f"{len(names)} and {len(counts)} values")
    return list(zip(names, counts, strict=True))


def _labels(names: list[str | None]) -> Labels:
    known = list(dict.fromkeys(name for name in names if name is not None))
    return Labels(np.array([-1 if name is None else known.index(name) for name in names], dtype=np.int64), known)


def _new_frame(like: Any, columns: Mapping[str, Any], rows: int) -> Any:
    """Build a frame of the same kind, with rows of its own: those of pandas are numbered from 0."""
    if nw.dependencies.is_pandas_dataframe(like):
        pandas = nw.dependencies.get_pandas()
        like = pandas.DataFrame(index=pandas.RangeIndex(rows))
    return frame_like(like, columns)


def _check_known(name: str, unknown: npt.NDArray[np.bool_]) -> None:
    if unknown.any():
        raise _invalid_value(
            name, int(np.argmax(unknown)), "unknown", "every row needs one; fill it in or drop the row"
        )


def _invalid_value(name: str, row: int, found: str, must_be: str) -> exceptions.InvalidValueError:
    error = exceptions.InvalidValueError(f"column `{name}` at row {row} is {found}; {must_be}")
    error.details = {"what": f"column `{name}`", "row": row, "key": None, "found": found, "must_be": must_be}
    return error


def wrong_kind(what: str, expected: str, found: str) -> exceptions.WrongKindError:
    error = exceptions.WrongKindError(f"{what} holds {found} where {expected} is due; convert it before the call")
    error.details = {"column": what, "row": None, "expected": expected, "found": found}
    return error
