//! The rules of a rating by base and bonus, as they are written and as they are checked.

use crate::model::Saved;
use crate::value::point_table::{PointBracket, PointTable, check_points, open_tiers, refuse};
use crate::{Assign, Band, Bands, Error, Explain, Feature, Result, Score, Term, Unknown};
use serde::{Deserialize, Serialize};

/// What the errors call these rules.
const RULES: &str = "rating rules";

/// The longest period and the longest life of evidence: a hundred years.
const MOST_DAYS: u32 = 36_525;

/// Units of one item that count at most, and what they earn at most: sums of these are exact.
pub(super) const MOST_UNITS: f64 = 1e6;
const MOST_EARNED: f64 = 1e9;

/// Columns of ratings and of movers, which no bonus item may be called.
const RESERVED: [&str; 14] = [
    "base",
    "bonus",
    "bonus_cap",
    "score",
    "tier",
    "change",
    "tier_before",
    "tier_after",
    "score_tier",
    "reason",
    "rule",
    "rule_in_words",
    "below_since",
    "grace_until",
];

/// How often a bonus item counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BonusPer {
    /// For every unit: each referral, say. Whole units count.
    Unit,
    /// Once, however often it is shown; newer evidence renews it.
    Once,
}

/// One bonus item: what a customer earns beside the order amount, and for how long.
///
/// ```
/// use tierwise::value::BonusItem;
/// let referral = BonusItem::per_unit("referral", 5.0).maximum(15.0).expires_after(365).documented();
/// assert_eq!((referral.points, referral.maximum), (5.0, Some(15.0)));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BonusItem {
    /// The name of the item, and of its column.
    pub name: String,
    /// What it earns, once or per unit: above 0, a multiple of 1/1024.
    pub points: f64,
    /// Whether it earns that once or per unit.
    pub per: BonusPer,
    /// The most that the item earns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<f64>,
    /// Evidence counts while it is younger than so many days; for ever where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_after: Option<u32>,
    /// Whether evidence without a reference (a contract number, a report) does not count.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub needs_reference: bool,
    /// What about it is inferred and does not come from a source, if anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inferred: Option<String>,
}

impl BonusItem {
    /// Points for every unit.
    pub fn per_unit(name: &str, points: f64) -> Self {
        Self {
            name: name.to_owned(),
            points,
            per: BonusPer::Unit,
            maximum: None,
            expires_after: None,
            needs_reference: false,
            inferred: None,
        }
    }

    /// Points once.
    pub fn once(name: &str, points: f64) -> Self {
        Self { per: BonusPer::Once, ..Self::per_unit(name, points) }
    }

    /// The same item with the most that it earns.
    #[must_use]
    pub fn maximum(self, points: f64) -> Self {
        Self { maximum: Some(points), ..self }
    }

    /// The same item whose evidence counts for so many days.
    #[must_use]
    pub fn expires_after(self, days: u32) -> Self {
        Self { expires_after: Some(days), ..self }
    }

    /// The same item whose evidence needs a reference.
    #[must_use]
    pub fn documented(self) -> Self {
        Self { needs_reference: true, ..self }
    }

    /// What so many units earn, within the item's own cap.
    pub(super) fn earned(&self, units: f64) -> f64 {
        self.worth(units).min(self.maximum.unwrap_or(MOST_EARNED))
    }

    /// What so many units are worth, before the item's own cap. Unknown units are no evidence and worth nothing.
    pub(super) fn worth(&self, units: f64) -> f64 {
        match self.per {
            BonusPer::Unit if units >= 1.0 => (self.points * units.floor().min(MOST_UNITS)).min(MOST_EARNED),
            BonusPer::Once if units > 0.0 => self.points,
            BonusPer::Unit | BonusPer::Once => 0.0,
        }
    }
}

/// Rules as they are written: plain data, the content of their model file. [`RatingRules::new`] checks them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RatingSpec {
    /// The name of the rules.
    #[serde(default)]
    pub name: String,
    /// What they say in words, for people: their source, and which parts of them are inferred.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// The column of the order amount.
    #[serde(default = "order_amount")]
    pub amount: String,
    /// The order amount is that of the last so many days.
    #[serde(default = "a_year")]
    pub period_days: u32,
    /// The currency of the order amount, and so of the brackets, if it is stated: `EUR`, say. Amounts are checked against it
    /// where their currency is known ([`RatingRules::check_currency`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// The base points by bracket of the order amount.
    pub base: Vec<PointBracket>,
    /// The base points of a customer whose order amount is unknown; where absent, the customer has no score and no tier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown_amount: Option<f64>,
    /// The bonus items.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bonus: Vec<BonusItem>,
    /// The most that all bonus items earn together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bonus_maximum: Option<f64>,
    /// The tiers of the score, best first; the outermost are open.
    pub tiers: Vec<Band>,
}

fn order_amount() -> String {
    "order_amount".into()
}

fn a_year() -> u32 {
    365
}

impl Default for RatingSpec {
    fn default() -> Self {
        Self {
            name: String::new(),
            notes: Vec::new(),
            amount: order_amount(),
            period_days: a_year(),
            currency: None,
            base: Vec::new(),
            unknown_amount: None,
            bonus: Vec::new(),
            bonus_maximum: None,
            tiers: Vec::new(),
        }
    }
}

/// Checked rules of a rating: base points by order amount, bonus points by evidence, a tier by the score.
///
/// As a [`Score`] it reads the order amount and, per bonus item, the units that count (yes or no for an item that counts
/// once); [`RatingRules::rate`] finds the units in dated evidence. Points are multiples of 1/1024, so that
/// the parts add up exactly in any order. Unknown units earn nothing: a bonus needs evidence. A table with units that are no
/// whole number from 0 to a million is refused, as a log of evidence is. Kind of the model file:
/// `rating_rules`. After a B2B customer rating system (source 004), which gives the form and one example.
///
/// ```
/// use tierwise::{Assign, Score, value};
/// let rules = value::b2b_rating();
/// // 500,000 in orders, two referrals, broad needs, growth potential, no close relationship, business level not known
/// let customer = [500_000.0, 2.0, 1.0, 1.0, 0.0, f64::NAN];
/// assert_eq!(rules.score_row(&customer), 35.0);
/// assert_eq!(rules.assign_row(&customer).map(|tier| &rules.outcomes()[tier][..]), Some("D"));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RatingSpec", into = "RatingSpec")]
pub struct RatingRules {
    spec: RatingSpec,
    base: PointTable,
    tiers: Bands,
    features: Vec<Feature>,
    terms: Vec<Term>,
}

impl RatingRules {
    /// Checks rules.
    ///
    /// # Errors
    /// [`Error::InvalidRules`] that names the item for a name that is empty, repeated or reserved, points that are not
    /// above 0 or no multiple of 1/1024, a cap below 0, and days out of range; [`Error::InvalidBands`] for brackets or tiers
    /// that leave a gap, overlap or are not open outwards.
    pub fn new(spec: RatingSpec) -> Result<Self> {
        check_days("period_days", Some(spec.period_days))?;
        let base = PointTable::new(&spec.amount, spec.base.clone())?;
        spec.unknown_amount.map_or(Ok(()), |points| counted("unknown_amount", points))?;
        cap("bonus_maximum", spec.bonus_maximum)?;
        check_names(&spec)?;
        if spec.currency.as_ref().is_some_and(|currency| currency.trim().is_empty()) {
            return Err(refuse(RULES, "currency", "it is blank; name the currency, or leave it out"));
        }
        spec.bonus.iter().try_for_each(check_item)?;
        let tiers = open_tiers("the rating", &spec.tiers)?;
        let mut features = vec![Feature::number(&spec.amount).with_unknown(Unknown::Own)];
        features.extend(spec.bonus.iter().map(|item| match item.per {
            BonusPer::Unit => Feature::units(&item.name, MOST_UNITS as u32),
            BonusPer::Once => Feature::yes_no(&item.name),
        }));
        crate::feature::check_features(&features)?;
        let mut terms: Vec<Term> =
            features.iter().zip(0..).map(|(one, at)| Term { name: one.name().into(), features: vec![at] }).collect();
        terms.push(Term { name: "bonus_cap".into(), features: (1..features.len()).collect() });
        Ok(Self { spec, base, tiers, features, terms })
    }

    /// The rules as they are written.
    pub fn spec(&self) -> &RatingSpec {
        &self.spec
    }

    /// The tiers of the score.
    pub fn tiers(&self) -> &Bands {
        &self.tiers
    }

    /// The names of the bonus items; [`Evidence`](super::Evidence) names items by their position here.
    pub fn item_names(&self) -> Vec<String> {
        self.spec.bonus.iter().map(|item| item.name.clone()).collect()
    }

    /// The position of the tier of a score, best first; `None` for NaN.
    pub fn tier_of(&self, score: f64) -> Option<usize> {
        self.tiers.find(score)
    }

    /// The base points by bracket of the order amount.
    pub fn base_points(&self) -> &PointTable {
        &self.base
    }

    pub(super) fn points_of_amount(&self, amount: f64) -> f64 {
        if amount.is_nan() { self.spec.unknown_amount.unwrap_or(f64::NAN) } else { self.base.points(amount) }
    }

    /// What the cap of all bonus items takes of so many points; 0 or less.
    pub(super) fn capped(&self, bonus: f64) -> f64 {
        self.spec.bonus_maximum.map_or(0.0, |most| if bonus > most { most - bonus } else { 0.0 })
    }
}

impl Score for RatingRules {
    fn features(&self) -> &[Feature] {
        &self.features
    }

    fn score_row(&self, row: &[f64]) -> f64 {
        let items = self.spec.bonus.iter().zip(&row[1..]);
        let bonus: f64 = items.map(|(item, &units)| item.earned(units)).sum();
        self.points_of_amount(row[0]) + (bonus + self.capped(bonus))
    }
}

impl Explain for RatingRules {
    fn base(&self) -> f64 {
        0.0
    }

    fn terms(&self) -> &[Term] {
        &self.terms
    }

    fn contributions_row(&self, row: &[f64], contributions: &mut [f64]) {
        assert_eq!(contributions.len(), self.terms.len(), "one contribution per term");
        contributions[0] = self.points_of_amount(row[0]);
        let mut bonus = 0.0;
        for ((item, &units), place) in self.spec.bonus.iter().zip(&row[1..]).zip(&mut contributions[1..]) {
            *place = item.earned(units);
            bonus += *place;
        }
        contributions[self.spec.bonus.len() + 1] = self.capped(bonus);
    }
}

impl Assign for RatingRules {
    fn features(&self) -> &[Feature] {
        &self.features
    }

    fn outcomes(&self) -> &[String] {
        self.tiers.names()
    }

    fn is_ordered(&self) -> bool {
        true
    }

    fn assign_row(&self, row: &[f64]) -> Option<usize> {
        self.tier_of(self.score_row(row))
    }
}

impl Saved for RatingRules {
    const KIND: &'static str = "rating_rules";

    fn as_score(&self) -> Option<&dyn Score> {
        Some(self)
    }

    fn as_explain(&self) -> Option<&dyn Explain> {
        Some(self)
    }

    fn as_assign(&self) -> Option<&dyn Assign> {
        Some(self)
    }
}

impl TryFrom<RatingSpec> for RatingRules {
    type Error = Error;

    fn try_from(spec: RatingSpec) -> Result<Self> {
        Self::new(spec)
    }
}

impl From<RatingRules> for RatingSpec {
    fn from(rules: RatingRules) -> Self {
        rules.spec
    }
}

fn check_names(spec: &RatingSpec) -> Result<()> {
    let names: Vec<&str> = spec.bonus.iter().map(|item| item.name.as_str()).collect();
    for (at, name) in names.iter().enumerate() {
        let place = format!("bonus[{at}]");
        if name.trim().is_empty() {
            return Err(refuse(RULES, place, "it has no name; name it"));
        }
        if RESERVED.contains(name) || *name == spec.amount {
            let reason = format!("`{name}` is a column of every result; choose another name");
            return Err(refuse(RULES, place, reason));
        }
        if names[..at].contains(name) {
            return Err(refuse(
                RULES,
                place,
                format!("the name `{name}` is listed twice; items need names of their own"),
            ));
        }
    }
    Ok(())
}

fn check_item(item: &BonusItem) -> Result<()> {
    let place = format!("item `{}`", item.name);
    counted(&place, item.points)?;
    if item.points <= 0.0 {
        return Err(refuse(RULES, place, format!("a bonus must earn more than 0 points, got {}", item.points)));
    }
    cap(&place, item.maximum)?;
    check_days(&place, item.expires_after)
}

fn counted(place: &str, points: f64) -> Result<()> {
    check_points(points).map_err(|reason| refuse(RULES, place, reason))
}

fn cap(place: &str, maximum: Option<f64>) -> Result<()> {
    match maximum {
        Some(maximum) if maximum < 0.0 => {
            Err(refuse(RULES, place, format!("the maximum must be 0 or more, got {maximum}")))
        }
        Some(maximum) => counted(place, maximum),
        None => Ok(()),
    }
}

fn check_days(place: &str, days: Option<u32>) -> Result<()> {
    match days.filter(|days| !(1..=MOST_DAYS).contains(days)) {
        Some(days) => Err(refuse(RULES, place, format!("days must be a whole number in [1, {MOST_DAYS}], got {days}"))),
        None => Ok(()),
    }
}
