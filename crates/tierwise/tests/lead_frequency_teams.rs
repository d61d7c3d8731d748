//! The frequency model with teams and tags, at every base rate, from tables, with levels that come later, and from files.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use tierwise::lead::{FrequencyCounts, FrequencyModel, FrequencySpec, Smoothing};
use tierwise::learn::{log_odds, probability};
use tierwise::{Columns, Error, Feature, Outcome, Record, Score, Summary, laws, model};

const U: f64 = f64::NAN;

fn spec() -> FrequencySpec {
    FrequencySpec {
        fields: vec![Feature::category("source", ["web", "fair"]), Feature::yes_no("asked")],
        stage: Some(Feature::category("stage", ["new", "offer", "won"])),
        won_stage: Some("won".into()),
        tags: vec!["urgent".into(), "rare".into()],
        tag_support: 5,
        team: Some(Feature::category("team", ["south", "north"])),
        ..FrequencySpec::default()
    }
}

/// Team, stage, source, asked, urgent, rare; won.
fn lead() -> impl Strategy<Value = (Vec<f64>, bool)> {
    let code = |levels: u32| prop_oneof![1 => Just(U), 5 => (0..levels).prop_map(f64::from)];
    ((code(2), code(3), code(2), code(2), code(2), code(2)), any::<bool>()).prop_map(
        |((team, stage, source, asked, urgent, rare), won)| (vec![team, stage, source, asked, urgent, rare], won),
    )
}

fn leads() -> impl Strategy<Value = Vec<(Vec<f64>, bool)>> {
    proptest::collection::vec(lead(), 2..60)
}

fn counted(leads: &[(Vec<f64>, bool)]) -> FrequencyCounts {
    let mut counts = FrequencyCounts::new(spec()).unwrap();
    for (row, won) in leads {
        counts.observe(row, *won).unwrap();
    }
    counts
}

fn some_leads() -> Vec<(Vec<f64>, bool)> {
    let of = |row: i32, step: i32, levels: i32| {
        let code = row * step % 23 % (levels + 1);
        if code == levels { U } else { f64::from(code) }
    };
    let lead = |row| [(7, 2), (5, 3), (11, 2), (13, 2), (17, 2), (3, 2)].map(|(step, levels)| of(row, step, levels));
    (0..90).map(|row| (lead(row).to_vec(), row * 29 % 11 % 3 == 0)).collect()
}

fn model(smoothing: Smoothing) -> FrequencyModel {
    counted(&some_leads()).model(smoothing).unwrap()
}

laws!(empirical_bayes, model(Smoothing::EmpiricalBayes), [Score, Explain, Saved]);
laws!(fixed, model(Smoothing::Fixed { level: 2.0, team: 5.0 }), [Score, Explain, Saved]);
laws!(odoo, model(Smoothing::Odoo), [Score, Explain, Saved]);
laws!(counts, counted(&some_leads()), [Saved]);

proptest! {
    #[test]
    fn a_table_is_counted_as_its_rows_are(leads in leads()) {
        let features = FrequencyCounts::new(spec()).unwrap().features().to_vec();
        let columns: Vec<Vec<f64>> = (0..features.len()).map(|at| leads.iter().map(|(row, _)| row[at]).collect()).collect();
        let table = Columns::in_order(&features, columns.iter().map(Vec::as_slice).collect()).unwrap();
        let won: Vec<bool> = leads.iter().map(|(_, won)| *won).collect();
        let outcome = Outcome::binary("won", &won);
        let mut counts = FrequencyCounts::new(spec()).unwrap();
        counts.observe_columns(&table, &outcome).unwrap();
        prop_assert_eq!(&counts, &counted(&leads));
        counts.reopen_columns(&table, &outcome).unwrap();
        prop_assert_eq!(counts, FrequencyCounts::new(spec()).unwrap());
    }

    #[test]
    fn parts_in_any_order_give_the_whole(leads in leads(), cut in any::<prop::sample::Index>()) {
        let cut = cut.index(leads.len() + 1);
        let (mut a, b) = (counted(&leads[cut..]), counted(&leads[..cut]));
        a.merge(&b).unwrap();
        prop_assert_eq!(a, counted(&leads));
    }

    /// Whatever the counts, every score is finite and every smoothing gives a model that can be kept.
    #[test]
    fn scores_are_finite(leads in leads()) {
        for smoothing in [Smoothing::EmpiricalBayes, Smoothing::Fixed { level: 1e-6, team: 1e9 }, Smoothing::Odoo] {
            let Ok(model) = counted(&leads).model(smoothing) else { continue };
            for (row, _) in &leads {
                let percent = model.percent(row);
                prop_assert!(model.score_row(row).is_finite() && (0.0..=100.0).contains(&percent));
            }
            let again: FrequencyModel = model::load(&model::save(&model).unwrap()).unwrap();
            prop_assert_eq!(again.score_row(&leads[0].0), model.score_row(&leads[0].0));
        }
    }

    #[test]
    fn counts_come_back_from_their_file(leads in leads()) {
        let counts = counted(&leads);
        let again: FrequencyCounts = model::load(&model::save(&counts).unwrap()).unwrap();
        prop_assert_eq!(again, counts);
    }
}

/// One yes-no and three teams: a large one that differs from the others, a tiny one, and one with only won leads.
fn three_teams() -> FrequencyCounts {
    let mut counts = FrequencyCounts::new(FrequencySpec {
        fields: vec![Feature::yes_no("asked")],
        team: Some(Feature::category("team", ["large", "tiny", "only won"])),
        ..FrequencySpec::default()
    })
    .unwrap();
    let mut add = |team: f64, asked: f64, won: bool, leads: usize| {
        (0..leads).for_each(|_| counts.observe(&[team, asked], won).unwrap());
    };
    // In the large team asking goes with losing, elsewhere with winning.
    for (team, asked, won, leads) in [
        (0.0, 1.0, false, 900),
        (0.0, 0.0, false, 100),
        (0.0, 1.0, true, 100),
        (0.0, 0.0, true, 900),
        (U, 1.0, true, 2000),
        (U, 0.0, true, 1000),
        (U, 1.0, false, 3000),
        (U, 0.0, false, 6000),
        (1.0, 1.0, false, 1),
        (1.0, 0.0, true, 1),
        (2.0, 1.0, true, 3),
    ] {
        add(team, asked, won, leads);
    }
    counts
}

fn adds(model: &FrequencyModel, team: f64) -> f64 {
    model.score_row(&[team, 1.0]) - model.score_row(&[team, U])
}

#[test]
fn a_large_team_keeps_its_shares_and_a_tiny_one_takes_those_of_the_pool() {
    for smoothing in [Smoothing::EmpiricalBayes, Smoothing::Fixed { level: 1.0, team: 50.0 }] {
        let model = three_teams().model(smoothing).unwrap();
        let (own, pool) = (libm::log(0.1 / 0.9), adds(&model, U));
        assert!(pool > 0.2, "{smoothing:?}: {pool}");
        let (large, tiny) = (adds(&model, 0.0), adds(&model, 1.0));
        assert!((large - own).abs() < 0.3, "{smoothing:?}: {large} is far from {own}");
        assert!((large - own).abs() < (pool - own).abs() / 5.0, "{smoothing:?}: {large}");
        assert!(tiny < pool && tiny > large, "{smoothing:?}: {tiny} is not between");
    }
    let strong = three_teams().model(Smoothing::Fixed { level: 1.0, team: 50.0 }).unwrap();
    assert!((adds(&strong, 1.0) - adds(&strong, U)).abs() < 0.1);
    // By hand: (n_team + m a) / (N_team + m) with the pool's shares a, which one lead without signal hardly moves.
    let share = |n: f64, total: f64| (n + (2103.0 + 3901.0) / 14_005.0) / (total + 1.0);
    let (won, lost) = (share(2103.0, 4004.0), share(3901.0, 10_001.0));
    let by_hand = libm::log((100.0 + 50.0 * won) / 1050.0) - libm::log((900.0 + 50.0 * lost) / 1050.0);
    assert!((adds(&strong, 0.0) - by_hand).abs() < 1e-12, "{} {by_hand}", adds(&strong, 0.0));
}

#[test]
fn a_team_that_only_won_is_better_than_the_pool_and_not_certain() {
    for smoothing in [Smoothing::EmpiricalBayes, Smoothing::Fixed { level: 1.0, team: 10.0 }] {
        let model = three_teams().model(smoothing).unwrap();
        let (team, pool) = (probability(model.score_row(&[2.0, U])), probability(model.score_row(&[U, U])));
        assert!(team > pool && team < 0.999, "{smoothing:?}: {team} {pool}");
    }
    let odoo = three_teams().model(Smoothing::Odoo).unwrap();
    assert_eq!(odoo.score_row(&[2.0, 1.0]), odoo.score_row(&[U, 1.0])); // all or nothing: the pool's
    assert_ne!(odoo.score_row(&[0.0, 1.0]), odoo.score_row(&[U, 1.0]));
}

#[test]
fn a_tag_has_its_say_from_its_support_on_and_only_where_it_is_yes() {
    let counts = |carriers: usize| {
        let mut counts =
            FrequencyCounts::new(FrequencySpec { tags: vec!["urgent".into()], ..FrequencySpec::default() }).unwrap();
        for lead in 0..200 {
            counts.observe(&[f64::from(u8::from(lead < carriers))], lead % 4 == 0 || lead < carriers).unwrap();
        }
        counts
    };
    for smoothing in [Smoothing::EmpiricalBayes, Smoothing::Fixed { level: 1.0, team: 1.0 }, Smoothing::Odoo] {
        let (below, enough) = (counts(49).model(smoothing).unwrap(), counts(50).model(smoothing).unwrap());
        assert_eq!(below.score_row(&[1.0]), below.score_row(&[0.0]));
        assert_eq!(enough.score_row(&[U]), enough.score_row(&[0.0]));
        // Odoo compares tags with each other; where there is one only, it is the whole of both.
        assert!(smoothing == Smoothing::Odoo || enough.score_row(&[1.0]) > enough.score_row(&[0.0]) + 0.5);
    }
}

/// Nothing known is the base rate; with one field, the model is the share of won leads among those with the value, and
/// with won and lost exchanged it is the other share.
#[test]
fn one_field_gives_back_its_shares_at_every_base_rate() {
    for won_of_thousand in [10, 100, 500, 900, 990] {
        let [straight, exchanged] = [false, true].map(|exchange| {
            let spec = FrequencySpec { fields: vec![Feature::yes_no("asked")], ..FrequencySpec::default() };
            let mut counts = FrequencyCounts::new(spec).unwrap();
            for lead in 0..20_000 {
                let won = lead % 1000 < won_of_thousand;
                let asked = if won { lead / 1000 % 5 != 0 } else { lead / 1000 % 5 == 0 };
                counts.observe(&[f64::from(u8::from(asked))], won != exchange).unwrap();
            }
            counts.model(Smoothing::EmpiricalBayes).unwrap()
        });
        let rate = f64::from(won_of_thousand) / 1000.0;
        let nothing = straight.score_row(&[U]);
        assert!((nothing - log_odds(rate)).abs() < 1e-12);
        let shares = 0.8 * rate / (0.8 * rate + 0.2 * (1.0 - rate));
        let found = probability(straight.score_row(&[1.0]));
        assert!((found - shares).abs() < 0.01, "{rate}: {found} {shares}");
        for asked in [U, 0.0, 1.0] {
            assert!((straight.score_row(&[asked]) + exchanged.score_row(&[asked])).abs() < 1e-9, "{rate} {asked}");
        }
    }
}

#[test]
fn levels_that_come_later_keep_what_was_counted() {
    let mut counts = FrequencyCounts::new(FrequencySpec {
        fields: vec![Feature::category("source", ["web"])],
        team: Some(Feature::category("team", Vec::<String>::new())),
        stage: Some(Feature::category("stage", ["new", "offer"])),
        ..FrequencySpec::default()
    })
    .unwrap();
    let lead = |counts: &FrequencyCounts, facts: [(&str, &str); 3]| {
        let features = counts.features().to_vec();
        let mut record = Record::new(&features);
        for (name, value) in facts {
            record.set(name, value).unwrap();
        }
        record.values().to_vec()
    };
    let first = lead(&counts, [("stage", "offer"), ("source", "web"), ("team", "south")]);
    assert!(first[0].is_nan(), "a team that is not listed is unknown");
    counts.observe(&first, true).unwrap();
    counts.add_levels("team", &["south", "north"]).unwrap();
    counts.add_levels("source", &["fair", "web"]).unwrap();
    let south = lead(&counts, [("stage", "new"), ("source", "fair"), ("team", "south")]);
    let north = lead(&counts, [("stage", "offer"), ("source", "web"), ("team", "north")]);
    counts.observe(&south, false).unwrap();
    counts.observe(&north, true).unwrap();
    counts.add_levels("team", &["east"]).unwrap();
    counts.add_levels("source", &["advert", "zoo"]).unwrap();
    assert_eq!(counts.features()[0].levels(), ["east", "north", "south"]);
    assert_eq!(counts.features()[2].levels(), ["advert", "fair", "web", "zoo"]);
    assert_eq!((counts.of("team", "north"), counts.of("team", "south")), (Ok((1, 0)), Ok((0, 1))));
    assert_eq!((counts.of("source", "web"), counts.of("source", "fair")), (Ok((2, 0)), Ok((0, 1))));
    assert_eq!((counts.of("source", "zoo"), counts.of("team", "east")), (Ok((0, 0)), Ok((0, 0))));
    assert_eq!(counts.leads(), (2, 1));
    counts.reopen(&lead(&counts, [("stage", "new"), ("source", "fair"), ("team", "south")]), false).unwrap();
    assert_eq!(counts.leads(), (2, 0));
    let again: FrequencyCounts = model::load(&model::save(&counts).unwrap()).unwrap();
    assert_eq!(again, counts);
    let refused = counts.add_levels("stage", &["later"]).unwrap_err();
    assert!(matches!(refused, Error::InvalidFeature { .. }), "{refused}");
    assert_eq!(counts.add_levels("colour", &["red"]).unwrap_err().code(), "unknown_feature");
    let many: Vec<String> = (0..5_000_000).map(|level| level.to_string()).collect();
    assert_eq!(counts.add_levels("source", &many).unwrap_err().code(), "invalid_parameter");
}

#[test]
fn parts_that_know_different_levels_merge() {
    let part = |team: &str, sources: &[&str], won: bool| {
        let mut counts = FrequencyCounts::new(FrequencySpec {
            fields: vec![Feature::category("source", sources.iter().copied())],
            team: Some(Feature::category("team", [team])),
            ..FrequencySpec::default()
        })
        .unwrap();
        counts.observe(&[0.0, 0.0], won).unwrap();
        counts
    };
    let (a, b) = (part("south", &["web", "fair"], true), part("north", &["advert"], false));
    let (mut one, mut other) = (a.clone(), b.clone());
    one.merge(&b).unwrap();
    other.merge(&a).unwrap();
    assert_eq!(one, other);
    assert_eq!(one.features()[1].levels(), ["advert", "fair", "web"]);
    assert_eq!((one.of("team", "south"), one.of("source", "advert")), (Ok((1, 0)), Ok((0, 1))));
    let stranger = FrequencyCounts::new(spec()).unwrap();
    assert_eq!(one.merge(&stranger).unwrap_err().code(), "cannot_merge");
    assert_eq!(one, other, "a merge that is refused changes nothing");
}

#[test]
fn a_table_that_cannot_be_reopened_leaves_the_counts_alone() {
    let leads = some_leads();
    let mut counts = counted(&leads);
    let features = counts.features().to_vec();
    let twice: Vec<(Vec<f64>, bool)> = leads.iter().chain(&leads).cloned().collect();
    let columns: Vec<Vec<f64>> = (0..features.len()).map(|at| twice.iter().map(|(row, _)| row[at]).collect()).collect();
    let table = Columns::in_order(&features, columns.iter().map(Vec::as_slice).collect()).unwrap();
    let won: Vec<bool> = twice.iter().map(|(_, won)| *won).collect();
    let refused = counts.reopen_columns(&table, &Outcome::binary("won", &won)).unwrap_err();
    assert!(matches!(refused, Error::InvalidValue { row, .. } if row >= 20), "{refused}");
    assert_eq!(counts, counted(&leads));
    let weighted = Outcome::binary("won", &won).weights(vec![1.0; won.len()]).unwrap();
    assert_eq!(counts.observe_columns(&table, &weighted).unwrap_err().code(), "invalid_parameter");
    assert_eq!(counts.observe_columns(&table, &Outcome::binary("won", &[true])).unwrap_err().code(), "wrong_length");
    assert_eq!(counts, counted(&leads));
}

#[test]
fn what_cannot_be_counted_is_refused() {
    let code = |spec: FrequencySpec| FrequencyCounts::new(spec).unwrap_err().code();
    let start = FrequencySpec::default;
    let category = |name: &str| Feature::category(name, ["a"]);
    assert_eq!(code(FrequencySpec { fields: vec![Feature::number("age")], ..start() }), "invalid_feature");
    assert_eq!(code(FrequencySpec { team: Some(Feature::yes_no("team")), ..start() }), "invalid_feature");
    assert_eq!(code(FrequencySpec { won_stage: Some("won".into()), ..start() }), "unknown_name");
    assert_eq!(code(FrequencySpec { tags: vec!["a".into(), "a".into()], ..start() }), "duplicate_feature");
    assert_eq!(
        code(FrequencySpec { fields: vec![category("a")], team: Some(category("a")), ..start() }),
        "duplicate_feature"
    );
    let mut counts = counted(&some_leads());
    for row in [vec![0.0; 5], vec![2.0, 0.0, 0.0, 0.0, 0.0, 0.0], vec![0.0, 0.0, 0.5, 0.0, 0.0, 0.0]] {
        assert!(counts.observe(&row, true).is_err(), "{row:?}");
    }
    assert_eq!(counts, counted(&some_leads()));
    for strength in [0.0, -1.0, f64::INFINITY, U] {
        let refused = counts.model(Smoothing::Fixed { level: strength, team: 1.0 }).unwrap_err();
        assert_eq!(refused.code(), "invalid_parameter");
    }
}

type Edit<'a> = &'a dyn Fn(&mut serde_json::Value);

#[test]
fn files_that_contradict_themselves_are_refused() {
    let counts = counted(&some_leads());
    let edited = |kind: &str, edit: Edit<'_>| -> Error {
        let text = if kind == "counts" { model::save(&counts) } else { model::save(&model(Smoothing::EmpiricalBayes)) };
        let mut file: serde_json::Value = serde_json::from_str(&text.unwrap()).unwrap();
        file.as_object_mut().unwrap().remove("fingerprint");
        edit(&mut file);
        model::Kinds::builtin().load(&file.to_string()).unwrap_err()
    };
    let more = (1_u64 << 53) + 1;
    let edits: [(&str, Edit<'_>); 9] = [
        ("counts", &|file| file["leads"][0][0] = 0.into()),
        ("counts", &|file| file["leads"][0][0] = more.into()),
        ("counts", &|file| file["leads"][0][1] = (-1).into()),
        ("counts", &|file| file["counts"][0][0] = serde_json::json!([])),
        ("counts", &|file| file["spec"]["team"]["levels"] = serde_json::json!(["a", "b", "c"])),
        ("counts", &|file| file["spec"]["colour"] = 1.into()),
        ("model", &|file| file["log_odds"][1][0] = serde_json::json!([0.0])),
        ("model", &|file| file["base"] = 1e7.into()),
        ("model", &|file| file["roles"][0] = "field".into()),
    ];
    for (index, (kind, edit)) in edits.into_iter().enumerate() {
        let refused = edited(kind, edit);
        assert_eq!(refused.code(), "model_field", "{index}: {refused}");
    }
}
