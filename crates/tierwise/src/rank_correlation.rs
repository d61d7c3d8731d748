//! How far two lists rank alike.

/// 1 for the largest; tied ones share the mean of their places.
pub(crate) fn mid_ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[b].total_cmp(&values[a]));
    let mut ranks = vec![0.0; values.len()];
    let mut start = 0;
    while start < order.len() {
        let tied = order[start..].iter().take_while(|&&one| values[one] == values[order[start]]).count().max(1);
        let rank = (2 * start + tied + 1) as f64 / 2.0;
        order[start..start + tied].iter().for_each(|&one| ranks[one] = rank);
        start += tied;
    }
    ranks
}

/// Twice the distances of ranks from their mean: whole numbers.
pub(crate) fn doubled(ranks: &[f64]) -> Vec<i64> {
    ranks.iter().map(|rank| (2.0 * rank) as i64 - (ranks.len() as i64 + 1)).collect()
}

/// Spearman's correlation of two lists of numbers; none where one of them is constant.
pub(crate) fn spearman(first: &[f64], second: &[f64]) -> Option<f64> {
    let (first, second) = (doubled(&mid_ranks(first)), doubled(&mid_ranks(second)));
    let product = |a: &[i64], b: &[i64]| a.iter().zip(b).map(|(&a, &b)| a as f64 * b as f64).sum::<f64>();
    let spread = (product(&first, &first) * product(&second, &second)).sqrt();
    (spread > 0.0).then(|| product(&first, &second) / spread)
}

/// Kendall's tau-b of two lists of numbers, by sorting (Knight 1966); none where one of them is constant.
pub(crate) fn kendall_tau(first: &[f64], second: &[f64]) -> Option<f64> {
    // −0 is 0, in sorting too.
    let mut pairs: Vec<(f64, f64)> = first.iter().zip(second).map(|(&a, &b)| (a + 0.0, b + 0.0)).collect();
    pairs.sort_unstable_by(|one, two| one.0.total_cmp(&two.0).then(one.1.total_cmp(&two.1)));
    let tied_in_both = pairs_within(pairs.chunk_by(|one, two| one == two));
    let tied_in_first = pairs_within(pairs.chunk_by(|one, two| one.0 == two.0));
    let mut seconds: Vec<f64> = pairs.iter().map(|pair| pair.1).collect();
    let swapped = sort_counting(&mut seconds, &mut vec![0.0; pairs.len()]);
    let tied_in_second = pairs_within(seconds.chunk_by(|one, two| one == two));
    let all = pairs_of(pairs.len());
    let balance = all - tied_in_first - tied_in_second + tied_in_both - 2 * swapped;
    let untied = ((all - tied_in_first) as f64 * (all - tied_in_second) as f64).sqrt();
    (untied > 0.0).then(|| balance as f64 / untied)
}

fn pairs_of(items: usize) -> i64 {
    let items = items as i64;
    items * (items - 1) / 2
}

fn pairs_within<'a, T: 'a>(runs: impl Iterator<Item = &'a [T]>) -> i64 {
    runs.map(|run| pairs_of(run.len())).sum()
}

/// Sorts by merging, and counts the pairs that stood in falling order.
fn sort_counting(values: &mut [f64], room: &mut [f64]) -> i64 {
    if values.len() < 2 {
        return 0;
    }
    let middle = values.len() / 2;
    let (left, right) = values.split_at_mut(middle);
    let mut swapped = sort_counting(left, room) + sort_counting(right, room);
    let (mut i, mut j) = (0, 0);
    for place in &mut room[..left.len() + right.len()] {
        if j == right.len() || (i < left.len() && left[i] <= right[j]) {
            *place = left[i];
            i += 1;
        } else {
            *place = right[j];
            swapped += (left.len() - i) as i64;
            j += 1;
        }
    }
    values.copy_from_slice(&room[..values.len()]);
    swapped
}
