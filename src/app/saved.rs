//! Saved searches: storing, listing and removing them.

use std::sync::Arc;

use serde::Serialize;

use super::{App, AppError, Filters, Note, Result, today};
use crate::index::{ClusterState, IndexError, Meta};
use crate::saved::{DigestState, SavedStore, Searches, tidy};

pub use crate::saved::SavedSearch;

/// Result of storing a search.
#[derive(Debug, Clone, Serialize)]
pub struct StoredSearch {
    /// Name without `@`.
    pub name: String,
    /// Whether it replaced one of the same name.
    pub replaced: bool,
    /// Notes on its query.
    pub notes: Vec<Note>,
}

/// A listed saved search.
#[derive(Debug, Clone, Serialize)]
pub struct ListedSearch {
    /// The search.
    #[serde(flatten)]
    pub search: SavedSearch,
    /// Time of its last digest, in Korean time.
    pub last_digest: Option<String>,
}

impl App {
    /// Stores a search under a name.
    ///
    /// # Errors
    /// When the name is invalid, or taken and not to be replaced, or when the search cannot run.
    pub fn save_search(
        &self,
        name: &str,
        query: &str,
        filters: &Filters,
        replace: bool,
    ) -> Result<StoredSearch> {
        let store = self.store_of_index()?;
        let today = today();
        let query = query.trim().to_owned();
        if query.is_empty() && filters.is_empty() {
            return Err(AppError::EmptySearch);
        }
        filters.days(today)?;
        let filters = filters.clone();
        let search = SavedSearch {
            name: name.to_owned(),
            query,
            outlets: filters.outlets,
            reporters: filters.reporters,
            from: filters.from,
            to: filters.to,
            undated: filters.undated,
        };
        let mut notes = Vec::new();
        let replaced = Searches::update(&store, |searches| {
            notes.clear();
            searches.put(search.clone(), replace, today, &mut notes)
        })?;
        Ok(StoredSearch {
            name: tidy(name),
            replaced,
            notes: notes.into_iter().map(Note::from).collect(),
        })
    }

    /// The saved searches with these names, or all, in the order in which they were added.
    ///
    /// # Errors
    /// When one does not exist, or the file cannot be read.
    pub fn saved_searches(&self, names: &[String]) -> Result<Vec<ListedSearch>> {
        let store = self.store_of_index()?;
        let searches = Searches::read(&store)?;
        let state = DigestState::read(&store)?;
        let listed = |search: &SavedSearch| ListedSearch {
            search: search.clone(),
            last_digest: state
                .checkpoint(&search.name)
                .map(|checkpoint| super::korean_time(checkpoint.last)),
        };
        match names {
            [] => Ok(searches.all().iter().map(listed).collect()),
            names => names
                .iter()
                .map(|name| Ok(listed(searches.get(name)?)))
                .collect(),
        }
    }

    /// Removes saved searches, all or none, and returns how many there were.
    ///
    /// # Errors
    /// When one does not exist, or another search uses it.
    pub fn remove_saved_searches(&self, names: &[String]) -> Result<usize> {
        let store = self.store_of_index()?;
        let today = today();
        let removed = Searches::update(&store, |searches| {
            let before = searches.all().to_vec();
            searches.remove(names, today)?;
            let removed = before.into_iter().map(|search| search.name);
            let removed = removed.filter(|name| searches.get(name).is_err());
            Ok(removed.collect::<Vec<String>>())
        })?;
        DigestState::forget(&store, &removed)?;
        Ok(removed.len())
    }

    /// Renames a saved search and its digest checkpoint, and returns the new name.
    ///
    /// # Errors
    /// When it does not exist, when the new name is invalid or taken, or when another search uses it.
    pub fn rename_saved_search(&self, name: &str, new_name: &str) -> Result<String> {
        let store = self.store_of_index()?;
        let today = today();
        let (name, new_name) =
            Searches::update(&store, |searches| searches.rename(name, new_name, today))?;
        if name != new_name {
            // In this order, a crash shows clippings twice rather than never.
            DigestState::rename(&store, &name, &new_name)?;
        }
        Ok(new_name)
    }

    /// Where the saved searches of an existing index are kept: without one, they would be written to
    /// an arbitrary folder or cluster.
    pub(super) fn store_of_index(&self) -> Result<SavedStore> {
        let exists = match self.cluster_searcher()? {
            Some(_) => true,
            None => Meta::exists(&self.dir),
        };
        match exists {
            true => self.saved_store(),
            false => Err(IndexError::Missing(self.dir.clone()).into()),
        }
    }

    pub(super) fn saved_store(&self) -> Result<SavedStore> {
        Ok(match self.cluster_address()? {
            Some(address) => SavedStore::Cluster(match self.cluster_state.get() {
                Some(state) => Arc::clone(state),
                None => {
                    let state = Arc::new(ClusterState::new(&address)?);
                    Arc::clone(self.cluster_state.get_or_init(|| state))
                }
            }),
            None => SavedStore::Folder(self.dir.clone()),
        })
    }
}
