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

use super::Kind;
use super::hanja;
use super::lattice::{Lattice, Morpheme, Word};
use super::particles::{self, Suffix};
use super::signs;
use super::tag::Tag;

/// Fewest syllables that a reading against the dictionary's advice must leave of a word.
const SHORTEST_UNADVISED_STEM: usize = 2;

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

    /// Folded form, kind and place (bytes of the folded run) of every term.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Kind, usize, usize)> {
        self.terms.iter().map(|t| {
            let text = &self.texts[t.text.0 as usize..t.text.1 as usize];
            (text, t.kind, t.start as usize, t.end as usize)
        })
    }

    /// Adds a term, unless the run already has the same text as this kind or as a word.
    pub fn push(&mut self, text: &str, kind: Kind, start: usize, end: usize) {
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
            text: (from, self.texts.len() as u32),
            start: start as u32,
            end: end as u32,
        });
    }
}

/// Puts all terms of the folded run `word` into `out`. `morphemes` are its best segmentation.
pub fn derive(word: &str, morphemes: &[Morpheme], lattice: &Lattice, parts_of: &dyn PartsOf, out: &mut RunTerms) {
    out.clear();
    words(word, morphemes, out);
    parts(word, morphemes, lattice, parts_of, out);
    if word.chars().any(hanja::is_hanja) {
        readings(word, out);
    }
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

/// The run and what remains of it without particles.
fn words(word: &str, morphemes: &[Morpheme], out: &mut RunTerms) {
    let advised = advised_edge(morphemes);
    let mut keep_whole = true;
    for Suffix { at, particle } in particles::suffixes(word) {
        let stem = &word[..at];
        let advice = advised.filter(|a| a.0 == at);
        if let Some((_, content)) = advice {
            out.push(stem, Kind::Stem, 0, at);
            keep_whole = particle.ambiguous && unsure(stem, &morphemes[..content]);
        } else if advised.is_some_and(|a| a.0 < at) && !keep_whole {
            // Inside particles already told apart: 에서|는.
            continue;
        } else if !inside_predicate(at, morphemes) && long_enough(stem) {
            out.push(stem, Kind::Stem, 0, at);
        }
    }
    if keep_whole {
        out.push(word, Kind::Whole, 0, word.len());
    }
}

/// Whether a noun before a particle may rather be the beginning of a longer name.
fn unsure(stem: &str, morphemes: &[Morpheme]) -> bool {
    let [only] = morphemes else {
        return true;
    };
    let hangul = stem.chars().all(is_syllable);
    only.word == Word::Unknown && hangul
        || only.last == Tag::NNP && stem.chars().count() == 2
        || stem.chars().count() == 1
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
fn parts(word: &str, morphemes: &[Morpheme], lattice: &Lattice, parts_of: &dyn PartsOf, out: &mut RunTerms) {
    for (i, m) in morphemes.iter().enumerate() {
        let text = &word[m.start..m.end];
        if m.first.is_nominal() || matches!(m.first, Tag::MA | Tag::IC | Tag::MM) {
            if worth_a_part(text, m.first) {
                out.push(text, Kind::Part, m.start, m.end);
            }
            with_affixes(word, morphemes, i, out);
        }
        match m.word {
            Word::Known(id) => expression(text, id, m, lattice, out),
            Word::User(number) => {
                for part in parts_of.parts_of(number) {
                    out.push(part, Kind::Part, m.start, m.end);
                }
            }
            Word::Unknown => {}
        }
    }
    scripts(word, out);
}

/// A lone letter or digit beside other things says nothing.
fn worth_a_part(text: &str, tag: Tag) -> bool {
    match tag {
        Tag::SL | Tag::SN => text.chars().count() > 1,
        Tag::NNB | Tag::MM => text.chars().count() > 1,
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
                || morphemes[at].first == Tag::SN && matches!(m.first, Tag::NR | Tag::NNBC | Tag::SN)
        })
        .last();
    let end = suffixes.map_or(morphemes[at].end, |m| m.end);
    if (start, end) != (morphemes[at].start, morphemes[at].end) {
        out.push(&word[start..end], Kind::Part, start, end);
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
            out.push(&form, Kind::Part, m.start, m.end);
        }
    } else if kind == "Compound" {
        let mut start = m.start;
        for piece in expression.split('+') {
            let piece = piece.split('/').next().unwrap_or_default();
            // The pieces of a compound add up to it; a few entries err, their places are guessed.
            let end = (start + piece.len()).min(m.end);
            if piece.chars().count() > 1 {
                out.push(piece, Kind::Part, start.min(end), end);
            }
            start = end;
        }
    }
}

/// Stems of verbs that carry no meaning of their own.
const LIGHT_VERBS: [&str; 6] = ["하", "되", "있", "시키", "당하", "그러"];

/// Stretches of one script in a mixed run: `SK하이닉스` → sk, 하이닉스.
fn scripts(word: &str, out: &mut RunTerms) {
    let mut stretches = 0;
    let mut start = 0;
    let mut last = None;
    let mut found = [(0, 0, Script::Other); 8];
    for (at, c) in word.char_indices().chain([(word.len(), '\0')]) {
        let script = if at == word.len() { None } else { Some(Script::of(c)) };
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
        let particle = script == Script::Hangul && end == word.len() && particles::particle(text).is_some();
        if count > 1 && !particle && matches!(script, Script::Hangul | Script::Latin | Script::Hanja) {
            out.push(text, Kind::Part, start, end);
            if script == Script::Hangul && end == word.len() {
                for Suffix { at, .. } in particles::suffixes(text) {
                    if text[..at].chars().count() > 1 {
                        out.push(&text[..at], Kind::Part, start, start + at);
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

/// Hanja read into Hangul, and newspapers' one-letter signs spelled out.
fn readings(word: &str, out: &mut RunTerms) {
    let mut read = String::new();
    hanja::read(word, &mut read);
    if read != word {
        out.push(&read, Kind::Part, 0, word.len());
        for Suffix { at, .. } in particles::suffixes(&read) {
            // A particle stands in Hangul on both sides, so its length is the same.
            let tail = read.len() - at;
            if long_enough(&read[..at]) && word.ends_with(&read[at..]) {
                out.push(&read[..at], Kind::Part, 0, word.len() - tail);
            }
        }
    }
    for sign in signs::signs(word) {
        out.push(sign.meaning, Kind::Part, sign.start, sign.end);
    }
}
