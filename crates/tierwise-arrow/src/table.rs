//! A table of record batches, and what models say of it.

use crate::bound::{Bound, find};
use crate::{infer, read};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::DataType;
use std::collections::{BTreeMap, BTreeSet};
use tierwise::lead::{GradedColumns, PART};
use tierwise::learn::{self, Probability, ReasonColumns};
use tierwise::value::{encode_integers, encode_keys};
use tierwise::{Assign, Columns, Error, Explain, Feature, Kind, Result, Score, Scorecard, parallel};

/// A table as an engine hands it over: batches of rows with the same named columns.
#[derive(Debug, Clone, Default)]
pub struct Table {
    batches: Vec<RecordBatch>,
}

/// The distinct keys of a column, in ascending order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keys {
    /// Whole numbers.
    Integers(Vec<i64>),
    /// Texts.
    Texts(Vec<String>),
}

impl Keys {
    /// The number of keys.
    pub fn len(&self) -> usize {
        match self {
            Self::Integers(keys) => keys.len(),
            Self::Texts(keys) => keys.len(),
        }
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What the keys are, in words.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Integers(_) => "whole numbers",
            Self::Texts(_) => "texts",
        }
    }

    /// The key at a position, as text.
    pub fn name(&self, position: usize) -> Option<String> {
        match self {
            Self::Integers(keys) => keys.get(position).map(ToString::to_string),
            Self::Texts(keys) => keys.get(position).cloned(),
        }
    }
}

impl Table {
    /// A table of batches that share one schema.
    pub fn new(batches: Vec<RecordBatch>) -> Self {
        Self { batches }
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    /// The names of the columns.
    pub fn column_names(&self) -> Vec<String> {
        let fields = self.batches.first().map(|batch| batch.schema_ref().fields().clone()).unwrap_or_default();
        fields.iter().map(|field| field.name().clone()).collect()
    }

    /// The scores of every row.
    ///
    /// # Errors
    /// [`Error::MissingColumn`], [`Error::DuplicateColumn`], [`Error::WrongKind`] for a column of the wrong type, and
    /// what [`Columns`] refuses, with the row.
    pub fn score(&self, model: &dyn Score) -> Result<Vec<f64>> {
        let mut scores = vec![0.0; self.rows()];
        self.for_each_part(model.features(), scores.chunks_mut(PART).collect(), |columns, scores| {
            model.score_columns(columns, scores);
            Ok(())
        })?;
        Ok(scores)
    }

    /// One column of contributions per term: see [`tierwise::explain`].
    ///
    /// # Errors
    /// Those of [`Table::score`].
    pub fn explain(&self, model: &dyn Explain) -> Result<Vec<Vec<f64>>> {
        let mut table = vec![vec![0.0; self.rows()]; model.terms().len()];
        let mut places: Vec<Vec<&mut [f64]>> = Vec::new();
        places.resize_with(self.rows().div_ceil(PART), Vec::new);
        for column in &mut table {
            places.iter_mut().zip(column.chunks_mut(PART)).for_each(|(places, part)| places.push(part));
        }
        self.for_each_part(model.features(), places, |columns, places| {
            model.contributions_columns(columns, places);
            Ok(())
        })?;
        Ok(table)
    }

    /// The outcome of every row; `None` where it cannot be computed.
    ///
    /// # Errors
    /// Those of [`Table::score`].
    pub fn assign(&self, model: &dyn Assign) -> Result<Vec<Option<usize>>> {
        let mut outcomes = vec![None; self.rows()];
        self.for_each_part(model.features(), outcomes.chunks_mut(PART).collect(), |columns, outcomes| {
            model.assign_columns(columns, outcomes);
            Ok(())
        })?;
        Ok(outcomes)
    }

    /// The grades of every row: see [`Scorecard::grade_columns`].
    ///
    /// # Errors
    /// Those of [`Table::score`], and [`Error::InvalidScorecard`] when the card has no grades.
    pub fn grade(&self, card: &Scorecard, reasons: usize) -> Result<GradedColumns> {
        let mut graded = GradedColumns::zeroed(self.rows(), reasons)?;
        let has_unknown = self.for_each_part(card.features(), graded.parts(PART), |columns, part| {
            card.grade_part(columns, part)?;
            Ok(part.has_unknown())
        })?;
        graded.finish(&has_unknown, PART);
        Ok(graded)
    }

    /// The probability of every row: see [`tierwise::learn::probabilities`].
    ///
    /// # Errors
    /// Those of [`Table::score`].
    pub fn probability(&self, model: &dyn Probability) -> Result<Vec<f64>> {
        let mut probabilities = vec![0.0; self.rows()];
        self.for_each_part(model.features(), probabilities.chunks_mut(PART).collect(), |columns, places| {
            places.copy_from_slice(&learn::probabilities(model, columns)?);
            Ok(())
        })?;
        Ok(probabilities)
    }

    /// The strongest reasons of every row: see [`tierwise::learn::reason_columns`].
    ///
    /// # Errors
    /// Those of [`Table::score`].
    pub fn reasons(&self, model: &dyn Explain, most: usize) -> Result<ReasonColumns> {
        let places = vec![(); self.rows().div_ceil(PART)];
        let parts =
            self.for_each_part(model.features(), places, |columns, ()| learn::reason_columns(model, columns, most))?;
        let mut table = ReasonColumns::zeroed(0, most)?;
        for part in parts {
            table.term.iter_mut().zip(part.term).for_each(|(column, part)| column.extend(part));
            table.log_odds.iter_mut().zip(part.log_odds).for_each(|(column, part)| column.extend(part));
            table.effect.iter_mut().zip(part.effect).for_each(|(column, part)| column.extend(part));
        }
        Ok(table)
    }

    /// Every feature's values as one vector: for fits, which go over the data many times.
    ///
    /// # Errors
    /// Those of [`Table::score`].
    pub fn values(&self, features: &[Feature]) -> Result<Vec<Vec<f64>>> {
        let bound = Bound::new(&self.batches, features)?;
        parallel::map((0..features.len()).collect(), |feature| bound.values(feature)).into_iter().collect()
    }

    /// Makes a feature of each column but those named: numbers and dates become numbers, yes-nos stay, text and
    /// dictionaries become categories with their levels in sorted order. `categories` are columns of whole numbers
    /// that name levels. Unknown gets points of its own where it occurs.
    ///
    /// # Errors
    /// [`Error::MissingColumn`] for a name in `except` or `categories` that no column has, [`Error::InvalidFeature`] for
    /// a column of another type and for text with so many levels that it looks like an identifier.
    pub fn infer_features(&self, except: &[String], categories: &[String]) -> Result<Vec<Feature>> {
        self.check_names(except, categories)?;
        infer::features(&self.batches, except, categories, false)
    }

    /// As [`Table::infer_features`], for a look at the data before a fit: texts with however many levels are categories,
    /// and so are levels that only `test` has, a table of the same columns.
    ///
    /// # Errors
    /// Those of [`Table::infer_features`], but for identifiers.
    pub fn infer_all_features(
        &self,
        test: Option<&Self>,
        except: &[String],
        categories: &[String],
    ) -> Result<Vec<Feature>> {
        self.check_names(except, categories)?;
        let features = infer::features(&self.batches, except, categories, true)?;
        let Some(test) = test else { return Ok(features) };
        let with_levels_of_test = |feature: Feature| match feature.kind() {
            Kind::Category(levels) => {
                let mut all: BTreeSet<String> = levels.iter().cloned().collect();
                all.extend(test.levels(feature.name())?);
                Ok(Feature::category(feature.name(), all).with_unknown(feature.unknown()))
            }
            Kind::Number | Kind::YesNo => Ok(feature),
        };
        features.into_iter().map(with_levels_of_test).collect()
    }

    /// The columns that hold dates or instants.
    pub fn date_columns(&self) -> Vec<String> {
        infer::dates(&self.batches)
    }

    fn check_names(&self, except: &[String], categories: &[String]) -> Result<()> {
        let available: BTreeSet<String> = self.column_names().into_iter().collect();
        if let Some(column) = except.iter().chain(categories).find(|name| !available.contains(*name)) {
            return Err(Error::MissingColumn { column: column.clone(), available: self.column_names() });
        }
        Ok(())
    }

    /// Hands over the whole table as checked columns: for fits, which go over the data many times. Numbers without nulls
    /// that stand in one batch are lent, all others are converted.
    ///
    /// # Errors
    /// Those of [`Table::score`], and what `work` refuses.
    pub fn with_columns<R>(&self, features: &[Feature], work: impl FnOnce(&Columns<'_>) -> Result<R>) -> Result<R> {
        Bound::new(&self.batches, features)?.with_columns(0..self.rows(), work)
    }

    /// A column of labels as positions in a list of the labels that occur: for an outcome.
    ///
    /// # Errors
    /// [`Error::MissingColumn`], [`Error::WrongKind`] for a column that holds no labels, and [`Error::InvalidValue`] with
    /// the row where the label is unknown.
    pub fn label_codes(&self, column: &str) -> Result<(Vec<u32>, Vec<String>)> {
        self.codes_of(column, |row| Error::InvalidValue {
            what: format!("the outcome `{column}`"),
            row,
            key: None,
            found: "unknown".into(),
            must_be: "a fit needs to know what happened; leave such rows out".into(),
        })
    }

    /// As [`Table::label_codes`], with an error of one's own for a row whose label is unknown.
    pub(crate) fn codes_of(&self, column: &str, unknown: impl Fn(usize) -> Error) -> Result<(Vec<u32>, Vec<String>)> {
        let mut codes = Vec::with_capacity(self.rows());
        let mut labels = Vec::new();
        for array in self.arrays(column)? {
            read::label_codes(column, array, &mut codes, &mut labels, &unknown)?;
        }
        Ok((codes, labels))
    }

    /// A column of whole numbers without unknown ones; `None` for any other.
    pub(crate) fn integers(&self, column: &str) -> Result<Option<Vec<i64>>> {
        let Some(mut parts) = self.arrays(column)?.into_iter().map(read::integers_of).collect::<Option<Vec<_>>>()
        else {
            return Ok(None);
        };
        Ok(Some(if parts.len() == 1 { parts.swap_remove(0) } else { parts.concat() }))
    }

    /// A column of names as positions among those that are known; `None` for unknown. `what` says what is named, for the
    /// error.
    ///
    /// # Errors
    /// Those of [`Table::labels`], and [`Error::UnknownName`] with the row.
    pub fn positions(&self, column: &str, what: &str, names: &[String]) -> Result<Vec<Option<u32>>> {
        let places: BTreeMap<&str, u32> = names.iter().map(String::as_str).zip(0..).collect();
        let place = |(row, label): (usize, Option<String>)| match label {
            None => Ok(None),
            Some(name) => match places.get(name.as_str()) {
                Some(&place) => Ok(Some(place)),
                None => Err(Error::UnknownName { what: what.to_owned(), row: Some(row), name, known: names.to_vec() }),
            },
        };
        self.labels(column)?.into_iter().enumerate().map(place).collect()
    }

    /// The levels that occur in a column of text or whole numbers, in sorted order.
    ///
    /// # Errors
    /// [`Error::MissingColumn`], and [`Error::WrongKind`] for a column that names no levels.
    pub fn levels(&self, column: &str) -> Result<Vec<String>> {
        let mut levels = BTreeSet::new();
        for array in self.arrays(column)? {
            levels.extend(read::levels_of(column, array)?);
        }
        Ok(levels.into_iter().collect())
    }

    /// A column of labels as text; `None` for unknown. Yes-nos are `true` and `false`, whole numbers have no point.
    ///
    /// # Errors
    /// [`Error::MissingColumn`], and [`Error::WrongKind`] for a column that holds no labels.
    pub fn labels(&self, column: &str) -> Result<Vec<Option<String>>> {
        let mut labels = Vec::with_capacity(self.rows());
        for array in self.arrays(column)? {
            labels.extend(read::labels_of(column, array)?);
        }
        Ok(labels)
    }

    /// Codes for a column of keys, such as customer numbers: the position of each row's key among the distinct keys in
    /// ascending order. Whole numbers stay numbers, texts stay texts, and nothing else is a key.
    ///
    /// # Errors
    /// [`Error::MissingColumn`], [`Error::WrongKind`] for a column that holds no keys, and [`Error::InvalidValue`] with the
    /// row where the key is unknown, no whole number, or a larger one than can be told from the next.
    pub fn keys(&self, column: &str) -> Result<(Vec<u32>, Keys)> {
        let mut first_row = 0;
        for array in self.arrays(column)? {
            if *array.data_type() == DataType::Boolean {
                return Err(Error::WrongKind {
                    column: column.into(),
                    row: None,
                    expected: "a key, whole numbers or texts,".into(),
                    found: "yes-nos".into(),
                });
            }
            if let Some((row, number, must_be)) = read::no_key(array) {
                return Err(Error::InvalidValue {
                    what: format!("the key `{column}`"),
                    row: first_row + row,
                    key: None,
                    found: number,
                    must_be: must_be.into(),
                });
            }
            first_row += array.len();
        }
        self.groups(column)
    }

    /// As [`Table::keys`] of a column that tells groups apart, in which yes-nos and parts of numbers are read as text too.
    ///
    /// # Errors
    /// Those of [`Table::keys`].
    pub fn groups(&self, column: &str) -> Result<(Vec<u32>, Keys)> {
        let arrays = self.arrays(column)?;
        if let [array] = arrays[..]
            && let Some(keys) = read::lent_integers(array)
        {
            let (codes, keys) = encode_integers(keys);
            return Ok((codes, Keys::Integers(keys)));
        }
        if let Some(keys) = self.integers(column)? {
            let (codes, keys) = encode_integers(&keys);
            return Ok((codes, Keys::Integers(keys)));
        }
        let unknown = |row: usize| Error::InvalidValue {
            what: format!("the key `{column}`"),
            row,
            key: None,
            found: "unknown".into(),
            must_be: "every row needs a key; fill it in or leave the row out".into(),
        };
        if let Some(texts) = arrays.iter().map(|array| read::lent_texts(array)).collect::<Option<Vec<_>>>() {
            let keys = texts.into_iter().flatten().enumerate().map(|(row, key)| key.ok_or_else(|| unknown(row)));
            let (codes, keys) = encode_keys(&keys.collect::<Result<Vec<&str>>>()?);
            return Ok((codes, Keys::Texts(keys.into_iter().map(ToOwned::to_owned).collect())));
        }
        let keys = self.labels(column)?.into_iter().enumerate().map(|(row, key)| key.ok_or_else(|| unknown(row)));
        let (codes, keys) = encode_keys(&keys.collect::<Result<Vec<_>>>()?);
        Ok((codes, Keys::Texts(keys)))
    }

    pub(crate) fn arrays(&self, column: &str) -> Result<Vec<&ArrayRef>> {
        self.batches.iter().map(|batch| find(batch, column)).collect()
    }

    /// Binds, converts and hands over the table part by part, on the thread pool where there is one; `places` holds what
    /// each part writes to, in order.
    fn for_each_part<P: Send, R: Send>(
        &self,
        features: &[Feature],
        places: Vec<P>,
        work: impl Fn(&Columns<'_>, &mut P) -> Result<R> + Sync + Send,
    ) -> Result<Vec<R>> {
        let bound = Bound::new(&self.batches, features)?;
        let parts = places.into_iter().enumerate().collect();
        let results = parallel::map(parts, |(index, mut place): (usize, P)| {
            let start = index * PART;
            let end = (start + PART).min(self.rows());
            bound.with_columns(start..end, |columns| work(columns, &mut place))
        });
        results.into_iter().collect()
    }
}
