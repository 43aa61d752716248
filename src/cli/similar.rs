//! `clippings similar`

use super::global::found;
use super::query_args::FilterArgs;
use super::{CliResult, Global, OutputFormat};
use crate::app::similar::SimilarRequest;
use crate::report::similar;

/// What `similar` writes.
pub(super) const FORMATS: &[OutputFormat] =
    &[OutputFormat::Text, OutputFormat::Json, OutputFormat::Jsonl];

/// Find clippings that are about the same as one
///
/// Clippings are compared by the words that tell what the given one is about: names and nouns that it
/// has often and few others have. Copies of it are left out. A score is the share of what the clipping
/// itself would score.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  clippings similar 7kq2m4
  clippings similar law:205074 --from 2024-03 -n 20
  clippings similar 7kq2m4 --format json | jq '.hits[].headline'")]
pub struct Args {
    /// ID of the clipping, as `search` prints it; a unique prefix is enough
    #[arg(value_name = "ID")]
    id: String,

    /// At most this many clippings
    #[arg(short = 'n', long, value_name = "N", default_value_t = 10)]
    limit: usize,

    /// Snippet length in characters
    #[arg(long, value_name = "N", default_value_t = 160)]
    snippet_chars: usize,

    #[command(flatten)]
    filters: FilterArgs,
}

pub fn run(args: &Args, global: &Global) -> CliResult {
    let format = global.format_among("similar", FORMATS)?;
    let app = global.opened(global.app())?;
    let similar = app.similar(&SimilarRequest {
        id: args.id.clone(),
        filters: args.filters.filters(),
        limit: args.limit,
        snippet_chars: args.snippet_chars,
        ..SimilarRequest::default()
    })?;
    let mut out = global.output_of(format);
    match format {
        OutputFormat::Json => similar::json(&similar, &mut out)?,
        OutputFormat::Jsonl => similar::jsonl(&similar, &mut out)?,
        _ => similar::text(&similar, global.style(), &mut out)?,
    }
    std::io::Write::flush(&mut out)?;
    Ok(found(!similar.hits.is_empty()))
}
