//! A logistic fit, and a log of purchases turned into recency, frequency and money.
#![allow(missing_docs, clippy::unwrap_used)] // criterion's macros make a public function; a bench may stop

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::time::Duration;
use tierwise::learn::Logistic;
use tierwise::value::{LaterRows, rfm};
use tierwise::{Columns, Feature, Fit, Outcome};
use tierwise_benches::{Numbers, size};

const FEATURES: usize = 20;
const CUSTOMERS: usize = 100_000;
const BUYERS: usize = 500_000;
const PURCHASES: usize = 10_000_000;
const DAYS: u32 = 1_000;

fn logistic(criterion: &mut Criterion) {
    let rows = size(CUSTOMERS);
    let mut numbers = Numbers::new(11);
    let features: Vec<Feature> = (0..FEATURES).map(|index| Feature::number(format!("x{index}"))).collect();
    let table: Vec<Vec<f64>> = features.iter().map(|_| (0..rows).map(|_| numbers.uniform() - 0.5).collect()).collect();
    let happened: Vec<bool> = (0..rows)
        .map(|row| {
            let log_odds: f64 = table.iter().enumerate().map(|(index, column)| (index % 3) as f64 * column[row]).sum();
            numbers.uniform() < 1.0 / (1.0 + (-log_odds).exp())
        })
        .collect();
    let columns = Columns::in_order(&features, table.iter().map(Vec::as_slice).collect()).unwrap();
    let outcome = Outcome::binary("bought", &happened);
    let mut group = criterion.benchmark_group("fit");
    group.sample_size(10).measurement_time(Duration::from_secs(5)).throughput(Throughput::Elements(rows as u64));
    group.bench_function(format!("logistic, {rows} x {FEATURES}"), |bencher| {
        bencher.iter(|| Logistic::new().alpha(1.0).fit(&columns, &outcome).unwrap());
    });
    group.finish();
}

fn purchases(criterion: &mut Criterion) {
    let (rows, buyers) = (size(PURCHASES), size(BUYERS) as u32);
    let mut numbers = Numbers::new(13);
    let customers: Vec<u32> = (0..rows).map(|_| numbers.below(buyers)).collect();
    let days: Vec<i32> = (0..rows).map(|_| numbers.below(DAYS).cast_signed()).collect();
    let amounts: Vec<f64> = (0..rows).map(|_| f64::from(numbers.below(10_000)) / 100.0).collect();
    let mut group = criterion.benchmark_group("value");
    group.sample_size(10).measurement_time(Duration::from_secs(10)).throughput(Throughput::Elements(rows as u64));
    group.bench_function(format!("rfm, {rows} rows, {buyers} customers"), |bencher| {
        bencher.iter(|| rfm(&customers, &days, &amounts, DAYS.cast_signed(), LaterRows::Refuse).unwrap());
    });
    group.finish();
}

criterion_group!(benches, logistic, purchases);
criterion_main!(benches);
