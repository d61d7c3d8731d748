//! Intervals of figures of uplift, by drawing rows anew within each arm.

use super::area::{Normalisation, area};
use super::curve::Gain;
use super::shares::{Places, uplift_of};
use super::{Arms, UpliftRanking, arms_of_row, is_yes_no, worth};
use crate::evaluate::bootstrap::{Bootstrap, BootstrapInterval, ends_of};
use crate::evaluate::falling::falling_key;
use crate::evaluate::rows::{Rows, add, more_than_one};
use crate::{Outcome, Progress, Result};
use std::ops::ControlFlow;

/// A figure of uplift that can be given an interval by [`Bootstrap::uplift_interval`].
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum UpliftFigure {
    /// [`UpliftRanking::qini`].
    Qini(Normalisation),
    /// [`UpliftRanking::auuc`].
    Auuc(Normalisation),
    /// [`UpliftRanking::uplift_at`] a share.
    UpliftAt {
        /// The share of the customers.
        share: f64,
        /// Among whom it is counted.
        places: Places,
    },
}

impl Bootstrap {
    /// The interval of a figure of uplift. Rows are drawn within each arm, whose weight stays what it is: the drawn rows
    /// of an arm are weighted to it (stratified by arm).
    ///
    /// ```
    /// use tierwise::{Outcome, evaluate::{Bootstrap, Normalisation, UpliftFigure}};
    /// let mail = Outcome::binary("mail", &[true, false, true, false, true, false, true, false]);
    /// let bought = [1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 0.0, 0.0];
    /// let predicted = [8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0];
    /// let qini = UpliftFigure::Qini(Normalisation::Perfect);
    /// let found = Bootstrap::new(1).uplift_interval(&bought, &predicted, &mail, qini)?;
    /// assert!(found.low < found.value && found.value < found.high);
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of the figure and of [`interval`](Self::interval); [`Error::NotEnoughData`](crate::Error::NotEnoughData)
    /// unless the weight of either arm is above 1.
    pub fn uplift_interval(
        &self,
        outcome: &[f64],
        predicted: &[f64],
        treatment: &Outcome<'_>,
        figure: UpliftFigure,
    ) -> Result<BootstrapInterval> {
        self.uplift_interval_with(outcome, predicted, treatment, figure, &mut |_| ControlFlow::Continue(()))
    }

    /// The same, telling `progress` as [`interval_with`](Self::interval_with) does.
    ///
    /// # Errors
    /// Those of [`uplift_interval`](Self::uplift_interval); [`Error::Cancelled`](crate::Error::Cancelled) when `progress`
    /// breaks.
    pub fn uplift_interval_with(
        &self,
        outcome: &[f64],
        predicted: &[f64],
        treatment: &Outcome<'_>,
        figure: UpliftFigure,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<BootstrapInterval> {
        self.check()?;
        let value = figure.of(&UpliftRanking::new(outcome, predicted, treatment)?)?;
        let rows = Rows::of_trial(outcome, predicted, treatment)?;
        let order = rows.by_falling_score();
        let pass = Pass::new(&rows, treatment.values(), &order);
        for (weight, arm) in pass.weights.into_iter().zip(["controls", "treated"]) {
            more_than_one("a bootstrap", arm, weight)?;
        }
        self.around(value, &rows, &order, &|counts| pass.figure(figure, counts), progress)
    }
}

impl UpliftFigure {
    fn of(self, ranking: &UpliftRanking) -> Result<f64> {
        match self {
            Self::Qini(normalisation) => Ok(ranking.qini(normalisation)?.value),
            Self::Auuc(normalisation) => Ok(ranking.auuc(normalisation)?.value),
            Self::UpliftAt { share, places } => Ok(ranking.uplift_at(share, places, 0.95)?.uplift),
        }
    }
}

/// The rows by falling prediction, and by falling worth to a perfect ranking.
struct Pass {
    rows: Vec<(f64, bool)>,
    weights: [f64; 2],
    /// The sum of the sizes of all outcomes.
    size: f64,
    ends: Vec<usize>,
    yes_no: bool,
    /// Places among the rows, and where runs of equal worth end; of yes and no none is needed.
    perfect: (Vec<usize>, Vec<usize>),
}

impl Pass {
    fn new(rows: &Rows<'_>, treated: &[f64], order: &[(u64, usize)]) -> Self {
        let yes_no = is_yes_no(rows);
        let perfect = if yes_no { (Vec::new(), Vec::new()) } else { by_worth(rows, treated, order) };
        let [control, treated_weight, size] =
            rows.sums(|row| [1.0 - treated[row], treated[row], rows.happened[row].abs()]);
        Self {
            rows: order.iter().map(|&(_, row)| (rows.happened[row], treated[row] == 1.0)).collect(),
            weights: [control, treated_weight],
            size,
            ends: ends_of(order, |one, two| one.0 == two.0),
            yes_no,
            perfect,
        }
    }

    fn figure(&self, figure: UpliftFigure, counts: &[u32]) -> f64 {
        let mut drawn = [0_u64; 2];
        for (&(_, treated), &count) in self.rows.iter().zip(counts) {
            drawn[usize::from(treated)] += u64::from(count);
        }
        if drawn.contains(&0) {
            return f64::NAN;
        }
        let scale = [0, 1].map(|arm| self.weights[arm] / drawn[arm] as f64);
        let steps = self.steps(0..self.rows.len(), &self.ends, counts, scale);
        let of = |gain: Gain, normalisation: Normalisation| {
            let perfect = || self.steps(self.perfect.0.iter().copied(), &self.perfect.1, counts, scale);
            area(gain, normalisation, &steps, self.yes_no, self.size, perfect).map_or(f64::NAN, |found| found.value)
        };
        match figure {
            UpliftFigure::Qini(normalisation) => of(Gain::Qini, normalisation),
            UpliftFigure::Auuc(normalisation) => of(Gain::Uplift, normalisation),
            UpliftFigure::UpliftAt { share, places } => uplift_of(&steps, share, places),
        }
    }

    /// The sums down to the end of each run of which anybody was drawn.
    fn steps(
        &self,
        places: impl IntoIterator<Item = usize>,
        ends: &[usize],
        counts: &[u32],
        scale: [f64; 2],
    ) -> Vec<Arms> {
        let mut steps = Vec::with_capacity(ends.len());
        let (mut sums, mut places, mut start): (Arms, _, _) = ([0.0; 5], places.into_iter(), 0);
        for &end in ends {
            let mut any = false;
            for place in places.by_ref().take(end - start) {
                let ((outcome, treated), count) = (self.rows[place], counts[place]);
                if count > 0 {
                    any = true;
                    let weight = f64::from(count) * scale[usize::from(treated)];
                    let row = arms_of_row(outcome, f64::from(u8::from(treated)));
                    add(&mut sums, &row.map(|value| weight * value));
                }
            }
            if any {
                steps.push(sums);
            }
            start = end;
        }
        steps
    }
}

fn by_worth(rows: &Rows<'_>, treated: &[f64], order: &[(u64, usize)]) -> (Vec<usize>, Vec<usize>) {
    let key =
        |(place, &(_, row)): (usize, &(u64, usize))| (falling_key(worth(rows.happened[row], treated[row])), place);
    let mut keys: Vec<(u64, usize)> = order.iter().enumerate().map(key).collect();
    crate::parallel::sort(&mut keys);
    let ends = ends_of(&keys, |one, two| one.0 == two.0);
    (keys.into_iter().map(|(_, place)| place).collect(), ends)
}
