//! Is the page an article at all? Lists, section fronts and search results are told from articles
//! by what they hold: many headlines that link elsewhere, each with a few lines.

use super::NotAClipping;
use super::clean::Parts;
use super::content;
use super::page::View;
use super::tidy;

impl View<'_> {
    /// Is it an article at all?
    pub(super) fn check(&self, headline: &str, parts: &Parts) -> Result<(), NotAClipping> {
        let weight: usize = parts.paragraphs.iter().map(|p| tidy::weight(p)).sum();
        let dated = self.metadata.ld.found
            || self
                .metadata
                .first(&["article:published_time", "article:published"])
                .is_some();
        let typed = self
            .metadata
            .first(&["og:type"])
            .is_some_and(|t| t.eq_ignore_ascii_case("article"));
        let blocks = self.blocks();
        let links = blocks
            .iter()
            .filter(|b| b.link_share() > 0.8 && b.chars >= 12)
            .count();
        if weight < 60 {
            // A photo story: its headline is one that the page shows, not a section's name.
            let shown = self.shows(headline);
            if !(shown && (dated || typed)) {
                return Err(if links >= 8 {
                    NotAClipping::List(links)
                } else {
                    NotAClipping::NoText
                });
            }
        }
        let teasers = content::teasers(blocks);
        let share = self.content.as_ref().map_or(0.0, |c| c.share);
        let inside = self.content.as_ref().map_or(0, |c| {
            blocks
                .get(c.lines.clone())
                .unwrap_or_default()
                .iter()
                .filter(|b| content::is_prose(b))
                .count()
        });
        let own = teasers
            .iter()
            .filter(|&&n| self.content.as_ref().is_some_and(|c| c.lines.contains(&n)))
            .count();
        if (own >= 4 && own * 2 >= inside)
            || (!dated && !typed && share < 0.3 && teasers.len() >= 8)
        {
            return Err(NotAClipping::List(teasers.len()));
        }
        if headline.is_empty() && weight < 200 {
            return Err(NotAClipping::NoHeadline);
        }
        Ok(())
    }

    /// True when the page's title and a line of it both read as this headline.
    fn shows(&self, headline: &str) -> bool {
        let bare = tidy::skeleton(headline);
        let titled = [
            self.metadata.first(&["og:title"]),
            self.metadata.title.as_deref(),
            self.metadata.ld.headline.as_deref(),
        ]
        .into_iter()
        .flatten()
        .any(|t| tidy::skeleton(t).contains(&bare));
        titled
            && bare.chars().count() >= 6
            && self
                .blocks()
                .iter()
                .any(|b| (b.heading > 0 || b.link_share() < 0.5) && tidy::skeleton(&b.text) == bare)
    }
}
