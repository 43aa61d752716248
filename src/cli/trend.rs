//! `clippings trend`

use clap::ValueEnum;
use clap_complete::ArgValueCompleter;

use super::candidates::queries;
use super::global::found;
use super::help::examples;
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

#[derive(Debug, clap::Args)]
#[command(
    after_help = examples("\
  clippings trend '생성형 AI' --by month
  clippings trend 반도체 배터리 '전기차 OR 수소차' --from 2024 --share
  clippings trend @금리 --by week --format csv > rates.csv
  clippings trend 한은 연준 -o rates.svg"),
    long_about = text!(
        ko: "찾은 기사를 일, 주, 월, 연 단위로 셉니다\n\n인수 하나가 검색식 하나이며, 나란히 보여 줍니다. 맞는 기사가 없는 기간은 0입니다. 비슷한 기사는 \
            처음 나온 날에 한 번만 세고, 검색식의 단어가 모두 있어야 합니다.",
        en: "Count results by day, week, month or year\n\nEach argument is a separate \
            query; they are shown side by side. Periods without matches are shown as 0. Copies of \
            one story count once, on the day of the first; all words of a query must match.",
    ),
)]
pub struct Args {
    #[arg(
        value_name = "QUERY", add = ArgValueCompleter::new(queries),
        help = text!(
            ko: "검색식. 없으면 조건에 맞는 기사를 모두 셉니다",
            en: "Queries; omit them to count everything that matches the filters",
        ),
    )]
    queries: Vec<String>,

    #[arg(
        long, value_enum, value_name = "UNIT",
        help = text!(
            ko: "시간 단위 [기본값: 한 화면에 들어가는 가장 작은 단위]",
            en: "Time unit [default: the finest that fits one page]",
        ),
    )]
    by: Option<By>,

    #[arg(
        long,
        help = text!(
            ko: "기간마다 전체 기사에서 차지하는 비율도 보여 줍니다",
            en: "Also show the share of all clippings in each period",
        ),
    )]
    share: bool,

    #[arg(
        long,
        help = text!(ko: "비슷한 기사도 하나씩 셉니다", en: "Count every copy of a story"),
    )]
    all_copies: bool,

    #[arg(
        long, value_name = "TEXT",
        help = text!(
            ko: "그래프의 제목 [기본값: 검색식]",
            en: "Title of the chart [default: the queries]",
        ),
    )]
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
    #[value(help = text!(ko: "일(한국 시간)", en: "Day, in Korean time"))]
    Day,
    #[value(help = text!(ko: "주(월요일부터)", en: "Week, beginning on Monday"))]
    Week,
    #[value(help = text!(ko: "월", en: "Month"))]
    Month,
    #[value(help = text!(ko: "연", en: "Year"))]
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
    // Text of no periods says only that nothing was found.
    let has_room = match format {
        OutputFormat::Json => true,
        OutputFormat::Text => !trend.periods.is_empty(),
        _ => false,
    };
    if !has_room {
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
    args.target.report(global);
    Ok(found(trend.queries.iter().any(|query| query.total > 0)))
}
