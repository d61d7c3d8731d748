//! The scoring kernel: a base plus one addend per term. Cards, logistic models and learned additive models all compile
//! to it, so that they share one arithmetic and one explanation.
//!
//! Addends are added in order, one plain addition each, so that a row, a column and another machine give the same bits.

mod cuts;
mod grid;
mod pair;
mod part;
mod plan;

pub use pair::{Axis, Pair};
pub use part::{Part, Shape};

pub(crate) use plan::Places;

use crate::{Columns, Explain, Feature, Score, Term, parallel};
use plan::Plan;

/// A base and what is added to it, in order: the parts, of one feature each, and then the pairs, of two.
#[derive(Debug, Clone, PartialEq)]
pub struct Sum {
    base: f64,
    parts: Vec<Part>,
    pairs: Vec<Pair>,
    /// The same terms as tables over the cuts of their features: what makes a table fast.
    plan: Plan,
}

/// A model that is a sum. Implement it, and [`Score`] and [`Explain`] follow: one kernel, one exact explanation.
///
/// ```
/// use tierwise::sum::{IsSum, Part, Shape, Sum};
/// use tierwise::{Explain, Feature, Score, Term};
///
/// struct Doubled { features: Vec<Feature>, terms: Vec<Term>, sum: Sum }
/// impl IsSum for Doubled {
///     fn as_sum(&self) -> (&[Feature], &[Term], &Sum) { (&self.features, &self.terms, &self.sum) }
/// }
///
/// let shape = Shape::Line { slope: 2.0, center: 0.0, low: f64::NEG_INFINITY, high: f64::INFINITY };
/// let model = Doubled {
///     features: vec![Feature::number("visits")],
///     terms: vec![Term { name: "visits".into(), features: vec![0] }],
///     sum: Sum::new(1.0, vec![Part { feature: 0, shape, unknown: 0.0 }]),
/// };
/// assert_eq!((model.score_row(&[3.0]), model.base()), (7.0, 1.0));
/// ```
pub trait IsSum: Send + Sync {
    /// The features, the terms, and the sum, whose parts and then pairs stand in the order of the terms.
    fn as_sum(&self) -> (&[Feature], &[Term], &Sum);
}

impl<M: IsSum> Score for M {
    fn features(&self) -> &[Feature] {
        self.as_sum().0
    }

    fn score_row(&self, row: &[f64]) -> f64 {
        self.as_sum().2.row(row)
    }

    fn score_columns(&self, columns: &Columns<'_>, scores: &mut [f64]) {
        self.as_sum().2.columns(columns, scores);
    }
}

impl<M: IsSum> Explain for M {
    fn base(&self) -> f64 {
        self.as_sum().2.base()
    }

    fn terms(&self) -> &[Term] {
        self.as_sum().1
    }

    fn contributions_row(&self, row: &[f64], contributions: &mut [f64]) {
        self.as_sum().2.contributions(row, contributions);
    }

    fn contributions_columns(&self, columns: &Columns<'_>, contributions: &mut [&mut [f64]]) {
        self.as_sum().2.contributions_columns(columns, contributions);
    }
}

/// Rows per block: a block of scores and of one column stay in the first-level cache together.
const BLOCK: usize = 1024;

/// Rows that one thread takes at a time.
const PART: usize = 16 * BLOCK;

impl Sum {
    /// A sum; parts are added in the order given.
    pub fn new(base: f64, parts: Vec<Part>) -> Self {
        Self { base, plan: Plan::new(&parts, &[]), parts, pairs: Vec::new() }
    }

    /// The sum with pairs, which are added after the parts, in the order given.
    ///
    /// ```
    /// use tierwise::sum::{Axis, Pair, Sum};
    /// let pair = Pair {
    ///     features: [0, 1],
    ///     axes: [Axis::Steps(vec![12.0]), Axis::Levels(vec![0, 1, 1])], // the last two levels share their cells
    ///     points: vec![
    ///         1.0, 2.0, 0.1, // below 12
    ///         3.0, 4.0, 0.2, // 12 or more
    ///         0.3, 0.4, 0.0, // unknown
    ///     ],
    /// };
    /// let sum = Sum::new(10.0, vec![]).with_pairs(vec![pair]);
    /// assert_eq!((sum.row(&[12.0, 2.0]), sum.row(&[f64::NAN, 0.0])), (14.0, 10.3));
    /// ```
    ///
    /// # Panics
    /// When the points of a pair are not one per cell of its axes, unknown included.
    #[must_use]
    pub fn with_pairs(self, pairs: Vec<Pair>) -> Self {
        for pair in &pairs {
            assert_eq!(pair.points.len(), pair.cells(), "one number of points per cell of a pair, unknown included");
        }
        Self { plan: Plan::new(&self.parts, &pairs), pairs, ..self }
    }

    /// What the sum starts from.
    pub fn base(&self) -> f64 {
        self.base
    }

    /// The parts in the order in which they are added.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The pairs in the order in which they are added, after the parts.
    pub fn pairs(&self) -> &[Pair] {
        &self.pairs
    }

    /// The number of terms: parts and pairs.
    pub(crate) fn terms(&self) -> usize {
        self.parts.len() + self.pairs.len()
    }

    /// The points of one term for one row.
    pub(crate) fn points(&self, term: usize, row: &[f64]) -> f64 {
        match self.parts.get(term) {
            Some(part) => part.points(row[part.feature]),
            None => self.pairs[term - self.parts.len()].points(row),
        }
    }

    /// The largest size that the sum, or any of the sums on the way to it, can have.
    pub(crate) fn largest(&self) -> f64 {
        let addends = self.parts.iter().map(Part::largest).chain(self.pairs.iter().map(Pair::largest));
        addends.fold(self.base.abs(), |sum, points| sum + points)
    }

    /// The sum for one row.
    pub fn row(&self, row: &[f64]) -> f64 {
        let sum = self.parts.iter().fold(self.base, |sum, part| sum + part.points(row[part.feature]));
        self.pairs.iter().fold(sum, |sum, pair| sum + pair.points(row))
    }

    /// The points of every part and then of every pair for one row.
    ///
    /// # Panics
    /// When there is not one place per part and pair, or the row is shorter than they expect.
    pub fn contributions(&self, row: &[f64], contributions: &mut [f64]) {
        assert_eq!(contributions.len(), self.terms(), "one contribution per term");
        for (term, contribution) in contributions.iter_mut().enumerate() {
            *contribution = self.points(term, row);
        }
    }

    /// The points of every part and then of every pair for a table, one column each.
    ///
    /// # Panics
    /// When there is not one column of places per part and pair, each as long as the table, or the table has too few
    /// columns.
    pub fn contributions_columns(&self, columns: &Columns<'_>, contributions: &mut [&mut [f64]]) {
        assert_eq!(contributions.len(), self.terms(), "one column of contributions per term");
        for column in &*contributions {
            assert_eq!(column.len(), columns.rows(), "one contribution per row");
        }
        let mut places = self.places(columns);
        for start in (0..columns.rows()).step_by(BLOCK) {
            let rows = start..columns.rows().min(start + BLOCK);
            places.move_to(rows.clone());
            for (term, column) in contributions.iter_mut().enumerate() {
                self.for_each(term, &mut places, &mut column[rows.clone()], |place, points| *place = points);
            }
        }
    }

    /// The sums for a table: the same additions in the same order as [`Sum::row`]. Long tables are worked on by several
    /// threads.
    ///
    /// # Panics
    /// When there is not one place per row, or the table has fewer columns than the parts and pairs expect.
    pub fn columns(&self, columns: &Columns<'_>, sums: &mut [f64]) {
        assert_eq!(sums.len(), columns.rows(), "one score per row");
        if sums.len() <= PART {
            return self.part_of_columns(columns, 0, sums);
        }
        let parts = sums.chunks_mut(PART).enumerate().collect();
        parallel::map(parts, |(part, sums): (usize, &mut [f64])| self.part_of_columns(columns, part * PART, sums));
    }

    fn part_of_columns(&self, columns: &Columns<'_>, first: usize, sums: &mut [f64]) {
        let mut places = self.places(columns);
        for (block, sums) in sums.chunks_mut(BLOCK).enumerate() {
            let start = first + block * BLOCK;
            places.move_to(start..start + sums.len());
            sums.fill(self.base);
            for term in 0..self.terms() {
                self.for_each(term, &mut places, sums, |sum, points| *sum += points);
            }
        }
    }

    /// Room for what is found out about the values of a block of rows, of at most 1024.
    pub(crate) fn places<'a>(&'a self, columns: &'a Columns<'a>) -> Places<'a> {
        Places::new(&self.plan, columns, BLOCK)
    }

    /// Calls `take` with each target and the points of the term for its row. `places` are those of this sum or of one
    /// that differs from it in points only.
    pub(crate) fn for_each<T>(
        &self,
        term: usize,
        places: &mut Places<'_>,
        targets: &mut [T],
        take: impl Fn(&mut T, f64),
    ) {
        let Some(part) = self.parts.get(term) else {
            let pair = term - self.parts.len();
            return self.for_each_of_pair(pair, places, targets, take);
        };
        match self.plan.part(term) {
            Some(table) => places.for_each_of_part(table, targets, take),
            None => part.for_each(places.values(part.feature), targets, take),
        }
    }

    fn for_each_of_pair<T>(&self, pair: usize, places: &mut Places<'_>, targets: &mut [T], take: impl Fn(&mut T, f64)) {
        let Pair { features: [down, across], points, .. } = &self.pairs[pair];
        if let Some(table) = self.plan.pair(pair) {
            return places.for_each_of_pair(table, points, targets, take);
        }
        let values = places.values(*down).iter().zip(places.values(*across));
        for (target, (&down, &across)) in targets.iter_mut().zip(values) {
            take(target, points[self.pairs[pair].cell(down, across)]);
        }
    }
}
