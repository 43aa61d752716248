//! Progress bars, on a terminal only and not within the first second.

use std::io::{self, IsTerminal};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::error::{lang, one_line, say};
use crate::app::add::ReadProgress;
use crate::messages::msg;

/// Nothing is shown for work shorter than this.
const DELAY: Duration = Duration::from_secs(1);

/// A bar over the bytes that are read.
pub struct ReadBar {
    bar: ProgressBar,
    is_visible: bool,
    begun: Instant,
    state: Mutex<BarState>,
}

#[derive(PartialEq, Eq)]
enum BarState {
    Hidden,
    WithoutTotal,
    WithTotal,
}

impl ReadBar {
    /// A bar that is hidden when `quiet` or when standard error is not a terminal.
    pub fn new(quiet: bool) -> ReadBar {
        ReadBar {
            bar: hidden_bar(),
            is_visible: is_visible(quiet),
            begun: Instant::now(),
            state: Mutex::new(BarState::Hidden),
        }
    }

    /// Whether it can be seen at all.
    pub fn is_visible(&self) -> bool {
        self.is_visible
    }

    /// Shows how far reading is.
    pub fn set(&self, progress: &ReadProgress) {
        if !self.is_visible || self.begun.elapsed() < DELAY {
            return;
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if *state == BarState::Hidden {
            *state = BarState::WithoutTotal;
            self.bar.set_style(style("{spinner} {bytes} {wide_msg}"));
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        if let Some(total) = progress.total_bytes
            && *state == BarState::WithoutTotal
        {
            *state = BarState::WithTotal;
            self.bar.set_length(total);
            // A line that is too long for the terminal would be drawn again and again.
            self.bar
                .set_style(style("{bar:24} {percent:>3}% {eta} {wide_msg}"));
        }
        self.bar.set_position(progress.bytes);
        let clippings = progress.clippings;
        let rate = clippings as f64 / self.begun.elapsed().as_secs_f64().max(0.001);
        let current = one_line(&progress.current);
        self.bar.set_message(msg!(lang(),
            ko: "{clippings}건, 초당 {rate:.0}건, {current}",
            en: "{clippings} clippings, {rate:.0}/s, {current}",
        ));
        self.bar.tick();
    }

    /// Writes a line to standard error without tearing the bar.
    pub fn line(&self, line: &str) {
        self.suspend(|| say(format_args!("{line}")));
    }

    /// Runs something that writes to standard error without tearing the bar.
    pub fn suspend(&self, write: impl FnOnce()) {
        self.bar.suspend(write);
    }
}

impl Drop for ReadBar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// A bar over a number of clippings.
pub struct CountBar {
    bar: ProgressBar,
    is_visible: bool,
    begun: Instant,
}

impl CountBar {
    /// See [`ReadBar::new`].
    pub fn new(quiet: bool) -> CountBar {
        CountBar {
            bar: hidden_bar(),
            is_visible: is_visible(quiet),
            begun: Instant::now(),
        }
    }

    /// Shows that `done` are done.
    pub fn set(&self, done: usize) {
        if !self.is_visible || self.begun.elapsed() < DELAY {
            return;
        }
        if self.bar.is_hidden() {
            self.bar.set_style(style("{spinner} {human_pos}"));
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        self.bar.set_position(done as u64);
    }
}

impl Drop for CountBar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn is_visible(quiet: bool) -> bool {
    !quiet && io::stderr().is_terminal()
}

fn hidden_bar() -> ProgressBar {
    ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden())
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
