//! Shows how a text is split into terms.

use std::borrow::Cow;

use encoding_rs::{EUC_KR, Encoding, UTF_8};
use unicode_normalization::UnicodeNormalization;

use super::{App, Result};
use crate::analyze::Analyzer;
use crate::extract::encoding;
use crate::index::language;

pub use crate::analyze::explain::RunAnalysis;
pub use crate::analyze::{TermKind, TermOrigin};

impl App {
    /// The terms of a text, by run. Uses the word list in the index folder, even if there is no
    /// index yet.
    ///
    /// # Errors
    /// When the dictionary or the word list cannot be read.
    pub fn analyze(&self, text: &str) -> Result<Vec<RunAnalysis>> {
        let mut analyzer = Analyzer::new(language(&self.dir)?);
        Ok(analyzer.explain(&text.nfc().collect::<String>()))
    }
}

/// Decodes text in UTF-8, in CP949 or in the encoding of its byte order mark; `None` if it is in none
/// of them.
pub fn decode_strictly(bytes: &[u8]) -> Option<String> {
    let decoded = match Encoding::for_bom(bytes) {
        Some((encoding, mark)) => encoding
            .decode_without_bom_handling_and_without_replacement(bytes.get(mark..).unwrap_or(&[])),
        None => [UTF_8, EUC_KR]
            .iter()
            .find_map(|e| e.decode_without_bom_handling_and_without_replacement(bytes)),
    };
    decoded.map(Cow::into_owned)
}

/// Decodes text in any encoding.
pub fn decode(bytes: &[u8]) -> String {
    encoding::decode(bytes, None).text.into_owned()
}
