//! `clippings add`

use std::path::PathBuf;
use std::time::Duration;

use clap::ValueHint;

use super::ingesting::{ReadArgs, take_in};
use super::{CliResult, Exit, Global};
use crate::ingest::Options;

/// Take in clippings: files, folders, exports
///
/// Reads saved pages (HTML or plain text, in any encoding), JSON Lines (.jsonl, .ndjson) and JSON,
/// also compressed (.gz, .zst), and keeps the articles they hold in the index. A folder is read
/// with all below it; hidden files and what is plainly not text are passed over.
///
/// What was taken in before and has not changed is not read again; what changed replaces its
/// clipping. Ends with counts: added, updated, unchanged, skipped.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  clippings add ~/scraps
  clippings add articles.jsonl.zst page.html
  clippings add --path-rule '{outlet}/{date}/*.html' archive
  curl -s https://example.com/news.html | clippings add -")]
pub struct Args {
    /// Files and folders, - for standard input
    #[arg(required = true, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    paths: Vec<PathBuf>,

    #[command(flatten)]
    read: ReadArgs,

    /// Read everything again, also what has not changed
    #[arg(long)]
    reread: bool,

    /// Exit with 1 when something was skipped
    #[arg(long)]
    strict: bool,

    /// Seconds to wait for another process that writes the index
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    wait: u64,
}

pub fn run(args: &Args, global: &Global) -> CliResult {
    let options = Options {
        reread: args.reread,
        ..args.read.options(&args.paths)
    };
    let wait = Duration::from_secs(args.wait);
    let summary = take_in(global, options, "add", wait)?;
    Ok(if summary.interrupted {
        Exit::Interrupted
    } else if args.strict && summary.skipped > 0 {
        Exit::Nothing
    } else {
        Exit::Done
    })
}
