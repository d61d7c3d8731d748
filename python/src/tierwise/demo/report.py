"""One page that holds everything: tables, pictures, and words on how they were judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

import tierwise as tw
from tierwise._learning import FittedLogistic
from tierwise.demo import pictures
from tierwise.demo.cases import Leads, Pipeline, Prediction, Value

_STYLE = """
:root { color-scheme: light; }
body { font: 15px/1.55 system-ui, -apple-system, "Segoe UI", sans-serif; color: #1f2933; margin: 0; }
body { background: #f5f7fa; }
main { max-width: 1160px; margin: 0 auto; padding: 32px 24px 64px; }
h1 { font-size: 28px; margin: 0 0 4px; }
h2 { font-size: 20px; margin: 0 0 4px; }
p { margin: 6px 0 12px; max-width: 80ch; }
.how { color: #52606d; }
section { background: #fff; border: 1px solid #e4e7eb; border-radius: 10px; padding: 22px 24px; margin-top: 22px; }
.pictures { display: grid; grid-template-columns: repeat(auto-fit, minmax(440px, 1fr)); gap: 16px; align-items: start; }
img { width: 100%; height: auto; display: block; }
.figures { display: flex; flex-wrap: wrap; gap: 12px; margin: 10px 0 16px; padding: 0; list-style: none; }
.figures li { background: #f5f7fa; border-radius: 8px; padding: 8px 14px; min-width: 120px; }
.figures b { display: block; font-size: 20px; }
.figures span { color: #52606d; font-size: 13px; }
.table { overflow-x: auto; }
table { border-collapse: collapse; font-size: 13.5px; margin: 8px 0 16px; width: 100%; }
th, td { padding: 5px 9px; border-bottom: 1px solid #e4e7eb; text-align: left; white-space: nowrap; }
th { color: #52606d; font-weight: 600; }
td:first-child { white-space: normal; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
footer { color: #52606d; font-size: 13px; margin-top: 24px; }
code { background: #f0f2f5; padding: 1px 5px; border-radius: 4px; font-size: 90%; }
"""


def page(leads: Leads, pipeline: Pipeline, caravan: Prediction, value: Value, churn: Prediction) -> str:
    """Write the report as one HTML page without outside parts."""
    sections = [
        _leads(leads),
        _pipeline(leads, pipeline),
        _value(value),
        _caravan(caravan),
        _churn(churn),
        _models(caravan, churn),
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>tierwise: four decisions</title><style>{_STYLE}</style></head><body><main>"
        "<h1>Four decisions on customer data</h1>"
        '<p class="how">Every score below is a sum of points, and every point has a reason. Models are judged on '
        "customers, or on months, that they have not seen.</p>"
        f"{''.join(sections)}"
        f"<footer>Made by tierwise {tw.__version__}. Model fingerprints: card {leads.card.fingerprint[:12]}, "
        f"propensity {caravan.model.fingerprint[:12]}, churn {churn.model.fingerprint[:12]}, "
        f"tiers {value.tiers.fingerprint[:12]}.</footer></main></body></html>"
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
        _figures(
            ("prospects graded A", f"{(leads.graded['grade'] == 'A').sum()}"),
            ("held back by a prerequisite", f"{lowered:.0%}"),
            ("could still become an A", f"{(leads.graded['best_grade'] == 'A').mean():.0%}"),
        ),
        _table(table, {"score": "{:.1f}".format}),
        _pictures(
            pictures.reasons(
                f"Why {first} has {leads.graded.loc[first, 'score']:.1f} points",
                "points",
                float(explained["base"]),
                explained.drop("base"),
            ),
            pictures.grades(leads.graded, leads.card.grades),
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
        _figures(
            (f"that {pair.better} wins more often than {pair.worse}", f"{pair.probability:.1%}"),
            ("that the whole order holds", f"{pipeline.rates.order_probability:.1%}"),
            ("expected value, against taking turns", f"{pipeline.value / pipeline.value_in_turn - 1:+.1%}"),
            ("leads left without a rep, each with a reason", f"{pipeline.unassigned}"),
        ),
        _table(
            table,
            {"win probability": "{:.0%}".format} | dict.fromkeys(["amount", "value"], "${:,.0f}".format),
        ),
        _pictures(
            pictures.win_rates(pipeline.rates),
            pictures.fit_by_engagement(pipeline.cells, leads.card.grades),
            pictures.weights(pipeline.weights),
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
        _figures(
            ("of the customers make 80 % of the money", f"{value.pareto.share_of_customers:.0%}"),
            ("Gini of the money", f"{value.gini:.2f}"),
            (
                "spent by an A customer for each dollar of a D",
                f"{value.later['later_per_customer'].iloc[0] / value.later['later_per_customer'].iloc[-1]:.0f}",
            ),
        ),
        _table(table, formats),
        _pictures(pictures.share_curve(value.customers["monetary"], value.pareto), pictures.later_money(value.later)),
    )


def _caravan(caravan: Prediction) -> str:
    return _prediction(
        "3. What will they buy next?",
        f"Caravan policies among {caravan.seen + len(caravan.unseen):,} customers of a Dutch insurer (CoIL 2000). "
        f"Learned from {caravan.seen:,}; judged on the other {len(caravan.unseen):,}, a random third, because the data "
        "have no date.",
        "buy",
        caravan,
    )


def _churn(churn: Prediction) -> str:
    return _prediction(
        "4. Who is about to leave?",
        f"{churn.seen + len(churn.unseen):,} telephone customers (IBM's sample data, fictional). Learned from "
        f"{churn.seen:,}; judged on the other {len(churn.unseen):,}, a random third, because the data have no date.",
        "leave",
        churn,
    )


def _prediction(title: str, words: str, verb: str, prediction: Prediction) -> str:
    model, unseen, judgement = prediction.model, prediction.unseen, prediction.judgement
    table = pd.DataFrame(
        {"customer": unseen.index, "probability": model.probability(unseen), "rank": model.rank(unseen)}
    )
    reasons = model.reasons(unseen, most=2)
    for place in (1, 2):
        effect = reasons[f"reason_{place}_effect"]
        table[f"reason {place} (effect)"] = [
            f"{str(name).replace('_', ' ')} ({points:+.1%})"
            for name, points in zip(reasons[f"reason_{place}"], effect, strict=True)
        ]
    first = table.sort_values("rank").head(5).set_index("customer")
    customer = first.index[0]
    explained = model.explain(unseen.loc[[customer]]).iloc[0]
    return _section(
        title,
        words,
        _figures(
            (f"of them {verb} (base rate)", f"{judgement.base_rate:.1%}"),
            ("area under the ROC curve", f"{judgement.roc_auc:.3f}"),
            ("lift of the top tenth", f"{judgement.lift_of_top_tenth:.1f}×"),
            ("log-loss", f"{judgement.log_loss:.3f}"),
        ),
        _table(first, {"probability": "{:.1%}".format}),
        _pictures(
            pictures.reasons(
                f"Why customer {customer} comes first", "log-odds", float(explained["base"]), explained.drop("base")
            ),
            _largest(model),
        ),
    )


def _largest(model: FittedLogistic) -> str:
    coefficients = pd.DataFrame(model.coefficients).sort_values("z", key=abs, ascending=False).head(9)
    table = coefficients[["name", "estimate", "lower", "upper", "z"]].set_index("name")
    return _table(table, dict.fromkeys(["estimate", "lower", "upper"], "{:+.3g}".format) | {"z": "{:+.1f}".format})


def _models(caravan: Prediction, churn: Prediction) -> str:
    judgements = {"caravan policy": caravan.judgement, "churn": churn.judgement}
    return _section(
        "How good are the models?",
        "Both on customers that they have not seen. Left: how many of all buyers, or leavers, are among the customers "
        "called first. Right: the probability the model gave against the rate that came true, in eight groups of equal "
        "size, with 95 % intervals.",
        _pictures(pictures.captured(judgements), pictures.calibration(judgements)),
    )


def _section(title: str, words: str, *parts: str) -> str:
    return f'<section><h2>{title}</h2><p class="how">{words}</p>{"".join(parts)}</section>'


def _pictures(*pictures: str) -> str:
    return '<div class="pictures">' + "".join(f"<div>{picture}</div>" for picture in pictures) + "</div>"


def _figures(*figures: tuple[str, str]) -> str:
    return (
        '<ul class="figures">'
        + "".join(f"<li><b>{value}</b><span>{name}</span></li>" for name, value in figures)
        + "</ul>"
    )


def _table(table: pd.DataFrame, formats: Mapping[str, Callable[[Any], str]]) -> str:
    def cell(column: str, value: object) -> str:
        if pd.isna(value):
            return "<td>–</td>"
        number = isinstance(value, (int, float)) or column in formats
        text = formats[column](value) if column in formats else f"{value:,}" if isinstance(value, int) else str(value)  # type: ignore[arg-type]
        return f'<td class="number">{text}</td>' if number else f"<td>{text.replace('_', ' ')}</td>"

    numbers = {name for name in table.columns if name in formats or pd.api.types.is_numeric_dtype(table[name])}
    names = [str(table.index.name or ""), *map(str, table.columns)]
    head = "".join(f"<th{' class=number' if name in numbers else ''}>{name.replace('_', ' ')}</th>" for name in names)
    rows = "".join(
        "<tr>"
        + f"<td>{index}</td>"
        + "".join(cell(str(name), value) for name, value in zip(table.columns, row, strict=True))
        + "</tr>"
        for index, row in zip(table.index, table.itertuples(index=False), strict=True)
    )
    return f'<div class="table"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
