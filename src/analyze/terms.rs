//! Derives the terms of a run from its morphemes. Determines how a word can be found.
//!
//! 1. *Precision by the word itself.* A run without its particle is a term, however the dictionary
//!    splits it (`하만주가` → 하만주). If the particle may begin in two places, both stems are terms
//!    (`이재은` → 이재은, and 이재 with particle 은).
//! 2. *Recall by its parts.* Morphemes, components of compounds, sequences of one script and
//!    dictionary forms of verbs are terms of a separate kind.
//! 3. *Every run has a term.* Particles and endings are dropped only at the end and after content;
//!    a run without content is kept whole.

use serde::Serialize;
use unicode_normalization::UnicodeNormalization;

use crate::hangul::{decompose, is_syllable};

use super::TermKind;
use super::abbreviations::{Abbreviation, Abbreviations, abbreviations};
use super::fold::Folded;
use super::hanja;
use super::lattice::{Lattice, Lexeme, Morpheme};
use super::particles::{self, Suffix};
use super::tag::PosTag;
use super::user_words::UserWords;

/// Minimum length in syllables of a stem before a particle that the dictionary does not confirm.
const MIN_UNCONFIRMED_STEM: usize = 2;

/// Minimum length in syllables of a verb form that is not a person's name.
const MIN_PLAIN_VERB: usize = 4;

/// Why a run has a term.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TermOrigin {
    /// The run as written.
    AsWritten,
    /// The run without the particle that the dictionary confirms.
    WithoutParticle,
    /// The run without a possible particle, which the dictionary does not confirm.
    PerhapsWithoutParticle,
    /// A morpheme of the run.
    Morpheme,
    /// A noun with its affixes, or digits with their unit.
    WithAffix,
    /// A component of a compound in the dictionary.
    PieceOfCompound,
    /// The dictionary form of a verb or adjective.
    DictionaryForm,
    /// A sequence of one script in a run of several.
    Script,
    /// A part listed in the user words.
    UserPart,
    /// A reading of Hanja.
    Reading,
    /// The meaning of a one-letter abbreviation.
    #[serde(rename = "sign")]
    Abbreviation,
}

/// Maximum length in syllables of a noun that may be the beginning of a name ending like a
/// particle.
const MAX_UNSURE_STEM: usize = 3;

/// The terms of one run.
#[derive(Debug, Clone, Default)]
pub struct RunTerms {
    /// Texts of all terms, concatenated.
    texts: String,
    terms: Vec<RunTerm>,
}

/// `text` is a range in `RunTerms::texts`; `start` and `end` are byte offsets in the folded run.
#[derive(Debug, Clone, Copy)]
struct RunTerm {
    kind: TermKind,
    origin: TermOrigin,
    text: (u32, u32),
    start: u32,
    end: u32,
}

impl RunTerms {
    /// Removes all terms but keeps the buffers.
    pub fn clear(&mut self) {
        self.texts.clear();
        self.terms.clear();
    }

    /// Converts offsets in the folded run to offsets in the original.
    pub fn map_offsets(&mut self, folded: &Folded) {
        if !folded.is_identity() {
            for term in &mut self.terms {
                term.start = folded.original_start(term.start as usize) as u32;
                term.end = folded.original_end(term.end as usize) as u32;
            }
        }
    }

    /// Text, kind and origin of every term.
    pub fn origins(&self) -> impl Iterator<Item = (&str, TermKind, TermOrigin)> {
        let origins = self.terms.iter().map(|t| t.origin);
        self.iter()
            .zip(origins)
            .map(|((text, kind, ..), origin)| (text, kind, origin))
    }

    /// Text, kind, start and end of every term; offsets are bytes of the folded run.
    pub fn iter(&self) -> impl Iterator<Item = (&str, TermKind, usize, usize)> {
        self.terms.iter().map(|t| {
            let text = &self.texts[t.text.0 as usize..t.text.1 as usize];
            (text, t.kind, t.start as usize, t.end as usize)
        })
    }

    /// Adds a term unless the run has the same text with the same kind or, for a part, with any
    /// kind.
    pub fn push(
        &mut self,
        text: &str,
        kind: TermKind,
        origin: TermOrigin,
        (start, end): (usize, usize),
    ) {
        let known = self
            .iter()
            .any(|(t, k, ..)| t == text && (k == kind || kind == TermKind::Part));
        if text.is_empty() || known {
            return;
        }
        let from = self.texts.len() as u32;
        self.texts.push_str(text);
        self.terms.push(RunTerm {
            kind,
            origin,
            text: (from, self.texts.len() as u32),
            start: start as u32,
            end: end as u32,
        });
    }
}

/// Derives the terms of the folded run `word` from its morphemes.
pub fn derive(
    word: &str,
    morphemes: &[Morpheme],
    lattice: &Lattice,
    user_words: &UserWords,
    out: &mut RunTerms,
) {
    out.clear();
    let is_inflected = is_plainly_inflected(word, morphemes);
    push_stems(word, morphemes, !is_inflected, out);
    push_parts(word, morphemes, lattice, user_words, out);
    // Light verbs have no dictionary form term.
    if is_inflected && out.terms.is_empty() {
        out.push(
            word,
            TermKind::Whole,
            TermOrigin::AsWritten,
            (0, word.len()),
        );
    }
    push_readings(word, out);
}

/// Whether a run is certainly a form of a verb or adjective: `발표했다`, `나타나면서`. Such a run is indexed
/// only under its noun or dictionary form, and quotations of it are checked against the text. Short
/// runs are excluded, since many names look like verb forms (이어진, 시온, 강다온).
fn is_plainly_inflected(word: &str, morphemes: &[Morpheme]) -> bool {
    let [first, second, ..] = morphemes else {
        return false;
    };
    let ends = morphemes.last().is_some_and(|m| m.last == PosTag::E);
    let known = morphemes
        .iter()
        .all(|m| matches!(m.lexeme, Lexeme::Known(_)));
    if !ends || !known {
        return false;
    }
    let noun = first.first == PosTag::NNG
        && word[first.start..first.end].chars().count() > 1
        && matches!(second.first, PosTag::XSV | PosTag::XSA);
    let verb =
        matches!(first.first, PosTag::VV | PosTag::VA) && word.chars().count() >= MIN_PLAIN_VERB;
    noun || verb
}

/// Where the trailing particles begin according to the dictionary: byte offset, and number of
/// morphemes before.
fn particle_start(morphemes: &[Morpheme]) -> Option<(usize, usize)> {
    let functional =
        |m: &Morpheme| m.first == PosTag::J || m.first == PosTag::VCP || m.first == PosTag::E;
    let content = morphemes.len() - morphemes.iter().rev().take_while(|m| functional(m)).count();
    let last = morphemes.get(content.checked_sub(1)?)?;
    let edge = morphemes.get(content)?;
    let noun =
        last.last.is_nominal() || matches!(last.last, PosTag::XSN | PosTag::MA | PosTag::Other);
    (noun && edge.first != PosTag::E).then_some((edge.start, content))
}

/// Adds the run without its particle. Also adds the run as written, with `keep_whole` or if the
/// particle is uncertain.
fn push_stems(word: &str, morphemes: &[Morpheme], mut keep_whole: bool, out: &mut RunTerms) {
    let by_dictionary = particle_start(morphemes);
    let mut is_confirmed = false;
    for Suffix { at, particle } in particles::suffixes(word) {
        let stem = &word[..at];
        if let Some((_, content)) = by_dictionary.filter(|a| a.0 == at) {
            out.push(stem, TermKind::Stem, TermOrigin::WithoutParticle, (0, at));
            is_confirmed = true;
            keep_whole = particle.ambiguous && is_unsure(stem, &morphemes[..content]);
        } else if !is_confirmed && !is_in_predicate(at, morphemes) && is_long_enough(stem) {
            out.push(
                stem,
                TermKind::Stem,
                TermOrigin::PerhapsWithoutParticle,
                (0, at),
            );
        }
    }
    if keep_whole {
        out.push(
            word,
            TermKind::Whole,
            TermOrigin::AsWritten,
            (0, word.len()),
        );
    }
}

/// Whether a noun before a particle may be the beginning of a longer name: 이재 of 이재은. Such names
/// are short; a search for a longer one is checked against the text.
fn is_unsure(stem: &str, morphemes: &[Morpheme]) -> bool {
    let syllables = stem.chars().count();
    let is_familiar = match morphemes {
        [only] => only.lexeme != Lexeme::Unknown && (only.last != PosTag::NNP || syllables > 2),
        _ => false,
    };
    syllables == 1 || syllables <= MAX_UNSURE_STEM && !is_familiar && stem.chars().all(is_syllable)
}

fn is_long_enough(stem: &str) -> bool {
    stem.chars().count() >= MIN_UNCONFIRMED_STEM || !stem.chars().all(is_syllable)
}

/// Whether byte `at` is inside a verb, adjective or ending.
fn is_in_predicate(at: usize, morphemes: &[Morpheme]) -> bool {
    morphemes.iter().any(|m| {
        m.start <= at
            && at < m.end
            && matches!(
                m.first,
                PosTag::E
                    | PosTag::VV
                    | PosTag::VA
                    | PosTag::VX
                    | PosTag::VCN
                    | PosTag::XSV
                    | PosTag::XSA
            )
    })
}

/// Adds morphemes, components of compounds, nouns with affixes and dictionary forms.
fn push_parts(
    word: &str,
    morphemes: &[Morpheme],
    lattice: &Lattice,
    user_words: &UserWords,
    out: &mut RunTerms,
) {
    for (i, m) in morphemes.iter().enumerate() {
        let text = &word[m.start..m.end];
        if m.first.is_nominal() || matches!(m.first, PosTag::MA | PosTag::IC | PosTag::MM) {
            if is_worth_a_term(text, m.first) {
                out.push(text, TermKind::Part, TermOrigin::Morpheme, (m.start, m.end));
            }
            push_with_affixes(word, morphemes, i, out);
        }
        match m.lexeme {
            Lexeme::Known(id) => {
                push_components(text, id, m, lattice, out);
                push_dictionary_forms(word, morphemes, i, id, lattice, out);
            }
            Lexeme::User(number) => {
                for part in user_words.parts_of(number) {
                    out.push(part, TermKind::Part, TermOrigin::UserPart, (m.start, m.end));
                }
            }
            Lexeme::Unknown => {}
        }
    }
    let content = content(morphemes);
    push_nouns(word, content, lattice, out);
    let edge = particle_start(morphemes).map_or(word.len(), |e| e.0);
    for (start, end) in atom_ranges(word, content) {
        out.push(
            &word[start..end],
            TermKind::Part,
            TermOrigin::WithAffix,
            (start, end),
        );
    }
    push_scripts(&word[..edge], edge == word.len(), out);
}

/// Adds the nouns of a compound that the dictionary reads as something else: 전세 + 사기, not a form of 사다;
/// 병역 + 의무, not the particle 의; 아동 + 학대, not 아동학 and a form of 대다. Verbs behind a noun are written with
/// a space. Only if common nouns of two or more syllables make up all of it.
fn push_nouns(word: &str, content: &[Morpheme], lattice: &Lattice, out: &mut RunTerms) {
    let has = |tags: &[PosTag]| content.iter().any(|m| tags.contains(&m.first));
    let [first, .., last] = content else {
        return;
    };
    // 조사하고 is no compound of 조사 and 하고, but 인권침해 is one of 인권 and 침해.
    let is_derived = content.windows(2).any(|pair| {
        matches!(pair[1].first, PosTag::XSV | PosTag::XSA)
            && word[pair[0].start..pair[0].end].chars().count() > 1
    });
    let is_odd = has(&[
        PosTag::VV,
        PosTag::VA,
        PosTag::VCP,
        PosTag::XSV,
        PosTag::XSA,
        PosTag::E,
        PosTag::J,
    ]);
    // Two nouns of two syllables at least.
    let is_short = last.end < 4 * '가'.len_utf8();
    if is_short || !first.first.is_nominal() || is_derived || !is_odd {
        return;
    }
    let nouns = lattice.common_nouns(&word[..last.end]);
    let starts = nouns.iter().scan(0, |next, noun| {
        let start = *next;
        *next += noun.len();
        Some(start)
    });
    let starts: Vec<usize> = starts.collect();
    // 장애 + 인 + 복지 + 법 is not 장애 + 인복 + 지법. 아동학 is hardly a word.
    let is_cut =
        |m: &Morpheme| m.first.is_nominal() && starts.iter().any(|s| m.start < *s && *s < m.end);
    let is_noun_and_verb = content.len() == 2 && matches!(last.first, PosTag::VV | PosTag::VA);
    if !is_noun_and_verb && content.iter().any(is_cut) {
        return;
    }
    for (noun, start) in nouns.into_iter().zip(starts) {
        let span = (start, start + noun.len());
        out.push(noun, TermKind::Part, TermOrigin::Morpheme, span);
    }
}

/// Single letters and digits, and dependent nouns of one syllable, are meaningless alone.
fn is_worth_a_term(text: &str, tag: PosTag) -> bool {
    match tag {
        PosTag::SL | PosTag::SN => text.chars().count() > 1,
        PosTag::NNB | PosTag::NNBC | PosTag::MM => text.chars().count() > 1,
        _ => true,
    }
}

/// Adds a noun with its affixes (`생성+형`, `대+중국`), or digits with their unit.
fn push_with_affixes(word: &str, morphemes: &[Morpheme], at: usize, out: &mut RunTerms) {
    let start = match at.checked_sub(1).and_then(|i| morphemes.get(i)) {
        Some(prefix) if prefix.first == PosTag::XPN => prefix.start,
        _ => morphemes[at].start,
    };
    let suffixes = morphemes[at + 1..]
        .iter()
        .take_while(|m| {
            m.first == PosTag::XSN
                || morphemes[at].first == PosTag::SN
                    && matches!(m.first, PosTag::NR | PosTag::NNBC | PosTag::SN)
        })
        .last();
    let end = suffixes.map_or(morphemes[at].end, |m| m.end);
    if (start, end) != (morphemes[at].start, morphemes[at].end) {
        out.push(
            &word[start..end],
            TermKind::Part,
            TermOrigin::WithAffix,
            (start, end),
        );
    }
}

/// Adds the components of a compound in the dictionary: `국회/NNG/*+의원/NNG/*`.
fn push_components(text: &str, id: u32, m: &Morpheme, lattice: &Lattice, out: &mut RunTerms) {
    if !m.first.is_nominal() || text.chars().count() <= 2 {
        return;
    }
    let mut details = lattice.dictionary().word_details_iter(id as usize);
    if details.nth(4) != Some("Compound") {
        return;
    }
    let expression = details.nth(2).unwrap_or_default();
    let mut start = m.start;
    for piece in expression.split('+') {
        let piece = piece.split('/').next().unwrap_or_default();
        // The components concatenated give the compound, except in a few faulty entries.
        let end = (start + piece.len()).min(m.end);
        if piece.chars().count() > 1 {
            out.push(
                piece,
                TermKind::Part,
                TermOrigin::PieceOfCompound,
                (start.min(end), end),
            );
        }
        start = end;
    }
}

/// Adds the dictionary forms of a verb or adjective: 뒤처지다 for `뒤처져/VV+EC`, whose components the dictionary gives
/// as `뒤처지/VV/*+어/EC/*`; 듣다 and 들다 for 들었다; 말하다 for 말했다, since 말 alone means more than that.
fn push_dictionary_forms(
    word: &str,
    morphemes: &[Morpheme],
    at: usize,
    id: u32,
    lattice: &Lattice,
    out: &mut RunTerms,
) {
    let Some(m) = morphemes.get(at) else {
        return;
    };
    let is_verb = m.first.is_predicate();
    let is_suffix = matches!(m.first, PosTag::XSV | PosTag::XSA);
    // A syllable that the verb may be derived from.
    let before = morphemes.first().filter(|before| {
        at == 1
            && matches!(before.last, PosTag::NNG | PosTag::XR | PosTag::MA)
            && word[before.start..before.end].chars().count() == 1
    });
    let is_auxiliary = m.first == PosTag::VX && at == 0;
    if !(is_verb || is_suffix && before.is_some() || is_auxiliary) {
        return;
    }
    let text = &word[m.start..m.end];
    let mut details = lattice.dictionary().word_details_iter(id as usize);
    let kind = details.nth(4).unwrap_or_default();
    let expression = details.nth(2).unwrap_or_default();
    let stem = match kind {
        "Inflect" => expression.split('/').next().unwrap_or(text),
        _ => text,
    };
    let mut push = |before: &str, stem: &str, start: usize| {
        let form = [before, stem, "다"].concat();
        let span = (start, m.end);
        out.push(&form, TermKind::Part, TermOrigin::DictionaryForm, span);
    };
    if is_verb && !LIGHT_VERBS.contains(&stem) || at == 0 && stem == "못하" {
        push("", stem, m.start);
    }
    if let Some(before) = before.filter(|_| is_suffix || stem == "하") {
        push(&word[before.start..before.end], stem, before.start);
    }
    let next = word[m.end..].chars().next().and_then(decompose);
    if (is_verb || at == 0)
        && next.is_some_and(|(lead, ..)| lead == SILENT_LEAD)
        && let Some((_, base)) = IRREGULAR_STEMS.iter().find(|(form, _)| *form == stem)
    {
        push("", base, m.start);
    }
}

/// Stems of verbs without lexical meaning.
const LIGHT_VERBS: [&str; 5] = ["하", "되", "있", "시키", "그러"];

/// Number of ㅇ among the leading consonants, which is silent.
const SILENT_LEAD: u32 = 11;

/// Stems that end in ㄷ or ㅅ (right) as they are written before a vowel (left), where they look like others: 들었다 is a
/// form of 듣다 and of 들다. The dictionary only has the regular reading of these.
const IRREGULAR_STEMS: [(&str, &str); 12] = [
    ("걸", "걷"),
    ("길", "긷"),
    ("깨달", "깨닫"),
    ("들", "듣"),
    ("물", "묻"),
    ("불", "붇"),
    ("실", "싣"),
    ("나", "낫"),
    ("부", "붓"),
    ("이", "잇"),
    ("저", "젓"),
    ("지", "짓"),
];

/// Adds the sequences of one script in a run of several: `SK하이닉스` → sk, 하이닉스. `open_end`: the
/// dictionary found no particle, so the last sequence may still end with one.
fn push_scripts(word: &str, open_end: bool, out: &mut RunTerms) {
    let mut spans = 0;
    let mut start = 0;
    let mut last = None;
    let mut found = [(0, 0, Script::Other); 8];
    for (at, c) in word.char_indices().chain([(word.len(), '\0')]) {
        let script = if at == word.len() {
            None
        } else {
            Some(Script::of(c))
        };
        if last.is_some() && script != last {
            if let (Some(slot), Some(l)) = (found.get_mut(spans), last) {
                *slot = (start, at, l);
                spans += 1;
            }
            start = at;
        }
        last = script;
    }
    if spans < 2 {
        return;
    }
    for &(start, end, script) in &found[..spans] {
        let text = &word[start..end];
        let count = text.chars().count();
        let is_last_hangul = script == Script::Hangul && end == word.len();
        let is_particle = is_last_hangul && particles::particle(text).is_some();
        if count > 1
            && !is_particle
            && matches!(script, Script::Hangul | Script::Latin | Script::Hanja)
        {
            out.push(text, TermKind::Part, TermOrigin::Script, (start, end));
            if is_last_hangul && open_end {
                for Suffix { at, .. } in particles::suffixes(text) {
                    if text[..at].chars().count() > 1 {
                        out.push(
                            &text[..at],
                            TermKind::Part,
                            TermOrigin::Script,
                            (start, start + at),
                        );
                    }
                }
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Script {
    Hangul,
    Latin,
    Hanja,
    Digit,
    Other,
}

impl Script {
    fn of(c: char) -> Script {
        match c {
            c if is_syllable(c) => Script::Hangul,
            c if hanja::is_hanja(c) => Script::Hanja,
            c if c.is_numeric() => Script::Digit,
            c if c.is_alphabetic() => Script::Latin,
            _ => Script::Other,
        }
    }
}

/// Adds readings of Hanja, and meanings of abbreviations with the word after them.
fn push_readings(word: &str, out: &mut RunTerms) {
    for read in hanja::readings(word) {
        push_reading(&read, word.len(), 0, out);
    }
    let Abbreviations { found, rest } = abbreviations(word);
    for Abbreviation {
        meaning,
        start,
        end,
    } in &found
    {
        let origin = TermOrigin::Abbreviation;
        out.push(meaning, TermKind::Part, origin, (*start, *end));
    }
    if !found.is_empty() && rest < word.len() {
        push_reading(&word[rest..], word.len(), rest, out);
    }
}

/// Adds `read`, the reading of bytes `start..end` of the word, with and without its particle.
fn push_reading(read: &str, end: usize, start: usize, out: &mut RunTerms) {
    out.push(read, TermKind::Part, TermOrigin::Reading, (start, end));
    for Suffix { at, .. } in particles::suffixes(read) {
        // The particle is Hangul in the word too, so its length is the same.
        let end = (end + at).saturating_sub(read.len()).max(start);
        if is_long_enough(&read[..at]) {
            out.push(
                &read[..at],
                TermKind::Part,
                TermOrigin::Reading,
                (start, end),
            );
        }
    }
}

/// The atoms of `word`: a clipping without the word that has all of them is a partial match. Empty
/// if the word does not consist of several meaningful parts.
///
/// A noun keeps its affixes, and a single syllable is joined to the noun beside it, so `생성형` is one
/// atom, as is a name of unknown syllables. Every atom is also a term of the word.
pub fn atoms(word: &str, morphemes: &[Morpheme], lattice: &Lattice) -> Vec<String> {
    let content = content(morphemes);
    let ranges = atom_ranges(word, content);
    if let [(start, end)] = ranges[..] {
        if let [only] = content {
            return pieces(word, only, lattice);
        }
        let stem = content.last().map_or(word.len(), |m| m.end);
        if (start, end) == (0, stem) {
            return Vec::new();
        }
    }
    ranges
        .iter()
        .map(|&(start, end)| word[start..end].to_owned())
        .collect()
}

/// The morphemes before the particles at the end.
fn content(morphemes: &[Morpheme]) -> &[Morpheme] {
    match particle_start(morphemes) {
        Some((_, content)) => &morphemes[..content],
        None => morphemes,
    }
}

/// Byte ranges of the atoms in the word.
fn atom_ranges(word: &str, content: &[Morpheme]) -> Vec<(usize, usize)> {
    let Some(last_noun) = content.iter().rposition(|m| m.first.is_nominal()) else {
        return Vec::new();
    };
    let mut atoms: Vec<(usize, usize)> = Vec::new();
    // Start of single syllables to be joined to the next noun.
    let mut pending = None;
    // Whether the last atom may be extended.
    let mut open = false;
    for (i, m) in content.iter().enumerate() {
        let long = word[m.start..m.end].chars().count() > 1;
        match m.first {
            // A predicate before a noun is one atom with its ending: 더불어 of 더불어민주당.
            PosTag::E | PosTag::XSV | PosTag::XSA | PosTag::VX if i < last_noun => {
                if let Some(last) = atoms.last_mut().filter(|_| open) {
                    last.1 = m.end;
                } else if let Some(start) = pending.take() {
                    atoms.push((start, m.end));
                }
            }
            t if matches!(t, PosTag::J | PosTag::Other)
                || i > last_noun && !t.is_nominal() && t != PosTag::XSN =>
            {
                open = false;
            }
            PosTag::XSN => {
                if let Some(last) = atoms.last_mut().filter(|_| open) {
                    last.1 = m.end;
                }
            }
            _ if long => {
                atoms.push((pending.take().unwrap_or(m.start), m.end));
                open = true;
            }
            _ => match atoms.last_mut().filter(|_| open) {
                Some(last) => last.1 = m.end,
                None => pending = pending.or(Some(m.start)),
            },
        }
    }
    if let (Some(start), true, Some(m)) = (pending, atoms.is_empty(), content.get(last_noun)) {
        atoms.push((start, m.end.max(start)));
    }
    atoms
}

/// The components of a compound in the dictionary, if all have more than one syllable.
fn pieces(word: &str, m: &Morpheme, lattice: &Lattice) -> Vec<String> {
    let (Lexeme::Known(id), true) = (m.lexeme, m.first.is_nominal()) else {
        return Vec::new();
    };
    let mut details = lattice.dictionary().word_details_iter(id as usize);
    if details.nth(4) != Some("Compound") {
        return Vec::new();
    }
    let expression = details.nth(2).unwrap_or_default();
    let pieces: Vec<String> = expression
        .split('+')
        .map(|piece| piece.split('/').next().unwrap_or_default().nfc().collect())
        .collect();
    let whole = pieces.concat() == word[m.start..m.end];
    match whole && pieces.iter().all(|p| p.chars().count() > 1) {
        true => pieces,
        false => Vec::new(),
    }
}
