//! `clippings search`

use std::path::PathBuf;

use clap::{ValueEnum, ValueHint};

use super::{CliError, CliResult, Global};

/// Find clippings: ranked, with the passages that match
///
/// All words must match, in any order and with any endings; when no clipping has all of them, the
/// best partial matches are shown and the output says so.
///
///   "생성형 AI"         these words beside one another
///   -광고               without this word
///   삼성 OR 하이닉스    either
///   (A OR B) C          grouped
///   제목:반도체         in the headline (headline:); 본문: body:  기자: reporter:  언론사: outlet:
///   날짜:2024-02..03    within dates (date:)
///   *                   everything that passes the filters, newest first
#[derive(Debug, clap::Args)]
#[command(
    verbatim_doc_comment,
    after_help = "\
Examples:
  clippings search '생성형 AI'
  clippings search '\"금리 인하\" -미국' --outlet 한겨레 --from 2024-02 --to 2024-03
  clippings search --reporter 김하나 --sort newest
  clippings search '생성형 AI' --add ~/scraps
  clippings search 반도체 --format jsonl | jq .headline

Output: --format text (default), json, jsonl, csv or trec."
)]
pub struct Args {
    /// What to find; nothing, with a filter, lists all that pass
    #[arg(value_name = "QUERY", allow_hyphen_values = true)]
    pub query: Vec<String>,

    /// Only of this outlet; may be repeated; names and aliases are understood
    #[arg(long, value_name = "NAME", help_heading = "Filters")]
    pub outlet: Vec<String>,

    /// Only by this reporter; may be repeated
    #[arg(long, value_name = "NAME", help_heading = "Filters")]
    pub reporter: Vec<String>,

    /// Only from this day on: 2024, 2024-02, 2024-02-22, 7d, 오늘; Korean time
    #[arg(long, value_name = "DATE", help_heading = "Filters")]
    pub from: Option<String>,

    /// Only up to this day, itself included
    #[arg(long, value_name = "DATE", help_heading = "Filters")]
    pub to: Option<String>,

    /// With --from or --to: also clippings without a date
    #[arg(long, help_heading = "Filters")]
    pub undated: bool,

    /// Order of the results
    #[arg(long, value_enum, value_name = "ORDER", default_value_t = Sort::Relevance)]
    pub sort: Sort,

    /// At most this many results
    #[arg(short = 'n', long, value_name = "N", default_value_t = 10)]
    pub limit: usize,

    /// Leave out this many results from the top
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub offset: usize,

    /// Show near-duplicates one by one instead of folding them into one result
    #[arg(long)]
    pub all_copies: bool,

    /// Characters of a snippet
    #[arg(long, value_name = "N", default_value_t = 160)]
    pub snippet_chars: usize,

    /// Passages shown of each result
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub passages: usize,

    /// Count the results by outlet, reporter and month
    #[arg(long)]
    pub facets: bool,

    /// Show how the query was read and where each score comes from
    #[arg(long)]
    pub explain: bool,

    /// First take in what is new or changed there; may be repeated
    #[arg(
        long,
        value_name = "PATH",
        value_hint = ValueHint::AnyPath,
        num_args = 1..,
        action = clap::ArgAction::Append
    )]
    pub add: Vec<PathBuf>,

    /// Run every query of a file with lines `id<TAB>query`
    #[arg(
        long,
        value_name = "FILE",
        value_hint = ValueHint::FilePath,
        conflicts_with_all = ["query", "facets", "explain"]
    )]
    pub batch: Option<PathBuf>,
}

/// Orders of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Sort {
    /// Best first
    Relevance,
    /// Latest first, undated last
    Newest,
    /// Earliest first, undated last
    Oldest,
}

pub fn run(_args: &Args, _global: &Global) -> CliResult {
    Err(CliError::new("search is on its way"))
}
