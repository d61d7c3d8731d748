//! Reason codes as PMML 4.4 defines them for scorecards: how far each reason lies below (or above) its baseline.

use crate::score::{check_bound, check_reasons};
use crate::scorecard::Scorecard;
use crate::{Columns, Error, Record, Result, parallel};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::ops::Range;

/// Rows that one task works on.
const PART: usize = 4096;

/// How reason codes are found and how many are given. The defaults are those of PMML 4.4 where it states one.
///
/// Each characteristic has a **baseline**: its own, else the card's, else its neutral points (PMML would refuse the
/// card). Each answer has a **code**: its own, else its characteristic's, else the characteristic's name. A pair of
/// features counts as one more characteristic (PMML has none), whose answers share one code. The
/// differences of equal codes are summed in the order of the card, and the codes are ranked by the sum, largest first.
///
/// Source: PMML 4.4, Scorecard, `useReasonCodes`, `reasonCodeAlgorithm`, `baselineScore`. It leaves three things open,
/// in which engines differ; here they are settings.
///
/// ```
/// use tierwise::lead::{CardSpec, Characteristic, Condition, ReasonCodes, Scorecard};
/// use tierwise::Feature;
/// let card = Scorecard::new(CardSpec {
///     name: "leads".into(),
///     features: vec![Feature::yes_no("met"), Feature::number("visits")],
///     characteristics: vec![
///         Characteristic::yes("met", 20.0).baseline(15.0).reason_code("RC1"),
///         Characteristic::new("visits", "visits").per_unit(2.0, 5.0).baseline(8.0).reason_code("RC2"),
///     ],
///     ..CardSpec::default()
/// })?;
/// let mut lead = card.record();
/// lead.set("met", false)?.set("visits", 1.0)?;
/// let settings = ReasonCodes::default();
/// let codes = card.reason_codes(&lead, &settings)?;
/// assert_eq!(codes.iter().map(|one| (one.code, one.difference)).collect::<Vec<_>>(), [("RC1", 15.0), ("RC2", 6.0)]);
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReasonCodes {
    /// Which way the difference is taken.
    pub algorithm: Algorithm,
    /// The most codes per customer, 0 to 255.
    pub most: usize,
    /// Which differences count as reasons.
    pub keep: Keep,
    /// What stands in the places that are left over when there are fewer reasons than asked for: nothing, or this text
    /// with a difference of 0.
    pub padding: Option<String>,
    /// Which of two codes with equal differences comes first.
    pub ties: CodeTies,
}

/// Which way the difference between points and baseline is taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Algorithm {
    /// Baseline minus points: why is this customer not better? The default of PMML.
    #[default]
    PointsBelow,
    /// Points minus baseline: what speaks for this customer?
    PointsAbove,
}

/// Which summed differences count as reasons.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Keep {
    /// Those above 0: a code that did not lower the score (or not raise it) is no reason for that.
    #[default]
    Positive,
    /// Those of 0 as well.
    NotNegative,
    /// All.
    All,
}

/// Which of two codes with equal differences comes first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeTies {
    /// The one that the card mentions first: characteristics in order, each with its attributes in order and then its
    /// own code, and then pairs in order.
    #[default]
    Card,
    /// The one that is first in the order of its characters.
    Name,
}

/// One reason code of one customer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReasonCode<'c> {
    /// The code.
    pub code: &'c str,
    /// The sum of its differences, in points.
    pub difference: f64,
}

/// The reason codes of a table, one column per place.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReasonCodeColumns {
    /// The distinct codes, to which the positions point.
    pub names: Vec<String>,
    /// Per place, positions among `names`; [`ReasonCodeColumns::NONE`] where there is no further reason.
    pub code: Vec<Vec<u32>>,
    /// Per place, the summed differences; NaN where there is no further reason.
    pub difference: Vec<Vec<f64>>,
}

impl ReasonCodeColumns {
    /// Stands for "no further reason".
    pub const NONE: u32 = u32::MAX;
}

impl Default for ReasonCodes {
    fn default() -> Self {
        Self { algorithm: Algorithm::PointsBelow, most: 3, keep: Keep::Positive, padding: None, ties: CodeTies::Card }
    }
}

impl Scorecard {
    /// The reason codes of one customer, strongest first.
    ///
    /// # Errors
    /// [`Error::UnknownValue`] when a fact is unknown that the card refuses to do without, [`Error::WrongLength`] when
    /// the record was made for other features, [`Error::InvalidParameter`] for a `most` above 255 or an empty padding.
    pub fn reason_codes<'a>(&'a self, record: &Record<'_>, settings: &'a ReasonCodes) -> Result<Vec<ReasonCode<'a>>> {
        record.check(self.features_of_card())?;
        let coder = Coder::new(self, settings)?;
        let mut sums = coder.no_sums();
        let mut order = Vec::new();
        coder.add_row(record.values(), &mut sums);
        coder.rank(&sums, &mut order);
        let padding = coder.padding.map(|code| (code, 0.0));
        let ranked = order.iter().map(|&code| (code, sums[code].unwrap_or(0.0)));
        let places = ranked.chain(padding.into_iter().cycle()).take(settings.most);
        Ok(places.map(|(code, difference)| ReasonCode { code: coder.names[code], difference }).collect())
    }

    /// The reason codes of every row of a table: the same as one by one, bit for bit.
    ///
    /// # Errors
    /// [`Error::WrongLength`] when the columns are bound to other features, and [`Error::InvalidParameter`] as for
    /// [`Scorecard::reason_codes`].
    pub fn reason_code_columns(&self, columns: &Columns<'_>, settings: &ReasonCodes) -> Result<ReasonCodeColumns> {
        check_bound(self.features_of_card(), columns)?;
        let coder = Coder::new(self, settings)?;
        let rows = columns.rows();
        let starts = (0..rows).step_by(PART).collect();
        let parts = parallel::map(starts, |start: usize| coder.part(columns, start..rows.min(start + PART)));
        let mut table = ReasonCodeColumns {
            names: coder.names.iter().map(|&name| name.to_owned()).collect(),
            code: vec![Vec::with_capacity(rows); settings.most],
            difference: vec![Vec::with_capacity(rows); settings.most],
        };
        for (codes, differences) in parts {
            table.code.iter_mut().zip(codes).for_each(|(all, part)| all.extend(part));
            table.difference.iter_mut().zip(differences).for_each(|(all, part)| all.extend(part));
        }
        Ok(table)
    }

    fn features_of_card(&self) -> &[crate::Feature] {
        &self.spec().features
    }
}

/// The codes of a card, numbered in the order of ties.
struct Coder<'a> {
    settings: &'a ReasonCodes,
    names: Vec<&'a str>,
    card: &'a Scorecard,
    /// One per term of the card.
    terms: Vec<Coded>,
    /// The number of the padding, when there is one.
    padding: Option<usize>,
}

struct Coded {
    baseline: f64,
    /// The number of the code of each answer.
    codes: Vec<usize>,
}

impl<'a> Coder<'a> {
    fn new(card: &'a Scorecard, settings: &'a ReasonCodes) -> Result<Self> {
        check_reasons("ReasonCodes", "most", settings.most)?;
        if settings.padding.as_deref().is_some_and(|padding| padding.trim().is_empty()) {
            return Err(Error::InvalidParameter {
                of: "ReasonCodes",
                name: "padding",
                must_be: "a text, or left out for no padding".into(),
                got: "an empty text".into(),
            });
        }
        let mut names = mentioned(card);
        names.extend(settings.padding.as_deref());
        let names = numbered(names, settings.ties);
        let number = |code: &str| names.iter().position(|name| *name == code).unwrap_or_default();
        let spec = card.spec();
        let coded = spec.characteristics.iter().zip(card.compiled()).map(|(characteristic, compiled)| {
            let own = characteristic.reason_code.as_deref().unwrap_or(&characteristic.name);
            let code_of = |attribute: &Option<usize>| {
                let attribute =
                    attribute.and_then(|position| characteristic.attributes[position].reason_code.as_deref());
                number(attribute.unwrap_or(own))
            };
            let baseline = characteristic.baseline.or(spec.baseline).unwrap_or(characteristic.neutral);
            Coded { baseline, codes: compiled.attributes.iter().map(code_of).collect() }
        });
        let coded_pairs = spec.pairs.iter().zip(card.compiled().len()..).map(|(pair, term)| {
            let code = number(pair.reason_code.as_deref().unwrap_or(&pair.name));
            let baseline = pair.baseline.or(spec.baseline).unwrap_or(pair.neutral);
            Coded { baseline, codes: vec![code; card.labels(term).len()] }
        });
        let terms = coded.chain(coded_pairs).collect();
        let padding = settings.padding.as_deref().map(number);
        Ok(Self { settings, names, card, terms, padding })
    }

    /// No code has been earned yet.
    fn no_sums(&self) -> Vec<Option<f64>> {
        vec![None; self.names.len()]
    }

    fn add_row(&self, row: &[f64], sums: &mut [Option<f64>]) {
        for (term, one) in self.terms.iter().enumerate() {
            let above = self.card.sum().points(term, row) - one.baseline;
            let difference = if self.settings.algorithm == Algorithm::PointsAbove { above } else { -above };
            let sum = &mut sums[one.codes[self.card.answers().points(term, row) as usize]];
            *sum = Some(sum.map_or(difference, |sum| sum + difference));
        }
    }

    /// The codes and differences of some rows, one column per place.
    fn part(&self, columns: &Columns<'_>, rows: Range<usize>) -> (Vec<Vec<u32>>, Vec<Vec<f64>>) {
        let (code, difference) = match self.padding {
            Some(padding) => (padding as u32, 0.0),
            None => (ReasonCodeColumns::NONE, f64::NAN),
        };
        let mut all_codes = vec![vec![code; rows.len()]; self.settings.most];
        let mut all_differences = vec![vec![difference; rows.len()]; self.settings.most];
        let (mut sums, mut order) = (self.no_sums(), Vec::new());
        let mut row = vec![0.0; columns.features().len()];
        for (place, index) in rows.enumerate() {
            columns.row_into(index, &mut row);
            sums.fill(None);
            self.add_row(&row, &mut sums);
            self.rank(&sums, &mut order);
            for ((&code, codes), differences) in order.iter().zip(&mut all_codes).zip(&mut all_differences) {
                codes[place] = code as u32;
                differences[place] = sums[code].unwrap_or(0.0);
            }
        }
        (all_codes, all_differences)
    }

    /// The numbers of the strongest codes.
    fn rank(&self, sums: &[Option<f64>], order: &mut Vec<usize>) {
        let is_kept = |difference: f64| match self.settings.keep {
            Keep::Positive => difference > 0.0,
            Keep::NotNegative => difference >= 0.0,
            Keep::All => true,
        };
        order.clear();
        order.extend((0..sums.len()).filter(|&code| sums[code].is_some_and(is_kept)));
        // Numbers ascend in the order of ties, and the sort is stable.
        order.sort_by(|&a, &b| sums[b].partial_cmp(&sums[a]).unwrap_or(Ordering::Equal));
        order.truncate(self.settings.most);
    }
}

/// The codes in the order in which the card mentions them; some more than once.
fn mentioned(card: &Scorecard) -> Vec<&str> {
    let codes = card.spec().characteristics.iter().flat_map(|characteristic| {
        let own = characteristic.reason_code.as_deref().unwrap_or(&characteristic.name);
        characteristic.attributes.iter().filter_map(|attribute| attribute.reason_code.as_deref()).chain([own])
    });
    let pairs = card.spec().pairs.iter();
    codes.chain(pairs.map(|pair| pair.reason_code.as_deref().unwrap_or(&pair.name))).collect()
}

/// Each code once, in the order in which ties are decided.
fn numbered(mut names: Vec<&str>, ties: CodeTies) -> Vec<&str> {
    let mut seen = std::collections::BTreeSet::new();
    names.retain(|name| seen.insert(*name));
    if ties == CodeTies::Name {
        names.sort_unstable();
    }
    names
}
