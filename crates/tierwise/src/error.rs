//! Every way in which tierwise says no: what was found, where, and what to do next.

/// A `Result` whose error is [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// What went wrong, where, and what to do.
///
/// [`Error::code`] is stable: services may match on it and Python maps each code to one exception class.
/// Rows are counted from 0, in the table as the caller passed it.
#[derive(Debug, Clone, PartialEq, thiserror::Error, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Error {
    /// A parameter lies outside its range.
    #[error("The `{name}` of `{of}` must be {must_be}. Got {got}.")]
    InvalidParameter {
        /// The function or type that takes the parameter.
        of: &'static str,
        /// The parameter.
        name: &'static str,
        /// What is allowed.
        must_be: String,
        /// What was given.
        got: String,
    },
    /// A model needs a column that the table does not have.
    #[error("column `{column}` is missing; the table has {}. Add it, or rename the column that holds it", listed(.available))]
    MissingColumn {
        /// The feature that found no column.
        column: String,
        /// The columns that the table has.
        available: Vec<String>,
    },
    /// A name that no feature has.
    #[error("`{name}` in {place} is not a feature; the features are {}", listed(.available))]
    UnknownFeature {
        /// The name as given.
        name: String,
        /// Where it was given.
        place: String,
        /// The names that exist.
        available: Vec<String>,
    },
    /// Two columns of a table carry the same name.
    #[error("column `{column}` occurs more than once; rename or drop one of them")]
    DuplicateColumn {
        /// The repeated name.
        column: String,
    },
    /// Two features of a model carry the same name.
    #[error("feature `{feature}` is defined more than once; names must be unique within a model")]
    DuplicateFeature {
        /// The repeated name.
        feature: String,
    },
    /// A feature contradicts itself.
    #[error("feature `{feature}` is not valid: {reason}")]
    InvalidFeature {
        /// The feature.
        feature: String,
        /// What is wrong and how to mend it.
        reason: String,
    },
    /// Two things that must be equally long are not.
    #[error("{what} has {found} values where {expected} are needed; pass one value per row")]
    WrongLength {
        /// The column, weight or other sequence.
        what: String,
        /// The length that was needed.
        expected: usize,
        /// The length that was given.
        found: usize,
    },
    /// A value of another kind than the feature's, such as text where a number is due.
    #[error("column `{column}`{} holds {found} where {expected} is due; convert it before the call", at_row(*.row))]
    WrongKind {
        /// The column.
        column: String,
        /// The row, when one value is to blame and not the column's type.
        row: Option<usize>,
        /// What the feature takes.
        expected: String,
        /// What was found.
        found: String,
    },
    /// An infinite number.
    #[error("column `{column}`{} is {found}; numbers must be finite. Use NaN or null for unknown", at_row(*.row))]
    NotFinite {
        /// The column.
        column: String,
        /// The row.
        row: Option<usize>,
        /// The number.
        found: f64,
    },
    /// An unknown value in a feature whose rule is to refuse it.
    #[error("column `{column}`{} is unknown, and its rule for that is to refuse the table; fill it in, or change the rule to `own` or `neutral` (of a value index to `no_index` or a share)", at_row(*.row))]
    UnknownValue {
        /// The column.
        column: String,
        /// The row.
        row: Option<usize>,
    },
    /// A level that the feature does not list, in a feature whose rule is to refuse unknowns.
    #[error("column `{column}`{} holds `{level}`, which is not one of its levels ({}), and this feature's rule for unknown is `error`", at_row(*.row), listed(.levels))]
    UnseenLevel {
        /// The column.
        column: String,
        /// The row.
        row: Option<usize>,
        /// The level as given.
        level: String,
        /// The levels that the feature lists.
        levels: Vec<String>,
    },
    /// A table without rows where at least one is needed.
    #[error("{what} is empty; at least one row is needed")]
    EmptyTable {
        /// What is empty.
        what: String,
    },
    /// A value that this computation cannot take, such as a negative weight or a date after `as_of`.
    #[error("{what} at row {row}{} is {found}; {must_be}", of_key(.key.as_deref()))]
    InvalidValue {
        /// The column or sequence.
        what: String,
        /// The row.
        row: usize,
        /// The customer or other key of the row, where there is one.
        key: Option<String>,
        /// What was found.
        found: String,
        /// What is allowed and what to do.
        must_be: String,
    },
    /// Bands that leave a gap, overlap or stand in the wrong order.
    #[error("the bands of {what} are not valid: {reason}")]
    InvalidBands {
        /// The scale or tiers.
        what: String,
        /// Which bands and why.
        reason: String,
    },
    /// A scorecard that contradicts itself.
    #[error("scorecard, {place}: {reason}")]
    InvalidScorecard {
        /// The characteristic, attribute or prerequisite.
        place: String,
        /// What is wrong and how to mend it.
        reason: String,
    },
    /// Rules that contradict each other or themselves: of points for events, of a public pool, of an assignment.
    #[error("{rules}, {place}: {reason}")]
    InvalidRules {
        /// Which rules.
        rules: String,
        /// The rule, group or row.
        place: String,
        /// What is wrong and how to mend it.
        reason: String,
    },
    /// A name in the data that the rules, the card or the settings do not know.
    #[error("{what}{} is `{name}`, which is not known; known are {}", at_row(*.row), listed(.known))]
    UnknownName {
        /// What is named.
        what: String,
        /// The row, when the name stands in a table.
        row: Option<usize>,
        /// The name as given.
        name: String,
        /// The names that exist.
        known: Vec<String>,
    },
    /// The positive class does not occur among the labels, or there are more than two labels.
    #[error("the outcome's positive class `{positive}` does not fit its labels ({}): {reason}", listed(.labels))]
    InvalidOutcome {
        /// The class named as positive.
        positive: String,
        /// The labels found, at most ten.
        labels: Vec<String>,
        /// What is wrong and what to do.
        reason: String,
    },
    /// Only one class among the rows that carry weight.
    #[error("all {rows} rows have the outcome {found}; both outcomes are needed. Widen the window or check the label")]
    OneClass {
        /// The number of rows with positive weight.
        rows: usize,
        /// The only outcome, as `positive` or `negative` and its name.
        found: String,
    },
    /// Too little data for what was asked.
    #[error("not enough data for {what}: {found} where at least {needed} are needed")]
    NotEnoughData {
        /// What was asked for.
        what: String,
        /// What was needed.
        needed: usize,
        /// What was there.
        found: usize,
    },
    /// A Markov chain without a steady state that every start leads to.
    #[error("the chain has no steady state that every start leads to: {reason}")]
    NotErgodic {
        /// The sets of states that nobody leaves.
        closed: Vec<Vec<String>>,
        /// The states to which nobody returns.
        transient: Vec<String>,
        /// Why, and what to do.
        reason: String,
    },
    /// A column from which nothing can be learned, because it has one value only, or none.
    #[error("column {} cannot be learned from: {reason}", listed(.columns))]
    NoVariation {
        /// The columns.
        columns: Vec<String>,
        /// Constant, unknown in every row, or of a spread that cannot be computed with; and what to do about it.
        reason: String,
    },
    /// Columns that are linear combinations of each other.
    #[error("columns {} are collinear (each is a linear combination of the others), so their coefficients are not determined. Drop one of them, or penalise (`alpha` of a model, `strength` of a card above 0)", listed(.columns))]
    Collinear {
        /// The columns that take part in the dependency.
        columns: Vec<String>,
    },
    /// A combination of columns predicts the outcome perfectly, so coefficients run to infinity.
    #[error("the outcome is separated: {} predict it perfectly for {rows} rows, so the coefficients run to infinity. {advice}", listed(.columns))]
    Separation {
        /// The columns whose coefficients run away.
        columns: Vec<String>,
        /// How many rows are predicted with certainty.
        rows: usize,
        /// What to do, which depends on what was fitted.
        advice: String,
    },
    /// A fit that stopped before it reached its tolerance.
    #[error("the fit did not converge after {iterations} iterations{}: {reason}", largest(*gradient))]
    NotConverged {
        /// Iterations done.
        iterations: usize,
        /// The largest absolute gradient component at the end; NaN where there is no end to speak of.
        gradient: f64,
        /// The likely cause and what to do.
        reason: String,
    },
    /// The model file is no JSON.
    #[error("the model file is not JSON at line {line}, column {column}: {reason}")]
    ModelSyntax {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What the parser met.
        reason: String,
    },
    /// The model file's `format` is one that this version does not read.
    #[error(
        "the model file has format {found}; this version reads formats 1 to {newest}. Update tierwise, or save the model again"
    )]
    ModelFormat {
        /// The format found, as text.
        found: String,
        /// The newest format that can be read.
        newest: u32,
    },
    /// The model file's `kind` is not known to the loader.
    #[error("the model file has kind `{found}`; known kinds are {}. For a kind of your own, register it with `Kinds::with`", listed(.known))]
    ModelKind {
        /// The kind found.
        found: String,
        /// The kinds that can be loaded.
        known: Vec<String>,
    },
    /// A field of the model file is missing, misspelt or of the wrong type.
    #[error("the model file is not valid at `{path}`: {reason}")]
    ModelField {
        /// The path of the field, such as `characteristics[2].attributes[0].points`.
        path: String,
        /// What is wrong.
        reason: String,
    },
    /// A setting given as a dict or list has a field that is missing, misspelt or of the wrong type.
    #[error("`{path}` is not valid: {reason}")]
    InvalidSetting {
        /// The parameter and the place in it, such as `bonus[0].points`.
        path: String,
        /// What is wrong.
        reason: String,
    },
    /// The model file was changed after it was saved.
    #[error(
        "the model file was changed after it was saved: it carries the fingerprint {stored}, its content has {computed}. If the change is intended, delete the `fingerprint` line"
    )]
    Fingerprint {
        /// The fingerprint in the file.
        stored: String,
        /// The fingerprint of the content.
        computed: String,
    },
    /// Two summaries that were not made for the same question cannot be merged.
    #[error("these summaries cannot be merged: {reason}")]
    CannotMerge {
        /// What differs.
        reason: String,
    },
    /// The progress callback asked to stop.
    #[error("stopped by the progress callback after {steps} steps")]
    Cancelled {
        /// Steps done.
        steps: usize,
    },
    /// One of several fits failed. Its [`code`](Error::code) is that of the cause.
    #[error("{place}: {cause}")]
    OneOfSeveral {
        /// Which one.
        place: String,
        /// Why.
        cause: Box<Error>,
    },
    /// A model of another author failed.
    #[error("model `{model}` failed: {reason}")]
    Foreign {
        /// The model's kind or class.
        model: String,
        /// Its own message.
        reason: String,
    },
}

/// What to do about separation in a fit that can be penalised.
pub(crate) const PENALISE: &str =
    "Look for a column that leaks the outcome, or penalise (`alpha` of a model, `strength` of a card above 0)";

/// What a share must be, where a share is a parameter.
pub(crate) const SHARE: &str = "a share in [0, 1]; divide per cent by 100";

impl Error {
    /// Refuses a number in a row without a key.
    pub(crate) fn invalid_value(what: &str, row: usize, found: f64, must_be: &str) -> Self {
        Self::InvalidValue { what: what.into(), row, key: None, found: found.to_string(), must_be: must_be.into() }
    }

    /// Refuses what was found in a row of a customer or other key.
    #[allow(clippy::needless_pass_by_value)] // codes, numbers and texts alike, without a sign at every call
    pub(crate) fn invalid_value_of(
        key: impl ToString,
        what: &str,
        row: usize,
        found: impl ToString,
        must_be: impl Into<String>,
    ) -> Self {
        let (key, found) = (Some(key.to_string()), found.to_string());
        Self::InvalidValue { what: what.into(), row, key, found, must_be: must_be.into() }
    }

    /// A stable name for the kind of error, in `snake_case`.
    ///
    /// ```
    /// let error = tierwise::Error::EmptyTable { what: "the order log".into() };
    /// assert_eq!(error.code(), "empty_table");
    /// assert_eq!(error.to_string(), "the order log is empty; at least one row is needed");
    /// ```
    pub fn code(&self) -> &'static str {
        match self {
            Self::InvalidParameter { .. } => "invalid_parameter",
            Self::MissingColumn { .. } => "missing_column",
            Self::UnknownFeature { .. } => "unknown_feature",
            Self::DuplicateColumn { .. } => "duplicate_column",
            Self::DuplicateFeature { .. } => "duplicate_feature",
            Self::InvalidFeature { .. } => "invalid_feature",
            Self::WrongLength { .. } => "wrong_length",
            Self::WrongKind { .. } => "wrong_kind",
            Self::NotFinite { .. } => "not_finite",
            Self::UnknownValue { .. } => "unknown_value",
            Self::UnseenLevel { .. } => "unseen_level",
            Self::EmptyTable { .. } => "empty_table",
            Self::InvalidValue { .. } => "invalid_value",
            Self::InvalidBands { .. } => "invalid_bands",
            Self::InvalidScorecard { .. } => "invalid_scorecard",
            Self::InvalidRules { .. } => "invalid_rules",
            Self::UnknownName { .. } => "unknown_name",
            Self::InvalidOutcome { .. } => "invalid_outcome",
            Self::OneClass { .. } => "one_class",
            Self::NotEnoughData { .. } => "not_enough_data",
            Self::NotErgodic { .. } => "not_ergodic",
            Self::NoVariation { .. } => "no_variation",
            Self::Collinear { .. } => "collinear",
            Self::Separation { .. } => "separation",
            Self::NotConverged { .. } => "not_converged",
            Self::ModelSyntax { .. } => "model_syntax",
            Self::ModelFormat { .. } => "model_format",
            Self::ModelKind { .. } => "model_kind",
            Self::ModelField { .. } => "model_field",
            Self::InvalidSetting { .. } => "invalid_setting",
            Self::Fingerprint { .. } => "fingerprint",
            Self::CannotMerge { .. } => "cannot_merge",
            Self::Cancelled { .. } => "cancelled",
            Self::OneOfSeveral { cause, .. } => cause.code(),
            Self::Foreign { .. } => "foreign",
        }
    }
}

impl Error {
    /// What went wrong, without the place where several things were tried; else the error itself.
    ///
    /// ```
    /// use tierwise::Error;
    /// let cause = Error::EmptyTable { what: "the training table".into() };
    /// let error = Error::OneOfSeveral { place: "fold 2".into(), cause: Box::new(cause.clone()) };
    /// assert_eq!((error.cause(), error.code()), (&cause, cause.code()));
    /// assert_eq!(error.to_string(), "fold 2: the training table is empty; at least one row is needed");
    /// ```
    pub fn cause(&self) -> &Self {
        match self {
            Self::OneOfSeveral { cause, .. } => cause.cause(),
            error => error,
        }
    }

    /// The error of one of several fits; a wish to stop is nobody's.
    pub(crate) fn of(self, place: String) -> Self {
        match self {
            Self::Cancelled { .. } => self,
            cause => Self::OneOfSeveral { place, cause: Box::new(cause) },
        }
    }
}

/// `` `a`, `b` and 12 more `` — long lists are cut so that a message stays readable.
fn listed(names: &[String]) -> String {
    const SHOWN: usize = 20;
    if names.is_empty() {
        return "none".into();
    }
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    match names.len().checked_sub(SHOWN) {
        Some(more) if more > 0 => format!("{} and {more} more", shown.join(", ")),
        _ => shown.join(", "),
    }
}

fn largest(gradient: f64) -> String {
    if gradient.is_nan() { String::new() } else { format!(" (largest gradient {gradient:e})") }
}

fn at_row(row: Option<usize>) -> String {
    row.map_or(String::new(), |row| format!(" at row {row}"))
}

fn of_key(key: Option<&str>) -> String {
    key.map_or(String::new(), |key| format!(" (`{key}`)"))
}
