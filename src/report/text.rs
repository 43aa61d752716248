//! Results as text.
//!
//! ```text
//! note: how the query was read
//!
//!  1. 헤드라인
//!     언론사 · 기자 · 2024-02-22 10:31
//!     …the passage, what matched in bold…
//!     4 copies: 뉴시스, 연합뉴스, …
//!     id · source
//!
//! 1–10 of 123 clippings
//! ```

use std::io::{self, Write};

use anstyle::Style as Look;

use super::wrap::{paragraph, pieces, wrapped};
use super::{ResultPage, Style, link, sanitize, texts};
use crate::app::search::{Count, Facets};
use crate::app::{Copy, Hit};
use crate::clipping::{Clipping, Published};
use crate::messages::search::scored_field;
use crate::messages::{Label, Lang, Localize, msg, number};

pub(super) const PLAIN: Look = Look::new();
pub(super) const BOLD: Look = Look::new().bold();
pub(super) const DIM: Look = Look::new().dimmed();
pub(super) const MARK_IN_BOLD: Look = Look::new().bold().underline();

/// Maximum number of outlets listed for copies.
const MAX_COPIES: usize = 5;

/// Maximum number of lines per facet.
const MAX_FACETS: usize = 20;

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
    for note in texts(page.notes, style.lang) {
        let label = Label::Note.text(style.lang);
        writeln!(out, "{label}: {}", sanitize::line(&note))?;
    }
    if !page.notes.is_empty() {
        writeln!(out)?;
    }
    hits(page.hits, style, out)?;
    writeln!(out, "{}", styled(&summary(page, style.lang), DIM, style))?;
    match page.facets {
        Some(facets) => self::facets(facets, style.lang, out),
        None => Ok(()),
    }
}

/// Hits; those that report the same event are listed below the first of them.
pub(super) fn hits(hits: &[Hit], style: Style, out: &mut dyn Write) -> io::Result<()> {
    // Ranks on a page are padded to the same width.
    let digits = hits.last().map_or(1, |h| h.rank.to_string().len());
    let mut is_full = true;
    for h in hits.iter().filter(|h| h.same_event.is_none()) {
        if h.partial && std::mem::replace(&mut is_full, false) {
            let line = msg!(style.lang, ko: "── 일부 단어만 있는 기사 ──", en: "── some of the words only ──");
            writeln!(out, "{}\n", styled(&line, DIM, style))?;
        }
        hit(h, digits.max(2), style, out)?;
        same_event(h.rank, hits, digits.max(2), style, out)?;
        writeln!(out)?;
    }
    Ok(())
}

/// The hits that report the same event as the one with rank `first`, one per line.
fn same_event(
    first: u64,
    hits: &[Hit],
    digits: usize,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let others: Vec<&Hit> = hits
        .iter()
        .filter(|h| h.same_event == Some(first))
        .collect();
    let indent = digits + 2;
    let count = others.len();
    let line = match count {
        0 => return Ok(()),
        1 => msg!(style.lang, ko: "같은 사건 1건", en: "1 more report of the same event"),
        _ => {
            msg!(style.lang, ko: "같은 사건 {count}건", en: "{count} more reports of the same event")
        }
    };
    writeln!(out, "{:indent$}{line}", "")?;
    for other in others {
        let c = &other.clipping;
        let outlet = c.outlet.as_deref().unwrap_or_default();
        let text = joined([c.headline.trim(), outlet, c.id.as_str()]);
        let line = format!("{:>digits$}. {}", other.rank, sanitize::line(&text));
        out.write_all(paragraph(&line, indent, DIM, style).as_bytes())?;
    }
    Ok(())
}

fn facets(facets: &Facets, lang: Lang, out: &mut dyn Write) -> io::Result<()> {
    let lists = [
        (msg!(lang, ko: "매체별", en: "by outlet"), &facets.outlets),
        (
            msg!(lang, ko: "기자별", en: "by reporter"),
            &facets.reporters,
        ),
        (msg!(lang, ko: "월별", en: "by month"), &facets.months),
    ];
    for (name, list) in lists {
        counts(&name, list, MAX_FACETS, lang, out)?;
    }
    Ok(())
}

/// A titled list of at most `most` counts.
pub(super) fn counts(
    name: &str,
    list: &[Count],
    most: usize,
    lang: Lang,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out, "\n{name}")?;
    for count in list.iter().take(most) {
        let name = sanitize::line(&count.name);
        writeln!(out, "{:>9}  {name}", number(count.count))?;
    }
    match list.len().saturating_sub(most) {
        0 => Ok(()),
        rest => {
            let rest = msg!(lang, ko: "외 {rest}개", en: "and {rest} more");
            writeln!(out, "{:>9}  {rest}", "")
        }
    }
}

fn summary(page: &ResultPage<'_>, lang: Lang) -> String {
    if page.partial > 0 {
        let (total, some) = (number(page.total), number(page.partial));
        return msg!(
            lang,
            ko: "모든 단어가 있는 기사 {total}건, 일부만 있는 기사 {some}건",
            en: "{total} with all of the words; {some} with some"
        );
    }
    let total = number(page.total);
    let all = match page.total {
        0 => return msg!(lang, ko: "찾은 기사가 없습니다", en: "nothing found"),
        _ if page.clippings > page.total => {
            let all = number(page.clippings);
            match page.total {
                1 => msg!(lang,
                    ko: "1건(비슷한 기사까지 {all}건)",
                    en: "1 story, {all} clippings",
                ),
                _ => msg!(lang,
                    ko: "{total}건(비슷한 기사까지 {all}건)",
                    en: "{total} stories, {all} clippings",
                ),
            }
        }
        1 => msg!(lang, ko: "1건", en: "1 clipping"),
        _ => msg!(lang, ko: "{total}건", en: "{total} clippings"),
    };
    match (page.hits.first(), page.hits.last()) {
        (Some(a), Some(b)) if b.rank - a.rank + 1 != page.total => {
            let (a, b) = (a.rank, b.rank);
            msg!(lang, ko: "{all} 중 {a}–{b}", en: "{a}–{b} of {all}")
        }
        _ => all,
    }
}

fn hit(hit: &Hit, digits: usize, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let indent = digits + 2;
    let c = &hit.clipping;
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
    if !hit.missing.is_empty() {
        let missing = hit.missing.join(", ");
        let line = msg!(style.lang, ko: "없는 단어: {missing}", en: "without: {missing}");
        lines(&line, DIM)?;
    }
    if !hit.copies.is_empty() {
        lines(&copies(&hit.copies, style.lang), PLAIN)?;
    }
    let source = link::lines(&c.id, c, indent, " · ", DIM, style);
    out.write_all(source.as_bytes())?;
    for part in &hit.explanation {
        let (score, cause) = (part.score, part.cause.text(style.lang));
        let line = match &part.field {
            None => format!("{score:8.4}  {cause}"),
            Some(field) => {
                let field = scored_field(field, style.lang);
                format!("{score:8.4}  {cause} ({field})")
            }
        };
        let line = sanitize::line(&line);
        writeln!(out, "{:indent$}{}", "", styled(&line, DIM, style))?;
    }
    Ok(())
}

/// The headline in bold, with matches underlined. A missing headline is indicated.
fn headline(c: &Clipping, marks: &[(usize, usize)], indent: usize, style: Style) -> String {
    if c.headline.trim().is_empty() {
        let none = msg!(style.lang, ko: "(제목 없음)", en: "(no headline)");
        return paragraph(&none, indent, DIM, style);
    }
    let pieces = pieces(&c.headline, marks);
    wrapped(&pieces, indent, BOLD, MARK_IN_BOLD, style)
}

/// Outlet, reporters and time, where known.
fn byline(c: &Clipping) -> String {
    let reporters = c.reporters.join(", ");
    let published = c.published.map(when).unwrap_or_default();
    joined([
        c.outlet.as_deref().unwrap_or_default(),
        &reporters,
        &published,
    ])
}

/// Joins non-empty parts with a middle dot.
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

/// `4 copies: 뉴시스, 연합뉴스, …`
fn copies(copies: &[Copy], lang: Lang) -> String {
    let mut names: Vec<&str> = Vec::new();
    for copy in copies {
        let name = copy.outlet.as_deref().unwrap_or(&copy.id);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let more = if names.len() > MAX_COPIES {
        ", …"
    } else {
        ""
    };
    names.truncate(MAX_COPIES);
    let names = names.join(", ");
    match copies.len() {
        1 => msg!(lang, ko: "외 1건: {names}{more}", en: "1 copy: {names}{more}"),
        n => msg!(lang, ko: "외 {n}건: {names}{more}", en: "{n} copies: {names}{more}"),
    }
}

pub(super) fn styled(text: &str, look: Look, style: Style) -> String {
    if style.color {
        format!("{look}{text}{look:#}")
    } else {
        text.to_owned()
    }
}
