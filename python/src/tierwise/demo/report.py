"""One page that holds everything: tables, pictures, and words on how they were judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

import tierwise as tw
from tierwise._learning import FittedLogistic
from tierwise._page import Figure, Html, details, doubts, how, level, page, pictures, says, section, table, tiles
from tierwise._pictures import judgement, monitoring
from tierwise._shape_pictures import in_words
from tierwise.demo import pictures as drawn
from tierwise.demo.cases import KNOWN_UNTIL, Leads, LearnedCard, Lifetime, Pipeline, Prediction, Value


def write(
    leads: Leads,
    pipeline: Pipeline,
    value: Value,
    lifetime: Lifetime,
    caravan: Prediction,
    churn: Prediction,
    card: LearnedCard,
    watched: tw.evaluate.MonitoringReport,
) -> str:
    """Write the report as one HTML page without outside parts."""
    return page(
        "Four decisions on customer data",
        how(
            "Every score below is a sum of points, and every point has a reason. Models are judged on customers, or on "
            "months, that they have not seen."
        ),
        _leads(leads),
        _pipeline(leads, pipeline),
        _value(value),
        _lifetime(lifetime),
        _caravan(caravan),
        _churn(churn),
        _models(caravan, churn),
        _card(card),
        _watched(watched),
        f"<footer>Made by tierwise {tw.__version__}. Model fingerprints: card {leads.card.fingerprint[:12]}, "
        f"propensity {caravan.model.fingerprint[:12]}, churn {churn.model.fingerprint[:12]}, "
        f"tiers {value.tiers.fingerprint[:12]}.</footer>",
    )


def _leads(leads: Leads) -> str:
    order = leads.graded.sort_values(["grade", "score"], ascending=[True, False])
    columns = ["score", "raw_grade", "grade", "binding_prerequisite", "worst_grade", "best_grade", "reason_1"]
    corrected = leads.graded[leads.graded["binding_prerequisite"].notna()].sort_values("score", ascending=False)
    table = pd.concat([order.head(6), corrected.head(3)])[columns]
    first = order.index[0]
    explained = leads.card.explain(leads.prospects.loc[[first]]).iloc[0]
    lowered = (leads.graded["grade"].astype(str) != leads.graded["raw_grade"].astype(str)).mean()
    return _section(
        "1. Whom do we call first?",
        f"A generated sheet of {len(leads.prospects)} prospects, one fact in six unknown, graded with the 17-row card "
        "of a B2B marketplace. A missing prerequisite caps the grade; unknown facts are never read as no, and show as "
        "the worst and best grade that are still possible. Below: the first six to call, and three whose grade a "
        "prerequisite holds back.",
        tiles(
            ("prospects graded A", f"{(leads.graded['grade'] == 'A').sum()}"),
            ("held back by a prerequisite", f"{lowered:.0%}"),
            ("could still become an A", f"{(leads.graded['best_grade'] == 'A').mean():.0%}"),
        ),
        _table(table, {"score": "{:.1f}".format}),
        pictures(
            drawn.reasons(
                f"Why {first} has {leads.graded.loc[first, 'score']:.1f} points",
                "points",
                float(explained["base"]),
                explained.drop("base"),
            ),
            drawn.grades(leads.graded, leads.card.grades),
        ),
    )


def _pipeline(leads: Leads, pipeline: Pipeline) -> str:
    first = pipeline.today.sort_values("value", ascending=False).head(8)
    table = first[["grade", "cell", "win", "amount", "value", "rep", "raise_by"]].rename(
        columns={"cell": "fit and engagement", "win": "win probability", "raise_by": "what would raise the grade"}
    )
    pair = pipeline.rates.pairs[0]
    closed = sum(row.closed for row in pipeline.rates.rates)
    return _section(
        "1b. Do the grades hold, and who takes which lead?",
        f"Also generated: events of sixty days, {closed:,} closed deals, and amounts. The deals say what each question "
        "really weighs, how often each grade wins, and how sure that is; then the leads go to six reps with "
        f"{len(pipeline.today) - pipeline.unassigned} places so that the expected value is highest. The last column is "
        "the cheapest change, of the two facts that a visit can change.",
        tiles(
            (f"that {pair.better} wins more often than {pair.worse}", f"{pair.probability:.1%}"),
            ("that the whole order holds", f"{pipeline.rates.order_probability:.1%}"),
            ("expected value, against taking turns", f"{pipeline.value / pipeline.value_in_turn - 1:+.1%}"),
            ("leads left without a rep, each with a reason", f"{pipeline.unassigned}"),
        ),
        _table(
            table,
            {"win probability": "{:.0%}".format} | dict.fromkeys(["amount", "value"], "${:,.0f}".format),
        ),
        pictures(
            drawn.win_rates(pipeline.rates),
            drawn.fit_by_engagement(pipeline.cells, leads.card.grades),
            drawn.weights(pipeline.weights),
        ),
    )


def _value(value: Value) -> str:
    table = value.later.rename(
        columns={
            "from": "spent at least",
            "share_of_money": "share of money",
            "later_per_customer": "later, each",
            "bought_again": "bought again",
            "share_of_later": "share of later money",
        }
    )[["customers", "spent at least", "share of money", "later, each", "bought again", "share of later money"]]
    formats = {"spent at least": "${:.2f}".format, "later, each": "${:.2f}".format} | dict.fromkeys(
        ["share of money", "bought again", "share of later money"], "{:.1%}".format
    )
    return _section(
        "2. What is a customer worth?",
        f"{len(value.customers):,} buyers of a CD shop (CDNOW). Tiers by the money of January to September 1997, top "
        "5, 15, 30 and 50 %. Split by time: the later columns are October 1997 to June 1998, which the tiers have not "
        "seen.",
        tiles(
            ("of the customers make 80 % of the money", f"{value.pareto.share_of_customers:.0%}"),
            ("Gini of the money", f"{value.gini:.2f}"),
            (
                "spent by an A customer for each dollar of a D",
                f"{value.later['later_per_customer'].iloc[0] / value.later['later_per_customer'].iloc[-1]:.0f}",
            ),
        ),
        _table(table, formats),
        pictures(drawn.share_curve(value.customers["monetary"], value.pareto), drawn.later_money(value.later)),
    )


def _caravan(caravan: Prediction) -> str:
    return _prediction(
        "3. What will they buy next?",
        f"Caravan policies among {caravan.seen + len(caravan.unseen):,} customers of a Dutch insurer (CoIL 2000). "
        f"Learned from {caravan.seen:,}; judged on the other {len(caravan.unseen):,}, a random third, because the data "
        "have no date.",
        caravan,
    )


def _churn(churn: Prediction) -> str:
    return _prediction(
        "4. Who is about to leave?",
        f"{churn.seen + len(churn.unseen):,} telephone customers (IBM's sample data, fictional). Learned from "
        f"{churn.seen:,}; judged on the other {len(churn.unseen):,}, a random third, because the data have no date.",
        churn,
    )


def _prediction(title: str, words: str, prediction: Prediction) -> str:
    model, unseen, found = prediction.model, prediction.unseen, prediction.report.numbers
    listed = pd.DataFrame(
        {"customer": unseen.index, "probability": model.probability(unseen), "rank": model.rank(unseen)}
    )
    reasons = model.reasons(unseen, most=2)
    for place in (1, 2):
        effect = reasons[f"reason_{place}_effect"]
        listed[f"reason {place} (effect)"] = [
            f"{str(name).replace('_', ' ')} ({points:+.1%})"
            for name, points in zip(reasons[f"reason_{place}"], effect, strict=True)
        ]
    first = listed.sort_values("rank").head(5).set_index("customer")
    customer = first.index[0]
    explained = model.explain(unseen.loc[[customer]]).iloc[0]
    base = found["overview"]["base_rate"]
    return _section(
        title,
        words,
        says(found["top"]["words"]["says"]),
        tiles(
            (f"of them {found['overview']['happened']} (base rate)", f"{base['rate']:.1%}"),
            ("area under the ROC curve", f"{found['ranking']['roc_auc']:.3f}"),
            ("times the average in the top tenth", f"{found['top']['table'][2]['lift']['value']:.1f}"),
            ("log-loss", f"{found['calibration']['log_loss']:.3f}"),
        ),
        _table(first, {"probability": "{:.1%}".format}),
        pictures(
            drawn.reasons(
                f"Why customer {customer} comes first", "log-odds", float(explained["base"]), explained.drop("base")
            )
        ),
        _largest(model),
    )


def _largest(model: FittedLogistic) -> str:
    coefficients = pd.DataFrame(model.coefficients).sort_values("z", key=abs, ascending=False).head(9)
    table = coefficients[["name", "estimate", "lower", "upper", "z"]].set_index("name")
    return _table(table, dict.fromkeys(["estimate", "lower", "upper"], "{:+.3g}".format) | {"z": "{:+.1f}".format})


def _models(caravan: Prediction, churn: Prediction) -> str:
    numbers = {"caravan policy": caravan.report.numbers, "churn": churn.report.numbers}
    found = []
    for name, one in numbers.items():
        parts = ("ranking", "top", "calibration", "capacity", "drift")
        found += [f"{name}: {one[part]['words']['says']}" for part in ("calibration", "capacity", "drift")]
        found += [f"{name}: {doubt}" for part in parts for doubt in one[part]["words"]["doubts"]]
    return _section(
        "How good are the models?",
        "Both on customers that they have not seen, by tierwise.evaluate.report, whose to_html() is a page of its own. "
        "Left: how many of all buyers, or leavers, are among those called first. Right: the probability the model "
        "gave against the rate that came true, in groups of equal size, with 95 % intervals.",
        pictures(judgement.gain(numbers, "Whom the models find"), judgement.calibration(numbers)),
        doubts(found),
    )


def _lifetime(lifetime: Lifetime) -> str:
    found = lifetime.report.numbers
    worth = lifetime.worth.sort_values("estimate", ascending=False).head(5)
    return _section(
        "2b. What will each customer still bring?",
        "The same buyers: purchases by Pareto/NBD, amounts by Gamma-Gamma, learned to the end of September 1997; "
        "judged on the 39 weeks after. Below: those worth most, with the interval of the mean of such customers.",
        says(found["capture_words"]["says"]),
        tiles(
            ("said per customer", f"${found['figures']['mean_predicted']:.2f}"),
            ("came per customer", f"${found['figures']['mean_actual']:.2f}"),
            ("of the later money from the top tenth", f"{found['capture'][2]['capture']:.0%}"),
        ),
        _table(
            worth, dict.fromkeys(["estimate", "lower", "upper"], "${:,.2f}".format) | {"purchases": "{:.0f}".format}
        ),
        pictures(lifetime.report.pictures()["captured"], drawn.tracked(lifetime.track, KNOWN_UNTIL)),
        doubts(lifetime.verdict),
    )


def _card(card: LearnedCard) -> str:
    found = card.report.numbers
    rows = [
        [characteristic["name"].replace("_", " "), in_words(attribute["when"]), Figure(f"{attribute['points']:+.0f}")]
        for characteristic in card.card.spec["characteristics"]
        for attribute in characteristic["attributes"]
        if attribute["when"] != "unknown"
    ]
    return _section(
        "5. A card on one page, learned",
        "Weights of evidence of the same telephone customers: each feature in at most four bins, those that add "
        "nothing left out, the rest written as whole points. More points, likelier to leave; 50 more double the odds.",
        says(found["ranking"]["words"]["says"]),
        pictures(judgement.terms(found["model"]), judgement.calibration({"the card": found})),
        details("The card", table(["question", "answer", "points"], rows)),
    )


def _watched(watched: tw.evaluate.MonitoringReport) -> str:
    found = watched.numbers
    last = [
        [batch["name"], Html(level(batch["level"])), one["says"], one["next"]]
        for batch in found["batches"][-2:]
        for one in batch["findings"]
    ]
    names = ["month", "level", "what was found", "what to do next"]
    return _section(
        "6. Does it still work?",
        "Six made-up months of the model of churn, drawn from customers it has not seen. In the fifth and sixth half "
        "of them are new; in the sixth a source no longer delivers charges.",
        says(found["says"]),
        pictures(monitoring.levels(found), wide=True),
        pictures(monitoring.said_and_came(found), monitoring.shift(found)),
        table(names, last, prose=names[2:]),
    )


def _section(title: str, words: str, *parts: str) -> str:
    return section(title, how(words), *parts)


def _table(frame: pd.DataFrame, formats: Mapping[str, Callable[[Any], str]]) -> str:
    """Write a frame with its index; columns with a format are numbers."""

    def cell(column: str, value: object) -> object:
        if pd.isna(value):
            return None
        if column in formats:
            return Figure(formats[column](value))
        return value if isinstance(value, (int, float)) else str(value).replace("_", " ")

    names = [str(frame.index.name or ""), *map(str, frame.columns)]
    rows = [
        [str(index), *(cell(str(name), value) for name, value in zip(frame.columns, row, strict=True))]
        for index, row in zip(frame.index, frame.itertuples(index=False), strict=True)
    ]
    return table([name.replace("_", " ") for name in names], rows, prose=names[:1])
