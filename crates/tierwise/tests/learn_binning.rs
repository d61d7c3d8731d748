//! Optimal binning against exhaustive search, published weights of evidence, and what may not happen to any input.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use tierwise::learn::{
    BinCounts, BinLayout, Binner, Binning, NumberOutcome, Target, Trend, Unseen, ZeroCells, bin_feature,
};
use tierwise::scorecard::CardSpec;
use tierwise::{Columns, Error, Feature, Outcome, Score, Scorecard, Summary, Unknown, model};

/// Rows of so many of each: value, events, others.
fn rows_of(table: &[(f64, usize, usize)]) -> (Vec<f64>, Vec<bool>) {
    let of_one = |&(value, events, others): &(f64, usize, usize)| {
        let happened = std::iter::repeat_n(true, events).chain(std::iter::repeat_n(false, others));
        happened.map(move |happened| (value, happened))
    };
    table.iter().flat_map(of_one).unzip()
}

fn close(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "{found} is not {expected}");
}

/// German credit, status of the checking account: good and bad loans per level. Weights and information value as three
/// packages give them (scorecardpy, optbinning and toad on the 1000 rows of the UCI data set).
#[test]
fn weights_of_evidence_of_a_published_table() {
    let table = [(0.0, 348, 46), (1.0, 49, 14), (2.0, 164, 105), (3.0, 139, 135)];
    let (values, good) = rows_of(&table);
    let account = Feature::category("checking account", ["none", "200 or more", "0 to 200", "below 0"]);
    let groups = account.levels().iter().map(|level| vec![level.clone()]).collect();
    let layout = BinLayout::groups(account, groups).unwrap();
    let counts = BinCounts::new(layout, &values, &Outcome::binary("good", &good)).unwrap();
    let binning = Binner::new().keep(&counts).unwrap();
    close(binning.information_value(), 0.666_011_503_351_333_6, 1e-12);
    let weights = [1.176_263_222_9, 0.405_465_108_1, -0.401_391_782_7, -0.818_098_705_7];
    let parts = [0.404_410_498_5, 0.009_460_852_5, 0.046_446_763_4, 0.205_693_388_9];
    for (code, bin) in binning.bins().iter().take(4).enumerate() {
        close(bin.points, weights[code], 1e-10);
        close(bin.gain, parts[code], 1e-10);
        close(binning.score_row(&[code as f64]), bin.points, 0.0);
        close(bin.rate, f64::from(u32::try_from(table[code].1).unwrap()) / (table[code].1 + table[code].2) as f64, 0.0);
        assert!(bin.low < bin.rate && bin.rate < bin.high);
    }
    let unknown = binning.bins().pop().unwrap();
    assert!(unknown.rows == 0 && unknown.points == 0.0 && unknown.gain == 0.0 && unknown.rate.is_nan());
}

#[test]
fn the_half_rule_and_the_neutral_rule_for_empty_cells() {
    // By hand: 10 events, 10 others; a bin of 4 events and none.
    let (values, happened) = rows_of(&[(1.0, 4, 0), (2.0, 3, 3), (3.0, 3, 7)]);
    let layout = BinLayout::numbers(Feature::number("x"), vec![2.0, 3.0], vec![]).unwrap();
    let counts = BinCounts::new(layout, &values, &Outcome::binary("y", &happened)).unwrap();
    let half = Binner::new().keep(&counts).unwrap();
    close(half.points()[0], (4.5_f64 / 10.0 / (0.5 / 10.0)).ln(), 1e-15);
    close(half.bins()[0].gain, (0.45 - 0.05) * 9.0_f64.ln(), 1e-15);
    close(half.points()[1], 0.0, 0.0);
    close(half.points()[2], (0.3_f64 / 0.7).ln(), 1e-15);
    let neutral = Binner::new().zero_cells(ZeroCells::Neutral).keep(&counts).unwrap();
    assert_eq!((neutral.points()[0], neutral.bins()[0].gain), (0.0, 0.0));
    close(neutral.points()[2], half.points()[2], 0.0);
}

/// Every binning of a few cells, judged by arithmetic of its own.
#[derive(Debug)]
struct Exhaustive {
    cells: Vec<(u32, u32)>,
    min_weight: f64,
    min_counts: [u32; 2],
    max_bins: usize,
    penalty: f64,
    min_difference: f64,
    trend: Trend,
}

impl Exhaustive {
    fn best(&self) -> Option<f64> {
        let inner = self.cells.len() - 1;
        (0..1_u32 << inner).filter_map(|chosen| self.value(&self.bins(chosen))).reduce(f64::max)
    }

    fn bins(&self, chosen: u32) -> Vec<(u32, u32)> {
        let mut bins = vec![(0, 0)];
        for (place, &(events, others)) in self.cells.iter().enumerate() {
            if place > 0 && chosen >> (place - 1) & 1 == 1 {
                bins.push((0, 0));
            }
            let last = bins.last_mut().unwrap();
            *last = (last.0 + events, last.1 + others);
        }
        bins
    }

    fn value(&self, bins: &[(u32, u32)]) -> Option<f64> {
        let small = |&(events, others): &(u32, u32)| {
            f64::from(events + others) < self.min_weight - 1e-9
                || events < self.min_counts[0]
                || others < self.min_counts[1]
        };
        if bins.len() > self.max_bins || bins.iter().any(small) || !self.follows(bins) {
            return None;
        }
        let total = self.cells.iter().fold((0, 0), |sum, cell| (sum.0 + cell.0, sum.1 + cell.1));
        let information = |&(events, others): &(u32, u32)| {
            let half = if events == 0 || others == 0 { 0.5 } else { 0.0 };
            let p = (f64::from(events) + half) / f64::from(total.0);
            let q = (f64::from(others) + half) / f64::from(total.1);
            (p - q) * (p / q).ln() - self.penalty
        };
        Some(bins.iter().map(information).sum())
    }

    fn follows(&self, bins: &[(u32, u32)]) -> bool {
        let rates: Vec<f64> = bins.iter().map(|bin| f64::from(bin.0) / f64::from(bin.0 + bin.1)).collect();
        let rises = |rates: &[f64]| rates.windows(2).all(|pair| pair[1] - pair[0] >= self.min_difference);
        let falls = |rates: &[f64]| rates.windows(2).all(|pair| pair[0] - pair[1] >= self.min_difference);
        let turns = |first: &dyn Fn(&[f64]) -> bool, then: &dyn Fn(&[f64]) -> bool| {
            (0..rates.len()).any(|turn| first(&rates[..=turn]) && then(&rates[turn..]))
        };
        match self.trend {
            Trend::Ascending => rises(&rates),
            Trend::Descending => falls(&rates),
            Trend::Either => rises(&rates) || falls(&rates),
            Trend::Peak => turns(&rises, &falls),
            Trend::Valley => turns(&falls, &rises),
            _ => rates.windows(2).all(|pair| (pair[0] - pair[1]).abs() >= self.min_difference),
        }
    }
}

fn trends() -> impl Strategy<Value = Trend> {
    prop_oneof![
        Just(Trend::Ascending),
        Just(Trend::Descending),
        Just(Trend::Either),
        Just(Trend::Peak),
        Just(Trend::Valley),
        Just(Trend::None),
    ]
}

fn small_problem() -> impl Strategy<Value = Exhaustive> {
    let cells = proptest::collection::vec((0_u32..9, 0_u32..9), 2..10);
    let limits = (0.0..0.4_f64, 0_u32..4, 0_u32..4, 1_usize..7);
    let costs = (prop_oneof![Just(0.0), 0.0..0.2_f64], prop_oneof![Just(0.0), 0.001..0.3_f64]);
    (cells, limits, costs, trends()).prop_filter_map("both classes", |(cells, limits, (penalty, difference), trend)| {
        let cells: Vec<_> = cells.into_iter().filter(|cell| cell.0 + cell.1 > 0).collect();
        let (events, others) = cells.iter().fold((0, 0), |sum, cell| (sum.0 + cell.0, sum.1 + cell.1));
        let (share, least_events, least_others, max_bins) = limits;
        (events > 0 && others > 0).then(|| Exhaustive {
            min_weight: share * f64::from(events + others),
            min_counts: [least_events, least_others],
            cells,
            max_bins,
            penalty,
            min_difference: difference,
            trend,
        })
    })
}

fn binner_of(problem: &Exhaustive) -> Binner {
    let total: u32 = problem.cells.iter().map(|cell| cell.0 + cell.1).sum();
    Binner::new()
        .trend(problem.trend)
        .max_bins(problem.max_bins)
        .min_share(problem.min_weight / f64::from(total))
        .min_events(f64::from(problem.min_counts[0]))
        .min_non_events(f64::from(problem.min_counts[1]))
        .penalty(problem.penalty)
        .min_difference(problem.min_difference)
}

fn data_of(problem: &Exhaustive) -> (Vec<f64>, Vec<bool>) {
    let cells = problem.cells.iter().zip(0..);
    let table: Vec<_> = cells.map(|(cell, place)| (f64::from(place) * 1.5, cell.0 as usize, cell.1 as usize)).collect();
    rows_of(&table)
}

/// The bins found, as counts.
fn found_bins(binning: &Binning) -> Vec<(u32, u32)> {
    let ordinary = binning.layout().ordinary();
    let counts = |bin: &tierwise::learn::Bin| (bin.events.unwrap() as u32, bin.non_events.unwrap() as u32);
    binning.bins().iter().take(ordinary).map(counts).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn no_binning_is_better_than_the_one_found(problem in small_problem()) {
        let (values, happened) = data_of(&problem);
        let binning = binner_of(&problem).bin(&Feature::number("x"), &values, &Outcome::binary("y", &happened)).unwrap();
        let bins = found_bins(&binning);
        let Some(best) = problem.best() else {
            prop_assert_eq!(bins.len(), 1);
            return Ok(());
        };
        let value = problem.value(&bins);
        prop_assert!(value.is_some(), "{bins:?} breaks a limit");
        prop_assert!((value.unwrap() - best).abs() < 1e-9, "{bins:?} is worth {value:?}, the best {best}");
        let information = binning.information_value();
        prop_assert!((information - problem.penalty * bins.len() as f64 - best).abs() < 1e-9);
    }

    #[test]
    fn joining_counts_finds_what_the_rows_would(problem in small_problem()) {
        let (values, happened) = data_of(&problem);
        let outcome = Outcome::binary("y", &happened);
        let feature = Feature::number("x");
        let edges: Vec<f64> = (1..problem.cells.len()).map(|place| place as f64 * 1.5).collect();
        let counts = BinCounts::new(BinLayout::numbers(feature.clone(), edges, vec![]).unwrap(), &values, &outcome);
        let joined = binner_of(&problem).join(&counts.unwrap()).unwrap();
        let direct = binner_of(&problem).bin(&feature, &values, &outcome).unwrap();
        prop_assert_eq!(found_bins(&joined), found_bins(&direct));
    }

    #[test]
    fn weights_are_rows(problem in small_problem()) {
        let (values, happened) = data_of(&problem);
        let weights: Vec<f64> = (0..values.len()).map(|row| (row % 4) as f64).collect();
        prop_assume!(happened.iter().zip(&weights).any(|(&yes, &weight)| yes && weight > 0.0));
        prop_assume!(happened.iter().zip(&weights).any(|(&yes, &weight)| !yes && weight > 0.0));
        let repeat = |row: usize| std::iter::repeat_n(row, row % 4);
        let rows: Vec<usize> = (0..values.len()).flat_map(repeat).collect();
        let (long_values, long): (Vec<f64>, Vec<bool>) = rows.iter().map(|&row| (values[row], happened[row])).unzip();
        let feature = Feature::number("x");
        let weighted = Outcome::binary("y", &happened).weights(weights).unwrap();
        let binner = binner_of(&problem);
        let one = binner.bin(&feature, &values, &weighted).unwrap();
        let other = binner.bin(&feature, &long_values, &Outcome::binary("y", &long)).unwrap();
        prop_assert_eq!(found_bins(&one), found_bins(&other));
        prop_assert!((one.information_value() - other.information_value()).abs() < 1e-12);
    }

    #[test]
    fn no_grouping_of_levels_is_better(problem in small_problem()) {
        // Without limits on the size of a bin the order by rate is enough: no other grouping can be better.
        let cells = problem.cells.into_iter().take(6).map(|(events, others)| (events + 1, others + 1)).collect();
        let problem = Exhaustive { cells, ..problem };
        let (values, happened) = data_of(&problem);
        let codes: Vec<f64> = values.iter().map(|value| value / 1.5).collect();
        let names = (0..problem.cells.len()).map(|level| format!("level {level}"));
        let feature = Feature::category("x", names);
        let binner = Binner::new().max_bins(problem.max_bins).min_share(0.0).rare_share(0.0);
        let found = binner.bin(&feature, &codes, &Outcome::binary("y", &happened)).unwrap().information_value();
        let free = Exhaustive {
            min_weight: 0.0, min_counts: [1, 1], penalty: 0.0, min_difference: 0.0, trend: Trend::None, ..problem
        };
        let mut groups = vec![0_usize; free.cells.len()];
        let mut best = f64::NEG_INFINITY;
        loop {
            let mut bins = vec![(0, 0); free.cells.len()];
            for (&group, cell) in groups.iter().zip(&free.cells) {
                bins[group] = (bins[group].0 + cell.0, bins[group].1 + cell.1);
            }
            bins.retain(|bin| bin.0 + bin.1 > 0);
            best = best.max(free.value(&bins).unwrap_or(f64::NEG_INFINITY));
            let Some(place) = groups.iter().position(|&group| group + 1 < free.cells.len()) else { break };
            groups[place] += 1;
            groups[..place].fill(0);
        }
        prop_assert!((found - best).abs() < 1e-9, "{found} instead of {best}");
    }
}

/// Random rows with many distinct values; the generator is a plain congruence, so that a failure can be repeated.
fn many(rows: usize) -> (Vec<f64>, Vec<bool>) {
    let mut state = 12_345_u64;
    let mut uniform = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    (0..rows)
        .map(|_| {
            let value = uniform() * 100.0;
            let rate = 0.1 + 0.3 * (value / 100.0) * (1.0 - value / 100.0) * 4.0 * f64::from(u8::from(value > 20.0));
            (value, uniform() < rate)
        })
        .unzip()
}

#[test]
fn trends_hold_on_many_values_and_a_wider_choice_is_never_worse() {
    let (values, happened) = many(20_000);
    let outcome = Outcome::binary("y", &happened);
    let information = |trend| {
        let binning = Binner::new().trend(trend).bin(&Feature::number("x"), &values, &outcome).unwrap();
        let bins = binning.bins();
        let rates: Vec<f64> = bins[..binning.layout().ordinary()].iter().map(|bin| bin.rate).collect();
        let turn = |better: fn(f64, f64) -> bool| {
            (0..rates.len()).fold(0, |best, place| if better(rates[place], rates[best]) { place } else { best })
        };
        let (top, bottom) = (turn(|a, b| a > b), turn(|a, b| a < b));
        match trend {
            Trend::Ascending => assert!(rates.is_sorted()),
            Trend::Descending => assert!(rates.is_sorted_by(|a, b| a >= b)),
            Trend::Peak => assert!(rates[..=top].is_sorted() && rates[top..].is_sorted_by(|a, b| a >= b)),
            Trend::Valley => assert!(rates[..=bottom].is_sorted_by(|a, b| a >= b) && rates[bottom..].is_sorted()),
            _ => {}
        }
        assert!(bins[..rates.len()].iter().all(|bin| bin.share >= 0.05 && bin.rows > 0));
        binning.information_value()
    };
    let [up, down, peak, valley, any] =
        [Trend::Ascending, Trend::Descending, Trend::Peak, Trend::Valley, Trend::None].map(information);
    assert!(peak >= up.max(down) && valley >= up.max(down) && any >= peak.max(valley));
    let auto = bin_feature(&Feature::number("x"), &values, &outcome).unwrap();
    assert_eq!(auto.trend(), Some(Trend::Peak));
}

/// On more values than can be searched at once, the closer looks come near the exact optimum: it is computed here with
/// all cuts between 500 values.
#[test]
fn closer_looks_make_up_for_a_coarse_grid() {
    let (values, happened) = many(500);
    let outcome = Outcome::binary("y", &happened);
    for trend in [Trend::Ascending, Trend::Peak, Trend::None] {
        let with = |pre_bins| {
            let binner = Binner::new().trend(trend).pre_bins(pre_bins).max_bins(6);
            binner.bin(&Feature::number("x"), &values, &outcome).unwrap().information_value()
        };
        let (exact, coarse) = (with(512), with(128));
        assert!(coarse <= exact + 1e-9 && coarse >= 0.99 * exact, "{trend:?}: {coarse} of {exact}");
    }
}

#[test]
fn equal_values_stay_together_and_edges_are_round() {
    let table = [(18.0, 2, 9), (23.0, 3, 9), (37.0, 2, 10), (42.0, 9, 4), (43.0, 8, 3), (61.0, 9, 3)];
    let (values, happened) = rows_of(&table);
    let binning = bin_feature(&Feature::number("age"), &values, &Outcome::binary("y", &happened)).unwrap();
    assert!(binning.edges().contains(&40.0), "{:?}", binning.edges());
    for (value, _, _) in table {
        let code = binning.code(value);
        assert!(
            binning.codes(&values).iter().zip(&values).all(|(&own, &other)| other != value || own as usize == code)
        );
    }
}

#[test]
fn special_codes_and_unknown_are_bins_of_their_own() {
    let table = [(-9.0, 5, 5), (-7.0, 2, 8), (1.0, 9, 3), (2.0, 8, 3), (3.0, 3, 8), (4.0, 2, 9), (f64::NAN, 6, 2)];
    let (values, happened) = rows_of(&table);
    let outcome = Outcome::binary("y", &happened);
    let binner = Binner::new().max_bins(2).special([-9.0, -8.0, -7.0]);
    let binning = binner.bin(&Feature::number("x"), &values, &outcome).unwrap();
    assert_eq!(binning.layout().labels(), ["below 3", "3 or more", "code -9", "code -8", "code -7", "unknown"]);
    let rows: Vec<u64> = binning.bins().iter().map(|bin| bin.rows).collect();
    assert_eq!(rows, [23, 22, 10, 0, 10, 8]);
    assert_eq!(binning.codes(&[-9.0, -8.0, -7.0, -8.5, -7.000_001, 3.0, f64::NAN]), [2, 3, 4, 0, 0, 1, 5]);
    assert_eq!(binning.points()[3], 0.0, "a code without rows says nothing");
    // 35 events and 38 others in all; 6 and 2 of them unknown.
    close(binning.score_row(&[f64::NAN]), (6.0_f64 / 35.0 / (2.0 / 38.0)).ln(), 1e-15);

    let card = Scorecard::new(CardSpec {
        name: "card".into(),
        features: binning.features().to_vec(),
        characteristics: vec![binning.characteristic(20.0)],
        ..CardSpec::default()
    });
    let card = card.unwrap();
    for value in [-9.0, -8.0, -7.0, -8.5, 0.0, 2.999, 3.0, 1e300, f64::NAN] {
        assert_eq!(card.score_row(&[value]), 20.0 * binning.score_row(&[value]), "{value}");
    }
}

#[test]
fn a_column_that_is_mostly_unknown_is_still_binned() {
    let mut table = vec![(f64::NAN, 400, 500)];
    table.extend((0..20).map(|value| (f64::from(value), 1 + value as usize / 4, 4)));
    let (values, happened) = rows_of(&table);
    let binning = bin_feature(&Feature::number("x"), &values, &Outcome::binary("y", &happened)).unwrap();
    assert!(binning.layout().ordinary() >= 3, "{:?}", binning.layout().labels());
}

#[test]
fn rare_levels_are_pooled_and_unseen_ones_follow_the_rule() {
    let levels = ["A", "B", "C", "rare 1", "rare 2", "never"];
    let table = [(0.0, 90, 110), (1.0, 30, 170), (2.0, 150, 50), (3.0, 1, 2), (4.0, 0, 3)];
    let (codes, happened) = rows_of(&table);
    let outcome = Outcome::binary("y", &happened);
    let feature = Feature::category("x", levels);
    let binner = Binner::new().min_share(0.001).max_bins(4);
    let binning = binner.clone().bin(&feature, &codes, &outcome).unwrap();
    let together = binning.layout().level_groups().iter().find(|group| group.contains(&"rare 1".to_owned())).unwrap();
    assert!(together.contains(&"rare 2".to_owned()), "{together:?}");
    assert_eq!((binning.score_row(&[5.0]), binning.score_row(&[f64::NAN])), (0.0, 0.0));

    let rare = binner.clone().unseen(Unseen::Rare).bin(&feature, &codes, &outcome).unwrap();
    assert_eq!(rare.score_row(&[5.0]), rare.score_row(&[3.0]));
    assert_eq!(rare.codes(&[5.0, f64::NAN, 3.0]), vec![rare.code(3.0) as u32; 3]);
    assert_eq!(model::load::<Binning>(&model::save(&rare).unwrap()).unwrap(), rare);

    let strict = binner.bin(&feature.clone().with_unknown(Unknown::Error), &codes, &outcome).unwrap();
    let column = [f64::NAN];
    let refused = Columns::new(strict.features(), &[("x", &column)]).unwrap_err();
    assert_eq!(refused.code(), "unknown_value");
}

#[test]
fn a_number_is_explained_as_analysis_of_variance_says() {
    // Three groups by hand: means 2, 4, 9; grand mean 5; between 3 · (9 + 1 + 16) = 78, within 2 + 2 + 2 = 6.
    let values = [1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 3.0, 3.0, 3.0];
    let paid = [1.0, 2.0, 3.0, 3.0, 4.0, 5.0, 8.0, 9.0, 10.0];
    let outcome = NumberOutcome::new("paid", &paid).unwrap();
    let binning = Binner::new().bin(&Feature::number("x"), &values, &outcome).unwrap();
    assert_eq!((binning.edges(), binning.trend()), (&[2.0, 3.0][..], Some(Trend::Ascending)));
    close(binning.information_value(), 78.0 / 84.0, 1e-14);
    let means: Vec<f64> = binning.bins().iter().take(3).map(|bin| bin.rate).collect();
    assert_eq!((means.as_slice(), binning.points()), (&[2.0, 4.0, 9.0][..], &[-3.0, -1.0, 4.0, 0.0][..]));
    // scipy.stats.t.ppf(0.975, 2) / sqrt(3) = 2.4841377117194694, the half width at a standard deviation of 1.
    close(binning.bins()[0].high - 2.0, 2.484_137_711_719_469_4, 1e-9);

    let counts = |range: std::ops::Range<usize>| {
        let layout = BinLayout::numbers(Feature::number("x"), vec![2.0, 3.0], vec![]).unwrap();
        BinCounts::new(layout, &values[range.clone()], &NumberOutcome::new("paid", &paid[range]).unwrap()).unwrap()
    };
    let mut merged = counts(0..4);
    merged.merge(&counts(4..9)).unwrap();
    let joined = Binner::new().join(&merged).unwrap();
    close(joined.information_value(), 78.0 / 84.0, 1e-14);
    assert_eq!(joined.edges(), binning.edges());
}

#[test]
fn counts_of_parts_merge_to_those_of_the_whole() {
    let (values, happened) = many(3_000);
    let layout = BinLayout::numbers(Feature::number("x"), (1..100).map(f64::from).collect(), vec![]).unwrap();
    let counts = |range: std::ops::Range<usize>| {
        BinCounts::new(layout.clone(), &values[range.clone()], &Outcome::binary("y", &happened[range])).unwrap()
    };
    let whole = counts(0..3_000);
    let (first, second, third) = (counts(0..10), counts(10..1_700), counts(1_700..3_000));
    let merged = |order: [&BinCounts; 3]| {
        let mut all = order[0].clone();
        all.merge(order[1]).unwrap();
        all.merge(order[2]).unwrap();
        all
    };
    assert_eq!(merged([&first, &second, &third]), whole);
    assert_eq!(merged([&third, &first, &second]), whole);
    let other = BinCounts::new(
        BinLayout::numbers(Feature::number("x"), vec![1.0], vec![]).unwrap(),
        &values,
        &Outcome::binary("y", &happened),
    );
    assert_eq!(whole.clone().merge(&other.unwrap()).unwrap_err().code(), "cannot_merge");
}

#[test]
fn neither_the_order_of_rows_nor_of_columns_matters() {
    let (values, happened) = many(5_000);
    let reversed: Vec<f64> = values.iter().rev().copied().collect();
    let back: Vec<bool> = happened.iter().rev().copied().collect();
    let weights: Vec<f64> = (0..5_000).map(|row| 0.1 + f64::from(row % 7) / 3.0).collect();
    let weights_back: Vec<f64> = weights.iter().rev().copied().collect();
    let bin = |values: &[f64], happened: &[bool], weights: &[f64]| {
        let outcome = Outcome::binary("y", happened).weights(weights.to_vec()).unwrap();
        bin_feature(&Feature::number("x"), values, &outcome).unwrap().edges().to_vec()
    };
    assert_eq!(bin(&values, &happened, &weights), bin(&reversed, &back, &weights_back));

    let features = [Feature::number("x"), Feature::yes_no("above"), Feature::category("sign", ["-", "+"])];
    let above: Vec<f64> = values.iter().map(|value| f64::from(u8::from(*value > 50.0))).collect();
    let columns = Columns::in_order(&features, vec![&values, &above, &above]).unwrap();
    let outcome = Outcome::binary("y", &happened);
    let binner = Binner::new().special([-1.0]);
    let all = binner.bin_columns(&columns, &outcome).unwrap();
    assert_eq!(all[0], binner.bin(&features[0], &values, &outcome).unwrap());
    close(all[1].information_value(), all[2].information_value(), 1e-12);
    assert_eq!(all[1].layout().labels(), ["no", "yes", "unknown"]);
}

#[test]
fn odd_columns_have_answers_too() {
    let happened = [true, false, true, false];
    let outcome = Outcome::binary("y", &happened);
    let unknown = bin_feature(&Feature::number("x"), &[f64::NAN; 4], &outcome).unwrap();
    assert_eq!((unknown.information_value(), unknown.bins()[1].rows), (0.0, 4));
    let constant = bin_feature(&Feature::number("x"), &[7.0; 4], &outcome).unwrap();
    assert_eq!((constant.edges().len(), constant.score_row(&[7.0])), (0, 0.0));
    let huge = [f64::MAX, -f64::MAX, 5e-324, -0.0];
    let extreme =
        Binner::new().min_events(0.0).min_non_events(0.0).bin(&Feature::number("x"), &huge, &outcome).unwrap();
    assert!(extreme.information_value().is_finite() && extreme.edges().iter().all(|edge| edge.is_finite()));
    let none = bin_feature(&Feature::category("x", ["a"]), &[f64::NAN; 4], &outcome).unwrap();
    assert_eq!(none.layout().labels(), ["unknown"]);
    assert_eq!(none.score_row(&[0.0]), 0.0);
}

#[test]
fn errors_say_what_and_where() {
    let happened = [true, false, true];
    let outcome = Outcome::binary("y", &happened);
    let (number, values) = (Feature::number("x"), [1.0, 2.0, 3.0]);
    let code = |result: Result<Binning, Error>| result.unwrap_err().code();
    let with = |binner: Binner| code(binner.bin(&number, &values, &outcome));
    for binner in [
        Binner::new().max_bins(0),
        Binner::new().max_bins(101),
        Binner::new().pre_bins(1),
        Binner::new().pre_bins(100_000),
        Binner::new().min_share(1.0),
        Binner::new().min_share(f64::NAN),
        Binner::new().penalty(-1.0),
        Binner::new().min_events(f64::INFINITY),
        Binner::new().confidence(1.0),
        Binner::new().special([f64::NAN]),
        Binner::new().special([1.0, 1.0]),
    ] {
        assert_eq!(with(binner), "invalid_parameter");
    }
    assert_eq!(code(bin_feature(&number, &[1.0, f64::INFINITY, 2.0], &outcome)), "not_finite");
    assert_eq!(code(bin_feature(&number, &[1.0], &outcome)), "wrong_length");
    assert_eq!(code(bin_feature(&number, &values, &Outcome::binary("y", &[true; 3]))), "one_class");
    assert_eq!(code(bin_feature(&number, &values, &NumberOutcome::new("y", &[2.0; 3]).unwrap())), "no_variation");
    assert_eq!(NumberOutcome::new("y", &[1.0, f64::NAN]).unwrap_err().code(), "invalid_value");
    let offset = outcome.clone().offsets(&[0.1; 3]).unwrap();
    assert_eq!(code(bin_feature(&number, &values, Target::Binary(&offset))), "invalid_parameter");
    let levels = Feature::category("c", ["a", "b", "c", "d"]);
    let ordered = Binner::new().trend(Trend::Ascending).bin(&levels, &values, &outcome).unwrap_err().to_string();
    assert_eq!(
        ordered,
        "The `trend` of `Binner` must be auto or none for a category: its levels have no order. Got Ascending."
    );
    let twice = BinLayout::groups(levels.clone(), vec![vec!["a".into()], vec!["a".into()]]).unwrap_err();
    assert_eq!(twice.code(), "invalid_parameter");
    assert_eq!(BinLayout::groups(levels, vec![vec!["z".into()]]).unwrap_err().code(), "unknown_name");
}
