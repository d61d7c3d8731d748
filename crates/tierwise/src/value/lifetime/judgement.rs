//! A forecast judged on what happened after it: does the model beat what everybody knows without it?

use super::holdout::Holdout;
use crate::special::variates::Variates;
use crate::{Error, Result};
use serde::Serialize;

/// How good a forecast was, beside what is known without a model.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Judgement {
    /// The customers.
    pub customers: usize,
    /// Mean of |expected − actual| purchases.
    pub mean_absolute_error: f64,
    /// The same when each customer goes on at his past rate: repeat purchases ÷ age.
    pub mean_absolute_error_of_rate: f64,
    /// All expected purchases ÷ all actual ones; 1 is best.
    pub total_ratio: f64,
    /// The same for the past rates.
    pub total_ratio_of_rate: f64,
    /// `mean_absolute_error_of_rate` less `mean_absolute_error`: above 0 where the model is nearer.
    pub error_gain: f64,
    /// A 95 % interval of that gain, over 200 samples of the customers.
    pub error_gain_interval: (f64, f64),
    /// The share of customers called the top.
    pub top: f64,
    /// The share of later money that came from the top by the forecast. Customers who share the last place count in part. It
    /// and what follows is NaN, unknown, where nobody's later money is above 0.
    pub capture: f64,
    /// The same by past repeat purchases.
    pub capture_by_frequency: f64,
    /// The same by past money.
    pub capture_by_spend: f64,
    /// The same by the later money itself: more is not possible.
    pub capture_of_oracle: f64,
    /// `capture` less the better of the two past ones.
    pub gain: f64,
    /// A 95 % interval of the gain, over the same samples.
    pub gain_interval: (f64, f64),
    /// Whether the model is worth having, in words: for ranking, and for totals.
    pub verdict: Vec<String>,
}

impl Holdout {
    /// Judges a forecast made on the known customers: `purchases` expected until the end, and a `value` by which customers
    /// are ranked (expected purchases again, or money). `top` is the share of customers that would be served best, such as
    /// 0.2. Money is the later spend of each customer, and counts as 0 where returns prevailed; without any, counts are judged
    /// alone.
    ///
    /// Below 30 customers the verdict is that they are too few, whatever the figures are (that number is inferred: an interval
    /// over samples of fewer is too narrow).
    ///
    /// # Errors
    /// [`Error::WrongLength`]; [`Error::InvalidValue`] for a forecast that is not a finite number, and for one of purchases below 0;
    /// [`Error::InvalidParameter`] for a share outside (0, 1); [`Error::NotEnoughData`] when nobody bought after the day.
    pub fn judge(&self, purchases: &[f64], value: &[f64], top: f64, seed: u64) -> Result<Judgement> {
        self.check(purchases, value, top)?;
        let rate: Vec<f64> =
            self.known.repeat_frequency.iter().zip(&self.known.age).map(past_rate(self.days)).collect();
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let total = self.purchases.iter().sum::<f64>();
        let ratio = |expected: &[f64]| expected.iter().sum::<f64>() / total;
        let money: Vec<f64> = self.spend.iter().map(|spend| spend.max(0.0)).collect();
        let rankings =
            [value, &self.known.repeat_frequency, &self.known.monetary, &money].map(|by| Ranking::new(by, &money));
        let everybody = vec![1.0; money.len()];
        let [capture, by_frequency, by_spend, oracle] = rankings.each_ref().map(|one| one.capture(&everybody, top));
        let gain = capture - by_frequency.max(by_spend);
        let error_of = |expected: &[f64]| -> Vec<f64> {
            expected.iter().zip(&self.purchases).map(|(expected, actual)| (expected - actual).abs()).collect()
        };
        let (of_rate, of_model) = (error_of(&rate), error_of(purchases));
        let gains: Vec<f64> = of_rate.iter().zip(&of_model).map(|(rate, model)| rate - model).collect();
        let [gain_interval, error_gain_interval] = gain_intervals(&rankings, &gains, top, seed);
        let mut judged = Judgement {
            customers: money.len(),
            mean_absolute_error: mean(&of_model),
            mean_absolute_error_of_rate: mean(&of_rate),
            total_ratio: ratio(purchases),
            total_ratio_of_rate: ratio(&rate),
            error_gain: mean(&gains),
            error_gain_interval,
            top,
            capture,
            capture_by_frequency: by_frequency,
            capture_by_spend: by_spend,
            capture_of_oracle: oracle,
            gain,
            gain_interval,
            verdict: Vec::new(),
        };
        judged.verdict = judged.in_words();
        Ok(judged)
    }

    fn check(&self, purchases: &[f64], value: &[f64], top: f64) -> Result<()> {
        for (what, column) in [("the expected purchases", purchases), ("the values", value)] {
            if column.len() != self.known.len() {
                let (what, expected, found) = (what.into(), self.known.len(), column.len());
                return Err(Error::WrongLength { what, expected, found });
            }
            let may_be_negative = what == "the values";
            let is_wrong = |one: &f64| !one.is_finite() || *one < 0.0 && !may_be_negative;
            if let Some(row) = column.iter().position(is_wrong) {
                let sign = if may_be_negative { "" } else { ", 0 or more," };
                return Err(Error::InvalidValue {
                    what: what.into(),
                    row,
                    key: Some(self.known.customer[row].to_string()),
                    found: column[row].to_string(),
                    must_be: format!("a forecast must be a finite number{sign} for every customer who was known"),
                });
            }
        }
        if !(top > 0.0 && top < 1.0) {
            let (of, name, must_be) = ("judge", "top", "a number in (0, 1)".into());
            return Err(Error::InvalidParameter { of, name, must_be, got: top.to_string() });
        }
        if !self.purchases.iter().any(|&purchases| purchases > 0.0) {
            let what = "a judgement: customers who bought after the day".into();
            return Err(Error::NotEnoughData { what, needed: 1, found: 0 });
        }
        Ok(())
    }
}

/// Intervals over samples of fewer customers are too narrow, and a winner among them is chance.
const FEWEST: usize = 30;

impl Judgement {
    fn in_words(&self) -> Vec<String> {
        if self.customers < FEWEST {
            let customers =
                if self.customers == 1 { "1 customer is".into() } else { format!("{} customers are", self.customers) };
            return vec![format!("{customers} too few to judge a forecast by; {FEWEST} are needed.")];
        }
        vec![self.ranking_in_words(), self.counts_in_words()]
    }

    fn ranking_in_words(&self) -> String {
        if self.capture.is_nan() {
            return "The ranking cannot be judged: nobody's later money is above 0.".into();
        }
        let past = self.capture_by_frequency.max(self.capture_by_spend);
        let captured = format!(
            "the top {:.0} % by the model brought {:.1} % of the later money, the top by past figures {:.1} %, the best possible {:.1} %",
            100.0 * self.top,
            100.0 * self.capture,
            100.0 * past,
            100.0 * self.capture_of_oracle
        );
        match self.gain_interval {
            (lower, _) if lower > 0.0 => format!("The model adds to the ranking: {captured}."),
            (_, upper) if upper < 0.0 => {
                format!("The model ranks worse than past figures do, which cost nothing: {captured}.")
            }
            _ => format!("The model adds nothing to the ranking that these customers could show: {captured}."),
        }
    }

    fn counts_in_words(&self) -> String {
        let (lower, upper) = self.error_gain_interval;
        let off = |ratio: f64| libm::log(ratio).abs();
        let told = if lower > 0.0 && off(self.total_ratio) <= off(self.total_ratio_of_rate) {
            "It forecasts counts better than past rates do"
        } else if lower > 0.0 {
            "It forecasts the counts of single customers better than past rates do, but their total is farther off"
        } else if upper < 0.0 {
            "It forecasts counts worse than past rates do, which cost nothing"
        } else {
            "It forecasts counts no better than past rates do, as far as these customers could show"
        };
        format!(
            "{told}: mean error {:.3} (past rates {:.3}; the difference lies between {lower:.3} and {upper:.3}), total {:.2} times the actual one (past rates {:.2}).",
            self.mean_absolute_error, self.mean_absolute_error_of_rate, self.total_ratio, self.total_ratio_of_rate
        )
    }
}

/// A customer who came today has no rate, and none is expected of him.
fn past_rate(days: f64) -> impl Fn((&f64, &f64)) -> f64 {
    move |(&repeats, &age)| if age > 0.0 { repeats / age * days } else { 0.0 }
}

/// Customers from best to worst, those of equal value together.
struct Ranking<'a> {
    order: Vec<usize>,
    by: &'a [f64],
    money: &'a [f64],
}

impl<'a> Ranking<'a> {
    fn new(by: &'a [f64], money: &'a [f64]) -> Self {
        let mut order: Vec<usize> = (0..by.len()).collect();
        order.sort_by(|&one, &other| by[other].total_cmp(&by[one]));
        Self { order, by, money }
    }

    /// The share of the money that the top brings, each customer counted so many times.
    fn capture(&self, counts: &[f64], top: f64) -> f64 {
        let mut room = top * counts.iter().sum::<f64>();
        let all: f64 = self.money.iter().zip(counts).map(|(money, count)| money * count).sum();
        let mut captured = 0.0;
        for equal in self.order.chunk_by(|&one, &other| self.by[one] == self.by[other]) {
            let size: f64 = equal.iter().map(|&row| counts[row]).sum();
            let money: f64 = equal.iter().map(|&row| self.money[row] * counts[row]).sum();
            if size > room {
                return (captured + money * room / size) / all;
            }
            captured += money;
            room -= size;
        }
        captured / all
    }
}

/// The middle 95 % of the gain in ranking, and of the mean of further gains per customer, over samples of the customers, drawn
/// with replacement.
fn gain_intervals(rankings: &[Ranking<'_>; 4], gains: &[f64], top: f64, seed: u64) -> [(f64, f64); 2] {
    const SAMPLES: u64 = 200;
    let customers = gains.len();
    let samples: Vec<u64> = (0..SAMPLES).collect();
    let sampled = crate::parallel::map(samples, |sample| {
        let mut random = Variates::new(seed.wrapping_mul(SAMPLES).wrapping_add(sample));
        let mut counts = vec![0.0; customers];
        for _ in 0..customers {
            counts[((random.uniform() * customers as f64) as usize).min(customers - 1)] += 1.0;
        }
        let [model, by_frequency, by_spend, _] = rankings.each_ref().map(|one| one.capture(&counts, top));
        let of_errors = gains.iter().zip(&counts).map(|(gain, count)| gain * count).sum::<f64>() / customers as f64;
        [model - by_frequency.max(by_spend), of_errors]
    });
    [0, 1].map(|which| middle(sampled.iter().map(|gains| gains[which]).collect()))
}

/// The middle 95 %; a sample without any money says nothing of a ranking.
fn middle(mut gains: Vec<f64>) -> (f64, f64) {
    gains.retain(|gain| !gain.is_nan());
    gains.sort_by(f64::total_cmp);
    match (gains.get(gains.len() * 25 / 1000), gains.get((gains.len() * 975 / 1000).min(gains.len().saturating_sub(1))))
    {
        (Some(&lower), Some(&upper)) => (lower, upper),
        _ => (f64::NAN, f64::NAN),
    }
}
