//! Rules out runs that cannot have any of the searched terms, without analyzing them.
//!
//! Marks are computed on texts that the analyzer may not have cached, and analyzing a run costs a
//! hundred times this check. A term of a run is a substring of it, or the dictionary form of a verb
//! in it, or a reading of its Hanja or abbreviations.

use aho_corasick::{AhoCorasick, MatchKind};

use crate::analyze::abbreviations;
use crate::analyze::fold::fold_simple;
use crate::hangul::{self, is_syllable};

/// Searches runs for terms. May return false positives; false negatives only for verb forms that the dictionary assigns
/// to another verb, see `unchanging`.
#[derive(Debug, Default)]
pub struct RunPrefilter {
    /// Finds the texts of the terms; `None` if there are too many, and every run passes.
    pieces: Option<AhoCorasick>,
    /// Bit set of the initial consonants of short verbs that are searched: the initial stays even if the rest of the
    /// first syllable changes (돕다 도와, 빠르다 빨라, 보다 봐).
    initials: u32,
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
        let mut initials = 0;
        let mut add_initial = |text: &str| {
            if let Some(initial) = text.chars().next().and_then(initial) {
                initials |= 1 << initial;
            }
        };
        let mut pieces: Vec<String> = Vec::new();
        for text in texts {
            if text.ends_with('다') {
                match unchanging(text) {
                    Some(beginning) => pieces.push(beginning.to_owned()),
                    None => add_initial(text),
                }
            }
            pieces.push(text.to_owned());
            let letters = abbreviations::standing_for(|meaning| meaning == text);
            pieces.extend(letters.map(str::to_owned));
        }
        for prefix in prefixes {
            add_initial(prefix);
            pieces.push(prefix.to_owned());
            let letters = abbreviations::standing_for(|meaning| meaning.starts_with(prefix));
            pieces.extend(letters.map(str::to_owned));
        }
        let finder = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .ascii_case_insensitive(true)
            .build(&pieces);
        RunPrefilter {
            pieces: finder.ok(),
            initials,
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
            || self.initials != 0
                && run
                    .chars()
                    .filter_map(initial)
                    .any(|i| self.initials & (1 << i) != 0)
    }
}

/// The beginning of a dictionary form that all forms of the verb share, if it is longer than a syllable. Endings change
/// the last syllable of the stem (돕다 도와), or the last two if it is 르 (빠르다 빨라). Vowels inside a verb merge
/// (이루어지다 이뤄지다). Of 70,853 verb forms in 27,644 articles, four have another beginning, all analyzed wrongly
/// (지언정 as 떨어지다).
fn unchanging(verb: &str) -> Option<&str> {
    let stem = verb.strip_suffix('다')?;
    let syllables: Vec<(usize, char)> = stem.char_indices().collect();
    let changing = if stem.ends_with('르') { 2 } else { 1 };
    let merged = (syllables.iter().skip(1)).position(|(_, c)| matches!(c, '아' | '어'));
    let length = syllables.len().saturating_sub(changing);
    let length = merged.map_or(length, |at| length.min(at));
    let (end, _) = *syllables.get(length)?;
    (length > 1).then(|| stem.get(..end)).flatten()
}

/// Number of the initial consonant of a Hangul syllable.
fn initial(c: char) -> Option<u32> {
    hangul::decompose(c).map(|(lead, ..)| lead)
}

#[cfg(test)]
mod tests {
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
        assert!(!RunPrefilter::new(["하만주"].into_iter()).has("만주가"));
        assert!(!RunPrefilter::new(["뒤처지다"].into_iter()).has("만주가"));
        assert!(!RunPrefilter::new(["뒤처지다"].into_iter()).has("대통령실은"));
        assert!(!RunPrefilter::new([].into_iter()).has("만주가"));
    }

    proptest! {
        #[test]
        fn no_run_of_any_text_is_stopped(text in "([가-힣]{1,5}|[a-zA-Z0-9]{1,3}|[1-9],[0-9]{3}[.]?|[美中러·&一-龥ᄀ-ᇂＡ-Ｚ])(은|했다|워|라|된|한다)?") {
            let mut analyzer = Analyzer::new(Language::embedded().unwrap());
            for term in terms(&mut analyzer, &text) {
                let likely = RunPrefilter::new([term.as_str()].into_iter());
                let mut passed = Vec::new();
                analyzer.terms_of(&text, |run| likely.has(run), &mut |t| passed.push(t.text.to_owned()));
                prop_assert!(passed.contains(&term), "{} of {}", term, text);
            }
        }
    }
}
