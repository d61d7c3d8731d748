//! Records that a model sees alike: earlier customers to compare a customer with.

use crate::score::check_bound;
use crate::{Columns, Error, Explain, Result, explain, parallel};

/// A record of a pool, and how far it is from the one asked about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SimilarRecord {
    /// The row in the pool.
    pub row: usize,
    /// The sum over all terms of how far their points lie apart, in units of the score.
    pub distance: f64,
}

/// For each record the most similar ones of a pool, nearest first, the earlier row first where they are equally near.
///
/// Two records are alike where the model gives them points for the same reasons: the distance is the sum over terms of
/// the absolute differences of their contributions (city-block distance; inferred, no source). So differences that the
/// model finds irrelevant do not count, and **scores never lie further apart than the distance**. A distance of 0 says that
/// the model cannot tell two records apart. Memory holds one number per term and row of the pool.
///
/// ```
/// use tierwise::{Columns, Feature, learn::similar_records, scorecard::{CardSpec, Characteristic, Scorecard}};
/// let card = Scorecard::new(CardSpec {
///     features: vec![Feature::yes_no("met"), Feature::number("visits")],
///     characteristics: vec![Characteristic::yes("met", 40.0), Characteristic::new("visits", "visits").per_unit(10.0, 5.0)],
///     ..CardSpec::default()
/// })?;
/// let pool = Columns::in_order(card.features(), vec![&[1.0, 0.0, 1.0], &[5.0, 1.0, 2.0]])?;
/// let asked = Columns::in_order(card.features(), vec![&[1.0], &[1.0]])?;
/// let near = &similar_records(&card, &pool, &asked, 2)?[0];
/// assert_eq!((near[0].row, near[0].distance, near[1].row), (2, 10.0, 0)); // by a visit; and by more visits than count
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// [`Error::WrongLength`] when either table is bound to the features of another model; [`Error::InvalidParameter`] unless
/// `most` is 1 to 255.
pub fn similar_records(
    model: &dyn Explain,
    pool: &Columns<'_>,
    records: &Columns<'_>,
    most: usize,
) -> Result<Vec<Vec<SimilarRecord>>> {
    const MOST: usize = 255; // each is a column of its own where they stand in a table
    if !(1..=MOST).contains(&most) {
        let must_be = format!("a whole number in [1, {MOST}]");
        return Err(Error::InvalidParameter { of: "similar_records", name: "most", must_be, got: most.to_string() });
    }
    check_bound(model.features(), pool)?;
    let (of_pool, of_records) = (explain(model, pool)?, explain(model, records)?);
    let rows = (0..records.rows()).collect();
    Ok(parallel::map(rows, |record: usize| nearest(&of_pool, &of_records, record, pool.rows(), most)))
}

fn nearest(
    of_pool: &[Vec<f64>],
    of_records: &[Vec<f64>],
    record: usize,
    rows: usize,
    most: usize,
) -> Vec<SimilarRecord> {
    let mut distances = vec![0.0; rows];
    for (pool, records) in of_pool.iter().zip(of_records) {
        let points = records[record];
        for (distance, &other) in distances.iter_mut().zip(pool) {
            *distance += (points - other).abs();
        }
    }
    let mut order: Vec<usize> = (0..rows).collect();
    let nearer = |&a: &usize, &b: &usize| distances[a].total_cmp(&distances[b]).then(a.cmp(&b));
    if most < rows {
        order.select_nth_unstable_by(most, nearer);
        order.truncate(most);
    }
    order.sort_unstable_by(nearer);
    order.into_iter().map(|row| SimilarRecord { row, distance: distances[row] }).collect()
}
