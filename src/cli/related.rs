//! `clippings related`

use clap_complete::ArgValueCompleter;

use super::candidates::queries;
use super::global::found;
use super::output_target::OutputTarget;
use super::query_args::{FilterArgs, StrictArgs, SynonymArgs};
use super::{CliResult, Global, OutputFormat};
use crate::app::related::RelatedRequest;
use crate::report::{Style, related};

/// What `related` writes.
pub(super) const FORMATS: &[OutputFormat] = &[
    OutputFormat::Text,
    OutputFormat::Csv,
    OutputFormat::Tsv,
    OutputFormat::Json,
];

/// Show words that are unusually frequent in a query's results
///
/// Names and nouns over-represented in the results, ranked by log-likelihood ratio. Words of the
/// query itself are not listed. Copies of one story count once; all words of the query must match.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  clippings related '생성형 AI'
  clippings related @금리 --from 2024 -n 50
  clippings related 반도체 --from 2024-03 --against '반도체'
  clippings related --reporter 김하나 --format csv > words.csv")]
pub struct Args {
    /// Query; omit it for everything that matches the filters
    #[arg(value_name = "QUERY", add = ArgValueCompleter::new(queries))]
    query: Vec<String>,

    /// Compare with the results of this query instead of the whole index
    #[arg(long, value_name = "QUERY")]
    against: Option<String>,

    /// At most this many words
    #[arg(short = 'n', long, value_name = "N", default_value_t = 30)]
    limit: usize,

    /// Count every copy of a story
    #[arg(long)]
    all_copies: bool,

    #[command(flatten)]
    filters: FilterArgs,

    #[command(flatten)]
    strict: StrictArgs,

    #[command(flatten)]
    synonyms: SynonymArgs,

    #[command(flatten)]
    target: OutputTarget,
}

pub fn run(args: &Args, global: &Global) -> CliResult {
    let format = args.target.format(global, "related", FORMATS)?;
    let app = global.opened(global.app_with(&args.synonyms))?;
    let answer = app.related(&RelatedRequest {
        query: args.query.join(" "),
        filters: args.filters.filters(),
        against: args.against.clone(),
        limit: args.limit,
        all_copies: args.all_copies,
    })?;
    args.strict.refuse_changes(&answer.notes)?;
    if format != OutputFormat::Json {
        global.say_notes(&answer.notes);
    }
    let style = match args.target.file() {
        None => global.style(),
        Some(_) => Style::default(),
    };
    args.target.write(global, format, |out| {
        match format {
            OutputFormat::Csv => related::table(&answer, b',', out)?,
            OutputFormat::Tsv => related::table(&answer, b'\t', out)?,
            OutputFormat::Json => related::json(&answer, style.lang, out)?,
            _ => related::text(&answer, style, out)?,
        }
        Ok(())
    })?;
    Ok(found(!answer.related.words.is_empty()))
}
