//! Dates written as ISO 8601 says.

use chrono::{NaiveDate, NaiveTime};

/// The day, counted from 1970-01-01, of a text such as `2024-06-30`, `2024-06-30 08:26`, or `2024-06-30T08:26:00.5`; `None`
/// for any other text, one with a time zone among them. The time of day is checked, and does not count.
pub(crate) fn day_of(text: &str) -> Option<i32> {
    let text = text.trim();
    let date = text.get(..10)?;
    let time = &text[10..];
    let rest_is_time = time.is_empty() || time.strip_prefix(['T', ' ']).is_some_and(is_time);
    // The library's own reading takes a month of one digit and a year of five.
    let [year, month, day] = parts(date, '-', [4, 2, 2])?;
    let date = NaiveDate::from_ymd_opt(year as i32, month, day)?;
    rest_is_time.then(|| date.to_epoch_days())
}

/// `hh:mm`, with seconds and parts of them where there are such.
fn is_time(time: &str) -> bool {
    let (clock, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let seconds = match clock.len() {
        5 => parts(clock, ':', [2, 2]).map(|[hour, minute]| [hour, minute, 0]),
        _ => parts(clock, ':', [2, 2, 2]),
    };
    seconds.is_some_and(|[hour, minute, second]| NaiveTime::from_hms_opt(hour, minute, second).is_some())
        && !fraction.is_empty()
        && fraction.bytes().all(|byte| byte.is_ascii_digit())
}

/// Numbers of so many digits each, and nothing else between them.
fn parts<const N: usize>(text: &str, between: char, digits: [usize; N]) -> Option<[u32; N]> {
    let mut numbers = [0; N];
    let mut pieces = text.split(between);
    for (number, digits) in numbers.iter_mut().zip(digits) {
        let piece = pieces.next().filter(|piece| piece.len() == digits)?;
        *number = piece.bytes().all(|byte| byte.is_ascii_digit()).then(|| piece.parse().ok()).flatten()?;
    }
    pieces.next().is_none().then_some(numbers)
}

#[cfg(test)]
mod tests {
    use super::day_of;

    #[test]
    fn dates_of_the_calendar_with_and_without_a_time() {
        let days = [
            ("1970-01-01", 0),
            ("2000-02-29", 11_016),
            (" 2024-06-30 ", 19_904),
            ("1969-12-31 23:59", -1),
            ("1900-02-28T00:00:00", -25_509),
            ("2100-03-01 08:26:07.25", 47_541),
        ];
        for (text, day) in days {
            assert_eq!(day_of(text), Some(day), "{text}");
        }
        let none = [
            "",
            "2023-02-29",
            "1900-02-29",
            "2024-13-01",
            "2024-00-10",
            "2024-04-31",
            "30/06/2024",
            "2024-6-3",
            "20240630",
            "2024-06-30 24:00",
            "2024-06-30T08",
            "2024-06-30T08:26Z",
            "2024-06-30 08:26:00+02:00",
            "2024-06-30x",
            "+024-06-30",
            "2024-06-30 08:26:00.",
            "２０２４-06-30",
        ];
        for text in none {
            assert_eq!(day_of(text), None, "{text}");
        }
    }
}
