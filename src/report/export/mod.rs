//! Exports complete result sets to files, one file per format.

use std::io::{self, Write};

use jiff::civil::Date;

use super::{json, to_json};
use crate::app::add::is_web_address;
use crate::app::{Copy, Hit, Snippet};
use crate::clipping::Clipping;
use crate::messages::Lang;

mod clipbook;
mod markdown;
mod table;
mod xlsx;

pub use clipbook::TEMPLATE;

/// A result set to export.
#[derive(Debug, Clone, Default)]
pub struct Export {
    /// Language of the program's own texts in it.
    pub lang: Lang,
    /// Title.
    pub title: String,
    /// The query as typed.
    pub query: String,
    /// The date of the export, in Korea.
    pub made: Option<Date>,
    /// Grouping, in formats that have groups.
    pub group: Group,
    /// Omit everything that a license for links and headlines does not cover: bodies, snippets,
    /// captions and subheads.
    pub links_only: bool,
    /// Full bodies instead of matching passages, in formats with the choice.
    pub full_text: bool,
    /// The clippings, in order.
    pub entries: Vec<ExportEntry>,
    /// Whether a table continues, so that it needs no header.
    pub is_continued: bool,
}

/// A clipping of an export.
#[derive(Debug, Clone, Default)]
pub struct ExportEntry {
    /// The record.
    pub clipping: Clipping,
    /// The matching passages.
    pub snippets: Vec<Snippet>,
    /// Identifies the story: equal for near-duplicates.
    pub story: String,
    /// Near-duplicates folded into it.
    pub copies: Vec<Copy>,
    /// Its group, for [`Group::Given`].
    pub group: String,
}

/// A template that replaces the built-in one.
#[derive(Debug, Clone)]
pub struct Template {
    /// File name, for messages.
    pub name: String,
    /// Source in minijinja's language.
    pub text: String,
    /// Whether its output is HTML, so that values are escaped.
    pub is_html: bool,
}

/// Grouping of clippings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Group {
    /// By outlet.
    #[default]
    Outlet,
    /// By section.
    Section,
    /// By month of publication.
    Month,
    /// By the group given for each entry, in order.
    Given,
}

/// The formats of exports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// One record per line; `add` reads them.
    Jsonl,
    /// Comma-separated values.
    Csv,
    /// Tab-separated values.
    Tsv,
    /// Markdown (CommonMark).
    Markdown,
    /// A workbook (ECMA-376).
    Xlsx,
    /// The clip book: one self-contained HTML file.
    Clipbook,
}

/// Why an export failed.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The output cannot be written.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The user's template is invalid.
    #[error("the template: {0}")]
    Template(String),
    /// The data exceed the limits of a workbook.
    #[error("a workbook cannot hold this: {0}")]
    Workbook(String),
}

impl ExportEntry {
    /// Creates the entry of a hit, without a group.
    pub fn new(hit: Hit) -> ExportEntry {
        ExportEntry {
            clipping: hit.clipping,
            snippets: hit.snippets,
            story: hit.story,
            copies: hit.copies,
            group: String::new(),
        }
    }
}

impl ExportFormat {
    /// Whether near-duplicates are folded and listed with the clipping they are copies of. Tables and
    /// JSON Lines contain every clipping, with its story in a column.
    pub fn folds_copies(self) -> bool {
        matches!(self, ExportFormat::Markdown | ExportFormat::Clipbook)
    }
}

impl Export {
    /// Writes the export. `template` replaces the built-in one; `with_bom` writes a byte order mark
    /// before a table, which Excel needs to recognize UTF-8.
    ///
    /// # Errors
    /// When `out` fails, or the template does.
    pub fn write(
        &self,
        format: ExportFormat,
        template: Option<&Template>,
        with_bom: bool,
        out: &mut dyn Write,
    ) -> Result<(), ExportError> {
        match format {
            ExportFormat::Jsonl => self.jsonl(out)?,
            ExportFormat::Csv => table::write(self, b',', with_bom, out)?,
            ExportFormat::Tsv => table::write(self, b'\t', with_bom, out)?,
            ExportFormat::Markdown => markdown::write(self, out)?,
            ExportFormat::Xlsx => xlsx::write(self, out)?,
            ExportFormat::Clipbook => clipbook::write(self, template, out)?,
        }
        Ok(())
    }

    fn jsonl(&self, out: &mut dyn Write) -> io::Result<()> {
        for entry in &self.entries {
            let clipping = self.covered(&entry.clipping);
            let mut record = json::record(&clipping)?;
            record.insert("story".to_owned(), entry.story.clone().into());
            writeln!(out, "{}", to_json(&record, false)?)?;
        }
        Ok(())
    }

    /// The record without the parts that the license does not cover.
    fn covered(&self, clipping: &Clipping) -> Clipping {
        let mut clipping = clipping.clone();
        if self.links_only {
            clipping.keep_only_link();
        }
        clipping
    }

    /// The groups: names and indexes of entries. Months are sorted, other groups are sorted by
    /// size; entries without a group come last.
    fn groups(&self) -> Vec<(String, Vec<usize>)> {
        let mut groups: Vec<(String, Vec<usize>)> = Vec::new();
        let mut places = rustc_hash::FxHashMap::default();
        for (n, entry) in self.entries.iter().enumerate() {
            let c = &entry.clipping;
            let name = match self.group {
                Group::Outlet => c.outlet.clone(),
                Group::Section => c.section.clone(),
                Group::Month => c
                    .published
                    .map(|p| format!("{:04}-{:02}", p.date.year(), p.date.month())),
                Group::Given => Some(entry.group.clone()),
            };
            let name = name.unwrap_or_default();
            let place = *places.entry(name.clone()).or_insert_with(|| {
                groups.push((name, Vec::new()));
                groups.len() - 1
            });
            if let Some((_, members)) = groups.get_mut(place) {
                members.push(n);
            }
        }
        match self.group {
            Group::Month => {
                groups.sort_by(|a, b| (a.0.is_empty(), &a.0).cmp(&(b.0.is_empty(), &b.0)))
            }
            Group::Given => {}
            Group::Outlet | Group::Section => groups
                .sort_by_key(|(name, members)| (name.is_empty(), std::cmp::Reverse(members.len()))),
        }
        groups
    }

    /// Number of clippings. One in several groups counts once.
    fn distinct(&self) -> usize {
        let ids = self.entries.iter().map(|e| e.clipping.id.as_str());
        ids.collect::<rustc_hash::FxHashSet<_>>().len()
    }

    /// Number of undated clippings.
    fn distinct_undated(&self) -> usize {
        let undated = |e: &&ExportEntry| e.clipping.published.is_none();
        let ids = self.entries.iter().filter(undated);
        let ids = ids.map(|e| e.clipping.id.as_str());
        ids.collect::<rustc_hash::FxHashSet<_>>().len()
    }

    /// The first and the last day of publication.
    fn period(&self) -> Option<(Date, Date)> {
        let days = || self.entries.iter().filter_map(|e| e.clipping.published);
        Some((days().min()?.date, days().max()?.date))
    }
}

/// The URL, if it is http or https and may be a link.
fn link(url: Option<&str>) -> Option<&str> {
    url.filter(|url| is_web_address(url))
}

/// Whether a column of a table has text that a license for links does not cover.
fn is_text(column: &str) -> bool {
    !matches!(
        column,
        "id" | "published"
            | "date"
            | "time"
            | "outlet"
            | "reporters"
            | "headline"
            | "section"
            | "url"
            | "source"
            | "story"
    )
}

/// The value of a column that only some sources fill: keywords and BIGKinds fields.
fn of_source(clipping: &Clipping, column: &str) -> String {
    if column == "keywords" {
        return clipping.keywords.join(", ");
    }
    let Some(bigkinds) = &clipping.bigkinds else {
        return String::new();
    };
    let list = match column {
        "news_id" => return bigkinds.news_id.clone().unwrap_or_default(),
        "excluded" => return bigkinds.excluded.clone().unwrap_or_default(),
        "categories" => &bigkinds.categories,
        "incidents" => &bigkinds.incidents,
        "persons" => &bigkinds.persons,
        "places" => &bigkinds.places,
        "organizations" => &bigkinds.organizations,
        "bigkinds_keywords" => &bigkinds.keywords,
        _ => return String::new(),
    };
    list.join(", ")
}

/// Day and time without seconds: `2024-02-22 10:31`.
fn when(clipping: &Clipping) -> String {
    clipping
        .published
        .map_or_else(String::new, super::text::when)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn export() -> Export {
        let entry = |id: &str, outlet: &str, day: &str, headline: &str| ExportEntry {
            clipping: Clipping {
                id: id.to_owned(),
                headline: headline.to_owned(),
                outlet: (!outlet.is_empty()).then(|| outlet.to_owned()),
                published: day.parse().ok(),
                body: "본문 첫 문단.\n둘째 <문단>.".to_owned(),
                url: Some("https://example.com/?a=1&b=2".to_owned()),
                reporters: vec!["김하나".to_owned()],
                ..Clipping::default()
            },
            snippets: vec![crate::app::Snippet {
                text: "본문 첫 문단".to_owned(),
                highlights: vec![(3, 4)],
            }],
            story: id.to_owned(),
            copies: Vec::new(),
            group: String::new(),
        };
        Export {
            title: "모음".to_owned(),
            query: "첫".to_owned(),
            made: "2024-03-01".parse().ok(),
            entries: vec![
                entry(
                    "a",
                    "모두일보",
                    "2024-02-22T10:31:00+09:00",
                    "=합계 [속보] <b>도서관</b>",
                ),
                entry("b", "", "", "날짜 없음"),
                entry("c", "저녁신문", "2024-02-20", "하나 | 둘"),
                entry("d", "저녁신문", "2024-02-20", "셋\u{202e}"),
            ],
            ..Export::default()
        }
    }

    fn written(export: &Export, format: ExportFormat) -> String {
        let mut out = Vec::new();
        export.write(format, None, true, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn tables_are_safe_to_open() {
        let csv = written(&export(), ExportFormat::Csv);
        assert!(csv.starts_with("\u{feff}id,"));
        assert!(csv.contains("'=합계"));
        assert!(!csv.contains('\u{202e}'));
        assert_eq!(written(&export(), ExportFormat::Tsv).lines().count(), 5);
    }

    #[test]
    fn markdown_says_what_the_text_says() {
        let markdown = written(&export(), ExportFormat::Markdown);
        assert!(markdown.contains("# 모음"));
        assert!(
            markdown
                .contains(r"[=합계 \[속보\] \<b\>도서관\</b\>](<https://example.com/?a=1&b=2>)"),
            "{markdown}"
        );
        assert!(
            markdown.contains("본문 **첫** 문단") || markdown.contains("본문 **첫**"),
            "{markdown}"
        );
    }

    #[test]
    fn the_clip_book_is_one_file_and_lets_no_markup_in() {
        let book = written(&export(), ExportFormat::Clipbook);
        assert!(book.contains("<title>모음</title>"));
        assert!(book.contains("&lt;b&gt;도서관&lt;&#x2f;b&gt;"), "{book}");
        assert!(book.contains("<mark>첫</mark>"));
        assert!(book.contains("<svg"));
        assert!(!book.contains('\u{202e}'));
        for outside in ["<script", "src=", "@import", "url("] {
            assert!(!book.contains(outside), "{outside}");
        }
        let largest_first = book.find("저녁신문").unwrap() < book.find("모두일보").unwrap();
        assert!(largest_first);
    }

    #[test]
    fn a_clipping_in_two_groups_counts_once() {
        let mut export = export();
        export.group = Group::Given;
        let mut again = export.entries[0].clone();
        again.group = "둘".to_owned();
        export.entries.push(again);
        assert_eq!((export.distinct(), export.distinct_undated()), (4, 1));
        let markdown = written(&export, ExportFormat::Markdown);
        assert!(markdown.contains("4 clippings"), "{markdown}");
    }

    #[test]
    fn links_only_leaves_the_text_out() {
        let export = Export {
            links_only: true,
            full_text: true,
            ..export()
        };
        for format in [
            ExportFormat::Jsonl,
            ExportFormat::Csv,
            ExportFormat::Markdown,
            ExportFormat::Clipbook,
        ] {
            let text = written(&export, format);
            assert!(!text.contains("문단"), "{format:?}: {text}");
            assert!(text.contains("도서관"), "{format:?}");
        }
    }

    #[test]
    fn a_template_of_the_user_is_used() {
        let mut out = Vec::new();
        let template = |text: &str, is_html| Template {
            name: "mine.html".to_owned(),
            text: text.to_owned(),
            is_html,
        };
        let list = "{{ title }}: {% for e in entries %}{{ e.headline }};{% endfor %}";
        for (is_html, says) in [(true, "&lt;b&gt;"), (false, "<b>")] {
            out.clear();
            export()
                .write(
                    ExportFormat::Clipbook,
                    Some(&template(list, is_html)),
                    false,
                    &mut out,
                )
                .unwrap();
            let text = String::from_utf8(out.clone()).unwrap();
            assert!(
                text.starts_with("모음: ") && text.contains("하나 | 둘;") && text.contains(says),
                "{text}"
            );
        }
        for broken in [
            "{% for %}",
            "x\n{{ 1 / nothing }}",
            "{% include 'other.html' %}",
        ] {
            let told = export()
                .write(
                    ExportFormat::Clipbook,
                    Some(&template(broken, true)),
                    false,
                    &mut Vec::new(),
                )
                .unwrap_err()
                .to_string();
            assert!(told.contains("mine.html"), "{told}");
        }
    }

    #[test]
    fn a_workbook_is_read_again() {
        let mut out = Vec::new();
        export()
            .write(ExportFormat::Xlsx, None, false, &mut out)
            .unwrap();
        let mut book: calamine::Xlsx<_> = calamine::Reader::new(io::Cursor::new(out)).unwrap();
        let range = calamine::Reader::worksheet_range_at(&mut book, 0)
            .unwrap()
            .unwrap();
        assert_eq!(range.height(), 5);
        let cells: Vec<String> = range
            .rows()
            .flat_map(|row| row.iter().map(ToString::to_string))
            .collect();
        assert!(
            cells
                .iter()
                .any(|cell| cell == "=합계 [속보] <b>도서관</b>"),
            "{cells:?}"
        );
    }
}
