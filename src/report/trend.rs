//! Counts over time as a text table with bars, CSV, JSON or a chart.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style as Look};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::chart::{Chart, Series};
use super::text::{BOLD, DIM, styled};
use super::{Style, sanitize, texts, to_json};
use crate::app::trend::{Trend, TrendPeriod};
use crate::messages::{Lang, msg};

/// The value shown: the share if requested, else the count.
fn value(trend: &Trend, period: &TrendPeriod, query: usize) -> f64 {
    let count = period.counts.get(query).copied().unwrap_or_default();
    match trend.all {
        Some(_) => period.share(count),
        None => count as f64,
    }
}

/// Line width when the output is not a terminal.
const USUAL_WIDTH: usize = 80;

/// Minimum and maximum length of a bar, in columns.
const BARS: (usize, usize) = (6, 60);

/// Colors of the bars, by query.
const COLORS: [AnsiColor; 6] = [
    AnsiColor::Blue,
    AnsiColor::Yellow,
    AnsiColor::Green,
    AnsiColor::Magenta,
    AnsiColor::Cyan,
    AnsiColor::Red,
];

/// The table with a bar beside each count. All bars have the same scale.
pub fn text(trend: &Trend, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let lang = style.lang;
    if trend.periods.is_empty() && trend.queries.iter().all(|row| row.total == 0) {
        let none = msg!(lang, ko: "찾은 기사가 없습니다", en: "nothing found");
        return writeln!(out, "{none}");
    }
    let queries = trend.queries.len();
    let label = trend.periods.iter().map(|p| p.label.len()).max();
    let total = msg!(lang, ko: "합계", en: "total");
    let label = label.unwrap_or(0).max(total.width());
    let digits = |n: u64| n.to_string().len();
    let numbers = trend.queries.iter().map(|row| digits(row.total)).max();
    let numbers = numbers.unwrap_or(1) + if trend.all.is_some() { 8 } else { 0 };
    let width = style.width.unwrap_or(USUAL_WIDTH).saturating_sub(label);
    // Two spaces before each column, one before its bar.
    let bar = (width / queries.max(1)).saturating_sub(numbers + 3);
    let bar = bar.clamp(BARS.0, BARS.1);
    let column = numbers + 1 + bar;
    let most = trend
        .periods
        .iter()
        .flat_map(|p| (0..queries).map(|n| value(trend, p, n)))
        .fold(0.0, f64::max);
    if queries > 1 {
        let names: Vec<String> = trend
            .queries
            .iter()
            .map(|r| fitted(&r.query, column))
            .collect();
        let head = format!("{:label$}  {}", "", names.join("  "));
        writeln!(out, "{}", styled(head.trim_end(), BOLD, style))?;
    }
    for period in &trend.periods {
        write!(out, "{:label$}", period.label)?;
        for (n, color) in (0..queries).zip(COLORS.iter().cycle()) {
            let count = period.counts.get(n).copied().unwrap_or_default();
            let number = match trend.all {
                Some(_) => format!("{count} {:>6.2}%", period.share(count)),
                None => count.to_string(),
            };
            let drawn = drawn(value(trend, period, n), most, bar);
            let room = match n + 1 == queries {
                true => 0,
                false => bar.saturating_sub(drawn.chars().count()),
            };
            let look = Look::new().fg_color(Some((*color).into()));
            let drawn = match drawn.is_empty() {
                true => drawn,
                false => styled(&drawn, look, style),
            };
            let gap = if room == 0 && drawn.is_empty() {
                ""
            } else {
                " "
            };
            write!(out, "  {number:>numbers$}{gap}{drawn}{:room$}", "")?;
        }
        writeln!(out)?;
    }
    let pad = label - total.width();
    let mut total = format!("{total}{:pad$}", "");
    for row in &trend.queries {
        let dated = row.total - row.undated;
        total.push_str(&format!(
            "  {:<column$}",
            format!("{dated:>0$}", digits(row.total))
        ));
    }
    writeln!(out, "{}", styled(total.trim_end(), BOLD, style))?;
    for note in texts(&trend.notes, lang) {
        writeln!(out, "{}", styled(&sanitize::line(&note), DIM, style))?;
    }
    Ok(())
}

/// A bar in eighths of a column, at least one for a count above 0.
fn drawn(value: f64, most: f64, width: usize) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    if value <= 0.0 || most <= 0.0 {
        return String::new();
    }
    let eighths = ((value / most * width as f64 * 8.0).round() as usize).clamp(1, width * 8);
    let part = EIGHTHS.get(eighths % 8).copied().unwrap_or_default();
    format!("{}{part}", "█".repeat(eighths / 8))
}

/// A name padded or truncated to the width of a column.
fn fitted(name: &str, width: usize) -> String {
    let name = sanitize::line(name);
    let mut out = String::new();
    let mut at = 0;
    let is_long = name.width() > width;
    let room = width - usize::from(is_long);
    for c in name.chars() {
        let wide = c.width().unwrap_or(0);
        if at + wide > room {
            break;
        }
        out.push(c);
        at += wide;
    }
    if is_long {
        out.push('…');
        at += 1;
    }
    out.push_str(&" ".repeat(width.saturating_sub(at)));
    out
}

/// A table for spreadsheets: one row per period, one column per query; with shares, another column
/// per query and one for all clippings.
pub fn table(trend: &Trend, separator: u8, out: &mut dyn Write) -> io::Result<()> {
    let mut table = csv::WriterBuilder::new()
        .delimiter(separator)
        .from_writer(out);
    let share = |query: &str| format!("{query} %");
    let mut header = vec!["period".to_owned()];
    for row in &trend.queries {
        let name = sanitize::cell(&row.query).replace(['\t', '\n'], " ");
        header.push(name.clone());
        if trend.all.is_some() {
            header.push(share(&name));
        }
    }
    if trend.all.is_some() {
        header.push("all".to_owned());
    }
    table.write_record(&header)?;
    for period in &trend.periods {
        let mut cells = vec![period.label.clone()];
        for count in &period.counts {
            cells.push(count.to_string());
            if trend.all.is_some() {
                cells.push(format!("{:.2}", period.share(*count)));
            }
        }
        cells.extend(period.all.map(|all| all.to_string()));
        table.write_record(&cells)?;
    }
    table.flush()
}

/// One JSON document.
pub fn json(trend: &Trend, lang: Lang, out: &mut dyn Write) -> io::Result<()> {
    let object = serde_json::json!({
        "by": trend.unit,
        "queries": trend.queries,
        "all": trend.all,
        "periods": trend.periods,
        "notes": texts(&trend.notes, lang),
    });
    writeln!(out, "{}", to_json(&object, true)?)
}

/// A chart as an SVG file.
pub fn svg(trend: &Trend, title: Option<&str>, out: &mut dyn Write) -> io::Result<()> {
    let series = trend.queries.iter().enumerate().map(|(n, row)| Series {
        name: row.query.clone(),
        values: trend.periods.iter().map(|p| value(trend, p, n)).collect(),
    });
    let chart = Chart {
        labels: trend.periods.iter().map(|p| p.label.clone()).collect(),
        series: series.collect(),
        percent: trend.all.is_some(),
    };
    let names: Vec<&str> = trend.queries.iter().map(|row| row.query.as_str()).collect();
    let names = names.join(" · ");
    out.write_all(chart.file(title.unwrap_or(&names)).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Note;
    use crate::app::trend::{TrendQuery, Unit};

    fn trend(share: bool) -> Trend {
        let row = |query: &str, total, undated| TrendQuery {
            query: query.to_owned(),
            total,
            undated,
        };
        let period = |day: &str, counts: [u64; 2], all: u64| TrendPeriod {
            label: day.to_owned(),
            from: day.parse().unwrap(),
            to: day.parse().unwrap(),
            counts: counts.to_vec(),
            all: share.then_some(all),
        };
        Trend {
            unit: Unit::Day,
            notes: vec![Note::Undated {
                query: "=반도체".to_owned(),
                count: 1,
            }],
            queries: vec![row("=반도체", 13, 1), row("배터리\x1b[31m", 4, 0)],
            all: share.then(|| row("*", 30, 2)),
            periods: vec![
                period("2024-02-27", [8, 0], 16),
                period("2024-02-28", [0, 0], 0),
                period("2024-02-29", [4, 4], 12),
            ],
        }
    }

    fn written(write: impl Fn(&mut Vec<u8>) -> io::Result<()>) -> String {
        let mut out = Vec::new();
        write(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_table_has_bars_of_one_scale_and_no_gaps() {
        let style = Style {
            color: false,
            width: Some(52),
            lang: Lang::En,
            links: false,
        };
        let text = written(|out| text(&trend(false), style, out));
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 6, "{text}");
        let bars = |line: &str| line.matches('█').count();
        // 8 of one query, 4 and 4 of two.
        assert_eq!(bars(lines[1]), bars(lines[3]), "{text}");
        assert_eq!(bars(lines[2]), 0, "{text}");
        assert!(lines[4].starts_with("total"), "{text}");
        assert!(
            lines[5].contains("1 clipping of '=반도체' has no date"),
            "{text}"
        );
        assert!(lines.iter().all(|line| line.width() <= 60), "{text}");
        assert!(!text.contains('\x1b'));
    }

    #[test]
    fn tables_are_safe_and_complete() {
        let csv = written(|out| table(&trend(true), b',', out));
        assert_eq!(
            csv,
            "period,'=반도체,'=반도체 %,배터리,배터리 %,all\n\
             2024-02-27,8,50.00,0,0.00,16\n\
             2024-02-28,0,0.00,0,0.00,0\n\
             2024-02-29,4,33.33,4,33.33,12\n"
        );
    }

    #[test]
    fn a_bar_of_anything_is_seen() {
        assert_eq!(drawn(1.0, 1e6, 10), "▏");
        assert_eq!(drawn(0.0, 5.0, 10), "");
        assert_eq!(drawn(5.0, 5.0, 3), "███");
        assert_eq!(fitted("아주 긴 이름", 6), "아주 …");
        assert_eq!(fitted("가", 4), "가  ");
    }
}
