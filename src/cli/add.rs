//! `clippings add`

use std::path::PathBuf;
use std::time::Duration;

use clap::ValueHint;

use super::ingesting::{ReadArgs, listed, take_in};
use super::{CliResult, Exit, Global};
use crate::ingest::Options;

/// Take in clippings: files, folders, exports, addresses of the web
///
/// Reads saved pages (HTML, PDF or plain text, in any encoding), exports, feeds, mail and archives
/// of these, and keeps the articles they hold in the index. A folder is read with all below it;
/// hidden files and what is plainly not text are passed over. A page of the web is fetched when its
/// site's robots.txt allows it.
///
/// What was taken in before and has not changed is not read again; what changed replaces its
/// clipping. Ends with counts: added, updated, unchanged, skipped.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  clippings add ~/scraps
  clippings add articles.jsonl.zst page.html
  clippings add --path-rule '{outlet}/{date}/*.html' archive
  clippings add https://news.example/2024/02/22/1
  clippings add --from-file urls.txt --delay 3")]
pub struct Args {
    /// Files and folders, addresses of the web, - for standard input
    #[arg(required_unless_present = "from_file", value_name = "PATH", value_hint = ValueHint::AnyPath)]
    paths: Vec<PathBuf>,

    /// Take in what FILE lists: an address or path a line, # for remarks; - for standard input
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    from_file: Option<PathBuf>,

    #[command(flatten)]
    read: ReadArgs,

    /// Keep the pages themselves in the index too
    ///
    /// `show --page` gives them back, `reindex --extract` makes clippings anew of them. Pages of the
    /// web are always kept.
    #[arg(long)]
    keep_pages: bool,

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
    let paths = listed(&args.paths, args.from_file.as_deref())?;
    let mut options = Options {
        reread: args.reread,
        ..args.read.options(&paths)
    };
    options.extraction.keep_pages = args.keep_pages;
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
