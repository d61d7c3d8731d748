//! Grades prospects one after the other, as a service would: `cargo run -p tierwise --example score_a_lead`.
//!
//! Record and result are made once and used again, so that nothing is allocated per prospect.

#![allow(clippy::print_stdout)]

use tierwise::lead::{Graded, supplier_prospects};

fn main() -> tierwise::Result<()> {
    let card = supplier_prospects();
    let mut prospect = card.record();
    let mut graded = Graded::default();
    for (name, met, visits) in [("Ann", Some(true), 4.0), ("Bob", Some(false), 4.0), ("Cid", None, 0.0)] {
        prospect.clear();
        prospect.set("met_key_person", met)?.set("wants_overseas_markets", true)?;
        for fact in ["asked_for_contact", "has_export_staff", "has_online_promotion_budget", "proposal_made"] {
            prospect.set(fact, true)?;
        }
        prospect.set("interested_in_promotion", true)?.set("rep_will_try_to_close", true)?;
        prospect.set("visits_last_year", visits)?;
        card.grade_into(&prospect, 2, &mut graded)?;
        println!("{name}: {:.1} points, grade {}", graded.score, graded.grade);
        if let Some(prerequisite) = graded.binding_prerequisite {
            println!("  would be {} but for `{prerequisite}`", graded.raw_grade);
        }
        println!("  from {} to {} once all is known", graded.worst_grade, graded.best_grade);
        for reason in &graded.reasons {
            println!("  {:+.1} for {}: {}", reason.points, reason.characteristic, reason.answer);
        }
    }
    Ok(())
}
