//! A bounded thread pool with a bounded queue, for blocking work.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

/// Maximum waiting time in the queue.
const QUEUE_TIMEOUT: Duration = Duration::from_secs(10);

/// The queue is full, or no thread became free in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Busy;

#[derive(Debug)]
pub struct Pool {
    permits: Arc<Semaphore>,
    waiting: AtomicUsize,
    max_queued: usize,
}

impl Pool {
    /// A pool of `threads` with at most `max_queued` requests in the queue.
    pub fn new(threads: usize, max_queued: usize) -> Pool {
        Pool {
            permits: Arc::new(Semaphore::new(threads)),
            waiting: AtomicUsize::new(0),
            max_queued,
        }
    }

    /// Runs `work` on a blocking thread and waits for its result.
    ///
    /// # Errors
    /// [`Busy`] if `work` was not started.
    ///
    /// # Panics
    /// When `work` panics.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Busy> {
        // The permit moves into the closure: work continues after the client disconnects, so the core is
        // still in use.
        let permit = self.permit().await?;
        let done = spawn_blocking(move || {
            let _permit = permit;
            work()
        });
        match done.await {
            Ok(result) => Ok(result),
            Err(e) if e.is_panic() => std::panic::resume_unwind(e.into_panic()),
            Err(_) => Err(Busy),
        }
    }

    /// Starts `work` on a blocking thread without waiting for it.
    ///
    /// # Errors
    /// [`Busy`] if `work` was not started.
    pub async fn begin(&self, work: impl FnOnce() + Send + 'static) -> Result<(), Busy> {
        let permit = self.permit().await?;
        drop(spawn_blocking(move || {
            let _permit = permit;
            work();
        }));
        Ok(())
    }

    /// A permit for work outside of the pool, held until dropped.
    pub async fn permit(&self) -> Result<OwnedSemaphorePermit, Busy> {
        let slot = QueueSlot::take(&self.waiting);
        if slot.number > self.max_queued && self.permits.available_permits() == 0 {
            return Err(Busy);
        }
        let permit = Arc::clone(&self.permits).acquire_owned();
        match timeout(QUEUE_TIMEOUT, permit).await {
            Ok(Ok(permit)) => Ok(permit),
            _ => Err(Busy),
        }
    }
}

/// Counts a request as queued until dropped.
struct QueueSlot<'p> {
    waiting: &'p AtomicUsize,
    number: usize,
}

impl<'p> QueueSlot<'p> {
    fn take(waiting: &'p AtomicUsize) -> QueueSlot<'p> {
        let number = waiting.fetch_add(1, Ordering::Relaxed) + 1;
        QueueSlot { waiting, number }
    }
}

impl Drop for QueueSlot<'_> {
    fn drop(&mut self) {
        self.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn requests_beyond_the_queue_are_rejected() {
        let pool = Arc::new(Pool::new(1, 1));
        let (go, wait) = std::sync::mpsc::channel::<()>();
        let (begun, has_begun) = tokio::sync::oneshot::channel();
        let one = Arc::clone(&pool);
        let first = tokio::spawn(async move {
            one.run(move || {
                begun.send(()).unwrap();
                wait.recv().unwrap();
            })
            .await
        });
        has_begun.await.unwrap();
        let two = Arc::clone(&pool);
        let second = tokio::spawn(async move { two.run(|| 2).await });
        while pool.waiting.load(Ordering::Relaxed) == 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(pool.run(|| 3).await, Err(Busy));
        go.send(()).unwrap();
        assert_eq!(first.await.unwrap(), Ok(()));
        assert_eq!(second.await.unwrap(), Ok(2));
        assert_eq!(pool.run(|| 4).await, Ok(4));
    }

    #[tokio::test]
    async fn a_panic_releases_its_permit() {
        let pool = Arc::new(Pool::new(1, 0));
        let other = Arc::clone(&pool);
        let failed =
            tokio::spawn(async move { other.run(|| -> () { panic!("on purpose") }).await });
        assert!(failed.await.is_err());
        assert_eq!(pool.run(|| 1).await, Ok(1));
    }
}
