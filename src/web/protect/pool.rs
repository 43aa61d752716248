//! Work that blocks: as many threads at a time as there are cores, and a queue that ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

/// Longest wait in the queue.
const QUEUE_TIMEOUT: Duration = Duration::from_secs(10);

/// The queue is full, or its head did not move in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Busy;

/// A bounded queue before a bounded number of threads.
#[derive(Debug)]
pub struct Pool {
    permits: Arc<Semaphore>,
    waiting: AtomicUsize,
    most_waiting: usize,
}

impl Pool {
    /// `threads` at a time, `most_waiting` behind them.
    pub fn new(threads: usize, most_waiting: usize) -> Pool {
        Pool {
            permits: Arc::new(Semaphore::new(threads)),
            waiting: AtomicUsize::new(0),
            most_waiting,
        }
    }

    /// Runs `work` on a thread of its own.
    ///
    /// # Errors
    /// [`Busy`], without having begun.
    ///
    /// # Panics
    /// When `work` does, so that its request fails alone.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Busy> {
        // The permit goes with the work: a client that goes away does not free the core.
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

    /// Begins `work` on a thread of its own and does not wait for its end.
    ///
    /// # Errors
    /// [`Busy`], without having begun.
    pub async fn begin(&self, work: impl FnOnce() + Send + 'static) -> Result<(), Busy> {
        let permit = self.permit().await?;
        drop(spawn_blocking(move || {
            let _permit = permit;
            work();
        }));
        Ok(())
    }

    /// A place for work that goes on outside of the pool, until it is dropped.
    ///
    /// # Errors
    /// [`Busy`]
    pub async fn permit(&self) -> Result<OwnedSemaphorePermit, Busy> {
        let place = Place::take(&self.waiting);
        if place.number > self.most_waiting && self.permits.available_permits() == 0 {
            return Err(Busy);
        }
        let permit = Arc::clone(&self.permits).acquire_owned();
        match timeout(QUEUE_TIMEOUT, permit).await {
            Ok(Ok(permit)) => Ok(permit),
            _ => Err(Busy),
        }
    }
}

/// A place in the queue, given up when dropped.
struct Place<'p> {
    waiting: &'p AtomicUsize,
    number: usize,
}

impl<'p> Place<'p> {
    fn take(waiting: &'p AtomicUsize) -> Place<'p> {
        let number = waiting.fetch_add(1, Ordering::Relaxed) + 1;
        Place { waiting, number }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_full_queue_turns_the_next_away() {
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
    async fn a_panic_frees_its_place() {
        let pool = Arc::new(Pool::new(1, 0));
        let other = Arc::clone(&pool);
        let failed =
            tokio::spawn(async move { other.run(|| -> () { panic!("on purpose") }).await });
        assert!(failed.await.is_err());
        assert_eq!(pool.run(|| 1).await, Ok(1));
    }
}
