//! The change of a product, split among its factors.

/// What each factor adds to the change of their product from `before` to `after`: the Shapley values (1953), which is to
/// say the mean over all orders in which the factors could have changed one after the other. They sum to the change.
///
/// For factor *i* it is `Δᵢ Σ_S |S|! (n − 1 − |S|)! / n! · Π_{j ∈ S} afterⱼ · Π_{j ∉ S} beforeⱼ` over all sets *S* of the
/// other factors: four products for three factors, eight for four.
///
/// A factor unknown on one side takes the value of the other, so that it changes nothing; unknown on both it is 0, and so
/// is the product.
pub(super) fn of_product<const N: usize>(before: [f64; N], after: [f64; N]) -> [f64; N] {
    let known: [(f64, f64); N] = std::array::from_fn(|index| filled(before[index], after[index]));
    std::array::from_fn(|factor| {
        let (from, to) = known[factor];
        let others = (0..1_usize << N).filter(|set| set & (1 << factor) == 0);
        let sum: f64 = others
            .map(|set| {
                let product: f64 = (0..N)
                    .filter(|&other| other != factor)
                    .map(|other| if set & (1 << other) == 0 { known[other].0 } else { known[other].1 })
                    .product();
                orders(set.count_ones(), N as u32) * product
            })
            .sum();
        // A factor that stands still adds nothing, even beside one whose product is too large.
        if from == to { 0.0 } else { (to - from) * (sum / orders(N as u32, N as u32 + 1)) }
    })
}

fn filled(before: f64, after: f64) -> (f64, f64) {
    match (before.is_nan(), after.is_nan()) {
        (true, true) => (0.0, 0.0),
        (true, false) => (after, after),
        (false, true) => (before, before),
        (false, false) => (before, after),
    }
}

/// In how many orders exactly a given set of `earlier` others changes before a factor: `|S|! (n − 1 − |S|)!`.
fn orders(earlier: u32, factors: u32) -> f64 {
    let factorial = |number: u32| (1..=number).map(f64::from).product::<f64>();
    factorial(earlier) * factorial(factors - 1 - earlier)
}
