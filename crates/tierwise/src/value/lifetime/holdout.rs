//! A forecast judged on what happened after it: does the model beat what everybody knows without it?

use crate::special::variates::Variates;
use crate::value::{LaterRows, Rfm, rfm};
use crate::{Error, Result};
use serde::Serialize;

/// Customers as they were known on a day, and what they did after it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Holdout {
    /// The customers who had bought by that day.
    pub known: Rfm,
    /// Days with a purchase after that day and up to the end, per customer.
    pub purchases: Vec<f64>,
    /// Money of those days.
    pub spend: Vec<f64>,
    /// Days from that day to the end.
    pub days: f64,
}

/// Splits a log of purchases: customers as they were known on day `known_until`, and what they did until day `end`. Later
/// rows are passed over, and so are customers who came after `known_until`.
///
/// # Errors
/// Those of [`rfm`]; [`Error::InvalidParameter`] unless `known_until` lies before `end`; [`Error::NotEnoughData`] when nobody
/// had bought by then.
///
/// ```
/// use tierwise::value::holdout;
/// let split = holdout(&[0, 0, 1, 0, 2], &[1, 5, 6, 12, 13], &[9.0, 5.0, 7.0, 4.0, 8.0], 10, 20)?;
/// assert_eq!(split.known.customer, [0, 1]); // customer 2 came later
/// assert_eq!(split.purchases, [1.0, 0.0]);
/// assert_eq!(split.spend, [4.0, 0.0]);
/// # Ok::<(), tierwise::Error>(())
/// ```
pub fn holdout(customers: &[u32], days: &[i32], amounts: &[f64], known_until: i32, end: i32) -> Result<Holdout> {
    if known_until >= end {
        let (of, name, must_be) = ("holdout", "known_until", format!("a day before `end`, which is day {end}"));
        return Err(Error::InvalidParameter { of, name, must_be, got: format!("day {known_until}") });
    }
    let known = rfm(customers, days, amounts, known_until, LaterRows::LeaveOut)?;
    if known.is_empty() {
        let what = format!("a holdout: customers who bought by day {known_until}");
        return Err(Error::NotEnoughData { what, needed: 1, found: 0 });
    }
    let mut later: Vec<(u32, i32, f64)> = Vec::new();
    for ((&customer, &day), &amount) in customers.iter().zip(days).zip(amounts) {
        if day > known_until && day <= end {
            later.push((customer, day, amount));
        }
    }
    // Stable, so that the amounts of a day are added in row order.
    later.sort_by_key(|&(customer, day, _)| (customer, day));
    let mut split = Holdout {
        purchases: vec![0.0; known.len()],
        spend: vec![0.0; known.len()],
        days: f64::from(end) - f64::from(known_until),
        known,
    };
    for of_day in later.chunk_by(|one, next| (one.0, one.1) == (next.0, next.1)) {
        if let Ok(row) = split.known.customer.binary_search(&of_day[0].0) {
            split.purchases[row] += 1.0;
            split.spend[row] += of_day.iter().map(|&(_, _, amount)| amount).sum::<f64>();
        }
    }
    Ok(split)
}

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
    /// The share of customers called the top.
    pub top: f64,
    /// The share of later money that came from the top by the forecast. Customers who share the last place count in part.
    pub capture: f64,
    /// The same by past repeat purchases.
    pub capture_by_frequency: f64,
    /// The same by past money.
    pub capture_by_spend: f64,
    /// The same by the later money itself: more is not possible.
    pub capture_of_oracle: f64,
    /// `capture` less the better of the two past ones.
    pub gain: f64,
    /// A 95 % interval of the gain, over 200 samples of the customers.
    pub gain_interval: (f64, f64),
    /// Whether the model is worth having, in words: for ranking, and for totals.
    pub verdict: Vec<String>,
}

impl Holdout {
    /// Judges a forecast made on the known customers: `purchases` expected until the end, and a `value` by which customers
    /// are ranked (expected purchases again, or money). `top` is the share of customers that would be served best, such as
    /// 0.2. Money is the later spend of each customer, and counts as 0 where returns prevailed.
    ///
    /// # Errors
    /// [`Error::WrongLength`]; [`Error::InvalidValue`] for a forecast that is not a finite number, and for one of purchases below 0;
    /// [`Error::InvalidParameter`] for a share outside (0, 1); [`Error::NotEnoughData`] when nobody bought after the day.
    pub fn judge(&self, purchases: &[f64], value: &[f64], top: f64, seed: u64) -> Result<Judgement> {
        self.check(purchases, value, top)?;
        let rate: Vec<f64> =
            self.known.repeat_frequency.iter().zip(&self.known.age).map(past_rate(self.days)).collect();
        let error = |expected: &[f64]| {
            let off = expected.iter().zip(&self.purchases).map(|(expected, actual)| (expected - actual).abs());
            off.sum::<f64>() / expected.len() as f64
        };
        let total = self.purchases.iter().sum::<f64>();
        let ratio = |expected: &[f64]| expected.iter().sum::<f64>() / total;
        let money: Vec<f64> = self.spend.iter().map(|spend| spend.max(0.0)).collect();
        let rankings =
            [value, &self.known.repeat_frequency, &self.known.monetary, &money].map(|by| Ranking::new(by, &money));
        let everybody = vec![1.0; money.len()];
        let [capture, by_frequency, by_spend, oracle] = rankings.each_ref().map(|one| one.capture(&everybody, top));
        let gain_interval = gain_interval(&rankings, top, seed);
        let gain = capture - by_frequency.max(by_spend);
        let mut judged = Judgement {
            customers: money.len(),
            mean_absolute_error: error(purchases),
            mean_absolute_error_of_rate: error(&rate),
            total_ratio: ratio(purchases),
            total_ratio_of_rate: ratio(&rate),
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
        if !self.spend.iter().any(|&spend| spend > 0.0) {
            let what = "a judgement: customers who bought after the day".into();
            return Err(Error::NotEnoughData { what, needed: 1, found: 0 });
        }
        Ok(())
    }
}

impl Judgement {
    fn in_words(&self) -> Vec<String> {
        let past = self.capture_by_frequency.max(self.capture_by_spend);
        let captured = format!(
            "the top {:.0} % by the model brought {:.1} % of the later money, the top by past figures {:.1} %, the best possible {:.1} %",
            100.0 * self.top,
            100.0 * self.capture,
            100.0 * past,
            100.0 * self.capture_of_oracle
        );
        let ranking = match self.gain_interval {
            (lower, _) if lower > 0.0 => format!("The model adds to the ranking: {captured}."),
            (_, upper) if upper < 0.0 => {
                format!("The model ranks worse than past figures do, which cost nothing: {captured}.")
            }
            _ => format!("The model adds nothing to the ranking that these customers could show: {captured}."),
        };
        let off = |ratio: f64| libm::log(ratio).abs();
        let totals = if off(self.total_ratio) <= off(self.total_ratio_of_rate)
            && self.mean_absolute_error <= self.mean_absolute_error_of_rate
        {
            "It forecasts counts better than past rates do"
        } else {
            "It does not forecast counts better than past rates do in every respect"
        };
        let counts = format!(
            "{totals}: total {:.2} times the actual one (past rates {:.2}), mean error {:.3} (past rates {:.3}).",
            self.total_ratio, self.total_ratio_of_rate, self.mean_absolute_error, self.mean_absolute_error_of_rate
        );
        vec![ranking, counts]
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

/// The middle 95 % of the gain over samples of the customers, drawn with replacement.
fn gain_interval(rankings: &[Ranking<'_>; 4], top: f64, seed: u64) -> (f64, f64) {
    const SAMPLES: u64 = 200;
    let customers = rankings[0].money.len();
    let samples: Vec<u64> = (0..SAMPLES).collect();
    let mut gains = crate::parallel::map(samples, |sample| {
        let mut random = Variates::new(seed.wrapping_mul(SAMPLES).wrapping_add(sample));
        let mut counts = vec![0.0; customers];
        for _ in 0..customers {
            counts[((random.uniform() * customers as f64) as usize).min(customers - 1)] += 1.0;
        }
        let [model, by_frequency, by_spend, _] = rankings.each_ref().map(|one| one.capture(&counts, top));
        model - by_frequency.max(by_spend)
    });
    // A sample without any money says nothing.
    gains.retain(|gain| !gain.is_nan());
    gains.sort_by(f64::total_cmp);
    match (gains.get(gains.len() * 25 / 1000), gains.get((gains.len() * 975 / 1000).min(gains.len().saturating_sub(1))))
    {
        (Some(&lower), Some(&upper)) => (lower, upper),
        _ => (f64::NAN, f64::NAN),
    }
}
