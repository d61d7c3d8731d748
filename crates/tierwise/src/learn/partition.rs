//! A fixed partition of the rows: what lets threads share a fit without a say in its result.

use std::ops::Range;

/// Rows per block: the smallest unit of work. A block of 50 columns stays in the second-level cache.
pub(super) const BLOCK: usize = 256;

/// At most this many tasks, so that what the tasks return stays small beside the table.
const TASKS: usize = 64;

/// Fewer blocks than this are not worth a task of their own.
const BLOCKS_PER_TASK: usize = 16;

/// Some of the blocks of a table: every `stride`-th, split into tasks that depend on the number of rows alone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Partition {
    rows: usize,
    stride: usize,
    blocks: usize,
    blocks_per_task: usize,
}

impl Partition {
    /// Every `stride`-th block of a table; a stride of 1 takes all rows.
    pub(super) fn new(rows: usize, stride: usize) -> Self {
        let blocks = rows.div_ceil(BLOCK).div_ceil(stride);
        Self { rows, stride, blocks, blocks_per_task: blocks.div_ceil(TASKS).max(BLOCKS_PER_TASK) }
    }

    /// The number of tasks.
    pub(super) fn tasks(&self) -> usize {
        self.blocks.div_ceil(self.blocks_per_task)
    }

    /// The rows of each block of one task.
    pub(super) fn blocks(&self, task: usize) -> impl Iterator<Item = Range<usize>> + use<> {
        let Self { rows, stride, blocks, blocks_per_task } = *self;
        let last = ((task + 1) * blocks_per_task).min(blocks);
        (task * blocks_per_task..last).map(move |block| {
            let start = block * stride * BLOCK;
            start..(start + BLOCK).min(rows)
        })
    }
}

/// Runs `task` for 0 to `tasks`, on all threads, and returns the answers in order. `room` makes the working memory
/// that a thread reuses from one task to the next.
#[cfg(feature = "parallel")]
pub(super) fn in_order<W: Send, T: Send>(
    tasks: usize,
    room: impl Fn() -> W + Sync + Send,
    task: impl Fn(&mut W, usize) -> T + Sync + Send,
) -> Vec<T> {
    use rayon::prelude::*;
    if tasks < 2 {
        let mut room = room();
        return (0..tasks).map(|index| task(&mut room, index)).collect();
    }
    (0..tasks).into_par_iter().map_init(room, task).collect()
}

/// Runs `task` for 0 to `tasks` and returns the answers in order.
#[cfg(not(feature = "parallel"))]
pub(super) fn in_order<W: Send, T: Send>(
    tasks: usize,
    room: impl Fn() -> W + Sync + Send,
    task: impl Fn(&mut W, usize) -> T + Sync + Send,
) -> Vec<T> {
    let mut room = room();
    (0..tasks).map(|index| task(&mut room, index)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_in_one_block() {
        for rows in [0, 1, 255, 256, 257, 5000, 300_001, 2_000_000] {
            let partition = Partition::new(rows, 1);
            let mut next = 0;
            for block in (0..partition.tasks()).flat_map(|task| partition.blocks(task)) {
                assert_eq!(block.start, next);
                next = block.end;
            }
            assert_eq!(next, rows);
        }
    }

    #[test]
    fn a_stride_spans_the_table() {
        let partition = Partition::new(100_000, 8);
        let blocks: Vec<_> = (0..partition.tasks()).flat_map(|task| partition.blocks(task)).collect();
        assert_eq!((blocks.len(), blocks[1].start), (49, 2048));
        assert!(blocks[48].end > 98_000);
    }
}
