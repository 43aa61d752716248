//! `clippings analyze`

use super::{CliError, CliResult, Global};

/// Show the terms of a text, and how they came about
///
/// Prints what the index would keep of a text: the words as they stand, without their particles,
/// and their parts. A search matches when these meet.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  clippings analyze '국회의원들이 생성형 AI를'
  clippings analyze < article.txt
  clippings analyze --format json 李在明

Output: --format text (default), json or jsonl.")]
pub struct Args {
    /// The text; standard input when there is none
    #[arg(value_name = "TEXT")]
    pub text: Vec<String>,
}

pub fn run(_args: &Args, _global: &Global) -> CliResult {
    Err(CliError::new("analyze is on its way"))
}
