//! mecab-ko-dic inside the binary: the Korean dictionary that the analyzer works with.
//!
//! The build script compiles the pack in `data/` into the form lindera loads; [`load`] gives it,
//! straight from the binary's own bytes.

use lindera_dictionary::LinderaResult;
use lindera_dictionary::dictionary::Dictionary;

mod embedded {
    lindera_dictionary::embedded_dictionary!("/ko-dic", EmbeddedKoDic);
}

/// The dictionary and its version.
pub const VERSION: &str = "mecab-ko-dic 2.1.1-20180720";

/// BLAKE3 of the dictionary's source, in hex: another digest, another dictionary.
pub const DIGEST: &str = env!("KO_DIC_DIGEST");

/// Loads the dictionary: a millisecond or two, since trie, words and matrix are used in place.
///
/// Fails only if the build left files that this version of lindera does not read.
pub fn load() -> LinderaResult<Dictionary> {
    embedded::load()
}

static SPACE_PENALTIES: &[u8] = include_bytes!(concat!(
    env!("LINDERA_WORKDIR"),
    "/ko-dic/space_penalty.bin"
));

/// What a word of the embedded dictionary costs more where a space stands before it (MeCab's
/// `left-space-penalty-factor`): thousands for particles, endings and suffixes, 0 for the rest.
///
/// `left_id` is the one in the loaded dictionary's entries; 0 comes back for one that is in none.
pub fn space_penalty(left_id: u32) -> u16 {
    let penalty = SPACE_PENALTIES.as_chunks().0.get(left_id as usize);
    penalty.map_or(0, |bytes| u16::from_le_bytes(*bytes))
}
