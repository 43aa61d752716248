//! Korean text → terms. The one analyzer that both indexing and searching go through.
//!
//! Third on the way of the data: it takes the text of a clipping and gives the terms that any
//! engine would be handed, with their positions and their places in the text. It knows nothing of
//! tantivy.
//!
//! A text is cut into *runs*: the longest stretches of letters, digits and Hanja with nothing
//! between them. Every run has one position. What a run gives does not depend on its neighbours,
//! so that a word of a query and the same word of a document always agree.

pub mod fold;
pub mod particles;
pub mod runs;

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

/// The analyzer of one thread: the dictionary is shared, the cache of runs is its own.
#[derive(Clone, Default)]
pub struct Analyzer {}

impl Analyzer {
    /// An analyzer over the embedded dictionary.
    pub fn new() -> Self {
        Analyzer {}
    }

    /// Calls `each` with every term of `text`, in the order of their positions.
    pub fn terms(&mut self, text: &str, each: &mut dyn FnMut(Term<'_>)) {
        let mut start = None;
        let mut position = 0;
        for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
            match (start, c.is_alphanumeric()) {
                (None, true) => start = Some(at),
                (Some(from), false) => {
                    let folded = text[from..at].to_lowercase();
                    each(Term {
                        text: &folded,
                        kind: Kind::Whole,
                        position,
                        start: from as u32,
                        end: at as u32,
                    });
                    position += 1;
                    start = None;
                }
                _ => {}
            }
        }
    }
}
