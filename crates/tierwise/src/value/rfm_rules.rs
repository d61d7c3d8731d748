//! From a log of purchases to one row per customer by stated rules: returns, margins, orders, product lines.

use super::rfm::{after_as_of, check_amounts, check_lengths, check_money, finish, rfm};
use super::{LaterRows, Rfm, encode_integers};
use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// A log of purchases: one element per row and column, in any order. Customers, orders and product lines are codes, as
/// [`encode_integers`] and [`encode_keys`](super::encode_keys) make them; days count from 1970-01-01.
#[derive(Debug, Clone, Copy)]
pub struct RfmLog<'a> {
    /// Who bought.
    pub customers: &'a [u32],
    /// When.
    pub days: &'a [i32],
    /// For how much; below 0 for a return.
    pub amounts: &'a [f64],
    /// What was earned with the row, in money; then that is the money that counts.
    pub margins: Option<&'a [f64]>,
    /// The order to which the row belongs; then lines of an order, not of a day, are one purchase.
    pub orders: Option<&'a [u32]>,
    /// The product line; then there is one row per customer and line.
    pub lines: Option<&'a [u32]>,
}

impl<'a> RfmLog<'a> {
    /// A log of the three columns that there have to be.
    pub fn new(customers: &'a [u32], days: &'a [i32], amounts: &'a [f64]) -> Self {
        Self { customers, days, amounts, margins: None, orders: None, lines: None }
    }

    fn check(&self) -> Result<()> {
        check_lengths(self.customers.len(), self.days.len(), self.amounts.len())?;
        let lengths = [
            ("the column of margins", self.margins.map(<[f64]>::len)),
            ("the column of orders", self.orders.map(<[u32]>::len)),
            ("the column of product lines", self.lines.map(<[u32]>::len)),
        ];
        for (what, found) in lengths {
            if let Some(found) = found
                && found != self.customers.len()
            {
                return Err(Error::WrongLength { what: what.into(), expected: self.customers.len(), found });
            }
        }
        check_amounts(self.amounts, |row| self.customers[row].to_string())?;
        let key = |row: usize| self.customers[row].to_string();
        self.margins.map_or(Ok(()), |margins| check_money("margin", margins, key))
    }
}

/// What to do with returns: rows whose amount is below 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Returns {
    /// They are rows like any other: they take their money off, and their day counts as a day with a purchase. What
    /// [`rfm()`] does, and the default.
    #[default]
    AsPurchases,
    /// They take their money off the last purchase before them (or of the same day), and are no purchase themselves.
    NetOff,
    /// They are left out, and counted in [`RfmByRules::returns_left_out`].
    LeaveOut,
    /// The first one is an error.
    Refuse,
}

/// What to do, under [`Returns::NetOff`], with a return that comes before the customer's first purchase: what was returned
/// was bought before the log begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EarlyReturns {
    /// It is an error that names row and customer. The default.
    #[default]
    Refuse,
    /// It takes its money off the first purchase.
    NetOff,
    /// It is left out, and counted in [`RfmByRules::returns_left_out`].
    LeaveOut,
}

/// What the money of a customer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Monetary {
    /// All of it together. The default.
    #[default]
    Sum,
    /// The mean per purchase: per day with a purchase, or per order where orders are given.
    MeanPerPurchase,
}

/// The rules by which a log becomes one row per customer. The default is what [`rfm()`] does.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RfmRules {
    /// Purchases after `as_of`.
    pub later: LaterRows,
    /// Rows whose amount is below 0.
    pub returns: Returns,
    /// Returns before the first purchase.
    pub early_returns: EarlyReturns,
    /// Customers with returns and no purchase, under [`Returns::NetOff`]: there is nothing to take their money off.
    pub only_returns: LaterRows,
    /// What `monetary` is.
    pub monetary: Monetary,
    /// The margin as a share of every amount; all money is then margin. One of this and [`RfmLog::margins`].
    pub margin_rate: Option<f64>,
}

/// One row per customer, or per customer and product line, by stated rules, and what was left out.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RfmByRules {
    /// The table. With product lines a customer has a row per line that he bought, and all rows are in ascending order of
    /// customer and line.
    ///
    /// Its `rows_left_out` are later rows and returns left out. `frequency` counts orders where orders are given; `repeat_frequency`, `last_purchase_age` and
    /// `mean_repeat_amount` are by day in any case, as lifetime models want them.
    pub table: Rfm,
    /// The product line of each row of the table.
    pub lines: Option<Vec<u32>>,
    /// Rows of the log that are returns, up to `as_of`.
    pub returns: usize,
    /// Returns that were left out by rule.
    pub returns_left_out: usize,
    /// Customers who are not in the table, or miss a row for a product line, because all their rows (of that line) up to
    /// `as_of` are returns that were left out; ascending.
    pub customers_left_out: Vec<u32>,
}

impl RfmRules {
    /// Turns a log into one row per customer, or per customer and product line.
    ///
    /// A row is a return when its *amount* is below 0, whatever its margin. A row of amount 0 is a purchase.
    ///
    /// # Errors
    /// Those of [`rfm()`]; [`Error::WrongLength`] for a further column; [`Error::InvalidParameter`] for a rate that is above 1
    /// or not finite, or beside a column of margins; [`Error::InvalidValue`] with row and customer for a return that the rules
    /// refuse, and for an order that belongs to two customers.
    ///
    /// ```
    /// use tierwise::value::{Returns, RfmLog, RfmRules, rfm, LaterRows};
    /// // bought for 50 on day 10 and for 30 on day 20, and sent 20 back on day 25
    /// let log = RfmLog::new(&[0, 0, 0], &[10, 20, 25], &[50.0, 30.0, -20.0]);
    /// let rules = RfmRules { returns: Returns::NetOff, ..RfmRules::default() };
    /// let found = rules.rfm(&log, 30)?;
    /// assert_eq!((found.table.frequency[0], found.table.recency[0], found.table.monetary[0]), (2.0, 10.0, 60.0));
    /// assert_eq!(found.table.mean_repeat_amount, [10.0]); // the return belongs to the purchase of day 20
    /// let plain = rfm(log.customers, log.days, log.amounts, 30, LaterRows::Refuse)?;
    /// assert_eq!((plain.frequency[0], plain.recency[0], plain.monetary[0]), (3.0, 5.0, 60.0));
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    pub fn rfm(&self, log: &RfmLog<'_>, as_of: i32) -> Result<RfmByRules> {
        self.check(log)?;
        log.check()?;
        let members = Members::new(log);
        let mut kept = self.kept(log, &members, as_of)?;
        let rows_left_out = log.customers.len() - kept.rows.len();
        let money = |&row: &usize| match (log.margins, self.margin_rate) {
            (Some(margins), _) => margins[row],
            (None, Some(rate)) => log.amounts[row] * rate,
            (None, None) => log.amounts[row],
        };
        let amounts: Vec<f64> = kept.rows.iter().map(money).collect();
        let codes: Vec<u32> = kept.rows.iter().map(|&row| members.codes[row]).collect();
        let mut table = if codes.is_empty() {
            finish(&[], as_of, 0, 0, |_| (0, String::new()))?
        } else {
            rfm(&codes, &kept.days, &amounts, as_of, self.later).map_err(|error| kept.place(error, log))?
        };
        table.rows_left_out = rows_left_out;
        if let Some(orders) = log.orders {
            check_owners(log.customers, orders)?;
            let purchases = kept.rows.iter().filter(|&&row| self.is_purchase(log.amounts[row]));
            count_orders(purchases.map(|&row| (members.codes[row], orders[row])).collect(), &mut table);
        }
        if self.monetary == Monetary::MeanPerPurchase {
            table.monetary.iter_mut().zip(&table.frequency).for_each(|(money, purchases)| *money /= purchases);
        }
        kept.customers_left_out.sort_unstable();
        kept.customers_left_out.dedup();
        Ok(RfmByRules {
            lines: members.lines_of(&table.customer),
            table: Rfm { customer: members.customers_of(&table.customer), ..table },
            returns: kept.returns,
            returns_left_out: kept.returns_left_out,
            customers_left_out: kept.customers_left_out,
        })
    }

    fn check(&self, log: &RfmLog<'_>) -> Result<()> {
        self.check_returns()?;
        let refuse = |must_be: &str, got: String| {
            Err(Error::InvalidParameter { of: "RfmRules", name: "margin_rate", must_be: must_be.into(), got })
        };
        match self.margin_rate {
            Some(rate) if log.margins.is_some() => {
                refuse("left out where there is a column of margins", rate.to_string())
            }
            Some(rate) if !(rate <= 1.0 && rate.is_finite()) => {
                refuse("a share of the amount, 1 at most; divide per cent by 100", rate.to_string())
            }
            _ => Ok(()),
        }
    }

    /// Two rules say how returns are netted off, and nothing where they are not.
    fn check_returns(&self) -> Result<()> {
        let usual = Self::default();
        let refuse = |name, got: String| {
            let must_be = "left out unless `returns` is `net_off`, which it is a rule of".into();
            Err(Error::InvalidParameter { of: "RfmRules", name, must_be, got })
        };
        if self.returns == Returns::NetOff {
            Ok(())
        } else if self.early_returns != usual.early_returns {
            refuse("early_returns", format!("{:?}", self.early_returns))
        } else if self.only_returns != usual.only_returns {
            refuse("only_returns", format!("{:?}", self.only_returns))
        } else {
            Ok(())
        }
    }

    fn is_purchase(&self, amount: f64) -> bool {
        amount >= 0.0 || self.returns == Returns::AsPurchases
    }

    /// The rows that count, each on the day on which its money counts.
    fn kept(&self, log: &RfmLog<'_>, members: &Members, as_of: i32) -> Result<Kept> {
        let key = |row: usize| log.customers[row].to_string();
        if self.later == LaterRows::Refuse
            && let Some(row) = log.days.iter().position(|&day| day > as_of)
        {
            return Err(after_as_of(row, key(row), log.days[row], as_of));
        }
        let purchases = PurchaseDaysOf::new(log, members, as_of, self.returns);
        let mut kept = Kept::with_capacity(log.customers.len());
        for (row, (&day, &amount)) in log.days.iter().zip(log.amounts).enumerate() {
            if day > as_of {
                continue;
            }
            kept.returns += usize::from(amount < 0.0);
            if self.is_purchase(amount) {
                kept.take(row, day);
                continue;
            }
            let refused = |must_be: &str| Error::invalid_value_of(key(row), "the amount", row, amount, must_be);
            let code = members.codes[row];
            match (self.returns, purchases.around(code, day)) {
                (Returns::Refuse, _) => return Err(refused("returns are refused; choose what is to happen to them")),
                (Returns::NetOff, Around { before: Some(day), .. }) => kept.take(row, day),
                (Returns::NetOff, Around { after: Some(first), .. }) => match self.early_returns {
                    EarlyReturns::NetOff => kept.take(row, first),
                    EarlyReturns::LeaveOut => kept.returns_left_out += 1,
                    EarlyReturns::Refuse => {
                        return Err(refused(
                            "a return before the first purchase has nothing to be taken off; let the log begin earlier, or \
                         choose what is to happen to early returns",
                        ));
                    }
                },
                (Returns::NetOff, _) if self.only_returns == LaterRows::Refuse => {
                    return Err(refused(
                        "the customer has returns and no purchase; let the log begin earlier, or leave such customers out",
                    ));
                }
                (_, Around { before: None, after: None }) => kept.leave_out(log.customers[row]),
                _ => kept.returns_left_out += 1,
            }
        }
        Ok(kept)
    }
}

/// The rows that count.
struct Kept {
    rows: Vec<usize>,
    days: Vec<i32>,
    returns: usize,
    returns_left_out: usize,
    customers_left_out: Vec<u32>,
}

impl Kept {
    fn with_capacity(rows: usize) -> Self {
        Self {
            rows: Vec::with_capacity(rows),
            days: Vec::with_capacity(rows),
            returns: 0,
            returns_left_out: 0,
            customers_left_out: Vec::new(),
        }
    }

    fn take(&mut self, row: usize, day: i32) {
        self.rows.push(row);
        self.days.push(day);
    }

    fn leave_out(&mut self, customer: u32) {
        self.returns_left_out += 1;
        self.customers_left_out.push(customer);
    }

    /// An error of the table of these rows, with row and customer of the log.
    fn place(&self, error: Error, log: &RfmLog<'_>) -> Error {
        match error {
            Error::InvalidValue { what, row, key: Some(_), found, must_be } => {
                let row = self.rows[row];
                Error::InvalidValue { what, row, key: Some(log.customers[row].to_string()), found, must_be }
            }
            other => other,
        }
    }
}

/// Who has a row of his own: a customer, or a customer in one product line.
struct Members {
    codes: Vec<u32>,
    /// Per code: the customer in the upper half, the line in the lower one.
    pairs: Option<Vec<i64>>,
    /// Per code, where there are no lines.
    customers: Vec<u32>,
}

impl Members {
    fn new(log: &RfmLog<'_>) -> Self {
        if let Some(lines) = log.lines {
            let pair = |(&customer, &line): (&u32, &u32)| i64::from(customer) << 32 | i64::from(line);
            let pairs: Vec<i64> = log.customers.iter().zip(lines).map(pair).collect();
            let (codes, pairs) = encode_integers(&pairs);
            return Self { codes, pairs: Some(pairs), customers: Vec::new() };
        }
        let customers: Vec<i64> = log.customers.iter().map(|&customer| i64::from(customer)).collect();
        let (codes, customers) = encode_integers(&customers);
        Self { codes, pairs: None, customers: customers.into_iter().map(|customer| customer as u32).collect() }
    }

    fn customers_of(&self, codes: &[u32]) -> Vec<u32> {
        let of = |&code: &u32| match &self.pairs {
            Some(pairs) => (pairs[code as usize] >> 32) as u32,
            None => self.customers[code as usize],
        };
        codes.iter().map(of).collect()
    }

    fn lines_of(&self, codes: &[u32]) -> Option<Vec<u32>> {
        let pairs = self.pairs.as_ref()?;
        Some(codes.iter().map(|&code| pairs[code as usize] as u32).collect())
    }
}

/// The days with a purchase of those who sent something back.
struct PurchaseDaysOf(Vec<(u32, i32)>);

/// The last purchase not after a day, and the first one after it.
struct Around {
    before: Option<i32>,
    after: Option<i32>,
}

impl PurchaseDaysOf {
    fn new(log: &RfmLog<'_>, members: &Members, as_of: i32, returns: Returns) -> Self {
        if !matches!(returns, Returns::NetOff | Returns::LeaveOut) {
            return Self(Vec::new());
        }
        let mut returned = vec![false; members.pairs.as_ref().map_or(members.customers.len(), Vec::len)];
        for (&code, &amount) in members.codes.iter().zip(log.amounts) {
            returned[code as usize] |= amount < 0.0;
        }
        let rows = members.codes.iter().zip(log.days).zip(log.amounts);
        let mut days: Vec<(u32, i32)> = rows
            .filter(|&((&code, &day), &amount)| returned[code as usize] && amount >= 0.0 && day <= as_of)
            .map(|((&code, &day), _)| (code, day))
            .collect();
        days.sort_unstable();
        Self(days)
    }

    fn around(&self, code: u32, day: i32) -> Around {
        let next = self.0.partition_point(|&purchase| purchase <= (code, day));
        let of_customer = |place: usize| self.0.get(place).filter(|&&(other, _)| other == code).map(|&(_, day)| day);
        Around { before: next.checked_sub(1).and_then(of_customer), after: of_customer(next) }
    }
}

fn check_owners(customers: &[u32], orders: &[u32]) -> Result<()> {
    let mut owners: Vec<(u32, usize)> = orders.iter().copied().zip(0..).collect();
    owners.sort_unstable();
    let Some(pair) =
        owners.windows(2).find(|pair| pair[0].0 == pair[1].0 && customers[pair[0].1] != customers[pair[1].1])
    else {
        return Ok(());
    };
    let (first, row) = (pair[0].1, pair[1].1);
    let found = format!("that of another customer at row {first}");
    let must_be = "all lines of an order must have one customer; mend the order's id";
    Err(Error::invalid_value_of(customers[row], "the order", row, found, must_be))
}

/// Replaces the days with a purchase by the number of orders. `orders` holds a customer's code and an order per line.
fn count_orders(mut orders: Vec<(u32, u32)>, table: &mut Rfm) {
    orders.sort_unstable();
    orders.dedup();
    let mut rest = &orders[..];
    for (customer, frequency) in table.customer.iter().zip(&mut table.frequency) {
        let own = rest.partition_point(|(other, _)| other <= customer);
        *frequency = own as f64;
        rest = &rest[own..];
    }
}
