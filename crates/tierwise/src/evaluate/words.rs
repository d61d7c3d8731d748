//! What a figure means in one plain sentence, and what speaks against it.

use crate::evaluate::before_after::Bounded;
use serde::Serialize;

/// What a section says, for readers who do not know the figures.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReportWords {
    /// The finding, in one plain sentence.
    pub says: String,
    /// What in these rows speaks against relying on it; empty where nothing was found.
    pub doubts: Vec<String>,
    /// When not to trust such a figure, whatever the rows.
    pub caution: &'static str,
}

impl ReportWords {
    pub(super) fn new(says: String, doubts: Vec<String>, caution: &'static str) -> Self {
        Self { says, doubts, caution }
    }
}

/// A share in percent, with as many places as it needs: 0.0123 is `1.2 %`.
pub(super) fn percent(share: f64) -> String {
    format!("{} %", of_hundred(share))
}

/// A share as so many of a hundred.
pub(super) fn of_hundred(share: f64) -> String {
    let hundred = 100.0 * share;
    let hundred = if (hundred - hundred.round()).abs() < 1e-9 { hundred.round() } else { hundred };
    let from_end = hundred.abs().min((100.0 - hundred).abs());
    if hundred.fract() == 0.0 || from_end >= 10.0 {
        format!("{hundred:.0}")
    } else if from_end >= 1.0 {
        format!("{hundred:.1}")
    } else {
        trimmed(format!("{hundred:.2}"))
    }
}

/// A number of customers, with its thousands apart; parts of customers have one place.
pub(super) fn count(number: f64) -> String {
    let rounded = (10.0 * number).round() / 10.0;
    let text = if rounded.fract() == 0.0 { format!("{rounded:.0}") } else { format!("{rounded:.1}") };
    thousands(&text)
}

/// An amount or a score of any size, with four digits that count.
pub(super) fn amount(number: f64) -> String {
    if !number.is_finite() {
        return if number > 0.0 { "infinity".into() } else { "minus infinity".into() };
    }
    let size = number.abs();
    if size >= 1e15 || (size > 0.0 && size < 1e-4) {
        return format!("{number:.3e}");
    }
    let places = if size >= 1000.0 {
        0
    } else if size >= 100.0 {
        1
    } else if size >= 10.0 {
        2
    } else if size >= 1.0 {
        3
    } else {
        4
    };
    thousands(&trimmed(format!("{number:.places$}")))
}

/// How many times, with one place.
pub(super) fn times(number: f64) -> String {
    if number >= 10.0 { format!("{number:.0}") } else { format!("{number:.1}") }
}

/// `95 % between 2.8 and 3.4`
pub(super) fn between(confidence: f64, ends: &Bounded, told: impl Fn(f64) -> String) -> String {
    format!("{} between {} and {}", percent(confidence), told(ends.low), told(ends.high))
}

/// `the top tenth`, `the top fifth`, `the top 3 %`
pub(super) fn top(share: f64) -> String {
    let nth = [(0.01, "hundredth"), (0.05, "twentieth"), (0.1, "tenth"), (0.2, "fifth"), (0.5, "half")];
    match nth.iter().find(|(one, _)| (one - share).abs() < 1e-12) {
        Some((_, name)) => format!("the top {name}"),
        None => format!("the top {}", percent(share)),
    }
}

/// `a`, `a and b`, `a, b and c`
pub(super) fn listed(names: &[&str]) -> String {
    match names {
        [] => "none".into(),
        [one] => format!("`{one}`"),
        [first @ .., last] => {
            let first: Vec<String> = first.iter().map(|name| format!("`{name}`")).collect();
            format!("{} and `{last}`", first.join(", "))
        }
    }
}

fn trimmed(text: String) -> String {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

fn thousands(text: &str) -> String {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
    let (whole, places) = digits.split_once('.').map_or((digits, None), |(whole, places)| (whole, Some(places)));
    let mut apart = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            apart.push(',');
        }
        apart.push(digit);
    }
    match places {
        Some(places) => format!("{sign}{apart}.{places}"),
        None => format!("{sign}{apart}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{amount, count, of_hundred, percent, top};

    #[test]
    fn numbers_have_the_places_they_need() {
        assert_eq!(
            [0.0123, 0.34, 0.999, 0.5, 1.0, 0.0004].map(percent),
            ["1.2 %", "34 %", "99.9 %", "50 %", "100 %", "0.04 %"]
        );
        assert_eq!(of_hundred(0.991), "99.1");
        assert_eq!([800.0, 12_345.0, 1_234_567.25, 0.0].map(count), ["800", "12,345", "1,234,567.3", "0"]);
        assert_eq!(
            [0.123_456, -12.5, 1234.5, -1e6, 0.0, 3e-7, f64::INFINITY].map(amount),
            ["0.1235", "-12.5", "1,234", "-1,000,000", "0", "3.000e-7", "infinity"]
        );
        assert_eq!([0.1, 0.03].map(top), ["the top tenth", "the top 3 %"]);
    }
}
