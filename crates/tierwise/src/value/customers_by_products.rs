//! Customers and products in one view: which classes of customers make their money with which classes of products.

use super::rfm::check_amounts;
use super::{Tiered, Tiers, encode_integers};
use crate::{Error, Result};

/// Customers and products by class, and the money where they meet.
#[derive(Debug, Clone, PartialEq)]
pub struct CustomersByProducts {
    /// The customers in ascending order of their codes, with their classes.
    pub customers: AbcClasses,
    /// The products, likewise.
    pub products: AbcClasses,
    /// The money by class of customer (rows) and class of product (columns), in the order of the names as passed.
    pub money: Vec<Vec<f64>>,
    /// What the best class of customers buys, most of their money first.
    pub products_of_the_best: Vec<ProductOfTheBest>,
}

/// Customers or products by class.
#[derive(Debug, Clone, PartialEq)]
pub struct AbcClasses {
    /// Their codes, ascending.
    pub codes: Vec<u32>,
    /// The money of each.
    pub money: Vec<f64>,
    /// The class of each, and the thresholds for others.
    pub classes: Tiered,
}

/// What a product is to the best class of customers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ProductOfTheBest {
    /// The code of the product.
    pub product: u32,
    /// The money that the best customers make with it.
    pub money: f64,
    /// That as a share of all their money.
    pub share_of_the_best: f64,
    /// The product's share of the money of all customers; where the share of the best is larger, they are drawn to it.
    pub share_of_all: f64,
    /// How many of the best customers bought it.
    pub customers: usize,
}

/// Puts customers and products into ABC classes by their money ([`Tiers::by_share_of_money`], with the same names and
/// shares for both), and shows where the classes meet.
///
/// One element of each slice per row of the log; customers and products are codes. Returns and losses (amounts below 0)
/// are taken off; all amounts are in one currency: see [`in_one_currency`](super::in_one_currency).
///
/// # Errors
/// [`Error::EmptyTable`]; [`Error::WrongLength`]; [`Error::InvalidValue`] with row and customer for an amount that is not
/// finite; those of [`Tiers::by_share_of_money`].
///
/// ```
/// use tierwise::value::customers_by_products;
/// let (customers, products) = ([0, 0, 1, 2], [7, 8, 7, 9]);
/// let view = customers_by_products(&customers, &products, &[60.0, 30.0, 8.0, 2.0], &["A", "B"], &[0.8, 0.2])?;
/// assert_eq!(view.customers.classes.assigned, [Some(0), Some(1), Some(1)]);
/// assert_eq!(view.products.classes.assigned, [Some(0), Some(0), Some(1)]); // 7 makes 68, 8 makes 30
/// assert_eq!(view.money, [[90.0, 0.0], [8.0, 2.0]]);
/// assert_eq!(view.products_of_the_best[0].product, 7);
/// # Ok::<(), tierwise::Error>(())
/// ```
pub fn customers_by_products(
    customers: &[u32],
    products: &[u32],
    amounts: &[f64],
    names: &[impl AsRef<str>],
    shares: &[f64],
) -> Result<CustomersByProducts> {
    if customers.is_empty() && products.is_empty() && amounts.is_empty() {
        return Err(Error::EmptyTable { what: "the log of purchases".into() });
    }
    for (what, found) in [("the column of products", products.len()), ("the column of amounts", amounts.len())] {
        if found != customers.len() {
            return Err(Error::WrongLength { what: what.into(), expected: customers.len(), found });
        }
    }
    check_amounts(amounts, |row| customers[row].to_string())?;
    let (customer_places, customers) = classed("money of the customer", customers, amounts, names, shares)?;
    let (product_places, products) = classed("money of the product", products, amounts, names, shares)?;
    let class = |classed: &AbcClasses, place: u32| classed.classes.assigned[place as usize].unwrap_or_default();
    let mut money = vec![vec![0.0; names.len()]; names.len()];
    let mut of_the_best = vec![0.0; products.codes.len()];
    let mut buyers = Vec::new();
    for ((&customer, &product), &amount) in customer_places.iter().zip(&product_places).zip(amounts) {
        let of_customer = class(&customers, customer);
        money[of_customer][class(&products, product)] += amount;
        if of_customer == 0 {
            of_the_best[product as usize] += amount;
            buyers.push((product, customer));
        }
    }
    buyers.sort_unstable();
    buyers.dedup();
    let best: f64 = of_the_best.iter().sum();
    let all: f64 = products.money.iter().sum();
    let mut bought: Vec<ProductOfTheBest> = buyers
        .chunk_by(|one, other| one.0 == other.0)
        .map(|buyers| {
            let place = buyers[0].0 as usize;
            ProductOfTheBest {
                product: products.codes[place],
                money: of_the_best[place],
                share_of_the_best: of_the_best[place] / best,
                share_of_all: products.money[place] / all,
                customers: buyers.len(),
            }
        })
        .collect();
    bought.sort_by(|one, other| other.money.total_cmp(&one.money));
    Ok(CustomersByProducts { customers, products, money, products_of_the_best: bought })
}

/// The position of each row's code, and the codes with their money and classes.
fn classed(
    feature: &str,
    codes: &[u32],
    amounts: &[f64],
    names: &[impl AsRef<str>],
    shares: &[f64],
) -> Result<(Vec<u32>, AbcClasses)> {
    let (places, keys) = encode_integers(&codes.iter().map(|&code| i64::from(code)).collect::<Vec<_>>());
    let mut money = vec![0.0; keys.len()];
    places.iter().zip(amounts).for_each(|(&place, amount)| money[place as usize] += amount);
    let classes = Tiers::by_share_of_money(feature, &money, names, shares)
        .map_err(|error| of_the_log(error, feature, &places, codes))?;
    let codes = keys.into_iter().map(|key| key as u32).collect();
    Ok((places, AbcClasses { codes, money, classes }))
}

/// An error about the sums of customers or products as one about the log.
fn of_the_log(error: Error, feature: &str, places: &[u32], codes: &[u32]) -> Error {
    match error {
        Error::InvalidParameter { name: "values", must_be, got, .. } => {
            Error::InvalidParameter { of: "customers_by_products", name: "amounts", must_be, got }
        }
        Error::InvalidValue { row: place, found, .. } => {
            let row = places.iter().position(|&other| other as usize == place).unwrap_or_default();
            let what = format!("the {feature} `{}`, first seen", codes[row]);
            let must_be = "sums must be finite numbers; the amounts are too large, so mend them or change their unit";
            Error::InvalidValue { what, row, key: None, found, must_be: must_be.into() }
        }
        other => other,
    }
}
