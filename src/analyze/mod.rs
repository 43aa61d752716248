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
//! Who has many texts has them analysed in [`bulk`], where no run is met twice and none is cached.
//!
//! A text is cut into *runs*: the longest stretches of letters, digits and Hanja with nothing
//! between them. Every run has one position. What a run gives does not depend on its neighbours,
//! so that a word of a query and the same word of a document always agree.

pub mod bulk;
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

use std::path::Path;
use std::sync::Arc;

use lindera::dictionary::{Dictionary, load_fs_dictionary};

use cache::{Cache, CachedTerm};
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
        let runs = runs_and_compounds(text);
        let mut runs = runs.filter(|&(start, end, _)| wanted(&text[start..end]));
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
                match place.and_then(|place| self.cache.at(run, place)) {
                    Some(terms) => hand_out(terms, start, position, each),
                    None => self.run(run, start, position, each),
                }
            }
            if filled < BATCH {
                return;
            }
        }
    }

    /// The terms of one run, which stands at byte `start` and position `position`.
    fn run(&mut self, run: &str, start: usize, position: u32, each: &mut dyn FnMut(Term<'_>)) {
        if let Some(terms) = self.cache.get(run) {
            return hand_out(terms, start, position, each);
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
        // The cache keeps no run that is longer than any word.
        if run.len() > LONGEST_RUN_BYTES {
            return hand_out(terms, start, position, each);
        }
        hand_out(self.cache.insert(run, terms), start, position, each);
    }

    /// Calls `each` with the text and the kind of every term of a run or compound, see
    /// [`runs_and_compounds`]. The cache is not asked: this is for who meets a run once, and for runs
    /// in alphabetical order it is quicker than analysing text.
    pub fn terms_of_run(&mut self, run: &str, each: &mut dyn FnMut(&str, Kind)) {
        self.derive(run);
        for (text, kind, ..) in self.run_terms.iter() {
            each(text, kind);
        }
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

/// What a text is made of: start and end in bytes and position of all its runs and compounds, in the
/// order of their positions. What is written alike has the same terms.
pub fn runs_and_compounds(text: &str) -> impl Iterator<Item = (usize, usize, u32)> {
    runs::runs(text).flat_map(|run| {
        let compound = run.compound.map(|c| (run.start, c.end, run.position));
        std::iter::once((run.start, run.end, run.position)).chain(compound)
    })
}

/// Hands out the terms of a run that stands at byte `start` and position `position`.
fn hand_out<'t>(
    terms: impl Iterator<Item = CachedTerm<'t>>,
    start: usize,
    position: u32,
    each: &mut dyn FnMut(Term<'_>),
) {
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
