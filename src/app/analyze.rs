//! How a text is split into search terms.

use unicode_normalization::UnicodeNormalization;

use super::{App, Result};
use crate::analyze::Analyzer;
use crate::extract::encoding;
use crate::index::language;

pub use crate::analyze::explain::RunAnalysis;

impl App {
    /// The terms of a text, run by run. The word list in the index folder is used whether or not
    /// there is an index yet.
    ///
    /// # Errors
    /// When the dictionary or the word list cannot be read.
    pub fn analyze(&self, text: &str) -> Result<Vec<RunAnalysis>> {
        let mut analyzer = Analyzer::new(language(&self.dir)?);
        Ok(analyzer.explain(&text.nfc().collect::<String>()))
    }
}

/// Text in whatever encoding.
pub fn decode(bytes: &[u8]) -> String {
    encoding::decode(bytes, None).text.into_owned()
}
