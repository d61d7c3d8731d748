//! Drift against published values, counting by hand, repetition of rows, and a simulation without and with a change.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use tierwise::evaluate::{
    ColumnDrift, DriftBins, DriftCounts, DriftLevel, DriftSample, DriftSettings, EmptyCells, LogBase, ScoreHistogram,
    characteristic_stability, column_drift, compare_counts, confusion, drift, drift_windows, roc_auc, tier_migration,
};
use tierwise::{Columns, Error, Explain, Feature, Outcome, Summary, lead, score};

fn close(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "{found} is not {expected}");
}

fn plain() -> DriftSettings {
    DriftSettings::default()
}

fn number(reference: &[f64], current: &[f64], settings: &DriftSettings) -> ColumnDrift {
    column_drift(&Feature::number("x"), reference, current, settings).unwrap()
}

/// Agrees with toad, evidently and the formula; distances with scipy 1.17.
#[test]
fn published_values_of_cells() {
    let found = compare_counts(&[10.0, 20.0, 30.0, 25.0, 15.0], &[8.0, 22.0, 25.0, 28.0, 17.0], &plain()).unwrap();
    close(found.population_stability, 0.021_388_275_880_358_645, 1e-15);
    close(found.parts.iter().sum(), found.population_stability, 0.0);
    let (then, now) = ([60.0, 25.0, 15.0], [50.0, 30.0, 20.0]);
    let found = compare_counts(&then, &now, &plain()).unwrap();
    close(found.population_stability, 0.041_732_337_141_682_244, 1e-15);
    close(found.kullback_leibler, 0.020_660_234_010_116_95, 1e-15);
    close(found.jensen_shannon, 0.072_150_124_699_264_35, 1e-14);
    close(found.chi_square.statistic, 2.077_922_077_922_077_9, 1e-14);
    close(found.chi_square.p_value, 0.353_822_098_435_025, 1e-13);
    let two = compare_counts(&then, &now, &DriftSettings { log_base: LogBase::Two, ..plain() }).unwrap();
    close(two.jensen_shannon, 0.086_661_131_573_022_13, 1e-14);
    // scipy.stats.chi2.ppf(.95, 2) times 2 / 100
    close(found.noise.unwrap(), 5.991_464_547_107_979 / 50.0, 1e-10);
}

/// r = i / 1000 and c = r^1.3: deciles as NumPy cuts them, distances as scipy has them.
#[test]
fn published_values_of_a_number() {
    let then: Vec<f64> = (1..=1000).map(|row| f64::from(row) / 1000.0).collect();
    let now: Vec<f64> = then.iter().map(|value| value.powf(1.3)).collect();
    let found = number(&then, &now, &plain());
    close(found.population_stability, 0.059_767_078_083_567_96, 1e-14);
    let shares: Vec<f64> = found.cells.iter().map(|cell| cell.current).collect();
    for (found, expected) in shares.iter().zip([0.171, 0.119, 0.106, 0.098, 0.093, 0.088, 0.085, 0.082, 0.080, 0.078]) {
        close(*found, expected, 1e-12);
    }
    let apart = found.distances.unwrap();
    close(apart.kolmogorov_smirnov.value, 0.097, 1e-12);
    close(apart.kolmogorov_smirnov.p_value, 0.000_151_296_978_445_998, 1e-12); // ks_2samp(method="asymp")
    assert_eq!(apart.kolmogorov_smirnov.sign, 1.0); // current values are lower
    close(apart.wasserstein, 0.065_217_288_442_818, 1e-14);
    close(apart.wasserstein_in_deviations.unwrap(), 0.225_919_427_189_412_5, 1e-13);
    assert!(found.p_value < 0.05 && found.level == DriftLevel::Stable);
    assert_eq!(found.rule, "10 right-open bins at quantiles of the reference");
}

/// A value that fills several quantiles must not be one cell with all that lies above it.
#[test]
fn a_number_that_is_mostly_zero_is_watched_too() {
    let of = |share: u32| -> Vec<f64> {
        (0..5000).map(|row| f64::from(if row % 100 < share { 0 } else { 1 + row % 99 })).collect()
    };
    let found = number(&of(95), &of(50), &plain());
    assert_eq!((found.level, found.cells[0].reference, found.cells[0].current), (DriftLevel::Act, 0.95, 0.5));
    assert_eq!(number(&of(95), &of(95), &plain()).level, DriftLevel::Stable);
    let around = |below: u32, at: u32| -> Vec<f64> {
        let value = |row: u32| {
            if row % 100 < below {
                1 + row % 7
            } else if row % 100 < below + at {
                50
            } else {
                60 + row % 40
            }
        };
        (0..5000).map(|row| f64::from(value(row))).collect()
    };
    assert_eq!(number(&around(7, 85), &around(7, 40), &plain()).level, DriftLevel::Act);
    let features = [Feature::number("x")];
    let (then, now) = (of(95), of(50));
    let mut counts = DriftCounts::new(&Columns::in_order(&features, vec![&then]).unwrap(), &plain()).unwrap();
    let mut later = counts.empty();
    later.add(&Columns::in_order(&features, vec![&now]).unwrap()).unwrap();
    assert_eq!(counts.drift(&later, &plain()).unwrap().columns[0].level, DriftLevel::Act);
    counts.merge(&later).unwrap();
}

/// Levels of few rows each: new ones are no chance where they are many, and are where there are as many as ever.
#[test]
fn new_levels_are_seen_though_each_is_rare() {
    let names =
        |from: u32, count: u32| -> Vec<String> { (from..from + count).map(|code| format!("p{code}")).collect() };
    let levels = names(0, 2000);
    let feature = Feature::category("postcode", levels);
    let codes = |from: u32| -> Vec<f64> { (0..4000).map(|row| f64::from(from + row % 1000)).collect() };
    let found = column_drift(&feature, &codes(0), &codes(1000), &plain()).unwrap();
    assert_eq!((found.level, found.unseen.len()), (DriftLevel::Act, 1000));
    assert!(found.cells.iter().any(|cell| cell.name == "1000 levels the reference lacks"), "{:?}", found.cells);
    // Drawn anew from the same two thousand levels, a tenth of the rows are of levels that the other sample lacks.
    let mut random = ChaCha8Rng::seed_from_u64(5);
    let mut draw = || -> Vec<f64> { (0..4000).map(|_| f64::from(random.next_u32() % 2000)).collect() };
    let alarms = (0..100)
        .filter(|_| column_drift(&feature, &draw(), &draw(), &plain()).unwrap().level != DriftLevel::Stable)
        .count();
    assert_eq!(alarms, 0);
    let unknown = Feature::category("reason", ["a", "b", "unknown"]);
    let (then, now) = (vec![0.0, 1.0, 0.0, f64::NAN], vec![0.0, 1.0, 2.0, f64::NAN]);
    let found = column_drift(&unknown, &then.repeat(50), &now.repeat(50), &plain()).unwrap();
    assert_eq!(found.unseen.iter().map(|one| one.level.as_str()).collect::<Vec<_>>(), ["unknown"]);
    assert!(found.cells.iter().any(|cell| cell.name == "unknown (no value)"));
}

#[test]
fn other_values_are_empty_where_no_row_is_left() {
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let mut part = || f64::from(random.next_u32()) / 4e9;
    let then: Vec<f64> = (0..3000).map(|row| f64::from(row % 4)).collect();
    let now: Vec<f64> = (0..3000).map(|row| f64::from(row % 5)).collect();
    let features = [Feature::number("x")];
    let one = Columns::in_order(&features, vec![&then]).unwrap();
    let two = Columns::in_order(&features, vec![&now]).unwrap();
    for _ in 0..50 {
        let weights: Vec<f64> = (0..3000).map(|_| part()).collect();
        let found = drift(DriftSample::new(&one).weights(&weights), DriftSample::new(&two).weights(&weights), &plain());
        let found = found.unwrap().columns[0].population_stability;
        assert!(found < 2.0, "{found}");
    }
}

#[test]
fn edges_of_equal_width_ascend_whatever_rounding_does() {
    let values: Vec<f64> =
        (0..100).map(|row| if row % 2 == 0 { 9.486_494_471_372_438 } else { 9.486_494_471_372_442 }).collect();
    let wide = DriftSettings { bins: DriftBins::EqualWidth(10), ..plain() };
    let features = [Feature::number("x")];
    let counts = DriftCounts::new(&Columns::in_order(&features, vec![&values]).unwrap(), &wide).unwrap();
    let again: DriftCounts = serde_json::from_str(&serde_json::to_string(&counts).unwrap()).unwrap();
    assert_eq!(again, counts);
}

#[test]
fn empty_cells_by_either_rule() {
    let floor = DriftSettings { empty_cells: EmptyCells::Floor(1e-4), ..plain() };
    let found = compare_counts(&[50.0, 50.0, 0.0], &[40.0, 40.0, 20.0], &floor).unwrap();
    let expected = 2.0 * -0.1 * (0.4_f64 / 0.5).ln() + (0.2 - 1e-4) * (0.2_f64 / 1e-4).ln();
    close(found.population_stability, expected, 1e-14);
    let half = compare_counts(&[50.0, 50.0, 0.0, 0.0], &[40.0, 40.0, 20.0, 0.0], &plain()).unwrap();
    let expected = 2.0 * -0.1 * (0.4_f64 / 0.5).ln() + (0.2 - 0.005) * (0.2_f64 / 0.005).ln();
    close(half.population_stability, expected, 1e-14);
    assert_eq!((half.parts[3], half.chi_square.degrees_of_freedom), (0.0, 2.0)); // empty in both counts nowhere
    let same = compare_counts(&[7.0], &[9.0], &plain()).unwrap();
    assert_eq!((same.population_stability, same.p_value, same.noise), (0.0, 1.0, None));
}

#[test]
fn a_flag_that_was_never_set_and_values_between_bins_are_seen() {
    let zeros = vec![0.0; 200];
    let half: Vec<f64> = (0..200).map(|row| f64::from(row % 2)).collect();
    let found = number(&zeros, &half, &plain());
    assert_eq!(found.level, DriftLevel::Act);
    assert_eq!(found.cells[1].name, "other values");
    assert_eq!(found.distances.unwrap().wasserstein_in_deviations, None); // the reference is constant
    let thirds: Vec<f64> = half.iter().map(|value| value / 2.0).collect();
    let found = number(&half, &thirds, &plain());
    assert_eq!((found.cells[1].current, found.cells[2].current), (0.0, 0.5));
    assert_eq!(number(&zeros, &zeros, &plain()).population_stability, 0.0);
    let wide = DriftSettings { bins: DriftBins::EqualWidth(10), ..plain() };
    assert_eq!(number(&zeros, &half, &wide).level, DriftLevel::Act);
    let huge: Vec<f64> = (0..200).map(|row| if row % 2 == 0 { f64::MAX } else { f64::MIN }).collect();
    let found = number(&huge, &zeros, &wide);
    assert_eq!((found.level, found.cells.len()), (DriftLevel::Act, 3));
}

/// Distances do not depend on the unit, down to denormals and up to the largest numbers.
#[test]
fn numbers_of_any_size_are_compared() {
    let then: Vec<f64> = (0..40).map(|row| f64::from(row) - 20.0).collect();
    let now: Vec<f64> = then.iter().map(|value| value * 0.75 + 3.0).collect();
    let expected = number(&then, &now, &plain());
    for unit in [2.0_f64.powi(1018), 2.0_f64.powi(600), 2.0_f64.powi(-600), 2.0_f64.powi(-1060)] {
        let times = |values: &[f64]| values.iter().map(|value| value * unit).collect::<Vec<f64>>();
        let found = number(&times(&then), &times(&now), &plain());
        let (apart, of_one) = (found.distances.unwrap(), expected.distances.unwrap());
        assert_eq!(apart.kolmogorov_smirnov.value, of_one.kolmogorov_smirnov.value);
        // A denormal has few digits.
        close(apart.wasserstein / unit, of_one.wasserstein, if unit < 1e-300 { 1e-3 } else { 1e-12 });
        close(apart.wasserstein_in_deviations.unwrap(), of_one.wasserstein_in_deviations.unwrap(), 1e-12);
        close(found.population_stability, expected.population_stability, 1e-12);
    }
    let ends: Vec<f64> = (0..40).map(|row| if row % 2 == 0 { f64::MAX } else { f64::MIN }).collect();
    let found = number(&ends, &ends, &plain());
    assert_eq!((found.distances.unwrap().wasserstein, found.population_stability), (0.0, 0.0));
    let across = number(&[f64::MIN; 30], &[f64::MAX; 30], &plain()).distances.unwrap();
    assert_eq!((across.wasserstein, across.kolmogorov_smirnov.value), (f64::INFINITY, 1.0));
    assert_eq!(number(&[0.0; 30], &[-0.0; 30], &plain()).distances.unwrap().kolmogorov_smirnov.value, 0.0);
}

#[test]
fn unknown_is_a_cell_and_a_test_of_its_own() {
    let then: Vec<f64> = (0..1000).map(f64::from).collect();
    let now: Vec<f64> = then.iter().map(|&value| if value % 4.0 == 0.0 { f64::NAN } else { value }).collect();
    let found = number(&then, &now, &plain());
    assert_eq!((found.unknown.reference, found.unknown.current, found.level), (0.0, 0.25, DriftLevel::Act));
    close(found.unknown.z, 16.903_085_094_570_33, 1e-12); // statsmodels proportions_ztest([250, 0], [1000, 1000])
    assert_eq!(found.cells.last().map(|cell| cell.name.as_str()), Some("unknown"));
    let all = number(&then, &vec![f64::NAN; 50], &plain());
    assert_eq!((all.distances, all.level), (None, DriftLevel::Act));
    let both = number(&[f64::NAN; 20], &[f64::NAN; 30], &plain());
    assert_eq!(
        (both.population_stability, both.p_value, both.unknown.z, both.level),
        (0.0, 1.0, 0.0, DriftLevel::Stable)
    );
}

#[test]
fn unseen_levels_are_named_and_rare_ones_joined() {
    let levels: Vec<String> = (0..300).map(|level| format!("level {level:03}")).collect();
    let plan = Feature::category("plan", levels);
    let then: Vec<f64> = (0..600).map(|row| f64::from(row % 299)).collect();
    let now: Vec<f64> = (0..600).map(|row| f64::from(if row < 100 { 299 } else { (row * 7) % 299 })).collect();
    let found = column_drift(&plan, &then, &now, &plain()).unwrap();
    assert_eq!((found.unseen[0].level.as_str(), found.unseen[0].share), ("level 299", 1.0 / 6.0));
    assert_eq!(found.cells.len(), 2); // 299 levels of two rows each are one cell
    assert_eq!(found.level, DriftLevel::Act);
    let apart = DriftSettings { least_expected: 0.0, ..plain() };
    assert_eq!(column_drift(&plan, &then, &now, &apart).unwrap().cells.len(), 300);
}

/// A level that nobody had in a large reference is seen in a small sample, and not joined to what is rare in both.
#[test]
fn a_new_level_in_a_small_sample_is_no_rare_cell() {
    let plan = Feature::category("plan", ["a", "b", "rare", "new"]);
    let then: Vec<f64> = (0..20_000).map(|row| f64::from(if row < 10 { 2 } else { row % 2 })).collect();
    for (rows, new) in [(100, 30), (100, 100), (12, 12)] {
        let now: Vec<f64> = (0..rows).map(|row| f64::from(if row < new { 3 } else { row % 2 })).collect();
        let found = column_drift(&plan, &then, &now, &plain()).unwrap();
        assert_eq!((found.level, found.unseen.len()), (DriftLevel::Act, 1), "{new} of {rows}");
        assert!(found.cells.iter().any(|cell| cell.name == "new"));
    }
    let now: Vec<f64> = (0..100).map(|row| f64::from(if row < 2 { 3 } else { row % 2 })).collect();
    assert_eq!(column_drift(&plan, &then, &now, &plain()).unwrap().level, DriftLevel::Stable);
}

#[test]
fn false_discoveries_are_adjusted_as_statsmodels_does() {
    // multipletests(p, method="fdr_bh") of the p-values below
    let names = ["a", "b", "c", "d"];
    let features: Vec<Feature> = names.iter().map(|name| Feature::category(*name, ["x", "y"])).collect();
    let column = |ones: usize| -> Vec<f64> { (0..200).map(|row| f64::from(u8::from(row < ones))).collect() };
    let then = column(100);
    let now: Vec<Vec<f64>> = [130, 120, 112, 101].map(column).to_vec();
    let reference = Columns::in_order(&features, vec![&then; 4]).unwrap();
    let current = Columns::in_order(&features, now.iter().map(Vec::as_slice).collect()).unwrap();
    let found = drift(&reference, &current, &plain()).unwrap();
    let p: Vec<f64> = found.columns.iter().map(|column| column.p_value).collect();
    let adjusted: Vec<f64> = found.columns.iter().map(|column| column.adjusted_p_value).collect();
    let expected = [4.0 * p[0], 2.0 * p[1], 4.0 / 3.0 * p[2], p[3]];
    adjusted.iter().zip(expected).for_each(|(found, expected)| close(*found, expected, 1e-15));
    assert!(p[1] < 0.05 && adjusted[1] > p[1]);
}

/// Values that are uniform, and some that are not.
fn drawn(random: &mut ChaCha8Rng, rows: usize, power: f64) -> Vec<f64> {
    (0..rows).map(|_| (random.next_u64() as f64 / 2.0_f64.powi(64)).powf(power)).collect()
}

/// Without a change p-values are below 0.05 about as often as they should be, whatever the size, and alarms never more often.
#[test]
fn no_change_alarms_at_the_stated_rate_and_a_shift_is_found() {
    let mut random = ChaCha8Rng::seed_from_u64(5);
    for (rows, replicates, most) in [(100, 1500, 0.09), (1000, 300, 0.08), (100_000, 8, 0.4)] {
        let (mut unlikely, mut alarms) = (0, 0);
        for _ in 0..replicates {
            let found = number(&drawn(&mut random, rows, 1.0), &drawn(&mut random, rows, 1.0), &plain());
            unlikely += i32::from(found.p_value < 0.05);
            alarms += i32::from(found.level != DriftLevel::Stable);
        }
        let rate = f64::from(unlikely) / f64::from(replicates);
        assert!(rate <= most && (rows > 1000 || rate > 0.025), "{rows}: {rate}");
        assert!(alarms <= unlikely && (rows == 100 || alarms == 0), "{rows}: {alarms} alarms");
    }
    for (rows, power, expected) in [
        (100, 3.0, DriftLevel::Act),
        (1000, 1.45, DriftLevel::Watch),
        (1000, 2.0, DriftLevel::Act),
        (50_000, 1.1, DriftLevel::Stable),
    ] {
        let found = number(&drawn(&mut random, rows, 1.0), &drawn(&mut random, rows, power), &plain());
        assert_eq!(found.level, expected, "{rows} {power}: {}", found.population_stability);
        assert!(found.p_value < 0.001);
    }
}

fn sample() -> impl Strategy<Value = Vec<(f64, u8)>> {
    let value = prop_oneof![(0_i32..30).prop_map(f64::from), Just(f64::NAN), -1e3..1e3];
    prop::collection::vec((value, 0_u8..4), 2..80).prop_filter("some weight", |rows| rows.iter().any(|row| row.1 > 0))
}

fn weighted(rows: &[(f64, u8)]) -> (Vec<f64>, Vec<f64>) {
    rows.iter().map(|&(value, weight)| (value, f64::from(weight))).unzip()
}

fn repeated(rows: &[(f64, u8)]) -> Vec<f64> {
    rows.iter().flat_map(|&(value, weight)| std::iter::repeat_n(value, weight.into())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn weights_are_repeated_rows(then in sample(), now in sample(), bins in 2_usize..12) {
        let features = [Feature::number("x")];
        let ((a, weights_a), (b, weights_b)) = (weighted(&then), weighted(&now));
        let one = Columns::in_order(&features, vec![&a]).unwrap();
        let two = Columns::in_order(&features, vec![&b]).unwrap();
        for rule in [DriftBins::Quantiles(bins), DriftBins::EqualWidth(bins), DriftBins::Edges(vec![3.0, 7.5, 20.0])] {
            let settings = DriftSettings { bins: rule, ..plain() };
            let found = drift(
                DriftSample::new(&one).weights(&weights_a),
                DriftSample::new(&two).weights(&weights_b),
                &settings,
            ).unwrap().columns.remove(0);
            let expected = number(&repeated(&then), &repeated(&now), &settings);
            prop_assert_eq!(&found.cells, &expected.cells);
            prop_assert_eq!((found.level, found.unknown, found.noise), (expected.level, expected.unknown, expected.noise));
            match (found.distances, expected.distances) {
                (Some(found), Some(expected)) => {
                    prop_assert_eq!(found.kolmogorov_smirnov, expected.kolmogorov_smirnov);
                    prop_assert!((found.wasserstein - expected.wasserstein).abs() <= 1e-9);
                }
                (found, expected) => prop_assert_eq!(found, expected),
            }
        }
    }

    #[test]
    fn counts_of_parts_merge_to_the_whole(then in sample(), now in sample(), cut in 0_usize..80) {
        let features = [Feature::number("x"), Feature::category("plan", ["a", "b", "c", "d"]), Feature::yes_no("met")];
        let table = |rows: &[(f64, u8)]| -> Vec<Vec<f64>> {
            let code = |value: f64, of: f64| if value.is_nan() { value } else { (value.abs().floor()) % of };
            let values = repeated(rows);
            vec![
                values.clone(),
                values.iter().map(|&value| code(value, 4.0)).collect(),
                values.iter().map(|&value| code(value, 2.0)).collect(),
            ]
        };
        let (one, two) = (table(&then), table(&now));
        let columns = |table: &[Vec<f64>], from: usize, to: usize| -> Vec<Vec<f64>> {
            table.iter().map(|column| column[from.min(column.len())..to.min(column.len())].to_vec()).collect()
        };
        // Cells that do not depend on the size of the samples, so that both ways have the same.
        let settings = DriftSettings { bins: DriftBins::Edges(vec![2.0, 9.0, 40.0]), ..plain() };
        let bound = |table: &[Vec<f64>], of: &mut dyn FnMut(&Columns<'_>)| {
            of(&Columns::in_order(&features, table.iter().map(Vec::as_slice).collect()).unwrap());
        };
        let mut reference = None;
        bound(&one, &mut |columns| reference = Some(DriftCounts::new(columns, &settings).unwrap()));
        let reference = reference.unwrap();
        let mut merged = reference.empty();
        for part in [columns(&two, cut, usize::MAX), columns(&two, 0, cut)] {
            let mut counts = reference.empty();
            bound(&part, &mut |columns| counts.add(columns).unwrap());
            merged.merge(&counts).unwrap();
        }
        let stored: DriftCounts = serde_json::from_str(&serde_json::to_string(&merged).unwrap()).unwrap();
        prop_assert_eq!(&stored, &merged);
        let found = reference.drift(&merged, &settings).unwrap();
        bound(&one, &mut |then| bound(&two, &mut |now| {
            for (found, mut expected) in found.columns.iter().cloned().zip(drift(then, now, &settings).unwrap().columns) {
                expected.distances = None;
                expected.rule.clone_from(&found.rule);
                assert_eq!(found, expected);
            }
        }));
    }
}

#[test]
fn counts_know_levels_that_the_reference_does_not() {
    let (then, now) = ([Feature::category("plan", ["a", "b"])], [Feature::category("plan", ["pro", "b", "a"])]);
    let old: Vec<f64> = (0..100).map(|row| f64::from(row % 2)).collect();
    let new: Vec<f64> = (0..90).map(|row| f64::from(row % 3)).collect();
    let reference = DriftCounts::new(&Columns::in_order(&then, vec![&old]).unwrap(), &plain()).unwrap();
    let mut current = reference.empty();
    current.add(&Columns::in_order(&now, vec![&new]).unwrap()).unwrap();
    let found = reference.drift(&current, &plain()).unwrap().columns.remove(0);
    assert_eq!((found.unseen[0].level.as_str(), found.unseen[0].share), ("pro", 1.0 / 3.0));
    let other = [Feature::number("plan")];
    let error = current.add(&Columns::in_order(&other, vec![&new]).unwrap()).unwrap_err();
    assert_eq!(error.code(), "cannot_merge");
    assert_eq!(reference.drift(&reference.empty(), &plain()).unwrap_err().code(), "empty_table");
}

#[test]
fn windows_hold_the_rows_of_their_days() {
    let features = [Feature::number("score")];
    let then: Vec<f64> = (0..400).map(|row| f64::from(row % 40)).collect();
    let now: Vec<f64> = (0..300).map(|row| f64::from(row % 40 + if row < 200 { 0 } else { 30 })).collect();
    let days: Vec<f64> = (0..300).map(|row| if row < 200 { f64::from(row / 40) } else { 12.0 }).collect();
    let one = Columns::in_order(&features, vec![&then]).unwrap();
    let two = Columns::in_order(&features, vec![&now]).unwrap();
    let found = drift_windows(&one, &two, &days, 5.0, 5.0, &plain()).unwrap();
    let rows: Vec<f64> = found.iter().map(|window| window.rows).collect();
    assert_eq!(rows, [200.0, 0.0, 100.0]);
    assert_eq!(found.iter().map(|window| window.complete).collect::<Vec<_>>(), [true, true, false]);
    assert!(found[1].drift.is_none());
    let direct = number(&then, &now[200..], &plain());
    assert_eq!(found[2].drift.as_ref().unwrap().columns[0], ColumnDrift { column: "score".into(), ..direct });
    let error = drift_windows(&one, &two, &days[..9], 5.0, 5.0, &plain()).unwrap_err();
    assert_eq!(error, Error::WrongLength { what: "the days".into(), expected: 300, found: 9 });
    assert!(drift_windows(&one, &two, &days, 0.0, 5.0, &plain()).is_err());
}

#[test]
fn shifts_of_characteristics_add_up_to_the_shift_of_the_score() {
    let card = lead::supplier_prospects();
    let mut random = ChaCha8Rng::seed_from_u64(3);
    let mut table = |power: f64| -> Vec<Vec<f64>> {
        let column = |feature: &Feature| {
            let values = drawn(&mut random, 500, power);
            let known = |value: f64| match feature.levels().len() {
                0 if matches!(feature.kind(), tierwise::Kind::YesNo) => (value * 2.0).floor(),
                0 => (value * 10.0).floor(),
                levels => (value * levels as f64).floor(),
            };
            values.into_iter().map(|value| if value > 0.95 { f64::NAN } else { known(value) }).collect()
        };
        card.features().iter().map(column).collect()
    };
    let (then, now) = (table(1.0), table(1.6));
    let one = Columns::in_order(card.features(), then.iter().map(Vec::as_slice).collect()).unwrap();
    let two = Columns::in_order(card.features(), now.iter().map(Vec::as_slice).collect()).unwrap();
    let weights: Vec<f64> = (0..500).map(|row| f64::from(row % 3)).collect();
    let found = characteristic_stability(&card, &one, DriftSample::new(&two).weights(&weights), &plain()).unwrap();
    let mean = |columns: &Columns<'_>, weight: &dyn Fn(usize) -> f64| {
        let scores = score(&card, columns).unwrap();
        let total: f64 = (0..500).map(weight).sum();
        scores.iter().enumerate().map(|(row, score)| weight(row) * score).sum::<f64>() / total
    };
    let (before, after) = (mean(&one, &|_| 1.0), mean(&two, &|row| weights[row]));
    close(found.reference, before, 1e-10);
    close(found.current, after, 1e-10);
    close(found.shift, after - before, 1e-10);
    close(found.characteristics.iter().map(|one| one.shift).sum(), found.shift, 1e-12);
    assert_eq!(found.characteristics.len(), card.terms().len());
    // Shares times points: what the cells of a characteristic say.
    let one = &found.characteristics[0];
    let points = |name: &str| name.parse::<f64>().unwrap();
    if one.drift.cells.iter().all(|cell| cell.name.parse::<f64>().is_ok()) {
        let by_cells: f64 =
            one.drift.cells.iter().map(|cell| (cell.current - cell.reference) * points(&cell.name)).sum();
        close(by_cells, one.shift, 1e-10);
    }
}

#[test]
fn migration_counts_moves_and_weighs_them() {
    let then = [Some(0), Some(0), Some(1), Some(2), Some(2), None, Some(1), None];
    let now = [Some(0), Some(1), Some(0), Some(0), Some(2), Some(1), None, None];
    let moved = tier_migration(&["A", "B", "C"], &then, &now, None, 0.95).unwrap();
    assert_eq!(moved.counts, [[1.0, 1.0, 0.0], [1.0, 0.0, 0.0], [1.0, 0.0, 1.0]]);
    assert_eq!((moved.up.events, moved.down.events, moved.same.events), (2.0, 1.0, 2.0));
    assert_eq!((moved.new, moved.lost, moved.never), (1.0, 1.0, 1.0));
    assert_eq!(moved.rates[2][0].map(|rate| (rate.rate, rate.trials)), Some((0.5, 2.0)));
    close(moved.z, 1.0 / 3.0_f64.sqrt(), 1e-15);
    let weights = [1.0, 2.0, 3.0, 0.0, 1.0, 1.0, 1.0, 1.0];
    let weighed = tier_migration(&["A", "B", "C"], &then, &now, Some(&weights), 0.95).unwrap();
    assert_eq!((weighed.up.events, weighed.down.events, weighed.same.events), (3.0, 2.0, 2.0));
    assert_eq!((&weighed.arrivals[..], &weighed.departures[..]), (&[0.0, 1.0, 0.0][..], &[0.0, 1.0, 0.0][..]));
    assert_eq!(tier_migration(&["A", "A"], &[], &[], None, 0.95).unwrap_err().code(), "invalid_parameter");
    assert_eq!(tier_migration(&["A"], &[Some(1)], &[None], None, 0.95).unwrap_err().code(), "invalid_value");
}

#[test]
fn nobody_at_both_dates_is_a_table_of_arrivals_and_departures() {
    let (then, now) = ([Some(0), Some(0), None, None], [None, None, Some(1), None]);
    let moved = tier_migration(&["A", "B"], &then, &now, None, 0.95).unwrap();
    assert_eq!(moved.counts, [[0.0, 0.0], [0.0, 0.0]]);
    assert!(moved.rates.iter().flatten().all(Option::is_none));
    assert_eq!((&moved.departures[..], &moved.arrivals[..]), (&[2.0, 0.0][..], &[0.0, 1.0][..]));
    assert_eq!((moved.lost, moved.new, moved.never, moved.z, moved.p_value), (2.0, 1.0, 1.0, 0.0, 1.0));
    for rate in [moved.up, moved.down, moved.same] {
        assert_eq!((rate.events, rate.trials, rate.low, rate.high), (0.0, 0.0, 0.0, 1.0));
        assert!(rate.rate.is_nan());
    }
    let empty = tier_migration(&["A"], &[], &[], None, 0.95).unwrap();
    assert_eq!((empty.counts, empty.lost, empty.new), (vec![vec![0.0]], 0.0, 0.0));
    assert!(empty.up.events.is_sign_positive() && empty.lost.is_sign_positive());
}

#[test]
fn histograms_merge_and_bound_the_area() {
    for rate in [1, 10, 50, 90, 99] {
        let mut random = ChaCha8Rng::seed_from_u64(rate);
        let scores = drawn(&mut random, 2000, 1.0);
        let limit = drawn(&mut random, 2000, 1.0);
        let share = rate as f64 / 100.0;
        let happened: Vec<bool> =
            scores.iter().zip(&limit).map(|(score, limit)| *limit < share * (0.5 + score)).collect();
        let part = |rows: std::ops::Range<usize>| {
            let edges: Vec<f64> = (1..50).map(|edge| f64::from(edge) / 50.0).collect();
            let mut histogram = ScoreHistogram::new(&edges).unwrap();
            histogram.add(&Outcome::binary("bought", &happened[rows.clone()]), &scores[rows]).unwrap();
            histogram
        };
        let mut merged = part(0..700);
        merged.merge(&part(700..2000)).unwrap();
        assert_eq!(
            merged.bins().iter().map(|bin| bin.events).sum::<f64>(),
            happened.iter().filter(|yes| **yes).count() as f64
        );
        let outcome = Outcome::binary("bought", &happened);
        let (area, bounds) = (roc_auc(&outcome, &scores).unwrap(), merged.roc_auc().unwrap());
        assert!(bounds.low <= area && area <= bounds.high && bounds.high - bounds.low < 0.03, "{bounds:?} {area}");
        close(bounds.middle, f64::midpoint(bounds.low, bounds.high), 1e-12);
        let edge = 25.0 / 50.0;
        assert_eq!(merged.confusion(edge).unwrap(), confusion(&outcome, &scores, edge).unwrap());
        let mut counts = confusion(&outcome, &scores, edge).unwrap();
        counts.merge(&counts.clone()).unwrap();
        assert_eq!(counts.total(), 4000.0);
    }
    assert!(ScoreHistogram::new(&[1.0, 1.0]).is_err());
    assert_eq!(ScoreHistogram::new(&[0.5]).unwrap().roc_auc().unwrap_err().code(), "one_class");
    let mut other = ScoreHistogram::new(&[0.25]).unwrap();
    assert_eq!(other.merge(&ScoreHistogram::new(&[0.5]).unwrap()).unwrap_err().code(), "cannot_merge");
    assert!(other.confusion(0.3).is_err());
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let features = [Feature::number("x")];
    let columns = Columns::in_order(&features, vec![&[1.0, 2.0]]).unwrap();
    let empty = Columns::in_order(&features, vec![&[]]).unwrap();
    let refused = |reference: DriftSample<'_>, current: DriftSample<'_>, settings: &DriftSettings| {
        drift(reference, current, settings).unwrap_err()
    };
    let (one, none) = (DriftSample::new(&columns), DriftSample::new(&empty));
    assert_eq!(refused(one, none, &plain()), Error::EmptyTable { what: "the current sample".into() });
    assert_eq!(refused(one.weights(&[1.0]), one, &plain()).code(), "wrong_length");
    let error = refused(one, one.weights(&[1.0, -1.0]), &plain());
    let expected = "the weight of the current sample at row 1 is -1; weights must be finite and not negative";
    assert_eq!(error.to_string(), expected);
    for settings in [
        DriftSettings { bins: DriftBins::Quantiles(1), ..plain() },
        DriftSettings { bins: DriftBins::Edges(vec![2.0, 1.0]), ..plain() },
        DriftSettings { empty_cells: EmptyCells::Floor(0.0), ..plain() },
        DriftSettings { watch: 0.5, ..plain() },
        DriftSettings { significance: 1.0, ..plain() },
        DriftSettings { least_expected: f64::NAN, ..plain() },
    ] {
        assert_eq!(refused(one, one, &settings).code(), "invalid_parameter");
    }
    let error = column_drift(&features[0], &[1.0, f64::INFINITY], &[1.0], &plain()).unwrap_err();
    assert_eq!(error.code(), "not_finite");
    assert_eq!(compare_counts(&[1.0], &[1.0, 2.0], &plain()).unwrap_err().code(), "wrong_length");
    assert_eq!(compare_counts(&[1.0, -1.0], &[1.0, 2.0], &plain()).unwrap_err().code(), "invalid_value");
    assert_eq!(compare_counts(&[0.0], &[1.0], &plain()).unwrap_err().code(), "empty_table");
}
