//! The day a run is judged on.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Today in UTC, unless `--today` says another day.
pub(crate) fn today(wanted: Option<Date>) -> Date {
    wanted.unwrap_or_else(|| TimeZone::UTC.to_datetime(Timestamp::now()).date())
}

/// A day as `--today` and `--expires` take it.
pub(crate) fn day(argument: &str) -> Result<Date, String> {
    let strict = argument.len() == "2027-03-31".len();
    argument.parse().ok().filter(|_| strict).ok_or_else(|| "write a day as 2027-03-31".to_owned())
}
