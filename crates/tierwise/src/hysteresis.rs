//! Bands that a value does not leave at once: so that nobody flips between two grades at an edge.

use crate::{Bands, Error, Result};
use serde::{Deserialize, Serialize};

/// How far a value must pass the edge of a band before its band changes, in the unit of the value.
///
/// Each edge is moved by the margin: a value rises into a better band when it lies `up` beyond that band's edge, and
/// falls out of its band when it lies more than `down` outside it. Of several edges on the way each needs its margin, so
/// that one jump ends where the same way in small steps does.
///
/// Laws: without margins the result is that of [`Bands::find`]; the value is never further outside the band that it
/// holds than the margin; to hold a second time changes nothing; a value that swings by less than `up` plus `down` passes
/// no edge twice.
///
/// ```
/// use tierwise::{Bands, Hysteresis};
/// let grades = Bands::falling("grades", &["A", "B", "C"], &[75.0, 50.0])?;
/// let hysteresis = Hysteresis::new(2.0, 3.0)?;
/// assert_eq!(hysteresis.hold(&grades, 76.0, Some(1)), Some(1)); // not yet 2 above the edge of A
/// assert_eq!(hysteresis.hold(&grades, 77.0, Some(1)), Some(0));
/// assert_eq!(hysteresis.hold(&grades, 72.0, Some(0)), Some(0)); // 3 below the edge of A, and no more
/// assert_eq!(hysteresis.hold(&grades, 71.9, Some(0)), Some(1));
/// assert_eq!(hysteresis.hold(&grades, 76.0, None), Some(0)); // nothing to hold
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Margins", into = "Margins")]
pub struct Hysteresis {
    up: f64,
    down: f64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Margins {
    up: f64,
    down: f64,
}

impl Hysteresis {
    /// Margins towards a better band and towards a worse one; 0 or more.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for a margin that is negative or not finite.
    pub fn new(up: f64, down: f64) -> Result<Self> {
        for (name, margin) in [("up", up), ("down", down)] {
            if !(margin >= 0.0 && margin.is_finite()) {
                let must_be = "a number in [0, inf)".into();
                return Err(Error::InvalidParameter { of: "Hysteresis", name, must_be, got: margin.to_string() });
            }
        }
        Ok(Self { up, down })
    }

    /// The margin towards a better band.
    pub fn up(&self) -> f64 {
        self.up
    }

    /// The margin towards a worse band.
    pub fn down(&self) -> f64 {
        self.down
    }

    /// The band of a value whose band was `previous`, both counted from the best. Without a previous band, and for a
    /// previous position that no band has, it is that of [`Bands::find`]; `None` for NaN and for values outside all bands.
    pub fn hold(&self, bands: &Bands, value: f64, previous: Option<usize>) -> Option<usize> {
        let plain = bands.find(value)?;
        let last = bands.names().len() - 1;
        let Some(previous) = previous.filter(|&previous| previous <= last) else { return Some(plain) };
        let (rise, fall) = if bands.best_is_highest() { (self.up, self.down) } else { (self.down, self.up) };
        // How many edges the value lies above when each is moved up, and when each is moved down.
        let above = |moved: f64| bands.cuts().iter().filter(|&&cut| cut + moved <= value).count();
        let rank = |position: usize| if bands.best_is_highest() { last - position } else { position };
        let held = rank(previous).clamp(above(rise), above(-fall));
        Some(rank(held))
    }

    /// The bands of many values; `previous` has one entry per value.
    ///
    /// # Errors
    /// [`Error::WrongLength`], and [`Error::InvalidValue`] with the row for a previous position that no band has.
    pub fn hold_all(&self, bands: &Bands, values: &[f64], previous: &[Option<usize>]) -> Result<Vec<Option<usize>>> {
        if values.len() != previous.len() {
            return Err(Error::WrongLength {
                what: "the previous bands".into(),
                expected: values.len(),
                found: previous.len(),
            });
        }
        let count = bands.names().len();
        if let Some(row) = previous.iter().position(|previous| previous.is_some_and(|previous| previous >= count)) {
            return Err(Error::InvalidValue {
                what: "the previous band".into(),
                row,
                key: None,
                found: format!("position {}", previous[row].unwrap_or_default()),
                must_be: format!("there are {count} bands, counted from 0"),
            });
        }
        Ok(values.iter().zip(previous).map(|(&value, &previous)| self.hold(bands, value, previous)).collect())
    }
}

impl TryFrom<Margins> for Hysteresis {
    type Error = Error;

    fn try_from(Margins { up, down }: Margins) -> Result<Self> {
        Self::new(up, down)
    }
}

impl From<Hysteresis> for Margins {
    fn from(Hysteresis { up, down }: Hysteresis) -> Self {
        Self { up, down }
    }
}
