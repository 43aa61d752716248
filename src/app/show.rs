//! Full clippings and their stored pages.

use serde::Serialize;

use super::{App, Result};
use crate::clipping::Clipping;

/// A full clipping.
#[derive(Debug, Clone, Serialize)]
pub struct ShownClipping {
    /// The record.
    #[serde(flatten)]
    pub clipping: Clipping,
}

impl App {
    /// The clippings with these ids or unique prefixes of ids, in order.
    ///
    /// # Errors
    /// When there is none, or when a prefix is ambiguous.
    pub fn show(&self, ids: &[String]) -> Result<Vec<ShownClipping>> {
        if let Some(index) = self.cluster_index()? {
            let mut shown = Vec::with_capacity(ids.len());
            for id in ids {
                let clipping = index.get(id)?.clipping;
                shown.push(ShownClipping { clipping });
            }
            return Ok(shown);
        }
        let searcher = self.searcher()?;
        ids.iter()
            .map(|id| {
                Ok(ShownClipping {
                    clipping: searcher.archive().get(id)?,
                })
            })
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
