//! mecab-ko-dic, the Korean dictionary, embedded in the binary.
//!
//! The build script compiles the pack in `data/` into the form that lindera loads; [`load`] uses it
//! in place, from the binary's read-only data.

use lindera_dictionary::LinderaResult;
use lindera_dictionary::dictionary::Dictionary;

mod embedded {
    lindera_dictionary::embedded_dictionary!("/ko-dic", EmbeddedKoDic);
}

/// The dictionary and its version.
pub const VERSION: &str = "mecab-ko-dic 2.1.1-20180720";

/// BLAKE3 of the dictionary's source, in hexadecimal; identifies the dictionary.
pub const DIGEST: &str = env!("KO_DIC_DIGEST");

/// Loads the dictionary, in a millisecond or two: trie, words and matrix are not copied.
///
/// # Errors
/// Only if the build produced files that this version of lindera cannot read.
pub fn load() -> LinderaResult<Dictionary> {
    embedded::load()
}
