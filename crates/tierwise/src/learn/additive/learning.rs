//! The fit from table to card.

use super::additive::Additive;
use super::assemble::assemble;
use super::bag_fit::{BagFit, judge, scores};
use super::binned::BinnedTable;
use super::card::{TermEvidence, write};
use super::coarse::CoarseTable;
use super::double::PairOf;
use super::loss::Loss;
use super::model::HeldOut;
use super::step::Direction;
use super::target::Rows;
use crate::feature::Kind;
use crate::scorecard::CardSpec;
use crate::{Columns, Error, Feature, Progress, Result};
use std::ops::ControlFlow;

/// What a fit found.
pub(super) struct Learned {
    pub(super) card: CardSpec,
    pub(super) evidence: Vec<TermEvidence>,
    pub(super) held_out: Option<HeldOut>,
    pub(super) settled: bool,
    pub(super) rounds: usize,
    pub(super) loss: f64,
    /// The slope of the loss in the constant; the only one that a boosted fit brings to 0.
    pub(super) slope: f64,
    pub(super) null_loss: f64,
    pub(super) findings: Vec<String>,
}

/// What a card has room for.
struct Room {
    pairs: usize,
    bins: usize,
}

/// The most pairs that are learned without being asked for, and the number for tables of few features.
const USUAL_PAIRS: [usize; 2] = [10, 40];

impl Additive {
    /// Learns a card from checked columns.
    pub(super) fn learn(
        &self,
        data: &Columns<'_>,
        rows: &Rows<'_>,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Learned> {
        let features = data.features();
        let room = self.room(features)?;
        let table = BinnedTable::new(data, rows.weights(), room.bins);
        let coarse = CoarseTable::new(&table, rows);
        let used = used_features(features, &table, rows)?;
        let counted: Vec<usize> = (0..rows.outcome.len()).filter(|&row| rows.weight(row) > 0.0).collect();
        check_enough(rows, &counted)?;
        let fit = BagFit {
            settings: self,
            table: &table,
            coarse: &coarse,
            rows,
            counted: &counted,
            directions: self.directions(features),
            most_pairs: room.pairs,
            candidates: self.candidates(features, &coarse, &used, room.pairs),
        };
        let bags = fit.all(progress)?;
        let share = 1.0 - bags[0].held_out.len() as f64 / counted.len() as f64;
        let settled = bags.iter().all(|bag| bag.settled);
        let rounds = bags.iter().map(|bag| bag.rounds).max().unwrap_or(0);
        let held_out = judge(&bags, rows);
        let points = bags.into_iter().map(|bag| bag.points).collect();
        let assembled = assemble(&table, &coarse, rows, points, room.pairs, share);
        let written = write(features, &table, &coarse, &assembled, &used);
        let scores = scores(&table, &coarse, &assembled, rows);
        let base = rows.loss.level(&scores, rows.outcome, rows.weights());
        let at = |level: f64, scores: &[f64]| -> Vec<f64> { scores.iter().map(|score| score + level).collect() };
        let scores = at(base, &scores);
        let offsets: Vec<f64> = (0..scores.len()).map(|row| rows.offset(row)).collect();
        let null_level = rows.loss.level(&offsets, rows.outcome, rows.weights());
        let card = CardSpec {
            name: "additive".into(),
            features: used.iter().map(|&index| features[index].clone()).collect(),
            initial: base,
            characteristics: written.characteristics,
            pairs: written.pairs,
            ..CardSpec::default()
        };
        Ok(Learned {
            card,
            evidence: written.evidence,
            held_out,
            settled,
            rounds,
            loss: rows.loss.total(&scores, rows.outcome, rows.weights()),
            slope: rows.loss.slope(&scores, rows.outcome, rows.weights()),
            null_loss: rows.loss.total(&at(null_level, &offsets), rows.outcome, rows.weights()),
            findings: self.findings(features, &used, settled),
        })
    }

    fn findings(&self, features: &[Feature], used: &[usize], settled: bool) -> Vec<String> {
        let mut findings = Vec::new();
        if !settled && self.max_rounds <= self.patience {
            findings.push(format!(
                "no bag could tell whether it had gained enough: `max_rounds` ({}) must be above `patience` ({})",
                self.max_rounds, self.patience
            ));
        } else if !settled {
            findings.push(format!(
                "some bags were still gaining after {} rounds; raise `max_rounds` or `learning_rate`",
                self.max_rounds
            ));
        }
        let idle = (0..features.len()).filter(|index| !used.contains(index));
        findings.extend(
            idle.map(|index| format!("`{}` has one value only, and no part in the model", features[index].name())),
        );
        findings
    }

    /// How many pairs, and bins of a number, there is room for. A card numbers its answers with 16 bits.
    fn room(&self, features: &[Feature]) -> Result<Room> {
        const ANSWERS: usize = 65_000;
        const OF_A_PAIR: usize = 33 * 33;
        const FEWEST_BINS: usize = 2;
        // Unknown is an answer too, and a number has a step more than cuts.
        let listed = |feature: &Feature| match feature.kind() {
            Kind::Number => 0,
            Kind::YesNo => 3,
            Kind::Category(levels) => levels.len() + 1,
        };
        let numbers = features.iter().filter(|feature| matches!(feature.kind(), Kind::Number)).count();
        let listed_in_all: usize = features.iter().map(listed).sum();
        let refuse = |name: &'static str, must_be: String, got: String| {
            Err(Error::InvalidParameter { of: "Additive", name, must_be, got })
        };
        let Some(left) = ANSWERS.checked_sub(listed_in_all + numbers * (FEWEST_BINS + 2)) else {
            let widest = features.iter().max_by_key(|feature| listed(feature)).map_or("", Feature::name);
            let must_be = format!(
                "fewer: a card holds {ANSWERS} answers. Pool the rare levels of `{widest}`, which has the most, or leave \
                 it out"
            );
            return refuse("features", must_be, format!("{} features with {listed_in_all} levels", features.len()));
        };
        let most_pairs = left / OF_A_PAIR;
        if let Some(asked) = self.pairs.filter(|&asked| asked > most_pairs) {
            let must_be = format!(
                "at most {most_pairs} for this table: a card holds {ANSWERS} answers, and a pair takes {OF_A_PAIR}"
            );
            return refuse("pairs", must_be, asked.to_string());
        }
        let usual = (features.len() * 3 / 2).clamp(USUAL_PAIRS[0], USUAL_PAIRS[1]).min(most_pairs);
        let pairs = self.pairs.unwrap_or(usual);
        let of_a_number = FEWEST_BINS + (left - pairs * OF_A_PAIR) / numbers.max(1);
        Ok(Room { pairs, bins: self.max_bins.min(of_a_number) })
    }

    fn directions(&self, features: &[Feature]) -> Vec<Option<Direction>> {
        features.iter().map(|feature| self.monotone.get(feature.name()).copied()).collect()
    }

    /// The pairs that may be chosen.
    fn candidates(&self, features: &[Feature], coarse: &CoarseTable, used: &[usize], most: usize) -> Vec<PairOf> {
        if most == 0 {
            return Vec::new();
        }
        let free: Vec<usize> = used
            .iter()
            .copied()
            .filter(|&index| coarse.features[index].cells > 1 && !self.monotone.contains_key(features[index].name()))
            .collect();
        free.iter().enumerate().flat_map(|(at, &a)| free[at + 1..].iter().map(move |&b| [a, b])).collect()
    }
}

/// The features that have more than one value.
fn used_features(features: &[Feature], table: &BinnedTable, rows: &Rows<'_>) -> Result<Vec<usize>> {
    let varies = |index: &usize| {
        let mut seen = None;
        let codes = table.codes[*index].iter().enumerate().filter(|(row, _)| rows.weight(*row) > 0.0);
        codes.into_iter().any(|(_, &code)| *seen.get_or_insert(code) != code)
    };
    let used: Vec<usize> = (0..features.len()).filter(varies).collect();
    if used.is_empty() {
        return Err(Error::NoVariation {
            columns: features.iter().map(|feature| feature.name().to_owned()).collect(),
            reason: "every column has one value only; give the fit a column that differs between rows".into(),
        });
    }
    Ok(used)
}

/// Both parts of a bag need rows of every class.
fn check_enough(rows: &Rows<'_>, counted: &[usize]) -> Result<()> {
    const NEEDED: usize = 4;
    let positives = counted.iter().filter(|&&row| rows.outcome[row] > 0.5).count();
    let (what, found) = if rows.loss == Loss::Log {
        ("an additive model (rows of the rarer outcome)", positives.min(counted.len() - positives))
    } else {
        ("an additive model (rows)", counted.len())
    };
    if found < NEEDED {
        return Err(Error::NotEnoughData { what: what.into(), needed: NEEDED, found });
    }
    Ok(())
}
