//! Synonyms: the built-in table and the user's `synonyms.txt`.
//!
//! They expand queries, so changing them does not require a new index. The built-in table is
//! `data/synonyms.txt`, in the same format:
//!
//! ```text
//! 생성형 AI, 생성 AI      # either finds the other
//! 삼전 => 삼성전자        # one way
//! ```

use std::ops::Range;
use std::sync::LazyLock;

use rustc_hash::FxHashMap;
use serde::Serialize;

use super::fold::folded;

/// An invalid line of a user's file, which is skipped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineWarning {
    /// Line number, from 1.
    pub line: usize,
    /// What is wrong and how to correct it.
    pub problem: LineProblem,
}

/// What is wrong with a line of synonyms or user words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum LineProblem {
    /// More than one `=>`.
    SeveralArrows,
    /// Nothing on one side of `=>`.
    EmptySide,
    /// A group of one.
    LoneWord,
    /// Not `word[,tag[,parts]]`.
    NotARow,
    /// A row without its word.
    NoWord,
    /// A word of more than `limit` bytes.
    WordTooLong {
        /// The most.
        limit: usize,
    },
    /// What is not one word.
    NotOneWord {
        /// As written.
        word: String,
    },
    /// A tag that no word can have.
    UnknownTag {
        /// As written.
        tag: String,
        /// Those that there are.
        tags: Vec<&'static str>,
    },
    /// Parts that are not the word when run together.
    OtherParts {
        /// As written.
        word: String,
        /// The parts, with `+` between them.
        parts: String,
    },
}

/// One or more folded words.
pub type Phrase = Vec<String>;

/// A table of synonyms.
#[derive(Debug, Clone, Default)]
pub struct Synonyms {
    /// Synonyms by phrase; the key is its words concatenated.
    others: FxHashMap<String, Vec<Phrase>>,
    /// Length of the longest key in characters.
    longest: usize,
}

/// The synonyms of a range of query words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expansion<'s> {
    /// Indices of the words.
    pub words: Range<usize>,
    /// Never empty. If a group has a word both with and without a joining sign (연구개발, 연구·개발), both
    /// are listed, whichever the query has.
    pub phrases: &'s [Phrase],
}

static BUILTIN: LazyLock<Synonyms> =
    LazyLock::new(|| Synonyms::parse(include_str!("data/synonyms.txt")).0);

impl Synonyms {
    /// Variants of names and terms in news text.
    pub fn builtin() -> &'static Synonyms {
        &BUILTIN
    }

    /// Parses a synonym file.
    ///
    /// One group per line: `a, b, c` (each finds the others) or `a, b => c, d` (a and b also find c
    /// and d). `#` starts a comment. Invalid lines are skipped with a warning.
    pub fn parse(text: &str) -> (Synonyms, Vec<LineWarning>) {
        let mut synonyms = Synonyms::default();
        let mut warnings = Vec::new();
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        for (number, line) in text.lines().enumerate() {
            let line = without_comment(line).trim();
            if line.is_empty() {
                continue;
            }
            if let Err(problem) = synonyms.add_line(line) {
                warnings.push(LineWarning {
                    line: number + 1,
                    problem,
                });
            }
        }
        (synonyms, warnings)
    }

    fn add_line(&mut self, line: &str) -> Result<(), LineProblem> {
        if let Some((from, to)) = line.split_once("=>") {
            if to.contains("=>") {
                return Err(LineProblem::SeveralArrows);
            }
            let (from, to) = (phrases(from), phrases(to));
            if from.is_empty() || to.is_empty() {
                return Err(LineProblem::EmptySide);
            }
            for phrase in &from {
                self.add(phrase, &to);
            }
        } else {
            let group = phrases(line);
            if group.len() < 2 {
                return Err(LineProblem::LoneWord);
            }
            for phrase in &group {
                self.add(phrase, &group);
            }
        }
        Ok(())
    }

    fn add(&mut self, from: &Phrase, to: &[Phrase]) {
        let key = concatenate(from.iter().map(String::as_str));
        let others: Vec<&Phrase> = to.iter().filter(|&phrase| phrase != from).collect();
        if key.is_empty() || others.is_empty() {
            return;
        }
        self.longest = self.longest.max(key.chars().count());
        let known = self.others.entry(key).or_default();
        for phrase in others {
            if !known.contains(phrase) {
                known.push(phrase.clone());
            }
        }
    }

    /// Adds the synonyms of `other`.
    #[must_use]
    pub fn merge(mut self, other: &Synonyms) -> Synonyms {
        for (key, phrases) in &other.others {
            let known = self.others.entry(key.clone()).or_default();
            for phrase in phrases {
                if !known.contains(phrase) {
                    known.push(phrase.clone());
                }
            }
        }
        self.longest = self.longest.max(other.longest);
        self
    }

    /// Whether there are no synonyms.
    pub fn is_empty(&self) -> bool {
        self.others.is_empty()
    }

    /// Finds the synonyms of query words. Each word is given folded, as written and without its
    /// particle.
    ///
    /// The longest phrase at each word wins, and matching continues after it. Spacing does not
    /// matter: `생성형ai` matches `생성형`, `ai`, and `배달의민족` matches `배달의`, `민족`. Only the last word may
    /// have a particle that the phrase does not have.
    pub fn expansions(&self, words: &[(&str, &str)]) -> Vec<Expansion<'_>> {
        let mut found = Vec::new();
        let mut from = 0;
        while from < words.len() {
            let mut key = String::new();
            let mut best = None;
            for (to, (written, bare)) in words.iter().enumerate().skip(from) {
                let before = key.len();
                for last in [bare, written] {
                    key.truncate(before);
                    push_bare(last, &mut key);
                    if let Some(phrases) = self.others.get(&key) {
                        best = Some(Expansion {
                            words: from..to + 1,
                            phrases,
                        });
                    }
                }
                if key.chars().count() > self.longest {
                    break;
                }
            }
            from = best.as_ref().map_or(from + 1, |b| b.words.end);
            found.extend(best);
        }
        found
    }
}

/// Cuts off the comment. A `#` inside a word (C#) does not start one.
pub(super) fn without_comment(line: &str) -> &str {
    let mut before = ' ';
    for (at, c) in line.char_indices() {
        if c == '#' && before.is_whitespace() {
            return line.get(..at).unwrap_or(line);
        }
        before = c;
    }
    line
}

/// The phrases of a comma-separated list; those that fold to nothing are dropped.
fn phrases(list: &str) -> Vec<Phrase> {
    list.split([',', '，', '、'])
        .map(|item| {
            item.split_whitespace()
                .map(folded)
                .filter(|word| !word.is_empty())
                .collect::<Phrase>()
        })
        .filter(|phrase| !concatenate(phrase.iter().map(String::as_str)).is_empty())
        .collect()
}

fn concatenate<'w>(words: impl Iterator<Item = &'w str>) -> String {
    let mut key = String::new();
    words.for_each(|word| push_bare(word, &mut key));
    key
}

/// Appends `word` without signs that only join its parts.
fn push_bare(word: &str, key: &mut String) {
    key.extend(word.chars().filter(|c| !matches!(c, '-' | '·')));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(synonyms: &Synonyms, query: &str) -> Vec<(Range<usize>, Vec<String>)> {
        let words: Vec<String> = query.split(' ').map(folded).collect();
        let words: Vec<(&str, &str)> = words.iter().map(|w| (&w[..], &w[..])).collect();
        synonyms
            .expansions(&words)
            .into_iter()
            .map(|e| (e.words, e.phrases.iter().map(|p| p.join(" ")).collect()))
            .collect()
    }

    #[test]
    fn every_builtin_row_is_read() {
        let text = include_str!("data/synonyms.txt");
        let (synonyms, warnings) = Synonyms::parse(text);
        assert_eq!(warnings, []);
        for line in text
            .lines()
            .map(without_comment)
            .filter(|l| !l.trim().is_empty())
        {
            let left = line.split("=>").next().unwrap();
            for phrase in phrases(left) {
                let words: Vec<(&str, &str)> = phrase.iter().map(|w| (&w[..], &w[..])).collect();
                let found = synonyms.expansions(&words);
                assert_eq!(found.len(), 1, "{line}");
                assert_eq!(found[0].words, 0..words.len(), "{line}");
            }
        }
        assert!(text.lines().filter(|l| !l.starts_with('#')).count() > 200);
    }

    #[test]
    fn no_builtin_word_is_in_two_rows() {
        let mut seen = std::collections::HashMap::new();
        for line in include_str!("data/synonyms.txt")
            .lines()
            .map(without_comment)
        {
            if line.contains("=>") {
                continue;
            }
            for phrase in phrases(line) {
                let key = concatenate(phrase.iter().map(String::as_str));
                let other = seen.insert(key, line).unwrap_or(line);
                assert_eq!(other, line, "a word is in two rows");
            }
        }
    }

    #[test]
    fn spacing_does_not_matter() {
        let builtin = Synonyms::builtin();
        let all = ["생성 ai", "생성형 인공지능", "생성 인공지능"].map(String::from);
        for query in ["생성형AI", "생성형 AI", "생성 형 AI"] {
            let words = query.split(' ').count();
            assert_eq!(found(builtin, query), [(0..words, all.to_vec())]);
        }
        assert_eq!(found(builtin, "인공 지능")[0].1, ["ai"]);
        assert_eq!(found(builtin, "코로나바이러스감염증 19").len(), 1);
        let signs: Vec<String> = found(builtin, "연구개발").remove(0).1;
        assert!(signs.contains(&"연구·개발".to_string()), "{signs:?}");
    }

    #[test]
    fn the_longest_match_counts() {
        let found = found(Synonyms::builtin(), "한국은행 생성형 인공지능 UN");
        let ranges: Vec<Range<usize>> = found.into_iter().map(|f| f.0).collect();
        assert_eq!(ranges, [0..1, 1..3, 3..4]);
    }

    #[test]
    fn one_way_is_one_way() {
        let (synonyms, warnings) = Synonyms::parse("가나, 다라 => 마바 # comment\nC#, 씨샵\n");
        assert_eq!(warnings, []);
        assert_eq!(found(&synonyms, "다라"), [(0..1, vec!["마바".to_string()])]);
        assert_eq!(found(&synonyms, "마바"), []);
        assert_eq!(found(&synonyms, "씨샵"), [(0..1, vec!["c#".to_string()])]);
    }

    #[test]
    fn invalid_lines_are_reported_and_skipped() {
        let (synonyms, warnings) = Synonyms::parse("\u{FEFF}하나\n, ,\na => b => c\n=> d\n가,나\n");
        let lines: Vec<usize> = warnings.iter().map(|n| n.line).collect();
        assert_eq!(lines, [1, 2, 3, 4]);
        assert_eq!(warnings[0].problem, LineProblem::LoneWord);
        assert_eq!(found(&synonyms, "나").len(), 1);
    }

    #[test]
    fn a_particle_inside_belongs_to_the_phrase_one_after_it_does_not() {
        let (synonyms, _) = Synonyms::parse("배달의민족, 배민");
        let count = |words: &[(&str, &str)]| synonyms.expansions(words).len();
        assert_eq!(count(&[("배달의", "배달"), ("민족", "민족")]), 1);
        assert_eq!(count(&[("배달의", "배달"), ("민족은", "민족")]), 1);
        assert_eq!(count(&[("배달의민족은", "배달의민족")]), 1);
        assert_eq!(count(&[("배달", "배달"), ("민족", "민족")]), 0);
    }

    #[test]
    fn users_add_to_the_builtin() {
        let (user, _) = Synonyms::parse("인공지능, 에이아이");
        let both = user.merge(Synonyms::builtin());
        assert_eq!(found(&both, "인공지능")[0].1, ["에이아이", "ai"]);
    }

    proptest! {
        #[test]
        fn any_file_can_be_read(text in "([가-다]|[a-c]|[, #\n]|=>|.){0,60}", query in "[가-다a-c ]{0,20}") {
            let (synonyms, warnings) = Synonyms::parse(&text);
            let lines = text.lines().count();
            prop_assert!(warnings.iter().all(|n| n.line >= 1 && n.line <= lines));
            let words: Vec<(&str, &str)> = query.split(' ').map(|w| (w, w)).collect();
            let mut end = 0;
            for expansion in synonyms.expansions(&words) {
                prop_assert!(expansion.words.start >= end && expansion.words.end <= words.len());
                prop_assert!(!expansion.phrases.is_empty());
                end = expansion.words.end;
            }
        }
    }
}
