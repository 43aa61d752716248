//! The progress bar of commands that take more than a second, on a terminal only.

use std::io::{self, IsTerminal};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::error::one_line;
use crate::ingest::Progress;
use crate::source::{self, Found, Location};

/// Nothing is shown for work shorter than this.
const DELAY: Duration = Duration::from_secs(1);
const TICK: Duration = Duration::from_millis(100);

/// Shows how far reading is, until dropped.
pub struct Bar {
    bar: ProgressBar,
    done: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Bar {
    /// A bar over the bytes of `paths`, fed from `progress`. Hidden when `quiet` or when standard
    /// error is no terminal.
    pub fn over(paths: &[PathBuf], progress: &Arc<Progress>, quiet: bool) -> Bar {
        let done = Arc::new(AtomicBool::new(false));
        if quiet || !io::stderr().is_terminal() {
            return Bar {
                bar: ProgressBar::hidden(),
                done,
                threads: Vec::new(),
            };
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        let total = Arc::new(AtomicU64::new(0));
        let counter = thread::spawn({
            let (paths, total, done) = (paths.to_vec(), Arc::clone(&total), Arc::clone(&done));
            move || count(&paths, &total, &done)
        });
        let painter = thread::spawn({
            let (bar, progress, done) = (bar.clone(), Arc::clone(progress), Arc::clone(&done));
            move || paint(&bar, &progress, &total, &done)
        });
        Bar {
            bar,
            done,
            threads: vec![counter, painter],
        }
    }

    /// Writes a line to standard error without tearing the bar.
    pub fn line(&self, line: &str) {
        self.bar.suspend(|| eprintln!("{line}"));
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.done.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            thread.thread().unpark();
            let _ = thread.join();
        }
        self.bar.finish_and_clear();
    }
}

/// Sums the sizes of the files, for the share that is done. The sum is given only when it is whole.
fn count(paths: &[PathBuf], total: &AtomicU64, done: &AtomicBool) {
    let mut sum = 0;
    let whole = source::walk(paths, &mut |found| {
        if let Found::Location(location, metadata) = found {
            match (location, metadata) {
                (Location::File(_), Some(metadata)) => sum += metadata.len(),
                // How much comes through standard input is not known.
                _ => return ControlFlow::Break(()),
            }
        }
        if done.load(Ordering::Relaxed) {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    });
    if whole.is_continue() {
        total.store(sum, Ordering::Relaxed);
    }
}

fn paint(bar: &ProgressBar, progress: &Progress, total: &AtomicU64, done: &AtomicBool) {
    thread::park_timeout(DELAY);
    if done.load(Ordering::Relaxed) {
        return;
    }
    let style = |template| {
        ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
    };
    bar.set_style(style("{spinner} {bytes} {msg}"));
    bar.set_draw_target(ProgressDrawTarget::stderr());
    let mut has_total = false;
    while !done.load(Ordering::Relaxed) {
        let sum = total.load(Ordering::Relaxed);
        if sum > 0 && !has_total {
            has_total = true;
            bar.set_length(sum);
            bar.set_style(style("{bar:24} {percent:>3}% {msg}, {eta} left"));
        }
        bar.set_position(progress.bytes.load(Ordering::Relaxed));
        let clippings = progress.clippings.load(Ordering::Relaxed);
        let seconds = bar.elapsed().as_secs_f64().max(0.001);
        let rate = clippings as f64 / seconds;
        let current = shortened(&progress.current());
        let current = one_line(&current);
        bar.set_message(format!("{clippings} clippings, {rate:.0}/s, {current}"));
        bar.tick();
        thread::park_timeout(TICK);
    }
}

/// The end of a long name.
fn shortened(name: &str) -> String {
    const MOST: usize = 40;
    let count = name.chars().count();
    if count <= MOST {
        return name.to_owned();
    }
    let end: String = name.chars().skip(count - MOST + 1).collect();
    format!("…{end}")
}
