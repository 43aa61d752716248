//! The use cases of the program, one file each.
//!
//! `cli` and `web` use these and not the modules below. Requests and answers are plain data; hits
//! are ready for display, and notes, warnings and errors are typed values with texts in `messages`.
//!
//! An [`App`] can be shared by threads. Each call uses the last committed state of the index,
//! including commits by other processes.

pub mod add;
pub mod analyze;
pub mod check;
mod cluster;
pub mod copy;
pub mod digest;
mod error;
pub mod export;
pub mod extract;
mod note;
mod opened;
mod query;
pub mod read;
pub mod reindex;
pub mod related;
pub mod remove;
mod removed;
pub mod saved;
pub mod search;
mod searching;
pub mod show;
pub mod similar;
pub mod staged;
pub mod stats;
pub mod trend;
mod version;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

use jiff::Timestamp;
use jiff::civil::Date;

pub use crate::analyze::synonyms::LineProblem;
pub use crate::index::is_guarded;
pub use crate::query::Filters;
pub use crate::search::{Cause, Contribution, Copy, Hit, Snippet, Sort};
pub use cluster::is_cluster_address;
pub use error::{AppError, ErrorKind};
pub use note::{Note, SearchNote};
pub use opened::SynonymSource;

use crate::index::ClusterState;
use crate::korean_time;
use crate::search::Searcher;
use cluster::OpenedCluster;
use opened::Opened;

/// Result of a use case.
pub type Result<T> = std::result::Result<T, AppError>;

/// The program over one index: in a folder, or in a cluster.
pub struct App {
    dir: PathBuf,
    synonyms: SynonymSource,
    opened: RwLock<Option<Arc<Opened>>>,
    cluster: Mutex<Option<OpenedCluster>>,
    /// Connected to the cluster when first used.
    cluster_state: OnceLock<Arc<ClusterState>>,
}

impl App {
    /// An app over the index in `dir`, a folder that need not exist yet or the address of a cluster.
    pub fn new(dir: impl Into<PathBuf>, synonyms: SynonymSource) -> App {
        App {
            dir: dir.into(),
            synonyms,
            opened: RwLock::new(None),
            cluster: Mutex::default(),
            cluster_state: OnceLock::new(),
        }
    }

    /// The index folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Notes on the index: that it was not built with the current word list, or that lines of the
    /// synonyms are invalid.
    ///
    /// # Errors
    /// When the index cannot be opened.
    pub fn notes(&self) -> Result<Vec<Note>> {
        if self.cluster_address()?.is_some() {
            let mut notes = Vec::new();
            self.synonyms.read(&self.dir, &mut notes)?;
            return Ok(notes);
        }
        let searcher = self.searcher()?;
        let mut notes = self.opened()?.notes.clone();
        if searcher.archive().words_changed() {
            notes.insert(0, Note::UserWordsChanged);
        }
        Ok(notes)
    }

    /// The last committed state of the index.
    fn searcher(&self) -> Result<Arc<Searcher>> {
        Ok(self.opened()?.engine.searcher()?)
    }

    /// The engine, reopened if the synonyms have changed.
    fn opened(&self) -> Result<Arc<Opened>> {
        self.only_in_folder("this command")?;
        let stamp = self.synonyms.stamp(&self.dir);
        let current = self.opened.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(opened) = &*current
            && opened.synonyms == stamp
        {
            return Ok(Arc::clone(opened));
        }
        drop(current);
        let opened = Arc::new(Opened::new(&self.dir, &self.synonyms, stamp)?);
        let mut current = self.opened.write().unwrap_or_else(PoisonError::into_inner);
        *current = Some(Arc::clone(&opened));
        Ok(opened)
    }
}

/// A time in Korean time: `2024-02-22 10:31`.
pub fn korean_time(moment: Timestamp) -> String {
    let moment = korean_time::civil(moment);
    moment.strftime("%Y-%m-%d %H:%M").to_string()
}

/// The current date in Korea.
pub fn today() -> Date {
    korean_time::now().date()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;
    use std::thread;

    use super::add::{AddRequest, ReadOptions};
    use super::digest::DigestRequest;
    use super::search::SearchRequest;
    use super::*;

    fn add(app: &App, records: &str) -> u64 {
        let file = app.dir().with_extension("jsonl");
        fs::write(&file, records).unwrap();
        let request = AddRequest {
            read: ReadOptions {
                paths: vec![file],
                reread: true,
                ..ReadOptions::default()
            },
            command: "test",
            ..AddRequest::default()
        };
        let stop = Arc::new(AtomicBool::new(false));
        app.add(request, &stop, &|_| {}).unwrap().summary.added
    }

    fn total(app: &App, query: &str) -> u64 {
        let request = SearchRequest {
            query: query.to_owned(),
            ..SearchRequest::default()
        };
        app.search(&request).unwrap().total
    }

    #[test]
    fn threads_share_an_app_and_see_the_commits_of_another() {
        let dir = tempfile::tempdir().unwrap();
        let app = App::new(dir.path().join("index"), SynonymSource::default());
        assert!(matches!(
            app.search(&SearchRequest::default()),
            Err(AppError::Index(crate::index::IndexError::Missing(_)))
        ));
        let record = |id: &str| format!("{{\"id\": \"{id}\", \"headline\": \"다리 {id}\"}}\n");
        assert_eq!(add(&app, &record("a")), 1);
        assert_eq!(total(&app, "다리"), 1);
        let other = App::new(app.dir(), SynonymSource::default());
        assert_eq!(add(&other, &record("b")), 1);
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| assert_eq!(total(&app, "다리"), 2));
            }
        });
        // A digest counts as seen only when it is marked so.
        app.save_search("다리", "다리", &Filters::default(), false)
            .unwrap();
        let new = || app.digest(&DigestRequest::default()).unwrap();
        assert_eq!(new().parts.len(), 1);
        app.mark_seen(new().seen).unwrap();
        assert!(new().parts.is_empty());
        assert_eq!(add(&other, &record("c")), 1);
        let digest = new();
        assert_eq!(digest.parts[0].hits[0].clipping.id, "c");
        let plan = app.plan_removal("다리", &Filters::default()).unwrap();
        assert_eq!((plan.ids.len(), plan.headlines.len()), (3, 3));
        let removed = app.remove(&["c".to_owned()], Default::default());
        assert_eq!(removed.unwrap(), 1);
        assert_eq!(total(&app, "다리"), 2);
        assert_eq!(app.restore(&[], Default::default()).unwrap().clippings, 1);
        assert_eq!(total(&app, "다리"), 3);
    }

    #[test]
    fn requests_and_answers_are_plain_data() {
        let request: SearchRequest =
            serde_json::from_str(r#"{"query": "다리", "filters": {"outlets": ["한겨레"]}}"#)
                .unwrap();
        assert_eq!((request.limit, request.filters.outlets.len()), (10, 1));
        let again = serde_json::to_string(&request).unwrap();
        assert_eq!(
            serde_json::from_str::<SearchRequest>(&again).unwrap(),
            request
        );
    }
}
