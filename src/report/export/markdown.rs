//! Markdown (CommonMark 0.31): a heading per group and per clipping.

use std::io::{self, Write};

use super::{Export, ExportEntry, link, when};
use crate::app::Copy;
use crate::messages::msg;
use crate::report::sanitize;

/// Writes the document.
pub fn write(export: &Export, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "# {}\n", escape(&export.title))?;
    let lang = export.lang;
    let count = match export.distinct() {
        1 => msg!(lang, ko: "기사 1건", en: "1 clipping"),
        count => msg!(lang, ko: "기사 {count}건", en: "{count} clippings"),
    };
    match export.period() {
        Some((from, to)) => {
            let period = msg!(lang, ko: "{count}, {from} ~ {to}", en: "{count}, {from} to {to}");
            writeln!(out, "{period}\n")?;
        }
        None => writeln!(out, "{count}\n")?,
    }
    for (name, members) in export.groups() {
        let name = if name.is_empty() { "…" } else { &name };
        writeln!(out, "## {} ({})\n", escape(name), members.len())?;
        for entry in members.iter().filter_map(|&n| export.entries.get(n)) {
            self::entry(export, entry, out)?;
        }
    }
    Ok(())
}

fn entry(export: &Export, entry: &ExportEntry, out: &mut dyn Write) -> io::Result<()> {
    let c = &entry.clipping;
    let headline = escape(&c.headline);
    match link(c.url.as_deref()) {
        // Between `<` and `>`, a URL may contain anything except these and line breaks.
        Some(url) if !url.contains(['<', '>', '\\']) => {
            writeln!(out, "### [{headline}](<{}>)\n", sanitize::line(url))?;
        }
        _ => writeln!(out, "### {headline}\n")?,
    }
    let facts = [
        c.outlet.clone().unwrap_or_default(),
        c.reporters.join(", "),
        when(c),
    ];
    let facts: Vec<String> = facts
        .iter()
        .filter(|fact| !fact.is_empty())
        .map(|fact| escape(fact))
        .collect();
    if !facts.is_empty() {
        writeln!(out, "{}\n", facts.join(" · "))?;
    }
    if !entry.copies.is_empty() {
        let copies: Vec<String> = entry.copies.iter().map(copy).collect();
        let (n, copies) = (copies.len(), copies.join(", "));
        let line = match n {
            1 => msg!(export.lang, ko: "외 1건: {copies}", en: "1 copy: {copies}"),
            _ => msg!(export.lang, ko: "외 {n}건: {copies}", en: "{n} copies: {copies}"),
        };
        writeln!(out, "{line}\n")?;
    }
    if export.links_only {
        return Ok(());
    }
    if export.full_text {
        for paragraph in c.body.lines() {
            writeln!(out, "{}\n", escape(paragraph))?;
        }
        return Ok(());
    }
    for snippet in &entry.snippets {
        write!(out, "> ")?;
        for (text, is_marked) in super::clipbook::segments(&snippet.text, &snippet.highlights) {
            match is_marked {
                true => emphasized(&text, out)?,
                false => write!(out, "{}", escape(&text))?,
            }
        }
        writeln!(out, "\n")?;
    }
    Ok(())
}

/// The outlet of a near-duplicate, with a link to it.
fn copy(copy: &Copy) -> String {
    let name = escape(copy.outlet.as_deref().unwrap_or(&copy.headline));
    match link(copy.url.as_deref()).filter(|url| !url.contains(['<', '>', '\\'])) {
        Some(url) => format!("[{name}](<{}>)", sanitize::line(url)),
        None => name,
    }
}

/// Text in bold, without punctuation at its ends: between punctuation and a letter (`**3.1%**로`),
/// `**` does not close (CommonMark 0.31, 6.2).
fn emphasized(text: &str, out: &mut dyn Write) -> io::Result<()> {
    let core = text.trim_matches(|c: char| !c.is_alphanumeric());
    match text.split_once(core).filter(|_| !core.is_empty()) {
        Some((before, after)) => {
            let [before, core, after] = [before, core, after].map(escape);
            write!(out, "{before}**{core}**{after}")
        }
        None => write!(out, "{}", escape(text)),
    }
}

/// Escapes text as one line of Markdown.
fn escape(text: &str) -> String {
    let text = sanitize::line(text);
    let mut out = String::with_capacity(text.len() + 8);
    for (at, c) in text.char_indices() {
        let is_special = match c {
            // `&` begins a character reference.
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' | '&' => true,
            '#' | '+' | '-' => at == 0,
            '.' | ')' => {
                at > 0
                    && text
                        .get(..at)
                        .is_some_and(|b| b.bytes().all(|b| b.is_ascii_digit()))
            }
            _ => false,
        };
        if is_special {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bold_ends_where_a_reader_sees_the_end() {
        for (text, expected) in [
            ("금리", "**금리**"),
            ("3.1%", "**3\\.1**%"),
            ("C++", "**C**\\++"),
            (" ‘토스’ ", " ‘**토스**’ "),
            ("*", "\\*"),
        ] {
            let mut out = Vec::new();
            emphasized(text, &mut out).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }
}
