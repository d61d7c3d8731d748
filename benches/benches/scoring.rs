//! One record, and two million of them from Arrow columns, on the 17-row card that ships.
#![allow(missing_docs, clippy::unwrap_used)] // criterion's macros make a public function; a bench may stop

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use std::time::Duration;
use tierwise::{Kind, Score, lead};
use tierwise_benches::{Arrival, prospects, size};

const ROWS: usize = 2_000_000;

fn one_record(criterion: &mut Criterion) {
    let card = lead::supplier_prospects();
    let mut record = card.record();
    for feature in card.features() {
        let answer = if matches!(feature.kind(), Kind::YesNo) { 1.0 } else { 3.0 };
        record.set(feature.name(), answer).unwrap();
    }
    let mut graded = lead::Graded::default();
    let mut group = criterion.benchmark_group("one record");
    group.bench_function("score", |bencher| bencher.iter(|| card.score_row(black_box(record.values()))));
    for reasons in [0, 3] {
        group.bench_function(format!("grade, {reasons} reasons"), |bencher| {
            bencher.iter(|| card.grade_into(black_box(&record), reasons, &mut graded).unwrap());
        });
    }
    group.finish();
}

fn table(criterion: &mut Criterion) {
    let card = lead::supplier_prospects();
    let rows = size(ROWS);
    for (name, arrival) in [
        ("floats", Arrival::Floats),
        ("floats, a tenth NaN", Arrival::FloatsWithNan),
        ("floats, a tenth null", Arrival::FloatsWithNulls),
        ("booleans and integers", Arrival::BooleansAndIntegers),
    ] {
        let table = prospects(card.features(), rows, arrival).unwrap();
        let mut group = criterion.benchmark_group(format!("table of {name}"));
        group.sample_size(10).warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2));
        group.throughput(Throughput::Elements(rows as u64));
        group.bench_function("score", |bencher| bencher.iter(|| table.score(&card).unwrap()));
        for reasons in [0, 3] {
            group.bench_function(format!("grade, {reasons} reasons"), |bencher| {
                bencher.iter(|| table.grade(&card, reasons).unwrap());
            });
        }
        if arrival == Arrival::Floats {
            group.bench_function("explain", |bencher| bencher.iter(|| table.explain(&card).unwrap()));
        }
        group.finish();
    }
}

criterion_group!(benches, one_record, table);
criterion_main!(benches);
