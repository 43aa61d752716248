//! A pool of reusable objects, here zstd contexts, whose tables are costly to allocate.

use std::sync::{Mutex, PoisonError};

/// A stack, so that the object with the warmest cache lines is reused first.
#[derive(Debug)]
pub(in crate::index) struct Pool<T>(Mutex<Vec<T>>);

impl<T> Default for Pool<T> {
    fn default() -> Self {
        Pool(Mutex::default())
    }
}

impl<T> Pool<T> {
    pub(in crate::index) fn take(&self) -> Option<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    pub(in crate::index) fn put(&self, thing: T) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(thing);
    }
}
