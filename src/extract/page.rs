//! An HTML page → record: puts together what the steps find.

use super::blocks::{self, Block, Lines};
use super::byline;
use super::clean::{self, Context, Kind, Line, Parts};
use super::content::{self, Content, Prose};
use super::date;
use super::furniture;
use super::headline;
use super::hints::Hint;
use super::html::{self, Document};
use super::metadata::Metadata;
use super::outlet::{self, Outlet};
use super::tidy::{self, skeleton};
use super::{Extracted, NotAClipping, Options};
use crate::clipping::{Clipping, Published};

/// Pages longer than this are read up to here: a hundred times the largest article page.
const MAX_PAGE: usize = 32 << 20;

/// Reads a page of HTML.
pub(super) fn extract(
    text: &str,
    url: Option<&str>,
    _options: Options,
) -> Result<Extracted, NotAClipping> {
    let cut = text.char_indices().map(|(i, _)| i).take_while(|&i| i <= MAX_PAGE).last();
    let text = if text.len() > MAX_PAGE { &text[..cut.unwrap_or(0)] } else { text };
    let document = html::parse(text);
    let metadata = Metadata::read(&document);
    let hints = blocks::hints(&document);
    let prose = Prose::measure(&document, &hints);
    let lines = blocks::lines(&document, &hints, &|id| prose.voids(&document, id));
    let descriptions: Vec<String> = metadata.descriptions().map(skeleton).collect();
    let content = content::find(&document, &lines, &descriptions);
    let page = View {
        document: &document,
        metadata: &metadata,
        lines: &lines,
        content,
        url,
    };
    page.record()
}

/// Everything known of a page before the record is put together.
struct View<'a> {
    document: &'a Document<'a>,
    metadata: &'a Metadata,
    lines: &'a Lines,
    content: Option<Content>,
    url: Option<&'a str>,
}

impl View<'_> {
    fn record(&self) -> Result<Extracted, NotAClipping> {
        let mut out = Extracted::default();
        let (publisher, carrier) = self.outlet(&mut out);
        let section = self.section();
        let names: Vec<String> = section
            .iter()
            .flat_map(|s| s.split(['>', '/']).map(|p| p.trim().to_owned()).chain([s.clone()]))
            .chain(publisher.clone())
            .collect();
        let headings = self.headings();
        let headline = headline::choose(self.metadata, &headings, &names);
        let (headline, from) = headline.unwrap_or_default();
        if !headline.is_empty() {
            out.provenance.push(("headline", from.to_owned()));
        }
        let parts = self.parts(&headline);
        self.check(&headline, &parts)?;
        let reporters = self.reporters(&parts, &mut out);
        let published = self.published(&headline, &mut out);
        let mut subheads = self.decks(&headline);
        for subhead in &parts.subheads {
            if !subheads.contains(subhead) {
                subheads.push(subhead.clone());
            }
        }
        let mut warnings = Vec::new();
        if headline.is_empty() {
            warnings.push("no headline was found".to_owned());
        }
        let body = parts.paragraphs.join("\n");
        if body.is_empty() {
            warnings.push("no body text was found: the page may be pictures only".to_owned());
        } else if tidy::weight(&body) < 60 {
            warnings.push("the body is very short".to_owned());
        }
        if let Some(content) = &self.content
            && content.share < 0.35
            && !body.is_empty()
        {
            warnings.push("most of the page's text is not in what was taken as the body".to_owned());
        }
        if publisher.is_none() {
            warnings.push("no outlet was found".to_owned());
        }
        if self.document.truncated {
            warnings.push("the page is larger than is read".to_owned());
        }
        out.clipping = Clipping {
            url: self.metadata.url().or(self.url).map(str::to_owned),
            headline,
            subheads,
            reporters,
            outlet: publisher,
            carrier,
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

    fn blocks(&self) -> &[Block] {
        &self.lines.blocks
    }

    /// Where the content's lines begin, or the end of the page.
    fn start(&self) -> usize {
        self.content.as_ref().map_or(self.blocks().len(), |c| c.lines.start)
    }

    /// Headings before the text and at its beginning, those nearest to it first.
    fn headings(&self) -> Vec<String> {
        let start = self.start();
        let inside = self
            .content
            .as_ref()
            .map_or(0..0, |c| c.lines.start..c.lines.end.min(c.lines.start + 12));
        let eligible = |b: &&Block| {
            (b.heading > 0 || b.hint == Some(Hint::Headline))
                && b.link_share() < 0.5
                && (4..=200).contains(&b.chars)
        };
        let blocks = self.blocks();
        let before = blocks.get(..start).unwrap_or_default();
        let mut out: Vec<String> = before.iter().rev().filter(eligible).take(30).map(|b| b.text.clone()).collect();
        out.extend(blocks.get(inside).unwrap_or_default().iter().filter(eligible).map(|b| b.text.clone()));
        out
    }

    fn section(&self) -> Option<String> {
        let value = self
            .metadata
            .first(&["article:section"])
            .or(self.metadata.ld.section.as_deref())
            .or_else(|| self.metadata.first(&["section", "dable:section", "og:category"]))?;
        (!value.contains("://") && value.chars().count() <= 40).then(|| value.to_owned())
    }

    fn keywords(&self) -> Vec<String> {
        let tags = self.metadata.all("article:tag");
        let list = if tags.is_empty() { &self.metadata.ld.keywords[..] } else { tags };
        let mut out: Vec<String> = Vec::new();
        for keyword in list.iter().flat_map(|k| k.split(',')) {
            let keyword = tidy::line(keyword);
            if !keyword.is_empty() && !out.contains(&keyword) && out.len() < 50 {
                out.push(keyword);
            }
        }
        out
    }

    /// The publisher's canonical name and the portal that carries the page.
    fn outlet(&self, out: &mut Extracted) -> (Option<String>, Option<String>) {
        let hosts: Vec<&'static Outlet> = self
            .url
            .into_iter()
            .chain(self.metadata.addresses())
            .filter_map(outlet::by_url)
            .collect();
        let carrier = hosts.first().filter(|o| o.is_portal()).map(|o| o.name.to_owned());
        let mut named: Vec<(String, &'static str)> = Vec::new();
        for (key, from) in [
            ("og:article:author", "og:article:author"),
            ("og:site_name", "og:site_name"),
            ("dable:publisher", "dable:publisher"),
            ("publisher", "meta publisher"),
            ("article:publisher", "article:publisher"),
            ("article:media_name", "article:media_name"),
            ("twitter:creator", "twitter:creator"),
            ("author", "meta author"),
            ("copyright", "meta copyright"),
            ("application-name", "application-name"),
        ] {
            for value in self.metadata.all(key) {
                named.push((value.clone(), from));
            }
        }
        if let Some(publisher) = &self.metadata.ld.publisher {
            named.insert(0, (publisher.clone(), "JSON-LD publisher"));
        }
        let known = |text: &str| -> Option<&'static Outlet> {
            outlet::canonical(text).or_else(|| {
                text.split(['|', '-', '<', ':', 'ㅣ', '·'])
                    .filter_map(|part| outlet::canonical(part.trim()))
                    .find(|o| !o.is_portal())
            })
        };
        if carrier.is_none()
            && let Some(host) = hosts.first()
        {
            out.provenance.push(("outlet", "the page's address".to_owned()));
            return (Some(host.name.to_owned()), None);
        }
        for (value, from) in &named {
            if let Some(found) = known(value).filter(|o| !o.is_portal()) {
                out.provenance.push(("outlet", (*from).to_owned()));
                return (Some(found.name.to_owned()), carrier);
            }
        }
        if let Some(found) = self.outlet_of_text() {
            out.provenance.push(("outlet", "copyright line".to_owned()));
            return (Some(found), carrier);
        }
        // A site that the table does not know, by its own name.
        if carrier.is_none()
            && let Some(name) = self.metadata.first(&["og:site_name"]).or(self.metadata.ld.publisher.as_deref())
            && name.chars().count() <= 30
        {
            out.provenance.push(("outlet", "og:site_name".to_owned()));
            return (Some(name.to_owned()), None);
        }
        (None, carrier)
    }

    /// An outlet named in a copyright line or at the end of the title.
    fn outlet_of_text(&self) -> Option<String> {
        for block in self.blocks() {
            if block.chars > 200 || !(block.text.contains(['ⓒ', '©']) || block.text.to_ascii_lowercase().contains("copyright") || block.text.contains("저작권자")) {
                continue;
            }
            for part in block.text.split(|c: char| !c.is_alphanumeric() && c != '.' && c != ' ') {
                for word in std::iter::once(part).chain(part.split(' ')) {
                    if let Some(found) = outlet::canonical(word.trim().trim_end_matches('.')).filter(|o| !o.is_portal()) {
                        return Some(found.name.to_owned());
                    }
                }
            }
        }
        let title = self.metadata.title.as_deref()?;
        title
            .split(['|', '-', '<', '>', ':', 'ㅣ'])
            .rev()
            .flat_map(|part| std::iter::once(part).chain(part.split(' ')))
            .filter_map(|part| outlet::canonical(part.trim()))
            .find(|o| !o.is_portal())
            .map(|o| o.name.to_owned())
    }

    /// Decks that stand between headline and text, by their element.
    fn decks(&self, headline: &str) -> Vec<String> {
        let bare = skeleton(headline);
        let start = self.start();
        let from = start.saturating_sub(40);
        let mut out: Vec<String> = Vec::new();
        for block in self.blocks().get(from..start).unwrap_or_default() {
            if block.hint == Some(Hint::Deck) && block.link_share() < 0.5 && block.chars >= 4 {
                let text = &block.text;
                if skeleton(text) != bare && !out.contains(text) && furniture::action_of(text).is_none() {
                    out.push(text.clone());
                }
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
        let decks: Vec<String> = self.decks(headline).iter().map(|d| skeleton(d)).collect();
        clean::parts(
            &lines,
            &Context {
                headline,
                decks: &decks,
            },
        )
    }

    /// A block as a line, a bold deck glued to the text after it as a line of its own.
    fn line(&self, block: &Block, content: &Content) -> Vec<Line> {
        // What stands above the content element says nothing of the lines in it.
        let hint = block.hint.filter(|_| block.hint_node > content.root);
        let kind = match hint {
            Some(Hint::Caption) => Kind::Caption,
            Some(Hint::Deck) => Kind::Deck,
            Some(Hint::Byline) if block.chars <= 120 => Kind::Byline,
            Some(Hint::Date) if block.chars <= 80 => Kind::Date,
            Some(hint) if hint.is_furniture() => Kind::Furniture,
            _ if block.figure => Kind::Figure,
            _ => Kind::Text,
        };
        let line = Line {
            text: block.text.clone(),
            kind,
            strong: block.is_bold() || block.heading > 0,
            link_share: block.link_share(),
            after_image: block.after_image,
            cell: block.cell,
            item: block.item,
        };
        let (head, tail) = block.text.split_at_checked(block.bold_prefix).unwrap_or((&block.text, ""));
        let glued = kind == Kind::Text
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
            ..line
        };
        vec![deck, rest]
    }

    fn reporters(&self, parts: &Parts, out: &mut Extracted) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        let mut add = |found: Vec<String>, from: &str| {
            let mut new = false;
            for name in found {
                if !names.contains(&name) {
                    names.push(name);
                    new = true;
                }
            }
            if new {
                out.provenance.push(("reporters", from.to_owned()));
            }
        };
        for author in &self.metadata.ld.authors {
            add(byline::reporters(author), "JSON-LD author");
        }
        for key in ["dable:author", "article:author", "author", "og:article:author", "byl", "byline", "reporter", "article:reporter"] {
            for value in self.metadata.all(key) {
                add(byline::reporters(value), "meta");
            }
        }
        add(parts.names.clone(), "byline in the text");
        for block in self.around() {
            if block.hint == Some(Hint::Byline) {
                add(byline::reporters(&block.text), "byline element");
            } else if !block.hint.is_some_and(|h| h.is_furniture() || h == Hint::Caption)
                && let Some(found) = byline::line(&block.text)
                && found.certain
            {
                add(found.names, "byline beside the text");
            }
        }
        names
    }

    /// Lines near the content: from the headline to it, and a few behind.
    fn around(&self) -> impl Iterator<Item = &Block> {
        let blocks = self.blocks();
        let (start, end) = self.content.as_ref().map_or((0, 0), |c| (c.lines.start, c.lines.end));
        let before = blocks.get(start.saturating_sub(40)..start).unwrap_or_default();
        let after = blocks.get(end..(end + 12).min(blocks.len())).unwrap_or_default();
        before.iter().chain(after)
    }

    fn published(&self, headline: &str, out: &mut Extracted) -> Option<Published> {
        let meta = [
            "article:published_time",
            "article:published",
            "og:article:published_time",
            "datepublished",
            "dable:published_time",
            "og:regdate",
            "pubdate",
            "dc.date.issued",
            "dc.date",
            "parsely-pub-date",
            "sailthru.date",
            "date",
            "regdate",
            "article_date_original",
        ];
        let mut best: Option<Published> = None;
        let mut from = "";
        let mut consider = |found: Option<Published>, whence: &'static str| {
            if let Some(found) = found {
                match best {
                    None => {
                        best = Some(found);
                        from = whence;
                    }
                    // A time of day for the same day makes it more exact.
                    Some(known) if known.time.is_none() && found.time.is_some() && known.date == found.date => {
                        best = Some(found);
                        from = whence;
                    }
                    _ => {}
                }
            }
        };
        consider(self.metadata.ld.published.as_deref().and_then(date::parse_meta), "JSON-LD datePublished");
        for key in meta {
            consider(self.metadata.first(&[key]).and_then(date::parse_meta), "meta");
        }
        let attribute = self.date_attribute();
        consider(attribute, "the page's time element");
        consider(self.visible_date(headline), "visible date");
        if best.is_some() {
            out.provenance.push(("published", from.to_owned()));
        }
        best
    }

    /// `<time datetime>`, `data-date-time` and the like, before the content.
    fn date_attribute(&self) -> Option<Published> {
        for (id, _) in self.document.iter() {
            for attr in self.document.attrs(id) {
                let name = attr.name;
                let is_date = name.eq_ignore_ascii_case("data-date-time")
                    || (name.eq_ignore_ascii_case("datetime") && self.document.attr(id, "itemprop").is_some_and(|p| p.contains("datePublished")))
                    || name.eq_ignore_ascii_case("data-published")
                    || name.eq_ignore_ascii_case("data-published-at");
                if is_date && let Some(found) = date::parse_meta(&html::decode(attr.raw)) {
                    return Some(found);
                }
            }
        }
        None
    }

    fn visible_date(&self, headline: &str) -> Option<Published> {
        let blocks = self.blocks();
        let start = self.start();
        let end = self.content.as_ref().map_or(start, |c| c.lines.end);
        let bare = skeleton(headline);
        let title_at = blocks[..start.min(blocks.len())]
            .iter()
            .rposition(|b| b.chars >= 4 && skeleton(&b.text) == bare)
            .unwrap_or(start.saturating_sub(30));
        // From the headline to the text, then above the headline, then the text's end and behind it.
        let near = title_at..start;
        let above = title_at.saturating_sub(12)..title_at;
        let below = start..(end + 15).min(blocks.len());
        let mut fallback = None;
        for range in [near, above, below] {
            for block in blocks.get(range).unwrap_or_default() {
                if block.chars > 160 || block.link_share() > 0.6 || content::is_prose(block) && block.chars > 60 {
                    continue;
                }
                // Label and date are often neighbours: `<dt>등록일</dt><dd>2024-02-22</dd>`.
                for found in date::find_all(&block.text) {
                    match found.role {
                        date::Role::Published => return Some(found.published),
                        date::Role::Bare if fallback.is_none() => fallback = Some(found.published),
                        _ => {}
                    }
                }
            }
            if fallback.is_some() {
                return fallback;
            }
        }
        None
    }

    /// Is it an article at all?
    fn check(&self, headline: &str, parts: &Parts) -> Result<(), NotAClipping> {
        let weight: usize = parts.paragraphs.iter().map(|p| tidy::weight(p)).sum();
        let says_article = self.metadata.ld.found
            || self.metadata.first(&["og:type"]).is_some_and(|t| t.eq_ignore_ascii_case("article"))
            || self.metadata.first(&["article:published_time", "article:published"]).is_some();
        let links = self.blocks().iter().filter(|b| b.link_share() > 0.8 && b.chars >= 12).count();
        if weight < 60 && !(says_article && !headline.is_empty()) {
            return Err(if links >= 8 { NotAClipping::List(links) } else { NotAClipping::NoText });
        }
        if headline.is_empty() && weight < 200 {
            return Err(NotAClipping::NoHeadline);
        }
        Ok(())
    }
}
