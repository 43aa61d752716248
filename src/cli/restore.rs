//! `clippings restore`

use super::error::{lang, say};
use super::global::found;
use super::ingest_args::WaitArgs;
use super::{CliResult, Global};
use crate::messages::msg;

/// Bring back removed clippings
///
/// Without IDs, those of the last `remove`. It works until the next `reindex`. Stored pages of
/// removed clippings are gone.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  clippings restore
  clippings restore 7kq2m4")]
pub struct Args {
    /// Clipping IDs, in full
    #[arg(value_name = "ID")]
    ids: Vec<String>,

    #[command(flatten)]
    wait: WaitArgs,
}

pub fn run(args: &Args, global: &Global) -> CliResult {
    let restored = global.app().restore(&args.ids, args.wait.duration())?;
    if !global.quiet {
        let done = msg!(lang(), ko: "{restored}건을 되살렸습니다", en: "restored {restored}");
        say(format_args!("{done}"));
    }
    Ok(found(restored > 0))
}
