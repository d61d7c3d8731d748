//! Intervals of figures of amounts, by drawing rows anew.

use super::bootstrap::{Bootstrap, BootstrapInterval, ends_of};
use super::number_figures::{by_absolute_error, median_of, row_percentage, row_pinball, total};
use super::rows::{ROUNDING, Rows, more_than_one, parameter};
use super::{
    bias, mean_absolute_error, mean_absolute_percentage_error, median_absolute_error, pinball_loss, r_squared,
    root_mean_squared_error, spend_capture, weighted_absolute_percentage_error,
};
use crate::{Progress, Result};
use std::ops::ControlFlow;

/// A figure of predicted amounts that can be given an interval by [`Bootstrap::number_interval`].
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum NumberFigure {
    /// [`mean_absolute_error`].
    MeanAbsoluteError,
    /// [`median_absolute_error`].
    MedianAbsoluteError,
    /// [`root_mean_squared_error`].
    RootMeanSquaredError,
    /// [`bias`].
    Bias,
    /// [`mean_absolute_percentage_error`].
    MeanAbsolutePercentageError,
    /// [`weighted_absolute_percentage_error`].
    WeightedAbsolutePercentageError,
    /// [`r_squared`].
    RSquared,
    /// [`pinball_loss`] at a quantile.
    PinballLoss {
        /// The quantile that was predicted.
        quantile: f64,
    },
    /// The capture of [`spend_capture`] at a share.
    SpendCapture {
        /// The share of the customers.
        share: f64,
    },
}

/// What is computed from how often each row is drawn.
type FigureOf<'a> = Box<dyn Fn(&[u32]) -> f64 + Sync + 'a>;

impl Bootstrap {
    /// The interval of a figure of predicted amounts.
    ///
    /// ```
    /// use tierwise::evaluate::{Bootstrap, NumberFigure};
    /// let (came, said) = ([1.0, 5.0, 2.0, 8.0, 4.0, 0.0], [2.0, 4.0, 2.0, 6.0, 5.0, 1.0]);
    /// let found = Bootstrap::new(1).number_interval(&came, &said, None, NumberFigure::MeanAbsoluteError)?;
    /// assert!(found.value == 1.0 && found.low < 1.0 && found.high > 1.0);
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of the figure and of [`interval`](Self::interval); [`Error::NotEnoughData`](crate::Error::NotEnoughData) where
    /// the figure is not defined in draws of the rows, such as a capture where hardly any draw sums to more than 0.
    pub fn number_interval(
        &self,
        actual: &[f64],
        predicted: &[f64],
        weights: Option<&[f64]>,
        figure: NumberFigure,
    ) -> Result<BootstrapInterval> {
        self.number_interval_with(actual, predicted, weights, figure, &mut |_| ControlFlow::Continue(()))
    }

    /// The same, telling `progress` as [`interval_with`](Self::interval_with) does.
    ///
    /// # Errors
    /// Those of [`number_interval`](Self::number_interval); [`Error::Cancelled`](crate::Error::Cancelled) when `progress`
    /// breaks.
    pub fn number_interval_with(
        &self,
        actual: &[f64],
        predicted: &[f64],
        weights: Option<&[f64]>,
        figure: NumberFigure,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<BootstrapInterval> {
        self.check()?;
        figure.check()?;
        let value = figure.of(actual, predicted, weights)?;
        let rows = Rows::numbers(actual, predicted, weights)?;
        let order = match figure {
            NumberFigure::MedianAbsoluteError => by_absolute_error(&rows),
            _ => rows.by_falling_score(),
        };
        more_than_one("a bootstrap", "rows", total(&rows))?;
        let drawn = figure.drawn(&rows, &order)?;
        self.around(value, &rows, &order, &|counts| drawn(counts), progress)
    }
}

impl NumberFigure {
    /// The figure itself.
    ///
    /// # Errors
    /// Those of the function of the same name.
    pub fn of(self, actual: &[f64], predicted: &[f64], weights: Option<&[f64]>) -> Result<f64> {
        match self {
            Self::MeanAbsoluteError => mean_absolute_error(actual, predicted, weights),
            Self::MedianAbsoluteError => median_absolute_error(actual, predicted, weights),
            Self::RootMeanSquaredError => root_mean_squared_error(actual, predicted, weights),
            Self::Bias => bias(actual, predicted, weights),
            Self::MeanAbsolutePercentageError => mean_absolute_percentage_error(actual, predicted, weights),
            Self::WeightedAbsolutePercentageError => weighted_absolute_percentage_error(actual, predicted, weights),
            Self::RSquared => r_squared(actual, predicted, weights),
            Self::PinballLoss { quantile } => pinball_loss(actual, predicted, weights, quantile),
            Self::SpendCapture { share } => Ok(spend_capture(actual, predicted, weights, &[share])?[0].capture),
        }
    }

    fn check(self) -> Result<()> {
        match self {
            Self::SpendCapture { share } if !(share > 0.0 && share <= 1.0) => {
                Err(parameter("number_interval", "share", "a number in (0, 1]", &share))
            }
            Self::PinballLoss { quantile } if !(quantile > 0.0 && quantile < 1.0) => {
                Err(parameter("number_interval", "quantile", "a number in (0, 1)", &quantile))
            }
            _ => Ok(()),
        }
    }

    fn drawn<'a>(self, rows: &'a Rows<'_>, order: &'a [(u64, usize)]) -> Result<FigureOf<'a>> {
        let in_order = |of: &dyn Fn(usize) -> f64| order.iter().map(|&(_, row)| of(row)).collect::<Vec<f64>>();
        let errors = in_order(&|row| rows.error(row));
        let amounts = in_order(&|row| rows.happened[row]);
        let mean_of = |of: &dyn Fn(f64) -> f64| -> FigureOf<'a> {
            let values: Vec<f64> = errors.iter().map(|&error| of(error)).collect();
            Box::new(move |counts| weighted(&values, counts) / drawn(counts))
        };
        Ok(match self {
            Self::MeanAbsoluteError => mean_of(&f64::abs),
            Self::Bias => mean_of(&|error| error),
            Self::PinballLoss { quantile } => mean_of(&|error| row_pinball(error, quantile)),
            Self::RootMeanSquaredError => {
                let mean = mean_of(&|error| error * error);
                Box::new(move |counts| mean(counts).sqrt())
            }
            Self::MeanAbsolutePercentageError => {
                let shares: Result<Vec<f64>> = order.iter().map(|&(_, row)| row_percentage(rows, row)).collect();
                let shares = shares?;
                Box::new(move |counts| weighted(&shares, counts) / drawn(counts))
            }
            Self::WeightedAbsolutePercentageError => {
                let absolute: Vec<f64> = errors.iter().map(|error| error.abs()).collect();
                let amounts: Vec<f64> = amounts.iter().map(|amount| amount.abs()).collect();
                // All rows drawn may have an outcome of 0.
                Box::new(move |counts| {
                    let all = weighted(&amounts, counts);
                    if all > 0.0 { weighted(&absolute, counts) / all } else { f64::NAN }
                })
            }
            Self::RSquared => explained(&errors, &amounts),
            Self::MedianAbsoluteError => Box::new(move |counts| {
                let counted = errors.iter().zip(counts).map(|(error, &count)| (error.abs(), f64::from(count)));
                median_of(counted, drawn(counts) / 2.0)
            }),
            Self::SpendCapture { share } => {
                let ends = ends_of(order, |one, two| one.0 == two.0);
                let sizes: Vec<f64> = amounts.iter().map(|amount| amount.abs()).collect();
                Box::new(move |counts| {
                    let is_rounding = weighted(&amounts, counts) <= ROUNDING * weighted(&sizes, counts);
                    if is_rounding { f64::NAN } else { captured(&amounts, &ends, counts, share) }
                })
            }
        })
    }
}

fn drawn(counts: &[u32]) -> f64 {
    counts.iter().map(|&count| u64::from(count)).sum::<u64>() as f64
}

fn weighted(values: &[f64], counts: &[u32]) -> f64 {
    values.iter().zip(counts).map(|(value, &count)| value * f64::from(count)).sum()
}

fn explained<'a>(errors: &[f64], amounts: &[f64]) -> FigureOf<'a> {
    let squares: Vec<f64> = errors.iter().map(|error| error * error).collect();
    // Near the mean of the rows at hand no digits are lost.
    let centre = amounts.iter().sum::<f64>() / amounts.len() as f64;
    let away: Vec<f64> = amounts.iter().map(|amount| amount - centre).collect();
    let spreads: Vec<f64> = away.iter().map(|away| away * away).collect();
    Box::new(move |counts| {
        let mean = weighted(&away, counts) / drawn(counts);
        let raw = weighted(&spreads, counts);
        let spread = raw - drawn(counts) * mean * mean;
        // All rows drawn may be of one outcome, which has no variance, but for what rounding leaves.
        if spread > ROUNDING * raw { 1.0 - weighted(&squares, counts) / spread } else { f64::NAN }
    })
}

/// The share of the amounts that the first `share` of the rows drawn hold; the runs of equal predictions in part.
fn captured(amounts: &[f64], ends: &[usize], counts: &[u32], share: f64) -> f64 {
    let all = weighted(amounts, counts);
    let wanted = share * drawn(counts);
    let (mut before, mut sum, mut start) = (0.0, 0.0, 0);
    for &end in ends {
        let (weight, amount) = (drawn(&counts[start..end]), weighted(&amounts[start..end], &counts[start..end]));
        if before + weight >= wanted {
            sum += if weight > 0.0 { amount * (wanted - before) / weight } else { 0.0 };
            break;
        }
        (before, sum, start) = (before + weight, sum + amount, end);
    }
    sum / all
}
