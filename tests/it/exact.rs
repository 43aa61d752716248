//! Queries match exactly: their results are compared with a naive scan of the stored texts, which
//! shares no code with the index.

use std::collections::BTreeSet;
use std::path::Path;

use clippings::analyze::fold::folded;
use clippings::analyze::synonyms::Synonyms;
use clippings::clipping::Clipping;
use clippings::query;
use clippings::query::Node;
use clippings::search::{Engine, Request};
use unicode_normalization::UnicodeNormalization;

use crate::env::{Env, Random, number_from};

/// The sample clippings with an engine.
struct Archive {
    _env: Env,
    engine: Engine,
    clippings: Vec<Clipping>,
}

impl Archive {
    fn new(synonyms: Option<Synonyms>) -> Archive {
        let env = Env::new();
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
        let added = env.run_query(&["*", "--add", &fixtures.to_string_lossy()]);
        assert_eq!(added.code, 0, "{added:?}");
        let engine = Engine::open(&env.path("index"), synonyms).unwrap();
        let all = Request {
            all_copies: true,
            ..Request::all_of(Node::All)
        };
        let answer = engine.searcher().unwrap().search(&all).unwrap();
        Archive {
            _env: env,
            engine,
            clippings: answer.hits.into_iter().map(|hit| hit.clipping).collect(),
        }
    }

    /// Ids of the full matches of a query.
    fn found(&self, query: &str) -> BTreeSet<String> {
        let request = Request {
            all_copies: true,
            ..Request::all_of(query::parse(query, jiff::civil::date(2026, 1, 1)).tree)
        };
        let answer = self.engine.searcher().unwrap().search(&request).unwrap();
        assert!(answer.hits.iter().all(|hit| !hit.partial));
        answer.hits.into_iter().map(|hit| hit.clipping.id).collect()
    }

    fn ids(&self, has: impl Fn(&Clipping) -> bool) -> BTreeSet<String> {
        let with = self.clippings.iter().filter(|c| has(c));
        with.map(|c| c.id.clone()).collect()
    }
}

fn is_letter(c: char) -> bool {
    // Squared units (5㎜) are not letters in Unicode.
    c.is_alphanumeric() && c != 'ㆍ' || ('\u{3371}'..='\u{33df}').contains(&c)
}

fn fold(text: &str) -> String {
    text.nfkc().flat_map(char::to_lowercase).collect()
}

/// The words of a line, without punctuation.
fn words(line: &str) -> Vec<String> {
    let words = line.split(|c: char| !is_letter(c)).map(fold);
    words.filter(|word| !word.is_empty()).collect()
}

fn letters(text: &str) -> String {
    words(text).concat()
}

/// Whether the words are consecutive in a line of headline or body.
fn has_words(clipping: &Clipping, passage: &[String]) -> bool {
    let lines = clipping.body.lines().chain([clipping.headline.as_str()]);
    let mut lines = lines.map(words);
    lines.any(|line| line.windows(passage.len()).any(|w| w == passage))
}

/// Whether headline or body contain the letters, ignoring spacing.
fn has_letters(clipping: &Clipping, passage: &str) -> bool {
    letters(&clipping.headline).contains(passage) || letters(&clipping.body).contains(passage)
}

/// Any 1 to 8 consecutive words of a text, quoted, find it, and every hit contains them.
/// `CLIPPINGS_PASSAGES=20000` for a long run, `CLIPPINGS_SEED` for other passages.
#[test]
fn a_passage_of_any_text_finds_it_and_every_hit_contains_it() {
    let archive = Archive::new(None);
    let mut random = Random::new(number_from("CLIPPINGS_SEED", 1));
    let mut tried = 0;
    while tried < number_from("CLIPPINGS_PASSAGES", 400) {
        let clipping = &archive.clippings[random.below(archive.clippings.len())];
        let text = match random.below(6) {
            0 => &clipping.headline,
            _ => &clipping.body,
        };
        let lines: Vec<&str> = text
            .lines()
            .filter(|line| !line.trim().is_empty())
            .collect();
        let Some(line) = lines.get(random.below(lines.len().max(1))) else {
            continue;
        };
        let typed: Vec<&str> = line.split_whitespace().collect();
        let length = 1 + random.below(8.min(typed.len()));
        let from = random.below(typed.len() - length + 1);
        let passage = typed[from..from + length].join(" ");
        let passage = passage.trim_matches(|c: char| !is_letter(c));
        if passage.contains(['"', '“', '”', '\\', '+', '#', '%', '&']) || passage.is_empty() {
            continue;
        }
        tried += 1;
        let found = archive.found(&format!("\"{passage}\""));
        let wanted = words(passage);
        let having = archive.ids(|c| has_words(c, &wanted));
        let missed: Vec<_> = having.difference(&found).collect();
        assert!(
            having.contains(&clipping.id) && missed.is_empty(),
            "\"{passage}\" misses {missed:?}"
        );
        let bare = letters(passage);
        let allowed = archive.ids(|c| has_letters(c, &bare));
        let wrong: Vec<_> = found.difference(&allowed).collect();
        assert!(wrong.is_empty(), "\"{passage}\" finds {wrong:?}");
    }
}

/// Results of a word with synonyms are the union of its own and those of its synonyms as quotations.
#[test]
fn synonyms_find_what_their_words_find() {
    let plain = Archive::new(None);
    let archive = Archive {
        engine: Engine::open(&plain._env.path("index"), Some(Synonyms::builtin().clone())).unwrap(),
        ..Archive::new(None)
    };
    let table = include_str!("../../src/analyze/data/synonyms.txt");
    let groups = table
        .lines()
        .filter(|l| !l.trim().is_empty() && !l.starts_with('#'));
    let mut found = 0;
    for group in groups.filter(|group| !group.contains(['>', '#'])) {
        let words: Vec<&str> = group.split(',').map(str::trim).collect();
        for word in &words {
            let mut expected = plain.found(word);
            let folded = folded(word);
            let others = Synonyms::builtin()
                .expansions(&[(&folded, &folded)])
                .into_iter();
            for phrase in others.flat_map(|expansion| expansion.phrases) {
                expected.extend(plain.found(&format!("\"{}\"", phrase.join(" "))));
            }
            if !word.contains(' ') {
                assert_eq!(archive.found(word), expected, "{word} of {group}");
                found += expected.len();
            }
        }
    }
    assert!(found > 30, "{found}");
}

/// A word matches its letters in a row, in one run or several.
#[test]
fn a_word_matches_its_letters_in_a_row() {
    let archive = Archive::new(None);
    let mut random = Random::new(number_from("CLIPPINGS_SEED", 2));
    let mut tried = 0;
    while tried < number_from("CLIPPINGS_WORDS", 300) {
        let clipping = &archive.clippings[random.below(archive.clippings.len())];
        let words: Vec<String> = words(&clipping.body);
        if words.len() < 2 {
            continue;
        }
        let at = random.below(words.len() - 1);
        let several = &words[at..at + 2];
        let word = match random.below(2) {
            0 => words[at].clone(),
            _ if several.iter().any(|word| word.chars().count() < 2) => continue,
            _ => several.concat(),
        };
        if word.chars().count() < 4 || !word.chars().all(|c| ('가'..='힣').contains(&c)) {
            continue;
        }
        tried += 1;
        // A quotation is exact; a word also matches other forms of a verb.
        let quoted = archive.found(&format!("\"{word}\""));
        let missed: Vec<_> = quoted.difference(&archive.found(&word)).cloned().collect();
        assert!(missed.is_empty(), "{word} misses {missed:?}");
    }
}

/// Two words also match where they are written as one.
#[test]
fn words_typed_apart_match_them_written_as_one() {
    let archive = Archive::new(None);
    // Particles and endings are no words that anyone types.
    let separate: BTreeSet<String> = archive
        .clippings
        .iter()
        .flat_map(|clipping| words(&clipping.body))
        .collect();
    let mut random = Random::new(number_from("CLIPPINGS_SEED", 3));
    let mut tried = 0;
    while tried < number_from("CLIPPINGS_WORDS", 100) {
        let clipping = &archive.clippings[random.below(archive.clippings.len())];
        let words: Vec<String> = words(&clipping.body);
        if words.is_empty() {
            continue;
        }
        let word: Vec<char> = words[random.below(words.len())].chars().collect();
        if word.len() < 4 || !word.iter().all(|c| ('가'..='힣').contains(c)) {
            continue;
        }
        let (one, other) = word.split_at(2 + random.below(word.len() - 3));
        let (one, other) = (String::from_iter(one), String::from_iter(other));
        if !separate.contains(&one) || !separate.contains(&other) {
            continue;
        }
        tried += 1;
        let apart = format!("{one} {other}");
        let quoted = archive.found(&format!("\"{apart}\""));
        let found = archive.found(&apart);
        let missed: Vec<_> = quoted.difference(&found).collect();
        assert!(missed.is_empty(), "{apart} misses {missed:?}");
    }
}

/// Pasted or malicious queries are answered quickly.
#[test]
fn huge_queries_are_answered_quickly() {
    let archive = Archive::new(Some(Synonyms::builtin().clone()));
    let words: Vec<String> = (0..10_000).map(|n| format!("낱말{n}")).collect();
    for query in [
        "ﷺ".repeat(100),
        format!("\"{}\"", "ﷺ".repeat(100)),
        format!("\"{}\"", words.join(" ")),
        words.iter().map(|word| format!("\"{word}\" ")).collect(),
        "1,".repeat(20_000),
        format!("\"{}\"", "1,".repeat(20_000)),
        format!("{}*", "가나다".repeat(7_000)),
        "가나다".repeat(7_000),
        format!("\"{}\"~5", words.join(" ")),
        format!("기자:{}", "가".repeat(60_000)),
    ] {
        let begun = std::time::Instant::now();
        archive.found(&query);
        let took = begun.elapsed();
        let name: String = query.chars().take(12).collect();
        assert!(took.as_secs_f64() < 20.0, "{name}: {took:?}");
    }
}

/// Concatenated pages of any size equal the full list, also with copies folded, and no size overflows.
#[test]
fn joined_pages_equal_the_whole_list() {
    let archive = Archive::new(None);
    let searcher = archive.engine.searcher().unwrap();
    for query in ["도서관", "예산", "*"] {
        for all_copies in [false, true] {
            let request = |offset, limit| Request {
                tree: query::parse(query, jiff::civil::date(2026, 1, 1)).tree,
                offset,
                limit,
                all_copies,
                ..Request::default()
            };
            let all = searcher.search(&request(0, usize::MAX)).unwrap();
            assert!(!all.hits.is_empty(), "{query}");
            assert_eq!(all.hits.len() as u64, all.total);
            for size in [1, 3, 7] {
                let mut joined = Vec::new();
                for offset in (0..all.hits.len()).step_by(size) {
                    joined.extend(searcher.search(&request(offset, size)).unwrap().hits);
                }
                assert_eq!(joined, all.hits, "{query} by {size}");
            }
            let rest = searcher.search(&request(1, usize::MAX)).unwrap();
            assert_eq!(rest.hits, all.hits[1..]);
        }
    }
}

/// All counts are of the same set.
#[test]
fn totals_trend_facets_and_lists_agree() {
    let archive = Archive::new(Some(Synonyms::builtin().clone()));
    let searcher = archive.engine.searcher().unwrap();
    let mut random = Random::new(7);
    for _ in 0..200 {
        let clipping = &archive.clippings[random.below(archive.clippings.len())];
        let words: Vec<&str> = clipping.body.split_whitespace().collect();
        if words.is_empty() {
            continue;
        }
        let length = (1 + random.below(2)).min(words.len());
        let from = random.below(words.len() - length + 1);
        let typed = words[from..from + length].join(" ");
        let request = Request {
            facets: true,
            partial: true,
            ..Request::all_of(query::parse(&typed, jiff::civil::date(2026, 1, 1)).tree)
        };
        let folded = searcher.search(&request).unwrap();
        let copies: usize = folded.hits.iter().map(|hit| 1 + hit.copies.len()).sum();
        assert_eq!(folded.hits.len() as u64, folded.total, "{typed}");
        assert_eq!(copies as u64, folded.clippings, "{typed}");
        let days = searcher.days(&request).unwrap();
        assert_eq!(days.total(), folded.total, "{typed}");
        let facets = folded.facets.unwrap();
        let dated: u64 = facets.months.iter().map(|month| month.count).sum();
        let each = Request {
            all_copies: true,
            ..request.clone()
        };
        let undated = searcher.days(&each).unwrap().undated;
        assert_eq!(dated + undated, folded.clippings, "{typed}");
        assert_eq!(
            searcher.stats(&request).unwrap().clippings,
            folded.clippings,
            "{typed}"
        );
    }
}
