//! Ladders, held grades, overrides and the change of scores.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use tierwise::lead::{
    self, CardSpec, ChangePart, Characteristic, Comparison, Condition, Correction, Criterion, Ladder, LadderCard,
    LadderSpec, Override, OverrideState, Prerequisite, apply_overrides,
};
use tierwise::{Assign, Bands, Columns, Explain, Feature, Hysteresis, Score, Scorecard, Unknown, laws};

laws!(ladder_card, card_of_steps(), [Score, Explain, Assign, Saved]);

fn card_of_steps() -> LadderCard {
    let criterion = |name: &str, feature: &str, met_when, up, down| Criterion {
        name: name.into(),
        feature: feature.into(),
        description: String::new(),
        met_when,
        up,
        down,
    };
    let spec = LadderSpec {
        name: "fit".into(),
        notes: vec![],
        features: vec![
            Feature::yes_no("decides"),
            Feature::category("country", ["DE", "FR", "US"]).with_unknown(Unknown::Own),
            Feature::number("employees").with_unknown(Unknown::Own),
        ],
        ladder: Ladder::thirds(),
        criteria: vec![
            criterion("decides", "decides", Condition::Yes, 3, 3),
            criterion("home market", "country", Condition::AnyOf(vec!["DE".into(), "FR".into()]), 2, 1),
            criterion("large", "employees", Condition::at_least(250.0), 3, 0),
            criterion("not tiny", "employees", Condition::at_least(10.0), 2, 2),
        ],
    };
    LadderCard::new(spec).unwrap()
}

#[test]
fn the_published_ladder() {
    let ladder = Ladder::thirds();
    assert_eq!(ladder.rungs().join(" "), "F D- D D+ C- C C+ B- B B+ A- A A+");
    assert_eq!((ladder.start(), ladder.distance("D", "A+").unwrap()), ("D", 10));
    assert_eq!((ladder.step("D", 10).unwrap(), ladder.step("D", 11).unwrap()), ("A+", "A+"));
    assert_eq!((ladder.step("D", -2).unwrap(), ladder.step("A+", i64::MIN).unwrap()), ("F", "F"));
    assert_eq!(ladder.step("F", i64::MAX).unwrap(), "A+");
    assert_eq!(ladder.step("E", 1).unwrap_err().code(), "unknown_name");
    assert_eq!(Ladder::new(&["low", "high"], "middle").unwrap_err().code(), "unknown_name");
    assert_eq!(Ladder::new(&["low", "low"], "low").unwrap_err().code(), "invalid_bands");
    assert_eq!(Ladder::new(&[] as &[&str], "low").unwrap_err().code(), "invalid_bands");
    let same: Ladder = serde_json::from_str(&serde_json::to_string(&ladder).unwrap()).unwrap();
    assert_eq!(same, ladder);
}

#[test]
fn steps_add_up_and_only_the_sum_is_held_at_the_ends() {
    let card = card_of_steps();
    let grade = |row: &[f64]| card.outcomes()[card.assign_row(row).unwrap()].as_str();
    assert_eq!((grade(&[1.0, 0.0, 300.0]), card.score_row(&[1.0, 0.0, 300.0])), ("A+", 12.0));
    assert_eq!(grade(&[f64::NAN; 3]), "D"); // unknown moves nothing
    assert_eq!((grade(&[0.0, 2.0, 5.0]), card.score_row(&[0.0, 2.0, 5.0])), ("F", -4.0));
    // Down 4 below F first and up again after: the sum counts, not the way.
    assert_eq!(grade(&[0.0, 2.0, 300.0]), "D+");
    let mut steps = [0.0; 4];
    card.contributions_row(&[0.0, 2.0, 300.0], &mut steps);
    assert_eq!(steps, [-3.0, -1.0, 3.0, 2.0]);
    let mut spec = card.spec().clone();
    spec.criteria[0].met_when = Condition::Unknown;
    assert!(LadderCard::new(spec).unwrap_err().to_string().contains("criterion `decides`"));
}

fn bands() -> impl Strategy<Value = Bands> {
    let cuts = prop::collection::btree_set(-40..40_i32, 1..6);
    (cuts, any::<bool>()).prop_map(|(cuts, falling)| {
        let names: Vec<String> = (0..=cuts.len()).map(|index| index.to_string()).collect();
        let cuts: Vec<f64> = cuts.into_iter().map(|cut| f64::from(cut) / 4.0).collect();
        let falling_cuts: Vec<f64> = cuts.iter().rev().copied().collect();
        if falling { Bands::falling("t", &names, &falling_cuts) } else { Bands::rising("t", &names, &cuts) }.unwrap()
    })
}

/// How far a value lies outside a band, above and below.
fn outside(bands: &Bands, band: usize, value: f64) -> (f64, f64) {
    let band = &bands.list()[band];
    (band.to.map_or(0.0, |to| value - to), band.from.map_or(0.0, |from| from - value))
}

proptest! {
    #[test]
    fn laws_of_holding(
        bands in bands(),
        previous in 0..6_usize,
        values in prop::collection::vec((-60..60_i32).prop_map(|value| f64::from(value) / 4.0), 1..40),
        up in 0..12_u8,
        down in 0..12_u8,
    ) {
        let (up, down) = (f64::from(up) / 4.0, f64::from(down) / 4.0);
        let (hysteresis, none) = (Hysteresis::new(up, down).unwrap(), Hysteresis::default());
        let previous = previous.min(bands.names().len() - 1);
        let (rise, fall) = if bands.best_is_highest() { (up, down) } else { (down, up) };
        let mut band = Some(previous);
        for &value in &values {
            prop_assert_eq!(none.hold(&bands, value, band), bands.find(value));
            prop_assert_eq!(hysteresis.hold(&bands, value, None), bands.find(value));
            let held = hysteresis.hold(&bands, value, band);
            prop_assert_eq!(hysteresis.hold(&bands, value, held), held);
            let (above, below) = outside(&bands, held.unwrap(), value);
            prop_assert!(above <= rise && below <= fall, "{value} is {above} above and {below} below {held:?}");
            // A change needs the whole margin past the edge.
            if held != band {
                let (above, below) = outside(&bands, band.unwrap(), value);
                prop_assert!(above >= rise && above >= 0.0 && bands.list()[band.unwrap()].to.is_some()
                    || below > fall && bands.list()[band.unwrap()].from.is_some());
            }
            band = held;
        }
    }

    /// Values that swing by less than both margins together change the band at most once.
    #[test]
    fn no_flip_flop(bands in bands(), previous in 0..6_usize, low in -60..60_i32, swings in prop::collection::vec(0.0..1.0_f64, 2..40)) {
        let hysteresis = Hysteresis::new(1.5, 0.5).unwrap();
        let mut band = Some(previous.min(bands.names().len() - 1));
        let mut changes = 0;
        for swing in swings {
            let held = hysteresis.hold(&bands, f64::from(low) / 4.0 + 1.99 * swing, band);
            // Edges that lie closer together than the swing may each be passed once, always in the same direction.
            changes += usize::from(held != band);
            band = held;
        }
        let edges = bands.cuts().len();
        prop_assert!(changes <= edges.max(1));
    }

    #[test]
    fn the_change_telescopes_and_each_level_is_a_real_score(
        rows in prop::collection::vec(
            (prop::collection::vec(cards().0.features().iter().map(laws::values).collect::<Vec<_>>(), 2), 0..3_usize), 1..10),
        days in 0..90_u8,
    ) {
        let (old, new) = cards();
        let table = |which: usize| -> Vec<Vec<f64>> {
            (0..old.features().len()).map(|feature| rows.iter().map(|(row, _)| row[which][feature]).collect()).collect()
        };
        let (before, after) = (table(0), table(1));
        let bind = |card, table: &'static [Vec<f64>]| Columns::in_order(card, table.iter().map(Vec::as_slice).collect()).unwrap();
        let (before, after) = (&*before.leak(), &*after.leak());
        let days = f64::from(days);
        let later = bind(new.features(), after);
        let comparison = Comparison { new_card: Some((&new, &later)), ages: &["age"], days };
        let change = old.change(&bind(old.features(), before), &bind(old.features(), after), comparison).unwrap();
        for index in 0..rows.len() {
            for (level, card) in change.levels.iter().zip([&old, &old, &old, &new]) {
                // In the order of its card the contributions are the score to the bit.
                let column = |name: &str| change.terms.iter().position(|term| term.characteristic.as_deref() == Some(name)).unwrap();
                let sum = card.terms().iter().fold(level.contributions[0][index], |sum, term| {
                    sum + level.contributions[column(&term.name)][index]
                });
                prop_assert_eq!(sum, level.score[index]);
            }
            let mut aged: Vec<f64> = before.iter().map(|column| column[index]).collect();
            aged[1] += days;
            let new_row: Vec<f64> = after.iter().map(|column| column[index]).collect();
            prop_assert_eq!(change.levels[1].score[index], old.score_row(&aged));
            prop_assert_eq!(change.levels[3].score[index], new.score_row(&new_row));
            // Points are multiples of a quarter, so that the parts add up exactly, per term and in all.
            let parts = [ChangePart::Ageing, ChangePart::Data, ChangePart::Card];
            let total: f64 = parts.iter().map(|&part| change.total(part)[index]).sum();
            prop_assert_eq!(total, change.change()[index]);
            let by_term: f64 = parts.iter().flat_map(|&part| change.part(part)).map(|column| column[index]).sum();
            prop_assert_eq!(by_term, total);
        }
    }
}

/// Two cards about the same facts: one characteristic goes, one comes, one changes its points, and so do the initial
/// points and the order.
fn cards() -> (Scorecard, Scorecard) {
    let silence = |at_most: f64| {
        Characteristic::new("silence", "age")
            .when(Condition::below(30.0), 8.25)
            .when(Condition::below(at_most), 3.5)
            .when(Condition::Otherwise, -2.0)
            .neutral(1.25)
    };
    let spec = CardSpec {
        name: "old".into(),
        features: vec![Feature::yes_no("met"), Feature::number("age"), Feature::category("country", ["DE", "FR"])],
        initial: 1.5,
        characteristics: vec![
            Characteristic::yes("met", 5.0),
            silence(60.0),
            Characteristic::new("country", "country").when(Condition::Otherwise, 2.0),
        ],
        grades: Some(Bands::falling("grades", &["A", "B"], &[10.0]).unwrap()),
        prerequisites: vec![Prerequisite::new("met", Condition::Yes).correct(Correction::NotchDown(1))],
        ..CardSpec::default()
    };
    let home =
        Characteristic::new("home", "country").when(Condition::Level("DE".into()), 4.0).when(Condition::Otherwise, 0.5);
    let new = CardSpec {
        name: "new".into(),
        initial: -3.0,
        characteristics: vec![home, silence(90.0), Characteristic::yes("met", 7.75)],
        ..spec.clone()
    };
    (Scorecard::new(spec).unwrap(), Scorecard::new(new).unwrap())
}

#[test]
fn rows_only_in_one_card_and_binding_prerequisites_are_named() {
    let (old, new) = cards();
    let before = Columns::in_order(old.features(), vec![&[1.0], &[10.0], &[0.0]]).unwrap();
    let after = Columns::in_order(old.features(), vec![&[0.0], &[40.0], &[0.0]]).unwrap();
    let later = Columns::in_order(new.features(), vec![&[0.0], &[40.0], &[0.0]]).unwrap();
    let comparison = Comparison { new_card: Some((&new, &later)), ages: &["age"], days: 30.0 };
    let change = old.change(&before, &after, comparison).unwrap();
    let terms: Vec<_> =
        change.terms.iter().map(|one| (one.characteristic.as_deref(), one.in_old, one.in_new)).collect();
    let named = [("met", true, true), ("silence", true, true), ("country", true, false), ("home", false, true)];
    assert_eq!(terms[0], (None, true, true));
    assert_eq!(terms[1..], named.map(|(name, in_old, in_new)| (Some(name), in_old, in_new)));
    let column = |part| change.part(part).into_iter().map(|column| column[0]).collect::<Vec<_>>();
    assert_eq!(column(ChangePart::Ageing), [0.0, 0.0, -4.75, 0.0, 0.0]);
    assert_eq!(column(ChangePart::Data), [0.0, -5.0, 0.0, 0.0, 0.0]);
    assert_eq!(column(ChangePart::Card), [-4.5, 0.0, 0.0, -2.0, 4.0]);
    let binding = |level: usize| change.levels[level].grades.as_ref().unwrap().binding_prerequisite[0];
    assert_eq!((binding(0), change.levels[0].grades.as_ref().unwrap().grade[0]), (lead::GradedColumns::NONE, 0));
    assert_eq!(change.levels[3].grades.as_ref().unwrap().grade[0], 1);

    let code = |comparison| old.change(&before, &after, comparison).unwrap_err().code();
    assert_eq!(code(Comparison { days: -1.0, ..comparison }), "invalid_parameter");
    assert_eq!(code(Comparison { days: f64::NAN, ..comparison }), "invalid_parameter");
    assert_eq!(code(Comparison { ages: &["met"], ..comparison }), "invalid_parameter");
    assert_eq!(code(Comparison { ages: &["age", "age"], ..comparison }), "invalid_parameter");
    assert_eq!(code(Comparison { ages: &["nobody"], ..comparison }), "unknown_feature");
    let short = Columns::in_order(old.features(), vec![&[][..]; 3]).unwrap();
    assert_eq!(old.change(&before, &short, Comparison::default()).unwrap_err().code(), "wrong_length");
}

#[test]
fn held_grades_are_corrected_as_ever() {
    let (card, _) = cards();
    // Scores of 10.25 and 11.75, with the key person met and not met.
    let table = [vec![1.0, 1.0, 0.0], vec![45.0, 45.0, 10.0], vec![f64::NAN, 0.0, 0.0]];
    let columns = Columns::in_order(card.features(), table.iter().map(Vec::as_slice).collect()).unwrap();
    assert_eq!(card.score_row(&[1.0, 45.0, 0.0]), 12.0);
    let hysteresis = Hysteresis::new(3.0, 0.0).unwrap();
    let held = card.hold_grades(&columns, &[Some(1), Some(0), Some(1)], &hysteresis).unwrap();
    assert_eq!((held.raw_grade, held.held_grade, held.grade), (vec![0, 0, 0], vec![1, 0, 1], vec![1, 0, 1]));
    let plain = card.hold_grades(&columns, &[None; 3], &hysteresis).unwrap();
    assert_eq!(
        (plain.held_grade, plain.grade, plain.binding_prerequisite),
        (vec![0; 3], vec![0, 0, 1], vec![None, None, Some(0)])
    );
    let code = |previous: &[Option<usize>]| card.hold_grades(&columns, previous, &hysteresis).unwrap_err().code();
    assert_eq!((code(&[None]), code(&[None, Some(2), None])), ("wrong_length", "invalid_value"));
    for margin in [-0.5, f64::NAN, f64::INFINITY] {
        assert_eq!(Hysteresis::new(0.0, margin).unwrap_err().code(), "invalid_parameter");
    }
}

fn by_hand(lead: &str, grade: &str, set_on: i32, expires_on: Option<i32>) -> Override {
    Override {
        lead: lead.into(),
        grade: grade.into(),
        reason: "spoke to the owner".into(),
        author: "mia".into(),
        set_on,
        expires_on,
    }
}

#[test]
fn overrides_hold_from_the_first_day_to_the_day_before_the_last() {
    let overrides = [
        by_hand("acme", "A", 10, Some(20)),
        by_hand("acme", "B", 20, Some(30)),
        by_hand("acme", "A", 50, None),
        by_hand("elsewhere", "C", 0, None),
    ];
    let on = |day| {
        let effective =
            apply_overrides(&["A", "B", "C"], &["acme", "other", "acme"], &[Some(2), None, None], &overrides, day);
        let effective = effective.unwrap();
        assert_eq!((effective[1].state, effective[1].grade, effective[1].by), (OverrideState::None, None, None));
        assert_eq!(effective[0].by, effective[2].by);
        (effective[0].grade, effective[0].state, effective[0].by)
    };
    assert_eq!(on(9), (Some(2), OverrideState::NotYet, Some(0)));
    assert_eq!(on(10), (Some(0), OverrideState::Active, Some(0)));
    assert_eq!(on(19), (Some(0), OverrideState::Active, Some(0)));
    assert_eq!(on(20), (Some(1), OverrideState::Active, Some(1)));
    assert_eq!(on(30), (Some(2), OverrideState::NotYet, Some(2)));
    assert_eq!(on(5000), (Some(0), OverrideState::Active, Some(2)));
    let expired = apply_overrides(&["A", "B"], &["acme"], &[Some(1)], &overrides[..2], 40).unwrap();
    assert_eq!((expired[0].grade, expired[0].state, expired[0].by), (Some(1), OverrideState::Expired, Some(1)));
}

/// Whatever the day asked about: else a list that was accepted today would be refused on a day to come.
#[test]
fn overrides_of_a_lead_that_share_a_day_are_refused_on_any_day() {
    let on = |overrides: &[Override], day| apply_overrides(&["A", "B"], &["acme"], &[Some(1)], overrides, day);
    let past_and_future = [by_hand("acme", "A", 10, Some(20)), by_hand("acme", "B", 15, Some(30))];
    let no_end = [by_hand("acme", "A", 50, Some(60)), by_hand("acme", "B", 10, None)];
    let in_between =
        [by_hand("acme", "A", 10, Some(40)), by_hand("acme", "B", 12, Some(14)), by_hand("acme", "B", 50, Some(60))];
    let same_day = [by_hand("acme", "A", 10, Some(20)), by_hand("acme", "A", 10, Some(20))];
    for overrides in [&past_and_future[..], &no_end, &in_between, &same_day] {
        for day in [-5, 12, 17, 25, 5000] {
            let message = on(overrides, day).unwrap_err().to_string();
            assert!(message.contains("at row 1 (`acme`)") && message.contains("at row 0"), "{message}");
        }
    }
    let one_after_the_other = [by_hand("acme", "A", 20, None), by_hand("acme", "B", 10, Some(20))];
    assert_eq!(on(&one_after_the_other, 15).unwrap()[0].by, Some(1));
}

#[test]
fn overrides_that_contradict_or_lack_something_are_refused() {
    let error = |overrides: &[Override]| apply_overrides(&["A", "B"], &["acme"], &[None], overrides, 15).unwrap_err();
    let one = || by_hand("acme", "A", 10, Some(20));
    assert_eq!(error(&[by_hand("acme", "Z", 1, None)]).code(), "unknown_name");
    for (change, words) in [
        (Override { reason: " ".into(), ..one() }, "the reason"),
        (Override { author: String::new(), ..one() }, "the author"),
        (Override { lead: String::new(), ..one() }, "the lead"),
        (Override { expires_on: Some(10), ..one() }, "the expiry"),
        (Override { expires_on: Some(-5), ..one() }, "the expiry"),
    ] {
        let error = error(&[by_hand("other", "B", 0, None), change]);
        assert!(error.code() == "invalid_value" && error.to_string().contains(words), "{error}");
        assert!(error.to_string().contains("at row 1"));
    }
    let twice = error(&[one(), by_hand("acme", "B", 5, None)]).to_string();
    assert!(twice.contains("at row 1 (`acme`)") && twice.contains("at row 0"), "{twice}");
    let wrong = apply_overrides(&["A"], &["acme"], &[Some(1)], &[], 0).unwrap_err();
    assert_eq!(wrong.code(), "invalid_value");
    assert_eq!(apply_overrides(&["A"], &["acme"], &[], &[], 0).unwrap_err().code(), "wrong_length");
}
