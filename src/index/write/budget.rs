//! A limit on the bytes in flight.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// A semaphore that counts bytes. Clones share it.
#[derive(Clone)]
pub struct Budget {
    inner: Arc<Inner>,
}

struct Inner {
    total: usize,
    left: Mutex<Left>,
    returned: Condvar,
}

struct Left {
    bytes: usize,
    /// `take` no longer blocks.
    closed: bool,
}

/// Bytes taken from a budget; returned on drop.
pub struct Share {
    bytes: usize,
    inner: Arc<Inner>,
}

impl Budget {
    /// A budget of `total` bytes.
    pub fn new(total: usize) -> Budget {
        Budget {
            inner: Arc::new(Inner {
                total,
                left: Mutex::new(Left {
                    bytes: total,
                    closed: false,
                }),
                returned: Condvar::new(),
            }),
        }
    }

    /// Takes `bytes`, waiting until they are available. A request for more than the whole budget
    /// takes all of it.
    pub fn take(&self, bytes: usize) -> Share {
        let bytes = bytes.min(self.inner.total);
        let left = self.lock();
        let mut left = self
            .inner
            .returned
            .wait_while(left, |left| left.bytes < bytes && !left.closed)
            .unwrap_or_else(PoisonError::into_inner);
        let bytes = bytes.min(left.bytes);
        left.bytes -= bytes;
        Share {
            bytes,
            inner: Arc::clone(&self.inner),
        }
    }

    /// Stops blocking: bytes in flight will not be returned, since their receiver is gone.
    pub fn close(&self) {
        self.lock().closed = true;
        self.inner.returned.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Left> {
        self.inner
            .left
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.inner
            .left
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .bytes += self.bytes;
        self.inner.returned.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::thread;
    use std::time::Duration;

    use super::*;

    #[test]
    fn taking_more_than_is_left_waits() {
        let budget = Budget::new(10);
        let first = budget.take(8);
        let waiting = {
            let budget = budget.clone();
            thread::spawn(move || drop(budget.take(1000)))
        };
        thread::sleep(Duration::from_millis(30));
        assert!(!waiting.is_finished());
        drop(first);
        waiting.join().unwrap();
        assert_eq!(budget.lock().bytes, 10);
    }

    #[test]
    fn a_closed_budget_does_not_block() {
        let budget = Budget::new(10);
        let _lost = budget.take(10);
        let waiting = {
            let budget = budget.clone();
            thread::spawn(move || drop(budget.take(5)))
        };
        budget.close();
        waiting.join().unwrap();
    }
}
