//! Named bands of a number, from best to worst: what grades and tiers are made of.

use crate::wide::{LANES, in_lanes, wide};
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// One named band, as it stands in a model file: `from <= value < to`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// The name of the grade or tier.
    pub name: String,
    /// The lower edge, which belongs to the band; absent when the band is open below.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<f64>,
    /// The upper edge, which belongs to the next band; absent when the band is open above. The highest band of all
    /// includes its upper edge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<f64>,
}

/// Bands that follow each other without gap or overlap, listed from best to worst.
///
/// The best band may be the highest (scores, money) or the lowest (days since the last order). Every band is
/// half-open, `[from, to)`; the highest one is closed.
///
/// ```
/// use tierwise::Bands;
/// let grades = Bands::falling("grades", &["A", "B", "C"], &[75.0, 50.0])?;
/// assert_eq!(grades.find(75.0), Some(0));
/// assert_eq!(grades.find(74.9), Some(1));
/// assert_eq!(grades.find(f64::NAN), None);
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Band>", into = "Vec<Band>")]
pub struct Bands {
    names: Vec<String>,
    /// Ascending inner edges, one fewer than bands.
    cuts: Vec<f64>,
    lowest: f64,
    highest: f64,
    best_is_highest: bool,
}

impl Bands {
    /// Bands as listed, best first. `what` is the word for them in errors.
    ///
    /// # Errors
    /// [`Error::InvalidBands`] when there is none, a name is empty or repeated, an edge is not finite, a band is
    /// empty, or neighbours leave a gap or overlap.
    pub fn new(what: &str, bands: Vec<Band>) -> Result<Self> {
        let refuse = |reason: String| Error::InvalidBands { what: what.to_owned(), reason };
        check_names(&bands).map_err(refuse)?;
        let best_is_highest = best_is_highest(&bands);
        let rising: Vec<&Band> = if best_is_highest { bands.iter().rev().collect() } else { bands.iter().collect() };
        check_edges(&rising).map_err(refuse)?;
        let cuts = rising.iter().skip(1).filter_map(|band| band.from).collect();
        let lowest = rising[0].from.unwrap_or(f64::NEG_INFINITY);
        let highest = rising[rising.len() - 1].to.unwrap_or(f64::INFINITY);
        let names = bands.into_iter().map(|band| band.name).collect();
        Ok(Self { names, cuts, lowest, highest, best_is_highest })
    }

    /// Bands over all numbers, best (highest) first; `cuts` are the lower edges of all but the last and fall.
    ///
    /// # Errors
    /// [`Error::InvalidBands`] as for [`Bands::new`], or when there is not one cut fewer than names.
    pub fn falling(what: &str, names: &[impl AsRef<str>], cuts: &[f64]) -> Result<Self> {
        Self::from_cuts(what, names, cuts, |above, below| (below, above))
    }

    /// Bands over all numbers, best (lowest) first; `cuts` are the upper edges of all but the last and rise.
    ///
    /// # Errors
    /// [`Error::InvalidBands`] as for [`Bands::new`], or when there is not one cut fewer than names.
    pub fn rising(what: &str, names: &[impl AsRef<str>], cuts: &[f64]) -> Result<Self> {
        Self::from_cuts(what, names, cuts, |below, above| (below, above))
    }

    fn from_cuts(
        what: &str,
        names: &[impl AsRef<str>],
        cuts: &[f64],
        edges: impl Fn(Option<f64>, Option<f64>) -> (Option<f64>, Option<f64>),
    ) -> Result<Self> {
        if cuts.len() + 1 != names.len() {
            return Err(Error::InvalidBands {
                what: what.to_owned(),
                reason: format!("{} names need {} cuts, got {}", names.len(), names.len().max(1) - 1, cuts.len()),
            });
        }
        let band = |(index, name): (usize, &_)| {
            let previous = index.checked_sub(1).map(|index| cuts[index]);
            let (from, to) = edges(previous, cuts.get(index).copied());
            Band { name: AsRef::<str>::as_ref(name).to_owned(), from, to }
        };
        Self::new(what, names.iter().enumerate().map(band).collect())
    }

    /// The position of the band that holds the value, counted from the best; `None` for NaN and for values outside
    /// all bands.
    pub fn find(&self, value: f64) -> Option<usize> {
        if !(value >= self.lowest && value <= self.highest) {
            return None;
        }
        let above = self.cuts.iter().map(|&cut| usize::from(cut <= value)).sum::<usize>();
        Some(if self.best_is_highest { self.names.len() - 1 - above } else { above })
    }

    /// The positions of the bands that hold a block of values; returns the first value that [`Bands::find`] would
    /// not place, if there is one.
    pub(crate) fn find_all(&self, values: &[f64], places: &mut [u32]) -> Option<f64> {
        let all_inside = wide(
            #[inline(always)]
            || self.find_all_wide(values, places),
        );
        let outside = || values.iter().copied().find(|&value| self.find(value).is_none());
        if all_inside { None } else { outside() }
    }

    #[inline(always)]
    fn find_all_wide(&self, values: &[f64], places: &mut [u32]) -> bool {
        let last = self.names.len() as u32 - 1;
        let (lowest, highest) = (self.lowest, self.highest);
        let mut outside = 0_u64; // as wide as the values: comparing yields the lanes that are collected
        for &value in values {
            let inside = value >= lowest && value <= highest;
            outside |= u64::from(!inside);
        }
        in_lanes(
            values,
            places,
            #[inline(always)]
            |values, places| {
                let mut above = [0_u64; LANES];
                for &cut in &self.cuts {
                    for lane in 0..LANES {
                        above[lane] += u64::from(cut <= values[lane]);
                    }
                }
                for lane in 0..LANES {
                    places[lane] = above[lane] as u32;
                }
            },
            #[inline(always)]
            |&value, place| *place = self.cuts.iter().map(|&cut| u32::from(cut <= value)).sum(),
        );
        if self.best_is_highest {
            for place in places {
                *place = last - *place;
            }
        }
        outside == 0
    }

    /// The names, best first.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The position of a name, counted from the best.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| known == name)
    }

    /// The inner edges, ascending.
    pub fn cuts(&self) -> &[f64] {
        &self.cuts
    }

    /// The lower and upper end of all bands together; infinite where open.
    pub fn range(&self) -> (f64, f64) {
        (self.lowest, self.highest)
    }

    /// Whether higher values are better.
    pub fn best_is_highest(&self) -> bool {
        self.best_is_highest
    }

    /// The bands one by one, best first.
    pub fn list(&self) -> Vec<Band> {
        let edge = |edge: f64| edge.is_finite().then_some(edge);
        let last = self.names.len() - 1;
        let band = |(index, name): (usize, &String)| {
            let rank = if self.best_is_highest { last - index } else { index };
            let from = if rank == 0 { edge(self.lowest) } else { Some(self.cuts[rank - 1]) };
            let to = if rank == last { edge(self.highest) } else { Some(self.cuts[rank]) };
            Band { name: name.clone(), from, to }
        };
        self.names.iter().enumerate().map(band).collect()
    }
}

impl TryFrom<Vec<Band>> for Bands {
    type Error = Error;

    fn try_from(bands: Vec<Band>) -> Result<Self> {
        Self::new("this list", bands)
    }
}

impl From<Bands> for Vec<Band> {
    fn from(bands: Bands) -> Self {
        bands.list()
    }
}

/// Whether the list falls. Told from the first two bands, in such a way that a gap or an overlap between them does not
/// turn it around.
fn best_is_highest(bands: &[Band]) -> bool {
    let edges = |band: &Band| (band.from.unwrap_or(f64::NEG_INFINITY), band.to.unwrap_or(f64::INFINITY));
    match bands {
        [first, second, ..] => edges(first) > edges(second),
        _ => true,
    }
}

fn check_names(bands: &[Band]) -> std::result::Result<(), String> {
    if bands.is_empty() {
        return Err("there is none; at least one is needed".into());
    }
    let mut seen = BTreeSet::new();
    for band in bands {
        if band.name.trim().is_empty() {
            return Err("a band has no name".into());
        }
        if !seen.insert(&band.name) {
            return Err(format!("`{}` is listed twice", band.name));
        }
        for edge in [band.from, band.to].into_iter().flatten() {
            if !edge.is_finite() {
                return Err(format!("`{}` has the edge {edge}; leave the edge out for a band that is open", band.name));
            }
        }
    }
    Ok(())
}

fn check_edges(rising: &[&Band]) -> std::result::Result<(), String> {
    for band in rising {
        if let (Some(from), Some(to)) = (band.from, band.to)
            && from >= to
        {
            return Err(format!("`{}` is empty: it runs from {from} to {to}", band.name));
        }
    }
    for pair in rising.windows(2) {
        let (lower, upper) = (pair[0], pair[1]);
        let names = format!("`{}` and `{}`", lower.name, upper.name);
        match (lower.to, upper.from) {
            (Some(to), Some(from)) if to < from => return Err(format!("{names} leave a gap from {to} to {from}")),
            (Some(to), Some(from)) if to > from => return Err(format!("{names} overlap from {from} to {to}")),
            (Some(_), Some(_)) => {}
            _ => {
                return Err(format!(
                    "{names} meet at an open edge; list the bands from best to worst, only the outermost edges may be open"
                ));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bands(edges: &[(Option<f64>, Option<f64>)]) -> Result<Bands> {
        let band = |(index, &(from, to)): (usize, &_)| Band { name: format!("band {index}"), from, to };
        Bands::new("test", edges.iter().enumerate().map(band).collect())
    }

    fn reason(edges: &[(Option<f64>, Option<f64>)]) -> String {
        bands(edges).unwrap_err().to_string()
    }

    #[test]
    fn edges_belong_to_the_upper_band_and_the_highest_is_closed() {
        let falling = bands(&[(Some(50.0), Some(100.0)), (Some(0.0), Some(50.0))]).unwrap();
        assert_eq!([0.0, 49.9, 50.0, 100.0].map(|value| falling.find(value)), [Some(1), Some(1), Some(0), Some(0)]);
        assert_eq!([-0.1, 100.1, f64::NAN].map(|value| falling.find(value)), [None, None, None]);
        let rising = bands(&[(None, Some(30.0)), (Some(30.0), Some(90.0)), (Some(90.0), None)]).unwrap();
        assert!(!rising.best_is_highest());
        assert_eq!(
            [-1e300, 30.0, 90.0, f64::INFINITY].map(|value| rising.find(value)),
            [Some(0), Some(1), Some(2), Some(2)]
        );
    }

    #[test]
    fn gaps_and_overlaps_are_told_apart_in_either_direction() {
        let (a, b) = ((Some(80.0), Some(100.0)), (Some(50.0), Some(75.0)));
        assert!(reason(&[a, b]).contains("leave a gap from 75 to 80"));
        assert!(reason(&[b, a]).contains("leave a gap from 75 to 80"));
        let (a, b) = ((Some(60.0), Some(100.0)), (Some(50.0), Some(75.0)));
        assert!(reason(&[a, b]).contains("overlap from 60 to 75"));
        assert!(reason(&[b, a]).contains("overlap from 60 to 75"));
        assert!(reason(&[(Some(5.0), Some(5.0))]).contains("is empty"));
        assert!(reason(&[(None, None), (Some(1.0), Some(2.0))]).contains("open edge"));
        assert!(reason(&[(Some(1.0), Some(f64::INFINITY))]).contains("leave the edge out"));
    }

    #[test]
    fn a_list_reads_back_to_the_same_bands() {
        for original in [
            bands(&[(Some(50.0), None), (Some(-3.0), Some(50.0))]).unwrap(),
            bands(&[(None, Some(1.0)), (Some(1.0), Some(2.0))]).unwrap(),
            bands(&[(None, None)]).unwrap(),
        ] {
            assert_eq!(Bands::new("test", original.list()).unwrap(), original);
        }
    }
}
