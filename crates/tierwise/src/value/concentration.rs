//! How much hangs on few customers or products, with intervals.

use super::concentration_draws::{Estimate, Figures, Tail, smoothed};
use super::pareto::{gini, share_curve_of};
use crate::evaluate::{Bootstrap, BootstrapInterval};
use crate::special::quantile::quantile;
use crate::{Error, Result};

/// How much of the money hangs on few: three figures with intervals.
#[derive(Debug, Clone, PartialEq)]
pub struct Concentration {
    /// Customers (or products).
    pub customers: usize,
    /// The money they make.
    pub total: f64,
    /// The share of the customers at the top that was asked for.
    pub top: f64,
    /// The share of the money from that share of the customers, best first; above 1 where losses follow.
    pub top_share: BootstrapInterval,
    /// The coefficient of [`gini`]; `None` where somebody makes a loss, for which it is not defined.
    pub gini: Option<BootstrapInterval>,
    /// The Herfindahl-Hirschman index, the sum of the squared shares of the money: 1 when one makes it all, 1/n when all
    /// make the same. `None` as for the coefficient.
    pub herfindahl: Option<BootstrapInterval>,
    /// One over the index: as concentrated as so many customers who all make the same.
    pub effective_customers: Option<f64>,
    /// Sentences on what makes the intervals hold less often than they say: few customers, or a heavy tail.
    pub findings: Vec<String>,
}

/// Measures how concentrated money is, with intervals: what the figures are among all the customers of whom these are a
/// draw.
///
/// `values` holds one amount per customer. The share from the top is [`ShareCurve::at`](super::ShareCurve::at), straight
/// between customers. The three values are plain facts about the customers at hand; the intervals are about the
/// population behind them, that of the index about as many customers as there are here: `n` times the index is
/// E\[x²\]/E\[x\]² whatever `n`. Who takes the customers at hand for all there are needs no interval.
///
/// **The method** is a studentised bootstrap (bootstrap-*t*; Efron and Tibshirani 1993, section 12.5): each draw gives the
/// distance of its figure from that of what was drawn from, in standard errors by linearisation (for the Gini coefficient
/// Davidson 2009, with its correction `n/(n − 1)`), the index as a logarithm. Plain draws never hold a
/// customer larger than the largest, on whom these figures hang; so the upper half of the amounts above 0 is drawn from
/// the lognormal curve through them (least squares on normal scores), the others as they are. A tail that is drawn from a
/// curve is that of Davidson and Flachaire 2007 and Cowell and Flachaire 2015, who take Pareto's; the lognormal is "inferred",
/// from simulations: its square has a mean whatever its slope. How often the intervals hold the truth is in the documentation
/// (`docs/value/sales.md`); where amounts follow a power law, that of the index holds it in three cases of four, and no
/// finding says so.
///
/// `standard_error` is that of the linearisation, and `replicates` hold the figure of each draw.
///
/// # Errors
/// [`Error::InvalidParameter`] when `top` is not in (0, 1], the total is not above 0, or the bootstrap's settings are out of
/// range; [`Error::EmptyTable`]; [`Error::InvalidValue`] with the row for an amount that is not finite or beyond 1e100;
/// [`Error::NotEnoughData`] for one customer, and where a draw of the customers hardly ever makes a total above 0.
///
/// ```
/// use tierwise::{evaluate::Bootstrap, value::concentration};
/// let found = concentration(&[10.0, 500.0, 40.0, 300.0, 150.0], 0.2, &Bootstrap::new(1).replicates(200))?;
/// assert_eq!(found.top_share.value, 0.5);
/// let herfindahl = found.herfindahl.unwrap();
/// assert!((herfindahl.value - 0.3642).abs() < 1e-12 && herfindahl.low < herfindahl.value);
/// assert!(found.findings[0].starts_with("5 customers are few"));
/// # Ok::<(), tierwise::Error>(())
/// ```
pub fn concentration(values: &[f64], top: f64, bootstrap: &Bootstrap) -> Result<Concentration> {
    check_top(top)?;
    let curve = share_curve_of("concentration", values)?;
    check_values(values)?;
    bootstrap.check()?;
    let with_losses = values.iter().any(|&value| value < 0.0);
    let draws = Draws::of(values, top, bootstrap)?;
    let top_share = draws.interval(|of| of.top_share, curve.at(top)?, [top, if with_losses { f64::MAX } else { 1.0 }]);
    let mut found = Concentration {
        customers: values.len(),
        total: curve.total(),
        top,
        top_share,
        gini: None,
        herfindahl: None,
        effective_customers: None,
        findings: findings(values.len(), draws.carriers, with_losses),
    };
    if !with_losses {
        let customers = values.len() as f64;
        let unevenness = draws.here.ln_mean_square.value;
        let index = |ln_mean_square: f64| (libm::exp(ln_mean_square) / customers).clamp(1.0 / customers, 1.0);
        let of_square = draws.interval(|of| of.ln_mean_square, unevenness, [0.0, f64::MAX]);
        found.gini = Some(draws.interval(|of| of.gini, gini(values)?, [0.0, 1.0]));
        found.effective_customers = Some(1.0 / index(unevenness));
        found.herfindahl = Some(BootstrapInterval {
            value: index(unevenness),
            low: index(of_square.low),
            high: index(of_square.high),
            standard_error: of_square.standard_error * index(unevenness),
            replicates: of_square.replicates.into_iter().map(index).collect(),
            ..of_square
        });
    }
    Ok(found)
}

/// The figures of the customers at hand, of what was drawn from, and of each draw.
struct Draws<'a> {
    bootstrap: &'a Bootstrap,
    here: Figures,
    source: Figures,
    drawn: Vec<Figures>,
    /// How many customers there are, on average, of those who carry half of the sum of squares.
    carriers: Option<f64>,
}

impl<'a> Draws<'a> {
    fn of(values: &[f64], top: f64, bootstrap: &'a Bootstrap) -> Result<Self> {
        let mut falling = values.to_vec();
        falling.sort_unstable_by(|a, b| b.total_cmp(a));
        // Shares do not depend on the unit; in this one no square overflows.
        let unit = falling.iter().fold(0.0, |most: f64, value| most.max(value.abs()));
        for value in &mut falling {
            *value /= unit;
        }
        let figures = |amounts: &[f64], counts: &[f64]| Figures::of(amounts, |row| counts[row], top);
        let here = figures(&falling, &vec![1.0; falling.len()]).of_a_draw();
        if here.is_certain() {
            return Ok(Self { bootstrap, source: here, here, drawn: Vec::new(), carriers: None });
        }
        let tail = Tail::through(&falling);
        let (amounts, weights) = smoothed(&falling, tail.as_ref());
        let of_draw = |counts: &[u32]| {
            let drawn = Figures::of(&amounts, |row| f64::from(counts[row]), top).of_a_draw();
            drawn.tells_as_much_as(&here).then_some(drawn)
        };
        let drawn = bootstrap.draws_of(&weights, &of_draw)?;
        let carriers = tail.map(|tail| tail.carriers_of_squares(falling.len()));
        Ok(Self { bootstrap, here, source: figures(&amounts, &weights), drawn, carriers })
    }

    /// The interval of a figure around what it is here, within its range.
    fn interval(
        &self,
        figure: impl Fn(&Figures) -> Estimate,
        value: f64,
        [least, most]: [f64; 2],
    ) -> BootstrapInterval {
        let (here, source) = (figure(&self.here), figure(&self.source));
        let ends = if here.is_certain() {
            [value; 2]
        } else {
            let distance = |of: &Figures| (figure(of).value - source.value) / figure(of).standard_error;
            let mut distances: Vec<f64> = self.drawn.iter().map(distance).collect();
            distances.sort_unstable_by(f64::total_cmp);
            let tail = self.bootstrap.tail();
            [1.0 - tail, tail]
                .map(|share| (here.value - quantile(&distances, share) * here.standard_error).clamp(least, most))
        };
        BootstrapInterval {
            value,
            low: ends[0],
            high: ends[1],
            standard_error: here.standard_error,
            confidence: self.bootstrap.level(),
            replicates: self.drawn.iter().map(|of| figure(of).value).collect(),
        }
    }
}

fn findings(customers: usize, carriers: Option<f64>, with_losses: bool) -> Vec<String> {
    // Where the simulations of the documentation hold the truth in less than 90 of 100 cases.
    const FEW: usize = 50;
    let mut findings = Vec::new();
    if customers < FEW {
        let index = if with_losses { "" } else { ", and that of the index of Herfindahl in seven or eight" };
        findings.push(format!(
            "{customers} customers are few: on heavy tails an interval that says 95 % holds the truth in about nine cases of \
             ten{index}"
        ));
    }
    if let Some(carriers) = carriers.filter(|&carriers| !with_losses && carriers < 1.0) {
        findings.push(format!(
            "the tail is heavy: on the lognormal curve through the upper half, half of the sum of squares comes from customers \
             so large that {customers} customers hold {carriers:.2} of them on average; the interval of the index of Herfindahl \
             rests on that curve, and is as good as the curve is so far out"
        ));
    }
    findings
}

fn check_top(top: f64) -> Result<()> {
    if top > 0.0 && top <= 1.0 {
        return Ok(());
    }
    Err(Error::InvalidParameter {
        of: "concentration",
        name: "top",
        must_be: "a share in (0, 1]; divide per cent by 100".into(),
        got: top.to_string(),
    })
}

fn check_values(values: &[f64]) -> Result<()> {
    const MOST: f64 = 1e100;
    if let Some(row) = values.iter().position(|value| value.abs() > MOST) {
        let must_be = format!("it must be a number in [-{MOST:e}, {MOST:e}]; mend it or leave the row out");
        return Err(Error::invalid_value("the amount", row, values[row], &must_be));
    }
    if values.len() < 2 {
        let what = "an interval of concentration, customers (or products)".into();
        return Err(Error::NotEnoughData { what, needed: 2, found: values.len() });
    }
    Ok(())
}
