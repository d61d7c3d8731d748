"""``python -m tierwise.demo``: a short summary here, and the whole in one page."""

from __future__ import annotations

import argparse
from pathlib import Path

from tierwise.demo import report
from tierwise.demo.cases import follow_leads, grade_prospects, predict_caravan, predict_churn, tier_customers


def main() -> None:
    """Answer the four questions and write the report."""
    parser = argparse.ArgumentParser(prog="python -m tierwise.demo", description=main.__doc__)
    parser.add_argument("--output", type=Path, default=Path("report.html"), help="the page to write")
    output: Path = parser.parse_args().output
    leads, value, caravan, churn = grade_prospects(), tier_customers(), predict_caravan(), predict_churn()
    pipeline = follow_leads(leads)

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

    for title, prediction in [
        ("3. What will they buy next?   (Caravan", caravan),
        ("4. Who is about to leave?   (Telco", churn),
    ]:
        judgement = prediction.judgement
        print(f"{title}, judged on a random third of {prediction.seen + len(prediction.unseen):,} customers)")
        lift = judgement.lift_of_top_tenth
        print(f"   area under the ROC curve {judgement.roc_auc:.3f}, lift of the top tenth {lift:.1f}")

    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(report.page(leads, pipeline, caravan, value, churn), encoding="utf-8")
    print(f"\nThe whole story, with pictures: {output}")


if __name__ == "__main__":
    main()
