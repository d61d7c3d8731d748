"""``python -m tierwise.demo``: a short summary here, and the whole in one page."""

from __future__ import annotations

import argparse
from pathlib import Path

from tierwise.demo import report
from tierwise.demo.cases import (
    follow_leads,
    grade_prospects,
    learn_card,
    predict_caravan,
    predict_churn,
    tier_customers,
    value_of_customers,
    watch_churn,
)


def main() -> None:
    """Answer the four questions and write the report."""
    parser = argparse.ArgumentParser(prog="python -m tierwise.demo", description=main.__doc__)
    parser.add_argument("--output", type=Path, default=Path("report.html"), help="the page to write")
    output: Path = parser.parse_args().output
    leads, value, caravan, churn = grade_prospects(), tier_customers(), predict_caravan(), predict_churn()
    pipeline, lifetime, card, watched = follow_leads(leads), value_of_customers(), learn_card(churn), watch_churn(churn)

    first = leads.graded.sort_values(["grade", "score"], ascending=[True, False]).head(3)
    print("1. Whom do we call first?   (a generated sheet of prospects, the 17-row card)")
    for name, row in first.iterrows():
        print(
            f"   {name}: {row['score']:.1f} points, grade {row['grade']}, because {row['reason_1']}, {row['reason_2']}"
        )
    held = leads.graded["binding_prerequisite"].notna()
    print(f"   {held.sum()} of {len(held)} are held back by a prerequisite")

    for pair in pipeline.rates.pairs:
        verdict = pair.verdict.replace("_", " ")
        print(f"   that {pair.better} wins more often than {pair.worse}: {verdict} ({pair.probability:.1%})")
    gain = pipeline.value / pipeline.value_in_turn - 1
    print(f"   assigned by value to six reps: {gain:+.1%} expected value against taking turns")

    print("2. What is a customer worth?   (CDNOW, tiers from nine months, judged on the nine months after)")
    print(f"   {value.pareto.share_of_customers:.0%} of the customers make 80 % of the money")
    for tier, row in value.later.iterrows():
        print(f"   {tier}: {row['customers']:5.0f} customers, ${row['later_per_customer']:7.2f} each afterwards")

    print(f"   {lifetime.report.numbers['capture_words']['says']}")

    for title, prediction in [
        ("3. What will they buy next?   (Caravan", caravan),
        ("4. Who is about to leave?   (Telco", churn),
    ]:
        found = prediction.report.numbers
        print(f"{title}, judged on a random third of {prediction.seen + len(prediction.unseen):,} customers)")
        print(f"   area under the ROC curve {found['ranking']['roc_auc']:.3f}")
        print(f"   {found['top']['words']['says']}")

    print("5. A card that was learned   (Telco again, weights of evidence)")
    print(f"   area under the ROC curve {card.report.numbers['ranking']['roc_auc']:.3f}")
    print("6. Does it still work?   (six made-up months of Telco)")
    print(f"   {watched.numbers['says']}")

    output.parent.mkdir(parents=True, exist_ok=True)
    whole = report.write(leads, pipeline, value, lifetime, caravan, churn, card, watched)
    output.write_text(whole, encoding="utf-8")
    print(f"\nThe whole story, with pictures: {output}")


if __name__ == "__main__":
    main()
