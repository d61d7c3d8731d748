//! The compiled half of the Python package: conversions and names, no arithmetic.
//!
//! Python sees it as `tierwise._tierwise`; what users type stands in `python/src/tierwise`.

#![allow(clippy::needless_pass_by_value)] // PyO3 hands arguments over by value

mod additive;
mod binning;
mod calibration;
mod capsule;
mod contracts;
mod data_checks;
mod entitlements;
mod errors;
mod evaluate;
mod evidence;
mod fit;
mod holdout;
mod json;
mod lead;
mod lifetime;
mod lifetime_bootstrap;
mod model;
mod money;
mod numbers;
mod quantile_sketch;
mod rating;
mod rfm;
mod sales;
mod split;
mod table;
mod tier_moves;
mod value;
mod value_index;

/// Compiled parts of tierwise; use the package `tierwise`.
#[pyo3::pymodule(gil_used = false)]
mod _tierwise {
    #[pymodule_export]
    use crate::additive::{
        additive_card, additive_importance, additive_shape, additive_simplified, fit_number, learned_model,
        predict_number,
    };
    #[pymodule_export]
    use crate::binning::{bin_codes, bin_columns, bin_table, evidence_card, keep_bins};
    #[pymodule_export]
    use crate::calibration::{
        calibrate, calibrated_model, calibrated_parts, calibration_interval, calibration_log_odds,
        calibration_probability, estimate_base_rate, prior_shift, shift_probabilities,
    };
    #[pymodule_export]
    use crate::contracts::{contract_curve, contract_residual, contract_value};
    #[pymodule_export]
    use crate::data_checks::check_data;
    #[pymodule_export]
    use crate::entitlements::{entitlement_columns, entitlements, entitlements_of};
    #[pymodule_export]
    use crate::evaluate::Outcome;
    #[pymodule_export]
    use crate::evaluate::backtest::{backtest_learner, backtest_scores, rolling_origin};
    #[pymodule_export]
    use crate::evaluate::before_after::{
        campaign_lift, campaign_revenue, difference_in_differences, mean_change, rate_change, ratio_of_rates,
        wilson_rate,
    };
    #[pymodule_export]
    use crate::evaluate::bootstrap::bootstrap;
    #[pymodule_export]
    use crate::evaluate::decisions::{confusion_figures, cut_for_capacity, decision_curve};
    #[pymodule_export]
    use crate::evaluate::drift::{
        DriftCounts, ScoreHistogram, characteristic_stability, compare_counts, drift, drift_windows, tier_migration,
    };
    #[pymodule_export]
    use crate::evaluate::fairness::by_group;
    #[pymodule_export]
    use crate::evaluate::numbers::{decile_table, number_figure, number_figures, number_interval, spend_capture};
    #[pymodule_export]
    use crate::evaluate::probability::{
        brier, brier_parts, calibration_error, calibration_table, hosmer_lemeshow, log_loss, recalibration,
        spiegelhalter,
    };
    #[pymodule_export]
    use crate::evaluate::promotion::promotion;
    #[pymodule_export]
    use crate::evaluate::ranking::{Ranking, compare_roc_auc};
    #[pymodule_export]
    use crate::evaluate::report::{BatchDrift, monitoring_report, report, report_model, report_numbers};
    #[pymodule_export]
    use crate::evaluate::survival::{concordance, concordance_ipcw};
    #[pymodule_export]
    use crate::evaluate::uplift::{UpliftRanking, uplift_interval};
    #[pymodule_export]
    use crate::evidence::{card_in_points, evidence_binnings, evidence_reasons, evidence_scorecard};
    #[pymodule_export]
    use crate::fit::fit;
    #[pymodule_export]
    use crate::holdout::{Holdout, tracking};
    #[pymodule_export]
    use crate::lead::assignment::{assign_leads, pool_decide, pool_may_claim, pool_rank, pool_rules};
    #[pymodule_export]
    use crate::lead::card::{scorecard, supplier_prospects};
    #[pymodule_export]
    use crate::lead::card_changes::{
        apply_overrides, hold_bands, hold_grades, ladder_card, ladder_distance, ladder_of_thirds, ladder_step,
        reason_codes, score_change, what_would_raise,
    };
    #[pymodule_export]
    use crate::lead::classes::{ClassHistory, class_pyramid, classify_milestones, milestone_classes, schiffman};
    #[pymodule_export]
    use crate::lead::engagement::{
        engagement_change, event_ledger, event_left_out, event_points, event_rules, fit_engagement,
        fit_engagement_cells,
    };
    #[pymodule_export]
    use crate::lead::forecast::{SigningHistory, forecast_backtest, signing_forecast, signing_warning, signings_below};
    #[pymodule_export]
    use crate::lead::frequency::{FrequencyCounts, frequency_percent, frequency_signal, frequency_tempered};
    #[pymodule_export]
    use crate::lead::look_alike::{look_alike, look_alike_sizes};
    #[pymodule_export]
    use crate::lead::panel::{
        PanelSurvey, card_with_weights, pairwise_from_matrices, pairwise_weights, round_to_hundred,
    };
    #[pymodule_export]
    use crate::lead::weights::{
        fit_card, fitted_card_interval, fitted_card_weights, grade_counts, grade_rates, merge_grade_counts, scale_line,
        scale_log_odds, scale_points,
    };
    #[pymodule_export]
    use crate::lifetime::{
        Histories, contract_model, count_fit, expected_spend, fit_contract_segments, fit_contracts, fit_purchases,
        fit_spend, fit_survivors, lifetime_report, lifetime_value, model_at_covariates, purchase_coefficients,
        purchase_covariates, purchase_forecast, purchase_log_likelihood, purchase_model, purchase_probability,
        purchase_settings, purchases_of_new, retention_economics, simulate_contracts, simulate_purchases,
        simulate_spend, spend_log_likelihood, spend_model,
    };
    #[pymodule_export]
    use crate::lifetime_bootstrap::{
        bootstrap_contracts, bootstrap_curve, bootstrap_expected_spend, bootstrap_forecast, bootstrap_parameters,
        bootstrap_parts, bootstrap_purchases, bootstrap_residual, bootstrap_spend, bootstrap_survivors,
        bootstrap_value,
    };
    #[pymodule_export]
    use crate::model::{Model, rank};
    #[pymodule_export]
    use crate::money::repeated_lines;
    #[pymodule_export]
    use crate::quantile_sketch::QuantileSketch;
    #[pymodule_export]
    use crate::rating::{
        b2b_rating, order_amounts, rate_customers, rating_change, rating_movers, rating_rules, rating_statement,
    };
    #[pymodule_export]
    use crate::rfm::{
        natural_breaks, rfm_by_rules, rfm_moves, rfm_moves_by_line, rfm_scorer_bins, rfm_scorer_by_cuts,
        rfm_scorer_of_axes, rfm_segment_name, rfm_segments, rfm_segments_scorer, usual_segments,
    };
    #[pymodule_export]
    use crate::sales::{
        concentration, customers_by_products, sales, sales_levers, sales_needed, sales_of_period, share_peak,
        split_sales, split_sales_by_group, tiers_by_breaks, tiers_by_money,
    };
    #[pymodule_export]
    use crate::split::{
        choose, grouped_folds, grouped_split, out_of_fold, stratified_folds, time_folds, time_split, train_test_split,
    };
    #[pymodule_export]
    use crate::table::Table;
    #[pymodule_export]
    use crate::tier_moves::{TierChain, held_of_customers, holding_rules, rerate};
    #[pymodule_export]
    use crate::value::{gini, pareto, rfm, rfm_scorer, rfm_scores, share_curve, tiers_by_cuts, tiers_split};
    #[pymodule_export]
    use crate::value_index::{
        normalisation_of, profit_score, purchase_potential, share_decision, share_of_wallet, value_index,
        value_index_part,
    };
}
