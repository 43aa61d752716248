//! Threads and analyzers shared by all searches of a process.

use std::sync::{LazyLock, Mutex, PoisonError};
use std::thread;

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::analyze::{Analyzer, Language};

/// One thread per core; `None` if the system refuses threads, in which case callers do the work
/// themselves.
static POOL: LazyLock<Option<ThreadPool>> = LazyLock::new(|| {
    let name = |number| format!("search-{number}");
    ThreadPoolBuilder::new().thread_name(name).build().ok()
});

/// Analyzers kept idle. Asking the system reads files of the control group, so it is asked once.
static MAX_IDLE: LazyLock<usize> =
    LazyLock::new(|| thread::available_parallelism().map_or(1, usize::from));

/// Applies `each` to all `items`, in order. Uses a thread for every `least` items at most.
pub(in crate::search) fn map<T: Sync, R: Send>(
    items: &[T],
    least: usize,
    each: impl Fn(&T) -> R + Sync + Send,
) -> Vec<R> {
    match &*POOL {
        Some(pool) if items.len() > least => pool.install(|| {
            let items = items.par_iter().with_min_len(least.max(1));
            items.map(each).collect()
        }),
        _ => items.iter().map(each).collect(),
    }
}

/// Idle analyzers. Each has its own cache, so the last one used is reused first.
pub(in crate::search) struct AnalyzerPool {
    language: Language,
    idle: Mutex<Vec<Analyzer>>,
}

impl AnalyzerPool {
    pub(in crate::search) fn new(language: Language) -> AnalyzerPool {
        AnalyzerPool {
            language,
            idle: Mutex::default(),
        }
    }

    pub(in crate::search) fn with<R>(&self, work: impl FnOnce(&mut Analyzer) -> R) -> R {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = idle().pop();
        let mut analyzer = waiting.unwrap_or_else(|| Analyzer::new(self.language.clone()));
        let result = work(&mut analyzer);
        let mut idle = idle();
        if idle.len() < *MAX_IDLE {
            idle.push(analyzer);
        }
        result
    }
}
