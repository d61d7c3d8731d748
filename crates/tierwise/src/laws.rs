//! Property tests for models, yours included: the laws of [`Score`], [`Explain`], [`Assign`] and
//! [`Saved`], checked on generated customers.
//!
//! Add `tierwise` with the feature `laws` to your `[dev-dependencies]` and write one line per model:
//!
//! ```
//! # mod tests {
//! tierwise::laws!(supplier_prospects, tierwise::lead::supplier_prospects(), [Score, Explain, Assign, Saved]);
//! # }
//! ```

use crate::feature::Kind;
use crate::model::{self, Kinds, Saved};
use crate::{Assign, Columns, Explain, Feature, Score, Unknown};
use proptest::prelude::*;
use proptest::strategy::Union;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

/// Makes one test per law. The first argument names the module of the tests, the second makes the model, the third
/// lists the traits it meets.
#[macro_export]
macro_rules! laws {
    ($name:ident, $model:expr, [$($law:ident),+ $(,)?]) => {
        mod $name {
            #[allow(unused_imports)]
            use super::*;
            $($crate::laws!(@law $law, $model);)+
        }
    };
    (@law Score, $model:expr) => {
        #[test]
        fn obeys_the_laws_of_score() {
            $crate::laws::score(&$model);
        }
    };
    (@law Explain, $model:expr) => {
        #[test]
        fn obeys_the_laws_of_explain() {
            $crate::laws::explain(&$model);
        }
    };
    (@law Assign, $model:expr) => {
        #[test]
        fn obeys_the_laws_of_assign() {
            $crate::laws::assign(&$model);
        }
    };
    (@law Saved, $model:expr) => {
        #[test]
        fn obeys_the_laws_of_saved() {
            $crate::laws::saved(&$model);
        }
    };
}

/// Checks that columns equal rows bit for bit, that parts equal the whole, that nothing is remembered, and that no
/// `f64` makes the model panic.
///
/// # Panics
/// When a law is broken; the message holds the smallest table found that breaks it.
pub fn score(model: &dyn Score) {
    check(&(tables(model.features()), any::<prop::sample::Index>()), |(table, cut)| {
        let columns = bind(model.features(), &table)?;
        let rows: Vec<f64> = (0..columns.rows()).map(|row| model.score_row(&row_of(&columns, row))).collect();
        let whole = crate::score(model, &columns).map_err(broken)?;
        same_bits("score_columns differs from score_row", &whole, &rows)?;
        same_bits("a second call differs from the first", &crate::score(model, &columns).map_err(broken)?, &rows)?;
        let cut = cut.index(columns.rows() + 1);
        let mut parts = crate::score(model, &columns.slice(0..cut)).map_err(broken)?;
        parts.extend(crate::score(model, &columns.slice(cut..columns.rows())).map_err(broken)?);
        same_bits("the parts of a table differ from the table", &parts, &rows)
    });
    check(&wild_rows(model.features().len()), |row| {
        model.score_row(&row);
        Ok(())
    });
}

/// Checks that base plus contributions, added in term order, is the score exactly, and that columns equal rows.
///
/// # Panics
/// When a law is broken; the message holds the smallest table found that breaks it.
pub fn explain(model: &dyn Explain) {
    for term in model.terms() {
        let known = term.features.iter().all(|&feature| feature < model.features().len());
        assert!(known, "term `{}` names a feature that does not exist", term.name);
    }
    check(&tables(model.features()), |table| {
        let columns = bind(model.features(), &table)?;
        let contributions = crate::explain(model, &columns).map_err(broken)?;
        for row in 0..columns.rows() {
            let values = row_of(&columns, row);
            let of_table: Vec<f64> = contributions.iter().map(|column| column[row]).collect();
            let mut of_row = vec![0.0; model.terms().len()];
            model.contributions_row(&values, &mut of_row);
            same_bits("contributions_columns differs from contributions_row", &of_table, &of_row)?;
            let sum = of_row.iter().fold(model.base(), |sum, contribution| sum + contribution);
            let score = model.score_row(&values);
            same_bits("base + contributions differs from the score", &[sum], &[score])?;
        }
        Ok(())
    });
    check(&wild_rows(model.features().len()), |row| {
        model.contributions_row(&row, &mut vec![0.0; model.terms().len()]);
        Ok(())
    });
}

/// Checks that columns equal rows, that parts equal the whole, and that every result is one of the outcomes.
///
/// # Panics
/// When a law is broken; the message holds the smallest table found that breaks it.
pub fn assign(model: &dyn Assign) {
    check(&(tables(model.features()), any::<prop::sample::Index>()), |(table, cut)| {
        let columns = bind(model.features(), &table)?;
        let rows: Vec<_> = (0..columns.rows()).map(|row| model.assign_row(&row_of(&columns, row))).collect();
        let of = |columns: &Columns<'_>| {
            let mut outcomes = vec![None; columns.rows()];
            model.assign_columns(columns, &mut outcomes);
            outcomes
        };
        let cut = cut.index(columns.rows() + 1);
        let parts = [of(&columns.slice(0..cut)), of(&columns.slice(cut..columns.rows()))].concat();
        prop_assert_eq!(&of(&columns), &rows, "assign_columns differs from assign_row");
        prop_assert_eq!(&parts, &rows, "the parts of a table differ from the table");
        let known = rows.iter().flatten().all(|&outcome| outcome < model.outcomes().len());
        prop_assert!(known, "an outcome is not in the list of outcomes");
        Ok(())
    });
    check(&wild_rows(model.features().len()), |row| {
        model.assign_row(&row);
        Ok(())
    });
}

/// Checks that a model survives its file: same fingerprint, same scores, contributions and outcomes, bit for bit, and
/// that a changed file is noticed.
///
/// # Panics
/// When a law is broken; the message holds the smallest table found that breaks it.
pub fn saved<M: Saved>(original: &M) {
    let text = must(model::save(original));
    let loaded: M = must(model::load(&text));
    let by_kind = must(Kinds::builtin().with::<M>().load(&text));
    assert_eq!(by_kind.kind(), M::KIND, "the kind in the file differs");
    assert_eq!(must(model::fingerprint(original)), must(model::fingerprint(&loaded)), "the fingerprint changed");
    assert_eq!(must(model::save(&loaded)), text, "saving again gives another file");
    let edited = text.replacen("\"format\"", "\"added by hand\": 0,\n  \"format\"", 1);
    assert!(model::load::<M>(&edited).is_err(), "a file with a field that was added by hand must not load");
    if let (Some(before), Some(after)) = (Saved::as_score(original), Saved::as_score(&loaded)) {
        assert_eq!(before.features(), after.features(), "the features changed");
        check(&tables(before.features()), |table| {
            let columns = bind(before.features(), &table)?;
            let scores = crate::score(after, &columns).map_err(broken)?;
            same_bits("the loaded model scores differently", &scores, &crate::score(before, &columns).map_err(broken)?)
        });
    }
    if let (Some(before), Some(after)) = (Saved::as_explain(original), Saved::as_explain(&loaded)) {
        assert_eq!(before.terms(), after.terms(), "the terms changed");
        check(&tables(before.features()), |table| {
            let columns = bind(before.features(), &table)?;
            let (before, after) = (crate::explain(before, &columns), crate::explain(after, &columns));
            same_bits("contributions changed", &before.map_err(broken)?.concat(), &after.map_err(broken)?.concat())
        });
    }
    if let (Some(before), Some(after)) = (Saved::as_assign(original), Saved::as_assign(&loaded)) {
        assert_eq!(before.outcomes(), after.outcomes(), "the outcomes changed");
        check(&tables(before.features()), |table| {
            let columns = bind(before.features(), &table)?;
            for row in (0..columns.rows()).map(|row| row_of(&columns, row)) {
                prop_assert_eq!(before.assign_row(&row), after.assign_row(&row), "an outcome changed");
            }
            Ok(())
        });
    }
}

/// Values that a column of this feature may hold: ordinary ones, extreme ones, and NaN where unknown is allowed.
pub fn values(feature: &Feature) -> BoxedStrategy<f64> {
    let limited = feature.clone();
    let known = match feature.kind() {
        Kind::Number => prop_oneof![
            4 => -100.0..100.0,
            4 => (-20i32..20).prop_map(f64::from),
            1 => prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL | prop::num::f64::ZERO,
            1 => prop::sample::select(vec![0.0, -0.0, f64::MIN, f64::MAX, f64::MIN_POSITIVE]),
        ]
        .prop_map(move |number| if limited.is_sound_number(number) { number } else { 1.0 })
        .boxed(),
        Kind::YesNo => prop::sample::select(vec![0.0, 1.0]).boxed(),
        Kind::Category(levels) => (0..levels.len()).prop_map(|code| code as f64).boxed(),
    };
    match feature.unknown() {
        Unknown::Error => known,
        Unknown::Own | Unknown::Neutral => Union::new_weighted(vec![(4, known), (1, Just(f64::NAN).boxed())]).boxed(),
    }
}

/// Tables of up to 40 customers, one vector per feature.
pub fn tables(features: &[Feature]) -> BoxedStrategy<Vec<Vec<f64>>> {
    let values: Vec<_> = features.iter().map(values).collect();
    (0usize..40)
        .prop_flat_map(move |rows| {
            values.iter().map(|values| prop::collection::vec(values.clone(), rows)).collect::<Vec<_>>()
        })
        .boxed()
}

fn wild_rows(width: usize) -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(prop::num::f64::ANY, width)
}

fn check<S: Strategy>(strategy: &S, law: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let config = Config { cases: 128, failure_persistence: None, ..Config::default() };
    if let Err(broken) = TestRunner::new_with_rng(config, deterministic()).run(strategy, law) {
        panic!("{broken}");
    }
}

/// The same customers in every run: a law that fails once fails again.
fn deterministic() -> proptest::test_runner::TestRng {
    proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha)
}

fn bind<'a>(features: &'a [Feature], table: &'a [Vec<f64>]) -> Result<Columns<'a>, TestCaseError> {
    Columns::in_order(features, table.iter().map(Vec::as_slice).collect()).map_err(broken)
}

fn row_of(columns: &Columns<'_>, index: usize) -> Vec<f64> {
    let mut row = vec![0.0; columns.features().len()];
    columns.row_into(index, &mut row);
    row
}

fn same_bits(law: &str, left: &[f64], right: &[f64]) -> Result<(), TestCaseError> {
    let same = |(a, b): (&f64, &f64)| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan();
    prop_assert!(left.len() == right.len() && left.iter().zip(right).all(same), "{law}: {left:?} against {right:?}");
    Ok(())
}

#[allow(clippy::needless_pass_by_value)] // for `map_err`
fn broken(error: crate::Error) -> TestCaseError {
    TestCaseError::fail(error.to_string())
}

fn must<T>(result: crate::Result<T>) -> T {
    result.unwrap_or_else(|error| panic!("{error}"))
}
