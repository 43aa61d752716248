//! `clippings extract`

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use clap::ValueHint;

use super::error::one_line;
use super::ingesting::{ReadArgs, listed};
use super::progress::Bar;
use super::signal::stop_flag;
use super::{CliError, CliResult, Exit, Global, OutputFormat};
use crate::ingest::{Progress, read};
use crate::report::{Style, clipping};

/// Show what `add` would take in, without an index
///
/// Prints one record per article, in the order of the input, as JSON Lines that `add` reads too.
/// With -v it also tells, on standard error, where each field was found and what was skipped.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  clippings extract page.html
  clippings extract --format text page.html
  clippings extract ~/scraps > scraps.jsonl
  clippings extract https://news.example/2024/02/22/1

Output: --format jsonl (default), json or text.")]
pub struct Args {
    /// Files and folders, addresses of the web, - for standard input
    #[arg(required_unless_present = "from_file", value_name = "PATH", value_hint = ValueHint::AnyPath)]
    paths: Vec<PathBuf>,

    /// Read what FILE lists: an address or path a line, # for remarks; - for standard input
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    from_file: Option<PathBuf>,

    #[command(flatten)]
    read: ReadArgs,

    /// Exit with 1 when something was skipped
    #[arg(long)]
    strict: bool,
}

pub fn run(args: &Args, global: &Global) -> CliResult {
    let format =
        global.format_among(&[OutputFormat::Jsonl, OutputFormat::Json, OutputFormat::Text])?;
    let style = Style {
        color: global.colors(),
        width: global.width(),
    };
    let stop = stop_flag()?;
    let progress = Arc::new(Progress::default());
    let mut out = global.output();
    let (mut found, mut skipped) = (0u64, 0u64);
    let paths = listed(&args.paths, args.from_file.as_deref())?;
    let bar = Bar::over(&paths, &progress, global.quiet);
    read(
        &Arc::new(args.read.options(&paths)),
        &stop,
        &progress,
        &mut |made| -> Result<(), CliError> {
            match made {
                Ok(made) => {
                    match format {
                        OutputFormat::Text => {
                            if found > 0 {
                                writeln!(out)?;
                            }
                            clipping::text(&made.clipping, style, &mut out)?;
                        }
                        OutputFormat::Json => clipping::json(&made.clipping, true, &mut out)?,
                        _ => clipping::json(&made.clipping, false, &mut out)?,
                    }
                    if global.verbose {
                        for (field, place) in &made.provenance {
                            bar.line(&format!("{field}: {}", one_line(place)));
                        }
                    }
                    found += 1;
                }
                Err(skip) => {
                    skipped += 1;
                    if !global.quiet {
                        bar.line(&format!(
                            "skipped {}: {}",
                            one_line(&skip.source),
                            one_line(&skip.reason)
                        ));
                    }
                }
            }
            Ok(())
        },
    )?;
    drop(bar);
    out.flush()?;
    Ok(if stop.load(std::sync::atomic::Ordering::Relaxed) {
        Exit::Interrupted
    } else if found == 0 || (args.strict && skipped > 0) {
        Exit::Nothing
    } else {
        Exit::Done
    })
}
