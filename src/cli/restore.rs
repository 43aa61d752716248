//! `clippings restore`

use super::error::{lang, say};
use super::global::found;
use super::ingest_args::WaitArgs;
use super::{CliResult, Global};
use crate::messages::msg;

/// Bring back removed clippings
///
/// Without IDs, those of the last `remove`. They come back with their stored pages, and count as added
/// when they were first added. It works until the next `reindex`.
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
        let count = restored.clippings;
        let mut done = msg!(lang(), ko: "{count}건을 되살렸습니다", en: "restored {count}");
        if restored.lost_pages > 0 {
            let lost = restored.lost_pages;
            done += &msg!(lang(),
                ko: ", 저장된 페이지 {lost}개는 남아 있지 않습니다",
                en: ", {lost} without the page that was stored",
            );
        }
        say(format_args!("{done}"));
    }
    Ok(found(restored.clippings > 0))
}
