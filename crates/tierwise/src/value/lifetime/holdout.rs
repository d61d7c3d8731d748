//! A log split on a day: what was known of the customers, and what they did after it.

use crate::calendar::day_in_words;
use crate::value::{LaterRows, Monetary, Returns, Rfm, RfmLog, RfmRules};
use crate::{Error, Result};

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
    /// Sentences on returns that a reader should know of.
    pub findings: Vec<String>,
}

/// Splits a log of purchases: customers as they were known on day `known_until`, and what they did until day `end`. Later
/// rows are passed over, and so are customers who came after `known_until`.
///
/// Returns (amounts below 0) count as purchases here, and a finding says how many; [`RfmRules::holdout`] has other rules.
///
/// # Errors
/// Those of [`rfm`](crate::value::rfm()); [`Error::InvalidParameter`] unless `known_until` lies before `end`;
/// [`Error::NotEnoughData`] when nobody had bought by then.
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
    RfmRules::default().holdout(&RfmLog::new(customers, days, amounts), known_until, end)
}

impl RfmRules {
    /// Splits a log as [`holdout`] does, and reads both parts by these rules: what a model is fitted on and what it is judged by
    /// are the same thing. `later` and `monetary` are not asked: later rows make the second part, and money is the sum.
    ///
    /// Under [`Returns::NetOff`] a return goes with its purchase: one of a purchase that is known on the day is in neither part,
    /// for it is no later purchase and nobody knew of it; a finding says how many there are. (Inferred.) Purchases are days in
    /// any case, also where the log has orders.
    ///
    /// # Errors
    /// Those of [`rfm`](Self::rfm) and of [`holdout`]; [`Error::InvalidParameter`] for a log with product lines.
    ///
    /// ```
    /// use tierwise::value::{Returns, RfmLog, RfmRules};
    /// let (who, days) = ([0, 0, 0, 1, 1], [1, 3, 12, 2, 13]);
    /// let log = RfmLog::new(&who, &days, &[50.0, -50.0, 20.0, 30.0, -30.0]);
    /// let rules = RfmRules { returns: Returns::NetOff, ..RfmRules::default() };
    /// let split = rules.holdout(&log, 10, 20)?;
    /// assert_eq!(split.known.monetary, [0.0, 30.0]);
    /// assert_eq!((split.purchases, split.spend), (vec![1.0, 0.0], vec![20.0, 0.0]));
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    pub fn holdout(&self, log: &RfmLog<'_>, known_until: i32, end: i32) -> Result<Holdout> {
        let of = "holdout";
        if known_until >= end {
            let must_be = format!("a day before `end`, which is {}", day_in_words(end));
            return Err(Error::InvalidParameter { of, name: "known_until", must_be, got: day_in_words(known_until) });
        }
        if log.lines.is_some() {
            let must_be = "left out: a forecast is judged by customer".into();
            return Err(Error::InvalidParameter {
                of,
                name: "lines",
                must_be,
                got: "a column of product lines".into(),
            });
        }
        let rules = Self { later: LaterRows::LeaveOut, monetary: Monetary::Sum, ..*self };
        let known = rules.rfm(log, known_until)?;
        if known.table.is_empty() {
            let what = format!("a holdout: customers who bought by {}", day_in_words(known_until));
            return Err(Error::NotEnoughData { what, needed: 1, found: 0 });
        }
        let mut later = Later::of(log, &known.table, known_until..=end);
        if self.returns == Returns::Refuse
            && let Some(row) = later.first_return
        {
            let must_be = "returns are refused; choose what is to happen to them";
            return Err(Error::invalid_value_of(log.customers[row], "the amount", row, log.amounts[row], must_be));
        }
        let of_known = later.apply(self.returns);
        let mut split = Holdout {
            purchases: vec![0.0; known.table.len()],
            spend: vec![0.0; known.table.len()],
            days: f64::from(end) - f64::from(known_until),
            findings: self.findings(known.returns, later.returns, of_known),
            known: known.table,
        };
        for of_day in later.rows.chunk_by(|one, next| (one.at, one.day) == (next.at, next.day)) {
            let money = |row: &LaterRow| match (log.margins, self.margin_rate) {
                (Some(margins), _) => margins[row.row],
                (None, Some(rate)) => log.amounts[row.row] * rate,
                (None, None) => log.amounts[row.row],
            };
            split.purchases[of_day[0].at] += 1.0;
            split.spend[of_day[0].at] += of_day.iter().map(money).sum::<f64>();
        }
        Ok(split)
    }

    fn findings(&self, known: usize, later: usize, of_known: usize) -> Vec<String> {
        let of_purchases = match (self.returns, known + later) {
            (Returns::AsPurchases, 1) => "1 row with an amount below 0 is counted as a purchase".into(),
            (Returns::AsPurchases, rows @ 2..) => {
                format!("{rows} rows with an amount below 0 are counted as purchases")
            }
            (Returns::NetOff, _) if of_known == 1 => {
                return vec!["1 return after the day belongs to a purchase until it; it is in neither part".into()];
            }
            (Returns::NetOff, _) if of_known > 1 => {
                return vec![format!(
                    "{of_known} returns after the day belong to purchases until it; they are in neither part"
                )];
            }
            _ => return Vec::new(),
        };
        vec![format!(
            "{of_purchases}, {known} until the day and {later} after it; choose by `returns` to take returns off a purchase (`net_off`) or to leave them out"
        )]
    }
}

/// What known customers did after the day.
struct Later {
    rows: Vec<LaterRow>,
    returns: usize,
    first_return: Option<usize>,
}

#[derive(Clone, Copy)]
struct LaterRow {
    /// The place among the known customers.
    at: usize,
    /// The day on which its money counts.
    day: i32,
    row: usize,
    is_return: bool,
}

impl Later {
    fn of(log: &RfmLog<'_>, known: &Rfm, days: std::ops::RangeInclusive<i32>) -> Self {
        let mut later = Self { rows: Vec::new(), returns: 0, first_return: None };
        for (row, (&customer, &day)) in log.customers.iter().zip(log.days).enumerate() {
            if day <= *days.start() || day > *days.end() {
                continue;
            }
            let Ok(at) = known.customer.binary_search(&customer) else { continue };
            let is_return = log.amounts[row] < 0.0;
            later.rows.push(LaterRow { at, day, row, is_return });
            if is_return {
                later.returns += 1;
                later.first_return = later.first_return.or(Some(row));
            }
        }
        later
    }

    /// Leaves returns out, or puts them on the day of the purchase that they are taken off; the number of those that belong to
    /// a purchase until the day.
    fn apply(&mut self, returns: Returns) -> usize {
        // Stable, so that the amounts of a day are added in row order.
        if returns == Returns::AsPurchases {
            self.rows.sort_by_key(|row| (row.at, row.day));
            return 0;
        }
        self.rows.sort_by_key(|row| (row.at, row.day, row.is_return));
        let (mut before, mut of_known): (Option<LaterRow>, usize) = (None, 0);
        self.rows.retain_mut(|row| {
            if !row.is_return {
                before = Some(*row);
                return true;
            }
            let purchase = before.filter(|before| before.at == row.at);
            of_known += usize::from(purchase.is_none());
            row.day = purchase.map_or(row.day, |purchase| purchase.day);
            purchase.is_some() && returns == Returns::NetOff
        });
        of_known
    }
}
