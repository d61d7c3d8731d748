//! The scoring kernel against its plain definition, on cuts that are hard on whoever is quick.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use proptest::sample::{Index, select};
use tierwise::sum::{Axis, IsSum, Pair, Part, Shape, Sum};
use tierwise::{Columns, Feature, Kind, Term, laws};

/// A step as the definition has it, one comparison per cut.
fn steps_reached(cuts: &[f64], value: f64) -> usize {
    cuts.iter().filter(|&&cut| cut <= value).count()
}

fn numbers() -> impl Strategy<Value = f64> {
    let odd = [0.0, -0.0, 5e-324, -5e-324, f64::MIN_POSITIVE, 1.0, 1e300, -1e300, f64::MAX, f64::MIN];
    prop_oneof![
        2 => select(odd.to_vec()),
        4 => -100.0..100.0,
        2 => (-3000_i32..3000).prop_map(|hundredths| f64::from(hundredths) / 100.0),
        2 => any::<f64>().prop_filter("finite", |value| value.is_finite()),
        1 => (-300_i32..300).prop_map(|exponent| libm::exp10(f64::from(exponent))),
    ]
}

/// Ascending cuts, from none to many: scattered, in a run of neighbouring numbers, or both; some twice, some infinite.
fn cuts() -> impl Strategy<Value = Vec<f64>> {
    let scattered = || prop::collection::vec(numbers(), 0..300);
    let run = || {
        (numbers(), 1_usize..200).prop_map(|(start, count)| {
            std::iter::successors(Some(start), |one| Some(one.next_up())).take(count).collect::<Vec<f64>>()
        })
    };
    let tail =
        || (1_usize..200).prop_map(|count| (0..count).map(|k| libm::exp(k as f64 / 7.0 - 9.0)).collect::<Vec<_>>());
    let infinite = select(vec![vec![], vec![], vec![f64::INFINITY], vec![f64::NEG_INFINITY, f64::INFINITY]]);
    let some = prop_oneof![scattered(), run(), tail(), (scattered(), run()).prop_map(|(a, b)| [a, b].concat())];
    (some, infinite).prop_map(|(mut cuts, infinite)| {
        cuts.extend(infinite);
        cuts.sort_by(f64::total_cmp);
        cuts
    })
}

/// Values at the cuts, just beside them, and anywhere.
fn values(cuts: &[f64], picks: &[(Index, u8)], others: &[f64]) -> Vec<f64> {
    let at = |(index, side): &(Index, u8)| {
        let cut = *index.get(cuts);
        match side % 4 {
            0 => cut,
            1 => cut.next_up(),
            2 => cut.next_down(),
            _ => f64::NAN,
        }
    };
    let beside = if cuts.is_empty() { Vec::new() } else { picks.iter().map(at).collect() };
    beside.into_iter().chain(others.iter().copied()).filter(|value| !value.is_infinite()).collect()
}

fn points(count: usize, seed: usize) -> Vec<f64> {
    (0..count).map(|place| ((place * 7919 + seed * 104_729) % 1009) as f64 * 0.013 - 5.0).collect()
}

fn steps(feature: usize, cuts: &[f64]) -> Part {
    let shape = Shape::Steps { cuts: cuts.to_vec(), points: points(cuts.len() + 1, feature) };
    Part { feature, shape, unknown: 0.7 }
}

fn pair(features: [usize; 2], axes: [Axis; 2]) -> Pair {
    let cells = axes.iter().map(|axis| axis.known() + 1).product();
    Pair { features, axes, points: points(cells, 3) }
}

fn same_bits(left: &[f64], right: &[f64]) -> Result<(), TestCaseError> {
    for (row, (left, right)) in left.iter().zip(right).enumerate() {
        prop_assert_eq!(left.to_bits(), right.to_bits(), "row {}: {} and {}", row, left, right);
    }
    prop_assert_eq!(left.len(), right.len());
    Ok(())
}

fn check_table(sum: &Sum, features: &[Feature], table: &[&[f64]]) -> Result<(), TestCaseError> {
    let columns = Columns::in_order(features, table.to_vec()).unwrap();
    let rows = columns.rows();
    let mut row = vec![0.0; features.len()];
    let mut by_row = Vec::new();
    let terms = sum.parts().len() + sum.pairs().len();
    let mut explained = vec![vec![0.0; rows]; terms];
    for index in 0..rows {
        columns.row_into(index, &mut row);
        by_row.push(sum.row(&row));
        let mut contributions = vec![0.0; terms];
        sum.contributions(&row, &mut contributions);
        explained.iter_mut().zip(contributions).for_each(|(column, one)| column[index] = one);
    }
    let mut by_column = vec![0.0; rows];
    sum.columns(&columns, &mut by_column);
    same_bits(&by_column, &by_row)?;
    let mut found = vec![vec![0.0; rows]; terms];
    sum.contributions_columns(&columns, &mut found.iter_mut().map(Vec::as_mut_slice).collect::<Vec<_>>());
    found.iter().zip(&explained).try_for_each(|(found, explained)| same_bits(found, explained))
}

proptest! {
    #[test]
    fn steps_are_counted_exactly(
        cuts in cuts(),
        picks in prop::collection::vec(any::<(Index, u8)>(), 0..200),
        others in prop::collection::vec(numbers(), 0..100),
    ) {
        let values = values(&cuts, &picks, &others);
        let part = steps(0, &cuts);
        let Shape::Steps { points, .. } = &part.shape else { unreachable!() };
        let expected: Vec<f64> = values
            .iter()
            .map(|&value| if value.is_nan() { 0.7 } else { points[steps_reached(&cuts, value)] })
            .map(|points| 0.1 + points)
            .collect();
        let features = [Feature::number("x")];
        let columns = Columns::in_order(&features, vec![&values]).unwrap();
        let mut sums = vec![0.0; values.len()];
        Sum::new(0.1, vec![part]).columns(&columns, &mut sums);
        same_bits(&sums, &expected)?;
    }

    #[test]
    fn terms_that_share_features_do_not_disturb_each_other(
        (first, second) in (cuts(), cuts()),
        picks in prop::collection::vec(any::<(Index, u8)>(), 1..150),
        others in prop::collection::vec((numbers(), numbers()), 150),
        codes in prop::collection::vec(0_u8..5, 150),
        cells in prop::collection::vec(0_usize..4, 4),
    ) {
        let rows = picks.len().min(others.len());
        let (x, y): (Vec<f64>, Vec<f64>) = others.into_iter().take(rows).unzip();
        let x: Vec<f64> = values(&first, &picks, &x).into_iter().take(rows).collect();
        let rows = x.len();
        let code: Vec<f64> = codes[..rows].iter().map(|&code| if code == 4 { f64::NAN } else { f64::from(code) }).collect();
        let features = [Feature::number("x"), Feature::number("y"), Feature::category("z", ["a", "b", "c", "d"])];
        let line = Shape::Line { slope: 0.3, center: 1.0, low: -5.0, high: 5.0 };
        let parts = vec![
            steps(0, &first),
            Part { feature: 1, shape: line, unknown: -0.4 },
            steps(0, &second),
            Part { feature: 2, shape: Shape::Levels { points: points(4, 1) }, unknown: f64::NAN },
        ];
        let pairs = vec![
            pair([0, 1], [Axis::Steps(second.clone()), Axis::Steps(first.clone())]),
            pair([2, 0], [Axis::Levels(cells), Axis::Steps(Vec::new())]),
            pair([1, 1], [Axis::Steps(vec![0.0]), Axis::Steps(second)]),
        ];
        check_table(&Sum::new(0.1, parts).with_pairs(pairs), &features, &[&x, &y[..rows], &code])?;
    }
}

#[test]
fn a_cell_is_chosen_by_two_values() {
    let axes = [Axis::Steps(vec![-1.0, 2.0]), Axis::Levels(vec![1, 0, 1])];
    let pair = Pair { features: [1, 0], axes, points: (0..12).map(f64::from).collect() };
    let unknown = f64::NAN;
    let cases = [
        ([1.0, -1.5], 0.0),
        ([0.0, -1.0], 4.0),
        ([2.0, 1.9], 4.0),
        ([1.0, 2.0], 6.0),
        ([2.0, f64::INFINITY], 7.0),
        ([unknown, f64::NEG_INFINITY], 2.0),
        ([1.0, unknown], 9.0),
        ([unknown, unknown], 11.0),
        // No level: unknown.
        ([3.0, 2.0], 8.0),
        ([-1.0, 2.0], 8.0),
        ([0.5, 2.0], 8.0),
    ];
    for (row, points) in cases {
        assert_eq!(pair.points(&row), points, "{row:?}");
    }
}

/// Numbers where others have levels, and codes beyond the levels: no sensible model, but not a wrong sum either.
#[test]
fn terms_that_contradict_each_other_are_still_added() {
    let features = [Feature::number("x"), Feature::number("y")];
    let parts = vec![
        steps(0, &(0..40).map(f64::from).collect::<Vec<_>>()),
        Part { feature: 0, shape: Shape::Levels { points: points(3, 2) }, unknown: 0.2 },
        Part { feature: 1, shape: Shape::Levels { points: points(30, 2) }, unknown: 0.2 },
    ];
    let pairs = vec![
        pair([0, 1], [Axis::Steps(vec![1.0]), Axis::Levels(vec![0, 0, 1])]),
        pair([1, 1], [Axis::Levels(vec![]), Axis::Levels(vec![2])]),
    ];
    let x: Vec<f64> = (0..100).map(|row| f64::from(row) / 3.0 - 5.0).collect();
    let y: Vec<f64> = (0..100).map(|row| f64::from(row % 37) - 1.0).collect();
    check_table(&Sum::new(0.0, parts).with_pairs(pairs), &features, &[&x, &y]).unwrap();
}

#[test]
#[should_panic(expected = "one number of points per cell of a pair, unknown included")]
fn a_pair_whose_points_do_not_fit_its_axes() {
    let axes = [Axis::Steps(vec![]), Axis::Steps(vec![])];
    let _ = Sum::new(0.0, vec![]).with_pairs(vec![Pair { features: [0, 1], axes, points: vec![0.0; 3] }]);
}

/// Long enough for several threads.
#[test]
fn a_long_table_is_scored_as_its_rows_are() {
    let features = [Feature::number("x"), Feature::number("y")];
    let cuts: Vec<f64> = (0..500).map(|k| libm::exp(f64::from(k) / 40.0)).collect();
    let few = pair([0, 1], [Axis::Steps(cuts.iter().copied().step_by(20).collect()), Axis::Steps(vec![0.5])]);
    let x: Vec<f64> = (0..40_000).map(|row| f64::from(row * 7919 % 300_007) / 1.3 - 1000.0).collect();
    let y: Vec<f64> = (0..40_000).map(|row| if row % 11 == 0 { f64::NAN } else { f64::from(row % 3) }).collect();
    check_table(&Sum::new(1.0, vec![steps(0, &cuts)]).with_pairs(vec![few]), &features, &[&x, &y]).unwrap();
}

struct Learned {
    features: Vec<Feature>,
    terms: Vec<Term>,
    sum: Sum,
}

impl IsSum for Learned {
    fn as_sum(&self) -> (&[Feature], &[Term], &Sum) {
        (&self.features, &self.terms, &self.sum)
    }
}

fn learned() -> Learned {
    let features = vec![Feature::number("x"), Feature::category("z", ["a", "b", "c"])];
    assert_eq!(features[0].kind(), Kind::Number);
    let term = |name: &str, features: &[usize]| Term { name: name.into(), features: features.into() };
    let cuts: Vec<f64> = (0..60).map(|k| f64::from(k) / 4.0 - 6.0).collect();
    let pairs = vec![pair([0, 1], [Axis::Steps(cuts[20..30].to_vec()), Axis::Levels(vec![0, 1, 1])])];
    let terms = vec![term("x", &[0]), term("x and z", &[0, 1])];
    Learned { features, terms, sum: Sum::new(-0.3, vec![steps(0, &cuts)]).with_pairs(pairs) }
}

laws!(sum_with_pairs, learned(), [Score, Explain]);
