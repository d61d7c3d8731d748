//! Features from a table's own columns, for fits that are given a table and nothing else.

use crate::read::{is_date, is_integer, is_number, is_text, says_nothing, texts_of};
use arrow_array::RecordBatch;
use arrow_schema::DataType;
use std::collections::BTreeSet;
use tierwise::{Error, Feature, Result, Unknown};

/// More levels than this in a small table are no category but an identifier.
const FEW_LEVELS: usize = 100;

/// Features to learn from, or with `all` to look at: then a text with as many levels as an identifier is a category too.
pub(crate) fn features(
    batches: &[RecordBatch],
    except: &[String],
    categories: &[String],
    all: bool,
) -> Result<Vec<Feature>> {
    let Some(first) = batches.first() else { return Ok(Vec::new()) };
    let fields = first.schema_ref().fields().iter().enumerate();
    let wanted = fields.filter(|(_, field)| !except.contains(field.name()));
    let feature = |(index, field): (usize, &arrow_schema::FieldRef)| {
        let (name, data_type) = (field.name().as_str(), field.data_type());
        let as_category = categories.iter().any(|category| category == name);
        let feature = match data_type {
            _ if is_text(data_type) || as_category && is_integer(data_type) => category(name, batches, index, all)?,
            // A column in which nothing is known is a column of any kind.
            _ if as_category && !batches.iter().all(|batch| says_nothing(batch.column(index))) => {
                return Err(invalid(
                    name,
                    format!(
                        "a column of type {data_type} names no levels; convert it to whole numbers or text, or leave it out of `categories`"
                    ),
                ));
            }
            DataType::Boolean => Feature::yes_no(name),
            _ if is_number(data_type) || is_date(data_type) || *data_type == DataType::Null => Feature::number(name),
            other => {
                return Err(invalid(
                    name,
                    format!(
                        "a column of type {other} is neither number, yes-no, date nor text; convert it or leave it out"
                    ),
                ));
            }
        };
        Ok(feature.with_unknown(Unknown::Own))
    };
    wanted.map(feature).collect()
}

fn category(name: &str, batches: &[RecordBatch], index: usize, all: bool) -> Result<Feature> {
    let mut levels = BTreeSet::new();
    let mut rows = 0;
    for batch in batches {
        levels.extend(texts_of(batch.column(index)).into_iter().flatten());
        rows += batch.num_rows();
    }
    if !all && levels.len() > FEW_LEVELS && levels.len() > rows / 10 {
        return Err(invalid(
            name,
            format!(
                "it has {} levels in {rows} rows and looks like an identifier; leave it out, or state the features yourself",
                levels.len()
            ),
        ));
    }
    // A column without a single known value still is a column; the fit will say that it is unknown in every row.
    if levels.is_empty() {
        levels.insert(String::from("unknown"));
    }
    Ok(Feature::category(name, levels))
}

/// The columns that hold dates or instants.
pub(crate) fn dates(batches: &[RecordBatch]) -> Vec<String> {
    let Some(first) = batches.first() else { return Vec::new() };
    let fields = first.schema_ref().fields().iter();
    fields.filter(|field| is_date(field.data_type())).map(|field| field.name().clone()).collect()
}

fn invalid(feature: &str, reason: String) -> Error {
    Error::InvalidFeature { feature: feature.to_owned(), reason }
}
