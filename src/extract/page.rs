//! Extracts a clipping from an HTML page by combining the results of all steps.

use super::blocks::{self, Block, Lines};
use super::byline;
use super::clean::{self, Context, Line, LineKind, Parts};
use super::content::{self, Content, Prose};
use super::date;
use super::evidence::{Sign, Weighing};
use super::furniture;
use super::headline;
use super::hints::Hint;
use super::html::{self, Document};
use super::hydration::{self, Hydrated};
use super::metadata::Metadata;
use super::outlet;
use super::provenance::{ExtractedField, Origin};
use super::rules;
use super::tidy::{self, skeleton};
use super::verdict::Facts;
use super::{Extracted, Options};
use crate::clipping::{Clipping, Warning};
use crate::source::SkipReason;

/// Maximum length read of a page: a hundred times the largest page of an article.
const MAX_PAGE: usize = 32 << 20;

/// The reason why a page is not an article, and the signs that decided.
pub(super) struct Refusal {
    pub reason: SkipReason,
    pub weighing: Weighing,
}

/// Reads a page of HTML.
pub(super) fn extract(
    text: &str,
    url: Option<&str>,
    options: Options,
) -> Result<Extracted, Refusal> {
    let text = &text[..text.floor_char_boundary(MAX_PAGE)];
    let document = html::parse(text);
    let metadata = Metadata::read(&document);
    let mut hints = blocks::hints(&document);
    let prose = Prose::measure(&document, &hints);
    prose.mark_summaries(&document, &mut hints);
    let lines = blocks::lines(&document, &hints, &|id| {
        prose.voids(&document, id, hints.get(id).copied().flatten())
    });
    let mut descriptions = metadata.description_skeletons();
    descriptions.extend(metadata.ld.body.as_deref().map(skeleton));
    let rule = match options.rules {
        true => rules::of(url.into_iter().chain(metadata.addresses())),
        false => None,
    };
    let content = rule
        .and_then(|r| r.body(&document))
        .and_then(|root| content::at(&document, &lines, root))
        .or_else(|| content::find(&document, &lines, &descriptions))
        .or_else(|| {
            metadata
                .is_of_article()
                .then(|| content::find_lines(&document, &lines))
                .flatten()
        });
    let ruled_headline = rule
        .and_then(|r| r.headline(&document))
        .map(|id| document.text(id))
        .filter(|t| (2..=300).contains(&t.chars().count()));
    let page = View {
        ruled_headline,
        document: &document,
        metadata: &metadata,
        lines: &lines,
        content,
        url,
        without: options.without,
    };
    page.record()
}

/// The first characters of a line, to tell it from others.
fn beginning(text: &str) -> String {
    text.chars().take(24).collect()
}

/// A description without bracketed promotion at its end: `... [다른 카드뉴스 보기]`.
fn without_brackets(text: &str) -> &str {
    let mut text = text.trim();
    while let Some(rest) = text.strip_suffix(']')
        && let Some(open) = rest.rfind('[')
        && open > 0
    {
        text = rest[..open].trim_end();
    }
    text
}

/// Everything known about a page before the clipping is made.
pub(super) struct View<'a> {
    pub document: &'a Document,
    pub metadata: &'a Metadata,
    pub lines: &'a Lines,
    pub content: Option<Content>,
    pub url: Option<&'a str>,
    /// The headline selected by an outlet's rule.
    ruled_headline: Option<String>,
    /// A sign that is not counted.
    pub without: Option<Sign>,
}

impl View<'_> {
    fn record(&self) -> Result<Extracted, Refusal> {
        let mut out = Extracted::default();
        let section = self.section();
        let names: Vec<String> = section
            .iter()
            .flat_map(|s| {
                s.split(['>', '/'])
                    .map(|p| p.trim().to_owned())
                    .chain([s.clone()])
            })
            .chain(self.publisher().named)
            .collect();
        let (headline, from) = match &self.ruled_headline {
            Some(ruled) => (ruled.clone(), Origin::OutletRule),
            None => match self.headline(&names) {
                Some(found) => found,
                None => (String::new(), Origin::Heading),
            },
        };
        if !headline.is_empty() {
            out.note(ExtractedField::Headline, from);
        }
        let mut parts = self.parts(&headline);
        let hidden = self.hidden_text(&headline, &mut parts, &mut out);
        self.description_as_text(&headline, &mut parts, &mut out);
        let publisher = self.publisher_with(&parts);
        if let Some(weighing) = &publisher.weighing {
            out.note(
                ExtractedField::Outlet,
                Origin::Signs(weighing.clone(), None),
            );
        }
        let mut reporters = self.reporters(&headline, &parts, &mut out);
        let mut published = self.published(&headline, &mut out);
        if let Some(hidden) = hidden {
            if reporters.is_empty() {
                reporters = hidden.reporters;
            }
            published =
                published.or_else(|| hidden.published.as_deref().and_then(date::parse_meta));
        }
        let facts = Facts {
            headline: &headline,
            parts: &parts,
            reporters: &reporters,
            is_known_outlet: publisher
                .name
                .as_deref()
                .is_some_and(|name| outlet::canonical(name).is_some()),
        };
        let weighing = self.weigh(&facts);
        if let Some(reason) = self.refusal(&facts, &weighing) {
            return Err(Refusal { reason, weighing });
        }
        out.note(ExtractedField::Article, Origin::Signs(weighing, None));
        let decks = self.weighed_decks(&headline, &parts);
        let signs_of = |line: &str, weighing: &Weighing| {
            Origin::Signs(weighing.clone(), Some(beginning(line)))
        };
        for (deck, weighing) in &decks {
            if let Some(weighing) = weighing {
                out.note(ExtractedField::Deck, signs_of(deck, weighing));
            }
        }
        for (caption, weighing) in &parts.evidence {
            out.note(ExtractedField::Caption, signs_of(caption, weighing));
        }
        let mut subheads: Vec<String> = decks.into_iter().map(|(text, _)| text).collect();
        for subhead in &parts.subheads {
            clean::push(&mut subheads, subhead.clone());
        }
        let body = parts.paragraphs.join("\n");
        let mut warnings = Vec::new();
        let mut warn = |warning: Warning, holds: bool| {
            if holds {
                warnings.push(warning);
            }
        };
        let scattered = self.content.as_ref().is_some_and(|c| c.share < 0.35);
        warn(Warning::NoHeadline, headline.is_empty());
        warn(Warning::NoBody, body.is_empty());
        warn(
            Warning::ShortBody,
            !body.is_empty() && tidy::weight(&body) < 60,
        );
        warn(Warning::LowBodyShare, scattered && !body.is_empty());
        warn(Warning::NoOutlet, publisher.name.is_none());
        warn(Warning::PageTruncated, self.document.truncated);
        out.clipping = Clipping {
            url: self.address().map(str::to_owned),
            headline,
            subheads,
            reporters,
            outlet: publisher.name,
            carrier: publisher.carrier,
            section,
            published,
            body,
            captions: parts.captions,
            keywords: self.keywords(),
            warnings,
            ..Clipping::default()
        };
        Ok(out)
    }

    fn headline(&self, names: &[String]) -> Option<(String, Origin)> {
        let start = self.start();
        let from = start.saturating_sub(120);
        let near = self
            .blocks()
            .get(from..(start + 4).min(self.blocks().len()))
            .unwrap_or_default();
        let lines: Vec<String> = near
            .iter()
            .filter(|b| (6..=240).contains(&b.chars) && b.link_share() < 0.5)
            .map(|b| skeleton(&b.text))
            .collect();
        headline::choose(
            self.metadata,
            &self.headings(),
            self.labelled_title().as_deref(),
            names,
            &lines,
        )
    }

    /// URL of the article: as given by the page, unless that is on another site. No page may replace an
    /// article of another site.
    pub(super) fn address(&self) -> Option<&str> {
        match (self.metadata.url(), self.url) {
            (Some(own), Some(from)) if !outlet::is_same_site(own, outlet::original(from)) => {
                Some(from)
            }
            (own, from) => own.or(from),
        }
    }

    /// All lines of the page.
    pub(super) fn blocks(&self) -> &[Block] {
        &self.lines.blocks
    }

    /// Where the content's lines begin, or the end of the page.
    pub(super) fn start(&self) -> usize {
        self.content
            .as_ref()
            .map_or(self.blocks().len(), |c| c.lines.start)
    }

    fn section(&self) -> Option<String> {
        let value = self
            .metadata
            .first(&["article:section"])
            .or(self.metadata.ld.section.as_deref())
            .or_else(|| {
                self.metadata
                    .first(&["section", "dable:section", "og:category"])
            })?;
        (!value.contains("://") && value.chars().count() <= 40).then(|| value.to_owned())
    }

    fn keywords(&self) -> Vec<String> {
        let tags = self.metadata.all("article:tag");
        let list = if tags.is_empty() {
            &self.metadata.ld.keywords[..]
        } else {
            tags
        };
        let mut out: Vec<String> = Vec::new();
        for keyword in list.iter().flat_map(|k| k.split(',')) {
            let keyword = tidy::line(keyword);
            if !keyword.is_empty() && !out.contains(&keyword) && out.len() < 50 {
                out.push(keyword);
            }
        }
        out
    }

    fn parts(&self, headline: &str) -> Parts {
        let Some(content) = &self.content else {
            return Parts::default();
        };
        let blocks = self.blocks().get(content.lines.clone()).unwrap_or_default();
        let lines: Vec<Line> = blocks.iter().flat_map(|b| self.line(b, content)).collect();
        let decks: Vec<String> = self
            .decks(headline, &Parts::default())
            .iter()
            .map(|d| skeleton(d))
            .collect();
        clean::parts(
            &lines,
            &Context {
                headline,
                decks: &decks,
                is_text: false,
                without: self.without,
            },
        )
    }

    /// If the page displays hardly any text: the article in structured data or in scripts.
    fn hidden_text(
        &self,
        headline: &str,
        parts: &mut Parts,
        out: &mut Extracted,
    ) -> Option<Hydrated> {
        let shown = parts.weight();
        if shown >= 150 {
            return None;
        }
        // Displayed text is cleaner, so hidden text is used only if there is clearly more of it.
        let enough = (shown * 3 / 2).max(24);
        let context = Context {
            headline,
            decks: &[],
            is_text: false,
            without: self.without,
        };
        if let Some(body) = &self.metadata.ld.body {
            let found = clean::parts(&hydration::lines(body), &context);
            if found.weight() > enough {
                *parts = found;
                out.note(ExtractedField::Body, Origin::Markup("JSON-LD articleBody"));
                return None;
            }
        }
        let descriptions = self.metadata.description_skeletons();
        let hydrated = hydration::read(self.document, &descriptions)?;
        let found = clean::parts(&hydrated.lines, &context);
        if found.weight() > enough {
            *parts = found;
            out.note(ExtractedField::Body, Origin::Scripts);
            return Some(hydrated);
        }
        None
    }

    /// If an article is a picture, its description without the headline.
    fn description_as_text(&self, headline: &str, parts: &mut Parts, out: &mut Extracted) {
        const SHORTEST: usize = 16;
        if parts.weight() > 0 || !self.metadata.is_of_article() {
            return;
        }
        let bare = skeleton(headline);
        let found = self
            .metadata
            .descriptions()
            .map(without_brackets)
            .find(|text| {
                let known = skeleton(text);
                tidy::weight(text) >= SHORTEST
                && !known.starts_with(&bare)
                && !bare.contains(&known)
                && furniture::action_of(text).is_none()
                // A slogan of the site.
                && !self.names_site(text)
            });
        if let Some(text) = found {
            parts.paragraphs.push(text.to_owned());
            out.note(ExtractedField::Body, Origin::Description);
        }
    }

    /// Whether a text names the site.
    fn names_site(&self, text: &str) -> bool {
        let text = skeleton(text);
        let names = self.publisher().named;
        let mut names = names.iter().map(|n| skeleton(n));
        names.any(|n| !n.is_empty() && text.contains(&n))
    }

    /// A block as a line, a bold deck glued to the text after it as a line of its own.
    fn line(&self, block: &Block, content: &Content) -> Vec<Line> {
        // Hints of elements around the content element do not apply to its lines.
        let hint = block.hint.filter(|_| block.hint_node > content.root);
        let kind = match hint {
            Some(Hint::Caption) => LineKind::Caption,
            Some(Hint::Deck) => LineKind::Deck,
            Some(Hint::Byline) if block.chars <= 120 => LineKind::Byline,
            Some(Hint::Date) if block.chars <= 80 => LineKind::Date,
            Some(hint) if hint.is_furniture() => LineKind::Furniture,
            _ if block.figure => LineKind::Figure,
            _ => LineKind::Text,
        };
        let line = Line {
            text: block.text.clone(),
            kind,
            strong: block.is_bold() || block.heading > 0,
            link_share: block.link_share(),
            after_image: block.after_image,
            cell: block.cell,
            container: block.container,
            repeats_alt: block.repeats_alt,
            sees_pictures: true,
        };
        let (head, tail) = block
            .text
            .split_at_checked(block.bold_prefix)
            .unwrap_or((&block.text, ""));
        let glued = kind == LineKind::Text
            && !tail.trim().is_empty()
            && tidy::weight(head) >= 8
            && (block.bold_continued || byline::dateline(tail.trim_start()).is_some());
        if !glued {
            return vec![line];
        }
        let deck = Line {
            text: head.trim().to_owned(),
            strong: true,
            ..line.clone()
        };
        let rest = Line {
            text: tail.trim().to_owned(),
            strong: false,
            after_image: false,
            repeats_alt: false,
            ..line
        };
        vec![deck, rest]
    }

    fn reporters(&self, headline: &str, parts: &Parts, out: &mut Extracted) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        let mut add = |found: Vec<String>, from: Origin| {
            let mut new = false;
            for name in found {
                if !names.contains(&name) {
                    names.push(name);
                    new = true;
                }
            }
            if new {
                out.note(ExtractedField::Reporters, from);
            }
        };
        for author in &self.metadata.ld.authors {
            add(byline::reporters(author), Origin::Markup("JSON-LD author"));
        }
        for key in [
            "dable:author",
            "article:author",
            "author",
            "og:article:author",
            "byl",
            "byline",
            "reporter",
            "article:reporter",
        ] {
            for value in self.metadata.all(key) {
                add(byline::reporters(value), Origin::Markup(key));
            }
        }
        add(parts.names.clone(), Origin::BylineInText);
        if let Some(author) = self
            .labelled(&["작성자", "글쓴이", "등록자", "기자", "기자명"])
            .filter(|b| b.chars <= 20)
        {
            add(byline::reporters(&author.text), Origin::LabelledField);
        }
        for block in self.around(headline) {
            if block.chars <= 120
                && let Some(name) = byline::labelled(&block.text)
            {
                add(vec![name], Origin::LabelledField);
            }
            if block.hint == Some(Hint::Byline) {
                add(byline::reporters(&block.text), Origin::BylineElement);
            } else if !block
                .hint
                .is_some_and(|h| h.is_furniture() || h == Hint::Caption)
                && let Some(found) = byline::line(&block.text)
                && found.certain
                && !found.is_weak
            {
                add(found.names, Origin::BylineBesideText);
            }
        }
        if names.is_empty() && !parts.weak_names.is_empty() {
            names.clone_from(&parts.weak_names);
            out.note(ExtractedField::Reporters, Origin::NameInLastLine);
        }
        names
    }

    /// Lines near the content: from the headline to a few after the content; without content, the
    /// lines around the headline.
    fn around(&self, headline: &str) -> impl Iterator<Item = &Block> {
        const ABOVE: usize = 40;
        const BELOW: usize = 12;
        let blocks = self.blocks();
        let (start, end) = match &self.content {
            Some(content) => (content.lines.start, content.lines.end),
            None => {
                let at = self.headline_at(headline).unwrap_or(0);
                (at, at + 1)
            }
        };
        let before = blocks
            .get(start.saturating_sub(ABOVE)..start)
            .unwrap_or_default();
        let after = blocks
            .get(end..(end + BELOW).min(blocks.len()))
            .unwrap_or_default();
        // Comments and other articles have other writers.
        let is_other = |b: &Block| {
            b.chars >= 14 && b.link_share() > 0.8 && byline::line(&b.text).is_none()
                || b.chars <= 20 && ["댓글", "100자평"].iter().any(|w| b.text.contains(w))
        };
        before
            .iter()
            .chain(after.iter().take_while(move |b| !is_other(b)))
    }

    /// The last line before the content that reads as the headline, or begins with it.
    pub(super) fn headline_at(&self, headline: &str) -> Option<usize> {
        let bare = skeleton(headline);
        if bare.is_empty() {
            return None;
        }
        let before = self.blocks().get(..self.start())?;
        let find = |whole: bool| {
            before.iter().rposition(|b| {
                b.chars >= 4
                    && b.chars <= 400
                    && b.hint.is_none_or(|h| !h.is_furniture())
                    && match whole {
                        true => skeleton(&b.text) == bare,
                        false => skeleton(&b.text).starts_with(&bare),
                    }
            })
        };
        find(true).or_else(|| find(false))
    }
}
