//! Settings in and small results out, as JSON: floats keep their bits, NaN and infinities become null.

use crate::errors::{Raised, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tierwise::Error;

/// Reads settings; what is missing, misspelt or of the wrong type is named by its path below `at`.
pub(crate) fn read<T: DeserializeOwned>(json: &str, at: &str) -> Result<T> {
    let mut text = serde_json::Deserializer::from_str(json);
    Ok(serde_path_to_error::deserialize(&mut text).map_err(|error| {
        let path = match error.path().to_string() {
            path if path == "." => at.to_owned(),
            path if at.is_empty() || path.starts_with('[') => format!("{at}{path}"),
            path => format!("{at}.{path}"),
        };
        // The place in the JSON, which no user wrote, says nothing.
        let reason = error.inner().to_string();
        let reason = reason.split(" at line ").next().unwrap_or(&reason).to_owned();
        Error::InvalidSetting { path, reason }
    })?)
}

/// Writes a result.
pub(crate) fn write<T: Serialize>(result: &T) -> Result<String> {
    serde_json::to_string(result)
        .map_err(|error| Raised(Error::InvalidSetting { path: "result".into(), reason: error.to_string() }))
}
