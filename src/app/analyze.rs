//! Shows how a text is split into terms.

use unicode_normalization::UnicodeNormalization;

use super::{App, Result};
use crate::analyze::Analyzer;
use crate::extract::encoding;
use crate::index::language;

pub use crate::analyze::TermOrigin;
pub use crate::analyze::explain::RunAnalysis;

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

/// Decodes text in any encoding.
pub fn decode(bytes: &[u8]) -> String {
    encoding::decode(bytes, None).text.into_owned()
}
