//! A log of orders read by stated rules, and its part in the sales equation.

use crate::log::with_key;
use crate::table::{Keys, Table};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use tierwise::value::{
    CustomersByProducts, RfmByRules, RfmLog, RfmRules, SalesLog, SalesOfPeriod, SalesRules, customers_by_products,
    in_one_currency, sales_of_period, sales_of_period_by_group,
};
use tierwise::{Error, Result};

/// The names of the columns of a log.
#[derive(Debug, Clone, Copy)]
pub struct LogColumns<'a> {
    /// Who bought.
    pub customer: &'a str,
    /// When.
    pub date: &'a str,
    /// For how much.
    pub amount: &'a str,
    /// What was earned with the row.
    pub margin: Option<&'a str>,
    /// The order to which the row belongs.
    pub order: Option<&'a str>,
    /// The product line.
    pub line: Option<&'a str>,
    /// The currency of the amount, and of the margin.
    pub currency: Option<&'a str>,
}

/// The columns that every log has.
struct Log<'a> {
    keys: Keys,
    customers: Vec<u32>,
    days: Cow<'a, [i32]>,
    amounts: Cow<'a, [f64]>,
}

impl Table {
    /// Turns a log of orders into one row per customer, or per customer and product line, by rules: see [`RfmRules::rfm`].
    /// With a column of currencies the log must have one, or `rates`: see [`in_one_currency`]. The keys are those of the
    /// customers and of the product lines.
    ///
    /// # Errors
    /// Those of [`Table::rfm`], [`RfmRules::rfm`] and [`in_one_currency`]; [`Error::InvalidParameter`] for rates without a
    /// column of currencies.
    pub fn rfm_by_rules(
        &self,
        columns: LogColumns<'_>,
        rates: Option<&BTreeMap<String, f64>>,
        rules: &RfmRules,
        as_of: i32,
    ) -> Result<(Keys, Option<Keys>, RfmByRules)> {
        let log = self.log(columns.customer, columns.date, columns.amount)?;
        let amounts = self.in_one_currency(&log, log.amounts.as_ref(), columns.currency, rates)?;
        let margins = match columns.margin {
            Some(margin) => {
                Some(self.in_one_currency(&log, self.numbers(margin)?.as_ref(), columns.currency, rates)?.into_owned())
            }
            None => None,
        };
        let codes = |column: Option<&str>| column.map(|column| self.keys(column)).transpose();
        let (orders, lines) = (codes(columns.order)?, codes(columns.line)?);
        let read = RfmLog {
            margins: margins.as_deref(),
            orders: orders.as_ref().map(|(codes, _)| codes.as_slice()),
            lines: lines.as_ref().map(|(codes, _)| codes.as_slice()),
            ..RfmLog::new(&log.customers, &log.days, &amounts)
        };
        let found = rules.rfm(&read, as_of).map_err(|error| with_key(error, &log.keys))?;
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
        [customer, date, amount]: [&str; 3],
        group: Option<&str>,
        (first_day, last_day): (i32, i32),
        leads: &BTreeMap<String, f64>,
        rules: &SalesRules,
    ) -> Result<Vec<(String, SalesOfPeriod)>> {
        let log = self.log(customer, date, amount)?;
        let read = SalesLog { customers: &log.customers, days: &log.days, amounts: &log.amounts };
        let named = |error| with_key(error, &log.keys);
        let Some(group) = group else {
            let leads = leads.values().next().copied();
            let found = sales_of_period(&read, first_day, last_day, leads, rules).map_err(named)?;
            return Ok(vec![("all".into(), found)]);
        };
        let (codes, keys) = self.keys(group)?;
        let in_log: Vec<String> = (0..keys.len()).filter_map(|code| keys.name(code)).collect();
        let all: BTreeSet<&String> = in_log.iter().chain(leads.keys()).collect();
        let all: Vec<&String> = all.into_iter().collect();
        let place = |name: &String| all.partition_point(|other| *other < name) as u32;
        let places: Vec<u32> = in_log.iter().map(place).collect();
        let groups: Vec<u32> = codes.into_iter().map(|code| places[code as usize]).collect();
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
        [customer, product, amount]: [&str; 3],
        names: &[String],
        shares: &[f64],
    ) -> Result<(Keys, Keys, CustomersByProducts)> {
        let ((customers, keys), (products, product_keys)) = (self.keys(customer)?, self.keys(product)?);
        let found = customers_by_products(&customers, &products, &self.numbers(amount)?, names, shares);
        let found = found.map_err(|error| with_key(error, &keys))?;
        Ok((keys, product_keys, found))
    }

    fn log(&self, customer: &str, date: &str, amount: &str) -> Result<Log<'_>> {
        let (customers, keys) = self.keys(customer)?;
        let days = self.days(date, |row| keys.name(customers[row] as usize))?;
        let amounts = self.numbers(amount)?;
        Ok(Log { keys, customers, days, amounts })
    }

    fn in_one_currency<'a>(
        &self,
        log: &Log<'_>,
        amounts: &'a [f64],
        currency: Option<&str>,
        rates: Option<&BTreeMap<String, f64>>,
    ) -> Result<Cow<'a, [f64]>> {
        let Some(currency) = currency else {
            if rates.is_none() {
                return Ok(amounts.into());
            }
            return Err(Error::InvalidParameter {
                of: "rfm",
                name: "rates",
                must_be: "left out where no column of currencies is named".into(),
                got: "rates".into(),
            });
        };
        let (codes, names) = self.label_codes(currency)?;
        let converted = in_one_currency(&codes, &names, amounts, rates, |row| log.customers[row].to_string());
        Ok(converted.map_err(|error| with_key(error, &log.keys))?.into())
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
