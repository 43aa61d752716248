//! `clippings show`

use std::io::Write;

use super::{CliResult, Exit, Global, OutputFormat};
use crate::report::{Style, clipping};

/// Show clippings whole
///
/// An ID is what `search` prints, or the beginning of one when no other begins so.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  clippings show 7kq2m4
  clippings show --format json law:205074 | jq .body
  clippings show --page 7kq2m4 > page.html

Output: --format text (default), json or jsonl.")]
pub struct Args {
    /// Names of the clippings
    #[arg(required = true, value_name = "ID")]
    ids: Vec<String>,

    /// Write the page that `add --keep-pages` kept, byte for byte
    #[arg(long)]
    page: bool,
}

pub fn run(args: &Args, global: &Global) -> CliResult {
    let format =
        global.format_among(&[OutputFormat::Text, OutputFormat::Json, OutputFormat::Jsonl])?;
    let archive = global.archive()?;
    if args.page {
        let mut out = global.output();
        for id in &args.ids {
            out.write_all(&archive.page(id)?.bytes)?;
        }
        out.flush()?;
        return Ok(Exit::Done);
    }
    // All are found before any is written, so that an error does not stand below half the output.
    let mut clippings = Vec::with_capacity(args.ids.len());
    for id in &args.ids {
        clippings.push(archive.get(id)?);
    }
    let style = Style {
        color: global.colors(),
        width: global.width(),
    };
    let mut out = global.output();
    for (i, found) in clippings.iter().enumerate() {
        match format {
            OutputFormat::Json => clipping::json(found, true, &mut out)?,
            OutputFormat::Jsonl => clipping::json(found, false, &mut out)?,
            _ => {
                if i > 0 {
                    writeln!(out)?;
                }
                clipping::text(found, style, &mut out)?;
            }
        }
    }
    out.flush()?;
    Ok(Exit::Done)
}
