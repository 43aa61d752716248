//! `clippings reindex`

use std::time::Duration;

use super::error::one_line;
use super::signal::stop_flag;
use super::{CliResult, Exit, Global};
use crate::index::{WriterOptions, rebuild};

/// Rebuild the index from what it holds itself
///
/// Needed after a change of dictionary, word list or version; commands say so. Searches go on
/// meanwhile with what was there before; the rebuilt index takes its place at once at the end.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  clippings reindex")]
pub struct Args {
    /// Seconds to wait for another process that writes the index
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    wait: u64,
}

pub fn run(args: &Args, global: &Global) -> CliResult {
    let stop = stop_flag()?;
    let options = WriterOptions {
        command: "reindex",
        wait: Duration::from_secs(args.wait),
        threads: None,
    };
    let rebuilt = rebuild(&global.index, options, &stop).map_err(|e| e.or_gone(&global.index))?;
    for damage in &rebuilt.damage {
        eprintln!("warning: {}", one_line(damage));
    }
    let Some(count) = rebuilt.clippings else {
        eprintln!("interrupted: the index is as it was");
        return Ok(Exit::Interrupted);
    };
    if !global.quiet {
        eprintln!("rebuilt {count}");
    }
    Ok(Exit::Done)
}
