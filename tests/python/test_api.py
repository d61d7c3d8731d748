"""The public face: the names and keywords that a user types, as the documentation shows them."""

import inspect

import numpy as np
import pandas as pd
import pytest
import tierwise as tw

NAMES = {
    tw: [
        "lead",
        "value",
        "cross_sell",
        "churn",
        "learn",
        "evaluate",
        "exceptions",
        "Feature",
        "score",
        "rank",
        "save",
        "load",
        "from_json",
    ],
    tw.lead: [
        "AnswerValue",
        "Assignment",
        "CardFit",
        "CardWeight",
        "ClaimAnswer",
        "ClassDwell",
        "ClassHistory",
        "ClassPyramid",
        "EventRules",
        "FitEngagement",
        "FittedCard",
        "ForecastBacktest",
        "Frequency",
        "FrequencyCounts",
        "FrequencyModel",
        "FrequencySignal",
        "GradeCounts",
        "GradePair",
        "GradeRate",
        "GradeRates",
        "Ladder",
        "LadderCard",
        "LookAlike",
        "LookAlikeModel",
        "MilestoneClasses",
        "PairwiseWeights",
        "PanelRecommendation",
        "PanelSurvey",
        "PathPoint",
        "PointsScale",
        "PoolRules",
        "PyramidRow",
        "Raises",
        "ScaledCard",
        "ScoreChange",
        "Scorecard",
        "SigningForecast",
        "SigningWarning",
        "Transition",
        "apply_overrides",
        "assign",
        "card_with_weights",
        "class_pyramid",
        "forecast_backtest",
        "frequency_signal",
        "grade_rates",
        "hold_bands",
        "pairwise_weights",
        "round_to_hundred",
        "schiffman",
        "signing_forecast",
        "signing_warning",
        "supplier_prospects",
    ],
    tw.value: [
        "Pareto",
        "RfmScorer",
        "Tiers",
        "gini",
        "pareto",
        "rfm",
        "share_curve",
        "share_peak",
        "NaturalBreaks",
        "natural_breaks",
        "RfmSegments",
        "RfmMoves",
        "RfmMovesByLine",
        "usual_segments",
        "SalesFactors",
        "SalesPeriod",
        "SalesSplit",
        "SalesSplitByGroup",
        "Lever",
        "LeverTarget",
        "sales_of_period",
        "sales_of_period_by_group",
        "split_sales",
        "split_sales_by_group",
        "Concentration",
        "concentration",
        "CustomersByProducts",
        "customers_by_products",
        "BgBb",
        "BgNbd",
        "BootstrapParameter",
        "ContractBootstrap",
        "ContractModel",
        "ContractSegments",
        "CovariateEffect",
        "GammaGamma",
        "Holdout",
        "Judgement",
        "LifetimeReport",
        "MbgNbd",
        "Parameter",
        "ParetoNbd",
        "PurchaseBootstrap",
        "PurchaseModel",
        "RetentionValue",
        "ShiftedBetaGeometric",
        "SpendBootstrap",
        "SpendModel",
        "count_fit",
        "holdout",
        "retention_economics",
        "tracking",
        "Absorption",
        "Entitlements",
        "ProfitScore",
        "RatingChange",
        "RatingRules",
        "ShareDecision",
        "TierChain",
        "ValueIndex",
        "b2b_rating",
        "profit_score",
        "purchase_potential",
        "rerate",
        "share_decision",
        "share_of_wallet",
        "RepeatedLines",
        "repeated_lines",
    ],
    tw.cross_sell: ["Propensity", "PropensityModel"],
    tw.churn: ["Risk", "RiskModel"],
    tw.learn: [
        "Coefficient",
        "FeatureFate",
        "FitReport",
        "Logistic",
        "LogisticModel",
        "WeightOfEvidence",
        "WeightOfEvidenceModel",
        "Binning",
        "Binnings",
        "bin_feature",
        "bin_features",
        "BaseRateEstimate",
        "CalibratedModel",
        "Calibration",
        "calibrate",
        "estimate_base_rate",
        "prior_shift",
        "shift_probabilities",
        "Finding",
        "check_data",
        "grouped_folds",
        "out_of_fold",
        "stratified_folds",
        "time_folds",
        "time_split",
        "train_test_split",
        "Additive",
        "AdditiveModel",
        "AdditiveNumberModel",
        "HeldOut",
        "QuantileSketch",
        "Choice",
        "choose",
        "NumberReport",
    ],
    tw.evaluate: [
        "roc_auc",
        "roc_auc_interval",
        "compare_roc_auc",
        "gini",
        "kolmogorov_smirnov",
        "average_precision",
        "partial_roc_auc",
        "lift_table",
        "Ranking",
        "log_loss",
        "brier",
        "brier_parts",
        "calibration_table",
        "calibration_error",
        "recalibration",
        "hosmer_lemeshow",
        "spiegelhalter",
        "bootstrap",
        "confusion",
        "best_cut",
        "decision_curve",
        "cut_for_capacity",
        "Payoff",
        "RocAuc",
        "RocAucComparison",
        "KolmogorovSmirnov",
        "BootstrapInterval",
        "BrierParts",
        "Estimate",
        "Recalibration",
        "HosmerLemeshow",
        "Spiegelhalter",
        "Confusion",
        "BestCut",
        "CapacityCut",
        "number_figures",
        "mean_absolute_error",
        "median_absolute_error",
        "root_mean_squared_error",
        "bias",
        "mean_absolute_percentage_error",
        "weighted_absolute_percentage_error",
        "r_squared",
        "pinball_loss",
        "spend_capture",
        "decile_table",
        "number_interval",
        "concordance",
        "concordance_ipcw",
        "UpliftRanking",
        "qini",
        "auuc",
        "uplift_at",
        "qini_curve",
        "uplift_curve",
        "uplift_table",
        "weighted_average_uplift",
        "uplift_heterogeneity",
        "uplift_interval",
        "NumberFigures",
        "Concordance",
        "UpliftArea",
        "UpliftAt",
        "UpliftHeterogeneity",
        "drift",
        "column_drift",
        "population_stability",
        "drift_windows",
        "characteristic_stability",
        "tier_migration",
        "compare_counts",
        "DriftCounts",
        "ScoreHistogram",
        "by_group",
        "rate_change",
        "mean_change",
        "difference_in_differences",
        "campaign_lift",
        "campaign_revenue",
        "wilson_rate",
        "ratio_of_rates",
        "DriftSettings",
        "TableDrift",
        "ColumnDrift",
        "DriftCell",
        "NumberDistances",
        "ChiSquareTest",
        "UnknownChange",
        "DriftWindow",
        "CountDrift",
        "CharacteristicStability",
        "CharacteristicShift",
        "TierMigration",
        "AreaBounds",
        "Fairness",
        "GroupFigures",
        "GroupComparison",
        "GroupCalibration",
        "Rate",
        "Bounded",
        "RateChange",
        "MeanChange",
        "DifferenceInDifferences",
        "CampaignLift",
        "CampaignRevenue",
        "report",
        "Report",
        "monitoring_report",
        "MonitoringReport",
        "Batch",
        "promotion",
        "Promotion",
        "PromotionCheck",
        "StandardPolicy",
        "DynamicsPolicy",
        "backtest",
        "rolling_origin",
        "Backtest",
        "BacktestCheck",
        "BacktestLimits",
        "BacktestRefit",
        "BacktestWindow",
        "FigureTrend",
        "OriginWindow",
        "PooledFigure",
        "RankStability",
        "ScoreShift",
        "TermHistory",
        "WindowFigure",
        "WindowRows",
    ],
}


@pytest.mark.parametrize("module", list(NAMES), ids=lambda module: module.__name__)
def test_public_names(module):
    assert sorted(module.__all__) == sorted(NAMES[module])
    for name in module.__all__:
        assert inspect.getdoc(getattr(module, name)), name


KEYWORDS = [
    (tw.value.rfm, ["customer", "date", "amount", "as_of", "later_rows"]),
    (tw.value.Tiers.by_share, ["names", "shares", "higher_is_better", "ties"]),
    (tw.value.Tiers.by_quantiles, ["names", "higher_is_better", "ties"]),
    (tw.value.Tiers.by_cuts, ["names", "cuts", "higher_is_better", "feature"]),
    (tw.value.pareto, ["share"]),
    (tw.lead.Scorecard.grade, ["reasons"]),
    (tw.learn.Logistic, ["alpha", "standardize", "max_iterations", "tolerance", "confidence", "standard_errors"]),
    (tw.learn.Logistic.fit, ["positive", "features", "categories", "weights", "offsets", "progress"]),
    (tw.cross_sell.Propensity.fit, ["positive", "features", "categories", "weights", "offsets", "progress"]),
    (tw.churn.Risk.fit, ["positive", "features", "categories", "weights", "offsets", "progress"]),
    (tw.cross_sell.Propensity, ["learner", "product"]),
    (tw.churn.Risk, ["learner"]),
]


@pytest.mark.parametrize(("function", "keywords"), KEYWORDS, ids=lambda one: getattr(one, "__qualname__", ""))
def test_keywords(function, keywords):
    assert set(keywords) <= set(inspect.signature(function).parameters)


def test_the_positive_class_must_be_named():
    for learner in [tw.learn.Logistic(), tw.cross_sell.Propensity(), tw.churn.Risk()]:
        with pytest.raises(TypeError, match="positive"):
            learner.fit({"x": [1, 2]}, [0, 1])


def prospects():
    card = tw.lead.supplier_prospects()
    rng = np.random.default_rng(0)
    return pd.DataFrame({feature.name: rng.integers(0, 2, 30).astype(float) for feature in card.features})


def test_whom_to_call_first():
    card = tw.lead.supplier_prospects()
    graded = card.grade(prospects(), reasons=3)
    assert list(graded.columns) == [
        "score",
        "raw_grade",
        "grade",
        "binding_prerequisite",
        "worst_score",
        "best_score",
        "worst_grade",
        "best_grade",
        "reason_1",
        "reason_2",
        "reason_3",
    ]
    explained = card.explain(prospects())
    total = explained["base"].to_numpy().copy()
    for name in explained.columns[1:]:
        total += explained[name].to_numpy()
    assert total.tolist() == graded["score"].tolist() == card.score(prospects()).tolist()
    assert card.range == pytest.approx((0, 99.8))


def orders():
    return pd.DataFrame(
        {
            "id": ["ann", "bob", "ann", "cid", "dee"],
            "day": pd.to_datetime(["1998-01-01", "1998-02-01", "1998-03-01", "1998-06-30", "1997-12-01"]),
            "paid": [20.0, 5.0, 30.0, 500.0, 1.0],
        }
    )


def test_what_a_customer_is_worth():
    rfm = tw.value.rfm(orders(), customer="id", date="day", amount="paid", as_of="1998-06-30")
    assert list(rfm.columns) == [
        "customer",
        "recency",
        "frequency",
        "monetary",
        "age",
        "repeat_frequency",
        "last_purchase_age",
        "mean_repeat_amount",
    ]
    tiers = tw.value.Tiers.by_share(rfm["monetary"], names=["A", "B", "C", "D"], shares=[0.25, 0.25, 0.25, 0.25])
    assert tiers.assign(rfm["monetary"]).tolist() == ["B", "C", "A", "D"]
    assert tw.value.pareto(rfm["monetary"], share=0.8).customers == 1


def customers():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"tenure": rng.integers(1, 60, 80), "plan": rng.choice(["basic", "plus"], 80)})
    left = np.where((frame["tenure"] < 20) ^ (rng.random(80) < 0.2), "Yes", "No")
    return frame, left


def test_what_they_buy_next(tmp_path):
    frame, _ = customers()
    bought = (frame["tenure"] % 3 == 0).astype(int).rename("bought")
    model = tw.cross_sell.Propensity(tw.learn.Logistic(alpha=1.0)).fit(frame, bought, positive=1)
    assert model.probability(frame).between(0, 1).all()
    assert list(model.explain(frame).columns) == ["base", "tenure", "plan"]
    assert sorted(model.rank(frame))[0] == 1
    tw.save(model, tmp_path / "model.json")
    assert tw.load(tmp_path / "model.json") == model


def test_who_is_about_to_leave():
    frame, left = customers()
    risk = tw.churn.Risk(tw.learn.Logistic(alpha=1.0)).fit(frame, left, positive="Yes")
    assert risk.positive == "Yes"
    assert risk.coefficients[0].estimate < 0
    assert risk.report.converged
    assert list(risk.reasons(frame, most=1).columns) == ["reason_1", "reason_1_log_odds", "reason_1_effect"]


def test_the_package_is_typed():
    assert tw.__version__.count(".") == 2
