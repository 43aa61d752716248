//! Errors as a person sees them: one line that says what and where, one that says what to do.

use std::borrow::Cow;
use std::io;

use crate::analyze::DictionaryError;
use crate::index::IndexError;
use crate::report::sanitize;
use crate::saved::SavedError;

use super::Exit;

/// What a command gives back.
pub type CliResult = Result<Exit, CliError>;

/// Why a command could not be done.
#[derive(Debug)]
pub enum CliError {
    /// Something to be told.
    Message {
        /// What went wrong, and where.
        message: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// Whoever read the output went away; no error.
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

    /// Says first what it is about.
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
            eprintln!("error: {}", one_line(message));
            if let Some(hint) = hint {
                eprintln!("hint: {}", one_line(hint));
            }
        }
    }
}

/// Text for a terminal: names of files and ids come from anywhere.
pub fn one_line(text: &str) -> Cow<'_, str> {
    sanitize::line(text)
}

impl From<IndexError> for CliError {
    fn from(e: IndexError) -> Self {
        CliError::Message {
            message: e.to_string(),
            hint: e.hint().map(str::to_owned),
        }
    }
}

impl From<SavedError> for CliError {
    fn from(e: SavedError) -> Self {
        CliError::Message {
            message: e.to_string(),
            hint: e.hint(),
        }
    }
}

impl From<DictionaryError> for CliError {
    fn from(e: DictionaryError) -> Self {
        CliError::new(e.to_string())
    }
}

/// An error of writing the output.
impl From<io::Error> for CliError {
    fn from(e: io::Error) -> Self {
        if e.kind() == io::ErrorKind::BrokenPipe {
            CliError::BrokenPipe
        } else {
            CliError::new(format!("the output cannot be written: {e}"))
        }
    }
}

impl From<serde_json::Error> for CliError {
    fn from(e: serde_json::Error) -> Self {
        CliError::from(io::Error::from(e))
    }
}
