//! Writes `tests/golden/*.json` anew: `cargo run -p tierwise-tests --example make_golden`.
//!
//! Records come from a small generator with a fixed seed and from values picked by hand: edges of ranges, negative
//! zero, huge numbers, a level that is not listed. To add a model, add a line to `main`.

use serde_json::{Map, Value, json};
use std::error::Error;
use std::fs;
use tierwise::churn::Risk;
use tierwise::feature::Kind;
use tierwise::lead::{
    CardFit, CardSpec, Characteristic, Condition, Correction, CorrectionRow, FittedCard, PairCharacteristic, Per,
    Prerequisite, Strength, WhileUnknown,
};
use tierwise::learn::{
    Additive, BetaShape, Binner, Binning, CalibratedModel, Calibration, CalibrationMethod, Calibrator, Logistic,
    ScoreScale, Selection, WeightOfEvidence, probability,
};
use tierwise::model::Model;
use tierwise::value::{
    self, Covariate, Normalisation, PurchaseModel, PurchaseProcess, UnknownTerm, ValueIndex, ValueIndexSpec, ValueTerm,
};
use tierwise::{Bands, Columns, Feature, Fit, Outcome, Score, Scorecard, Unknown, lead};
use tierwise_tests::{Golden, folder};

fn main() -> Result<(), Box<dyn Error>> {
    write_cards()?;
    write_value()?;
    write_learned()?;
    write_calibrated()
}

fn write_cards() -> Result<(), Box<dyn Error>> {
    write("supplier_prospects", "The 17-row card that ships with the library.", &lead::supplier_prospects(), 60, &[])?;
    write(
        "every_condition",
        "Every kind of question, and corrections by the set of unmet prerequisites.",
        &every_condition()?,
        80,
        &[("visits", &[1.0, 3.0, 5.0, -0.0, -4.0, 1e300]), ("revenue", &[0.0, 100.0, 250.0, 250.5, -1e300, 1e-300])],
    )?;
    write(
        "corrections_in_order",
        "Corrections one after the other, and a feature that refuses unknown.",
        &corrections_in_order()?,
        40,
        &[("visits", &[0.0, 1.0, 2.0, 3.0, 4.5, 5.0, 6.0, 7.5])],
    )?;
    write(
        "card_with_pairs",
        "Pairs of numbers, categories and yes-nos, with unknown by each rule that scores, and a question of many steps.",
        &card_with_pairs()?,
        80,
        &[
            ("tenure", &[0.0, -0.0, 3.0, 12.0, 11.999, 1e300, -1e300]),
            ("spend", &[0.0, 0.75, 5.0, -1.0, 1e-300, 1e300]),
        ],
    )?;
    write(
        "churn_risk",
        "A churn risk on a logistic fit with every kind of feature; probabilities from certain to impossible.",
        &of_churners(&Risk::new(Logistic::new()))?,
        60,
        &[("tenure", &[0.0, 1.0, 12.0, 60.5, -0.0, 1e6, -1e6, 1e300])],
    )?;
    write(
        "look_alike",
        "Likeness to the three nearest of a few good customers less likeness to others, with gaps on both sides.",
        &look_alike()?,
        60,
        &[("staff", &[0.0, 10.0, 30.5, -0.0, 1e6, -1e6, 1e300])],
    )?;
    write(
        "ladder_card",
        "Steps on the published ladder of thirds.",
        &ladder_card()?,
        40,
        &[("employees", &[0.0, 9.5, 10.0, 250.0, -1e300, 1e300])],
    )?;
    write(
        "fitted_card",
        "The card with every kind of question, fitted to outcomes, each answer with a value of its own.",
        &fitted_card()?,
        60,
        &[("visits", &[1.0, 3.0, 5.0, -0.0, 1e300]), ("revenue", &[0.0, 100.0, 250.0, -1e300])],
    )?;
    write_purchases()?;
    write("frequency", "A frequency model with teams, stages, fields and tags, tempered.", &frequency()?, 60, &[])?;
    Ok(())
}

fn write_value() -> Result<(), Box<dyn Error>> {
    write(
        "b2b_rating",
        "The rating that ships with the library, with amounts on the edges of its brackets.",
        &value::b2b_rating(),
        60,
        &[
            ("order_amount", &[0.0, -5.0, 100_000.0, 499_999.99, 500_000.0, 1e6, 2e6, 9e6, 1e300]),
            ("referral", &[0.0, -0.0, 1.0, 2.0, 3.0, 4.0, 1e6]),
        ],
    )?;
    write(
        "value_index",
        "A value index with every normalisation and every rule for unknown that scores.",
        &value_index()?,
        60,
        &[("margin", &[0.0, 100.0, 50.5, -1e300, 1e300]), ("growth", &[0.0, -0.3, 0.1, 1e6, -1e6])],
    )?;
    write(
        "profit_score",
        "The profit score that ships with the library, on the edges of its brackets.",
        &value::profit_score(),
        40,
        &[
            ("gross_margin", &[0.5, 0.4, 0.399_999, 0.3, 0.2, 0.1, 0.0, -0.0, -0.2]),
            ("payment_collection", &[0.95, 0.9, 0.8, 0.7, 0.5, 0.499, 1.0]),
        ],
    )
}

fn value_index() -> Result<ValueIndex, Box<dyn Error>> {
    let half = |term: ValueTerm| ValueTerm { unknown: UnknownTerm::Share(0.5), ..term };
    Ok(ValueIndex::new(ValueIndexSpec {
        name: "every normalisation".into(),
        terms: vec![
            ValueTerm::new("margin", 0.7, Normalisation::MinMax { from: 0.0, to: 100.0 }),
            half(ValueTerm::new("orders", 1.1, Normalisation::Quantiles(vec![1.0, 3.0, 8.0]))),
            half(ValueTerm::new("growth", 0.1, Normalisation::Logistic { middle: 0.1, scale: 0.7 })),
            half(ValueTerm::new("potential", 0.3, Normalisation::Anchors(vec![(0.0, 0.2), (5.0, 0.9), (6.0, 1.0)]))),
        ],
        ..ValueIndexSpec::default()
    })?)
}

/// Most histories are sound; those that cannot be one score NaN.
fn write_purchases() -> Result<(), Box<dyn Error>> {
    let whole = |from: u32, to: u32| (from..to).map(f64::from).collect::<Vec<f64>>();
    let repeats: Vec<f64> = whole(1, 5).into_iter().cycle().take(38).chain([0.0, 300.0]).collect();
    let last: Vec<f64> = whole(4, 40).into_iter().chain([0.0, 0.0, 7.25, 38.5]).collect();
    let picked: [(&str, &[f64]); 3] =
        [("repeat_frequency", &repeats), ("last_purchase_age", &last), ("age", &whole(39, 90))];
    for (name, process) in [
        ("bg_nbd", PurchaseProcess::BgNbd),
        ("mbg_nbd", PurchaseProcess::MbgNbd),
        ("pareto_nbd", PurchaseProcess::ParetoNbd),
        ("bg_bb", PurchaseProcess::BgBb),
    ] {
        let model = PurchaseModel::new(process, [0.55, 10.6, 0.61, 11.7])?.with_horizon(13.0)?;
        let about = format!("Purchases expected within 13 periods by {}.", process.name());
        write(name, &about, &model, 60, &picked)?;
    }
    let covariate = |name: &str, on_alpha: f64, on_beta: f64| Covariate {
        name: name.into(),
        coefficients: vec![on_alpha, on_beta],
    };
    let covariates = vec![covariate("web", 0.5, -0.2), covariate("first_order", 0.01, 0.03)];
    let model = PurchaseModel::new(PurchaseProcess::ParetoNbd, [0.55, 10.6, 0.61, 11.7])?.with_horizon(13.0)?;
    let about = "Purchases expected within 13 periods by Pareto/NBD with two covariates.";
    let [one, two, three] = picked;
    let picked = [one, two, three, ("web", &[0.0, 1.0, 1.0][..]), ("first_order", &[12.5, 0.0, -3.0, 80.0][..])];
    write("pareto_nbd_with_covariates", about, &model.with_covariates(covariates)?, 60, &picked)?;
    Ok(())
}

fn write_learned() -> Result<(), Box<dyn Error>> {
    write(
        "binned_months",
        "Weights of evidence of a number with special codes and unknown.",
        &binned_months()?,
        40,
        &[("months", &[-9.0, -8.0, -8.999_999_999_999_998, 0.0, -0.0, 12.0, 36.0, 1e300, -1e300])],
    )?;
    write(
        "additive",
        "A boosted additive card with pairs, one of them with a category and one with a number whose unknown has points.",
        &of_churners(&Additive::new().bags(3).max_bins(12).pairs(2))?,
        60,
        &[("tenure", &[0.0, 1.0, 12.0, 23.5, 60.5, -0.0, 1e300, -1e300])],
    )?;
    write(
        "weight_of_evidence",
        "A scorecard on weights of evidence with every kind of feature.",
        &of_churners(&WeightOfEvidence::new().selection(Selection::none()))?,
        60,
        &[("tenure", &[0.0, 1.0, 12.0, 23.5, 60.5, -0.0, 1e300, -1e300])],
    )?;
    Ok(())
}

fn write_calibrated() -> Result<(), Box<dyn Error>> {
    let calibrated: [(&str, &str, CalibrationMethod, ScoreScale); 4] = [
        (
            "calibrated_platt",
            "The churn risk calibrated by Platt's method and moved to another base rate: still a sum.",
            CalibrationMethod::Platt,
            ScoreScale::Score,
        ),
        (
            "calibrated_beta",
            "The churn risk calibrated by a curve in the logarithms of its probability.",
            CalibrationMethod::Beta(BetaShape::Abm),
            ScoreScale::Score,
        ),
        (
            "calibrated_isotonic",
            "The churn risk calibrated by blocks of its probability, the outermost of them certain.",
            CalibrationMethod::Isotonic,
            ScoreScale::Probability,
        ),
        (
            "calibrated_venn_abers",
            "The churn risk calibrated by two isotonic fits.",
            CalibrationMethod::VennAbers,
            ScoreScale::Score,
        ),
    ];
    for (name, about, method, scale) in calibrated {
        let mut model = calibrated_risk(method, scale)?;
        if method == CalibrationMethod::Platt {
            model = Calibration::prior_shift("true", 0.5, 0.1)?.apply(model)?;
        }
        write(name, about, &model, 40, &[("tenure", &[0.0, 1.0, 12.0, 60.5, -0.0, 1e6, -1e6, 1e300])])?;
    }
    Ok(())
}

/// Fitted here once, as [`churn_risk`].
fn calibrated_risk(method: CalibrationMethod, scale: ScoreScale) -> Result<CalibratedModel, Box<dyn Error>> {
    let risk = of_churners(&Risk::new(Logistic::new()))?;
    let mut random = Random(12);
    let (mut scores, mut left) = (Vec::new(), Vec::new());
    for _ in 0..60 {
        let row = [random.below(60) as f64, random.below(3) as f64, random.below(2) as f64];
        let score = risk.score_row(&row);
        scores.push(if scale == ScoreScale::Probability { probability(score) } else { score });
        left.push(random.below(100) as f64 > 20.0 + row[0] + 15.0 * row[1]);
    }
    Ok(Calibrator::new(method).scale(scale).fit(&scores, &Outcome::binary("left", &left))?.apply(risk)?)
}

fn look_alike() -> Result<lead::LookAlikeModel, Box<dyn Error>> {
    let features = [
        Feature::number("staff"),
        Feature::category("trade", ["food", "toys", "steel"]),
        Feature::yes_no("exports").with_unknown(Unknown::Own),
    ];
    let mut random = Random(11);
    let mut customers = |count: u64, shift: u64| {
        let mut table = [Vec::new(), Vec::new(), Vec::new()];
        for row in 0..count {
            table[0].push(if row % 6 == 5 { f64::NAN } else { (shift + random.below(40)) as f64 });
            table[1].push(random.below(3) as f64);
            table[2].push(if row % 7 == 3 { f64::NAN } else { random.below(2) as f64 });
        }
        table
    };
    let (good, others) = (customers(12, 20), customers(9, 0));
    let good = Columns::in_order(&features, good.iter().map(Vec::as_slice).collect())?;
    let others = Columns::in_order(&features, others.iter().map(Vec::as_slice).collect())?;
    let weights = vec![("trade".to_owned(), 1.5)];
    Ok(lead::LookAlike { neighbours: Some(3), weights, ..lead::LookAlike::default() }.fit(&good, Some(&others))?)
}

fn ladder_card() -> Result<lead::LadderCard, Box<dyn Error>> {
    let criterion = |name: &str, met_when, up, down| lead::Criterion {
        name: name.into(),
        feature: name.into(),
        description: String::new(),
        met_when,
        up,
        down,
    };
    Ok(lead::LadderCard::new(lead::LadderSpec {
        name: "fit".into(),
        notes: vec![],
        features: vec![Feature::yes_no("decides"), Feature::number("employees").with_unknown(Unknown::Own)],
        ladder: lead::Ladder::thirds(),
        criteria: vec![
            criterion("decides", lead::Condition::Yes, 3, 3),
            criterion("employees", lead::Condition::at_least(10.0), 2, 1),
        ],
    })?)
}

/// Fitted here once, as [`of_churners`].
fn fitted_card() -> Result<FittedCard, Box<dyn Error>> {
    let card = every_condition()?;
    let features = card.features().to_vec();
    let mut random = Random(11);
    let mut table = vec![Vec::new(); features.len()];
    let mut won = Vec::new();
    for row in 0..400 {
        for (feature, column) in features.iter().zip(&mut table) {
            let value = match feature.kind() {
                Kind::YesNo => random.below(2),
                Kind::Category(levels) => random.below(levels.len() as u64),
                Kind::Number => random.below(if feature.name() == "visits" { 7 } else { 300 }),
            };
            let unknown = row % 7 == 3 && feature.unknown() != Unknown::Error;
            column.push(if unknown { f64::NAN } else { value as f64 });
        }
        let points = card.score_row(&table.iter().map(|column| column[row]).collect::<Vec<f64>>());
        won.push(random.below(40) as f64 + 5.0 < points);
    }
    let columns = Columns::in_order(&features, table.iter().map(Vec::as_slice).collect())?;
    let fit = CardFit::new(card).per(Per::Answer).strength(Strength::Deals(50.0));
    Ok(fit.fit(&columns, &Outcome::binary("won", &won))?.model)
}

/// Held fixed by the file, as the fit below.
fn frequency() -> tierwise::Result<lead::FrequencyModel> {
    let mut counts = lead::FrequencyCounts::new(lead::FrequencySpec {
        fields: vec![Feature::category("source", ["fair", "web", "advert"]), Feature::yes_no("asked")],
        stage: Some(Feature::category("stage", ["new", "offer", "order"])),
        tags: vec!["urgent".into()],
        team: Some(Feature::category("team", ["north", "south"])),
        ..lead::FrequencySpec::default()
    })?;
    let mut random = Random(11);
    for _ in 0..500 {
        let [team, stage, source, asked, urgent, chance] = [3, 3, 4, 2, 3, 100].map(|limit| random.below(limit));
        let code = |value: u64, levels: u64| if value < levels { value as f64 } else { f64::NAN };
        let row = [code(team, 2), code(stage, 3), code(source, 3), code(asked, 2), code(urgent, 2)];
        counts.observe(&row, chance < 20 + 10 * team + 20 * asked + 8 * source)?;
    }
    counts.model(lead::Smoothing::EmpiricalBayes)?.tempered(0.8)
}

/// Found here once; the file holds the counts, from which the weights follow with the same bits everywhere.
fn binned_months() -> Result<Binning, Box<dyn Error>> {
    let mut random = Random(11);
    let (mut months, mut left) = (Vec::new(), Vec::new());
    for row in 0..500 {
        let month = random.below(60);
        months.push(match row % 20 {
            3 => f64::NAN,
            7 => -9.0,
            _ => month as f64,
        });
        left.push(random.below(60) > month);
    }
    let binner = Binner::new().special([-9.0, -8.0]).max_bins(5);
    Ok(binner.bin(&Feature::number("months"), &months, &Outcome::binary("left", &left))?)
}

/// Fitted here once and then held fixed by the file: the bits of a fit may differ between processors, those of its
/// scores may not.
fn of_churners<L: Fit>(learner: &L) -> Result<L::Model, Box<dyn Error>> {
    let features = [
        Feature::number("tenure").with_unknown(Unknown::Own),
        Feature::category("contract", ["monthly", "yearly", "two years"]),
        Feature::yes_no("paperless").with_unknown(Unknown::Error),
    ];
    let mut random = Random(7);
    let mut table = [Vec::new(), Vec::new(), Vec::new()];
    let mut left = Vec::new();
    for row in 0..400 {
        let (tenure, contract, paperless) = (random.below(60), random.below(3), random.below(2));
        table[0].push(if row % 9 == 4 { f64::NAN } else { tenure as f64 });
        table[1].push(contract as f64);
        table[2].push(paperless as f64);
        left.push(random.below(100) > 20 + tenure + 15 * contract);
    }
    let columns = Columns::in_order(&features, table.iter().map(Vec::as_slice).collect())?;
    Ok(learner.fit(&columns, &Outcome::binary("left", &left))?.model)
}

/// Generates records, works out the results and writes the file. `picked` are values that a number feature takes
/// beside ordinary ones.
fn write(
    name: &str,
    about: &str,
    model: &dyn Model,
    records: usize,
    picked: &[(&str, &[f64])],
) -> Result<(), Box<dyn Error>> {
    let features = model.as_score().ok_or("a golden model must be a score")?.features();
    let mut random = Random(2024);
    let records = (0..records).map(|index| record(features, index, picked, &mut random)).collect();
    let golden = Golden::make(about, model, records)?;
    fs::create_dir_all(folder())?;
    fs::write(folder().join(format!("{name}.json")), layout(&golden)?)?;
    Ok(())
}

/// The first record knows nothing that may be unknown, every fourth one knows everything, the others know most.
fn record(features: &[Feature], index: usize, picked: &[(&str, &[f64])], random: &mut Random) -> Map<String, Value> {
    let value = |feature: &Feature, random: &mut Random| {
        let unknown = index == 0 || index % 4 != 1 && random.below(6) == 0;
        if unknown && feature.unknown() != Unknown::Error {
            return Value::Null;
        }
        match feature.kind() {
            Kind::YesNo => json!(random.below(2) == 1),
            Kind::Category(levels) => match random.below(levels.len() as u64 + 1) as usize {
                other if other == levels.len() && feature.unknown() != Unknown::Error => json!("not a level"),
                code => json!(levels[code % levels.len()]),
            },
            Kind::Number => {
                let special =
                    picked.iter().find(|(name, _)| *name == feature.name()).map_or(&[][..], |(_, values)| values);
                if let Some(&value) = special.get(random.below(special.len() as u64 + 6) as usize) {
                    json!(value)
                } else {
                    let number = random.below(3000) as f64 / 8.0;
                    // A share is not above 1, and units are whole.
                    let allowed = [number, number / 375.0].into_iter().find(|&one| feature.check(one, None).is_ok());
                    json!(allowed.unwrap_or(number.trunc()))
                }
            }
        }
    };
    features.iter().map(|feature| (feature.name().to_owned(), value(feature, random))).collect()
}

/// One line per record and per result, so that a difference shows whom it concerns.
fn layout(golden: &Golden) -> Result<String, Box<dyn Error>> {
    let Value::Object(fields) = serde_json::to_value(golden)? else { return Err("a golden file is an object".into()) };
    let field = |(name, value): (&String, &Value)| -> Result<String, Box<dyn Error>> {
        let text = match value {
            Value::Array(items) if name != "terms" => {
                let lines = items.iter().map(|item| Ok(format!("    {}", serde_json::to_string(item)?)));
                format!("[\n{}\n  ]", lines.collect::<Result<Vec<_>, Box<dyn Error>>>()?.join(",\n"))
            }
            Value::Object(_) => serde_json::to_string_pretty(value)?.replace('\n', "\n  "),
            _ => serde_json::to_string(value)?,
        };
        Ok(format!("  {}: {text}", Value::from(name.as_str())))
    };
    let fields = fields.iter().map(field).collect::<Result<Vec<_>, _>>()?;
    Ok(format!("{{\n{}\n}}\n", fields.join(",\n")))
}

/// Ranges in any order, levels, unknown with points of its own, points in proportion, two questions about one feature,
/// and a table of corrections.
fn every_condition() -> tierwise::Result<Scorecard> {
    let replaced = [("A", "D"), ("B", "D"), ("C", "D"), ("D", "E")].map(|(raw, last)| (raw.into(), last.into()));
    let unmet = |names: &[&str], correction| CorrectionRow {
        unmet: names.iter().map(|name| (*name).into()).collect(),
        correction,
    };
    Scorecard::new(CardSpec {
        name: "every condition".into(),
        features: vec![
            Feature::number("visits").with_unknown(Unknown::Own),
            Feature::category("country", ["DE", "FR", "US", "CN"]).with_unknown(Unknown::Own),
            Feature::yes_no("met"),
            Feature::number("revenue"),
        ],
        initial: 12.5,
        characteristics: vec![
            Characteristic::new("visits", "visits")
                .when(Condition::Range { from: Some(3.0), below: Some(5.0) }, 7.1)
                .when(Condition::at_least(1.0), 3.3)
                .when(Condition::Unknown, 1.7)
                .when(Condition::Otherwise, -2.9),
            Characteristic::new("country", "country")
                .when(Condition::Level("DE".into()), 4.1)
                .when(Condition::AnyOf(vec!["FR".into(), "US".into()]), 2.3)
                .when(Condition::Unknown, 0.4)
                .when(Condition::Otherwise, -1.1),
            Characteristic::new("revenue", "revenue").per_unit(0.013, 250.0).neutral(0.7).group("size"),
            Characteristic::new("large", "revenue")
                .when(Condition::below(100.0), 0.3)
                .when(Condition::Otherwise, -4.7)
                .group("size"),
            Characteristic::yes("met", 5.5),
        ],
        grades: Some(Bands::falling("grades", &["A", "B", "C", "D", "E"], &[25.0, 18.0, 12.0, 8.0])?),
        prerequisites: vec![
            Prerequisite::new("met", Condition::Yes),
            Prerequisite::new("country", Condition::AnyOf(vec!["DE".into(), "CN".into()]))
                .while_unknown(WhileUnknown::Met),
        ],
        correction_table: vec![
            unmet(&["met"], Correction::CapAt("C".into())),
            unmet(&["country"], Correction::NotchDown(1)),
            unmet(&["country", "met"], Correction::Replace(replaced.into())),
        ],
        ..CardSpec::default()
    })
}

fn card_with_pairs() -> tierwise::Result<Scorecard> {
    let steps = |count: u32, width: f64| -> Vec<Condition> {
        let edge = |step: u32| f64::from(step) * width;
        let inner = (0..count).map(|step| Condition::Range { from: Some(edge(step)), below: Some(edge(step + 1)) });
        inner.chain([Condition::Otherwise]).collect()
    };
    let points = |rows: usize, columns: usize| -> Vec<Vec<f64>> {
        (0..rows)
            .map(|row| (0..columns).map(|column| ((7 * row + 5 * column) % 13) as f64 * 0.37 - 2.1).collect())
            .collect()
    };
    let many = steps(40, 0.25).into_iter().enumerate();
    let spend = many.fold(Characteristic::new("spend", "spend").neutral(0.3), |spend, (step, when)| {
        spend.when(when, (step * 29 % 41) as f64 * 0.11)
    });
    let spans = vec![Condition::below(3.0), Condition::at_least(12.0), Condition::Unknown, Condition::Otherwise];
    let contracts = vec![Condition::Level("monthly".into()), Condition::Otherwise];
    Scorecard::new(CardSpec {
        name: "contracts".into(),
        features: vec![
            Feature::number("tenure").with_unknown(Unknown::Own),
            Feature::number("spend"),
            Feature::category("contract", ["monthly", "yearly", "other"]),
            Feature::yes_no("autopay").with_unknown(Unknown::Own),
        ],
        initial: 0.1,
        characteristics: vec![spend],
        pairs: vec![
            PairCharacteristic {
                points: points(4, 9),
                rows: spans.clone(),
                columns: steps(8, 1.25),
                ..PairCharacteristic::new("tenure and spend", "tenure", "spend").neutral(-0.2).group("account")
            },
            PairCharacteristic {
                points: points(2, 4),
                rows: contracts,
                columns: spans,
                ..PairCharacteristic::new("contract and tenure", "contract", "tenure").group("account")
            },
            PairCharacteristic::new("autopay and contract", "autopay", "contract")
                .columns([Condition::AnyOf(vec!["yearly".into(), "other".into()]), Condition::Otherwise])
                .row(Condition::Yes, [0.9, 0.4])
                .row(Condition::Unknown, [0.1, -0.1])
                .row(Condition::No, [-0.3, -1.7])
                .reason_code("PAY"),
        ],
        grades: Some(Bands::falling("grades", &["A", "B", "C", "D"], &[4.0, 1.5, -1.0])?),
        prerequisites: vec![Prerequisite::new("autopay", Condition::Yes).correct(Correction::CapAt("B".into()))],
        ..CardSpec::default()
    })
}

fn corrections_in_order() -> tierwise::Result<Scorecard> {
    Scorecard::new(CardSpec {
        name: "corrections in order".into(),
        features: vec![
            Feature::number("visits").with_unknown(Unknown::Error),
            Feature::yes_no("met"),
            Feature::yes_no("declined"),
        ],
        characteristics: vec![
            Characteristic::new("visits", "visits").per_unit(12.3, 7.5),
            Characteristic::yes("met", 7.9),
        ],
        grades: Some(Bands::falling("grades", &["A", "B", "C", "D"], &[75.0, 50.0, 25.0])?),
        prerequisites: vec![
            Prerequisite::new("declined", Condition::No)
                .while_unknown(WhileUnknown::Met)
                .correct(Correction::NotchDown(2)),
            Prerequisite::new("visits", Condition::at_least(2.0)).correct(Correction::CapAt("C".into())),
            Prerequisite::new("met", Condition::Yes).correct(Correction::NotchDown(1)),
        ],
        ..CardSpec::default()
    })
}

/// `SplitMix64`: the same records on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }
}
