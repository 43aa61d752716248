//! `clippings related`

use clap_complete::ArgValueCompleter;

use super::candidates::queries;
use super::global::found;
use super::help::examples;
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

#[derive(Debug, clap::Args)]
#[command(
    after_help = examples("\
  clippings related '생성형 AI'
  clippings related @금리 --from 2024 -n 50
  clippings related 반도체 --from 2024-03 --against '반도체'
  clippings related --reporter 김하나 --format csv > words.csv"),
    long_about = text!(
        ko: "찾은 기사에 유난히 자주 나오는 연관어를 보여 줍니다\n\n다른 기사보다 찾은 기사에 자주 나오는 이름과 명사를 로그 우도비 순으로 보여 줍니다. 검색어 \
            자체는 빼고, 비슷한 기사는 한 번만 셉니다. 검색식의 단어가 모두 있어야 합니다.",
        en: "Show words that are unusually frequent in a query's results\n\nNames and nouns \
            over-represented in the results, ranked by log-likelihood ratio. Words of the query \
            itself are not listed. Copies of one story count once; all words of the query must \
            match.",
    ),
)]
pub struct Args {
    #[arg(
        value_name = "QUERY", add = ArgValueCompleter::new(queries),
        help = text!(
            ko: "검색식. 없으면 조건에 맞는 모든 기사",
            en: "Query; omit it for everything that matches the filters",
        ),
    )]
    query: Vec<String>,

    #[arg(
        long, value_name = "QUERY",
        help = text!(
            ko: "전체 대신 이 검색식의 결과와 견줍니다",
            en: "Compare with the results of this query instead of the whole index",
        ),
    )]
    against: Option<String>,

    #[arg(
        short = 'n', long, value_name = "N", default_value_t = 30,
        help = text!(ko: "최대 단어 수", en: "At most this many words"),
    )]
    limit: usize,

    #[arg(
        long,
        help = text!(ko: "비슷한 기사도 하나씩 셉니다", en: "Count every copy of a story"),
    )]
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
    args.target.report(global);
    Ok(found(!answer.related.words.is_empty()))
}
