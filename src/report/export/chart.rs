//! Clippings over time as a bar chart in SVG.

use jiff::ToSpan;
use jiff::civil::Date;

/// At most this many bars; longer periods are counted by week, month or year.
const MOST_BARS: usize = 92;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 160.0;
const BASE: f64 = 132.0;

/// What one bar stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A day.
    Day,
    /// A week from Monday on.
    Week,
    /// A month.
    Month,
    /// A year.
    Year,
}

impl Unit {
    /// Its name in Korean.
    pub fn name(self) -> &'static str {
        match self {
            Unit::Day => "일",
            Unit::Week => "주",
            Unit::Month => "월",
            Unit::Year => "년",
        }
    }

    fn start(self, day: Date) -> Option<Date> {
        match self {
            Unit::Day => Some(day),
            Unit::Week => {
                let back = i64::from(day.weekday().to_monday_zero_offset());
                day.checked_sub(back.days()).ok()
            }
            Unit::Month => Some(day.first_of_month()),
            Unit::Year => Some(day.first_of_year()),
        }
    }

    fn next(self, start: Date) -> Option<Date> {
        let span = match self {
            Unit::Day => 1.day(),
            Unit::Week => 1.week(),
            Unit::Month => 1.month(),
            Unit::Year => 1.year(),
        };
        start.checked_add(span).ok()
    }

    fn label(self, start: Date) -> String {
        let text = start.to_string();
        let end = match self {
            Unit::Day | Unit::Week => 10,
            Unit::Month => 7,
            Unit::Year => 4,
        };
        text.get(..end).unwrap_or(&text).to_owned()
    }
}

/// How many days fall into each unit between the first and the last, in the finest unit of which
/// there are not too many.
pub fn counts(days: &[Date]) -> Option<(Unit, Vec<(String, u64)>)> {
    let (first, last) = (*days.iter().min()?, *days.iter().max()?);
    for unit in [Unit::Day, Unit::Week, Unit::Month, Unit::Year] {
        let mut starts = Vec::new();
        let mut at = unit.start(first)?;
        while at <= last && starts.len() <= MOST_BARS {
            starts.push(at);
            at = unit.next(at)?;
        }
        if starts.len() > MOST_BARS && unit != Unit::Year {
            continue;
        }
        let mut counts = vec![0u64; starts.len()];
        for day in days {
            let place = starts.partition_point(|start| start <= day).checked_sub(1);
            if let Some(count) = place.and_then(|place| counts.get_mut(place)) {
                *count += 1;
            }
        }
        let labels = starts.iter().map(|start| unit.label(*start));
        return Some((unit, labels.zip(counts).collect()));
    }
    None
}

/// The chart of such counts. Colours come from the page (`currentColor` and the class `bar`).
pub fn svg(counts: &[(String, u64)]) -> String {
    let most = counts.iter().map(|(_, n)| *n).max().unwrap_or(0).max(1);
    #[allow(clippy::cast_precision_loss, reason = "counts and bars are few")]
    let (step, scale) = (
        WIDTH / counts.len().max(1) as f64,
        (BASE - 16.0) / most as f64,
    );
    let mut out = format!(
        r#"<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="clippings over time" xmlns="http://www.w3.org/2000/svg">"#
    );
    for (n, (label, count)) in counts.iter().enumerate() {
        #[allow(clippy::cast_precision_loss, reason = "counts and bars are few")]
        let (x, height) = (n as f64 * step, *count as f64 * scale);
        out.push_str(&format!(
            r#"<rect class="bar" x="{:.1}" y="{:.1}" width="{:.1}" height="{height:.1}"><title>{label}: {count}</title></rect>"#,
            x + step * 0.1,
            BASE - height,
            (step * 0.8).min(40.0),
        ));
    }
    out.push_str(&format!(
        r#"<line class="axis" x1="0" y1="{BASE}" x2="{WIDTH}" y2="{BASE}"/><text class="tick" x="0" y="11">{most}</text>"#
    ));
    if let Some((first, _)) = counts.first() {
        out.push_str(&format!(
            r#"<text class="tick" x="0" y="150">{first}</text>"#
        ));
    }
    if let [_, .., (last, _)] = counts {
        out.push_str(&format!(
            r#"<text class="tick" x="{WIDTH}" y="150" text-anchor="end">{last}</text>"#
        ));
    }
    out.push_str("</svg>");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(days: &[&str]) -> Vec<Date> {
        days.iter().map(|d| d.parse().unwrap()).collect()
    }

    #[test]
    fn the_unit_fits_the_period() {
        let (unit, counted) = counts(&days(&["2024-02-28", "2024-03-01", "2024-02-28"])).unwrap();
        assert_eq!(unit, Unit::Day);
        let counted: Vec<u64> = counted.iter().map(|(_, n)| *n).collect();
        assert_eq!(counted, [2, 0, 1]);
        for (last, unit) in [
            ("2024-12-31", Unit::Week),
            ("2027-01-01", Unit::Month),
            ("2060-01-01", Unit::Year),
        ] {
            let (found, counted) = counts(&days(&["2024-01-31", last])).unwrap();
            assert_eq!(found, unit, "{last}");
            assert_eq!(counted.iter().map(|(_, n)| n).sum::<u64>(), 2, "{last}");
        }
        assert_eq!(counts(&[]), None);
        assert!(counts(&days(&["-9999-01-01", "9999-12-31"])).is_some());
    }
}
