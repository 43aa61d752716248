//! Exit codes.

use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done, or something found.
    Done,
    /// Nothing found, or something skipped under `--strict`.
    Nothing,
    /// It could not be done.
    Error,
    /// Stopped by Ctrl-C or SIGTERM; what is whole is committed.
    Interrupted,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(match exit {
            Exit::Done => 0,
            Exit::Nothing => 1,
            Exit::Error => 2,
            Exit::Interrupted => 130,
        })
    }
}
