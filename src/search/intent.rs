//! Interprets the words of a query: which forms match a word, which only rank, and which synonyms
//! it has. Independent of the index, except for word counts ([`Vocabulary`]).
//!
//! A word typed as one matches its letters with any spacing, followed by particles and plural
//! suffixes; a verb or adjective form matches its dictionary form. The parts of a compound, apart
//! from one another, only rank and make a partial match.

use crate::analyze::query_words::QueryWord;
use crate::analyze::synonyms::Synonyms;
use crate::analyze::{Analyzer, TermKind};
use crate::search::{params, same_forms};

/// Maximum nesting of atoms.
const MAX_ATOM_DEPTH: usize = 3;

/// Minimum length, in letters, of words that are joined or split.
const MIN_JOINED: usize = 3;

/// Minimum length of each half of a word that is split according to the index.
const MIN_HALF: usize = 2;

/// Maximum number of words in a query, not counting quotations. A longer query is a pasted text.
pub const MAX_WORDS: usize = 1024;

/// Frequencies of words in an archive.
pub trait Vocabulary {
    /// Number of clippings with the folded `text` as a run, with or without a particle.
    ///
    /// # Errors
    /// When the index cannot be read.
    fn count(&self, text: &str) -> crate::index::Result<u64>;
}

/// A term under which a word is indexed.
#[derive(Debug, Clone, PartialEq)]
pub struct Form {
    /// Kind of the term.
    pub kind: TermKind,
    /// Folded.
    pub text: String,
    /// Weight of an occurrence relative to the word itself.
    pub worth: f32,
}

/// A word of a query.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct WordIntent {
    /// As typed.
    pub label: String,
    /// The letters that are consecutive where the word occurs; `None` for a dictionary form.
    pub written: Option<String>,
    /// The letters as typed, which may be consecutive across several runs, if the word is another
    /// form of them.
    pub apart: Option<String>,
    /// Forms that match the word.
    pub exact: Vec<Form>,
    /// Forms that only contribute to the score.
    pub loose: Vec<Form>,
    /// Its components: at least two, or none.
    pub atoms: Vec<WordIntent>,
    /// Whether the atoms were typed as separate words: then each of them is required, anywhere.
    pub is_apart: bool,
    /// Whether the index does not have this atom where the atoms are written as one: 킥보드 in
    /// 전동킥보드, which the analyzer does not separate.
    pub is_hidden: bool,
    /// Synonyms.
    pub synonyms: Vec<String>,
}

/// Interprets sequences of words.
pub struct Reader<'r> {
    /// The analyzer of the index.
    pub analyzer: &'r mut Analyzer,
    /// The synonyms.
    pub synonyms: Option<&'r Synonyms>,
    /// Word frequencies of the archive.
    pub vocabulary: &'r dyn Vocabulary,
}

impl Reader<'_> {
    /// Interprets consecutive words.
    ///
    /// # Errors
    /// When the vocabulary cannot be read.
    pub fn row(&mut self, row: &[&str]) -> crate::index::Result<Vec<WordIntent>> {
        let mut readings = Vec::new();
        // A company is found by its name, whichever mark of its legal form is typed or printed.
        let mut in_full: Vec<(usize, String)> = Vec::new();
        for word in row {
            let name = same_forms::without_legal_form(word);
            let name = match name {
                Some((name, full)) => {
                    in_full.push((readings.len(), full));
                    name
                }
                None => word,
            };
            readings.extend(self.analyzer.query_words(name));
        }
        readings.truncate(MAX_WORDS);
        for at in 1..readings.len() {
            if readings[at].is_auxiliary {
                readings[at - 1].is_noun = false;
            }
        }
        let mut groups: Vec<(usize, Vec<String>)> = Vec::new();
        if let Some(synonyms) = self.synonyms {
            let folded: Vec<(&str, &str)> = readings.iter().map(QueryWord::spellings).collect();
            let mut next = 0;
            for expansion in synonyms.expansions(&folded) {
                groups.extend((next..expansion.words.start).map(|_| (1, Vec::new())));
                next = expansion.words.end;
                let phrases = expansion.phrases.iter().map(|phrase| phrase.join(" "));
                groups.push((expansion.words.len(), phrases.collect()));
            }
            groups.extend((next..readings.len()).map(|_| (1, Vec::new())));
        } else {
            groups.extend(readings.iter().map(|_| (1, Vec::new())));
        }
        let mut words: Vec<WordIntent> = Vec::with_capacity(groups.len());
        let mut rest = readings.iter();
        // The previous word, if it may be joined to the current one.
        let mut open: Option<&QueryWord> = None;
        let mut next = 0;
        for (length, mut synonyms) in groups {
            let here = next..next + length;
            next = here.end;
            let in_full = in_full.iter().filter(|(at, _)| here.contains(at));
            synonyms.extend(in_full.map(|(_, text)| text.clone()));
            let members: Vec<&QueryWord> = rest.by_ref().take(length).collect();
            if let ([only], true) = (&members[..], synonyms.is_empty()) {
                if let Some(before) = open.take()
                    && let Some(joined) = self.joined(&[before, *only])?
                {
                    words.pop();
                    words.push(joined);
                    continue;
                }
                open = Some(*only);
                words.push(self.word(only, MAX_ATOM_DEPTH)?);
                continue;
            }
            open = None;
            let mut word = match &members[..] {
                [only] => self.word(only, MAX_ATOM_DEPTH)?,
                several => {
                    let joined = self.as_one(several);
                    self.group(several, joined)?
                }
            };
            word.synonyms = synonyms;
            words.push(word);
        }
        Ok(words)
    }

    /// Joins words if the archive also writes them as one.
    fn joined(&mut self, words: &[&QueryWord]) -> crate::index::Result<Option<WordIntent>> {
        let joined = self.as_one(words);
        if joined.chars().count() < MIN_JOINED || self.vocabulary.count(&joined)? == 0 {
            return Ok(None);
        }
        self.group(words, joined).map(Some)
    }

    /// The words written as one, folded and without a particle: 구속영장 of 구속 영장을.
    fn as_one(&mut self, words: &[&QueryWord]) -> String {
        let joined: String = words.iter().map(|word| word.folded.as_str()).collect();
        let readings = self.analyzer.query_words(&joined);
        match &readings[..] {
            [
                QueryWord {
                    bare: Some(bare), ..
                },
            ] => bare.clone(),
            _ => joined,
        }
    }

    /// A word typed as several, and as one in `joined`.
    fn group(&mut self, words: &[&QueryWord], joined: String) -> crate::index::Result<WordIntent> {
        let written: Vec<&str> = words.iter().map(|word| word.written.as_str()).collect();
        let mut parts: Vec<String> = Vec::new();
        self.analyzer
            .terms_of_run(&joined, &mut |term, _| parts.push(term.to_owned()));
        let mut atoms = Vec::with_capacity(words.len());
        for word in words {
            let text = word.bare.as_ref().unwrap_or(&word.folded);
            atoms.push(WordIntent {
                is_hidden: !parts.contains(text),
                ..self.word(word, 0)?
            });
        }
        Ok(WordIntent {
            label: written.join(" "),
            exact: forms(&joined),
            apart: None,
            written: Some(joined),
            loose: Vec::new(),
            atoms,
            is_apart: true,
            is_hidden: false,
            synonyms: Vec::new(),
        })
    }

    /// A word typed as one.
    fn word(&mut self, reading: &QueryWord, depth: usize) -> crate::index::Result<WordIntent> {
        let has_whole = reading.indexed_fallback.is_none();
        // 사기 in a query is more often the noun than a form of 사다.
        let is_predicate = reading.is_predicate && !reading.is_noun;
        let is_name = !has_whole && reading.bare.is_none() && !is_predicate;
        let (written, texts): (Option<String>, Vec<&str>) = match &reading.bare {
            Some(bare) => (Some(bare.clone()), vec![bare]),
            None if has_whole => (Some(reading.written.clone()), vec![&reading.folded]),
            // 발표했다 is any form of 발표. 이상인 may be 이상 with the copula, and is searched as written.
            None => match (&reading.forms[..], is_name && is_copula(reading)) {
                ([noun], false) => (Some(noun.clone()), vec![noun]),
                (_, true) => (Some(reading.written.clone()), Vec::new()),
                _ => (None, Vec::new()),
            },
        };
        let mut exact: Vec<Form> = Vec::new();
        let readings = reading.readings.iter().map(String::as_str);
        for text in texts.into_iter().chain(readings) {
            exact.extend(forms(text));
        }
        let lemmas = reading.lemmas.iter().filter(|_| !reading.is_noun);
        // The dictionary form itself is a whole term, and then no part.
        let lemmas = lemmas.flat_map(|lemma| {
            [TermKind::Whole, TermKind::Part].map(|kind| Form {
                kind,
                text: lemma.clone(),
                worth: params::PART,
            })
        });
        let mut loose: Vec<Form> = reading.forms.iter().flat_map(|text| forms(text)).collect();
        match is_predicate || exact.is_empty() && written.is_none() {
            true => exact.extend(lemmas),
            false => loose.extend(lemmas),
        }
        let known = |form: &Form| {
            let same = |other: &&Form| other.kind == form.kind && other.text == form.text;
            exact.iter().find(same).is_some()
        };
        loose.retain(|form| !known(form));
        let mut atoms = Vec::new();
        if depth > 0 {
            let texts = match self.halves(reading)? {
                Some(halves) => halves,
                None => reading.atoms.clone(),
            };
            for atom in texts {
                for reading in self.analyzer.query_words(&atom) {
                    atoms.push(self.word(&reading, depth - 1)?);
                }
            }
        }
        let is_other = written.as_deref() != Some(&reading.written) && reading.bare.is_none();
        Ok(WordIntent {
            label: reading.written.clone(),
            apart: is_other.then(|| reading.written.clone()),
            written,
            exact,
            loose,
            atoms,
            is_apart: false,
            is_hidden: false,
            synonyms: Vec::new(),
        })
    }

    /// The two words of a compound that is not in the dictionary, according to the archive: 인권 and
    /// 침해 of 인권침해. `None` if its atoms cover the whole word, or if the archive gives no better
    /// split.
    fn halves(&self, reading: &QueryWord) -> crate::index::Result<Option<Vec<String>>> {
        let mut word = reading.bare.as_deref().unwrap_or(&reading.folded);
        // 무인점포절도 is 무인점포 절도, not 무인점포절 and a particle, which nobody writes.
        let is_single = |atom: &String| atom.chars().count() < MIN_HALF;
        if reading.bare.is_some()
            && (reading.atoms.is_empty() || reading.atoms.iter().any(is_single))
            && self.vocabulary.count(word)? == 0
        {
            word = &reading.folded;
        }
        let letters: Vec<usize> = word.char_indices().map(|(at, _)| at).collect();
        let is_plain = word.chars().all(|c| ('가'..='힣').contains(&c));
        if !is_plain
            || reading.is_predicate && !reading.is_noun
            || letters.len() < 2 * MIN_HALF
            || reading.atoms.concat() == word
            || reading.atoms.is_empty() && letters.len() > 2 * 4
        {
            return Ok(None);
        }
        let mut best: Option<(u64, usize)> = None;
        for &at in letters
            .get(MIN_HALF..letters.len() + 1 - MIN_HALF)
            .unwrap_or_default()
        {
            let (left, right) = word.split_at(at);
            let known = self.vocabulary.count(left)?;
            let known = known.min(self.vocabulary.count(right)?);
            if known > 0 && best.is_none_or(|(most, _)| known > most) {
                best = Some((known, at));
            }
        }
        Ok(best.map(|(_, at)| {
            let (left, right) = word.split_at(at);
            vec![left.to_owned(), right.to_owned()]
        }))
    }
}

/// Whether the analyzer segments the word as a noun with the copula.
fn is_copula(reading: &QueryWord) -> bool {
    let stem = reading.forms.first();
    stem.is_some_and(|stem| reading.folded.starts_with(stem.as_str()))
        && reading
            .indexed_fallback
            .as_ref()
            .is_some_and(|(kind, _)| *kind == TermKind::Stem)
}

/// A text as terms of all kinds.
fn forms(text: &str) -> Vec<Form> {
    let kinds = [
        (TermKind::Whole, 1.0),
        (TermKind::Stem, 1.0),
        (TermKind::Part, params::PART),
    ];
    let form = |(kind, worth)| Form {
        kind,
        text: text.to_owned(),
        worth,
    };
    kinds.map(form).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyze::Language;

    /// Words with the number of clippings that have them.
    struct Counts(&'static [(&'static str, u64)]);

    impl Vocabulary for Counts {
        fn count(&self, text: &str) -> crate::index::Result<u64> {
            let found = self.0.iter().find(|(word, _)| *word == text);
            Ok(found.map_or(0, |(_, count)| *count))
        }
    }

    fn read(row: &[&str], counts: &'static [(&'static str, u64)]) -> Vec<WordIntent> {
        let mut reader = Reader {
            analyzer: &mut Analyzer::new(Language::embedded().unwrap()),
            synonyms: Some(Synonyms::builtin()),
            vocabulary: &Counts(counts),
        };
        reader.row(row).unwrap()
    }

    fn labels(words: &[WordIntent]) -> Vec<&str> {
        words.iter().map(|word| word.label.as_str()).collect()
    }

    fn texts(forms: &[Form]) -> Vec<&str> {
        let mut texts: Vec<&str> = forms.iter().map(|form| form.text.as_str()).collect();
        texts.dedup();
        texts
    }

    #[test]
    fn a_noun_matches_as_written_and_a_particle_is_dropped() {
        let [word] = &read(&["인공지능"], &[])[..] else {
            panic!()
        };
        assert_eq!(word.written.as_deref(), Some("인공지능"));
        assert_eq!((texts(&word.exact), &word.apart), (vec!["인공지능"], &None));
        let words = read(&["정부가"], &[]);
        assert_eq!(words[0].written.as_deref(), Some("정부"));
        assert_eq!(texts(&words[0].exact), ["정부"]);
    }

    #[test]
    fn a_verb_form_matches_its_stem_and_its_letters_with_spaces() {
        let words = read(&["발표했다"], &[]);
        assert_eq!(words[0].written.as_deref(), Some("발표"));
        assert_eq!(words[0].apart.as_deref(), Some("발표했다"));
        // Two words without a space match only their letters.
        let words = read(&["해설기를공개했다"], &[]);
        assert_eq!((&words[0].written, &words[0].exact[..]), (&None, &[][..]));
        assert_eq!(words[0].apart.as_deref(), Some("해설기를공개했다"));
    }

    #[test]
    fn a_noun_is_no_form_of_a_verb() {
        assert_eq!(texts(&read(&["사서"], &[])[0].exact), ["사서"]);
        assert_eq!(texts(&read(&["사서", "채용"], &[])[0].exact), ["사서"]);
        // Unless an auxiliary follows it.
        let words = read(&["가지", "않는"], &[]);
        assert_eq!(texts(&words[0].exact), ["가지", "가다"]);
    }

    #[test]
    fn a_compound_is_split_where_the_archive_has_both_sides() {
        let counts = &[("인권", 30), ("침해", 20), ("인", 90), ("권침해", 90)];
        let words = read(&["인권침해"], counts);
        assert_eq!(labels(&words[0].atoms), ["인권", "침해"]);
        assert!(!words[0].is_apart);
    }

    #[test]
    fn words_are_joined_if_the_archive_writes_them_as_one() {
        let words = read(&["구속", "영장을"], &[("구속영장", 3)]);
        assert_eq!(labels(&words), ["구속 영장을"]);
        assert!(words[0].is_apart);
        assert_eq!(words[0].written.as_deref(), Some("구속영장"));
        assert_eq!(labels(&words[0].atoms), ["구속", "영장을"]);
        assert!(!words[0].atoms.iter().any(|atom| atom.is_hidden));
        let words = read(&["전동", "킥보드"], &[("전동킥보드", 3)]);
        let hidden: Vec<bool> = words[0].atoms.iter().map(|atom| atom.is_hidden).collect();
        assert_eq!(hidden, [false, true]);
        let words = read(&["구속", "영장을"], &[]);
        assert_eq!(labels(&words), ["구속", "영장을"]);
    }

    #[test]
    fn synonyms_belong_to_their_word() {
        let words = read(&["한은", "총재"], &[]);
        assert_eq!(labels(&words), ["한은", "총재"]);
        assert_eq!(words[0].synonyms, ["한국은행"]);
        assert!(words[1].synonyms.is_empty());
    }

    #[test]
    fn a_company_has_its_full_legal_form_as_a_synonym() {
        let words = read(&["(주)한빛전자"], &[]);
        assert_eq!(labels(&words), ["한빛전자"]);
        assert_eq!(words[0].synonyms, ["주식회사한빛전자"]);
    }

    #[test]
    fn a_pasted_text_has_a_maximum_of_words() {
        let words = vec!["사과"; 2 * MAX_WORDS];
        assert!(read(&words, &[]).len() <= MAX_WORDS);
    }
}
