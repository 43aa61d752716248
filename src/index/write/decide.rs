//! Decides how an incoming clipping changes the index, given the stored version. Pure: touches no
//! index.
//!
//! | stored version | action |
//! |---|---|
//! | none | add |
//! | same content | add the source |
//! | complete, and the new one is an excerpt of it | add the source |
//! | other content | replace by both merged field by field; only add the source if nothing changes |
//!
//! The fields of the *better* version take precedence, and the other version fills missing ones. A
//! new version of the same file is better, since it is an update; otherwise a page is better than a
//! print or a record made from it, and of equals the newer is better. A record of corrections is
//! never better: it changes the fields that it lists, which then stay until a newer correction, and
//! its source is not added.

use jiff::civil::Time;

use crate::clipping::{Clipping, Published};
use crate::index::write::identity::content_hash;
use crate::source::file_of;

/// The stored version of a clipping.
#[derive(Debug, Clone)]
pub(in crate::index) struct KnownDoc {
    pub clipping: Clipping,
    /// See [`content_hash`].
    pub content: u64,
    pub has_page: bool,
}

/// What to do with an incoming clipping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::index) enum Action {
    Add,
    NoteSource,
    /// Replaces the stored version. Has the sources of both; boxed because of its size.
    Replace(Box<Clipping>),
}

/// `content` is the [`content_hash`] of `new`. Without `may_replace`, the stored version is not
/// changed: a fetched page may only replace clippings of its own site.
pub(in crate::index) fn decide(
    new: &Clipping,
    content: u64,
    has_page: bool,
    may_replace: bool,
    known: Option<&KnownDoc>,
) -> Action {
    let Some(known) = known else {
        return Action::Add;
    };
    let gains_page = has_page && !known.has_page;
    let is_same = content == known.content;
    let is_correction = !new.corrected.is_empty();
    if !is_same && new.excerpt && !known.clipping.excerpt && !is_correction {
        return Action::NoteSource;
    }
    if !may_replace || (is_same && !gains_page) {
        return Action::NoteSource;
    }
    let merged = merge(new, &known.clipping);
    if content_hash(&merged) == known.content && !gains_page {
        return Action::NoteSource;
    }
    Action::Replace(Box::new(merged))
}

/// Kinds of sources, least complete first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum SourceKind {
    /// Derived from an article: an export, a PDF, plain text.
    Derived,
    /// A page as published.
    Page,
}

/// File extensions of derived sources.
const DERIVED: [&str; 11] = [
    ".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".tab", ".xlsx", ".xls", ".pdf", ".txt", ".md",
];

impl SourceKind {
    fn of(source: &str) -> SourceKind {
        let file = file_of(source).to_ascii_lowercase();
        let file = file.strip_suffix(".gz").unwrap_or(&file);
        match DERIVED.iter().any(|ending| file.ends_with(ending)) {
            true => SourceKind::Derived,
            false => SourceKind::Page,
        }
    }
}

/// Merges both versions, with the id of the stored one.
fn merge(new: &Clipping, known: &Clipping) -> Clipping {
    let is_update = same_file(&new.source, &known.source);
    let gains_rest = known.excerpt && !new.excerpt;
    let is_correction = !new.corrected.is_empty();
    let says_more = SourceKind::of(&new.source) >= SourceKind::of(&known.source);
    let is_new_better = is_update || !is_correction && (gains_rest || says_more);
    let (better, other) = match is_new_better {
        true => (new, known),
        false => (known, new),
    };
    let mut merged = better.clone();
    fill(&mut merged, other, is_update);
    merged.corrected.clear();
    merged.apply_corrections(known);
    merged.apply_corrections(new);
    merged.id.clone_from(&known.id);
    let found = (!is_correction).then_some(new);
    let sources = std::iter::once(&known.source)
        .chain(found.map(|new| &new.source))
        .chain(&known.other_sources)
        .chain(found.into_iter().flat_map(|new| &new.other_sources));
    merged.other_sources.clear();
    for source in sources {
        if !same_file(source, &merged.source) && !merged.other_sources.contains(source) {
            merged.other_sources.push(source.clone());
        }
    }
    merged
}

/// Fills missing fields of `merged` from `other`.
fn fill(merged: &mut Clipping, other: &Clipping, is_update: bool) {
    // Destructured, so that a new field cannot be forgotten here.
    let Clipping {
        id: _,
        source: _,
        other_sources: _,
        url,
        headline,
        subheads,
        reporters,
        outlet,
        carrier,
        section,
        published,
        body,
        captions,
        keywords,
        bigkinds,
        excerpt,
        warnings: _,
        corrected: _,
    } = other;
    for (own, others) in [
        (&mut merged.url, url),
        (&mut merged.outlet, outlet),
        (&mut merged.carrier, carrier),
        (&mut merged.section, section),
    ] {
        if own.is_none() {
            own.clone_from(others);
        }
    }
    for (own, others) in [
        (&mut merged.subheads, subheads),
        (&mut merged.reporters, reporters),
        (&mut merged.captions, captions),
        (&mut merged.keywords, keywords),
    ] {
        if own.is_empty() {
            own.clone_from(others);
        }
    }
    if merged.bigkinds.is_none() {
        merged.bigkinds.clone_from(bigkinds);
    }
    if merged.headline.is_empty() {
        merged.headline.clone_from(headline);
    }
    if is_finer(*published, merged.published) {
        merged.published = *published;
    }
    // An update may have removed the end; another source of the same text may lack it.
    let is_beginning =
        !is_update && body.starts_with(merged.body.trim_end_matches(['.', '…', ' ']));
    if merged.body.is_empty() || (is_beginning && body.len() > merged.body.len()) {
        merged.body.clone_from(body);
        merged.excerpt = *excerpt;
    }
}

/// Whether `other` is the same time as `own` with more precision, or `own` is missing.
fn is_finer(other: Option<Published>, own: Option<Published>) -> bool {
    let (Some(other), Some(own)) = (other, own) else {
        return own.is_none();
    };
    let minute = |time: Time| (time.hour(), time.minute());
    other.date == own.date
        && match (other.time, own.time) {
            (Some(_), None) => true,
            (Some(a), Some(b)) => minute(a) == minute(b) && b.second() == 0 && a.second() != 0,
            (None, _) => false,
        }
}

/// Whether two sources are in the same file. The item number `#n` is ignored, because it changes
/// when the file grows.
pub(in crate::index) fn same_file(a: &str, b: &str) -> bool {
    file_of(a) == file_of(b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clipping::Field;

    /// A complete clipping of a page.
    fn page() -> Clipping {
        Clipping {
            id: "p".to_owned(),
            source: "a.html".to_owned(),
            url: Some("https://news.example/1".to_owned()),
            headline: "반도체 수출 늘어".to_owned(),
            subheads: vec!["석 달째".to_owned()],
            reporters: vec!["김하나".to_owned()],
            outlet: Some("한빛신문".to_owned()),
            published: "2024-02-22T10:31:27+09:00".parse().ok(),
            body: "지난달 반도체 수출이 늘었다.\n이달도 는다.".to_owned(),
            captions: vec!["부두 /한빛신문".to_owned()],
            ..Clipping::default()
        }
    }

    fn from(source: &str, change: impl FnOnce(&mut Clipping)) -> Clipping {
        let mut clipping = page();
        clipping.source = source.to_owned();
        change(&mut clipping);
        clipping
    }

    fn decided(new: &Clipping, known: &Clipping) -> Action {
        let known = KnownDoc {
            clipping: known.clone(),
            content: content_hash(known),
            has_page: false,
        };
        decide(new, content_hash(new), false, true, Some(&known))
    }

    /// The stored version after `new`, without its sources.
    fn after(new: &Clipping, known: &Clipping) -> Clipping {
        match decided(new, known) {
            Action::Replace(merged) => Clipping {
                source: String::new(),
                other_sources: Vec::new(),
                ..*merged
            },
            Action::NoteSource => from("", |c| {
                c.clone_from(known);
                c.source.clear();
            }),
            Action::Add => panic!("it is known"),
        }
    }

    #[test]
    fn pairs_give_the_expected_action() {
        let nothing = |_: &mut Clipping| {};
        let without_details = |c: &mut Clipping| {
            c.subheads.clear();
            c.captions.clear();
            c.published = "2024-02-22T10:31:00+09:00".parse().ok();
        };
        let undated = |c: &mut Clipping| c.published = None;
        let cut = |c: &mut Clipping| c.body = "지난달 반도체 수출이 늘었다...".to_owned();
        let other = |c: &mut Clipping| c.body = "지난달 수출이 줄었다.".to_owned();
        let excerpt = |c: &mut Clipping| {
            cut(c);
            c.excerpt = true;
        };
        let corrected = |c: &mut Clipping| {
            c.headline = "반도체 수출 석 달째 늘어".to_owned();
            c.reporters.clear();
            c.corrected = vec![Field::Headline, Field::Reporters];
        };
        let corrected_twice = |c: &mut Clipping| {
            c.headline = "반도체 수출 또 늘어".to_owned();
            c.reporters.clear();
            c.corrected = vec![Field::Headline, Field::Reporters];
        };
        let corrected_once = |c: &mut Clipping| {
            c.headline = "반도체 수출 또 늘어".to_owned();
            c.corrected = vec![Field::Headline];
        };
        let other_corrected = |c: &mut Clipping| {
            corrected(c);
            other(c);
        };
        let corrected_excerpt = |c: &mut Clipping| {
            corrected(c);
            excerpt(c);
        };
        type Change<'c> = &'c dyn Fn(&mut Clipping);
        // New and stored version with their changes, and the expected result.
        let rows: [(&str, &str, Change<'_>, &str, Change<'_>, Change<'_>); 18] = [
            ("the same", "b.html", &nothing, "a.html", &nothing, &nothing),
            (
                "a print without a date",
                "a.pdf",
                &undated,
                "a.html",
                &nothing,
                &nothing,
            ),
            (
                "a page after its print",
                "a.html",
                &nothing,
                "a.pdf",
                &undated,
                &nothing,
            ),
            (
                "an export",
                "out.csv#3",
                &without_details,
                "a.html",
                &nothing,
                &nothing,
            ),
            (
                "a page after its export",
                "a.html",
                &nothing,
                "out.csv#3",
                &without_details,
                &nothing,
            ),
            (
                "a cut export",
                "out.csv#3",
                &cut,
                "a.html",
                &nothing,
                &nothing,
            ),
            (
                "another text in an export",
                "out.jsonl",
                &other,
                "a.html",
                &nothing,
                &nothing,
            ),
            ("another page", "b.html", &other, "a.html", &nothing, &other),
            ("an update", "a.html", &other, "a.html", &nothing, &other),
            (
                "an update that takes back its end",
                "a.html",
                &cut,
                "a.html",
                &nothing,
                &cut,
            ),
            (
                "an update of a row",
                "x.jsonl#4",
                &other,
                "x.jsonl#3",
                &nothing,
                &other,
            ),
            (
                "an update without a date",
                "a.html",
                &undated,
                "a.html",
                &nothing,
                &nothing,
            ),
            (
                "an excerpt",
                "b.html",
                &excerpt,
                "a.html",
                &nothing,
                &nothing,
            ),
            (
                "the whole after an excerpt",
                "x.jsonl",
                &nothing,
                "a.html",
                &excerpt,
                &nothing,
            ),
            (
                "a correction",
                "web",
                &corrected_excerpt,
                "a.html",
                &nothing,
                &corrected,
            ),
            (
                "an update of a corrected page",
                "a.html",
                &other,
                "a.html",
                &corrected,
                &other_corrected,
            ),
            (
                "a page after its corrected export",
                "a.html",
                &nothing,
                "out.jsonl#3",
                &corrected,
                &corrected,
            ),
            (
                "a second correction of one field",
                "out.jsonl#3",
                &corrected_once,
                "a.html",
                &corrected,
                &corrected_twice,
            ),
        ];
        for (name, new, change_new, known, change_known, expected) in rows {
            let (new, known) = (from(new, change_new), from(known, change_known));
            assert_eq!(after(&new, &known), from("", expected), "{name}");
            // Adding it again changes nothing.
            if let Action::Replace(merged) = decided(&new, &known) {
                assert_eq!(decided(&new, &merged), Action::NoteSource, "{name} again");
            }
        }
    }

    #[test]
    fn an_unknown_clipping_is_added_and_a_page_is_gained() {
        let new = page();
        let content = content_hash(&new);
        assert_eq!(decide(&new, content, false, true, None), Action::Add);
        let known = KnownDoc {
            clipping: page(),
            content,
            has_page: false,
        };
        let Action::Replace(merged) = decide(&new, content, true, true, Some(&known)) else {
            panic!("it gains a page");
        };
        assert_eq!(*merged, new);
        assert_eq!(
            decide(&new, content, true, false, Some(&known)),
            Action::NoteSource
        );
    }

    #[test]
    fn sources_are_listed_once() {
        let known = from("a.pdf", |c| {
            c.published = None;
            c.other_sources = vec!["copy/a.pdf".to_owned(), "a.html".to_owned()];
        });
        let Action::Replace(merged) = decided(&page(), &known) else {
            panic!("the page says more");
        };
        assert_eq!(merged.source, "a.html");
        assert_eq!(merged.other_sources, ["a.pdf", "copy/a.pdf"]);
    }
}
