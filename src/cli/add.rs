//! `clippings add`

use std::io::Write;
use std::path::PathBuf;

use clap::ValueHint;

use super::ingest_args::{ReadArgs, WaitArgs, add, listed};
use super::{CliResult, Exit, Global, OutputFormat};
use crate::report::stats;

/// Add clippings from files, folders, exports or URLs
///
/// Reads saved pages (HTML, PDF or plain text, in any encoding), exports, feeds, mail and archives
/// of these, and adds the articles they hold to the index. Folders are read recursively; hidden and
/// binary files are ignored. URLs are fetched if robots.txt allows it.
///
/// Unchanged files are skipped; a changed file replaces its clipping. Prints a summary: added,
/// updated, unchanged, skipped.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  clippings add ~/scraps
  clippings add articles.jsonl.zst page.html
  clippings add --path-rule '{outlet}/{date}/*.html' archive
  clippings add https://news.example/2024/02/22/1
  clippings add --from-file urls.txt --delay 3

The summary goes to stderr; with --format json it goes to stdout.")]
pub struct Args {
    /// Files, folders and URLs; - for stdin
    #[arg(required_unless_present = "from_file", value_name = "PATH", value_hint = ValueHint::AnyPath)]
    paths: Vec<PathBuf>,

    /// Read URLs or paths from FILE, one per line (# starts a comment, - means stdin)
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    from_file: Option<PathBuf>,

    #[command(flatten)]
    read: ReadArgs,

    /// Also store the original pages in the index
    ///
    /// `show --page` outputs them and `reindex --extract` re-extracts from them. Fetched pages are
    /// always stored.
    #[arg(long)]
    keep_pages: bool,

    /// Remove clippings whose files are gone from the folders named
    #[arg(long)]
    prune: bool,

    /// Re-read everything, even unchanged files
    #[arg(long)]
    reread: bool,

    /// Exit with code 1 if anything was skipped
    #[arg(long)]
    strict: bool,

    #[command(flatten)]
    wait: WaitArgs,
}

/// What `add` writes.
pub(super) const FORMATS: &[OutputFormat] = &[OutputFormat::Text, OutputFormat::Json];

pub fn run(args: &Args, global: &Global) -> CliResult {
    let format = global.format_among("add", FORMATS)?;
    let listed = listed(args.from_file.as_deref())?;
    let mut options = args.read.options(&args.paths, listed);
    options.reread = args.reread;
    options.prune = args.prune;
    options.extraction.keep_pages = args.keep_pages;
    let report = add(global, &global.app(), options, "add", args.wait)?;
    if format == OutputFormat::Json {
        let mut out = global.output();
        stats::added_json(&report, &mut out)?;
        out.flush()?;
    }
    let summary = &report.summary;
    Ok(if summary.interrupted {
        Exit::Interrupted
    } else if !summary.failures.is_empty() {
        Exit::Error
    } else if args.strict && summary.skipped > 0 {
        Exit::Nothing
    } else {
        Exit::Done
    })
}
