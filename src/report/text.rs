//! Text for people.
//!
//! ```text
//! note: how the query was read
//!
//!  1. 헤드라인
//!     언론사 · 기자 · 2024-02-22 10:31
//!     …the passage, what matched in bold…
//!     외 4건: 뉴시스, 연합뉴스, …
//!     id · source
//!
//! 1–10 of 123 clippings
//! ```

use std::io::{self, Write};

use anstyle::Style as Look;

use super::wrap::{paragraph, pieces, wrapped};
use super::{Copy, Hit, ResultPage, Style, sanitize};
use crate::clipping::{Clipping, Published};

pub(super) const PLAIN: Look = Look::new();
pub(super) const BOLD: Look = Look::new().bold();
pub(super) const DIM: Look = Look::new().dimmed();
const MARK_IN_BOLD: Look = Look::new().bold().underline();

/// Outlets of copies named before the rest is left out.
const MOST_COPIES: usize = 5;

pub(super) fn page(
    page: &ResultPage<'_>,
    style: Style,
    first: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    if let Some(id) = page.query_id {
        if !first {
            writeln!(out)?;
        }
        let title = format!("{}: {}", sanitize::line(id), sanitize::line(page.query));
        writeln!(out, "{}", styled(&title, BOLD, style))?;
    }
    for note in page.notes {
        writeln!(out, "note: {}", sanitize::line(note))?;
    }
    if !page.notes.is_empty() {
        writeln!(out)?;
    }
    // All numbers of a page take the room of the longest.
    let digits = page.hits.last().map_or(1, |h| h.rank.to_string().len());
    for h in &page.hits {
        hit(h, digits.max(2), style, out)?;
        writeln!(out)?;
    }
    writeln!(out, "{}", styled(&summary(page), DIM, style))
}

fn summary(page: &ResultPage<'_>) -> String {
    let clippings = |n: u64| format!("{n} clipping{}", if n == 1 { "" } else { "s" });
    match (page.hits.first(), page.hits.last()) {
        _ if page.total == 0 => "nothing found".to_owned(),
        (Some(a), Some(b)) if (b.rank - a.rank + 1) as u64 != page.total => {
            format!("{}–{} of {}", a.rank, b.rank, clippings(page.total))
        }
        _ => clippings(page.total),
    }
}

fn hit(hit: &Hit<'_>, digits: usize, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let indent = digits + 2;
    let c = hit.clipping;
    let headline = headline(c, &hit.headline_marks, indent, style);
    write!(out, "{:>digits$}. {}", hit.rank, headline.trim_start())?;
    let byline = paragraph(&byline(c), indent, PLAIN, style);
    out.write_all(byline.as_bytes())?;
    for snippet in &hit.snippets {
        let pieces = pieces(&snippet.text, &snippet.highlights);
        out.write_all(wrapped(&pieces, indent, PLAIN, BOLD, style).as_bytes())?;
    }
    let mut lines = |text: &str, look: Look| {
        let text = sanitize::line(text);
        writeln!(out, "{:indent$}{}", "", styled(&text, look, style))
    };
    if !hit.copies.is_empty() {
        lines(&copies(&hit.copies), PLAIN)?;
    }
    // Never broken into lines: they are there to be copied.
    let source = c.url.as_deref().unwrap_or(&c.source);
    lines(&joined([c.id.as_str(), source]), DIM)?;
    for part in &hit.explanation {
        lines(
            &format!("{:8.4}  {} in {}", part.score, part.term, part.field),
            DIM,
        )?;
    }
    Ok(())
}

/// The headline in bold, its matches underlined too. A clipping without one shows so.
fn headline(c: &Clipping, marks: &[(usize, usize)], indent: usize, style: Style) -> String {
    if c.headline.trim().is_empty() {
        return paragraph("(no headline)", indent, DIM, style);
    }
    let pieces = pieces(&c.headline, marks);
    wrapped(&pieces, indent, BOLD, MARK_IN_BOLD, style)
}

/// Outlet, reporters and time, as far as they are known.
fn byline(c: &Clipping) -> String {
    let reporters = c.reporters.join(", ");
    let published = c.published.map(when).unwrap_or_default();
    joined([
        c.outlet.as_deref().unwrap_or_default(),
        &reporters,
        &published,
    ])
}

/// The parts that are not empty, with a dot between them.
pub(super) fn joined<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let parts: Vec<&str> = parts.into_iter().filter(|p| !p.is_empty()).collect();
    parts.join(" · ")
}

/// `2024-02-22 10:31`, or only the day.
pub(super) fn when(published: Published) -> String {
    match published.time {
        Some(time) => format!("{} {:02}:{:02}", published.date, time.hour(), time.minute()),
        None => published.date.to_string(),
    }
}

/// `외 4건: 뉴시스, 연합뉴스, …`
fn copies(copies: &[Copy]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for copy in copies {
        let name = copy.outlet.as_deref().unwrap_or(&copy.id);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let more = if names.len() > MOST_COPIES {
        ", …"
    } else {
        ""
    };
    names.truncate(MOST_COPIES);
    format!("외 {}건: {}{more}", copies.len(), names.join(", "))
}

pub(super) fn styled(text: &str, look: Look, style: Style) -> String {
    if style.color {
        format!("{look}{text}{look:#}")
    } else {
        text.to_owned()
    }
}
