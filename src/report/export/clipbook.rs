//! The clip book: one self-contained HTML file for printing and mailing.
//!
//! Rendered from a minijinja template, which users can replace; the context is [`BookContext`].

use std::io::Write;

use jiff::civil::Date;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Value};
use serde::Serialize;

use super::{Export, ExportEntry, ExportError, Template, link, when};
use crate::app::trend::{Days, Unit};
use crate::messages::{Lang, msg};
use crate::report::chart::{Chart, Series};
use crate::report::sanitize;

/// Maximum number of bars in the chart; longer periods are counted by week, month or year.
const MAX_BARS: usize = 92;

/// The built-in template.
pub const TEMPLATE: &str = include_str!("../templates/clipbook.html");

/// The context of a template. All strings are plain text; templates escape them.
#[derive(Serialize)]
struct BookContext {
    /// `ko` or `en`.
    lang: &'static str,
    words: Words,
    title: String,
    query: String,
    /// Date of the export, `YYYY-MM-DD`.
    made: String,
    /// First and last day of publication; empty if nothing is dated.
    from: String,
    to: String,
    count: usize,
    undated: usize,
    links_only: bool,
    full_text: bool,
    /// Clippings over time as SVG; empty with fewer than two days.
    chart: String,
    /// Unit of the chart, in the language of the book.
    unit: String,
    groups: Vec<GroupContext>,
    /// All clippings in result order, for templates without groups.
    entries: Vec<Value>,
}

/// The words of the built-in template.
#[derive(Serialize)]
struct Words {
    period: String,
    clippings: String,
    count: String,
    query: String,
    made: String,
    chart: String,
    contents: String,
    others: String,
    excerpt: String,
}

impl Words {
    fn new(lang: Lang, count: usize, undated: usize, unit: &str) -> Words {
        Words {
            period: msg!(lang, ko: "기간", en: "Period"),
            clippings: msg!(lang, ko: "기사", en: "Clippings"),
            count: match undated {
                0 => msg!(lang, ko: "{count}건", en: "{count}"),
                _ => msg!(lang,
                    ko: "{count}건 (날짜 없음 {undated}건)",
                    en: "{count} ({undated} undated)",
                ),
            },
            query: msg!(lang, ko: "검색식", en: "Query"),
            made: msg!(lang, ko: "작성일", en: "Made on"),
            chart: msg!(lang, ko: "{unit}별 기사 수", en: "Clippings by {unit}"),
            contents: msg!(lang, ko: "차례", en: "Contents"),
            others: msg!(lang, ko: "기타", en: "Others"),
            excerpt: msg!(lang,
                ko: "앞부분만 있는 기사입니다.",
                en: "Only the beginning of the article.",
            ),
        }
    }
}

#[derive(Serialize)]
struct GroupContext {
    /// Empty for clippings without a group.
    name: String,
    entries: Vec<Value>,
}

#[derive(Serialize)]
struct EntryContext {
    /// Position in the result, from 1.
    number: usize,
    id: String,
    headline: String,
    subheads: Vec<String>,
    outlet: String,
    reporters: Vec<String>,
    section: String,
    /// `2024-02-22 10:31` or `2024-02-22`.
    published: String,
    /// Only http and https URLs; otherwise empty.
    url: String,
    /// Passages, split into marked and unmarked pieces.
    snippets: Vec<Vec<SnippetPiece>>,
    /// Paragraphs, with `--full-text` only.
    paragraphs: Vec<String>,
    excerpt: bool,
    /// Near-duplicates folded into it.
    copies: Vec<CopyContext>,
    /// The number of copies in words: `2 copies`.
    copies_label: String,
}

#[derive(Serialize, Clone)]
struct CopyContext {
    outlet: String,
    headline: String,
    /// See `url` of the clipping.
    url: String,
}

#[derive(Serialize)]
struct SnippetPiece {
    text: String,
    marked: bool,
}

/// Writes the book.
pub fn write(
    export: &Export,
    template: Option<&Template>,
    out: &mut dyn Write,
) -> Result<(), ExportError> {
    let (name, text, is_html) = match template {
        None => ("clipbook.html", TEMPLATE, true),
        Some(t) => (&*t.name, &*t.text, t.is_html),
    };
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(move |_| match is_html {
        true => AutoEscape::Html,
        false => AutoEscape::None,
    });
    let page = environment
        .render_named_str(name, text, Value::from(Serde(book(export))))
        .map_err(|e| ExportError::Template(e.to_string()))?;
    Ok(out.write_all(page.as_bytes())?)
}

fn book(export: &Export) -> BookContext {
    // Values share their content: each entry is in its group, too.
    let entries: Vec<Value> = export
        .entries
        .iter()
        .enumerate()
        .map(|(n, entry)| Value::from(Serde(view(export, n + 1, entry))))
        .collect();
    let days: Vec<_> = export
        .entries
        .iter()
        .filter_map(|e| e.clipping.published.map(|p| p.date))
        .collect();
    let period = export.period();
    let (unit, chart) = match period {
        Some((from, to)) if from < to => book_chart(&days, from, to, export.lang),
        _ => (String::new(), String::new()),
    };
    let groups = export
        .groups()
        .into_iter()
        .map(|(name, members)| GroupContext {
            name: clean(&name),
            entries: members
                .iter()
                .filter_map(|&n| entries.get(n).cloned())
                .collect(),
        })
        .collect();
    let (count, undated) = (export.distinct(), export.distinct_undated());
    BookContext {
        lang: match export.lang {
            Lang::Ko => "ko",
            Lang::En => "en",
        },
        words: Words::new(export.lang, count, undated, &unit),
        title: clean(&export.title),
        query: clean(&export.query),
        made: export.made.map(|d| d.to_string()).unwrap_or_default(),
        from: period.map(|(from, _)| from.to_string()).unwrap_or_default(),
        to: period.map(|(_, to)| to.to_string()).unwrap_or_default(),
        count,
        undated,
        links_only: export.links_only,
        full_text: export.full_text && !export.links_only,
        chart,
        unit,
        groups,
        entries,
    }
}

/// Clippings over time in the finest unit with few enough bars: name of the unit and chart.
fn book_chart(days: &[Date], from: Date, to: Date, lang: Lang) -> (String, String) {
    let unit = Unit::fitting(from, to, MAX_BARS);
    let starts: Vec<Date> = unit.periods(from, to).collect();
    let mut counted = Days::default();
    counted.extend(days.iter().copied());
    let labels = starts.iter().map(|start| unit.label(*start)).collect();
    let counts = counted.by(&starts, to);
    let chart = Chart {
        labels,
        series: vec![Series {
            name: String::new(),
            values: counts.into_iter().map(|n| n as f64).collect(),
        }],
        percent: false,
    };
    let name = match unit {
        Unit::Day => msg!(lang, ko: "일", en: "day"),
        Unit::Week => msg!(lang, ko: "주", en: "week"),
        Unit::Month => msg!(lang, ko: "월", en: "month"),
        Unit::Year => msg!(lang, ko: "연도", en: "year"),
    };
    (name, chart.embedded(lang))
}

fn view(export: &Export, number: usize, entry: &ExportEntry) -> EntryContext {
    let c = &entry.clipping;
    let has_text = !export.links_only;
    EntryContext {
        number,
        id: clean(&c.id),
        headline: clean(if c.headline.is_empty() {
            &c.id
        } else {
            &c.headline
        }),
        subheads: match has_text && export.full_text {
            true => c.subheads.iter().map(|s| clean(s)).collect(),
            false => Vec::new(),
        },
        outlet: clean(c.outlet.as_deref().unwrap_or_default()),
        reporters: c.reporters.iter().map(|r| clean(r)).collect(),
        section: clean(c.section.as_deref().unwrap_or_default()),
        published: when(c),
        url: link(c.url.as_deref()).map(clean).unwrap_or_default(),
        snippets: match has_text && !export.full_text {
            true => entry
                .snippets
                .iter()
                .map(|s| {
                    segments(&s.text, &s.highlights)
                        .map(|(text, marked)| SnippetPiece {
                            text: clean_piece(&text),
                            marked,
                        })
                        .collect()
                })
                .collect(),
            false => Vec::new(),
        },
        paragraphs: match has_text && export.full_text {
            true => c.body.lines().map(clean).collect(),
            false => Vec::new(),
        },
        excerpt: c.excerpt,
        copies_label: match entry.copies.len() {
            1 => msg!(export.lang, ko: "외 1건", en: "1 copy"),
            n => msg!(export.lang, ko: "외 {n}건", en: "{n} copies"),
        },
        copies: entry
            .copies
            .iter()
            .map(|copy| CopyContext {
                outlet: clean(copy.outlet.as_deref().unwrap_or_default()),
                headline: clean(&copy.headline),
                url: link(copy.url.as_deref()).map(clean).unwrap_or_default(),
            })
            .collect(),
    }
}

fn clean(text: &str) -> String {
    sanitize::line(text).into_owned()
}

/// Sanitizes a line, but keeps white space at its ends.
fn clean_piece(text: &str) -> String {
    let space = |is: bool| if is { " " } else { "" };
    let inner = clean(text.trim());
    if inner.is_empty() {
        return space(!text.is_empty()).to_owned();
    }
    format!(
        "{}{inner}{}",
        space(text.starts_with(char::is_whitespace)),
        space(text.ends_with(char::is_whitespace))
    )
}

/// Splits a text at its marks (`[start, end)` in characters, sorted) into marked and unmarked
/// pieces.
pub(super) fn segments(
    text: &str,
    highlights: &[(usize, usize)],
) -> impl Iterator<Item = (String, bool)> {
    let chars: Vec<char> = text.chars().collect();
    let mut pieces = Vec::with_capacity(highlights.len() * 2 + 1);
    let mut at = 0;
    for &(start, end) in highlights {
        let (start, end) = (start.clamp(at, chars.len()), end.clamp(at, chars.len()));
        pieces.push((at..start, false));
        pieces.push((start..end.max(start), true));
        at = end.max(start);
    }
    pieces.push((at..chars.len(), false));
    pieces.into_iter().filter_map(move |(range, marked)| {
        let piece: String = chars.get(range)?.iter().collect();
        (!piece.is_empty()).then_some((piece, marked))
    })
}
