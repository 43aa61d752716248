//! `clippings reindex`

use std::time::Duration;

use super::error::one_line;
use super::signal::stop_flag;
use super::{CliResult, Exit, Global};
use crate::index::{Redo, WriterOptions, rebuild};
use crate::ingest::remake;

/// Rebuild the index from what it holds itself
///
/// Needed after a change of dictionary, word list or version; commands say so. Searches go on
/// meanwhile with what was there before; the rebuilt index takes its place at once at the end.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  clippings reindex
  clippings reindex --extract")]
pub struct Args {
    /// Seconds to wait for another process that writes the index
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    wait: u64,

    /// Make clippings anew of the pages that `add --keep-pages` kept
    ///
    /// For after an update that reads pages better. Clippings without a kept page stay as they are,
    /// and so do those whose page gives no clipping any more: these are named.
    #[arg(long)]
    extract: bool,
}

pub fn run(args: &Args, global: &Global) -> CliResult {
    let stop = stop_flag()?;
    let options = WriterOptions {
        command: "reindex",
        wait: Duration::from_secs(args.wait),
        threads: None,
    };
    let redo = args.extract.then_some(&remake as Redo<'_>);
    let rebuilt =
        rebuild(&global.index, options, &stop, redo).map_err(|e| e.or_gone(&global.index))?;
    for damage in &rebuilt.damage {
        eprintln!("warning: {}", one_line(damage));
    }
    let Some(count) = rebuilt.clippings else {
        eprintln!("interrupted: the index is as it was");
        return Ok(Exit::Interrupted);
    };
    for skip in &rebuilt.kept_as_they_were {
        let (id, reason) = (one_line(&skip.source), one_line(&skip.reason));
        eprintln!("warning: {id} stays as it was: {reason}");
    }
    if !global.quiet {
        let redone = match args.extract {
            true => format!(", {} of them from their pages", rebuilt.redone),
            false => String::new(),
        };
        eprintln!("rebuilt {count}{redone}");
    }
    Ok(Exit::Done)
}
