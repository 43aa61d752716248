//! Charts of counts over time in SVG: bars for one series, lines for several.
//!
//! An embedded chart is styled by its page (classes `bar`, `axis`, `tick`, `grid`); a chart file
//! has its own light and dark style.

use std::fmt::Write as _;

use super::sanitize;
use crate::messages::{Lang, msg};

const WIDTH: f64 = 720.0;
/// Margins: numbers on the left, labels below.
const LEFT: f64 = 44.0;
const RIGHT: f64 = 8.0;
const TOP: f64 = 12.0;
const BELOW: f64 = 24.0;
/// Height of the plot.
const PLOT: f64 = 150.0;

/// Maximum width of a bar.
const MAX_BAR_WIDTH: f64 = 36.0;

/// Maximum number of labels below the plot.
const MAX_LABELS: usize = 7;

/// A palette for all types of color vision (Okabe and Ito, Color Universal Design, 2008), without
/// its lightest color.
const COLORS: [&str; 7] = [
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f7f7f",
];

/// Series of values over the same periods.
#[derive(Debug, Clone, Default)]
pub struct Chart {
    /// Names of the periods.
    pub labels: Vec<String>,
    /// The series.
    pub series: Vec<Series>,
    /// Whether the values are percentages.
    pub percent: bool,
}

/// A series.
#[derive(Debug, Clone, Default)]
pub struct Series {
    /// Name of the series.
    pub name: String,
    /// One value per period.
    pub values: Vec<f64>,
}

impl Chart {
    /// The chart as an element of a page.
    pub fn embedded(&self, lang: Lang) -> String {
        let label = msg!(lang, ko: "기간별 기사 수", en: "clippings over time");
        let height = TOP + PLOT + BELOW;
        let mut out = format!(
            r#"<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{label}" xmlns="http://www.w3.org/2000/svg">"#
        );
        self.plot(TOP, &mut out);
        out.push_str("</svg>");
        out
    }

    /// The chart as a file, with a title, a legend if there are several series, and its own style.
    pub fn file(&self, title: &str) -> String {
        let legend = match self.series.len() {
            0 | 1 => Vec::new(),
            _ => self.legend(),
        };
        let rows = legend.iter().map(|(row, ..)| row + 1).max().unwrap_or(0);
        let top = 40.0 + 20.0 * number(rows) + TOP;
        let height = top + PLOT + BELOW + 4.0;
        let title = sanitize::xml(title);
        let mut out = format!(
            r#"<svg viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img" xmlns="http://www.w3.org/2000/svg"><title>{title}</title><style>{STYLE}</style><rect class="paper" width="100%" height="100%"/><text class="title" x="{RIGHT}" y="26">{title}</text>"#
        );
        for ((row, x, name), color) in legend.iter().zip(COLORS.iter().cycle()) {
            let y = 46.0 + 20.0 * number(*row);
            let _ = write!(
                out,
                r#"<rect x="{x}" y="{}" width="12" height="4" fill="{color}"/><text class="tick" x="{}" y="{y}">{}</text>"#,
                y - 6.0,
                x + 18.0,
                sanitize::xml(name)
            );
        }
        self.plot(top, &mut out);
        out.push_str("</svg>\n");
        out
    }

    /// Line, offset and text of each legend entry.
    fn legend(&self) -> Vec<(usize, f64, &str)> {
        use unicode_width::UnicodeWidthStr;

        let (mut row, mut x) = (0, RIGHT);
        let mut legend = Vec::with_capacity(self.series.len());
        for series in &self.series {
            let width = 18.0 + 6.6 * number(series.name.width()) + 18.0;
            if x > RIGHT && x + width > WIDTH {
                (row, x) = (row + 1, RIGHT);
            }
            legend.push((row, x, series.name.as_str()));
            x += width;
        }
        legend
    }

    /// Draws axis, grid and values. The plot begins at `top`.
    fn plot(&self, top: f64, out: &mut String) {
        let most = self.series.iter().flat_map(|s| s.values.iter().copied());
        let step = step(most.fold(0.0, f64::max), self.percent);
        let most = self.series.iter().flat_map(|s| s.values.iter().copied());
        let lines = (most.fold(0.0, f64::max) / step).ceil().max(1.0);
        let base = top + PLOT;
        let y = |value: f64| base - PLOT * value / (step * lines);
        let mut line = 0.0;
        while line <= lines {
            let (at, value) = (y(line * step), line * step);
            let class = if line > 0.0 { "grid" } else { "axis" };
            let unit = if self.percent { "%" } else { "" };
            let _ = write!(
                out,
                r#"<line class="{class}" x1="{LEFT}" y1="{at:.1}" x2="{}" y2="{at:.1}"/><text class="tick" x="{}" y="{:.1}" text-anchor="end">{}{unit}</text>"#,
                WIDTH - RIGHT,
                LEFT - 6.0,
                at + 3.5,
                short(value)
            );
            line += 1.0;
        }
        let periods = self.labels.len().max(1);
        let width = (WIDTH - LEFT - RIGHT) / number(periods);
        let middle = |n: usize| LEFT + width * (number(n) + 0.5);
        match self.series.as_slice() {
            [only] => {
                let bar = (width * 0.8).min(MAX_BAR_WIDTH);
                for (n, value) in only.values.iter().enumerate().filter(|(_, v)| **v > 0.0) {
                    let _ = write!(
                        out,
                        r#"<rect class="bar" x="{:.1}" y="{:.1}" width="{bar:.1}" height="{:.1}">{}</rect>"#,
                        middle(n) - bar / 2.0,
                        y(*value),
                        base - y(*value),
                        self.tip(n, only)
                    );
                }
            }
            several => {
                for (series, color) in several.iter().zip(COLORS.iter().cycle()) {
                    let _ = write!(
                        out,
                        r#"<polyline fill="none" stroke="{color}" stroke-width="2" stroke-linejoin="round" points=""#
                    );
                    for (n, value) in series.values.iter().enumerate() {
                        let _ = write!(out, "{:.1},{:.1} ", middle(n), y(*value));
                    }
                    out.push_str("\"/>");
                    for (n, value) in series.values.iter().enumerate() {
                        let _ = write!(
                            out,
                            r#"<circle fill="{color}" cx="{:.1}" cy="{:.1}" r="2.5">{}</circle>"#,
                            middle(n),
                            y(*value),
                            self.tip(n, series)
                        );
                    }
                }
            }
        }
        self.labels(middle, base, out);
    }

    /// Tooltip of a value.
    fn tip(&self, n: usize, series: &Series) -> String {
        let label = self.labels.get(n).map_or("", String::as_str);
        let value = series.values.get(n).copied().unwrap_or_default();
        let (colon, unit) = (
            if series.name.is_empty() { "" } else { " · " },
            if self.percent { "%" } else { "" },
        );
        format!(
            "<title>{}{colon}{}: {}{unit}</title>",
            sanitize::xml(label),
            sanitize::xml(&series.name),
            short(value)
        )
    }

    /// Labels below the plot, evenly spaced, including the first and the last.
    fn labels(&self, middle: impl Fn(usize) -> f64, base: f64, out: &mut String) {
        let Some(last) = self.labels.len().checked_sub(1) else {
            return;
        };
        let gaps = last.clamp(1, MAX_LABELS - 1);
        let mut places: Vec<usize> = (0..=gaps).map(|n| n * last / gaps).collect();
        places.dedup();
        for place in places {
            let x = middle(place);
            // A centered label at the edge would be cut off.
            let anchor = match place {
                0 if x < 36.0 + LEFT => ("start", LEFT),
                n if n == last && x > WIDTH - 36.0 => ("end", WIDTH - RIGHT),
                _ => ("middle", x),
            };
            let _ = write!(
                out,
                r#"<text class="tick" x="{:.1}" y="{:.1}" text-anchor="{}">{}</text>"#,
                anchor.1,
                base + 17.0,
                anchor.0,
                sanitize::xml(self.labels.get(place).map_or("", String::as_str))
            );
        }
    }
}

/// The style of a chart file.
const STYLE: &str = "text{font-family:Pretendard,'Noto Sans KR','Noto Sans CJK KR','Apple SD Gothic Neo','Malgun Gothic',sans-serif}.paper{fill:#fff}.title{font-size:16px;font-weight:600;fill:#1b1d20}.tick{font-size:11px;fill:#5c6370}.axis{stroke:#8a919c}.grid{stroke:#e4e6ea}.bar{fill:#0072b2}@media(prefers-color-scheme:dark){.paper{fill:#17191c}.title{fill:#e7e9ec}.tick{fill:#9aa2ae}.axis{stroke:#6b727c}.grid{stroke:#2c3036}.bar{fill:#56b4e9}}";

/// Distance between grid lines for values up to `most`: 1, 2 or 5 times a power of ten, so that
/// there are three to five lines; at least 1 for counts.
fn step(most: f64, percent: bool) -> f64 {
    let rough = (most / 4.0).max(f64::MIN_POSITIVE);
    let power = 10f64.powf(rough.log10().floor());
    let nice = [1.0, 2.0, 5.0, 10.0].into_iter().map(|n| n * power);
    let step = nice.into_iter().find(|n| *n >= rough).unwrap_or(power);
    match percent {
        true => step.max(0.01),
        false => step.max(1.0),
    }
}

#[allow(clippy::cast_precision_loss, reason = "periods and rows are few")]
fn number(n: usize) -> f64 {
    n as f64
}

/// Formats a number without unnecessary digits.
fn short(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(rows: usize, periods: usize) -> Chart {
        Chart {
            labels: (0..periods).map(|n| format!("2024-{n:02}")).collect(),
            series: (0..rows)
                .map(|row| Series {
                    name: format!("<검색 {row}> & \"둘\"\u{202e}"),
                    values: (0..periods).map(|n| number(n * row)).collect(),
                })
                .collect(),
            percent: false,
        }
    }

    #[test]
    fn charts_are_xml_and_let_no_markup_in() {
        for rows in 0..9 {
            for periods in [0, 1, 2, 40] {
                let chart = chart(rows, periods);
                for svg in [chart.embedded(Lang::En), chart.file("제목 <b>")] {
                    let mut reader = quick_xml::Reader::from_str(&svg);
                    loop {
                        match reader.read_event().unwrap() {
                            quick_xml::events::Event::Eof => break,
                            quick_xml::events::Event::Start(tag) => {
                                assert!(tag.attributes().all(|a| a.is_ok()), "{svg}");
                            }
                            _ => {}
                        }
                    }
                    assert!(!svg.contains("<검색") && !svg.contains('\u{202e}'), "{svg}");
                    assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
                }
            }
        }
    }

    #[test]
    fn one_row_is_bars_and_several_are_lines() {
        assert_eq!(chart(2, 5).file("x").matches("<polyline").count(), 2);
        let mut one = chart(1, 5);
        one.series[0].values = vec![0.0, 3.0, 0.0, 1.0, 2.0];
        assert_eq!(one.embedded(Lang::En).matches("class=\"bar\"").count(), 3);
    }

    #[test]
    fn the_grid_has_round_numbers() {
        for (most, expected) in [
            (1.0, 1.0),
            (3.0, 1.0),
            (7.0, 2.0),
            (17.0, 5.0),
            (1234.0, 500.0),
        ] {
            assert_eq!(step(most, false), expected, "{most}");
        }
        assert_eq!(short(0.5), "0.5");
        assert_eq!(short(500.0), "500");
    }
}
