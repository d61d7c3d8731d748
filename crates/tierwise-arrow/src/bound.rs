//! Batches bound to features: every column found, every type checked, ready to be read part by part.

use crate::read::Reader;
use arrow_array::{ArrayRef, RecordBatch};
use std::ops::Range;
use tierwise::{Columns, Error, Feature, Result};

pub(crate) struct Bound<'a> {
    features: &'a [Feature],
    batches: Vec<BoundBatch>,
}

struct BoundBatch {
    first_row: usize,
    rows: usize,
    readers: Vec<Reader>,
}

impl<'a> Bound<'a> {
    pub(crate) fn new(batches: &[RecordBatch], features: &'a [Feature]) -> Result<Self> {
        let mut bound = Self { features, batches: Vec::with_capacity(batches.len()) };
        let mut first_row = 0;
        for batch in batches {
            let reader = |feature: &Feature| Reader::new(find(batch, feature.name())?, feature, first_row);
            let readers = features.iter().map(reader).collect::<Result<_>>()?;
            bound.batches.push(BoundBatch { first_row, rows: batch.num_rows(), readers });
            first_row += batch.num_rows();
        }
        Ok(bound)
    }

    /// Hands over the rows of `range` as checked columns. A range within one batch whose numbers can be lent is not
    /// copied.
    pub(crate) fn with_columns<R>(
        &self,
        range: Range<usize>,
        work: impl FnOnce(&Columns<'_>) -> Result<R>,
    ) -> Result<R> {
        let whole = self
            .batches
            .iter()
            .find(|batch| batch.first_row <= range.start && range.end <= batch.first_row + batch.rows);
        let mut buffers: Vec<Vec<f64>> = Vec::new();
        buffers.resize_with(self.features.len(), Vec::new);
        let mut lent: Vec<Option<&[f64]>> = vec![None; self.features.len()];
        for (feature, buffer) in buffers.iter_mut().enumerate() {
            lent[feature] = whole.and_then(|batch| {
                batch.readers[feature].lend(range.start - batch.first_row..range.end - batch.first_row)
            });
            if lent[feature].is_none() {
                buffer.resize(range.len(), 0.0);
                self.read(feature, range.clone(), buffer)?;
            }
        }
        let columns = lent.iter().zip(&buffers).map(|(lent, buffer)| lent.unwrap_or(buffer)).collect();
        work(&Columns::in_order_from(self.features, columns, range.start)?)
    }

    /// All values of one feature.
    pub(crate) fn values(&self, feature: usize) -> Result<Vec<f64>> {
        let rows = self.batches.iter().map(|batch| batch.rows).sum();
        let mut values = vec![0.0; rows];
        self.read(feature, 0..rows, &mut values)?;
        Ok(values)
    }

    fn read(&self, feature: usize, range: Range<usize>, values: &mut [f64]) -> Result<()> {
        for batch in &self.batches {
            let start = range.start.max(batch.first_row);
            let end = range.end.min(batch.first_row + batch.rows);
            if start < end {
                let place = &mut values[start - range.start..end - range.start];
                batch.readers[feature].read(start - batch.first_row..end - batch.first_row, place)?;
            }
        }
        Ok(())
    }
}

/// The column of this name.
pub(crate) fn find<'b>(batch: &'b RecordBatch, name: &str) -> Result<&'b ArrayRef> {
    let schema = batch.schema_ref();
    let mut matching = schema.fields().iter().enumerate().filter(|(_, field)| field.name() == name);
    match (matching.next(), matching.next()) {
        (Some((index, _)), None) => Ok(batch.column(index)),
        (Some(_), Some(_)) => Err(Error::DuplicateColumn { column: name.to_owned() }),
        (None, _) => Err(Error::MissingColumn {
            column: name.to_owned(),
            available: schema.fields().iter().map(|field| field.name().clone()).collect(),
        }),
    }
}
