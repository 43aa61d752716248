//! `clippings trend`

use clap::ValueEnum;
use clap_complete::ArgValueCompleter;

use super::candidates::queries;
use super::global::found;
use super::output_target::OutputTarget;
use super::query_args::{FilterArgs, StrictArgs, SynonymArgs};
use super::{CliResult, Global, OutputFormat};
use crate::app::trend::{TrendRequest, Unit};
use crate::report::{Style, trend};

/// What `trend` writes.
pub(super) const FORMATS: &[OutputFormat] = &[
    OutputFormat::Text,
    OutputFormat::Csv,
    OutputFormat::Tsv,
    OutputFormat::Json,
    OutputFormat::Svg,
];

/// Count what queries find by day, week, month or year
///
/// Each argument is a separate query; they are shown side by side. Periods without matches are
/// shown as 0. Copies of one story count once, on the day of the first; all words of a query must
/// match.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  clippings trend '생성형 AI' --by month
  clippings trend 반도체 배터리 '전기차 OR 수소차' --from 2024 --share
  clippings trend @금리 --by week --format csv > rates.csv
  clippings trend 한은 연준 -o rates.svg")]
pub struct Args {
    /// Queries; omit them to count everything that matches the filters
    #[arg(value_name = "QUERY", add = ArgValueCompleter::new(queries))]
    queries: Vec<String>,

    /// Time unit [default: the finest that fits one page]
    #[arg(long, value_enum, value_name = "UNIT")]
    by: Option<By>,

    /// Also show the share of all clippings in each period
    #[arg(long)]
    share: bool,

    /// Count every copy of a story
    #[arg(long)]
    all_copies: bool,

    /// Title of the chart [default: the queries]
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,

    #[command(flatten)]
    filters: FilterArgs,

    #[command(flatten)]
    strict: StrictArgs,

    #[command(flatten)]
    synonyms: SynonymArgs,

    #[command(flatten)]
    target: OutputTarget,
}

/// Units of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum By {
    /// Day, in Korean time
    Day,
    /// Week, beginning on Monday
    Week,
    /// Month
    Month,
    /// Year
    Year,
}

impl From<By> for Unit {
    fn from(by: By) -> Unit {
        match by {
            By::Day => Unit::Day,
            By::Week => Unit::Week,
            By::Month => Unit::Month,
            By::Year => Unit::Year,
        }
    }
}

pub fn run(args: &Args, global: &Global) -> CliResult {
    let format = args.target.format(global, "trend", FORMATS)?;
    let app = global.opened(global.app_with(&args.synonyms))?;
    let trend = app.trend(&TrendRequest {
        queries: args.queries.clone(),
        filters: args.filters.filters(),
        by: args.by.map(Unit::from),
        share: args.share,
        all_copies: args.all_copies,
    })?;
    args.strict.refuse_changes(&trend.notes)?;
    if !matches!(format, OutputFormat::Text | OutputFormat::Json) {
        global.say_notes(&trend.notes);
    }
    let style = match args.target.file() {
        None => global.style(),
        Some(_) => Style::default(),
    };
    args.target.write(global, format, |out| {
        match format {
            OutputFormat::Csv => trend::table(&trend, b',', out)?,
            OutputFormat::Tsv => trend::table(&trend, b'\t', out)?,
            OutputFormat::Json => trend::json(&trend, style.lang, out)?,
            OutputFormat::Svg => trend::svg(&trend, args.title.as_deref(), out)?,
            _ => trend::text(&trend, style, out)?,
        }
        Ok(())
    })?;
    Ok(found(trend.queries.iter().any(|query| query.total > 0)))
}
