//! Recognizes query words that are forms of verbs and adjectives.

use crate::analyze::explain::ExplainedMorpheme;

/// Whether a word is a form of a verb or adjective, starting with its stem: 늘 + 었 + 나. Tags are
/// those of mecab-ko-dic; `VV+EC` is a fused morpheme.
pub(in crate::search) fn is_verb_form(morphemes: &[ExplainedMorpheme]) -> bool {
    let Some((first, rest)) = morphemes.split_first() else {
        return false;
    };
    let is_ending = |m: &ExplainedMorpheme| m.tag.starts_with('E') || m.tag.starts_with("VX");
    let begins = ["VV", "VA"].iter().any(|tag| first.tag.starts_with(tag));
    let last = morphemes.last().and_then(|m| m.tag.rsplit('+').next());
    begins && rest.iter().all(is_ending) && last.is_some_and(|tag| tag.starts_with('E'))
}
