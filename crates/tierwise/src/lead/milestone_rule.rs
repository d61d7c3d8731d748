//! What a class asks of the milestones, and the ways in which that can be fulfilled.

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// What a class asks of the milestones. In a file: `"closed"`, `{"not": "lost"}`, `{"all_of": [...]}`,
/// `{"any_of": [...]}`; lists hold rules again.
///
/// ```
/// use tierwise::lead::MilestoneRule;
/// let rule: MilestoneRule = serde_json::from_str(r#"{"any_of": ["met", {"all_of": ["called", {"not": "refused"}]}]}"#).unwrap();
/// assert_eq!(rule, MilestoneRule::AnyOf(vec![
///     MilestoneRule::Holds("met".into()),
///     MilestoneRule::AllOf(vec![MilestoneRule::Holds("called".into()), MilestoneRule::Not("refused".into())]),
/// ]));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum MilestoneRule {
    /// This milestone is reached.
    Holds(String),
    /// This milestone is known not to be reached.
    Not(String),
    /// All of these.
    AllOf(Vec<MilestoneRule>),
    /// At least one of these.
    AnyOf(Vec<MilestoneRule>),
}

/// The most nested lists that a rule may have.
pub(super) const DEEPEST: usize = 8;
/// The most ways in which a class may be reached.
pub(super) const MOST_WAYS: usize = 64;

/// One way to reach a class: milestones that must be reached and milestones that must not be, as sets of positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Way {
    pub(super) yes: u32,
    pub(super) no: u32,
}

impl Way {
    const ANY: Self = Self { yes: 0, no: 0 };

    /// Both ways at once; `None` where they contradict each other.
    fn and(self, other: Self) -> Option<Self> {
        let both = Self { yes: self.yes | other.yes, no: self.no | other.no };
        (both.yes & both.no == 0).then_some(both)
    }

    /// Whether whoever goes the other way has gone this one.
    fn includes(self, other: Self) -> bool {
        self.yes & !other.yes == 0 && self.no & !other.no == 0
    }

    /// Whether the known milestones have gone this way.
    pub(super) fn is_proven(self, known: Self) -> bool {
        self.includes(known)
    }

    /// Whether no known milestone stands against it.
    pub(super) fn is_possible(self, known: Self) -> bool {
        self.yes & known.no == 0 && self.no & known.yes == 0
    }
}

/// Why a rule cannot be used.
pub(super) enum Fault {
    UnknownMilestone(String),
    Empty,
    TooDeep,
    TooManyWays,
}

/// The ways to fulfil a rule, without those that contradict themselves or that another way includes; in the order of
/// the rule.
pub(super) fn ways(rule: &MilestoneRule, position: &dyn Fn(&str) -> Option<u32>) -> Result<Vec<Way>, Fault> {
    let mut ways = all_ways(rule, position, 0)?;
    let all = ways.clone();
    let mut index = 0;
    ways.retain(|way| {
        let wider = |(other_index, other): (usize, &Way)| other.includes(*way) && (other != way || other_index < index);
        let keep = !all.iter().enumerate().any(wider);
        index += 1;
        keep
    });
    Ok(ways)
}

fn all_ways(rule: &MilestoneRule, position: &dyn Fn(&str) -> Option<u32>, depth: usize) -> Result<Vec<Way>, Fault> {
    let bit = |name: &String| position(name).map(|at| 1 << at).ok_or_else(|| Fault::UnknownMilestone(name.clone()));
    if depth > DEEPEST {
        return Err(Fault::TooDeep);
    }
    let ways = match rule {
        MilestoneRule::Holds(name) => vec![Way { yes: bit(name)?, no: 0 }],
        MilestoneRule::Not(name) => vec![Way { yes: 0, no: bit(name)? }],
        MilestoneRule::AllOf(rules) | MilestoneRule::AnyOf(rules) if rules.is_empty() => return Err(Fault::Empty),
        MilestoneRule::AnyOf(rules) => {
            let mut ways = Vec::new();
            for rule in rules {
                ways.extend(all_ways(rule, position, depth + 1)?);
                if ways.len() > MOST_WAYS {
                    return Err(Fault::TooManyWays);
                }
            }
            ways
        }
        MilestoneRule::AllOf(rules) => {
            let mut ways = vec![Way::ANY];
            for rule in rules {
                let further = all_ways(rule, position, depth + 1)?;
                ways = ways.iter().flat_map(|way| further.iter().filter_map(|other| way.and(*other))).collect();
                if ways.len() > MOST_WAYS {
                    return Err(Fault::TooManyWays);
                }
            }
            ways
        }
    };
    Ok(ways)
}

/// Whether some lead for which `fixed` holds goes none of these ways.
pub(super) fn can_avoid(fixed: Way, ways: &[Way]) -> bool {
    let Some((first, rest)) = ways.split_first() else { return true };
    if !first.is_possible(fixed) {
        return can_avoid(fixed, rest);
    }
    // To avoid the way, one of its open milestones must be otherwise: the first one, or the second while the first is
    // as the way wants it, and so on, so that no case is looked at twice.
    let mut fixed = fixed;
    for at in 0..u32::BITS {
        let bit = 1 << at;
        let (open_yes, open_no) = (first.yes & !fixed.yes & bit != 0, first.no & !fixed.no & bit != 0);
        if open_yes || open_no {
            let (with, without) = (Way { yes: fixed.yes | bit, ..fixed }, Way { no: fixed.no | bit, ..fixed });
            if can_avoid(if open_yes { without } else { with }, rest) {
                return true;
            }
            fixed = if open_yes { with } else { without };
        }
    }
    false
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Written {
    Not(String),
    AllOf(Vec<MilestoneRule>),
    AnyOf(Vec<MilestoneRule>),
}

impl Serialize for MilestoneRule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.clone() {
            Self::Holds(name) => serializer.serialize_str(&name),
            Self::Not(name) => Written::Not(name).serialize(serializer),
            Self::AllOf(rules) => Written::AllOf(rules).serialize(serializer),
            Self::AnyOf(rules) => Written::AnyOf(rules).serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for MilestoneRule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RuleVisitor)
    }
}

struct RuleVisitor;

impl<'de> Visitor<'de> for RuleVisitor {
    type Value = MilestoneRule;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the name of a milestone, or an object with `not`, `all_of` or `any_of`")
    }

    fn visit_str<E>(self, name: &str) -> Result<MilestoneRule, E> {
        Ok(MilestoneRule::Holds(name.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<MilestoneRule, A::Error> {
        Ok(match Written::deserialize(MapAccessDeserializer::new(map))? {
            Written::Not(name) => MilestoneRule::Not(name),
            Written::AllOf(rules) => MilestoneRule::AllOf(rules),
            Written::AnyOf(rules) => MilestoneRule::AnyOf(rules),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every assignment of four milestones, against trying them all.
    #[test]
    fn avoiding_is_what_trying_all_leads_finds() {
        let mut state = 7_u32;
        let mut next = |below: u32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) % below
        };
        let mut avoided = 0;
        for _ in 0..3000 {
            let mut way = || {
                let (yes, no) = (next(16), next(16));
                Way { yes: yes & !no, no: no & !yes & next(16) }
            };
            let fixed = way();
            let ways: Vec<Way> = (0..5).map(|_| way()).collect();
            let tried = (0..16_u32)
                .map(|yes| Way { yes, no: !yes & 15 })
                .any(|lead| fixed.is_proven(lead) && !ways.iter().any(|way| way.is_proven(lead)));
            assert_eq!(can_avoid(fixed, &ways), tried, "{fixed:?} {ways:?}");
            avoided += usize::from(tried);
        }
        assert!((300..2700).contains(&avoided), "{avoided}");
    }
}
