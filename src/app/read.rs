//! One clipping with its matches, copies and neighbouring results.

use std::collections::HashSet;

use serde::Serialize;

use super::search::SearchRequest;
use super::{App, Contribution, Filters, Hit, Result, Sort};
use crate::clipping::{Clipping, Published};
use crate::search::sentences::sentences;

/// Maximum number of copies compared.
const MAX_COPIES: usize = 50;

/// Maximum number of sentences listed per difference.
const MAX_SENTENCES: usize = 20;

/// A clipping, and the search that found it.
#[derive(Debug, Clone, Default)]
pub struct ReadRequest {
    /// Its id, or a unique prefix of it.
    pub id: String,
    /// The query as typed; empty for none.
    pub query: String,
    /// The filters of the search.
    pub filters: Filters,
    /// The order of the search.
    pub sort: Sort,
    /// Whether the search did not fold near-duplicates.
    pub all_copies: bool,
    /// Rank of the clipping in the results, from 1.
    pub rank: Option<usize>,
}

/// `[start, end)` in characters, sorted.
pub type Ranges = Vec<(usize, usize)>;

/// A clipping with its matches and neighbours.
#[derive(Debug, Clone, Serialize)]
pub struct ReadAnswer {
    /// The record.
    pub clipping: Clipping,
    /// Whether its page is stored.
    pub has_page: bool,
    /// Matches in the headline.
    pub headline_highlights: Ranges,
    /// Matches in each subhead.
    pub subhead_highlights: Vec<Ranges>,
    /// Matches in the body.
    pub body_highlights: Ranges,
    /// Matches in each caption.
    pub caption_highlights: Vec<Ranges>,
    /// Its score, if it is at the given rank.
    pub score: f32,
    /// Parts of the score.
    pub explanation: Vec<Contribution>,
    /// The result before it.
    pub previous: Option<Neighbour>,
    /// The result after it.
    pub next: Option<Neighbour>,
    /// Its copies, oldest first.
    pub copies: Vec<Difference>,
}

/// A neighbour among the results.
#[derive(Debug, Clone, Serialize)]
pub struct Neighbour {
    /// Its id.
    pub id: String,
    /// Its headline.
    pub headline: String,
    /// Its rank.
    pub rank: u64,
}

/// A copy, with the sentences that differ.
#[derive(Debug, Clone, Serialize)]
pub struct Difference {
    /// Its id.
    pub id: String,
    /// Its headline.
    pub headline: String,
    /// Its outlet.
    pub outlet: Option<String>,
    /// When it was published.
    pub published: Option<Published>,
    /// Sentences that only the clipping itself has.
    pub only_here: Vec<String>,
    /// Sentences that only the copy has.
    pub only_there: Vec<String>,
}

impl App {
    /// A full clipping with the highlights of a query.
    ///
    /// # Errors
    /// When there is no such clipping, or the search cannot run.
    pub fn read(&self, asked: &ReadRequest) -> Result<ReadAnswer> {
        let is_plain = asked.query.trim().is_empty() && asked.rank.is_none();
        let searcher = self.any_searcher()?;
        let (clipping, copies) = searcher.clipping_and_copies(&asked.id, MAX_COPIES)?;
        let has_page = searcher.has_page(&clipping.id)?;
        let mut answer = ReadAnswer::new(clipping, copies, has_page);
        if is_plain {
            return Ok(answer);
        }
        let first = asked.rank.unwrap_or(1).saturating_sub(2);
        let (request, _) = self.request(&SearchRequest {
            query: asked.query.clone(),
            filters: asked.filters.clone(),
            sort: asked.sort,
            limit: if asked.rank.is_some() { 3 } else { 0 },
            offset: first,
            all_copies: asked.all_copies,
            snippet_chars: 0,
            explain: true,
            suggest: false,
            ..SearchRequest::default()
        })?;
        let c = &answer.clipping;
        let own = [c.headline.clone(), c.body.clone()];
        let texts = [&own[..], &c.subheads, &c.captions].concat();
        let mut marks = searcher.marks(&c.id, &request, &texts)?.into_iter();
        answer.headline_highlights = marks.next().unwrap_or_default();
        answer.body_highlights = marks.next().unwrap_or_default();
        answer.subhead_highlights = marks.by_ref().take(c.subheads.len()).collect();
        answer.caption_highlights = marks.collect();
        if asked.rank.is_some() {
            answer.place(searcher.search(&request)?.hits);
        }
        Ok(answer)
    }
}

impl ReadAnswer {
    fn new(clipping: Clipping, copies: Vec<Clipping>, has_page: bool) -> ReadAnswer {
        ReadAnswer {
            has_page,
            headline_highlights: Ranges::new(),
            subhead_highlights: Vec::new(),
            body_highlights: Ranges::new(),
            caption_highlights: Vec::new(),
            score: 0.0,
            explanation: Vec::new(),
            previous: None,
            next: None,
            copies: differences(&clipping, copies),
            clipping,
        }
    }

    /// Finds the clipping among `hits`, as a hit or a copy.
    fn place(&mut self, mut hits: Vec<Hit>) {
        let id = &self.clipping.id;
        let is_it = |hit: &Hit| hit.clipping.id == *id || hit.copies.iter().any(|c| c.id == *id);
        let Some(place) = hits.iter().position(is_it) else {
            return;
        };
        let neighbour = |place: Option<usize>| {
            let hit = hits.get(place?)?;
            Some(Neighbour {
                id: hit.clipping.id.clone(),
                headline: hit.clipping.headline.clone(),
                rank: hit.rank,
            })
        };
        self.previous = neighbour(place.checked_sub(1));
        self.next = neighbour(place.checked_add(1));
        let hit = hits.swap_remove(place);
        // The score of the hit it is a copy of does not apply to it.
        if hit.clipping.id == self.clipping.id {
            self.score = hit.score;
            self.explanation = hit.explanation;
        }
    }
}

fn differences(clipping: &Clipping, mut copies: Vec<Clipping>) -> Vec<Difference> {
    copies.sort_by_key(|copy| (copy.published.is_none(), copy.published));
    let here = body_sentences(&clipping.body);
    let difference = |copy: Clipping| {
        let there = body_sentences(&copy.body);
        Difference {
            only_here: without(&here, &there),
            only_there: without(&there, &here),
            id: copy.id,
            headline: copy.headline,
            outlet: copy.outlet,
            published: copy.published,
        }
    };
    copies.into_iter().map(difference).collect()
}

fn body_sentences(body: &str) -> Vec<&str> {
    let paragraphs = body.lines();
    paragraphs
        .flat_map(|paragraph| {
            let ranges = sentences(paragraph).into_iter();
            ranges.filter_map(move |range| paragraph.get(range))
        })
        .map(str::trim)
        .filter(|sentence| !sentence.is_empty())
        .collect()
}

/// The sentences of `of` that are not in `others`, ignoring spacing and punctuation.
fn without(of: &[&str], others: &[&str]) -> Vec<String> {
    let bare = |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).collect() };
    let others: HashSet<String> = others.iter().map(|sentence| bare(sentence)).collect();
    of.iter()
        .filter(|sentence| !others.contains(&bare(sentence)))
        .take(MAX_SENTENCES)
        .map(|sentence| (*sentence).to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_differ_in_sentences() {
        let clipping = |id: &str, body: &str| Clipping {
            id: id.to_owned(),
            body: body.to_owned(),
            ..Clipping::default()
        };
        let here = clipping("a", "첫 문장이다. 둘째 문장이다.\n셋째 문장이다.");
        let there = clipping("b", "첫문장이다! 새로 쓴 문장이다.\n셋째 문장이다.");
        let found = differences(&here, vec![there]);
        assert_eq!(found[0].only_here, ["둘째 문장이다."]);
        assert_eq!(found[0].only_there, ["새로 쓴 문장이다."]);
    }
}
