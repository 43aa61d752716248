//! Spelling correction for words that are rare in the archive. Candidates are weighted by their
//! frequency in the archive and by the kind of typo (Kernighan, Church, Gale: A spelling correction
//! program based on a noisy channel model, 1990). Quotations are never changed.
//!
//! The work per word is bounded: candidates are terms with the same first character, or with a
//! first character that differs in one jamo.

use rustc_hash::FxHashMap;

use super::answer::{Note, Suggestion};
use super::local::reading;
use super::verb_forms::is_verb_form;
use super::workers::AnalyzerPool;
use super::{Request, Searcher};
use crate::index::{IndexError, Result};
use crate::query::slip::Slip;
use crate::query::{Node, jamo, keyboard};

/// Minimum length in jamo of a word to be corrected.
const MIN_GUESSED: usize = 4;

/// Maximum length in bytes: 40 syllables. Longer words are two words without a space, or no words.
const MAX_GUESSED_BYTES: usize = 120;

/// Maximum number of terms compared per segment and field.
const MAX_COMPARED: usize = 60_000;

/// Maximum number of words considered in a query.
const MAX_WORDS: usize = 12;

/// Maximum number of words replaced at once.
const MAX_REPLACED: usize = 2;

/// Maximum number of spellings tried per word.
const MAX_GUESSES: usize = 3;

/// Maximum number of suggestions.
const MAX_SUGGESTIONS: usize = 3;

/// No suggestions are made for more hits.
const MAX_HITS: u64 = 9;

/// A word in the archive is considered a typo if another spelling is this many times as frequent.
const TIMES_AS_FREQUENT: u64 = 50;

/// Penalty for a typo of cost 1, in units of the natural logarithm of the frequency.
const SLIP: f32 = 2.0;
/// Bonus per jamo beyond [`USUAL_LENGTH`]: longer words have fewer neighbours.
const LETTER: f32 = 0.6;
const USUAL_LENGTH: f32 = 6.0;

/// Minimum evidence for a suggestion.
const WORTH_SUGGESTING: f32 = -1.5;
/// Minimum evidence for an immediate correction.
const SURE: f32 = 2.0;
/// Bonus if a clipping has the other words of the query too.
const CONTEXT: f32 = 2.0;

/// Words up to this length, in syllables, may be names. They are only corrected at once for a
/// similar sound or one wrong key, since another letter may make another person's name.
const SHORT_SYLLABLES: usize = 3;
const MAX_SHORT_SLIP_COST: f32 = 0.9;
/// Maximum cost of a typo in a word of the archive: a name that differs by a sound may be another
/// name, or the same one misheard.
const MAX_KNOWN_SLIP_COST: f32 = 0.5;

/// Misspellings that differ in more than one or two letters, with the correct spelling.
const MISSPELLINGS: &str = include_str!("data/misspellings.txt");
const MISSPELLING_COST: f32 = 0.3;

/// Corrections of a query.
#[derive(Debug, Default)]
struct Guesses {
    /// A correction that is likely enough to be searched at once.
    correction: Option<Correction>,
    /// Queries with results, most likely first.
    suggestions: Vec<Suggestion>,
}

/// A query with some words replaced.
#[derive(Debug)]
pub(super) struct Correction {
    pub tree: Node,
    pub note: Note,
}

/// A candidate spelling.
#[derive(Debug, Clone, PartialEq)]
struct Guess {
    text: String,
    evidence: f32,
    /// Whether the typo is of a kind that is corrected at once.
    is_usual_slip: bool,
}

/// What correction needs to know of an archive.
pub(super) trait SpellingSource {
    /// Analyzers of its language.
    fn analyzers(&self) -> &AnalyzerPool;

    /// Number of headlines and bodies with any of `forms` as a term of any kind; one with several
    /// forms counts for each.
    ///
    /// # Errors
    /// When the index cannot be read.
    fn count_forms(&self, forms: &[String]) -> Result<u64>;

    /// Calls `each` with terms that begin like `spelled`; at least those that differ from it in a
    /// syllable or two and have `least` occurrences, as counted by [`SpellingSource::count_forms`].
    ///
    /// # Errors
    /// When the index cannot be read.
    fn each_like(&self, spelled: &str, least: u64, each: &mut dyn FnMut(&str)) -> Result<()>;

    /// No correction is expected to have more occurrences than this, as counted by
    /// [`SpellingSource::count_forms`].
    fn max_count(&self) -> u64 {
        u64::MAX
    }

    /// Number of full matches of a request.
    ///
    /// # Errors
    /// When the index cannot be read.
    fn total(&self, request: &Request) -> Result<u64>;

    /// Runs `work`, as often as it takes until all counts that it needs are known.
    ///
    /// # Errors
    /// The error of `work`; when the index cannot be read.
    fn with_counts<T>(&self, work: impl Fn() -> Result<T>) -> Result<T> {
        work()
    }
}

impl SpellingSource for Searcher {
    fn analyzers(&self) -> &AnalyzerPool {
        &self.analyzers
    }

    fn count_forms(&self, forms: &[String]) -> Result<u64> {
        reading::count_forms(&self.archive, forms)
    }

    fn each_like(&self, spelled: &str, _: u64, each: &mut dyn FnMut(&str)) -> Result<()> {
        let first: String = spelled.chars().take(1).collect();
        reading::each_term(&self.archive, &first, MAX_COMPARED, each)
    }

    fn total(&self, request: &Request) -> Result<u64> {
        Searcher::total(self, request)
    }
}

/// What correction makes of a request.
#[derive(Debug)]
pub(super) enum Spelling {
    /// It stands as typed; queries with results, most likely first.
    AsTyped(Vec<Suggestion>),
    /// It has no results, and this is what was meant.
    Corrected(Correction),
}

/// Corrects `request`, which has `total` full matches, if partial ones are allowed; else suggests
/// other queries, if asked to.
///
/// # Errors
/// When the index cannot be read.
pub(super) fn spelling<S: SpellingSource>(
    source: &S,
    request: &Request,
    total: u64,
) -> Result<Spelling> {
    let may_be_corrected = request.partial && total == 0;
    let may_be_suggested = request.suggest && total <= MAX_HITS;
    if !may_be_corrected && !may_be_suggested {
        return Ok(Spelling::AsTyped(Vec::new()));
    }
    let guesses = guesses(source, request, total)?;
    Ok(match guesses.correction.filter(|_| may_be_corrected) {
        Some(correction) => Spelling::Corrected(correction),
        None if request.suggest => Spelling::AsTyped(guesses.suggestions),
        None => Spelling::AsTyped(Vec::new()),
    })
}

/// Similar queries with results. `total` is the number of results of `request`.
///
/// # Errors
/// When the index cannot be read.
fn guesses<S: SpellingSource>(source: &S, request: &Request, total: u64) -> Result<Guesses> {
    let mut found = Guesses::default();
    let words = words_of(&request.tree);
    let guesses: Vec<Vec<Guess>> = source.with_counts(|| {
        let words = words.iter().take(MAX_WORDS);
        words.map(|word| spellings(source, word, total)).collect()
    })?;
    let mut unknown: Vec<(&str, Vec<Guess>)> = Vec::new();
    for (word, guesses) in words.iter().zip(guesses) {
        if !guesses.is_empty() && !unknown.iter().any(|(known, _)| known == word) {
            unknown.push((word, guesses));
        }
    }
    for chosen in combinations(&unknown) {
        if found.suggestions.len() >= MAX_SUGGESTIONS {
            break;
        }
        let by: Vec<(&str, Option<&str>)> = chosen
            .iter()
            .map(|(word, guess)| (*word, Some(guess.text.as_str())))
            .collect();
        let Some((tree, suggestion)) = tried(source, request, &by)? else {
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
    if unquoted != request.tree && found.suggestions.len() < MAX_SUGGESTIONS {
        found
            .suggestions
            .extend(counted(source, request, unquoted)?.map(|(_, s)| s));
    }
    // In longer queries, dropping one word rarely helps.
    if (2..=MAX_WORDS).contains(&words.len()) {
        for word in &words {
            if found.suggestions.len() >= MAX_SUGGESTIONS {
                break;
            }
            if let Some((_, suggestion)) = tried(source, request, &[(word, None)])?
                && !found.suggestions.contains(&suggestion)
            {
                found.suggestions.push(suggestion);
            }
        }
    }
    Ok(found)
}

/// The query with words replaced or omitted, if it has results.
fn tried<S: SpellingSource>(
    source: &S,
    request: &Request,
    by: &[(&str, Option<&str>)],
) -> Result<Option<(Node, Suggestion)>> {
    match replaced(&request.tree, by).filter(|tree| *tree != Node::All) {
        Some(tree) => counted(source, request, tree),
        None => Ok(None),
    }
}

/// `tree` as the query, if it has results.
fn counted<S: SpellingSource>(
    source: &S,
    request: &Request,
    tree: Node,
) -> Result<Option<(Node, Suggestion)>> {
    let tried = Request {
        tree,
        facets: false,
        limit: 0,
        offset: 0,
        ..request.clone()
    };
    let total = match source.total(&tried) {
        // Too expensive to suggest.
        Err(IndexError::TooManyRecords(_)) => 0,
        total => total?,
    };
    let query = tried.tree.to_string();
    Ok((total > 0).then_some((tried.tree, Suggestion { query, total })))
}

/// Candidate spellings of `word`, most likely first; none if the archive has the word.
fn spellings<S: SpellingSource>(source: &S, word: &str, total: u64) -> Result<Vec<Guess>> {
    if word.len() > MAX_GUESSED_BYTES {
        return Ok(Vec::new());
    }
    let runs = source.analyzers().with(|analyzer| {
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
    let known = source.count_forms(&forms)?;
    // With results, but not a term of the archive: it occurs with different spacing.
    if known == 0 && total > 0 {
        return Ok(Vec::new());
    }
    let least = known.saturating_mul(TIMES_AS_FREQUENT);
    if least > source.max_count() {
        return Ok(Vec::new());
    }
    let mut costs: FxHashMap<String, f32> = FxHashMap::default();
    for other in keyboard::to_hangul(word).into_iter().chain(
        // Letters that do not form syllables were typed as keys.
        word.chars()
            .any(crate::hangul::is_compatibility_jamo)
            .then(|| keyboard::to_latin(word))
            .flatten(),
    ) {
        costs.insert(other, 0.0);
    }
    let stem = reading.forms.first().map_or("", String::as_str);
    let (spelled, ending) = match reading.folded.strip_prefix(stem) {
        Some(ending) if !stem.is_empty() => (stem, ending),
        _ => (reading.folded.as_str(), ""),
    };
    for (wrong, right) in misspellings() {
        if spelled.contains(wrong) {
            costs.insert(spelled.replace(wrong, right), MISSPELLING_COST);
        }
    }
    let slip = Slip::new(spelled);
    if slip.len() >= MIN_GUESSED {
        near(source, spelled, &slip, least, &mut costs)?;
    }
    let mut guesses = Vec::new();
    for (text, cost) in costs {
        let count = source.count_forms(std::slice::from_ref(&text))?;
        if count == 0 || known > 0 && count / known < TIMES_AS_FREQUENT {
            continue;
        }
        let evidence = match cost {
            // The same keys in the other layout are never a coincidence.
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
                (0, true) => cost <= MAX_SHORT_SLIP_COST,
                _ => cost <= MAX_KNOWN_SLIP_COST,
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
    guesses.truncate(MAX_GUESSES);
    Ok(guesses)
}

/// Adds the terms with `least` occurrences that `spelled` may be a typo for, with their cost.
fn near<S: SpellingSource>(
    source: &S,
    spelled: &str,
    slip: &Slip,
    least: u64,
    costs: &mut FxHashMap<String, f32>,
) -> Result<()> {
    let mut chars = spelled.chars();
    let Some(first) = chars.next() else {
        return Ok(());
    };
    let rest = chars.as_str();
    let length = spelled.chars().count();
    let mut take = |text: &str| {
        if text.chars().count().abs_diff(length) <= 1
            && text != spelled
            && !costs.contains_key(text)
            && let Some(cost) = slip.cost(text)
        {
            costs.insert(text.to_owned(), cost);
        }
    };
    source.each_like(spelled, least, &mut take)?;
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
fn misspellings() -> impl Iterator<Item = (&'static str, &'static str)> {
    let lines = MISSPELLINGS.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once('\t'))
}

/// Combinations of replacements, most likely first.
fn combinations<'g>(unknown: &'g [(&'g str, Vec<Guess>)]) -> Vec<Vec<(&'g str, &'g Guess)>> {
    let mut best: Vec<&(&str, Vec<Guess>)> = unknown.iter().collect();
    best.sort_by(|a, b| {
        let evidence =
            |(_, guesses): &(&str, Vec<Guess>)| guesses.first().map_or(0.0, |g| g.evidence);
        evidence(b).total_cmp(&evidence(a))
    });
    best.truncate(MAX_REPLACED);
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

/// The required words of a query, in order, without quotations, names and exclusions.
fn words_of(node: &Node) -> Vec<String> {
    match node {
        Node::Word(word) => vec![word.clone()],
        Node::And(parts) | Node::Or(parts) => parts.iter().flat_map(words_of).collect(),
        Node::Field { field, node } if !field.is_name() => words_of(node),
        _ => Vec::new(),
    }
}

/// Replaces quotations by their words.
pub(super) fn unquoted(node: &Node) -> Node {
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

/// Replaces or omits words; `None` if nothing is left.
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
