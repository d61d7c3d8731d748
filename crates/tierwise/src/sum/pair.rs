//! A term of two features.

/// One addend that is a table: the points of a cell, which two features choose together.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    /// The positions of the features in the row: first the one that chooses the row of cells.
    pub features: [usize; 2],
    /// Which values of each feature share a row, or a column, of cells.
    pub axes: [Axis; 2],
    /// The points of each cell, row by row. The last row and the last column are for unknown; NaN where that is refused.
    pub points: Vec<f64>,
}

/// Which values of a feature share cells.
#[derive(Debug, Clone, PartialEq)]
pub enum Axis {
    /// A value's cell is the number of cuts that are `<=` it. Cuts ascend; one cell more than cuts.
    Steps(Vec<f64>),
    /// The cell of each level; yes-no is the case of two levels, no first. There are cells up to the largest named.
    Levels(Vec<usize>),
}

impl Axis {
    /// The number of cells for known values; the one after them is for unknown.
    pub fn known(&self) -> usize {
        match self {
            Self::Steps(cuts) => cuts.len() + 1,
            Self::Levels(cells) => cells.iter().max().map_or(0, |last| last + 1),
        }
    }

    /// The cell of a value: unknown for NaN and for a code without a level.
    pub fn cell(&self, value: f64) -> usize {
        match self {
            Self::Steps(_) if value.is_nan() => self.known(),
            Self::Steps(cuts) => cuts.partition_point(|&cut| cut <= value),
            Self::Levels(cells) => {
                let code = value as usize; // saturates: NaN and negatives become 0 and then fail the comparison
                match cells.get(code) {
                    Some(&cell) if code as f64 == value => cell,
                    _ => self.known(),
                }
            }
        }
    }
}

impl Pair {
    /// The points of a row.
    pub fn points(&self, row: &[f64]) -> f64 {
        let [down, across] = self.features;
        self.points[self.cell(row[down], row[across])]
    }

    /// The position of a cell among the points.
    pub(crate) fn cell(&self, down: f64, across: f64) -> usize {
        let [first, second] = &self.axes;
        first.cell(down) * (second.known() + 1) + second.cell(across)
    }

    /// The axes along which a feature chooses.
    pub(super) fn axes_of(&self, feature: usize) -> impl Iterator<Item = &Axis> {
        self.features.iter().zip(&self.axes).filter(move |(one, _)| **one == feature).map(|(_, axis)| axis)
    }

    /// How many cells there are, those for unknown included.
    pub fn cells(&self) -> usize {
        self.axes.iter().map(|axis| axis.known() + 1).product()
    }

    /// The largest size of the points of any cell.
    pub(super) fn largest(&self) -> f64 {
        self.points.iter().filter(|points| !points.is_nan()).fold(0.0, |largest, points| points.abs().max(largest))
    }
}
