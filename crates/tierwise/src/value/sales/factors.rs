//! The six factors of the sales of a period.

use crate::{Error, Result};

/// The six factors of the sales of a period: `new customers × conversion × purchase + existing customers × retention ×
/// repurchase`.
///
/// A factor may be unknown (NaN) where those before it in its product are 0: where nobody was won, nobody knows what they
/// would have bought, and the product is 0.
///
/// ```
/// use tierwise::value::SalesFactors;
/// let year = SalesFactors {
///     new_customers: 1000.0, conversion: 0.1, purchase: 50.0,
///     existing_customers: 400.0, retention: 0.6, repurchase: 120.0,
/// };
/// assert_eq!(year.sales()?, 33_800.0);
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SalesFactors {
    /// People who could become customers: leads, visitors, prospects. 0 or more.
    pub new_customers: f64,
    /// The share of them who bought, in [0, 1].
    pub conversion: f64,
    /// Money per new customer who bought.
    pub purchase: f64,
    /// Customers who had bought before the period. 0 or more.
    pub existing_customers: f64,
    /// The share of them who bought again in the period, in [0, 1].
    pub retention: f64,
    /// Money per existing customer who bought again.
    pub repurchase: f64,
}

impl SalesFactors {
    /// The names of the factors, in the order of [`values`](Self::values).
    pub const NAMES: [&'static str; 6] =
        ["new_customers", "conversion", "purchase", "existing_customers", "retention", "repurchase"];

    /// The factors in the order of the equation.
    pub fn values(&self) -> [f64; 6] {
        [self.new_customers, self.conversion, self.purchase, self.existing_customers, self.retention, self.repurchase]
    }

    /// Factors in the order of the equation.
    pub fn from_values(values: [f64; 6]) -> Self {
        let [new_customers, conversion, purchase, existing_customers, retention, repurchase] = values;
        Self { new_customers, conversion, purchase, existing_customers, retention, repurchase }
    }

    /// The sales that they make.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for a number of people that is negative, a rate outside [0, 1], a factor that is infinite
    /// or unknown where the ones before it are not 0, and for a product that is not finite.
    pub fn sales(&self) -> Result<f64> {
        self.terms().map(|[new, existing]| new + existing)
    }

    /// The sales to new and to existing customers.
    pub(super) fn terms(&self) -> Result<[f64; 2]> {
        let values = self.values();
        let mut product = 1.0;
        for (index, (name, value)) in Self::NAMES.into_iter().zip(values).enumerate() {
            if index == 3 {
                product = 1.0;
            }
            let refuse = |must_be: &str| Err(parameter(name, must_be, value));
            if value.is_nan() {
                if product != 0.0 {
                    return refuse("known, unless the factors before it make 0");
                }
                continue;
            }
            match index % 3 {
                0 if !(value >= 0.0 && value.is_finite()) => return refuse("a finite number of 0 or more"),
                1 if !(0.0..=1.0).contains(&value) => return refuse(crate::error::SHARE),
                _ if !value.is_finite() => return refuse("a finite number"),
                _ => {}
            }
            product = if product == 0.0 { 0.0 } else { product * value };
        }
        let terms = [product_of(&values[..3]), product_of(&values[3..])];
        if terms.iter().sum::<f64>().is_finite() {
            return Ok(terms);
        }
        let (name, value) =
            if terms[0].is_finite() { ("repurchase", self.repurchase) } else { ("purchase", self.purchase) };
        Err(parameter(name, "so small that all sales are a finite number", value))
    }
}

/// A product in which nothing counts after a 0.
pub(super) fn product_of(values: &[f64]) -> f64 {
    values.iter().fold(1.0, |product, value| if product == 0.0 { 0.0 } else { product * value })
}

pub(super) fn parameter(name: &'static str, must_be: &str, got: f64) -> Error {
    let got = if got.is_nan() { "unknown".into() } else { got.to_string() };
    Error::InvalidParameter { of: "SalesFactors", name, must_be: must_be.into(), got }
}
