//! The settings of a calibration, and the way from scores and outcomes to it.

use super::beta::{self, BetaShape};
use super::few_coefficients::Maximum;
use super::map::{Calibration, CalibrationMap};
use super::ties::{Tie, log_likelihood, pool, totals};
use super::{isotonic, platt, strict_isotonic, venn_abers};
use crate::learn::log_odds;
use crate::{FitReport, Outcome, Result};
use serde::{Deserialize, Serialize};

/// How scores become probabilities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CalibrationMethod {
    /// A straight line in log-odds, with Platt's targets in the form of Lin, Lin & Weng (2007). For few rows. The default.
    #[default]
    Platt,
    /// Beta calibration (Kull, Silva Filho & Flach 2017): a curve in log-odds that can be a straight line.
    Beta(BetaShape),
    /// The likeliest probabilities that never fall (pool adjacent violators). For a thousand rows and more. Scores of one
    /// block tie, and the outermost blocks may be certain: probability 0 or 1, log-odds infinite.
    Isotonic,
    /// Isotonic with its blocks joined at their centres: keeps the ranking, and nobody is certain.
    StrictIsotonic,
    /// Two isotonic fits per customer (Vovk, Petej & Fedorova 2015): an interval, and a probability that is never certain.
    VennAbers,
}

/// What the scores are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScoreScale {
    /// Any numbers, higher for likelier; beta calibration takes them as log-odds. The default.
    #[default]
    Score,
    /// Probabilities, from 0 to 1.
    Probability,
}

/// Learns the map from scores to probabilities. It never falls: a higher score never gets a lower probability.
///
/// Learn it on rows that the model was **not** fitted on (held out, or scored out of fold): on its own rows a model
/// looks surer than it is, and the calibration would make that permanent.
///
/// ```
/// use tierwise::Outcome;
/// use tierwise::learn::{CalibrationMethod, Calibrator};
/// let scores = [-2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0];
/// let won = Outcome::binary("won", &[false, false, true, false, false, true, false, true, true]);
/// let platt = Calibrator::new(CalibrationMethod::Platt).fit(&scores, &won)?;
/// let probabilities = platt.probabilities(&scores)?;
/// assert!(probabilities.is_sorted() && probabilities[0] > 0.05 && probabilities[8] < 0.95);
///
/// let venn_abers = Calibrator::new(CalibrationMethod::VennAbers).fit(&scores, &won)?;
/// let (low, high) = venn_abers.interval(0.7).expect("an interval");
/// assert!(low < venn_abers.probability(0.7) && venn_abers.probability(0.7) < high);
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Calibrator {
    method: CalibrationMethod,
    scale: ScoreScale,
}

impl Calibrator {
    /// A calibrator of scores (log-odds, points, any numbers).
    pub fn new(method: CalibrationMethod) -> Self {
        Self { method, scale: ScoreScale::Score }
    }

    /// What the scores are; [`ScoreScale::Score`] unless set.
    #[must_use]
    pub fn scale(mut self, scale: ScoreScale) -> Self {
        self.scale = scale;
        self
    }

    /// Learns from one score per row of the outcome. Weights count as repeated rows.
    ///
    /// # Errors
    /// [`Error::WrongLength`](crate::Error::WrongLength), [`Error::EmptyTable`](crate::Error::EmptyTable),
    /// [`Error::OneClass`](crate::Error::OneClass); [`Error::NotFinite`](crate::Error::NotFinite) and
    /// [`Error::InvalidValue`](crate::Error::InvalidValue) with the row of a score that is unknown, beyond 1e100, or no
    /// probability where the scale says so, and of the heaviest weight where all weigh less than 1e-15 or more than
    /// 1e15 together; [`Error::InvalidParameter`](crate::Error::InvalidParameter) for an outcome
    /// with offsets; [`Error::NoVariation`](crate::Error::NoVariation) when all scores are equal. Beta calibration, which
    /// has no targets to hold it, also [`Error::Separation`](crate::Error::Separation) and, with fewer than three
    /// distinct scores, [`Error::NotEnoughData`](crate::Error::NotEnoughData).
    pub fn fit(&self, scores: &[f64], outcome: &Outcome<'_>) -> Result<Calibration> {
        let ties = pool(scores, outcome, self.scale)?;
        let (map, maximum, mut findings) = self.map(scores, &ties)?;
        let calibration = Calibration::new(outcome.positive().to_owned(), self.scale, map, None)?;
        let log_likelihood = log_likelihood(&ties, |score| calibration.log_odds(score));
        if calibration.is_flat() {
            findings.push(FLAT.into());
        }
        let (yes, no) = totals(&ties);
        let report = FitReport {
            rows: scores.len(),
            positives: outcome.values().iter().filter(|value| **value == 1.0).count(),
            total_weight: yes + no,
            converged: true,
            iterations: maximum.as_ref().map_or(1, |maximum| maximum.iterations),
            objective: maximum.as_ref().map_or(-log_likelihood, |maximum| maximum.objective),
            log_likelihood,
            null_log_likelihood: super::ties::log_likelihood(&ties, |_| log_odds(yes / (yes + no))),
            gradient: maximum.map_or(0.0, |maximum| maximum.gradient),
            findings,
        };
        Ok(calibration.with_report(report))
    }

    fn map(self, scores: &[f64], ties: &[Tie]) -> Result<(CalibrationMap, Option<Maximum>, Vec<String>)> {
        Ok(match self.method {
            CalibrationMethod::Platt => {
                let (slope, offset, maximum) = platt::fit(ties)?;
                (CalibrationMap::Platt { slope, offset }, Some(maximum), vec![])
            }
            CalibrationMethod::Beta(shape) => {
                beta::check(scores, self.scale)?;
                let fit = beta::fit(ties, self.scale, shape)?;
                let dropped = fit.dropped.iter().map(|name| {
                    format!("no value of `{name}` above 0 fits better than 0, so it is 0 and the map never falls")
                });
                let map = CalibrationMap::Beta { a: fit.a, b: fit.b, c: fit.c };
                (map, Some(fit.maximum), dropped.collect())
            }
            CalibrationMethod::Isotonic => {
                (CalibrationMap::Isotonic { blocks: isotonic::fit(ties) }, None, too_few(ties))
            }
            CalibrationMethod::StrictIsotonic => {
                (CalibrationMap::StrictIsotonic { knots: strict_isotonic::fit(ties) }, None, too_few(ties))
            }
            CalibrationMethod::VennAbers => {
                // Its two fits are of one customer more, and so hardly ever flat to the last bit.
                let flat = isotonic::pool_adjacent_violators(ties).len() == 1;
                let findings = if flat { vec![FLAT_BUT_ONE.into()] } else { vec![] };
                (CalibrationMap::VennAbers { blocks: venn_abers::fit(ties) }, None, findings)
            }
        })
    }
}

const FLAT: &str = "every score gets the same probability: the scores say nothing about the outcome, or run against it";

const FLAT_BUT_ONE: &str = "every score gets nearly the same probability: the scores say nothing about the outcome, or run \
                            against it";

/// Below about so many rows isotonic calibration does worse than Platt's (Niculescu-Mizil & Caruana 2005, *Predicting
/// good probabilities with supervised learning*, ICML, section 5).
/// A row of weight 3 is three.
fn too_few(ties: &[Tie]) -> Vec<String> {
    const ENOUGH: f64 = 1000.0;
    let (yes, no) = totals(ties);
    let rows = yes + no;
    if rows >= ENOUGH {
        return vec![];
    }
    vec![format!(
        "isotonic calibration follows chance where rows are few: here are {rows}, and {ENOUGH} are advised; compare `platt`"
    )]
}
