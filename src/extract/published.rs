//! When the page's article was published: metadata, attributes of elements, the visible date.

use super::Extracted;
use super::content;
use super::date;
use super::page::View;
use crate::clipping::Published;

impl View<'_> {
    pub(super) fn published(&self, headline: &str, out: &mut Extracted) -> Option<Published> {
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
                    Some(known)
                        if known.time.is_none()
                            && found.time.is_some()
                            && known.date == found.date =>
                    {
                        best = Some(found);
                        from = whence;
                    }
                    _ => {}
                }
            }
        };
        consider(
            self.metadata
                .ld
                .published
                .as_deref()
                .and_then(date::parse_meta),
            "JSON-LD datePublished",
        );
        for key in meta {
            consider(
                self.metadata.first(&[key]).and_then(date::parse_meta),
                "meta",
            );
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
                    || (name.eq_ignore_ascii_case("datetime")
                        && self
                            .document
                            .attr(id, "itemprop")
                            .is_some_and(|p| p.contains("datePublished")))
                    || name.eq_ignore_ascii_case("data-published")
                    || name.eq_ignore_ascii_case("data-published-at");
                if is_date && let Some(found) = date::parse_meta(attr.value) {
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
        let title_at = self
            .headline_at(headline)
            .unwrap_or_else(|| start.saturating_sub(30));
        // From the headline to the text, then above the headline, then the text's end and behind it.
        let near = title_at..start;
        let above = title_at.saturating_sub(12)..title_at;
        let below = start..(end + 15).min(blocks.len());
        let mut fallback = None;
        for range in [near, above, below] {
            for block in blocks.get(range).unwrap_or_default() {
                if block.chars > 160
                    || block.link_share() > 0.6
                    || content::is_prose(block) && block.chars > 60
                {
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
}
