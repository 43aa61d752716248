//! Rules out runs that cannot have any of the searched terms, without analyzing them.
//!
//! Marks are computed on texts that the analyzer may not have cached, and analyzing a run costs a
//! hundred times this check. A term of a run is a substring of it, or the dictionary form of a verb
//! in it, or a reading of its Hanja or abbreviations.

use aho_corasick::{AhoCorasick, MatchKind};
use rustc_hash::FxHashSet;

use crate::analyze::abbreviations;
use crate::analyze::fold::fold_simple;
use crate::hangul::{self, is_syllable};

/// Searches runs for terms. May return false positives; false negatives only for verb forms that the dictionary assigns
/// to another verb: 18 of 68,577 in 27,644 articles (지언정 as 떨어지다, 파리는 as 팔리다).
#[derive(Debug, Default)]
pub struct RunPrefilter {
    /// Finds the texts of the terms; `None` if there are too many, and every run passes.
    pieces: Option<AhoCorasick>,
    /// Syllables without their tails that forms of searched verbs begin with, if the first syllable changes.
    heads: FxHashSet<char>,
}

impl RunPrefilter {
    /// A prefilter for terms with these folded texts.
    pub fn new<'t>(texts: impl Iterator<Item = &'t str>) -> RunPrefilter {
        RunPrefilter::with_prefixes(texts, std::iter::empty())
    }

    /// A prefilter for terms with these folded texts, and for those that begin with one of `prefixes`.
    pub fn with_prefixes<'t>(
        texts: impl Iterator<Item = &'t str>,
        prefixes: impl Iterator<Item = &'t str>,
    ) -> RunPrefilter {
        let mut pieces: Vec<String> = Vec::new();
        let mut stems: Vec<&str> = Vec::new();
        for text in texts {
            stems.extend(text.strip_suffix('다'));
            pieces.push(text.to_owned());
            let letters = abbreviations::standing_for(|meaning| meaning == text);
            pieces.extend(letters.map(str::to_owned));
        }
        for prefix in prefixes {
            if prefix.starts_with(is_syllable) {
                let stem = prefix.strip_suffix('다').filter(|stem| !stem.is_empty());
                stems.push(stem.unwrap_or(prefix));
            }
            pieces.push(prefix.to_owned());
            let letters = abbreviations::standing_for(|meaning| meaning.starts_with(prefix));
            pieces.extend(letters.map(str::to_owned));
        }
        let mut heads = FxHashSet::default();
        for stem in stems {
            match unchanging(stem) {
                "" => heads.extend(stem.chars().next().into_iter().flat_map(first_heads)),
                beginning => pieces.push(beginning.to_owned()),
            }
        }
        let finder = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .ascii_case_insensitive(true)
            .build(&pieces);
        RunPrefilter {
            pieces: finder.ok(),
            heads,
        }
    }

    /// Whether `run`, as written, may have one of the terms.
    pub fn has(&self, run: &str) -> bool {
        // Characters that folding changes, and Hanja, are left to the analyzer.
        let is_simple = |c: char| c.is_ascii() && fold_simple(c).is_some() || is_syllable(c);
        if !run.chars().all(is_simple) {
            return true;
        }
        self.pieces.as_ref().is_none_or(|p| p.is_match(run))
            || !self.heads.is_empty()
                && run
                    .chars()
                    .filter_map(head)
                    .any(|head| self.heads.contains(&head))
    }
}

/// The beginning of the stem of a verb that all its forms share. Endings change the last syllable of the stem (돕다 도와), or
/// the last two if it is 르 (빠르다 빨라). Vowels inside a verb merge (이루어지다 이뤄지다).
fn unchanging(stem: &str) -> &str {
    let syllables: Vec<(usize, char)> = stem.char_indices().collect();
    let changing = if stem.ends_with('르') { 2 } else { 1 };
    let merged = (syllables.iter().skip(1)).position(|(_, c)| matches!(c, '아' | '어'));
    let length = syllables.len().saturating_sub(changing);
    let length = merged.map_or(length, |at| length.min(at));
    let end = syllables.get(length).map_or(0, |(at, _)| *at);
    stem.get(..end).unwrap_or_default()
}

/// The heads that the first syllable of a verb may have in its forms. 아 and 어 merge with a vowel before them (보다 봐, 크다 커,
/// 하다 해). The dictionary has forms of dialects, too (주다 조, 쉽다 시운).
fn first_heads(first: char) -> Vec<char> {
    const VOWELS: [&str; 9] = [
        "ㅏㅐ",
        "ㅓㅕ",
        "ㅕㅣ",
        "ㅗㅘㅜ",
        "ㅚㅙ",
        "ㅜㅝㅓㅗ",
        "ㅟㅣ",
        "ㅡㅓㅏ",
        "ㅣㅕ",
    ];
    let Some((lead, vowel, _)) = hangul::jamo(first) else {
        return Vec::new();
    };
    let vowels = VOWELS.iter().find(|vowels| vowels.starts_with(vowel));
    let vowels = vowels.map_or_else(|| vowel.to_string(), |vowels| (*vowels).to_owned());
    let heads = vowels.chars();
    heads
        .filter_map(|vowel| hangul::compose_jamo(lead, vowel, None))
        .collect()
}

/// A Hangul syllable without its tail.
fn head(c: char) -> Option<char> {
    let (lead, vowel, _) = hangul::decompose(c)?;
    hangul::compose(lead, vowel, 0)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::fs;
    use std::path::Path;

    use proptest::prelude::*;

    use super::*;
    use crate::analyze::{Analyzer, Language};

    fn terms(analyzer: &mut Analyzer, text: &str) -> Vec<String> {
        let mut terms = Vec::new();
        analyzer.terms(text, &mut |t| terms.push(t.text.to_owned()));
        terms
    }

    #[test]
    fn no_run_with_the_term_is_stopped() {
        let text = "1,000억원 d.c.에서 하만주가 뒤처져 도와줬다. 이뤄지면 봐주고 놔둬라. 더 빨라진 SK하이닉스, 러·우 전쟁과 美대선 R&D를 봐라. \
                    李開復 ＡＩ 대통령실은 굴러갔다 아름다워 지었다 들었다 퍼렇게 골라 눌러 이르러";
        let mut analyzer = Analyzer::new(Language::embedded().unwrap());
        for run in text.split(' ') {
            for term in terms(&mut analyzer, run) {
                assert!(
                    RunPrefilter::new([term.as_str()].into_iter()).has(run),
                    "{term} of {run}"
                );
            }
        }
        let begun = |prefix| RunPrefilter::with_prefixes([].into_iter(), [prefix].into_iter());
        for (prefix, run) in [
            ("이루어지", "이뤄진다"),
            ("돕다", "도와"),
            ("다", "달라진"),
            ("서두르", "서둘러"),
            ("빠르", "빨라"),
        ] {
            assert!(begun(prefix).has(run), "{prefix}* in {run}");
        }
        assert!(!begun("혐의로").has("협의했다"));
        assert!(!RunPrefilter::new(["하만주"].into_iter()).has("만주가"));
        assert!(!RunPrefilter::new(["뒤처지다"].into_iter()).has("만주가"));
        assert!(!RunPrefilter::new(["뒤처지다"].into_iter()).has("대통령실은"));
        assert!(!RunPrefilter::new([].into_iter()).has("만주가"));
    }

    #[test]
    fn no_verb_of_an_article_is_stopped() {
        let mut analyzer = Analyzer::new(Language::embedded().unwrap());
        let mut verbs = 0;
        let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let bytes = fs::read(path).unwrap();
                let text = String::from_utf8_lossy(&bytes);
                let runs: HashSet<&str> = text.split(|c| !is_syllable(c)).collect();
                for run in runs {
                    let terms = terms(&mut analyzer, run).into_iter();
                    for verb in terms.filter(|term| term.ends_with('다') && !run.contains(term)) {
                        verbs += 1;
                        for (end, c) in verb.char_indices() {
                            let prefix = &verb[..end + c.len_utf8()];
                            let begun = [prefix].into_iter();
                            let begun = RunPrefilter::with_prefixes([].into_iter(), begun);
                            assert!(begun.has(run), "{prefix}* in {run}");
                        }
                        let verb = [verb.as_str()].into_iter();
                        assert!(RunPrefilter::new(verb).has(run), "{run}");
                    }
                }
            }
        }
        assert!(verbs > 1_000, "{verbs}");
    }

    proptest! {
        /// Except for verbs: syllables drawn at random are not forms of the verbs that the dictionary assigns them to.
        #[test]
        fn no_run_of_any_text_is_stopped(text in "([가-힣]{1,5}|[a-zA-Z0-9]{1,3}|[1-9],[0-9]{3}[.]?|[美中러·&一-龥ᄀ-ᇂＡ-Ｚ])(은|했다|워|라|된|한다)?") {
            let mut analyzer = Analyzer::new(Language::embedded().unwrap());
            let terms = terms(&mut analyzer, &text).into_iter();
            for term in terms.filter(|term| !term.ends_with('다') || text.contains(term)) {
                let prefilter = RunPrefilter::new([term.as_str()].into_iter());
                let mut passed = Vec::new();
                analyzer.terms_of(&text, |run| prefilter.has(run), &mut |t| passed.push(t.text.to_owned()));
                prop_assert!(passed.contains(&term), "{} of {}", term, text);
                for (end, _) in term.char_indices().skip(1) {
                    let prefix = RunPrefilter::with_prefixes([].into_iter(), [&term[..end]].into_iter());
                    prop_assert!(prefix.has(&text), "{}* in {}", &term[..end], text);
                }
            }
        }
    }
}
