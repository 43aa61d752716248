//! `clippings check`

use std::io::Write;

use super::error::one_line;
use super::{CliError, CliResult, Exit, Global};
use crate::index::check;

/// Verify that the index is whole
///
/// Checks the checksums of its files, that every stored record and kept page can be read, and that
/// terms and records agree.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  clippings check")]
pub struct Args {}

pub fn run(_args: &Args, global: &Global) -> CliResult {
    let findings = check(&global.index)?;
    let mut out = global.output();
    for problem in &findings.problems {
        writeln!(out, "{}", one_line(problem))?;
    }
    if findings.problems.is_empty() {
        if !global.quiet {
            let pages = match findings.pages {
                0 => String::new(),
                pages => format!(" with {pages} kept pages"),
            };
            writeln!(out, "{} clippings{pages}, all whole", findings.clippings)?;
        }
        out.flush()?;
        return Ok(Exit::Done);
    }
    out.flush()?;
    Err(CliError::new(format!(
        "the index is damaged: {} problems",
        findings.problems.len()
    ))
    .with_hint(
        "`clippings reindex` rebuilds it from the records that can be read; take in the rest \
         again with `clippings add --reread PATH...`",
    ))
}
