//! What to try when nothing was found: each suggestion only if it would find something.

use rustc_hash::FxHashMap;

use super::answer::Suggestion;
use super::local::reading;
use super::{Request, Searcher};
use crate::index::Result;
use crate::query::jamo::Spelling;
use crate::query::{Node, keyboard};

/// Letters (jamo) that a misspelt word may differ in.
const MOST_DIFFERENT: usize = 1;

/// A word of fewer letters is too short to guess what it should have been.
const SHORTEST_GUESSED: usize = 4;

/// Terms of a segment and field that are compared with a misspelt word.
const MOST_COMPARED: usize = 2_000_000;

/// Suggestions of one query.
const MOST_SUGGESTED: usize = 3;

impl Searcher {
    /// Queries near `request`'s that would find something, the most likely first; at most three.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub(in crate::search) fn suggestions(&self, request: &Request) -> Result<Vec<Suggestion>> {
        let words = words_of(&request.tree);
        let mut found = Vec::new();
        for word in &words {
            let mut others: Vec<String> = Vec::new();
            others.extend(keyboard::to_hangul(word).filter(|_| word.is_ascii()));
            if !self.knows(word)? {
                others.extend(self.spelled_like(word)?);
            }
            for other in others {
                self.try_tree(&request.tree, word, Some(&other), request, &mut found)?;
            }
        }
        if words.len() > 1 {
            for word in &words {
                self.try_tree(&request.tree, word, None, request, &mut found)?;
            }
        }
        found.truncate(MOST_SUGGESTED);
        Ok(found)
    }

    /// Adds the query with `word` replaced or left out, if it finds something.
    fn try_tree(
        &self,
        tree: &Node,
        word: &str,
        by: Option<&str>,
        request: &Request,
        found: &mut Vec<Suggestion>,
    ) -> Result<()> {
        let Some(tree) = replaced(tree, word, by) else {
            return Ok(());
        };
        let query = tree.to_string();
        let is_known = found.iter().any(|s| s.query == query);
        if tree == Node::All || found.len() >= MOST_SUGGESTED || is_known {
            return Ok(());
        }
        let request = Request {
            tree,
            partial: false,
            facets: false,
            limit: 0,
            ..request.clone()
        };
        let total = self.ranked(&request)?.total;
        if total > 0 {
            found.push(Suggestion { query, total });
        }
        Ok(())
    }

    fn knows(&self, word: &str) -> Result<bool> {
        let readings = self.analyzers.with(|analyzer| analyzer.query_words(word));
        let forms: Vec<String> = readings.into_iter().flat_map(|r| r.forms).collect();
        Ok(reading::count_forms(&self.archive, &forms)? > 0)
    }

    /// Words of the index that differ from `word` in one letter, the most frequent first.
    fn spelled_like(&self, word: &str) -> Result<Vec<String>> {
        let spelling = Spelling::new(word);
        if spelling.len() < SHORTEST_GUESSED {
            return Ok(Vec::new());
        }
        let mut counts: FxHashMap<String, u64> = FxHashMap::default();
        reading::each_term(&self.archive, MOST_COMPARED, &mut |term, count| {
            let distance = spelling.distance(term, MOST_DIFFERENT);
            if distance.is_some_and(|d| d > 0) {
                *counts.entry(term.to_owned()).or_default() += count;
            }
        })?;
        let mut words: Vec<(String, u64)> = counts.into_iter().collect();
        words.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        Ok(words.into_iter().take(3).map(|(word, _)| word).collect())
    }
}

/// The words that a query asks for, in order.
fn words_of(node: &Node) -> Vec<String> {
    match node {
        Node::Word(word) => vec![word.clone()],
        Node::Phrase { text, .. } => vec![text.clone()],
        Node::And(parts) | Node::Or(parts) => parts.iter().flat_map(words_of).collect(),
        Node::Field { field, node } if !field.is_name() => words_of(node),
        _ => Vec::new(),
    }
}

/// The tree with a word replaced, or left out; `None` when nothing of it is left.
fn replaced(node: &Node, word: &str, by: Option<&str>) -> Option<Node> {
    let all = |parts: &[Node]| {
        parts
            .iter()
            .filter_map(|p| replaced(p, word, by))
            .collect::<Vec<_>>()
    };
    Some(match node {
        Node::Word(w) | Node::Phrase { text: w, .. } if w == word => Node::Word(by?.to_owned()),
        Node::And(parts) => Node::and(all(parts)),
        Node::Or(parts) => Node::or(all(parts)),
        Node::Field { field, node } => replaced(node, word, by)?.in_field(*field),
        other => other.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_replaced_or_left_out() {
        let today = jiff::civil::date(2024, 2, 22);
        let tree = crate::query::parse("생성헝 AI -광고", today).tree;
        let with = replaced(&tree, "생성헝", Some("생성형")).unwrap();
        assert_eq!(with.to_string(), "생성형 AI -광고");
        assert_eq!(
            replaced(&tree, "생성헝", None).unwrap().to_string(),
            "AI -광고"
        );
        assert_eq!(replaced(&Node::Word("가".into()), "가", None), None);
    }
}
