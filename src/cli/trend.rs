//! `clippings trend`

use clap::ValueEnum;

use super::filters::{Filters, SynonymArgs};
use super::writing::Target;
use super::{CliError, CliResult, Exit, Global, OutputFormat, asking};
use crate::query::Node;
use crate::report::Style;
use crate::report::trend::{self, Period, Row, Trend};
use crate::search::trend::{Days, Unit};
use crate::search::{Engine, Request};

/// Lines of a trend whose unit was not asked for.
const MOST_LINES: usize = 60;

/// More lines than this are a mistake: a clipping of the year 1 counted by day.
const MOST_PERIODS: usize = 40_000;

/// Count what queries find by day, week, month or year
///
/// Each QUERY is one by itself; several are counted side by side. Periods in which nothing was
/// found count nothing. Copies of one story count once, on the day of the first; all words of a
/// query must match.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  clippings trend '생성형 AI' --by month
  clippings trend 반도체 배터리 '전기차 OR 수소차' --from 2024 --share
  clippings trend @금리 --by week --format csv > rates.csv
  clippings trend 한은 연준 -o rates.svg

Output: --format text (default), csv, tsv, json or svg.")]
pub struct Args {
    /// What to count; nothing counts all that pass the filters
    #[arg(value_name = "QUERY")]
    queries: Vec<String>,

    /// What one count stands for [default: the finest that fits a page]
    #[arg(long, value_enum, value_name = "UNIT")]
    by: Option<By>,

    /// Share of all clippings of each period that pass the filters, too
    #[arg(long)]
    share: bool,

    /// Count every copy of a story
    #[arg(long)]
    all_copies: bool,

    /// Title of the chart [default: the queries]
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,

    #[command(flatten)]
    filters: Filters,

    #[command(flatten)]
    synonyms: SynonymArgs,

    #[command(flatten)]
    target: Target,
}

/// What one count stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum By {
    /// A day in Korea
    Day,
    /// A week from Monday on
    Week,
    /// A month
    Month,
    /// A year
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
    let format = args.target.format(
        global,
        &[
            OutputFormat::Text,
            OutputFormat::Csv,
            OutputFormat::Tsv,
            OutputFormat::Json,
            OutputFormat::Svg,
        ],
    )?;
    let trend = args.trend(global)?;
    let style = Style {
        color: global.colors() && args.target.file.is_none(),
        width: global.width().filter(|_| args.target.file.is_none()),
    };
    if !matches!(format, OutputFormat::Text | OutputFormat::Json) && !global.quiet {
        for note in trend.notes() {
            eprintln!("note: {}", super::error::one_line(&note));
        }
    }
    args.target.write(global, |out| {
        match format {
            OutputFormat::Csv => trend::table(&trend, b',', out)?,
            OutputFormat::Tsv => trend::table(&trend, b'\t', out)?,
            OutputFormat::Json => trend::json(&trend, out)?,
            OutputFormat::Svg => trend::svg(&trend, args.title.as_deref(), out)?,
            _ => trend::text(&trend, style, out)?,
        }
        Ok(())
    })?;
    Ok(match trend.rows.iter().all(|row| row.total == 0) {
        true => Exit::Nothing,
        false => Exit::Done,
    })
}

impl Args {
    fn trend(&self, global: &Global) -> Result<Trend, CliError> {
        let today = asking::today();
        let everything = ["*".to_owned()];
        let queries = match self.queries.as_slice() {
            [] => &everything,
            queries => queries,
        };
        let mut requests = Vec::with_capacity(queries.len());
        for query in queries {
            let (request, notes) = asking::request(query, &self.filters, today, global)?;
            asking::tell(&notes, global);
            requests.push(Request {
                all_copies: self.all_copies,
                ..request
            });
        }
        let synonyms = self.synonyms.read(global)?;
        let searcher = Engine::open(&global.index, synonyms)?.searcher()?;
        let mut counted = Vec::with_capacity(requests.len());
        for request in &requests {
            counted.push(searcher.days(request)?);
        }
        let all = match self.share {
            false => None,
            true => Some(searcher.days(&Request {
                tree: self.filters.parts(today)?.within(Node::All),
                all_copies: self.all_copies,
                ..Request::default()
            })?),
        };
        let asked = self.filters.days(today)?.unwrap_or_default();
        let days = || counted.iter().flat_map(|days| days.dated.keys().copied());
        // From the days asked for, else from the first and last that have any.
        let first = asked.from.or_else(|| days().min());
        let last = asked.to.or_else(|| days().max());
        let (unit, periods) = match (first, last) {
            (Some(first), Some(last)) if first <= last => {
                let unit = match self.by {
                    Some(by) => by.into(),
                    None => Unit::fitting(first, last, MOST_LINES),
                };
                let starts: Vec<_> = unit.periods(first, last).take(MOST_PERIODS + 1).collect();
                if starts.len() > MOST_PERIODS {
                    return Err(CliError::new(format!(
                        "from {first} to {last} there are more than {MOST_PERIODS} lines"
                    ))
                    .with_hint("count by a larger unit, or name the days with --from and --to"));
                }
                let by = |days: &Days| days.by(&starts, last);
                let counts: Vec<Vec<u64>> = counted.iter().map(by).collect();
                let of_all = all.as_ref().map(by);
                let at = |counts: &[u64], n: usize| counts.get(n).copied().unwrap_or_default();
                let period = |(n, start): (usize, &jiff::civil::Date)| Period {
                    label: unit.label(*start),
                    from: *start,
                    to: unit.end(*start),
                    counts: counts.iter().map(|counts| at(counts, n)).collect(),
                    all: of_all.as_ref().map(|counts| at(counts, n)),
                };
                (unit, starts.iter().enumerate().map(period).collect())
            }
            _ => (self.by.map_or(Unit::Day, Unit::from), Vec::new()),
        };
        let row = |(query, days): (&String, &Days)| Row {
            query: query.clone(),
            total: days.total(),
            undated: days.undated,
        };
        Ok(Trend {
            unit,
            rows: queries.iter().zip(&counted).map(row).collect(),
            all: all.map(|days| Row {
                query: "*".to_owned(),
                total: days.total(),
                undated: days.undated,
            }),
            periods,
        })
    }
}
