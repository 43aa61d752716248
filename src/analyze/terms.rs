//! The morphemes of one run → its terms. Here is decided what a word can be found by.
//!
//! Called by `segment` once for every run that the cache does not know. Three rules:
//!
//! 1. *Exactness from the word.* A run without its particles is itself a term, whatever the
//!    dictionary thinks of its syllables (`하만주가` → 하만주). Where the particle may begin in
//!    two places, both readings are kept (`이재은` → 이재은, and 이재 with 은).
//! 2. *Recall from its parts.* Morphemes, the pieces of compounds, stretches of one script and the
//!    dictionary forms of verbs are terms of a kind of their own.
//! 3. *Nothing vanishes.* Particles and endings fall away only at the right edge, after content; a
//!    run of nothing else is kept whole.

use std::fmt;

use serde::Serialize;
use unicode_normalization::UnicodeNormalization;

use super::Kind;
use super::hanja;
use super::lattice::{Lattice, Morpheme, Word};
use super::particles::{self, Suffix};
use super::signs;
use super::tag::Tag;

/// Fewest syllables that a reading against the dictionary's advice must leave of a word.
const SHORTEST_UNADVISED_STEM: usize = 2;

/// Fewest syllables of a verb's form that no one takes for a person's name.
const SHORTEST_PLAIN_VERB: usize = 4;

/// Why a run has a term.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// It is the run as written.
    AsWritten,
    /// The dictionary sees a particle after it.
    WithoutParticle,
    /// A particle may begin after it, though the dictionary sees none there.
    PerhapsWithoutParticle,
    /// It is a morpheme of the run.
    Morpheme,
    /// It is a noun with the affixes or units beside it.
    WithAffix,
    /// The dictionary names it as a piece of a compound.
    PieceOfCompound,
    /// It is the dictionary form of a verb or adjective.
    DictionaryForm,
    /// It is the stretch of one script in a mixed run.
    Script,
    /// It is a part that the user gave the word.
    UserPart,
    /// It is how Hanja are read.
    Reading,
    /// It is what a newspaper's one-letter sign stands for.
    Sign,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Reason::AsWritten => "as written",
            Reason::WithoutParticle => "without its particle",
            Reason::PerhapsWithoutParticle => "if a particle begins after it",
            Reason::Morpheme => "a morpheme",
            Reason::WithAffix => "a noun with what belongs to it",
            Reason::PieceOfCompound => "a piece of a compound in the dictionary",
            Reason::DictionaryForm => "the dictionary form",
            Reason::Script => "a stretch of one script",
            Reason::UserPart => "a part given by the word list",
            Reason::Reading => "how the Hanja are read",
            Reason::Sign => "what the sign stands for",
        })
    }
}

/// Most syllables of a noun that may rather be the beginning of a name that ends like a particle.
const LONGEST_UNSURE_STEM: usize = 3;

/// The terms of one run, without its place in a text.
#[derive(Debug, Clone, Default)]
pub struct RunTerms {
    /// All folded forms, one after the other.
    texts: String,
    terms: Vec<RunTerm>,
}

/// One term of a run; `start` and `end` are bytes of the folded run.
#[derive(Debug, Clone, Copy)]
struct RunTerm {
    kind: Kind,
    reason: Reason,
    text: (u32, u32),
    start: u32,
    end: u32,
}

impl RunTerms {
    /// Forgets all terms, keeps the memory.
    pub fn clear(&mut self) {
        self.texts.clear();
        self.terms.clear();
    }

    /// Folded form, kind and reason of every term.
    pub fn reasons(&self) -> impl Iterator<Item = (&str, Kind, Reason)> {
        let reasons = self.terms.iter().map(|t| t.reason);
        self.iter()
            .zip(reasons)
            .map(|((text, kind, ..), reason)| (text, kind, reason))
    }

    /// Folded form, kind and place (bytes of the folded run) of every term.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Kind, usize, usize)> {
        self.terms.iter().map(|t| {
            let text = &self.texts[t.text.0 as usize..t.text.1 as usize];
            (text, t.kind, t.start as usize, t.end as usize)
        })
    }

    /// Adds a term, unless the run already has the same text as this kind or as a word.
    pub fn push(&mut self, text: &str, kind: Kind, reason: Reason, (start, end): (usize, usize)) {
        let known = self
            .iter()
            .any(|(t, k, ..)| t == text && (k == kind || kind == Kind::Part));
        if text.is_empty() || known {
            return;
        }
        let from = self.texts.len() as u32;
        self.texts.push_str(text);
        self.terms.push(RunTerm {
            kind,
            reason,
            text: (from, self.texts.len() as u32),
            start: start as u32,
            end: end as u32,
        });
    }
}

/// Puts all terms of the folded run `word` into `out`. `morphemes` are its best segmentation.
pub fn derive(
    word: &str,
    morphemes: &[Morpheme],
    lattice: &Lattice,
    parts_of: &dyn PartsOf,
    out: &mut RunTerms,
) {
    out.clear();
    let inflected = plainly_inflected(word, morphemes);
    words(word, morphemes, !inflected, out);
    parts(word, morphemes, lattice, parts_of, out);
    // A form of a verb that says nothing by itself has no other term.
    if inflected && out.terms.is_empty() {
        out.push(word, Kind::Whole, Reason::AsWritten, (0, word.len()));
    }
    readings(word, out);
}

/// Whether a run is a form of a verb or adjective beyond doubt: `발표했다`, `나타나면서`. The index
/// has such a run by its noun or dictionary form only; who quotes it has the text looked at. Short
/// ones are left alone, since many a name looks like a verb (이어진, 시온, 강다온).
fn plainly_inflected(word: &str, morphemes: &[Morpheme]) -> bool {
    let [first, second, ..] = morphemes else {
        return false;
    };
    let ends = morphemes.last().is_some_and(|m| m.last == Tag::E);
    let known = morphemes.iter().all(|m| matches!(m.word, Word::Known(_)));
    if !ends || !known {
        return false;
    }
    let noun = first.first == Tag::NNG
        && word[first.start..first.end].chars().count() > 1
        && matches!(second.first, Tag::XSV | Tag::XSA);
    let verb =
        matches!(first.first, Tag::VV | Tag::VA) && word.chars().count() >= SHORTEST_PLAIN_VERB;
    noun || verb
}

/// The parts that a user gave a word.
pub trait PartsOf {
    /// Parts of user word `number`, empty when it has none.
    fn parts_of(&self, number: u32) -> &[String];
}

/// Where the particles at the right edge begin, as the dictionary sees it: bytes of the word, with
/// the number of morphemes before.
fn advised_edge(morphemes: &[Morpheme]) -> Option<(usize, usize)> {
    let functional = |m: &Morpheme| m.first == Tag::J || m.first == Tag::VCP || m.first == Tag::E;
    let content = morphemes.len() - morphemes.iter().rev().take_while(|m| functional(m)).count();
    let last = morphemes.get(content.checked_sub(1)?)?;
    let edge = morphemes.get(content)?;
    let noun = last.last.is_nominal() || matches!(last.last, Tag::XSN | Tag::MA | Tag::Other);
    (noun && edge.first != Tag::E).then_some((edge.start, content))
}

/// What remains of the run without particles, and the run itself unless it is kept otherwise.
fn words(word: &str, morphemes: &[Morpheme], mut keep_whole: bool, out: &mut RunTerms) {
    let advised = advised_edge(morphemes);
    let mut told_apart = false;
    for Suffix { at, particle } in particles::suffixes(word) {
        let stem = &word[..at];
        if let Some((_, content)) = advised.filter(|a| a.0 == at) {
            out.push(stem, Kind::Stem, Reason::WithoutParticle, (0, at));
            told_apart = true;
            keep_whole = particle.ambiguous && unsure(stem, &morphemes[..content]);
        } else if !told_apart && !inside_predicate(at, morphemes) && long_enough(stem) {
            out.push(stem, Kind::Stem, Reason::PerhapsWithoutParticle, (0, at));
        }
    }
    if keep_whole {
        out.push(word, Kind::Whole, Reason::AsWritten, (0, word.len()));
    }
}

/// Whether a noun before a particle may rather be the beginning of a longer name: 이재 of 이재은.
/// Names of that kind are short; a search for a longer one is checked against the text instead.
fn unsure(stem: &str, morphemes: &[Morpheme]) -> bool {
    let syllables = stem.chars().count();
    let familiar = match morphemes {
        [only] => only.word != Word::Unknown && (only.last != Tag::NNP || syllables > 2),
        _ => false,
    };
    syllables == 1 || syllables <= LONGEST_UNSURE_STEM && !familiar && stem.chars().all(is_syllable)
}

fn long_enough(stem: &str) -> bool {
    stem.chars().count() >= SHORTEST_UNADVISED_STEM || !stem.chars().all(is_syllable)
}

/// Whether a place lies in a verb, adjective or ending that the dictionary knows.
fn inside_predicate(at: usize, morphemes: &[Morpheme]) -> bool {
    morphemes.iter().any(|m| {
        m.start <= at
            && at < m.end
            && matches!(
                m.first,
                Tag::E | Tag::VV | Tag::VA | Tag::VX | Tag::VCN | Tag::XSV | Tag::XSA
            )
    })
}

/// Morphemes, pieces of compounds, nouns with their affixes, dictionary forms of predicates.
fn parts(
    word: &str,
    morphemes: &[Morpheme],
    lattice: &Lattice,
    parts_of: &dyn PartsOf,
    out: &mut RunTerms,
) {
    for (i, m) in morphemes.iter().enumerate() {
        let text = &word[m.start..m.end];
        if m.first.is_nominal() || matches!(m.first, Tag::MA | Tag::IC | Tag::MM) {
            if worth_a_part(text, m.first) {
                out.push(text, Kind::Part, Reason::Morpheme, (m.start, m.end));
            }
            with_affixes(word, morphemes, i, out);
        }
        match m.word {
            Word::Known(id) => expression(text, id, m, lattice, out),
            Word::User(number) => {
                for part in parts_of.parts_of(number) {
                    out.push(part, Kind::Part, Reason::UserPart, (m.start, m.end));
                }
            }
            Word::Unknown => {}
        }
    }
    let edge = advised_edge(morphemes).map_or(word.len(), |e| e.0);
    for (start, end) in atom_ranges(word, content(morphemes)) {
        out.push(
            &word[start..end],
            Kind::Part,
            Reason::WithAffix,
            (start, end),
        );
    }
    scripts(&word[..edge], edge == word.len(), out);
}

/// A lone letter or digit beside other things says nothing.
fn worth_a_part(text: &str, tag: Tag) -> bool {
    match tag {
        Tag::SL | Tag::SN => text.chars().count() > 1,
        Tag::NNB | Tag::NNBC | Tag::MM => text.chars().count() > 1,
        _ => true,
    }
}

/// `생성+형`, `대+중국`: a noun together with the affixes beside it; digits with their unit.
fn with_affixes(word: &str, morphemes: &[Morpheme], at: usize, out: &mut RunTerms) {
    let start = match at.checked_sub(1).and_then(|i| morphemes.get(i)) {
        Some(prefix) if prefix.first == Tag::XPN => prefix.start,
        _ => morphemes[at].start,
    };
    let suffixes = morphemes[at + 1..]
        .iter()
        .take_while(|m| {
            m.first == Tag::XSN
                || morphemes[at].first == Tag::SN
                    && matches!(m.first, Tag::NR | Tag::NNBC | Tag::SN)
        })
        .last();
    let end = suffixes.map_or(morphemes[at].end, |m| m.end);
    if (start, end) != (morphemes[at].start, morphemes[at].end) {
        out.push(
            &word[start..end],
            Kind::Part,
            Reason::WithAffix,
            (start, end),
        );
    }
}

/// What the dictionary says a word is made of: `국회/NNG/*+의원/NNG/*`, `뒤처지/VV/*+어/EC/*`.
fn expression(text: &str, id: u32, m: &Morpheme, lattice: &Lattice, out: &mut RunTerms) {
    let compound = m.first.is_nominal() && text.chars().count() > 2;
    if !compound && !m.first.is_predicate() {
        return;
    }
    let mut details = lattice.dictionary().word_details_iter(id as usize);
    let kind = details.nth(4).unwrap_or_default();
    let expression = details.nth(2).unwrap_or_default();
    if m.first.is_predicate() {
        let stem = match kind {
            "Inflect" => expression.split('/').next().unwrap_or(text),
            _ => text,
        };
        if !LIGHT_VERBS.contains(&stem) {
            let mut form = String::with_capacity(stem.len() + 3);
            form.push_str(stem);
            form.push('다');
            out.push(&form, Kind::Part, Reason::DictionaryForm, (m.start, m.end));
        }
    } else if kind == "Compound" {
        let mut start = m.start;
        for piece in expression.split('+') {
            let piece = piece.split('/').next().unwrap_or_default();
            // The pieces of a compound add up to it; a few entries err, their places are guessed.
            let end = (start + piece.len()).min(m.end);
            if piece.chars().count() > 1 {
                out.push(
                    piece,
                    Kind::Part,
                    Reason::PieceOfCompound,
                    (start.min(end), end),
                );
            }
            start = end;
        }
    }
}

/// Stems of verbs that carry no meaning of their own.
const LIGHT_VERBS: [&str; 6] = ["하", "되", "있", "시키", "당하", "그러"];

/// Stretches of one script in a mixed run: `SK하이닉스` → sk, 하이닉스. With `open_end`, a particle
/// may stand at the end that the dictionary did not see.
fn scripts(word: &str, open_end: bool, out: &mut RunTerms) {
    let mut stretches = 0;
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
            if let (Some(slot), Some(l)) = (found.get_mut(stretches), last) {
                *slot = (start, at, l);
                stretches += 1;
            }
            start = at;
        }
        last = script;
    }
    if stretches < 2 {
        return;
    }
    for &(start, end, script) in &found[..stretches] {
        let text = &word[start..end];
        let count = text.chars().count();
        let particle =
            script == Script::Hangul && end == word.len() && particles::particle(text).is_some();
        if count > 1
            && !particle
            && matches!(script, Script::Hangul | Script::Latin | Script::Hanja)
        {
            out.push(text, Kind::Part, Reason::Script, (start, end));
            if script == Script::Hangul && end == word.len() && open_end {
                for Suffix { at, .. } in particles::suffixes(text) {
                    if text[..at].chars().count() > 1 {
                        out.push(&text[..at], Kind::Part, Reason::Script, (start, start + at));
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

/// A composed Hangul syllable.
pub fn is_syllable(c: char) -> bool {
    ('가'..='힣').contains(&c)
}

/// Hanja read into Hangul, and newspapers' one-letter signs spelled out with what follows them.
fn readings(word: &str, out: &mut RunTerms) {
    for read in hanja::readings(word) {
        push_reading(&read, word.len(), Reason::Reading, 0, out);
    }
    let signs = signs::signs(word);
    for sign in &signs.found {
        out.push(
            sign.meaning,
            Kind::Part,
            Reason::Sign,
            (sign.start, sign.end),
        );
    }
    if !signs.found.is_empty() && signs.rest < word.len() {
        push_reading(
            &word[signs.rest..],
            word.len(),
            Reason::Reading,
            signs.rest,
            out,
        );
    }
}

/// Adds what is read of a word from byte `start` on, also without a particle at its end.
fn push_reading(read: &str, word_end: usize, reason: Reason, start: usize, out: &mut RunTerms) {
    out.push(read, Kind::Part, reason, (start, word_end));
    for Suffix { at, .. } in particles::suffixes(read) {
        // A particle is written in Hangul on both sides, so it is as long in the word.
        let end = (word_end + at).saturating_sub(read.len()).max(start);
        if long_enough(&read[..at]) {
            out.push(&read[..at], Kind::Part, reason, (start, end));
        }
    }
}

/// What a search for `word` demands of a clipping that does not have the word itself: all of
/// these. Empty when the word is not made of several things that mean something on their own.
///
/// A noun takes its affixes along, and a lone syllable the noun beside it, so that `생성형` does
/// not fall apart and a name of unknown syllables stays one. Every atom is also a term of the word
/// in a clipping.
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

/// The morphemes before the particles at the right edge.
fn content(morphemes: &[Morpheme]) -> &[Morpheme] {
    match advised_edge(morphemes) {
        Some((_, content)) => &morphemes[..content],
        None => morphemes,
    }
}

/// Places of the atoms in the word, in bytes.
fn atom_ranges(word: &str, content: &[Morpheme]) -> Vec<(usize, usize)> {
    let Some(last_noun) = content.iter().rposition(|m| m.first.is_nominal()) else {
        return Vec::new();
    };
    let mut atoms: Vec<(usize, usize)> = Vec::new();
    // A lone syllable before any noun waits for the noun after it.
    let mut waiting = None;
    let mut open = false;
    for (i, m) in content.iter().enumerate() {
        let long = word[m.start..m.end].chars().count() > 1;
        match m.first {
            // A predicate before a noun is one atom with its ending: 더불어 of 더불어민주당.
            Tag::E | Tag::XSV | Tag::XSA | Tag::VX if i < last_noun => {
                if let Some(last) = atoms.last_mut().filter(|_| open) {
                    last.1 = m.end;
                } else if let Some(start) = waiting.take() {
                    atoms.push((start, m.end));
                }
            }
            t if matches!(t, Tag::J | Tag::Other)
                || i > last_noun && !t.is_nominal() && t != Tag::XSN =>
            {
                open = false;
            }
            Tag::XSN => {
                if let Some(last) = atoms.last_mut().filter(|_| open) {
                    last.1 = m.end;
                }
            }
            _ if long => {
                atoms.push((waiting.take().unwrap_or(m.start), m.end));
                open = true;
            }
            _ => match atoms.last_mut().filter(|_| open) {
                Some(last) => last.1 = m.end,
                None => waiting = waiting.or(Some(m.start)),
            },
        }
    }
    if let (Some(start), true, Some(m)) = (waiting, atoms.is_empty(), content.get(last_noun)) {
        atoms.push((start, m.end.max(start)));
    }
    atoms
}

/// The pieces of a compound of the dictionary, when each means something on its own.
fn pieces(word: &str, m: &Morpheme, lattice: &Lattice) -> Vec<String> {
    let (Word::Known(id), true) = (m.word, m.first.is_nominal()) else {
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
