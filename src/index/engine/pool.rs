//! Things worth keeping between uses, shared by threads: contexts of zstd with their tables.

use std::sync::{Mutex, PoisonError};

/// Things waiting for work. A stack, so that the warmest is taken first.
#[derive(Debug)]
pub(in crate::index) struct Pool<T>(Mutex<Vec<T>>);

impl<T> Default for Pool<T> {
    fn default() -> Self {
        Pool(Mutex::default())
    }
}

impl<T> Pool<T> {
    /// Takes one out, when there is one.
    pub(in crate::index) fn take(&self) -> Option<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    /// Puts one in.
    pub(in crate::index) fn put(&self, thing: T) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(thing);
    }
}
