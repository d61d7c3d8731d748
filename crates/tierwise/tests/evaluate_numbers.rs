//! Figures of predicted amounts against sorting by hand, repetition of rows, and any number of threads.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use std::ops::ControlFlow;
use tierwise::evaluate::{Bootstrap, NumberFigure, decile_table, number_figures, pinball_loss, spend_capture};
use tierwise::{Error, Progress};

fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-12 * expected.abs().max(1.0), "{found} is not {expected}");
}

/// scikit-learn 1.9 on the same rows, weighted.
#[test]
fn five_rows_as_scikit_learn_has_them() {
    let (came, said) = ([3.0, -0.5, 2.0, 7.0, 4.0], [2.5, 0.0, 2.0, 8.0, 1.0]);
    let found = number_figures(&came, &said, Some(&[1.0, 2.0, 0.5, 1.5, 3.0])).unwrap();
    close(found.mean_absolute_error, 1.5);
    close(found.root_mean_squared_error, 1.912_132_317_597_294_4);
    close(found.mean_absolute_percentage_error.unwrap(), 0.578_869_047_619_047_6);
    close(found.r_squared.unwrap(), 0.434_441_087_613_293_03);
    close(found.median_absolute_error, 1.0);
    close(pinball_loss(&came, &said, None, 0.9).unwrap(), 0.66);
}

proptest! {
    #[test]
    fn weights_are_repetition_and_groups_add_up(
        rows in prop::collection::vec((-50_i32..50, 0_i32..6, 0_usize..4), 1..40),
        groups in 1_usize..5,
        share in 0.01_f64..=1.0,
    ) {
        let came: Vec<f64> = rows.iter().map(|row| f64::from(row.0)).collect();
        let said: Vec<f64> = rows.iter().map(|row| f64::from(row.1)).collect();
        let weights: Vec<f64> = rows.iter().map(|row| row.2 as f64).collect();
        let repeated: Vec<usize> = (0..rows.len()).flat_map(|row| std::iter::repeat_n(row, rows[row].2)).collect();
        let take = |values: &[f64]| repeated.iter().map(|&row| values[row]).collect::<Vec<f64>>();
        prop_assume!(!repeated.is_empty());
        let (many_came, many_said) = (take(&came), take(&said));
        let weighted = number_figures(&came, &said, Some(&weights)).unwrap();
        let plain = number_figures(&many_came, &many_said, None).unwrap();
        close(weighted.median_absolute_error, plain.median_absolute_error);
        close(weighted.mean_absolute_error, plain.mean_absolute_error);
        prop_assert_eq!(weighted.r_squared.is_some(), plain.r_squared.is_some());
        prop_assert_eq!(weighted.mean_absolute_percentage_error.is_some(), came_has_no_zero(&many_came));
        match (spend_capture(&came, &said, Some(&weights), &[share]), spend_capture(&many_came, &many_said, None, &[share])) {
            (Ok(one), Ok(two)) => {
                close(one[0].capture, two[0].capture);
                close(one[0].oracle, two[0].oracle);
                prop_assert!(one[0].capture <= one[0].oracle + 1e-9);
            }
            (one, two) => prop_assert_eq!(one.unwrap_err(), two.unwrap_err()),
        }
        if let Ok(table) = decile_table(&came, &said, Some(&weights), groups) {
            close(table.iter().map(|row| row.sum_actual).sum(), many_came.iter().sum());
            close(table.iter().map(|row| row.rows).sum(), weighted.rows as f64);
            for row in &table {
                close(row.weight, repeated.len() as f64 / groups as f64);
                prop_assert!(row.lowest <= row.highest);
                prop_assert!(row.mean_predicted >= row.lowest - 1e-9 && row.mean_predicted <= row.highest + 1e-9);
            }
            prop_assert!(table.windows(2).all(|pair| pair[0].lowest >= pair[1].highest));
        }
    }
}

fn came_has_no_zero(came: &[f64]) -> bool {
    came.iter().all(|&one| one != 0.0)
}

#[test]
fn nothing_depends_on_the_number_of_threads() {
    let came: Vec<f64> = (0_i32..40_000).map(|row| f64::from(row % 1013 * 7919 % 1009)).collect();
    let said: Vec<f64> = (0_i32..40_000).map(|row| f64::from(row % 1009 * 1047 % 997)).collect();
    let all = || {
        let drawn = |figure| Bootstrap::new(3).replicates(20).number_interval(&came, &said, None, figure).unwrap();
        let captured = drawn(NumberFigure::SpendCapture { share: 0.3 }).replicates;
        let median = drawn(NumberFigure::MedianAbsoluteError).replicates;
        (number_figures(&came, &said, None).unwrap(), captured, median, drawn(NumberFigure::RSquared).replicates)
    };
    let on = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(all);
    assert_eq!(on(1), on(3));
}

#[test]
fn a_bootstrap_can_be_watched_and_stopped_and_says_what_it_cannot_do() {
    let (came, said) = ([1.0, 2.0, 4.0, -3.0], [1.0, 3.0, 2.0, 0.0]);
    let bootstrap = Bootstrap::new(1);
    let mut seen = Vec::new();
    let mut watch = |step: Progress| {
        seen.push(step.step);
        if step.step > 100 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let stopped = bootstrap.number_interval_with(&came, &said, None, NumberFigure::Bias, &mut watch).unwrap_err();
    assert_eq!(stopped, Error::Cancelled { steps: *seen.last().unwrap() });
    let light = bootstrap.number_interval(&came, &said, Some(&[0.2; 4]), NumberFigure::Bias).unwrap_err();
    assert_eq!(
        light.to_string(),
        "not enough data for a bootstrap, the weight of the rows: 0 where at least 2 are needed"
    );
    let wrong = Bootstrap::new(1).replicates(1).number_interval(&came, &said, None, NumberFigure::Bias);
    assert_eq!(wrong.unwrap_err().code(), "invalid_parameter");
    // Draws in which the sum is not above 0 are drawn again.
    let share = NumberFigure::SpendCapture { share: 0.5 };
    assert!(bootstrap.number_interval(&came, &said, None, share).unwrap().low.is_finite());
    // Of one row that varies in one draw of very many nothing can be said.
    let mut weights = [1e8; 2];
    weights[1] = 1e-9;
    let rare = bootstrap.number_interval(&[1.0, 2.0], &[1.0, 1.5], Some(&weights), NumberFigure::RSquared).unwrap_err();
    assert!(rare.to_string().contains("the figure was not defined once"), "{rare}");
}
