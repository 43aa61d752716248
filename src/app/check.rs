//! Looking for damage.

use super::{App, Result};
use crate::index;

pub use crate::index::Findings;

impl App {
    /// Verifies the index.
    ///
    /// # Errors
    /// When it cannot be opened at all; damage inside is in the findings.
    pub fn check(&self) -> Result<Findings> {
        Ok(index::check(&self.dir)?)
    }
}
