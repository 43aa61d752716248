//! `clippings show`

use std::io::{self, IsTerminal, Write};

use super::output_target::refuse_terminal;
use super::{CliResult, Exit, Global, OutputFormat};
use crate::report::clipping;

/// Show full clippings
///
/// IDs are printed by `search`; a unique prefix is enough.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  clippings show 7kq2m4
  clippings show --format json law:205074 | jq .body
  clippings show --page 7kq2m4 > page.html

Output: --format text (default), json or jsonl.")]
pub struct Args {
    /// Clipping IDs
    #[arg(required = true, value_name = "ID")]
    ids: Vec<String>,

    /// Output the original page stored by `add --keep-pages`
    #[arg(long)]
    page: bool,
}

pub fn run(args: &Args, global: &Global) -> CliResult {
    let format = global.format_among(
        "show",
        &[OutputFormat::Text, OutputFormat::Json, OutputFormat::Jsonl],
    )?;
    let app = global.opened(global.app())?;
    if args.page {
        // Pages are foreign bytes, escape sequences among them.
        refuse_terminal(io::stdout().is_terminal())?;
        let mut out = global.output();
        for id in &args.ids {
            out.write_all(&app.page(id)?)?;
        }
        out.flush()?;
        return Ok(Exit::Done);
    }
    // All are read before any is written, so that no error follows half the output.
    let shown = app.show(&args.ids)?;
    let several = shown.len() > 1;
    let style = global.style();
    let mut out = global.output();
    let clippings = shown.iter().map(|shown| &shown.clipping);
    match format {
        OutputFormat::Json if several => clipping::json_array(clippings, &mut out)?,
        OutputFormat::Json => {
            for shown in clippings {
                clipping::json(shown, true, &mut out)?;
            }
        }
        OutputFormat::Jsonl => {
            for shown in clippings {
                clipping::json(shown, false, &mut out)?;
            }
        }
        _ => {
            for (i, shown) in clippings.enumerate() {
                if i > 0 {
                    writeln!(out)?;
                }
                clipping::text(shown, style, &mut out)?;
            }
        }
    }
    out.flush()?;
    Ok(Exit::Done)
}
