//! What may have been meant by words that the archive hardly has: other spellings, each weighed by how
//! often the archive has it and by the kind of slip (Kernighan, Church, Gale: A spelling correction
//! program based on a noisy channel model, 1990). Quoted words are never changed.
//!
//! The work for a word is bounded: spellings are taken from the terms that begin with its first
//! character, and from those that differ from it in one letter of that.

use rustc_hash::FxHashMap;

use super::answer::{Note, Suggestion};
use super::local::reading;
use super::verb_forms::is_verb_form;
use super::{Request, Searcher};
use crate::index::Result;
use crate::query::slip::Slip;
use crate::query::{Node, jamo, keyboard};

/// A spelling of fewer letters (jamo) is too short to guess what it should have been.
const SHORTEST_GUESSED: usize = 4;

/// Terms of a segment and field that are compared with a word.
const MOST_COMPARED: usize = 60_000;

/// Words of a query that are looked at.
const MOST_WORDS: usize = 12;

/// Words of a query that are replaced at once.
const MOST_REPLACED: usize = 2;

/// Spellings of a word that are tried.
const MOST_GUESSES: usize = 3;

/// Suggestions of one query.
const MOST_SUGGESTED: usize = 3;

/// With more hits than this, nothing is suggested.
pub(super) const MOST_HITS: u64 = 9;

/// A word that the archive has is taken for a slip when another spelling is this many times as
/// frequent.
const TIMES_AS_FREQUENT: u64 = 50;

/// Of the natural logarithm of a spelling's frequency, what a slip of cost 1 takes away.
const SLIP: f32 = 2.0;
/// What each letter more than [`USUAL_LENGTH`] adds: the longer a word, the fewer others are near it.
const LETTER: f32 = 0.6;
const USUAL_LENGTH: f32 = 6.0;

/// Evidence from which on a spelling is suggested.
const WORTH_SUGGESTING: f32 = -1.5;
/// Evidence from which on it is searched at once.
const SURE: f32 = 2.0;
/// What it adds that a clipping has the other words of the query as well.
const CONTEXT: f32 = 2.0;

/// Words as short as names are only corrected at once for slips of the ear or of one key: with another
/// letter changed it may be another person's name.
const SHORT_SYLLABLES: usize = 3;
const DEAREST_SHORT_SLIP: f32 = 0.9;
/// The same for words that the archive has: a name that differs by a sound is another name, or the same misheard.
const DEAREST_SLIP_FOR_KNOWN: f32 = 0.5;

/// Misspellings that differ in more than a letter or two, with the right spelling.
const MISSPELLINGS: &str = include_str!("data/misspellings.txt");
const MISSPELLING_COST: f32 = 0.3;

/// What may have been meant by a query.
#[derive(Debug, Default)]
pub(super) struct Guesses {
    /// Likely enough to be searched at once.
    pub correction: Option<Correction>,
    /// Queries that would find something, the most likely first.
    pub suggestions: Vec<Suggestion>,
}

/// A query with some of its words replaced.
#[derive(Debug)]
pub(super) struct Correction {
    pub tree: Node,
    pub note: Note,
}

/// A spelling that may have been meant.
#[derive(Debug, Clone, PartialEq)]
struct Guess {
    text: String,
    evidence: f32,
    /// Of a kind that may be searched at once.
    is_usual_slip: bool,
}

impl Searcher {
    /// Queries near `request`'s that would find something; `total` is what it finds itself.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub(super) fn guesses(&self, request: &Request, total: u64) -> Result<Guesses> {
        let mut found = Guesses::default();
        let words = words_of(&request.tree);
        let mut unknown: Vec<(&str, Vec<Guess>)> = Vec::new();
        for word in words.iter().take(MOST_WORDS) {
            let guesses = self.spellings(word, total)?;
            if !guesses.is_empty() && !unknown.iter().any(|(known, _)| known == word) {
                unknown.push((word, guesses));
            }
        }
        for chosen in combinations(&unknown) {
            if found.suggestions.len() >= MOST_SUGGESTED {
                break;
            }
            let by: Vec<(&str, Option<&str>)> = chosen
                .iter()
                .map(|(word, guess)| (*word, Some(guess.text.as_str())))
                .collect();
            let Some((tree, suggestion)) = self.tried(request, &by)? else {
                continue;
            };
            let context = if words.len() > 1 { CONTEXT } else { 0.0 };
            let is_sure = chosen
                .iter()
                .all(|(_, guess)| guess.is_usual_slip && guess.evidence + context >= SURE);
            if is_sure && total == 0 && found.correction.is_none() {
                let join = |words: Vec<&str>| words.join(" ");
                found.correction = Some(Correction {
                    tree,
                    note: Note::ShowingResultsFor {
                        typed: join(chosen.iter().map(|(word, _)| *word).collect()),
                        corrected: join(chosen.iter().map(|(_, g)| g.text.as_str()).collect()),
                    },
                });
            }
            found.suggestions.push(suggestion);
        }
        if total > 0 {
            return Ok(found);
        }
        let unquoted = unquoted(&request.tree);
        if unquoted != request.tree {
            found
                .suggestions
                .extend(self.counted(request, unquoted)?.map(|(_, s)| s));
        }
        if words.len() > 1 {
            for word in words.iter().take(MOST_WORDS) {
                if found.suggestions.len() >= MOST_SUGGESTED {
                    break;
                }
                if let Some((_, suggestion)) = self.tried(request, &[(word, None)])?
                    && !found.suggestions.contains(&suggestion)
                {
                    found.suggestions.push(suggestion);
                }
            }
        }
        Ok(found)
    }

    /// The query with words replaced or left out, if it finds something.
    fn tried(
        &self,
        request: &Request,
        by: &[(&str, Option<&str>)],
    ) -> Result<Option<(Node, Suggestion)>> {
        match replaced(&request.tree, by).filter(|tree| *tree != Node::All) {
            Some(tree) => self.counted(request, tree),
            None => Ok(None),
        }
    }

    /// `tree` in place of the query, if it finds something.
    fn counted(&self, request: &Request, tree: Node) -> Result<Option<(Node, Suggestion)>> {
        let tried = Request {
            tree,
            facets: false,
            limit: 0,
            offset: 0,
            ..request.clone()
        };
        let total = self.ranked(&tried)?.total;
        let query = tried.tree.to_string();
        Ok((total > 0).then_some((tried.tree, Suggestion { query, total })))
    }

    /// What `word` may have been meant to be, the most likely first; nothing for a word that the
    /// archive has.
    fn spellings(&self, word: &str, total: u64) -> Result<Vec<Guess>> {
        let runs = self.analyzers.with(|analyzer| {
            let readings = analyzer.query_words(word);
            (readings, analyzer.explain(word))
        });
        let ([reading], [run, ..]) = (&runs.0[..], &runs.1[..]) else {
            return Ok(Vec::new());
        };
        let mut forms = reading.forms.clone();
        if is_verb_form(&run.morphemes) {
            forms.extend(reading.lemmas.iter().cloned());
        }
        let known = reading::count_forms(&self.archive, &forms)?;
        // What is found without being a word of the archive is there in another spacing.
        if known == 0 && total > 0 {
            return Ok(Vec::new());
        }
        let mut counts: FxHashMap<String, f32> = FxHashMap::default();
        for other in keyboard::to_hangul(word).into_iter().chain(
            // Letters that make no syllable were typed for keys.
            word.chars()
                .any(crate::hangul::is_compatibility_jamo)
                .then(|| keyboard::to_latin(word))
                .flatten(),
        ) {
            counts.insert(other, 0.0);
        }
        let stem = reading.forms.first().map_or("", String::as_str);
        let (spelled, ending) = match reading.folded.strip_prefix(stem) {
            Some(ending) if !stem.is_empty() => (stem, ending),
            _ => (reading.folded.as_str(), ""),
        };
        for (wrong, right) in misspellings() {
            if spelled.contains(wrong) {
                counts.insert(spelled.replace(wrong, right), MISSPELLING_COST);
            }
        }
        let slip = Slip::new(spelled);
        if slip.len() >= SHORTEST_GUESSED {
            self.near(spelled, &slip, &mut counts)?;
        }
        let mut guesses = Vec::new();
        for (text, cost) in counts {
            let count = reading::count_forms(&self.archive, std::slice::from_ref(&text))?;
            if count == 0 || known > 0 && count / known < TIMES_AS_FREQUENT {
                continue;
            }
            let evidence = match cost {
                // The same strokes on the other keyboard are no accident.
                0.0 => f32::INFINITY,
                _ => {
                    let length = slip.len() as f32 - USUAL_LENGTH;
                    (count as f32).ln() - SLIP * cost + LETTER * length
                }
            };
            if evidence >= WORTH_SUGGESTING {
                let is_short = spelled.chars().count() <= SHORT_SYLLABLES;
                let is_usual_slip = match (known, is_short) {
                    (0, false) => true,
                    (0, true) => cost <= DEAREST_SHORT_SLIP,
                    _ => cost <= DEAREST_SLIP_FOR_KNOWN,
                };
                guesses.push(Guess {
                    text: format!("{text}{ending}"),
                    evidence,
                    is_usual_slip,
                });
            }
        }
        guesses.sort_by(|a, b| {
            let by_evidence = b.evidence.total_cmp(&a.evidence);
            by_evidence.then_with(|| a.text.cmp(&b.text))
        });
        guesses.truncate(MOST_GUESSES);
        Ok(guesses)
    }

    /// Adds the terms that `spelled` may be a slip for, with its cost.
    fn near(&self, spelled: &str, slip: &Slip, counts: &mut FxHashMap<String, f32>) -> Result<()> {
        let mut chars = spelled.chars();
        let Some(first) = chars.next() else {
            return Ok(());
        };
        let rest = chars.as_str();
        let length = spelled.chars().count();
        let mut take = |text: &str| {
            if text.chars().count().abs_diff(length) <= 1
                && text != spelled
                && !counts.contains_key(text)
                && let Some(cost) = slip.cost(text)
            {
                counts.insert(text.to_owned(), cost);
            }
        };
        let prefix = first.to_string();
        reading::each_term(&self.archive, &prefix, MOST_COMPARED, &mut take)?;
        for other in jamo::variants(first) {
            take(&format!("{other}{rest}"));
        }
        let mut chars = rest.chars();
        if let Some(second) = chars.next() {
            take(&format!("{second}{first}{}", chars.as_str()));
            if second == first {
                take(rest);
            }
        }
        Ok(())
    }
}

fn misspellings() -> impl Iterator<Item = (&'static str, &'static str)> {
    let lines = MISSPELLINGS.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once('\t'))
}

/// Which words to replace by what, the most likely first.
fn combinations<'g>(unknown: &'g [(&'g str, Vec<Guess>)]) -> Vec<Vec<(&'g str, &'g Guess)>> {
    let mut best: Vec<&(&str, Vec<Guess>)> = unknown.iter().collect();
    best.sort_by(|a, b| {
        let evidence =
            |(_, guesses): &(&str, Vec<Guess>)| guesses.first().map_or(0.0, |g| g.evidence);
        evidence(b).total_cmp(&evidence(a))
    });
    best.truncate(MOST_REPLACED);
    // In the order typed.
    best.sort_by_key(|(word, _)| unknown.iter().position(|(other, _)| other == word));
    let mut combinations = Vec::new();
    if let [(a, first), (b, second)] = best[..] {
        for (i, j) in [(0, 0), (0, 1), (1, 0)] {
            if let (Some(x), Some(y)) = (first.get(i), second.get(j)) {
                combinations.push(vec![(*a, x), (*b, y)]);
            }
        }
    }
    for (word, guesses) in best {
        combinations.extend(guesses.iter().map(|guess| vec![(*word, guess)]));
    }
    combinations
}

/// The words that a query asks for, in order; not those in quotation marks, names or exclusions.
fn words_of(node: &Node) -> Vec<String> {
    match node {
        Node::Word(word) => vec![word.clone()],
        Node::And(parts) | Node::Or(parts) => parts.iter().flat_map(words_of).collect(),
        Node::Field { field, node } if !field.is_name() => words_of(node),
        _ => Vec::new(),
    }
}

/// The tree with the words of quotations in their place.
fn unquoted(node: &Node) -> Node {
    let all = |parts: &[Node]| parts.iter().map(unquoted).collect::<Vec<_>>();
    match node {
        Node::Phrase { text, .. } => Node::and(
            text.split_whitespace()
                .map(|word| Node::Word(word.to_owned())),
        ),
        Node::And(parts) => Node::and(all(parts)),
        Node::Or(parts) => Node::or(all(parts)),
        Node::Field { field, node } if !field.is_name() => unquoted(node).in_field(*field),
        other => other.clone(),
    }
}

/// The tree with words replaced, or left out; `None` when nothing of it is left.
fn replaced(node: &Node, by: &[(&str, Option<&str>)]) -> Option<Node> {
    let all = |parts: &[Node]| {
        parts
            .iter()
            .filter_map(|part| replaced(part, by))
            .collect::<Vec<_>>()
    };
    Some(match node {
        Node::Word(typed) => match by.iter().find(|(word, _)| word == typed) {
            Some((_, by)) => Node::Word((*by)?.to_owned()),
            None => node.clone(),
        },
        Node::And(parts) => Node::and(all(parts)),
        Node::Or(parts) => Node::or(all(parts)),
        Node::Field { field, node } if !field.is_name() => replaced(node, by)?.in_field(*field),
        other => other.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_replaced_or_left_out() {
        let today = jiff::civil::date(2024, 2, 22);
        let tree = crate::query::parse("생성헝 AI -광고 기자:생성헝 \"생성헝\"", today).tree;
        let with = replaced(&tree, &[("생성헝", Some("생성형"))]).unwrap();
        assert_eq!(
            with.to_string(),
            tree.to_string().replacen("생성헝", "생성형", 1)
        );
        let without = replaced(&tree, &[("생성헝", None), ("AI", None)]).unwrap();
        assert!(without.to_string().starts_with("-광고"), "{without}");
        assert_eq!(replaced(&Node::Word("가".into()), &[("가", None)]), None);
        assert_eq!(words_of(&tree), ["생성헝", "AI"]);
        let tree = crate::query::parse("\"가 나\" 다", today).tree;
        assert_eq!(unquoted(&tree).to_string(), "가 나 다");
    }

    #[test]
    fn misspellings_are_pairs_of_different_words() {
        let lines = MISSPELLINGS.lines().filter(|l| !l.starts_with('#')).count();
        assert_eq!(misspellings().count(), lines);
        for (wrong, right) in misspellings() {
            assert_ne!(wrong, right);
            assert!(wrong.chars().count() >= 2, "{wrong}");
            assert!(misspellings().all(|(other, _)| other != right), "{right}");
        }
    }

    #[test]
    fn two_words_are_replaced_together_first() {
        let guess = |text: &str, evidence| Guess {
            text: text.to_owned(),
            evidence,
            is_usual_slip: true,
        };
        let unknown = [
            ("가", vec![guess("나", 1.0)]),
            ("다", vec![guess("라", 3.0), guess("마", 2.0)]),
            ("바", vec![guess("사", 0.1)]),
        ];
        let texts: Vec<String> = combinations(&unknown)
            .iter()
            .map(|chosen| chosen.iter().map(|(_, g)| g.text.as_str()).collect())
            .collect();
        assert_eq!(texts, ["나라", "나마", "나", "라", "마"]);
    }
}
