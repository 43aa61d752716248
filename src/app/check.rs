//! Verifies the index.

use super::opened::{SynonymSource, bad_user_words};
use super::removed::RemovedFile;
use super::{App, AppError, Note, Result, is_cluster_address};
use crate::index;
use crate::saved::{DigestState, Searches};

pub use crate::index::Findings;

impl App {
    /// Verifies the index. Calls `progress` with the number of clippings checked so far.
    ///
    /// # Errors
    /// When it cannot be opened. Damage is reported in the findings.
    pub fn check(&self, progress: &mut dyn FnMut(u64)) -> Result<Findings> {
        if let Some(index) = self.cluster_index()? {
            return Ok(index.check(progress)?);
        }
        Ok(index::check_with_progress(&self.dir, progress)?)
    }

    /// Verifies the user's files beside the index: saved searches, digests, removed clippings,
    /// synonyms and user words. Returns invalid lines, and files that cannot be used.
    pub fn check_own_files(&self) -> (Vec<Note>, Vec<AppError>) {
        let mut notes = Vec::new();
        let mut errors: Vec<AppError> = Vec::new();
        if !is_cluster_address(&self.dir.to_string_lossy()) {
            notes = bad_user_words(&self.dir);
            errors.extend(SynonymSource::default().read(&self.dir, &mut notes).err());
            errors.extend(RemovedFile::of(&self.dir).check().err());
        }
        match self.saved_store() {
            Ok(store) => {
                errors.extend(Searches::read(&store).err().map(AppError::from));
                errors.extend(DigestState::read(&store).err().map(AppError::from));
            }
            Err(e) => errors.push(e),
        }
        (notes, errors)
    }
}
