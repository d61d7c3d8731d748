//! The learner of scorecards on weights of evidence: its settings, and the way from a table to a card.

use super::encoding::{Encoding, GivenBins};
use super::fate::{Dropped, FeatureFate};
use super::model::{StoredEvidence, WeightOfEvidenceModel};
use super::selection::{Elimination, Selection};
use crate::learn::{BinCounts, Binner, Binning, Coefficient, Logistic, LogisticModel, Target};
use crate::{Columns, Error, Fit, FitReport, Fitted, Outcome, Progress, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// Learns a scorecard: bins every feature, drops features by stated rules, and fits a logistic model to what the bins
/// say.
///
/// The log-odds are `intercept + Σ coefficient · weight of evidence` (Siddiqi 2006, *Credit Risk Scorecards*, chapter 6),
/// or with [`Encoding::Indicators`] a sum of one coefficient per bin. What comes out is a card: each bin of each feature
/// earns points.
///
/// # Features
/// Numbers, yes-nos and categories alike; unknown is a bin of its own, unless the feature refuses it. Where no unknown was
/// there to learn from it earns 0, the points of a customer about whom the feature says nothing. The model knows only the
/// features that stayed.
///
/// # Standard errors
/// They take the bins as given, but the bins have been looked for in the same rows: errors are too small and p-values too
/// good, most of all those of weak features. Judge the model on rows that it has not seen.
///
/// # Progress
/// Steps are those of all fits together; the objective is that of the fit at hand, and starts anew when a feature is
/// dropped.
///
/// ```
/// use tierwise::{Columns, Feature, Fit, Outcome, Score, learn::WeightOfEvidence};
/// let features = [Feature::number("visits"), Feature::category("country", ["DE", "FR"]), Feature::number("row")];
/// let visits: Vec<f64> = (0..400).map(|row| f64::from(row % 10)).collect();
/// let country: Vec<f64> = (0..400).map(|row| f64::from(row / 7 % 2)).collect();
/// let ones = vec![1.0; 400];
/// let won: Vec<bool> = (0..400).map(|row| row % 10 + row / 7 % 2 * 3 > 2 + row * 37 % 11).collect();
/// let columns = Columns::in_order(&features, vec![&visits, &country, &ones])?;
///
/// let model = WeightOfEvidence::new().fit(&columns, &Outcome::binary("won", &won))?.model;
/// assert_eq!(model.coefficients().len(), 2);
/// assert!(model.selection()[2].dropped.is_some()); // the same in every row
/// assert!(model.score_row(&[9.0, 1.0]) > model.score_row(&[0.0, 0.0]));
/// assert_eq!(model.scorecard().score_row(&[4.0, 1.0]), model.score_row(&[4.0, 1.0]));
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WeightOfEvidence {
    binner: Binner,
    bins: BTreeMap<String, GivenBins>,
    encoding: Encoding,
    selection: Selection,
    logistic: Logistic,
}

impl WeightOfEvidence {
    /// [`Binner::new`], weights of evidence, [`Selection::new`], and an `alpha` of 1 ([`Logistic::new`]).
    pub fn new() -> Self {
        Self::default()
    }

    /// How bins are looked for; [`Binner::new`] unless set. The trend and the special codes apply to numbers. With many
    /// rows, tens of thousands, bins of 1 or 2 % of them tell more than the 5 % that are asked for unless set.
    #[must_use]
    pub fn binner(self, binner: Binner) -> Self {
        Self { binner, ..self }
    }

    /// Takes the bins of one feature as they are, and only counts.
    #[must_use]
    pub fn bins(mut self, feature: impl Into<String>, bins: GivenBins) -> Self {
        self.bins.insert(feature.into(), bins);
        self
    }

    /// What the logistic fit sees; weights of evidence unless set.
    #[must_use]
    pub fn encoding(self, encoding: Encoding) -> Self {
        Self { encoding, ..self }
    }

    /// Which features stay; [`Selection::new`] unless set.
    #[must_use]
    pub fn selection(self, selection: Selection) -> Self {
        Self { selection, ..self }
    }

    /// The logistic fit; [`Logistic::new`] unless set. Its penalty is on coefficients per unit of evidence, which draws
    /// features that say little more strongly; `alpha` 0 gives the maximum likelihood fit. Standard errors are always
    /// computed, because selection needs them.
    #[must_use]
    pub fn logistic(self, logistic: Logistic) -> Self {
        Self { logistic, ..self }
    }

    fn bin(&self, data: &Columns<'_>, outcome: &Outcome<'_>) -> Result<Vec<Binning>> {
        let searched: Vec<usize> =
            (0..data.features().len()).filter(|&at| !self.bins.contains_key(data.features()[at].name())).collect();
        let features: Vec<_> = searched.iter().map(|&at| data.features()[at].clone()).collect();
        let columns = Columns::in_order(&features, searched.iter().map(|&at| data.column(at)).collect())?;
        let mut found = self.binner.bin_columns(&columns, outcome)?.into_iter();
        let mut binnings = Vec::with_capacity(data.features().len());
        for (at, feature) in data.features().iter().enumerate() {
            match self.bins.get(feature.name()) {
                Some(given) => {
                    let counts = BinCounts::new(given.layout(feature)?, data.column(at), Target::Binary(outcome))?;
                    binnings.push(self.binner.keep(&counts)?);
                }
                None => binnings.extend(found.next()),
            }
        }
        Ok(binnings)
    }
}

impl Fit for WeightOfEvidence {
    type Model = WeightOfEvidenceModel;

    fn fit_with(
        &self,
        data: &Columns<'_>,
        outcome: &Outcome<'_>,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Fitted<WeightOfEvidenceModel>> {
        self.selection.check(data.features())?;
        for name in self.bins.keys() {
            crate::feature::position(data.features(), name, "`bins` of `WeightOfEvidence`")?;
        }
        outcome.check(data)?;
        let binnings = self.bin(data, outcome)?;
        let encode = |encoding: Encoding| {
            let column = |at: usize| encoding.column(&binnings[at], data.column(at));
            crate::parallel::map((0..binnings.len()).collect(), column)
        };
        let evidence = encode(Encoding::WeightOfEvidence);
        let mut fates = self.selection.before_the_fit(&binnings, &evidence, outcome);
        let mut logistic = Rounds { settings: &self.logistic, outcome, progress, steps: 0 };
        let fitted = self.select(&binnings, &evidence, &mut fates, &mut logistic)?;
        let staying = staying(&fates);
        let fitted = match self.encoding {
            Encoding::WeightOfEvidence => fitted,
            Encoding::Indicators => logistic.fit(Encoding::Indicators, &binnings, &encode(self.encoding), &staying)?,
        };
        let report = self.report(fitted.report, &fitted.model, &fates);
        let model = WeightOfEvidenceModel::try_from(StoredEvidence {
            encoding: self.encoding,
            binnings: staying.iter().map(|&at| binnings[at].clone()).collect(),
            logistic: fitted.model,
            selection: fates,
            report: report.clone(),
        })?;
        Ok(Fitted { model, report })
    }
}

impl WeightOfEvidence {
    /// Steps 3 and 4 of the selection: fits, and drops one feature after the other.
    fn select(
        &self,
        binnings: &[Binning],
        evidence: &[Vec<f64>],
        fates: &mut [FeatureFate],
        logistic: &mut Rounds<'_>,
    ) -> Result<Fitted<LogisticModel>> {
        let Selection { sign_check, elimination, .. } = self.selection;
        let mut fit = |fates: &[FeatureFate]| {
            let staying = staying(fates);
            if staying.is_empty() {
                return Err(none_left(fates, self.selection.min_information_value));
            }
            logistic.fit(Encoding::WeightOfEvidence, binnings, evidence, &staying)
        };
        let mut fitted = fit(fates)?;
        loop {
            let free = |one: &&Coefficient| !self.selection.keeps(&one.name);
            let weakest = |negative: bool| {
                let all = fitted.model.coefficients().iter().filter(free);
                let counted = all.filter(|one| !one.z.is_nan() && (!negative || one.estimate < 0.0));
                let size = move |one: &Coefficient| if negative { one.z } else { one.z.abs() };
                counted.min_by(|a, b| size(a).total_cmp(&size(b))).cloned()
            };
            if let Some(worst) = weakest(true).filter(|_| sign_check) {
                drop_feature(fates, &worst.name, Dropped::Reversed { coefficient: worst.estimate, z: worst.z });
                fitted = fit(fates)?;
                continue;
            }
            let several = fitted.model.coefficients().len() > 1;
            let Some(weakest) = weakest(false).filter(|_| several) else { return Ok(fitted) };
            match elimination {
                Elimination::PValue(limit) if weakest.p_value > limit => {
                    drop_feature(fates, &weakest.name, Dropped::Insignificant { p_value: weakest.p_value, limit });
                    fitted = fit(fates)?;
                }
                Elimination::Aic => {
                    let mut without = fates.to_vec();
                    let aic_with = aic(&fitted);
                    drop_feature(&mut without, &weakest.name, Dropped::NoBetterFit { aic_with, aic_without: aic_with });
                    let refitted = fit(&without)?;
                    let aic_without = aic(&refitted);
                    if aic_without > aic_with {
                        return Ok(fitted);
                    }
                    drop_feature(fates, &weakest.name, Dropped::NoBetterFit { aic_with, aic_without });
                    fitted = refitted;
                }
                Elimination::None | Elimination::PValue(_) => return Ok(fitted),
            }
        }
    }

    fn report(&self, mut report: FitReport, model: &LogisticModel, fates: &[FeatureFate]) -> FitReport {
        report.findings.extend(self.selection.findings(fates));
        if self.encoding == Encoding::WeightOfEvidence && self.selection.sign_check {
            let reversed = model.coefficients().iter().filter(|one| one.estimate < 0.0);
            report.findings.extend(reversed.map(|one| {
                format!(
                    "the evidence of `{}` counts the wrong way round beside the others; it is named in `keep`",
                    one.name
                )
            }));
        }
        report
    }
}

/// One logistic fit after the other, told as one.
struct Rounds<'a> {
    settings: &'a Logistic,
    outcome: &'a Outcome<'a>,
    progress: &'a mut dyn FnMut(Progress) -> ControlFlow<()>,
    steps: usize,
}

impl Rounds<'_> {
    fn fit(
        &mut self,
        encoding: Encoding,
        binnings: &[Binning],
        columns: &[Vec<f64>],
        staying: &[usize],
    ) -> Result<Fitted<LogisticModel>> {
        let features: Vec<_> = staying.iter().map(|&at| encoding.feature(&binnings[at])).collect();
        let data = Columns::in_order(&features, staying.iter().map(|&at| columns[at].as_slice()).collect())?;
        let before = self.steps;
        let mut told = before;
        let settings = self.settings.clone().standard_errors(true);
        let fitted = settings.fit_with(&data, self.outcome, &mut |step| {
            told = before + step.step;
            (self.progress)(Progress { step: told, limit: before + step.limit, ..step })
        });
        self.steps = told;
        fitted
    }
}

/// The positions of the features that have not been dropped.
fn staying(fates: &[FeatureFate]) -> Vec<usize> {
    (0..fates.len()).filter(|&at| fates[at].dropped.is_none()).collect()
}

fn drop_feature(fates: &mut [FeatureFate], name: &str, why: Dropped) {
    if let Some(fate) = fates.iter_mut().find(|fate| fate.feature == name) {
        fate.dropped = Some(why);
    }
}

/// Akaike 1974; the intercept counts as a coefficient.
fn aic(fitted: &Fitted<LogisticModel>) -> f64 {
    2.0 * (fitted.model.coefficients().len() as f64 + 1.0) - 2.0 * fitted.report.log_likelihood
}

fn none_left(fates: &[FeatureFate], limit: f64) -> Error {
    let columns = fates.iter().map(|fate| fate.feature.clone()).collect();
    let most = fates.iter().map(|fate| fate.information_value).fold(0.0, f64::max);
    let reason = format!(
        "no feature says enough about the outcome: the highest information value is {most:.4}, and the limit is {limit}. Lower `min_information_value`, name features in `keep`, or look for better ones"
    );
    Error::NoVariation { columns, reason }
}
