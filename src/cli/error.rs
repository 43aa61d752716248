//! Printing of errors: a line that says what and where, and a hint that says what to do.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, Write};

use crate::app::AppError;
use crate::messages::{Hint, Label, Localize, msg};
use crate::report::sanitize;

use super::Exit;

/// Result of a command.
pub type CliResult = Result<Exit, CliError>;

/// Why a command failed.
#[derive(Debug)]
pub enum CliError {
    /// With a message.
    Message {
        /// What went wrong, and where.
        message: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// The reader of the output is gone: not an error.
    BrokenPipe,
}

impl CliError {
    /// An error without a hint.
    pub fn new(message: impl Into<String>) -> CliError {
        CliError::Message {
            message: message.into(),
            hint: None,
        }
    }

    /// An error of the system with a file.
    pub fn file(path: &std::path::Path, e: &io::Error) -> CliError {
        CliError::new(format!("{}: {}", path.display(), e.text(lang())))
    }

    /// Adds what to do about it.
    pub fn with_hint(self, hint: impl Into<String>) -> CliError {
        match self {
            CliError::Message { message, .. } => CliError::Message {
                message,
                hint: Some(hint.into()),
            },
            CliError::BrokenPipe => CliError::BrokenPipe,
        }
    }

    /// Prefixes the message.
    pub fn about(self, what: &str) -> CliError {
        match self {
            CliError::Message { message, hint } => CliError::Message {
                message: format!("{what}: {message}"),
                hint,
            },
            CliError::BrokenPipe => CliError::BrokenPipe,
        }
    }

    /// Writes it to standard error.
    pub fn print(&self) {
        if let CliError::Message { message, hint } = self {
            say_labelled(Label::Error, message);
            if let Some(hint) = hint {
                say_labelled(Label::Hint, hint);
            }
        }
    }
}

pub use super::language::lang;

/// Text for a terminal: names of files and ids come from anywhere.
pub fn one_line(text: &str) -> Cow<'_, str> {
    sanitize::line(text)
}

/// Writes a line of some kind to standard error.
pub fn say_labelled(label: Label, text: &str) {
    let (label, text) = (label.text(lang()), one_line(text));
    say(format_args!("{label}: {text}"));
}

/// Writes a line to standard error. `eprintln!` would panic where that is a closed pipe or a full
/// disk, after the work is done.
pub fn say(line: fmt::Arguments<'_>) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

impl From<AppError> for CliError {
    fn from(e: AppError) -> Self {
        CliError::Message {
            message: e.text(lang()),
            hint: e.hint(lang()),
        }
    }
}

/// An error of writing the output.
impl From<io::Error> for CliError {
    fn from(e: io::Error) -> Self {
        if e.kind() == io::ErrorKind::BrokenPipe {
            CliError::BrokenPipe
        } else {
            let e = e.text(lang());
            CliError::new(msg!(lang(),
                ko: "출력을 쓸 수 없습니다: {e}",
                en: "the output cannot be written: {e}",
            ))
        }
    }
}

impl From<serde_json::Error> for CliError {
    fn from(e: serde_json::Error) -> Self {
        CliError::from(io::Error::from(e))
    }
}
