//! The terms of a sum as tables over the grids of their features, for whole blocks of rows.
//!
//! A feature has a grid when a pair reads it, or when a part makes more cuts than are gone through one by one. All its
//! terms then share what is found out about a value.

use super::grid::Grid;
use super::part::FEW;
use super::{Axis, Pair, Part, Shape};
use crate::Columns;
use crate::wide::wide;
use std::collections::BTreeMap;
use std::ops::Range;

/// The tables of a sum. It follows from the parts and pairs.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Plan {
    grids: Vec<(usize, Grid)>,
    parts: Vec<Option<PartTable>>,
    pairs: Vec<Option<PairTable>>,
}

/// The points of a part for every position on a grid.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PartTable {
    grid: usize,
    points: Vec<f64>,
}

/// For every position on two grids where its row of cells begins, and its place in a row.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PairTable {
    grids: [usize; 2],
    rows: Vec<u32>,
    columns: Vec<u32>,
}

impl Plan {
    pub(super) fn new(parts: &[Part], pairs: &[Pair]) -> Self {
        let mut grids: Vec<(usize, Grid)> = Vec::new();
        let mut place_of: BTreeMap<usize, usize> = BTreeMap::new();
        let many = |part: &&Part| matches!(&part.shape, Shape::Steps { cuts, .. } if cuts.len() > FEW);
        let paired = pairs.iter().flat_map(|pair| pair.features);
        for feature in parts.iter().filter(many).map(|part| part.feature).chain(paired) {
            if place_of.contains_key(&feature) {
                continue;
            }
            let shapes: Vec<&Shape> =
                parts.iter().filter(|part| part.feature == feature).map(|part| &part.shape).collect();
            let axes: Vec<&Axis> = pairs.iter().flat_map(|pair| pair.axes_of(feature)).collect();
            if let Some(grid) = Grid::new(&shapes, &axes) {
                place_of.insert(feature, grids.len());
                grids.push((feature, grid));
            }
        }
        let part_table = |part: &Part| {
            let &grid = place_of.get(&part.feature).filter(|_| !matches!(part.shape, Shape::Line { .. }))?;
            let values = grids[grid].1.representatives();
            Some(PartTable { grid, points: values.into_iter().map(|value| part.points(value)).collect() })
        };
        let pair_table = |pair: &Pair| {
            let [&first, &second] = [place_of.get(&pair.features[0])?, place_of.get(&pair.features[1])?];
            let cells = |axis: &Axis, grid: usize, width: usize| {
                let values = grids[grid].1.representatives();
                values.into_iter().map(|value| (axis.cell(value) * width) as u32).collect()
            };
            let [down, across] = &pair.axes;
            let (rows, columns) = (cells(down, first, across.known() + 1), cells(across, second, 1));
            Some(PairTable { grids: [first, second], rows, columns })
        };
        Self { parts: parts.iter().map(part_table).collect(), pairs: pairs.iter().map(pair_table).collect(), grids }
    }

    pub(super) fn part(&self, part: usize) -> Option<&PartTable> {
        self.parts[part].as_ref()
    }

    pub(super) fn pair(&self, pair: usize) -> Option<&PairTable> {
        self.pairs[pair].as_ref()
    }
}

/// What is found out about the values of a block of rows, once for all terms that ask.
#[derive(Debug)]
pub(crate) struct Places<'a> {
    grids: &'a [(usize, Grid)],
    columns: &'a Columns<'a>,
    rows: Range<usize>,
    /// Per grid room for the positions of a block of rows.
    positions: Vec<u32>,
    /// Per grid whether the positions of the present block are found.
    found: Vec<bool>,
    room: usize,
}

impl<'a> Places<'a> {
    /// For blocks of at most `room` rows of a table.
    pub(super) fn new(plan: &'a Plan, columns: &'a Columns<'a>, room: usize) -> Self {
        let grids = &plan.grids;
        let room = room.min(columns.rows());
        let positions = vec![0; room * grids.len()];
        Self { grids, columns, rows: 0..0, positions, found: vec![false; grids.len()], room }
    }

    /// Turns to another block.
    pub(crate) fn move_to(&mut self, rows: Range<usize>) {
        self.rows = rows;
        self.found.fill(false);
    }

    /// The values of a feature in the block.
    pub(crate) fn values(&self, feature: usize) -> &'a [f64] {
        &self.columns.column(feature)[self.rows.clone()]
    }

    fn find(&mut self, grid: usize) {
        if self.found[grid] {
            return;
        }
        let (feature, places) = &self.grids[grid];
        let positions = &mut self.positions[grid * self.room..][..self.rows.len()];
        places.find(&self.columns.column(*feature)[self.rows.clone()], positions);
        self.found[grid] = true;
    }

    fn positions(&self, grid: usize) -> &[u32] {
        &self.positions[grid * self.room..][..self.rows.len()]
    }

    pub(super) fn for_each_of_part<T>(&mut self, table: &PartTable, targets: &mut [T], take: impl Fn(&mut T, f64)) {
        self.find(table.grid);
        let (positions, points) = (self.positions(table.grid), table.points.as_slice());
        wide(
            #[inline(always)]
            || {
                for (target, &position) in targets.iter_mut().zip(positions) {
                    take(target, points[position as usize]);
                }
            },
        );
    }

    pub(super) fn for_each_of_pair<T>(
        &mut self,
        table: &PairTable,
        points: &[f64],
        targets: &mut [T],
        take: impl Fn(&mut T, f64),
    ) {
        let PairTable { grids: [first, second], rows, columns } = table;
        self.find(*first);
        self.find(*second);
        let positions = self.positions(*first).iter().zip(self.positions(*second));
        wide(
            #[inline(always)]
            || {
                for (target, (&down, &across)) in targets.iter_mut().zip(positions) {
                    take(target, points[(rows[down as usize] + columns[across as usize]) as usize]);
                }
            },
        );
    }
}
