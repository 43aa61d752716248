//! Civil time in Korea.
//!
//! Korea has used UTC+9 without daylight saving time since 1988. Earlier articles have no time of
//! day that would be affected.

use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};
use jiff::{Span, Timestamp};

const OFFSET: Offset = Offset::constant(9);

const SECONDS_OF_DAY: i64 = 24 * 60 * 60;

/// Civil time in Korea at an instant.
pub fn civil(instant: Timestamp) -> DateTime {
    OFFSET.to_datetime(instant)
}

/// Current civil time in Korea.
pub fn now() -> DateTime {
    civil(Timestamp::now())
}

/// The instant of a civil time in Korea; `None` at the limits of jiff's range (years -9999 and
/// 9999).
pub fn instant(civil: DateTime) -> Option<Timestamp> {
    TimeZone::fixed(OFFSET).to_timestamp(civil).ok()
}

/// The day in Korea at an instant (Unix seconds), counted from 1970-01-01.
pub fn day_number(unix_seconds: i64) -> i64 {
    unix_seconds
        .saturating_add(i64::from(OFFSET.seconds()))
        .div_euclid(SECONDS_OF_DAY)
}

/// The date of a [`day_number`]; `None` outside jiff's range.
pub fn date_of_day(day_number: i64) -> Option<Date> {
    let days = Span::new().try_days(day_number).ok()?;
    Date::constant(1970, 1, 1).checked_add(days).ok()
}

/// The date in Korea at an instant (Unix seconds); `None` outside jiff's range.
pub fn date(unix_seconds: i64) -> Option<Date> {
    date_of_day(day_number(unix_seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_begin_at_midnight_in_korea() {
        // 2024-02-21T15:00:00Z is midnight of the 22nd in Korea.
        let midnight = 1_708_527_600;
        let day = |seconds| date(seconds).unwrap().to_string();
        assert_eq!(day(midnight), "2024-02-22");
        assert_eq!(day(midnight - 1), "2024-02-21");
        assert_eq!(day(-1), "1970-01-01");
        assert_eq!(day(-9 * 60 * 60 - 1), "1969-12-31");
        assert_eq!(date(i64::MAX), None);
        assert_eq!(date(i64::MIN), None);
    }

    #[test]
    fn an_instant_and_its_civil_time_are_one() {
        let at = Timestamp::from_second(1_708_565_460).unwrap();
        assert_eq!(civil(at).to_string(), "2024-02-22T10:31:00");
        assert_eq!(instant(civil(at)), Some(at));
        assert_eq!(instant(DateTime::MAX), None);
    }
}
