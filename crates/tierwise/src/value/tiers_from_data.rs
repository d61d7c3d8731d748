//! Tiers that follow the money or the gaps in it, where [`Tiers::split`] counts customers.

use super::cuts::{Direction, Sorted, Ties};
use super::natural_breaks::breaks_of;
use super::pareto::pareto_of;
use super::tiers::{TierMethod, TierOrigin, Tiered, Tiers, check_shares};
use crate::Result;

impl Tiers {
    /// ABC classes: the best customers or products that together make the first share of the money, those that make the
    /// next one, and so on. `shares` are shares of the money, best first, such as 80 %, 15 % and 5 %.
    ///
    /// A class is complete with the row that reaches its share, so that A is the smallest set that makes its share (as
    /// [`pareto`](super::pareto()) finds it); rows equal to that one belong to it too. The thresholds are saved: next month's rows are
    /// classed by them, whatever they make together.
    ///
    /// **With losses** shares are of the total, losses taken off. The best rows then make more than all of it together,
    /// the sum over the rows runs past 1 and comes back, and a class is complete where its share is *first* reached: A is
    /// still the smallest set that makes 80 % of the profit that is left in the end, and rows with losses are in the last
    /// class.
    ///
    /// # Errors
    /// [`Error::WrongLength`](crate::Error::WrongLength), [`Error::InvalidParameter`](crate::Error::InvalidParameter) for
    /// shares that are not above 0 or do not sum to 1, and for a total that is not above 0;
    /// [`Error::EmptyTable`](crate::Error::EmptyTable); [`Error::InvalidValue`](crate::Error::InvalidValue) with the row for
    /// an amount that is not finite; [`Error::InvalidBands`](crate::Error::InvalidBands) for names.
    ///
    /// ```
    /// use tierwise::value::Tiers;
    /// let sales = [10.0, 500.0, 40.0, 300.0, 150.0];
    /// let classes = Tiers::by_share_of_money("sales", &sales, &["A", "B", "C"], &[0.8, 0.15, 0.05])?;
    /// assert_eq!(classes.assigned, [Some(2), Some(0), Some(2), Some(0), Some(1)]);
    /// assert_eq!(classes.tiers.bands().cuts(), [150.0, 300.0]);
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    pub fn by_share_of_money(
        feature: &str,
        values: &[f64],
        names: &[impl AsRef<str>],
        shares: &[f64],
    ) -> Result<Tiered> {
        const OF: &str = "by_share_of_money";
        check_shares(names.len(), shares)?;
        let mut reached = 0.0;
        let mut cuts = Vec::with_capacity(shares.len());
        for share in &shares[..shares.len() - 1] {
            reached += share;
            cuts.push(Some(pareto_of(OF, values, f64::min(reached, 1.0))?.threshold + 0.0));
        }
        pareto_of(OF, values, 1.0)?; // checks the amounts where there is only one class
        cuts.reverse();
        let sorted = Sorted::new(feature, values)?;
        Self::with_cuts(feature, &sorted, names, Some(shares), Direction::HigherIsBetter, &cuts)
    }

    /// Tiers between the natural breaks of the number ([`natural_breaks`](super::natural_breaks): Jenks, or *k*-means in
    /// one dimension), best first, one per name.
    ///
    /// The threshold between two tiers is the lowest value of the higher one, so that a new value in the gap between them
    /// belongs to the lower tier.
    ///
    /// # Errors
    /// Those of [`natural_breaks`](super::natural_breaks), and [`Error::InvalidBands`](crate::Error::InvalidBands) for
    /// names.
    ///
    /// ```
    /// use tierwise::value::{Direction, Tiers};
    /// let days = [3.0, 5.0, 4.0, 41.0, 39.0, 300.0];
    /// let tiers = Tiers::by_natural_breaks("recency", &days, &["fresh", "cooling", "cold"], Direction::LowerIsBetter)?;
    /// assert_eq!(tiers.tiers.bands().cuts(), [39.0, 300.0]);
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    pub fn by_natural_breaks(
        feature: &str,
        values: &[f64],
        names: &[impl AsRef<str>],
        direction: Direction,
    ) -> Result<Tiered> {
        let sorted = Sorted::new(feature, values)?;
        let found = breaks_of(feature, &sorted, names.len())?;
        let cuts: Vec<Option<f64>> = found.breaks.into_iter().map(Some).collect();
        Self::with_cuts(feature, &sorted, names, None, direction, &cuts)
    }

    /// Tiers with the cuts found, lowest first, and the tier of each value: by given shares of the money, or by natural breaks.
    pub(super) fn with_cuts(
        feature: &str,
        sorted: &Sorted,
        names: &[impl AsRef<str>],
        of_money: Option<&[f64]>,
        direction: Direction,
        cuts: &[Option<f64>],
    ) -> Result<Tiered> {
        let method = of_money.map_or(TierMethod::NaturalBreaks, |_| TierMethod::SharesOfMoney);
        let shares = of_money.map_or_else(|| vec![0.0; names.len()], <[f64]>::to_vec);
        let assigned = sorted.assigned(&shares, cuts, direction, Ties::Together);
        let names = names.iter().map(|name| name.as_ref().to_owned()).collect();
        let mut origin = TierOrigin::new(names, &shares, method, Ties::Together, &assigned, sorted.unknown);
        if of_money.is_none() {
            let known = origin.counts.iter().sum::<usize>() as f64;
            origin.shares = origin.counts.iter().map(|&count| count as f64 / known).collect();
        }
        Self::of_origin(feature, origin, cuts, direction, assigned)
    }
}
