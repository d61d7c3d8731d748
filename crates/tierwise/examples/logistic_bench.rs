//! Temporary: times the fit on a file of f64 (column by column, then the outcome).
#![allow(clippy::print_stdout, clippy::unwrap_used)]
use std::time::Instant;
use tierwise::{Columns, Feature, Fit, Outcome, learn::Logistic};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let (path, rows, columns) =
        (&arguments[1], arguments[2].parse::<usize>().unwrap(), arguments[3].parse::<usize>().unwrap());
    let alpha: f64 = arguments[4].parse().unwrap();
    let repeats: usize = arguments[5].parse().unwrap();
    let bytes = std::fs::read(path).unwrap();
    let values: Vec<f64> = bytes.chunks_exact(8).map(|b| f64::from_le_bytes(b.try_into().unwrap())).collect();
    let features: Vec<Feature> = (0..columns).map(|c| Feature::number(format!("x{c}"))).collect();
    let data = Columns::in_order(&features, values.chunks_exact(rows).take(columns).collect()).unwrap();
    let y: Vec<bool> = values[rows * columns..].iter().map(|&v| v == 1.0).collect();
    let outcome = Outcome::binary("y", &y[..rows]);
    for errors in [true, false] {
        let mut times = Vec::new();
        for _ in 0..repeats {
            let start = Instant::now();
            let fitted = Logistic::new().alpha(alpha).standard_errors(errors).fit(&data, &outcome).unwrap();
            times.push(start.elapsed().as_secs_f64());
            if times.len() == repeats {
                times.sort_by(f64::total_cmp);
                let r = &fitted.report;
                println!(
                    "errors {errors} median {:.4} min {:.4} objective {:.12e} iterations {} gradient {:e}",
                    times[repeats / 2],
                    times[0],
                    r.objective,
                    r.iterations,
                    r.gradient
                );
                if arguments.len() > 6 {
                    let i = fitted.model.intercept();
                    println!("{:.17e} {:.17e}", i.estimate, i.standard_error);
                    for c in fitted.model.coefficients() {
                        println!("{:.17e} {:.17e}", c.estimate, c.standard_error);
                    }
                }
            }
        }
    }
}
