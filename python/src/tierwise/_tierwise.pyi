"""Compiled parts of tierwise; use the package `tierwise`."""

from collections.abc import Callable
from typing import Any, final

import numpy as np
import numpy.typing as npt

_Floats = npt.NDArray[np.float64]
_Rows = npt.NDArray[np.int64]
_Rate = float | None
_Money = tuple[str, str, str | None, dict[str, float] | None, str | None, str | None]

__all__ = [
    "BatchDrift",
    "ClassHistory",
    "DriftCounts",
    "FrequencyCounts",
    "Histories",
    "Holdout",
    "Model",
    "Outcome",
    "PanelSurvey",
    "QuantileSketch",
    "Ranking",
    "ScoreHistogram",
    "SigningHistory",
    "Table",
    "TierChain",
    "UpliftRanking",
    "additive_card",
    "additive_importance",
    "additive_shape",
    "additive_simplified",
    "apply_overrides",
    "assign_leads",
    "b2b_rating",
    "backtest_learner",
    "backtest_scores",
    "bin_codes",
    "bin_columns",
    "bin_table",
    "bootstrap",
    "bootstrap_contracts",
    "bootstrap_curve",
    "bootstrap_expected_spend",
    "bootstrap_forecast",
    "bootstrap_parameters",
    "bootstrap_parts",
    "bootstrap_purchases",
    "bootstrap_residual",
    "bootstrap_spend",
    "bootstrap_survivors",
    "bootstrap_value",
    "brier",
    "brier_parts",
    "calibrate",
    "calibrated_model",
    "calibrated_parts",
    "calibration_error",
    "calibration_interval",
    "calibration_log_odds",
    "calibration_probability",
    "calibration_table",
    "card_in_points",
    "card_with_weights",
    "check_data",
    "class_pyramid",
    "choose",
    "classify_milestones",
    "compare_roc_auc",
    "concentration",
    "concordance",
    "concordance_ipcw",
    "confusion_figures",
    "contract_curve",
    "contract_model",
    "contract_residual",
    "contract_value",
    "fit_contract_segments",
    "count_fit",
    "customers_by_products",
    "cut_for_capacity",
    "decile_table",
    "decision_curve",
    "engagement_change",
    "entitlement_columns",
    "entitlements",
    "entitlements_of",
    "estimate_base_rate",
    "event_ledger",
    "event_left_out",
    "event_points",
    "event_rules",
    "evidence_binnings",
    "evidence_card",
    "evidence_reasons",
    "evidence_scorecard",
    "expected_spend",
    "fit",
    "fit_card",
    "fit_contracts",
    "fit_engagement",
    "fit_engagement_cells",
    "fit_number",
    "fit_purchases",
    "fit_spend",
    "fit_survivors",
    "fitted_card_interval",
    "fitted_card_weights",
    "forecast_backtest",
    "frequency_percent",
    "frequency_signal",
    "frequency_tempered",
    "gini",
    "grade_counts",
    "grade_rates",
    "grouped_folds",
    "grouped_split",
    "hold_bands",
    "hold_grades",
    "held_of_customers",
    "holding_rules",
    "hosmer_lemeshow",
    "keep_bins",
    "ladder_card",
    "ladder_distance",
    "ladder_of_thirds",
    "ladder_step",
    "learned_model",
    "lifetime_report",
    "lifetime_value",
    "model_at_covariates",
    "log_loss",
    "look_alike",
    "look_alike_sizes",
    "merge_grade_counts",
    "milestone_classes",
    "natural_breaks",
    "normalisation_of",
    "number_figure",
    "number_figures",
    "number_interval",
    "order_amounts",
    "out_of_fold",
    "pairwise_from_matrices",
    "pairwise_weights",
    "pareto",
    "pool_decide",
    "pool_may_claim",
    "pool_rank",
    "pool_rules",
    "predict_number",
    "prior_shift",
    "profit_score",
    "purchase_forecast",
    "purchase_log_likelihood",
    "purchase_covariates",
    "purchase_coefficients",
    "purchase_model",
    "purchase_potential",
    "purchase_probability",
    "purchase_settings",
    "purchases_of_new",
    "rank",
    "rate_customers",
    "rating_change",
    "rating_movers",
    "rating_rules",
    "rating_statement",
    "reason_codes",
    "recalibration",
    "repeated_lines",
    "rerate",
    "retention_economics",
    "rfm",
    "rfm_by_rules",
    "rfm_moves",
    "rfm_moves_by_line",
    "rfm_scorer",
    "rfm_scorer_bins",
    "rfm_scorer_by_cuts",
    "rfm_scorer_of_axes",
    "rfm_scores",
    "rfm_segment_name",
    "rfm_segments",
    "rfm_segments_scorer",
    "rolling_origin",
    "round_to_hundred",
    "sales",
    "sales_levers",
    "sales_needed",
    "sales_of_period",
    "scale_line",
    "scale_log_odds",
    "scale_points",
    "schiffman",
    "score_change",
    "scorecard",
    "share_curve",
    "share_decision",
    "share_of_wallet",
    "share_peak",
    "shift_probabilities",
    "signing_forecast",
    "signing_warning",
    "signings_below",
    "spend_capture",
    "simulate_purchases",
    "simulate_spend",
    "simulate_contracts",
    "spend_model",
    "spend_log_likelihood",
    "spiegelhalter",
    "split_sales",
    "split_sales_by_group",
    "stratified_folds",
    "supplier_prospects",
    "tiers_by_breaks",
    "tiers_by_cuts",
    "tiers_by_money",
    "tiers_split",
    "time_folds",
    "time_split",
    "tracking",
    "train_test_split",
    "uplift_interval",
    "usual_segments",
    "value_index",
    "value_index_part",
    "what_would_raise",
    "by_group",
    "campaign_lift",
    "campaign_revenue",
    "characteristic_stability",
    "compare_counts",
    "difference_in_differences",
    "drift",
    "drift_windows",
    "mean_change",
    "promotion",
    "rate_change",
    "ratio_of_rates",
    "monitoring_report",
    "report",
    "report_model",
    "report_numbers",
    "tier_migration",
    "wilson_rate",
]

@final
class Table:
    @staticmethod
    def from_stream(frame: Any) -> Table: ...
    @staticmethod
    def from_columns(columns: list[tuple[str, Any]]) -> Table: ...
    def __len__(self) -> int: ...
    def column_names(self) -> list[str]: ...
    def infer_features(self, except_: list[str], categories: list[str]) -> str: ...
    def infer_all_features(self, test: Table | None, except_: list[str], categories: list[str]) -> str: ...
    def date_columns(self) -> list[str]: ...
    def values(self, features: str, checked: bool) -> list[_Floats]: ...
    def labels(self, column: str) -> list[str | None]: ...
    def positions(self, column: str, what: str, names: list[str]) -> npt.NDArray[np.int64]: ...
    def keys(self, column: str) -> tuple[npt.NDArray[np.uint32], Any]: ...

@final
class Model:
    @staticmethod
    def from_json(text: str) -> Model: ...
    def to_json(self) -> str: ...
    def kind(self) -> str: ...
    def fingerprint(self) -> str: ...
    def features(self) -> str: ...
    def score(self, table: Table) -> _Floats: ...
    def base(self) -> float: ...
    def terms(self) -> list[str]: ...
    def explain(self, table: Table) -> list[_Floats]: ...
    def outcomes(self) -> list[str]: ...
    def assign(self, table: Table) -> npt.NDArray[np.int64]: ...
    def positive(self) -> str: ...
    def probability(self, table: Table) -> _Floats: ...
    def reasons(self, table: Table, most: int) -> tuple[list[npt.NDArray[np.uint32]], list[_Floats], list[_Floats]]: ...
    def similar(self, pool: Table, records: Table, most: int) -> tuple[list[npt.NDArray[np.int64]], list[_Floats]]: ...
    def coefficients(self) -> list[tuple[str, float, float, float, float, float, float]]: ...
    def grade(self, table: Table, reasons: int) -> dict[str, Any]: ...
    def reason_labels(self) -> list[str]: ...
    def range(self) -> tuple[float, float]: ...
    def findings(self) -> list[str]: ...

def scorecard(spec: str, grades: str | None) -> Model: ...
def supplier_prospects() -> Model: ...
def rank(scores: _Floats) -> npt.NDArray[np.int64]: ...
def fit(
    purpose: str,
    learner: str,
    product: str,
    features: str,
    table: Table,
    outcome: Table,
    outcome_name: str,
    positive: str,
    weights: _Floats | None,
    offsets: _Floats | None,
    progress: Callable[[int, int, float], object] | None,
) -> Model: ...
def rfm(orders: Table, customer: str, date: str, amount: str, as_of: int, leave_out_later: bool) -> dict[str, Any]: ...
def tiers_split(
    feature: str,
    values: _Floats,
    names: list[str],
    shares: list[float],
    higher_is_better: bool,
    together: bool,
) -> tuple[Model, npt.NDArray[np.int64]]: ...
def rating_rules(spec: str) -> Model: ...
def b2b_rating() -> Model: ...
def order_amounts(
    rules: Model,
    orders: Table,
    customers: Table,
    money: _Money,
    date: str,
    as_of: int,
    leave_out_later: bool,
) -> _Floats: ...
def rate_customers(
    rules: Model, customers: Table, evidence: Table | None, reading: str, amounts: _Floats, as_of: int
) -> dict[str, Any]: ...
def rating_statement(
    rules: Model, customers: Table, evidence: Table | None, reading: str, amounts: _Floats, as_of: int
) -> dict[str, Any]: ...
def rating_change(
    rules: Model,
    customers: Table,
    evidence: Table | None,
    reading: str,
    before: _Floats,
    after: _Floats,
    from_day: int,
    to_day: int,
) -> dict[str, Any]: ...
def rating_movers(
    words: tuple[str, str | None],
    amounts: tuple[_Floats, _Floats],
    scores: tuple[_Floats, _Floats],
    parts: list[tuple[str, list[_Floats]]],
    tiers: tuple[_Rows, _Rows],
) -> dict[str, Any]: ...
def held_of_customers(
    customers: Table,
    last: Table,
    customer: str,
    tiers: _Rows,
    below_since: _Floats | None,
    leave_out_others: bool,
) -> tuple[_Rows, _Floats]: ...
def holding_rules() -> list[str]: ...
def rerate(
    tiers: str,
    margins: tuple[float, float],
    grace_days: int,
    one_tier: tuple[bool, bool],
    hold_unknown: bool,
    scores: _Floats,
    previous: _Rows,
    below_since: _Floats | None,
    as_of: int,
    customers: tuple[Table, str] | None,
) -> dict[str, Any]: ...

@final
class TierChain:
    @staticmethod
    def between(tiers: list[str], before: _Rows, after: _Rows, outside: str | None, confidence: float) -> TierChain: ...
    @staticmethod
    def from_counts(
        tiers: list[str], counts: list[list[float]], outside: str | None, confidence: float
    ) -> TierChain: ...
    def to_json(self) -> str: ...
    def after(self, start: _Floats, periods: int) -> _Floats: ...
    def outlook(self, periods: int) -> list[_Floats]: ...
    def mean_place(self, distribution: _Floats) -> float | None: ...
    def steady_state(self) -> _Floats: ...
    def absorption(self) -> str: ...

def entitlements(spec: str) -> Model: ...
def entitlements_of(table: Model, tier: str, step: str) -> str: ...
def entitlement_columns(table: Model, tiers: _Rows, steps: _Rows) -> list[tuple[str, str, Any]]: ...
def value_index(spec: str) -> Model: ...
def value_index_part(model: Model, part: str) -> Model: ...
def normalisation_of(kind: str, name: str, values: _Floats, shares: int) -> str: ...
def purchase_potential(
    chance: _Floats,
    value: _Floats,
    cost: _Floats | None,
    chance_ends: tuple[_Floats, _Floats] | None,
    value_ends: tuple[_Floats, _Floats] | None,
) -> tuple[_Floats, tuple[_Floats, _Floats] | None]: ...
def profit_score(spec: str | None) -> Model: ...
def share_decision(spec: str | None) -> Model: ...
def share_of_wallet(own: _Floats, total: _Floats, target: _Floats | None) -> tuple[_Floats, _Floats | None]: ...
def tiers_by_cuts(feature: str, names: list[str], cuts: list[float], higher_is_better: bool) -> Model: ...
def rfm_scorer(
    recency: _Floats, frequency: _Floats, monetary: _Floats, bins: int, together: bool
) -> tuple[dict[str, npt.NDArray[np.uint8]], Model]: ...
def rfm_scores(
    scorer: Model, recency: _Floats, frequency: _Floats, monetary: _Floats
) -> dict[str, npt.NDArray[np.uint8]]: ...
def rfm_by_rules(
    orders: Table,
    money: _Money,
    date: str,
    columns: list[str | None],
    rules: str,
    as_of: int,
) -> dict[str, Any]: ...
def natural_breaks(values: _Floats, classes: int) -> tuple[_Floats, npt.NDArray[np.int64], _Floats, float, int]: ...
def rfm_scorer_of_axes(
    recency: _Floats, frequency: _Floats, monetary: _Floats, axes: list[tuple[int, bool]]
) -> Model: ...
def rfm_scorer_bins(scorer: Model) -> list[int]: ...
def rfm_scorer_by_cuts(recency: list[float], frequency: list[float], monetary: list[float]) -> Model: ...
def usual_segments(bins: int, by_mean: bool) -> str: ...
def rfm_segments(scorer: Model, segments: str, ordered: bool) -> Model: ...
def rfm_segments_scorer(segments: Model) -> Model: ...
def rfm_segment_name(segments: Model, recency: int, frequency: int, monetary: int) -> str | None: ...
def rfm_moves(
    segments: Model, before: Table, after: Table, confidence: float
) -> tuple[str, dict[str, Any], list[str]]: ...
def rfm_moves_by_line(
    segments: Model, before: Table, after: Table, line: str, confidence: float
) -> tuple[list[str], Any, dict[str, Any], list[list[str]]]: ...
def sales(factors: list[float]) -> float: ...
def sales_of_period(
    orders: Table,
    money: _Money,
    date: str,
    group: str | None,
    period: tuple[int, int],
    leads: dict[str, float],
    rules: str,
) -> list[tuple[str, list[float], list[float]]]: ...
def split_sales(before: list[float], after: list[float]) -> tuple[float, float, float, list[float]]: ...
def split_sales_by_group(
    before: list[list[float]], after: list[list[float]]
) -> tuple[float, float, float, list[float], list[list[float]]]: ...
def sales_levers(factors: list[float], change: float) -> list[tuple[str, float, float, bool, float, float]]: ...
def sales_needed(factors: list[float], target: float) -> list[tuple[str, float, float | None, float | None]]: ...
def tiers_by_money(
    feature: str, values: _Floats, names: list[str], shares: list[float]
) -> tuple[Model, npt.NDArray[np.int64]]: ...
def tiers_by_breaks(
    feature: str, values: _Floats, names: list[str], higher_is_better: bool
) -> tuple[Model, npt.NDArray[np.int64]]: ...
def share_peak(values: _Floats) -> tuple[int, float]: ...

_Estimate = tuple[float, float, float, float, float, _Floats]

def concentration(
    values: _Floats, top: float, seed: int, replicates: int, confidence: float
) -> tuple[int, float, _Estimate, _Estimate | None, _Estimate | None, float | None, list[str]]: ...
def customers_by_products(
    orders: Table, money: _Money, product: str, names: list[str], shares: list[float]
) -> dict[str, Any]: ...
def repeated_lines(
    orders: Table, customer: str, columns: list[str], line_id: str | None
) -> tuple[dict[str, Any], str | None]: ...
def pareto(values: _Floats, share: float) -> dict[str, Any]: ...
def share_curve(values: _Floats, steps: int) -> tuple[_Floats, _Floats]: ...
def gini(values: _Floats) -> float: ...

@final
class PanelSurvey:
    def __new__(
        cls,
        table: Table,
        factors: list[str],
        respondent: str | None,
        panel: str | None,
        quality: str | None,
        weight: str | None,
        settings: str,
    ) -> PanelSurvey: ...
    def sizes(self) -> str: ...
    def analyse(self, settings: str) -> str: ...
    def recommend(self, analysis: str, settings: str) -> str: ...

def round_to_hundred(weights: list[float], decimals: int) -> list[float]: ...
def card_with_weights(card: Model, weights: list[tuple[str, float]]) -> Model: ...
def pairwise_from_matrices(
    factors: list[str], respondents: list[str], matrices: list[list[float]], settings: str
) -> str: ...
def pairwise_weights(
    table: Table, factors: list[str], first: str, second: str, value: str, respondent: str | None, settings: str
) -> str: ...
def look_alike(settings: str, features: str, good: Table, others: Table | None) -> Model: ...
def look_alike_sizes(model: Model) -> tuple[int, int | None]: ...
def reason_codes(
    card: Model, table: Table, settings: str
) -> tuple[list[str], list[npt.NDArray[np.uint32]], list[_Floats]]: ...
def what_would_raise(card: Model, table: Table, grade: str | None, changes: str) -> dict[str, Any]: ...
def score_change(
    card: Model, before: Table, after: Table, new_card: Model | None, ages: list[str], days: float
) -> dict[str, Any]: ...
def hold_grades(
    card: Model, table: Table, previous: npt.NDArray[np.int64], up: float, down: float
) -> dict[str, Any]: ...
def hold_bands(
    bands: str, values: _Floats, previous: npt.NDArray[np.int64], up: float, down: float
) -> npt.NDArray[np.int64]: ...
def apply_overrides(
    grades: list[str], leads: list[str], computed: npt.NDArray[np.int64], overrides: str, as_of: int
) -> tuple[npt.NDArray[np.int64], list[str], npt.NDArray[np.int64]]: ...
def ladder_card(spec: str) -> Model: ...
def ladder_of_thirds() -> tuple[list[str], str]: ...
def ladder_step(rungs: list[str], start: str, from_: str, steps: int) -> str: ...
def ladder_distance(rungs: list[str], start: str, from_: str, to: str) -> int: ...
def fit_card(
    card: Model,
    settings: str,
    table: Table,
    outcome: Table,
    outcome_name: str,
    positive: str,
    weights: _Floats | None,
    progress: Callable[[int, int, float], object] | None,
) -> Model: ...
def fitted_card_weights(model: Model, confidence: float) -> str: ...
def fitted_card_interval(
    model: Model, table: Table, confidence: float
) -> tuple[_Floats, _Floats, _Floats, _Floats]: ...
def scale_line(scale: tuple[float, float, float]) -> tuple[float, float]: ...
def scale_log_odds(scale: tuple[float, float, float], points: _Floats) -> _Floats: ...
def scale_points(scale: tuple[float, float, float], log_odds: _Floats) -> _Floats: ...
def grade_counts(
    grades: list[str], codes: npt.NDArray[np.int64], outcome: Table, outcome_name: str, positive: str
) -> str: ...
def merge_grade_counts(counts: str, other: str) -> str: ...
def grade_rates(counts: str, confidence: float, certainty: float) -> str: ...
def assign_leads(
    leads: str, reps: str, pair_values: _Floats | None, balance: str | None, start_at: str | None
) -> str: ...
def pool_rules(spec: str) -> Model: ...
def pool_decide(rules: Model, records: str) -> str: ...
def pool_may_claim(rules: Model, records: str, lead: str, rep: str, claims: str) -> str: ...
def pool_rank(rules: Model, records: str, scores: _Floats) -> str: ...
def event_rules(spec: str) -> Model: ...
def event_points(rules: Model, events: Table, reading: str, leads: Table | None, as_of: int) -> dict[str, Any]: ...
def event_ledger(rules: Model, events: Table, reading: str, leads: Table | None, as_of: int) -> dict[str, Any]: ...
def engagement_change(
    rules: Model,
    new_rules: Model | None,
    events: Table,
    reading: str,
    leads: Table | None,
    from_day: int,
    to_day: int,
) -> dict[str, Any]: ...
def fit_engagement(fit: str, engagement: str) -> Model: ...
def fit_engagement_cells(
    matrix: Model, fit: _Floats, engagement: _Floats
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]: ...

@final
class ClassHistory:
    def __new__(
        cls,
        table: Table,
        lead: str,
        class_: str,
        date: str,
        classes: list[str],
        closed: str,
        lost: str | None,
        as_of: int,
        leave_out_later: bool,
    ) -> ClassHistory: ...
    def merged(self) -> int: ...
    def left_out(self) -> int: ...
    def stays(self) -> dict[str, Any]: ...
    def dwell(self, quantiles: list[float]) -> str: ...
    def transitions(self, confidence: float) -> str: ...
    def limits(self, days: list[tuple[str, float]], quantile: float | None) -> list[float | None]: ...
    def stale(self, days: list[tuple[str, float]], quantile: float | None) -> dict[str, Any]: ...
    def pyramid(self, window: int, horizon: int, confidence: float) -> str: ...

def schiffman() -> Model: ...
def milestone_classes(spec: str) -> Model: ...
def classify_milestones(model: Model, table: Table) -> dict[str, Any]: ...
def class_pyramid(table: Table, column: str, won: _Floats, names: list[str], confidence: float) -> str: ...

@final
class SigningHistory:
    def __new__(
        cls, class_: list[str] | None, month: npt.NDArray[np.int32], leads: _Floats, signed: _Floats
    ) -> SigningHistory: ...

def signing_forecast(
    history: SigningHistory, leads_next: list[tuple[str, float]], method: str, confidence: float
) -> str: ...
def forecast_backtest(history: SigningHistory, methods: str, confidence: float) -> str: ...
def signings_below(forecast: str, target: float) -> float: ...
def signing_warning(forecast: str, rule: str, plan: str | None) -> str: ...

@final
class FrequencyCounts:
    def __new__(cls, spec: str) -> FrequencyCounts: ...
    @staticmethod
    def from_model(model: Model) -> FrequencyCounts: ...
    def to_model(self) -> Model: ...
    def features(self) -> str: ...
    def positive(self) -> str: ...
    def leads(self) -> tuple[int, int]: ...
    def counted(self) -> str: ...
    def observe(self, table: Table, outcome: Table, outcome_name: str, positive: str, negative: str | None) -> None: ...
    def reopen(self, table: Table, outcome: Table, outcome_name: str, positive: str, negative: str | None) -> None: ...
    def merge(self, other: FrequencyCounts) -> None: ...
    def model(self, smoothing: str) -> Model: ...

def frequency_signal(
    start: FrequencyCounts,
    table: Table,
    outcome: Table,
    outcome_name: str,
    positive: str,
    negative: str | None,
    smoothing: str,
    confidence: float,
) -> str: ...
def frequency_tempered(model: Model, factor: float) -> Model: ...
def frequency_percent(model: Model, table: Table) -> _Floats: ...
def event_left_out(rules: Model, events: Table, reading: str, leads: Table | None, as_of: int) -> str: ...
def bin_codes(model: Model, table: Table) -> npt.NDArray[np.int64]: ...
def bin_columns(
    settings: str,
    features: str,
    table: Table,
    outcome: Table,
    outcome_name: str,
    positive: str | None,
    weights: _Floats | None,
    of_table: bool,
) -> list[Model]: ...
def bin_table(model: Model) -> str: ...
def evidence_card(name: str, binnings: list[Model], factor: float, offset: float) -> Model: ...
def card_in_points(
    model: Model,
    scale: tuple[float, float, float],
    rounding: float,
    grades: str | None,
    names: list[str],
    rates: list[float],
) -> tuple[Model, Model, float]: ...
def evidence_binnings(model: Model) -> list[Model]: ...
def evidence_scorecard(model: Model) -> Model: ...
def evidence_reasons(model: Model) -> list[str | None]: ...
def keep_bins(
    settings: str,
    features: str,
    edges: list[float],
    groups: list[list[str]] | None,
    special: list[float],
    table: Table,
    outcome: Table,
    outcome_name: str,
    positive: str | None,
    weights: _Floats | None,
) -> Model: ...
def stratified_folds(
    outcome: Table, outcome_name: str, folds: int, repeats: int, seed: int
) -> list[tuple[_Rows, _Rows]]: ...
def train_test_split(outcome: Table, outcome_name: str, share: float, seed: int) -> tuple[_Rows, _Rows]: ...
def grouped_folds(
    groups: npt.NDArray[np.uint32], outcome: Table | None, outcome_name: str, folds: int, seed: int
) -> list[tuple[_Rows, _Rows]]: ...
def grouped_split(
    groups: npt.NDArray[np.uint32], outcome: Table | None, outcome_name: str, share: float, seed: int
) -> tuple[_Rows, _Rows]: ...
def time_split(days: _Floats, at: float, gap: float) -> tuple[_Rows, _Rows]: ...
def time_folds(
    days: _Floats, horizon: float, folds: int, gap: float, longest_training: float | None
) -> list[tuple[_Rows, _Rows]]: ...
def out_of_fold(
    learner: str,
    features: str,
    table: Table,
    outcome: Table,
    outcome_name: str,
    positive: str,
    weights: _Floats | None,
    offsets: _Floats | None,
    folds: list[tuple[_Rows, _Rows]],
    as_probability: bool,
    progress: Callable[[int, int, float], object] | None,
) -> _Floats: ...
def choose(
    candidates: str,
    features: str,
    table: Table,
    outcome: Table,
    outcome_name: str,
    positive: str,
    weights: _Floats | None,
    offsets: _Floats | None,
    folds: list[tuple[_Rows, _Rows]],
    seed: int,
    progress: Callable[[int, int, float], object] | None,
) -> str: ...
def check_data(
    limits: str,
    features: str,
    table: Table,
    outcome: Table,
    outcome_name: str,
    positive: str,
    weights: _Floats | None,
    test: Table | None,
    days: _Floats | None,
    as_of: _Floats | None,
    dates: list[str],
    groups: tuple[Table, str] | None,
    test_groups: tuple[Table, str] | None,
) -> list[tuple[str, str, list[str], list[tuple[str, float]], str]]: ...
def additive_card(model: Model) -> Model: ...
def additive_importance(model: Model) -> list[tuple[str, float]]: ...
def additive_shape(model: Model, term: str, confidence: float) -> str: ...
def additive_simplified(model: Model, answers: int, terms: int | None) -> Model: ...
def learned_model(model: Model) -> Model: ...
def fit_number(
    learner: str,
    loss: str,
    features: str,
    table: Table,
    outcome: Table,
    outcome_name: str,
    weights: npt.NDArray[np.float64] | None,
    progress: Callable[[int, int, float], object] | None,
) -> Model: ...
def predict_number(model: Model, table: Table) -> npt.NDArray[np.float64]: ...
def calibrate(
    settings: str,
    scores: _Floats,
    outcome: Table,
    outcome_name: str,
    positive: str,
    weights: _Floats | None,
) -> Model: ...
def calibration_log_odds(calibration: Model, scores: _Floats) -> _Floats: ...
def calibration_probability(calibration: Model, scores: _Floats) -> _Floats: ...
def calibration_interval(calibration: Model, scores: _Floats) -> tuple[_Floats, _Floats] | None: ...
def calibrated_model(calibration: Model, model: Model) -> Model: ...
def calibrated_parts(model: Model) -> tuple[Model, Model]: ...
def prior_shift(positive: str, from_rate: float, to_rate: float) -> Model: ...
def shift_probabilities(probabilities: _Floats, from_rate: float, to_rate: float) -> _Floats: ...
def estimate_base_rate(probabilities: _Floats, base_rate: float) -> tuple[float, float, float, float]: ...

@final
class Outcome:
    @staticmethod
    def from_numbers(name: str, numbers: _Floats, positive: float | None, weights: _Floats | None) -> Outcome: ...
    @staticmethod
    def from_labels(table: Table, name: str, positive: str, weights: _Floats | None) -> Outcome: ...
    def values(self) -> _Floats: ...

@final
class Ranking:
    def __new__(cls, outcome: Outcome, scores: _Floats) -> Ranking: ...
    def totals(self) -> tuple[float, float]: ...
    def distinct(self) -> int: ...
    def roc_auc(self) -> float: ...
    def gini(self) -> float: ...
    def average_precision(self) -> float: ...
    def kolmogorov_smirnov(self) -> tuple[float, float, bool]: ...
    def partial_roc_auc(self, most: float) -> float: ...
    def roc_curve(self, drop_intermediate: bool) -> dict[str, _Floats]: ...
    def precision_recall_curve(self) -> dict[str, _Floats]: ...
    def lift_table(self, shares: list[float]) -> dict[str, _Floats]: ...
    def precision_at(self, k: int) -> float: ...
    def success_at(self, k: int) -> float: ...
    def ndcg_at(self, k: int | None) -> float: ...
    def confusion(self, cut: float) -> list[float]: ...
    def best_cut(self, goal: str, payoff: list[float] | None) -> tuple[float, float, list[float]]: ...
    def profit_curve(self, payoff: list[float]) -> dict[str, _Floats]: ...
    def roc_auc_interval(self, confidence: float, plain: bool) -> tuple[float, float, float, float]: ...

def compare_roc_auc(
    outcome: Outcome, first: _Floats, second: _Floats, confidence: float
) -> tuple[float, float, float, float, float, float, float, float]: ...
def log_loss(outcome: Outcome, probabilities: _Floats, clip: float) -> float: ...
def brier(outcome: Outcome, probabilities: _Floats) -> float: ...
def calibration_error(outcome: Outcome, probabilities: _Floats, bins: int, quantile: bool) -> float: ...
def calibration_table(
    outcome: Outcome, probabilities: _Floats, bins: int, quantile: bool, confidence: float
) -> dict[str, _Floats]: ...
def brier_parts(outcome: Outcome, probabilities: _Floats, bins: int, quantile: bool) -> list[float]: ...
def recalibration(
    outcome: Outcome, probabilities: _Floats, confidence: float
) -> list[tuple[float, float, float, float]]: ...
def hosmer_lemeshow(
    outcome: Outcome, probabilities: _Floats, groups: int, same_rows_as_fit: bool
) -> tuple[float, float, float, dict[str, _Floats]]: ...
def spiegelhalter(outcome: Outcome, probabilities: _Floats) -> tuple[float, float]: ...
def decision_curve(outcome: Outcome, probabilities: _Floats, thresholds: list[float]) -> dict[str, _Floats]: ...
def confusion_figures(
    counts: list[float],
) -> tuple[float, float, _Rate, _Rate, _Rate, _Rate, _Rate, _Rate, _Rate, _Rate]: ...
def cut_for_capacity(
    scores: _Floats, weights: _Floats | None, capacity: float
) -> tuple[float, float, float | None, float, float]: ...
def bootstrap(
    outcome: Outcome,
    scores: _Floats,
    figure: str,
    clip: float,
    bins: int,
    quantile: bool,
    replicates: int,
    confidence: float,
    seed: int,
    progress: Callable[[int, int, float], object] | None,
) -> tuple[float, float, float, float, _Floats]: ...

_Amounts = tuple[_Floats, _Floats, _Floats | None]
_Interval = tuple[float, float, float, float, _Floats]

def number_figures(amounts: _Amounts) -> dict[str, Any]: ...
def number_figure(amounts: _Amounts, figure: str, setting: float) -> float: ...
def spend_capture(amounts: _Amounts, shares: list[float]) -> dict[str, _Floats]: ...
def decile_table(amounts: _Amounts, groups: int) -> dict[str, _Floats]: ...
def number_interval(
    amounts: _Amounts,
    figure: str,
    setting: float,
    replicates: int,
    confidence: float,
    seed: int,
    progress: Callable[[int, int, float], object] | None,
) -> _Interval: ...

@final
class UpliftRanking:
    def __new__(cls, outcome: _Floats, predicted: _Floats, treatment: Outcome) -> UpliftRanking: ...
    def overall(self) -> tuple[float, float, float]: ...
    def curve(self, qini: bool, interpolate: bool) -> dict[str, _Floats]: ...
    def area(self, qini: bool, normalisation: str) -> tuple[float, float, str]: ...
    def uplift_at(self, share: float, by_arm: bool, confidence: float) -> dict[str, float]: ...
    def uplift_table(self, groups: int, by_arm: bool, confidence: float) -> dict[str, _Floats]: ...
    def weighted_average_uplift(self, groups: int, by_arm: bool) -> float: ...
    def heterogeneity(self, groups: int, by_arm: bool) -> tuple[float, int, float, float, float, float]: ...

def uplift_interval(
    outcome: _Floats,
    predicted: _Floats,
    treatment: Outcome,
    figure: str,
    normalisation: str,
    share: float,
    by_arm: bool,
    replicates: int,
    confidence: float,
    seed: int,
    progress: Callable[[int, int, float], object] | None,
) -> _Interval: ...

_Concordance = tuple[float, float, float, float, float, float, float, float]

def concordance(duration: _Floats, event: Outcome, risk: _Floats, confidence: float) -> _Concordance: ...
def concordance_ipcw(
    duration: _Floats,
    event: Outcome,
    risk: _Floats,
    censoring_duration: _Floats,
    censoring_event: Outcome,
    until: float | None,
    confidence: float,
) -> _Concordance: ...

@final
class QuantileSketch:
    def __new__(cls, capacity: int) -> QuantileSketch: ...
    @staticmethod
    def from_json(text: str) -> QuantileSketch: ...
    def to_json(self) -> str: ...
    def add(self, values: _Floats) -> None: ...
    def merge(self, other: QuantileSketch) -> None: ...
    def state(self) -> tuple[int, int, float]: ...
    def quantiles(self, shares: list[float]) -> list[float] | None: ...
    def cuts(self, bins: int) -> list[float]: ...

def drift(
    settings: str,
    features: str,
    reference: Table,
    current: Table,
    reference_weights: _Floats | None,
    current_weights: _Floats | None,
) -> str: ...
def drift_windows(
    settings: str,
    features: str,
    reference: Table,
    current: Table,
    reference_weights: _Floats | None,
    current_weights: _Floats | None,
    days: _Floats,
    length: float,
    step: float,
) -> str: ...
def compare_counts(settings: str, reference: list[float], current: list[float]) -> str: ...
def characteristic_stability(
    settings: str,
    model: Model,
    reference: Table,
    current: Table,
    reference_weights: _Floats | None,
    current_weights: _Floats | None,
) -> str: ...
def tier_migration(
    tiers: list[str],
    before: npt.NDArray[np.int64],
    after: npt.NDArray[np.int64],
    weights: _Floats | None,
    confidence: float,
) -> str: ...

@final
class DriftCounts:
    def __new__(cls, settings: str, features: str, reference: Table, weights: _Floats | None) -> DriftCounts: ...
    @staticmethod
    def from_json(text: str) -> DriftCounts: ...
    def to_json(self) -> str: ...
    def empty(self) -> DriftCounts: ...
    def add(self, features: str, table: Table, weights: _Floats | None) -> None: ...
    def merge(self, other: DriftCounts) -> None: ...
    def drift(self, current: DriftCounts, settings: str) -> str: ...
    def features(self) -> str: ...
    def rows(self) -> float: ...

@final
class ScoreHistogram:
    def __new__(cls, edges: list[float]) -> ScoreHistogram: ...
    @staticmethod
    def from_json(text: str) -> ScoreHistogram: ...
    def to_json(self) -> str: ...
    def add(self, outcome: Outcome, scores: _Floats) -> None: ...
    def merge(self, other: ScoreHistogram) -> None: ...
    def bins(self) -> str: ...
    def roc_auc(self) -> tuple[float, float, float]: ...
    def confusion(self, cut: float) -> list[float]: ...

def by_group(
    outcome: Outcome,
    scores: _Floats,
    groups: npt.NDArray[np.uint32],
    names: list[str],
    cut: float,
    reference: int | None,
    least: float,
    confidence: float,
    probabilities: bool,
) -> str: ...
def rolling_origin(
    schedule: str, days: _Floats
) -> list[tuple[float, _Rows, int, list[tuple[float, float, float, float, bool, bool, _Rows]]]]: ...
def backtest_learner(
    settings: str,
    days: _Floats,
    learner: str,
    features: str,
    table: Table,
    outcome: Table,
    outcome_name: str,
    positive: str,
    weights: _Floats | None,
    offsets: _Floats | None,
    progress: Callable[[int, int, float], object] | None,
) -> str: ...
def backtest_scores(
    settings: str,
    days: _Floats,
    fit: Callable[[_Rows, _Rows], tuple[_Floats, list[tuple[str, float, float | None]], bool]],
    outcome: Outcome | None,
    actual: _Floats | None,
    weights: _Floats | None,
    probabilities: bool,
) -> str: ...
def promotion(
    outcome: Outcome,
    champion: _Floats,
    challenger: _Floats,
    probabilities: bool,
    grades: tuple[list[str], npt.NDArray[np.int64]] | None,
    reference: _Floats | None,
    reference_weights: _Floats | None,
    age_months: float | None,
    policy: str,
) -> str: ...
def report(
    outcome: Outcome,
    scores: _Floats,
    probabilities: bool | None,
    happened: str,
    capacity: float | None,
    payoff: list[float] | None,
    groups: list[tuple[str, list[str], npt.NDArray[np.uint32]]],
    reference: _Floats | None,
    champion: _Floats | None,
    confidence: float,
    drawn: tuple[int, int] | None,
) -> str: ...
def report_numbers(
    actual: _Floats, predicted: _Floats, weights: _Floats | None, confidence: float, drawn: tuple[int, int] | None
) -> str: ...
def report_model(model: Model, table: Table, weights: _Floats | None) -> str: ...

@final
class BatchDrift:
    @staticmethod
    def of_tables(
        settings: str,
        features: str,
        tables: list[Table],
        weights: list[_Floats | None],
        name: str,
        rows: int | None,
    ) -> BatchDrift: ...
    @staticmethod
    def of_counts(settings: str, reference: DriftCounts, current: DriftCounts) -> BatchDrift: ...

def monitoring_report(
    batches: list[tuple[str, _Floats | None, Outcome | None, ScoreHistogram | None, BatchDrift | None]],
    probabilities: bool | None,
    confidence: float,
    limits: list[float],
    drift: str,
) -> str: ...
def wilson_rate(events: float, trials: float, confidence: float) -> str: ...
def ratio_of_rates(numerator: tuple[float, float], denominator: tuple[float, float], confidence: float) -> str: ...
def rate_change(before: tuple[float, float], after: tuple[float, float], confidence: float) -> str: ...
def mean_change(
    before: _Floats,
    after: _Floats,
    before_weights: _Floats | None,
    after_weights: _Floats | None,
    confidence: float,
) -> str: ...
def difference_in_differences(
    values: _Floats,
    treated: list[bool],
    after: list[bool],
    weights: _Floats | None,
    customers: npt.NDArray[np.uint32] | None,
    pooled: bool,
    confidence: float,
) -> str: ...
def campaign_lift(outcome: Outcome, treated: list[bool], cost: float | None, confidence: float) -> str: ...
def campaign_revenue(
    revenue: _Floats, treated: list[bool], weights: _Floats | None, cost: float | None, confidence: float
) -> str: ...

@final
class Histories:
    def __new__(cls, table: Table, covariates: list[str], weights: _Floats | None = None) -> Histories: ...
    def __len__(self) -> int: ...

def fit_purchases(
    process: str, days_per_period: float, horizon: float, covariates: list[str], histories: Histories
) -> Model: ...
def purchase_model(
    process: str,
    parameters: list[float],
    days_per_period: float,
    horizon: float,
    covariates: list[tuple[str, list[float]]],
) -> Model: ...
def model_at_covariates(model: Model, values: list[float]) -> Model: ...
def purchase_covariates(model: Model) -> list[str]: ...
def purchase_coefficients(model: Model) -> str: ...
def purchase_log_likelihood(model: Model, histories: Histories) -> float: ...
def lifetime_report(model: Model) -> str: ...
def purchase_settings(model: Model) -> tuple[str, float, float]: ...
def purchase_forecast(model: Model, histories: Histories, forecast: str, level: float | None) -> list[_Floats]: ...
def purchases_of_new(model: Model, periods: float) -> float: ...
def purchase_probability(model: Model, count: int, after: float, width: float) -> float: ...
def simulate_purchases(model: Model, like: Histories, seed: int) -> tuple[_Rows, _Floats]: ...
def fit_spend(table: Table, weights: _Floats | None = None) -> Model: ...
def spend_log_likelihood(model: Model, table: Table, weights: _Floats | None = None) -> float: ...
def spend_model(parameters: list[float]) -> Model: ...
def expected_spend(model: Model, table: Table, level: float | None) -> list[_Floats]: ...
def simulate_spend(model: Model, customers: npt.NDArray[np.uint32], seed: int) -> _Floats: ...
def lifetime_value(
    purchases: Model,
    spend: Model,
    histories: Histories,
    table: Table,
    horizon: str,
    margin: float,
    level: float | None,
) -> list[_Floats]: ...
def fit_contracts(
    periods: npt.NDArray[np.uint32], left: npt.NDArray[np.uint8], weights: _Floats | None = None
) -> Model: ...
def fit_contract_segments(
    periods: npt.NDArray[np.uint32],
    left: npt.NDArray[np.uint8],
    segments: list[str],
    weights: _Floats | None = None,
) -> list[tuple[str, Model]]: ...
def simulate_contracts(
    model: Model, seen: npt.NDArray[np.uint32], seed: int
) -> tuple[_Rows, npt.NDArray[np.bool_]]: ...
def fit_survivors(survivors: _Floats) -> Model: ...
def contract_model(parameters: list[float]) -> Model: ...
def contract_curve(model: Model, of_survival: bool, periods: int, level: float | None) -> list[_Floats]: ...
def contract_residual(model: Model, renewal: int, rate: float, level: float | None) -> list[float]: ...
def contract_value(
    model: Model,
    renewals: npt.NDArray[np.uint32],
    by_customer: _Floats | None,
    by_period: list[float],
    horizon: str,
    level: float | None,
) -> list[_Floats]: ...
def retention_economics(settings: str, years: int) -> str: ...
def count_fit(model: Model, histories: Histories, most: int) -> str: ...
def bootstrap_purchases(
    process: str,
    days_per_period: float,
    horizon: float,
    covariates: list[str],
    histories: Histories,
    samples: int,
    seed: int,
    progress: Callable[[int, int, float], object] | None,
) -> Model: ...
def bootstrap_spend(
    table: Table,
    weights: _Floats | None,
    samples: int,
    seed: int,
    progress: Callable[[int, int, float], object] | None,
) -> Model: ...
def bootstrap_contracts(
    periods: npt.NDArray[np.uint32],
    left: npt.NDArray[np.uint8],
    weights: _Floats | None,
    samples: int,
    seed: int,
) -> Model: ...
def bootstrap_survivors(survivors: _Floats, samples: int, seed: int) -> Model: ...
def bootstrap_parts(sampled: Model) -> tuple[Model, int, int]: ...
def bootstrap_parameters(sampled: Model, level: float) -> str: ...
def bootstrap_forecast(sampled: Model, histories: Histories, forecast: str, level: float) -> list[_Floats]: ...
def bootstrap_value(
    purchases: Model,
    spend: Model,
    histories: Histories,
    table: Table,
    horizon: str,
    margin: float,
    level: float,
) -> list[_Floats]: ...
def bootstrap_expected_spend(sampled: Model, table: Table, level: float) -> list[_Floats]: ...
def bootstrap_curve(sampled: Model, of_survival: bool, periods: int, level: float) -> list[_Floats]: ...
def bootstrap_residual(sampled: Model, renewal: int, rate: float, level: float) -> tuple[float, float, float]: ...

@final
class Holdout:
    def __new__(
        cls,
        orders: Table,
        money: _Money,
        date: str,
        columns: list[str | None],
        rules: str,
        known_until: int,
        end: int,
    ) -> Holdout: ...
    def known(self) -> dict[str, Any]: ...
    def later(self) -> tuple[_Floats, _Floats]: ...
    def findings(self) -> list[str]: ...
    def days(self) -> float: ...
    def judge(self, purchases: _Floats, value: _Floats, top: float, seed: int) -> str: ...

def tracking(
    model: Model,
    orders: Table,
    customer: str,
    date: str,
    amount: str | None,
    refuse_returns: bool,
    known_until: int,
    end: int,
    step_days: int,
) -> str: ...
