//! Days counted from 1970-01-01, as dates of the Gregorian calendar.

/// A date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Date {
    pub(crate) year: i64,
    /// From 1.
    pub(crate) month: i64,
    /// From 1.
    pub(crate) day: i64,
}

impl Date {
    /// Years that begin with March end with the leap day, and then the months repeat every five: 31, 30, 31, 30, 31 days.
    pub(crate) fn of(day: i32) -> Self {
        const DAYS_IN_400_YEARS: i64 = 146_097;
        let from_march = i64::from(day) + 719_468; // days from 0000-03-01 to 1970-01-01
        let (era, day_of_era) = (from_march.div_euclid(DAYS_IN_400_YEARS), from_march.rem_euclid(DAYS_IN_400_YEARS));
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let month = (month_from_march + 2) % 12 + 1;
        Self {
            year: 400 * era + year_of_era + i64::from(month <= 2),
            month,
            day: day_of_year - (153 * month_from_march + 2) / 5 + 1,
        }
    }
}

/// `2024-06-30`.
pub(crate) fn iso_date(day: i32) -> String {
    let Date { year, month, day } = Date::of(day);
    format!("{year:04}-{month:02}-{day:02}")
}

/// A day for an error: as a date, and as the number that a caller may have passed.
pub(crate) fn day_in_words(day: i32) -> String {
    format!("{} (day {day})", iso_date(day))
}

#[cfg(test)]
mod tests {
    use super::{Date, iso_date};

    /// Each day follows on the one before, through leap years and centuries on both sides of 1970.
    #[test]
    fn days_follow_on_each_other() {
        let is_leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let last = |year: i64, month: i64| match month {
            2 => 28 + i64::from(is_leap(year)),
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        for day in -200_000..200_000 {
            let Date { year, month, day: of_month } = Date::of(day);
            let next = match (month, of_month) {
                (12, 31) => Date { year: year + 1, month: 1, day: 1 },
                _ if of_month == last(year, month) => Date { year, month: month + 1, day: 1 },
                _ => Date { year, month, day: of_month + 1 },
            };
            assert_eq!(Date::of(day + 1), next, "day {day}");
        }
    }

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
