//! Which rights a tier has at a step of the funnel: a checked table.

use crate::model::Saved;
use crate::value::point_table::refuse;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What the errors call the table.
const RULES: &str = "entitlements";

/// How much of a right a tier has at a step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected a number, a text, or yes or no (true, false)")]
pub enum EntitlementValue {
    /// Yes or no.
    YesNo(bool),
    /// A number: a discount of .05, 4 hours.
    Number(f64),
    /// A word: the name of a support plan.
    Text(String),
}

impl EntitlementValue {
    fn kind(&self) -> &'static str {
        match self {
            Self::YesNo(_) => "yes or no",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
        }
    }

    /// The value as a number, by which more and less are told: yes is 1.
    fn size(&self) -> Option<f64> {
        match self {
            Self::YesNo(yes) => Some(f64::from(u8::from(*yes))),
            Self::Number(number) => Some(*number),
            Self::Text(_) => None,
        }
    }
}

/// Which values of a right are worth more to the customer, where they have an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntitlementOrder {
    /// A discount, a support plan that is there.
    Higher,
    /// Hours until an answer.
    Lower,
}

/// One right: its name, and whether there is more and less of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entitlement {
    /// The name of the right, and of its column.
    pub name: String,
    /// Which values are worth more; absent where there is no order, as for texts. With an order, a better tier never has
    /// less of it than a worse one at the same step, and to have none is least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub better: Option<EntitlementOrder>,
    /// Says on purpose that a better tier may have less.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub may_fall: bool,
}

/// The rights of one tier at one step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntitlementGrant {
    /// The tier.
    pub tier: String,
    /// The step of the funnel.
    pub step: String,
    /// The rights that it has; rights left out are not granted.
    #[serde(default)]
    pub rights: BTreeMap<String, EntitlementValue>,
}

/// The table as it is written: plain data, the content of its model file. [`Entitlements::new`] checks it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntitlementSpec {
    /// The name of the table.
    #[serde(default)]
    pub name: String,
    /// What it says in words, for people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// The tiers, best first.
    pub tiers: Vec<String>,
    /// The steps of the funnel, in their order.
    pub steps: Vec<String>,
    /// The rights that there are.
    pub rights: Vec<Entitlement>,
    /// One entry per tier and step, in any order.
    pub grants: Vec<EntitlementGrant>,
}

/// A checked table of tiers and funnel steps: every pair once, every right known, no better tier worse off by accident.
///
/// Kind of the model file: `entitlements`. The form is that of a B2B rating system (source 004: rights by grade and funnel node);
/// the contents are the company's own.
///
/// ```
/// use tierwise::value::{EntitlementOrder, Entitlements, EntitlementSpec, EntitlementGrant, Entitlement, EntitlementValue};
/// let grant = |tier: &str, discount: f64| EntitlementGrant {
///     tier: tier.into(),
///     step: "contract".into(),
///     rights: [("discount".to_string(), EntitlementValue::Number(discount))].into(),
/// };
/// let table = |a, b| Entitlements::new(EntitlementSpec {
///     tiers: vec!["A".into(), "B".into()],
///     steps: vec!["contract".into()],
///     rights: vec![Entitlement { name: "discount".into(), better: Some(EntitlementOrder::Higher), may_fall: false }],
///     grants: vec![grant("A", a), grant("B", b)],
///     ..EntitlementSpec::default()
/// });
/// assert_eq!(table(0.05, 0.02)?.of("A", "contract")?["discount"], EntitlementValue::Number(0.05));
/// assert!(table(0.02, 0.05).unwrap_err().to_string().contains("`A`"));
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "EntitlementSpec", into = "EntitlementSpec")]
pub struct Entitlements {
    spec: EntitlementSpec,
    /// For each tier and, within it, each step, the place of its grant.
    places: Vec<usize>,
}

impl Entitlements {
    /// Checks a table.
    ///
    /// # Errors
    /// [`Error::InvalidRules`] that names the tier, step or right: names that are empty or repeated, a pair of tier and step
    /// that is missing, listed twice or unknown, an unknown right, a right with values of several kinds, a number that is not
    /// finite, an order for a text, and a better tier with less of an ordered right.
    pub fn new(spec: EntitlementSpec) -> Result<Self> {
        let rights = names(&spec.rights);
        for (what, names) in [("tiers", &spec.tiers), ("steps", &spec.steps), ("rights", &rights)] {
            check_names(what, names)?;
        }
        let places = places(&spec)?;
        let table = Self { spec, places };
        table.spec.rights.iter().try_for_each(|right| table.check_right(right))?;
        Ok(table)
    }

    /// The table as it is written.
    pub fn spec(&self) -> &EntitlementSpec {
        &self.spec
    }

    /// The rights of a tier at a step, by name.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for a tier or step that the table does not have.
    pub fn of(&self, tier: &str, step: &str) -> Result<&BTreeMap<String, EntitlementValue>> {
        Ok(self.at(place_of("the tier", tier, &self.spec.tiers)?, place_of("the step", step, &self.spec.steps)?))
    }

    /// One right, by its name, for many customers: the position of each in a tier and at a step; `None` where either is
    /// unknown or the right is not granted.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for a right that the table does not have; [`Error::WrongLength`]; [`Error::InvalidValue`] with the
    /// row for a position that the table does not have.
    pub fn column(
        &self,
        right: &str,
        tiers: &[Option<usize>],
        steps: &[Option<usize>],
    ) -> Result<Vec<Option<&EntitlementValue>>> {
        place_of("the right", right, &names(&self.spec.rights))?;
        if tiers.len() != steps.len() {
            return Err(Error::WrongLength { what: "the steps".into(), expected: tiers.len(), found: steps.len() });
        }
        let known = |what: &str, row: usize, place: Option<usize>, count: usize| match place {
            Some(place) if place >= count => {
                Err(Error::invalid_value(what, row, place as f64, &format!("positions are below {count}")))
            }
            place => Ok(place),
        };
        let find = |(row, (&tier, &step)): (usize, (&Option<usize>, &Option<usize>))| {
            let tier = known("the tier", row, tier, self.spec.tiers.len())?;
            let step = known("the step", row, step, self.spec.steps.len())?;
            Ok(tier.zip(step).and_then(|(tier, step)| self.at(tier, step).get(right)))
        };
        tiers.iter().zip(steps).enumerate().map(find).collect()
    }

    fn at(&self, tier: usize, step: usize) -> &BTreeMap<String, EntitlementValue> {
        &self.spec.grants[self.places[tier * self.spec.steps.len() + step]].rights
    }

    fn check_right(&self, right: &Entitlement) -> Result<()> {
        let place =
            |tier: usize, step: usize| format!("tier `{}`, step `{}`", self.spec.tiers[tier], self.spec.steps[step]);
        let name = &right.name;
        let mut kind = None;
        for step in 0..self.spec.steps.len() {
            let mut worse: Option<(usize, f64)> = None; // the worst tier so far that has it, and how much
            for tier in (0..self.spec.tiers.len()).rev() {
                let value = self.at(tier, step).get(name);
                if let Some(value) = value {
                    let kind = *kind.get_or_insert_with(|| value.kind());
                    if value.kind() != kind {
                        let reason =
                            format!("right `{name}` is {} here and {kind} elsewhere; choose one", value.kind());
                        return Err(refuse(RULES, place(tier, step), reason));
                    }
                    if let EntitlementValue::Number(number) = value
                        && !number.is_finite()
                    {
                        return Err(refuse(
                            RULES,
                            place(tier, step),
                            format!("right `{name}` must be a finite number, got {number}"),
                        ));
                    }
                }
                let Some(better) = right.better else { continue };
                if matches!(value, Some(EntitlementValue::Text(_))) {
                    let reason = format!("right `{name}` is a text, which has no order; leave out its `better`");
                    return Err(refuse(RULES, place(tier, step), reason));
                }
                let sign = if better == EntitlementOrder::Higher { 1.0 } else { -1.0 };
                let size = value.and_then(EntitlementValue::size).map(|size| size * sign);
                match (worse, size) {
                    (Some((below, least)), size) if size.is_none_or(|size| size < least) && !right.may_fall => {
                        let reason = format!(
                            "it has less of right `{name}` than the worse tier `{}`; mend it, or say `may_fall` for this right",
                            self.spec.tiers[below]
                        );
                        return Err(refuse(RULES, place(tier, step), reason));
                    }
                    (_, Some(size)) => worse = Some((tier, size)),
                    (_, None) => {}
                }
            }
        }
        Ok(())
    }
}

impl Saved for Entitlements {
    const KIND: &'static str = "entitlements";
}

impl TryFrom<EntitlementSpec> for Entitlements {
    type Error = Error;

    fn try_from(spec: EntitlementSpec) -> Result<Self> {
        Self::new(spec)
    }
}

impl From<Entitlements> for EntitlementSpec {
    fn from(table: Entitlements) -> Self {
        table.spec
    }
}

fn names(rights: &[Entitlement]) -> Vec<String> {
    rights.iter().map(|right| right.name.clone()).collect()
}

fn place_of(what: &str, name: &str, known: &[String]) -> Result<usize> {
    let refused = || Error::UnknownName { what: what.into(), row: None, name: name.into(), known: known.to_vec() };
    known.iter().position(|one| one == name).ok_or_else(refused)
}

fn check_names(what: &str, names: &[String]) -> Result<()> {
    if names.is_empty() {
        return Err(refuse(RULES, what, "there is none; at least one is needed"));
    }
    for (at, name) in names.iter().enumerate() {
        if name.trim().is_empty() {
            return Err(refuse(RULES, format!("{what}[{at}]"), "it has no name; name it"));
        }
        if names[..at].contains(name) {
            return Err(refuse(RULES, format!("{what}[{at}]"), format!("`{name}` is listed twice")));
        }
    }
    Ok(())
}

/// Where the grant of each tier and step stands.
fn places(spec: &EntitlementSpec) -> Result<Vec<usize>> {
    let mut places: Vec<Option<usize>> = vec![None; spec.tiers.len() * spec.steps.len()];
    for (at, grant) in spec.grants.iter().enumerate() {
        let find = |what: &str, name: &String, known: &[String]| {
            known.iter().position(|one| one == name).ok_or_else(|| {
                let reason = format!("there is no {what} `{name}`; the {what}s are {}", known.join(", "));
                refuse(RULES, format!("grants[{at}]"), reason)
            })
        };
        let (tier, step) = (find("tier", &grant.tier, &spec.tiers)?, find("step", &grant.step, &spec.steps)?);
        if let Some(first) = places[tier * spec.steps.len() + step].replace(at) {
            let reason = format!("tier `{}`, step `{}` is that of grants[{first}] too", grant.tier, grant.step);
            return Err(refuse(RULES, format!("grants[{at}]"), reason));
        }
        if let Some(right) = grant.rights.keys().find(|name| spec.rights.iter().all(|right| right.name != **name)) {
            let reason = format!("there is no right `{right}`; add it to the rights, or mend the name");
            return Err(refuse(RULES, format!("grants[{at}]"), reason));
        }
    }
    let missing = |place: usize| {
        let (tier, step) = (&spec.tiers[place / spec.steps.len()], &spec.steps[place % spec.steps.len()]);
        refuse(RULES, format!("tier `{tier}`, step `{step}`"), "it is missing; list it, with no rights if it has none")
    };
    (0..places.len()).map(|place| places[place].ok_or_else(|| missing(place))).collect()
}
