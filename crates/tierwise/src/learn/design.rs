//! From features to the columns of a linear model: values, level indicators and unknown indicators, standardised.

use super::design_summary::{ColumnSummary, DesignSummary};
use super::kernel::{Block, Standardise};
use super::partition::BLOCK;
use crate::feature::Kind;
use crate::{Columns, Error, Feature, Outcome, Result, Unknown};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// What a coefficient multiplies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CoefficientOf {
    /// A number's value, or 1 for yes and 0 for no; unknown counts as the mean.
    Value,
    /// 1 where a category has this level, 0 where it has another; unknown counts as the level's share.
    Level(String),
    /// 1 where the feature is unknown, 0 where it is known.
    Unknown,
}

/// The columns of a linear model over a list of features, standardised, with the penalty on each.
///
/// All parts of a table must be fitted on one design; it is made from the merged [`DesignSummary`]. A point of the
/// fit is a slice with the intercept first and then one coefficient per column, on the standardised scale.
#[derive(Debug, Clone, PartialEq)]
pub struct LogisticDesign {
    pub(super) features: Vec<Feature>,
    pub(super) columns: Vec<DesignColumn>,
    /// Coefficients that the data say nothing about; they are 0.
    pub(super) idle: Vec<DesignColumn>,
    /// One for the intercept (0) and each column, on the standardised scale.
    pub(super) penalties: Vec<f64>,
    pub(super) findings: Vec<String>,
}

/// One column of the design: `(what it counts - mean) / scale`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct DesignColumn {
    pub(super) feature: usize,
    pub(super) of: CoefficientOf,
    /// The code of the level, for a level.
    code: f64,
    pub(super) name: String,
    pub(super) mean: f64,
    pub(super) scale: f64,
    /// The largest absolute standardised value.
    reach: f64,
}

impl LogisticDesign {
    /// The design for the data summarised; `alpha` is the L2 penalty on the coefficients, or with `standardize` on
    /// the coefficients of the standardised columns.
    ///
    /// # Errors
    /// [`Error::NoVariation`] for columns that are unknown in every row, for those whose spread is too small or too large
    /// to compute with and, when `alpha` is 0, for constant ones.
    pub fn new(summary: &DesignSummary, alpha: f64, standardize: bool) -> Result<Self> {
        let mut design = Self { features: summary.features().to_vec(), ..Self::intercept_only() };
        refuse(summary, |column, _| known_weight(column) == 0.0, "unknown in every row. Drop it")?;
        if alpha == 0.0 {
            refuse(summary, is_constant, "its known values are all the same. Drop it, or penalise with `alpha` > 0")?;
        }
        for (index, column) in summary.columns.iter().enumerate() {
            design.add_feature(index, column, alpha == 0.0);
        }
        let penalty = |column: &DesignColumn| if standardize { alpha } else { alpha / column.scale / column.scale };
        let is_scale = |scale: f64| scale.is_normal() && (1.0 / scale).is_normal();
        design.refuse_columns(
            |column| !is_scale(column.scale),
            "its spread is too small or too large to compute with. Change its unit",
        )?;
        design.refuse_columns(
            |column| !penalty(column).is_finite(),
            "its spread is so small that the penalty on its coefficient per unit overflows. Change its unit, or penalise with `standardize`",
        )?;
        design.penalties.extend(design.columns.iter().map(penalty));
        Ok(design)
    }

    /// The number of columns, without the intercept.
    pub fn width(&self) -> usize {
        self.columns.len()
    }

    /// The names of the columns: `age`, `country=DE`, `income unknown`.
    pub fn names(&self) -> Vec<String> {
        self.columns.iter().map(|column| column.name.clone()).collect()
    }

    /// The standard deviation by which the column at `index` was divided: a coefficient of a point, divided by it,
    /// is the coefficient per unit.
    ///
    /// # Panics
    /// When there is no such column.
    pub fn scale(&self, index: usize) -> f64 {
        self.columns[index].scale
    }

    /// The design that has an intercept and no column.
    pub(super) fn intercept_only() -> Self {
        Self { features: Vec::new(), columns: Vec::new(), idle: Vec::new(), penalties: vec![0.0], findings: Vec::new() }
    }

    /// Whether there is a penalty on any column.
    pub(super) fn is_penalised(&self) -> bool {
        self.penalties.iter().any(|&penalty| penalty > 0.0)
    }

    /// The names of the coefficients of a point; the intercept is none of the caller's columns.
    pub(super) fn names_of(&self, unknowns: &[usize]) -> Vec<String> {
        unknowns.iter().filter(|&&at| at > 0).map(|&at| self.columns[at - 1].name.clone()).collect()
    }

    /// The penalty's part of the objective at a point: half the weighted sum of squares.
    pub(super) fn penalty(&self, point: &[f64]) -> f64 {
        0.5 * self.penalties.iter().zip(point).map(|(penalty, value)| penalty * value * value).sum::<f64>()
    }

    /// The largest change in any row's log-odds that a change of the point can make.
    pub(super) fn reach(&self, change: &[f64]) -> f64 {
        let columns = self.columns.iter().zip(&change[1..]);
        change[0].abs() + columns.map(|(column, change)| column.reach * change.abs()).sum::<f64>()
    }

    /// Fills `block` with the standardised design of some rows.
    pub(super) fn fill(&self, data: &Columns<'_>, outcome: &Outcome<'_>, rows: Range<usize>, block: &mut Block) {
        let count = rows.len();
        block.rows = count;
        copy_padded(&outcome.values()[rows.clone()], &mut block.outcome);
        match outcome.row_weights() {
            Some(weights) => copy_padded(&weights[rows.clone()], &mut block.weight),
            None => fill_padded(1.0, count, &mut block.weight),
        }
        match outcome.row_offsets() {
            Some(offsets) => copy_padded(&offsets[rows.clone()], &mut block.log_odds),
            None => block.log_odds.fill(0.0),
        }
        let block_weight = block.weight;
        let (ones, columns) = block.columns_mut().split_at_mut(BLOCK);
        fill_padded(1.0, count, ones);
        for (column, target) in self.columns.iter().zip(columns.chunks_exact_mut(BLOCK)) {
            column.standardise(&data.column(column.feature)[rows.clone()], &mut target[..count]);
            target[count..].fill(0.0);
            if outcome.row_weights().is_some() {
                // So that what is infinite there, times the weight, is not NaN.
                let pairs = target.iter_mut().zip(&block_weight);
                pairs.for_each(|(target, &weight)| *target = if weight > 0.0 { *target } else { 0.0 });
            }
        }
    }

    fn add_feature(&mut self, index: usize, summary: &ColumnSummary, treatment: bool) {
        let feature = &self.features[index].clone();
        match feature.kind() {
            Kind::Number | Kind::YesNo => self.add_value(index, feature, summary),
            Kind::Category(levels) => self.add_levels(index, feature, levels, summary, treatment),
        }
        if feature.unknown() == Unknown::Own && summary.unknown > 0.0 {
            let name = format!("{} unknown", feature.name());
            let share = summary.unknown / (summary.unknown + known_weight(summary));
            self.columns.push(DesignColumn::indicator(index, CoefficientOf::Unknown, f64::NAN, name, share));
        }
    }

    fn add_value(&mut self, index: usize, feature: &Feature, summary: &ColumnSummary) {
        let moments = &summary.moments;
        let name = feature.name().to_owned();
        let mut column = DesignColumn {
            feature: index,
            of: CoefficientOf::Value,
            code: 0.0,
            name,
            mean: moments.mean,
            scale: 1.0,
            reach: 0.0,
        };
        if moments.is_constant() {
            self.findings.push(format!("`{}` is the same in every row; its coefficient is 0", feature.name()));
            return self.idle.push(column);
        }
        column.scale = moments.deviation();
        column.reach = (moments.largest - moments.mean).max(moments.mean - moments.smallest) / column.scale;
        self.columns.push(column);
    }

    fn add_levels(
        &mut self,
        index: usize,
        feature: &Feature,
        levels: &[String],
        summary: &ColumnSummary,
        treatment: bool,
    ) {
        let known = known_weight(summary);
        let reference = if treatment { summary.levels.iter().position(|&weight| weight > 0.0) } else { None };
        let mut absent = Vec::new();
        for (code, level) in levels.iter().enumerate().filter(|(code, _)| Some(*code) != reference) {
            let share = summary.levels[code] / known;
            let name = format!("{}={level}", feature.name());
            let of = CoefficientOf::Level(level.clone());
            let column = DesignColumn::indicator(index, of, code as f64, name, share);
            if share == 0.0 {
                absent.push(format!("`{level}`"));
            }
            if share > 0.0 && share < 1.0 { self.columns.push(column) } else { self.idle.push(column) }
        }
        let name = feature.name();
        if let Some(reference) = reference {
            self.findings.push(format!("`{name}`: coefficients are relative to `{}`", levels[reference]));
        }
        if !absent.is_empty() {
            let which = absent.join(", ");
            self.findings.push(format!("`{name}`: no row has {which}, so the coefficient there is 0"));
        }
        if summary.levels.contains(&known) {
            self.findings.push(format!("`{name}` is the same in every row; its coefficient is 0"));
        }
    }

    fn refuse_columns(&self, bad: impl Fn(&DesignColumn) -> bool, reason: &str) -> Result<()> {
        let columns: Vec<String> =
            self.columns.iter().filter(|column| bad(column)).map(|column| column.name.clone()).collect();
        if columns.is_empty() { Ok(()) } else { Err(Error::NoVariation { columns, reason: reason.into() }) }
    }
}

impl DesignColumn {
    fn indicator(feature: usize, of: CoefficientOf, code: f64, name: String, share: f64) -> Self {
        let scale = (share * (1.0 - share)).sqrt();
        let scale = if scale > 0.0 { scale } else { 1.0 };
        Self { feature, of, code, name, mean: share, scale, reach: share.max(1.0 - share) / scale }
    }

    /// Writes the standardised column for one block of the feature's values.
    fn standardise(&self, values: &[f64], target: &mut [f64]) {
        let inverse = 1.0 / self.scale;
        let (zero, one) = (-self.mean * inverse, (1.0 - self.mean) * inverse);
        match self.of {
            CoefficientOf::Value => {
                pulp::Arch::new().dispatch(Standardise { values, mean: self.mean, inverse, target });
            }
            CoefficientOf::Level(_) => {
                let code = self.code;
                target.iter_mut().zip(values).for_each(|(target, &value)| {
                    let known = if value == code { one } else { zero };
                    *target = if value.is_nan() { 0.0 } else { known };
                });
            }
            CoefficientOf::Unknown => {
                target
                    .iter_mut()
                    .zip(values)
                    .for_each(|(target, &value)| *target = if value.is_nan() { one } else { zero });
            }
        }
    }
}

fn refuse(summary: &DesignSummary, bad: impl Fn(&ColumnSummary, &Feature) -> bool, reason: &str) -> Result<()> {
    let pairs = summary.columns.iter().zip(summary.features());
    let columns: Vec<String> =
        pairs.filter(|(column, feature)| bad(column, feature)).map(|(_, feature)| feature.name().to_owned()).collect();
    if columns.is_empty() { Ok(()) } else { Err(Error::NoVariation { columns, reason: reason.into() }) }
}

fn is_constant(column: &ColumnSummary, feature: &Feature) -> bool {
    match feature.kind() {
        Kind::Number | Kind::YesNo => column.moments.is_constant(),
        Kind::Category(_) => column.levels.iter().filter(|&&weight| weight > 0.0).count() < 2,
    }
}

fn known_weight(column: &ColumnSummary) -> f64 {
    column.moments.weight + column.levels.iter().sum::<f64>()
}

fn copy_padded(values: &[f64], target: &mut [f64; BLOCK]) {
    target[..values.len()].copy_from_slice(values);
    target[values.len()..].fill(0.0);
}

fn fill_padded(value: f64, count: usize, target: &mut [f64]) {
    target[..count].fill(value);
    target[count..].fill(0.0);
}
