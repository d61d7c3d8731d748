//! A log of orders read by stated rules, and its part in the sales equation.

use crate::money::MoneyColumns;
use crate::table::{Keys, Table};
use std::collections::{BTreeMap, BTreeSet};
use tierwise::value::{
    CustomersByProducts, Holdout, LaterRows, RatingRules, RfmByRules, RfmLog, RfmRules, SalesLog, SalesOfPeriod,
    SalesRules, customers_by_products, sales_of_period, sales_of_period_by_group,
};
use tierwise::{Error, Result};

/// The names of the further columns of a log from which [`Table::rfm_by_rules`] reads.
#[derive(Debug, Clone, Copy)]
pub struct RfmColumns<'a> {
    /// When somebody bought.
    pub date: &'a str,
    /// What was earned with the row, in the currency of the amount.
    pub margin: Option<&'a str>,
    /// The order to which the row belongs.
    pub order: Option<&'a str>,
    /// The product line.
    pub line: Option<&'a str>,
}

impl Table {
    /// Turns a log of orders into one row per customer, or per customer and product line, by rules: see [`RfmRules::rfm`].
    /// The keys are those of the customers and of the product lines.
    ///
    /// # Errors
    /// Those of [`Table::rfm`], [`RfmRules::rfm`], [`in_one_currency`] and [`left_out_lines`]; [`Error::InvalidParameter`] for
    /// rates without a column of currencies.
    ///
    /// [`in_one_currency`]: tierwise::value::in_one_currency
    /// [`left_out_lines`]: tierwise::value::left_out_lines
    pub fn rfm_by_rules(
        &self,
        money: &MoneyColumns<'_>,
        columns: RfmColumns<'_>,
        rules: &RfmRules,
        as_of: i32,
    ) -> Result<(Keys, Option<Keys>, RfmByRules)> {
        self.with_rfm_log(money, columns, |log| rules.rfm(log, as_of))
    }

    /// Splits a log of orders, read by rules, into what was known on a day and what came after: see [`RfmRules::holdout`]. The
    /// keys are those of the customers.
    ///
    /// # Errors
    /// Those of [`Table::rfm_by_rules`] and of [`RfmRules::holdout`].
    pub fn holdout(
        &self,
        money: &MoneyColumns<'_>,
        columns: RfmColumns<'_>,
        rules: &RfmRules,
        known_until: i32,
        end: i32,
    ) -> Result<(Keys, Holdout)> {
        let (keys, _, split) = self.with_rfm_log(money, columns, |log| rules.holdout(log, known_until, end))?;
        Ok((keys, split))
    }

    /// Works on a log read from columns; with the keys of the customers and of the product lines.
    fn with_rfm_log<R>(
        &self,
        money: &MoneyColumns<'_>,
        columns: RfmColumns<'_>,
        work: impl FnOnce(&RfmLog<'_>) -> Result<R>,
    ) -> Result<(Keys, Option<Keys>, R)> {
        let RfmColumns { date, margin, order, line } = columns;
        let (codes, keys) = self.keys(money.customer)?;
        let days = self.days(date, |row| keys.name(codes[row] as usize))?;
        let margins = margin.map(|margin| self.in_one_currency(money, margin, &codes, &keys)).transpose();
        let margins = margins.map_err(of_the_margin)?;
        let orders = order.map(|order| self.keys(order)).transpose()?;
        let lines = line.map(|line| self.groups(line)).transpose()?;
        let others: Vec<&str> = [date].into_iter().chain(margin).chain(order).chain(line).collect();
        let log = self.money(money, &others, (codes, keys))?;
        let days = log.of_lines(days);
        let margins = margins.map(|margins| log.of_lines(margins));
        let [orders, product_lines] =
            [&orders, &lines].map(|coded| coded.as_ref().map(|(codes, _)| log.of_lines(codes.into())));
        let read = RfmLog {
            margins: margins.as_deref(),
            orders: orders.as_deref(),
            lines: product_lines.as_deref(),
            ..RfmLog::new(&log.customers, &days, &log.amounts)
        };
        let found = work(&read).map_err(|error| log.place(error))?;
        Ok((log.keys, lines.map(|(_, keys)| keys), found))
    }

    /// Counts the factors of the sales equation: see [`sales_of_period`]. With a column of groups there is one result per
    /// group by name, of those in the log and those that have leads; `leads` are by group then, and else the one number in
    /// the map. An empty map stands for leads that nobody counted.
    ///
    /// # Errors
    /// Those of [`Table::rfm`] and of [`sales_of_period_by_group`]; [`Error::InvalidValue`] with the row for an unknown group;
    /// [`Error::InvalidParameter`] where leads do not name every group.
    pub fn sales_of_period(
        &self,
        money: &MoneyColumns<'_>,
        date: &str,
        group: Option<&str>,
        (first_day, last_day): (i32, i32),
        leads: &BTreeMap<String, f64>,
        rules: &SalesRules,
    ) -> Result<Vec<(String, SalesOfPeriod)>> {
        let (codes, keys) = self.keys(money.customer)?;
        let days = self.days(date, |row| keys.name(codes[row] as usize))?;
        let others: Vec<&str> = [date].into_iter().chain(group).collect();
        let log = self.money(money, &others, (codes, keys))?;
        let days = log.of_lines(days);
        let read = SalesLog { customers: &log.customers, days: &days, amounts: &log.amounts };
        let named = |error| log.place(error);
        let Some(group) = group else {
            let leads = leads.values().next().copied();
            let found = sales_of_period(&read, first_day, last_day, leads, rules).map_err(named)?;
            return Ok(vec![("all".into(), found)]);
        };
        let (codes, keys) = self.groups(group)?;
        let codes = log.of_lines(codes.into());
        let in_log: Vec<String> = (0..keys.len()).filter_map(|code| keys.name(code)).collect();
        let all: BTreeSet<&String> = in_log.iter().chain(leads.keys()).collect();
        let all: Vec<&String> = all.into_iter().collect();
        let place = |name: &String| all.partition_point(|other| *other < name) as u32;
        let places: Vec<u32> = in_log.iter().map(place).collect();
        let groups: Vec<u32> = codes.iter().map(|&code| places[code as usize]).collect();
        let leads = (!leads.is_empty()).then(|| leads_of(&all, leads)).transpose()?;
        let period = (first_day, last_day);
        let found =
            sales_of_period_by_group(&read, &groups, all.len(), period, leads.as_deref(), rules).map_err(named)?;
        Ok(all.into_iter().cloned().zip(found).collect())
    }

    /// Puts customers and products into classes by their money: see [`customers_by_products`]. The keys are those of the
    /// customers and of the products.
    ///
    /// # Errors
    /// Those of [`Table::keys`], [`Table::numbers`] and [`customers_by_products`].
    pub fn customers_by_products(
        &self,
        money: &MoneyColumns<'_>,
        product: &str,
        names: &[String],
        shares: &[f64],
    ) -> Result<(Keys, Keys, CustomersByProducts)> {
        let (products, product_keys) = self.keys(product)?;
        let log = self.money(money, &[product], self.keys(money.customer)?)?;
        let found = customers_by_products(&log.customers, &log.of_lines(products.into()), &log.amounts, names, shares);
        let found = found.map_err(|error| log.place(error))?;
        Ok((log.keys, product_keys, found))
    }

    /// The order amount of each customer of a table, from this log of orders: see [`RatingRules::order_amounts`].
    ///
    /// # Errors
    /// Those of [`Table::keys_among`], [`Table::days`], [`in_one_currency`], [`left_out_lines`],
    /// [`RatingRules::order_amounts`], [`RatingRules::check_currency`] and [`RatingRules::check_rates`].
    ///
    /// [`in_one_currency`]: tierwise::value::in_one_currency
    /// [`left_out_lines`]: tierwise::value::left_out_lines
    pub fn order_amounts(
        &self,
        rules: &RatingRules,
        money: &MoneyColumns<'_>,
        date: &str,
        customers: &Self,
        as_of: i32,
        later: LaterRows,
    ) -> Result<Vec<f64>> {
        let (codes, keys, count) = self.keys_among(money.customer, customers)?;
        money.rates.map_or(Ok(()), |rates| rules.check_rates(rates))?;
        let days = self.days(date, |row| keys.name(codes[row] as usize))?;
        let log = self.money(money, &[date], (codes, keys))?;
        if let (Some(currency), None) = (money.currency, money.rates) {
            self.check_currency(rules, currency, money.customer, &self.numbers(money.amount)?)?;
        }
        let sums = rules.order_amounts(&log.customers, &log.of_lines(days), &log.amounts, count, as_of, later);
        sums.map_err(|error| log.place(error))
    }
}

impl Table {
    /// Checks that amounts, one per row of this table, are in the currency of the rules: see [`RatingRules::check_currency`].
    ///
    /// # Errors
    /// Those of [`Table::labels`], [`Table::keys`] and [`RatingRules::check_currency`].
    pub fn check_currency(&self, rules: &RatingRules, currency: &str, customer: &str, amounts: &[f64]) -> Result<()> {
        let (codes, keys) = self.keys(customer)?;
        let mut names = Vec::new();
        let labels = self.labels(currency)?.into_iter().map(|label| label.filter(|label| !label.trim().is_empty()));
        let mut place = |label: String| {
            let place = names.iter().position(|name| *name == label);
            place.unwrap_or_else(|| {
                names.push(label);
                names.len() - 1
            }) as u32
        };
        let currencies: Vec<Option<u32>> = labels.map(|label| label.map(&mut place)).collect();
        rules.check_currency(amounts, &currencies, &names, |row| keys.name(codes[row] as usize).unwrap_or_default())
    }
}

/// What is wrong with a column of money, of that of margins.
fn of_the_margin(error: Error) -> Error {
    match error {
        Error::InvalidValue { what, row, key, found, must_be } if what == "the amount" => {
            let must_be = must_be.replace("amounts", "margins");
            Error::InvalidValue { what: "the margin".into(), row, key, found, must_be }
        }
        other => other,
    }
}

fn leads_of(groups: &[&String], leads: &BTreeMap<String, f64>) -> Result<Vec<f64>> {
    let of = |group: &&String| {
        leads.get(*group).copied().ok_or_else(|| Error::InvalidParameter {
            of: "sales_of_period",
            name: "leads",
            must_be: "given for every group in the log".into(),
            got: format!("none for `{group}`"),
        })
    };
    groups.iter().map(of).collect()
}
