//! The frequency model: a million leads scored, one lead observed, a model made.
#![allow(missing_docs, clippy::unwrap_used)] // criterion's macros make a public function; a bench may stop

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use std::time::Duration;
use tierwise::lead::{FrequencyCounts, FrequencySpec, Smoothing};
use tierwise::{Columns, Feature, Outcome, Score};
use tierwise_benches::{Numbers, size};

const ROWS: usize = 1_000_000;
const TEAMS: u32 = 10;

/// Ten teams, five stages, six fields of up to 200 values, five tags.
fn spec() -> FrequencySpec {
    let category = |name: &str, levels: u32| Feature::category(name, (0..levels).map(|level| format!("{level:03}")));
    let fields = [("country", 200), ("state", 50), ("language", 20), ("source", 12), ("email", 2), ("phone", 2)];
    FrequencySpec {
        fields: fields.map(|(name, levels)| category(name, levels)).into(),
        stage: Some(category("stage", 5)),
        tags: (0..5).map(|tag| format!("tag {tag}")).collect(),
        team: Some(category("team", TEAMS)),
        ..FrequencySpec::default()
    }
}

fn columns(features: &[Feature], rows: usize) -> Vec<Vec<f64>> {
    let mut numbers = Numbers::new(1);
    let column = |feature: &Feature| {
        let levels = feature.levels().len().max(2) as u32;
        (0..rows).map(|_| if numbers.below(10) == 0 { f64::NAN } else { f64::from(numbers.below(levels)) }).collect()
    };
    features.iter().map(column).collect()
}

fn frequency(criterion: &mut Criterion) {
    let rows = size(ROWS);
    let mut counts = FrequencyCounts::new(spec()).unwrap();
    let features = counts.features().to_vec();
    let values = columns(&features, rows);
    let leads = Columns::in_order(&features, values.iter().map(Vec::as_slice).collect()).unwrap();
    let mut numbers = Numbers::new(2);
    let won: Vec<bool> = (0..rows).map(|_| numbers.below(4) == 0).collect();
    let outcome = Outcome::binary("won", &won);
    counts.observe_columns(&leads, &outcome).unwrap();
    let model = counts.model(Smoothing::EmpiricalBayes).unwrap();
    let mut row = vec![0.0; features.len()];
    leads.row_into(1, &mut row);
    let mut scores = vec![0.0; rows];

    let mut group = criterion.benchmark_group("frequency");
    group.sample_size(10).warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2));
    group.bench_function("observe one", |bencher| bencher.iter(|| counts.observe(black_box(&row), true).unwrap()));
    group.bench_function("score one", |bencher| bencher.iter(|| model.score_row(black_box(&row))));
    group.bench_function("model", |bencher| bencher.iter(|| counts.model(Smoothing::EmpiricalBayes).unwrap()));
    group.throughput(Throughput::Elements(rows as u64));
    group.bench_function("score columns, one thread", |bencher| {
        bencher.iter(|| model.score_columns(black_box(&leads), &mut scores));
    });
    group.bench_function("observe columns", |bencher| {
        bencher.iter(|| counts.observe_columns(black_box(&leads), &outcome).unwrap());
    });
    group.finish();
}

criterion_group!(benches, frequency);
criterion_main!(benches);
