//! A log of events as an engine hands it over: leads by key, types of event by name, dates.

use crate::read::{is_text, labels_of, texts_of};
use crate::table::{Keys, Table};
use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowDictionaryKeyType, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use tierwise::lead::Events;
use tierwise::{Error, Result, parallel};

/// The names of the columns of a log of events.
#[derive(Debug, Clone, Copy)]
pub struct EventColumns<'a> {
    /// The key of the lead.
    pub lead: &'a str,
    /// The type of the event: text, a dictionary, or whole numbers.
    pub event: &'a str,
    /// The date.
    pub date: &'a str,
    /// The id of the event, where duplicates are to be found.
    pub id: Option<&'a str>,
}

/// A log of events by codes, with the keys and names that the codes stand for.
///
/// ```
/// use arrow_array::{ArrayRef, Date32Array, RecordBatch, StringArray};
/// use std::sync::Arc;
/// use tierwise::lead::{EventPolicy, EventRule, EventRules, EventRulesSpec};
/// use tierwise_arrow::{EventColumns, Table};
/// let batch = RecordBatch::try_from_iter([
///     ("lead", Arc::new(StringArray::from(vec!["bob", "ann", "bob"])) as ArrayRef),
///     ("type", Arc::new(StringArray::from(vec!["call", "mail", "mail"])) as ArrayRef),
///     ("day", Arc::new(Date32Array::from(vec![10, 11, 12])) as ArrayRef),
/// ])?;
/// let table = Table::new(vec![batch]);
/// let log = table.events(EventColumns { lead: "lead", event: "type", date: "day", id: None })?;
/// let rules = vec![EventRule::new("call", 6.0), EventRule::new("mail", 1.0)];
/// let rules = EventRules::new(EventRulesSpec { rules, ..EventRulesSpec::default() })?;
/// let points = rules.points(&log.events()?, log.leads(), 20, EventPolicy::default())?;
/// assert_eq!((log.keys().name(1), points.total[1]), (Some("bob".into()), 7.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct EventTable<'a> {
    lead: Vec<u32>,
    keys: Keys,
    leads: usize,
    event: Vec<u32>,
    names: Vec<String>,
    day: Cow<'a, [i32]>,
    id: Option<Vec<u32>>,
}

impl Table {
    /// Reads a log of events. Leads are those that occur, in ascending order of their keys.
    ///
    /// # Errors
    /// Those of [`Table::keys`] and [`Table::days`], and [`Error::InvalidValue`] with the row for a type of event that is
    /// unknown.
    pub fn events(&self, columns: EventColumns<'_>) -> Result<EventTable<'_>> {
        let (lead, keys) = self.keys(columns.lead)?;
        let day = self.days(columns.date, |row| keys.name(lead[row] as usize))?;
        let (event, names) = names(columns.event, &self.arrays(columns.event)?)?;
        let id = columns.id.map(|id| self.keys(id)).transpose()?.map(|(codes, _)| codes);
        Ok(EventTable { leads: keys.len(), lead, keys, event, names, day, id })
    }
}

impl EventTable<'_> {
    /// The same log with the leads that are asked for, in the order of `leads`; leads of the log that are not among them
    /// get the codes after theirs.
    ///
    /// # Errors
    /// Those of [`Table::keys`], [`Error::WrongKind`] when one side has whole numbers as keys and the other texts, and
    /// [`Error::InvalidValue`] for a lead that is listed twice.
    pub fn with_leads(mut self, leads: &Table, column: &str) -> Result<Self> {
        let (places, keys, count) = among(&self.keys, leads, column)?;
        self.lead.iter_mut().for_each(|code| *code = places[*code as usize]);
        (self.leads, self.keys) = (count, keys);
        Ok(self)
    }

    /// The log by codes.
    ///
    /// # Errors
    /// Those of [`Events::new`]; columns of one table have none.
    pub fn events(&self) -> Result<Events<'_>> {
        let events = Events::new(&self.lead, &self.event, &self.names, &self.day)?;
        self.id.as_ref().map_or(Ok(events), |id| events.with_ids(id))
    }

    /// The number of leads asked for.
    pub fn leads(&self) -> usize {
        self.leads
    }

    /// The keys by code: those of the leads asked for, then others that occur.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// The types of event by code.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The code of the type of event of each row.
    pub fn event_codes(&self) -> &[u32] {
        &self.event
    }

    /// The day of each row.
    pub fn days(&self) -> &[i32] {
        &self.day
    }

    /// The error with the lead's own key where the core knows only its code.
    #[must_use]
    pub fn with_key(&self, error: Error) -> Error {
        crate::log::with_key(error, &self.keys)
    }
}

impl Table {
    /// The codes of a column of keys among those of another table's column of that name: the row there, or a further code
    /// for keys that it does not list. Also the keys by code, and how many the other table lists.
    ///
    /// # Errors
    /// Those of [`EventTable::with_leads`].
    pub fn keys_among(&self, column: &str, asked: &Table) -> Result<(Vec<u32>, Keys, usize)> {
        let (codes, own) = self.keys(column)?;
        let (places, keys, count) = among(&own, asked, column)?;
        Ok((codes.into_iter().map(|code| places[code as usize]).collect(), keys, count))
    }
}

/// For each of some keys its place among those that another table lists, or after them; the keys by place; and how many the
/// table lists.
fn among(own: &Keys, asked: &Table, column: &str) -> Result<(Vec<u32>, Keys, usize)> {
    let (codes, asked) = asked.keys(column)?;
    let (places, keys) = match (own, &asked) {
        (Keys::Integers(own), Keys::Integers(asked)) => {
            let (places, keys) = joined(own, asked, &codes, column)?;
            (places, Keys::Integers(keys))
        }
        (Keys::Texts(own), Keys::Texts(asked)) => {
            let (places, keys) = joined(own, asked, &codes, column)?;
            (places, Keys::Texts(keys))
        }
        // Of a table without rows nobody can tell what its keys are.
        (own, _) if own.is_empty() => (Vec::new(), in_order(&asked, &codes)),
        (own, asked) if asked.is_empty() => ((0..own.len() as u32).collect(), own.clone()),
        (own, asked) => {
            return Err(Error::WrongKind {
                column: column.to_owned(),
                row: None,
                expected: format!("keys as in the log, {}", own.kind()),
                found: asked.kind().into(),
            });
        }
    };
    Ok((places, keys, codes.len()))
}

fn in_order(keys: &Keys, codes: &[u32]) -> Keys {
    match keys {
        Keys::Integers(keys) => Keys::Integers(codes.iter().map(|&code| keys[code as usize]).collect()),
        Keys::Texts(keys) => Keys::Texts(codes.iter().map(|&code| keys[code as usize].clone()).collect()),
    }
}

/// For each of the log's own keys its place among those asked for, or after them; and the keys by place.
fn joined<K: Ord + Clone + fmt::Display>(
    own: &[K],
    asked: &[K],
    codes: &[u32],
    column: &str,
) -> Result<(Vec<u32>, Vec<K>)> {
    const NOWHERE: u32 = u32::MAX;
    let mut place_of = vec![NOWHERE; asked.len()];
    let mut keys = Vec::with_capacity(codes.len());
    for (row, &code) in codes.iter().enumerate() {
        let place = &mut place_of[code as usize];
        if *place != NOWHERE {
            return Err(Error::InvalidValue {
                what: format!("the key asked for in `{column}`"),
                row,
                key: Some(asked[code as usize].to_string()),
                found: "listed twice".into(),
                must_be: "list each key once".into(),
            });
        }
        *place = row as u32;
        keys.push(asked[code as usize].clone());
    }
    let places = own.iter().map(|key| {
        asked.binary_search(key).map_or_else(
            |_| {
                keys.push(key.clone());
                keys.len() as u32 - 1
            },
            |at| place_of[at],
        )
    });
    let places = places.collect();
    Ok((places, keys))
}

/// A column of names as codes, and the names. Only distinct names become texts of their own.
fn names(column: &str, arrays: &[&ArrayRef]) -> Result<(Vec<u32>, Vec<String>)> {
    /// Rows that are read side by side with others.
    const PIECE: usize = 1 << 19;
    let mut pieces = Vec::new();
    let mut first_row = 0;
    for array in arrays {
        for start in (0..array.len()).step_by(PIECE) {
            pieces.push((first_row + start, array.slice(start, PIECE.min(array.len() - start))));
        }
        first_row += array.len();
    }
    let mut read: Vec<(Vec<u32>, Vec<String>)> =
        parallel::map(pieces, |(first_row, piece)| piece_names(column, &piece, first_row))
            .into_iter()
            .collect::<Result<_>>()?;
    if read.len() == 1 {
        return Ok(read.swap_remove(0));
    }
    let mut all = Names::default();
    let mut codes = vec![0; first_row];
    let mut rest = &mut codes[..];
    let mut work = Vec::with_capacity(read.len());
    for (piece_codes, piece_names) in read {
        let places: Vec<u32> = piece_names.iter().map(|name| all.code(name)).collect();
        let (own, others) = rest.split_at_mut(piece_codes.len());
        rest = others;
        work.push((own, piece_codes, places));
    }
    parallel::map(work, |(own, piece_codes, places)| {
        if places.iter().copied().eq(0..places.len() as u32) {
            own.copy_from_slice(&piece_codes);
        } else {
            own.iter_mut().zip(piece_codes).for_each(|(own, code)| *own = places[code as usize]);
        }
    });
    Ok((codes, all.list))
}

fn piece_names(column: &str, array: &ArrayRef, first_row: usize) -> Result<(Vec<u32>, Vec<String>)> {
    let unknown = |row: usize| Error::InvalidValue {
        what: format!("the event type `{column}`"),
        row: first_row + row,
        key: None,
        found: "unknown".into(),
        must_be: "every event needs a type; fill it in or leave the row out".into(),
    };
    let mut names = Names::default();
    let mut codes = Vec::with_capacity(array.len());
    macro_rules! read_texts {
        ($texts:expr) => {{
            let texts = $texts;
            for row in 0..texts.len() {
                if texts.is_null(row) {
                    return Err(unknown(row));
                }
                codes.push(names.code(texts.value(row)));
            }
        }};
    }
    match array.data_type() {
        DataType::Utf8 => read_texts!(array.as_string::<i32>()),
        DataType::LargeUtf8 => read_texts!(array.as_string::<i64>()),
        DataType::Utf8View => read_texts!(array.as_string_view()),
        DataType::Dictionary(_, _) if is_text(array.data_type()) => {
            let levels = texts_of(array.as_any_dictionary().values());
            let level_code = |level: &Option<String>| level.as_deref().map_or(UNKNOWN, |level| names.code(level));
            let places: Vec<u32> = levels.iter().map(level_code).collect();
            codes = dictionary_codes(array, &places);
            if let Some(row) = codes.iter().position(|&code| code == UNKNOWN) {
                return Err(unknown(row));
            }
        }
        _ => {
            for (row, label) in labels_of(column, array)?.iter().enumerate() {
                codes.push(names.code(label.as_deref().ok_or_else(|| unknown(row))?));
            }
        }
    }
    Ok((codes, names.list))
}

/// In place of a code where there is none.
const UNKNOWN: u32 = u32::MAX;

/// What stands in `places` for the level of each row; [`UNKNOWN`] for null.
fn dictionary_codes(array: &ArrayRef, places: &[u32]) -> Vec<u32> {
    fn codes<K: ArrowDictionaryKeyType>(array: &ArrayRef, places: &[u32]) -> Vec<u32>
    where
        K::Native: TryInto<usize>,
    {
        // What lies under a null is arbitrary.
        let place = |&key: &K::Native| key.try_into().ok().and_then(|key: usize| places.get(key).copied());
        let keys = array.as_dictionary::<K>().keys();
        let mut codes: Vec<u32> = keys.values().iter().map(|key| place(key).unwrap_or(UNKNOWN)).collect();
        if keys.null_count() > 0 {
            (0..codes.len()).filter(|&row| keys.is_null(row)).for_each(|row| codes[row] = UNKNOWN);
        }
        codes
    }
    let DataType::Dictionary(key, _) = array.data_type() else { return vec![UNKNOWN; array.len()] };
    match **key {
        DataType::Int8 => codes::<Int8Type>(array, places),
        DataType::Int16 => codes::<Int16Type>(array, places),
        DataType::Int32 => codes::<Int32Type>(array, places),
        DataType::Int64 => codes::<Int64Type>(array, places),
        DataType::UInt8 => codes::<UInt8Type>(array, places),
        DataType::UInt16 => codes::<UInt16Type>(array, places),
        DataType::UInt32 => codes::<UInt32Type>(array, places),
        _ => codes::<UInt64Type>(array, places),
    }
}

/// Names in the order in which they are first seen.
struct Names {
    list: Vec<String>,
    codes: BTreeMap<String, u32>,
    /// Codes of names lately seen, by a rough hash; there are few types of event, and each is looked up millions of
    /// times.
    lately: [u32; 256],
}

impl Default for Names {
    fn default() -> Self {
        Self { list: Vec::new(), codes: BTreeMap::new(), lately: [u32::MAX; 256] }
    }
}

impl Names {
    #[inline]
    fn code(&mut self, name: &str) -> u32 {
        let slot = rough_hash(name.as_bytes());
        let code = self.lately[slot];
        if self.list.get(code as usize).is_some_and(|known| known == name) {
            return code;
        }
        let code = self.looked_up(name);
        self.lately[slot] = code;
        code
    }

    fn looked_up(&mut self, name: &str) -> u32 {
        if let Some(&code) = self.codes.get(name) {
            return code;
        }
        let code = self.list.len() as u32;
        self.list.push(name.to_owned());
        self.codes.insert(name.to_owned(), code);
        code
    }
}

/// From the length and three bytes: enough to tell most names apart.
#[inline]
fn rough_hash(name: &[u8]) -> usize {
    let byte = |at: usize| name.get(at).map_or(0, |&byte| usize::from(byte));
    let last = name.len().saturating_sub(1);
    (name.len().wrapping_mul(151) ^ byte(0).wrapping_mul(31) ^ byte(last / 2).wrapping_mul(7) ^ byte(last)) & 255
}
