"""The page of a report: its sections in the order in which they are asked about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import tierwise as tw
from tierwise import _page
from tierwise._page import NONE, Figure, Html, interval, percent
from tierwise._pictures import Picture, amounts, judgement, plain_number

Numbers = Mapping[str, Any]
Drawn = Mapping[str, Picture]

_WHO = (
    "First come the sections for those who decide, then those for who builds the model. Every interval says how far "
    "the figure could move in another test set of this size."
)


def pictures_of(numbers: Numbers) -> dict[str, Picture]:
    """Draw what can be drawn of the numbers, by name."""
    if "top" not in numbers:
        drawn = _amount_pictures(numbers)
    else:
        drawn = {"gain": judgement.gain({"by the score": numbers}), "rates": judgement.rates(numbers)}
        drawn["roc"] = judgement.roc(numbers)
        if "not" not in numbers["histogram"]:
            drawn["histogram"] = judgement.histogram(numbers)
        if "not" not in numbers["calibration"]:
            drawn["calibration"] = judgement.calibration({"the score": numbers})
            drawn["decision"] = judgement.decision(numbers)
        if numbers["profit"] is not None:
            drawn["profit"] = judgement.profit(numbers)
        for one in numbers["groups"]:
            drawn[f"groups: {one['name']}"] = judgement.groups(one)
        if numbers["drift"] is not None:
            found = numbers["drift"]
            drawn["drift"] = judgement.moved(found["drift"]["cells"], found["words"]["says"])
    if "terms" in (numbers.get("model") or {}):
        drawn["terms"] = judgement.terms(numbers["model"])
    return drawn


def _amount_pictures(numbers: Numbers) -> dict[str, Picture]:
    drawn = {}
    if "not" not in numbers["deciles"]:
        drawn["deciles"] = amounts.deciles(numbers)
    if "not" not in numbers["curve"]:
        drawn["captured"] = amounts.captured(numbers)
    return drawn


def parts_of(numbers: Numbers, drawn: Drawn) -> list[str]:
    """Write the parts of the page, in their order; pictures that are not drawn are left out."""
    # A section of figures that are made elsewhere, such as a backtest, is one more function here.
    of_yes_no: list[Callable[[Numbers, Drawn], str]] = [
        _top,
        _capacity,
        _profit,
        _calibration,
        _groups,
        _champion,
        _drift,
        _columns,
        _model,
        _ranking,
        _histogram,
        _decision,
    ]
    of_amounts: list[Callable[[Numbers, Drawn], str]] = [_errors, _captured, _columns, _model]
    if "top" in numbers:
        parts = [_overview(numbers), *(section(numbers, drawn) for section in of_yes_no)]
    else:
        parts = [section(numbers, drawn) for section in of_amounts]
    return [*parts, f"<footer>Made by tierwise {tw.__version__}.</footer>"]


def _overview(numbers: Numbers) -> str:
    found, tenth = numbers["overview"], numbers["top"]["table"][2]
    calibration = numbers["calibration"]
    shown = [
        ("customers", plain_number(found["customers"])),
        (f"of them {found['happened']}", percent(found["base_rate"]["rate"])),
        ("times the average in the top tenth", f"{tenth['lift']['value']:.1f}"),
        ("ROC AUC (a coin: 0.5)", f"{numbers['ranking']['roc_auc']:.3f}"),
    ]
    if "not" not in calibration:
        shown.append(("Brier score better than the base rate by", percent(calibration["brier_skill"])))
    return _page.words(found["words"]) + _page.tiles(*shown) + _page.how(_WHO)


def _top(numbers: Numbers, drawn: Drawn) -> str:
    found = numbers["top"]
    names = [
        "top of the list",
        "customers",
        "score at least",
        "events",
        "of them",
        "interval",
        "of all events",
        "interval",
        "times the average",
        "interval",
    ]
    rows = [
        [
            percent(row["share"], 0),
            row["customers"],
            row["cut"],
            row["events"],
            percent(row["rate"]["rate"]),
            interval(row["rate"], True),
            percent(row["capture"]["value"]),
            interval(row["capture"], True),
            Figure(f"{row['lift']['value']:.2f}"),
            interval(row["lift"], places=2),
        ]
        for row in found["table"]
    ]
    return _page.section(
        "What does the top of the list hold?",
        _page.words(found["words"]),
        _pictures(drawn, "gain", "rates"),
        _page.details("The table", _page.table(names, rows)),
    )


def _ranking(numbers: Numbers, drawn: Drawn) -> str:
    found = numbers["ranking"]
    distance = found["kolmogorov_smirnov"]
    rows: list[list[Any]] = [
        ["ROC AUC", Figure(f"{found['roc_auc']:.4f}"), interval(found["roc_auc_interval"])],
        ["Gini", Figure(f"{found['gini']:.4f}"), None],
        [
            "average precision",
            Figure(f"{found['average_precision']:.4f}"),
            interval(found["average_precision_interval"]),
        ],
        ["Kolmogorov-Smirnov", Figure(f"{distance['value']:.4f}"), None],
        ["different scores", found["distinct_scores"], None],
    ]
    return _page.section(
        "Does it rank?",
        _page.words(found["words"]),
        _page.table(["figure", "value", "interval"], rows),
        _pictures(drawn, "roc"),
    )


def _histogram(numbers: Numbers, drawn: Drawn) -> str:
    found = numbers["histogram"]
    title = "How are the scores spread?"
    if "not" in found:
        return _page.section(title, _page.missing(found["not"]))
    return _page.section(title, _page.words(found["words"]), _pictures(drawn, "histogram"))


def _calibration(numbers: Numbers, drawn: Drawn) -> str:
    found = numbers["calibration"]
    title = "Do the probabilities mean what they say?"
    if "not" in found:
        return _page.section(title, _page.missing(found["not"]))
    bent, test, loss = found["recalibration"], found["spiegelhalter"], found["log_loss"]
    rows: list[list[Any]] = [
        ["log-loss", _figure(loss), interval(found["log_loss_interval"], places=4)],
        ["log-loss of the base rate", Figure(f"{found['log_loss_of_base_rate']:.4f}"), None],
        ["Brier score", Figure(f"{found['brier']:.4f}"), interval(found["brier_interval"], places=4)],
        ["calibration error, ten groups", Figure(f"{found['calibration_error']:.4f}"), None],
    ]
    if "not" not in bent:
        rows += [
            ["calibration slope (1 is right)", Figure(f"{bent['slope']['value']:.3f}"), interval(bent["slope"])],
            [
                "in the large (0 is right)",
                Figure(f"{bent['in_the_large']['value']:.3f}"),
                interval(bent["in_the_large"]),
            ],
        ]
    if "not" not in test:
        rows.append(["Spiegelhalter's z", Figure(f"{test['z']:.2f}"), Figure(f"p = {test['p_value']:.2g}")])
    why = [one["not"] for one in (loss, test) if isinstance(one, Mapping) and "not" in one]
    bins = [
        [
            percent(row["mean_probability"], 2),
            percent(row["rate"], 2),
            interval(row, True),
            row["events"],
            row["weight"],
        ]
        for row in found["table"]
    ]
    return _page.section(
        title,
        _page.words(found["words"]),
        *(_page.missing(one) for one in why),
        _pictures(drawn, "calibration"),
        _page.details(
            "The figures and the groups",
            _page.table(["figure", "value", "interval"], rows),
            _page.table(["said", "came", "interval", "events", "customers"], bins),
        ),
    )


def _figure(found: Any) -> Figure | None:
    return None if isinstance(found, Mapping) else Figure(f"{found:.4f}")


def _capacity(numbers: Numbers, _: Drawn) -> str:
    found = numbers["capacity"]
    if found is None:
        return ""
    title = f"We can call {plain_number(found['capacity'])}. Whom?"
    cut = found["cut"]["cut"]
    reach = (
        "Not even all with the highest score can be called."
        if cut is None
        else f"All who score at least {plain_number(cut)}."
    )
    return _page.section(title, _page.words(found["words"]), _page.how(reach))


def _profit(numbers: Numbers, drawn: Drawn) -> str:
    found = numbers["profit"]
    if found is None:
        return ""
    return _page.section("Where do we stop calling?", _page.words(found["words"]), _pictures(drawn, "profit"))


def _decision(numbers: Numbers, drawn: Drawn) -> str:
    found = numbers["decision"]
    title = "Is it worth acting on, whatever a call costs?"
    if "not" in found:
        return _page.section(title, _page.missing(found["not"]))
    return _page.section(title, _page.words(found["words"]), _pictures(drawn, "decision"))


def _groups(numbers: Numbers, drawn: Drawn) -> str:
    names = [
        "group",
        "customers",
        "with the outcome",
        "selected",
        "of its events selected",
        "ROC AUC",
        "interval",
        "selected against the reference",
        "interval",
    ]
    sections = []
    for found in numbers["groups"]:
        rows = [_group_row(one) for one in found["groups"]]
        sections.append(
            _page.section(
                f"Does it treat {found['name']} alike?",
                _page.words(found["words"]),
                _page.how(f"Selected: {found['cut_by']}."),
                _page.pictures(drawn[f"groups: {found['name']}"], wide=True) if drawn else "",
                _page.details("The table", _page.table(names, rows)),
            )
        )
    return "".join(sections)


def _group_row(group: Numbers) -> list[Any]:
    def share(name: str) -> Figure:
        return percent(None if "not" in group[name] else group[name]["rate"])

    against, area = group["compared"], group["roc_auc"]
    ratio = None if against is None or "not" in against["selection_ratio"] else against["selection_ratio"]
    return [
        group["group"],
        group["rows"],
        share("base_rate"),
        share("selection_rate"),
        share("true_positive_rate"),
        Figure(NONE if "not" in area else f"{area['value']:.3f}"),
        interval(area),
        Figure("the reference" if against is None else NONE if ratio is None else f"{ratio['value']:.2f}"),
        interval(ratio, places=2),
    ]


def _drift(numbers: Numbers, drawn: Drawn) -> str:
    found = numbers["drift"]
    if found is None:
        return ""
    return _page.section(
        "Are these the same kind of customers?", _page.words(found["words"]), _pictures(drawn, "drift")
    )


def _champion(numbers: Numbers, _: Drawn) -> str:
    found = numbers["champion"]
    if found is None:
        return ""
    if "not" in found:
        return _page.section("May it replace the score in use?", _page.missing(found["not"]))
    area = found["roc_auc"]
    rows = [
        [check["name"].replace("_", " "), check["state"].replace("_", " "), check["sentence"]]
        for check in found["promotion"]["checks"]
    ]
    return _page.section(
        "May it replace the score in use?",
        _page.words(found["words"]),
        _page.tiles(
            ("verdict", found["promotion"]["verdict"].replace("_", " ")),
            ("ROC AUC of this score", f"{area['first']:.3f}"),
            ("of the score in use", f"{area['second']:.3f}"),
            ("difference", f"{area['difference']:+.3f} ({area['low']:+.3f} to {area['high']:+.3f})"),
        ),
        _page.table(["check", "state", "what it says"], rows, prose=["what it says"]),
    )


def _columns(numbers: Numbers, _: Drawn) -> str:
    found = numbers.get("columns")
    if not found:
        return ""
    worst = [one for one in found if one["level"] != "stable"]
    finding = f"{len(worst)} of {len(found)} columns moved since the reference."
    order = ["act", "watch", "stable"]
    rows = [
        [
            one["name"],
            Html(_page.level(one["level"])),
            Figure(f"{one['population_stability']:.3f}"),
            percent(one["unknown_before"]),
            percent(one["unknown_now"]),
            ", ".join(one["unseen"]),
        ]
        for one in sorted(found, key=lambda one: (order.index(one["level"]), -one["population_stability"]))
    ]
    names = ["column", "level", "stability index", "unknown then", "unknown now", "never seen before"]
    return _page.section(
        "Which columns moved?", _page.says(finding), _page.table(names, rows, prose=["column", "never seen before"])
    )


def _model(numbers: Numbers, drawn: Drawn) -> str:
    found = numbers.get("model")
    if found is None:
        return ""
    title = "What does the model look at?"
    if "not" in found:
        return _page.section(title, _page.missing(found["not"]))
    unknown = [[one["feature"], percent(one["share"])] for one in found["unknown"] if one["share"] > 0]
    return _page.section(
        title,
        _page.words(found["words"]),
        _pictures(drawn, "terms"),
        _page.details("What is unknown", _page.table(["feature", "unknown"], unknown, prose=["feature"]))
        if unknown
        else "",
    )


def _errors(numbers: Numbers, drawn: Drawn) -> str:
    found, sure = numbers["figures"], numbers["intervals"] or {}
    names = {
        "mean_absolute_error": "mean absolute error",
        "median_absolute_error": "median absolute error",
        "root_mean_squared_error": "root mean squared error",
        "bias": "bias (said less came)",
        "weighted_absolute_percentage_error": "WAPE, errors over what came",
        "mean_absolute_percentage_error": "MAPE",
        "r_squared": "R²",
    }
    rows = [[label, found[name], interval(sure.get(name))] for name, label in names.items()]
    deciles = numbers["deciles"]
    by_tenth = [
        [row["group"], row["lowest"], row["highest"], row["mean_predicted"], row["mean_actual"], row["sum_actual"]]
        for row in ([] if isinstance(deciles, Mapping) else deciles)
    ]
    heads = ["tenth", "from", "to", "said on average", "came on average", "came in all"]
    return _page.words(numbers["words"]) + _page.section(
        "How far off are the amounts?",
        _pictures(drawn, "deciles"),
        _page.table(["figure", "value", "interval"], rows),
        _page.details("By tenths", _page.table(heads, by_tenth)) if by_tenth else _page.missing(deciles["not"]),
    )


def _captured(numbers: Numbers, drawn: Drawn) -> str:
    found = numbers["capture"]
    title = "Who brings the money?"
    if isinstance(found, Mapping):
        return _page.section(title, _page.missing(found["not"]))
    rows = [
        [
            percent(row["share"], 0),
            row["amount"],
            percent(row["capture"]),
            percent(row["oracle"]),
            Figure(f"{row['lift']:.2f}"),
        ]
        for row in found
    ]
    names = ["top by prediction", "brought", "of all", "with hindsight", "times the average"]
    return _page.section(
        title,
        _page.words(numbers["capture_words"]),
        _pictures(drawn, "captured"),
        _page.details("The table", _page.table(names, rows)),
    )


def _pictures(drawn: Drawn, *names: str) -> str:
    return _page.pictures(*(drawn[name] for name in names if name in drawn))
