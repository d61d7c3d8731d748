//! A log of entries into classes as an engine hands it over: leads by key, classes by name, dates.

use crate::log::with_key;
use crate::read::labels_of;
use crate::table::{Keys, Table};
use std::collections::BTreeMap;
use tierwise::lead::{ClassHistory, ClassHistorySettings};
use tierwise::{Error, Result};

impl Table {
    /// Reads entries into classes: see [`ClassHistory::new`]. The keys are those of all leads in the log, in ascending
    /// order; the history has positions among them.
    ///
    /// # Errors
    /// Those of [`Table::keys`], [`Table::days`] and [`ClassHistory::new`]; [`Error::UnknownName`] with the row for a class
    /// that is not among those of the settings; [`Error::InvalidValue`] with row and lead for a class that is unknown.
    pub fn class_history(
        &self,
        lead: &str,
        class: &str,
        date: &str,
        settings: ClassHistorySettings,
    ) -> Result<(Keys, ClassHistory)> {
        let (codes, keys) = self.keys(lead)?;
        let days = self.days(date, |row| keys.name(codes[row] as usize))?;
        let classes = self.class_positions(class, &settings.classes)?.into_iter().enumerate().map(|(row, place)| {
            place.ok_or_else(|| Error::InvalidValue {
                what: format!("the class `{class}`"),
                row,
                key: keys.name(codes[row] as usize),
                found: "unknown".into(),
                must_be: "an entry is into a class; fill it in or leave the row out".into(),
            })
        });
        let classes = classes.collect::<Result<Vec<_>>>()?;
        let history = ClassHistory::new(&codes, &classes, &days, settings).map_err(|error| with_key(error, &keys))?;
        Ok((keys, history))
    }

    /// A column of names as positions in a list of classes; `None` where it is unknown.
    ///
    /// # Errors
    /// [`Error::MissingColumn`]; [`Error::WrongKind`] for a column that holds no names; [`Error::UnknownName`] with the row
    /// for a name that is not in the list.
    pub fn class_positions(&self, column: &str, classes: &[String]) -> Result<Vec<Option<u32>>> {
        let places: BTreeMap<&str, u32> = classes.iter().map(String::as_str).zip(0..).collect();
        let mut positions = Vec::with_capacity(self.rows());
        for array in self.arrays(column)? {
            for label in labels_of(column, array)? {
                let position = label.map(|label| {
                    places.get(label.as_str()).copied().ok_or_else(|| Error::UnknownName {
                        what: format!("the class `{column}`"),
                        row: Some(positions.len()),
                        name: label,
                        known: classes.to_vec(),
                    })
                });
                positions.push(position.transpose()?);
            }
        }
        Ok(positions)
    }
}
