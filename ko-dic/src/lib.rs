//! The Korean dictionary mecab-ko-dic, embedded in the binary.
//!
//! The build script compiles the pack in `data/` into the format that lindera loads. [`load`] uses
//! it in place, from the read-only data of the binary.

use lindera_dictionary::LinderaResult;
use lindera_dictionary::dictionary::Dictionary;

mod embedded {
    lindera_dictionary::embedded_dictionary!("/ko-dic", EmbeddedKoDic);
}

/// Name and version of the dictionary.
pub const VERSION: &str = "mecab-ko-dic 2.1.1-20180720";

/// BLAKE3 of the dictionary's source in hexadecimal, which identifies the dictionary.
pub const DIGEST: &str = env!("KO_DIC_DIGEST");

/// Loads the dictionary in one or two milliseconds: trie, words and matrix are not copied.
///
/// # Errors
/// If this version of lindera cannot read the compiled files; not in a released build.
pub fn load() -> LinderaResult<Dictionary> {
    embedded::load()
}
