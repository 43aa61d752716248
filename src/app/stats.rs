//! Statistics of the index and of skipped sources.

use super::query::all_within;
use super::{App, Filters, Result, today};
use crate::index;
use crate::search::Request;

pub use crate::index::{Skip, Skipped, Stats};

impl App {
    /// Statistics of the clippings that pass the filters. Sizes on disk are those of the whole
    /// index.
    ///
    /// # Errors
    /// When a day is not a date, or the index cannot be read.
    pub fn stats(&self, filters: &Filters) -> Result<Stats> {
        if let Some(cluster) = self.cluster_searcher()? {
            return Ok(cluster.stats(&Request::all_of(all_within(filters, today())?))?);
        }
        let searcher = self.searcher()?;
        Ok(match filters.is_empty() {
            true => index::stats(searcher.archive(), None)?,
            false => searcher.stats(&Request::all_of(all_within(filters, today())?))?,
        })
    }

    /// What `add` skipped, and why.
    ///
    /// # Errors
    /// When there is no index, or another process has the ledger open.
    pub fn skipped(&self) -> Result<Skipped> {
        self.only_in_folder("stats --skipped")?;
        Ok(index::skipped(&self.dir)?)
    }
}
