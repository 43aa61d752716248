//! Standard output, through a pager on a terminal.

use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;

use signal_hook::consts::SIGINT;

/// The pager unless PAGER is set, and its options unless LESS is: quit if everything fits on the
/// screen, keep colors, leave the text on the screen.
const PAGER: &str = "less";
const LESS: &str = "FRX";

/// Standard output, buffered.
pub enum Output {
    /// Written directly.
    Plain(BufWriter<StdoutLock<'static>>),
    /// Through a pager.
    Paged(Pager),
}

/// A running pager. Dropping it waits until it is quit.
pub struct Pager {
    child: Child,
    input: Option<BufWriter<ChildStdin>>,
}

impl Output {
    /// Without a pager.
    pub fn plain() -> Output {
        Output::Plain(BufWriter::with_capacity(64 << 10, io::stdout().lock()))
    }

    /// Through a pager, when standard output is a terminal and there is one.
    pub fn paged() -> Output {
        let is_screen = io::stdout().is_terminal()
            && std::env::var_os("TERM").is_none_or(|terminal| terminal != "dumb");
        match is_screen.then(Pager::start).flatten() {
            Some(pager) => Output::Paged(pager),
            None => Output::plain(),
        }
    }
}

impl Pager {
    /// Starts the program named in PAGER, else `less`; `None` when it cannot be started or is `cat`.
    fn start() -> Option<Pager> {
        let named = std::env::var("PAGER").unwrap_or_else(|_| PAGER.to_owned());
        let mut words = named.split_whitespace();
        let program = words.next().filter(|program| *program != "cat")?;
        let mut command = Command::new(program);
        command.args(words).stdin(Stdio::piped());
        if std::env::var_os("LESS").is_none() {
            command.env("LESS", LESS);
        }
        // Without a UTF-8 locale, as in many containers, `less` would print the bytes in hexadecimal.
        if std::env::var_os("LESSCHARSET").is_none() {
            command.env("LESSCHARSET", "utf-8");
        }
        let mut child = command.spawn().ok()?;
        let input = child.stdin.take()?;
        // Ctrl-C is for the pager.
        let _ = signal_hook::flag::register(SIGINT, Arc::default());
        Some(Pager {
            child,
            input: Some(BufWriter::with_capacity(64 << 10, input)),
        })
    }
}

impl Drop for Pager {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.child.wait();
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Output::Plain(out) => out.write(bytes),
            Output::Paged(Pager {
                input: Some(input), ..
            }) => input.write(bytes),
            Output::Paged(_) => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Output::Plain(out) => out.flush(),
            Output::Paged(pager) => pager.input.as_mut().map_or(Ok(()), Write::flush),
        }
    }
}
