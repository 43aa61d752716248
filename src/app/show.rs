//! Full clippings and their stored pages.

use super::{App, Result};
use crate::clipping::Clipping;

impl App {
    /// The clippings with these ids or unique prefixes of ids, in order.
    ///
    /// # Errors
    /// When there is none, or when a prefix is ambiguous.
    pub fn show(&self, ids: &[String]) -> Result<Vec<Clipping>> {
        if let Some(searcher) = self.cluster_searcher()? {
            let index = searcher.index();
            return ids.iter().map(|id| Ok(index.get(id)?.clipping)).collect();
        }
        let searcher = self.searcher()?;
        ids.iter()
            .map(|id| Ok(searcher.archive().get(id)?))
            .collect()
    }

    /// The page that was stored with a clipping, byte for byte.
    ///
    /// # Errors
    /// See [`App::show`]; when no page was stored.
    pub fn page(&self, id: &str) -> Result<Vec<u8>> {
        self.only_in_folder("show --page")?;
        let searcher = self.searcher()?;
        Ok(searcher.archive().page(id)?.bytes)
    }
}
