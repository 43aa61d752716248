//! `clippings stats`

use std::io::Write;

use super::error::one_line;
use super::filters::Filters;
use super::{CliResult, Exit, Global, OutputFormat, asking};
use crate::index::{Skipped, Stats, skipped, stats};
use crate::query::Node;
use crate::search::{Engine, Request};

/// Tell what the index holds: counts by outlet and month, size on disk
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  clippings stats
  clippings stats --skipped
  clippings stats --outlet 한겨레 --from 2024-02
  clippings stats --format json | jq .outlets

Output: --format text (default) or json.")]
pub struct Args {
    /// List what `add` skipped and why
    #[arg(long, conflicts_with_all = ["outlet", "reporter", "from", "to"])]
    skipped: bool,

    #[command(flatten)]
    filters: Filters,
}

pub fn run(args: &Args, global: &Global) -> CliResult {
    let format = global.format_among(&[OutputFormat::Text, OutputFormat::Json])?;
    let mut out = global.output();
    if args.skipped {
        let list = skipped(&global.index)?;
        match format {
            OutputFormat::Json => write_json(&list, &mut out)?,
            _ => skipped_text(&list, &mut out)?,
        }
    } else {
        let stats = match args.filters.are_none() {
            true => stats(&global.archive()?, None)?,
            false => {
                let tree = args.filters.parts(asking::today())?.within(Node::All);
                let searcher = Engine::open(&global.index, None)?.searcher()?;
                searcher.stats(&Request::all_of(tree))?
            }
        };
        match format {
            OutputFormat::Json => write_json(&stats, &mut out)?,
            _ => stats_text(&stats, &mut out)?,
        }
    }
    out.flush()?;
    Ok(Exit::Done)
}

fn write_json(value: &impl serde::Serialize, out: &mut dyn Write) -> Result<(), std::io::Error> {
    let json = serde_json::to_string_pretty(value)?;
    writeln!(out, "{}", crate::report::sanitize::json(&json))
}

fn skipped_text(list: &Skipped, out: &mut dyn Write) -> Result<(), std::io::Error> {
    for skip in &list.skips {
        writeln!(
            out,
            "{}: {}",
            one_line(&skip.source),
            one_line(&skip.reason)
        )?;
    }
    let rest = list.count.saturating_sub(list.skips.len() as u64);
    if rest > 0 {
        writeln!(out, "and {rest} more")?;
    }
    Ok(())
}

fn stats_text(stats: &Stats, out: &mut dyn Write) -> Result<(), std::io::Error> {
    let Stats {
        clippings,
        groups,
        undated,
        first_day,
        last_day,
        outlets,
        months,
        text_bytes,
        disk_bytes,
        pages,
        page_bytes,
    } = stats;
    writeln!(
        out,
        "clippings  {clippings}, of which {groups} are no copy of another"
    )?;
    match (first_day, last_day) {
        (Some(first), Some(last)) => {
            writeln!(out, "published  {first} to {last}, {undated} undated")?;
        }
        _ => writeln!(out, "published  {undated} undated")?,
    }
    writeln!(
        out,
        "on disk    {} for {} of text",
        megabytes(*disk_bytes),
        megabytes(*text_bytes)
    )?;
    if *pages > 0 {
        writeln!(out, "pages      {pages} kept, {}", megabytes(*page_bytes))?;
    }
    for (title, counts) in [("outlet", outlets), ("month", months)] {
        if counts.is_empty() {
            continue;
        }
        writeln!(out, "\nby {title}")?;
        for count in counts {
            writeln!(out, "{:>9}  {}", count.count, one_line(&count.name))?;
        }
    }
    Ok(())
}

fn megabytes(bytes: u64) -> String {
    match bytes {
        0..=99_999 => format!("{:.1} KB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}
