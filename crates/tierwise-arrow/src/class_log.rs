//! A log of entries into classes as an engine hands it over: leads by key, classes by name, dates.

use crate::log::with_key;
use crate::table::{Keys, Table};
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
        let classes =
            self.positions(class, &format!("the class `{class}`"), &settings.classes)?.into_iter().enumerate().map(
                |(row, place)| {
                    place.ok_or_else(|| Error::InvalidValue {
                        what: format!("the class `{class}`"),
                        row,
                        key: keys.name(codes[row] as usize),
                        found: "unknown".into(),
                        must_be: "an entry is into a class; fill it in or leave the row out".into(),
                    })
                },
            );
        let classes = classes.collect::<Result<Vec<_>>>()?;
        let history = ClassHistory::new(&codes, &classes, &days, settings).map_err(|error| with_key(error, &keys))?;
        Ok((keys, history))
    }
}
