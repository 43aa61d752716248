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
        self.draw(progress, ProgressDrawTarget::stderr);
    }

    /// Draws the bar, on `target` from the first time on.
    fn draw(&self, progress: &ReadProgress, target: impl FnOnce() -> ProgressDrawTarget) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if *state == BarState::Hidden {
            *state = BarState::WithoutTotal;
            self.bar.set_style(style("{spinner} {bytes} {wide_msg}"));
            self.bar.set_draw_target(target());
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
        self.draw(done, ProgressDrawTarget::stderr);
    }

    /// Draws the bar, on `target` from the first time on.
    fn draw(&self, done: usize, target: impl FnOnce() -> ProgressDrawTarget) {
        if self.bar.is_hidden() {
            self.bar.set_style(style("{spinner} {human_pos}"));
            self.bar.set_draw_target(target());
        }
        self.bar.set_position(done as u64);
        self.bar.tick();
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use indicatif::TermLike;
    use unicode_width::UnicodeWidthStr;

    use super::*;

    const COLUMNS: u16 = 80;

    /// A terminal that keeps what is drawn.
    #[derive(Debug, Clone, Default)]
    struct Drawn(Arc<Mutex<String>>);

    impl Drawn {
        fn target(&self) -> ProgressDrawTarget {
            ProgressDrawTarget::term_like(Box::new(self.clone()))
        }

        fn lines(&self) -> Vec<String> {
            let drawn = self.0.lock().unwrap();
            drawn.lines().map(str::to_owned).collect()
        }

        fn add(&self, text: &str) -> io::Result<()> {
            self.0.lock().unwrap().push_str(text);
            Ok(())
        }
    }

    impl TermLike for Drawn {
        fn width(&self) -> u16 {
            COLUMNS
        }

        fn move_cursor_up(&self, _: usize) -> io::Result<()> {
            self.add("\n")
        }

        fn move_cursor_down(&self, _: usize) -> io::Result<()> {
            self.add("\n")
        }

        fn move_cursor_right(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_left(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn write_line(&self, text: &str) -> io::Result<()> {
            self.add(text)?;
            self.add("\n")
        }

        fn write_str(&self, text: &str) -> io::Result<()> {
            self.add(text)
        }

        fn clear_line(&self) -> io::Result<()> {
            self.add("\n")
        }

        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_bar_fits_into_80_columns() {
        let drawn = Drawn::default();
        let bar = ReadBar::new(true);
        for total_bytes in [None, Some(u64::MAX / 2)] {
            bar.draw(
                &ReadProgress {
                    bytes: u64::MAX / 4,
                    total_bytes,
                    clippings: 12_345_678,
                    current: format!("{}/생성형 인공지능.html", "긴 폴더 이름/".repeat(40)),
                },
                || drawn.target(),
            );
        }
        let count = CountBar::new(true);
        count.draw(usize::MAX, || drawn.target());
        let lines = drawn.lines();
        assert!(
            lines.iter().any(|line| line.contains("12345678")),
            "{lines:?}"
        );
        assert!(
            lines.iter().any(|line| line.contains("18,446,744")),
            "{lines:?}"
        );
        for line in lines {
            assert!(line.width() <= usize::from(COLUMNS), "{line}");
        }
    }
}
