//! `clippings remove`

use std::time::Duration;

use super::{CliResult, Exit, Global};
use crate::index::{Writer, WriterOptions};

/// Take clippings out of the index
///
/// An ID is what `search` prints, or the beginning of one when no other begins so. The files they
/// came from stay as they are; as long as these do not change, `add` does not take them in again.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  clippings remove 7kq2m4
  clippings search --outlet 한빛신문 --format jsonl | jq -r .id | xargs clippings remove")]
pub struct Args {
    /// Names of the clippings
    #[arg(required = true, value_name = "ID")]
    ids: Vec<String>,

    /// Seconds to wait for another process that writes the index
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    wait: u64,
}

pub fn run(args: &Args, global: &Global) -> CliResult {
    let options = WriterOptions {
        command: "remove",
        wait: Duration::from_secs(args.wait),
        threads: Some(1),
    };
    let mut writer = Writer::open(&global.index, false, options)?;
    // Under the lock, so that what a prefix stands for does not change meanwhile.
    let archive = global.archive()?;
    let mut ids = Vec::with_capacity(args.ids.len());
    for id in &args.ids {
        ids.push(archive.get(id)?.id);
    }
    let removed = writer.remove(ids.iter().map(String::as_str));
    let removed = removed
        .and_then(|removed| writer.finish().map(|_| removed))
        .map_err(|e| e.or_gone(&global.index))?;
    if !global.quiet {
        eprintln!("removed {removed}");
    }
    Ok(Exit::Done)
}
