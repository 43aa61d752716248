//! `clippings related`

use super::filters::{Filters, SynonymArgs};
use super::writing::Target;
use super::{CliResult, Exit, Global, OutputFormat, asking};
use crate::report::{Style, related};
use crate::search::{Engine, Request};

/// Show the words that set what a query finds apart from everything else
///
/// Names and other nouns that the results have far more often than the rest of the index, the most
/// telling first, by the log-likelihood ratio of their counts. The words of the query are left out.
/// Copies of one story count once; all words of the query must match.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  clippings related '생성형 AI'
  clippings related @금리 --from 2024 -n 50
  clippings related 반도체 --from 2024-03 --against '반도체'
  clippings related --reporter 김하나 --format csv > words.csv

Output: --format text (default), csv, tsv or json.")]
pub struct Args {
    /// What to find; nothing takes all that pass the filters
    #[arg(value_name = "QUERY")]
    query: Vec<String>,

    /// Compare with what this query finds, not with everything
    #[arg(long, value_name = "QUERY")]
    against: Option<String>,

    /// At most this many words
    #[arg(short = 'n', long, value_name = "N", default_value_t = 30)]
    limit: usize,

    /// Count every copy of a story
    #[arg(long)]
    all_copies: bool,

    #[command(flatten)]
    filters: Filters,

    #[command(flatten)]
    synonyms: SynonymArgs,

    #[command(flatten)]
    target: Target,
}

pub fn run(args: &Args, global: &Global) -> CliResult {
    let format = args.target.format(
        global,
        &[
            OutputFormat::Text,
            OutputFormat::Csv,
            OutputFormat::Tsv,
            OutputFormat::Json,
        ],
    )?;
    let today = asking::today();
    let query = args.query.join(" ");
    let (request, notes) = asking::request(&query, &args.filters, today, global)?;
    asking::tell(&notes, global);
    let request = Request {
        all_copies: args.all_copies,
        ..request
    };
    let against = match &args.against {
        None => None,
        Some(against) => {
            let (against, notes) = asking::request(against, &Filters::default(), today, global)?;
            asking::tell(&notes, global);
            Some(against)
        }
    };
    let engine = Engine::open(&global.index, args.synonyms.read(global)?)?;
    let found = engine
        .searcher()?
        .related(&request, against.as_ref(), args.limit)?;
    let style = Style {
        color: global.colors() && args.target.file.is_none(),
        width: None,
    };
    if found.results > 0 && found.results == found.clippings && !global.quiet {
        eprintln!("note: the query finds all there is to compare with");
    }
    args.target.write(global, |out| {
        match format {
            OutputFormat::Csv => related::table(&found, b',', out)?,
            OutputFormat::Tsv => related::table(&found, b'\t', out)?,
            OutputFormat::Json => related::json(&found, out)?,
            _ => related::text(&found, style, out)?,
        }
        Ok(())
    })?;
    Ok(match found.words.is_empty() {
        true => Exit::Nothing,
        false => Exit::Done,
    })
}
