//! Lines of the content element → body, subheads, captions, bylines.
//!
//! The element that holds the article also holds captions, decks, promotion, copyright lines and
//! bylines on most sites. Each line is told by its element and by what it says; where the article
//! begins and ends is decided from all of them together.

use super::byline::{self, Byline};
use super::furniture::{self, Action};
use super::tidy::{self, skeleton};

/// A line with what its source knows of it. Plain text knows little; HTML fills more.
#[derive(Debug, Clone, Default)]
pub(super) struct Line {
    pub text: String,
    pub kind: Kind,
    /// Bold from end to end, or a heading.
    pub strong: bool,
    /// Share of the text in links.
    pub link_share: f32,
    /// Right behind a picture.
    pub after_image: bool,
    /// In a table's cell.
    pub cell: bool,
}

/// What the source of a line says that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Kind {
    /// Nothing is known.
    #[default]
    Text,
    Deck,
    Caption,
    /// In a figure: a caption, if it is short.
    Figure,
    Byline,
    Date,
    Furniture,
}

/// The parts of an article.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Parts {
    pub paragraphs: Vec<String>,
    pub subheads: Vec<String>,
    pub captions: Vec<String>,
    /// Names in bylines at the head or the end.
    pub names: Vec<String>,
    /// Bylines that stood among the lines, as they were written.
    pub bylines: Vec<String>,
    /// Datelines cut from paragraphs, as they were written.
    pub datelines: Vec<String>,
    /// Outlets named alone in the last lines: a wire credit.
    pub credit: Option<String>,
}

/// What is known beside the lines.
pub(super) struct Context<'a> {
    pub headline: &'a str,
    /// Decks told elsewhere, as skeletons.
    pub decks: &'a [String],
}

enum Verdict {
    Body(String),
    Subhead(String),
    Caption(String),
    Byline(Byline, String),
    Signature(String),
    Drop,
    Stop,
}

/// Sorts the lines of an article.
pub(super) fn parts(lines: &[Line], context: &Context<'_>) -> Parts {
    let headline = skeleton(context.headline);
    let total: usize = lines
        .iter()
        .filter(|l| is_prose(l))
        .map(|l| tidy::weight(&l.text))
        .sum();
    let mut out = Parts::default();
    let mut prose = 0;
    // Lines without a sentence at the end, which are kept only if prose follows.
    let mut pending: Vec<String> = Vec::new();
    let mut stopped_by_byline = false;
    for (n, line) in lines.iter().enumerate() {
        let begun = prose > 0;
        match judge(line, begun, &headline, context) {
            Verdict::Drop => {}
            Verdict::Stop => {
                // Behind it stands the site's matter, unless most of the prose is still to come.
                if begun && prose * 10 >= total * 6 {
                    // The byline may still stand below tags or a copyright line.
                    if out.names.is_empty() {
                        let below = lines
                            .iter()
                            .skip(n + 1)
                            .take(4)
                            .filter(|l| l.kind != Kind::Furniture);
                        out.names = below
                            .filter_map(|l| byline::line(&l.text))
                            .find(|b| b.certain && !b.names.is_empty())
                            .map(|b| b.names)
                            .unwrap_or_default();
                    }
                    break;
                }
            }
            Verdict::Caption(text) => {
                if !out.captions.contains(&text) {
                    out.captions.push(text);
                }
            }
            Verdict::Subhead(text) => {
                if begun {
                    pending.push(text.clone());
                }
                out.subheads.push(text);
            }
            Verdict::Byline(found, text) => {
                for name in found.names {
                    if !out.names.contains(&name) {
                        out.names.push(name);
                    }
                }
                out.bylines.push(text);
                if begun && prose * 10 >= total * 7 {
                    stopped_by_byline = true;
                }
            }
            Verdict::Signature(text) => {
                if begun
                    && super::outlet::is_name(text.trim_matches(|c: char| !c.is_alphanumeric()))
                {
                    out.credit = Some(text);
                }
            }
            Verdict::Body(text) => {
                let is_prose = is_prose(line);
                let weight = tidy::weight(&text);
                if !begun && !is_prose {
                    // Before the first sentence: a deck, or the tail of the page's head.
                    let deck =
                        weight >= 6 && (line.strong || starts_article(lines, n) && weight <= 70);
                    if deck && !out.subheads.contains(&text) {
                        out.subheads.push(text);
                    } else if starts_article(lines, n) && weight > 70 {
                        pending.push(text);
                    }
                    continue;
                }
                if stopped_by_byline && !is_prose {
                    continue;
                }
                let (text, found) =
                    strip_bylines(text, out.paragraphs.is_empty(), &mut out.datelines);
                for name in found.names {
                    if !out.names.contains(&name) {
                        out.names.push(name);
                    }
                }
                if text.is_empty() {
                    continue;
                }
                if is_prose {
                    out.paragraphs.append(&mut pending);
                    prose += weight;
                    out.paragraphs.push(text);
                } else {
                    pending.push(text);
                }
            }
        }
    }
    // A list or table may end an article; a few stray words do not.
    if pending.iter().any(|p| tidy::weight(p) > 24) && !stopped_by_byline {
        while pending.last().is_some_and(|p| tidy::weight(p) <= 24) {
            pending.pop();
        }
        out.paragraphs.append(&mut pending);
    }
    while out
        .paragraphs
        .last()
        .is_some_and(|p| out.subheads.contains(p))
    {
        out.paragraphs.pop();
    }
    out
}

/// True for a line of running text.
fn is_prose(line: &Line) -> bool {
    let weight = tidy::weight(&line.text);
    matches!(line.kind, Kind::Text)
        && weight >= 12
        && line.link_share < 0.6
        && (furniture::is_sentence(&line.text) || weight > 80)
        && furniture::action_of(&line.text).is_none()
}

/// True when running text follows within a few lines.
fn starts_article(lines: &[Line], at: usize) -> bool {
    lines.iter().skip(at + 1).take(8).any(is_prose)
}

fn judge(line: &Line, begun: bool, headline: &str, context: &Context<'_>) -> Verdict {
    let text = line.text.as_str();
    let weight = tidy::weight(text);
    match line.kind {
        Kind::Furniture | Kind::Date => return Verdict::Drop,
        Kind::Caption => return Verdict::Caption(text.to_owned()),
        Kind::Figure if weight <= 300 => return Verdict::Caption(text.to_owned()),
        Kind::Deck => return Verdict::Subhead(text.to_owned()),
        Kind::Byline => {
            let found = Byline {
                names: byline::reporters(text),
                certain: true,
                ..Byline::default()
            };
            return Verdict::Byline(found, text.to_owned());
        }
        _ => {}
    }
    if weight == 0 || !text.chars().any(char::is_alphanumeric) {
        return Verdict::Drop;
    }
    let bare = skeleton(text);
    if !begun && !bare.is_empty() && (bare == headline || context.decks.contains(&bare)) {
        return Verdict::Drop;
    }
    if let Some(found) = byline::line(text)
        && found.certain
    {
        return Verdict::Byline(found, text.to_owned());
    }
    if byline::is_signature(text) {
        return Verdict::Signature(text.to_owned());
    }
    match furniture::action_of(text) {
        Some(Action::Drop) => return Verdict::Drop,
        Some(Action::Stop) => return Verdict::Stop,
        Some(Action::Caption)
            if line.after_image
                || line.cell
                || line.kind == Kind::Figure
                || !furniture::is_sentence(text)
                || weight < 160 =>
        {
            return Verdict::Caption(text.to_owned());
        }
        _ => {}
    }
    if line.link_share > 0.8 && (weight < 60 || !furniture::is_sentence(text)) {
        return Verdict::Drop;
    }
    if is_subhead(text) || (line.strong && begun && weight <= 60 && !furniture::is_sentence(text)) {
        return Verdict::Subhead(text.to_owned());
    }
    if line.after_image && weight <= 120 && ends_with_credit(text) {
        return Verdict::Caption(text.to_owned());
    }
    Verdict::Body(text.to_owned())
}

/// True for a line that begins with a sign of subheads and is short.
pub(super) fn is_subhead(text: &str) -> bool {
    text.starts_with([
        '◇', '◆', '■', '□', '○', '●', '◎', '▣', '▶', '◈', '❚', '▌', '★', '☆', '△', '▷',
    ]) && tidy::weight(text) <= 80
        && !furniture::is_sentence(text)
}

/// True for a line that says by itself that it belongs to a picture.
pub(super) fn is_caption(text: &str) -> bool {
    furniture::action_of(text) == Some(Action::Caption)
}

/// `... 하고 있다. 연합뉴스`: a caption that ends with who made the picture.
fn ends_with_credit(text: &str) -> bool {
    let Some((before, last)) = text.rsplit_once(['.', '/', ' ']) else {
        return false;
    };
    let last = last.trim();
    let agency =
        super::outlet::is_name(last) || matches!(last, "제공" | "캡처" | "갈무리" | "기자");
    agency
        && before.chars().count() >= 4
        && (!furniture::is_sentence(text) || before.ends_with(['.', '다']))
}

/// Takes a dateline from the head and a byline from the tail of a paragraph.
fn strip_bylines(text: String, first: bool, datelines: &mut Vec<String>) -> (String, Byline) {
    let mut found = Byline::default();
    let mut text = text;
    if (first || text.starts_with(['(', '[', '【']))
        && let Some((head, at)) = byline::dateline(&text)
    {
        found.names.extend(head.names);
        datelines.push(text[..at].to_owned());
        text.drain(..at);
    }
    if let Some((tail, at)) = byline::tail(&text) {
        for name in tail.names {
            if !found.names.contains(&name) {
                found.names.push(name);
            }
        }
        text.truncate(at);
    }
    let trimmed = text.trim();
    if trimmed.len() != text.len() {
        text = trimmed.to_owned();
    }
    (text, found)
}
