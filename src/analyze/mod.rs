//! Korean text → terms. The one analyzer that both indexing and searching go through.
//!
//! Third on the way of the data: it takes the text of a clipping and gives the terms that any
//! engine would be handed, with their positions and their places in the text. It knows nothing of
//! tantivy.
//!
//! ```text
//! runs ──▶ cache ──▶ terms with positions and places          three words of four
//!            │  ▲
//!            ▼  │ fold ──▶ lattice (Viterbi) ──▶ terms          the others
//! ```
//!
//! A text is cut into *runs*: the longest stretches of letters, digits and Hanja with nothing
//! between them. Every run has one position. What a run gives does not depend on its neighbours,
//! so that a word of a query and the same word of a document always agree.

pub mod cache;
pub mod explain;
pub mod fold;
pub mod hanja;
pub mod lattice;
pub mod particles;
pub mod reading;
pub mod runs;
pub mod signs;
pub mod synonyms;
pub mod tag;
pub mod terms;
pub mod user_words;

use std::iter;
use std::path::Path;
use std::sync::Arc;

use lindera::dictionary::{Dictionary, load_fs_dictionary};

use cache::{Cache, CachedTerms, Edition, Place};
use fold::Folded;
use lattice::{Lattice, Morpheme};
use terms::{Reason, RunTerms};
use user_words::UserWords;

/// Changes whenever the same text gives other terms than before, so that an index made by another
/// version is told apart.
pub const ANALYZER_VERSION: u32 = 3;

/// A longer run is no word of any language: it is kept by its beginning and not analysed.
const LONGEST_RUN_BYTES: usize = 384;

/// Words that are looked up together. With more, the first are used when they are long in reach.
const BATCH: usize = 16;

/// What a term stands for. The index keeps the kinds apart, so that an exact search does not find
/// parts of longer words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// The run as it stands: `토스` of `토스`.
    Whole,
    /// The run without the particle at its right edge: `토스` of `토스가`.
    Stem,
    /// A part of the run, a morpheme or a piece of a compound, or a verb's dictionary form.
    Part,
}

impl Kind {
    /// Its name in the output of `analyze`.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Whole => "whole",
            Kind::Stem => "stem",
            Kind::Part => "part",
        }
    }
}

/// One term of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term<'a> {
    /// The folded form, as the index keeps it.
    pub text: &'a str,
    /// What it stands for.
    pub kind: Kind,
    /// Position of its run: runs with only white space (or quotation marks beside white space)
    /// between them differ by one, others by two or more.
    pub position: u32,
    /// Where it stands in the text that was given, in bytes: `[start, end)`.
    pub start: u32,
    /// See `start`.
    pub end: u32,
}

/// Whoever keeps runs by numbers, see [`Analyzer::number`].
pub trait Numbering {
    /// Gives a number to a run that has none yet. `terms` is what it is found by.
    fn number(&mut self, terms: CachedTerms<'_>) -> u32;

    /// The run of this number stands at `position`, see [`Term::position`].
    fn stands(&mut self, number: u32, position: u32);
}

/// What all analyzers of a process share.
#[derive(Clone)]
pub struct Language {
    /// Which dictionary it is.
    source: Arc<str>,
    dictionary: Dictionary,
    user_words: Arc<UserWords>,
}

/// The dictionary inside the binary or of the user's own could not be read.
#[derive(Debug, thiserror::Error)]
#[error("the dictionary cannot be read: {0}")]
pub struct DictionaryError(String);

impl Language {
    /// Korean with the dictionary inside the binary and no user words. Takes about a millisecond.
    pub fn embedded() -> Result<Self, DictionaryError> {
        let dictionary = clippings_ko_dic::load().map_err(|e| DictionaryError(e.to_string()))?;
        let user_words = Arc::default();
        Ok(Language {
            source: clippings_ko_dic::DIGEST.into(),
            dictionary,
            user_words,
        })
    }

    /// Korean with a dictionary of the user's own: a folder that lindera built from a source in
    /// mecab-ko-dic's format.
    pub fn from_folder(dir: &Path) -> Result<Self, DictionaryError> {
        let failed = |reason: String| DictionaryError(format!("{}: {reason}", dir.display()));
        let dictionary = load_fs_dictionary(dir).map_err(|e| failed(e.to_string()))?;
        let sizes = [
            dictionary.prefix_dictionary.words_data.len(),
            dictionary.prefix_dictionary.vals_data.len(),
            dictionary.connection_cost_matrix.costs().len(),
        ];
        let sample = &dictionary.prefix_dictionary.vals_data;
        let digest = blake3::hash(sample).to_hex();
        let source = format!("{} {sizes:?} {digest}", dictionary.metadata.name);
        Ok(Language {
            source: source.into(),
            dictionary,
            user_words: Arc::default(),
        })
    }

    /// The same with these user words.
    pub fn with_user_words(mut self, words: UserWords) -> Self {
        self.user_words = Arc::new(words);
        self
    }

    /// The user's words.
    pub fn user_words(&self) -> &UserWords {
        &self.user_words
    }

    /// What decides about the terms of a text. Two languages of the same identity give the same
    /// terms for every text.
    pub fn identity(&self) -> String {
        let mut identity = format!("analyzer {ANALYZER_VERSION}, {}", self.source);
        if !self.user_words.is_empty() {
            identity.push_str(", user words ");
            identity.push_str(&self.user_words.digest());
        }
        identity
    }
}

/// The analyzer of one thread: the dictionary is shared, the cache of runs is its own.
pub struct Analyzer {
    language: Language,
    lattice: Lattice,
    cache: Cache,
    folded: Folded,
    morphemes: Vec<Morpheme>,
    run_terms: RunTerms,
}

impl Clone for Analyzer {
    /// An analyzer for another thread, with an empty cache.
    fn clone(&self) -> Self {
        Analyzer::new(self.language.clone())
    }
}

impl Analyzer {
    /// What it reads by.
    pub fn language(&self) -> &Language {
        &self.language
    }

    /// An analyzer of `language`.
    pub fn new(language: Language) -> Self {
        Analyzer {
            lattice: Lattice::new(language.dictionary.clone()),
            language,
            cache: Cache::default(),
            folded: Folded::default(),
            morphemes: Vec::new(),
            run_terms: RunTerms::default(),
        }
    }

    /// Calls `each` with every term of `text`, in the order of their positions.
    ///
    /// Words are looked up in the cache a batch at a time: most of a lookup is waiting for memory,
    /// and lookups that do not depend on each other wait together.
    pub fn terms(&mut self, text: &str, each: &mut dyn FnMut(Term<'_>)) {
        self.terms_of(text, |_| true, each);
    }

    /// The terms of those runs and compounds of `text` that `wanted` lets pass, as they are
    /// written. Who looks for few terms in a text that was not met before saves most of the work.
    pub fn terms_of(
        &mut self,
        text: &str,
        wanted: impl Fn(&str) -> bool,
        each: &mut dyn FnMut(Term<'_>),
    ) {
        let runs = all(text).filter(|&(start, end, _)| wanted(&text[start..end]));
        self.each_run(text, runs, &mut |cache, run, place, start, position| {
            hand_out(cache.terms(run, place), start, position, each);
        });
    }

    /// Begins a numbering of runs, for [`Analyzer::number`].
    pub fn edition(&mut self) -> Edition {
        self.cache.edition()
    }

    /// Tells `numbering` of every run and compound of `text`, in the order of their positions, by a
    /// number: one number for all that are written alike, in this edition. Who turns texts over into
    /// lists of where terms stand looks at the terms of a word once, however often it stands there.
    ///
    /// Now and then a run gets a second number in the same edition, after the cache forgot it.
    pub fn number(&mut self, text: &str, edition: Edition, numbering: &mut impl Numbering) {
        self.each_run(text, all(text), &mut |cache, run, place, _, position| {
            let number = cache.number(place, edition).unwrap_or_else(|| {
                let number = numbering.number(cache.terms(run, place));
                cache.set_number(place, edition, number);
                number
            });
            numbering.stands(number, position);
        });
    }

    /// Calls `each` for every run: with the cache, the run, its valid place there, where it begins
    /// and its position. `runs` have start, end and position.
    fn each_run(
        &mut self,
        text: &str,
        mut runs: impl Iterator<Item = (usize, usize, u32)>,
        each: &mut impl FnMut(&mut Cache, &str, Place, usize, u32),
    ) {
        let mut batch = [((0, 0, 0), None); BATCH];
        loop {
            let mut filled = 0;
            for (slot, run) in batch.iter_mut().zip(runs.by_ref()) {
                *slot = (run, None);
                filled += 1;
            }
            let batch = &mut batch[..filled];
            for ((start, end, _), place) in batch.iter_mut() {
                *place = self.cache.find(&text[*start..*end]);
            }
            for &((start, end, position), place) in batch.iter() {
                let run = &text[start..end];
                let place = match place {
                    Some(place) if self.cache.is_valid(place) => place,
                    _ => self.place(run),
                };
                each(&mut self.cache, run, place, start, position);
            }
            if filled < BATCH {
                return;
            }
        }
    }

    /// Where the terms of a run are in the cache; analyses it when they are not there yet.
    fn place(&mut self, run: &str) -> Place {
        if let Some(place) = self.cache.get(run) {
            return place;
        }
        self.derive(run);
        let folded = &self.folded;
        let terms = self.run_terms.iter().map(|(text, kind, from, to)| {
            (
                text,
                kind,
                folded.original_start(from),
                folded.original_end(to),
            )
        });
        self.cache.insert(run, terms)
    }

    /// Analyses a run that the cache does not know, into `run_terms`.
    fn derive(&mut self, run: &str) {
        if run.len() > LONGEST_RUN_BYTES {
            let end = run.floor_char_boundary(LONGEST_RUN_BYTES);
            fold::fold(&run[..end], &mut self.folded);
            self.run_terms.clear();
            let word = &self.folded.text;
            self.run_terms
                .push(word, Kind::Whole, Reason::AsWritten, (0, word.len()));
            self.morphemes.clear();
            return;
        }
        fold::fold(run, &mut self.folded);
        let words = &*self.language.user_words;
        self.lattice
            .segment(&self.folded.text, words, &mut self.morphemes);
        terms::derive(
            &self.folded.text,
            &self.morphemes,
            &self.lattice,
            words,
            &mut self.run_terms,
        );
    }
}

/// Start, end and position of all runs and compounds of `text`.
fn all(text: &str) -> impl Iterator<Item = (usize, usize, u32)> {
    runs::runs(text).flat_map(|run| {
        let compound = run.compound.map(|c| (run.start, c.end, run.position));
        iter::once((run.start, run.end, run.position)).chain(compound)
    })
}

/// Hands out the terms of a run that stands at byte `start` and position `position`.
fn hand_out(terms: CachedTerms<'_>, start: usize, position: u32, each: &mut dyn FnMut(Term<'_>)) {
    for (text, kind, from, to) in terms {
        each(Term {
            text,
            kind,
            position,
            start: (start + from) as u32,
            end: (start + to) as u32,
        });
    }
}
