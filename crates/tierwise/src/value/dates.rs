//! Days as people write them.

/// A day for an error: as a date, and as the number that a caller may have passed.
pub(crate) fn day_in_words(day: i32) -> String {
    format!("{} (day {day})", iso_date(day))
}

/// The date of a day counted from 1970-01-01, in the Gregorian calendar throughout.
///
/// Years begin in March, so that the leap day is their last; 400 of them have 146,097 days.
pub(crate) fn iso_date(day: i32) -> String {
    let from_0000_03_01 = i64::from(day) + 719_468;
    let (era, day_of_era) = (from_0000_03_01.div_euclid(146_097), from_0000_03_01.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    // Months from March on: 31, 30, 31, 30, 31 days, again and again.
    let march_month = (5 * day_of_year + 2) / 153;
    let date = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    let year = 400 * era + year_of_era + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{date:02}")
}

#[cfg(test)]
mod tests {
    use super::iso_date;

    #[test]
    fn days_are_dates_of_the_calendar() {
        let days = [0, 59, 11_016, 11_017, 19_904, -1, -25_509, 47_540, 47_541];
        let dates = [
            "1970-01-01",
            "1970-03-01",
            "2000-02-29",
            "2000-03-01",
            "2024-06-30",
            "1969-12-31",
            "1900-02-28",
            "2100-02-28",
            "2100-03-01",
        ];
        assert_eq!(days.map(iso_date), dates);
    }
}
